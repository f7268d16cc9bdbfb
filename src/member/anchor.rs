//! Anchors: the end of the ledger at an instant, written down outside the store and signed, so that others can check with
//! the public key alone that the ledger was so long and ended so.
//!
//! A line of a file of anchors is words with a space between them:
//!
//! ```text
//! carillon.anchor.v1 FILE NUMBER PREVIOUS SEQ HASH AT KEY SIGNATURE
//! ```
//!
//! `PREVIOUS` is the SHA-256 of the line before, without its line feed, so that no line can be taken out of the middle. The
//! signature (Ed25519, base64) is over everything before the last space. What a file says and whether it is whole follows
//! from its text; the file itself is `db`'s.

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

/// What each line begins with.
const FORMAT: &str = "carillon.anchor.v1";

/// How far a file of anchors goes: the store keeps it too, so that a file that was cut short is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorsEnd {
    /// How many anchors there are.
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

/// One anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerAnchor {
    /// The file that it stands in, whatever it is called.
    pub file: FileId,
    /// Its number in there, from 1.
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

/// Where the next anchor stands.
#[derive(Clone, Copy, Debug)]
pub struct NextAnchor {
    /// The file.
    pub file: FileId,
    /// How far the file goes before it.
    pub end: AnchorsEnd,
}

impl LedgerAnchor {
    /// The anchor at `place` that says that the ledger ended at `head` at `at`, signed with `signing`, which follows from
    /// the key `key`.
    pub fn new(place: NextAnchor, head: Head, at: Timestamp, key: KeyId, signing: &SigningKey) -> Self {
        let NextAnchor { file, end } = place;
        let mut anchor =
            Self { file, number: end.lines + 1, previous: end.digest, head, at, key, signature: Vec::new() };
        anchor.signature = signing.sign(anchor.signed().as_bytes());
        anchor
    }

    /// What is signed.
    fn signed(&self) -> String {
        let Self { file, number, previous, head, at, key, .. } = self;
        format!("{FORMAT} {file} {number} {previous} {} {} {at} {key}", head.seq, head.hash)
    }

    /// How far the file goes with it.
    pub fn end(&self) -> AnchorsEnd {
        AnchorsEnd { lines: self.number, digest: Sha256Digest::of(self.to_string().as_bytes()) }
    }

    fn is_signed_by(&self, keys: &[VerifyingKey]) -> bool {
        let text = self.signed();
        keys.iter().any(|key| key.verify(text.as_bytes(), &self.signature).is_ok())
    }
}

impl fmt::Display for LedgerAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.signed(), STANDARD.encode(&self.signature))
    }
}

impl FromStr for LedgerAnchor {
    type Err = AnchorFault;

    fn from_str(line: &str) -> Result<Self, AnchorFault> {
        let words: Vec<&str> = line.split(' ').collect();
        let [FORMAT, file, number, previous, seq, hash, at, key, signature] = words[..] else {
            return Err(AnchorFault::Unreadable);
        };
        let read = || {
            Some(Self {
                file: file.parse().ok()?,
                number: number.parse().ok()?,
                previous: previous.parse().ok()?,
                head: Head { seq: seq.parse().ok()?, hash: hash.parse().ok()? },
                at: at.parse().ok()?,
                key: key.parse().ok()?,
                signature: STANDARD.decode(signature).ok()?,
            })
        };
        read().filter(|anchor| anchor.to_string() == line).ok_or(AnchorFault::Unreadable)
    }
}

/// What is wrong with a line of a file of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorFault {
    /// It is not written as one.
    #[error("this is no anchor")]
    Unreadable,
    /// None of the keys signed it.
    #[error(
        "none of these keys signed this anchor; where keys were changed since, take all that `carillon consent public-key` prints"
    )]
    NotSigned,
    /// It does not follow the line before.
    #[error("a line before this one was taken out or changed")]
    OutOfOrder,
}

/// What a file of anchors says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorsRead {
    /// The anchors that are good, with the numbers of their lines, from 1.
    pub anchors: Vec<(usize, LedgerAnchor)>,
    /// The lines that are not, with what is wrong with them.
    pub faults: Vec<(usize, AnchorFault)>,
}

impl AnchorsRead {
    /// Reads `text`, a file whose lines were signed with one of `keys`.
    pub fn of(text: &str, keys: &[VerifyingKey]) -> Self {
        let mut read = Self::default();
        let mut before: Option<(FileId, AnchorsEnd)> = None;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let anchor: LedgerAnchor = match line.parse() {
                Ok(anchor) => anchor,
                Err(fault) => {
                    read.faults.push((at + 1, fault));
                    continue;
                }
            };
            let (file, end) = before.unwrap_or((anchor.file, AnchorsEnd::EMPTY));
            let follows = (anchor.file, anchor.number, anchor.previous) == (file, end.lines + 1, end.digest);
            before = Some((anchor.file, anchor.end()));
            match (anchor.is_signed_by(keys), follows) {
                (false, _) => read.faults.push((at + 1, AnchorFault::NotSigned)),
                (true, false) => read.faults.push((at + 1, AnchorFault::OutOfOrder)),
                (true, true) => read.anchors.push((at + 1, anchor)),
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
