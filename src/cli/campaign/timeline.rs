//! `campaign timeline`: every instant of every campaign, in order.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::mailings::{self, StoredMailing};
use crate::db::{Db, StoreResult};
use crate::delivery::MailingState;
use crate::phrase;
use crate::phrase::Phrase;
use crate::text::Slug;

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

pub(super) fn run(from: Option<Date>, to: Option<Date>, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Failure::usage(phrase!("stretch-backwards")));
    }
    let (_, store) = context.open_store()?;
    let mut events = store.read_blocking(events)?;
    events.retain(|event| {
        let day = event.time_zone.to_datetime(event.at).date();
        from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to)
    });
    if json {
        context.json(&events)?;
        return Ok(Exit::Done);
    }
    if events.is_empty() {
        context.remark(&phrase!("timeline-nothing"))?;
        return Ok(Exit::Done);
    }
    let row = |event: &TimelineEvent| {
        [context.moment(event.at, &event.time_zone), event.campaign.to_string(), context.words(&event.what)]
    };
    let rows = events.iter().map(row).collect();
    context.table([phrase!("column-when"), phrase!("column-campaign"), phrase!("column-what")], rows)?;
    Ok(Exit::Done)
}

fn events(db: &mut Db) -> StoreResult<Vec<TimelineEvent>> {
    let mut events = Vec::new();
    for campaign in campaigns::list(db)? {
        let mailings = mailings::list(db, campaign.id)?;
        events.extend(events_of(&campaign, &mailings));
    }
    events.sort_by(|one, other| (one.at, &one.campaign).cmp(&(other.at, &other.campaign)));
    Ok(events)
}

/// The instants of one campaign. A cancelled one ends at its cancellation.
fn events_of(campaign: &AppliedCampaign, mailings: &[StoredMailing]) -> Vec<TimelineEvent> {
    let schedule = &campaign.schedule;
    let zone = schedule.time_zone();
    let event = |at: Timestamp, what: Phrase| TimelineEvent {
        at,
        local: at.display_with_offset(zone.to_offset(at)).to_string(),
        zone: schedule.zone.clone(),
        campaign: schedule.slug.clone(),
        what,
        time_zone: zone.clone(),
    };
    let mut events = vec![event(schedule.opens_at, phrase!("event-opens"))];
    events.push(event(schedule.closes_at, phrase!("event-closes")));
    let leaves = |mailing: &&StoredMailing| !matches!(mailing.state, MailingState::Cancelled | MailingState::SetAside);
    for mailing in mailings.iter().filter(leaves) {
        events.push(event(mailing.not_before, phrase!("event-may-leave", mailing = &mailing.name)));
        events.push(event(mailing.not_after, phrase!("event-must-have-left", mailing = &mailing.name)));
    }
    if let Some(at) = campaign.cancelled_at {
        events.retain(|event| event.at < at);
        events.push(event(at, phrase!("event-cancelled")));
    }
    events
}
