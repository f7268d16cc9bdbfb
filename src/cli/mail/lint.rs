//! `carillon mail lint`: what is wrong with the templates, or with finished messages.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{Context, Exit};
use crate::calendar::Market;
use crate::cli::calendar;
use crate::document::Document;
use crate::finding::{self, Finding};
use crate::mail::{Kind, lint};
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon mail lint`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Finished messages (.eml) to check, instead of the templates
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only the templates of this letter: announcement, opening, last-hours, confirmation or renewal
    #[arg(long, value_name = "KIND", conflicts_with = "files")]
    kind: Option<Kind>,
    /// A folder of templates to check, instead of the configured one
    #[arg(long, value_name = "FOLDER", conflicts_with = "files")]
    templates: Option<PathBuf>,
    /// A market as whose law the reserved words are read; may be given several times
    #[arg(long = "market", value_name = "MARKET", default_value = "FR")]
    markets: Vec<Market>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let json = args.json;
    let findings = find(args, context)?;
    if json {
        context.json(&findings)?;
        return Ok(if finding::has_error(&findings) { Exit::Refused } else { Exit::Done });
    }
    if findings.is_empty() {
        context.remark(&phrase!("lint-nothing"))?;
    }
    Ok(context.findings(&findings)?)
}

fn find(args: Args, context: &mut Context) -> anyhow::Result<Vec<Finding>> {
    let calendar = calendar::load(context)?;
    for market in &args.markets {
        calendar::known(&calendar, *market)?;
    }
    if args.files.is_empty() {
        let settings = if args.templates.is_some() { None } else { super::settings(context)? };
        return Ok(match super::templates(args.templates, settings.as_ref()) {
            Ok(set) => lint::templates(&set, args.kind, &args.markets),
            Err(findings) => findings,
        });
    }
    let mut findings = Vec::new();
    for path in args.files {
        let bytes = std::fs::read(&path).with_context(|| phrase!("cannot-read", path = Fact::text(path.display())))?;
        // A message may hold any bytes; what is not UTF-8 cannot be checked, and is not ours.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        findings.extend(lint::message(&Document::new(path.display().to_string(), text), &calendar, &args.markets));
    }
    Ok(findings)
}
