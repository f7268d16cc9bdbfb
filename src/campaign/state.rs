//! Whether an applied campaign's mailings leave.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Whether a campaign's mailings leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CampaignState {
    /// They leave at their times.
    Active,
    /// A person stopped them for now. The gate goes on.
    Paused,
    /// The campaign is over for good, its window too.
    Cancelled,
}

impl CampaignState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Cancelled];

    /// The name used in the store and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for CampaignState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the state of a campaign; write `active`, `paused` or `cancelled`")]
pub struct UnknownCampaignState(String);

impl FromStr for CampaignState {
    type Err = UnknownCampaignState;

    fn from_str(name: &str) -> Result<Self, UnknownCampaignState> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| UnknownCampaignState(name.to_owned()))
    }
}
