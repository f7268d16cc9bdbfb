//! Who could buy at a price.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::campaign::AudienceClass;

/// Who can buy at a price. It decides whether the price counts in the history that everyone's reductions are measured
/// against, and whether a reduction to it needs a prior price at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Anyone.
    Public,
    /// Members of a programme that anyone can join: treated as public.
    OpenMembers,
    /// A list that was complete before the sale, and that nobody can join during it.
    ClosedGroup,
    /// One person, by their own history or voucher.
    Personal,
}

impl Audience {
    /// Every audience.
    pub const ALL: [Self; 4] = [Self::Public, Self::OpenMembers, Self::ClosedGroup, Self::Personal];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::OpenMembers => "open-members",
            Self::ClosedGroup => "closed-group",
            Self::Personal => "personal",
        }
    }
}

impl From<AudienceClass> for Audience {
    fn from(class: AudienceClass) -> Self {
        match class {
            AudienceClass::Public => Self::Public,
            AudienceClass::OpenMembers => Self::OpenMembers,
            AudienceClass::ClosedGroup => Self::ClosedGroup,
            AudienceClass::Personal => Self::Personal,
        }
    }
}

/// A text that names no audience.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no audience; write `public`, `open-members`, `closed-group` or `personal`")]
pub struct UnknownAudience(pub String);

impl FromStr for Audience {
    type Err = UnknownAudience;

    fn from_str(text: &str) -> Result<Self, UnknownAudience> {
        Self::ALL
            .into_iter()
            .find(|audience| audience.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownAudience(text.to_owned()))
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
