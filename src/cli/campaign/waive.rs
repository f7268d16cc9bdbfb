//! `campaign waive`: a person answers for going ahead in spite of a finding.

use std::path::Path;

use super::WaiveArgs;
use super::examine::examine;
use crate::campaign::Slug;
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::compliance::{self, Waiver};
use crate::db::waivers;

/// Keeps a waiver for the campaign of a file or a slug. Refused when the rule leaves no room for one, and when the file
/// has no finding that it would cover.
pub(super) fn run(args: WaiveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let file = Path::new(&args.campaign);
    let examined = if file.is_file() { Some(examine(file, context)?) } else { None };
    let slug = match &examined {
        Some(examined) => match &examined.schedule {
            Some(schedule) => schedule.slug.clone(),
            None => return Ok(context.findings(&examined.findings)?),
        },
        None => args.campaign.parse::<Slug>().map_err(|error| Failure::usage(error.to_string()))?.to_string(),
    };
    let waiver = Waiver {
        campaign: slug,
        rule: args.rule,
        words: args.words,
        reason: args.reason.trim().to_owned(),
        who: context.who.clone(),
        at: context.clock.now(),
    };
    if waiver.who == "unknown" {
        return Err(Failure::usage("a waiver carries the name of the person who answers for it; write `--who`"));
    }
    compliance::accept(&waiver).map_err(|error| Failure::refused(error.to_string()))?;
    let covered = examined.as_ref().map(|examined| {
        let open = examined.findings.iter().filter(|finding| waiver.covers(finding)).count();
        open + examined.waived.iter().filter(|judged| waiver.covers(&judged.finding)).count()
    });
    if covered == Some(0) {
        let message = format!("the file has no finding of `{}` that this waiver would cover", waiver.rule);
        return Err(Failure::refused(message));
    }
    store.write_blocking(|db| waivers::add(db, &waiver))?;
    let many = covered.map_or_else(String::new, |count| format!(", {count} finding(s) of the file"));
    context.note(format!("`{}` is waived for `{}` by {}{many}", waiver.rule, waiver.campaign, waiver.who))?;
    Ok(Exit::Done)
}
