//! `carillon mail resolve --restored` and `--latest`: a person's answer about a store that may have been restored.

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::run::holds;
use crate::config::Settings;
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::leaving::Door;
use crate::db::{Store, identity, leaving, mailings, reports};
use crate::sending::holds::Hold;
use crate::sending::sent_file::new_file_id;

/// The store has forgotten what was sent since the backup: sets it aside, and vouches for the rest.
pub(super) fn restored(yes: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let held = held(&settings, &store, context)?;
    if let Some(doubted) = held.iter().find(|hold| matches!(hold, Hold::ClockDoubted(_))) {
        return Err(Failure::refused(format!(
            "nothing was changed, because it cannot be told which mailings' time has come: {}; {}",
            doubted.words(),
            doubted.remedy()
        )));
    }
    if !yes && held.is_empty() {
        return Err(Failure::refused(
            "nothing shows that the store was restored from a backup; nothing was changed. If it was, for example together \
             with the whole machine, say `--restored --yes`: that sets aside everything that waits to be sent",
        ));
    }
    settle(&settings, &store, context)?;
    let (now, who, id) = (context.clock.now(), context.who.clone(), new_file_id()?);
    let (done, line, ahead) = store.write_blocking(|db| {
        let line = identity::vouch(db, id)?;
        let done = reports::set_aside(db, &who, now)?;
        Ok((done, line, mailings::planned(db)?))
    })?;
    holds(&settings).sent().replace(line).context(WRITE)?;
    context.line(format!(
        "{} deliveries are in doubt now, {} mailings whose time had come are set aside",
        done.in_doubt, done.mailings
    ))?;
    for (campaign, mailing, not_before) in &ahead {
        context.line(format!("still planned: `{mailing}` of `{campaign}`, from {not_before}"))?;
    }
    context.note(
        "`carillon mail queue --state in-doubt` lists the deliveries. What is set aside is not sent, also when its campaign \
         is applied again: to write to people all the same, add a mailing with another name that begins from now on",
    )?;
    if !ahead.is_empty() {
        context.note(
            "if the backup is older than a change that moved one of these mailings, and it was sent since, cancel its \
             campaign or take it out of the file before its time",
        )?;
    }
    Ok(Exit::Done)
}

/// The store is the latest one: vouches for it.
pub(super) fn latest(context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let mut doubts = held(&settings, &store, context)?;
    doubts.retain(|hold| matches!(hold, Hold::Store(_) | Hold::Departures(_)));
    if doubts.is_empty() {
        return Err(Failure::refused("nothing speaks against it; nothing was changed"));
    }
    if let Some(older) = doubts.iter().find(|hold| matches!(hold, Hold::Store(doubt) if doubt.is_certain())) {
        return Err(Failure::refused(format!("it is not: {}; {}", older.words(), older.remedy())));
    }
    settle(&settings, &store, context)?;
    let (now, id) = (context.clock.now(), new_file_id()?);
    let entry = AuditEntry {
        at: now,
        who: context.who.clone(),
        action: AuditAction::StoreVouched,
        object: "store".into(),
        detail: json!(doubts.iter().map(Hold::id).collect::<Vec<_>>()),
    };
    let line = store.write_blocking(|db| {
        audit::record(db, &entry)?;
        identity::vouch(db, id)
    })?;
    holds(&settings).sent().replace(line).context(WRITE)?;
    context.line("the store is taken for the latest one; what is due is sent")?;
    Ok(Exit::Done)
}

/// Makes one of the store and the record of departures, before the store is vouched for.
fn settle(settings: &Settings, store: &Store, context: &mut Context) -> anyhow::Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("cannot draw random numbers")?;
    let settled = Door::of(settings, store).settle_blocking(seed, new_file_id()?, context.clock.now())?;
    if settled.ended > 0 {
        context.note(format!("{} departures that the store had forgotten are in it again", settled.ended))?;
    }
    let records = store.read_blocking(leaving::count_records)?;
    if records > 1 {
        context.note(format!(
            "the store has seen {records} records of departures, and this machine has one of them: before anybody is written \
             to, start the daemons of the other machines, so that theirs are in the store too"
        ))?;
    }
    Ok(())
}

const WRITE: &str = "the answer is in the store, but the count of what was handed over cannot be written";

fn held(settings: &Settings, store: &Store, context: &Context) -> anyhow::Result<Vec<Hold>> {
    let (holds, now) = (holds(settings), context.clock.now());
    Ok(store.read_blocking(|db| holds.ask(db, now))?)
}

/// Begins the count of what was handed over for a store that was just made. A store that holds something already is left
/// to a person's answer.
pub(super) fn begin(settings: &Settings, store: &Store, context: &mut Context) -> anyhow::Result<()> {
    let id = new_file_id()?;
    if let Some(line) = store.write_blocking(|db| identity::vouch_if_new(db, id))? {
        settle(settings, store, context)?;
        holds(settings).sent().replace(line).context("the count of what was handed over cannot be written")?;
    }
    Ok(())
}
