//! The problems that this daemon meets: kept in memory as they are met, and brought into the store by the keeper as soon
//! as it can be written. So a store that is full is a problem that somebody hears of, also when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::alert::KnownProblem;
use crate::clock::Clock;
use crate::db::{Db, StoreResult, problems};
use crate::problem::{Nature, Problem, ProblemKind};

/// What this daemon has met. Cloning is cheap, and clones share one list.
#[derive(Clone, Debug)]
pub(super) struct Problems {
    owner: Arc<str>,
    clock: Clock,
    memory: Arc<Mutex<Memory>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Memory {
    standing: BTreeMap<ProblemKind, Met>,
    /// What is over and not in the store as such.
    over: Vec<(Met, Timestamp)>,
    /// Whether the store says the same.
    written: bool,
}

/// A problem, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Met {
    problem: Problem,
    since: Timestamp,
}

/// What the store does not say yet.
#[derive(Clone, Debug)]
pub(super) struct UnwrittenProblems {
    owner: Arc<str>,
    standing: BTreeMap<ProblemKind, Met>,
    over: Vec<(Met, Timestamp)>,
}

impl Problems {
    pub(super) fn new(owner: &str, clock: Clock) -> Self {
        Self { owner: owner.into(), clock, memory: Arc::default(), changed: Arc::default() }
    }

    /// Begins a problem with these words and remedy, or says it in other words.
    pub(super) fn begin(&self, kind: ProblemKind, words: impl Into<String>, remedy: &str) {
        let now = self.clock.now();
        let problem = Problem::new(kind, &*self.owner, words, remedy);
        let mut memory = self.memory();
        let since = memory.standing.get(&kind).map_or(now, |known| known.since);
        let met = Met { problem, since };
        if memory.standing.get(&kind) == Some(&met) {
            return;
        }
        tracing::error!(problem = kind.name(), "{}; {}", met.problem.words, met.problem.remedy);
        memory.standing.insert(kind, met);
        self.note(memory);
    }

    /// Ends it, if it stands.
    pub(super) fn end(&self, kind: ProblemKind) {
        let now = self.clock.now();
        let mut memory = self.memory();
        let Some(met) = memory.standing.remove(&kind) else { return };
        tracing::warn!(problem = kind.name(), "this problem is over: {}", met.problem.words);
        memory.over.push((met, now));
        self.note(memory);
    }

    fn note(&self, mut memory: MutexGuard<'_, Memory>) {
        memory.written = false;
        drop(memory);
        self.changed.notify_one();
    }

    /// The kinds that stand.
    pub(super) fn standing(&self) -> BTreeSet<ProblemKind> {
        self.memory().standing.keys().copied().collect()
    }

    /// What stands, as an alert is decided by.
    pub(super) fn met(&self) -> Vec<KnownProblem> {
        let known = |Met { problem, since }: &Met| KnownProblem {
            id: None,
            problem: problem.clone(),
            since: *since,
            until: None,
            acknowledged: false,
        };
        self.memory().standing.values().map(known).collect()
    }

    /// Waits until there is something to write.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What must be written, unless the store says all of it.
    pub(super) fn unwritten(&self) -> Option<UnwrittenProblems> {
        let memory = self.memory();
        (!memory.written).then(|| UnwrittenProblems {
            owner: Arc::clone(&self.owner),
            standing: memory.standing.clone(),
            over: memory.over.clone(),
        })
    }

    /// The store says that now.
    pub(super) fn are_written(&self, written: &UnwrittenProblems) {
        let mut memory = self.memory();
        let kept = memory.over.len().saturating_sub(written.over.len());
        let done = memory.over.len() - kept;
        memory.over.drain(..done);
        memory.written = memory.over.is_empty() && memory.standing == written.standing;
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnwrittenProblems {
    /// Brings the store up to date.
    pub(super) fn write(&self, db: &mut Db, now: Timestamp) -> StoreResult<()> {
        for (Met { problem, since }, until) in &self.over {
            problems::begin(db, problem, *since)?;
            problems::end(db, problem.kind, &problem.object, *until)?;
        }
        for kind in ProblemKind::ALL.into_iter().filter(|kind| kind.traits().nature == Nature::Daemon) {
            match self.standing.get(&kind) {
                Some(Met { problem, since }) => problems::begin(db, problem, *since)?,
                None => problems::end(db, kind, &self.owner, now)?,
            }
        }
        Ok(())
    }
}
