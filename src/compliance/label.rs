//! Whether the audience is what the campaign says it is.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::CheckedCampaign;
use super::words::text_of_law;
use crate::calendar::{Country, PriorPrice};
use crate::campaign::AudienceClass;
use crate::finding::Finding;
use crate::price::Reach;

/// The findings on the audience.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let place = || subject.campaign.audience.place.clone();
    match subject.schedule.audience {
        AudienceClass::Public => {
            let message = "anyone can buy at these prices: in law this is a promotion, whatever its name";
            let remedy = "show the prior price with every reduction, and call it open to all";
            vec![Finding::plain_note("label.promotion", place(), message, remedy).under(law_of_prices(subject))]
        }
        AudienceClass::OpenMembers => {
            let counts = countries(subject).any(|country| match &country.prior_price {
                PriorPrice::LowestBefore(rule) => rule.reach(AudienceClass::OpenMembers) == Reach::Public,
                PriorPrice::SelfComparison(_) | PriorPrice::None { .. } => false,
            });
            let (counts, prices) = if counts {
                (", and its prices count as prior prices", "show prior prices as for a public sale, and ")
            } else {
                ("", "")
            };
            let message = format!("anyone may join, so the sale is open to the public in fact{counts}");
            let remedy = format!("{prices}do not call it private");
            vec![Finding::plain_warning("label.open-sign-up", place(), message, remedy).under(law_of_circles(subject))]
        }
        AudienceClass::ClosedGroup => closed_group(subject),
        AudienceClass::Personal => Vec::new(),
    }
}

fn countries<'a>(subject: &'a CheckedCampaign<'_>) -> impl Iterator<Item = &'a Country> {
    subject.schedule.markets.iter().filter_map(|market| subject.calendar.country(market))
}

/// What each market says on prior prices.
fn law_of_prices(subject: &CheckedCampaign<'_>) -> String {
    let texts: BTreeSet<String> = countries(subject)
        .map(|country| match &country.prior_price {
            PriorPrice::LowestBefore(rule) => {
                let own = rule.text.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
                format!("Directive 98/6/EC, art. 6a{own}")
            }
            PriorPrice::SelfComparison(rule) => rule.text.clone().unwrap_or_default(),
            PriorPrice::None { says, .. } => says.clone(),
        })
        .collect();
    texts.into_iter().collect::<Vec<_>>().join("; ")
}

/// What each market says on sales for a circle that is not closed.
fn law_of_circles(subject: &CheckedCampaign<'_>) -> String {
    let markets = subject.schedule.markets.iter();
    let texts: BTreeSet<&str> =
        markets.filter_map(|market| text_of_law("words.private-but-open", market.country())).collect();
    texts.into_iter().collect::<Vec<_>>().join("; ")
}

fn closed_group(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let Some(group) = &subject.campaign.group else { return Vec::new() };
    let mut findings = Vec::new();
    if group.joinable.value {
        let message = "a group that people can join while the sale runs is not closed";
        let remedy = "write `joinable = false` and keep to it, or `audience = \"open-members\"`";
        findings.push(
            Finding::plain_error("label.group-is-open", group.joinable.place.clone(), message, remedy)
                .under(law_of_circles(subject)),
        );
    }
    let opens_on: Date = subject.campaign.window.timezone.value.to_datetime(subject.schedule.opens_at).date();
    if group.fixed_on.value > opens_on {
        let message = format!("the group is fixed on {}, after the sale opens on {opens_on}", group.fixed_on.value);
        let remedy = "fix the group before the sale opens, and write that day";
        findings.push(
            Finding::plain_error("label.group-too-late", group.fixed_on.place.clone(), message, remedy)
                .under(law_of_circles(subject)),
        );
    }
    if group.who.value.split_whitespace().count() < 3 {
        let message = "nobody can tell from this who is in the group";
        let remedy =
            "say in a sentence who belongs to it, such as « les clientes et clients de la boutique de Metz en 2026 »";
        findings.push(
            Finding::plain_error("label.group-not-stated", group.who.place.clone(), message, remedy)
                .under(law_of_circles(subject)),
        );
    }
    findings
}
