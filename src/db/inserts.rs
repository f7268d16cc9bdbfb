//! Rows of which an import writes very many, one after the other, on SQLite. What diesel makes of an `Insertable` is a value
//! of its own for each column, put together and walked through again for every row; here the statement is written down once, and
//! a row only lends its values to it. PostgreSQL has COPY for as many.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;

use super::StoreResult;

/// A row whose statement is written down once.
pub(super) trait InsertRow {
    /// Writes the statement, or lends the values, whichever `out` is after.
    fn walk<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// Says the table and the columns of a row: its fields, all of them, by the names of the columns.
macro_rules! insert_row {
    ($row:ident in $table:ident { $first:ident, $($column:ident),+ $(,)? }) => {
        impl $crate::db::inserts::InsertRow for $row {
            fn walk<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                const INTO: &str = concat!(
                    "INSERT INTO ", stringify!($table), " (", stringify!($first), $(", ", stringify!($column)),+, ") VALUES ("
                );
                let Self { $first, $($column),+ } = self;
                out.push_sql(INTO);
                out.push_bind_param::<diesel::dsl::SqlTypeOf<$crate::db::schema::$table::$first>, _>($first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<diesel::dsl::SqlTypeOf<$crate::db::schema::$table::$column>, _>($column)?;
                )+
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

pub(super) use insert_row;

/// The statement that puts a row in.
struct Insert<'a, R>(&'a R);

impl<R: InsertRow> QueryFragment<Sqlite> for Insert<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk(out)
    }
}

/// By which the statement is found again, once it is prepared: all rows of a kind have the same.
impl<R: 'static> QueryId for Insert<'_, R> {
    type QueryId = Insert<'static, R>;
}

impl<R> RunQueryDsl<SqliteConnection> for Insert<'_, R> {}

/// Puts the rows in.
pub(super) fn insert_each<R: InsertRow + 'static>(conn: &mut SqliteConnection, rows: &[R]) -> StoreResult<()> {
    for row in rows {
        Insert(row).execute(conn)?;
    }
    Ok(())
}
