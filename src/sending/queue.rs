//! What is claimed and waits for a sender.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::held::Task;
use super::pacing::{GoAhead, Pacing, lane_of_job};
use crate::delivery::pace::{LaneName, MayGo};

/// The tasks, first in, first out, for any number of senders; but one whose provider wants no mail now lets others go first.
/// Whoever takes one that leaves others wakes the next sender, so no wake-up is lost.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    pacing: Arc<Pacing>,
    /// There is something to take, or there never will be.
    filled: Notify,
    /// Something was taken.
    taken: Notify,
    /// It is closed.
    end: CancellationToken,
}

/// What a sender finds.
#[expect(clippy::large_enum_variant, reason = "it is matched at once and never kept")]
enum FoundTask {
    /// This, with the leave to send it.
    This(Task, GoAhead),
    /// Nothing, for ever.
    End,
    /// Nothing.
    Nothing,
    /// Nothing that may go before the clock shows this.
    NotBefore(Timestamp),
    /// Nothing that may go before it is known what became of another.
    Later,
}

#[derive(Debug, Default)]
struct Waiting {
    tasks: VecDeque<(LaneName, Task)>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(pacing: Arc<Pacing>) -> Self {
        Self {
            waiting: Mutex::default(),
            pacing,
            filled: Notify::new(),
            taken: Notify::new(),
            end: CancellationToken::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was claimed.
    pub(super) fn add(&self, tasks: Vec<Task>) {
        self.waiting().tasks.extend(tasks.into_iter().map(|task| (lane_of_job(&task.job), task)));
        self.filled.notify_one();
    }

    /// Gives back a task that was taken: it is the next.
    pub(super) fn give_back(&self, task: Task) {
        self.waiting().tasks.push_front((lane_of_job(&task.job), task));
        self.filled.notify_one();
    }

    /// Waits until the queue is closed.
    pub(super) async fn closed(&self) {
        self.end.cancelled().await;
    }

    /// The next task that may go, with the leave to send it; waits for one. `None` when the queue was closed.
    pub(super) async fn next(&self) -> Option<(Task, GoAhead)> {
        loop {
            let changed = self.pacing.changed().notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            match self.take_one() {
                FoundTask::This(task, token) => return Some((task, token)),
                FoundTask::End => return None,
                FoundTask::Nothing => self.filled.notified().await,
                FoundTask::Later => tokio::select! {
                    () = changed => {}
                    () = self.filled.notified() => {}
                },
                FoundTask::NotBefore(at) => tokio::select! {
                    () = changed => {}
                    () = self.filled.notified() => {}
                    () = self.pacing.clock().sleep_until(at) => {}
                },
            }
        }
    }

    /// Up to `most` further tasks that may go now, each with the leave to send it.
    pub(super) fn more(&self, most: usize) -> Vec<(Task, GoAhead)> {
        let found = std::iter::from_fn(|| match self.take_one() {
            FoundTask::This(task, token) => Some((task, token)),
            _ => None,
        });
        found.take(most).collect()
    }

    fn take_one(&self) -> FoundTask {
        let mut waiting = self.waiting();
        if waiting.tasks.is_empty() {
            if waiting.closed {
                self.filled.notify_one();
                return FoundTask::End;
            }
            return FoundTask::Nothing;
        }
        match self.pacing.relay_may_go() {
            MayGo::Now => {}
            MayGo::NotBefore(at) => return FoundTask::NotBefore(at),
            MayGo::Later => return FoundTask::Later,
        }
        let mut slow: BTreeSet<&LaneName> = BTreeSet::new();
        let (mut at, mut next) = (None::<Timestamp>, None);
        for (index, (lane, _)) in waiting.tasks.iter().enumerate() {
            if slow.contains(lane) {
                continue;
            }
            match self.pacing.lane_may_go(lane) {
                MayGo::Now => {
                    next = Some(index);
                    break;
                }
                MayGo::NotBefore(then) => at = Some(at.map_or(then, |at| at.min(then))),
                MayGo::Later => {}
            }
            slow.insert(lane);
        }
        let Some((lane, task)) = next.and_then(|next| waiting.tasks.remove(next)) else {
            return at.map_or(FoundTask::Later, FoundTask::NotBefore);
        };
        let token = self.pacing.token(lane);
        if waiting.closed || !waiting.tasks.is_empty() {
            self.filled.notify_one();
        }
        drop(waiting);
        self.taken.notify_one();
        FoundTask::This(task, token)
    }

    /// Takes back what waits of lanes that have become slower than when it was claimed: all that goes beyond their room.
    pub(super) fn beyond_their_room(&self) -> BTreeMap<LaneName, Vec<Task>> {
        let mut waiting = self.waiting();
        let (mut counts, mut beyond) = (BTreeMap::<LaneName, usize>::new(), BTreeMap::<LaneName, Vec<Task>>::new());
        for (lane, task) in std::mem::take(&mut waiting.tasks) {
            let before = counts.entry(lane.clone()).or_default();
            if self.pacing.has_room(&lane, *before) {
                *before += 1;
                waiting.tasks.push_back((lane, task));
            } else {
                beyond.entry(lane).or_default().push(task);
            }
        }
        drop(waiting);
        self.taken.notify_one();
        beyond
    }

    /// Takes everything back that no sender has taken.
    pub(super) fn take_back(&self) -> Vec<Task> {
        let tasks = self.waiting().tasks.drain(..).map(|(_, task)| task).collect();
        self.taken.notify_one();
        tasks
    }

    /// How many tasks wait.
    pub(super) fn len(&self) -> usize {
        self.waiting().tasks.len()
    }

    /// How many tasks of each lane wait.
    pub(super) fn by_lane(&self) -> BTreeMap<LaneName, usize> {
        let mut counts = BTreeMap::new();
        for (lane, _) in &self.waiting().tasks {
            *counts.entry(lane.clone()).or_default() += 1;
        }
        counts
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
