//! Writes a confirmation letter.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{JoinSettings, Settings};
use crate::db::signups::ConfirmationLetter;
use crate::keys::Keyring;
use crate::keys::hex::to_hex;
use crate::mail::message::{self, Outgoing};
use crate::mail::{Confirmation, MessageId, Purpose, Sender, TemplateSource};
use crate::smtp::Envelope;
use crate::text::WebAddress;

/// Writes a letter.
pub(super) struct ConfirmationWriter {
    keyring: Keyring,
    templates: TemplateSource,
    sender: Sender,
    public_url: WebAddress,
    return_domain: String,
    zone: TimeZone,
}

/// A finished letter.
pub(super) struct FinishedLetter {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

impl ConfirmationWriter {
    pub(super) fn new(settings: &Settings, join: &JoinSettings, keyring: Keyring) -> Self {
        Self {
            keyring,
            templates: TemplateSource::open(settings.mail.templates.clone()),
            sender: Sender::new(&settings.shop, &settings.mail),
            public_url: settings.public.url.clone(),
            return_domain: settings.mail.return_domain.clone(),
            zone: join.zone.clone(),
        }
    }

    /// The letter, dated `now`.
    pub(super) fn write(&mut self, letter: &ConfirmationLetter, now: Timestamp) -> anyhow::Result<FinishedLetter> {
        let confirmation = Confirmation {
            language: letter.language,
            shop: self.sender.shop.clone(),
            confirm_url: self.public_url.below(&format!("confirm/{}", letter.token.as_str()))?,
            requested: letter.requested_at.to_zoned_datetime(self.zone.clone()),
            expires: letter.expires_at.to_zoned_datetime(self.zone.clone()),
        };
        // With the templates as they are now: mended ones count at once.
        self.templates.look_again();
        let templates = self.templates.set().map_err(|findings| match findings.first() {
            Some(first) => anyhow::anyhow!("{}: {}", first.place, first.message),
            None => anyhow::anyhow!("the templates cannot be used"),
        })?;
        let rendered = templates.confirmation(&confirmation)?;
        let id = MessageId::parse(&letter.message_id)?;
        let bytes = message::build(&Outgoing {
            from: &self.sender.from,
            reply_to: self.sender.reply_to.as_ref(),
            to: &letter.address,
            letter: &rendered,
            date: now,
            id: &id,
            purpose: &Purpose::Functional,
        })?;
        let envelope = Envelope::new(&self.return_path(letter.id), letter.address.as_str())?;
        Ok(FinishedLetter { envelope, bytes })
    }

    /// A report that comes back names the sign-up, and cannot be forged without the keys.
    fn return_path(&self, sign_up: i64) -> String {
        let mac = self.keyring.mac("confirmation-return-path", &[&sign_up.to_be_bytes()]);
        format!("c+{sign_up}.{}@{}", to_hex(mac.get(..8).unwrap_or(&mac)), self.return_domain)
    }
}
