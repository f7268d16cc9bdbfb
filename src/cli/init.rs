//! `carillon init`: everything that a shop needs to begin, in one folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::campaign::new::template;
use super::context::ConfigurationSource;
use super::exit::{Exit, Failure};
use super::{Context, restored};
use crate::config::{Settings, StoreUrl, create_keyring, sample};
use crate::db::{SchemaMismatch, Store, StoreError, clock};
use crate::files::create_private;
use crate::phrase;
use crate::phrase::{Fact, Phrase};

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
    let source = ConfigurationSource::at(configuration.clone());
    if configuration.exists() && is_begun(&source.settings()?)? {
        return Err(Failure::refused(phrase!("init-exists", file = Fact::text(configuration.display()))));
    }
    if folder.is_file() {
        return Err(Failure::refused(phrase!("init-a-file", file = Fact::text(folder.display()))));
    }
    for part in ["", "offers", "calendars"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).with_context(|| phrase!("cannot-make-folder", path = Fact::text(part.display())))?;
    }
    let campaign = folder.join("journees-magiques.toml");
    write_new(&folder.join("offers/bottines.csv"), PRICES)?;
    write_new(&folder.join("members.example.csv"), MEMBERS)?;
    let header = MEMBERS.lines().next().unwrap_or_default();
    write_new_private(&folder.join("members.csv"), &format!("{header}\n"))?;
    write_new(&campaign, template(context.language))?;
    write_new(&configuration, sample(context.language))?;
    let settings = source.settings()?;
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

/// Whether keys or a store were made for a configuration that is there already. One that a package or a person has put
/// there has neither. New keys are never made for a store that has lost its own.
fn is_begun(settings: &Settings) -> anyhow::Result<bool> {
    let keys = &settings.keys;
    if keys.try_exists().with_context(|| phrase!("cannot-read", path = Fact::text(keys.display())))? {
        return Ok(true);
    }
    match Store::open(&settings.store) {
        Ok(_) => Ok(true),
        Err(StoreError::Schema { mismatch: SchemaMismatch::Empty, .. }) => Ok(false),
        Err(_) if matches!(&settings.store, StoreUrl::Sqlite(file) if matches!(file.try_exists(), Ok(false))) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
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
    let made: [(String, Phrase); 7] = [
        (name("carillon.toml"), phrase!("init-configuration")),
        (name("journees-magiques.toml"), phrase!("init-campaign")),
        (name("offers/bottines.csv"), phrase!("init-prices")),
        (name("members.csv"), phrase!("init-members")),
        (name("members.example.csv"), phrase!("init-members-example")),
        (settings.keys.display().to_string(), phrase!("init-keys")),
        (settings.store.to_string(), phrase!("init-store")),
    ];
    for (file, what) in made {
        let what = context.words(&what);
        context.line(format!("{file}\n    {what}"))?;
    }
    context.note("")?;
    context.remark(&phrase!("init-next"))?;
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
