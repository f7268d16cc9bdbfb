//! The ticker: one fixed tick in UTC that wakes the others. The net below the planner's own sleep, nothing more: it holds
//! no campaign, knows no zone, and decides nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::clock::Clock;

/// The tick's period.
const PERIOD: SignedDuration = SignedDuration::from_secs(15);

/// What a tick does.
type Ring = Arc<dyn Fn() + Send + Sync>;

/// A running ticker. Its own tasks end with the process.
pub(super) struct Ticker {
    clock: Clock,
    ring: Ring,
    last_tick: Arc<AtomicI64>,
    scheduler: JobScheduler,
}

impl Ticker {
    /// Starts ticking. `ring` runs inside the scheduler's lock: it must be quick and must not panic.
    pub(super) async fn start(clock: Clock, ring: impl Fn() + Send + Sync + 'static) -> Result<Self, String> {
        let ring: Ring = Arc::new(ring);
        let last_tick = Arc::new(AtomicI64::new(clock.now().as_second()));
        let scheduler = schedule(clock.clone(), Arc::clone(&ring), Arc::clone(&last_tick)).await?;
        Ok(Self { clock, ring, last_tick, scheduler })
    }

    /// Whether there was a tick within the last three periods. After the clock was set back the next tick stands where it
    /// was reckoned by the old time, perhaps years ahead: then there is none.
    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        (now.as_second() - self.last_tick.load(Ordering::Relaxed)).abs() <= 3 * PERIOD.as_secs()
    }

    /// Starts ticking anew, from the present time.
    pub(super) async fn restart(&mut self) -> Result<(), String> {
        self.last_tick.store(self.clock.now().as_second(), Ordering::Relaxed);
        let anew = schedule(self.clock.clone(), Arc::clone(&self.ring), Arc::clone(&self.last_tick)).await?;
        let mut old = std::mem::replace(&mut self.scheduler, anew);
        old.shutdown().await.map_err(|error| error.to_string())?;
        (self.ring)();
        Ok(())
    }
}

async fn schedule(clock: Clock, ring: Ring, last_tick: Arc<AtomicI64>) -> Result<JobScheduler, String> {
    let job = Job::new("*/15 * * * * *", move |_, _| {
        last_tick.store(clock.now().as_second(), Ordering::Relaxed);
        ring();
    });
    let scheduler = JobScheduler::new().await.map_err(|error| error.to_string())?;
    scheduler.add(job.map_err(|error| error.to_string())?).await.map_err(|error| error.to_string())?;
    scheduler.start().await.map_err(|error| error.to_string())?;
    Ok(scheduler)
}
