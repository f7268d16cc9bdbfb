//! Which keys a store was used with. A key file that lacks one of them recognises nobody by what was made with it: who left would be
//! taken for somebody new. So who looks for people, writes a fingerprint or sends mail asks here first.
//!
//! The names are one value of the store, written before anything is made with a key: it is asked with every batch of letters,
//! and a million fingerprints are not to be read for it.

use diesel::prelude::*;

use super::facts::{self, KEYS_USED};
use super::identity::StoreReport;
use super::schema::{members, signups, suppressions};
use super::{Db, Store, StoreError, StoreResult};
use crate::keys::{KeyId, KeyIds, Keyring, KeysMissing};

/// The keys that the store was used with. Of a store that an older program wrote, which noted none: those in its rows, all of
/// which are read for it once.
pub(super) fn used(db: &mut Db) -> StoreResult<KeyIds> {
    match facts::get(db, &KEYS_USED)? {
        Some(noted) => Ok(noted),
        None => in_rows(db),
    }
}

fn in_rows(db: &mut Db) -> StoreResult<KeyIds> {
    let of_members: Vec<KeyId> = members::table.select(members::fingerprint_key).distinct().load(db)?;
    let of_the_list: Vec<KeyId> = suppressions::table.select(suppressions::key_id).distinct().load(db)?;
    let of_sign_ups: Vec<KeyId> = signups::table.select(signups::fingerprint_key).distinct().load(db)?;
    Ok(of_members.into_iter().chain(of_the_list).chain(of_sign_ups).collect())
}

/// The keys that the store was used with and that are not `held`, if there are any.
pub fn missing(db: &mut Db, held: &[KeyId]) -> StoreResult<Option<KeysMissing>> {
    Ok(used(db)?.not_held(held))
}

/// The same where the store has been asked already.
pub fn missing_by(db: &mut Db, held: &[KeyId], report: &StoreReport) -> StoreResult<Option<KeysMissing>> {
    let used = match report.keys_used()? {
        Some(noted) => noted,
        None => in_rows(db)?,
    };
    Ok(used.not_held(held))
}

/// The same, for who is going to use the store with `keyring`: when nothing is missing, its keys are noted.
pub fn admit(db: &mut Db, keyring: &Keyring) -> StoreResult<Option<KeysMissing>> {
    let held: Vec<KeyId> = keyring.ids().collect();
    let noted = facts::get_locked(db, &KEYS_USED)?;
    let used = match &noted {
        Some(noted) => noted.clone(),
        None => in_rows(db)?,
    };
    let missing = used.not_held(&held);
    let after = if missing.is_some() { used } else { used.with(held) };
    if noted.as_ref() != Some(&after) {
        facts::set(db, &KEYS_USED, &after)?;
    }
    Ok(missing)
}

/// The same for a whole command, which writes nothing where there is nothing new.
pub fn admit_to(store: &Store, keyring: &Keyring) -> StoreResult<Option<KeysMissing>> {
    let noted = store.read_blocking(|db| facts::get(db, &KEYS_USED))?;
    match noted.filter(|noted| is_settled(noted, keyring)) {
        Some(noted) => Ok(noted.not_held(&held(keyring))),
        None => store.write_blocking(|db| admit(db, keyring)),
    }
}

fn held(keyring: &Keyring) -> Vec<KeyId> {
    keyring.ids().collect()
}

/// Whether nothing is to be noted: a key that is new is noted only when none is missing.
fn is_settled(noted: &KeyIds, keyring: &Keyring) -> bool {
    noted.not_held(&held(keyring)).is_some() || noted.clone().with(keyring.ids()) == *noted
}

/// Notes keys that what comes into the store was made with, whether or not anybody holds them.
pub(super) fn note(db: &mut Db, keys: impl IntoIterator<Item = KeyId>) -> StoreResult<()> {
    let before = facts::get_locked(db, &KEYS_USED)?;
    let used = match &before {
        Some(before) => before.clone(),
        None => in_rows(db)?,
    };
    let after = used.with(keys);
    if before.as_ref() == Some(&after) { Ok(()) } else { facts::set(db, &KEYS_USED, &after) }
}

/// Refuses to write with a key file that lacks keys; notes those that it has.
///
/// # Errors
/// [`StoreError::KeysMissing`].
pub(super) fn require(db: &mut Db, keyring: &Keyring) -> StoreResult<()> {
    let noted = facts::get(db, &KEYS_USED)?;
    let missing = match noted.filter(|noted| is_settled(noted, keyring)) {
        Some(noted) => noted.not_held(&held(keyring)),
        None => admit(db, keyring)?,
    };
    missing.map_or(Ok(()), |missing| Err(StoreError::KeysMissing(missing)))
}
