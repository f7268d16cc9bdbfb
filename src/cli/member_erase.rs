//! `carillon member erase`: a person's address is destroyed, here and in everything that this program wrote.

use anyhow::Context as _;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{Ended, open};
use super::who::WhoArgs;
use crate::config::StoreUrl;
use crate::counted::{counted, counted_as};
use crate::db::leaving::{Leave, Leaver, Leaving};
use crate::db::{Db, Store, StoreError, signups};
use crate::member::{Cause, Fingerprint, Method, Pseudonym};
use crate::sending::traces::{AddressTraces, TracesGone};

/// The arguments of `carillon member erase`.
#[derive(Debug, clap::Args)]
pub(super) struct EraseArgs {
    #[command(flatten)]
    people: WhoArgs,
    /// Confirm: an erasure cannot be undone
    #[arg(long)]
    yes: bool,
}

/// What an erasure came to.
#[derive(Serialize)]
struct Erased {
    #[serde(flatten)]
    ended: Ended,
    /// Sign-ups that nobody had confirmed.
    sign_ups: usize,
    /// Letters in the outbox that were removed.
    letters: usize,
    /// Wordings that quoted an address, which is taken out of them.
    wordings: usize,
    /// What the program cannot reach, in words.
    beyond: Vec<String>,
    /// What is left and should not be, in words.
    left: Vec<String>,
}

pub(super) fn run(args: &EraseArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let (found, mut addresses) = args.people.members_and_addresses(&store, &keyring)?;
    if !args.yes {
        let count = found.len().max(addresses.len());
        let count = counted_as(count as u64, "address", "addresses");
        return Err(Failure::refused(format!(
            "this destroys {count} for good; say `--yes` when that is what the person asked for"
        )));
    }
    let method = Method::Staff(context.who.clone());
    let now = context.clock.now();
    let leave = Leave { cause: Cause::Erased, method, at: now };
    let leaving = Leaving::of(&settings, &store);
    addresses.extend(found.iter().filter_map(|member| member.address.clone()));
    let waiting = store.read_blocking(|db| {
        let mut waiting: Vec<Fingerprint> = Vec::new();
        for address in &addresses {
            waiting.extend(signups::fingerprints_of(db, &Fingerprint::all(&keyring, address), address)?);
        }
        Ok(waiting)
    })?;
    let known = |print: &Fingerprint| found.iter().any(|member| member.fingerprint == *print);
    let mut leavers: Vec<Leaver> = found.iter().map(|member| Leaver::Member(member.pseudonym)).collect();
    // Who only signed up leaves as everybody does: a backup of the store has the sign-up, and must be told.
    for fingerprint in waiting.iter().filter(|print| !known(print)) {
        let mut random = [0; 16];
        getrandom::fill(&mut random).context("cannot draw random numbers")?;
        leavers.push(Leaver::Address { fingerprints: vec![*fingerprint], fresh: Pseudonym::from_random(random) });
    }
    let mut ended = Ended::default();
    for leaver in &leavers {
        for ending in leaving.erase_all_blocking(std::slice::from_ref(leaver), &leave, &context.who)? {
            ended.count(ending);
        }
    }
    // One that was made while the others were let out goes as well.
    store.write_blocking(|db| {
        let forget = |db: &mut Db, address| signups::forget(db, &Fingerprint::all(&keyring, address), Some(address));
        addresses.iter().try_for_each(|address| forget(db, address).map(drop))
    })?;
    let sign_ups = waiting.len();
    let TracesGone { wordings, letters } =
        AddressTraces::of(&settings, &store, &keyring).remove_blocking(&addresses, now)?;
    let left = scrub(&store)?;
    let erased = Erased { ended, sign_ups, letters, wordings, beyond: beyond(&store), left };
    erased.print(args.people.json, context)
}

/// Overwrites what nothing points to any more. Says what could not be.
fn scrub(store: &Store) -> anyhow::Result<Vec<String>> {
    let words = match store.url() {
        StoreUrl::Sqlite(_) => {
            "the address is erased, but its bytes are still in the store's write-ahead log, because another process is \
             reading the store; run the same command again"
        }
        StoreUrl::Postgres(_) => {
            "the address is erased, but its bytes are still in the table's file, because other sessions keep the table; run \
             the same command again"
        }
    };
    match store.rewrite_blocking() {
        Err(StoreError::Busy) => Ok(vec![words.to_owned()]),
        outcome => Ok(outcome.map(|()| Vec::new())?),
    }
}

/// What this command cannot reach, and until when.
fn beyond(store: &Store) -> Vec<String> {
    let mut beyond = vec![
        "backups of the store hold the address until you delete them; a restored one is told of the erasure".to_owned(),
        "the relay's logs and queues hold it as long as the relay keeps them".to_owned(),
        "files that you imported, and those of rejected or unread lines beside them, are yours to delete".to_owned(),
    ];
    if matches!(store.url(), StoreUrl::Postgres(_)) {
        beyond.push(
            "PostgreSQL's write-ahead log (`pg_wal`) holds it until the segments of today are recycled and written over, some \
             checkpoints later; archived segments and replication slots hold it as long as they are kept"
                .to_owned(),
        );
    }
    beyond
}

impl Erased {
    fn print(&self, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
        if json {
            context.json(self)?;
        } else {
            context.say(&self.ended.erased())?;
            if self.sign_ups > 0 {
                context
                    .tell(format!("{} deleted that nobody had confirmed", counted(self.sign_ups as u64, "sign-up")))?;
            }
            if self.letters > 0 {
                context.tell(format!("{} removed from the outbox", counted(self.letters as u64, "letter")))?;
            }
            if self.wordings > 0 {
                context.tell(format!(
                    "{} quoted an address, which is taken out; the ledger's digests are those of the texts as they were shown",
                    counted(self.wordings as u64, "wording")
                ))?;
            }
            for words in &self.beyond {
                context.tell(format!("not reached: {words}"))?;
            }
        }
        for words in &self.left {
            context.hint(format!("error: {words}"))?;
        }
        Ok(if self.left.is_empty() { self.ended.exit() } else { Exit::Unreachable })
    }
}
