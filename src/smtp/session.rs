//! One connection to a relay, driven step by step by the one task that owns it.
//!
//! `offer` names sender and recipient; its caller then records "handed over" durably; `ask_for_data` waits for the
//! relay's go-ahead, which can take minutes, and `send_body` sends the message and returns what became of it. With a relay
//! that takes commands in groups, the caller records first, and `offer_and_ask` does both in one go. Before the body the
//! caller can still change its mind: the relay has nothing until the final dot. Every refusal keeps the connection; every
//! break, stall and dropped future ends it.

use std::fmt;

use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use tokio::time::Instant;

use super::capabilities::{Capabilities, Size};
use super::envelope::Envelope;
use super::failure::ConnectFailure;
use super::greeting;
use super::limits::Limits;
use super::reply::{Enhanced, Reply};
use super::stream::Relay;
use super::verdict::{Reason, Stage, Verdict};
use super::wire::{Broken, Wire, encode};

/// An open session.
pub struct Session {
    wire: Wire,
    capabilities: Capabilities,
    limits: Limits,
    phase: SessionPhase,
    messages: u32,
    last_used: Instant,
}

/// How far the relay is with a message.
#[derive(Debug)]
enum SessionPhase {
    /// It knows of none.
    Idle,
    /// It took this envelope.
    Offered(Envelope),
    /// It waits for the body.
    Awaited(Envelope),
}

impl Session {
    /// Connects, encrypts and logs in, as the relay's settings say.
    pub async fn connect(relay: &Relay) -> Result<Self, ConnectFailure> {
        let (wire, capabilities) = greeting::greet(relay).await?;
        let limits = relay.limits;
        Ok(Self { wire, capabilities, limits, phase: SessionPhase::Idle, messages: 0, last_used: Instant::now() })
    }

    /// Whether another message may be offered: the connection is whole, the relay has not closed it, it has not rested
    /// too long, and has not carried its share.
    pub fn is_usable(&mut self) -> bool {
        let awaited = matches!(self.phase, SessionPhase::Awaited(_));
        let has_time = self.messages < self.limits.messages && self.last_used.elapsed() < self.limits.idle;
        has_time && !awaited && self.wire.is_open()
    }

    /// How many messages were offered on this connection.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// Offers a message of `size` octets: MAIL and RCPT. After `Ok`, either
    /// [`ask_for_data`](Self::ask_for_data) or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when the relay does not take the envelope. The relay has nothing then.
    pub async fn offer(&mut self, envelope: &Envelope, size: usize) -> Result<(), Verdict> {
        self.abandon().await;
        let parameters = self.parameters(envelope, size).map_err(Verdict::Refused)?;
        self.messages += 1;
        let mail = Mail::new(envelope.sender(), parameters);
        let rcpt = Rcpt::new(envelope.recipient(), Vec::new());
        if self.capabilities.pipelining {
            let limits = [self.limits.command; 2];
            let mut answers = self.wire.group(&format!("{mail}{rcpt}"), &limits).await.into_iter();
            self.named(envelope, &mut answers).await?;
        } else {
            self.step(envelope, Stage::Mail, mail).await?;
            self.step(envelope, Stage::Recipient, rcpt).await?;
        }
        self.phase = SessionPhase::Offered(envelope.clone());
        Ok(())
    }

    /// Whether the relay takes the commands before a body in one go (RFC 2920).
    pub fn takes_groups(&self) -> bool {
        self.capabilities.pipelining
    }

    /// Offers a message and asks for the go-ahead in one go: MAIL, RCPT and DATA. Only for a relay that
    /// [takes groups](Self::takes_groups). After `Ok`, either [`send_body`](Self::send_body) or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when the relay does not take the envelope or does not want the body. The relay has
    /// nothing then.
    pub async fn offer_and_ask(&mut self, envelope: &Envelope, message: &[u8]) -> Result<(), Verdict> {
        self.abandon().await;
        let parameters = self.parameters(envelope, message.len()).map_err(Verdict::Refused)?;
        self.takes_signs_of(message)?;
        self.messages += 1;
        let mail = Mail::new(envelope.sender(), parameters);
        let rcpt = Rcpt::new(envelope.recipient(), Vec::new());
        let limits = [self.limits.command, self.limits.command, self.limits.data];
        let answers = self.wire.group(&format!("{mail}{rcpt}{Data}"), &limits).await;
        if let [.., Ok(last)] = answers.as_slice()
            && last.code == 354
            && !answers.iter().rev().skip(1).all(|answer| answer.as_ref().is_ok_and(|reply| reply.class() == 2))
        {
            // It waits for a body that is for nobody: whatever is said next would be taken for that.
            self.wire.give_up();
        }
        let mut answers = answers.into_iter();
        self.named(envelope, &mut answers).await?;
        self.asked(envelope.clone(), answers.next().unwrap_or(Err(Broken::Closed))).await
    }

    /// The answers to MAIL and RCPT. A relay that took the first has answered the second, or broken off at it.
    async fn named(
        &mut self,
        envelope: &Envelope,
        answers: &mut impl Iterator<Item = Result<Reply, Broken>>,
    ) -> Result<(), Verdict> {
        for stage in [Stage::Mail, Stage::Recipient] {
            self.answered(envelope, stage, answers.next().unwrap_or(Err(Broken::Closed))).await?;
        }
        Ok(())
    }

    /// Asks for the go-ahead for the message that was offered: DATA. After `Ok`, either
    /// [`send_body`](Self::send_body) or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when the relay does not want its body. The relay has nothing then.
    pub async fn ask_for_data(&mut self, message: &[u8]) -> Result<(), Verdict> {
        let SessionPhase::Offered(envelope) = std::mem::replace(&mut self.phase, SessionPhase::Idle) else {
            return Err(Verdict::Deferred(Reason::here(Stage::Data, "nothing was offered")));
        };
        if let Err(verdict) = self.takes_signs_of(message) {
            self.reset().await;
            return Err(verdict);
        }
        let answer = self.wire.command(Data, self.limits.data).await;
        self.asked(envelope, answer).await
    }

    /// The answer to DATA.
    async fn asked(&mut self, envelope: Envelope, answer: Result<Reply, Broken>) -> Result<(), Verdict> {
        self.last_used = Instant::now();
        let verdict = match answer {
            Ok(reply) if reply.code == 354 => {
                self.phase = SessionPhase::Awaited(envelope);
                return Ok(());
            }
            Ok(reply) => self.turned_down(Stage::Data, &reply).await,
            Err(broken) => not_taken(Stage::Data, &broken),
        };
        Err(verdict.with_text(|text| envelope.redact(text)))
    }

    /// Whether the relay takes the signs of which `message` is made.
    fn takes_signs_of(&self, message: &[u8]) -> Result<(), Verdict> {
        if self.capabilities.eight_bit || message.is_ascii() {
            return Ok(());
        }
        let text = "the message holds 8-bit characters, which this relay does not take";
        Err(Verdict::Refused(Reason { enhanced: Some(Enhanced::new(5, 6, 3)), ..Reason::here(Stage::Data, text) }))
    }

    /// Sends the body that the relay waits for, and its final dot. A future that is dropped before it ends leaves the
    /// message in doubt and the session unusable.
    pub async fn send_body(&mut self, message: &[u8]) -> Verdict {
        let SessionPhase::Awaited(envelope) = std::mem::replace(&mut self.phase, SessionPhase::Idle) else {
            return Verdict::Deferred(Reason::here(Stage::Data, "the relay does not wait for a body"));
        };
        // A relay that has hung up since its go-ahead has nothing.
        let verdict = match self.wire.leave_step().await {
            Ok(()) => self.finish(message).await,
            Err(broken) => not_taken(Stage::Data, &broken),
        };
        self.last_used = Instant::now();
        verdict.with_text(|text| envelope.redact(text))
    }

    /// Hands over the message that was offered, in one go.
    pub async fn hand_over(&mut self, message: &[u8]) -> Verdict {
        match self.ask_for_data(message).await {
            Ok(()) => self.send_body(message).await,
            Err(verdict) => verdict,
        }
    }

    /// Takes back an offer. Without one, does nothing. A relay that waits for the body can only be left: it drops what
    /// has no final dot.
    pub async fn abandon(&mut self) {
        match std::mem::replace(&mut self.phase, SessionPhase::Idle) {
            SessionPhase::Idle => {}
            SessionPhase::Offered(_) => self.reset().await,
            SessionPhase::Awaited(_) => self.wire.give_up(),
        }
    }

    /// Says goodbye and closes the connection.
    pub async fn close(mut self) {
        if self.wire.is_in_step() {
            // The connection ends either way.
            let _ = self.wire.command(Quit, self.limits.closing).await;
        }
    }

    /// What to say with MAIL, or why this relay cannot take such a message.
    fn parameters(&self, envelope: &Envelope, size: usize) -> Result<Vec<MailParameter>, Reason> {
        let here = |enhanced, text: String| Reason { enhanced: Some(enhanced), ..Reason::here(Stage::Mail, text) };
        if let Some(limit) = self.capabilities.limit_below(size) {
            let text = format!("the message has {size} octets, and this relay takes {limit} at most");
            return Err(here(Enhanced::new(5, 3, 4), text));
        }
        if envelope.needs_utf8() && !self.capabilities.utf8 {
            let text = "the address needs SMTPUTF8, which this relay does not offer".to_owned();
            return Err(here(Enhanced::new(5, 6, 7), text));
        }
        let size = (self.capabilities.size != Size::Unknown).then_some(MailParameter::Size(size));
        let body = self.capabilities.eight_bit.then_some(MailParameter::Body(MailBodyParameter::EightBitMime));
        let utf8 = envelope.needs_utf8().then_some(MailParameter::SmtpUtfEight);
        Ok([size, body, utf8].into_iter().flatten().collect())
    }

    /// One command before the body: only a 2xx goes on, and the relay has nothing otherwise.
    async fn step(&mut self, envelope: &Envelope, stage: Stage, command: impl fmt::Display) -> Result<(), Verdict> {
        let answer = self.wire.command(command, self.limits.command).await;
        self.answered(envelope, stage, answer).await
    }

    /// The answer to such a command.
    async fn answered(
        &mut self,
        envelope: &Envelope,
        stage: Stage,
        answer: Result<Reply, Broken>,
    ) -> Result<(), Verdict> {
        self.last_used = Instant::now();
        let verdict = match answer {
            Ok(reply) if reply.class() == 2 => return Ok(()),
            Ok(reply) => self.turned_down(stage, &reply).await,
            Err(broken) => not_taken(stage, &broken),
        };
        Err(verdict.with_text(|text| envelope.redact(text)))
    }

    /// From here on the relay may have the message even if it does not say so.
    async fn finish(&mut self, message: &[u8]) -> Verdict {
        match self.wire.body(&encode(message), self.limits.block, self.limits.dot).await {
            Ok(reply) if reply.class() == 2 => Verdict::Accepted { code: Some(reply.code), text: reply.text() },
            Ok(reply) => {
                if let Some(verdict) = Verdict::of_refusal(Stage::Body, &reply) {
                    self.reset().await;
                    return verdict;
                }
                self.wire.give_up();
                Verdict::InDoubt(Reason::said(Stage::Body, &reply))
            }
            Err(broken) => Verdict::InDoubt(Reason::here(Stage::Body, broken.to_string())),
        }
    }

    /// A reply that does not go on, before the body. One that is neither yes nor no means that the relay and we are out
    /// of step.
    async fn turned_down(&mut self, stage: Stage, reply: &Reply) -> Verdict {
        if let Some(verdict) = Verdict::of_refusal(stage, reply) {
            self.reset().await;
            return verdict;
        }
        self.wire.give_up();
        Verdict::Deferred(Reason::said(stage, reply))
    }

    /// Clears the relay's side for the next message; a relay that cannot do that is not asked again.
    async fn reset(&mut self) {
        if !self.wire.is_in_step() {
            return;
        }
        match self.wire.command(Rset, self.limits.closing).await {
            Ok(reply) if reply.class() == 2 => {}
            _ => self.wire.give_up(),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("messages", &self.messages).finish_non_exhaustive()
    }
}

/// The connection ended before the body: the relay cannot have the message.
fn not_taken(stage: Stage, broken: &Broken) -> Verdict {
    match broken {
        Broken::Goodbye(reply) => Verdict::Deferred(Reason::said(stage, reply)),
        Broken::Closed | Broken::Io(_) => {
            Verdict::Deferred(Reason { broke: true, ..Reason::here(stage, broken.to_string()) })
        }
        other => Verdict::Deferred(Reason::here(stage, other.to_string())),
    }
}
