//! The late check with its record, and the record of what came of it.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use jiff::Timestamp;

use super::transition::{Acceptance, Change, Said, Which, accept, transition};
use crate::campaign::CampaignState;
use crate::db::campaigns::sendable;
use crate::db::kept::{StaysPrepared, padded};
use crate::db::members::{StandingRow, standing, standing_columns};
use crate::db::schema::{campaigns, deliveries, mailings, members};
use crate::db::{Db, StoreError, StoreResult};
use crate::delivery::late_check::{CampaignStanding, LateAnswer, LateCheck, LateFacts, MailingStanding};
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::state::{DeliveryEvent, Fence};
use crate::delivery::{DeliveryState, MailingState};
use crate::smtp::{Enhanced, Stage};

/// How an attempt ended, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The delivery, and the claim under which it was tried.
    pub fence: Fence,
    /// What happened: one of those that the holder knows of.
    pub event: DeliveryEvent,
    /// When to try again, for an event that has it wait.
    pub next_attempt_at: Option<Timestamp>,
    /// Where the attempt ended.
    pub stage: Option<Stage>,
    /// The relay's reply code.
    pub reply_code: Option<u16>,
    /// The relay's enhanced status.
    pub enhanced_status: Option<Enhanced>,
    /// The relay's words or ours, never with an address.
    pub reason: Option<String>,
}

impl Attempt {
    /// A delivery that ends, or waits, for a reason of ours and without a reply.
    pub fn without_reply(fence: Fence, event: DeliveryEvent, reason: Option<&str>) -> Self {
        Self {
            fence,
            event,
            next_attempt_at: None,
            stage: None,
            reply_code: None,
            enhanced_status: None,
            reason: reason.map(str::to_owned),
        }
    }

    /// That the relay has the message, and what it said.
    fn acceptance(&self) -> Option<Acceptance<'_>> {
        let stage = self.stage.filter(|_| self.event == DeliveryEvent::Accept && self.next_attempt_at.is_none())?;
        Some(Acceptance { fence: &self.fence, stage, said: self.change().said? })
    }

    fn change(&self) -> Change<'_> {
        let said = Said {
            stage: self.stage,
            reply_code: self.reply_code.map(i32::from),
            enhanced_status: self.enhanced_status,
            reason: self.reason.as_deref(),
        };
        // An attempt that came to nothing leaves what is known of the last one.
        let tells = self.stage.is_some() || self.reason.is_some();
        Change {
            due_at: self.next_attempt_at,
            tried: self.stage.is_some(),
            said: tells.then_some(said),
            ..Change::default()
        }
    }
}

/// Whether a result was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The delivery moved.
    Moved,
    /// The claim was lost since, or the result is known already. The delivery stays as it is.
    Late,
    /// The claim was lost since, and the relay has the message: it was counted.
    TakenLate,
}

/// Records how an attempt ended. The lease ends with it. Under a claim that was lost since, it moves nothing; that the
/// relay has the message is counted all the same.
pub fn record(db: &mut Db, attempt: &Attempt, now: Timestamp) -> StoreResult<Recorded> {
    let held = std::slice::from_ref(&attempt.fence);
    if transition(db, attempt.event, Which::Held(held), attempt.change(), now)? > 0 {
        if DeliveryState::WAITING.contains(&attempt.event.target()) {
            reopen(db, attempt.fence.delivery, now)?;
        }
        return Ok(Recorded::Moved);
    }
    if attempt.event != DeliveryEvent::Accept {
        return Ok(Recorded::Late);
    }
    let fence = &attempt.fence;
    let row = deliveries::table.find(fence.delivery);
    let (state, owner, claim): (DeliveryState, Option<String>, i64) =
        row.select((deliveries::state, deliveries::lease_owner, deliveries::claim)).get_result(db)?;
    if state == DeliveryState::Accepted && is_of(fence, owner.as_deref(), claim) {
        // It was recorded before, as when the answer to a commit was lost, or a person said so.
        return Ok(Recorded::Late);
    }
    diesel::update(row).set(deliveries::taken.eq(deliveries::taken + 1)).execute(db)?;
    Ok(Recorded::TakenLate)
}

/// Records how several attempts ended, each as [`record`] does, in that order.
pub fn record_all(db: &mut Db, attempts: &[Attempt], now: Timestamp) -> StoreResult<Vec<Recorded>> {
    let mut accepted = accept_together(db, attempts, now)?;
    attempts
        .iter()
        .map(|attempt| {
            // The same answer told again is looked at by itself.
            let moved = attempt.event == DeliveryEvent::Accept && accepted.remove(&attempt.fence.delivery);
            if moved { Ok(Recorded::Moved) } else { record(db, attempt, now) }
        })
        .collect()
}

/// What most attempts come to, in one statement. Says which moved.
fn accept_together(db: &mut Db, attempts: &[Attempt], now: Timestamp) -> StoreResult<HashSet<i64>> {
    let heard: Vec<Acceptance> = attempts.iter().filter_map(Attempt::acceptance).collect();
    if heard.len() < 2 {
        return Ok(HashSet::new());
    }
    Ok(accept(db, &heard, now)?.into_iter().collect())
}

/// Whether a row's owner and claim are those of `fence`.
fn is_of(fence: &Fence, owner: Option<&str>, claim: i64) -> bool {
    owner == Some(&*fence.owner) && claim == fence.claim
}

/// A mailing that was finished while a delivery was in doubt is being sent again once that delivery waits.
fn reopen(db: &mut Db, delivery: i64, now: Timestamp) -> StoreResult<()> {
    let mailing: i64 = deliveries::table.find(delivery).select(deliveries::mailing_id).first(db)?;
    crate::db::mailings::transition(db, MailingEvent::Reopen, &[mailing], now).map(drop)
}

/// Keeps what [`hand_over`] asks about from changing until the transaction ends. On PostgreSQL a withdrawal, a pause or
/// another deadline may be about to be committed by somebody else: it is waited for here, and what this transaction reads
/// from now on knows of it. SQLite has one writer anyway.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite needs no lock of a row"))]
pub fn lock(db: &mut Db, fences: &[Fence]) -> StoreResult<()> {
    match db {
        Db::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            // Everybody in the same order, so that two batches never wait for each other; and in one statement: each is a
            // way to the server and back, in which what is known gets older.
            let rows = diesel::sql_query(
                "SELECT deliveries.id FROM deliveries JOIN mailings ON mailings.id = deliveries.mailing_id \
                 JOIN campaigns ON campaigns.id = mailings.campaign_id JOIN members ON members.id = deliveries.member_id \
                 WHERE deliveries.id = ANY ($1) ORDER BY members.id, deliveries.id \
                 FOR SHARE OF campaigns, mailings, members FOR UPDATE OF deliveries",
            )
            .bind::<diesel::sql_types::Array<diesel::sql_types::BigInt>, _>(ids(fences));
            StaysPrepared(rows).load::<LockedRow>(conn)?;
        }
    }
    Ok(())
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct LockedRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    #[expect(dead_code, reason = "that it was found is enough")]
    id: i64,
}

fn ids(fences: &[Fence]) -> Vec<i64> {
    fences.iter().map(|fence| fence.delivery).collect()
}

/// What the late check says at `now` of a delivery that its holder left in state `held_in`. Changes nothing.
pub fn look(db: &mut Db, fence: &Fence, held_in: DeliveryState, now: Timestamp) -> StoreResult<LateAnswer> {
    let facts = late_facts(db, std::slice::from_ref(fence), held_in, now)?;
    Ok(facts.first().map_or(LateAnswer::LOST, |(_, facts)| LateAnswer::of(facts, now)))
}

/// The late check and the record of it, in one step: reads what the ledger, the campaign and the clock say of each
/// delivery at `now`, an instant after [`lock`], and marks as handed over those that may go out, until `leased_until`.
/// The others are recorded as what they became.
pub fn hand_over(
    db: &mut Db,
    fences: &[Fence],
    leased_until: Timestamp,
    now: Timestamp,
) -> StoreResult<Vec<(Fence, LateAnswer)>> {
    let answers: Vec<(Fence, LateAnswer)> = late_facts(db, fences, DeliveryState::Claimed, now)?
        .into_iter()
        .map(|(fence, facts)| (fence, LateAnswer::of(&facts, now)))
        .collect();
    let proceeding = answers.iter().filter(|(_, answer)| answer.check == LateCheck::Proceed);
    let proceeding: Vec<Fence> = proceeding.map(|(fence, _)| fence.clone()).collect();
    let change = Change { leased_until: Some(leased_until), ..Change::default() };
    if transition(db, DeliveryEvent::HandOver, Which::Held(&proceeding), change, now)? < proceeding.len() {
        // Another daemon took one since it was read: everything is read again.
        return Err(StoreError::Busy);
    }
    for (fence, answer) in &answers {
        if let Some((event, reason)) = answer.check.withheld() {
            record(db, &Attempt::without_reply(fence.clone(), event, reason), now)?;
        }
    }
    Ok(answers)
}

/// (id, state, owner, claim, taken), how the member stands, the mailing, whether the campaign is cancelled and whether its mailings leave. What cannot be read is neither.
type HandOverColumns = (
    (i64, DeliveryState, Option<String>, i64, i32),
    StandingRow,
    (MailingState, Timestamp, Option<Timestamp>),
    (bool, bool),
);

/// What the store knows of deliveries that their holders left in state `held_in`. One that is gone is left out.
fn late_facts(
    db: &mut Db,
    fences: &[Fence],
    held_in: DeliveryState,
    now: Timestamp,
) -> StoreResult<Vec<(Fence, LateFacts)>> {
    let asked = deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .inner_join(members::table)
        .filter(deliveries::id.eq_any(padded(ids(fences))))
        .select((
            (deliveries::id, deliveries::state, deliveries::lease_owner, deliveries::claim, deliveries::taken),
            standing_columns!(now),
            (mailings::state, mailings::not_after, mailings::stopped_at),
            (campaigns::state.eq(CampaignState::Cancelled), sendable()),
        ));
    let rows: Vec<HandOverColumns> = StaysPrepared(asked).load(db)?;
    let rows: HashMap<i64, HandOverColumns> = rows.into_iter().map(|row| (row.0.0, row)).collect();
    let known = fences.iter().filter_map(|fence| Some((fence, rows.get(&fence.delivery)?)));
    Ok(known.map(|(fence, row)| (fence.clone(), facts_of(fence, held_in, row))).collect())
}

fn facts_of(fence: &Fence, held_in: DeliveryState, row: &HandOverColumns) -> LateFacts {
    let ((_, state, owner, claim, taken), member, mailing, (cancelled, sendable)) = row;
    let (mailing, not_after, stopped_at) = mailing;
    LateFacts {
        is_held: *state == held_in && is_of(fence, owner.as_deref(), *claim),
        was_taken: *taken > 0,
        member: standing(*member),
        mailing: match (mailing, stopped_at) {
            (MailingState::Sending, None) => MailingStanding::Sending,
            (MailingState::Sending, Some(_)) => MailingStanding::Stopped,
            _ => MailingStanding::Ended,
        },
        campaign: match (cancelled, sendable) {
            (true, _) => CampaignStanding::Cancelled,
            (false, true) => CampaignStanding::Active,
            (false, false) => CampaignStanding::Waiting,
        },
        not_after: *not_after,
    }
}
