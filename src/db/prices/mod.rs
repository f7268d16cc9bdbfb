//! Price history: imported row by row, never changed, read back for one reduction at a time.

mod assess;
mod history;
mod import;

pub use assess::assess;
pub use history::{ArticleHistory, histories};
pub use import::{Added, Contradiction, ImportId, SeriesIds, add, open_import};

use super::{StoreError, StoreResult};
use crate::price::{Currency, Money};

/// The money kept as minor units and a code; none where the article is not for sale.
fn money(minor: Option<i64>, currency: Option<&str>) -> StoreResult<Option<Money>> {
    let Some(minor) = minor else { return Ok(None) };
    let code = currency.unwrap_or_default();
    let currency: Currency = code.parse().map_err(|_| StoreError::corrupt("a currency", code))?;
    Ok(Some(Money::new(minor, currency)))
}
