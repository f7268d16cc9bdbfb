//! What a member's events amount to: whether we may write, and what bars us.
//!
//! A pure function of the events in the order of the ledger. The rows in `members` and `suppressions` are a copy of its
//! result and can be made again from the ledger at any time. The table of actions and states is in `docs/members.md`.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::wish::{end_of_pause, named_language};
use super::{Action, Language, NewEvent, NotInLedger};

/// The state of a member's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Asked for, not confirmed: nothing may be sent but the mail that asks for the confirmation.
    Requested,
    /// Given.
    Confirmed,
    /// Taken back, by withdrawal, objection or complaint.
    Withdrawn,
    /// Grown too old.
    Expired,
    /// The mailbox is gone.
    Dead,
    /// The address was destroyed.
    Erased,
}

impl Consent {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Requested, Self::Confirmed, Self::Withdrawn, Self::Expired, Self::Dead, Self::Erased];

    /// Those in which somebody has left for good, and is barred.
    pub const LEFT: [Self; 3] = [Self::Withdrawn, Self::Dead, Self::Erased];

    /// The word in the store and at the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Dead => "dead",
            Self::Erased => "erased",
        }
    }
}

impl FromStr for Consent {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|consent| consent.as_str() == text).ok_or(NotInLedger)
    }
}

impl fmt::Display for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether the person whom `events` are about ever asked to be written to. Whoever did not was never a member: the address is
/// only kept out.
pub fn ever_asked<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> bool {
    events.into_iter().any(|event| matches!(event.action, Action::Requested | Action::Confirmed))
}

/// Why an address must not be written to, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Its mailbox is gone.
    Dead,
    /// Its owner had everything erased.
    Erased,
    /// Its owner withdrew.
    Withdrawn,
    /// Its owner objected.
    Objected,
    /// Its owner complained.
    Complained,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 5] = [Self::Dead, Self::Erased, Self::Withdrawn, Self::Objected, Self::Complained];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Erased => "erased",
            Self::Withdrawn => "withdrawn",
            Self::Objected => "objected",
            Self::Complained => "complained",
        }
    }

    /// What the ledger calls that which became the cause.
    pub fn action(self) -> Action {
        match self {
            Self::Dead => Action::BouncedDead,
            Self::Erased => Action::Erased,
            Self::Withdrawn => Action::Withdrawn,
            Self::Objected => Action::Objected,
            Self::Complained => Action::Complained,
        }
    }
}

impl FromStr for Cause {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or(NotInLedger)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What keeps us from writing to an address, whatever file it turns up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Why.
    pub cause: Cause,
    /// Since when. Only a confirmation by the mailbox's owner that is later than this lifts the bar.
    pub since: Timestamp,
}

/// What a member's events amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentState {
    /// The state.
    pub consent: Consent,
    /// When it began.
    pub since: Timestamp,
    /// The person's last act that the consent rests on. An opened mail is none.
    pub last_act_at: Option<Timestamp>,
    /// What keeps the address out.
    pub bar: Option<Suppression>,
    /// Until when the person, whose consent stands, asked not to be written to. May be over.
    pub paused_until: Option<Timestamp>,
    /// The language that the person chose on our page, and when. A form or a file that is older does not undo it.
    pub chosen: Option<(Language, Timestamp)>,
    /// The language to write in, as far as the lines name it: those that were written before lines did name none.
    pub language: Option<Language>,
}

/// What `events`, in the order of the ledger, amount to. `None` when there are none.
pub fn replay<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> Option<ConsentState> {
    events
        .into_iter()
        .fold(None, |state, event| Some(state.unwrap_or_else(|| ConsentState::before(event)).after(event)))
}

/// The act among `events`, in the order of the ledger, that the consent rests on: the last one that counted.
pub fn resting_on<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> Option<&'a NewEvent> {
    let (mut state, mut found) = (None::<ConsentState>, None);
    for event in events {
        let before = state.unwrap_or_else(|| ConsentState::before(event));
        let after = before.after(event);
        if matches!(event.action, Action::Confirmed | Action::Refreshed) && after != before {
            found = Some(event);
        }
        state = Some(after);
    }
    found
}

/// How many of `events`, in the order of the ledger, are not about what bars the person now: those up to the last act that
/// lifted a bar. None when no bar was ever lifted.
pub fn before_the_bar<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> usize {
    let (mut state, mut before) = (None::<ConsentState>, 0);
    for (place, event) in events.into_iter().enumerate() {
        let was = state.unwrap_or_else(|| ConsentState::before(event));
        let is = was.after(event);
        if was.bar.is_some() && is.bar.is_none() {
            before = place + 1;
        }
        state = Some(is);
    }
    before
}

impl ConsentState {
    /// The state before the first event: nothing is allowed yet.
    fn before(first: &NewEvent) -> Self {
        Self {
            consent: Consent::Requested,
            since: first.occurred_at,
            last_act_at: None,
            bar: None,
            paused_until: None,
            chosen: None,
            language: None,
        }
    }

    /// The state after one more event.
    #[must_use]
    pub fn after(self, event: &NewEvent) -> Self {
        let at = event.occurred_at;
        match event.action {
            Action::Requested if self.consent == Consent::Expired => self.to(Consent::Requested, at),
            Action::Confirmed if self.accepts(event) => {
                let state = Self { bar: None, ..self.to(Consent::Confirmed, at).acted(at) };
                // Who signs up anew wants to be written to, in the language of the form; a file says nothing of either.
                let state =
                    if event.method.is_owners() { Self { paused_until: None, chosen: None, ..state } } else { state };
                Self { language: state.spoken_after(event), ..state }
            }
            Action::Paused if self.consent == Consent::Confirmed => {
                Self { paused_until: Some(end_of_pause(event)), ..self }
            }
            Action::Rectified => match named_language(event) {
                Some(language) => Self { chosen: Some((language, at)), language: Some(language), ..self },
                None => self,
            },
            Action::Resumed => Self { paused_until: None, ..self },
            Action::Refreshed if self.consent == Consent::Confirmed && event.method.can_consent() => {
                let newer = self.last_act_at.is_none_or(|act| at > act);
                let language = if newer { self.spoken_after(event) } else { self.language };
                Self { language, ..self.acted(at) }
            }
            Action::Expired if matches!(self.consent, Consent::Requested | Consent::Confirmed) => {
                self.to(Consent::Expired, at)
            }
            Action::Withdrawn => self.barred(Cause::Withdrawn, at),
            Action::Objected => self.barred(Cause::Objected, at),
            Action::Complained => self.barred(Cause::Complained, at),
            Action::BouncedDead => self.barred(Cause::Dead, at),
            Action::Erased => self.barred(Cause::Erased, at),
            Action::Requested
            | Action::ConfirmMailSent
            | Action::Confirmed
            | Action::Refreshed
            | Action::Expired
            | Action::Paused => self,
        }
    }

    /// Whether a confirmation counts: given in a way in which consent can be given, later than what the consent rested
    /// on before, and, when the address is barred, by the mailbox's owner after the bar.
    ///
    /// After an expiry any act counts, also the one that the consent rested on: the person has said nothing against it, and
    /// [`Self::expires_at`] still follows from the act. A consent that was ended too early, by a wrong clock or a shorter
    /// lifetime, so comes back with its evidence; one that ended in time has no act left that is young enough.
    fn accepts(&self, event: &NewEvent) -> bool {
        let fresh = |than: Timestamp| event.occurred_at > than;
        match self.bar {
            Some(bar) => event.method.is_owners() && fresh(bar.since),
            None if self.consent == Consent::Expired => event.method.can_consent(),
            None => event.method.can_consent() && self.last_act_at.is_none_or(fresh),
        }
    }

    /// The language after an act that counts: that of the form or the file, unless the person chose one since.
    fn spoken_after(&self, act: &NewEvent) -> Option<Language> {
        match self.chosen {
            Some((language, at)) if at > act.occurred_at => Some(language),
            _ if act.method.brings_language() => named_language(act),
            _ => self.language,
        }
    }

    fn to(self, consent: Consent, at: Timestamp) -> Self {
        // A pause is one of a consent, and ends with it.
        if self.consent == consent { self } else { Self { consent, since: at, paused_until: None, ..self } }
    }

    fn acted(self, at: Timestamp) -> Self {
        Self { last_act_at: self.last_act_at.max(Some(at)), ..self }
    }

    /// The state with one more reason not to write. The gravest cause and the latest instant count; an erased member
    /// stays erased, and a withdrawal is not blurred by a bounce.
    fn barred(self, cause: Cause, at: Timestamp) -> Self {
        let consent = match (cause, self.consent) {
            (Cause::Erased, _) | (_, Consent::Erased) => Consent::Erased,
            (Cause::Dead, Consent::Withdrawn) => Consent::Withdrawn,
            (Cause::Dead, _) => Consent::Dead,
            _ => Consent::Withdrawn,
        };
        let bar = match self.bar {
            Some(bar) => Suppression { cause: bar.cause.max(cause), since: bar.since.max(at) },
            None => Suppression { cause, since: at },
        };
        Self { bar: Some(bar), ..self.to(consent, at) }
    }

    /// When the consent stops counting unless the person acts again; only a confirmed one has such an end.
    pub fn expires_at(&self, lifetime: Lifetime) -> Option<Timestamp> {
        self.last_act_at.filter(|_| self.consent == Consent::Confirmed).map(|act| lifetime.end(act))
    }
}

/// How long a consent counts after the person's last act: 24 months unless decided otherwise, 36 at most (CNIL,
/// reference framework on commercial activities, délibération 2021-131).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime(u8);

impl Lifetime {
    /// A lifetime of so many months, at least 1 and at most 36.
    pub fn months(months: u8) -> Self {
        Self(months.clamp(1, 36))
    }

    /// How many months these are.
    pub fn in_months(self) -> u8 {
        self.0
    }

    /// How many consents may be ended in one day, of `members`: a hundredth, or as many as end twice as fast as people who
    /// came evenly run out, whichever is more; at least one. A list that ran out as a whole, by a wrong clock or a
    /// mistyped lifetime, is then gone only after a hundred days.
    pub fn daily_portion(self, members: u64) -> u64 {
        const DAYS_OF_HALF_A_MONTH: u64 = 15;
        members.div_ceil((u64::from(self.0) * DAYS_OF_HALF_A_MONTH).min(100))
    }

    /// When a consent that rests on an act at `act` stops counting.
    pub fn end(self, act: Timestamp) -> Timestamp {
        act.to_zoned_datetime(TimeZone::UTC)
            .checked_add(i64::from(self.0).months())
            .map_or(Timestamp::MAX, |end| end.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::event::tests::event;
    use super::super::{Capture, Method};
    use super::*;

    const IMPORT: Method = Method::Import(Capture::WebForm);

    #[track_caller]
    fn check(events: &[(i64, Action, Method)], expected: Consent) -> ConsentState {
        let events: Vec<_> =
            events.iter().map(|(second, action, method)| event(*second, *action, method.clone())).collect();
        let state = replay(&events).unwrap();
        assert_eq!(state.consent, expected, "{state:?}");
        state
    }

    #[test]
    fn consent_is_given_by_the_person_only() {
        use Action::{ConfirmMailSent, Confirmed, Requested};
        let asked = (1, Requested, Method::PagePost);
        check(std::slice::from_ref(&asked), Consent::Requested);
        check(&[asked.clone(), (2, ConfirmMailSent, Method::PagePost)], Consent::Requested);
        check(&[asked.clone(), (2, Confirmed, Method::DoubleOptinPost)], Consent::Confirmed);
        check(&[(2, Confirmed, IMPORT)], Consent::Confirmed);
        for method in [Method::Staff("camille".into()), Method::Dsn, Method::OneClickPost, Method::ExpiryJob] {
            check(&[asked.clone(), (2, Confirmed, method)], Consent::Requested);
        }
    }

    #[test]
    fn the_gravest_cause_counts() {
        use Action::{BouncedDead, Complained, Confirmed, Erased, Objected, Withdrawn};
        let given = (1, Confirmed, IMPORT);
        let cause = |state: ConsentState| state.bar.map(|bar| bar.cause);
        let dead = (2, BouncedDead, Method::Dsn);
        let gone = (3, Withdrawn, Method::OneClickPost);
        assert_eq!(cause(check(&[given.clone(), dead.clone()], Consent::Dead)), Some(Cause::Dead));
        for events in [[given.clone(), dead.clone(), gone.clone()], [given.clone(), gone.clone(), dead.clone()]] {
            assert_eq!(cause(check(&events, Consent::Withdrawn)), Some(Cause::Withdrawn));
        }
        let erased = (4, Erased, Method::Staff("camille".into()));
        let state = check(&[given.clone(), erased.clone(), (5, Objected, Method::Mailto)], Consent::Erased);
        assert_eq!(cause(state), Some(Cause::Objected));
        let state = check(&[given, (2, Complained, Method::Arf), erased], Consent::Erased);
        assert_eq!(
            state.bar,
            Some(Suppression { cause: Cause::Complained, since: Timestamp::from_second(4).unwrap() })
        );
    }

    #[test]
    fn the_consent_clock_runs_from_the_last_act() {
        use Action::{Confirmed, Expired, Refreshed};
        let state = check(&[(1, Confirmed, IMPORT), (9, Refreshed, Method::PagePost)], Consent::Confirmed);
        assert_eq!((state.since.as_second(), state.last_act_at.map(Timestamp::as_second)), (1, Some(9)));
        let state = check(&[(9, Confirmed, IMPORT), (1, Refreshed, Method::PagePost)], Consent::Confirmed);
        assert_eq!(state.last_act_at.map(Timestamp::as_second), Some(9));
        let old = [(5, Confirmed, IMPORT), (7, Expired, Method::ExpiryJob)];
        check(&[&old[..], &[(8, Refreshed, Method::PagePost)]].concat(), Consent::Expired);
        for act in [4, 5, 6] {
            let state = check(&[&old[..], &[(act, Confirmed, IMPORT)]].concat(), Consent::Confirmed);
            assert_eq!(state.last_act_at.map(Timestamp::as_second), Some(act.max(5)), "what it rested on still counts");
        }
        check(&[&old[..], &[(6, Confirmed, Method::Staff("camille".into()))]].concat(), Consent::Expired);
        let act: Timestamp = "2024-02-29T12:00:00Z".parse().unwrap();
        assert_eq!(Lifetime::months(24).end(act).to_string(), "2026-02-28T12:00:00Z");
        assert_eq!(Lifetime::months(200), Lifetime::months(36));
    }

    #[test]
    fn a_day_ends_a_small_portion() {
        let portion = |months, members| Lifetime::months(months).daily_portion(members);
        for (members, expected) in [(0, 0), (1, 1), (100, 1), (101, 2), (50_000, 500), (1_000_000, 10_000)] {
            assert_eq!(portion(24, members), expected, "{members}");
        }
        // With a short lifetime more people run out in a day than a hundredth, and the portion still keeps up.
        for (months, expected) in [(1, 200), (3, 67), (6, 34), (7, 30), (36, 30)] {
            assert_eq!(portion(months, 3_000), expected, "{months}");
            assert!(portion(months, 3_000) * 30 * u64::from(months) >= 3_000);
        }
    }

    fn any_method() -> impl Strategy<Value = Method> {
        prop::sample::select(vec![
            Method::DoubleOptinPost,
            Method::OneClickPost,
            Method::PagePost,
            Method::Mailto,
            Method::Arf,
            Method::Dsn,
            Method::Staff("camille".into()),
            Method::ExpiryJob,
            IMPORT,
        ])
    }

    fn any_events() -> impl Strategy<Value = Vec<NewEvent>> {
        let one = (0_i64..40, prop::sample::select(Action::ALL.to_vec()), any_method());
        prop::collection::vec(one.prop_map(|(second, action, method)| event(second, action, method)), 0..12)
    }

    proptest! {
        /// Whatever came before and whatever file comes after: only a later act of the mailbox's owner undoes it.
        #[test]
        fn withdrawal_wins(before in any_events(), after in any_events(), second in 0_i64..40, grave in 0_usize..3) {
            let action = [Action::Withdrawn, Action::Objected, Action::Complained][grave];
            let mut events = before;
            events.push(event(second, action, Method::OneClickPost));
            prop_assert!(replay(&events).unwrap().bar.is_some());
            let owner = after.iter().any(|event| {
                event.action == Action::Confirmed && event.method.is_owners() && event.occurred_at.as_second() > second
            });
            events.extend(after);
            let state = replay(&events).unwrap();
            if !owner {
                prop_assert_ne!(state.consent, Consent::Confirmed);
                prop_assert!(state.bar.is_some_and(|bar| bar.cause >= Cause::Withdrawn));
            }
        }

        #[test]
        fn a_confirmed_member_is_not_barred_and_rests_on_an_act(events in any_events()) {
            if let Some(state) = replay(&events) {
                if state.consent == Consent::Confirmed {
                    prop_assert_eq!(state.bar, None);
                    prop_assert!(state.expires_at(Lifetime::months(24)).is_some());
                } else {
                    prop_assert_eq!(state.expires_at(Lifetime::months(24)), None);
                }
                let needs_bar = matches!(state.consent, Consent::Withdrawn | Consent::Dead | Consent::Erased);
                prop_assert_eq!(state.bar.is_some(), needs_bar);
            }
        }
    }
}
