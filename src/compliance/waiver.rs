//! A person's signed decision to go ahead in spite of a finding, and which findings leave room for one.

use jiff::Timestamp;
use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::phrase::{Phrase, Spoken};
use crate::text::Slug;
use crate::{phrase, spoken_errors};

/// A waiver: for one campaign and one rule, and for certain words only when it names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The campaign's slug.
    pub campaign: Slug,
    /// The rule id.
    pub rule: String,
    /// The words that it is about, as they are written; `None` covers every finding of the rule in this campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Why, in the person's words.
    pub reason: String,
    /// Who decided.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl Waiver {
    /// Whether it covers `finding`. A prolongation is waived until the closing that it was waived for: a later one asks again.
    pub fn covers(&self, finding: &Finding) -> bool {
        let same_words = match &self.words {
            Some(words) => finding.place.words.as_ref() == Some(words),
            None => !is_of_one_closing(finding.rule),
        };
        self.rule == finding.rule && same_words && is_waivable(finding.rule)
    }
}

/// Why a waiver cannot be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaiverError {
    /// The rule is about a fact that the file itself states.
    NotWaivable(String),
    /// The reason says nothing.
    NoReason,
}

spoken_errors!(WaiverError);

impl Spoken for WaiverError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::NotWaivable(rule) => phrase!("waiver-not-waivable", rule = rule),
            Self::NoReason => phrase!("waiver-no-reason"),
        }
    }
}

/// Whether a person may go ahead in spite of a finding of `rule`. A machine can misread words, the reach of a blackout is a
/// question for lawyers, a law that the calendar does not know is one for those who do, and whether a letter tells those whom its sale
/// does not concern is for whoever reads it; what a file states about itself, and whether it can work at all, is none of these.
pub fn is_waivable(rule: &str) -> bool {
    let in_a_room = ["words.", "blackout.", "season.", "duration.", "price."].iter().any(|room| rule.starts_with(room));
    (in_a_room && rule != "words.data") || ["market.law-unknown", "mailing.beyond-market"].contains(&rule)
}

/// Whether a waiver of `rule` is for one closing of the sale, as it is written in the file.
fn is_of_one_closing(rule: &str) -> bool {
    rule == "duration.prolonged"
}

/// The words that a waiver of `rule` is about, when the person names none: the closing of the sale, where it is for one.
pub fn words_waived(rule: &str, findings: &[Finding]) -> Option<String> {
    let mut own = findings.iter().filter(|finding| is_of_one_closing(rule) && finding.rule == rule);
    own.find_map(|finding| finding.place.words.clone())
}

/// Checks a waiver before it is kept.
///
/// # Errors
/// [`WaiverError`], when the rule leaves no room for one or the reason is empty.
pub fn accept(waiver: &Waiver) -> Result<(), WaiverError> {
    if !is_waivable(&waiver.rule) {
        return Err(WaiverError::NotWaivable(waiver.rule.clone()));
    }
    if waiver.reason.split_whitespace().count() < 2 {
        return Err(WaiverError::NoReason);
    }
    Ok(())
}

/// A finding, and the waiver that covers it if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// Who went ahead in spite of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
}

impl Judged {
    /// Whether it stops an apply.
    pub fn stops(&self) -> bool {
        self.finding.severity == Severity::Error && self.waiver.is_none()
    }
}

/// Puts each finding together with the latest waiver of `campaign` that covers it.
pub(super) fn cover(campaign: &Slug, findings: Vec<Finding>, waivers: &[Waiver]) -> Vec<Judged> {
    let own = || waivers.iter().rev().filter(|waiver| waiver.campaign == *campaign);
    findings
        .into_iter()
        .map(|finding| {
            let waiver = own().find(|waiver| waiver.covers(&finding)).cloned();
            Judged { finding, waiver }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn waiver(rule: &str, words: Option<&str>) -> Waiver {
        Waiver {
            campaign: "hiver".parse().unwrap(),
            rule: rule.into(),
            words: words.map(str::to_owned),
            reason: "quoted from a book title".into(),
            who: "camille".into(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[track_caller]
    fn check(campaign: &str, given: Waiver, expected: bool) {
        let place = Place::file("c.toml").with_words("soldes");
        let finding = Finding::error("words.soldes-outside-period", place, Phrase::quoted("no"));
        let judged = cover(&campaign.parse().unwrap(), vec![finding], &[given]);
        assert_eq!(judged.iter().map(Judged::stops).collect::<Vec<_>>(), [!expected]);
    }

    #[test]
    fn a_waiver_covers_its_campaign_its_rule_and_its_words() {
        check("hiver", waiver("words.soldes-outside-period", None), true);
        check("hiver", waiver("words.soldes-outside-period", Some("soldes")), true);
        check("hiver", waiver("words.soldes-outside-period", Some("Soldes")), false);
        check("hiver", waiver("words.soldes-derivative", None), false);
        check("ete", waiver("words.soldes-outside-period", None), false);
    }

    /// The reason of one Saturday is none for the week after.
    #[test]
    fn a_waiver_of_a_prolongation_is_for_the_closing_that_it_names() {
        let rule = "duration.prolonged";
        let closing = |words: &str| {
            Finding::error("duration.prolonged", Place::file("c.toml").with_words(words), Phrase::quoted("later"))
        };
        let words = words_waived(rule, &[closing("2026-11-30 20:00")]);
        assert_eq!(words.as_deref(), Some("2026-11-30 20:00"));
        let given = waiver(rule, words.as_deref());
        assert!(given.covers(&closing("2026-11-30 20:00")));
        assert!(!given.covers(&closing("2026-12-20 20:00")));
        assert!(!waiver(rule, None).covers(&closing("2026-11-30 20:00")), "it names no closing");
        let other = Finding::error("words.scarcity", Place::file("c.toml").with_words("3"), Phrase::quoted("x"));
        assert_eq!(words_waived("words.scarcity", &[other]), None);
    }

    #[test]
    fn what_a_file_says_of_itself_cannot_be_waived() {
        let check = |rule: &str, expected: bool| assert_eq!(accept(&waiver(rule, None)).is_ok(), expected, "{rule}");
        check("words.soldes-derivative", true);
        check("blackout.announcement", true);
        check("market.law-unknown", true);
        check("market.unknown", false);
        check("label.group-is-open", false);
        check("window.empty", false);
        check("campaign.syntax", false);
        check("words.data", false);
        let mut hasty = waiver("words.soldes-derivative", None);
        hasty.reason = "ok".into();
        assert_eq!(accept(&hasty), Err(WaiverError::NoReason));
    }
}
