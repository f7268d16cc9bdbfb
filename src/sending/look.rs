//! How fresh the answer to "may this still be sent, to this person, now?" is when it is acted on.
//!
//! It is asked before the relay hears of a member, in the transaction that records the hand-over, and again whenever too
//! much time has passed since: while that was committed, or while the relay thought about DATA. A daemon that slept, a
//! store that was locked and a relay that is slow look the same from here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::holds::Holds;
use crate::clock::Clock;
use crate::db::{Store, StoreResult, deliveries};
use crate::delivery::DeliveryState;
use crate::delivery::late_check::{LateAnswer, LateCheck};
use crate::delivery::state::Fence;

/// How old an answer may be when the message leaves.
pub(super) const FRESH: Duration = Duration::from_millis(50);

/// How often it is asked again in a row, on a machine too busy for a fresh answer.
const TRIES: u32 = 20;

/// An instant on two clocks: the one that people set, which also tells of a machine that was suspended, and one that
/// nobody can set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    wall: Timestamp,
    steady: Instant,
}

impl Moment {
    pub(super) fn now(clock: &Clock) -> Self {
        Self { wall: clock.now(), steady: Instant::now() }
    }

    /// What the clock that people set shows.
    pub(super) fn wall(self) -> Timestamp {
        self.wall
    }

    /// Whether, by both clocks, so little time has passed at `now` that what was true then is taken for true.
    fn is_fresh(self, now: Self) -> bool {
        let wall = now.wall.duration_since(self.wall);
        let steady = now.steady.duration_since(self.steady);
        steady <= FRESH && !wall.is_negative() && wall.unsigned_abs() <= FRESH
    }
}

/// How often this daemon has stopped a mailing or a part of one, and which parts. Clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct StopCount {
    count: Arc<AtomicU64>,
    /// By mailing and provider, the how-manieth stop it was.
    parts: Arc<Mutex<BTreeMap<(i64, String), u64>>>,
}

impl StopCount {
    /// How often by now.
    pub(super) fn now(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Once more; `part` when it is a provider's part of a mailing.
    pub(super) fn add(&self, part: Option<(i64, &str)>) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that nobody who has seen the count misses the part.
        let stop = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        if let Some((mailing, provider)) = part {
            parts.insert((mailing, provider.to_owned()), stop);
        }
    }

    /// Whether the part of `mailing` that a `provider` receives was stopped after `seen` stops. A claim that was made after them has asked
    /// the store.
    pub(super) fn holds(&self, mailing: i64, provider: Option<&str>, seen: u64) -> bool {
        let Some(provider) = provider.filter(|_| seen != self.now()) else { return false };
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.get(&(mailing, provider.to_owned())).is_some_and(|stop| *stop > seen)
    }
}

/// When all that a claim asks about was true, and after how many stops.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClaimSeen {
    pub(super) at: Moment,
    pub(super) stops: u64,
}

/// Where answers come from.
#[derive(Debug)]
pub(super) struct Looks {
    pub(super) stops: StopCount,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) holds: Arc<Holds>,
}

impl Looks {
    /// Whether what a sender has claimed may be offered to the relay. Changes nothing. A claim asks the same, so what was
    /// `seen` by it holds while it is fresh and this daemon has stopped nothing since.
    pub(super) async fn before_offer(&self, fence: &Fence, seen: ClaimSeen) -> StoreResult<LateCheck> {
        if seen.stops == self.stops.now() && seen.at.is_fresh(Moment::now(&self.clock)) {
            return Ok(LateCheck::Proceed);
        }
        Ok(self.ask(fence.clone(), DeliveryState::Claimed).await?.0.check)
    }

    /// Whether what was granted with `answer` at `given` may still leave now. Asks again until it is known from a moment
    /// ago; on a machine too busy for that, the delivery waits.
    pub(super) async fn before_leaving(
        &self,
        fence: &Fence,
        mut answer: LateAnswer,
        mut given: Moment,
    ) -> StoreResult<LateCheck> {
        for _ in 0..TRIES {
            let now = Moment::now(&self.clock);
            if answer.check != LateCheck::Proceed {
                return Ok(answer.check);
            }
            if given.is_fresh(now) {
                let late = now.wall >= answer.not_after;
                return Ok(if late { LateCheck::Expire } else { LateCheck::Proceed });
            }
            (answer, given) = self.ask(fence.clone(), DeliveryState::HandedOver).await?;
        }
        Ok(LateCheck::PutBack)
    }

    async fn ask(&self, fence: Fence, held_in: DeliveryState) -> StoreResult<(LateAnswer, Moment)> {
        let (clock, holds) = (self.clock.clone(), Arc::clone(&self.holds));
        let look = move |db: &mut crate::db::Db| {
            let given = Moment::now(&clock);
            let mut answer = deliveries::look(db, &fence, held_in, given.wall)?;
            // Whatever was answered: by a clock that is years ahead every lease, deadline and consent has run out.
            if !holds.ask_on_the_way(db, given.wall)?.is_empty() {
                answer.check = LateCheck::PutBack;
            }
            if answer.check == LateCheck::Proceed && holds.quiet_until(given.wall).is_some() {
                answer.check = LateCheck::PutBack;
            }
            Ok((answer, given))
        };
        self.store.read(look).await
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn what_was_true_a_moment_ago_is_true() {
        let given = Moment { wall: "2027-01-02T07:00:00Z".parse().unwrap(), steady: Instant::now() };
        let after = |wall: i64, steady: u64| Moment {
            wall: given.wall + SignedDuration::from_millis(wall),
            steady: given.steady + Duration::from_millis(steady),
        };
        assert!(given.is_fresh(after(0, 0)) && given.is_fresh(after(50, 50)));
        assert!(!given.is_fresh(after(0, 51)), "the clock was set back while time went on");
        assert!(!given.is_fresh(after(51, 0)), "the machine was suspended");
        assert!(!given.is_fresh(after(-1, 10)), "the clock was set back");
    }
}
