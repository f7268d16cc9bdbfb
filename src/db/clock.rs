//! The newest believed instant: what the clock is held against, see [`crate::time_trust`].
//!
//! It is set when the store is made or migrated, moved on by a daemon whose clock is believed, and set by a person who
//! confirms the time. What else is written under a doubted clock, such as a withdrawal, does not move it.

use diesel::dsl::max;
use diesel::prelude::*;
#[cfg(feature = "postgres")]
use diesel::sql_query;
#[cfg(feature = "postgres")]
use diesel::sql_types::BigInt;
use jiff::Timestamp;
use serde_json::json;

#[cfg(feature = "postgres")]
use super::StoreError;
use super::audit::{self, AuditAction, AuditEntry};
use super::facts::{self, BELIEVED};
use super::identity::StoreReport;
use super::schema::{audit_log, consent_events};
use super::{Db, StoreResult, heartbeats};
use crate::time_trust::{ClockStanding, Leeway, judge};

/// The newest believed instant. In a store that has none yet, the newest that its history tells of; `None` when it has no
/// history either.
pub fn newest(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    let believed = facts::get(db, &BELIEVED)?;
    or_history(db, believed)
}

/// The newest instant of which the store tells anything: what was written under a clock that was not believed counts as well.
pub fn written_until(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    Ok(facts::get(db, &BELIEVED)?.max(history(db)?))
}

/// How the clock, which shows `now`, stands to it.
pub fn standing(db: &mut Db, now: Timestamp, leeway: Leeway) -> StoreResult<ClockStanding> {
    Ok(judge(now, newest(db)?, leeway))
}

/// The same where the store has been asked already.
pub fn standing_by(db: &mut Db, report: &StoreReport, now: Timestamp, leeway: Leeway) -> StoreResult<ClockStanding> {
    Ok(judge(now, or_history(db, report.believed()?)?, leeway))
}

/// The instant under which something is recorded that must be recorded at once, whatever the clock shows; see
/// [`ClockStanding::to_record`]. Under a believed clock it is `now` itself, to the nanosecond: who asks compares the two.
pub fn to_record(db: &mut Db, now: Timestamp, leeway: Leeway) -> StoreResult<Timestamp> {
    Ok(standing(db, now, leeway)?.to_record(now))
}

/// Gives a store that has no newest believed instant the one that its history tells of, or `now` when it is new. From
/// then on, what is recorded under a doubted clock does not count.
pub fn pin(db: &mut Db, now: Timestamp) -> StoreResult<()> {
    if facts::get_locked(db, &BELIEVED)?.is_none() {
        let newest = history(db)?.unwrap_or(now);
        keep(db, newest)?;
    }
    Ok(())
}

/// Moves the newest believed instant on to `now`, unless the clock is doubted; says how it stands.
pub fn advance(db: &mut Db, now: Timestamp, leeway: Leeway) -> StoreResult<ClockStanding> {
    pin(db, now)?;
    let newest = newest(db)?;
    let standing = judge(now, newest, leeway);
    if let Some(after) = standing.newest_after(now, newest).filter(|after| Some(*after) != newest) {
        keep(db, after)?;
    }
    Ok(standing)
}

/// Makes `now` the newest believed instant, because `who` says that it is the present time. In the audit log.
pub fn confirm(db: &mut Db, who: &str, now: Timestamp) -> StoreResult<()> {
    let before = newest(db)?;
    keep(db, now)?;
    audit::record(
        db,
        &AuditEntry {
            at: now,
            who: who.to_owned(),
            action: AuditAction::ClockConfirmed,
            object: "clock".to_owned(),
            detail: json!({ "confirmed": now, "believed_before": before }),
        },
    )
}

/// What the clock of the store's server shows; none where the store is a file.
pub fn of_server(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    match db {
        Db::Sqlite(_) => Ok(None),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            // Not the instant at which the transaction began.
            let shown: ServerClock =
                sql_query("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS micros")
                    .get_result(conn)?;
            let at = Timestamp::from_microsecond(shown.micros);
            at.map(Some).map_err(|_| StoreError::corrupt("an instant", shown.micros.to_string()))
        }
    }
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct ServerClock {
    #[diesel(sql_type = BigInt)]
    micros: i64,
}

fn or_history(db: &mut Db, believed: Option<Timestamp>) -> StoreResult<Option<Timestamp>> {
    if believed.is_some() { Ok(believed) } else { history(db) }
}

/// The newest instant at which the program wrote something down by its own clock.
fn history(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    let audited: Option<Timestamp> = audit_log::table.select(max(audit_log::at)).get_result(db)?;
    let recorded: Option<Timestamp> = consent_events::table.select(max(consent_events::recorded_at)).get_result(db)?;
    let beaten = heartbeats::list(db)?.into_iter().map(|(_, at)| at).max();
    Ok(audited.max(recorded).max(beaten))
}

fn keep(db: &mut Db, newest: Timestamp) -> StoreResult<()> {
    facts::set(db, &BELIEVED, &newest)
}
