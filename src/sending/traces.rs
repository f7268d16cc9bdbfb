//! Takes addresses out of everything that this program wrote beside the members' rows: wordings that quote them, and letters in
//! the outbox. The one way, for an erasure that a person asks for and for the clocks of retention.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::holds::Holds;
use crate::config::Settings;
use crate::db::{Store, StoreError, erasure};
use crate::keys::Keyring;
use crate::member::Address;
use crate::transport::Directory;

/// Where there may be traces. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct AddressTraces {
    store: Store,
    keyring: Keyring,
    outbox: Option<PathBuf>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TracesGone {
    /// Wordings that quoted an address, which is taken out of them.
    pub wordings: usize,
    /// Letters in the outbox.
    pub letters: usize,
}

/// Why not everything was looked through.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The outbox cannot be looked through.
    #[error("cannot look through `{path}`")]
    Outbox {
        /// Where it is.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
}

impl From<TracesError> for StoreError {
    /// For who can only tell of the store: the outbox is a folder beside it.
    fn from(error: TracesError) -> Self {
        match error {
            TracesError::Store(error) => error,
            TracesError::Outbox { path, why } => Self::Beside { path, why: why.to_string() },
        }
    }
}

impl AddressTraces {
    /// The traces in a shop with these settings.
    pub fn of(settings: &Settings, store: &Store, keyring: &Keyring) -> Self {
        let outbox = settings.mail.transport.outbox().map(ToOwned::to_owned);
        Self { store: store.clone(), keyring: keyring.clone(), outbox }
    }

    /// Removes the traces of `addresses`. When nobody knows the addresses afterwards, this comes first.
    pub fn remove_blocking(&self, addresses: &[Address], now: Timestamp) -> Result<TracesGone, TracesError> {
        Ok(self.remove(addresses, now, None)?.unwrap_or_default())
    }

    /// The same, off the async threads, and only while there is no reason to hold, asked in the transaction that removes.
    /// `None` while there is one.
    pub async fn remove_unless_held(
        &self,
        addresses: Vec<Address>,
        holds: Arc<Holds>,
        now: Timestamp,
    ) -> Result<Option<TracesGone>, TracesError> {
        let traces = self.clone();
        let removed = tokio::task::spawn_blocking(move || traces.remove(&addresses, now, Some(&holds)));
        removed.await.map_err(|_| StoreError::Closed)?
    }

    fn remove(
        &self,
        addresses: &[Address],
        now: Timestamp,
        holds: Option<&Holds>,
    ) -> Result<Option<TracesGone>, TracesError> {
        let wordings = self.store.write_blocking(|db| {
            if holds.map_or(Ok(false), |holds| Ok::<_, StoreError>(!holds.ask(db, now)?.is_empty()))? {
                return Ok(None);
            }
            erasure::redact_wordings(db, addresses, &self.keyring, now).map(Some)
        })?;
        let Some(wordings) = wordings else { return Ok(None) };
        let letters = match &self.outbox {
            Some(folder) if !addresses.is_empty() => Directory::new(folder)
                .remove_letters_to(addresses)
                .map_err(|why| TracesError::Outbox { path: folder.display().to_string(), why })?,
            _ => 0,
        };
        Ok(Some(TracesGone { wordings, letters }))
    }
}
