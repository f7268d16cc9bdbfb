//! `campaign waive`: a person answers for going ahead in spite of a finding.

use std::path::{Path, PathBuf};

use super::WaiveArgs;
use super::examine::{Examined, examine};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::compliance::{self, Waiver};
use crate::db::{Store, campaigns, waivers};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

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
        who: context.answering(phrase!("who-waives"))?.to_owned(),
        at: context.clock.now(),
    };
    compliance::accept(&waiver).map_err(|error| Failure::refused(error.phrase()))?;
    let covered = uncovered(&waiver, &examined).map_err(Failure::refused)?;
    store.write_blocking(|db| waivers::add(db, &waiver))?;
    context.remark(&phrase!(
        "waive-done",
        rule = &waiver.rule,
        slug = Fact::text(&waiver.campaign),
        who = &waiver.who,
        findings = covered,
        file = &examined.document.name
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
        let gone = || Failure::refused(phrase!("waive-file-gone", slug = named, file = source));
        return if file.is_file() { Ok(file) } else { Err(gone()) };
    }
    let slugs: Vec<String> = applied.iter().map(|campaign| format!("`{}`", campaign.schedule.slug)).collect();
    let known = if slugs.is_empty() {
        phrase!("waive-none-applied")
    } else {
        phrase!("waive-applied-are", campaigns = Fact::texts(slugs))
    };
    Err(Failure::refused(phrase!("waive-no-campaign", named = named, known = known)))
}

/// How many findings of the file `waiver` would cover that nobody has answered for; otherwise why there are none.
fn uncovered(waiver: &Waiver, examined: &Examined) -> Result<usize, Phrase> {
    let open = examined.findings.iter().filter(|finding| waiver.covers(finding)).count();
    if open > 0 {
        return Ok(open);
    }
    let answered = examined.waived.iter().find(|judged| waiver.covers(&judged.finding));
    if let Some(Waiver { who, at, reason, .. }) = answered.and_then(|judged| judged.waiver.as_ref()) {
        let rule = waiver.rule.as_str();
        return Err(phrase!("waive-already", rule = rule, who = who, at = Fact::text(at), reason = reason));
    }
    let mut there: Vec<Phrase> = examined
        .findings
        .iter()
        .filter(|finding| compliance::is_waivable(finding.rule))
        .map(|finding| match &finding.place.words {
            Some(words) => phrase!("waive-rule-about", rule = finding.rule, words = words),
            None => phrase!("waive-rule", rule = finding.rule),
        })
        .collect();
    there.dedup();
    let there = if there.is_empty() {
        phrase!("waive-nothing-there").into()
    } else {
        Fact::List(there.into_iter().map(Fact::from).collect())
    };
    Err(phrase!("waive-no-finding", rule = &waiver.rule, there = there))
}
