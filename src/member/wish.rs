//! What a member asks for on the page of choices, beside leaving, and how the ledger says it.

use jiff::Timestamp;

use super::{Action, Language, NewEvent};

/// What a member asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Letters in another language.
    Language(Language),
    /// No letters until an instant, in whole seconds.
    PauseUntil(Timestamp),
    /// Letters again, before the pause has ended by itself.
    Resume,
}

impl Wish {
    /// What the ledger calls it.
    pub fn action(self) -> Action {
        match self {
            Self::Language(_) => Action::Rectified,
            Self::PauseUntil(_) => Action::Paused,
            Self::Resume => Action::Resumed,
        }
    }

    /// What the line's `reason` says.
    pub fn reason(self) -> Option<String> {
        match self {
            Self::Language(language) => Some(names_language(language)),
            Self::PauseUntil(until) => Some(format!("{UNTIL}{until}")),
            Self::Resume => None,
        }
    }
}

/// What stands before the end of a pause.
const UNTIL: &str = "until:";

/// What stands before a language.
const LANGUAGE: &str = "language:";

/// What the `reason` of a line says that sets the language of a member.
pub fn names_language(language: Language) -> String {
    format!("{LANGUAGE}{language}")
}

/// What the `reason` of a line says, for whoever is to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineDetail {
    /// In which language letters are written from then on.
    Language(Language),
    /// Until when none are.
    Until(Timestamp),
}

impl LineDetail {
    /// Reads the `reason` of a line. `None` when it says something else.
    pub fn read(reason: &str) -> Option<Self> {
        let language = reason.strip_prefix(LANGUAGE).and_then(|language| language.parse().ok()).map(Self::Language);
        let until = || reason.strip_prefix(UNTIL).and_then(|until| until.parse().ok()).map(Self::Until);
        language.or_else(until)
    }
}

/// The language that `event` names, if it names one: that which the person chose, or that of the form or the file by which
/// the person came in.
pub(super) fn named_language(event: &NewEvent) -> Option<Language> {
    match LineDetail::read(event.reason.as_deref()?)? {
        LineDetail::Language(language) => Some(language),
        LineDetail::Until(_) => None,
    }
}

/// The end of the pause that `event` begins. One that cannot be read never comes: in doubt nobody is written to.
pub(super) fn end_of_pause(event: &NewEvent) -> Timestamp {
    match event.reason.as_deref().and_then(LineDetail::read) {
        Some(LineDetail::Until(until)) => until,
        _ => Timestamp::from_second(Timestamp::MAX.as_second()).unwrap_or(Timestamp::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::event;
    use super::super::{Consent, Method, replay};
    use super::*;

    fn line(second: i64, wish: Wish) -> NewEvent {
        NewEvent { reason: wish.reason(), ..event(second, wish.action(), Method::PagePost) }
    }

    fn given(second: i64) -> NewEvent {
        event(second, Action::Confirmed, Method::DoubleOptinPost)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[track_caller]
    fn check(events: &[NewEvent], consent: Consent, paused_until: Option<Timestamp>) {
        let state = replay(events).unwrap();
        assert_eq!((state.consent, state.paused_until), (consent, paused_until));
    }

    #[test]
    fn a_pause_ends_when_it_was_said_or_when_the_person_says_so() {
        let paused = line(2, Wish::PauseUntil(at(1_800_000_000)));
        check(&[given(1), paused.clone()], Consent::Confirmed, Some(at(1_800_000_000)));
        check(&[given(1), paused.clone(), line(3, Wish::PauseUntil(at(90)))], Consent::Confirmed, Some(at(90)));
        check(&[given(1), paused.clone(), line(3, Wish::Resume)], Consent::Confirmed, None);
        check(&[given(1), paused.clone(), given(3)], Consent::Confirmed, None);
        let imported = event(3, Action::Refreshed, Method::Import(super::super::Capture::WebForm));
        check(&[given(1), paused.clone(), imported], Consent::Confirmed, Some(at(1_800_000_000)));
        let language = line(3, Wish::Language(Language::En));
        check(&[given(1), paused, language], Consent::Confirmed, Some(at(1_800_000_000)));
    }

    #[test]
    fn the_language_is_the_one_chosen_last() {
        let chosen = |events: &[NewEvent]| replay(events).unwrap().chosen;
        let (english, french) = (line(2, Wish::Language(Language::En)), line(3, Wish::Language(Language::Fr)));
        assert_eq!(chosen(&[given(1)]), None);
        assert_eq!(chosen(&[given(1), english.clone()]), Some((Language::En, at(2))));
        assert_eq!(chosen(&[given(1), english.clone(), french]), Some((Language::Fr, at(3))));
        assert_eq!(
            chosen(&[given(1), english, given(4)]),
            None,
            "the form of a new sign-up is in a language of its own"
        );
        let address = event(2, Action::Rectified, Method::Staff("camille".into()));
        assert_eq!(chosen(&[given(1), address]), None);
    }

    #[test]
    fn a_pause_is_nothing_without_a_consent() {
        let paused = line(2, Wish::PauseUntil(at(1_800_000_000)));
        let left = event(3, Action::Withdrawn, Method::PagePost);
        check(&[given(1), paused.clone(), left.clone()], Consent::Withdrawn, None);
        check(&[given(1), left, paused.clone()], Consent::Withdrawn, None);
        check(&[event(1, Action::Requested, Method::PagePost), paused], Consent::Requested, None);
    }

    #[test]
    fn a_pause_whose_end_cannot_be_read_has_none() {
        for reason in [None, Some("until:".to_owned()), Some("soon".to_owned())] {
            let paused = NewEvent { reason, ..line(2, Wish::PauseUntil(at(9))) };
            let until = replay(&[given(1), paused]).unwrap().paused_until.unwrap();
            assert!(until > "9000-01-01T00:00:00Z".parse().unwrap(), "{until}");
            assert_eq!(until.as_microsecond() % 1_000_000, 0, "a store keeps it as it is");
        }
    }
}
