//! The stubs of lines that were removed from the ledger, and the one place where a line makes room for its stub. Which lines
//! do is decided elsewhere.

use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use serde::Serialize;

use super::schema::{consent_events, removed_lines};
use super::{Db, StoreResult};
use crate::keys::{KeyId, Sha256Digest};
use crate::member::Head;
use crate::member::removal::{RemovalDay, Stub, StubMac};
use crate::member::retention::RetentionClock;

/// Lines that are deleted by one statement.
const AT_ONCE: usize = 1_000;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = removed_lines, treat_none_as_default_value = false)]
struct Row {
    seq: i64,
    prev_hash: Sha256Digest,
    hash: Sha256Digest,
    clock: RetentionClock,
    removed_on: RemovalDay,
    key_id: KeyId,
    mac: StubMac,
}

impl From<Stub> for Row {
    fn from(Stub { seq, prev_hash, hash, clock, removed_on, key, mac }: Stub) -> Self {
        Self { seq, prev_hash, hash, clock, removed_on, key_id: key, mac }
    }
}

impl From<Row> for Stub {
    fn from(Row { seq, prev_hash, hash, clock, removed_on, key_id, mac }: Row) -> Self {
        Self { seq, prev_hash, hash, clock, removed_on, key: key_id, mac }
    }
}

/// Up to `limit` stubs with a number above `after`, in the order of their numbers.
pub(super) fn page(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<Stub>> {
    let page = removed_lines::table.filter(removed_lines::seq.gt(after)).order(removed_lines::seq).limit(limit);
    let rows: Vec<Row> = page.select(Row::as_select()).load(db)?;
    Ok(rows.into_iter().map(Stub::from).collect())
}

/// The number of the next stub above `after`, which need not be readable.
pub(super) fn number_after(db: &mut Db, after: i64) -> StoreResult<i64> {
    let following = removed_lines::table.filter(removed_lines::seq.gt(after)).order(removed_lines::seq);
    Ok(following.select(removed_lines::seq).first(db)?)
}

/// The last stub, as what a line after it would be bound to.
pub(super) fn last(db: &mut Db) -> StoreResult<Option<Head>> {
    let last: Option<(i64, Sha256Digest)> = removed_lines::table
        .order(removed_lines::seq.desc())
        .select((removed_lines::seq, removed_lines::hash))
        .first(db)
        .optional()?;
    Ok(last.map(|(seq, hash)| Head { seq, hash }))
}

/// The digest of the removed line `seq`, if there is one.
pub(super) fn hash_at(db: &mut Db, seq: i64) -> StoreResult<Option<Sha256Digest>> {
    Ok(removed_lines::table.find(seq).select(removed_lines::hash).first(db).optional()?)
}

/// Puts stubs into the places of their lines, in the caller's transaction, in which the ledger is locked.
pub(super) fn put(db: &mut Db, stubs: Vec<Stub>) -> StoreResult<()> {
    let numbers: Vec<i64> = stubs.iter().map(|stub| stub.seq).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        diesel::delete(consent_events::table.filter(consent_events::seq.eq_any(numbers))).execute(db)?;
    }
    let rows = stubs.into_iter().map(Row::from);
    match db {
        Db::Sqlite(conn) => {
            for row in rows {
                diesel::insert_into(removed_lines::table).values(row).execute(conn)?;
            }
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            diesel::copy_from(removed_lines::table).from_insertable(rows.collect::<Vec<_>>()).execute(conn)?;
        }
    }
    Ok(())
}

/// The lines that were removed when their proof had served its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RemovedLines {
    /// How many.
    pub lines: u64,
    /// The day on which the first of them was removed.
    pub first_on: RemovalDay,
    /// The day on which the last was.
    pub last_on: RemovalDay,
}

impl RemovedLines {
    /// What was done, and when, for people.
    pub fn words(&self) -> String {
        let Self { lines, first_on, last_on } = self;
        let were = if *lines == 1 { "was" } else { "were" };
        if first_on == last_on {
            format!("{lines} of them {were} removed by the clock of the proof on {first_on}")
        } else {
            format!("{lines} of them {were} removed by the clock of the proof from {first_on} to {last_on}")
        }
    }
}

/// How many lines were removed, and when. `None` when none was.
pub(super) fn all(db: &mut Db) -> StoreResult<Option<RemovedLines>> {
    let counted = (count_star(), min(removed_lines::removed_on), max(removed_lines::removed_on));
    let (lines, first_on, last_on): (i64, Option<RemovalDay>, Option<RemovalDay>) =
        removed_lines::table.select(counted).get_result(db)?;
    let days = first_on.zip(last_on);
    Ok(days.map(|(first_on, last_on)| RemovedLines { lines: lines.unsigned_abs(), first_on, last_on }))
}
