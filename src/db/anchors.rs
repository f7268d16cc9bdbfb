//! The file of anchors, beside the store: read, and added to under a lock. The store keeps how far each file goes, so that
//! one that is gone, empty or cut short is noticed. What stands in it is the core's ([`crate::member::anchor`]).

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::facts::{self, ANCHORS, ANCHORS_FILE};
use super::ledger::{self, FirstBad};
use super::{Db, Store, StoreError, StoreResult};
use crate::counted::counted;
use crate::file_id::FileId;
use crate::files::open_private;
use crate::keys::{KeyError, KeyId, Keyring, SigningKey, VerifyingKey};
use crate::member::Head;
use crate::member::anchor::{AnchorsEnd, AnchorsRead, LedgerAnchor, NextAnchor, PURPOSE, waits_too_long};

/// Where anchors are written, and with which keys. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct LedgerAnchors {
    path: PathBuf,
    /// Whether it is the file of the configuration. A store that has one machine has one such file.
    own: bool,
    key: KeyId,
    signing: Arc<SigningKey>,
    keys: Arc<[VerifyingKey]>,
}

/// Why no anchor is written.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The ledger is not as it was written.
    #[error("line {} of the ledger: {}; nothing was anchored", .0.seq, .0.broken)]
    Ledger(FirstBad),
    /// The file is not as it was written.
    #[error("{0}; nothing was anchored")]
    File(String),
    /// The file cannot be read or written.
    #[error("`{path}` cannot be written")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AnchorError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Ledger(_) => "see `carillon consent verify`, and compare with a backup of the store from before",
            Self::File(_) => {
                "put the latest copy of the file back; if there is none, move what is left aside: \
                 `carillon consent anchor --begin-anew` begins another one"
            }
            Self::Unwritable { .. } => "make room on its disk, and let the daemon's user write it",
            Self::Store(_) => "see why in the log",
        }
    }
}

impl LedgerAnchors {
    /// Anchors in the file of the configuration, which need not be there: `path`, unless somebody has `named` another one.
    ///
    /// # Errors
    /// None in practice: every keyring makes signing keys.
    pub fn new(path: &Path, named: Option<&Path>, keyring: &Keyring) -> Result<Self, KeyError> {
        let signing = SigningKey::of(keyring, PURPOSE)?;
        let keys = VerifyingKey::all(keyring, PURPOSE)?;
        let own = named.is_none_or(|named| named == path);
        let path = named.unwrap_or(path).to_owned();
        Ok(Self { path, own, key: keyring.current(), signing: signing.into(), keys: keys.into() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says; `None` when there is no file.
    pub fn read(&self) -> io::Result<Option<AnchorsRead>> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(AnchorsRead::of(&String::from_utf8_lossy(&bytes), &self.keys))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds an anchor for the ledger of `store` when there is none of this day yet.
    pub fn append_if_due(&self, store: &Store, now: Timestamp) -> Result<Option<LedgerAnchor>, AnchorError> {
        let due = self.read().map_err(|why| self.unwritable(why))?.is_none_or(|read| read.is_due(now));
        due.then(|| self.append(store, now, false)).transpose()
    }

    /// Adds an anchor for the ledger of `store` as it is at `now`: first to the file, then to what the store knows of it.
    /// `anew` begins another file when the one that the store knows is gone.
    pub fn append(&self, store: &Store, now: Timestamp, anew: bool) -> Result<LedgerAnchor, AnchorError> {
        let head = store.snapshot_blocking(ledger::verify)?.map_err(AnchorError::Ledger)?;
        let one_file = self.own && store.is_one_machines();
        let mut file = open_private(&self.path, true).map_err(|why| self.unwritable(why))?;
        file.lock().map_err(|why| self.unwritable(why))?;
        let read = AnchorsRead::of(&self.whole_lines(&mut file)?, &self.keys);
        let known = store.read_blocking(|db| KnownAnchors::of(db, one_file, read.last().map(|last| last.file)))?;
        if let Some((line, fault)) = read.faults.first() {
            return Err(AnchorError::File(format!("{}:{line}: {fault}", self.path.display())));
        }
        if let Some(wrong) = self.against_store(&read, &known).filter(|_| !anew) {
            return Err(AnchorError::File(wrong));
        }
        let place = match read.last() {
            Some(last) => NextAnchor { file: last.file, end: last.end() },
            None => NextAnchor { file: new_file()?, end: AnchorsEnd::EMPTY },
        };
        let anchor = LedgerAnchor::new(place, head, now, self.key, &self.signing);
        let written = file.write_all(format!("{anchor}\n").as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|why| self.unwritable(why))?;
        store.write_blocking(|db| {
            if one_file {
                facts::set(db, &ANCHORS_FILE, &anchor.file)?;
            }
            facts::set(db, &ANCHORS.of(anchor.file), &anchor.end())
        })?;
        Ok(anchor)
    }

    /// What the file holds, without a line at its end that was not written out: nothing rests on that one yet.
    fn whole_lines(&self, file: &mut std::fs::File) -> Result<String, AnchorError> {
        let mut bytes = Vec::new();
        std::fs::File::open(&self.path)
            .and_then(|mut reading| reading.read_to_end(&mut bytes))
            .map_err(|why| self.unwritable(why))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(|why| self.unwritable(why))?;
            bytes.truncate(whole);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What the store knows against the file, if anything.
    fn against_store(&self, read: &AnchorsRead, known: &KnownAnchors) -> Option<String> {
        let path = self.path.display();
        match (read.last(), known) {
            (None, KnownAnchors { expected: Some((_, end)), .. }) => {
                Some(format!("`{path}` is gone or empty: it had {}", counted(end.lines, "anchor")))
            }
            (Some(last), KnownAnchors { expected: Some((file, end)), .. }) if *file != last.file => Some(format!(
                "`{path}` is another file than the one with {} that the store knows",
                counted(end.lines, "anchor")
            )),
            (Some(last), KnownAnchors { end: Some(end), .. }) if end.lines > last.number => Some(format!(
                "`{path}` was cut short: it had {}, and has {}",
                counted(end.lines, "anchor"),
                last.number
            )),
            _ => None,
        }
    }

    fn unwritable(&self, why: io::Error) -> AnchorError {
        AnchorError::Unwritable { path: self.path.display().to_string(), why }
    }

    /// What is wrong with the file, with the ledger by it, or with what the store knows of it, one line for each. In a store
    /// of `one_machine` there is one file of the configuration.
    pub fn compare(&self, db: &mut Db, one_machine: bool, now: Timestamp) -> StoreResult<Vec<String>> {
        let path = self.path.display();
        let (there, read) = match self.read() {
            Ok(read) => (read.is_some(), read.unwrap_or_default()),
            Err(why) => return Ok(vec![format!("`{path}` cannot be read: {why}")]),
        };
        let known = KnownAnchors::of(db, self.own && one_machine, read.last().map(|last| last.file))?;
        let mut wrong: Vec<String> =
            read.faults.iter().map(|(line, fault)| format!("{path}:{line}: {fault}")).collect();
        for (line, anchor) in &read.anchors {
            wrong.extend(against_ledger(db, anchor)?.map(|said| format!("{path}:{line}: {said}")));
        }
        wrong.extend(self.against_store(&read, &known));
        if wrong.is_empty() && read.last().is_none() && (there || !self.own) {
            let why = if there { "there is no anchor in it" } else { "there is no such file" };
            wrong.push(format!("`{path}`: {why}, so it says nothing about the ledger"));
        }
        if self.own && wrong.is_empty() {
            wrong.extend(uncovered(db, read.last(), now)?.map(|said| format!("`{path}`: {said}")));
        }
        Ok(wrong)
    }
}

/// What the store knows of files of anchors.
struct KnownAnchors {
    /// The file of the configuration, and how far it goes.
    expected: Option<(FileId, AnchorsEnd)>,
    /// How far the file goes that is there.
    end: Option<AnchorsEnd>,
}

impl KnownAnchors {
    fn of(db: &mut Db, one_file: bool, there: Option<FileId>) -> StoreResult<Self> {
        let expected = if one_file { facts::get(db, &ANCHORS_FILE)? } else { None };
        let expected = match expected {
            Some(file) => facts::get(db, &ANCHORS.of(file))?.map(|end| (file, end)),
            None => None,
        };
        let end = match there {
            Some(file) => facts::get(db, &ANCHORS.of(file))?,
            None => None,
        };
        Ok(Self { expected, end })
    }
}

/// Which line waits too long for an anchor, after `last`.
fn uncovered(db: &mut Db, last: Option<&LedgerAnchor>, now: Timestamp) -> StoreResult<Option<String>> {
    let covered = last.map_or(0, |last| last.head.seq);
    let waits = ledger::recorded_after(db, covered)?.filter(|at| waits_too_long(*at, now));
    Ok(waits.map(|at| format!("line {} of the ledger was written down at {at}, and no anchor covers it", covered + 1)))
}

/// What the ledger says against `anchor`, if anything.
fn against_ledger(db: &mut Db, anchor: &LedgerAnchor) -> StoreResult<Option<String>> {
    let Head { seq, hash } = anchor.head;
    // The anchor of an empty ledger.
    if seq == 0 {
        return Ok(None);
    }
    Ok(match ledger::hash_at(db, seq)? {
        Some(kept) if kept == hash => None,
        None => Some(format!("line {seq} of {} is missing from the ledger", anchor.at)),
        Some(_) => Some(format!("line {seq} of {} is another one now", anchor.at)),
    })
}

fn new_file() -> Result<FileId, AnchorError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| AnchorError::File(format!("no file of anchors can be begun: no random numbers: {error}")))?;
    Ok(FileId::from_random(bytes))
}
