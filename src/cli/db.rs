//! `carillon db`: set up and look after the store.

use clap::Subcommand;

use super::Context;
use super::exit::Exit;
use crate::db::Store;

/// The arguments of `carillon db`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make the store, or bring its schema up to date
    Migrate,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Migrate => migrate(context),
    }
}

fn migrate(context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let (_, ran) = Store::migrate(&settings.store)?;
    if ran.is_empty() {
        context.note(format!("`{}` is up to date", settings.store))?;
    }
    for migration in ran {
        context.line(migration)?;
    }
    Ok(Exit::Done)
}
