//! The warm-up of a domain, or a relay, from which nobody has had mail: so many letters of mailings on the first day, and twice as many on
//! each day after one on which some left, until there are as many as nobody needs to count any more.
//!
//! Days are those of the shop's calendar. A day on which nothing leaves counts for nothing: the next one has as many letters.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::quiet::QuietHours;

/// How a warm-up goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUp {
    first_day: u64,
    top: u64,
}

/// How far it has come: a day, on how many days before it letters left, and how many have left on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUpDay {
    /// The day.
    pub day: Date,
    /// On how many days before.
    pub days_before: u32,
    /// How many letters have been given leave on it.
    pub letters: u64,
}

impl WarmUp {
    /// `first_day` letters on the first day, at least one; it is over on the first day that would have `top` of them.
    pub fn new(first_day: u32, top: u32) -> Self {
        Self { first_day: u64::from(first_day).max(1), top: top.into() }
    }

    /// How many letters may leave on `day` in all; `None` when it is over.
    pub fn most_on(self, day: WarmUpDay) -> Option<u64> {
        let most = 1_u64.checked_shl(day.days_before)?.checked_mul(self.first_day)?;
        (most < self.top).then_some(most)
    }

    /// How many more may leave on `day`; `None` when it is over.
    pub fn left_on(self, day: WarmUpDay) -> Option<u64> {
        self.most_on(day).map(|most| most.saturating_sub(day.letters))
    }

    /// How mailings go that share the portions of the days, from `now` on, when the warm-up stands at `day`: in the order of `mailings`.
    ///
    /// Letters take no time: each leaves at the first instant of a day at which it may. Of mailings that may leave at one instant, the one
    /// with the nearest deadline goes first, as senders claim them.
    pub fn courses(
        self,
        mut day: WarmUpDay,
        (zone, quiet): (&TimeZone, Option<&QuietHours>),
        now: Timestamp,
        mailings: &[WarmUpMailing],
    ) -> Vec<WarmUpCourse> {
        let not_quiet = |at: Timestamp| quiet.and_then(|quiet| quiet.until(at)).unwrap_or(at);
        let date = |at: Timestamp| zone.to_datetime(at).date();
        let mut courses: Vec<WarmUpCourse> = mailings.iter().map(|it| WarmUpCourse::before(it.letters)).collect();
        let mut today = date(now);
        while let Some(tomorrow) = day_after(today, zone, 1) {
            let begins = day_after(today, zone, 0).unwrap_or(now).max(now);
            let waits = |(mailing, course): &(&WarmUpMailing, &WarmUpCourse)| {
                course.unsent > 0 && mailing.not_after > begins.max(mailing.not_before)
            };
            let pending = || mailings.iter().zip(&courses).filter(waits).map(|(mailing, _)| mailing);
            let Some(first) = pending().map(|mailing| mailing.not_before).min() else { break };
            let mut turns: Vec<(Timestamp, Timestamp, usize)> = Vec::new();
            for (at, (mailing, course)) in mailings.iter().zip(&courses).enumerate() {
                let from = not_quiet(mailing.not_before.max(begins));
                if course.unsent > 0 && from < tomorrow && from < mailing.not_after {
                    turns.push((from, mailing.not_after, at));
                }
            }
            turns.sort_unstable();
            if !turns.is_empty() {
                day = day.on(today);
            }
            let shared = turns.len() > 1;
            for (from, _, at) in turns {
                let left = self.left_on(day);
                let Some(course) = courses.get_mut(at) else { continue };
                let (_, most) = *course.first_day.get_or_insert((today, self.most_on(day)));
                let leave = course.unsent.min(left.unwrap_or(u64::MAX));
                course.unsent -= leave;
                course.shares |= shared && most.is_some();
                course.ends = (course.unsent == 0).then_some(from);
                day.letters = day.letters.saturating_add(leave);
            }
            let next = date(first).max(date(tomorrow));
            if next <= today {
                break;
            }
            today = next;
        }
        courses
    }
}

/// A mailing of which letters are still to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUpMailing {
    /// From when they may.
    pub not_before: Timestamp,
    /// Until when they must have left.
    pub not_after: Timestamp,
    /// How many.
    pub letters: u64,
}

/// How a mailing goes during a warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUpCourse {
    /// The day on which it begins, and how many letters of all mailings may leave on it; `None` where any number may.
    pub first_day: Option<(Date, Option<u64>)>,
    /// When its last letter leaves; `None` when that is not before its deadline.
    pub ends: Option<Timestamp>,
    /// How many of its letters cannot leave in time.
    pub unsent: u64,
    /// Whether it shares a day with another mailing.
    pub shares: bool,
}

impl WarmUpCourse {
    fn before(letters: u64) -> Self {
        Self { first_day: None, ends: None, unsent: letters, shares: false }
    }

    /// How many letters may leave on the day on which it begins, where it does not end on that day, by the calendar of `zone`.
    pub fn held_back(&self, zone: &TimeZone) -> Option<u64> {
        let (day, most) = self.first_day?;
        most.filter(|_| self.ends.is_none_or(|ends| zone.to_datetime(ends).date() > day))
    }
}

impl WarmUpDay {
    /// Of a warm-up that begins on `day`.
    pub fn first(day: Date) -> Self {
        Self { day, days_before: 0, letters: 0 }
    }

    /// How far it is on `today`. A day before is that day still: a clock that is set back brings no more letters.
    #[must_use]
    pub fn on(self, today: Date) -> Self {
        if today <= self.day {
            return self;
        }
        Self { day: today, days_before: self.days_before.saturating_add(u32::from(self.letters > 0)), letters: 0 }
    }
}

/// When the day begins that is `days` after `day`, by the clocks of `zone`.
pub fn day_after(day: Date, zone: &TimeZone, days: u32) -> Option<Timestamp> {
    let later = day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    zone.to_ambiguous_timestamp(later.to_datetime(Time::midnight())).compatible().ok()
}

/// The text is not how far a warm-up has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not how far a warm-up has come")]
pub struct NoWarmUpDay;

impl fmt::Display for WarmUpDay {
    /// Such as `2027-01-01 3 120`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.day, self.days_before, self.letters)
    }
}

impl FromStr for WarmUpDay {
    type Err = NoWarmUpDay;

    fn from_str(text: &str) -> Result<Self, NoWarmUpDay> {
        let mut parts = text.split(' ');
        let mut part = || parts.next().ok_or(NoWarmUpDay);
        let day = part()?.parse().map_err(|_| NoWarmUpDay)?;
        let days_before = part()?.parse().map_err(|_| NoWarmUpDay)?;
        let letters = part()?.parse().map_err(|_| NoWarmUpDay)?;
        if parts.next().is_some() { Err(NoWarmUpDay) } else { Ok(Self { day, days_before, letters }) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn day(of_month: i8, days_before: u32, letters: u64) -> WarmUpDay {
        WarmUpDay { day: date(2027, 1, of_month), days_before, letters }
    }

    #[test]
    fn twice_as_many_each_day_on_which_letters_left() {
        let plan = WarmUp::new(200, 1000);
        let most: Vec<_> = (0..5).map(|days_before| plan.most_on(day(1, days_before, 0))).collect();
        assert_eq!(most, [Some(200), Some(400), Some(800), None, None]);
        assert_eq!(plan.most_on(day(1, u32::MAX, 0)), None);
        for (seen, today, then) in [
            (day(1, 0, 120), 1, day(1, 0, 120)),
            (day(1, 0, 120), 2, day(2, 1, 0)),
            (day(1, 0, 0), 2, day(2, 0, 0)),
            (day(1, 3, 1), 9, day(9, 4, 0)),
            // The clock was set back.
            (day(9, 3, 700), 8, day(9, 3, 700)),
        ] {
            assert_eq!(seen.on(date(2027, 1, today)), then, "{seen:?} on the {today}th");
        }
        assert_eq!(plan.left_on(day(1, 1, 120)), Some(280));
        assert_eq!(plan.left_on(day(1, 1, 500)), Some(0), "it was changed to fewer");
    }

    fn utc(text: &str) -> Timestamp {
        format!("2027-{text}:00Z").parse().unwrap()
    }

    /// When the last letter of each mailing leaves, or how many cannot, with 200 letters on the first day and the end at 1000.
    #[track_caller]
    fn check(seen: WarmUpDay, quiet: Option<&str>, mailings: &[(&str, &str, u64)], expected: &[Result<&str, u64>]) {
        let quiet = quiet.map(|hours| QuietHours::new(hours.parse().unwrap(), TimeZone::UTC));
        let mailings: Vec<WarmUpMailing> = mailings
            .iter()
            .map(|(from, to, letters)| WarmUpMailing { not_before: utc(from), not_after: utc(to), letters: *letters })
            .collect();
        let courses =
            WarmUp::new(200, 1000).courses(seen, (&TimeZone::UTC, quiet.as_ref()), utc("01-01T09:00"), &mailings);
        let ends: Vec<_> = courses.iter().map(|course| course.ends.ok_or(course.unsent)).collect();
        assert_eq!(ends, expected.iter().map(|end| end.map(utc)).collect::<Vec<_>>());
    }

    #[test]
    fn how_long_the_letters_of_one_mailing_take() {
        let until = "02-01T08:00";
        for (seen, letters, ends) in [
            (day(1, 0, 0), 200, "01-01T10:00"),
            (day(1, 0, 0), 201, "01-02T00:00"),
            (day(1, 0, 0), 600, "01-02T00:00"),
            (day(1, 0, 0), 1400, "01-03T00:00"),
            (day(1, 0, 0), 1_000_000, "01-04T00:00"),
            (day(1, 0, 200), 1, "01-02T00:00"),
            (day(1, 0, 150), 51, "01-02T00:00"),
            (day(1, 3, 0), 1_000_000, "01-01T10:00"),
        ] {
            check(seen, None, &[("01-01T10:00", until, letters)], &[Ok(ends)]);
        }
        check(day(1, 0, 0), None, &[("01-05T10:00", "01-06T09:00", 700)], &[Err(100)]);
        check(day(1, 0, 0), Some("21:00-08:00"), &[("01-05T06:00", "01-06T09:00", 600)], &[Ok("01-06T08:00")]);
        check(day(1, 0, 0), Some("21:00-08:00"), &[("01-05T06:00", "01-06T08:00", 600)], &[Err(400)]);
    }

    #[test]
    fn mailings_of_the_same_days_share_their_portions() {
        let one = ("01-05T10:00", "01-07T20:00", 600);
        check(day(1, 0, 0), None, &[one], &[Ok("01-06T00:00")]);
        check(day(1, 0, 0), None, &[one, one], &[Ok("01-06T00:00"), Ok("01-07T00:00")]);
        // The one that must have left first goes first, whichever was planned first.
        let sooner = ("01-05T10:00", "01-06T20:00", 600);
        check(day(1, 0, 0), None, &[one, sooner], &[Ok("01-07T00:00"), Ok("01-06T00:00")]);
        check(day(1, 0, 0), None, &[sooner, sooner], &[Ok("01-06T00:00"), Err(600)]);
    }

    #[test]
    fn a_mailing_after_another_begins_further_up() {
        let (announcement, opening) = (("01-05T10:00", "01-08T20:00", 1_000), ("01-10T12:00", "01-10T20:00", 1_000));
        check(day(1, 0, 0), None, &[opening], &[Err(800)]);
        // 200, 400 and 400 have left; on the fourth day there are no portions any more.
        check(day(1, 0, 0), None, &[announcement, opening], &[Ok("01-07T00:00"), Ok("01-10T12:00")]);
        check(day(1, 0, 0), None, &[("01-05T10:00", "01-06T20:00", 1), opening], &[Ok("01-05T10:00"), Err(600)]);
    }

    #[test]
    fn what_a_course_says_of_its_first_day() {
        let mailing = WarmUpMailing { not_before: utc("01-05T10:00"), not_after: utc("01-07T20:00"), letters: 300 };
        let courses = |mailings: &[WarmUpMailing]| {
            WarmUp::new(200, 1000).courses(day(1, 0, 0), (&TimeZone::UTC, None), utc("01-01T09:00"), mailings)
        };
        let [alone] = courses(&[mailing])[..] else { panic!("one course") };
        assert_eq!((alone.held_back(&TimeZone::UTC), alone.shares), (Some(200), false));
        assert!(courses(&[mailing, mailing]).iter().all(|course| course.shares));
        let [few] = courses(&[WarmUpMailing { letters: 200, ..mailing }])[..] else { panic!("one course") };
        assert_eq!(few.held_back(&TimeZone::UTC), None, "all of it leaves on one day");
        assert_eq!(courses(&[WarmUpMailing { not_after: utc("01-01T08:00"), ..mailing }])[0].unsent, 300);
    }

    #[test]
    fn what_is_kept_is_read_again() {
        assert_eq!(day(1, 3, 120).to_string(), "2027-01-01 3 120");
        assert_eq!("2027-01-01 3 120".parse(), Ok(day(1, 3, 120)));
        for text in ["", "2027-01-01", "2027-01-01 3", "2027-01-01 3 120 4", "2027-13-01 3 120", "2027-01-01 -1 120"] {
            assert_eq!(text.parse::<WarmUpDay>(), Err(NoWarmUpDay), "{text}");
        }
    }

    #[test]
    fn a_day_begins_by_the_clocks_of_the_zone() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(day_after(date(2027, 1, 1), &paris, 1), Some("2027-01-01T23:00:00Z".parse().unwrap()));
        assert_eq!(day_after(date(2027, 3, 28), &paris, 1), Some("2027-03-28T22:00:00Z".parse().unwrap()));
    }
}
