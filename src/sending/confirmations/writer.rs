//! Writes the letters about a consent: those that ask for a confirmation, and those that ask whether to go on.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Settings;
use crate::db::renewals::RenewalLetter;
use crate::db::signups::ConfirmationLetter;
use crate::keys::Keyring;
use crate::mail::message::{self, Bodies, Outgoing};
use crate::mail::{
    Confirmation, Kind, MessageId, Purpose, Recipient, Rendered, Renewal, Sender, TemplateSet, TemplateSource, WayOut,
};
use crate::member::{Address, preferences_token, renewal, sign_up, unsubscribe_token};
use crate::smtp::Envelope;
use crate::text::WebAddress;

/// Writes letters.
pub(super) struct ConfirmationWriter {
    keyring: Keyring,
    templates: TemplateSource,
    sender: Sender,
    public_url: WebAddress,
    return_domain: String,
    zone: TimeZone,
    lifetime_months: u8,
}

/// A finished letter.
pub(super) struct FinishedLetter {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

impl ConfirmationWriter {
    pub(super) fn new(settings: &Settings, keyring: Keyring) -> Self {
        Self {
            keyring,
            templates: TemplateSource::open(settings.mail.templates.clone()),
            sender: Sender::new(settings),
            public_url: settings.public.url.clone(),
            return_domain: settings.mail.return_domain.clone(),
            zone: settings.zone(),
            lifetime_months: settings.consent.lifetime_months,
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
        let rendered = self.templates()?.confirmation(&confirmation)?;
        let return_path = sign_up::return_path(&self.keyring, letter.id, letter.token.digest(), &self.return_domain);
        self.finished(&rendered, (&letter.address, &letter.message_id), &Purpose::Functional, &return_path, now)
    }

    /// The letter that asks whether to go on, dated `now`.
    pub(super) fn write_renewal(&mut self, letter: &RenewalLetter, now: Timestamp) -> anyhow::Result<FinishedLetter> {
        let unsubscribe_url =
            self.public_url.below(&format!("u/{}", unsubscribe_token(&self.keyring, &letter.pseudonym)))?;
        let preferences_url =
            self.public_url.below(&format!("p/{}", preferences_token(&self.keyring, &letter.pseudonym)))?;
        let renewal = Renewal {
            language: letter.language,
            shop: self.sender.shop.clone(),
            renew_url: self.public_url.below(&format!("renew/{}", letter.token.as_str()))?,
            ends: letter.ends_at.to_zoned_datetime(self.zone.clone()),
            lifetime_months: self.lifetime_months,
        };
        let recipient = Recipient {
            unsubscribe_url: unsubscribe_url.clone(),
            preferences_url: Some(preferences_url),
            confirmed_on: letter.act_at.to_zoned_datetime(self.zone.clone()).date(),
        };
        let rendered = self.templates()?.renewal(&renewal, &recipient)?;
        let way_out = WayOut { unsubscribe: unsubscribe_url, mailbox: None };
        let purpose = Purpose::Mailing(self.sender.mailing(&[Kind::Renewal.name()]), way_out);
        let return_path = renewal::return_path(&self.keyring, letter.member_id, letter.act_at, &self.return_domain);
        self.finished(&rendered, (&letter.address, &letter.message_id), &purpose, &return_path, now)
    }

    /// The templates as they are now: mended ones count at once.
    pub(super) fn templates(&mut self) -> anyhow::Result<&TemplateSet> {
        self.templates.look_again();
        self.templates.set().map_err(|findings| match findings.first() {
            Some(first) => anyhow::anyhow!("{}: {}", first.place, first.message),
            None => anyhow::anyhow!("the templates cannot be used"),
        })
    }

    fn finished(
        &self,
        letter: &Rendered,
        (to, message_id): (&Address, &str),
        purpose: &Purpose,
        return_path: &str,
        now: Timestamp,
    ) -> anyhow::Result<FinishedLetter> {
        let id = MessageId::parse(message_id)?;
        let bytes = message::build(Outgoing {
            from: &self.sender.from,
            reply_to: self.sender.reply_to.as_ref(),
            to,
            subject: &letter.subject,
            bodies: Bodies::of(letter)?,
            date: now,
            id: &id,
            purpose,
            dkim: self.sender.dkim.as_ref(),
        })?;
        Ok(FinishedLetter { envelope: Envelope::new(return_path, to.as_str())?, bytes })
    }
}
