//! The dispatcher: claims what is due, in small leases, and keeps the senders busy until nothing is left.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::compose::Composer;
use super::journal::{Desk, Journal, JournalClosed};
use super::look::Looks;
use super::retry::RetryPolicy;
use super::sender::{self, Shared};
use super::state::{Event, Fence};
use crate::db::deliveries::{self, Attempt, Job, Lease};
use crate::db::{Db, StoreError, StoreResult};
use crate::smtp::Transport;

/// How long a claim holds. A claimed delivery has not been offered yet, so a lost claim costs only time.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How many deliveries each sender has claimed ahead of it, at most.
const AHEAD: usize = 32;

/// The pause after the relay could not be used, doubling to [`LONGEST_REST`].
const FIRST_REST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(5);

/// Why a run of the dispatcher ended early.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The store failed. Nothing is handed over without it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal ended before its senders.
    #[error(transparent)]
    Journal(#[from] JournalClosed),
    /// A sender panicked. Its delivery, if it was handed over, is in doubt.
    #[error("a sender stopped unexpectedly")]
    Sender,
}

/// Claims and sends.
#[derive(Debug)]
pub struct Dispatcher {
    desk: Desk,
    transport: Arc<Transport>,
    composer: Arc<Composer>,
    connections: usize,
    rest: Mutex<Rest>,
}

/// Whether the relay is being left alone.
#[derive(Clone, Copy, Debug, Default)]
struct Rest {
    failures: u32,
    until: Option<Timestamp>,
}

impl Dispatcher {
    /// A dispatcher with at most `connections` connections at once.
    pub fn new(desk: Desk, transport: Transport, composer: Composer, connections: usize) -> Self {
        Self {
            desk,
            transport: Arc::new(transport),
            composer: Arc::new(composer),
            connections: connections.max(1),
            rest: Mutex::new(Rest::default()),
        }
    }

    /// Sends everything that is due, then says when there will be more. Stops early, with every claim put back and
    /// every message that was begun finished, when `stop` is cancelled or the relay cannot be used.
    pub async fn drain(&self, stop: &CancellationToken) -> Result<Option<Timestamp>, DispatchError> {
        let now = self.desk.clock.now();
        if let Some(until) = self.resting(now) {
            return Ok(Some(until));
        }
        let first = self.claim_anew().await?;
        if !first.is_empty() {
            self.send(first, stop).await?;
        }
        let holds = Arc::clone(&self.desk.holds);
        // While held, the next tick looks again.
        let due = self
            .desk
            .store
            .read(move |db| if holds.ask(db, now)?.is_empty() { deliveries::next_due(db, now) } else { Ok(None) })
            .await?;
        Ok(match self.resting(self.desk.clock.now()) {
            Some(until) => due.map(|due| due.max(until)),
            None => due,
        })
    }

    /// Whether the relay, or the outbox, is being left alone because it could not be used.
    pub fn is_resting(&self) -> bool {
        self.resting(self.desk.clock.now()).is_some()
    }

    async fn send(&self, first: Vec<Job>, stop: &CancellationToken) -> Result<(), DispatchError> {
        let (journal, keeping) = Journal::start(self.desk.clone());
        let (queue, jobs) = mpsc::channel(self.connections * AHEAD);
        let shared = Arc::new(Shared {
            clock: self.desk.clock.clone(),
            looks: Looks {
                store: self.desk.store.clone(),
                clock: self.desk.clock.clone(),
                holds: Arc::clone(&self.desk.holds),
            },
            transport: Arc::clone(&self.transport),
            composer: Arc::clone(&self.composer),
            journal,
            policy: RetryPolicy::default(),
            jobs: tokio::sync::Mutex::new(jobs),
            halt: stop.child_token(),
            relay_rests: CancellationToken::new(),
        });
        let mut senders = JoinSet::new();
        for _ in 0..self.connections.min(first.len()) {
            senders.spawn(sender::run(Arc::clone(&shared)));
        }
        let fed = self.feed(first, queue, &shared).await;
        let mut ended = Ok(());
        while let Some(sender) = senders.join_next().await {
            ended = ended.and(sender.map_err(|_| DispatchError::Sender).and_then(|end| Ok(end?)));
        }
        self.note_rest(shared.relay_rests.is_cancelled());
        drop(shared);
        // The journal's own error says more than that of the senders it left alone.
        keeping.await.map_err(|_| DispatchError::Sender)??;
        fed.and(ended)
    }

    /// Claims batch after batch and queues it for the senders. What is claimed and cannot be queued is put back.
    async fn feed(&self, first: Vec<Job>, queue: mpsc::Sender<Job>, shared: &Shared) -> Result<(), DispatchError> {
        let mut batch = first;
        while !batch.is_empty() && !shared.halt.is_cancelled() {
            self.composer.prepare(&self.desk.store, &batch).await?;
            let mut waiting = batch.into_iter();
            for job in waiting.by_ref() {
                let fence = job.fence.clone();
                let queued = tokio::select! {
                    queued = queue.send(job) => queued.is_ok(),
                    () = shared.halt.cancelled() => false,
                };
                if !queued {
                    self.put_back(fence, shared).await?;
                    break;
                }
            }
            for job in waiting {
                self.put_back(job.fence, shared).await?;
            }
            batch = if shared.halt.is_cancelled() { Vec::new() } else { self.claim().await? };
        }
        Ok(())
    }

    async fn put_back(&self, fence: Fence, shared: &Shared) -> Result<(), DispatchError> {
        Ok(shared.journal.record(Attempt::without_reply(fence, Event::PutBack, None)).await?)
    }

    /// Claims, after what this daemon claimed before and no sender of it holds any more has gone back.
    async fn claim_anew(&self) -> StoreResult<Vec<Job>> {
        let (owner, now) = (self.desk.owner.clone(), self.desk.clock.now());
        let (put_back, in_doubt) = self.desk.store.write(move |db| deliveries::release(db, &owner, &[], now)).await?;
        if put_back + in_doubt > 0 {
            tracing::warn!(put_back, in_doubt, "claims that no sender holds any more were taken back");
        }
        self.claim().await
    }

    async fn claim(&self) -> StoreResult<Vec<Job>> {
        let now = self.desk.clock.now();
        let until = now.saturating_add(CLAIMED_FOR).unwrap_or(Timestamp::MAX);
        let lease = Lease { owner: self.desk.owner.clone(), until };
        let limit = i64::try_from(self.connections * AHEAD).unwrap_or(i64::MAX);
        let holds = Arc::clone(&self.desk.holds);
        let claim = move |db: &mut Db| {
            if holds.ask(db, now)?.is_empty() { deliveries::claim(db, &lease, now, limit) } else { Ok(Vec::new()) }
        };
        self.desk.store.write(claim).await
    }

    fn resting(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner).until.filter(|until| now < *until)
    }

    fn note_rest(&self, rests: bool) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        if !rests {
            *rest = Rest::default();
            return;
        }
        let pause = FIRST_REST.checked_mul(1 << rest.failures.min(8)).unwrap_or(LONGEST_REST).min(LONGEST_REST);
        rest.failures += 1;
        rest.until = self.desk.clock.now().checked_add(pause).ok();
    }
}
