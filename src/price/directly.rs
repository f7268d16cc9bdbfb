//! The Swiss rule (Preisbekanntgabeverordnung art. 16): a price may be compared with the one charged directly before,
//! for half as long as that was charged and two months at most; a price charged for 30 days running serves all later
//! successive cuts.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::assessment::{Assessment, Incomplete, MinimumRow, PriceEvidence, PriceVerdict, VerdictReason};
use super::history::{PriceHistory, PriceRow};
use super::money::Money;
use super::reduction::Reduction;
use super::rules::span;
use crate::calendar::SelfComparison;
use crate::campaign::AudienceClass;

/// A price that was charged without a break until the next one took over.
#[derive(Clone, Copy)]
struct Charged<'a> {
    row: &'a PriceRow,
    price: Money,
    from: Timestamp,
    until: Timestamp,
}

pub(super) fn directly_before(
    history: &PriceHistory,
    reduction: &Reduction<'_>,
    rule: &SelfComparison,
    zone: &TimeZone,
) -> Result<Assessment, Incomplete> {
    // How far back the cuts go is only known by walking them, so the whole history is asked for.
    if !history.reaches_back_to(Timestamp::MIN) {
        return Err(Incomplete { needed_since: Timestamp::MIN });
    }
    let charged = falling(history, reduction.starts_at, reduction.price);
    let Some(directly) = charged.first().copied() else {
        let reason = if history.is_empty() { VerdictReason::NoHistory } else { VerdictReason::NoPriceInWindow };
        return Ok(Assessment::without_prior(PriceVerdict::Forbidden, reason));
    };
    if directly.price.currency != reduction.price.currency {
        let reason = VerdictReason::OtherCurrency(directly.price.currency);
        return Ok(Assessment::without_prior(PriceVerdict::Review, reason));
    }
    let starts_on = reduction.starts_at.to_zoned_datetime(zone.clone()).date();
    let long_serves = rule.from <= starts_on;
    let long = charged
        .iter()
        .copied()
        .filter(|charged| long_serves && lasted(charged, rule.min_days_high_price, zone))
        .max_by_key(|charged| charged.price);
    let (chosen, verdict, reason) = match long {
        _ if directly.price <= reduction.price => (directly, PriceVerdict::Forbidden, VerdictReason::NoReduction),
        Some(long) => (long, PriceVerdict::Ok, VerdictReason::Reduced),
        None => {
            let (verdict, reason) = for_half_as_long(&directly, reduction, rule, zone);
            (directly, verdict, reason)
        }
    };
    let shown = matches!(verdict, PriceVerdict::Ok | PriceVerdict::Review);
    Ok(Assessment {
        verdict,
        reason,
        prior: Some(chosen.price),
        percent: if shown { reduction.price.percent_below(chosen.price) } else { None },
        evidence: PriceEvidence {
            window_from: Some(chosen.from.to_zoned_datetime(zone.clone())),
            window_to: Some(chosen.until.to_zoned_datetime(zone.clone())),
            minimum: Some(MinimumRow::of(chosen.row, chosen.price, zone)),
            chain_start: None,
        },
    })
}

/// The public prices before `instant`, latest first, for as long as each is at least as high as the one after it.
fn falling(history: &PriceHistory, instant: Timestamp, price: Money) -> Vec<Charged<'_>> {
    let mut charged: Vec<Charged<'_>> = Vec::new();
    let earlier = history.stretches(AudienceClass::Public).rev().filter(|stretch| stretch.row.from < instant);
    for stretch in earlier {
        let until = stretch.until.map_or(instant, |until| until.min(instant));
        if until <= stretch.row.from {
            continue;
        }
        let Some(amount) = stretch.row.price else { break };
        match charged.last_mut() {
            Some(later) if later.price == amount => later.from = stretch.row.from,
            Some(later) if later.price > amount || later.price.currency != amount.currency => break,
            // The row in effect may be the reduction itself, which has begun already.
            _ => charged.push(Charged { row: stretch.row, price: amount, from: stretch.row.from, until }),
        }
    }
    if charged.len() > 1 && charged.first().is_some_and(|latest| latest.price == price) {
        charged.remove(0);
    }
    charged
}

fn lasted(charged: &Charged<'_>, days: u16, zone: &TimeZone) -> bool {
    let end = charged.from.to_zoned_datetime(zone.clone()).saturating_add(i64::from(days).days());
    end.timestamp() <= charged.until
}

/// The verdict when the comparison may only be shown for a while.
fn for_half_as_long(
    charged: &Charged<'_>,
    reduction: &Reduction<'_>,
    rule: &SelfComparison,
    zone: &TimeZone,
) -> (PriceVerdict, VerdictReason) {
    let half = charged.until.duration_since(charged.from) / 2;
    let at_most = charged.until.to_zoned_datetime(zone.clone()).saturating_add(span(rule.or_half_time_max)).timestamp();
    let limit = charged.until.saturating_add(half).map_or(at_most, |limit| limit.min(at_most));
    let day = limit.to_zoned_datetime(zone.clone()).date();
    match reduction.ends_at {
        Some(ends_at) if ends_at <= limit => (PriceVerdict::Ok, VerdictReason::Reduced),
        Some(_) => (PriceVerdict::Review, VerdictReason::ComparedTooLong(day)),
        None => (PriceVerdict::Review, VerdictReason::ComparableUntil(day)),
    }
}
