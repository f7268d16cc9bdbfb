//! The guard against a restored store: a count of what was handed over, kept in the store and in a file beside the
//! configuration.
//!
//! A store restored from a backup has forgotten what was sent since, and would send it again. Its count is then lower
//! than the file's, and the daemon refuses to start until a person has decided.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::db::{Db, StoreResult, facts};

/// The name of the count in the store.
const FACT: &str = "handed-over";

/// The two counts.
#[derive(Debug)]
pub struct Guard {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// What this daemon's last committed batch brought the store to.
    counted: u64,
    /// What the file says.
    marked: u64,
}

/// The store is older than the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// What the store has counted.
    pub stored: u64,
    /// What the file has counted.
    pub marked: u64,
}

impl Guard {
    /// Opens the file at `path`, making it when there is none. A file that is new or empty, as when the shop has moved to
    /// another machine without it, marks nothing: then the store is believed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let marked = match fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => 0,
            Ok(text) => text.trim().parse().map_err(|_| {
                let why = format!(
                    "`{}` holds no count; look at it, and remove it if the store is the latest one",
                    path.display()
                );
                io::Error::new(io::ErrorKind::InvalidData, why)
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        let state = Mutex::new(State { file, counted: marked, marked });
        Ok(Self { path: path.to_owned(), state })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compares the store's count with the file's.
    pub fn check(&self, db: &mut Db) -> StoreResult<Option<Rewound>> {
        let stored = facts::count(db, FACT)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if stored < state.marked {
            return Ok(Some(Rewound { stored, marked: state.marked }));
        }
        state.counted = stored;
        Ok(None)
    }

    /// Accepts the store as it is: the store's count becomes the file's. Called when a person has decided what to do
    /// with the mailings of a restored store.
    pub fn accept(&self, db: &mut Db) -> StoreResult<()> {
        let stored = facts::count(db, FACT)?;
        let marked = self.state.lock().unwrap_or_else(PoisonError::into_inner).marked;
        facts::add(db, FACT, marked.saturating_sub(stored))?;
        Ok(())
    }

    /// Adds `granted` to the store's count, in the transaction that grants them.
    pub(super) fn count(&self, db: &mut Db, granted: usize) -> StoreResult<()> {
        if granted > 0 {
            let counted = facts::add(db, FACT, granted as u64)?;
            self.state.lock().unwrap_or_else(PoisonError::into_inner).counted = counted;
        }
        Ok(())
    }

    /// Brings the file up to what was committed. Called before a granted body goes out.
    pub(super) fn mark(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.counted > state.marked {
            let (counted, line) = (state.counted, format!("{:020}\n", state.counted));
            rewrite(&mut state.file, line.as_bytes())?;
            state.marked = counted;
        }
        Ok(())
    }
}

/// The line has a fixed length and fits in one sector, so it is replaced in place.
fn rewrite(file: &mut File, line: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(0))?;
    file.write_all(line)?;
    file.sync_data()
}
