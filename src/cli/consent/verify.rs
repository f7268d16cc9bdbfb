//! `carillon consent verify`: whether the ledger is as it was written, and whether everything beside it follows from it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::member::open_with_any_keys;
use crate::counted::{counted, people};
use crate::db::anchors::{Compared, LedgerAnchors};
use crate::db::departed::LeftByRecord;
use crate::db::departures::DeparturesFile;
use crate::db::keys_used;
use crate::db::ledger::{self, FirstBad, RemovedLines};
use crate::db::proof::{self, Found};
use crate::member::{Head, Lifetime, Mismatch};
use crate::phrase::Fact;

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// Compare the ledger with the anchors in this file as well: a copy on another machine, for example
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a verification came to.
#[derive(Serialize)]
struct Verified {
    whole: bool,
    /// The end of the chain, when it is whole.
    #[serde(flatten)]
    head: Option<Head>,
    /// How many people the ledger is about.
    members: Option<u64>,
    /// The lines of which only a stub is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<RemovedLines>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad_seq: Option<i64>,
    mismatches: Vec<MismatchCount>,
}

/// One kind of thing that does not match.
#[derive(Serialize)]
struct MismatchCount {
    kind: Mismatch,
    what: &'static str,
    count: u64,
    examples: Vec<String>,
    remedy: &'static str,
}

/// `consent verify`.
pub(super) fn run(args: &VerifyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open_with_any_keys(context)?;
    let lifetime = Lifetime::months(settings.consent.lifetime_months);
    let (one_machine, now) = (store.is_one_machines(), context.clock.now());
    // On a machine that shares the store and writes no anchors, the file of another one is named.
    let own = one_machine || args.anchor.is_none() || settings.anchors.exists();
    let named = own.then_some(None).into_iter().chain(args.anchor.as_deref().map(Some));
    let anchors =
        named.map(|named| LedgerAnchors::new(&settings.anchors, named, &keyring)).collect::<Result<Vec<_>, _>>()?;
    let record = DeparturesFile::new(&settings.departures);
    let (mut found, mut notes) = (Found::default(), Vec::new());
    let (chain, members, removed) = store.snapshot_blocking(|db| {
        let missing = keys_used::missing(db, &keyring.ids().collect::<Vec<_>>())?;
        if let Some(missing) = &missing {
            found.add(Mismatch::Key, missing.to_string());
        }
        let chain = ledger::verify(db, &keyring)?;
        if let Err(bad) = &chain {
            found.add(Mismatch::Ledger, format!("line {}: {}", bad.seq, bad.broken));
        }
        // Without its key a line of the file proves nothing, and says nothing against the file.
        for file in anchors.iter().filter(|_| missing.is_none()) {
            let Compared { wrong, note, .. } = file.compare(db, one_machine, now)?;
            notes.extend(note);
            for (mismatch, said) in wrong {
                found.add(mismatch, said);
            }
        }
        match LeftByRecord::of(db, &record)? {
            Ok(left) => left.verify(db, &mut found)?,
            Err(wrong) => found.add(Mismatch::DeparturesFile, wrong),
        }
        // What follows from a ledger that was changed proves nothing.
        let (members, removed) = match &chain {
            Ok(_) => (Some(proof::verify(db, &keyring, lifetime, &mut found)?), ledger::removed(db)?),
            Err(_) => (None, None),
        };
        Ok((chain, members, removed))
    })?;
    for note in notes {
        context.hint(note)?;
    }
    print(args.json, &found, chain, (members, removed), context)
}

fn print(
    json: bool,
    found: &Found,
    chain: Result<Head, FirstBad>,
    (members, removed): (Option<u64>, Option<RemovedLines>),
    context: &mut Context,
) -> anyhow::Result<Exit> {
    let kinds = found.iter().map(|(kind, count, examples)| MismatchCount {
        kind,
        what: kind.words(),
        count,
        examples: examples.to_vec(),
        remedy: kind.remedy(),
    });
    let verified = Verified {
        whole: found.is_empty(),
        head: chain.ok(),
        members,
        removed,
        first_bad_seq: chain.err().map(|bad| bad.seq),
        mismatches: kinds.collect(),
    };
    if json {
        context.json(&verified)?;
    } else {
        print_for_people(&verified, context)?;
    }
    Ok(if verified.whole { Exit::Done } else { Exit::Refused })
}

fn print_for_people(verified: &Verified, context: &mut Context) -> anyhow::Result<()> {
    if let (true, Some(head), Some(members)) = (verified.whole, verified.head, verified.members) {
        let (lines, members) = (counted(head.seq.unsigned_abs(), "line"), people(members));
        context.tell(format!("whole: {lines} about {members}, up to {}", head.hash))?;
        return Ok(verified.removed.map_or(Ok(()), |removed| context.tell(removed.words()))?);
    }
    context.tell("not whole:")?;
    for MismatchCount { what, count, examples, .. } in &verified.mismatches {
        let what = context.written(Fact::english(what));
        context.line(format!("{what} ({count})"))?;
        for example in examples {
            context.tell(format!("    {example}"))?;
        }
        match count.saturating_sub(examples.len() as u64) {
            0 => {}
            more => context.tell(format!("    and {more} more"))?,
        }
    }
    if verified.members.is_none() {
        context.hint("what is beside the ledger was not looked at: it is held against the ledger")?;
    }
    let remedies: BTreeSet<&str> = verified.mismatches.iter().map(|kind| kind.remedy).collect();
    for remedy in remedies {
        context.hint(remedy)?;
    }
    Ok(())
}
