//! Rules for days: when a period starts in a given year, and how long it lasts. Civil dates only; no zones, no orders.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer};

/// A day of any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MonthDay {
    #[serde(deserialize_with = "month")]
    pub(super) month: i8,
    #[serde(deserialize_with = "day_of_month")]
    pub(super) day: i8,
}

impl MonthDay {
    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }
}

/// How the first day follows from the year.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StartRule {
    /// The nth given weekday of a month; a week earlier when that falls after a given day.
    NthWeekday {
        #[serde(deserialize_with = "month")]
        month: i8,
        #[serde(deserialize_with = "nth")]
        nth: i8,
        #[serde(deserialize_with = "weekday")]
        weekday: Weekday,
        a_week_earlier_after: Option<i8>,
    },
    /// The last given weekday of a month; a week earlier when that falls after a given day.
    LastWeekday {
        #[serde(deserialize_with = "month")]
        month: i8,
        #[serde(deserialize_with = "weekday")]
        weekday: Weekday,
        a_week_earlier_after: Option<i8>,
    },
    /// The first day of a month that is neither a Sunday nor a public holiday. Saturday counts (jour ouvré).
    FirstWorkingDay {
        #[serde(deserialize_with = "month")]
        month: i8,
    },
    /// The first given weekday strictly after a day.
    WeekdayAfter {
        #[serde(deserialize_with = "month")]
        month: i8,
        #[serde(deserialize_with = "day_of_month")]
        day: i8,
        #[serde(deserialize_with = "weekday")]
        weekday: Weekday,
    },
    /// A fixed day, moved by so many days when it is a Sunday.
    Day {
        #[serde(deserialize_with = "month")]
        month: i8,
        #[serde(deserialize_with = "day_of_month")]
        day: i8,
        #[serde(default)]
        if_sunday: i8,
    },
    /// The last working day before a feast; the Saturday before when that is a Monday.
    WorkingDayBefore {
        #[serde(deserialize_with = "month")]
        month: i8,
        #[serde(deserialize_with = "day_of_month")]
        day: i8,
        #[serde(default)]
        monday_becomes_saturday: bool,
    },
    /// Never computed: only published dates count.
    Published,
}

impl StartRule {
    /// The first day in `year`. None when the rule does not compute, or the year has no such day.
    pub(super) fn first_day(&self, year: i16, holidays: &[MonthDay]) -> Option<Date> {
        match *self {
            Self::NthWeekday { month, nth, weekday, a_week_earlier_after } => {
                let day = Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()?;
                earlier_after(day, a_week_earlier_after)
            }
            Self::LastWeekday { month, weekday, a_week_earlier_after } => {
                let day = Date::new(year, month, 1).ok()?.nth_weekday_of_month(-1, weekday).ok()?;
                earlier_after(day, a_week_earlier_after)
            }
            Self::FirstWorkingDay { month } => {
                let mut day = Date::new(year, month, 1).ok()?;
                while !is_working_day(day, holidays) {
                    day = day.tomorrow().ok()?;
                }
                Some(day)
            }
            Self::WeekdayAfter { month, day, weekday } => {
                Date::new(year, month, day).ok()?.nth_weekday(1, weekday).ok()
            }
            Self::Day { month, day, if_sunday } => {
                let fixed = Date::new(year, month, day).ok()?;
                let shift = if fixed.weekday() == Weekday::Sunday { if_sunday } else { 0 };
                fixed.checked_add(i64::from(shift).days()).ok()
            }
            Self::WorkingDayBefore { month, day, monday_becomes_saturday } => {
                let mut before = Date::new(year, month, day).ok()?.yesterday().ok()?;
                while !is_working_day(before, holidays) {
                    before = before.yesterday().ok()?;
                }
                if monday_becomes_saturday && before.weekday() == Weekday::Monday {
                    before = before.checked_sub(2.days()).ok()?;
                }
                Some(before)
            }
            Self::Published => None,
        }
    }
}

fn earlier_after(day: Date, limit: Option<i8>) -> Option<Date> {
    match limit {
        Some(limit) if day.day() > limit => day.checked_sub(1.week()).ok(),
        _ => Some(day),
    }
}

/// Saturday counts, Sunday and public holidays do not.
fn is_working_day(day: Date, holidays: &[MonthDay]) -> bool {
    day.weekday() != Weekday::Sunday && !holidays.contains(&MonthDay { month: day.month(), day: day.day() })
}

/// How the last day follows from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum EndRule {
    /// So many weeks: the last day is the eve of the weekday of the first.
    Weeks(u8),
    /// So many days, the first one counted.
    Days(u16),
    /// A fixed day: the first such day on or after the start.
    Day(MonthDay),
    /// The last day of a month.
    EndOfMonth(#[serde(deserialize_with = "month")] i8),
}

impl EndRule {
    /// Whether the last day stays where it is when the first one moves.
    pub(super) fn is_fixed(self) -> bool {
        matches!(self, Self::Day(_) | Self::EndOfMonth(_))
    }

    /// The last day, inclusive, of a period that starts on `first`.
    pub(super) fn last_day(self, first: Date) -> Option<Date> {
        match self {
            Self::Weeks(weeks) => first.checked_add((i64::from(weeks) * 7 - 1).days()).ok(),
            Self::Days(days) => first.checked_add((i64::from(days) - 1).days()).ok(),
            Self::Day(fixed) => [first.year(), first.year().checked_add(1)?]
                .into_iter()
                .filter_map(|year| fixed.in_year(year))
                .find(|day| *day >= first),
            Self::EndOfMonth(month) => Some(Date::new(first.year(), month, 1).ok()?.last_of_month()),
        }
        .filter(|last| *last >= first)
    }
}

/// Where a blackout lies around a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Offset {
    /// So many days, the last one on the eve of the sale.
    DaysBefore(u16),
    /// From a fixed day to the eve of the sale.
    SinceDay(MonthDay),
    /// So many days, the first one on the morrow of the sale.
    DaysAfter(u16),
}

impl Offset {
    /// Whether the blackout follows the sale.
    pub(super) fn is_after(self) -> bool {
        matches!(self, Self::DaysAfter(_))
    }

    /// The first and last day of the blackout around a sale from `first` to `last`.
    pub(super) fn days(self, first: Date, last: Date) -> Option<(Date, Date)> {
        match self {
            Self::DaysBefore(days) => Some((first.checked_sub(i64::from(days).days()).ok()?, first.yesterday().ok()?)),
            Self::SinceDay(fixed) => {
                let since = [first.year(), first.year().checked_sub(1)?]
                    .into_iter()
                    .filter_map(|year| fixed.in_year(year))
                    .find(|day| *day < first)?;
                Some((since, first.yesterday().ok()?))
            }
            Self::DaysAfter(days) => Some((last.tomorrow().ok()?, last.checked_add(i64::from(days).days()).ok()?)),
        }
        .filter(|(from, to)| from <= to)
    }
}

fn month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    within(deserializer, 1, 12, "a month is a number from 1 to 12")
}

fn day_of_month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    within(deserializer, 1, 31, "a day of the month is a number from 1 to 31")
}

fn nth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    within(deserializer, 1, 4, "`nth` is a number from 1 to 4; use `last_weekday` for the last")
}

fn within<'de, D: Deserializer<'de>>(deserializer: D, low: i8, high: i8, wrong: &str) -> Result<i8, D::Error> {
    let number = i8::deserialize(deserializer)?;
    if (low..=high).contains(&number) { Ok(number) } else { Err(serde::de::Error::custom(wrong)) }
}

fn weekday<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weekday, D::Error> {
    Ok(match String::deserialize(deserializer)?.as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        other => {
            return Err(serde::de::Error::custom(format!("`{other}` is not a weekday: write `monday` to `sunday`")));
        }
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const NEW_YEAR: MonthDay = MonthDay { month: 1, day: 1 };
    const EPIPHANY: MonthDay = MonthDay { month: 1, day: 6 };

    #[track_caller]
    fn starts(rule: &StartRule, expected: &[Date]) {
        for day in expected {
            assert_eq!(rule.first_day(day.year(), &[NEW_YEAR, EPIPHANY]), Some(*day));
        }
    }

    #[test]
    fn the_french_winter_lies_from_the_6th_to_the_12th() {
        let rule =
            StartRule::NthWeekday { month: 1, nth: 2, weekday: Weekday::Wednesday, a_week_earlier_after: Some(12) };
        starts(&rule, &[date(2009, 1, 7), date(2011, 1, 12), date(2016, 1, 6), date(2027, 1, 6)]);
        for year in 2009..2400 {
            assert!((6..=12).contains(&rule.first_day(year, &[]).unwrap().day()));
        }
    }

    #[test]
    fn the_french_summer_lies_from_the_22nd_to_the_28th() {
        let rule = StartRule::LastWeekday { month: 6, weekday: Weekday::Wednesday, a_week_earlier_after: Some(28) };
        starts(&rule, &[date(2011, 6, 22), date(2016, 6, 22), date(2022, 6, 22), date(2027, 6, 23), date(2028, 6, 28)]);
        for year in 2011..2400 {
            assert!((22..=28).contains(&rule.first_day(year, &[]).unwrap().day()));
        }
    }

    #[test]
    fn saturday_is_a_working_day_and_sunday_is_not() {
        let january = StartRule::FirstWorkingDay { month: 1 };
        starts(&january, &[date(2016, 1, 2), date(2022, 1, 3), date(2023, 1, 2), date(2026, 1, 2), date(2027, 1, 2)]);
    }

    #[test]
    fn strictly_after_is_not_on() {
        let after = StartRule::WeekdayAfter { month: 1, day: 15, weekday: Weekday::Wednesday };
        starts(&after, &[date(2019, 1, 16), date(2020, 1, 22), date(2026, 1, 21)]);
    }

    #[test]
    fn italian_winters_start_before_epiphany_and_not_on_a_monday() {
        let rule = StartRule::WorkingDayBefore { month: 1, day: 6, monday_becomes_saturday: true };
        let published = [date(2019, 1, 5), date(2020, 1, 4), date(2023, 1, 5), date(2024, 1, 5)];
        starts(&rule, &published);
        starts(&rule, &[date(2025, 1, 4), date(2026, 1, 3), date(2027, 1, 5), date(2028, 1, 5)]);
    }

    #[test]
    fn ends_are_inclusive() {
        assert_eq!(EndRule::Weeks(4).last_day(date(2027, 1, 6)), Some(date(2027, 2, 2)));
        assert_eq!(EndRule::Days(60).last_day(date(2025, 1, 4)), Some(date(2025, 3, 4)));
        assert_eq!(EndRule::Day(MonthDay { month: 1, day: 31 }).last_day(date(2027, 1, 2)), Some(date(2027, 1, 31)));
        assert_eq!(EndRule::EndOfMonth(2).last_day(date(2016, 1, 11)), Some(date(2016, 2, 29)));
        assert_eq!(EndRule::Days(0).last_day(date(2016, 1, 11)), None);
    }

    #[test]
    fn a_blackout_ends_on_the_eve() {
        let days = |around: Offset, first| around.days(first, first);
        assert_eq!(days(Offset::DaysBefore(31), date(2027, 1, 2)), Some((date(2026, 12, 2), date(2027, 1, 1))));
        let december = Offset::SinceDay(MonthDay { month: 12, day: 6 });
        assert_eq!(days(december, date(2014, 1, 3)), Some((date(2013, 12, 6), date(2014, 1, 2))));
        assert_eq!(days(Offset::DaysAfter(30), date(2025, 3, 4)), Some((date(2025, 3, 5), date(2025, 4, 3))));
    }
}
