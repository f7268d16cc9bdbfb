//! When to try again. A pure function of what happened, so a replay gives the same schedule.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The instant so long after `now`, or the last that there is.
pub fn instant_after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

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
    /// deadline `not_after` is pulled forward, once, to between the middle of the time that is left and a minute before it,
    /// so that not all who wait come at the same minute; when there is no room for that the answer is `None`, and the
    /// delivery waits for its deadline and expires.
    pub fn next_attempt(&self, id: i64, attempts: u32, now: Timestamp, not_after: Timestamp) -> Option<Timestamp> {
        let pause = self.pause(attempts);
        self.before(id, now, pause.saturating_add(spread(id, pause / 10)), not_after)
    }

    /// The same for a relay that wants a message from strangers again later, as greylisting does: others for the same
    /// provider went through after `passed`, if any did. Attempts spread by half of the pause: whoever was greylisted
    /// together does not come back together.
    pub fn next_for_stranger(
        &self,
        id: i64,
        attempts: u32,
        passed: Option<Duration>,
        now: Timestamp,
        not_after: Timestamp,
    ) -> Option<Timestamp> {
        let pause = passed.unwrap_or_else(|| self.pause(attempts)).min(self.longest);
        self.before(id, now, pause.saturating_add(spread(id, pause / 2)), not_after)
    }

    fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(16);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    fn before(&self, id: i64, now: Timestamp, pause: Duration, not_after: Timestamp) -> Option<Timestamp> {
        let at = plus(now, pause)?;
        if at < not_after {
            return Some(at);
        }
        let last_chance = not_after.checked_sub(SignedDuration::from_mins(1)).ok()?;
        let earliest = plus(now, self.first / 2)?;
        let left = Duration::try_from(last_chance.duration_since(earliest)).ok()?;
        last_chance.checked_sub(SignedDuration::try_from(spread(id, left / 2)).ok()?).ok()
    }
}

/// A part of `most`, in whole seconds, by a delivery's id.
fn spread(id: i64, most: Duration) -> Duration {
    let most = most.as_secs();
    let part = if most == 0 { 0 } else { id.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) % most };
    Duration::from_secs(part)
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

    #[test]
    fn who_was_greylisted_together_does_not_come_back_together() {
        let (policy, now, deadline) = (RetryPolicy::default(), at("2027-01-02T06:00:00Z"), at("2027-01-02T08:40:00Z"));
        let mut due: Vec<(i64, Timestamp)> = (0..100).map(|id| (id, now)).collect();
        for attempts in 1..20 {
            due = due
                .into_iter()
                .filter_map(|(id, now)| Some((id, policy.next_for_stranger(id, attempts, None, now, deadline)?)))
                .collect();
            for (_, moment) in &due {
                let together =
                    due.iter().filter(|(_, other)| other.duration_since(*moment).abs().as_secs() < 30).count();
                assert!(together <= 35, "{together} in the minute around {moment}, attempt {attempts}");
            }
        }
        assert!(due.is_empty());
        let learned = |id| policy.next_for_stranger(id, 1, Some(Duration::from_mins(4)), now, deadline).unwrap();
        assert!((0..100).all(|id| (240..360).contains(&learned(id).duration_since(now).as_secs())));
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
