//! The pools, the transactions, and the check that a store is one that this program may use.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::r2d2::{Pool, PooledConnection};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use jiff::Timestamp;

use super::at_work::AtWork;
use super::conn::{Access, Durability, Opener};
use super::precedence::{Precedence, Turn};
use super::store_times::{StoreTimes, StoreWork};
use super::{Db, SchemaMismatch, StoreError, StoreResult, ends, lock};
use crate::config::StoreUrl;
use crate::files::create_private;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// "Crln", in the header of every SQLite store.
const APPLICATION_ID: i64 = 0x4372_6c6e;

/// How often a transaction is tried when other writers are in its way.
const TRIES: u32 = 8;

/// What the pool says when there is no connection in time; why, if it knows it, follows.
const TIMED_OUT: &str = "timed out waiting for connection";

/// How long a caller waits for a connection, and how long a transaction of a command is tried again behind a lock.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a transaction of a daemon is. No longer than the backends wait for a lock themselves: its loops try again and
/// say meanwhile what is wrong.
const DAEMON_PATIENCE: Duration = Duration::from_secs(5);

/// KiB of pages in memory, and pages in the log before they are brought into the file. Who writes in the order of an index needs few
/// pages in memory; and a page that changed often is brought into the file once.
const MUCH_ROOM: &str = "PRAGMA cache_size = -4000; PRAGMA wal_autocheckpoint = 100000;";

/// An open store. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    url: StoreUrl,
    readers: Pool<Opener>,
    writers: Pool<Opener>,
    /// Where there is one writer at a time.
    precedence: Option<Arc<Precedence>>,
    lock: Option<Arc<File>>,
    patience: Duration,
    times: Arc<StoreTimes>,
    /// Whether no change waits for the disk.
    hasty: bool,
    at_work: AtWork,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a store that exists and has this program's schema. Changes nothing in it.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] when there is no such file or server, [`StoreError::Schema`] when it is empty, older,
    /// newer, or another program's.
    pub fn open(url: &StoreUrl) -> StoreResult<Self> {
        let mut db = Db::open(url, Access::Read)?;
        if let Some(mismatch) = mismatch(&mut db)? {
            return Err(StoreError::Schema { url: url.to_string(), mismatch });
        }
        Self::pooled(url)
    }

    /// Makes the store if there is none, brings its schema up to date, and opens it. Returns the migrations that ran.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when it is newer or another program's; then nothing in it is changed.
    pub fn migrate(url: &StoreUrl) -> StoreResult<(Self, Vec<String>)> {
        let mut db = Db::open(url, Access::Create)?;
        match mismatch(&mut db)? {
            Some(mismatch @ (SchemaMismatch::Newer { .. } | SchemaMismatch::Foreign)) => {
                return Err(StoreError::Schema { url: url.to_string(), mismatch });
            }
            None => return Ok((Self::pooled(url)?, Vec::new())),
            Some(SchemaMismatch::Empty | SchemaMismatch::Older { .. }) => {}
        }
        let unreachable = |why: String| StoreError::Unreachable { url: url.to_string(), why };
        let ran = match &mut db {
            Db::Sqlite(conn) => {
                // Readers go on while one writes. The mode is kept in the file.
                conn.batch_execute("PRAGMA journal_mode = WAL;")?;
                conn.run_pending_migrations(SQLITE_MIGRATIONS)
            }
            #[cfg(feature = "postgres")]
            Db::Postgres(conn) => conn.run_pending_migrations(POSTGRES_MIGRATIONS),
        }
        .map_err(|error| unreachable(error.to_string()))?
        .iter()
        .map(ToString::to_string)
        .collect();
        Ok((Self::pooled(url)?, ran))
    }

    /// The pools over a store that exists, under its real path.
    fn pooled(url: &StoreUrl) -> StoreResult<Self> {
        Self::pooled_within(PATIENCE, url)
    }

    /// The same, of which no caller waits for a connection for longer than `patience`.
    fn pooled_within(patience: Duration, url: &StoreUrl) -> StoreResult<Self> {
        let url =
            &url.real().map_err(|error| StoreError::Unreachable { url: url.to_string(), why: error.to_string() })?;
        let pool = |access, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .connection_timeout(patience)
                .test_on_check_out(matches!(url, StoreUrl::Postgres(_)))
                .build(Opener { url: url.clone(), access })
                .map_err(|error| StoreError::Unreachable { url: url.to_string(), why: error.to_string() })
        };
        // SQLite has one writer at a time; a second connection would only wait inside the file's lock.
        let writers = if matches!(url, StoreUrl::Sqlite(_)) { 1 } else { 4 };
        Ok(Self {
            url: url.clone(),
            readers: pool(Access::Read, 4)?,
            writers: pool(Access::Write, writers)?,
            precedence: (writers == 1).then(Arc::default),
            lock: None,
            patience: PATIENCE,
            times: Arc::default(),
            hasty: false,
            at_work: AtWork::default(),
        })
    }

    /// The same without waiting for the disk, which takes most of the time: for a copy that is thrown away.
    #[must_use]
    pub fn without_sync(self) -> Self {
        Self { hasty: true, ..self }
    }

    /// Waits until nobody is at work on this store who was lent it off the async threads, and has taken the answer.
    pub async fn at_rest(&self) {
        self.at_work.nobody().await;
    }

    /// Whether nobody is.
    pub fn is_at_rest(&self) -> bool {
        self.at_work.is_nobody()
    }

    /// Takes the store for one daemon. On SQLite a lock beside the store keeps a second daemon out, and goes with the
    /// process; on PostgreSQL daemons share the queue by leases and nothing is taken.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another daemon has it.
    pub fn lock_for_daemon(&mut self) -> StoreResult<()> {
        if let StoreUrl::Sqlite(path) = &self.url {
            self.lock = Some(Arc::new(lock::take(path)?));
        }
        self.patience = DAEMON_PATIENCE;
        // What a killed import left out. A daemon is as good without it, and its next start tries again.
        if matches!(self.read_blocking(ends::is_there), Ok(false)) {
            let _ = self.write_blocking(ends::put_in);
        }
        Ok(())
    }

    /// Gives this process's writer more room, for a command that writes very much: pages that are changed again soon stay
    /// in memory, and reach the file together. PostgreSQL needs no such word.
    pub(super) fn expect_much(&self) -> StoreResult<()> {
        let mut db = self.lend(&self.writers)?;
        match &mut **db {
            Db::Sqlite(conn) => conn.batch_execute(MUCH_ROOM)?,
            #[cfg(feature = "postgres")]
            Db::Postgres(_) => {}
        }
        Ok(())
    }

    /// Brings what [`Store::expect_much`] held back into the file, as far as no reader is in the way.
    pub(super) fn settle(&self) -> StoreResult<()> {
        let mut db = self.lend(&self.writers)?;
        match &mut **db {
            Db::Sqlite(conn) => conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?,
            #[cfg(feature = "postgres")]
            Db::Postgres(_) => {}
        }
        Ok(())
    }

    /// Whether a daemon has the store to itself. `None` where that cannot be seen: on PostgreSQL, where daemons share,
    /// and where the lock cannot be looked at.
    pub fn is_locked_by_daemon(&self) -> Option<bool> {
        match &self.url {
            StoreUrl::Sqlite(path) => lock::is_taken(path).ok(),
            StoreUrl::Postgres(_) => None,
        }
    }

    /// When the daemon that has the store to itself took it, where that can be seen.
    pub fn taken_at(&self) -> Option<Timestamp> {
        match &self.url {
            StoreUrl::Sqlite(path) => lock::taken_at(path),
            StoreUrl::Postgres(_) => None,
        }
    }

    /// Whether this handle, and so this process, is the only daemon that can be on the store.
    pub fn is_exclusive(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether no other machine can use the store: it is a file.
    pub fn is_one_machines(&self) -> bool {
        matches!(self.url, StoreUrl::Sqlite(_))
    }

    /// How long it took, asked through this handle and its clones.
    pub fn times(&self) -> &StoreTimes {
        &self.times
    }

    /// Where the store is.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Lends a connection for reading, off the async threads.
    pub async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Db) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (store, _at_work) = (self.clone(), self.at_work.begin());
        tokio::task::spawn_blocking(move || store.read_blocking(ask)).await.map_err(|_| StoreError::Closed)?
    }

    /// Runs a transaction that writes, off the async threads. See [`Store::write_blocking`].
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Db) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (store, _at_work) = (self.clone(), self.at_work.begin());
        tokio::task::spawn_blocking(move || store.write_blocking(change)).await.map_err(|_| StoreError::Closed)?
    }

    /// The same, without waiting for the disk: the change is seen by everybody at once and outlives this process, and
    /// reaches the disk with the next [`Store::write`]. When the machine of the store stops first, it is as if it had never
    /// been. Only for what [`witness::heed`](super::deliveries::witness::heed) finds out then.
    pub async fn write_unsynced<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Db) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (store, _at_work) = (self.clone(), self.at_work.begin());
        tokio::task::spawn_blocking(move || store.write_unsynced_blocking(change))
            .await
            .map_err(|_| StoreError::Closed)?
    }

    /// Lends a connection for reading. On SQLite it cannot write.
    pub fn read_blocking<T>(&self, ask: impl FnOnce(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        self.times.count(StoreWork::Read, || {
            let mut db = self.lend(&self.readers)?;
            ask(&mut db)
        })
    }

    /// Lends a connection for reading, in which the store stays as it is now: for what compares one part of it with
    /// another while a daemon is at work.
    pub fn snapshot_blocking<T>(&self, ask: impl FnOnce(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        self.read_blocking(|db| {
            db.begin_snapshot()?;
            let answer = ask(db);
            let ended = db.roll_back();
            let answer = answer?;
            ended.map(|()| answer)
        })
    }

    /// Runs a transaction that writes. All of `change` happens or none of it; when other writers were in its way it is
    /// run again from the start, so it must have no effect outside the store.
    pub fn write_blocking<T>(&self, mut change: impl FnMut(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        self.give_way();
        self.change_blocking(Turn::Usual, Durability::Waits, &mut change)
    }

    /// The same without waiting for the disk, as [`Store::write_unsynced`].
    pub(super) fn write_unsynced_blocking<T>(
        &self,
        mut change: impl FnMut(&mut Db) -> StoreResult<T>,
    ) -> StoreResult<T> {
        self.give_way();
        self.change_blocking(Turn::Usual, Durability::Later, &mut change)
    }

    /// The same as [`Store::write_blocking`] for what all other writers give way to: somebody who leaves.
    pub(super) fn write_first_blocking<T>(&self, mut change: impl FnMut(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        let _first = self.precedence.as_ref().map(|precedence| precedence.go_first());
        self.change_blocking(Turn::First, Durability::Waits, &mut change)
    }

    fn give_way(&self) {
        if let Some(precedence) = &self.precedence {
            precedence.give_way();
        }
    }

    fn change_blocking<T>(
        &self,
        turn: Turn,
        durability: Durability,
        change: &mut impl FnMut(&mut Db) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let durability = if self.hasty { Durability::Later } else { durability };
        let work = match durability {
            Durability::Waits => StoreWork::Write,
            Durability::Later => StoreWork::WriteLater,
        };
        self.times.count(work, || {
            let mut db = self.lend(&self.writers)?;
            let (begun, mut tries) = (Instant::now(), 0);
            loop {
                tries += 1;
                match transaction(&mut db, turn, durability, change) {
                    Err(StoreError::Busy) if tries < TRIES && begun.elapsed() < self.patience => {}
                    outcome => return outcome,
                }
            }
        })
    }

    /// Lends the writing connection of a SQLite store as it is, for what cannot be done in a transaction.
    pub(super) fn outside_transactions<T>(
        &self,
        act: impl FnOnce(&mut SqliteConnection) -> StoreResult<T>,
    ) -> StoreResult<Option<T>> {
        let mut db = self.lend(&self.writers)?;
        match &mut **db {
            Db::Sqlite(conn) => act(conn).map(Some),
            #[cfg(feature = "postgres")]
            Db::Postgres(_) => Ok(None),
        }
    }

    /// Truncates SQLite's write-ahead log, so that what was deleted is in no file. Nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when a reader still needs the log; then nothing was truncated.
    pub fn scrub_blocking(&self) -> StoreResult<()> {
        let mut db = self.lend(&self.writers)?;
        match &mut **db {
            Db::Sqlite(conn) => {
                // The pragma does not fail when it is kept waiting: it answers with a row whose first value is 1.
                let answer: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
                if answer.busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
            }
            #[cfg(feature = "postgres")]
            Db::Postgres(_) => Ok(()),
        }
    }

    /// Sees to it that what was erased is in no file of the store: on SQLite as [`Store::scrub_blocking`]; on PostgreSQL by
    /// writing the tables anew that hold addresses and wordings, which nobody can use for that moment.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when others kept it from its turn; then something is left.
    pub fn rewrite_blocking(&self) -> StoreResult<()> {
        #[cfg(feature = "postgres")]
        if matches!(self.url, StoreUrl::Postgres(_)) {
            let mut db = self.lend(&self.writers)?;
            let Db::Postgres(conn) = &mut **db else { return Ok(()) };
            let rewritten = ["VACUUM (FULL) members", "VACUUM (FULL) consent_texts", "VACUUM (FULL) signups"]
                .into_iter()
                .try_for_each(|statement| conn.batch_execute(statement));
            return Ok(rewritten?);
        }
        self.scrub_blocking()
    }

    /// Writes a consistent copy of a SQLite store to `file`, which must not exist. `false` on PostgreSQL, which has tools
    /// of its own for it.
    pub fn back_up_blocking(&self, file: &Path) -> StoreResult<bool> {
        let mut db = self.lend(&self.readers)?;
        match &mut **db {
            Db::Sqlite(conn) => {
                let unwritable =
                    |why: std::io::Error| StoreError::Unwritable { why: format!("`{}`: {why}", file.display()) };
                // SQLite takes an empty file for a new one, and leaves its permissions.
                drop(create_private(file).map_err(unwritable)?);
                conn.batch_execute("PRAGMA query_only = OFF;")?;
                let copied = sql_query("VACUUM INTO ?").bind::<Text, _>(file.to_string_lossy()).execute(conn);
                conn.batch_execute("PRAGMA query_only = ON;")?;
                if let Err(error) = copied {
                    std::fs::remove_file(file).map_err(unwritable)?;
                    return Err(error.into());
                }
                Ok(true)
            }
            #[cfg(feature = "postgres")]
            Db::Postgres(_) => Ok(false),
        }
    }

    /// What is wrong with the store: on SQLite damaged pages and broken references, on PostgreSQL settings of the server
    /// with which a commit is not safe. Empty when all is well.
    pub fn faults_blocking(&self) -> StoreResult<Vec<String>> {
        let mut db = self.lend(&self.readers)?;
        match &mut **db {
            Db::Sqlite(conn) => sqlite_faults(conn),
            #[cfg(feature = "postgres")]
            Db::Postgres(conn) => postgres_faults(conn),
        }
    }

    /// Whether the server has let none of a pool's connections be opened. A file is never away.
    fn has_no_connection(&self, pool: &Pool<Opener>) -> bool {
        matches!(self.url, StoreUrl::Postgres(_)) && pool.state().connections == 0
    }

    /// What somebody is told who would not wait for an answer any longer: that others keep the store locked, or, where no connection
    /// to a server stands, that it is away.
    pub fn kept_waiting(&self) -> StoreError {
        if !self.has_no_connection(&self.readers) {
            return StoreError::Busy;
        }
        StoreError::Unreachable { url: self.url.to_string(), why: "no connection can be opened".to_owned() }
    }

    /// A connection of `pool`. Without one all are in use behind somebody's lock, or none can be opened.
    fn lend(&self, pool: &Pool<Opener>) -> StoreResult<PooledConnection<Opener>> {
        pool.get().map_err(|error| {
            let said = error.to_string();
            // The pool says why it can open none to the first who waited for it, and to nobody else.
            if said == TIMED_OUT && !self.has_no_connection(pool) {
                return StoreError::Busy;
            }
            let url = self.url.to_string();
            let why = said.strip_prefix(&format!("{TIMED_OUT}: cannot open the store `{url}`: ")).unwrap_or(&said);
            StoreError::Unreachable { why: why.to_owned(), url }
        })
    }
}

fn transaction<T>(
    db: &mut Db,
    turn: Turn,
    durability: Durability,
    change: &mut impl FnMut(&mut Db) -> StoreResult<T>,
) -> StoreResult<T> {
    match turn {
        Turn::Usual => db.begin(durability)?,
        Turn::First => db.begin_soon(durability)?,
    }
    match change(db) {
        Ok(value) => {
            db.commit()?;
            Ok(value)
        }
        Err(error) => {
            // The change's own error says more than a failed roll-back, which ends the connection anyway.
            let _ = db.roll_back();
            Err(error)
        }
    }
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

#[derive(QueryableByName)]
struct PragmaRow {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn sqlite_faults(conn: &mut SqliteConnection) -> StoreResult<Vec<String>> {
    let mut faults: Vec<String> = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check")
        .load::<PragmaRow>(conn)?
        .into_iter()
        .map(|row| row.line)
        .filter(|line| line != "ok")
        .collect();
    let broken = sql_query("SELECT \"table\" || ' refers to a row that is gone' AS line FROM pragma_foreign_key_check");
    faults.extend(broken.load::<PragmaRow>(conn)?.into_iter().map(|row| row.line));
    Ok(faults)
}

/// A server whose commits are lost with its machine would have forgotten what was sent.
#[cfg(feature = "postgres")]
fn postgres_faults(conn: &mut diesel::PgConnection) -> StoreResult<Vec<String>> {
    let unsafe_settings = sql_query(
        "SELECT 'the server runs with `' || name || ' = off`: when its machine stops, it forgets what was sent, or is \
         damaged; set it to `on`' AS line FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'",
    );
    Ok(unsafe_settings.load::<PragmaRow>(conn)?.into_iter().map(|row| row.line).collect())
}

/// What keeps this program from using the store, or `None`.
fn mismatch(db: &mut Db) -> StoreResult<Option<SchemaMismatch>> {
    let tables = match db {
        Db::Sqlite(_) => "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'",
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => "SELECT count(*) AS n FROM pg_tables WHERE schemaname = current_schema()",
    };
    let ours = match db {
        Db::Sqlite(_) => {
            "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('__diesel_schema_migrations', 'store_facts')"
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => {
            "SELECT count(*) AS n FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename IN ('__diesel_schema_migrations', 'store_facts')"
        }
    };
    if count(db, tables)? == 0 {
        return Ok(Some(SchemaMismatch::Empty));
    }
    let marked = match db {
        Db::Sqlite(_) => count(db, "SELECT application_id AS n FROM pragma_application_id")? == APPLICATION_ID,
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => true,
    };
    if !marked || count(db, ours)? != 2 {
        return Ok(Some(SchemaMismatch::Foreign));
    }
    let found: BTreeSet<String> = sql_query("SELECT version FROM __diesel_schema_migrations")
        .load::<Version>(db)?
        .into_iter()
        .map(|row| row.version)
        .collect();
    let known = match db {
        Db::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(SQLITE_MIGRATIONS),
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => versions::<diesel::pg::Pg>(POSTGRES_MIGRATIONS),
    };
    let unknown: Vec<String> = found.difference(&known).cloned().collect();
    let missing: Vec<String> = known.difference(&found).cloned().collect();
    Ok(if !unknown.is_empty() {
        Some(SchemaMismatch::Newer { unknown })
    } else if !missing.is_empty() {
        Some(SchemaMismatch::Older { missing })
    } else {
        None
    })
}

fn count(db: &mut Db, sql: &str) -> StoreResult<i64> {
    Ok(sql_query(sql).get_result::<Count>(db)?.n)
}

/// The versions of an embedded set.
fn versions<B: diesel::backend::Backend>(set: EmbeddedMigrations) -> BTreeSet<String> {
    let set: Vec<Box<dyn Migration<B>>> = set.migrations().unwrap_or_default();
    set.iter().map(|migration| migration.name().version().to_string()).collect()
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_away_is_never_taken_for_a_locked_store() {
        let url = StoreUrl::Postgres("postgres:///shop?host=/nowhere&user=carillon".to_owned());
        let store = Store::pooled_within(Duration::from_millis(500), &url).unwrap();
        let ask = || store.read_blocking(|_| Ok(())).unwrap_err();
        // The pool tells one of them why, and the others nothing.
        let errors = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect::<Vec<_>>()
        });
        for error in &errors {
            assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
            assert_eq!(error.to_string().matches("cannot open the store").count(), 1, "{error}");
        }
        assert!(errors.iter().any(|error| error.to_string().contains("/nowhere/.s.PGSQL")), "{errors:?}");
        let error = store.kept_waiting();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        let here = StoreUrl::Sqlite(file.path().to_owned());
        let here = Store::pooled_within(Duration::from_millis(500), &here).unwrap();
        assert!(matches!(here.kept_waiting(), StoreError::Busy), "a file is never away");
    }
}
