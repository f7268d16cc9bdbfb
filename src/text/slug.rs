//! The short name of a campaign.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::phrase::{Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// The short name of a campaign, in commands and web addresses: lower-case letters, digits, single dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(#[serde(deserialize_with = "checked")] String);

/// Why a text is not a slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlugError(pub String);

impl Spoken for SlugError {
    fn phrase(&self) -> Phrase {
        phrase!("slug-invalid", written = self.0.as_str())
    }
}

spoken_errors!(SlugError);

impl Slug {
    /// The most characters that one has.
    pub const LONGEST: usize = 64;

    /// The name of a sale that is only an example.
    pub fn sample() -> Self {
        Self("sample".to_owned())
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let framed = text.starts_with(|char: char| char.is_ascii_lowercase()) && !text.ends_with('-');
        if letters && framed && text.len() <= Self::LONGEST && !text.contains("--") {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError(text.to_owned()))
        }
    }
}

/// Reads one from a file, by the same rule.
fn checked<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let Slug(text) = String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_slug: bool) {
        assert_eq!(text.parse::<Slug>().is_ok(), is_slug, "{text}");
    }

    #[test]
    fn slugs_are_plain() {
        check("journees-magiques-hiver-2027", true);
        check("a", true);
        check("", false);
        check("2027-hiver", false);
        check("journées", false);
        check("Hiver", false);
        check("hiver--2027", false);
        check("hiver-", false);
        check("hiver 2027", false);
        check(&"a".repeat(65), false);
    }

    #[test]
    fn a_file_holds_no_other() {
        assert_eq!(serde_json::from_str::<Slug>("\"hiver\"").unwrap().as_str(), "hiver");
        serde_json::from_str::<Slug>("\"Hiver\"").unwrap_err();
    }
}
