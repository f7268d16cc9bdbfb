//! Sending one letter about a consent, which asks for a confirmation or whether to go on: written, offered, handed over, on a
//! connection of its own, and what became of it. When it is sent, and what is kept of that, is the daemon's. The mails that
//! carry anchors go the same way.

mod anchor_writer;
mod writer;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::journal::EngineContext;
use super::relays::{RelayInUse, Relays};
use crate::config::Settings;
use crate::db::anchors::UnmailedLines;
use crate::db::renewals::{self, RenewalLetter};
use crate::db::signups::{ConfirmationLetter, LetterSender};
use crate::db::{Db, StoreResult};
use crate::delivery::breaker::{About, about};
use crate::keys::Keyring;
use crate::smtp::{ConnectFailure, MessageBytes, Next, Reason, Stage, Verdict};
use crate::transport::Connection;
pub use anchor_writer::AnchorWriter;
use writer::{ConfirmationWriter, FinishedLetter};

/// How often a refusal that may be about the mailbox is taken for another reason.
const PATIENCE: u32 = 2;

/// What letters are written and sent with. It can be exchanged while the daemon runs. Cloning is cheap, and clones are one.
#[derive(Clone)]
pub struct ConfirmationKit(Arc<Mutex<KitInUse>>);

struct KitInUse {
    letter_sender: LetterSender,
    writer: ConfirmationWriter,
    /// Whether people can sign up.
    joins: bool,
    /// None where anchors go to nobody.
    anchor_writer: Option<AnchorWriter>,
    relays: Relays,
}

impl fmt::Debug for ConfirmationKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmationKit").finish_non_exhaustive()
    }
}

impl ConfirmationKit {
    /// For letters of the shop of `settings`, sent by the daemon `owner` through `relays`.
    pub fn new(settings: &Settings, owner: &str, keyring: Keyring, relays: Relays) -> Self {
        let domain = settings.mail.from.domain().to_owned();
        let letter_sender = LetterSender { owner: owner.to_owned(), keyring: keyring.clone(), domain };
        let (writer, joins) = (ConfirmationWriter::new(settings, keyring), settings.join.is_some());
        let anchor_writer = AnchorWriter::new(settings);
        let kit = KitInUse { letter_sender, writer, joins, anchor_writer, relays };
        Self(Arc::new(Mutex::new(kit)))
    }

    /// The next letter is written as `settings` say.
    pub fn exchange(&self, settings: &Settings) {
        let mut kit = self.lock();
        let keyring = kit.letter_sender.keyring.clone();
        settings.mail.from.domain().clone_into(&mut kit.letter_sender.domain);
        kit.writer = ConfirmationWriter::new(settings, keyring);
        kit.joins = settings.join.is_some();
        kit.anchor_writer = AnchorWriter::new(settings);
    }

    fn lock(&self) -> MutexGuard<'_, KitInUse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes and sends the letters.
pub struct Confirmations {
    kit: ConfirmationKit,
    connection: Option<(Connection, RelayInUse)>,
    wakeup: Arc<Notify>,
}

impl fmt::Debug for Confirmations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmations").finish_non_exhaustive()
    }
}

/// A letter that the relay is ready to take.
#[derive(Debug)]
pub struct OfferedLetter {
    connection: Connection,
    relay: RelayInUse,
    bytes: Vec<u8>,
    message_id: String,
    attempts: u32,
}

/// Why the relay is not ready to take a letter.
enum LetterNotTaken {
    /// It cannot be reached.
    Unreachable(ConnectFailure),
    /// It said so.
    Said(Verdict),
}

/// Why a mail of anchors did not leave, or may not have. Never with an address.
#[derive(Debug, thiserror::Error)]
pub enum AnchorsUnsent {
    /// It cannot be written.
    #[error("the mail cannot be written: {0}")]
    Unwritten(anyhow::Error),
    /// There is no connection.
    #[error("{0}")]
    Unreachable(ConnectFailure),
    /// The relay did not take it, or did not say whether it did.
    #[error("the relay does not take it{}", said_of(.0))]
    NotTaken(Verdict),
}

fn said_of(verdict: &Verdict) -> String {
    verdict.reason().map_or_else(String::new, |reason| format!(": {reason}"))
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterEnd {
    /// It left.
    Sent,
    /// Nobody knows whether it left.
    InDoubt,
    /// It did not leave, and may later.
    Later,
    /// It was not tried, because the relay cannot be used.
    NotTried,
    /// There is no such mailbox.
    Refused,
}

/// What a letter tells of all letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterSign {
    /// They can be sent.
    Well,
    /// Nothing.
    None,
    /// The relay is to be left alone for a while, for this reason.
    Rest(String),
    /// They cannot be sent, for this reason, until a person does something about it.
    Fault(String, &'static str),
}

/// What it says of all letters that one cannot be written.
fn unwritable(error: &anyhow::Error) -> LetterSign {
    let remedy = "`carillon mail lint` finds what is wrong with the templates";
    LetterSign::Fault(format!("a letter about a consent cannot be written: {error}"), remedy)
}

impl Confirmations {
    /// Letters that are written and sent with `kit`. `wakeup` rings when there are new ones.
    pub fn new(kit: ConfirmationKit, wakeup: Arc<Notify>) -> Self {
        Self { kit, connection: None, wakeup }
    }

    /// What tells that there are new ones.
    pub fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// What they are written and sent with.
    pub fn kit(&self) -> ConfirmationKit {
        self.kit.clone()
    }

    /// Who sends letters.
    pub fn letter_sender(&self) -> LetterSender {
        self.kit.lock().letter_sender.clone()
    }

    /// Whether people can sign up, and so are asked for a confirmation.
    pub fn joins(&self) -> bool {
        self.kit.lock().joins
    }

    /// What mails of anchors are written with, where they go to somebody.
    pub fn anchor_writer(&self) -> Option<AnchorWriter> {
        self.kit.lock().anchor_writer.clone()
    }

    /// Why no letter can be written, whoever it is to: the templates as they are now cannot be used.
    pub fn unwritable(&self) -> Option<LetterSign> {
        self.kit.lock().writer.templates().err().map(|error| unwritable(&error))
    }

    /// Sends a letter that was taken.
    pub async fn send(&mut self, letter: &ConfirmationLetter, now: Timestamp) -> (LetterEnd, LetterSign) {
        let written = self.kit.lock().writer.write(letter, now);
        match self.offer(written, letter.attempts, &letter.message_id, now).await {
            Ok(offered) => self.hand_over(offered).await,
            Err(ended) => ended,
        }
    }

    /// Writes a letter that asks whether to go on, and offers it to the relay. Nothing has left yet: after `Ok`, record that it
    /// is handed over, then call [`hand_over`](Self::hand_over); or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// What became of it, when it was not taken.
    pub async fn offer_renewal(
        &mut self,
        letter: &RenewalLetter,
        now: Timestamp,
    ) -> Result<OfferedLetter, (LetterEnd, LetterSign)> {
        let written = self.kit.lock().writer.write_renewal(letter, now);
        self.offer(written, letter.attempts, &letter.message_id, now).await
    }

    async fn offer(
        &mut self,
        written: anyhow::Result<FinishedLetter>,
        attempts: u32,
        message_id: &str,
        now: Timestamp,
    ) -> Result<OfferedLetter, (LetterEnd, LetterSign)> {
        let finished = written.map_err(|error| (LetterEnd::Later, unwritable(&error)))?;
        match self.offered(&finished, now).await {
            Ok((connection, relay)) => {
                let message_id = message_id.to_owned();
                Ok(OfferedLetter { connection, relay, bytes: finished.bytes, message_id, attempts })
            }
            Err(LetterNotTaken::Unreachable(failure)) => {
                let words = format!("confirmation letters cannot be sent: {}", failure.with_cause());
                Err((LetterEnd::NotTried, LetterSign::Rest(words)))
            }
            Err(LetterNotTaken::Said(verdict)) => Err(settled(attempts, &verdict)),
        }
    }

    /// The connection on which the relay is ready to take a letter.
    async fn offered(
        &mut self,
        finished: &FinishedLetter,
        now: Timestamp,
    ) -> Result<(Connection, RelayInUse), LetterNotTaken> {
        loop {
            let used = self.connection.is_some();
            let (mut connection, relay) = self.opened(now).await.map_err(LetterNotTaken::Unreachable)?;
            let Err(verdict) = connection.offer(&finished.envelope, finished.bytes.len(), now).await else {
                return Ok((connection, relay));
            };
            // A relay may have had enough of a connection, which says nothing about the letter; and one that takes no mail on a
            // new one cannot be used.
            if let Some(reason) = verdict.reason().filter(|reason| reason.breaks_off())
                && (used || reason.stage == Stage::Mail && self.cannot_be_used(&relay, &reason.to_string(), now))
            {
                continue;
            }
            self.connection = Some((connection, relay));
            return Err(LetterNotTaken::Said(verdict));
        }
    }

    /// Hands over a letter that was offered.
    pub async fn hand_over(&mut self, offered: OfferedLetter) -> (LetterEnd, LetterSign) {
        let OfferedLetter { mut connection, relay, bytes, message_id, attempts } = offered;
        let verdict = connection.hand_over(&MessageBytes { message_id: &message_id, bytes: &bytes }).await;
        self.connection = Some((connection, relay));
        settled(attempts, &verdict)
    }

    /// Mails new lines of the file of anchors.
    ///
    /// # Errors
    /// When they did not leave, or when nobody knows.
    pub async fn send_anchors(
        &mut self,
        writer: &AnchorWriter,
        lines: &UnmailedLines,
        now: Timestamp,
    ) -> Result<(), AnchorsUnsent> {
        let (finished, message_id) = writer.write(lines, now).map_err(AnchorsUnsent::Unwritten)?;
        let (mut connection, relay) = self.offered(&finished, now).await.map_err(|not_taken| match not_taken {
            LetterNotTaken::Unreachable(failure) => AnchorsUnsent::Unreachable(failure),
            LetterNotTaken::Said(verdict) => AnchorsUnsent::NotTaken(verdict),
        })?;
        let message = MessageBytes { message_id: message_id.as_str(), bytes: &finished.bytes };
        let verdict = connection.hand_over(&message).await;
        self.connection = Some((connection, relay));
        if verdict.next() == Next::Done { Ok(()) } else { Err(AnchorsUnsent::NotTaken(verdict)) }
    }

    /// Takes back an offer: the letter does not leave.
    pub async fn abandon(&mut self, offered: OfferedLetter) {
        let OfferedLetter { mut connection, relay, .. } = offered;
        connection.abandon().await;
        self.connection = Some((connection, relay));
    }

    /// A connection on which a letter can be offered, to the relay that is in use.
    async fn opened(&mut self, now: Timestamp) -> Result<(Connection, RelayInUse), ConnectFailure> {
        let relays = self.kit.lock().relays.clone();
        loop {
            let relay = relays.in_use();
            if let Some((mut connection, opened_to)) = self.connection.take() {
                if relay.term == opened_to.term && connection.is_usable() {
                    return Ok((connection, relay));
                }
                connection.close().await;
            }
            match relay.post.transport.open().await {
                Ok(connection) => {
                    relays.answers(&relay.post, now);
                    return Ok((connection, relay));
                }
                Err(why) if relays.cannot_be_used(&relay, &why.with_cause(), now) => {}
                Err(why) => return Err(why),
            }
        }
    }

    /// Says that a relay takes no letter on a new connection, and whether there is another.
    fn cannot_be_used(&self, relay: &RelayInUse, why: &str, now: Timestamp) -> bool {
        let relays = self.kit.lock().relays.clone();
        relays.cannot_be_used(relay, why, now)
    }

    /// Closes the connection.
    pub async fn hang_up(&mut self) {
        if let Some((connection, _)) = self.connection.take() {
            connection.close().await;
        }
    }
}

/// Asks whether a letter that was offered may leave, and puts on disk that it is handed over: in the store, and in the file that
/// counts what was handed over, so that a store restored from a backup is noticed by this letter too.
pub async fn grant(engine: &EngineContext, letter: &RenewalLetter) -> StoreResult<bool> {
    let (clock, holds, letter) = (engine.clock.clone(), Arc::clone(&engine.holds), letter.clone());
    let change = move |db: &mut Db| {
        let now = clock.now();
        if !holds.ask(db, now)?.is_empty() || !renewals::grant(db, &letter, now)? {
            return Ok(None);
        }
        holds.sent().count(db, 1)
    };
    let Some(line) = engine.store.write(change).await? else { return Ok(false) };
    engine.holds.sent().mark(line)?;
    Ok(true)
}

/// What follows from a verdict on a letter that was tried `attempts` times before, for the letter and for all others.
fn settled(attempts: u32, verdict: &Verdict) -> (LetterEnd, LetterSign) {
    let Some(reason) = verdict.reason() else { return (LetterEnd::Sent, LetterSign::Well) };
    if verdict.needs_back_off() {
        let words = format!("the relay does not take confirmation letters: {reason}");
        return (LetterEnd::NotTried, LetterSign::Rest(words));
    }
    match verdict.next() {
        Next::Done => (LetterEnd::Sent, LetterSign::Well),
        Next::AskPerson => (LetterEnd::InDoubt, LetterSign::None),
        Next::RetryLater => (LetterEnd::Later, LetterSign::None),
        Next::GiveUp => match blamed(reason) {
            About::Mailbox => (LetterEnd::Refused, LetterSign::Well),
            About::Unclear if attempts >= PATIENCE => (LetterEnd::Refused, LetterSign::None),
            About::Unclear => (LetterEnd::Later, LetterSign::None),
            About::Us => {
                let remedy = "mend what it complains of; the letters are tried again by themselves";
                (
                    LetterEnd::Later,
                    LetterSign::Fault(format!("the relay refuses confirmation letters: {reason}"), remedy),
                )
            }
        },
    }
}

fn blamed(reason: &Reason) -> About {
    let status = reason.enhanced.map(|status| (status.subject, status.detail));
    about(reason.stage == Stage::Mail, status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::Enhanced;

    fn reason(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Reason {
        Reason { stage, code: Some(code), enhanced, text: "said".to_owned(), broke: false }
    }

    #[test]
    fn a_refusal_ends_a_sign_up_only_when_it_is_about_the_mailbox() {
        let refused =
            |enhanced, attempts| settled(attempts, &Verdict::Refused(reason(Stage::Recipient, 550, enhanced)));
        assert_eq!(refused(Some(Enhanced::new(5, 1, 1)), 0), (LetterEnd::Refused, LetterSign::Well));
        assert_eq!(refused(None, 0), (LetterEnd::Later, LetterSign::None));
        assert_eq!(refused(None, PATIENCE), (LetterEnd::Refused, LetterSign::None));
        assert!(matches!(refused(Some(Enhanced::new(5, 7, 1)), 9), (LetterEnd::Later, LetterSign::Fault(..))));
        let at_mail = Verdict::Refused(reason(Stage::Mail, 530, Some(Enhanced::new(5, 7, 0))));
        assert!(matches!(settled(0, &at_mail), (LetterEnd::NotTried, LetterSign::Rest(_))));
        let doubt = Verdict::InDoubt(reason(Stage::Body, 0, None));
        assert_eq!(settled(0, &doubt), (LetterEnd::InDoubt, LetterSign::None));
        let busy = Verdict::Deferred(reason(Stage::Recipient, 421, None));
        assert!(matches!(settled(0, &busy), (LetterEnd::NotTried, LetterSign::Rest(_))));
        let later = Verdict::Deferred(reason(Stage::Recipient, 451, None));
        assert_eq!(settled(0, &later), (LetterEnd::Later, LetterSign::None));
    }
}
