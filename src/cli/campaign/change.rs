//! `campaign plan`, `apply`, `pause`, `resume`, `cancel`: what would change, and changing it.

use std::path::Path;

use anyhow::anyhow;
use serde::Serialize;
use serde_json::json;

use super::examine::{Examined, examine};
use crate::campaign::{Plan, Schedule};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns::{self, Application, Applied, AppliedCampaign, StateChange, StateRefusal};
use crate::db::mailings;
use crate::db::{Db, Store, StoreResult};
use crate::delivery::MailingState;
use crate::finding::{Severity, has_error};

/// The schedule of a file that may be planned or applied; otherwise its findings, printed.
fn acceptable(examined: &Examined, strict: bool, context: &mut Context) -> anyhow::Result<Option<Schedule>> {
    let errors = has_error(&examined.findings);
    let acceptable = examined.schedule.as_ref().filter(|_| !(strict && errors));
    if acceptable.is_none() {
        context.findings(&examined.findings)?;
        return Ok(None);
    }
    let grave = examined.findings.iter().filter(|finding| finding.severity > Severity::Note).count();
    if grave > 0 {
        let name = &examined.document.name;
        context.note(format!("{grave} finding(s): `carillon campaign check {name}` tells them"))?;
    }
    Ok(acceptable.cloned())
}

/// `campaign plan`.
pub(super) fn plan(file: &Path, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let examined = examine(file, context)?;
    let Some(schedule) = acceptable(&examined, false, context)? else { return Ok(Exit::Refused) };
    let now = context.clock.now();
    let read = |db: &mut Db| Ok((campaigns::find(db, &schedule.slug)?, campaigns::refusal(db, &schedule, now)?));
    let (applied, refusal) = store.read_blocking(read)?;
    let plan = Plan::between(applied.as_ref().map(|applied| &applied.schedule), &schedule);
    if let Some(AppliedCampaign { held: Some(reason), .. }) = &applied {
        context.note(format!("the campaign is held: {reason}. Applying this file releases it"))?;
    }
    if json {
        context.json(&plan)?;
    } else {
        write!(context.out, "{plan}")?;
    }
    match refusal {
        Some(refusal) => Err(Failure::refused(format!("applying it would be refused: {refusal}"))),
        None => Ok(Exit::Done),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    slug: &'a str,
    #[serde(flatten)]
    applied: Applied,
}

/// `campaign apply`.
pub(super) fn apply(file: &Path, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let examined = examine(file, context)?;
    let Some(schedule) = acceptable(&examined, true, context)? else {
        context.note("not applied: nothing was changed")?;
        return Ok(Exit::Refused);
    };
    let accepted: Vec<&str> = examined.findings.iter().map(|finding| finding.rule).collect();
    let application = Application {
        schedule,
        remarks: json!({ "findings": accepted, "waived": examined.waived }),
        source_name: examined.document.name,
        source_text: examined.document.text,
        who: context.who.clone(),
    };
    let now = context.clock.now();
    let slug = &application.schedule.slug;
    let (before, applied) = store.write_blocking(|db| {
        let before = campaigns::find(db, slug)?;
        Ok((before, campaigns::apply(db, &application, now)?))
    })?;
    let applied = applied.map_err(|refusal| Failure::refused(refusal.to_string()))?;
    if json {
        context.json(&Report { slug, applied })?;
        return Ok(Exit::Done);
    }
    if applied != Applied::Created || before.is_some() {
        report_change(before.as_ref(), applied, &application.schedule, context)?;
    } else {
        write!(context.out, "{}", Plan::between(None, &application.schedule))?;
        context.line(format!("applied `{slug}`, revision 1"))?;
    }
    tell_set_aside(slug, &store, context)?;
    Ok(Exit::Done)
}

/// Says which mailings of the file will not leave although it plans them.
fn tell_set_aside(slug: &str, store: &Store, context: &mut Context) -> anyhow::Result<()> {
    let mailings = store.read_blocking(|db| match campaigns::find(db, slug)? {
        Some(campaign) => mailings::list(db, campaign.id),
        None => Ok(Vec::new()),
    })?;
    for mailing in mailings.iter().filter(|mailing| mailing.state == MailingState::SetAside) {
        context.note(format!(
            "`{}` stays set aside: it may have been sent before the store was restored from a backup. To write to people all \
             the same, add a mailing with another name that begins from now on",
            mailing.name
        ))?;
    }
    Ok(())
}

fn report_change(
    before: Option<&AppliedCampaign>,
    applied: Applied,
    schedule: &Schedule,
    context: &mut Context,
) -> anyhow::Result<()> {
    let slug = &schedule.slug;
    match applied {
        Applied::Unchanged { revision } => {
            context.line(format!("`{slug}` is as in the file already, revision {revision}: nothing was changed"))?;
        }
        Applied::Created | Applied::Changed { .. } => {
            write!(context.out, "{}", Plan::between(before.map(|before| &before.schedule), schedule))?;
            let revision = if let Applied::Changed { revision } = applied { revision } else { 1 };
            context.line(format!("applied `{slug}`, revision {revision}"))?;
        }
    }
    Ok(())
}

fn written<T>(store: &Store, change: impl FnMut(&mut Db) -> StoreResult<Result<T, StateRefusal>>) -> anyhow::Result<T> {
    store.write_blocking(change)?.map_err(|refusal| Failure::refused(refusal.to_string()))
}

/// `campaign pause`.
pub(super) fn pause(slug: &str, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::pause(db, slug, &who, now))? {
        StateChange::Done => "is paused: its mailings wait, and its gate goes on",
        StateChange::Already => "was paused already",
    };
    context.note(format!("`{slug}` {said}"))?;
    Ok(Exit::Done)
}

/// `campaign resume`.
pub(super) fn resume(slug: &str, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::resume(db, slug, &who, now))? {
        StateChange::Done => "goes on: mailings whose deadline has not passed leave",
        StateChange::Already => "was not paused",
    };
    context.note(format!("`{slug}` {said}"))?;
    let campaign = store.read_blocking(|db| campaigns::find(db, slug))?.ok_or_else(|| anyhow!("it is gone"))?;
    if let Some(reason) = campaign.held {
        context.note(format!("its mailings still wait, because it is held: {reason}"))?;
    }
    Ok(Exit::Done)
}

/// `campaign cancel`.
pub(super) fn cancel(slug: &str, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let ended = written(&store, |db| campaigns::cancel(db, slug, &who, now))?;
    context.note(format!(
        "`{slug}` is cancelled: its gate is closed, {} mailing(s) will not leave, {} message(s) were taken off the queue",
        ended.mailings, ended.deliveries
    ))?;
    Ok(Exit::Done)
}
