//! What became of a message, and what follows from it. Values and functions only.
//!
//! | what happened | verdict | what next |
//! |---|---|---|
//! | 2xx to the final dot | accepted | done |
//! | 4xx at any step, or the connection broke or stalled before the body | deferred | retry later |
//! | 5xx at any step | refused | give up, but at MAIL, where it is about the sender: retry later |
//! | the connection broke or stalled from the body on | in doubt | ask a person |
//! | 421 at any step | deferred, and the connection ends | retry later; before the body it need not be about the message |

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::reply::{Enhanced, Reply};

/// Where an attempt ended: the step at which something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The return path was named.
    Mail,
    /// The recipient was named.
    Recipient,
    /// The relay was asked to take the body.
    Data,
    /// The body and its final dot.
    Body,
    /// The letter went into a folder: no relay was asked.
    Folder,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 5] = [Self::Mail, Self::Recipient, Self::Data, Self::Body, Self::Folder];

    /// One lower-case word, for storing and for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Recipient => "recipient",
            Self::Data => "data",
            Self::Body => "body",
            Self::Folder => "folder",
        }
    }
}

/// The text names no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a step at which an attempt can end")]
pub struct NoStage;

impl FromStr for Stage {
    type Err = NoStage;

    fn from_str(text: &str) -> Result<Self, NoStage> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or(NoStage)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The step at which it was said.
    pub stage: Stage,
    /// The reply code; `None` when the relay said nothing and it was decided here.
    pub code: Option<u16>,
    /// The enhanced status, when the relay gave one.
    pub enhanced: Option<Enhanced>,
    /// The whole text, without the addresses of the envelope.
    pub text: String,
    /// Whether the other end closed the connection, or it broke, instead of an answer.
    pub broke: bool,
}

impl Reason {
    /// A reason found on this side of the connection.
    pub(crate) fn here(stage: Stage, text: impl Into<String>) -> Self {
        Self { stage, code: None, enhanced: None, text: text.into(), broke: false }
    }

    /// A reason that the relay gave.
    pub(super) fn said(stage: Stage, reply: &Reply) -> Self {
        let text = reply.text();
        Self { stage, code: Some(reply.code), enhanced: Enhanced::find(reply.code, &text), text, broke: false }
    }

    /// Whether the connection broke off before the body left: the relay has nothing of the message, and need not have meant
    /// it.
    pub fn breaks_off(&self) -> bool {
        (self.broke || self.code == Some(421)) && matches!(self.stage, Stage::Mail | Stage::Recipient | Stage::Data)
    }

    /// Whether the relay complains about this message rather than about who sends it: too big (RFC 1870) or a content
    /// or syntax it does not take.
    fn is_about_the_message(&self) -> bool {
        let status = self.enhanced.map(|status| (status.subject, status.detail));
        matches!(self.code, Some(552)) || matches!(status, Some((2, 3) | (3, 4) | (6, _)))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: ", self.stage)?;
        if let Some(code) = self.code {
            write!(f, "{code} ")?;
        }
        f.write_str(&self.text)
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a verdict that is not recorded is a message lost"]
pub enum Verdict {
    /// The relay has it, or the folder.
    Accepted {
        /// The relay's code; `None` for a folder, where nobody is written to.
        code: Option<u16>,
        /// What the relay said, often with the id of its queue.
        text: String,
    },
    /// The relay does not have it, and may take it later.
    Deferred(Reason),
    /// The relay does not have it and does not want it.
    Refused(Reason),
    /// Nobody here can know whether the relay has it.
    InDoubt(Reason),
}

/// What follows from a verdict for mail that is sent at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Done,
    /// Offer it again later, within its deadline.
    RetryLater,
    /// Never offer it again.
    GiveUp,
    /// Only a person may have it offered again.
    AskPerson,
}

impl Verdict {
    /// What follows. Mail that is sent at least once treats [`Next::AskPerson`] as [`Next::RetryLater`].
    ///
    /// A refusal at MAIL is no judgement on the recipient: it comes before the recipient is named. It is retried, so
    /// that a relay that forgot who may use it does not end a whole mailing.
    pub fn next(&self) -> Next {
        match self {
            Self::Accepted { .. } => Next::Done,
            Self::Deferred(_) => Next::RetryLater,
            Self::Refused(reason) if blames_the_sender(reason) => Next::RetryLater,
            Self::Refused(_) => Next::GiveUp,
            Self::InDoubt(_) => Next::AskPerson,
        }
    }

    /// Whether this relay should be left alone for a while: it said 421, or it refuses us as a sender.
    pub fn needs_back_off(&self) -> bool {
        match self {
            Self::Deferred(reason) => reason.code == Some(421),
            Self::Refused(reason) => blames_the_sender(reason),
            Self::Accepted { .. } | Self::InDoubt(_) => false,
        }
    }

    /// Why it was not accepted.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Accepted { .. } => None,
            Self::Deferred(reason) | Self::Refused(reason) | Self::InDoubt(reason) => Some(reason),
        }
    }

    /// The verdict of a negative reply; `None` when the reply is not negative.
    pub(super) fn of_refusal(stage: Stage, reply: &Reply) -> Option<Self> {
        match reply.class() {
            4 => Some(Self::Deferred(Reason::said(stage, reply))),
            5 => Some(Self::Refused(Reason::said(stage, reply))),
            _ => None,
        }
    }

    /// The same verdict with its text changed by `change`.
    pub(super) fn with_text(mut self, change: impl FnOnce(&str) -> String) -> Self {
        let text = match &mut self {
            Self::Accepted { text, .. } => text,
            Self::Deferred(reason) | Self::Refused(reason) | Self::InDoubt(reason) => &mut reason.text,
        };
        *text = change(text);
        self
    }
}

fn blames_the_sender(reason: &Reason) -> bool {
    reason.stage == Stage::Mail && reason.code.is_some() && !reason.is_about_the_message()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stage: Stage, code: u16, text: &str, next: Next, rests: bool) {
        let reply = Reply { code, lines: vec![text.to_owned()] };
        let verdict = Verdict::of_refusal(stage, &reply).unwrap();
        assert_eq!((verdict.next(), verdict.needs_back_off()), (next, rests), "{verdict:?}");
    }

    #[test]
    fn what_follows_from_a_reply() {
        use Next::{GiveUp, RetryLater};
        check(Stage::Recipient, 550, "5.1.1 unknown", GiveUp, false);
        check(Stage::Recipient, 451, "4.7.1 greylisted", RetryLater, false);
        check(Stage::Recipient, 421, "4.7.0 too many", RetryLater, true);
        check(Stage::Body, 554, "5.7.1 spam", GiveUp, false);
        check(Stage::Body, 452, "4.3.1 disk full", RetryLater, false);
        check(Stage::Mail, 530, "5.7.0 log in first", RetryLater, true);
        check(Stage::Mail, 550, "5.7.515 sender not authenticated", RetryLater, true);
        check(Stage::Mail, 552, "5.3.4 too big", GiveUp, false);
        check(Stage::Mail, 550, "5.6.7 no UTF-8", GiveUp, false);
    }

    #[test]
    fn what_was_decided_here() {
        let reason = || Reason::here(Stage::Mail, "too big");
        assert_eq!(Verdict::Refused(reason()).next(), Next::GiveUp);
        assert!(!Verdict::Refused(reason()).needs_back_off());
        assert_eq!(Verdict::InDoubt(reason()).next(), Next::AskPerson);
        assert_eq!(Verdict::Accepted { code: Some(250), text: String::new() }.next(), Next::Done);
    }

    #[test]
    fn a_positive_reply_is_no_refusal() {
        assert_eq!(Verdict::of_refusal(Stage::Body, &Reply { code: 250, lines: vec![] }), None);
        assert_eq!(Verdict::of_refusal(Stage::Data, &Reply { code: 354, lines: vec![] }), None);
    }
}
