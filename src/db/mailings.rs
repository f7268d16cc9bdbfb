//! The mailings of applied campaigns, and how they follow a file that is applied again.
//!
//! What was sent cannot be changed: once a mailing has begun, only its deadline moves. Beginning, expiring and ending
//! mailings is the planner's, see [`super::planning`].

use std::str::FromStr;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::column::{Col, columns};
use super::deliveries::{Change, Which, end_waiting};
use super::schema::{campaigns, mailings};
use super::{Db, StoreError, StoreResult, deliveries, identity, instant, micros, optional_instant};
use crate::campaign::{MailingKind, PlannedMailing, Schedule};
use crate::delivery::MailingState;
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::state::Event;
use crate::member::Language;

/// A mailing as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub languages: Vec<Language>,
    /// Where it stands.
    pub state: MailingState,
    /// When its audience was frozen.
    pub frozen_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Why a file cannot replace what is applied. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyRefusal {
    /// The campaign was cancelled, and its members may have been told.
    #[error("the campaign `{slug}` was cancelled; a new sale needs a slug of its own")]
    Cancelled {
        /// The campaign.
        slug: String,
    },
    /// The mailing has begun, so what it says cannot change any more.
    #[error(
        "the mailing `{mailing}` has begun, so its {field} cannot change; put it back as it was, or add another mailing"
    )]
    Begun {
        /// The mailing.
        mailing: String,
        /// What the file changes.
        field: &'static str,
    },
    /// The mailing was taken back after some members had got it; under the same name nobody could get it again.
    #[error("the mailing `{mailing}` was taken back after it had begun; give the new one another name")]
    TakenBack {
        /// The mailing.
        mailing: String,
    },
}

/// What an apply does to one mailing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step<'a> {
    Keep,
    Plan(&'a PlannedMailing),
    MoveDeadline(Timestamp),
    TakeBack,
}

type Row = (i64, String, String, i64, i64, String, Col<MailingState>, Option<i64>, Option<i64>);

/// Makes `event` happen to those of the mailings `ids` in whose state it can, and says how many it moved. The one way
/// in which mailings change their state.
pub(super) fn transition(db: &mut Db, event: MailingEvent, ids: &[i64], now: Timestamp) -> StoreResult<usize> {
    let movable =
        mailings::table.filter(mailings::id.eq_any(ids)).filter(mailings::state.eq_any(columns(event.sources())));
    let state = mailings::state.eq(Col(event.target()));
    let ended_at = mailings::ended_at.eq(event.target().has_ended().then(|| micros(now)));
    Ok(if event == MailingEvent::Begin {
        diesel::update(movable).set((state, ended_at, mailings::frozen_at.eq(micros(now)))).execute(db)?
    } else {
        diesel::update(movable).set((state, ended_at)).execute(db)?
    })
}

/// The mailings of a campaign, by the instant at which they begin.
pub fn list(db: &mut Db, campaign_id: i64) -> StoreResult<Vec<StoredMailing>> {
    mailings::table
        .filter(mailings::campaign_id.eq(campaign_id))
        .order((mailings::not_before, mailings::id))
        .select((
            mailings::id,
            mailings::name,
            mailings::kind,
            mailings::not_before,
            mailings::not_after,
            mailings::languages,
            mailings::state,
            mailings::frozen_at,
            mailings::ended_at,
        ))
        .load::<Row>(db)?
        .into_iter()
        .map(stored)
        .collect()
}

/// The mailings that lie ahead, by their times: campaign, name, and when it begins.
pub fn planned(db: &mut Db) -> StoreResult<Vec<(String, String, Timestamp)>> {
    mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::state.eq(Col(MailingState::Planned)))
        .order((mailings::not_before, mailings::id))
        .select((campaigns::slug, mailings::name, mailings::not_before))
        .load::<(String, String, i64)>(db)?
        .into_iter()
        .map(|(campaign, name, not_before)| Ok((campaign, name, instant(not_before)?)))
        .collect()
}

fn stored(row: Row) -> StoreResult<StoredMailing> {
    let (id, name, kind, not_before, not_after, languages, Col(state), frozen_at, ended_at) = row;
    Ok(StoredMailing {
        id,
        name,
        kind: MailingKind::from_str(&kind).map_err(|_| StoreError::corrupt("a mailing's kind", &kind))?,
        not_before: instant(not_before)?,
        not_after: instant(not_after)?,
        languages: serde_json::from_str(&languages)
            .map_err(|_| StoreError::corrupt("a mailing's languages", &languages))?,
        state,
        frozen_at: optional_instant(frozen_at)?,
        ended_at: optional_instant(ended_at)?,
    })
}

/// Adds the mailings of a campaign that is applied for the first time.
pub(super) fn add(db: &mut Db, campaign_id: i64, mailings: &[PlannedMailing]) -> StoreResult<()> {
    mailings.iter().try_for_each(|mailing| insert(db, campaign_id, mailing))
}

/// Why the mailings of a campaign cannot follow `next`, if they cannot.
pub(super) fn refusal(
    db: &mut Db,
    campaign_id: i64,
    applied: &Schedule,
    next: &Schedule,
    now: Timestamp,
) -> StoreResult<Option<ApplyRefusal>> {
    Ok(steps(&list(db, campaign_id)?, applied, next, now).err())
}

/// What `next` does to each stored mailing, or why it cannot.
fn steps<'s, 'n>(
    stored: &'s [StoredMailing],
    applied: &Schedule,
    next: &'n Schedule,
    now: Timestamp,
) -> Result<Vec<(&'s StoredMailing, Step<'n>)>, ApplyRefusal> {
    let step = |mailing: &'s StoredMailing| {
        let step = step(mailing, applied.mailing(&mailing.name), next.mailing(&mailing.name), now)?;
        Ok((mailing, step))
    };
    stored.iter().map(step).collect()
}

/// Makes the mailings of a campaign follow `next`, or refuses and changes nothing.
pub(super) fn follow(
    db: &mut Db,
    campaign_id: i64,
    applied: &Schedule,
    next: &Schedule,
    now: Timestamp,
) -> StoreResult<Result<(), ApplyRefusal>> {
    let stored = list(db, campaign_id)?;
    let steps = match steps(&stored, applied, next, now) {
        Ok(steps) => steps,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for (mailing, step) in steps {
        match step {
            Step::Keep => {}
            Step::Plan(next) => plan(db, mailing, next, now)?,
            Step::MoveDeadline(not_after) => move_deadline(db, mailing, not_after)?,
            Step::TakeBack => take_back(db, mailing, "mailing-cancelled", now).map(drop)?,
        }
    }
    for mailing in &next.mailings {
        if !stored.iter().any(|stored| stored.name == mailing.name) {
            insert(db, campaign_id, mailing)?;
        }
    }
    Ok(Ok(()))
}

/// What applying `next` does to a stored mailing whose words were `applied`.
fn step<'a>(
    stored: &StoredMailing,
    applied: Option<&PlannedMailing>,
    next: Option<&'a PlannedMailing>,
    now: Timestamp,
) -> Result<Step<'a>, ApplyRefusal> {
    let begun = stored.frozen_at.is_some();
    let Some(next) = next else {
        return Ok(if MailingState::OPEN.contains(&stored.state) { Step::TakeBack } else { Step::Keep });
    };
    if stored.state == MailingState::SetAside {
        return Ok(Step::Keep);
    }
    if !begun {
        let comes = stored.state == MailingState::Planned || next.not_after > now;
        return Ok(if comes { Step::Plan(next) } else { Step::Keep });
    }
    if stored.state == MailingState::Cancelled {
        return Err(ApplyRefusal::TakenBack { mailing: next.name.clone() });
    }
    let texts = applied.is_some_and(|applied| applied.texts != next.texts);
    let changed = [
        (stored.kind != next.kind, "kind"),
        (stored.languages != next.languages, "list of languages"),
        (texts, "text"),
    ];
    if let Some((_, field)) = changed.into_iter().find(|(changed, _)| *changed) {
        return Err(ApplyRefusal::Begun { mailing: next.name.clone(), field });
    }
    let moves = stored.state == MailingState::Sending && stored.not_after != next.not_after;
    Ok(if moves { Step::MoveDeadline(next.not_after) } else { Step::Keep })
}

/// Where a mailing stands that an apply plans: one that began before the store was restored may have been sent.
fn planned_state(db: &mut Db, mailing: &PlannedMailing) -> StoreResult<MailingState> {
    let forgotten = identity::forgotten_until(db)?.is_some_and(|until| mailing.not_before <= until);
    Ok(if forgotten { MailingState::SetAside } else { MailingState::Planned })
}

fn insert(db: &mut Db, campaign_id: i64, mailing: &PlannedMailing) -> StoreResult<()> {
    let state = planned_state(db, mailing)?;
    diesel::insert_into(mailings::table)
        .values((
            mailings::campaign_id.eq(campaign_id),
            mailings::name.eq(&mailing.name),
            mailings::kind.eq(mailing.kind.to_string()),
            mailings::not_before.eq(micros(mailing.not_before)),
            mailings::not_after.eq(micros(mailing.not_after)),
            mailings::languages.eq(languages(mailing)),
            mailings::state.eq(Col(state)),
        ))
        .execute(db)?;
    Ok(())
}

fn languages(mailing: &PlannedMailing) -> String {
    let codes: Vec<&str> = mailing.languages.iter().map(|language| language.code()).collect();
    serde_json::json!(codes).to_string()
}

/// A planner may have moved the mailing on since it was read; then the whole apply starts again.
fn as_seen(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Busy) }
}

fn plan(db: &mut Db, seen: &StoredMailing, next: &PlannedMailing, now: Timestamp) -> StoreResult<()> {
    let event = match planned_state(db, next)? {
        MailingState::SetAside => MailingEvent::SetAside,
        _ => MailingEvent::PlanAgain,
    };
    as_seen(transition(db, event, &[seen.id], now)?)?;
    let unbegun = mailings::table.filter(mailings::id.eq(seen.id)).filter(mailings::frozen_at.is_null());
    let changed = diesel::update(unbegun)
        .set((
            mailings::kind.eq(next.kind.to_string()),
            mailings::not_before.eq(micros(next.not_before)),
            mailings::not_after.eq(micros(next.not_after)),
            mailings::languages.eq(languages(next)),
        ))
        .execute(db)?;
    as_seen(changed)
}

fn move_deadline(db: &mut Db, seen: &StoredMailing, not_after: Timestamp) -> StoreResult<()> {
    let same = mailings::table.filter(mailings::id.eq(seen.id)).filter(mailings::state.eq(Col(seen.state)));
    as_seen(diesel::update(same).set(mailings::not_after.eq(micros(not_after))).execute(db)?)
}

/// Ends a mailing that is not to leave any more, and skips the deliveries that wait. Says how many those were. A claimed
/// delivery may be in a sender's hands; the hand-over refuses it, because the mailing is not being sent any more.
pub(super) fn take_back(db: &mut Db, seen: &StoredMailing, reason: &str, now: Timestamp) -> StoreResult<usize> {
    as_seen(transition(db, MailingEvent::Cancel, &[seen.id], now)?)?;
    end_waiting(db, seen.id, Event::Skip, Some(reason), now)
}

/// Ends what came back to the queue after its mailing was taken back: a claim whose sender stopped, a message that the
/// relay deferred. Nothing would send it, and nothing else would end it. Says how many those were.
pub fn skip_stranded(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    let taken_back: Vec<i64> =
        mailings::table.filter(mailings::state.eq(Col(MailingState::Cancelled))).select(mailings::id).load(db)?;
    let change = Change::because("mailing-cancelled");
    deliveries::transition(db, Event::Skip, Which::OfMailings(&taken_back), change, now)
}
