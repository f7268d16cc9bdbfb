//! SHA-256 digests: what content is known by.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::hex::written_in_hex;

/// A SHA-256 digest: of a line of the ledger, or of the exact wording that a person agreed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// What the first line names as the line before it.
    pub const ZERO: Self = Self([0; 32]);

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is 64 digits from 0 to 9 and a to f")]
pub struct NoDigest;

written_in_hex!(Sha256Digest, NoDigest);

impl Serialize for Sha256Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
