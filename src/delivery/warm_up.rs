//! The warm-up of a domain, or a relay, from which nobody has had mail: so many letters of mailings on the first day, and twice as many on
//! each day after one on which some left, until there are as many as nobody needs to count any more.
//!
//! Days are those of the shop's calendar. A day on which nothing leaves counts for nothing: the next one has as many letters.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

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

    /// How many days after `day` the last of `letters` can leave that are the only ones: 0 on the day itself.
    pub fn days_for(self, mut day: WarmUpDay, mut letters: u64) -> u32 {
        let mut days = 0;
        while let Some(left) = self.left_on(day).filter(|left| *left < letters) {
            letters -= left;
            days += 1;
            day = WarmUpDay { days_before: day.days_before + 1, letters: 0, ..day };
        }
        days
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

    #[test]
    fn how_many_days_letters_take() {
        let plan = WarmUp::new(200, 1000);
        for (seen, letters, days) in [
            (day(1, 0, 0), 0, 0),
            (day(1, 0, 0), 200, 0),
            (day(1, 0, 0), 201, 1),
            (day(1, 0, 0), 600, 1),
            (day(1, 0, 0), 1400, 2),
            (day(1, 0, 0), 1_000_000, 3),
            (day(1, 0, 200), 1, 1),
            (day(1, 0, 150), 51, 1),
            (day(1, 3, 0), 1_000_000, 0),
        ] {
            assert_eq!(plan.days_for(seen, letters), days, "{letters} from {seen:?}");
        }
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
