//! How sure the law files are of what they say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well a date or a rule is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Disputed, inferred, or contradicted by another source.
    Low,
    /// Secondary sources agree.
    Medium,
    /// An official text, or a rule that reproduces every published date.
    High,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}
