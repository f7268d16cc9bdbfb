//! Words that do the same work in a sentence, of which most words of a text are seen at once not to be any.

use serde::{Deserialize, Deserializer};

use super::short::{bit_of, number_of};
use super::token::Token;

/// Words that do the same work.
#[derive(Clone, Debug, Default)]
pub(super) struct WordSet {
    /// The bits of all of them.
    bits: u64,
    /// Each after its number, in the order of these.
    words: Vec<(u64, Box<str>)>,
}

impl WordSet {
    /// The set of `words`, each as it is folded.
    pub(super) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<(u64, Box<str>)> =
            words.into_iter().map(|word| (number_of(word), Box::from(word))).collect();
        words.sort_unstable();
        words.dedup();
        Self { bits: words.iter().fold(0, |bits, (number, _)| bits | bit_of(*number)), words }
    }

    /// Whether there is none.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The bits of all of them: a word with another one is not in the set.
    pub(super) fn bits(&self) -> u64 {
        self.bits
    }

    /// The words.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(_, word)| &**word)
    }

    /// Whether `token`, in Latin letters, is one of them.
    pub(super) fn has(&self, token: &Token) -> bool {
        if self.bits & token.bit() == 0 {
            return false;
        }
        let from = self.words.partition_point(|(number, _)| *number < token.number_of_latin());
        let same = self.words.get(from..).unwrap_or_default().iter();
        let mut same = same.take_while(|(number, _)| *number == token.number_of_latin());
        same.any(|(_, word)| token.is(word))
    }
}

impl<'de> Deserialize<'de> for WordSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        Ok(Self::new(words.iter().map(String::as_str)))
    }
}
