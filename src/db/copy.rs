//! A copy of the store in a file of its own, to try in it what must not happen in the store.
//!
//! The copy is a SQLite store, whatever the other is: both migration sets make the same tables. The other is only read, and
//! may be in use.

use std::path::Path;

#[cfg(feature = "postgres")]
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
#[cfg(feature = "postgres")]
use diesel::sql_types::Text;
#[cfg(feature = "postgres")]
use diesel::{PgConnection, QueryableByName, SqliteConnection, sql_query};

#[cfg(feature = "postgres")]
use super::Db;
#[cfg(feature = "postgres")]
use super::facts::{self, WITNESS};
use super::{Store, StoreResult};
use crate::config::StoreUrl;

/// Rows that are taken over at once.
#[cfg(feature = "postgres")]
const PAGE: usize = 2_000;

impl Store {
    /// Writes a copy of the store as it is now to `file`, which must not exist, and opens it. Changes in it do not wait for
    /// the disk.
    pub fn copy_to(&self, file: &Path) -> StoreResult<Self> {
        let url = StoreUrl::Sqlite(file.to_owned());
        #[cfg(feature = "postgres")]
        if matches!(self.url(), StoreUrl::Postgres(_)) {
            return self.copy_rows(&url);
        }
        self.back_up_blocking(file)?;
        let copy = Self::open(&url)?.without_sync();
        copy.outside_transactions(|conn| Ok(conn.batch_execute("PRAGMA journal_mode = WAL;")?))?;
        Ok(copy)
    }

    /// Takes every row of the tables of a server over into a new file, all as they were at one instant.
    #[cfg(feature = "postgres")]
    fn copy_rows(&self, url: &StoreUrl) -> StoreResult<Self> {
        let (copy, _) = Self::migrate(url)?;
        let copy = copy.without_sync();
        copy.outside_transactions(|to| {
            // Rows come table by table, and refer to rows of tables that come later.
            to.batch_execute("PRAGMA foreign_keys = OFF; BEGIN;")?;
            self.snapshot_blocking(|db| {
                let Db::Postgres(from) = db else { return Ok(()) };
                for table in tables(to)? {
                    take_over(from, to, &table)?;
                }
                Ok(())
            })?;
            to.batch_execute("COMMIT; PRAGMA foreign_keys = ON;")?;
            Ok(())
        })?;
        // It is the server's, and says nothing of this file.
        copy.write_blocking(|db| facts::remove(db, &WITNESS))?;
        Ok(copy)
    }
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct CopiedTable {
    #[diesel(sql_type = Text)]
    name: String,
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct CopiedRow {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The tables of a SQLite store that both backends have and that hold what somebody put there.
#[cfg(feature = "postgres")]
fn tables(conn: &mut SqliteConnection) -> StoreResult<Vec<String>> {
    let all = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
               AND name <> '__diesel_schema_migrations' ORDER BY name";
    Ok(sql_query(all).load::<CopiedTable>(conn)?.into_iter().map(|row| row.name).collect())
}

/// Takes the rows of one table over, each as a JSON array: what a column holds is a text or a number on both sides.
#[cfg(feature = "postgres")]
fn take_over(from: &mut PgConnection, to: &mut SqliteConnection, table: &str) -> StoreResult<()> {
    let names = sql_query("SELECT name FROM pragma_table_info(?)").bind::<Text, _>(table).load::<CopiedTable>(to)?;
    let columns: Vec<String> = names.into_iter().map(|column| format!("\"{}\"", column.name)).collect();
    let listed = columns.join(", ");
    let values: Vec<String> = (0..columns.len()).map(|at| format!("json_extract(value, '$[{at}]')")).collect();
    // Made by the migrations: the copy has the rows of the other alone.
    to.batch_execute(&format!("DELETE FROM \"{table}\";"))?;
    let insert =
        format!("INSERT INTO \"{table}\" ({listed}) SELECT {} FROM json_each(?) ORDER BY key", values.join(", "));
    from.batch_execute(&format!(
        "DECLARE taken_over NO SCROLL CURSOR FOR SELECT json_build_array({listed})::text AS line FROM \"{table}\""
    ))?;
    loop {
        let rows = sql_query(format!("FETCH {PAGE} FROM taken_over")).load::<CopiedRow>(from)?;
        if rows.is_empty() {
            break;
        }
        let page: Vec<String> = rows.into_iter().map(|row| row.line).collect();
        sql_query(&insert).bind::<Text, _>(format!("[{}]", page.join(","))).execute(to)?;
    }
    from.batch_execute("CLOSE taken_over")?;
    Ok(())
}
