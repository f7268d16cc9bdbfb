//! The keys with which letters are signed by DKIM (RFC 6376, RFC 8463), and what the DNS has to say of them. Unlike all other
//! keys they are not made from the key file: the world is to know them under a name, and they are exchanged with that name.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};

/// The `AlgorithmIdentifier` of `rsaEncryption` (RFC 8017, appendix A.1) in DER.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// How much a text in the DNS holds at most (RFC 1035, section 3.3).
const TEXT_IN_DNS: usize = 255;

/// How a letter is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DkimAlgorithm {
    /// RSA, which everybody checks.
    Rsa,
    /// Ed25519, which few check.
    Ed25519,
}

impl DkimAlgorithm {
    /// The name in a signature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }

    /// The type of key in the DNS.
    fn key_type(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A key, the secret half. Cloning is cheap.
#[derive(Clone)]
pub struct DkimKey(Arc<DkimPair>);

enum DkimPair {
    Rsa(rsa::KeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why a text is not the key that it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DkimKeyError {
    /// Nothing of it is a private key in PKCS#8.
    #[error("it is not a private key in PEM, PKCS#8")]
    Form,
    /// It is a key of another kind, or RSA of less than 2048 bits, or more than 4096.
    #[error("it is not the key that it should be")]
    Kind(DkimAlgorithm),
}

/// A signature could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a DKIM signature could not be made")]
pub struct NotSigned;

impl std::fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DkimKey").field(&self.algorithm()).finish()
    }
}

impl DkimKey {
    /// Reads the private key that is the only thing in `text`, in PEM and PKCS#8 as `openssl genpkey` writes it.
    pub fn from_pem(text: &str, algorithm: DkimAlgorithm) -> Result<Self, DkimKeyError> {
        let (_, rest) = text.split_once("-----BEGIN PRIVATE KEY-----").ok_or(DkimKeyError::Form)?;
        let (inner, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or(DkimKeyError::Form)?;
        let inner: String = inner.split_whitespace().collect();
        let der = STANDARD.decode(inner).map_err(|_| DkimKeyError::Form)?;
        let other = |_| DkimKeyError::Kind(algorithm);
        let pair = match algorithm {
            DkimAlgorithm::Rsa => DkimPair::Rsa(rsa::KeyPair::from_pkcs8(&der).map_err(other)?),
            // As OpenSSL writes it: without the public half.
            DkimAlgorithm::Ed25519 => {
                DkimPair::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(other)?)
            }
        };
        Ok(Self(Arc::new(pair)))
    }

    /// How it signs.
    pub fn algorithm(&self) -> DkimAlgorithm {
        match &*self.0 {
            DkimPair::Rsa(_) => DkimAlgorithm::Rsa,
            DkimPair::Ed25519(_) => DkimAlgorithm::Ed25519,
        }
    }

    /// The signature over the canonical header `bytes`, in base64.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, NotSigned> {
        match &*self.0 {
            DkimPair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature).map_err(|_| NotSigned)?;
                Ok(STANDARD.encode(signature))
            }
            // Of the digest, not of the bytes (RFC 8463, section 3).
            DkimPair::Ed25519(pair) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
                Ok(STANDARD.encode(pair.sign(digest.as_ref())))
            }
        }
    }

    /// What the DNS has to say of it, at `selector._domainkey.domain`.
    pub fn record(&self) -> String {
        let public = match &*self.0 {
            DkimPair::Rsa(pair) => STANDARD.encode(subject_public_key(pair.public().as_ref())),
            DkimPair::Ed25519(pair) => STANDARD.encode(pair.public_key()),
        };
        format!("v=DKIM1; k={}; p={public}", self.algorithm().key_type())
    }

    /// The same as the texts of a record in a zone file, each between quotation marks: one holds 255 signs at most.
    pub fn record_in_zone(&self) -> String {
        let record = self.record();
        let texts: Vec<String> = record
            .as_bytes()
            .chunks(TEXT_IN_DNS)
            .map(|text| format!("\"{}\"", String::from_utf8_lossy(text)))
            .collect();
        texts.join(" ")
    }
}

/// An RSA public key as a `SubjectPublicKeyInfo` in DER, which is what verifiers read.
fn subject_public_key(key: &[u8]) -> Vec<u8> {
    let bits = [&[0][..], key].concat();
    der(0x30, &[&RSA_ENCRYPTION[..], &der(0x03, &bits)].concat())
}

/// A value of DER with its tag and length.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    match (significant.as_slice(), u8::try_from(significant.len())) {
        ([], _) => out.push(0),
        ([short], _) if *short < 0x80 => out.push(*short),
        (long, Ok(count)) => {
            out.push(0x80 | count);
            out.extend_from_slice(long);
        }
        // A length of more than 255 bytes does not exist.
        (_, Err(_)) => {}
    }
    out.extend_from_slice(value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_short_or_long() {
        assert_eq!(der(0x04, &[]), [0x04, 0x00]);
        assert_eq!(der(0x04, &[7; 3]), [0x04, 0x03, 7, 7, 7]);
        assert_eq!(der(0x04, &[7; 200])[..3], [0x04, 0x81, 200]);
        assert_eq!(der(0x04, &[7; 300])[..4], [0x04, 0x82, 1, 44]);
    }
}
