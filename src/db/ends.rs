//! The index of the ends of consents. A consent's end is as good as random beside its fingerprint, by which an import is
//! ordered, so that each batch of a large one would write all pages of this index. It is left out of a shop's first list on
//! SQLite, and made at its end, in order. Nothing needs it but speed: a store without it gives the same answers.

use diesel::connection::SimpleConnection as _;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::schema::members;
use super::{Db, StoreResult};

/// As the migrations make it.
const INDEX: &str = "CREATE INDEX members_by_end ON members (expires_at) WHERE expires_at IS NOT NULL";

/// With how many members a store is as good as empty: to make the index of so many again takes no time.
const FEW: i64 = 50_000;

/// Takes the index out of a store that is as good as empty, until [`put_in`].
pub(super) fn leave_out(db: &mut Db) -> StoreResult<()> {
    let last: Option<i64> = members::table.select(max(members::id)).get_result(db)?;
    if last.is_some_and(|last| last > FEW) {
        return Ok(());
    }
    match db {
        Db::Sqlite(conn) => conn.batch_execute("DROP INDEX IF EXISTS members_by_end")?,
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => {}
    }
    Ok(())
}

/// Whether the index is there. On PostgreSQL it always is.
pub(super) fn is_there(db: &mut Db) -> StoreResult<bool> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    match db {
        Db::Sqlite(conn) => {
            let named = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'index' AND name = 'members_by_end'";
            Ok(sql_query(named).get_result::<Count>(conn)?.n > 0)
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => Ok(true),
    }
}

/// Makes the index where it was left out.
pub(super) fn put_in(db: &mut Db) -> StoreResult<()> {
    if is_there(db)? {
        return Ok(());
    }
    match db {
        Db::Sqlite(conn) => conn.batch_execute(INDEX)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;

    use super::*;
    use crate::config::StoreUrl;
    use crate::db::Store;

    #[derive(QueryableByName)]
    struct Index {
        #[diesel(sql_type = Text)]
        sql: String,
    }

    fn index(store: &Store) -> Option<String> {
        let read = |db: &mut Db| -> StoreResult<Vec<Index>> {
            let Db::Sqlite(conn) = db else { return Ok(Vec::new()) };
            Ok(sql_query("SELECT sql FROM sqlite_master WHERE name = 'members_by_end'").load(conn)?)
        };
        store.read_blocking(read).unwrap().pop().map(|index| index.sql)
    }

    #[test]
    fn what_was_left_out_is_put_in_as_the_migrations_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("carillon.db"));
        let mut store = Store::migrate(&url).unwrap().0;
        let made = index(&store);
        assert_eq!(made.as_deref(), Some(INDEX));
        store.write_blocking(leave_out).unwrap();
        assert_eq!(index(&store), None);
        store.write_blocking(put_in).unwrap();
        assert_eq!(index(&store), made);
        // Whoever killed the import: the next daemon puts it in.
        store.write_blocking(leave_out).unwrap();
        store.lock_for_daemon().unwrap();
        assert_eq!(index(&store), made);
    }
}
