//! What goes of a person's lines when their proof has served its time, and the stub that each leaves in the chain.
//!
//! The lines that bar an address stay, with what the member's row says; all others go. A stub holds what binds the chain and
//! nothing of the person, and carries a MAC under our keys: who has the store alone cannot hide a line behind one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::retention::RetentionClock;
use super::{Action, BrokenLine, Consent, Event, Fingerprint, Head, NewEvent, before_the_bar, fingerprint_of, replay};
use crate::keys::hex::written_in_hex;
use crate::keys::{KeyId, Keyring, Sha256Digest};

/// What the MAC of a stub is for, as a keyring sees it.
const PURPOSE: &str = "removed ledger line";

/// The actions whose lines may stay when somebody has left: those that bar the address, and a correction, without which lines
/// about two addresses would not be one person's. Whoever has a line of any other has something to remove.
pub const MAY_STAY: [Action; 6] =
    [Action::Withdrawn, Action::Objected, Action::Complained, Action::BouncedDead, Action::Erased, Action::Rectified];

/// What goes of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The lines that go, in the order of the ledger.
    pub lines: Vec<Event>,
    /// Whether nothing stays: then the person's row goes too.
    pub whole: bool,
}

/// What goes of a person about whom the ledger says `events`, once the proof of what ended at `before` or earlier is not needed
/// any more. `None` when nothing does, or when the lines are not as they were written: those prove that somebody changed them.
///
/// After an expiry everything goes. After a departure the lines stay that the present bar rests on: state, bar and fingerprint
/// are the same without the others.
pub fn due(events: Vec<Event>, before: Timestamp) -> Option<Removal> {
    let state = replay(contents(&events))?;
    let fingerprint = fingerprint_of(contents(&events))?;
    let has_ended = state.consent == Consent::Expired || Consent::LEFT.contains(&state.consent);
    if !has_ended || state.since > before || events.iter().any(|event| event.hash != event.digest()) {
        return None;
    }
    if state.bar.is_none() {
        return Some(Removal { lines: events, whole: true });
    }
    let lifted = before_the_bar(contents(&events));
    let (mut stays, mut goes) = (Vec::new(), Vec::new());
    for (place, event) in events.into_iter().enumerate() {
        let known = stays.last().map(|last: &Event| last.what.fingerprint);
        if place >= lifted && bars_or_corrects(&event.what, known) { stays.push(event) } else { goes.push(event) }
    }
    let left = replay(contents(&stays))?;
    let same = (left.consent, left.since, left.bar) == (state.consent, state.since, state.bar)
        && fingerprint_of(contents(&stays)) == Some(fingerprint);
    (same && !goes.is_empty()).then_some(Removal { lines: goes, whole: false })
}

/// Whether a line behind the last lifted bar stays, when those that stay before it are about the address `known`.
fn bars_or_corrects(event: &NewEvent, known: Option<Fingerprint>) -> bool {
    match event.action {
        Action::Rectified => known.is_some_and(|known| known != event.fingerprint),
        action => MAY_STAY.contains(&action),
    }
}

fn contents(events: &[Event]) -> impl Iterator<Item = &NewEvent> {
    events.iter().map(|event| &event.what)
}

/// What stands in the place of a line that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stub {
    /// The number of the line.
    pub seq: i64,
    /// The digest of the line before it.
    pub prev_hash: Sha256Digest,
    /// The digest that the line had.
    pub hash: Sha256Digest,
    /// The clock that removed it.
    pub clock: RetentionClock,
    /// The day on which it did.
    pub removed_on: RemovalDay,
    /// The key of the MAC.
    pub key: KeyId,
    /// The MAC of all of this.
    pub mac: StubMac,
}

impl Stub {
    /// What stands in the place of `line`, removed by `clock` at `now`.
    pub fn of(line: &Event, clock: RetentionClock, now: Timestamp, keyring: &Keyring) -> Self {
        let unsigned = Self {
            seq: line.seq,
            prev_hash: line.prev_hash,
            hash: line.hash,
            clock,
            removed_on: RemovalDay::of(now),
            key: keyring.current(),
            mac: StubMac([0; 16]),
        };
        unsigned.with_parts(|parts| Self { mac: StubMac(keyring.mac(PURPOSE, parts)), ..unsigned })
    }

    /// Hands over what the MAC is made of: the number in eight bytes, the highest first, the two digests, the name of the clock,
    /// and the day.
    fn with_parts<T>(&self, f: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (seq, day) = (self.seq.to_be_bytes(), self.removed_on.to_string());
        f(&[&seq, self.prev_hash.as_bytes(), self.hash.as_bytes(), self.clock.name().as_bytes(), day.as_bytes()])
    }

    /// What the next line is bound to.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// Whether this stub is ours and follows `head`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn follows(&self, head: Head, keyring: &Keyring) -> Result<(), BrokenLine> {
        if self.seq != head.seq + 1 {
            return Err(BrokenLine::Gap);
        } else if self.prev_hash != head.hash {
            return Err(BrokenLine::Unbound);
        }
        match self.with_parts(|parts| keyring.is_mac_under(self.key, PURPOSE, parts, &self.mac.0)) {
            Some(true) => Ok(()),
            Some(false) => Err(BrokenLine::NotOurs),
            None => Err(BrokenLine::StubKey),
        }
    }
}

/// The MAC of a stub: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StubMac([u8; 16]);

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code of a removed line is 32 digits from 0 to 9 and a to f")]
pub struct NoStubMac;

written_in_hex!(StubMac, NoStubMac);

/// The day (UTC) on which lines were removed: no more of the instant is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovalDay(Date);

impl RemovalDay {
    /// The day of an instant.
    pub fn of(instant: Timestamp) -> Self {
        Self(instant.to_zoned_datetime(TimeZone::UTC).date())
    }

    /// The day.
    pub fn date(self) -> Date {
        self.0
    }
}

impl fmt::Display for RemovalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl Serialize for RemovalDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not a day such as `2032-01-02`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the day of a removal is written as `2032-01-02`")]
pub struct NoRemovalDay;

impl FromStr for RemovalDay {
    type Err = NoRemovalDay;

    fn from_str(text: &str) -> Result<Self, NoRemovalDay> {
        let read = text.parse().map(Self).map_err(|_| NoRemovalDay)?;
        if read.to_string() == text { Ok(read) } else { Err(NoRemovalDay) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::event::tests::event;
    use super::super::{Capture, Cause, Method};
    use super::*;

    const IMPORT: Method = Method::Import(Capture::WebForm);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn chain(whats: Vec<NewEvent>) -> Vec<Event> {
        let mut head = Head::EMPTY;
        let bind = |what| {
            let event = Event::after(head, what, at(1_000));
            head = event.head();
            event
        };
        whats.into_iter().map(bind).collect()
    }

    /// The numbers of the lines that go of a person with this story, each line with its second, and whether all do.
    fn goes(story: &[(i64, Action, Method)], before: i64) -> Option<(Vec<i64>, bool)> {
        let events = story.iter().map(|(second, action, method)| event(*second, *action, method.clone())).collect();
        let removal = due(chain(events), at(before))?;
        Some((removal.lines.iter().map(|line| line.seq).collect(), removal.whole))
    }

    #[test]
    fn what_bars_stays_and_the_rest_goes() {
        use Action::{BouncedDead, Complained, ConfirmMailSent, Confirmed, Erased, Expired, Requested, Withdrawn};
        let given = [
            (1, Requested, Method::PagePost),
            (2, ConfirmMailSent, Method::PagePost),
            (3, Confirmed, Method::DoubleOptinPost),
        ];
        let after = |more: &[(i64, Action, Method)]| [&given[..], more].concat();
        assert_eq!(goes(&given, 99), None, "a consent that stands");
        let old = after(&[(9, Expired, Method::ExpiryJob)]);
        assert_eq!(goes(&old, 8), None);
        assert_eq!(goes(&old, 9), Some((vec![1, 2, 3, 4], true)));
        let left = after(&[(9, Withdrawn, Method::OneClickPost)]);
        assert_eq!(goes(&left, 8), None);
        assert_eq!(goes(&left, 9), Some((vec![1, 2, 3], false)));
        let erased = after(&[(5, BouncedDead, Method::Dsn), (9, Erased, Method::Staff("camille".into()))]);
        assert_eq!(goes(&erased, 9), Some((vec![1, 2, 3], false)));
        // Nothing but the opposition: an opt-out that came from elsewhere, or somebody of whom the rest has gone.
        assert_eq!(goes(&[(9, Withdrawn, Method::Staff("camille".into()))], 99), None);
        // A bar that its owner has lifted, and the one that holds.
        let back = [
            (4, Complained, Method::Arf),
            (5, Confirmed, Method::DoubleOptinPost),
            (6, Withdrawn, Method::PagePost),
            (7, Confirmed, IMPORT),
        ];
        assert_eq!(goes(&after(&back), 6), Some((vec![1, 2, 3, 4, 5, 7], false)));
        assert_eq!(goes(&after(&back), 5), None, "since is when the present state began");
        let back_and_old = after(&[back[0].clone(), back[1].clone(), (9, Expired, Method::ExpiryJob)]);
        assert_eq!(goes(&back_and_old, 9), Some((vec![1, 2, 3, 4, 5, 6], true)));
    }

    #[test]
    fn a_line_that_was_changed_stays_for_whoever_looks_into_it() {
        let mut events = chain(vec![event(1, Action::Confirmed, IMPORT), event(2, Action::Expired, Method::ExpiryJob)]);
        assert!(due(events.clone(), at(2)).is_some());
        events[0].what.source = "form-8".to_owned();
        assert_eq!(due(events, at(2)), None);
    }

    #[test]
    fn a_corrected_address_stays_known() {
        let (first, second) = (Keyring::generate([3; 32]), Keyring::generate([4; 32]));
        let of = |keyring: &Keyring, what: NewEvent| NewEvent {
            fingerprint: Fingerprint::of(keyring, &"camille@example.fr".parse().unwrap()),
            ..what
        };
        let correction = |second| event(second, Action::Rectified, Method::Staff("camille".into()));
        let left = |second| event(second, Action::Withdrawn, Method::PagePost);
        let lines =
            |whats| due(chain(whats), at(99)).map(|it| it.lines.iter().map(|line| line.seq).collect::<Vec<_>>());
        let given = of(&first, event(1, Action::Confirmed, IMPORT));
        let before = vec![given.clone(), of(&second, correction(2)), of(&second, left(3))];
        assert_eq!(lines(before), Some(vec![1, 2]));
        let between = vec![
            given.clone(),
            of(&first, left(2)),
            of(&first, correction(3)),
            of(&second, correction(4)),
            of(&second, event(5, Action::Complained, Method::Arf)),
        ];
        assert_eq!(lines(between), Some(vec![1, 3]));
        let doubtful = vec![given, of(&second, left(2))];
        assert_eq!(lines(doubtful), None, "whose lines these are is in doubt");
    }

    #[test]
    fn a_stub_is_bound_to_all_that_is_in_it() {
        let keyring = Keyring::generate([3; 32]);
        let events = chain(vec![event(1, Action::Confirmed, IMPORT), event(2, Action::Expired, Method::ExpiryJob)]);
        let now = "2032-01-02T23:30:00Z".parse().unwrap();
        let stubs: Vec<Stub> = events.iter().map(|line| Stub::of(line, RetentionClock::Proof, now, &keyring)).collect();
        let [first, stub] = stubs[..] else { panic!("two lines") };
        assert_eq!(stub.removed_on.to_string(), "2032-01-02");
        assert_eq!(stub.head(), events[1].head());
        assert_eq!(first.follows(Head::EMPTY, &keyring), Ok(()));
        assert_eq!(stub.follows(first.head(), &keyring), Ok(()));
        assert_eq!(stub.follows(Head::EMPTY, &keyring), Err(BrokenLine::Gap));
        let other = Head { hash: Sha256Digest::ZERO, ..first.head() };
        assert_eq!(stub.follows(other, &keyring), Err(BrokenLine::Unbound));
        let tomorrow = RemovalDay::of(now + SignedDuration::from_hours(24));
        for changed in [
            Stub { hash: Sha256Digest::ZERO, ..stub },
            Stub { clock: RetentionClock::Addresses, ..stub },
            Stub { removed_on: tomorrow, ..stub },
            Stub { mac: first.mac, ..stub },
            Stub { mac: StubMac([0; 16]), ..stub },
        ] {
            assert_eq!(changed.follows(first.head(), &keyring), Err(BrokenLine::NotOurs), "{changed:?}");
        }
        // What the MAC says of the line before it, even when that was changed with it.
        let moved = Stub { prev_hash: Sha256Digest::ZERO, ..stub };
        assert_eq!(moved.follows(other, &keyring), Err(BrokenLine::NotOurs));
        let rotated = keyring.with_new([4; 32], Timestamp::UNIX_EPOCH);
        assert_eq!(stub.follows(first.head(), &rotated), Ok(()), "an older key goes on counting");
        assert_eq!(stub.follows(first.head(), &Keyring::generate([4; 32])), Err(BrokenLine::StubKey));
    }

    #[test]
    fn the_code_of_a_stub_never_changes() {
        let events = chain(vec![event(1_790_000_000, Action::Confirmed, IMPORT)]);
        let now = "2032-01-02T08:00:00Z".parse().unwrap();
        let stub = Stub::of(&events[0], RetentionClock::Proof, now, &Keyring::generate([3; 32]));
        // A ledger with stubs of any release must be verifiable by every later one.
        assert_eq!(stub.mac.to_string(), "ea74d9bde4673ef558ede360e0ff3c84");
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        assert_eq!("2032-01-02".parse::<RemovalDay>().unwrap().to_string(), "2032-01-02");
        for text in ["", "2032-1-2", "2032-01-02T00:00", "20320102", "2032-02-30"] {
            assert_eq!(text.parse::<RemovalDay>(), Err(NoRemovalDay), "{text}");
        }
    }

    fn any_method() -> impl Strategy<Value = Method> {
        prop::sample::select(vec![
            Method::DoubleOptinPost,
            Method::OneClickPost,
            Method::PagePost,
            Method::Arf,
            Method::Dsn,
            Method::Record,
            Method::Staff("camille".into()),
            Method::ExpiryJob,
            IMPORT,
        ])
    }

    fn any_events() -> impl Strategy<Value = Vec<Event>> {
        let address = prop::sample::select(vec![3, 3, 3, 4]);
        let one = (0_i64..40, prop::sample::select(Action::ALL.to_vec()), any_method(), address);
        let what = one.prop_map(|(second, action, method, of)| {
            let what = event(second, action, method);
            let moved = Fingerprint::of(&Keyring::generate([of; 32]), &"camille@example.fr".parse().unwrap());
            // Only a correction brings another address.
            if action == Action::Rectified { NewEvent { fingerprint: moved, ..what } } else { what }
        });
        prop::collection::vec(what, 0..14).prop_map(|mut whats| {
            let mut known = whats.first().map(|first| first.fingerprint);
            for what in &mut whats {
                match (what.action, known) {
                    (Action::Rectified, _) => known = Some(what.fingerprint),
                    (_, Some(known)) => what.fingerprint = known,
                    (_, None) => {}
                }
            }
            chain(whats)
        })
    }

    proptest! {
        /// Whatever happened: what stays amounts to the same state, since the same instant, behind the same bar; and nothing
        /// stays but what bars, and corrections behind it.
        #[test]
        fn what_stays_says_the_same_of_the_person(events in any_events(), before in 0_i64..40) {
            let state = replay(contents(&events));
            let ended = state.filter(|state| {
                state.since <= at(before) && !matches!(state.consent, Consent::Requested | Consent::Confirmed)
            });
            let removal = due(events.clone(), at(before));
            let Some(state) = ended else {
                prop_assert_eq!(removal, None);
                return Ok(());
            };
            // Whom a store finds by this has something to remove.
            let is_found = state.bar.is_none() || events.iter().any(|line| !MAY_STAY.contains(&line.what.action));
            prop_assert!(removal.is_some() || !is_found);
            let goes = removal.map(|removal| removal.lines).unwrap_or_default();
            let stays: Vec<Event> = events.iter().filter(|event| !goes.contains(event)).cloned().collect();
            prop_assert_eq!(goes.len() + stays.len(), events.len());
            let left = replay(contents(&stays));
            prop_assert_eq!(left.and_then(|left| left.bar), state.bar);
            if state.bar.is_none() {
                prop_assert_eq!(stays, vec![], "after an expiry nothing stays");
                return Ok(());
            }
            let left = left.unwrap();
            prop_assert_eq!((left.consent, left.since), (state.consent, state.since));
            prop_assert_eq!(fingerprint_of(contents(&stays)), fingerprint_of(contents(&events)));
            let bars = |action| Cause::ALL.iter().any(|cause| cause.action() == action);
            prop_assert!(stays.iter().all(|line| bars(line.what.action) || line.what.action == Action::Rectified));
            prop_assert!(bars(stays[0].what.action));
            // Gone through again, nothing more goes.
            prop_assert_eq!(due(stays, at(before)), None);
        }
    }
}
