//! Patterns over words, as the law data writes them.
//!
//! A pattern is words with spaces between. `a|b` is either, `sold*` any word that starts so, `=soldé` the word with
//! exactly these accents, `^solder` the word as a name, `#` a number, `-#` a number with a minus sign before it, `x?` may be
//! left out, `...` up to three words of any kind, and `@` is the word that is judged.

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

    /// Where a match that starts at `from` ends, inside `sentence`. The longest one.
    pub(super) fn match_at(&self, tokens: &[Token], sentence: &Range<usize>, from: usize) -> Option<usize> {
        match_forward(&self.items, tokens.get(..sentence.end)?, from)
    }

    /// The words that it may start at, when they can be told beforehand.
    pub(super) fn first_words(&self) -> Option<Vec<&str>> {
        let mut words = Vec::new();
        for item in &self.items {
            let Item::Word { wanted, optional } = item else { return None };
            for wanted in wanted {
                match wanted {
                    Wanted::Folded(word) if word.is_ascii() => words.push(word.as_str()),
                    _ => return None,
                }
            }
            if !optional {
                return Some(words);
            }
        }
        None
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
