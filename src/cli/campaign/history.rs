//! `campaign history` and `revert`: what was applied, version by version, and an earlier file written again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::copy::write_new;
use super::show::unknown;
use super::{HistoryArgs, RevertArgs};
use crate::campaign::{Change, Plan};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns::{self, AppliedCampaign, CampaignVersion};
use crate::db::{Store, StoreResult};
use crate::phrase;
use crate::phrase::Fact;
use crate::text::Slug;

/// A version, and how it differs from the one before it, for programs.
#[derive(Serialize)]
struct ShownVersion<'a> {
    #[serde(flatten)]
    version: &'a CampaignVersion,
    /// None of the first version that is known.
    changes: Option<Vec<Change>>,
}

/// A campaign with its versions, the first first.
fn read(store: &Store, slug: &Slug) -> anyhow::Result<(AppliedCampaign, Vec<CampaignVersion>)> {
    let found = store.read_blocking(|db| -> StoreResult<_> {
        let Some(campaign) = campaigns::find(db, slug)? else { return Ok(None) };
        let versions = campaigns::versions(db, campaign.id)?;
        Ok(Some((campaign, versions)))
    })?;
    match found {
        Some(found) => Ok(found),
        None => Err(unknown(store, slug)?),
    }
}

/// `campaign history`.
pub(super) fn history(args: &HistoryArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (campaign, versions) = read(&store, &args.slug)?;
    let before = std::iter::once(None).chain(versions.iter().map(Some));
    let plans: Vec<(&CampaignVersion, Option<Plan>)> = versions
        .iter()
        .zip(before)
        .map(|(version, before)| {
            let plan = before.map(|before| Plan::between(Some(&before.schedule), &version.schedule));
            (version, plan)
        })
        .collect();
    if args.json {
        let shown: Vec<ShownVersion<'_>> = plans
            .into_iter()
            .map(|(version, plan)| ShownVersion { version, changes: plan.map(|plan| plan.changes) })
            .collect();
        context.json(&shown)?;
        return Ok(Exit::Done);
    }
    let zone = campaign.schedule.time_zone();
    let at = |at: Timestamp| Fact::moment(at, &zone);
    if let Some(first) = versions.first().filter(|first| first.revision > 1) {
        context.say(&phrase!("history-not-kept", revision = Fact::text(first.revision)))?;
    }
    for (version, plan) in &plans {
        let CampaignVersion { revision, source_name, applied_at, applied_by, .. } = version;
        context.say(&phrase!(
            "history-version",
            revision = Fact::text(revision),
            at = at(*applied_at),
            who = applied_by,
            file = source_name
        ))?;
        if let Some(who) = &version.approved_by {
            context.indented(&phrase!("history-approved", who = who.as_str()))?;
        }
        match plan {
            None => {}
            Some(plan) if plan.is_empty() => context.indented(&phrase!("history-same"))?,
            Some(plan) => {
                for (before, line) in plan.lines().into_iter().skip(1) {
                    let words = context.words(&line);
                    context.line(format_args!("{before}{words}"))?;
                }
            }
        }
    }
    if let Some(cancelled_at) = campaign.cancelled_at {
        context.say(&phrase!("show-cancelled", at = at(cancelled_at)))?;
    }
    Ok(Exit::Done)
}

/// `campaign revert`: writes the file back, and applies nothing.
pub(super) fn revert(args: &RevertArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (campaign, versions) = read(&store, &args.slug)?;
    let Some(version) = versions.iter().find(|version| version.revision == args.to) else {
        let known = Fact::texts(versions.iter().map(|version| version.revision));
        return Err(Failure::refused(phrase!(
            "revert-unknown",
            slug = Fact::text(&args.slug),
            revision = Fact::text(args.to),
            known = known
        )));
    };
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(&campaign.source_name));
    let shown = path.display().to_string();
    match (&args.out, on_disk(&path)?) {
        (_, None) | (Some(_), _) => write_new(&path, &version.source_text)?,
        (None, Some(text)) if text == version.source_text => {
            context.remark(&phrase!("revert-already", file = &shown, revision = Fact::text(args.to)))?;
            return Ok(Exit::Done);
        }
        // What is written over is in the store.
        (None, Some(text)) if versions.iter().any(|version| version.source_text == text) => {
            fs::write(&path, &version.source_text).with_context(|| phrase!("cannot-write", path = &shown))?;
        }
        (None, Some(_)) => return Err(Failure::refused(phrase!("revert-unsaved", file = shown))),
    }
    context.line(&shown)?;
    context.remark(&phrase!("revert-done", file = &shown, revision = Fact::text(args.to)))?;
    Ok(Exit::Done)
}

/// What is in the file now, without a byte order mark, as a file is read; none when there is no such file.
fn on_disk(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| phrase!("cannot-read", path = Fact::text(path.display()))),
    }
}
