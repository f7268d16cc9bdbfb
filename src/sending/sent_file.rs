//! The file beside the configuration that counts what was claimed to be handed over. It is read at every comparison, so that a store
//! or a file that is put back while the daemon runs is noticed at the next batch.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::db::{Db, StoreError, StoreResult, identity};
use crate::delivery::store_age::{LatestHandOver, SentLine};
use crate::file_id::FileId;

/// The file.
#[derive(Clone, Debug)]
pub struct SentFile {
    path: PathBuf,
    durable: bool,
}

impl SentFile {
    /// The file at `path`, which need not be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), durable: true }
    }

    /// The same without waiting for the disk: beside a copy of a store that is thrown away.
    #[must_use]
    pub(super) fn without_sync(self) -> Self {
        Self { durable: false, ..self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says; why it cannot be read.
    pub(super) fn line(&self) -> Result<Option<SentLine>, String> {
        self.read().map_err(|error| error.to_string())
    }

    /// Adds `claimed` to the store's count, in the transaction that claims them, and returns the line that must be on
    /// disk before any of them goes out: [`SentFile::mark`] writes it after the commit.
    pub(super) fn count(&self, db: &mut Db, claimed: u64) -> StoreResult<Option<SentLine>> {
        if claimed == 0 {
            return Ok(None);
        }
        match self.read() {
            Ok(Some(line)) => identity::count(db, line, claimed).map(Some),
            Ok(None) => Err(self.unusable("it is gone")),
            Err(error) => Err(self.unusable(error)),
        }
    }

    /// Writes `line`, unless the file says more already: daemons of a shared store may share this file too.
    pub(super) fn mark(&self, line: SentLine) -> StoreResult<()> {
        let marked = self.change(|marked| {
            if marked.file != line.file {
                return Err(invalid("it was replaced in the meantime"));
            }
            let more = (line.answers, line.handed_over) > (marked.answers, marked.handed_over);
            Ok(more.then_some(SentLine { latest: marked.latest, ..line }))
        });
        let durable = self.durable;
        let synced = marked.and_then(|file| file.filter(|_| durable).map_or(Ok(()), |file| file.sync_data()));
        synced.map_err(|error| self.unusable(error))
    }

    /// Notes what was handed over last, once that is in the store. Does not wait for the disk: where the machine stops, the store
    /// puts in doubt what was claimed.
    pub(super) fn note_latest(&self, latest: LatestHandOver) -> StoreResult<()> {
        let noted = self.change(|marked| Ok(Some(SentLine { latest: Some(latest), ..marked })));
        noted.map(drop).map_err(|error| self.unusable(error))
    }

    /// Writes the line that `next` makes of the one that is there, under a lock. Returns the file when there was something to
    /// write.
    fn change(&self, next: impl FnOnce(SentLine) -> io::Result<Option<SentLine>>) -> io::Result<Option<File>> {
        let mut file = File::options().read(true).write(true).open(&self.path)?;
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let Some(line) = next(text.parse().map_err(invalid)?)? else { return Ok(None) };
        file.seek(SeekFrom::Start(0))?;
        file.write_all(line.to_string().as_bytes())?;
        Ok(Some(file))
    }

    /// Replaces the file by one that begins with `line`, whole or not at all.
    pub fn replace(&self, line: SentLine) -> io::Result<()> {
        let mut draft = self.path.clone().into_os_string();
        draft.push(format!(".{}.new", line.file));
        let draft = PathBuf::from(draft);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(line.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// The line; `None` when the file is missing or empty.
    fn read(&self) -> io::Result<Option<SentLine>> {
        match fs::read_to_string(&self.path) {
            Ok(text) if text.trim().is_empty() => Ok(None),
            Ok(text) => text.parse().map(Some).map_err(|_| invalid("it does not hold one line of counts")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn unusable(&self, why: impl std::fmt::Display) -> StoreError {
        StoreError::Beside { path: self.path.display().to_string(), why: why.to_string() }
    }
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A name for a new file.
pub fn new_file_id() -> io::Result<FileId> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(FileId::from_random(random))
}
