//! `campaign check`: files are examined, and what they do to each other and what would keep them from being applied here is said with
//! what was found.

use std::path::PathBuf;

use super::apply::obstacles;
use super::examine::examine;
use super::rests;
use crate::campaign::{LetterBeside, Schedule, letters_clash, windows_clash};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::compliance::Judged;
use crate::finding::{Finding, Place, has_error};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};

/// What the sale of `file` and another one that is looked at with it do to each other.
fn beside(file: &str, sale: &Schedule, other: &Schedule) -> Vec<Finding> {
    let zone = sale.time_zone();
    let windows = windows_clash((sale, sale.closes_at), (other, other.closes_at));
    let windows = windows.map(|clash| Finding::note("window.together", Place::file(file), clash.phrase()));
    let pairs = sale.mailings.iter().flat_map(|ours| other.mailings.iter().map(move |theirs| (ours, theirs)));
    let clash = |(ours, theirs)| letters_clash(&LetterBeside::of(sale, ours), &LetterBeside::of(other, theirs), &zone);
    let letters = pairs.filter_map(clash);
    let letters = letters.map(|clash| Finding::warning("mailing.close-together", Place::file(file), clash.phrase()));
    windows.into_iter().chain(letters).collect()
}

/// `campaign check`.
pub(super) fn check(files: &[PathBuf], json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (mut findings, mut waived) = (Vec::new(), Vec::new());
    let mut sales: Vec<(String, Schedule)> = Vec::new();
    for file in files {
        let examined = examine(file, context)?;
        if let Some(schedule) = &examined.schedule {
            let zone = schedule.time_zone();
            let (opens, closes) = (Fact::moment(schedule.opens_at, &zone), Fact::until(schedule.closes_at, &zone));
            let file = examined.document.name.as_str();
            context.remark(&phrase!("check-window", file = file, opens = opens, closes = closes))?;
        }
        let name = examined.document.name.as_str();
        let rests = examined.schedule.as_ref().map(|schedule| rests::check(schedule, name, context)).transpose()?;
        let obstacles = obstacles(&examined, context)?;
        // An obstacle may be what was found anyway, and is as grave at least.
        let is_said =
            |finding: &Finding| obstacles.iter().any(|it| it.rule == finding.rule && it.place == finding.place);
        let found = examined.findings.iter().chain(rests.iter().flatten());
        findings.extend(found.filter(|finding| !is_said(finding)).cloned());
        findings.extend(obstacles);
        waived.extend(examined.waived);
        if let Some(schedule) = examined.schedule {
            let name = &examined.document.name;
            for (other_name, other) in &sales {
                if other.slug == schedule.slug {
                    let message = phrase!("check-same-slug", slug = Fact::text(&schedule.slug), other = other_name);
                    findings.push(Finding::error("campaign.same-slug", Place::file(name), message));
                } else {
                    findings.extend(beside(name, &schedule, other));
                }
            }
            sales.push((name.clone(), schedule));
        }
    }
    if json {
        let open = findings.iter().map(|finding| Judged { finding: finding.clone(), waiver: None });
        context.json(&open.chain(waived).collect::<Vec<_>>())?;
        return Ok(if has_error(&findings) { Exit::Refused } else { Exit::Done });
    }
    for judged in &waived {
        let Some(answer) = &judged.waiver else { continue };
        context.waived(&judged.finding, answer)?;
    }
    let exit = context.findings(&findings)?;
    // Last, and with the findings: it is what a file or a pipe of them is read for.
    context.say(&match exit {
        Exit::Done if findings.is_empty() => phrase!("check-no-findings"),
        Exit::Done => phrase!("check-nothing-forbids"),
        _ => phrase!("check-cannot-be-applied"),
    })?;
    Ok(exit)
}
