//! Files that a person adds: a new order, a published date, a rule that ended. They amend a country's calendar without
//! a release, and are refused when they do not fit what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use super::Calendar;
use super::engine::CivilPeriod;
use super::file::{CountryFile, OverrideFile, RepealFile};
use super::law::{Check, CountryLaw, SYNTAX, VALUE};
use super::market::{Channel, Market};
use super::period::PeriodKind;
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Fact;

/// The rule id of findings on periods that would overlap.
const OVERLAP: &str = "calendar.overlap";

impl Calendar {
    /// This calendar with what the documents add. A document either amends a country (`amends = "FR"`) or describes one
    /// that is not built in (`[country]`).
    ///
    /// # Errors
    /// All that is wrong in all documents, each with file and line. Then nothing is amended.
    pub fn with_overrides(self, documents: &[Document]) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut files: BTreeMap<Market, CountryFile> = BTreeMap::new();
        let mut set: BTreeMap<PeriodKey, String> = BTreeMap::new();
        let mut touched: Vec<(Market, i16, &Document)> = Vec::new();
        for document in documents {
            match self.read(document, &mut files, &mut set) {
                Ok(periods) => touched.extend(periods.into_iter().map(|(market, year)| (market, year, document))),
                Err(wrong) => findings.extend(wrong),
            }
        }
        let mut amended = self.amended.clone();
        amended.extend(files.into_iter().map(|(market, file)| (market, Arc::new(CountryLaw::index(file)))));
        let calendar = Self { amended };
        if findings.is_empty() {
            findings = touched
                .iter()
                .filter_map(|(market, year, document)| calendar.overlap(*market, *year, document))
                .collect();
        }
        if findings.is_empty() { Ok(calendar) } else { Err(findings) }
    }

    fn read(
        &self,
        document: &Document,
        files: &mut BTreeMap<Market, CountryFile>,
        set: &mut BTreeMap<PeriodKey, String>,
    ) -> Result<Vec<(Market, i16)>, Vec<Finding>> {
        if is_country(document) {
            let law = CountryLaw::parse(document)?;
            let code = law.country().code;
            if self.law(code).is_some() || files.contains_key(&code) {
                let message = phrase!("calendar-there-already", country = Fact::text(code));
                return Err(vec![Finding::error(VALUE, Place::file(&document.name), message)]);
            }
            files.insert(code, law.file);
            return Ok(Vec::new());
        }
        let file: OverrideFile = document.parse_toml(SYNTAX).map_err(|finding| vec![*finding])?;
        let national = *file.amends.as_ref();
        let before = files.get(&national).or_else(|| self.law(national).map(|law| &law.file)).cloned();
        let Some(mut country) = before else {
            let place = document.place(file.amends.span());
            let message = phrase!("calendar-none-to-amend", country = Fact::text(national));
            return Err(vec![Finding::error(VALUE, place, message)]);
        };
        check(document, &file, &country, set)?;
        let touched = periods_of(&file);
        country.sale.extend(file.sale);
        country.order.extend(file.order);
        country.published.extend(file.published);
        country.doubt.extend(file.doubt);
        for repeal in &file.repeal {
            let RepealFile { rule, last_day_in_force } = repeal.as_ref();
            for sale in &mut country.sale {
                if sale.as_ref().id == *rule {
                    sale.as_mut().to = Some(*last_day_in_force);
                }
            }
        }
        files.insert(national, country);
        Ok(touched)
    }

    /// Says where an amended period would overlap another of its market and kind.
    fn overlap(&self, market: Market, year: i16, document: &Document) -> Option<Finding> {
        let law = self.law(market)?;
        for channel in Channel::ALL {
            let years = year.saturating_sub(1)..=year.saturating_add(1);
            let mut periods: Vec<CivilPeriod> =
                years.flat_map(|year| law.civil_periods(market, channel, year)).collect();
            periods.sort_by_key(|period| (period.kind, period.first_day));
            for (earlier, later) in periods.iter().zip(periods.iter().skip(1)) {
                if earlier.kind == later.kind && later.first_day <= earlier.last_day {
                    let message = phrase!(
                        "calendar-overlap",
                        season = Fact::text(&later.season),
                        kind = Fact::text(later.kind),
                        market = Fact::text(market),
                        first = later.first_day,
                        last = later.last_day,
                        other_first = earlier.first_day,
                        other_last = earlier.last_day
                    );
                    return Some(Finding::error(OVERLAP, Place::file(&document.name), message));
                }
            }
        }
        None
    }
}

/// What one text sets: two texts that a person added must not set the same.
type PeriodKey = (Market, Option<Channel>, PeriodKind, String, i16);

/// Whether a document describes a whole country. A file that cannot be read is reported by the reader that it is for.
fn is_country(document: &Document) -> bool {
    document.text.lines().any(|line| line.trim() == "[country]")
}

fn check(
    document: &Document,
    file: &OverrideFile,
    country: &CountryFile,
    set: &mut BTreeMap<PeriodKey, String>,
) -> Result<(), Vec<Finding>> {
    let mut check = Check { document, national: *file.amends.as_ref(), findings: Vec::new() };
    let seasons: BTreeSet<&str> = country.season.keys().map(String::as_str).collect();
    check.sales(&file.sale, &seasons);
    check.orders(&file.order, &seasons);
    check.publications(&file.published, &seasons);
    check.doubts(&file.doubt);
    for repeal in &file.repeal {
        if !country.sale.iter().any(|sale| sale.as_ref().id == repeal.as_ref().rule) {
            check.say(repeal.span(), phrase!("calendar-no-rule", id = &repeal.as_ref().rule));
        }
    }
    let law = CountryLaw::index(country.clone());
    for order in &file.order {
        let rule = order.as_ref();
        for market in rule.markets.iter().filter(|market| !law.knows(**market)) {
            check.say(order.span(), phrase!("calendar-no-market", market = Fact::text(market)));
        }
        let channels = rule.channels.clone().map_or(vec![None], |channels| channels.into_iter().map(Some).collect());
        for (market, channel) in rule.markets.iter().flat_map(|market| channels.iter().map(move |c| (*market, *c))) {
            let key = (market, channel, rule.kind, rule.season.clone(), rule.year);
            if let Some(other) = set.insert(key, document.name.clone()) {
                let message = phrase!(
                    "calendar-set-already",
                    file = other,
                    season = &rule.season,
                    year = Fact::text(rule.year),
                    market = Fact::text(market)
                );
                check.say(order.span(), message);
            }
        }
    }
    if check.findings.is_empty() { Ok(()) } else { Err(check.findings) }
}

fn periods_of(file: &OverrideFile) -> Vec<(Market, i16)> {
    let orders = file.order.iter().map(toml::Spanned::as_ref);
    let mut periods: Vec<(Market, i16)> =
        orders.flat_map(|order| order.markets.iter().map(|market| (*market, order.year))).collect();
    for published in file.published.iter().map(toml::Spanned::as_ref) {
        periods.extend(published.days.keys().map(|market| (*market, published.year)));
    }
    periods.sort_unstable();
    periods.dedup();
    periods
}

/// What a person knows of a new order.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Whose dates it sets.
    pub market: Market,
    /// The channel, when it sets the dates of one only.
    pub channel: Option<Channel>,
    /// Sale or blackout.
    pub kind: PeriodKind,
    /// The season.
    pub season: String,
    /// The year in which the sale starts.
    pub year: i16,
    /// The first day.
    pub first_day: Date,
    /// The last day, inclusive.
    pub last_day: Date,
    /// The hour at which it opens, when not the usual one.
    pub hour: Option<jiff::civil::Time>,
    /// The address of the order.
    pub source: String,
    /// Who added it.
    pub who: String,
    /// When.
    pub added_on: Date,
}

impl NewOrder {
    /// The order's name, and that of its file without the ending.
    pub fn id(&self) -> String {
        let channel = self.channel.map(|channel| format!("-{channel}")).unwrap_or_default();
        let kind = if self.kind == PeriodKind::Blackout { "-blackout" } else { "" };
        format!("{}-{}-{}{kind}{channel}", self.market, self.season, self.year).to_ascii_lowercase()
    }

    /// The override file that says so.
    pub fn document(&self, name: impl Into<String>) -> Document {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut lines = vec![
            "schema = 1".to_owned(),
            format!("amends = {}", quoted(self.market.country())),
            String::new(),
            "[[order]]".to_owned(),
            format!("id = {}", quoted(&self.id())),
            format!("markets = [{}]", quoted(&self.market.to_string())),
        ];
        lines.extend(self.channel.map(|channel| format!("channels = [{}]", quoted(&channel.to_string()))));
        lines.push(format!("kind = {}", quoted(&self.kind.to_string())));
        lines.push(format!("season = {}", quoted(&self.season)));
        lines.push(format!("year = {}", self.year));
        lines.push(format!("first_day = {}", self.first_day));
        lines.push(format!("last_day = {}", self.last_day));
        lines.extend(self.hour.map(|hour| format!("hour = {hour}")));
        lines.push(format!(
            "says = {}",
            quoted(&format!("set by an order that {} added on {}", self.who, self.added_on))
        ));
        lines.push(format!("source = {}", quoted(&self.source)));
        lines.push(format!("who = {}", quoted(&self.who)));
        lines.push(String::new());
        Document::new(name, lines.join("\n"))
    }
}

/// The periods that are computed, not yet published, and over no earlier than `today`: those worth looking up.
pub fn unpublished<'a>(
    periods: impl IntoIterator<Item = &'a super::Period>,
    today: Date,
) -> impl Iterator<Item = &'a super::Period> {
    let soon = today.saturating_add(18.months());
    periods.into_iter().filter(move |period| {
        period.basis != super::Basis::Published && today <= period.last_day && period.first_day <= soon
    })
}
