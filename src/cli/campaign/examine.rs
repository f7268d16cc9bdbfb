//! Reads a campaign file and asks every rule about it. `check` prints the answers; `plan` and `apply` go on from them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::inputs::Inputs;
use super::offers;
use crate::calendar::Calendar;
use crate::campaign::{self, Campaign, Schedule, moment};
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::compliance::words::{Text, TextKind, Writing};
use crate::compliance::{self, Judged, Subject};
use crate::document::Document;
use crate::files::{TextFileError, read_text};
use crate::finding::{Finding, has_error};
use crate::mail::{LetterCheck, TemplateSet};

/// What a look at a campaign file gave.
pub(super) struct Examined {
    /// The file.
    pub(super) document: Document,
    /// What is written in it, when it can be read so far.
    pub(super) campaign: Option<Campaign>,
    /// What it resolves to, when it can be read so far.
    pub(super) schedule: Option<Schedule>,
    /// Everything found that nobody has answered for.
    pub(super) findings: Vec<Finding>,
    /// What a person has answered for.
    pub(super) waived: Vec<Judged>,
}

/// What the rules are asked about.
pub(super) struct Question<'a> {
    /// What was written. Its document's name is the path of the file, beside which its price files lie.
    pub(super) campaign: &'a Campaign,
    /// What it resolves to.
    pub(super) schedule: &'a Schedule,
    /// The law.
    pub(super) calendar: &'a Calendar,
    /// The mail templates of the shop's own.
    pub(super) templates: &'a [&'a Document],
    /// The present.
    pub(super) now: Timestamp,
}

/// Every rule, on a campaign that could be read and resolved. A room with rules of its own adds its line here.
pub(super) fn checks(question: &Question<'_>) -> Vec<Finding> {
    let Question { campaign, schedule, calendar, templates, now } = question;
    let mut findings = campaign::check(campaign, schedule, calendar, *now);
    let texts: Vec<Text<'_>> = templates.iter().map(|template| template_text(template, schedule)).collect();
    findings.extend(compliance::check(&Subject { campaign, schedule, calendar, texts: &texts }));
    findings
}

/// A template, read for as long as mails of the campaign may leave.
fn template_text<'a>(template: &'a Document, schedule: &Schedule) -> Text<'a> {
    let name = Path::new(&template.name);
    let kind = if name.extension().is_some_and(|extension| extension == "html") {
        TextKind::Html
    } else if name.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("subject.")) {
        TextKind::Subject
    } else {
        TextKind::TextBody
    };
    let from = schedule.mailings.iter().map(|mailing| mailing.not_before).min();
    let until = schedule.mailings.iter().map(|mailing| mailing.not_after).max();
    Text { writing: Writing::Template, shown: from.zip(until), ..Text::whole(template, kind) }
}

/// Reads `file` and asks every rule about it.
pub(super) fn examine(file: &Path, context: &Context) -> anyhow::Result<Examined> {
    let document = match read_text(file) {
        Ok(document) => document,
        Err(TextFileError::Encoding(finding)) => {
            let document = Document::new(file.display().to_string(), "");
            return Ok(Examined {
                document,
                campaign: None,
                schedule: None,
                findings: vec![*finding],
                waived: Vec::new(),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let inputs = Inputs::read(context)?;
    let campaign = match Campaign::parse(&document) {
        Ok(campaign) => campaign,
        Err(findings) => {
            return Ok(Examined { document, campaign: None, schedule: None, findings, waived: Vec::new() });
        }
    };
    let schedule = match campaign.resolve(&inputs.calendar) {
        Ok(schedule) => Schedule { zone_version: zone_version(), ..schedule },
        Err(findings) => {
            return Ok(Examined { document, campaign: None, schedule: None, findings, waived: Vec::new() });
        }
    };
    let found = find(&campaign, &schedule, &inputs, context.clock.now())?;
    let judged = compliance::judge(&schedule.slug, found, &inputs.waivers_of(&schedule.slug)?);
    let (waived, open): (Vec<_>, Vec<_>) = judged.into_iter().partition(|judged| judged.waiver.is_some());
    let findings = open.into_iter().map(|judged| judged.finding).collect();
    Ok(Examined { document, campaign: Some(campaign), schedule: Some(schedule), findings, waived })
}

/// Everything that any rule says.
fn find(campaign: &Campaign, schedule: &Schedule, inputs: &Inputs, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let own: Vec<&Document> = inputs.templates.iter().flat_map(TemplateSet::own_documents).collect();
    let question = Question { campaign, schedule, calendar: &inputs.calendar, templates: &own, now };
    let mut found = checks(&question);
    found.extend(offers::check(&question, inputs.store.as_ref())?);
    found.extend(match &inputs.templates {
        Ok(templates) => {
            let check = LetterCheck { templates, sender: &inputs.sender, public_url: &inputs.public_url };
            [templates.notes(), &check.campaign(campaign, schedule)].concat()
        }
        Err(findings) => findings.clone(),
    });
    found.extend(inputs.not_looked_at.clone());
    Ok(found)
}

/// The version of the machine's zone database, which is asked before the one in this program.
fn zone_version() -> Option<String> {
    let folder = std::env::var_os("TZDIR").map_or_else(|| PathBuf::from("/usr/share/zoneinfo"), PathBuf::from);
    let head = std::fs::read_to_string(folder.join("tzdata.zi")).ok()?;
    head.lines().next()?.strip_prefix("# version ").map(|version| version.trim().to_owned())
}

/// `campaign check`.
pub(super) fn check(files: &[PathBuf], json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let (mut findings, mut waived) = (Vec::new(), Vec::new());
    for file in files {
        let examined = examine(file, context)?;
        if let Some(schedule) = &examined.schedule {
            let zone = schedule.time_zone();
            let (opens, closes) = (moment(schedule.opens_at, &zone), moment(schedule.closes_at, &zone));
            context.note(format!("{}: opens {opens}, closes {closes}", examined.document.name))?;
        }
        findings.extend(examined.findings);
        waived.extend(examined.waived);
    }
    if json {
        let open = findings.iter().map(|finding| Judged { finding: finding.clone(), waiver: None });
        context.json(&open.chain(waived).collect::<Vec<_>>())?;
        return Ok(if has_error(&findings) { Exit::Refused } else { Exit::Done });
    }
    for judged in &waived {
        let Some(answer) = &judged.waiver else { continue };
        context.line(format!("waived: {}", judged.finding.message))?;
        context.line(format!("  at:   {}", judged.finding.place))?;
        context.line(format!("  by:   {}, {}: {}", answer.who, answer.at, answer.reason))?;
        context.line(format!("  rule: {}", judged.finding.rule))?;
        context.line("")?;
    }
    let exit = context.findings(&findings)?;
    // Last, and with the findings: it is what a file or a pipe of them is read for.
    context.line(match exit {
        Exit::Done if findings.is_empty() => "no findings",
        Exit::Done => "no rule that Carillon knows forbids it",
        _ => "it cannot be applied like this",
    })?;
    Ok(exit)
}
