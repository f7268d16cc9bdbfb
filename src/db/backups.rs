//! When the store was last copied to where it can be put back from.
//!
//! The store itself keeps it, so that whoever looks after a shop sees it from wherever the shop is seen. A copy says when the one before
//! it was made.

use jiff::Timestamp;

use super::facts::{self, BACKED_UP};
use super::{Db, StoreResult};

/// Notes that a copy was made at `now`.
pub fn note(db: &mut Db, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &BACKED_UP, &now)
}

/// When the latest copy was made, of which the store knows.
pub fn latest(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    facts::get(db, &BACKED_UP)
}
