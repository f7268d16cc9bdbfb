//! The file of anchors, beside the store: read, and added to under a lock. The store keeps how far each file goes, so that
//! one that is gone, empty, cut short or written over is noticed. What stands in it is the core's ([`crate::member::anchor`]).

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::facts::{self, ANCHORS, ANCHORS_FILE, ANCHORS_MAILED};
use super::ledger::{self, FirstBad};
use super::{Db, Store, StoreError, StoreResult};
use crate::counted::counted;
use crate::file_id::FileId;
use crate::files::open_private;
use crate::keys::{KeyError, KeyId, Keyring, SigningKey, VerifyingKey};
use crate::member::anchor::{
    AnchorsEnd, AnchorsRead, KeyHandOver, LastLine, LedgerAnchor, NextAnchor, PURPOSE, waits_too_long,
};
use crate::member::{Head, Mismatch};

/// Where anchors are written, and with which keys. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct LedgerAnchors {
    path: PathBuf,
    /// Whether it is the file of the configuration. A store that has one machine has one such file.
    own: bool,
    /// The signing key of every key, the current one first.
    signing: Arc<[(KeyId, SigningKey)]>,
    keys: Arc<[VerifyingKey]>,
    /// What the stubs of removed lines are held against.
    keyring: Keyring,
}

/// Something about a file of anchors, and what kind of thing it is.
pub type AnchorFinding = (Mismatch, String);

/// A file of anchors, held against the store.
#[derive(Debug, Default)]
pub struct Compared {
    /// What is wrong with the file, with the ledger by it, or with what the store knows of it, one line for each.
    pub wrong: Vec<AnchorFinding>,
    /// What is no fault, and worth knowing: that the file is a copy from before.
    pub note: Option<String>,
    /// What the file says.
    read: AnchorsRead,
}

impl Compared {
    /// Whether file, ledger and store agree; lines may wait for the next anchor.
    pub fn agrees(&self) -> bool {
        self.wrong.iter().all(|(mismatch, _)| *mismatch == Mismatch::Unanchored)
    }

    /// The first anchor of a ledger that had the line `seq`. None where not all agrees: it would vouch for nothing.
    pub fn covering(&self, seq: i64) -> Option<&LedgerAnchor> {
        if self.agrees() { self.read.covering(seq) } else { None }
    }
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
    /// Another file is to be begun, and this one is as it was written.
    #[error("`{0}` is whole, and goes on: beginning another one would lose what it proves; nothing was anchored")]
    Whole(String),
    /// Another file is to be begun in the place of one that is not as it was written, and still proves something.
    #[error("`{0}` is not empty: what is left of it still proves something; nothing was anchored")]
    Aside(String),
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
            Self::Whole(_) => "leave `--begin-anew` out, and an anchor is added to it",
            Self::Aside(_) => {
                "put the latest copy of the file back, or move this one to where it is kept, and then begin another one"
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
        let signing = SigningKey::all(keyring, PURPOSE)?;
        let keys = VerifyingKey::all(keyring, PURPOSE)?;
        let own = named.is_none_or(|named| named == path);
        let path = named.unwrap_or(path).to_owned();
        Ok(Self { path, own, signing: signing.into(), keys: keys.into(), keyring: keyring.clone() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the file has; `None` when that cannot be seen.
    pub fn length(&self) -> Option<u64> {
        std::fs::metadata(&self.path).ok().map(|file| file.len())
    }

    /// What the file says; `None` when there is no file.
    pub fn read(&self) -> io::Result<Option<AnchorsRead>> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(AnchorsRead::of(&String::from_utf8_lossy(&bytes), &self.keys))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds an anchor for the ledger of `store` when there is none of this day yet. First looks whether the file is as the
    /// store, and whoever looked before, knows it, also when no anchor is due: `seen` is its last line then, and becomes that of
    /// now.
    pub fn append_if_due(
        &self,
        store: &Store,
        seen: &mut Option<LastLine>,
        now: Timestamp,
    ) -> Result<Option<LedgerAnchor>, AnchorError> {
        let read = self.read().map_err(|why| self.unwritable(why))?.unwrap_or_default();
        let known = store.read_blocking(|db| self.known(db, store.is_one_machines(), &read))?;
        self.refuse(&read, &known)?;
        if let Some(wrong) = seen.and_then(|seen| self.against_seen(&read, &known, seen)) {
            return Err(AnchorError::File(wrong));
        }
        *seen = read.last_line;
        if !read.is_due(now) {
            return Ok(None);
        }
        let anchor = self.append(store, now, false)?;
        *seen = Some(LastLine { file: anchor.file, end: anchor.end(), signer: anchor.key });
        Ok(Some(anchor))
    }

    /// Adds an anchor for the ledger of `store` as it is at `now`: first to the file, then to what the store knows of it.
    /// `anew` begins another file when the one that the store knows is gone.
    ///
    /// # Errors
    /// When the ledger or the file is not as it was written, when the file is there and another one is to be begun, or when
    /// either cannot be read or written.
    pub fn append(&self, store: &Store, now: Timestamp, anew: bool) -> Result<LedgerAnchor, AnchorError> {
        let head = store.snapshot_blocking(|db| ledger::verify(db, &self.keyring))?.map_err(AnchorError::Ledger)?;
        let one_machine = store.is_one_machines();
        // Looked at before it is opened, which would make an empty one of a file that is gone.
        if !anew && self.read().map_err(|why| self.unwritable(why))?.is_none() {
            let read = AnchorsRead::default();
            self.refuse(&read, &store.read_blocking(|db| self.known(db, one_machine, &read))?)?;
        }
        let mut file = open_private(&self.path, true).map_err(|why| self.unwritable(why))?;
        file.lock().map_err(|why| self.unwritable(why))?;
        let text = self.whole_lines(&mut file)?;
        let read = AnchorsRead::of(&text, &self.keys);
        let known = store.read_blocking(|db| self.known(db, one_machine, &read))?;
        match (anew, self.refuse(&read, &known)) {
            (false, refused) => refused?,
            (true, _) if text.trim().is_empty() => {}
            (true, Ok(())) => return Err(AnchorError::Whole(self.path.display().to_string())),
            (true, Err(_)) => return Err(AnchorError::Aside(self.path.display().to_string())),
        }
        let place = match read.last_line {
            Some(last) => NextAnchor { file: last.file, end: last.end },
            None => NextAnchor { file: new_file()?, end: AnchorsEnd::EMPTY },
        };
        let (lines, anchor) = self.next_lines(place, read.last_line, head, now)?;
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|why| self.unwritable(why))?;
        store.write_blocking(|db| {
            if self.own && one_machine {
                facts::set(db, &ANCHORS_FILE, &anchor.file)?;
            }
            facts::set(db, &ANCHORS.of(anchor.file), &anchor.end())
        })?;
        Ok(anchor)
    }

    /// What is to be written at `place`, after `last`: the anchor, and before it a hand-over when another key is current now.
    fn next_lines(
        &self,
        mut place: NextAnchor,
        last: Option<LastLine>,
        head: Head,
        now: Timestamp,
    ) -> Result<(String, LedgerAnchor), AnchorError> {
        let (current, signing) =
            self.signing.first().ok_or_else(|| AnchorError::File("there is no key to sign with".to_owned()))?;
        let mut lines = String::new();
        let before = last.filter(|last| last.signer != *current);
        if let Some((old, by)) = before.and_then(|last| self.signing.iter().find(|(id, _)| *id == last.signer)) {
            let line = KeyHandOver::new(place, (*old, by), (*current, signing.verifying_key()), now);
            lines = format!("{line}\n");
            place.end = line.end();
        }
        let anchor = LedgerAnchor::new(place, head, now, *current, signing);
        lines.extend([anchor.to_string(), "\n".to_owned()]);
        Ok((lines, anchor))
    }

    fn known(&self, db: &mut Db, one_machine: bool, read: &AnchorsRead) -> StoreResult<KnownAnchors> {
        KnownAnchors::of(db, self.own && one_machine, read.last_line.map(|last| last.file))
    }

    /// Refuses a file to which nothing may be added.
    fn refuse(&self, read: &AnchorsRead, known: &KnownAnchors) -> Result<(), AnchorError> {
        if let Some((line, fault)) = read.faults.first() {
            return Err(AnchorError::File(format!("{}:{line}: {fault}", self.path.display())));
        }
        self.against_store(read, known).map_or(Ok(()), |wrong| Err(AnchorError::File(wrong)))
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
        match (read.last_line, known) {
            (None, KnownAnchors { expected: Some((_, end)), .. }) => Some(self.gone(*end)),
            (Some(last), KnownAnchors { expected: Some((file, end)), .. }) if *file != last.file => Some(format!(
                "`{path}` is another file than the one with {} that the store knows",
                counted(end.lines, "line")
            )),
            (Some(last), KnownAnchors { end: Some(end), .. }) => self.against_end(last, *end),
            _ => None,
        }
    }

    fn gone(&self, end: AnchorsEnd) -> String {
        format!("`{}` is gone or empty: it had {}", self.path.display(), counted(end.lines, "line"))
    }

    /// What is wrong with a file that ends with `last` and went as far as `end` before.
    fn against_end(&self, last: LastLine, end: AnchorsEnd) -> Option<String> {
        let path = self.path.display();
        if last.end.lines < end.lines {
            let had = counted(end.lines, "line");
            Some(format!("`{path}` was cut short: it had {had}, and has {}", last.end.lines))
        } else if last.end.lines == end.lines && last.end.digest != end.digest {
            Some(format!("`{path}` was written over: its line {} is another one than the store knows", end.lines))
        } else {
            None
        }
    }

    /// What is wrong with the file next to what was `seen` of it before. Another file is right when the store knows it: it was
    /// begun on purpose.
    fn against_seen(&self, read: &AnchorsRead, known: &KnownAnchors, seen: LastLine) -> Option<String> {
        match read.last_line {
            None => Some(self.gone(seen.end)),
            Some(last) if last.file == seen.file => self.against_end(last, seen.end),
            Some(_) if known.end.is_some() => None,
            Some(_) => Some(format!("`{}` is another file than before", self.path.display())),
        }
    }

    fn unwritable(&self, why: io::Error) -> AnchorError {
        AnchorError::Unwritable { path: self.path.display().to_string(), why }
    }

    /// Holds the file against the ledger and against what the store knows of it. In a store of `one_machine` there is one
    /// file of the configuration; a copy of a file that is kept elsewhere may be from before.
    pub fn compare(&self, db: &mut Db, one_machine: bool, now: Timestamp) -> StoreResult<Compared> {
        let path = self.path.display();
        let file = |said: String| (Mismatch::AnchorsFile, said);
        let (there, read) = match self.read() {
            Ok(read) => (read.is_some(), read.unwrap_or_default()),
            Err(why) => {
                let wrong = vec![file(format!("`{path}` cannot be read: {why}"))];
                return Ok(Compared { wrong, ..Compared::default() });
            }
        };
        let known = self.known(db, one_machine, &read)?;
        let faults = read.faults.iter().map(|(line, fault)| file(format!("{path}:{line}: {fault}")));
        let mut compared = Compared { wrong: faults.collect(), ..Compared::default() };
        for (line, anchor) in &read.anchors {
            let against = against_ledger(db, anchor)?.map(|said| (Mismatch::Anchor, format!("{path}:{line}: {said}")));
            compared.wrong.extend(against);
        }
        if let Some((last, end)) =
            read.last_line.zip(known.end).filter(|(last, end)| self.is_copy_from_before(last, end))
        {
            let had = counted(end.lines, "line");
            compared.note = Some(format!("`{path}` is a copy from before: it has {} of {had}", last.end.lines));
        } else {
            compared.wrong.extend(self.against_store(&read, &known).map(file));
        }
        // Where daemons of several machines share the store, each has a file of its own.
        let elsewhere = !one_machine && !facts::list(db, &ANCHORS)?.is_empty();
        if compared.wrong.is_empty() && read.last().is_none() && (there || !self.own || elsewhere) {
            let why = match (there, self.own) {
                (true, _) => "there is no anchor in it",
                (false, true) => "there is no such file here, though there are anchors of this ledger",
                (false, false) => "there is no such file",
            };
            compared.wrong.push(file(format!("`{path}`: {why}, so it says nothing about the ledger")));
        }
        if self.own && compared.wrong.is_empty() {
            let waits = uncovered(db, read.last(), now)?;
            compared.wrong.extend(waits.map(|said| (Mismatch::Unanchored, format!("`{path}`: {said}"))));
        }
        compared.read = read;
        Ok(compared)
    }

    /// Whether the file is not that of the configuration, and ends where that one or another had been once.
    fn is_copy_from_before(&self, last: &LastLine, end: &AnchorsEnd) -> bool {
        !self.own && last.end.lines < end.lines
    }
}

/// The most lines that go into one mail: a month of days.
const MOST_LINES: usize = 31;

/// Lines of a file of anchors that are to go out by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmailedLines {
    /// The file.
    pub file: FileId,
    /// How many lines of the file have gone out with them.
    pub end: u64,
    /// The last anchor up to there.
    pub anchor: LedgerAnchor,
    /// The lines, as they stand in the file.
    pub text: String,
}

/// Why it is not known which lines are to go out by mail.
#[derive(Debug, thiserror::Error)]
pub enum LinesUnknown {
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// It is not as it was written.
    #[error("`{0}` is not as it was written")]
    Damaged(String),
}

impl LedgerAnchors {
    /// The first lines that have not gone out by mail; `None` when all have. A line that is being written is none yet.
    pub fn unmailed(&self, db: &mut Db) -> StoreResult<Result<Option<UnmailedLines>, LinesUnknown>> {
        let path = || self.path.display().to_string();
        let text = match std::fs::read(&self.path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(None)),
            Err(why) => return Ok(Err(LinesUnknown::Unreadable { path: path(), why })),
        };
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let read = AnchorsRead::of(whole, &self.keys);
        if !read.faults.is_empty() {
            return Ok(Err(LinesUnknown::Damaged(path())));
        }
        let Some(last) = read.last_line else { return Ok(Ok(None)) };
        let mailed = facts::get(db, &ANCHORS_MAILED.of(last.file))?.unwrap_or(0);
        let before = usize::try_from(mailed).unwrap_or(usize::MAX);
        let lines = whole.lines().filter(|line| !line.trim().is_empty());
        let new: Vec<&str> = lines.skip(before).take(MOST_LINES).collect();
        let end = mailed.saturating_add(new.len() as u64);
        let anchor = read.anchors.iter().map(|(_, anchor)| anchor).rfind(|anchor| anchor.number <= end);
        let lines = anchor.filter(|_| !new.is_empty()).map(|anchor| UnmailedLines {
            file: last.file,
            end,
            anchor: anchor.clone(),
            text: new.join("\n"),
        });
        Ok(Ok(lines))
    }
}

/// Notes that `lines` have gone out by mail, as all those before them.
pub fn mailed(db: &mut Db, lines: &UnmailedLines) -> StoreResult<()> {
    facts::set(db, &ANCHORS_MAILED.of(lines.file), &lines.end)
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
    let waits = ledger::recorded_after(db, covered)?.filter(|(_, at)| waits_too_long(*at, now));
    Ok(waits.map(|(line, at)| format!("line {line} of the ledger was written down at {at}, and no anchor covers it")))
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
