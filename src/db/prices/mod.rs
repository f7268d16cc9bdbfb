//! Price history: imported row by row, never changed, read back for one reduction at a time.

mod assess;
mod history;
mod import;

pub use assess::assess;
pub use history::{ArticleHistory, histories};
pub use import::{Added, Contradiction, ImportId, SeriesIds, add, open_import};

use super::{StoreError, StoreResult};
use crate::price::{Currency, Money};

/// The money kept as minor units and a currency; none where the article is not for sale.
fn money(minor: Option<i64>, currency: Option<Currency>) -> StoreResult<Option<Money>> {
    match (minor, currency) {
        (None, _) => Ok(None),
        (Some(minor), Some(currency)) => Ok(Some(Money::new(minor, currency))),
        (Some(minor), None) => Err(StoreError::corrupt("a price without its currency", minor)),
    }
}
