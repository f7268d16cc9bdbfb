//! The guard against a restored store: a count of what was handed over, kept in the store and in a file beside the
//! configuration.
//!
//! A store restored from a backup has forgotten what was sent since, and would send it again. Its count is then lower
//! than the file's. The file is read at every comparison, so that a store or a file that is put back while the daemon
//! runs is noticed at the next message.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::holds::Hold;
use crate::db::{Db, StoreResult, facts};

/// The name of the count in the store.
const FACT: &str = "handed-over";

/// The two counts.
#[derive(Debug)]
pub struct Guard {
    path: PathBuf,
    /// What the batches of this process have brought the store to.
    counted: Mutex<u64>,
}

/// The store has counted less than the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// What the store has counted.
    pub stored: u64,
    /// What the file has counted.
    pub marked: u64,
}

impl Guard {
    /// The count in the file at `path`, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), counted: Mutex::new(0) }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compares the store's count with the file's.
    pub fn look(&self, db: &mut Db) -> StoreResult<Option<Hold>> {
        let stored = facts::count(db, FACT)?;
        let name = self.path.display();
        Ok(match self.marked() {
            Ok(Some(marked)) if stored < marked => Some(Hold::StoreOlder(Rewound { stored, marked })),
            Ok(Some(_)) => None,
            Ok(None) if stored == 0 => None,
            Ok(None) => Some(Hold::StoreOfUnknownAge(format!(
                "`{name}`, which counts what was handed over, is missing or empty"
            ))),
            Err(error) => Some(Hold::StoreOfUnknownAge(format!("`{name}` cannot be read: {error}"))),
        })
    }

    /// Accepts the store as it is: the greater count is that of both. Called when a person has decided what to do with
    /// the mailings of a restored store; the file follows by [`Guard::mark`] after the commit.
    pub fn accept(&self, db: &mut Db) -> StoreResult<()> {
        let stored = facts::count(db, FACT)?;
        // A file that cannot be read has nothing to say any more: the person has answered instead.
        let marked = self.marked().ok().flatten().unwrap_or_default();
        self.note(facts::add(db, FACT, marked.saturating_sub(stored))?);
        Ok(())
    }

    /// Adds `granted` to the store's count, in the transaction that grants them.
    pub(super) fn count(&self, db: &mut Db, granted: usize) -> StoreResult<()> {
        if granted > 0 {
            self.note(facts::add(db, FACT, granted as u64)?);
        }
        Ok(())
    }

    /// Brings the file up to what was committed. Called before a granted body goes out.
    pub fn mark(&self) -> io::Result<()> {
        let counted = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&self.path)?;
        // Daemons of one shared store may share this file too; none may lower what another has written.
        file.lock()?;
        let mut text = String::new();
        let legible = file.read_to_string(&mut text).and_then(|_| read(&text));
        if legible.ok().flatten().is_some_and(|marked| marked >= counted) {
            return Ok(());
        }
        rewrite(&mut file, format!("{counted:020}\n").as_bytes())
    }

    fn note(&self, counted: u64) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = counted;
    }

    /// What the file says; `None` when it is missing or empty.
    fn marked(&self) -> io::Result<Option<u64>> {
        match fs::read_to_string(&self.path) {
            Ok(text) => read(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn read(text: &str) -> io::Result<Option<u64>> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it holds no count")),
    }
}

/// The line has a fixed length and fits in one sector, so it is replaced in place.
fn rewrite(file: &mut File, line: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(line)?;
    file.set_len(line.len() as u64)?;
    file.sync_data()
}
