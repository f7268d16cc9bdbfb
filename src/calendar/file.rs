//! The shape of a calendar file. What is well-formed here may still make no sense: `law` checks that.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::confidence::Confidence;
use super::country::Country;
use super::market::{Channel, Market};
use super::period::PeriodKind;
use super::rule::{EndRule, Offset, StartRule};
use super::toml_value::{civil_date, day, optional_day, optional_time};

/// A country's calendar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountryFile {
    #[serde(deserialize_with = "schema_1")]
    #[expect(dead_code, reason = "reading it is checking it")]
    pub(super) schema: (),
    pub(super) country: Spanned<Country>,
    #[serde(default)]
    pub(super) season: BTreeMap<String, SeasonFile>,
    #[serde(default)]
    pub(super) market: Vec<Spanned<MarketFile>>,
    /// Parts that have no rule of their own and follow the country.
    #[serde(default)]
    pub(super) followers: Vec<Market>,
    #[serde(default)]
    pub(super) length: Vec<Spanned<LengthFile>>,
    #[serde(default)]
    pub(super) sale: Vec<Spanned<SaleFile>>,
    #[serde(default)]
    pub(super) blackout: Vec<Spanned<BlackoutFile>>,
    #[serde(default)]
    pub(super) order: Vec<Spanned<OrderFile>>,
    #[serde(default)]
    pub(super) published: Vec<Spanned<PublishedFile>>,
    #[serde(default)]
    pub(super) withheld: Vec<Spanned<WithheldFile>>,
    #[serde(default)]
    pub(super) doubt: Vec<Spanned<DoubtFile>>,
}

/// What a person adds to a country's calendar without a release.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideFile {
    #[serde(deserialize_with = "schema_1")]
    #[expect(dead_code, reason = "reading it is checking it")]
    pub(super) schema: (),
    /// The country whose calendar is amended.
    pub(super) amends: Spanned<Market>,
    #[serde(default)]
    pub(super) sale: Vec<Spanned<SaleFile>>,
    #[serde(default)]
    pub(super) order: Vec<Spanned<OrderFile>>,
    #[serde(default)]
    pub(super) published: Vec<Spanned<PublishedFile>>,
    #[serde(default)]
    pub(super) doubt: Vec<Spanned<DoubtFile>>,
    /// Rules that are no longer in force, by id.
    #[serde(default)]
    pub(super) repeal: Vec<Spanned<RepealFile>>,
}

/// What a season is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeasonFile {
    pub(super) label: String,
    /// What a blackout before it is called.
    pub(super) blackout_label: Option<String>,
}

/// A part of the country with a name, a zone, or rules of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MarketFile {
    pub(super) code: Market,
    pub(super) name: String,
    pub(super) zone: Option<String>,
    pub(super) note: Option<String>,
    /// Why the part has no periods and does not follow the country.
    pub(super) outside: Option<String>,
    /// Whether sales are free there at any time, which not every part without periods is.
    #[serde(default)]
    pub(super) free: bool,
    /// Whether nothing is known of bans before its sales, which is not the same as there being none.
    #[serde(default)]
    pub(super) blackouts_unknown: bool,
    /// The first day of which the file knows what is banned before its sales, when that is later than its other knowledge.
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) bans_known_since: Option<Date>,
    /// Where its dates are published, and who is to be asked, when that is not the country's.
    pub(super) look: Option<String>,
}

/// How long a sale lasts that says nothing else, for sales that start while the text is in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LengthFile {
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) to: Option<Date>,
    pub(super) end: EndRule,
    pub(super) says: String,
    pub(super) text: String,
    pub(super) source: String,
}

/// A rule for the sale of one season.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SaleFile {
    pub(super) id: String,
    pub(super) markets: Vec<Market>,
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) season: String,
    pub(super) label: Option<String>,
    /// The first day on which a sale under this rule may start.
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    /// The last such day.
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) to: Option<Date>,
    /// Without it, the sale starts when the national one does.
    pub(super) start: Option<StartRule>,
    /// Without it, the length in force applies.
    pub(super) end: Option<EndRule>,
    #[serde(default, deserialize_with = "optional_time")]
    pub(super) hour: Option<Time>,
    pub(super) max_days: Option<u16>,
    pub(super) says: String,
    pub(super) text: Option<String>,
    pub(super) source: String,
    pub(super) confidence: Confidence,
    pub(super) note: Option<String>,
}

/// A rule for the blackout around the sale of one season or of each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlackoutFile {
    pub(super) id: String,
    pub(super) markets: Vec<Market>,
    pub(super) seasons: Option<Vec<String>>,
    /// The season that the blackout is listed under, when not the sale's own.
    pub(super) listed_as: Option<String>,
    pub(super) label: Option<String>,
    /// The first day on which a blackout under this rule may start.
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    /// The last such day.
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) to: Option<Date>,
    pub(super) window: Offset,
    pub(super) mechanics: String,
    pub(super) says: String,
    pub(super) text: Option<String>,
    pub(super) source: String,
    pub(super) confidence: Confidence,
    pub(super) note: Option<String>,
}

/// A dated text that sets the days of one period in some markets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderFile {
    pub(super) id: String,
    pub(super) markets: Vec<Market>,
    pub(super) channels: Option<Vec<Channel>>,
    #[serde(default = "sale")]
    pub(super) kind: PeriodKind,
    pub(super) season: String,
    /// The year of the sale.
    pub(super) year: i16,
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) first_day: Option<Date>,
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) last_day: Option<Date>,
    #[serde(default, deserialize_with = "optional_time")]
    pub(super) hour: Option<Time>,
    pub(super) says: String,
    pub(super) text: Option<String>,
    pub(super) source: String,
    #[serde(default)]
    pub(super) confidence: Option<Confidence>,
    pub(super) note: Option<String>,
    /// Who added it, for files that a person added.
    pub(super) who: Option<String>,
}

/// Days as they were published, for many markets at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishedFile {
    pub(super) season: String,
    /// The year of the sale.
    pub(super) year: i16,
    pub(super) source: Option<String>,
    /// How well the days are attested; high when left out.
    pub(super) confidence: Option<Confidence>,
    /// The first day of each market, and the last one where it was printed.
    #[serde(deserialize_with = "days_by_market")]
    pub(super) days: BTreeMap<Market, Printed>,
}

/// A period that the rule must not compute, because a text that the file does not hold set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WithheldFile {
    pub(super) markets: Vec<Market>,
    pub(super) season: String,
    pub(super) year: i16,
    pub(super) look: String,
}

/// Something uncertain about computed periods.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DoubtFile {
    #[serde(default = "sale")]
    pub(super) kind: PeriodKind,
    pub(super) markets: Vec<Market>,
    pub(super) season: Option<String>,
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) to: Option<Date>,
    /// At most this much confidence is left.
    pub(super) confidence: Confidence,
    /// Whether published dates are in doubt too.
    #[serde(default)]
    pub(super) also_published: bool,
    /// By how many days the period may begin earlier.
    #[serde(default)]
    pub(super) days_earlier: u16,
    /// By how many days it may end later.
    #[serde(default)]
    pub(super) days_later: u16,
    pub(super) note: String,
    pub(super) source: Option<String>,
}

/// A rule that is no longer in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepealFile {
    pub(super) rule: String,
    /// The last day on which a period under the rule may start.
    #[serde(deserialize_with = "day")]
    pub(super) last_day_in_force: Date,
}

fn sale() -> PeriodKind {
    PeriodKind::Sale
}

fn schema_1<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match u8::deserialize(deserializer)? {
        1 => Ok(()),
        other => Err(serde::de::Error::custom(format!("this program reads calendar files of schema 1, not {other}"))),
    }
}

/// The first day, and the last one where it was printed.
type Printed = (Date, Option<Date>);

fn days_by_market<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Market, Printed>, D::Error> {
    let written = BTreeMap::<Market, Vec<toml::value::Datetime>>::deserialize(deserializer)?;
    let wrong = serde::de::Error::custom;
    let mut days = BTreeMap::new();
    for (market, row) in written {
        let (first, last) = match row.as_slice() {
            [first] => (*first, None),
            [first, last] => (*first, Some(*last)),
            _ => return Err(wrong(format!("`{market}` needs a first day and, where it was printed, a last day"))),
        };
        let first = civil_date(first).map_err(wrong)?;
        let last = last.map(civil_date).transpose().map_err(wrong)?;
        days.insert(market, (first, last));
    }
    Ok(days)
}
