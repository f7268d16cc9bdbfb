//! The keeper: removes what the clocks of retention say, and watches the ticker.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::health::Health;
use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use super::ticker::Ticker;
use super::{Rules, RulesInForce};
use crate::db::expiry::Over;
use crate::db::retention::ProofClock;
use crate::db::{Db, StoreError, StoreResult, expiry, retention};
use crate::member::removal::RemovalDay;
use crate::member::retention::{Periods, RetentionClock};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;
use crate::sending::progress::Pulse;
use crate::sending::traces::TracesGone;

/// How often the ticker is looked at.
const LOOK: SignedDuration = SignedDuration::from_secs(20);

/// How often the clocks of retention are looked at.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Consents that are ended in one transaction, so that nobody waits long for the store.
const AT_ONCE: u64 = 1_000;

/// Rows of the delivery log that are removed in one transaction.
const ROWS_AT_ONCE: u64 = 5_000;

/// People whose proof is removed in one transaction, in which nobody else adds to the ledger.
const PEOPLE_AT_ONCE: usize = 200;

/// The keeper.
pub(super) struct Keeper {
    engine: EngineContext,
    health: Health,
    rules: RulesInForce,
    ticker: Ticker,
    kept_at: Timestamp,
    /// The day on which the proof was last gone through: that asks for the whole ledger, and once a day is enough.
    proof_on: Option<RemovalDay>,
}

impl Keeper {
    pub(super) fn new(engine: EngineContext, health: Health, rules: RulesInForce, ticker: Ticker) -> Self {
        Self { engine, health, rules, ticker, kept_at: Timestamp::MIN, proof_on: None }
    }
}

impl Work for Keeper {
    const LOOP: Loop = Loop::Keeper;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let now = self.engine.clock.now();
        look_at(&mut self.ticker, self.health.problems(), now).await;
        // The distance, not the order: after a clock was set back there is an hour to come as well.
        if now.duration_since(self.kept_at).abs() >= HOUR {
            let progress = self.health.progress(Loop::Keeper);
            let rules = self.rules.current();
            keep_periods(&self.engine, &rules, progress, now).await?;
            let today = Some(RemovalDay::of(now));
            if self.proof_on != today && proof_gone(&self.engine, &rules, progress, now).await? {
                self.proof_on = today;
            }
            self.kept_at = now;
        }
        Ok(NextTurn::After(LOOK))
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

async fn look_at(ticker: &mut Ticker, problems: &Problems, now: Timestamp) {
    if ticker.is_alive(now) {
        return problems.end(ProblemKind::TickerStopped);
    }
    tracing::warn!("the ticker has stopped, as when the clock is set back; it is started again");
    if let Err(error) = ticker.restart().await {
        let words = format!("the ticker cannot be started: {error}; the planner goes on with its own clock");
        problems.begin(ProblemKind::TickerStopped, words, "start the daemon again");
    }
}

/// Removes what is due by every clock of retention but that of the proof, in small portions; nothing while there is a reason to
/// hold.
async fn keep_periods(engine: &EngineContext, rules: &Rules, progress: &Pulse, now: Timestamp) -> StoreResult<()> {
    let ended = addresses_gone(engine, rules, RetentionClock::Consents, progress, now).await?;
    if ended > 0 {
        let waiting = engine.store.read(move |db| expiry::waiting(db, now)).await?;
        tracing::info!(
            ended,
            waiting,
            "consents have run out, and their addresses are gone; the others wait for another day"
        );
    }
    let forgotten = addresses_gone(engine, rules, RetentionClock::Addresses, progress, now).await?;
    if forgotten > 0 {
        tracing::info!(forgotten, "the addresses of people who left are gone");
    }
    if ended + forgotten > 0 {
        scrub(engine).await;
    }
    let trimmed = log_trimmed(engine, rules.periods, progress, now).await?;
    if trimmed > 0 {
        tracing::info!(trimmed, "deliveries of old mailings are out of the log; their counts stay");
    }
    Ok(())
}

/// Destroys the addresses that are over by `clock`, in portions, until one finds nobody more: first what quotes them, because
/// afterwards nobody knows them, then themselves. Each step asks the holds in its own transaction: a clock that has jumped and a
/// restored store destroy nothing.
async fn addresses_gone(
    engine: &EngineContext,
    Rules { periods, traces, .. }: &Rules,
    clock: RetentionClock,
    progress: &Pulse,
    now: Timestamp,
) -> StoreResult<u64> {
    let (mut gone, periods) = (0, *periods);
    loop {
        progress.made();
        let holds = Arc::clone(&engine.holds);
        let look = move |db: &mut Db| {
            let held = !holds.ask(db, now)?.is_empty();
            if held { Ok(Vec::new()) } else { retention::addresses_over(db, clock, periods, now, AT_ONCE) }
        };
        let over = engine.store.read(look).await?;
        if over.is_empty() {
            return Ok(gone);
        }
        let removed = traces.remove_unless_held(Over::addresses(&over), Arc::clone(&engine.holds), now).await?;
        let Some(TracesGone { wordings, letters }) = removed else { return Ok(gone) };
        if wordings + letters > 0 {
            tracing::info!(wordings, letters, "what quoted these addresses is gone");
        }
        let holds = Arc::clone(&engine.holds);
        let destroy = move |db: &mut Db| {
            if holds.ask(db, now)?.is_empty() { retention::destroy(db, clock, periods, &over, now) } else { Ok(0) }
        };
        match engine.store.write(destroy).await? {
            0 => return Ok(gone),
            more => gone += more,
        }
    }
}

/// Removes deliveries of old mailings from the log, in portions, until one finds nothing more to do.
async fn log_trimmed(engine: &EngineContext, periods: Periods, progress: &Pulse, now: Timestamp) -> StoreResult<u64> {
    let mut removed = 0;
    loop {
        progress.made();
        let holds = Arc::clone(&engine.holds);
        let trim = move |db: &mut Db| {
            if holds.ask(db, now)?.is_empty() { retention::trim_log(db, periods, now, ROWS_AT_ONCE) } else { Ok(0) }
        };
        match engine.store.write(trim).await? {
            0 => return Ok(removed),
            more => removed += more,
        }
    }
}

/// Removes the proof that has served its time, in portions, each of which asks the holds in its own transaction. Says whether
/// that is done for the day: not while there is a reason to hold. Of a ledger that is not whole nothing is removed.
async fn proof_gone(
    engine: &EngineContext,
    Rules { periods, proof, .. }: &Rules,
    progress: &Pulse,
    now: Timestamp,
) -> StoreResult<bool> {
    let (mut after, mut people, mut lines) = (0, 0, 0);
    loop {
        progress.made();
        let (holds, clock) = (Arc::clone(&engine.holds), proof.clone());
        let look = move |db: &mut Db| {
            let held = !holds.ask(db, now)?.is_empty();
            if held { Ok(None) } else { clock.next(db, after, now).map(Some) }
        };
        let Some(rows) = engine.store.read(look).await? else { return Ok(false) };
        let Some(last) = rows.last() else { break };
        if after == 0 && !is_whole(engine, proof).await? {
            return Ok(true);
        }
        after = *last;
        for rows in rows.chunks(PEOPLE_AT_ONCE) {
            progress.made();
            let (holds, clock, periods, rows) = (Arc::clone(&engine.holds), proof.clone(), *periods, rows.to_vec());
            let remove = move |db: &mut Db| {
                let held = !holds.ask(db, now)?.is_empty();
                if held { Ok(None) } else { clock.remove(db, periods, &rows, now).map(Some) }
            };
            let Some(gone) = engine.store.write(remove).await? else { return Ok(false) };
            (people, lines) = (people + gone.people, lines + gone.lines);
        }
    }
    if people > 0 {
        let wordings = wordings_gone(engine, proof, progress, now).await?;
        tracing::info!(people, lines, wordings, "proof that has served its time is removed; stubs stay in the ledger");
        scrub(engine).await;
    }
    Ok(true)
}

/// Whether the ledger is whole; says so where it is not.
async fn is_whole(engine: &EngineContext, proof: &ProofClock) -> StoreResult<bool> {
    let (store, clock) = (engine.store.clone(), proof.clone());
    let fault = tokio::task::spawn_blocking(move || clock.fault(&store)).await.map_err(|_| StoreError::Closed)??;
    if let Some(bad) = fault {
        let (line, broken) = (bad.seq, bad.broken.to_string());
        tracing::error!(line, broken, "no proof is removed: the ledger is not whole; see `carillon consent verify`");
    }
    Ok(fault.is_none())
}

/// Forgets the wordings that nothing names any more. Returns how many.
async fn wordings_gone(
    engine: &EngineContext,
    proof: &ProofClock,
    progress: &Pulse,
    now: Timestamp,
) -> StoreResult<u64> {
    let mut gone = 0;
    loop {
        progress.made();
        let clock = proof.clone();
        if !engine.store.read(move |db| clock.has_unnamed_wordings(db)).await? {
            return Ok(gone);
        }
        let (holds, clock) = (Arc::clone(&engine.holds), proof.clone());
        let forget = move |db: &mut Db| {
            if holds.ask(db, now)?.is_empty() { clock.forget_wordings(db, now) } else { Ok(0) }
        };
        match engine.store.write(forget).await? {
            0 => return Ok(gone),
            more => gone += more,
        }
    }
}

/// Leaves nothing of what was removed in the write-ahead log. Kept waiting by a reader, it is done at the next removal or erasure.
async fn scrub(engine: &EngineContext) {
    let store = engine.store.clone();
    let scrubbed = tokio::task::spawn_blocking(move || store.scrub_blocking()).await;
    if !matches!(scrubbed, Ok(Ok(()))) {
        tracing::warn!("the write-ahead log could not be emptied yet");
    }
}
