//! What this daemon holds: every delivery that it has claimed and whose outcome is not yet in the store.
//!
//! A [`Holding`] goes with the delivery from the claim through the queue and the sender to the journal. Wherever it is
//! dropped, also by a sender that panics, the delivery is nobody's any more: the dispatcher takes it back at once, long
//! before its lease ends, and takes back nothing else. Of what a sender that panicked held its marks tell how far each letter was.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::look::ClaimSeen;
use crate::db::deliveries::Job;

/// All that is held.
#[derive(Debug)]
pub(super) struct Held {
    state: Mutex<HeldState>,
    /// Nothing is held any more: for whoever waits for that.
    idle: Notify,
    /// The same, for the dispatcher.
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct HeldState {
    deliveries: HashSet<i64>,
    /// Whether something was let go of by a sender that broke down, and has not been taken back since.
    is_broken: bool,
}

impl Held {
    /// Nothing yet. `changed` is told when nothing is held again.
    pub(super) fn new(changed: Arc<Notify>) -> Self {
        Self { state: Mutex::default(), idle: Notify::new(), changed }
    }

    fn state(&self) -> MutexGuard<'_, HeldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes hold of what was claimed as it was seen at `seen`.
    pub(super) fn hold(self: &Arc<Self>, jobs: Vec<Job>, seen: ClaimSeen) -> Vec<Task> {
        let mut state = self.state();
        jobs.into_iter()
            .map(|job| {
                state.deliveries.insert(job.id());
                let holding = Holding { delivery: job.id(), held: Arc::clone(self) };
                Task { job, holding, seen }
            })
            .collect()
    }

    /// The deliveries that are held now; and whether a sender has broken down with some since this was asked last.
    pub(super) fn ids(&self) -> (Vec<i64>, bool) {
        let mut state = self.state();
        (state.deliveries.iter().copied().collect(), std::mem::take(&mut state.is_broken))
    }

    /// Senders have broken down, or what they let go of could not be taken back yet.
    pub(super) fn is_broken(&self) {
        self.state().is_broken = true;
    }

    /// Whether nothing is held.
    pub(super) fn is_empty(&self) -> bool {
        self.state().deliveries.is_empty()
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
        let mut state = self.held.state();
        state.deliveries.remove(&self.delivery);
        state.is_broken |= std::thread::panicking();
        let idle = state.deliveries.is_empty();
        drop(state);
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
