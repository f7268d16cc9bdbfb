//! What limits the offer: words that claim a limit, and a sale that is called private and has none, held against what the
//! campaign file says.

use std::collections::BTreeSet;

use super::season::days;
use super::words::{Claim, PlacedText, StatedClaim, promises_circle, stated_claims, text_of_law};
use super::{CheckedCampaign, texts};
use crate::calendar::Market;
use crate::campaign::{AudienceClass, OfferLimit};
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// A window of more days than this limits nobody. No text of law gives a number: a month is what a season's sale lasts.
const LONG: i32 = 31;

/// The rules on words that say there is not enough for all.
pub(super) const RULES: [&str; 2] = ["words.limit-untrue", "words.limit-not-stated"];

/// The findings on limits.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let own = texts::of_campaign(subject.campaign, subject.schedule);
    let mut findings = Vec::new();
    for text in own.iter().chain(subject.texts) {
        for market in &subject.schedule.markets {
            let claims = stated_claims(text, market.country());
            findings.extend(claims.iter().filter_map(|claim| stock(subject, text, claim, *market)));
        }
    }
    findings.extend(private_without_limit(subject, own.iter().chain(subject.texts)));
    findings
}

/// Words that say there is not enough for all.
fn stock(subject: &CheckedCampaign<'_>, text: &PlacedText<'_>, claim: &StatedClaim, market: Market) -> Option<Finding> {
    let is_small_print = match claim.claim {
        Claim::LimitedStock => false,
        Claim::WhileStockLasts => true,
        _ => return None,
    };
    let place = text.document.place(claim.span.clone());
    let words = text.document.text.get(claim.span.clone()).unwrap_or_default();
    let finding = match &subject.campaign.limited_by {
        Some(limits) if limits.iter().any(|limit| limit.value == OfferLimit::Stock) => return None,
        Some(_) => {
            let said = Phrase::new(claim.says()).with("words", words).with("market", Fact::text(market));
            Finding::new(claim.severity(), claim.rule(), place, said)
        }
        // Nobody needs to write down that a stock is one.
        None if is_small_print => return None,
        None => {
            let said = phrase!("words-limit-not-stated", words = words).with("market", Fact::text(market));
            Finding::new(Severity::Warning, "words.limit-not-stated", place, said)
        }
    };
    Some(finding.under(claim.law()))
}

/// A sale that is called private, for so long that its window is no limit, and of which the file names no other.
fn private_without_limit<'a>(
    subject: &CheckedCampaign<'_>,
    mut texts: impl Iterator<Item = &'a PlacedText<'a>>,
) -> Option<Finding> {
    let is_limited = subject.campaign.limited_by.as_ref().is_some_and(|limits| !limits.is_empty());
    let days = days(subject);
    // What anyone may buy at is no private sale, and is told so.
    if is_limited || days <= LONG || subject.schedule.audience == AudienceClass::Public {
        return None;
    }
    let markets = || subject.schedule.markets.iter();
    let (text, span) = texts.find_map(|text| {
        let span = markets().find_map(|market| promises_circle(text, market.country()))?;
        Some((text, span))
    })?;
    let words = text.document.text.get(span.clone()).unwrap_or_default();
    let message = phrase!("words-private-without-limit", words = words, days = Fact::Count(days.into()));
    let laws: BTreeSet<&str> =
        markets().filter_map(|market| text_of_law("words.private-but-public", market.country())).collect();
    let finding = Finding::warning("words.private-without-limit", text.document.place(span), message);
    Some(finding.under(laws.into_iter().collect::<Vec<_>>().join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};

    /// The findings on the sample with `edits`, each with its grade and its words.
    #[track_caller]
    fn check_sample(edits: &[(&str, &str)], expected: &[&str]) {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let subject = CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers: &[],
            members: None,
            record: None,
        };
        let found: Vec<String> = check(&subject)
            .iter()
            .map(|finding| format!("{} {} {}", finding.severity, finding.rule, finding.place.words.as_deref().unwrap()))
            .collect();
        assert_eq!(found, expected, "{edits:?}");
    }

    const TITLE: &str = "Les journées magiques";

    #[test]
    fn words_that_claim_a_limit_are_held_against_the_file() {
        let limited = (TITLE, "Bottines en stock limité");
        let says = |line: &str| format!("{line}\n\n[window]");
        check_sample(&[limited], &["warning words.limit-not-stated stock limité"]);
        check_sample(&[limited, ("[window]", &says("limited_by = [\"stock\"]"))], &[]);
        let untrue = ["error words.limit-untrue stock limité"];
        check_sample(&[limited, ("[window]", &says("limited_by = [\"brands\"]"))], &untrue);
        check_sample(&[limited, ("[window]", &says("limited_by = []"))], &untrue);
        check_sample(&[(TITLE, "Bottines en édition limitée")], &[]);
        let small_print = (TITLE, "Bottines, jusqu’à épuisement des stocks");
        check_sample(&[small_print], &[]);
        let untrue = ["error words.limit-untrue jusqu’à épuisement"];
        check_sample(&[small_print, ("[window]", &says("limited_by = []"))], &untrue);
        check_sample(&[], &[]);
    }

    #[test]
    fn a_private_sale_has_a_limit() {
        let group = "[group]\nwho = \"les clients de Metz\"\nfixed_on = 2026-12-01\njoinable = false\n\n[window]";
        let private = [(TITLE, "Vente privée"), ("\"public\"", "\"closed-group\""), ("[window]", group)];
        check_sample(&private, &[]);
        let long = ("\"soldes.winter.2027\"", "\"window.opens + 60 days\"");
        let found = ["warning words.private-without-limit Vente privée"];
        check_sample(&[private[0], private[1], private[2], long], &found);
        let of_brands = format!("limited_by = [\"brands\"]\n\n{group}");
        check_sample(&[private[0], private[1], ("[window]", &of_brands), long], &[]);
        check_sample(&[long], &[]);
    }
}
