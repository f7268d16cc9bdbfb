//! How the store recognises an address that it no longer has: a keyed fingerprint. The key is outside the store, so a
//! stolen store cannot be tried against a list of addresses. A plain hash could be (CNIL, SAN-2020-003).

use std::fmt;

use super::hex::{from_hex, to_hex};
use super::{Address, KeyId, Keyring};

/// What fingerprints are made for, as a keyring sees it.
const PURPOSE: &str = "fingerprint";

/// HMAC-SHA-256 of an address in lower case, with A-labels, and the key that made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    digest: [u8; 32],
    key: KeyId,
}

impl Fingerprint {
    /// The fingerprint of `address` under the current key: for what is written now.
    pub fn of(keyring: &Keyring, address: &Address) -> Self {
        let (key, digest) = keyring.long_mac(PURPOSE, &[address.folded().as_bytes()]);
        Self { digest, key }
    }

    /// The fingerprints of `address` under every key, the current one first: for looking up.
    pub fn all(keyring: &Keyring, address: &Address) -> Vec<Self> {
        let folded = address.folded();
        keyring.long_macs(PURPOSE, &[folded.as_bytes()]).map(|(key, digest)| Self { digest, key }).collect()
    }

    /// The fingerprint as it is stored: 64 hexadecimal digits, and the key's id.
    pub fn from_stored(digits: &str, key: &str) -> Option<Self> {
        Some(Self { digest: from_hex(digits)?, key: key.parse().ok()? })
    }

    /// The key that made it.
    pub fn key(&self) -> KeyId {
        self.key
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&to_hex(&self.digest))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(one: &str, other: &str, expected: bool) {
        let keyring = Keyring::generate([3; 32]);
        let of = |text: &str| Fingerprint::of(&keyring, &text.parse().unwrap());
        assert_eq!(of(one) == of(other), expected, "{one} {other}");
    }

    #[test]
    fn writings_of_one_address_have_one_fingerprint() {
        same("Camille@example.fr", "camille@EXAMPLE.fr ", true);
        same("a@chaussée.example", "A@xn--chausse-gya.example", true);
        same("a@chausse\u{301}e.example", "a@chaussée.example", true);
        same("camille+1@example.fr", "camille@example.fr", false);
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_stored() {
        let fingerprint = Fingerprint::of(&Keyring::generate([3; 32]), &"a@example.fr".parse().unwrap());
        let (digits, key) = (fingerprint.to_string(), fingerprint.key().to_string());
        assert_eq!(Fingerprint::from_stored(&digits, &key), Some(fingerprint));
        assert_eq!(Fingerprint::from_stored("", &key), None);
    }
}
