//! Judging many offers against the history at hand: a batch of articles at a time, and only as far back as each needs.

use jiff::{Timestamp, ToSpan};

use super::super::{Db, StoreResult};
use super::history::{HistorySpan, histories};
use crate::price::{Assessment, PriceHistory, PricedOffer, Terms, prior_price};

/// Offers whose histories are in memory together.
const BATCH: usize = 500;

/// How much further back the second look goes, for reductions that have been running for a while.
const FURTHER_DAYS: i64 = 180;

/// Judges `offers` under `terms`, with what was known at `known_at` (now, when none), and hands each assessment to `each`, in the order of the offers.
pub fn assess<E: From<super::super::StoreError>>(
    db: &mut Db,
    terms: &Terms,
    known_at: Option<Timestamp>,
    offers: &[PricedOffer],
    mut each: impl FnMut(&PricedOffer, Assessment) -> Result<(), E>,
) -> Result<(), E> {
    for offers in offers.chunks(BATCH) {
        for (offer, assessment) in offers.iter().zip(assess_batch(db, terms, known_at, offers)?) {
            if let Some(assessment) = assessment {
                each(offer, assessment)?;
            }
        }
    }
    Ok(())
}

/// The assessments of a few offers: each is asked with the usual window first, and with more of the history when that
/// does not do. The last look holds all of it, so every offer has its answer.
fn assess_batch(
    db: &mut Db,
    terms: &Terms,
    known_at: Option<Timestamp>,
    offers: &[PricedOffer],
) -> StoreResult<Vec<Option<Assessment>>> {
    let mut answers: Vec<Option<Assessment>> = offers.iter().map(|_| None).collect();
    for since in looks(terms) {
        let open: Vec<&str> = offers
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_none())
            .map(|(offer, _)| offer.sku.as_str())
            .collect();
        if open.is_empty() {
            break;
        }
        let sale = &terms.sale;
        let span = HistorySpan { since, until: sale.starts_at, known_at };
        let found = histories(db, &open, sale.market, sale.channel, span)?;
        let nothing = PriceHistory::complete(Vec::new());
        for (offer, answer) in offers.iter().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            let history = found.get(&offer.sku).unwrap_or(&nothing);
            *answer = prior_price(history, &terms.reduction(offer.price), &terms.rules, &terms.zone).ok();
        }
    }
    Ok(answers)
}

/// From when on to look, less and less late, and at last without a limit.
fn looks(terms: &Terms) -> Vec<Option<Timestamp>> {
    let Some(usual) = terms.looks_back_to() else { return vec![None] };
    let further = usual.to_zoned_datetime(terms.zone.clone()).saturating_sub(FURTHER_DAYS.days()).timestamp();
    vec![Some(usual), Some(further), None]
}
