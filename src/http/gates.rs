//! The gates as JSON, the signed schedule, and the keys that it is checked with. Handlers see the path and the tags that the asker holds, nothing
//! else of a request.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Serialize;

use super::App;
use super::cache::Held;
use super::error::ApiError;
use super::present::{KnownGate, Present};
use super::ready::Ready;
use super::routes::Routes;
use super::segment::Segment;
use super::signed::Signed;
use crate::gate::{self, Answer, ListedGates};

/// The time of an answer to the millisecond. A cache that keeps it hands on an old one, so it counts only when `Date` says
/// the same second.
const TIME: HeaderName = HeaderName::from_static("carillon-time");

/// The script that pages of shops may load.
static MODULE: LazyLock<Ready> =
    LazyLock::new(|| Ready::new("text/javascript; charset=utf-8", include_str!("../../config/shops/carillon-gate.js")));

/// The routes of the gates. Any page of any origin may read them: they say the same to everyone.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at("/gates", get(all).options(preflight))
        .at("/gates/{slug}", get(one).options(preflight))
        .at("/gates.jwt", get(file).options(preflight))
        .at("/.well-known/jwks.json", get(keys).options(preflight))
        .at("/carillon-gate.js", get(module).options(preflight))
        .with(|router| router.method_not_allowed_fallback(async || ApiError::ReadOnly))
        .answered(open_to_every_origin)
}

pub(super) async fn open_to_every_origin(mut response: Response) -> Response {
    read_from_every_origin(&mut response);
    response
}

/// Lets pages of every origin read `response`.
pub(super) fn read_from_every_origin(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Age, Carillon-Time, Date, ETag"));
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
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn optional_text<S: serde::Serializer>(instant: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    instant.map(gate::text).serialize(to)
}

fn json(value: &impl Serialize) -> serde_json::Result<Ready> {
    Ok(Ready::new("application/json", serde_json::to_vec(value)?))
}

/// What every listed gate answers from `at` on.
pub(super) fn all_at(present: &Present, at: Timestamp) -> serde_json::Result<Ready> {
    let changes = present.ever_listed().flat_map(|record| record.gate.changes_of_lists());
    let next_change_at = changes.filter(|change| *change > at).min();
    json(&Answers { gates: present.listed(at).map(|gate| gate::answer(gate, at)).collect(), next_change_at })
}

/// What a gate answers from `at` on.
pub(super) fn one_at(known: &KnownGate, at: Timestamp) -> serde_json::Result<Ready> {
    json(&gate::answer(known.gate(), at))
}

/// `response` with the time of day, which is told beside an answer and never in it.
fn timed(mut response: Response, now: Timestamp) -> Response {
    if let Ok(value) = HeaderValue::from_str(&gate::text(now)) {
        response.headers_mut().insert(TIME, value);
    }
    response
}

async fn all(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let present = app.present().await?;
    let now = app.clock.now();
    let shown = present.all.at(now, |at| all_at(&present, at))?;
    Ok(timed(shown.respond(&held, now), now))
}

async fn one(State(app): State<App>, Segment(slug): Segment, held: Held) -> Result<Response, ApiError> {
    let present = app.present().await?;
    let now = app.clock.now();
    let known = present.find(&slug).ok_or(ApiError::NoSuchGate)?;
    Ok(answer_of(known, &held, now)?)
}

/// The answer of a gate at `now`.
pub(super) fn answer_of(known: &KnownGate, held: &Held, now: Timestamp) -> serde_json::Result<Response> {
    let shown = known.json.at(now, |at| one_at(known, at))?;
    Ok(timed(shown.respond(held, now), now))
}

async fn file(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let present = app.present().await?;
    let now = app.clock.now();
    let read = || ListedGates {
        gates: present.ever_listed().map(|record| record.gate.clone()).collect(),
        changed_at: present.changed_at(),
    };
    let signed = Signed::at(&present.signed, now, &app.signer, read)?;
    Ok(signed.file.respond(&held, now, Some(signed.schedule.until())))
}

async fn module(State(app): State<App>, held: Held) -> Response {
    MODULE.respond(&held, app.clock.now(), None)
}

async fn keys(State(app): State<App>, held: Held) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let write = |at| Ok::<_, ApiError>(Ready::new("application/jwk-set+json", app.signer.keys(at)?.to_json()?));
    Ok(app.key_set.at(now, write)?.respond(&held, now))
}
