//! What a person has tried again: a stopped mailing, deferred deliveries, refused ones. Nothing here touches what was
//! accepted, is in doubt, has expired or was skipped.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::campaign::CampaignState;
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::campaigns;
use crate::db::column::At;
use crate::db::deliveries::{Change, Which};
use crate::db::reports::RESOLVED;
use crate::db::schema::{deliveries, mailings};
use crate::db::{Db, StoreResult, deliveries as queue, problems};
use crate::delivery::breaker::StoppedParts;
use crate::delivery::mailing_state::MailingEvent;
use crate::delivery::state::DeliveryEvent;
use crate::delivery::{DeliveryState, MailingState};
use crate::text::Slug;

/// What to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryOrder {
    /// The campaign's slug.
    pub campaign: Slug,
    /// Only this mailing of it.
    pub mailing: Option<String>,
    /// Only the part of this provider, which was stopped.
    pub provider: Option<String>,
    /// Only this.
    pub only: Option<RetryOnly>,
}

/// A part of what can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RetryOnly {
    /// Refused deliveries, but for those that a person has given up.
    Refused,
    /// Deferred deliveries, now instead of later.
    Deferred,
    /// Mailings that were stopped, and parts of mailings.
    Stopped,
}

/// What is tried again now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Retried {
    /// Mailings that were stopped and go on.
    pub mailings: usize,
    /// Providers' parts of mailings that were stopped and go on.
    pub parts: usize,
    /// Deferred deliveries that are due now.
    pub deferred: usize,
    /// Refused deliveries that wait again.
    pub refused: usize,
}

/// Why nothing is tried again. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetryRefusal {
    /// There is no such campaign.
    #[error("there is no campaign `{0}`; `carillon campaign list` shows those that are applied")]
    UnknownCampaign(Slug),
    /// It has no such mailing.
    #[error("`{campaign}` has no mailing `{mailing}`; it has {known}")]
    UnknownMailing {
        /// The campaign.
        campaign: Slug,
        /// The mailing.
        mailing: String,
        /// The mailings that it has.
        known: String,
    },
    /// The part of no such provider is stopped.
    #[error("of {what} no part for `{provider}` is stopped; stopped are {stopped}")]
    NoSuchPart {
        /// The campaign or the mailing.
        what: String,
        /// The provider.
        provider: String,
        /// Those whose parts are.
        stopped: String,
    },
    /// The campaign was cancelled.
    #[error("the campaign `{0}` was cancelled; nothing of it is sent any more")]
    Cancelled(Slug),
    /// No mailing is being sent or was sent and may still be.
    #[error("{0} has not begun, or was taken back, or is past its deadline; nothing is sent early or late")]
    NotOpen(String),
    /// There is nothing of what was asked for.
    #[error("{what} has nothing to try again: {instead}")]
    Nothing {
        /// The campaign or the mailing.
        what: String,
        /// What there is.
        instead: String,
    },
}

/// A mailing that may still be sent.
struct Open {
    id: i64,
    name: String,
    finished: bool,
    stopped: bool,
    parts: StoppedParts,
}

/// Tries again what `order` names, in the name of `who`. Whatever it names, the mailings that it changes are not stopped
/// any more: what is tried again must be able to leave.
pub fn retry(db: &mut Db, order: &RetryOrder, who: &str, now: Timestamp) -> StoreResult<Result<Retried, RetryRefusal>> {
    let slug = &order.campaign;
    let Some(campaign) = campaigns::find(db, slug)? else {
        return Ok(Err(RetryRefusal::UnknownCampaign(slug.clone())));
    };
    if campaign.state == CampaignState::Cancelled {
        return Ok(Err(RetryRefusal::Cancelled(slug.clone())));
    }
    let open = match open_mailings(db, campaign.id, order, now)? {
        Ok(open) => open,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(provider) = &order.provider
        && !open.iter().any(|mailing| mailing.part_of(provider).is_some())
    {
        let stopped: BTreeSet<String> =
            open.iter().flat_map(|mailing| mailing.parts.0.keys()).map(|name| format!("`{name}`")).collect();
        let stopped = stopped.into_iter().collect::<Vec<_>>().join(", ");
        return Ok(Err(RetryRefusal::NoSuchPart {
            what: what(order),
            provider: provider.clone(),
            stopped: if stopped.is_empty() { "none".to_owned() } else { stopped },
        }));
    }
    let mut all = Retried::default();
    for mailing in &open {
        let done = retry_mailing(db, mailing, order, now)?;
        if done == Retried::default() {
            continue;
        }
        let detail = match &order.provider {
            Some(provider) => json!({ "mailing": mailing.name, "provider": provider, "outcome": done }),
            None => json!({ "mailing": mailing.name, "only": order.only, "outcome": done }),
        };
        let action = AuditAction::MailingRetried;
        audit::record(db, &AuditEntry { at: now, who: who.to_owned(), action, object: slug.to_string(), detail })?;
        all.mailings += done.mailings;
        all.parts += done.parts;
        all.deferred += done.deferred;
        all.refused += done.refused;
    }
    if all == Retried::default() {
        return Ok(Err(RetryRefusal::Nothing { what: what(order), instead: instead(db, &open)? }));
    }
    problems::settle(db, now)?;
    Ok(Ok(all))
}

/// The order's mailings that have begun and may still be sent.
fn open_mailings(
    db: &mut Db,
    campaign_id: i64,
    order: &RetryOrder,
    now: Timestamp,
) -> StoreResult<Result<Vec<Open>, RetryRefusal>> {
    type Row = (i64, String, MailingState, Timestamp, (Option<Timestamp>, StoppedParts));
    let rows: Vec<Row> = mailings::table
        .filter(mailings::campaign_id.eq(campaign_id))
        .order(mailings::id)
        .select((
            mailings::id,
            mailings::name,
            mailings::state,
            mailings::not_after,
            (mailings::stopped_at, mailings::stopped_parts),
        ))
        .load(db)?;
    if let Some(asked) = &order.mailing
        && !rows.iter().any(|(_, name, ..)| name == asked)
    {
        let known: Vec<String> = rows.iter().map(|(_, name, ..)| format!("`{name}`")).collect();
        return Ok(Err(RetryRefusal::UnknownMailing {
            campaign: order.campaign.clone(),
            mailing: asked.clone(),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        }));
    }
    let open: Vec<Open> = rows
        .into_iter()
        .filter(|(_, name, ..)| order.mailing.as_ref().is_none_or(|asked| asked == name))
        .filter(|(_, _, state, not_after, _)| {
            matches!(state, MailingState::Sending | MailingState::Finished) && *not_after > now
        })
        .map(|(id, name, state, _, (stopped_at, parts))| Open {
            id,
            name,
            finished: state == MailingState::Finished,
            stopped: stopped_at.is_some(),
            parts,
        })
        .collect();
    Ok(if open.is_empty() { Err(RetryRefusal::NotOpen(what(order))) } else { Ok(open) })
}

impl Open {
    /// The stopped part of `provider`, whose name a person may have typed in small letters.
    fn part_of(&self, provider: &str) -> Option<&String> {
        self.parts.0.keys().find(|name| name.eq_ignore_ascii_case(provider))
    }
}

fn retry_mailing(db: &mut Db, mailing: &Open, order: &RetryOrder, now: Timestamp) -> StoreResult<Retried> {
    let mut done = Retried::default();
    if let Some(provider) = &order.provider {
        if let Some(part) = mailing.part_of(provider) {
            done.parts = let_go_on(db, mailing, std::slice::from_ref(part), now)?;
        }
        return Ok(done);
    }
    let only = order.only;
    if matches!(only, None | Some(RetryOnly::Deferred)) {
        done.deferred = bring_forward(db, mailing.id, DeliveryState::Deferred, now)?;
    }
    if only == Some(RetryOnly::Refused) {
        done.refused = requeue_refused(db, mailing.id, now)?;
    }
    let concerned = done != Retried::default() || matches!(only, None | Some(RetryOnly::Stopped));
    if concerned {
        let parts: Vec<String> = mailing.parts.0.keys().cloned().collect();
        done.parts = let_go_on(db, mailing, &parts, now)?;
    }
    if mailing.stopped && concerned {
        done.mailings = 1;
        diesel::update(mailings::table.find(mailing.id))
            .set((mailings::stopped_at.eq(None::<Timestamp>), mailings::stopped_why.eq(None::<String>)))
            .execute(db)?;
    }
    if mailing.finished && done.refused > 0 {
        crate::db::mailings::transition(db, MailingEvent::Reopen, &[mailing.id], now)?;
    }
    Ok(done)
}

/// Lets the stopped parts `named` of a mailing go on. Says how many those are.
fn let_go_on(db: &mut Db, mailing: &Open, named: &[String], now: Timestamp) -> StoreResult<usize> {
    if named.is_empty() {
        return Ok(0);
    }
    let mut parts = mailing.parts.clone();
    parts.0.retain(|name, _| !named.contains(name));
    diesel::update(mailings::table.find(mailing.id)).set(mailings::stopped_parts.eq(&parts)).execute(db)?;
    // What was claimed meanwhile waits to be looked at again.
    bring_forward(db, mailing.id, DeliveryState::Queued, now)?;
    Ok(named.len())
}

/// Makes the deliveries of a mailing that wait in `state` due now.
fn bring_forward(db: &mut Db, mailing_id: i64, state: DeliveryState, now: Timestamp) -> StoreResult<usize> {
    let later = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(state))
        .filter(deliveries::next_attempt_at.gt(At(now)));
    Ok(diesel::update(later).set(deliveries::next_attempt_at.eq(At(now))).execute(db)?)
}

/// Puts the refused deliveries of a mailing back into the queue. Those that a person has given up stay as they are.
fn requeue_refused(db: &mut Db, mailing_id: i64, now: Timestamp) -> StoreResult<usize> {
    let refused: Vec<i64> = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(DeliveryState::Refused))
        .filter(deliveries::reason.is_null().or(deliveries::reason.not_like(format!("{RESOLVED}%"))))
        .select(deliveries::id)
        .load(db)?;
    queue::transition(db, DeliveryEvent::Retry, Which::Ids(&refused), Change::due_at(now), now)
}

fn what(order: &RetryOrder) -> String {
    match &order.mailing {
        Some(mailing) => format!("mailing `{mailing}` of `{}`", order.campaign),
        None => format!("`{}`", order.campaign),
    }
}

/// What there is in place of what was asked for, and what to do about it.
fn instead(db: &mut Db, open: &[Open]) -> StoreResult<String> {
    let (mut refused, mut in_doubt) = (0, 0);
    for mailing in open {
        let counts = queue::count_by_state(db, mailing.id)?;
        refused += counts.get(&DeliveryState::Refused).copied().unwrap_or_default();
        in_doubt += counts.get(&DeliveryState::InDoubt).copied().unwrap_or_default();
    }
    let mut said = vec!["no such mailing is stopped, and nothing of it waits for a later time".to_owned()];
    if refused > 0 {
        said.push(format!("{refused} refused: `--only refused` tries those again"));
    }
    if in_doubt > 0 {
        said.push(format!("{in_doubt} in doubt: `carillon mail resolve ID --as OUTCOME` is for those"));
    }
    Ok(said.join("; "))
}
