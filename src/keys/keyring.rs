//! The secrets outside the store: what is needed to tell whether an address is known, to mint a token, and to
//! recognise one. Values only; the file they come from is `config`'s.
//!
//! A key is never removed: fingerprints cannot be made again without the address, and a link in an old mail must go on
//! working. A new key is put in front of the old ones.

use std::fmt::{self, Write};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::hex::{from_hex, to_hex, written_in_hex};

/// Why a key file is not one. Says where, never what: the file is made of secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// It is not TOML with `[[keys]]`, each with an `id` and a `secret`.
    #[error("line {line} is not understood; restore the key file from its backup")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
    },
    /// It names no key.
    #[error("it holds no key; restore the key file from its backup")]
    Empty,
    /// A secret is not 64 hexadecimal digits, or is not the one that its id was made from.
    #[error("the secret of key `{id}` was damaged; restore the key file from its backup")]
    Damaged {
        /// The key's id as written.
        id: String,
    },
}

/// The name of a key: eight hexadecimal digits that follow from its secret, so that a damaged secret is noticed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }
}

/// The text is not eight lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key id is eight digits from 0 to 9 and a to f")]
pub struct NoKeyId;

written_in_hex!(KeyId, NoKeyId);

struct Key {
    id: KeyId,
    secret: SecretBox<[u8; 32]>,
    /// When it became the current one, where that was written down: never of the first key.
    since: Option<Timestamp>,
}

impl Key {
    fn new(secret: [u8; 32], since: Option<Timestamp>) -> Self {
        let [a, b, c, d, ..] = hmac(&secret, &[b"carillon key id"]);
        Self { id: KeyId([a, b, c, d]), secret: SecretBox::new(Box::new(secret)), since }
    }

    /// A MAC under the sub-key for `purpose`, so that one use of a key proves nothing to another.
    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let sub_key = hmac(self.secret.expose_secret(), &[b"carillon purpose", purpose.as_bytes()]);
        hmac(&sub_key, parts)
    }
}

/// The keys: one for what is made now, and all the older ones for what was made with them. Cloning is cheap.
#[derive(Clone)]
pub struct Keyring {
    current: Arc<Key>,
    older: Arc<[Arc<Key>]>,
}

impl Keyring {
    /// A keyring of one key. `secret` must come from the system's random source.
    pub fn generate(secret: [u8; 32]) -> Self {
        Self { current: Arc::new(Key::new(secret, None)), older: Arc::new([]) }
    }

    /// The same keys, and in front of them a new one, which is the current one since `now`. `secret` must come from the
    /// system's random source.
    #[must_use]
    pub fn with_new(&self, secret: [u8; 32], now: Timestamp) -> Self {
        let older = std::iter::once(&self.current).chain(self.older.iter()).cloned().collect();
        Self { current: Arc::new(Key::new(secret, Some(now))), older }
    }

    /// Reads a key file. The first key is the current one.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let file: KeyFile = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            KeyringError::Syntax { line: before.matches('\n').count() + 1 }
        })?;
        let mut keys = file.keys.into_iter().map(KeyEntry::read).collect::<Result<Vec<_>, _>>()?.into_iter();
        let current = keys.next().ok_or(KeyringError::Empty)?;
        Ok(Self { current: Arc::new(current), older: keys.map(Arc::new).collect() })
    }

    /// The key file's text.
    pub fn to_text(&self) -> SecretString {
        let mut text = String::from(
            "# Carillon's keys. Whoever has them can tell whether an address is in the store, and can forge unsubscribe\n\
             # links. Keep this file readable by its owner only, and a copy of it apart from the copies of the store.\n\
             # The first key is the current one. Never remove an older one: links in sent mails and the list of people\n\
             # not to write to depend on it.\n",
        );
        for key in self.keys() {
            let secret = to_hex(key.secret.expose_secret());
            // Writing to a string cannot fail.
            let _ = write!(text, "\n[[keys]]\nid = \"{}\"\nsecret = \"{secret}\"\n", key.id);
            if let Some(since) = key.since {
                let _ = writeln!(text, "since = \"{since}\"");
            }
        }
        text.into()
    }

    /// The id of the current key.
    pub fn current(&self) -> KeyId {
        self.current.id
    }

    /// The ids of all keys, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys().map(|key| key.id)
    }

    /// The keys whose signatures still count at some time, the current one first, each with the end of that time. The current
    /// one has none. Signatures of an older one count for `lasts` after the key that followed it, and for no time when
    /// nobody wrote down when that was.
    pub fn ends_of_signatures(&self, lasts: SignedDuration) -> Vec<(KeyId, Option<Timestamp>)> {
        let followed = self.keys().zip(self.older.iter()).filter_map(|(follower, key)| {
            let end = follower.since?.checked_add(lasts).unwrap_or(Timestamp::MAX);
            Some((key.id, Some(end)))
        });
        std::iter::once((self.current.id, None)).chain(followed).collect()
    }

    /// A MAC of `parts` under the current key: HMAC-SHA-256, cut to 128 bits, of which RFC 2104 section 5 approves.
    /// `purpose` keeps uses apart; each part counts with its length, so that `["ab", "c"]` is not `["a", "bc"]`.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        first_half(self.current.mac(purpose, parts))
    }

    /// A MAC under the first key that there ever was: for names that must stay as they are when the keys change, and that
    /// give no power to whoever can make them.
    pub fn lasting_mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        first_half(self.older.last().unwrap_or(&self.current).mac(purpose, parts))
    }

    /// Whether `mac` was made of `parts` for `purpose` under any of the keys. Takes the same time whatever is wrong.
    pub fn is_mac(&self, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.keys()
            .map(|key| first_half(key.mac(purpose, parts)).ct_eq(mac))
            .fold(false, |any, one| any | bool::from(one))
    }

    /// Whether a MAC of `parts` for `purpose` under any of the keys begins with these eight bytes.
    pub fn begins_mac(&self, purpose: &str, parts: &[&[u8]], start: &[u8; 8]) -> bool {
        self.keys()
            .map(|key| key.mac(purpose, parts).first_chunk::<8>().is_some_and(|own| own.ct_eq(start).into()))
            .fold(false, |any, one| any | one)
    }

    /// Whether `mac` was made of `parts` for `purpose` under the key `id`; `None` when there is no such key.
    pub fn is_mac_under(&self, id: KeyId, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> Option<bool> {
        self.keys().find(|key| key.id == id).map(|key| first_half(key.mac(purpose, parts)).ct_eq(mac).into())
    }

    /// A MAC under the key `id`, if there is one.
    pub fn mac_under(&self, id: KeyId, purpose: &str, parts: &[&[u8]]) -> Option<[u8; 16]> {
        self.keys().find(|key| key.id == id).map(|key| first_half(key.mac(purpose, parts)))
    }

    /// The uncut MACs under all keys, the current one first.
    pub fn long_macs(&self, purpose: &str, parts: &[&[u8]]) -> impl Iterator<Item = (KeyId, [u8; 32])> {
        self.keys().map(move |key| (key.id, key.mac(purpose, parts)))
    }

    /// The uncut MAC under the current key.
    pub fn long_mac(&self, purpose: &str, parts: &[&[u8]]) -> (KeyId, [u8; 32]) {
        (self.current.id, self.current.mac(purpose, parts))
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&*self.current).chain(self.older.iter().map(|key| &**key))
    }
}

impl fmt::Debug for Keyring {
    /// Ids only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(default)]
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    id: String,
    secret: String,
    since: Option<Timestamp>,
}

impl KeyEntry {
    fn read(self) -> Result<Key, KeyringError> {
        match from_hex(&self.secret).map(|secret| Key::new(secret, self.since)) {
            Some(key) if key.id.to_string() == self.id => Ok(key),
            _ => Err(KeyringError::Damaged { id: self.id }),
        }
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC pads a short key with zeros to the block (RFC 2104 section 2).
    let mut block = [0; 64];
    for (padded, byte) in block.iter_mut().zip(key) {
        *padded = *byte;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn first_half(whole: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    for (kept, byte) in half.iter_mut().zip(whole) {
        *kept = byte;
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_it_is_written() {
        let keyring = Keyring::generate([7; 32]);
        let text = keyring.to_text();
        let read = Keyring::parse(text.expose_secret()).unwrap();
        assert_eq!(read.current(), keyring.current());
        assert_eq!(read.mac("x", &[b"y"]), keyring.mac("x", &[b"y"]));
        assert_eq!(format!("{read:?}"), format!("[{}]", keyring.current()));
    }

    #[test]
    fn an_older_key_goes_on_counting() {
        let old = Keyring::generate([1; 32]);
        let both = Keyring::parse(old.with_new([2; 32], Timestamp::UNIX_EPOCH).to_text().expose_secret()).unwrap();
        assert_eq!(both.current(), Keyring::generate([2; 32]).current());
        assert_eq!(both.ids().count(), 2);
        assert!(both.is_mac("x", &[b"y"], &old.mac("x", &[b"y"])));
        assert_ne!(both.mac("x", &[b"y"]), old.mac("x", &[b"y"]));
        let under = |id| both.is_mac_under(id, "x", &[b"y"], &old.mac("x", &[b"y"]));
        assert_eq!((under(old.current()), under(both.current())), (Some(true), Some(false)));
        assert_eq!(old.is_mac_under(both.current(), "x", &[b"y"], &both.mac("x", &[b"y"])), None);
    }

    #[test]
    fn signatures_of_an_older_key_count_for_a_while_after_the_next_came() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = Keyring::generate([1; 32]);
        let second = first.with_new([2; 32], at("2027-01-01T00:00:00Z"));
        let third =
            Keyring::parse(second.with_new([3; 32], at("2027-02-01T10:00:00.5Z")).to_text().expose_secret()).unwrap();
        assert_eq!(
            third.ends_of_signatures(SignedDuration::from_hours(24)),
            [
                (third.current(), None),
                (second.current(), Some(at("2027-02-02T10:00:00.5Z"))),
                (first.current(), Some(at("2027-01-02T00:00:00Z"))),
            ]
        );
        let text = third.to_text().expose_secret().to_owned();
        let unknown: Vec<&str> = text.lines().filter(|line| !line.starts_with("since")).collect();
        let unknown = Keyring::parse(&unknown.join("\n")).unwrap();
        assert_eq!(unknown.ends_of_signatures(SignedDuration::from_hours(24)), [(third.current(), None)]);
        let wrong = text.replace("2027-02-01T10", "soon");
        assert!(matches!(Keyring::parse(&wrong), Err(KeyringError::Syntax { .. })));
    }

    #[test]
    fn uses_and_parts_are_kept_apart() {
        let keyring = Keyring::generate([1; 32]);
        assert!(!keyring.is_mac("x", &[b"ab", b"c"], &keyring.mac("x", &[b"a", b"bc"])));
        assert!(!keyring.is_mac("x", &[b"a"], &keyring.mac("y", &[b"a"])));
        assert!(!keyring.is_mac("x", &[b"a"], &[]));
    }

    #[test]
    fn a_damaged_file_is_refused_without_its_secrets() {
        let text = Keyring::generate([7; 32]).to_text().expose_secret().to_owned();
        let damaged = text.replace("0707", "0708");
        assert!(matches!(Keyring::parse(&damaged), Err(KeyringError::Damaged { .. })));
        assert_eq!(Keyring::parse("# nothing\n").unwrap_err(), KeyringError::Empty);
        let error = Keyring::parse("[[keys]]\nid = 1\nsecret = \"s3cret\"\n").unwrap_err();
        assert_eq!(error, KeyringError::Syntax { line: 2 });
        assert_eq!(Keyring::parse("[[keys]]\nsecret = s3cret").unwrap_err(), KeyringError::Syntax { line: 2 });
    }
}
