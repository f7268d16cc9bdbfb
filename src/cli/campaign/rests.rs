//! What the shop's rests make of the mailings of a campaign: its quiet hours, and the warm-up of a new domain or relay.

use jiff::Timestamp;

use crate::campaign::{PlannedMailing, Schedule};
use crate::cli::Context;
use crate::config::Settings;
use crate::delivery::quiet::QuietHours;
use crate::delivery::warm_up::WarmUpDay;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
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

/// What a warm-up that stands at `day` makes of a mailing to `people`, were it the only one: nothing where all of it may leave on the day on
/// which it begins.
pub(super) fn warms_up(
    settings: &Settings,
    (warm_up, day): (&ShopWarmUp, WarmUpDay),
    (schedule, mailing, people): (&Schedule, &PlannedMailing, u64),
    (file, now): (&str, Timestamp),
) -> Option<Finding> {
    let quiet = Rests::of(settings).quiet;
    let not_quiet = |at: Timestamp| quiet.as_ref().and_then(|quiet| quiet.until(at)).unwrap_or(at);
    let begins = warm_up.date(not_quiet(mailing.not_before.max(now)));
    let day = day.on(begins);
    let most = warm_up.plan.most_on(day)?;
    let days = Some(warm_up.plan.days_for(day, people)).filter(|days| *days > 0)?;
    let ends = warm_up.day_after(day.day, days).map(not_quiet).filter(|ends| *ends < mailing.not_after);
    let (name, zone) = (mailing.name.as_str(), schedule.time_zone());
    if let Some(ends) = ends {
        let ends = Fact::moment(ends, &zone);
        let message = phrase!("mailing-warms-up", mailing = name, people = people, most = most, ends = ends);
        return Some(Finding::note("mailing.takes", Place::file(file), message));
    }
    let deadline = Fact::moment(mailing.not_after, &zone);
    let message = phrase!("mailing-too-many", mailing = name, people = people, most = most, deadline = deadline);
    let place = Place::file(settings.path.display().to_string()).with_words("warm_up");
    Some(Finding::error("mailing.cannot-end", place, message))
}
