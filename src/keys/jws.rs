//! JSON Web Signatures (RFC 7515) in the compact form, by Ed25519 (RFC 8037), and the sets of public keys (RFC 7517) that they
//! are checked with. A key is named by its thumbprint (RFC 7638), which follows from the key alone.
//!
//! Only what we sign is read: one algorithm, and a type that the reader names. What the header of a file says never decides
//! how it is checked.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{KeyError, KeyId, Keyring, SignatureError, SigningKey, VerifyingKey};

/// The one algorithm.
const ALGORITHM: &str = "EdDSA";

/// Why a file is not taken for what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It is no such file.
    #[error(
        "it is not a JSON Web Signature in the compact form, three parts of base64url with full stops between them"
    )]
    Form,
    /// It says that it is signed in another way.
    #[error("its header names the algorithm `{found}`, not `EdDSA`")]
    Algorithm {
        /// What it says.
        found: String,
    },
    /// It is another kind of file.
    #[error("its header names the type `{found}`, not `{expected}`")]
    Type {
        /// What it says.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// It asks for something that is not known here.
    #[error("its header asks for extensions (`crit`), of which none is known")]
    Critical,
    /// No key has that name.
    #[error("it is signed with the key `{id}`, which is not in the set of keys")]
    UnknownKey {
        /// The name of the key.
        id: String,
    },
    /// The signature does not fit.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A text that is no set of Ed25519 keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a JSON Web Key Set with an Ed25519 key in it")]
pub struct NoKeySet;

#[derive(Serialize, Deserialize)]
struct JwsHeader<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crit: Option<Vec<String>>,
}

/// Signs `payload` as a file of the type `kind`. The same bytes make the same file.
///
/// # Errors
/// None in practice; the type is the serialiser's.
pub fn sign(key: &SigningKey, kind: &str, payload: &[u8]) -> serde_json::Result<String> {
    let id = key.verifying_key().thumbprint();
    let header = JwsHeader { alg: ALGORITHM.into(), kid: Some(id.into()), typ: Some(kind.into()), crit: None };
    let (header, payload) = (serde_json::to_vec(&header)?, URL_SAFE_NO_PAD.encode(payload));
    let signed = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

/// A key as RFC 8037 writes it.
#[derive(Serialize, Deserialize)]
struct Jwk<'a> {
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    crv: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    kty: Cow<'a, str>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none", borrow)]
    usage: Option<Cow<'a, str>>,
    #[serde(default)]
    x: String,
}

#[derive(Serialize, Deserialize)]
struct JwkSet<'a> {
    #[serde(borrow)]
    keys: Vec<Jwk<'a>>,
}

impl Jwk<'_> {
    fn of(key: VerifyingKey) -> Self {
        Self {
            alg: Some(ALGORITHM.into()),
            crv: "Ed25519".into(),
            kid: Some(key.thumbprint().into()),
            kty: "OKP".into(),
            usage: Some("sig".into()),
            x: URL_SAFE_NO_PAD.encode(key.as_bytes()),
        }
    }

    /// The key, or `None` of another kind of key, which is passed over.
    fn read(&self) -> Option<VerifyingKey> {
        let ours = self.kty == "OKP" && self.crv == "Ed25519";
        let bytes = URL_SAFE_NO_PAD.decode(&self.x).ok().filter(|_| ours)?;
        bytes.try_into().ok().map(VerifyingKey::from_bytes)
    }
}

impl VerifyingKey {
    /// The name of the key: its thumbprint (RFC 7638, RFC 8037 appendix A.3).
    pub fn thumbprint(self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.as_bytes());
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }
}

/// The keys that files may be signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    /// The public halves of the signing keys for `purpose` whose files may still be valid at `now`, when a file is valid
    /// for `lasts`: that of the current key of `keyring`, and of each older one for as long after the next one came.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn at(keyring: &Keyring, purpose: &str, lasts: SignedDuration, now: Timestamp) -> Result<Self, KeyError> {
        let counts = |(_, end): &(KeyId, Option<Timestamp>)| end.is_none_or(|end| now < end);
        let ids = keyring.ends_of_signatures(lasts).into_iter().filter(counts);
        let keys = ids.map(|(id, _)| Ok(SigningKey::under(keyring, id, purpose)?.verifying_key()));
        Ok(Self(keys.collect::<Result<_, KeyError>>()?))
    }

    /// When it becomes another one.
    pub fn changes(keyring: &Keyring, lasts: SignedDuration) -> Vec<Timestamp> {
        keyring.ends_of_signatures(lasts).into_iter().filter_map(|(_, end)| end).collect()
    }

    /// The set as a file.
    ///
    /// # Errors
    /// None in practice; the type is the serialiser's.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let keys = self.0.iter().map(|key| Jwk::of(*key)).collect();
        Ok(serde_json::to_string_pretty(&JwkSet { keys })? + "\n")
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// [`NoKeySet`] when the text is none, or has no key of our kind.
    pub fn from_json(text: &str) -> Result<Self, NoKeySet> {
        let set: JwkSet = serde_json::from_str(text).map_err(|_| NoKeySet)?;
        let keys: Vec<VerifyingKey> = set.keys.iter().filter_map(Jwk::read).collect();
        if keys.is_empty() { Err(NoKeySet) } else { Ok(Self(keys)) }
    }

    /// What is signed in `file`, when it is of the type `kind` and one of these keys signed it.
    ///
    /// # Errors
    /// Why it is not.
    pub fn verify(&self, file: &str, kind: &str) -> Result<Vec<u8>, JwsError> {
        let (signed, signature) = file.trim_end().rsplit_once('.').ok_or(JwsError::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Form)?;
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Form);
        let (header, payload, signature) = (part(header)?, part(payload)?, part(signature)?);
        let header: JwsHeader = serde_json::from_slice(&header).map_err(|_| JwsError::Form)?;
        if header.alg != ALGORITHM {
            return Err(JwsError::Algorithm { found: header.alg.into_owned() });
        }
        if header.crit.is_some() {
            return Err(JwsError::Critical);
        }
        if header.typ.as_deref() != Some(kind) {
            let found = header.typ.unwrap_or_default().into_owned();
            return Err(JwsError::Type { found, expected: kind.to_owned() });
        }
        let id = header.kid.unwrap_or_default();
        let key = self.0.iter().find(|key| key.thumbprint() == id);
        let key = key.ok_or_else(|| JwsError::UnknownKey { id: id.clone().into_owned() })?;
        key.verify(signed.as_bytes(), &signature)?;
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.
    fn key() -> SigningKey {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        SigningKey::from_seed(&seed.try_into().unwrap()).unwrap()
    }

    fn set() -> KeySet {
        KeySet(vec![key().verifying_key()])
    }

    /// A file whose header is this text, rightly signed.
    fn file(header: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes())))
    }

    #[test]
    fn keys_and_signatures_are_those_of_the_standard() {
        let public = key().verifying_key();
        assert_eq!(URL_SAFE_NO_PAD.encode(public.as_bytes()), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        // RFC 8037, appendix A.4: its header names no type.
        let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes())), signature);
    }

    #[test]
    fn a_file_is_read_as_it_was_signed() {
        let signed = sign(&key(), "a+jwt", b"{\"gates\":[]}").unwrap();
        let header = URL_SAFE_NO_PAD.decode(signed.split('.').next().unwrap()).unwrap();
        assert_eq!(
            String::from_utf8(header).unwrap(),
            r#"{"alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","typ":"a+jwt"}"#
        );
        let read = KeySet::from_json(&set().to_json().unwrap()).unwrap();
        assert_eq!(read, set());
        assert_eq!(read.verify(&signed, "a+jwt").unwrap(), b"{\"gates\":[]}");
        assert_eq!(read.verify(&format!("{signed}\n"), "a+jwt").unwrap(), b"{\"gates\":[]}");
    }

    #[test]
    fn a_file_that_was_changed_anywhere_is_refused() {
        let signed = sign(&key(), "a+jwt", b"{\"gates\":[]}").unwrap();
        for place in 0..signed.len() {
            for letter in [b'A', b'.', b'='] {
                let mut changed = signed.clone().into_bytes();
                changed[place] = if changed[place] == letter { b'B' } else { letter };
                let changed = String::from_utf8(changed).unwrap();
                assert!(set().verify(&changed, "a+jwt").is_err(), "{place}: {changed}");
            }
        }
    }

    #[test]
    fn a_header_does_not_decide_how_a_file_is_checked() {
        let kid = key().verifying_key().thumbprint();
        let ours = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"a+jwt"}}"#);
        assert!(set().verify(&file(&ours), "a+jwt").is_ok());
        for alg in ["none", "HS256", "eddsa", "Ed448", ""] {
            let error = set().verify(&file(&ours.replace("EdDSA", alg)), "a+jwt").unwrap_err();
            assert_eq!(error, JwsError::Algorithm { found: alg.into() });
        }
        let other = JwsError::Type { found: "a+jwt".into(), expected: "b+jwt".into() };
        assert_eq!(set().verify(&file(&ours), "b+jwt").unwrap_err(), other);
        let bare = ours.replace(r#","typ":"a+jwt""#, "");
        assert!(matches!(set().verify(&file(&bare), "a+jwt"), Err(JwsError::Type { .. })));
        let critical = ours.replace('{', r#"{"crit":["b64"],"b64":false,"#);
        assert_eq!(set().verify(&file(&critical), "a+jwt").unwrap_err(), JwsError::Critical);
        let unknown = ours.replace(&kid, "x");
        assert_eq!(set().verify(&file(&unknown), "a+jwt").unwrap_err(), JwsError::UnknownKey { id: "x".into() });
        for form in ["", ".", "..", "a.b", "{}.{}.{}", &file("[]")] {
            assert_eq!(set().verify(form, "a+jwt").unwrap_err(), JwsError::Form, "{form}");
        }
    }

    #[test]
    fn a_set_passes_over_keys_of_another_kind() {
        let ours = set().to_json().unwrap();
        let more =
            ours.replacen('[', r#"[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"X25519","x":"AAAA"},"#, 1);
        assert_eq!(KeySet::from_json(&more).unwrap(), set());
        for none in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}"#] {
            assert_eq!(KeySet::from_json(none), Err(NoKeySet), "{none}");
        }
    }

    #[test]
    fn an_older_key_stays_in_the_set_while_its_files_may_be_valid() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let old = Keyring::generate([1; 32]);
        let both = old.with_new([2; 32], at("2027-01-01T12:00:00Z"));
        let lasts = SignedDuration::from_hours(72);
        let set = |now: &str| KeySet::at(&both, "gates", lasts, at(now)).unwrap();
        let signed = sign(&SigningKey::of(&old, "gates").unwrap(), "a", b"{}").unwrap();
        let new = sign(&SigningKey::of(&both, "gates").unwrap(), "a", b"{}").unwrap();
        for (now, counts) in
            [("2027-01-01T12:00:00Z", true), ("2027-01-04T11:59:59.999Z", true), ("2027-01-04T12:00:00Z", false)]
        {
            assert_eq!(set(now).verify(&signed, "a").is_ok(), counts, "{now}");
            assert!(set(now).verify(&new, "a").is_ok(), "{now}");
        }
        assert_eq!(KeySet::changes(&both, lasts), [at("2027-01-04T12:00:00Z")]);
    }
}
