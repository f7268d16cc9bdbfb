//! What the shop's quiet hours make of the mailings of a campaign.

use crate::campaign::{PlannedMailing, Schedule};
use crate::cli::Context;
use crate::config::Settings;
use crate::delivery::quiet::QuietHours;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::sending::holds::quiet_hours;

/// Which of `mailings` are due in quiet hours: when their letters begin to leave, or that none can before the deadline.
pub(super) fn due_in_quiet_hours<'a>(
    settings: &Settings,
    schedule: &Schedule,
    mailings: impl IntoIterator<Item = &'a PlannedMailing>,
    file: &str,
) -> Vec<Finding> {
    let Some(quiet) = quiet_hours(settings) else { return Vec::new() };
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
