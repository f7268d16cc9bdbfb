//! The names of the files that stand beside a store and belong to it. A name is random, so that another file in the same
//! place is not taken for the one that was there.

use std::fmt;
use std::str::FromStr;

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(u64);

/// The text is no such name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name of a file is 16 digits from 0 to 9 and a to f")]
pub struct NoFileId;

impl FileId {
    /// A name made of random bytes.
    pub const fn from_random(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for FileId {
    type Err = NoFileId;

    fn from_str(text: &str) -> Result<Self, NoFileId> {
        let id = u64::from_str_radix(text, 16).map(Self).map_err(|_| NoFileId)?;
        if id.to_string() == text { Ok(id) } else { Err(NoFileId) }
    }
}
