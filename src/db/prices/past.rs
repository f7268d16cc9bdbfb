//! When the articles of a sale were announced as reduced in the year before its end, by a sample of them.

use jiff::{SignedDuration, Timestamp};

use super::super::{Db, StoreResult};
use super::history::{HistorySpan, histories};
use crate::compliance::PastReduction;
use crate::price::{PricedOffer, Terms};

/// So many articles stand for all of them: a year of prices is too much to read of every one.
const SAMPLE: usize = 100;
/// How far back it is looked.
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The past reductions of articles that stand evenly among `offers`, an empty one for each that has no history.
pub fn past_reductions(db: &mut Db, terms: &Terms, offers: &[PricedOffer]) -> StoreResult<Vec<PastReduction>> {
    let sale = &terms.sale;
    let until = sale.ends_at.unwrap_or(sale.starts_at);
    let since = until.checked_sub(YEAR).unwrap_or(Timestamp::MIN);
    let step = offers.len().div_ceil(SAMPLE).max(1);
    let skus: Vec<&str> = offers.iter().step_by(step).map(|offer| offer.sku.as_str()).collect();
    let span = HistorySpan { since: Some(since), until: sale.starts_at, known_at: None };
    let found = histories(db, &skus, sale.market, sale.channel, span)?;
    let past = |sku: &&str| match found.get(*sku) {
        Some(history) => PastReduction::of(history, sale.audience, sale.starts_at),
        None => PastReduction { stretches: Vec::new() },
    };
    Ok(skus.iter().map(past).collect())
}
