//! Keeps the store and the record of departures together: before anything is planned, and with every step of the
//! planner, whatever the store has not seen of the record is put into it.

use super::problems::Problems;
use crate::db::catch_up::CaughtUp;
use crate::db::{StoreError, StoreResult};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;

pub(super) async fn catch_up(engine: &EngineContext, problems: &Problems) -> StoreResult<()> {
    let CaughtUp { unseen, ended, entered, behind } = caught_up(engine).await?;
    if unseen > 0 {
        tracing::warn!(unseen, ended, "departures that the store did not hold were put in from the record");
    }
    if entered > 0 {
        tracing::info!(entered, "departures that were owed to the record are in it");
    }
    if behind {
        let words = "the record of departures cannot be written: who leaves is in the store alone";
        let remedy =
            "see why in the daemon's log; give the daemon's user the file that `departures` in `[store]` names";
        problems.begin(ProblemKind::DeparturesUnwritten, words, remedy);
    } else {
        problems.end(ProblemKind::DeparturesUnwritten);
    }
    Ok(())
}

async fn caught_up(engine: &EngineContext) -> StoreResult<CaughtUp> {
    let (leaving, now) = (engine.leaving.clone(), engine.clock.now());
    let caught_up = tokio::task::spawn_blocking(move || {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| StoreError::Closed)?;
        leaving.catch_up_blocking(seed, now)
    });
    caught_up.await.map_err(|_| StoreError::Closed)?
}
