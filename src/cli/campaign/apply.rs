//! `campaign plan` and `apply`: what a file would change, and changing it. Both look at the same things and say the same,
//! and what it comes to stands in the last line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::copy::write_new;
use super::examine::{Examined, examine, examine_document};
use super::readiness::{self, Surroundings};
use super::saved::{SavedPlan, Sources};
use super::{ApplyArgs, PlanArgs, TakingOn};
use crate::campaign::{
    Answer, Campaign, Concern, Plan, Schedule, Step, Weight, approve_before, late_mailings, moved_sales, untrue,
};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::config::Settings;
use crate::db::approvals::{self, WaitingApproval};
use crate::db::campaigns::{self, Application, Applied, Foresight};
use crate::db::{Db, Store, StoreResult};
use crate::document::Document;
use crate::finding::{Finding, Place, Severity, has_error};
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

/// What is done with a file in which nothing stands in the way.
#[derive(Clone, Copy)]
pub(super) enum Doing<'a> {
    /// It is applied.
    Apply,
    /// It waits until another person approves it.
    Ask,
    /// It waits, and is only looked at.
    Look(&'a WaitingApproval),
    /// It waits, and is applied.
    Approve(&'a WaitingApproval),
}

impl<'a> Doing<'a> {
    /// What is done in a shop with these settings when a person applies a file.
    fn of_apply(settings: &Settings) -> Self {
        if settings.approval { Self::Ask } else { Self::Apply }
    }

    /// What waits and was asked about.
    fn waiting(self) -> Option<&'a WaitingApproval> {
        match self {
            Self::Look(waiting) | Self::Approve(waiting) => Some(waiting),
            Self::Apply | Self::Ask => None,
        }
    }
}

/// What was done.
#[derive(Clone, Copy)]
enum Done {
    /// It was applied.
    Applied(Applied),
    /// It waits; it is new, or did before.
    Waits { is_new: bool },
    /// Nothing; it can be approved.
    Seen,
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
    (answers, doing): (&BTreeSet<Answer>, Doing<'_>),
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
        let moved = examined.calendar.as_ref().map(|calendar| moved_sales(&foresight.letters, calendar, now));
        let moved = untrue(moved.unwrap_or_default());
        findings.extend(concerns.chain(&moved).map(|concern| concern.finding(campaign, answers)));
        let surroundings = Surroundings::read(db, settings, schedule, now)?;
        let answered = |finding: &Finding| {
            examined.waived.iter().filter_map(|judged| judged.waiver.as_ref()).any(|waiver| waiver.covers(finding))
        };
        let found = readiness::check(&surroundings, succession, campaign).into_iter();
        findings.extend(found.filter(|finding| !answered(finding)));
        people = surroundings.people();
        findings.extend(leaving_at_once(campaign, &foresight, &people, now));
        if foresight.before.is_none() {
            findings.extend(readiness::opened_long_ago(campaign, schedule, now));
        }
    }
    let file = || Place::file(&examined.document.name);
    match doing {
        Doing::Apply => {}
        Doing::Ask => {
            let applied = foresight.before.as_ref().map(|before| &before.schedule);
            let said = match approve_before(applied, schedule, now) {
                Some(at) => phrase!("apply-approval-by", at = Fact::moment(at, &schedule.time_zone())),
                None => phrase!("apply-approval"),
            };
            findings.push(Finding::note("apply.approval", file(), said));
            let waiting = approvals::find(db, &schedule.slug)?;
            if let Some(other) = waiting.filter(|other| other.source_text != examined.document.text) {
                let said = phrase!("apply-approval-instead", who = other.asked_by.as_str());
                findings.push(Finding::note("apply.approval", file(), said));
            }
        }
        Doing::Look(waiting) | Doing::Approve(waiting) => {
            let is = approvals::find(db, &schedule.slug)?;
            if is.as_ref() != Some(waiting) || !waiting.schedule.says_the_same_as(schedule) {
                let changes = Plan::between(Some(&waiting.schedule), schedule).changes;
                let fields = Fact::texts(changes.iter().map(|change| format!("`{}`", change.field)));
                let name = Fact::text(&schedule.slug);
                let said = if changes.is_empty() {
                    phrase!("approval-moved", slug = name)
                } else {
                    phrase!("approval-moved-in", slug = name, fields = fields)
                };
                findings.push(Finding::error("apply.approval-moved", file(), said));
            }
        }
    }
    Ok(Prospect { foresight, findings, people })
}

/// The mailings whose time has passed and whose deadline has not: their letters leave as soon as the file is applied.
fn leaving_at_once(
    campaign: &Campaign,
    foresight: &Foresight,
    people: &BTreeMap<String, u64>,
    now: Timestamp,
) -> Vec<Finding> {
    let Foresight { before, succession, .. } = foresight;
    let (at_once, _) = late_mailings(before.as_ref().map(|before| &before.schedule), &succession.schedule, now);
    let leaves = |name: &String| {
        let begins = |step| matches!(step, Step::Add | Step::Plan);
        succession.steps.iter().any(|(known, step)| known == name && begins(*step))
    };
    let finding = |name: String| {
        let written = campaign.mailings.iter().find(|mailing| mailing.name.value == name)?;
        let planned = succession.schedule.mailing(&name)?;
        let due = Fact::moment(planned.not_before, &succession.schedule.time_zone());
        let count = people.get(&name).copied().unwrap_or_default();
        let message = phrase!("mailing-at-once", mailing = name, due = due, people = count);
        Some(Finding::warning("mailing.at-once", written.not_before.place.clone(), message))
    };
    at_once.into_iter().filter(leaves).filter_map(finding).collect()
}

/// What is said of a file before it is applied although it does not keep anybody from applying it: people have letters that it makes
/// untrue, or would have letters at once.
const TOLD_WITH_A_CHECK: [&str; 3] = ["apply.told-otherwise", "apply.letters-stay", "mailing.at-once"];

/// What would keep `examined` from being applied as things stand, beside what its file says, and what it does to those who have letters.
pub(super) fn obstacles(examined: &Examined, context: &Context) -> anyhow::Result<Vec<Finding>> {
    let (Some(schedule), Some(_)) = (&examined.schedule, context.settings_if_any()?) else { return Ok(Vec::new()) };
    let (settings, store) = context.open_store()?;
    let prospect = store.read_blocking(|db| {
        look(db, (examined, schedule), &settings, (&BTreeSet::new(), Doing::of_apply(&settings)), context)
    })?;
    let is_new = |finding: &Finding| {
        let same = |known: &&Finding| known.rule == finding.rule && known.place == finding.place;
        !examined.findings.iter().any(|known| same(&known) && known.severity == Severity::Error)
    };
    let is_told = |it: &Finding| it.severity == Severity::Error || TOLD_WITH_A_CHECK.contains(&it.rule);
    Ok(prospect.findings.into_iter().filter(|it| is_told(it) && is_new(it)).collect())
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
        let nothing = (&BTreeSet::new(), Doing::of_apply(&settings));
        let prospect = look(db, (&examined, &schedule), &settings, nothing, context)?;
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
        (false, false) if settings.approval => ("waits", phrase!("plan-waits")),
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
    change: Option<(Schedule, Prospect, Option<Done>)>,
    answers: BTreeSet<Answer>,
}

/// Applies `file`, as far as nothing stands in its way, whoever else would have to approve it; says nothing yet.
pub(in crate::cli) fn perform(file: &Path, taking_on: &TakingOn, context: &Context) -> anyhow::Result<Performed> {
    let (settings, store) = context.open_store()?;
    perform_on((&settings, &store), examine(file, context)?, None, (taking_on.answers(), Doing::Apply), context)
}

/// Looks at what waits for approval, or approves it: as it was when it was asked for, by what holds now.
pub(super) fn perform_waiting(doing: Doing<'_>, context: &Context) -> anyhow::Result<Performed> {
    let (settings, store) = context.open_store()?;
    let waiting = doing.waiting().context("nothing waits")?;
    let document = Document::new(waiting.source_name.as_str(), waiting.source_text.as_str());
    let examined = examine_document(document, context)?;
    perform_on((&settings, &store), examined, None, (waiting.answers()?, doing), context)
}

fn perform_on(
    (settings, store): (&Settings, &Store),
    examined: Examined,
    planned: Option<(&SavedPlan, &Path)>,
    (answers, doing): (BTreeSet<Answer>, Doing<'_>),
    context: &Context,
) -> anyhow::Result<Performed> {
    let Some(schedule) = examined.schedule.clone() else { return Ok(Performed { examined, change: None, answers }) };
    let (prospect, done) = change(store, (&examined, &schedule), planned, (&answers, doing), settings, context)?;
    Ok(Performed { examined, change: Some((schedule, prospect, done)), answers })
}

impl Performed {
    /// The campaign, where the file could be read and nothing stood in its way.
    pub(in crate::cli) fn applied(&self) -> Option<&Schedule> {
        self.change.as_ref().filter(|(.., done)| matches!(done, Some(Done::Applied(_)))).map(|(schedule, ..)| schedule)
    }

    /// What stands in its way, and what surrounds it.
    pub(in crate::cli) fn findings(&self) -> &[Finding] {
        self.change.as_ref().map_or(self.examined.findings.as_slice(), |(_, prospect, _)| &prospect.findings)
    }

    /// Says it.
    pub(in crate::cli) fn say(&self, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
        let Some((schedule, prospect, done)) = &self.change else {
            return say_unreadable(&self.examined, json, context);
        };
        let plan = prospect.foresight.plan();
        if json {
            let outcome = match done {
                None => REFUSED,
                Some(Done::Applied(applied)) => Outcome::Applied(*applied),
                Some(Done::Waits { .. }) => Outcome::Word { outcome: "waits" },
                Some(Done::Seen) => Outcome::Word { outcome: "applies" },
            };
            context.json(&Report { plan: Some(plan), outcome, findings: &prospect.findings })?;
        } else {
            context.plan(&plan)?;
            context.line("")?;
            context.findings(&prospect.findings)?;
            point_to_check(&self.examined, context)?;
            let slug = Fact::text(&schedule.slug);
            context.say(&match done {
                None => phrase!("apply-refused"),
                Some(Done::Waits { is_new: true }) if !plan.new => phrase!("apply-waits-change", slug = slug),
                Some(Done::Waits { is_new: true }) => phrase!("apply-waits", slug = slug),
                Some(Done::Waits { is_new: false }) => phrase!("apply-waits-already", slug = slug),
                Some(Done::Seen) => phrase!("approve-possible", slug = slug),
                Some(Done::Applied(Applied::Unchanged { revision })) => {
                    phrase!("apply-unchanged", slug = slug, revision = Fact::text(revision))
                }
                Some(Done::Applied(Applied::Changed { revision })) => {
                    phrase!("apply-done", slug = slug, revision = Fact::text(revision))
                }
                Some(Done::Applied(Applied::Created)) => phrase!("apply-done", slug = slug, revision = "1"),
            })?;
        }
        let taken_on = |weight| matches!(weight, Weight::Asks(answer) if self.answers.contains(&answer));
        let concerns = &prospect.foresight.succession.concerns;
        if matches!(done, Some(Done::Applied(_) | Done::Waits { .. }))
            && concerns.iter().any(|concern| taken_on(concern.weight()))
        {
            let who = context.who.clone();
            context.remark(&phrase!("apply-taken-on", who = who))?;
        }
        Ok(if done.is_some() { Exit::Done } else { Exit::Refused })
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
    let (settings, store) = context.open_store()?;
    let wish = (args.taking_on.answers(), Doing::of_apply(&settings));
    perform_on((&settings, &store), examine(file, context)?, planned, wish, context)?.say(args.json, context)
}

/// Looks and applies in one transaction, so that what is said is what was done. Only what was cleared is applied, or waits to be.
fn change(
    store: &Store,
    (examined, schedule): (&Examined, &Schedule),
    planned: Option<(&SavedPlan, &Path)>,
    (answers, doing): (&BTreeSet<Answer>, Doing<'_>),
    settings: &Settings,
    context: &Context,
) -> anyhow::Result<(Prospect, Option<Done>)> {
    match doing {
        Doing::Apply if answers.is_empty() => {}
        Doing::Apply => context.answering(phrase!("who-takes-on")).map(drop)?,
        Doing::Ask => context.answering(phrase!("who-submits")).map(drop)?,
        Doing::Look(_) => {}
        Doing::Approve(_) => context.answering(phrase!("who-approves")).map(drop)?,
    }
    let accepted: Vec<&str> = examined.findings.iter().map(|finding| finding.rule).collect();
    // What waits is applied for whoever asked, and under the name of whoever approves it.
    let (who, approved_by) = match doing.waiting() {
        Some(waiting) => (waiting.asked_by.clone(), Some(context.who.clone())),
        None => (context.who.clone(), None),
    };
    let application = examined.cleared.clone().map(|cleared| Application {
        schedule: cleared,
        remarks: json!({ "findings": accepted, "waived": examined.waived }),
        source_name: examined.document.name.clone(),
        source_text: examined.document.text.clone(),
        who,
        approved_by,
        answers: answers.clone(),
    });
    let now = context.clock.now();
    let planned = planned.map(|(plan, path)| (plan, path, Sources::read(examined)));
    Ok(store.write_blocking(|db| {
        campaigns::lock(db, &schedule.slug)?;
        let mut prospect = look(db, (examined, schedule), settings, (answers, doing), context)?;
        if let Some((plan, path, sources)) = &planned {
            // As who made the plan saw it, who had taken nothing on.
            let nothing = BTreeSet::new();
            let seen = if answers.is_empty() {
                None
            } else {
                Some(look(db, (examined, schedule), settings, (&nothing, doing), context)?)
            };
            let is = saved(db, sources, examined, seen.as_ref().unwrap_or(&prospect), context)?;
            prospect.findings.extend(plan.moved(&is, &path.display().to_string()));
        }
        let done = match application.as_ref().filter(|_| !has_error(&prospect.findings)) {
            Some(application) => carry_out(db, application, &prospect.foresight, doing, now)?,
            None => None,
        };
        Ok((prospect, done))
    })?)
}

/// Does it; none when a concern stops it, of which there is none: each that does is an error among the findings.
fn carry_out(
    db: &mut Db,
    application: &Application,
    foresight: &Foresight,
    doing: Doing<'_>,
    now: Timestamp,
) -> StoreResult<Option<Done>> {
    match doing {
        Doing::Look(_) => Ok(Some(Done::Seen)),
        Doing::Ask if foresight.unchanged(&application.source_text).is_none() => {
            Ok(Some(Done::Waits { is_new: approvals::ask(db, application, now)? }))
        }
        Doing::Apply | Doing::Ask | Doing::Approve(_) => {
            Ok(campaigns::apply(db, application, now)?.ok().map(Done::Applied))
        }
    }
}
