//! `carillon consent`: whether the ledger is whole, an anchor for it outside the store, and the proof of one consent.

mod anchor;
mod page;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{letters_of, open, print};
use super::who::{PersonKnown, WhoArgs};
use crate::config::Settings;
use crate::counted::counted;
use crate::db::anchors::{Compared, LedgerAnchors};
use crate::db::departed::LeftByRecord;
use crate::db::departures::DeparturesFile;
use crate::db::dossiers::{self, Dossier};
use crate::db::leaving::Leaving;
use crate::db::members::Member;
use crate::db::sign_up_dossiers::WaitingSignUp;
use crate::db::{Store, ledger, proof};
use crate::files::create_private;
use crate::keys::{Keyring, VerifyingKey};
use crate::member::anchor::{LedgerAnchor, PURPOSE};
use crate::member::{Lifetime, Mismatch};
use crate::text::Language;
use page::Around;

/// The arguments of `carillon consent`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Recompute the chain of the ledger, compare the wordings, the members and the suppression list with it, and report
    /// what does not match
    Verify(verify::VerifyArgs),
    /// Write the end of the chain to a file outside the store, so that even a change of the whole ledger would be noticed
    Anchor(anchor::AnchorArgs),
    /// Print the public keys that anchors are checked with; give them to whoever is to check
    PublicKey,
    /// Check a file of anchors with the public keys alone, without the store: on any machine, by anybody
    CheckAnchors(anchor::CheckAnchorsArgs),
    /// Show the proof of one person's consent: who agreed, when, how, and to which exact wording
    Prove(ProveArgs),
    /// Rebuild the members' states and the suppression list from the ledger, for example after the lifetime of consents was
    /// changed
    Rebuild(RebuildArgs),
}

#[derive(Debug, clap::Args)]
struct ProveArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// Write the proof as a page to read, print or hand over (HTML, one file, for its owner's eyes) instead of printing it
    #[arg(long, value_name = "FILE.html", conflicts_with = "json")]
    page: Option<PathBuf>,
    /// The language of the page that `--page` writes; the person's own when left out
    #[arg(long, value_name = "LANGUAGE", requires = "page")]
    language: Option<Language>,
}

#[derive(Debug, clap::Args)]
struct RebuildArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Verify(args) => verify::run(&args, context),
        Verb::Anchor(args) => anchor::run(&args, context),
        Verb::PublicKey => anchor::public_key(context),
        Verb::CheckAnchors(args) => anchor::check(&args, context),
        Verb::Prove(args) => prove(&args, context),
        Verb::Rebuild(args) => rebuild(&args, context),
    }
}

/// What the store holds about one person, and what in it does not follow from the ledger, or from what is kept outside the
/// store.
struct Proof {
    member: Member,
    dossier: Dossier,
    mismatches: Vec<Mismatch>,
}

/// What there is about the people named: proofs of consents, and sign-ups of people who have given none.
#[derive(Default)]
struct PeopleProved {
    proofs: Vec<Proof>,
    sign_ups: Vec<WaitingSignUp>,
}

impl PeopleProved {
    fn of(args: &WhoArgs, store: &Store, keyring: &Keyring, settings: &Settings) -> anyhow::Result<Self> {
        let lifetime = Lifetime::months(settings.consent.lifetime_months);
        let record = DeparturesFile::new(&settings.departures);
        let mut found = Self::default();
        for person in args.people(store, keyring)? {
            let Some(member) = person.member.clone() else {
                let sign_up = PersonKnown::masked(person).sign_up;
                found.sign_ups.push(sign_up.ok_or_else(|| Failure::refused("nobody has agreed with this address"))?);
                continue;
            };
            // Both at one instant.
            let (mut dossier, mut mismatches) = store.snapshot_blocking(|db| {
                let mut mismatches = proof::of_member(db, &member, keyring, lifetime)?;
                match LeftByRecord::of(db, &record)? {
                    Ok(left) if left.is_forgotten(db, member.fingerprint)? => mismatches.push(Mismatch::Departure),
                    Ok(_) => {}
                    Err(_) => mismatches.push(Mismatch::DeparturesFile),
                }
                Ok((dossiers::of(db, &member, keyring)?, mismatches))
            })?;
            dossier.address = member.address.as_ref().map(ToString::to_string);
            dossier.mails.clear();
            dossier.came_back.clear();
            mismatches.extend(dossier.wordings_in_doubt.values());
            found.proofs.push(Proof { member, dossier, mismatches });
        }
        Ok(found)
    }
}

fn prove(args: &ProveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let PeopleProved { proofs, sign_ups } = PeopleProved::of(&args.who, &store, &keyring, &settings)?;
    let anchors = LedgerAnchors::new(&settings.anchors, None, &keyring)?;
    let (one_machine, now) = (store.is_one_machines(), context.clock.now());
    // A machine that shares the store may write no anchors.
    let here = one_machine || settings.anchors.exists();
    let (checked, removed, compared) = store.snapshot_blocking(|db| {
        let compared = if here { anchors.compare(db, one_machine, now)? } else { Compared::default() };
        Ok((ledger::verify(db, &keyring)?, ledger::removed(db)?, compared))
    })?;
    let removed = removed.filter(|_| checked.is_ok());
    let proved = sign_ups.is_empty() && !proofs.is_empty();
    let agrees = checked.is_ok() && compared.agrees();
    let holds = proved && agrees && proofs.iter().all(|proof| proof.mismatches.is_empty());
    let anchored = anchored(&anchors, &compared, &proofs);
    // The latest lines may wait for the next anchor.
    let against: Vec<_> = compared.wrong.iter().filter(|(mismatch, _)| *mismatch != Mismatch::Unanchored).collect();
    if let Some(file) = &args.page {
        if !proved {
            let message = "nobody has agreed yet: the sign-up waits for its confirmation; `carillon member show ADDRESS` tells how it stands";
            return Err(Failure::refused(message));
        }
        if proofs.len() > 1 {
            // It is handed to the person concerned, who has no business with the others.
            let message = "a page is about one person, and several are named; write a page for each";
            return Err(Failure::usage(message));
        }
        let around = Around {
            language: args
                .language
                .unwrap_or_else(|| proofs.first().map_or(Language::Fr, |proof| proof.member.language)),
            shop: &settings.shop,
            zone: settings.zone(),
            now: context.clock.now(),
            chain: checked,
            removed,
            anchor: anchored,
            against: against.iter().map(|(mismatch, _)| *mismatch).collect(),
            keys: VerifyingKey::all(&keyring, PURPOSE)?,
        };
        write_page(file, &page::render(&proofs, &around)?, context)?;
        return Ok(if holds { Exit::Done } else { Exit::Refused });
    }
    if args.who.json {
        let (whole, head) = (checked.is_ok(), checked.ok());
        let mismatches: Vec<_> = proofs.iter().map(|proof| &proof.mismatches).collect();
        let dossiers: Vec<_> = proofs.iter().map(|proof| &proof.dossier).collect();
        let first_bad_seq = checked.err().map(|bad| bad.seq);
        context.json(&json!({
            "holds": holds,
            "ledger_is_whole": whole,
            "head": head,
            "first_bad_seq": first_bad_seq,
            "removed": removed,
            "against_anchors": against.iter().map(|(kind, said)| json!({ "kind": kind, "said": said })).collect::<Vec<_>>(),
            "anchor": anchored.as_ref().map(|(path, anchor)| json!({
                "file": path,
                "at": anchor.at,
                "line": anchor.to_string(),
            })),
            "mismatches": mismatches,
            "proofs": dossiers,
            "sign_ups": sign_ups,
        }))?;
        return Ok(if holds { Exit::Done } else { Exit::Refused });
    }
    // First, so that nobody reads on and takes it for a proof.
    if let Err(bad) = &checked {
        context.line(format!("NO PROOF: the ledger is broken at line {}: {}\n", bad.seq, bad.broken))?;
    }
    for (mismatch, said) in &against {
        context.line(format!("NO PROOF: {}: {said} ({})\n", mismatch.words(), mismatch.remedy()))?;
    }
    for sign_up in &sign_ups {
        context.line(format!(
            "NO PROOF: {} has not agreed: a sign-up of {} waits for its confirmation until {}; letters: {}\n",
            sign_up.address,
            sign_up.requested_at,
            sign_up.expires_at,
            letters_of(sign_up)
        ))?;
    }
    for proof in &proofs {
        print_proof(proof, removed.is_some(), context)?;
    }
    if let Ok(head) = &checked {
        context.line(format!("the ledger is whole up to line {}, {}", head.seq, head.hash))?;
        if let Some(removed) = removed {
            context.line(removed.words())?;
        }
        if let Some((path, anchor)) = &anchored {
            let (path, at, number) = (path.display(), anchor.at, anchor.number);
            context.line(format!("covered by anchor {number} of {at} in `{path}`"))?;
        }
    }
    Ok(if holds { Exit::Done } else { Exit::Refused })
}

/// The file of anchors, and the first anchor in it that covers everything about these people, if there is one.
fn anchored(anchors: &LedgerAnchors, compared: &Compared, proofs: &[Proof]) -> Option<(PathBuf, LedgerAnchor)> {
    let last = proofs.iter().flat_map(|proof| &proof.dossier.events).map(|event| event.seq).max()?;
    Some((anchors.path().to_owned(), compared.covering(last)?.clone()))
}

fn write_page(file: &Path, page: &str, context: &mut Context) -> anyhow::Result<()> {
    let mut new = create_private(file).map_err(|why| match why.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::refused(format!("`{}` is there already; name another file", file.display()))
        }
        _ => anyhow::Error::new(why).context(format!("cannot write `{}`", file.display())),
    })?;
    new.write_all(page.as_bytes())
        .and_then(|()| new.sync_all())
        .with_context(|| format!("cannot write `{}`", file.display()))?;
    context.note(format!(
        "`{}` is written. This is personal data: hand it to nobody else than it is for",
        file.display()
    ))?;
    Ok(())
}

fn print_proof(proof: &Proof, removed: bool, context: &mut Context) -> anyhow::Result<()> {
    let Proof { member, dossier, mismatches } = proof;
    for mismatch in mismatches {
        context.line(format!("NO PROOF: {} ({})", mismatch.words(), mismatch.remedy()))?;
    }
    print(dossier, context)?;
    if removed && !dossier.names_a_consent() {
        context.line("\nno line of the ledger is about a consent of this person: there was none, or its proof has served its time")?;
    }
    context.line(format!("\nfingerprint {} (key {})", member.fingerprint, member.fingerprint.key()))?;
    for event in &dossier.events {
        let what = &event.what;
        context.line(format!("line {}: {}", event.seq, event.hash))?;
        let (wording, link) = (what.text_version, what.token_fp);
        for (name, value) in [
            ("wording", wording.map(|digest| digest.to_string())),
            ("form", what.form_version.clone()),
            ("letter", what.mail_ref.clone()),
            ("link", link.map(|digest| digest.to_string())),
        ] {
            if let Some(value) = value {
                context.line(format!("  {name:<8} {value}"))?;
            }
        }
    }
    Ok(())
}

fn rebuild(args: &RebuildArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let lifetime = Lifetime::months(settings.consent.lifetime_months);
    if let Err(bad) = store.snapshot_blocking(|db| ledger::verify(db, &keyring))? {
        return Err(Failure::refused(format!(
            "line {} of the ledger: {}; nothing was made from it. Compare with a backup of the store from before",
            bad.seq, bad.broken
        )));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("cannot draw random numbers")?;
    let changed = Leaving::of(&settings, &store).rebuild_blocking(lifetime, seed, context.clock.now())?;
    if args.json {
        context.json(&json!({ "changed": changed }))?;
    } else {
        let rows = counted(changed as u64, "row");
        context.line(format!("{rows} of the members said something else than the ledger"))?;
    }
    Ok(Exit::Done)
}
