//! The languages that Carillon writes in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of mails and pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The ISO 639 code, as used in files, in the store and in `lang=` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language that a reader of this one is offered instead.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }

    /// The language's name in English, for what is said to an operator.
    pub fn english(self) -> &'static str {
        match self {
            Self::Fr => "French",
            Self::En => "English",
        }
    }
}

/// The text names no language that Carillon writes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the language is neither `fr` nor `en`")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a code, with or without a region: `fr`, `FR`, `fr-BE`, `en_GB`.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let primary = text.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary)).ok_or(UnknownLanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<Language, UnknownLanguage>) {
        assert_eq!(text.parse::<Language>(), expected, "{text}");
    }

    #[test]
    fn a_region_does_not_matter() {
        check("fr", Ok(Language::Fr));
        check(" FR-be ", Ok(Language::Fr));
        check("en_GB", Ok(Language::En));
        check("de", Err(UnknownLanguage));
        check("french", Err(UnknownLanguage));
        check("", Err(UnknownLanguage));
    }
}
