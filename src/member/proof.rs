//! Whether what the store says of a person follows from the ledger.
//!
//! The ledger is bound together, and anchors bind it to the outside; the members' rows, the suppression list and the
//! wordings are beside it. Whoever can write to the store could change those alone. So each is held against the ledger
//! and against the keys, which are outside the store.

use jiff::Timestamp;
use serde::Serialize;

use super::{Action, Address, Consent, Fingerprint, Language, Lifetime, NewEvent, Suppression, replay};
use crate::keys::hex::{from_hex, to_hex};
use crate::keys::{Keyring, Sha256Digest};

/// What redactions are authenticated for, as a keyring sees it.
const REDACTION: &str = "wording-redaction";

/// What the store says of one member, beside the ledger.
#[derive(Clone, Copy, Debug)]
pub struct MemberRecord<'a> {
    /// Where to write to.
    pub address: Option<&'a Address>,
    /// How the address is recognised.
    pub fingerprint: Fingerprint,
    /// The state of the consent.
    pub consent: Consent,
    /// Since when.
    pub since: Timestamp,
    /// When it stops counting.
    pub expires_at: Option<Timestamp>,
    /// Until when it is paused.
    pub paused_until: Option<Timestamp>,
    /// The language to write in.
    pub language: Language,
    /// What the suppression list says under the fingerprint.
    pub listed: Option<Suppression>,
}

/// Something in the store that does not follow from the ledger, and so may be a forgery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mismatch {
    /// Of the ledger itself.
    Ledger,
    /// An anchor outside the store says that the ledger was another one.
    Anchor,
    /// The file of anchors is gone, or not as it was written. It says nothing against the ledger.
    AnchorsFile,
    /// Lines of the ledger have waited too long for an anchor.
    Unanchored,
    /// Somebody left, as the record of departures outside the store says, and the store does not know it.
    Departure,
    /// Somebody left, as the store says, and the record of departures outside the store does not know it.
    Unrecorded,
    /// The record of departures is gone, or not the one that the store has seen. It says nothing against the ledger.
    DeparturesFile,
    /// A wording that the ledger names is gone.
    WordingGone,
    /// A wording is another text than the one whose digest names it.
    WordingChanged,
    /// The ledger knows a person whom the store has no row about.
    MemberGone,
    /// A member's row holds something that this program never writes.
    MemberUnreadable,
    /// A member of whom the ledger knows nothing.
    MemberWithoutEvents,
    /// A member's row has another fingerprint than the ledger.
    Fingerprint,
    /// A member's address is another one than the fingerprint was made of.
    Address,
    /// A fingerprint was made with a key that is not in the key file.
    Key,
    /// A consent counts, but there is no address.
    AddressGone,
    /// The address was destroyed by the ledger, and is there.
    AddressKept,
    /// A member's state is not what the ledger amounts to.
    State,
    /// A member's language is not the one that the ledger names.
    Language,
    /// The suppression list lacks somebody.
    SuppressionGone,
    /// The suppression list has somebody whom the ledger does not bar.
    SuppressionAdded,
    /// The suppression list gives another cause or another instant than the ledger.
    SuppressionChanged,
}

impl Mismatch {
    /// Every one.
    pub const ALL: [Self; 22] = [
        Self::Ledger,
        Self::Anchor,
        Self::AnchorsFile,
        Self::Unanchored,
        Self::Departure,
        Self::Unrecorded,
        Self::DeparturesFile,
        Self::WordingGone,
        Self::WordingChanged,
        Self::MemberGone,
        Self::MemberUnreadable,
        Self::MemberWithoutEvents,
        Self::Fingerprint,
        Self::Address,
        Self::Key,
        Self::AddressGone,
        Self::AddressKept,
        Self::State,
        Self::Language,
        Self::SuppressionGone,
        Self::SuppressionAdded,
        Self::SuppressionChanged,
    ];

    /// What it says, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ledger => "a line of the ledger is not as it was written",
            Self::Anchor => "the ledger is not the one that was anchored",
            Self::AnchorsFile => "the file of anchors is gone, or not as it was written",
            Self::Unanchored => "lines of the ledger wait for an anchor",
            Self::Departure => "somebody left, as the record of departures says, and the store does not know it",
            Self::Unrecorded => "somebody left, as the store says, and the record of departures lacks it",
            Self::DeparturesFile => "the record of departures is gone, or not as the store has seen it",
            Self::WordingGone => "a wording that the ledger names is gone",
            Self::WordingChanged => "a wording is not the text that was agreed to",
            Self::MemberGone => "the ledger knows a person who has no row among the members",
            Self::MemberUnreadable => "a member's row holds something that this program never writes",
            Self::MemberWithoutEvents => "the ledger knows nothing about a member",
            Self::Fingerprint => "a member's row has another fingerprint than the ledger",
            Self::Address => "a member's address is not the one that the fingerprint was made of",
            Self::Key => "the key of a fingerprint is not in the key file, so the address cannot be compared",
            Self::AddressGone => "a consent counts, but the address is gone",
            Self::AddressKept => "an address is there that the ledger says was destroyed",
            Self::State => "a member's row says another state than the ledger",
            Self::Language => "a member's row says another language than the ledger",
            Self::SuppressionGone => "the suppression list lacks somebody whom the ledger bars",
            Self::SuppressionAdded => "the suppression list has somebody whom the ledger does not bar",
            Self::SuppressionChanged => "the suppression list gives another cause or instant than the ledger",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::State
            | Self::Language
            | Self::Departure
            | Self::SuppressionGone
            | Self::SuppressionAdded
            | Self::SuppressionChanged => {
                "`carillon consent rebuild` makes the states and the suppression list again from the ledger and from the record \
                 of departures"
            }
            Self::Key => "put back the copy of the key file that holds it; a key is never removed",
            Self::Anchor => {
                "compare with another copy of the anchors, and with a backup of the store from before; where a backup that was put \
                 back is the cause, keep the file of anchors elsewhere: `carillon consent anchor --begin-anew` begins another one"
            }
            Self::AnchorsFile => {
                "put the latest copy of the file back; if there is none, move what is left aside: \
                 `carillon consent anchor --begin-anew` begins another one"
            }
            Self::DeparturesFile => "`carillon status` says what is wrong with it, and what to do",
            Self::Unrecorded => {
                "put the latest copy of the record back; if there is none, move the record aside: then \
                 `carillon mail resolve --departures-lost` says what it means to make it again from the store"
            }
            Self::Unanchored => {
                "see in `carillon status` why the daemon adds none; `carillon consent anchor` adds one now"
            }
            _ => "compare with a backup of the store from before; until then trust no consent that it concerns",
        }
    }
}

/// The fingerprint that the ledger gives a person: the first one, or that of the latest correction. `None` when a line
/// is about another address, or when there are no lines.
pub fn fingerprint_of<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> Option<Fingerprint> {
    let mut known: Option<Fingerprint> = None;
    for event in events {
        let same = known.is_none_or(|known| known == event.fingerprint);
        if !same && event.action != Action::Rectified {
            return None;
        }
        known = Some(event.fingerprint);
    }
    known
}

/// What in `holding` does not follow from `events`, all the lines about that member.
pub fn mismatches(
    holding: &MemberRecord<'_>,
    events: &[&NewEvent],
    keyring: &Keyring,
    lifetime: Lifetime,
) -> Vec<Mismatch> {
    let Some(state) = replay(events.iter().copied()) else { return vec![Mismatch::MemberWithoutEvents] };
    let mut found = Vec::new();
    if fingerprint_of(events.iter().copied()) != Some(holding.fingerprint) {
        found.push(Mismatch::Fingerprint);
    }
    let destroyed = matches!(state.consent, Consent::Erased | Consent::Expired);
    match holding.address {
        Some(_) if destroyed => found.push(Mismatch::AddressKept),
        Some(address) => {
            let made = Fingerprint::all(keyring, address);
            match made.iter().find(|made| made.key() == holding.fingerprint.key()) {
                None => found.push(Mismatch::Key),
                Some(made) if *made != holding.fingerprint => found.push(Mismatch::Address),
                Some(_) => {}
            }
        }
        None if state.consent == Consent::Confirmed => found.push(Mismatch::AddressGone),
        None => {}
    }
    let kept = (holding.consent, holding.since, holding.expires_at, holding.paused_until);
    if kept != (state.consent, state.since, state.expires_at(lifetime), state.paused_until) {
        found.push(Mismatch::State);
    }
    if state.language.is_some_and(|language| language != holding.language) {
        found.push(Mismatch::Language);
    }
    found.extend(match (state.bar, holding.listed) {
        (Some(_), None) => Some(Mismatch::SuppressionGone),
        (None, Some(_)) => Some(Mismatch::SuppressionAdded),
        (Some(bar), Some(listed)) if bar != listed => Some(Mismatch::SuppressionChanged),
        _ => None,
    });
    found
}

/// What a kept wording is, beside the digest that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordingState {
    /// The text that was shown.
    Whole,
    /// That text without an address that was erased, since an instant.
    Redacted(Timestamp),
    /// Another text.
    Changed,
}

/// What `body` is, kept as the wording `digest`. `note` is what the store noted of a redaction.
pub fn wording_state(digest: &Sha256Digest, body: &str, note: Option<&str>, keyring: &Keyring) -> WordingState {
    if Sha256Digest::of(body.as_bytes()) == *digest {
        return WordingState::Whole;
    }
    let redacted = note.and_then(|note| note.split_once(' ')).and_then(|(at, mac)| {
        let at: Timestamp = at.parse().ok()?;
        let parts = redaction(digest, body, at);
        keyring.is_mac(REDACTION, &parts.each_ref().map(String::as_bytes), &from_hex::<16>(mac)?).then_some(at)
    });
    redacted.map_or(WordingState::Changed, WordingState::Redacted)
}

/// What to note when an address was taken out of a wording, so that `body` is told from a forgery: nothing else in the
/// store could show that this program changed it.
pub fn note_of_redaction(digest: &Sha256Digest, body: &str, at: Timestamp, keyring: &Keyring) -> String {
    let parts = redaction(digest, body, at);
    format!("{at} {}", to_hex(&keyring.mac(REDACTION, &parts.each_ref().map(String::as_bytes))))
}

fn redaction(digest: &Sha256Digest, body: &str, at: Timestamp) -> [String; 3] {
    [digest.to_string(), Sha256Digest::of(body.as_bytes()).to_string(), at.to_string()]
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::event;
    use super::super::{Capture, Cause, Method};
    use super::*;

    const IMPORT: Method = Method::Import(Capture::WebForm);

    fn keyring() -> Keyring {
        Keyring::generate([3; 32])
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn given(second: i64, action: Action, method: Method, of: &str) -> NewEvent {
        NewEvent { fingerprint: Fingerprint::of(&keyring(), &address(of)), ..event(second, action, method) }
    }

    /// What follows from the events, about somebody with the address `of`.
    fn holding<'a>(of: &'a Address, events: &[&NewEvent]) -> MemberRecord<'a> {
        let state = replay(events.iter().copied()).unwrap();
        MemberRecord {
            address: (!matches!(state.consent, Consent::Erased | Consent::Expired)).then_some(of),
            fingerprint: Fingerprint::of(&keyring(), of),
            consent: state.consent,
            since: state.since,
            expires_at: state.expires_at(Lifetime::months(24)),
            paused_until: state.paused_until,
            language: state.language.unwrap_or(Language::Fr),
            listed: state.bar,
        }
    }

    #[track_caller]
    fn check(events: &[&NewEvent], change: impl Fn(&mut MemberRecord<'_>), expected: &[Mismatch]) {
        let camille = address("Camille@example.fr");
        let mut holding = holding(&camille, events);
        change(&mut holding);
        assert_eq!(mismatches(&holding, events, &keyring(), Lifetime::months(24)), expected);
    }

    #[test]
    fn each_change_is_named() {
        let of = "camille@example.fr";
        let confirmed = given(1, Action::Confirmed, IMPORT, of);
        let withdrawn = given(5, Action::Withdrawn, Method::OneClickPost, of);
        let erased = given(7, Action::Erased, Method::Staff("camille".into()), of);
        let expired = given(9, Action::Expired, Method::ExpiryJob, of);
        let (here, left, gone, old) =
            ([&confirmed], [&confirmed, &withdrawn], [&confirmed, &erased], [&confirmed, &expired]);
        for events in [&here[..], &left, &gone, &old] {
            check(events, |_| {}, &[]);
        }
        let sacha = address("sacha@example.fr");
        let other = Fingerprint::of(&keyring(), &sacha);
        let bar = Suppression { cause: Cause::Withdrawn, since: Timestamp::from_second(5).unwrap() };
        check(&here, |it| it.fingerprint = other, &[Mismatch::Fingerprint, Mismatch::Address]);
        check(&here, |it| it.address = None, &[Mismatch::AddressGone]);
        check(&here, |it| it.consent = Consent::Withdrawn, &[Mismatch::State]);
        check(&here, |it| it.expires_at = None, &[Mismatch::State]);
        let (english, polish) = ("language:en".to_owned(), "language:pl".to_owned());
        let named = NewEvent { reason: Some(english), ..confirmed.clone() };
        check(&[&named], |_| {}, &[]);
        check(&[&named], |it| it.language = Language::Fr, &[Mismatch::Language]);
        // A line from before lines named a language, or one that names none of ours, says nothing.
        for says_nothing in [confirmed.clone(), NewEvent { reason: Some(polish), ..confirmed.clone() }] {
            check(&[&says_nothing], |it| it.language = Language::En, &[]);
        }
        check(&here, |it| it.listed = Some(bar), &[Mismatch::SuppressionAdded]);
        check(&left, |it| it.listed = None, &[Mismatch::SuppressionGone]);
        check(&left, |it| it.listed = Some(Suppression { cause: Cause::Dead, ..bar }), &[Mismatch::SuppressionChanged]);
        check(
            &left,
            |it| it.listed = Some(Suppression { since: Timestamp::MAX, ..bar }),
            &[Mismatch::SuppressionChanged],
        );
        check(&left, |it| it.address = None, &[]);
        let camille = address(of);
        for events in [&gone[..], &old] {
            let holding = MemberRecord { address: Some(&camille), ..holding(&camille, events) };
            let found = mismatches(&holding, events, &keyring(), Lifetime::months(24));
            assert_eq!(found, [Mismatch::AddressKept]);
        }
        let swapped = MemberRecord { address: Some(&sacha), ..holding(&camille, &here) };
        assert_eq!(mismatches(&swapped, &here, &keyring(), Lifetime::months(24)), [Mismatch::Address]);
        assert_eq!(mismatches(&swapped, &[], &keyring(), Lifetime::months(24)), [Mismatch::MemberWithoutEvents]);
    }

    #[test]
    fn an_address_is_compared_under_the_key_that_it_was_known_by() {
        use secrecy::ExposeSecret;
        let confirmed = given(1, Action::Confirmed, IMPORT, "camille@example.fr");
        let camille = address("camille@example.fr");
        let holding = holding(&camille, &[&confirmed]);
        let new = Keyring::generate([4; 32]);
        let text = format!("{}{}", new.to_text().expose_secret(), keyring().to_text().expose_secret());
        let both = Keyring::parse(&text).unwrap();
        assert_eq!(mismatches(&holding, &[&confirmed], &both, Lifetime::months(24)), []);
        assert_eq!(mismatches(&holding, &[&confirmed], &new, Lifetime::months(24)), [Mismatch::Key]);
    }

    #[test]
    fn a_redaction_is_told_from_a_forgery() {
        let at = Timestamp::UNIX_EPOCH;
        let (shown, kept) = ("J’accepte, a@example.fr.", "J’accepte, [effacée].");
        let digest = Sha256Digest::of(shown.as_bytes());
        let note = note_of_redaction(&digest, kept, at, &keyring());
        let state = |body: &str, note: Option<&str>| wording_state(&digest, body, note, &keyring());
        assert_eq!(state(shown, None), WordingState::Whole);
        assert_eq!(state(kept, Some(&note)), WordingState::Redacted(at));
        let other = note_of_redaction(&digest, kept, at, &Keyring::generate([4; 32]));
        for (body, note) in [
            (kept, None),
            ("J’accepte tout.", Some(&*note)),
            (kept, Some(&*other)),
            (kept, Some("")),
            (kept, Some("x y")),
        ] {
            assert_eq!(state(body, note), WordingState::Changed, "{body} {note:?}");
        }
    }

    #[test]
    fn only_a_correction_changes_whom_the_lines_are_about() {
        let (of, to) = ("camille@example.fr", "camille@example.org");
        let confirmed = given(1, Action::Confirmed, IMPORT, of);
        let corrected = given(2, Action::Rectified, Method::Staff("camille".into()), to);
        let after = given(3, Action::Refreshed, Method::PagePost, to);
        let stray = given(4, Action::Refreshed, Method::PagePost, of);
        let new = Some(Fingerprint::of(&keyring(), &address(to)));
        assert_eq!(fingerprint_of([&confirmed, &corrected, &after]), new);
        assert_eq!(fingerprint_of([&confirmed, &after]), None);
        assert_eq!(fingerprint_of([&confirmed, &corrected, &after, &stray]), None);
        assert_eq!(fingerprint_of([]), None);
    }
}
