//! One country's calendar, checked and indexed: the rules by market, what orders and publications set, what is in doubt.
//!
//! Nothing is computed here; `engine` does that. What makes no sense in a file becomes a finding here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use toml::Spanned;

use super::confidence::Confidence;
use super::country::Country;
use super::file::{BlackoutFile, CountryFile, DoubtFile, LengthFile, OrderFile, PublishedFile, SaleFile, WithheldFile};
use super::market::{Channel, Market};
use super::period::{LegalBasis, PeriodKind};
use super::rule::{EndRule, Offset, StartRule};
use crate::document::Document;
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// The rule id of findings on what a calendar file says.
pub(super) const VALUE: &str = "calendar.value";
/// The rule id of findings on how a calendar file is written.
pub(super) const SYNTAX: &str = "calendar.syntax";

/// A country's calendar, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct CountryLaw {
    pub(super) file: CountryFile,
    pub(super) seasons: BTreeMap<String, SeasonNames>,
    pub(super) markets: BTreeMap<Market, MarketRules>,
    pub(super) lengths: Vec<Length>,
    pub(super) dated_texts: BTreeMap<(Market, i16), Vec<DatedText>>,
}

#[derive(Clone, Debug)]
pub(super) struct SeasonNames {
    pub(super) name: Arc<str>,
    pub(super) label: Arc<str>,
    pub(super) blackout_label: Arc<str>,
}

/// A market and the rules that name it.
#[derive(Clone, Debug, Default)]
pub(super) struct MarketRules {
    pub(super) name: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) note: Option<String>,
    /// Why it has no periods and does not follow the country.
    pub(super) outside: Option<String>,
    /// Whether sales are free there at any time.
    pub(super) free: bool,
    /// Whether nothing is known of bans before its sales.
    pub(super) blackouts_unknown: bool,
    /// The first day of which bans before its sales are known.
    pub(super) bans_known_since: Option<Date>,
    /// Where its dates are published, when not where the country's are.
    pub(super) look: Option<String>,
    pub(super) sales: Vec<Arc<SaleRule>>,
    pub(super) blackouts: Vec<Arc<BlackoutRule>>,
    pub(super) doubts: Vec<Arc<Uncertainty>>,
}

/// When a text is in force, both days inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct InForce {
    pub(super) from: Date,
    pub(super) to: Option<Date>,
}

impl InForce {
    pub(super) fn covers(self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether some day of the year can be covered; cheaper than computing the day first.
    pub(super) fn touches(self, year: i16) -> bool {
        self.from.year() <= year && self.to.is_none_or(|to| year <= to.year())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Length {
    pub(super) in_force: InForce,
    pub(super) end: EndRule,
    pub(super) ground: Arc<LegalBasis>,
}

#[derive(Clone, Debug)]
pub(super) struct SaleRule {
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) season: Arc<str>,
    pub(super) label: Arc<str>,
    pub(super) in_force: InForce,
    pub(super) start: Option<StartRule>,
    pub(super) end: Option<EndRule>,
    pub(super) hour: Time,
    pub(super) max_days: Option<u16>,
    pub(super) confidence: Confidence,
    pub(super) ground: Arc<LegalBasis>,
}

#[derive(Clone, Debug)]
pub(super) struct BlackoutRule {
    pub(super) seasons: Option<Vec<String>>,
    pub(super) listed_as: Option<Arc<str>>,
    pub(super) label: Option<Arc<str>>,
    pub(super) in_force: InForce,
    pub(super) window: Offset,
    pub(super) mechanics: Option<Arc<super::country::Mechanics>>,
    pub(super) confidence: Confidence,
    pub(super) ground: Arc<LegalBasis>,
}

/// What one text sets for one period of one market.
#[derive(Clone, Debug)]
pub(super) struct DatedText {
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) kind: PeriodKind,
    pub(super) season: Arc<str>,
    pub(super) first_day: Option<Date>,
    pub(super) last_day: Option<Date>,
    pub(super) hour: Option<Time>,
    pub(super) source: Option<Arc<str>>,
    pub(super) confidence: Confidence,
    pub(super) ground: Option<Arc<LegalBasis>>,
}

#[derive(Clone, Debug)]
pub(super) struct Uncertainty {
    pub(super) kind: PeriodKind,
    pub(super) season: Option<String>,
    pub(super) in_force: InForce,
    pub(super) confidence: Confidence,
    pub(super) also_published: bool,
    pub(super) days_earlier: u16,
    pub(super) days_later: u16,
    pub(super) ground: Arc<LegalBasis>,
}

impl CountryLaw {
    /// Reads a country's calendar.
    ///
    /// # Errors
    /// All that makes no sense, each with its place; or the one place where the file stops being readable.
    pub(super) fn parse(document: &Document) -> Result<Self, Vec<Finding>> {
        let file: CountryFile = document.parse_toml(SYNTAX).map_err(|finding| vec![*finding])?;
        let mut check = Check { document, national: file.country.as_ref().code, findings: Vec::new() };
        check.country(&file);
        if check.findings.is_empty() { Ok(Self::index(file)) } else { Err(check.findings) }
    }

    /// The zone of a market of this country.
    pub(super) fn zone(&self, market: Market) -> TimeZone {
        TimeZone::get(self.zone_name(market)).unwrap_or(TimeZone::UTC)
    }

    pub(super) fn zone_name(&self, market: Market) -> &str {
        let own = self.markets.get(&market).and_then(|rules| rules.zone.as_deref());
        own.unwrap_or(&self.country().zone)
    }

    pub(super) fn country(&self) -> &Country {
        self.file.country.as_ref()
    }

    /// Whether the calendar speaks of the market.
    pub(super) fn knows(&self, market: Market) -> bool {
        self.markets.contains_key(&market)
    }

    pub(super) fn index(file: CountryFile) -> Self {
        let national = file.country.as_ref().code;
        let mut law = Self {
            seasons: file.season.iter().map(|(name, season)| (name.clone(), SeasonNames::of(name, season))).collect(),
            markets: BTreeMap::from([(national, MarketRules::default())]),
            lengths: file.length.iter().map(|length| Length::of(length.as_ref())).collect(),
            dated_texts: BTreeMap::new(),
            file,
        };
        law.index_markets();
        law.index_rules();
        law.index_settings();
        law
    }

    fn index_markets(&mut self) {
        for market in self.file.market.iter().map(Spanned::as_ref) {
            let rules = self.markets.entry(market.code).or_default();
            rules.name = Some(market.name.clone());
            rules.zone.clone_from(&market.zone);
            rules.note.clone_from(&market.note);
            rules.outside.clone_from(&market.outside);
            rules.free = market.free;
            rules.blackouts_unknown = market.blackouts_unknown;
            rules.bans_known_since = market.bans_known_since;
            rules.look.clone_from(&market.look);
        }
        for follower in &self.file.followers {
            self.markets.entry(*follower).or_default();
        }
    }

    fn index_rules(&mut self) {
        let hour = self.country().hour;
        for file in self.file.sale.iter().map(Spanned::as_ref) {
            let rule = Arc::new(SaleRule::of(file, &self.seasons, hour));
            for market in &file.markets {
                self.markets.entry(*market).or_default().sales.push(Arc::clone(&rule));
            }
        }
        for file in self.file.blackout.iter().map(Spanned::as_ref) {
            let mechanics = self.file.country.as_ref().mechanics(&file.mechanics).cloned();
            let rule = Arc::new(BlackoutRule::of(file, mechanics));
            for market in &file.markets {
                self.markets.entry(*market).or_default().blackouts.push(Arc::clone(&rule));
            }
        }
        for file in self.file.doubt.iter().map(Spanned::as_ref) {
            let doubt = Arc::new(Uncertainty::of(file));
            for market in &file.markets {
                self.markets.entry(*market).or_default().doubts.push(Arc::clone(&doubt));
            }
        }
    }

    fn index_settings(&mut self) {
        for order in self.file.order.iter().map(Spanned::as_ref) {
            let dated = DatedText::of_order(order, &self.seasons);
            for market in &order.markets {
                self.dated_texts.entry((*market, order.year)).or_default().push(dated.clone());
            }
        }
        for published in self.file.published.iter().map(Spanned::as_ref) {
            for (market, (first, last)) in &published.days {
                let dated = DatedText::of_publication(published, *first, *last, &self.seasons);
                self.dated_texts.entry((*market, published.year)).or_default().push(dated);
            }
        }
    }
}

fn name_of(season: &str, seasons: &BTreeMap<String, SeasonNames>) -> Arc<str> {
    seasons.get(season).map_or_else(|| season.into(), |season| Arc::clone(&season.name))
}

impl SeasonNames {
    fn of(name: &str, file: &super::file::SeasonFile) -> Self {
        let blackout = file.blackout_label.as_deref().unwrap_or(&file.label);
        Self { name: name.into(), label: file.label.as_str().into(), blackout_label: blackout.into() }
    }
}

impl Length {
    fn of(file: &LengthFile) -> Self {
        let ground = ground(None, &file.says, Some(&file.text), Some(&file.source), None);
        Self { in_force: InForce { from: file.from, to: file.to }, end: file.end, ground: Arc::new(ground) }
    }
}

impl SaleRule {
    fn of(file: &SaleFile, seasons: &BTreeMap<String, SeasonNames>, hour: Time) -> Self {
        let label = match (&file.label, seasons.get(&file.season)) {
            (Some(label), _) => label.as_str().into(),
            (None, Some(season)) => Arc::clone(&season.label),
            (None, None) => file.season.as_str().into(),
        };
        Self {
            channels: file.channels.clone(),
            season: name_of(&file.season, seasons),
            label,
            in_force: InForce { from: file.from, to: file.to },
            start: file.start.clone(),
            end: file.end,
            hour: file.hour.unwrap_or(hour),
            max_days: file.max_days,
            confidence: file.confidence,
            ground: ground(Some(&file.id), &file.says, file.text.as_ref(), Some(&file.source), file.note.as_ref())
                .into(),
        }
    }
}

impl BlackoutRule {
    fn of(file: &BlackoutFile, mechanics: Option<Arc<super::country::Mechanics>>) -> Self {
        Self {
            seasons: file.seasons.clone(),
            listed_as: file.listed_as.as_deref().map(Arc::from),
            label: file.label.as_deref().map(Arc::from),
            in_force: InForce { from: file.from, to: file.to },
            window: file.window,
            mechanics,
            confidence: file.confidence,
            ground: ground(Some(&file.id), &file.says, file.text.as_ref(), Some(&file.source), file.note.as_ref())
                .into(),
        }
    }
}

impl DatedText {
    fn of_order(file: &OrderFile, seasons: &BTreeMap<String, SeasonNames>) -> Self {
        let of_order = ground(Some(&file.id), &file.says, file.text.as_ref(), Some(&file.source), file.note.as_ref());
        Self {
            channels: file.channels.clone(),
            kind: file.kind,
            season: name_of(&file.season, seasons),
            first_day: file.first_day,
            last_day: file.last_day,
            hour: file.hour,
            source: Some(file.source.as_str().into()),
            confidence: file.confidence.unwrap_or(Confidence::High),
            ground: Some(Arc::new(LegalBasis { added_by: file.who.clone(), ..of_order })),
        }
    }

    fn of_publication(
        file: &PublishedFile,
        first: Date,
        last: Option<Date>,
        seasons: &BTreeMap<String, SeasonNames>,
    ) -> Self {
        Self {
            channels: None,
            kind: PeriodKind::Sale,
            season: name_of(&file.season, seasons),
            first_day: Some(first),
            last_day: last,
            hour: None,
            source: file.source.as_deref().map(Arc::from),
            confidence: file.confidence.unwrap_or(Confidence::High),
            ground: None,
        }
    }
}

impl Uncertainty {
    fn of(file: &DoubtFile) -> Self {
        Self {
            kind: file.kind,
            season: file.season.clone(),
            in_force: InForce { from: file.from, to: file.to },
            confidence: file.confidence,
            also_published: file.also_published,
            days_earlier: file.days_earlier,
            days_later: file.days_later,
            ground: ground(None, "this is uncertain", None, file.source.as_ref(), Some(&file.note)).into(),
        }
    }
}

fn ground(
    id: Option<&String>,
    says: &str,
    text: Option<&String>,
    source: Option<&String>,
    note: Option<&String>,
) -> LegalBasis {
    LegalBasis {
        id: id.cloned(),
        says: says.to_owned(),
        text: text.cloned(),
        source: source.cloned(),
        note: note.cloned(),
        added_by: None,
    }
}

/// Collects what makes no sense.
pub(super) struct Check<'a> {
    pub(super) document: &'a Document,
    pub(super) national: Market,
    pub(super) findings: Vec<Finding>,
}

impl Check<'_> {
    fn country(&mut self, file: &CountryFile) {
        let span = file.country.span();
        if !self.national.is_national() {
            self.say(span.clone(), phrase!("calendar-code-of-part"));
        }
        self.zone(span.clone(), &file.country.as_ref().zone);
        for market in &file.market {
            self.markets(market.span(), &[market.as_ref().code]);
            if let Some(zone) = &market.as_ref().zone {
                self.zone(market.span(), zone);
            }
        }
        self.markets(span, &file.followers);
        for length in &file.length {
            self.in_force(length.span(), length.as_ref().from, length.as_ref().to);
        }
        let seasons: BTreeSet<&str> = file.season.keys().map(String::as_str).collect();
        self.sales(&file.sale, &seasons);
        for blackout in &file.blackout {
            self.blackout(blackout, file);
        }
        self.orders(&file.order, &seasons);
        self.publications(&file.published, &seasons);
        self.doubts(&file.doubt);
        for withheld in &file.withheld {
            let WithheldFile { markets, season, .. } = withheld.as_ref();
            self.markets(withheld.span(), markets);
            self.season(withheld.span(), season, &seasons);
        }
    }

    pub(super) fn say(&mut self, span: Range<usize>, message: Phrase) {
        self.findings.push(Finding::error(VALUE, self.document.place(span), message));
    }

    fn zone(&mut self, span: Range<usize>, zone: &str) {
        // Looking a zone up costs a file read, so the built-in ones are looked up by a test instead.
        if !self.document.name.starts_with(super::BUILT_IN_FOLDER) && TimeZone::get(zone).is_err() {
            self.say(span, phrase!("calendar-no-zone", zone = zone));
        }
    }

    fn markets(&mut self, span: Range<usize>, markets: &[Market]) {
        for market in markets {
            if market.national() != self.national {
                let (market, country) = (Fact::text(market), Fact::text(self.national));
                self.say(span.clone(), phrase!("calendar-market-elsewhere", market = market, country = country));
            }
        }
    }

    fn season(&mut self, span: Range<usize>, season: &str, seasons: &BTreeSet<&str>) {
        if !seasons.contains(season) {
            self.say(span, phrase!("calendar-no-season", name = season, known = Fact::texts(seasons)));
        }
    }

    fn in_force(&mut self, span: Range<usize>, from: Date, to: Option<Date>) {
        if to.is_some_and(|to| to < from) {
            self.say(span, phrase!("calendar-to-before-from"));
        }
    }

    pub(super) fn sales(&mut self, sales: &[Spanned<SaleFile>], seasons: &BTreeSet<&str>) {
        for sale in sales {
            let rule = sale.as_ref();
            self.markets(sale.span(), &rule.markets);
            self.season(sale.span(), &rule.season, seasons);
            self.in_force(sale.span(), rule.from, rule.to);
            if rule.start.is_none() && rule.markets.contains(&self.national) {
                self.say(sale.span(), phrase!("calendar-no-start"));
            }
        }
    }

    fn blackout(&mut self, blackout: &Spanned<BlackoutFile>, file: &CountryFile) {
        let rule = blackout.as_ref();
        self.markets(blackout.span(), &rule.markets);
        self.in_force(blackout.span(), rule.from, rule.to);
        if file.country.as_ref().mechanics(&rule.mechanics).is_none() {
            self.say(blackout.span(), phrase!("calendar-no-mechanics", name = &rule.mechanics));
        }
    }

    pub(super) fn orders(&mut self, orders: &[Spanned<OrderFile>], seasons: &BTreeSet<&str>) {
        for order in orders {
            let OrderFile { markets, season, first_day, last_day, year, .. } = order.as_ref();
            self.markets(order.span(), markets);
            if order.as_ref().kind == PeriodKind::Sale {
                self.season(order.span(), season, seasons);
            }
            if first_day.is_none() && last_day.is_none() {
                self.say(order.span(), phrase!("calendar-order-without-day"));
            }
            self.days(order.span(), *first_day, *last_day, *year);
        }
    }

    pub(super) fn publications(&mut self, publications: &[Spanned<PublishedFile>], seasons: &BTreeSet<&str>) {
        for published in publications {
            let PublishedFile { season, year, days, .. } = published.as_ref();
            self.season(published.span(), season, seasons);
            for (market, (first, last)) in days {
                self.markets(published.span(), &[*market]);
                self.days(published.span(), Some(*first), *last, *year);
            }
        }
    }

    pub(super) fn doubts(&mut self, doubts: &[Spanned<DoubtFile>]) {
        for doubt in doubts {
            self.markets(doubt.span(), &doubt.as_ref().markets);
            self.in_force(doubt.span(), doubt.as_ref().from, doubt.as_ref().to);
        }
    }

    fn days(&mut self, span: Range<usize>, first: Option<Date>, last: Option<Date>, year: i16) {
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            self.say(span.clone(), phrase!("calendar-last-before-first", last = last, first = first));
        }
        if first.or(last).is_some_and(|day| (day.year() - year).abs() > 1) {
            self.say(span, phrase!("calendar-days-far-from-year", year = Fact::text(year)));
        }
    }
}
