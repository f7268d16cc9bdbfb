//! Whether the audience is what the campaign says it is.

use jiff::civil::Date;

use super::CheckedCampaign;
use crate::campaign::AudienceClass;
use crate::finding::{Finding, Severity};

const PRIVATE_SALE: &str = "Ministerial answers, JO 4 and 18 August 2015; Commission notice 2021/C 526/02, 2.3";

/// The findings on the audience.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let place = || subject.campaign.audience.place.clone();
    match subject.schedule.audience {
        AudienceClass::Public => {
            let message = "anyone can buy at these prices: in law this is a promotion, whatever its name";
            let remedy = "show the prior price with every reduction, and call it open to all";
            let note = Finding::warning("label.promotion", place(), message, remedy);
            vec![Finding {
                severity: Severity::Note,
                ..note.under("Directive 98/6/EC, art. 6a (in France: code de la consommation, art. L112-1-1)")
            }]
        }
        AudienceClass::OpenMembers => {
            let message =
                "anyone may join, so the sale is open to the public in fact, and its prices count as prior prices";
            let remedy = "show prior prices as for a public sale, and do not call it private";
            vec![Finding::warning("label.open-sign-up", place(), message, remedy).under(PRIVATE_SALE)]
        }
        AudienceClass::ClosedGroup => closed_group(subject),
        AudienceClass::Personal => Vec::new(),
    }
}

fn closed_group(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let Some(group) = &subject.campaign.group else { return Vec::new() };
    let mut findings = Vec::new();
    if group.joinable.value {
        let message = "a group that people can join while the sale runs is not closed";
        let remedy = "write `joinable = false` and keep to it, or `audience = \"open-members\"`";
        findings.push(
            Finding::error("label.group-is-open", group.joinable.place.clone(), message, remedy).under(PRIVATE_SALE),
        );
    }
    let opens_on: Date = subject.campaign.window.timezone.value.to_datetime(subject.schedule.opens_at).date();
    if group.fixed_on.value > opens_on {
        let message = format!("the group is fixed on {}, after the sale opens on {opens_on}", group.fixed_on.value);
        let remedy = "fix the group before the sale opens, and write that day";
        findings.push(
            Finding::error("label.group-too-late", group.fixed_on.place.clone(), message, remedy).under(PRIVATE_SALE),
        );
    }
    if group.who.value.split_whitespace().count() < 3 {
        let message = "nobody can tell from this who is in the group";
        let remedy =
            "say in a sentence who belongs to it, such as « les clientes et clients de la boutique de Metz en 2026 »";
        findings.push(
            Finding::error("label.group-not-stated", group.who.place.clone(), message, remedy).under(PRIVATE_SALE),
        );
    }
    findings
}
