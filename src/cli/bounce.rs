//! `carillon bounce`: what comes back, read.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use super::exit::Exit;
use crate::bounce::{self, BounceTable, MOST_BYTES, Returned};

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
    }
}

/// The bytes of a message, as many as are looked at.
fn message(file: &Path) -> anyhow::Result<Vec<u8>> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).context("cannot read the standard input")?;
    } else {
        let opened = fs::File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        opened.take(most).read_to_end(&mut bytes).with_context(|| format!("cannot read `{}`", file.display()))?;
    }
    Ok(bytes)
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
            rows.extend(as_rows(&name, &returned, table));
        }
    }
    if args.json {
        context.json(&values)?;
    } else {
        context.table(["FILE", "KIND", "CLASS", "EFFECT", "STATUS", "CODE", "WHAT IT SAYS"], rows)?;
    }
    Ok(Exit::Done)
}

fn as_rows(name: &str, returned: &Returned, table: &BounceTable) -> Vec<[String; 7]> {
    let kind = returned.kind.to_string();
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
            row(one.class.as_str(), table.effect(one.class).as_str(), status, code, &one.said)
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
