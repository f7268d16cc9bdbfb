//! A sign-up: an address that asked to be written to and has not confirmed. Nothing of it is in the ledger before its owner
//! has pressed the button: whoever only had an address typed into a form leaves nothing behind.
//!
//! Values and decisions: how long a sign-up waits, whether a letter may go to the address now, and the lines that the ledger
//! gets in the end.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    Action, Address, ConfirmToken, Fingerprint, Language, Method, NewEvent, NotInLedger, Pseudonym, names_language,
};
use crate::keys::hex::to_hex;
use crate::keys::{Keyring, ReturnPathKind, Sha256Digest};

/// How long a sign-up waits for its confirmation, and how long the link works.
pub const WAITS: SignedDuration = SignedDuration::from_hours(72);

/// A request that is repeated sooner asks for nothing new: a button is pressed twice.
pub const REPEAT: SignedDuration = SignedDuration::from_mins(10);

/// How long it is remembered, by fingerprint, that a letter went to an address.
pub const LETTERS_COUNT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What somebody asked for with a form.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// The address that was typed. Nobody knows yet whose it is.
    pub address: Address,
    /// The language of the form, and then of the letters.
    pub language: Language,
    /// The exact words that were shown.
    pub text: Arc<str>,
    /// The version of the page that showed them.
    pub form_version: Arc<str>,
    /// Where the form was.
    pub source: String,
    /// 16 bytes from the system's random source: what the link is made of.
    pub nonce: [u8; 16],
}

/// Letters that may go to one address within a day, and within [`LETTERS_COUNT_FOR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    in_a_day: usize,
    in_a_month: usize,
}

/// Enough for somebody who lost the first letter; too few to be a weapon in the hands of somebody else.
const USUAL: Limit = Limit { in_a_day: 2, in_a_month: 4 };

/// To somebody who left. The way back must be open to the owner of the mailbox, and to nobody else's joke.
const BARRED: Limit = Limit { in_a_day: 1, in_a_month: 2 };

/// Whether a letter that asks for a confirmation may go out at `now` to an address to which such letters went at the
/// instants `sent`. `barred` says that something keeps the address out (it withdrew, complained, is dead, was erased).
pub fn may_write(barred: bool, sent: &[Timestamp], now: Timestamp) -> bool {
    let limit = if barred { BARRED } else { USUAL };
    // The distance, not the order: what a clock that was ahead has written counts as well.
    let within = |span| sent.iter().filter(|at| now.duration_since(**at).abs() < span).count();
    within(SignedDuration::from_hours(24)) < limit.in_a_day && within(LETTERS_COUNT_FOR) < limit.in_a_month
}

/// Who is turned away within this time of the last is turned away for the same reason, as far as anybody can say.
const GOES_ON: SignedDuration = SignedDuration::from_hours(1);

/// Sign-ups that were turned away because more came in than are taken. Kept as one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedAway {
    /// How many, since the store was made.
    pub count: u64,
    /// Since when, without a pause of an hour.
    pub since: Timestamp,
    /// When the last ones were.
    pub last_at: Timestamp,
}

impl TurnedAway {
    /// What is known after `more` were turned away by `now`.
    #[must_use]
    pub fn after(before: Option<Self>, more: u64, now: Timestamp) -> Self {
        let since = before.filter(|before| before.goes_on(now)).map_or(now, |before| before.since);
        let count = before.map_or(0, |before| before.count).saturating_add(more);
        Self { count, since, last_at: now }
    }

    /// Whether people are being turned away at `now`.
    pub fn goes_on(&self, now: Timestamp) -> bool {
        // The distance, not the order: the last ones may have been noted by a clock that was ahead.
        now.duration_since(self.last_at).abs() < GOES_ON
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.count, self.since, self.last_at)
    }
}

impl FromStr for TurnedAway {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        let (count, instants) = text.split_once(' ').ok_or(NotInLedger)?;
        let (since, last_at) = instants.split_once(' ').ok_or(NotInLedger)?;
        let at = |text: &str| text.parse::<Timestamp>().map_err(|_| NotInLedger);
        Ok(Self { count: count.parse().map_err(|_| NotInLedger)?, since: at(since)?, last_at: at(last_at)? })
    }
}

/// The Message-ID of a sign-up's letter after `letters` others: the same for each attempt, another for a letter that was asked
/// for again, which a mailbox would take for one that it has.
pub fn message_id(keyring: &Keyring, nonce: &[u8; 16], letters: u32, domain: &str) -> String {
    format!("<{}@{domain}>", to_hex(&keyring.mac("confirmation-message-id", &[nonce, &letters.to_be_bytes()])))
}

/// The return paths of letters that ask for a confirmation. They are bound to the token in the letter, because the number of a
/// sign-up that is gone may be another one's.
const RETURN_PATH: ReturnPathKind = ReturnPathKind { begins: "c+", purpose: "confirmation-return-path" };

/// The return path of the letter with the token `token` about the sign-up in the row `sign_up`.
pub fn return_path(keyring: &Keyring, sign_up: i64, token: Sha256Digest, domain: &str) -> String {
    RETURN_PATH.address(keyring, sign_up, &[token.as_bytes()], domain)
}

/// The row of the sign-up that `address` is about, if it looks like such a return path.
pub fn named_by(address: &str) -> Option<i64> {
    RETURN_PATH.number(address)
}

/// Whether `address` is the return path of a letter of ours with the token `token`.
pub fn is_return_path(keyring: &Keyring, address: &str, token: Sha256Digest) -> bool {
    RETURN_PATH.is_ours(keyring, address, &[token.as_bytes()])
}

/// What is known of a sign-up when its owner presses the button.
#[derive(Clone, Debug)]
pub struct SignUpStory<'a> {
    /// The member's name in the ledger.
    pub subject: Pseudonym,
    /// The fingerprint under which the ledger knows the address.
    pub fingerprint: Fingerprint,
    /// Who is responsible for the processing.
    pub controller: &'a str,
    /// The language of the form.
    pub language: Language,
    /// The exact words that were shown.
    pub text_version: Sha256Digest,
    /// The version of the page that showed them.
    pub form_version: &'a str,
    /// Where the form was.
    pub source: &'a str,
    /// When the form was sent in.
    pub requested_at: Timestamp,
    /// When the letter went out, and its Message-ID.
    pub letter: (Timestamp, &'a str),
    /// The token that was used.
    pub token: &'a ConfirmToken,
    /// When the button was pressed.
    pub confirmed_at: Timestamp,
}

impl SignUpStory<'_> {
    /// The three lines that the ledger gets: it was asked for, a letter asked back, and the mailbox's owner said yes.
    pub fn lines(&self) -> [NewEvent; 3] {
        let (mailed_at, mail_ref) = self.letter;
        let asked = NewEvent {
            occurred_at: self.requested_at,
            subject: self.subject,
            fingerprint: self.fingerprint,
            controller: self.controller.into(),
            action: Action::Requested,
            text_version: Some(self.text_version),
            form_version: Some(self.form_version.to_owned()),
            source: self.source.to_owned(),
            method: Method::PagePost,
            mail_ref: None,
            token_fp: None,
            reason: None,
        };
        let mailed = NewEvent {
            occurred_at: mailed_at,
            action: Action::ConfirmMailSent,
            mail_ref: Some(mail_ref.to_owned()),
            ..asked.clone()
        };
        let confirmed = NewEvent {
            occurred_at: self.confirmed_at,
            action: Action::Confirmed,
            method: Method::DoubleOptinPost,
            token_fp: Some(self.token.digest()),
            reason: Some(names_language(self.language)),
            ..mailed.clone()
        };
        [asked, mailed, confirmed]
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::event;
    use super::super::{Capture, Consent, replay};
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
    }

    /// Whether a letter may go out at hour 0, to an address that got others so many hours ago: as a rule, and when the
    /// address is barred.
    #[track_caller]
    fn check(hours_ago: &[i64], usual: bool, barred: bool) {
        let sent: Vec<Timestamp> = hours_ago.iter().map(|hours| at(-hours)).collect();
        let found = [false, true].map(|barred| may_write(barred, &sent, at(0)));
        assert_eq!(found, [usual, barred], "{hours_ago:?}");
    }

    #[test]
    fn few_letters_go_to_one_address() {
        check(&[], true, true);
        check(&[1], true, false);
        check(&[23, 1], false, false);
        check(&[24], true, true);
        check(&[24, 23], true, false);
        check(&[24, 48], true, false);
        check(&[24, 48, 72, 96], false, false);
        check(&[24, 48, 72, 720], true, false);
        check(&[720, 721, 722, 723], true, true);
        // A clock that was ahead does not give more.
        check(&[-1, -2], false, false);
    }

    #[test]
    fn who_is_turned_away_is_counted_and_an_hour_without_one_is_a_pause() {
        let first = TurnedAway::after(None, 3, at(1));
        let soon = at(1) + SignedDuration::from_mins(59);
        let second = TurnedAway::after(Some(first), 2, soon);
        assert_eq!(second, TurnedAway { count: 5, since: at(1), last_at: soon });
        let later = soon + SignedDuration::from_hours(1);
        assert_eq!([soon, later].map(|now| second.goes_on(now)), [true, false]);
        assert_eq!(TurnedAway::after(Some(second), 1, later), TurnedAway { count: 6, since: later, last_at: later });
        assert_eq!(second.to_string().parse(), Ok(second));
        for text in ["", "5", "5 soon later", "many 2027-01-01T00:00:00Z 2027-01-01T00:00:00Z"] {
            assert_eq!(text.parse::<TurnedAway>(), Err(NotInLedger), "{text}");
        }
    }

    /// The story of somebody who asked at hour 1 and confirmed at hour 3.
    fn story() -> [NewEvent; 3] {
        let keyring = Keyring::generate([3; 32]);
        let before = event(0, Action::Requested, Method::PagePost);
        SignUpStory {
            subject: before.subject,
            fingerprint: before.fingerprint,
            controller: "exemple",
            language: Language::En,
            text_version: Sha256Digest::of(b"..."),
            form_version: "1",
            source: "join",
            requested_at: at(1),
            letter: (at(2), "<a@example.fr>"),
            token: &ConfirmToken::of(&keyring, keyring.current(), &[9; 16]).unwrap(),
            confirmed_at: at(3),
        }
        .lines()
    }

    #[test]
    fn the_owner_of_the_mailbox_is_confirmed_whatever_was_before() {
        use Action::{BouncedDead, Complained, Confirmed, Erased, Expired, Objected, Requested, Withdrawn};
        let second = at(0).as_second();
        let given = event(second - 10, Confirmed, Method::Import(Capture::PaperForm));
        for last in [Requested, Confirmed, Withdrawn, Objected, Complained, BouncedDead, Expired, Erased] {
            let before = [given.clone(), event(second, last, Method::PagePost)];
            let state = replay(before.iter().chain(&story())).unwrap();
            assert_eq!(
                (state.consent, state.bar, state.last_act_at),
                (Consent::Confirmed, None, Some(at(3))),
                "{last}"
            );
        }
        assert_eq!(replay(&story()).unwrap().consent, Consent::Confirmed, "nobody knew the address");
    }

    #[test]
    fn asking_and_writing_alone_confirm_nobody() {
        let second = at(0).as_second();
        for last in [Action::Withdrawn, Action::Objected, Action::Complained, Action::Erased] {
            let left = event(second, last, Method::PagePost);
            let before = replay([&left]);
            assert_eq!(replay(std::iter::once(&left).chain(&story()[..2])), before, "{last}");
        }
        // A departure after the press wins.
        let left = event(at(3).as_second(), Action::Withdrawn, Method::OneClickPost);
        assert_eq!(replay(std::iter::once(&left).chain(&story())).unwrap().consent, Consent::Withdrawn);
    }
}
