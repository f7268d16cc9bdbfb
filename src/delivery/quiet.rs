//! Quiet hours: the hours of the day in which no letter of a mailing is begun. What is due then waits for their end.
//!
//! They are hours of a clock on the wall. Where clocks are changed within them, they last from the first time that the clock shows
//! their beginning to the last time that it shows their end; where it skips one of these, an hour more rather than less is quiet.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::MailingState;
use crate::text::DailyHours;

/// Quiet hours, with the zone whose clocks count.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietHours {
    hours: DailyHours,
    zone: TimeZone,
}

/// For how long ahead is reckoned: for longer, nobody plans.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 365);

/// When the first letter leaves of a mailing in `state` that may leave from `not_before` on: one that is planned waits for the end of the
/// quiet hours that this is in, unless its deadline has passed by then.
pub fn first_letter(
    quiet: Option<&QuietHours>,
    state: MailingState,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Timestamp {
    let waits = quiet.filter(|_| state == MailingState::Planned).and_then(|quiet| quiet.until(not_before));
    waits.filter(|until| *until < not_after).unwrap_or(not_before)
}

/// When the first letter leaves of a mailing in `state` that may leave within `times`, its first and its last instant; of one that has begun,
/// that is when it began.
pub fn leaves_at(
    quiet: Option<&QuietHours>,
    state: MailingState,
    (not_before, not_after): (Timestamp, Timestamp),
    begun_at: Option<Timestamp>,
) -> Timestamp {
    begun_at.unwrap_or_else(|| first_letter(quiet, state, not_before, not_after))
}

impl QuietHours {
    /// These `hours`, by the clocks of `zone`.
    pub fn new(hours: DailyHours, zone: TimeZone) -> Self {
        Self { hours, zone }
    }

    /// The hours as they are written.
    pub fn hours(&self) -> DailyHours {
        self.hours
    }

    /// The zone whose clocks count.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When the quiet hours end that `now` is in; `None` when it is in none. That instant itself is in none.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut end = self.around(now).find(|(begin, end)| *begin <= now && now < *end).map(|(_, end)| end)?;
        // Those of the next day may begin before these are over, on a day on which clocks are changed.
        while let Some((_, later)) = self.around(end).find(|(begin, later)| *begin <= end && end < *later) {
            end = later;
        }
        Some(end)
    }

    /// When work that takes `time` ends that is begun at `begins` and rests in quiet hours. `None` when that is more than a year on.
    pub fn after_work(&self, begins: Timestamp, time: SignedDuration) -> Option<Timestamp> {
        let furthest = begins.saturating_add(FURTHEST).ok()?;
        let (mut at, mut left) = (begins, time);
        while at <= furthest {
            at = self.until(at).unwrap_or(at);
            let Some(rest) = self.around(at).map(|(begin, _)| begin).filter(|begin| *begin > at).min() else {
                return at.saturating_add(left).ok();
            };
            let until_then = rest.duration_since(at);
            if left <= until_then {
                return at.saturating_add(left).ok();
            }
            (at, left) = (rest, left - until_then);
        }
        None
    }

    /// The quiet hours that begin on the day before `now`, on its day and on the one after, each with its beginning and its end.
    fn around(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let today = self.zone.to_datetime(now).date();
        let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()];
        days.into_iter().flatten().filter_map(|day| self.of_day(day))
    }

    fn of_day(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let last = if self.hours.to() <= self.hours.from() { day.checked_add(1.day()).ok()? } else { day };
        let at = |day: Date, time: Time| self.zone.to_ambiguous_timestamp(day.to_datetime(time));
        Some((at(day, self.hours.from()).earlier().ok()?, at(last, self.hours.to()).later().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quiet(hours: &str, zone: &str) -> QuietHours {
        QuietHours::new(hours.parse().unwrap(), TimeZone::get(zone).unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_quiet_and_until_when() {
        #[track_caller]
        fn check(hours: &str, now: &str, expected: Option<&str>) {
            assert_eq!(quiet(hours, "Europe/Paris").until(at(now)), expected.map(at), "{hours} at {now}");
        }
        // Winter: Paris is an hour ahead.
        check("21:00-08:00", "2027-01-01T19:59:59.999Z", None);
        check("21:00-08:00", "2027-01-01T20:00:00Z", Some("2027-01-02T07:00:00Z"));
        check("21:00-08:00", "2027-01-01T23:30:00Z", Some("2027-01-02T07:00:00Z"));
        check("21:00-08:00", "2027-01-02T06:59:59.999Z", Some("2027-01-02T07:00:00Z"));
        check("21:00-08:00", "2027-01-02T07:00:00Z", None);
        // Within a day, and up to midnight.
        check("12:00-14:00", "2027-01-01T11:30:00Z", Some("2027-01-01T13:00:00Z"));
        check("12:00-14:00", "2027-01-01T10:59:00Z", None);
        check("22:00-24:00", "2027-01-01T21:30:00Z", Some("2027-01-01T23:00:00Z"));
        check("22:00-24:00", "2027-01-01T23:00:00Z", None);
        // The night on which clocks go forward is an hour shorter, and the one on which they go back an hour longer.
        check("21:00-08:00", "2027-03-27T20:00:00Z", Some("2027-03-28T06:00:00Z"));
        check("21:00-08:00", "2027-03-28T05:59:00Z", Some("2027-03-28T06:00:00Z"));
        check("21:00-08:00", "2027-10-30T19:00:00Z", Some("2027-10-31T07:00:00Z"));
        check("21:00-08:00", "2027-10-31T06:30:00Z", Some("2027-10-31T07:00:00Z"));
        // An end that the clock shows twice is the second one, a beginning the first one.
        check("21:00-02:30", "2027-10-31T01:15:00Z", Some("2027-10-31T01:30:00Z"));
        check("02:30-06:00", "2027-10-31T00:30:00Z", Some("2027-10-31T05:00:00Z"));
        // One that it skips: quiet for longer rather than for less.
        check("21:00-02:30", "2027-03-28T01:15:00Z", Some("2027-03-28T01:30:00Z"));
        check("02:30-06:00", "2027-03-28T00:45:00Z", Some("2027-03-28T04:00:00Z"));
    }

    #[test]
    fn the_zone_is_what_counts() {
        assert_eq!(
            quiet("21:00-08:00", "Pacific/Noumea").until(at("2027-01-01T20:00:00Z")),
            Some(at("2027-01-01T21:00:00Z"))
        );
        assert_eq!(quiet("21:00-08:00", "America/Martinique").until(at("2027-01-01T20:00:00Z")), None);
    }

    #[test]
    fn work_rests_in_quiet_hours() {
        #[track_caller]
        fn check(begins: &str, hours: i64, expected: &str) {
            let ends = quiet("21:00-08:00", "Europe/Paris").after_work(at(begins), SignedDuration::from_hours(hours));
            assert_eq!(ends, Some(at(expected)), "{begins} and {hours} hours");
        }
        check("2027-01-01T09:00:00Z", 5, "2027-01-01T14:00:00Z");
        // Up to the last minute, and a night later.
        check("2027-01-01T09:00:00Z", 11, "2027-01-01T20:00:00Z");
        check("2027-01-01T09:00:00Z", 12, "2027-01-02T08:00:00Z");
        check("2027-01-01T22:00:00Z", 1, "2027-01-02T08:00:00Z");
        check("2027-01-01T22:00:00Z", 0, "2027-01-02T07:00:00Z");
        check("2027-01-01T09:00:00Z", 11 + 13 + 13 + 1, "2027-01-04T08:00:00Z");
        // Over the change of the clocks.
        check("2027-03-27T19:00:00Z", 2, "2027-03-28T07:00:00Z");
        let never =
            quiet("08:00-07:59", "Europe/Paris").after_work(at("2027-01-01T09:00:00Z"), SignedDuration::from_hours(24));
        assert_eq!(never, None, "a minute a day");
    }

    proptest! {
        /// Whatever the hours: what is quiet has an end that is not quiet, within a day and an hour; and a clock on the wall that shows a
        /// time within the hours is quiet.
        #[test]
        fn quiet_hours_hold_by_the_clock_on_the_wall(
            from in 0i16..1440,
            length in 1i16..1439,
            minute in 0i64..(370 * 1440),
            zone in prop::sample::select(vec!["Europe/Paris", "Europe/Lisbon", "America/St_Johns", "Pacific/Noumea", "Pacific/Apia"]),
        ) {
            let to = (from + length) % 1440;
            let quiet = quiet(&format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60), zone);
            let now = at("2027-01-01T00:00:00Z") + SignedDuration::from_mins(minute);
            let shown = quiet.zone().to_datetime(now).time();
            let shown = i16::from(shown.hour()) * 60 + i16::from(shown.minute());
            let within = (shown - from).rem_euclid(1440) < length;
            let until = quiet.until(now);
            prop_assert!(!within || until.is_some(), "the clock shows a quiet time");
            if let Some(until) = until {
                prop_assert!(until > now && until <= now + SignedDuration::from_hours(49));
                prop_assert_eq!(quiet.until(until), None);
            }
            let ends = quiet.after_work(now, SignedDuration::ZERO);
            prop_assert_eq!(ends, Some(until.unwrap_or(now)));
        }
    }
}
