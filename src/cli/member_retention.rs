//! `carillon member retention`: what the clocks of retention remove, today and next.

use jiff::Timestamp;
use serde::Serialize;

use super::Context;
use super::exit::Exit;
use super::run::holds;
use super::terms;
use crate::config::load_keyring;
use crate::db::Store;
use crate::db::retention::{self, Ahead, ProofClock};
use crate::member::retention::{Periods, RetentionClock};
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon member retention`.
#[derive(Debug, clap::Args)]
pub(super) struct RetentionArgs {
    /// Remove nothing. This command never does, with or without it: only `carillon run` removes what is due
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One clock, its period, and what it removes.
#[derive(Serialize)]
struct ClockAhead {
    clock: RetentionClock,
    kept: String,
    #[serde(flatten)]
    ahead: Ahead,
}

/// All clocks at an instant.
#[derive(Serialize)]
struct RetentionAhead {
    at: Timestamp,
    clocks: Vec<ClockAhead>,
    /// Why nothing but sign-ups goes at present, in words.
    held: Vec<String>,
    /// Why no proof goes beside that, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_held: Option<String>,
}

pub(super) fn run(args: &RetentionArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let (now, proof) = (context.clock.now(), ProofClock::new(load_keyring(&settings.keys)?));
    let held = store.read_blocking(|db| holds(&settings).ask(db, now))?;
    let held = held.iter().map(|hold| format!("{}; {}", hold.words(), hold.remedy(&held))).collect();
    let clocks = clocks(&store, settings.consent.periods(), &proof, now)?;
    let goes = |clock| clocks.iter().any(|ahead| ahead.clock == clock && ahead.ahead.due > 0);
    let fault = if goes(RetentionClock::Proof) { proof.fault(&store)? } else { None };
    let proof_held = fault.map(|bad| {
        format!("line {} of the ledger: {}; `carillon consent verify` says what to do", bad.seq, bad.broken)
    });
    let asks = goes(RetentionClock::Renewals);
    let found = RetentionAhead { at: now, clocks, held, proof_held };
    if args.json {
        context.json(&found)?;
        return Ok(Exit::Done);
    }
    let rows = found.clocks.iter().map(|ClockAhead { clock, kept, ahead }| {
        let next_at = ahead.next_at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
        let next = ahead.next_at.map(|_| ahead.next.to_string()).unwrap_or_default();
        let (clock, kept) = (context.words(&terms::retention_clock(*clock)), context.written(Fact::english(kept)));
        [clock, kept, ahead.due.to_string(), ahead.today.to_string(), next_at, next]
    });
    let rows: Vec<_> = rows.collect();
    context.table(
        [
            phrase!("column-clock"),
            phrase!("column-kept-for"),
            phrase!("column-due"),
            phrase!("column-today"),
            phrase!("column-next-due"),
            phrase!("column-then"),
        ],
        rows,
    )?;
    for words in &found.held {
        context.hint(format!("nothing but sign-ups goes at present: {words}"))?;
    }
    if let Some(words) = &found.proof_held {
        context.hint(format!("no proof goes at present: {words}"))?;
    }
    if asks {
        context.hint(
            "renewals: `carillon run` asks these members by letter whether they want to go on, and removes nothing",
        )?;
    }
    context.hint("nothing was removed: `carillon run` removes what is due, every hour, and proof once a day")?;
    Ok(Exit::Done)
}

fn clocks(store: &Store, periods: Periods, proof: &ProofClock, now: Timestamp) -> anyhow::Result<Vec<ClockAhead>> {
    let all = store.snapshot_blocking(|db| {
        let each = RetentionClock::ALL.into_iter().map(|clock| {
            let ahead = retention::ahead(db, clock, periods, proof, now)?;
            Ok(ClockAhead { clock, kept: periods.words(clock), ahead })
        });
        each.collect()
    });
    Ok(all?)
}
