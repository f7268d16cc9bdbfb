//! Hours of the day as people write them: `21:00-08:00`, across midnight where the end is the earlier one.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;

use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// Hours of every day, from one time of day up to another. They are neither none nor a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyHours {
    from: Time,
    to: Time,
}

impl DailyHours {
    /// When they begin.
    pub fn from(self) -> Time {
        self.from
    }

    /// When they are over: on the next day, where this is before they begin.
    pub fn to(self) -> Time {
        self.to
    }
}

/// The text is no hours of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not hours of the day, such as `21:00-08:00`")]
pub struct NoDailyHours;

impl Spoken for NoDailyHours {
    fn phrase(&self) -> Phrase {
        phrase!("text-no-daily-hours")
    }
}

impl FromStr for DailyHours {
    type Err = NoDailyHours;

    /// Two different times of day: `21:00-08:00`, `9:30-12:00`, `22:00-24:00`.
    fn from_str(text: &str) -> Result<Self, NoDailyHours> {
        let (from, to) = text.split_once(['-', '–']).ok_or(NoDailyHours)?;
        let (from, to) = (time_of_day(from)?, time_of_day(to)?);
        if from == to { Err(NoDailyHours) } else { Ok(Self { from, to }) }
    }
}

fn time_of_day(text: &str) -> Result<Time, NoDailyHours> {
    let (hour, minute) = text.trim().split_once(':').ok_or(NoDailyHours)?;
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| -> Result<i8, NoDailyHours> {
        let is_number = lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_number).ok_or(NoDailyHours)
    };
    match (digits(hour, 1..=2)?, digits(minute, 2..=2)?) {
        (24, 0) => Ok(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).map_err(|_| NoDailyHours),
    }
}

impl fmt::Display for DailyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours() {
        for (text, told) in [
            ("21:00-08:00", "21:00-08:00"),
            (" 9:30 – 12:00 ", "09:30-12:00"),
            ("22:00-24:00", "22:00-00:00"),
            ("0:00-7:05", "00:00-07:05"),
        ] {
            assert_eq!(text.parse::<DailyHours>().unwrap().to_string(), told, "{text}");
        }
        let wrong = ["", "21", "21-8", "21:00", "21:00-", "8:00-8:00", "0:00-24:00", "25:00-08:00", "21:60-08:00"];
        for text in wrong.into_iter().chain(["24:01-08:00", "21:0-08:00", "+1:00-08:00", "21:00-08:00-09:00", "21h-8h"])
        {
            assert_eq!(text.parse::<DailyHours>(), Err(NoDailyHours), "{text}");
        }
    }
}
