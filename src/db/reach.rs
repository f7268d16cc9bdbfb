//! Whom a mailing would reach if it began now, and whom it would not: counted, for plans, checks and rehearsals.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use jiff::Timestamp;

use super::column::{At, lower};
use super::conn::MultiBackend;
use super::members::eligible;
use super::schema::{mailing_exclusions, mailing_lists, mailings, members, memberships};
use super::{Db, StoreResult, lists as stored};
use crate::campaign::{Audiences, LeftOut, ListCount, MailingReach, Recipients, Schedule};
use crate::member::{Consent, Language, ListName};

/// Of whom something is counted.
#[derive(Clone, Copy, Debug)]
enum Among<'a> {
    /// Of everybody.
    All,
    /// Of those on one of these lists, given by their rows.
    Lists(&'a [i64]),
}

impl<'a> Among<'a> {
    /// Those on the lists `named`, of which these are the `rows`; everybody where none is named.
    fn of(named: &[ListName], rows: &'a [i64]) -> Self {
        if named.is_empty() { Self::All } else { Self::Lists(rows) }
    }
}

/// Members, of whom a condition can be asked.
type CountQuery<'a> = members::BoxedQuery<'a, MultiBackend, diesel::sql_types::BigInt>;

/// How many of `among` there are.
fn of(among: Among<'_>) -> CountQuery<'_> {
    let count = members::table.select(count_star()).into_boxed();
    match among {
        Among::All => count,
        Among::Lists(lists) => count.filter(on_one_of(lists)),
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn on_one_of<'a>(lists: &'a [i64]) -> _ {
    let theirs = memberships::table.filter(memberships::list_id.eq_any(lists)).select(memberships::member_id);
    members::id.eq_any(theirs)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn on_none_of<'a>(lists: &'a [i64]) -> _ {
    let theirs = memberships::table.filter(memberships::list_id.eq_any(lists)).select(memberships::member_id);
    members::id.ne_all(theirs)
}

fn number(db: &mut Db, counted: CountQuery<'_>) -> StoreResult<u64> {
    Ok(counted.get_result::<i64>(db)?.unsigned_abs())
}

/// How many of `recipients` may be written to at `now` whose mailbox is at one of `domains`, which are in lower case.
pub fn count_eligible_at(
    db: &mut Db,
    domains: &[&str],
    recipients: Recipients<'_>,
    now: Timestamp,
) -> StoreResult<u64> {
    let (rows, not) = (stored::rows(db, recipients.to)?, stored::rows(db, recipients.not)?);
    let among = Among::of(recipients.to, &rows);
    let mut all = 0;
    for domain in domains {
        let address = lower(members::address.assume_not_null());
        let theirs = of(among).filter(eligible(At(now))).filter(address.like(format!("%@{domain}")));
        all += number(db, without(theirs, &not))?;
    }
    Ok(all)
}

/// How many of `recipients` may be written to at `now`.
fn count_eligible_on(db: &mut Db, recipients: Recipients<'_>, now: Timestamp) -> StoreResult<u64> {
    let (rows, not) = (stored::rows(db, recipients.to)?, stored::rows(db, recipients.not)?);
    number(db, without(of(Among::of(recipients.to, &rows)).filter(eligible(At(now))), &not))
}

/// Whether any of `recipients` may be written to at `now`.
pub fn is_for_somebody(db: &mut Db, recipients: Recipients<'_>, now: Timestamp) -> StoreResult<bool> {
    let (rows, not) = (stored::rows(db, recipients.to)?, stored::rows(db, recipients.not)?);
    let told = without(of(Among::of(recipients.to, &rows)).filter(eligible(At(now))), &not);
    Ok(told.select(members::id).first::<i64>(db).optional()?.is_some())
}

/// How many members may be written to now, by audience: most mailings have one and the same, which is counted once.
#[derive(Debug, Default)]
pub struct AudienceCounts<'a>(BTreeMap<Recipients<'a>, u64>);

impl<'a> AudienceCounts<'a> {
    /// How many of `recipients` may be written to at `now`.
    pub fn of(&mut self, db: &mut Db, recipients: Recipients<'a>, now: Timestamp) -> StoreResult<u64> {
        if let Some(people) = self.0.get(&recipients) {
            return Ok(*people);
        }
        let people = count_eligible_on(db, recipients, now)?;
        self.0.insert(recipients, people);
        Ok(people)
    }
}

/// The same without those on the lists of the rows `not`.
fn without<'a>(count: CountQuery<'a>, not: &'a [i64]) -> CountQuery<'a> {
    if not.is_empty() { count } else { count.filter(on_none_of(not)) }
}

fn count_told(db: &mut Db, among: Among<'_>, now: Timestamp) -> StoreResult<u64> {
    number(db, of(among).filter(eligible(At(now))))
}

/// Whom a mailing to `recipients` would reach if it began at `now`. A list that there is not has nobody on it.
pub fn of_lists(db: &mut Db, recipients: Recipients<'_>, now: Timestamp) -> StoreResult<MailingReach> {
    let mut reach = MailingReach::default();
    let mut rows = Vec::with_capacity(recipients.to.len());
    for name in recipients.to {
        let list = stored::find(db, name)?;
        let count = list.map_or(Ok(ListCount::default()), |list| stored::count(db, list, now))?;
        reach.lists.insert(name.clone(), count);
        rows.extend(list);
    }
    let not = stored::rows(db, recipients.not)?;
    let among = Among::of(recipients.to, &rows);
    let told = members::table.filter(eligible(At(now))).filter(on_none_of(&not)).group_by(members::language);
    let languages: Vec<(Language, i64)> = match among {
        Among::All => told.select((members::language, count_star())).load(db)?,
        Among::Lists(lists) => told.filter(on_one_of(lists)).select((members::language, count_star())).load(db)?,
    };
    reach.languages = languages.into_iter().map(|(language, count)| (language, count.unsigned_abs())).collect();
    reach.left_out = count_left_out(db, among, &not, now)?;
    Ok(reach)
}

/// Whom a mailing to `among`, without those on the lists `not`, that begins at `now` is not for, and why. Whoever has several reasons
/// counts for the first.
fn count_left_out(db: &mut Db, among: Among<'_>, not: &[i64], now: Timestamp) -> StoreResult<LeftOut> {
    let mut count = |consents: &[Consent]| number(db, of(among).filter(members::consent.eq_any(consents)));
    let mut out = LeftOut {
        unconfirmed: count(&[Consent::Requested])?,
        left: count(&Consent::LEFT)?,
        run_out: count(&[Consent::Expired])?,
        ..LeftOut::default()
    };
    let confirmed = count(&[Consent::Confirmed])?;
    let consenting = || of(among).filter(members::consent.eq(Consent::Confirmed));
    let over = number(db, consenting().filter(members::expires_at.le(At(now))))?;
    let lasting = members::expires_at.is_null().or(members::expires_at.gt(At(now)));
    out.paused = number(db, consenting().filter(lasting).filter(members::paused_until.gt(At(now))))?;
    out.run_out += over;
    let reachable = count_told(db, among, now)?;
    out.barred = confirmed.saturating_sub(reachable + over + out.paused);
    if !not.is_empty() {
        out.kept_out = number(db, of(among).filter(eligible(At(now))).filter(on_one_of(not)))?;
    }
    if matches!(among, Among::Lists(_)) {
        out.elsewhere = count_told(db, Among::All, now)?.saturating_sub(reachable);
    }
    Ok(out)
}

/// Whom the mailing `mailing_id` is not for if it begins at `now`, and why.
pub fn left_out_of(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<LeftOut> {
    let number: i64 = mailings::table.find(mailing_id).select(mailings::lists).first(db)?;
    let to = mailing_lists::table.filter(mailing_lists::mailing_id.eq(mailing_id)).select(mailing_lists::list_id);
    let rows: Vec<i64> = to.load(db)?;
    let not = mailing_exclusions::table.filter(mailing_exclusions::mailing_id.eq(mailing_id));
    let not: Vec<i64> = not.select(mailing_exclusions::list_id).load(db)?;
    count_left_out(db, if number == 0 { Among::All } else { Among::Lists(&rows) }, &not, now)
}

/// Which lists there are, and whom the mailings of `schedule` would reach if they began at `now`.
pub fn audiences(db: &mut Db, schedule: &Schedule, now: Timestamp) -> StoreResult<Audiences> {
    let mut audiences = Audiences { lists: stored::names(db)?, ..Audiences::default() };
    for mailing in &schedule.mailings {
        // Most campaigns have one audience, and it is counted once.
        let same = schedule.mailings.iter().find(|other| other.recipients() == mailing.recipients());
        let reach = match same.and_then(|other| audiences.mailings.get(&other.name)) {
            Some(reach) => reach.clone(),
            None => of_lists(db, mailing.recipients(), now)?,
        };
        audiences.mailings.insert(mailing.name.clone(), reach);
    }
    Ok(audiences)
}
