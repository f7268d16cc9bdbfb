//! A sale as an entry of a calendar (RFC 5545), in UTC, under an id that stays when the window moves.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::App;
use super::cache::{self, GATE_SECONDS, Held};
use super::error::ApiError;
use crate::db::{StoreResult, gates};
use crate::gate::{self, Gate};
use crate::text::{ICS_MEDIA_TYPE, IcsWriter, Slug, WebAddress};

/// The feed of the sale `name`.
pub(super) async fn one(app: &App, held: &Held, name: &str) -> Response {
    let Ok(slug) = name.parse::<Slug>() else { return ApiError::NoSuchGate.into_response() };
    let now = app.clock.now();
    let read = app.store.read(move |db| StoreResult::Ok((gates::find(db, &slug)?, gates::changed_at(db)?))).await;
    let (gate, changed_at) = match read {
        Ok((Some(gate), changed_at)) => (gate, changed_at.unwrap_or(now)),
        Ok((None, _)) => return ApiError::NoSuchGate.into_response(),
        Err(error) => return ApiError::from(error).into_response(),
    };
    let text = calendar(&gate, changed_at, &app.public_url);
    let control = cache::control(now, gate::next_change(&gate, now), GATE_SECONDS);
    cache::respond(held, &cache::strong_tag(text.as_bytes()), &control, || {
        let headers = [(CONTENT_TYPE, ICS_MEDIA_TYPE), (CONTENT_DISPOSITION, "attachment; filename=\"carillon.ics\"")];
        (headers, text).into_response()
    })
}

fn calendar(gate: &Gate, changed_at: Timestamp, public_url: &WebAddress) -> String {
    let status = if gate.is_cut_short() { "CANCELLED" } else { "CONFIRMED" };
    let mut writer = IcsWriter::default();
    writer.line("BEGIN", "VCALENDAR");
    writer.line("VERSION", "2.0");
    writer.line("PRODID", "-//Carillon//Gate//EN");
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", &format!("{}@{}", gate.slug, public_url.host()));
    writer.instant("DTSTAMP", changed_at);
    writer.instant("LAST-MODIFIED", changed_at);
    // A calendar takes up a moved or cancelled event only when its number has grown.
    writer.line("SEQUENCE", &(changed_at.as_second() / 60).to_string());
    writer.instant("DTSTART", gate.opens_at);
    writer.instant("DTEND", gate.closes_at);
    writer.text("SUMMARY", &gate.title);
    writer.line("URL", &format!("{}/campaigns/{}", public_url.base(), gate.slug));
    writer.line("STATUS", status);
    writer.line("TRANSP", "TRANSPARENT");
    writer.line("END", "VEVENT");
    writer.line("END", "VCALENDAR");
    writer.into_text()
}
