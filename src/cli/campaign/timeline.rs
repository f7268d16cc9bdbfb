//! `campaign timeline`: the season in one picture, in the terminal or as a file; for programs, every instant in order.

use std::ffi::OsStr;
use std::fs;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::TimelineArgs;
use crate::campaign::Schedule;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar};
use crate::db;
use crate::db::approvals;
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::mailings::{self, StoredMailing};
use crate::db::{Db, StoreResult};
use crate::delivery::MailingState;
use crate::delivery::quiet::{QuietHours, leaves_at};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::season;
use crate::season::Season;
use crate::sending::rests::Rests;
use crate::text::Slug;

/// How wide a text is that goes to no terminal.
const USUAL_WIDTH: usize = 80;

#[derive(Serialize)]
struct TimelineEvent {
    at: Timestamp,
    local: String,
    zone: String,
    campaign: Slug,
    #[serde(serialize_with = "in_english")]
    what: Phrase,
    #[serde(skip)]
    time_zone: TimeZone,
}

/// Programs read the same words whoever runs the command.
fn in_english<S: Serializer>(what: &Phrase, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(what)
}

pub(super) fn run(args: TimelineArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let TimelineArgs { from, to, width, out, json } = args;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Failure::usage(phrase!("stretch-backwards")));
    }
    let (settings, store) = context.open_store()?;
    let quiet = Rests::of(&settings).quiet;
    if json {
        let now = context.clock.now();
        let mut events = store.read_blocking(|db| events(db, quiet.as_ref(), now))?;
        events.retain(|event| {
            let day = event.time_zone.to_datetime(event.at).date();
            from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to)
        });
        context.json(&events)?;
        return Ok(Exit::Done);
    }
    let calendar = calendar::load(context)?;
    let now = context.clock.now();
    let (sales, waiting) =
        store.read_blocking(|db| Ok((db::season::sales(db, quiet.as_ref())?, approvals::due(db, now)?)))?;
    // What is not approved is no sale of the season: it is told below the picture.
    let waiting: Vec<Phrase> = waiting.iter().map(|due| due.phrase(now)).collect();
    let season = Season::of(sales, &calendar, (from, to), settings.zone(), now);
    let Some(season) = season.map(|season| Season { waiting: waiting.clone(), ..season }) else {
        for waiting in &waiting {
            context.remark(waiting)?;
        }
        context.remark(&phrase!("timeline-nothing"))?;
        return Ok(Exit::Done);
    };
    let Some(path) = out else {
        let drawn = season::draw(&season, width.unwrap_or_else(terminal_width), context.language);
        context.line(drawn.trim_end())?;
        return Ok(Exit::Done);
    };
    let (language, brand) = (context.language, &settings.shop.brand);
    let text = match path.extension().and_then(OsStr::to_str) {
        Some("html") => season::page(&season, language, settings.shop.name.as_str(), brand),
        Some("svg") => season::drawing_file(&season, language, brand),
        Some("ics") => season::feed(&season, language),
        _ => return Err(Failure::usage(phrase!("timeline-out-suffix", path = Fact::text(path.display())))),
    };
    fs::write(&path, text).with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
    context.say(&phrase!("timeline-written", path = Fact::text(path.display())))?;
    Ok(Exit::Done)
}

/// How wide a text may be: as the environment says, else as wide as the terminal, else as texts have always been.
fn terminal_width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let terminal = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into());
    said.or_else(terminal).unwrap_or(USUAL_WIDTH)
}

/// Every instant of what is applied, and those by which something must be approved.
fn events(db: &mut Db, quiet: Option<&QuietHours>, now: Timestamp) -> StoreResult<Vec<TimelineEvent>> {
    let mut events = Vec::new();
    for due in approvals::due(db, now)? {
        let what = phrase!("event-to-approve", who = due.waiting.asked_by.as_str());
        events.extend(due.approve_before.map(|at| event(&due.waiting.schedule, at, what)));
    }
    for campaign in campaigns::list(db)? {
        let mailings = mailings::list(db, campaign.id)?;
        events.extend(events_of(&campaign, &mailings, quiet));
    }
    events.sort_by(|one, other| (one.at, &one.campaign).cmp(&(other.at, &other.campaign)));
    Ok(events)
}

fn event(schedule: &Schedule, at: Timestamp, what: Phrase) -> TimelineEvent {
    let zone = schedule.time_zone();
    TimelineEvent {
        at,
        local: at.display_with_offset(zone.to_offset(at)).to_string(),
        zone: schedule.zone.clone(),
        campaign: schedule.slug.clone(),
        what,
        time_zone: zone,
    }
}

/// The instants of one campaign. A cancelled one ends at its cancellation.
fn events_of(campaign: &AppliedCampaign, mailings: &[StoredMailing], quiet: Option<&QuietHours>) -> Vec<TimelineEvent> {
    let schedule = &campaign.schedule;
    let event = |at: Timestamp, what: Phrase| event(schedule, at, what);
    let mut events = vec![event(schedule.opens_at, phrase!("event-opens"))];
    events.push(event(schedule.closes_at, phrase!("event-closes")));
    let leaves = |mailing: &&StoredMailing| !matches!(mailing.state, MailingState::Cancelled | MailingState::SetAside);
    for mailing in mailings.iter().filter(leaves) {
        let from = leaves_at(quiet, mailing.state, (mailing.not_before, mailing.not_after), mailing.frozen_at);
        events.push(event(from, phrase!("event-may-leave", mailing = &mailing.name)));
        events.push(event(mailing.not_after, phrase!("event-must-have-left", mailing = &mailing.name)));
    }
    if let Some(at) = campaign.cancelled_at {
        events.retain(|event| event.at < at);
        events.push(event(at, phrase!("event-cancelled")));
    }
    events
}
