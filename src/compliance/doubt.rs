//! What the calendar does not know about the time of a campaign, or not well: said where a campaign is checked, as
//! `calendar explain` says it of a day. Not knowing is no permission.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{CheckedCampaign, naming};
use crate::calendar::{Channel, Market, Period, PeriodKind, RegulationState};
use crate::campaign::{Naming, Written};
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::Fact;

/// Sales that begin within so many days after a campaign are beside it: prices and announcements look that far ahead.
const BESIDE_DAYS: i64 = 7;
/// No ban before sales that is known begins earlier than so many days before them.
const LONGEST_BAN_DAYS: i64 = 40;

/// The findings on what is not known.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let (from, to) = days(subject);
    let mut findings = Vec::new();
    for market in &subject.campaign.markets {
        findings.extend(unknown_dates(subject, market, from, to));
        findings.extend(doubtful_dates(subject, market, from, to));
        findings.extend(unknown_bans(subject, market, from, to));
    }
    findings
}

/// The first and the last day on which the campaign shows anything.
fn days(subject: &CheckedCampaign<'_>) -> (Date, Date) {
    let schedule = subject.schedule;
    let day = |at: Timestamp| subject.campaign.window.timezone.value.to_datetime(at).date();
    let mailings = schedule.mailings.iter().flat_map(|mailing| [mailing.not_before, mailing.not_after]);
    let edges = || mailings.clone().chain([schedule.opens_at, schedule.closes_at]).map(day);
    let (opens, closes) = (day(schedule.opens_at), day(schedule.closes_at));
    (edges().min().unwrap_or(opens), edges().max().unwrap_or(closes))
}

/// Sales whose dates the calendar does not hold, and which the campaign may touch.
fn unknown_dates(subject: &CheckedCampaign<'_>, market: &Written<Market>, from: Date, to: Date) -> Vec<Finding> {
    let country = subject.calendar.country(&market.value);
    // What bears another name is touched by the dates of sales only through what is banned before them, and its prices.
    let is_only_beside = country.is_some_and(|country| country.mechanics.is_empty())
        && subject.calendar.unknown_bans(&market.value).is_none()
        && naming(subject.schedule, market.value) == Naming::Other;
    let severity = if is_only_beside { Severity::Note } else { Severity::Warning };
    let finding = |message| Finding::new(severity, "season.dates-unknown", market.place.clone(), message);
    if let Some(why) = subject.calendar.outside(&market.value) {
        let message =
            phrase!("season-outside-market", market = Fact::text(market.value), why = Fact::Data(why.to_owned()));
        return vec![Finding::warning("season.dates-unknown", market.place.clone(), message)];
    }
    // That nothing is known of a market's dates is said where its law is.
    if country.is_some_and(|country| country.regulation.state == RegulationState::Unknown) {
        return Vec::new();
    }
    let gaps = subject.calendar.gaps(&market.value, subject.schedule.channel, from, to).into_iter();
    let said = gaps.map(|gap| {
        finding(phrase!(
            "season-dates-unknown",
            season = gap.season,
            year = Fact::text(gap.year),
            market = Fact::text(gap.market),
            look = Fact::Data(gap.look)
        ))
    });
    said.collect()
}

/// Sales whose dates are in doubt, and which the campaign touches or comes right before.
fn doubtful_dates(subject: &CheckedCampaign<'_>, market: &Written<Market>, from: Date, to: Date) -> Vec<Finding> {
    let ahead = to.saturating_add(BESIDE_DAYS.days());
    let periods = subject.calendar.possible_periods(&market.value, subject.schedule.channel, from, ahead);
    let sales = periods.into_iter().filter(|period| period.kind == PeriodKind::Sale);
    sales.filter_map(|sale| doubtful(subject, market, &sale)).collect()
}

fn doubtful(subject: &CheckedCampaign<'_>, market: &Written<Market>, sale: &Period) -> Option<Finding> {
    let doubt = sale.doubt()?;
    let note = subject.calendar.listing(&market.value).and_then(|listing| listing.note);
    let doubt = Some(doubt).filter(|doubt| !doubt.is_empty()).or(note);
    let doubt = doubt.map_or_else(|| phrase!("season-doubt-unexplained").into(), Fact::Data);
    let look = subject.calendar.whom_to_ask(&market.value).unwrap_or_default();
    let message = phrase!(
        "season-dates-doubtful",
        label = sale.label.as_str(),
        market = Fact::text(sale.market),
        first = sale.first_day,
        last = sale.last_day,
        doubt = doubt,
        look = Fact::Data(look)
    );
    // What bears the name of the sale and opens on its first day has letters that state that day.
    let is_stated = subject.schedule.opens_at == sale.starts_at.timestamp() && !subject.schedule.mailings.is_empty();
    let is_named = naming(subject.schedule, sale.market) == Naming::Regulated;
    let severity = if is_stated && is_named { Severity::Error } else { Severity::Warning };
    Some(Finding::new(severity, "season.dates-doubtful", market.place.clone(), message))
}

/// A ban that nobody looked up, where the campaign may lie before sales.
fn unknown_bans(subject: &CheckedCampaign<'_>, market: &Written<Market>, from: Date, to: Date) -> Option<Finding> {
    let look = subject.calendar.unknown_bans(&market.value)?;
    // What is one of the sales lies in no ban before them.
    if naming(subject.schedule, market.value) != Naming::Other {
        return None;
    }
    let ahead = to.saturating_add(LONGEST_BAN_DAYS.days());
    let channel: Channel = subject.schedule.channel;
    let sales = subject.calendar.periods(&market.value, channel, from, ahead);
    let is_before = sales.iter().any(|sale| sale.kind == PeriodKind::Sale && from < sale.first_day)
        || !subject.calendar.gaps(&market.value, channel, from, ahead).is_empty();
    is_before.then(|| {
        let message = phrase!("blackout-unknown", market = Fact::text(market.value), look = Fact::Data(look));
        Finding::warning("blackout.unknown", market.place.clone(), message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};

    /// The findings of the sample, in shops, with `edits`.
    #[track_caller]
    fn check(edits: &[(&str, &str)], expected: &[&str]) -> Vec<Finding> {
        let store = [("\"online\"", "\"store\"")];
        let campaign = Campaign::parse(&sample::with(&[&store[..], edits].concat())).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let found = super::check(&CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers: &[],
            members: None,
            record: None,
        });
        let rules: Vec<String> = found.iter().map(|it| format!("{} {}", it.severity, it.rule)).collect();
        assert_eq!(rules, expected, "{edits:?}");
        found
    }

    const OPENS: &str = "soldes.winter.2027 - 4 days at 08:00";
    const CLOSES: &str = "\"soldes.winter.2027\"";

    fn window<'a>(market: &'a str, opens: &'a str, closes: &'a str) -> [(&'a str, &'a str); 3] {
        [("[\"FR\"]", market), (CLOSES, closes), (OPENS, opens)]
    }

    #[test]
    fn what_is_known_well_is_not_doubted() {
        check(&[], &[]);
        check(&window("[\"FR-57\"]", "2027-03-02 08:00", "\"2027-03-05 08:00\""), &[]);
        check(&window("[\"LU\"]", "2026-11-20 08:00", "\"2026-11-25 08:00\""), &[]);
        check(&window("[\"DE\"]", "2027-01-02 08:00", "\"2027-01-05 08:00\""), &[]);
        check(&window("[\"IT-TN\"]", "2027-01-02 08:00", "\"2027-01-05 08:00\""), &[]);
    }

    #[test]
    fn a_doubtful_day_is_said_with_whom_to_ask() {
        let moselle = window("[\"FR-57\"]", "2027-01-02 08:00", "\"2027-01-03 20:00\"");
        let [finding] = check(&moselle, &["warning season.dates-doubtful"]).try_into().unwrap();
        let said = finding.message.to_string();
        assert!(said.contains("Saturday 2 January or Monday 4 January 2027"), "{said}");
        assert!(finding.remedy.to_string().contains("the prefecture of the département"), "{}", finding.remedy);
        let before = window("[\"FR-57\"]", OPENS, CLOSES);
        check(&before, &["warning season.dates-doubtful"]);
    }

    #[test]
    fn letters_do_not_open_soldes_on_a_doubtful_day() {
        let name = ("Les journées magiques", "Les soldes d’hiver");
        let soldes = window("[\"FR-57\"]", "soldes.winter.2027", "\"soldes.winter.2027.end\"");
        check(&[&[name][..], &soldes[..]].concat(), &["error season.dates-doubtful"]);
        check(&soldes, &["warning season.dates-doubtful"]);
    }

    #[test]
    fn what_the_calendar_does_not_hold_is_said() {
        let luxembourg = window("[\"LU\"]", "2027-01-10 08:00", "\"2027-01-12 20:00\"");
        let [finding] = check(&luxembourg, &["note season.dates-unknown"]).try_into().unwrap();
        let named = [("Les journées magiques", "Les soldes d’hiver")];
        check(&[&named[..], &luxembourg[..]].concat(), &["warning season.dates-unknown"]);
        assert!(finding.remedy.to_string().contains("carillon calendar override add"), "{}", finding.remedy);
        let bolzano = window("[\"IT-BZ\"]", "2026-12-10 08:00", "\"2026-12-12 20:00\"");
        let found = check(&bolzano, &["warning season.dates-unknown", "warning blackout.unknown"]);
        assert!(found.iter().all(|finding| finding.remedy.to_string().contains("Chamber of Commerce of Bolzano")));
        let provinces = window("[\"IT-32\"]", "2027-01-10 08:00", "\"2027-01-12 20:00\"");
        let [finding] = check(&provinces, &["warning season.dates-unknown"]).try_into().unwrap();
        assert!(finding.message.to_string().contains("IT-TN or IT-BZ"), "{}", finding.message);
    }
}
