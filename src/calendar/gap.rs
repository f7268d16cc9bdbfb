//! What the calendar does not hold, and why: seasons that are published year by year, markets that are free, seasons
//! that do not exist.

use jiff::civil::Date;

use super::Calendar;
use super::country::RegulationState;
use super::law::CountryLaw;
use super::market::{Channel, Market};
use super::period::{PeriodError, PeriodKind, UnpublishedPeriod};
use super::rule::StartRule;

/// How a season is called in a country that is free now, for the years before its file speaks.
const ANY_SEASON: &str = "sales";
/// Where to look when a file does not say.
const OFFICIAL_GAZETTE: &str = "the official gazette";

impl Calendar {
    /// The seasons whose dates are set year by year and are not in the calendar, for sales that may touch the days from
    /// `from` to `to`.
    pub fn gaps(&self, market: &Market, channel: Channel, from: Date, to: Date) -> Vec<UnpublishedPeriod> {
        let Some(law) = self.law(*market).filter(|law| law.knows(*market)) else { return Vec::new() };
        let years = from.year()..=to.year().saturating_add(1);
        let mut gaps: Vec<UnpublishedPeriod> = years.flat_map(|year| law.gaps(*market, channel, year)).collect();
        gaps.retain(|gap| gap.from <= to && from <= gap.to);
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// Why a market has no periods of its own and does not follow its country, when sales are not simply free there.
    pub fn outside(&self, market: &Market) -> Option<&str> {
        self.law(*market).filter(|_| !self.is_free(market))?.outside(*market)
    }

    /// Whom to ask what is banned before the sales of a market, where nobody looked that up.
    pub fn unknown_bans(&self, market: &Market) -> Option<String> {
        let law = self.law(*market)?;
        let unknown = law.markets.get(&law.home(*market)).is_some_and(|rules| rules.blackouts_unknown);
        unknown.then(|| law.whom_to_ask(law.home(*market)))
    }

    /// The first day of which the bans before the sales of a market are known. What was before is unknown, and not free.
    pub fn bans_known_since(&self, market: &Market) -> Option<Date> {
        self.law(*market)?.markets.get(market)?.bans_known_since
    }

    /// Where the dates of a market are published, and whom to ask about them.
    pub fn whom_to_ask(&self, market: &Market) -> Option<String> {
        self.law(*market).map(|law| law.whom_to_ask(law.home(*market)))
    }
}

impl CountryLaw {
    /// The market whose lines answer: itself where it has any, else its country.
    pub(super) fn home(&self, market: Market) -> Market {
        match self.markets.get(&market) {
            Some(rules) if !rules.sales.is_empty() => market,
            _ => market.national(),
        }
    }

    fn gaps(&self, market: Market, channel: Channel, year: i16) -> Vec<UnpublishedPeriod> {
        if self.outside(market).is_some() {
            return Vec::new();
        }
        let home = self.home(market);
        let named: Vec<&str> =
            if self.seasons.is_empty() { vec![ANY_SEASON] } else { self.seasons.keys().map(String::as_str).collect() };
        let missing = named.into_iter().filter(|season| {
            self.must_be_published(home, season, year) && !self.has_period(market, channel, season, year)
        });
        let gap = |season: &str| {
            let (from, to) = self.possible_days(season, year);
            let look = self.where_to_look(home, season, year);
            UnpublishedPeriod { market, season: season.to_owned(), year, look, from, to }
        };
        missing.map(gap).filter(|gap| gap.from <= gap.to).collect()
    }

    fn must_be_published(&self, home: Market, season: &str, year: i16) -> bool {
        let unknown = self.country().regulation.state == RegulationState::Unknown;
        if unknown || self.is_withheld(home, season, year) || self.is_before_memory(year) {
            return true;
        }
        let rules = self.markets.get(&home).map(|rules| rules.sales.as_slice()).unwrap_or_default();
        rules.iter().any(|rule| {
            &*rule.season == season
                && rule.start == Some(StartRule::Published)
                && rule.in_force.from.year() <= year
                && rule.in_force.to.is_none_or(|to| year <= to.year())
        })
    }

    /// Whether the year lies before the day from which the file speaks, or is the year of that day.
    fn is_before_memory(&self, year: i16) -> bool {
        self.country().regulation.known_since.is_some_and(|since| year <= since.year())
    }

    fn has_period(&self, market: Market, channel: Channel, season: &str, year: i16) -> bool {
        // A winter that starts in the last days of December is the next year's winter to everyone but us.
        let near = |day: Date| day.year() == year || (day.month() == 12 && day.year() + 1 == year);
        [year.saturating_sub(1), year]
            .into_iter()
            .flat_map(|year| self.civil_periods(market, channel, year))
            .any(|period| period.kind == PeriodKind::Sale && &*period.season == season && near(period.first_day))
    }

    /// The first and the last day on which sales that nobody dated yet may lie. A winter's lie between December and April and
    /// a summer's between June and mid-October, as every published one has; of years before the file's memory all is possible.
    fn possible_days(&self, season: &str, year: i16) -> (Date, Date) {
        let (first, last) = match season {
            "winter" if !self.is_before_memory(year) => ((year.saturating_sub(1), 12, 1), (year, 4, 30)),
            "summer" if !self.is_before_memory(year) => ((year, 6, 1), (year, 10, 15)),
            _ => ((year, 1, 1), (year, 12, 31)),
        };
        let day = |(year, month, day)| Date::new(year, month, day).ok();
        // A country that is free now is so from a day on, and not from the next New Year.
        let since = self.country().regulation.known_since.filter(|_| self.seasons.is_empty());
        let before = since.and_then(|since| since.yesterday().ok()).unwrap_or(Date::MAX);
        (day(first).unwrap_or(Date::MIN), day(last).unwrap_or(Date::MAX).min(before))
    }

    fn whom_to_ask(&self, home: Market) -> String {
        let own = self.markets.get(&home).and_then(|rules| rules.look.as_ref());
        let look = own.or(self.country().regulation.look.as_ref());
        look.cloned().unwrap_or_else(|| OFFICIAL_GAZETTE.to_owned())
    }

    fn where_to_look(&self, home: Market, season: &str, year: i16) -> String {
        let withheld = self.file.withheld.iter().map(toml::Spanned::as_ref).find(|withheld| {
            withheld.year == year && withheld.season == season && withheld.markets.contains(&home.national())
        });
        let regulation = &self.country().regulation;
        let own = self.markets.get(&home).and_then(|rules| rules.look.as_ref());
        let look = match withheld {
            _ if own.is_some() && !self.is_before_memory(year) => own,
            Some(withheld) => Some(&withheld.look),
            None if self.is_before_memory(year) => regulation.look_before.as_ref().or(regulation.look.as_ref()),
            None => regulation.look.as_ref(),
        };
        look.cloned().unwrap_or_else(|| OFFICIAL_GAZETTE.to_owned())
    }

    pub(super) fn why_none(
        &self,
        market: Market,
        channel: Channel,
        kind: PeriodKind,
        season: &str,
        year: i16,
    ) -> PeriodError {
        let regulation = &self.country().regulation;
        if regulation.state == RegulationState::Unknown {
            let look = self.where_to_look(market.national(), season, year);
            return PeriodError::NotPublished { market, season: season.to_owned(), year, look };
        }
        let free = matches!(regulation.state, RegulationState::Unregulated | RegulationState::WithinLimits);
        if free && self.seasons.is_empty() {
            if self.is_before_memory(year) {
                let look = self.where_to_look(market.national(), season, year);
                return PeriodError::NotPublished { market, season: season.to_owned(), year, look };
            }
            return PeriodError::NotRegulated { market, kind, why: regulation.says.clone() };
        }
        if let Some(why) = self.outside(market) {
            return PeriodError::NotRegulated { market, kind, why: why.to_owned() };
        }
        if kind == PeriodKind::Blackout && self.file.blackout.is_empty() {
            let why = "its law knows sales, and nothing that is banned before them".to_owned();
            return PeriodError::NotRegulated { market, kind, why };
        }
        let mut known: Vec<String> = self.seasons.keys().cloned().collect();
        known.extend(self.file.blackout.iter().filter_map(|blackout| blackout.as_ref().listed_as.clone()));
        if !known.iter().any(|name| name == season) {
            return PeriodError::NoSuchSeason { market, season: season.to_owned(), known };
        }
        let home = self.home(market);
        let blackouts_unknown = self.markets.get(&home).is_some_and(|rules| rules.blackouts_unknown);
        if kind == PeriodKind::Blackout && blackouts_unknown {
            let look = self.where_to_look(home, season, year);
            return PeriodError::NotPublished { market, season: season.to_owned(), year, look };
        }
        if self.must_be_published(home, season, year) && !self.has_period(market, channel, season, year) {
            let look = self.where_to_look(home, season, year);
            return PeriodError::NotPublished { market, season: season.to_owned(), year, look };
        }
        PeriodError::NoneInYear { market, kind, season: season.to_owned(), year }
    }
}
