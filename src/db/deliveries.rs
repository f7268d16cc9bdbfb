//! Deliveries: claimed by lease, handed over after a last look at the ledger, recorded one by one.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;

use super::members::eligible;
use super::schema::{campaigns, deliveries, mailings, members};
use super::{Db, StoreError, StoreResult, instant, micros};
use crate::delivery::DeliveryState;
use crate::delivery::late_check::{CampaignStanding, LateCheck, LateFacts, MemberStanding, late_check};

/// Who claims, and until when the claim holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The daemon's name.
    pub owner: String,
    /// When the lease runs out and others may take the delivery.
    pub until: Timestamp,
}

/// A claimed delivery, with what is needed to write the letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Job {
    /// The delivery.
    pub id: i64,
    /// Its mailing.
    pub mailing_id: i64,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it must have been accepted.
    pub not_after: Timestamp,
    /// The member's pseudonym.
    pub pseudonym: String,
    /// The member's address.
    pub address: String,
    /// The member's language.
    pub language: String,
    /// Since when the member's consent stands.
    pub consent_since: Timestamp,
}

impl std::fmt::Debug for Job {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("id", &self.id).field("mailing_id", &self.mailing_id).finish_non_exhaustive()
    }
}

/// How an attempt ended, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The delivery.
    pub id: i64,
    /// The state it goes to: accepted, deferred, refused, in-doubt, expired, skipped, or queued when it was not tried.
    pub state: DeliveryState,
    /// When to try again, for a state that waits.
    pub next_attempt_at: Option<Timestamp>,
    /// Where the attempt ended.
    pub stage: Option<&'static str>,
    /// The relay's reply code.
    pub reply_code: Option<u16>,
    /// The relay's enhanced status, such as `5.1.1`.
    pub enhanced_status: Option<String>,
    /// The relay's words or ours, never with an address.
    pub reason: Option<String>,
}

impl Attempt {
    /// A delivery that ends, or waits, for a reason of ours and without a reply.
    pub fn without_reply(id: i64, state: DeliveryState, reason: Option<&str>) -> Self {
        Self {
            id,
            state,
            next_attempt_at: None,
            stage: None,
            reply_code: None,
            enhanced_status: None,
            reason: reason.map(str::to_owned),
        }
    }
}

const WAITING: [&str; 2] = ["queued", "deferred"];

/// The campaign lets mailings go out.
type Sendable = diesel::dsl::And<diesel::dsl::Eq<campaigns::state, &'static str>, diesel::dsl::IsNull<campaigns::held>>;

/// The mailings that deliveries may be claimed from, the most urgent first: id and deadline. A stopped one waits.
pub fn sendable_mailings(db: &mut Db, now: Timestamp) -> StoreResult<Vec<(i64, Timestamp)>> {
    let sendable: Sendable = campaigns::state.eq("active").and(campaigns::held.is_null());
    mailings::table
        .inner_join(campaigns::table)
        .filter(sendable)
        .filter(mailings::state.eq("sending").and(mailings::stopped_at.is_null()))
        .filter(mailings::not_after.gt(micros(now)))
        .order((mailings::not_after, mailings::id))
        .select((mailings::id, mailings::not_after))
        .load::<(i64, i64)>(db)?
        .into_iter()
        .map(|(id, not_after)| Ok((id, instant(not_after)?)))
        .collect()
}

/// Claims up to `limit` deliveries that are due, under `lease`.
pub fn claim(db: &mut Db, lease: &Lease, now: Timestamp, limit: i64) -> StoreResult<Vec<Job>> {
    let mut jobs = Vec::new();
    for (mailing_id, not_after) in sendable_mailings(db, now)? {
        for state in WAITING {
            let left = limit - i64::try_from(jobs.len()).unwrap_or(limit);
            if left <= 0 {
                return Ok(jobs);
            }
            let ids = due_ids(db, mailing_id, state, now, left)?;
            if !ids.is_empty() {
                take(db, &ids, lease)?;
                jobs.extend(load_jobs(db, &ids, not_after)?);
            }
        }
    }
    Ok(jobs)
}

/// The only place that names a locking clause: on PostgreSQL other daemons claim at the same time.
fn due_ids(db: &mut Db, mailing_id: i64, state: &str, now: Timestamp, limit: i64) -> StoreResult<Vec<i64>> {
    let due = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(state))
        .filter(deliveries::next_attempt_at.le(micros(now)))
        .order((deliveries::next_attempt_at, deliveries::id))
        .limit(limit)
        .select(deliveries::id);
    Ok(match db {
        Db::Sqlite(conn) => due.load(conn)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => due.for_update().skip_locked().load(conn)?,
    })
}

fn take(db: &mut Db, ids: &[i64], lease: &Lease) -> StoreResult<()> {
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
        .set((
            deliveries::state.eq("claimed"),
            deliveries::lease_owner.eq(&lease.owner),
            deliveries::lease_until.eq(micros(lease.until)),
        ))
        .execute(db)?;
    Ok(())
}

fn load_jobs(db: &mut Db, ids: &[i64], not_after: Timestamp) -> StoreResult<Vec<Job>> {
    deliveries::table
        .inner_join(members::table)
        .filter(deliveries::id.eq_any(ids))
        .order(deliveries::id)
        .select((
            deliveries::id,
            deliveries::mailing_id,
            deliveries::attempts,
            members::pseudonym,
            members::address,
            members::language,
            members::consent_since,
        ))
        .load::<(i64, i64, i32, String, Option<String>, String, i64)>(db)?
        .into_iter()
        .map(|(id, mailing_id, attempts, pseudonym, address, language, consent_since)| {
            Ok(Job {
                id,
                mailing_id,
                attempts: attempts.unsigned_abs(),
                not_after,
                pseudonym,
                // Erased since: the late check will skip it.
                address: address.unwrap_or_default(),
                language,
                consent_since: instant(consent_since)?,
            })
        })
        .collect()
}

/// The late check and the record of it, in one step: reads what the ledger, the campaign and the clock say of each
/// delivery now, and marks as handed over those that may go out. The others are recorded as what they became.
pub fn hand_over(db: &mut Db, ids: &[i64], lease: &Lease, now: Timestamp) -> StoreResult<Vec<(i64, LateCheck)>> {
    let checked: Vec<(i64, LateCheck)> =
        late_facts(db, ids, &lease.owner, now)?.into_iter().map(|(id, facts)| (id, late_check(&facts, now))).collect();
    let proceeding: Vec<i64> =
        checked.iter().filter(|(_, check)| *check == LateCheck::Proceed).map(|(id, _)| *id).collect();
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(&proceeding)))
        .set((
            deliveries::state.eq("handed-over"),
            deliveries::handed_over_at.eq(micros(now)),
            deliveries::lease_until.eq(micros(lease.until)),
        ))
        .execute(db)?;
    for (id, check) in &checked {
        let (state, reason) = match check {
            LateCheck::Proceed | LateCheck::Lost => continue,
            LateCheck::PutBack => (DeliveryState::Queued, None),
            LateCheck::Expire => (DeliveryState::Expired, None),
            LateCheck::Skip(reason) => (DeliveryState::Skipped, Some(*reason)),
        };
        record(db, &Attempt::without_reply(*id, state, reason), now)?;
    }
    Ok(checked)
}

fn late_facts(db: &mut Db, ids: &[i64], owner: &str, now: Timestamp) -> StoreResult<Vec<(i64, LateFacts)>> {
    type Row = (
        i64,
        String,
        Option<String>,
        Option<i64>,
        (Option<bool>, String),
        (String, i64, Option<i64>),
        (String, Option<String>),
    );
    let rows: Vec<Row> = deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .inner_join(members::table)
        .filter(deliveries::id.eq_any(ids))
        .select((
            deliveries::id,
            deliveries::state,
            deliveries::lease_owner,
            deliveries::lease_until,
            (eligible(micros(now)), members::consent),
            (mailings::state, mailings::not_after, mailings::stopped_at),
            (campaigns::state, campaigns::held),
        ))
        .load(db)?;
    rows.into_iter()
        .map(|(id, state, lease_owner, lease_until, member, mailing, campaign)| {
            let (eligible, consent) = member;
            let facts = LateFacts {
                state: parse_state(&state)?,
                lease_is_ours: lease_owner.as_deref() == Some(owner) && lease_until.is_some_and(|at| at > micros(now)),
                member: match (eligible, consent.as_str()) {
                    (Some(true), _) => MemberStanding::Consents,
                    // Confirmed and yet not eligible: run out, or on the suppression list.
                    (_, "confirmed") => MemberStanding::Suppressed,
                    _ => MemberStanding::NoConsent,
                },
                mailing_is_sending: mailing.0 == "sending",
                mailing_is_stopped: mailing.2.is_some(),
                campaign: match (campaign.0.as_str(), campaign.1) {
                    ("cancelled", _) => CampaignStanding::Cancelled,
                    ("active", None) => CampaignStanding::Active,
                    _ => CampaignStanding::Waiting,
                },
                not_after: instant(mailing.1)?,
            };
            Ok((id, facts))
        })
        .collect()
}

/// Records how an attempt ended. The lease ends with it. A delivery that has ended since is left alone.
pub fn record(db: &mut Db, attempt: &Attempt, now: Timestamp) -> StoreResult<()> {
    let tried = i32::from(attempt.stage.is_some());
    let row = deliveries::table
        .filter(deliveries::id.eq(attempt.id))
        .filter(deliveries::state.eq_any(["claimed", "handed-over"]));
    diesel::update(row)
        .set((
            deliveries::state.eq(attempt.state.name()),
            deliveries::attempts.eq(deliveries::attempts + tried),
            deliveries::lease_owner.eq(None::<String>),
            deliveries::lease_until.eq(None::<i64>),
            deliveries::ended_at.eq(attempt.state.has_ended().then(|| micros(now))),
            deliveries::stage.eq(attempt.stage),
            deliveries::reply_code.eq(attempt.reply_code.map(i32::from)),
            deliveries::enhanced_status.eq(&attempt.enhanced_status),
            deliveries::reason.eq(&attempt.reason),
        ))
        .execute(db)?;
    if let Some(at) = attempt.next_attempt_at {
        diesel::update(deliveries::table.filter(deliveries::id.eq(attempt.id)))
            .set(deliveries::next_attempt_at.eq(micros(at)))
            .execute(db)?;
    }
    Ok(())
}

/// Whose leases to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leases {
    /// Those that have run out.
    RunOut,
    /// All of them: this daemon has just started and no other can be on the store.
    All,
}

/// Takes back what senders left: untried deliveries go back to the queue, handed-over ones are in doubt. Returns how
/// many of each.
pub fn reap(db: &mut Db, which: Leases, now: Timestamp) -> StoreResult<(usize, usize)> {
    let until = match which {
        Leases::RunOut => micros(now),
        Leases::All => i64::MAX,
    };
    let put_back = diesel::update(
        deliveries::table.filter(deliveries::state.eq("claimed")).filter(deliveries::lease_until.le(until)),
    )
    .set((
        deliveries::state.eq("queued"),
        deliveries::lease_owner.eq(None::<String>),
        deliveries::lease_until.eq(None::<i64>),
    ))
    .execute(db)?;
    let in_doubt = diesel::update(
        deliveries::table.filter(deliveries::state.eq("handed-over")).filter(deliveries::lease_until.le(until)),
    )
    .set((
        deliveries::state.eq("in-doubt"),
        deliveries::attempts.eq(deliveries::attempts + 1),
        deliveries::stage.eq("body"),
        deliveries::reason.eq("the sender stopped before the relay's answer was recorded"),
        deliveries::ended_at.eq(micros(now)),
        deliveries::lease_owner.eq(None::<String>),
        deliveries::lease_until.eq(None::<i64>),
    ))
    .execute(db)?;
    Ok((put_back, in_doubt))
}

/// Ends every waiting delivery of a mailing, for `reason`.
pub fn end_waiting(
    db: &mut Db,
    mailing_id: i64,
    state: DeliveryState,
    reason: Option<&str>,
    now: Timestamp,
) -> StoreResult<usize> {
    Ok(diesel::update(
        deliveries::table.filter(deliveries::mailing_id.eq(mailing_id)).filter(deliveries::state.eq_any(WAITING)),
    )
    .set((deliveries::state.eq(state.name()), deliveries::reason.eq(reason), deliveries::ended_at.eq(micros(now))))
    .execute(db)?)
}

/// How many deliveries of a mailing are in each state.
pub fn count_by_state(db: &mut Db, mailing_id: i64) -> StoreResult<BTreeMap<DeliveryState, u64>> {
    deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .group_by(deliveries::state)
        .select((deliveries::state, diesel::dsl::count_star()))
        .load::<(String, i64)>(db)?
        .into_iter()
        .map(|(state, count)| Ok((parse_state(&state)?, count.unsigned_abs())))
        .collect()
}

/// The earliest instant at which a waiting delivery of a sendable mailing is due, and the earliest at which a lease
/// runs out.
pub fn next_due(db: &mut Db, now: Timestamp) -> StoreResult<Option<Timestamp>> {
    let sendable: Vec<i64> = sendable_mailings(db, now)?.into_iter().map(|(id, _)| id).collect();
    let mut earliest: Option<i64> = None;
    for mailing_id in sendable {
        for state in WAITING {
            let due: Option<i64> = deliveries::table
                .filter(deliveries::mailing_id.eq(mailing_id))
                .filter(deliveries::state.eq(state))
                .select(diesel::dsl::min(deliveries::next_attempt_at))
                .get_result(db)?;
            earliest = [earliest, due].into_iter().flatten().min();
        }
    }
    super::optional_instant(earliest)
}

/// The earliest instant at which a lease runs out.
pub fn next_lease_end(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    super::optional_instant(
        deliveries::table
            .filter(deliveries::lease_until.is_not_null())
            .select(diesel::dsl::min(deliveries::lease_until))
            .get_result(db)?,
    )
}

fn parse_state(name: &str) -> StoreResult<DeliveryState> {
    name.parse().map_err(|_| StoreError::corrupt("the state of a delivery", name))
}
