//! Periods as an iCalendar feed (RFC 5545) that Thunderbird, Google and Outlook subscribe to.
//!
//! Instants are in UTC, so no VTIMEZONE can disagree with a reader's own. The text depends on the periods and the stamp
//! alone: the same law gives the same bytes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::period::{Basis, LegalBasis, Period, PeriodKind};
use crate::text::{IcsWriter, address_encoded};

/// The feed of `periods` under the name `name`. The stamp says when the data was last compared with its sources.
pub fn feed(name: &str, periods: &[Period], stamp: Timestamp) -> String {
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
    for period in periods {
        let uid = uid(period, &mut taken);
        event(&mut writer, period, &uid, stamp);
    }
    writer.line("END", "VCALENDAR");
    writer.into_text()
}

/// The same for the same period whenever and wherever the feed is written, also when an order moves its days.
fn uid(period: &Period, taken: &mut BTreeSet<String>) -> String {
    let Period { market, channel, kind, season, year, .. } = period;
    let plain = format!("{market}-{channel}-{kind}-{season}-{year}").to_lowercase();
    // La Réunion had two winters in 2010.
    let own = if taken.contains(&plain) { format!("{plain}-{}", period.first_day) } else { plain };
    taken.insert(own.clone());
    format!("{own}@calendar.carillon.invalid")
}

fn event(writer: &mut IcsWriter, period: &Period, uid: &str, stamp: Timestamp) {
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", uid);
    writer.instant("DTSTAMP", stamp);
    writer.instant("DTSTART", period.starts_at.timestamp());
    writer.instant("DTEND", period.ends_at.timestamp());
    writer.text("SUMMARY", &format!("{} ({})", period.label, period.market));
    writer.text("DESCRIPTION", &description(period));
    if let Some(address) = address(&period.source) {
        writer.line("URL", &address);
    }
    writer.line("CATEGORIES", if period.kind == PeriodKind::Sale { "SALE" } else { "BLACKOUT" });
    writer.line("STATUS", if period.basis == Basis::Published { "CONFIRMED" } else { "TENTATIVE" });
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
        let feed = feed("Soldes, FR; online", &periods, STAMP);
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
            let first = feed(&listing.name, &periods, STAMP);
            well_formed(&first);
            assert!(first.is_ascii() || std::str::from_utf8(first.as_bytes()).is_ok());
            assert_eq!(first, feed(&listing.name, &periods, STAMP));
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
            let feed = feed(&name, &[], STAMP);
            well_formed(&feed);
            let escaped = name.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
            let line = format!("X-WR-CALNAME:{escaped}\r\n");
            prop_assert!(unfold(&feed).contains(&line));
        }
    }
}
