//! One sender: one connection to the relay, one message at a time.
//!
//! For each job: write the letter, ask whether it may still go, name sender and recipient to the relay, ask the journal
//! (which asks the ledger) and make "handed over" durable, ask for the go-ahead, make sure that the answer still holds,
//! send the body, record the reply. What the relay may have is never offered again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::back_off::BackOff;
use super::compose::{ComposeError, Composer};
use super::held::Task;
use super::journal::Journal;
use super::look::{Looks, Moment};
use super::queue::Queue;
use crate::clock::Clock;
use crate::db::StoreResult;
use crate::db::deliveries::{Attempt, Job};
use crate::db::stops;
use crate::delivery::breaker::{Settled, Sign};
use crate::delivery::late_check::{LateAnswer, LateCheck};
use crate::delivery::retry::RetryPolicy;
use crate::delivery::state::DeliveryEvent;
use crate::smtp::{MessageBytes, Next, Stage, Verdict};
use crate::transport::{Connection, Transport};

/// How long a sender keeps its connection while there is nothing to send.
const LINGER: Duration = Duration::from_secs(1);

/// What the senders share.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) looks: Looks,
    pub(super) transport: Arc<Transport>,
    pub(super) composer: Arc<Composer>,
    pub(super) journal: Journal,
    pub(super) policy: RetryPolicy,
    pub(super) queue: Queue,
    pub(super) back_off: Arc<BackOff>,
    /// Tells the dispatcher that the relay cannot be used.
    pub(super) changed: Arc<Notify>,
}

/// Serves what is queued until the queue is closed.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut connection: Option<Connection> = None;
    loop {
        let soon = timeout(LINGER, shared.queue.next()).await;
        let next = match (soon, connection.take()) {
            (Ok(next), open) => {
                connection = open;
                next
            }
            (Err(_), open) => {
                if let Some(open) = open {
                    open.close().await;
                }
                shared.queue.next().await
            }
        };
        let Some(Task { job, holding }) = next else { break };
        let (open, attempt) = serve(&shared, connection, &job).await;
        connection = open;
        if let Some(attempt) = attempt {
            let settled = settled_of(&job, &attempt);
            shared.journal.record(attempt, holding, settled).await;
        }
    }
    if let Some(connection) = connection {
        connection.close().await;
    }
}

/// Serves one job. Returns the connection, when it can serve another, and what is to be recorded: nothing, when the
/// delivery is another's or the journal has recorded the end itself.
async fn serve(shared: &Shared, connection: Option<Connection>, job: &Job) -> (Option<Connection>, Option<Attempt>) {
    let now = shared.clock.now();
    if shared.back_off.until(now).is_some() || shared.journal.fault().is_some() {
        return (connection, Some(put_back(job)));
    }
    let letter = match shared.composer.letter(job, now) {
        Ok(letter) => letter,
        // Whoever looks after the mailing says so, once. No attempt was made.
        Err(ComposeError::Mailing(fault)) => {
            tracing::debug!(delivery = job.id(), mailing = job.mailing_id, "{fault}");
            shared.changed.notify_one();
            return (connection, Some(put_back(job)));
        }
        Err(error @ ComposeError::Address) => {
            tracing::error!(
                delivery = job.id(),
                mailing = job.mailing_id,
                error = &error as &dyn std::error::Error,
                "a letter could not be written"
            );
            let deferred = Attempt::without_reply(job.fence.clone(), DeliveryEvent::Defer, Some(&error.to_string()));
            return (connection, Some(Attempt { next_attempt_at: Some(next_attempt(shared, job)), ..deferred }));
        }
    };
    let may_go = seen(job, shared.looks.before_offer(&job.fence).await);
    if may_go != LateCheck::Proceed {
        return (connection, withheld(job, may_go));
    }
    let Some(mut connection) = opened(shared, connection).await else { return (None, Some(put_back(job))) };
    let attempt = match connection.offer(&letter.envelope, letter.bytes.len(), shared.clock.now()).await {
        Err(verdict) => Some(settle(shared, job, verdict)),
        Ok(()) => match shared.journal.hand_over(job.fence.clone()).await {
            Ok((answer, given)) if answer.check == LateCheck::Proceed => {
                let message = MessageBytes { message_id: &letter.message_id, bytes: &letter.bytes };
                send(shared, &mut connection, &message, Granted { job, answer, given }).await
            }
            // Another daemon has taken it: this one may be behind in everything, so it begins anew.
            Ok((answer, _)) if answer.check == LateCheck::Lost => return (None, None),
            Ok(_) => {
                connection.abandon().await;
                None
            }
            Err(_) => {
                connection.abandon().await;
                Some(put_back(job))
            }
        },
    };
    (still_usable(connection).await, attempt)
}

/// A hand-over that was granted, and when.
#[derive(Clone, Copy)]
struct Granted<'a> {
    job: &'a Job,
    answer: LateAnswer,
    given: Moment,
}

/// Sends what was granted, as long as it may still leave: committing the grant and getting the relay's go-ahead can take
/// long. When it may not any more, the relay has nothing of it.
async fn send(
    shared: &Shared,
    connection: &mut Connection,
    message: &MessageBytes<'_>,
    granted: Granted<'_>,
) -> Option<Attempt> {
    let check = still(shared, granted).await;
    if check != LateCheck::Proceed {
        connection.abandon().await;
        return withheld(granted.job, check);
    }
    if let Err(verdict) = connection.ask_for_data(message).await {
        return Some(settle(shared, granted.job, verdict));
    }
    let check = still(shared, granted).await;
    if check != LateCheck::Proceed {
        connection.abandon().await;
        return withheld(granted.job, check);
    }
    Some(settle(shared, granted.job, connection.send_body(message).await))
}

async fn still(shared: &Shared, Granted { job, answer, given }: Granted<'_>) -> LateCheck {
    seen(job, shared.looks.before_leaving(&job.fence, answer, given).await)
}

/// What a look says. One that could not be had says nothing, and nothing is sent on the strength of that.
fn seen(job: &Job, looked: StoreResult<LateCheck>) -> LateCheck {
    looked.unwrap_or_else(|error| {
        tracing::warn!(
            delivery = job.id(),
            error = &error as &dyn std::error::Error,
            "the store cannot be asked: the delivery waits"
        );
        LateCheck::PutBack
    })
}

/// What is recorded of a delivery that does not go out. One that was lost is another's.
fn withheld(job: &Job, check: LateCheck) -> Option<Attempt> {
    let (event, reason) = check.withheld()?;
    Some(Attempt::without_reply(job.fence.clone(), event, reason))
}

/// What is recorded of a delivery that was not tried.
pub(super) fn put_back(job: &Job) -> Attempt {
    Attempt::without_reply(job.fence.clone(), DeliveryEvent::PutBack, None)
}

async fn opened(shared: &Shared, connection: Option<Connection>) -> Option<Connection> {
    if let Some(connection) = connection
        && let Some(usable) = still_usable(connection).await
    {
        return Some(usable);
    }
    match shared.transport.open().await {
        Ok(connection) => Some(connection),
        Err(failure) => {
            tracing::warn!(error = &failure as &dyn std::error::Error, "the relay cannot be used");
            back_off(shared);
            None
        }
    }
}

async fn still_usable(mut connection: Connection) -> Option<Connection> {
    if connection.is_usable() {
        return Some(connection);
    }
    connection.close().await;
    None
}

fn back_off(shared: &Shared) {
    shared.back_off.begin(shared.clock.now());
    shared.changed.notify_one();
}

/// The one place where a verdict is settled: what it says of the relay, and what is recorded of the delivery.
fn settle(shared: &Shared, job: &Job, verdict: Verdict) -> Attempt {
    if verdict.needs_back_off() {
        back_off(shared);
    } else if verdict.reason().is_none_or(|reason| reason.code.is_some()) {
        shared.back_off.end(shared.clock.now());
    }
    attempt_of(job, verdict, next_attempt(shared, job))
}

fn next_attempt(shared: &Shared, job: &Job) -> Timestamp {
    let attempts = job.attempts.saturating_add(1);
    // Without room for another attempt the delivery waits for its deadline, where the planner expires it.
    shared.policy.next_attempt(job.id(), attempts, shared.clock.now(), job.not_after).unwrap_or(job.not_after)
}

/// What the circuit breaker is told of an attempt. That the relay says "later" tells it nothing.
fn settled_of(job: &Job, attempt: &Attempt) -> Option<Settled> {
    let sign = match attempt.event {
        DeliveryEvent::Accept => Sign::Accepted,
        DeliveryEvent::Doubt => Sign::Lost,
        DeliveryEvent::Refuse => stops::sign_of_refusal(attempt.stage, attempt.enhanced_status),
        // A refusal at MAIL is no judgement on the recipient, who is tried again; it is one on us.
        DeliveryEvent::Defer if attempt.reply_code.is_some_and(|code| code >= 500) => {
            stops::sign_of_refusal(attempt.stage, attempt.enhanced_status)
        }
        _ => return None,
    };
    let words = stops::words(attempt.stage, attempt.reply_code, attempt.reason.as_deref());
    Some(Settled { mailing: job.mailing_id, delivery: job.id(), sign, words })
}

/// What is recorded of a verdict.
fn attempt_of(job: &Job, verdict: Verdict, retry_at: Timestamp) -> Attempt {
    let (event, next_attempt_at) = match verdict.next() {
        Next::Done => (DeliveryEvent::Accept, None),
        Next::RetryLater => (DeliveryEvent::Defer, Some(retry_at)),
        Next::GiveUp => (DeliveryEvent::Refuse, None),
        Next::AskPerson => (DeliveryEvent::Doubt, None),
    };
    let fence = job.fence.clone();
    match verdict {
        Verdict::Accepted { code, text } => {
            let stage = if code.is_some() { Stage::Body } else { Stage::Folder };
            Attempt { stage: Some(stage), reply_code: code, ..Attempt::without_reply(fence, event, Some(&text)) }
        }
        Verdict::Deferred(reason) | Verdict::Refused(reason) | Verdict::InDoubt(reason) => Attempt {
            fence,
            event,
            next_attempt_at,
            stage: Some(reason.stage),
            reply_code: reason.code,
            enhanced_status: reason.enhanced,
            reason: Some(reason.text),
        },
    }
}
