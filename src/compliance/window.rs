//! What the shape of a campaign says about it: the window against the sales around it, the mailings against the window.
//!
//! The other rules on words, prices, blackouts and audiences are beside it.

use std::cmp::Ordering;

use jiff::{SignedDuration, Span, Timestamp};

use super::naming::is_one_of;
use super::{law_of, naming, recipients};
use crate::calendar::{Basis, Calendar, Market, Period, PeriodKind, PriorPrice, RegulationState};
use crate::campaign::{Campaign, Mailing, MailingKind, Naming, PlannedMailing, Schedule, Written, trade, trades};
use crate::finding::{Finding, Place, Severity};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// A gap between the window and the sales that is no longer than this is probably not meant.
pub(super) const SHORT_GAP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Longer before the end than this, nobody speaks of the last hours: from the morning of the day before on. No law gives a number.
const LAST_HOURS: SignedDuration = SignedDuration::from_hours(36);

/// Checks a resolved campaign. `schedule` is what `campaign` resolved to.
pub(super) fn check(campaign: &Campaign, schedule: &Schedule, calendar: &Calendar, now: Timestamp) -> Vec<Finding> {
    let checks = Checks { campaign, schedule, calendar, now };
    let mut findings = checks.window();
    findings.extend(checks.announced());
    findings.extend(checks.markets());
    findings.extend(checks.computed_dates());
    for (written, planned) in campaign.mailings.iter().zip(&schedule.mailings) {
        findings.extend(checks.mailing(written, planned));
    }
    findings.extend(unknown_sector(campaign));
    findings.extend(recipients::whom(campaign, schedule));
    findings.extend(recipients::neighbours(campaign, schedule));
    findings
}

struct Checks<'a> {
    campaign: &'a Campaign,
    schedule: &'a Schedule,
    calendar: &'a Calendar,
    now: Timestamp,
}

impl Checks<'_> {
    fn moment(&self, at: Timestamp) -> Fact {
        Fact::moment(at, &self.campaign.window.timezone)
    }

    fn until(&self, at: Timestamp) -> Fact {
        Fact::until(at, &self.campaign.window.timezone)
    }

    fn window(&self) -> Vec<Finding> {
        let (opens_at, closes_at) = (self.schedule.opens_at, self.schedule.closes_at);
        let closes = self.campaign.window.closes.place.clone();
        let (opens_on, closes_on) = (self.moment(opens_at), self.until(closes_at));
        let (rule, message) = match closes_at.cmp(&opens_at) {
            Ordering::Equal => ("window.empty", phrase!("window-empty", at = opens_on)),
            Ordering::Less => ("window.empty", phrase!("window-backwards", opens = opens_on, closes = closes_on)),
            Ordering::Greater if closes_at <= self.now => {
                ("window.in-the-past", phrase!("window-in-the-past", closes = closes_on))
            }
            Ordering::Greater => return Vec::new(),
        };
        vec![Finding::error(rule, closes, message)]
    }

    /// From when on the sale stands in public lists, against its opening and its letters.
    fn announced(&self) -> Option<Finding> {
        let (written, from) = (self.campaign.window.announce_from.as_ref()?, self.schedule.announce_from?);
        let (place, said) = (written.place.clone(), self.moment(from));
        if from > self.schedule.opens_at {
            let message = phrase!("window-announced-late", from = said, opens = self.moment(self.schedule.opens_at));
            return Some(Finding::error("window.announce-from", place, message));
        }
        let before = self.schedule.mailings.iter().filter(|mailing| mailing.not_before < from);
        let first = before.min_by_key(|mailing| mailing.not_before)?;
        let (mailing, at) = (first.name.as_str(), self.moment(first.not_before));
        let message = phrase!("window-announced-after-letter", from = said, mailing = mailing, at = at);
        Some(Finding::warning("window.announce-from", place, message))
    }

    fn markets(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut seen: Vec<(&'static str, Timestamp, Option<String>)> = Vec::new();
        for market in &self.campaign.markets {
            let sales = self.sales(market.value);
            if let Some(other) = sales.iter().map(|sale| sale.market).find(|other| *other != market.value) {
                let message = phrase!(
                    "market-online-is-national",
                    market = Fact::text(market.value),
                    national = Fact::text(other)
                );
                findings.push(Finding::warning("market.online-is-national", market.place.clone(), message));
            }
            for finding in sales.iter().filter_map(|sale| self.against(sale).map(|finding| (sale, finding))) {
                let (sale, finding) = finding;
                let key = (finding.rule, sale.starts_at.timestamp(), finding.law.clone());
                if !seen.contains(&key) {
                    seen.push(key);
                    findings.push(finding);
                }
            }
            findings.extend(self.foreign_zone(market));
            findings.extend(self.unknown_law(market));
        }
        findings
    }

    /// What is not known of a market's law. Somebody may know it, and goes ahead.
    fn unknown_law(&self, market: &Written<Market>) -> Vec<Finding> {
        let warning = |message: Phrase| Finding::warning("market.law-unknown", market.place.clone(), message);
        let Some(country) = self.calendar.country(market) else {
            return vec![warning(phrase!("market-law-unknown", market = Fact::text(market.value)))];
        };
        let mut findings = Vec::new();
        let regulation = &country.regulation;
        if regulation.state == RegulationState::Unknown {
            findings.push(warning(phrase!(
                "market-dates-unknown",
                market = Fact::text(market.value),
                why = Fact::Data(regulation.says.trim_end_matches('.').to_owned()),
                ask = regulation.look.as_deref().unwrap_or("a lawyer there")
            )));
        }
        if let PriorPrice::Unknown { says, ask } = &country.prior_price {
            findings.push(warning(phrase!(
                "market-prices-unknown",
                market = Fact::text(market.value),
                why = Fact::Data(says.trim_end_matches('.').to_owned()),
                ask = ask.as_str()
            )));
        }
        findings
    }

    /// The sales around the window, in one market, that concern what is sold.
    fn sales(&self, market: Market) -> Vec<Period> {
        let zone = &self.campaign.window.timezone.value;
        let span = Span::new().days(60);
        let from = zone.to_datetime(self.schedule.opens_at).date().saturating_sub(span);
        let to = zone.to_datetime(self.schedule.closes_at).date().saturating_add(span);
        let sector = self.schedule.sector.as_deref();
        let concerned = |sale: &Period| {
            sale.sectors.is_empty()
                || sector.is_none_or(|sector| sale.sectors.iter().any(|known| is_sold(known, sector)))
        };
        let mut periods = self.calendar.periods(&market, self.schedule.channel, from, to);
        periods.retain(|period| period.kind == PeriodKind::Sale && concerned(period));
        periods
    }

    fn against(&self, sale: &Period) -> Option<Finding> {
        let (opens_at, closes_at) = (self.schedule.opens_at, self.schedule.closes_at);
        let (starts_at, ends_at) = (sale.starts_at.timestamp(), sale.ends_at.timestamp());
        if closes_at <= opens_at || opens_at >= ends_at {
            return None;
        }
        // A sale that bears their name and lies inside them is one of them, and no pre-sale.
        if is_one_of(self.schedule, sale) {
            return None;
        }
        let window = &self.campaign.window;
        let season = phrase!(
            "the-sales",
            season = sale.season.as_str(),
            year = Fact::text(sale.year),
            market = Fact::text(sale.market),
            label = sale.label.as_str()
        );
        let anchor = format!("soldes.{}.{}", sale.season, sale.year);
        let begin = self.moment(starts_at);
        let named = matches!(naming(self.schedule, sale.market), Naming::Regulated | Naming::Unknown);
        let (rule, place, message) = if opens_at >= starts_at || closes_at > ends_at && named {
            if !named {
                // What bears another name is lawful beside them, and no part of them.
                let message = phrase!("window-beside-soldes", sales = season, begin = begin, anchor = anchor);
                return Some(Finding::note("window.beside-soldes", window.opens.place.clone(), message));
            }
            let message = phrase!("window-overlaps-soldes", sales = season, begin = begin, anchor = anchor);
            ("window.overlaps-soldes", &window.opens.place, message)
        } else if closes_at > starts_at {
            let late = closes_at.duration_since(starts_at);
            let message =
                phrase!("window-ends-inside-soldes", late = late, sales = season, begin = begin, anchor = anchor);
            ("window.ends-inside-soldes", &window.closes.place, message)
        } else if closes_at < starts_at && starts_at.duration_since(closes_at) <= SHORT_GAP {
            let gap = starts_at.duration_since(closes_at);
            let message =
                phrase!("window-gap-before-soldes", gap = gap, sales = season, begin = begin, anchor = anchor);
            // No law asks for the two to meet.
            return Some(Finding::warning("window.gap-before-soldes", window.closes.place.clone(), message));
        } else {
            return None;
        };
        Some(Finding { law: law_of(sale, self.calendar), ..Finding::warning(rule, place.clone(), message) })
    }

    fn foreign_zone(&self, market: &Written<Market>) -> Option<Finding> {
        let written = &self.campaign.window.timezone;
        let theirs = self.calendar.zone(market)?;
        let at = self.schedule.opens_at;
        if theirs.to_offset(at) == written.to_offset(at) {
            return None;
        }
        let (theirs, ours) = (theirs.iana_name().unwrap_or("another zone"), written.iana_name().unwrap_or("this zone"));
        let message = phrase!("window-foreign-zone", ours = ours, market = Fact::text(market.value), theirs = theirs);
        Some(Finding::warning("window.foreign-zone", written.place.clone(), message))
    }

    /// One note for each period whose dates an order may still move.
    fn computed_dates(&self) -> Vec<Finding> {
        let window = &self.campaign.window;
        let mut seen = Vec::new();
        let mut findings = Vec::new();
        for anchor in self.schedule.anchors.iter().filter(|anchor| anchor.basis == Basis::Computed) {
            let key = (anchor.market, anchor.kind, &anchor.season, anchor.year);
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let written = self.campaign.expression(&anchor.field).unwrap_or(&window.opens);
            let message = phrase!(
                "anchor-computed",
                season = anchor.season.as_str(),
                kind = Fact::text(anchor.kind),
                year = Fact::text(anchor.year),
                market = Fact::text(anchor.market)
            );
            findings.push(Finding::note("anchor.computed", written.place.clone(), message));
        }
        findings
    }

    fn mailing(&self, written: &Mailing, planned: &PlannedMailing) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (opens_at, closes_at) = (self.schedule.opens_at, self.schedule.closes_at);
        let (not_before, not_after) = (planned.not_before, planned.not_after);
        let name = planned.name.as_str();
        let (from, to) = (self.moment(not_before), self.moment(not_after));
        let (opens, closes) = (self.moment(opens_at), self.until(closes_at));
        let (first, last) = (&written.not_before.place, &written.not_after.place);
        let mut say = |severity, rule, place: &Place, message| {
            findings.push(Finding::new(severity, rule, place.clone(), message));
        };
        if not_after <= not_before {
            let message = phrase!("mailing-empty-interval", mailing = name, from = from.clone(), to = to.clone());
            say(Severity::Error, "mailing.empty-interval", last, message);
        }
        if not_after > closes_at {
            let message = phrase!("mailing-after-close", mailing = name, to = to.clone(), closes = closes);
            say(Severity::Error, "mailing.after-close", last, message);
        }
        if planned.kind != MailingKind::Announcement && not_before < opens_at {
            let message = phrase!("mailing-outside-window", mailing = name, from = from, opens = opens.clone());
            say(Severity::Error, "mailing.outside-window", first, message);
        }
        if planned.kind == MailingKind::Announcement && not_after > opens_at {
            let message = phrase!("mailing-late-announcement", mailing = name, opens = opens, to = to.clone());
            say(Severity::Warning, "mailing.late-announcement", last, message);
        }
        let before_the_end = closes_at.duration_since(not_before);
        let is_early = not_before >= opens_at && before_the_end > LAST_HOURS;
        if planned.kind == MailingKind::LastHours && is_early {
            let message = phrase!(
                "mailing-early-last-hours",
                mailing = name,
                from = self.moment(not_before),
                before = before_the_end
            );
            say(Severity::Warning, "mailing.early-last-hours", first, message);
        }
        if not_after <= self.now && not_after > not_before {
            let message = phrase!("mailing-in-the-past", mailing = name, to = to);
            say(Severity::Warning, "mailing.in-the-past", last, message);
        }
        findings
    }
}

/// That nobody knows the word for what is sold, and what it is taken for.
fn unknown_sector(campaign: &Campaign) -> Option<Finding> {
    let sector = campaign.sector.as_ref().filter(|sector| trade(sector).is_none())?;
    let message = phrase!(
        "sector-unknown",
        sector = sector.as_str(),
        trades = Fact::texts(trades().map(|name| format!("`{name}`")))
    );
    Some(Finding::note("sector.unknown", sector.place.clone(), message))
}

/// Whether the law's word `known` is for what the file says is sold. A word that nobody knows may be any trade.
fn is_sold(known: &str, sector: &str) -> bool {
    known == sector || trade(sector).is_none_or(|trade| trade.name == known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::sample;

    /// The rules and places that a check of the sample with `edits` gives on 1 December 2026.
    #[track_caller]
    fn rules(edits: &[(&str, &str)], expected: &[&str]) {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let found: Vec<String> = check(&campaign, &schedule, &calendar, now)
            .into_iter()
            .filter(|finding| finding.severity != Severity::Note)
            .map(|finding| format!("{}:{} {}", finding.place.line.unwrap_or_default(), finding.severity, finding.rule))
            .collect();
        assert_eq!(found, expected, "{edits:?}");
    }

    #[test]
    fn a_window_that_ends_when_the_soldes_begin_has_no_finding() {
        rules(&[], &[]);
    }

    #[test]
    fn the_window_is_held_against_the_sales() {
        let closes = |to: &'static str| [("closes = \"soldes.winter.2027\"", to)];
        rules(&closes("closes = \"window.opens\""), &["10:error window.empty"]);
        rules(&closes("closes = \"soldes.winter.2027 - 9 hours\""), &["10:warning window.gap-before-soldes"]);
        rules(&closes("closes = \"soldes.winter.2027 + 1 minute\""), &["10:warning window.ends-inside-soldes"]);
        rules(&closes("closes = \"soldes.winter.2027.end\""), &["10:warning window.ends-inside-soldes"]);
        rules(&closes("closes = \"soldes.winter.2027.end + 1 minute\""), &["10:warning window.ends-inside-soldes"]);
        let inside = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"soldes.winter.2027 + 1 day\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027.end\""),
        ];
        rules(&inside, &[]);
        // What bears their name is one of them, and so is one of their steps.
        let named = |name: &'static str| [("Les journées magiques", name)];
        rules(&[inside.as_slice(), &named("Les soldes d’hiver")].concat(), &[]);
        rules(&[inside.as_slice(), &named("Deuxième démarque")].concat(), &[]);
        let longer = [inside[0], ("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027.end + 1 day\"")];
        rules(&[longer.as_slice(), &named("Les soldes d’hiver")].concat(), &["9:warning window.overlaps-soldes"]);
        rules(&longer, &[]);
        let after = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"soldes.winter.2027.end\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027.end + 1 week\""),
        ];
        rules(&after, &[]);
    }

    #[test]
    fn a_sale_is_announced_before_it_opens_and_before_its_letters() {
        let from = |line: &'static str| [("closes = \"soldes.winter.2027\"", line)];
        rules(&from("closes = \"soldes.winter.2027\"\nannounce_from = \"window.opens - 7 days at 08:00\""), &[]);
        let late = "closes = \"soldes.winter.2027\"\nannounce_from = \"window.opens + 1 minute\"";
        rules(&from(late), &["11:error window.announce-from"]);
        let after_letter = "closes = \"soldes.winter.2027\"\nannounce_from = \"window.opens\"";
        rules(&from(after_letter), &["11:warning window.announce-from"]);
    }

    #[test]
    fn a_window_that_is_over_is_an_error() {
        let past = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"2026-11-20 08:00\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"2026-11-30 08:00\""),
        ];
        rules(&past, &["10:error window.in-the-past", "16:warning mailing.in-the-past"]);
    }

    #[test]
    fn mailings_are_held_against_the_window() {
        let after = |to: &'static str| [("not_after = \"window.opens\"", to)];
        rules(&after("not_after = \"window.opens - 1 day at 10:00\""), &["16:error mailing.empty-interval"]);
        rules(&after("not_after = \"window.opens + 1 hour\""), &["16:warning mailing.late-announcement"]);
        let late = after("not_after = \"window.closes + 1 minute\"");
        rules(&late, &["16:error mailing.after-close", "16:warning mailing.late-announcement"]);
        rules(&[("kind = \"announcement\"", "kind = \"opening\"")], &["15:error mailing.outside-window"]);
        let open = [
            ("kind = \"announcement\"", "kind = \"last-hours\""),
            ("not_before = \"window.opens - 1 day at 10:00\"", "not_before = \"window.closes - 3 hours\""),
            ("not_after = \"window.opens\"", "not_after = \"window.closes\""),
        ];
        rules(&open, &[]);
        let from = |from: &'static str| [open[0], (open[1].0, from), open[2]];
        rules(&from("not_before = \"window.closes - 36 hours\""), &[]);
        rules(&from("not_before = \"window.closes - 37 hours\""), &["15:warning mailing.early-last-hours"]);
        rules(&from("not_before = \"window.opens\""), &["15:warning mailing.early-last-hours"]);
    }

    #[test]
    fn a_word_for_what_is_sold_that_nobody_knows_is_noted() {
        for (sector, noted) in [("chapeaux", true), ("chaussures", false)] {
            let document = sample::with(&[("audience", &format!("sector = \"{sector}\"\naudience"))]);
            let found = unknown_sector(&Campaign::parse(&document).unwrap());
            assert_eq!(
                found.map(|finding| (finding.rule, finding.severity)),
                noted.then_some(("sector.unknown", Severity::Note))
            );
        }
    }

    #[test]
    fn a_zone_that_is_not_the_customers_is_pointed_out() {
        rules(&[("\"Europe/Paris\"", "\"Europe/Brussels\"")], &[]);
        let lisbon = [("\"Europe/Paris\"", "\"Europe/Lisbon\"")];
        rules(&lisbon, &["8:warning window.foreign-zone"]);
    }

    #[test]
    fn a_law_that_is_not_known_is_warned_of() {
        let markets = |markets: &'static str| [("[\"FR\"]", markets)];
        rules(&markets("[\"FR\", \"US\"]"), &["3:warning market.law-unknown"]);
        // Whether it has periods is not known; what it asks of a prior price is.
        rules(&markets("[\"FR\", \"LI\"]"), &["3:warning market.law-unknown"]);
        let dated = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"2026-12-21 08:00\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"2026-12-24 08:00\""),
        ];
        rules(&[markets("[\"FR\", \"MC\"]").as_slice(), &dated].concat(), &["3:warning market.law-unknown"]);
    }

    #[test]
    fn a_part_of_france_has_no_dates_of_its_own_online() {
        rules(&[("[\"FR\"]", "[\"FR-57\"]")], &["3:warning market.online-is-national"]);
    }
}
