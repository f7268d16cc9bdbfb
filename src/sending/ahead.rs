//! How many deliveries are claimed ahead of the senders: as many as leave while what the claim saw is still fresh. Then
//! nobody has to ask again for each of them, and a machine that stops leaves few in doubt.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// For each sender, at least and at most.
const EACH: (usize, usize) = (2, 32);

/// Half of what was claimed should be taken up within this time, and the other half before the answer of the claim is too
/// old; see `look.rs`.
const SOON: Duration = Duration::from_millis(18);

/// The present number, learned from how fast the senders take up what is claimed.
#[derive(Debug, Default)]
pub(super) struct ClaimAhead(Mutex<usize>);

impl ClaimAhead {
    /// How many to claim ahead of so many `senders`.
    pub(super) fn most(&self, senders: usize) -> usize {
        within(*self.0.lock().unwrap_or_else(PoisonError::into_inner), senders)
    }

    /// Half of what was claimed ahead of `senders` was taken up in this time.
    pub(super) fn learn(&self, took: Duration, senders: usize) {
        let mut most = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *most = next(within(*most, senders), took, senders);
    }
}

fn within(most: usize, senders: usize) -> usize {
    let senders = senders.max(1);
    most.clamp(EACH.0 * senders, EACH.1 * senders)
}

fn next(most: usize, took: Duration, senders: usize) -> usize {
    let next = match took {
        slow if slow > SOON => most / 2,
        fast if fast < SOON / 2 => most * 2,
        _ => most,
    };
    within(next, senders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_leaves_before_it_is_old() {
        // A relay that takes so many a second, from the least on.
        for (rate, expected) in [(1, 16), (400, 16), (4_000, 128), (100_000, 256)] {
            let mut most = within(0, 8);
            for _ in 0..20 {
                most = next(most, Duration::from_secs(1) * u32::try_from(most / 2).unwrap() / rate, 8);
            }
            assert_eq!(most, expected, "{rate}");
        }
    }

    #[test]
    fn one_sender_has_work_too() {
        assert_eq!((within(0, 0), within(9_999, 0)), (2, 32));
    }
}
