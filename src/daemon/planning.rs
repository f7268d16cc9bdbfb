//! The planner's loop: sleeps on our clock until the exact next instant, and does what is due.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Wakeups;
use super::canary::LeavePath;
use super::departures;
use super::letters::LetterWatch;
use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use super::takeover::{Gone, take_over};
use super::told::{tell, tell_of_waiting};
use crate::db::deliveries::Leases;
use crate::db::owner_file::OwnerLock;
use crate::db::planning::DueMailing;
use crate::db::{Db, StoreResult};
use crate::problem::ProblemKind;
use crate::sending::holds::{Hold, told_together};
use crate::sending::journal::EngineContext;
use crate::sending::planner::{self, Begin};

pub(super) struct Planning {
    engine: EngineContext,
    letters: LetterWatch,
    leave_path: LeavePath,
    wakeups: Arc<Wakeups>,
    problems: Problems,
    /// Whether nobody else is on the store and nothing was taken back yet.
    alone: bool,
    /// The lock of this daemon's folder, where the store has none.
    folder: Option<Arc<OwnerLock>>,
    held: Vec<Hold>,
    waiting: Vec<DueMailing>,
}

impl Planning {
    pub(super) fn new(
        engine: EngineContext,
        (letters, leave_path): (LetterWatch, LeavePath),
        wakeups: Arc<Wakeups>,
        problems: Problems,
        folder: Option<Arc<OwnerLock>>,
    ) -> Self {
        let alone = engine.store.is_exclusive();
        Self { engine, letters, leave_path, wakeups, problems, alone, folder, held: Vec::new(), waiting: Vec::new() }
    }

    /// Takes back what the daemon had claimed that ran in this folder before, and is named in its place. Before anything is
    /// claimed anew: whoever is killed from then on is named.
    async fn succeed(&self) -> StoreResult<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if let Some(predecessor) = folder.predecessor() {
            take_over(&self.engine, vec![Gone::Ended(predecessor.to_owned())]).await?;
        }
        if let Err(error) = folder.name(&self.engine.owner) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "this daemon is not named in its folder: killed, it is missed half a minute later");
        }
        Ok(())
    }
}

impl Work for Planning {
    const LOOP: Loop = Loop::Planner;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        departures::catch_up(&self.engine, &self.problems).await?;
        let (review, mended) = self.letters.look().await?;
        if mended {
            self.wakeups.dispatcher.notify_one();
        }
        let (now, owner) = (self.engine.clock.now(), self.engine.owner.clone());
        // Alone on the store, whatever others claimed was left by a daemon that is gone.
        let leases = if self.alone { Leases::All(owner) } else { Leases::RunOut(owner) };
        let holds = Arc::clone(&self.engine.holds);
        let begin = if self.leave_path.works() { Begin::WhatIsDue } else { Begin::Nothing };
        let step = move |db: &mut Db| planner::step(db, &holds, &leases, (&review, begin), now);
        let planned = self.engine.store.write(step).await?;
        tell_holds(&self.held, &planned.held, &self.problems);
        self.held = planned.held;
        if self.held.is_empty() {
            if self.alone {
                self.engine.holds.marks().forget(&Leases::All(self.engine.owner.clone()));
            }
            self.alone = false;
            // Whoever has claimed something has a heartbeat by which others know it.
            if self.wakeups.has_beaten.load(Ordering::Relaxed) && !self.wakeups.taken_back.load(Ordering::Relaxed) {
                self.succeed().await?;
                self.wakeups.taken_back.store(true, Ordering::Relaxed);
                self.wakeups.dispatcher.notify_one();
            }
        }
        planned.events.iter().for_each(tell);
        tell_of_waiting(&planned.waiting, &self.waiting);
        self.waiting = planned.waiting;
        if !planned.events.is_empty() {
            self.wakeups.dispatcher.notify_one();
        }
        Ok(planned.next.map_or(NextTurn::Woken, NextTurn::At))
    }

    async fn woken(&self) {
        self.wakeups.planner.notified().await;
    }
}

fn tell_holds(before: &[Hold], now: &[Hold], problems: &Problems) {
    let among = |hold: &Hold, others: &[Hold]| others.iter().any(|other| other.is_as(hold));
    if before.len() == now.len() && now.iter().all(|hold| among(hold, before)) {
        return;
    }
    for hold in now.iter().filter(|hold| !among(hold, before)) {
        tracing::error!(hold = hold.id(), "{}; {}", hold.words(), hold.remedy(now));
    }
    for hold in before.iter().filter(|hold| !among(hold, now)) {
        tracing::warn!(hold = hold.id(), "this reason to send nothing is gone");
    }
    match told_together(now) {
        Some((words, remedy)) => problems.begin(ProblemKind::SendingHeld, words, &remedy),
        None => problems.end(ProblemKind::SendingHeld),
    }
}
