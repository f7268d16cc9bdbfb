//! `campaign list` and `campaign show`: what is applied.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::campaign::{CampaignState, MovedAnchor, PlannedDeclaration, moment};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar, outbox};
use crate::db::audit::{self, AuditEntry};
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::mailings::{self, StoredMailing};
use crate::db::{Db, StoreResult, deliveries, gates};
use crate::delivery::DeliveryState;
use crate::gate::{self, Gate};
use crate::text::{Line, Slug};

/// `campaign list`.
pub(super) fn list(json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (applied, gates) = store.read_blocking(|db| Ok((campaigns::list(db)?, gates::list(db)?)))?;
    if json {
        context.json(&applied)?;
        return Ok(Exit::Done);
    }
    if applied.is_empty() {
        context.note("no campaign has been applied; `carillon campaign new SLUG` writes one to edit")?;
        return Ok(Exit::Done);
    }
    let now = context.clock.now();
    let rows = applied
        .iter()
        .map(|campaign| {
            let zone = campaign.schedule.time_zone();
            [
                campaign.schedule.slug.to_string(),
                stage(gates.iter().find(|gate| gate.slug == campaign.schedule.slug), now),
                mails(campaign).to_owned(),
                moment(campaign.schedule.opens_at, &zone),
                moment(campaign.schedule.closes_at, &zone),
            ]
        })
        .collect();
    context.table(["campaign", "gate", "mails", "opens", "closes"], rows)?;
    Ok(Exit::Done)
}

/// The word for where its sale is, as everywhere. A campaign has a gate from the moment that it is applied.
fn stage(gate: Option<&Gate>, now: Timestamp) -> String {
    gate.map_or_else(|| "none".to_owned(), |gate| gate::stage(gate, now).to_string())
}

fn mails(campaign: &AppliedCampaign) -> &'static str {
    match (campaign.state, &campaign.held) {
        (CampaignState::Cancelled, _) => "cancelled",
        (CampaignState::Paused, _) => "paused",
        (CampaignState::Active, Some(_)) => "held",
        (CampaignState::Active, None) => "as planned",
    }
}

#[derive(Serialize)]
struct CampaignDetails {
    campaign: AppliedCampaign,
    #[serde(skip)]
    gate: Option<Gate>,
    mailings: Vec<ShownMailing>,
    moved: Vec<MovedAnchor>,
    audit: Vec<AuditEntry>,
}

#[derive(Serialize)]
struct ShownMailing {
    #[serde(flatten)]
    mailing: StoredMailing,
    deliveries: BTreeMap<DeliveryState, u64>,
    filed: u64,
}

fn read(db: &mut Db, slug: &Slug) -> StoreResult<Option<CampaignDetails>> {
    let Some(campaign) = campaigns::find(db, slug)? else { return Ok(None) };
    let mut shown = Vec::new();
    for mailing in mailings::list(db, campaign.id)? {
        let deliveries = deliveries::count_all_by_state(db, mailing.id)?;
        let filed = deliveries::count_filed(db, mailing.id)?;
        shown.push(ShownMailing { mailing, deliveries, filed });
    }
    let audit = audit::list(db, Some(slug.as_str()))?;
    let gate = gates::find(db, slug)?;
    Ok(Some(CampaignDetails { campaign, gate, mailings: shown, moved: Vec::new(), audit }))
}

/// `campaign show`.
pub(super) fn show(slug: &Slug, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let calendar = calendar::load(context)?;
    let Some(mut shown) = store.read_blocking(|db| read(db, slug))? else {
        let message = format!("there is no campaign `{slug}`; `carillon campaign list` shows those that are applied");
        return Err(Failure::refused(message));
    };
    shown.moved = shown.campaign.schedule.moved_anchors(&calendar);
    if json {
        context.json(&shown)?;
    } else {
        print(&shown, settings.mail.transport.outbox(), context)?;
    }
    Ok(Exit::Done)
}

/// What an audit entry tells beside its name: the revision and the keys it changed, or a reason.
fn said(entry: &AuditEntry) -> String {
    let text = |key: &str| entry.detail.get(key);
    let fields = text("changes").and_then(Value::as_array).into_iter().flatten();
    let fields: Vec<&str> = fields.filter_map(|change| change.get("field")?.as_str()).collect();
    let revision = text("revision").map(|revision| format!(", revision {revision}"));
    match (revision, text("reason").and_then(Value::as_str)) {
        (Some(revision), _) if revision == ", revision 1" || fields.is_empty() => revision,
        (Some(revision), _) => format!("{revision}: {}", fields.join(", ")),
        (None, Some(reason)) => format!(": {reason}"),
        (None, None) => String::new(),
    }
}

fn print(shown: &CampaignDetails, outbox: Option<&Path>, context: &mut Context) -> anyhow::Result<()> {
    let CampaignDetails { campaign, gate, mailings, moved, audit } = shown;
    let schedule = &campaign.schedule;
    let zone = schedule.time_zone();
    let markets: Vec<String> = schedule.markets.iter().map(ToString::to_string).collect();
    context.line(format!("{}: {}", schedule.slug, schedule.title))?;
    context.line(format!("  gate      {}", stage(gate.as_ref(), context.clock.now())))?;
    context.line(format!("  mails     {}", mails(campaign)))?;
    if let Some(reason) = &campaign.held {
        context.line(format!("  held      {reason}"))?;
    }
    context.line(format!("  audience  {}, {} in {}", schedule.audience, schedule.channel, markets.join(", ")))?;
    if let Some(PlannedDeclaration { kind, receipt, ground }) = &schedule.declaration {
        let shown: Vec<&str> = receipt.iter().chain(ground).map(Line::as_str).collect();
        context.line(format!("  declared  {kind}: {}", shown.join("; ")))?;
    }
    context.line(format!("  opens     {}", moment(schedule.opens_at, &zone)))?;
    context.line(format!("  closes    {}", moment(schedule.closes_at, &zone)))?;
    if let Some(at) = campaign.cancelled_at {
        context.line(format!("  cancelled {}", moment(at, &zone)))?;
    }
    context.line(format!("  file      {}, revision {}", campaign.source_name, campaign.revision))?;
    for anchor in &schedule.anchors {
        let at = moment(anchor.at, &zone);
        context.line(format!("  law       `{}` in {}: {at}, {}", anchor.expression, anchor.market, anchor.basis))?;
    }
    for moved in moved {
        context.line(format!("  moved     {}; apply again", moved.said(&zone)))?;
    }
    for ShownMailing { mailing, deliveries, filed } in mailings {
        context.line(format!("mailing {}: {}, {}", mailing.name, mailing.kind, mailing.state))?;
        context.line(format!("  from      {}", moment(mailing.not_before, &zone)))?;
        context.line(format!("  until     {}", moment(mailing.not_after, &zone)))?;
        let counts: Vec<String> = deliveries.iter().map(|(state, count)| format!("{count} {state}")).collect();
        if !counts.is_empty() {
            context.line(format!("  messages  {}", counts.join(", ")))?;
        }
        if *filed > 0 {
            context.line(format!("            {}", outbox::filed(*filed, outbox)))?;
        }
    }
    for entry in audit {
        let (at, said) = (moment(entry.at, &zone), said(entry));
        context.line(format!("{at}  {}  {}{said}", entry.who, entry.action))?;
    }
    Ok(())
}
