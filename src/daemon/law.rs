//! The law watch: notices new calendar overrides without a restart, and holds the campaigns whose legal dates have moved.
//!
//! A held campaign's gate keeps the applied schedule and its unsent mailings wait until a person applies it again. When
//! the calendar says again what it said at the apply, the hold ends by itself. Nothing moves silently.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::problems::Problems;
use crate::calendar::Calendar;
use crate::campaign::CampaignState;
use crate::config::calendar_overrides;
use crate::db::campaigns;
use crate::db::{Db, StoreResult};
use crate::document::Document;
use crate::problem::ProblemKind;
use crate::sending::journal::Desk;

/// How often the folder is looked at.
const LOOK: SignedDuration = SignedDuration::from_secs(15);

pub(super) async fn watch(desk: Desk, problems: Problems, folder: PathBuf, stop: CancellationToken) {
    let mut known: Option<Vec<Document>> = None;
    while !stop.is_cancelled() {
        if let Err(error) = look(&desk, &problems, &folder, &mut known).await {
            // What could not be acted on is looked at again: a store that is busy for a moment ends nothing.
            known = None;
            tracing::error!(error = &error as &dyn std::error::Error, "the law watch could not use the store");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = desk.clock.sleep_for(LOOK) => {}
        }
    }
}

/// Acts on what changed in the folder since it was `known`.
async fn look(desk: &Desk, problems: &Problems, folder: &Path, known: &mut Option<Vec<Document>>) -> StoreResult<()> {
    let now = desk.clock.now();
    let Some(documents) = changed(folder, known.as_deref()) else { return Ok(()) };
    match Calendar::built_in().with_overrides(&documents) {
        Ok(calendar) => {
            problems.end(ProblemKind::CalendarUnusable).await;
            desk.store.write(move |db| hold_what_moved(db, &calendar, now)).await?;
        }
        Err(findings) => {
            if let Some(first) = findings.first() {
                let words = format!("the calendar overrides are not used: {}: {}", first.place, first.message);
                problems.begin(ProblemKind::CalendarUnusable, words, &first.remedy).await;
            }
            for finding in findings {
                let place = finding.place.to_string();
                tracing::error!(place, finding.message, "a calendar override does not fit: the overrides are not used");
            }
        }
    }
    // Under a doubted clock a sale that lies ahead may seem over: what was seen then is looked at again.
    let holds = Arc::clone(&desk.holds);
    let held = desk.store.read(move |db| holds.ask(db, now)).await?;
    *known = held.is_empty().then_some(documents);
    Ok(())
}

/// The overrides, when they are not what they were.
fn changed(folder: &Path, known: Option<&[Document]>) -> Option<Vec<Document>> {
    match calendar_overrides(folder) {
        Ok(documents) => (known != Some(documents.as_slice())).then_some(documents),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the calendar overrides cannot be read");
            None
        }
    }
}

/// Holds every campaign that is not over and of which a legal date has moved, and releases those of which it has moved
/// back.
pub fn hold_what_moved(db: &mut Db, calendar: &Calendar, now: Timestamp) -> StoreResult<()> {
    for campaign in campaigns::list(db)? {
        let slug = &campaign.schedule.slug;
        if campaign.state == CampaignState::Cancelled || campaign.schedule.closes_at <= now {
            continue;
        }
        let moved = campaign.schedule.moved_anchors(calendar);
        match (moved.first(), &campaign.held) {
            (Some(first), held) => {
                let reason = first.said(&campaign.schedule.time_zone());
                if held.as_ref() != Some(&reason) {
                    tracing::error!(campaign = slug, reason, "the law has moved: the campaign is held");
                    // A refusal means that it was cancelled since it was listed, in this same transaction: impossible.
                    let _ = campaigns::hold(db, slug, &reason, "daemon", now)?;
                }
            }
            (None, Some(_)) => {
                tracing::warn!(campaign = slug, "the law has moved back: the campaign is released");
                let _ = campaigns::release(db, slug, "daemon", now)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}
