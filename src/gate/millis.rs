//! Instants as gates write them: UTC, always three decimals, `2027-01-02T07:00:00.000Z`. Every one has the same length,
//! so that they sort as text, and it is what JavaScript's `toISOString` writes.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serializer};

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// The whole millisecond that `instant` lies in.
pub fn floor(instant: Timestamp) -> Timestamp {
    let past = instant.as_nanosecond().rem_euclid(1_000_000);
    Timestamp::from_nanosecond(instant.as_nanosecond() - past).unwrap_or(instant)
}

/// `instant` as gates write it.
pub fn text(instant: Timestamp) -> String {
    PRINTER.timestamp_to_string(&floor(instant))
}

pub(super) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(*instant))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(from)
}

/// The same for an instant that may be absent, written as `null`.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, text};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(crate) fn serialize<S: Serializer>(instant: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => to.serialize_some(&text(*instant)),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<Timestamp>::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(instant: &str, expected: &str) {
        assert_eq!(text(instant.parse().unwrap()), expected);
    }

    #[test]
    fn instants_are_written_in_utc_with_three_decimals_rounded_towards_the_past() {
        check("2027-01-02T08:00:00+01:00", "2027-01-02T07:00:00.000Z");
        check("2027-01-02T07:59:59.999999Z", "2027-01-02T07:59:59.999Z");
        check("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z");
    }
}
