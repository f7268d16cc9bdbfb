//! Whether the relay, or the outbox, is being left alone because it could not be used.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// The pause after the relay could not be used, doubling to [`LONGEST`].
const FIRST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// The pause after the fault that was the `in_a_row`th, counted from 0: `first`, doubled each time up to `longest`.
pub(crate) fn doubled(first: SignedDuration, longest: SignedDuration, in_a_row: u32) -> SignedDuration {
    first.checked_mul(1 << in_a_row.min(16)).map_or(longest, |pause| pause.min(longest))
}

/// The pauses of one relay.
#[derive(Debug, Default)]
pub(crate) struct BackOff {
    pauses: Mutex<Pauses>,
}

#[derive(Debug, Default)]
struct Pauses {
    /// How many there were since the relay last gave a usable answer.
    in_a_row: u32,
    until: Option<Timestamp>,
    /// Why it could not be used when it was tried last.
    why: Option<String>,
}

impl Pauses {
    /// Until when the present pause lasts. An end further ahead than any pause was reckoned by a clock that has been set
    /// back since.
    fn lasts(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until && until.duration_since(now) <= LONGEST)
    }
}

impl BackOff {
    fn pauses(&self) -> MutexGuard<'_, Pauses> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when the relay is left alone, if it is at `now`.
    pub(crate) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.pauses().lasts(now)
    }

    /// Why the relay could not be used when it was tried last; nothing when it could.
    pub(crate) fn failure(&self) -> Option<String> {
        self.pauses().why.clone()
    }

    /// The relay could not be used at `now`, for the reason `why`. Several senders that find out at once make one pause.
    pub(crate) fn begin(&self, now: Timestamp, why: impl Into<String>) {
        let mut pauses = self.pauses();
        if pauses.lasts(now).is_some() {
            return;
        }
        pauses.until = now.checked_add(doubled(FIRST, LONGEST, pauses.in_a_row)).ok();
        pauses.in_a_row += 1;
        pauses.why = Some(why.into());
    }

    /// The relay was tried since the pause began, and can be used.
    pub(super) fn is_over(&self) {
        *self.pauses() = Pauses::default();
    }

    /// The relay gave a usable answer at `now`. One that was on its way when a pause began does not end it.
    pub(crate) fn end(&self, now: Timestamp) {
        let mut pauses = self.pauses();
        if pauses.lasts(now).is_none() {
            *pauses = Pauses::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_start_again_after_an_answer() {
        let mut now: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
        let back_off = BackOff::default();
        assert_eq!(back_off.until(now), None);
        for seconds in [30, 60, 120, 240, 300, 300] {
            for _ in 0..8 {
                back_off.begin(now, "it is away");
            }
            back_off.end(now);
            let until = back_off.until(now).unwrap();
            assert_eq!(until.duration_since(now), SignedDuration::from_secs(seconds));
            now = until;
            assert_eq!(back_off.until(now), None);
        }
        assert_eq!(back_off.failure().as_deref(), Some("it is away"), "a pause that is over is no answer");
        back_off.end(now);
        assert_eq!(back_off.failure(), None);
        back_off.begin(now, "it is away");
        assert_eq!(back_off.until(now).unwrap().duration_since(now), SignedDuration::from_secs(30));
        let set_back = now - SignedDuration::from_hours(2);
        assert_eq!(back_off.until(set_back), None, "nobody waits for a time to come a second time");
    }
}
