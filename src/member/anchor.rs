//! Anchors: the end of the ledger at an instant, written down outside the store and signed, so that others can check with
//! the public key alone that the ledger was so long and ended so.
//!
//! A line of a file of anchors is words with a space between them:
//!
//! ```text
//! carillon.anchor.v1 FILE NUMBER PREVIOUS SEQ HASH AT KEY SIGNATURE
//! carillon.anchor-key.v1 FILE NUMBER PREVIOUS NEW PUBLIC AT KEY SIGNATURE
//! ```
//!
//! `PREVIOUS` is the SHA-256 of the line before, without its line feed, so that no line can be taken out of the middle. The
//! signature (Ed25519, base64) is over everything before the last space. The second form is a hand-over: the key `KEY`, which
//! signed the lines before, says that the lines after it are signed with `PUBLIC`, which follows from the key `NEW`; so who has
//! one public key can follow the file through every change of keys. What a file says and whether it is whole follows from its
//! text; the file itself is `db`'s.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::Head;
use crate::file_id::FileId;
use crate::keys::{KeyId, Sha256Digest, SigningKey, VerifyingKey};

/// What the signing key of anchors is for, as a keyring sees it.
pub const PURPOSE: &str = "consent anchor signature";

/// What an anchor begins with.
const ANCHOR: &str = "carillon.anchor.v1";

/// What a hand-over to another key begins with.
const HAND_OVER: &str = "carillon.anchor-key.v1";

/// How far a file of anchors goes: the store keeps it too, so that a file that was cut short is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorsEnd {
    /// How many lines there are.
    pub lines: u64,
    /// The digest of the last line.
    pub digest: Sha256Digest,
}

impl AnchorsEnd {
    /// That of an empty file.
    pub const EMPTY: Self = Self { lines: 0, digest: Sha256Digest::ZERO };
}

impl fmt::Display for AnchorsEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.lines, self.digest)
    }
}

/// The text is no end of a file of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the end of a file of anchors is a number and a digest")]
pub struct NoAnchorsEnd;

impl FromStr for AnchorsEnd {
    type Err = NoAnchorsEnd;

    fn from_str(text: &str) -> Result<Self, NoAnchorsEnd> {
        let (lines, digest) = text.split_once(' ').ok_or(NoAnchorsEnd)?;
        Ok(Self { lines: lines.parse().map_err(|_| NoAnchorsEnd)?, digest: digest.parse().map_err(|_| NoAnchorsEnd)? })
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    file: FileId,
    number: u64,
    previous: Sha256Digest,
}

/// Where the next line stands.
#[derive(Clone, Copy, Debug)]
pub struct NextAnchor {
    /// The file.
    pub file: FileId,
    /// How far the file goes before it.
    pub end: AnchorsEnd,
}

impl NextAnchor {
    fn stand(self) -> Stand {
        Stand { file: self.file, number: self.end.lines + 1, previous: self.end.digest }
    }
}

/// One anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerAnchor {
    /// The file that it stands in, whatever it is called.
    pub file: FileId,
    /// The number of its line in there, from 1.
    pub number: u64,
    /// The digest of the line before.
    pub previous: Sha256Digest,
    /// The end of the ledger.
    pub head: Head,
    /// When it was so.
    pub at: Timestamp,
    /// The id of the key that the signing key follows from.
    pub key: KeyId,
    signature: Vec<u8>,
}

impl LedgerAnchor {
    /// The anchor at `place` that says that the ledger ended at `head` at `at`, signed with `signing`, which follows from
    /// the key `key`.
    pub fn new(place: NextAnchor, head: Head, at: Timestamp, key: KeyId, signing: &SigningKey) -> Self {
        let Stand { file, number, previous } = place.stand();
        let mut anchor = Self { file, number, previous, head, at, key, signature: Vec::new() };
        anchor.signature = signing.sign(anchor.signed().as_bytes());
        anchor
    }

    /// What is signed.
    fn signed(&self) -> String {
        let Self { file, number, previous, head, at, key, .. } = self;
        format!("{ANCHOR} {file} {number} {previous} {} {} {at} {key}", head.seq, head.hash)
    }

    /// How far the file goes with it.
    pub fn end(&self) -> AnchorsEnd {
        AnchorsEnd { lines: self.number, digest: Sha256Digest::of(self.to_string().as_bytes()) }
    }
}

impl fmt::Display for LedgerAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.signed(), STANDARD.encode(&self.signature))
    }
}

/// The word of the key that signed so far for the one that signs from here on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHandOver {
    stand: Stand,
    new: KeyId,
    public: VerifyingKey,
    at: Timestamp,
    key: KeyId,
    signature: Vec<u8>,
}

impl KeyHandOver {
    /// The line at `place` with which `old`, a key with its id, hands over to `new` at `at`.
    pub fn new(place: NextAnchor, old: (KeyId, &SigningKey), new: (KeyId, VerifyingKey), at: Timestamp) -> Self {
        let mut line = Self { stand: place.stand(), new: new.0, public: new.1, at, key: old.0, signature: Vec::new() };
        line.signature = old.1.sign(line.signed().as_bytes());
        line
    }

    fn signed(&self) -> String {
        let Self { stand: Stand { file, number, previous }, new, public, at, key, .. } = self;
        format!("{HAND_OVER} {file} {number} {previous} {new} {} {at} {key}", public.to_word())
    }

    /// How far the file goes with it.
    pub fn end(&self) -> AnchorsEnd {
        AnchorsEnd { lines: self.stand.number, digest: Sha256Digest::of(self.to_string().as_bytes()) }
    }
}

impl fmt::Display for KeyHandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.signed(), STANDARD.encode(&self.signature))
    }
}

/// A line of a file of anchors.
enum AnchorsLine {
    Anchor(LedgerAnchor),
    HandOver(KeyHandOver),
}

impl AnchorsLine {
    fn stand(&self) -> Stand {
        match self {
            Self::Anchor(LedgerAnchor { file, number, previous, .. }) => {
                Stand { file: *file, number: *number, previous: *previous }
            }
            Self::HandOver(line) => line.stand,
        }
    }

    fn end(&self) -> AnchorsEnd {
        match self {
            Self::Anchor(anchor) => anchor.end(),
            Self::HandOver(line) => line.end(),
        }
    }

    /// The key that signs after it.
    fn signer(&self) -> KeyId {
        match self {
            Self::Anchor(anchor) => anchor.key,
            Self::HandOver(line) => line.new,
        }
    }

    fn is_signed_by(&self, keys: &[VerifyingKey]) -> bool {
        let (text, signature) = match self {
            Self::Anchor(anchor) => (anchor.signed(), &anchor.signature),
            Self::HandOver(line) => (line.signed(), &line.signature),
        };
        keys.iter().any(|key| key.verify(text.as_bytes(), signature).is_ok())
    }
}

impl fmt::Display for AnchorsLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchor(anchor) => anchor.fmt(f),
            Self::HandOver(line) => line.fmt(f),
        }
    }
}

impl FromStr for AnchorsLine {
    type Err = AnchorFault;

    fn from_str(line: &str) -> Result<Self, AnchorFault> {
        let words: Vec<&str> = line.split(' ').collect();
        let [format, file, number, previous, first, second, at, key, signature] = words[..] else {
            return Err(AnchorFault::Unreadable);
        };
        let read = || {
            let stand =
                Stand { file: file.parse().ok()?, number: number.parse().ok()?, previous: previous.parse().ok()? };
            let (at, key, signature) = (at.parse().ok()?, key.parse().ok()?, STANDARD.decode(signature).ok()?);
            Some(match format {
                ANCHOR => {
                    let Stand { file, number, previous } = stand;
                    let head = Head { seq: first.parse().ok()?, hash: second.parse().ok()? };
                    Self::Anchor(LedgerAnchor { file, number, previous, head, at, key, signature })
                }
                HAND_OVER => {
                    let (new, public) = (first.parse().ok()?, VerifyingKey::from_word(second).ok()?);
                    Self::HandOver(KeyHandOver { stand, new, public, at, key, signature })
                }
                _ => return None,
            })
        };
        read().filter(|read| read.to_string() == line).ok_or(AnchorFault::Unreadable)
    }
}

/// What is wrong with a line of a file of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorFault {
    /// It is not written as one.
    #[error("this is no anchor")]
    Unreadable,
    /// None of the keys signed it, nor one that they handed over to.
    #[error(
        "none of these keys signed this line, nor one that they handed over to; a file that is older than the key needs the \
         older keys too, which `carillon consent public-key` prints"
    )]
    NotSigned,
    /// It does not follow the line before.
    #[error("a line before this one was taken out or changed")]
    OutOfOrder,
}

/// The last good line of a file of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastLine {
    /// The file that it stands in.
    pub file: FileId,
    /// How far the file goes with it.
    pub end: AnchorsEnd,
    /// The id of the key that signs the next one.
    pub signer: KeyId,
}

/// What a file of anchors says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorsRead {
    /// The anchors that are good, with the numbers of their lines, from 1.
    pub anchors: Vec<(usize, LedgerAnchor)>,
    /// The lines that are not, with what is wrong with them.
    pub faults: Vec<(usize, AnchorFault)>,
    /// The last good line.
    pub last_line: Option<LastLine>,
}

impl AnchorsRead {
    /// Reads `text`, a file whose lines were signed with one of `keys`, or with one that they handed over to. After a
    /// hand-over only the new key counts: whoever got hold of the old one adds nothing.
    pub fn of(text: &str, keys: &[VerifyingKey]) -> Self {
        let mut read = Self::default();
        let mut keys = keys.to_vec();
        let mut before: Option<(FileId, AnchorsEnd)> = None;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line: AnchorsLine = match line.parse() {
                Ok(line) => line,
                Err(fault) => {
                    read.faults.push((at + 1, fault));
                    continue;
                }
            };
            let stand = line.stand();
            let (file, end) = before.unwrap_or((stand.file, AnchorsEnd::EMPTY));
            let follows = stand == NextAnchor { file, end }.stand();
            before = Some((stand.file, line.end()));
            if !line.is_signed_by(&keys) {
                read.faults.push((at + 1, AnchorFault::NotSigned));
                continue;
            } else if !follows {
                read.faults.push((at + 1, AnchorFault::OutOfOrder));
                continue;
            }
            read.last_line = Some(LastLine { file: stand.file, end: line.end(), signer: line.signer() });
            match line {
                AnchorsLine::Anchor(anchor) => read.anchors.push((at + 1, anchor)),
                AnchorsLine::HandOver(line) => keys = vec![line.public],
            }
        }
        read
    }

    /// The last good anchor.
    pub fn last(&self) -> Option<&LedgerAnchor> {
        self.anchors.last().map(|(_, anchor)| anchor)
    }

    /// The first anchor of a ledger that had the line `seq`.
    pub fn covering(&self, seq: i64) -> Option<&LedgerAnchor> {
        self.anchors.iter().map(|(_, anchor)| anchor).find(|anchor| anchor.head.seq >= seq)
    }

    /// Whether an anchor is due at `now`: there is none of this day (UTC) or a later one.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let day = |at: Timestamp| at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        self.last().is_none_or(|last| day(last.at) < day(now))
    }
}

/// How long lines of the ledger may wait for an anchor, in days: one is written each day while a daemon runs.
const MAY_WAIT_DAYS: i64 = 2;

/// Whether a line that was written down at `recorded_at`, and that no anchor covers, has waited too long at `now`.
pub fn waits_too_long(recorded_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(recorded_at) > jiff::SignedDuration::from_hours(24 * MAY_WAIT_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keyring;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn file(days: u64, secret: u8) -> (String, Vec<VerifyingKey>) {
        let keyring = Keyring::generate([secret; 32]);
        let signing = SigningKey::of(&keyring, PURPOSE).unwrap();
        let mut place = NextAnchor { file: FileId::from_random([4; 8]), end: AnchorsEnd::EMPTY };
        let mut text = String::new();
        for day in 1..=days {
            let head = Head { seq: i64::try_from(day).unwrap() * 10, hash: Sha256Digest::of(&[1]) };
            let anchor =
                LedgerAnchor::new(place, head, at(&format!("2027-01-0{day}T00:30:00Z")), keyring.current(), &signing);
            text.push_str(&anchor.to_string());
            text.push('\n');
            place.end = anchor.end();
        }
        (text, vec![signing.verifying_key()])
    }

    /// A keyring of the secrets, the last one current, and an anchor for each of them with the hand-overs between.
    fn rotated(secrets: &[u8]) -> (String, Vec<VerifyingKey>) {
        let (mut text, mut public) = (String::new(), Vec::new());
        let mut place = NextAnchor { file: FileId::from_random([4; 8]), end: AnchorsEnd::EMPTY };
        let mut before: Option<Keyring> = None;
        for secret in secrets {
            let keyring = Keyring::generate([*secret; 32]);
            let signing = SigningKey::of(&keyring, PURPOSE).unwrap();
            if let Some(old) = &before {
                let by = SigningKey::of(old, PURPOSE).unwrap();
                let new = (keyring.current(), signing.verifying_key());
                let line = KeyHandOver::new(place, (old.current(), &by), new, at("2027-01-01T00:30:00Z"));
                text.extend([line.to_string(), "\n".to_owned()]);
                place.end = line.end();
            }
            let anchor = LedgerAnchor::new(place, Head::EMPTY, at("2027-01-01T00:31:00Z"), keyring.current(), &signing);
            text.extend([anchor.to_string(), "\n".to_owned()]);
            place.end = anchor.end();
            public.push(signing.verifying_key());
            before = Some(keyring);
        }
        (text, public)
    }

    #[test]
    fn a_key_vouches_for_the_one_that_came_after_it() {
        let (text, public) = rotated(&[1, 2, 3]);
        let read = AnchorsRead::of(&text, &public[..1]);
        assert_eq!((read.anchors.len(), &read.faults[..]), (3, &[][..]), "one public key leads through all of it");
        assert_eq!(read.last_line.unwrap().end.lines, 5);
        assert_eq!(read.last_line.unwrap().signer, Keyring::generate([3; 32]).current());
        // All public keys at once are as good, and a later one says nothing of what was before it.
        assert_eq!(AnchorsRead::of(&text, &public).faults, []);
        let not_signed = [1, 2, 3, 4].map(|line| (line, AnchorFault::NotSigned));
        assert_eq!(AnchorsRead::of(&text, &public[2..]).faults, not_signed);
        // A hand-over that another key signed leads nowhere.
        let (other, _) = rotated(&[9, 2]);
        let forged = [text.lines().next().unwrap(), other.lines().nth(1).unwrap()].join("\n");
        assert_eq!(AnchorsRead::of(&forged, &public[..1]).faults, [(2, AnchorFault::NotSigned)]);
    }

    #[test]
    fn a_key_that_was_handed_over_from_signs_nothing_more() {
        let (text, public) = rotated(&[1, 2]);
        let read = AnchorsRead::of(&text, &public);
        let place = NextAnchor { file: FileId::from_random([4; 8]), end: read.last_line.unwrap().end };
        let old = Keyring::generate([1; 32]);
        let signing = SigningKey::of(&old, PURPOSE).unwrap();
        let stolen = LedgerAnchor::new(place, Head::EMPTY, at("2027-01-02T00:00:00Z"), old.current(), &signing);
        assert_eq!(AnchorsRead::of(&format!("{text}{stolen}\n"), &public).faults, [(4, AnchorFault::NotSigned)]);
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let (text, keys) = file(3, 1);
        let read = AnchorsRead::of(&text, &keys);
        assert_eq!((read.anchors.len(), &read.faults[..]), (3, &[][..]));
        assert_eq!(read.last().unwrap().end().to_string().parse(), Ok(read.last().unwrap().end()));
        assert_eq!(read.covering(10).unwrap().number, 1);
        assert_eq!(read.covering(11).unwrap().number, 2);
        assert_eq!(read.covering(31), None);
        assert!(!read.is_due(at("2027-01-03T23:59:00Z")));
        assert!(read.is_due(at("2027-01-04T00:00:00Z")));
        assert!(!read.is_due(at("2026-12-01T00:00:00Z")), "the clock was set back");
        assert!(AnchorsRead::default().is_due(at("2027-01-01T00:00:00Z")));
    }

    #[test]
    fn whatever_is_changed_is_seen() {
        let (text, keys) = file(3, 1);
        let lines: Vec<&str> = text.lines().collect();
        let faults = |text: &str| AnchorsRead::of(text, &keys).faults;
        let (rotated, first) = rotated(&[1, 2]);
        for place in 0..rotated.lines().nth(1).unwrap().len() {
            let handed_over: Vec<&str> = rotated.lines().collect();
            let mut changed = handed_over[1].as_bytes().to_vec();
            changed[place] = if changed[place] == b'1' { b'2' } else { b'1' };
            let changed = [handed_over[0], std::str::from_utf8(&changed).unwrap(), handed_over[2]].join("\n");
            assert_ne!(AnchorsRead::of(&changed, &first[..1]).faults, [], "{place}");
        }
        for place in (0..lines[1].len()).filter(|place| lines[1].is_char_boundary(*place)) {
            let mut changed = lines[1].as_bytes().to_vec();
            changed[place] = if changed[place] == b'1' { b'2' } else { b'1' };
            let changed = [lines[0], std::str::from_utf8(&changed).unwrap(), lines[2]].join("\n");
            assert_ne!(faults(&changed), [], "{place}");
        }
        assert_eq!(faults(&[lines[0], lines[2]].join("\n")), [(2, AnchorFault::OutOfOrder)]);
        assert_eq!(faults(&[lines[1], lines[2]].join("\n")), [(1, AnchorFault::OutOfOrder)]);
        assert_eq!(faults("x\n"), [(1, AnchorFault::Unreadable)]);
        let (other, _) = file(1, 2);
        assert_eq!(faults(&other), [(1, AnchorFault::NotSigned)]);
        // Only the store can tell of what was cut off at the end.
        assert_eq!(faults(&[lines[0], lines[1]].join("\n")), []);
    }

    #[test]
    fn lines_wait_two_days_for_an_anchor() {
        let written = at("2027-01-01T10:00:00Z");
        assert!(!waits_too_long(written, at("2027-01-03T10:00:00Z")));
        assert!(waits_too_long(written, at("2027-01-03T10:00:01Z")));
    }
}
