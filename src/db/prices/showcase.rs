//! What the articles of a sale cost when somebody looks: their tags, from the histories as they are now.

use std::borrow::Borrow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;

use super::super::column::{At, Tried};
use super::super::facts::{self, PRICE_CHANGES};
use super::super::schema::campaigns;
use super::super::{Db, StoreResult};
use super::history::{HistorySpan, histories};
use crate::calendar::Calendar;
use crate::campaign::{Naming, PlannedArticle, PricesShown, Schedule};
use crate::price::{Currency, Money, PriceHistory, PricedSale, Showcase, TagStep, Terms, agreed_tags, price_tags};
use crate::text::Slug;

/// A number that grows with every change of the price history.
pub fn version(db: &mut Db) -> StoreResult<u64> {
    Ok(facts::get(db, &PRICE_CHANGES)?.unwrap_or_default())
}

/// Notes that the history has changed.
pub(super) fn note_change(db: &mut Db) -> StoreResult<()> {
    facts::add(db, &PRICE_CHANGES, 1).map(drop)
}

/// What `schedule` shows. `calendar` gives the law, and is asked only where prices are shown; where there is none, prices are compared
/// with nothing.
pub fn showcase<C: Borrow<Calendar>>(
    db: &mut Db,
    schedule: &Schedule,
    calendar: impl FnOnce() -> Option<C>,
) -> StoreResult<Showcase> {
    let skus: Vec<&str> =
        schedule.offers.iter().flat_map(|offer| &offer.articles).map(|article| article.sku.as_str()).collect();
    if skus.is_empty() || schedule.show_prices == PricesShown::Never {
        return Ok(Showcase::without_prices(schedule));
    }
    let calendar = calendar();
    let mut markets = Vec::new();
    for &market in &schedule.markets {
        // What the sale is called bears on the age of goods, not on what prices are compared with.
        let sale = PricedSale::of(schedule, market, Naming::Unknown);
        let law = calendar.as_ref().and_then(|calendar| Terms::of(calendar.borrow(), sale.clone()).ok());
        let span = HistorySpan { since: None, until: schedule.closes_at, known_at: None };
        let found = histories(db, &skus, market, schedule.channel, span)?;
        markets.push((sale, law, found));
    }
    let nothing = PriceHistory::complete(Vec::new());
    let tags = |article: &PlannedArticle| {
        let in_market = |(sale, law, found): &(PricedSale, Option<Terms>, _)| {
            let found: &super::ArticleHistory = found;
            let history = found.get(&article.sku).unwrap_or(&nothing);
            offered(article, sale).map_or_else(Vec::new, |offered| price_tags(history, sale, law.as_ref(), offered))
        };
        let of_markets: Vec<Vec<TagStep>> = markets.iter().map(in_market).collect();
        agreed_tags(&of_markets)
    };
    Ok(Showcase::of(schedule, tags))
}

/// What `sale` offers the article at; none when what is stored is no price.
fn offered(article: &PlannedArticle, sale: &PricedSale) -> Option<Money> {
    let usual = || Some(Currency::used_in(sale.market.country()));
    let currency = article.currency.as_ref().map_or_else(usual, |code| code.parse().ok())?;
    Money::parse(&article.price, currency).ok()
}

/// What the sales show that are not over at `now` and show an article. `calendar` is asked once at the most.
pub fn showcases(
    db: &mut Db,
    calendar: impl Fn() -> Option<Calendar>,
    now: Timestamp,
) -> StoreResult<BTreeMap<Slug, Showcase>> {
    let schedules: Vec<Tried<Schedule>> = campaigns::table
        .filter(campaigns::closes_at.gt(At(now)))
        .order(campaigns::id)
        .select(campaigns::schedule)
        .load(db)?;
    let (law, mut shown) = (OnceCell::new(), BTreeMap::new());
    for schedule in schedules.into_iter().filter_map(|Tried(schedule)| schedule) {
        if schedule.offers.iter().any(|offer| !offer.articles.is_empty()) {
            shown.insert(schedule.slug.clone(), showcase(db, &schedule, || law.get_or_init(&calendar).as_ref())?);
        }
    }
    Ok(shown)
}
