//! `carillon gate`: what is open, and the signed schedule file for a CDN.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::civil::DateTime;
use jiff::{Timestamp, ZonedDateTime};
use serde::{Serialize, Serializer};
use serde_json::json;

use super::exit::{Exit, Failure};
use super::{Context, terms};
use crate::config::{Settings, load_keyring};
use crate::db::gates;
use crate::files::replace_public;
use crate::gate::{self, Answer, FILE_NAME, Gate, KEYS_NAME, ScheduleClaims, ScheduleSigner};
use crate::http::schedule_policy;
use crate::keys::jws::KeySet;
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::text::Slug;

/// The arguments of `carillon gate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say which sales are open, now or at any instant
    Show(ShowArgs),
    /// Write the schedule of all public gates as a signed file, for a web server or a CDN
    ///
    /// Two files are written: `gates.jwt`, a JSON Web Signature over every window, and `jwks.json`, the set of public keys that
    /// shops check it with. A daemon writes the same by itself: see `folder` in `[gate]`.
    Export(ExportArgs),
    /// Check that a schedule file is genuine and still valid
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The campaign; all campaigns when left out
    slug: Option<Slug>,
    /// The instant to ask about: `2027-01-02T08:00` on the campaign's own clocks, or with an offset such as `Z`
    #[arg(long, value_name = "INSTANT")]
    at: Option<Moment>,
    /// Print what shops read, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// The folder to write to; it is created if need be. The one of `[gate]` when left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// The schedule file
    file: PathBuf,
    /// The set of public keys, as `jwks.json`; this shop's own when left out
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
}

/// An instant as a person types it.
#[derive(Clone, Debug)]
enum Moment {
    /// With an offset or a zone.
    Instant(Timestamp),
    /// As clocks at the campaign's place show it.
    Civil(DateTime),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let zoned = || text.parse::<ZonedDateTime>().map(|zoned| zoned.timestamp());
        if let Ok(instant) = text.parse::<Timestamp>().or_else(|_| zoned()) {
            return Ok(Self::Instant(instant));
        }
        text.parse().map(Self::Civil).map_err(|_| {
            "expected a date and time such as `2027-01-02T08:00`, `2027-01-02T07:00:00Z` or \
             `2027-01-02T08:00[Europe/Paris]`"
                .to_owned()
        })
    }
}

impl Moment {
    /// The instant, on the clocks of `gate`.
    fn at(&self, gate: &Gate) -> anyhow::Result<Timestamp> {
        match self {
            Self::Instant(instant) => Ok(*instant),
            Self::Civil(civil) => {
                gate.time_zone().to_ambiguous_timestamp(*civil).unambiguous().map_err(|_| {
                    Failure::usage(phrase!("gate-no-moment", civil = Fact::text(civil), zone = &gate.zone))
                })
            }
        }
    }
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Show(args) => show(args, context),
        Verb::Export(args) => export(&args, context),
        Verb::Verify(args) => verify(&args, context),
    }
}

/// What a gate answers, and the instant that the answer is about.
#[derive(Serialize)]
struct ShownGate {
    #[serde(flatten)]
    answer: Answer,
    #[serde(serialize_with = "in_millis")]
    at: Timestamp,
}

fn in_millis<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&gate::text(*at))
}

fn show(args: ShowArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let gates = match &args.slug {
        None => store.read_blocking(gates::list)?,
        Some(slug) => vec![
            store
                .read_blocking(|db| gates::find(db, slug))?
                .ok_or_else(|| Failure::refused(phrase!("gate-unknown", slug = Fact::text(slug))))?,
        ],
    };
    let now = context.clock.now();
    let shown = |gate: &Gate| {
        let at = args.at.as_ref().map_or(Ok(now), |moment| moment.at(gate))?;
        Ok(ShownGate { answer: gate::answer(gate, at), at })
    };
    let answers = gates.iter().map(shown).collect::<anyhow::Result<Vec<ShownGate>>>()?;
    if args.json {
        match answers.first() {
            Some(answer) if args.slug.is_some() => context.json(answer)?,
            _ => context.json(&answers)?,
        }
        return Ok(Exit::Done);
    }
    if answers.is_empty() {
        context.remark(&phrase!("gates-none"))?;
        return Ok(Exit::Done);
    }
    let rows = gates.iter().zip(&answers).map(|(gate, answer)| row(gate, answer, context)).collect();
    let header = [
        phrase!("column-campaign"),
        phrase!("column-gate"),
        phrase!("column-opens"),
        phrase!("column-closes"),
        phrase!("column-next-change"),
    ];
    context.table(header, rows)?;
    Ok(Exit::Done)
}

fn row(gate: &Gate, shown: &ShownGate, context: &Context) -> [String; 5] {
    let ShownGate { answer, at } = shown;
    let stage = context.words(&terms::stage(gate::stage(gate, *at)));
    let local = |instant: Timestamp| {
        let exact = instant.to_zoned_datetime(gate.time_zone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string();
        context.words(&phrase!("gate-moment", exact = exact, at = Fact::moment(instant, &gate.time_zone())))
    };
    let next = answer.next_change_at.map_or_else(|| context.words(&phrase!("gate-no-change")), local);
    [answer.slug.to_string(), stage, local(answer.opens_at), local(answer.closes_at), next]
}

fn signer(settings: &Settings) -> anyhow::Result<ScheduleSigner> {
    Ok(ScheduleSigner::new(&load_keyring(&settings.keys)?, schedule_policy(settings))?)
}

fn export(args: &ExportArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let folder = args.out.as_ref().or(settings.gate.folder.as_ref());
    let folder = folder.ok_or_else(|| Failure::usage(phrase!("gate-no-folder")))?;
    let (signer, now) = (signer(&settings)?, context.clock.now());
    let (listed, all) = store.read_blocking(|db| Ok((gates::listed(db)?, gates::list(db)?)))?;
    let schedule = signer.sign(&listed, now)?;
    let mut written = Vec::new();
    // The keys first: there is no moment at which the key of the file is missing.
    for (name, content) in [(KEYS_NAME, &signer.keys(now)?.to_json()?), (FILE_NAME, &schedule.file)] {
        let path = folder.join(name);
        replace_public(&path, content.as_bytes())
            .with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
        written.push(path.display().to_string());
    }
    let claims = &schedule.claims;
    if args.json {
        let (valid_until, next) = (gate::text(claims.exp), claims.next_change_at.map(gate::text));
        context.json(&json!({ "files": written, "valid_until": valid_until, "next_change_at": next }))?;
    } else {
        for path in written {
            context.line(path)?;
        }
    }
    context.remark(&summary(claims))?;
    let mut unlisted = all.iter().filter(|gate| !gate.is_listed(now)).peekable();
    if unlisted.peek().is_some() {
        let slugs = Fact::texts(unlisted.map(|gate| format!("`{}`", gate.slug)));
        context.remark(&phrase!("gate-unlisted", campaigns = slugs))?;
    }
    Ok(Exit::Done)
}

fn summary(claims: &ScheduleClaims) -> Phrase {
    let (gates, until) = (claims.gates.len(), gate::text(claims.exp));
    match claims.next_change_at {
        Some(at) => phrase!("gate-file-changes", gates = gates, next = gate::text(at), until = until),
        None => phrase!("gate-file", gates = gates, until = until),
    }
}

fn verify(args: &VerifyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (file, now) = (Fact::text(args.file.display()), context.clock.now());
    let keys = match &args.jwks {
        None => signer(&context.settings()?)?.keys(now)?,
        Some(path) => KeySet::from_json(&read(path)?).map_err(|error| {
            Failure::refused(phrase!(
                "gate-key-unusable",
                path = Fact::text(path.display()),
                why = Fact::english(error)
            ))
        })?,
    };
    let claims = gate::read_schedule(&read(&args.file)?, &keys).map_err(|error| {
        Failure::refused(phrase!("gate-file-false", file = file.clone(), why = Fact::english(error)))
    })?;
    if now >= claims.exp {
        let until = gate::text(claims.exp);
        return Err(Failure::refused(phrase!("gate-file-old", file = file, until = until)));
    }
    if now < claims.nbf {
        let from = gate::text(claims.nbf);
        return Err(Failure::refused(phrase!("gate-file-early", file = file, from = from)));
    }
    context.say(&phrase!("gate-file-genuine", file = file, summary = summary(&claims)))?;
    Ok(Exit::Done)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| phrase!("cannot-read", path = Fact::text(path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
