//! The schedule as a signed file, and the keys that it is checked with.
//!
//! Which bytes the file has follows from the gates and the hour: whoever signs it, wherever and whenever, makes the same. They
//! change with the schedule, when a gate opens or closes, and every hour.

use jiff::{SignedDuration, Timestamp};

use super::schedule::{FILE_TYPE, ScheduleClaims};
use super::{Gate, last_change};
use crate::keys::jws::{self, JwsError, KeySet};
use crate::keys::{KeyError, Keyring, SigningKey};

/// What the signing key of the schedule file is for, as a keyring sees it.
const PURPOSE: &str = "schedule of gates, JWS";

/// What the file is called, in a folder and on the way to a shop.
pub const FILE_NAME: &str = "gates.jwt";

/// As what it is given out.
pub const MEDIA_TYPE: &str = "application/jwt";

/// What caches may do with a gate's answer far from its next change, and with the file: ten seconds is how long a change that nobody
/// could foresee, such as a cancellation, can go unseen behind one.
pub const CACHE_CONTROL: &str = "public, max-age=0, s-maxage=10, must-revalidate, stale-while-revalidate=0";

/// What the file with the public keys is called in a folder.
pub const KEYS_NAME: &str = "jwks.json";

/// How a schedule is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulePolicy {
    /// Whose schedule it is: the address of the pages.
    pub issuer: String,
    /// How long a file may be relied on. The keys of files stay public for as long.
    pub valid_for: SignedDuration,
}

/// Signs schedules.
#[derive(Debug)]
pub struct ScheduleSigner {
    key: SigningKey,
    keyring: Keyring,
    policy: SchedulePolicy,
}

/// The gates that come into the file, each once it stands in public lists, and when a person or the law last changed one.
#[derive(Clone, Debug, Default)]
pub struct ListedGates {
    /// The gates.
    pub gates: Vec<Gate>,
    /// When one last changed.
    pub changed_at: Option<Timestamp>,
}

/// The file, and between which instants it has these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedSchedule {
    /// The file.
    pub file: String,
    /// What it says.
    pub claims: ScheduleClaims,
    from: Timestamp,
    until: Timestamp,
}

/// Why a file cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleFileError {
    /// It is not signed as it should be.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// It is signed, and says something else.
    #[error("it is signed, but is no schedule of gates: {0}")]
    Claims(serde_json::Error),
}

impl SignedSchedule {
    /// Until when it has these bytes.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether it is the file of `now`, as long as nobody changes a gate.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

impl ScheduleSigner {
    /// Signs by `policy`, with the current key of `keyring`.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn new(keyring: &Keyring, policy: SchedulePolicy) -> Result<Self, KeyError> {
        Ok(Self { key: SigningKey::of(keyring, PURPOSE)?, keyring: keyring.clone(), policy })
    }

    /// The file of `now`.
    ///
    /// # Errors
    /// None in practice; the type is the serialiser's.
    pub fn sign(&self, listed: &ListedGates, now: Timestamp) -> serde_json::Result<SignedSchedule> {
        let ListedGates { gates, changed_at } = listed;
        let hour = start_of_hour(now);
        // What was changed by a clock that is ahead of ours counts from when ours has come there.
        let (last_changed_at, ahead_of_us) = match *changed_at {
            Some(changed_at) if changed_at <= now => (Some(changed_at), None),
            changed_at => (None, changed_at),
        };
        let (listed, to_come): (Vec<&Gate>, Vec<&Gate>) = gates.iter().partition(|gate| gate.is_listed(now));
        let last_changes = listed.iter().flat_map(|gate| last_change(gate, now).into_iter().chain(gate.listed_from));
        let from = last_changes.chain(last_changed_at).fold(hour, Timestamp::max);
        let claims = ScheduleClaims::new(&self.policy.issuer, listed, from, self.policy.valid_for);
        let next_hour = hour + SignedDuration::from_hours(1);
        let next_listed = to_come.iter().filter_map(|gate| gate.listed_from);
        let changes = claims.next_change_at.into_iter().chain(next_listed).chain(ahead_of_us);
        let until = changes.fold(next_hour, Timestamp::min);
        let file = jws::sign(&self.key, FILE_TYPE, &serde_json::to_vec(&claims)?)?;
        Ok(SignedSchedule { file, claims, from, until })
    }

    /// The public keys of the files that may be valid at `now`.
    ///
    /// # Errors
    /// None in practice: every seed makes a key.
    pub fn keys(&self, now: Timestamp) -> Result<KeySet, KeyError> {
        KeySet::at(&self.keyring, PURPOSE, self.policy.valid_for, now)
    }

    /// When [`Self::keys`] become others.
    pub fn key_changes(&self) -> Vec<Timestamp> {
        KeySet::changes(&self.keyring, self.policy.valid_for)
    }
}

/// What a file says that one of `keys` signed. Whether it may be relied on now is another question.
///
/// # Errors
/// Why it cannot be relied on at any time.
pub fn read_schedule(file: &str, keys: &KeySet) -> Result<ScheduleClaims, ScheduleFileError> {
    serde_json::from_slice(&keys.verify(file, FILE_TYPE)?).map_err(ScheduleFileError::Claims)
}

fn start_of_hour(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(3600)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::super::schedule::tests::gate;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn signer(keyring: &Keyring) -> ScheduleSigner {
        let policy =
            SchedulePolicy { issuer: "https://news.example.fr".into(), valid_for: SignedDuration::from_hours(72) };
        ScheduleSigner::new(keyring, policy).unwrap()
    }

    fn listed(changed_at: &str) -> ListedGates {
        let gates = vec![gate("hiver", "2027-01-02T07:00:00Z", "2027-01-06T07:00:00Z")];
        ListedGates { gates, changed_at: Some(at(changed_at)) }
    }

    #[test]
    fn the_file_is_another_one_each_hour_at_each_change_and_when_a_gate_turns() {
        let signer = signer(&Keyring::generate([1; 32]));
        for (changed, now, iat, until) in [
            ("2026-12-01T10:00:00Z", "2027-01-02T05:20:00.5Z", "2027-01-02T05:00:00Z", "2027-01-02T06:00:00Z"),
            ("2027-01-02T05:10:00.25Z", "2027-01-02T05:20:00Z", "2027-01-02T05:10:00Z", "2027-01-02T06:00:00Z"),
            ("2026-12-01T10:00:00Z", "2027-01-02T06:59:59.999Z", "2027-01-02T06:00:00Z", "2027-01-02T07:00:00Z"),
            ("2026-12-01T10:00:00Z", "2027-01-02T07:00:00Z", "2027-01-02T07:00:00Z", "2027-01-02T08:00:00Z"),
            ("2027-01-02T05:40:00Z", "2027-01-02T05:20:00Z", "2027-01-02T05:00:00Z", "2027-01-02T05:40:00Z"),
        ] {
            let made = signer.sign(&listed(changed), at(now)).unwrap();
            assert_eq!((made.claims.iat, made.until()), (at(iat), at(until)), "at {now}");
            assert!(made.holds(at(now)) && !made.holds(at(until)));
            assert!(made.claims.is_valid(at(now)));
            let read = read_schedule(&made.file, &signer.keys(at(now)).unwrap()).unwrap();
            assert_eq!(read, made.claims);
            assert_eq!(signer.sign(&listed(changed), at(now)).unwrap(), made, "the same bytes, whoever makes them");
        }
    }

    #[test]
    fn a_file_signed_before_a_key_was_changed_is_good_until_its_end() {
        let old = Keyring::generate([1; 32]);
        let changed = at("2027-01-02T05:30:00Z");
        let both = signer(&old.with_new([2; 32], changed));
        let before = signer(&old).sign(&listed("2026-12-01T10:00:00Z"), changed).unwrap();
        let ends = before.claims.exp;
        assert_eq!(both.key_changes(), [changed + SignedDuration::from_hours(72)]);
        let last = ends - SignedDuration::from_millis(1);
        assert!(read_schedule(&before.file, &both.keys(last).unwrap()).is_ok());
        let over = both.keys(both.key_changes()[0]).unwrap();
        assert!(matches!(
            read_schedule(&before.file, &over),
            Err(ScheduleFileError::Signature(JwsError::UnknownKey { .. }))
        ));
        let after = both.sign(&listed("2026-12-01T10:00:00Z"), changed).unwrap();
        assert_ne!(after.file, before.file);
        assert!(read_schedule(&after.file, &both.keys(changed).unwrap()).is_ok());
        let stranger = signer(&Keyring::generate([3; 32])).keys(changed).unwrap();
        assert!(read_schedule(&after.file, &stranger).is_err());
    }

    #[test]
    fn what_is_signed_and_no_schedule_is_refused() {
        let keyring = Keyring::generate([1; 32]);
        let key = SigningKey::of(&keyring, PURPOSE).unwrap();
        let keys = signer(&keyring).keys(Timestamp::UNIX_EPOCH).unwrap();
        let file = jws::sign(&key, FILE_TYPE, b"{\"gates\":[]}").unwrap();
        assert!(matches!(read_schedule(&file, &keys), Err(ScheduleFileError::Claims(_))));
        let other = jws::sign(&key, "JWT", b"{}").unwrap();
        assert!(matches!(read_schedule(&other, &keys), Err(ScheduleFileError::Signature(JwsError::Type { .. }))));
    }
}
