//! Whether a mailing can end before its deadline. What limits it is the rate that a person allows the relay, and the paces
//! that were learned of the relay and of providers; as long as nothing is known to limit it, nothing is said.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::pace::PaceLearned;
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
    fn a_pace_of_nearly_nothing_is_told_as_a_year() {
        let never = takes(&load(u64::MAX, &[]), None, &learned(Some(f64::MIN_POSITIVE), &[])).unwrap();
        assert_eq!(never.time, LONGEST);
        assert_eq!(takes(&load(0, &[]), None, &learned(Some(1.0), &[])).unwrap().time, SignedDuration::ZERO);
    }
}
