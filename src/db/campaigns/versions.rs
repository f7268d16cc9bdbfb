//! Every version of a campaign that was applied, with the file it came from: what a later one is compared with, and what is
//! written again when a person wants an earlier one back.

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::Application;
use crate::campaign::Schedule;
use crate::db::column::At;
use crate::db::schema::campaign_versions;
use crate::db::{Db, StoreResult};

/// A campaign as it was applied once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = campaign_versions)]
pub struct CampaignVersion {
    /// Its number.
    pub revision: i64,
    /// The file it was applied from.
    pub source_name: String,
    /// What that file held.
    #[serde(skip)]
    pub source_text: String,
    /// What it resolved to.
    #[serde(skip)]
    pub schedule: Schedule,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// By whom.
    pub applied_by: String,
    /// Who approved it, where that was asked for.
    pub approved_by: Option<String>,
}

/// Keeps the version that was just applied.
pub(super) fn keep(
    db: &mut Db,
    (campaign_id, revision): (i64, i64),
    application: &Application,
    schedule: &Schedule,
    now: Timestamp,
) -> StoreResult<()> {
    diesel::insert_into(campaign_versions::table)
        .values((
            campaign_versions::campaign_id.eq(campaign_id),
            campaign_versions::revision.eq(revision),
            campaign_versions::source_name.eq(&application.source_name),
            campaign_versions::source_text.eq(&application.source_text),
            campaign_versions::schedule.eq(schedule),
            campaign_versions::applied_at.eq(At(now)),
            campaign_versions::applied_by.eq(&application.who),
            campaign_versions::approved_by.eq(&application.approved_by),
        ))
        .execute(db)?;
    Ok(())
}

/// When a campaign was applied first. None in a store that has not kept its first version.
pub(super) fn first_applied_at(db: &mut Db, campaign_id: i64) -> StoreResult<Option<Timestamp>> {
    let first = campaign_versions::table.filter(campaign_versions::campaign_id.eq(campaign_id));
    let first = first.filter(campaign_versions::revision.eq(1)).select(campaign_versions::applied_at);
    Ok(first.first(db).optional()?)
}

/// The versions of a campaign that the store has, the first first. A store of an earlier build has kept the last one only.
pub fn versions(db: &mut Db, campaign_id: i64) -> StoreResult<Vec<CampaignVersion>> {
    let own = campaign_versions::table.filter(campaign_versions::campaign_id.eq(campaign_id));
    Ok(own.order(campaign_versions::revision).select(CampaignVersion::as_select()).load(db)?)
}
