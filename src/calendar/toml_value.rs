//! Days, hours and lists as the law files write them.

use std::sync::Arc;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Deserializer};

/// The day, or why it is none.
pub(super) fn civil_date(written: toml::value::Datetime) -> Result<Date, String> {
    match (written.date, written.time, written.offset) {
        (Some(date), None, None) => {
            let parts = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
            let (Ok(year), Ok(month), Ok(day)) = parts else { return Err("no such day".to_owned()) };
            Date::new(year, month, day).map_err(|error| error.to_string())
        }
        _ => Err("write a day without a time, such as 2027-01-06".to_owned()),
    }
}

/// A TOML local date.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    civil_date(toml::value::Datetime::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// A TOML local date that may be left out; for use with `default`.
pub(super) fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    day(deserializer).map(Some)
}

/// A TOML local time.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom("write an hour such as 08:00:00");
    let (None, Some(time), None) = (written.date, written.time, written.offset) else { return Err(wrong()) };
    let parts = (i8::try_from(time.hour), i8::try_from(time.minute), i8::try_from(time.second.unwrap_or(0)));
    let (Ok(hour), Ok(minute), Ok(second)) = parts else { return Err(wrong()) };
    Time::new(hour, minute, second, 0).map_err(serde::de::Error::custom)
}

/// A TOML local time that may be left out; for use with `default`.
pub(super) fn optional_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    time(deserializer).map(Some)
}

/// Values that many periods will point at.
pub(super) fn shared<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<Arc<T>>, D::Error> {
    Ok(Vec::<T>::deserialize(deserializer)?.into_iter().map(Arc::new).collect())
}
