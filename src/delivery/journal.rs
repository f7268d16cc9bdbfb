//! The journal: makes "handed over" durable before the body goes out, and each outcome after it.
//!
//! Requests of all senders are gathered and committed together, so that a commit's cost is shared. They are served in
//! order: once a sender's next hand-over is granted, its previous outcome is on disk, so a crash leaves at most one
//! delivery in doubt for each open connection. While the store cannot be written, nothing is granted and no outcome is
//! forgotten.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::holds::Holds;
use super::late_check::{Answer, LateCheck};
use super::look::Moment;
use super::state::{Event, Fence};
use crate::clock::Clock;
use crate::db::deliveries::{self, Attempt, Recorded};
use crate::db::{Db, Store, StoreResult};

/// The most requests in one commit.
const BATCH: usize = 256;

/// How long a handed-over delivery stays its sender's: longer than the ten minutes that RFC 5321 §4.5.3.2.6 gives a
/// relay to answer the final dot.
const HANDED_OVER_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A handle on the journal. Cloning is cheap; the journal ends when the last clone is gone and everything is written.
#[derive(Clone, Debug)]
pub struct Journal {
    requests: mpsc::Sender<Request>,
}

#[derive(Debug)]
enum Request {
    HandOver { fence: Fence, answer: oneshot::Sender<(Answer, Moment)> },
    Record(Attempt),
}

/// The journal is gone, or could not be written: nothing may be handed over.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be written")]
pub struct JournalClosed;

/// What the journal works with.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The daemon's name on leases.
    pub owner: String,
    /// What keeps this daemon from sending.
    pub holds: Arc<Holds>,
}

impl Journal {
    /// Starts the journal. Its task ends with the first error of the store that is not worth waiting for, or when the
    /// last handle is dropped.
    pub fn start(desk: Desk) -> (Self, JoinHandle<StoreResult<()>>) {
        let (requests, inbox) = mpsc::channel(BATCH * 4);
        (Self { requests }, tokio::spawn(keep(desk, inbox)))
    }

    /// Asks whether the delivery may go out now, and records that it is handed over when the answer is
    /// [`LateCheck::Proceed`]. Says when that was true.
    pub(super) async fn hand_over(&self, fence: Fence) -> Result<(Answer, Moment), JournalClosed> {
        let (answer, asked) = oneshot::channel();
        self.requests.send(Request::HandOver { fence, answer }).await.map_err(|_| JournalClosed)?;
        asked.await.map_err(|_| JournalClosed)
    }

    /// Records how an attempt ended. Returns before it is on disk; the next hand-over of the caller is after it.
    pub async fn record(&self, attempt: Attempt) -> Result<(), JournalClosed> {
        self.requests.send(Request::Record(attempt)).await.map_err(|_| JournalClosed)
    }
}

async fn keep(desk: Desk, mut inbox: mpsc::Receiver<Request>) -> StoreResult<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        let (mut attempts, mut fences, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for request in batch.drain(..) {
            match request {
                Request::Record(attempt) => attempts.push(attempt),
                Request::HandOver { fence, answer } => {
                    fences.push(fence.clone());
                    answers.push((fence, answer));
                }
            }
        }
        let (checked, given) = write(&desk, attempts, fences).await?;
        for (fence, asked) in answers {
            let answer = checked.iter().find(|(one, _)| *one == fence).map_or(Answer::LOST, |(_, answer)| *answer);
            // A sender that has stopped waiting never sends the body; its delivery will be called in doubt.
            let _ = asked.send((answer, given));
        }
    }
    Ok(())
}

/// Commits one batch, waiting out a store that is busy or away for a moment.
async fn write(desk: &Desk, attempts: Vec<Attempt>, fences: Vec<Fence>) -> StoreResult<(Vec<(Fence, Answer)>, Moment)> {
    let mut patience = 5;
    loop {
        let (attempts, fences) = (attempts.clone(), fences.clone());
        let (clock, holds) = (desk.clock.clone(), Arc::clone(&desk.holds));
        let written = desk
            .store
            .write(move |db| {
                let mut recorded = Vec::with_capacity(attempts.len());
                for attempt in &attempts {
                    recorded.push((attempt.fence.delivery, deliveries::record(db, attempt, clock.now())?));
                }
                deliveries::lock(db, &fences)?;
                // After every wait for others: what is granted is true now, not when it was asked for.
                let given = Moment::now(&clock);
                let now = given.wall();
                // Asked in every batch: a store can be put back to an older copy, and a clock can leap, under a running daemon.
                if !holds.ask(db, now)?.is_empty() {
                    return Ok((recorded, hold_back(db, &fences, now)?, None, given));
                }
                let checked = deliveries::hand_over(db, &fences, lease_end(now), now)?;
                let granted = checked.iter().filter(|(_, answer)| answer.check == LateCheck::Proceed).count();
                let line = holds.sent().count(db, granted as u64)?;
                Ok((recorded, checked, line, given))
            })
            .await;
        match written {
            Ok((recorded, checked, line, given)) => {
                for (delivery, recorded) in recorded {
                    tell(delivery, recorded);
                }
                if let Some(line) = line {
                    desk.holds.sent().mark(line)?;
                }
                return Ok((checked, given));
            }
            Err(error) if error.is_retryable() && patience > 0 => {
                patience -= 1;
                tracing::warn!(error = &error as &dyn std::error::Error, "the journal waits for the store");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Grants nothing and puts back what was claimed.
fn hold_back(db: &mut Db, fences: &[Fence], now: Timestamp) -> StoreResult<Vec<(Fence, Answer)>> {
    for fence in fences {
        deliveries::record(db, &Attempt::without_reply(fence.clone(), Event::PutBack, None), now)?;
    }
    let answer = Answer { check: LateCheck::PutBack, not_after: now };
    Ok(fences.iter().map(|fence| (fence.clone(), answer)).collect())
}

/// Says what came of a result whose claim had been lost.
fn tell(delivery: i64, recorded: Recorded) {
    match recorded {
        Recorded::Moved => {}
        Recorded::Late => tracing::warn!(delivery, "a result came after its claim was lost, and changed nothing"),
        Recorded::TakenLate => tracing::error!(
            delivery,
            "the relay took a message whose claim had been lost; `carillon mail report` tells whether it has it twice"
        ),
    }
}

fn lease_end(now: Timestamp) -> Timestamp {
    now.saturating_add(HANDED_OVER_FOR).unwrap_or(Timestamp::MAX)
}
