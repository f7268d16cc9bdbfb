//! Who goes first where there is one writer at a time: somebody who leaves. Whatever else writes gives way for a moment, so
//! that neither a flood of sign-ups nor a mailing keeps a withdrawal waiting, and goes on all the same after it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a writer gives way, at most: no crowd of those who leave keeps the rest of the work from going on.
const GIVES_WAY: Duration = Duration::from_millis(50);

/// Whose turn it is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Anybody's.
    Usual,
    /// Somebody's who goes first.
    First,
}

/// The order of writers.
#[derive(Debug, Default)]
pub(super) struct Precedence {
    /// How many go first now.
    first: Mutex<usize>,
    gone: Condvar,
}

impl Precedence {
    /// Waits while anybody goes first, and no longer than others may be kept waiting.
    pub(super) fn give_way(&self) {
        let waited = self.gone.wait_timeout_while(self.count(), GIVES_WAY, |first| *first > 0);
        drop(waited);
    }

    /// Goes first, until what is returned is dropped.
    pub(super) fn go_first(&self) -> GoesFirst<'_> {
        *self.count() += 1;
        GoesFirst(self)
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who goes first.
pub(super) struct GoesFirst<'a>(&'a Precedence);

impl Drop for GoesFirst<'_> {
    fn drop(&mut self) {
        let mut first = self.0.count();
        *first = first.saturating_sub(1);
        if *first == 0 {
            self.0.gone.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_writer_gives_way_for_a_moment_and_only_while_somebody_goes_first() {
        let precedence = Precedence::default();
        let waits = || {
            let begun = Instant::now();
            precedence.give_way();
            begun.elapsed() >= GIVES_WAY
        };
        assert!(!waits());
        let (one, other) = (precedence.go_first(), precedence.go_first());
        assert!(waits());
        drop(one);
        assert!(waits(), "the other still goes first");
        drop(other);
        assert!(!waits());
    }

    #[test]
    fn whoever_gave_way_goes_on_when_the_first_have_gone() {
        let precedence = Precedence::default();
        let first = precedence.go_first();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| precedence.give_way());
            drop(first);
            waiting.join().unwrap();
        });
        assert_eq!(*precedence.count(), 0);
    }
}
