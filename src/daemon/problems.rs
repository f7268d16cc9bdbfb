//! The problems that this daemon meets: kept in memory as they are met, and brought into the store as soon as it can be
//! written. So a store that is full is a problem that somebody hears of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::db::{StoreResult, problems};
use crate::problem::{Nature, Problem, ProblemKind};
use crate::sending::journal::Desk;

/// What this daemon has met and not yet seen the end of. Cloning is cheap, and clones share one list.
#[derive(Clone, Debug)]
pub(super) struct Problems {
    desk: Desk,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    standing: BTreeMap<ProblemKind, (Timestamp, Problem)>,
    /// Whether the store says the same.
    written: bool,
}

impl Problems {
    pub(super) fn new(desk: Desk) -> Self {
        Self { desk, memory: Arc::default() }
    }

    /// Begins a problem with these words and remedy, or says it in other words.
    pub(super) async fn begin(&self, kind: ProblemKind, words: impl Into<String>, remedy: &str) {
        let now = self.desk.clock.now();
        let problem = Problem::new(kind, &self.desk.owner, words, remedy);
        let changed = {
            let mut memory = self.memory();
            let since = memory.standing.get(&kind).map_or(now, |(since, _)| *since);
            let before = memory.standing.insert(kind, (since, problem.clone()));
            before.is_none_or(|(_, before)| before != problem)
        };
        self.note(changed).await;
    }

    /// Ends it, if it stands.
    pub(super) async fn end(&self, kind: ProblemKind) {
        let changed = self.memory().standing.remove(&kind).is_some();
        self.note(changed).await;
    }

    async fn note(&self, changed: bool) {
        if changed {
            self.memory().written = false;
            self.write().await;
        }
    }

    /// Brings the store up to date, unless it is. Tried again with each heartbeat.
    pub(super) async fn write(&self) {
        let standing = {
            let memory = self.memory();
            if memory.written {
                return;
            }
            memory.standing.clone()
        };
        match self.store(standing.clone()).await {
            Ok(()) => {
                let mut memory = self.memory();
                memory.written = memory.standing == standing;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the problems could not be kept in the store"
                );
            }
        }
    }

    async fn store(&self, standing: BTreeMap<ProblemKind, (Timestamp, Problem)>) -> StoreResult<()> {
        let (owner, now) = (self.desk.owner.clone(), self.desk.clock.now());
        let write = move |db: &mut crate::db::Db| {
            for kind in ProblemKind::ALL.into_iter().filter(|kind| kind.traits().nature == Nature::Daemon) {
                match standing.get(&kind) {
                    Some((since, problem)) => problems::begin(db, problem, *since)?,
                    None => problems::end(db, kind, &owner, now)?,
                }
            }
            Ok(())
        };
        self.desk.store.write(write).await
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
