//! The member who is nobody, with whom a daemon tries whether people can leave: made in a transaction that undoes it again, so
//! that it is never in the store. It has agreed and has a letter in the queue; once it has left, the ledger, the suppression list,
//! the queue and the question before every letter are asked whether they know.

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::column::{AsJson, At};
use super::members::{self, contents_of, eligible};
use super::schema::{campaigns, deliveries, mailings, members as rows};
use super::{Db, StoreError, StoreResult, ledger, suppressions};
use crate::campaign::{CampaignState, MailingKind};
use crate::delivery::{DeliveryState, MailingState};
use crate::member::{Action, Address, CANARY, Consent, Event, Fingerprint, Language, Method, NewEvent, replay};

/// What no campaign can be called.
const CAMPAIGN: &str = "(canary)";

/// The member, while it is there.
pub(super) struct CanaryMember {
    /// Of no address, under no key.
    fingerprint: Fingerprint,
    member: i64,
    /// The letter that waits.
    delivery: i64,
}

impl CanaryMember {
    /// Makes it. The caller undoes that ([`Db::undone`]).
    pub(super) fn arrive(db: &mut Db, controller: &str, now: Timestamp) -> StoreResult<Self> {
        let (digits, key) = ("0".repeat(64), "00000000");
        let fingerprint = Fingerprint::from_stored(&digits, key);
        let fingerprint = fingerprint.ok_or_else(|| StoreError::corrupt("a fingerprint", key))?;
        let member = join(db, fingerprint, controller, now)?;
        let canary = Self { fingerprint, member, delivery: queue(db, member, now)? };
        unless(canary.is_written_to(db, now)?, "somebody who agreed is not written to, so nothing can be tried")?;
        Ok(canary)
    }

    /// That it has left as whoever leaves is promised to have left.
    ///
    /// # Errors
    /// [`StoreError::LeavePath`] when it has not.
    pub(super) fn check_gone(&self, db: &mut Db, now: Timestamp) -> StoreResult<()> {
        let events = ledger::events_of(db, &CANARY)?;
        let state = replay(contents_of(&events));
        unless(state.is_some_and(|state| state.consent == Consent::Withdrawn), "the ledger does not say so")?;
        let member = members::find(db, &CANARY)?;
        unless(member.is_some_and(|member| member.consent == Consent::Withdrawn), "the member's row does not say so")?;
        unless(suppressions::find(db, &[self.fingerprint])?.is_some(), "the suppression list does not say so")?;
        unless(!self.is_written_to(db, now)?, "the person would be written to")?;
        let state: DeliveryState = deliveries::table.find(self.delivery).select(deliveries::state).first(db)?;
        unless(state == DeliveryState::Skipped, "what waits would be sent")
    }

    fn is_written_to(&self, db: &mut Db, now: Timestamp) -> StoreResult<bool> {
        let theirs = rows::table.find(self.member).filter(eligible(At(now)));
        Ok(theirs.count().get_result::<i64>(db)? == 1)
    }
}

/// Fails, with `what` is wrong, unless `holds`.
pub(super) fn unless(holds: bool, what: &'static str) -> StoreResult<()> {
    if holds { Ok(()) } else { Err(StoreError::LeavePath { what }) }
}

/// A member who agreed a second ago.
fn join(db: &mut Db, fingerprint: Fingerprint, controller: &str, now: Timestamp) -> StoreResult<i64> {
    let head = ledger::lock(db)?;
    let agreed = now.checked_sub(SignedDuration::from_secs(1)).unwrap_or(now);
    let how = (Action::Confirmed, Method::DoubleOptinPost);
    let what = NewEvent::new(how, (CANARY, fingerprint), controller, "canary", agreed);
    let address: Address =
        "canary@carillon.invalid".parse().map_err(|_| StoreError::corrupt("an address", "the canary's"))?;
    diesel::insert_into(rows::table)
        .values((
            rows::pseudonym.eq(CANARY),
            rows::address.eq(address),
            rows::fingerprint.eq(fingerprint.digits()),
            rows::fingerprint_key.eq(fingerprint.key()),
            rows::language.eq(Language::Fr),
            rows::consent.eq(Consent::Confirmed),
            rows::consent_since.eq(At(agreed)),
        ))
        .execute(db)?;
    ledger::insert(db, vec![Event::after(head, what, now)])?;
    Ok(rows::table.filter(rows::pseudonym.eq(CANARY)).select(rows::id).first(db)?)
}

/// A letter to `member` that waits, of a mailing that has begun.
fn queue(db: &mut Db, member: i64, now: Timestamp) -> StoreResult<i64> {
    let later = now.checked_add(SignedDuration::from_hours(1)).unwrap_or(now);
    diesel::insert_into(campaigns::table)
        .values((
            campaigns::slug.eq(CAMPAIGN),
            campaigns::title.eq(CAMPAIGN),
            campaigns::state.eq(CampaignState::Active),
            campaigns::revision.eq(1),
            campaigns::source_name.eq(CAMPAIGN),
            campaigns::source_text.eq(""),
            campaigns::schedule.eq(AsJson(serde_json::Value::Null)),
            campaigns::opens_at.eq(At(now)),
            campaigns::closes_at.eq(At(later)),
            campaigns::applied_at.eq(At(now)),
            campaigns::applied_by.eq(CAMPAIGN),
        ))
        .execute(db)?;
    let campaign: i64 = campaigns::table.filter(campaigns::slug.eq(CAMPAIGN)).select(campaigns::id).first(db)?;
    diesel::insert_into(mailings::table)
        .values((
            mailings::campaign_id.eq(campaign),
            mailings::name.eq(CAMPAIGN),
            mailings::kind.eq(MailingKind::Opening),
            mailings::not_before.eq(At(now)),
            mailings::not_after.eq(At(later)),
            mailings::languages.eq(AsJson(vec![Language::Fr])),
            mailings::state.eq(MailingState::Sending),
            mailings::frozen_at.eq(At(now)),
        ))
        .execute(db)?;
    let mailing: i64 = mailings::table.filter(mailings::campaign_id.eq(campaign)).select(mailings::id).first(db)?;
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::mailing_id.eq(mailing),
            deliveries::member_id.eq(member),
            deliveries::state.eq(DeliveryState::Queued),
            deliveries::attempts.eq(0),
            deliveries::next_attempt_at.eq(At(now)),
        ))
        .execute(db)?;
    Ok(deliveries::table.filter(deliveries::mailing_id.eq(mailing)).select(deliveries::id).first(db)?)
}
