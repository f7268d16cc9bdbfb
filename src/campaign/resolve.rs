//! From what a person wrote to instants: anchors are looked up in the calendar, moves are made on the civil calendar of
//! the window's zone, and the result is checked against daylight saving.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use jiff::{Span, Timestamp};

use super::schedule::{
    AnchorUse, PlannedDeclaration, PlannedGroup, PlannedMailing, PlannedOffer, PlannedTexts, PlannedWords, Schedule,
};
use super::wall_clock::{WallClock, WallClockError};
use super::{
    Anchor, Campaign, Expression, Mailing, MailingTexts, PeriodAnchor, PeriodEdge, SaleWords, Shift, ShiftUnit,
    WindowEdge, Written,
};
use crate::calendar::{Calendar, Market, Period, PeriodError, RegulationState};
use crate::finding::Finding;
use crate::member::ListName;
use crate::phrase;
use crate::phrase::{Fact, Spoken};

impl Campaign {
    /// Resolves every instant of the campaign.
    ///
    /// # Errors
    /// A finding for each market that the calendar does not know and each expression that is no instant.
    pub fn resolve(&self, calendar: &Calendar) -> Result<Schedule, Vec<Finding>> {
        let window = &self.window;
        let resolver = Resolver {
            campaign: self,
            calendar,
            clock: WallClock {
                zone: window.timezone.value.clone(),
                in_gap: window.in_gap.as_ref().map(|choice| choice.value),
                in_overlap: window.in_overlap.as_ref().map(|choice| choice.value),
            },
            findings: RefCell::default(),
            anchors: RefCell::default(),
        };
        resolver.check_markets();
        let schedule = resolver.schedule();
        let findings = resolver.findings.into_inner();
        match schedule {
            Some(schedule) if findings.is_empty() => {
                Ok(Schedule { anchors: resolver.anchors.into_inner(), ..schedule })
            }
            _ => Err(findings),
        }
    }
}

struct Resolver<'a> {
    campaign: &'a Campaign,
    calendar: &'a Calendar,
    clock: WallClock,
    findings: RefCell<Vec<Finding>>,
    anchors: RefCell<Vec<AnchorUse>>,
}

/// The instants of the window that are known so far.
#[derive(Clone, Copy, Default)]
struct Edges {
    opens: Option<Timestamp>,
    closes: Option<Timestamp>,
}

/// Where a resolution stands: on the civil calendar, or at an instant.
enum Point {
    Civil(DateTime),
    Instant(Timestamp),
}

impl Resolver<'_> {
    fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    fn check_markets(&self) {
        for market in self.campaign.markets.iter().filter(|market| !self.is_uncharted(market.value)) {
            if let Err(unknown) = self.calendar.must_know(market) {
                let remedy = phrase!("market-see-list");
                self.report(Finding::error("market.unknown", market.place.clone(), unknown.phrase()).mended_by(remedy));
            }
        }
    }

    /// Whether the market exists and the calendar says nothing of its dates. That is to be warned of, not refused.
    fn is_uncharted(&self, market: Market) -> bool {
        match self.calendar.country(&market) {
            None => market.exists(),
            Some(country) => self.calendar.knows(&market) && country.regulation.state == RegulationState::Unknown,
        }
    }

    fn schedule(&self) -> Option<Schedule> {
        let campaign = self.campaign;
        let edges = self.window();
        let announce_from = campaign.window.announce_from.as_ref();
        let announce_from = announce_from.map(|written| self.instant("window.announce_from", written, edges));
        let mailings: Vec<_> = campaign.mailings.iter().map(|mailing| self.mailing(mailing, edges)).collect();
        let group = campaign.group.as_ref().map(|group| PlannedGroup {
            who: group.who.value.clone(),
            fixed_on: group.fixed_on.value,
            joinable: group.joinable.value,
            size: group.size.as_ref().map(|size| size.value),
            list: value(group.list.as_ref()),
        });
        let words = |words: &SaleWords| PlannedWords {
            title: value(words.title.as_ref()),
            intro: value(words.intro.as_ref()),
            button: value(words.button.as_ref()),
            alt: value(words.alt.as_ref()),
        };
        // Which articles are shown stands in the price files, which are read beside this one.
        let offer = |offer: &super::Offer| PlannedOffer {
            name: offer.name.value.clone(),
            prices: offer.prices.value.clone(),
            sheet: value(offer.sheet.as_ref()),
            articles: Vec::new(),
            further: 0,
        };
        Some(Schedule {
            slug: campaign.slug.value.clone(),
            title: campaign.title.value.clone(),
            label: value(campaign.label.as_ref()),
            markets: campaign.markets.iter().map(|market| market.value).collect(),
            channel: campaign.channel.value,
            audience: campaign.audience.value,
            group,
            declaration: campaign.declaration.as_ref().map(|declaration| PlannedDeclaration {
                kind: declaration.kind.value,
                receipt: value(declaration.receipt.as_ref()),
                ground: value(declaration.ground.as_ref()),
            }),
            continues: campaign.continues.iter().map(|slug| slug.value.clone()).collect(),
            unlisted: campaign.unlisted.as_ref().is_some_and(|unlisted| unlisted.value),
            sector: value(campaign.sector.as_ref()),
            url: value(campaign.url.as_ref()),
            picture: value(campaign.picture.as_ref()),
            every: value(campaign.every.as_ref()),
            words: campaign.words.iter().map(|(language, own)| (*language, words(own))).collect(),
            zone: self.clock.zone.iana_name()?.to_owned(),
            zone_version: None,
            in_gap: self.clock.in_gap,
            in_overlap: self.clock.in_overlap,
            opens_at: edges.opens?,
            closes_at: edges.closes?,
            announce_from: match announce_from {
                Some(announce_from) => Some(announce_from?),
                None => None,
            },
            offers: campaign.offers.iter().map(offer).collect(),
            show_prices: campaign.show_prices.as_ref().map(|shown| shown.value).unwrap_or_default(),
            mailings: mailings.into_iter().collect::<Option<_>>()?,
            intent: self.intent(),
            anchors: Vec::new(),
            told: Vec::new(),
        })
    }

    fn intent(&self) -> BTreeMap<String, String> {
        let window = &self.campaign.window;
        let mut intent = BTreeMap::from([
            ("window.opens".to_owned(), window.opens.to_string()),
            ("window.closes".to_owned(), window.closes.to_string()),
        ]);
        intent.extend(window.announce_from.iter().map(|from| ("window.announce_from".to_owned(), from.to_string())));
        for mailing in &self.campaign.mailings {
            let name = &mailing.name.value;
            intent.insert(format!("mailings.{name}.not_before"), mailing.not_before.to_string());
            intent.insert(format!("mailings.{name}.not_after"), mailing.not_after.to_string());
        }
        intent
    }

    /// Both ends of the window. One may be anchored to the other, but not each to the other.
    fn window(&self) -> Edges {
        let window = &self.campaign.window;
        let on_window = |written: &Written<Expression>| match written.anchor {
            Anchor::Window(edge) => Some(edge),
            Anchor::Period(_) | Anchor::Civil(_) => None,
        };
        let opens = |edges| self.instant("window.opens", &window.opens, edges);
        let closes = |edges| self.instant("window.closes", &window.closes, edges);
        let mut edges = Edges::default();
        match (on_window(&window.opens), on_window(&window.closes)) {
            (None, None) => {
                edges.opens = opens(edges);
                edges.closes = closes(edges);
            }
            (None, Some(WindowEdge::Opens)) => {
                edges.opens = opens(edges);
                edges.closes = edges.opens.and_then(|_| closes(edges));
            }
            (Some(WindowEdge::Closes), None) => {
                edges.closes = closes(edges);
                edges.opens = edges.closes.and_then(|_| opens(edges));
            }
            (opens_on, _) => {
                let written = if opens_on.is_some() { &window.opens } else { &window.closes };
                self.report(Finding::error("anchor.circular", written.place.clone(), phrase!("anchor-circular")));
            }
        }
        edges
    }

    fn mailing(&self, mailing: &Mailing, edges: Edges) -> Option<PlannedMailing> {
        let name = &mailing.name.value;
        let not_before = self.instant(&format!("mailings.{name}.not_before"), &mailing.not_before, edges);
        let not_after = self.instant(&format!("mailings.{name}.not_after"), &mailing.not_after, edges);
        let texts = |texts: &MailingTexts| PlannedTexts {
            subject: value(texts.subject.as_ref()),
            headline: value(texts.headline.as_ref()),
            intro: value(texts.intro.as_ref()),
        };
        Some(PlannedMailing {
            name: name.clone(),
            kind: mailing.kind.value,
            not_before: not_before?,
            not_after: not_after?,
            languages: mailing.languages.iter().map(|language| language.value).collect(),
            to: self.recipients(mailing),
            not: mailing.not.iter().map(|list| list.value.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
            texts: mailing.texts.iter().map(|(language, own)| (*language, texts(own))).collect(),
        })
    }

    /// The lists of those who get a mailing. In the order of their names: another order is no other audience.
    fn recipients(&self, mailing: &Mailing) -> Vec<ListName> {
        let group = self.campaign.group.iter().filter_map(|group| group.list.as_ref());
        let lists: BTreeSet<ListName> = if mailing.to.is_empty() {
            group.map(|list| list.value.clone()).collect()
        } else {
            mailing.to.iter().map(|list| list.value.clone()).collect()
        };
        lists.into_iter().collect()
    }

    /// The instant that an expression means. `None` when that was reported, here or for the window.
    fn instant(&self, field: &str, written: &Written<Expression>, edges: Edges) -> Option<Timestamp> {
        let start = match &written.anchor {
            Anchor::Civil(civil) => Point::Civil(*civil),
            Anchor::Window(WindowEdge::Opens) => Point::Instant(edges.opens?),
            Anchor::Window(WindowEdge::Closes) => Point::Instant(edges.closes?),
            Anchor::Period(period) => Point::Instant(self.period_edge(field, written, period)?),
        };
        let moved = self.moved(start, &written.value);
        match moved.and_then(|point| self.as_instant(point)) {
            Ok(instant) => Some(instant),
            Err(error) => {
                let rule = match error {
                    WallClockError::Gap { .. } => "window.dst-gap",
                    WallClockError::Overlap { .. } => "window.dst-overlap",
                    WallClockError::OutOfRange { .. } => "anchor.out-of-range",
                };
                self.report(Finding::error(rule, written.place.clone(), error.phrase()));
                None
            }
        }
    }

    fn moved(&self, mut point: Point, expression: &Expression) -> Result<Point, WallClockError> {
        for shift in &expression.shifts {
            point = self.shifted(point, *shift)?;
        }
        if let Some(time) = expression.at {
            point = Point::Civil(self.as_civil(&point).date().to_datetime(time));
        }
        Ok(point)
    }

    /// Days and weeks move on the civil calendar, hours and minutes are exact.
    fn shifted(&self, point: Point, shift: Shift) -> Result<Point, WallClockError> {
        let at = self.as_civil(&point);
        let too_far = |_| WallClockError::OutOfRange { at };
        let count = i64::from(shift.count);
        match shift.unit {
            ShiftUnit::Weeks => at.checked_add(Span::new().days(count * 7)).map(Point::Civil).map_err(too_far),
            ShiftUnit::Days => at.checked_add(Span::new().days(count)).map(Point::Civil).map_err(too_far),
            ShiftUnit::Hours | ShiftUnit::Minutes => {
                let minutes = if shift.unit == ShiftUnit::Hours { count * 60 } else { count };
                let instant = self.as_instant(point)?;
                instant.checked_add(Span::new().minutes(minutes)).map(Point::Instant).map_err(too_far)
            }
        }
    }

    fn as_instant(&self, point: Point) -> Result<Timestamp, WallClockError> {
        match point {
            Point::Civil(civil) => self.clock.instant(civil),
            Point::Instant(instant) => Ok(instant),
        }
    }

    fn as_civil(&self, point: &Point) -> DateTime {
        match point {
            Point::Civil(civil) => *civil,
            Point::Instant(instant) => self.clock.civil(*instant),
        }
    }

    /// The instant of a legal period's edge, which must be the same in every market that the calendar knows.
    fn period_edge(&self, field: &str, written: &Written<Expression>, anchor: &PeriodAnchor) -> Option<Timestamp> {
        let mut first: Option<(&Market, Timestamp)> = None;
        for market in self.campaign.markets.iter().map(|market| &market.value) {
            if !self.calendar.knows(market) || self.is_uncharted(*market) {
                continue;
            }
            let period = match self.period(*market, anchor) {
                Ok(period) => period,
                Err(error) => {
                    self.report(missing_period(written, *market, &error));
                    return None;
                }
            };
            let at = edge_of(&period, anchor.edge);
            self.anchors.borrow_mut().push(AnchorUse {
                field: field.to_owned(),
                expression: written.to_string(),
                market: *market,
                kind: anchor.kind,
                season: anchor.season.clone(),
                year: anchor.year,
                edge: anchor.edge,
                at,
                basis: match anchor.edge {
                    PeriodEdge::Start => period.basis.of_start(),
                    PeriodEdge::End => period.basis.of_end(),
                },
                doubtful: period.doubt().is_some(),
            });
            match first {
                None => first = Some((market, at)),
                Some((_, other)) if other == at => {}
                Some(first) => self.report(self.differing(written, first, (market, at))),
            }
        }
        if first.is_none() {
            self.report_uncharted(written, anchor);
        }
        first.map(|(_, at)| at)
    }

    fn period(&self, market: Market, anchor: &PeriodAnchor) -> Result<Period, PeriodError> {
        self.calendar.period(&market, self.campaign.channel.value, anchor.kind, &anchor.season, anchor.year)
    }

    /// Says of an anchor that no market has a date for why the first uncharted one has none. A market that does not exist
    /// has a finding of its own.
    fn report_uncharted(&self, written: &Written<Expression>, anchor: &PeriodAnchor) {
        let markets = self.campaign.markets.iter().map(|market| market.value);
        for market in markets.filter(|market| self.is_uncharted(*market)).take(1) {
            if let Err(error) = self.period(market, anchor) {
                self.report(missing_period(written, market, &error));
            }
        }
    }

    fn differing(
        &self,
        written: &Written<Expression>,
        one: (&Market, Timestamp),
        two: (&Market, Timestamp),
    ) -> Finding {
        let zone = &self.clock.zone;
        let message = phrase!(
            "anchor-markets-differ",
            first = Fact::moment(one.1, zone),
            here = Fact::text(one.0),
            second = Fact::moment(two.1, zone),
            there = Fact::text(two.0)
        );
        Finding::error("anchor.markets-differ", written.place.clone(), message)
    }
}

/// What was written, without its place.
fn value<T: Clone>(written: Option<&Written<T>>) -> Option<T> {
    written.map(|written| written.value.clone())
}

/// The instant of one end of a period.
pub(super) fn edge_of(period: &Period, edge: PeriodEdge) -> Timestamp {
    match edge {
        PeriodEdge::Start => period.starts_at.timestamp(),
        PeriodEdge::End => period.ends_at.timestamp(),
    }
}

/// Why a period is missing, each reason under its own rule. The error itself says where to look.
fn missing_period(written: &Written<Expression>, market: Market, error: &PeriodError) -> Finding {
    let rule = match error {
        PeriodError::NotPublished { .. } => "anchor.not-published",
        PeriodError::Ambiguous { .. } => "anchor.ambiguous",
        _ => "anchor.no-such-period",
    };
    let (market, why) = (Fact::text(market), error.phrase());
    let message = phrase!("anchor-without-date", expression = Fact::text(&written.value), market = market, why = why);
    Finding::error(rule, written.place.clone(), message)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const OPENS: &str = "opens = \"soldes.winter.2027 - 4 days at 08:00\"";

    #[track_caller]
    fn resolved(edits: &[(&str, &str)]) -> Result<Schedule, Vec<Finding>> {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in())
    }

    /// Where `opens` comes to lie, or which rules are broken.
    #[track_caller]
    fn check(opens: &str, expected: &str) {
        let said = match resolved(&[(OPENS, &format!("opens = \"{opens}\""))]) {
            Ok(schedule) => schedule.opens_at.to_string(),
            Err(findings) => findings.iter().map(|finding| finding.rule).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(said, expected, "{opens}");
    }

    #[test]
    fn anchors_become_instants() {
        check("soldes.winter.2027", "2027-01-06T07:00:00Z");
        check("soldes.winter.2027.end", "2027-02-02T23:00:00Z");
        check("soldes.winter.2027 - 4 days at 08:00", "2027-01-02T07:00:00Z");
        check("soldes.hiver.2027 - 4 jours à 8h30", "2027-01-02T07:30:00Z");
        check("soldes.summer.2027 - 1 week", "2027-06-16T06:00:00Z");
        check("soldes.winter.2027 - 1 day - 90 minutes", "2027-01-05T05:30:00Z");
        check("window.closes - 4 days", "2027-01-02T07:00:00Z");
        check("2027-01-02 08:00", "2027-01-02T07:00:00Z");
    }

    #[test]
    fn days_are_civil_and_hours_are_exact() {
        check("2027-03-27 12:00 + 1 day", "2027-03-28T10:00:00Z");
        check("2027-03-27 12:00 + 24 hours", "2027-03-28T11:00:00Z");
        check("2027-10-30 12:00 + 1 day", "2027-10-31T11:00:00Z");
        check("2027-10-30 12:00 + 24 hours", "2027-10-31T10:00:00Z");
    }

    #[test]
    fn what_has_no_instant_is_refused() {
        check("2027-03-28 02:30", "window.dst-gap");
        check("2027-10-31 02:30", "window.dst-overlap");
        check("2027-03-27 02:30 + 1 day", "window.dst-gap");
        check("9999-12-01 08:00 + 5 weeks", "anchor.out-of-range");
        check("soldes.autumn.2027", "anchor.no-such-period");
        check("window.opens", "anchor.circular");
    }

    #[test]
    fn the_file_may_choose_for_daylight_saving() {
        let chosen = |at: &str, choice: &str| {
            let opens = format!("opens = \"{at}\"\n{choice}");
            resolved(&[(OPENS, &opens)]).unwrap().opens_at.to_string()
        };
        assert_eq!(chosen("2027-03-28 02:30", "in_gap = \"earlier\""), "2027-03-28T00:30:00Z");
        assert_eq!(chosen("2027-03-28 02:30", "in_gap = \"later\""), "2027-03-28T01:30:00Z");
        assert_eq!(chosen("2027-10-31 02:30", "in_overlap = \"earlier\""), "2027-10-31T00:30:00Z");
        assert_eq!(chosen("2027-10-31 02:30", "in_overlap = \"later\""), "2027-10-31T01:30:00Z");
    }

    #[test]
    fn two_ends_that_lean_on_each_other_stand_nowhere() {
        let edits = [
            (OPENS, "opens = \"window.closes - 4 days\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"window.opens + 4 days\""),
        ];
        let findings = resolved(&edits).unwrap_err();
        assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["anchor.circular"]);
    }

    #[test]
    fn every_market_must_agree_on_an_anchor() {
        let findings = resolved(&[("[\"FR\"]", "[\"FR\", \"FR-57\"]"), ("\"online\"", "\"store\"")]).unwrap_err();
        assert_eq!(findings[0].rule, "anchor.markets-differ");
        assert!(
            findings[0].message.to_string().contains("2027-01-06 08:00 Europe/Paris (07:00 UTC) in `FR`"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_market_that_does_not_exist_is_refused_and_one_that_is_not_known_is_not() {
        let rules = |markets: &str| -> Vec<&'static str> {
            let findings = resolved(&[("[\"FR\"]", markets)]).err().unwrap_or_default();
            findings.iter().map(|finding| finding.rule).collect()
        };
        for refused in ["[\"FR\", \"XX\"]", "[\"FR\", \"BE-XXX\"]"] {
            assert_eq!(rules(refused), ["market.unknown"], "{refused}");
        }
        for known_or_not in ["[\"FR\", \"US\"]", "[\"US-CA\", \"FR\"]", "[\"FR\", \"LI\"]"] {
            assert_eq!(rules(known_or_not), [""; 0], "{known_or_not}");
        }
        // The sample opens and closes by the soldes, of which neither has a date.
        assert_eq!(rules("[\"US\"]"), ["anchor.no-such-period"; 2]);
        assert_eq!(rules("[\"LI\"]"), ["anchor.not-published"; 2]);
    }

    #[test]
    fn a_schedule_keeps_what_was_typed_and_survives_its_json() {
        let schedule = resolved(&[]).unwrap();
        assert_eq!(schedule.intent["window.opens"], "soldes.winter.2027 - 4 days at 08:00");
        assert_eq!(schedule.zone, "Europe/Paris");
        let anchors: Vec<&str> = schedule.anchors.iter().map(|anchor| anchor.field.as_str()).collect();
        assert_eq!(anchors, ["window.opens", "window.closes"]);
        let json = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    }

    #[test]
    fn a_law_that_moved_is_noticed() {
        let mut schedule = resolved(&[]).unwrap();
        assert_eq!(schedule.moved_anchors(&Calendar::built_in()), []);
        let was = "2027-01-13T07:00:00Z".parse().unwrap();
        schedule.anchors[1].at = was;
        let moved = schedule.moved_anchors(&Calendar::built_in());
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].applied.field, "window.closes");
        assert_eq!(moved[0].now, Some("2027-01-06T07:00:00Z".parse().unwrap()));
    }
}
