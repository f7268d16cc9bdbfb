//! Periods as an iCalendar feed (RFC 5545) that Thunderbird, Google and Outlook subscribe to.
//!
//! Instants are in UTC, so no VTIMEZONE can disagree with a reader's own. The text depends on the periods and the stamp
//! alone: the same law gives the same bytes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::market::Channel;
use super::period::{Basis, LegalBasis, Period, PeriodKind, UnpublishedPeriod};
use crate::text::{IcsWriter, address_encoded};

/// The sales of one market and channel: those that are dated, and those of which it is only known that they will be.
#[derive(Clone, Copy, Debug)]
pub struct FeedOf<'a> {
    /// How people buy.
    pub channel: Channel,
    /// What has dates.
    pub periods: &'a [Period],
    /// What has none yet: a day-long entry says so over the days on which it may lie.
    pub unpublished: &'a [UnpublishedPeriod],
}

impl FeedOf<'_> {
    /// Whether there is nothing to write. A calendar holds one entry at least (RFC 5545 3.6).
    pub fn is_empty(&self) -> bool {
        self.periods.is_empty() && self.unpublished.is_empty()
    }
}

/// The feed of `what` under the name `name`. The stamp says when the data was last compared with its sources, and `say` makes the
/// reader's words of English ones.
pub fn feed(name: &str, what: &FeedOf<'_>, stamp: Timestamp, say: &dyn Fn(&str) -> String) -> String {
    let mut writer = IcsWriter::default();
    writer.line("BEGIN", "VCALENDAR");
    writer.line("VERSION", "2.0");
    writer.line("PRODID", "-//Carillon//Legal sales dates//EN");
    writer.line("CALSCALE", "GREGORIAN");
    writer.line("METHOD", "PUBLISH");
    writer.text("NAME", name);
    writer.text("X-WR-CALNAME", name);
    writer.line("REFRESH-INTERVAL;VALUE=DURATION", "P1D");
    writer.line("X-PUBLISHED-TTL", "P1D");
    let mut taken = BTreeSet::new();
    for period in what.periods {
        let uid = uid(period, &mut taken);
        event(&mut writer, period, &uid, stamp, say);
    }
    for unpublished in what.unpublished {
        unknown(&mut writer, unpublished, what.channel, stamp, say);
    }
    writer.line("END", "VCALENDAR");
    writer.into_text()
}

/// The id of a period among those that are `taken`: the same for the same period whenever and wherever a feed is written, also
/// when an order moves its days.
pub fn uid(period: &Period, taken: &mut BTreeSet<String>) -> String {
    let Period { market, channel, kind, season, year, .. } = period;
    let plain = format!("{market}-{channel}-{kind}-{season}-{year}").to_lowercase();
    // La Réunion had two winters in 2010.
    let own = if taken.contains(&plain) { format!("{plain}-{}", period.first_day) } else { plain };
    taken.insert(own.clone());
    format!("{own}@calendar.carillon.invalid")
}

fn event(writer: &mut IcsWriter, period: &Period, uid: &str, stamp: Timestamp, say: &dyn Fn(&str) -> String) {
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", uid);
    writer.instant("DTSTAMP", stamp);
    writer.instant("DTSTART", period.starts_at.timestamp());
    writer.instant("DTEND", period.ends_at.timestamp());
    writer.text("SUMMARY", &format!("{} ({})", period.label, period.market));
    writer.text("DESCRIPTION", &say(&description(period)));
    if let Some(address) = address(&period.source) {
        writer.line("URL", &address);
    }
    writer.line("CATEGORIES", if period.kind == PeriodKind::Sale { "SALE" } else { "BLACKOUT" });
    writer.line("STATUS", if period.basis == Basis::Published { "CONFIRMED" } else { "TENTATIVE" });
    writer.line("TRANSP", "TRANSPARENT");
    writer.line("END", "VEVENT");
}

/// An entry that says that the dates are not known, and where they will be.
fn unknown(
    writer: &mut IcsWriter,
    unpublished: &UnpublishedPeriod,
    channel: Channel,
    stamp: Timestamp,
    say: &dyn Fn(&str) -> String,
) {
    let UnpublishedPeriod { market, season, year, look, from, to } = unpublished;
    let uid = format!("{market}-{channel}-unknown-{season}-{year}").to_lowercase();
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", &format!("{uid}@calendar.carillon.invalid"));
    writer.instant("DTSTAMP", stamp);
    writer.line("DTSTART;VALUE=DATE", &from.strftime("%Y%m%d").to_string());
    // The end is exclusive, RFC 5545 3.6.1.
    writer.line("DTEND;VALUE=DATE", &to.tomorrow().unwrap_or(*to).strftime("%Y%m%d").to_string());
    writer.text("SUMMARY", &say(&format!("Dates unknown: the {season} sales of {year} ({market})")));
    let known = "The dates are not in the calendar and cannot be computed. The sales may lie anywhere in these days";
    writer.text("DESCRIPTION", &say(&format!("{known}.\nLook at {look}")));
    writer.line("CATEGORIES", "UNKNOWN");
    writer.line("STATUS", "TENTATIVE");
    writer.line("TRANSP", "TRANSPARENT");
    writer.line("END", "VEVENT");
}

fn description(period: &Period) -> String {
    let mut lines = vec![format!(
        "{} to {}, {}, confidence {}",
        period.starts_at.strftime("%Y-%m-%d %H:%M"),
        period.last_day,
        period.basis,
        period.confidence
    )];
    for ground in &period.grounds {
        let LegalBasis { says, text, note, .. } = &**ground;
        lines.push(text.as_ref().map_or_else(|| says.clone(), |text| format!("{says} — {text}")));
        lines.extend(note.clone());
    }
    if !period.sectors.is_empty() {
        lines.push(format!("Concerns {}", period.sectors.join(", ")));
    }
    lines.join("\n")
}

/// A URI is ASCII (RFC 3986 2.1); other octets are percent-encoded.
fn address(source: &str) -> Option<String> {
    source.starts_with("http").then(|| address_encoded(source))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{Calendar, Channel};

    const STAMP: Timestamp = Timestamp::UNIX_EPOCH;

    fn unfold(feed: &str) -> String {
        feed.replace("\r\n ", "")
    }

    fn dated(periods: &[Period]) -> FeedOf<'_> {
        FeedOf { channel: Channel::Online, periods, unpublished: &[] }
    }

    #[test]
    fn what_is_not_known_is_said_in_words() {
        let market = "LU".parse().unwrap();
        let (from, to) = (date(2027, 1, 1), date(2027, 12, 31));
        let unpublished = Calendar::built_in().gaps(&market, Channel::Store, from, to);
        let what = FeedOf { channel: Channel::Store, periods: &[], unpublished: &unpublished };
        assert!(!what.is_empty());
        let feed = feed("LU", &what, STAMP, &str::to_owned);
        well_formed(&feed);
        let plain = unfold(&feed);
        for line in [
            "UID:lu-store-unknown-winter-2027@calendar.carillon.invalid\r\n",
            "DTSTART;VALUE=DATE:20261201\r\n",
            "DTEND;VALUE=DATE:20270501\r\n",
            "SUMMARY:Dates unknown: the summer sales of 2027 (LU)\r\n",
            "STATUS:TENTATIVE\r\n",
        ] {
            assert!(plain.contains(line), "{line}\n{plain}");
        }
        assert!(plain.contains("\\nLook at the year’s grand-ducal regulation"), "{plain}");
    }

    #[track_caller]
    fn well_formed(feed: &str) {
        assert!(feed.ends_with("END:VCALENDAR\r\n"));
        for line in feed.split_terminator("\r\n") {
            assert!(line.len() <= 75, "{line}");
            assert!(!line.contains(['\r', '\n']), "{line}");
        }
    }

    #[test]
    fn a_period_becomes_an_event_in_utc() {
        let market = "FR".parse().unwrap();
        let periods = Calendar::built_in().periods(&market, Channel::Online, date(2027, 6, 1), date(2027, 12, 31));
        let feed = feed("Soldes, FR; online", &dated(&periods), STAMP, &str::to_owned);
        well_formed(&feed);
        let plain = unfold(&feed);
        for line in [
            "UID:fr-online-sale-summer-2027@calendar.carillon.invalid\r\n",
            "DTSTAMP:19700101T000000Z\r\n",
            "DTSTART:20270623T060000Z\r\n",
            "DTEND:20270720T220000Z\r\n",
            "SUMMARY:soldes d’été (FR)\r\n",
            "STATUS:TENTATIVE\r\n",
            "X-WR-CALNAME:Soldes\\, FR\\; online\r\n",
        ] {
            assert!(plain.contains(line), "{line}\n{plain}");
        }
    }

    #[test]
    fn uids_are_unique_and_feeds_repeatable() {
        let (from, to) = (date(2009, 1, 1), date(2030, 12, 31));
        for listing in Calendar::built_in().markets() {
            let periods = Calendar::built_in().periods(&listing.market, Channel::Store, from, to);
            let unpublished = Calendar::built_in().gaps(&listing.market, Channel::Store, from, to);
            let what = FeedOf { channel: Channel::Store, periods: &periods, unpublished: &unpublished };
            let first = feed(&listing.name, &what, STAMP, &str::to_owned);
            well_formed(&first);
            assert!(first.is_ascii() || std::str::from_utf8(first.as_bytes()).is_ok());
            assert_eq!(first, feed(&listing.name, &what, STAMP, &str::to_owned));
            let unfolded = unfold(&first);
            let mut uids: Vec<&str> = unfolded.lines().filter(|line| line.starts_with("UID:")).collect();
            let all = uids.len();
            uids.sort_unstable();
            uids.dedup();
            assert_eq!(uids.len(), all, "{}", listing.market);
        }
    }

    proptest! {
        #[test]
        fn any_name_is_folded_and_kept(name in "\\PC{0,200}") {
            let feed = feed(&name, &dated(&[]), STAMP, &str::to_owned);
            well_formed(&feed);
            let escaped = name.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
            let line = format!("X-WR-CALNAME:{escaped}\r\n");
            prop_assert!(unfold(&feed).contains(&line));
        }
    }
}
