//! A rate as people write it: `1800/min`.

use std::fmt;
use std::str::FromStr;

use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// So many in a minute, more than none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// `count` in a minute, when that is more than none.
    pub fn per_minute(count: f64) -> Option<Self> {
        (count.is_finite() && count > 0.0).then_some(Self(count))
    }

    /// How many in a minute.
    pub fn a_minute(self) -> f64 {
        self.0
    }
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate, such as `1800/min`")]
pub struct NoRate;

impl Spoken for NoRate {
    fn phrase(&self) -> Phrase {
        phrase!("text-no-rate")
    }
}

impl FromStr for Rate {
    type Err = NoRate;

    /// A whole number, and a second, a minute, an hour or a day: `30/s`, `1800/min`, `5000/h`, `50000/day`.
    fn from_str(text: &str) -> Result<Self, NoRate> {
        let (count, each) = text.split_once('/').ok_or(NoRate)?;
        let count: u32 = count.trim().parse().ok().filter(|count| *count > 0).ok_or(NoRate)?;
        let minutes = match each.trim() {
            "s" | "sec" | "second" => 1.0 / 60.0,
            "m" | "min" | "minute" => 1.0,
            "h" | "hour" => 60.0,
            "d" | "day" => 60.0 * 24.0,
            _ => return Err(NoRate),
        };
        Ok(Self(f64::from(count) / minutes))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In the unit in which it is a number of some size; less than one a day is told as one.
        match self.0 {
            a_minute if a_minute >= 1.0 => write!(f, "{a_minute:.0}/min"),
            a_minute if a_minute * 60.0 >= 1.0 => write!(f, "{:.0}/h", a_minute * 60.0),
            a_minute => write!(f, "{:.0}/day", (a_minute * 60.0 * 24.0).max(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, a_minute) in [("1800/min", 1800.0), ("30/s", 1800.0), (" 6000 / h ", 100.0), ("1440/day", 1.0)] {
            assert_eq!(text.parse::<Rate>().map(Rate::a_minute), Ok(a_minute), "{text}");
        }
        for text in ["", "30", "0/min", "-1/min", "1.5/min", "30/fortnight", "/min", "30/"] {
            assert_eq!(text.parse::<Rate>(), Err(NoRate), "{text}");
        }
        for (text, told) in
            [("30/s", "1800/min"), ("1/h", "1/h"), ("50/h", "50/h"), ("23/day", "23/day"), ("1/day", "1/day")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), told);
        }
        assert_eq!([0.0, -1.0, f64::NAN, f64::INFINITY].map(Rate::per_minute), [None; 4]);
    }
}
