//! The journal: records "handed over" before the body goes out, and each outcome after it.
//!
//! Requests of all senders are gathered and committed together, so that a commit's cost is shared. They are served in
//! order: once a sender's next hand-over is granted, its previous outcomes are in the store. Of letters that are granted together a
//! sender marks what becomes of them (`marks.rs`), so a crash of the daemon leaves at most one delivery in doubt for each open
//! connection. The commits do not wait for the disk, as the claims do: when the
//! machine of the store stops, everything that was claimed and is not known on disk to have ended is in doubt
//! (`db/deliveries/witness.rs`). What is recorded at last is brought to the disk soon after. While the store cannot be written, on a full disk or behind a lock,
//! nothing is granted; what the senders have heard is kept, and written when it can be.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::held::Holding;
use super::holds::Holds;
use super::look::{Moment, StopCount};
use crate::clock::Clock;
use crate::db::deliveries::{self, Attempt, Recorded, witness};
use crate::db::leaving::Leaving;
use crate::db::stops::{self, Stopped};
use crate::db::{Db, Store, StoreError, StoreResult, Trouble, clock as believed, mailings};
use crate::delivery::DeliveryState;
use crate::delivery::breaker::{Breaker, MailingStop, Settled, Sign};
use crate::delivery::late_check::{LateAnswer, LateCheck};
use crate::delivery::state::{DeliveryEvent, Fence};
use crate::delivery::store_age::LatestHandOver;

/// The most requests in one commit.
const BATCH: usize = 256;

/// How long a handed-over delivery stays its sender's: longer than the ten minutes that RFC 5321 §4.5.3.2.6 gives a
/// relay to answer the final dot.
const HANDED_OVER_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The pause after which what could not be written is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// How soon the last that was committed is brought to the disk.
const SETTLE: Duration = Duration::from_millis(100);

/// How long what was taken waits to be recorded with what is granted next.
const COMPANY: Duration = Duration::from_millis(5);

/// How often it is tried again when the daemon stops.
const LAST_TRIES: u32 = 20;

/// A handle on the journal. Cloning is cheap; the journal ends when the last clone is gone and everything is written.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    requests: mpsc::Sender<Request>,
    fault: Arc<LastUnwritten>,
}

#[derive(Debug)]
enum Request {
    /// Deliveries, each with its mailing.
    HandOver {
        asked: Vec<(i64, Fence)>,
        answer: oneshot::Sender<(Vec<LateAnswer>, Moment)>,
    },
    Record {
        attempt: Attempt,
        holding: Holding,
        settled: Option<Settled>,
        done: oneshot::Sender<()>,
    },
}

/// The journal could not be written: nothing may be handed over.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be written")]
pub(super) struct NotGranted;

/// What the journal works with.
#[derive(Clone, Debug)]
pub struct EngineContext {
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The daemon's name on leases.
    pub owner: String,
    /// What keeps this daemon from sending.
    pub holds: Arc<Holds>,
    /// Where people leave.
    pub leaving: Leaving,
}

/// Why the journal cannot be written, while it cannot.
#[derive(Debug, Default)]
struct LastUnwritten(Mutex<Option<Unwritten>>);

/// In words, and what that says of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unwritten {
    pub(super) why: String,
    pub(super) trouble: Trouble,
}

impl LastUnwritten {
    fn known(&self) -> MutexGuard<'_, Option<Unwritten>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    /// Starts the journal. `changed` is told when a delivery waits again, and when the journal fails or recovers.
    pub(super) fn start(engine: EngineContext, changed: Arc<Notify>, stops: StopCount) -> (Self, JoinHandle<()>) {
        let (requests, inbox) = mpsc::channel(BATCH * 4);
        let fault = Arc::new(LastUnwritten::default());
        let (breaker, broken) = (Breaker::default(), JournalBroken::default());
        let waits = !witness::is_there(&engine.store);
        let (unwritten, told) = (Vec::new(), Arc::clone(&fault));
        let begun = BegunMailings::default();
        let book =
            Book { engine, unwritten, breaker, broken, begun, fault: told, changed, stops, waits, is_synced: true };
        (Self { requests, fault }, tokio::spawn(keep(book, inbox)))
    }

    /// Asks of each delivery, which is named with its mailing, whether it may go out now, and records that it is handed over when
    /// the answer is [`LateCheck::Proceed`]. Answers in the order of the question, and says when that was true.
    pub(super) async fn hand_over(&self, asked: Vec<(i64, Fence)>) -> Result<(Vec<LateAnswer>, Moment), NotGranted> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::HandOver { asked, answer }).await.map_err(|_| NotGranted)?;
        answered.await.map_err(|_| NotGranted)
    }

    /// Records how an attempt ended, and tells the circuit breaker what it says of the relay. Returns before it is on
    /// disk; the next hand-over of the caller is after it. The delivery is held until it is on disk.
    ///
    /// What may stop the mailing is waited for: a relay that refuses fast would otherwise be offered many more people
    /// before the stop is known.
    pub(super) async fn record(&self, attempt: Attempt, holding: Holding, settled: Option<Settled>) {
        let may_stop = settled.as_ref().is_some_and(|settled| settled.sign != Sign::Accepted);
        let (done, tried) = oneshot::channel();
        if let Err(lost) = self.requests.send(Request::Record { attempt, holding, settled, done }).await {
            // The journal has panicked. Its lease ends, and a delivery that was handed over is in doubt.
            tracing::error!(request = ?lost.0, "an outcome could not be recorded");
        } else if may_stop {
            // Also when it could not be written: then there is a fault, and nothing more is offered.
            let _ = tried.await;
        }
    }

    /// Why nothing can be written, while nothing can.
    pub(super) fn fault(&self) -> Option<Unwritten> {
        self.fault.known().clone()
    }
}

/// What the journal's task keeps between two commits.
struct Book {
    engine: EngineContext,
    /// What was heard and is not in the store.
    unwritten: Vec<(Attempt, Holding)>,
    breaker: Breaker,
    /// What the breaker makes of it, also not in the store.
    broken: JournalBroken,
    begun: BegunMailings,
    fault: Arc<LastUnwritten>,
    changed: Arc<Notify>,
    stops: StopCount,
    /// Whether each commit waits for the disk: where nothing would tell that one was lost.
    waits: bool,
    /// Whether everything that was committed is on disk.
    is_synced: bool,
}

async fn keep(mut book: Book, mut inbox: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut last_tries = 0;
    loop {
        let received = inbox.recv_many(&mut batch, BATCH);
        let closed = match book.patience() {
            None => received.await == 0,
            Some(patience) => matches!(timeout(patience, received).await, Ok(0)),
        };
        gather(&mut inbox, &mut batch).await;
        if closed && (book.unwritten.is_empty() || last_tries == LAST_TRIES) {
            break;
        }
        if closed {
            last_tries += 1;
            sleep(PAUSE).await;
        }
        if batch.is_empty() && book.unwritten.is_empty() {
            book.sync().await;
        } else {
            book.write(&mut batch).await;
        }
    }
    book.sync().await;
    if !book.unwritten.is_empty() {
        let lost = book.unwritten.len();
        tracing::error!(lost, "the store could not be written to the last: these deliveries will be in doubt");
    }
}

/// Waits for more while all that is to be recorded is that messages were taken: that goes with the next hand-over, as long
/// as one is asked for soon.
async fn gather(inbox: &mut mpsc::Receiver<Request>, batch: &mut Vec<Request>) {
    let until = Instant::now() + COMPANY;
    while !batch.is_empty() && batch.len() < BATCH && batch.iter().all(Request::can_wait) {
        match timeout_at(until, inbox.recv_many(batch, BATCH)).await {
            Ok(more) if more > 0 => {}
            _ => return,
        }
    }
}

impl Request {
    /// Whether nobody is worse off when it is served a moment later.
    fn can_wait(&self) -> bool {
        matches!(self, Self::Record { attempt, .. } if attempt.event == DeliveryEvent::Accept)
    }
}

impl Book {
    /// How long the next request is waited for before something is done without one.
    fn patience(&self) -> Option<Duration> {
        if !self.unwritten.is_empty() {
            // What could not be written is tried again by itself.
            Some(PAUSE)
        } else if self.is_synced {
            None
        } else {
            Some(SETTLE)
        }
    }

    /// Brings what was committed to the disk, when no claim has done so.
    async fn sync(&mut self) {
        if self.is_synced || self.waits {
            return;
        }
        let now = self.engine.clock.now();
        let synced = self.engine.store.write(move |db| witness::sync(db, now)).await;
        match synced {
            Ok(()) => self.is_synced = true,
            Err(error) => self.note(Some(&error)),
        }
    }

    /// Commits what is in `batch` and what could not be written before, and answers.
    async fn write(&mut self, batch: &mut Vec<Request>) {
        let (mut fences, mut asked, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for request in batch.drain(..) {
            match request {
                Request::Record { attempt, holding, settled, done } => {
                    self.unwritten.push((attempt, holding));
                    if let Some(settled) = settled {
                        self.broken.tell(&mut self.breaker, &settled);
                    }
                    waiting.push(done);
                }
                Request::HandOver { asked: some, answer } => {
                    fences.extend(some.iter().map(|(_, fence)| fence.clone()));
                    asked.push((some, answer));
                }
            }
        }
        let attempts: Vec<Attempt> = self.unwritten.iter().map(|(attempt, _)| attempt.clone()).collect();
        let consequences = (self.broken.clone(), self.begun.unwritten.clone());
        match commit(&self.engine, attempts, consequences, fences, self.waits).await {
            Ok(written) => {
                self.settle(&written.recorded);
                self.broken = JournalBroken::default();
                self.begun.unwritten.clear();
                for (mailing, stopped) in &written.stopped {
                    self.stops.add(stopped.provider.as_deref().map(|provider| (*mailing, provider)));
                    tell_stopped(stopped);
                }
                self.is_synced = self.waits;
                // What the file beside the configuration does not know of must not go out: nobody is answered then.
                let noted = written.latest().map_or(Ok(()), |latest| self.engine.holds.sent().note_latest(latest));
                self.note(noted.as_ref().err());
                if noted.is_ok() {
                    self.begun.note(&asked, &written);
                    answer(asked, &written);
                }
            }
            Err(error) => self.note(Some(&error)),
        }
        for done in waiting {
            // Who has heard an acceptance does not wait.
            let _ = done.send(());
        }
    }

    /// Lets go of what was written.
    fn settle(&mut self, recorded: &[Recorded]) {
        let mut waits = false;
        for ((attempt, _), recorded) in self.unwritten.iter().zip(recorded) {
            tell(attempt.fence.delivery, *recorded);
            waits |= DeliveryState::WAITING.contains(&attempt.event.target());
        }
        self.unwritten.clear();
        if waits {
            self.changed.notify_one();
        }
    }

    /// Notes whether the journal can be written, and says so when that has changed.
    fn note(&self, error: Option<&StoreError>) {
        let fault = error.map(|error| Unwritten { why: error.to_string(), trouble: error.trouble() });
        let before = std::mem::replace(&mut *self.fault.known(), fault.clone());
        if before == fault {
            return;
        }
        if let Some(error) = error {
            tracing::error!(
                error = error as &dyn std::error::Error,
                kept = self.unwritten.len(),
                "the journal cannot be written: nothing is sent until it can"
            );
        } else {
            tracing::warn!("the journal can be written again");
        }
        self.changed.notify_one();
    }
}

/// Deliveries that a sender asks about together, each with its mailing, and where it waits for the answers.
type AskedTogether = (Vec<(i64, Fence)>, oneshot::Sender<(Vec<LateAnswer>, Moment)>);

/// Answers those who asked; one who has stopped waiting never sends the body, and lets go of the delivery.
fn answer(asked: Vec<AskedTogether>, written: &Written) {
    for (deliveries, sender) in asked {
        let answers = deliveries.iter().map(|(_, fence)| written.answer_to(fence));
        let _ = sender.send((answers.collect(), written.given));
    }
}

/// The mailings of which a letter has been handed over since the journal was started: the first of each is noted in the
/// store, unless an earlier one is.
#[derive(Debug, Default)]
struct BegunMailings {
    seen: BTreeSet<i64>,
    /// Written with the next commit, before its locks: a mailing that is locked for reading cannot be written.
    unwritten: Vec<(i64, Timestamp)>,
}

impl BegunMailings {
    fn note(&mut self, asked: &[AskedTogether], written: &Written) {
        for (mailing, fence) in asked.iter().flat_map(|(deliveries, _)| deliveries) {
            if written.answer_to(fence).check == LateCheck::Proceed && self.seen.insert(*mailing) {
                self.unwritten.push((*mailing, written.given.wall()));
            }
        }
    }
}

/// What one commit brought.
struct Written {
    recorded: Vec<Recorded>,
    /// The mailings that were stopped, or of which a part was.
    stopped: Vec<(i64, Stopped)>,
    answers: Vec<(Fence, LateAnswer)>,
    /// When the answers were true.
    given: Moment,
}

impl Written {
    /// What whoever asked about `fence` is answered.
    fn answer_to(&self, fence: &Fence) -> LateAnswer {
        let known = self.answers.iter().find(|(one, _)| one == fence);
        known.map_or(LateAnswer::LOST, |(_, answer)| *answer)
    }

    /// The last that is handed over by it.
    fn latest(&self) -> Option<LatestHandOver> {
        let granted = self.answers.iter().rfind(|(_, answer)| answer.check == LateCheck::Proceed);
        granted.map(|(fence, _)| LatestHandOver { delivery: fence.delivery, claim: fence.claim })
    }
}

async fn commit(
    engine: &EngineContext,
    attempts: Vec<Attempt>,
    (broken, begun): (JournalBroken, Vec<(i64, Timestamp)>),
    fences: Vec<Fence>,
    waits: bool,
) -> StoreResult<Written> {
    let (clock, holds) = (engine.clock.clone(), Arc::clone(&engine.holds));
    let change = move |db: &mut Db| {
        let now = clock.now();
        let at = believed::to_record(db, now, holds.leeway())?;
        let dated: Vec<Attempt> = attempts.iter().map(|attempt| dated(attempt.clone(), at, now)).collect();
        // Before the locks below: a mailing that is locked for reading cannot be written without a deadlock.
        let recorded = deliveries::record_all(db, &dated, at)?;
        let stopped = broken.stop(db, at)?;
        for (mailing, at) in &begun {
            mailings::note_first_letter(db, *mailing, *at)?;
        }
        if fences.is_empty() {
            return Ok(Written { recorded, stopped, answers: Vec::new(), given: Moment::now(&clock) });
        }
        deliveries::lock(db, &fences)?;
        // After every wait for others: what is granted is true now, not when it was asked for.
        let given = Moment::now(&clock);
        let now = given.wall();
        // Asked in every batch: a store can be put back to an older copy, and a clock can leap, under a running daemon.
        if !holds.ask_on_the_way(db, now)?.is_empty() {
            return Ok(Written { recorded, stopped, answers: hold_back(db, &fences, now)?, given });
        }
        let rests = holds.rests();
        let (room, day) = rests.room_to_grant(db, now)?;
        let (go, wait) = fences.split_at(usize::try_from(room).unwrap_or(usize::MAX).min(fences.len()));
        let mut answers = if go.is_empty() { Vec::new() } else { deliveries::hand_over(db, go, lease_end(now), now)? };
        let granted = answers.iter().filter(|(_, answer)| answer.check == LateCheck::Proceed).count();
        rests.count(db, day, granted as u64)?;
        answers.extend(hold_back(db, wait, now)?);
        Ok(Written { recorded, stopped, answers, given })
    };
    if waits { engine.store.write(change).await } else { engine.store.write_unsynced(change).await }
}

/// An attempt that is recorded at `at`, while the clock shows `now`: the very same instant, unless the clock is doubted. What is heard under a clock far ahead is dated to a
/// time that was, and tried again as soon as the clock is believed: a pause reckoned by that clock would last past every
/// deadline.
fn dated(mut attempt: Attempt, at: Timestamp, now: Timestamp) -> Attempt {
    if at < now {
        attempt.next_attempt_at = attempt.next_attempt_at.map(|_| at);
    }
    attempt
}

/// What the circuit breaker makes of what was settled.
#[derive(Clone, Debug, Default)]
struct JournalBroken {
    /// The mailings that must stop.
    stops: Vec<MailingStop>,
    /// The deliveries that wait again where their mailing is stopped, now or before.
    spared: Vec<i64>,
}

impl JournalBroken {
    fn tell(&mut self, breaker: &mut Breaker, settled: &Settled) {
        self.spared.extend(settled.is_spared().then_some(settled.delivery));
        if let Some(stop) = breaker.tell(settled) {
            self.spared.extend(&stop.spared);
            self.stops.push(stop);
        }
    }

    /// Stops those mailings. Says which had not been stopped yet.
    fn stop(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<(i64, Stopped)>> {
        let mut stopped = Vec::new();
        for stop in &self.stops {
            stopped.extend(stops::stop(db, stop, now)?.map(|stopped| (stop.mailing, stopped)));
        }
        if !self.spared.is_empty() {
            stops::spare(db, &self.spared, now)?;
        }
        Ok(stopped)
    }
}

/// Says in the log that a mailing, or a part of it, is stopped, once.
pub fn tell_stopped(stopped: &Stopped) {
    if let Some(provider) = &stopped.provider {
        tracing::error!(
            campaign = %stopped.campaign,
            mailing = stopped.mailing,
            provider,
            why = stopped.why,
            "a provider's part of a mailing is stopped and waits for a person: `carillon mail retry SLUG` lets it go on"
        );
        return;
    }
    tracing::error!(
        campaign = %stopped.campaign,
        mailing = stopped.mailing,
        why = stopped.why,
        "a mailing is stopped and waits for a person: `carillon mail retry SLUG` lets it go on"
    );
}

/// Grants nothing and puts back what was claimed.
fn hold_back(db: &mut Db, fences: &[Fence], now: Timestamp) -> StoreResult<Vec<(Fence, LateAnswer)>> {
    for fence in fences {
        deliveries::record(db, &Attempt::without_reply(fence.clone(), DeliveryEvent::PutBack, None), now)?;
    }
    let answer = LateAnswer { check: LateCheck::PutBack, not_after: now };
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
