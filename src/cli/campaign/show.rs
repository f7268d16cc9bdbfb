//! `campaign list` and `campaign show`: what is applied.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::campaign::{CampaignState, MovedAnchor, PlannedDeclaration};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar, outbox, terms};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::mailings::{self, StoredMailing};
use crate::db::{Db, Store, StoreResult, approvals, deliveries, gates};
use crate::delivery::DeliveryState;
use crate::delivery::quiet::{QuietHours, first_letter};
use crate::gate::{self, Gate};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::sending::rests::Rests;
use crate::text::{Line, Slug};

/// `campaign list`.
pub(super) fn list(json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (applied, gates) = store.read_blocking(|db| Ok((campaigns::list(db)?, gates::list(db)?)))?;
    if json {
        context.json(&applied)?;
        return Ok(Exit::Done);
    }
    let waiting = store.read_blocking(approvals::list)?;
    let new = waiting.iter().filter(|it| !applied.iter().any(|campaign| campaign.schedule.slug == it.slug));
    let new: Vec<Fact> = new.map(|it| Fact::text(format_args!("`{}`", it.slug))).collect();
    if !new.is_empty() {
        context.remark(&phrase!("campaigns-waiting", slugs = new.clone(), count = new.len()))?;
    }
    if applied.is_empty() {
        if new.is_empty() {
            context.remark(&phrase!("campaigns-none"))?;
        }
        return Ok(Exit::Done);
    }
    let now = context.clock.now();
    let rows = applied
        .iter()
        .map(|campaign| {
            let zone = campaign.schedule.time_zone();
            [
                campaign.schedule.slug.to_string(),
                context.words(&stage(gates.iter().find(|gate| gate.slug == campaign.schedule.slug), now)),
                context.words(&mails(campaign)),
                context.moment(campaign.schedule.opens_at, &zone),
                context.until(campaign.schedule.closes_at, &zone),
            ]
        })
        .collect();
    let header = [
        phrase!("column-campaign"),
        phrase!("column-gate"),
        phrase!("column-mails"),
        phrase!("column-opens"),
        phrase!("column-closes"),
    ];
    context.table(header, rows)?;
    Ok(Exit::Done)
}

/// The word for where its sale is, as everywhere. A campaign has a gate from the moment that it is applied.
fn stage(gate: Option<&Gate>, now: Timestamp) -> Phrase {
    gate.map_or_else(|| phrase!("show-no-gate"), |gate| terms::stage(gate::stage(gate, now)))
}

fn mails(campaign: &AppliedCampaign) -> Phrase {
    match (campaign.state, &campaign.held) {
        (CampaignState::Cancelled, _) => phrase!("mails-cancelled"),
        (CampaignState::Paused, _) => phrase!("mails-paused"),
        (CampaignState::Active, Some(_)) => phrase!("mails-held"),
        (CampaignState::Active, None) => phrase!("mails-as-planned"),
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

/// Why nothing can be said of a campaign that is not applied: it waits for approval, or there is none of that name.
pub(super) fn unknown(store: &Store, slug: &Slug) -> anyhow::Result<anyhow::Error> {
    let waits = store.read_blocking(|db| approvals::find(db, slug))?.is_some();
    let slug = Fact::text(slug);
    Ok(Failure::refused(if waits {
        phrase!("campaign-only-waits", slug = slug)
    } else {
        phrase!("campaign-unknown", slug = slug)
    }))
}

/// `campaign show`.
pub(super) fn show(slug: &Slug, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let calendar = calendar::load(context)?;
    let Some(mut shown) = store.read_blocking(|db| read(db, slug))? else {
        return Err(unknown(&store, slug)?);
    };
    shown.moved = shown.campaign.schedule.moved_anchors(&calendar);
    if json {
        context.json(&shown)?;
    } else {
        let quiet = Rests::of(&settings).quiet;
        print(&shown, settings.mail.transport.outbox(), quiet.as_ref(), context)?;
    }
    Ok(Exit::Done)
}

/// An audit entry: who did what when, and the revision and the keys it changed, or a reason.
fn told(entry: &AuditEntry, at: Fact) -> Phrase {
    let text = |key: &str| entry.detail.get(key);
    let fields = text("changes").and_then(Value::as_array).into_iter().flatten();
    let fields: Vec<&str> = fields.filter_map(|change| change.get("field")?.as_str()).collect();
    let (who, action) = (entry.who.as_str(), terms::action(entry.action));
    match (text("revision").and_then(Value::as_i64), text("reason").and_then(Value::as_str)) {
        (Some(revision), _) if revision == 1 || fields.is_empty() => {
            phrase!("show-audit-revision", at = at, who = who, action = action, revision = Fact::text(revision))
        }
        (Some(revision), _) => phrase!(
            "show-audit-changes",
            at = at,
            who = who,
            action = action,
            revision = Fact::text(revision),
            fields = Fact::texts(fields)
        ),
        (None, Some(reason)) => {
            phrase!("show-audit-reason", at = at, who = who, action = action, reason = Fact::english(reason))
        }
        (None, None) => phrase!("show-audit", at = at, who = who, action = action),
    }
}

fn print(
    shown: &CampaignDetails,
    outbox: Option<&Path>,
    quiet: Option<&QuietHours>,
    context: &mut Context,
) -> anyhow::Result<()> {
    let CampaignDetails { campaign, gate, mailings, moved, audit } = shown;
    let schedule = &campaign.schedule;
    let zone = schedule.time_zone();
    let at = |instant: Timestamp| Fact::moment(instant, &zone);
    context.say(&phrase!("show-title", slug = Fact::text(&schedule.slug), title = Fact::text(&schedule.title)))?;
    context.indented(&phrase!("show-gate", stage = stage(gate.as_ref(), context.clock.now())))?;
    context.indented(&phrase!("show-mails", mails = mails(campaign)))?;
    if let Some(reason) = &campaign.held {
        context.indented(&phrase!("show-held", reason = held(reason, moved, &zone)))?;
    }
    let (audience, channel) = (terms::audience(schedule.audience), terms::channel(schedule.channel));
    let markets = Fact::texts(&schedule.markets);
    context.indented(&phrase!("show-audience", audience = audience, channel = channel, markets = markets))?;
    if let Some(PlannedDeclaration { kind, receipt, ground }) = &schedule.declaration {
        let shown: Vec<&str> = receipt.iter().chain(ground).map(Line::as_str).collect();
        context.indented(&phrase!("show-declared", kind = Fact::text(kind), ground = shown.join("; ")))?;
    }
    context.indented(&phrase!("show-opens", at = at(schedule.opens_at)))?;
    context.indented(&phrase!("show-closes", at = at(schedule.closes_at)))?;
    if let Some(cancelled_at) = campaign.cancelled_at {
        context.indented(&match reason_of_cancelling(audit) {
            Some(reason) => phrase!("show-cancelled-because", at = at(cancelled_at), reason = reason),
            None => phrase!("show-cancelled", at = at(cancelled_at)),
        })?;
    }
    let (file, revision) = (campaign.source_name.as_str(), Fact::text(campaign.revision));
    context.indented(&phrase!("show-file", file = file, revision = revision))?;
    for anchor in &schedule.anchors {
        context.indented(&phrase!(
            "show-law",
            expression = Fact::text(&anchor.expression),
            market = Fact::text(anchor.market),
            at = at(anchor.at),
            basis = terms::basis(anchor.basis)
        ))?;
    }
    for anchor in moved {
        context.indented(&phrase!("show-moved", moved = anchor.phrase(&zone)))?;
    }
    for ShownMailing { mailing, deliveries, filed } in mailings {
        let (name, state) = (mailing.name.as_str(), terms::mailing_state(mailing.state));
        context.say(&phrase!("show-mailing", name = name, kind = Fact::text(mailing.kind), state = state))?;
        context.indented(&phrase!("show-from", at = at(mailing.not_before)))?;
        let begins = first_letter(quiet, mailing.state, mailing.not_before, mailing.not_after);
        if begins > mailing.not_before {
            context.indented(&phrase!("show-after-quiet", at = at(begins)))?;
        }
        context.indented(&phrase!("show-until", at = at(mailing.not_after)))?;
        let to = schedule.mailing(&mailing.name).map_or(&[][..], |planned| &planned.to);
        if !to.is_empty() {
            let lists = Fact::texts(to.iter().map(|list| format!("`{list}`")));
            context.indented(&phrase!("show-to", lists = lists))?;
        }
        let not = schedule.mailing(&mailing.name).map_or(&[][..], |planned| &planned.not);
        if !not.is_empty() {
            let lists = Fact::texts(not.iter().map(|list| format!("`{list}`")));
            context.indented(&phrase!("show-not", lists = lists))?;
        }
        let counts = deliveries.iter().map(|(state, count)| Fact::from(terms::deliveries(*count, *state)));
        let counts: Vec<Fact> = counts.collect();
        if !counts.is_empty() {
            context.indented(&phrase!("show-messages", counts = counts))?;
        }
        if *filed > 0 {
            context.indented(&phrase!("show-filed", filed = outbox::filed(*filed, outbox)))?;
        }
    }
    for entry in audit {
        context.say(&told(entry, at(entry.at)))?;
    }
    Ok(())
}

/// Why a person cancelled it, where they said so.
fn reason_of_cancelling(audit: &[AuditEntry]) -> Option<&str> {
    let cancelled = audit.iter().rev().find(|entry| entry.action == AuditAction::CampaignCancelled)?;
    cancelled.detail.get("reason")?.as_str()
}

/// Why the campaign waits: what has moved, as the calendar has it now; what the daemon wrote down, where that is right again.
fn held(reason: &str, moved: &[MovedAnchor], zone: &TimeZone) -> Phrase {
    moved
        .first()
        .map_or_else(|| Phrase::new("quoted").with("words", Fact::english(reason)), |anchor| anchor.phrase(zone))
}
