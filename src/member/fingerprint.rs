//! How the store recognises an address that it no longer has: a keyed fingerprint. The key is outside the store, so a
//! stolen store cannot be tried against a list of addresses. A plain hash could be (CNIL, SAN-2020-003).

use std::fmt;

use super::Address;
use crate::keys::hex::written_in_hex;
use crate::keys::{KeyId, Keyring};

/// What fingerprints are made for, as a keyring sees it.
const PURPOSE: &str = "fingerprint";

/// HMAC-SHA-256 of an address in lower case, with A-labels, and the key that made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    digits: FingerprintDigits,
    key: KeyId,
}

/// What a fingerprint is found by: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FingerprintDigits([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 digits from 0 to 9 and a to f")]
pub struct NoFingerprint;

written_in_hex!(FingerprintDigits, NoFingerprint);

impl FingerprintDigits {
    /// The first eight bytes: enough to tell one address from the others of a file, where memory is dear.
    pub fn first_bytes(&self) -> [u8; 8] {
        let mut first = [0; 8];
        first.iter_mut().zip(self.0).for_each(|(to, byte)| *to = byte);
        first
    }
}

impl Fingerprint {
    /// The fingerprint of `address` under the current key: for what is written now.
    pub fn of(keyring: &Keyring, address: &Address) -> Self {
        let (key, digits) = keyring.long_mac(PURPOSE, &[address.folded().as_bytes()]);
        Self { digits: FingerprintDigits(digits), key }
    }

    /// The fingerprints of `address` under every key, the current one first: for looking up.
    pub fn all(keyring: &Keyring, address: &Address) -> Vec<Self> {
        let folded = address.folded();
        let of = |(key, digits)| Self { digits: FingerprintDigits(digits), key };
        keyring.long_macs(PURPOSE, &[folded.as_bytes()]).map(of).collect()
    }

    /// The fingerprint that is written as its digits and its key.
    pub fn from_stored(digits: &str, key: &str) -> Option<Self> {
        Some(Self { digits: digits.parse().ok()?, key: key.parse().ok()? })
    }

    /// The fingerprint of its digits and its key.
    pub fn new(digits: FingerprintDigits, key: KeyId) -> Self {
        Self { digits, key }
    }

    /// What it is found by.
    pub fn digits(&self) -> FingerprintDigits {
        self.digits
    }

    /// The key that made it.
    pub fn key(&self) -> KeyId {
        self.key
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.digits, f)
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
        let digits: FingerprintDigits = fingerprint.to_string().parse().unwrap();
        assert_eq!(Fingerprint::new(digits, fingerprint.key()), fingerprint);
        assert_eq!(Fingerprint::from_stored(&digits.to_string(), &fingerprint.key().to_string()), Some(fingerprint));
        assert_eq!(Fingerprint::from_stored("", &fingerprint.key().to_string()), None);
    }
}
