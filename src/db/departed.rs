//! The record of departures, held against the store: whoever left by the record must have left in the store as well, however
//! well the ledger agrees with itself. Whoever can write to the store can make all of it agree; the record lies outside it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::catch_up::gap_to;
use super::departures::DeparturesFile;
use super::proof::Found;
use super::{Db, StoreResult, members, records, suppressions};
use crate::member::departure::{Gap, Parting};
use crate::member::{Consent, Fingerprint, Mismatch};

/// Who left by a record, and when last.
#[derive(Clone, Debug, Default)]
pub struct LeftByRecord(HashMap<Fingerprint, Timestamp>);

impl LeftByRecord {
    /// Everybody who left by `record`, as far as the store has seen it: a daemon puts in what comes after. To be called in a
    /// snapshot ([`super::Store::snapshot_blocking`]). The error is what is wrong with the record.
    pub fn of(db: &mut Db, record: &DeparturesFile) -> StoreResult<Result<Self, String>> {
        let path = record.path().display();
        match gap_to(db, record)? {
            None | Some(Gap::Ahead { .. }) => {}
            // A store from which nobody can have left.
            Some(Gap::Missing) if records::list(db)?.is_empty() => return Ok(Ok(Self::default())),
            Some(_) => return Ok(Err(format!("`{path}` is missing, or not as the store has seen it"))),
        }
        let (departures, end) = match record.all() {
            Ok(all) => all,
            Err(why) => return Ok(Err(format!("`{path}` cannot be read: {why}"))),
        };
        let seen = records::seen(db, end.file)?.map_or(0, |seen| seen.lines);
        let seen = departures.into_iter().take(usize::try_from(seen).unwrap_or(usize::MAX));
        let left = seen.filter(|departure| matches!(departure.parting, Parting::Left(_)));
        Ok(Ok(Self(left.map(|departure| (departure.fingerprint, departure.at)).collect())))
    }

    /// Whether the store does not know that this person left, and has not come back since.
    pub fn is_forgotten(&self, db: &mut Db, person: Fingerprint) -> StoreResult<bool> {
        let Some(left) = self.0.get(&person) else { return Ok(false) };
        Ok(match members::find_by_fingerprint(db, &[person])? {
            Some(member) => member.consent == Consent::Confirmed && member.consent_since <= *left,
            None => suppressions::find(db, &[person])?.is_none(),
        })
    }

    /// Adds everybody to `found` of whom the store does not know that they left.
    pub fn verify(&self, db: &mut Db, found: &mut Found) -> StoreResult<()> {
        for person in self.0.keys() {
            if self.is_forgotten(db, *person)? {
                found.add(Mismatch::Departure, format!("fingerprint {:.12}", person.to_string()));
            }
        }
        Ok(())
    }
}
