//! `carillon clock`: whether the clock is believed, and a person's word that it is right.

use std::io::{BufRead as _, IsTerminal as _};

use clap::Subcommand;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use crate::db::clock;
use crate::language::InterfaceLanguage;
use crate::time_trust::{ClockStanding, Leeway, Span, judge, shown};

/// The arguments of `carillon clock`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say that this machine's clock is right, after it was doubted
    ///
    /// Needed when nothing has run for longer than `allowed_leap_days`, or when a clock was wrong before. The command
    /// shows the time and asks; what you answer is in the audit log with your name. A running daemon goes on within the
    /// minute.
    Confirm {
        /// Confirm without being asked
        #[arg(long)]
        yes: bool,
    },
}

/// How the clock stands, for programs.
#[derive(Debug, Serialize)]
struct Report {
    now: Timestamp,
    newest_believed: Option<Timestamp>,
    allowed_ahead_seconds: i64,
    allowed_behind_seconds: i64,
    verdict: &'static str,
    words: String,
    remedy: Option<&'static str>,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        None => show(args.json, context),
        Some(Verb::Confirm { yes }) => confirm(yes, context),
    }
}

/// Ends with 1 when the clock is doubted.
fn show(json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let now = context.clock.now();
    let newest = store.read_blocking(clock::newest)?;
    let standing = judge(now, newest, settings.clock);
    if json {
        context.json(&report(now, newest, settings.clock, standing))?;
    } else {
        write(now, newest, settings.clock, standing, context)?;
    }
    Ok(if standing.is_believed() { Exit::Done } else { Exit::Refused })
}

fn report(now: Timestamp, newest: Option<Timestamp>, leeway: Leeway, standing: ClockStanding) -> Report {
    Report {
        now,
        newest_believed: newest,
        allowed_ahead_seconds: leeway.ahead().as_secs(),
        allowed_behind_seconds: leeway.behind().as_secs(),
        verdict: standing.id(),
        words: standing.to_string(),
        remedy: (!standing.is_believed()).then(|| standing.remedy()),
    }
}

fn write(
    now: Timestamp,
    newest: Option<Timestamp>,
    leeway: Leeway,
    standing: ClockStanding,
    context: &mut Context,
) -> std::io::Result<()> {
    context.tell(format!("now       {}", shown(now)))?;
    context.tell(match newest {
        Some(newest) => format!("believed  {}", shown(newest)),
        None => "believed  nothing yet".to_owned(),
    })?;
    context.tell(format!("allowed   {} ahead, {} behind", Span(leeway.ahead()), Span(leeway.behind())))?;
    context.tell(standing)?;
    if !standing.is_believed() {
        context.tell("until then no mailing begins, ends or is sent, and no consent expires")?;
        context.tell(format!("  do: {}", standing.remedy()))?;
    }
    Ok(())
}

fn confirm(yes: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let standing = |now| store.read_blocking(|db| clock::standing(db, now, settings.clock));
    let asked_at = context.clock.now();
    if standing(asked_at)?.is_believed() {
        context.tell("the clock is believed already; there is nothing to confirm")?;
        return Ok(Exit::Done);
    }
    context.hint(standing(asked_at)?)?;
    if !yes && !ask(asked_at, context)? {
        return Err(Failure::refused(
            "nothing was confirmed; look at another clock and the calendar, and say `carillon clock confirm --yes` when this \
             one is right",
        ));
    }
    let now = context.clock.now();
    if now.duration_since(asked_at).abs() > SignedDuration::from_mins(10) {
        return Err(Failure::refused("nothing was confirmed: the clock has moved on since you were asked; ask again"));
    }
    store.write_blocking(|db| clock::confirm(db, &context.who, now))?;
    context.tell(format!("confirmed by {}: it is {}", context.who, shown(now)))?;
    Ok(Exit::Done)
}

/// Asks the person at the terminal; without one, nobody is asked and the answer is no.
fn ask(now: Timestamp, context: &mut Context) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let here = match context.language {
        InterfaceLanguage::En => {
            now.to_zoned_datetime(TimeZone::system()).strftime("%A %-d %B %Y, %H:%M (%Z)").to_string()
        }
        // With the name of the day, too.
        InterfaceLanguage::Fr => context.moment(now, &TimeZone::system()),
    };
    context.hint(format!("this machine shows {here}. Is that the present day and time? Type `yes`:"))?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "yes" | "y" | "oui" | "o"))
}
