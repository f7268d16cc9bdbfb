//! The law watch: notices new calendar overrides without a restart, and holds the campaigns whose legal dates have moved.
//!
//! A held campaign's gate keeps the applied schedule and its unsent mailings wait until a person applies it again. When
//! the calendar says again what it said at the apply, the hold ends by itself. Nothing moves silently. By the same calendar it is
//! the one to propose the next editions of sales that are held again. And it has looked what is foreseen of mailings: that counts members,
//! and nobody's instant waits for this loop.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::RulesInForce;
use super::editions::propose_editions;
use super::foresight::ForesightWatch;
use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::calendar::Calendar;
use crate::campaign::CampaignState;
use crate::config::calendar_overrides;
use crate::db::campaigns;
use crate::db::{Db, StoreResult};
use crate::document::Document;
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;

/// How often the folder is looked at.
const LOOK: SignedDuration = SignedDuration::from_secs(15);

/// How often is looked whether a sale is over of which there is another edition.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The law watch.
pub(super) struct LawWatch {
    engine: EngineContext,
    problems: Problems,
    rules: RulesInForce,
    /// The overrides that were acted on. What could not be acted on is looked at again.
    known: Option<Vec<Document>>,
    /// The calendar with them, and when the next editions were last looked for in it.
    calendar: Option<(Calendar, Timestamp)>,
    foresight: ForesightWatch,
}

impl LawWatch {
    pub(super) fn new(engine: EngineContext, problems: Problems, rules: RulesInForce) -> Self {
        let foresight = ForesightWatch::new(engine.clone());
        Self { engine, problems, rules, known: None, calendar: None, foresight }
    }

    /// Begins the problem that the overrides cannot be used.
    fn unusable(&self, words: impl std::fmt::Display, remedy: &str) {
        let words = format!("the calendar overrides are not used: {words}");
        self.problems.begin(ProblemKind::CalendarUnusable, words, remedy);
    }

    /// Acts on `documents`, which are not what they were.
    async fn act_on(&mut self, documents: Vec<Document>) -> StoreResult<()> {
        let now = self.engine.clock.now();
        match Calendar::built_in().with_overrides(&documents) {
            Ok(calendar) => {
                self.problems.end(ProblemKind::CalendarUnusable);
                self.calendar = Some((calendar.clone(), Timestamp::MIN));
                self.engine.store.write(move |db| hold_what_moved(db, &calendar, now)).await?;
            }
            Err(findings) => {
                self.calendar = None;
                if let Some(first) = findings.first() {
                    self.unusable(format_args!("{}: {}", first.place, first.message), &first.remedy.to_string());
                }
                for finding in findings {
                    let place = finding.place.to_string();
                    tracing::error!(place, why = %finding.message, "a calendar override does not fit");
                }
            }
        }
        // Under a doubted clock a sale that lies ahead may seem over: what was seen then is looked at again.
        let holds = Arc::clone(&self.engine.holds);
        let held = self.engine.store.read(move |db| holds.ask(db, now)).await?;
        self.known = held.is_empty().then_some(documents);
        Ok(())
    }

    /// Proposes next editions, once an hour and on a time that is believed: a doubted clock may take a sale for over.
    async fn propose(&mut self) -> StoreResult<()> {
        let now = self.engine.clock.now();
        // The distance, not the order: after a clock was set back there is an hour to come as well.
        let due = self.calendar.as_ref().filter(|(_, at)| now.duration_since(*at).abs() >= HOUR);
        let Some(calendar) = due.map(|(calendar, _)| calendar.clone()) else { return Ok(()) };
        let holds = Arc::clone(&self.engine.holds);
        let write = move |db: &mut Db| {
            if holds.ask(db, now)?.is_empty() { propose_editions(db, &calendar, now) } else { Ok(()) }
        };
        self.engine.store.write(write).await?;
        if let Some((_, at)) = &mut self.calendar {
            *at = now;
        }
        Ok(())
    }
}

impl Work for LawWatch {
    const LOOP: Loop = Loop::LawWatch;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        match calendar_overrides(&self.rules.current().calendars) {
            Ok(documents) if self.known.as_ref() == Some(&documents) => {}
            Ok(documents) => {
                self.known = None;
                self.act_on(documents).await?;
            }
            Err(error) => {
                (self.known, self.calendar) = (None, None);
                let finding = error.into_finding();
                self.unusable(format_args!("{}: {}", finding.place, finding.message), &finding.remedy.to_string());
            }
        }
        self.propose().await?;
        self.foresight.look().await?;
        Ok(NextTurn::After(LOOK))
    }

    async fn woken(&self) {
        self.rules.changed.notified().await;
    }
}

/// Holds every campaign that is not over and of which a legal date has moved, and releases those of which it has moved
/// back.
pub fn hold_what_moved(db: &mut Db, calendar: &Calendar, now: Timestamp) -> StoreResult<()> {
    for campaign in campaigns::list(db)? {
        let slug = &campaign.schedule.slug;
        if campaign.state == CampaignState::Cancelled || campaign.schedule.closes_at <= now {
            continue;
        }
        let moved = campaign.schedule.moved_anchors(calendar);
        match (moved.first(), &campaign.held) {
            (Some(first), held) => {
                let reason = first.said(&campaign.schedule.time_zone());
                if held.as_ref() != Some(&reason) {
                    tracing::error!(campaign = %slug, reason, "the law has moved: the campaign is held");
                    // A refusal means that it was cancelled since it was listed, in this same transaction: impossible.
                    let _ = campaigns::hold(db, slug, &reason, "daemon", now)?;
                }
            }
            (None, Some(_)) => {
                tracing::warn!(campaign = %slug, "the law has moved back: the campaign is released");
                let _ = campaigns::release(db, slug, "daemon", now)?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}
