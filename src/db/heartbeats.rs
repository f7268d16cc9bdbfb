//! The signs of life of running daemons: each leaves the instant of its last heartbeat under its name, and takes it away
//! when it stops in order.

use jiff::Timestamp;

use super::facts::{self, HEARTBEATS};
use super::{Db, StoreResult};

/// Notes that the daemon `owner` lives at `now`.
pub fn beat(db: &mut Db, owner: &str, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &HEARTBEATS.of(owner), &now)
}

/// The daemon `owner` says goodbye.
pub fn stop(db: &mut Db, owner: &str) -> StoreResult<()> {
    facts::remove(db, &HEARTBEATS.of(owner))
}

/// The daemons that have not said goodbye, with their last heartbeats.
pub fn list(db: &mut Db) -> StoreResult<Vec<(String, Timestamp)>> {
    facts::list(db, &HEARTBEATS)
}
