//! What the words of a sentence stand for, and what they say together.
//!
//! A list of phrases knows only who writes as its author does. Here a law is held against ideas: « a card, without which nobody is
//! let in » is three of them, and each language has many words for each. A combination is written once for all languages, over the
//! names of the ideas; the words are `config/wording/concepts.toml`. It is a guess that can be read: the finding names the words
//! that made it.

use std::collections::BTreeMap;
use std::iter;
use std::ops::Range;

use super::pattern::{Pattern, PatternIndex};
use super::token::Token;

/// Within how many words the ideas of a combination stand.
const TOGETHER: usize = 18;
/// How many words before an idea a negation denies it.
const DENIES: usize = 3;
/// The idea of a negation.
const NEGATION: &str = "not";

/// The words for each idea, by the name that combinations call it and the language.
#[derive(Clone, Debug, Default)]
pub(super) struct Concepts {
    names: Vec<String>,
    languages: Vec<ConceptLanguage>,
}

/// The words of one language.
#[derive(Clone, Debug, Default)]
struct ConceptLanguage {
    language: String,
    /// The number of an idea, and its words, in the order of the numbers that the index calls them.
    words: Vec<(usize, Vec<Pattern>)>,
    index: PatternIndex,
}

/// Words of a sentence that stand for an idea.
#[derive(Clone, Debug, PartialEq, Eq)]
struct IdeaMark {
    concept: usize,
    words: Range<usize>,
}

/// What the words of a sentence stand for, read in one language.
#[derive(Clone, Debug, Default)]
pub(super) struct IdeaMarks<'a> {
    language: &'a str,
    /// A bit for each idea that is there.
    present: u128,
    /// The number of the idea that denies others.
    negation: Option<usize>,
    marks: Vec<IdeaMark>,
}

/// The bit of an idea. There are fewer than bits, which a test holds.
fn bit(concept: usize) -> u128 {
    u32::try_from(concept).ok().and_then(|concept| 1_u128.checked_shl(concept)).unwrap_or_default()
}

/// How many letters a word has at least whose endings are known without being written.
const INFLECTED: usize = 4;

/// `pattern` with each word also as most words of `language` end in the plural, so that nobody need write both: in French also the second
/// person of many verbs, in German and Dutch also a case or an infinitive. What is no word of the language is in no sentence of it.
fn inflected(pattern: &str, language: &str) -> String {
    let endings = |word: &str| -> Vec<String> {
        if word.len() < INFLECTED || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        let last = word.chars().last();
        let stem = word.get(..word.len() - 1).unwrap_or_default();
        match (language, last) {
            ("fr" | "en" | "es" | "pt", Some('s' | 'x' | 'z')) | ("de" | "nl", Some('s' | 'n')) => Vec::new(),
            ("fr" | "en" | "es" | "pt", _) => vec![format!("{word}s")],
            ("it", Some('o' | 'e')) => vec![format!("{stem}i")],
            ("it", Some('a')) => vec![format!("{stem}e")],
            ("de", Some('e')) => vec![format!("{word}n")],
            ("de" | "nl", _) => vec![format!("{word}en"), format!("{word}s")],
            _ => Vec::new(),
        }
    };
    let item = |item: &str| {
        let (words, optional) = item.strip_suffix('?').map_or((item, ""), |words| (words, "?"));
        let each = words.split('|').flat_map(|word| iter::once(word.to_owned()).chain(endings(word)));
        each.collect::<Vec<_>>().join("|") + optional
    };
    pattern.split_whitespace().map(item).collect::<Vec<_>>().join(" ")
}

impl Concepts {
    /// Reads what the file holds: names, then languages, then words with commas between.
    pub(super) fn of(file: &BTreeMap<String, BTreeMap<String, String>>) -> Self {
        let mut languages: BTreeMap<&str, ConceptLanguage> = BTreeMap::new();
        for (concept, written) in file.values().enumerate() {
            for (language, words) in written {
                let texts = words.split(',').map(str::trim).filter(|text| !text.is_empty());
                let patterns: Vec<Pattern> = texts.map(|text| Pattern::parse(&inflected(text, language))).collect();
                let own = languages.entry(language).or_default();
                own.language.clone_from(language);
                own.index.add(own.words.len(), &patterns);
                own.words.push((concept, patterns));
            }
        }
        Self { names: file.keys().cloned().collect(), languages: languages.into_values().collect() }
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok()
    }

    /// The bits of the ideas of these names; otherwise the first name that no idea has.
    fn bits<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Result<u128, String> {
        names.try_fold(0, |bits, name| Ok(bits | bit(self.number(name).ok_or_else(|| name.to_owned())?)))
    }

    /// What the words of `sentence` stand for in `language`, or in each that it may be written in.
    pub(super) fn marks(
        &self,
        tokens: &[Token],
        sentence: &Range<usize>,
        language: Option<&str>,
    ) -> Vec<IdeaMarks<'_>> {
        let is_read = |known: &&ConceptLanguage| language.is_none_or(|language| language == known.language);
        let read = |known| self.read(known, tokens, sentence);
        self.languages.iter().filter(is_read).map(read).collect()
    }

    fn read<'a>(&self, known: &'a ConceptLanguage, tokens: &[Token], sentence: &Range<usize>) -> IdeaMarks<'a> {
        let negation = self.number(NEGATION);
        let mut read = IdeaMarks { language: &known.language, negation, ..IdeaMarks::default() };
        let pattern = |list: usize, own: usize| known.words.get(list).and_then(|(_, patterns)| patterns.get(own));
        for found in known.index.found_of_any_length(tokens, sentence, pattern) {
            let Some((concept, _)) = known.words.get(found.list) else { continue };
            read.marks.push(IdeaMark { concept: *concept, words: found.words });
            read.present |= bit(*concept);
        }
        read
    }
}

impl IdeaMarks<'_> {
    /// Whether they were read in one of `languages`, or these are all.
    pub(super) fn are_in(&self, languages: &[String]) -> bool {
        languages.is_empty() || languages.iter().any(|language| language == self.language)
    }

    fn is_denied(&self, mark: &IdeaMark) -> bool {
        let denies = |other: &IdeaMark| {
            Some(other.concept) == self.negation
                && other.words.end <= mark.words.start
                && mark.words.start - other.words.end < DENIES
        };
        self.marks.iter().any(denies)
    }

    /// The words that say `combination`, in their order.
    pub(super) fn say(&self, combination: &Combination) -> Option<Vec<Range<usize>>> {
        let is_possible = combination.parts.iter().all(|part| self.present & part.bits != 0);
        let mut found = Vec::new();
        if !is_possible || !self.fill(&combination.parts, combination.in_order, &mut found) {
            return None;
        }
        // A word that says the thing does not also keep it from being said.
        let is_other = |mark: &IdeaMark| {
            bit(mark.concept) & combination.unless != 0
                && !found.iter().any(|words| words.start <= mark.words.start && mark.words.end <= words.end)
        };
        if self.present & combination.unless != 0 && self.marks.iter().any(is_other) {
            return None;
        }
        found.sort_by_key(|words| words.start);
        Some(found)
    }

    /// Chooses a mark for each of `parts`, no word twice, each close to the one before.
    fn fill(&self, parts: &[CombinationPart], in_order: bool, found: &mut Vec<Range<usize>>) -> bool {
        let Some((part, rest)) = parts.split_first() else { return true };
        for mark in self.marks.iter().filter(|mark| bit(mark.concept) & part.bits != 0) {
            let is_free = found.iter().all(|other| mark.words.end <= other.start || other.end <= mark.words.start);
            let fits = found.last().is_none_or(|last| {
                let follows = last.end <= mark.words.start;
                let between =
                    if follows { mark.words.start - last.end } else { last.start.saturating_sub(mark.words.end) };
                between < part.within && (follows || !in_order)
            });
            if is_free && fits && !(part.asserted && self.is_denied(mark)) {
                found.push(mark.words.clone());
                if self.fill(rest, in_order, found) {
                    return true;
                }
                found.pop();
            }
        }
        false
    }
}

/// Ideas that say something together: `+account & must & deal|see - errand`.
///
/// Between ` & ` stand ideas in any order, between ` > ` in this one. `a|b` is either, `+` must not be denied by a negation right before
/// it, a number in parentheses after it is within how many words of the one named before it it stands, and ` - ` begins what must not be in
/// the sentence.
#[derive(Clone, Debug)]
pub(super) struct Combination {
    parts: Vec<CombinationPart>,
    in_order: bool,
    /// The bits of the ideas that speak of something else.
    unless: u128,
}

#[derive(Clone, Debug)]
struct CombinationPart {
    /// The bits of the ideas, one of which will do.
    bits: u128,
    asserted: bool,
    within: usize,
}

impl Combination {
    /// Reads a combination; otherwise the name that no idea has.
    pub(super) fn parse(text: &str, concepts: &Concepts) -> Result<Self, String> {
        let (said, unless) = text.split_once(" - ").unwrap_or((text, ""));
        let parts = said.split([' ', '&', '>']).filter(|part| !part.is_empty()).map(|part| {
            let (part, asserted) = part.strip_prefix('+').map_or((part, false), |part| (part, true));
            let (part, within) = part.split_once('(').unwrap_or((part, ""));
            let within = within.trim_end_matches(')').parse().unwrap_or(TOGETHER);
            Ok(CombinationPart { bits: concepts.bits(part.split('|'))?, asserted, within })
        });
        Ok(Self {
            parts: parts.collect::<Result<_, String>>()?,
            in_order: said.contains(" > "),
            unless: concepts.bits(unless.split_whitespace())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Form, Writing, read};
    use super::super::token::{Vocabulary, tokens};
    use super::*;

    #[track_caller]
    fn check(combination: &str, text: &str, expected: Option<&[&str]>) {
        let word = |words: &str| BTreeMap::from([("fr".to_owned(), words.to_owned())]);
        let file = BTreeMap::from([
            ("account".to_owned(), word("compte, espace client")),
            ("deal".to_owned(), word("prix|vente")),
            ("must".to_owned(), word("faut, oblig*")),
            ("errand".to_owned(), word("colis")),
            ("not".to_owned(), word("sans, aucun, pas")),
        ]);
        let concepts = Concepts::of(&file);
        let combination = Combination::parse(combination, &concepts).unwrap();
        let strands = read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let tokens = tokens(strands.first().unwrap(), &Vocabulary::default());
        let sentence = 0..tokens.len();
        let marks = concepts.marks(&tokens, &sentence, Some("fr"));
        let said = marks.first().unwrap().say(&combination).map(|found| {
            let word =
                |range: Range<usize>| tokens.get(range).unwrap().iter().map(Token::latin).collect::<Vec<_>>().join(" ");
            found.into_iter().map(word).collect::<Vec<_>>()
        });
        assert_eq!(
            said.as_deref(),
            expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).as_deref(),
            "{text}"
        );
    }

    #[test]
    fn ideas_are_found_in_any_words_and_any_order() {
        let rule = "+account & must & deal - errand";
        check(rule, "Le prix ? Il faut un espace client.", Some(&["prix", "faut", "espace client"]));
        check(rule, "Compte obligatoire avant la vente", Some(&["compte", "obligatoire", "vente"]));
        check(rule, "Il faut un compte.", None);
    }

    #[test]
    fn an_idea_is_found_in_the_plural_and_beside_a_longer_one() {
        check("account > errand", "Des comptes, des colis", Some(&["comptes", "colis"]));
        check("account & deal", "Un espace client, des ventes", Some(&["espace client", "ventes"]));
        assert_eq!(inflected("konto|frau ... #|a?", "de"), "konto|kontoen|kontos|frau|frauen|fraus ... #|a?");
        assert_eq!(inflected("prezzo|casa sold*", "it"), "prezzo|prezzi|casa|case sold*");
    }

    #[test]
    fn a_word_that_says_it_does_not_also_keep_it_from_being_said() {
        check("account & deal - deal", "Un compte, un prix", Some(&["compte", "prix"]));
        check("account & deal - deal", "Un compte, un prix, une vente", None);
    }

    #[test]
    fn what_is_denied_or_about_something_else_is_left_alone() {
        let rule = "+account & must & deal - errand";
        check(rule, "Il ne faut pas de compte pour voir les prix", None);
        check(rule, "Il faut un compte pour suivre le colis au prix de la poste", None);
        check("not > account(2) > not > deal", "Sans compte, pas de prix", Some(&["sans", "compte", "pas", "prix"]));
        check("not > account(2) > not > deal", "Pas de prix sans compte", None);
    }

    #[test]
    fn every_idea_has_a_bit() {
        let concepts = &super::super::law::built_in().as_ref().unwrap().concepts;
        assert!(concepts.names.len() <= 128);
        assert!((0..concepts.names.len()).all(|concept| bit(concept) != 0));
    }

    #[test]
    fn a_name_that_no_idea_has_is_refused() {
        assert_eq!(Combination::parse("acount", &Concepts::default()).unwrap_err(), "acount");
    }
}
