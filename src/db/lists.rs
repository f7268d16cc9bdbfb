//! The lists of members: who is on which, and by which act. A list comes into being with the first act that names it. Who is
//! on one is not thereby written to: what a mailing asks is [`super::members`]' condition.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, exists, not, sql};
use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::column::At;
use super::column::types::BigInt;
use super::members::{Member, eligible, find_by_fingerprint};
use super::schema::{list_acts, lists, mailing_exclusions, mailing_lists, mailings, members, memberships};
use super::{Db, StoreResult, ledger};
use crate::campaign::{ListCount, Recipients};
use crate::delivery::MailingState;
use crate::member::{Consent, Fingerprint, FingerprintDigits, ListAct, ListBasis, ListName, Pseudonym};
use crate::text::Slug;

/// Fingerprints and members that are named in one statement. SQLite takes 32,766 values.
const NAMED: usize = 1_000;

/// Lists that people are being put on, and the act by which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListsBegun {
    lists: Vec<(ListName, i64)>,
    act: i64,
    /// The lists that came into being with it.
    pub new: Vec<ListName>,
}

/// Begins an act that puts people on the lists `names`, which come into being where they are none yet.
pub fn begin(db: &mut Db, names: &[ListName], act: &ListAct) -> StoreResult<ListsBegun> {
    // Nobody leaves, and nobody else makes the same list, until this is done.
    ledger::lock(db)?;
    let mut listing = ListsBegun { lists: Vec::new(), act: 0, new: Vec::new() };
    for name in names {
        let id = if let Some(id) = find(db, name)? {
            id
        } else {
            listing.new.push(name.clone());
            let row = (lists::name.eq(name), lists::since.eq(At(act.at)));
            diesel::insert_into(lists::table).values(row).returning(lists::id).get_result(db)?
        };
        listing.lists.push((name.clone(), id));
    }
    let ListAct { at, who, basis, detail } = act;
    listing.act = diesel::insert_into(list_acts::table)
        .values((
            list_acts::at.eq(At(*at)),
            list_acts::who.eq(who),
            list_acts::basis.eq(basis),
            list_acts::detail.eq(detail),
        ))
        .returning(list_acts::id)
        .get_result(db)?;
    Ok(listing)
}

/// The list's row.
pub fn find(db: &mut Db, name: &ListName) -> StoreResult<Option<i64>> {
    Ok(lists::table.filter(lists::name.eq(name)).select(lists::id).first(db).optional()?)
}

/// The rows of those of `names` that there are, in their order.
pub(super) fn rows(db: &mut Db, names: &[ListName]) -> StoreResult<Vec<i64>> {
    let mut rows = Vec::with_capacity(names.len());
    for name in names {
        rows.extend(find(db, name)?);
    }
    Ok(rows)
}

/// The names of every list, in their order.
pub fn names(db: &mut Db) -> StoreResult<Vec<ListName>> {
    Ok(lists::table.order(lists::name).select(lists::name).load(db)?)
}

/// Puts the members with these fingerprints on the lists of `listing`. Whoever has left is put on none, and whoever is on one
/// stays by the act that came first. Returns how many were put on each list.
///
/// In a transaction that has locked the ledger, as [`begin`] does, so that nobody leaves or is put on meanwhile.
pub fn put(
    db: &mut Db,
    listing: &ListsBegun,
    fingerprints: &[FingerprintDigits],
) -> StoreResult<BTreeMap<ListName, u64>> {
    let mut added: BTreeMap<ListName, u64> = BTreeMap::new();
    for (name, list) in &listing.lists {
        let mut count = 0;
        for some in fingerprints.chunks(NAMED) {
            let there = memberships::table
                .filter(memberships::list_id.eq(*list))
                .filter(memberships::member_id.eq(members::id));
            let theirs = members::table
                .filter(members::fingerprint.eq_any(some))
                .filter(members::consent.ne_all(Consent::LEFT))
                .filter(members::address.is_not_null())
                .filter(not(exists(there)))
                .order(members::id)
                .select((
                    sql::<BigInt>("").bind::<BigInt, _>(*list),
                    members::id,
                    sql::<BigInt>("").bind::<BigInt, _>(listing.act),
                ));
            count += theirs
                .insert_into(memberships::table)
                .into_columns((memberships::list_id, memberships::member_id, memberships::act_id))
                .execute(db)?;
        }
        *added.entry(name.clone()).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
    }
    Ok(added)
}

/// Puts every member on the lists of `listing`: where all are made up.
pub fn put_everybody(db: &mut Db, listing: &ListsBegun) -> StoreResult<()> {
    let all: Vec<FingerprintDigits> = members::table.order(members::id).select(members::fingerprint).load(db)?;
    put(db, listing, &all).map(drop)
}

/// Whom a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// By the name in the ledger.
    Member(Pseudonym),
    /// By an address, given by its fingerprints under all keys.
    Address(Vec<Fingerprint>),
}

impl Whom {
    fn find(&self, db: &mut Db) -> StoreResult<Option<Member>> {
        match self {
            Self::Member(pseudonym) => super::members::find(db, pseudonym),
            Self::Address(fingerprints) => find_by_fingerprint(db, fingerprints),
        }
    }
}

/// What became of somebody who was to be put on a list, or taken off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It was done.
    Done,
    /// It was so before.
    Already,
    /// The person has left: nothing is noted about them any more.
    Left,
    /// There is no such member.
    Nobody,
}

/// Puts people on a list, which comes into being with the first of them; `listing` is what was begun for those before. Says what
/// became of each.
pub fn put_each(
    db: &mut Db,
    name: &ListName,
    act: &ListAct,
    listing: Option<ListsBegun>,
    people: &[Whom],
) -> StoreResult<(Vec<Placement>, Option<ListsBegun>)> {
    ledger::lock(db)?;
    let (mut listing, mut placed) = (listing, Vec::with_capacity(people.len()));
    for whom in people {
        let Some(member) = whom.find(db)? else {
            placed.push(Placement::Nobody);
            continue;
        };
        if Consent::LEFT.contains(&member.consent) || member.address.is_none() {
            placed.push(Placement::Left);
            continue;
        }
        let there = match find(db, name)? {
            Some(list) => is_on(db, list, member.id)?,
            None => false,
        };
        if there {
            placed.push(Placement::Already);
            continue;
        }
        let begun = match listing.take() {
            Some(listing) => listing,
            None => begin(db, std::slice::from_ref(name), act)?,
        };
        put(db, &begun, &[member.fingerprint.digits()])?;
        listing = Some(begun);
        placed.push(Placement::Done);
    }
    Ok((placed, listing))
}

fn is_on(db: &mut Db, list: i64, member_id: i64) -> StoreResult<bool> {
    let row = memberships::table.filter(memberships::list_id.eq(list)).filter(memberships::member_id.eq(member_id));
    Ok(diesel::select(exists(row)).get_result(db)?)
}

/// Takes people off a list. Says what became of each.
pub fn take_off_each(db: &mut Db, list: i64, people: &[Whom]) -> StoreResult<Vec<Placement>> {
    let (mut placed, mut going) = (Vec::with_capacity(people.len()), BTreeSet::new());
    for whom in people {
        placed.push(match whom.find(db)? {
            None => Placement::Nobody,
            Some(member) if is_on(db, list, member.id)? && going.insert(member.id) => Placement::Done,
            Some(_) => Placement::Already,
        });
    }
    take_off(db, list, &going.into_iter().collect::<Vec<_>>())?;
    Ok(placed)
}

/// Takes `ids` off a list. A letter that is being handed over to one of them meanwhile is waited for; none is handed over
/// afterwards.
fn take_off(db: &mut Db, list: i64, ids: &[i64]) -> StoreResult<()> {
    for some in ids.chunks(NAMED) {
        lock(db, some)?;
        let on_it = memberships::table.filter(memberships::list_id.eq(list));
        diesel::delete(on_it.filter(memberships::member_id.eq_any(some))).execute(db)?;
    }
    Ok(())
}

/// Waits for whoever hands a letter over to one of these members, as whoever leaves does. SQLite has one writer anyway.
#[cfg_attr(
    not(feature = "postgres"),
    expect(unused_variables, clippy::unnecessary_wraps, reason = "SQLite needs no lock of a row")
)]
fn lock(db: &mut Db, ids: &[i64]) -> StoreResult<()> {
    match db {
        Db::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            // In the order of a hand-over, so that neither waits for the other.
            let rows = members::table.filter(members::id.eq_any(ids)).order(members::id).select(members::id);
            rows.for_no_key_update().load::<i64>(conn)?;
        }
    }
    Ok(())
}

/// Takes people off every list, whose addresses are not kept any longer.
pub(super) fn forget(db: &mut Db, ids: &[i64]) -> StoreResult<()> {
    for some in ids.chunks(NAMED) {
        diesel::delete(memberships::table.filter(memberships::member_id.eq_any(some))).execute(db)?;
    }
    Ok(())
}

/// That a member is on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct Membership {
    /// The list.
    pub list: ListName,
    /// Since when.
    pub since: Timestamp,
    /// By what kind of act.
    pub basis: ListBasis,
    /// The file, or the reason.
    pub detail: String,
    /// By whom.
    pub who: String,
}

/// The lists that a member is on.
pub fn of_member(db: &mut Db, member_id: i64) -> StoreResult<Vec<Membership>> {
    Ok(memberships::table
        .inner_join(lists::table)
        .inner_join(list_acts::table)
        .filter(memberships::member_id.eq(member_id))
        .order(lists::name)
        .select((lists::name, list_acts::at, list_acts::basis, list_acts::detail, list_acts::who))
        .load(db)?)
}

/// A list, as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountedList {
    /// Its name.
    pub list: ListName,
    /// Since when there is one.
    pub since: Timestamp,
    /// How many are on it, and how many of these may be written to.
    #[serde(flatten)]
    pub count: ListCount,
}

/// Every list with its counts at `now`, by name.
pub fn counted(db: &mut Db, now: Timestamp) -> StoreResult<Vec<CountedList>> {
    let ids: Vec<i64> = lists::table.order(lists::name).select(lists::id).load(db)?;
    ids.into_iter().map(|id| counted_one(db, id, now)).collect()
}

/// One list with its counts at `now`.
pub fn counted_one(db: &mut Db, id: i64, now: Timestamp) -> StoreResult<CountedList> {
    let (list, since) = lists::table.find(id).select((lists::name, lists::since)).first(db)?;
    Ok(CountedList { list, since, count: count(db, id, now)? })
}

/// How many people are on a list, and how many of them may be written to at `now`.
pub fn count(db: &mut Db, list: i64, now: Timestamp) -> StoreResult<ListCount> {
    let people: i64 = memberships::table.filter(memberships::list_id.eq(list)).count().get_result(db)?;
    let on_it = memberships::table.inner_join(members::table).filter(memberships::list_id.eq(list));
    let reached: i64 = on_it.filter(eligible(At(now))).count().get_result(db)?;
    Ok(ListCount { people: people.unsigned_abs(), reached: reached.unsigned_abs() })
}

/// What put people on a list, and how many of them are still on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct CountedAct {
    /// When.
    pub at: Timestamp,
    /// What kind of act.
    pub basis: ListBasis,
    /// The file, or the reason.
    pub detail: String,
    /// By whom.
    pub who: String,
    /// How many of those whom it put on the list are on it.
    pub people: i64,
}

/// What put people on a list, oldest first.
pub fn acts(db: &mut Db, list: i64) -> StoreResult<Vec<CountedAct>> {
    let of_act: Vec<(i64, i64)> = memberships::table
        .filter(memberships::list_id.eq(list))
        .group_by(memberships::act_id)
        .order(memberships::act_id)
        .select((memberships::act_id, count_star()))
        .load(db)?;
    let mut acts = Vec::with_capacity(of_act.len());
    for (act, people) in of_act {
        let (at, basis, detail, who) = list_acts::table
            .find(act)
            .select((list_acts::at, list_acts::basis, list_acts::detail, list_acts::who))
            .first(db)?;
        acts.push(CountedAct { at, basis, detail, who, people });
    }
    Ok(acts)
}

/// A mailing that goes to a list and has not ended.
pub type OpenMailingTo = (Slug, String);

/// The mailings that go to a list, or leave it out, and have not ended: campaign and name.
pub fn open_mailings(db: &mut Db, list: i64) -> StoreResult<Vec<OpenMailingTo>> {
    use super::schema::campaigns;
    let to = mailing_lists::table.filter(mailing_lists::list_id.eq(list)).select(mailing_lists::mailing_id);
    let not =
        mailing_exclusions::table.filter(mailing_exclusions::list_id.eq(list)).select(mailing_exclusions::mailing_id);
    Ok(mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::id.eq_any(to).or(mailings::id.eq_any(not)))
        .filter(mailings::state.eq_any(MailingState::OPEN))
        .order(mailings::id)
        .select((campaigns::slug, mailings::name))
        .load(db)?)
}

/// Removes a list, to which no open mailing goes, and takes everybody off it. Says how many were on it.
pub fn delete(db: &mut Db, list: i64) -> StoreResult<u64> {
    diesel::delete(mailing_lists::table.filter(mailing_lists::list_id.eq(list))).execute(db)?;
    diesel::delete(mailing_exclusions::table.filter(mailing_exclusions::list_id.eq(list))).execute(db)?;
    let gone = diesel::delete(memberships::table.filter(memberships::list_id.eq(list))).execute(db)?;
    diesel::delete(lists::table.find(list)).execute(db)?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

/// Has a mailing go to its lists, or to everybody where there is none, but to nobody on those that it leaves out, and says whether
/// that is a change. A list that there is not has nobody on it.
pub(super) fn address(db: &mut Db, mailing_id: i64, recipients: Recipients<'_>) -> StoreResult<bool> {
    let goes = send_to(db, mailing_id, recipients.to)?;
    Ok(leave_out(db, mailing_id, recipients.not)? || goes)
}

fn leave_out(db: &mut Db, mailing_id: i64, names: &[ListName]) -> StoreResult<bool> {
    let mut rows = rows(db, names)?;
    rows.sort_unstable();
    let of_mailing = mailing_exclusions::table.filter(mailing_exclusions::mailing_id.eq(mailing_id));
    let was: Vec<i64> = of_mailing.order(mailing_exclusions::list_id).select(mailing_exclusions::list_id).load(db)?;
    if was == rows {
        return Ok(false);
    }
    let number = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    diesel::update(mailings::table.find(mailing_id)).set(mailings::excluded.eq(number)).execute(db)?;
    diesel::delete(of_mailing).execute(db)?;
    for list in rows {
        let row = (mailing_exclusions::mailing_id.eq(mailing_id), mailing_exclusions::list_id.eq(list));
        diesel::insert_into(mailing_exclusions::table).values(row).execute(db)?;
    }
    Ok(true)
}

fn send_to(db: &mut Db, mailing_id: i64, names: &[ListName]) -> StoreResult<bool> {
    let mut rows = rows(db, names)?;
    rows.sort_unstable();
    let number = i64::try_from(names.len()).unwrap_or(i64::MAX);
    let of_mailing = mailing_lists::table.filter(mailing_lists::mailing_id.eq(mailing_id));
    let was: Vec<i64> = of_mailing.order(mailing_lists::list_id).select(mailing_lists::list_id).load(db)?;
    let was_number: i64 = mailings::table.find(mailing_id).select(mailings::lists).first(db)?;
    if (was_number, &was) == (number, &rows) {
        return Ok(false);
    }
    diesel::update(mailings::table.find(mailing_id)).set(mailings::lists.eq(number)).execute(db)?;
    diesel::delete(of_mailing).execute(db)?;
    for list in rows {
        let row = (mailing_lists::mailing_id.eq(mailing_id), mailing_lists::list_id.eq(list));
        diesel::insert_into(mailing_lists::table).values(row).execute(db)?;
    }
    Ok(true)
}
