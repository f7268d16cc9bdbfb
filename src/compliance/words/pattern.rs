//! Patterns over words, as the law data writes them.
//!
//! A pattern is words with spaces between. `a|b` is either, `sold*` any word that starts so, `=soldé` the word with
//! exactly these accents, `^solder` the word as a name, `#` a number, `-#` a number with a minus sign before it, `£#` one with a sign of
//! money before it, `x?` may be
//! left out, `...` up to three words of any kind, and `@` is the word that is judged. Between ` & ` stand sequences that may come
//! in any order, all within a few words: who says that prices show to members only says so in many ways.

use std::cmp::Reverse;
use std::ops::Range;

use serde::{Deserialize, Deserializer};

use super::fold;
use super::short::{NumberMap, number_of};
use super::token::{FIRST, Token};
use super::word_set::WordSet;

/// How many words `...` may stand for.
const GAP: usize = 3;
/// Within how many words the sequences of a pattern with `&` begin.
const TOGETHER: usize = 14;

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
    /// One of these words of Latin letters, or what else is wanted.
    Word {
        words: WordSet,
        wanted: Vec<Wanted>,
        optional: bool,
    },
    Gap,
}

impl Item {
    /// The bits of the words one of which must stand here; none where it need not be a word that has one.
    fn demands(&self) -> u64 {
        match self {
            Self::Word { words, wanted, optional: false } if wanted.is_empty() => words.bits(),
            _ => 0,
        }
    }
}

/// A sequence of words, or several in any order.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Vec<Item>>,
    /// For each place that only words fill: the bits of those, one of which a sentence has that it matches in.
    needs: Box<[u64]>,
}

impl Pattern {
    /// Reads a pattern without `@`.
    pub(super) fn parse(text: &str) -> Self {
        let parts = text.split(" & ").map(|part| part.split_whitespace().map(parse_item).collect());
        let parts: Vec<Vec<Item>> = parts.collect();
        let needs = parts.iter().flatten().map(Item::demands).filter(|bits| !matches!(*bits, 0 | u64::MAX)).collect();
        Self { parts, needs }
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
                words.iter().chain(foreign).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a match of the pattern may begin with, each with the bits of the words one of which must come next.
    fn beginnings(&self) -> Vec<(Beginning<'_>, u64)> {
        let mut found = Vec::new();
        for part in &self.parts {
            for (index, item) in part.iter().enumerate() {
                let next = part.get(index + 1).filter(|_| self.parts.len() == 1).map_or(0, Item::demands);
                let Item::Word { words, wanted, optional } = item else {
                    found.push((Beginning::Anything, 0));
                    break;
                };
                found.extend(words.iter().map(|word| (Beginning::Latin(word), next)));
                found.extend(wanted.iter().map(|wanted| {
                    let beginning = match wanted {
                        Wanted::Start(start) if start.is_ascii() => Beginning::LatinStart(start),
                        Wanted::Folded(_) | Wanted::Start(_) => Beginning::Foreign,
                        Wanted::Marked(word) | Wanted::Name(word) => Beginning::Marked(word),
                        Wanted::Number | Wanted::Minus | Wanted::Money => Beginning::Number,
                    };
                    (beginning, next)
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
        let tokens = tokens.get(..sentence.end)?;
        match self.parts.as_slice() {
            [part] => longest(part, tokens, from),
            parts => together(parts, tokens, from),
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

    /// Whether it may match in a sentence whose words have these bits.
    fn may_be_in(&self, bits: u64) -> bool {
        self.needs.iter().all(|need| need & bits != 0)
    }

    fn match_before(&self, tokens: &[Token], sentence: &Range<usize>, to: usize) -> bool {
        let Some(reach) = tokens.get(..to) else { return false };
        match self.parts.as_slice() {
            [part] => {
                let longest = part.len() * GAP;
                (sentence.start.max(to.saturating_sub(longest))..=to).any(|from| reaches(part, reach, from))
            }
            parts => (sentence.start..=to).any(|from| together(parts, reach, from) == Some(to)),
        }
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

/// A pattern that may match where it was looked up.
#[derive(Clone, Copy, Debug)]
struct IndexedPattern {
    /// The number of its list.
    list: usize,
    /// Its own number there.
    own: usize,
    /// The bits of the words one of which must come next; none where none must.
    next: u64,
}

/// A match of one of the patterns of a list: the longest that begins there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundPattern {
    /// The number of the list.
    pub(super) list: usize,
    /// The words.
    pub(super) words: Range<usize>,
}

/// Which patterns may match at a word, found by the word: a text is long, and there are many patterns.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternIndex {
    latin: NumberMap<Vec<IndexedPattern>>,
    marked: NumberMap<Vec<IndexedPattern>>,
    /// By the first bytes, as many as are looked at.
    starts: NumberMap<Vec<(Box<str>, IndexedPattern)>>,
    /// Whether any beginning is so many bytes and fewer than are looked at.
    short: [bool; FIRST],
    foreign: Vec<IndexedPattern>,
    numbers: Vec<IndexedPattern>,
    anything: Vec<IndexedPattern>,
}

impl PatternIndex {
    /// Adds `patterns` as those of the list number `list`, in their order.
    pub(super) fn add<'a>(&mut self, list: usize, patterns: impl IntoIterator<Item = &'a Pattern>) {
        for (own, pattern) in patterns.into_iter().enumerate() {
            for (beginning, next) in pattern.beginnings() {
                let candidate = IndexedPattern { list, own, next };
                match beginning {
                    Beginning::Latin(word) => self.latin.entry(number_of(word)).or_default().push(candidate),
                    Beginning::Marked(word) => self.marked.entry(number_of(word)).or_default().push(candidate),
                    Beginning::LatinStart(start) => {
                        if let Some(short) = self.short.get_mut(start.len()) {
                            *short = true;
                        }
                        self.starts.entry(number_of(first_letters(start))).or_default().push((start.into(), candidate));
                    }
                    Beginning::Foreign => self.foreign.push(candidate),
                    Beginning::Number => self.numbers.push(candidate),
                    Beginning::Anything => self.anything.push(candidate),
                }
            }
        }
    }

    /// The matches inside `sentence`, by the number of their list and their place. `pattern` gives a pattern by the number of its list and
    /// its own, or none when it is not asked about.
    pub(super) fn found<'a>(
        &self,
        tokens: &[Token],
        sentence: &Range<usize>,
        pattern: impl Fn(usize, usize) -> Option<&'a Pattern>,
    ) -> Vec<FoundPattern> {
        let mut found = self.found_of_any_length(tokens, sentence, pattern);
        found.dedup_by_key(|found| (found.list, found.words.start));
        found
    }

    /// The same, with the shorter matches that begin where a longer one of their list does: each pattern’s longest.
    pub(super) fn found_of_any_length<'a>(
        &self,
        tokens: &[Token],
        sentence: &Range<usize>,
        pattern: impl Fn(usize, usize) -> Option<&'a Pattern>,
    ) -> Vec<FoundPattern> {
        let mut found = Vec::new();
        let bits = bits_of(tokens, sentence);
        let pattern = |list: usize, own: usize| pattern(list, own).filter(|pattern| pattern.may_be_in(bits));
        for at in sentence.clone() {
            self.at(tokens, sentence, at, &pattern, &mut found);
        }
        found.sort_unstable_by_key(|found| (found.list, found.words.start, Reverse(found.words.end)));
        found.dedup();
        found
    }

    /// Adds the matches that begin at the word `at` to `found`.
    fn at<'a>(
        &self,
        tokens: &[Token],
        sentence: &Range<usize>,
        at: usize,
        pattern: &impl Fn(usize, usize) -> Option<&'a Pattern>,
        found: &mut Vec<FoundPattern>,
    ) {
        let Some(token) = tokens.get(at) else { return };
        let next = tokens.get(at + 1).filter(|_| at + 1 < sentence.end).map_or(0, Token::bit);
        let mut ask = |candidate: &IndexedPattern| {
            if candidate.next != 0 && candidate.next & next == 0 {
                return;
            }
            let end = pattern(candidate.list, candidate.own).and_then(|pattern| pattern.match_at(tokens, sentence, at));
            if let Some(end) = end.filter(|end| *end > at) {
                found.push(FoundPattern { list: candidate.list, words: at..end });
            }
        };
        self.latin.get(&token.number_of_latin()).into_iter().flatten().for_each(&mut ask);
        if !self.marked.is_empty() {
            self.marked.get(&token.number_of_marked()).into_iter().flatten().for_each(&mut ask);
        }
        self.anything.iter().for_each(&mut ask);
        if !self.starts.is_empty() {
            for (len, number) in (1..).zip(token.numbers_of_beginnings()) {
                if len < FIRST && self.short.get(len) != Some(&true) {
                    continue;
                }
                for (start, candidate) in self.starts.get(&number).into_iter().flatten() {
                    if token.begins_with(start) {
                        ask(candidate);
                    }
                }
            }
        }
        if !self.numbers.is_empty() && token.number().is_some() {
            self.numbers.iter().for_each(&mut ask);
        }
        if !token.plain.is_ascii() {
            self.foreign.iter().for_each(&mut ask);
        }
    }
}

/// The bits of all words of `sentence`.
fn bits_of(tokens: &[Token], sentence: &Range<usize>) -> u64 {
    tokens.get(sentence.clone()).unwrap_or_default().iter().fold(0, |bits, token| bits | token.bit())
}

/// Patterns that are looked for together.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternList {
    patterns: Vec<Pattern>,
    index: PatternIndex,
}

impl PatternList {
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        let mut index = PatternIndex::default();
        index.add(0, &patterns);
        Self { patterns, index }
    }

    /// The words inside `sentence` that match: of those that begin at one place the most.
    pub(super) fn found(&self, tokens: &[Token], sentence: &Range<usize>) -> Vec<Range<usize>> {
        let found = self.index.found(tokens, sentence, |_, own| self.patterns.get(own));
        found.into_iter().map(|found| found.words).collect()
    }

    /// Whether one of them matches inside `sentence`.
    pub(super) fn is_in(&self, tokens: &[Token], sentence: &Range<usize>) -> bool {
        let mut found = Vec::new();
        let bits = bits_of(tokens, sentence);
        let pattern = |_, own: usize| self.patterns.get(own).filter(|pattern| pattern.may_be_in(bits));
        sentence.clone().any(|at| {
            self.index.at(tokens, sentence, at, &pattern, &mut found);
            !found.is_empty()
        })
    }

    /// Whether one of them matches at the word `at` of `sentence`.
    pub(super) fn is_at(&self, tokens: &[Token], sentence: &Range<usize>, at: usize) -> bool {
        let mut found = Vec::new();
        self.index.at(tokens, sentence, at, &|_, own| self.patterns.get(own), &mut found);
        !found.is_empty()
    }
}

impl<'de> Deserialize<'de> for PatternList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(Vec::deserialize(deserializer)?))
    }
}

/// A pattern around the word that is judged.
#[derive(Clone, Debug)]
struct AroundWord {
    before: Pattern,
    after: Pattern,
    /// The bits of the words one of which must stand right before the word; none where none must.
    left: u64,
    /// The same right after it.
    right: u64,
}

impl AroundWord {
    fn new(before: Pattern, after: Pattern) -> Self {
        let demands = |item: Option<&Item>| item.map_or(0, Item::demands);
        let left = if let [part] = before.parts.as_slice() { demands(part.last()) } else { 0 };
        let right = if let [part] = after.parts.as_slice() { demands(part.first()) } else { 0 };
        Self { before, after, left, right }
    }

    fn fits(&self, tokens: &[Token], sentence: &Range<usize>, word: &Range<usize>, beside: (u64, u64)) -> bool {
        (self.left == 0 || self.left & beside.0 != 0)
            && (self.right == 0 || self.right & beside.1 != 0)
            && self.after.match_at(tokens, sentence, word.end).is_some()
            && self.before.match_before(tokens, sentence, word.start)
    }
}

/// Patterns around the word that is judged, or anywhere in its sentence.
#[derive(Clone, Debug, Default)]
pub(super) struct AroundList {
    anywhere: PatternList,
    around: Vec<AroundWord>,
}

impl AroundList {
    /// Reads patterns; those without `@` may stand anywhere in the sentence.
    pub(super) fn parse(texts: &[String]) -> Self {
        let (mut anywhere, mut around) = (Vec::new(), Vec::new());
        for text in texts {
            match text.split_once('@') {
                Some((before, after)) => around.push(AroundWord::new(Pattern::parse(before), Pattern::parse(after))),
                None => anywhere.push(Pattern::parse(text)),
            }
        }
        Self { anywhere: PatternList::new(anywhere), around }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.anywhere.patterns.is_empty() && self.around.is_empty()
    }

    /// Whether one of them fits around `word`, inside `sentence`.
    pub(super) fn fits(&self, tokens: &[Token], sentence: &Range<usize>, word: &Range<usize>) -> bool {
        let bit = |at: Option<usize>| {
            at.filter(|at| sentence.contains(at)).and_then(|at| tokens.get(at)).map_or(0, Token::bit)
        };
        let beside = (bit(word.start.checked_sub(1)), bit(Some(word.end)));
        self.around.iter().any(|around| around.fits(tokens, sentence, word, beside))
            || !self.anywhere.patterns.is_empty() && self.anywhere.is_in(tokens, sentence)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

impl<'de> Deserialize<'de> for AroundList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Vec::<String>::deserialize(deserializer)?))
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
    Item::Word { words: WordSet::new(words.iter().map(String::as_str)), wanted, optional }
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
    let longest = |part: &[Item], at: usize| longest(part, tokens, at).filter(|end| *end > at);
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

/// Where the longest match of `items` from `from` on ends.
fn longest(items: &[Item], tokens: &[Token], from: usize) -> Option<usize> {
    let Some((first, rest)) = items.split_first() else { return Some(from) };
    match first {
        Item::Gap => {
            let skipped = (0..=GAP).filter(|skipped| from + skipped <= tokens.len());
            skipped.filter_map(|skipped| longest(rest, tokens, from + skipped)).max()
        }
        Item::Word { words, wanted, optional } => {
            let left_out = if *optional { longest(rest, tokens, from) } else { None };
            let is_here = tokens.get(from).is_some_and(|token| is_here(words, wanted, token));
            left_out.max(if is_here { longest(rest, tokens, from + 1) } else { None })
        }
    }
}

/// Whether a match of `items` from `from` on may take all of `tokens`.
fn reaches(items: &[Item], tokens: &[Token], from: usize) -> bool {
    let Some((first, rest)) = items.split_first() else { return from == tokens.len() };
    match first {
        Item::Gap => {
            let mut skipped = (0..=GAP).filter(|skipped| from + skipped <= tokens.len());
            skipped.any(|skipped| reaches(rest, tokens, from + skipped))
        }
        Item::Word { words, wanted, optional } => {
            let is_here = tokens.get(from).is_some_and(|token| is_here(words, wanted, token));
            is_here && reaches(rest, tokens, from + 1) || *optional && reaches(rest, tokens, from)
        }
    }
}

fn is_here(words: &WordSet, wanted: &[Wanted], token: &Token) -> bool {
    words.has(token) || wanted.iter().any(|wanted| is_wanted(wanted, token))
}

fn is_wanted(wanted: &Wanted, token: &Token) -> bool {
    match wanted {
        Wanted::Folded(word) => token.plain == **word || passes_for_greek(&token.plain, word),
        Wanted::Start(start) if start.is_ascii() => token.begins_with(start),
        Wanted::Start(start) => token.plain.starts_with(start.as_str()),
        Wanted::Marked(word) => token.marked == **word,
        Wanted::Name(word) => token.capital && token.marked == **word && token.before.chars().all(is_space_or_stop),
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
