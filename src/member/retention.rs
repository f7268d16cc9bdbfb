//! How long what is about people is kept: one table of clocks, and what each says of an instant.
//!
//! A sign-up's end is written down with it ([`super::sign_up::WAITS`]), and so is a consent's ([`Lifetime::end`]). What goes
//! of a proof is decided in [`super::removal`].

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;

use super::renewal::ASKED_BEFORE;
use super::sign_up::WAITS;
use super::{Lifetime, NotInLedger};

/// Years for which the proof of a consent is needed after its end: the general limitation period (Code civil, art. 2224).
pub const PROOF_YEARS: i16 = 5;

/// What is kept for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetentionClock {
    /// Sign-ups that nobody confirmed.
    SignUps,
    /// The addresses of people who left.
    Addresses,
    /// Members whose consent runs out soon, and who are asked whether to go on.
    Renewals,
    /// Consents, and the addresses of those who gave them.
    Consents,
    /// What became of each delivery of a mailing that has ended.
    DeliveryLog,
    /// Who agreed to what, after the consent has ended.
    Proof,
}

impl RetentionClock {
    /// Every clock, the shortest first.
    pub const ALL: [Self; 6] =
        [Self::SignUps, Self::Addresses, Self::DeliveryLog, Self::Renewals, Self::Consents, Self::Proof];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignUps => "sign-ups",
            Self::Addresses => "addresses",
            Self::Renewals => "renewals",
            Self::Consents => "consents",
            Self::DeliveryLog => "delivery-log",
            Self::Proof => "proof",
        }
    }
}

impl fmt::Display for RetentionClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for RetentionClock {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|clock| clock.name() == text).ok_or(NotInLedger)
    }
}

/// The periods that the shop has decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// How long a consent counts.
    pub lifetime: Lifetime,
    /// Days after which the address of somebody who left is destroyed.
    pub address_days: u16,
    /// Months after the end of a mailing for which its deliveries are listed one by one.
    pub delivery_log_months: u8,
}

impl Default for Periods {
    fn default() -> Self {
        Self { lifetime: Lifetime::months(24), address_days: 0, delivery_log_months: 12 }
    }
}

impl Periods {
    /// How long `clock` lets be kept what it is about, for people.
    pub fn words(self, clock: RetentionClock) -> String {
        match clock {
            RetentionClock::SignUps => format!("{} hours without a confirmation", WAITS.as_hours()),
            RetentionClock::Addresses => format!("{} days after the person left", self.address_days),
            RetentionClock::Renewals => {
                format!("asked {} days before the consent ends", ASKED_BEFORE.as_hours() / 24)
            }
            RetentionClock::Consents => format!("{} months after the person's last act", self.lifetime.in_months()),
            RetentionClock::DeliveryLog => format!("{} months after the mailing", self.delivery_log_months),
            RetentionClock::Proof => format!("{PROOF_YEARS} years after the end of the consent"),
        }
    }

    /// The address of whoever left at this instant or before is to be gone at `now`. `None` when nobody can have.
    pub fn left_before(self, now: Timestamp) -> Option<Timestamp> {
        now.checked_sub(self.address_span()).ok()
    }

    /// When the address of somebody who left at `left` is to be gone.
    pub fn end_of_address(self, left: Timestamp) -> Timestamp {
        left.checked_add(self.address_span()).unwrap_or(Timestamp::MAX)
    }

    fn address_span(self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.address_days))
    }

    /// When the deliveries of a mailing that ended at `ended` are to be gone.
    pub fn end_of_log(self, ended: Timestamp) -> Timestamp {
        ended
            .to_zoned_datetime(TimeZone::UTC)
            .checked_add(i64::from(self.delivery_log_months).months())
            .map_or(Timestamp::MAX, |end| end.timestamp())
    }
}

/// The proof of a consent that ended at this instant or before is not needed any more at `now`.
pub fn proof_before(now: Timestamp) -> Timestamp {
    let ended = now.to_zoned_datetime(TimeZone::UTC).checked_sub(PROOF_YEARS.years());
    ended.map_or(Timestamp::MIN, |ended| ended.timestamp())
}

/// When the proof of a consent that ended at `ended` is not needed any more: the first instant at which [`proof_before`] reaches
/// it.
pub fn end_of_proof(ended: Timestamp) -> Timestamp {
    let utc = ended.to_zoned_datetime(TimeZone::UTC);
    let Ok(end) = utc.checked_add(PROOF_YEARS.years()) else { return Timestamp::MAX };
    if proof_before(end.timestamp()) >= ended {
        return end.timestamp();
    }
    // What ended on a leap day is over when the first of March begins.
    end.tomorrow().and_then(|next| next.start_of_day()).map_or(Timestamp::MAX, |next| next.timestamp())
}

/// Of how many people the proof may be removed in one day, of `members`: a hundredth, many times as many as end in a day on
/// average. What a wrong day takes can be noticed and mended.
pub fn proof_portion(members: u64) -> u64 {
    members.div_ceil(100)
}

/// How many more may be removed on a day of which `portion` is, when `removed` are gone already.
pub fn rest_of(portion: u64, removed: u64) -> u64 {
    portion.saturating_sub(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_usual_periods_are_those_of_the_table() {
        let words = RetentionClock::ALL.map(|clock| Periods::default().words(clock));
        assert_eq!(
            words,
            [
                "72 hours without a confirmation",
                "0 days after the person left",
                "12 months after the mailing",
                "asked 30 days before the consent ends",
                "24 months after the person's last act",
                "5 years after the end of the consent",
            ]
        );
        for clock in RetentionClock::ALL {
            assert_eq!(clock.to_string().parse(), Ok(clock));
        }
    }

    #[test]
    fn an_address_is_over_exactly_when_its_days_are() {
        let left = at("2027-01-02T08:00:00Z");
        let periods = Periods { address_days: 30, ..Periods::default() };
        let end = periods.end_of_address(left);
        assert_eq!(end, at("2027-02-01T08:00:00Z"));
        assert!(periods.left_before(end).unwrap() >= left);
        assert!(periods.left_before(end - SignedDuration::from_micros(1)).unwrap() < left);
        assert_eq!(Periods::default().left_before(left), Some(left));
        assert_eq!(periods.left_before(Timestamp::MIN), None);
        assert_eq!(periods.end_of_address(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_log_is_kept_for_months_of_the_calendar() {
        let end = |months, ended| Periods { delivery_log_months: months, ..Periods::default() }.end_of_log(at(ended));
        assert_eq!(end(12, "2027-01-02T08:00:00Z"), at("2028-01-02T08:00:00Z"));
        assert_eq!(end(12, "2028-02-29T08:00:00Z"), at("2029-02-28T08:00:00Z"));
        assert_eq!(Periods::default().end_of_log(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_proof_is_needed_for_five_years() {
        assert_eq!(proof_before(at("2032-01-02T08:00:00Z")), at("2027-01-02T08:00:00Z"));
        assert_eq!(proof_before(Timestamp::MIN), Timestamp::MIN);
        for (ended, end) in [
            ("2027-01-02T08:00:00Z", "2032-01-02T08:00:00Z"),
            ("2028-02-28T08:00:00Z", "2033-02-28T08:00:00Z"),
            ("2028-02-29T08:00:00Z", "2033-03-01T00:00:00Z"),
        ] {
            assert_eq!(end_of_proof(at(ended)), at(end), "{ended}");
            assert!(proof_before(at(end)) >= at(ended), "{ended}");
            assert!(proof_before(at(end) - SignedDuration::from_micros(1)) < at(ended), "{ended}");
        }
        assert_eq!(end_of_proof(Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_day_removes_a_small_portion_of_the_proof() {
        for (members, expected) in [(0, 0), (1, 1), (100, 1), (101, 2), (1_000_000, 10_000)] {
            assert_eq!(proof_portion(members), expected, "{members}");
        }
    }
}
