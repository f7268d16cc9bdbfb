//! What can be told before its time of the mailings that are applied: one that would reach nobody, and one that a warm-up, quiet hours, or
//! the rate that a person allows the relay keep from ending before its deadline. Reckoned anew by whoever looks; a daemon keeps what it saw last, so that somebody
//! is told.

use jiff::{SignedDuration, Timestamp};

use super::rests::Rests;
use crate::campaign::{KEPT_OUT_REMEDY, PlannedMailing, WhyNobody, why_nobody};
use crate::counted::counted_as;
use crate::db::campaigns::{self, AppliedCampaign};
use crate::db::mailings;
use crate::db::reach::{self, AudienceCounts};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, StoreResult};
use crate::delivery::MailingState;
use crate::delivery::feasibility::{Load, MailingCourse, course, takes};
use crate::delivery::pace::PaceLearned;
use crate::delivery::quiet::QuietHours;
use crate::delivery::warm_up::WarmUpMailing;
use crate::problem::{Problem, ProblemKind};
use crate::text::{Rate, Slug};

/// So long before its time it is told of a mailing that there is nobody at all to write to: members may still be imported.
const NEAR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The kinds of problem that are foreseen.
pub const FORESEEN: [ProblemKind; 2] = [ProblemKind::MailingToNobody, ProblemKind::MailingTooLate];

/// An applied mailing of which letters are still to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMailing {
    /// Its campaign.
    pub campaign: Slug,
    /// Its name.
    pub name: String,
    /// Its times, and how many letters: of one that has begun those that have not ended, of another as many as it would reach at the time
    /// of asking.
    pub letters: WarmUpMailing,
}

/// Every applied mailing of which letters are still to leave, as things are at `now`. What is paused or held counts: it may go on.
pub fn still_to_leave(db: &mut Db, now: Timestamp) -> StoreResult<Vec<AppliedMailing>> {
    let applied = campaigns::list(db)?;
    still_to_leave_of(db, &applied, now)
}

/// The same for whoever has read what is `applied`.
fn still_to_leave_of(db: &mut Db, applied: &[AppliedCampaign], now: Timestamp) -> StoreResult<Vec<AppliedMailing>> {
    let mut counts = AudienceCounts::default();
    let mut found = Vec::new();
    for report in reports::mailings_of(db, None)?.into_iter().filter(|report| now < report.not_after) {
        let letters = match report.state {
            MailingState::Sending => unsent(&report),
            MailingState::Planned => {
                let Some(planned) = planned(applied, &report.campaign, &report.mailing) else { continue };
                counts.of(db, planned.recipients(), now)?
            }
            _ => continue,
        };
        let letters = WarmUpMailing { not_before: report.not_before, not_after: report.not_after, letters };
        found.push(AppliedMailing { campaign: report.campaign, name: report.mailing, letters });
    }
    Ok(found)
}

/// A mailing as it was applied.
fn planned<'a>(applied: &'a [AppliedCampaign], campaign: &Slug, name: &str) -> Option<&'a PlannedMailing> {
    applied.iter().find(|sale| sale.schedule.slug == *campaign)?.schedule.mailing(name)
}

fn unsent(report: &MailingReport) -> u64 {
    report.counts.iter().filter(|(state, _)| !state.has_ended()).map(|(_, count)| count).sum()
}

/// Every mailing that is applied and would reach nobody, or could not end in time, were everything to stay as it is at `now`.
pub fn foreseen(db: &mut Db, rests: &Rests, now: Timestamp) -> StoreResult<Vec<Problem>> {
    let applied = campaigns::list(db)?;
    let mut found = to_nobody(db, &applied, now)?;
    if *rests == Rests::default() {
        return Ok(found);
    }
    let mailings = still_to_leave_of(db, &applied, now)?;
    let quiet = rests.quiet.as_ref();
    let courses = match &rests.warm_up {
        Some(warm_up) => {
            let letters: Vec<WarmUpMailing> = mailings.iter().map(|mailing| mailing.letters).collect();
            let day = warm_up.day(db, now)?;
            warm_up.courses(day, quiet, now, &letters)
        }
        None => Vec::new(),
    };
    let mut courses = courses.into_iter();
    found.extend(mailings.iter().filter_map(|mailing| {
        let course = courses.next();
        let held_back = || course.filter(|course| course.first_day.is_some() && course.unsent > 0);
        let all_quiet = quiet.and_then(|quiet| all_quiet(mailing, quiet, now));
        let warms_up = || Some(too_late(mailing, held_back()?.unsent));
        all_quiet.or_else(warms_up).or_else(|| too_slow(mailing, rests.rate?, quiet, now))
    }));
    Ok(found)
}

fn to_nobody(db: &mut Db, applied: &[AppliedCampaign], now: Timestamp) -> StoreResult<Vec<Problem>> {
    let near = now.saturating_add(NEAR).unwrap_or(Timestamp::MAX);
    let mut found = Vec::new();
    for (campaign, name, not_before) in mailings::planned(db)? {
        let Some(planned) = planned(applied, &campaign, &name) else { continue };
        // What is due is told by the planner, with until when it waits.
        if not_before <= now || planned.not_after <= now || reach::is_for_somebody(db, planned.recipients(), now)? {
            continue;
        }
        let out = reach::of_lists(db, planned.recipients(), now)?.left_out;
        let why = why_nobody(planned.recipients(), &out);
        if why != WhyNobody::NoMembers || not_before < near {
            found.push(nobody(&campaign, &name, why));
        }
    }
    Ok(found)
}

fn nobody(campaign: &Slug, name: &str, why: WhyNobody) -> Problem {
    let remedy = match why {
        WhyNobody::NoMembers => "`carillon member import FILE`",
        WhyNobody::Lists => {
            "`carillon list show` says who is on which, `carillon list add LIST ADDRESS --reason WHY` puts members on one"
        }
        WhyNobody::KeptOut => KEPT_OUT_REMEDY,
    };
    Problem::new(
        ProblemKind::MailingToNobody,
        format!("{campaign}/{name}"),
        format!("mailing `{name}` of `{campaign}` would reach nobody: {}", why.words()),
        remedy,
    )
}

/// A mailing of which letters are left, and whose deadline comes before the end of the quiet hours that they wait for.
fn all_quiet(mailing: &AppliedMailing, quiet: &QuietHours, now: Timestamp) -> Option<Problem> {
    let AppliedMailing { campaign, name, letters } = mailing;
    let until = quiet.until(letters.not_before.max(now)).filter(|until| *until >= letters.not_after)?;
    (letters.letters > 0).then(|| {
        Problem::new(
            ProblemKind::MailingTooLate,
            format!("{campaign}/{name}"),
            format!(
                "mailing `{name}` of `{campaign}` cannot end before its deadline: because of the quiet hours no letter leaves before {}",
                until.strftime("%Y-%m-%d %H:%M UTC")
            ),
            "let it begin earlier or end later in its file and apply that again, or change `quiet_hours` in `[mail]`",
        )
    })
}

fn too_late(AppliedMailing { campaign, name, .. }: &AppliedMailing, unsent: u64) -> Problem {
    let unsent = counted_as(unsent, "letter", "letters");
    Problem::new(
        ProblemKind::MailingTooLate,
        format!("{campaign}/{name}"),
        format!(
            "mailing `{name}` of `{campaign}` cannot end before its deadline: by the warm-up {unsent} cannot leave in time"
        ),
        "let it begin earlier or end later in its file and apply that again, write to fewer people, or change `[mail.warm_up]`",
    )
}

/// A mailing whose letters, were it alone, would not all leave in time at the `rate` that a person allows. What was learned of the relay
/// says nothing here: it may change before the hour.
fn too_slow(mailing: &AppliedMailing, rate: Rate, quiet: Option<&QuietHours>, now: Timestamp) -> Option<Problem> {
    let AppliedMailing { campaign, name, letters } = mailing;
    let load = Load { letters: letters.letters, ..Load::default() };
    let time = takes(&load, Some(rate), &PaceLearned::default())?.time;
    let course = course(letters.not_before.max(now), letters.not_after, time, quiet);
    matches!(course, MailingCourse::TooLate { .. }).then(|| {
        let letters = counted_as(letters.letters, "letter", "letters");
        Problem::new(
            ProblemKind::MailingTooLate,
            format!("{campaign}/{name}"),
            format!(
                "mailing `{name}` of `{campaign}` cannot end before its deadline: there is no time for {letters} at a `rate` of {rate}"
            ),
            "let it begin earlier or end later in its file and apply that again, write to fewer people, or allow more with `rate` in `[mail.smtp]`",
        )
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_rate_at_which_letters_do_not_leave_in_time_is_told_of() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let check = |letters, rate: &str, now: &str, quiet: Option<&str>, expected: bool| {
            let (not_before, not_after) = (at("2027-01-02T20:00:00Z"), at("2027-01-02T22:00:00Z"));
            let letters = WarmUpMailing { not_before, not_after, letters };
            let mailing = AppliedMailing { campaign: "hiver".parse().unwrap(), name: "last-hours".to_owned(), letters };
            let quiet = quiet.map(|hours| QuietHours::new(hours.parse().unwrap(), TimeZone::UTC));
            let found = too_slow(&mailing, rate.parse().unwrap(), quiet.as_ref(), at(now));
            assert_eq!(found.is_some(), expected, "{letters:?} {rate} {now}");
        };
        let (before, under_way) = ("2027-01-02T07:00:00Z", "2027-01-02T21:00:00Z");
        check(1200, "10/min", before, None, false);
        check(1201, "10/min", before, None, true);
        check(1200, "10/min", before, Some("20:30-20:40"), true);
        check(600, "10/min", under_way, None, false);
        check(601, "10/min", under_way, None, true);
        check(0, "1/day", under_way, None, false);
    }

    #[test]
    fn quiet_hours_that_last_beyond_a_deadline_are_told_of() {
        let quiet = QuietHours::new("21:00-08:00".parse().unwrap(), TimeZone::UTC);
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let check = |from: &str, until: &str, letters, now: &str, expected: bool| {
            let letters = WarmUpMailing { not_before: at(from), not_after: at(until), letters };
            let mailing = AppliedMailing { campaign: "hiver".parse().unwrap(), name: "last-hours".to_owned(), letters };
            assert_eq!(all_quiet(&mailing, &quiet, at(now)).is_some(), expected, "{from} {until} {now}");
        };
        let (evening, night, morning) = ("2027-01-02T20:00:00Z", "2027-01-02T22:00:00Z", "2027-01-03T08:00:00Z");
        check(night, morning, 5, evening, true);
        check(night, "2027-01-03T08:00:01Z", 5, evening, false);
        check(evening, morning, 5, evening, false);
        // What has not left by the evening leaves no more.
        check(evening, morning, 5, night, true);
        check(evening, morning, 0, night, false);
    }
}
