//! Where a price applies: market and channel.

use std::fmt;
use std::str::FromStr;

/// Where the consumers are: an ISO 3166 code of a country, or of one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Market(String);

impl Market {
    /// The country, such as `FR` for `FR-57`.
    pub fn country(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl FromStr for Market {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let code = text.to_ascii_uppercase();
        let (country, part) = code.split_once('-').unwrap_or((&code, "X"));
        let good = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=3).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if good { Ok(Self(code)) } else { Err(format!("`{text}` is no market; write a code such as `FR` or `FR-57`")) }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the goods are sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// At a distance.
    Online,
    /// On premises.
    Store,
}

impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "online" => Ok(Self::Online),
            "store" => Ok(Self::Store),
            _ => Err(format!("`{text}` is no channel; write `online` or `store`")),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Online => "online",
            Self::Store => "store",
        })
    }
}
