//! Whether a mailing can end before its deadline. What limits it is the rate that a person allows the relay, and the paces
//! that were learned of the relay and of providers; as long as nothing is known to limit it, nothing is said. Quiet hours are lost to
//! it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::pace::PaceLearned;
use super::quiet::QuietHours;
use crate::text::Rate;

/// How many letters a mailing has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// All of them.
    pub letters: u64,
    /// Of these, to the providers of which a pace was learned, by name.
    pub to_providers: BTreeMap<String, u64>,
}

/// What limits a mailing.
#[derive(Clone, Debug, PartialEq)]
pub enum Narrows {
    /// The rate that a person allows.
    Allowed(Rate),
    /// The relay's pace as it was learned.
    Relay(Rate),
    /// That of a provider.
    Provider(String, Rate),
}

/// How long a mailing takes at least, and what makes it so.
#[derive(Clone, Debug, PartialEq)]
pub struct Takes {
    /// From the first letter to the last.
    pub time: SignedDuration,
    /// What is slowest.
    pub narrows: Narrows,
}

/// How long `load` takes under what is `allowed` and was `learned`. `None` when nothing limits it.
pub fn takes(load: &Load, allowed: Option<Rate>, learned: &PaceLearned) -> Option<Takes> {
    let of_relay =
        |rate: Rate, narrows: fn(Rate) -> Narrows| Takes { time: time_of(load.letters, rate), narrows: narrows(rate) };
    let providers = load.to_providers.iter().filter_map(|(name, letters)| {
        let rate = Rate::per_minute(*learned.providers.get(name)?)?;
        Some(Takes { time: time_of(*letters, rate), narrows: Narrows::Provider(name.clone(), rate) })
    });
    let relay = learned.relay.and_then(Rate::per_minute).map(|rate| of_relay(rate, Narrows::Relay));
    let allowed = allowed.map(|rate| of_relay(rate, Narrows::Allowed));
    // They go on side by side: what takes longest is what it takes.
    providers.chain(relay).chain(allowed).max_by_key(|takes| takes.time)
}

/// How a mailing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailingCourse {
    /// Its last letter leaves in time.
    Ends {
        /// When, at the earliest.
        at: Timestamp,
        /// Whether quiet hours come into it.
        rests: bool,
    },
    /// It does not.
    TooLate {
        /// Whether it would without quiet hours.
        rests: bool,
    },
}

/// How a mailing goes that takes this `time`, begins at `begins`, rests in `quiet` hours and must have left by `not_after`.
pub fn course(
    begins: Timestamp,
    not_after: Timestamp,
    time: SignedDuration,
    quiet: Option<&QuietHours>,
) -> MailingCourse {
    let in_time = |ends: Option<Timestamp>| ends.filter(|ends| *ends <= not_after);
    let without_rest = in_time(begins.saturating_add(time).ok());
    let ends = match quiet {
        None => without_rest,
        Some(quiet) => in_time(quiet.after_work(begins, time)),
    };
    match ends {
        Some(at) => MailingCourse::Ends { at, rests: Some(at) != without_rest },
        None => MailingCourse::TooLate { rests: without_rest.is_some() },
    }
}

/// The longest time that is told: for longer, nobody plans.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 365);

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "whole seconds of an estimate")]
fn time_of(letters: u64, rate: Rate) -> SignedDuration {
    let seconds = (letters as f64 / rate.a_minute() * 60.0).min(LONGEST.as_secs() as f64);
    SignedDuration::from_secs(seconds.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(letters: u64, to_providers: &[(&str, u64)]) -> Load {
        let to_providers = to_providers.iter().map(|(name, letters)| ((*name).to_owned(), *letters)).collect();
        Load { letters, to_providers }
    }

    fn learned(relay: Option<f64>, providers: &[(&str, f64)]) -> PaceLearned {
        PaceLearned { relay, providers: providers.iter().map(|(name, rate)| ((*name).to_owned(), *rate)).collect() }
    }

    #[track_caller]
    fn check(load: &Load, allowed: Option<&str>, learned: &PaceLearned, expected: Option<(i64, Narrows)>) {
        let allowed = allowed.map(|rate| rate.parse().unwrap());
        let expected = expected.map(|(minutes, narrows)| Takes { time: SignedDuration::from_mins(minutes), narrows });
        assert_eq!(takes(load, allowed, learned), expected);
    }

    #[test]
    fn what_takes_longest_is_what_it_takes() {
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        let many = load(36_000, &[("Orange", 6_000)]);
        check(&many, None, &learned(None, &[]), None);
        check(&many, Some("600/min"), &learned(None, &[]), Some((60, Narrows::Allowed(rate("600/min")))));
        check(&many, Some("600/min"), &learned(Some(300.0), &[]), Some((120, Narrows::Relay(rate("300/min")))));
        check(&many, Some("600/min"), &learned(Some(900.0), &[]), Some((60, Narrows::Allowed(rate("600/min")))));
        let slow = Narrows::Provider("Orange".to_owned(), rate("20/min"));
        check(&many, Some("600/min"), &learned(None, &[("Orange", 20.0)]), Some((300, slow)));
        check(&load(36_000, &[]), None, &learned(None, &[("Orange", 20.0)]), None);
    }

    #[test]
    fn quiet_hours_are_lost() {
        #[track_caller]
        fn check(begins: &str, hours: i64, quiet: bool, expected: Result<(&str, bool), bool>) {
            let at = |text: &str| text.parse::<Timestamp>().unwrap();
            let hours_of_day = || "21:00-08:00".parse().unwrap();
            let quiet =
                quiet.then(|| QuietHours::new(hours_of_day(), jiff::tz::TimeZone::get("Europe/Paris").unwrap()));
            let course =
                course(at(begins), at("2027-01-02T09:00:00Z"), SignedDuration::from_hours(hours), quiet.as_ref());
            let expected = match expected {
                Ok((ends, rests)) => MailingCourse::Ends { at: at(ends), rests },
                Err(rests) => MailingCourse::TooLate { rests },
            };
            assert_eq!(course, expected, "{begins}, {hours} hours");
        }
        check("2027-01-01T09:00:00Z", 5, false, Ok(("2027-01-01T14:00:00Z", false)));
        check("2027-01-01T09:00:00Z", 5, true, Ok(("2027-01-01T14:00:00Z", false)));
        check("2027-01-01T09:00:00Z", 12, true, Ok(("2027-01-02T08:00:00Z", true)));
        check("2027-01-01T09:00:00Z", 13, true, Ok(("2027-01-02T09:00:00Z", true)));
        check("2027-01-01T09:00:00Z", 14, true, Err(true));
        check("2027-01-01T09:00:00Z", 14, false, Ok(("2027-01-01T23:00:00Z", false)));
        check("2027-01-01T09:00:00Z", 25, true, Err(false));
        check("2027-01-01T22:00:00Z", 1, true, Ok(("2027-01-02T08:00:00Z", true)));
    }

    #[test]
    fn a_pace_of_nearly_nothing_is_told_as_a_year() {
        let never = takes(&load(u64::MAX, &[]), None, &learned(Some(f64::MIN_POSITIVE), &[])).unwrap();
        assert_eq!(never.time, LONGEST);
        assert_eq!(takes(&load(0, &[]), None, &learned(Some(1.0), &[])).unwrap().time, SignedDuration::ZERO);
    }
}
