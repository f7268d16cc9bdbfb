//! From a time of day that a person means to the instant at which it comes, in one zone.
//!
//! Twice a year that is not obvious: one hour is skipped and one comes twice. Then the file's own choice decides, and
//! without one the time is refused, so that nobody is surprised on a Sunday in March.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::DstChoice;
use crate::phrase::{Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// A zone and what is meant when daylight saving intervenes.
#[derive(Clone, Debug)]
pub(super) struct WallClock {
    /// The zone.
    pub(super) zone: TimeZone,
    /// The choice for a time of day that is skipped.
    pub(super) in_gap: Option<DstChoice>,
    /// The choice for a time of day that comes twice.
    pub(super) in_overlap: Option<DstChoice>,
}

/// Why a time of day is no instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WallClockError {
    /// Clocks skip it.
    Gap {
        /// The time of day meant.
        at: DateTime,
        /// The zone's name.
        zone: String,
        /// What `earlier` and `later` would choose.
        choices: [DateTime; 2],
    },
    /// Clocks show it twice.
    Overlap {
        /// The time of day meant.
        at: DateTime,
        /// The zone's name.
        zone: String,
    },
    /// It is further away than instants go.
    OutOfRange {
        /// The time of day meant.
        at: DateTime,
    },
}

impl Spoken for WallClockError {
    /// What is wrong; its part `remedy` is what to write instead.
    fn phrase(&self) -> Phrase {
        match self {
            Self::Gap { at, zone, choices: [earlier, later] } => phrase!(
                "wall-clock-gap",
                at = *at,
                zone = zone.as_str(),
                earlier = earlier.time(),
                later = later.time()
            ),
            Self::Overlap { at, zone } => phrase!("wall-clock-overlap", at = *at, zone = zone.as_str()),
            Self::OutOfRange { at } => phrase!("wall-clock-out-of-range", at = *at),
        }
    }
}

spoken_errors!(WallClockError);

impl WallClock {
    /// The instant at which clocks of the zone show `at`.
    pub(super) fn instant(&self, at: DateTime) -> Result<Timestamp, WallClockError> {
        let ambiguous = self.zone.to_ambiguous_timestamp(at);
        let out_of_range = |_| WallClockError::OutOfRange { at };
        let choice = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => return ambiguous.unambiguous().map_err(out_of_range),
            AmbiguousOffset::Gap { .. } => self.in_gap,
            AmbiguousOffset::Fold { .. } => self.in_overlap,
        };
        match choice {
            Some(DstChoice::Earlier) => ambiguous.earlier().map_err(out_of_range),
            Some(DstChoice::Later) => ambiguous.later().map_err(out_of_range),
            None => Err(self.refusal(at)),
        }
    }

    fn refusal(&self, at: DateTime) -> WallClockError {
        let zone = self.zone.iana_name().unwrap_or("this zone").to_owned();
        let ambiguous = self.zone.to_ambiguous_timestamp(at);
        match (ambiguous.offset(), ambiguous.earlier(), ambiguous.later()) {
            (AmbiguousOffset::Gap { .. }, Ok(earlier), Ok(later)) => {
                WallClockError::Gap { at, zone, choices: [earlier, later].map(|at| self.civil(at)) }
            }
            (AmbiguousOffset::Fold { .. }, ..) => WallClockError::Overlap { at, zone },
            _ => WallClockError::OutOfRange { at },
        }
    }

    /// What clocks of the zone show at `at`.
    pub(super) fn civil(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris(in_gap: Option<DstChoice>, in_overlap: Option<DstChoice>) -> WallClock {
        WallClock { zone: TimeZone::get("Europe/Paris").unwrap(), in_gap, in_overlap }
    }

    #[track_caller]
    fn check(clock: &WallClock, at: &str, expected: &str) {
        let said = match clock.instant(at.parse().unwrap()) {
            Ok(at) => at.to_string(),
            Err(error) => format!("{error}; {}", error.phrase().part("remedy")),
        };
        assert_eq!(said, expected, "{at}");
    }

    #[test]
    fn intent_is_wall_clock() {
        let strict = paris(None, None);
        check(&strict, "2027-01-02T08:00", "2027-01-02T07:00:00Z");
        check(&strict, "2027-06-19T08:00", "2027-06-19T06:00:00Z");
        check(
            &strict,
            "2027-03-28T02:30",
            "2027-03-28 02:30 does not exist in Europe/Paris: clocks are put forward over it; write another time, or \
             under `[window]` write `in_gap = \"earlier\"` for 01:30 or `in_gap = \"later\"` for 03:30",
        );
        check(
            &strict,
            "2027-10-31T02:30",
            "2027-10-31 02:30 comes twice in Europe/Paris: clocks are put back over it; write another time, or under \
             `[window]` write `in_overlap = \"earlier\"` for the first of the two or `in_overlap = \"later\"` for the \
             second",
        );
        check(&strict, "2027-03-28T03:00", "2027-03-28T01:00:00Z");
        check(&strict, "2027-10-31T03:00", "2027-10-31T02:00:00Z");
        let earlier = paris(Some(DstChoice::Earlier), Some(DstChoice::Earlier));
        check(&earlier, "2027-03-28T02:30", "2027-03-28T00:30:00Z");
        check(&earlier, "2027-10-31T02:30", "2027-10-31T00:30:00Z");
        let later = paris(Some(DstChoice::Later), Some(DstChoice::Later));
        check(&later, "2027-03-28T02:30", "2027-03-28T01:30:00Z");
        check(&later, "2027-10-31T02:30", "2027-10-31T01:30:00Z");
    }
}
