//! The gates of the applied campaigns. Paused and held campaigns keep theirs: those words concern mailings.

use diesel::prelude::*;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::schema::campaigns;
use super::{Db, StoreResult};
use crate::campaign::AudienceClass;
use crate::gate::Gate;
use crate::text::{Slug, WebAddress};

type Row = (Slug, String, AppliedGate, Timestamp, Timestamp, Option<Timestamp>);

/// What a [`Row`] is read from.
const COLUMNS: (
    campaigns::slug,
    campaigns::title,
    campaigns::schedule,
    campaigns::opens_at,
    campaigns::closes_at,
    campaigns::cancelled_at,
) = (
    campaigns::slug,
    campaigns::title,
    campaigns::schedule,
    campaigns::opens_at,
    campaigns::closes_at,
    campaigns::cancelled_at,
);

/// The part of an applied schedule that a gate reads.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct AppliedGate {
    zone: String,
    label: Option<String>,
    url: Option<String>,
    audience: AudienceClass,
    #[serde(default)]
    unlisted: bool,
}

/// Every gate, also those that stand in no public list, by opening, then by slug.
pub fn list(db: &mut Db) -> StoreResult<Vec<Gate>> {
    let rows: Vec<Row> = campaigns::table.select(COLUMNS).order((campaigns::opens_at, campaigns::slug)).load(db)?;
    Ok(rows.into_iter().map(gate).collect())
}

/// Every gate that stands in public lists, by opening, then by slug.
pub fn listed(db: &mut Db) -> StoreResult<Vec<Gate>> {
    let mut gates = list(db)?;
    gates.retain(|gate| !gate.unlisted);
    Ok(gates)
}

/// The gate of the campaign `slug`.
pub fn find(db: &mut Db, slug: &Slug) -> StoreResult<Option<Gate>> {
    let named = campaigns::table.select(COLUMNS).filter(campaigns::slug.eq(slug.clone()));
    Ok(named.first::<Row>(db).optional()?.map(gate))
}

/// When a gate last changed by a person's hand: the latest apply or cancellation, over all campaigns.
pub fn changed_at(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    let latest = (diesel::dsl::max(campaigns::applied_at), diesel::dsl::max(campaigns::cancelled_at));
    let (applied, cancelled): (Option<Timestamp>, Option<Timestamp>) = campaigns::table.select(latest).first(db)?;
    Ok(applied.max(cancelled))
}

fn gate((slug, title, applied, opens_at, closes_at, cancelled_at): Row) -> Gate {
    Gate {
        slug,
        title: applied.label.unwrap_or(title),
        // What an earlier version took and no page can link to: then the page leads to the shop.
        url: applied.url.and_then(|url| WebAddress::parse(&url).ok()),
        zone: applied.zone,
        opens_at,
        closes_at,
        cancelled_at,
        unlisted: applied.unlisted || applied.audience.is_closed(),
        audience: applied.audience,
    }
}
