//! The clocks of retention in the store: what each removes in one portion, and what lies ahead. The periods and the
//! decisions are [`crate::member::retention`]'s. Each portion that removed something is in the audit log, as a count.

use diesel::dsl::min;
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::expiry::{self, Over, day_of};
use super::facts::{self, LOG_REMOVED, OnDay, PROOF_REMOVED};
use super::ledger::{self, FirstBad};
use super::schema::{members, signups};
use super::{Db, Store, StoreResult, bounces, delivery_log, removal, renewals};
use crate::keys::Keyring;
use crate::member::Consent;
use crate::member::retention::{Periods, RetentionClock, end_of_proof, proof_before, proof_portion, rest_of};

/// Deliveries that are removed from the log in one day, at most: what a wrong day takes can be noticed and mended.
const LOG_PORTION: u64 = 100_000;

/// People whose lines are read at once.
const PEOPLE_AT_ONCE: usize = 500;

/// The next people whose addresses go by `clock`, up to `limit` of them and as many as the day still allows; nobody by a clock
/// that is about no address. What quotes their addresses elsewhere is to be removed first: afterwards nobody knows them.
pub fn addresses_over(
    db: &mut Db,
    clock: RetentionClock,
    periods: Periods,
    now: Timestamp,
    limit: u64,
) -> StoreResult<Vec<Over>> {
    match clock {
        RetentionClock::Consents => expiry::due_portion(db, periods.lifetime, now, limit),
        RetentionClock::Addresses => match periods.left_before(now) {
            Some(before) => expiry::left(db, before, limit),
            None => Ok(Vec::new()),
        },
        RetentionClock::SignUps | RetentionClock::Renewals | RetentionClock::DeliveryLog | RetentionClock::Proof => {
            Ok(Vec::new())
        }
    }
}

/// Destroys the addresses of those of `over` that are still to go by `clock`: with the end of their consents, where that is what
/// ran out. Returns how many.
pub fn destroy(
    db: &mut Db,
    clock: RetentionClock,
    periods: Periods,
    over: &[Over],
    now: Timestamp,
) -> StoreResult<u64> {
    let gone = match clock {
        RetentionClock::Consents => expiry::expire(db, periods.lifetime, over, now)?,
        RetentionClock::Addresses => match periods.left_before(now) {
            Some(before) => u64::try_from(expiry::forget(db, over, before)?).unwrap_or(u64::MAX),
            None => 0,
        },
        RetentionClock::SignUps | RetentionClock::Renewals | RetentionClock::DeliveryLog | RetentionClock::Proof => 0,
    };
    note(db, clock, gone, json!({ "removed": gone }), now)
}

/// Removes deliveries of mailings that ended long enough ago from the log, up to `limit` of them and as many as the day
/// still allows. Their counts stay. Returns how many.
pub fn trim_log(db: &mut Db, periods: Periods, now: Timestamp, limit: u64) -> StoreResult<u64> {
    let day = day_of(now);
    let removed = expiry::done_on(facts::get_locked(db, &LOG_REMOVED)?, day);
    let portion = rest_of(LOG_PORTION, removed).min(limit);
    let mut gone = 0;
    for (mailing_id, ended) in delivery_log::ended_mailings(db)? {
        if periods.end_of_log(ended) <= now && gone < portion {
            gone += delivery_log::remove(db, mailing_id, portion - gone)?;
        }
    }
    // What came back about letters that ask whether to go on has no delivery to go with.
    let most = usize::try_from(portion - gone).unwrap_or(usize::MAX);
    let over = bounces::about_renewals(db)?.into_iter().filter(|(_, sent_at)| periods.end_of_log(*sent_at) <= now);
    let over: Vec<i64> = over.map(|(id, _)| id).take(most).collect();
    if !over.is_empty() {
        gone += bounces::remove(db, &over)?;
    }
    if gone > 0 {
        facts::set(db, &LOG_REMOVED, &OnDay { day, count: removed.saturating_add(gone) })?;
    }
    note(db, RetentionClock::DeliveryLog, gone, json!({ "removed": gone }), now)
}

/// The keys by which proof is removed. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct ProofClock {
    keyring: Keyring,
}

/// What went of the proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProofGone {
    /// The people whose proof is removed.
    pub people: u64,
    /// The lines of the ledger that these were.
    pub lines: u64,
}

impl ProofClock {
    /// Makes stubs with the keys of `keyring`.
    pub fn new(keyring: Keyring) -> Self {
        Self { keyring }
    }

    /// The rows, above `after`, of people whose proof may be due at `now`: as many as the day still allows. Looks only: nobody is
    /// kept waiting meanwhile, and what goes is decided when they are looked at again.
    pub fn next(&self, db: &mut Db, after: i64, now: Timestamp) -> StoreResult<Vec<i64>> {
        let latest = facts::get(db, &PROOF_REMOVED)?;
        let rest = rest_of_proof(db, latest, now)?;
        if rest == 0 { Ok(Vec::new()) } else { removal::rows_of(db, proof_before(now), after, rest) }
    }

    /// The first line of the ledger that is not as it was written. From such a ledger nothing is to be removed: it would be taken
    /// from whoever looks into what was changed.
    pub fn fault(&self, store: &Store) -> StoreResult<Option<FirstBad>> {
        Ok(store.snapshot_blocking(|db| ledger::verify(db, &self.keyring))?.err())
    }

    /// Removes the proof that is not needed any more of those with these rows, as much as the day still allows. Each person's
    /// goes as a whole or not at all.
    pub fn remove(&self, db: &mut Db, periods: Periods, ids: &[i64], now: Timestamp) -> StoreResult<ProofGone> {
        // Locked before they are read: nobody leaves or comes back meanwhile, and no other daemon counts the same day.
        ledger::lock(db)?;
        let latest = facts::get_locked(db, &PROOF_REMOVED)?;
        let (day, removed) = (day_of(now), expiry::done_on(latest, day_of(now)));
        let rest = rest_of_proof(db, latest, now)?;
        let mut due = removal::look(db, (&self.keyring, periods.lifetime), proof_before(now), ids)?;
        due.truncate(usize::try_from(rest).unwrap_or(usize::MAX));
        let lines = removal::take_out(db, &due, &self.keyring, now)?;
        let people = u64::try_from(due.len()).unwrap_or(u64::MAX);
        if people > 0 {
            facts::set(db, &PROOF_REMOVED, &OnDay { day, count: removed.saturating_add(people) })?;
        }
        note(db, RetentionClock::Proof, people, json!({ "removed": people, "lines": lines }), now)?;
        Ok(ProofGone { people, lines })
    }

    /// Whether a wording is kept that nothing names any more. Looks only.
    pub fn has_unnamed_wordings(&self, db: &mut Db) -> StoreResult<bool> {
        removal::has_unnamed_wordings(db)
    }

    /// Forgets wordings that nothing names any more. Returns how many.
    pub fn forget_wordings(&self, db: &mut Db, now: Timestamp) -> StoreResult<u64> {
        let gone = removal::forget_unnamed_wordings(db)?;
        note(db, RetentionClock::Proof, gone, json!({ "wordings": gone }), now)
    }

    /// What is due, and what goes of it: a person of whom the store says something else than the ledger is due and does not go.
    fn ahead(&self, db: &mut Db, periods: Periods, now: Timestamp) -> StoreResult<Ahead> {
        let before = proof_before(now);
        let due = removal::count(db, before)?;
        let latest = facts::get(db, &PROOF_REMOVED)?;
        let rest = rest_of_proof(db, latest, now)?;
        let (mut today, mut after) = (0, 0);
        while today < rest {
            let ids = removal::rows_of(db, before, after, rest)?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for ids in ids.chunks(PEOPLE_AT_ONCE) {
                let going = removal::look(db, (&self.keyring, periods.lifetime), before, ids)?;
                today += u64::try_from(going.len()).unwrap_or(u64::MAX);
            }
        }
        let next_at = removal::next_ended(db, before)?.map(end_of_proof);
        let all = next_at.map_or(Ok(due), |next| removal::count(db, proof_before(day_after(next))))?;
        Ok(Ahead { due, today: today.min(rest), next_at, next: all.saturating_sub(due) })
    }
}

/// Of how many people the proof may still be removed on the day of `now` (UTC), when `latest` is what was done on the latest day.
fn rest_of_proof(db: &mut Db, latest: Option<OnDay>, now: Timestamp) -> StoreResult<u64> {
    let members: i64 = members::table.count().get_result(db)?;
    Ok(rest_of(proof_portion(members.unsigned_abs()), expiry::done_on(latest, day_of(now))))
}

fn note(db: &mut Db, clock: RetentionClock, removed: u64, detail: Value, now: Timestamp) -> StoreResult<u64> {
    if removed > 0 {
        let entry = AuditEntry {
            at: now,
            who: "daemon".to_owned(),
            action: AuditAction::RetentionRan,
            object: clock.name().to_owned(),
            detail,
        };
        audit::record(db, &entry)?;
    }
    Ok(removed)
}

/// What a clock removes, now and next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ahead {
    /// How many are over now.
    pub due: u64,
    /// How many of these still go on this day (UTC), when the daemon runs and nothing holds it.
    pub today: u64,
    /// When the next falls due.
    pub next_at: Option<Timestamp>,
    /// How many fall due within 24 hours from then.
    pub next: u64,
}

/// What `clock` removes; `proof` is how the clock of the proof does. Looks only.
pub fn ahead(
    db: &mut Db,
    clock: RetentionClock,
    periods: Periods,
    proof: &ProofClock,
    now: Timestamp,
) -> StoreResult<Ahead> {
    match clock {
        RetentionClock::SignUps => sign_ups(db, now),
        RetentionClock::Addresses => addresses(db, periods, now),
        RetentionClock::Renewals => renewals(db, now),
        RetentionClock::Consents => consents(db, periods, now),
        RetentionClock::DeliveryLog => log(db, periods, now),
        RetentionClock::Proof => proof.ahead(db, periods, now),
    }
}

/// A day after the next instant: what falls due by then is said together.
fn day_after(next: Timestamp) -> Timestamp {
    next.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX)
}

fn sign_ups(db: &mut Db, now: Timestamp) -> StoreResult<Ahead> {
    let by = |end| signups::table.filter(signups::expires_at.le(At(end)));
    let after = signups::table.filter(signups::expires_at.gt(At(now)));
    let due: i64 = by(now).count().get_result(db)?;
    let next_at: Option<Timestamp> = after.select(min(signups::expires_at)).get_result(db)?;
    let all = next_at.map(|next| by(day_after(next)).count().get_result(db)).transpose()?;
    Ok(counted(due, u64::MAX, next_at, all))
}

fn addresses(db: &mut Db, periods: Periods, now: Timestamp) -> StoreResult<Ahead> {
    let Some(before) = periods.left_before(now) else { return Ok(Ahead::default()) };
    let kept = || members::table.filter(members::consent.eq_any(Consent::LEFT).and(members::address.is_not_null()));
    let by = |end| kept().filter(members::consent_since.le(At(end)));
    let due: i64 = by(before).count().get_result(db)?;
    let after = kept().filter(members::consent_since.gt(At(before)));
    let next: Option<Timestamp> = after.select(min(members::consent_since)).get_result(db)?;
    let all = next.map(|next| by(day_after(next)).count().get_result(db)).transpose()?;
    Ok(counted(due, u64::MAX, next.map(|left| periods.end_of_address(left)), all))
}

/// Nothing is removed by this clock: its members get a letter.
fn renewals(db: &mut Db, now: Timestamp) -> StoreResult<Ahead> {
    let due = renewals::unasked_by(db, now, None)?;
    let next_at = renewals::next_asked(db, now)?;
    let all = next_at.map_or(Ok(due), |next| renewals::unasked_by(db, now, Some(day_after(next))))?;
    Ok(Ahead { due, today: due.min(renewals::rest_of_day(db, now)?), next_at, next: all.saturating_sub(due) })
}

fn consents(db: &mut Db, periods: Periods, now: Timestamp) -> StoreResult<Ahead> {
    let given = || members::table.filter(members::consent.eq(Consent::Confirmed));
    let by = |end| given().filter(members::expires_at.le(At(end)));
    let due = expiry::waiting(db, now)?;
    let next: Option<Timestamp> =
        given().filter(members::expires_at.gt(At(now))).select(min(members::expires_at)).get_result(db)?;
    let all = next.map(|next| by(day_after(next)).count().get_result(db)).transpose()?;
    Ok(counted(due, expiry::rest_of_day(db, periods.lifetime, now)?, next, all))
}

fn log(db: &mut Db, periods: Periods, now: Timestamp) -> StoreResult<Ahead> {
    let ended = delivery_log::ended_mailings(db)?;
    let ids: Vec<i64> = ended.iter().map(|(id, _)| *id).collect();
    let rows: std::collections::BTreeMap<i64, u64> = delivery_log::logged(db, &ids)?.into_iter().collect();
    let mut ends: Vec<(Timestamp, u64)> =
        ended.iter().filter_map(|(id, ended)| Some((periods.end_of_log(*ended), *rows.get(id)?))).collect();
    ends.extend(bounces::about_renewals(db)?.into_iter().map(|(_, sent_at)| (periods.end_of_log(sent_at), 1)));
    let by = |end| ends.iter().filter(|(at, _)| *at <= end).map(|(_, rows)| rows).sum::<u64>();
    let next_at = ends.iter().map(|(at, _)| *at).filter(|at| *at > now).min();
    let due = by(now);
    let removed = expiry::done_on(facts::get(db, &LOG_REMOVED)?, day_of(now));
    let next = next_at.map_or(0, |next| by(day_after(next)) - due);
    Ok(Ahead { due, today: due.min(rest_of(LOG_PORTION, removed)), next_at, next })
}

/// `due` are over, `all` will be a day after the next; `most` go on this day.
fn counted(due: i64, most: u64, next_at: Option<Timestamp>, all: Option<i64>) -> Ahead {
    let due = due.unsigned_abs();
    let next = all.map_or(0, |all| all.unsigned_abs().saturating_sub(due));
    Ahead { due, today: due.min(most), next_at, next }
}
