//! `campaign approve`: four eyes. What one person wants applied waits until another approves it; what was applied before goes on.

use super::ApproveArgs;
use super::apply::{Doing, perform_waiting};
use crate::campaign::{MailingReach, may_approve};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::Store;
use crate::db::approvals::{self, WaitingApproval};
use crate::db::reach;
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};
use crate::text::{Line, Slug};

/// `campaign approve`.
pub(super) fn approve(args: &ApproveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let Some(slug) = &args.slug else { return list(&store, args.json, context) };
    if args.refuse {
        return refuse(&store, slug, args.reason.as_deref(), context);
    }
    let waiting = store.read_blocking(|db| approvals::find(db, slug))?.ok_or_else(|| unknown(slug))?;
    let now = context.clock.now();
    let (due, people) = store.read_blocking(|db| {
        let due = approvals::of(db, waiting.clone(), now)?;
        Ok((due, reach::audiences(db, &waiting.schedule, now)?))
    })?;
    edited_since(&waiting, context)?;
    let at_once: Vec<Fact> = due
        .at_once
        .iter()
        .map(|name| {
            let people = people.mailings.get(name).map_or(0, MailingReach::people);
            phrase!("approve-mailing-people", mailing = name.as_str(), people = people).into()
        })
        .collect();
    if args.look {
        if !at_once.is_empty() {
            context.remark(&phrase!("approve-at-once", mailings = at_once))?;
        }
        return perform_waiting(Doing::Look(&waiting), context)?.say(args.json, context);
    }
    let who = context.answering(phrase!("who-approves"))?;
    if !may_approve(&waiting.asked_by, who) {
        let (slug, who) = (Fact::text(slug), waiting.asked_by.as_str());
        return Err(Failure::refused(phrase!("approve-same-person", slug = slug, who = who)));
    }
    if !at_once.is_empty() && !args.yes {
        let slug = Fact::text(slug);
        return Err(Failure::refused(phrase!("approve-at-once-unsaid", mailings = at_once, slug = slug)));
    }
    perform_waiting(Doing::Approve(&waiting), context)?.say(args.json, context)
}

/// Says that the file on this machine is not any more what was asked for: what is approved is what was.
fn edited_since(waiting: &WaitingApproval, context: &mut Context) -> std::io::Result<()> {
    match std::fs::read_to_string(&waiting.source_name) {
        Ok(text) if text != waiting.source_text => {
            let file = Fact::text(&waiting.source_name);
            let since = Fact::moment(waiting.asked_at, &waiting.schedule.time_zone());
            context.remark(&phrase!("approve-file-edited", file = file, since = since))
        }
        _ => Ok(()),
    }
}

fn unknown(slug: &Slug) -> anyhow::Error {
    Failure::refused(phrase!("approve-unknown", slug = Fact::text(slug)))
}

/// Everything that waits.
fn list(store: &Store, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let now = context.clock.now();
    let due = store.read_blocking(|db| approvals::due(db, now))?;
    if json {
        context.json(&due)?;
        return Ok(Exit::Done);
    }
    if due.is_empty() {
        context.remark(&phrase!("approve-nothing"))?;
    }
    for one in &due {
        context.say(&one.phrase(now))?;
    }
    Ok(Exit::Done)
}

/// Ends the waiting: whoever asked may take it back as well.
fn refuse(store: &Store, slug: &Slug, reason: Option<&str>, context: &mut Context) -> anyhow::Result<Exit> {
    let who = context.answering(phrase!("who-approves"))?.to_owned();
    let reason = reason.map(Line::parse).transpose().map_err(|why| Failure::usage(why.phrase()))?;
    let reason = reason.as_ref().map(Line::as_str);
    let now = context.clock.now();
    if !store.write_blocking(|db| approvals::refuse(db, slug, reason, &who, now))? {
        return Err(unknown(slug));
    }
    context.remark(&phrase!("approve-refused", slug = Fact::text(slug)))?;
    Ok(Exit::Done)
}
