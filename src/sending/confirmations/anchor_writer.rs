//! Writes the mails that carry new lines of the file of anchors to one mailbox.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::writer::FinishedLetter;
use crate::config::Settings;
use crate::db::anchors::UnmailedLines;
use crate::mail::message::{self, Bodies, Outgoing};
use crate::mail::{AnchorsLetter, MessageId, Purpose, Sender};
use crate::member::Address;
use crate::smtp::Envelope;

/// Writes such mails.
#[derive(Clone, Debug)]
pub struct AnchorWriter {
    to: Address,
    sender: Sender,
}

impl AnchorWriter {
    /// For the mailbox that `settings` name, if they name one.
    pub(super) fn new(settings: &Settings) -> Option<Self> {
        let to = settings.anchor_to.clone()?;
        Some(Self { to, sender: Sender::new(settings) })
    }

    /// The mail with `lines`, dated `now`, and its Message-ID, which is the same for the same lines. A report about it goes to
    /// whoever writes: it is not about a member, so nothing here reads it.
    pub(super) fn write(&self, lines: &UnmailedLines, now: Timestamp) -> anyhow::Result<(FinishedLetter, MessageId)> {
        let letter = AnchorsLetter {
            shop: &self.sender.shop.name,
            day: lines.anchor.at.to_zoned_datetime(TimeZone::UTC).date(),
            line: lines.anchor.head.seq,
            lines: &lines.text,
        };
        let letter = letter.render()?;
        let from = &self.sender.from;
        let id = MessageId::parse(&format!("{}a{}@{}", lines.file, lines.end, from.address.domain()))?;
        let bytes = message::build(Outgoing {
            from,
            reply_to: self.sender.reply_to.as_ref(),
            to: &self.to,
            subject: &letter.subject,
            bodies: Bodies::of(&letter)?,
            date: now,
            id: &id,
            purpose: &Purpose::Functional,
            dkim: self.sender.dkim.as_ref(),
        })?;
        let envelope = Envelope::new(from.address.as_str(), self.to.as_str())?;
        Ok((FinishedLetter { envelope, bytes }, id))
    }
}
