//! The only reader of the system time.
//!
//! Everything else is told what time it is, so that any season can be rehearsed today. A [`Clock`] is either the
//! system's or one that a person or a test moves by hand; code that must wait for an instant waits on the clock, so a
//! moved clock wakes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The longest uninterrupted sleep on the system clock: a machine that was suspended, or whose clock was set, is
/// noticed after this much at the latest.
const SLICE: Duration = Duration::from_secs(5);

/// A source of the present instant. Cloning is cheap, and clones share one time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved.
    Manual(Arc<ClockHand>),
}

/// The hand of a manual clock, and who waits for it.
#[derive(Debug)]
pub struct ClockHand {
    shows: watch::Sender<Timestamp>,
    /// How many wait for each instant.
    waited_for: Mutex<BTreeMap<Timestamp, usize>>,
}

impl ClockHand {
    fn waited_for(&self) -> MutexGuard<'_, BTreeMap<Timestamp, usize>> {
        self.waited_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for an instant, until this is dropped.
struct WaitsForHand<'a> {
    hand: &'a ClockHand,
    instant: Timestamp,
}

impl<'a> WaitsForHand<'a> {
    fn new(hand: &'a ClockHand, instant: Timestamp) -> Self {
        *hand.waited_for().entry(instant).or_default() += 1;
        Self { hand, instant }
    }
}

impl Drop for WaitsForHand<'_> {
    fn drop(&mut self) {
        let mut waited_for = self.hand.waited_for();
        if let Some(count) = waited_for.get_mut(&self.instant) {
            *count -= 1;
            if *count == 0 {
                waited_for.remove(&self.instant);
            }
        }
    }
}

impl Clock {
    /// A clock that shows `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(ClockHand { shows: watch::Sender::new(start), waited_for: Mutex::default() }))
    }

    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(hand) => *hand.shows.borrow(),
        }
    }

    /// Moves a manual clock forward to `instant` and wakes everyone who waits for it. The system clock, and an instant
    /// that is not later than the present one, are left alone.
    pub fn advance_to(&self, instant: Timestamp) {
        if let Self::Manual(hand) = self {
            hand.shows.send_if_modified(|now| {
                let later = instant > *now;
                if later {
                    *now = instant;
                }
                later
            });
        }
    }

    /// Waits until the clock shows `instant` or later, or until it is set back: then whoever waits must ask again what
    /// comes next, because the instant was reckoned by another time.
    pub async fn sleep_until(&self, instant: Timestamp) {
        match self {
            Self::System => {
                let mut now = self.now();
                while let Some(left) = Self::left(now, instant) {
                    tokio::time::sleep(left.min(SLICE)).await;
                    let before = std::mem::replace(&mut now, self.now());
                    if now < before {
                        return;
                    }
                }
            }
            Self::Manual(hand) => {
                let mut moved = hand.shows.subscribe();
                let _waiting = WaitsForHand::new(hand, instant);
                // The sender lives in `self`, so the channel cannot close while we wait.
                while *moved.borrow_and_update() < instant {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for so long, whatever becomes of the system clock meanwhile: a pause does not grow when it is set back. On a
    /// manual clock, until it has been moved on by as much.
    pub async fn sleep_for(&self, pause: SignedDuration) {
        match self {
            Self::System => tokio::time::sleep(Duration::try_from(pause).unwrap_or_default()).await,
            Self::Manual(_) => self.sleep_until(self.now().saturating_add(pause).unwrap_or(Timestamp::MAX)).await,
        }
    }

    /// The earliest instant that anybody waits for on a manual clock. Whoever moves it from instant to instant would
    /// pass them by otherwise.
    pub fn waited_for(&self) -> Option<Timestamp> {
        match self {
            Self::System => None,
            Self::Manual(hand) => hand.waited_for().keys().next().copied(),
        }
    }

    fn left(now: Timestamp, until: Timestamp) -> Option<Duration> {
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_clock_is_a_parameter() {
        let start: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
        let opens: Timestamp = "2027-01-02T08:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(opens).await;
                clock.now()
            }
        });
        clock.advance_to("2027-01-02T07:59:59.999Z".parse().unwrap());
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert_eq!(clock.waited_for(), Some(opens));
        clock.advance_to(opens);
        assert_eq!(waiting.await.unwrap(), opens);
        assert_eq!(clock.waited_for(), None);
        clock.advance_to(start);
        assert_eq!(clock.now(), opens, "a manual clock never goes back");
    }

    #[tokio::test]
    async fn an_instant_in_the_past_is_not_waited_for() {
        let over = tokio::time::timeout(Duration::ZERO, Clock::System.sleep_until(Timestamp::UNIX_EPOCH));
        assert!(over.await.is_ok(), "it is over when it is first asked");
    }
}
