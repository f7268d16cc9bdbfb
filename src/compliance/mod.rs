//! The checks on a campaign: its words, its dates and its label, each against a text of law.
//!
//! Pure: documents, a calendar and values in, findings out. It reads no file and no store. A waiver is a person's answer
//! to a finding; which findings leave room for one is decided here, keeping them is not.

mod advertisement;
mod blackout;
mod doubt;
mod duration;
mod figures;
mod judgement;
mod label;
mod limits;
mod moments;
mod naming;
mod offers;
mod one_sale;
mod recipients;
mod rules;
mod season;
mod sent;
mod texts;
mod waiver;
mod window;
pub mod words;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

pub use duration::{RecordedSale, SalesRecord};
pub use judgement::{Case, Cleared, Judgement, judge};
pub use naming::naming;
pub use offers::{Offers, PastReduction, PastStretch};
pub use one_sale::words_of_one_sale;
pub use recipients::{concerns_everybody, reached, unknown_list, unknown_lists};
pub use rules::{LawRule, law_rules};
pub use waiver::{Judged, Waiver, WaiverError, accept, is_waivable, words_waived};
pub use words::RuleLaw;
use words::{LawfulSale, MarketSales, PlacedText, UndatedSale};

use crate::calendar::{Calendar, Channel, Market, Period, PeriodKind};
use crate::campaign::{Campaign, Schedule};
use crate::finding::{Finding, Place, each_once};

/// What is checked.
#[derive(Clone, Copy, Debug)]
struct CheckedCampaign<'a> {
    /// The file.
    campaign: &'a Campaign,
    /// What it resolved to.
    schedule: &'a Schedule,
    /// The law of dates.
    calendar: &'a Calendar,
    /// Texts beside those of the file, such as the mail templates in use.
    texts: &'a [PlacedText<'a>],
    /// The price files, once for each market.
    offers: &'a [Offers],
    /// How many members the shop may write to; none when it was not asked.
    members: Option<u64>,
    /// What the store says of the shop's sales; none where there is no shop.
    record: Option<&'a SalesRecord>,
}

/// Everything that the law of words, dates and labels may object to, in no particular order.
fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let mut findings = words(subject);
    findings.extend(blackout::check(subject));
    findings.extend(season::check(subject));
    findings.extend(doubt::check(subject));
    findings.extend(advertisement::check(subject));
    findings.extend(label::check(subject));
    findings.extend(moments::check(subject));
    findings.extend(figures::check(subject));
    findings.extend(limits::check(subject));
    findings.extend(duration::check(subject));
    // Words that are held against the file's own limits need no second remark that they should be true.
    let held: Vec<Place> =
        findings.iter().filter(|it| limits::RULES.contains(&it.rule)).map(|it| it.place.clone()).collect();
    findings.retain(|it| it.rule != "words.scarcity" || !held.iter().any(|place| place.overlaps(&it.place)));
    each_once(findings)
}

/// The text of law behind a period: that of its rule, else that of the country's regime. Where neither is known there is
/// none: the page on which somebody read a date is no law.
fn law_of(period: &Period, calendar: &Calendar) -> Option<String> {
    let own = period.grounds.iter().find_map(|ground| ground.text.clone());
    own.or_else(|| calendar.country(&period.market)?.regulation.text.clone())
}

fn words(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let schedule = subject.schedule;
    let day = |at: Timestamp| subject.campaign.window.timezone.value.to_datetime(at).date();
    let days = (day(schedule.opens_at), day(schedule.closes_at));
    let sales = |market: &Market| MarketSales {
        declared: schedule.declaration.clone(),
        ..seasons(subject.calendar, market, schedule.channel, days)
    };
    let markets: Vec<MarketSales> = schedule.markets.iter().map(sales).collect();
    let own = texts::of_campaign(subject.campaign, schedule);
    let mut findings = Vec::new();
    for text in own.iter().chain(subject.texts) {
        findings.extend(words::check_each(text, schedule.audience, &markets));
    }
    findings
}

/// The sales of `market` from a year before the first of `days` to a year after the last.
pub fn seasons(calendar: &Calendar, market: &Market, channel: Channel, days: (Date, Date)) -> MarketSales {
    let (from, to) = (days.0.saturating_sub(1.year()), days.1.saturating_add(1.year()));
    let mut sales = calendar.periods(market, channel, from, to);
    sales.retain(|period| period.kind == PeriodKind::Sale);
    let look = calendar.whom_to_ask(market).unwrap_or_default();
    let stretches = sales.iter().flat_map(Period::doubtful_stretches);
    let doubtful: Vec<UndatedSale> = stretches.map(|(from, to)| UndatedSale { from, to, look: look.clone() }).collect();
    let seasons = sales
        .into_iter()
        .map(|sale| LawfulSale {
            first_day: sale.first_day,
            hour: sale.starts_at.hour(),
            starts_at: sale.starts_at.timestamp(),
            ends_at: sale.ends_at.timestamp(),
            doubt: sale.doubt(),
        })
        .collect();
    let gaps = calendar.gaps(market, channel, from, to).into_iter();
    let gaps = gaps.map(|gap| UndatedSale { from: gap.from, to: gap.to, look: gap.look });
    let outside = calendar.outside(market).map(|look| UndatedSale { from, to, look: look.to_owned() });
    MarketSales {
        market: market.to_string(),
        seasons,
        free: calendar.is_free(market),
        undated: gaps.chain(outside).chain(doubtful).collect(),
        declared: None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_page_is_never_cited_as_law() {
        let calendar = Calendar::built_in();
        for listing in calendar.markets() {
            for channel in Channel::ALL {
                for period in calendar.periods(&listing.market, channel, date(2009, 1, 1), date(2030, 12, 31)) {
                    let law = law_of(&period, &calendar);
                    assert!(law.is_none_or(|law| !law.contains("://")), "{period:?}");
                }
            }
        }
    }
}
