//! The link of a confirmation letter. Looking changes nothing, because mail scanners look and run scripts; a press of the
//! button confirms durably before it is answered. The page shows again, word for word, what was asked for.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::routes::Routes;
use super::{App, button, layout, unsubscribe};
use crate::db::pressed::Pressed;
use crate::db::signups::{self, LinkTarget};
use crate::db::{Db, StoreResult};
use crate::member::{Address, ConfirmToken, Pseudonym, shown_again};
use crate::text::InterfaceLanguage;

/// The page.
const ABOUT: &str = "confirm";

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Routes {
    Routes::none().at("/confirm/{*token}", get(ask).post(confirm)).answered(unsubscribe::private)
}

fn read(app: &App, token: Result<Path<String>, PathRejection>) -> Option<ConfirmToken> {
    ConfirmToken::read(&app.keyring, &token.ok()?)
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    let Some(token) = read(&app, token) else { return button::not_ours(&app, ABOUT).await };
    ask_as(&app, token, StatusCode::OK).await
}

async fn ask_as(app: &App, token: ConfirmToken, status: StatusCode) -> Response {
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let looked = app.store.read(move |db| {
        let now = terms.instant(db, now)?;
        signups::look(db, &token, now)
    });
    match looked.await {
        Ok(LinkTarget::Waits { language, address, text }) => {
            question(app, status, language.interface(), &address, &text)
        }
        Ok(LinkTarget::Used(after)) => button::used(app, ABOUT, after),
        Ok(LinkTarget::Unknown) => button::unknown(app, ABOUT),
        Err(error) => button::failed(app, ABOUT, &error),
    }
}

async fn confirm(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(token) = read(&app, token) else { return button::not_ours(&app, ABOUT).await };
    if !button::is_pressed(ABOUT, &body) {
        return ask_as(&app, token, StatusCode::BAD_REQUEST).await;
    }
    let digest = token.digest();
    button::answer(&app, ABOUT, digest, confirmed(&app, token).await).await
}

async fn confirmed(app: &App, token: ConfirmToken) -> StoreResult<Pressed> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| crate::db::StoreError::Closed)?;
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let confirm = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        signups::confirm(db, &token, &terms.consents, Pseudonym::from_random(random), now)
    };
    app.store.write(confirm).await
}

/// The page with the button, in the language of the sign-up.
fn question(app: &App, status: StatusCode, language: InterfaceLanguage, address: &Address, text: &str) -> Response {
    let (statement, notice) = shown_again(text);
    let notice: Vec<&str> = notice.collect();
    let unread = status != StatusCode::OK;
    let view = json!({ "address": address.as_str(), "statement": statement, "notice": notice, "unread": unread });
    layout::respond(app, status, "confirm.html", language, &view)
}
