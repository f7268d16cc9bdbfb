//! `carillon member`: who is in the store, with which proof, and how a person leaves it.

use clap::Subcommand;
use serde::Serialize;

use super::Context;
use super::exit::Exit;
use super::member_erase::{self, EraseArgs};
use super::member_import::{self, ImportArgs};
use super::member_retention::{self, RetentionArgs};
use super::member_withdraw::{self, WithdrawArgs};
use super::who::WhoArgs;
use crate::config::{Settings, load_keyring};
use crate::counted::{counted, counted_as};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::leaving::Ending;
use crate::db::members;
use crate::db::{Store, dossiers};
use crate::keys::Keyring;
use crate::member::{Consent, Pseudonym};

/// Members that are read from the store at once.
const PAGE: i64 = 1_000;

/// The arguments of `carillon member`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Bring in people who agreed to be written to, each with the evidence of the consent
    Import(ImportArgs),
    /// List the members, with masked addresses
    List(ListArgs),
    /// Show one member: the state of the consent, every event, the wording agreed to
    Show(WhoArgs),
    /// Write everything that is held about one person, as JSON, to hand over to that person
    Export(WhoArgs),
    /// Take back the consent of one person or of a whole list of opt-outs; no later import brings them back
    Withdraw(WithdrawArgs),
    /// Destroy a person's address; only a keyed fingerprint stays, as proof and so that no import brings it back
    Erase(EraseArgs),
    /// Show how long what is about people is kept: what is due, what goes today, and when the next falls due
    Retention(RetentionArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those in this state: requested, confirmed, withdrawn, expired, dead or erased
    #[arg(long, value_name = "STATE", value_parser = |text: &str| text.parse::<Consent>().map_err(|_| "expected requested, confirmed, withdrawn, expired, dead or erased"))]
    state: Option<Consent>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Import(args) => member_import::run(&args, context),
        Verb::List(args) => list(&args, context),
        Verb::Show(args) => show(&args, context),
        Verb::Export(args) => export(&args, context),
        Verb::Withdraw(args) => member_withdraw::run(&args, context),
        Verb::Erase(args) => member_erase::run(&args, context),
        Verb::Retention(args) => member_retention::run(&args, context),
    }
}

/// The settings, the store and the keys.
pub(super) fn open(context: &Context) -> anyhow::Result<(Settings, Store, Keyring)> {
    let (settings, store) = context.open_store()?;
    let keyring = load_keyring(&settings.keys)?;
    Ok((settings, store, keyring))
}

/// A member as listed, with a masked address.
#[derive(Serialize)]
struct Listed {
    pseudonym: Pseudonym,
    address: Option<String>,
    language: String,
    consent: String,
    since: jiff::Timestamp,
    expires_at: Option<jiff::Timestamp>,
}

fn list(args: &ListArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let page = store.read_blocking(|db| members::list(db, args.state, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        rows.extend(page.iter().map(|member| Listed {
            pseudonym: member.pseudonym,
            address: member.address.as_ref().map(ToString::to_string),
            language: member.language.to_string(),
            consent: member.consent.to_string(),
            since: member.consent_since,
            expires_at: member.expires_at,
        }));
    }
    if args.json {
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let count = rows.len();
    let cells = rows.into_iter().map(|row| {
        let expires = row.expires_at.map(|at| day(at).to_string()).unwrap_or_default();
        let address = row.address.unwrap_or_else(|| "(erased)".to_owned());
        [row.pseudonym.to_string(), address, row.language, row.consent, day(row.since).to_string(), expires]
    });
    context.table(["PSEUDONYM", "ADDRESS", "LANGUAGE", "STATE", "SINCE", "EXPIRES"], cells.collect())?;
    let count = counted(count as u64, "member");
    context.note(format!("{count}; addresses are masked, `member export` shows one in full"))?;
    Ok(Exit::Done)
}

pub(super) fn day(instant: jiff::Timestamp) -> jiff::civil::Date {
    instant.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

fn show(args: &WhoArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let found = args.members(&store, &keyring)?;
    let mut dossiers = Vec::with_capacity(found.len());
    for member in &found {
        let mut dossier = store.read_blocking(|db| dossiers::of(db, member, &keyring))?;
        dossier.address = member.address.as_ref().map(ToString::to_string);
        dossiers.push(dossier);
    }
    if args.json {
        context.json(&dossiers)?;
        return Ok(Exit::Done);
    }
    for dossier in &dossiers {
        print(dossier, context)?;
    }
    Ok(Exit::Done)
}

/// Writes a dossier for people. The address is as masked as the dossier's.
pub(super) fn print(dossier: &dossiers::Dossier, context: &mut Context) -> anyhow::Result<()> {
    context.line(format!("pseudonym  {}", dossier.pseudonym))?;
    context.line(format!("address    {}", dossier.address.as_deref().unwrap_or("(erased)")))?;
    context.line(format!("language   {}", dossier.language))?;
    context.line(format!("consent    {} since {}", dossier.consent, dossier.consent_since))?;
    if let Some(at) = dossier.expires_at {
        context.line(format!("expires    {at}"))?;
    }
    if let Some(until) = dossier.paused_until {
        context.line(format!("paused     until {until}, at the member's wish"))?;
    }
    if let (Some(cause), Some(since)) = (dossier.barred_for, dossier.barred_since) {
        context.line(format!("barred     {cause} since {since}; only the person can come back"))?;
    }
    context.line("")?;
    let events = dossier.events.iter().map(|event| {
        let what = &event.what;
        let wording = what.text_version.map(|digest| format!("{digest:.12}")).unwrap_or_default();
        [
            event.seq.to_string(),
            what.occurred_at.to_string(),
            what.reason.as_ref().map_or_else(|| what.action.to_string(), |reason| format!("{} {reason}", what.action)),
            what.method.to_string(),
            what.source.clone(),
            wording,
        ]
    });
    context.table(["LINE", "OCCURRED", "ACTION", "METHOD", "SOURCE", "WORDING"], events.collect())?;
    for (digest, wording) in &dossier.wordings {
        context.line(format!("\nwording {digest:.12}:"))?;
        for line in wording.lines() {
            context.line(format!("  {line}"))?;
        }
    }
    for (digest, at) in &dossier.wordings_redacted {
        let day = day(*at);
        context.line(format!(
            "\nwording {digest:.12}: an address was taken out on {day}; the digest is that of the text as it was shown"
        ))?;
    }
    for (digest, mismatch) in &dossier.wordings_in_doubt {
        context.line(format!("\nwording {digest:.12}: not shown, because {}", mismatch.words()))?;
    }
    if !dossier.came_back.is_empty() {
        context.line("")?;
        let rows = dossier.came_back.iter().map(|one| {
            let status = one.status.map(|status| status.to_string()).unwrap_or_default();
            [
                one.campaign.as_ref().map(ToString::to_string).unwrap_or_default(),
                one.mailing.clone(),
                one.at.to_string(),
                one.class.to_string(),
                status,
                one.said.clone(),
            ]
        });
        context.table(["CAMPAIGN", "MAILING", "CAME BACK", "CLASS", "STATUS", "WHAT IT SAID"], rows.collect())?;
    }
    if !dossier.mails.is_empty() {
        context.line("")?;
        let mails = dossier.mails.iter().map(|mail| {
            let at = mail.ended_at.or(mail.handed_over_at).map(|at| at.to_string()).unwrap_or_default();
            [mail.campaign.to_string(), mail.mailing.clone(), mail.outcome.to_string(), at]
        });
        context.table(["CAMPAIGN", "MAILING", "OUTCOME", "AT"], mails.collect())?;
    }
    Ok(())
}

fn export(args: &WhoArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let now = context.clock.now();
    for member in args.members(&store, &keyring)? {
        let dossier = store.read_blocking(|db| dossiers::of(db, &member, &keyring))?;
        let entry = entry(context, now, AuditAction::MemberExported, &member.pseudonym);
        store.write_blocking(|db| audit::record(db, &entry))?;
        context.json(&dossier)?;
    }
    context.note("this is personal data: hand it to the person it is about and to nobody else")?;
    Ok(Exit::Done)
}

fn entry(context: &Context, at: jiff::Timestamp, action: AuditAction, member: &Pseudonym) -> AuditEntry {
    AuditEntry { at, who: context.who.clone(), action, object: member.to_string(), detail: serde_json::Value::Null }
}

/// What a command that ends consents did.
#[derive(Default, Serialize)]
pub(super) struct Ended {
    done: usize,
    already: usize,
    /// Addresses that were no member's, now or ever. They are kept out.
    no_member: usize,
    /// Pseudonyms of nobody.
    unknown: usize,
}

impl Ended {
    pub(super) fn count(&mut self, ending: Ending) {
        match ending {
            Ending::Done => self.done += 1,
            Ending::Already => self.already += 1,
            Ending::KeptOut | Ending::KeptOutBefore => self.no_member += 1,
            Ending::Unknown => self.unknown += 1,
        }
    }

    /// The counts for people; `done` says what was done to them.
    pub(super) fn words(&self, done: &str) -> String {
        format!("{} {done}, {} had been before, {} unknown", self.done, self.already, self.unknown)
    }

    /// How many addresses were no member's, if there were such. Whoever mistypes an address must not believe that its owner
    /// has left.
    pub(super) fn strangers(&self) -> Option<String> {
        let strangers = counted_as(self.no_member as u64, "was no member", "were no members");
        (self.no_member > 0).then(|| format!("{strangers}: kept out from now on"))
    }

    pub(super) fn exit(&self) -> Exit {
        if self.unknown == 0 { Exit::Done } else { Exit::Refused }
    }
}
