//! The letters that `preview` writes and `test` sends: a sample, or a campaign's own.

use std::path::Path;

use super::Context;
use crate::campaign::{Campaign, Schedule};
use crate::config::Settings;
use crate::files::read_text;
use crate::finding::Finding;
use crate::mail::message::{self, BuildError, Outgoing};
use crate::mail::{
    Confirmation, Kind, MessageId, Purpose, Recipient, Rendered, SaleLetter, Sender, TemplateSet, Texts, samples,
};
use crate::member::{Address, Language};

/// Writes sample letters for one sender.
pub(super) struct Writer {
    /// Who signs.
    pub(super) sender: Sender,
    templates: TemplateSet,
    schedule: Option<Schedule>,
    recipient: Recipient,
}

impl Writer {
    /// A writer for the shop of the settings, or for the example shop.
    pub(super) fn new(settings: Option<&Settings>, templates: TemplateSet) -> anyhow::Result<Self> {
        let sender = match settings {
            Some(settings) => Sender::new(&settings.shop, &settings.mail),
            None => samples::sender()?,
        };
        let [mut recipient, _] = samples::recipients()?;
        if let Some(settings) = settings {
            recipient.unsubscribe_url = settings.public.url.below("u/sample")?;
        }
        Ok(Self { sender, templates, schedule: None, recipient })
    }

    /// The same, for the campaign of `file`; or what is wrong with the file.
    pub(super) fn with_campaign(
        mut self,
        file: &Path,
        context: &Context,
    ) -> anyhow::Result<Result<Self, Vec<Finding>>> {
        let document = read_text(file)?;
        let calendar = crate::cli::calendar::load(context)?;
        let schedule = Campaign::parse(&document).and_then(|campaign| campaign.resolve(&calendar));
        Ok(schedule.map(|schedule| {
            self.schedule = Some(schedule);
            self
        }))
    }

    /// The languages that the campaign's mailing of this kind is written in; every language without one.
    pub(super) fn languages(&self, kind: Kind) -> Vec<Language> {
        let mailing =
            self.schedule.iter().flat_map(|schedule| &schedule.mailings).find(|it| Kind::Sale(it.kind.into()) == kind);
        mailing.map_or_else(|| Language::ALL.to_vec(), |mailing| mailing.languages.clone())
    }

    /// The letter, and what it is for.
    pub(super) fn write(&self, kind: Kind, language: Language) -> anyhow::Result<(Rendered, Purpose)> {
        let Kind::Sale(sale_kind) = kind else {
            let sample = samples::confirmation(language)?;
            let confirmation = Confirmation { shop: self.sender.shop.clone(), ..sample };
            return Ok((self.templates.confirmation(&confirmation)?, Purpose::Functional));
        };
        let shop = &self.sender.shop;
        let letter = match &self.schedule {
            Some(schedule) => {
                let mailing = schedule.mailings.iter().find(|mailing| Kind::Sale(mailing.kind.into()) == kind);
                SaleLetter::of_schedule(schedule, mailing, language, shop)
            }
            None => {
                SaleLetter { language, shop: shop.clone(), sale: samples::sale(language)?, texts: Texts::default() }
            }
        };
        let rendered = self.templates.prepare(sale_kind, &letter)?.for_recipient(&self.recipient)?;
        Ok((rendered, self.sender.mailing(self.recipient.unsubscribe_url.clone(), &["sample", kind.name()])))
    }

    /// The message that carries a letter, made at `now`.
    pub(super) fn message(
        &self,
        (letter, purpose): (&Rendered, &Purpose),
        to: &Address,
        id: &MessageId,
        now: jiff::Timestamp,
    ) -> Result<Vec<u8>, BuildError> {
        let reply_to = self.sender.reply_to.as_ref();
        message::build(&Outgoing { from: &self.sender.from, reply_to, to, letter, date: now, id, purpose })
    }
}
