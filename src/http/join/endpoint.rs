//! The same for a shop that shows a form of its own: our words as JSON, and a sign-up as JSON.
//!
//! It has a path of its own, so that a form and a program are never answered in the other's way, whatever type a body
//! claims; and so that no page of another origin is ever let near the form. What the ledger says stays honest in three ways:
//! the words are ours, named by their digest, and no others are taken; the page that showed them is named by the digest of its
//! text; and before the button that counts is pressed, our own page shows the words again.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, FromRequestParts, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_TYPE, ORIGIN, RETRY_AFTER, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::{self, Applicant, Desk};
use super::page::ShownForm;
use crate::http::App;
use crate::http::error::problem;
use crate::keys::Sha256Digest;
use crate::member::{FormAge, FormTime, Invitation, typed_address};
use crate::text::InterfaceLanguage;

/// The endpoint.
pub(super) fn methods() -> MethodRouter<App> {
    get(words).post(take).options(preflight).fallback(async || Fault::Method).layer(from_fn(for_named_origins))
}

/// What is wrong with a request, for the program that sent it. Nothing of this depends on what is known of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Method,
    Type,
    TooLong,
    Malformed,
    Time,
    TooYoung,
    TooOld,
    Wording,
    Language,
    Source,
    Page,
    Address,
    /// With the seconds after which there may be room.
    Busy(u64),
}

impl Fault {
    /// The status, a word for programs, and a sentence for whoever writes them. Constant: nothing of the request is in it.
    fn told(self) -> (StatusCode, &'static str, &'static str) {
        let wrong = StatusCode::UNPROCESSABLE_ENTITY;
        match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "the words are asked for with GET, a sign-up is sent with POST",
            ),
            Self::Type => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "type", "the Content-Type of a sign-up is application/json")
            }
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too-long", "a sign-up has 16384 bytes at most"),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "a sign-up is one JSON object of texts: `email`, `wording`, `page`, `source` and `time`, and perhaps `language` and `site`; nothing else is taken",
            ),
            Self::Time => (wrong, "time", "`time` is not what GET gave"),
            Self::TooYoung => {
                (wrong, "too-young", "`time` was given less than two seconds ago: no person fills in a form so quickly")
            }
            Self::TooOld => {
                (wrong, "too-old", "`time` was given more than a day ago: ask with GET again, and show the words anew")
            }
            Self::Wording => (
                wrong,
                "wording",
                "`wording` is not the digest of words that are shown now: ask with GET again, and show the words anew",
            ),
            Self::Language => (wrong, "language", "`language` is not that of the wording"),
            Self::Source => (wrong, "source", "`source` is not one of the names under `sources` in `[join]`"),
            Self::Page => (
                wrong,
                "page",
                "`page` is the SHA-256 of the page or template that showed the words: 64 digits from 0 to 9 and a to f",
            ),
            Self::Address => (wrong, "address", "`email` cannot be the address of a mailbox"),
            Self::Busy(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy", "the sign-up was not taken; send it again later")
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, fault, detail) = self.told();
        let mut response = problem(status, detail, Some(fault));
        if let Self::Busy(seconds) = self {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The words in one language, as they are to be shown.
#[derive(Serialize)]
struct OfferedWords<'a> {
    language: InterfaceLanguage,
    /// The digest of the words that are agreed to: of the statement, the button in brackets and the notice, as the ledger
    /// keeps them.
    wording: String,
    #[serde(flatten)]
    invitation: &'a Invitation,
}

impl<'a> OfferedWords<'a> {
    fn of(words: &'a ShownForm) -> Self {
        Self { language: words.language, wording: words.digest.to_string(), invitation: &words.invitation }
    }
}

async fn words(State(app): State<App>) -> Response {
    let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
    let wordings: Vec<_> = app.sign_ups.forms.iter().map(|form| OfferedWords::of(form)).collect();
    Json(json!({ "time": time, "wordings": wordings })).into_response()
}

/// A sign-up, as a shop sends it. A field that is not needed is not taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinCall {
    email: String,
    wording: String,
    page: String,
    source: String,
    time: String,
    language: Option<String>,
    /// What a field holds that no person sees.
    #[serde(default)]
    site: String,
}

async fn take(
    State(app): State<App>,
    Extension(desk): Extension<Arc<Desk>>,
    SaysJson(is_json): SaysJson,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    // A browser asks before it sends this type to another origin; any other type it would send unasked.
    if !is_json {
        return Err(Fault::Type);
    }
    let body = body.map_err(|_| Fault::TooLong)?;
    let call: JoinCall = serde_json::from_slice(&body).map_err(|_| Fault::Malformed)?;
    if !call.site.is_empty() {
        return Ok(asked());
    }
    match FormTime::age(&app.keyring, &call.time, app.clock.now()) {
        FormAge::Unknown => return Err(Fault::Time),
        FormAge::TooYoung => return Err(Fault::TooYoung),
        FormAge::TooOld => return Err(Fault::TooOld),
        FormAge::Good => {}
    }
    let wording = call.wording.parse::<Sha256Digest>().ok();
    let words = wording.and_then(|wording| desk::by_digest(&app, &wording)).ok_or(Fault::Wording)?;
    if call.language.is_some_and(|language| language.parse() != Ok(words.language)) {
        return Err(Fault::Language);
    }
    let source = desk.source(&call.source).ok_or(Fault::Source)?;
    let page = call.page.parse::<Sha256Digest>().map_err(|_| Fault::Page)?;
    let address = typed_address(&call.email).map_err(|_| Fault::Address)?;
    let form_version = format!("carillon {}, page of the shop {page}", env!("CARGO_PKG_VERSION")).into();
    let taken = desk.take(&app, Applicant { address, words, form_version, source }).await;
    taken.map(|()| asked()).map_err(|not_taken| Fault::Busy(not_taken.seconds()))
}

/// Whether a body says that it is JSON: all that is looked at of the head of a request, beside its origin.
struct SaysJson(bool);

impl<S: Sync> FromRequestParts<S> for SaysJson {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        Ok(Self(kind.trim().eq_ignore_ascii_case("application/json")))
    }
}

/// The one answer to what was taken: a letter may follow, and nothing counts before its link is used.
fn asked() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "asked": true }))).into_response()
}

async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Lets pages of the origins read the answers that the shop named, without cookies; no others. The origin is that of a page,
/// not of a person, and is not kept.
async fn for_named_origins(Extension(desk): Extension<Arc<Desk>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| origin.to_str().is_ok_and(|it| desk.lets_in(it)));
    let origin = origin.cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if desk.has_origins() {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type"),
            (ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After"),
            (ACCESS_CONTROL_MAX_AGE, "86400"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}
