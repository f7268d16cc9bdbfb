//! The campaigns as they were last applied: applying, pausing, holding and cancelling them, each with its line in the
//! audit log. Every function that writes belongs into [`super::Store::write`].

mod follow;
mod record;
mod state;
mod versions;

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::schema::campaigns;
use super::{Db, StoreError, StoreResult, problems};
use crate::campaign::{Answer, CampaignState, Schedule};
use crate::compliance::Cleared;
use crate::text::Slug;

pub use follow::{Foresight, apply, foresee, lock};
pub use record::sales_record;
pub use state::{Cancellation, StateChange, StateRefusal, cancel, hold, pause, release, resume, standing, to_cancel};
pub use versions::{CampaignVersion, versions};

/// A campaign as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = campaigns)]
pub struct AppliedCampaign {
    /// Its id in the store.
    #[serde(skip)]
    pub id: i64,
    /// Whether its mailings leave.
    pub state: CampaignState,
    /// Why its mailings wait, when the law has moved.
    pub held: Option<String>,
    /// How often it was applied with a change.
    pub revision: i64,
    /// The file it was last applied from.
    pub source_name: String,
    /// What that file held.
    #[serde(skip)]
    pub source_text: String,
    /// What it resolved to: slug, title, label, markets, audience, zone, window, mailings.
    pub schedule: Schedule,
    /// When it was cancelled; its window ends there.
    pub cancelled_at: Option<Timestamp>,
    /// When it was last applied.
    pub applied_at: Timestamp,
    /// By whom.
    pub applied_by: String,
}

/// A file to apply, and who applies it.
#[derive(Clone, Debug)]
pub struct Application {
    /// What the file resolved to, as it was cleared.
    pub schedule: Cleared,
    /// The file's name.
    pub source_name: String,
    /// What it holds.
    pub source_text: String,
    /// The person.
    pub who: String,
    /// The other person who approved it, where that is asked for.
    pub approved_by: Option<String>,
    /// What the person takes on.
    pub answers: BTreeSet<Answer>,
    /// What else the audit log keeps, such as waivers.
    pub remarks: Value,
}

/// What applying a file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum Applied {
    /// There was no campaign of that name.
    Created,
    /// It replaced an earlier revision.
    Changed {
        /// The new revision.
        revision: i64,
    },
    /// It says what is applied already. Nothing was written.
    Unchanged {
        /// The revision that stays.
        revision: i64,
    },
}

/// The campaigns whose mailings leave: those that nobody has paused or cancelled, and that the law does not hold.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn sendable() -> _ {
    let active: CampaignState = CampaignState::Active;
    campaigns::state.eq(active).and(campaigns::held.is_null())
}

/// The campaign named `slug`.
pub fn find(db: &mut Db, slug: &Slug) -> StoreResult<Option<AppliedCampaign>> {
    let named = campaigns::table.filter(campaigns::slug.eq(slug.clone()));
    Ok(named.select(AppliedCampaign::as_select()).first(db).optional()?)
}

/// Every campaign ever applied, by opening, then by name.
pub fn list(db: &mut Db) -> StoreResult<Vec<AppliedCampaign>> {
    let ordered = campaigns::table.order((campaigns::opens_at, campaigns::slug));
    Ok(ordered.select(AppliedCampaign::as_select()).load(db)?)
}

/// The slugs of every campaign ever applied, the one that opens last first. Reads nothing else of them.
pub fn slugs(db: &mut Db) -> StoreResult<Vec<Slug>> {
    Ok(campaigns::table.order((campaigns::opens_at.desc(), campaigns::slug)).select(campaigns::slug).load(db)?)
}

/// What every change writes that the public can see: its number, and when it was made.
#[diesel::dsl::auto_type(no_type_alias)]
fn publicly_changed(now: Timestamp) -> _ {
    let at: At = At(now);
    (campaigns::sequence.eq(campaigns::sequence + 1_i64), campaigns::changed_at.eq(at))
}

fn insert(db: &mut Db, application: &Application, schedule: &Schedule, now: Timestamp) -> StoreResult<i64> {
    Ok(diesel::insert_into(campaigns::table)
        .values((
            campaigns::slug.eq(&schedule.slug),
            campaigns::title.eq(schedule.title.as_str()),
            campaigns::state.eq(CampaignState::Active),
            campaigns::revision.eq(1_i64),
            campaigns::source_name.eq(&application.source_name),
            campaigns::source_text.eq(&application.source_text),
            campaigns::schedule.eq(schedule),
            campaigns::opens_at.eq(At(schedule.opens_at)),
            campaigns::closes_at.eq(At(schedule.closes_at)),
            campaigns::applied_at.eq(At(now)),
            campaigns::applied_by.eq(&application.who),
            campaigns::sequence.eq(0_i64),
            campaigns::changed_at.eq(At(now)),
        ))
        .returning(campaigns::id)
        .get_result(db)?)
}

fn replace(
    db: &mut Db,
    before: &AppliedCampaign,
    application: &Application,
    schedule: &Schedule,
    now: Timestamp,
) -> StoreResult<i64> {
    let revision = before.revision + 1;
    let seen = campaigns::table.filter(campaigns::id.eq(before.id)).filter(campaigns::revision.eq(before.revision));
    let changed = diesel::update(seen)
        .set((
            campaigns::title.eq(schedule.title.as_str()),
            campaigns::held.eq(None::<String>),
            campaigns::revision.eq(revision),
            campaigns::source_name.eq(&application.source_name),
            campaigns::source_text.eq(&application.source_text),
            campaigns::schedule.eq(schedule),
            campaigns::opens_at.eq(At(schedule.opens_at)),
            campaigns::closes_at.eq(At(schedule.closes_at)),
            campaigns::applied_at.eq(At(now)),
            campaigns::applied_by.eq(&application.who),
            publicly_changed(now),
        ))
        .execute(db)?;
    // Another person applied in between: start again from what they applied.
    if changed == 1 { Ok(revision) } else { Err(StoreError::Busy) }
}

/// Ends every change of a campaign: keeps who made it, and begins and ends the problems that it makes and mends.
fn note(db: &mut Db, action: AuditAction, slug: &Slug, who: &str, detail: Value, now: Timestamp) -> StoreResult<()> {
    let entry = AuditEntry { at: now, who: who.to_owned(), action, object: slug.to_string(), detail };
    audit::record(db, &entry)?;
    problems::settle(db, now)
}
