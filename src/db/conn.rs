//! Connections of either backend, and how one is opened.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::ManageConnection;
use diesel::{Connection, MultiConnection, SqliteConnection};

use super::place::file_place;
use super::{StoreError, StoreResult};
use crate::config::StoreUrl;
use crate::files::{create_private, shut};

/// One connection. Most statements are written once against this type; `per_backend!` compiles the others once for
/// each backend.
#[derive(MultiConnection)]
pub enum Db {
    /// The embedded backend.
    Sqlite(SqliteConnection),
    /// The backend for several daemons.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

/// One diesel expression, type-checked against each backend: for upserts, batches, and whatever else the
/// two-backend connection cannot express.
macro_rules! per_backend {
    ($db:expr, $conn:ident => $query:expr) => {
        match $db {
            $crate::db::Db::Sqlite($conn) => $query,
            #[cfg(feature = "postgres")]
            $crate::db::Db::Postgres($conn) => $query,
        }
    };
}
pub(crate) use per_backend;

/// How long SQLite waits for somebody else's lock.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// The same for who looks again by itself: SQLite looks twice in this time.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// When a commit reaches the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Before it returns.
    Waits,
    /// With the next one that waits. It is visible to everybody at once, and outlives this process.
    Later,
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Look only.
    Read,
    /// Look and change.
    Write,
    /// The same, and make the file when there is none.
    Create,
}

impl Db {
    /// Opens a connection.
    pub(super) fn open(url: &StoreUrl, access: Access) -> StoreResult<Self> {
        let opened = match url {
            StoreUrl::Sqlite(path) => {
                make_private(path, access)?;
                Self::open_sqlite(path, access)
            }
            #[cfg(feature = "postgres")]
            StoreUrl::Postgres(server) => Self::open_postgres(server),
            #[cfg(not(feature = "postgres"))]
            StoreUrl::Postgres(_) => Err("this program was built without PostgreSQL".to_owned()),
        };
        // PostgreSQL says it in several lines; a line of a log and a cell of a table are one.
        let said = |why: String| url.scrub(&why).split_whitespace().collect::<Vec<_>>().join(" ");
        opened.map_err(|why| StoreError::Unreachable { url: url.to_string(), why: said(why) })
    }

    fn open_sqlite(path: &Path, access: Access) -> Result<Self, String> {
        if access != Access::Create && !path.exists() {
            return Err(
                "there is no such file; put the store's file there, or make an empty store with `carillon db migrate`"
                    .into(),
            );
        }
        let open = |mode: &str| {
            let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            SqliteConnection::establish(&format!("file:{escaped}?mode={mode}")).map_err(|error| error.to_string())
        };
        let mut conn = open(if access == Access::Create { "rwc" } else { "rw" })?;
        let prepared = match access {
            Access::Read => conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA schema_version;"),
            // `secure_delete` overwrites what is deleted, so that an erased address is in no free page.
            // FULL makes a commit durable; `begin` asks for less where that is enough.
            Access::Write | Access::Create => conn.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;",
            ),
        };
        match prepared.map_err(StoreError::from) {
            Ok(()) => {}
            // Even who only reads must write to the files beside the store, unless nobody is at work on it.
            Err(StoreError::Unwritable { .. }) if access == Access::Read && is_at_rest(path) => {
                conn = open("ro&immutable=1")?;
            }
            Err(error) => return Err(error.to_string()),
        }
        Ok(Self::Sqlite(conn))
    }

    #[cfg(feature = "postgres")]
    fn open_postgres(server: &str) -> Result<Self, String> {
        let mut conn = diesel::PgConnection::establish(&with_patience(server)).map_err(|error| error.to_string())?;
        conn.batch_execute("SET lock_timeout = '5s'").map_err(|error| error.to_string())?;
        Ok(Self::Postgres(conn))
    }

    /// Starts a transaction that will write, and whose commit is as durable as is asked for. On SQLite it takes the write
    /// lock now: one that only reads at first would fail at once, not wait, when it came to write.
    pub(super) fn begin(&mut self, durability: Durability) -> StoreResult<()> {
        match self {
            Self::Sqlite(conn) => {
                // Outside a transaction: SQLite takes no heed of it within one.
                conn.batch_execute(match durability {
                    Durability::Waits => "PRAGMA synchronous = FULL;",
                    Durability::Later => "PRAGMA synchronous = NORMAL;",
                })?;
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                match durability {
                    Durability::Waits => BEGIN_POSTGRES,
                    Durability::Later => BEGIN_POSTGRES_LATER,
                },
            )?,
        }
        Ok(())
    }

    /// The same for who goes first. SQLite looks ever more seldom whether another process has let go of the lock, so that one
    /// that takes it again and again is met in the act for seconds; here it is looked for every millisecond.
    pub(super) fn begin_soon(&mut self, durability: Durability) -> StoreResult<()> {
        match self {
            Self::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => return self.begin(durability),
        }
        self.wait_at_most(LOOK_AGAIN)?;
        let begun = Instant::now();
        let outcome = loop {
            match self.begin(durability) {
                Err(StoreError::Busy) if begun.elapsed() < LOCK_PATIENCE => {}
                outcome => break outcome,
            }
        };
        self.wait_at_most(LOCK_PATIENCE)?;
        outcome
    }

    /// How long SQLite waits for somebody else's lock from now on. PostgreSQL is told in each transaction.
    fn wait_at_most(&mut self, patience: Duration) -> StoreResult<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(&format!("PRAGMA busy_timeout = {};", patience.as_millis()))?,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
        }
        Ok(())
    }

    /// Starts a transaction that sees the store as it is now until it is rolled back, whatever others write meanwhile.
    pub(super) fn begin_snapshot(&mut self) -> StoreResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")?,
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
        }
        Ok(())
    }

    /// Makes the changes of the transaction stand: on disk, unless it was begun to be brought there later.
    pub(super) fn commit(&mut self) -> StoreResult<()> {
        per_backend!(self, conn => AnsiTransactionManager::commit_transaction(conn)?);
        Ok(())
    }

    /// Undoes the transaction's changes.
    pub(super) fn roll_back(&mut self) -> StoreResult<()> {
        per_backend!(self, conn => AnsiTransactionManager::rollback_transaction(conn)?);
        Ok(())
    }

    /// Undoes what `act` changes, whatever comes of it, and nothing else of the transaction in which it is called: to see what
    /// would be.
    pub(super) fn undone<T>(&mut self, act: impl FnOnce(&mut Self) -> StoreResult<T>) -> StoreResult<T> {
        // Within a transaction this is a savepoint.
        per_backend!(self, conn => AnsiTransactionManager::begin_transaction(conn)?);
        let outcome = act(self);
        let undone = self.roll_back();
        let outcome = outcome?;
        undone.map(|()| outcome)
    }
}

/// What is asked of libpq unless the URL says something else: a server whose machine or network swallows everything is given up, so that
/// the next of several is tried, and a connection to it ends.
#[cfg(feature = "postgres")]
const PATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "10"),
    ("tcp_user_timeout", "30000"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
];

/// The URL of a server, with how long its network is waited for.
#[cfg(feature = "postgres")]
fn with_patience(server: &str) -> String {
    let mut url = server.to_owned();
    for (name, value) in PATIENCE {
        let is_set = server.split(['?', '&']).skip(1).any(|set| set.split('=').next() == Some(name));
        if !is_set {
            let joint = if url.contains('?') { "&" } else { "?" };
            url.extend([joint, name, "=", value]);
        }
    }
    url
}

/// Shuts the files of a store to others. SQLite makes those beside the store's own with the same permissions, so a new
/// store's file is made before SQLite opens it.
fn make_private(path: &Path, access: Access) -> StoreResult<()> {
    if access == Access::Create {
        // Where the file is there already, or cannot be made, SQLite says more.
        let _ = create_private(path);
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        shut(Path::new(&file)).map_err(|why| StoreError::Exposed {
            file: Path::new(&file).display().to_string(),
            why: why.to_string(),
        })?;
    }
    Ok(())
}

/// Whether everything that the store holds is in its own file: nobody has it open, and nothing is left in its log.
fn is_at_rest(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().map_or(true, |log| log.len() == 0)
}

/// A commit that is not on disk when it is reported can be lost, and what was sent would be sent again: a server, a
/// database or a role whose commits do not wait is told to wait for ours. Said in every transaction, because a pooler
/// between us and the server forgets what was said before it. So with the time after which a lock that somebody keeps is
/// an error that is told, as on SQLite; and with that after which the server ends a transaction of which it hears nothing: a
/// machine that sleeps, or lost its network, must not keep its locks until it is back, when others are to do its work.
#[cfg(feature = "postgres")]
const BEGIN_POSTGRES: &str = "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '5s'; \
     SET LOCAL idle_in_transaction_session_timeout = '15s'";
#[cfg(feature = "postgres")]
const BEGIN_POSTGRES_LATER: &str = "BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '5s'; \
     SET LOCAL idle_in_transaction_session_timeout = '15s'";

/// A pooled connection, and the file that it was opened on.
pub(super) struct Lent {
    db: Db,
    place: Option<String>,
}

impl Deref for Lent {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

/// Opens connections for the pool.
pub(super) struct Opener {
    pub(super) url: StoreUrl,
    pub(super) access: Access,
}

impl Opener {
    /// The file of a SQLite store as it is now.
    fn place(&self) -> Option<String> {
        match &self.url {
            StoreUrl::Sqlite(path) => Some(file_place(path)),
            StoreUrl::Postgres(_) => None,
        }
    }
}

impl ManageConnection for Opener {
    type Connection = Lent;
    type Error = StoreError;

    fn connect(&self) -> Result<Lent, StoreError> {
        Ok(Lent { db: Db::open(&self.url, self.access)?, place: self.place() })
    }

    fn is_valid(&self, lent: &mut Lent) -> Result<(), StoreError> {
        per_backend!(&mut lent.db, conn => conn.batch_execute("SELECT 1"))?;
        Ok(())
    }

    /// A connection also ends when another file has taken the place of its own: what it goes on writing would be lost.
    fn has_broken(&self, lent: &mut Lent) -> bool {
        let broken = per_backend!(&mut lent.db, conn => AnsiTransactionManager::is_broken_transaction_manager(conn));
        broken || lent.place != self.place()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "postgres")]
    #[test]
    fn what_the_url_says_of_patience_stands() {
        use super::with_patience;

        assert_eq!(
            with_patience("postgres://shop@db.example.org/x"),
            "postgres://shop@db.example.org/x?connect_timeout=10&tcp_user_timeout=30000&keepalives_idle=15\
             &keepalives_interval=5&keepalives_count=3"
        );
        let own = with_patience("postgres:///x?host=a,b&connect_timeout=3&tcp_user_timeout=0");
        assert!(own.contains("connect_timeout=3&tcp_user_timeout=0&keepalives_idle=15"), "{own}");
    }
}
