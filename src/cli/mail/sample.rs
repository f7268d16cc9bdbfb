//! The letters that `preview` writes and `test` sends: a sample, or a campaign's own. Those about a sale are written by the
//! same function as those of the senders and of every check.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use super::Context;
use crate::campaign::{Campaign, MailingKind, PlannedMailing, Schedule};
use crate::cli::campaign::offers;
use crate::config::Settings;
use crate::db::{Store, prices};
use crate::files::read_text;
use crate::finding::{Finding, has_error, in_lines};
use crate::mail::message::{self, Bodies, Outgoing};
use crate::mail::{
    Addressee, Confirmation, Kind, LetterCopy, MailingLetters, MessageId, Purpose, Recipient, Rendered, Renewal,
    SaleKind, Sender, ShopWindow, TemplateSet, WayOut, samples,
};
use crate::member::{Address, Language};
use crate::phrase;
use crate::phrase::Phrase;
use crate::price::Showcase;
use crate::sending::shop_law::ShopLaw;
use crate::text::WebAddress;

/// Who gets what is only looked at.
pub(in crate::cli) const SAMPLE_READER: &str = "camille@example.net";

/// Writes sample letters for one sender.
pub(in crate::cli) struct Writer {
    /// Who signs.
    pub(in crate::cli) sender: Sender,
    templates: TemplateSet,
    schedule: Option<(Schedule, Showcase)>,
    unsubscribe: WebAddress,
    preferences: WebAddress,
}

/// The letters of one kind that there are to see.
pub(in crate::cli) enum SampleLetters {
    /// Those of a mailing.
    Sale(Box<MailingLetters>),
    /// The one that asks a person to confirm.
    Confirmation {
        /// Whether it is marked as a test.
        test: bool,
    },
    /// The one that asks a person whether to go on.
    Renewal {
        /// Whether it is marked as a test.
        test: bool,
    },
}

/// Whether a campaign sends a letter that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum CampaignSends {
    /// It does.
    Yes,
    /// It sends no letter of the kind.
    NoneOfTheKind,
    /// It sends such letters, in other languages.
    OtherLanguages,
}

/// Who a sample is for.
pub(in crate::cli) struct For<'a> {
    /// The person.
    pub(in crate::cli) to: &'a Address,
    /// In which language.
    pub(in crate::cli) language: Language,
    /// The id of the message.
    pub(in crate::cli) id: &'a MessageId,
    /// When it is made.
    pub(in crate::cli) now: Timestamp,
}

impl CampaignSends {
    /// What is said of a letter that the campaign does not send.
    pub(in crate::cli) fn note(self) -> Option<Phrase> {
        match self {
            Self::Yes => None,
            Self::NoneOfTheKind => Some(phrase!("preview-not-sent")),
            Self::OtherLanguages => Some(phrase!("preview-not-in-language")),
        }
    }
}

impl SampleLetters {
    /// What the letters are called: the kind, or the mailing's name where there are several of the kind.
    pub(in crate::cli) fn name(&self) -> &str {
        match self {
            Self::Sale(letters) => letters.mailing(),
            Self::Confirmation { .. } => Kind::Confirmation.name(),
            Self::Renewal { .. } => Kind::Renewal.name(),
        }
    }

    /// The languages that they are written in.
    pub(in crate::cli) fn languages(&self) -> Vec<Language> {
        match self {
            Self::Sale(letters) => letters.languages().collect(),
            Self::Confirmation { .. } | Self::Renewal { .. } => Language::ALL.to_vec(),
        }
    }

    /// The same letters, marked in the subject so that nobody takes them for real ones.
    pub(in crate::cli) fn into_test(self) -> Self {
        match self {
            Self::Sale(letters) => Self::Sale(Box::new(letters.into_test())),
            Self::Confirmation { .. } => Self::Confirmation { test: true },
            Self::Renewal { .. } => Self::Renewal { test: true },
        }
    }
}

impl Writer {
    /// A writer for the shop of the settings, or for the example shop.
    pub(in crate::cli) fn new(settings: Option<&Settings>, templates: TemplateSet) -> anyhow::Result<Self> {
        let (sender, public_url) = match settings {
            Some(settings) => (Sender::new(settings), settings.public.url.clone()),
            None => (samples::sender()?, samples::public_url()?),
        };
        Ok(Self {
            sender,
            templates,
            schedule: None,
            unsubscribe: public_url.below("u/sample")?,
            preferences: public_url.below("p/sample")?,
        })
    }

    /// The same, for the campaign of `file`; or what is wrong with the file.
    pub(in crate::cli) fn with_campaign(
        mut self,
        file: &Path,
        context: &Context,
    ) -> anyhow::Result<Result<Self, Vec<Finding>>> {
        let document = read_text(file)?;
        let calendar = crate::cli::calendar::load(context)?;
        let read = Campaign::parse(&document).and_then(|campaign| Ok((campaign.resolve(&calendar)?, campaign)));
        let (schedule, campaign) = match read {
            Ok(read) => read,
            Err(findings) => return Ok(Err(findings)),
        };
        let store = context.settings_if_any()?.map(|settings| Store::open(&settings.store)).transpose()?;
        let (offers, unread) = offers::read(&campaign, &schedule, &calendar, store.as_ref())?;
        if has_error(&unread) {
            return Ok(Err(unread));
        }
        let schedule = offers::with_articles(schedule, &campaign, &offers);
        let showcase = offers::showcase(&schedule, &calendar, store.as_ref())?;
        self.schedule = Some((schedule, showcase));
        Ok(Ok(self))
    }

    /// The kinds of letters that there are to see: those of the campaign's mailings, in their order, or every one.
    pub(in crate::cli) fn kinds(&self) -> Vec<Kind> {
        let Some((schedule, _)) = &self.schedule else { return Kind::ALL.to_vec() };
        let mut kinds: Vec<Kind> = Vec::new();
        for kind in schedule.mailings.iter().map(|mailing| Kind::Sale(mailing.kind.into())) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// The letters of a kind: those of each of the campaign's mailings of it, in the template's own words when it has none;
    /// those of the example sale without a campaign.
    pub(in crate::cli) fn letters(&self, kind: Kind) -> anyhow::Result<Vec<SampleLetters>> {
        let sale_kind = match kind {
            Kind::Sale(sale_kind) => sale_kind,
            Kind::Confirmation => return Ok(vec![SampleLetters::Confirmation { test: false }]),
            Kind::Renewal => return Ok(vec![SampleLetters::Renewal { test: false }]),
        };
        let Some((schedule, showcase)) = &self.schedule else {
            let letters = MailingLetters::of_sample(&self.templates, &self.sender, sale_kind)?;
            return Ok(vec![SampleLetters::Sale(Box::new(letters))]);
        };
        let own = schedule.mailings.iter().filter(|mailing| SaleKind::from(mailing.kind) == sale_kind).cloned();
        let mut mailings: Vec<PlannedMailing> = own.collect();
        if mailings.is_empty() {
            mailings.push(unwritten(schedule, sale_kind));
        }
        let prepare = |mailing: &PlannedMailing| -> anyhow::Result<SampleLetters> {
            let window = ShopWindow { showcase: Some(showcase), at: mailing.not_before };
            let letters = MailingLetters::prepare(&self.templates, &self.sender, schedule, mailing, window)?;
            Ok(SampleLetters::Sale(Box::new(letters)))
        };
        mailings.iter().map(prepare).collect()
    }

    /// Whether the campaign sends letters of this kind in this language. Without a campaign, and of letters that no campaign sends,
    /// nothing is to be said.
    pub(in crate::cli) fn sends(&self, kind: Kind, language: Language) -> Option<CampaignSends> {
        let ((schedule, _), Kind::Sale(kind)) = (self.schedule.as_ref()?, kind) else { return None };
        let own = || schedule.mailings.iter().filter(|mailing| SaleKind::from(mailing.kind) == kind);
        Some(match own().next() {
            None => CampaignSends::NoneOfTheKind,
            Some(_) if own().any(|mailing| mailing.languages.contains(&language)) => CampaignSends::Yes,
            Some(_) => CampaignSends::OtherLanguages,
        })
    }

    /// One person's copy.
    pub(in crate::cli) fn write(&self, letters: &SampleLetters, person: &For<'_>) -> anyhow::Result<LetterCopy> {
        let For { to, language, id, now } = *person;
        match letters {
            SampleLetters::Sale(letters) => {
                let addressee = Addressee {
                    to,
                    language,
                    way_out: self.way_out(),
                    preferences: self.preferences.clone(),
                    confirmed_at: samples::confirmed_at(),
                    id,
                };
                Ok(letters.write(&addressee, now)?)
            }
            SampleLetters::Confirmation { test } => {
                let sample = samples::confirmation(language)?;
                let confirm_url = self.sender.pages.below("confirm/sample")?;
                let confirmation = Confirmation { shop: self.sender.shop.clone(), confirm_url, ..sample };
                self.finish(self.templates.confirmation(&confirmation)?, &Purpose::Functional, *test, person)
            }
            SampleLetters::Renewal { test } => {
                let renewal = Renewal { shop: self.sender.shop.clone(), ..samples::renewal(language)? };
                let recipient = Recipient {
                    unsubscribe_url: self.unsubscribe.clone(),
                    preferences_url: Some(self.preferences.clone()),
                    confirmed_on: renewal.ends.time_zone().to_datetime(samples::confirmed_at()).date(),
                };
                let purpose = Purpose::Mailing(self.sender.mailing(&[Kind::Renewal.name()]), self.way_out());
                self.finish(self.templates.renewal(&renewal, &recipient)?, &purpose, *test, person)
            }
        }
    }

    fn way_out(&self) -> WayOut {
        WayOut { unsubscribe: self.unsubscribe.clone(), mailbox: None }
    }

    /// A letter as it goes over the wire, marked as a test when it is one.
    fn finish(
        &self,
        mut rendered: Rendered,
        purpose: &Purpose,
        test: bool,
        person: &For<'_>,
    ) -> anyhow::Result<LetterCopy> {
        if test {
            rendered.subject = rendered.subject.as_test();
        }
        let (from, reply_to) = (&self.sender.from, self.sender.reply_to.as_ref());
        let For { to, id, now, .. } = *person;
        let (subject, bodies, dkim) = (&rendered.subject, Bodies::of(&rendered)?, self.sender.dkim.as_ref());
        let bytes = message::build(Outgoing { from, reply_to, to, subject, bodies, date: now, id, purpose, dkim })?;
        Ok(LetterCopy { rendered, bytes })
    }
}

/// The letter of a mailing of an applied campaign as a member who reads `language` would get it, as a page.
pub(in crate::cli) fn applied_letter(
    (settings, store): (&Settings, &Store),
    (schedule, mailing): (&Schedule, &str),
    language: Language,
    now: Timestamp,
) -> anyhow::Result<String> {
    let templates = TemplateSet::load(settings.mail.templates.as_deref())
        .map_err(|findings| anyhow::anyhow!("{}", in_lines(&findings)))?;
    let writer = Writer::new(Some(settings), templates)?;
    let mailing = schedule.mailing(mailing).with_context(|| format!("there is no mailing `{mailing}`"))?;
    let law = ShopLaw::new(settings);
    let showcase = store.read_blocking(|db| prices::showcase(db, schedule, || law.of_prices()))?;
    let window = ShopWindow { showcase: Some(&showcase), at: mailing.not_before };
    let letters = MailingLetters::prepare(&writer.templates, &writer.sender, schedule, mailing, window)?;
    let id = MessageId::parse(&format!("board.{language}@{}", writer.sender.from.address.domain()))?;
    let person = For { to: &SAMPLE_READER.parse()?, language, id: &id, now };
    Ok(writer.write(&SampleLetters::Sale(Box::new(letters)), &person)?.rendered.html)
}

/// A mailing of a kind that the campaign does not have: the template's own words, for as long as the sale is open.
fn unwritten(schedule: &Schedule, kind: SaleKind) -> PlannedMailing {
    PlannedMailing {
        name: kind.name().to_owned(),
        kind: match kind {
            SaleKind::Announcement => MailingKind::Announcement,
            SaleKind::Opening => MailingKind::Opening,
            SaleKind::LastHours => MailingKind::LastHours,
        },
        not_before: schedule.opens_at,
        not_after: schedule.closes_at,
        languages: Language::ALL.to_vec(),
        to: Vec::new(),
        not: Vec::new(),
        texts: std::collections::BTreeMap::new(),
    }
}
