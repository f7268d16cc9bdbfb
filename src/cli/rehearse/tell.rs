//! Who looks on at a rehearsal: tells the story, and keeps what happened for the account.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::Serialize;

use crate::campaign::LeftOut;
use crate::cli::story::Story;
use crate::clock::Clock;
use crate::daemon::Onlooker;
use crate::db::planning::DueMailing;
use crate::db::{Store, StoreError, reach};
use crate::delivery::DeliveryState;
use crate::gate::{self, Gate, GateState};
use crate::phrase;
use crate::sending::planner::{Missed, PlannerEvent};
use crate::text::Slug;

/// What happened, for programs.
#[derive(Serialize)]
pub(super) struct StoryEvent {
    at: Timestamp,
    #[serde(flatten)]
    what: StoryFact,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
enum StoryFact {
    /// A gate opened or closed.
    Gate { campaign: Slug, was: GateState, is: GateState },
    /// A mailing began.
    Begun { campaign: Slug, mailing: String, planned: usize },
    /// A mailing missed its time.
    Missed { campaign: Slug, mailing: String, why: String },
    /// Deliveries expired.
    Expired { campaign: Slug, mailing: String, count: usize },
    /// Every delivery of a mailing has ended.
    Finished { campaign: Slug, mailing: String, counts: BTreeMap<DeliveryState, u64> },
    /// A mailing was refused to everybody.
    Stopped { campaign: Slug, mailing: String, why: String },
    /// Claims of a dead daemon went back.
    Reaped { in_doubt: usize },
    /// Deliveries came to an end, or wait for another try.
    Moved { counts: BTreeMap<DeliveryState, u64> },
}

/// A mailing by its campaign and its name.
type MailingName = (Slug, String);

/// What was seen.
#[derive(Default)]
pub(super) struct RehearsalRecord {
    /// Everything, in order.
    pub(super) events: Vec<StoryEvent>,
    /// Why mailings missed their time.
    pub(super) missed: BTreeMap<MailingName, Missed>,
    /// Whom mailings were not for when they began.
    pub(super) left_out: BTreeMap<MailingName, LeftOut>,
}

/// Tells and keeps; or keeps only what an account needs, as long as nothing is to be told yet.
pub(super) struct RehearsalTeller<'a> {
    pub(super) story: Story<'a>,
    pub(super) told: RehearsalRecord,
    pub(super) is_silent: bool,
    store: Store,
    clock: Clock,
}

impl<'a> RehearsalTeller<'a> {
    pub(super) fn new(story: Story<'a>, copy: Store, clock: Clock) -> Self {
        Self { story, told: RehearsalRecord::default(), is_silent: false, store: copy, clock }
    }

    /// An edge of a window.
    pub(super) fn edge(&mut self, gate: &Gate, edge: Timestamp) -> io::Result<()> {
        let before = edge.saturating_sub(jiff::SignedDuration::from_millis(1)).unwrap_or(edge);
        let (was, is) = (gate::phase(gate, before).state(), gate::phase(gate, edge).state());
        self.keep(StoryFact::Gate { campaign: gate.slug.clone(), was, is });
        self.story.edge(gate, edge)
    }

    fn keep(&mut self, what: StoryFact) {
        self.told.events.push(StoryEvent { at: self.clock.now(), what });
    }
}

impl Onlooker for RehearsalTeller<'_> {
    fn happened(&mut self, event: &PlannerEvent) -> io::Result<()> {
        let now = self.clock.now();
        let name = |mailing: &DueMailing| (mailing.campaign.clone(), mailing.name.clone());
        match event {
            PlannerEvent::Begun(mailing, _) => {
                let out = self.store.read_blocking(|db| reach::left_out_of(db, mailing.id, now));
                self.told.left_out.insert(name(mailing), out.map_err(|error: StoreError| io::Error::other(error))?);
            }
            PlannerEvent::Missed(mailing, why) => {
                if *why == Missed::NoAudience {
                    let out = self.store.read_blocking(|db| reach::left_out_of(db, mailing.id, now));
                    self.told.left_out.insert(name(mailing), out.map_err(|error: StoreError| io::Error::other(error))?);
                }
                self.told.missed.insert(name(mailing), *why);
            }
            _ => {}
        }
        if self.is_silent {
            return Ok(());
        }
        self.keep(fact_of(event));
        match event {
            // How much had been claimed ahead is another number each time.
            PlannerEvent::Reaped { in_doubt, .. } => self.story.now(&phrase!("rehearse-reaped", doubt = *in_doubt)),
            _ => self.story.event(event),
        }
    }

    fn moved(&mut self, more: &BTreeMap<DeliveryState, u64>) -> io::Result<()> {
        if self.is_silent {
            return Ok(());
        }
        self.keep(StoryFact::Moved { counts: more.clone() });
        self.story.moved(more)
    }
}

fn fact_of(event: &PlannerEvent) -> StoryFact {
    let name = |mailing: &DueMailing| (mailing.campaign.clone(), mailing.name.clone());
    match event {
        PlannerEvent::Begun(begun, planned) => {
            let (campaign, mailing) = name(begun);
            StoryFact::Begun { campaign, mailing, planned: *planned }
        }
        PlannerEvent::Missed(missed, why) => {
            let (campaign, mailing) = name(missed);
            StoryFact::Missed { campaign, mailing, why: why.words() }
        }
        PlannerEvent::Expired(expired, count) => {
            let (campaign, mailing) = name(expired);
            StoryFact::Expired { campaign, mailing, count: *count }
        }
        PlannerEvent::Finished(finished, counts) => {
            let (campaign, mailing) = name(finished);
            StoryFact::Finished { campaign, mailing, counts: counts.clone() }
        }
        PlannerEvent::Stopped(stopped) => StoryFact::Stopped {
            campaign: stopped.campaign.clone(),
            mailing: stopped.mailing.clone(),
            why: stopped.why.clone(),
        },
        PlannerEvent::Reaped { in_doubt, .. } => StoryFact::Reaped { in_doubt: *in_doubt },
    }
}
