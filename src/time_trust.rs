//! Whether the clock is believed: a pure function of what it shows and of the newest instant at which it was believed.
//!
//! A machine's clock can be wrong by years: an empty battery, a virtual machine that was put back, a mistyped date. Most
//! of what Carillon does can be done again, but a consent that expired and a mailing that missed its time cannot. So the
//! store remembers the newest believed instant, and what cannot be undone waits while the clock is far from it. A person
//! who confirms the present time makes it the newest believed instant; nothing else moves it while the clock is doubted.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How far the clock may be from the newest believed instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leeway {
    /// How far ahead. As long as a daemon may be stopped without a person having to confirm the time afterwards: longer
    /// than a long weekend with a day of repair after it, and shorter than what a mistyped month makes.
    ahead: SignedDuration,
    /// How far behind. The corrections of a time service are of seconds; more means that the newest believed instant was
    /// never true, or that the present one is not.
    behind: SignedDuration,
}

impl Default for Leeway {
    fn default() -> Self {
        Self::days_ahead(7)
    }
}

impl Leeway {
    /// So many days ahead, and five minutes behind.
    pub fn days_ahead(days: u16) -> Self {
        Self { ahead: SignedDuration::from_hours(24 * i64::from(days)), behind: SignedDuration::from_mins(5) }
    }

    /// For a clock that is moved by hand: every instant is believed.
    pub fn unlimited() -> Self {
        Self { ahead: SignedDuration::MAX, behind: SignedDuration::MAX }
    }

    /// How far ahead of the newest believed instant the clock may be.
    pub fn ahead(self) -> SignedDuration {
        self.ahead
    }

    /// How far behind it.
    pub fn behind(self) -> SignedDuration {
        self.behind
    }
}

/// How the clock stands to the newest believed instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockStanding {
    /// Near enough, or there is nothing to hold it against.
    Believed,
    /// Further ahead than is allowed: wrong, or nothing has run for long.
    Ahead {
        /// What the clock shows.
        now: Timestamp,
        /// The newest believed instant.
        newest: Timestamp,
    },
    /// Further behind than is allowed: wrong, or it was wrong before.
    Behind {
        /// What the clock shows.
        now: Timestamp,
        /// The newest believed instant.
        newest: Timestamp,
    },
}

/// Holds what the clock shows against the newest believed instant.
pub fn judge(now: Timestamp, newest: Option<Timestamp>, leeway: Leeway) -> ClockStanding {
    let Some(newest) = newest else { return ClockStanding::Believed };
    let ahead = now.duration_since(newest);
    if ahead > leeway.ahead {
        ClockStanding::Ahead { now, newest }
    } else if newest.duration_since(now) > leeway.behind {
        ClockStanding::Behind { now, newest }
    } else {
        ClockStanding::Believed
    }
}

impl ClockStanding {
    /// Whether what cannot be undone may be done.
    pub fn is_believed(self) -> bool {
        self == Self::Believed
    }

    /// The newest believed instant after the clock was read: a believed clock moves it on, never back; a doubted one
    /// leaves it.
    #[must_use]
    pub fn newest_after(self, now: Timestamp, newest: Option<Timestamp>) -> Option<Timestamp> {
        if self.is_believed() { newest.max(Some(now)) } else { newest }
    }

    /// The instant under which something is recorded that must be recorded now, such as a withdrawal. A clock far ahead
    /// would date it into a future that nothing can follow; the newest believed instant is the latest that is known to
    /// have been reached.
    pub fn to_record(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ahead { newest, .. } => newest,
            Self::Believed | Self::Behind { .. } => now,
        }
    }

    /// A name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Believed => "believed",
            Self::Ahead { .. } => "ahead",
            Self::Behind { .. } => "behind",
        }
    }

    /// What a person can do about it, as it is typed.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Believed => "nothing",
            Self::Ahead { .. } => {
                "set the machine's clock right, and everything goes on by itself; if it is right, because nothing ran for \
                 that long, say so with `carillon clock confirm`"
            }
            Self::Behind { .. } => {
                "set the machine's clock right, and everything goes on by itself; if it is right, because it was wrong \
                 before, say so with `carillon clock confirm`"
            }
        }
    }
}

impl fmt::Display for ClockStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (now, newest, side) = match *self {
            Self::Believed => return f.write_str("the clock is believed"),
            Self::Ahead { now, newest } => (now, newest, "after"),
            Self::Behind { now, newest } => (now, newest, "before"),
        };
        write!(
            f,
            "the clock shows {}, which is {} {side} the newest time that was believed, {}",
            shown(now),
            Span(now.duration_since(newest)),
            shown(newest)
        )
    }
}

/// An instant for people of any zone: its day of the week tells a slip of the year or the month.
pub fn shown(instant: Timestamp) -> impl fmt::Display {
    instant.to_zoned_datetime(TimeZone::UTC).strftime("%a %Y-%m-%d %H:%M UTC").to_string()
}

/// A length of time as people say it: its largest unit, rounded down, whatever its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub SignedDuration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs().unsigned_abs();
        let (count, unit) = match seconds {
            0..60 => (seconds, "second"),
            60..3_600 => (seconds / 60, "minute"),
            3_600..86_400 => (seconds / 3_600, "hour"),
            _ => (seconds / DAY.as_secs().unsigned_abs(), "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEWEST: &str = "2026-12-31T18:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(now: &str, id: &str) -> String {
        let standing = judge(at(now), Some(at(NEWEST)), Leeway::default());
        assert_eq!(standing.id(), id, "{standing}");
        standing.to_string()
    }

    #[test]
    fn a_long_weekend_is_believed_and_a_mistyped_month_is_not() {
        check(NEWEST, "believed");
        // From Thursday evening to Monday morning, to the Monday after, and a minute too long.
        check("2027-01-04T07:00:00Z", "believed");
        check("2027-01-07T18:00:00Z", "believed");
        check("2027-01-07T18:00:00.000001Z", "ahead");
        assert_eq!(
            check("2030-03-01T09:00:00Z", "ahead"),
            "the clock shows Fri 2030-03-01 09:00 UTC, which is 1155 days after the newest time that was believed, \
             Thu 2026-12-31 18:00 UTC"
        );
        check("2027-01-31T18:00:00Z", "ahead");
    }

    #[test]
    fn a_correction_is_believed_and_a_clock_set_back_is_not() {
        check("2026-12-31T17:59:58Z", "believed");
        check("2026-12-31T17:55:00Z", "believed");
        check("2026-12-31T17:54:59.999999Z", "behind");
        assert_eq!(
            check("2026-12-31T16:00:00Z", "behind"),
            "the clock shows Thu 2026-12-31 16:00 UTC, which is 2 hours before the newest time that was believed, \
             Thu 2026-12-31 18:00 UTC"
        );
        check("1970-01-01T00:00:00Z", "behind");
    }

    #[test]
    fn the_ends_of_time_are_no_error() {
        for now in [Timestamp::MIN, Timestamp::MAX, at(NEWEST)] {
            assert_eq!(judge(now, None, Leeway::default()), ClockStanding::Believed);
            for newest in [Timestamp::MIN, Timestamp::MAX] {
                assert_eq!(judge(now, Some(newest), Leeway::default()).is_believed(), now == newest);
                assert_eq!(judge(now, Some(newest), Leeway::unlimited()), ClockStanding::Believed);
            }
        }
        assert_eq!(Leeway::days_ahead(u16::MAX).ahead().as_hours(), 24 * 65_535);
    }

    #[test]
    fn what_must_be_recorded_is_not_dated_into_the_future() {
        let newest = Some(at(NEWEST));
        let recorded = |now| judge(at(now), newest, Leeway::default()).to_record(at(now));
        assert_eq!(recorded("2030-03-01T09:00:00Z"), at(NEWEST));
        for now in ["2027-01-02T09:00:00Z", "2020-01-01T00:00:00Z"] {
            assert_eq!(recorded(now), at(now));
        }
    }

    #[test]
    fn lengths_are_said_in_their_largest_unit() {
        for (seconds, said) in
            [(0, "0 seconds"), (1, "1 second"), (-119, "1 minute"), (7_200, "2 hours"), (86_400, "1 day")]
        {
            assert_eq!(Span(SignedDuration::from_secs(seconds)).to_string(), said);
        }
    }

    /// Seconds around a newest believed instant, near and far.
    fn any_offset() -> impl Strategy<Value = i64> {
        prop_oneof![-600_i64..600, -2_000_000_i64..2_000_000, -4_000_000_000_i64..4_000_000_000]
    }

    fn plus(seconds: i64) -> Timestamp {
        at(NEWEST) + SignedDuration::from_secs(seconds)
    }

    proptest! {
        /// Whatever a clock shows in between: if it is doubted, nothing of it remains, and the true time is believed as if
        /// it had never been read.
        #[test]
        fn a_doubted_clock_leaves_no_trace(wrong in prop::collection::vec(any_offset(), 0..20), right in any_offset()) {
            let leeway = Leeway::default();
            let before = Some(at(NEWEST));
            let mut newest = before;
            for now in wrong.into_iter().map(plus).filter(|now| !judge(*now, before, leeway).is_believed()) {
                newest = judge(now, newest, leeway).newest_after(now, newest);
            }
            prop_assert_eq!(newest, before);
            prop_assert_eq!(judge(plus(right), newest, leeway), judge(plus(right), before, leeway));
        }

        /// One reading moves the newest believed instant by the leeway at most, and never back.
        #[test]
        fn one_reading_moves_little(readings in prop::collection::vec(any_offset(), 0..20), days in 1_u16..90) {
            let leeway = Leeway::days_ahead(days);
            let mut newest = at(NEWEST);
            for now in readings.into_iter().map(plus) {
                let next = judge(now, Some(newest), leeway).newest_after(now, Some(newest)).unwrap();
                prop_assert!(next >= newest && next.duration_since(newest) <= leeway.ahead());
                newest = next;
            }
        }

        /// A person's confirmation makes the present the newest believed instant, and ends every doubt.
        #[test]
        fn a_confirmation_ends_the_doubt(now in any_offset()) {
            prop_assert!(judge(plus(now), Some(plus(now)), Leeway::default()).is_believed());
        }
    }
}
