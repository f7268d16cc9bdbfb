//! What daemons that are gone had claimed goes to those that live, by the same steps as at the end of a lease: what was not
//! handed over goes back to the queue, and what was is in doubt.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::failure_detector::LastBeat;
use super::told::tell;
use crate::db::deliveries::{self, Leases};
use crate::db::{Db, StoreResult, heartbeats, problems};
use crate::sending::journal::EngineContext;
use crate::sending::planner::PlannerEvent;

/// A daemon that is gone, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// By the lock of this folder, which the kernel has taken from it.
    Ended(String),
    /// By its heartbeat, which is still this one.
    Silent(String, LastBeat),
}

impl Gone {
    fn name(&self) -> &str {
        let (Self::Ended(name) | Self::Silent(name, _)) = self;
        name
    }

    /// Whether that is still so. A heartbeat may have come since it was looked at.
    fn stands(&self, beats: &BTreeMap<String, Timestamp>) -> bool {
        match self {
            Self::Ended(_) => true,
            Self::Silent(name, beat) => beats.get(name) == beat.as_ref(),
        }
    }
}

/// Forgets the daemons `gone` with what they had met, and takes back what they had claimed, unless there is a reason to hold.
/// Says whether anything was taken back.
pub(super) async fn take_over(engine: &EngineContext, gone: Vec<Gone>) -> StoreResult<bool> {
    let (now, holds) = (engine.clock.now(), Arc::clone(&engine.holds));
    let change = move |db: &mut Db| {
        let beats: BTreeMap<String, Timestamp> = heartbeats::list(db)?.into_iter().collect();
        let names: Vec<String> =
            gone.iter().filter(|one| one.stands(&beats)).map(|one| one.name().to_owned()).collect();
        for name in &names {
            heartbeats::forget(db, name)?;
        }
        // One that stopped in order has none.
        let missed: Vec<String> = names.iter().filter(|name| beats.contains_key(*name)).cloned().collect();
        problems::end_of_daemons(db, |name| !names.iter().any(|gone| gone == name), now)?;
        let leases = Leases::Of(names);
        let taken_back = if leases == Leases::Of(Vec::new()) || !holds.ask(db, now)?.is_empty() {
            None
        } else {
            let marks = holds.marks().left_by(&leases);
            Some((deliveries::reap(db, &leases, &marks, now)?, leases))
        };
        Ok((missed, taken_back))
    };
    let (missed, taken_back) = engine.store.write(change).await?;
    let (put_back, in_doubt) = taken_back.map_or((0, 0), |(counts, leases)| {
        engine.holds.marks().forget(&leases);
        counts
    });
    for daemon in missed {
        tracing::warn!(daemon, "this daemon is gone, or has been silent for so long that it is taken for dead");
    }
    if put_back + in_doubt == 0 {
        return Ok(false);
    }
    tell(&PlannerEvent::Reaped { put_back, in_doubt });
    Ok(true)
}
