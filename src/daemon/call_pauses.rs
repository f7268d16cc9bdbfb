//! How long an address elsewhere is left alone after a call that failed.

use jiff::{SignedDuration, Timestamp};

use crate::sending::back_off::doubled;

/// The pause after a call that failed, doubled up to the longest.
const FIRST: SignedDuration = SignedDuration::from_secs(5);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// The pauses of one address.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CallPauses {
    /// How many calls failed in a row, and when the last of them did.
    failed: Option<(u32, Timestamp)>,
}

impl CallPauses {
    /// Whether nobody is called at `now`. The distance, not the order: a clock may have been set back since.
    pub(super) fn last(&self, now: Timestamp) -> bool {
        self.failed.is_some_and(|(before, at)| now.duration_since(at).abs() < doubled(FIRST, LONGEST, before))
    }

    /// A call failed at `now`.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.failed = Some((self.failed.map_or(0, |(before, _)| before.saturating_add(1)), now));
    }

    /// Nothing fails any more. Tells whether something did.
    pub(super) fn end(&mut self) -> bool {
        self.failed.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_five_seconds_to_five_minutes() {
        let mut now: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
        let mut pauses = CallPauses::default();
        assert!(!pauses.last(now) && !pauses.end());
        for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
            pauses.failed(now);
            assert!(pauses.last(now + SignedDuration::from_millis(1000 * seconds - 1)));
            now += SignedDuration::from_secs(seconds);
            assert!(!pauses.last(now), "{seconds}");
        }
        pauses.failed(now);
        assert!(!pauses.last(now - SignedDuration::from_hours(1)), "a clock that was set back");
        assert!(pauses.end() && !pauses.last(now));
    }
}
