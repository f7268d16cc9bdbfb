//! Ed25519 signatures (RFC 8032) over what others check, exactly as its bytes are written. Each purpose has a key of its own.
//! Public keys are written as PEM (RFC 8410), so that OpenSSL, Python and browsers read them as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{KeyId, Keyring};

/// The start of a DER `SubjectPublicKeyInfo` with the algorithm id-Ed25519 (RFC 8410, section 4); the key follows.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const PEM_START: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// A text that is no Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not an Ed25519 public key in PEM")]
pub struct KeyError;

/// A signature that does not fit the bytes and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit: the file was changed, or signed with another key")]
pub struct SignatureError;

/// The secret half.
pub struct SigningKey(Ed25519KeyPair);

/// The public half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.verifying_key()).finish()
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("VerifyingKey").field(&STANDARD.encode(self.0)).finish()
    }
}

impl SigningKey {
    /// The key for `purpose` that follows from the current key of `keyring`, always the same one. A new current key makes a
    /// new signing key, whose public half has to be given to those who verify.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn of(keyring: &Keyring, purpose: &str) -> Result<Self, KeyError> {
        Self::under(keyring, keyring.current(), purpose)
    }

    /// The signing keys for `purpose` under every key of `keyring`, each with the id of that key, the current one first: an
    /// older one vouches for the one that came after it.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn all(keyring: &Keyring, purpose: &str) -> Result<Vec<(KeyId, Self)>, KeyError> {
        keyring.ids().map(|id| Ok((id, Self::under(keyring, id, purpose)?))).collect()
    }

    pub(super) fn under(keyring: &Keyring, id: KeyId, purpose: &str) -> Result<Self, KeyError> {
        let half = |name: &[u8]| keyring.mac_under(id, purpose, &[name]).ok_or(KeyError);
        let mut seed = [0; 32];
        for (byte, from) in seed.iter_mut().zip([half(b"first half")?, half(b"second half")?].into_iter().flatten()) {
            *byte = from;
        }
        Self::from_seed(&seed)
    }

    /// The key that follows from a secret seed of 32 bytes, always the same one.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub(super) fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| KeyError)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        let mut key = [0; 32];
        // An Ed25519 public key has 32 bytes; zip copies them without a length that could disagree.
        for (to, from) in key.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        VerifyingKey(key)
    }

    /// The signature over `bytes`: 64 raw bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

impl VerifyingKey {
    /// The public halves of the signing keys for `purpose` under every key of `keyring`, the current one first.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn all(keyring: &Keyring, purpose: &str) -> Result<Vec<Self>, KeyError> {
        Ok(SigningKey::all(keyring, purpose)?.into_iter().map(|(_, key)| key.verifying_key()).collect())
    }

    /// Reads keys that stand one after the other.
    ///
    /// # Errors
    /// [`KeyError`] when there is none, or one is none.
    pub fn all_from_pem(text: &str) -> Result<Vec<Self>, KeyError> {
        let keys: Vec<Self> = text
            .split_inclusive(PEM_END)
            .filter(|pem| !pem.trim().is_empty())
            .map(Self::from_pem)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeyError) } else { Ok(keys) }
    }

    /// The key that these 32 bytes are (RFC 8032, section 5.1.5).
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` was made over exactly `bytes` with this key's secret half.
    ///
    /// # Errors
    /// [`SignatureError`] when it was not.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).map_err(|_| SignatureError)
    }

    /// The key as one word: what stands between the first and the last line of its PEM.
    pub fn to_word(self) -> String {
        STANDARD.encode([SPKI.as_slice(), &self.0].concat())
    }

    /// Reads a key written by [`VerifyingKey::to_word`].
    ///
    /// # Errors
    /// [`KeyError`] when the text is not one.
    pub fn from_word(word: &str) -> Result<Self, KeyError> {
        let der = STANDARD.decode(word).map_err(|_| KeyError)?;
        let key = der.strip_prefix(SPKI.as_slice()).ok_or(KeyError)?;
        Ok(Self(key.try_into().map_err(|_| KeyError)?))
    }

    /// The key as PEM.
    pub fn to_pem(self) -> String {
        format!("{PEM_START}\n{}\n{PEM_END}\n", self.to_word())
    }

    /// Reads a key written by [`VerifyingKey::to_pem`] or by OpenSSL.
    ///
    /// # Errors
    /// [`KeyError`] when the text is not one.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body = pem.trim().strip_prefix(PEM_START).and_then(|rest| rest.strip_suffix(PEM_END)).ok_or(KeyError)?;
        Self::from_word(&body.split_whitespace().collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tampering_is_seen() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let bytes = b"{\"gates\":[{\"slug\":\"hiver\",\"opens_at\":\"2027-01-02T07:00:00.000Z\"}]}\n";
        let signature = key.sign(bytes);
        let public = key.verifying_key();
        assert_eq!(public.verify(bytes, &signature), Ok(()));
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 1;
            assert_eq!(public.verify(&changed, &signature), Err(SignatureError), "byte {place}");
        }
        for place in 0..signature.len() {
            let mut changed = signature.clone();
            changed[place] ^= 1;
            assert_eq!(public.verify(bytes, &changed), Err(SignatureError), "signature byte {place}");
        }
        assert_eq!(public.verify(bytes, &[]), Err(SignatureError));
        let other = SigningKey::from_seed(&[8; 32]).unwrap().verifying_key();
        assert_eq!(other.verify(bytes, &signature), Err(SignatureError));
    }

    #[test]
    fn a_keyring_has_one_signing_key_for_each_purpose() {
        let of = |secret, purpose| SigningKey::of(&Keyring::generate([secret; 32]), purpose).unwrap().verifying_key();
        assert_eq!(of(1, "gate"), of(1, "gate"));
        assert_ne!(of(1, "gate"), of(2, "gate"));
        assert_ne!(of(1, "gate"), of(1, "anchor"));
    }

    #[test]
    fn the_first_test_vector_of_rfc_8032_holds() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").try_into().unwrap();
        let key = SigningKey::from_seed(&seed).unwrap();
        assert_eq!(
            key.verifying_key().0.as_slice(),
            hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        );
        assert_eq!(
            key.sign(b""),
            hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                 5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        );
    }

    #[test]
    fn a_public_key_survives_pem() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap().verifying_key();
        assert_eq!(VerifyingKey::from_pem(&key.to_pem()), Ok(key));
        assert_eq!(VerifyingKey::from_pem(&key.to_pem().replace('\n', "\r\n")), Ok(key));
        let older = SigningKey::from_seed(&[8; 32]).unwrap().verifying_key();
        assert_eq!(VerifyingKey::all_from_pem(&format!("{}{}\n", key.to_pem(), older.to_pem())), Ok(vec![key, older]));
        assert_eq!(VerifyingKey::all_from_pem("\n"), Err(KeyError));
        for text in ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ssh-ed25519 AAAA"] {
            assert_eq!(VerifyingKey::from_pem(text), Err(KeyError), "{text}");
        }
    }
}
