//! What comes back is taken in: messages in a Maildir, and what the relay refused while it was asked. Then it is decided what follows.
//!
//! A message is read once: it goes from `new` to `cur` when what it said is in the store. One that cannot be read stays, and is
//! told. What this daemon has read it removes after 14 days; messages of others in the folder it leaves alone.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::health::Health;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::bounce::{self, BounceTable, MOST_BYTES};
use crate::db::intake::Intake;
use crate::db::{StoreError, StoreResult};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;
use crate::sending::progress::Pulse;

/// How often it is looked.
const LOOK: SignedDuration = SignedDuration::from_secs(10);

/// How many messages are read in one turn, so that stopping does not wait long.
const AT_ONCE: usize = 500;

/// How long a message is kept after it was read (C-34).
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How often it is looked for those that are too old.
const SWEEP: SignedDuration = SignedDuration::from_hours(1);

/// What the name of a message ends with that this daemon has read: a word of ours before the flag *seen*.
const READ: &str = ".carillon:2,S";

/// What comes back, and where.
#[derive(Clone, Debug)]
pub struct ReturnedMail {
    /// Takes it in.
    pub intake: Intake,
    /// The Maildir in which it arrives, if it arrives in one.
    pub maildir: Option<PathBuf>,
}

/// The loop.
pub(super) struct Returning {
    engine: EngineContext,
    mail: ReturnedMail,
    health: Health,
    swept_at: Timestamp,
}

impl Returning {
    pub(super) fn new(engine: EngineContext, mail: ReturnedMail, health: Health) -> Self {
        Self { engine, mail, health, swept_at: Timestamp::MIN }
    }
}

impl Work for Returning {
    const LOOP: Loop = Loop::Returning;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let (now, holds) = (self.engine.clock.now(), Arc::clone(&self.engine.holds));
        let held = !self.engine.store.read(move |db| holds.ask(db, now)).await?.is_empty();
        let sweep = !held && now.duration_since(self.swept_at).abs() >= SWEEP;
        let (mail, pulse) = (self.mail.clone(), self.health.progress(Loop::Returning).clone());
        // Who leaves leaves whatever holds the mail; what ends an address waits for a clock that is believed.
        let turn = tokio::task::spawn_blocking(move || turn(&mail, (held, sweep), &pulse, now));
        let seen = turn.await.map_err(|_| StoreError::Closed)??;
        if sweep {
            self.swept_at = now;
        }
        let problems = self.health.problems();
        match seen.fault {
            Some(fault) => problems.begin(ProblemKind::ReportsUnread, fault, REMEDY),
            None => problems.end(ProblemKind::ReportsUnread),
        }
        if seen.given_up > 0 {
            tracing::info!(seen.given_up, seen.waiting, "addresses at which nobody is are given up");
        }
        Ok(if seen.more { NextTurn::After(SignedDuration::ZERO) } else { NextTurn::After(LOOK) })
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

const REMEDY: &str = "give the daemon's user the folder that `maildir` in `[bounces]` names, with `new` and `cur` in it, and what is in it";

/// What a turn has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Why something could not be read.
    fault: Option<String>,
    given_up: u64,
    waiting: u64,
    /// Whether there is more to read at once.
    more: bool,
}

fn turn(mail: &ReturnedMail, (held, sweep): (bool, bool), pulse: &Pulse, now: Timestamp) -> StoreResult<Seen> {
    let mut seen = Seen::default();
    if let Some(maildir) = &mail.maildir {
        match waiting(maildir) {
            Ok(files) => {
                seen.more = files.len() > AT_ONCE;
                let mut unread = 0_u32;
                for file in files.iter().take(AT_ONCE) {
                    pulse.made();
                    if let Err(error) = take(&mail.intake, maildir, file, now)? {
                        unread += 1;
                        seen.fault = Some(format!("{}: {error}", ProblemKind::ReportsUnread.traits().title));
                    }
                }
                // What cannot be read stays in the way: it must not keep the daemon busy.
                seen.more &= unread == 0;
            }
            Err(error) => seen.fault = Some(format!("{}: {error}", ProblemKind::ReportsUnread.traits().title)),
        }
        if sweep && let Err(error) = remove_old(maildir, now) {
            seen.fault = Some(format!("{}: {error}", ProblemKind::ReportsUnread.traits().title));
        }
    }
    if !held {
        mail.intake.read_refusals_blocking(now)?;
        let judged = mail.intake.judge_blocking(now)?;
        (seen.given_up, seen.waiting) = (judged.given_up, judged.waiting);
    }
    Ok(seen)
}

/// The messages in `new`, in the order of their names, which begin with the time.
fn waiting(maildir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(maildir.join("new"))? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Takes in one message and moves it to `cur`. The outer error is the store's, which the whole turn waits for.
fn take(intake: &Intake, maildir: &Path, file: &Path, now: Timestamp) -> StoreResult<io::Result<()>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    match fs::File::open(file).and_then(|opened| opened.take(most).read_to_end(&mut bytes)) {
        Ok(_) => {}
        // Another daemon has read it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(())),
        Err(error) => return Ok(Err(error)),
    }
    let taken = match intake.take_blocking(&bounce::read(&bytes, None, BounceTable::built_in()), now) {
        // The store is well. The message stays where it is until the keys are back.
        Err(StoreError::KeysMissing(missing)) => return Ok(Err(io::Error::other(missing))),
        taken => taken?,
    };
    tracing::debug!(?taken, "a message that came back is taken in");
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let base = name.split(':').next().unwrap_or_default();
    match fs::rename(file, maildir.join("cur").join(format!("{base}{READ}"))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Ok(Err(error)),
        _ => Ok(Ok(())),
    }
}

/// Removes what this daemon read long enough ago.
fn remove_old(maildir: &Path, now: Timestamp) -> io::Result<()> {
    let before = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    for entry in fs::read_dir(maildir.join("cur"))? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().ends_with(READ) {
            continue;
        }
        // When it arrived: moving a file does not change that. One that is gone has been removed by another daemon.
        let arrived = entry.metadata().and_then(|data| data.modified()).ok();
        if arrived.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at < before) {
            fs::remove_file(entry.path())
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        }
    }
    Ok(())
}
