//! A stretch of days that the law knows, and why there may be none.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::confidence::Confidence;
use super::country::Mechanics;
use super::market::{Channel, Market, UnknownMarket};
use crate::phrase::{Fact, Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// What a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodKind {
    /// The sales themselves: soldes, saldi, Schlussverkauf.
    Sale,
    /// A stretch around the sales in which announcing or holding promotions is banned.
    Blackout,
}

impl fmt::Display for PeriodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sale => "sale",
            Self::Blackout => "blackout",
        })
    }
}

/// Where the dates of a period come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// They were published: an order set them, or an authority or the press printed them.
    Published,
    /// The first day was published, and the last one follows from the rule in force.
    StartPublished,
    /// They follow from the rule in force. An order may still change them.
    Computed,
}

impl Basis {
    /// Where the first day comes from.
    #[must_use]
    pub fn of_start(self) -> Self {
        if self == Self::StartPublished { Self::Published } else { self }
    }

    /// Where the last day comes from.
    #[must_use]
    pub fn of_end(self) -> Self {
        if self == Self::StartPublished { Self::Computed } else { self }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Published => "published",
            Self::StartPublished => "start published",
            Self::Computed => "computed",
        })
    }
}

/// One reason why a period is what it is: a rule, an order, or a doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegalBasis {
    /// The name of the rule or order in its file.
    pub id: Option<String>,
    /// What it says, in plain words.
    pub says: String,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// What is uncertain or disputed about it.
    pub note: Option<String>,
    /// Who added it, when a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
}

/// A stretch of days with a legal meaning in one market and channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The market whose dates these are. For online sales in France this is `FR`, whichever part was asked about.
    pub market: Market,
    /// The channel that was asked about.
    pub channel: Channel,
    /// Sale or blackout.
    pub kind: PeriodKind,
    /// `winter`, `summer`, or the text's own name.
    pub season: String,
    /// The year in which the sale starts; a blackout has the year of the sale it belongs to.
    pub year: i16,
    /// The name that people know, in the market's language.
    pub label: String,
    /// The first instant.
    pub starts_at: ZonedDateTime,
    /// The first instant after it.
    pub ends_at: ZonedDateTime,
    /// The first day.
    pub first_day: Date,
    /// The last day, inclusive.
    pub last_day: Date,
    /// The first day on which it may be: before the first day where that is in doubt.
    pub may_begin: Date,
    /// The last day on which it may be: after the last day where that is in doubt.
    pub may_end: Date,
    /// The address of the text or page that the dates rest on.
    pub source: String,
    /// How well the dates are attested.
    pub confidence: Confidence,
    /// Published or computed.
    pub basis: Basis,
    /// The trades concerned; empty means all.
    pub sectors: Vec<String>,
    /// How many days a trader may use, when that is less than the whole period.
    pub max_days: Option<u16>,
    /// What a blackout bans; none for a sale.
    pub mechanics: Option<Arc<Mechanics>>,
    /// Why, from the general rule to the last order, then the doubts.
    pub grounds: Vec<Arc<LegalBasis>>,
}

impl Period {
    /// Whether `instant` lies in the period, which is half-open.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.starts_at.timestamp() <= instant && instant < self.ends_at.timestamp()
    }

    /// Whether its days touch those from `from` to `to`, inclusive; where they do not, it only may lie there.
    pub fn touches(&self, from: Date, to: Date) -> bool {
        self.first_day <= to && from <= self.last_day
    }

    /// The stretches on which it may be beside its own days, each from a first to a last day.
    pub fn doubtful_stretches(&self) -> impl Iterator<Item = (Date, Date)> {
        let before = self.first_day.yesterday().ok().map(|eve| (self.may_begin, eve));
        let after = self.last_day.tomorrow().ok().map(|morrow| (morrow, self.may_end));
        before.into_iter().chain(after).filter(|(from, to)| from <= to)
    }

    /// What makes its dates too doubtful to be stated as certain; none when nothing does. Empty where the files say no more.
    pub fn doubt(&self) -> Option<String> {
        (self.confidence == Confidence::Low).then(|| self.notes().collect::<Vec<_>>().join(" "))
    }

    /// What is uncertain or disputed, one sentence or two each.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.grounds.iter().filter_map(|ground| ground.note.as_deref())
    }
}

/// A period that the law leaves to a yearly text which the calendar does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnpublishedPeriod {
    /// The market.
    pub market: Market,
    /// The season.
    pub season: String,
    /// The year.
    pub year: i16,
    /// Where its dates will be published.
    pub look: String,
    /// The first day on which it may lie, as far as can be told.
    pub from: Date,
    /// The last such day.
    pub to: Date,
}

/// Why the calendar has no period to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeriodError {
    /// No calendar file speaks of the market.
    UnknownMarket(UnknownMarket),
    /// The market is known, and no law there sets such periods.
    NotRegulated {
        /// The market asked about.
        market: Market,
        /// The kind asked about.
        kind: PeriodKind,
        /// The fact that the calendar holds.
        why: String,
    },
    /// The dates are set year by year and those of this year are not in the calendar. They are never computed.
    NotPublished {
        /// The market asked about.
        market: Market,
        /// The season asked about.
        season: String,
        /// The year asked about.
        year: i16,
        /// Where they will be published.
        look: String,
    },
    /// The market has no season of that name.
    NoSuchSeason {
        /// The market asked about.
        market: Market,
        /// The season asked about.
        season: String,
        /// The seasons it has.
        known: Vec<String>,
    },
    /// No period of the season starts in that year under the rules that the calendar holds.
    NoneInYear {
        /// The market asked about.
        market: Market,
        /// The kind asked about.
        kind: PeriodKind,
        /// The season asked about.
        season: String,
        /// The year asked about.
        year: i16,
    },
    /// Two periods of the year bear the name, as in La Réunion in 2010.
    Ambiguous {
        /// The market asked about.
        market: Market,
        /// The season asked about.
        season: String,
        /// The year asked about.
        year: i16,
        /// Their first days.
        starts: Vec<Date>,
    },
}

impl From<UnknownMarket> for PeriodError {
    fn from(unknown: UnknownMarket) -> Self {
        Self::UnknownMarket(unknown)
    }
}

impl Spoken for PeriodError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::UnknownMarket(unknown) => unknown.phrase(),
            Self::NotRegulated { market, kind, why } => {
                phrase!(
                    "period-not-regulated",
                    market = Fact::text(market),
                    kind = Fact::text(kind),
                    why = Fact::Data(why.clone())
                )
            }
            Self::NotPublished { market, season, year, look } => phrase!(
                "period-not-published",
                season = season.as_str(),
                year = Fact::text(year),
                market = Fact::text(market),
                look = Fact::Data(look.clone())
            ),
            Self::NoSuchSeason { market, season, known } => phrase!(
                "period-no-such-season",
                market = Fact::text(market),
                season = season.as_str(),
                known = known
                    .iter()
                    .map(|season| phrase!("season-typed", season = season.as_str()).into())
                    .collect::<Vec<Fact>>()
            ),
            Self::NoneInYear { market, kind, season, year } => phrase!(
                "period-none-in-year",
                season = season.as_str(),
                kind = Fact::text(kind),
                market = Fact::text(market),
                year = Fact::text(year)
            ),
            Self::Ambiguous { market, season, year, starts } => phrase!(
                "period-ambiguous",
                count = starts.len(),
                season = season.as_str(),
                market = Fact::text(market),
                year = Fact::text(year),
                starts = starts.iter().copied().map(Fact::Day).collect::<Vec<_>>()
            ),
        }
    }
}

spoken_errors!(PeriodError);
