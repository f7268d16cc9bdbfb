//! What an article cost when: for each audience, a step function with stretches in which it was not for sale.
//!
//! One history is about one article in one channel of one market. It may hold only what was asked for; it then knows
//! from when on it is complete, and says so rather than answer from too little.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::money::Money;
use crate::campaign::AudienceClass;

/// Where a price was read: the trader bears the burden of proof.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceSource {
    /// The imported file.
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: u64,
    /// What the file itself says about where the price comes from.
    pub note: Option<String>,
    /// What a person has corrected about it, most recently.
    pub corrected: Option<PriceCorrection>,
}

/// What was on record before a person corrected it. What was typed stays in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PriceCorrection {
    /// The price that counted before.
    pub was: Money,
    /// When it was corrected.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// From one instant on, one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// Who could buy at it.
    pub audience: AudienceClass,
    /// When it began to apply.
    pub from: Timestamp,
    /// The price, or `None` when the article was not for sale from then on.
    pub price: Option<Money>,
    /// The campaign that announced it as a reduction, if one did.
    pub campaign: Option<String>,
    /// Where it was read.
    pub source: PriceSource,
}

/// A row together with when the next one replaced it.
#[derive(Clone, Copy, Debug)]
pub struct PriceStretch<'a> {
    /// The row.
    pub row: &'a PriceRow,
    /// When the next row of the same audience began: exclusive, and `None` for the last.
    pub until: Option<Timestamp>,
}

impl PriceStretch<'_> {
    /// Whether it covers an instant of `[from, to)`.
    pub fn touches(&self, from: Timestamp, to: Timestamp) -> bool {
        let until = self.until.unwrap_or(Timestamp::MAX);
        self.row.from < until && self.row.from < to && until > from
    }
}

/// The price history of one article in one channel of one market.
#[derive(Clone, Debug, Default)]
pub struct PriceHistory {
    /// By audience, then in time.
    rows: Vec<PriceRow>,
    /// From when on every row is here, with the rows in effect at that instant; `None` when nothing is left out.
    known_since: Option<Timestamp>,
    /// When each audience was first offered a price, for histories that leave out rows.
    first_offered: Vec<(AudienceClass, Timestamp)>,
}

impl PriceHistory {
    /// The whole history, in any order. Of two rows for one audience and instant, the lower price counts.
    pub fn complete(rows: Vec<PriceRow>) -> Self {
        Self { rows: sorted(rows), known_since: None, first_offered: Vec::new() }
    }

    /// The rows in effect at `known_since` and all later ones, with each audience's first priced instant.
    pub fn since(known_since: Timestamp, rows: Vec<PriceRow>, first_offered: Vec<(AudienceClass, Timestamp)>) -> Self {
        Self { rows: sorted(rows), known_since: Some(known_since), first_offered }
    }

    /// Whether it holds no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether everything from `instant` on is known.
    pub fn reaches_back_to(&self, instant: Timestamp) -> bool {
        self.known_since.is_none_or(|known| known <= instant)
    }

    /// The stretches of one audience, oldest first.
    pub fn stretches(&self, audience: AudienceClass) -> impl DoubleEndedIterator<Item = PriceStretch<'_>> {
        let start = self.rows.partition_point(|row| row.audience < audience);
        let end = self.rows.partition_point(|row| row.audience <= audience);
        let rows = self.rows.get(start..end).unwrap_or_default();
        rows.iter()
            .enumerate()
            .map(|(index, row)| PriceStretch { row, until: rows.get(index + 1).map(|next| next.from) })
    }

    /// The stretch of `audience` that covers the time just before `instant`. The caller has made sure that the history
    /// reaches back to before `instant`.
    pub fn just_before(&self, audience: AudienceClass, instant: Timestamp) -> Option<PriceStretch<'_>> {
        self.stretches(audience)
            .rev()
            .find(|stretch| stretch.row.from < instant && stretch.touches(stretch.row.from, instant))
    }

    /// When one of `audiences` was first offered a price.
    pub fn first_offered(&self, audiences: &[AudienceClass]) -> Option<Timestamp> {
        let noted = self.first_offered.iter().filter(|(audience, _)| audiences.contains(audience)).map(|(_, at)| *at);
        let held =
            self.rows.iter().filter(|row| row.price.is_some() && audiences.contains(&row.audience)).map(|row| row.from);
        noted.chain(held).min()
    }
}

/// In an order that does not depend on the order of arrival; where rows contradict each other the lower price is last
/// and so the one in effect.
fn sorted(mut rows: Vec<PriceRow>) -> Vec<PriceRow> {
    rows.sort_by(|one, other| {
        (one.audience, one.from)
            .cmp(&(other.audience, other.from))
            .then_with(|| one.price.is_some().cmp(&other.price.is_some()))
            .then_with(|| other.price.cmp(&one.price))
            .then_with(|| one.campaign.is_none().cmp(&other.campaign.is_none()))
            .then_with(|| (&one.campaign, &one.source).cmp(&(&other.campaign, &other.source)))
    });
    rows
}
