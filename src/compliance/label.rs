//! Whether the audience is what the campaign says it is.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::CheckedCampaign;
use super::words::text_of_law;
use crate::calendar::{Country, PriorPrice};
use crate::campaign::AudienceClass;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Phrase;
use crate::price::Reach;

/// The findings on the audience.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let place = || subject.campaign.audience.place.clone();
    match subject.schedule.audience {
        AudienceClass::Public => {
            let note = Finding::note("label.promotion", place(), phrase!("label-promotion"));
            vec![Finding { law: law_of_prices(subject), ..note }]
        }
        AudienceClass::OpenMembers => {
            let counts = countries(subject).any(|country| match &country.prior_price {
                PriorPrice::LowestBefore(rule) => rule.reach(AudienceClass::OpenMembers) == Reach::Public,
                PriorPrice::SelfComparison(_) | PriorPrice::None { .. } | PriorPrice::Unknown { .. } => false,
            });
            let message = if counts { phrase!("label-open-sign-up-counts") } else { phrase!("label-open-sign-up") };
            vec![Finding { law: law_of_circles(subject), ..Finding::warning("label.open-sign-up", place(), message) }]
        }
        AudienceClass::ClosedGroup => closed_group(subject),
        AudienceClass::Personal => Vec::new(),
    }
}

fn countries<'a>(subject: &'a CheckedCampaign<'_>) -> impl Iterator<Item = &'a Country> {
    subject.schedule.markets.iter().filter_map(|market| subject.calendar.country(market))
}

/// What each market says on prior prices, where that is known.
fn law_of_prices(subject: &CheckedCampaign<'_>) -> Option<String> {
    let texts: BTreeSet<String> = countries(subject).filter_map(law_of_prior_prices).collect();
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join("; "))
}

/// What `country` says on prior prices, where that is known.
pub(super) fn law_of_prior_prices(country: &Country) -> Option<String> {
    match &country.prior_price {
        PriorPrice::LowestBefore(rule) => {
            let own = rule.text.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
            Some(format!("Directive 98/6/EC, art. 6a{own}"))
        }
        PriorPrice::SelfComparison(rule) => rule.text.clone(),
        PriorPrice::None { says, .. } => Some(says.clone()),
        PriorPrice::Unknown { .. } => None,
    }
}

/// What each market says on sales for a circle that is not closed, where that is known.
fn law_of_circles(subject: &CheckedCampaign<'_>) -> Option<String> {
    let markets = subject.schedule.markets.iter();
    let texts: BTreeSet<&str> =
        markets.filter_map(|market| text_of_law("words.private-but-open", market.country())).collect();
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join("; "))
}

fn closed_group(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let Some(group) = &subject.campaign.group else { return Vec::new() };
    let mut findings = Vec::new();
    let mut say = |rule, place: &Place, message: Phrase| {
        let law = law_of_circles(subject);
        findings.push(Finding { law, ..Finding::error(rule, place.clone(), message) });
    };
    if group.joinable.value {
        say("label.group-is-open", &group.joinable.place, phrase!("label-group-is-open"));
    }
    let opens_on: Date = subject.campaign.window.timezone.value.to_datetime(subject.schedule.opens_at).date();
    let fixed_on = group.fixed_on.value;
    if fixed_on > opens_on {
        let message = phrase!("label-group-too-late", fixed_on = fixed_on, opens_on = opens_on);
        say("label.group-too-late", &group.fixed_on.place, message);
    }
    if group.who.value.split_whitespace().count() < 3 {
        say("label.group-not-stated", &group.who.place, phrase!("label-group-not-stated"));
    }
    findings
}
