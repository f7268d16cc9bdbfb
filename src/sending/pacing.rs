//! The senders' pace: when a message may go is decided in [`crate::delivery::pace`]; here each message gets its token, and
//! those whose turn comes later are remembered in their order, while the store has them back.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::db::deliveries::Job;
use crate::delivery::pace::{LaneName, MayGo, Pace, PaceLearned};
use crate::delivery::providers::lane_of;
use crate::delivery::retry::instant_after;

/// For how much time ahead messages of a lane are claimed.
const AHEAD: SignedDuration = SignedDuration::from_secs(5);

/// For how long the store keeps back a message whose turn comes later. It is claimed by its number before, at its turn; the
/// time is for whoever comes after a daemon that ended.
const KEPT_BACK: SignedDuration = SignedDuration::from_mins(10);

/// The lane of a delivery.
pub(super) fn lane_of_job(job: &Job) -> LaneName {
    lane_of(job.address.domain())
}

/// The paces of the relay that is in use.
#[derive(Debug)]
pub(super) struct Pacing {
    known: Mutex<KnownPaces>,
    clock: Clock,
    /// A message may go that could not, or it is known that it cannot.
    changed: Notify,
}

#[derive(Debug, Default)]
struct KnownPaces {
    pace: Pace,
    /// How often another relay, or other settings, came into use: what was begun before says nothing of this pace.
    edition: u64,
    /// By lane, the deliveries whose turn comes later, in order.
    later: BTreeMap<LaneName, VecDeque<i64>>,
    all_later: HashSet<i64>,
    /// When deliveries were greylisted first.
    greylisted: HashMap<i64, Timestamp>,
    /// By lane, after how long the shortest of these passed.
    passed_after: BTreeMap<LaneName, SignedDuration>,
}

impl Pacing {
    pub(super) fn new(pace: Pace, clock: Clock) -> Self {
        let known = KnownPaces { pace, ..KnownPaces::default() };
        Self { known: Mutex::new(known), clock, changed: Notify::new() }
    }

    fn known(&self) -> MutexGuard<'_, KnownPaces> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with another relay, or other settings.
    pub(super) fn begin_anew(&self, pace: Pace) {
        let mut known = self.known();
        (known.pace, known.edition) = (pace, known.edition + 1);
        drop(known);
        self.changed.notify_waiters();
    }

    /// What was learned.
    pub(super) fn learned(&self) -> PaceLearned {
        self.known().pace.learned()
    }

    /// What tells that a message may go that could not.
    pub(super) fn changed(&self) -> &Notify {
        &self.changed
    }

    /// The clock by which it goes.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether any message may go, as far as the relay is concerned.
    pub(super) fn relay_may_go(&self) -> MayGo {
        self.known().pace.relay_may_go(self.clock.now())
    }

    /// Whether a message of a lane may go, as far as the lane is concerned.
    pub(super) fn lane_may_go(&self, lane: &LaneName) -> MayGo {
        self.known().pace.lane_may_go(lane, self.clock.now())
    }

    /// The token of a message that goes now.
    pub(super) fn token(self: &Arc<Self>, lane: LaneName) -> GoAhead {
        let since = self.clock.now();
        let mut known = self.known();
        known.pace.take(&lane, since);
        let edition = known.edition;
        drop(known);
        GoAhead { pacing: Arc::clone(self), lane, since, edition, told: false }
    }

    /// How many messages the queue may hold for the relay, of `most`.
    pub(super) fn room(&self, most: usize) -> usize {
        self.known().pace.of_relay().map_or(most, |pace| in_advance(pace).min(most))
    }

    /// Which deliveries have their turn, of those that were kept back: at most `most`. `queued` says how many of each lane
    /// are in the queue.
    pub(super) fn whose_turn_it_is(&self, most: usize, queued: &BTreeMap<LaneName, usize>) -> Vec<i64> {
        let now = self.clock.now();
        let mut known = self.known();
        let KnownPaces { pace, later, all_later, .. } = &mut *known;
        let mut turns = Vec::new();
        for (lane, waiting) in later.iter_mut() {
            let room = room_of(pace, lane, now)
                .saturating_sub(queued.get(lane).copied().unwrap_or_default())
                .min(most - turns.len());
            let taken = waiting.drain(..room.min(waiting.len()));
            turns.extend(taken.inspect(|delivery| {
                all_later.remove(delivery);
            }));
        }
        later.retain(|_, waiting| !waiting.is_empty());
        turns
    }

    /// When there may be more of those.
    pub(super) fn next_turn(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut known = self.known();
        let KnownPaces { pace, later, .. } = &mut *known;
        let soon = instant_after(now, AHEAD / 2);
        let next = later.keys().map(|lane| match pace.lane_may_go(lane, now) {
            MayGo::NotBefore(at) => at.max(soon),
            MayGo::Now | MayGo::Later => soon,
        });
        next.min()
    }

    /// Whether the queue has room for a message of a lane that has `queued` there already.
    pub(super) fn has_room(&self, lane: &LaneName, queued: usize) -> bool {
        room_of(&mut self.known().pace, lane, self.clock.now()) > queued
    }

    /// Remembers deliveries of a lane whose turn comes later: behind those that wait, or before them when they had their
    /// turn. Says until when the store keeps them back.
    pub(super) fn keep_back(&self, lane: &LaneName, deliveries: &[i64], before: bool) -> Timestamp {
        let mut known = self.known();
        let KnownPaces { later, all_later, .. } = &mut *known;
        let new: Vec<i64> = deliveries.iter().copied().filter(|delivery| all_later.insert(*delivery)).collect();
        if !new.is_empty() {
            let waiting = later.entry(lane.clone()).or_default();
            if before {
                new.iter().rev().for_each(|delivery| waiting.push_front(*delivery));
            } else {
                waiting.extend(new);
            }
        }
        instant_after(self.clock.now(), KEPT_BACK)
    }

    /// A delivery was greylisted: after how long others of its lane went through.
    pub(super) fn greylisted(&self, lane: &LaneName, delivery: i64) -> Option<SignedDuration> {
        let now = self.clock.now();
        let mut known = self.known();
        let KnownPaces { greylisted, passed_after, .. } = &mut *known;
        let since = *greylisted.entry(delivery).or_insert(now);
        let known_pause = passed_after.get(lane).copied();
        // It did not go through after so long: what is known is too short.
        if known_pause.is_some_and(|pause| now.duration_since(since) >= pause) {
            passed_after.remove(lane);
            return None;
        }
        known_pause
    }

    /// The relay took a delivery, or refused it.
    pub(super) fn ended(&self, lane: &LaneName, delivery: i64, taken: bool) {
        let now = self.clock.now();
        let mut known = self.known();
        if let Some(since) = known.greylisted.remove(&delivery)
            && taken
        {
            let passed = now.duration_since(since).max(SignedDuration::from_mins(1));
            let pause = known.passed_after.entry(lane.clone()).or_insert(passed);
            *pause = passed.min(*pause);
        }
    }
}

fn room_of(pace: &mut Pace, lane: &LaneName, now: Timestamp) -> usize {
    let Some(a_minute) = pace.of(lane) else { return usize::MAX };
    match pace.lane_may_go(lane, now) {
        MayGo::NotBefore(at) if at > instant_after(now, AHEAD) => 0,
        _ => in_advance(a_minute),
    }
}

/// How many go in the time for which messages are claimed ahead; always one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number, and none below nothing")]
fn in_advance(a_minute: f64) -> usize {
    ((a_minute / 60.0 * AHEAD.as_secs_f64()).ceil() as usize).max(1)
}

/// A message's leave to go. Dropped without a word, it was not used.
#[derive(Debug)]
pub(super) struct GoAhead {
    pacing: Arc<Pacing>,
    lane: LaneName,
    since: Timestamp,
    edition: u64,
    told: bool,
}

impl GoAhead {
    /// The lane of the message.
    pub(super) fn lane(&self) -> &LaneName {
        &self.lane
    }

    /// The relay answered for the message, whatever it said of it.
    pub(super) fn went(&mut self) {
        self.told = true;
        let now = self.pacing.clock.now();
        let mut known = self.pacing.known();
        if known.edition == self.edition {
            known.pace.went(&self.lane, self.since, now);
        }
    }

    /// Mail comes too fast, says the relay; `to_relay` when it had not heard for whom it is.
    pub(super) fn complained(&mut self, to_relay: bool) {
        self.told = true;
        let now = self.pacing.clock.now();
        let mut known = self.pacing.known();
        if known.edition != self.edition {
            return;
        }
        let before = known.pace.of_relay();
        known.pace.complained(&self.lane, to_relay, self.since, now);
        let after = known.pace.of_relay();
        drop(known);
        if let Some(a_minute) = after.filter(|_| before != after) {
            tracing::info!(a_minute, "the relay slows us down");
        }
    }
}

impl Drop for GoAhead {
    fn drop(&mut self) {
        if !self.told {
            let mut known = self.pacing.known();
            if known.edition == self.edition {
                known.pace.let_go(&self.lane, self.since);
            }
        }
        self.pacing.changed.notify_waiters();
    }
}
