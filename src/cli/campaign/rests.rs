//! What the shop's rests make of the mailings of a campaign: its quiet hours, and the warm-up of a new domain or relay.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::campaign::{PlannedMailing, Schedule};
use crate::cli::Context;
use crate::config::Settings;
use crate::delivery::quiet::QuietHours;
use crate::delivery::warm_up::{WarmUpDay, WarmUpMailing};
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::sending::foresight::AppliedMailing;
use crate::sending::rests::{Rests, ShopWarmUp};

/// Which of `mailings` are due in quiet hours: when their letters begin to leave, or that none can before the deadline.
pub(super) fn due_in_quiet_hours<'a>(
    settings: &Settings,
    schedule: &Schedule,
    mailings: impl IntoIterator<Item = &'a PlannedMailing>,
    file: &str,
) -> Vec<Finding> {
    let Some(quiet) = Rests::of(settings).quiet else { return Vec::new() };
    let due = |mailing: &PlannedMailing| {
        let until = quiet.until(mailing.not_before)?;
        let zone = schedule.time_zone();
        let (name, hours) = (mailing.name.as_str(), in_words(&quiet));
        if until < mailing.not_after {
            let message = phrase!("mailing-quiet", mailing = name, hours = hours, ends = Fact::moment(until, &zone));
            return Some(Finding::note("mailing.quiet", Place::file(file), message));
        }
        let deadline = Fact::moment(mailing.not_after, &zone);
        let message = phrase!("mailing-all-quiet", mailing = name, hours = hours, deadline = deadline);
        Some(Finding::error("mailing.cannot-end", setting(settings), message))
    };
    mailings.into_iter().filter_map(due).collect()
}

/// The same for every mailing of a file that is checked; nothing where there is no shop yet.
pub(super) fn check(schedule: &Schedule, file: &str, context: &Context) -> anyhow::Result<Vec<Finding>> {
    let settings = context.settings_if_any()?;
    let found = settings.map(|settings| due_in_quiet_hours(&settings, schedule, &schedule.mailings, file));
    Ok(found.unwrap_or_default())
}

/// Where the quiet hours are set.
pub(super) fn setting(settings: &Settings) -> Place {
    Place::file(settings.path.display().to_string()).with_words("quiet_hours")
}

/// The hours with the zone whose clocks count.
pub(super) fn in_words(quiet: &QuietHours) -> Phrase {
    let zone = quiet.zone().iana_name().unwrap_or("UTC");
    phrase!("quiet-hours", hours = Fact::text(quiet.hours()), zone = zone)
}

/// The warm-up as it stands, with the mailings that share its days.
pub(super) struct WarmUpSeen {
    pub(super) warm_up: ShopWarmUp,
    /// How far it is.
    pub(super) day: WarmUpDay,
    /// Every applied mailing of which letters are still to leave.
    pub(super) others: Vec<AppliedMailing>,
}

/// What a warm-up makes of the `coming` mailings of a file, which share its days with those that are applied: nothing where all of a mailing
/// may leave on the day on which it begins. An applied one that could end in time, and cannot with these, is told of too.
pub(super) fn warms_up(
    settings: &Settings,
    WarmUpSeen { warm_up, day, others }: &WarmUpSeen,
    (schedule, coming, people): (&Schedule, &[&PlannedMailing], &BTreeMap<String, u64>),
    (file, now): (&str, Timestamp),
) -> Vec<Finding> {
    if warm_up.plan.most_on(*day).is_none() {
        return Vec::new();
    }
    let (quiet, zone) = (Rests::of(settings).quiet, schedule.time_zone());
    let courses = |mailings: &[WarmUpMailing]| warm_up.courses(*day, quiet.as_ref(), now, mailings);
    let replaced = |other: &&AppliedMailing| {
        other.campaign == schedule.slug && coming.iter().any(|mailing| mailing.name == other.name)
    };
    let others: Vec<&AppliedMailing> = others.iter().filter(|other| !replaced(other)).collect();
    let of_others: Vec<WarmUpMailing> = others.iter().map(|other| other.letters).collect();
    let letters = |mailing: &PlannedMailing| people.get(&mailing.name).copied().unwrap_or_default();
    let ours = coming.iter().map(|mailing| WarmUpMailing {
        not_before: mailing.not_before,
        not_after: mailing.not_after,
        letters: letters(mailing),
    });
    let all: Vec<WarmUpMailing> = of_others.iter().copied().chain(ours).collect();
    let (before, after) = (courses(&of_others), courses(&all));
    let place = || Place::file(settings.path.display().to_string()).with_words("warm_up");
    let mut findings = Vec::new();
    for ((other, before), after) in others.iter().zip(&before).zip(&after) {
        if before.unsent == 0 && after.unsent > 0 {
            let deadline = Fact::moment(other.letters.not_after, &zone);
            let message = phrase!(
                "mailing-crowds-out",
                other = Fact::text(format_args!("{}/{}", other.campaign, other.name)),
                unsent = after.unsent,
                deadline = deadline
            );
            findings.push(Finding::error("mailing.cannot-end", place(), message));
        }
    }
    for (mailing, course) in coming.iter().zip(after.iter().skip(others.len())) {
        let Some(most) = course.held_back(warm_up.zone()) else { continue };
        let (name, people) = (mailing.name.as_str(), letters(mailing));
        let shared = if course.shares { phrase!("warm-up-shared") } else { phrase!("warm-up-alone") };
        let finding = if let Some(ends) = course.ends {
            let message = phrase!(
                "mailing-warms-up",
                mailing = name,
                people = people,
                most = most,
                shared = shared,
                ends = Fact::moment(ends, &zone)
            );
            Finding::note("mailing.takes", Place::file(file), message)
        } else {
            let message = phrase!(
                "mailing-too-many",
                mailing = name,
                people = people,
                most = most,
                shared = shared,
                unsent = course.unsent,
                deadline = Fact::moment(mailing.not_after, &zone)
            );
            Finding::error("mailing.cannot-end", place(), message)
        };
        findings.push(finding);
    }
    findings
}
