//! The account of every delivery: counts, lists, and what a person decides about those in doubt.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::deliveries::{Change, Which, transition};
use super::schema::{campaigns, deliveries, mailings, members};
use super::{Db, StoreError, StoreResult, delivery_log, identity, problems};
use crate::delivery::breaker::StoppedParts;
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::state::{DeliveryEvent, after};
use crate::delivery::{DeliveryState, MailingState};
use crate::member::{Language, Pseudonym};
use crate::smtp::{Enhanced, Stage};
use crate::text::Slug;

/// A mailing and how its deliveries stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailingReport {
    /// The campaign's slug.
    pub campaign: Slug,
    /// The mailing's name.
    pub mailing: String,
    /// Where it stands.
    pub state: MailingState,
    /// From when it may go out.
    pub not_before: Timestamp,
    /// Until when it must have been accepted.
    pub not_after: Timestamp,
    /// When its audience was frozen.
    pub begun_at: Option<Timestamp>,
    /// When its last delivery ended.
    pub ended_at: Option<Timestamp>,
    /// Since when it is stopped: the relay refused it.
    pub stopped_at: Option<Timestamp>,
    /// Why, with the relay's words.
    pub stopped_why: Option<String>,
    /// The parts of it that are stopped, by the provider who receives them.
    pub stopped_parts: StoppedParts,
    /// How many deliveries were planned: the sum of `counts`.
    pub planned: u64,
    /// How many are in each state. States without any are left out.
    pub counts: BTreeMap<DeliveryState, u64>,
    /// How many copies a relay has said that it has: more than `accepted` when one was taken that was not to be.
    pub taken: u64,
    /// How many deliveries a relay has said more than once that it has.
    pub doubled: u64,
    /// How many of the accepted are files in a folder: nobody was written to.
    pub filed: u64,
    /// How many of the planned are not listed one by one any more: only their counts are kept.
    pub removed: u64,
}

/// Every mailing of the campaign `slug`, or of all campaigns, in the order of their times.
pub fn mailings_of(db: &mut Db, slug: Option<&Slug>) -> StoreResult<Vec<MailingReport>> {
    type Life = (Timestamp, Timestamp, Option<Timestamp>, Option<Timestamp>);
    type Row = (i64, Slug, String, MailingState, Life, (Option<Timestamp>, Option<String>, StoppedParts));
    let mut query = mailings::table
        .inner_join(campaigns::table)
        .order((mailings::not_before, mailings::id))
        .select((
            mailings::id,
            campaigns::slug,
            mailings::name,
            mailings::state,
            (mailings::not_before, mailings::not_after, mailings::frozen_at, mailings::ended_at),
            (mailings::stopped_at, mailings::stopped_why, mailings::stopped_parts),
        ))
        .into_boxed();
    if let Some(slug) = slug {
        query = query.filter(campaigns::slug.eq(slug.clone()));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter()
        .map(|(id, campaign, mailing, state, life, (stopped_at, stopped_why, stopped_parts))| {
            let (not_before, not_after, begun_at, ended_at) = life;
            let counts = super::deliveries::count_all_by_state(db, id)?;
            let (taken, doubled) = (taken(db, id)?, doubled(db, id)?);
            Ok(MailingReport {
                campaign,
                mailing,
                state,
                not_before,
                not_after,
                begun_at,
                ended_at,
                stopped_at,
                stopped_why,
                stopped_parts,
                planned: counts.values().sum(),
                counts,
                taken,
                doubled,
                filed: super::deliveries::count_filed(db, id)?,
                removed: delivery_log::total(db, id, |totals| totals.planned)?,
            })
        })
        .collect()
}

/// How many copies of a mailing a relay has said that it has.
fn taken(db: &mut Db, mailing_id: i64) -> StoreResult<u64> {
    let of_mailing = deliveries::table.filter(deliveries::mailing_id.eq(mailing_id));
    let taken: Option<i64> = of_mailing.select(diesel::dsl::sum(deliveries::taken)).first(db)?;
    Ok(taken.unwrap_or_default().unsigned_abs() + delivery_log::total(db, mailing_id, |totals| totals.taken)?)
}

/// How many deliveries of a mailing a relay has said more than once that it has.
pub(super) fn doubled(db: &mut Db, mailing_id: i64) -> StoreResult<u64> {
    // Not a bound value: that would hide from SQLite that the index of these rows fits.
    let twice = diesel::dsl::sql::<diesel::sql_types::Bool>("taken > 1");
    let rows = deliveries::table.filter(deliveries::mailing_id.eq(mailing_id)).filter(twice);
    let removed = delivery_log::total(db, mailing_id, |totals| totals.doubled)?;
    Ok(rows.count().get_result::<i64>(db)?.unsigned_abs() + removed)
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    /// Only those of this campaign.
    pub campaign: Option<Slug>,
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those after this id, for the next page.
    pub after: i64,
    /// At most this many.
    pub limit: i64,
}

/// A delivery as it is listed. It names the member by pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct QueueRow {
    /// The delivery.
    pub id: i64,
    /// The campaign's slug.
    pub campaign: Slug,
    /// The mailing's name.
    pub mailing: String,
    /// The member's pseudonym.
    pub member: Pseudonym,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was last handed over.
    pub handed_over_at: Option<Timestamp>,
    /// Where the last attempt ended.
    pub stage: Option<Stage>,
    /// The relay's reply code.
    pub reply_code: Option<i32>,
    /// The relay's enhanced status.
    pub enhanced_status: Option<Enhanced>,
    /// The relay's words, or ours.
    pub reason: Option<String>,
}

/// Some deliveries of a mailing that came to the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct SameOutcome {
    /// Where they stand.
    pub state: DeliveryState,
    /// The language that their members chose.
    pub language: Language,
    /// The relay's words, or ours.
    pub reason: Option<String>,
    /// How many they are.
    pub count: i64,
}

/// What became of the deliveries of a mailing, by state, language and reason.
pub fn outcomes(db: &mut Db, campaign: &Slug, mailing: &str) -> StoreResult<Vec<SameOutcome>> {
    let mut outcomes: Vec<SameOutcome> = deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .inner_join(members::table)
        .filter(campaigns::slug.eq(campaign.clone()))
        .filter(mailings::name.eq(mailing))
        .group_by((deliveries::state, members::language, deliveries::reason))
        .select((deliveries::state, members::language, deliveries::reason, diesel::dsl::count_star()))
        .load(db)?;
    outcomes.sort();
    Ok(outcomes)
}

diesel::allow_columns_to_appear_in_same_group_by_clause!(deliveries::state, members::language, deliveries::reason);

/// How the reason of a delivery begins that a person has resolved.
pub(super) const RESOLVED: &str = "resolved by ";

/// Lists deliveries, by id.
pub fn queue(db: &mut Db, filter: &QueueFilter) -> StoreResult<Vec<QueueRow>> {
    let mut query = deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .inner_join(members::table)
        .filter(deliveries::id.gt(filter.after))
        .order(deliveries::id)
        .limit(filter.limit)
        .select((
            deliveries::id,
            campaigns::slug,
            mailings::name,
            members::pseudonym,
            deliveries::state,
            deliveries::attempts,
            deliveries::next_attempt_at.nullable(),
            deliveries::handed_over_at,
            deliveries::stage,
            deliveries::reply_code,
            deliveries::enhanced_status,
            deliveries::reason,
        ))
        .into_boxed();
    if let Some(campaign) = &filter.campaign {
        query = query.filter(campaigns::slug.eq(campaign.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(deliveries::state.eq(state));
    }
    let mut rows: Vec<QueueRow> = query.load(db)?;
    for row in rows.iter_mut().filter(|row| !DeliveryState::WAITING.contains(&row.state)) {
        row.next_attempt_at = None;
    }
    Ok(rows)
}

/// Why a delivery cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveRefusal {
    /// There is none with this id.
    #[error("there is no delivery {0}; `carillon mail queue --state in-doubt` lists those in doubt")]
    Unknown(i64),
    /// It is not in doubt.
    #[error("delivery {id} is not in doubt; it is {state}")]
    NotInDoubt {
        /// The delivery.
        id: i64,
        /// Its state.
        state: DeliveryState,
    },
    /// It would be sent after its deadline.
    #[error("delivery {0} is past its deadline; nothing is sent late")]
    TooLate(i64),
}

/// Records what a person found out about a delivery in doubt. `event` is one of the three resolving ones.
pub fn resolve(
    db: &mut Db,
    id: i64,
    event: DeliveryEvent,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<DeliveryState, ResolveRefusal>> {
    let row: Option<(DeliveryState, i64, Timestamp, Slug)> = deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .filter(deliveries::id.eq(id))
        .select((deliveries::state, mailings::id, mailings::not_after, campaigns::slug))
        .first(db)
        .optional()?;
    let Some((state, mailing_id, not_after, slug)) = row else { return Ok(Err(ResolveRefusal::Unknown(id))) };
    let next = match after(state, event) {
        Some(next) if state == DeliveryState::InDoubt => next,
        _ => return Ok(Err(ResolveRefusal::NotInDoubt { id, state })),
    };
    if next == DeliveryState::Queued {
        if not_after <= now {
            return Ok(Err(ResolveRefusal::TooLate(id)));
        }
        super::mailings::transition(db, MailingEvent::Reopen, &[mailing_id], now)?;
    }
    let reason = format!("{RESOLVED}{who}");
    let change = Change { due_at: Some(now), ..Change::because(&reason) };
    if transition(db, event, Which::Ids(&[id]), change, now)? == 0 {
        // Its holder settled it since it was read.
        return Err(StoreError::Busy);
    }
    let detail = json!({ "delivery": id, "state": next });
    let entry = AuditEntry {
        at: now,
        who: who.to_owned(),
        action: AuditAction::DeliveryResolved,
        object: slug.to_string(),
        detail,
    };
    audit::record(db, &entry)?;
    problems::settle(db, now)?;
    Ok(Ok(next))
}

/// What [`set_aside`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// Deliveries that waited and are now in doubt.
    pub in_doubt: usize,
    /// Mailings that were to begin by now, and will not on their own.
    pub mailings: usize,
}

/// After a store was restored from a backup: everything that may have been sent since the backup is set aside. Waiting
/// deliveries are in doubt, and mailings whose time had come are set aside, also those that the store does not know any
/// more and that an apply brings back. What lies ahead stays planned.
pub fn set_aside(db: &mut Db, who: &str, now: Timestamp) -> StoreResult<SetAside> {
    let change = Change::because("the store was restored from a backup");
    let in_doubt = transition(db, DeliveryEvent::SetAside, Which::All, change, now)?;
    let due: Vec<i64> = mailings::table
        .filter(mailings::state.eq(MailingState::Planned))
        .filter(mailings::not_before.le(At(now)))
        .select(mailings::id)
        .load(db)?;
    let mailings = super::mailings::transition(db, MailingEvent::SetAside, &due, now)?;
    identity::forget_until(db, now)?;
    let done = SetAside { in_doubt, mailings };
    let entry = AuditEntry {
        at: now,
        who: who.to_owned(),
        action: AuditAction::StoreRestored,
        object: "store".into(),
        detail: json!(done),
    };
    audit::record(db, &entry)?;
    problems::settle(db, now)?;
    Ok(done)
}
