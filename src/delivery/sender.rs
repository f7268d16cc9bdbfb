//! One sender: one connection to the relay, one message at a time.
//!
//! For each job: write the letter, ask whether it may still go, name sender and recipient to the relay, ask the journal
//! (which asks the ledger) and make "handed over" durable, ask for the go-ahead, make sure that the answer still holds,
//! send the body, record the reply. What the relay may have is never offered again.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::compose::Composer;
use super::journal::{Journal, JournalClosed};
use super::late_check::{Answer, LateCheck};
use super::look::{Looks, Moment};
use super::retry::RetryPolicy;
use super::state::{Event, Fence};
use crate::clock::Clock;
use crate::db::StoreResult;
use crate::db::deliveries::{Attempt, FOLDER, Job};
use crate::smtp::{Courier, MessageBytes, Next, Stage, Transport, Verdict};

/// What the senders of one run share.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) looks: Looks,
    pub(super) transport: Arc<Transport>,
    pub(super) composer: Arc<Composer>,
    pub(super) journal: Journal,
    pub(super) policy: RetryPolicy,
    pub(super) jobs: Mutex<mpsc::Receiver<Job>>,
    /// No more jobs are to be started.
    pub(super) halt: CancellationToken,
    /// The relay cannot be reached, or wants to be left alone.
    pub(super) relay_rests: CancellationToken,
}

/// Works until there are no more jobs, or none may be started.
pub(super) async fn run(shared: Arc<Shared>) -> Result<(), JournalClosed> {
    // A sender that fails or panics halts the others, so that nobody waits for it to take a job.
    let halting = shared.halt.clone().drop_guard();
    work(&shared).await?;
    halting.disarm();
    Ok(())
}

async fn work(shared: &Shared) -> Result<(), JournalClosed> {
    let mut courier = None;
    while let Some(job) = next_job(shared).await {
        if shared.halt.is_cancelled() {
            put_back(shared, job.fence).await?;
        } else {
            courier = serve(shared, courier, job).await?;
        }
    }
    if let Some(courier) = courier {
        courier.close().await;
    }
    Ok(())
}

async fn next_job(shared: &Shared) -> Option<Job> {
    shared.jobs.lock().await.recv().await
}

async fn put_back(shared: &Shared, fence: Fence) -> Result<(), JournalClosed> {
    shared.journal.record(Attempt::without_reply(fence, Event::PutBack, None)).await
}

/// Serves one job and returns the connection, when it can serve another.
async fn serve(shared: &Shared, courier: Option<Courier>, job: Job) -> Result<Option<Courier>, JournalClosed> {
    let letter = match shared.composer.letter(&job, shared.clock.now()) {
        Ok(letter) => letter,
        Err(error) => {
            tracing::error!(
                delivery = job.id(),
                mailing = job.mailing_id,
                error = &error as &dyn std::error::Error,
                "a letter could not be written"
            );
            let retry_at = next_attempt(shared, &job);
            let mut attempt = Attempt::without_reply(job.fence, Event::Defer, Some(&error.to_string()));
            attempt.next_attempt_at = Some(retry_at);
            shared.journal.record(attempt).await?;
            return Ok(courier);
        }
    };
    let may_go = seen(&job, shared.looks.before_offer(&job.fence).await);
    if may_go != LateCheck::Proceed {
        withhold(shared, &job, may_go).await?;
        return Ok(courier);
    }
    let Some(mut courier) = opened(shared, courier).await else {
        put_back(shared, job.fence).await?;
        return Ok(None);
    };
    if let Err(verdict) = courier.offer(&letter.envelope, letter.bytes.len(), shared.clock.now()).await {
        settle(shared, &job, verdict).await?;
        return Ok(still_usable(courier).await);
    }
    let (answer, given) = shared.journal.hand_over(job.fence.clone()).await?;
    match answer.check {
        LateCheck::Proceed => {
            let message = MessageBytes { message_id: &letter.message_id, bytes: &letter.bytes };
            let granted = Granted { job: &job, answer, given };
            if let Some(verdict) = send(shared, &mut courier, &message, granted).await? {
                settle(shared, &job, verdict).await?;
            }
        }
        // Another daemon has taken it: this one may be behind in everything, so it begins anew.
        LateCheck::Lost => return Ok(None),
        _ => courier.abandon().await,
    }
    Ok(still_usable(courier).await)
}

/// A hand-over that was granted, and when.
#[derive(Clone, Copy)]
struct Granted<'a> {
    job: &'a Job,
    answer: Answer,
    given: Moment,
}

/// Sends what was granted, as long as it may still leave: committing the grant and getting the relay's go-ahead can take
/// long. `None` when it may not any more: then the relay has nothing, and what becomes of the delivery is recorded.
async fn send(
    shared: &Shared,
    courier: &mut Courier,
    message: &MessageBytes<'_>,
    granted: Granted<'_>,
) -> Result<Option<Verdict>, JournalClosed> {
    if !may_leave(shared, granted).await? {
        courier.abandon().await;
        return Ok(None);
    }
    if let Err(verdict) = courier.ask_for_data(message).await {
        return Ok(Some(verdict));
    }
    if !may_leave(shared, granted).await? {
        courier.abandon().await;
        return Ok(None);
    }
    Ok(Some(courier.send_body(message).await))
}

async fn may_leave(shared: &Shared, Granted { job, answer, given }: Granted<'_>) -> Result<bool, JournalClosed> {
    let check = seen(job, shared.looks.before_leaving(&job.fence, answer, given).await);
    if check != LateCheck::Proceed {
        withhold(shared, job, check).await?;
    }
    Ok(check == LateCheck::Proceed)
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

/// Records what becomes of a delivery that does not go out. One that was lost is another's.
async fn withhold(shared: &Shared, job: &Job, check: LateCheck) -> Result<(), JournalClosed> {
    match check.withheld() {
        Some((event, reason)) => shared.journal.record(Attempt::without_reply(job.fence.clone(), event, reason)).await,
        None => Ok(()),
    }
}

async fn opened(shared: &Shared, courier: Option<Courier>) -> Option<Courier> {
    if courier.is_some() {
        return courier;
    }
    match shared.transport.open().await {
        Ok(courier) => Some(courier),
        Err(failure) => {
            tracing::warn!(error = &failure as &dyn std::error::Error, "the relay cannot be used");
            shared.relay_rests.cancel();
            shared.halt.cancel();
            None
        }
    }
}

async fn still_usable(mut courier: Courier) -> Option<Courier> {
    if courier.is_usable() {
        return Some(courier);
    }
    courier.close().await;
    None
}

async fn settle(shared: &Shared, job: &Job, verdict: Verdict) -> Result<(), JournalClosed> {
    if verdict.rests_relay() {
        shared.relay_rests.cancel();
        shared.halt.cancel();
    }
    shared.journal.record(attempt_of(job, verdict, next_attempt(shared, job))).await
}

fn next_attempt(shared: &Shared, job: &Job) -> Timestamp {
    let attempts = job.attempts.saturating_add(1);
    // Without room for another attempt the delivery waits for its deadline, where the planner expires it.
    shared.policy.next_attempt(job.id(), attempts, shared.clock.now(), job.not_after).unwrap_or(job.not_after)
}

/// What is recorded of a verdict.
fn attempt_of(job: &Job, verdict: Verdict, retry_at: Timestamp) -> Attempt {
    let (event, next_attempt_at) = match verdict.next() {
        Next::Done => (Event::Accept, None),
        Next::RetryLater => (Event::Defer, Some(retry_at)),
        Next::GiveUp => (Event::Refuse, None),
        Next::AskPerson => (Event::Doubt, None),
    };
    let fence = job.fence.clone();
    match verdict {
        Verdict::Accepted { code, text } => {
            let stage = if code.is_some() { Stage::Body.as_str() } else { FOLDER };
            Attempt { stage: Some(stage), reply_code: code, ..Attempt::without_reply(fence, event, Some(&text)) }
        }
        Verdict::Deferred(reason) | Verdict::Refused(reason) | Verdict::InDoubt(reason) => Attempt {
            fence,
            event,
            next_attempt_at,
            stage: Some(reason.stage.as_str()),
            reply_code: reason.code,
            enhanced_status: reason.enhanced.map(|status| status.to_string()),
            reason: Some(reason.text),
        },
    }
}
