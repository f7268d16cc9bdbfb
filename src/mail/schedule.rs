//! From a resolved campaign to what its letters tell.

use jiff::tz::TimeZone;

use super::context::{NextPeriod, Sale, SaleLetter, SalePages, SalePicture, ShopWindow, Texts};
use super::fields::FieldError;
use super::kind::SaleKind;
use super::sender::Sender;
use crate::calendar::Channel;
use crate::campaign::{AudienceClass, MailingKind, PlannedMailing, Schedule};
use crate::member::Language;
use crate::text::{Filling, Wording};

impl From<MailingKind> for SaleKind {
    fn from(kind: MailingKind) -> Self {
        match kind {
            MailingKind::Announcement => Self::Announcement,
            MailingKind::Opening => Self::Opening,
            MailingKind::LastHours => Self::LastHours,
        }
    }
}

impl SaleLetter {
    /// The letter of `mailing` in one language, signed by `sender`. Where the campaign names no page of the shop, it leads to
    /// ours.
    ///
    /// # Errors
    /// When the address of a page would be too long.
    pub fn of_schedule(
        schedule: &Schedule,
        mailing: &PlannedMailing,
        language: Language,
        sender: &Sender,
        window: ShopWindow<'_>,
    ) -> Result<Self, FieldError> {
        let shop = &sender.shop;
        let own = schedule.words.get(&language).cloned().unwrap_or_default();
        let pages = SalePages::of(&schedule.slug, language, &sender.pages)?;
        let zone = schedule.time_zone();
        let written = mailing.texts.get(&language).cloned().unwrap_or_default();
        let sale = Sale {
            title: schedule.name_in(language).clone(),
            url: schedule.url.as_ref().unwrap_or(&pages.page).clone(),
            pages,
            opens: schedule.opens_at.to_zoned_datetime(zone.clone()),
            closes: schedule.closes_at.to_zoned_datetime(zone.clone()),
            open_to_all: schedule.audience == AudienceClass::Public,
            in_store: schedule.channel == Channel::Store,
            picture: schedule.picture.as_ref().and_then(|file| SalePicture::of(file, own.alt.as_ref()?, &shop.brand)),
            button: own.button,
            offers: schedule.offers.iter().map(|offer| offer.name.clone()).collect(),
            cards: window.shown(language, &shop.brand),
            next_period: next_period(schedule, language, &zone),
        };
        let filling = Filling {
            language,
            opens: &sale.opens,
            closes: &sale.closes,
            shop: shop.name.as_str(),
            title: sale.title.as_str(),
        };
        let said = |wording: Option<Wording>| wording.map(|wording| filling.of(&wording));
        let texts = Texts {
            subject: said(written.subject),
            headline: said(written.headline),
            intro: said(written.intro.or(own.intro)),
        };
        Ok(Self { language, shop: shop.clone(), sale, texts })
    }
}

/// The French soldes that a letter announces, in its language.
fn next_period(schedule: &Schedule, language: Language, zone: &TimeZone) -> Option<NextPeriod> {
    let anchor = schedule.announced_sales()?;
    let name = french_sales(&anchor.season, language)?;
    Some(NextPeriod { name: name.to_owned(), starts: anchor.at.to_zoned_datetime(zone.clone()) })
}

/// What readers of `language` call the French sales of a season, with the article.
pub(super) fn french_sales(season: &str, language: Language) -> Option<&'static str> {
    let (winter, summer) = match language {
        Language::Fr => ("les soldes d’hiver", "les soldes d’été"),
        Language::En => ("the winter sales in France", "the summer sales in France"),
        Language::Nl => ("de wintersolden in Frankrijk", "de zomersolden in Frankrijk"),
        Language::De => ("die Winter-Rabattsaison in Frankreich", "die Sommer-Rabattsaison in Frankreich"),
        Language::It => ("i saldi invernali in Francia", "i saldi estivi in Francia"),
        Language::Es => {
            ("la temporada de descuentos de invierno en Francia", "la temporada de descuentos de verano en Francia")
        }
        Language::Pt => ("a época de descontos de inverno em França", "a época de descontos de verão em França"),
    };
    match season {
        "winter" => Some(winter),
        "summer" => Some(summer),
        _ => None,
    }
}
