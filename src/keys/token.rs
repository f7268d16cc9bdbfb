//! The form of a token in a link: which random number it is about, and a proof that we made it for this one use.
//!
//! Two letters and a full stop tell the uses apart, then come 48 characters of base64url: 16 random bytes, 4 of key id, 16
//! of MAC. Each use has a sub-key of its own, so that a token of one says nothing to another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::{KeyId, Keyring};

/// What tokens are for.
pub(crate) struct TokenKind {
    /// What they begin with: two letters and a full stop.
    pub(crate) version: &'static str,
    /// The purpose of the MAC.
    pub(crate) purpose: &'static str,
}

impl TokenKind {
    /// Characters of a token.
    pub(crate) const LENGTH: usize = 3 + 48;

    /// The token about `random` under the key `key`, if there is that key. Always the same.
    pub(crate) fn token(&self, keyring: &Keyring, key: KeyId, random: &[u8; 16]) -> Option<String> {
        let mac = keyring.mac_under(key, self.purpose, &[random])?;
        let mut bytes = [0; 36];
        for (byte, field) in bytes.iter_mut().zip(random.iter().chain(key.as_bytes()).chain(&mac)) {
            *byte = *field;
        }
        Some(format!("{}{}", self.version, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token in `text` and what it is about, or `None` when we did not make it. Mail programs make links of more than
    /// the link: what stands before and behind the token (a bracket, a slash, a full stop) is not part of it.
    pub(crate) fn read<'a>(&self, keyring: &Keyring, text: &'a str) -> Option<(&'a str, [u8; 16])> {
        let token = text.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).get(..Self::LENGTH);
        // A MAC is made and compared whatever this is, so that the time of a refusal does not tell what was wrong: what is no
        // token stands for one about nothing, and a key that there is not for the current one.
        let fields = token.and_then(|token| self.fields(token));
        let (random, key, mac) = fields.unwrap_or(([0; 16], *keyring.current().as_bytes(), [0; 16]));
        let under_its_key = keyring.mac_under(KeyId::from_bytes(key), self.purpose, &[&random]);
        let expected = under_its_key.or_else(|| keyring.mac_under(keyring.current(), self.purpose, &[&random]))?;
        let genuine = bool::from(expected.ct_eq(&mac)) & fields.is_some() & under_its_key.is_some();
        token.filter(|_| genuine).map(|token| (token, random))
    }

    /// The random number, the key's id and the MAC in what has the length of a token.
    fn fields(&self, token: &str) -> Option<([u8; 16], [u8; 4], [u8; 16])> {
        let bytes: [u8; 36] = URL_SAFE_NO_PAD.decode(token.strip_prefix(self.version)?).ok()?.try_into().ok()?;
        let (random, rest) = bytes.split_first_chunk::<16>()?;
        let (key, mac) = rest.split_first_chunk::<4>()?;
        Some((*random, *key, mac.try_into().ok()?))
    }
}
