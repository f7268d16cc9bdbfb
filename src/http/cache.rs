//! How long an answer may be kept, and when it need not be sent again. An answer is never kept past the next change.

use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::fmt::Write as _;

/// The longest time, in seconds, for which a gate's answer may be kept: how long a cancellation can go unseen.
pub(super) const GATE_SECONDS: i64 = 300;

/// The same for a page.
pub(super) const PAGE_SECONDS: i64 = 60;

/// The entity tags that the asker holds: the only thing of a request, beside its path, that a gate looks at.
pub(super) struct Held(String);

impl<S: Sync> FromRequestParts<S> for Held {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let tags = parts.headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        Ok(Self(tags.collect::<Vec<_>>().join(",")))
    }
}

impl Held {
    /// RFC 9110, section 13.1.2: `*` or any listed tag, compared weakly.
    fn holds(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        self.0.trim() == "*" || self.0.split(',').any(|held| opaque(held) == opaque(tag))
    }
}

/// `Cache-Control` for an answer given at `now` that holds until `change`, kept for `cap` seconds at most. The time is
/// rounded down, and in the last second before a change nothing is kept.
pub(super) fn control(now: Timestamp, change: Option<Timestamp>, cap: i64) -> String {
    let left = change.map_or(cap, |change| (change.as_millisecond() - now.as_millisecond()).div_euclid(1000));
    match left.clamp(0, cap) {
        0 => "no-cache".to_owned(),
        seconds => format!("public, max-age={seconds}, must-revalidate"),
    }
}

/// A strong tag: equal bytes, equal tag.
pub(super) fn strong_tag(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(34);
    for byte in Sha256::digest(bytes).iter().take(16) {
        let _ = write!(hex, "{byte:02x}");
    }
    format!("\"{hex}\"")
}

/// A weak tag over what an answer says, for bodies that also carry the time at which they were written.
pub(super) fn weak_tag(meaning: &[u8]) -> String {
    format!("W/{}", strong_tag(meaning))
}

/// `body` with its tag and lifetime, or 304 when the asker holds it.
pub(super) fn respond(held: &Held, tag: &str, control: &str, body: impl FnOnce() -> Response) -> Response {
    let mut response = if held.holds(tag) { StatusCode::NOT_MODIFIED.into_response() } else { body() };
    for (name, value) in [(CACHE_CONTROL, control), (ETAG, tag)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(now: &str, change: Option<&str>, expected: &str) {
        assert_eq!(control(now.parse().unwrap(), change.map(|text| text.parse().unwrap()), 300), expected);
    }

    #[test]
    fn nothing_is_kept_past_the_next_change() {
        let change = Some("2027-01-02T07:00:00Z");
        check("2027-01-01T07:00:00Z", change, "public, max-age=300, must-revalidate");
        check("2027-01-02T06:58:00Z", change, "public, max-age=120, must-revalidate");
        check("2027-01-02T06:58:00.001Z", change, "public, max-age=119, must-revalidate");
        check("2027-01-02T06:59:58.5Z", change, "public, max-age=1, must-revalidate");
        check("2027-01-02T06:59:59.001Z", change, "no-cache");
        check("2027-01-02T06:59:59.999Z", change, "no-cache");
        check("2027-01-09T07:00:00Z", None, "public, max-age=300, must-revalidate");
    }

    #[test]
    fn held_tags_are_compared_weakly() {
        for (held, holds) in [
            ("W/\"a\"", true),
            ("\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("", false),
            ("a", false),
        ] {
            assert_eq!(Held(held.into()).holds("W/\"a\""), holds, "{held}");
        }
    }
}
