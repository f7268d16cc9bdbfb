//! The planner: begins, expires and ends mailings. Driven by what is due now, so it can run twice or late and be right.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::holds::{Hold, Holds};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::deliveries::{self, Leases};
use crate::db::mailings;
use crate::db::planning::{self, DueMailing, Overdue};
use crate::db::problems;
use crate::db::stops::{self, Stopped};
use crate::db::{Db, StoreResult};
use crate::delivery::DeliveryState;
use crate::delivery::breaker;
use crate::delivery::review::{LetterState, Review};
use crate::delivery::state::DeliveryEvent;
use crate::phrase;
use crate::phrase::Phrase;

/// What one run of the planner did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Why nothing was begun or ended.
    pub held: Vec<Hold>,
    /// What happened, in order.
    pub events: Vec<PlannerEvent>,
    /// The mailings whose time has come and for which there is nobody to write to. They wait until there is, or for
    /// their deadline.
    pub waiting: Vec<DueMailing>,
    /// When the planner must run next, if nothing else changes.
    pub next: Option<Timestamp>,
}

/// Whether mailings may begin, as far as the daemon knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Those that are due.
    WhatIsDue,
    /// None: it is not known that people can leave. What has begun goes on.
    Nothing,
}

/// One thing that the planner did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannerEvent {
    /// A mailing began, with this many deliveries planned.
    Begun(DueMailing, usize),
    /// A mailing's deadline passed before it could begin. Nobody was written to.
    Missed(DueMailing, Missed),
    /// A mailing's deadline passed with this many deliveries waiting.
    Expired(DueMailing, usize),
    /// Every delivery of a mailing has ended.
    Finished(DueMailing, BTreeMap<DeliveryState, u64>),
    /// A mailing was refused to everybody, and waits for a person.
    Stopped(Stopped),
    /// This many claims of stopped senders were put back, and this many handed-over deliveries are in doubt.
    Reaped {
        /// Claims put back.
        put_back: usize,
        /// Deliveries in doubt.
        in_doubt: usize,
    },
}

/// Why a mailing did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// There was nobody to write to.
    NoAudience,
    /// Its letters could not be written.
    Unwritten,
    /// No daemon was there in its time, or the campaign was paused or held, or people could not leave, or all of it was quiet hours.
    NotBegun,
}

impl Missed {
    /// The cause in words.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::NoAudience => phrase!("missed-no-audience"),
            Self::Unwritten => phrase!("missed-unwritten"),
            Self::NotBegun => phrase!("missed-not-begun"),
        }
    }

    /// The same in English, for the log and the audit log.
    pub fn words(self) -> String {
        self.phrase().to_string()
    }
}

/// Does everything that is due at `now`, in the caller's transaction; nothing while there is a reason to hold. A mailing
/// whose letters `review` does not call ready does not begin; and none does in quiet hours, nor while people cannot leave, as this
/// daemon or another one on the store has found.
pub fn step(
    db: &mut Db,
    holds: &Holds,
    leases: &Leases,
    (review, begin): (&Review, Begin),
    now: Timestamp,
) -> StoreResult<Planned> {
    let held = holds.ask_and_tell(db, now)?;
    if !held.is_empty() {
        return Ok(Planned { held, ..Planned::default() });
    }
    let mut events = Vec::new();
    deliveries::bring_near(db, now)?;
    let (put_back, in_doubt) = deliveries::reap(db, leases, &holds.marks().left_by(leases), now)?;
    if put_back + in_doubt > 0 {
        events.push(PlannerEvent::Reaped { put_back, in_doubt });
    }
    mailings::skip_stranded(db, now)?;
    for overdue in planning::overdue(db, now)? {
        events.extend(end_overdue(db, overdue, review, now)?);
    }
    let mut waiting = planning::due(db, now)?;
    let letters = |mailing: &DueMailing| review.letters(mailing.id, mailing.revision);
    // Applied since the review: it is looked at, and then this is done again.
    let unseen = waiting.iter().any(|mailing| letters(mailing) == LetterState::Unseen);
    waiting.retain(|mailing| letters(mailing) == LetterState::Ready);
    if begin == Begin::Nothing || problems::is_leave_path_broken(db)? {
        // They wait for that, not for somebody to write to.
        waiting.clear();
    }
    // In quiet hours they wait for their end, and so does the choice of whom they go to.
    let quiet_until = holds.quiet_until(now).filter(|_| !waiting.is_empty());
    if quiet_until.is_some() {
        waiting.clear();
    }
    for mailing in std::mem::take(&mut waiting) {
        if !planning::has_audience(db, mailing.id, now)? {
            waiting.push(mailing);
        } else if let Some(planned) = planning::freeze(db, mailing.id, mailing.not_before, now)? {
            events.push(PlannerEvent::Begun(mailing, planned));
        }
    }
    for mailing in planning::complete(db, now)? {
        events.extend(end_complete(db, mailing, now)?);
    }
    for event in &events {
        if let Some(entry) = audit_entry(event, now) {
            audit::record(db, &entry)?;
        }
    }
    problems::settle(db, now)?;
    let wake_ups =
        [planning::next_change(db, now)?, deliveries::next_lease_end(db)?, unseen.then_some(now), quiet_until];
    Ok(Planned { held, events, waiting, next: wake_ups.into_iter().flatten().min() })
}

/// Ends a mailing whose deadline has passed: as missed, or by expiring what waits, with the reason when it was stopped.
fn end_overdue(db: &mut Db, overdue: Overdue, review: &Review, now: Timestamp) -> StoreResult<Option<PlannerEvent>> {
    let Overdue { mailing, begun, stopped_why, stopped_parts } = overdue;
    let fault = match review.letters(mailing.id, mailing.revision) {
        LetterState::Faulty(fault) => Some(fault),
        LetterState::Ready | LetterState::Unseen => None,
    };
    if !begun {
        let why = match (fault, planning::has_audience(db, mailing.id, now)?) {
            (Some(_), _) => Missed::Unwritten,
            (None, true) => Missed::NotBegun,
            (None, false) => Missed::NoAudience,
        };
        return Ok(planning::miss(db, mailing.id, now)?.then_some(PlannerEvent::Missed(mailing, why)));
    }
    let stopped = stopped_why.map(|why| format!("the mailing was stopped: {why}"));
    let reason = stopped.or_else(|| fault.map(|fault| format!("its letters could not be written: {fault}")));
    let mut expired = 0;
    if reason.is_none() {
        for (provider, part) in &stopped_parts.0 {
            let theirs = stops::waiting_of_part(db, mailing.id, provider)?;
            let reason = format!("the part of the mailing for {provider} was stopped: {}", part.why);
            expired += deliveries::end_these(db, &theirs, DeliveryEvent::Expire, &reason, now)?;
        }
    }
    expired += deliveries::end_waiting(db, mailing.id, DeliveryEvent::Expire, reason.as_deref(), now)?;
    Ok((expired > 0).then_some(PlannerEvent::Expired(mailing, expired)))
}

/// Ends a mailing of which every delivery has ended. One that the relay refused to everybody, and not for their mailboxes'
/// sake, is stopped instead: it may have fewer people than stop a mailing in its course.
fn end_complete(db: &mut Db, mailing: DueMailing, now: Timestamp) -> StoreResult<Option<PlannerEvent>> {
    let counts = deliveries::count_by_state(db, mailing.id)?;
    if now < mailing.not_after && !counts.contains_key(&DeliveryState::Accepted) {
        let refusals = stops::refusals(db, mailing.id)?;
        if let Some(stop) = breaker::at_the_end(&refusals) {
            let stopped = stops::stop(db, &stop, now)?;
            stops::spare(db, &stop.spared, now)?;
            return Ok(stopped.map(PlannerEvent::Stopped));
        }
    }
    Ok(planning::finish(db, mailing.id, now)?.then_some(PlannerEvent::Finished(mailing, counts)))
}

fn audit_entry(event: &PlannerEvent, now: Timestamp) -> Option<AuditEntry> {
    let (action, mailing, detail) = match event {
        PlannerEvent::Begun(mailing, planned) => (AuditAction::MailingBegun, mailing, json!({ "planned": planned })),
        PlannerEvent::Missed(mailing, why) => {
            (AuditAction::MailingMissed, mailing, json!({ "not_after": mailing.not_after, "reason": why.words() }))
        }
        PlannerEvent::Expired(mailing, expired) => {
            (AuditAction::MailingExpired, mailing, json!({ "expired": expired }))
        }
        PlannerEvent::Finished(mailing, counts) => (AuditAction::MailingFinished, mailing, json!(counts)),
        // Kept where it is stopped.
        PlannerEvent::Stopped(_) | PlannerEvent::Reaped { .. } => return None,
    };
    Some(AuditEntry {
        at: now,
        who: "daemon".to_owned(),
        action,
        object: mailing.campaign.to_string(),
        detail: json!({ "mailing": mailing.name, "outcome": detail }),
    })
}
