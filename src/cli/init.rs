//! `carillon init`: everything that a shop needs to begin, in one folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::exit::{Exit, Failure};
use super::{Context, restored};
use crate::config::{Overrides, SAMPLE, Settings, create_keyring};
use crate::db::{Store, clock};
use crate::files::create_private;

const CAMPAIGN: &str = include_str!("../../config/campaigns/journees-magiques.toml");
const MEMBERS: &str = include_str!("../../config/examples/members.csv");
const PRICES: &str = include_str!("../../config/examples/bottines.csv");

/// The arguments of `carillon init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to set up; it is created if need be
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let folder = &args.folder;
    let configuration = folder.join("carillon.toml");
    if configuration.exists() {
        return Err(Failure::refused(format!(
            "`{}` exists already; nothing was changed. Name another folder to start afresh",
            configuration.display()
        )));
    }
    if folder.is_file() {
        return Err(Failure::refused(format!("`{}` is a file; name a folder", folder.display())));
    }
    for part in ["", "offers", "calendars"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).with_context(|| format!("the folder `{}` cannot be made", part.display()))?;
    }
    let campaign = folder.join("journees-magiques.toml");
    write_new(&folder.join("offers/bottines.csv"), PRICES)?;
    write_new(&folder.join("members.example.csv"), MEMBERS)?;
    let header = MEMBERS.lines().next().unwrap_or_default();
    write_new_private(&folder.join("members.csv"), &format!("{header}\n"))?;
    write_new(&campaign, CAMPAIGN)?;
    write_new(&configuration, SAMPLE)?;
    let settings = Settings::load(&configuration, &Overrides::default())?;
    if !settings.keys.exists() {
        create_keyring(&settings.keys)?;
    }
    let (store, _) = Store::migrate(&settings.store)?;
    let now = context.clock.now();
    store.write_blocking(|db| clock::pin(db, now))?;
    restored::begin(&settings, &store, context)?;
    tell(context, folder, &settings)?;
    Ok(Exit::Done)
}

/// Writes a file that is not there yet; one that a person already has stays as it is.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    write(fs::File::options().write(true).create_new(true).open(path), text)
}

/// The same for a file that will hold people.
fn write_new_private(path: &Path, text: &str) -> anyhow::Result<()> {
    write(create_private(path), text)
}

fn write(new: std::io::Result<fs::File>, text: &str) -> anyhow::Result<()> {
    match new {
        Ok(mut file) => Ok(file.write_all(text.as_bytes())?),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn tell(context: &mut Context, folder: &Path, settings: &Settings) -> anyhow::Result<()> {
    let name = |file: &str| folder.join(file).display().to_string();
    for (file, what) in [
        (name("carillon.toml"), "the configuration, explained line by line: begin with [shop]"),
        (name("journees-magiques.toml"), "a first campaign to edit"),
        (name("offers/bottines.csv"), "its prices"),
        (name("members.csv"), "your members go here, each with the evidence of the consent; there is nobody in it yet"),
        (name("members.example.csv"), "what such a file looks like"),
        (settings.keys.display().to_string(), "the keys: back them up apart from the store, never lose them"),
        (settings.store.to_string(), "the store, empty"),
    ] {
        context.line(format!("{file}\n    {what}"))?;
    }
    context.note("")?;
    context.note("Next, in that folder:")?;
    for command in [
        "carillon campaign check journees-magiques.toml",
        "carillon campaign plan  journees-magiques.toml",
        "carillon campaign apply journees-magiques.toml",
        "carillon member import members.csv",
        "carillon run",
    ] {
        context.note(format!("    {command}"))?;
    }
    Ok(())
}
