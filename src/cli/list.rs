//! `carillon list`: which lists of members there are, who is on them, and how somebody comes on one or off it.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{day, open};
use super::terms;
use super::who::{PeopleSource, tell_lines, unread_by_reason};
use crate::compliance::unknown_list;
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::bulk::BulkWriter;
use crate::db::lists::{self, CountedAct, CountedList, OpenMailingTo, Placement, Whom};
use crate::db::{Db, Store, StoreResult};
use crate::keys::Keyring;
use crate::member::{Fingerprint, ListAct, ListName, ListReason, PeopleList, PersonNamed};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// People who are put on a list, or taken off it, in one transaction.
const BATCH: usize = 1_000;

/// The arguments of `carillon list`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the lists, how many people are on each, and how many of them may be written to; of one list, by which acts
    Show(ShowListsArgs),
    /// Put members on a list, for a reason; a list that there is not yet begins with the first of them
    Add(PutOnArgs),
    /// Take members off a list: no letter that goes to it leaves for them any more
    Remove(RemoveArgs),
    /// Remove a whole list; its people stay members
    Delete(DeleteArgs),
}

#[derive(Debug, clap::Args)]
struct ShowListsArgs {
    /// The list; all of them when not given
    list: Option<ListName>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Who comes on a list, or off it.
#[derive(Debug, clap::Args)]
struct PeopleArgs {
    /// An address, a pseudonym, or `-` to read them from the standard input, one to a line, which keeps addresses out
    /// of the shell's history
    #[arg(value_name = "ADDRESS|PSEUDONYM|-", required_unless_present = "file")]
    person: Option<String>,
    /// Read them from a file: one person to a line, by address or pseudonym, in any usual encoding, with whatever another
    /// program put around it
    #[arg(long, value_name = "FILE", conflicts_with = "person")]
    file: Option<PathBuf>,
    /// The sheet of a workbook, by its name or its number; the only one with something in it when left out
    #[arg(long, value_name = "SHEET", requires = "file")]
    sheet: Option<String>,
}

#[derive(Debug, clap::Args)]
struct PutOnArgs {
    /// The list: lower-case letters, digits and dashes, such as clientes-2026
    list: ListName,
    #[command(flatten)]
    people: PeopleArgs,
    /// Why they are on it, in a sentence without addresses: kept with each of them, and shown to them
    #[arg(long, value_name = "TEXT")]
    reason: ListReason,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct RemoveArgs {
    /// The list
    list: ListName,
    #[command(flatten)]
    people: PeopleArgs,
    /// Why, in a sentence without addresses, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<ListReason>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct DeleteArgs {
    /// The list
    list: ListName,
    /// Remove it: it cannot be undone
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Show(args) => match &args.list {
            Some(list) => show(list, args.json, context),
            None => all(args.json, context),
        },
        Verb::Add(args) => add(&args, context),
        Verb::Remove(args) => remove(&args, context),
        Verb::Delete(args) => delete(&args, context),
    }
}

fn all(json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let now = context.clock.now();
    let counted = store.snapshot_blocking(|db| lists::counted(db, now))?;
    if json {
        context.json(&counted)?;
        return Ok(Exit::Done);
    }
    if counted.is_empty() {
        context.remark(&phrase!("lists-none"))?;
        return Ok(Exit::Done);
    }
    let row = |list: &CountedList| {
        let count = list.count;
        [list.list.to_string(), count.people.to_string(), count.reached.to_string(), day(list.since).to_string()]
    };
    let rows = counted.iter().map(row).collect();
    let header = [phrase!("column-list"), phrase!("column-people"), phrase!("column-reached"), phrase!("column-since")];
    context.table(header, rows)?;
    Ok(Exit::Done)
}

/// A list, by which acts people came on it, and which mailings go to it.
#[derive(Serialize)]
struct ShownList {
    #[serde(flatten)]
    counted: CountedList,
    acts: Vec<CountedAct>,
    mailings: Vec<OpenMailingTo>,
}

fn show(list: &ListName, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let now = context.clock.now();
    let shown = store.snapshot_blocking(|db| {
        let Some(id) = lists::find(db, list)? else { return Ok(None) };
        let counted = lists::counted_one(db, id, now)?;
        Ok(Some(ShownList { counted, acts: lists::acts(db, id)?, mailings: lists::open_mailings(db, id)? }))
    })?;
    let Some(shown) = shown else { return Err(unknown(list, &store)?) };
    if json {
        context.json(&shown)?;
        return Ok(Exit::Done);
    }
    let count = shown.counted.count;
    context.say(&phrase!("list-shown", list = Fact::text(list), people = count.people, reached = count.reached))?;
    for act in &shown.acts {
        context.indented(&act_of(act))?;
    }
    for (campaign, mailing) in &shown.mailings {
        context.indented(&phrase!("list-mailing", mailing = mailing.as_str(), campaign = Fact::text(campaign)))?;
    }
    Ok(Exit::Done)
}

fn act_of(act: &CountedAct) -> Phrase {
    let (people, how) = (act.people.unsigned_abs(), terms::membership(act.basis, &act.detail, &act.who));
    phrase!("list-act", people = people, on = day(act.at), how = how)
}

fn unknown(list: &ListName, store: &Store) -> anyhow::Result<anyhow::Error> {
    let known = store.read_blocking(lists::names)?;
    Ok(Failure::refused(unknown_list(list, &known)))
}

impl PeopleArgs {
    fn source(&self) -> PeopleSource<'_> {
        PeopleSource { person: self.person.as_deref(), file: self.file.as_deref(), sheet: self.sheet.as_deref() }
    }

    fn read(&self, keyring: &Keyring) -> anyhow::Result<PeopleList> {
        self.source().read(keyring, |file| phrase!("list-a-file", file = file))
    }
}

fn whom(named: &PersonNamed, keyring: &Keyring) -> Whom {
    match named {
        PersonNamed::Pseudonym(pseudonym) => Whom::Member(*pseudonym),
        PersonNamed::Address(address) => Whom::Address(Fingerprint::all(keyring, address)),
    }
}

/// What came of putting people on a list, or of taking them off it.
#[derive(Default, Serialize)]
struct PlacedPeople {
    done: usize,
    already: usize,
    /// Members who have left. Nothing is noted about them.
    left: usize,
    /// Those who are no members, and are not made such.
    no_member: usize,
    /// The numbers of the lines of those who are no members.
    no_member_lines: Vec<usize>,
    /// The numbers of the lines from which nobody was taken.
    unread_lines: Vec<usize>,
}

impl PlacedPeople {
    fn count(&mut self, placed: Placement, line: usize) {
        match placed {
            Placement::Done => self.done += 1,
            Placement::Already => self.already += 1,
            Placement::Left => self.left += 1,
            Placement::Nobody => {
                self.no_member += 1;
                self.no_member_lines.push(line);
            }
        }
    }

    /// Says which lines came to nothing, and why. Who stands in them is not repeated.
    fn tell(&self, people: &PeopleArgs, list: &PeopleList, context: &mut Context) -> anyhow::Result<Exit> {
        let mut reasons = unread_by_reason(&list.unread);
        if people.source().is_one() && self.no_member > 0 {
            context.remark(&phrase!("list-no-member"))?;
        } else if !self.no_member_lines.is_empty() {
            reasons.insert(phrase!("list-no-member"), self.no_member_lines.clone());
        }
        tell_lines(reasons, context)?;
        let whole = self.no_member + self.left + self.unread_lines.len() == 0;
        Ok(if whole { Exit::Done } else { Exit::Refused })
    }
}

fn note(
    db: &mut Db,
    action: AuditAction,
    list: &ListName,
    context: &Context,
    detail: serde_json::Value,
) -> StoreResult<()> {
    let (at, who) = (context.clock.now(), context.who.clone());
    audit::record(db, &AuditEntry { at, who, action, object: list.to_string(), detail })
}

fn add(args: &PutOnArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let people = args.people.read(&keyring)?;
    let store = BulkWriter::new(store);
    let act = ListAct::command(&args.reason, &context.who, context.clock.now());
    let unread_lines = people.unread.iter().map(|line| line.line).collect();
    let (mut summary, mut listing) = (PlacedPeople { unread_lines, ..PlacedPeople::default() }, None);
    let (batch, mut is_new) = (store.portion(BATCH), false);
    for (some, lines) in people.people.chunks(batch).zip(people.lines.chunks(batch)) {
        let named: Vec<Whom> = some.iter().map(|named| whom(named, &keyring)).collect();
        let (placed, begun) = store.write(|db| lists::put_each(db, &args.list, &act, listing.clone(), &named))?;
        is_new |= begun.as_ref().is_some_and(|begun| !begun.new.is_empty());
        listing = begun;
        placed.into_iter().zip(lines).for_each(|(placed, line)| summary.count(placed, *line));
    }
    let detail = json!({ "added": summary.done, "reason": args.reason.as_str() });
    if summary.done > 0 {
        store.write(|db| note(db, AuditAction::ListExtended, &args.list, context, detail.clone()))?;
    }
    if args.json {
        context.json(&summary)?;
    } else {
        let PlacedPeople { done, already, left, no_member, .. } = &summary;
        context.say(&phrase!(
            "list-added",
            list = Fact::text(&args.list),
            done = *done,
            already = *already,
            left = *left,
            unknown = *no_member
        ))?;
    }
    if is_new {
        context.remark(&phrase!("list-new", list = Fact::text(&args.list)))?;
    }
    summary.tell(&args.people, &people, context)
}

fn remove(args: &RemoveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let people = args.people.read(&keyring)?;
    let Some(list) = store.read_blocking(|db| lists::find(db, &args.list))? else {
        return Err(unknown(&args.list, &store)?);
    };
    let store = BulkWriter::new(store);
    let unread_lines = people.unread.iter().map(|line| line.line).collect();
    let mut summary = PlacedPeople { unread_lines, ..PlacedPeople::default() };
    let batch = store.portion(BATCH);
    for (some, lines) in people.people.chunks(batch).zip(people.lines.chunks(batch)) {
        let named: Vec<Whom> = some.iter().map(|named| whom(named, &keyring)).collect();
        let placed = store.write(|db| lists::take_off_each(db, list, &named))?;
        placed.into_iter().zip(lines).for_each(|(placed, line)| summary.count(placed, *line));
    }
    let detail = json!({ "removed": summary.done, "reason": args.reason.as_ref().map(ListReason::as_str) });
    if summary.done > 0 {
        store.write(|db| note(db, AuditAction::ListReduced, &args.list, context, detail.clone()))?;
    }
    if args.json {
        context.json(&summary)?;
    } else {
        let PlacedPeople { done, already, no_member, .. } = &summary;
        context.say(&phrase!(
            "list-removed",
            list = Fact::text(&args.list),
            done = *done,
            already = *already,
            unknown = *no_member
        ))?;
    }
    summary.tell(&args.people, &people, context)
}

/// What became of a list that was to be removed.
enum Deleted {
    Unknown,
    /// Mailings go to it that have not ended.
    Awaited(Vec<OpenMailingTo>),
    /// This many people are on it, or were.
    Done(u64),
}

fn delete(args: &DeleteArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let now = context.clock.now();
    let look = |db: &mut Db| -> StoreResult<(Option<i64>, Deleted)> {
        let Some(list) = lists::find(db, &args.list)? else { return Ok((None, Deleted::Unknown)) };
        let open = lists::open_mailings(db, list)?;
        if !open.is_empty() {
            return Ok((None, Deleted::Awaited(open)));
        }
        Ok((Some(list), Deleted::Done(lists::count(db, list, now)?.people)))
    };
    let outcome = if args.yes {
        store.write_blocking(|db| {
            let (list, outcome) = look(db)?;
            if let (Some(list), Deleted::Done(people)) = (list, &outcome) {
                lists::delete(db, list)?;
                note(db, AuditAction::ListDeleted, &args.list, context, json!({ "people": people }))?;
            }
            Ok(outcome)
        })?
    } else {
        store.read_blocking(|db| Ok(look(db)?.1))?
    };
    let list = Fact::text(&args.list);
    match outcome {
        Deleted::Unknown => Err(unknown(&args.list, &store)?),
        Deleted::Awaited(mailings) => {
            let named = mailings.iter().map(|(campaign, mailing)| format!("`{campaign}/{mailing}`"));
            Err(Failure::refused(phrase!("list-awaited", list = list, mailings = Fact::texts(named))))
        }
        Deleted::Done(people) if args.yes => {
            context.remark(&phrase!("list-deleted", list = list, people = people))?;
            Ok(Exit::Done)
        }
        Deleted::Done(people) => {
            context.remark(&phrase!("list-not-deleted", list = list, people = people))?;
            Ok(Exit::Refused)
        }
    }
}
