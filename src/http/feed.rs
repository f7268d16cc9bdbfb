//! Sales as entries of a calendar (RFC 5545), in UTC, under ids that stay when a window moves: one to take up, or all that stand in
//! public lists to follow.

use std::convert::Infallible;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::App;
use super::cache::Held;
use super::error::ApiError;
use super::present::{KnownGate, Present};
use super::ready::Ready;
use super::sale::{moment, title, until};
use crate::db::gates::GateRecord;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::text::dates::zone_name;
use crate::text::{ICS_MEDIA_TYPE, IcsWriter, InterfaceLanguage, WebAddress};

/// How often a program that follows the calendar looks again: a duration of RFC 5545, section 3.3.6.
const LOOKED_AT_EVERY: &str = "PT1H";

/// The entry of the sale `name`.
pub(super) async fn one(app: &App, held: &Held, name: &str, language: InterfaceLanguage) -> Response {
    let present = match app.present().await {
        Ok(present) => present,
        Err(unread) => return ApiError::from(unread).into_response(),
    };
    let Some(known) = present.find(name) else { return ApiError::NoSuchGate.into_response() };
    let now = app.clock.now();
    let Ok(entry) = known.entries.of(language).at(now, |at| Ok::<_, Infallible>(entry_at(app, known, language, at)));
    entry.respond(held, now)
}

/// The calendar of all sales that stand in public lists.
pub(super) async fn all(app: &App, held: &Held, language: InterfaceLanguage) -> Response {
    match app.present().await {
        Ok(present) => {
            let now = app.clock.now();
            let written = |at| Ok::<_, Infallible>(calendar_at(app, &present, language, at));
            let Ok(calendar) = present.calendars.of(language).at(now, written);
            calendar.respond(held, now)
        }
        Err(unread) => ApiError::from(unread).into_response(),
    }
}

/// The entry of a sale, to be taken up once, as it is from `at` on.
pub(super) fn entry_at(app: &App, known: &KnownGate, language: InterfaceLanguage, at: Timestamp) -> Ready {
    let disposition = HeaderValue::from_static("attachment; filename=\"carillon.ics\"");
    let mut writer = begun();
    event(&mut writer, &known.record, &app.public_url, language, at);
    Ready::new(ICS_MEDIA_TYPE, ended(writer)).with([(CONTENT_DISPOSITION, disposition)])
}

/// The calendar of those that stand in public lists, to be followed, as it is from `at` on.
pub(super) fn calendar_at(app: &App, present: &Present, language: InterfaceLanguage, at: Timestamp) -> Ready {
    let mut writer = begun();
    let name = in_words(&phrase!("feed-name", shop = Fact::text(&app.shop.name)), language);
    // The first of each pair is of RFC 7986; the second is what programs read before it.
    writer.text("NAME", &name);
    writer.text("X-WR-CALNAME", &name);
    writer.line("REFRESH-INTERVAL;VALUE=DURATION", LOOKED_AT_EVERY);
    writer.line("X-PUBLISHED-TTL", LOOKED_AT_EVERY);
    present.listed_records(at).for_each(|record| event(&mut writer, record, &app.public_url, language, at));
    Ready::new(ICS_MEDIA_TYPE, ended(writer))
}

fn begun() -> IcsWriter {
    let mut writer = IcsWriter::default();
    writer.line("BEGIN", "VCALENDAR");
    writer.line("VERSION", "2.0");
    writer.line("PRODID", "-//Carillon//Gate//EN");
    writer.line("CALSCALE", "GREGORIAN");
    writer.line("METHOD", "PUBLISH");
    writer
}

fn ended(mut writer: IcsWriter) -> String {
    writer.line("END", "VCALENDAR");
    writer.into_text()
}

fn event(
    writer: &mut IcsWriter,
    record: &GateRecord,
    public_url: &WebAddress,
    language: InterfaceLanguage,
    at: Timestamp,
) {
    let gate = &record.gate;
    let title = title(record, language);
    let opens = || Fact::text(moment(gate, gate.opens_at, language).full);
    let closes = || Fact::text(until(gate, gate.closes_at, language).full);
    let zone = || Fact::text(zone_name(&gate.zone, language));
    let say = |phrase: Phrase| in_words(&phrase, language);
    let (status, summary, description) = if gate.is_cut_short() {
        ("CANCELLED", title.to_owned(), say(phrase!("feed-cancelled")))
    } else if gate.is_to_confirm(at) {
        let planned = phrase!("feed-window-to-confirm", opens = opens(), closes = closes(), zone = zone());
        ("TENTATIVE", say(phrase!("feed-to-confirm", title = title)), say(planned))
    } else {
        let window = phrase!("feed-window", opens = opens(), closes = closes(), zone = zone());
        ("CONFIRMED", title.to_owned(), say(window))
    };
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", &format!("{}@{}", gate.slug, public_url.host()));
    writer.instant("DTSTAMP", record.changed_at);
    writer.instant("LAST-MODIFIED", record.changed_at);
    // A calendar takes up a moved or cancelled event only when its number has grown.
    writer.line("SEQUENCE", &record.sequence.to_string());
    writer.instant("DTSTART", gate.opens_at);
    writer.instant("DTEND", gate.closes_at);
    writer.text("SUMMARY", &summary);
    writer.text("DESCRIPTION", &description);
    writer.line("URL", &format!("{}/{language}/campaigns/{}", public_url.base(), gate.slug));
    writer.line("STATUS", status);
    writer.line("TRANSP", "TRANSPARENT");
    // Nobody is called to a sale that may open at another hour, or that does not take place.
    if status == "CONFIRMED" {
        writer.line("BEGIN", "VALARM");
        writer.line("ACTION", "DISPLAY");
        writer.text("DESCRIPTION", &summary);
        writer.line("TRIGGER", "PT0S");
        writer.line("END", "VALARM");
    }
    writer.line("END", "VEVENT");
}
