//! A plan in a file: what a person saw and agreed to. An apply that is handed one does exactly that, or nothing: it looks again, and
//! says what is not any more as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::examine::Examined;
use crate::campaign::{CampaignState, Plan, Progress, Schedule};
use crate::cli::exit::Failure;
use crate::compliance::Waiver;
use crate::db::campaigns::{self, Foresight};
use crate::db::{Db, StoreResult, identity};
use crate::files::read_text;
use crate::finding::{Finding, Place};
use crate::keys::Sha256Digest;
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// The form of the file. Another number is of another version of the program.
const FORM: u32 = 1;

/// How far a count of people may move before it is another count: by a twentieth, and by ten at the least.
const TWENTIETH: u64 = 20;
const TEN: u64 = 10;

/// What a plan rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedPlan {
    form: u32,
    /// When it was made.
    pub(super) made_at: Timestamp,
    /// By whom.
    pub(super) made_by: String,
    /// The campaign file.
    pub(super) file: String,
    /// What it held.
    file_digest: String,
    /// The price files that it names, with what they held.
    prices: BTreeMap<String, Option<String>>,
    /// Which store was looked at.
    store: String,
    /// The revision that was applied, and whether its mailings leave.
    applied: Option<AppliedThen>,
    /// What would be in force.
    schedule: Schedule,
    /// How far each mailing had come, and how many people had its letter.
    mailings: BTreeMap<String, MailingThen>,
    /// How many people each mailing would reach.
    people: BTreeMap<String, u64>,
    /// What was found: how grave, which rule, on which line.
    findings: BTreeSet<String>,
    /// What people had answered for.
    waived: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AppliedThen {
    revision: i64,
    state: String,
    held: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MailingThen {
    progress: String,
    told: u64,
}

/// What is read of files, before the store is asked.
pub(super) struct Sources {
    file_digest: String,
    prices: BTreeMap<String, Option<String>>,
    waived: BTreeSet<String>,
}

impl Sources {
    /// The campaign file and the price files beside it.
    pub(super) fn read(examined: &Examined) -> Self {
        let folder = Path::new(&examined.document.name).parent().unwrap_or(Path::new(""));
        let offers = examined.campaign.iter().flat_map(|campaign| &campaign.offers);
        let prices = offers.map(|offer| {
            let bytes = std::fs::read(folder.join(offer.prices.as_str()));
            // One that cannot be read is an error finding; that it stays so is all that is asked here.
            (offer.prices.value.clone(), bytes.ok().map(|bytes| Sha256Digest::of(&bytes).to_string()))
        });
        let waivers = examined.waived.iter().filter_map(|judged| judged.waiver.as_ref());
        Self {
            file_digest: Sha256Digest::of(examined.document.text.as_bytes()).to_string(),
            prices: prices.collect(),
            waived: waivers.map(|Waiver { rule, words, at, .. }| format!("{rule} {words:?} {at}")).collect(),
        }
    }
}

impl SavedPlan {
    /// What a plan rests on now. `findings` are those that a person sees who has taken nothing on.
    pub(super) fn of(
        db: &mut Db,
        sources: &Sources,
        file: &str,
        (foresight, findings, people): (&Foresight, &[Finding], &BTreeMap<String, u64>),
        (who, now): (&str, Timestamp),
    ) -> StoreResult<Self> {
        let schedule = foresight.succession.schedule.clone();
        let mailings = match &foresight.before {
            Some(before) if before.state != CampaignState::Cancelled => {
                campaigns::standing(db, &before.schedule.slug)?.map(|(_, mailings)| mailings).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let applied = foresight.before.as_ref().map(|before| AppliedThen {
            revision: before.revision,
            state: before.state.name().to_owned(),
            held: before.held.clone(),
        });
        let said = |finding: &Finding| {
            let line = finding.place.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{} {}{line}", finding.severity, finding.rule)
        };
        Ok(Self {
            form: FORM,
            made_at: now,
            made_by: who.to_owned(),
            file: file.to_owned(),
            file_digest: sources.file_digest.clone(),
            prices: sources.prices.clone(),
            store: identity::store_id(db)?.to_string(),
            applied,
            schedule,
            mailings: mailings
                .into_iter()
                .map(|it| (it.name, MailingThen { progress: progress(it.progress).to_owned(), told: it.told }))
                .collect(),
            people: people.clone(),
            findings: findings.iter().map(said).collect(),
            waived: sources.waived.clone(),
        })
    }

    /// Reads one from a file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let document = read_text(path)?;
        let plan: Self = serde_json::from_str(&document.text)
            .map_err(|_| Failure::refused(phrase!("plan-file-unreadable", file = &document.name)))?;
        if plan.form != FORM {
            return Err(Failure::refused(phrase!("plan-file-other-form", file = document.name)));
        }
        Ok(plan)
    }

    /// As it is written to a file.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let mut text = serde_json::to_string_pretty(self).context(phrase!("plan-file-unwritable"))?;
        text.push('\n');
        Ok(text)
    }

    /// What is not any more as this plan, from the file `name`, has it; `is` is how things stand now.
    pub(super) fn moved(&self, is: &Self, name: &str) -> Vec<Finding> {
        let Self { store, file_digest, prices, applied, schedule, mailings, people, findings, waived, .. } = self;
        let mut moved: Vec<Phrase> = Vec::new();
        if *store != is.store {
            moved.push(phrase!("plan-moved-store"));
        }
        if *file_digest != is.file_digest || self.file != is.file {
            moved.push(phrase!("plan-moved-file", file = &self.file));
        }
        let files: BTreeSet<&String> = prices.keys().chain(is.prices.keys()).collect();
        let other = files.into_iter().filter(|file| prices.get(*file) != is.prices.get(*file));
        moved.extend(other.map(|file| phrase!("plan-moved-prices", file = file)));
        match (applied, &is.applied) {
            (was, now) if was == now => {}
            (None, Some(now)) => moved.push(phrase!("plan-moved-new", is = Fact::text(now.revision))),
            (Some(was), Some(now)) if was.revision == now.revision => moved.push(phrase!("plan-moved-state")),
            (was, now) => {
                let revision = |then: &Option<AppliedThen>| then.as_ref().map_or(0, |then| then.revision);
                let (was, now) = (Fact::text(revision(was)), Fact::text(revision(now)));
                moved.push(phrase!("plan-moved-revision", was = was, is = now));
            }
        }
        if !schedule.says_the_same_as(&is.schedule) {
            let changes = Plan::between(Some(schedule), &is.schedule).changes;
            // The same instants on other grounds: what was computed has been published, or the other way round.
            let fields = Fact::texts(changes.iter().map(|change| format!("`{}`", change.field)));
            moved.push(if changes.is_empty() {
                phrase!("plan-moved-grounds")
            } else {
                phrase!("plan-moved-schedule", fields = fields)
            });
        }
        // A campaign that was not there has no mailings whose progress could be told apart.
        if applied.is_some() {
            moved.extend(moved_mailings(mailings, &is.mailings));
        }
        let names: BTreeSet<&String> = people.keys().chain(is.people.keys()).collect();
        for mailing in names {
            let count = |counts: &BTreeMap<String, u64>| counts.get(mailing).copied().unwrap_or_default();
            let (was, now) = (count(people), count(&is.people));
            if is_another_count(was, now) {
                moved.push(phrase!("plan-moved-people", mailing = mailing, was = was, is = now));
            }
        }
        let other: Vec<&String> = findings.symmetric_difference(&is.findings).collect();
        if !other.is_empty() {
            moved.push(phrase!("plan-moved-findings", findings = Fact::texts(other)));
        }
        if *waived != is.waived {
            moved.push(phrase!("plan-moved-waivers"));
        }
        let finding = |said: Phrase| {
            Finding::error("apply.plan-moved", Place::file(name), phrase!("plan-moved", what = Fact::from(said)))
        };
        moved.into_iter().map(finding).collect()
    }
}

fn moved_mailings(was: &BTreeMap<String, MailingThen>, is: &BTreeMap<String, MailingThen>) -> Vec<Phrase> {
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let mut moved = Vec::new();
    for name in names {
        match (was.get(name), is.get(name)) {
            (Some(was), Some(is)) if was.progress == is.progress => {
                if is_another_count(was.told, is.told) {
                    moved.push(phrase!("plan-moved-told", mailing = name, was = was.told, is = is.told));
                }
            }
            _ => moved.push(phrase!("plan-moved-mailing", mailing = name)),
        }
    }
    moved
}

/// Whether a person would want to know: none and some are never the same, and else a twentieth is little.
fn is_another_count(was: u64, is: u64) -> bool {
    (was == 0) != (is == 0) || was.abs_diff(is) > TEN.max(was / TWENTIETH)
}

fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Planned => "planned",
        Progress::NeverBegan => "never began",
        Progress::Sending => "leaving",
        Progress::Finished => "finished",
        Progress::TakenBack => "taken back",
        Progress::SetAside => "set aside",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_people_more_or_less_are_the_same_count() {
        for (was, is, other) in [
            (0, 0, false),
            (0, 1, true),
            (1, 0, true),
            (5, 15, false),
            (5, 16, true),
            (1_000, 1_050, false),
            (1_000, 1_051, true),
            (1_000, 949, true),
        ] {
            assert_eq!(is_another_count(was, is), other, "{was} {is}");
        }
    }
}
