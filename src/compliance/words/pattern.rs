//! Patterns over words, as the law data writes them.
//!
//! A pattern is words with spaces between. `a|b` is either, `sold*` any word that starts so, `=soldé` the word with
//! exactly these accents, `^solder` the word as a name, `#` a number, `-#` a number with a minus sign before it, `x?` may be
//! left out, `...` up to three words of any kind, and `@` is the word that is judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use serde::{Deserialize, Deserializer};

use super::fold;
use super::token::Token;

/// How many words `...` may stand for.
const GAP: usize = 3;

#[derive(Clone, Debug)]
enum Wanted {
    Folded(String),
    Start(String),
    Marked(String),
    Name(String),
    Number,
    Minus,
}

#[derive(Clone, Debug)]
enum Item {
    Word { wanted: Vec<Wanted>, optional: bool },
    Gap,
}

/// A sequence of words.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    items: Vec<Item>,
}

impl Pattern {
    /// Reads a pattern without `@`.
    pub(super) fn parse(text: &str) -> Self {
        let items = text.split_whitespace().map(parse_item).collect();
        Self { items }
    }

    /// The words that the pattern could be alone, when it is one word.
    pub(super) fn single_words(&self) -> Vec<&str> {
        match self.items.as_slice() {
            [Item::Word { wanted, .. }] => wanted
                .iter()
                .filter_map(|wanted| match wanted {
                    Wanted::Folded(word) => Some(word.as_str()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What a match of the pattern may begin with.
    fn beginnings(&self) -> Vec<Beginning<'_>> {
        let mut found = Vec::new();
        for item in &self.items {
            let Item::Word { wanted, optional } = item else {
                found.push(Beginning::Anything);
                break;
            };
            found.extend(wanted.iter().map(|wanted| match wanted {
                Wanted::Folded(word) if word.is_ascii() => Beginning::Latin(word),
                Wanted::Start(start) if start.is_ascii() => Beginning::LatinStart(start),
                Wanted::Folded(_) | Wanted::Start(_) => Beginning::Foreign,
                Wanted::Marked(word) | Wanted::Name(word) => Beginning::Marked(word),
                Wanted::Number | Wanted::Minus => Beginning::Number,
            }));
            if !optional {
                break;
            }
        }
        found
    }

    /// Where a match that starts at `from` ends, inside `sentence`. The longest one.
    pub(super) fn match_at(&self, tokens: &[Token], sentence: &Range<usize>, from: usize) -> Option<usize> {
        match_forward(&self.items, tokens.get(..sentence.end)?, from)
    }

    /// Whether it ends in a word that may be left out, which then changes nothing: one meant to leave out a letter. The cents
    /// of a price may be left out.
    #[cfg(test)]
    pub(super) fn ends_optionally(&self) -> bool {
        let Some(Item::Word { wanted, optional: true }) = self.items.last() else { return false };
        !wanted.iter().all(|wanted| matches!(wanted, Wanted::Number))
    }

    fn match_before(&self, tokens: &[Token], sentence: &Range<usize>, to: usize) -> bool {
        (sentence.start..=to).any(|from| {
            let Some(reach) = tokens.get(..to) else { return false };
            ends(&self.items, reach, from).contains(&to)
        })
    }
}

/// What a match may begin with.
enum Beginning<'a> {
    Latin(&'a str),
    LatinStart(&'a str),
    Marked(&'a str),
    Foreign,
    Number,
    Anything,
}

/// Which lists of patterns may match at a word, found by the word: a text is long, and there are many patterns.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternIndex {
    latin: HashMap<String, Vec<usize>>,
    marked: HashMap<String, Vec<usize>>,
    starts: Vec<(String, usize)>,
    foreign: BTreeSet<usize>,
    numbers: BTreeSet<usize>,
    anything: BTreeSet<usize>,
}

impl PatternIndex {
    /// Adds `patterns` as the list number `list`.
    pub(super) fn add(&mut self, list: usize, patterns: &[Pattern]) {
        for beginning in patterns.iter().flat_map(Pattern::beginnings) {
            match beginning {
                Beginning::Latin(word) => self.latin.entry(word.to_owned()).or_default().push(list),
                Beginning::Marked(word) => self.marked.entry(word.to_owned()).or_default().push(list),
                Beginning::LatinStart(start) => self.starts.push((start.to_owned(), list)),
                Beginning::Foreign => {
                    self.foreign.insert(list);
                }
                Beginning::Number => {
                    self.numbers.insert(list);
                }
                Beginning::Anything => {
                    self.anything.insert(list);
                }
            }
        }
    }

    /// For each list that may match at a word of `sentence`, the words, in their order.
    pub(super) fn places(&self, tokens: &[Token], sentence: &Range<usize>) -> BTreeMap<usize, Vec<usize>> {
        let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in sentence.clone() {
            let Some(token) = tokens.get(at) else { break };
            let mut note = |list: usize| {
                let known = places.entry(list).or_default();
                if known.last() != Some(&at) {
                    known.push(at);
                }
            };
            self.latin.get(&token.latin).into_iter().flatten().for_each(|list| note(*list));
            self.marked.get(&token.marked).into_iter().flatten().for_each(|list| note(*list));
            self.anything.iter().for_each(|list| note(*list));
            for (start, list) in &self.starts {
                if token.latin.starts_with(start.as_str()) {
                    note(*list);
                }
            }
            if !self.numbers.is_empty() && token.number().is_some() {
                self.numbers.iter().for_each(|list| note(*list));
            }
            if !token.plain.is_ascii() {
                self.foreign.iter().for_each(|list| note(*list));
            }
        }
        places
    }
}

/// A pattern around the word that is judged.
#[derive(Clone, Debug)]
pub(super) struct AroundWord {
    before: Pattern,
    after: Pattern,
    anywhere: bool,
}

impl AroundWord {
    /// Reads a pattern; without `@` it may stand anywhere in the sentence.
    pub(super) fn parse(text: &str) -> Self {
        match text.split_once('@') {
            Some((before, after)) => {
                Self { before: Pattern::parse(before), after: Pattern::parse(after), anywhere: false }
            }
            None => Self { before: Pattern::parse(text), after: Pattern::parse(""), anywhere: true },
        }
    }

    /// Whether the pattern fits around `word`, inside `sentence`.
    pub(super) fn fits(&self, tokens: &[Token], sentence: &Range<usize>, word: &Range<usize>) -> bool {
        if self.anywhere {
            return sentence.clone().any(|from| self.before.match_at(tokens, sentence, from).is_some());
        }
        self.before.match_before(tokens, sentence, word.start)
            && self.after.match_at(tokens, sentence, word.end).is_some()
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

impl<'de> Deserialize<'de> for AroundWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

fn parse_item(text: &str) -> Item {
    if text == "..." {
        return Item::Gap;
    }
    let (text, optional) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let wanted = text
        .split('|')
        .map(|word| {
            if word == "#" {
                Wanted::Number
            } else if word == "-#" {
                Wanted::Minus
            } else if let Some(marked) = word.strip_prefix('=') {
                Wanted::Marked(marked.to_lowercase())
            } else if let Some(name) = word.strip_prefix('^') {
                Wanted::Name(name.to_lowercase())
            } else if let Some(start) = word.strip_suffix('*') {
                Wanted::Start(folded(start))
            } else {
                Wanted::Folded(folded(word))
            }
        })
        .collect();
    Item::Word { wanted, optional }
}

fn folded(word: &str) -> String {
    let mut out = Vec::new();
    word.chars().for_each(|ch| fold::fold(ch, &mut out));
    out.into_iter().collect()
}

fn match_forward(items: &[Item], tokens: &[Token], from: usize) -> Option<usize> {
    ends(items, tokens, from).into_iter().max()
}

/// Every place where a match of `items` from `from` on may end.
fn ends(items: &[Item], tokens: &[Token], from: usize) -> Vec<usize> {
    let Some((first, rest)) = items.split_first() else { return vec![from] };
    match first {
        Item::Gap => (0..=GAP)
            .filter(|skipped| from + skipped <= tokens.len())
            .flat_map(|skipped| ends(rest, tokens, from + skipped))
            .collect(),
        Item::Word { wanted, optional } => {
            let mut found = if *optional { ends(rest, tokens, from) } else { Vec::new() };
            if tokens.get(from).is_some_and(|token| wanted.iter().any(|wanted| is_wanted(wanted, token))) {
                found.extend(ends(rest, tokens, from + 1));
            }
            found
        }
    }
}

fn is_wanted(wanted: &Wanted, token: &Token) -> bool {
    match wanted {
        Wanted::Folded(word) if word.is_ascii() => token.latin == *word,
        Wanted::Folded(word) => token.plain == *word || passes_for_greek(&token.plain, word),
        Wanted::Start(start) if start.is_ascii() => token.latin.starts_with(start.as_str()),
        Wanted::Start(start) => token.plain.starts_with(start.as_str()),
        Wanted::Marked(word) => token.marked == *word,
        Wanted::Name(word) => token.capital && token.marked == *word && token.before.chars().all(is_space_or_stop),
        Wanted::Number => token.number().is_some(),
        Wanted::Minus => token.number().is_some() && token.follows_minus(),
    }
}

/// « M. Solder » is a name; « Madame, soldez ! » is none.
fn is_space_or_stop(ch: char) -> bool {
    ch == '.' || (ch.is_whitespace() && ch != '\n')
}

/// Whether a word with Latin letters slipped in reads as the Greek `word`.
fn passes_for_greek(plain: &str, word: &str) -> bool {
    !plain.is_ascii() && plain.chars().map(fold::greek).eq(word.chars().map(fold::greek))
}
