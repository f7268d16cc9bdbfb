//! The unsubscribe link of every mail (RFC 8058). Looking changes nothing, because mail scanners look; a press of the
//! button, or a mail provider's one-click request, withdraws durably before it is answered.
//!
//! The token alone says who: no login, no cookie, no redirect, and no limit per source, since providers send bursts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use super::html::{Element, el};
use super::layout::{self, Page};
use super::one_click::{self, Asked};
use super::words::{Unsubscribe, Words};
use super::{App, error};
use crate::db::leaving::{Ending, Leave};
use crate::member::{Cause, Language, Method, Pseudonym, read_unsubscribe_token};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The route of the link. Mail programs take a slash, a full stop or a bracket behind a link for a part of it, so the
/// rest of the path is taken whole.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/u/{*token}", get(ask).post(withdraw)).layer(map_response(private))
}

/// An answer that nobody keeps and no search engine lists.
pub(super) async fn private<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
    response
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    match whose(&app, token) {
        Some(_) => ask_as(&app, StatusCode::OK),
        None => unknown(&app),
    }
}

fn ask_as(app: &App, status: StatusCode) -> Response {
    page(app, status, |words| (words.question, question(words)))
}

async fn withdraw(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(member) = whose(&app, token) else { return unknown(&app) };
    let method = match body.as_deref().map(one_click::asked) {
        Ok(Asked::Button) => Method::PagePost,
        Ok(Asked::OneClick) => Method::OneClickPost,
        // The status tells a program that nothing was done; the page lets a person do it.
        Ok(Asked::SomethingElse) => return ask_as(&app, StatusCode::BAD_REQUEST),
        Err(refused) => return ask_as(&app, refused.status()),
    };
    let leave = Leave { cause: Cause::Withdrawn, method, at: app.clock.now() };
    match app.leaving.leave(member, leave).await {
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
