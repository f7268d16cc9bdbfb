//! The kinds of letters, and the parts each is made of.

use std::fmt;
use std::str::FromStr;

use crate::member::Language;

/// A letter about a sale, sent only to confirmed members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaleKind {
    /// The sale will open.
    Announcement,
    /// The sale is open.
    Opening,
    /// The sale closes soon.
    LastHours,
}

/// A kind of letter; each has a folder of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A mailing of a campaign.
    Sale(SaleKind),
    /// The second step of the double opt-in: purely functional.
    Confirmation,
    /// Whether the person wants to go on, asked before the consent runs out. It sells nothing.
    Renewal,
}

/// A text that names no kind of letter.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a kind of letter; write `announcement`, `opening`, `last-hours`, `confirmation` or `renewal`")]
pub struct UnknownSaleKind(pub String);

impl SaleKind {
    /// Every kind of letter about a sale.
    pub const ALL: [Self; 3] = [Self::Announcement, Self::Opening, Self::LastHours];

    /// The name used in campaign files and folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Announcement => "announcement",
            Self::Opening => "opening",
            Self::LastHours => "last-hours",
        }
    }
}

impl Kind {
    /// Every kind of letter.
    pub const ALL: [Self; 5] = [
        Self::Sale(SaleKind::Announcement),
        Self::Sale(SaleKind::Opening),
        Self::Sale(SaleKind::LastHours),
        Self::Confirmation,
        Self::Renewal,
    ];

    /// The name of the kind's folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sale(kind) => kind.name(),
            Self::Confirmation => "confirmation",
            Self::Renewal => "renewal",
        }
    }
}

impl fmt::Display for SaleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SaleKind {
    type Err = UnknownSaleKind;

    fn from_str(text: &str) -> Result<Self, UnknownSaleKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownSaleKind(text.to_owned()))
    }
}

impl FromStr for Kind {
    type Err = UnknownSaleKind;

    fn from_str(text: &str) -> Result<Self, UnknownSaleKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownSaleKind(text.to_owned()))
    }
}

/// A part of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The subject line.
    Subject,
    /// The plain text.
    Text,
    /// The HTML.
    Html,
}

impl Part {
    /// Every part, in the order of rendering.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    /// The file in a kind's folder. The plain names are French; other languages put their code before the suffix,
    /// which must stay last, because it decides whether values are escaped.
    pub fn file(self, language: Language) -> String {
        let (name, suffix) = match self {
            Self::Subject => ("subject", "txt"),
            Self::Text => ("body", "txt"),
            Self::Html => ("body", "html"),
        };
        match language {
            Language::Fr => format!("{name}.{suffix}"),
            other => format!("{name}.{other}.{suffix}"),
        }
    }
}
