//! The file of the record of departures: read, and added to under a lock. What stands in it is the core's
//! ([`crate::member::departure`]); who adds to it and who reads it is [`super::leaving`]'s.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::file_id::FileId;
use crate::files::create_private;
use crate::member::Departure;
use crate::member::departure::{Height, LINE, Link, heading, read_heading, read_link};

/// How long a departure waits for others that are being written, and how often it looks.
const PATIENCE: u32 = 500;
const LOOK: Duration = Duration::from_millis(20);

/// Lines that are read at once.
const PAGE: u64 = 500;

/// The file.
#[derive(Clone, Debug)]
pub struct DeparturesFile {
    path: PathBuf,
}

/// A record as it ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordEnd {
    /// Its name.
    pub file: FileId,
    /// Its height.
    pub height: Height,
}

/// A record that nobody else can add to.
#[derive(Debug)]
pub(super) struct Locked {
    file: File,
    pub(super) end: RecordEnd,
}

impl DeparturesFile {
    /// The file at `path`, which need not be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an empty record.
    pub(super) fn create(&self, file: FileId) -> io::Result<()> {
        let mut new = create_private(&self.path)?;
        new.write_all(heading(file).as_bytes())?;
        new.sync_all()?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Sets a record aside, and makes an empty one in its place.
    pub(super) fn begin_anew(&self, file: FileId) -> io::Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(format!(".{file}.set-aside"));
        std::fs::rename(&self.path, PathBuf::from(aside))?;
        self.create(file)
    }

    /// Where the record ends; `None` while somebody is leaving: who has the lock has written
    /// lines that are not in the store yet, and will be at once.
    pub(super) fn end(&self) -> io::Result<Option<RecordEnd>> {
        let mut file = File::open(&self.path)?;
        match file.try_lock_shared() {
            Ok(()) => end(&mut file).map(Some),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The link at the height of `lines`, if the record goes so far.
    pub(super) fn link_at(&self, lines: u64) -> io::Result<Option<Link>> {
        let mut file = File::open(&self.path)?;
        if lines > whole_lines(&file)? {
            Ok(None)
        } else {
            read_link(&line(&mut file, lines)?).map(Some).map_err(invalid)
        }
    }

    /// The next departures after `height`, in order, and the height with them. Empty at the end.
    pub(super) fn read(&self, mut height: Height) -> io::Result<(Vec<Departure>, Height)> {
        let mut file = File::open(&self.path)?;
        let last = whole_lines(&file)?.min(height.lines + PAGE);
        let mut departures = Vec::new();
        while height.lines < last {
            let text = line(&mut file, height.lines + 1)?;
            let (departure, next) = Departure::read(&text, height).map_err(invalid)?;
            departures.push(departure);
            height = next;
        }
        Ok((departures, height))
    }

    /// Every departure, in order, and the record's name and height with them.
    pub(super) fn all(&self) -> io::Result<(Vec<Departure>, RecordEnd)> {
        let RecordEnd { file, mut height } = self.beginning()?;
        let mut all = Vec::new();
        loop {
            let (departures, next) = self.read(height)?;
            if departures.is_empty() {
                return Ok((all, RecordEnd { file, height }));
            }
            all.extend(departures);
            height = next;
        }
    }

    /// The name of the record, and its height before the first departure.
    pub(super) fn beginning(&self) -> io::Result<RecordEnd> {
        let (file, height) = read_heading(&line(&mut File::open(&self.path)?, 0)?).map_err(invalid)?;
        Ok(RecordEnd { file, height })
    }

    /// The name of the record, as far as it can be read.
    pub fn name(&self) -> Option<FileId> {
        self.beginning().ok().map(|beginning| beginning.file)
    }

    /// Keeps others from adding until the answer is dropped.
    pub(super) fn lock(&self) -> io::Result<Locked> {
        let mut file = File::options().read(true).write(true).open(&self.path)?;
        for _ in 0..PATIENCE {
            match file.try_lock() {
                Ok(()) => {
                    let end = end(&mut file)?;
                    return Ok(Locked { file, end });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "another program keeps it locked"))
    }
}

impl Locked {
    /// Adds lines, and returns when they are on disk.
    pub(super) fn append(&mut self, departures: &[Departure]) -> io::Result<RecordEnd> {
        let mut height = self.end.height;
        let mut text = String::with_capacity(departures.len() * LINE);
        for departure in departures {
            let (line, next) = departure.after(height);
            text.push_str(&line);
            height = next;
        }
        // A line that was cut off by a crash counted for nobody: its writer never heard that it was written.
        self.file.seek(SeekFrom::Start(offset(self.end.height.lines + 1)))?;
        self.file.write_all(text.as_bytes())?;
        let length = offset(height.lines + 1);
        self.file.set_len(length)?;
        self.file.sync_data()?;
        self.end.height = height;
        Ok(self.end)
    }
}

fn offset(line: u64) -> u64 {
    line.saturating_mul(LINE as u64)
}

/// The number of the last whole line, not counting the heading.
fn whole_lines(file: &File) -> io::Result<u64> {
    let lines = file.metadata()?.len() / LINE as u64;
    lines.checked_sub(1).ok_or_else(|| invalid("it has no heading"))
}

fn line(file: &mut File, number: u64) -> io::Result<String> {
    let mut bytes = [0; LINE];
    file.seek(SeekFrom::Start(offset(number)))?;
    file.read_exact(&mut bytes)?;
    String::from_utf8(bytes.to_vec()).map_err(invalid)
}

fn end(file: &mut File) -> io::Result<RecordEnd> {
    let lines = whole_lines(file)?;
    let (name, zero) = read_heading(&line(file, 0)?).map_err(invalid)?;
    let link = if lines == 0 { zero.link } else { read_link(&line(file, lines)?).map_err(invalid)? };
    Ok(RecordEnd { file: name, height: Height { lines, link } })
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::keys::Keyring;
    use crate::member::departure::Parting;
    use crate::member::{Cause, Fingerprint};

    fn record() -> (TempDir, DeparturesFile) {
        let folder = TempDir::new().unwrap();
        let record = DeparturesFile::new(folder.path().join("carillon.departures"));
        record.create(FileId::from_random([7; 8])).unwrap();
        (folder, record)
    }

    fn somebody(number: u8) -> Departure {
        let address = format!("m{number}@example.fr").parse().unwrap();
        let fingerprint = Fingerprint::of(&Keyring::generate([3; 32]), &address);
        Departure { fingerprint, parting: Parting::Left(Cause::Withdrawn), at: jiff::Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn what_is_added_is_read_in_order() {
        let (_folder, record) = record();
        let people = [somebody(1), somebody(2), somebody(3)];
        let end = record.lock().unwrap().append(&people[..2]).unwrap();
        assert_eq!(record.end().unwrap(), Some(end));
        let end = record.lock().unwrap().append(&people[2..]).unwrap();
        let zero = record.beginning().unwrap();
        assert_eq!(record.read(zero.height).unwrap(), (people.to_vec(), end.height));
        assert_eq!(record.read(end.height).unwrap(), (Vec::new(), end.height));
        assert_eq!(record.link_at(3).unwrap(), Some(end.height.link));
        assert_eq!(record.link_at(4).unwrap(), None);
        assert!(record.create(FileId::from_random([8; 8])).is_err(), "a record is never replaced");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, record) = record();
        assert_eq!(record.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_cut_off_by_a_crash_counts_for_nobody() {
        let (_folder, record) = record();
        let one = record.lock().unwrap().append(&[somebody(1)]).unwrap();
        record.lock().unwrap().append(&[somebody(2)]).unwrap();
        let file = File::options().write(true).open(record.path()).unwrap();
        file.set_len(offset(3) - 20).unwrap();
        assert_eq!(record.end().unwrap(), Some(one));
        record.lock().unwrap().append(&[somebody(3)]).unwrap();
        let zero = record.beginning().unwrap();
        assert_eq!(record.read(zero.height).unwrap().0, [somebody(1), somebody(3)]);
    }

    #[test]
    fn who_is_leaving_is_waited_for_and_not_looked_at() {
        let (_folder, record) = record();
        let locked = record.lock().unwrap();
        assert_eq!(record.end().unwrap(), None);
        drop(locked);
        assert!(record.end().unwrap().is_some());
    }
}
