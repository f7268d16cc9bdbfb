//! The keeper: writes the heartbeat by which `status` knows that a daemon is alive, ends consents that have run out, and
//! watches the ticker.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::ticker::Ticker;
use crate::db::{StoreResult, clock, expiry, heartbeats};
use crate::delivery::journal::Desk;
use crate::member::Lifetime;

/// How often the heartbeat is written.
const BEAT: SignedDuration = SignedDuration::from_secs(60);

/// How often consents are looked through.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Consents that are ended in one transaction, so that nobody waits long for the store.
const AT_ONCE: u64 = 1_000;

pub(super) async fn keep(desk: Desk, lifetime: Lifetime, ticker: Ticker, stop: CancellationToken) -> StoreResult<()> {
    let mut expired_at = Timestamp::MIN;
    while !stop.is_cancelled() {
        let now = desk.clock.now();
        if !ticker.is_alive(now) {
            tracing::error!("the ticker has stopped; the planner goes on with its own clock");
        }
        beat(&desk, now).await;
        // The distance, not the order: after a clock was set back there is an hour to come as well.
        if now.duration_since(expired_at).abs() >= HOUR {
            expire(&desk, lifetime, now).await;
            expired_at = now;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.clock.sleep_for(BEAT) => {}
        }
    }
    desk.store.write(move |db| heartbeats::stop(db, &desk.owner)).await
}

/// Notes that this daemon lives, and moves the newest believed instant on when the clock is believed.
async fn beat(desk: &Desk, now: Timestamp) {
    let (owner, leeway) = (desk.owner.clone(), desk.holds.leeway());
    let beaten = desk.store.write(move |db| {
        heartbeats::beat(db, &owner, now)?;
        clock::advance(db, now, leeway)
    });
    if let Err(error) = beaten.await {
        tracing::error!(error = &error as &dyn std::error::Error, "the heartbeat could not be written");
    }
}

/// Ends the portion of this day of the consents that have run out; none while there is a reason to hold.
async fn expire(desk: &Desk, lifetime: Lifetime, now: Timestamp) {
    let mut ended = 0;
    let waiting = loop {
        let holds = Arc::clone(&desk.holds);
        let ran = desk.store.write(move |db| {
            let free = holds.ask(db, now)?.is_empty();
            let more = if free { expiry::expire_portion(db, lifetime, now, AT_ONCE)? } else { 0 };
            Ok((more, expiry::waiting(db, now)?))
        });
        match ran.await {
            Ok((0, waiting)) => break waiting,
            Ok((more, _)) => ended += more,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "consents could not be ended");
                return;
            }
        }
    };
    if ended > 0 {
        tracing::info!(
            ended,
            waiting,
            "consents have run out, and their addresses are gone; the others wait for another day"
        );
        scrub(desk).await;
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
