//! What this daemon holds: every delivery that it has claimed and whose outcome is not yet in the store.
//!
//! A [`Holding`] goes with the delivery from the claim through the queue and the sender to the journal. Wherever it is
//! dropped, also by a sender that panics, the delivery is nobody's any more: the dispatcher takes it back at once, long
//! before its lease ends, and takes back nothing else.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::look::ClaimSeen;
use crate::db::deliveries::Job;

/// All that is held.
#[derive(Debug)]
pub(super) struct Held {
    deliveries: Mutex<HashSet<i64>>,
    /// Nothing is held any more: for whoever waits for that.
    idle: Notify,
    /// The same, for the dispatcher.
    changed: Arc<Notify>,
}

impl Held {
    /// Nothing yet. `changed` is told when nothing is held again.
    pub(super) fn new(changed: Arc<Notify>) -> Self {
        Self { deliveries: Mutex::default(), idle: Notify::new(), changed }
    }

    fn deliveries(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes hold of what was claimed as it was seen at `seen`.
    pub(super) fn hold(self: &Arc<Self>, jobs: Vec<Job>, seen: ClaimSeen) -> Vec<Task> {
        let mut deliveries = self.deliveries();
        jobs.into_iter()
            .map(|job| {
                deliveries.insert(job.id());
                let holding = Holding { delivery: job.id(), held: Arc::clone(self) };
                Task { job, holding, seen }
            })
            .collect()
    }

    /// The deliveries that are held now.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.deliveries().iter().copied().collect()
    }

    /// Whether nothing is held.
    pub(super) fn is_empty(&self) -> bool {
        self.deliveries().is_empty()
    }

    /// Waits until nothing is held.
    pub(super) async fn nothing(&self) {
        loop {
            let idle = self.idle.notified();
            if self.is_empty() {
                return;
            }
            idle.await;
        }
    }
}

/// The hold on one delivery. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Holding {
    delivery: i64,
    held: Arc<Held>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut deliveries = self.held.deliveries();
        deliveries.remove(&self.delivery);
        let idle = deliveries.is_empty();
        drop(deliveries);
        if idle {
            self.held.idle.notify_waiters();
            self.held.changed.notify_one();
        }
    }
}

/// A claimed delivery on its way to a sender.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) job: Job,
    pub(super) holding: Holding,
    /// When all that the claim asks about was true.
    pub(super) seen: ClaimSeen,
}
