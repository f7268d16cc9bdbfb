//! `carillon calendar list`: the periods of a market as a table or as JSON.

use jiff::ZonedDateTime;
use jiff::civil::Date;
use serde::Serialize;

use super::super::exit::{Exit, Failure};
use super::super::{Context, terms};
use super::{Stretch, Where, known, load, season, today, unknown, why_none};
use crate::calendar::{Basis, Channel, Confidence, Market, Period, PeriodKind};
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
    source: &'a str,
    confidence: Confidence,
    basis: Basis,
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
    let periods = calendar.periods(&market, channel, from, to);
    for gap in calendar.gaps(&market, channel, from, to) {
        context.remark(&unknown(&gap))?;
    }
    if args.json {
        context.json(&periods.iter().map(Row::of).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if periods.is_empty() {
        context.remark(&why_none(&calendar, market))?;
        return Ok(Exit::Done);
    }
    table(&periods, context)?;
    notes(&periods, context)?;
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
