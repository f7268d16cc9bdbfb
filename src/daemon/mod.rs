//! The house: starts the tasks, wakes them, watches them, and ends them in order.
//!
//! The planner sleeps on our clock until the exact next instant; the dispatcher sends what is due; the keeper writes the
//! heartbeat; the ticker is the net below them. None of them decides whether a gate is open: that is computed when asked.

mod departures;
mod keeper;
mod law;
mod letters;
mod presence;
mod problems;
mod ticker;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use law::hold_what_moved;
pub use presence::{Beat, Presence};

use crate::db::deliveries::Leases;
use crate::db::planning::DueMailing;
use crate::db::{StoreError, StoreResult};
use crate::member::Lifetime;
use crate::problem::ProblemKind;
use crate::sending::dispatcher::Dispatcher;
use crate::sending::holds::Hold;
use crate::sending::journal::{Desk, tell_stopped};
use crate::sending::planner::{self, Happening};
use letters::Letters;
use problems::Problems;
use ticker::Ticker;

/// The pause after the store or the journal failed.
const AFTER_A_FAULT: SignedDuration = SignedDuration::from_secs(30);

/// The shortest pause of the dispatcher while another daemon holds what is due.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// Why the daemon stopped on its own.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The ticker could not be started.
    #[error("the ticker cannot be started: {0}")]
    Ticker(String),
    /// A task ended though nobody had asked it to.
    #[error("the {task} ended unexpectedly")]
    Task {
        /// Which.
        task: &'static str,
        /// Why, when it said so.
        #[source]
        why: Option<TaskError>,
    },
}

/// What ended a task.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The store failed for good.
    #[error(transparent)]
    Store(StoreError),
    /// The listener failed.
    #[error("the listener failed")]
    Listener(#[source] std::io::Error),
}

/// Whether the planner is alive: it wakes with every tick, so one that has not for a minute hangs.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicI64>);

impl Pulse {
    fn beat(&self, now: Timestamp) {
        self.0.store(now.as_second(), Ordering::Relaxed);
        // Without a service manager this does nothing.
        if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the service manager cannot be told");
        }
    }

    /// Whether the planner was awake within the last minute.
    pub fn beats(&self, now: Timestamp) -> bool {
        // Either way: a beat after the present was made by a clock that was set back since.
        (now.as_second() - self.0.load(Ordering::Relaxed)).abs() <= 60
    }
}

/// What the operator decided that the daemon goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The folder of calendar overrides.
    pub calendars: PathBuf,
    /// How long a consent counts.
    pub lifetime: Lifetime,
    /// Days after which the address of somebody who left is destroyed.
    pub address_days: u16,
}

/// The bells that wake the tasks early.
#[derive(Debug, Default)]
struct Bells {
    planner: Notify,
    dispatcher: Notify,
    /// The planner has done a step, so what an earlier daemon left is taken back.
    first_step: Notify,
}

/// Runs planner, dispatcher, keeper and ticker until `stop` is cancelled; then finishes the messages that were begun.
/// `faces` is watched with them: it must end when `stop` is cancelled, and not before.
pub async fn run(
    desk: Desk,
    dispatcher: Dispatcher,
    rules: Rules,
    pulse: Pulse,
    faces: impl Future<Output = std::io::Result<()>> + Send + 'static,
    stop: CancellationToken,
) -> Result<(), DaemonError> {
    let bells = Arc::new(Bells::default());
    let ticker = {
        let bells = Arc::clone(&bells);
        Ticker::start(desk.clock.clone(), move || {
            bells.planner.notify_one();
            bells.dispatcher.notify_one();
        })
        .await
        .map_err(DaemonError::Ticker)?
    };
    let problems = Problems::new(desk.clone());
    let mut tasks: JoinSet<(&str, Result<(), TaskError>)> = JoinSet::new();
    tasks.spawn(async move { ("listener", faces.await.map_err(TaskError::Listener)) });
    {
        let (desk, bells, problems, stop) = (desk.clone(), Arc::clone(&bells), problems.clone(), stop.clone());
        let letters = Letters::new(desk.clone(), dispatcher.composer());
        tasks.spawn(async move {
            ("planner", plan(desk, letters, bells, problems, pulse, stop).await.map_err(TaskError::Store))
        });
    }
    {
        let (desk, bells, problems, stop) = (desk.clone(), Arc::clone(&bells), problems.clone(), stop.clone());
        tasks.spawn(async move {
            // What an earlier daemon left is taken back before anything is claimed anew.
            let taken_back = stop.run_until_cancelled(bells.first_step.notified()).await.is_some();
            let ended = if taken_back { dispatch(desk, dispatcher, bells, problems, stop).await } else { Ok(()) };
            ("dispatcher", ended.map_err(TaskError::Store))
        });
    }
    {
        let (desk, problems, stop) = (desk.clone(), problems.clone(), stop.clone());
        tasks.spawn(async move {
            (
                "keeper",
                keeper::keep(desk, (rules.lifetime, rules.address_days), problems, ticker, stop)
                    .await
                    .map_err(TaskError::Store),
            )
        });
    }
    {
        let (desk, stop) = (desk.clone(), stop.clone());
        tasks.spawn(async move {
            law::watch(desk, problems, rules.calendars, stop).await;
            ("law watch", Ok(()))
        });
    }
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        let fault = match ended {
            Ok((_, Ok(()))) if stop.is_cancelled() => None,
            Ok((task, Ok(()))) => Some(DaemonError::Task { task, why: None }),
            Ok((task, Err(why))) => Some(DaemonError::Task { task, why: Some(why) }),
            Err(_) => Some(DaemonError::Task { task: "task that panicked", why: None }),
        };
        stop.cancel();
        outcome = outcome.and(fault.map_or(Ok(()), Err));
    }
    outcome
}

async fn plan(
    desk: Desk,
    mut letters: Letters,
    bells: Arc<Bells>,
    problems: Problems,
    pulse: Pulse,
    stop: CancellationToken,
) -> StoreResult<()> {
    let mut alone = desk.store.is_exclusive();
    let mut held = Vec::new();
    let mut waiting = Vec::new();
    while !stop.is_cancelled() {
        let now = desk.clock.now();
        pulse.beat(now);
        departures::catch_up(&desk, &problems).await;
        // Alone on the store, whatever others claimed was left by a daemon that is gone.
        let leases = if alone { Leases::All(desk.owner.clone()) } else { Leases::RunOut(desk.owner.clone()) };
        let holds = Arc::clone(&desk.holds);
        let stepped = match letters.look().await {
            Ok((review, mended)) => {
                if mended {
                    bells.dispatcher.notify_one();
                }
                desk.store.write(move |db| planner::step(db, &holds, &leases, &review, now)).await
            }
            Err(error) => Err(error),
        };
        let next = match stepped {
            Ok(planned) => {
                tell_holds(&held, &planned.held, &problems).await;
                held = planned.held;
                if held.is_empty() {
                    alone = false;
                    bells.first_step.notify_one();
                }
                for happening in &planned.happenings {
                    tell(happening);
                }
                tell_of_waiting(&planned.waiting, &waiting);
                waiting = planned.waiting;
                if !planned.happenings.is_empty() {
                    bells.dispatcher.notify_one();
                }
                planned.next
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the planner could not use the store");
                Some(later(now, AFTER_A_FAULT))
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = bells.planner.notified() => {}
            () = desk.clock.sleep_until(next.unwrap_or(Timestamp::MAX)) => {}
        }
    }
    Ok(())
}

async fn dispatch(
    desk: Desk,
    dispatcher: Dispatcher,
    bells: Arc<Bells>,
    problems: Problems,
    stop: CancellationToken,
) -> StoreResult<()> {
    while !stop.is_cancelled() {
        let turned = dispatcher.turn(&stop).await;
        match &turned {
            Ok(_) if dispatcher.is_resting() => {
                let remedy = "see why in the daemon's log; `carillon mail test ADDRESS KIND` tries the relay";
                let words = "the relay or the outbox cannot be used; it is tried again";
                problems.begin(ProblemKind::MailUnusable, words, remedy).await;
            }
            Ok(_) => problems.end(ProblemKind::MailUnusable).await,
            Err(error) => {
                let words = format!("the sending of mail had to stop: {error}; it is tried again");
                problems.begin(ProblemKind::SendingFailed, words, "see why in the daemon's log").await;
            }
        }
        if turned.is_ok() {
            problems.end(ProblemKind::SendingFailed).await;
        }
        let next = match turned {
            Ok(next) => next.map(|next| next.max(later(desk.clock.now(), SHORTEST))),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the dispatcher had to stop");
                Some(later(desk.clock.now(), AFTER_A_FAULT))
            }
        };
        if dispatcher.is_idle() {
            // The last delivery of a mailing may have ended.
            bells.planner.notify_one();
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = bells.dispatcher.notified() => {}
            () = dispatcher.changed() => {}
            () = desk.clock.sleep_until(next.unwrap_or(Timestamp::MAX)) => {}
        }
    }
    dispatcher.close().await;
    Ok(())
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

async fn tell_holds(before: &[Hold], now: &[Hold], problems: &Problems) {
    let among = |hold: &Hold, others: &[Hold]| others.iter().any(|other| other.is_as(hold));
    if before.len() == now.len() && now.iter().all(|hold| among(hold, before)) {
        return;
    }
    for hold in now.iter().filter(|hold| !among(hold, before)) {
        tracing::error!(hold = hold.id(), "{}; {}", hold.words(), hold.remedy(now));
    }
    for hold in before.iter().filter(|hold| !among(hold, now)) {
        tracing::warn!(hold = hold.id(), "this reason to send nothing is gone");
    }
    match now.first() {
        Some(first) => {
            let words: Vec<String> = now.iter().map(Hold::words).collect();
            problems.begin(ProblemKind::SendingHeld, words.join("; "), &first.remedy(now)).await;
        }
        None => problems.end(ProblemKind::SendingHeld).await,
    }
}

/// Says once of each mailing that nobody can get it. It begins at the first tick after a member has come.
fn tell_of_waiting(waiting: &[DueMailing], known: &[DueMailing]) {
    for mailing in waiting.iter().filter(|mailing| !known.contains(mailing)) {
        tracing::error!(
            campaign = mailing.campaign,
            mailing = mailing.name,
            "a mailing's time has come and there is no confirmed member to write to: it waits until its deadline"
        );
    }
}

fn tell(happening: &Happening) {
    match happening {
        Happening::Begun(mailing, planned) => {
            tracing::info!(campaign = mailing.campaign, mailing = mailing.name, planned, "a mailing begins");
        }
        Happening::Missed(mailing, why) => {
            tracing::error!(
                campaign = mailing.campaign,
                mailing = mailing.name,
                why = why.words(),
                "a mailing missed its time: nobody was written to"
            );
        }
        Happening::Expired(mailing, expired) => {
            tracing::error!(campaign = mailing.campaign, mailing = mailing.name, expired, "deliveries expired unsent");
        }
        Happening::Finished(mailing, _) => {
            tracing::info!(campaign = mailing.campaign, mailing = mailing.name, "a mailing has ended");
        }
        Happening::Stopped(stopped) => tell_stopped(stopped),
        Happening::Reaped { put_back, in_doubt: 0 } => {
            tracing::info!(put_back, "claims of a stopped sender went back to the queue");
        }
        Happening::Reaped { put_back, in_doubt } => {
            tracing::error!(
                put_back,
                in_doubt,
                "a sender stopped in the middle: see `carillon mail queue --state in-doubt`"
            );
        }
    }
}
