//! Keeps the signed schedule in a folder as it should be: written anew when a gate changes, when one opens or closes, every
//! hour, and when somebody else has changed the files. It is not written on a clock that is not believed: a file of tomorrow
//! would take the place of one that is good.

use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use super::{Publication, RulesInForce};
use crate::clock::Clock;
use crate::db::StoreError;
use crate::db::gates::{self, GatesVersion};
use crate::files::replace_public;
use crate::gate::{FILE_NAME, KEYS_NAME, ListedGates, SignedSchedule};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;

/// How often it is looked whether a gate has changed: how long a cancellation goes unseen by a shop that reads the file at
/// once.
pub(super) const LOOK: SignedDuration = SignedDuration::from_secs(2);

/// The loop.
pub(super) struct Publishing {
    clock: Clock,
    look: ScheduleLook,
    problems: Problems,
    rules: RulesInForce,
}

/// Knows which gates there are to publish, and whether they may be.
pub(super) struct ScheduleLook {
    engine: EngineContext,
    /// The gates, as they were when they were last read.
    known: Option<(GatesVersion, ListedGates)>,
}

/// The files, as they should be.
struct PublishedFiles {
    keys: String,
    schedule: SignedSchedule,
}

impl Publishing {
    pub(super) fn new(engine: EngineContext, problems: Problems, rules: RulesInForce) -> Self {
        Self { clock: engine.clock.clone(), look: ScheduleLook::new(engine), problems, rules }
    }
}

impl ScheduleLook {
    pub(super) fn new(engine: EngineContext) -> Self {
        Self { engine, known: None }
    }

    /// The gates as they are at `now`, read when any has changed. None on a clock that is not believed.
    pub(super) async fn gates(&mut self, now: Timestamp) -> Result<Option<ListedGates>, StoreError> {
        if self.clock_is_doubted(now).await? {
            return Ok(None);
        }
        self.newest().await.map(Some)
    }

    async fn newest(&mut self) -> Result<ListedGates, StoreError> {
        let seen = self.known.as_ref().map(|(version, _)| version.clone());
        let read = move |db: &mut _| {
            // In this order: what changes between the two is seen by the next look.
            let version = gates::version(db)?;
            if seen.as_ref() == Some(&version) {
                return Ok(None);
            }
            let listed = gates::listed(db)?;
            Ok(Some((version, listed)))
        };
        if let Some(found) = self.engine.store.read(read).await? {
            self.known = Some(found);
        }
        Ok(self.known.as_ref().map(|(_, listed)| listed.clone()).unwrap_or_default())
    }

    async fn clock_is_doubted(&self, now: Timestamp) -> Result<bool, StoreError> {
        let holds = self.engine.holds.clone();
        self.engine.store.read(move |db| holds.doubt_the_clock(db, now)).await
    }
}

impl PublishedFiles {
    /// Those of `now`.
    fn new(publication: &Publication, listed: &ListedGates, now: Timestamp) -> io::Result<Self> {
        let keys = publication.signer.keys(now).map_err(io::Error::other)?.to_json()?;
        Ok(Self { keys, schedule: publication.signer.sign(listed, now)? })
    }

    /// Writes what is not so in `folder`: the keys first, so that there is none of the file whose key is missing. Tells whether
    /// anything was.
    fn write(&self, folder: &Path) -> Result<bool, (PathBuf, io::Error)> {
        let mut written = false;
        for (name, content) in [(KEYS_NAME, &self.keys), (FILE_NAME, &self.schedule.file)] {
            let path = folder.join(name);
            let is_so = std::fs::read(&path).is_ok_and(|found| found == content.as_bytes());
            if !is_so {
                replace_public(&path, content.as_bytes()).map_err(|why| (path, why))?;
                written = true;
            }
        }
        Ok(written)
    }
}

impl Work for Publishing {
    const LOOP: Loop = Loop::Publishing;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let publication = self.rules.current().publication;
        let Some(folder) = publication.folder.clone() else {
            self.problems.end(ProblemKind::ScheduleUnpublished);
            return Ok(NextTurn::After(LOOK));
        };
        let now = self.clock.now();
        let Some(listed) = self.look.gates(now).await? else { return Ok(NextTurn::After(LOOK)) };
        let tried = tokio::task::spawn_blocking(move || {
            let files = PublishedFiles::new(&publication, &listed, now).map_err(|why| (folder.clone(), why))?;
            files.write(&folder).map(|written| (written, files.schedule))
        });
        match tried.await.map_err(|_| StoreError::Closed)? {
            Ok((written, schedule)) => {
                if written {
                    let until = crate::gate::text(schedule.claims.exp);
                    tracing::info!(gates = schedule.claims.gates.len(), until, "the schedule is published");
                }
                self.problems.end(ProblemKind::ScheduleUnpublished);
                Ok(match schedule.until() {
                    until if until < now + LOOK => NextTurn::At(until),
                    _ => NextTurn::After(LOOK),
                })
            }
            Err((path, why)) => {
                let title = ProblemKind::ScheduleUnpublished.traits().title;
                let words = format!("{title}: `{}`: {why}", path.display());
                let remedy =
                    "let the daemon's user write this folder, or see `folder` in `[gate]`; then it goes on by itself";
                self.problems.begin(ProblemKind::ScheduleUnpublished, words, remedy);
                Ok(NextTurn::After(LOOK))
            }
        }
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}
