//! The dispatcher's loop: sends what is due, from when what an earlier daemon left has been taken back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Wakeups;
use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::problem::ProblemKind;
use crate::sending::dispatcher::Dispatcher;
use crate::sending::journal::EngineContext;

/// The shortest pause while another daemon holds what is due.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

pub(super) struct Dispatching {
    pub(super) engine: EngineContext,
    pub(super) dispatcher: Dispatcher,
    pub(super) wakeups: Arc<Wakeups>,
    pub(super) problems: Problems,
    pub(super) stop: CancellationToken,
}

impl Work for Dispatching {
    const LOOP: Loop = Loop::Dispatcher;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        if !self.wakeups.taken_back.load(Ordering::Relaxed) {
            return Ok(NextTurn::Woken);
        }
        let next = self.dispatcher.turn(&self.stop).await?;
        if let Some(why) = self.dispatcher.failure() {
            let remedy = "mend the relay or its settings, then it goes on by itself within five minutes; `carillon mail test ADDRESS \
                          KIND` tries it";
            let words = format!("the relay or the outbox cannot be used; it is tried again: {why}");
            self.problems.begin(ProblemKind::MailUnusable, words, remedy);
        } else {
            self.problems.end(ProblemKind::MailUnusable);
        }
        if self.dispatcher.is_idle() {
            // The last delivery of a mailing may have ended.
            self.wakeups.planner.notify_one();
        }
        let soonest = self.engine.clock.now().saturating_add(SHORTEST).unwrap_or(Timestamp::MAX);
        Ok(next.map_or(NextTurn::Woken, |next| NextTurn::At(next.max(soonest))))
    }

    fn going_well(&self) -> Option<Arc<Notify>> {
        Some(self.dispatcher.going_well())
    }

    async fn woken(&self) {
        tokio::select! {
            () = self.wakeups.dispatcher.notified() => {}
            () = self.dispatcher.changed() => {}
        }
    }
}
