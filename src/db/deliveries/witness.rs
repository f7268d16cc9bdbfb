//! What tells whether changes that did not wait for the disk are still there.
//!
//! A claim waits for the disk. What the holder of a claim then records, that it hands the message over and what became of
//! it, is committed without that wait ([`Store::write_unsynced`](crate::db::Store::write_unsynced)): it outlives the daemon, and
//! reaches the disk with the next claim. When the machine of the store stops, the last of it may be forgotten, and a
//! delivery that left is found as it was claimed. So nothing that somebody has claimed goes back to the queue before
//! [`heed`] has asked the witness: something that does not outlive what those changes do not outlive.
//!
//! On SQLite it is the number that the kernel draws when it starts; on PostgreSQL a row in an unlogged table, which the
//! server empties when it recovers from a crash, and which no replica has.

use jiff::Timestamp;

use super::transition::{Change, Which, transition};
use crate::db::facts::{self, Micros, SYNCED, WITNESS};
use crate::db::{Db, Store, StoreResult};
use crate::delivery::state::DeliveryEvent;

/// Why a delivery is in doubt whose holder's last words may be lost.
const FORGOTTEN: &str = "the machine of the store stopped before it was on disk what became of this message";

/// Whether changes may be left for the next claim to bring to the disk. Without a witness each has to wait for it.
pub fn is_there(store: &Store) -> bool {
    // A server that has none yet is given one with the first claim.
    !store.is_one_machines() || kernel().is_some()
}

/// Brings everything to the disk that was committed before `now`, in the caller's transaction, which waits for it.
pub fn sync(db: &mut Db, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &SYNCED, &Micros(now))
}

/// Puts in doubt what was claimed before the machine stopped, if it did. Returns how many deliveries.
pub fn heed(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    if !is_lost(db)? {
        return Ok(0);
    }
    // Another daemon may have found the same, and have claimed since.
    if !is_gone(facts::get_locked(db, &WITNESS)?, present(db)?.as_deref()) {
        return Ok(0);
    }
    let forgotten = transition(db, DeliveryEvent::Forget, Which::All, Change::because(FORGOTTEN), now)?;
    facts::remove(db, &WITNESS)?;
    Ok(forgotten)
}

/// Whether the machine of the store has stopped since what is claimed was claimed, so that what was recorded of it may be lost.
pub fn is_lost(db: &mut Db) -> StoreResult<bool> {
    Ok(is_gone(facts::get(db, &WITNESS)?, present(db)?.as_deref()))
}

/// Whether the witness that was named last is not the one that is there.
fn is_gone(named: Option<String>, present: Option<&str>) -> bool {
    named.is_some_and(|named| present != Some(&named))
}

/// Names the witness of what is claimed in this transaction, which waits for the disk. The claims before are [`heed`]ed
/// first.
pub(super) fn name(db: &mut Db) -> StoreResult<()> {
    let Some(present) = present_or_new(db)? else { return Ok(()) };
    if facts::get(db, &WITNESS)?.as_deref() == Some(&present) {
        return Ok(());
    }
    facts::set(db, &WITNESS, &present)
}

/// The witness, if there is one.
#[cfg_attr(not(feature = "postgres"), expect(clippy::unnecessary_wraps, reason = "PostgreSQL is asked for it"))]
fn present(db: &mut Db) -> StoreResult<Option<String>> {
    match db {
        Db::Sqlite(_) => Ok(kernel()),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};

            use crate::db::schema::commit_witness;

            Ok(commit_witness::table.select(commit_witness::witness).get_result(conn).optional()?)
        }
    }
}

/// The witness; on PostgreSQL one is made where there is none.
fn present_or_new(db: &mut Db) -> StoreResult<Option<String>> {
    let found = present(db)?;
    match db {
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) if found.is_none() => {
            let new = "INSERT INTO commit_witness (witness) VALUES (gen_random_uuid()::text) ON CONFLICT DO NOTHING";
            diesel::RunQueryDsl::execute(diesel::sql_query(new), conn)?;
            present(db)
        }
        _ => Ok(found),
    }
}

/// What names this start of the kernel. Where none is told there is no witness.
pub fn kernel() -> Option<String> {
    static KERNEL: std::sync::LazyLock<Option<String>> = std::sync::LazyLock::new(|| {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let name = text.trim();
        (!name.is_empty()).then(|| name.to_owned())
    });
    KERNEL.clone()
}
