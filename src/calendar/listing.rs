//! Which markets the calendar knows, for people who look for their own.

use serde::Serialize;

use super::country::RegulationState;
use super::law::MarketRules;
use super::market::Market;
use super::{BUILT_IN, Calendar};

/// Whose rules a market has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleReach {
    /// A whole country.
    National,
    /// Rules of its own, at least for one season or for some years.
    Own,
    /// The country's rules.
    FollowsCountry,
    /// No periods, whatever the country has.
    Outside,
}

/// A market that the calendar knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarketListing {
    /// Its code.
    pub market: Market,
    /// Its name, empty where the code says enough.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Whether the country's law sets dates.
    pub regulation: RegulationState,
    /// Whose rules it has.
    pub rules: RuleReach,
    /// What a person should know first.
    pub note: Option<String>,
}

impl Calendar {
    /// Every market that a file names, in order of their codes. Countries whose parts all follow them are listed once.
    pub fn markets(&self) -> Vec<MarketListing> {
        let built_in = BUILT_IN.iter().filter_map(|built_in| built_in.code.to_ascii_uppercase().parse::<Market>().ok());
        let mut countries: Vec<Market> = built_in.chain(self.amended.keys().copied()).collect();
        countries.sort_unstable();
        countries.dedup();
        countries.into_iter().flat_map(|country| self.markets_of(country)).collect()
    }

    fn markets_of(&self, country: Market) -> Vec<MarketListing> {
        let Some(law) = self.law(country) else { return Vec::new() };
        let facts = law.country();
        let follows = |rules: &MarketRules| rules.sales.is_empty() && rules.outside.is_none();
        let all_follow = law.markets.iter().all(|(market, rules)| market.is_national() || follows(rules));
        let named = law.markets.iter().filter(|(market, _)| market.is_national() || !all_follow);
        let listed = named.map(|(market, own)| {
            let rules = match (&own.outside, market.is_national(), own.sales.is_empty()) {
                (Some(_), ..) => RuleReach::Outside,
                (None, true, _) => RuleReach::National,
                (None, false, false) => RuleReach::Own,
                (None, false, true) => RuleReach::FollowsCountry,
            };
            let name = if market.is_national() { Some(&facts.name) } else { own.name.as_ref() };
            MarketListing {
                market: *market,
                name: name.cloned().unwrap_or_default(),
                zone: law.zone_name(*market).to_owned(),
                regulation: facts.regulation.state,
                rules,
                note: own.outside.clone().or_else(|| own.note.clone()),
            }
        });
        listed.collect()
    }

    /// The market's name and what a person should know first, when a file names it.
    pub fn listing(&self, market: &Market) -> Option<MarketListing> {
        self.markets_of(market.national()).into_iter().find(|listing| listing.market == *market)
    }
}
