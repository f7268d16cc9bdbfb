//! `carillon keys`: which keys there are, and a new one in front of them.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::Context;
use super::exit::{Exit, Failure};
use super::run::locks;
use crate::config::{Settings, load_keyring, replace_keyring};
use crate::counted::counted;
use crate::daemon::Presence;
use crate::db::{Store, keys_used};
use crate::keys::{KeyId, Keyring};

/// The arguments of `carillon keys`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the ids of the keys, the current one first
    List(KeyListArgs),
    /// Make a new key the current one. What was made with the older ones goes on working; none is removed
    Rotate,
}

#[derive(Debug, clap::Args)]
struct KeyListArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::List(args) => list(&args, context),
        Verb::Rotate => rotate(context),
    }
}

fn list(args: &KeyListArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let keyring = load_keyring(&settings.keys)?;
    let ids: Vec<String> = keyring.ids().map(|id| id.to_string()).collect();
    if args.json {
        context.json(&json!({ "current": ids.first(), "older": ids.get(1..) }))?;
        return tell_missing(&settings, &keyring, context);
    }
    for (at, id) in ids.iter().enumerate() {
        context.tell(format!("{id}{}", if at == 0 { "  current" } else { "" }))?;
    }
    tell_missing(&settings, &keyring, context)
}

/// Says which keys the store was used with and the file lacks, where there is a store that can be asked.
fn tell_missing(settings: &Settings, keyring: &Keyring, context: &mut Context) -> anyhow::Result<Exit> {
    let Ok(store) = Store::open(&settings.store) else { return Ok(Exit::Done) };
    let held: Vec<KeyId> = keyring.ids().collect();
    let Some(missing) = store.read_blocking(|db| keys_used::missing(db, &held))? else { return Ok(Exit::Done) };
    context.hint(missing.to_string())?;
    context.hint(missing.remedy())?;
    Ok(Exit::Refused)
}

/// A daemon keeps the keys that it was started with, so none may run: it would not know what is made with the new one.
fn rotate(context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let (locks, now) = (locks(&settings, &store), context.clock.now());
    if store.read_blocking(|db| Presence::of(db, &locks, now))?.running {
        return Err(Failure::refused(
            "a daemon runs, and it would not know what is made with a new key; stop it first: `systemctl stop carillon`",
        ));
    }
    let before = load_keyring(&settings.keys)?;
    if let Some(missing) = keys_used::admit_to(&store, &before)? {
        return Err(Failure::refused(format!("nothing was changed: {missing}; {}", missing.remedy())));
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).context("cannot draw random numbers")?;
    let keyring = before.with_new(secret, now);
    replace_keyring(&settings.keys, &keyring)?;
    context.tell(format!("{}  current", keyring.current()))?;
    let older = counted(keyring.ids().count() as u64 - 1, "older key");
    let file = settings.keys.display();
    context.hint(format!(
        "{older} kept in `{file}`. Back this file up now, and copy it to every machine that has a daemon on this store. Those \
         who keep a copy of `jwks.json` need the new one: `carillon gate export --out DIR` writes it. Those who fetch it, and \
         those who check your anchors, need nothing: the old key stays beside the new one while its files may be valid, and in \
         the file of anchors it vouches for the new one"
    ))?;
    Ok(Exit::Done)
}
