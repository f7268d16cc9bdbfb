//! The law: sales periods and blackouts from rules, regimes, territories, dated orders and published dates, each with
//! its source and a grade of confidence.
//!
//! Everything comes from the files in `config/calendars`, compiled in and parsed when first asked about, and from
//! override files that a person adds. Nothing here judges a campaign, reads a file or knows what day it is.

mod amend;
mod answer;
mod confidence;
mod country;
mod engine;
mod facts;
mod file;
mod gap;
pub mod ics;
mod law;
mod listing;
mod market;
mod period;
mod rule;
mod toml_value;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use amend::{NewOrder, unpublished};
pub use answer::{DaysAnswer, KnownNone, OpenQuestion};
pub use confidence::Confidence;
pub use country::{
    Advertisement, Age, Allowance, Applies, Ban, Country, GroupRule, ItemConditions, LowestBefore, Mechanics, NewGoods,
    Notice, NoticeTime, Online, PriorPrice, Progressive, Regulation, RegulationState, Remark, SelfComparison,
};
use engine::CivilPeriod;
pub use facts::LegalFact;
use law::CountryLaw;
pub use listing::{MarketListing, RuleReach};
pub use market::{Channel, ChannelError, Market, MarketError, UnknownMarket};
pub use period::{Basis, LegalBasis, Period, PeriodError, PeriodKind, UnpublishedPeriod};

use crate::document::Document;

/// How the built-in files are named in findings.
const BUILT_IN_FOLDER: &str = "config/calendars/";

struct BuiltIn {
    code: &'static str,
    text: &'static str,
    law: OnceLock<Option<CountryLaw>>,
}

macro_rules! built_in {
    ($($code:literal),+ $(,)?) => {
        [$(BuiltIn {
            code: $code,
            text: include_str!(concat!("../../config/calendars/", $code, ".toml")),
            law: OnceLock::new(),
        }),+]
    };
}

static BUILT_IN: [BuiltIn; 35] = built_in![
    "at", "be", "bg", "ch", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gb", "gr", "hr", "hu", "ie", "is", "it",
    "li", "lt", "lu", "lv", "mc", "mt", "nc", "nl", "no", "pf", "pl", "pt", "ro", "se", "si", "sk",
];

impl BuiltIn {
    fn of(market: Market) -> Option<&'static Self> {
        BUILT_IN.iter().find(|built_in| built_in.code.eq_ignore_ascii_case(market.country()))
    }

    fn document(&self) -> Document {
        Document::new(format!("{BUILT_IN_FOLDER}{}.toml", self.code), self.text)
    }

    /// The law, parsed once. A built-in file that does not parse cannot leave the tests.
    fn law(&self) -> Option<&CountryLaw> {
        self.law.get_or_init(|| CountryLaw::parse(&self.document()).ok()).as_ref()
    }
}

/// The law of every market that the calendar knows. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    amended: BTreeMap<Market, Arc<CountryLaw>>,
}

impl Calendar {
    /// The calendar that is compiled in. Countries are parsed when they are first asked about.
    pub fn built_in() -> Self {
        Self::default()
    }

    fn law(&self, market: Market) -> Option<&CountryLaw> {
        if let Some(amended) = self.amended.get(&market.national()) {
            return Some(amended);
        }
        BuiltIn::of(market)?.law()
    }

    /// What the law of the market's country says beside its dates. None when no file speaks of the country.
    pub fn country(&self, market: &Market) -> Option<&Country> {
        self.law(*market).map(CountryLaw::country)
    }

    /// What the law says in the market beside its dates: of a part of a country the bans of that part, and no other’s.
    pub fn facts(&self, market: &Market) -> Vec<LegalFact> {
        let Some(law) = self.law(*market) else { return Vec::new() };
        if market.is_national() {
            return law.country().facts();
        }
        let own = law.markets.get(&law.blackout_home(*market));
        law.country().facts_of(|mechanics| {
            let mut bans = own.into_iter().flat_map(|rules| &rules.blackouts);
            bans.any(|ban| ban.mechanics.as_ref().is_some_and(|it| it.id == mechanics.id))
        })
    }

    /// Whether a file speaks of the market.
    pub fn knows(&self, market: &Market) -> bool {
        self.law(*market).is_some_and(|law| law.knows(*market))
    }

    /// Makes sure that a file speaks of the market.
    ///
    /// # Errors
    /// [`UnknownMarket`], which names the parts of its country that the calendar knows.
    pub fn must_know(&self, market: &Market) -> Result<(), UnknownMarket> {
        if self.knows(market) {
            return Ok(());
        }
        let known = self.law(*market).map(|law| law.markets.keys().copied());
        let parts = known.into_iter().flatten().filter(|part| !part.is_national()).collect();
        Err(UnknownMarket { market: *market, parts })
    }

    /// Whether a part of a country lets its shops hold sales at any time, whatever the rest of the country has.
    pub fn is_free(&self, market: &Market) -> bool {
        self.law(*market).and_then(|law| law.markets.get(market)).is_some_and(|rules| rules.free)
    }

    /// The zone in which shops of the market open and close.
    pub fn zone(&self, market: &Market) -> Option<TimeZone> {
        self.law(*market).map(|law| law.zone(*market))
    }

    /// All periods that touch the days from `from` to `to`, inclusive, in order of their first days. An unknown market
    /// has none: ask [`Calendar::knows`] first where that matters, and [`Calendar::gaps`] for what is not published.
    pub fn periods(&self, market: &Market, channel: Channel, from: Date, to: Date) -> Vec<Period> {
        let mut periods = self.possible_periods(market, channel, from, to);
        periods.retain(|period| period.touches(from, to));
        periods
    }

    /// The same, with those that only may touch these days, because their first or last day is in doubt.
    pub fn possible_periods(&self, market: &Market, channel: Channel, from: Date, to: Date) -> Vec<Period> {
        let Some(law) = self.law(*market).filter(|law| law.knows(*market)) else { return Vec::new() };
        let mut periods: Vec<CivilPeriod> = engine::year_span(from, to)
            .flat_map(|year| law.civil_periods(*market, channel, year))
            .filter(|period| {
                let (may_begin, may_end) = period.widest();
                may_begin <= to && from <= may_end
            })
            .collect();
        periods.sort_unstable_by_key(|period| (period.first_day, period.kind));
        let mut zones = Zones { law, known: Vec::new() };
        periods.into_iter().filter_map(|period| zones.period(period, channel)).collect()
    }

    /// The period of one season and year. The year is that in which the sale starts, also for its blackout.
    ///
    /// # Errors
    /// [`PeriodError`] says why there is none, or not one.
    pub fn period(
        &self,
        market: &Market,
        channel: Channel,
        kind: PeriodKind,
        season: &str,
        year: i16,
    ) -> Result<Period, PeriodError> {
        let market = *market;
        self.must_know(&market)?;
        let law = self.law(market).ok_or_else(|| UnknownMarket { market, parts: Vec::new() })?;
        // An order can move a sale across New Year, so the years beside are looked at too.
        let around = [year.saturating_sub(1), year, year.saturating_add(1)];
        let mut periods: Vec<CivilPeriod> = around
            .into_iter()
            .flat_map(|year| law.civil_periods(market, channel, year))
            .filter(|period| period.kind == kind && period.year == year && &*period.season == season)
            .collect();
        match (periods.pop(), periods.is_empty()) {
            (Some(period), true) => Zones { law, known: Vec::new() }
                .period(period, channel)
                .ok_or_else(|| PeriodError::NoneInYear { market, kind, season: season.to_owned(), year }),
            (Some(last), false) => {
                let mut starts: Vec<Date> = periods.iter().chain([&last]).map(|period| period.first_day).collect();
                starts.sort_unstable();
                Err(PeriodError::Ambiguous { market, season: season.to_owned(), year, starts })
            }
            (None, _) => Err(law.why_none(market, channel, kind, season, year)),
        }
    }
}

/// Makes instants of days. Zones are looked up once each.
struct Zones<'a> {
    law: &'a CountryLaw,
    known: Vec<(Market, TimeZone)>,
}

impl Zones<'_> {
    fn zone(&mut self, market: Market) -> TimeZone {
        if let Some((_, zone)) = self.known.iter().find(|(known, _)| *known == market) {
            return zone.clone();
        }
        let zone = self.law.zone(market);
        self.known.push((market, zone.clone()));
        zone
    }

    fn period(&mut self, period: CivilPeriod, channel: Channel) -> Option<Period> {
        let zone = self.zone(period.market);
        let opening = period.first_day.to_datetime(period.hour);
        let starts_at = opening.to_zoned_datetime(zone.clone()).ok()?;
        let ends_at = period.last_day.tomorrow().ok()?.to_zoned_datetime(zone).ok()?;
        let (may_begin, may_end) = period.widest();
        let source = period.source.as_deref().or_else(|| source_of(&period.grounds)).unwrap_or_default().to_owned();
        Some(Period {
            market: period.market,
            channel,
            kind: period.kind,
            season: period.season.to_string(),
            year: period.year,
            label: period.label.to_string(),
            starts_at,
            ends_at,
            first_day: period.first_day,
            last_day: period.last_day,
            may_begin,
            may_end,
            source,
            confidence: period.confidence,
            basis: period.basis,
            sectors: period.mechanics.as_ref().map(|mechanics| mechanics.sectors.clone()).unwrap_or_default(),
            max_days: period.max_days,
            mechanics: period.mechanics,
            grounds: period.grounds,
        })
    }
}

/// The address of the last rule or order. A doubt has one of its own, which is not where the dates come from.
fn source_of(grounds: &[Arc<LegalBasis>]) -> Option<&str> {
    let named = grounds.iter().rev().filter(|ground| ground.id.is_some());
    named.chain(grounds.iter().rev()).find_map(|ground| ground.source.as_deref())
}

#[cfg(test)]
mod tests;
