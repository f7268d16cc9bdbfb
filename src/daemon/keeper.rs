//! The keeper: writes the heartbeat by which `status` knows that a daemon is alive, ends consents that have run out, and
//! watches the ticker.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::presence;
use super::problems::Problems;
use super::ticker::Ticker;
use crate::db::{Db, StoreResult, clock, expiry, heartbeats, problems};
use crate::member::Lifetime;
use crate::problem::ProblemKind;
use crate::sending::journal::Desk;

/// How often the heartbeat is written.
const BEAT: SignedDuration = SignedDuration::from_secs(20);

/// How often consents are looked through.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Consents that are ended in one transaction, so that nobody waits long for the store.
const AT_ONCE: u64 = 1_000;

pub(super) async fn keep(
    desk: Desk,
    (lifetime, address_days): (Lifetime, u16),
    problems: Problems,
    mut ticker: Ticker,
    stop: CancellationToken,
) -> StoreResult<()> {
    let mut expired_at = Timestamp::MIN;
    while !stop.is_cancelled() {
        let now = desk.clock.now();
        if let Err(error) = beat(&desk, now).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the heartbeat could not be written");
        }
        problems.write().await;
        look_at(&mut ticker, &problems, now).await;
        // The distance, not the order: after a clock was set back there is an hour to come as well.
        if now.duration_since(expired_at).abs() >= HOUR {
            expire(&desk, lifetime, now).await;
            forget(&desk, address_days, now).await;
            expired_at = now;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.clock.sleep_for(BEAT) => {}
        }
    }
    if let Err(error) = leave(&desk).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the last heartbeat stays in the store");
    }
    Ok(())
}

/// Writes this daemon's heartbeat, forgets the daemons that are no more with what they had met, and moves the newest
/// believed instant on when the clock is believed.
async fn beat(desk: &Desk, now: Timestamp) -> StoreResult<()> {
    let (owner, alone, leeway) = (desk.owner.clone(), desk.store.is_exclusive(), desk.holds.leeway());
    let write = move |db: &mut Db| {
        let alive = presence::beat(db, &owner, alone, now)?;
        problems::end_of_daemons(db, |name| alive.iter().any(|beat| beat.name == name), now)?;
        clock::advance(db, now, leeway)
    };
    desk.store.write(write).await.map(drop)
}

/// Forgets this daemon: it stops, and what it had met it sees no more.
async fn leave(desk: &Desk) -> StoreResult<()> {
    let (owner, now) = (desk.owner.clone(), desk.clock.now());
    let write = move |db: &mut Db| {
        heartbeats::stop(db, &owner)?;
        problems::end_of_daemons(db, |name| name != owner, now)
    };
    desk.store.write(write).await
}

async fn look_at(ticker: &mut Ticker, problems: &Problems, now: Timestamp) {
    if ticker.is_alive(now) {
        return problems.end(ProblemKind::TickerStopped).await;
    }
    tracing::warn!("the ticker has stopped, as when the clock is set back; it is started again");
    if let Err(error) = ticker.restart().await {
        let words = format!("the ticker cannot be started: {error}; the planner goes on with its own clock");
        tracing::error!("{words}");
        problems.begin(ProblemKind::TickerStopped, words, "start the daemon again").await;
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

/// Destroys the addresses of those who left so many days ago, in small portions; none while there is a reason to hold.
async fn forget(desk: &Desk, days: u16, now: Timestamp) {
    let Ok(before) = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))) else { return };
    let mut forgotten = 0;
    loop {
        let holds = Arc::clone(&desk.holds);
        let ran = desk.store.write(move |db| {
            if holds.ask(db, now)?.is_empty() { expiry::forget_left(db, before, AT_ONCE) } else { Ok(0) }
        });
        match ran.await {
            Ok(0) => break,
            Ok(more) => forgotten += more,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "addresses could not be destroyed");
                return;
            }
        }
    }
    if forgotten > 0 {
        tracing::info!(forgotten, "the addresses of people who left are gone");
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
