//! Statements that stay prepared.
//!
//! diesel prepares each `UPDATE`, and on SQLite each statement with a list of values, anew, because their texts could be
//! without end. Where a statement is executed for every message, reading its text costs several times what executing it
//! does. [`StaysPrepared`] says that there are few texts; [`padded`] makes it so.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;

/// A statement of which there are few texts, to be kept prepared for as long as the connection stands. On the two-backend
/// connection it has to be loaded: of what is executed, diesel asks what is inside.
///
/// A statement that is kept should have no `LIMIT`, nor `first`: SQLite prepares it anew for each limit.
pub(super) struct StaysPrepared<Q>(pub(super) Q);

impl<Q> QueryId for StaysPrepared<Q> {
    type QueryId = ();
    // It is found by its text and the types of its values.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for StaysPrepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query> Query for StaysPrepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for StaysPrepared<Q> {}

/// The same ids, the last of them so often that there are few lengths of such a list: a list in a statement holds each
/// value once, however often it is named.
pub(super) fn padded(ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_few_lengths() {
        assert!(padded([]).is_empty());
        assert_eq!(padded([7]), vec![7_i64]);
        assert_eq!(padded([7, 8, 9]), vec![7_i64, 8, 9, 9]);
        assert_eq!(padded(0..200).len(), 256);
    }
}
