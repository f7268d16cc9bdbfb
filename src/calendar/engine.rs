//! From rules to days: which rule of which market makes the periods of a year, and what orders and doubts change.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::confidence::Confidence;
use super::country::{Applies, Mechanics};
use super::law::{BlackoutRule, CountryLaw, DatedText, SaleRule, Uncertainty};
use super::market::{Channel, Market};
use super::period::{Basis, LegalBasis, PeriodKind};

/// A period in civil days, before a zone makes instants of it.
#[derive(Clone, Debug)]
pub(super) struct CivilPeriod {
    /// The market that answers: the national one where a part follows it online.
    pub(super) market: Market,
    pub(super) kind: PeriodKind,
    pub(super) season: Arc<str>,
    pub(super) label: Arc<str>,
    pub(super) year: i16,
    /// The first day by the rule alone. Dates of force are compared with it, so an order cannot leave its own regime.
    pub(super) by_rule: Date,
    pub(super) first_day: Date,
    pub(super) last_day: Date,
    /// By how many days it may begin earlier and end later, as far as is known.
    pub(super) perhaps: Perhaps,
    /// Whether the rule sets the last day and not the length.
    pub(super) ends_on_fixed_day: bool,
    pub(super) hour: Time,
    pub(super) source: Option<Arc<str>>,
    pub(super) confidence: Confidence,
    pub(super) basis: Basis,
    pub(super) max_days: Option<u16>,
    pub(super) mechanics: Option<Arc<Mechanics>>,
    pub(super) grounds: Vec<Arc<LegalBasis>>,
}

/// By how many days a period may be longer than its dates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Perhaps {
    earlier: u16,
    later: u16,
}

impl CivilPeriod {
    /// The first day on which it may be, and the last one.
    pub(super) fn widest(&self) -> (Date, Date) {
        let Perhaps { earlier, later } = self.perhaps;
        let first_day = self.first_day.saturating_sub(i64::from(earlier).days());
        (first_day, self.last_day.saturating_add(i64::from(later).days()))
    }
}

fn reaches(channels: Option<&Vec<Channel>>, channel: Channel) -> bool {
    channels.is_none_or(|channels| channels.contains(&channel))
}

impl CountryLaw {
    /// Everything that starts in `year` in a market, blackouts by the year of their sale. Not sorted.
    pub(super) fn civil_periods(&self, market: Market, channel: Channel, year: i16) -> Vec<CivilPeriod> {
        let mut sales = self.sales(market, channel, year);
        let blackouts: Vec<CivilPeriod> = sales.iter().flat_map(|sale| self.blackouts_around(sale, channel)).collect();
        sales.extend(blackouts);
        sales
    }

    /// The sales of a year, with what orders and doubts make of them.
    fn sales(&self, market: Market, channel: Channel, year: i16) -> Vec<CivilPeriod> {
        let national = market.national();
        if market == national {
            return self.local_sales(market, channel, year);
        }
        let Some(since) = self.country().online.follows_national_since.filter(|_| channel == Channel::Online) else {
            return self.local_sales(market, channel, year);
        };
        let mut sales = self.local_sales(national, channel, year);
        sales.retain(|sale| sale.first_day >= since);
        if year <= since.year() {
            let before = self.local_sales(market, channel, year);
            sales.extend(before.into_iter().filter(|sale| sale.first_day < since));
        }
        sales
    }

    /// The sales of a market as its own lines say, and as the national ones say where it has none in force.
    fn local_sales(&self, market: Market, channel: Channel, year: i16) -> Vec<CivilPeriod> {
        let mut sales = self.sales_by_rule(market, channel, year);
        let national = market.national();
        if market != national && self.outside(market).is_none() {
            let inherited = self.local_sales(national, channel, year).into_iter();
            sales.extend(
                inherited
                    .filter(|sale| !self.has_line(market, channel, &sale.season, sale.by_rule))
                    .map(|sale| CivilPeriod { market, ..sale }),
            );
        }
        if let Some(dated_texts) = self.dated_texts.get(&(market, year)) {
            for dated in dated_texts {
                if dated.kind == PeriodKind::Sale && reaches(dated.channels.as_ref(), channel) {
                    self.apply_text(dated, &mut sales, market);
                }
            }
        }
        sales.retain(|sale| sale.basis != Basis::Computed || !self.is_withheld(market, &sale.season, year));
        for sale in &mut sales {
            self.doubt(market, sale);
        }
        sales
    }

    /// Why a market has no periods and does not follow its country.
    pub(super) fn outside(&self, market: Market) -> Option<&str> {
        self.markets.get(&market)?.outside.as_deref()
    }

    /// Whether a line of the market itself is in force for a season on a day.
    fn has_line(&self, market: Market, channel: Channel, season: &str, day: Date) -> bool {
        self.markets.get(&market).is_some_and(|rules| {
            rules.sales.iter().any(|rule| {
                &*rule.season == season && rule.in_force.covers(day) && reaches(rule.channels.as_ref(), channel)
            })
        })
    }

    fn sales_by_rule(&self, market: Market, channel: Channel, year: i16) -> Vec<CivilPeriod> {
        let Some(rules) = self.markets.get(&market) else { return Vec::new() };
        let in_question =
            |rule: &&Arc<SaleRule>| rule.in_force.touches(year) && reaches(rule.channels.as_ref(), channel);
        let rules = rules.sales.iter().filter(in_question);
        rules.filter_map(|rule| self.sale_by_rule(market, channel, rule, year)).collect()
    }

    fn sale_by_rule(&self, market: Market, channel: Channel, rule: &SaleRule, year: i16) -> Option<CivilPeriod> {
        let (by_rule, first_day, mut grounds, basis) = if let Some(start) = &rule.start {
            let day = start.first_day(year, &self.country().holidays)?;
            (day, day, Vec::with_capacity(4), Basis::Computed)
        } else {
            let national = self.local_sales(market.national(), channel, year);
            let sale = national.into_iter().find(|sale| sale.season == rule.season)?;
            // The start is the national one, the end is this rule's.
            let basis = if sale.basis == Basis::Computed { Basis::Computed } else { Basis::StartPublished };
            (sale.by_rule, sale.first_day, sale.grounds, basis)
        };
        if !rule.in_force.covers(by_rule) {
            return None;
        }
        grounds.push(Arc::clone(&rule.ground));
        let end = if let Some(end) = rule.end {
            end
        } else {
            let length = self.lengths.iter().find(|length| length.in_force.covers(by_rule))?;
            grounds.push(Arc::clone(&length.ground));
            length.end
        };
        Some(CivilPeriod {
            market,
            kind: PeriodKind::Sale,
            season: Arc::clone(&rule.season),
            label: Arc::clone(&rule.label),
            year: first_day.year(),
            by_rule,
            first_day,
            last_day: end.last_day(first_day)?,
            perhaps: Perhaps::default(),
            ends_on_fixed_day: end.is_fixed(),
            hour: rule.hour,
            source: None,
            confidence: rule.confidence,
            basis,
            max_days: rule.max_days,
            mechanics: None,
            grounds,
        })
    }

    /// Applies what a text sets to the sale it means: the nearest of its season. Where there is none to change, because
    /// the season is never computed, the text makes one.
    fn apply_text(&self, dated: &DatedText, sales: &mut Vec<CivilPeriod>, market: Market) {
        let days_away = |sale: &CivilPeriod| {
            dated.first_day.or(dated.last_day).map_or(0, |day| (day - sale.by_rule).get_days().abs())
        };
        let meant = sales.iter_mut().filter(|sale| sale.season == dated.season);
        if let Some(sale) = meant.min_by_key(|sale| days_away(sale)) {
            return dated.apply(sale);
        }
        if let Some(sale) = self.sale_by_text(dated, market) {
            sales.push(sale);
        }
    }

    fn sale_by_text(&self, dated: &DatedText, market: Market) -> Option<CivilPeriod> {
        let (first_day, last_day) = (dated.first_day?, dated.last_day?);
        let line = [market, market.national()].iter().filter_map(|market| self.markets.get(market)).find_map(|rules| {
            rules.sales.iter().find(|rule| rule.season == dated.season && rule.in_force.covers(first_day))
        });
        let season = self.seasons.get(&*dated.season)?;
        let grounds = line.map(|rule| Arc::clone(&rule.ground)).into_iter().chain(dated.ground.clone());
        Some(CivilPeriod {
            market,
            kind: PeriodKind::Sale,
            season: Arc::clone(&dated.season),
            label: line.map_or_else(|| Arc::clone(&season.label), |rule| Arc::clone(&rule.label)),
            year: first_day.year(),
            by_rule: first_day,
            first_day,
            last_day,
            perhaps: Perhaps::default(),
            ends_on_fixed_day: true,
            hour: dated.hour.or_else(|| line.map(|rule| rule.hour)).unwrap_or(self.country().hour),
            source: dated.source.clone(),
            confidence: dated.confidence,
            basis: Basis::Published,
            max_days: None,
            mechanics: None,
            grounds: grounds.collect(),
        })
    }

    pub(super) fn is_withheld(&self, market: Market, season: &str, year: i16) -> bool {
        self.file.withheld.iter().map(toml::Spanned::as_ref).any(|withheld| {
            withheld.year == year
                && withheld.season == season
                && (withheld.markets.contains(&market) || withheld.markets.contains(&market.national()))
        })
    }

    fn doubt(&self, market: Market, period: &mut CivilPeriod) {
        for doubt in self.markets.get(&market).into_iter().flat_map(|rules| &rules.doubts) {
            if !doubt.concerns(period) {
                continue;
            }
            period.confidence = period.confidence.min(doubt.confidence);
            period.grounds.push(Arc::clone(&doubt.ground));
            let Perhaps { earlier, later } = period.perhaps;
            period.perhaps = Perhaps { earlier: earlier.max(doubt.days_earlier), later: later.max(doubt.days_later) };
        }
    }

    /// The market whose blackouts hold in `market`: itself, or its country where it has no line of its own.
    pub(super) fn blackout_home(&self, market: Market) -> Market {
        let has_own = |rules: &super::law::MarketRules| rules.blackouts_unknown || !rules.blackouts.is_empty();
        if self.markets.get(&market).is_some_and(has_own) { market } else { self.home(market) }
    }

    /// The blackouts around one sale.
    fn blackouts_around(&self, sale: &CivilPeriod, channel: Channel) -> Vec<CivilPeriod> {
        let Some(rules) = self.markets.get(&self.blackout_home(sale.market)) else { return Vec::new() };
        let concerned = |rule: &&Arc<BlackoutRule>| {
            let seasons = rule.seasons.as_ref();
            seasons.is_none_or(|seasons| seasons.iter().any(|season| **season == *sale.season))
        };
        rules.blackouts.iter().filter(concerned).filter_map(|rule| self.blackout(rule, sale, channel)).collect()
    }

    fn blackout(&self, rule: &BlackoutRule, sale: &CivilPeriod, channel: Channel) -> Option<CivilPeriod> {
        let (first_day, last_day) = rule.window.days(sale.first_day, sale.last_day)?;
        let reach = rule.mechanics.as_ref().map_or(Applies::Yes, |mechanics| mechanics.online);
        if !rule.in_force.covers(first_day) || (channel == Channel::Online && reach == Applies::No) {
            return None;
        }
        let season = rule.listed_as.as_ref().unwrap_or(&sale.season);
        let label = rule.label.as_ref().or_else(|| Some(&self.seasons.get(&*sale.season)?.blackout_label));
        let notes = sale.grounds.iter().filter(|ground| ground.note.is_some()).cloned();
        let basis = if rule.window.is_after() { sale.basis.of_end() } else { sale.basis.of_start() };
        let mut blackout = CivilPeriod {
            kind: PeriodKind::Blackout,
            season: Arc::clone(season),
            label: Arc::clone(label.unwrap_or(&sale.label)),
            by_rule: first_day,
            first_day,
            last_day,
            perhaps: Perhaps::default(),
            hour: Time::midnight(),
            source: None,
            confidence: rule.confidence.min(sale.confidence),
            basis,
            max_days: None,
            mechanics: rule.mechanics.clone(),
            grounds: notes.chain([Arc::clone(&rule.ground)]).collect(),
            ..sale.clone()
        };
        let home = self.blackout_home(sale.market);
        for dated in self.dated_texts.get(&(home, sale.year)).into_iter().flatten() {
            let meant = dated.kind == PeriodKind::Blackout && dated.season == *season;
            if meant && reaches(dated.channels.as_ref(), channel) {
                dated.apply(&mut blackout);
            }
        }
        self.doubt(home, &mut blackout);
        if channel == Channel::Online && reach != Applies::Yes {
            blackout.confidence = Confidence::Low;
        }
        Some(blackout)
    }
}

impl DatedText {
    /// Makes a period what the text says. Where it moves the first day and is silent on the last, the rule is kept: the length,
    /// or the last day itself.
    fn apply(&self, period: &mut CivilPeriod) {
        let length = period.last_day - period.first_day;
        if let Some(first_day) = self.first_day {
            period.first_day = first_day;
            if !period.ends_on_fixed_day {
                period.last_day = first_day.checked_add(length).unwrap_or(period.last_day);
            }
            if period.kind == PeriodKind::Sale {
                period.year = first_day.year();
            }
        }
        if let Some(last_day) = self.last_day {
            period.last_day = last_day;
        }
        if period.last_day < period.first_day {
            period.last_day = period.first_day;
        }
        period.hour = self.hour.unwrap_or(period.hour);
        if self.last_day.is_some() {
            period.basis = Basis::Published;
            period.confidence = self.confidence;
        } else {
            // How well the start is attested says nothing of an end that nobody printed.
            period.basis = Basis::StartPublished;
            period.confidence = self.confidence.min(period.confidence);
        }
        if self.source.is_some() {
            period.source.clone_from(&self.source);
        }
        period.grounds.extend(self.ground.clone());
    }
}

impl Uncertainty {
    fn concerns(&self, period: &CivilPeriod) -> bool {
        self.kind == period.kind
            && self.in_force.covers(period.first_day)
            && self.season.as_deref().is_none_or(|season| season == &*period.season)
            && (self.also_published || period.basis == Basis::Computed)
    }
}

/// The day before and the day after, for windows that are asked about.
pub(super) fn year_span(from: Date, to: Date) -> std::ops::RangeInclusive<i16> {
    let early = from.saturating_sub(1.year()).year();
    let late = to.saturating_add(1.year()).year();
    early..=late
}
