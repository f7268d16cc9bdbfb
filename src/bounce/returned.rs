//! A message that came back, read: which kind it is, whom it names, and what it says of each.

use std::fmt;

use serde::{Serialize, Serializer};

use super::MOST_BYTES;
use super::classify::{BounceEvidence, code_in, status_in};
use super::mime::{Dissected, Fields, TextPart, dissect};
use super::pattern::folded;
use super::sns::{self, SesEvent};
use super::table::{BounceClass, BounceTable, Told, ToldKind};
use super::texts::{addresses_in, recipient_blocks, split_returned};
use super::traces::{Traces, without_people};
use crate::smtp::Enhanced;

/// What a complaint is about (RFC 5965 7.3, RFC 6591).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackKind {
    /// The person does not want it: `abuse`, `fraud`, `virus`, `opt-out`, `other`, or nothing that is known.
    Unwanted,
    /// The person wants it after all.
    NotSpam,
    /// A server tells of its checks of a signature.
    AuthFailure,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnedKind {
    /// It could not be delivered.
    Failure,
    /// It is late, and goes on being tried.
    Delay,
    /// It was delivered, handed on or expanded.
    Delivered,
    /// A complaint.
    Complaint(FeedbackKind),
    /// A mail to the address that unsubscribes.
    Unsubscribe,
    /// An answer by a machine in a person's stead.
    AutoReply,
    /// Anything else: an answer by a person.
    Other,
}

impl ReturnedKind {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Delay => "delay",
            Self::Delivered => "delivered",
            Self::Complaint(FeedbackKind::Unwanted) => "complaint",
            Self::Complaint(FeedbackKind::NotSpam) => "not-spam",
            Self::Complaint(FeedbackKind::AuthFailure) => "auth-failure",
            Self::Unsubscribe => "unsubscribe",
            Self::AutoReply => "auto-reply",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ReturnedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ReturnedKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a report says of one recipient.
#[derive(Clone, Debug)]
pub struct Undelivered {
    /// By which addresses the report names the person, in lower case; none when it hides them.
    pub addresses: Vec<String>,
    /// What it says.
    pub class: BounceClass,
    /// The status that counted.
    pub status: Option<Enhanced>,
    /// The reply code, when there was one.
    pub code: Option<u16>,
    /// What was said, on one line and without anybody's address.
    pub said: String,
}

/// A message that came back.
#[derive(Clone, Debug)]
pub struct Returned {
    /// What it is.
    pub kind: ReturnedKind,
    /// What it says of each recipient. Empty unless it is a failure.
    pub recipients: Vec<Undelivered>,
    /// What could prove whom it is about.
    pub traces: Traces,
}

/// Reads a message. Any bytes are read; what is no report is an answer by somebody. `recipient` is the address that the mail server
/// says it came to, where it says so.
pub fn read(bytes: &[u8], recipient: Option<&str>, table: &BounceTable) -> Returned {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let mail = dissect(bytes);
    let traces = Traces::find(bytes, &mail, recipient);
    let (kind, recipients) = ReportReader { table, mail: &mail }.read();
    let kind = match kind {
        ReturnedKind::Other | ReturnedKind::AutoReply if !traces.asked_by.is_empty() => ReturnedKind::Unsubscribe,
        kind => kind,
    };
    Returned { kind, recipients, traces }
}

struct ReportReader<'a> {
    table: &'a BounceTable,
    mail: &'a Dissected,
}

impl ReportReader<'_> {
    fn read(&self) -> (ReturnedKind, Vec<Undelivered>) {
        if let Some(feedback) = self.part(|kind| kind == "message/feedback-report") {
            return (ReturnedKind::Complaint(feedback_kind(Fields::read(feedback).get("feedback-type"))), Vec::new());
        }
        let texts = self.texts();
        if let Some(event) = sns::read(&texts) {
            return self.of_notice(event);
        }
        let (told, _) = split_returned(&texts, self.table);
        let status_part =
            self.part(|kind| kind == "message/delivery-status" || kind == "message/global-delivery-status");
        let blocks = status_part.map(recipient_blocks).filter(|blocks| !blocks.is_empty());
        let blocks = blocks.unwrap_or_else(|| recipient_blocks(told));
        if blocks.is_empty()
            && let Some(inner) = self.enclosed_report()
        {
            return (ReportReader { table: self.table, mail: &inner }).read();
        }
        if blocks.is_empty() { self.of_words(told) } else { self.of_blocks(&blocks, told) }
    }

    /// A report inside this message: gateways wrap them. One level, and only what has the fields of a status.
    fn enclosed_report(&self) -> Option<Dissected> {
        let enclosed = self.part(|kind| kind == "message/rfc822")?;
        let inner = dissect(enclosed.as_bytes());
        let tells =
            |part: &TextPart| part.kind == "message/delivery-status" && !recipient_blocks(&part.text).is_empty();
        inner.parts.iter().any(tells).then_some(inner)
    }

    fn part(&self, wanted: impl Fn(&str) -> bool) -> Option<&str> {
        self.mail.parts.iter().find(|part| wanted(&part.kind)).map(|part| part.text.as_str())
    }

    /// The texts for people, without those that come back with the report: plain ones, or the others where there is none.
    fn texts(&self) -> String {
        let of_kind = |wanted: &str| -> String {
            let texts = self.mail.parts.iter().filter(|part| part.kind == wanted).map(|part| part.text.as_str());
            texts.collect::<Vec<_>>().join("\n")
        };
        let plain = of_kind("text/plain");
        if !plain.trim().is_empty() {
            return plain;
        }
        let html = of_kind("text/html");
        if !html.trim().is_empty() {
            return html;
        }
        // A type that does not exist, around a text.
        let rest = self
            .mail
            .parts
            .iter()
            .filter(|part| !part.kind.starts_with("message/") && part.kind != "text/rfc822-headers");
        rest.map(|part| part.text.as_str()).next().unwrap_or_default().to_owned()
    }

    fn of_blocks(&self, blocks: &[Fields], told: &str) -> (ReturnedKind, Vec<Undelivered>) {
        let action = |block: &Fields| block.get("action").unwrap_or("failed").trim().to_ascii_lowercase();
        let failed: Vec<&Fields> = blocks
            .iter()
            .filter(|block| {
                !["delayed", "delivered", "relayed", "expanded"].iter().any(|done| action(block).starts_with(done))
            })
            .collect();
        if failed.is_empty() {
            let delayed = blocks.iter().any(|block| action(block).starts_with("delayed"));
            return (if delayed { ReturnedKind::Delay } else { ReturnedKind::Delivered }, Vec::new());
        }
        let alone = failed.len() == 1;
        (ReturnedKind::Failure, failed.into_iter().map(|block| self.of_block(block, told, alone)).collect())
    }

    fn of_block(&self, block: &Fields, told: &str, alone: bool) -> Undelivered {
        let mut addresses: Vec<String> = ["original-recipient", "final-recipient", "x-actual-recipient"]
            .into_iter()
            .flat_map(|name| block.all(name).flat_map(addresses_in))
            .collect();
        addresses.dedup();
        let status = block.get("status").unwrap_or_default();
        let diagnostic = block.all("diagnostic-code").collect::<Vec<_>>().join(" ");
        let said = match diagnostic.split_once(';') {
            Some((kind, said)) if kind.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
                said.trim()
            }
            _ => diagnostic.trim(),
        };
        let mut evidence = BounceEvidence {
            status: status_in(status),
            said: status_in(said),
            code: code_in(said),
            text: said.to_owned(),
            around: format!("{status} {}", if alone { told } else { "" }),
        };
        let mut class = evidence.class(self.table);
        // Some leave the fields empty and say it in words, and some cut the words off.
        if alone && class == BounceClass::Unknown {
            let words = BounceEvidence {
                said: evidence.said.or_else(|| status_in(told)),
                code: evidence.code.or_else(|| code_of_lines(told)),
                text: told.to_owned(),
                ..evidence.clone()
            };
            class = words.class(self.table);
            if said.is_empty() {
                evidence = words;
            }
        }
        // The words for people know of a mailbox that is there, and the fields do not.
        if alone
            && class.is_dead()
            && let Some(there @ (BounceClass::MailboxFull | BounceClass::MailboxDisabled)) =
                self.table.of_words(&folded(told))
        {
            class = there;
        }
        undelivered(addresses, class, &evidence)
    }

    fn of_notice(&self, event: SesEvent) -> (ReturnedKind, Vec<Undelivered>) {
        match event {
            SesEvent::Nothing => (ReturnedKind::Delivered, Vec::new()),
            SesEvent::Complained(kind) => (ReturnedKind::Complaint(feedback_kind(kind.as_deref())), Vec::new()),
            SesEvent::Bounced(recipients) => {
                let told = recipients.into_iter().take(100).map(|recipient| {
                    let text = recipient.diagnostic_code.clone().unwrap_or_default();
                    let said = text.split_once(';').map_or(text.as_str(), |(_, said)| said).trim().to_owned();
                    let evidence = BounceEvidence {
                        status: recipient.status.as_deref().and_then(status_in),
                        said: status_in(&said),
                        code: code_in(&said),
                        text: said,
                        around: String::new(),
                    };
                    undelivered(recipient.addresses(), evidence.class(self.table), &evidence)
                });
                (ReturnedKind::Failure, told.collect())
            }
        }
    }

    /// A message without the fields of a status: what its sender, its subject and its words tell.
    fn of_words(&self, told: &str) -> (ReturnedKind, Vec<Undelivered>) {
        let fields = &self.mail.fields;
        let failed = fields.get("x-failed-recipients");
        let (from, subject, text) =
            (folded(&self.mail.from.replace('@', " ")), folded(&self.mail.subject), folded(told));
        let told_by = Told { from: &from, subject: &subject, text: &text };
        let failure = self.table.tells(ToldKind::Failure, &told_by);
        let automatic =
            fields.get("auto-submitted").is_some_and(|value| value.to_ascii_lowercase().starts_with("auto-"));
        let answers = ["x-autoreply", "x-autorespond", "x-auto-reply"].iter().any(|name| fields.get(name).is_some())
            || fields.get("precedence").is_some_and(|value| value.eq_ignore_ascii_case("auto_reply"))
            || self.table.tells(ToldKind::AutoReply, &told_by).subject;
        if failed.is_none() && !failure.from && (answers || (automatic && !failure.subject)) {
            return (ReturnedKind::AutoReply, Vec::new());
        }
        let from_nobody = fields.get("return-path").is_some_and(|path| path.trim() == "<>");
        let signs = [failure.from, failure.subject, failure.text, from_nobody].into_iter().filter(|sign| *sign).count();
        if failed.is_none() && signs < 2 {
            return (if automatic { ReturnedKind::AutoReply } else { ReturnedKind::Other }, Vec::new());
        }
        let delay = self.table.tells(ToldKind::Delay, &told_by);
        if delay.text || (delay.subject && !failure.text) {
            return (ReturnedKind::Delay, Vec::new());
        }
        let addresses =
            failed.map(addresses_in).filter(|found| !found.is_empty()).unwrap_or_else(|| addresses_in(told));
        let evidence = BounceEvidence {
            status: None,
            said: status_in(told),
            code: code_of_lines(told),
            text: if text.is_empty() { self.mail.subject.clone() } else { told.to_owned() },
            around: told.to_owned(),
        };
        (ReturnedKind::Failure, vec![undelivered(addresses, evidence.class(self.table), &evidence)])
    }
}

fn undelivered(addresses: Vec<String>, class: BounceClass, evidence: &BounceEvidence) -> Undelivered {
    let said = without_people(&evidence.text, &addresses);
    Undelivered { addresses, class, status: evidence.best_status(), code: evidence.code, said }
}

/// The first reply code of a text, looked for line by line: it may stand at the beginning of any.
fn code_of_lines(text: &str) -> Option<u16> {
    text.lines().find_map(|line| code_in(line.trim_start_matches(['>', '<', ' ', '\t'])))
}

fn feedback_kind(word: Option<&str>) -> FeedbackKind {
    match word.map(str::trim).unwrap_or_default().to_ascii_lowercase().as_str() {
        "not-spam" => FeedbackKind::NotSpam,
        "auth-failure" | "dmarc" => FeedbackKind::AuthFailure,
        _ => FeedbackKind::Unwanted,
    }
}
