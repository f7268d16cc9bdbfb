//! `carillon member`: who is in the store, with which proof, and how a person leaves it.

use clap::Subcommand;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use super::member_erase::{self, EraseArgs};
use super::member_import::{self, ImportArgs};
use super::member_retention::{self, RetentionArgs};
use super::member_withdraw::{self, WithdrawArgs};
use super::terms;
use super::who::{PersonKnown, WhoArgs};
use crate::compliance::unknown_list;
use crate::config::{Settings, load_keyring};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::dossiers::PersonDossier;
use crate::db::leaving::Ending;
use crate::db::sign_up_dossiers::WaitingSignUp;
use crate::db::{Store, dossiers, keys_used};
use crate::db::{lists, members};
use crate::keys::{Keyring, KeysMissing};
use crate::member::{Consent, Language, ListName, NewEvent, Pseudonym};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

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
    /// Show one person: the state of the consent, every event, the wording agreed to, a sign-up that waits and its letters
    Show(WhoArgs),
    /// Write everything that is held about one person, as JSON, to hand over to that person; a list when several are named
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
    /// Only those on this list
    #[arg(long, value_name = "LIST")]
    list: Option<ListName>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Import(args) => member_import::run(&args, context),
        Verb::List(args) => list_all(&args, context),
        Verb::Show(args) => show(&args, context),
        Verb::Export(args) => export(&args, context),
        Verb::Withdraw(args) => member_withdraw::run(&args, context),
        Verb::Erase(args) => member_erase::run(&args, context),
        Verb::Retention(args) => member_retention::run(&args, context),
    }
}

/// The settings, the store and the keys, for who looks for people by their addresses or writes of them.
///
/// # Errors
/// Exit code 1 when the key file lacks keys that the store was used with: nobody would be recognised.
pub(super) fn open(context: &Context) -> anyhow::Result<(Settings, Store, Keyring)> {
    let (settings, store, keyring) = open_with_any_keys(context)?;
    if let Some(missing) = keys_used::admit_to(&store, &keyring)? {
        return Err(lacking(&missing));
    }
    Ok((settings, store, keyring))
}

/// Why nothing is done without keys that are named and not held.
pub(super) fn lacking(missing: &KeysMissing) -> anyhow::Error {
    Failure::refused(format!("nothing was done: {missing}; {}", missing.remedy()))
}

/// The same, also where the key file lacks keys: for who says so.
pub(super) fn open_with_any_keys(context: &Context) -> anyhow::Result<(Settings, Store, Keyring)> {
    let (settings, store) = context.open_store()?;
    let keyring = load_keyring(&settings.keys)?;
    Ok((settings, store, keyring))
}

/// A member as listed, with a masked address.
#[derive(Serialize)]
struct Listed {
    pseudonym: Pseudonym,
    address: Option<String>,
    /// None of an address that is only kept out.
    language: Option<String>,
    consent: String,
    since: jiff::Timestamp,
    expires_at: Option<jiff::Timestamp>,
    /// Until when the member asked not to be written to, while that is to come.
    paused_until: Option<jiff::Timestamp>,
}

fn list_all(args: &ListArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let (now, zone) = (context.clock.now(), settings.zone());
    let (mut rows, mut after) = (Vec::new(), 0);
    let on = match &args.list {
        Some(name) => match store.read_blocking(|db| lists::find(db, name))? {
            Some(list) => Some(list),
            None => return Err(Failure::refused(unknown_list(name, &store.read_blocking(lists::names)?))),
        },
        None => None,
    };
    loop {
        let (page, strangers) = store.snapshot_blocking(|db| {
            let page = match on {
                Some(list) => members::list_on(db, list, args.state, after, PAGE)?,
                None => members::list(db, args.state, after, PAGE)?,
            };
            let strangers = dossiers::strangers(db, &page)?;
            Ok((page, strangers))
        })?;
        let Some(last) = page.last() else { break };
        after = last.id;
        rows.extend(page.iter().map(|member| Listed {
            pseudonym: member.pseudonym,
            address: member.address.as_ref().map(ToString::to_string),
            language: (!strangers.contains(&member.pseudonym)).then(|| member.language.to_string()),
            consent: member.consent.to_string(),
            since: member.consent_since,
            expires_at: member.expires_at,
            paused_until: member.paused_until.filter(|until| *until > now),
        }));
    }
    if args.json {
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let count = rows.len();
    let cells = rows.into_iter().map(|row| {
        let consent = context.words(&phrase!("term-consent", word = &row.consent));
        let expires = row.expires_at.map(|at| day(at).to_string()).unwrap_or_default();
        let address = row.address.unwrap_or_else(|| context.words(&phrase!("address-not-kept")));
        let language = row.language.unwrap_or_else(|| "–".to_owned());
        let state = match row.paused_until {
            // By the clock of the shop, as the page that the person chose it on says it.
            Some(until) => {
                let until = until.to_zoned_datetime(zone.clone()).date();
                context.words(&phrase!("consent-paused", consent = consent, until = until))
            }
            None => consent,
        };
        [row.pseudonym.to_string(), address, language, state, day(row.since).to_string(), expires]
    });
    let cells = cells.collect();
    let header = [
        phrase!("column-pseudonym"),
        phrase!("column-address"),
        phrase!("column-language"),
        phrase!("column-state"),
        phrase!("column-since"),
        phrase!("column-expires"),
    ];
    context.table(header, cells)?;
    context.remark(&phrase!("members-listed", count = count))?;
    Ok(Exit::Done)
}

pub(super) fn day(instant: jiff::Timestamp) -> jiff::civil::Date {
    instant.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

fn show(args: &WhoArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let dossiers: Vec<PersonDossier> = args.people(&store, &keyring)?.into_iter().map(PersonKnown::masked).collect();
    if args.json {
        context.json(&dossiers)?;
        return Ok(Exit::Done);
    }
    for dossier in &dossiers {
        print_person(dossier, context)?;
    }
    Ok(Exit::Done)
}

/// Writes for people what is held about somebody. The addresses are as masked as the dossier's.
fn print_person(dossier: &PersonDossier, context: &mut Context) -> anyhow::Result<()> {
    if let Some(member) = &dossier.member {
        print(member, context)?;
        context.line("")?;
    }
    if let Some(sign_up) = &dossier.sign_up {
        print_sign_up(sign_up, context)?;
    }
    for at in &dossier.confirmation_letters {
        context.tell(format!("letter     asked for a confirmation at {at}"))?;
    }
    Ok(())
}

fn print_sign_up(sign_up: &WaitingSignUp, context: &mut Context) -> anyhow::Result<()> {
    context.tell(format!("sign-up    by {}, in {}", sign_up.address, sign_up.language))?;
    context.tell(format!("asked      at {}, last at {}", sign_up.requested_at, sign_up.asked_at))?;
    context.tell(format!("waits      for its confirmation until {}", sign_up.expires_at))?;
    context.tell(format!("letters    {}", letters_of(sign_up)))?;
    context.tell(format!("form       {} ({})", sign_up.source, sign_up.form_version))?;
    context.tell(format!("wording    {}", sign_up.text_version))?;
    for line in sign_up.wording.iter().flat_map(|wording| wording.lines()) {
        context.line(format!("  {line}"))?;
    }
    Ok(())
}

/// What became of the letters of a sign-up, for whoever is asked why none arrived.
pub(super) fn letters_of(sign_up: &WaitingSignUp) -> String {
    let sent = match (sign_up.letters, sign_up.letter_sent_at) {
        (0, _) | (_, None) => "none sent".to_owned(),
        (letters, Some(at)) => format!("{letters} sent, the last at {at}"),
    };
    match (sign_up.letter_due_at, sign_up.letters) {
        (Some(at), _) => format!("{sent}; the next is due at {at}"),
        (None, 0) => format!(
            "{sent}, and none is to: few may go to one address, and one that the relay does not take is not tried for ever"
        ),
        (None, _) => sent,
    }
}

/// An instant of somebody's file.
fn moment(at: jiff::Timestamp) -> Fact {
    Fact::moment(at, &jiff::tz::TimeZone::UTC)
}

/// Writes a dossier for people. The address is as masked as the dossier's.
pub(super) fn print(dossier: &dossiers::Dossier, context: &mut Context) -> anyhow::Result<()> {
    context.tell(format!("pseudonym  {}", dossier.pseudonym))?;
    let gone = match (dossier.language, dossier.consent) {
        (None, _) => "(never known)",
        (_, Consent::Erased) => "(erased)",
        _ => "(not kept)",
    };
    context.tell(format!("address    {}", dossier.address.as_deref().unwrap_or(gone)))?;
    context.tell(format!("language   {}", dossier.language.map_or("–", Language::code)))?;
    let consent = phrase!("term-consent", word = Fact::text(dossier.consent));
    context.say(&phrase!("member-consent", consent = consent, since = moment(dossier.consent_since)))?;
    if let Some(at) = dossier.expires_at {
        context.tell(format!("expires    {at}"))?;
    }
    if let Some(until) = dossier.paused_until {
        context.tell(format!("paused     until {until}, at the member's wish"))?;
    }
    if let (Some(cause), Some(since)) = (dossier.barred_for, dossier.barred_since) {
        context.say(&phrase!("member-barred", cause = terms::cause(cause), since = moment(since)))?;
    }
    if let Some(letter) = &dossier.renewal {
        let (state, ends) = (terms::renewal_state(letter.state), moment(letter.ends_at));
        context.say(&match letter.handed_over_at {
            None => phrase!("member-renewal", state = state, ends = ends),
            Some(at) => phrase!("member-renewal-sent", state = state, ends = ends, at = moment(at)),
        })?;
    }
    for on in &dossier.lists {
        let how = terms::membership(on.basis, &on.detail, &on.who);
        let words = phrase!("list-of-member", list = Fact::text(&on.list), since = day(on.since), how = how);
        context.say(&words)?;
    }
    context.line("")?;
    let action = |what: &NewEvent| context.words(&terms::ledger_action(what.action));
    let events = dossier.events.iter().map(|event| {
        let what = &event.what;
        let wording = what.text_version.map(|digest| format!("{digest:.12}")).unwrap_or_default();
        [
            event.seq.to_string(),
            what.occurred_at.to_string(),
            what.reason.as_ref().map_or_else(|| action(what), |reason| format!("{} {reason}", action(what))),
            context.words(&terms::method(&what.method)),
            what.source.clone(),
            wording,
        ]
    });
    let events: Vec<_> = events.collect();
    context.table(
        [
            phrase!("column-line"),
            phrase!("column-occurred"),
            phrase!("column-action"),
            phrase!("column-method"),
            phrase!("column-source"),
            phrase!("column-wording"),
        ],
        events,
    )?;
    for (digest, wording) in &dossier.wordings {
        context.tell(format!("\nwording {digest:.12}:"))?;
        for line in wording.lines() {
            context.line(format!("  {line}"))?;
        }
    }
    for (digest, at) in &dossier.wordings_redacted {
        let day = day(*at);
        context.tell(format!(
            "\nwording {digest:.12}: an address was taken out on {day}; the digest is that of the text as it was shown"
        ))?;
    }
    for (digest, mismatch) in &dossier.wordings_in_doubt {
        context.tell(format!("\nwording {digest:.12}: not shown, because {}", mismatch.words()))?;
    }
    print_mails(dossier, context)
}

/// Writes what was sent to somebody, and what came back.
fn print_mails(dossier: &dossiers::Dossier, context: &mut Context) -> anyhow::Result<()> {
    if !dossier.came_back.is_empty() {
        context.line("")?;
        let rows = dossier.came_back.iter().map(|one| {
            let status = one.status.map(|status| status.to_string()).unwrap_or_default();
            [
                one.campaign.as_ref().map(ToString::to_string).unwrap_or_default(),
                one.mailing.clone(),
                one.at.to_string(),
                context.words(&terms::bounce_class(one.class)),
                status,
                one.said.clone(),
            ]
        });
        let rows = rows.collect();
        context.table(
            [
                phrase!("column-campaign"),
                phrase!("column-mailing"),
                phrase!("column-came-back"),
                phrase!("column-class"),
                phrase!("column-status"),
                phrase!("column-it-said"),
            ],
            rows,
        )?;
    }
    if !dossier.mails.is_empty() {
        context.line("")?;
        let mails = dossier.mails.iter().map(|mail| {
            let at = mail.ended_at.or(mail.handed_over_at).map(|at| at.to_string()).unwrap_or_default();
            let outcome = context.words(&terms::delivery_state(mail.outcome));
            [mail.campaign.to_string(), mail.mailing.clone(), outcome, at]
        });
        let mails = mails.collect();
        context.table(
            [phrase!("column-campaign"), phrase!("column-mailing"), phrase!("column-outcome"), phrase!("column-at")],
            mails,
        )?;
    }
    Ok(())
}

fn export(args: &WhoArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let now = context.clock.now();
    let people = args.people(&store, &keyring)?;
    for person in &people {
        // Nothing of somebody who only signed up is to stay when the sign-up goes.
        let object = person.member.as_ref().map_or_else(|| "sign-up".to_owned(), |member| member.pseudonym.to_string());
        let entry = AuditEntry {
            at: now,
            who: context.who.clone(),
            action: AuditAction::MemberExported,
            object,
            detail: serde_json::Value::Null,
        };
        store.write_blocking(|db| audit::record(db, &entry))?;
    }
    let dossiers: Vec<PersonDossier> = people.into_iter().map(|person| person.dossier).collect();
    match dossiers.as_slice() {
        [one] => context.json(one)?,
        several => context.json(&several)?,
    }
    context.remark(&phrase!("export-personal"))?;
    Ok(Exit::Done)
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

    /// The counts of a withdrawal for people, with the lines of a list that were not read.
    pub(super) fn withdrawn(&self, unread: usize) -> Phrase {
        let (done, already, unknown) = (self.done, self.already, self.unknown);
        match unread {
            0 => phrase!("ended-withdrawn", done = done, already = already, unknown = unknown),
            _ => phrase!("ended-withdrawn-unread", done = done, already = already, unknown = unknown, unread = unread),
        }
    }

    /// The counts of an erasure for people.
    pub(super) fn erased(&self) -> Phrase {
        phrase!("ended-erased", done = self.done, already = self.already, unknown = self.unknown)
    }

    /// How many addresses were no member's, if there were such. Whoever mistypes an address must not believe that its owner
    /// has left.
    pub(super) fn strangers(&self) -> Option<Phrase> {
        (self.no_member > 0).then(|| phrase!("ended-strangers", count = self.no_member))
    }

    pub(super) fn exit(&self) -> Exit {
        if self.unknown == 0 { Exit::Done } else { Exit::Refused }
    }
}
