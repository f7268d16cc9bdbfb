//! How long an answer may be kept on its way, and when it need not be sent again.
//!
//! Caches between us and a visitor differ: some tell how long they have kept an answer (`Age`), some do not; some replace
//! the headers that they keep when they are told that nothing changed, some do not; some give out what is over while they
//! ask again. What is said here is right through all of them, and through two in a row:
//!
//! - A browser keeps nothing (`max-age=0`): it may sit behind a cache that does not tell how old its answer is.
//! - A shared cache keeps an answer for [`KEPT_SECONDS`] at most, and never for more than half of the time that is left
//!   until the next change, less a second, because some count whole seconds and keep it for up to one more. So a second cache
//!   that takes it for new keeps it no longer than it is true.
//! - In the last seconds, while the time is shorter than that, the answer is always sent whole: a cache that keeps the old
//!   headers of an answer would hand on the longer time that it was given earlier.
//! - Nothing is given out past its time (`must-revalidate`, `stale-while-revalidate=0`).

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::fmt::Write as _;

/// The longest time, in seconds, for which a cache may keep an answer: how long a change that nobody could foresee, such as
/// a cancellation, can go unseen behind one.
const KEPT_SECONDS: i64 = 10;

/// What is said of an answer that may be kept for that long. Nearly every answer says it, so it is not written each time.
const KEPT_FOR_LONG: &str = crate::gate::CACHE_CONTROL;

/// What a server or proxy puts at the end of a tag when it has encoded the body.
const CODINGS: [&str; 5] = ["-gzip", "-br", "-zstd", "-deflate", ";gzip"];

/// The entity tags that the asker holds: the only thing of a request, beside its path, that a gate looks at.
pub(super) struct Held(String);

impl<S: Sync> FromRequestParts<S> for Held {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.headers.get_all(IF_NONE_MATCH).iter()))
    }
}

impl Held {
    /// Those in the `If-None-Match` headers of a request.
    pub(super) fn of<'a>(tags: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut tags = tags.filter_map(|value| value.to_str().ok());
        let first = tags.next().unwrap_or_default().to_owned();
        Self(tags.fold(first, |all, tag| all + "," + tag))
    }

    /// RFC 9110, section 13.1.2: `*` or any listed tag, compared weakly; also with what an encoding adds to it.
    pub(super) fn holds(&self, tag: &str) -> bool {
        let ours = opaque(tag);
        self.0.trim() == "*" || ours.is_some() && self.0.split(',').any(|held| opaque(held) == ours)
    }
}

/// What is between the quotes of a tag, without what an encoding added. `None` of what is no tag.
fn opaque(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let inside = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    Some(CODINGS.iter().find_map(|coding| inside.strip_suffix(coding)).unwrap_or(inside))
}

/// What may be done with an answer given at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheLifetime {
    seconds: i64,
}

impl CacheLifetime {
    /// Of an answer that is given at `now` and holds until `change`.
    pub(super) fn new(now: Timestamp, change: Option<Timestamp>) -> Self {
        let left = change.map(|change| change.as_millisecond() - now.as_millisecond());
        let seconds = left.map_or(KEPT_SECONDS, |left| (left - 2000).div_euclid(2000).clamp(0, KEPT_SECONDS));
        Self { seconds }
    }

    /// Whether an asker who holds the answer may be told so, instead of being sent it anew.
    pub(super) fn may_be_confirmed(self) -> bool {
        self.seconds == KEPT_SECONDS
    }

    /// The value of `Cache-Control`.
    pub(super) fn control(self) -> HeaderValue {
        let brief = |seconds| HeaderValue::from_str(&KEPT_FOR_LONG.replace("=10", &format!("={seconds}"))).ok();
        match self.seconds {
            0 => HeaderValue::from_static("no-cache"),
            KEPT_SECONDS => HeaderValue::from_static(KEPT_FOR_LONG),
            seconds => brief(seconds).unwrap_or(HeaderValue::from_static("no-cache")),
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(now: &str, change: Option<&str>, expected: &str, confirmed: bool) {
        let lifetime = CacheLifetime::new(now.parse().unwrap(), change.map(|text| text.parse().unwrap()));
        let control = lifetime.control();
        let said = control.to_str().unwrap();
        assert_eq!(said.split(", ").find(|word| word.starts_with("s-maxage")).unwrap_or(said), expected, "{now}");
        assert_eq!(lifetime.may_be_confirmed(), confirmed, "{now}");
    }

    #[test]
    fn nothing_is_kept_for_more_than_half_of_the_time_that_is_left() {
        let change = Some("2027-01-02T07:00:00Z");
        check("2027-01-01T07:00:00Z", change, "s-maxage=10", true);
        check("2027-01-02T06:59:38Z", change, "s-maxage=10", true);
        check("2027-01-02T06:59:38.001Z", change, "s-maxage=9", false);
        check("2027-01-02T06:59:50Z", change, "s-maxage=4", false);
        check("2027-01-02T06:59:56Z", change, "s-maxage=1", false);
        check("2027-01-02T06:59:56.001Z", change, "no-cache", false);
        check("2027-01-02T06:59:59.999Z", change, "no-cache", false);
        check("2027-01-02T07:00:00Z", change, "no-cache", false);
        check("2027-01-02T07:00:01Z", change, "no-cache", false);
        check("2027-01-09T07:00:00Z", None, "s-maxage=10", true);
    }

    #[test]
    fn a_browser_keeps_nothing_and_nobody_gives_out_what_is_over() {
        let far = CacheLifetime::new("2027-01-01T07:00:00Z".parse().unwrap(), None).control();
        assert_eq!(far, "public, max-age=0, s-maxage=10, must-revalidate, stale-while-revalidate=0");
        let change = Some("2027-01-02T07:00:00Z".parse().unwrap());
        let near = CacheLifetime::new("2027-01-02T06:59:50Z".parse().unwrap(), change).control();
        assert_eq!(near, "public, max-age=0, s-maxage=4, must-revalidate, stale-while-revalidate=0");
        assert!(KEPT_FOR_LONG.contains(&format!("s-maxage={KEPT_SECONDS},")));
    }

    proptest! {
        /// Two caches in a row, of which neither tells how long it has kept an answer and both count whole seconds: the second
        /// asks the first at the end of the first one's time, takes the answer for new, and keeps it for as long again.
        #[test]
        fn two_caches_that_do_not_tell_an_age_are_right(left in 0_i64..60_000) {
            let now = Timestamp::UNIX_EPOCH;
            let change = Timestamp::from_millisecond(left).unwrap();
            let CacheLifetime { seconds } = CacheLifetime::new(now, Some(change));
            prop_assert!(seconds == 0 || 2 * (seconds + 1) * 1000 <= left);
        }
    }

    #[test]
    fn held_tags_are_compared_weakly() {
        for (held, holds) in [
            ("W/\"a\"", true),
            ("\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("\"a-gzip\"", true),
            ("W/\"a-gzip\"", true),
            ("\"b\",\"a-br\"", true),
            ("*", true),
            ("\"b\"", false),
            ("\"b-gzip\"", false),
            ("\"a-gzip-gzip\"", false),
            ("", false),
            ("a", false),
            ("\"", false),
        ] {
            assert_eq!(Held(held.into()).holds("\"a\""), holds, "{held}");
        }
    }
}
