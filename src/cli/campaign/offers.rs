//! The offers of a campaign: their price files, read beside the campaign file, and every rule on prices.

use std::path::Path;

use super::examine::Question;
use crate::cli::price::assess;
use crate::db::Store;
use crate::files::{TextFileError, read_text};
use crate::finding::{Finding, Place, Severity};
use crate::price::{OfferList, Sale, Terms, check_goods, check_offers};

/// The findings on every offer of the campaign in each of its markets. Prior prices come from the price history of the
/// store; before there is a configuration only what needs no history is checked, and a note says so.
pub(super) fn check(question: &Question<'_>, store: Option<&Store>) -> anyhow::Result<Vec<Finding>> {
    if question.campaign.offers.is_empty() {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    if store.is_none() {
        findings.push(Finding {
            severity: Severity::Note,
            ..Finding::warning(
                "price.no-history",
                Place::file(&question.campaign.document.name),
                "the prior prices were not checked: there is no configuration here, and so no price history",
                "run the command in the shop's folder, where `carillon price import FILE` keeps the history",
            )
        });
    }
    let folder = Path::new(&question.campaign.document.name).parent().unwrap_or(Path::new(""));
    for offer in &question.campaign.offers {
        let path = folder.join(offer.prices.as_str());
        let document = match read_text(&path) {
            Ok(document) => document,
            Err(TextFileError::Encoding(finding)) => {
                findings.push(*finding);
                continue;
            }
            Err(TextFileError::Unreadable { path, why }) => {
                let message = format!("the price file `{path}` cannot be read: {why}");
                findings.push(unreadable(&offer.prices.place, message));
                continue;
            }
        };
        for &market in &question.schedule.markets {
            // A market that the calendar does not know has a finding of its own.
            let Ok(terms) = Terms::of(question.calendar, Sale::of(question.schedule, market)) else { continue };
            let list = OfferList::read(&document, terms.currency());
            findings.extend(match store {
                Some(store) => check_offers(&list, &assess(store, &terms, &list)?, &terms),
                None => check_goods(&list, &terms),
            });
        }
    }
    Ok(findings)
}

fn unreadable(place: &Place, message: String) -> Finding {
    let remedy = "name a CSV file beside the campaign file, in UTF-8, with the columns sku and price";
    Finding::error("offer.prices", place.clone(), message, remedy)
}
