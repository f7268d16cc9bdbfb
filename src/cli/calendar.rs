//! `carillon calendar`: the legal dates, and why they are what they are.

use clap::Subcommand;
use jiff::civil::Date;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use crate::calendar::{Basis, Calendar, Channel, Confidence, Market, Period, PeriodKind};

/// The arguments of `carillon calendar`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the sales periods and blackouts that touch a stretch of days
    List(ListArgs),
}

/// Which market and channel.
#[derive(Debug, clap::Args)]
struct Where {
    /// Where the consumers are: a country such as FR, or a part of one such as FR-57 or IT-25
    #[arg(long, value_name = "MARKET")]
    market: Market,
    /// How they buy
    #[arg(long, value_name = "online|store")]
    channel: Channel,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    at: Where,
    /// The first day, such as 2027-01-01
    #[arg(long, value_name = "DAY")]
    from: Date,
    /// The last day, inclusive
    #[arg(long, value_name = "DAY")]
    to: Date,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::List(args) => list(args, context),
    }
}

/// The built-in calendar with what the operator's override files add.
#[expect(clippy::unnecessary_wraps, reason = "override files, which can be wrong, are read here")]
pub(super) fn load(_context: &Context) -> anyhow::Result<Calendar> {
    Ok(Calendar::built_in())
}

/// One row of `calendar list --json`. Other programs rely on these keys.
#[derive(Serialize)]
struct Row<'a> {
    market: Market,
    channel: Channel,
    kind: PeriodKind,
    season: &'a str,
    label: &'a str,
    starts_at: String,
    ends_at: String,
    first_day: Date,
    last_day: Date,
    source: &'a str,
    confidence: Confidence,
    basis: Basis,
}

impl<'a> Row<'a> {
    fn of(period: &'a Period) -> Self {
        Self {
            market: period.market,
            channel: period.channel,
            kind: period.kind,
            season: &period.season,
            label: &period.label,
            starts_at: with_offset(&period.starts_at),
            ends_at: with_offset(&period.ends_at),
            first_day: period.first_day,
            last_day: period.last_day,
            source: &period.source,
            confidence: period.confidence,
            basis: period.basis,
        }
    }
}

/// RFC 3339 with the zone's offset and without its name.
fn with_offset(instant: &jiff::ZonedDateTime) -> String {
    instant.timestamp().display_with_offset(instant.offset()).to_string()
}

fn list(args: ListArgs, context: &mut Context) -> anyhow::Result<Exit> {
    if args.to < args.from {
        return Err(Failure::usage("`--to` lies before `--from`"));
    }
    let calendar = load(context)?;
    let Where { market, channel } = args.at;
    known(&calendar, market)?;
    let periods = calendar.periods(&market, channel, args.from, args.to);
    for gap in calendar.gaps(&market, channel, args.from, args.to) {
        context.note(format!(
            "unknown: the {} {} dates of {} are set by a text of their own and are not in the calendar; look at {}",
            gap.season, gap.year, gap.market, gap.look
        ))?;
    }
    if args.json {
        let rows: Vec<Row> = periods.iter().map(Row::of).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let rows = periods.iter().map(|period| {
        [
            period.market.to_string(),
            period.kind.to_string(),
            period.season.clone(),
            period.label.clone(),
            period.starts_at.strftime("%a %Y-%m-%d %H:%M").to_string(),
            period.last_day.strftime("%a %Y-%m-%d").to_string(),
            period.basis.to_string(),
            period.confidence.to_string(),
        ]
    });
    let rows: Vec<[String; 8]> = rows.collect();
    context.table(["market", "kind", "season", "name", "starts", "last day", "basis", "confidence"], rows)?;
    let mut notes: Vec<(String, &str)> = Vec::new();
    for period in &periods {
        for note in period.notes().filter(|note| !note.is_empty()) {
            if !notes.iter().any(|(_, known)| *known == note) {
                notes.push((format!("{} {}", period.season, period.year), note));
            }
        }
    }
    for (season, note) in notes {
        context.note(format!("note, {season}: {note}"))?;
    }
    Ok(Exit::Done)
}

fn known(calendar: &Calendar, market: Market) -> anyhow::Result<()> {
    if calendar.knows(&market) {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the calendar knows no market `{market}`; `carillon calendar markets` lists those it knows"
    )))
}
