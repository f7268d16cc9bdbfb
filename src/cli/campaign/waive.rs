//! `campaign waive`: a person answers for going ahead in spite of a finding.

use std::path::{Path, PathBuf};

use super::examine::{Examined, examine};
use super::{UnwaiveArgs, WaiveArgs};
use crate::campaign::Campaign;
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::compliance::{self, Waiver};
use crate::db::{Store, campaigns, waivers};
use crate::files::read_text;
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{Slug, SlugError};

/// Keeps a waiver for the campaign of a file. Refused when the rule leaves no room for one, when the file has no finding
/// that it would cover, and when somebody has answered for all of those already.
pub(super) fn run(args: WaiveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let examined = examine(&file_of(&args.campaign, &store)?, context)?;
    let Some(schedule) = &examined.schedule else { return Ok(context.findings(&examined.findings)?) };
    let words = args.words.or_else(|| compliance::words_waived(&args.rule, &examined.findings));
    let waiver = Waiver {
        campaign: schedule.slug.clone(),
        rule: args.rule,
        words,
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

/// `campaign unwaive`: takes waivers back. It needs no file: also of a campaign whose file is gone a person can change their mind.
pub(super) fn take_back(args: &UnwaiveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let slug = match slug_of(&args.campaign)? {
        Ok(slug) => slug,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let who = context.answering(phrase!("who-unwaives"))?.to_owned();
    let (rule, words, now) = (args.rule.as_str(), args.words.as_deref(), context.clock.now());
    let ended = store.write_blocking(|db| waivers::take_back(db, &slug, (rule, words), &who, now))?;
    if ended == 0 {
        let given = store.read_blocking(|db| waivers::of_campaign(db, &slug))?;
        let given: Vec<Phrase> = given
            .iter()
            .map(|Waiver { rule, words, .. }| match words {
                Some(words) => phrase!("waive-rule-about", rule = rule, words = words),
                None => phrase!("waive-rule", rule = rule),
            })
            .collect();
        let there = if given.is_empty() {
            phrase!("unwaive-none-there").into()
        } else {
            Fact::List(given.into_iter().map(Fact::from).collect())
        };
        return Err(Failure::refused(phrase!("unwaive-none", slug = Fact::text(&slug), rule = rule, there = there)));
    }
    context.remark(&phrase!("unwaive-done", count = ended, rule = rule, slug = Fact::text(&slug)))?;
    Ok(Exit::Done)
}

/// The campaign of the file of that name, else the campaign of that name.
fn slug_of(named: &str) -> anyhow::Result<Result<Slug, Vec<Finding>>> {
    let file = Path::new(named);
    if file.is_file() {
        return Ok(Campaign::parse(&read_text(file)?).map(|campaign| campaign.slug.value));
    }
    Ok(Ok(named.parse().map_err(|error: SlugError| Failure::usage(error.phrase()))?))
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
