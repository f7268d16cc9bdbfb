//! `status --next`: what happens in the days to come, day by day, in the words of the shop: sales by their titles, letters, and
//! what the law begins and ends.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use super::next::Upcoming;
use super::{Status, draft_line, told};
use crate::calendar::{Channel, Market, Period};
use crate::campaign::ShiftUnit;
use crate::cli::{Context, calendar};
use crate::db::approvals::ApprovalDue;
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::drafts::EditionDraft;
use crate::db::reach::AudienceCounts;
use crate::db::{Db, StoreResult};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken, last_evening};
use crate::spoken_errors;
use crate::text::{Slug, dates};

/// How far ahead is looked.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAhead(Span);

/// The text is no time to look ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct NoTimeAhead(String);

impl Spoken for NoTimeAhead {
    fn phrase(&self) -> Phrase {
        phrase!("ahead-unreadable", written = self.0.as_str())
    }
}

spoken_errors!(NoTimeAhead);

impl FromStr for TimeAhead {
    type Err = NoTimeAhead;

    /// Reads `7d`, `12h` or `2w`, in French `7j`, `12h` or `2sem`, and the units of a campaign file written out.
    fn from_str(text: &str) -> Result<Self, NoTimeAhead> {
        let wrong = || NoTimeAhead(text.to_owned());
        let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(end).ok_or_else(wrong)?;
        let number: u16 = number.parse().map_err(|_| wrong())?;
        let unit = match unit.trim_start() {
            "h" => ShiftUnit::Hours,
            "d" | "j" => ShiftUnit::Days,
            "w" | "sem" => ShiftUnit::Weeks,
            written => ShiftUnit::named(written).ok_or_else(wrong)?,
        };
        let span = match unit {
            ShiftUnit::Minutes => Span::new().try_minutes(number),
            ShiftUnit::Hours => Span::new().try_hours(number),
            ShiftUnit::Days => Span::new().try_days(number),
            ShiftUnit::Weeks => Span::new().try_weeks(number),
        };
        span.ok().filter(|_| number > 0).map(Self).ok_or_else(wrong)
    }
}

/// What the law begins or ends.
#[derive(Serialize)]
struct LegalMoment {
    at: Timestamp,
    market: Market,
    label: String,
    begins: bool,
    #[serde(skip)]
    zone: TimeZone,
}

/// Everything, for programs.
#[derive(Serialize)]
struct AheadReport<'a> {
    now: Timestamp,
    until: Timestamp,
    next: Vec<&'a Upcoming>,
    law: Vec<LegalMoment>,
    /// What waits until another person approves it.
    approvals: &'a [ApprovalDue],
    /// Next editions that were proposed and wait for a person.
    drafts: &'a [EditionDraft],
}

/// One line: when, on which clocks, and what.
struct AheadLine {
    at: Timestamp,
    zone: TimeZone,
    /// Whether something ends then: at 0 h that is midnight of the day before.
    ends: bool,
    words: Phrase,
}

/// Tells what happens from now on until so far ahead. What is overdue comes first: it happens as soon as it can.
pub(super) fn tell(ahead: TimeAhead, status: &Status, json: bool, context: &mut Context) -> anyhow::Result<()> {
    let (settings, store) = context.open_store()?;
    let zone = settings.zone();
    let until = status.now.to_zoned_datetime(zone.clone()).saturating_add(ahead.0).timestamp();
    let next: Vec<&Upcoming> = status.next.iter().filter(|event| event.at < until).collect();
    let now = status.now;
    let (people, sold_in) = store.read_blocking(|db| {
        let applied = campaigns::list(db)?;
        let people = people_of(db, &next, &applied, now)?;
        let sales = applied.into_iter().filter(|campaign| campaign.cancelled_at.is_none());
        let places: BTreeSet<(Market, Channel)> = sales
            .flat_map(|campaign| {
                let channel = campaign.schedule.channel;
                campaign.schedule.markets.into_iter().map(move |market| (market, channel)).collect::<Vec<_>>()
            })
            .collect();
        Ok((people, places))
    })?;
    let law = legal_moments(&sold_in, (now, until), &zone, context)?;
    if json {
        context.json(&AheadReport { now, until, next, law, approvals: &status.approvals, drafts: &status.drafts })?;
        return Ok(());
    }
    let title = |slug: &Slug| {
        let line = status.gates.iter().find(|line| line.campaign == *slug)?;
        let is_shared = status.gates.iter().any(|other| other.campaign != *slug && other.title == line.title);
        Some(if is_shared { format!("{} ({slug})", line.title) } else { line.title.clone() })
    };
    let mut lines: Vec<AheadLine> = next
        .iter()
        .zip(people)
        .map(|(event, people)| {
            let what = told(event, context);
            let what = match people {
                Some(people) => phrase!("ahead-people", what = what, people = people),
                None => what,
            };
            let sale = title(&event.campaign).unwrap_or_else(|| event.campaign.to_string());
            AheadLine {
                at: event.at,
                zone: event.zone.clone(),
                ends: event.closes,
                words: phrase!("ahead-line", sale = sale, what = what),
            }
        })
        .collect();
    lines.extend(law.into_iter().map(|moment| {
        let (label, market) = (moment.label.as_str(), Fact::text(moment.market));
        let words = if moment.begins {
            phrase!("ahead-law-begins", label = label, market = market)
        } else {
            phrase!("ahead-law-ends", label = label, market = market)
        };
        AheadLine { at: moment.at, zone: moment.zone, ends: !moment.begins, words }
    }));
    lines.sort_by_key(|line| (line.at, !line.ends));
    let last = zone.to_datetime(until).date();
    context.say(&phrase!("ahead-title", first = zone.to_datetime(now).date(), last = last))?;
    if lines.is_empty() {
        context.say(&phrase!("ahead-nothing"))?;
    }
    say_days(lines, &zone, context)?;
    say_waiting(status, &zone, context)?;
    if !status.problems.is_empty() {
        context.line("")?;
        context.say(&phrase!("ahead-problems", count = status.problems.len()))?;
    }
    Ok(())
}

/// Says the lines, which are in order, day by day.
fn say_days(lines: Vec<AheadLine>, zone: &TimeZone, context: &mut Context) -> std::io::Result<()> {
    let mut day: Option<Date> = None;
    for line in lines {
        let at = line.at.to_zoned_datetime(line.zone.clone());
        let evening = line.ends.then(|| last_evening(&at)).flatten();
        let on = evening.unwrap_or_else(|| at.date());
        if day != Some(on) {
            context.line("")?;
            context.line(dates::day(on, context.language))?;
            day = Some(on);
        }
        let time = evening.map_or_else(|| Fact::Time(at.time()), |_| phrase!("the-end-of-a-day").into());
        let there = if line.zone == *zone {
            phrase!("ahead-hour", time = time)
        } else {
            let name = line.zone.iana_name().unwrap_or("UTC");
            phrase!("ahead-hour-there", time = time, zone = name)
        };
        context.indented(&phrase!("ahead-at", time = there, what = line.words))?;
    }
    Ok(())
}

/// Says what waits for a person, whatever day it is.
fn say_waiting(status: &Status, zone: &TimeZone, context: &mut Context) -> std::io::Result<()> {
    if !status.drafts.is_empty() || !status.approvals.is_empty() {
        context.line("")?;
    }
    for due in &status.approvals {
        context.say(&due.phrase(status.now))?;
    }
    for draft in &status.drafts {
        context.say(&draft_line(draft, zone))?;
    }
    Ok(())
}

/// How many people the mailing that begins with each of these events would be written to today; none for another event.
fn people_of(
    db: &mut Db,
    events: &[&Upcoming],
    applied: &[AppliedCampaign],
    now: Timestamp,
) -> StoreResult<Vec<Option<u64>>> {
    let mut counts = AudienceCounts::default();
    let mut people = Vec::with_capacity(events.len());
    for event in events {
        let sale = applied.iter().find(|campaign| campaign.schedule.slug == event.campaign);
        let mailing = sale.zip(event.begins.as_deref()).and_then(|(sale, name)| sale.schedule.mailing(name));
        people.push(mailing.map(|mailing| counts.of(db, mailing.recipients(), now)).transpose()?);
    }
    Ok(people)
}

/// What the law of these markets begins and ends between two instants.
fn legal_moments(
    places: &BTreeSet<(Market, Channel)>,
    (from, until): (Timestamp, Timestamp),
    zone: &TimeZone,
    context: &Context,
) -> anyhow::Result<Vec<LegalMoment>> {
    let law = calendar::load(context)?;
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let mut moments: Vec<LegalMoment> = Vec::new();
    for (market, channel) in places {
        for period in law.periods(market, *channel, day(from), day(until)) {
            let ends = [(period.starts_at.timestamp(), true), (period.ends_at.timestamp(), false)];
            for (at, begins) in ends.into_iter().filter(|(at, _)| from <= *at && *at < until) {
                let moment = of_period(&period, at, begins);
                if !moments.iter().any(|known| known.is_same(&moment)) {
                    moments.push(moment);
                }
            }
        }
    }
    Ok(moments)
}

fn of_period(period: &Period, at: Timestamp, begins: bool) -> LegalMoment {
    let zone = period.starts_at.time_zone().clone();
    LegalMoment { at, market: period.market, label: period.label.clone(), begins, zone }
}

impl LegalMoment {
    /// Whether it is told in the same words.
    fn is_same(&self, other: &Self) -> bool {
        (self.at, self.market, &self.label, self.begins) == (other.at, other.market, &other.label, other.begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ahead_is_a_number_and_a_unit() {
        for text in ["7d", "12h", "2w", "7j", "2sem", "1 semaine", "3 jours", "1 jour", "10days", "12 heures"] {
            assert!(text.parse::<TimeAhead>().is_ok(), "{text}");
        }
        for text in ["", "d", "0d", "7", "7m", "-1d", "sept", "999999d", "é", "7 d 2 h", "7é"] {
            assert!(text.parse::<TimeAhead>().is_err(), "{text}");
        }
    }
}
