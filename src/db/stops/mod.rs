//! Mailings that the circuit breaker has stopped.
//!
//! A stopped mailing keeps its state and waits: nothing of it is claimed or handed over until a person lets it go on
//! ([`retry()`]), and its deadline ends it in any case. So with the part of a mailing that one provider receives, while the rest goes on.

mod retry;

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

pub use retry::{Retried, RetryOnly, RetryOrder, RetryRefusal, retry};

use super::audit::{self, AuditAction, AuditEntry};
use super::column::{At, Tried};
use super::deliveries::{Change, Which};
use super::reports::RESOLVED;
use super::schema::{campaigns, deliveries, mailings, members};
use super::{Db, StoreResult, deliveries as queue, problems};
use crate::delivery::breaker::{MailingStop, Settled, Sign, StoppedPart, StoppedParts, about};
use crate::delivery::providers::lane_of;
use crate::delivery::state::DeliveryEvent;
use crate::delivery::{DeliveryState, MailingState};
use crate::member::Address;
use crate::smtp::{Enhanced, Stage};
use crate::text::Slug;

/// A mailing that was stopped just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Its campaign's slug.
    pub campaign: Slug,
    /// Its name within the campaign.
    pub mailing: String,
    /// The provider whose part it is; none when it is the whole mailing.
    pub provider: Option<String>,
    /// Why, with the relay's words.
    pub why: String,
}

/// Stops a mailing that is being sent, or a provider's part of it. Where nobody else is left to write to the mailing is stopped in the
/// place of its part. `None` when it was stopped already or has ended: then nothing is changed.
pub fn stop(db: &mut Db, stop: &MailingStop, now: Timestamp) -> StoreResult<Option<Stopped>> {
    let provider = match &stop.provider {
        Some(provider) if has_others(db, stop.mailing, provider)? => Some(provider),
        _ => None,
    };
    let going = mailings::table
        .filter(mailings::id.eq(stop.mailing))
        .filter(mailings::state.eq(MailingState::Sending))
        .filter(mailings::stopped_at.is_null());
    let stopped = if let Some(provider) = provider {
        let Some(mut parts) = going.select(mailings::stopped_parts).first::<StoppedParts>(db).optional()? else {
            return Ok(None);
        };
        if parts.holds(Some(provider)) {
            return Ok(None);
        }
        parts.0.insert(provider.clone(), StoppedPart { at: now, why: stop.why.clone() });
        diesel::update(going).set(mailings::stopped_parts.eq(&parts)).execute(db)?
    } else {
        diesel::update(going)
            .set((mailings::stopped_at.eq(At(now)), mailings::stopped_why.eq(&stop.why)))
            .execute(db)?
    };
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
        detail: match provider {
            Some(provider) => {
                json!({ "mailing": mailing, "provider": provider, "reason": stop.why, "spared": stop.spared.len() })
            }
            None => json!({ "mailing": mailing, "reason": stop.why, "spared": stop.spared.len() }),
        },
    };
    audit::record(db, &entry)?;
    problems::settle(db, now)?;
    Ok(Some(Stopped { campaign, mailing, provider: provider.cloned(), why: stop.why.clone() }))
}

/// Rows that are looked at in one go.
const AT_ONCE: i64 = 1_000;

/// Whether deliveries of a mailing that have not ended are to others than the people of `provider`.
fn has_others(db: &mut Db, mailing_id: i64, provider: &str) -> StoreResult<bool> {
    let open: Vec<DeliveryState> = DeliveryState::ALL.into_iter().filter(|state| !state.has_ended()).collect();
    let mut after = 0;
    loop {
        let page = addressed(db, mailing_id, &open, after)?;
        let Some((last, _)) = page.last() else { return Ok(false) };
        after = *last;
        if page.iter().any(|(_, of)| of.as_deref() != Some(provider)) {
            return Ok(true);
        }
    }
}

/// Deliveries of a mailing in one of `states` after the delivery `after`, and the provider of each.
fn addressed(
    db: &mut Db,
    mailing_id: i64,
    states: &[DeliveryState],
    after: i64,
) -> StoreResult<Vec<(i64, Option<String>)>> {
    let rows: Vec<(i64, Option<Tried<Address>>)> = deliveries::table
        .inner_join(members::table)
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq_any(states.to_vec()))
        .filter(deliveries::id.gt(after))
        .order(deliveries::id)
        .limit(AT_ONCE)
        .select((deliveries::id, members::address))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, address)| (id, address.and_then(provider_of))).collect())
}

fn provider_of(Tried(address): Tried<Address>) -> Option<String> {
    lane_of(address?.domain()).as_provider().map(str::to_owned)
}

/// What waits of the part of a mailing that `provider` receives.
pub fn waiting_of_part(db: &mut Db, mailing_id: i64, provider: &str) -> StoreResult<Vec<i64>> {
    let (mut theirs, mut after) = (Vec::new(), 0);
    loop {
        let page = addressed(db, mailing_id, &DeliveryState::WAITING, after)?;
        let Some((last, _)) = page.last() else { return Ok(theirs) };
        after = *last;
        theirs.extend(page.into_iter().filter(|(_, of)| of.as_deref() == Some(provider)).map(|(id, _)| id));
    }
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
        provider: None,
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

/// Lets those of the refused deliveries `ids` wait again whose mailing is stopped, or whose part of it is. Says how many those were.
pub fn spare(db: &mut Db, ids: &[i64], now: Timestamp) -> StoreResult<usize> {
    type Row = (i64, Option<Timestamp>, StoppedParts, Option<Tried<Address>>);
    let refused: Vec<Row> = deliveries::table
        .inner_join(mailings::table)
        .inner_join(members::table)
        .filter(deliveries::id.eq_any(ids))
        .filter(deliveries::state.eq(DeliveryState::Refused))
        .select((deliveries::id, mailings::stopped_at, mailings::stopped_parts, members::address))
        .load(db)?;
    let waits = |(id, stopped_at, parts, address): Row| {
        let is_stopped = stopped_at.is_some() || parts.holds(address.and_then(provider_of).as_deref());
        is_stopped.then_some(id)
    };
    let refused: Vec<i64> = refused.into_iter().filter_map(waits).collect();
    queue::transition(db, DeliveryEvent::Retry, Which::Ids(&refused), Change::due_at(now), now)
}
