//! The gates of the applied campaigns. Paused and held campaigns keep theirs: those words concern mailings.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::schema::campaigns;
use super::{Db, StoreResult};
use crate::calendar::Channel;
use crate::campaign::{AudienceClass, PlannedOffer, PlannedWords};
use crate::gate::{Gate, ListedGates};
use crate::text::{Language, Line, Slug, WebAddress};

/// A gate as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = campaigns)]
struct Row {
    slug: Slug,
    title: String,
    schedule: AppliedGate,
    opens_at: Timestamp,
    closes_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    held: Option<String>,
    sequence: i64,
    changed_at: Timestamp,
}

/// The part of an applied schedule that a gate reads.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct AppliedGate {
    zone: String,
    label: Option<String>,
    url: Option<String>,
    channel: Channel,
    audience: AudienceClass,
    #[serde(default)]
    unlisted: bool,
    #[serde(default)]
    announce_from: Option<Timestamp>,
    #[serde(default)]
    picture: Option<Line>,
    #[serde(default)]
    words: BTreeMap<Language, PlannedWords>,
    #[serde(default)]
    offers: Vec<PlannedOffer>,
}

/// A gate, what its page says beside it, and how often that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRecord {
    /// The gate.
    pub gate: Gate,
    /// The file of the picture, among the shop's pictures.
    pub picture: Option<Line>,
    /// What the sale is called and how it is introduced, by language.
    pub words: BTreeMap<Language, PlannedWords>,
    /// Whether it is in the web shop.
    pub is_online: bool,
    /// The names of the offers.
    pub offers: Vec<Line>,
    /// A number that grows with every change of this gate by a person or by the law, and with no other.
    pub sequence: i64,
    /// When it last changed so.
    pub changed_at: Timestamp,
}

/// What the store says of all gates together, in brief: another value when any of them has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatesVersion(Vec<(i64, i64, Timestamp)>);

/// Every gate with the number of its last change, by opening, then by slug.
pub fn records(db: &mut Db) -> StoreResult<Vec<GateRecord>> {
    let ordered = campaigns::table.order((campaigns::opens_at, campaigns::slug));
    let rows: Vec<Row> = ordered.select(Row::as_select()).load(db)?;
    Ok(rows.into_iter().map(record).collect())
}

/// Every gate, also those that stand in no public list, by opening, then by slug.
pub fn list(db: &mut Db) -> StoreResult<Vec<Gate>> {
    Ok(records(db)?.into_iter().map(|record| record.gate).collect())
}

/// Those that stand in public lists, now or later, and when a gate last changed.
pub fn listed(db: &mut Db) -> StoreResult<ListedGates> {
    let changed_at = version(db)?.changed_at();
    Ok(ListedGates { gates: list(db)?.into_iter().filter(|gate| gate.listed_from.is_some()).collect(), changed_at })
}

/// The gate of the campaign `slug`.
pub fn find(db: &mut Db, slug: &Slug) -> StoreResult<Option<Gate>> {
    let named = campaigns::table.filter(campaigns::slug.eq(slug.clone()));
    let row: Option<Row> = named.select(Row::as_select()).first(db).optional()?;
    Ok(row.map(|row| record(row).gate))
}

/// What tells whether any gate has changed. Cheap: it reads an index.
pub fn version(db: &mut Db) -> StoreResult<GatesVersion> {
    let brief = campaigns::table.select((campaigns::id, campaigns::sequence, campaigns::changed_at));
    Ok(GatesVersion(brief.order(campaigns::id).load(db)?))
}

impl GatesVersion {
    /// When a gate last changed by a person's hand or by the law, over all gates.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.0.iter().map(|(_, _, changed_at)| *changed_at).max()
    }
}

fn record(row: Row) -> GateRecord {
    let applied = row.schedule;
    let is_unlisted = applied.unlisted || applied.audience.is_closed();
    let announced_at = applied.announce_from.unwrap_or(Timestamp::MIN);
    let gate = Gate {
        slug: row.slug,
        title: applied.label.unwrap_or(row.title),
        // What an earlier version took and no page can link to: then the page leads to the shop.
        url: applied.url.and_then(|url| WebAddress::parse(&url).ok()),
        zone: applied.zone,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        cancelled_at: row.cancelled_at,
        held: row.held.is_some(),
        listed_from: (!is_unlisted).then_some(announced_at).filter(|from| row.cancelled_at.is_none_or(|at| at > *from)),
        audience: applied.audience,
    };
    GateRecord {
        gate,
        picture: applied.picture,
        words: applied.words,
        is_online: applied.channel == Channel::Online,
        offers: applied.offers.into_iter().map(|offer| offer.name).collect(),
        sequence: row.sequence,
        changed_at: row.changed_at,
    }
}
