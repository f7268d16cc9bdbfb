//! Telling the operator of problems: by a program of theirs, by mail, which may go through a relay of its own, and by a webhook. When somebody is
//! told, and what is kept of that, is the daemon's.

mod program;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::alert::{Alert, AlertChannel, AlertRules};
use crate::config::{AlertSettings, Settings};
use crate::delivery::quiet::QuietHours;
use crate::mail::message::{self, Bodies, Outgoing};
use crate::mail::{MessageId, Purpose, Sender, plain_letter};
use crate::phrase::{Phrase, in_words};
use crate::smtp::{ConnectFailure, Envelope, MessageBytes, Next, Verdict, redact};
use crate::text::InterfaceLanguage;
use crate::transport::Transport;
use crate::webhook::{CallFailure, WebhookMessage, WebhookSender};
use program::ProgramFailure;

/// How long a program may take.
const PROGRAM_LIMIT: Duration = Duration::from_secs(30);

/// How long the handing over of a mail may take: a relay that takes longer is no way to tell somebody something.
const MAIL_LIMIT: Duration = Duration::from_mins(1);

/// Whom to tell, and how. It can be exchanged while the daemon runs. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct AlertDesk(Arc<Mutex<AlertSenders>>);

impl AlertDesk {
    /// As `settings` say.
    pub fn new(settings: &Settings) -> Self {
        Self(Arc::new(Mutex::new(AlertSenders::new(settings))))
    }

    /// The next alert goes where `settings` say.
    pub fn exchange(&self, settings: &Settings) {
        *self.lock() = AlertSenders::new(settings);
    }

    /// Whom to tell, and how, now.
    pub fn current(&self) -> AlertSenders {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, AlertSenders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells somebody.
#[derive(Clone, Debug)]
pub struct AlertSenders {
    settings: Option<AlertSettings>,
    sender: Sender,
    zone: TimeZone,
    folder: PathBuf,
}

/// What a webhook is told.
#[derive(Serialize)]
struct WebhookAlert<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: &'a Alert,
}

/// What came of telling somebody.
#[derive(Debug)]
pub struct AlertAttempt {
    /// Whether they were told; in words.
    pub outcome: Result<String, AlertUnsent>,
    /// What a program said, on one line, without addresses. Empty when it said nothing.
    pub output: String,
}

/// Why somebody was not told, or may not have been. Never with an address.
#[derive(Debug, thiserror::Error)]
pub enum AlertUnsent {
    /// The channel is not set.
    #[error("it is not set in `[alerts]`")]
    Unset,
    /// The program did not do it.
    #[error(transparent)]
    Program(#[from] ProgramFailure),
    /// The mail cannot be written.
    #[error("the mail cannot be written: {0}")]
    Unwritten(anyhow::Error),
    /// There is no connection.
    #[error("{}", .0.with_cause())]
    Unreachable(ConnectFailure),
    /// The relay did not take it, or did not say whether it did.
    #[error("the relay does not take it{}", said_of(.0))]
    NotTaken(Verdict),
    /// The webhook did not take it.
    #[error(transparent)]
    Webhook(#[from] CallFailure),
    /// The relay took too long.
    #[error("the relay did not take it within {} seconds", .0.as_secs())]
    TooSlow(Duration),
}

fn said_of(verdict: &Verdict) -> String {
    verdict.reason().map_or_else(String::new, |reason| format!(": {reason}"))
}

impl AlertSenders {
    /// As `settings` say.
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.alerts.clone(),
            sender: Sender::new(settings),
            zone: settings.zone(),
            folder: settings.path.parent().unwrap_or(std::path::Path::new("")).to_owned(),
        }
    }

    /// The channels that are set.
    pub fn channels(&self) -> Vec<AlertChannel> {
        let Some(settings) = &self.settings else { return Vec::new() };
        let command = settings.command.as_ref().map(|_| AlertChannel::Command);
        let mail = settings.mail.as_ref().map(|_| AlertChannel::Mail);
        let webhook = settings.webhook.as_ref().map(|_| AlertChannel::Webhook);
        [command, mail, webhook].into_iter().flatten().collect()
    }

    /// What is to be told at `now` by `channel`, which `fails` or does not. A program that is called has no night.
    pub fn rules(&self, channel: AlertChannel, fails: bool, now: Timestamp) -> AlertRules {
        let quiet = self.settings.as_ref().and_then(|settings| settings.quiet_hours);
        let quiet = channel != AlertChannel::Webhook
            && quiet.is_some_and(|hours| QuietHours::new(hours, self.zone.clone()).until(now).is_some());
        let (warnings, hours) =
            self.settings.as_ref().map_or((false, 1), |settings| (settings.warnings, settings.repeat_hours));
        let tells_unsent = !fails && self.channels().len() > 1;
        AlertRules { warnings, repeat: SignedDuration::from_hours(hours.into()), quiet, tells_unsent }
    }

    /// The name of the shop.
    pub fn shop(&self) -> &str {
        self.sender.shop.name.as_str()
    }

    /// Tells `alert` by `channel`.
    pub async fn tell(&self, channel: AlertChannel, alert: &Alert) -> AlertAttempt {
        match channel {
            AlertChannel::Command => self.start_program(alert).await,
            AlertChannel::Mail => {
                let sent = tokio::time::timeout(MAIL_LIMIT, self.send_mail(alert)).await;
                let outcome = sent.unwrap_or(Err(AlertUnsent::TooSlow(MAIL_LIMIT)));
                AlertAttempt { outcome, output: String::new() }
            }
            AlertChannel::Webhook => AlertAttempt { outcome: self.call(alert).await, output: String::new() },
        }
    }

    /// A repetition has another name from hour to hour: what is tried again soon has the same one. Each test has its own: whoever asks for
    /// a second one wants to see it arrive.
    async fn call(&self, alert: &Alert) -> Result<String, AlertUnsent> {
        let Some(webhook) = self.settings.as_ref().and_then(|settings| settings.webhook.as_ref()) else {
            return Err(AlertUnsent::Unset);
        };
        let webhook = WebhookSender::new(webhook)?;
        let event = WebhookAlert { kind: "alert", timestamp: alert.at, data: alert };
        let unwritten = |why: serde_json::Error| AlertUnsent::Unwritten(why.into());
        let body = serde_json::to_string(&event).map_err(unwritten)?;
        let about = serde_json::to_string(&alert.problems).map_err(unwritten)?;
        let hour = alert.at.as_second() / 3600;
        let when = if alert.test { alert.at.to_string() } else { hour.to_string() };
        let message = WebhookMessage::new("alert", &[&when, &about], alert.at, body);
        Ok(format!("`{}` answers with {}", webhook.host(), webhook.tell(&message).await?))
    }

    async fn start_program(&self, alert: &Alert) -> AlertAttempt {
        let failed = |failure| AlertAttempt { outcome: Err(failure), output: String::new() };
        let Some(command) = self.settings.as_ref().and_then(|settings| settings.command.clone()) else {
            return failed(AlertUnsent::Unset);
        };
        let mut event = match serde_json::to_vec(alert) {
            Ok(event) => event,
            Err(error) => return failed(ProgramFailure::not_started(&command, &error.into()).into()),
        };
        event.push(b'\n');
        let (words, folder) = (command.clone(), self.folder.clone());
        let run = move || program::run(&words, &folder, event, PROGRAM_LIMIT);
        match tokio::task::spawn_blocking(run).await {
            Ok((ended, output)) => AlertAttempt {
                outcome: ended.map_err(AlertUnsent::from),
                // It may repeat what it was called with.
                output: redact(&in_one_line(&output), ""),
            },
            Err(error) => failed(ProgramFailure::not_started(&command, &std::io::Error::other(error)).into()),
        }
    }

    async fn send_mail(&self, alert: &Alert) -> Result<String, AlertUnsent> {
        let Some(mail) = self.settings.as_ref().and_then(|settings| settings.mail.as_ref()) else {
            return Err(AlertUnsent::Unset);
        };
        let (envelope, bytes, id) = self.write(alert, mail.to.as_str()).map_err(AlertUnsent::Unwritten)?;
        let message = MessageBytes { message_id: id.as_str(), bytes: &bytes };
        let sent = Transport::send(&mail.transport, &envelope, &message, alert.at).await;
        match sent.map_err(AlertUnsent::Unreachable)? {
            Verdict::Accepted { text, .. } => Ok(format!("accepted: {}", redact(&text, ""))),
            verdict if verdict.next() == Next::Done => Ok("accepted".to_owned()),
            verdict => Err(AlertUnsent::NotTaken(verdict)),
        }
    }

    /// What is told, in the language of those who run the shop.
    fn in_words(&self, english: String) -> String {
        in_words(&Phrase::from(english), self.sender.shop.language.unwrap_or(InterfaceLanguage::En))
    }

    /// The mail. A report about it goes to whoever writes: it is not about a member, so nothing here reads it.
    fn write(&self, alert: &Alert, to: &str) -> anyhow::Result<(Envelope, Vec<u8>, MessageId)> {
        let letter = plain_letter(&self.in_words(alert.subject()), self.in_words(alert.text(&self.zone)))?;
        let from = &self.sender.from;
        let id = MessageId::parse(&format!("alert.{}@{}", alert.at.as_microsecond(), from.address.domain()))?;
        let bytes = message::build(Outgoing {
            from,
            reply_to: None,
            to: &to.parse()?,
            subject: &letter.subject,
            bodies: Bodies::of(&letter)?,
            date: alert.at,
            id: &id,
            purpose: &Purpose::Functional,
            dkim: self.sender.dkim.as_ref(),
        })?;
        Ok((Envelope::new(from.address.as_str(), to)?, bytes, id))
    }
}

/// Words between single spaces, without what a terminal or a log would take for something else.
fn in_one_line(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
