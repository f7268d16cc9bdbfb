//! What the store knows of the records of departures: how far it has seen each, until when it knew everybody who left,
//! and which of them were given up. There is one for each machine from which people leave.

use jiff::{SignedDuration, Timestamp};

use super::facts::{self, DEPARTURES_GIVEN_UP, DEPARTURES_KNOWN, DEPARTURES_SEEN};
use super::{Db, StoreError, StoreResult};
use crate::file_id::FileId;
use crate::member::departure::Height;

/// How old the note that the store holds all of a record gets before it is renewed.
const RENEWED: SignedDuration = SignedDuration::from_mins(1);

/// How far the store has seen a record.
pub(super) fn seen(db: &mut Db, file: FileId) -> StoreResult<Option<Height>> {
    facts::get(db, &DEPARTURES_SEEN.of(file))
}

/// Notes how far the store has seen a record.
pub(super) fn see(db: &mut Db, file: FileId, height: Height) -> StoreResult<()> {
    facts::set(db, &DEPARTURES_SEEN.of(file), &height)
}

/// The records that the store has seen, but for those that were given up.
pub fn list(db: &mut Db) -> StoreResult<Vec<FileId>> {
    let mut files = Vec::new();
    for (file, _) in facts::list(db, &DEPARTURES_SEEN)? {
        let file: FileId = file.parse().map_err(|_| StoreError::corrupt("the name of a record", &file))?;
        if facts::get(db, &DEPARTURES_GIVEN_UP.of(file))?.is_none() {
            files.push(file);
        }
    }
    Ok(files)
}

/// Until when the store is sure to know everybody who left: what the record named `file` may hold beyond, no record tells
/// any more. Of all records, the one that was compared with the store the longest ago, unless one that the store has seen
/// is named. `None` when nothing tells.
pub fn known_until(db: &mut Db, file: Option<FileId>) -> StoreResult<Option<Timestamp>> {
    let files = list(db)?;
    let named = file.filter(|file| files.contains(file));
    let mut until = None;
    for file in files.into_iter().filter(|file| named.is_none_or(|named| named == *file)) {
        let Some(known) = known(db, file)? else { return Ok(None) };
        until = Some(until.map_or(known, |until: Timestamp| until.min(known)));
    }
    Ok(until)
}

fn known(db: &mut Db, file: FileId) -> StoreResult<Option<Timestamp>> {
    facts::get(db, &DEPARTURES_KNOWN.of(file))
}

/// Whether it is time to note again that the store holds all of a record.
pub(super) fn is_stale(db: &mut Db, file: FileId, now: Timestamp) -> StoreResult<bool> {
    let given_up = facts::get(db, &DEPARTURES_GIVEN_UP.of(file))?.is_some();
    Ok(given_up || known(db, file)?.is_none_or(|known| now.duration_since(known).abs() >= RENEWED))
}

/// Notes that the store holds all of a record at `at`. One that was given up has turned up again, then.
pub(super) fn note_known(db: &mut Db, file: FileId, at: Timestamp) -> StoreResult<()> {
    facts::remove(db, &DEPARTURES_GIVEN_UP.of(file))?;
    facts::set(db, &DEPARTURES_KNOWN.of(file), &at)
}

/// Notes that the record `new` stands in the place of another: of `old`, or, when its name cannot be read any more, of the
/// only one that there was.
pub(super) fn give_up(db: &mut Db, old: Option<FileId>, new: FileId, at: Timestamp) -> StoreResult<()> {
    let mut others = list(db)?;
    others.retain(|file| *file != new);
    let gone = match (old, others.as_slice()) {
        (Some(old), _) if old != new => old,
        (None, [only]) => *only,
        _ => return Ok(()),
    };
    facts::set(db, &DEPARTURES_GIVEN_UP.of(gone), &at)
}
