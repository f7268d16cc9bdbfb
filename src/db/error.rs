//! What can go wrong in the store, with each backend's own signs hidden.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::column::Unreadable;

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
    #[error("the store is busy")]
    Busy,
    /// Something in the store is not what this program writes.
    #[error("the store holds {what} that cannot be read: `{value}`")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
        /// The value as found.
        value: String,
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

    /// Whether the same call may succeed when tried again shortly.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable { .. } | Self::Unwritable { .. })
    }
}

impl From<QueryError> for StoreError {
    /// SQLite reports a write conflict at once, as an error of unknown kind with the text "database is locked".
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            QueryError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            QueryError::DatabaseError(_, information)
                if information.message().contains("database is locked")
                    || information.message().contains("deadlock detected") =>
            {
                Self::Busy
            }
            QueryError::DatabaseError(_, information)
                if UNWRITABLE.iter().any(|sign| information.message().contains(sign)) =>
            {
                Self::Unwritable { why: information.message().to_owned() }
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
