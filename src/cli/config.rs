//! `carillon config check`: whether the configuration can be used, as `carillon run` reads it; and where each setting is from.

use clap::Subcommand;
use serde_json::json;

use super::Context;
use super::exit::Exit;
use crate::calendar::Calendar;
use crate::config::{ConfigError, SettingOrigin, SettingShown, Settings, calendar_overrides, settings_shown};
use crate::finding::Finding;
use crate::http;
use crate::mail::TemplateSet;
use crate::phrase;

/// The arguments of `carillon config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say what is wrong in the configuration, in the words in which the daemon would refuse it
    ///
    /// Reads the templates, the pages and the calendar overrides, too. Changes nothing, and asks neither the store nor the network; `carillon doctor` does. Ends with 0 when the configuration can
    /// be used, and with 2 when it cannot.
    Check {
        /// Print every setting and where it is from: a line of the file, the environment, or nowhere, so that what is usual holds
        #[arg(long)]
        show: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Check { show, json } => check(show, json, context),
    }
}

/// What is wrong in the files that the settings name and a daemon reads with them: calendar overrides, templates of letters, and pages.
pub(super) fn unusable_files(settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let overrides = calendar_overrides(&settings.calendars)?;
    let mut findings = Calendar::built_in().with_overrides(&overrides).err().unwrap_or_default();
    findings.extend(TemplateSet::load(settings.mail.templates.as_deref()).err().unwrap_or_default());
    findings.extend(http::unusable_pages(settings)?);
    Ok(findings)
}

fn check(show: bool, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let source = context.configuration_source();
    let settings = source.settings()?;
    let unusable = unusable_files(&settings)?;
    if !unusable.is_empty() {
        return Err(ConfigError::Invalid(unusable).into());
    }
    let shown = if show { Some(settings_shown(&settings, &source.overrides())?) } else { None };
    let file = settings.path.display().to_string();
    if json {
        context.json(&json!({ "file": file, "usable": true, "settings": shown }))?;
        return Ok(Exit::Done);
    }
    let Some(shown) = shown else {
        context.say(&phrase!("config-usable", file = file))?;
        return Ok(Exit::Done);
    };
    let rows = shown
        .into_iter()
        .map(|SettingShown { key, value, from }| {
            let from = match from {
                SettingOrigin::File { line } => format!("{file}:{line}"),
                SettingOrigin::Environment { variable } => variable.to_owned(),
                SettingOrigin::Usual => context.words(&phrase!("config-usual")),
            };
            [key, value, from]
        })
        .collect();
    let header = [phrase!("column-setting"), phrase!("column-value"), phrase!("column-from")];
    context.table(header, rows)?;
    Ok(Exit::Done)
}
