//! The heartbeat: the sign of life by which `status` and other daemons know this one. It brings what this daemon has met into
//! the store, and on a shared store it looks at the heartbeats of the others. It does nothing that can take long, and goes on
//! until the last message that was begun has ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::failure_detector::{FailureDetector, LastBeat};
use super::health::Health;
use super::problems::UnwrittenProblems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use super::takeover::{Gone, take_over};
use super::{Wakeups, presence};
use crate::db::{Db, StoreResult, clock, deliveries, heartbeats, problems};
use crate::sending::journal::EngineContext;

/// The pause between two heartbeats of a daemon that is alone on its store.
const ALONE: SignedDuration = SignedDuration::from_secs(20);

/// The same where others look whether it lives.
const SHARED: SignedDuration = SignedDuration::from_secs(5);

/// The loop.
pub(super) struct Heartbeat {
    engine: EngineContext,
    health: Health,
    wakeups: Arc<Wakeups>,
    detector: FailureDetector,
}

impl Heartbeat {
    pub(super) fn new(engine: EngineContext, health: Health, wakeups: Arc<Wakeups>) -> Self {
        Self { engine, health, wakeups, detector: FailureDetector::default() }
    }

    /// Takes back what others had claimed that are silent, once they have been for long enough.
    async fn look_after(&mut self, others: BTreeMap<String, LastBeat>) -> StoreResult<()> {
        let silent = self.detector.look(others, Instant::now());
        if silent.is_empty() {
            return Ok(());
        }
        let gone = silent.into_iter().map(|(name, beat)| Gone::Silent(name, beat)).collect();
        if take_over(&self.engine, gone).await? {
            self.wakeups.dispatcher.notify_one();
            self.wakeups.planner.notify_one();
        }
        Ok(())
    }

    /// Forgets this daemon: it stops, and what it had met it sees no more.
    pub(super) async fn leave(&self) {
        if let Err(error) = leave(&self.engine).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last heartbeat stays in the store");
        }
    }
}

impl Work for Heartbeat {
    const LOOP: Loop = Loop::Heartbeat;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let unwritten = self.health.problems().unwritten();
        let others = beat(&self.engine, unwritten.clone(), self.engine.clock.now()).await?;
        if let Some(written) = unwritten {
            self.health.problems().are_written(&written);
        }
        if !self.wakeups.has_beaten.swap(true, Ordering::Relaxed) {
            self.wakeups.planner.notify_one();
        }
        if self.engine.store.is_exclusive() {
            return Ok(NextTurn::After(ALONE));
        }
        self.look_after(others).await?;
        Ok(NextTurn::After(SHARED))
    }

    async fn woken(&self) {
        self.health.problems().changed().await;
    }
}

/// Writes this daemon's heartbeat, and moves the newest believed instant on when the clock is believed. What this daemon has met
/// since goes with it. Returns the others that have a heartbeat, or have claimed something.
async fn beat(
    engine: &EngineContext,
    unwritten: Option<UnwrittenProblems>,
    now: Timestamp,
) -> StoreResult<BTreeMap<String, LastBeat>> {
    let (owner, alone, leeway) = (engine.owner.clone(), engine.store.is_exclusive(), engine.holds.leeway());
    let write = move |db: &mut Db| {
        let beats = presence::beat(db, &owner, alone, now)?;
        problems::end_of_daemons(db, |name| beats.iter().any(|beat| beat.name == name), now)?;
        if let Some(unwritten) = &unwritten {
            unwritten.write(db, now)?;
        }
        clock::advance(db, now, leeway)?;
        let mut others: BTreeMap<String, LastBeat> = beats.into_iter().map(|beat| (beat.name, Some(beat.at))).collect();
        if !alone {
            for holder in deliveries::holders(db)? {
                others.entry(holder).or_default();
            }
        }
        others.remove(&owner);
        Ok(others)
    };
    engine.store.write(write).await
}

async fn leave(engine: &EngineContext) -> StoreResult<()> {
    let (owner, now) = (engine.owner.clone(), engine.clock.now());
    let write = move |db: &mut Db| {
        heartbeats::stop(db, &owner, now)?;
        problems::end_of_daemons(db, |name| name != owner, now)
    };
    engine.store.write(write).await
}
