//! When to try again. A pure function of what happened, so a replay gives the same schedule.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How attempts are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// From the first attempt to the second. Greylisting wants 5 to 15 minutes (RFC 6647).
    pub first: Duration,
    /// The longest pause between two attempts.
    pub longest: Duration,
}

impl Default for RetryPolicy {
    /// 10 minutes, doubling up to an hour: a pre-sale's mail is worth little after its day.
    fn default() -> Self {
        Self { first: Duration::from_mins(10), longest: Duration::from_hours(1) }
    }
}

impl RetryPolicy {
    /// The instant of the next attempt of delivery `id`, which has failed `attempts` times, most recently at `now`.
    ///
    /// Attempts spread by up to a tenth of the pause, by the delivery's id. An attempt that would fall on or after the
    /// deadline `not_after` is pulled forward to a minute before it, once; when there is no room for that the answer is
    /// `None`, and the delivery waits for its deadline and expires.
    pub fn next_attempt(&self, id: i64, attempts: u32, now: Timestamp, not_after: Timestamp) -> Option<Timestamp> {
        let doublings = attempts.saturating_sub(1).min(16);
        let pause = self.first.saturating_mul(1 << doublings).min(self.longest);
        let spread = pause.as_secs() / 10;
        let jitter = if spread == 0 { 0 } else { id.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) % spread };
        let at = plus(now, pause.saturating_add(Duration::from_secs(jitter)))?;
        if at < not_after {
            return Some(at);
        }
        let last_chance = not_after.checked_sub(SignedDuration::from_mins(1)).ok()?;
        (last_chance >= plus(now, self.first / 2)?).then_some(last_chance)
    }
}

fn plus(at: Timestamp, pause: Duration) -> Option<Timestamp> {
    at.checked_add(SignedDuration::try_from(pause).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(attempts: u32, now: &str, expected: Option<&str>) {
        let deadline = at("2027-01-02T12:00:00Z");
        assert_eq!(RetryPolicy::default().next_attempt(0, attempts, at(now), deadline), expected.map(at));
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_stay_before_the_deadline() {
        check(1, "2027-01-02T06:00:00Z", Some("2027-01-02T06:10:00Z"));
        check(2, "2027-01-02T06:00:00Z", Some("2027-01-02T06:20:00Z"));
        check(3, "2027-01-02T06:00:00Z", Some("2027-01-02T06:40:00Z"));
        check(9, "2027-01-02T06:00:00Z", Some("2027-01-02T07:00:00Z"));
        check(9, "2027-01-02T11:30:00Z", Some("2027-01-02T11:59:00Z"));
        check(1, "2027-01-02T11:58:00Z", None);
        check(1, "2027-01-02T12:30:00Z", None);
    }

    proptest! {
        #[test]
        fn never_late(id: i64, attempts in 0u32..200, late in 0i64..400_000, room in -1_000i64..400_000) {
            let now = Timestamp::from_second(1_800_000_000 + late).unwrap();
            let deadline = Timestamp::from_second(now.as_second() + room).unwrap();
            if let Some(next) = RetryPolicy::default().next_attempt(id, attempts, now, deadline) {
                prop_assert!(now < next && next < deadline);
            }
        }
    }
}
