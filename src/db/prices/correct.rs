//! Correcting a price on record: what was typed stays, and beside it stands what was charged in fact, who says so, and why.

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

use super::super::audit::{self, AuditAction, AuditEntry};
use super::super::column::At;
use super::super::schema::{campaigns, price_corrections, price_series, prices};
use super::super::{Db, StoreError, StoreResult};
use crate::campaign::Schedule;
use crate::member::whole_micros;
use crate::price::{Currency, Money, SeriesKey};
use crate::text::Slug;

/// What a person corrects.
#[derive(Clone, Debug)]
pub struct CorrectionOrder {
    /// Whose price.
    pub key: SeriesKey,
    /// Since when the row says that it applies.
    pub from: Timestamp,
    /// What was charged in fact.
    pub price: Money,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub who: String,
}

/// What a correction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The price that counted before.
    pub was: Money,
    /// The campaigns that were applied there while it counted, and began after it did: their answers may change.
    pub campaigns: Vec<Slug>,
}

/// Why a price is not corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorrectionRefusal {
    /// No row of the article begins at that instant; these do.
    NoSuchRow(Vec<Timestamp>),
    /// The row says that the article was not for sale.
    NotOffered,
    /// The row is in another currency.
    OtherCurrency(Currency),
    /// It says so already.
    Same,
}

/// So many starts of rows are told when none is meant.
const STARTS_TOLD: i64 = 5;

/// Keeps a correction beside the row, with a line in the audit log. What was typed is not touched.
pub fn correct(
    db: &mut Db,
    order: &CorrectionOrder,
    now: Timestamp,
) -> StoreResult<Result<Corrected, CorrectionRefusal>> {
    let from = whole_micros(order.from);
    let SeriesKey { sku, market, channel, audience } = &order.key;
    let series = price_series::table
        .filter(price_series::sku.eq(sku))
        .filter(price_series::market.eq(*market))
        .filter(price_series::channel.eq(*channel))
        .filter(price_series::audience.eq(*audience))
        .select(price_series::id);
    let Some(series_id) = series.first::<i64>(db).optional()? else {
        return Ok(Err(CorrectionRefusal::NoSuchRow(Vec::new())));
    };
    let row = prices::table.find((series_id, At(from))).select((prices::price, prices::currency));
    let typed: Option<(Option<i64>, Option<Currency>)> = row.first(db).optional()?;
    let Some(typed) = typed else {
        let latest = prices::table.filter(prices::series_id.eq(series_id)).order(prices::from_at.desc());
        let starts: Vec<Timestamp> = latest.limit(STARTS_TOLD).select(prices::from_at).load(db)?;
        return Ok(Err(CorrectionRefusal::NoSuchRow(starts)));
    };
    let Some(typed) = super::money(typed.0, typed.1)? else { return Ok(Err(CorrectionRefusal::NotOffered)) };
    if typed.currency != order.price.currency {
        return Ok(Err(CorrectionRefusal::OtherCurrency(typed.currency)));
    }
    let corrections = price_corrections::table
        .filter(price_corrections::series_id.eq(series_id))
        .filter(price_corrections::from_at.eq(At(from)))
        .order(price_corrections::corrected_at.desc());
    let latest: Option<(i64, Timestamp)> =
        corrections.select((price_corrections::price, price_corrections::corrected_at)).first(db).optional()?;
    let was = latest.map_or(typed, |(minor, _)| Money::new(minor, typed.currency));
    if was == order.price {
        return Ok(Err(CorrectionRefusal::Same));
    }
    // Of two corrections in one instant, or after the clock was put back, the later one counts.
    let after = |(_, at): (i64, Timestamp)| at.as_microsecond().saturating_add(1);
    let at = latest.map_or(whole_micros(now).as_microsecond(), |latest| after(latest).max(now.as_microsecond()));
    let at = Timestamp::from_microsecond(at).map_err(|_| StoreError::corrupt("an instant", at))?;
    diesel::insert_into(price_corrections::table)
        .values((
            price_corrections::series_id.eq(series_id),
            price_corrections::from_at.eq(At(from)),
            price_corrections::corrected_at.eq(At(at)),
            price_corrections::was.eq(was.minor),
            price_corrections::price.eq(order.price.minor),
            price_corrections::reason.eq(&order.reason),
            price_corrections::corrected_by.eq(&order.who),
        ))
        .execute(db)?;
    super::showcase::note_change(db)?;
    let campaigns = announced_after(db, order, now)?;
    note(db, order, was, &campaigns, at)?;
    Ok(Ok(Corrected { was, campaigns }))
}

/// The campaigns of the market and channel that began after the row did, and have begun.
fn announced_after(db: &mut Db, order: &CorrectionOrder, now: Timestamp) -> StoreResult<Vec<Slug>> {
    let begun = campaigns::opens_at.ge(At(order.from)).and(campaigns::opens_at.le(At(now)));
    let schedules: Vec<Schedule> =
        campaigns::table.filter(begun).order(campaigns::opens_at).select(campaigns::schedule).load(db)?;
    let is_there = |schedule: &Schedule| {
        let national = order.key.market.national();
        schedule.channel == order.key.channel && schedule.markets.iter().any(|market| market.national() == national)
    };
    Ok(schedules.into_iter().filter(is_there).map(|schedule| schedule.slug).collect())
}

fn note(db: &mut Db, order: &CorrectionOrder, was: Money, campaigns: &[Slug], at: Timestamp) -> StoreResult<()> {
    let SeriesKey { sku, market, channel, audience } = &order.key;
    let detail = json!({
        "market": market.to_string(),
        "channel": channel.to_string(),
        "audience": audience.to_string(),
        "from": order.from.to_string(),
        "was": was.to_string(),
        "price": order.price.to_string(),
        "reason": order.reason,
        "campaigns": campaigns,
    });
    let action = AuditAction::PriceCorrected;
    audit::record(db, &AuditEntry { at, who: order.who.clone(), action, object: sku.clone(), detail })
}
