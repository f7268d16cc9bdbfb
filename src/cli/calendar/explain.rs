//! `carillon calendar explain`: what a day is, in plain words.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::super::exit::{Exit, Failure};
use super::super::{Context, terms};
use super::list::{OpenRow, Row, open_rows};
use super::{Where, known, load, open, perhaps};
use crate::calendar::{
    Basis, Calendar, Country, DaysAnswer, KnownNone, LegalBasis, LegalFact, Market, Mechanics, OpenQuestion, Period,
    PeriodKind, RegulationState, UnpublishedPeriod,
};
use crate::compliance;
use crate::phrase::Fact;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: Where,
    /// The day to explain, such as 2027-01-02
    #[arg(value_name = "DAY")]
    day: Date,
    /// Add what the law of the country asks beyond its dates: words, goods, prior prices, notices
    #[arg(long)]
    law: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What `explain --law --json` says.
#[derive(Serialize)]
struct ExplainedWithLaw<'a> {
    periods: Vec<AnyExplained<'a>>,
    law: Vec<LegalFact>,
}

/// What `explain --json` says of one period.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    year: i16,
    sectors: &'a [String],
    max_days: Option<u16>,
    grounds: Vec<&'a LegalBasis>,
    mechanics: Option<&'a Mechanics>,
}

/// What `explain --json` says of a period, or of what is not known.
#[derive(Serialize)]
#[serde(untagged)]
enum AnyExplained<'a> {
    Period(Explained<'a>),
    Open(OpenRow),
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = load(context)?;
    let Where { market, channel } = args.at;
    known(&calendar, market)?;
    let answer = calendar.answer(&market, channel, args.day, args.day);
    let DaysAnswer { periods, doubtful, .. } = &answer;
    if args.json {
        let explained = periods.iter().chain(doubtful).map(|period| {
            AnyExplained::Period(Explained {
                row: Row::of(period),
                year: period.year,
                sectors: &period.sectors,
                max_days: period.max_days,
                grounds: period.grounds.iter().map(|ground| &**ground).collect(),
                mechanics: period.mechanics.as_deref(),
            })
        });
        let open = open_rows(&answer, market, channel).map(AnyExplained::Open);
        let explained: Vec<AnyExplained> = explained.chain(open).collect();
        if args.law {
            context.json(&ExplainedWithLaw { periods: explained, law: law(&calendar, market)? })?;
        } else {
            context.json(&explained)?;
        }
        return Ok(Exit::Done);
    }
    let name = calendar.listing(&market).map(|listing| listing.name).filter(|name| !name.is_empty());
    let place =
        name.map_or_else(|| market.to_string(), |name| format!("{market} ({})", context.written(Fact::english(name))));
    let channel = context.words(&terms::channel(channel));
    let day = args.day.strftime("%A %-d %B %Y");
    let headline = match (periods.as_slice(), answer.known_none()) {
        ([], Some(none)) => no_period(none).to_owned(),
        ([], None) => open_day(&answer).to_owned(),
        (several, _) => several.iter().map(|period| what(period.kind)).collect::<Vec<_>>().join(", and "),
    };
    context.tell(format!("{day} in {place}, {channel}: {headline}."))?;
    for period in periods.iter().chain(doubtful) {
        context.line("")?;
        if !period.touches(args.day, args.day) {
            let doubt = context.words(&perhaps(period));
            context.line(doubt)?;
        }
        for line in described(period, market, context) {
            context.tell(line)?;
        }
    }
    if periods.is_empty() {
        neighbours(args, &calendar, &answer.open, context)?;
    }
    if let Some(country) = calendar.country(&market) {
        facts(country, args, context)?;
    }
    if args.law {
        context.line("")?;
        for fact in law(&calendar, market)? {
            for line in said(&fact) {
                context.tell(line)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// What is said of a day on which it is known that no period lies.
fn no_period(_known: KnownNone) -> &'static str {
    "no legal period covers this day"
}

/// What is said of a day on which no period surely lies, and perhaps one does.
fn open_day(answer: &DaysAnswer) -> &'static str {
    let is_of_bans =
        |question: &OpenQuestion| matches!(question, OpenQuestion::Bans { .. } | OpenQuestion::BansBefore { .. });
    if !answer.doubtful.is_empty() {
        "doubtful, a legal period may cover this day"
    } else if answer.open.iter().all(is_of_bans) {
        "no period that the calendar holds covers this day, and it does not hold the bans of that time"
    } else {
        "no period that the calendar holds covers this day, and it does not hold all of that year"
    }
}

fn what(kind: PeriodKind) -> &'static str {
    match kind {
        PeriodKind::Sale => "a day of the sales",
        PeriodKind::Blackout => "a day of a blackout before or after the sales",
    }
}

fn described(period: &Period, asked: Market, context: &Context) -> Vec<String> {
    let season = context.words(&terms::season(&period.season));
    let mut lines = vec![format!(
        "{}, {} {}: from {} to the end of {} ({})",
        period.label,
        season,
        period.year,
        period.starts_at.strftime("%A %-d %B %Y at %H:%M"),
        period.last_day.strftime("%A %-d %B %Y"),
        period.starts_at.time_zone().iana_name().unwrap_or("UTC"),
    )];
    if period.market != asked {
        let follows = format!("{asked} follows the dates of {} here", period.market);
        lines.push(format!("  {follows}, wherever the seller and the buyer are."));
    }
    for ground in &period.grounds {
        lines.extend(reason(ground));
    }
    lines.push(match period.basis {
        Basis::Published => "  The dates were published.".to_owned(),
        Basis::StartPublished => "  The first day was published; the last one is computed from the rule.".to_owned(),
        Basis::Computed => "  The dates are computed from the rule; an order may still change them.".to_owned(),
    });
    let confidence = context.words(&terms::confidence(period.confidence));
    lines.push(format!("  Confidence: {confidence}. Source: {}", period.source));
    if let Some(days) = period.max_days {
        lines.push(format!("  A trader may use at most {days} days."));
    }
    if let Some(mechanics) = &period.mechanics {
        lines.extend(banned(mechanics));
    }
    lines
}

fn reason(ground: &LegalBasis) -> Vec<String> {
    let mut lines = Vec::new();
    let rule = ground.id.as_ref().map(|id| format!(" [{id}]")).unwrap_or_default();
    let doubt = ground.id.is_none() && ground.text.is_none() && ground.note.is_some();
    if !doubt {
        lines.push(format!("  Rule: {}{rule}", ground.says));
    }
    lines.extend(ground.text.as_ref().map(|text| format!("    text: {text}")));
    lines.extend(ground.source.as_ref().map(|source| format!("    read: {source}")));
    lines.extend(ground.added_by.as_ref().map(|who| format!("    added by: {who}")));
    if let Some(note) = &ground.note {
        let line = format!("  Uncertain: {note}");
        // A doubt's own address belongs under its sentence.
        if doubt { lines.insert(0, line) } else { lines.push(line) }
    }
    lines
}

fn banned(mechanics: &Mechanics) -> Vec<String> {
    let mut lines: Vec<String> = mechanics.sentences().iter().map(|sentence| format!("  {sentence}")).collect();
    lines.extend(mechanics.note.as_ref().map(|note| format!("  Note: {note}")));
    lines
}

/// What the law of the market's country says beside its dates, and of words.
fn law(calendar: &Calendar, market: Market) -> anyhow::Result<Vec<LegalFact>> {
    let mut facts = calendar.facts(&market);
    let words = compliance::words::facts(market.country());
    facts.extend(words.map_err(|finding| Failure::refused(format!("{}: {}", finding.place, finding.message)))?);
    Ok(facts)
}

fn said(fact: &LegalFact) -> Vec<String> {
    let mut lines = vec![format!("  Law, {}: {}", fact.topic, fact.says)];
    lines.extend(fact.text.as_ref().map(|text| format!("    text: {text}")));
    lines.extend(fact.source.as_ref().map(|source| format!("    read: {source}")));
    lines.extend(fact.confidence.map(|confidence| format!("    confidence: {confidence}")));
    lines.extend(fact.note.as_ref().map(|note| format!("    Uncertain: {note}")));
    lines
}

/// What came before and what comes next.
fn neighbours(args: &Args, calendar: &Calendar, unknown: &[OpenQuestion], context: &mut Context) -> anyhow::Result<()> {
    let Where { market, channel } = args.at;
    let (early, late) = (args.day.saturating_sub(1.year()), args.day.saturating_add(1.year()));
    let around = calendar.periods(&market, channel, early, late);
    let kinds = [PeriodKind::Sale, PeriodKind::Blackout].map(|kind| (kind, context.words(&terms::period_kind(kind))));
    let one_line = |period: &Period| {
        let kind = kinds.iter().find(|(kind, _)| *kind == period.kind).map_or("", |(_, words)| words.as_str());
        format!("{} {kind} {}, {} to {}", period.label, period.year, period.first_day, period.last_day)
    };
    if let Some(other) = around.iter().find(|period| period.market != market) {
        let dates = format!("{channel} sales in {market} follow the dates of {}", other.market);
        context.tell(format!("  {dates}, wherever the seller and the buyer are."))?;
    }
    if let Some(before) = around.iter().rfind(|period| period.last_day < args.day) {
        context.tell(format!("  Before it: {}", one_line(before)))?;
    }
    if let Some(next) = around.iter().find(|period| args.day < period.first_day) {
        context.tell(format!("  Next: {}", one_line(next)))?;
    }
    for question in unknown {
        match question {
            OpenQuestion::Unpublished(UnpublishedPeriod { season, year, look, .. }) => {
                context
                    .tell(format!("  Unknown: the {season} {year} dates are not in the calendar; look at {look}"))?;
            }
            OpenQuestion::BansBefore { since, look } => {
                let known = format!("what was banned before {since} is not in the calendar");
                context.tell(format!("  Unknown: {known}; look at {look}"))?;
            }
            OpenQuestion::Outside(_) | OpenQuestion::Bans { .. } => {
                let said = context.words(&open(question, market));
                context.line(format!("  {said}"))?;
            }
        }
    }
    if let Some(note) = calendar.listing(&market).and_then(|listing| listing.note) {
        context.tell(format!("  {note}"))?;
    }
    Ok(())
}

/// What the country's law says of the day beside its periods.
fn facts(country: &Country, args: &Args, context: &mut Context) -> anyhow::Result<()> {
    let regulation = &country.regulation;
    let is_known = regulation.known_since.is_none_or(|since| since <= args.day);
    if regulation.state != RegulationState::Dates && is_known {
        context.tell(format!("  {}: {} (confidence {})", country.name, regulation.says, regulation.confidence))?;
        if let Some(source) = &regulation.source {
            context.tell(format!("    read: {source}"))?;
        }
    }
    for allowance in &country.allowances {
        if allowance.holds(args.at.market, args.day) {
            context.tell(format!("  {}: {}", allowance.label, allowance.says))?;
        }
    }
    Ok(())
}
