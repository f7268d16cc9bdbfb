//! The gates as JSON, and the signed schedule file. Handlers see the path and the tags that the asker holds, nothing
//! else of a request.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_TYPE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::App;
use super::cache::{self, GATE_SECONDS, Held};
use super::error::ApiError;
use super::routes::Routes;
use super::segment::Segment;
use crate::db::{StoreResult, gates};
use crate::gate::{self, Answer, Gate, GateFile};
use crate::text::Slug;

/// How long the schedule file served here may be relied on.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The routes of the gates. Any page of any origin may read them: they say the same to everyone.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at("/gates", get(all).options(preflight))
        .at("/gates/{slug}", get(one).options(preflight))
        .at("/gates.json", get(file).options(preflight))
        .at("/gates.json.sig", get(signature).options(preflight))
        .at("/gates.pub.pem", get(public_key).options(preflight))
        .with(|router| router.method_not_allowed_fallback(async || ApiError::ReadOnly))
        .answered(open_to_every_origin)
}

async fn open_to_every_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Age, Date, ETag"));
    response
}

/// What is said beside the gates.
pub(super) async fn nothing_here() -> Response {
    open_to_every_origin(ApiError::NoSuchPath.into_response()).await
}

async fn preflight() -> impl IntoResponse {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// Every listed gate at one instant.
#[derive(Serialize)]
struct Answers {
    gates: Vec<Answer>,
    #[serde(serialize_with = "optional_text")]
    next_change_at: Option<Timestamp>,
    server_time: String,
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn optional_text<S: serde::Serializer>(instant: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    instant.map(gate::text).serialize(to)
}

async fn all(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let gates = app.store.read(gates::listed).await?;
    let next_change_at = gates.iter().filter_map(|gate| gate::next_change(gate, now)).min();
    let tag = cache::weak_tag(gates.iter().map(|gate| meaning(gate, now)).collect::<String>().as_bytes());
    let control = cache::control(now, next_change_at, GATE_SECONDS);
    Ok(cache::respond(&held, &tag, &control, || {
        let gates = gates.iter().map(|gate| gate::answer(gate, now)).collect();
        Json(Answers { gates, next_change_at, server_time: gate::text(now) }).into_response()
    }))
}

async fn one(State(app): State<App>, Segment(slug): Segment, held: Held) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let slug: Slug = slug.parse().map_err(|_| ApiError::NoSuchGate)?;
    let gate = app.store.read(move |db| gates::find(db, &slug)).await?.ok_or(ApiError::NoSuchGate)?;
    let tag = cache::weak_tag(meaning(&gate, now).as_bytes());
    let control = cache::control(now, gate::next_change(&gate, now), GATE_SECONDS);
    Ok(cache::respond(&held, &tag, &control, || Json(gate::answer(&gate, now)).into_response()))
}

/// What a gate says at `now`, without the time of day: two answers with one meaning share an entity tag. The tag is
/// weak because the bodies differ in `server_time` (RFC 9110, section 8.8.1).
fn meaning(gate: &Gate, now: Timestamp) -> String {
    let phase = gate::phase(gate, now);
    format!("{gate:?} {phase}\n")
}

/// The schedule file, and until when its bytes stay the same.
struct Export {
    bytes: Vec<u8>,
    until: Timestamp,
}

/// The file as it is at `now`. Its bytes change with the schedule, when a gate opens or closes, and every hour: so the
/// file and its signature, fetched one after the other, nearly always fit.
async fn export(app: &App, now: Timestamp) -> Result<Export, ApiError> {
    let (gates, changed_at) =
        app.store.read(|db| StoreResult::Ok((gates::listed(db)?, gates::changed_at(db)?))).await?;
    let hour = start_of_hour(now);
    let written_at = changed_at.filter(|changed_at| *changed_at <= now).map_or(hour, |changed_at| hour.max(changed_at));
    let written_at = gates.iter().filter_map(|gate| gate::last_change(gate, now)).fold(written_at, Timestamp::max);
    let schedule = GateFile::new(&gates, written_at, VALID_FOR);
    let next_hour = hour + SignedDuration::from_hours(1);
    let until = schedule.next_change_at.map_or(next_hour, |change| change.min(next_hour));
    let bytes = schedule.to_bytes().map_err(|_| ApiError::Unavailable)?;
    Ok(Export { bytes, until })
}

fn start_of_hour(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(3600)).unwrap_or(now)
}

async fn file(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let export = export(&app, now).await?;
    Ok(bytes(&held, now, export.until, "application/json", export.bytes))
}

async fn signature(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let export = export(&app, now).await?;
    Ok(bytes(&held, now, export.until, "application/octet-stream", app.signing_key.sign(&export.bytes)))
}

async fn public_key(State(app): State<App>, held: Held) -> Response {
    let now = app.clock.now();
    let pem = app.signing_key.verifying_key().to_pem().into_bytes();
    bytes(&held, now, Timestamp::MAX, "application/x-pem-file", pem)
}

fn bytes(held: &Held, now: Timestamp, until: Timestamp, kind: &'static str, bytes: Vec<u8>) -> Response {
    let control = cache::control(now, Some(until), GATE_SECONDS);
    cache::respond(held, &cache::strong_tag(&bytes), &control, || {
        ([(CONTENT_TYPE, kind)], Body::from(bytes)).into_response()
    })
}
