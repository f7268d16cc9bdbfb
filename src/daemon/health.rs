//! How the daemon is, as its loops see it: the one place that knows whether the store can be used and whether every loop
//! makes progress. Kept in memory, so that a store that cannot be written keeps nobody from hearing of it: the log says
//! it, `/ready` answers with it, and the keeper brings it into the store as soon as that can be.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::problems::Problems;
use super::steps::{Loop, LoopFault, TurnError};
use crate::clock::Clock;
use crate::problem::ProblemKind;
use crate::sending::progress::Pulse;

/// How long a loop may do nothing. Longer than what it may wait for: a connection and a lock several times in a turn, and
/// the planning of a mailing to a million members.
const PATIENCE: Duration = Duration::from_mins(2);

/// The kinds of problem that loops meet in their turns. Each stands while one of them does.
const FAULTS: [ProblemKind; 5] = [
    ProblemKind::StoreUnwritable,
    ProblemKind::StoreLocked,
    ProblemKind::SendingFailed,
    ProblemKind::UpkeepFailed,
    ProblemKind::LeavePathBroken,
];

/// The kinds with which the daemon is not ready: it cannot do what is due. Whether anything keeps it from sending is asked
/// of the store, by whoever asks.
const NOT_READY: [ProblemKind; 5] = [
    ProblemKind::StoreUnwritable,
    ProblemKind::StoreLocked,
    ProblemKind::SendingFailed,
    ProblemKind::LeavePathBroken,
    ProblemKind::DaemonHangs,
];

/// The health of a daemon. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Health {
    problems: Problems,
    state: Arc<Mutex<State>>,
    progress: Arc<[Pulse; Loop::ALL.len()]>,
}

#[derive(Debug, Default)]
struct State {
    /// What each loop met in its last turn.
    faults: [Option<LoopFault>; Loop::ALL.len()],
    /// Since when each loop had made no progress when it was last looked at.
    idle_since: [Option<Instant>; Loop::ALL.len()],
    /// What is known of the file that is put where others take it; nothing where none is.
    put: Option<PutSeen>,
}

/// Whether the newest signed schedule is where it is to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutSeen {
    /// It is there.
    There,
    /// It has not been there since then.
    MissingSince(Instant),
}

impl Health {
    /// That of a daemon named `owner`, which has met nothing yet.
    pub fn new(owner: &str, clock: Clock) -> Self {
        Self { problems: Problems::new(owner, clock), state: Arc::default(), progress: Arc::default() }
    }

    /// Whether the daemon can do its work.
    ///
    /// # Errors
    /// Why it cannot; no reason while it has just been started.
    pub fn ready(&self) -> Result<(), Vec<ProblemKind>> {
        let standing = self.problems.standing();
        let reasons: Vec<ProblemKind> = NOT_READY.into_iter().filter(|kind| standing.contains(kind)).collect();
        let begun = self.progress(Loop::Planner).so_far() > 0;
        if reasons.is_empty() && begun { Ok(()) } else { Err(reasons) }
    }

    /// For how long each part of the daemon has made no progress at `now`, by its name for programs, as it was seen when the
    /// parts were last looked at. Those that nobody has looked at yet are left out.
    pub fn idle(&self, now: Instant) -> Vec<(String, Duration)> {
        let since = self.state().idle_since;
        let named = Loop::ALL.into_iter().map(|who| who.name().replace(' ', "-")).zip(since);
        named.filter_map(|(name, since)| Some((name, now.duration_since(since?)))).collect()
    }

    /// For how long at `now` the newest signed schedule has not been where it is to be put; nothing where it is put nowhere.
    pub fn put_behind(&self, now: Instant) -> Option<Duration> {
        self.state().put.map(|seen| match seen {
            PutSeen::There => Duration::ZERO,
            PutSeen::MissingSince(since) => now.duration_since(since),
        })
    }

    /// Notes what is known of the file that is put.
    pub(super) fn note_put(&self, seen: Option<PutSeen>) {
        self.state().put = seen;
    }

    /// The kinds of problem that this daemon meets now.
    pub fn met(&self) -> BTreeSet<ProblemKind> {
        self.problems.standing()
    }

    /// What the daemon has met.
    pub(super) fn problems(&self) -> &Problems {
        &self.problems
    }

    /// What grows while the dispatcher works.
    pub fn dispatcher_progress(&self) -> Pulse {
        self.progress(Loop::Dispatcher).clone()
    }

    /// What grows while `who` works.
    pub(super) fn progress(&self, who: Loop) -> &Pulse {
        let [
            planner,
            dispatcher,
            relay_watch,
            heartbeat,
            keeper,
            law_watch,
            anchoring,
            confirmations,
            returning,
            canary,
            publishing,
            putting,
            alerting,
            calling,
        ] = &*self.progress;
        match who {
            Loop::Planner => planner,
            Loop::Dispatcher => dispatcher,
            Loop::RelayWatch => relay_watch,
            Loop::Heartbeat => heartbeat,
            Loop::Keeper => keeper,
            Loop::LawWatch => law_watch,
            Loop::Anchoring => anchoring,
            Loop::Confirmations => confirmations,
            Loop::Returning => returning,
            Loop::Canary => canary,
            Loop::Publishing => publishing,
            Loop::Putting => putting,
            Loop::Alerting => alerting,
            Loop::Calling => calling,
        }
    }

    /// How a turn of `who` ended. Says what is new in the log.
    pub(super) fn report(&self, who: Loop, met: Option<(LoopFault, &TurnError)>) {
        let task = who.name();
        let faults = {
            let mut state = self.state();
            let Some(known) = state.faults.get_mut(who as usize) else { return };
            match &met {
                Some((fault, error)) if known.as_ref() != Some(fault) => {
                    let error = *error as &dyn std::error::Error;
                    tracing::warn!(task, problem = fault.kind.name(), error, "a turn failed: it is tried again");
                }
                None if known.is_some() => tracing::warn!(task, "a turn succeeded again"),
                _ => {}
            }
            *known = met.map(|(fault, _)| fault);
            state.faults.clone()
        };
        for kind in FAULTS {
            match faults.iter().flatten().find(|fault| fault.kind == kind) {
                Some(fault) => self.problems.begin(kind, &fault.words, fault.remedy),
                None => self.problems.end(kind),
            }
        }
    }

    /// The configuration was read anew and cannot be used, because of `why`: the old one stays.
    pub fn reload_refused(&self, why: &str) {
        let words = format!(
            "the configuration cannot be used as it is now; the daemon goes on with what it read before: {why}"
        );
        let remedy = "mend it, then send SIGHUP again: `systemctl reload carillon`";
        self.problems.begin(ProblemKind::ReloadRefused, words, remedy);
    }

    /// The configuration was read anew and is in force, but for what needs a restart.
    pub fn reloaded(&self, need_restart: &[&str]) {
        self.problems.end(ProblemKind::ReloadRefused);
        if need_restart.is_empty() {
            return self.problems.end(ProblemKind::RestartNeeded);
        }
        let words = format!("changed in the configuration, and needs a restart: {}", need_restart.join(", "));
        let remedy = "start the daemon again, or take the change back and send SIGHUP";
        self.problems.begin(ProblemKind::RestartNeeded, words, remedy);
    }

    /// Which loops hang.
    pub(super) fn tell_hanging(&self, hanging: &[Loop]) {
        if hanging.is_empty() {
            return self.problems.end(ProblemKind::DaemonHangs);
        }
        let names: Vec<&str> = hanging.iter().map(|who| who.name()).collect();
        let words = format!("a part of the daemon makes no progress: {}", names.join(", "));
        self.problems.begin(ProblemKind::DaemonHangs, words, ProblemKind::DaemonHangs.usual_remedy());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notices the loops that hang: what each had done, and since when it has done no more.
#[derive(Debug)]
pub(super) struct Watch([(u64, Instant); Loop::ALL.len()]);

impl Watch {
    fn new(now: Instant) -> Self {
        Self([(0, now); Loop::ALL.len()])
    }

    /// Whether the watchdog is fed at `now`: while no loop hangs; and while the daemon stops, when the service manager's own
    /// patience is the limit.
    fn feeds(&mut self, health: &Health, stopping: bool, now: Instant) -> bool {
        let hanging = if stopping { Vec::new() } else { self.look(health, now) };
        health.tell_hanging(&hanging);
        hanging.is_empty()
    }

    /// The loops that have done nothing for too long at `now`.
    fn look(&mut self, health: &Health, now: Instant) -> Vec<Loop> {
        let mut hanging = Vec::new();
        for (who, (known, since)) in Loop::ALL.into_iter().zip(&mut self.0) {
            let done = health.progress(who).so_far();
            if done != *known {
                (*known, *since) = (done, now);
            }
            if now.duration_since(*since) > PATIENCE {
                hanging.push(who);
            }
        }
        health.state().idle_since = self.0.each_ref().map(|(_, since)| Some(*since));
        hanging
    }
}

/// Looks after the loops and feeds the service manager's watchdog, if there is one, while none of them hangs.
pub(super) async fn watch(health: Health, stop: CancellationToken) {
    let pause = feeding_pause(sd_notify::watchdog_enabled());
    let mut watch = Watch::new(Instant::now());
    loop {
        if watch.feeds(&health, stop.is_cancelled(), Instant::now())
            && let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Watchdog])
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the service manager cannot be told");
        }
        tokio::time::sleep(pause).await;
    }
}

/// How often the watchdog is fed that bites after `limit`: well within half of it, as `sd_watchdog_enabled(3)` wants.
fn feeding_pause(limit: Option<Duration>) -> Duration {
    const LOOK: Duration = Duration::from_secs(5);
    limit.map_or(LOOK, |limit| (limit / 2).min(LOOK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::steps::{Ruling, judge};
    use crate::db::StoreError;

    fn health() -> Health {
        Health::new("daemon-1", Clock::manual("2027-01-02T07:00:00Z".parse().unwrap()))
    }

    fn met(health: &Health, who: Loop, error: StoreError) {
        let error = TurnError::Store(error);
        let Ruling::Again { fault, .. } = judge(who, &error) else { panic!("{error} ends the daemon") };
        health.report(who, Some((fault, &error)));
    }

    #[test]
    fn a_problem_of_the_store_stands_while_one_loop_meets_it() {
        let health = health();
        assert_eq!(health.ready(), Err(vec![]), "nothing has begun");
        health.progress(Loop::Planner).made();
        health.report(Loop::Planner, None);
        assert_eq!(health.ready(), Ok(()));
        let full = || StoreError::Unwritable { why: "database or disk is full".into() };
        met(&health, Loop::Keeper, full());
        met(&health, Loop::Dispatcher, full());
        assert_eq!(health.ready(), Err(vec![ProblemKind::StoreUnwritable]));
        // A planner that has nothing to write says nothing about the disk.
        health.report(Loop::Planner, None);
        health.report(Loop::Keeper, None);
        assert_eq!(health.ready(), Err(vec![ProblemKind::StoreUnwritable]));
        met(&health, Loop::Dispatcher, StoreError::Busy);
        assert_eq!(health.ready(), Err(vec![ProblemKind::StoreLocked]));
        health.report(Loop::Dispatcher, None);
        assert_eq!(health.ready(), Ok(()));
    }

    #[test]
    fn the_watchdog_is_fed_while_every_loop_makes_progress() {
        let (health, start) = (health(), Instant::now());
        let mut watch = Watch::new(start);
        let after = |seconds| start + Duration::from_secs(seconds);
        let all_but = |lazy: Option<Loop>| {
            Loop::ALL.into_iter().filter(|who| Some(*who) != lazy).for_each(|who| health.progress(who).made());
        };
        assert!(watch.feeds(&health, false, after(60)));
        all_but(None);
        assert!(watch.feeds(&health, false, after(110)));
        for (at, lazy) in (1..).map(|turn| 150 * turn).zip(Loop::ALL) {
            all_but(Some(lazy));
            assert!(watch.feeds(&health, false, after(at)), "{lazy:?}");
            all_but(Some(lazy));
            assert!(!watch.feeds(&health, false, after(at + 121)), "{lazy:?} hangs");
            assert_eq!(health.ready(), Err(vec![ProblemKind::DaemonHangs]));
            assert!(watch.feeds(&health, true, after(at + 122)), "while it stops the service manager waits");
            all_but(None);
            assert!(watch.feeds(&health, false, after(at + 123)), "{lazy:?} went on");
        }
    }

    #[test]
    fn the_watchdog_is_fed_within_half_of_its_time() {
        let seconds = Duration::from_secs;
        for (limit, pause) in [(Some(60), 5_000), (Some(4), 2_000), (Some(1), 500), (None, 5_000)] {
            assert_eq!(feeding_pause(limit.map(seconds)), Duration::from_millis(pause), "{limit:?}");
        }
    }
}
