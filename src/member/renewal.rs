//! Asking whether somebody wants to go on, before the consent runs out: once for each act that a consent rests on, by a letter
//! that sells nothing. Only a press of the button renews; no answer is an answer, and then the consent ends.
//!
//! Decisions and names: when a letter may go, how many in a day, and what becomes of one.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{NotInLedger, Pseudonym};
use crate::keys::hex::to_hex;
use crate::keys::{Keyring, ReturnPathKind};

/// How long before the end of a consent its member is asked.
pub const ASKED_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long before the end nobody is asked any more: there would be no time to answer.
pub const LAST_CALL: SignedDuration = SignedDuration::from_hours(24);

/// Members who are asked in one day, at most: a twentieth of all, so that a list that was gathered on one day is asked
/// within three weeks, and a mistyped lifetime is noticed before everybody was written to. A small list is asked at once.
pub fn daily_portion(members: u64) -> u64 {
    const SMALL: u64 = 500;
    members.div_ceil(20).max(SMALL)
}

/// The consents whose members may be asked at `now`: those that end after the first instant, and at the second or before.
pub fn asked_now(now: Timestamp) -> (Timestamp, Timestamp) {
    let later = |span| now.checked_add(span).unwrap_or(Timestamp::MAX);
    (later(LAST_CALL), later(ASKED_BEFORE))
}

/// When the member whose consent ends at `ends` is asked.
pub fn asked_at(ends: Timestamp) -> Timestamp {
    ends.checked_sub(ASKED_BEFORE).unwrap_or(Timestamp::MIN)
}

/// Until when the letter about a consent that ends at `ends` may leave.
pub fn deadline(ends: Timestamp) -> Timestamp {
    ends.checked_sub(LAST_CALL).unwrap_or(Timestamp::MIN)
}

/// Whether a consent that ends at `ends` can be renewed at `now` without the letter, on the page of choices: from when the
/// letter may go, so that a pause that kept it back does not end the consent.
pub fn is_to_be_answered(ends: Timestamp, now: Timestamp) -> bool {
    asked_at(ends) <= now && now < ends
}

/// The Message-ID of the letter about the consent that rests on the act at `act`: the same for each attempt.
pub fn message_id(keyring: &Keyring, member: &Pseudonym, act: Timestamp, domain: &str) -> String {
    let mac = keyring.mac("renewal-message-id", &[member.as_bytes(), &act.as_microsecond().to_be_bytes()]);
    format!("<{}@{domain}>", to_hex(&mac))
}

/// The return paths of letters that ask whether to go on. They are bound to the act that the consent rests on: a report about an
/// earlier letter is not about this one.
const RETURN_PATH: ReturnPathKind = ReturnPathKind { begins: "r+", purpose: "renewal-return-path" };

/// The return path of the letter to the member in the row `member` about the consent that rests on the act at `act`.
pub fn return_path(keyring: &Keyring, member: i64, act: Timestamp, domain: &str) -> String {
    RETURN_PATH.address(keyring, member, &[&act.as_microsecond().to_be_bytes()], domain)
}

/// The row of the member whom `address` is about, if it looks like such a return path.
pub fn named_by(address: &str) -> Option<i64> {
    RETURN_PATH.number(address)
}

/// Whether `address` is the return path of a letter of ours about that consent.
pub fn is_return_path(keyring: &Keyring, address: &str, act: Timestamp) -> bool {
    RETURN_PATH.is_ours(keyring, address, &[&act.as_microsecond().to_be_bytes()])
}

/// What the token in the letter about that consent is made of: nobody can tell it without the keys.
pub fn nonce(keyring: &Keyring, member: &Pseudonym, act: Timestamp) -> [u8; 16] {
    let mac = keyring.mac("renewal-nonce", &[member.as_bytes(), &act.as_microsecond().to_be_bytes()]);
    let mut nonce = [0; 16];
    for (byte, from) in nonce.iter_mut().zip(mac) {
        *byte = from;
    }
    nonce
}

/// What became of the letter that asks.
///
/// `waiting` → `handed-over` → `sent`, `in-doubt` or `refused`; back to `waiting` when the relay says later, or says no to
/// all letters; `refused` also from `waiting`. A letter that was handed over and of which nobody knows what became is in
/// doubt, and is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenewalState {
    /// It has not left.
    Waiting,
    /// Its body may be on its way. On disk before it is.
    HandedOver,
    /// It left.
    Sent,
    /// Nobody knows whether it left.
    InDoubt,
    /// There is no such mailbox.
    Refused,
}

impl RenewalState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::HandedOver, Self::Sent, Self::InDoubt, Self::Refused];

    /// Those in which the person may have the letter, and so the link.
    pub const ASKED: [Self; 3] = [Self::HandedOver, Self::Sent, Self::InDoubt];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::HandedOver => "handed-over",
            Self::Sent => "sent",
            Self::InDoubt => "in-doubt",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for RenewalState {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(NotInLedger)
    }
}

impl fmt::Display for RenewalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_member_is_asked_between_thirty_days_and_one_before_the_end() {
        let ends = at("2028-09-01T10:00:00Z");
        let is_asked = |now| {
            let (after, until) = asked_now(now);
            after < ends && ends <= until
        };
        let micro = SignedDuration::from_micros(1);
        assert_eq!(asked_at(ends), at("2028-08-02T10:00:00Z"));
        assert_eq!(
            [asked_at(ends) - micro, asked_at(ends), deadline(ends) - micro, deadline(ends)].map(is_asked),
            [false, true, true, false]
        );
        assert_eq!(
            [asked_at(ends) - micro, asked_at(ends), deadline(ends), ends - micro, ends]
                .map(|now| is_to_be_answered(ends, now)),
            [false, true, true, true, false]
        );
        assert_eq!(asked_now(Timestamp::MAX), (Timestamp::MAX, Timestamp::MAX));
        assert_eq!((asked_at(Timestamp::MIN), deadline(Timestamp::MIN)), (Timestamp::MIN, Timestamp::MIN));
    }

    #[test]
    fn a_list_of_one_day_is_asked_within_the_month() {
        for (members, expected) in [(0, 500), (10_000, 500), (10_001, 501), (1_000_000, 50_000)] {
            assert_eq!(daily_portion(members), expected);
            assert!(daily_portion(members) * 29 >= members);
        }
    }

    #[test]
    fn a_letter_has_one_name_and_one_link_for_each_act() {
        let keyring = Keyring::generate([3; 32]);
        let (one, other) = (Pseudonym::from_random([5; 16]), Pseudonym::from_random([6; 16]));
        let act = at("2026-09-01T10:00:00Z");
        let id = |member, act| message_id(&keyring, member, act, "example.fr");
        assert_eq!(id(&one, act), id(&one, act));
        assert_ne!(id(&one, act), id(&other, act));
        assert_ne!(id(&one, act), id(&one, act + SignedDuration::from_micros(1)));
        assert_ne!(nonce(&keyring, &one, act), nonce(&keyring, &other, act));
        assert_ne!(nonce(&keyring, &one, act), nonce(&Keyring::generate([4; 32]), &one, act));
        let path = return_path(&keyring, 7, act, "b.example.fr");
        assert_eq!(named_by(&path), Some(7));
        let other = act + SignedDuration::from_micros(1);
        let ours = |path: &str, act| is_return_path(&keyring, path, act);
        assert!(ours(&path, act) && !ours(&path, other) && !ours(&path.replace("r+7", "r+8"), act));
        for state in RenewalState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
