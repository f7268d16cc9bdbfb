//! `carillon calendar`: the legal dates, and why they are what they are.

mod explain;
mod list;
mod order;

use std::collections::BTreeSet;

use clap::Subcommand;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::exit::{Exit, Failure};
use super::{Context, terms};
use crate::calendar::{
    Basis, Calendar, Channel, KnownNone, Market, MarketListing, OpenQuestion, Period, RuleReach, UnpublishedPeriod,
    ics, unpublished,
};
use crate::campaign::Schedule;
use crate::config::calendar_overrides;
use crate::db::campaigns::{self, AppliedCampaign};
use crate::document::Document;
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};
use crate::text::Slug;

/// The arguments of `carillon calendar`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the sales periods and blackouts that touch a stretch of days
    List(list::Args),
    /// Explain a day in a market: the sale or the ban it lies in, the law behind it, and what is uncertain about it
    Explain(explain::Args),
    /// List the coming periods that have not been published yet, computed or unknown, and where to look for them
    Check(CheckArgs),
    /// Print the periods as a calendar feed for Thunderbird, Google or Outlook
    Ics(IcsArgs),
    /// List the markets that the calendar knows, and what kind of rules each has
    Markets(MarketsArgs),
    /// Add a new official order to the calendar, without waiting for a release
    #[command(subcommand)]
    Override(order::Verb),
}

/// Which market and channel.
#[derive(Debug, clap::Args)]
struct Where {
    /// Where the customers are: a country such as FR, or a part of one such as FR-57 or IT-25
    #[arg(long, value_name = "MARKET")]
    market: Market,
    /// How they buy: online or store. Online sales in France follow the national dates wherever the buyer lives
    #[arg(long, value_name = "CHANNEL", default_value = "store")]
    channel: Channel,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// A market to check; may be given several times. Without it, every country whose law sets dates
    #[arg(long = "market", value_name = "MARKET")]
    markets: Vec<Market>,
    /// How people buy: online or store
    #[arg(long, value_name = "CHANNEL", default_value = "store")]
    channel: Channel,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct IcsArgs {
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    stretch: Stretch,
}

/// A stretch of days.
#[derive(Debug, clap::Args)]
struct Stretch {
    /// The first day; without it, 1 January of this year
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, inclusive; without it, the end of next year
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
}

impl Stretch {
    /// The first day and the last one.
    fn days(&self, today: Date) -> (Date, Date) {
        let from = self.from.unwrap_or_else(|| today.first_of_year());
        (from, self.to.unwrap_or_else(|| today.saturating_add(1.year()).last_of_year()))
    }
}

#[derive(Debug, clap::Args)]
struct MarketsArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::List(args) => list::run(&args, context),
        Verb::Explain(args) => explain::run(&args, context),
        Verb::Check(args) => check(&args, context),
        Verb::Ics(args) => feed(&args, context),
        Verb::Markets(args) => markets(&args, context),
        Verb::Override(order::Verb::Add(args)) => order::add(args, context),
    }
}

/// The built-in calendar with what the operator's override files add. Without a configuration file it is the built-in
/// one.
///
/// # Errors
/// The configuration is wrong, a file cannot be read, or an override does not fit; the error names file and line.
pub(super) fn load(context: &Context) -> anyhow::Result<Calendar> {
    let Some(settings) = context.settings_if_any()? else { return Ok(Calendar::built_in()) };
    let documents = calendar_overrides(&settings.calendars)?;
    Calendar::built_in().with_overrides(&documents).map_err(|findings| refused(&documents, &findings))
}

fn refused(documents: &[Document], findings: &[Finding]) -> anyhow::Error {
    let said = findings.iter().map(|finding| {
        let (message, remedy) = (finding.message.clone(), finding.remedy.clone());
        phrase!("override-unfit", place = Fact::text(&finding.place), message = message, remedy = remedy)
    });
    let findings = said.reduce(|before, next| phrase!("override-and", before = before, next = next));
    let findings = findings.unwrap_or_else(|| Phrase::quoted(""));
    Failure::usage(phrase!("overrides-unfit", files = documents.len(), findings = findings))
}

/// Refuses a market that the calendar does not have.
pub(super) fn known(calendar: &Calendar, market: Market) -> anyhow::Result<()> {
    calendar.must_know(&market).map_err(|unknown| Failure::refused(unknown.phrase()))
}

/// Today where the market is.
fn today(context: &Context, calendar: &Calendar, market: Market) -> Date {
    let zone = calendar.zone(&market).unwrap_or(TimeZone::UTC);
    context.clock.now().to_zoned_datetime(zone).date()
}

/// One row of `calendar check --json`.
#[derive(Serialize)]
struct Unpublished<'a> {
    market: Market,
    channel: Channel,
    kind: String,
    season: &'a str,
    year: i16,
    first_day: Option<Date>,
    last_day: Option<Date>,
    look: &'a str,
    /// The applied campaigns that rely on it.
    campaigns: Vec<Slug>,
}

/// The schedules of the applied campaigns that are not over; none before there is a configuration.
fn running_schedules(context: &Context) -> anyhow::Result<Vec<Schedule>> {
    if !context.config_path.exists() {
        return Ok(Vec::new());
    }
    let (_, store) = context.open_store()?;
    let now = context.clock.now();
    let running = |campaign: &AppliedCampaign| campaign.cancelled_at.is_none() && campaign.schedule.closes_at > now;
    let applied = store.read_blocking(campaigns::list)?;
    Ok(applied.into_iter().filter(running).map(|campaign| campaign.schedule).collect())
}

/// The campaigns among `schedules` that rely on a period.
fn relying_on(schedules: &[Schedule], period: &Period) -> Vec<Slug> {
    let relies = |schedule: &&Schedule| {
        schedule.anchors.iter().any(|anchor| {
            (anchor.market, anchor.kind, anchor.season.as_str(), anchor.year)
                == (period.market, period.kind, period.season.as_str(), period.year)
        })
    };
    schedules.iter().filter(relies).map(|schedule| schedule.slug.clone()).collect()
}

fn check(args: &CheckArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = load(context)?;
    let markets = if args.markets.is_empty() { dated_countries(&calendar) } else { args.markets.clone() };
    let mut periods = Vec::new();
    let mut gaps = Vec::new();
    for market in markets {
        known(&calendar, market)?;
        let today = today(context, &calendar, market);
        let horizon = today.saturating_add(18.months());
        let coming = calendar.periods(&market, args.channel, today, horizon);
        periods.extend(unpublished(&coming, today).cloned());
        gaps.extend(calendar.gaps(&market, args.channel, today, horizon));
    }
    let schedules = running_schedules(context)?;
    for schedule in &schedules {
        for anchor in &schedule.anchors {
            let relied = calendar.period(&anchor.market, schedule.channel, anchor.kind, &anchor.season, anchor.year);
            periods.extend(relied.into_iter().filter(|period| period.basis != Basis::Published));
        }
    }
    let mut seen = BTreeSet::new();
    periods.retain(|period| seen.insert((period.market.to_string(), period.kind.to_string(), period.first_day)));
    let look = |market: Market| {
        let country = calendar.country(&market);
        country.and_then(|country| country.regulation.look.as_deref()).unwrap_or("the official gazette")
    };
    let mut rows: Vec<Unpublished> = Vec::new();
    rows.extend(periods.iter().map(|period| Unpublished {
        market: period.market,
        channel: args.channel,
        kind: period.kind.to_string(),
        season: &period.season,
        year: period.year,
        first_day: Some(period.first_day),
        last_day: Some(period.last_day),
        look: look(period.market),
        campaigns: relying_on(&schedules, period),
    }));
    rows.extend(gaps.iter().map(|gap| Unpublished {
        market: gap.market,
        channel: args.channel,
        kind: "sale".to_owned(),
        season: &gap.season,
        year: gap.year,
        first_day: None,
        last_day: None,
        look: &gap.look,
        campaigns: Vec::new(),
    }));
    if args.json {
        context.json(&rows)?;
    } else {
        let day = |day: Option<Date>| match day {
            Some(day) => context.written(day),
            None => context.words(&phrase!("day-unknown")),
        };
        let table = rows.iter().map(|row| {
            let season = context.words(&season(row.season, row.year));
            let days = (day(row.first_day), day(row.last_day));
            let campaigns = row.campaigns.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ");
            let kind = context.words(&phrase!("term-period-kind", word = &row.kind));
            let look = context.written(Fact::Data(row.look.to_owned()));
            [row.market.to_string(), kind, season, days.0, days.1, campaigns, look]
        });
        let table = table.collect();
        let header = [
            phrase!("column-market"),
            phrase!("column-kind"),
            phrase!("column-season"),
            phrase!("column-first-day"),
            phrase!("column-last-day"),
            phrase!("column-relied-on"),
            phrase!("column-compare"),
        ];
        context.table(header, table)?;
    }
    if rows.is_empty() {
        context.remark(&phrase!("periods-published"))?;
    }
    Ok(Exit::Done)
}

fn dated_countries(calendar: &Calendar) -> Vec<Market> {
    use crate::calendar::RegulationState::{Dates, Published};
    let listed = calendar.markets().into_iter();
    let dated = listed
        .filter(|listing| listing.rules == RuleReach::National && matches!(listing.regulation, Dates | Published));
    dated.map(|listing| listing.market).collect()
}

fn feed(args: &IcsArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = load(context)?;
    let Where { market, channel } = args.at;
    known(&calendar, market)?;
    let today = today(context, &calendar, market);
    let (from, to) = args.stretch.days(today);
    let periods = calendar.periods(&market, channel, from, to);
    let unpublished = calendar.gaps(&market, channel, from, to);
    for gap in &unpublished {
        context.remark(&unknown(gap))?;
    }
    let what = ics::FeedOf { channel, periods: &periods, unpublished: &unpublished };
    if what.is_empty() {
        let answer = calendar.answer(&market, channel, from, to);
        let why = match answer.known_none() {
            Some(none) => why_none(&calendar, market, none),
            None => phrase!("periods-none-dated", says = says_of_dates(&calendar, market)),
        };
        return Err(Failure::refused(phrase!("feed-empty", why = why)));
    }
    let as_of = calendar.country(&market).map_or(today, |country| country.as_of);
    let stamp = as_of.to_zoned_datetime(TimeZone::UTC)?.timestamp();
    let name = format!("{market} {}: legal sales dates", context.words(&terms::channel(channel)));
    let say = |english: &str| context.written(Fact::english(english));
    let feed = ics::feed(&say(&name), &what, stamp, &say);
    write!(context.out, "{feed}")?;
    Ok(Exit::Done)
}

/// What is said of sales without dates.
fn unknown(gap: &UnpublishedPeriod) -> Phrase {
    let UnpublishedPeriod { market, season: name, year, look, .. } = gap;
    let (season, market) = (season(name, *year), Fact::text(market));
    phrase!("period-unknown", season = season, market = market, look = Fact::Data(look.clone()))
}

/// A season and its year.
fn season(season: &str, year: i16) -> Phrase {
    phrase!("season-of-year", season = terms::season(season), year = Fact::text(year))
}

/// What is said of what the calendar does not know.
fn open(question: &OpenQuestion, market: Market) -> Phrase {
    let market = Fact::text(market);
    match question {
        OpenQuestion::Unpublished(gap) => unknown(gap),
        OpenQuestion::Outside(why) => phrase!("period-outside", market = market, why = Fact::Data(why.clone())),
        OpenQuestion::Bans { look } => {
            phrase!("period-bans-unknown", market = market, look = Fact::Data(look.clone()))
        }
        OpenQuestion::BansBefore { since, look } => {
            phrase!("period-bans-unknown-before", market = market, since = *since, look = Fact::Data(look.clone()))
        }
    }
}

/// What is said of a period that may lie on the days that were asked about.
fn perhaps(period: &Period) -> Phrase {
    phrase!(
        "period-perhaps",
        kind = terms::period_kind(period.kind),
        label = period.label.as_str(),
        season = season(&period.season, period.year),
        market = Fact::text(period.market),
        first = period.first_day,
        last = period.last_day,
        may_begin = period.may_begin,
        may_end = period.may_end
    )
}

/// Why no period touches the days that were asked about, which is known.
fn why_none(calendar: &Calendar, market: Market, _known: KnownNone) -> Phrase {
    phrase!("periods-none", says = says_of_dates(calendar, market))
}

/// What the law of the market says of dates.
fn says_of_dates(calendar: &Calendar, market: Market) -> Fact {
    let note = calendar.listing(&market).and_then(|listing| listing.note);
    let says = note.or_else(|| calendar.country(&market).map(|country| country.regulation.says.clone()));
    Fact::Data(says.unwrap_or_default())
}

fn markets(args: &MarketsArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let markets = load(context)?.markets();
    if args.json {
        context.json(&markets)?;
        return Ok(Exit::Done);
    }
    let rows = markets.into_iter().map(|listing| {
        let rules = words(&listing);
        let MarketListing { market, name, zone, note, .. } = listing;
        let note = context.written(Fact::Data(note.unwrap_or_default()));
        [market.to_string(), context.written(Fact::Data(name)), context.words(&rules), zone, note]
    });
    let rows = rows.collect();
    let header = [
        phrase!("column-market"),
        phrase!("column-name"),
        phrase!("column-rules"),
        phrase!("column-zone"),
        phrase!("column-note"),
    ];
    context.table(header, rows)?;
    Ok(Exit::Done)
}

fn words(listing: &MarketListing) -> Phrase {
    use crate::calendar::RegulationState::{Dates, Published, Unknown, Unregulated, WithinLimits};
    match (listing.rules, listing.regulation) {
        (RuleReach::Outside, _) => phrase!("rules-none"),
        (RuleReach::Own, _) => phrase!("rules-own"),
        (RuleReach::FollowsCountry, _) => phrase!("rules-country"),
        (RuleReach::National, Dates) => phrase!("rules-dates"),
        (RuleReach::National, Published) => phrase!("rules-published"),
        (RuleReach::National, WithinLimits) => phrase!("rules-within-limits"),
        (RuleReach::National, Unregulated) => phrase!("rules-free"),
        (RuleReach::National, Unknown) => phrase!("rules-unknown"),
    }
}
