//! Dates and times as people and their programs write them in CSV files.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::phrase::{Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// Why a text is no instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MomentError {
    /// It is not written in any way that is understood.
    Unreadable(String),
    /// The clocks passed over it.
    Gap(String),
    /// The clocks showed it twice.
    Fold(String),
    /// The year is a typing error.
    Year(String),
}

spoken_errors!(MomentError);

impl Spoken for MomentError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Unreadable(written) => phrase!("written-no-date", written = written),
            Self::Gap(written) => phrase!("written-in-a-gap", written = written),
            Self::Fold(written) => phrase!("written-twice", written = written),
            Self::Year(written) => phrase!("written-far-year", written = written),
        }
    }
}

/// A date, a civil time, or an instant with an offset, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct WrittenMoment<'a> {
    text: &'a str,
    date: Date,
    time: Option<Time>,
    offset: &'a str,
}

impl<'a> WrittenMoment<'a> {
    /// Reads `2026-11-06`, or `06/11/2026`, `06.11.2026` and `06-11-2026` (the day first, as everywhere in Europe), with or without a time,
    /// with or without an offset.
    pub fn parse(text: &'a str) -> Result<Self, MomentError> {
        let (date, time, offset) = split(text).ok_or_else(|| MomentError::Unreadable(text.to_owned()))?;
        if (2000..=2100).contains(&date.year()) {
            Ok(Self { text, date, time, offset })
        } else {
            Err(MomentError::Year(text.to_owned()))
        }
    }

    /// The date.
    pub fn date(&self) -> Date {
        self.date
    }

    /// Whether a time of day is written.
    pub fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Whether an offset is written, so that no zone is needed.
    pub fn has_offset(&self) -> bool {
        !self.offset.is_empty()
    }

    /// The instant, in `zone` when no offset is written. A date is its midnight.
    pub fn at(&self, zone: &TimeZone) -> Result<Timestamp, MomentError> {
        let (date, time) = (self.date, self.time.unwrap_or(Time::midnight()));
        let unreadable = || MomentError::Unreadable(self.text.to_owned());
        if self.has_offset() {
            let offset = if self.offset.eq_ignore_ascii_case("utc") { "Z" } else { self.offset };
            return format!("{date}T{time}{offset}").parse().map_err(|_| unreadable());
        }
        let ambiguous = zone.to_ambiguous_timestamp(DateTime::from_parts(date, time));
        // A day whose midnight the clocks pass over begins with that day.
        if ambiguous.is_ambiguous() && time != Time::midnight() {
            let gap = matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
            let text = self.text.to_owned();
            return Err(if gap { MomentError::Gap(text) } else { MomentError::Fold(text) });
        }
        ambiguous.compatible().map_err(|_| unreadable())
    }
}

/// The date, the time and what follows it (an offset or nothing).
fn split(text: &str) -> Option<(Date, Option<Time>, &str)> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = match date.as_bytes().get(2) {
        Some(b'/' | b'.' | b'-') => day_first(date)?,
        _ => year_first(date)?,
    };
    if rest.is_empty() {
        return Some((date, None, ""));
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let end = clock.find(|letter: char| !letter.is_ascii_digit() && letter != ':').unwrap_or(clock.len());
    let (time, rest) = clock.split_at_checked(end)?;
    let mut parts = time.split(':');
    let hour = two_digits(parts.next()?)?;
    let minute = two_digits(parts.next()?)?;
    let second = parts.next().map_or(Some(0), two_digits)?;
    // Nothing here is told apart by fractions of a second.
    let fraction = rest.strip_prefix('.').map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    let offset = fraction.unwrap_or(rest).trim_start();
    let offset_is_one =
        offset.is_empty() || offset.starts_with(['+', '-', 'Z', 'z']) || offset.eq_ignore_ascii_case("utc");
    (parts.next().is_none() && offset_is_one).then_some(())?;
    Some((date, Some(Time::new(hour, minute, second, 0).ok()?), offset))
}

fn year_first(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4).then_some(())?;
    Date::new(digits(year)?, two_digits(month)?, two_digits(day)?).ok()
}

fn day_first(text: &str) -> Option<Date> {
    let mut parts = text.split(['/', '.', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && year.len() == 4).then_some(())?;
    Date::new(digits(year)?, two_digits(month)?, two_digits(day)?).ok()
}

fn digits(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2).then(|| digits(text))?.and_then(|number| i8::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let read = WrittenMoment::parse(text).and_then(|moment| moment.at(&zone));
        let read = read.map(|at| at.to_string()).map_err(|error| error.to_string());
        match expected {
            Ok(at) => assert_eq!(read.as_deref(), Ok(at), "{text}"),
            Err(words) => assert!(read.as_ref().is_err_and(|error| error.contains(words)), "{text}: {read:?}"),
        }
    }

    #[test]
    fn moments_are_read_in_the_markets_zone() {
        check("2026-11-06", Ok("2026-11-05T23:00:00Z"));
        check("06/11/2026", Ok("2026-11-05T23:00:00Z"));
        check("06.07.2026 08:00", Ok("2026-07-06T06:00:00Z"));
        check("12-04-2026 18:02:11", Ok("2026-04-12T16:02:11Z"));
        check("2026-11-06T08:00", Ok("2026-11-06T07:00:00Z"));
        check("2026-11-06 08:00:30", Ok("2026-11-06T07:00:30Z"));
        check("2026-11-06T08:00:00+02:00", Ok("2026-11-06T06:00:00Z"));
        check("2026-11-06T08:00Z", Ok("2026-11-06T08:00:00Z"));
        check("2026-09-14 18:02:11 +0200", Ok("2026-09-14T16:02:11Z"));
        check("14/09/2026 18:02", Ok("2026-09-14T16:02:00Z"));
        check("2026-09-14 18:02:11 UTC", Ok("2026-09-14T18:02:11Z"));
        check("2026-09-14 18:02:11.123456", Ok("2026-09-14T16:02:11Z"));
        check("2026-09-14T18:02:11.5Z", Ok("2026-09-14T18:02:11Z"));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        check("2026-03-29T02:30", Err("went forward"));
        check("2026-10-25T02:30", Err("twice"));
        check("2026-10-25T02:30+01:00", Ok("2026-10-25T01:30:00Z"));
        check("0206-11-06", Err("2000 to 2100"));
        for wrong in [
            "",
            "6/11/26",
            "2026-13-01",
            "2026-02-29",
            "11/26/2026",
            "11-26-2026",
            "26-11-26",
            "2026-11-06T25:00",
            "2026-11-06x",
            "2026-11-06T08:00 CET",
            "yesterday!",
        ] {
            check(wrong, Err("is no date"));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,30}") {
            let zone = TimeZone::get("Europe/Paris").unwrap();
            let _ = WrittenMoment::parse(&text).and_then(|moment| moment.at(&zone));
        }

        #[test]
        fn dates_are_read_as_written(year in 2000..=2100_i16, month in 1..=12_i8, day in 1..=28_i8) {
            let date = Date::new(year, month, day).unwrap();
            prop_assert_eq!(WrittenMoment::parse(&date.to_string()).unwrap().date(), date);
            let european = format!("{day:02}/{month:02}/{year}");
            prop_assert_eq!(WrittenMoment::parse(&european).unwrap().date(), date);
        }
    }
}
