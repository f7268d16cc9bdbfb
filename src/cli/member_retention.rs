//! `carillon member retention`: what the clocks of retention remove, today and next.

use jiff::Timestamp;
use serde::Serialize;

use super::Context;
use super::exit::Exit;
use super::run::holds;
use crate::counted::counted;
use crate::db::Store;
use crate::db::retention::{self, Ahead};
use crate::member::retention::{Periods, RetentionClock};

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
    /// Whether the daemon removes what is due.
    runs: bool,
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
}

pub(super) fn run(args: &RetentionArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let now = context.clock.now();
    let held = store.read_blocking(|db| holds(&settings).ask(db, now))?;
    let held = held.iter().map(|hold| format!("{}; {}", hold.words(), hold.remedy(&held))).collect();
    let clocks = clocks(&store, settings.consent.periods(), now)?;
    let found = RetentionAhead { at: now, clocks, held };
    if args.json {
        context.json(&found)?;
        return Ok(Exit::Done);
    }
    let rows = found.clocks.iter().map(|ClockAhead { clock, kept, runs, ahead }| {
        let today = if *runs { ahead.today.to_string() } else { "never".to_owned() };
        let next_at = ahead.next_at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
        let next = ahead.next_at.map(|_| ahead.next.to_string()).unwrap_or_default();
        [clock.name().to_owned(), kept.clone(), ahead.due.to_string(), today, next_at, next]
    });
    context.table(["CLOCK", "KEPT FOR", "DUE", "TODAY", "NEXT DUE", "THEN"], rows.collect())?;
    for words in &found.held {
        context.note(format!("nothing but sign-ups goes at present: {words}"))?;
    }
    for ClockAhead { ahead, .. } in found.clocks.iter().filter(|clock| !clock.runs && clock.ahead.due > 0) {
        let people = counted(ahead.due, "member");
        context.note(format!("the proof about {people} is not needed any more; no part of this program removes it"))?;
    }
    let asked = found.clocks.iter().find(|clock| clock.clock == RetentionClock::Renewals);
    if asked.is_some_and(|clock| clock.ahead.due > 0) {
        context.note(
            "renewals: `carillon run` asks these members by letter whether they want to go on, and removes nothing",
        )?;
    }
    context.note("nothing was removed: `carillon run` removes what is due, every hour")?;
    Ok(Exit::Done)
}

fn clocks(store: &Store, periods: Periods, now: Timestamp) -> anyhow::Result<Vec<ClockAhead>> {
    let all = store.snapshot_blocking(|db| {
        let each = RetentionClock::ALL.into_iter().map(|clock| {
            let ahead = retention::ahead(db, clock, periods, now)?;
            Ok(ClockAhead { clock, kept: periods.words(clock), runs: clock.runs(), ahead })
        });
        each.collect()
    });
    Ok(all?)
}
