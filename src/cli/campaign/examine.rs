//! Reads a campaign file and asks every rule about it. `check` prints the answers; `plan` and `apply` go on from them.

use std::path::Path;

use jiff::Timestamp;

use super::inputs::Inputs;
use super::{faces, offers};
use crate::calendar::Calendar;
use crate::campaign::{Campaign, Schedule, unreviewed};
use crate::cli::{Context, workbook, zones};
use crate::compliance::{self, Case, Cleared, Judged, Judgement, Offers};
use crate::document::Document;
use crate::files::{TextFileError, read_bounded, read_text};
use crate::finding::{Finding, Place};
use crate::mail::{LetterCheck, ShopWindow, TemplateSet};
use crate::phrase;

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
    /// What may be applied: the schedule, when no finding stops it.
    pub(super) cleared: Option<Cleared>,
    /// The law by which it was looked at, when it can be read so far.
    pub(super) calendar: Option<Calendar>,
}

impl Examined {
    /// A file of which only findings came.
    fn unreadable(document: Document, findings: Vec<Finding>) -> Self {
        Self { document, campaign: None, schedule: None, findings, waived: Vec::new(), cleared: None, calendar: None }
    }
}

/// Reads `file` and asks every rule about it.
pub(super) fn examine(file: &Path, context: &Context) -> anyhow::Result<Examined> {
    if is_table(file) {
        let name = file.display().to_string();
        let message = phrase!("campaign-is-a-table");
        let remedy = phrase!("campaign-is-a-table-remedy", file = &name);
        let finding = Finding::error("file.kind", Place::file(&name), message).mended_by(remedy);
        return Ok(Examined::unreadable(Document::new(name, ""), vec![finding]));
    }
    let document = match read_text(file) {
        Ok(document) => document,
        Err(TextFileError::Encoding(finding)) => {
            return Ok(Examined::unreadable(Document::new(file.display().to_string(), ""), vec![*finding]));
        }
        Err(error) => return Err(error.into()),
    };
    examine_document(document, context)
}

/// Asks every rule about what was read of a file.
pub(super) fn examine_document(document: Document, context: &Context) -> anyhow::Result<Examined> {
    let inputs = Inputs::read(context)?;
    let campaign = match Campaign::parse(&document) {
        Ok(campaign) => campaign,
        Err(findings) => return Ok(Examined::unreadable(document, findings)),
    };
    let schedule = match campaign.resolve(&inputs.calendar) {
        Ok(schedule) => Schedule { zone_version: zones::version(), ..schedule },
        Err(findings) => return Ok(Examined::unreadable(document, findings)),
    };
    let (offers, unread) = offers::read(&campaign, &schedule, &inputs.calendar, inputs.store.as_ref())?;
    let schedule = offers::with_articles(schedule, &campaign, &offers);
    let judgement = judged(&campaign, &schedule, &inputs, (&offers, unread), context.clock.now())?;
    let Judgement { open, waived, cleared } = judgement;
    Ok(Examined {
        document,
        campaign: Some(campaign),
        schedule: Some(schedule),
        findings: open,
        waived,
        cleared,
        calendar: Some(inputs.calendar),
    })
}

/// Whether it is a workbook or a table, by its start or else its name: somebody has named the prices in place of the campaign. What
/// cannot be read is told by whoever reads it.
fn is_table(file: &Path) -> bool {
    let named = file
        .extension()
        .and_then(|end| end.to_str())
        .is_some_and(|end| ["csv", "tsv", "xlsx", "xls", "ods"].iter().any(|table| end.eq_ignore_ascii_case(table)));
    let begins = || read_bounded(file, 8).is_ok_and(|start| workbook::is_workbook(&start));
    file.is_file() && (named || begins())
}

/// Gathers what the campaign is judged by, and has it judged.
fn judged(
    campaign: &Campaign,
    schedule: &Schedule,
    inputs: &Inputs,
    (offers, mut gathered): (&[Offers], Vec<Finding>),
    now: Timestamp,
) -> anyhow::Result<Judgement> {
    let calendar = &inputs.calendar;
    let templates: Vec<&Document> = inputs.templates.iter().flat_map(TemplateSet::own_documents).collect();
    let showcase = offers::showcase(schedule, calendar, inputs.store.as_ref())?;
    let window = ShopWindow { showcase: Some(&showcase), at: now };
    gathered.extend(match &inputs.templates {
        Ok(templates) => {
            let check = LetterCheck { templates, sender: &inputs.sender, public_url: &inputs.public_url, window };
            [templates.notes(), &check.campaign(campaign, schedule)].concat()
        }
        Err(findings) => findings.clone(),
    });
    let pages = match &inputs.pages {
        Ok(pages) => pages.as_slice(),
        Err(findings) => {
            gathered.extend(findings.clone());
            &[]
        }
    };
    gathered.extend(unreviewed(campaign));
    gathered.extend(faces::missing(campaign, schedule, offers, inputs));
    gathered.extend(inputs.not_looked_at.clone());
    let waivers = inputs.waivers_of(&schedule.slug)?;
    let members = inputs.members(now)?;
    let audiences = inputs.audiences(schedule, now)?;
    let record = inputs.sales_record(schedule, now)?;
    let (templates, waivers) = (&templates, &waivers);
    Ok(compliance::judge(Case {
        campaign,
        schedule,
        calendar,
        templates,
        pages,
        offers,
        members,
        audiences: audiences.as_ref(),
        record: record.as_ref(),
        gathered,
        waivers,
        now,
    }))
}
