//! `carillon calendar override`: files that amend the calendar, read from and written to the operator's folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::super::Context;
use super::super::exit::{Exit, Failure};
use super::list::Row;
use crate::calendar::{Calendar, Channel, Market, NewOrder, PeriodKind};
use crate::config::calendar_overrides;
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};
use crate::text::WebAddress;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Add an order that sets the dates of one period, with its source and your name
    Add(AddArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    /// Whose dates the order sets, such as FR or FR-57
    #[arg(long, value_name = "MARKET")]
    market: Market,
    /// The season, such as summer
    #[arg(long)]
    season: String,
    /// The year in which the sale starts
    #[arg(long)]
    year: i16,
    /// online or store, when the order sets the dates of only one of them
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// The order sets the blackout before that sale, not the sale itself
    #[arg(long)]
    blackout: bool,
    /// The first day
    #[arg(long, value_name = "DAY")]
    first_day: Date,
    /// The last day, inclusive
    #[arg(long, value_name = "DAY")]
    last_day: Date,
    /// The opening hour, such as 08:00, when it is not the usual one
    #[arg(long, value_name = "HOUR")]
    hour: Option<Time>,
    /// The web address of the order
    #[arg(long, value_name = "URL")]
    source: String,
}

pub(super) fn add(args: AddArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let folder = context.settings()?.calendars;
    let order = new_order(args, context)?;
    let path = folder.join(format!("{}.toml", order.id()));
    let document = order.document(path.display().to_string());
    let mut all = calendar_overrides(&folder)?;
    if all.iter().any(|known| known.name == document.name) {
        return Err(Failure::refused(phrase!("order-exists", file = &document.name)));
    }
    all.push(document.clone());
    let calendar = match Calendar::built_in().with_overrides(&all) {
        Ok(calendar) => calendar,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    write_new(&folder, &path, &document.text)
        .with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
    context.remark(&phrase!("order-written", file = Fact::text(path.display())))?;
    let NewOrder { market, kind, season, year, channel, .. } = &order;
    let period = calendar.period(market, channel.unwrap_or(Channel::Store), *kind, season, *year)?;
    context.json(&Row::of(&period))?;
    Ok(Exit::Done)
}

fn new_order(args: AddArgs, context: &Context) -> anyhow::Result<NewOrder> {
    let source =
        WebAddress::parse(&args.source).map_err(|why| Failure::usage(phrase!("order-source", why = why.phrase())))?;
    Ok(NewOrder {
        market: args.market,
        channel: args.channel,
        kind: if args.blackout { PeriodKind::Blackout } else { PeriodKind::Sale },
        season: args.season,
        year: args.year,
        first_day: args.first_day,
        last_day: args.last_day,
        hour: args.hour,
        source: source.to_string(),
        who: context.answering(phrase!("who-orders"))?.to_owned(),
        added_on: context.clock.now().to_zoned_datetime(TimeZone::UTC).date(),
    })
}

/// Writes a file that did not exist, whole or not at all.
fn write_new(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".draft-{}", std::process::id()));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A link, unlike a rename, never replaces a file that another person wrote meanwhile.
        fs::hard_link(&draft, path)?;
        File::open(folder)?.sync_all()
    });
    fs::remove_file(&draft)?;
    written
}
