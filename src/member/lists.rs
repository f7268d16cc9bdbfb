//! Lists of members: their names, and on what it rests that somebody is on one. A list says whom a mailing is for; it is no
//! consent, and nobody is written to because of one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::phrase::{Phrase, Spoken};
use crate::text::{Line, Slug, TextError};
use crate::{phrase, spoken_errors};

/// The name of a list of members, such as `clientes-2026`: written as the short name of a campaign is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListName(Slug);

/// A text is no name of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoListName(pub String);

impl Spoken for NoListName {
    fn phrase(&self) -> Phrase {
        phrase!("list-name-invalid", written = self.0.as_str())
    }
}

impl ListName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ListName {
    type Err = NoListName;

    fn from_str(text: &str) -> Result<Self, NoListName> {
        text.parse().map(Self).map_err(|_| NoListName(text.to_owned()))
    }
}

/// Why a person puts others on a list: one line, kept with the act and in the audit log. It names nobody by address, for an
/// erasure would not find it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListReason(Line);

/// Why a text is no reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoListReason {
    /// It is no line that can be shown.
    Text(TextError),
    /// It holds what may be an address.
    Address,
}

impl Spoken for NoListReason {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Text(error) => error.phrase(),
            Self::Address => phrase!("list-reason-address"),
        }
    }
}

spoken_errors!(NoListName, NoListReason);

impl ListReason {
    /// The reason as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ListReason {
    type Err = NoListReason;

    fn from_str(text: &str) -> Result<Self, NoListReason> {
        if text.contains('@') {
            return Err(NoListReason::Address);
        }
        Line::parse(text).map(Self).map_err(NoListReason::Text)
    }
}

/// What kind of act put people on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ListBasis {
    /// They stood in a file that was imported for the list.
    Import,
    /// Somebody put them on it by a command, for a reason.
    Command,
}

/// A text names no kind of act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither `import` nor `command`")]
pub struct NoListBasis;

impl ListBasis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Import, Self::Command];

    /// Its word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Command => "command",
        }
    }
}

impl fmt::Display for ListBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ListBasis {
    type Err = NoListBasis;

    fn from_str(text: &str) -> Result<Self, NoListBasis> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == text).ok_or(NoListBasis)
    }
}

/// An act that puts people on lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAct {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// What kind of act.
    pub basis: ListBasis,
    /// The file, or the reason.
    pub detail: String,
}

impl ListAct {
    /// The import of the file `file`.
    pub fn import(file: &str, who: &str, at: Timestamp) -> Self {
        // The name of a file may be anything, and stays when the people in it are gone.
        let detail = if file.contains('@') { "–" } else { file };
        Self { at, who: who.to_owned(), basis: ListBasis::Import, detail: detail.to_owned() }
    }

    /// A command, for `reason`.
    pub fn command(reason: &ListReason, who: &str, at: Timestamp) -> Self {
        Self { at, who: who.to_owned(), basis: ListBasis::Command, detail: reason.as_str().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_as_a_campaign_is() {
        for name in ["club", "clientes-2026", "metz"] {
            assert_eq!(name.parse::<ListName>().unwrap().to_string(), name);
        }
        for name in ["", "Club", "clientes 2026", "2026-clientes", "fidélité"] {
            assert_eq!(name.parse::<ListName>(), Err(NoListName(name.to_owned())), "{name}");
        }
    }

    #[test]
    fn a_reason_names_nobody_by_address() {
        assert_eq!("asked at the till on 3 May".parse::<ListReason>().unwrap().as_str(), "asked at the till on 3 May");
        assert_eq!("camille@example.fr asked".parse::<ListReason>(), Err(NoListReason::Address));
        assert_eq!("  ".parse::<ListReason>(), Err(NoListReason::Text(TextError::Empty)));
        assert_eq!(ListAct::import("camille@example.fr.csv", "dana", Timestamp::UNIX_EPOCH).detail, "–");
    }
}
