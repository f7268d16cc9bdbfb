//! What came back about deliveries, and about letters that ask whether to go on: rows that say what was said, and what they come to for each member. What follows for a member
//! is `bounce`'s to decide and `leaving`'s to do.

use std::fmt;
use std::str::FromStr;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::audit::AuditAction;
use super::column::At;
use super::conn::per_backend;
use super::members::Member;
use super::schema::{audit_log, bounces, campaigns, deliveries, mailings, members, renewals};
use super::{Db, StoreResult};
use crate::bounce::{BounceClass, BounceLine};
use crate::delivery::DeliveryState;
use crate::member::renewal::RenewalState;
use crate::member::{Consent, Pseudonym};
use crate::smtp::{Enhanced, Stage};
use crate::text::Slug;

/// How it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BounceSource {
    /// A message came back.
    Report,
    /// The relay refused the recipient while it was asked.
    Relay,
}

impl fmt::Display for BounceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Report => "report",
            Self::Relay => "relay",
        })
    }
}

/// The text names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a way by which a report becomes known")]
pub struct NoBounceSource;

impl FromStr for BounceSource {
    type Err = NoBounceSource;

    fn from_str(text: &str) -> Result<Self, NoBounceSource> {
        [Self::Report, Self::Relay].into_iter().find(|source| source.to_string() == text).ok_or(NoBounceSource)
    }
}

/// Which mail of ours something came back about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportedLetter {
    /// A delivery.
    Delivery {
        /// The delivery.
        id: i64,
        /// Its campaign.
        campaign_id: i64,
    },
    /// The letter that asks whether to go on with the consent that rests on this act.
    Renewal {
        /// The act.
        act_at: Timestamp,
    },
}

/// A mail that something came back about.
#[derive(Clone, Debug)]
pub struct ReportedMail {
    /// Which.
    pub letter: ReportedLetter,
    /// Whose it is.
    pub member: Member,
    /// When it left; when it was refused, if it did not.
    pub sent_at: Timestamp,
}

/// The delivery `id`, if its mail has left.
pub fn reported(db: &mut Db, id: i64) -> StoreResult<Option<ReportedMail>> {
    let found: Option<(i64, Option<Timestamp>, Option<Timestamp>, Member)> = deliveries::table
        .inner_join(mailings::table)
        .inner_join(members::table)
        .filter(deliveries::id.eq(id))
        .select((mailings::campaign_id, deliveries::handed_over_at, deliveries::ended_at, Member::as_select()))
        .first(db)
        .optional()?;
    Ok(found.and_then(|(campaign_id, handed_over_at, ended_at, member)| {
        let letter = ReportedLetter::Delivery { id, campaign_id };
        Some(ReportedMail { letter, member, sent_at: handed_over_at.or(ended_at)? })
    }))
}

/// The deliveries of a member that left at `since` or later: what their Message-IDs are made of.
pub fn sent_to(db: &mut Db, member: &Member, since: Timestamp) -> StoreResult<Vec<(i64, Slug, String)>> {
    Ok(deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .filter(deliveries::member_id.eq(member.id).and(deliveries::handed_over_at.ge(At(since))))
        .select((deliveries::id, campaigns::slug, mailings::name))
        .load(db)?)
}

/// What was said about a mail.
#[derive(Clone, Debug)]
pub struct NewBounce {
    /// How it became known.
    pub source: BounceSource,
    /// What it says.
    pub class: BounceClass,
    /// The status.
    pub status: Option<Enhanced>,
    /// The reply code.
    pub code: Option<u16>,
    /// Its words, without anybody's address.
    pub said: String,
}

/// Keeps what was said about a mail. False when as much is known already: reports of one class about one mail are one.
pub fn add(db: &mut Db, about: &ReportedMail, bounce: &NewBounce, at: Timestamp) -> StoreResult<bool> {
    let (delivery, campaign, act) = match about.letter {
        ReportedLetter::Delivery { id, campaign_id } => (Some(id), Some(campaign_id), None),
        ReportedLetter::Renewal { act_at } => (None, None, Some(act_at)),
    };
    let row = (
        bounces::delivery_id.eq(delivery),
        bounces::member_id.eq(about.member.id),
        bounces::campaign_id.eq(campaign),
        bounces::act_at.eq(act),
        bounces::source.eq(bounce.source),
        bounces::class.eq(bounce.class),
        bounces::status.eq(bounce.status),
        bounces::reply_code.eq(bounce.code.map(i32::from)),
        bounces::said.eq(bounce.said.as_str()),
        bounces::sent_at.eq(At(about.sent_at)),
        bounces::at.eq(At(at)),
    );
    let added = per_backend!(db, conn => diesel::insert_into(bounces::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(added > 0)
}

/// A recipient that the relay refused.
#[derive(Clone, Debug, Queryable)]
pub struct RefusedRecipient {
    /// The delivery.
    pub delivery: i64,
    /// The reply code.
    pub code: Option<i32>,
    /// The status.
    pub status: Option<Enhanced>,
    /// The relay's words, without the address.
    pub reason: Option<String>,
}

/// Up to `limit` recipients that the relay refused, in mailings that have ended and could be sent at `since` or later, and that
/// nothing is kept about. Not in campaigns of which a mailing was ever stopped: a relay that says no to everybody may call
/// everybody unknown.
pub fn unread_refusals(db: &mut Db, since: Timestamp, limit: i64) -> StoreResult<Vec<RefusedRecipient>> {
    let stopped = audit_log::table
        .filter(audit_log::action.eq(AuditAction::MailingStopped).and(audit_log::object.eq(campaigns::slug)));
    // First the mailings, whose deliveries have an index by state: those that refused nobody cost nothing.
    let ended: Vec<i64> = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::ended_at.is_not_null().and(mailings::not_after.ge(At(since))))
        .filter(not(exists(stopped)))
        .select(mailings::id)
        .load(db)?;
    let known = bounces::table.filter(bounces::delivery_id.eq(deliveries::id.nullable()));
    Ok(deliveries::table
        .filter(deliveries::mailing_id.eq_any(ended))
        .filter(deliveries::state.eq(DeliveryState::Refused).and(deliveries::stage.eq(Stage::Recipient)))
        .filter(deliveries::ended_at.ge(At(since)).and(not(exists(known))))
        .order(deliveries::ended_at)
        .limit(limit)
        .select((deliveries::id, deliveries::reply_code, deliveries::enhanced_status, deliveries::reason))
        .load(db)?)
}

/// Up to `limit` rows above `after` of which it is not decided what follows: the row, and whose it is.
pub(super) fn unjudged(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<(i64, Pseudonym)>> {
    Ok(bounces::table
        .inner_join(members::table)
        .filter(bounces::judged_at.is_null().and(bounces::id.gt(after)))
        .order(bounces::id)
        .limit(limit)
        .select((bounces::id, members::pseudonym))
        .load(db)?)
}

/// Notes that it is decided what follows from the rows.
pub(super) fn judged(db: &mut Db, ids: &[i64], now: Timestamp) -> StoreResult<()> {
    diesel::update(bounces::table.filter(bounces::id.eq_any(ids))).set(bounces::judged_at.eq(At(now))).execute(db)?;
    Ok(())
}

/// What came back from a member since the consent began, and when mails were sent that nothing came back of.
pub(super) fn of_member(db: &mut Db, member: &Member) -> StoreResult<(Vec<BounceLine>, Vec<Timestamp>)> {
    let since = member.consent_since;
    let lines: Vec<(BounceClass, Option<i64>, Timestamp, Timestamp)> = bounces::table
        .filter(bounces::member_id.eq(member.id).and(bounces::sent_at.ge(At(since))))
        .order(bounces::id)
        .select((bounces::class, bounces::campaign_id, bounces::sent_at, bounces::at))
        .load(db)?;
    let came_back = bounces::table.filter(bounces::delivery_id.eq(deliveries::id.nullable()));
    let mut arrived: Vec<Timestamp> = deliveries::table
        .filter(deliveries::member_id.eq(member.id).and(deliveries::state.eq(DeliveryState::Accepted)))
        .filter(deliveries::stage.is_null().or(deliveries::stage.ne(Stage::Folder)))
        .filter(deliveries::handed_over_at.ge(At(since)).and(not(exists(came_back))))
        .select(deliveries::handed_over_at.assume_not_null())
        .load(db)?;
    let came_back = bounces::table
        .filter(bounces::member_id.eq(renewals::member_id).and(bounces::act_at.eq(renewals::act_at.nullable())));
    let asked: Option<Option<Timestamp>> = renewals::table
        .find(member.id)
        .filter(renewals::state.eq(RenewalState::Sent).and(not(exists(came_back))))
        .select(renewals::handed_over_at)
        .first(db)
        .optional()?;
    arrived.extend(asked.flatten().filter(|at| *at >= since));
    let line = |(class, campaign, sent_at, at)| BounceLine { class, campaign, sent_at, at };
    Ok((lines.into_iter().map(line).collect(), arrived))
}

/// How many addresses were given up at `since` or later.
pub(super) fn given_up_since(db: &mut Db, since: Timestamp) -> StoreResult<u64> {
    let dead = members::table.filter(members::consent.eq(Consent::Dead).and(members::consent_since.ge(At(since))));
    Ok(dead.count().get_result::<i64>(db)?.unsigned_abs())
}

/// How much came back of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct ClassCount {
    /// The class.
    pub class: BounceClass,
    /// How many reports.
    pub count: i64,
}

/// What came back since an instant, and how many addresses are given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CameBack {
    /// Since when.
    pub since: Timestamp,
    /// How many reports of each class.
    pub classes: Vec<ClassCount>,
    /// Members whose address is given up, whenever that was.
    pub dead: i64,
    /// Reports of which it is not decided what follows.
    pub undecided: i64,
}

impl CameBack {
    /// How many reports there are.
    pub fn reports(&self) -> i64 {
        self.classes.iter().map(|class| class.count).sum()
    }
}

/// What came back at `since` or later.
pub fn since(db: &mut Db, since: Timestamp) -> StoreResult<CameBack> {
    let classes = bounces::table
        .filter(bounces::at.ge(At(since)))
        .group_by(bounces::class)
        .order(bounces::class)
        .select((bounces::class, count_star()))
        .load(db)?;
    let dead = members::table.filter(members::consent.eq(Consent::Dead)).count().get_result(db)?;
    let undecided = bounces::table.filter(bounces::judged_at.is_null()).count().get_result(db)?;
    Ok(CameBack { since, classes, dead, undecided })
}

/// What came back about one mail of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailThatCameBack {
    /// The campaign's slug; none for the letter that asks whether to go on.
    pub campaign: Option<Slug>,
    /// The mailing within the campaign; `renewal` for that letter.
    pub mailing: String,
    /// What was said.
    pub class: BounceClass,
    /// The status.
    pub status: Option<Enhanced>,
    /// Its words.
    pub said: String,
    /// When it was read.
    pub at: Timestamp,
}

/// What the letter that asks whether to go on is called where mailings are listed by their names.
const RENEWAL: &str = "renewal";

/// What came back about mails of the member, oldest first.
pub fn about(db: &mut Db, member_id: i64) -> StoreResult<Vec<MailThatCameBack>> {
    type Row = (Option<Slug>, Option<String>, BounceClass, Option<Enhanced>, String, Timestamp);
    let rows: Vec<Row> = bounces::table
        .left_join(deliveries::table.inner_join(mailings::table.inner_join(campaigns::table)))
        .filter(bounces::member_id.eq(member_id))
        .order(bounces::id)
        .select((
            campaigns::slug.nullable(),
            mailings::name.nullable(),
            bounces::class,
            bounces::status,
            bounces::said,
            bounces::at,
        ))
        .load(db)?;
    let mail = |(campaign, mailing, class, status, said, at): Row| {
        let mailing = mailing.unwrap_or_else(|| RENEWAL.to_owned());
        MailThatCameBack { campaign, mailing, class, status, said, at }
    };
    Ok(rows.into_iter().map(mail).collect())
}

/// The reports about letters that ask whether to go on, with when these left.
pub(super) fn about_renewals(db: &mut Db) -> StoreResult<Vec<(i64, Timestamp)>> {
    let theirs = bounces::table.filter(bounces::act_at.is_not_null());
    Ok(theirs.order(bounces::sent_at).select((bounces::id, bounces::sent_at)).load(db)?)
}

/// Removes reports.
pub(super) fn remove(db: &mut Db, ids: &[i64]) -> StoreResult<u64> {
    let gone = diesel::delete(bounces::table.filter(bounces::id.eq_any(ids))).execute(db)?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}
