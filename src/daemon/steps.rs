//! How every loop of the daemon goes on: turn after turn, and after a fault again. The one table of what a fault means,
//! and of how long is waited after it.

use std::pin::pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::health::Health;
use crate::clock::Clock;
use crate::db::{StoreError, Trouble};
use crate::problem::ProblemKind;
use crate::sending::back_off::doubled;
use crate::sending::dispatcher::DispatchError;

/// The longest that a loop waits before it looks again, whatever it waits for: one that has not for long hangs.
const LOOKS_AGAIN: std::time::Duration = std::time::Duration::from_mins(1);

/// The loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loop {
    /// Begins and ends mailings.
    Planner,
    /// Sends.
    Dispatcher,
    /// Tries relays that could not be used.
    RelayWatch,
    /// Writes the heartbeat, and looks at those of others.
    Heartbeat,
    /// Ends what the clocks of retention say.
    Keeper,
    /// Watches the calendar overrides.
    LawWatch,
    /// Anchors the ledger.
    Anchoring,
    /// Sends the letters that are about a consent, and deletes sign-ups that nobody confirmed.
    Confirmations,
    /// Takes in what comes back.
    Returning,
    /// Tries whether people can leave.
    Canary,
    /// Writes the signed schedule to a folder.
    Publishing,
    /// Puts it where others take it.
    Putting,
    /// Tells somebody of problems.
    Alerting,
    /// Tells shops of gates.
    Calling,
}

impl Loop {
    pub(super) const ALL: [Self; 14] = [
        Self::Planner,
        Self::Dispatcher,
        Self::RelayWatch,
        Self::Heartbeat,
        Self::Keeper,
        Self::LawWatch,
        Self::Anchoring,
        Self::Confirmations,
        Self::Returning,
        Self::Canary,
        Self::Publishing,
        Self::Putting,
        Self::Alerting,
        Self::Calling,
    ];

    /// Its name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Dispatcher => "dispatcher",
            Self::RelayWatch => "relay watch",
            Self::Heartbeat => "heartbeat",
            Self::Keeper => "keeper",
            Self::LawWatch => "law watch",
            Self::Anchoring => "anchoring",
            Self::Confirmations => "sender of confirmations",
            Self::Returning => "intake of returned mail",
            Self::Canary => "canary",
            Self::Publishing => "publication of the schedule",
            Self::Putting => "upload of the schedule",
            Self::Alerting => "alerting",
            Self::Calling => "webhook of the gates",
        }
    }
}

/// When the next turn is, unless something happens before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextTurn {
    /// When the clock shows this.
    At(Timestamp),
    /// After so long, whatever becomes of the clock.
    After(SignedDuration),
    /// Only when something happens.
    Woken,
}

/// Why a turn could not be finished.
#[derive(Debug, thiserror::Error)]
pub(super) enum TurnError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dispatcher had to stop.
    #[error(transparent)]
    Sending(#[from] DispatchError),
    /// The canary could not leave.
    #[error("{0}")]
    LeavePath(String),
}

impl TurnError {
    fn trouble(&self) -> Trouble {
        match self {
            Self::Store(error) | Self::Sending(DispatchError::Store(error)) => error.trouble(),
            Self::Sending(DispatchError::Journal { trouble, .. }) => *trouble,
            Self::Sending(DispatchError::Sender) | Self::LeavePath(_) => Trouble::Refused,
        }
    }
}

/// What a loop has met and gets over by itself, or with the help of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoopFault {
    pub(super) kind: ProblemKind,
    pub(super) words: String,
    pub(super) remedy: &'static str,
}

/// What follows from an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// The turn is tried again, after `first`, doubled with each time in a row up to `longest`.
    Again { fault: LoopFault, first: SignedDuration, longest: SignedDuration },
    /// It can never succeed: the daemon ends.
    Never,
}

/// The table.
pub(super) fn judge(who: Loop, error: &TurnError) -> Ruling {
    let seconds = SignedDuration::from_secs;
    let (kind, words, (first, longest)) = match error.trouble() {
        Trouble::Locked => {
            (ProblemKind::StoreLocked, ProblemKind::StoreLocked.traits().title.to_owned(), (seconds(1), seconds(10)))
        }
        Trouble::Unwritable => (ProblemKind::StoreUnwritable, said(error), (seconds(1), seconds(10))),
        Trouble::Refused => {
            let kind = match who {
                Loop::Planner | Loop::Dispatcher | Loop::RelayWatch => ProblemKind::SendingFailed,
                Loop::Heartbeat
                | Loop::Keeper
                | Loop::LawWatch
                | Loop::Anchoring
                | Loop::Confirmations
                | Loop::Returning
                | Loop::Publishing
                | Loop::Putting
                | Loop::Alerting
                | Loop::Calling => ProblemKind::UpkeepFailed,
                Loop::Canary => ProblemKind::LeavePathBroken,
            };
            let words = format!("{}: {error}; it is tried again", kind.traits().title);
            // Mailings wait for the canary, which only asks; and who is silent for long is taken for dead.
            let pauses = if matches!(who, Loop::Canary | Loop::Heartbeat) { (1, 10) } else { (5, 60) };
            (kind, words, (seconds(pauses.0), seconds(pauses.1)))
        }
        Trouble::Unusable => return Ruling::Never,
    };
    let remedy = kind.usual_remedy();
    Ruling::Again { fault: LoopFault { kind, words, remedy }, first, longest }
}

/// The store's words, whoever was told them.
fn said(error: &TurnError) -> String {
    match error {
        TurnError::Sending(DispatchError::Journal { why, .. }) => why.clone(),
        error => error.to_string(),
    }
}

/// What a loop does.
pub(super) trait Work {
    /// Which it is.
    const LOOP: Loop;

    /// Does what is due, and says when there will be more.
    fn turn(&mut self) -> impl Future<Output = Result<NextTurn, TurnError>> + Send;

    /// What tells in the middle of a turn that it goes well: only of turns that last as long as a mailing.
    fn going_well(&self) -> Option<Arc<Notify>> {
        None
    }

    /// Waits until there may be more before that.
    fn woken(&self) -> impl Future<Output = ()> + Send;
}

/// Does the turns of `work` until `stop`. A fault that may pass ends nothing: it is reported, and the turn is tried again.
///
/// # Errors
/// The one that never passes.
pub(super) async fn repeat<W: Work>(
    work: &mut W,
    health: &Health,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<(), TurnError> {
    let mut in_a_row = 0;
    while !stop.is_cancelled() {
        health.progress(W::LOOP).made();
        // A fault is over when a long turn goes well, not when it ends.
        let well = work.going_well().filter(|_| in_a_row > 0);
        let done = {
            let mut turn = pin!(work.turn());
            tokio::select! {
                // Listened for before the turn begins: it may ring at once.
                biased;
                () = heard(well) => {
                    health.report(W::LOOP, None);
                    turn.await
                }
                done = &mut turn => done,
            }
        };
        match done {
            Ok(next) => {
                in_a_row = 0;
                health.report(W::LOOP, None);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = work.woken() => {}
                    () = wait(clock, next) => {}
                    () = tokio::time::sleep(LOOKS_AGAIN) => {}
                }
            }
            Err(error) => {
                let Ruling::Again { fault, first, longest } = judge(W::LOOP, &error) else { return Err(error) };
                let pause = doubled(first, longest, in_a_row);
                in_a_row += 1;
                health.report(W::LOOP, Some((fault, &error)));
                // Not woken early: the wake-ups come with every tick.
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = clock.sleep_for(pause) => {}
                }
            }
        }
    }
    Ok(())
}

async fn heard(well: Option<Arc<Notify>>) {
    match well {
        Some(well) => well.notified().await,
        None => std::future::pending().await,
    }
}

async fn wait(clock: &Clock, next: NextTurn) {
    match next {
        NextTurn::At(instant) => clock.sleep_until(instant).await,
        NextTurn::After(pause) => clock.sleep_for(pause).await,
        NextTurn::Woken => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> StoreError {
        StoreError::corrupt("a counter", "many")
    }

    #[track_caller]
    fn check(who: Loop, error: impl Into<TurnError>, expected: Option<(ProblemKind, i64, i64)>) {
        let verdict = match judge(who, &error.into()) {
            Ruling::Again { fault, first, longest } => Some((fault.kind, first.as_secs(), longest.as_secs())),
            Ruling::Never => None,
        };
        assert_eq!(verdict, expected, "{who:?}");
    }

    #[test]
    fn what_passes_ends_no_loop() {
        let unwritable = || StoreError::Unwritable { why: "database or disk is full".into() };
        let journal = |trouble| DispatchError::Journal { why: "it is full".into(), trouble };
        for who in Loop::ALL {
            check(who, StoreError::Busy, Some((ProblemKind::StoreLocked, 1, 10)));
            check(who, unwritable(), Some((ProblemKind::StoreUnwritable, 1, 10)));
            check(who, StoreError::Lost { why: "gone".into() }, Some((ProblemKind::StoreUnwritable, 1, 10)));
            check(who, StoreError::Locked { lock: "carillon.db.lock".into() }, None);
        }
        check(Loop::Planner, refused(), Some((ProblemKind::SendingFailed, 5, 60)));
        check(Loop::Heartbeat, refused(), Some((ProblemKind::UpkeepFailed, 1, 10)));
        check(Loop::Keeper, refused(), Some((ProblemKind::UpkeepFailed, 5, 60)));
        check(Loop::LawWatch, refused(), Some((ProblemKind::UpkeepFailed, 5, 60)));
        check(Loop::Confirmations, refused(), Some((ProblemKind::UpkeepFailed, 5, 60)));
        let broken = TurnError::LeavePath("it is answered with 503".into());
        check(Loop::Canary, broken, Some((ProblemKind::LeavePathBroken, 1, 10)));
        check(Loop::Dispatcher, DispatchError::Sender, Some((ProblemKind::SendingFailed, 5, 60)));
        check(Loop::Dispatcher, journal(Trouble::Unwritable), Some((ProblemKind::StoreUnwritable, 1, 10)));
        check(Loop::Dispatcher, journal(Trouble::Locked), Some((ProblemKind::StoreLocked, 1, 10)));
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds = SignedDuration::from_secs;
        let pauses = [0, 1, 2, 3, 4, 5, 40, u32::MAX].map(|n| doubled(seconds(1), seconds(10), n).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 10, 10, 10, 10]);
    }

    /// Fails, then succeeds, then is stopped.
    struct Faulty {
        outcomes: Vec<Result<NextTurn, TurnError>>,
        stop: CancellationToken,
    }

    impl Work for Faulty {
        const LOOP: Loop = Loop::Planner;

        async fn turn(&mut self) -> Result<NextTurn, TurnError> {
            let outcome = self.outcomes.pop().unwrap();
            if self.outcomes.is_empty() {
                self.stop.cancel();
            }
            outcome
        }

        async fn woken(&self) {}
    }

    async fn run(outcomes: Vec<Result<NextTurn, TurnError>>) -> (Health, Result<(), TurnError>) {
        let (clock, stop) = (Clock::manual("2027-01-02T07:00:00Z".parse().unwrap()), CancellationToken::new());
        let health = Health::new("daemon-1", clock.clone());
        let mut work = Faulty { outcomes: outcomes.into_iter().rev().collect(), stop: stop.clone() };
        let time_goes_by = async {
            loop {
                clock.advance_to(clock.now() + SignedDuration::from_secs(1));
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::select! {
            ended = repeat(&mut work, &health, &clock, &stop) => ended,
            () = time_goes_by => Ok(()),
        };
        (health, ended)
    }

    #[tokio::test]
    async fn a_loop_goes_on_after_a_fault_and_says_that_it_does() {
        let busy = || Err(StoreError::Busy.into());
        let (health, ended) = run(vec![busy(), busy(), Ok(NextTurn::Woken)]).await;
        assert!(ended.is_ok() && health.ready().is_ok());
        let (health, ended) = run(vec![Ok(NextTurn::Woken), busy()]).await;
        assert!(ended.is_ok());
        assert_eq!(health.ready(), Err(vec![ProblemKind::StoreLocked]));
        let (_, ended) = run(vec![Err(StoreError::Locked { lock: "it".into() }.into()), Ok(NextTurn::Woken)]).await;
        assert!(ended.is_err(), "what never passes ends the loop");
    }

    /// Fails, then has a turn that lasts until it is stopped, and that rings when it goes well.
    struct LongTurn {
        has_failed: bool,
        well: Arc<Notify>,
        stop: CancellationToken,
    }

    impl Work for LongTurn {
        const LOOP: Loop = Loop::Dispatcher;

        async fn turn(&mut self) -> Result<NextTurn, TurnError> {
            if !std::mem::replace(&mut self.has_failed, true) {
                return Err(StoreError::Busy.into());
            }
            self.well.notify_waiters();
            self.stop.cancelled().await;
            Ok(NextTurn::Woken)
        }

        fn going_well(&self) -> Option<Arc<Notify>> {
            Some(Arc::clone(&self.well))
        }

        async fn woken(&self) {
            std::future::pending::<()>().await;
        }
    }

    #[tokio::test]
    async fn a_fault_is_over_when_a_long_turn_goes_well_and_not_when_it_ends() {
        let (clock, stop) = (Clock::manual("2027-01-02T07:00:00Z".parse().unwrap()), CancellationToken::new());
        let health = Health::new("daemon-1", clock.clone());
        let mut work = LongTurn { has_failed: false, well: Arc::default(), stop: stop.clone() };
        let (seen, now, end) = (health.clone(), clock.clone(), stop.clone());
        let running = tokio::spawn(async move { repeat(&mut work, &seen, &now, &end).await });
        let until = async |met: bool| {
            let seen = async {
                while health.met().contains(&ProblemKind::StoreLocked) != met {
                    tokio::task::yield_now().await;
                }
            };
            assert!(tokio::time::timeout(std::time::Duration::from_secs(30), seen).await.is_ok(), "{met}");
        };
        until(true).await;
        clock.advance_to(clock.now() + SignedDuration::from_secs(1));
        until(false).await;
        assert!(!running.is_finished(), "the turn goes on");
        stop.cancel();
        running.await.unwrap().unwrap();
    }
}
