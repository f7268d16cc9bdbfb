//! The record of departures, held against the store: whoever left by the record must have left in the store as well, however
//! well the ledger agrees with itself. Whoever can write to the store can make all of it agree; the record lies outside it.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::catch_up::gap_to;
use super::departures::{DeparturesFile, RecordEnd};
use super::leaving::owed_since;
use super::members::contents_of;
use super::proof::Found;
use super::{Db, StoreError, StoreResult, ledger, members, records, suppressions};
use crate::keys::{KeyId, KeyIds};
use crate::member::departure::{Gap, Parting};
use crate::member::{Consent, Fingerprint, FingerprintDigits, Mismatch, Suppression, replay};

/// How many rows of the suppression list are read at once.
const PAGE: i64 = 1_000;

/// Who left by a record.
#[derive(Clone, Debug)]
pub struct LeftByRecord {
    /// When last, as far as the store has seen the record.
    left: HashMap<Fingerprint, Timestamp>,
    /// Everybody in it, also who is leaving just now.
    recorded: HashSet<Fingerprint>,
    /// Whether everybody who left must be in it: nobody left on another machine, and nothing waits to be written into it.
    is_whole: bool,
}

impl LeftByRecord {
    /// Everybody who left by `record`, as far as the store has seen it: a daemon puts in what comes after. To be called in a
    /// snapshot ([`super::Store::snapshot_blocking`]). The error is what is wrong with the record.
    pub fn of(db: &mut Db, record: &DeparturesFile) -> StoreResult<Result<Self, String>> {
        let path = record.path().display();
        match gap_to(db, record)? {
            None | Some(Gap::Ahead { .. }) => {}
            // A store from which nobody can have left.
            Some(Gap::Missing) if records::list(db)?.is_empty() => {
                return Ok(Ok(Self { left: HashMap::new(), recorded: HashSet::new(), is_whole: true }));
            }
            Some(_) => return Ok(Err(format!("`{path}` is missing, or not as the store has seen it"))),
        }
        let (departures, end) = match record.all() {
            Ok(all) => all,
            Err(why) => return Ok(Err(format!("`{path}` cannot be read: {why}"))),
        };
        let recorded = departures.iter().map(|departure| departure.fingerprint).collect();
        let seen = records::seen(db, end.file)?.map_or(0, |seen| seen.lines);
        let seen = departures.into_iter().take(usize::try_from(seen).unwrap_or(usize::MAX));
        let left = seen.filter(|departure| matches!(departure.parting, Parting::Left(_)));
        let left = left.map(|departure| (departure.fingerprint, departure.at)).collect();
        let is_whole = records::list(db)?.len() <= 1 && owed_since(db)?.is_none();
        Ok(Ok(Self { left, recorded, is_whole }))
    }

    /// Whether the store does not know that this person left, and has not come back since.
    pub fn is_forgotten(&self, db: &mut Db, person: Fingerprint) -> StoreResult<bool> {
        let Some(left) = self.left.get(&person) else { return Ok(false) };
        Ok(match members::find_by_fingerprint(db, &[person])? {
            Some(member) => member.consent == Consent::Confirmed && member.consent_since <= *left,
            None => suppressions::find(db, &[person])?.is_none(),
        })
    }

    /// Whether the store knows that this person left, and the record, which should, does not.
    pub fn is_unrecorded(&self, db: &mut Db, person: Fingerprint) -> StoreResult<bool> {
        Ok(self.lacks(&person) && left_by_ledger(db, person)?)
    }

    fn lacks(&self, person: &Fingerprint) -> bool {
        self.is_whole && !self.recorded.contains(person)
    }

    /// Adds everybody to `found` of whom the store does not know that they left, and everybody of whom it knows that, and the record
    /// does not.
    pub fn verify(&self, db: &mut Db, found: &mut Found) -> StoreResult<()> {
        let short = |person: &Fingerprint| format!("fingerprint {:.12}", person.to_string());
        for person in self.left.keys() {
            if self.is_forgotten(db, *person)? {
                found.add(Mismatch::Departure, short(person));
            }
        }
        let mut after = String::new();
        loop {
            let page = suppressions::list(db, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.fingerprint.to_string();
            for person in page.iter().map(|departure| departure.fingerprint).filter(|person| self.lacks(person)) {
                if left_by_ledger(db, person)? {
                    found.add(Mismatch::Unrecorded, short(&person));
                }
            }
        }
    }
}

/// Who left by `record` and is neither a member of the store nor on its suppression list: somebody changed the store, or put a part
/// of it back. Empty where all is well, so that an import that asks costs nothing for each row. Of a record that cannot be read
/// nobody is told: then mail waits for a person's answer anyway.
///
/// # Errors
/// [`StoreError::KeysMissing`] when the record names keys that are not `held`: the store may be too old to name them itself.
pub fn forgotten(
    db: &mut Db,
    record: &DeparturesFile,
    held: &[KeyId],
) -> StoreResult<HashMap<FingerprintDigits, Suppression>> {
    let mut forgotten = HashMap::new();
    let Ok(RecordEnd { mut height, .. }) = record.beginning() else { return Ok(forgotten) };
    loop {
        let (departures, next) = match record.read(height) {
            Ok((departures, _)) if departures.is_empty() => return Ok(forgotten),
            Ok(page) => page,
            Err(_) => return Ok(forgotten),
        };
        height = next;
        let named: KeyIds = departures.iter().map(|departure| departure.fingerprint.key()).collect();
        if let Some(missing) = named.not_held(held) {
            return Err(StoreError::KeysMissing(missing));
        }
        let people: Vec<Fingerprint> = departures.iter().map(|departure| departure.fingerprint).collect();
        let (listed, members) = (suppressions::find_many(db, &people)?, members::find_many(db, &people)?);
        let rows: HashSet<Fingerprint> = members.iter().map(|member| member.fingerprint).collect();
        for departure in departures {
            let digits = departure.fingerprint.digits();
            if let Parting::Left(cause) = departure.parting
                && !listed.contains_key(&digits)
                && !rows.contains(&departure.fingerprint)
            {
                forgotten.insert(digits, Suppression { cause, since: departure.at });
            }
        }
    }
}

/// Whether the ledger says that this person left. Whom the suppression list has without that is found there.
fn left_by_ledger(db: &mut Db, person: Fingerprint) -> StoreResult<bool> {
    match members::find_by_fingerprint(db, &[person])? {
        Some(member) => {
            let events = ledger::events_of(db, &member.pseudonym)?;
            Ok(replay(contents_of(&events)).is_some_and(|state| state.bar.is_some()))
        }
        // Somebody who left without ever having been a member.
        None => ledger::knows(db, &[person]),
    }
}
