//! One sender: one connection to the relay, one message at a time.
//!
//! What the relay says of connections costs no message an attempt: [`crate::delivery::lines`] decides what follows.
//!
//! For each job: write the letter, ask whether it may still go, name sender and recipient to the relay, ask the journal
//! (which asks the ledger) and record "handed over", ask for the go-ahead, make sure that the answer still holds,
//! send the body, record the reply. A relay that takes commands in groups is asked for all before the body in one go, after
//! the record. What the relay may have is never offered again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::answers::{RelayAnswer, RelayAnswers};
use super::back_off::BackOff;
use super::compose::{ComposeError, Composer, PreparedMessage};
use super::held::Task;
use super::journal::{Journal, NotGranted};
use super::look::{ClaimSeen, FRESH, Looks, Moment};
use super::marks::MarksPlace;
use super::pacing::{GoAhead, Pacing, lane_of_job};
use super::queue::Queue;
use super::seats::{NoConnection, Seat, Seats};
use super::strikes::Strikes;
use crate::clock::Clock;
use crate::db::StoreResult;
use crate::db::deliveries::{Attempt, Job};
use crate::db::stops;
use crate::delivery::breaker::{Settled, Sign};
use crate::delivery::complaint::{Complaint, Heard, complaint};
use crate::delivery::late_check::{LateAnswer, LateCheck};
use crate::delivery::lines::{AfterBreak, BrokenOff, NotOpened, after_break};
use crate::delivery::marks::{LetterMark, together};
use crate::delivery::retry::RetryPolicy;
use crate::delivery::state::DeliveryEvent;
use crate::smtp::{MessageBytes, Next, Reason, Stage, Verdict};

/// How often in a row a message is put back because mail comes too fast; the next time it is an attempt.
const MOST_IN_VAIN: u32 = 2;

/// How long a sender keeps its connection while there is nothing to send.
const LINGER: Duration = Duration::from_secs(1);

/// What the senders share.
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) looks: Looks,
    pub(super) composer: Arc<Composer>,
    pub(super) journal: Journal,
    pub(super) policy: RetryPolicy,
    pub(super) queue: Queue,
    pub(super) back_off: Arc<BackOff>,
    pub(super) seats: Arc<Seats>,
    pub(super) strikes: Arc<Strikes>,
    pub(super) pacing: Arc<Pacing>,
    /// How many senders there are.
    pub(super) senders: usize,
    pub(super) answers: Arc<RelayAnswers>,
    /// Tells the dispatcher that the relay cannot be used.
    pub(super) changed: Arc<Notify>,
}

/// One sender, with what it keeps from one letter to the next.
pub(super) struct PoolSender {
    shared: Arc<Shared>,
    /// Where it marks what becomes of letters; without that it is granted one at a time.
    marks: Option<MarksPlace>,
    /// How long the last letters took, each.
    took: Duration,
}

impl PoolSender {
    pub(super) fn new(shared: Arc<Shared>, marks: Option<MarksPlace>) -> Self {
        Self { shared, marks, took: FRESH }
    }

    /// Serves what is queued until the queue is closed.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let mut place: Option<Seat> = None;
        loop {
            let mut seat = if let Some(seat) = place.take() {
                seat
            } else {
                tokio::select! {
                    seat = shared.seats.take() => seat,
                    () = shared.queue.closed() => break,
                }
            };
            let next = if seat.is_open() {
                let Ok(next) = timeout(LINGER, shared.queue.next()).await else {
                    // What waits for its turn will need it.
                    if shared.queue.len() > 0 {
                        seat.end_when_unusable().await;
                        place = Some(seat);
                        continue;
                    }
                    // Given up with its connection: the relay may count that for a moment longer.
                    seat.hang_up().await;
                    continue;
                };
                next
            } else {
                shared.queue.next().await
            };
            let Some(first) = next else {
                seat.hang_up().await;
                break;
            };
            if self.serve_all(&mut seat, first).await {
                seat.end_when_unusable().await;
                place = Some(seat);
            }
        }
    }

    /// Serves a task, and with it as many more as may be granted together. Says whether the place is still of use.
    async fn serve_all(&mut self, seat: &mut Seat, first: (Task, GoAhead)) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut tasks = vec![first];
        let more = self.may_be_together(seat) - 1;
        if more > 0 {
            tasks.extend(shared.queue.more(more));
        }
        let mut is_of_use = true;
        let tasks = of_what_goes_on(&shared, tasks).await;
        for (task, mut token, granted) in self.granted(seat, tasks).await {
            if !is_of_use {
                give_to_another(&shared, task, granted.is_some()).await;
                continue;
            }
            if is_stopped(&shared, &task) {
                shared.journal.record(put_back(&task.job), task.holding, None).await;
                continue;
            }
            let begun = Instant::now();
            let marks = self.marks.as_mut();
            let is_fresh = !seat.is_open() || seat.is_fresh();
            let served = serve(&shared, seat, marks, (&task.job, task.seen), granted, &mut token).await;
            drop(token);
            self.took = (self.took * 3 + begun.elapsed()) / 4;
            match served {
                Served::Settled(attempt) => {
                    let settled = settled_of(&task.job, &attempt, is_fresh);
                    shared.journal.record(attempt, task.holding, settled).await;
                }
                Served::Nothing => {}
                Served::ByAnother { granted } => {
                    is_of_use = false;
                    seat.leave();
                    give_to_another(&shared, task, granted).await;
                }
            }
        }
        is_of_use
    }

    /// Asks for grants of `tasks` when there are several; one alone is granted when its letter is written. Those that may not go
    /// are left out.
    async fn granted(&mut self, seat: &mut Seat, tasks: Vec<(Task, GoAhead)>) -> Vec<(Task, GoAhead, Option<Granted>)> {
        if tasks.len() < 2 {
            return tasks.into_iter().map(|(task, token)| (task, token, None)).collect();
        }
        let jobs = tasks.iter().map(|(task, _)| &task.job);
        let Ok((answers, given)) = grant(&self.shared, self.marks.as_mut(), jobs).await else {
            for (task, _) in tasks {
                self.shared.journal.record(put_back(&task.job), task.holding, None).await;
            }
            return Vec::new();
        };
        let mut granted = Vec::with_capacity(tasks.len());
        for ((task, token), answer) in tasks.into_iter().zip(answers) {
            match answer.check {
                LateCheck::Proceed => granted.push((task, token, Some(Granted { answer, given }))),
                // Another daemon has taken it: this one may be behind in everything, so it begins anew.
                LateCheck::Lost => seat.leave(),
                // The journal has recorded what it became.
                _ => {}
            }
        }
        granted
    }

    /// How many letters this sender may be granted together: more than one on a connection that has proved itself.
    fn may_be_together(&self, seat: &Seat) -> usize {
        if self.marks.is_none() || !seat.takes_groups() || seat.is_fresh() {
            return 1;
        }
        together(self.took, self.shared.queue.len(), self.shared.senders, seat.left())
    }
}

/// Whether the part of the mailing that a task belongs to was stopped since it was claimed.
fn is_stopped(shared: &Shared, task: &Task) -> bool {
    shared.looks.stops.holds(task.job.mailing_id, lane_of_job(&task.job).as_provider(), task.seen.stops)
}

/// Gives back those of `tasks` whose part of the mailing was stopped since they were claimed, and returns the others.
async fn of_what_goes_on(shared: &Shared, tasks: Vec<(Task, GoAhead)>) -> Vec<(Task, GoAhead)> {
    let (stopped, goes_on): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|(task, _)| is_stopped(shared, task));
    for (task, _) in stopped {
        shared.journal.record(put_back(&task.job), task.holding, None).await;
    }
    goes_on
}

/// Leaves a task to another sender, who offers it anew: one that was granted goes through the store again.
async fn give_to_another(shared: &Shared, task: Task, granted: bool) {
    if granted {
        shared.journal.record(put_back(&task.job), task.holding, None).await;
    } else {
        shared.queue.give_back(task);
    }
}

/// What came of a job.
enum Served {
    /// This is to be recorded.
    Settled(Attempt),
    /// Nothing is: the delivery is another's, or the journal has recorded the end itself.
    Nothing,
    /// It is offered by another sender: this one's place is of no use. Whether it is recorded as handed over.
    ByAnother { granted: bool },
}

impl Served {
    fn of(attempt: Option<Attempt>) -> Self {
        attempt.map_or(Self::Nothing, Self::Settled)
    }
}

/// The letter of a job, or what is recorded without one.
fn written(shared: &Shared, job: &Job, now: Timestamp) -> Result<PreparedMessage, Box<Attempt>> {
    match shared.composer.letter(job, now) {
        Ok(letter) => Ok(letter),
        // Whoever looks after the mailing says so, once. No attempt was made.
        Err(ComposeError::Mailing(fault)) => {
            tracing::debug!(delivery = job.id(), mailing = job.mailing_id, "{fault}");
            shared.changed.notify_one();
            Err(Box::new(put_back(job)))
        }
        Err(error @ ComposeError::Address) => {
            tracing::error!(
                delivery = job.id(),
                mailing = job.mailing_id,
                error = &error as &dyn std::error::Error,
                "a letter could not be written"
            );
            let deferred = Attempt::without_reply(job.fence.clone(), DeliveryEvent::Defer, Some(&error.to_string()));
            Err(Box::new(Attempt { next_attempt_at: Some(next_attempt(shared, job)), ..deferred }))
        }
    }
}

/// Serves one job, whose hand-over is granted or is asked for here.
async fn serve(
    shared: &Shared,
    seat: &mut Seat,
    mut marks: Option<&mut MarksPlace>,
    (job, claimed): (&Job, ClaimSeen),
    mut granted: Option<Granted>,
    token: &mut GoAhead,
) -> Served {
    let now = shared.clock.now();
    if shared.back_off.until(now).is_some() || shared.journal.fault().is_some() {
        return Served::Settled(put_back(job));
    }
    let letter = match written(shared, job, now) {
        Ok(letter) => letter,
        Err(attempt) => return Served::Settled(*attempt),
    };
    let message = MessageBytes { message_id: &letter.message_id, bytes: &letter.bytes };
    loop {
        // Where all goes out in one go, the grant is asked for first, and looks at the same.
        if granted.is_none() && !seat.takes_groups() {
            let may_go = seen(job, shared.looks.before_offer(&job.fence, claimed).await);
            if may_go != LateCheck::Proceed {
                return Served::of(withheld(job, may_go));
            }
        }
        let in_one_go = match seat.connection().await {
            Ok(connection) => connection.takes_groups(),
            Err(why) => return without_connection(shared, job, &why, granted),
        };
        if in_one_go && granted.is_none() {
            granted = match grant_one(shared, seat, marks.as_deref_mut(), job).await {
                Ok(grant) => Some(grant),
                Err(served) => return served,
            };
        }
        if let Some(granted) = granted {
            let check = still(shared, job, granted).await;
            if check != LateCheck::Proceed {
                return Served::of(withheld(job, check));
            }
        }
        let Some(connection) = seat.open() else { continue };
        let now = shared.clock.now();
        let offered = if in_one_go {
            connection.offer_and_ask(&letter.envelope, &message, now).await
        } else {
            connection.offer(&letter.envelope, letter.bytes.len(), now).await
        };
        let Err(verdict) = offered else {
            let granted = match granted {
                Some(granted) => granted,
                None => match grant_one(shared, seat, marks.as_deref_mut(), job).await {
                    Ok(granted) => granted,
                    Err(served) => return served,
                },
            };
            let marks = marks.as_deref();
            return Served::of(send(shared, seat, marks, &message, (job, granted), in_one_go, token).await);
        };
        match verdict.reason().filter(|reason| ends_the_line(reason)) {
            None => return Served::Settled(settle(shared, seat, job, verdict, token)),
            Some(reason) => match broken_off(shared, seat, job, reason) {
                AfterBreak::NewLine => {}
                AfterBreak::NoLine if seat.is_useless() == NotOpened::Fewer => {
                    return Served::ByAnother { granted: granted.is_some() };
                }
                AfterBreak::NoLine => {
                    tracing::warn!(reason = %reason, "the relay takes no mail on a new connection");
                    cannot_be_used(shared, &reason.to_string());
                    return Served::Settled(put_back(job));
                }
                AfterBreak::Attempt => return Served::Settled(settle(shared, seat, job, verdict, token)),
            },
        }
    }
}

/// Asks for grants together. What has not begun is noted first, so that a daemon that dies meanwhile leaves none of it in doubt.
async fn grant<'a>(
    shared: &Shared,
    marks: Option<&mut MarksPlace>,
    jobs: impl Iterator<Item = &'a Job> + Clone,
) -> Result<(Vec<LateAnswer>, Moment), NotGranted> {
    let fences = || jobs.clone().map(|job| &job.fence);
    let asked = jobs.clone().map(|job| (job.mailing_id, job.fence.clone())).collect();
    let Some(marks) = marks else { return shared.journal.hand_over(asked).await };
    marks.hold(fences()).map_err(|error| unmarked(shared, &error))?;
    let granted = shared.journal.hand_over(asked).await?;
    marks.granted();
    Ok(granted)
}

/// Says why nothing is granted, and rests: what cannot be marked does not leave.
fn unmarked(shared: &Shared, error: &std::io::Error) -> NotGranted {
    back_off(shared, error.to_string());
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the marks beside the configuration cannot be written: the delivery waits"
    );
    NotGranted
}

/// Asks for a grant. Without one, says what follows.
async fn grant_one(
    shared: &Shared,
    seat: &mut Seat,
    marks: Option<&mut MarksPlace>,
    job: &Job,
) -> Result<Granted, Served> {
    let Ok((answers, given)) = grant(shared, marks, std::iter::once(job)).await else {
        seat.abandon().await;
        return Err(Served::Settled(put_back(job)));
    };
    let answer = answers.first().copied().unwrap_or(LateAnswer::LOST);
    match answer.check {
        LateCheck::Proceed => return Ok(Granted { answer, given }),
        // Another daemon has taken it: this one may be behind in everything, so it begins anew.
        LateCheck::Lost => seat.leave(),
        _ => seat.abandon().await,
    }
    Err(Served::Nothing)
}

/// What follows for a job when its connection broke off before the body left.
fn broken_off(shared: &Shared, seat: &mut Seat, job: &Job, reason: &Reason) -> AfterBreak {
    let said = complaint(heard(reason)) == Some(Complaint::Share);
    let times = shared.strikes.add(job.id());
    let broken = BrokenOff { at_mail: reason.stage == Stage::Mail, fresh: seat.is_fresh(), times };
    tracing::debug!(delivery = job.id(), times, reason = %reason, "a connection broke off before a message left");
    if !broken.fresh {
        seat.broke_off(said);
    }
    seat.leave();
    after_break(broken)
}

fn heard(reason: &Reason) -> Heard<'_> {
    Heard {
        code: reason.code.unwrap_or_default(),
        status: reason.enhanced.map(|status| (status.subject, status.detail)),
        words: &reason.text,
        named: reason.stage != Stage::Mail,
    }
}

/// What follows when a place has no connection: others go on, or the relay rests.
fn without_connection(shared: &Shared, job: &Job, why: &NoConnection, granted: Option<Granted>) -> Served {
    let error = &why.failure as &dyn std::error::Error;
    if why.others_go_on {
        tracing::info!(error, "the relay takes no further connection: the others go on");
        return Served::ByAnother { granted: granted.is_some() };
    }
    tracing::warn!(error, "the relay cannot be used");
    cannot_be_used(shared, &why.failure.with_cause());
    Served::Settled(put_back(job))
}

/// A hand-over that was granted, and when.
#[derive(Clone, Copy)]
struct Granted {
    answer: LateAnswer,
    given: Moment,
}

/// Sends what was granted, as long as it may still leave: committing the grant and getting the relay's go-ahead, unless it
/// is there already, can take long. When it may not any more, the relay has nothing of it.
async fn send(
    shared: &Shared,
    seat: &mut Seat,
    marks: Option<&MarksPlace>,
    message: &MessageBytes<'_>,
    (job, granted): (&Job, Granted),
    has_go_ahead: bool,
    token: &mut GoAhead,
) -> Option<Attempt> {
    if !has_go_ahead {
        let check = still(shared, job, granted).await;
        if check != LateCheck::Proceed {
            seat.abandon().await;
            return withheld(job, check);
        }
        if let Err(verdict) = seat.open()?.ask_for_data(message).await {
            return Some(after_the_grant(shared, seat, job, verdict, token));
        }
    }
    let check = still(shared, job, granted).await;
    if check != LateCheck::Proceed {
        seat.abandon().await;
        return withheld(job, check);
    }
    let mark = |mark| marks.map_or(Ok(()), |marks| marks.mark(job.id(), mark));
    if let Err(error) = mark(LetterMark::Begun) {
        unmarked(shared, &error);
        seat.abandon().await;
        return Some(put_back(job));
    }
    let verdict = seat.open()?.send_body(message).await;
    let heard = match verdict {
        Verdict::Accepted { .. } => LetterMark::Taken,
        Verdict::Deferred(_) | Verdict::Refused(_) => LetterMark::NotTaken,
        Verdict::InDoubt(_) => LetterMark::Begun,
    };
    // Unmarked, it stays begun: a daemon that dies now leaves it in doubt.
    let _ = mark(heard);
    Some(after_the_grant(shared, seat, job, verdict, token))
}

/// What is recorded of a message that was handed over. One under which the connection broke off goes through the store
/// again, due as before.
fn after_the_grant(shared: &Shared, seat: &mut Seat, job: &Job, verdict: Verdict, token: &mut GoAhead) -> Attempt {
    match verdict.reason().filter(|reason| ends_the_line(reason)) {
        Some(reason) if broken_off(shared, seat, job, reason) != AfterBreak::Attempt => put_back(job),
        _ => settle(shared, seat, job, verdict, token),
    }
}

/// Whether a reply ends the connection before the body left, or says that it has carried its share; one that speaks of pace
/// once it has heard for whom the message is says no more than that.
fn ends_the_line(reason: &Reason) -> bool {
    let complaint = complaint(heard(reason));
    let before_the_body = matches!(reason.stage, Stage::Mail | Stage::Recipient | Stage::Data);
    let slower = complaint == Some(Complaint::Pace) && reason.stage != Stage::Mail;
    before_the_body && !slower && (reason.breaks_off() || complaint == Some(Complaint::Share))
}

async fn still(shared: &Shared, job: &Job, Granted { answer, given }: Granted) -> LateCheck {
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

/// The same of one that has its turn later; until then the store keeps it back.
pub(super) fn put_back_until(job: &Job, until: Timestamp) -> Attempt {
    Attempt { next_attempt_at: Some(until), ..put_back(job) }
}

fn back_off(shared: &Shared, why: String) {
    shared.back_off.begin(shared.clock.now(), why);
    shared.changed.notify_one();
}

/// The relay takes no message at all, from anybody: it is left alone, and if there is another, mail leaves through that.
fn cannot_be_used(shared: &Shared, why: &str) {
    shared.seats.relay_cannot_be_used(why);
    shared.changed.notify_one();
}

/// The one place where a verdict is settled: what it says of the relay, and what is recorded of the delivery.
fn settle(shared: &Shared, seat: &mut Seat, job: &Job, verdict: Verdict, token: &mut GoAhead) -> Attempt {
    let said = verdict.reason().filter(|_| matches!(verdict, Verdict::Deferred(_)));
    let complaint = said.and_then(|reason| complaint(heard(reason)));
    let breaks = verdict.reason().is_some_and(Reason::breaks_off);
    if !breaks {
        seat.carries();
    }
    if matches!(complaint, Some(Complaint::Pace | Complaint::Lines)) {
        token.complained(said.is_some_and(|reason| reason.stage == Stage::Mail));
        if shared.strikes.add(job.id()) <= MOST_IN_VAIN {
            shared.answers.note(RelayAnswer::Slowed, token.lane());
            tracing::debug!(delivery = job.id(), "the relay wants mail to come slower: the delivery keeps its place");
            return put_back_until(job, shared.pacing.keep_back(token.lane(), &[job.id()], true));
        }
    } else if !breaks && !matches!(verdict, Verdict::InDoubt(_)) {
        token.went();
    }
    shared.strikes.clear(job.id());
    // A connection that ends says nothing about the relay: the next one will.
    match verdict.reason() {
        Some(reason) if verdict.needs_back_off() && reason.code != Some(421) => back_off(shared, reason.to_string()),
        Some(reason) if reason.code.is_none() => {}
        _ => shared.back_off.end(shared.clock.now()),
    }
    let retry_at = if complaint == Some(Complaint::Stranger) {
        let passed = shared.pacing.greylisted(token.lane(), job.id());
        let passed = passed.and_then(|passed| Duration::try_from(passed).ok());
        let attempts = job.attempts.saturating_add(1);
        let next = shared.policy.next_for_stranger(job.id(), attempts, passed, shared.clock.now(), job.not_after);
        next.unwrap_or(job.not_after)
    } else {
        let is_accepted = matches!(verdict, Verdict::Accepted { .. });
        shared.pacing.ended(token.lane(), job.id(), is_accepted);
        next_attempt(shared, job)
    };
    let attempt = attempt_of(job, verdict, retry_at);
    if let Some(answer) = RelayAnswer::before(attempt.event) {
        shared.answers.note(answer, token.lane());
    }
    attempt
}

fn next_attempt(shared: &Shared, job: &Job) -> Timestamp {
    let attempts = job.attempts.saturating_add(1);
    // Without room for another attempt the delivery waits for its deadline, where the planner expires it.
    shared.policy.next_attempt(job.id(), attempts, shared.clock.now(), job.not_after).unwrap_or(job.not_after)
}

/// What the circuit breaker is told of an attempt. That the relay says "later" tells it nothing; nor does the loss of a connection that had
/// carried mail, because a network that fails takes all of them at once. The next one shows whether it was the relay.
fn settled_of(job: &Job, attempt: &Attempt, is_fresh: bool) -> Option<Settled> {
    let sign = match attempt.event {
        DeliveryEvent::Accept => Sign::Accepted,
        DeliveryEvent::Doubt if is_fresh => Sign::Lost,
        DeliveryEvent::Refuse => stops::sign_of_refusal(attempt.stage, attempt.enhanced_status),
        // A refusal at MAIL is no judgement on the recipient, who is tried again; it is one on us.
        DeliveryEvent::Defer if attempt.reply_code.is_some_and(|code| code >= 500) => {
            stops::sign_of_refusal(attempt.stage, attempt.enhanced_status)
        }
        _ => return None,
    };
    let words = stops::words(attempt.stage, attempt.reply_code, attempt.reason.as_deref());
    // Before anybody is named, and where the connection is lost, it is the relay's own.
    let is_theirs = attempt.stage != Some(Stage::Mail) && sign != Sign::Lost;
    let provider = lane_of_job(job).as_provider().filter(|_| is_theirs).map(str::to_owned);
    Some(Settled { mailing: job.mailing_id, delivery: job.id(), sign, provider, words })
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
