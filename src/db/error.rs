//! What can go wrong in the store, with each backend's own signs hidden.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::column::Unreadable;
use crate::keys::KeysMissing;

/// The result of every function of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a store cannot be used by this program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaMismatch {
    /// There is nothing in it yet.
    #[error("it is empty; `carillon db migrate` sets it up")]
    Empty,
    /// It was written by an older Carillon.
    #[error("it was written by an older Carillon; back it up, then run `carillon db migrate` (missing: {})", missing.join(", "))]
    Older {
        /// The migrations that this program knows and the store lacks.
        missing: Vec<String>,
    },
    /// It was written by a newer Carillon.
    #[error("it was written by a newer Carillon; use that one (unknown here: {})", unknown.join(", "))]
    Newer {
        /// The migrations in the store that this program does not know.
        unknown: Vec<String>,
    },
    /// It belongs to another program.
    #[error("it is not a Carillon store; name another file or database under `[store] url`")]
    Foreign,
}

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or the server cannot be reached.
    #[error("cannot open the store `{url}`: {why}")]
    Unreachable {
        /// The URL, without a password.
        url: String,
        /// The backend's words.
        why: String,
    },
    /// The store is not one that this program may use. Nothing in it was changed.
    #[error("cannot use the store `{url}`: {mismatch}")]
    Schema {
        /// The URL, without a password.
        url: String,
        /// What is wrong with it.
        mismatch: SchemaMismatch,
    },
    /// A file beside the store, without which it is not safe to go on, cannot be used.
    #[error("cannot use `{path}`: {why}")]
    Beside {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// Trying it has shown that people cannot leave.
    #[error("people cannot leave: {what}")]
    LeavePath {
        /// What went wrong.
        what: &'static str,
    },
    /// The key file lacks keys, so nobody would be recognised.
    #[error(transparent)]
    KeysMissing(KeysMissing),
    /// Another daemon holds this store.
    #[error("another daemon is running on this store (it holds `{lock}`)")]
    Locked {
        /// The lock file.
        lock: String,
    },
    /// The store's file has two names.
    #[error(
        "`{file}` has another name, a hard link: two daemons under two names would damage it; find it with `find -samefile` \
         and remove one of them"
    )]
    SecondName {
        /// The file.
        file: String,
    },
    /// The store can be read and not written.
    #[error("the store cannot be written: {why}")]
    Unwritable {
        /// The backend's words.
        why: String,
    },
    /// The store's file lets others than its owner in, and cannot be shut.
    #[error(
        "the store's file `{file}` is open to others and could not be shut ({why}); run `chmod 600 {file}` as its owner"
    )]
    Exposed {
        /// The file.
        file: String,
        /// The system's words.
        why: String,
    },
    /// A unique key is taken.
    #[error("it exists already")]
    Conflict,
    /// Other writers kept this one from its turn.
    #[error(
        "the store is busy: another program keeps it locked; try again, and if this stays, find that program and end it"
    )]
    Busy,
    /// Something in the store is not what this program writes.
    #[error("the store holds {what} that cannot be read: `{value}`")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
        /// The value as found.
        value: String,
    },
    /// The connection broke off: the server has stopped or was started again.
    #[error("the connection to the store was lost: {why}")]
    Lost {
        /// The backend's words.
        why: String,
    },
    /// The store's file is no whole store any more.
    #[error(
        "the store's file is damaged ({why}): stop the daemon, put the latest backup back as docs/restore.md says, and start \
         the daemon again"
    )]
    Damaged {
        /// The backend's words.
        why: String,
    },
    /// Any other error of the backend.
    #[error("the store refused a statement")]
    Query(#[source] QueryError),
    /// A task that used the store ended early, because the program is stopping.
    #[error("the store was closed while in use")]
    Closed,
}

impl StoreError {
    /// A stored value that cannot be read.
    pub fn corrupt(what: &'static str, value: impl ToString) -> Self {
        Self::Corrupt { what, value: value.to_string() }
    }

    /// What it says of the store: the one table of which error passes by itself.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Busy => Trouble::Locked,
            Self::Unreachable { .. }
            | Self::Unwritable { .. }
            | Self::Lost { .. }
            | Self::Beside { .. }
            | Self::Damaged { .. }
            | Self::Exposed { .. } => Trouble::Unwritable,
            Self::Conflict
            | Self::LeavePath { .. }
            | Self::KeysMissing(_)
            | Self::Corrupt { .. }
            | Self::Query(_)
            | Self::Closed => Trouble::Refused,
            Self::Schema { .. } | Self::Locked { .. } | Self::SecondName { .. } => Trouble::Unusable,
        }
    }
}

/// What an error says of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Somebody else keeps it locked. It passes.
    Locked,
    /// It cannot be reached or written: a full disk, a file system that is read-only, a server that is away. It passes when
    /// somebody sees to it.
    Unwritable,
    /// It refused one thing, and may take others. Whether it passes nobody knows.
    Refused,
    /// It is not a store for this program: that never passes.
    Unusable,
}

impl From<QueryError> for StoreError {
    /// SQLite reports a write conflict at once, as an error of unknown kind with the text "database is locked".
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            QueryError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            QueryError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                information,
            ) => Self::Lost { why: information.message().to_owned() },
            QueryError::DatabaseError(_, information) if says(information.message(), &BUSY) => Self::Busy,
            QueryError::DatabaseError(_, information) if says(information.message(), &LOST) => {
                Self::Lost { why: information.message().to_owned() }
            }
            QueryError::DatabaseError(_, information) if says(information.message(), &UNWRITABLE) => {
                Self::Unwritable { why: information.message().to_owned() }
            }
            QueryError::DatabaseError(_, information) if says(information.message(), &DAMAGED) => {
                Self::Damaged { why: information.message().to_owned() }
            }
            QueryError::DeserializationError(why) => match unreadable(&**why) {
                Some(Unreadable { what, value }) => Self::corrupt(what, value),
                None => Self::Query(error),
            },
            _ => Self::Query(error),
        }
    }
}

/// The column that a statement failed on: the backend says in which field it was, and that is around it.
fn unreadable<'a>(why: &'a (dyn std::error::Error + 'static)) -> Option<&'a Unreadable> {
    std::iter::successors(Some(why), |why| why.source()).find_map(|why| why.downcast_ref())
}

/// How the backends say that they cannot write: SQLite when the disk is full, when writing fails, and when the file or
/// its folder is read-only; PostgreSQL when its disk is full and when the server follows another one.
const UNWRITABLE: [&str; 6] = [
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "No space left on device",
    "in a read-only transaction",
];

fn says(message: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| message.contains(sign))
}

/// How the backends say that others were in the way: SQLite after its busy timeout, PostgreSQL after `lock_timeout` and
/// when it has broken up a deadlock.
const BUSY: [&str; 4] =
    ["database is locked", "database table is locked", "deadlock detected", "canceling statement due to lock timeout"];

/// How SQLite says that what it reads is no store, as when another file was copied over it under a running daemon.
const DAMAGED: [&str; 2] = ["database disk image is malformed", "file is not a database"];

/// How PostgreSQL says that it ends a connection: it stops, somebody had it ended, or it has heard nothing in the middle of a
/// transaction, from a machine that slept.
const LOST: [&str; 3] = [
    "terminating connection due to administrator command",
    "terminating connection due to idle-in-transaction timeout",
    "the database system is shutting down",
];
