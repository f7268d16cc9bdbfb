//! An answer that is ready to be sent: its bytes, and what is said about them.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;

use super::cache::{CacheLifetime, Held, strong_tag};
use super::timeline::AnswerInForce;

/// An answer in full. It says nothing of the time at which it is given: that is in `Date` and `Age`.
#[derive(Debug)]
pub(super) struct Ready {
    tag: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Ready {
    /// `body`, which is of the type `kind`.
    pub(super) fn new(kind: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let tag = strong_tag(&body);
        let mut headers = vec![(CONTENT_TYPE, HeaderValue::from_static(kind))];
        headers.extend(HeaderValue::from_str(&tag).ok().map(|value| (ETAG, value)));
        Self { tag, headers, body }
    }

    /// The same, with more headers.
    #[must_use]
    pub(super) fn with(mut self, more: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        self.headers.extend(more);
        self
    }

    /// The answer as it is given at `now`, when it holds until `until`: 304 when the asker holds it already.
    pub(super) fn respond(&self, held: &Held, now: Timestamp, until: Option<Timestamp>) -> Response {
        let lifetime = CacheLifetime::new(now, until);
        self.respond_with(lifetime.control(), lifetime.may_be_confirmed() && held.holds(&self.tag))
    }

    /// The answer whose address is another one when it is: caches keep it for good.
    pub(super) fn respond_for_good(&self, held: &Held) -> Response {
        let control = HeaderValue::from_static("public, max-age=31536000, immutable");
        self.respond_with(control, held.holds(&self.tag))
    }

    /// The answer to a POST, which no cache keeps: 304 when the asker holds it already.
    pub(super) fn respond_to_post(&self, held: &Held) -> Response {
        self.respond_with(HeaderValue::from_static("no-store"), held.holds(&self.tag))
    }

    fn respond_with(&self, control: HeaderValue, is_held: bool) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.extend(self.headers.iter().cloned());
        headers.insert(CACHE_CONTROL, control);
        if is_held {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(CONTENT_TYPE);
        } else {
            *response.body_mut() = Body::from(self.body.clone());
        }
        response
    }
}

impl AnswerInForce<Ready> {
    /// The answer as it is given at `now`.
    pub(super) fn respond(&self, held: &Held, now: Timestamp) -> Response {
        self.answer.respond(held, now, self.until)
    }
}
