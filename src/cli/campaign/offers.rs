//! The offers of a campaign: their price files, read beside the campaign file, with the price history of the store.

use std::path::Path;

use crate::calendar::Calendar;
use crate::campaign::{Campaign, Schedule};
use crate::cli::price::{assess, past_reductions};
use crate::cli::table_file::{self, TableText};
use crate::compliance::{Offers, naming};
use crate::db::{Store, StoreResult, prices};
use crate::files::TextFileError;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Spoken;
use crate::price::{OfferList, PricedSale, Showcase, Terms, chosen};

/// The price files of `campaign`, once for each of its markets, and why others cannot be read. Prior prices come from the
/// price history of the store; before there is a configuration there is none, and a note says so.
pub(in crate::cli) fn read(
    campaign: &Campaign,
    schedule: &Schedule,
    calendar: &Calendar,
    store: Option<&Store>,
) -> anyhow::Result<(Vec<Offers>, Vec<Finding>)> {
    let (mut read, mut findings) = (Vec::new(), Vec::new());
    if store.is_none() && !campaign.offers.is_empty() {
        let place = Place::file(&campaign.document.name);
        findings.push(Finding::note("price.no-history", place, phrase!("offer-no-price-history")));
    }
    let folder = Path::new(&campaign.document.name).parent().unwrap_or(Path::new(""));
    for offer in &campaign.offers {
        let path = folder.join(offer.prices.as_str());
        let sheet = offer.sheet.as_ref().map(|sheet| sheet.as_str());
        let TableText { document, encoding } = match table_file::read(&path, sheet) {
            Ok(table) => table,
            Err(TextFileError::Encoding(finding)) => {
                findings.push(*finding);
                continue;
            }
            Err(TextFileError::Unreadable { path, why }) => {
                let message = phrase!("offer-price-file-unreadable", path = path, why = why.phrase());
                findings.push(Finding::error("offer.prices", offer.prices.place.clone(), message));
                continue;
            }
        };
        for &market in &schedule.markets {
            // A market that the calendar does not know has a finding of its own.
            let Ok(terms) = Terms::of(calendar, PricedSale::of(schedule, market, naming(schedule, market))) else {
                continue;
            };
            let list = OfferList::read_in(encoding, &document, terms.currency());
            let assessments = store.map(|store| assess(store, &terms, &list, None)).transpose()?;
            let past = store.map(|store| past_reductions(store, &terms, &list)).transpose()?.unwrap_or_default();
            read.push(Offers { name: offer.name.value.clone(), list, terms, assessments, past });
        }
    }
    Ok((read, findings))
}

/// `schedule` with the articles of `offers` that people are shown.
pub(in crate::cli) fn with_articles(schedule: Schedule, campaign: &Campaign, offers: &[Offers]) -> Schedule {
    let folder = Path::new(&campaign.document.name).parent().unwrap_or(Path::new(""));
    let named = schedule.offers.iter().map(|planned| {
        let file = folder.join(&planned.prices).display().to_string();
        let read = offers.iter().find(|offers| offers.name == planned.name && offers.list.file == file);
        read.map_or_else(Vec::new, |offers| offers.list.shown())
    });
    let shown = chosen(named.collect());
    let mut schedule = schedule;
    for (planned, (articles, further)) in schedule.offers.iter_mut().zip(shown) {
        (planned.articles, planned.further) = (articles, further);
    }
    schedule
}

/// What `schedule` shows, by the price history of the store. Before there is one, no price is known.
pub(in crate::cli) fn showcase(
    schedule: &Schedule,
    calendar: &Calendar,
    store: Option<&Store>,
) -> StoreResult<Showcase> {
    let of_store = |store: &Store| store.read_blocking(|db| prices::showcase(db, schedule, || Some(calendar)));
    store.map_or_else(|| Ok(Showcase::without_prices(schedule)), of_store)
}
