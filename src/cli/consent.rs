//! `carillon consent`: whether the ledger is whole, an anchor for it outside the store, and the proof of one consent.

mod anchor;
mod page;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{letters_of, open, print};
use super::who::{PersonKnown, WhoArgs};
use crate::config::Settings;
use crate::counted::counted;
use crate::db::anchors::{AnchorFinding, Compared, LedgerAnchors};
use crate::db::departed::LeftByRecord;
use crate::db::departures::DeparturesFile;
use crate::db::dossiers::{self, Dossier};
use crate::db::leaving::Leaving;
use crate::db::ledger::{self, FirstBad, RemovedLines};
use crate::db::members::Member;
use crate::db::sign_up_dossiers::WaitingSignUp;
use crate::db::{Store, proof};
use crate::files::create_private;
use crate::keys::{Keyring, VerifyingKey};
use crate::member::anchor::{LedgerAnchor, PURPOSE};
use crate::member::{Head, Lifetime, Mismatch};
use crate::phrase;
use crate::phrase::Fact;
use crate::text::InterfaceLanguage;
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
    /// The language of the page that `--page` writes; the person's own when left out, as far as there are pages in it
    #[arg(long, value_name = "LANGUAGE", requires = "page")]
    language: Option<InterfaceLanguage>,
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
        // Read once, however many are named: who leaves meanwhile is in the rows that are read after it.
        let left = store.snapshot_blocking(|db| LeftByRecord::of(db, &record))?;
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
                match &left {
                    Ok(left) if left.is_forgotten(db, member.fingerprint)? => mismatches.push(Mismatch::Departure),
                    Ok(left) if left.is_unrecorded(db, member.fingerprint)? => mismatches.push(Mismatch::Unrecorded),
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

/// The ledger as a whole: the chain, and what is kept about it outside the store.
struct LedgerSeen {
    /// The end of the chain, or the first line that is not as it was written.
    chain: Result<Head, FirstBad>,
    /// The lines of which only a stub is there.
    removed: Option<RemovedLines>,
    /// What the anchors say against it, and what is wrong with their file. The latest lines may wait for the next anchor.
    against: Vec<AnchorFinding>,
    /// The file of anchors, and the first anchor in it that covers everything about the people, if there is one.
    anchor: Option<(PathBuf, LedgerAnchor)>,
}

impl LedgerSeen {
    fn of(
        settings: &Settings,
        store: &Store,
        keyring: &Keyring,
        proofs: &[Proof],
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let anchors = LedgerAnchors::new(&settings.anchors, None, keyring)?;
        let one_machine = store.is_one_machines();
        // A machine that shares the store may write no anchors.
        let here = one_machine || settings.anchors.exists();
        let (chain, removed, compared) = store.snapshot_blocking(|db| {
            let compared = if here { anchors.compare(db, one_machine, now)? } else { Compared::default() };
            Ok((ledger::verify(db, keyring)?, ledger::removed(db)?, compared))
        })?;
        let last = proofs.iter().flat_map(|proof| &proof.dossier.events).map(|event| event.seq).max();
        let anchor =
            last.and_then(|last| compared.covering(last)).map(|anchor| (anchors.path().to_owned(), anchor.clone()));
        let mut against = compared.wrong;
        against.retain(|(mismatch, _)| *mismatch != Mismatch::Unanchored);
        Ok(Self { removed: removed.filter(|_| chain.is_ok()), chain, against, anchor })
    }

    fn is_whole(&self) -> bool {
        self.chain.is_ok() && self.against.is_empty()
    }
}

fn prove(args: &ProveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let found = PeopleProved::of(&args.who, &store, &keyring, &settings)?;
    let PeopleProved { proofs, sign_ups } = &found;
    let ledger = LedgerSeen::of(&settings, &store, &keyring, proofs, context.clock.now())?;
    let proved = sign_ups.is_empty() && !proofs.is_empty();
    let holds = proved && ledger.is_whole() && proofs.iter().all(|proof| proof.mismatches.is_empty());
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
            language: args.language.unwrap_or_else(|| {
                proofs.first().map_or(InterfaceLanguage::Fr, |proof| proof.member.language.interface())
            }),
            shop: &settings.shop,
            zone: settings.zone(),
            now: context.clock.now(),
            chain: ledger.chain,
            removed: ledger.removed,
            anchor: ledger.anchor,
            against: ledger.against.iter().map(|(mismatch, _)| *mismatch).collect(),
            keys: VerifyingKey::all(&keyring, PURPOSE)?,
        };
        write_page(file, &page::render(proofs, &around)?, context)?;
    } else if args.who.json {
        context.json(&found.as_json(&ledger, holds))?;
    } else {
        found.print(&ledger, context)?;
    }
    Ok(if holds { Exit::Done } else { Exit::Refused })
}

impl PeopleProved {
    fn as_json(&self, ledger: &LedgerSeen, holds: bool) -> serde_json::Value {
        let Self { proofs, sign_ups } = self;
        let mismatches: Vec<_> = proofs.iter().map(|proof| &proof.mismatches).collect();
        let dossiers: Vec<_> = proofs.iter().map(|proof| &proof.dossier).collect();
        let against: Vec<_> = ledger.against.iter().map(|(kind, said)| json!({ "kind": kind, "said": said })).collect();
        json!({
            "holds": holds,
            "ledger_is_whole": ledger.chain.is_ok(),
            "head": ledger.chain.as_ref().ok(),
            "first_bad_seq": ledger.chain.as_ref().err().map(|bad| bad.seq),
            "removed": ledger.removed,
            "against_anchors": against,
            "anchor": ledger.anchor.as_ref().map(|(path, anchor)| json!({
                "file": path,
                "at": anchor.at,
                "line": anchor.to_string(),
            })),
            "mismatches": mismatches,
            "proofs": dossiers,
            "sign_ups": sign_ups,
        })
    }

    fn print(&self, ledger: &LedgerSeen, context: &mut Context) -> anyhow::Result<()> {
        // First, so that nobody reads on and takes it for a proof.
        if let Err(bad) = &ledger.chain {
            context.tell(format!("NO PROOF: the ledger is broken at line {}: {}\n", bad.seq, bad.broken))?;
        }
        for (mismatch, said) in &ledger.against {
            context.tell(format!("NO PROOF: {}: {said} ({})\n", mismatch.words(), mismatch.remedy()))?;
        }
        for sign_up in &self.sign_ups {
            context.tell(format!(
                "NO PROOF: {} has not agreed: a sign-up of {} waits for its confirmation until {}; letters: {}\n",
                sign_up.address,
                sign_up.requested_at,
                sign_up.expires_at,
                letters_of(sign_up)
            ))?;
        }
        for proof in &self.proofs {
            print_proof(proof, ledger.removed.is_some(), context)?;
        }
        let Ok(head) = &ledger.chain else { return Ok(()) };
        context.tell(format!("the ledger is whole up to line {}, {}", head.seq, head.hash))?;
        if let Some(removed) = ledger.removed {
            context.tell(removed.words())?;
        }
        if let Some((path, anchor)) = &ledger.anchor {
            let (path, at, number) = (path.display(), anchor.at, anchor.number);
            context.tell(format!("covered by anchor {number} of {at} in `{path}`"))?;
        }
        Ok(())
    }
}

fn write_page(file: &Path, page: &str, context: &mut Context) -> anyhow::Result<()> {
    let mut new = create_private(file).map_err(|why| match why.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::refused(format!("`{}` is there already; name another file", file.display()))
        }
        _ => anyhow::Error::new(why).context(phrase!("cannot-write", path = Fact::text(file.display()))),
    })?;
    new.write_all(page.as_bytes())
        .and_then(|()| new.sync_all())
        .with_context(|| phrase!("cannot-write", path = Fact::text(file.display())))?;
    context.hint(format!(
        "`{}` is written. This is personal data: hand it to nobody else than it is for",
        file.display()
    ))?;
    Ok(())
}

fn print_proof(proof: &Proof, removed: bool, context: &mut Context) -> anyhow::Result<()> {
    let Proof { member, dossier, mismatches } = proof;
    for mismatch in mismatches {
        context.tell(format!("NO PROOF: {} ({})", mismatch.words(), mismatch.remedy()))?;
    }
    print(dossier, context)?;
    if removed && !dossier.names_a_consent() {
        context.tell("\nno line of the ledger is about a consent of this person: there was none, or its proof has served its time")?;
    }
    context.tell(format!("\nfingerprint {} (key {})", member.fingerprint, member.fingerprint.key()))?;
    for event in &dossier.events {
        let what = &event.what;
        context.tell(format!("line {}: {}", event.seq, event.hash))?;
        let (wording, link) = (what.text_version, what.token_fp);
        for (name, value) in [
            ("wording", wording.map(|digest| digest.to_string())),
            ("form", what.form_version.clone()),
            ("letter", what.mail_ref.clone()),
            ("link", link.map(|digest| digest.to_string())),
        ] {
            if let Some(value) = value {
                context.tell(format!("  {name:<8} {value}"))?;
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
        context.tell(format!("{rows} of the members said something else than the ledger"))?;
    }
    Ok(Exit::Done)
}
