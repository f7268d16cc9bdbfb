//! `carillon mail dkim-record`: what the DNS has to say so that the world can check the signatures of letters.

use serde::Serialize;

use super::{Context, Exit};
use crate::cli::exit::Failure;
use crate::config::DkimSettings;
use crate::phrase;

/// The arguments of `carillon mail dkim-record`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A record of the DNS.
#[derive(Debug, Serialize)]
struct DkimRecord {
    name: String,
    /// Its text, in one piece.
    text: String,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let Some(dkim) = &settings.mail.dkim else { return Err(Failure::refused(phrase!("dkim-not-signed"))) };
    if args.json {
        context.json(&records(dkim))?;
        return Ok(Exit::Done);
    }
    for key in &dkim.keys {
        context.line(format!("{}. IN TXT {}", dkim.name_of(key), key.key.record_in_zone()))?;
    }
    Ok(Exit::Done)
}

fn records(dkim: &DkimSettings) -> Vec<DkimRecord> {
    dkim.keys.iter().map(|key| DkimRecord { name: dkim.name_of(key), text: key.key.record() }).collect()
}
