//! The letters that ask for a confirmation: written to whoever was signed up, at once and on a connection of their own,
//! whatever the campaigns are doing. Such a letter goes out at least once: it carries the same link however often it goes.
//!
//! It answers a request of these last days, so neither a doubted clock nor a restored store keeps it back. The time is the
//! one to record under, which stands still while the clock is far ahead: then nothing is deleted either.

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::problems::Problems;
use crate::db::signups::{self, ConfirmationLetter, LetterOutcome, NextLetter};
use crate::db::{Db, StoreResult, clock as believed};
use crate::delivery::retry::RetryPolicy;
use crate::problem::ProblemKind;
use crate::sending::back_off::BackOff;
use crate::sending::confirmations::{Confirmations, LetterEnd, LetterSign};
use crate::sending::journal::EngineContext;

/// How often it is looked whether there is something to send or to delete, when nothing wakes it.
const LOOK: SignedDuration = SignedDuration::from_secs(15);

/// The pause while another daemon has what is due in hand.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// Sign-ups that are deleted in one transaction.
const AT_ONCE: i64 = 500;

/// Sends what is due and deletes what nobody confirmed, until `stop` is cancelled; then finishes the letter that was begun.
pub(super) async fn send(
    engine: EngineContext,
    confirmations: Confirmations,
    problems: Problems,
    stop: CancellationToken,
) {
    let wakeup = confirmations.wakeup();
    let mut round = Round { engine, confirmations, problems, back_off: BackOff::default() };
    round.take_back().await;
    while !stop.is_cancelled() {
        let next = match round.step().await {
            Ok(SenderStep::Again) => continue,
            Ok(SenderStep::Until(next)) => next,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the sender of confirmations could not use the store");
                None
            }
        };
        let look = later(round.engine.clock.now(), LOOK);
        tokio::select! {
            () = stop.cancelled() => {}
            () = wakeup.notified() => {}
            () = round.engine.clock.sleep_until(next.map_or(look, |next| next.min(look))) => {}
        }
    }
    round.confirmations.hang_up().await;
}

struct Round {
    engine: EngineContext,
    confirmations: Confirmations,
    problems: Problems,
    back_off: BackOff,
}

/// How it goes on.
enum SenderStep {
    /// There may be more.
    Again,
    /// Nothing before this instant, unless it is woken.
    Until(Option<Timestamp>),
}

impl Round {
    /// Writes to the store at the instant to record under.
    async fn write<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&mut Db, Timestamp) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (now, leeway) = (self.engine.clock.now(), self.engine.holds.leeway());
        let write = move |db: &mut Db| {
            let now = believed::to_record(db, now, leeway)?;
            change(db, now)
        };
        self.engine.store.write(write).await
    }

    /// Alone on the store, whatever letter was being sent was left by a daemon that is gone.
    async fn take_back(&self) {
        if !self.engine.store.is_exclusive() {
            return;
        }
        if let Err(error) = self.write(signups::take_back).await {
            // They are due again when their time has passed.
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "letters of an earlier daemon were not taken back"
            );
        }
    }

    /// Deletes what nobody confirmed in time, and leaves nothing of it in the write-ahead log.
    async fn clean(&self) -> StoreResult<()> {
        let lapsed = self.write(|db, now| signups::clean(db, now, AT_ONCE)).await?;
        if lapsed > 0 {
            tracing::info!(lapsed, "sign-ups that nobody confirmed are deleted");
        }
        let store = self.engine.store.clone();
        let scrubbed = tokio::task::spawn_blocking(move || store.scrub_blocking()).await;
        if !matches!(scrubbed, Ok(Ok(()))) {
            tracing::warn!("the write-ahead log could not be emptied yet");
        }
        Ok(())
    }

    /// Deletes what is to be deleted; then sends the next letter, if there is one and the relay can be used. Writes nothing
    /// when there is nothing to do.
    async fn step(&mut self) -> StoreResult<SenderStep> {
        let (now, leeway) = (self.engine.clock.now(), self.engine.holds.leeway());
        let (outlook, believed_now) = self
            .engine
            .store
            .read(move |db| {
                let now = believed::to_record(db, now, leeway)?;
                Ok((signups::outlook(db, now)?, now))
            })
            .await?;
        if outlook.lapsed {
            self.clean().await?;
        }
        let Some(letter_sender) = self.confirmations.letter_sender() else { return Ok(SenderStep::Until(None)) };
        if outlook.letter_due_at.is_none_or(|due| due > believed_now) {
            self.confirmations.hang_up().await;
            if outlook.letter_due_at.is_none() {
                self.problems.end(ProblemKind::ConfirmationsUnsent);
            }
            return Ok(SenderStep::Until(outlook.letter_due_at));
        }
        if let Some(until) = self.back_off.until(now) {
            return Ok(SenderStep::Until(Some(until)));
        }
        match self.write(move |db, now| signups::take(db, &letter_sender, now)).await? {
            NextLetter::This(letter) => {
                let outcome = self.send(&letter).await;
                self.write(move |db, now| signups::record(db, &letter, outcome, now)).await?;
                Ok(SenderStep::Again)
            }
            // Another daemon has it in hand.
            NextLetter::None => Ok(SenderStep::Until(Some(later(now, SHORTEST)))),
        }
    }

    async fn send(&mut self, letter: &ConfirmationLetter) -> LetterOutcome {
        let (ended, sign) = self.confirmations.send(letter, self.engine.clock.now()).await;
        let now = self.engine.clock.now();
        match sign {
            LetterSign::None => {}
            LetterSign::Well => {
                self.back_off.end(now);
                self.problems.end(ProblemKind::ConfirmationsUnsent);
            }
            LetterSign::Rest(words) => self.rest(words, now),
            LetterSign::Fault(words, remedy) => {
                tracing::error!("{words}");
                self.problems.begin(ProblemKind::ConfirmationsUnsent, words, remedy);
            }
        }
        match ended {
            LetterEnd::Sent => LetterOutcome::Sent,
            LetterEnd::InDoubt => LetterOutcome::InDoubt(retry_at(letter, now)),
            LetterEnd::Later => LetterOutcome::Later(retry_at(letter, now)),
            LetterEnd::NotTried => LetterOutcome::PutBack(self.back_off.until(now).unwrap_or(now)),
            LetterEnd::Refused => LetterOutcome::Refused,
        }
    }

    /// Leaves the relay alone for a while.
    fn rest(&mut self, words: String, now: Timestamp) {
        tracing::warn!("{words}");
        self.back_off.begin(now);
        let remedy = "see why in the daemon's log; `carillon mail test ADDRESS confirmation` tries the relay";
        self.problems.begin(ProblemKind::ConfirmationsUnsent, words, remedy);
    }
}

/// When a letter is tried again, while its link still works.
fn retry_at(letter: &ConfirmationLetter, now: Timestamp) -> Option<Timestamp> {
    RetryPolicy::default().next_attempt(letter.id, letter.attempts.saturating_add(1), now, letter.expires_at)
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}
