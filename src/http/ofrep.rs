//! Gates as feature flags: the OpenFeature Remote Evaluation Protocol, for shops that ask through an OpenFeature provider.
//!
//! A flag is a gate under its slug, and is true while the gate is open. The protocol sends along a context, which says who is
//! looking. No handler takes the body of a request, so nothing of it is read, kept or told.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL,
};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::App;
use super::cache::Held;
use super::error::{ApiError, StoreUnread};
use super::gates::open_to_every_origin;
use super::present::{KnownGate, Present};
use super::ready::Ready;
use super::routes::Routes;
use super::segment::Segment;
use crate::gate::{self, Answer, Gate, GateState};

/// The routes of the protocol.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at("/ofrep/v1/evaluate/flags", post(all).options(preflight))
        .at("/ofrep/v1/evaluate/flags/{slug}", post(one).options(preflight))
        .with(|router| router.method_not_allowed_fallback(async || ApiError::PostOnly))
        .answered(open_to_every_origin)
}

async fn preflight() -> impl IntoResponse {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, If-None-Match"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// Why a flag has no value.
enum FlagFault {
    /// There is no flag of this key, which the protocol wants to be told.
    NotFound(String),
    /// The store cannot tell.
    Unavailable,
}

impl From<StoreUnread> for FlagFault {
    fn from(_: StoreUnread) -> Self {
        Self::Unavailable
    }
}

impl From<serde_json::Error> for FlagFault {
    /// None in practice; the type is the serialiser's.
    fn from(_: serde_json::Error) -> Self {
        Self::Unavailable
    }
}

impl IntoResponse for FlagFault {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::NotFound(key) => (
                StatusCode::NOT_FOUND,
                json!({ "key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": "no applied campaign has this slug" }),
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({ "errorCode": "GENERAL", "errorDetails": "the schedule cannot be read now; ask again shortly" }),
            ),
        };
        (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

/// The value of a flag, in the words of the protocol.
#[derive(Serialize)]
struct FlagValue {
    key: String,
    value: bool,
    variant: GateState,
    /// The value follows from a rule, the window, and is not to be kept as one that never changes.
    reason: &'static str,
    metadata: Map<String, Value>,
}

impl FlagValue {
    fn new(gate: &Gate, at: Timestamp) -> serde_json::Result<Self> {
        let answer = gate::answer(gate, at);
        let Answer { open, state, .. } = answer;
        let key = answer.slug.to_string();
        let told = serde_json::to_value(answer)?;
        // The protocol has no `null` in here.
        let also =
            |(name, value): &(String, Value)| !["slug", "open", "state"].contains(&name.as_str()) && !value.is_null();
        let metadata = told.as_object().cloned().unwrap_or_default().into_iter().filter(also).collect();
        Ok(Self { key, value: open, variant: state, reason: "TARGETING_MATCH", metadata })
    }
}

/// The values of flags.
#[derive(Serialize)]
struct FlagValues {
    flags: Vec<FlagValue>,
}

fn json(value: &impl Serialize) -> serde_json::Result<Ready> {
    Ok(Ready::new("application/json", serde_json::to_vec(value)?))
}

/// The value of every listed gate's flag from `at` on.
pub(super) fn all_at(present: &Present, at: Timestamp) -> serde_json::Result<Ready> {
    json(&FlagValues { flags: present.listed(at).map(|gate| FlagValue::new(gate, at)).collect::<Result<_, _>>()? })
}

/// The value of a gate's flag from `at` on.
pub(super) fn one_at(known: &KnownGate, at: Timestamp) -> serde_json::Result<Ready> {
    json(&FlagValue::new(known.gate(), at)?)
}

async fn all(State(app): State<App>, held: Held) -> Result<Response, FlagFault> {
    let present = app.present().await?;
    let now = app.clock.now();
    Ok(present.flags.at(now, |at| all_at(&present, at))?.answer.respond_to_post(&held))
}

async fn one(State(app): State<App>, Segment(slug): Segment, held: Held) -> Result<Response, FlagFault> {
    let present = app.present().await?;
    let now = app.clock.now();
    let known = present.find(&slug).ok_or(FlagFault::NotFound(slug))?;
    Ok(known.flag.at(now, |at| one_at(known, at))?.answer.respond_to_post(&held))
}
