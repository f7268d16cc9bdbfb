//! What is claimed and waits for a sender.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::held::Task;

/// The tasks, first in, first out, for any number of senders. Whoever takes one that leaves others wakes the next
/// sender, so no wake-up is lost.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// There is something to take, or there never will be.
    filled: Notify,
    /// Something was taken.
    taken: Notify,
    /// It is closed.
    end: CancellationToken,
}

/// The queue is empty and open.
struct NothingYet;

#[derive(Debug, Default)]
struct Waiting {
    tasks: VecDeque<Task>,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was claimed.
    pub(super) fn add(&self, tasks: Vec<Task>) {
        self.waiting().tasks.extend(tasks);
        self.filled.notify_one();
    }

    /// Gives back a task that was taken: it is the next.
    pub(super) fn give_back(&self, task: Task) {
        self.waiting().tasks.push_front(task);
        self.filled.notify_one();
    }

    /// Waits until the queue is closed.
    pub(super) async fn closed(&self) {
        self.end.cancelled().await;
    }

    /// The next task; waits for one. `None` when the queue was closed.
    pub(super) async fn next(&self) -> Option<Task> {
        loop {
            if let Ok(next) = self.take_one() {
                return next;
            }
            self.filled.notified().await;
        }
    }

    fn take_one(&self) -> Result<Option<Task>, NothingYet> {
        let mut waiting = self.waiting();
        let next = waiting.tasks.pop_front();
        if next.is_none() && !waiting.closed {
            return Err(NothingYet);
        }
        if waiting.closed || !waiting.tasks.is_empty() {
            self.filled.notify_one();
        }
        drop(waiting);
        self.taken.notify_one();
        Ok(next)
    }

    /// Takes everything back that no sender has taken.
    pub(super) fn take_back(&self) -> Vec<Task> {
        let tasks = self.waiting().tasks.drain(..).collect();
        self.taken.notify_one();
        tasks
    }

    /// How many tasks wait.
    pub(super) fn len(&self) -> usize {
        self.waiting().tasks.len()
    }

    /// Waits until `most` tasks or fewer wait.
    pub(super) async fn drained_to(&self, most: usize) {
        while self.len() > most {
            self.taken.notified().await;
        }
    }

    /// Sends the senders home: what waits is still taken, then nothing comes any more.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.end.cancel();
        self.filled.notify_one();
    }
}
