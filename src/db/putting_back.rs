//! Putting a backup of a store in SQLite in the place of the store: checked before, and never over another one, which is kept beside it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::{SchemaMismatch, StoreError};
use super::store::Store;
use super::{backups, clock, lock};
use crate::config::StoreUrl;
use crate::files::{create_private, folder_of};

/// What SQLite keeps beside the file of a store. The first of them holds changes that are not in the file yet.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Why a backup is not put back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum PutBackError {
    /// It is the store.
    #[error("`{file}` is the store itself; name a copy of it")]
    Itself {
        /// The file.
        file: String,
    },
    /// It is no store, or none that this program can use.
    #[error("`{file}` cannot be put back: {why}")]
    Unusable {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// It is not whole.
    #[error("`{file}` is damaged ({fault}); take an earlier backup")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A daemon has the store.
    #[error("a daemon runs on `{store}`; stop it, put the backup back, and start it again")]
    Running {
        /// The store.
        store: String,
    },
    /// A file cannot be read or written.
    #[error("`{path}`: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A store that stands in the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// There is none.
    Nothing,
    /// There is one that can be read, and the newest instant that it knows of.
    Store(Option<Timestamp>),
    /// There is a file that cannot be read as a store.
    Unreadable,
}

/// A copy of a backup beside the place of the store: checked, and brought up to date. It is removed when it is not put in place. While
/// it lives no daemon can take the store.
#[derive(Debug)]
pub struct CheckedCopy {
    draft: PathBuf,
    place: PathBuf,
    as_of: Option<Timestamp>,
    in_place: InPlace,
    _lock: File,
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn at(path: &Path) -> impl Fn(io::Error) -> PutBackError {
    let path = path.display().to_string();
    move |why| PutBackError::File { path: path.clone(), why }
}

/// Whether there is anything at `path`.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether the file begins as those of SQLite do; one that is empty is told of later.
fn begins_as_sqlite(file: &Path) -> bool {
    let mut begins = Vec::new();
    let read = File::open(file).and_then(|file| io::Read::take(file, 16).read_to_end(&mut begins));
    read.is_err() || begins.is_empty() || begins == b"SQLite format 3\0"
}

fn remove_draft(draft: &Path) {
    for end in ["", BESIDE[0], BESIDE[1]] {
        // What is left of it is replaced by the next one.
        let _ = fs::remove_file(beside(draft, end));
    }
}

/// The newest instant that the store at `file` knows of.
fn newest(file: &Path) -> Result<Option<Timestamp>, StoreError> {
    Store::open(&StoreUrl::Sqlite(file.to_owned()))?.read_blocking(clock::written_until)
}

impl CheckedCopy {
    /// Copies `backup` to beside `place`, where the store is or was, brings its schema up to date there, and checks it. The backup itself
    /// is only read.
    ///
    /// # Errors
    /// When a daemon runs, or when it is no whole store. Nothing was changed then.
    pub fn of(backup: &Path, place: &Path) -> Result<Self, PutBackError> {
        let place = match place.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = folder_of(place);
                folder.canonicalize().map_err(at(folder))?.join(place.file_name().unwrap_or_default())
            }
            Err(error) => return Err(at(place)(error)),
        };
        let file = || backup.display().to_string();
        if backup.canonicalize().map_err(at(backup))? == place {
            return Err(PutBackError::Itself { file: file() });
        }
        let lock = lock::take(&place).map_err(|error| match error {
            StoreError::Locked { .. } => PutBackError::Running { store: place.display().to_string() },
            other => other.into(),
        })?;
        let in_place = match newest(&place) {
            _ if !is_there(&place) => InPlace::Nothing,
            Ok(newest) => InPlace::Store(newest),
            Err(_) => InPlace::Unreadable,
        };
        let draft = beside(&place, ".put-back");
        remove_draft(&draft);
        let mut copy = Self { draft, place, as_of: None, in_place, _lock: lock };
        copy.take_over(backup)?;
        copy.as_of = copy.check(&file())?;
        Ok(copy)
    }

    /// Copies the backup, with what SQLite has left beside it when it was not made by `db backup`.
    fn take_over(&self, backup: &Path) -> Result<(), PutBackError> {
        for end in ["", BESIDE[0]] {
            let (from, to) = (beside(backup, end), beside(&self.draft, end));
            let mut source = match File::open(&from) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && !end.is_empty() => continue,
                opened => opened.map_err(at(&from))?,
            };
            let mut copied = create_private(&to).map_err(at(&to))?;
            io::copy(&mut source, &mut copied).map_err(at(&to))?;
            copied.sync_all().map_err(at(&to))?;
        }
        Ok(())
    }

    /// The newest instant that the copy knows of, once it is known to be whole. `file` is what it is a copy of.
    fn check(&self, file: &str) -> Result<Option<Timestamp>, PutBackError> {
        let url = StoreUrl::Sqlite(self.draft.clone());
        let unusable = |why: String| PutBackError::Unusable { file: file.to_owned(), why };
        if !begins_as_sqlite(&self.draft) {
            return Err(unusable("it is no backup of a store".to_owned()));
        }
        match Store::open(&url) {
            Ok(_) | Err(StoreError::Schema { mismatch: SchemaMismatch::Older { .. }, .. }) => {}
            Err(StoreError::Schema { mismatch: SchemaMismatch::Empty, .. }) => {
                return Err(unusable("there is nothing in it".to_owned()));
            }
            Err(StoreError::Schema { mismatch: SchemaMismatch::Foreign, .. }) => {
                return Err(unusable("it is not a Carillon store".to_owned()));
            }
            Err(StoreError::Schema { mismatch, .. }) => return Err(unusable(mismatch.to_string())),
            Err(StoreError::Unreachable { why, .. }) => return Err(unusable(why)),
            Err(other) => return Err(unusable(other.to_string())),
        }
        let damaged = |fault: String| PutBackError::Damaged { file: file.to_owned(), fault };
        let (copy, _) = Store::migrate(&url).map_err(|error| damaged(error.to_string()))?;
        if let Some(fault) = copy.faults_blocking().map_err(|error| damaged(error.to_string()))?.into_iter().next() {
            return Err(damaged(fault));
        }
        let newest = copy.read_blocking(clock::written_until)?;
        // It says when the copy before it was made; that it is one itself nobody could tell it.
        if let Some(newest) = newest
            && copy.read_blocking(backups::latest)?.is_none_or(|latest| latest < newest)
        {
            copy.write_blocking(|db| backups::note(db, newest))?;
        }
        // All of it must be in the one file that is put in place.
        copy.settle()?;
        Ok(newest)
    }

    /// The newest instant that the backup knows of.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// What stands in the place now.
    pub fn in_place(&self) -> InPlace {
        self.in_place
    }

    /// Where what stands in the place would be kept, at `now`.
    pub fn aside(&self, now: Timestamp) -> PathBuf {
        beside(&self.place, &format!(".before-{}", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Puts it in place at `now`. Tells where what stood there is kept.
    ///
    /// # Errors
    /// When a file cannot be renamed; what stood there is put back then.
    pub fn put_in_place(self, now: Timestamp) -> Result<Option<PathBuf>, PutBackError> {
        let aside = self.aside(now);
        let ends = || ["", BESIDE[0], BESIDE[1]].into_iter();
        if let Some(taken) = ends().map(|end| beside(&aside, end)).find(|path| is_there(path)) {
            return Err(at(&taken)(io::ErrorKind::AlreadyExists.into()));
        }
        let mut moved = Vec::new();
        let put = (|| {
            // What an interrupted try has left beside no file must go as well: SQLite would take it for a part of the new one.
            for end in ends() {
                let (from, to) = (beside(&self.place, end), beside(&aside, end));
                if is_there(&from) {
                    fs::rename(&from, &to).map_err(at(&from))?;
                    moved.push((from, to));
                }
            }
            fs::rename(&self.draft, &self.place).map_err(at(&self.place))?;
            let folder = folder_of(&self.place);
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
        })();
        if let Err(error) = put {
            if is_there(&self.draft) {
                for (from, to) in moved.iter().rev() {
                    fs::rename(to, from).map_err(at(from))?;
                }
            }
            return Err(error);
        }
        Ok((!moved.is_empty()).then_some(aside))
    }
}

impl Drop for CheckedCopy {
    fn drop(&mut self) {
        remove_draft(&self.draft);
    }
}
