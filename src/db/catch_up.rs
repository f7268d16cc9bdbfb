//! What a store has not seen of the record of departures is put into it: after a restore from a backup, and when a
//! program died between the record's line and the store's commit.

use std::collections::HashSet;
use std::io;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::audit::{self, AuditAction, AuditEntry};
use super::departures::{DeparturesFile, RecordEnd};
use super::facts::{self, DEPARTURES_LACKED};
use super::identity::StoreReport;
use super::leaving::{Act, Ending, Leaving, end, owed_since, pay, welcome_never};
use super::preferences::{pauses_since, remember};
use super::records::{self, see, seen};
use super::{Db, StoreError, StoreResult, clock, consent, keys_used, ledger, members, suppressions};
use crate::file_id::FileId;
use crate::member::departure::{Gap, Height, gap};
use crate::member::{Departure, Event, Lifetime, Method, Pseudonym, Pseudonyms};

/// How far back pauses are looked for that may still last: the page lets nobody ask for more than a year.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24 * 367);

/// Rows of the suppression list that are read at once.
const PAGE: i64 = 1_000;

/// How often the two sides of a gap are read before it is believed: they are not read at one instant.
const LOOKS: u32 = 3;

/// What was put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Departures that the store had not seen.
    pub unseen: u64,
    /// Of those, the ones that changed something.
    pub ended: u64,
    /// Departures that the record did not hold, and holds now.
    pub entered: u64,
    /// Whether the record still lacks departures, because it cannot be written.
    pub behind: bool,
}

/// What becomes of a record that is lost, damaged, another one, or older than the store has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordLost {
    /// Nothing: whoever left after the store's backup is known to nobody else.
    Refuse,
    /// What the store knows must do: because it is new, or because a person has said so.
    BeginAnew,
}

/// What is between the store and the record of departures, if anything.
pub fn gap_to(db: &mut Db, record: &DeparturesFile) -> StoreResult<Option<Gap>> {
    gap_told(db, record, None)
}

/// The same where the store has been asked already: it is asked again only where the two do not agree.
pub fn gap_by(db: &mut Db, record: &DeparturesFile, report: &StoreReport) -> StoreResult<Option<Gap>> {
    gap_told(db, record, Some(report))
}

fn gap_told(db: &mut Db, record: &DeparturesFile, mut told: Option<&StoreReport>) -> StoreResult<Option<Gap>> {
    let mut found = None;
    for _ in 0..LOOKS {
        found = match look(db, record, told.take())? {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Gap::Missing)),
            Err(error) => return Ok(Some(Gap::Unreadable(error.to_string()))),
        };
        if found.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Looks once. The store's word, which may have been `told` already, is older than the look at the record.
fn look(db: &mut Db, record: &DeparturesFile, told: Option<&StoreReport>) -> StoreResult<io::Result<Option<Gap>>> {
    let seen = match told.filter(|report| report.names_record()) {
        Some(report) => report.seen()?,
        None => match record.beginning() {
            Ok(beginning) => seen(db, beginning.file)?,
            Err(error) => return Ok(Err(error)),
        },
    };
    let compared = record.end().and_then(|end| match (end, seen) {
        // Somebody is leaving just now: the record is longer than the store for that moment, and rightly so.
        (None, _) => Ok(None),
        (Some(end), None) => Ok(gap(end.height, None, None)),
        (Some(end), Some(seen)) => Ok(gap(end.height, Some(seen), record.link_at(seen.lines)?)),
    });
    Ok(compared)
}

impl Leaving {
    /// Puts into the store what it has not seen of the record, and into the record what the store owes it. Does nothing
    /// when the two do not belong together: that is for a person to say, see [`Leaving::settle_blocking`]. `seed` must come
    /// from the system's random source.
    pub fn catch_up_blocking(&self, seed: [u8; 32], now: Timestamp) -> StoreResult<CaughtUp> {
        let mut done = CaughtUp::default();
        let record = &self.record;
        if let Some(Gap::Ahead { .. }) = self.store.read_blocking(|db| gap_to(db, record))? {
            let file = record.beginning().map_err(|error| self.unusable(&error))?.file;
            if let Some(from) = self.store.read_blocking(|db| seen(db, file))? {
                let replay = Replay { file, from, noted: true, now };
                self.replay(replay, Pseudonyms::from_seed(seed), &mut done)?.map_err(|error| self.unusable(&error))?;
            }
        }
        if self.store.read_blocking(owed_since)?.is_some() {
            match self.pay(now)? {
                Ok(entered) => done.entered += entered,
                Err(error) => {
                    self.report(&error);
                    done.behind = true;
                }
            }
        }
        self.note_agreement(now)?;
        Ok(done)
    }

    /// Notes now and then that the store holds all of the record: the copies of the store tell by it until when they know
    /// everybody who left.
    fn note_agreement(&self, now: Timestamp) -> StoreResult<()> {
        let Ok(RecordEnd { file, .. }) = self.record.beginning() else { return Ok(()) };
        let agreed = self.store.read_blocking(|db| {
            let at = clock::to_record(db, now, self.leeway)?;
            let agree = gap_to(db, &self.record)?.is_none() && owed_since(db)?.is_none();
            Ok((agree && records::is_stale(db, file, at)?).then_some(at))
        })?;
        agreed.map_or(Ok(()), |at| self.store.write_blocking(|db| records::note_known(db, file, at)))
    }

    /// Makes one of store and record, on a person's word: all of the record is put into the store, the rest of the
    /// suppression list into the record, and the store has seen it. A record that is missing is begun, if `lost` allows it;
    /// one that is damaged or went its own way is set aside, beside the new one.
    ///
    /// # Errors
    /// When the record is lost and `lost` refuses that.
    pub fn settle_blocking(
        &self,
        seed: [u8; 32],
        new: FileId,
        now: Timestamp,
        lost: RecordLost,
    ) -> StoreResult<CaughtUp> {
        let unusable = |error: io::Error| self.unusable(&error);
        let gap = self.store.read_blocking(|db| gap_to(db, &self.record))?;
        if lost == RecordLost::Refuse {
            self.check_whole(gap.as_ref())?;
        }
        let mut done = CaughtUp::default();
        let mut old = None;
        match self.record.beginning() {
            Ok(RecordEnd { file, height }) => {
                old = Some(file);
                let replay = Replay { file, from: height, noted: false, now };
                let replayed = self.replay(replay, Pseudonyms::from_seed(seed), &mut done)?;
                // Under a name of its own, so that the store still recognises the latest copy if that turns up.
                let anew = matches!(gap, Some(Gap::Shorter { .. } | Gap::Parted));
                match replayed {
                    Ok(()) if anew => self.record.begin_anew(new).map_err(unusable)?,
                    Err(error) if is_damage(&error) => self.record.begin_anew(new).map_err(unusable)?,
                    replayed => replayed.map_err(unusable)?,
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.record.create(new).map_err(unusable)?,
            Err(error) if is_damage(&error) => self.record.begin_anew(new).map_err(unusable)?,
            Err(error) => return Err(unusable(error)),
        }
        done.entered += self.complete(old, now)?;
        Ok(done)
    }

    /// Makes every member's state and the suppression list again from the ledger, and in the same transaction ends the
    /// consent of everybody whom the record holds: a ledger that was cut short knows nothing of those who left last. Returns
    /// how many members' rows said something else than the ledger. `seed` must come from the system's random source.
    ///
    /// # Errors
    /// When the record is not whole: then nothing is made, because nobody else knows who left.
    pub fn rebuild_blocking(&self, lifetime: Lifetime, seed: [u8; 32], now: Timestamp) -> StoreResult<usize> {
        let gap = self.store.read_blocking(|db| gap_to(db, &self.record))?;
        self.check_whole(gap.as_ref())?;
        let (left, _) = self.record.all().map_err(|error| self.unusable(&error))?;
        let mut pseudonyms = Pseudonyms::from_seed(seed);
        let fresh: Vec<Pseudonym> = left.iter().map(|_| pseudonyms.draw()).collect();
        self.store.write_blocking(|db| {
            let changed = consent::rebuild(db, lifetime)?;
            put_in(db, &left, &fresh, &self.controller, now)?;
            Ok(changed)
        })
    }

    /// That the record holds at least what the store has seen of it.
    fn check_whole(&self, gap: Option<&Gap>) -> StoreResult<()> {
        if matches!(gap, None | Some(Gap::Ahead { .. })) {
            return Ok(());
        }
        let why =
            "it is not the record of departures as the store has seen it; `carillon status` says what to do".to_owned();
        Err(StoreError::Beside { path: self.record.path().display().to_string(), why })
    }

    /// Puts a stretch of the record into the store, page by page. Stops at a line that cannot be read.
    fn replay(&self, replay: Replay, mut pseudonyms: Pseudonyms, done: &mut CaughtUp) -> StoreResult<io::Result<()>> {
        let Replay { file, from, noted, now } = replay;
        let mut height = from;
        loop {
            let (departures, next) = match self.record.read(height) {
                Ok((departures, _)) if departures.is_empty() => return Ok(Ok(())),
                Ok(page) => page,
                Err(error) => return Ok(Err(error)),
            };
            let fresh: Vec<Pseudonym> = departures.iter().map(|_| pseudonyms.draw()).collect();
            let ended = self.store.write_blocking(|db| {
                if noted && seen(db, file)? != Some(height) {
                    return Ok(None);
                }
                let ended = put_in(db, &departures, &fresh, &self.controller, now)?;
                if noted {
                    see(db, file, next)?;
                    facts::add(db, &DEPARTURES_LACKED, next.lines - height.lines)?;
                }
                Ok(Some(ended))
            })?;
            // Another program has put them in meanwhile.
            let Some(ended) = ended else { return Ok(Ok(())) };
            done.unseen += next.lines - height.lines;
            done.ended += ended;
            height = next;
        }
    }

    /// Writes into the record what the store owes it.
    fn pay(&self, now: Timestamp) -> StoreResult<io::Result<u64>> {
        let Some(since) = self.store.read_blocking(owed_since)? else { return Ok(Ok(0)) };
        let owed = self.store.read_blocking(|db| departed_since(db, since))?;
        let written = self.record.lock().and_then(|mut locked| {
            let before = locked.end;
            let after = locked.append(&owed)?;
            Ok((before, after, locked))
        });
        let (before, after, _locked) = match written {
            Ok(written) => written,
            Err(error) => return Ok(Err(error)),
        };
        self.store.write_blocking(|db| {
            // Who has left since the list was read is owed still.
            if departed_since(db, since)?.len() == owed.len() {
                pay(db, since)?;
            }
            if seen(db, before.file)? == Some(before.height) { see(db, after.file, after.height) } else { Ok(()) }?;
            audit::record(db, &entry(now, AuditAction::DeparturesEntered, owed.len() as u64))
        })?;
        Ok(Ok(owed.len() as u64))
    }

    /// Writes into the record whoever is on the suppression list or asked for a pause and is not in it, and notes that the store
    /// has seen it. `old` is the record that was there before, as far as its name can be read.
    fn complete(&self, old: Option<FileId>, now: Timestamp) -> StoreResult<u64> {
        let unusable = |error: io::Error| self.unusable(&error);
        let (departures, RecordEnd { file, .. }) = self.record.all().map_err(unusable)?;
        // Somebody leaves once for a cause, and asks for a pause as often as wanted.
        let key = |departure: &Departure| {
            let at = departure.parting.wish().map(|_| departure.at);
            (departure.fingerprint, departure.parting, at)
        };
        let held: HashSet<_> = departures.iter().map(key).collect();
        let mut missing = self.store.read_blocking(|db| {
            let mut known = suppressed(db)?;
            known.extend(pauses_since(db, now.checked_sub(LONGEST_PAUSE).unwrap_or(Timestamp::MIN))?);
            Ok(known)
        })?;
        missing.retain(|departure| !held.contains(&key(departure)));
        let mut locked = self.record.lock().map_err(unusable)?;
        let end = locked.append(&missing).map_err(unusable)?;
        self.store.write_blocking(|db| {
            if let Some(since) = owed_since(db)? {
                pay(db, since)?;
            }
            see(db, file, end.height)?;
            let at = clock::to_record(db, now, self.leeway)?;
            records::note_known(db, file, at)?;
            records::give_up(db, old, file, now)?;
            if missing.is_empty() {
                return Ok(());
            }
            audit::record(db, &entry(now, AuditAction::DeparturesEntered, missing.len() as u64))
        })?;
        Ok(missing.len() as u64)
    }
}

/// A stretch of a record.
struct Replay {
    file: FileId,
    from: Height,
    /// Whether the store notes how far it has come.
    noted: bool,
    now: Timestamp,
}

/// Whether the bytes of the record are not what this program writes.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// The whole suppression list.
fn suppressed(db: &mut Db) -> StoreResult<Vec<Departure>> {
    let mut all: Vec<Departure> = Vec::new();
    loop {
        let after = all.last().map(|last| last.fingerprint.to_string()).unwrap_or_default();
        let page = suppressions::list(db, &after, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Who left or asked for a pause at `since` or later.
fn departed_since(db: &mut Db, since: Timestamp) -> StoreResult<Vec<Departure>> {
    let mut departed = suppressed(db)?;
    departed.retain(|departure| departure.at >= since);
    departed.extend(pauses_since(db, since)?);
    Ok(departed)
}

/// Puts departures into the ledger that does not know of them. Says how many changed something: ended a consent, keep an address
/// out, began or ended a pause.
fn put_in(
    db: &mut Db,
    departures: &[Departure],
    fresh: &[Pseudonym],
    controller: &str,
    now: Timestamp,
) -> StoreResult<u64> {
    // Whoever reads these lines must know by which keys they recognise somebody, also where the key file was put back from before.
    keys_used::note(db, departures.iter().map(|departure| departure.fingerprint.key()))?;
    // Locked before it is read: a member whose proof is being removed is a member no more.
    ledger::lock(db)?;
    let mut changed = 0;
    for (departure, fresh) in departures.iter().zip(fresh) {
        let act = Act { action: departure.parting.action(), method: &Method::Record, at: departure.at };
        let wish = departure.parting.wish();
        let Some(member) = members::find_by_fingerprint(db, &[departure.fingerprint])? else {
            // Whom the store does not know it does not write to; who left must not be brought in, either.
            if wish.is_none() {
                let head = ledger::head(db)?;
                let what = act.about(*fresh, departure.fingerprint, controller);
                welcome_never(db, &Event::after(head, what, now))?;
                changed += 1;
            }
            continue;
        };
        let events = ledger::events_of(db, &member.pseudonym)?;
        if departure.is_new_to(members::contents_of(&events)) {
            changed += u64::from(match wish {
                Some(wish) => remember(db, &member.pseudonym, wish, departure.at, now)?,
                None => end(db, &member.pseudonym, &act, now)? == Ending::Done,
            });
        }
    }
    if changed > 0 {
        audit::record(db, &entry(now, AuditAction::DeparturesReplayed, changed))?;
    }
    Ok(changed)
}

fn entry(at: Timestamp, action: AuditAction, departures: u64) -> AuditEntry {
    AuditEntry {
        at,
        who: "carillon".to_owned(),
        action,
        object: "store".to_owned(),
        detail: json!({ "departures": departures }),
    }
}
