//! The daemon's work on a clock that is moved by hand: its planner and its dispatcher, from one instant to the next at which
//! one of them has something to do. What is shown by a demonstration and by a rehearsal is what they do.
//!
//! Whatever else the daemon does changes no delivery but for the law watch, which whoever simulates calls when the law moves.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::db::deliveries::Leases;
use crate::db::stops::Stopped;
use crate::db::{Db, StoreError, reports};
use crate::delivery::DeliveryState;
use crate::sending::dispatcher::{DispatchError, Dispatcher};
use crate::sending::journal::EngineContext;
use crate::sending::planner::{self, Begin, PlannerEvent};

/// How often in a row everybody else is given a turn, and nobody has work for the store, before the clock may be moved.
const TURNS: u32 = 24;

/// How long it is waited for those who wait for no clock of ours.
const PAUSE: Duration = Duration::from_millis(1);

/// Why a simulation ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dispatcher had to stop.
    #[error(transparent)]
    Sending(#[from] DispatchError),
    /// What happens cannot be told.
    #[error(transparent)]
    Told(#[from] io::Error),
}

/// Who is told what happens, at once and in order.
pub trait Onlooker {
    /// The planner did something.
    fn happened(&mut self, event: &PlannerEvent) -> io::Result<()>;

    /// So many more deliveries are in each of these states.
    fn moved(&mut self, more: &BTreeMap<DeliveryState, u64>) -> io::Result<()>;
}

/// Planner and dispatcher on a clock that is moved by hand.
#[derive(Debug)]
pub struct Simulation {
    engine: EngineContext,
    dispatcher: Dispatcher,
}

impl Simulation {
    /// Begins. The clock of `engine` must be a manual one, and the store nobody else's.
    pub fn new(engine: EngineContext, dispatcher: Dispatcher) -> Self {
        Self { engine, dispatcher }
    }

    /// What it works with.
    pub fn engine(&self) -> &EngineContext {
        &self.engine
    }

    /// Lives up to `until` and through it, waking at every instant at which planner or dispatcher want to.
    pub async fn advance(&self, until: Timestamp, onlooker: &mut dyn Onlooker) -> Result<(), SimulationError> {
        self.approach(until, onlooker).await?;
        self.round(until, &CancellationToken::new(), onlooker).await?;
        Ok(())
    }

    /// Lives up to `until`, and does not begin what is due then.
    pub async fn approach(&self, until: Timestamp, onlooker: &mut dyn Onlooker) -> Result<(), SimulationError> {
        let never = CancellationToken::new();
        while self.engine.clock.now() < until {
            let next = self.round(until, &never, onlooker).await?;
            self.engine.clock.advance_to(next.map_or(until, |next| next.min(until)));
        }
        Ok(())
    }

    /// Does what is due at this instant, and what takes time and can be done before `until`. Returns when there will be more. When `stop` is
    /// cancelled, what was begun is finished, and no more.
    pub async fn round(
        &self,
        until: Timestamp,
        stop: &CancellationToken,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Option<Timestamp>, SimulationError> {
        let mut planned = self.plan(onlooker).await?;
        let before = self.look().await?;
        let due = self.send(until, (stop, planned), onlooker).await?;
        let after = self.look().await?;
        let more = more(&before.counts, &after.counts);
        if !more.is_empty() {
            onlooker.moved(&more)?;
        }
        // The senders' breaker has done that, and the planner does not know of it.
        for stopped in after.stopped.into_iter().filter(|stopped| !before.stopped.contains(stopped)) {
            onlooker.happened(&PlannerEvent::Stopped(stopped))?;
        }
        if !stop.is_cancelled() {
            planned = self.plan(onlooker).await?;
        }
        Ok([planned, due].into_iter().flatten().min())
    }

    /// The planner's turn at this instant. Returns when it wants the next.
    pub async fn plan(&self, onlooker: &mut dyn Onlooker) -> Result<Option<Timestamp>, SimulationError> {
        let now = self.engine.clock.now();
        let review = self.dispatcher.equipment().composer().review(&self.engine.store, now).await?;
        let (holds, leases) = (Arc::clone(&self.engine.holds), Leases::All(self.engine.owner.clone()));
        let step = move |db: &mut Db| planner::step(db, &holds, &leases, (&review, Begin::WhatIsDue), now);
        let planned = self.engine.store.write(step).await?;
        for event in &planned.events {
            onlooker.happened(event)?;
        }
        Ok(planned.next)
    }

    /// The dispatcher's turn. Where mail may only go so fast, the clock is moved on with it, the planner has its turns meanwhile,
    /// and it ends at `until`, whatever waits.
    async fn send(
        &self,
        until: Timestamp,
        (stop, mut planned): (&CancellationToken, Option<Timestamp>),
        onlooker: &mut dyn Onlooker,
    ) -> Result<Option<Timestamp>, SimulationError> {
        let clock = &self.engine.clock;
        let drain = self.dispatcher.drain(stop);
        tokio::pin!(drain);
        loop {
            let waited_for = tokio::select! {
                biased;
                due = &mut drain => return Ok(due?),
                waited_for = self.standstill() => waited_for,
            };
            let next = planned.map_or(waited_for, |planned| planned.min(waited_for));
            if next > until {
                return Ok(Some(waited_for));
            }
            clock.advance_to(next);
            if planned.is_some_and(|planned| planned <= next) {
                planned = self.plan(onlooker).await?;
            }
        }
    }

    /// Waits until nobody goes on before the clock is moved, and says to when.
    async fn standstill(&self) -> Timestamp {
        let EngineContext { store, clock, .. } = &self.engine;
        loop {
            let mut calm = 0;
            while calm < TURNS {
                tokio::task::yield_now().await;
                calm += 1;
                if !store.is_at_rest() {
                    store.at_rest().await;
                    calm = 0;
                }
            }
            match clock.waited_for().filter(|instant| *instant > clock.now()) {
                Some(instant) => return instant,
                None => sleep(PAUSE).await,
            }
        }
    }

    async fn look(&self) -> Result<MailingsSeen, StoreError> {
        let mut seen = MailingsSeen::default();
        for report in self.engine.store.read(|db| reports::mailings_of(db, None)).await? {
            for (state, count) in report.counts {
                *seen.counts.entry(state).or_default() += count;
            }
            let stopped = |provider, why| Stopped {
                campaign: report.campaign.clone(),
                mailing: report.mailing.clone(),
                provider,
                why,
            };
            seen.stopped.extend(report.stopped_why.map(|why| stopped(None, why)));
            seen.stopped
                .extend(report.stopped_parts.0.into_iter().map(|(provider, part)| stopped(Some(provider), part.why)));
        }
        Ok(seen)
    }
}

/// All mailings at an instant.
#[derive(Default)]
struct MailingsSeen {
    /// Everything in every state.
    counts: BTreeMap<DeliveryState, u64>,
    /// Those that are stopped.
    stopped: Vec<Stopped>,
}

/// What was added between two counts; what waits is no news.
fn more(before: &BTreeMap<DeliveryState, u64>, after: &BTreeMap<DeliveryState, u64>) -> BTreeMap<DeliveryState, u64> {
    let added = |(state, count): (&DeliveryState, &u64)| {
        let more = count.saturating_sub(before.get(state).copied().unwrap_or_default());
        (more > 0 && *state != DeliveryState::Queued).then_some((*state, more))
    };
    after.iter().filter_map(added).collect()
}
