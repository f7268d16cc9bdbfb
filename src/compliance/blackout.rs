//! Promotions in the stretch before the sales in which a market bans announcing or holding them.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{CheckedCampaign, law_of};
use crate::calendar::{Applies, Ban, Channel, Market, Mechanics, Period, PeriodKind};
use crate::campaign::{AudienceClass, PlannedMailing, trade};
use crate::finding::{Finding, Place, Severity};
use crate::phrase;
use crate::phrase::Fact;

/// The findings on blackouts of the campaign's markets.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for market in &subject.campaign.markets {
        for period in blackouts(subject, market.value) {
            let Some(mechanics) = period.mechanics.clone() else { continue };
            for finding in against(subject, &period, &mechanics) {
                let known = |other: &Finding| {
                    other.rule == finding.rule && other.place == finding.place && other.law == finding.law
                };
                if !findings.iter().any(known) {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

/// The blackouts that the window or a mailing touches.
fn blackouts(subject: &CheckedCampaign<'_>, market: Market) -> Vec<Period> {
    let schedule = subject.schedule;
    let edges = schedule.mailings.iter().flat_map(|mailing| [mailing.not_before, mailing.not_after]);
    let days = || edges.clone().chain([schedule.opens_at, schedule.closes_at]).map(|at| day(subject, at));
    let (Some(from), Some(to)) = (days().min(), days().max()) else { return Vec::new() };
    let mut periods = subject.calendar.possible_periods(&market, schedule.channel, from, to);
    periods.retain(|period| period.kind == PeriodKind::Blackout);
    periods
}

fn day(subject: &CheckedCampaign<'_>, at: Timestamp) -> Date {
    subject.campaign.window.timezone.value.to_datetime(at).date()
}

fn against(subject: &CheckedCampaign<'_>, period: &Period, mechanics: &Mechanics) -> Vec<Finding> {
    let Some(severity) = severity(subject, mechanics) else { return Vec::new() };
    // What is not well attested is no accusation.
    let severity = if period.doubt().is_some() { severity.min(Severity::Warning) } else { severity };
    let schedule = subject.schedule;
    let (starts_at, ends_at) = (period.starts_at.timestamp(), period.ends_at.timestamp());
    let touches = |from: Timestamp, until: Timestamp| from < ends_at && starts_at < until;
    let may_touch = |from: Timestamp, until: Timestamp| {
        period.doubtful_stretches().any(|(first, last)| day(subject, from) <= last && first <= day(subject, until))
    };
    let invitations = || schedule.mailings.iter().filter(|_| mechanics.invitations_banned);
    let is_invitation = |mailing: &&PlannedMailing| touches(mailing.not_before, mailing.not_after);
    let mut findings = Vec::new();
    let mut severity = severity;
    if touches(schedule.opens_at, schedule.closes_at) {
        findings.push(window(subject, period, mechanics));
    } else if may_touch(schedule.opens_at, schedule.closes_at) {
        severity = severity.min(Severity::Warning);
        findings.push(perhaps(subject, period, mechanics));
    }
    if schedule.opens_at < ends_at {
        findings.extend(invitations().filter(is_invitation).map(|mailing| invitation(subject, period, mailing)));
    }
    let law = mechanics.text.clone().or_else(|| law_of(period, subject.calendar));
    findings.into_iter().map(|finding| Finding { severity, law: law.clone(), ..finding }).collect()
}

/// How grave a breach of the blackout is for this campaign; `None` when it does not concern it.
fn severity(subject: &CheckedCampaign<'_>, mechanics: &Mechanics) -> Option<Severity> {
    if !concerns(subject, mechanics) {
        return None;
    }
    let by_channel = match subject.schedule.channel {
        Channel::Online => mechanics.online,
        Channel::Store => Applies::Yes,
    };
    let by_audience = match subject.schedule.audience {
        AudienceClass::ClosedGroup | AudienceClass::Personal => mechanics.members_presale,
        AudienceClass::Public | AudienceClass::OpenMembers => Applies::Yes,
    };
    match (by_channel, by_audience) {
        (Applies::No, _) | (_, Applies::No) => None,
        (Applies::Yes, Applies::Yes) => Some(Severity::Error),
        _ => Some(Severity::Warning),
    }
}

fn concerns(subject: &CheckedCampaign<'_>, mechanics: &Mechanics) -> bool {
    let declared = subject.schedule.declaration.as_ref().map(|declared| declared.kind.to_string());
    if declared.is_some_and(|declared| mechanics.exceptions.contains(&declared)) {
        return false;
    }
    let Some(sector) = &subject.schedule.sector else { return true };
    // A word that is not known is taken for a trade that the blackout is about.
    trade(sector).is_none_or(|known| known.regulated || mechanics.sectors.iter().any(|name| name == known.name))
}

fn window(subject: &CheckedCampaign<'_>, period: &Period, mechanics: &Mechanics) -> Finding {
    let place = subject.campaign.window.opens.place.clone();
    let (label, market) = (period.label.as_str(), Fact::text(period.market));
    let (first, last) = (period.first_day, period.last_day);
    let (rule, banned) = match mechanics.kind {
        Ban::Announcement => (
            "blackout.announcement",
            phrase!("blackout-announcement", label = label, market = market, first = first, last = last),
        ),
        Ban::PromotionalSale => (
            "blackout.promotional-sale",
            phrase!("blackout-promotional-sale", label = label, market = market, first = first, last = last),
        ),
    };
    let remedy = if after_sales(subject, period) {
        phrase!("blackout-after-sales", next = period.last_day.saturating_add(1.day()))
    } else {
        banned.part("remedy")
    };
    let trades = || -> Vec<Fact> {
        let trades = mechanics.sectors.iter();
        trades.map(|trade| phrase!("a-trade", trade = trade.as_str()).into()).collect()
    };
    let mut message = match (&subject.schedule.sector, mechanics.sectors.is_empty()) {
        (_, true) => banned,
        (Some(_), false) => phrase!("blackout-for-trades", statement = banned, trades = trades()),
        (None, false) => phrase!("blackout-for-trades-unstated", statement = banned, trades = trades()),
    };
    if !mechanics.exceptions.is_empty() {
        let exceptions = Fact::english(mechanics.exceptions.join(", "));
        message = phrase!("blackout-excepted", statement = message, exceptions = exceptions, rule = rule);
    }
    let doubts = [mechanics.note.clone(), period.doubt().filter(|_| subject.schedule.channel == Channel::Store)];
    let doubts: Vec<String> = doubts.into_iter().flatten().filter(|doubt| !doubt.is_empty()).collect();
    if !doubts.is_empty() {
        let doubt = doubts.join(" ");
        message = phrase!(
            "blackout-doubted",
            statement = message,
            doubt = Fact::Data(doubt.trim_end_matches('.').to_owned())
        );
    }
    Finding::error(rule, place, message).mended_by(remedy)
}

/// Whether the ban follows sales, and does not come before some.
fn after_sales(subject: &CheckedCampaign<'_>, ban: &Period) -> bool {
    let eve = ban.first_day.saturating_sub(1.day());
    let ended = subject.calendar.periods(&ban.market, subject.schedule.channel, eve, eve);
    ended.iter().any(|period| period.kind == PeriodKind::Sale && period.last_day == eve)
}

/// What is said where the window lies in days on which the ban may run already, or still.
fn perhaps(subject: &CheckedCampaign<'_>, period: &Period, mechanics: &Mechanics) -> Finding {
    let rule = match mechanics.kind {
        Ban::Announcement => "blackout.announcement",
        Ban::PromotionalSale => "blackout.promotional-sale",
    };
    let message = phrase!(
        "blackout-perhaps",
        label = period.label.as_str(),
        market = Fact::text(period.market),
        first = period.first_day,
        last = period.last_day,
        may_begin = period.may_begin,
        may_end = period.may_end,
        doubt = Fact::Data(period.notes().collect::<Vec<_>>().join(" "))
    );
    Finding::warning(rule, subject.campaign.window.opens.place.clone(), message)
}

fn invitation(subject: &CheckedCampaign<'_>, period: &Period, mailing: &PlannedMailing) -> Finding {
    let written = subject.campaign.mailings.iter().find(|written| written.name.value == mailing.name);
    let place = written
        .map_or_else(|| Place::file(&subject.campaign.document.name), |written| written.not_before.place.clone());
    let message = phrase!(
        "blackout-invitation",
        mailing = mailing.name.as_str(),
        label = period.label.as_str(),
        market = Fact::text(period.market),
        first = period.first_day,
        last = period.last_day
    );
    Finding::error("blackout.invitation", place, message)
}
