//! `carillon mail`: the letters before they leave.

mod dkim;
mod gallery;
mod lint;
mod preview;
mod retry;
mod sample;
mod test;

pub(super) use sample::{For, SampleLetters, Writer, applied_letter};

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Context;
use super::deliveries;
use super::exit::Exit;
use crate::config::Settings;
use crate::finding::Finding;
use crate::mail::TemplateSet;
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon mail`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write letters to files, as members would receive them, and a page that shows them all
    Preview(preview::Args),
    /// Send one sample letter to yourself through the configured transport
    Test(test::Args),
    /// Check the templates, or finished messages
    Lint(lint::Args),
    /// Print what the DNS has to say for the signatures of letters to be checked, where they are signed here
    DkimRecord(dkim::Args),
    /// List deliveries, by state, with what the relay said
    Queue(deliveries::QueueArgs),
    /// Account for every delivery of every mailing
    Report(deliveries::ReportArgs),
    /// Resume a stopped mailing, and try deferred or refused deliveries again
    Retry(retry::Args),
    /// Say what became of deliveries in doubt, or set aside what a restored store has forgotten
    Resolve(deliveries::ResolveArgs),
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Preview(args) => preview::run(args, context),
        Verb::Test(args) => test::run(args, context),
        Verb::Lint(args) => lint::run(args, context),
        Verb::DkimRecord(args) => dkim::run(args, context),
        Verb::Queue(args) => deliveries::queue(args, context),
        Verb::Report(args) => deliveries::report(args, context),
        Verb::Retry(args) => retry::run(args, context),
        Verb::Resolve(args) => deliveries::resolve(args, context),
    }
}

/// The settings, or none where there is no configuration yet: letters can be looked at before a shop is set up.
fn settings(context: &mut Context) -> anyhow::Result<Option<Settings>> {
    let settings = context.settings_if_any()?;
    if settings.is_none() {
        let path = Fact::text(context.config_path.display());
        context.remark(&phrase!("mail-example-shop", path = path))?;
    }
    Ok(settings)
}

/// The folder asked for, else the configured one, else the built-in templates alone.
fn templates(asked: Option<PathBuf>, settings: Option<&Settings>) -> Result<TemplateSet, Vec<Finding>> {
    let configured = settings.and_then(|settings| settings.mail.templates.clone());
    TemplateSet::load(asked.or(configured).as_deref().map(Path::new))
}
