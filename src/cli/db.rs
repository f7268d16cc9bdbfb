//! `carillon db`: set up and look after the store.

use std::path::PathBuf;

use clap::Subcommand;

use super::exit::{Exit, Failure};
use super::put_back::{done_elsewhere, put_back};
use super::{Context, restored};
use crate::config::load_keyring;
use crate::db::{Store, backups, clock, keys_used};
use crate::keys::KeyId;

/// The arguments of `carillon db`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create the store, or bring its schema up to date
    Migrate,
    /// Copy a store in SQLite consistently, also while the daemon runs. Keep the keys apart from the copy
    Backup {
        /// The file to write; it must not exist yet
        #[arg(value_name = "FILE", required_unless_present = "made_elsewhere")]
        file: Option<PathBuf>,
        /// Say that a backup was made by other means, such as `pg_dump`: `carillon doctor` tells how old the latest one is
        #[arg(long, conflicts_with = "file")]
        made_elsewhere: bool,
    },
    /// Put a backup in the place of a store in SQLite, take in who left since, and have mailings wait for a person's answer
    Restore {
        /// The backup, as `db backup` has made it. It is only read
        #[arg(value_name = "FILE", required_unless_present = "done_elsewhere")]
        file: Option<PathBuf>,
        /// Put it back also where a store is. What is there is kept beside it
        #[arg(long, conflicts_with = "done_elsewhere")]
        yes: bool,
        /// Say that a backup was put back by other means, such as `pg_restore`, and do the rest
        #[arg(long, conflicts_with = "file")]
        done_elsewhere: bool,
    },
    /// Check that the store is whole and that this program may use it
    Check,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Migrate => migrate(context),
        Verb::Backup { file: Some(file), .. } => backup(file, context),
        // The command line has one or the other.
        Verb::Backup { file: None, .. } => made_elsewhere(context),
        Verb::Restore { file: Some(file), yes, .. } => put_back(&file, yes, context),
        Verb::Restore { file: None, .. } => done_elsewhere(context),
        Verb::Check => check(context),
    }
}

fn migrate(context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let (store, ran) = Store::migrate(&settings.store)?;
    let now = context.clock.now();
    store.write_blocking(|db| clock::pin(db, now))?;
    restored::begin(&settings, &store, context)?;
    if ran.is_empty() {
        context.hint(format!("`{}` is up to date", settings.store))?;
    }
    for migration in ran {
        context.line(migration)?;
    }
    Ok(Exit::Done)
}

fn backup(file: PathBuf, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    if file.exists() {
        return Err(Failure::refused(format!("`{}` is there already; name another file", file.display())));
    }
    if !store.back_up_blocking(&file)? {
        return Err(Failure::refused("the store is on PostgreSQL: back it up with `pg_dump`"));
    }
    context.line(file.display())?;
    let now = context.clock.now();
    if let Err(error) = store.write_blocking(|db| backups::note(db, now)) {
        context.hint(format!("the copy is whole; that it was made could not be noted in the store: {error}"))?;
    }
    Ok(Exit::Done)
}

/// Others made it; it is noted, so that somebody sees when no more are made.
fn made_elsewhere(context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let now = context.clock.now();
    store.write_blocking(|db| backups::note(db, now))?;
    context.hint("noted; `carillon doctor` says when it is too old")?;
    Ok(Exit::Done)
}

fn check(context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let faults = store.faults_blocking()?;
    let missing = match load_keyring(&settings.keys) {
        Ok(keyring) => {
            let held: Vec<KeyId> = keyring.ids().collect();
            store.read_blocking(|db| keys_used::missing(db, &held))?
        }
        // Whether the keys can be read is not asked here.
        Err(_) => None,
    };
    if faults.is_empty() {
        context.tell(format!("`{}` is whole", settings.store))?;
        if missing.is_none() {
            return Ok(Exit::Done);
        }
    }
    for fault in faults {
        context.tell(fault)?;
    }
    if let Some(missing) = missing {
        context.tell(missing.to_string())?;
        context.tell(missing.remedy())?;
    }
    Ok(Exit::Refused)
}
