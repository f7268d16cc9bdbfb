//! What a request is refused with. Bodies are constant per kind: nothing of the request and nothing internal is in them.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::db::StoreError;
use crate::keys::KeyError;

/// Why a program that asked gets no answer (RFC 9457).
#[derive(Debug)]
pub(super) enum ApiError {
    /// No campaign has this slug.
    NoSuchGate,
    /// There is nothing at this path.
    NoSuchPath,
    /// Gates are looked at, not changed.
    ReadOnly,
    /// Flags are evaluated.
    PostOnly,
    /// The store could not be asked.
    Unavailable,
}

impl From<StoreUnread> for ApiError {
    fn from(_: StoreUnread) -> Self {
        Self::Unavailable
    }
}

impl From<serde_json::Error> for ApiError {
    /// None in practice; the type is the serialiser's.
    fn from(_: serde_json::Error) -> Self {
        Self::Unavailable
    }
}

impl From<KeyError> for ApiError {
    /// None in practice: every seed makes a key.
    fn from(_: KeyError) -> Self {
        Self::Unavailable
    }
}

/// The store cannot tell what there is to answer. That was reported.
#[derive(Debug)]
pub(super) struct StoreUnread;

/// Tells the operator that the store could not be asked. Says nothing of who asked for what.
pub(super) fn report(error: &StoreError) {
    tracing::error!(error = %error, "a page or a gate could not be answered because of the store");
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NoSuchGate => (StatusCode::NOT_FOUND, "no applied campaign has this slug; `/gates` lists them"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "there is nothing here; `/gates` lists the gates"),
            Self::ReadOnly => (StatusCode::METHOD_NOT_ALLOWED, "a gate is asked with GET or HEAD"),
            Self::PostOnly => (StatusCode::METHOD_NOT_ALLOWED, "a flag is evaluated with POST"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "the schedule cannot be read now; ask again shortly")
            }
        };
        problem(status, detail, None)
    }
}

/// A problem as a body (RFC 9457). `fault` is a word for programs, where one status has several causes.
pub(super) fn problem(status: StatusCode, detail: &str, fault: Option<&str>) -> Response {
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (Some(fault), Some(fields)) = (fault, body.as_object_mut()) {
        fields.insert("fault".to_owned(), fault.into());
    }
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-cache")];
    (status, headers, Json(body)).into_response()
}
