//! Mailings that the circuit breaker has stopped.
//!
//! A stopped mailing keeps its state and waits: nothing of it is claimed or handed over until a person lets it go on
//! ([`retry`]), and its deadline ends it in any case.

mod retry;

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

pub use retry::{Retried, RetryOnly, RetryOrder, RetryRefusal, retry};

use super::audit::{self, AuditEntry};
use super::column::Col;
use super::deliveries::{Change, Which};
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreResult, deliveries as queue, micros, problems};
use crate::delivery::breaker::Stop;
use crate::delivery::state::Event;
use crate::delivery::{DeliveryState, MailingState};

/// A mailing that was stopped just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Its campaign's slug.
    pub campaign: String,
    /// Its name within the campaign.
    pub mailing: String,
    /// Why, with the relay's words.
    pub why: String,
}

/// Stops a mailing that is being sent. `None` when it was stopped already or has ended: then nothing is changed.
pub fn stop(db: &mut Db, stop: &Stop, now: Timestamp) -> StoreResult<Option<Stopped>> {
    let going = mailings::table
        .filter(mailings::id.eq(stop.mailing))
        .filter(mailings::state.eq(Col(MailingState::Sending)))
        .filter(mailings::stopped_at.is_null());
    let stopped = diesel::update(going)
        .set((mailings::stopped_at.eq(micros(now)), mailings::stopped_why.eq(&stop.why)))
        .execute(db)?;
    if stopped == 0 {
        return Ok(None);
    }
    let (campaign, mailing): (String, String) = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::id.eq(stop.mailing))
        .select((campaigns::slug, mailings::name))
        .first(db)?;
    let entry = AuditEntry {
        at: now,
        who: "daemon".to_owned(),
        action: "mailing.stopped".to_owned(),
        object: campaign.clone(),
        detail: json!({ "mailing": mailing, "reason": stop.why, "spared": stop.spared.len() }),
    };
    audit::record(db, &entry)?;
    problems::settle(db, now)?;
    Ok(Some(Stopped { campaign, mailing, why: stop.why.clone() }))
}

/// Lets those of the refused deliveries `ids` wait again whose mailing is stopped. Says how many those were.
pub fn spare(db: &mut Db, ids: &[i64], now: Timestamp) -> StoreResult<usize> {
    let stopped = mailings::table.filter(mailings::stopped_at.is_not_null()).select(mailings::id);
    let refused: Vec<i64> = deliveries::table
        .filter(deliveries::id.eq_any(ids))
        .filter(deliveries::mailing_id.eq_any(stopped))
        .filter(deliveries::state.eq(Col(DeliveryState::Refused)))
        .select(deliveries::id)
        .load(db)?;
    queue::transition(db, Event::Retry, Which::Ids(&refused), Change::due_at(now), now)
}
