//! What the planner asks and changes: which mailings are due, which were missed, which have ended.

use diesel::dsl::sql;
use diesel::prelude::*;
use jiff::Timestamp;

use super::campaigns::sendable;
use super::column::types::{BigInt, Instant, Integer, Text};
use super::column::{At, Tried};
use super::mailings::transition;
use super::members::{eligible, not_kept_out_of, on_lists_of};
use super::schema::{campaigns, deliveries, mailings, members};
use super::{Db, StoreError, StoreResult};
use crate::campaign::Schedule;
use crate::delivery::breaker::StoppedParts;
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::{DeliveryState, MailingState};
use crate::text::Slug;

/// A mailing whose time has come or gone.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct DueMailing {
    /// The mailing.
    pub id: i64,
    /// Its campaign's slug.
    pub campaign: Slug,
    /// Its name within the campaign.
    pub name: String,
    /// The campaign's revision.
    pub revision: i64,
    /// From when it may go out.
    pub not_before: Timestamp,
    /// Until when it must have been accepted.
    pub not_after: Timestamp,
    /// To how many lists it goes; to everybody where there is none.
    pub lists: i64,
}

impl DueMailing {
    /// The name under which its problems are kept.
    pub fn object(&self) -> String {
        format!("{}/{}", self.campaign, self.name)
    }
}

type Columns = (
    mailings::id,
    campaigns::slug,
    mailings::name,
    campaigns::revision,
    mailings::not_before,
    mailings::not_after,
    mailings::lists,
);

/// What a [`DueMailing`] is read from.
const DUE: Columns = (
    mailings::id,
    campaigns::slug,
    mailings::name,
    campaigns::revision,
    mailings::not_before,
    mailings::not_after,
    mailings::lists,
);

/// The planned mailings of active campaigns whose time is now.
pub fn due(db: &mut Db, now: Timestamp) -> StoreResult<Vec<DueMailing>> {
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(sendable())
        .filter(mailings::state.eq(MailingState::Planned))
        .filter(mailings::not_before.le(At(now)).and(mailings::not_after.gt(At(now))))
        .order((mailings::not_after, mailings::id))
        .select(DUE)
        .load(db)?)
}

/// A mailing whose deadline has passed and that has not been ended yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Overdue {
    /// The mailing.
    pub mailing: DueMailing,
    /// Whether it had begun.
    pub begun: bool,
    /// Why it was stopped, when it was.
    pub stopped_why: Option<String>,
    /// Its parts that were stopped.
    pub stopped_parts: StoppedParts,
}

/// The mailings whose deadline has passed and that have not been ended yet, whatever their campaign's state.
pub fn overdue(db: &mut Db, now: Timestamp) -> StoreResult<Vec<Overdue>> {
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq_any(MailingState::OPEN))
        .filter(mailings::not_after.le(At(now)))
        .order(mailings::id)
        .select((DUE, mailings::state.eq(MailingState::Sending), mailings::stopped_why, mailings::stopped_parts))
        .load(db)?)
}

/// Whether there is anybody at `now` whom the mailing is for.
pub fn has_audience(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<bool> {
    let members = members::table.filter(eligible(At(now))).filter(not_kept_out_of(mailing_id));
    Ok(if goes_to_lists(db, mailing_id)? {
        diesel::select(diesel::dsl::exists(members.filter(on_lists_of(mailing_id)))).get_result(db)?
    } else {
        diesel::select(diesel::dsl::exists(members)).get_result(db)?
    })
}

/// Whether a mailing is for those on its lists, and not for everybody.
fn goes_to_lists(db: &mut Db, mailing_id: i64) -> StoreResult<bool> {
    let lists: i64 = mailings::table.find(mailing_id).select(mailings::lists).first(db)?;
    Ok(lists > 0)
}

/// Plans a delivery for each of the members `audience`, who have none of this mailing.
macro_rules! plan_deliveries {
    ($db:expr, $audience:expr, $mailing_id:expr, $due:expr) => {
        $audience
            .order(members::id)
            .select((
                sql::<BigInt>("").bind::<BigInt, _>($mailing_id),
                members::id,
                sql::<Text>("").bind::<Text, _>(DeliveryState::Queued),
                sql::<Integer>("0"),
                sql::<Instant>("").bind::<Instant, _>(At($due)),
            ))
            .insert_into(deliveries::table)
            .into_columns((
                deliveries::mailing_id,
                deliveries::member_id,
                deliveries::state,
                deliveries::attempts,
                deliveries::next_attempt_at,
            ))
            .execute($db)?
    };
}

/// Freezes a mailing's audience in one statement: a delivery for every member whose consent stands, whose address is
/// not suppressed, and who is on one of the mailing's lists where it goes to lists, and on none of those that it leaves out. A mailing that is not `planned` any more is
/// left alone; then the answer is `None`. It begins for somebody: ask [`has_audience`] first.
///
/// The deliveries are `due` since the mailing's own beginning, not since `now`: a clock that is set back by less than makes it
/// doubted must not make them wait for the same minutes again.
///
/// # Errors
/// [`StoreError::Busy`] when the last member has left since that was asked; then the whole step starts again.
pub fn freeze(db: &mut Db, mailing_id: i64, due: Timestamp, now: Timestamp) -> StoreResult<Option<usize>> {
    if transition(db, MailingEvent::Begin, &[mailing_id], now)? == 0 {
        return Ok(None);
    }
    let everybody = members::table.filter(eligible(At(now))).filter(not_kept_out_of(mailing_id));
    let planned = if goes_to_lists(db, mailing_id)? {
        plan_deliveries!(db, everybody.filter(on_lists_of(mailing_id)), mailing_id, due)
    } else {
        plan_deliveries!(db, everybody, mailing_id, due)
    };
    if planned == 0 { Err(StoreError::Busy) } else { Ok(Some(planned)) }
}

/// Plans deliveries of a mailing that has begun, and of which nothing has left, for those whom it is for now and was not for
/// when it began: it goes to other lists. Whom it is not for any more the late check leaves out. Returns how many.
pub(super) fn freeze_more(db: &mut Db, mailing_id: i64, due: Timestamp, now: Timestamp) -> StoreResult<usize> {
    let theirs =
        deliveries::table.filter(deliveries::mailing_id.eq(mailing_id)).filter(deliveries::member_id.eq(members::id));
    let others = members::table
        .filter(eligible(At(now)))
        .filter(not_kept_out_of(mailing_id))
        .filter(diesel::dsl::not(diesel::dsl::exists(theirs)));
    Ok(if goes_to_lists(db, mailing_id)? {
        plan_deliveries!(db, others.filter(on_lists_of(mailing_id)), mailing_id, due)
    } else {
        plan_deliveries!(db, others, mailing_id, due)
    })
}

/// Ends a mailing whose deadline passed before it could begin. Says whether it did.
pub fn miss(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<bool> {
    Ok(transition(db, MailingEvent::Miss, &[mailing_id], now)? > 0)
}

/// Ends a mailing of which every delivery has ended. Says whether it did.
pub fn finish(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<bool> {
    Ok(transition(db, MailingEvent::Finish, &[mailing_id], now)? > 0)
}

/// The mailings being sent of which every delivery has ended. A stopped one is open until its deadline: a person may
/// have what was refused tried again.
pub fn complete(db: &mut Db, now: Timestamp) -> StoreResult<Vec<DueMailing>> {
    let open: Vec<DeliveryState> = DeliveryState::ALL.into_iter().filter(|state| !state.has_ended()).collect();
    let open = deliveries::table.filter(deliveries::mailing_id.eq(mailings::id)).filter(deliveries::state.eq_any(open));
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq(MailingState::Sending))
        .filter(mailings::stopped_at.is_null().or(mailings::not_after.le(At(now))))
        .filter(diesel::dsl::not(diesel::dsl::exists(open)))
        .select(DUE)
        .load(db)?)
}

/// The earliest instant after `now` at which a mailing begins or must have ended.
pub fn next_change(db: &mut Db, now: Timestamp) -> StoreResult<Option<Timestamp>> {
    let begins: Option<Timestamp> = mailings::table
        .inner_join(campaigns::table)
        .filter(sendable())
        .filter(mailings::state.eq(MailingState::Planned))
        .filter(mailings::not_before.gt(At(now)))
        .select(diesel::dsl::min(mailings::not_before))
        .get_result(db)?;
    let ends: Option<Timestamp> = mailings::table
        .filter(mailings::state.eq_any(MailingState::OPEN))
        .filter(mailings::not_after.gt(At(now)))
        .select(diesel::dsl::min(mailings::not_after))
        .get_result(db)?;
    Ok([begins, ends].into_iter().flatten().min())
}

/// A mailing that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct OpenMailing {
    /// The mailing.
    pub id: i64,
    /// Its campaign's slug.
    pub campaign: Slug,
    /// Its name within the campaign.
    pub name: String,
    /// The campaign's revision: another one means other letters.
    pub revision: i64,
}

/// What an [`OpenMailing`] is read from.
const OPEN: (mailings::id, campaigns::slug, mailings::name, campaigns::revision) =
    (mailings::id, campaigns::slug, mailings::name, campaigns::revision);

impl OpenMailing {
    /// The name under which its problems are kept.
    pub fn object(&self) -> String {
        format!("{}/{}", self.campaign, self.name)
    }
}

/// The mailings that have not ended, also those that wait because their campaign is paused or held.
pub fn open(db: &mut Db) -> StoreResult<Vec<OpenMailing>> {
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq_any(MailingState::OPEN))
        .order(mailings::id)
        .select(OPEN)
        .load(db)?)
}

/// The revision of a mailing's campaign.
pub fn revision(db: &mut Db, mailing_id: i64) -> StoreResult<Option<i64>> {
    let campaign = mailings::table.inner_join(campaigns::table).filter(mailings::id.eq(mailing_id));
    Ok(campaign.select(campaigns::revision).first(db).optional()?)
}

/// What a mailing's letters are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingSource {
    /// The mailing.
    pub mailing: OpenMailing,
    /// The campaign's schedule, unless what is stored cannot be read.
    pub schedule: Option<Schedule>,
    /// The file that the campaign was applied from.
    pub file: String,
    /// What that file held.
    pub text: String,
}

/// What the letters of a mailing are made from.
pub fn source(db: &mut Db, mailing_id: i64) -> StoreResult<Option<MailingSource>> {
    let row: Option<(OpenMailing, Tried<Schedule>, String, String)> = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::id.eq(mailing_id))
        .select((OPEN, campaigns::schedule, campaigns::source_name, campaigns::source_text))
        .first(db)
        .optional()?;
    Ok(row.map(|(mailing, Tried(schedule), file, text)| MailingSource { mailing, schedule, file, text }))
}
