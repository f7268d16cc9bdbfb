//! The prior price of an announced reduction: the lowest price of the 30 days before it began to apply (art. 6a of
//! directive 98/6/EC, code de la consommation art. L112-1-1), with each country's options.
//!
//! Days are full local days of the market, so a change of clocks neither lengthens nor shortens the window. The window
//! is anchored at the start of the reduction, or of its first step, and never moves while the reduction lasts.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::assessment::{Assessment, Incomplete, MinimumRow, PriceEvidence, PriceVerdict, VerdictReason};
use super::directly::directly_before;
use super::history::{PriceHistory, PriceRow};
use super::money::Money;
use super::reduction::Reduction;
use super::rules::{Reach, span};
use crate::calendar::{LowestBefore, NewGoods, PriorPrice};
use crate::campaign::AudienceClass;

/// Whether `reduction` may be announced under `rules`, in a market whose clocks show `zone`.
///
/// # Errors
/// [`Incomplete`] when the history at hand leaves out rows that matter.
pub fn prior_price(
    history: &PriceHistory,
    reduction: &Reduction<'_>,
    rules: &PriorPrice,
    zone: &TimeZone,
) -> Result<Assessment, Incomplete> {
    let not_required = |reason| Ok(Assessment::without_prior(PriceVerdict::NotRequired, reason));
    if !reduction.announced {
        return not_required(VerdictReason::NotAnnounced);
    }
    if reduction.audience == AudienceClass::Personal {
        return not_required(VerdictReason::Personal);
    }
    match rules {
        PriorPrice::None { .. } => not_required(VerdictReason::NoRule),
        PriorPrice::Unknown { .. } => Ok(Assessment::without_prior(PriceVerdict::Review, VerdictReason::LawUnknown)),
        PriorPrice::SelfComparison(rule) => directly_before(history, reduction, rule, zone),
        PriorPrice::LowestBefore(rule) => {
            let starts_on = reduction.starts_at.to_zoned_datetime(zone.clone()).date();
            if let Some(from) = rule.from.filter(|from| starts_on < *from) {
                return not_required(VerdictReason::NotInForce(from));
            }
            match (rule.reach(reduction.audience), reduction.audience) {
                (Reach::Outside, AudienceClass::ClosedGroup) => return not_required(VerdictReason::ClosedGroup),
                (Reach::Outside, AudienceClass::OpenMembers) => return not_required(VerdictReason::OpenMembers),
                _ => {}
            }
            lowest_before(history, reduction, rule, zone)
        }
    }
}

fn lowest_before(
    history: &PriceHistory,
    reduction: &Reduction<'_>,
    rule: &LowestBefore,
    zone: &TimeZone,
) -> Result<Assessment, Incomplete> {
    let Chain { start: first_step, unsaid } = chain(history, reduction, rule, zone)?;
    let anchor = match reduction.sale_began_at {
        Some(began) if rule.anchored_on_sale_start => began.min(first_step),
        _ => first_step,
    };
    let audiences = counted(rule);
    let mut window = LookBack { from: days_before(anchor, rule.lookback_days, zone), to: anchor };
    if !history.reaches_back_to(window.from) {
        return Err(Incomplete { needed_since: window.from });
    }
    let first_offer = history.first_offered(&audiences).filter(|first| *first < reduction.starts_at);
    let new_goods = first_offer.is_none_or(|first| first > window.from).then_some(rule.new_goods);
    match (new_goods, first_offer) {
        (Some(NewGoods::Exempt), Some(_)) => {
            return Ok(Assessment::without_prior(PriceVerdict::NotRequired, VerdictReason::NewGoodsExempt));
        }
        // Without any row the article may be new, or its history may never have been imported.
        (Some(NewGoods::Exempt), None) => {
            return Ok(Assessment::without_prior(PriceVerdict::Review, VerdictReason::NoHistory));
        }
        (Some(NewGoods::LastDays(days)), _) => window.from = days_before(anchor, days, zone),
        _ => {}
    }
    let evidence = PriceEvidence {
        window_from: Some(window.from.to_zoned_datetime(zone.clone())),
        window_to: Some(window.to.to_zoned_datetime(zone.clone())),
        minimum: None,
        chain_start: (first_step < reduction.starts_at).then(|| first_step.to_zoned_datetime(zone.clone())),
    };
    let lowest = lowest(history, &audiences, window, reduction.price);
    let mut assessment = judged(lowest, history, reduction.price, evidence, zone);
    if let (PriceVerdict::Ok, Some(new_goods), Some(first)) = (assessment.verdict, new_goods, first_offer) {
        let since = first.to_zoned_datetime(zone.clone()).date();
        (assessment.verdict, assessment.reason) = match new_goods {
            NewGoods::Disclose => (PriceVerdict::Ok, VerdictReason::NewGoodsSince(since)),
            NewGoods::FuturePriceOnly => (PriceVerdict::Review, VerdictReason::NewGoodsFuturePrice(since)),
            NewGoods::NoRule | NewGoods::Unknown => (PriceVerdict::Review, VerdictReason::NewGoodsNoRule(since)),
            NewGoods::SinceLaunch | NewGoods::LastDays(_) | NewGoods::Exempt => {
                (PriceVerdict::Ok, VerdictReason::Reduced)
            }
        };
    }
    if let Some(campaign) = unsaid {
        assessment.verdict = PriceVerdict::Review;
        assessment.reason = VerdictReason::OtherCampaign(campaign.to_owned());
        assessment.percent = assessment.prior.and_then(|prior| reduction.price.percent_below(prior));
    }
    Ok(assessment)
}

/// The steps that a reduction continues.
struct Chain<'a> {
    /// When the first of them began.
    start: Timestamp,
    /// The campaign of a step before it that would be one too, where the law does not ask for one campaign and nobody has
    /// said whether both are one reduction.
    unsaid: Option<&'a str>,
}

/// The audiences whose prices the public could have, or that count as if it could.
fn counted(rule: &LowestBefore) -> Vec<AudienceClass> {
    AudienceClass::ALL.into_iter().filter(|audience| rule.reach(*audience) == Reach::Public).collect()
}

/// `[from, to)`.
#[derive(Clone, Copy, Debug)]
struct LookBack {
    from: Timestamp,
    to: Timestamp,
}

/// Midnight, `days` full local days before the day of `anchor`.
pub(super) fn days_before(anchor: Timestamp, days: u16, zone: &TimeZone) -> Timestamp {
    let day = anchor.to_zoned_datetime(zone.clone()).date().saturating_sub(i64::from(days).days());
    day.to_zoned_datetime(zone.clone()).map_or(Timestamp::MIN, |midnight| midnight.timestamp())
}

/// When the first step of the reduction began: its own start, unless it continues or deepens an announced reduction
/// without an instant between at another price.
fn chain<'a>(
    history: &'a PriceHistory,
    reduction: &Reduction<'_>,
    rule: &LowestBefore,
    zone: &TimeZone,
) -> Result<Chain<'a>, Incomplete> {
    let mut step = ReductionStep { start: reduction.starts_at, price: reduction.price, campaign: reduction.campaign };
    // While rows only repeat the reduction itself, its own start moves back with them.
    let mut own_start = reduction.starts_at;
    let mut only_itself = true;
    let mut unsaid = None;
    let progressive = rule.progressive;
    let is_own = |campaign: Option<&str>| {
        campaign == reduction.campaign || campaign.is_some_and(|slug| reduction.continues.iter().any(|own| own == slug))
    };
    while let Some(earlier) = step_before(history, reduction.audience, step)? {
        // Where the law asks for one campaign, what the seller says makes no two of them one.
        let said_to_be_one = !progressive.same_campaign && is_own(earlier.campaign) && is_own(step.campaign);
        let same_campaign = earlier.campaign == step.campaign || said_to_be_one;
        only_itself &= same_campaign && earlier.price == step.price;
        if only_itself {
            own_start = earlier.start;
        } else {
            if !progressive.allowed {
                break;
            }
            let in_time = progressive.max.is_none_or(|longest| {
                let limit = earlier.start.to_zoned_datetime(zone.clone()).checked_add(span(longest));
                limit.is_ok_and(|limit| own_start < limit.timestamp())
            });
            let deepens = earlier.price.currency == step.price.currency && earlier.price >= step.price;
            if !deepens || !in_time || (progressive.same_campaign && !same_campaign) {
                break;
            }
            if !same_campaign {
                unsaid = earlier.campaign;
                break;
            }
        }
        step = earlier;
    }
    Ok(Chain { start: step.start, unsaid })
}

/// One step of a reduction.
#[derive(Clone, Copy)]
struct ReductionStep<'a> {
    start: Timestamp,
    price: Money,
    campaign: Option<&'a str>,
}

/// The announced reduction that was in effect until `step` began, if there was one. Days on which the article was not offered are
/// looked past: a stock-out has no price, so it neither ends one nor is one in between.
fn step_before<'a>(
    history: &'a PriceHistory,
    audience: AudienceClass,
    step: ReductionStep<'_>,
) -> Result<Option<ReductionStep<'a>>, Incomplete> {
    let mut start = step.start;
    loop {
        let before = Timestamp::from_microsecond(start.as_microsecond().saturating_sub(1)).unwrap_or(Timestamp::MIN);
        if !history.reaches_back_to(before) {
            return Err(Incomplete { needed_since: before });
        }
        let Some(stretch) = history.just_before(audience, start) else { return Ok(None) };
        let row = stretch.row;
        let Some(price) = row.price else {
            start = row.from;
            continue;
        };
        let campaign = row.campaign.as_deref();
        return Ok(campaign.map(|slug| ReductionStep { start: row.from, price, campaign: Some(slug) }));
    }
}

/// What the window holds.
enum Lowest<'a> {
    Nothing,
    OtherCurrency(Money),
    Row(&'a PriceRow, Money),
}

/// The row with the lowest price in effect at any instant of the window, the one in effect when it opens included. Of
/// equal prices the latest row is the easiest to prove.
fn lowest<'a>(history: &'a PriceHistory, audiences: &[AudienceClass], window: LookBack, price: Money) -> Lowest<'a> {
    let mut found: Option<(&PriceRow, Money)> = None;
    let in_window = audiences
        .iter()
        .flat_map(|audience| history.stretches(*audience))
        .filter(|stretch| stretch.touches(window.from, window.to));
    for stretch in in_window {
        let Some(charged) = stretch.row.price else { continue };
        if charged.currency != price.currency {
            return Lowest::OtherCurrency(charged);
        }
        if found.is_none_or(|(row, lowest)| charged < lowest || (charged == lowest && stretch.row.from > row.from)) {
            found = Some((stretch.row, charged));
        }
    }
    found.map_or(Lowest::Nothing, |(row, lowest)| Lowest::Row(row, lowest))
}

fn judged(
    lowest: Lowest<'_>,
    history: &PriceHistory,
    price: Money,
    mut evidence: PriceEvidence,
    zone: &TimeZone,
) -> Assessment {
    let (verdict, reason, prior) = match lowest {
        Lowest::Nothing if history.is_empty() => (PriceVerdict::Forbidden, VerdictReason::NoHistory, None),
        Lowest::Nothing => (PriceVerdict::Forbidden, VerdictReason::NoPriceInWindow, None),
        Lowest::OtherCurrency(other) => (PriceVerdict::Review, VerdictReason::OtherCurrency(other.currency), None),
        Lowest::Row(row, prior) => {
            evidence.minimum = Some(MinimumRow::of(row, prior, zone));
            if price >= prior {
                (PriceVerdict::Forbidden, VerdictReason::NoReduction, Some(prior))
            } else {
                (PriceVerdict::Ok, VerdictReason::Reduced, Some(prior))
            }
        }
    };
    let percent = prior.filter(|_| verdict == PriceVerdict::Ok).and_then(|prior| price.percent_below(prior));
    Assessment { verdict, reason, prior, percent, evidence }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
