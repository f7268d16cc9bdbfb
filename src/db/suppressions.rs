//! The list of addresses that must not be written to: keyed fingerprints, a cause, a date. Its rows follow from the
//! ledger; only `members` writes them, in the transaction of the event.

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::conn::per_backend;
use super::schema::suppressions;
use super::{Db, StoreResult};
use crate::member::departure::Parting;
use crate::member::{Cause, Departure, Fingerprint, FingerprintDigits, Suppression};

/// What bars an address, looked up under each of its fingerprints. The gravest counts.
pub fn find(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Option<Suppression>> {
    Ok(find_many(db, fingerprints)?.into_values().max_by_key(|bar| bar.cause))
}

/// What bars each of many addresses, by the digits of the fingerprint.
pub(super) fn find_many(
    db: &mut Db,
    fingerprints: &[Fingerprint],
) -> StoreResult<HashMap<FingerprintDigits, Suppression>> {
    let rows: Vec<(FingerprintDigits, Cause, Timestamp)> = suppressions::table
        .filter(suppressions::fingerprint.eq_any(fingerprints.iter().map(Fingerprint::digits)))
        .select((suppressions::fingerprint, suppressions::cause, suppressions::since))
        .load(db)?;
    Ok(rows.into_iter().map(|(digits, cause, since)| (digits, Suppression { cause, since })).collect())
}

/// Whether nobody is on the list.
pub(super) fn is_empty(db: &mut Db) -> StoreResult<bool> {
    let first: Option<FingerprintDigits> =
        suppressions::table.select(suppressions::fingerprint).first(db).optional()?;
    Ok(first.is_none())
}

/// Up to `limit` rows of the list after the fingerprint `after`, in its order.
pub(super) fn list(db: &mut Db, after: &str, limit: i64) -> StoreResult<Vec<Departure>> {
    let rows: Vec<(Fingerprint, Cause, Timestamp)> = suppressions::table
        .filter(suppressions::fingerprint.gt(after))
        .order(suppressions::fingerprint)
        .limit(limit)
        .select(((suppressions::fingerprint, suppressions::key_id), suppressions::cause, suppressions::since))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(fingerprint, cause, at)| Departure { fingerprint, parting: Parting::Left(cause), at })
        .collect())
}

/// How many addresses are on the list.
pub fn count(db: &mut Db) -> StoreResult<i64> {
    Ok(suppressions::table.count().get_result(db)?)
}

/// Takes a fingerprint off the list.
pub(super) fn remove(db: &mut Db, fingerprint: &str) -> StoreResult<()> {
    diesel::delete(suppressions::table.find(fingerprint)).execute(db)?;
    Ok(())
}

/// Puts an address on the list, brings its row up to date, or takes it off.
pub(super) fn keep(db: &mut Db, fingerprint: &Fingerprint, bar: Option<Suppression>) -> StoreResult<()> {
    let Some(bar) = bar else {
        return remove(db, &fingerprint.to_string());
    };
    let cause_and_date = (suppressions::cause.eq(bar.cause), suppressions::since.eq(At(bar.since)));
    let names = (suppressions::fingerprint.eq(fingerprint.digits()), suppressions::key_id.eq(fingerprint.key()));
    per_backend!(db, conn => diesel::insert_into(suppressions::table)
        .values((names, cause_and_date))
        .on_conflict(suppressions::fingerprint)
        .do_update()
        .set(cause_and_date)
        .execute(conn))?;
    Ok(())
}
