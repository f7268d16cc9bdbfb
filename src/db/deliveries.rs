//! Deliveries: claimed by lease, handed over after a last look at the ledger, recorded one by one.

mod hand_over;
mod transition;
pub mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::campaigns::sendable;
use super::column::{At, Tried};
use super::kept::{StaysPrepared, padded};
use super::members::{StandingRow, standing, standing_columns};
use super::schema::{campaigns, deliveries, mailings, members};
use super::{Db, StoreResult, delivery_log};
use crate::delivery::breaker::StoppedParts;
use crate::delivery::late_check::{NO_CONSENT, UNREADABLE};
use crate::delivery::marks::MarkedLetters;
use crate::delivery::providers::lane_of;
use crate::delivery::state::{DeliveryEvent, Fence};
use crate::delivery::{DeliveryState, MailingState};
use crate::member::{Address, Language, Pseudonym};
use crate::smtp::Stage;
use crate::text::Slug;

pub use hand_over::{Attempt, Recorded, hand_over, lock, look, record, record_all};
pub(crate) use transition::{Change, Said, Which, transition};

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
    /// The delivery, and the claim on it.
    pub fence: Fence,
    /// Its mailing.
    pub mailing_id: i64,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it must have been accepted.
    pub not_after: Timestamp,
    /// The member's pseudonym.
    pub pseudonym: Pseudonym,
    /// The member's address.
    pub address: Address,
    /// The member's language.
    pub language: Language,
    /// Since when the member's consent stands.
    pub consent_since: Timestamp,
}

impl Job {
    /// The delivery.
    pub fn id(&self) -> i64 {
        self.fence.delivery
    }
}

impl std::fmt::Debug for Job {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("fence", &self.fence).field("mailing_id", &self.mailing_id).finish_non_exhaustive()
    }
}

/// A mailing that is being sent.
#[derive(Queryable)]
struct Sending {
    id: i64,
    not_before: Timestamp,
    not_after: Timestamp,
    stopped: StoppedParts,
}

/// The mailings that deliveries may be claimed from, the most urgent first: id and deadline. A stopped one waits, and so
/// does one whose beginning was moved on although it had begun.
pub fn sendable_mailings(db: &mut Db, now: Timestamp) -> StoreResult<Vec<(i64, Timestamp)>> {
    Ok(begun(db, now)?.into_iter().map(|mailing| (mailing.id, mailing.not_after)).collect())
}

fn begun(db: &mut Db, now: Timestamp) -> StoreResult<Vec<Sending>> {
    Ok(sending(db, now)?.into_iter().filter(|mailing| mailing.not_before <= now).collect())
}

fn sending(db: &mut Db, now: Timestamp) -> StoreResult<Vec<Sending>> {
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(sendable())
        .filter(mailings::state.eq(MailingState::Sending).and(mailings::stopped_at.is_null()))
        .filter(mailings::not_after.gt(At(now)))
        .order((mailings::not_after, mailings::id))
        .select((mailings::id, mailings::not_before, mailings::not_after, mailings::stopped_parts))
        .load(db)?)
}

/// Claims up to `limit` deliveries that are due, under `lease`; none of the mailings `but`.
pub fn claim(db: &mut Db, lease: &Lease, but: &BTreeSet<i64>, now: Timestamp, limit: i64) -> StoreResult<Vec<Job>> {
    let (mut jobs, mut claimed) = (Vec::new(), 0);
    for mailing in begun(db, now)?.into_iter().filter(|mailing| !but.contains(&mailing.id)) {
        for state in DeliveryState::WAITING {
            if claimed >= limit {
                return Ok(jobs);
            }
            let ids = due_ids(db, mailing.id, state, now, limit - claimed)?;
            claimed += i64::try_from(ids.len()).unwrap_or(limit);
            jobs.extend(take_hold(db, lease, &ids, &mailing, now)?);
        }
    }
    Ok(jobs)
}

/// Claims those of `ids` that wait and may be sent, whenever they are due, under `lease`; none of the mailings `but`.
pub fn claim_these(
    db: &mut Db,
    lease: &Lease,
    ids: &[i64],
    but: &BTreeSet<i64>,
    now: Timestamp,
) -> StoreResult<Vec<Job>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut jobs = Vec::with_capacity(ids.len());
    for mailing in begun(db, now)?.into_iter().filter(|mailing| !but.contains(&mailing.id)) {
        let waiting = deliveries::table
            .filter(deliveries::id.eq_any(ids))
            .filter(deliveries::mailing_id.eq(mailing.id))
            .filter(deliveries::state.eq_any(DeliveryState::WAITING))
            .order(deliveries::id)
            .select(deliveries::id);
        let waiting: Vec<i64> = match db {
            Db::Sqlite(conn) => waiting.load(conn)?,
            #[cfg(feature = "postgres")]
            Db::Postgres(conn) => waiting.for_update().skip_locked().load(conn)?,
        };
        jobs.extend(take_hold(db, lease, &waiting, &mailing, now)?);
    }
    Ok(jobs)
}

/// The claim itself: every one names the witness of what is recorded under it.
fn take_hold(db: &mut Db, lease: &Lease, ids: &[i64], mailing: &Sending, now: Timestamp) -> StoreResult<Vec<Job>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    witness::name(db)?;
    let change = Change { owner: Some(&lease.owner), leased_until: Some(lease.until), ..Change::default() };
    transition(db, DeliveryEvent::Claim, Which::Ids(ids), change, now)?;
    let jobs = load_jobs(db, ids, &lease.owner.as_str().into(), mailing.not_after, now)?;
    if mailing.stopped == StoppedParts::default() {
        return Ok(jobs);
    }
    let is_stopped = |job: &Job| mailing.stopped.holds(lane_of(job.address.domain()).as_provider());
    let (stopped, jobs): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(is_stopped);
    let stopped: Vec<Fence> = stopped.into_iter().map(|job| job.fence).collect();
    let later = Change::due_at(now.saturating_add(LOOKED_AT_AGAIN).unwrap_or(Timestamp::MAX));
    transition(db, DeliveryEvent::PutBack, Which::Held(&stopped), later, now)?;
    Ok(jobs)
}

/// After how long what is to a provider whose part of the mailing is stopped is claimed again, in vain unless it goes on: so that those
/// who wait are not in the way of the others. Less than [`HORIZON`].
const LOOKED_AT_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// On PostgreSQL other daemons claim at the same time: what one of them has locked is left to it.
fn due_ids(db: &mut Db, mailing_id: i64, state: DeliveryState, now: Timestamp, limit: i64) -> StoreResult<Vec<i64>> {
    let due = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(state))
        .filter(deliveries::next_attempt_at.le(At(now)))
        .order((deliveries::next_attempt_at, deliveries::id))
        .limit(limit)
        .select(deliveries::id);
    Ok(match db {
        Db::Sqlite(conn) => due.load(conn)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => due.for_update().skip_locked().load(conn)?,
    })
}

/// A claimed row: (id, claim, mailing, attempts), then the member's, of whom something may be unreadable, and how the member
/// stands.
type JobRow =
    ((i64, i64, i64, i32), (Tried<Pseudonym>, Option<Tried<Address>>, Tried<Language>, Tried<Timestamp>), StandingRow);

/// The jobs of claimed deliveries. One whose member can no longer be written to is skipped at once.
fn load_jobs(
    db: &mut Db,
    ids: &[i64],
    owner: &Arc<str>,
    not_after: Timestamp,
    now: Timestamp,
) -> StoreResult<Vec<Job>> {
    let claimed = deliveries::table
        .inner_join(mailings::table)
        .inner_join(members::table)
        .filter(deliveries::id.eq_any(padded(ids.iter().copied())))
        .order(deliveries::id)
        .select((
            (deliveries::id, deliveries::claim, deliveries::mailing_id, deliveries::attempts),
            (members::pseudonym, members::address, members::language, members::consent_since),
            standing_columns!(now),
        ));
    let rows: Vec<JobRow> = StaysPrepared(claimed).load(db)?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let fence = Fence { delivery: row.0.0, claim: row.0.1, owner: Arc::clone(owner) };
        match job(row, &fence, not_after) {
            Ok(job) => jobs.push(job),
            Err(reason) => {
                transition(db, DeliveryEvent::Drop, Which::Held(&[fence]), Change::because(reason), now)?;
            }
        }
    }
    Ok(jobs)
}

/// The job of a claimed row, or why there is none.
fn job((delivery, member, stands): JobRow, fence: &Fence, not_after: Timestamp) -> Result<Job, &'static str> {
    let (_, _, mailing_id, attempts) = delivery;
    let (Tried(pseudonym), address, Tried(language), Tried(consent_since)) = member;
    if let Some(reason) = standing(stands).bars() {
        return Err(reason);
    }
    let Tried(address) = address.ok_or(NO_CONSENT)?;
    Ok(Job {
        fence: fence.clone(),
        mailing_id,
        attempts: attempts.unsigned_abs(),
        not_after,
        pseudonym: pseudonym.ok_or(UNREADABLE)?,
        address: address.ok_or(UNREADABLE)?,
        language: language.ok_or(UNREADABLE)?,
        consent_since: consent_since.ok_or(UNREADABLE)?,
    })
}

/// Which leases are taken back. A daemon leaves its own alone: see [`release`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leases {
    /// Those of others than this daemon that have run out.
    RunOut(String),
    /// All those of others than this daemon, which has just started and is alone on the store.
    All(String),
    /// All those of these daemons, which are gone.
    Of(Vec<String>),
}

impl Leases {
    /// Whether they are all that the daemon `owner` has, because it is gone.
    pub fn is_of_gone(&self, owner: &str) -> bool {
        match self {
            Self::RunOut(_) => false,
            Self::All(own) => own != owner,
            Self::Of(owners) => owners.iter().any(|gone| gone == owner),
        }
    }
}

/// Takes back what other daemons' senders left: untried deliveries go back to the queue, and so do handed-over ones of which nothing
/// has left by their `marks`; those that the relay has by them are accepted, and the others are in doubt. Returns how many went back,
/// and how many are in doubt.
pub fn reap(db: &mut Db, leases: &Leases, marks: &MarkedLetters, now: Timestamp) -> StoreResult<(usize, usize)> {
    let which = match leases {
        Leases::RunOut(owner) => Which::LeasedByOthers { than: owner, until: now },
        Leases::All(owner) => Which::LeasedByOthers { than: owner, until: Timestamp::MAX },
        Leases::Of(owners) => Which::HeldBy(owners),
    };
    let forgotten = witness::heed(db, now)?;
    let put_back = believe(db, marks, now)?;
    let (lapsed, in_doubt) = take_from(db, which, now)?;
    Ok((put_back + lapsed, forgotten + in_doubt))
}

/// Takes up what senders that are gone marked of the letters they held. Returns how many go back to the queue.
fn believe(db: &mut Db, marks: &MarkedLetters, now: Timestamp) -> StoreResult<usize> {
    let reason = Some("the relay took it; its answer was found in the marks of a daemon that ended");
    let said = Some(Said { stage: Some(Stage::Body), reason, ..Said::default() });
    let heard = Change { tried: true, said, ..Change::default() };
    for some in marks.taken.chunks(MARKED) {
        transition(db, DeliveryEvent::Accept, Which::Held(some), heard, now)?;
    }
    let mut put_back = 0;
    for some in marks.not_taken.chunks(MARKED) {
        put_back += transition(db, DeliveryEvent::PutBack, Which::Held(some), Change::default(), now)?;
    }
    Ok(put_back)
}

/// Marked letters in one statement.
const MARKED: usize = 1_000;

/// Longer than any lease, and than any pause between two attempts.
const HORIZON: SignedDuration = SignedDuration::from_hours(2);

/// Brings to `now` what lies further ahead than anything is ever put: it was reckoned by a clock that has been set back
/// since. Attempts are due, and leases have run out.
pub fn bring_near(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    let horizon = now.saturating_add(HORIZON).unwrap_or(Timestamp::MAX);
    let sending = mailings::table.filter(mailings::state.eq(MailingState::Sending)).select(mailings::id);
    let waiting = deliveries::table
        .filter(deliveries::mailing_id.eq_any(sending))
        .filter(deliveries::state.eq_any(DeliveryState::WAITING))
        .filter(deliveries::next_attempt_at.gt(At(horizon)));
    let due = diesel::update(waiting).set(deliveries::next_attempt_at.eq(At(now))).execute(db)?;
    let leased = deliveries::table.filter(deliveries::lease_until.gt(At(horizon)));
    let lapsed = diesel::update(leased)
        .set((deliveries::lease_until.eq(At(now)), deliveries::next_attempt_at.eq(At(now))))
        .execute(db)?;
    Ok(due + lapsed)
}

/// Takes back what `owner` holds in the store and its senders do not hold any more: all but `held`. `marks` are what senders that broke
/// down said of theirs. Returns how many went back to the queue, and how many are in doubt.
pub fn release(
    db: &mut Db,
    owner: &str,
    held: &[i64],
    marks: &MarkedLetters,
    now: Timestamp,
) -> StoreResult<(usize, usize)> {
    let forgotten = witness::heed(db, now)?;
    let told = believe(db, marks, now)?;
    let (put_back, in_doubt) = take_from(db, Which::LeftBy { owner, but: held }, now)?;
    Ok((told + put_back, forgotten + in_doubt))
}

/// The witness was heeded before.
fn take_from(db: &mut Db, which: Which, now: Timestamp) -> StoreResult<(usize, usize)> {
    let put_back = transition(db, DeliveryEvent::Lapse, which, Change::default(), now)?;
    let reason = Some("the sender stopped before the relay's answer was recorded");
    let said = Some(Said { stage: Some(Stage::Body), reason, ..Said::default() });
    let unheard = Change { tried: true, said, ..Change::default() };
    Ok((put_back, transition(db, DeliveryEvent::Doubt, which, unheard, now)?))
}

/// Takes from their senders what they have claimed of a mailing and not handed over: the letters that they hold were
/// written before the campaign was applied again. The witness was heeded before.
pub(super) fn recall(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<()> {
    transition(db, DeliveryEvent::Lapse, Which::OfMailings(&[mailing_id]), Change::default(), now).map(drop)
}

/// Makes what waits of a mailing due at `due`, whatever it waited for.
pub(super) fn make_due(db: &mut Db, mailing_id: i64, due: Timestamp) -> StoreResult<()> {
    let waiting = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq_any(DeliveryState::WAITING));
    diesel::update(waiting).set(deliveries::next_attempt_at.eq(At(due))).execute(db)?;
    Ok(())
}

/// Ends every waiting delivery of a mailing, for `reason`. `event` is [`DeliveryEvent::Expire`] or [`DeliveryEvent::Skip`].
pub fn end_waiting(
    db: &mut Db,
    mailing_id: i64,
    event: DeliveryEvent,
    reason: Option<&str>,
    now: Timestamp,
) -> StoreResult<usize> {
    // Without a reason of ours, the relay's last words say why it waited.
    let change = reason.map_or_else(Change::default, Change::because);
    transition(db, event, Which::OfMailings(&[mailing_id]), change, now)
}

/// Ends those of the deliveries `ids` that wait, for `reason`. `event` is as for [`end_waiting`].
pub fn end_these(db: &mut Db, ids: &[i64], event: DeliveryEvent, reason: &str, now: Timestamp) -> StoreResult<usize> {
    let mut ended = 0;
    for some in ids.chunks(MARKED) {
        ended += transition(db, event, Which::Ids(some), Change::because(reason), now)?;
    }
    Ok(ended)
}

/// How many accepted deliveries of a mailing are files in a folder.
pub fn count_filed(db: &mut Db, mailing_id: i64) -> StoreResult<u64> {
    // SQLite uses the partial index `deliveries_filed` only where the condition stands in the statement itself.
    let filed = diesel::dsl::sql::<diesel::sql_types::Bool>(&format!("stage = '{}'", Stage::Folder.as_str()));
    let count: i64 =
        deliveries::table.filter(deliveries::mailing_id.eq(mailing_id)).filter(filed).count().get_result(db)?;
    Ok(count.unsigned_abs() + delivery_log::total(db, mailing_id, |totals| totals.filed)?)
}

/// Ends everything that waits for a member who may not be written to any more, or not now, for `reason`.
pub(super) fn skip_those_of(db: &mut Db, member_id: i64, reason: &str, now: Timestamp) -> StoreResult<usize> {
    let theirs: Vec<i64> =
        deliveries::table.filter(deliveries::member_id.eq(member_id)).select(deliveries::id).load(db)?;
    transition(db, DeliveryEvent::Skip, Which::Ids(&theirs), Change::because(reason), now)
}

/// How many deliveries of a mailing are in each state, of those in the log.
pub fn count_by_state(db: &mut Db, mailing_id: i64) -> StoreResult<BTreeMap<DeliveryState, u64>> {
    Ok(deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .group_by(deliveries::state)
        .select((deliveries::state, diesel::dsl::count_star()))
        .load::<(DeliveryState, i64)>(db)?
        .into_iter()
        .map(|(state, count)| (state, count.unsigned_abs()))
        .collect())
}

/// The same of all that the mailing ever had: those in the log, and those that were removed from it.
pub fn count_all_by_state(db: &mut Db, mailing_id: i64) -> StoreResult<BTreeMap<DeliveryState, u64>> {
    let mut counts = count_by_state(db, mailing_id)?;
    for (state, removed) in delivery_log::totals(db, mailing_id)? {
        *counts.entry(state).or_default() += removed.planned.unsigned_abs();
    }
    Ok(counts)
}

/// The earliest instant at which a waiting delivery of a sendable mailing is due, leaving out the mailings `but`.
pub fn next_due(db: &mut Db, but: &BTreeSet<i64>, now: Timestamp) -> StoreResult<Option<Timestamp>> {
    let mut earliest: Option<Timestamp> = None;
    let sending = sending(db, now)?.into_iter().filter(|mailing| !but.contains(&mailing.id));
    for Sending { id: mailing_id, not_before, .. } in sending {
        for state in DeliveryState::WAITING {
            let due: Option<Timestamp> = deliveries::table
                .filter(deliveries::mailing_id.eq(mailing_id))
                .filter(deliveries::state.eq(state))
                .select(diesel::dsl::min(deliveries::next_attempt_at))
                .get_result(db)?;
            let due = due.map(|due| due.max(not_before));
            earliest = [earliest, due].into_iter().flatten().min();
        }
    }
    Ok(earliest)
}

/// The daemons that have claimed something of which nobody knows yet what became of it.
pub fn holders(db: &mut Db) -> StoreResult<Vec<String>> {
    let owners: Vec<Option<String>> = deliveries::table
        .filter(deliveries::lease_until.is_not_null())
        .select(deliveries::lease_owner)
        .distinct()
        .load(db)?;
    Ok(owners.into_iter().flatten().collect())
}

/// What one daemon has claimed of one mailing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The daemon.
    pub owner: String,
    /// The campaign.
    pub campaign: Slug,
    /// The mailing's name within it.
    pub mailing: String,
    /// How many deliveries.
    pub count: u64,
    /// When the last of the leases ends.
    pub until: Timestamp,
}

/// What is claimed, by daemon and mailing.
pub fn claims(db: &mut Db) -> StoreResult<Vec<Claims>> {
    type Row = (Option<String>, i64, i64, Option<Timestamp>);
    let held: Vec<Row> = deliveries::table
        .filter(deliveries::lease_until.is_not_null())
        .group_by((deliveries::lease_owner, deliveries::mailing_id))
        .order((deliveries::lease_owner, deliveries::mailing_id))
        .select((
            deliveries::lease_owner,
            deliveries::mailing_id,
            diesel::dsl::count_star(),
            diesel::dsl::max(deliveries::lease_until),
        ))
        .load(db)?;
    let ids: Vec<i64> = held.iter().map(|(_, mailing, ..)| *mailing).collect();
    let names: Vec<(i64, (Slug, String))> = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::id.eq_any(ids))
        .select((mailings::id, (campaigns::slug, mailings::name)))
        .load(db)?;
    let names: BTreeMap<i64, (Slug, String)> = names.into_iter().collect();
    let claims = |(owner, id, count, until): Row| {
        let (campaign, mailing) = names.get(&id)?.clone();
        Some(Claims { owner: owner?, campaign, mailing, count: count.unsigned_abs(), until: until? })
    };
    Ok(held.into_iter().filter_map(claims).collect())
}

/// The earliest instant at which a lease runs out.
pub fn next_lease_end(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    Ok(deliveries::table
        .filter(deliveries::lease_until.is_not_null())
        .select(diesel::dsl::min(deliveries::lease_until))
        .get_result(db)?)
}
