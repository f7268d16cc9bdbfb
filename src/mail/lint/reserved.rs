//! The words that the law reserves, asked of the checker that `campaign check` asks.
//!
//! A template or a message alone does not say for whom it is or who may buy: whoever asks names the markets, and what only a
//! closed group may be told is left to the check of the campaign.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use super::Reading;
use crate::calendar::{Calendar, Channel, Market};
use crate::campaign::AudienceClass;
use crate::compliance;
use crate::compliance::words::{MarketSales, PlacedText, TextKind, check};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::mail::received::Received;

/// The findings on a template's sample, which may be sent in any season.
pub(super) fn in_template(reading: &Reading<'_>, markets: &[Market]) -> Vec<Finding> {
    let any_season: Vec<MarketSales> = markets.iter().copied().map(MarketSales::without_seasons).collect();
    find(reading, None, &any_season)
}

/// The findings on a finished message, which is read on the day that its `Date` field names.
pub(super) fn in_message(
    reading: &Reading<'_>,
    received: &Received,
    calendar: &Calendar,
    markets: &[Market],
) -> Vec<Finding> {
    let dates = received.values("Date");
    let sent = dates.first().and_then(|date| rfc2822::parse(date).ok()).map(|sent| sent.timestamp());
    let Some(sent) = sent else { return in_template(reading, markets) };
    let on_that_day = |market: &Market| {
        let zone = calendar.zone(market).unwrap_or(TimeZone::UTC);
        let day = sent.to_zoned_datetime(zone).date();
        compliance::seasons(calendar, market, Channel::Online, (day, day))
    };
    let seasons: Vec<MarketSales> = markets.iter().map(on_that_day).collect();
    find(reading, Some((sent, sent)), &seasons)
}

fn find(reading: &Reading<'_>, shown: Option<(Timestamp, Timestamp)>, markets: &[MarketSales]) -> Vec<Finding> {
    let subject = (reading.subject, TextKind::Subject);
    let parts = [(reading.text, TextKind::TextBody), (reading.html, TextKind::Html)];
    let parts = parts.into_iter().filter_map(|(text, kind)| Some((text?, kind)));
    let mut findings = Vec::new();
    for (text, kind) in std::iter::once(subject).chain(parts) {
        let document = Document::new("", text);
        let language = reading.language.map(|language| language.to_string());
        let text = PlacedText { language, shown, ..PlacedText::whole(&document, kind) };
        let found = check(&text, AudienceClass::ClosedGroup, markets);
        findings.extend(found.into_iter().map(|finding| Finding { place: place(reading, &finding), ..finding }));
    }
    findings
}

/// Where the words stand in what a person wrote; the text that was read is made from it.
fn place(reading: &Reading<'_>, finding: &Finding) -> Place {
    reading.place(finding.place.words.as_deref().unwrap_or_default())
}
