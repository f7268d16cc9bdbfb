//! The link of a confirmation letter. Looking changes nothing, because mail scanners look and run scripts; a press of the
//! button confirms durably before it is answered. The page shows again, word for word, what was asked for.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::layout::{self, PageWords};
use super::routes::Routes;
use super::{App, error, unsubscribe};
use crate::db::signups::{self, Confirmed, LinkTarget};
use crate::db::{Db, StoreResult};
use crate::member::{ConfirmToken, Pseudonym, shown_again};
use crate::text::Language;

/// The field by which the button is told from a program that sends an empty POST to every link.
const FIELD: &str = "confirm";

/// What its button says to the program. No other answer is an agreement.
const ANSWER: &str = "yes";

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Routes {
    Routes::none().at("/confirm/{*token}", get(ask).post(confirm)).answered(unsubscribe::private)
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
        Ok(LinkTarget::Waits { language, text }) => question(app, status, language, &text),
        Ok(LinkTarget::Used) => layout::both(app, StatusCode::OK, "confirm", PageWords::plain("used")),
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
    let pressed =
        |body: &Bytes| url::form_urlencoded::parse(body).any(|(name, value)| name == FIELD && value == ANSWER);
    if !body.as_ref().is_ok_and(pressed) {
        return ask_as(&app, token, StatusCode::BAD_REQUEST).await;
    }
    match confirmed(&app, token).await {
        Ok(Confirmed::Done) => layout::both(&app, StatusCode::OK, "confirm", PageWords::plain("done")),
        Ok(Confirmed::Already) => layout::both(&app, StatusCode::OK, "confirm", PageWords::plain("used")),
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
    layout::both(app, StatusCode::NOT_FOUND, "confirm", PageWords::with_contact("unknown"))
}

fn failed(app: &App) -> Response {
    layout::both(app, StatusCode::SERVICE_UNAVAILABLE, "confirm", PageWords::with_contact("failed"))
}

/// The page with the button, in the language of the sign-up.
fn question(app: &App, status: StatusCode, language: Language, text: &str) -> Response {
    let (statement, notice) = shown_again(text);
    let notice: Vec<&str> = notice.collect();
    layout::respond(app, status, "confirm.html", language, &json!({ "statement": statement, "notice": notice }))
}
