//! Single values of the store: counters, heartbeats, the newest believed instant.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::per_backend;
use super::schema::store_facts;
use super::{Db, StoreError, StoreResult};

/// The value under `name`.
pub fn get(db: &mut Db, name: &str) -> StoreResult<Option<String>> {
    Ok(store_facts::table.find(name).select(store_facts::value).first(db).optional()?)
}

/// The same, for a transaction that changes it: on PostgreSQL the row, if there is one, is locked until the transaction
/// ends, so that daemons change it one after the other.
pub fn get_locked(db: &mut Db, name: &str) -> StoreResult<Option<String>> {
    match db {
        Db::Sqlite(_) => get(db, name),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            Ok(store_facts::table.find(name).select(store_facts::value).for_update().first(conn).optional()?)
        }
    }
}

/// The values under those of `names` that have one.
pub fn some(db: &mut Db, names: &[&str]) -> StoreResult<HashMap<String, String>> {
    let rows: Vec<(String, String)> = store_facts::table.filter(store_facts::name.eq_any(names.to_vec())).load(db)?;
    Ok(rows.into_iter().collect())
}

/// Sets the value under `name`.
pub fn set(db: &mut Db, name: &str, value: &str) -> StoreResult<()> {
    let row = (store_facts::name.eq(name), store_facts::value.eq(value));
    per_backend!(db, conn => diesel::insert_into(store_facts::table)
        .values(row)
        .on_conflict(store_facts::name)
        .do_update()
        .set(store_facts::value.eq(value))
        .execute(conn))?;
    Ok(())
}

/// The counter under `name`; 0 when it has never been added to.
pub fn count(db: &mut Db, name: &str) -> StoreResult<u64> {
    counted(get(db, name)?)
}

/// Adds to the counter under `name` and returns what it comes to.
pub fn add(db: &mut Db, name: &str, more: u64) -> StoreResult<u64> {
    let sum = counted(get_locked(db, name)?)?.saturating_add(more);
    set(db, name, &sum.to_string())?;
    Ok(sum)
}

fn counted(value: Option<String>) -> StoreResult<u64> {
    value.map_or(Ok(0), |value| value.parse().map_err(|_| StoreError::corrupt("a counter", &value)))
}

/// Forgets the value under `name`.
pub fn remove(db: &mut Db, name: &str) -> StoreResult<()> {
    diesel::delete(store_facts::table.find(name)).execute(db)?;
    Ok(())
}

/// The values whose names begin with `prefix`, by name.
pub fn list(db: &mut Db, prefix: &str) -> StoreResult<Vec<(String, String)>> {
    let rows: Vec<(String, String)> = store_facts::table.order(store_facts::name).load(db)?;
    Ok(rows.into_iter().filter(|(name, _)| name.starts_with(prefix)).collect())
}
