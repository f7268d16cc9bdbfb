//! What a merchandiser says in a letter, in one language: a line, or paragraphs.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::line::{TextError, all_seen, fits, stripped};
use super::{Line, longest};

/// The words of a merchandiser, of one line or of several.
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
    fn stored_words_are_read_without_what_nobody_saw() {
        let stored: Wording = serde_json::from_str("\"Un\u{200e}.\\n\\nDeux.\"").unwrap();
        assert_eq!(stored.as_str(), "Un.\n\nDeux.");
    }
}
