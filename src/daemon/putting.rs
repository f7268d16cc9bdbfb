//! Puts the signed schedule to an address elsewhere, from where others take it: at once when it has changed, and again until it is
//! there. Only the newest is put; what it was before that nobody needs any more. Not on a clock that is not believed.
//!
//! Each is put a second time a little later: a request that was broken off, or that of another daemon, may arrive after a newer one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::RulesInForce;
use super::call_pauses::CallPauses;
use super::health::{Health, PutSeen};
use super::publishing::{LOOK, ScheduleLook};
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::clock::Clock;
use crate::db::StoreError;
use crate::gate::{CACHE_CONTROL, MEDIA_TYPE};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;
use crate::webhook::ObjectPut;

/// How long after it was taken the same file is put again: longer than a request may take.
const SETTLES: SignedDuration = SignedDuration::from_secs(30);

/// The loop.
pub(super) struct Putting {
    clock: Clock,
    look: ScheduleLook,
    health: Health,
    rules: RulesInForce,
    /// To where it was put last, and what is known of that.
    target: Option<(Arc<ObjectPut>, PutMemory)>,
}

/// What is known of the file at one address.
#[derive(Debug, Default)]
struct PutMemory {
    taken: Option<PutTaken>,
    /// The file that was not taken.
    refused: Option<String>,
    pauses: CallPauses,
    /// Since when the newest has not been there.
    missing_since: Option<Instant>,
}

/// A file that was taken.
#[derive(Debug)]
struct PutTaken {
    file: String,
    at: Timestamp,
    settled: bool,
}

impl PutMemory {
    /// Of what is put with other settings from now on. A file that was missing `before` is missing since then: that the settings were read
    /// anew has brought it nowhere.
    fn anew(before: Option<Self>) -> Self {
        Self { missing_since: before.and_then(|before| before.missing_since), ..Self::default() }
    }

    /// Whether `file`, which is the newest, is to be put at `now`. After a failure that waits for the end of a pause, but not when it is
    /// another file than the one that failed.
    fn is_due(&self, file: &str, now: Timestamp) -> bool {
        if self.refused.as_deref() == Some(file) {
            return !self.pauses.last(now);
        }
        match &self.taken {
            // The distance, not the order: a clock may have been set back since.
            Some(taken) if taken.file == file => !taken.settled && now.duration_since(taken.at).abs() >= SETTLES,
            _ => true,
        }
    }

    /// Whether it is known that `file` was taken last.
    fn has(&self, file: &str) -> bool {
        self.taken.as_ref().is_some_and(|taken| taken.file == file)
    }

    /// `file` was taken at `now`. Tells whether it is another than before.
    fn took(&mut self, file: String, now: Timestamp) -> bool {
        let again = self.has(&file);
        self.taken = Some(PutTaken { file, at: now, settled: again });
        self.refused = None;
        self.pauses.end();
        !again
    }

    /// `file` was not taken, or nobody knows.
    fn refused(&mut self, file: String, now: Timestamp) {
        self.refused = Some(file);
        self.pauses.failed(now);
    }

    /// What is known when `file` is the newest, at `now`.
    fn seen(&mut self, file: &str, now: Instant) -> PutSeen {
        if self.has(file) {
            self.missing_since = None;
            return PutSeen::There;
        }
        PutSeen::MissingSince(*self.missing_since.get_or_insert(now))
    }
}

impl Putting {
    pub(super) fn new(engine: EngineContext, health: Health, rules: RulesInForce) -> Self {
        Self { clock: engine.clock.clone(), look: ScheduleLook::new(engine), health, rules, target: None }
    }
}

impl Work for Putting {
    const LOOP: Loop = Loop::Putting;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let publication = self.rules.current().publication;
        let Some(put) = publication.put else {
            self.target = None;
            self.health.note_put(None);
            self.health.problems().end(ProblemKind::ScheduleNotPut);
            return Ok(NextTurn::After(LOOK));
        };
        // After the settings were read anew, with another token perhaps, it is put at once.
        if self.target.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, &put)) {
            let before = self.target.take().map(|(_, memory)| memory);
            self.target = Some((Arc::clone(&put), PutMemory::anew(before)));
        }
        let Some((_, memory)) = &mut self.target else { return Ok(NextTurn::After(LOOK)) };
        let now = self.clock.now();
        let Some(listed) = self.look.gates(now).await? else { return Ok(NextTurn::After(LOOK)) };
        let schedule = publication
            .signer
            .sign(&listed, now)
            .map_err(|why| StoreError::corrupt("the schedule of gates", why.to_string()))?;
        let file = schedule.file.as_str();
        if memory.is_due(file, now) {
            self.health.note_put(Some(memory.seen(file, Instant::now())));
            let tried = put.put(file.to_owned(), MEDIA_TYPE, CACHE_CONTROL).await;
            let now = self.clock.now();
            match tried {
                Ok(status) => {
                    if memory.took(file.to_owned(), now) {
                        let gates = schedule.claims.gates.len();
                        tracing::info!(host = put.host(), %status, gates, "the signed schedule was put");
                    }
                    self.health.problems().end(ProblemKind::ScheduleNotPut);
                }
                Err(failure) => {
                    memory.refused(file.to_owned(), now);
                    // One that was taken before is there, whatever became of the second time.
                    if !memory.has(file) {
                        let words = format!("{}: {failure}", ProblemKind::ScheduleNotPut.traits().title);
                        let remedy = "mend it, or see `[gate.put]`; the newest one is put again by itself";
                        self.health.problems().begin(ProblemKind::ScheduleNotPut, words, remedy);
                    }
                }
            }
        }
        self.health.note_put(Some(memory.seen(file, Instant::now())));
        Ok(match schedule.until() {
            until if until < now + LOOK => NextTurn::At(until),
            _ => NextTurn::After(LOOK),
        })
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_is_put_until_it_is_there() {
        let start: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        let mut memory = PutMemory::default();
        assert!(memory.is_due("one", start));
        memory.refused("one".to_owned(), start);
        assert!(!memory.is_due("one", after(4)) && memory.is_due("one", after(5)));
        assert!(memory.is_due("two", after(1)), "a newer one waits for no pause");
        memory.refused("two".to_owned(), after(1));
        assert!(!memory.is_due("two", after(10)) && memory.is_due("two", after(11)), "the pause is the longer one");
        assert!(memory.took("two".to_owned(), after(11)));
        assert!(!memory.is_due("two", after(40)), "it is there");
        assert!(memory.is_due("two", after(41)), "and is put a second time");
        memory.refused("two".to_owned(), after(41));
        assert!(!memory.is_due("two", after(45)) && memory.is_due("two", after(46)), "a second time that failed");
        assert!(!memory.took("two".to_owned(), after(46)));
        assert!(!memory.is_due("two", after(9_000)));
        assert!(memory.is_due("three", after(9_000)));
    }

    #[test]
    fn how_long_the_newest_is_missing_is_known() {
        let at: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
        let (mut memory, start) = (PutMemory::default(), Instant::now());
        let later = start + std::time::Duration::from_mins(1);
        assert_eq!(memory.seen("one", start), PutSeen::MissingSince(start));
        assert_eq!(memory.seen("two", later), PutSeen::MissingSince(start), "none of them came");
        memory.took("two".to_owned(), at);
        assert_eq!(memory.seen("two", later), PutSeen::There);
        assert_eq!(memory.seen("three", later), PutSeen::MissingSince(later));
        let mut memory = PutMemory::anew(Some(memory));
        let after = later + std::time::Duration::from_mins(1);
        assert_eq!(memory.seen("three", after), PutSeen::MissingSince(later), "a reload brings nothing there");
        memory.took("three".to_owned(), at);
        assert_eq!(memory.seen("three", after), PutSeen::There);
        assert_eq!(PutMemory::anew(Some(memory)).seen("three", after), PutSeen::MissingSince(after));
    }
}
