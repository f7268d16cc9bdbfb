//! The next editions of sales that the daemon has proposed. What is kept of each is that it was proposed, once for all daemons, and
//! whether somebody does not want it; the file is written when a person asks for it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::audit::{self, AuditAction, AuditEntry};
use super::campaigns::{self, AppliedCampaign};
use super::column::At;
use super::conn::per_backend;
use super::schema::edition_drafts;
use super::{Db, StoreResult};
use crate::campaign::{CampaignState, NextEdition, SaleEdition, Schedule};
use crate::text::Slug;

/// A proposal that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = edition_drafts)]
pub struct EditionDraft {
    /// The name that the campaign would get.
    pub slug: Slug,
    /// The campaign of which it is the next edition.
    pub source: Slug,
    /// Its season and year.
    #[serde(serialize_with = "as_text")]
    pub edition: SaleEdition,
    /// When it begins, as far as the law's dates tell.
    pub begins_at: Timestamp,
    /// Since when it waits.
    pub proposed_at: Timestamp,
}

fn as_text<S: Serializer>(edition: &SaleEdition, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(edition)
}

/// Keeps the proposal of the next edition of `source`, unless it was made before; then only when it begins is kept, which may have moved.
/// Returns whether it is new.
pub fn propose(db: &mut Db, source: &Slug, next: &NextEdition, now: Timestamp) -> StoreResult<bool> {
    let row = (
        edition_drafts::slug.eq(&next.slug),
        edition_drafts::source.eq(source),
        edition_drafts::edition.eq(&next.edition),
        edition_drafts::begins_at.eq(At(next.begins_at)),
        edition_drafts::proposed_at.eq(At(now)),
    );
    let new = per_backend!(db, conn => diesel::insert_into(edition_drafts::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if new == 0 {
        let known = edition_drafts::table.filter(edition_drafts::slug.eq(&next.slug));
        let moved = known.filter(edition_drafts::begins_at.ne(At(next.begins_at)));
        diesel::update(moved).set(edition_drafts::begins_at.eq(At(next.begins_at))).execute(db)?;
        return Ok(false);
    }
    let detail = json!({ "draft": next.slug.as_str(), "edition": next.edition.to_string() });
    let (who, action, object) = ("daemon".to_owned(), AuditAction::CampaignProposed, source.to_string());
    audit::record(db, &AuditEntry { at: now, who, action, object, detail })?;
    Ok(true)
}

/// The proposals that wait for a person at `now`, in the order in which they begin. None of an edition that was applied or has begun, nor of
/// a sale that is not held again.
pub fn waiting(db: &mut Db, now: Timestamp) -> StoreResult<Vec<EditionDraft>> {
    let open = edition_drafts::table
        .filter(edition_drafts::dismissed_at.is_null())
        .filter(edition_drafts::begins_at.gt(At(now)))
        .order((edition_drafts::begins_at, edition_drafts::slug));
    let open: Vec<EditionDraft> = open.select(EditionDraft::as_select()).load(db)?;
    if open.is_empty() {
        return Ok(open);
    }
    let applied: BTreeMap<Slug, AppliedCampaign> =
        campaigns::list(db)?.into_iter().map(|campaign| (campaign.schedule.slug.clone(), campaign)).collect();
    let comes_again =
        |source: &AppliedCampaign| source.state != CampaignState::Cancelled && source.schedule.every.is_some();
    let drafts: BTreeSet<Slug> = edition_drafts::table.select(edition_drafts::slug).load(db)?.into_iter().collect();
    // Whoever gives the file another name has applied this edition all the same.
    let is_applied = |draft: &EditionDraft, source: &AppliedCampaign| {
        let mut others = applied.values().filter(|other| !drafts.contains(&other.schedule.slug));
        others.any(|other| {
            other.schedule.slug != draft.source && is_edition(&other.schedule, &source.schedule, &draft.edition)
        })
    };
    let waits = |draft: &EditionDraft| {
        let source = applied.get(&draft.source).filter(|source| comes_again(source));
        !applied.contains_key(&draft.slug) && source.is_some_and(|source| !is_applied(draft, source))
    };
    Ok(open.into_iter().filter(waits).collect())
}

/// Whether `schedule` is the sale of `source` in that edition, under whichever short name: it has its title, its markets and its channel,
/// and follows the law of the edition's season.
fn is_edition(schedule: &Schedule, source: &Schedule, edition: &SaleEdition) -> bool {
    let follows =
        schedule.anchors.iter().any(|anchor| (&anchor.season, anchor.year) == (&edition.season, edition.year));
    follows
        && (&schedule.title, &schedule.markets, schedule.channel) == (&source.title, &source.markets, source.channel)
}

/// Ends a proposal that waits: it is not made again for this edition. Returns whether there was one.
pub fn dismiss(db: &mut Db, slug: &Slug, who: &str, now: Timestamp) -> StoreResult<bool> {
    let Some(draft) = waiting(db, now)?.into_iter().find(|draft| draft.slug == *slug) else { return Ok(false) };
    let own =
        edition_drafts::table.filter(edition_drafts::slug.eq(slug)).filter(edition_drafts::dismissed_at.is_null());
    if diesel::update(own).set(edition_drafts::dismissed_at.eq(At(now))).execute(db)? == 0 {
        return Ok(false);
    }
    let detail = json!({ "draft": slug.as_str(), "edition": draft.edition.to_string() });
    let (who, action, object) = (who.to_owned(), AuditAction::CampaignDismissed, draft.source.to_string());
    audit::record(db, &AuditEntry { at: now, who, action, object, detail })?;
    Ok(true)
}
