//! `carillon doctor`: looks at everything that `carillon run` needs and at every promise that depends on the world. It changes
//! nothing: each check asks what the daemon itself asks.

mod dns;
mod outside;
mod place;
mod store;
mod timekeeping;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::exit::Exit;
use super::status::{Level, in_english, maybe_in_english};
use super::{Context, said_of};
use crate::config::{ConfigError, Settings, load_keyring};
use crate::db::{Store, StoreResult, keys_used};
use crate::dns::{DnsResolver, server_named};
use crate::document::Document;
use crate::finding::{self, Finding};
use crate::keys::{Keyring, KeysMissing};
use crate::mail::lint;
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::problem::Severity;

/// The arguments of `carillon doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A letter as it came to a mailbox of yours: whether the relay signs what it should
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Whom to ask what the DNS says, such as 192.0.2.53; when left out, whom this machine asks
    #[arg(long, value_name = "ADDRESS", value_parser = server)]
    resolver: Option<SocketAddr>,
}

fn server(text: &str) -> Result<SocketAddr, &'static str> {
    server_named(text).ok_or("expected an address in numbers, with a port where it is not 53")
}

/// What was found of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum CheckOutcome {
    /// It is as it should be.
    Ok,
    /// Somebody should look at it.
    Warning,
    /// It cannot be looked at, because something else is not as it should be.
    Unknown,
    /// Something does not work, or will not.
    Error,
}

impl CheckOutcome {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Error => "error",
        }
    }

    /// The exit code, that of `carillon status --check`.
    fn exit(self) -> Exit {
        match self {
            Self::Ok => Level::Ok,
            Self::Warning => Level::Warning,
            Self::Error => Level::Critical,
            Self::Unknown => Level::Unknown,
        }
        .exit()
    }
}

/// The things that are looked at, in the order in which they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum DoctorCheck {
    Configuration,
    Keys,
    Space,
    Store,
    Backup,
    Files,
    Clock,
    TimeService,
    OtherClocks,
    Zones,
    Departures,
    Sent,
    Anchors,
    Calendar,
    Templates,
    Pages,
    Relay,
    Spf,
    Dkim,
    Dmarc,
    ReturnPath,
    Alerts,
    PublicUrl,
    Listener,
    PrivateListener,
    GateWebhook,
    GatePut,
    Bounces,
    Problems,
}

impl DoctorCheck {
    /// Those that need the store and the keys to be looked at.
    const OF_THE_STORE: [Self; 9] = [
        Self::Backup,
        Self::Clock,
        Self::Zones,
        Self::Departures,
        Self::Sent,
        Self::Anchors,
        Self::Templates,
        Self::Pages,
        Self::Problems,
    ];

    /// All of them.
    #[cfg(test)]
    const ALL: [Self; 29] = [
        Self::Configuration,
        Self::Keys,
        Self::Space,
        Self::Store,
        Self::Backup,
        Self::Files,
        Self::Clock,
        Self::TimeService,
        Self::OtherClocks,
        Self::Zones,
        Self::Departures,
        Self::Sent,
        Self::Anchors,
        Self::Calendar,
        Self::Templates,
        Self::Pages,
        Self::Relay,
        Self::Spf,
        Self::Dkim,
        Self::Dmarc,
        Self::ReturnPath,
        Self::Alerts,
        Self::PublicUrl,
        Self::Listener,
        Self::PrivateListener,
        Self::GateWebhook,
        Self::GatePut,
        Self::Bounces,
        Self::Problems,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Keys => "keys",
            Self::Space => "room on the disk",
            Self::Store => "store",
            Self::Backup => "backup",
            Self::Files => "files with people in them",
            Self::Clock => "clock",
            Self::TimeService => "time service",
            Self::OtherClocks => "other clocks",
            Self::Zones => "time zones",
            Self::Departures => "record of departures",
            Self::Sent => "count of what was sent",
            Self::Anchors => "anchors of the ledger",
            Self::Calendar => "calendars",
            Self::Templates => "letters",
            Self::Pages => "pages",
            Self::Relay => "relay",
            Self::Spf => "who may send",
            Self::Dkim => "signatures of letters",
            Self::Dmarc => "what receivers are asked",
            Self::ReturnPath => "way back",
            Self::Alerts => "alerts",
            Self::PublicUrl => "public address",
            Self::Listener => "listener",
            Self::PrivateListener => "private listener",
            Self::GateWebhook => "webhook of the gates",
            Self::GatePut => "upload of the schedule",
            Self::Bounces => "mail that comes back",
            Self::Problems => "problems",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct CheckReport {
    check: DoctorCheck,
    outcome: CheckOutcome,
    #[serde(serialize_with = "in_english")]
    words: Phrase,
    /// What to do about it, where there is something to do.
    #[serde(serialize_with = "maybe_in_english")]
    remedy: Option<Phrase>,
}

impl CheckReport {
    fn ok(check: DoctorCheck, words: impl Into<Phrase>) -> Self {
        Self { check, outcome: CheckOutcome::Ok, words: words.into(), remedy: None }
    }

    fn of(check: DoctorCheck, outcome: CheckOutcome, words: impl Into<Phrase>, remedy: impl Into<Phrase>) -> Self {
        Self { check, outcome, words: words.into(), remedy: Some(remedy.into()) }
    }

    /// What the words say with what is to be done, unless all is well.
    fn said(check: DoctorCheck, outcome: CheckOutcome, words: Phrase) -> Self {
        let remedy = (outcome != CheckOutcome::Ok).then(|| words.part("remedy"));
        Self { check, outcome, words, remedy }
    }

    fn unknown(check: DoctorCheck, first: DoctorCheck) -> Self {
        let words = format!("cannot be looked at while this is not well: {}", first.title());
        Self { check, outcome: CheckOutcome::Unknown, words: words.into(), remedy: None }
    }

    /// An error whose words say what to do.
    fn failed(check: DoctorCheck, error: &(dyn std::error::Error + 'static)) -> Self {
        let because = |words: Phrase, cause| phrase!("doctor-because", words = words, cause = said_of(cause));
        let words = anyhow::Chain::new(error).skip(1).fold(said_of(error), because);
        Self { check, outcome: CheckOutcome::Error, words, remedy: None }
    }
}

/// Everything that the command says.
#[derive(Debug, Serialize)]
struct DoctorReport {
    outcome: CheckOutcome,
    checks: Vec<CheckReport>,
}

impl DoctorReport {
    fn of(checks: Vec<CheckReport>) -> Self {
        Self { outcome: checks.iter().map(|known| known.outcome).max().unwrap_or(CheckOutcome::Ok), checks }
    }
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let mut checks = examine(args.resolver, context);
    checks.extend(args.letter.iter().flat_map(|letter| delivered(letter)));
    let report = DoctorReport::of(checks);
    if args.json {
        context.json(&report)?;
    } else {
        for CheckReport { check, outcome, words, remedy } in &report.checks {
            let outcome = context.words(&phrase!("doctor-outcome", word = outcome.word()));
            let title = context.written(Fact::english(check.title()));
            let words = context.words(words).replace('\n', "; ");
            context.say(&phrase!("doctor-found", outcome = format!("{outcome:<9}"), title = title, words = words))?;
            if let Some(remedy) = remedy {
                context.say(&phrase!("doctor-do", remedy = remedy.clone()))?;
            }
        }
    }
    Ok(report.outcome.exit())
}

fn examine(resolver: Option<SocketAddr>, context: &Context) -> Vec<CheckReport> {
    let settings = match context.settings() {
        Ok(settings) => settings,
        Err(error) => return configuration_faults(&error),
    };
    let mut checks = vec![CheckReport::ok(DoctorCheck::Configuration, place::provenance(&settings))];
    let exposed = store::exposed(&settings);
    let (keyring, opened) = (load_keyring(&settings.keys), Store::open(&settings.store));
    checks.push(match &keyring {
        Ok(keyring) => match opened.as_ref().map(|store| keys_missing(store, keyring)) {
            Ok(Ok(Some(missing))) => {
                let (words, remedy) = (missing.to_string(), missing.remedy());
                CheckReport::of(DoctorCheck::Keys, CheckOutcome::Error, words, remedy)
            }
            Ok(Err(error)) => CheckReport::failed(DoctorCheck::Keys, &error),
            Ok(Ok(None)) | Err(_) => place::keys(&settings, keyring),
        },
        Err(error) => CheckReport::failed(DoctorCheck::Keys, error),
    });
    checks.extend(place::space(&settings));
    checks.extend(place::files(&settings));
    checks.push(timekeeping::service());
    match (opened, keyring) {
        (Ok(store), Ok(keyring)) => {
            checks.push(store::whole(&store, exposed));
            checks.extend(of_the_store(&settings, &store, &keyring, context));
        }
        (store, keyring) => {
            let first = if keyring.is_err() { DoctorCheck::Keys } else { DoctorCheck::Store };
            checks.push(match store {
                Ok(store) => store::whole(&store, exposed),
                Err(error) => CheckReport::failed(DoctorCheck::Store, &error),
            });
            checks.extend(DoctorCheck::OF_THE_STORE.map(|check| CheckReport::unknown(check, first)));
        }
    }
    checks.extend(place::calendar(&settings));
    checks.extend(outside::look(&settings));
    checks.extend(known_to_the_world(resolver, &settings));
    checks
}

fn keys_missing(store: &Store, keyring: &Keyring) -> StoreResult<Option<KeysMissing>> {
    store.read_blocking(|db| keys_used::missing(db, &keyring.ids().collect::<Vec<_>>()))
}

/// What asks the DNS.
fn known_to_the_world(server: Option<SocketAddr>, settings: &Settings) -> Vec<CheckReport> {
    match server.map_or_else(DnsResolver::of_system, |server| Ok(DnsResolver::at(server))) {
        Ok(resolver) => dns::look(settings, &resolver),
        Err(why) => dns::no_resolver(settings, &why),
    }
}

/// What asks the store.
fn of_the_store(settings: &Settings, store: &Store, keyring: &Keyring, context: &Context) -> Vec<CheckReport> {
    let now = context.clock.now();
    let mut checks: Vec<CheckReport> = store::backup(settings, store, now).into_iter().collect();
    checks.extend(store::holds(settings, store, now));
    checks.extend(timekeeping::others(store, || context.clock.now()));
    checks.push(timekeeping::zones(settings, store, now));
    checks.extend(store::anchors(settings, store, keyring, now));
    checks.extend(store::letters(settings, store, keyring, now));
    checks.push(store::pages(settings, store, keyring, &context.clock));
    checks.extend(place::brand(settings));
    checks.extend(store::problems(context));
    checks
}

/// How a letter that came to a mailbox is signed.
fn delivered(letter: &Path) -> Vec<CheckReport> {
    let name = letter.display();
    let text = match std::fs::read(letter) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            let words = format!("`{name}` cannot be read: {error}");
            return vec![CheckReport::of(
                DoctorCheck::Dkim,
                CheckOutcome::Error,
                words,
                "name a letter that you saved",
            )];
        }
    };
    let Some(findings) = lint::signatures(&Document::new(name.to_string(), text)) else {
        let words = format!("`{name}` has come through no relay, so that it tells nothing of one");
        let remedy = "send one with `carillon mail test ADDRESS opening`, and save it from the mailbox as it came";
        return vec![CheckReport::of(DoctorCheck::Dkim, CheckOutcome::Warning, words, remedy)];
    };
    if findings.is_empty() {
        return vec![CheckReport::ok(DoctorCheck::Dkim, format!("`{name}` is signed with all that it should be"))];
    }
    findings.iter().map(|finding| found(DoctorCheck::Dkim, finding)).collect()
}

/// A configuration that cannot be used: without it there is nothing to look at.
fn configuration_faults(error: &anyhow::Error) -> Vec<CheckReport> {
    match error.downcast_ref::<ConfigError>() {
        Some(ConfigError::Invalid(findings)) => {
            findings.iter().map(|finding| found(DoctorCheck::Configuration, finding)).collect()
        }
        _ => vec![CheckReport::failed(DoctorCheck::Configuration, error.as_ref())],
    }
}

fn found(check: DoctorCheck, finding: &Finding) -> CheckReport {
    let outcome = match finding.severity {
        finding::Severity::Error => CheckOutcome::Error,
        finding::Severity::Warning => CheckOutcome::Warning,
        finding::Severity::Note => CheckOutcome::Ok,
    };
    let words = phrase!("doctor-at", place = Fact::text(&finding.place), words = finding.message.clone());
    CheckReport::of(check, outcome, words, finding.remedy.clone())
}

/// How well it is while a problem of this gravity stands.
fn outcome_with(severity: Severity) -> CheckOutcome {
    match severity {
        Severity::Warning => CheckOutcome::Warning,
        Severity::Critical => CheckOutcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CheckOutcome::{Error, Ok, Unknown, Warning};
    use super::*;
    use crate::language::InterfaceLanguage;
    use crate::phrase::is_known;

    #[test]
    fn the_name_of_every_check_is_known_in_french() {
        for check in DoctorCheck::ALL {
            assert!(is_known(check.title(), InterfaceLanguage::Fr), "{check:?}");
        }
        let names: BTreeSet<&str> = DoctorCheck::ALL.into_iter().map(DoctorCheck::title).collect();
        assert_eq!(names.len(), DoctorCheck::Problems as usize + 1, "all of them are in the list");
    }

    #[test]
    fn the_gravest_counts_and_ends_as_a_check_of_the_status_does() {
        let known = |outcome| CheckReport { outcome, ..CheckReport::ok(DoctorCheck::Store, "") };
        let exit =
            |found: &[CheckOutcome]| DoctorReport::of(found.iter().copied().map(known).collect()).outcome.exit() as u8;
        for (found, expected) in [
            (&[][..], 0),
            (&[Ok, Ok], 0),
            (&[Ok, Warning, Ok], 1),
            (&[Warning, Unknown], 3),
            (&[Unknown, Error, Warning], 2),
        ] {
            assert_eq!(exit(found), expected, "{found:?}");
        }
    }
}
