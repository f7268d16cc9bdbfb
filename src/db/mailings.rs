//! The mailings of applied campaigns. How they follow a file that is applied again is decided in
//! [`crate::campaign::succeed`] and carried out in [`super::campaigns`]; beginning, expiring and ending them is the
//! planner's, see [`super::planning`].

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::column::{AsJson, At};
use super::deliveries::{Change, Which, end_waiting};
use super::schema::{campaigns, mailings};
use super::{Db, StoreError, StoreResult, deliveries, identity, lists};
use crate::campaign::{MailingKind, PlannedMailing};
use crate::delivery::MailingState;
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::state::DeliveryEvent;
use crate::member::Language;
use crate::text::Slug;

/// A mailing as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = mailings)]
pub struct StoredMailing {
    /// Its id in the store.
    #[serde(skip)]
    pub id: i64,
    /// Its name, unique in the campaign.
    pub name: String,
    /// What it says.
    pub kind: MailingKind,
    /// The first instant at which a message may leave.
    pub not_before: Timestamp,
    /// The first instant at which none may leave any more.
    pub not_after: Timestamp,
    /// The languages it is written in; the first is the fallback.
    #[diesel(deserialize_as = AsJson<Vec<Language>>)]
    pub languages: Vec<Language>,
    /// Where it stands.
    pub state: MailingState,
    /// When its audience was frozen.
    pub frozen_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Makes `event` happen to those of the mailings `ids` in whose state it can, and says how many it moved. The one way
/// in which mailings change their state.
pub(super) fn transition(db: &mut Db, event: MailingEvent, ids: &[i64], now: Timestamp) -> StoreResult<usize> {
    let movable = mailings::table.filter(mailings::id.eq_any(ids)).filter(mailings::state.eq_any(event.sources()));
    let state = mailings::state.eq(event.target());
    let ended_at = mailings::ended_at.eq(event.target().has_ended().then_some(now));
    Ok(if event == MailingEvent::Begin {
        diesel::update(movable).set((state, ended_at, mailings::frozen_at.eq(At(now)))).execute(db)?
    } else {
        diesel::update(movable).set((state, ended_at)).execute(db)?
    })
}

/// The mailings of a campaign, by the instant at which they begin.
pub fn list(db: &mut Db, campaign_id: i64) -> StoreResult<Vec<StoredMailing>> {
    Ok(mailings::table
        .filter(mailings::campaign_id.eq(campaign_id))
        .order((mailings::not_before, mailings::id))
        .select(StoredMailing::as_select())
        .load(db)?)
}

/// A mailing that has begun: its name, when the first letter of it left, and when the last one had ended, if they are over.
pub type MailingTimes = (String, Timestamp, Option<Timestamp>);

/// When the letters left of those mailings of a campaign that have begun. A store of an earlier version knows for some of them no
/// more than when they began.
pub fn letter_times(db: &mut Db, campaign_id: i64) -> StoreResult<Vec<MailingTimes>> {
    type Row = (String, Option<Timestamp>, Option<Timestamp>, Option<Timestamp>);
    let rows: Vec<Row> = mailings::table
        .filter(mailings::campaign_id.eq(campaign_id))
        .order((mailings::not_before, mailings::id))
        .select((mailings::name, mailings::first_letter_at, mailings::frozen_at, mailings::ended_at))
        .load(db)?;
    let times = |(name, first, begun, ended): Row| Some((name, first.or(begun)?, ended));
    Ok(rows.into_iter().filter_map(times).collect())
}

/// The mailings that lie ahead, by their times: campaign, name, and when it begins.
pub fn planned(db: &mut Db) -> StoreResult<Vec<(Slug, String, Timestamp)>> {
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq(MailingState::Planned))
        .order((mailings::not_before, mailings::id))
        .select((campaigns::slug, mailings::name, mailings::not_before))
        .load(db)?)
}

/// The mailings that lie ahead, by their times, and those of which letters have left since `since`: campaign, name, and when it begins or
/// began.
pub fn around(db: &mut Db, since: Timestamp) -> StoreResult<Vec<(Slug, String, Timestamp)>> {
    let mut all = planned(db)?;
    let begun = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq_any([MailingState::Sending, MailingState::Finished]))
        .filter(mailings::frozen_at.gt(At(since)))
        .order((mailings::frozen_at, mailings::id))
        .select((campaigns::slug, mailings::name, mailings::frozen_at.assume_not_null()));
    all.extend(begun.load::<(Slug, String, Timestamp)>(db)?);
    Ok(all)
}

/// Where a mailing stands that an apply plans: one that began before the store was restored may have been sent.
fn planned_state(db: &mut Db, mailing: &PlannedMailing) -> StoreResult<MailingState> {
    let forgotten = identity::forgotten_until(db)?.is_some_and(|until| mailing.not_before <= until);
    Ok(if forgotten { MailingState::SetAside } else { MailingState::Planned })
}

/// Notes that a letter of a mailing was handed over at `at`, unless an earlier one was.
pub fn note_first_letter(db: &mut Db, mailing_id: i64, at: Timestamp) -> StoreResult<()> {
    let without = mailings::table.filter(mailings::id.eq(mailing_id)).filter(mailings::first_letter_at.is_null());
    diesel::update(without).set(mailings::first_letter_at.eq(At(at))).execute(db)?;
    Ok(())
}

/// Adds a mailing that will begin at its time.
pub(super) fn insert(db: &mut Db, campaign_id: i64, mailing: &PlannedMailing) -> StoreResult<()> {
    let state = planned_state(db, mailing)?;
    let id: i64 = diesel::insert_into(mailings::table)
        .values((
            mailings::campaign_id.eq(campaign_id),
            mailings::name.eq(&mailing.name),
            mailings::kind.eq(mailing.kind),
            mailings::not_before.eq(At(mailing.not_before)),
            mailings::not_after.eq(At(mailing.not_after)),
            mailings::languages.eq(AsJson(mailing.languages.clone())),
            mailings::state.eq(state),
        ))
        .returning(mailings::id)
        .get_result(db)?;
    lists::address(db, id, mailing.recipients()).map(drop)
}

/// A planner may have moved the mailing on since it was read; then the whole apply starts again.
fn as_seen(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Busy) }
}

/// Plans a mailing that has not begun as the file has it now.
pub(super) fn plan(db: &mut Db, seen: &StoredMailing, next: &PlannedMailing, now: Timestamp) -> StoreResult<()> {
    let event = match planned_state(db, next)? {
        MailingState::SetAside => MailingEvent::SetAside,
        _ => MailingEvent::PlanAgain,
    };
    as_seen(transition(db, event, &[seen.id], now)?)?;
    let unbegun = mailings::table.filter(mailings::id.eq(seen.id)).filter(mailings::frozen_at.is_null());
    let changed = diesel::update(unbegun)
        .set((
            mailings::kind.eq(next.kind),
            mailings::not_before.eq(At(next.not_before)),
            mailings::not_after.eq(At(next.not_after)),
            mailings::languages.eq(AsJson(next.languages.clone())),
        ))
        .execute(db)?;
    as_seen(changed)?;
    lists::address(db, seen.id, next.recipients()).map(drop)
}

/// Makes a mailing of which nothing has left follow the file although it has begun. What waits leaves at the new time. Says
/// whether it is for others than before.
pub(super) fn mend(db: &mut Db, seen: &StoredMailing, next: &PlannedMailing, now: Timestamp) -> StoreResult<bool> {
    let same = mailings::table.filter(mailings::id.eq(seen.id)).filter(mailings::state.eq(seen.state));
    let changed = diesel::update(same)
        .set((
            mailings::kind.eq(next.kind),
            mailings::not_before.eq(At(next.not_before)),
            mailings::not_after.eq(At(next.not_after)),
            mailings::languages.eq(AsJson(next.languages.clone())),
        ))
        .execute(db)?;
    as_seen(changed)?;
    deliveries::make_due(db, seen.id, next.not_before.max(now))?;
    lists::address(db, seen.id, next.recipients())
}

/// Moves the deadline of a mailing that is being sent.
pub(super) fn move_deadline(db: &mut Db, seen: &StoredMailing, not_after: Timestamp) -> StoreResult<()> {
    let same = mailings::table.filter(mailings::id.eq(seen.id)).filter(mailings::state.eq(seen.state));
    as_seen(diesel::update(same).set(mailings::not_after.eq(At(not_after))).execute(db)?)
}

/// Ends a mailing that is not to leave any more, and skips the deliveries that wait. Says how many those were. A claimed
/// delivery may be in a sender's hands; the hand-over refuses it, because the mailing is not being sent any more.
pub(super) fn take_back(db: &mut Db, seen: &StoredMailing, reason: &str, now: Timestamp) -> StoreResult<usize> {
    as_seen(transition(db, MailingEvent::Cancel, &[seen.id], now)?)?;
    end_waiting(db, seen.id, DeliveryEvent::Skip, Some(reason), now)
}

/// Ends what came back to the queue after its mailing was taken back: a claim whose sender stopped, a message that the
/// relay deferred. Nothing would send it, and nothing else would end it. Says how many those were.
pub fn skip_stranded(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    let taken_back: Vec<i64> =
        mailings::table.filter(mailings::state.eq(MailingState::Cancelled)).select(mailings::id).load(db)?;
    let change = Change::because("mailing-cancelled");
    deliveries::transition(db, DeliveryEvent::Skip, Which::OfMailings(&taken_back), change, now)
}
