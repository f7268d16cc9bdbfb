//! Where instants lie on a line, and which days are named at it.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::Season;

/// A line of `length` from the first instant of a season to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: Timestamp,
    to: Timestamp,
    length: f64,
}

impl Scale {
    pub(super) fn of(season: &Season, length: f64) -> Self {
        let (from, to) = season.bounds();
        Self { from, to, length }
    }

    /// Where `at` lies; what is outside lies at the end that is nearer.
    pub(super) fn at(&self, at: Timestamp) -> f64 {
        let whole = self.to.duration_since(self.from).as_secs_f64().max(1.0);
        let part = at.duration_since(self.from).as_secs_f64();
        (part / whole).clamp(0.0, 1.0) * self.length
    }

    /// Where a stretch lies; none when it is outside.
    pub(super) fn stretch(&self, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        (from < to && from < self.to && to > self.from).then(|| (self.at(from), self.at(to)))
    }

    /// Where `at` lies; none when it is outside.
    pub(super) fn point(&self, at: Timestamp) -> Option<f64> {
        (self.from <= at && at < self.to).then(|| self.at(at))
    }
}

/// A day that is named at the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    /// The day.
    pub(super) day: Date,
    /// When it begins.
    pub(super) at: Timestamp,
}

/// How far apart named days are.
const STEPS: [TickStep; 5] =
    [TickStep::Days(1), TickStep::Days(2), TickStep::Mondays(1), TickStep::Mondays(2), TickStep::Months];

#[derive(Clone, Copy, Debug)]
enum TickStep {
    /// Every so many days.
    Days(i32),
    /// Every so many Mondays.
    Mondays(i32),
    /// The first day of each month.
    Months,
}

impl Season {
    /// The days that are named at a line of `length` on which each takes `room`: as many as stand there without touching.
    pub(super) fn ticks(&self, length: f64, room: f64) -> Vec<Tick> {
        let days = f64::from((self.last - self.first).get_days().saturating_add(1));
        let fits = |step: &TickStep| match step {
            TickStep::Days(apart) => f64::from(*apart) * length / days >= room,
            TickStep::Mondays(apart) => f64::from(7 * *apart) * length / days >= room,
            TickStep::Months => true,
        };
        let step = STEPS.iter().find(|step| fits(step)).copied().unwrap_or(TickStep::Months);
        self.days()
            .enumerate()
            .filter(|(number, day)| is_named(step, *number, *day))
            .filter_map(|(_, day)| self.tick(day))
            .collect()
    }

    /// The first day of each month, and the very first.
    pub(super) fn months(&self) -> Vec<Tick> {
        self.days().filter(|day| *day == self.first || day.day() == 1).filter_map(|day| self.tick(day)).collect()
    }

    fn tick(&self, day: Date) -> Option<Tick> {
        Some(Tick { day, at: day.to_zoned_datetime(self.zone.clone()).ok()?.timestamp() })
    }

    fn days(&self) -> impl Iterator<Item = Date> {
        let last = self.last;
        self.first.series(1.day()).take_while(move |day| *day <= last)
    }
}

fn is_named(step: TickStep, number: usize, day: Date) -> bool {
    let every = |apart: i32, number: i64| number.rem_euclid(i64::from(apart)) == 0;
    match step {
        TickStep::Days(apart) => every(apart, i64::try_from(number).unwrap_or_default()),
        TickStep::Mondays(apart) => {
            let weeks = i64::from((day - Date::constant(1970, 1, 5)).get_days()).div_euclid(7);
            day.weekday() == Weekday::Monday && every(apart, weeks)
        }
        TickStep::Months => day.day() == 1,
    }
}
