//! Ending the consents that have run out: the address is destroyed, so this is done in small daily portions.
//!
//! Who may be written to follows from the instant at which a consent runs out, not from its end in the ledger; a portion
//! that is small delays only the destruction. A wrong day then costs one portion, and it is in the log.

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::column::At;
use super::facts::{self, CONSENTS_ENDED, OnDay};
use super::leaving::{Act, end, forget_address};
use super::schema::members;
use super::{Db, StoreResult, lists};
use crate::member::retention::rest_of;
use crate::member::{Action, Address, Consent, Lifetime, Method, Pseudonym};

/// Somebody whose address is to be destroyed.
#[derive(Clone, Queryable)]
pub struct Over {
    id: i64,
    pseudonym: Pseudonym,
    address: Option<Address>,
}

impl std::fmt::Debug for Over {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Over").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Over {
    /// The addresses of `all` that are there.
    pub fn addresses(all: &[Self]) -> Vec<Address> {
        all.iter().filter_map(|over| over.address.clone()).collect()
    }
}

/// The consents that have run out, the oldest first, up to `limit` of them and as many as the day still allows.
pub fn due_portion(db: &mut Db, lifetime: Lifetime, now: Timestamp, limit: u64) -> StoreResult<Vec<Over>> {
    let rest = rest_of_day(db, lifetime, now)?;
    due(db, now, rest.min(limit))
}

/// Ends those consents of `over` that have run out at `now`, as many as the day still allows. Returns how many.
pub fn expire(db: &mut Db, lifetime: Lifetime, over: &[Over], now: Timestamp) -> StoreResult<u64> {
    let today = day_of(now);
    let ended = done_on(facts::get_locked(db, &CONSENTS_ENDED)?, today);
    let rest = usize::try_from(rest_of(portion(db, lifetime)?, ended)).unwrap_or(usize::MAX);
    let more = end_those(db, over.get(..rest.min(over.len())).unwrap_or(over), now)?;
    if more > 0 {
        facts::set(db, &CONSENTS_ENDED, &OnDay { day: today, count: ended.saturating_add(more) })?;
    }
    Ok(more)
}

/// How many consents may still be ended on this day (UTC).
pub(super) fn rest_of_day(db: &mut Db, lifetime: Lifetime, now: Timestamp) -> StoreResult<u64> {
    let ended = done_on(facts::get(db, &CONSENTS_ENDED)?, day_of(now));
    Ok(rest_of(portion(db, lifetime)?, ended))
}

fn portion(db: &mut Db, lifetime: Lifetime) -> StoreResult<u64> {
    let members: i64 = members::table.count().get_result(db)?;
    Ok(lifetime.daily_portion(members.unsigned_abs()))
}

/// Ends the consents that have run out, the oldest first, up to `limit` of them, and destroys their addresses. Returns how
/// many.
pub fn expire_due(db: &mut Db, now: Timestamp, limit: u64) -> StoreResult<u64> {
    let over = due(db, now, limit)?;
    end_those(db, &over, now)
}

fn due(db: &mut Db, now: Timestamp, limit: u64) -> StoreResult<Vec<Over>> {
    Ok(members::table
        .filter(members::consent.eq(Consent::Confirmed).and(members::expires_at.le(At(now))))
        .order((members::expires_at, members::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((members::id, members::pseudonym, members::address))
        .load(db)?)
}

fn end_those(db: &mut Db, over: &[Over], now: Timestamp) -> StoreResult<u64> {
    let mut ended = 0;
    for Over { id, pseudonym, .. } in over {
        // Who has acted since is not over any more.
        let still = members::consent.eq(Consent::Confirmed).and(members::expires_at.le(At(now)));
        if members::table.find(id).filter(still).count().get_result::<i64>(db)? == 0 {
            continue;
        }
        end(db, pseudonym, &Act { action: Action::Expired, method: &Method::ExpiryJob, at: now }, now)?;
        forget_address(db, pseudonym)?;
        ended += 1;
    }
    Ok(ended)
}

/// Up to `limit` people who left at `before` or earlier and whose address is still there.
pub fn left(db: &mut Db, before: Timestamp, limit: u64) -> StoreResult<Vec<Over>> {
    Ok(members::table
        .filter(members::consent.eq_any(Consent::LEFT))
        .filter(members::address.is_not_null().and(members::consent_since.le(At(before))))
        .order(members::id)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((members::id, members::pseudonym, members::address))
        .load(db)?)
}

/// Destroys the addresses of those of `over` who left at `before` or earlier. Returns how many.
pub fn forget(db: &mut Db, over: &[Over], before: Timestamp) -> StoreResult<usize> {
    let theirs = members::table
        .filter(members::id.eq_any(over.iter().map(|over| over.id).collect::<Vec<_>>()))
        .filter(members::consent.eq_any(Consent::LEFT))
        .filter(members::address.is_not_null().and(members::consent_since.le(At(before))));
    // What a person was to the shop goes with the address.
    let ids: Vec<i64> = theirs.select(members::id).load(db)?;
    let theirs = members::table.filter(members::id.eq_any(&ids));
    let gone = diesel::update(theirs).set(members::address.eq(None::<Address>)).execute(db)?;
    lists::forget(db, &ids)?;
    Ok(gone)
}

/// Destroys the addresses of up to `limit` people who left at `before` or earlier. Returns how many.
pub fn forget_left(db: &mut Db, before: Timestamp, limit: u64) -> StoreResult<usize> {
    let over = left(db, before, limit)?;
    forget(db, &over, before)
}

/// How many consents have run out at `now` and wait for their portion.
pub fn waiting(db: &mut Db, now: Timestamp) -> StoreResult<i64> {
    let due = members::table.filter(members::consent.eq(Consent::Confirmed).and(members::expires_at.le(At(now))));
    Ok(due.count().get_result(db)?)
}

/// The day of an instant by which portions are counted.
pub(super) fn day_of(instant: Timestamp) -> Date {
    instant.to_zoned_datetime(TimeZone::UTC).date()
}

/// When the day of an instant began.
pub(super) fn start_of_day(instant: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400;
    Timestamp::from_second(instant.as_second().div_euclid(DAY) * DAY).unwrap_or(instant)
}

/// What was done on the day `today`, when `latest` is what was done on the latest day.
pub(super) fn done_on(latest: Option<OnDay>, today: Date) -> u64 {
    latest.filter(|latest| latest.day == today).map_or(0, |latest| latest.count)
}
