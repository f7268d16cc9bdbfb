//! `carillon calendar list`: the periods of a market as a table or as JSON.

use jiff::ZonedDateTime;
use jiff::civil::Date;
use serde::Serialize;

use super::super::exit::{Exit, Failure};
use super::super::{Context, terms};
use super::{Stretch, Where, known, load, open, perhaps, season, today, why_none};
use crate::calendar::{Basis, Channel, Confidence, DaysAnswer, Market, OpenQuestion, Period, PeriodKind};
use crate::phrase;
use crate::phrase::Fact;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    stretch: Stretch,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One row of `calendar list --json`. Other programs rely on these keys.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    market: Market,
    channel: Channel,
    kind: PeriodKind,
    season: &'a str,
    label: &'a str,
    starts_at: String,
    ends_at: String,
    first_day: Date,
    last_day: Date,
    /// The first day on which it may be, where that is in doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_begin: Option<Date>,
    /// The last such day.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_end: Option<Date>,
    source: &'a str,
    confidence: Confidence,
    basis: Basis,
}

/// What `--json` has for what is not known, beside the periods: a program that finds no row knows that there is none.
#[derive(Serialize)]
pub(super) struct OpenRow {
    market: Market,
    channel: Channel,
    /// `sale` or `blackout`; none where neither is known.
    kind: Option<PeriodKind>,
    season: Option<String>,
    first_day: Option<Date>,
    last_day: Option<Date>,
    basis: &'static str,
    /// What is not known, in English.
    unknown: String,
}

/// A row of either kind.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AnyRow<'a> {
    Period(Row<'a>),
    Open(OpenRow),
}

/// The rows of what `answer` does not know.
pub(super) fn open_rows(answer: &DaysAnswer, market: Market, channel: Channel) -> impl Iterator<Item = OpenRow> {
    answer.open.iter().map(move |question| {
        let (kind, season) = match question {
            OpenQuestion::Unpublished(gap) => (Some(PeriodKind::Sale), Some(gap.season.clone())),
            OpenQuestion::Outside(_) => (None, None),
            OpenQuestion::Bans { .. } | OpenQuestion::BansBefore { .. } => (Some(PeriodKind::Blackout), None),
        };
        let unknown = open(question, market).to_string();
        OpenRow { market, channel, kind, season, first_day: None, last_day: None, basis: "unknown", unknown }
    })
}

fn rows(answer: &DaysAnswer, market: Market, channel: Channel) -> Vec<AnyRow<'_>> {
    let periods = answer.periods.iter().chain(&answer.doubtful).map(|period| AnyRow::Period(Row::of(period)));
    periods.chain(open_rows(answer, market, channel).map(AnyRow::Open)).collect()
}

impl<'a> Row<'a> {
    pub(super) fn of(period: &'a Period) -> Self {
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
            may_begin: Some(period.may_begin).filter(|day| *day != period.first_day),
            may_end: Some(period.may_end).filter(|day| *day != period.last_day),
            source: &period.source,
            confidence: period.confidence,
            basis: period.basis,
        }
    }
}

/// RFC 3339 with the zone's offset and without its name.
fn with_offset(instant: &ZonedDateTime) -> String {
    instant.timestamp().display_with_offset(instant.offset()).to_string()
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = load(context)?;
    let Where { market, channel } = args.at;
    known(&calendar, market)?;
    let (from, to) = args.stretch.days(today(context, &calendar, market));
    if to < from {
        return Err(Failure::usage(phrase!("stretch-backwards")));
    }
    let answer = calendar.answer(&market, channel, from, to);
    for question in &answer.open {
        context.remark(&open(question, market))?;
    }
    if args.json {
        context.json(&rows(&answer, market, channel))?;
        return Ok(Exit::Done);
    }
    if let Some(none) = answer.known_none() {
        context.remark(&why_none(&calendar, market, none))?;
        return Ok(Exit::Done);
    }
    let DaysAnswer { mut periods, doubtful, .. } = answer;
    for period in &doubtful {
        context.remark(&perhaps(period))?;
    }
    periods.extend(doubtful);
    periods.sort_by_key(|period| (period.first_day, period.kind));
    if !periods.is_empty() {
        table(&periods, context)?;
        notes(&periods, context)?;
    }
    Ok(Exit::Done)
}

fn table(periods: &[Period], context: &mut Context) -> anyhow::Result<()> {
    let rows = periods.iter().map(|period| {
        let starts = period.starts_at.strftime("%a %Y-%m-%d %H:%M").to_string();
        let last = period.last_day.strftime("%a %Y-%m-%d").to_string();
        [
            period.market.to_string(),
            context.words(&terms::period_kind(period.kind)),
            context.words(&terms::season(&period.season)),
            period.label.clone(),
            context.words(&phrase!("period-starts", short = starts, at = period.starts_at.datetime())),
            context.words(&phrase!("period-ends", short = last, on = period.last_day)),
            context.words(&terms::basis(period.basis)),
            context.words(&terms::confidence(period.confidence)),
        ]
    });
    let rows = rows.collect();
    let header = [
        phrase!("column-market"),
        phrase!("column-kind"),
        phrase!("column-season"),
        phrase!("column-name"),
        phrase!("column-starts"),
        phrase!("column-last-day"),
        phrase!("column-basis"),
        phrase!("column-confidence"),
    ];
    Ok(context.table(header, rows)?)
}

/// Says each uncertainty once, with the periods that it concerns.
fn notes(periods: &[Period], context: &mut Context) -> anyhow::Result<()> {
    let mut said: Vec<(&str, Vec<Fact>)> = Vec::new();
    for period in periods {
        let season = Fact::from(season(&period.season, period.year));
        for note in period.notes() {
            match said.iter_mut().find(|(known, _)| *known == note) {
                Some((_, seasons)) if seasons.contains(&season) => {}
                Some((_, seasons)) => seasons.push(season.clone()),
                None => said.push((note, vec![season.clone()])),
            }
        }
    }
    for (note, seasons) in said {
        context.remark(&phrase!("period-note", seasons = seasons, note = Fact::Data(note.to_owned())))?;
    }
    Ok(())
}
