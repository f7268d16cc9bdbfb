//! What a person is asked when a store may have forgotten something, and which answers are taken. A pure table.
//!
//! Two files beside the store are witnesses of what it may have forgotten: `carillon.sent` of messages that were handed
//! over ([`Doubt`]), the record of departures of people who left ([`Gap`]). The record comes first: once the age of the
//! store is answered for, mail begins, and by then everybody who left must be known, or a person must have said in so many
//! words that they are not.

use super::store_age::Doubt;
use crate::member::departure::Gap;

/// What the count of messages handed over tells of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// It is the latest one.
    Latest,
    /// Nothing tells.
    Unknown,
    /// It is older than what was handed over.
    Older,
}

impl StoreState {
    /// What follows from a doubt, or from there being none.
    pub fn of(doubt: Option<&Doubt>) -> Self {
        match doubt {
            None => Self::Latest,
            Some(doubt) if doubt.is_certain() => Self::Older,
            Some(_) => Self::Unknown,
        }
    }
}

/// What the record of departures tells of the people who left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// The store knows them all.
    Complete,
    /// The store lacks some that are in the record; a daemon puts them in.
    Ahead,
    /// It is gone, damaged, another one, or older than the store has seen it: nothing tells who is missing.
    Lost,
}

impl RecordState {
    /// What follows from a gap, or from there being none.
    pub fn of(gap: Option<&Gap>) -> Self {
        match gap {
            None => Self::Complete,
            Some(Gap::Ahead { .. }) => Self::Ahead,
            Some(Gap::Missing | Gap::Unreadable(_) | Gap::Unknown | Gap::Shorter { .. } | Gap::Parted) => Self::Lost,
        }
    }
}

/// What a person can answer to `mail resolve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAnswer {
    /// `--restored`: the store has forgotten what was sent since its backup.
    Restored,
    /// `--latest`: the store has forgotten nothing.
    Latest,
    /// `--departures-lost`: there is no copy of the record; what the store knows must do.
    DeparturesLost,
}

/// What is asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Nothing.
    Nothing,
    /// Nothing: the daemon puts into the store what it lacks.
    Wait,
    /// What becomes of the lost record.
    Departures,
    /// Whether the store was restored.
    Age,
    /// Nothing remains to be asked about that: it was. A person must say that they know.
    Restore,
}

impl Question {
    /// What is asked first.
    pub fn first(store: StoreState, record: RecordState) -> Self {
        use {RecordState as R, StoreState as S};
        match (store, record) {
            (S::Latest | S::Unknown | S::Older, R::Lost) => Self::Departures,
            (S::Older, R::Complete | R::Ahead) => Self::Restore,
            (S::Unknown, R::Complete | R::Ahead) => Self::Age,
            (S::Latest, R::Ahead) => Self::Wait,
            (S::Latest, R::Complete) => Self::Nothing,
        }
    }

    /// Whether `answer` is an answer to it. `--restored` may also be said of its own accord: a machine that was put back
    /// as a whole shows nothing.
    pub fn takes(self, answer: OperatorAnswer) -> bool {
        match answer {
            OperatorAnswer::Restored => self != Self::Departures,
            OperatorAnswer::Latest => matches!(self, Self::Age | Self::Wait),
            OperatorAnswer::DeparturesLost => self == Self::Departures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_takes_its_answers() {
        use OperatorAnswer::{DeparturesLost, Latest, Restored};
        for (question, taken) in [
            (Question::Nothing, &[Restored] as &[OperatorAnswer]),
            (Question::Wait, &[Restored, Latest]),
            (Question::Departures, &[DeparturesLost]),
            (Question::Age, &[Restored, Latest]),
            (Question::Restore, &[Restored]),
        ] {
            let takes: Vec<OperatorAnswer> =
                [Restored, Latest, DeparturesLost].into_iter().filter(|answer| question.takes(*answer)).collect();
            assert_eq!(takes, taken, "{question:?}");
        }
    }
}
