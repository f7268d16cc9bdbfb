//! Price history, the prior price of a reduction, and what the law says about an offer's price, cost and age.
//!
//! Values and functions only: rows come in from files and the store, verdicts with their evidence go out. Which options
//! a country chose is the calendar's data.

mod assessment;
mod check;
mod directly;
mod history;
mod in_words;
mod money;
mod offer;
mod prior;
mod record;
mod reduction;
mod rules;
mod showcase;
mod tag;
mod terms;

pub use assessment::{Assessment, Incomplete, MinimumRow, PriceEvidence, PriceVerdict, VerdictReason};
pub use check::{check_goods, check_offers};
pub use history::{PriceCorrection, PriceHistory, PriceRow, PriceSource, PriceStretch};
pub use money::{Currency, Money, MoneyError};
pub use offer::{ArticleCard, OfferList, PricedOffer};
pub use prior::prior_price;
pub use record::{
    NOT_OFFERED, NoPriceColumn, PriceColumn, PriceColumns, PriceRecord, PriceSheet, ReadRow, RecordError, SeriesKey,
    header_finding,
};
pub use reduction::Reduction;
pub use rules::Reach;
pub use showcase::{MOST_SHOWN, Showcase, ShownCard, ShownGroup, ShownOffers, chosen};
pub use tag::{PriceTag, PriorBasis, PriorTag, TagStep, agreed_tags, price_tags};
pub use terms::{PricedSale, Terms};
