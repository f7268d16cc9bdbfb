//! What a merchandiser says in a letter, in one language: a line, or paragraphs.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::line::{TextError, all_seen, fits, stripped};
use super::placeholder::{self, Piece};
use super::{Line, Placeholder, PlaceholderError, longest};

/// The words of a merchandiser, of one line or of several, with what is to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Wording(String);

impl Wording {
    /// A text of one line.
    pub fn line(text: &str) -> Result<Self, TextError> {
        Line::parse(text).map(|line| Self(line.into()))
    }

    /// Paragraphs, with an empty line between two.
    pub fn prose(text: &str) -> Result<Self, TextError> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        all_seen(text, &['\n'])?;
        fits(text, longest::PROSE)?;
        Ok(Self(text.to_owned()))
    }

    /// Whether everything between braces is known.
    ///
    /// # Errors
    /// The first braces that are not.
    pub fn check_placeholders(&self) -> Result<(), PlaceholderError> {
        placeholder::pieces(&self.0).map(drop)
    }

    /// The words with each placeholder replaced by its `value`. Those that an earlier version stored with braces of
    /// another meaning stand as they are.
    pub fn filled(&self, value: impl Fn(Placeholder) -> String) -> String {
        let Ok(pieces) = placeholder::pieces(&self.0) else { return self.0.clone() };
        let said = |piece| match piece {
            Piece::Words(words) => words.to_owned(),
            Piece::Placeholder(placeholder) => value(placeholder),
        };
        pieces.into_iter().map(said).collect()
    }

    /// The words as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Wording {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for Wording {
    /// Reads stored words; what an earlier version let pass and nobody sees is left out.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(text.split('\n').map(stripped).collect::<Vec<_>>().join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_lines_and_a_subject_has_none() {
        assert_eq!(Wording::prose(" Un.\r\n\r\nDeux.\n").unwrap().as_str(), "Un.\n\nDeux.");
        assert!(Wording::line("Un.\nDeux.").is_err());
        assert!(matches!(Wording::prose("Un.\u{2028}Deux."), Err(TextError::Unseen { character: '\u{2028}', .. })));
        assert!(Wording::prose(&"é".repeat(2000)).is_ok() && Wording::prose(&"é".repeat(2001)).is_err());
        assert_eq!(Wording::prose(" \n "), Err(TextError::Empty));
    }

    #[test]
    fn placeholders_are_filled_in() {
        let shop = |placeholder| if placeholder == Placeholder::Shop { "Chez nous" } else { "8\u{a0}h" }.to_owned();
        let filled = |text: &str| Wording::line(text).unwrap().filled(shop);
        assert_eq!(filled("{shop} : {{dès}} {opens.time}"), "Chez nous : {dès} 8\u{a0}h");
        assert_eq!(filled("{nom}, {shop}"), "{nom}, {shop}");
    }

    #[test]
    fn stored_words_are_read_without_what_nobody_saw() {
        let stored: Wording = serde_json::from_str("\"Un\u{200e}.\\n\\nDeux.\"").unwrap();
        assert_eq!(stored.as_str(), "Un.\n\nDeux.");
    }
}
