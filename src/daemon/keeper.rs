//! The keeper: writes the heartbeat by which `status` knows that a daemon is alive, ends consents that have run out, and
//! watches the ticker.

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::later;
use super::ticker::Ticker;
use crate::db::{Db, StoreError, StoreResult, facts, members};
use crate::delivery::journal::Desk;

/// How often the heartbeat is written.
const BEAT: SignedDuration = SignedDuration::from_secs(60);

/// How often consents are looked through.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The name under which heartbeats are kept, followed by the daemon's name.
const PREFIX: &str = "heartbeat:";

pub(super) async fn keep(desk: Desk, ticker: Ticker, stop: CancellationToken) -> StoreResult<()> {
    let name = format!("{PREFIX}{}", desk.owner);
    let mut expiry_due = Timestamp::MIN;
    while !stop.is_cancelled() {
        let now = desk.clock.now();
        if !ticker.is_alive(now) {
            tracing::error!("the ticker has stopped; the planner goes on with its own clock");
        }
        let fact = name.clone();
        if let Err(error) = desk.store.write(move |db| facts::set(db, &fact, &now.to_string())).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the heartbeat could not be written");
        }
        if now >= expiry_due {
            expire(&desk, now).await;
            expiry_due = later(now, HOUR);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.clock.sleep_until(later(now, BEAT)) => {}
        }
    }
    desk.store.write(move |db| facts::remove(db, &name)).await
}

/// Ends the consents that have run out, a thousand to a transaction.
async fn expire(desk: &Desk, now: Timestamp) {
    loop {
        match desk.store.write(move |db| members::expire_due(db, now, 1000)).await {
            Ok(0) => return,
            Ok(expired) => {
                tracing::info!(expired, "consents have run out, and their addresses are gone");
                scrub(desk).await;
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "consents could not be ended");
                return;
            }
        }
    }
}

/// Leaves no forgotten address in the write-ahead log. Kept waiting by a reader, it is done at the next expiry or erasure.
async fn scrub(desk: &Desk) {
    let store = desk.store.clone();
    let scrubbed = tokio::task::spawn_blocking(move || store.scrub_blocking()).await;
    if !matches!(scrubbed, Ok(Ok(()))) {
        tracing::warn!("the write-ahead log could not be emptied yet");
    }
}

/// The daemons that have not said goodbye, with their last heartbeats.
pub fn heartbeats(db: &mut Db) -> StoreResult<Vec<(String, Timestamp)>> {
    facts::list(db, PREFIX)?
        .into_iter()
        .map(|(name, at)| {
            let at = at.parse().map_err(|_| StoreError::corrupt("a heartbeat", &at))?;
            Ok((name.strip_prefix(PREFIX).unwrap_or_default().to_owned(), at))
        })
        .collect()
}
