//! What the store says of the shop's sales when another one is checked: which were held, and what people were told of those
//! that matter.

use diesel::prelude::*;
use jiff::Timestamp;

use super::follow::standings;
use super::{AppliedCampaign, audit, versions};
use crate::campaign::Schedule;
use crate::compliance::{RecordedSale, SalesRecord};
use crate::db::column::At;
use crate::db::schema::campaigns;
use crate::db::{Db, StoreResult};

/// The sales that bear on what is found of `next`, as they stand at `now`.
pub fn sales_record(db: &mut Db, next: &Schedule, now: Timestamp) -> StoreResult<SalesRecord> {
    let bears = campaigns::closes_at.gt(At(RecordedSale::looked_back_to(next))).or(campaigns::slug.eq(&next.slug));
    let applied: Vec<AppliedCampaign> = campaigns::table
        .filter(bears)
        .order((campaigns::opens_at, campaigns::slug))
        .select(AppliedCampaign::as_select())
        .load(db)?;
    let sales = applied.into_iter().map(|campaign| {
        let AppliedCampaign { id, schedule, cancelled_at, .. } = campaign;
        let matters = RecordedSale::has_letters_that_matter(&schedule, next);
        let mailings = if matters { standings(db, id)? } else { Vec::new() };
        let first_applied_at = versions::first_applied_at(db, id)?;
        Ok(RecordedSale { schedule, first_applied_at, cancelled_at, mailings })
    });
    let sales = sales.collect::<StoreResult<_>>()?;
    Ok(SalesRecord { read_at: now, since: audit::first_at(db)?, sales })
}
