//! The account of a rehearsal: for each mailing who was told, in which languages, who was not and why; and what is not as it
//! should be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::tell::RehearsalRecord;
use crate::campaign::{CampaignState, LeftOut, Recipients, WhyNobody, named_lists, why_nobody};
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::reports::{self, MailingReport, SameOutcome};
use crate::db::{Store, StoreResult};
use crate::delivery::{DeliveryState, MailingState};
use crate::finding::{Finding, Place};
use crate::member::{Language, ListName};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::sending::planner::Missed;
use crate::text::Slug;

/// What became of one mailing.
#[derive(Serialize)]
pub(super) struct MailingAccount {
    /// The campaign's slug.
    pub(super) campaign: Slug,
    /// The mailing's name.
    pub(super) mailing: String,
    /// Where it stands at the end.
    pub(super) state: MailingState,
    /// From when it could leave.
    pub(super) not_before: Timestamp,
    /// Until when it had to have left.
    pub(super) not_after: Timestamp,
    /// When its audience was frozen.
    pub(super) begun_at: Option<Timestamp>,
    /// When its last delivery ended.
    pub(super) ended_at: Option<Timestamp>,
    /// How many deliveries there were: the sum of `counts`.
    pub(super) planned: u64,
    /// How many are in each state.
    pub(super) counts: BTreeMap<DeliveryState, u64>,
    /// How many were told, in each language that they were written to in.
    pub(super) letters: BTreeMap<Language, u64>,
    /// Who was not told, and why.
    pub(super) untold: Vec<Untold>,
    /// Whom it was not for when it began, where that was lived through.
    pub(super) left_out: Option<LeftOut>,
    /// The lists that it goes to.
    #[serde(skip)]
    to: Vec<ListName>,
    /// Those that it leaves out.
    #[serde(skip)]
    not: Vec<ListName>,
    /// Why it is stopped.
    pub(super) stopped: Option<String>,
    /// The file that it is written in.
    #[serde(skip)]
    pub(super) file: String,
    /// In whose times people read it.
    #[serde(skip)]
    pub(super) zone: TimeZone,
}

/// Deliveries that did not come to a letter.
#[derive(Serialize)]
pub(super) struct Untold {
    state: DeliveryState,
    reason: Option<String>,
    count: u64,
}

impl MailingAccount {
    /// How it is named among those of several campaigns.
    pub(super) fn object(&self) -> String {
        format!("{}/{}", self.campaign, self.mailing)
    }

    fn count(&self, state: DeliveryState) -> u64 {
        self.counts.get(&state).copied().unwrap_or_default()
    }

    fn of(
        report: MailingReport,
        campaign: &AppliedCampaign,
        outcomes: Vec<SameOutcome>,
        told: &RehearsalRecord,
    ) -> Self {
        let schedule = &campaign.schedule;
        let planned = schedule.mailing(&report.mailing);
        let languages = planned.map_or(&[][..], |mailing| mailing.languages.as_slice());
        let (to, not) = planned.map(|mailing| (mailing.to.clone(), mailing.not.clone())).unwrap_or_default();
        let (mut letters, mut untold) = (BTreeMap::new(), BTreeMap::<_, u64>::new());
        for SameOutcome { state, language, reason, count } in outcomes {
            let count = count.unsigned_abs();
            if state == DeliveryState::Accepted {
                let written = languages.iter().find(|known| **known == language).or(languages.first());
                *letters.entry(*written.unwrap_or(&language)).or_default() += count;
            } else {
                *untold.entry((state, reason)).or_default() += count;
            }
        }
        let untold = untold.into_iter().map(|((state, reason), count)| Untold { state, reason, count }).collect();
        let left_out = told.left_out.get(&(report.campaign.clone(), report.mailing.clone())).copied();
        Self {
            campaign: report.campaign,
            mailing: report.mailing,
            state: report.state,
            not_before: report.not_before,
            not_after: report.not_after,
            begun_at: report.begun_at,
            ended_at: report.ended_at,
            planned: report.planned,
            counts: report.counts,
            letters,
            untold,
            left_out,
            to,
            not,
            stopped: report.stopped_why.filter(|_| report.stopped_at.is_some()),
            file: campaign.source_name.clone(),
            zone: schedule.time_zone(),
        }
    }

    /// What it came to, in one line.
    pub(super) fn summary(&self) -> Phrase {
        phrase!(
            "demo-account-line",
            planned = self.planned,
            accepted = self.count(DeliveryState::Accepted),
            refused = self.count(DeliveryState::Refused),
            skipped = self.count(DeliveryState::Skipped),
            expired = self.count(DeliveryState::Expired),
            doubt = self.count(DeliveryState::InDoubt)
        )
    }

    /// What else there is to say of it.
    pub(super) fn details(&self) -> Vec<Phrase> {
        let mut lines = Vec::new();
        if !self.letters.is_empty() {
            let letters: Vec<Fact> = self
                .letters
                .iter()
                .map(|(language, count)| phrase!("letters-in", count = *count, language = Fact::text(language)).into())
                .collect();
            lines.push(phrase!("rehearse-letters-in", letters = letters));
        }
        for Untold { state, reason, count } in &self.untold {
            let deliveries = crate::cli::terms::deliveries(*count, *state);
            lines.push(match reason {
                Some(reason) => {
                    phrase!("rehearse-untold", deliveries = deliveries, reason = reason.as_str())
                }
                None => phrase!("quoted", words = deliveries),
            });
        }
        if let Some(out) = &self.left_out {
            let parts = out.parts();
            if !parts.is_empty() {
                lines.push(phrase!("rehearse-left-out", parts = parts));
            }
        }
        lines
    }

    /// That it reaches nobody, and why.
    fn empty(&self, place: Place) -> Finding {
        let (name, found) = (Fact::text(self.object()), |message| Finding::error("rehearsal.empty", place, message));
        let recipients = Recipients { to: &self.to, not: &self.not };
        let list = |lists: &[ListName]| lists.first().map_or_else(|| Fact::text(""), Fact::text);
        match why_nobody(recipients, &self.left_out.unwrap_or_default()) {
            WhyNobody::NoMembers => found(phrase!("rehearse-empty", mailing = name)),
            WhyNobody::Lists => {
                let message = phrase!("rehearse-empty-lists", mailing = name, lists = named_lists(&self.to));
                found(message).mended_by(phrase!("list-empty-remedy", list = list(&self.to)))
            }
            WhyNobody::KeptOut => {
                let message = phrase!("rehearse-empty-kept-out", mailing = name, lists = named_lists(&self.not));
                found(message).mended_by(phrase!("mailing-kept-out-remedy", list = list(&self.not)))
            }
        }
    }

    /// What is not as it should be.
    fn concerns(&self, told: &RehearsalRecord) -> Vec<Finding> {
        let place = || Place::file(&self.file);
        let name = || Fact::text(self.object());
        let mut found = Vec::new();
        if self.state == MailingState::Missed {
            let why = told.missed.get(&(self.campaign.clone(), self.mailing.clone())).copied();
            found.push(if why == Some(Missed::NoAudience) {
                self.empty(place())
            } else {
                let why = why.unwrap_or(Missed::NotBegun).phrase();
                Finding::error("rehearsal.missed", place(), phrase!("rehearse-missed", mailing = name(), why = why))
            });
        }
        let expired = self.count(DeliveryState::Expired);
        // Of one that is stopped, that is said.
        if expired > 0 && self.stopped.is_none() {
            let deadline = Fact::moment(self.not_after, &self.zone);
            let late = phrase!("rehearse-late", mailing = name(), count = expired, deadline = deadline);
            found.push(Finding::error("rehearsal.late", place(), late));
        }
        if let Some(why) = &self.stopped {
            let stopped = phrase!("rehearse-stopped", mailing = name(), why = Fact::english(why));
            found.push(Finding::error("rehearsal.stopped", place(), stopped));
        }
        let waiting: u64 = self.counts.iter().filter(|(state, _)| !state.has_ended()).map(|(_, count)| count).sum();
        if waiting > 0 {
            let unfinished = phrase!("rehearse-unfinished", mailing = name(), count = waiting);
            found.push(Finding::warning("rehearsal.unfinished", place(), unfinished));
        }
        let doubt = self.count(DeliveryState::InDoubt);
        if doubt > 0 {
            let in_doubt = phrase!("rehearse-in-doubt", mailing = name(), count = doubt);
            found.push(Finding::warning("rehearsal.in-doubt", place(), in_doubt));
        }
        found
    }
}

/// Every mailing that had something left to do at `from` and whose time came before `to`.
pub(super) fn accounts(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
    told: &RehearsalRecord,
) -> StoreResult<Vec<MailingAccount>> {
    store.read_blocking(|db| {
        let campaigns = campaigns::list(db)?;
        let mut accounts = Vec::new();
        for report in reports::mailings_of(db, None)? {
            // One whose time was over before is missed all the same.
            let missed = told.missed.contains_key(&(report.campaign.clone(), report.mailing.clone()));
            let lived = missed || (report.ended_at.is_none_or(|ended| ended >= from) && report.not_before <= to);
            let gone = matches!(report.state, MailingState::Cancelled | MailingState::SetAside);
            let Some(campaign) = campaigns.iter().find(|campaign| campaign.schedule.slug == report.campaign) else {
                continue;
            };
            if lived && !gone {
                let outcomes = reports::outcomes(db, &report.campaign, &report.mailing)?;
                accounts.push(MailingAccount::of(report, campaign, outcomes, told));
            }
        }
        Ok(accounts)
    })
}

/// What is not as it should be, by mailing and by campaign.
pub(super) fn concerns(
    store: &Store,
    accounts: &[MailingAccount],
    from: Timestamp,
    told: &RehearsalRecord,
) -> StoreResult<Vec<Finding>> {
    let (mut found, mut waiting) = (Vec::new(), BTreeSet::new());
    for campaign in store.read_blocking(campaigns::list)? {
        let AppliedCampaign { state, held, schedule, source_name, .. } = &campaign;
        if *state == CampaignState::Cancelled || schedule.closes_at <= from {
            continue;
        }
        let (place, slug) = (|| Place::file(source_name), || Fact::text(&schedule.slug));
        if held.is_some() || *state == CampaignState::Paused {
            waiting.insert(schedule.slug.clone());
        }
        if let Some(reason) = held {
            let held = phrase!("rehearse-held", campaign = slug(), reason = Fact::english(reason));
            found.push(Finding::error("rehearsal.held", place(), held));
        }
        if *state == CampaignState::Paused {
            let paused = phrase!("rehearse-paused", campaign = slug());
            found.push(Finding::error("rehearsal.paused", place(), paused));
        }
    }
    for account in accounts {
        let mut concerns = account.concerns(told);
        // That is said of the campaign.
        concerns.retain(|concern| concern.rule != "rehearsal.missed" || !waiting.contains(&account.campaign));
        found.extend(concerns);
    }
    Ok(found)
}
