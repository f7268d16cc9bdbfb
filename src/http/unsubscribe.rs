//! The unsubscribe link of every mail (RFC 8058). Looking changes nothing, because mail scanners look; a press of the
//! button, or a mail provider's one-click request, withdraws durably before it is answered.
//!
//! The token alone says who: no login, no cookie, no redirect, and no limit per source, since providers send bursts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::html::{Element, el};
use super::layout::{self, Page};
use super::words::{Unsubscribe, Words};
use super::{App, error};
use crate::db::members::{self, Ending};
use crate::member::{Language, Method, Pseudonym, read_unsubscribe_token};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The route of the link.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/u/{token}", get(ask).post(withdraw)).layer(map_response(private))
}

async fn private<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
    response
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    match whose(&app, token) {
        Some(_) => page(&app, StatusCode::OK, |words| (words.question, question(words))),
        None => unknown(&app),
    }
}

async fn withdraw(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(member) = whose(&app, token) else { return unknown(&app) };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let method = match body {
        Ok(body) => request(kind, &String::from_utf8_lossy(&body)),
        Err(refused) => return refused.status().into_response(),
    };
    let Some(method) = method else { return StatusCode::BAD_REQUEST.into_response() };
    let now = app.clock.now();
    match app.store.write(move |db| members::withdraw(db, &member, method.clone(), now)).await {
        Ok(Ending::Done | Ending::Already) => page(&app, StatusCode::OK, |words| (words.done, said(words.done_text))),
        Ok(Ending::Unknown) => unknown(&app),
        Err(error) => {
            error::report(&error);
            page(&app, StatusCode::SERVICE_UNAVAILABLE, |words| {
                (words.failed, said_with_contact(&app, words.failed_text))
            })
        }
    }
}

fn whose(app: &App, token: Result<Path<String>, PathRejection>) -> Option<Pseudonym> {
    read_unsubscribe_token(&app.keyring, &token.ok()?)
}

/// What the body of a POST asks for: our button sends nothing, a provider sends the one field of RFC 8058, encoded in
/// either way that forms have. Anything else asks for nothing.
fn request(kind: &str, body: &str) -> Option<Method> {
    if body.trim().is_empty() {
        return Some(Method::PagePost);
    }
    let asked = match kind.split_once("boundary=") {
        Some((form, boundary)) if form.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") => {
            let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
            body.split(&format!("--{boundary}")).any(is_one_click_part)
        }
        _ => body.trim().split('&').any(|field| field.eq_ignore_ascii_case("List-Unsubscribe=One-Click")),
    };
    asked.then_some(Method::OneClickPost)
}

/// One part of a multipart form (RFC 7578).
fn is_one_click_part(part: &str) -> bool {
    let Some((head, value)) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n")) else { return false };
    let head = head.to_ascii_lowercase().replace('"', "");
    let named = head.split([';', '\r', '\n']).any(|item| item.trim() == "name=list-unsubscribe");
    named && value.trim().eq_ignore_ascii_case("One-Click")
}

fn unknown(app: &App) -> Response {
    page(app, StatusCode::NOT_FOUND, |words| (words.unknown, said_with_contact(app, words.unknown_text)))
}

fn question(words: &Unsubscribe) -> Vec<Element> {
    // Without a named field the form sends nothing, which tells our button from a provider's request.
    let button = el("button").attr("class", "button").text(words.button);
    vec![el("p").attr("class", "lead").text(words.explanation), el("form").attr("method", "post").child(button)]
}

fn said(text: &str) -> Vec<Element> {
    vec![el("p").attr("class", "lead").text(text)]
}

fn said_with_contact(app: &App, text: &str) -> Vec<Element> {
    vec![el("p").attr("class", "lead").text(text).text(" ").text(&app.shop.contact)]
}

/// A page that says the same in every language: whose link it is, and so which language the person reads, is not looked
/// up to show it. `say` gives a heading and what stands under it.
fn page(app: &App, status: StatusCode, say: impl Fn(&'static Unsubscribe) -> (&'static str, Vec<Element>)) -> Response {
    let sections = Language::ALL.into_iter().map(|language| {
        let (heading, text) = say(&Words::of(language).unsubscribe);
        el("section").attr("lang", language.code()).child(el("h1").text(heading)).children(text)
    });
    let main = el("main").attr("class", "both").children(sections);
    let (title, _) = say(&Words::of(Language::Fr).unsubscribe);
    let page = Page {
        language: Language::Fr,
        title: title.to_owned(),
        head: Vec::new(),
        other: None,
        main,
        remark: None,
        shop: &app.shop,
    };
    layout::respond(status, page.into_document())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";
    const PARTS: &str = "multipart/form-data; boundary=X";

    #[track_caller]
    fn check(kind: &str, body: &str, expected: Option<Method>) {
        assert_eq!(request(kind, body), expected, "{kind}: {body}");
    }

    #[test]
    fn both_encodings_of_the_one_click_field_are_understood() {
        check(FORM, "List-Unsubscribe=One-Click", Some(Method::OneClickPost));
        check(FORM, "List-Unsubscribe=One-Click\r\n", Some(Method::OneClickPost));
        check("", "List-Unsubscribe=One-Click", Some(Method::OneClickPost));
        let part = "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n";
        check(PARTS, &format!("--X\r\n{part}--X--\r\n"), Some(Method::OneClickPost));
        let quoted = "multipart/form-data; charset=utf-8; boundary=\"X\"";
        check(quoted, &format!("--X\r\n{part}--X--\r\n"), Some(Method::OneClickPost));
        let unquoted = part.replace('"', "");
        check(PARTS, &format!("--X\r\n{unquoted}--X--"), Some(Method::OneClickPost));
    }

    #[test]
    fn our_button_sends_nothing_and_anything_else_asks_for_nothing() {
        check(FORM, "", Some(Method::PagePost));
        check("", "\r\n", Some(Method::PagePost));
        check(FORM, "List-Unsubscribe=No", None);
        check(FORM, "a=b", None);
        check(PARTS, "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nOne-Click\r\n--X--", None);
        check(PARTS, "One-Click", None);
    }
}
