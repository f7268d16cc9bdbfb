//! The offers of a campaign: their price files, read beside the campaign file, with the price history of the store.

use std::path::Path;

use crate::calendar::Calendar;
use crate::campaign::{Campaign, Schedule};
use crate::cli::price::{assess, past_reductions};
use crate::cli::table_file::{self, TableText};
use crate::compliance::{Offers, naming};
use crate::db::Store;
use crate::files::TextFileError;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Spoken;
use crate::price::{OfferList, PricedSale, Terms};

/// The price files of `campaign`, once for each of its markets, and why others cannot be read. Prior prices come from the
/// price history of the store; before there is a configuration there is none, and a note says so.
pub(super) fn read(
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
