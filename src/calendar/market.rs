//! Where the consumers are, and how they buy.

use std::fmt;
use std::str::FromStr;

use crate::phrase::{Fact, Phrase, Spoken};
use crate::{phrase, spoken_errors};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The countries of ISO 3166-1 (iso-codes 4.15). The calendar knows the law of some of them.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK \
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF \
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A place with rules of its own: a country (`FR`) or a part of one (`FR-57`, `IT-62`), by ISO 3166 code.
///
/// A market is only a well-formed code. Whether the calendar knows it is for [`super::Calendar::knows`] to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Market {
    country: [u8; 2],
    /// Padded with zeros; all zeros for a whole country.
    area: [u8; 3],
}

impl Market {
    /// The country's two letters.
    pub fn country(&self) -> &str {
        std::str::from_utf8(&self.country).unwrap_or_default()
    }

    /// The part after the hyphen, empty for a whole country.
    pub fn area(&self) -> &str {
        std::str::from_utf8(&self.area).unwrap_or_default().trim_end_matches('\0')
    }

    /// The whole country that this market lies in.
    #[must_use]
    pub fn national(self) -> Self {
        Self { area: [0; 3], ..self }
    }

    /// Whether this is a whole country.
    pub fn is_national(self) -> bool {
        self.area == [0; 3]
    }

    /// Whether it lies in a country that exists.
    pub fn exists(self) -> bool {
        COUNTRIES.split(' ').any(|code| code == self.country())
    }
}

/// The code is not that of a country or of a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketError(String);

impl Spoken for MarketError {
    fn phrase(&self) -> Phrase {
        phrase!("market-code", written = self.0.as_str())
    }
}

/// No calendar file speaks of a market. That is not knowing, and not the same as being free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMarket {
    /// The market asked about.
    pub market: Market,
    /// The parts of its country that the calendar knows; none when it knows nothing of the country.
    pub parts: Vec<Market>,
}

impl UnknownMarket {
    /// More parts than this are not read to the end.
    const SHOWN: usize = 45;
}

impl Spoken for UnknownMarket {
    fn phrase(&self) -> Phrase {
        let (market, country) = (Fact::text(self.market), self.market.country());
        match self.parts.len() {
            0 => phrase!("market-not-in-calendar", market = market),
            1..=Self::SHOWN => {
                phrase!("market-part-unknown", market = market, country = country, parts = Fact::texts(&self.parts))
            }
            _ => phrase!("market-part-of-many-unknown", market = market, country = country),
        }
    }
}

/// The number of a French department or territory overseas that ISO 3166-2 has letters for too; others stay as they are.
fn department_of(area: &str) -> &str {
    match area {
        "GP" => "971",
        "MQ" => "972",
        "GF" => "973",
        "RE" => "974",
        "PM" => "975",
        "YT" => "976",
        "BL" => "977",
        "MF" => "978",
        other => other,
    }
}

impl FromStr for Market {
    type Err = MarketError;

    /// Reads a code in any case. `UK` and `EL`, which people write, mean `GB` and `GR`; New Caledonia and French Polynesia,
    /// which ISO 3166 has as parts of France too, are countries here; the other parts overseas have their numbers, for French law is not theirs.
    fn from_str(text: &str) -> Result<Self, MarketError> {
        let wrong = || MarketError(text.to_owned());
        let upper = text.trim().to_ascii_uppercase();
        let (country, area) = match upper.split_once('-') {
            Some((country, area)) if !area.is_empty() => (country, area),
            Some(_) => return Err(wrong()),
            None => (upper.as_str(), ""),
        };
        let (country, area) = match (country, area) {
            ("UK", area) => ("GB", area),
            ("EL", area) => ("GR", area),
            ("FR", "NC" | "PF") => (area, ""),
            ("FR", overseas) => ("FR", department_of(overseas)),
            other => other,
        };
        let letters: [u8; 2] = country.as_bytes().try_into().map_err(|_| wrong())?;
        if !letters.iter().all(u8::is_ascii_uppercase) || !area.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong());
        }
        let mut padded = [0; 3];
        padded.get_mut(..area.len()).ok_or_else(wrong)?.copy_from_slice(area.as_bytes());
        Ok(Self { country: letters, area: padded })
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_national() {
            return f.pad(self.country());
        }
        f.pad(&format!("{}-{}", self.country(), self.area()))
    }
}

impl fmt::Debug for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Market {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Market {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How the goods are bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// At a distance.
    Online,
    /// In a shop.
    Store,
}

impl Channel {
    /// Both channels.
    pub const ALL: [Self; 2] = [Self::Online, Self::Store];
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Online => "online",
            Self::Store => "store",
        })
    }
}

/// The word is not a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelError(String);

impl Spoken for ChannelError {
    fn phrase(&self) -> Phrase {
        phrase!("channel-unknown", written = self.0.as_str())
    }
}

spoken_errors!(MarketError, UnknownMarket, ChannelError);

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        match text {
            "online" => Ok(Self::Online),
            "store" => Ok(Self::Store),
            other => Err(ChannelError(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(text.parse::<Market>().ok().map(|market| market.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn markets_are_countries_and_their_parts() {
        check("FR", Some("FR"));
        check("fr-2a", Some("FR-2A"));
        check("FR-974", Some("FR-974"));
        check("IT-BZ", Some("IT-BZ"));
        check("UK", Some("GB"));
        check("UK-ENG", Some("GB-ENG"));
        check("FR-NC", Some("NC"));
        check("fr-pf", Some("PF"));
        for wrong in ["", "F", "FRA", "FR-", "FR-9744", "FR-é", "F1", "FR-57-1", "FR 57"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_country_that_does_not_exist_is_a_slip_of_the_pen() {
        let exists = |code: &str| code.parse::<Market>().unwrap().exists();
        for code in ["FR", "UK", "BE-XXX", "US", "US-CA", "AD", "ZW", "AQ"] {
            assert!(exists(code), "{code}");
        }
        for code in ["XX", "FE", "ZZ-1"] {
            assert!(!exists(code), "{code}");
        }
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse(text in "[A-Z]{2}(-[A-Z0-9]{1,3})?") {
            prop_assume!(!text.starts_with("UK") && !text.starts_with("EL"));
            prop_assume!(!["FR-NC", "FR-PF"].contains(&text.as_str()));
            prop_assert_eq!(text.parse::<Market>().unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = text.parse::<Market>();
        }
    }
}
