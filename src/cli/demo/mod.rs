//! `carillon demo`: a whole season in a scratch folder, on a simulated clock and without a network.
//!
//! The commands are those that a shop would type, and the planner, the senders, the late check and the gate are the real
//! ones. Only the clock is moved by hand, and the mails are written into a folder.

mod audience;
mod season;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::exit::{Exit, Failure};
use super::story::Story;
use crate::calendar::{Calendar, Channel, Market, PeriodKind};
use crate::clock::Clock;
use crate::phrase;
use crate::phrase::Fact;
use season::DemoSeason;

/// The arguments of `carillon demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to set up the shop; a new temporary folder when left out
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How many members the shop has
    #[arg(long, value_name = "N", default_value_t = 320, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    members: u32,
    /// Afterwards, keep the pages and the gate up on this machine, with the countdown on the real clock
    #[arg(long)]
    serve: bool,
    /// The address and port for `--serve`
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let folder = scratch(args.dir)?;
    let (year, starts_at) = next_winter(context.clock.now())?;
    // The shop opens its books a week before the window does.
    let begins_at = starts_at.checked_sub(SignedDuration::from_hours(12 * 24))?;
    let clock = Clock::manual(begins_at);
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let mut story = Story::new(&mut *context.out, clock.clone(), paris, context.language);
    story.title(&phrase!("demo-title", year = Fact::text(year)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut season = DemoSeason::set_up(&folder, year, args.members, clock, &mut story)?;
    runtime.block_on(season.live(&mut story))?;
    let adds_up = season.account(&mut story)?;
    if !adds_up {
        return Err(Failure::refused(phrase!("demo-account-wrong")));
    }
    if args.serve {
        runtime.block_on(season.serve(&args.listen, context))?;
    } else {
        context.remark(&phrase!("demo-serve"))?;
    }
    Ok(Exit::Done)
}

/// The next winter soldes online in France that leave time to prepare: their year and their first instant.
fn next_winter(now: Timestamp) -> anyhow::Result<(i16, Timestamp)> {
    let market: Market = "FR".parse()?;
    let calendar = Calendar::built_in();
    let this_year = TimeZone::UTC.to_datetime(now).year();
    for year in this_year..=this_year.saturating_add(2) {
        let period = calendar.period(&market, Channel::Online, PeriodKind::Sale, "winter", year)?;
        let starts_at = period.starts_at.timestamp();
        if starts_at.duration_since(now) > SignedDuration::from_hours(24) {
            return Ok((year, starts_at));
        }
    }
    Err(Failure::refused(phrase!("demo-no-winter")))
}

fn scratch(dir: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(dir) = dir {
        return Ok(dir);
    }
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| Failure::unreachable(format!("no random numbers: {error}")))?;
    Ok(std::env::temp_dir().join(format!("carillon-demo-{:08x}", u32::from_be_bytes(random))))
}
