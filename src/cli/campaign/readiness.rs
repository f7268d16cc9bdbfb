//! Whether the mails of a campaign would reach anybody, and say what is true: the members, the transport, the shop's name
//! and its links as they are today. None of it stops an apply, for all of it may be put right before the hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::campaign::{PlannedMailing, Schedule, Step, Succession, people, thousands};
use crate::compliance::{close_together, concerns_everybody};
use crate::config::{SAMPLE, Settings, TransportSettings};
use crate::db::mailings;
use crate::db::{Db, StoreResult, members};
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::text::Slug;

/// What a campaign meets in this place today.
pub(super) struct Surroundings<'a> {
    settings: &'a Settings,
    /// How many members may be written to, by their language.
    members: BTreeMap<Language, u64>,
    /// The mailings that have not begun: campaign, name, and when it begins.
    planned: Vec<(Slug, String, Timestamp)>,
}

impl<'a> Surroundings<'a> {
    /// Reads them.
    pub(super) fn read(db: &mut Db, settings: &'a Settings, now: Timestamp) -> StoreResult<Self> {
        Ok(Self { settings, members: members::count_eligible_by_language(db, now)?, planned: mailings::planned(db)? })
    }
}

/// Everything that a person should know before the mails of `succession`, from the file `name`, leave.
pub(super) fn check(surroundings: &Surroundings<'_>, succession: &Succession, name: &str) -> Vec<Finding> {
    let schedule = &succession.schedule;
    let coming: Vec<&PlannedMailing> = schedule.mailings.iter().filter(|mailing| comes(succession, mailing)).collect();
    let file = || Place::file(name);
    let configuration = || Place::file(surroundings.settings.path.display().to_string());
    let mut findings = Vec::new();
    if !coming.is_empty() {
        findings.extend(reach(surroundings, schedule, &coming, file));
        findings.extend(transport(surroundings.settings, configuration));
        findings.extend(coming.iter().flat_map(|mailing| neighbours(surroundings, schedule, mailing, file)));
    }
    findings.extend(sample_name(surroundings.settings, configuration));
    findings.extend(example_links(surroundings.settings, schedule, configuration));
    findings
}

/// Whether messages of a mailing are still to leave.
fn comes(succession: &Succession, mailing: &PlannedMailing) -> bool {
    let comes = |step| matches!(step, Step::Add | Step::Plan | Step::Mend);
    succession.steps.iter().any(|(name, step)| *name == mailing.name && comes(*step))
}

/// Who would be written to today, by mailing and language.
fn reach(
    surroundings: &Surroundings<'_>,
    schedule: &Schedule,
    coming: &[&PlannedMailing],
    file: impl Fn() -> Place,
) -> Vec<Finding> {
    let all: u64 = surroundings.members.values().sum();
    if all == 0 {
        let names: Vec<String> = coming.iter().map(|mailing| format!("`{}`", mailing.name)).collect();
        let message = format!("no member may be written to today: {} would reach nobody", names.join(", "));
        let remedy = "`carillon member import FILE` adds those who agreed, with the proof";
        return vec![Finding::plain_warning("members.none", file(), message, remedy)];
    }
    let mut findings: Vec<Finding> = coming
        .iter()
        .map(|mailing| {
            let mut letters: BTreeMap<Language, u64> = BTreeMap::new();
            for (language, count) in &surroundings.members {
                let written = mailing.languages.iter().find(|known| *known == language).or(mailing.languages.first());
                *letters.entry(*written.unwrap_or(language)).or_default() += count;
            }
            let letters: Vec<String> =
                letters.iter().map(|(language, count)| format!("{} in `{language}`", thousands(*count))).collect();
            let (name, all, letters) = (&mailing.name, people(all), letters.join(", "));
            let message = format!("`{name}` would be written to {all} today: {letters}");
            Finding::plain_note(
                "members.reached",
                file(),
                message,
                "nothing; who is written to is settled when it begins",
            )
        })
        .collect();
    if !concerns_everybody(schedule) {
        let markets: Vec<String> = schedule.markets.iter().map(|market| format!("`{market}`")).collect();
        let message = format!(
            "all {} would be written to, also those whom a sale in {} ({}) does not concern: members have no market",
            people(all),
            markets.join(", "),
            schedule.channel
        );
        findings.push(Finding::plain_warning(
            "mailing.beyond-market",
            file(),
            message,
            crate::phrase!("beyond-market-remedy"),
        ));
    }
    findings
}

fn transport(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let TransportSettings::Directory(folder) = &settings.mail.transport else { return None };
    let message =
        format!("`transport = \"directory\"`: mails become files in `{}`, and nobody is written to", folder.display());
    let remedy = "for a rehearsal nothing; to write to people, `transport = \"smtp\"` with `[mail.smtp]`";
    Some(Finding::plain_warning("mail.directory", place().with_words("transport"), message, remedy))
}

/// Mailings of other campaigns that begin at nearly the same time: everybody would get both.
fn neighbours(
    surroundings: &Surroundings<'_>,
    schedule: &Schedule,
    mailing: &PlannedMailing,
    file: impl Fn() -> Place,
) -> Vec<Finding> {
    let zone = schedule.time_zone();
    surroundings
        .planned
        .iter()
        .filter(|(campaign, ..)| *campaign != schedule.slug)
        .filter_map(|(campaign, name, not_before)| {
            let theirs = format!("{name}` of `{campaign}");
            let message = close_together((&mailing.name, mailing.not_before), (&theirs, *not_before), &zone)?;
            let remedy = "move one of the two to another part of the day, or remove one";
            Some(Finding::plain_warning("mailing.close-together", file(), message, remedy))
        })
        .collect()
}

fn sample_name(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let sample: toml::Table = SAMPLE.parse().ok()?;
    let name = sample.get("shop")?.get("name")?.as_str()?;
    let message = format!("the shop is still called `{name}`, as in the sample: so it signs its mails and pages");
    let remedy = "write your own name, address and links under `[shop]`";
    (settings.shop.name.as_str() == name)
        .then(|| Finding::plain_warning("shop.sample", place().with_words("name"), message, remedy))
}

/// Links to hosts that are kept for examples and are no shop's.
fn example_links(settings: &Settings, schedule: &Schedule, place: impl Fn() -> Place) -> Option<Finding> {
    let links =
        [Some(&settings.public.url), Some(&settings.shop.url), Some(&settings.shop.privacy_url), schedule.url.as_ref()];
    let hosts: BTreeSet<String> =
        links.into_iter().flatten().filter(|link| link.is_example()).map(|link| format!("`{}`", link.host())).collect();
    let shown: Vec<String> = hosts.iter().cloned().collect();
    let message = format!("mails and pages would link to {}, which is nobody's", shown.join(", "));
    let remedy = "write your own addresses under `[shop]` and `[public]`, and as `url` in the campaign";
    (!hosts.is_empty()).then(|| Finding::plain_warning("links.example", place(), message, remedy))
}
