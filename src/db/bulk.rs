//! How a command writes very much without keeping others waiting: somebody who leaves while a million rows come in is
//! answered as fast as at any other time.
//!
//! Alone on a SQLite store it takes as much as is quickest. Beside a daemon it takes little at a time and pauses after each
//! portion, because SQLite lets nobody stand in line: who comes for the lock looks again and again whether it is free. PostgreSQL does,
//! and there smaller portions are enough.

use std::time::Duration;

use super::{Db, Store, StoreResult, ends};

/// How long others have after each portion, beside a daemon on SQLite. Who leaves looks for the lock more often than this.
const BREATH: Duration = Duration::from_millis(5);

/// How many rows a transaction takes of those that are quickest alone, beside others.
const BESIDE_OTHERS: usize = 500;

/// A command that writes very much.
#[derive(Debug)]
pub struct BulkWriter {
    store: Store,
    beside_others: bool,
}

impl BulkWriter {
    /// One that writes to `store`. Whether it is alone is looked at now.
    pub fn new(store: Store) -> Self {
        let beside_others = store.is_locked_by_daemon() != Some(false);
        Self { store, beside_others }
    }

    /// Takes as much room as it may. What only reads does without.
    pub fn expect_much(&self) -> StoreResult<()> {
        if self.beside_others { Ok(()) } else { self.store.expect_much() }
    }

    /// Leaves out what a list of members is quicker without, until [`Self::settle`], when it is the store's first.
    pub fn begin_members(&self) -> StoreResult<()> {
        if self.beside_others { Ok(()) } else { self.store.write_blocking(ends::leave_out) }
    }

    /// How many rows one transaction may take, where `alone` are quickest.
    pub fn portion(&self, alone: usize) -> usize {
        if self.beside_others { alone.min(BESIDE_OTHERS) } else { alone }
    }

    /// The store, for reading.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Writes a portion, as [`Store::write_blocking`] does, and lets others have their turn.
    pub fn write<T>(&self, change: impl FnMut(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        let written = self.store.write_blocking(change);
        if self.beside_others && self.store.is_one_machines() {
            std::thread::sleep(BREATH);
        }
        written
    }

    /// The same of one portion of many, of which nobody is told before the last one is written by [`Self::write`]: the disk has
    /// them all by then. A machine that stops earlier may have forgotten some, as if the command had been ended sooner. A daemon
    /// would tell others of what it sees, in an anchor or a letter, so beside one each portion waits for the disk.
    pub fn write_one_of_many<T>(&self, change: impl FnMut(&mut Db) -> StoreResult<T>) -> StoreResult<T> {
        if self.beside_others { self.write(change) } else { self.store.write_unsynced_blocking(change) }
    }

    /// Puts in what was left out, and brings what was held back into the store's own file, at the end.
    pub fn settle(&self) -> StoreResult<()> {
        if self.beside_others {
            return Ok(());
        }
        self.store.write_blocking(ends::put_in)?;
        self.store.settle()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoreUrl;

    #[test]
    fn little_at_a_time_is_taken_only_beside_a_daemon() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("carillon.db"));
        Store::migrate(&url).unwrap();
        let store = Store::open(&url).unwrap();
        assert_eq!(BulkWriter::new(store.clone()).portion(5_000), 5_000);
        let mut daemon = Store::open(&url).unwrap();
        daemon.lock_for_daemon().unwrap();
        let bulk = BulkWriter::new(store);
        assert_eq!((bulk.portion(5_000), bulk.portion(200)), (500, 200));
    }
}
