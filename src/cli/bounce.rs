//! `carillon bounce`: what comes back, read.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::{Context, terms};
use crate::bounce::{self, BounceTable, MOST_BYTES, Returned};
use crate::config::load_keyring;
use crate::db::intake::{Intake, Taken};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// The arguments of `carillon bounce`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say what messages are that came back, and what would follow; needs no store and changes nothing
    Classify(ClassifyArgs),
    /// Take in a message that came back, from a mail server's pipe or a file
    ///
    /// A complaint and a mail to the unsubscribe address end a consent at once. What a report of undelivered mail says is kept,
    /// and the daemon decides what follows. Ends with 0 whatever the message is, and with 75 when it could not be taken in.
    Ingest(IngestArgs),
}

#[derive(Debug, clap::Args)]
struct IngestArgs {
    /// The message, or `-` to read it from the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The address that the message came to, where the mail server says it: `${recipient}` of Postfix
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ClassifyArgs {
    /// Messages, or `-` to read one from the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Classify(args) => classify(&args, context),
        // Whatever is wrong here will be mended one day: the mail server is to keep the message until then.
        Verb::Ingest(args) => ingest(&args, context).map_err(later),
    }
}

/// The bytes of a message, as many as are looked at.
fn message(file: &Path) -> anyhow::Result<Vec<u8>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).context("cannot read the standard input")?;
    } else {
        let opened = fs::File::open(file).with_context(|| phrase!("cannot-read", path = Fact::text(file.display())))?;
        opened
            .take(most)
            .read_to_end(&mut bytes)
            .with_context(|| phrase!("cannot-read", path = Fact::text(file.display())))?;
    }
    Ok(bytes)
}

fn later(error: anyhow::Error) -> anyhow::Error {
    let message = error.chain().map(ToString::to_string).collect::<Vec<_>>().join("; because: ");
    Failure { exit: Exit::TryLater, message: message.into() }.into()
}

fn ingest(args: &IngestArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let bytes = message(&args.file)?;
    let (settings, store) = context.open_store()?;
    let intake = Intake::of(&settings, &store, load_keyring(&settings.keys)?);
    let returned = bounce::read(&bytes, args.recipient.as_deref(), BounceTable::built_in());
    let taken = intake.take_blocking(&returned, context.clock.now())?;
    if args.json {
        context.json(&taken)?;
    } else {
        context.say(&words(taken))?;
    }
    Ok(Exit::Done)
}

/// What became of a message, for people.
fn words(taken: Taken) -> Phrase {
    match taken {
        Taken::Nothing { kind } => phrase!("bounce-nothing", kind = terms::returned_kind(kind)),
        Taken::NotOurs { kind } => phrase!("bounce-not-ours", kind = terms::returned_kind(kind)),
        Taken::TooOld => phrase!("bounce-too-old"),
        Taken::Kept { class } => phrase!("bounce-kept", class = terms::bounce_class(class)),
        Taken::Known { class } => phrase!("bounce-known", class = terms::bounce_class(class)),
        Taken::SignUpEnded => phrase!("bounce-sign-up-ended"),
        Taken::SignUpUnwanted => phrase!("bounce-sign-up-unwanted"),
        Taken::Left { cause } => phrase!("bounce-left", cause = terms::cause(cause)),
    }
}

fn classify(args: &ClassifyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let table = BounceTable::built_in();
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for file in &args.files {
        let returned = bounce::read(&message(file)?, None, table);
        let name = file.display().to_string();
        if args.json {
            values.push(as_json(&name, &returned, table));
        } else {
            rows.extend(as_rows(&name, &returned, table, context));
        }
    }
    if args.json {
        context.json(&values)?;
    } else {
        let header = [
            phrase!("column-file"),
            phrase!("column-kind"),
            phrase!("column-class"),
            phrase!("column-effect"),
            phrase!("column-status"),
            phrase!("column-code"),
            phrase!("column-it-says"),
        ];
        context.table(header, rows)?;
    }
    Ok(Exit::Done)
}

fn as_rows(name: &str, returned: &Returned, table: &BounceTable, context: &Context) -> Vec<[String; 7]> {
    let kind = context.words(&terms::returned_kind(returned.kind));
    let row = |class: &str, effect: &str, status: String, code: String, said: &str| {
        [
            name.to_owned(),
            kind.clone(),
            class.to_owned(),
            effect.to_owned(),
            status,
            code,
            said.chars().take(80).collect(),
        ]
    };
    if returned.recipients.is_empty() {
        return vec![row("", "", String::new(), String::new(), "")];
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    returned
        .recipients
        .iter()
        .map(|one| {
            let status = text(one.status.map(|status| status.to_string()));
            let code = text(one.code.map(|code| code.to_string()));
            let class = context.words(&terms::bounce_class(one.class));
            let effect = context.words(&terms::bounce_effect(table.effect(one.class)));
            row(&class, &effect, status, code, &one.said)
        })
        .collect()
}

fn as_json(name: &str, returned: &Returned, table: &BounceTable) -> Value {
    let recipients: Vec<Value> = returned
        .recipients
        .iter()
        .map(|one| {
            json!({
                "class": one.class,
                "effect": table.effect(one.class),
                "status": one.status,
                "code": one.code,
                "said": one.said,
            })
        })
        .collect();
    json!({ "file": name, "kind": returned.kind, "recipients": recipients })
}
