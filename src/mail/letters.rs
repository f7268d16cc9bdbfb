//! The letters of one mailing: prepared once in each of its languages, then written for one person after the other.
//!
//! The senders write with this, and so does every check: what passes the check can be sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::context::{Recipient, SaleLetter, ShopWindow, Texts};
use super::dkim::DkimSigner;
use super::fields::MessageId;
use super::kind::SaleKind;
use super::message::{Bodies, BuildError, LetterHead, OwnFields, WayOut};
use super::samples;
use super::sender::Sender;
use super::splice::Spliced;
use super::template::{Letter, RenderError, Rendered, TemplateSet};
use crate::campaign::{PlannedMailing, Schedule};
use crate::member::{Address, Language};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{Slug, WebAddress};

/// A mailing's letters, but for the person.
#[derive(Clone, Debug)]
pub struct MailingLetters {
    campaign: Slug,
    mailing: String,
    zone: TimeZone,
    fallback: Language,
    /// Who signs, where that is done here.
    dkim: Option<DkimSigner>,
    by_language: BTreeMap<Language, PreparedLetter>,
}

/// Why a mailing's letters cannot be written. Shows places in templates, never what was filled in.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// One of them cannot be rendered.
    #[error("{}", self.phrase())]
    Template {
        /// In which language.
        language: Language,
        /// Why.
        why: RenderError,
    },
    /// The mailing is in no language.
    #[error("{}", self.phrase())]
    NoLanguage,
    /// The message around it cannot be built.
    #[error(transparent)]
    Message(#[from] BuildError),
}

impl Spoken for LetterError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Template { language, why } => {
                let cause = std::error::Error::source(why).map_or_else(String::new, |cause| format!(": {cause}"));
                phrase!("letter-template", language = Fact::text(language), why = format!("{why}{cause}"))
            }
            Self::NoLanguage => phrase!("letter-no-language"),
            Self::Message(why) => why.phrase(),
        }
    }
}

/// The one person that a copy is for.
#[derive(Clone, Debug)]
pub struct Addressee<'a> {
    /// The person's address.
    pub to: &'a Address,
    /// The person's language; the mailing's first one stands in for a language that it is not in.
    pub language: Language,
    /// How the person leaves.
    pub way_out: WayOut,
    /// The person's page of choices.
    pub preferences: WebAddress,
    /// When the person confirmed.
    pub confirmed_at: Timestamp,
    /// The id of the message.
    pub id: &'a MessageId,
}

/// One person's copy.
#[derive(Clone, Debug)]
pub struct LetterCopy {
    /// As it is read.
    pub rendered: Rendered,
    /// As it goes over the wire.
    pub bytes: Vec<u8>,
}

impl MailingLetters {
    /// Prepares the letters of `mailing` in every language, with the articles of `window`.
    pub fn prepare(
        templates: &TemplateSet,
        sender: &Sender,
        schedule: &Schedule,
        mailing: &PlannedMailing,
        window: ShopWindow<'_>,
    ) -> Result<Self, LetterError> {
        let letter = |&language: &Language| SaleLetter::of_schedule(schedule, mailing, language, sender, window);
        let letters = mailing.languages.iter().map(letter).collect::<Result<Vec<SaleLetter>, _>>();
        let letters = letters.map_err(BuildError::refused)?;
        let names = (&schedule.slug, mailing.name.as_str());
        Self::of((templates, sender), names, SaleKind::from(mailing.kind), schedule.time_zone(), &letters)
    }

    /// The letters of the example sale, signed by `sender`, in every language.
    pub fn of_sample(templates: &TemplateSet, sender: &Sender, kind: SaleKind) -> Result<Self, LetterError> {
        let letter = |language: Language| -> Result<SaleLetter, LetterError> {
            let sale = samples::sale(language).map_err(BuildError::refused)?;
            Ok(SaleLetter { language, shop: sender.shop.clone(), sale, texts: Texts::default() })
        };
        let letters: Vec<SaleLetter> = Language::ALL.into_iter().map(letter).collect::<Result<_, _>>()?;
        let zone = letters.first().ok_or(LetterError::NoLanguage)?.sale.opens.time_zone().clone();
        Self::of((templates, sender), (&Slug::sample(), kind.name()), kind, zone, &letters)
    }

    /// Prepares `letters`, one for each language, the fallback first.
    fn of(
        (templates, sender): (&TemplateSet, &Sender),
        (campaign, mailing): (&Slug, &str),
        kind: SaleKind,
        zone: TimeZone,
        letters: &[SaleLetter],
    ) -> Result<Self, LetterError> {
        let fields = sender.mailing(&[campaign.as_str(), kind.name()]);
        let mut by_language = BTreeMap::new();
        for letter in letters {
            let language = letter.language;
            let unwritten = |why| LetterError::Template { language, why };
            let letter = templates.prepare(kind, letter).map_err(unwritten)?;
            let head = LetterHead::of_mailing(&sender.from, sender.reply_to.as_ref(), letter.subject(), &fields)?;
            let spliced = Spliced::of(&letter).map_err(unwritten)?;
            by_language.insert(language, PreparedLetter { letter, head, spliced });
        }
        let fallback = letters.first().ok_or(LetterError::NoLanguage)?.language;
        let (campaign, dkim) = (campaign.clone(), sender.dkim.clone());
        Ok(Self { campaign, mailing: mailing.to_owned(), zone, fallback, dkim, by_language })
    }

    /// The same letters, marked in the subject so that nobody takes them for real ones.
    #[must_use]
    pub fn into_test(mut self) -> Self {
        self.by_language = self.by_language.into_iter().map(|(language, own)| (language, own.into_test())).collect();
        self
    }

    /// The languages that they are written in.
    pub fn languages(&self) -> impl Iterator<Item = Language> {
        self.by_language.keys().copied()
    }

    /// The campaign's slug.
    pub fn campaign(&self) -> &Slug {
        &self.campaign
    }

    /// The mailing's name.
    pub fn mailing(&self) -> &str {
        &self.mailing
    }

    /// The copy for one person, dated `now`, as it is read and as it goes over the wire.
    pub fn write(&self, addressee: &Addressee<'_>, now: Timestamp) -> Result<LetterCopy, LetterError> {
        let (language, prepared) = self.in_language(addressee.language)?;
        let rendered = self.rendered(language, prepared, addressee)?;
        let bytes = self.message(prepared, addressee, Bodies::of(&rendered)?, now)?;
        Ok(LetterCopy { rendered, bytes })
    }

    /// The same as it goes over the wire, written faster where the templates allow it.
    pub fn bytes(&self, addressee: &Addressee<'_>, now: Timestamp) -> Result<Vec<u8>, LetterError> {
        let (language, prepared) = self.in_language(addressee.language)?;
        let view = self.recipient(addressee).view(language);
        let spliced = prepared.spliced.as_ref().and_then(|spliced| spliced.bodies(&view));
        let bodies = match spliced {
            Some(bodies) => bodies?,
            None => Bodies::of(&self.rendered(language, prepared, addressee)?)?,
        };
        self.message(prepared, addressee, bodies, now)
    }

    fn in_language(&self, language: Language) -> Result<(Language, &PreparedLetter), LetterError> {
        let own = self.by_language.get_key_value(&language);
        let found = own.or_else(|| self.by_language.get_key_value(&self.fallback));
        found.map(|(&language, prepared)| (language, prepared)).ok_or(LetterError::NoLanguage)
    }

    fn recipient(&self, addressee: &Addressee<'_>) -> Recipient {
        Recipient {
            unsubscribe_url: addressee.way_out.unsubscribe.clone(),
            preferences_url: Some(addressee.preferences.clone()),
            confirmed_on: self.zone.to_datetime(addressee.confirmed_at).date(),
        }
    }

    fn rendered(
        &self,
        language: Language,
        prepared: &PreparedLetter,
        addressee: &Addressee<'_>,
    ) -> Result<Rendered, LetterError> {
        let rendered = prepared.letter.for_recipient(&self.recipient(addressee));
        rendered.map_err(|why| LetterError::Template { language, why })
    }

    fn message(
        &self,
        prepared: &PreparedLetter,
        addressee: &Addressee<'_>,
        bodies: Bodies,
        now: Timestamp,
    ) -> Result<Vec<u8>, LetterError> {
        let own = OwnFields { to: addressee.to, date: now, id: addressee.id };
        Ok(prepared.head.message(&own, &addressee.way_out, bodies, self.dkim.as_ref())?)
    }
}

/// A letter in one language.
#[derive(Clone, Debug)]
struct PreparedLetter {
    letter: Letter,
    /// What its header says in everybody's copy.
    head: LetterHead,
    /// What of it is written once, where the templates allow that.
    spliced: Option<Spliced>,
}

impl PreparedLetter {
    fn into_test(self) -> Self {
        let letter = self.letter.into_test();
        Self { head: self.head.with_subject(letter.subject()), letter, ..self }
    }
}
