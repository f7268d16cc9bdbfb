//! The link of a confirmation letter. Looking changes nothing, because mail scanners look and run scripts; a press of the
//! button confirms durably before it is answered. The page shows again, word for word, what was asked for.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use super::html::{Element, el};
use super::join::words::Words;
use super::layout::{self, Page};
use super::{App, error, unsubscribe};
use crate::db::signups::{self, Confirmed, LinkTarget};
use crate::db::{Db, StoreResult};
use crate::member::{ConfirmToken, Language, Pseudonym, shown_again};

/// The field by which the button is told from a program that sends an empty POST to every link.
const FIELD: &str = "confirm";

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/confirm/{*token}", get(ask).post(confirm)).layer(map_response(unsubscribe::private))
}

fn read(app: &App, token: Result<Path<String>, PathRejection>) -> Option<ConfirmToken> {
    ConfirmToken::read(&app.keyring, &token.ok()?)
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    let Some(token) = read(&app, token) else { return unknown(&app) };
    ask_as(&app, token, StatusCode::OK).await
}

async fn ask_as(app: &App, token: ConfirmToken, status: StatusCode) -> Response {
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let looked = app.store.read(move |db| {
        let now = terms.instant(db, now)?;
        signups::look(db, &token, now)
    });
    match looked.await {
        Ok(LinkTarget::Waits { language, text }) => layout::respond(status, question(app, language, &text)),
        Ok(LinkTarget::Used) => page(app, StatusCode::OK, |words| (words.used, said(words.used_text))),
        Ok(LinkTarget::Unknown) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

async fn confirm(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(token) = read(&app, token) else { return unknown(&app) };
    let pressed = |body: &Bytes| url::form_urlencoded::parse(body).any(|(name, _)| name == FIELD);
    if !body.as_ref().is_ok_and(pressed) {
        return ask_as(&app, token, StatusCode::BAD_REQUEST).await;
    }
    match confirmed(&app, token).await {
        Ok(Confirmed::Done) => page(&app, StatusCode::OK, |words| (words.done, said(words.done_text))),
        Ok(Confirmed::Already) => page(&app, StatusCode::OK, |words| (words.used, said(words.used_text))),
        Ok(Confirmed::Unknown) => unknown(&app),
        Ok(Confirmed::TooEarly) => {
            tracing::error!("a confirmation could not be recorded: the clock is behind what the ledger holds");
            failed(&app)
        }
        Err(error) => {
            error::report(&error);
            failed(&app)
        }
    }
}

async fn confirmed(app: &App, token: ConfirmToken) -> StoreResult<Confirmed> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| crate::db::StoreError::Closed)?;
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let confirm = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        signups::confirm(db, &token, &terms.consents, Pseudonym::from_random(random), now)
    };
    app.store.write(confirm).await
}

fn unknown(app: &App) -> Response {
    page(app, StatusCode::NOT_FOUND, |words| (words.unknown, said_with_contact(app, words.unknown_text)))
}

fn failed(app: &App) -> Response {
    page(app, StatusCode::SERVICE_UNAVAILABLE, |words| (words.failed, said_with_contact(app, words.failed_text)))
}

/// The page with the button, in the language of the sign-up.
fn question(app: &App, language: Language, text: &str) -> String {
    let words = Words::of(language);
    let field = el("input").attr("type", "hidden").attr("name", FIELD).attr("value", "yes");
    let button = el("button").attr("class", "button").attr("aria-describedby", "statement").text(words.yes);
    let (statement, notice) = shown_again(text);
    let notice = el("section")
        .attr("class", "notice")
        .attr("aria-labelledby", "notice")
        .child(el("h2").attr("id", "notice").text(words.notice))
        .children(notice.map(|paragraph| el("p").text(paragraph)));
    let main = el("main")
        .child(el("h1").text(words.question))
        .child(el("p").attr("class", "lead").text(words.asked))
        .child(el("blockquote").attr("id", "statement").child(el("p").text(statement)))
        .child(el("form").attr("method", "post").child(field).child(button))
        .child(el("p").attr("class", "note").text(words.not_me))
        .child(notice);
    document(app, language, words.question, main)
}

fn said(text: &str) -> Vec<Element> {
    vec![el("p").attr("class", "lead").text(text)]
}

fn said_with_contact(app: &App, text: &str) -> Vec<Element> {
    vec![el("p").attr("class", "lead").text(text).text(" ").text(&app.shop.contact)]
}

/// A page that says the same in every language, because whose link it is is not known, or not any more.
fn page(app: &App, status: StatusCode, say: impl Fn(&'static Words) -> (&'static str, Vec<Element>)) -> Response {
    let sections = Language::ALL.into_iter().map(|language| {
        let (heading, text) = say(Words::of(language));
        el("section").attr("lang", language.code()).child(el("h1").text(heading)).children(text)
    });
    let main = el("main").attr("class", "both").children(sections);
    let (title, _) = say(Words::of(Language::Fr));
    layout::respond(status, document(app, Language::Fr, title, main))
}

fn document(app: &App, language: Language, title: &str, main: Element) -> String {
    let title = title.to_owned();
    Page { language, title, head: Vec::new(), other: None, main, remark: None, shop: &app.shop }.into_document()
}
