//! How an applied campaign follows a file: its standing is read, [`succeed`] decides, and the decision is carried out.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

use super::{Application, Applied, AppliedCampaign, find, insert, note, replace, versions};
use crate::campaign::{
    CampaignState, Concern, Current, Letters, Next, Plan, Progress, Schedule, Standing, Step, Succession, Today,
    Weight, succeed,
};
use crate::db::approvals;
use crate::db::audit::AuditAction;
use crate::db::column::At;
use crate::db::deliveries::{self as queue, count_all_by_state, count_filed};
use crate::db::delivery_log;
use crate::db::identity;
use crate::db::mailings::{self, StoredMailing};
use crate::db::planning;
use crate::db::schema::{campaigns, deliveries};
use crate::db::{Db, StoreResult};
use crate::delivery::{DeliveryState, MailingState};
use crate::text::Slug;

/// What applying a file would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foresight {
    /// What is applied under its slug.
    pub before: Option<AppliedCampaign>,
    /// What people have of it.
    pub letters: Vec<Letters>,
    /// What would become of it.
    pub succession: Succession,
}

impl Foresight {
    /// The difference that applying would make.
    pub fn plan(&self) -> Plan {
        Plan::between(self.before.as_ref().map(|before| &before.schedule), &self.succession.schedule)
    }

    /// Whether applying a file of this text would change nothing, not even release a held campaign: then its revision.
    pub fn unchanged(&self, source_text: &str) -> Option<i64> {
        let before = self.before.as_ref()?;
        let same = before.schedule.says_the_same_as(&self.succession.schedule) && before.source_text == source_text;
        (same && before.held.is_none()).then_some(before.revision)
    }
}

/// A campaign with the standing of its mailings.
struct Stood {
    campaign: AppliedCampaign,
    mailings: Vec<Standing>,
    letters: Vec<Letters>,
}

impl Stood {
    fn read(db: &mut Db, campaign: AppliedCampaign) -> StoreResult<Self> {
        let mailings = standings(db, campaign.id)?;
        Ok(Self { campaign, mailings, letters: Vec::new() })
    }

    /// The same, with what people have of it at `now`.
    fn with_letters(mut self, db: &mut Db, now: Timestamp) -> StoreResult<Self> {
        self.letters = letters(db, self.campaign.id, &self.mailings, now)?;
        Ok(self)
    }

    fn current(&self) -> Current<'_> {
        Current {
            schedule: &self.campaign.schedule,
            source_name: &self.campaign.source_name,
            cancelled: self.campaign.state == CampaignState::Cancelled,
            mailings: &self.mailings,
            letters: &self.letters,
        }
    }
}

/// What applying `next`, read from the file `source_name`, would do now. Changes nothing.
pub fn foresee(db: &mut Db, next: &Schedule, source_name: &str, now: Timestamp) -> StoreResult<Foresight> {
    let before = match find(db, &next.slug)? {
        Some(campaign) => Some(Stood::read(db, campaign)?.with_letters(db, now)?),
        None => None,
    };
    // A sale that is over has no letters that another one could repeat.
    let others: Vec<AppliedCampaign> = campaigns::table
        .filter(campaigns::slug.ne(&next.slug))
        .filter(campaigns::closes_at.gt(At(now)))
        .order(campaigns::id)
        .select(AppliedCampaign::as_select())
        .load(db)?;
    let others: Vec<Stood> = others.into_iter().map(|other| Stood::read(db, other)).collect::<StoreResult<_>>()?;
    let currents: Vec<Current<'_>> = others.iter().map(Stood::current).collect();
    let next = Next { schedule: next, source_name };
    let today = Today { now, forgotten_until: identity::forgotten_until(db)? };
    let succession = succeed(before.as_ref().map(Stood::current), &currents, next, today);
    let (before, letters) = before.map_or((None, Vec::new()), |stood| (Some(stood.campaign), stood.letters));
    Ok(Foresight { before, letters, succession })
}

/// What people have of a campaign at `now`: each mailing whose letters they have, and by which versions these were written.
fn letters(db: &mut Db, campaign_id: i64, standings: &[Standing], now: Timestamp) -> StoreResult<Vec<Letters>> {
    if standings.iter().all(|standing| standing.told == 0) {
        return Ok(Vec::new());
    }
    let versions = versions::versions(db, campaign_id)?;
    let times = mailings::letter_times(db, campaign_id)?.into_iter();
    let of_mailing = times.filter_map(|(mailing, first_at, ended_at)| {
        let standing = standings.iter().find(|standing| standing.name == mailing && standing.told > 0)?;
        let last_at = ended_at.unwrap_or(now);
        let in_force = versions.iter().enumerate().filter(|(number, version)| {
            let until = versions.get(number + 1).map(|next| next.applied_at);
            let began = version.applied_at <= first_at || version.applied_at < last_at;
            began && until.is_none_or(|until| first_at < until)
        });
        let versions = in_force.map(|(_, version)| version.schedule.clone()).collect();
        Some(Letters { mailing, people: standing.told, first_at, last_at, versions })
    });
    Ok(of_mailing.collect())
}

/// Keeps a campaign from changing until the transaction ends: on PostgreSQL a hand-over of one of its messages may be about
/// to be committed by a daemon. It is waited for here, and counts among what has left. SQLite has one writer anyway.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite needs no lock of a row"))]
pub fn lock(db: &mut Db, slug: &Slug) -> StoreResult<()> {
    match db {
        Db::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            let campaign = campaigns::table.filter(campaigns::slug.eq(slug)).select(campaigns::id);
            campaign.for_update().load::<i64>(conn)?;
        }
    }
    Ok(())
}

/// Applies a file: all of it, or because of the concerns that are returned nothing. The same file twice changes nothing.
/// Applying releases a held campaign, because a person has looked at it; a paused one stays paused.
pub fn apply(db: &mut Db, application: &Application, now: Timestamp) -> StoreResult<Result<Applied, Vec<Concern>>> {
    lock(db, &application.schedule.slug)?;
    // What a stopped machine may have forgotten counts among what has left.
    queue::witness::heed(db, now)?;
    let foresight = foresee(db, &application.schedule, &application.source_name, now)?;
    let done = carry_out(db, application, &foresight, now)?;
    // Whatever else was asked for is answered by this.
    let slug = &application.schedule.slug;
    match &done {
        Ok(Applied::Unchanged { .. }) => approvals::refuse(db, slug, None, &application.who, now).map(drop)?,
        Ok(Applied::Created | Applied::Changed { .. }) => approvals::settle(db, slug)?,
        Err(_) => {}
    }
    Ok(done)
}

/// Carries out what was foreseen in the same transaction, unless a concern stops it that nobody has taken on.
fn carry_out(
    db: &mut Db,
    application: &Application,
    foresight: &Foresight,
    now: Timestamp,
) -> StoreResult<Result<Applied, Vec<Concern>>> {
    let Foresight { before, succession, .. } = foresight;
    let stops = |concern: &&Concern| concern.stops(&application.answers);
    let stopped: Vec<Concern> = succession.concerns.iter().filter(stops).cloned().collect();
    if !stopped.is_empty() {
        return Ok(Err(stopped));
    }
    let next = &succession.schedule;
    if let Some(revision) = foresight.unchanged(&application.source_text) {
        return Ok(Ok(Applied::Unchanged { revision }));
    }
    let (id, outcome) = match before {
        None => (insert(db, application, next, now)?, Applied::Created),
        Some(before) => (before.id, Applied::Changed { revision: replace(db, before, application, next, now)? }),
    };
    let revision = if let Applied::Changed { revision } = outcome { revision } else { 1 };
    versions::keep(db, (id, revision), application, next, now)?;
    follow(db, id, succession, now)?;
    if let Some(who) = &application.approved_by {
        approvals::note_approved(db, &next.slug, &application.who, who, now)?;
    }
    note_applied(db, application, foresight, outcome, now)?;
    Ok(Ok(outcome))
}

/// Makes the stored mailings follow.
fn follow(db: &mut Db, campaign_id: i64, succession: &Succession, now: Timestamp) -> StoreResult<()> {
    let stored = mailings::list(db, campaign_id)?;
    for (name, step) in &succession.steps {
        let seen = stored.iter().find(|stored| stored.name == *name);
        if let Some(sending) = seen.filter(|seen| seen.state == MailingState::Sending) {
            queue::recall(db, sending.id, now)?;
        }
        let next = succession.schedule.mailing(name);
        match (step, seen, next) {
            (Step::Add, _, Some(next)) => mailings::insert(db, campaign_id, next)?,
            (Step::Plan, Some(seen), Some(next)) => mailings::plan(db, seen, next, now)?,
            (Step::Mend, Some(seen), Some(next)) if mailings::mend(db, seen, next, now)? => {
                planning::freeze_more(db, seen.id, next.not_before.max(now), now)?;
            }
            (Step::MoveDeadline, Some(seen), Some(next)) => mailings::move_deadline(db, seen, next.not_after)?,
            (Step::TakeBack, Some(seen), _) => mailings::take_back(db, seen, "mailing-cancelled", now).map(drop)?,
            // Kept; the decision was made on this very list, so nothing else can be.
            _ => {}
        }
    }
    Ok(())
}

/// How far each mailing of a campaign has come, and how many people have its letter.
pub(super) fn standings(db: &mut Db, campaign_id: i64) -> StoreResult<Vec<Standing>> {
    mailings::list(db, campaign_id)?.into_iter().map(|mailing| standing(db, mailing)).collect()
}

fn standing(db: &mut Db, mailing: StoredMailing) -> StoreResult<Standing> {
    let progress = match (mailing.state, mailing.frozen_at) {
        (MailingState::Planned, _) => Progress::Planned,
        (MailingState::Sending, _) => Progress::Sending,
        (MailingState::Finished, _) => Progress::Finished,
        (MailingState::Cancelled, Some(_)) => Progress::TakenBack,
        (MailingState::SetAside, _) => Progress::SetAside,
        (MailingState::Missed | MailingState::Cancelled, _) => Progress::NeverBegan,
    };
    let StoredMailing { id, name, kind, .. } = mailing;
    let of_mailing = deliveries::table.filter(deliveries::mailing_id.eq(id));
    let left: i64 = of_mailing.filter(deliveries::granted.gt(0)).count().get_result(db)?;
    let counts: BTreeMap<DeliveryState, u64> = count_all_by_state(db, id)?;
    let count = |states: &[DeliveryState]| states.iter().filter_map(|state| counts.get(state)).sum::<u64>();
    let told = count(&[DeliveryState::Accepted, DeliveryState::InDoubt, DeliveryState::HandedOver]);
    Ok(Standing {
        name,
        kind,
        progress,
        left: left.unsigned_abs() + delivery_log::total(db, id, |totals| totals.granted)?,
        told: told.saturating_sub(count_filed(db, id)?),
        waiting: count(&[DeliveryState::Queued, DeliveryState::Deferred, DeliveryState::Claimed]),
    })
}

fn note_applied(
    db: &mut Db,
    application: &Application,
    foresight: &Foresight,
    outcome: Applied,
    now: Timestamp,
) -> StoreResult<()> {
    let revision = if let Applied::Changed { revision } = outcome { revision } else { 1 };
    let taken_on: BTreeSet<String> = foresight
        .succession
        .concerns
        .iter()
        .filter(|concern| matches!(concern.weight(), Weight::Asks(_)))
        .map(ToString::to_string)
        .collect();
    let detail = json!({
        "revision": revision,
        "file": application.source_name,
        "zone_version": application.schedule.zone_version,
        "changes": foresight.plan().changes,
        "approved_by": application.approved_by,
        "taken_on": taken_on,
        "remarks": application.remarks,
    });
    note(db, AuditAction::CampaignApplied, &application.schedule.slug, &application.who, detail, now)
}
