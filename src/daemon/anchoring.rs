//! Anchors the ledger once a day: its end is signed and written to a file outside the store, so that a ledger that was cut
//! short or written anew is noticed. None is written on a clock that is not believed.

use jiff::SignedDuration;

use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::db::StoreError;
use crate::db::anchors::{AnchorError, LedgerAnchors};
use crate::problem::ProblemKind;
use crate::sending::holds::Hold;
use crate::sending::journal::EngineContext;

/// How often it is looked whether there is an anchor of the day.
const LOOK: SignedDuration = SignedDuration::from_mins(15);

/// The loop.
pub(super) struct Anchoring {
    engine: EngineContext,
    anchors: LedgerAnchors,
    problems: Problems,
}

impl Anchoring {
    pub(super) fn new(engine: EngineContext, anchors: LedgerAnchors, problems: Problems) -> Self {
        Self { engine, anchors, problems }
    }
}

impl Work for Anchoring {
    const LOOP: Loop = Loop::Anchoring;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let (now, holds) = (self.engine.clock.now(), self.engine.holds.clone());
        let held = self.engine.store.read(move |db| holds.ask(db, now)).await?;
        if held.iter().any(|hold| matches!(hold, Hold::ClockDoubted(_))) {
            return Ok(NextTurn::After(LOOK));
        }
        let (store, anchors) = (self.engine.store.clone(), self.anchors.clone());
        let tried = tokio::task::spawn_blocking(move || anchors.append_if_due(&store, now)).await;
        match tried.map_err(|_| StoreError::Closed)? {
            Ok(written) => {
                if let Some(anchor) = written {
                    tracing::info!(line = anchor.head.seq, anchor = anchor.number, "the ledger is anchored");
                }
                self.problems.end(ProblemKind::LedgerUnanchored);
            }
            Err(AnchorError::Store(error)) => return Err(error.into()),
            Err(error) => {
                let why = match &error {
                    AnchorError::Unwritable { why, .. } => format!("{error}: {why}"),
                    _ => error.to_string(),
                };
                let words = format!("{}: {why}", ProblemKind::LedgerUnanchored.traits().title);
                self.problems.begin(ProblemKind::LedgerUnanchored, words, error.remedy());
            }
        }
        Ok(NextTurn::After(LOOK))
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}
