//! Price history: imported row by row, never changed, corrected beside what was typed, read back for one reduction at a time.

mod assess;
mod correct;
mod history;
mod import;
mod past;
mod showcase;

pub use assess::assess;
pub use correct::{Corrected, CorrectionOrder, CorrectionRefusal, correct};
pub use history::{ArticleHistory, HistorySpan, histories};
pub use import::{Added, Contradiction, ImportId, SeriesIds, add, open_import};
pub use past::past_reductions;
pub use showcase::{showcase, showcases, version};

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
