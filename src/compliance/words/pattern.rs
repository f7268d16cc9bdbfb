//! Patterns over words, as the law data writes them.
//!
//! A pattern is words with spaces between. `a|b` is either, `sold*` any word that starts so, `=soldé` the word with
//! exactly these accents, `^solder` the word as a name, `#` a number, `-#` a number with a minus sign before it, `£#` one with a sign of
//! money before it, `x?` may be
//! left out, `...` up to three words of any kind, and `@` is the word that is judged. Between ` & ` stand sequences that may come
//! in any order, all within a few words: who says that prices show to members only says so in many ways.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use serde::{Deserialize, Deserializer};

use super::fold;
use super::token::Token;

/// How many words `...` may stand for.
const GAP: usize = 3;
/// Within how many words the sequences of a pattern with `&` begin.
const TOGETHER: usize = 14;
/// By how many of its first bytes a beginning of words is looked up.
const FIRST: usize = 3;

#[derive(Clone, Debug)]
enum Wanted {
    Folded(String),
    Start(String),
    Marked(String),
    Name(String),
    Number,
    Minus,
    Money,
}

#[derive(Clone, Debug)]
enum Item {
    /// One of these words of Latin letters, in order so that they are found fast, or what else is wanted.
    Word {
        words: Vec<String>,
        wanted: Vec<Wanted>,
        optional: bool,
    },
    Gap,
}

/// A sequence of words, or several in any order.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Vec<Item>>,
}

impl Pattern {
    /// Reads a pattern without `@`.
    pub(super) fn parse(text: &str) -> Self {
        let parts = text.split(" & ").map(|part| part.split_whitespace().map(parse_item).collect());
        Self { parts: parts.collect() }
    }

    /// The words that the pattern could be alone, when it is one word.
    pub(super) fn single_words(&self) -> Vec<&str> {
        let [part] = self.parts.as_slice() else { return Vec::new() };
        match part.as_slice() {
            [Item::Word { words, wanted, .. }] => {
                let foreign = wanted.iter().filter_map(|wanted| match wanted {
                    Wanted::Folded(word) => Some(word.as_str()),
                    _ => None,
                });
                words.iter().map(String::as_str).chain(foreign).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a match of the pattern may begin with.
    fn beginnings(&self) -> Vec<Beginning<'_>> {
        let mut found = Vec::new();
        for part in &self.parts {
            for item in part {
                let Item::Word { words, wanted, optional } = item else {
                    found.push(Beginning::Anything);
                    break;
                };
                found.extend(words.iter().map(|word| Beginning::Latin(word)));
                found.extend(wanted.iter().map(|wanted| match wanted {
                    Wanted::Start(start) if start.is_ascii() => Beginning::LatinStart(start),
                    Wanted::Folded(_) | Wanted::Start(_) => Beginning::Foreign,
                    Wanted::Marked(word) | Wanted::Name(word) => Beginning::Marked(word),
                    Wanted::Number | Wanted::Minus | Wanted::Money => Beginning::Number,
                }));
                if !optional {
                    break;
                }
            }
        }
        found
    }

    /// Where a match that starts at `from` ends, inside `sentence`. The longest one.
    pub(super) fn match_at(&self, tokens: &[Token], sentence: &Range<usize>, from: usize) -> Option<usize> {
        self.ends(tokens.get(..sentence.end)?, from).into_iter().max()
    }

    /// Every place where a match from `from` on may end.
    fn ends(&self, tokens: &[Token], from: usize) -> Vec<usize> {
        match self.parts.as_slice() {
            [part] => ends(part, tokens, from),
            parts => together(parts, tokens, from).into_iter().collect(),
        }
    }

    /// Whether it ends in a word that may be left out, which then changes nothing: one meant to leave out a letter. The cents
    /// of a price may be left out.
    #[cfg(test)]
    pub(super) fn ends_optionally(&self) -> bool {
        self.parts.iter().any(|part| {
            let Some(Item::Word { words, wanted, optional: true }) = part.last() else { return false };
            !words.is_empty() || !wanted.iter().all(|wanted| matches!(wanted, Wanted::Number))
        })
    }

    fn match_before(&self, tokens: &[Token], sentence: &Range<usize>, to: usize) -> bool {
        (sentence.start..=to).any(|from| {
            let Some(reach) = tokens.get(..to) else { return false };
            self.ends(reach, from).contains(&to)
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

/// A pattern by the number of its list and its own number there.
type PatternNumber = (usize, usize);

/// Where patterns of a list may match: the word, and the numbers of those that may begin with it.
pub(super) type Places = Vec<(usize, Vec<usize>)>;

/// Which patterns may match at a word, found by the word: a text is long, and there are many patterns.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternIndex {
    latin: HashMap<String, Vec<PatternNumber>>,
    marked: HashMap<String, Vec<PatternNumber>>,
    /// By the first bytes, as many as are looked at.
    starts: HashMap<String, Vec<(String, PatternNumber)>>,
    foreign: BTreeSet<PatternNumber>,
    numbers: BTreeSet<PatternNumber>,
    anything: BTreeSet<PatternNumber>,
}

impl PatternIndex {
    /// Adds `patterns` as those of the list number `list`, in their order.
    pub(super) fn add<'a>(&mut self, list: usize, patterns: impl IntoIterator<Item = &'a Pattern>) {
        let beginnings = patterns
            .into_iter()
            .enumerate()
            .flat_map(|(own, pattern)| pattern.beginnings().into_iter().map(move |beginning| ((list, own), beginning)));
        for (number, beginning) in beginnings {
            match beginning {
                Beginning::Latin(word) => self.latin.entry(word.to_owned()).or_default().push(number),
                Beginning::Marked(word) => self.marked.entry(word.to_owned()).or_default().push(number),
                Beginning::LatinStart(start) => {
                    let bucket = self.starts.entry(first_letters(start).to_owned()).or_default();
                    bucket.push((start.to_owned(), number));
                }
                Beginning::Foreign => {
                    self.foreign.insert(number);
                }
                Beginning::Number => {
                    self.numbers.insert(number);
                }
                Beginning::Anything => {
                    self.anything.insert(number);
                }
            }
        }
    }

    /// For each list of which a pattern may match at a word of `sentence`: where which may, in the order of the words.
    pub(super) fn places(&self, tokens: &[Token], sentence: &Range<usize>) -> BTreeMap<usize, Places> {
        let mut places: BTreeMap<usize, Places> = BTreeMap::new();
        for at in sentence.clone() {
            let Some(token) = tokens.get(at) else { break };
            let mut note = |(list, own): PatternNumber| {
                let known = places.entry(list).or_default();
                match known.last_mut() {
                    Some((last, patterns)) if *last == at => patterns.push(own),
                    _ => known.push((at, Vec::from([own]))),
                }
            };
            self.latin.get(&token.latin).into_iter().flatten().for_each(|number| note(*number));
            self.marked.get(&token.marked).into_iter().flatten().for_each(|number| note(*number));
            self.anything.iter().for_each(|number| note(*number));
            let bucket = |letters: &str| self.starts.get(letters).into_iter().flatten();
            let short =
                token.latin.get(..1).into_iter().chain(token.latin.get(..2)).filter(|letters| letters.len() < FIRST);
            for (start, number) in short.chain([first_letters(&token.latin)]).flat_map(bucket) {
                if token.latin.starts_with(start.as_str()) {
                    note(*number);
                }
            }
            if !self.numbers.is_empty() && token.number().is_some() {
                self.numbers.iter().for_each(|number| note(*number));
            }
            if !token.plain.is_ascii() {
                self.foreign.iter().for_each(|number| note(*number));
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
    let (mut words, mut wanted) = (Vec::new(), Vec::new());
    for word in text.split('|') {
        if word == "#" {
            wanted.push(Wanted::Number);
        } else if word == "£#" {
            wanted.push(Wanted::Money);
        } else if word == "-#" {
            wanted.push(Wanted::Minus);
        } else if let Some(marked) = word.strip_prefix('=') {
            wanted.push(Wanted::Marked(marked.to_lowercase()));
        } else if let Some(name) = word.strip_prefix('^') {
            wanted.push(Wanted::Name(name.to_lowercase()));
        } else if let Some(start) = word.strip_suffix('*') {
            wanted.push(Wanted::Start(folded(start)));
        } else {
            let word = folded(word);
            if word.is_ascii() { words.push(word) } else { wanted.push(Wanted::Folded(word)) }
        }
    }
    words.sort_unstable();
    words.dedup();
    Item::Word { words, wanted, optional }
}

/// The bytes by which what begins with `start` is looked up.
fn first_letters(start: &str) -> &str {
    start.get(..FIRST).unwrap_or(start)
}

fn folded(word: &str) -> String {
    let mut out = Vec::new();
    word.chars().for_each(|ch| fold::fold(ch, &mut out));
    out.into_iter().collect()
}

/// Where a match of all `parts` ends that begins with one of them at `from`, the others after it in any order.
fn together(parts: &[Vec<Item>], tokens: &[Token], from: usize) -> Option<usize> {
    let longest = |part: &[Item], at: usize| ends(part, tokens, at).into_iter().max().filter(|end| *end > at);
    let begins_with = |first: usize, part: &Vec<Item>| {
        let own = from..longest(part, from)?;
        let mut taken = vec![own];
        for (_, other) in parts.iter().enumerate().filter(|(index, _)| *index != first) {
            let place = (from + 1..tokens.len().min(from + TOGETHER)).find_map(|at| {
                let place = at..longest(other, at)?;
                let is_free = taken.iter().all(|known| place.end <= known.start || known.end <= place.start);
                is_free.then_some(place)
            })?;
            taken.push(place);
        }
        taken.into_iter().map(|place| place.end).max()
    };
    parts.iter().enumerate().filter_map(|(index, part)| begins_with(index, part)).max()
}

/// Every place where a match of `items` from `from` on may end.
fn ends(items: &[Item], tokens: &[Token], from: usize) -> Vec<usize> {
    let Some((first, rest)) = items.split_first() else { return vec![from] };
    match first {
        Item::Gap => (0..=GAP)
            .filter(|skipped| from + skipped <= tokens.len())
            .flat_map(|skipped| ends(rest, tokens, from + skipped))
            .collect(),
        Item::Word { words, wanted, optional } => {
            let mut found = if *optional { ends(rest, tokens, from) } else { Vec::new() };
            let is_here = |token: &Token| {
                let is_word = words.binary_search_by(|word| word.as_str().cmp(&token.latin)).is_ok();
                is_word || wanted.iter().any(|wanted| is_wanted(wanted, token))
            };
            if tokens.get(from).is_some_and(is_here) {
                found.extend(ends(rest, tokens, from + 1));
            }
            found
        }
    }
}

fn is_wanted(wanted: &Wanted, token: &Token) -> bool {
    match wanted {
        Wanted::Folded(word) => token.plain == *word || passes_for_greek(&token.plain, word),
        Wanted::Start(start) if start.is_ascii() => token.latin.starts_with(start.as_str()),
        Wanted::Start(start) => token.plain.starts_with(start.as_str()),
        Wanted::Marked(word) => token.marked == *word,
        Wanted::Name(word) => token.capital && token.marked == *word && token.before.chars().all(is_space_or_stop),
        Wanted::Number => token.number().is_some(),
        Wanted::Money => token.number().is_some() && token.before.ends_with(['£', '$']),
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
