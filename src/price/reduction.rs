//! What is asked about: a lower price, from when, and who is told.

use jiff::Timestamp;

use super::money::Money;
use crate::campaign::AudienceClass;

/// A reduction that is about to be announced, or runs already.
#[derive(Clone, Copy, Debug)]
pub struct Reduction<'a> {
    /// The new price.
    pub price: Money,
    /// The instant from which it applies: not the day of its advertisement.
    pub starts_at: Timestamp,
    /// When it ends, if that is known.
    pub ends_at: Option<Timestamp>,
    /// The campaign that announces it.
    pub campaign: Option<&'a str>,
    /// Other campaigns that are one and the same reduction with it, as the seller says.
    pub continues: &'a [String],
    /// Who can buy at it.
    pub audience: AudienceClass,
    /// Whether anyone is told that the price is reduced.
    pub announced: bool,
    /// When the sale period began in which it starts, if it starts in one.
    pub sale_began_at: Option<Timestamp>,
}
