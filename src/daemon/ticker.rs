//! The ticker: one fixed tick in UTC that wakes the others. The net below the planner's own sleep, nothing more: it holds
//! no campaign, knows no zone, and decides nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::clock::Clock;

/// The tick's period, in seconds.
const PERIOD: i64 = 15;

/// A running ticker. Its own tasks end with the process.
pub(super) struct Ticker {
    last_tick: Arc<AtomicI64>,
    _scheduler: JobScheduler,
}

impl Ticker {
    /// Starts ticking. `ring` runs inside the scheduler's lock: it must be quick and must not panic.
    pub(super) async fn start(clock: Clock, ring: impl Fn() + Send + Sync + 'static) -> Result<Self, String> {
        let last_tick = Arc::new(AtomicI64::new(clock.now().as_second()));
        let job = {
            let last_tick = Arc::clone(&last_tick);
            Job::new("*/15 * * * * *", move |_, _| {
                last_tick.store(clock.now().as_second(), Ordering::Relaxed);
                ring();
            })
        };
        let scheduler = JobScheduler::new().await.map_err(|error| error.to_string())?;
        scheduler.add(job.map_err(|error| error.to_string())?).await.map_err(|error| error.to_string())?;
        scheduler.start().await.map_err(|error| error.to_string())?;
        Ok(Self { last_tick, _scheduler: scheduler })
    }

    /// Whether there was a tick within the last three periods.
    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        now.as_second() - self.last_tick.load(Ordering::Relaxed) <= 3 * PERIOD
    }
}
