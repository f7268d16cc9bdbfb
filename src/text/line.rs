//! One line of visible text. What breaks lines, turns the direction of writing or cannot be seen at all has no place in
//! it: it would break a header, or make a name read as another one.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::longest;
use crate::phrase::{Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// Why a text cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextError {
    /// Nothing is left.
    Empty,
    /// More than fits.
    TooLong {
        /// How long it is, in characters.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A character that nobody sees, or that breaks the line.
    Unseen {
        /// The character.
        character: char,
        /// What it is called, in the catalogues.
        name: &'static str,
        /// The words before it.
        before: String,
    },
}

impl Spoken for TextError {
    /// What is wrong; its part `remedy` is what a person does about it.
    fn phrase(&self) -> Phrase {
        match self {
            Self::Empty => phrase!("text-empty"),
            Self::TooLong { length, limit } => {
                phrase!("text-too-long", length = *length, over = length - limit, limit = *limit)
            }
            Self::Unseen { character, name, before } => phrase!(
                "text-unseen",
                name = Phrase::new(*name),
                code = format!("U+{:04X}", u32::from(*character)),
                at = if before.is_empty() {
                    phrase!("text-at-its-beginning")
                } else {
                    phrase!("text-after", before = before.as_str())
                }
            ),
        }
    }
}

spoken_errors!(TextError);

impl TextError {
    /// What a person does about it.
    pub fn remedy(&self) -> Phrase {
        self.phrase().part("remedy")
    }
}

/// What a character that does not belong into a text is called in the catalogues. A joiner (U+200D) holds an emoji together and may stay.
pub(super) fn unseen(character: char) -> Option<&'static str> {
    Some(match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "unseen-line-break",
        _ if character.is_control() => "unseen-control",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "unseen-direction-mark",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "unseen-direction-turn",
        '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{180e}' => "unseen-zero-width-space",
        '\u{ad}' => "unseen-soft-hyphen",
        '\u{200c}'
        | '\u{2061}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}' => "unseen-invisible",
        '\u{fffd}' => "unseen-replacement",
        _ => return None,
    })
}

/// Refuses the first unseen character of `text` that is not one of `allowed`.
pub(super) fn all_seen(text: &str, allowed: &[char]) -> Result<(), TextError> {
    let found = text.char_indices().find_map(|(at, character)| {
        let name = unseen(character).filter(|_| !allowed.contains(&character))?;
        Some((at, character, name))
    });
    let Some((at, character, name)) = found else { return Ok(()) };
    let before = text.get(..at).unwrap_or_default();
    let start = before.char_indices().rev().nth(19).map_or(0, |(start, _)| start);
    let before = before.get(start..).unwrap_or_default().trim().to_owned();
    Err(TextError::Unseen { character, name, before })
}

/// `text` without the spaces around it, if it is one line of at most `limit` characters. Runs of spaces become one:
/// encoded words (RFC 2047) keep no more.
fn one_line(text: &str, limit: usize) -> Result<String, TextError> {
    let text = text.trim().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    all_seen(&text, &[])?;
    fits(&text, limit)?;
    Ok(text)
}

/// Refuses what is longer than `limit` characters.
pub(super) fn fits(text: &str, limit: usize) -> Result<(), TextError> {
    let length = text.chars().count();
    if length > limit { Err(TextError::TooLong { length, limit }) } else { Ok(()) }
}

/// `text` without what [`unseen`] names, which an earlier version let pass.
pub(super) fn stripped(text: &str) -> String {
    text.chars().filter(|character| unseen(*character).is_none()).collect()
}

macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident, $limit:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks `text`, without the spaces around it.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                one_line(text, $limit).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(line: $name) -> Self {
                line.0
            }
        }
    )*};
}

lines! {
    /// A title or another line that people read, of at most [`longest::LINE`] characters.
    Line, longest::LINE;
    /// The name beside an address. A name with a control character does not exist: lettre would panic on it.
    DisplayName, longest::NAME;
    /// A subject line. Most mail readers show about 60 characters.
    Subject, longest::SUBJECT;
}

impl<'de> Deserialize<'de> for Line {
    /// Reads a stored line. Versions before this type let unseen characters pass; they are left out, so that what was
    /// applied then can still be sent.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = stripped(&String::deserialize(deserializer)?);
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Subject {
    /// The same subject, marked so that nobody takes the letter for a real one.
    #[must_use]
    pub fn as_test(&self) -> Self {
        Self(format!("[TEST] {}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn refuses(text: &str, expected: &str) {
        assert_eq!(Line::parse(text).unwrap_err().to_string(), expected, "{text:?}");
    }

    #[test]
    fn a_line_is_what_people_see() {
        assert_eq!(Line::parse(" L’Atelier,  Élise & fils ").unwrap().as_str(), "L’Atelier, Élise & fils");
        let joined = "Vente 👩\u{200d}🎤 à 8\u{a0}h\u{202f}!";
        assert_eq!(Line::parse(joined).unwrap().as_str(), joined);
        refuses("", "the text is empty");
        refuses("  ", "the text is empty");
        refuses("a\r\nBcc: x@example.net", "the text holds a line break (U+000D) after “a”");
        refuses("a\tb", "the text holds a control character (U+0009) after “a”");
        refuses(
            "Les journées\u{200e} magiques",
            "the text holds a mark of the direction of writing (U+200E) after “Les journées”",
        );
        refuses("\u{feff}Les journées", "the text holds a space without width (U+FEFF) at its beginning");
        refuses("a\u{2028}b", "the text holds a line break (U+2028) after “a”");
        refuses("ab\u{202e}c", "the text holds a character that turns the direction of writing (U+202E) after “ab”");
        refuses(&"é".repeat(201), "the text has 201 characters, 1 more than the 200 that fit");
    }

    #[test]
    fn each_kind_has_its_length() {
        assert!(Line::parse(&"é".repeat(200)).is_ok() && Line::parse(&"é".repeat(201)).is_err());
        assert!(Subject::parse(&"é".repeat(150)).is_ok() && Subject::parse(&"é".repeat(151)).is_err());
        assert!(DisplayName::parse(&"é".repeat(100)).is_ok() && DisplayName::parse(&"é".repeat(101)).is_err());
    }

    #[test]
    fn what_was_stored_before_is_read_without_what_nobody_saw() {
        let line: Line = serde_json::from_str("\"Les journées\u{200e} magiques\"").unwrap();
        assert_eq!(line.as_str(), "Les journées magiques");
        assert_eq!(serde_json::to_string(&line).unwrap(), "\"Les journées magiques\"");
    }

    proptest! {
        #[test]
        fn a_line_is_read_back_as_it_is(text in "\\PC{0,60}") {
            if let Ok(line) = Line::parse(&text) {
                prop_assert_eq!(Line::parse(&line), Ok(line.clone()));
                prop_assert!(line.chars().all(|character| unseen(character).is_none()));
            }
        }
    }
}
