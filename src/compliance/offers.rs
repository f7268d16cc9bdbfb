//! The price files of a campaign with what is known of their prices, and the findings on each file taken alone.

use jiff::Timestamp;

use crate::campaign::AudienceClass;
use crate::finding::Finding;
use crate::price::{Assessment, OfferList, PriceHistory, Terms, check_goods, check_offers};
use crate::text::Line;

/// One price file under the law of one market.
#[derive(Debug)]
pub struct Offers {
    /// What the campaign calls them.
    pub name: Line,
    /// The offers.
    pub list: OfferList,
    /// The law, and the sale that they belong to.
    pub terms: Terms,
    /// The prior price of each, in their order; none where no price history is kept.
    pub assessments: Option<Vec<Assessment>>,
    /// When some of the articles were announced as reduced before; empty where no price history is kept.
    pub past: Vec<PastReduction>,
}

/// When one article was announced as reduced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastReduction {
    /// The stretches, oldest first.
    pub stretches: Vec<PastStretch>,
}

/// A time in which one campaign announced the article as reduced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastStretch {
    /// Since when.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// The campaign's slug.
    pub campaign: String,
}

impl PastReduction {
    /// What `history` says of the prices for `audience` before `until`.
    pub fn of(history: &PriceHistory, audience: AudienceClass, until: Timestamp) -> Self {
        let stretches = history.stretches(audience).filter_map(|stretch| {
            let campaign = stretch.row.price.and(stretch.row.campaign.clone())?;
            Some(PastStretch { from: stretch.row.from, until: stretch.until.unwrap_or(until).min(until), campaign })
        });
        Self { stretches: stretches.collect() }
    }
}

impl Offers {
    /// The findings at `now` on prior prices, costs and the age of goods.
    pub(super) fn check(&self, now: Timestamp) -> Vec<Finding> {
        match &self.assessments {
            Some(assessments) => check_offers(&self.list, assessments, &self.terms, now),
            None => check_goods(&self.list, &self.terms),
        }
    }
}
