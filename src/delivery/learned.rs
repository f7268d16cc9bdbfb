//! What was learned of a relay, as it is kept: on one line each, in words that a person can read.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::lines::LinesLearned;
use super::pace::PaceLearned;

/// What was learned of a relay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelayLearned {
    /// Its connections.
    pub lines: LinesLearned,
    /// Its pace, and that of providers.
    pub pace: PaceLearned,
}

/// The text is not what was learned of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not what was learned of a relay")]
pub struct NotLearned;

/// What is kept of a relay, on one line: when, its host and port, and the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedLine {
    /// When.
    pub at: Timestamp,
    /// Its host and port.
    pub relay: String,
    /// Its connections.
    pub lines: LinesLearned,
    /// Mails a minute.
    pub rate: Option<f64>,
}

/// A rate, and when it was kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnedRate {
    /// When.
    pub at: Timestamp,
    /// Mails a minute.
    pub rate: f64,
}

fn written<T: fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn read<T: FromStr>(text: &str) -> Result<Option<T>, NotLearned> {
    if text == "-" { Ok(None) } else { text.parse().map(Some).map_err(|_| NotLearned) }
}

impl fmt::Display for LearnedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinesLearned { at_once, mails } = self.lines;
        write!(f, "{} {} {} {} {}", self.at, written(at_once), written(mails), written(self.rate), self.relay)
    }
}

impl FromStr for LearnedLine {
    type Err = NotLearned;

    fn from_str(text: &str) -> Result<Self, NotLearned> {
        let mut parts = text.splitn(5, ' ');
        let mut part = || parts.next().ok_or(NotLearned);
        let at = part()?.parse().map_err(|_| NotLearned)?;
        let lines = LinesLearned { at_once: read(part()?)?, mails: read(part()?)? };
        Ok(Self { at, lines, rate: read(part()?)?.filter(|rate: &f64| rate.is_finite()), relay: part()?.to_owned() })
    }
}

impl fmt::Display for LearnedRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.rate)
    }
}

impl FromStr for LearnedRate {
    type Err = NotLearned;

    fn from_str(text: &str) -> Result<Self, NotLearned> {
        let (at, rate) = text.split_once(' ').ok_or(NotLearned)?;
        let rate: f64 = rate.parse().map_err(|_| NotLearned)?;
        if !rate.is_finite() {
            return Err(NotLearned);
        }
        Ok(Self { at: at.parse().map_err(|_| NotLearned)?, rate })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let at = "2027-01-02T07:00:00Z".parse().unwrap();
        for (at_once, mails, rate) in [(Some(3), Some(10), Some(29.4)), (None, None, None)] {
            let relay = "relay.example.net:587".to_owned();
            let line = LearnedLine { at, relay, lines: LinesLearned { at_once, mails }, rate };
            assert_eq!(line.to_string().parse::<LearnedLine>().ok(), Some(line));
        }
        assert_eq!(LearnedRate { at, rate: 0.5 }.to_string().parse().ok(), Some(LearnedRate { at, rate: 0.5 }));
        for text in ["", "now - - - x", "2027-01-02T07:00:00Z 3 10", "2027-01-02T07:00:00Z NaN"] {
            assert!(text.parse::<LearnedLine>().is_err() && text.parse::<LearnedRate>().is_err(), "{text}");
        }
    }
}
