//! `campaign waive`: a person answers for going ahead in spite of a finding.

use std::path::{Path, PathBuf};

use super::WaiveArgs;
use super::examine::{Examined, examine};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::compliance::{self, Waiver};
use crate::counted::counted;
use crate::db::{Store, campaigns, waivers};

/// Keeps a waiver for the campaign of a file. Refused when the rule leaves no room for one, when the file has no finding
/// that it would cover, and when somebody has answered for all of those already.
pub(super) fn run(args: WaiveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let examined = examine(&file_of(&args.campaign, &store)?, context)?;
    let Some(schedule) = &examined.schedule else { return Ok(context.findings(&examined.findings)?) };
    let waiver = Waiver {
        campaign: schedule.slug.clone(),
        rule: args.rule,
        words: args.words,
        reason: args.reason.trim().to_owned(),
        who: context.answering("a waiver")?.to_owned(),
        at: context.clock.now(),
    };
    compliance::accept(&waiver).map_err(|error| Failure::refused(error.to_string()))?;
    let covered = uncovered(&waiver, &examined).map_err(Failure::refused)?;
    store.write_blocking(|db| waivers::add(db, &waiver))?;
    let findings = counted(covered as u64, "finding");
    context.note(format!(
        "`{}` is waived for `{}` by {}: {findings} of `{}`",
        waiver.rule, waiver.campaign, waiver.who, examined.document.name
    ))?;
    Ok(Exit::Done)
}

/// The campaign's file: the one named, or the one that the campaign of that name was last applied from.
fn file_of(named: &str, store: &Store) -> anyhow::Result<PathBuf> {
    let file = Path::new(named);
    if file.is_file() {
        return Ok(file.to_owned());
    }
    let applied = store.read_blocking(campaigns::list)?;
    if let Some(campaign) = applied.iter().find(|campaign| campaign.schedule.slug.as_str() == named) {
        let source = &campaign.source_name;
        let file = PathBuf::from(source);
        let gone =
            || Failure::refused(format!("`{named}` was applied from `{source}`, which is not here; name its file"));
        return if file.is_file() { Ok(file) } else { Err(gone()) };
    }
    let slugs: Vec<String> = applied.iter().map(|campaign| format!("`{}`", campaign.schedule.slug)).collect();
    let known =
        if slugs.is_empty() { "none is applied".to_owned() } else { format!("applied are {}", slugs.join(", ")) };
    Err(Failure::refused(format!("there is neither a file nor an applied campaign `{named}`; {known}")))
}

/// How many findings of the file `waiver` would cover that nobody has answered for; otherwise why there are none.
fn uncovered(waiver: &Waiver, examined: &Examined) -> Result<usize, String> {
    let open = examined.findings.iter().filter(|finding| waiver.covers(finding)).count();
    if open > 0 {
        return Ok(open);
    }
    let answered = examined.waived.iter().find(|judged| waiver.covers(&judged.finding));
    if let Some(Waiver { who, at, reason, .. }) = answered.and_then(|judged| judged.waiver.as_ref()) {
        return Err(format!("`{}` is waived already, by {who} at {at}: {reason}", waiver.rule));
    }
    let mut there: Vec<String> = examined
        .findings
        .iter()
        .filter(|finding| compliance::is_waivable(finding.rule))
        .map(|finding| match &finding.place.words {
            Some(words) => format!("`{}` about `{words}`", finding.rule),
            None => format!("`{}`", finding.rule),
        })
        .collect();
    there.dedup();
    let there = if there.is_empty() { "nothing that can be waived".to_owned() } else { there.join(", ") };
    Err(format!("the file has no finding of `{}` that this waiver would cover; it has {there}", waiver.rule))
}
