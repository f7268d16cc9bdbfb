//! The members' rows: who can be written to, and where. What a row says of a consent is a copy of what the ledger
//! amounts to; it is written in the transaction of the event, by [`super::consent`].

use diesel::dsl::{AsSelect, IntoBoxed, Select};
use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::conn::MultiBackend;
use super::schema::{mailing_exclusions, mailing_lists, mailings, members, memberships, suppressions};
use super::{Db, StoreError, StoreResult};
use crate::delivery::late_check::MemberStanding;
use crate::member::{Address, Consent, Event, Fingerprint, Language, NewEvent, Pseudonym};

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Member {
    /// The row's id, for paging.
    pub id: i64,
    /// The name under which everything else knows the member.
    pub pseudonym: Pseudonym,
    /// Where to write to; gone after an erasure.
    pub address: Option<Address>,
    /// How the address is recognised.
    #[diesel(select_expression = (members::fingerprint, members::fingerprint_key))]
    #[diesel(select_expression_type = (members::fingerprint, members::fingerprint_key))]
    pub fingerprint: Fingerprint,
    /// The language to write in.
    pub language: Language,
    /// The state of the consent.
    pub consent: Consent,
    /// Since when.
    pub consent_since: Timestamp,
    /// When a confirmed consent stops counting.
    pub expires_at: Option<Timestamp>,
    /// Until when the member asked not to be written to. May be over.
    pub paused_until: Option<Timestamp>,
}

/// Which members may be written to at an instant: the condition of freezing an audience, of claiming, and of the last look
/// before a message is handed over. Written once, here.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn eligible(now: At) -> _ {
    let confirmed: Consent = Consent::Confirmed;
    let suppressed = suppressions::table.filter(suppressions::fingerprint.eq(members::fingerprint));
    members::consent
        .eq(confirmed)
        .and(members::address.is_not_null())
        .and(members::expires_at.is_null().or(members::expires_at.gt(now)))
        .and(members::paused_until.is_null().or(members::paused_until.le(now)))
        .and(diesel::dsl::not(diesel::dsl::exists(suppressed)))
}

/// Whether a mailing is for a member, by its lists: the other half of the condition, where both rows are at hand. A member on
/// several of them is one member.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn is_meant() -> _ {
    let to = mailing_lists::table
        .filter(mailing_lists::mailing_id.eq(mailings::id))
        .filter(mailing_lists::list_id.eq(memberships::list_id));
    let on_one = memberships::table.filter(memberships::member_id.eq(members::id)).filter(diesel::dsl::exists(to));
    let except = mailing_exclusions::table
        .filter(mailing_exclusions::mailing_id.eq(mailings::id))
        .filter(mailing_exclusions::list_id.eq(memberships::list_id));
    let kept_out =
        memberships::table.filter(memberships::member_id.eq(members::id)).filter(diesel::dsl::exists(except));
    let is_in = mailings::lists.eq(0_i64).or(diesel::dsl::exists(on_one));
    is_in.and(mailings::excluded.eq(0_i64).or(diesel::dsl::not(diesel::dsl::exists(kept_out))))
}

/// The members whom a mailing leaves in, of those whom it goes to: the other half of the same, asked from the side of the lists.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn not_kept_out_of(mailing_id: i64) -> _ {
    let except = mailing_exclusions::table
        .filter(mailing_exclusions::mailing_id.eq(mailing_id))
        .select(mailing_exclusions::list_id);
    let theirs = memberships::table.filter(memberships::list_id.eq_any(except)).select(memberships::member_id);
    members::id.ne_all(theirs)
}

/// The members on the lists of a mailing that goes to lists: the same, asked from the side of the lists, so that the audience
/// of a small list is not looked for among all members.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn on_lists_of(mailing_id: i64) -> _ {
    let to = mailing_lists::table.filter(mailing_lists::mailing_id.eq(mailing_id)).select(mailing_lists::list_id);
    let theirs = memberships::table.filter(memberships::list_id.eq_any(to)).select(memberships::member_id);
    members::id.eq_any(theirs)
}

/// What [`standing`] is told of a member at an instant, beside a mailing.
macro_rules! standing_columns {
    ($now:expr) => {
        (
            $crate::db::members::is_meant(),
            $crate::db::members::eligible($crate::db::column::At($now)),
            $crate::db::schema::members::consent.eq($crate::member::Consent::Confirmed),
            $crate::db::schema::members::paused_until.gt($crate::db::column::At($now)),
        )
    };
}
pub(super) use standing_columns;

/// What is read by `standing_columns!`.
pub(super) type StandingRow = (bool, Option<bool>, bool, Option<bool>);

/// What the store says of a member.
pub(super) fn standing(row: StandingRow) -> MemberStanding {
    let (meant, eligible, consents, paused) = row;
    MemberStanding::of(eligible == Some(true), consents, paused == Some(true)).among(meant)
}

/// How many members may be written to at `now`.
pub fn count_eligible(db: &mut Db, now: Timestamp) -> StoreResult<i64> {
    Ok(members::table.filter(eligible(At(now))).count().get_result(db)?)
}

/// How many members are in each state.
pub fn count_by_consent(db: &mut Db) -> StoreResult<Vec<(Consent, i64)>> {
    Ok(members::table.group_by(members::consent).select((members::consent, diesel::dsl::count_star())).load(db)?)
}

/// The member with this pseudonym.
pub fn find(db: &mut Db, pseudonym: &Pseudonym) -> StoreResult<Option<Member>> {
    Ok(members::table.filter(members::pseudonym.eq(pseudonym)).select(Member::as_select()).first(db).optional()?)
}

/// The member with this address, given by its fingerprints under all keys ([`Fingerprint::all`]). Also finds a member
/// whose address was erased.
pub fn find_by_fingerprint(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Option<Member>> {
    Ok(find_many(db, fingerprints)?.into_iter().next())
}

pub(super) fn find_many(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Vec<Member>> {
    let theirs = members::table.filter(members::fingerprint.eq_any(fingerprints.iter().map(Fingerprint::digits)));
    Ok(theirs.order(members::id).select(Member::as_select()).load(db)?)
}

/// Members in the order of their ids.
type MembersPage<'a> = IntoBoxed<'a, Select<members::table, AsSelect<Member, MultiBackend>>, MultiBackend>;

/// Up to `limit` members with an id above `after`, in the order of their ids.
pub fn list(db: &mut Db, consent: Option<Consent>, after: i64, limit: i64) -> StoreResult<Vec<Member>> {
    page(db, members::table.select(Member::as_select()).into_boxed(), consent, (after, limit))
}

/// The same of those who are on a list.
pub fn list_on(db: &mut Db, list: i64, consent: Option<Consent>, after: i64, limit: i64) -> StoreResult<Vec<Member>> {
    let on_it = memberships::table.filter(memberships::list_id.eq(list)).select(memberships::member_id);
    let theirs = members::table.select(Member::as_select()).into_boxed().filter(members::id.eq_any(on_it));
    page(db, theirs, consent, (after, limit))
}

fn page(
    db: &mut Db,
    among: MembersPage<'_>,
    consent: Option<Consent>,
    (after, limit): (i64, i64),
) -> StoreResult<Vec<Member>> {
    let mut page = among.filter(members::id.gt(after)).order(members::id).limit(limit);
    if let Some(consent) = consent {
        page = page.filter(members::consent.eq(consent));
    }
    Ok(page.load(db)?)
}

/// Up to `limit` rows with an id above `after`, each with its id, whether or not it can be read.
pub(super) fn readable(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<(i64, Option<Member>)>> {
    match list(db, None, after, limit) {
        Err(StoreError::Corrupt { .. }) => {}
        page => return Ok(page?.into_iter().map(|member| (member.id, Some(member))).collect()),
    }
    let page = members::table.filter(members::id.gt(after)).order(members::id).limit(limit);
    let ids: Vec<i64> = page.select(members::id).load(db)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        match list(db, None, id - 1, 1) {
            Err(StoreError::Corrupt { .. }) => rows.push((id, None)),
            member => rows.extend(member?.into_iter().map(|member| (id, Some(member)))),
        }
    }
    Ok(rows)
}

/// Removes the row of a member, whom nothing else names.
pub(super) fn remove(db: &mut Db, id: i64) -> StoreResult<()> {
    diesel::delete(members::table.find(id)).execute(db)?;
    Ok(())
}

pub(super) fn contents_of(events: &[Event]) -> impl Iterator<Item = &NewEvent> {
    events.iter().map(|event| &event.what)
}
