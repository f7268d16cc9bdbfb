//! Words that say that a sale is about to close, and whether two sales bear the same name.

use std::collections::BTreeSet;

use super::law::{self, Topic, When, WordLaw};
use super::reading::{Form, Writing};
use super::token::tokens;
use super::{TextKind, judge, reading};
use crate::calendar::Confidence;

/// Fewer telling words than this do not make two names the same when one of them says more.
const TELLING: usize = 2;

/// The first words of `text` that say that the sale is about to close, as the law of `country` reads them.
pub(in crate::compliance) fn pressing_words(
    text: &str,
    kind: TextKind,
    language: Option<&str>,
    country: &str,
) -> Option<String> {
    let wording = law::built_in().as_ref().ok()?;
    let strands = reading::read(text, 0..text.len(), kind.form(), Writing::Raw);
    let uses = strands.iter().flat_map(|strand| judge::uses(strand, language, country, Topic::Names, wording));
    // What follows from pressing words may be an error, which needs more than words that say so together.
    let presses = |found: &judge::Match<'_>| {
        found.together.is_empty()
            && found.family.laws.iter().any(|law| law.when == When::FarFromEnd && law.binds(country))
    };
    let span = uses.filter(presses).map(|found| found.span).min_by_key(|span| span.start)?;
    text.get(span).map(str::to_owned)
}

/// The text of law of `country` on limits of time that are none, and how well it is known.
pub(in crate::compliance) fn urgency_law(country: &str) -> Option<(&'static str, Confidence)> {
    let wording = law::built_in().as_ref().ok()?;
    let is_urgency = |law: &&WordLaw| law.when == When::FarFromEnd && law.binds(country);
    wording.laws.iter().find(is_urgency).map(|law| (law.text.as_str(), law.confidence))
}

/// The name of a sale, by the words that tell it from others: without case, accents, numbers and plurals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::compliance) struct NamedSale {
    telling: BTreeSet<String>,
    whole: String,
}

impl NamedSale {
    /// The name `text`.
    pub(in crate::compliance) fn of(text: &str) -> Self {
        let Ok(wording) = law::built_in() else {
            return Self { telling: BTreeSet::new(), whole: text.to_owned() };
        };
        let strands = reading::read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let words: Vec<String> = strands
            .iter()
            .flat_map(|strand| tokens(strand, &wording.vocabulary))
            .map(|token| token.latin().to_owned())
            .collect();
        let is_number = |word: &String| word.chars().all(|letter| letter.is_ascii_digit());
        let tells =
            |word: &&String| word.chars().count() > 3 && !is_number(word) && !wording.figures.everyday.contains(*word);
        let singular = |word: &String| word.trim_end_matches(['s', 'x']).to_owned();
        let telling = words.iter().filter(tells).map(singular).collect();
        Self { telling, whole: words.join(" ") }
    }
}

/// Whether two sales are called the same: by the same telling words, or one by all of the other's and more.
pub(in crate::compliance) fn same_name(one: &NamedSale, other: &NamedSale) -> bool {
    let (shorter, longer) = if one.telling.len() <= other.telling.len() { (one, other) } else { (other, one) };
    if shorter.telling.is_empty() {
        return one.whole == other.whole;
    }
    let is_within = shorter.telling.is_subset(&longer.telling);
    is_within && (shorter.telling.len() == longer.telling.len() || shorter.telling.len() >= TELLING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_another_dress() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(same_name(&NamedSale::of(one), &NamedSale::of(other)), expected, "{one} | {other}");
        };
        check("Les journées magiques", "LES JOURNEES MAGIQUES 2027", true);
        check("Les journées magiques", "Les journées magiques, prolongées", true);
        check("Les journées magiques", "Les journées douces", false);
        check("Promotions", "Promotions de rentrée", false);
        check("J1", "J1", true);
        check("J1", "J2", false);
    }

    #[test]
    fn words_that_press_are_those_of_the_end() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(pressing_words(text, TextKind::Label, Some("fr"), "FR").as_deref(), expected, "{text}");
        };
        check("Vite : dernières heures !", Some("dernières heures"));
        check("Derniers jours", Some("Derniers jours"));
        check("Les journées magiques", None);
        check("Derniers jours du mois", None);
        check("Derniers jours avant l’ouverture", None);
    }

    #[test]
    fn every_market_whose_words_are_known_has_a_text_on_false_urgency() {
        for country in ["FR", "BE", "LU", "DE", "NL", "IT", "ES", "GB", "CH"] {
            assert!(urgency_law(country).is_some(), "{country}");
        }
    }
}
