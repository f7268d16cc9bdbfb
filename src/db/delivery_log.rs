//! The log of deliveries, long after: rows are removed, and their counts stay.

use std::collections::BTreeMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::upsert::excluded;
use jiff::Timestamp;

use super::conn::per_backend;
use super::schema::{bounces, deliveries, delivery_totals, mailings};
use super::{Db, StoreResult};
use crate::delivery::DeliveryState;
use crate::smtp::Stage;

/// The counts of deliveries in one state whose rows are removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub(super) struct LogTotals {
    /// How many deliveries.
    pub(super) planned: i64,
    /// How many of them a sender was ever let hand over.
    pub(super) granted: i64,
    /// How many copies a relay has said that it has.
    pub(super) taken: i64,
    /// How many deliveries a relay has said more than once that it has.
    pub(super) doubled: i64,
    /// How many are files in a folder.
    pub(super) filed: i64,
}

impl LogTotals {
    fn count(&mut self, row: &LogRow) {
        let LogRow { stage, granted, taken, .. } = row;
        self.planned += 1;
        self.granted += i64::from(*granted > 0);
        self.taken += i64::from(*taken);
        self.doubled += i64::from(*taken > 1);
        self.filed += i64::from(*stage == Some(Stage::Folder));
    }
}

/// What of a delivery is counted.
#[derive(Queryable)]
struct LogRow {
    id: i64,
    state: DeliveryState,
    stage: Option<Stage>,
    granted: i32,
    taken: i32,
}

fn by_state(removed: &[LogRow]) -> BTreeMap<DeliveryState, LogTotals> {
    let mut totals: BTreeMap<DeliveryState, LogTotals> = BTreeMap::new();
    for row in removed {
        totals.entry(row.state).or_default().count(row);
    }
    totals
}

/// A mailing that has ended and has deliveries in the log, and when the last of them could end.
pub(super) fn ended_mailings(db: &mut Db) -> StoreResult<Vec<(i64, Timestamp)>> {
    let logged = deliveries::table.filter(deliveries::mailing_id.eq(mailings::id));
    let found: Vec<(i64, Timestamp, Timestamp)> = mailings::table
        .filter(mailings::ended_at.is_not_null().and(exists(logged)))
        .order(mailings::id)
        .select((mailings::id, mailings::ended_at.assume_not_null(), mailings::not_after))
        .load(db)?;
    Ok(found.into_iter().map(|(id, ended_at, not_after)| (id, ended_at.max(not_after))).collect())
}

/// The states in which a delivery's row may be removed.
fn ended_states() -> Vec<DeliveryState> {
    DeliveryState::ALL.into_iter().filter(|state| state.has_ended()).collect()
}

/// How many ended deliveries of each of the mailings are in the log.
pub(super) fn logged(db: &mut Db, mailing_ids: &[i64]) -> StoreResult<Vec<(i64, u64)>> {
    let counts: Vec<(i64, i64)> = deliveries::table
        .filter(deliveries::mailing_id.eq_any(mailing_ids))
        .filter(deliveries::state.eq_any(ended_states()))
        .group_by(deliveries::mailing_id)
        .select((deliveries::mailing_id, diesel::dsl::count_star()))
        .load(db)?;
    Ok(counts.into_iter().map(|(id, count)| (id, count.unsigned_abs())).collect())
}

/// Removes up to `limit` ended deliveries of a mailing, and adds them to its totals. Returns how many.
pub(super) fn remove(db: &mut Db, mailing_id: i64, limit: u64) -> StoreResult<u64> {
    let ended = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq_any(ended_states()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((deliveries::id, deliveries::state, deliveries::stage, deliveries::granted, deliveries::taken));
    // On PostgreSQL another daemon may do the same, and a person resolve one of them: each row is counted once, as it ended.
    let removed: Vec<LogRow> = match db {
        Db::Sqlite(conn) => ended.load(conn)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => ended.for_update().load(conn)?,
    };
    for (state, totals) in by_state(&removed) {
        add(db, mailing_id, state, totals)?;
    }
    let ids: Vec<i64> = removed.iter().map(|row| row.id).collect();
    // What came back about them goes with them.
    diesel::delete(bounces::table.filter(bounces::delivery_id.eq_any(&ids))).execute(db)?;
    let gone = diesel::delete(deliveries::table.filter(deliveries::id.eq_any(ids))).execute(db)?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

fn add(db: &mut Db, mailing_id: i64, state: DeliveryState, more: LogTotals) -> StoreResult<()> {
    use delivery_totals as table;
    let row = (
        table::mailing_id.eq(mailing_id),
        table::state.eq(state),
        table::planned.eq(more.planned),
        table::granted.eq(more.granted),
        table::taken.eq(more.taken),
        table::doubled.eq(more.doubled),
        table::filed.eq(more.filed),
    );
    per_backend!(db, conn => diesel::insert_into(table::table)
        .values(row)
        .on_conflict((table::mailing_id, table::state))
        .do_update()
        .set((
            table::planned.eq(table::planned + excluded(table::planned)),
            table::granted.eq(table::granted + excluded(table::granted)),
            table::taken.eq(table::taken + excluded(table::taken)),
            table::doubled.eq(table::doubled + excluded(table::doubled)),
            table::filed.eq(table::filed + excluded(table::filed)),
        ))
        .execute(conn))?;
    Ok(())
}

/// The counts of a mailing's deliveries whose rows are removed, by state.
pub(super) fn totals(db: &mut Db, mailing_id: i64) -> StoreResult<BTreeMap<DeliveryState, LogTotals>> {
    use delivery_totals as table;
    let totals: Vec<(DeliveryState, LogTotals)> = table::table
        .filter(table::mailing_id.eq(mailing_id))
        .select((table::state, (table::planned, table::granted, table::taken, table::doubled, table::filed)))
        .load(db)?;
    Ok(totals.into_iter().collect())
}

/// One of the counts, of all states together.
pub(super) fn total(db: &mut Db, mailing_id: i64, which: fn(&LogTotals) -> i64) -> StoreResult<u64> {
    Ok(totals(db, mailing_id)?.values().map(which).sum::<i64>().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_is_counted_by_state() {
        let row = |state, stage, granted, taken| LogRow { id: 1, state, stage, granted, taken };
        let removed = [
            row(DeliveryState::Accepted, Some(Stage::Body), 1, 1),
            row(DeliveryState::Accepted, Some(Stage::Folder), 2, 2),
            row(DeliveryState::Skipped, None, 0, 0),
        ];
        let accepted = LogTotals { planned: 2, granted: 2, taken: 3, doubled: 1, filed: 1 };
        let skipped = LogTotals { planned: 1, ..LogTotals::default() };
        let expected = [(DeliveryState::Accepted, accepted), (DeliveryState::Skipped, skipped)];
        assert_eq!(by_state(&removed), BTreeMap::from(expected));
    }
}
