//! Through which of several relays mail leaves. They have an order: the first that can be used is. Who they are, and who
//! finds out that one cannot be used, is the engine's.
//!
//! A relay is *away* when it could not be brought to where it takes a message: it was not reached, or it said no to the
//! connection, to encryption or to the login. What it says of a message is no reason: it has heard us then, and another
//! relay would be asked to carry what the first one objects to.

use jiff::{SignedDuration, Timestamp};

use super::retry::instant_after;

/// After how long a relay that is away is tried again; doubled each time that it came back and was away again before it
/// had carried a mail.
const FIRST_TRIAL: SignedDuration = SignedDuration::from_mins(5);
const LAST_TRIAL: SignedDuration = SignedDuration::from_hours(1);

/// How a relay is, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayCondition {
    /// Nothing is known against it.
    There,
    /// It is away, and is left alone until then; that may be over.
    Away(Timestamp),
}

/// The place in their order of the relay that mail leaves through: the first that is there, else the one that may be tried
/// first. `0` when there is none at all.
pub fn relay_in_use(relays: &[RelayCondition]) -> usize {
    let there = relays.iter().position(|relay| *relay == RelayCondition::There);
    let soonest = || {
        let rests = relays.iter().enumerate().filter_map(|(place, relay)| match relay {
            RelayCondition::There => None,
            RelayCondition::Away(until) => Some((*until, place)),
        });
        rests.min().map_or(0, |(_, place)| place)
    };
    there.unwrap_or_else(soonest)
}

/// When a relay is tried again that was found away at `tried_at`, the `in_vain`th time since it last carried a mail.
pub fn next_trial(tried_at: Timestamp, in_vain: u32) -> Timestamp {
    let doubled = FIRST_TRIAL.checked_mul(1 << in_vain.saturating_sub(1).min(8));
    instant_after(tried_at, doubled.map_or(LAST_TRIAL, |pause| pause.min(LAST_TRIAL)))
}

/// Whether that time has come. A trial that is further ahead than any was reckoned by a clock that has been set back since.
pub fn is_trial_due(tried_at: Timestamp, in_vain: u32, now: Timestamp) -> bool {
    let at = next_trial(tried_at, in_vain);
    at <= now || at.duration_since(now) > LAST_TRIAL
}

#[cfg(test)]
mod tests {
    use super::RelayCondition::{Away, There};
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minutes).unwrap()
    }

    #[test]
    fn the_first_that_is_there_is_used_else_the_one_that_rests_least() {
        for (relays, expected) in [
            (vec![], 0),
            (vec![There], 0),
            (vec![Away(at(1))], 0),
            (vec![There, There], 0),
            (vec![Away(at(0)), There], 1),
            (vec![Away(at(0)), Away(at(0)), There, There], 2),
            (vec![Away(at(2)), Away(at(1)), Away(at(3))], 1),
            (vec![Away(at(1)), Away(at(1))], 0),
            (vec![There, Away(at(0))], 0),
        ] {
            assert_eq!(relay_in_use(&relays), expected, "{relays:?}");
        }
    }

    #[test]
    fn one_that_comes_back_in_vain_is_tried_ever_later() {
        let pauses: Vec<i64> =
            (0..8).map(|in_vain| next_trial(at(0), in_vain).duration_since(at(0)).as_mins()).collect();
        assert_eq!(pauses, [5, 5, 10, 20, 40, 60, 60, 60]);
        assert!(!is_trial_due(at(0), 1, at(4)) && is_trial_due(at(0), 1, at(5)));
        assert!(is_trial_due(at(0), 1, at(-120)), "nobody waits for a time to come a second time");
    }
}
