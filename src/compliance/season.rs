//! How the window lies to the sales of its markets, beyond what the campaign room says about its edges: lengths that a
//! law limits, and prices that become the prior price of the sales.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::window::SHORT_GAP;
use super::words::longest;
use super::{CheckedCampaign, law_of, naming};
use crate::calendar::{Market, Period, PeriodKind, PriorPrice};
use crate::campaign::{AudienceClass, Naming};
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::Fact;

/// The findings on seasons.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for market in &subject.campaign.markets {
        let found = sales(subject, market.value);
        // What bears another name is no such sale, and its length is free.
        let named = matches!(naming(subject.schedule, market.value), Naming::Regulated | Naming::Unknown);
        let too_long = |sale| too_long(subject, sale).filter(|_| named);
        let found = found.iter().filter_map(|sale| too_long(sale).or_else(|| lowers_prior_price(subject, sale)));
        let counted = counted_days(subject, market.value).into_iter().chain(too_long_each(subject, market.value));
        let declared = declared_too_long(subject, market.value);
        for finding in found.chain(counted.filter(|_| named)).chain(declared) {
            if !findings.iter().any(|other| other.rule == finding.rule && other.law == finding.law) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn day(subject: &CheckedCampaign<'_>, at: Timestamp) -> Date {
    subject.campaign.window.timezone.value.to_datetime(at).date()
}

fn sales(subject: &CheckedCampaign<'_>, market: Market) -> Vec<Period> {
    let from = day(subject, subject.schedule.opens_at);
    let to = day(subject, subject.schedule.closes_at).saturating_add(31.days());
    let mut periods = subject.calendar.periods(&market, subject.schedule.channel, from, to);
    periods.retain(|period| period.kind == PeriodKind::Sale);
    periods
}

/// The calendar days on which the sale is open, the first one counted.
pub(super) fn days(subject: &CheckedCampaign<'_>) -> i32 {
    let last = subject.schedule.closes_at.saturating_sub(SignedDuration::from_micros(1));
    let (from, to) =
        (day(subject, subject.schedule.opens_at), day(subject, last.unwrap_or(subject.schedule.closes_at)));
    (to - from).get_days() + 1
}

/// A sale that a law allows for fewer days than its season has (Romania 45, Croatia 60).
fn too_long(subject: &CheckedCampaign<'_>, sale: &Period) -> Option<Finding> {
    let limit = i32::from(sale.max_days?);
    let is_sale = subject.schedule.opens_at >= sale.starts_at.timestamp();
    let days = days(subject);
    (is_sale && days > limit).then(|| {
        let message = phrase!(
            "season-too-long",
            days = days,
            label = sale.label.as_str(),
            market = Fact::text(sale.market),
            limit = limit
        );
        let place = subject.campaign.window.closes.place.clone();
        Finding { law: law_of(sale, subject.calendar), ..Finding::error("season.too-long", place, message) }
    })
}

/// Prices that anyone could pay within the days that the law looks back over before the sales are what the sales' reductions are measured against.
fn lowers_prior_price(subject: &CheckedCampaign<'_>, sale: &Period) -> Option<Finding> {
    let schedule = subject.schedule;
    if !matches!(schedule.audience, AudienceClass::Public | AudienceClass::OpenMembers) {
        return None;
    }
    let PriorPrice::LowestBefore(rule) = &subject.calendar.country(&sale.market)?.prior_price else { return None };
    let look_back = SignedDuration::from_hours(24 * i64::from(rule.lookback_days));
    let gap = sale.starts_at.timestamp().duration_since(schedule.closes_at);
    (gap > SHORT_GAP && gap <= look_back).then(|| {
        let message = phrase!(
            "season-lowers-prior-price",
            days = gap.as_hours() / 24,
            label = sale.label.as_str(),
            market = Fact::text(sale.market),
            look_back = rule.lookback_days
        );
        let own = rule.text.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
        let place = subject.campaign.window.closes.place.clone();
        Finding::warning("season.lowers-prior-price", place, message)
            .under(format!("Directive 98/6/EC, art. 6a(2){own}"))
    })
}

/// A sale that was declared, and may not last longer than the law says (a French liquidation: two months).
fn declared_too_long(subject: &CheckedCampaign<'_>, market: Market) -> Option<Finding> {
    let (months, law) = longest(subject.schedule.declaration.as_ref()?, market.country())?;
    let last = day(subject, subject.schedule.opens_at).saturating_add(i64::from(months).months());
    (day(subject, subject.schedule.closes_at) > last).then(|| {
        let message = phrase!("season-declared-too-long", market = Fact::text(market), months = months);
        Finding::error("season.too-long", subject.campaign.window.closes.place.clone(), message).under(law)
    })
}

/// A sale that is free, but not for so long (Trento's 60 days).
fn too_long_each(subject: &CheckedCampaign<'_>, market: Market) -> Option<Finding> {
    let country = subject.calendar.country(&market)?;
    let opens_on = day(subject, subject.schedule.opens_at);
    let mut held = country.allowances.iter().filter(|allowance| allowance.holds(market, opens_on));
    let allowance = held.find(|allowance| allowance.max_days_each.is_some())?;
    let limit = i32::from(allowance.max_days_each?);
    let days = days(subject);
    (days > limit).then(|| {
        let message = phrase!(
            "season-too-long",
            days = days,
            label = allowance.label.as_str(),
            market = Fact::text(market),
            limit = limit
        );
        let law = allowance.text.clone().or_else(|| country.regulation.text.clone());
        let place = subject.campaign.window.closes.place.clone();
        Finding { law, ..Finding::error("season.too-long", place, message) }
    })
}

/// Days that count towards a yearly limit (Portugal's 124). Carillon does not know the trader's other sales.
fn counted_days(subject: &CheckedCampaign<'_>, market: Market) -> Option<Finding> {
    let country = subject.calendar.country(&market)?;
    let opens_on = day(subject, subject.schedule.opens_at);
    let mut held = country.allowances.iter().filter(|allowance| allowance.holds(market, opens_on));
    let allowance = held.find(|allowance| allowance.max_days_per_year.is_some())?;
    let limit = i32::from(allowance.max_days_per_year?);
    let days = days(subject);
    let place = subject.campaign.window.closes.place.clone();
    let law = allowance.text.clone().or_else(|| country.regulation.text.clone());
    let label = allowance.label.as_str();
    let finding = if days > limit {
        let message =
            phrase!("season-too-long-in-year", days = days, label = label, market = Fact::text(market), limit = limit);
        Finding::error("season.too-long", place, message)
    } else {
        let message = phrase!("season-counted-days", label = label, days = days, limit = limit);
        Finding::note("season.counted-days", place, message)
    };
    Some(Finding { law, ..finding })
}
