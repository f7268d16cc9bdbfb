//! The name of a mailing list, for people and for mail readers (RFC 2919).

use std::fmt;

use super::{DisplayName, TextError};
use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// The list that a mailing belongs to, the same for all campaigns: `Avant-premières <presale.example.fr>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId {
    name: DisplayName,
    id: String,
}

/// Why a list cannot be named so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum ListIdError {
    /// The name cannot be shown.
    Name(#[from] TextError),
    /// The name holds signs that mean something in the header.
    Signs,
    /// The id is not a domain.
    Id,
}

impl Spoken for ListIdError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Name(why) => phrase!("list-name-unseen", why = why.phrase()),
            Self::Signs => phrase!("list-name-signs"),
            Self::Id => phrase!("list-id-form"),
        }
    }
}

impl ListId {
    /// Checks the list's name for people, and its id in the form of a domain.
    pub fn parse(name: &str, id: &str) -> Result<Self, ListIdError> {
        let name = DisplayName::parse(name)?;
        if name.contains(['<', '>', '@', ',', ';', ':', '\\', '"', '(', ')', '[', ']']) {
            return Err(ListIdError::Signs);
        }
        if !is_domain(id) || !id.contains('.') || id.len() > 200 {
            return Err(ListIdError::Id);
        }
        Ok(Self { name, id: id.to_owned() })
    }

    /// The list's id, in the form of a domain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The list's name for people.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.id)
    }
}

/// Whether `text` is labels of letters, digits and hyphens, joined by dots.
pub fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_name_and_a_domain() {
        let list = ListId::parse("Avant-premières", "presale.example.fr").unwrap();
        assert_eq!(list.to_string(), "Avant-premières <presale.example.fr>");
        assert_eq!(ListId::parse("a <b>", "presale.example.fr"), Err(ListIdError::Signs));
        assert_eq!(ListId::parse("a", "presale example"), Err(ListIdError::Id));
        assert!(matches!(ListId::parse("a\nb", "presale.example.fr"), Err(ListIdError::Name(_))));
    }
}
