//! From a resolved campaign to what its letters tell.

use jiff::tz::TimeZone;

use super::context::{NextPeriod, Sale, SaleLetter, Texts};
use super::kind::SaleKind;
use crate::calendar::PeriodKind;
use crate::campaign::{AudienceClass, MailingKind, PeriodEdge, PlannedMailing, Schedule};
use crate::config::ShopSettings;
use crate::member::Language;
use crate::text::{Moment, MomentForm, Placeholder, Wording, dates};

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
    /// The letter of `mailing` in one language, signed by `shop`.
    pub fn of_schedule(schedule: &Schedule, mailing: &PlannedMailing, language: Language, shop: &ShopSettings) -> Self {
        let zone = schedule.time_zone();
        let written = mailing.texts.get(&language).cloned().unwrap_or_default();
        let sale = Sale {
            title: schedule.label.clone().unwrap_or_else(|| schedule.title.clone()),
            url: schedule.url.as_ref().unwrap_or(&shop.url).clone(),
            opens: schedule.opens_at.to_zoned_datetime(zone.clone()),
            closes: schedule.closes_at.to_zoned_datetime(zone.clone()),
            open_to_all: schedule.audience == AudienceClass::Public,
            offers: schedule.offers.iter().map(|offer| offer.name.clone()).collect(),
            next_period: next_period(schedule, language, &zone),
        };
        let said = |wording: Option<Wording>| {
            wording.map(|wording| wording.filled(|placeholder| filling(placeholder, &sale, language, shop)))
        };
        let texts =
            Texts { subject: said(written.subject), headline: said(written.headline), intro: said(written.intro) };
        Self { language, shop: shop.clone(), sale, texts }
    }
}

/// What a placeholder stands for in a letter about `sale`.
fn filling(placeholder: Placeholder, sale: &Sale, language: Language, shop: &ShopSettings) -> String {
    let (moment, form) = match placeholder {
        Placeholder::Opens(form) => (Moment::at(&sale.opens, language), form),
        Placeholder::Closes(form) => (Moment::until(&sale.closes, language), form),
        Placeholder::Duration => return dates::duration(&sale.opens, &sale.closes, language),
        Placeholder::Shop => return shop.name.to_string(),
        Placeholder::Title => return sale.title.to_string(),
    };
    match form {
        MomentForm::Short => moment.short,
        MomentForm::Full => moment.full,
        MomentForm::Date => moment.date,
        MomentForm::Time => moment.time,
    }
}

/// The French soldes that the campaign leads up to. A letter may announce them, because it says when they begin; it says
/// nothing of them while that is doubtful.
fn next_period(schedule: &Schedule, language: Language, zone: &TimeZone) -> Option<NextPeriod> {
    let anchor = schedule.anchors.iter().find(|anchor| {
        anchor.kind == PeriodKind::Sale
            && anchor.edge == PeriodEdge::Start
            && anchor.market.country() == "FR"
            && anchor.at >= schedule.closes_at
            && !anchor.doubtful
    })?;
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
