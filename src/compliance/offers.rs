//! The price files of a campaign with what is known of their prices, and the findings on each file taken alone.

use crate::finding::Finding;
use crate::price::{Assessment, OfferList, Terms, check_goods, check_offers};
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
}

impl Offers {
    /// The findings on prior prices, costs and the age of goods.
    pub(super) fn check(&self) -> Vec<Finding> {
        match &self.assessments {
            Some(assessments) => check_offers(&self.list, assessments, &self.terms),
            None => check_goods(&self.list, &self.terms),
        }
    }
}
