//! Sending one letter that asks for a confirmation: written, offered, handed over, on a connection of its own, and what
//! became of it. When it is sent, and what is kept of that, is the daemon's.

mod writer;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::config::Settings;
use crate::db::signups::{ConfirmationLetter, LetterSender};
use crate::delivery::breaker::{About, about};
use crate::keys::Keyring;
use crate::smtp::{ConnectFailure, MessageBytes, Next, Reason, Stage, Verdict};
use crate::transport::{Connection, Transport};
use writer::ConfirmationWriter;

/// How often a refusal that may be about the mailbox is taken for another reason.
const PATIENCE: u32 = 2;

/// What letters are written and sent with. It can be exchanged while the daemon runs. Cloning is cheap, and clones are one.
#[derive(Clone)]
pub struct ConfirmationKit(Arc<Mutex<KitInUse>>);

struct KitInUse {
    letter_sender: LetterSender,
    /// None where nobody can sign up.
    writer: Option<ConfirmationWriter>,
    transport: Transport,
    /// How often it was exchanged.
    exchanges: u64,
}

impl fmt::Debug for ConfirmationKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmationKit").finish_non_exhaustive()
    }
}

impl ConfirmationKit {
    /// For letters of the shop of `settings`, sent by the daemon `owner` through `transport`.
    pub fn new(settings: &Settings, owner: &str, keyring: Keyring, transport: Transport) -> Self {
        let domain = settings.mail.from.domain().to_owned();
        let letter_sender = LetterSender { owner: owner.to_owned(), keyring: keyring.clone(), domain };
        let writer = settings.join.as_ref().map(|join| ConfirmationWriter::new(settings, join, keyring));
        Self(Arc::new(Mutex::new(KitInUse { letter_sender, writer, transport, exchanges: 0 })))
    }

    /// The next letter is written as `settings` say, and goes through `transport`.
    pub fn exchange(&self, settings: &Settings, transport: Transport) {
        let mut kit = self.lock();
        let keyring = kit.letter_sender.keyring.clone();
        settings.mail.from.domain().clone_into(&mut kit.letter_sender.domain);
        kit.writer = settings.join.as_ref().map(|join| ConfirmationWriter::new(settings, join, keyring));
        kit.transport = transport;
        kit.exchanges += 1;
    }

    fn lock(&self) -> MutexGuard<'_, KitInUse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes and sends the letters.
pub struct Confirmations {
    kit: ConfirmationKit,
    connection: Option<Connection>,
    /// How often the kit had been exchanged when the connection was opened.
    exchanges: u64,
    wakeup: Arc<Notify>,
}

impl fmt::Debug for Confirmations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmations").finish_non_exhaustive()
    }
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

impl Confirmations {
    /// Letters that are written and sent with `kit`. `wakeup` rings when there are new ones.
    pub fn new(kit: ConfirmationKit, wakeup: Arc<Notify>) -> Self {
        Self { kit, connection: None, exchanges: 0, wakeup }
    }

    /// What tells that there are new ones.
    pub fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// What they are written and sent with.
    pub fn kit(&self) -> ConfirmationKit {
        self.kit.clone()
    }

    /// Who sends letters; nobody does where nobody can sign up.
    pub fn letter_sender(&self) -> Option<LetterSender> {
        let kit = self.kit.lock();
        kit.writer.as_ref().map(|_| kit.letter_sender.clone())
    }

    /// Sends a letter that was taken.
    pub async fn send(&mut self, letter: &ConfirmationLetter, now: Timestamp) -> (LetterEnd, LetterSign) {
        let written = self.kit.lock().writer.as_mut().map(|writer| writer.write(letter, now));
        let finished = match written {
            None => return (LetterEnd::NotTried, LetterSign::None),
            Some(Ok(finished)) => finished,
            Some(Err(error)) => {
                let remedy = "`carillon mail lint` finds what is wrong with the templates";
                return (
                    LetterEnd::Later,
                    LetterSign::Fault(format!("a confirmation letter cannot be written: {error}"), remedy),
                );
            }
        };
        let mut connection = match self.opened().await {
            Ok(connection) => connection,
            Err(failure) => {
                return (
                    LetterEnd::NotTried,
                    LetterSign::Rest(format!("confirmation letters cannot be sent: {failure}")),
                );
            }
        };
        let message = MessageBytes { message_id: &letter.message_id, bytes: &finished.bytes };
        let verdict = match connection.offer(&finished.envelope, finished.bytes.len(), now).await {
            Ok(()) => connection.hand_over(&message).await,
            Err(verdict) => verdict,
        };
        self.connection = Some(connection);
        settled(letter.attempts, &verdict)
    }

    /// A connection on which a letter can be offered.
    async fn opened(&mut self) -> Result<Connection, ConnectFailure> {
        let (transport, exchanges) = {
            let kit = self.kit.lock();
            (kit.transport.clone(), kit.exchanges)
        };
        if let Some(mut connection) = self.connection.take() {
            if exchanges == self.exchanges && connection.is_usable() {
                return Ok(connection);
            }
            connection.close().await;
        }
        self.exchanges = exchanges;
        transport.open().await
    }

    /// Closes the connection.
    pub async fn hang_up(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
    }
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
        Reason { stage, code: Some(code), enhanced, text: "said".to_owned() }
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
