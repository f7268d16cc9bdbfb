//! The list of addresses that must not be written to: keyed fingerprints, a cause, a date. Its rows follow from the
//! ledger; only `members` writes them, in the transaction of the event.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::per_backend;
use super::schema::suppressions;
use super::{Db, StoreError, StoreResult, instant, micros};
use crate::member::{Bar, Departure, Fingerprint};

/// What bars an address, looked up under each of its fingerprints. The gravest counts.
pub fn find(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Option<Bar>> {
    Ok(find_many(db, fingerprints)?.into_values().max_by_key(|bar| bar.cause))
}

/// What bars each of many addresses, by the digits of the fingerprint.
pub(super) fn find_many(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<HashMap<String, Bar>> {
    let digits: Vec<String> = fingerprints.iter().map(ToString::to_string).collect();
    suppressions::table
        .filter(suppressions::fingerprint.eq_any(digits))
        .select((suppressions::fingerprint, suppressions::cause, suppressions::since))
        .load::<(String, String, i64)>(db)?
        .into_iter()
        .map(|(fingerprint, cause, since)| {
            let cause = cause.parse().map_err(|_| StoreError::corrupt("the cause of a suppression", &cause))?;
            Ok((fingerprint, Bar { cause, since: instant(since)? }))
        })
        .collect()
}

/// Up to `limit` rows of the list after the fingerprint `after`, in its order.
pub(super) fn list(db: &mut Db, after: &str, limit: i64) -> StoreResult<Vec<Departure>> {
    suppressions::table
        .filter(suppressions::fingerprint.gt(after))
        .order(suppressions::fingerprint)
        .limit(limit)
        .select((suppressions::fingerprint, suppressions::key_id, suppressions::cause, suppressions::since))
        .load::<(String, String, String, i64)>(db)?
        .into_iter()
        .map(|(digits, key, cause, since)| {
            let fingerprint = Fingerprint::from_stored(&digits, &key);
            Ok(Departure {
                fingerprint: fingerprint.ok_or_else(|| StoreError::corrupt("a suppressed fingerprint", &digits))?,
                cause: cause.parse().map_err(|_| StoreError::corrupt("the cause of a suppression", &cause))?,
                at: instant(since)?,
            })
        })
        .collect()
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
pub(super) fn keep(db: &mut Db, fingerprint: &Fingerprint, bar: Option<Bar>) -> StoreResult<()> {
    let Some(bar) = bar else {
        return remove(db, &fingerprint.to_string());
    };
    let cause_and_date = (suppressions::cause.eq(bar.cause.as_str()), suppressions::since.eq(micros(bar.since)));
    let names =
        (suppressions::fingerprint.eq(fingerprint.to_string()), suppressions::key_id.eq(fingerprint.key().to_string()));
    per_backend!(db, conn => diesel::insert_into(suppressions::table)
        .values((names, cause_and_date))
        .on_conflict(suppressions::fingerprint)
        .do_update()
        .set(cause_and_date)
        .execute(conn))?;
    Ok(())
}
