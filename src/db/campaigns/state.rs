//! How an applied campaign is paused, held and cancelled. Its gate follows from the time alone: only a cancellation
//! touches the window, and only by ending it.

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::follow::standings;
use super::{AppliedCampaign, find, note, publicly_changed};
use crate::campaign::{CampaignState, Standing};
use crate::db::audit::AuditAction;
use crate::db::column::At;
use crate::db::schema::campaigns;
use crate::db::{Db, StoreResult};
use crate::db::{approvals, mailings};
use crate::delivery::MailingState;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::Slug;
use crate::{phrase, spoken_errors};

/// What became of a request to pause, resume, hold, release or cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    /// It was done, and is in the audit log.
    Done,
    /// It was so already. Nothing was written.
    Already,
}

/// Why a campaign does not change its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateRefusal {
    /// There is none of that name.
    Unknown {
        /// The name.
        slug: Slug,
    },
    /// It waits for approval, and nothing of it is applied.
    OnlyWaits {
        /// The name.
        slug: Slug,
    },
    /// It was cancelled, which is for good.
    Cancelled {
        /// The campaign.
        slug: Slug,
    },
    /// Its gate has closed as planned: nothing of it is left that could be cancelled.
    Over {
        /// The campaign.
        slug: Slug,
        /// When it closed.
        closed_at: Timestamp,
        /// On which clocks people read that.
        zone: TimeZone,
    },
}

spoken_errors!(StateRefusal);

impl Spoken for StateRefusal {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Unknown { slug } => phrase!("campaign-unknown", slug = Fact::text(slug)),
            Self::OnlyWaits { slug } => phrase!("campaign-only-waits", slug = Fact::text(slug)),
            Self::Cancelled { slug } => phrase!("campaign-cancelled", slug = Fact::text(slug)),
            Self::Over { slug, closed_at, zone } => {
                phrase!("campaign-over", slug = Fact::text(slug), closed = Fact::until(*closed_at, zone))
            }
        }
    }
}

/// What cancelling ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cancellation {
    /// Mailings that had not ended.
    pub mailings: usize,
    /// Deliveries that waited, now skipped.
    pub deliveries: usize,
}

/// The campaign, unless there is none or it was cancelled.
fn open(db: &mut Db, slug: &Slug) -> StoreResult<Result<AppliedCampaign, StateRefusal>> {
    Ok(match find(db, slug)? {
        None if approvals::find(db, slug)?.is_some() => Err(StateRefusal::OnlyWaits { slug: slug.clone() }),
        None => Err(StateRefusal::Unknown { slug: slug.clone() }),
        Some(campaign) if campaign.state == CampaignState::Cancelled => {
            Err(StateRefusal::Cancelled { slug: slug.clone() })
        }
        Some(campaign) => Ok(campaign),
    })
}

/// The campaign and how far its mailings have come, unless there is none or it was cancelled.
pub fn standing(db: &mut Db, slug: &Slug) -> StoreResult<Result<(AppliedCampaign, Vec<Standing>), StateRefusal>> {
    Ok(match open(db, slug)? {
        Ok(campaign) => {
            let mailings = standings(db, campaign.id)?;
            Ok((campaign, mailings))
        }
        Err(refusal) => Err(refusal),
    })
}

/// Stops the mailings of a campaign for now. Its gate goes on: that follows from the time alone.
pub fn pause(db: &mut Db, slug: &Slug, who: &str, now: Timestamp) -> StoreResult<Result<StateChange, StateRefusal>> {
    set_state(db, slug, CampaignState::Paused, AuditAction::CampaignPaused, who, now)
}

/// Lets the mailings of a paused campaign leave again, those whose deadline has not passed.
pub fn resume(db: &mut Db, slug: &Slug, who: &str, now: Timestamp) -> StoreResult<Result<StateChange, StateRefusal>> {
    set_state(db, slug, CampaignState::Active, AuditAction::CampaignResumed, who, now)
}

fn set_state(
    db: &mut Db,
    slug: &Slug,
    state: CampaignState,
    action: AuditAction,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<StateChange, StateRefusal>> {
    let campaign = match open(db, slug)? {
        Ok(campaign) => campaign,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if campaign.state == state {
        return Ok(Ok(StateChange::Already));
    }
    diesel::update(campaigns::table.filter(campaigns::id.eq(campaign.id)))
        .set(campaigns::state.eq(state))
        .execute(db)?;
    note(db, action, slug, who, json!({}), now)?;
    Ok(Ok(StateChange::Done))
}

/// Holds the mailings of a campaign because the law has moved, for `reason`. Its gate keeps the applied schedule.
pub fn hold(
    db: &mut Db,
    slug: &Slug,
    reason: &str,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<StateChange, StateRefusal>> {
    set_held(db, slug, Some(reason), who, now)
}

/// Lets the mailings of a held campaign leave again, as when the law has moved back.
pub fn release(db: &mut Db, slug: &Slug, who: &str, now: Timestamp) -> StoreResult<Result<StateChange, StateRefusal>> {
    set_held(db, slug, None, who, now)
}

fn set_held(
    db: &mut Db,
    slug: &Slug,
    held: Option<&str>,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<StateChange, StateRefusal>> {
    let campaign = match open(db, slug)? {
        Ok(campaign) => campaign,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if campaign.held.as_deref() == held {
        return Ok(Ok(StateChange::Already));
    }
    diesel::update(campaigns::table.filter(campaigns::id.eq(campaign.id)))
        .set((campaigns::held.eq(held), publicly_changed(now)))
        .execute(db)?;
    let action = if held.is_some() { AuditAction::CampaignHeld } else { AuditAction::CampaignReleased };
    let reason = match held {
        Some(held) => held.to_owned(),
        // What was said of the law when it had moved is not so any more.
        None => format!(
            "the law is again as it was when the campaign was applied; it was held because: {}",
            campaign.held.as_deref().unwrap_or_default()
        ),
    };
    note(db, action, slug, who, json!({ "reason": reason }), now)?;
    Ok(Ok(StateChange::Done))
}

/// The campaign and how far its mailings have come, when there is something of it to cancel at `now`.
pub fn to_cancel(
    db: &mut Db,
    slug: &Slug,
    now: Timestamp,
) -> StoreResult<Result<(AppliedCampaign, Vec<Standing>), StateRefusal>> {
    let standing = standing(db, slug)?;
    Ok(standing.and_then(|(campaign, mailings)| {
        let closed_at = campaign.schedule.closes_at;
        if closed_at <= now {
            return Err(StateRefusal::Over { slug: slug.clone(), closed_at, zone: campaign.schedule.time_zone() });
        }
        Ok((campaign, mailings))
    }))
}

/// Cancels a campaign for good, for a `reason` if one is given: its window ends now, and what has not left does not leave.
pub fn cancel(
    db: &mut Db,
    slug: &Slug,
    reason: Option<&str>,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<Cancellation, StateRefusal>> {
    let campaign = match to_cancel(db, slug, now)? {
        Ok((campaign, _)) => campaign,
        Err(refusal) => return Ok(Err(refusal)),
    };
    diesel::update(campaigns::table.filter(campaigns::id.eq(campaign.id)))
        .set((
            campaigns::state.eq(CampaignState::Cancelled),
            campaigns::cancelled_at.eq(At(now)),
            publicly_changed(now),
        ))
        .execute(db)?;
    // What waits of it waits for nobody any more.
    approvals::settle(db, slug)?;
    let mut ended = Cancellation::default();
    for mailing in mailings::list(db, campaign.id)? {
        if MailingState::OPEN.contains(&mailing.state) {
            ended.mailings += 1;
            ended.deliveries += mailings::take_back(db, &mailing, "campaign-cancelled", now)?;
        }
    }
    let Cancellation { mailings, deliveries } = ended;
    let mut detail = json!({ "mailings": mailings, "deliveries": deliveries });
    if let (Some(reason), Some(detail)) = (reason, detail.as_object_mut()) {
        detail.insert("reason".to_owned(), reason.into());
    }
    note(db, AuditAction::CampaignCancelled, slug, who, detail, now)?;
    Ok(Ok(ended))
}
