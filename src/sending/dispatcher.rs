//! The dispatcher: claims what is due, in small leases, for a standing pool of senders. It waits for none of them: one
//! recipient whose relay takes minutes to answer holds up nobody else, not of this mailing and not of the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, Notify};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::answers::RelayAnswers;
use super::back_off::BackOff;
use super::compose::Composer;
use super::equipment::{Equipment, Fitted};
use super::held::{Held, Task};
use super::journal::{EngineContext, Journal, Unwritten};
use super::look::{ClaimSeen, Looks, Moment, StopCount};
use super::marks::Marks;
use super::pacing::{Pacing, lane_of_job};
use super::progress::Pulse;
use super::queue::Queue;
use super::relays::Relays;
use super::seats::Seats;
use super::sender::{self, PoolSender, Shared};
use super::strikes::Strikes;
use crate::db::deliveries::{self, Lease};
use crate::db::pace;
use crate::db::{Db, StoreError, StoreResult, Trouble};
use crate::delivery::learned::RelayLearned;
use crate::delivery::lines::Lines;
use crate::delivery::marks::MarkedLetters;
use crate::delivery::pace::{LaneName, Pace, PaceLearned};
use crate::delivery::retry::RetryPolicy;
use crate::text::Rate;

/// How long a claim holds. A claimed delivery has not been offered yet, so a lost claim costs only time.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How many deliveries each sender has claimed ahead of it, at most.
const AHEAD: usize = 32;

/// How often what is learned of the relay is kept, at most.
const KEPT_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// How long the dispatcher waits for its senders at a stretch.
const BREATH: Duration = Duration::from_secs(15);

/// Why nothing more is sent for now.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The store failed. Nothing is handed over without it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the senders hear cannot be written. It is kept until it can be.
    #[error("the journal cannot be written: {why}")]
    Journal {
        /// The store's words.
        why: String,
        /// What they say of the store.
        trouble: Trouble,
    },
    /// A sender panicked. Its delivery, if it was handed over, is in doubt.
    #[error("a sender stopped unexpectedly")]
    Sender,
}

impl From<Unwritten> for DispatchError {
    fn from(Unwritten { why, trouble }: Unwritten) -> Self {
        Self::Journal { why, trouble }
    }
}

/// Claims and sends.
#[derive(Debug)]
pub struct Dispatcher {
    engine: EngineContext,
    equipment: Equipment,
    strikes: Arc<Strikes>,
    pacing: Arc<Pacing>,
    kept: std::sync::Mutex<Kept>,
    held: Arc<Held>,
    stops: StopCount,
    changed: Arc<Notify>,
    pool: Mutex<Option<Pool>>,
    /// What is left of pools whose equipment was exchanged.
    retired: Mutex<JoinSet<()>>,
    progress: Pulse,
    /// Rings each time that the store has given what is due.
    going_well: Arc<Notify>,
    answers: Arc<RelayAnswers>,
}

/// What the store knows of the relay, and since when.
#[derive(Debug, Default)]
struct Kept {
    learned: RelayLearned,
    /// [`Timestamp::MIN`] when news is to be kept at once.
    at: Timestamp,
}

/// The senders and their journal.
struct Pool {
    fitted: Fitted,
    shared: Arc<Shared>,
    senders: JoinSet<()>,
    journal: JoinHandle<()>,
    marks: Option<Arc<Marks>>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("senders", &self.senders.len()).finish_non_exhaustive()
    }
}

impl Pool {
    fn add_sender(&mut self) {
        let place = self.marks.as_ref().and_then(|marks| marks.place().ok());
        self.senders.spawn(PoolSender::new(Arc::clone(&self.shared), place).run());
    }

    /// Waits until what was begun is finished and written.
    async fn end(mut self) {
        while self.senders.join_next().await.is_some() {}
        // The journal ends with its last handle.
        drop(self.shared);
        if self.journal.await.is_err() {
            tracing::error!("the journal stopped unexpectedly");
        }
    }
}

impl Dispatcher {
    /// A dispatcher that sends through `relays`. `progress` grows while it works, also in a turn that lasts as long as a mailing: a turn
    /// alone tells nobody that it does.
    pub fn new(engine: EngineContext, relays: Relays, composer: Arc<Composer>, progress: Pulse) -> Self {
        let changed = relays.changed();
        let pacing = Arc::new(Pacing::new(Pace::new(None, &PaceLearned::default()), engine.clock.clone()));
        let equipment = Equipment::new(relays, composer);
        Self {
            engine,
            equipment,
            strikes: Arc::default(),
            pacing,
            kept: std::sync::Mutex::default(),
            held: Arc::new(Held::new(Arc::clone(&changed))),
            stops: StopCount::default(),
            changed,
            pool: Mutex::new(None),
            retired: Mutex::default(),
            progress,
            going_well: Arc::default(),
            answers: Arc::default(),
        }
    }

    /// The same, which counts what the relay answers in `answers`.
    #[must_use]
    pub fn counting_in(self, answers: Arc<RelayAnswers>) -> Self {
        Self { answers, ..self }
    }

    /// Gives everything that is due to the senders, then says when there will be more, without waiting for the senders.
    /// When `stop` is cancelled, or the relay or the store cannot be used, everything that no sender has begun goes back.
    pub async fn turn(&self, stop: &CancellationToken) -> Result<Option<Timestamp>, DispatchError> {
        let mut pool = self.pool.lock().await;
        let fitted = self.equipment.current();
        if let Some(old) = pool.take_if(|pool| !pool.fitted.is(&fitted)) {
            self.keep_learned_at_once(&old).await;
            self.retire(old).await;
        }
        if pool.is_none() {
            self.remember(&fitted).await?;
        }
        let pool = pool.get_or_insert_with(|| self.start(fitted));
        let fed = match self.look_after(pool) {
            Ok(()) => self.feed(&pool.shared, &pool.fitted, stop).await,
            Err(error) => Err(error),
        };
        let is_current = pool.fitted.is(&self.equipment.current());
        if fed.is_err() || stop.is_cancelled() || self.is_backing_off() || !is_current {
            give_back(&pool.shared, pool.shared.queue.take_back()).await;
        }
        if !is_current {
            // The next turn is due at once, whoever heard of it.
            self.changed.notify_one();
        }
        fed?;
        self.keep_learned(&pool.shared, &pool.fitted).await?;
        self.next().await
    }

    /// Goes on with what was learned of the relay that is in use now.
    async fn remember(&self, fitted: &Fitted) -> StoreResult<()> {
        let (allowed, now) = (fitted.post().allowed.clone(), self.engine.clock.now());
        let learned = match allowed.relay {
            Some(relay) => self.engine.store.read(move |db| pace::learned(db, &relay, now)).await?,
            None => RelayLearned::default(),
        };
        self.pacing.begin_anew(Pace::new(allowed.rate.map(Rate::a_minute), &learned.pace));
        *self.kept() = Kept { learned, at: Timestamp::MIN };
        Ok(())
    }

    /// Keeps what was learned, when there is news and it has not been kept just now.
    async fn keep_learned(&self, shared: &Shared, fitted: &Fitted) -> StoreResult<()> {
        let (learned, now) =
            (RelayLearned { lines: shared.seats.learned(), pace: self.pacing.learned() }, self.engine.clock.now());
        let is_news = {
            let kept = self.kept();
            kept.learned != learned && (kept.at == Timestamp::MIN || now.duration_since(kept.at).abs() >= KEPT_EVERY)
        };
        if let Some(relay) = fitted.post().allowed.relay.clone().filter(|_| is_news) {
            let keep = learned.clone();
            self.engine.store.write(move |db| pace::keep_learned(db, &relay, &keep, now)).await?;
            *self.kept() = Kept { learned, at: now };
        }
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends everything that is due and waits until it is done, then says when there will be more.
    pub async fn drain(&self, stop: &CancellationToken) -> Result<Option<Timestamp>, DispatchError> {
        loop {
            self.turn(stop).await?;
            loop {
                tokio::select! {
                    () = self.held.nothing() => break,
                    () = self.changed.notified() => {
                        if let Some(why) = self.fault().await {
                            return Err(why.into());
                        }
                        if let Some(pool) = &*self.pool.lock().await {
                            self.make_room(&pool.shared).await;
                        }
                    }
                }
            }
            let next = self.next().await?;
            let now = self.engine.clock.now();
            if stop.is_cancelled() || self.is_backing_off() || next.is_none_or(|next| next > now) {
                return Ok(next);
            }
        }
    }

    /// Finishes the messages that were begun, writes what was heard, and closes the connections.
    pub async fn close(&self) {
        if let Some(pool) = self.pool.lock().await.take() {
            self.keep_learned_at_once(&pool).await;
            self.retire(pool).await;
        }
        let mut retired = self.retired.lock().await;
        while retired.join_next().await.is_some() {}
    }

    /// The same of a pool that ends.
    async fn keep_learned_at_once(&self, pool: &Pool) {
        self.kept().at = Timestamp::MIN;
        if let Err(error) = self.keep_learned(&pool.shared, &pool.fitted).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what was learned of the relay is learned anew by the next daemon");
        }
    }

    /// Takes back what `pool` has not begun, and lets it finish the rest on its own.
    async fn retire(&self, pool: Pool) {
        give_back(&pool.shared, pool.shared.queue.take_back()).await;
        pool.shared.queue.close();
        let mut retired = self.retired.lock().await;
        while retired.try_join_next().is_some() {}
        retired.spawn(pool.end());
    }

    /// The handle by which what it sends with is exchanged.
    pub fn equipment(&self) -> Equipment {
        self.equipment.clone()
    }

    /// Waits until there may be something to do that the instant told by [`turn`](Self::turn) does not know of.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Whether the relay, or the outbox, is being left alone because it could not be used.
    pub fn is_backing_off(&self) -> bool {
        self.back_off().until(self.engine.clock.now()).is_some()
    }

    /// Why the relay, or the outbox, could not be used when it was tried last; nothing when it could.
    pub fn failure(&self) -> Option<String> {
        self.back_off().failure()
    }

    /// That of the relay that is in use.
    fn back_off(&self) -> Arc<BackOff> {
        Arc::clone(&self.equipment.current().post().back_off)
    }

    /// What rings each time that the store has given what is due.
    pub fn going_well(&self) -> Arc<Notify> {
        Arc::clone(&self.going_well)
    }

    /// Whether no sender has anything to do.
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    fn start(&self, fitted: Fitted) -> Pool {
        let allowed = &fitted.post().allowed;
        let (connections, back_off) = (allowed.connections.max(1), Arc::clone(&fitted.post().back_off));
        let lines = Lines::new(connections, allowed.mails, self.kept().learned.lines);
        let relay = (fitted.relay.clone(), self.equipment.relays());
        let (journal, keeping) = Journal::start(self.engine.clone(), Arc::clone(&self.changed), self.stops.clone());
        let shared = Arc::new(Shared {
            clock: self.engine.clock.clone(),
            looks: Looks {
                store: self.engine.store.clone(),
                clock: self.engine.clock.clone(),
                holds: Arc::clone(&self.engine.holds),
                stops: self.stops.clone(),
            },
            composer: Arc::clone(&fitted.composer),
            journal,
            policy: RetryPolicy::default(),
            queue: Queue::new(Arc::clone(&self.pacing)),
            back_off,
            seats: Arc::new(Seats::new(lines, relay, self.engine.clock.clone())),
            strikes: Arc::clone(&self.strikes),
            pacing: Arc::clone(&self.pacing),
            senders: connections,
            answers: Arc::clone(&self.answers),
            changed: Arc::clone(&self.changed),
        });
        let mut pool = Pool { fitted, shared, senders: JoinSet::new(), journal: keeping, marks: self.marks() };
        for _ in 0..pool.shared.senders {
            pool.add_sender();
        }
        pool
    }

    /// Where the senders mark what becomes of letters. Where nothing can be marked each is granted one letter at a time.
    fn marks(&self) -> Option<Arc<Marks>> {
        let begun = self.engine.holds.marks().begin(&self.engine.owner);
        begun
            .unwrap_or_else(|error| {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "letters cannot be marked beside the configuration: they leave more slowly"
                );
                None
            })
            .map(Arc::new)
    }

    /// Puts a new sender in the place of one that panicked, and a new pool in that of one whose journal did.
    fn look_after(&self, pool: &mut Pool) -> Result<(), DispatchError> {
        if pool.journal.is_finished() {
            // Its senders end in the middle of what they do.
            self.held.is_broken();
            *pool = self.start(pool.fitted.clone());
            return Err(DispatchError::Sender);
        }
        let mut panicked = false;
        while pool.senders.try_join_next().is_some() {
            pool.add_sender();
            panicked = true;
        }
        if panicked { Err(DispatchError::Sender) } else { Ok(()) }
    }

    /// Claims batch after batch, as long as there is more than the queue holds and the senders' equipment is the current.
    async fn feed(&self, shared: &Shared, fitted: &Fitted, stop: &CancellationToken) -> Result<(), DispatchError> {
        let ahead = fitted.post().allowed.connections.max(1) * AHEAD;
        while !stop.is_cancelled() && !self.is_backing_off() && fitted.is(&self.equipment.current()) {
            self.progress.made();
            if let Some(fault) = shared.journal.fault() {
                return Err(fault.into());
            }
            self.make_room(shared).await;
            let most = self.pacing.room(ahead);
            let queued = shared.queue.by_lane();
            let room = most.saturating_sub(queued.values().sum());
            // In quiet hours nothing is claimed, and nobody loses a turn.
            let is_quiet = self.engine.holds.quiet_until(self.engine.clock.now()).is_some();
            let turns = if is_quiet { Vec::new() } else { self.pacing.whose_turn_it_is(room, &queued) };
            let tasks = self.claim(room, &turns).await?;
            self.going_well.notify_waiters();
            let claimed = tasks.len();
            let tasks = self.keep_back(shared, tasks, queued, &turns).await;
            let mailings: BTreeSet<i64> = tasks.iter().map(|task| task.job.mailing_id).collect();
            if let Err(error) = fitted.composer.prepare(&self.engine.store, mailings, self.engine.clock.now()).await {
                give_back(shared, tasks).await;
                return Err(error.into());
            }
            shared.queue.add(tasks);
            if claimed < room {
                return Ok(());
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = shared.queue.drained_to(most / 2) => {}
                // Slow senders are no reason to look dead.
                () = sleep(BREATH) => {}
                () = self.changed.notified() => {}
            }
        }
        Ok(())
    }

    /// Gives back those of `tasks` whose turn comes later, without an attempt, and returns the others. Those of `turns` have
    /// had theirs, and go before what waits.
    async fn keep_back(
        &self,
        shared: &Shared,
        tasks: Vec<Task>,
        mut queued: BTreeMap<LaneName, usize>,
        turns: &[i64],
    ) -> Vec<Task> {
        let (mut go, mut wait) = (Vec::with_capacity(tasks.len()), BTreeMap::<(LaneName, bool), Vec<Task>>::new());
        for task in tasks {
            let lane = lane_of_job(&task.job);
            let before = queued.entry(lane.clone()).or_default();
            if self.pacing.has_room(&lane, *before) {
                *before += 1;
                go.push(task);
            } else {
                wait.entry((lane, turns.contains(&task.job.id()))).or_default().push(task);
            }
        }
        for ((lane, had_turn), tasks) in wait {
            self.until_their_turn(shared, &lane, tasks, had_turn).await;
        }
        go
    }

    /// Gives back what waits of a lane that has become slower than when it was claimed, so that it leaves the room to others.
    async fn make_room(&self, shared: &Shared) {
        for (lane, tasks) in shared.queue.beyond_their_room() {
            self.until_their_turn(shared, &lane, tasks, true).await;
        }
    }

    /// Gives `tasks` of a lane back until their turn: behind what is kept back of it, or `before` that.
    async fn until_their_turn(&self, shared: &Shared, lane: &LaneName, tasks: Vec<Task>, before: bool) {
        let deliveries: Vec<i64> = tasks.iter().map(|task| task.job.id()).collect();
        let until = self.pacing.keep_back(lane, &deliveries, before);
        for Task { job, holding, .. } in tasks {
            shared.journal.record(sender::put_back_until(&job, until), holding, None).await;
        }
    }

    /// Claims up to `room` deliveries, those of `turns` first and then what is due, after what this daemon claimed before and
    /// no sender of it holds any more has gone back.
    async fn claim(&self, room: usize, turns: &[i64]) -> StoreResult<Vec<Task>> {
        let now = self.engine.clock.now();
        let until = now.saturating_add(CLAIMED_FOR).unwrap_or(Timestamp::MAX);
        let lease = Lease { owner: self.engine.owner.clone(), until };
        let room = u64::try_from(room).unwrap_or(u64::MAX);
        let (holds, (held, is_broken)) = (Arc::clone(&self.engine.holds), self.held.ids());
        let unwritable = self.equipment.composer().unwritable();
        let (clock, stops, mut turns) = (self.engine.clock.clone(), self.stops.now(), turns.to_vec());
        let claim = move |db: &mut Db| {
            let seen = ClaimSeen { at: Moment::now(&clock), stops };
            if !holds.ask(db, now)?.is_empty() {
                return Ok(((0, 0), Vec::new(), None, seen));
            }
            let marks = if is_broken { holds.marks().left_of(&lease.owner, &held) } else { MarkedLetters::default() };
            let released = deliveries::release(db, &lease.owner, &held, &marks, now)?;
            let limit = holds.rests().room(db, now)?.min(room);
            if limit == 0 {
                return Ok((released, Vec::new(), None, seen));
            }
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            turns.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let mut jobs = deliveries::claim_these(db, &lease, &turns, &unwritable, now)?;
            let room = limit - i64::try_from(jobs.len()).unwrap_or(limit);
            jobs.extend(deliveries::claim(db, &lease, &unwritable, now, room)?);
            let line = holds.sent().count(db, jobs.len() as u64)?;
            Ok((released, jobs, line, seen))
        };
        let claimed = self.engine.store.write(claim).await.inspect_err(|_| {
            if is_broken {
                self.held.is_broken();
            }
        });
        let ((put_back, in_doubt), jobs, line, seen) = claimed?;
        if put_back + in_doubt > 0 {
            tracing::warn!(put_back, in_doubt, "claims that no sender holds any more were taken back");
        }
        let tasks = self.held.hold(jobs, seen);
        // What the file beside the configuration does not know of must not go out. Dropped, they are taken back.
        line.map_or(Ok(()), |line| self.engine.holds.sent().mark(line))?;
        Ok(tasks)
    }

    /// When there will be more to send: during a rest, at its end. While held, the next tick looks again.
    async fn next(&self) -> Result<Option<Timestamp>, DispatchError> {
        let now = self.engine.clock.now();
        let (holds, unwritable) = (Arc::clone(&self.engine.holds), self.equipment.composer().unwritable());
        let next = move |db: &mut Db| {
            if !holds.ask(db, now)?.is_empty() {
                return Ok(None);
            }
            let Some(due) = deliveries::next_due(db, &unwritable, now)? else { return Ok(None) };
            Ok(Some((due, holds.rests().until(db, now)?)))
        };
        let due = self.engine.store.read(next).await?;
        // What was kept back has its turn before the store says so; but nothing leaves during a rest.
        let due = due.map(|(due, rest)| {
            let due = self.pacing.next_turn().map_or(due, |turn| turn.min(due));
            rest.map_or(due, |rest| rest.max(due))
        });
        Ok(match self.back_off().until(self.engine.clock.now()) {
            Some(until) => due.map(|due| due.max(until)),
            None => due,
        })
    }

    async fn fault(&self) -> Option<Unwritten> {
        self.pool.lock().await.as_ref().and_then(|pool| pool.shared.journal.fault())
    }
}

async fn give_back(shared: &Shared, tasks: Vec<Task>) {
    for Task { job, holding, .. } in tasks {
        shared.journal.record(sender::put_back(&job), holding, None).await;
    }
}
