//! `carillon consent anchor` and what others need to check anchors: the public key, and a check that asks for nothing else.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::member::open;
use crate::config::load_keyring;
use crate::counted::counted;
use crate::db::anchors::{AnchorError, LedgerAnchors};
use crate::keys::VerifyingKey;
use crate::member::anchor::{AnchorsRead, PURPOSE};
use crate::phrase;
use crate::phrase::Fact;

#[derive(Debug, clap::Args)]
pub(super) struct AnchorArgs {
    /// The file of anchors, which a line is added to; when left out, the one of the configuration, to which the daemon adds
    /// one each day
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Begin another file when the one that the store knows is lost. What it proved is lost with it
    #[arg(long)]
    begin_anew: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckAnchorsArgs {
    /// The file of anchors
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public keys, as `carillon consent public-key` prints them
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `consent anchor`.
pub(super) fn run(args: &AnchorArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let anchors = LedgerAnchors::new(&settings.anchors, args.file.as_deref(), &keyring)?;
    let anchor = anchors.append(&store, context.clock.now(), args.begin_anew).map_err(|error| match error {
        AnchorError::Store(error) => error.into(),
        AnchorError::Unwritable { .. } => anyhow::Error::from(error),
        error => Failure::refused(format!("{error}. {}", capitalised(error.remedy()))),
    })?;
    context.line(format!("{} {}", anchor.head.seq, anchor.head.hash))?;
    Ok(Exit::Done)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `consent public-key`: the current one first, then those of older keys, which signed older anchors.
pub(super) fn public_key(context: &mut Context) -> anyhow::Result<Exit> {
    let keyring = load_keyring(&context.settings()?.keys)?;
    for key in VerifyingKey::all(&keyring, PURPOSE)? {
        context.line(key.to_pem().trim_end())?;
    }
    Ok(Exit::Done)
}

/// `consent check-anchors`: needs neither the store nor the keys.
pub(super) fn check(args: &CheckAnchorsArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).with_context(|| phrase!("cannot-read", path = Fact::text(path.display())))?;
        anyhow::Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let keys = VerifyingKey::all_from_pem(&read(&args.public_key)?).map_err(|error| {
        let path = args.public_key.display();
        Failure::refused(format!("`{path}`: {error}; `carillon consent public-key` prints the public keys"))
    })?;
    let found = AnchorsRead::of(&read(&args.file)?, &keys);
    let path = args.file.display();
    let mut wrong: Vec<String> = found.faults.iter().map(|(line, fault)| format!("{path}:{line}: {fault}")).collect();
    if found.anchors.is_empty() && wrong.is_empty() {
        wrong.push(format!("{path}: there is no anchor in it, so it says nothing about the ledger"));
    }
    let last = found.last();
    if args.json {
        context.json(&json!({
            "whole": wrong.is_empty(),
            "anchors": found.anchors.len(),
            "last": last.map(|last| json!({ "seq": last.head.seq, "hash": last.head.hash, "at": last.at })),
            "faults": wrong,
        }))?;
    } else {
        for fault in &wrong {
            context.tell(fault)?;
        }
        if let (Some(last), true) = (last, wrong.is_empty()) {
            let anchors = counted(found.anchors.len() as u64, "anchor");
            context.tell(format!(
                "{anchors}, all good; at {} the ledger ended with line {} {}",
                last.at, last.head.seq, last.head.hash
            ))?;
        }
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Refused })
}
