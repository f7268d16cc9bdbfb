//! What a phrase is about: texts, counts, days, instants, and other phrases.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Serialize, Serializer};

use super::Phrase;

/// One fact. It keeps its type until it is said, so that each language writes days, hours and numbers in its own way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Words that stand as they are: a key, a name, what somebody typed.
    Text(String),
    /// Words in English that are not in the catalogues: a doubt of a data file, a text of law, what the reader of TOML says, an
    /// error. A language that has them says them its way.
    Data(String),
    /// A number of things. It chooses between singular and plural.
    Count(i64),
    /// A day.
    Day(Date),
    /// A time of day.
    Time(Time),
    /// A day and a time of day, in no particular zone.
    Civil(DateTime),
    /// An instant, as clocks of a zone show it.
    Moment(Box<ZonedDateTime>),
    /// The same of an exclusive end: one at 0 h belongs to the evening before, as `dates::Moment::until` says it.
    Until(Box<ZonedDateTime>),
    /// How long something lasts. Its two largest units are said, down to minutes.
    Lasting(SignedDuration),
    /// A number with decimals: the digits, with a point before the decimals.
    Number(String),
    /// Money: the digits, with a point before the cents, and the code of the currency.
    Amount(String, String),
    /// Words of ours.
    Phrase(Box<Phrase>),
    /// Several, one after the other.
    List(Vec<Fact>),
}

impl Fact {
    /// How `value` is written in files and commands, the same in every language.
    pub fn text(value: impl std::fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// What the program says in English beside the catalogues: an error of a room below, what a store keeps of a problem.
    pub fn english(words: impl std::fmt::Display) -> Self {
        Self::Data(words.to_string())
    }

    /// Several values, each as it is written in files and commands.
    pub fn texts<T: std::fmt::Display>(values: impl IntoIterator<Item = T>) -> Self {
        Self::List(values.into_iter().map(Self::text).collect())
    }

    /// An instant as clocks of `zone` show it.
    pub fn moment(at: Timestamp, zone: &TimeZone) -> Self {
        Self::Moment(Box::new(at.to_zoned_datetime(zone.clone())))
    }

    /// The exclusive end of something, as clocks of `zone` show it.
    pub fn until(at: Timestamp, zone: &TimeZone) -> Self {
        Self::Until(Box::new(at.to_zoned_datetime(zone.clone())))
    }
}

/// The day to whose evening an exclusive end at 0 h belongs; none for an end at another hour.
pub fn last_evening(at: &ZonedDateTime) -> Option<Date> {
    let is_midnight = at.hour() == 0 && at.minute() == 0;
    is_midnight.then(|| at.date().yesterday().ok()).flatten()
}

impl Serialize for Fact {
    /// Days and instants in the forms of ISO 8601 and RFC 9557.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) | Self::Data(text) | Self::Number(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_i64(*count),
            Self::Day(day) => serializer.collect_str(day),
            Self::Time(time) => serializer.collect_str(time),
            Self::Civil(at) => serializer.collect_str(at),
            Self::Moment(at) | Self::Until(at) => serializer.collect_str(at),
            Self::Lasting(duration) => serializer.collect_str(duration),
            Self::Amount(digits, currency) => serializer.collect_str(&format_args!("{digits} {currency}")),
            Self::Phrase(phrase) => phrase.serialize(serializer),
            Self::List(facts) => facts.serialize(serializer),
        }
    }
}

macro_rules! facts {
    ($($type:ty => |$value:ident| $fact:expr;)*) => {
        $(impl From<$type> for Fact {
            fn from($value: $type) -> Self {
                $fact
            }
        })*
    };
}

facts! {
    &str => |text| Self::Text(text.to_owned());
    String => |text| Self::Text(text);
    &String => |text| Self::Text(text.clone());
    u8 => |count| Self::Count(count.into());
    u16 => |count| Self::Count(count.into());
    u32 => |count| Self::Count(count.into());
    i32 => |count| Self::Count(count.into());
    i64 => |count| Self::Count(count);
    // No count of things that Carillon keeps comes near the end of an i64.
    u64 => |count| Self::Count(i64::try_from(count).unwrap_or(i64::MAX));
    usize => |count| Self::Count(i64::try_from(count).unwrap_or(i64::MAX));
    Date => |day| Self::Day(day);
    Time => |time| Self::Time(time);
    DateTime => |at| Self::Civil(at);
    ZonedDateTime => |at| Self::Moment(Box::new(at));
    SignedDuration => |duration| Self::Lasting(duration);
    Phrase => |phrase| Self::Phrase(Box::new(phrase));
    Vec<Fact> => |facts| Self::List(facts);
}
