//! Whether the mails of a campaign would reach anybody, and say what is true: the members, the transport, the shop's name
//! and its links as they are today. None of it stops an apply, for all of it may be put right before the hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::campaign::{PlannedMailing, Schedule, Step, Succession};
use crate::compliance::{close_together, concerns_everybody};
use crate::config::{SAMPLE, Settings, TransportSettings};
use crate::db::mailings;
use crate::db::{Db, StoreResult, members};
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::phrase;
use crate::phrase::Fact;
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
        let mailings = Fact::texts(coming.iter().map(|mailing| format!("`{}`", mailing.name)));
        return vec![Finding::warning("members.none", file(), phrase!("members-none", mailings = mailings))];
    }
    let mut findings: Vec<Finding> = coming
        .iter()
        .map(|mailing| {
            let mut letters: BTreeMap<Language, u64> = BTreeMap::new();
            for (language, count) in &surroundings.members {
                let written = mailing.languages.iter().find(|known| *known == language).or(mailing.languages.first());
                *letters.entry(*written.unwrap_or(language)).or_default() += count;
            }
            let letters: Vec<Fact> = letters
                .into_iter()
                .map(|(language, count)| phrase!("letters-in", count = count, language = Fact::text(language)).into())
                .collect();
            let message = phrase!("members-reached", mailing = &mailing.name, people = all, letters = letters);
            Finding::note("members.reached", file(), message)
        })
        .collect();
    if !concerns_everybody(schedule) {
        let message = phrase!(
            "members-beyond-market",
            people = all,
            markets = Fact::texts(schedule.markets.iter().map(|market| format!("`{market}`"))),
            channel = Fact::text(schedule.channel)
        );
        let finding = Finding::warning("mailing.beyond-market", file(), message);
        findings.push(finding.mended_by(phrase!("beyond-market-remedy")));
    }
    findings
}

fn transport(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let TransportSettings::Directory(folder) = &settings.mail.transport else { return None };
    let message = phrase!("mail-directory", folder = Fact::text(folder.display()));
    Some(Finding::warning("mail.directory", place().with_words("transport"), message))
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
            let theirs = phrase!("mailing-of", mailing = name, campaign = Fact::text(campaign));
            let message = close_together((&mailing.name, mailing.not_before), (theirs, *not_before), &zone)?;
            Some(Finding::warning("mailing.close-together", file(), message))
        })
        .collect()
}

fn sample_name(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let sample: toml::Table = SAMPLE.parse().ok()?;
    let name = sample.get("shop")?.get("name")?.as_str()?;
    let finding =
        || Finding::warning("shop.sample", place().with_words("name"), phrase!("shop-sample-name", name = name));
    (settings.shop.name.as_str() == name).then(finding)
}

/// Links to hosts that are kept for examples and are no shop's.
fn example_links(settings: &Settings, schedule: &Schedule, place: impl Fn() -> Place) -> Option<Finding> {
    let links =
        [Some(&settings.public.url), Some(&settings.shop.url), Some(&settings.shop.privacy_url), schedule.url.as_ref()];
    let hosts: BTreeSet<String> =
        links.into_iter().flatten().filter(|link| link.is_example()).map(|link| format!("`{}`", link.host())).collect();
    let message = || phrase!("shop-example-links", hosts = Fact::texts(&hosts));
    (!hosts.is_empty()).then(|| Finding::warning("links.example", place(), message()))
}
