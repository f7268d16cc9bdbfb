//! The signs of life of running daemons: each leaves the instant of its last heartbeat under its name, and takes it away
//! when it stops in order.

use jiff::Timestamp;

use super::{Db, StoreError, StoreResult, facts};

/// The name under which heartbeats are kept, followed by the daemon's name.
const PREFIX: &str = "heartbeat:";

/// Notes that the daemon `owner` lives at `now`.
pub fn beat(db: &mut Db, owner: &str, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &format!("{PREFIX}{owner}"), &now.to_string())
}

/// The daemon `owner` says goodbye.
pub fn stop(db: &mut Db, owner: &str) -> StoreResult<()> {
    facts::remove(db, &format!("{PREFIX}{owner}"))
}

/// The daemons that have not said goodbye, with their last heartbeats.
pub fn list(db: &mut Db) -> StoreResult<Vec<(String, Timestamp)>> {
    facts::list(db, PREFIX)?
        .into_iter()
        .map(|(name, at)| {
            let at = at.parse().map_err(|_| StoreError::corrupt("a heartbeat", &at))?;
            Ok((name.strip_prefix(PREFIX).unwrap_or_default().to_owned(), at))
        })
        .collect()
}
