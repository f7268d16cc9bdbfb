//! The letters watch: has every letter of every open mailing written and checked at the start, and again whenever the
//! templates or a campaign have changed, so that a mistake is a problem days before the hour, and not a silence at it.

use std::collections::BTreeMap;

use crate::db::{Db, StoreResult, problems};
use crate::delivery::review::{Looked, Review};
use crate::problem::{Problem, ProblemKind};
use crate::sending::equipment::Equipment;
use crate::sending::journal::EngineContext;

/// What the store was told of each open mailing.
pub(super) struct LetterWatch {
    engine: EngineContext,
    equipment: Equipment,
    told: BTreeMap<String, Option<Problem>>,
}

impl LetterWatch {
    pub(super) fn new(engine: EngineContext, equipment: Equipment) -> Self {
        Self { engine, equipment, told: BTreeMap::new() }
    }

    /// Looks at the letters. Returns the review, and whether a mailing can go on that could not before.
    pub(super) async fn look(&mut self) -> StoreResult<(Review, bool)> {
        let review = self.equipment.composer().review(&self.engine.store, self.engine.clock.now()).await?;
        let told: BTreeMap<_, _> = review.mailings().map(|looked| (looked.object(), looked.problem())).collect();
        // Only what is news: another daemon, with other templates, may see it otherwise.
        let news: Vec<Looked> = review
            .mailings()
            .filter(|looked| self.told.get(&looked.object()) != Some(&looked.problem()))
            .cloned()
            .collect();
        let mended = news.iter().any(|looked| looked.fault.is_none());
        if !news.is_empty() {
            let (now, tell) = (self.engine.clock.now(), news.clone());
            let write = move |db: &mut Db| {
                for looked in &tell {
                    match looked.problem() {
                        Some(problem) => problems::begin(db, &problem, now)?,
                        None => problems::end(db, ProblemKind::LetterUnwritable, &looked.object(), now)?,
                    }
                }
                Ok(())
            };
            self.engine.store.write(write).await?;
        }
        for looked in &news {
            log(looked, self.told.get(&looked.object()).is_some_and(Option::is_some));
        }
        self.told = told;
        Ok((review, mended))
    }
}

fn log(looked: &Looked, was_faulty: bool) {
    let Looked { campaign, mailing, fault, .. } = looked;
    match fault {
        Some(fault) => tracing::error!(
            %campaign,
            mailing,
            "the letters of a mailing cannot be written, so it waits: {fault}; {}",
            fault.remedy
        ),
        None if was_faulty => tracing::warn!(%campaign, mailing, "the letters of a mailing can be written again"),
        None => {}
    }
}
