//! Anchors the ledger once a day: its end is signed and written to a file outside the store, so that a ledger that was cut
//! short or written anew is noticed. None is written on a clock that is not believed. Between the anchors it watches the file:
//! one that is lost today proves nothing tomorrow.

use jiff::{SignedDuration, Timestamp};

use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::db::StoreError;
use crate::db::anchors::{AnchorError, LedgerAnchors};
use crate::member::anchor::LastLine;
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;

/// How often it is looked whether the file is there and as it was left.
const LOOK: SignedDuration = SignedDuration::from_secs(20);

/// How often a file that has its length is read as a whole, and it is looked whether there is an anchor of the day.
const READ: SignedDuration = SignedDuration::from_mins(15);

/// The loop.
pub(super) struct Anchoring {
    engine: EngineContext,
    anchors: LedgerAnchors,
    problems: Problems,
    /// The last line of the file, as this daemon saw it.
    seen: Option<LastLine>,
    /// When the file was read as a whole and nothing was wrong, and how long it was then.
    good: Option<(Timestamp, u64)>,
}

impl Anchoring {
    pub(super) fn new(engine: EngineContext, anchors: LedgerAnchors, problems: Problems) -> Self {
        Self { engine, anchors, problems, seen: None, good: None }
    }

    /// Whether the file was found good not long before `now`, and is as long as it was.
    fn is_known_good(&self, now: Timestamp) -> bool {
        self.good.is_some_and(|(at, length)| {
            // The distance, not the order: a clock may have been set back since.
            now.duration_since(at).abs() < READ && self.anchors.length() == Some(length)
        })
    }
}

impl Work for Anchoring {
    const LOOP: Loop = Loop::Anchoring;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let (now, holds) = (self.engine.clock.now(), self.engine.holds.clone());
        if self.is_known_good(now) {
            return Ok(NextTurn::After(LOOK));
        }
        if self.engine.store.read(move |db| holds.doubt_the_signing(db, now)).await? {
            return Ok(NextTurn::After(LOOK));
        }
        let (store, anchors, mut seen) = (self.engine.store.clone(), self.anchors.clone(), self.seen);
        let tried = tokio::task::spawn_blocking(move || (anchors.append_if_due(&store, &mut seen, now), seen)).await;
        let (tried, seen) = tried.map_err(|_| StoreError::Closed)?;
        (self.seen, self.good) = (seen, None);
        match tried {
            Ok(written) => {
                self.good = self.anchors.length().map(|length| (now, length));
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
                // A file that is put back is noticed soon; the chain is not computed again all the time.
                if !matches!(error, AnchorError::File(_)) {
                    return Ok(NextTurn::After(READ));
                }
            }
        }
        Ok(NextTurn::After(LOOK))
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}
