//! A sale as an entry of a calendar (RFC 5545), in UTC, under an id that stays when the window moves.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::App;
use super::cache::{self, GATE_SECONDS, Held};
use super::error::ApiError;
use crate::db::{StoreResult, gates};
use crate::gate::{self, Gate};
use crate::text::WebAddress;

/// The most bytes that a line may have (RFC 5545, section 3.1).
const LINE: usize = 75;

/// The feed of the sale `slug`.
pub(super) async fn one(app: &App, held: &Held, slug: String) -> Response {
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
        let headers = [
            (CONTENT_TYPE, "text/calendar; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"carillon.ics\""),
        ];
        (headers, text).into_response()
    })
}

fn calendar(gate: &Gate, changed_at: Timestamp, public_url: &WebAddress) -> String {
    let status = if gate.is_cut_short() { "CANCELLED" } else { "CONFIRMED" };
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Carillon//Gate//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", gate.slug, public_url.host()),
        format!("DTSTAMP:{}", utc(changed_at)),
        format!("LAST-MODIFIED:{}", utc(changed_at)),
        // A calendar takes up a moved or cancelled event only when its number has grown.
        format!("SEQUENCE:{}", changed_at.as_second() / 60),
        format!("DTSTART:{}", utc(gate.opens_at)),
        format!("DTEND:{}", utc(gate.closes_at)),
        format!("SUMMARY:{}", escaped(&gate.title)),
        format!("URL:{}/campaigns/{}", public_url.base(), gate.slug),
        format!("STATUS:{status}"),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545, section 3.3.11.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace(['\r', '\n'], " ")
}

/// The line with its end, broken where it is too long, never inside a character.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 2);
    let mut used = 0;
    for character in line.chars() {
        if used + character.len_utf8() > LINE {
            folded.push_str("\r\n ");
            used = 1;
        }
        folded.push(character);
        used += character.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let folded = folded(&format!("SUMMARY:{}", "é".repeat(100)));
        assert!(folded.ends_with("\r\n"));
        let lines: Vec<&str> = folded.trim_end_matches("\r\n").split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= LINE), "{folded}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with(' ')));
        assert_eq!(lines.iter().map(|line| line.matches('é').count()).sum::<usize>(), 100);
    }

    #[test]
    fn signs_that_mean_something_are_escaped() {
        assert_eq!(escaped("Bottes, bottines; \\o/\r\nX"), "Bottes\\, bottines\\; \\\\o/  X");
    }
}
