//! What a daemon foresees of the mailings that are applied, told before their time: at the start, every few minutes, and when what has
//! letters wait was changed.

use jiff::{SignedDuration, Timestamp};

use crate::db::{Db, StoreResult, problems};
use crate::problem::Problem;
use crate::sending::foresight::{FORESEEN, foreseen};
use crate::sending::journal::EngineContext;
use crate::sending::rests::Rests;

/// How often it is looked: the members of each mailing are counted.
const EVERY: SignedDuration = SignedDuration::from_mins(5);

/// What was foreseen when it was looked last.
pub(super) struct ForesightWatch {
    engine: EngineContext,
    looked: Option<(Timestamp, Rests)>,
    told: Option<Vec<Problem>>,
}

impl ForesightWatch {
    pub(super) fn new(engine: EngineContext) -> Self {
        Self { engine, looked: None, told: None }
    }

    /// Looks, when it is time to, and keeps what is news.
    pub(super) async fn look(&mut self) -> StoreResult<()> {
        let (now, rests) = (self.engine.clock.now(), self.engine.holds.rests());
        let is_fresh = |(at, seen): &(Timestamp, Rests)| *seen == rests && now.duration_since(*at).abs() < EVERY;
        if self.looked.as_ref().is_some_and(is_fresh) {
            return Ok(());
        }
        let asked = rests.clone();
        let found = self.engine.store.read(move |db| foreseen(db, &asked, now)).await?;
        if self.told.as_ref() != Some(&found) {
            let tell = found.clone();
            self.engine.store.write(move |db: &mut Db| problems::agree(db, &FORESEEN, &tell, now)).await?;
        }
        (self.looked, self.told) = (Some((now, rests)), Some(found));
        Ok(())
    }
}
