//! The signs of life of running daemons: each leaves the instant of its last heartbeat under its name. When it stops in
//! order it takes that away and leaves the instant of its end.

use jiff::Timestamp;

use super::facts::{self, DAEMON_STOPPED, HEARTBEATS};
use super::{Db, StoreResult};

/// Notes that the daemon `owner` lives at `now`.
pub fn beat(db: &mut Db, owner: &str, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &HEARTBEATS.of(owner), &now)
}

/// The daemon `owner` says goodbye at `now`.
pub fn stop(db: &mut Db, owner: &str, now: Timestamp) -> StoreResult<()> {
    forget(db, owner)?;
    facts::set(db, &DAEMON_STOPPED, &now)
}

/// The daemon `owner` is gone without a goodbye.
pub fn forget(db: &mut Db, owner: &str) -> StoreResult<()> {
    facts::remove(db, &HEARTBEATS.of(owner))
}

/// When a daemon last said goodbye.
pub fn stopped_at(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    facts::get(db, &DAEMON_STOPPED)
}

/// The daemons that have not said goodbye, with their last heartbeats.
pub fn list(db: &mut Db) -> StoreResult<Vec<(String, Timestamp)>> {
    facts::list(db, &HEARTBEATS)
}
