//! Reads a campaign file and asks every rule about it. `check` prints the answers; `plan` and `apply` go on from them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use crate::calendar::Calendar;
use crate::campaign::{self, Campaign, Schedule, moment};
use crate::cli::exit::Exit;
use crate::cli::{Context, calendar};
use crate::document::Document;
use crate::finding::{Finding, Place, has_error};

/// What a look at a campaign file gave.
pub(super) struct Examined {
    /// The file.
    pub(super) document: Document,
    /// What it resolves to, when it can be read so far.
    pub(super) schedule: Option<Schedule>,
    /// Everything found.
    pub(super) findings: Vec<Finding>,
}

/// What the rules are asked about.
pub(super) struct Question<'a> {
    /// What was written. Its document's name is the path of the file, beside which its price files lie.
    pub(super) campaign: &'a Campaign,
    /// What it resolves to.
    pub(super) schedule: &'a Schedule,
    /// The law.
    pub(super) calendar: &'a Calendar,
    /// The present.
    pub(super) now: Timestamp,
}

/// Every rule, on a campaign that could be read and resolved. A room with rules of its own adds its line here.
pub(super) fn checks(question: &Question<'_>) -> Vec<Finding> {
    let Question { campaign, schedule, calendar, now } = question;
    campaign::check(campaign, schedule, calendar, *now)
}

/// Reads `file` and asks every rule about it.
pub(super) fn examine(file: &Path, context: &Context) -> anyhow::Result<Examined> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read the campaign file `{name}`"))?;
    let document = match String::from_utf8(bytes) {
        Ok(text) => Document::new(name, text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let message = "the file is not UTF-8 text: its accents were saved in an older encoding";
            let remedy = "save it again with the encoding UTF-8";
            let finding = Finding::error("file.encoding", Place::at(&name, &text, good), message, remedy);
            return Ok(Examined { document: Document::new(name, text), schedule: None, findings: vec![finding] });
        }
    };
    let calendar = calendar::load(context)?;
    let campaign = match Campaign::parse(&document) {
        Ok(campaign) => campaign,
        Err(findings) => return Ok(Examined { document, schedule: None, findings }),
    };
    let schedule = match campaign.resolve(&calendar) {
        Ok(schedule) => Schedule { zone_version: zone_version(), ..schedule },
        Err(findings) => return Ok(Examined { document, schedule: None, findings }),
    };
    let question = Question { campaign: &campaign, schedule: &schedule, calendar: &calendar, now: context.clock.now() };
    let findings = checks(&question);
    Ok(Examined { document, schedule: Some(schedule), findings })
}

/// The version of the machine's zone database, which is asked before the one in this program.
fn zone_version() -> Option<String> {
    let folder = std::env::var_os("TZDIR").map_or_else(|| PathBuf::from("/usr/share/zoneinfo"), PathBuf::from);
    let head = std::fs::read_to_string(folder.join("tzdata.zi")).ok()?;
    head.lines().next()?.strip_prefix("# version ").map(|version| version.trim().to_owned())
}

/// `campaign check`.
pub(super) fn check(files: &[PathBuf], json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let mut findings = Vec::new();
    for file in files {
        let examined = examine(file, context)?;
        if let Some(schedule) = &examined.schedule {
            let zone = schedule.time_zone();
            let (opens, closes) = (moment(schedule.opens_at, &zone), moment(schedule.closes_at, &zone));
            context.note(format!("{}: opens {opens}, closes {closes}", examined.document.name))?;
        }
        findings.extend(examined.findings);
    }
    if json {
        context.json(&findings)?;
        return Ok(if has_error(&findings) { Exit::Refused } else { Exit::Done });
    }
    if findings.is_empty() {
        context.note("no findings")?;
    }
    Ok(context.findings(&findings)?)
}
