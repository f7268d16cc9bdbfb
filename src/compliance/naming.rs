//! Whether a campaign calls itself one of the sales that the law regulates. The conditions of those sales (their length,
//! the age of the goods, resale below cost) hold for what bears their name, not for every promotion beside them.

use super::words::{TextKind, names_sale, names_step};
use crate::calendar::{Market, Period};
use crate::campaign::{Naming, PlannedTexts, PlannedWords, Schedule};

/// What `schedule` calls its operation, as the law of `market` reads it. A title or a label names it with every use of the
/// word; a letter may use the word to announce the sale that is coming.
pub fn naming(schedule: &Schedule, market: Market) -> Naming {
    let slug = (schedule.slug.as_str(), TextKind::Url, None);
    let names = [Some(&schedule.title), schedule.label.as_ref()].into_iter().flatten();
    let names = names.chain(schedule.offers.iter().map(|offer| &offer.name));
    let names = names.map(|name| (name.as_str(), TextKind::Label, None));
    let letters = schedule.mailings.iter().flat_map(|mailing| {
        mailing.texts.iter().flat_map(|(language, texts)| {
            let PlannedTexts { subject, headline, intro } = texts;
            let texts = [subject, headline, intro].into_iter().flatten();
            texts.map(move |text| (text.as_str(), TextKind::TextBody, Some(language.to_string())))
        })
    });
    let words = schedule.words.iter().flat_map(|(language, PlannedWords { title, intro, button, .. })| {
        let lines = [title, button].into_iter().flatten().map(|line| (line.as_str(), TextKind::Label));
        let intro = intro.iter().map(|intro| (intro.as_str(), TextKind::TextBody));
        lines.chain(intro).map(move |(text, kind)| (text, kind, Some(language.to_string())))
    });
    let texts: Vec<_> = std::iter::once(slug).chain(names).chain(words).chain(letters).collect();
    let mut found = Naming::Other;
    for (text, kind, language) in &texts {
        match names_sale(text, *kind, language.as_deref(), market.country()) {
            Some(true) => found = Naming::Regulated,
            Some(false) => {}
            None => return Naming::Unknown,
        }
    }
    if found == Naming::Other && texts.iter().any(|(text, kind, _)| names_step(text, *kind)) {
        return Naming::Step;
    }
    found
}

/// Whether `schedule` is one of the sales of the market of `sale` and lies inside this one.
pub(super) fn is_one_of(schedule: &Schedule, sale: &Period) -> bool {
    let inside = sale.starts_at.timestamp() <= schedule.opens_at && schedule.closes_at <= sale.ends_at.timestamp();
    inside && naming(schedule, sale.market) != Naming::Other
}
