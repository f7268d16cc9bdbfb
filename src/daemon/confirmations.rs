//! The letters that ask for a confirmation: written to whoever was signed up, at once and on a connection of their own,
//! whatever the campaigns are doing. Such a letter goes out at least once: it carries the same link however often it goes.
//!
//! It answers a request of these last days, so a doubted clock does not keep it back: the time is the one to record under, which
//! stands still while the clock is far ahead, and then nothing is deleted either. Everything else that keeps mailings back keeps it
//! back too: a store that was restored may hold sign-ups of people who were erased since.
//!
//! And the letters that ask whether to go on before a consent runs out, when no confirmation is due. Nobody waits for those:
//! everything that keeps mailings back keeps them back, and one that was handed over is not sent again.
//!
//! New lines of the file of anchors go the same way, when none of those letters is due. A line goes out at least once.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::health::Health;
use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::db::anchors::{self, LedgerAnchors, UnmailedLines};
use crate::db::renewals::{self, RenewalLetter, RenewalOutcome};
use crate::db::signups::{self, ConfirmationLetter, LetterOutcome, NextLetter};
use crate::db::{Db, StoreResult, clock as believed};
use crate::delivery::retry::{RetryPolicy, instant_after};
use crate::member::renewal;
use crate::problem::ProblemKind;
use crate::sending::back_off::BackOff;
use crate::sending::confirmations::{Confirmations, LetterEnd, LetterSign, grant};
use crate::sending::journal::EngineContext;
use crate::sending::progress::Pulse;

/// How often it is looked whether there is something to send or to delete, when nothing wakes it.
const LOOK: SignedDuration = SignedDuration::from_secs(15);

/// The pause while another daemon has what is due in hand.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// How often it is looked whom to ask whether to go on.
const PLAN: SignedDuration = SignedDuration::from_mins(5);

/// Members who are chosen for that in one transaction.
const CHOSEN_AT_ONCE: u64 = 200;

/// Sign-ups that are deleted in one transaction.
const AT_ONCE: i64 = 500;

/// A letter that is under way is no hang while its relay may take its time over all the steps of one message (RFC 5321
/// 4.5.3.2).
const UNDER_WAY: Patience = Patience { every: Duration::from_secs(30), longest: Duration::from_mins(40) };

/// Sends what is due and deletes what nobody confirmed.
pub(super) struct LetterRound {
    engine: EngineContext,
    confirmations: Confirmations,
    mail_of_anchors: MailOfAnchors,
    health: Health,
    wakeup: Arc<Notify>,
    back_off: BackOff,
    /// When it was last looked whom to ask whether to go on.
    planned_at: Timestamp,
    /// Whether what an earlier daemon left has been taken back.
    taken_back: bool,
    /// Why no letter could be written when that was looked at last.
    unwritable: Option<LetterSign>,
}

/// What the file of anchors is to whom it is mailed.
struct MailOfAnchors {
    anchors: LedgerAnchors,
    /// How long the file was when all of it had been mailed.
    all_mailed: Option<u64>,
    /// Lines that left, when that is not in the store yet: it would be a mail for every turn until the store can be written.
    unrecorded: Option<UnmailedLines>,
    /// Its own: what is wrong with one mailbox keeps no letter back.
    back_off: BackOff,
}

impl Work for LetterRound {
    const LOOP: Loop = Loop::Confirmations;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        if !self.taken_back {
            self.take_back().await?;
            self.taken_back = true;
        }
        let now = self.engine.clock.now();
        let look = instant_after(now, LOOK);
        Ok(match self.step().await? {
            SenderStep::Again => NextTurn::At(now),
            SenderStep::Until(next) => NextTurn::At(next.map_or(look, |next| next.min(look))),
        })
    }

    async fn woken(&self) {
        self.wakeup.notified().await;
    }
}

/// How it goes on.
enum SenderStep {
    /// There may be more.
    Again,
    /// Nothing before this instant, unless it is woken.
    Until(Option<Timestamp>),
}

impl LetterRound {
    pub(super) fn new(
        engine: EngineContext,
        confirmations: Confirmations,
        anchors: LedgerAnchors,
        health: Health,
    ) -> Self {
        let wakeup = confirmations.wakeup();
        let back_off = BackOff::default();
        Self {
            engine,
            confirmations,
            mail_of_anchors: MailOfAnchors { anchors, all_mailed: None, unrecorded: None, back_off },
            health,
            wakeup,
            back_off: BackOff::default(),
            planned_at: Timestamp::MIN,
            taken_back: false,
            unwritable: None,
        }
    }

    /// Closes the connection.
    pub(super) async fn hang_up(&mut self) {
        self.confirmations.hang_up().await;
    }

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
    async fn take_back(&self) -> StoreResult<()> {
        if self.engine.store.is_exclusive() {
            self.write(signups::take_back).await?;
            self.write(renewals::take_back).await?;
        }
        Ok(())
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
        self.look_at_templates();
        if let Some(until) = self.back_off.until(now) {
            return Ok(SenderStep::Until(Some(until)));
        }
        let can_write = self.unwritable.is_none();
        let letter_due_at = outlook.letter_due_at.filter(|_| can_write && self.confirmations.joins());
        if letter_due_at.is_none_or(|due| due > believed_now) {
            let renewals = if can_write { self.ask_whether_to_go_on(now).await? } else { SenderStep::Until(None) };
            let renewals_due_at = match renewals {
                SenderStep::Again => return Ok(SenderStep::Again),
                SenderStep::Until(next) => next,
            };
            let anchors_due_at = match self.mail_anchors(now).await? {
                SenderStep::Again => return Ok(SenderStep::Again),
                SenderStep::Until(next) => next,
            };
            self.confirmations.hang_up().await;
            if can_write && letter_due_at.is_none() && renewals_due_at.is_none() {
                self.problems().end(ProblemKind::ConfirmationsUnsent);
            }
            return Ok(SenderStep::Until([letter_due_at, renewals_due_at, anchors_due_at].into_iter().flatten().min()));
        }
        let letter_sender = self.confirmations.letter_sender();
        let (holds, clock) = (Arc::clone(&self.engine.holds), self.engine.clock.clone());
        let take = move |db: &mut Db, now| {
            if holds.doubt_the_store(db, clock.now())? {
                return Ok(None);
            }
            signups::take(db, &letter_sender, now).map(Some)
        };
        match self.write(take).await? {
            None => {
                self.confirmations.hang_up().await;
                Ok(SenderStep::Until(Some(instant_after(now, LOOK))))
            }
            Some(NextLetter::This(letter)) => {
                let outcome = self.send(&letter).await;
                self.write(move |db, now| signups::record(db, &letter, outcome, now)).await?;
                Ok(SenderStep::Again)
            }
            // Another daemon has it in hand.
            Some(NextLetter::None) => Ok(SenderStep::Until(Some(instant_after(now, SHORTEST)))),
        }
    }

    /// Looks whether letters can be written at all, whether or not one is due: a mistake in the templates is told before somebody waits
    /// for a letter. Until it is mended none is taken up, so that none has to wait any longer afterwards.
    fn look_at_templates(&mut self) {
        let found = self.confirmations.unwritable();
        if found == self.unwritable {
            return;
        }
        match &found {
            Some(sign) => self.note(sign.clone()),
            None => self.problems().end(ProblemKind::ConfirmationsUnsent),
        }
        self.unwritable = found;
    }

    /// Chooses whom to ask whether to go on, now and then, and sends the next such letter, if one is due. Nobody is waiting for
    /// it, so every reason to hold keeps it back; but no campaign does.
    async fn ask_whether_to_go_on(&mut self, now: Timestamp) -> StoreResult<SenderStep> {
        // The distance, not the order: after a clock was set back there is a pause to come as well.
        if now.duration_since(self.planned_at).abs() >= PLAN {
            let chosen = self.unless_held(move |db| renewals::plan(db, now, CHOSEN_AT_ONCE)).await?;
            if chosen.is_none_or(|chosen| chosen < CHOSEN_AT_ONCE) {
                self.planned_at = now;
            }
        }
        let due_at = self.engine.store.read(renewals::next_due).await?;
        if due_at.is_none_or(|due| due > now) {
            return Ok(SenderStep::Until(due_at));
        }
        let letter_sender = self.confirmations.letter_sender();
        match self.unless_held(move |db| renewals::take(db, &letter_sender, now)).await? {
            Some(Some(letter)) => {
                let outcome = self.send_renewal(&letter).await?;
                self.engine.store.write(move |db| renewals::record(db, &letter, outcome)).await?;
                Ok(SenderStep::Again)
            }
            // Another daemon has it in hand.
            Some(None) => Ok(SenderStep::Until(Some(instant_after(now, SHORTEST)))),
            None => Ok(SenderStep::Until(Some(instant_after(now, LOOK)))),
        }
    }

    /// Does `change`; `None` while there is a reason to hold, asked in the same transaction.
    async fn unless_held<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&mut Db) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<Option<T>> {
        let (holds, clock) = (Arc::clone(&self.engine.holds), self.engine.clock.clone());
        let write = move |db: &mut Db| {
            if holds.ask(db, clock.now())?.is_empty() { change(db).map(Some) } else { Ok(None) }
        };
        self.engine.store.write(write).await
    }

    /// Mails what is new in the file of anchors, where it is to go to somebody. A mail of which nobody knows whether it arrived
    /// goes again: a line that is there twice is no harm.
    async fn mail_anchors(&mut self, now: Timestamp) -> StoreResult<SenderStep> {
        if let Some(lines) = self.mail_of_anchors.unrecorded.clone() {
            self.engine.store.write(move |db| anchors::mailed(db, &lines)).await?;
            self.mail_of_anchors.unrecorded = None;
        }
        let Some(writer) = self.confirmations.anchor_writer() else {
            self.problems().end(ProblemKind::AnchorsUnmailed);
            return Ok(SenderStep::Until(None));
        };
        let length = self.mail_of_anchors.anchors.length();
        if length.is_none() || length == self.mail_of_anchors.all_mailed {
            return Ok(SenderStep::Until(None));
        }
        if let Some(until) = self.mail_of_anchors.back_off.until(now) {
            return Ok(SenderStep::Until(Some(until)));
        }
        let anchors = self.mail_of_anchors.anchors.clone();
        let lines = match self.engine.store.read(move |db| anchors.unmailed(db)).await? {
            Ok(Some(lines)) => lines,
            Ok(None) => {
                self.mail_of_anchors.all_mailed = length;
                self.mail_of_anchors.back_off.end(now);
                self.problems().end(ProblemKind::AnchorsUnmailed);
                return Ok(SenderStep::Until(None));
            }
            Err(why) => return Ok(self.leave_anchors(&why, "see `carillon consent verify`", now)),
        };
        let sending = self.confirmations.send_anchors(&writer, &lines, now);
        match while_working(sending, self.health.progress(Loop::Confirmations), UNDER_WAY).await {
            Ok(()) => {
                self.mail_of_anchors.back_off.end(self.engine.clock.now());
                tracing::info!(lines = lines.end, "anchors are mailed");
                self.mail_of_anchors.unrecorded = Some(lines);
                Ok(SenderStep::Again)
            }
            Err(why) => {
                let remedy = "see `anchor_to` in `[consent]`; they are tried again by themselves";
                Ok(self.leave_anchors(&why, remedy, self.engine.clock.now()))
            }
        }
    }

    /// Leaves the anchors alone for a while.
    fn leave_anchors(&self, why: &dyn std::error::Error, remedy: &str, now: Timestamp) -> SenderStep {
        let words = format!("{}: {why}", ProblemKind::AnchorsUnmailed.traits().title);
        tracing::warn!("{words}");
        self.mail_of_anchors.back_off.begin(now, words.as_str());
        self.problems().begin(ProblemKind::AnchorsUnmailed, words, remedy);
        SenderStep::Until(self.mail_of_anchors.back_off.until(now))
    }

    async fn send_renewal(&mut self, letter: &RenewalLetter) -> StoreResult<RenewalOutcome> {
        let now = self.engine.clock.now();
        let offering = self.confirmations.offer_renewal(letter, now);
        let offered = while_working(offering, self.health.progress(Loop::Confirmations), UNDER_WAY).await;
        let (ended, sign) = match offered {
            Err(ended) => ended,
            Ok(offered) => match grant(&self.engine, letter).await {
                Ok(true) => {
                    let handing = self.confirmations.hand_over(offered);
                    while_working(handing, self.health.progress(Loop::Confirmations), UNDER_WAY).await
                }
                // Who left or answered meanwhile is asked about no more: the row says so, and is looked at again.
                Ok(false) => {
                    self.confirmations.abandon(offered).await;
                    return Ok(RenewalOutcome::PutBack(instant_after(now, LOOK)));
                }
                Err(error) => {
                    self.confirmations.abandon(offered).await;
                    // Nothing has left.
                    let (back, at) = (letter.clone(), instant_after(now, LOOK));
                    let put_back = move |db: &mut Db| renewals::record(db, &back, RenewalOutcome::PutBack(at));
                    if let Err(error) = self.engine.store.write(put_back).await {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "a letter that did not leave will count as one that did");
                    }
                    return Err(error);
                }
            },
        };
        self.note(sign);
        let now = self.engine.clock.now();
        let again = |attempts: u32| {
            let deadline = renewal::deadline(letter.ends_at);
            RetryPolicy::default().next_attempt(letter.member_id, attempts.saturating_add(1), now, deadline)
        };
        Ok(match ended {
            LetterEnd::Sent => RenewalOutcome::Sent,
            LetterEnd::InDoubt => RenewalOutcome::InDoubt,
            LetterEnd::Later => RenewalOutcome::Later(again(letter.attempts)),
            LetterEnd::NotTried => RenewalOutcome::PutBack(self.back_off.until(now).unwrap_or(now)),
            LetterEnd::Refused => RenewalOutcome::Refused,
        })
    }

    async fn send(&mut self, letter: &ConfirmationLetter) -> LetterOutcome {
        let sending = self.confirmations.send(letter, self.engine.clock.now());
        let (ended, sign) = while_working(sending, self.health.progress(Loop::Confirmations), UNDER_WAY).await;
        self.note(sign);
        let now = self.engine.clock.now();
        match ended {
            LetterEnd::Sent => LetterOutcome::Sent,
            LetterEnd::InDoubt => LetterOutcome::InDoubt(retry_at(letter, now)),
            LetterEnd::Later => LetterOutcome::Later(retry_at(letter, now)),
            LetterEnd::NotTried => LetterOutcome::PutBack(self.back_off.until(now).unwrap_or(now)),
            LetterEnd::Refused => LetterOutcome::Refused,
        }
    }

    /// Notes what a letter tells of all letters.
    fn note(&mut self, sign: LetterSign) {
        let now = self.engine.clock.now();
        match sign {
            LetterSign::None => {}
            LetterSign::Well => {
                self.back_off.end(now);
                self.problems().end(ProblemKind::ConfirmationsUnsent);
            }
            LetterSign::Rest(words) => self.rest(words, now),
            LetterSign::Fault(words, remedy) => {
                tracing::error!("{words}");
                self.problems().begin(ProblemKind::ConfirmationsUnsent, words, remedy);
            }
        }
    }

    fn problems(&self) -> &Problems {
        self.health.problems()
    }

    /// Leaves the relay alone for a while.
    fn rest(&mut self, words: String, now: Timestamp) {
        tracing::warn!("{words}");
        self.back_off.begin(now, words.as_str());
        let remedy = "see why in the daemon's log; `carillon mail test ADDRESS confirmation` tries the relay";
        self.problems().begin(ProblemKind::ConfirmationsUnsent, words, remedy);
    }
}

/// When a letter is tried again, while its link still works.
fn retry_at(letter: &ConfirmationLetter, now: Timestamp) -> Option<Timestamp> {
    RetryPolicy::default().next_attempt(letter.id, letter.attempts.saturating_add(1), now, letter.expires_at)
}

/// For how long waiting for a relay counts as work, and how often it is said.
#[derive(Clone, Copy)]
struct Patience {
    every: Duration,
    longest: Duration,
}

/// Waits for `sending`, which counts as work for as long as a relay may take.
async fn while_working<T>(sending: impl Future<Output = T>, progress: &Pulse, patience: Patience) -> T {
    let begun = Instant::now();
    let mut sending = pin!(sending);
    loop {
        tokio::select! {
            sent = &mut sending => return sent,
            () = tokio::time::sleep(patience.every) => {}
        }
        if begun.elapsed() < patience.longest {
            progress.made();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    #[tokio::test]
    async fn a_relay_that_takes_its_time_is_no_hang_and_one_that_never_answers_is() {
        let progress = Pulse::default();
        let slow = |pulses| {
            let progress = progress.clone();
            std::future::poll_fn(move |_| if progress.so_far() < pulses { Poll::Pending } else { Poll::Ready(()) })
        };
        let every = Duration::from_millis(1);
        while_working(slow(5), &progress, Patience { every, longest: Duration::from_mins(40) }).await;
        assert_eq!(progress.so_far(), 5);
        let spent = while_working(slow(6), &progress, Patience { every, longest: Duration::ZERO });
        assert!(tokio::time::timeout(Duration::from_millis(50), spent).await.is_err());
        assert_eq!(progress.so_far(), 5, "then the watchdog notices");
    }
}
