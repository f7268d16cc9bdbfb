//! The secrets outside the store, and what is made with them: MACs under keys with ids, tokens, signatures; and digests.
//!
//! Nothing here knows of people or sales. Who makes what with a key names a purpose, and each purpose has a sub-key of its
//! own. The key file is read by `config`.

mod digest;
pub mod dkim;
pub(crate) mod hex;
pub mod jws;
mod keyring;
mod missing;
mod return_path;
mod signature;
mod token;
mod webhook;

pub use digest::{NoDigest, Sha256Digest};
pub use keyring::{KeyId, Keyring, KeyringError, NoKeyId};
pub use missing::{KeyIds, KeysMissing};
pub(crate) use return_path::ReturnPathKind;
pub use signature::{KeyError, SignatureError, SigningKey, VerifyingKey};
pub(crate) use token::TokenKind;
pub use webhook::{NoWebhookSecret, WebhookSecret};
