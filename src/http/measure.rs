//! `/metrics`: what a monitoring system collects. What is counted in memory is told at any time; what the store alone knows is
//! asked of it at the moment, by one at a time, and left out when it cannot be read: unknown is not zero.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout};

use super::App;
use super::error;
use super::meters::RequestCounts;
use super::routes::Routes;
use crate::config::StoreUrl;
use crate::db::figures::{self, StoreFigures};
use crate::db::{Store, StoreWork, clock};
use crate::delivery::{DeliveryState, MailingState};
use crate::gate::next_change;
use crate::metrics::{ExpositionFormat, Measured, Metric};
use crate::problem::{Nature, ProblemKind};
use crate::sending::answers::RelayAnswers;

/// How long the store may take to tell its figures.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer waits for a new count of the queue before it tells the last one.
const QUEUE_PATIENCE: Duration = Duration::from_secs(2);

/// The queue is counted again after so many times what counting it took.
const REST: u32 = 50;

/// The route for a monitoring system.
pub(super) fn routes() -> Routes {
    Routes::none().at("/metrics", get(metrics))
}

/// What a daemon knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaemonSeen {
    /// For how long each of its parts has made no progress.
    pub idle: Vec<(String, Duration)>,
    /// The kinds of problem that it meets now.
    pub met: BTreeSet<ProblemKind>,
    /// For how long the newest signed schedule has not been where it is to be put; nothing where it is put nowhere.
    pub put_behind: Option<Duration>,
}

/// What is told of the daemon that serves these pages. Cloning is cheap.
#[derive(Clone)]
pub struct DaemonWatch {
    look: Arc<dyn Fn() -> DaemonSeen + Send + Sync>,
    answers: Arc<RelayAnswers>,
}

impl DaemonWatch {
    /// Asks `look`, which must be quick, and tells of `answers`.
    pub fn new(look: impl Fn() -> DaemonSeen + Send + Sync + 'static, answers: Arc<RelayAnswers>) -> Self {
        Self { look: Arc::new(look), answers }
    }
}

impl std::fmt::Debug for DaemonWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DaemonWatch")
    }
}

/// What is counted while the daemon runs, whatever becomes of its configuration.
#[derive(Debug)]
pub(super) struct Meters {
    pub(super) requests: RequestCounts,
    started: Timestamp,
    /// Held while the store is asked, also after nobody waits any more: whoever watches takes one of its connections at most,
    /// and one for the queue.
    turn: Arc<tokio::sync::Mutex<()>>,
    queue: Arc<QueueMeter>,
}

impl Meters {
    /// Nothing counted, of a daemon that was started at `started`.
    pub(super) fn new(started: Timestamp) -> Self {
        Self { requests: RequestCounts::default(), started, turn: Arc::default(), queue: Arc::default() }
    }
}

/// How many deliveries wait, by state and provider.
type QueueCounts = BTreeMap<(DeliveryState, String), u64>;

/// A count of the queue.
#[derive(Clone, Debug)]
struct QueueSeen {
    counts: Arc<QueueCounts>,
    at: Instant,
    took: Duration,
}

impl QueueSeen {
    /// Whether it is time to count again.
    fn is_old(&self, now: Instant) -> bool {
        now.duration_since(self.at) >= self.took * REST
    }
}

/// Counts the queue, and keeps the last count.
#[derive(Debug, Default)]
struct QueueMeter {
    last: Mutex<Option<QueueSeen>>,
    turn: tokio::sync::Mutex<()>,
}

impl QueueMeter {
    fn last(&self) -> MutexGuard<'_, Option<QueueSeen>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A count that is new enough; the last one when a new one takes long; none when the store cannot tell.
    async fn look(self: &Arc<Self>, store: &Store) -> Option<QueueSeen> {
        if self.last().as_ref().is_none_or(|seen| seen.is_old(Instant::now())) {
            let (meter, store) = (Arc::clone(self), store.clone());
            // It goes on when nobody waits any more, and whoever comes next has it.
            let counting = tokio::spawn(async move {
                let _turn = meter.turn.lock().await;
                if meter.last().as_ref().is_none_or(|seen| seen.is_old(Instant::now())) {
                    let begun = Instant::now();
                    let counted = store.read(figures::queue).await.inspect_err(error::report).ok();
                    let seen =
                        |counts| QueueSeen { counts: Arc::new(counts), at: Instant::now(), took: begun.elapsed() };
                    *meter.last() = counted.map(seen);
                }
            });
            // One that failed has said so.
            let _ = timeout(QUEUE_PATIENCE, counting).await;
        }
        self.last().clone()
    }
}

async fn metrics(State(app): State<App>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let format = ExpositionFormat::asked(accept);
    let mut measured = Measured::default();
    put_process(&mut measured, &app);
    let seen = app.watch.as_ref().map(|watch| (watch.look)());
    if let Some(watch) = &app.watch {
        for ((answer, provider), count) in watch.answers.seen() {
            measured.put(Metric::RelayAnswers, &[answer.name(), &provider], count);
        }
    }
    for (name, idle) in seen.iter().flat_map(|seen| &seen.idle) {
        measured.put(Metric::LoopIdle, &[name], idle.as_secs_f64());
    }
    if let Some(behind) = seen.as_ref().and_then(|seen| seen.put_behind) {
        measured.put(Metric::SchedulePutBehind, &[], behind.as_secs_f64());
    }
    put_store(&mut measured, &app, &seen.unwrap_or_default().met).await;
    let headers = [(CONTENT_TYPE, format.media_type()), (CACHE_CONTROL, "no-store")];
    (headers, measured.text(format))
}

/// What is known without anybody.
fn put_process(measured: &mut Measured, app: &App) {
    let store = match app.store.url() {
        StoreUrl::Sqlite(_) => "sqlite",
        StoreUrl::Postgres(_) => "postgres",
    };
    measured.put(Metric::BuildInfo, &[env!("CARGO_PKG_VERSION"), store], true);
    measured.put(Metric::StartTime, &[], app.meters.started.as_duration().as_secs_f64());
    for work in StoreWork::ALL {
        measured.put_durations(Metric::StoreDuration, &[work.name()], app.store.times().seen(work));
    }
    for (area, status, count) in app.meters.requests.seen() {
        measured.put(Metric::Requests, &[area, status], count);
    }
}

/// What the store was asked of, at one instant.
struct StoreSeen {
    figures: StoreFigures,
    clock_believed: bool,
    newest: Option<Timestamp>,
    held: Option<bool>,
}

/// What the store knows. While it cannot be read, problems that this daemon meets are told all the same.
async fn put_store(measured: &mut Measured, app: &App, met: &BTreeSet<ProblemKind>) {
    let now = app.clock.now();
    let seen = look(app, now).await;
    measured.put(Metric::StoreReadable, &[], seen.is_some());
    put_problems(measured, seen.as_ref().map(|seen| &seen.figures), met);
    let Some(StoreSeen { figures, clock_believed, newest, held }) = seen else { return };
    let seconds = |span: SignedDuration| span.as_secs_f64();
    measured.put(Metric::OldestDueAge, &[], figures.oldest_due.map_or(0.0, |due| seconds(now.duration_since(due))));
    measured.put(Metric::DeliveriesInDoubt, &[], figures.in_doubt);
    for state in MailingState::ALL {
        let known = figures.mailings.iter().find(|(known, _)| *known == state);
        measured.put(Metric::Mailings, &[state.name()], known.map_or(0, |(_, count)| *count));
    }
    for letter in &figures.first_letters {
        let late = letter.left.unwrap_or(now).duration_since(letter.due).max(SignedDuration::ZERO);
        measured.put(Metric::FirstLetterLateness, &[letter.campaign.as_str(), &letter.mailing], seconds(late));
    }
    let until = |at: Timestamp| seconds(at.duration_since(now));
    if let Ok(present) = app.present().await
        && let Some(at) = present.gates().iter().filter_map(|known| next_change(known.gate(), now)).min()
    {
        measured.put(Metric::NextChange, &["gate"], until(at));
    }
    if let Some(at) = figures.next_mailing {
        measured.put(Metric::NextChange, &["mailing"], until(at));
    }
    measured.put(Metric::ClockBelieved, &[], clock_believed);
    if let Some(newest) = newest {
        measured.put(Metric::ClockAhead, &[], seconds(now.duration_since(newest)));
    }
    if let Some(held) = held {
        measured.put(Metric::SendingHeld, &[], held);
    }
    if let Some(queue) = app.meters.queue.look(&app.store).await {
        for ((state, provider), count) in &*queue.counts {
            measured.put(Metric::QueueDeliveries, &[state.name(), provider], *count);
        }
        measured.put(Metric::QueueCountAge, &[], queue.at.elapsed().as_secs_f64());
    }
}

async fn look(app: &App, now: Timestamp) -> Option<StoreSeen> {
    let holds = app.holds.clone();
    let asking = async {
        let turn = Arc::clone(&app.meters.turn).lock_owned().await;
        let asked = app.store.read(move |db| {
            let _turn = turn;
            let held = holds.as_ref().map(|holds| holds.ask(db, now)).transpose()?.map(|held| !held.is_empty());
            let rests = holds.as_ref().map(|holds| holds.rests().until(db, now)).transpose()?.flatten();
            let leeway = holds.as_ref().map(|holds| holds.leeway()).unwrap_or_default();
            let mut figures = figures::look(db, now)?;
            // During a rest nothing is due; and what came due in quiet hours was to leave when they end.
            figures.oldest_due = figures.oldest_due.filter(|_| rests.is_none());
            figures.first_letters.retain(|letter| letter.left.is_some() || rests.is_none());
            for letter in &mut figures.first_letters {
                letter.due = holds.as_ref().and_then(|holds| holds.quiet_until(letter.due)).unwrap_or(letter.due);
            }
            Ok(StoreSeen {
                figures,
                clock_believed: clock::standing(db, now, leeway)?.is_believed(),
                newest: clock::newest(db)?,
                held,
            })
        });
        asked.await.inspect_err(error::report).ok()
    };
    timeout(PATIENCE, asking).await.ok().flatten()
}

/// How many problems stand. What a daemon meets and the store does not know yet counts as one; of what the store alone knows
/// nothing is said while it cannot be read.
fn put_problems(measured: &mut Measured, figures: Option<&StoreFigures>, met: &BTreeSet<ProblemKind>) {
    for kind in ProblemKind::ALL {
        if figures.is_none() && kind.traits().nature != Nature::Daemon {
            continue;
        }
        let stored = figures.and_then(|figures| figures.problems.get(&kind)).copied();
        let (all, unseen) = stored.unwrap_or_else(|| (u64::from(met.contains(&kind)), u64::from(met.contains(&kind))));
        let severity = kind.traits().severity.to_string();
        measured.put(Metric::Problems, &[kind.name(), &severity], all);
        measured.put(Metric::ProblemsUnacknowledged, &[kind.name(), &severity], unseen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_queue_is_counted_more_seldom() {
        let at = Instant::now();
        let seen = |took| QueueSeen { counts: Arc::default(), at, took: Duration::from_millis(took) };
        let after = |millis| at + Duration::from_millis(millis);
        assert!(seen(1).is_old(after(50)) && !seen(1).is_old(after(49)));
        assert!(seen(2_000).is_old(after(100_000)) && !seen(2_000).is_old(after(99_999)));
    }

    #[test]
    fn what_the_store_alone_knows_is_left_out_without_it() {
        let met = BTreeSet::from([ProblemKind::StoreUnwritable]);
        let mut measured = Measured::default();
        put_problems(&mut measured, None, &met);
        let text = measured.text(ExpositionFormat::Prometheus);
        let line =
            |kind: &str, count: u8| format!("carillon_problems{{kind=\"{kind}\",severity=\"critical\"}} {count}\n");
        assert!(text.contains(&line("store-unwritable", 1)) && text.contains(&line("daemon-hangs", 0)), "{text}");
        assert!(!text.contains("mailing-missed"), "{text}");
        let mut measured = Measured::default();
        let figures =
            StoreFigures { problems: [(ProblemKind::MailingMissed, (2, 1))].into(), ..StoreFigures::default() };
        put_problems(&mut measured, Some(&figures), &met);
        let text = measured.text(ExpositionFormat::Prometheus);
        for line in [line("mailing-missed", 2), line("store-unwritable", 1), line("campaign-held", 0)] {
            assert!(text.contains(&line), "{line}: {text}");
        }
        assert!(text.contains("carillon_problems_unacknowledged{kind=\"mailing-missed\",severity=\"critical\"} 1\n"));
    }
}
