//! Two languages that are often not the same: the one that a person is written to in, and the one that Carillon's own words
//! are in, on the command line and on its pages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that letters are written in, and that a member reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// Italian.
    It,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 7] = [Self::Fr, Self::En, Self::Nl, Self::De, Self::It, Self::Es, Self::Pt];

    /// The ISO 639 code, as used in files, in the store and in `lang=` attributes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::Nl => "nl",
            Self::De => "de",
            Self::It => "it",
            Self::Es => "es",
            Self::Pt => "pt",
        }
    }

    /// What its own readers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
            Self::Nl => "Nederlands",
            Self::De => "Deutsch",
            Self::It => "Italiano",
            Self::Es => "Español",
            Self::Pt => "Português",
        }
    }

    /// The language in which its readers are shown our pages: English, unless there are pages in their own.
    #[must_use]
    pub fn interface(self) -> InterfaceLanguage {
        match self {
            Self::Fr => InterfaceLanguage::Fr,
            Self::En | Self::Nl | Self::De | Self::It | Self::Es | Self::Pt => InterfaceLanguage::En,
        }
    }
}

/// A language that Carillon's own words are in: the command line and the public pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterfaceLanguage {
    /// French.
    Fr,
    /// English.
    En,
}

impl InterfaceLanguage {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The ISO 639 code.
    pub fn code(self) -> &'static str {
        Language::from(self).code()
    }

    /// The language that a reader of this one is offered instead.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }
}

impl From<InterfaceLanguage> for Language {
    fn from(language: InterfaceLanguage) -> Self {
        match language {
            InterfaceLanguage::Fr => Self::Fr,
            InterfaceLanguage::En => Self::En,
        }
    }
}

/// The text names no language that letters are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the language is none of `fr`, `en`, `nl`, `de`, `it`, `es` and `pt`")]
pub struct UnknownLanguage;

/// The text names no language of the command line and of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the language is neither `fr` nor `en`")]
pub struct UnknownInterface;

/// The language of `text`, a code with or without a region: `fr`, `FR`, `fr-BE`, `en_GB`.
fn primary(text: &str) -> &str {
    text.trim().split(['-', '_']).next().unwrap_or_default()
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a code, with or without a region: `fr`, `FR`, `nl-BE`, `en_GB`.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let code = primary(text);
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code)).ok_or(UnknownLanguage)
    }
}

impl FromStr for InterfaceLanguage {
    type Err = UnknownInterface;

    /// Reads a code, with or without a region: `fr`, `FR`, `fr-BE`, `en_GB`.
    fn from_str(text: &str) -> Result<Self, UnknownInterface> {
        let code = primary(text);
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code)).ok_or(UnknownInterface)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Display for InterfaceLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        text: &str,
        letter: Result<Language, UnknownLanguage>,
        interface: Result<InterfaceLanguage, UnknownInterface>,
    ) {
        assert_eq!(text.parse::<Language>(), letter, "{text}");
        assert_eq!(text.parse::<InterfaceLanguage>(), interface, "{text}");
    }

    #[test]
    fn a_region_does_not_matter() {
        check("fr", Ok(Language::Fr), Ok(InterfaceLanguage::Fr));
        check(" FR-be ", Ok(Language::Fr), Ok(InterfaceLanguage::Fr));
        check("en_GB", Ok(Language::En), Ok(InterfaceLanguage::En));
        check("nl-BE", Ok(Language::Nl), Err(UnknownInterface));
        check("DE_at", Ok(Language::De), Err(UnknownInterface));
        check("pl", Err(UnknownLanguage), Err(UnknownInterface));
        check("french", Err(UnknownLanguage), Err(UnknownInterface));
        check("", Err(UnknownLanguage), Err(UnknownInterface));
    }

    #[test]
    fn who_reads_our_pages_in_french_and_english_is_shown_them() {
        for language in InterfaceLanguage::ALL {
            assert_eq!(Language::from(language).interface(), language);
        }
    }
}
