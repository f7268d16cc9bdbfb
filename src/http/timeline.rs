//! What an answer is over time: one answer from each change to the next, written once and then kept.

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};

/// How many answers are written ahead.
const AHEAD: usize = 8;

/// An answer for every instant. It is another one only at the changes, so which one holds is found by comparing instants,
/// when somebody asks: nothing has to be exchanged at the change.
#[derive(Debug)]
pub(super) struct Timeline<T> {
    /// When the answer becomes another one, in order.
    changes: Vec<Timestamp>,
    /// The answers: before the first change, and from each change on.
    answers: Vec<OnceLock<Arc<T>>>,
}

/// An answer, and until when it is this one.
pub(super) struct AnswerInForce<T> {
    pub(super) answer: Arc<T>,
    pub(super) until: Option<Timestamp>,
}

impl<T> Timeline<T> {
    /// Becomes another one at `changes`, in any order.
    pub(super) fn new(changes: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut changes: Vec<Timestamp> = changes.into_iter().collect();
        changes.sort_unstable();
        changes.dedup();
        let answers = (0..=changes.len()).map(|_| OnceLock::new()).collect();
        Self { changes, answers }
    }

    /// What holds at `at`. What has not been written yet is written by `write`, which is told the first instant at which it
    /// holds, or one shortly before the first change: never when somebody asks, so that it cannot get into what is written.
    pub(super) fn at<E>(
        &self,
        at: Timestamp,
        write: impl FnOnce(Timestamp) -> Result<T, E>,
    ) -> Result<AnswerInForce<T>, E> {
        let step = self.changes.partition_point(|change| *change <= at);
        Ok(AnswerInForce { answer: self.answer(step, write)?, until: self.changes.get(step).copied() })
    }

    /// Writes what holds at `from` and what comes after it, as far as that is not written yet. What comes long after is written when
    /// somebody asks.
    pub(super) fn prepare<E>(
        &self,
        from: Timestamp,
        mut write: impl FnMut(Timestamp) -> Result<T, E>,
    ) -> Result<(), E> {
        let first = self.changes.partition_point(|change| *change <= from);
        (first..self.answers.len()).take(AHEAD).try_for_each(|step| self.answer(step, &mut write).map(drop))
    }

    fn answer<E>(&self, step: usize, write: impl FnOnce(Timestamp) -> Result<T, E>) -> Result<Arc<T>, E> {
        let kept = self.answers.get(step);
        if let Some(answer) = kept.and_then(OnceLock::get) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(write(self.representative(step))?);
        // Two who ask at once write the same.
        Ok(Arc::clone(kept.map_or(&answer, |kept| kept.get_or_init(|| Arc::clone(&answer)))))
    }

    fn representative(&self, step: usize) -> Timestamp {
        let begins = step.checked_sub(1).and_then(|before| self.changes.get(before)).copied();
        let before_all = || {
            let first = self.changes.first().copied().unwrap_or(Timestamp::UNIX_EPOCH);
            first.checked_sub(SignedDuration::from_millis(1)).unwrap_or(first)
        };
        begins.unwrap_or_else(before_all)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn an_answer_is_another_one_exactly_at_a_change() {
        let timeline = Timeline::new([at(2000), at(1000), at(2000)]);
        for (asked, said, until) in [
            (0, 999, Some(1000)),
            (999, 999, Some(1000)),
            (1000, 1000, Some(2000)),
            (1999, 1000, Some(2000)),
            (2000, 2000, None),
            (9000, 2000, None),
            (0, 999, Some(1000)),
        ] {
            let shown = timeline.at(at(asked), |at| Ok::<_, Infallible>(at.as_millisecond())).unwrap();
            assert_eq!((*shown.answer, shown.until), (said, until.map(at)), "at {asked}");
        }
    }

    #[test]
    fn what_was_prepared_is_not_written_again() {
        let timeline = Timeline::new([at(1000), at(2000)]);
        timeline.prepare(at(1500), |at| Ok::<_, Infallible>(at.as_millisecond())).unwrap();
        for asked in [1500, 2000] {
            assert!(timeline.at(at(asked), |_| Err(())).is_ok());
        }
        assert!(timeline.at(at(0), |_| Err(())).is_err(), "what is past is not prepared");
        assert!(
            timeline.at(at(0), |at| Ok::<_, Infallible>(at.as_millisecond())).is_ok(),
            "what could not be written is tried again"
        );
    }

    proptest! {
        /// An answer is never given outside the stretch for which it was written.
        #[test]
        fn an_answer_holds_when_it_is_given(changes in prop::collection::vec(0_i64..5000, 0..8), asked in 0_i64..5000) {
            let timeline = Timeline::new(changes.iter().map(|change| at(*change)));
            let shown = timeline.at(at(asked), |at| Ok::<_, Infallible>(at.as_millisecond())).unwrap();
            let between = |from: i64, to: i64| changes.iter().any(|change| from < *change && *change <= to);
            prop_assert!(!between((*shown.answer).min(asked), asked));
            prop_assert!(shown.until.is_none_or(|until| at(asked) < until && !between(asked, until.as_millisecond() - 1)));
        }
    }
}
