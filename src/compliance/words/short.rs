//! The text of one word. Most are short enough to lie in the word itself, so that reading a letter asks for no memory for each of
//! its words; and each has a number by which it is looked up among the many words that rules know.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;

/// How many bytes lie in the word itself.
const HERE: usize = 22;

/// A short text.
#[derive(Clone)]
pub(super) struct ShortText(WhereItLies);

#[derive(Clone)]
enum WhereItLies {
    Here { len: u8, bytes: [u8; HERE] },
    Apart(Box<str>),
}

impl ShortText {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        match &self.0 {
            WhereItLies::Here { .. } => std::str::from_utf8(self.bytes_of_text()).unwrap_or_default(),
            WhereItLies::Apart(text) => text,
        }
    }

    /// The bytes of the text.
    pub(super) fn bytes_of_text(&self) -> &[u8] {
        match &self.0 {
            WhereItLies::Here { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            WhereItLies::Apart(text) => text.as_bytes(),
        }
    }

    /// Whether it is all ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        self.bytes_of_text().is_ascii()
    }

    /// Adds a character at the end.
    pub(super) fn push(&mut self, ch: char) {
        let mut encoded = [0; 4];
        self.push_str(ch.encode_utf8(&mut encoded));
    }

    /// Adds `more` at the end.
    pub(super) fn push_str(&mut self, more: &str) {
        if let WhereItLies::Here { len, bytes } = &mut self.0 {
            let end = usize::from(*len) + more.len();
            if let Some(free) = bytes.get_mut(usize::from(*len)..end) {
                free.copy_from_slice(more.as_bytes());
                *len = u8::try_from(end).unwrap_or_default();
                return;
            }
        }
        self.0 = WhereItLies::Apart([self.as_str(), more].concat().into());
    }
}

impl Default for ShortText {
    fn default() -> Self {
        Self(WhereItLies::Here { len: 0, bytes: [0; HERE] })
    }
}

impl Deref for ShortText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for ShortText {
    fn from(text: &str) -> Self {
        let mut short = Self::default();
        short.push_str(text);
        short
    }
}

impl FromIterator<char> for ShortText {
    fn from_iter<I: IntoIterator<Item = char>>(chars: I) -> Self {
        let mut short = Self::default();
        chars.into_iter().for_each(|ch| short.push(ch));
        short
    }
}

impl PartialEq for ShortText {
    fn eq(&self, other: &Self) -> bool {
        self.bytes_of_text() == other.bytes_of_text()
    }
}

impl Eq for ShortText {}

impl PartialEq<str> for ShortText {
    fn eq(&self, other: &str) -> bool {
        self.bytes_of_text() == other.as_bytes()
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The number of a word. Words of the same number may differ, so who finds one by it compares the words.
pub(super) fn number_of(word: &str) -> u64 {
    number_of_bytes(word.as_bytes())
}

/// The number of the word that these bytes are.
pub(super) fn number_of_bytes(word: &[u8]) -> u64 {
    number_with(0xCBF2_9CE4_8422_2325, word)
}

/// The number of a word that goes on with `more` after one of the number `begun`.
pub(super) fn number_with(begun: u64, more: &[u8]) -> u64 {
    more.iter().fold(begun, |number, byte| (number ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

/// One of 64 bits, by which most words are seen not to be in a set.
pub(super) fn bit_of(number: u64) -> u64 {
    1 << (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

/// A map by numbers of words, which need no more mixing.
pub(super) type NumberMap<V> = HashMap<u64, V, BuildHasherDefault<NumberHasher>>;

/// Takes a number for its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |number, byte| (number << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_wherever_it_lies() {
        for text in ["", "a", "été", "0123456789012345678901", "0123456789012345678901é", "x".repeat(70).as_str()] {
            let (whole, grown) = (ShortText::from(text), text.chars().collect::<ShortText>());
            assert_eq!(whole.as_str(), text);
            assert_eq!(whole, grown);
            assert!(whole == *text && whole != *"other");
        }
    }

    #[test]
    fn a_number_goes_on_where_a_word_does() {
        assert_eq!(number_with(number_of("sol"), b"des"), number_of("soldes"));
        assert_ne!(number_of("soldes"), number_of("soldse"));
    }
}
