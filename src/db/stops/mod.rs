//! Mailings that the circuit breaker has stopped.
//!
//! A stopped mailing keeps its state and waits: nothing of it is claimed or handed over until a person lets it go on
//! ([`retry()`]), and its deadline ends it in any case.

mod retry;

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

pub use retry::{Retried, RetryOnly, RetryOrder, RetryRefusal, retry};

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::deliveries::{Change, Which};
use super::reports::RESOLVED;
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreResult, deliveries as queue, problems};
use crate::delivery::breaker::{MailingStop, Settled, Sign, about};
use crate::delivery::state::DeliveryEvent;
use crate::delivery::{DeliveryState, MailingState};
use crate::smtp::{Enhanced, Stage};
use crate::text::Slug;

/// A mailing that was stopped just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Its campaign's slug.
    pub campaign: Slug,
    /// Its name within the campaign.
    pub mailing: String,
    /// Why, with the relay's words.
    pub why: String,
}

/// Stops a mailing that is being sent. `None` when it was stopped already or has ended: then nothing is changed.
pub fn stop(db: &mut Db, stop: &MailingStop, now: Timestamp) -> StoreResult<Option<Stopped>> {
    let going = mailings::table
        .filter(mailings::id.eq(stop.mailing))
        .filter(mailings::state.eq(MailingState::Sending))
        .filter(mailings::stopped_at.is_null());
    let stopped = diesel::update(going)
        .set((mailings::stopped_at.eq(At(now)), mailings::stopped_why.eq(&stop.why)))
        .execute(db)?;
    if stopped == 0 {
        return Ok(None);
    }
    let (campaign, mailing): (Slug, String) = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::id.eq(stop.mailing))
        .select((campaigns::slug, mailings::name))
        .first(db)?;
    let entry = AuditEntry {
        at: now,
        who: "daemon".to_owned(),
        action: AuditAction::MailingStopped,
        object: campaign.to_string(),
        detail: json!({ "mailing": mailing, "reason": stop.why, "spared": stop.spared.len() }),
    };
    audit::record(db, &entry)?;
    problems::settle(db, now)?;
    Ok(Some(Stopped { campaign, mailing, why: stop.why.clone() }))
}

/// The refusals of a mailing, but for those of deliveries that a person has given up.
pub fn refusals(db: &mut Db, mailing_id: i64) -> StoreResult<Vec<Settled>> {
    type Row = (i64, Option<Stage>, Option<i32>, Option<Enhanced>, Option<String>);
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(DeliveryState::Refused))
        .filter(deliveries::reason.is_null().or(deliveries::reason.not_like(format!("{RESOLVED}%"))))
        .order(deliveries::id)
        .select((
            deliveries::id,
            deliveries::stage,
            deliveries::reply_code,
            deliveries::enhanced_status,
            deliveries::reason,
        ))
        .load(db)?;
    let settled = |(delivery, stage, code, status, reason): Row| Settled {
        mailing: mailing_id,
        delivery,
        sign: sign_of_refusal(stage, status),
        words: words(stage, code.and_then(|code| u16::try_from(code).ok()), reason.as_deref()),
    };
    Ok(rows.into_iter().map(settled).collect())
}

/// What a recorded refusal says of the relay.
pub fn sign_of_refusal(stage: Option<Stage>, status: Option<Enhanced>) -> Sign {
    let at_mail = stage == Some(Stage::Mail);
    Sign::Refused(about(at_mail, status.map(|status| (status.subject, status.detail))))
}

/// What a relay said, with the step and the code: `at recipient: 554 5.7.1 Relay access denied`.
pub fn words(stage: Option<Stage>, code: Option<u16>, reason: Option<&str>) -> String {
    let code = code.map(|code| format!("{code} ")).unwrap_or_default();
    format!("at {}: {code}{}", stage.map_or("once", Stage::as_str), reason.unwrap_or_default())
}

/// Lets those of the refused deliveries `ids` wait again whose mailing is stopped. Says how many those were.
pub fn spare(db: &mut Db, ids: &[i64], now: Timestamp) -> StoreResult<usize> {
    let stopped = mailings::table.filter(mailings::stopped_at.is_not_null()).select(mailings::id);
    let refused: Vec<i64> = deliveries::table
        .filter(deliveries::id.eq_any(ids))
        .filter(deliveries::mailing_id.eq_any(stopped))
        .filter(deliveries::state.eq(DeliveryState::Refused))
        .select(deliveries::id)
        .load(db)?;
    queue::transition(db, DeliveryEvent::Retry, Which::Ids(&refused), Change::due_at(now), now)
}
