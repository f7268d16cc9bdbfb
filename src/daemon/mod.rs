//! The runtime: starts the tasks, wakes them, watches them, and ends them in order.
//!
//! The planner sleeps on our clock until the exact next instant; the dispatcher sends what is due; the relay watch tries relays that
//! could not be used; the heartbeat says that the
//! daemon lives, and notices which others do not; the keeper removes what has been kept long enough; the law watch looks at the
//! calendar; the schedule is published, and put where others take it; the ledger is anchored each day; letters about
//! a consent have a sender of their own; the canary tries whether people can leave; somebody is told of problems, and shops of gates; the ticker is
//! the net below them. None of them decides whether a gate is open: that is computed when asked. All go on in the same way (`steps`), and `health` knows how
//! each is.

mod alerting;
mod anchoring;
mod call_pauses;
mod calling;
mod canary;
mod confirmations;
mod departures;
mod dispatching;
mod editions;
mod failure_detector;
mod foresight;
mod health;
mod heartbeat;
mod keeper;
mod law;
mod letters;
mod lmtp;
mod planning;
mod presence;
mod problems;
mod publishing;
mod putting;
mod relay_watch;
mod returning;
mod simulation;
mod steps;
mod takeover;
mod ticker;
mod told;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use canary::{LeaveProbe, reachable};
pub use editions::propose_editions;
pub use health::Health;
pub use law::hold_what_moved;
pub use lmtp::serve_lmtp;
pub use presence::{Beat, Locks, Presence};
pub use returning::ReturnedMail;
pub use simulation::{Onlooker, Simulation, SimulationError};

use crate::clock::Clock;
use crate::db::StoreError;
use crate::db::anchors::LedgerAnchors;
use crate::db::owner_file::OwnerLock;
use crate::db::retention::ProofClock;
use crate::gate::ScheduleSigner;
use crate::member::retention::Periods;
use crate::sending::alerts::AlertDesk;
use crate::sending::confirmations::Confirmations;
use crate::sending::dispatcher::{DispatchError, Dispatcher};
use crate::sending::journal::EngineContext;
use crate::sending::traces::AddressTraces;
use crate::webhook::{ObjectPut, WebhookSender};
use alerting::Alerting;
use anchoring::Anchoring;
use calling::Calling;
use canary::{Canary, LeavePath};
use confirmations::LetterRound;
use dispatching::Dispatching;
use heartbeat::Heartbeat;
use keeper::Keeper;
use law::LawWatch;
use letters::LetterWatch;
use planning::Planning;
use publishing::Publishing;
use putting::Putting;
use relay_watch::RelayWatch;
use returning::Returning;
use steps::{TurnError, Work, repeat};
use ticker::Ticker;

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
    /// The sending of mail failed for good.
    #[error(transparent)]
    Sending(DispatchError),
    /// The listener failed.
    #[error("the listener failed")]
    Listener(#[source] std::io::Error),
    /// The canary gave up.
    #[error("the canary could not leave: {0}")]
    LeavePath(String),
}

impl From<TurnError> for TaskError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Store(error) => Self::Store(error),
            TurnError::Sending(error) => Self::Sending(error),
            TurnError::LeavePath(why) => Self::LeavePath(why),
        }
    }
}

/// What the operator decided that the daemon goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The folder of calendar overrides.
    pub calendars: PathBuf,
    /// How long what is about people is kept.
    pub periods: Periods,
    /// Where an address may be quoted that goes.
    pub traces: AddressTraces,
    /// How proof is removed that has served its time.
    pub proof: ProofClock,
    /// How the schedule is published.
    pub publication: Publication,
}

/// The signed schedule, and the folder that it is written to.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The folder; none is written when this is absent.
    pub folder: Option<PathBuf>,
    /// Who signs.
    pub signer: Arc<ScheduleSigner>,
    /// Who is told when a gate opens, closes or is changed.
    pub webhook: Option<WebhookSender>,
    /// Where the file is put besides.
    pub put: Option<Arc<ObjectPut>>,
}

/// The rules in force: they can be exchanged while the daemon runs. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct RulesInForce {
    rules: Arc<RwLock<Rules>>,
    changed: Arc<Notify>,
}

impl RulesInForce {
    /// Begins with `rules`.
    pub fn new(rules: Rules) -> Self {
        Self { rules: Arc::new(RwLock::new(rules)), changed: Arc::default() }
    }

    /// From its next turn on, every loop goes by `rules`; the calendar is looked at anew at once.
    pub fn exchange(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        self.changed.notify_one();
    }

    fn current(&self) -> Rules {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What wakes the tasks early.
#[derive(Debug, Default)]
struct Wakeups {
    planner: Notify,
    dispatcher: Notify,
    /// Whether this daemon's first heartbeat is written.
    has_beaten: AtomicBool,
    /// Whether what an earlier daemon left has been taken back: nothing is claimed anew before.
    taken_back: AtomicBool,
}

/// Runs planner, dispatcher, relay watch, heartbeat, keeper, law watch, anchoring, intake, the sender of confirmations, the canary, alerts
/// and ticker until `stop` is cancelled; then finishes the messages that were begun. `listener` is watched with them: it must end when `stop`
/// is cancelled, and not before. `probe` is how the canary reaches it. `folder` is the lock of the daemon's folder, where the
/// store has none.
pub async fn run(
    engine: EngineContext,
    (dispatcher, confirmations, desk): (Dispatcher, Confirmations, AlertDesk),
    (rules, anchors, returned): (RulesInForce, LedgerAnchors, ReturnedMail),
    health: Health,
    (listener, probe): (impl Future<Output = std::io::Result<()>> + Send + 'static, LeaveProbe),
    folder: Option<Arc<OwnerLock>>,
    stop: CancellationToken,
) -> Result<(), DaemonError> {
    let wakeups = Arc::new(Wakeups::default());
    let ticker = {
        let wakeups = Arc::clone(&wakeups);
        Ticker::start(engine.clock.clone(), move || {
            wakeups.planner.notify_one();
            wakeups.dispatcher.notify_one();
        })
        .await
        .map_err(DaemonError::Ticker)?
    };
    let mut tasks = DaemonTasks::new();
    tasks.spawn(async move { ("listener", listener.await.map_err(TaskError::Listener)) });
    let (clock, problems) = (engine.clock.clone(), health.problems().clone());
    let letters = LetterWatch::new(engine.clone(), dispatcher.equipment());
    let equipment = dispatcher.equipment();
    let (relays, trial) = (equipment.relays(), move || equipment.composer().relay_trial());
    let relay_watch = RelayWatch::new(relays, trial, clock.clone(), problems.clone());
    let mut letter_round = LetterRound::new(engine.clone(), confirmations, anchors.clone(), health.clone());
    let path = LeavePath::default();
    let canary = Canary::new(probe, path.clone(), clock.clone(), Arc::clone(&wakeups), stop.clone());
    let mut heartbeat = Heartbeat::new(engine.clone(), health.clone(), Arc::clone(&wakeups));
    let planning = Planning::new(engine.clone(), (letters, path), Arc::clone(&wakeups), problems.clone(), folder);
    let keeper = Keeper::new(engine.clone(), health.clone(), rules.clone(), ticker);
    let publishing = Publishing::new(engine.clone(), problems.clone(), rules.clone());
    let putting = Putting::new(engine.clone(), health.clone(), rules.clone());
    let calling = Calling::new(engine.clone(), health.clone(), rules.clone());
    let law = LawWatch::new(engine.clone(), problems.clone(), rules);
    let anchoring = Anchoring::new(engine.clone(), anchors, problems.clone());
    let alerting = Alerting::new(engine.clone(), desk, health.clone());
    let returning = Returning::new(engine.clone(), returned, health.clone());
    let mut dispatching = Dispatching { engine, dispatcher, wakeups, problems, stop: stop.clone() };
    let around = || (health.clone(), clock.clone(), stop.clone());
    repeat_in(&mut tasks, "planner", planning, around());
    // Others must not take this daemon for dead while it finishes what was begun.
    let nothing_left = CancellationToken::new();
    let (seen, now, _) = around();
    let end = nothing_left.clone();
    tasks.spawn(async move {
        let ended = repeat(&mut heartbeat, &seen, &now, &end).await;
        heartbeat.leave().await;
        ("heartbeat", ended.map_err(TaskError::from))
    });
    let (seen, now, end) = around();
    tasks.spawn(async move {
        let _nothing_left = nothing_left.drop_guard();
        let ended = repeat(&mut dispatching, &seen, &now, &end).await;
        dispatching.dispatcher.close().await;
        ("dispatcher", ended.map_err(TaskError::from))
    });
    repeat_in(&mut tasks, "relay watch", relay_watch, around());
    repeat_in(&mut tasks, "keeper", keeper, around());
    repeat_in(&mut tasks, "law watch", law, around());
    repeat_in(&mut tasks, "publication of the schedule", publishing, around());
    repeat_in(&mut tasks, "upload of the schedule", putting, around());
    repeat_in(&mut tasks, "anchoring", anchoring, around());
    let (seen, now, end) = around();
    tasks.spawn(async move {
        let ended = repeat(&mut letter_round, &seen, &now, &end).await;
        letter_round.hang_up().await;
        ("sender of confirmations", ended.map_err(TaskError::from))
    });
    repeat_in(&mut tasks, "intake of returned mail", returning, around());
    repeat_in(&mut tasks, "canary", canary, around());
    repeat_in(&mut tasks, "webhook of the gates", calling, around());
    repeat_in(&mut tasks, "alerting", alerting, around());
    let watch = tokio::spawn(health::watch(health, stop.clone()));
    let outcome = until_all_have_ended(tasks, &stop).await;
    watch.abort();
    outcome
}

/// The tasks of a daemon, by name.
type DaemonTasks = JoinSet<(&'static str, Result<(), TaskError>)>;

/// Has `work` done again and again, as a task of its own.
fn repeat_in<W: Work + Send + 'static>(
    tasks: &mut DaemonTasks,
    name: &'static str,
    mut work: W,
    (seen, now, end): (Health, Clock, CancellationToken),
) {
    tasks.spawn(async move { (name, repeat(&mut work, &seen, &now, &end).await.map_err(TaskError::from)) });
}

/// Waits for every task; the first that ends on its own stops the others.
async fn until_all_have_ended(mut tasks: DaemonTasks, stop: &CancellationToken) -> Result<(), DaemonError> {
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
