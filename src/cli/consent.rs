//! `carillon consent`: whether the ledger is whole, an anchor for it outside the store, and the proof of one consent.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{open, print};
use super::who::WhoArgs;
use crate::config::load_keyring;
use crate::db::ledger::FirstBad;
use crate::db::{Store, dossiers, ledger, members};
use crate::files::{open_private, read_text};
use crate::member::{ConsentState, Head, Keyring, Lifetime, Pseudonym, Sha256Digest};

/// What anchors are authenticated for, as a keyring sees it.
const PURPOSE: &str = "consent-anchor";

/// The arguments of `carillon consent`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Compute the chain of the ledger again, and say which line, if any, is not as it was written
    Verify(VerifyArgs),
    /// Add the end of the chain to a file outside the store, so that a later change of the whole ledger is noticed too
    Anchor(AnchorArgs),
    /// Show the proof of one person's consent: who agreed, when, how, and to which exact wording
    Prove(WhoArgs),
    /// Make the members' states and the suppression list again from the ledger, for example after the lifetime of
    /// consents was changed
    Rebuild(RebuildArgs),
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// Also hold the ledger against the anchors in this file
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct AnchorArgs {
    /// The file of anchors, best on another machine; a line is added to it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
struct RebuildArgs {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Verify(args) => verify(&args, context),
        Verb::Anchor(args) => anchor(&args, context),
        Verb::Prove(args) => prove(&args, context),
        Verb::Rebuild(args) => rebuild(&args, context),
    }
}

/// A line of a file of anchors.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor {
    seq: i64,
    hash: String,
    at: Timestamp,
    mac: String,
}

impl Anchor {
    fn of(head: Head, at: Timestamp, keyring: &Keyring) -> Self {
        let (hash, mac) = (head.hash.to_string(), String::new());
        let mut anchor = Self { seq: head.seq, hash, at, mac };
        let bytes = keyring.mac(PURPOSE, &anchor.parts().each_ref().map(String::as_bytes));
        anchor.mac = crate::member::hex::to_hex(&bytes);
        anchor
    }

    fn parts(&self) -> [String; 3] {
        [self.seq.to_string(), self.hash.clone(), self.at.to_string()]
    }

    fn is_ours(&self, keyring: &Keyring) -> bool {
        let parts = self.parts();
        crate::member::hex::from_hex::<16>(&self.mac)
            .is_some_and(|mac| keyring.is_mac(PURPOSE, &parts.each_ref().map(String::as_bytes), &mac))
    }
}

fn verify(args: &VerifyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let mut states: HashMap<Pseudonym, ConsentState> = HashMap::new();
    let checked = store.read_blocking(|db| {
        ledger::verify(db, |event| {
            let state = states.get(&event.what.subject).copied();
            let next =
                state.map_or_else(|| crate::member::replay([&event.what]), |state| Some(state.after(&event.what)));
            if let Some(next) = next {
                states.insert(event.what.subject, next);
            }
        })
    })?;
    let head = match checked {
        Ok(head) => head,
        Err(bad) => return broken(bad, args.json, context),
    };
    if let Some(file) = &args.anchor {
        let keyring = load_keyring(&settings.keys)?;
        if let Err(why) = hold_against(file, &store, &keyring)? {
            return refused(&why, args.json, context);
        }
    }
    let lifetime = Lifetime::months(settings.consent.lifetime_months);
    let strays = strays(&store, &states, lifetime)?;
    if strays > 0 {
        let why = format!(
            "the ledger is whole, but {strays} members' rows say something else; run `carillon consent rebuild`"
        );
        return refused(&why, args.json, context);
    }
    if args.json {
        context.json(&json!({ "whole": true, "seq": head.seq, "hash": head.hash, "members": states.len() }))?;
    } else {
        context.line(format!("whole: {} lines about {} people, up to {}", head.seq, states.len(), head.hash))?;
    }
    Ok(Exit::Done)
}

/// How many members' rows do not say what the ledger amounts to.
fn strays(store: &Store, states: &HashMap<Pseudonym, ConsentState>, lifetime: Lifetime) -> anyhow::Result<usize> {
    let (mut strays, mut after) = (0, 0);
    loop {
        let page = store.read_blocking(|db| members::list(db, None, after, 1_000))?;
        let Some(last) = page.last() else { return Ok(strays) };
        after = last.id;
        for member in &page {
            let kept = (member.consent, member.consent_since, member.expires_at);
            let follows = states
                .get(&member.pseudonym)
                .is_some_and(|state| kept == (state.consent, state.since, state.expires_at(lifetime)));
            strays += usize::from(!follows);
        }
    }
}

fn broken(bad: FirstBad, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if json {
        context.json(&json!({ "whole": false, "first_bad_seq": bad.seq, "why": bad.broken.to_string() }))?;
    } else {
        context.line(format!("broken at line {}: {}", bad.seq, bad.broken))?;
        context.note("compare with a backup of the store from before; until then trust no consent in it")?;
    }
    Ok(Exit::Refused)
}

fn refused(why: &str, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if json {
        context.json(&json!({ "whole": false, "why": why }))?;
    } else {
        context.line(why)?;
    }
    Ok(Exit::Refused)
}

/// Whether every anchor in `file` is ours and is still in the ledger; otherwise what is wrong.
fn hold_against(file: &Path, store: &Store, keyring: &Keyring) -> anyhow::Result<Result<(), String>> {
    let text = read_text(file)?.text;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{}:{}", file.display(), at + 1);
        let Some(anchor) = serde_json::from_str::<Anchor>(line).ok().filter(|anchor| anchor.is_ours(keyring)) else {
            return Ok(Err(format!("{place}: this anchor was not written with our keys")));
        };
        if anchor.seq == 0 {
            continue;
        }
        let kept = store.read_blocking(|db| ledger::hash_at(db, anchor.seq))?;
        let expected: Option<Sha256Digest> = anchor.hash.parse().ok();
        if kept != expected {
            let what = if kept.is_none() { "is missing from the ledger" } else { "is another one now" };
            return Ok(Err(format!("{place}: line {} of {} {what}", anchor.seq, anchor.at)));
        }
    }
    Ok(Ok(()))
}

fn anchor(args: &AnchorArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let head = match store.read_blocking(|db| ledger::verify(db, |_| {}))? {
        Ok(head) => head,
        Err(bad) => {
            return Err(Failure::refused(format!(
                "line {} of the ledger: {}; nothing was anchored",
                bad.seq, bad.broken
            )));
        }
    };
    let anchor = Anchor::of(head, context.clock.now(), &keyring);
    let line = serde_json::to_string(&anchor)?;
    let unwritable = || format!("cannot write `{}`", args.file.display());
    let mut file = open_private(&args.file, true).with_context(unwritable)?;
    file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all()).with_context(unwritable)?;
    context.line(format!("{} {}", anchor.seq, anchor.hash))?;
    Ok(Exit::Done)
}

fn prove(args: &WhoArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let mut proofs = Vec::new();
    for member in args.members(&store, &keyring)? {
        let mut dossier = store.read_blocking(|db| dossiers::of(db, &member))?;
        dossier.address = member.address.as_ref().map(ToString::to_string);
        dossier.mails.clear();
        proofs.push((member, dossier));
    }
    let checked = store.read_blocking(|db| ledger::verify(db, |_| {}))?;
    if args.json {
        let (whole, head) = (checked.is_ok(), checked.ok());
        let dossiers: Vec<_> = proofs.iter().map(|(_, dossier)| dossier).collect();
        context.json(&json!({ "ledger_is_whole": whole, "head": head, "proofs": dossiers }))?;
    } else {
        for (member, dossier) in &proofs {
            print(dossier, context)?;
            context.line(format!("\nfingerprint {} (key {})", member.fingerprint, member.fingerprint.key()))?;
            for event in &dossier.events {
                context.line(format!("line {}: {}", event.seq, event.hash))?;
            }
        }
        match &checked {
            Ok(head) => context.line(format!("the ledger is whole up to line {}, {}", head.seq, head.hash))?,
            Err(bad) => context.line(format!("the ledger is broken at line {}: {}", bad.seq, bad.broken))?,
        }
    }
    Ok(if checked.is_ok() { Exit::Done } else { Exit::Refused })
}

fn rebuild(args: &RebuildArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let lifetime = Lifetime::months(settings.consent.lifetime_months);
    if let Err(bad) = store.read_blocking(|db| ledger::verify(db, |_| {}))? {
        return broken(bad, args.json, context);
    }
    let changed = store.write_blocking(|db| members::rebuild(db, lifetime))?;
    if args.json {
        context.json(&json!({ "changed": changed }))?;
    } else {
        context.line(format!("{changed} members' rows said something else than the ledger"))?;
    }
    Ok(Exit::Done)
}
