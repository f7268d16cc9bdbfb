//! `campaign plan` and `apply`: what a file would change, and changing it. Both look at the same things and say the same,
//! and what it comes to stands in the last line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::copy::write_new;
use super::examine::{Examined, examine};
use super::readiness::{self, Surroundings};
use super::saved::{SavedPlan, Sources};
use super::{ApplyArgs, PlanArgs, TakingOn};
use crate::campaign::{Answer, Concern, Plan, Schedule, Weight};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::config::Settings;
use crate::db::campaigns::{self, Application, Applied, Foresight};
use crate::db::{Db, Store, StoreResult};
use crate::finding::{Finding, Severity, has_error};
use crate::phrase;
use crate::phrase::Fact;

/// A file held against what is applied and against where the daemon runs.
struct Prospect {
    foresight: Foresight,
    /// The errors of the file, what stands between it and what is applied, and what surrounds it.
    findings: Vec<Finding>,
    /// How many people each mailing would reach.
    people: BTreeMap<String, u64>,
}

/// What a command came to, for programs. A file that cannot be read has findings only.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    plan: Option<Plan>,
    #[serde(flatten)]
    outcome: Outcome,
    findings: &'a [Finding],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    /// What an apply did.
    Applied(Applied),
    /// What it would do, or why it did nothing.
    Word { outcome: &'static str },
}

const REFUSED: Outcome = Outcome::Word { outcome: "refused" };

/// What applying the file would do, for a person who gave `answers`.
fn look(
    db: &mut Db,
    (examined, schedule): (&Examined, &Schedule),
    settings: &Settings,
    answers: &BTreeSet<Answer>,
    context: &Context,
) -> StoreResult<Prospect> {
    let now = context.clock.now();
    let foresight = campaigns::foresee(db, schedule, &examined.document.name, now)?;
    let succession = &foresight.succession;
    // Which lists there are is asked again, in this transaction.
    let told = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "list.unknown";
    let mut findings: Vec<Finding> = examined.findings.iter().filter(told).cloned().collect();
    let mut people = BTreeMap::new();
    if let Some(campaign) = &examined.campaign {
        // That a sale is prolonged after people were told its end says this too, and how both are taken on.
        let is_prolonged = findings.iter().any(|finding| finding.rule == "duration.prolonged");
        let is_said = |concern: &&Concern| is_prolonged && matches!(concern, Concern::Told { field: "closes", .. });
        let concerns = succession.concerns.iter().filter(|concern| !is_said(concern));
        findings.extend(concerns.map(|concern| concern.finding(campaign, answers)));
        let surroundings = Surroundings::read(db, settings, schedule, now)?;
        findings.extend(readiness::check(&surroundings, succession, campaign));
        if foresight.before.is_none() {
            findings.extend(readiness::opened_long_ago(campaign, schedule, now));
        }
        people = surroundings.people();
    }
    Ok(Prospect { foresight, findings, people })
}

/// What would keep `examined` from being applied as things stand, beside what its file says.
pub(super) fn obstacles(examined: &Examined, context: &Context) -> anyhow::Result<Vec<Finding>> {
    let (Some(schedule), Some(_)) = (&examined.schedule, context.settings_if_any()?) else { return Ok(Vec::new()) };
    let (settings, store) = context.open_store()?;
    let prospect = store.read_blocking(|db| look(db, (examined, schedule), &settings, &BTreeSet::new(), context))?;
    let is_new = |finding: &Finding| {
        let same = |known: &&Finding| known.rule == finding.rule && known.place == finding.place;
        !examined.findings.iter().any(|known| same(&known) && known.severity == Severity::Error)
    };
    Ok(prospect.findings.into_iter().filter(|it| it.severity == Severity::Error && is_new(it)).collect())
}

/// Says why there is no schedule in the file.
fn say_unreadable(examined: &Examined, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if json {
        context.json(&Report { plan: None, outcome: REFUSED, findings: &examined.findings })?;
    } else {
        context.findings(&examined.findings)?;
        context.say(&phrase!("apply-unreadable"))?;
    }
    Ok(Exit::Refused)
}

/// Says that there is more to know than what a plan tells.
fn point_to_check(examined: &Examined, context: &mut Context) -> anyhow::Result<()> {
    let count = examined.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    if count > 0 {
        let name = &examined.document.name;
        context.remark(&phrase!("apply-see-check", count = count, file = name))?;
    }
    Ok(())
}

/// `campaign plan`.
pub(super) fn plan(args: &PlanArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let json = args.json;
    let (settings, store) = context.open_store()?;
    let examined = examine(&args.file, context)?;
    let Some(schedule) = examined.schedule.clone() else { return say_unreadable(&examined, json, context) };
    let out = args.out.as_ref().map(|out| (out, Sources::read(&examined)));
    let (prospect, saved) = store.read_blocking(|db| {
        let prospect = look(db, (&examined, &schedule), &settings, &BTreeSet::new(), context)?;
        let saved = match &out {
            Some((out, sources)) => Some((*out, saved(db, sources, &examined, &prospect, context)?)),
            None => None,
        };
        Ok((prospect, saved))
    })?;
    let plan = prospect.foresight.plan();
    let refused = has_error(&prospect.findings);
    let (outcome, verdict) = match (refused, plan.is_empty()) {
        (true, _) => ("refused", phrase!("plan-refused")),
        (false, true) => ("unchanged", phrase!("plan-nothing")),
        (false, false) => ("applies", phrase!("plan-applies")),
    };
    if json {
        context.json(&Report { plan: Some(plan), outcome: Outcome::Word { outcome }, findings: &prospect.findings })?;
    } else {
        context.plan(&plan)?;
        if let Some(reason) = prospect.foresight.before.as_ref().and_then(|before| before.held.as_ref()) {
            context.say(&phrase!("plan-held", reason = Fact::english(reason)))?;
        }
        context.line("")?;
        context.findings(&prospect.findings)?;
        point_to_check(&examined, context)?;
        context.say(&verdict)?;
    }
    if let Some((out, saved)) = saved {
        write_new(out, &saved.text()?)?;
        context.remark(&phrase!("plan-kept", file = Fact::text(out.display())))?;
    }
    Ok(if refused { Exit::Refused } else { Exit::Done })
}

/// What a plan rests on.
fn saved(
    db: &mut Db,
    sources: &Sources,
    examined: &Examined,
    prospect: &Prospect,
    context: &Context,
) -> StoreResult<SavedPlan> {
    let by = (context.who.as_str(), context.clock.now());
    let Prospect { foresight, findings, people } = prospect;
    SavedPlan::of(db, sources, &examined.document.name, (foresight, findings, people), by)
}

/// What came of a file that was to be applied.
pub(in crate::cli) struct Performed {
    examined: Examined,
    /// What was seen and done, where there is a schedule in the file.
    change: Option<(Schedule, Prospect, Option<Applied>)>,
    answers: BTreeSet<Answer>,
}

/// Applies `file`, as far as nothing stands in its way; says nothing yet.
pub(in crate::cli) fn perform(file: &Path, taking_on: &TakingOn, context: &Context) -> anyhow::Result<Performed> {
    perform_as(file, None, taking_on, context)
}

/// The same, if things stand as the plan has it, which is in the file of that name.
fn perform_as(
    file: &Path,
    planned: Option<(&SavedPlan, &Path)>,
    taking_on: &TakingOn,
    context: &Context,
) -> anyhow::Result<Performed> {
    let (settings, store) = context.open_store()?;
    let (examined, answers) = (examine(file, context)?, taking_on.answers());
    let Some(schedule) = examined.schedule.clone() else { return Ok(Performed { examined, change: None, answers }) };
    let (prospect, applied) = change(&store, (&examined, &schedule), planned, &answers, &settings, context)?;
    Ok(Performed { examined, change: Some((schedule, prospect, applied)), answers })
}

impl Performed {
    /// The campaign, where the file could be read and nothing stood in its way.
    pub(in crate::cli) fn applied(&self) -> Option<&Schedule> {
        self.change.as_ref().filter(|(.., applied)| applied.is_some()).map(|(schedule, ..)| schedule)
    }

    /// What stands in its way, and what surrounds it.
    pub(in crate::cli) fn findings(&self) -> &[Finding] {
        self.change.as_ref().map_or(self.examined.findings.as_slice(), |(_, prospect, _)| &prospect.findings)
    }

    /// Says it.
    pub(in crate::cli) fn say(&self, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
        let Some((schedule, prospect, applied)) = &self.change else {
            return say_unreadable(&self.examined, json, context);
        };
        let plan = prospect.foresight.plan();
        if json {
            let outcome = applied.map_or(REFUSED, Outcome::Applied);
            context.json(&Report { plan: Some(plan), outcome, findings: &prospect.findings })?;
        } else {
            context.plan(&plan)?;
            context.line("")?;
            context.findings(&prospect.findings)?;
            point_to_check(&self.examined, context)?;
            let slug = Fact::text(&schedule.slug);
            context.say(&match applied {
                None => phrase!("apply-refused"),
                Some(Applied::Unchanged { revision }) => {
                    phrase!("apply-unchanged", slug = slug, revision = Fact::text(revision))
                }
                Some(Applied::Changed { revision }) => {
                    phrase!("apply-done", slug = slug, revision = Fact::text(revision))
                }
                Some(Applied::Created) => phrase!("apply-done", slug = slug, revision = "1"),
            })?;
        }
        let taken_on = |weight| matches!(weight, Weight::Asks(answer) if self.answers.contains(&answer));
        let concerns = &prospect.foresight.succession.concerns;
        if applied.is_some() && concerns.iter().any(|concern| taken_on(concern.weight())) {
            let who = context.who.clone();
            context.remark(&phrase!("apply-taken-on", who = who))?;
        }
        Ok(if applied.is_some() { Exit::Done } else { Exit::Refused })
    }
}

/// `campaign apply`.
pub(super) fn apply(args: &ApplyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let planned =
        args.plan.as_deref().map(|path| Ok::<_, anyhow::Error>((SavedPlan::read(path)?, path))).transpose()?;
    let planned = planned.as_ref().map(|(plan, path)| (plan, *path));
    let of_plan = planned.map(|(plan, _)| Path::new(&plan.file));
    // Without a plan the file is named; the command line sees to that.
    let file = args.file.as_deref().or(of_plan).unwrap_or(Path::new(""));
    perform_as(file, planned, &args.taking_on, context)?.say(args.json, context)
}

/// Looks and applies in one transaction, so that what is said is what was done. Only what was cleared is applied.
fn change(
    store: &Store,
    (examined, schedule): (&Examined, &Schedule),
    planned: Option<(&SavedPlan, &Path)>,
    answers: &BTreeSet<Answer>,
    settings: &Settings,
    context: &Context,
) -> anyhow::Result<(Prospect, Option<Applied>)> {
    if !answers.is_empty() {
        context.answering(phrase!("who-takes-on"))?;
    }
    let accepted: Vec<&str> = examined.findings.iter().map(|finding| finding.rule).collect();
    let application = examined.cleared.clone().map(|cleared| Application {
        schedule: cleared,
        remarks: json!({ "findings": accepted, "waived": examined.waived }),
        source_name: examined.document.name.clone(),
        source_text: examined.document.text.clone(),
        who: context.who.clone(),
        answers: answers.clone(),
    });
    let now = context.clock.now();
    let planned = planned.map(|(plan, path)| (plan, path, Sources::read(examined)));
    Ok(store.write_blocking(|db| {
        campaigns::lock(db, &schedule.slug)?;
        let mut prospect = look(db, (examined, schedule), settings, answers, context)?;
        if let Some((plan, path, sources)) = &planned {
            // As who made the plan saw it, who had taken nothing on.
            let nothing = BTreeSet::new();
            let seen = if answers.is_empty() {
                None
            } else {
                Some(look(db, (examined, schedule), settings, &nothing, context)?)
            };
            let is = saved(db, sources, examined, seen.as_ref().unwrap_or(&prospect), context)?;
            prospect.findings.extend(plan.moved(&is, &path.display().to_string()));
        }
        let applied = match application.as_ref().filter(|_| !has_error(&prospect.findings)) {
            // No concern stops it: each that does is an error among the findings.
            Some(application) => campaigns::apply(db, application, now)?.ok(),
            None => None,
        };
        Ok((prospect, applied))
    })?)
}
