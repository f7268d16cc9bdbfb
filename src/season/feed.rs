//! The season as a calendar (RFC 5545): every sale, every letter, every legal period, for Thunderbird, Google and Outlook. Each
//! entry keeps its id when it moves; those of the law have the ids of `carillon calendar ics`, so that nobody has them twice.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::words::period_words;
use super::{MarketSeason, Season, SeasonMailing, SeasonSale};
use crate::calendar::ics::uid;
use crate::calendar::{Basis, Period, PeriodKind};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::text::{IcsWriter, address_encoded};

/// Where the ids of a shop's own entries are made. No such name is ever given out (RFC 2606).
const HERE: &str = "season.carillon.invalid";

/// The calendar, in words of `language`.
pub fn feed(season: &Season, language: InterfaceLanguage) -> String {
    let mut feed = FeedWriter {
        writer: IcsWriter::default(),
        language,
        now: season.now,
        taken: BTreeSet::new(),
        told: Vec::new(),
    };
    let name = phrase!("timeline-title", first = season.first, last = season.last);
    feed.writer.line("BEGIN", "VCALENDAR");
    feed.writer.line("VERSION", "2.0");
    feed.writer.line("PRODID", "-//Carillon//Season//EN");
    feed.writer.line("CALSCALE", "GREGORIAN");
    feed.writer.line("METHOD", "PUBLISH");
    feed.writer.text("X-WR-CALNAME", &in_words(&name, language));
    for law in &season.markets {
        feed.law(law);
    }
    for sale in &season.sales {
        feed.sale(sale);
        sale.letters().for_each(|mailing| feed.letter(sale, mailing));
    }
    feed.writer.line("END", "VCALENDAR");
    feed.writer.into_text()
}

struct FeedWriter {
    writer: IcsWriter,
    language: InterfaceLanguage,
    now: Timestamp,
    taken: BTreeSet<String>,
    told: Vec<Period>,
}

/// One entry.
struct FeedEntry<'a> {
    uid: String,
    from: Timestamp,
    /// None of what happens at an instant.
    to: Option<Timestamp>,
    summary: String,
    description: String,
    category: &'a str,
    status: &'a str,
    url: Option<String>,
}

impl FeedWriter {
    fn say(&self, phrase: &Phrase) -> String {
        in_words(phrase, self.language)
    }

    fn entry(&mut self, entry: &FeedEntry<'_>) {
        let writer = &mut self.writer;
        writer.line("BEGIN", "VEVENT");
        writer.line("UID", &entry.uid);
        writer.instant("DTSTAMP", self.now);
        writer.instant("DTSTART", entry.from);
        if let Some(to) = entry.to {
            writer.instant("DTEND", to);
        }
        writer.text("SUMMARY", &entry.summary);
        writer.text("DESCRIPTION", &entry.description);
        if let Some(url) = &entry.url {
            writer.line("URL", url);
        }
        writer.line("CATEGORIES", entry.category);
        writer.line("STATUS", entry.status);
        writer.line("TRANSP", "TRANSPARENT");
        writer.line("END", "VEVENT");
    }

    fn law(&mut self, law: &MarketSeason) {
        for period in &law.periods {
            self.period(period);
        }
    }

    fn period(&mut self, period: &Period) {
        // Parts of a country may follow it, and then have the same period.
        if self.told.iter().any(|told| told == period) {
            return;
        }
        self.told.push(period.clone());
        let entry = FeedEntry {
            uid: uid(period, &mut self.taken),
            from: period.starts_at.timestamp(),
            to: Some(period.ends_at.timestamp()),
            summary: format!("{} ({})", period.label, period.market),
            description: self.say(&period_words(period)),
            category: if period.kind == PeriodKind::Sale { "SALE" } else { "BLACKOUT" },
            status: if period.basis == Basis::Published { "CONFIRMED" } else { "TENTATIVE" },
            url: period.source.starts_with("http").then(|| address_encoded(&period.source)),
        };
        self.entry(&entry);
    }

    fn sale(&mut self, sale: &SeasonSale) {
        let schedule = &sale.schedule;
        let markets = Fact::texts(&schedule.markets);
        let channel = phrase!("term-channel", word = Fact::text(schedule.channel));
        let entry = FeedEntry {
            uid: format!("{}@{HERE}", schedule.slug),
            from: schedule.opens_at,
            to: Some(schedule.closes_at),
            summary: schedule.name_in(self.language.into()).as_str().to_owned(),
            description: self.say(&phrase!("timeline-sold-in", markets = markets, channel = channel)),
            category: "CAMPAIGN",
            status: status(sale),
            url: schedule.url.as_ref().map(ToString::to_string),
        };
        self.entry(&entry);
    }

    fn letter(&mut self, sale: &SeasonSale, mailing: &SeasonMailing) {
        let schedule = &sale.schedule;
        let name = schedule.name_in(self.language.into()).as_str();
        let until = Fact::moment(mailing.not_after, &schedule.time_zone());
        let entry = FeedEntry {
            uid: format!("{}.{}@{HERE}", schedule.slug, mailing.name),
            from: mailing.leaves_at,
            to: None,
            summary: self.say(&phrase!("timeline-letter-of", mailing = mailing.name.as_str(), sale = name)),
            description: self.say(&phrase!("timeline-letter-until", until = until)),
            category: "MAILING",
            status: status(sale),
            url: None,
        };
        self.entry(&entry);
    }
}

fn status(sale: &SeasonSale) -> &'static str {
    if sale.is_cancelled() {
        "CANCELLED"
    } else if sale.held || sale.paused {
        "TENTATIVE"
    } else {
        "CONFIRMED"
    }
}
