//! A sale as an entry of a calendar (RFC 5545), in UTC, under an id that stays when the window moves.

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse, Response};

use super::App;
use super::cache::Held;
use super::error::ApiError;
use super::present::KnownGate;
use super::ready::Ready;
use crate::db::gates::GateRecord;
use crate::gate;
use crate::text::{ICS_MEDIA_TYPE, IcsWriter, WebAddress};

/// The feed of the sale `name`.
pub(super) async fn one(app: &App, held: &Held, name: &str) -> Response {
    let present = match app.present().await {
        Ok(present) => present,
        Err(unread) => return ApiError::from(unread).into_response(),
    };
    let Some(known) = present.find(name) else { return ApiError::NoSuchGate.into_response() };
    let now = app.clock.now();
    // What it says depends on the store alone; but whoever takes up an event soon after its change sees it changed.
    entry(app, known).respond(held, now, gate::next_change(known.gate(), now))
}

/// The entry of a sale.
pub(super) fn entry(app: &App, known: &KnownGate) -> Arc<Ready> {
    let write = || {
        let disposition = HeaderValue::from_static("attachment; filename=\"carillon.ics\"");
        let text = calendar(&known.record, &app.public_url);
        Arc::new(Ready::new(ICS_MEDIA_TYPE, text).with([(CONTENT_DISPOSITION, disposition)]))
    };
    Arc::clone(known.feed.get_or_init(write))
}

fn calendar(record: &GateRecord, public_url: &WebAddress) -> String {
    let gate = &record.gate;
    let status = if gate.is_cut_short() {
        "CANCELLED"
    } else if gate.held {
        "TENTATIVE"
    } else {
        "CONFIRMED"
    };
    let mut writer = IcsWriter::default();
    writer.line("BEGIN", "VCALENDAR");
    writer.line("VERSION", "2.0");
    writer.line("PRODID", "-//Carillon//Gate//EN");
    writer.line("BEGIN", "VEVENT");
    writer.line("UID", &format!("{}@{}", gate.slug, public_url.host()));
    writer.instant("DTSTAMP", record.changed_at);
    writer.instant("LAST-MODIFIED", record.changed_at);
    // A calendar takes up a moved or cancelled event only when its number has grown.
    writer.line("SEQUENCE", &record.sequence.to_string());
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
