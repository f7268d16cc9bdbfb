//! Exit codes: 0 done, 1 refused for a stated reason, 2 wrong usage or configuration, 3 something could not be reached,
//! 4 interrupted; 75 for a mail server that is to try again.

use crate::config::{ConfigError, KeysError};
use crate::db::StoreError;
use crate::phrase::Phrase;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It did not, for a stated reason: a finding, a missing object, a rejected row.
    Refused = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// A file, a server or a relay could not be reached; trying again makes sense.
    Unreachable = 3,
    /// A signal ended it.
    Interrupted = 4,
    /// A mail server that handed over a message is to keep it and to try again (`EX_TEMPFAIL` of `sysexits`).
    TryLater = 75,
}

/// An error that carries its exit code: `return Err(Failure::refused("there is no campaign `x`"))`.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// What to tell the person.
    pub message: Phrase,
}

impl Failure {
    /// The command was understood and is refused.
    pub fn refused(message: impl Into<Phrase>) -> anyhow::Error {
        Self { exit: Exit::Refused, message: message.into() }.into()
    }

    /// The command line is wrong in a way that clap cannot see.
    pub fn usage(message: impl Into<Phrase>) -> anyhow::Error {
        Self { exit: Exit::Usage, message: message.into() }.into()
    }

    /// Something could not be reached.
    pub fn unreachable(message: impl Into<Phrase>) -> anyhow::Error {
        Self { exit: Exit::Unreachable, message: message.into() }.into()
    }
}

/// The exit code that an error asks for.
pub fn code_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.exit;
        }
        if cause.is::<ConfigError>() || cause.is::<KeysError>() {
            return Exit::Usage;
        }
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return match error {
                StoreError::Schema { .. } | StoreError::Exposed { .. } => Exit::Usage,
                StoreError::Conflict | StoreError::Locked { .. } | StoreError::SecondName { .. } => Exit::Refused,
                _ => Exit::Unreachable,
            };
        }
        if cause.is::<std::io::Error>() {
            return Exit::Unreachable;
        }
    }
    Exit::Refused
}
