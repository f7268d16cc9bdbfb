//! What a check says about a person's file: which rule, how grave, where, under which text, and what to do.
//!
//! Every reader of files in the core (calendars, campaigns, prices, templates) speaks in findings, so that one printer
//! and one JSON shape serve them all.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// Lawful or not known to be unlawful, but risky or probably not meant.
    Warning,
    /// Stops an apply until it is mended or waived.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Where in a person's files a finding lies. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file as the person named it.
    pub file: String,
    /// The line, when the finding concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column, when the finding concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The key or the words concerned, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(name: impl Into<String>) -> Self {
        Self { file: name.into(), ..Self::default() }
    }

    /// The place that starts at byte `offset` of `text`. An offset past the end means the end.
    pub fn at(file: impl Into<String>, text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.into(),
            line: Some(before.matches('\n').count() + 1),
            column: Some(before.get(line_start..).unwrap_or_default().chars().count() + 1),
            words: None,
        }
    }

    /// Whether both are about some of the same words of a line.
    pub fn overlaps(&self, other: &Self) -> bool {
        let span = |place: &Self| {
            let from = place.column?;
            let length = place.words.as_ref().map_or(1, |words| words.chars().count().max(1));
            Some((from, from + length))
        };
        let Some(((from, to), (start, end))) = span(self).zip(span(other)) else { return false };
        (&self.file, self.line) == (&other.file, other.line) && from < end && start < to
    }

    /// The same place, naming the key or words concerned.
    #[must_use]
    pub fn with_words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// One thing a check found: a rule, a place, and facts. The words come from the catalogues when somebody reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable id of the rule, such as `words.soldes-outside-period`. A waiver names it.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: Phrase,
    /// The text of law behind it, when there is one. It is quoted as its country writes it.
    pub law: Option<String>,
    /// What to write or do instead, in one sentence.
    pub remedy: Phrase,
}

impl fmt::Display for Finding {
    /// On one line, in English: where, what, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line().fmt(f)
    }
}

impl Serialize for Finding {
    /// For programs: the rule and the facts, which are the same in every language, and the words in English.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'a> {
            rule: &'static str,
            severity: Severity,
            place: &'a Place,
            message: String,
            law: Option<&'a str>,
            remedy: String,
            facts: BTreeMap<&'static str, &'a Fact>,
        }
        let facts = self.remedy.facts().iter().chain(self.message.facts());
        let whole = Whole {
            rule: self.rule,
            severity: self.severity,
            place: &self.place,
            message: self.message.to_string(),
            law: self.law.as_deref(),
            remedy: self.remedy.to_string(),
            facts: facts.map(|(name, fact)| (*name, fact)).collect(),
        };
        whole.serialize(serializer)
    }
}

/// `findings`, one to a line, in English.
pub fn in_lines(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("\n")
}

impl Finding {
    /// A finding without a text of law. What to do is what the catalogues keep as the message's `remedy`.
    pub fn new(severity: Severity, rule: &'static str, place: Place, message: Phrase) -> Self {
        let remedy = message.part("remedy");
        Self { rule, severity, place, message, law: None, remedy }
    }

    /// An error without a text of law.
    pub fn error(rule: &'static str, place: Place, message: Phrase) -> Self {
        Self::new(Severity::Error, rule, place, message)
    }

    /// A warning without a text of law.
    pub fn warning(rule: &'static str, place: Place, message: Phrase) -> Self {
        Self::new(Severity::Warning, rule, place, message)
    }

    /// A note without a text of law.
    pub fn note(rule: &'static str, place: Place, message: Phrase) -> Self {
        Self::new(Severity::Note, rule, place, message)
    }

    /// The finding on one line: where, what, and what to do.
    pub fn line(&self) -> Phrase {
        let (message, remedy) = (self.message.clone(), self.remedy.clone());
        phrase!("finding-line", place = Fact::text(&self.place), message = message, remedy = remedy)
    }

    /// The same finding with another remedy than the message's own.
    #[must_use]
    pub fn mended_by(mut self, remedy: Phrase) -> Self {
        self.remedy = remedy;
        self
    }

    /// The same finding, resting on a text of law.
    #[must_use]
    pub fn under(mut self, law: impl Into<String>) -> Self {
        self.law = Some(law.into());
        self
    }

    /// Whether it says what `other` says and asks for the same, be it of another market and under another law.
    fn says_the_same(&self, other: &Self) -> bool {
        let facts = |phrase: &Phrase| {
            let mut facts = phrase.facts().clone();
            facts.remove("market");
            facts
        };
        (self.rule, self.severity, &self.place) == (other.rule, other.severity, &other.place)
            && (self.message.name(), self.remedy.name()) == (other.message.name(), other.remedy.name())
            && facts(&self.message) == facts(&other.message)
            && facts(&self.remedy) == facts(&other.remedy)
    }

    /// The market that it is about, when its message knows one.
    fn market(&self) -> Option<Fact> {
        self.message.facts().get("market").cloned()
    }
}

/// A finding with the texts of law behind it and the markets that it is about.
struct FoundOnce {
    finding: Finding,
    laws: Vec<String>,
    markets: Vec<Fact>,
}

/// The same findings, each once: what is wrong at one place under the laws of several markets is one finding that names all of
/// these. Where one rule asks for different things in different markets, each says of which it speaks.
pub fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<FoundOnce> = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let (law, market) = (finding.law.take(), finding.market());
        if let Some(known) = once.iter_mut().find(|known| known.finding.says_the_same(&finding)) {
            known.laws.extend(law.filter(|law| !known.laws.contains(law)));
            known.markets.extend(market.filter(|market| !known.markets.contains(market)));
        } else {
            let (laws, markets) = (law.into_iter().collect(), market.into_iter().collect());
            once.push(FoundOnce { finding, laws, markets });
        }
    }
    let mut places: BTreeMap<(&str, &Place), usize> = BTreeMap::new();
    for known in &once {
        *places.entry((known.finding.rule, &known.finding.place)).or_default() += 1;
    }
    let shared: Vec<bool> = once
        .iter()
        .map(|known| places.get(&(known.finding.rule, &known.finding.place)).is_some_and(|count| *count > 1))
        .collect();
    once.into_iter().zip(shared).map(|(known, shared)| known.told(shared)).collect()
}

impl FoundOnce {
    /// The finding, with its markets when another one of the same rule has the same place.
    fn told(self, names_markets: bool) -> Finding {
        let Self { finding, laws, markets } = self;
        let law = (!laws.is_empty()).then(|| laws.join("; "));
        let message = if names_markets && !markets.is_empty() {
            phrase!("finding-in-markets", markets = Fact::List(markets), message = finding.message)
        } else {
            finding.message
        };
        Finding { message, law, ..finding }
    }
}

/// Whether any of the findings stops an apply.
pub fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, offset: usize, expected: &str) {
        assert_eq!(Place::at("c.toml", text, offset).to_string(), expected);
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        check("slug = \"x\"\n", 0, "c.toml:1:1");
        check("a\nété = 1", 8, "c.toml:2:5");
        check("a\né", 3, "c.toml:2:1");
        check("a", 99, "c.toml:1:2");
        check("", 0, "c.toml:1:1");
    }

    #[test]
    fn words_overlap_on_their_line() {
        let place = |column: usize, words: &str| Place::at("c.toml", &"x".repeat(90), column - 1).with_words(words);
        assert!(place(3, "stock limité").overlaps(&place(9, "limité")));
        assert!(!place(3, "stock").overlaps(&place(8, "limité")));
        assert!(!place(3, "stock").overlaps(&Place::file("c.toml")));
        assert!(!place(3, "stock").overlaps(&Place { file: "d.toml".into(), ..place(3, "stock") }));
    }

    #[test]
    fn what_markets_ask_for_differently_names_them() {
        let of = |market: &str, said: &'static str| {
            let message = Phrase::new(said).with("market", market.to_owned()).with("words", "privée");
            Finding::warning("words.x", Place::file("c.toml"), message)
        };
        let told = each_once(vec![of("FR", "no-french"), of("DE", "no-german"), of("AT", "no-german")]);
        let markets = |finding: &Finding| finding.message.facts().get("markets").cloned();
        let texts = |codes: &[&str]| Some(Fact::texts(codes));
        assert_eq!(told.iter().map(markets).collect::<Vec<_>>(), [texts(&["FR"]), texts(&["DE", "AT"])]);
        assert_eq!(
            told.iter().map(|it| it.remedy.name()).collect::<Vec<_>>(),
            ["no-french.remedy", "no-german.remedy"]
        );
        let alone = each_once(vec![of("FR", "no-french")]);
        assert_eq!(alone.first().and_then(markets), None);
    }

    #[test]
    fn what_several_laws_object_to_is_told_once() {
        let place = || Place::file("c.toml");
        let of = |market: &str, words: &str| {
            let message = Phrase::new("words-x").with("market", market.to_owned()).with("words", words.to_owned());
            Finding::error("words.x", place(), message)
        };
        let told = each_once(vec![
            of("FR", "soldes").under("French law"),
            of("BE", "soldes").under("Belgian law"),
            of("BE-VLG", "soldes").under("Belgian law"),
            of("IT", "saldi"),
        ]);
        let laws: Vec<Option<&str>> = told.iter().map(|finding| finding.law.as_deref()).collect();
        assert_eq!(laws, [Some("French law; Belgian law"), None]);
    }
}
