//! `carillon mail resolve --restored`, `--latest` and `--departures-lost`: a person's answer about a store that may have
//! been restored. Which answer is taken when is [`crate::delivery::recovery`]'s.

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::run::holds;
use crate::config::Settings;
use crate::counted::{counted, counted_as};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::catch_up::RecordLost;
use crate::db::leaving::Leaving;
use crate::db::{Store, identity, mailings, members, records, reports};
use crate::delivery::recovery::OperatorAnswer;
use crate::member::departure::Gap;
use crate::phrase;
use crate::sending::holds::{Hold, Lost, question};
use crate::sending::sent_file::new_file_id;
use crate::time_trust::shown;

/// The store has forgotten what was sent since the backup: sets it aside, and vouches for the rest.
pub(super) fn restored(yes: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let held = held(&settings, &store, context)?;
    refuse_in_doubt_of_the_time(&held, "because it cannot be told which mailings' time has come")?;
    refuse_unasked(&held, OperatorAnswer::Restored)?;
    if !yes && held.is_empty() {
        return Err(Failure::refused(
            "nothing shows that the store was restored from a backup; nothing was changed. If it was, for example together \
             with the whole machine, say `--restored --yes`: that sets aside everything that waits to be sent",
        ));
    }
    settle(&settings, &store, RecordLost::Refuse, context)?;
    let (now, who, id) = (context.clock.now(), context.who.clone(), new_file_id()?);
    let (done, line, ahead) = store.write_blocking(|db| {
        let line = identity::vouch(db, id)?;
        let done = reports::set_aside(db, &who, now)?;
        Ok((done, line, mailings::planned(db)?))
    })?;
    holds(&settings).sent().replace(line).context(WRITE)?;
    context.tell(format!(
        "in doubt now: {}; set aside, because their time had come: {}",
        counted_as(done.in_doubt as u64, "delivery", "deliveries"),
        counted(done.mailings as u64, "mailing")
    ))?;
    for (campaign, mailing, not_before) in &ahead {
        context.tell(format!("still planned: `{mailing}` of `{campaign}`, from {not_before}"))?;
    }
    context.hint(
        "`carillon mail queue --state in-doubt` lists the deliveries. What is set aside is not sent, also when its campaign \
         is applied again: to write to people all the same, add a mailing with another name that begins from now on",
    )?;
    if !ahead.is_empty() {
        context.hint(
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
    doubts.retain(|hold| !matches!(hold, Hold::ClockDoubted(_)));
    if doubts.is_empty() {
        return Err(Failure::refused("nothing speaks against it; nothing was changed"));
    }
    refuse_unasked(&doubts, OperatorAnswer::Latest)?;
    settle(&settings, &store, RecordLost::Refuse, context)?;
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
    context.tell("the store is taken for the latest one; what is due is sent")?;
    Ok(Exit::Done)
}

/// There is no copy of the record of departures: makes it again from what the store knows. Says nothing of the store's
/// age, which is asked about next.
pub(super) fn departures_lost(yes: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let before = held(&settings, &store, context)?;
    let lost = before.iter().find_map(|hold| if let Hold::DeparturesLost(lost) = hold { Some(lost) } else { None });
    let Some(lost) = lost else {
        return Err(Failure::refused("the record of departures is not lost; nothing was changed"));
    };
    refuse_in_doubt_of_the_time(&before, "because it could not be told later when this was decided")?;
    let now = context.clock.now();
    let confirmed = store.read_blocking(|db| members::count_eligible(db, now))?.unsigned_abs();
    if !yes {
        return Err(Failure::refused(consequence(lost, confirmed)));
    }
    let entry = AuditEntry {
        at: now,
        who: context.answering(phrase!("who-goes-on"))?.to_owned(),
        action: AuditAction::DeparturesLost,
        object: "store".into(),
        detail: json!({ "record": lost.gap.id(), "known_until": lost.known_until, "confirmed": confirmed }),
    };
    store.write_blocking(|db| audit::record(db, &entry))?;
    settle(&settings, &store, RecordLost::BeginAnew, context)?;
    context.tell(format!(
        "the record of departures was made again from what the store knows; {} would be written to",
        counted(confirmed, "member")
    ))?;
    let after = held(&settings, &store, context)?;
    match after.first() {
        Some(next) => context.hint(format!("{}; {}", next.words(), next.remedy(&after)))?,
        None => context.hint("the daemon goes on by itself")?,
    }
    Ok(Exit::Done)
}

/// What a person must know before going on without the record.
fn consequence(lost: &Lost, confirmed: u64) -> String {
    let since =
        lost.known_until.map_or_else(|| "since the backup".to_owned(), |until| format!("after {}", shown(until)));
    let new = match lost.gap {
        Gap::Missing => " On a machine that is new to a store in use, where there was no record, nobody is missed.",
        _ => "",
    };
    format!(
        "nothing was changed: {lost}. If there is a copy of it anywhere, put the latest one back; the daemon does the rest. \
         If there is none, and this store was restored from a backup, people who left {since} still count among its {}, and \
         would be written to against their will. Look for them where else they may be known, such as the mailbox for replies \
         or the proxy's log, and have them leave again: `carillon member withdraw --file FILE` takes a \
         list of addresses or unsubscribe links.{new} When you \
         answer for it: `carillon mail resolve --departures-lost --yes`",
        counted(confirmed, "confirmed member")
    )
}

fn refuse_in_doubt_of_the_time(held: &[Hold], because: &str) -> anyhow::Result<()> {
    match held.iter().find(|hold| matches!(hold, Hold::ClockDoubted(_))) {
        Some(doubted) => Err(Failure::refused(format!(
            "nothing was changed, {because}: {}; {}",
            doubted.words(),
            doubted.remedy(held)
        ))),
        None => Ok(()),
    }
}

/// Refuses an answer to what is not asked, and says what is.
fn refuse_unasked(held: &[Hold], answer: OperatorAnswer) -> anyhow::Result<()> {
    match held.first() {
        Some(first) if !question(held).takes(answer) => {
            Err(Failure::refused(format!("nothing was changed: {}; {}", first.words(), first.remedy(held))))
        }
        _ => Ok(()),
    }
}

/// Makes one of the store and the record of departures, before the store is vouched for.
fn settle(settings: &Settings, store: &Store, lost: RecordLost, context: &mut Context) -> anyhow::Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("cannot draw random numbers")?;
    let settled = Leaving::of(settings, store).settle_blocking(seed, new_file_id()?, context.clock.now(), lost)?;
    if settled.ended > 0 {
        context.hint(match settled.ended {
            1 => "the store had forgotten 1 departure; that is mended".to_owned(),
            ended => format!("the store had forgotten {ended} departures; that is mended"),
        })?;
    }
    let records = store.read_blocking(records::list)?.len();
    if records > 1 {
        context.hint(format!(
            "the store has seen {records} records of departures, and this machine has one of them: if other machines run \
             Carillon on this store, start their daemons before anybody is written to, so that theirs are in it too"
        ))?;
    }
    Ok(())
}

/// Takes in who left since a backup that was just put back, unless nothing tells who did: that is asked about first.
pub(super) fn take_in_departures(settings: &Settings, store: &Store, context: &mut Context) -> anyhow::Result<()> {
    let lost = held(settings, store, context)?.iter().any(|hold| matches!(hold, Hold::DeparturesLost(_)));
    if lost { Ok(()) } else { settle(settings, store, RecordLost::Refuse, context) }
}

/// Why nothing is sent, and what a person is asked.
pub(super) fn asked(settings: &Settings, store: &Store, context: &Context) -> anyhow::Result<Vec<(String, String)>> {
    let held = held(settings, store, context)?;
    Ok(held.iter().map(|hold| (hold.words(), hold.remedy(&held))).collect())
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
        settle(settings, store, RecordLost::BeginAnew, context)?;
        holds(settings).sent().replace(line).context("the count of what was handed over cannot be written")?;
    }
    Ok(())
}
