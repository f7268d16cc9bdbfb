//! The link of the letter that asks whether to go on. Looking changes nothing, because mail scanners look and run scripts; a
//! press of the button renews durably before it is answered. What stands on the page is kept word for word.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use super::layout::{self, PageSet, PageWords};
use super::routes::Routes;
use super::{App, error, unsubscribe};
use crate::db::renewals::{self, RenewalTarget, Renewed, ShownWords};
use crate::db::{Db, StoreResult};
use crate::keys::Sha256Digest;
use crate::member::{Invitation, RenewToken, unsubscribe_token};
use crate::template::RenderFault;
use crate::text::{Language, Moment};

/// The field by which the button is told from a program that sends an empty POST to every link.
const FIELD: &str = "renew";

/// What its button says to the program. No other answer is an agreement.
const ANSWER: &str = "yes";

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Routes {
    Routes::none().at("/renew/{*token}", get(ask).post(renew)).answered(unsubscribe::private)
}

/// The words of the page in one language, as they are shown and kept.
#[derive(Debug)]
pub(super) struct RenewalWords {
    invitation: Invitation,
    text: Arc<str>,
    /// The version of the page: of the program, and of the page as it shows the words.
    version: Arc<str>,
}

#[derive(Serialize)]
struct RenewPage<'a> {
    invitation: &'a Invitation,
    /// Until when the consent counts.
    ends: &'a str,
    /// The page to unsubscribe at.
    leave: &'a str,
}

/// The words in every language.
pub(super) fn words(
    pages: &PageSet,
    invitations: &BTreeMap<Language, Invitation>,
) -> Result<BTreeMap<Language, RenewalWords>, RenderFault> {
    let words = |(&language, invitation): (&Language, &Invitation)| {
        let view = RenewPage { invitation, ends: "", leave: "" };
        let digest = Sha256Digest::of(pages.render("renew.html", language, &view)?.as_bytes()).to_string();
        let version = format!("carillon {}, page {}", env!("CARGO_PKG_VERSION"), digest.get(..16).unwrap_or(&digest));
        let words =
            RenewalWords { invitation: invitation.clone(), text: invitation.text().into(), version: version.into() };
        Ok((language, words))
    };
    invitations.iter().map(words).collect()
}

fn read(app: &App, token: Result<Path<String>, PathRejection>) -> Option<RenewToken> {
    RenewToken::read(&app.keyring, &token.ok()?)
}

async fn target(app: &App, token: &RenewToken) -> StoreResult<RenewalTarget> {
    let (now, terms, token) = (app.clock.now(), app.sign_ups.terms.clone(), token.clone());
    let looked = app.store.read(move |db| {
        let now = terms.instant(db, now)?;
        renewals::look(db, &token, now)
    });
    looked.await
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    let Some(token) = read(&app, token) else { return unknown(&app) };
    ask_as(&app, &token, StatusCode::OK).await
}

async fn ask_as(app: &App, token: &RenewToken, status: StatusCode) -> Response {
    match target(app, token).await {
        Ok(RenewalTarget::Waits { member, language, ends_at }) => {
            let Some(words) = app.renewals.get(&language) else { return unknown(app) };
            let ends = Moment::at(&ends_at.to_zoned_datetime(app.zone.clone()), language).full;
            let leave = format!("{}/u/{}", app.base, unsubscribe_token(&app.keyring, &member));
            let view = RenewPage { invitation: &words.invitation, ends: &ends, leave: &leave };
            layout::respond(app, status, "renew.html", language, &view)
        }
        Ok(RenewalTarget::Used) => layout::both(app, StatusCode::OK, "renew", PageWords::plain("used")),
        Ok(RenewalTarget::Unknown) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

async fn renew(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(token) = read(&app, token) else { return unknown(&app) };
    let pressed =
        |body: &Bytes| url::form_urlencoded::parse(body).any(|(name, value)| name == FIELD && value == ANSWER);
    if !body.as_ref().is_ok_and(pressed) {
        return ask_as(&app, &token, StatusCode::BAD_REQUEST).await;
    }
    match renewed(&app, token).await {
        Ok(Renewed::Done) => layout::both(&app, StatusCode::OK, "renew", PageWords::plain("done")),
        Ok(Renewed::Already) => layout::both(&app, StatusCode::OK, "renew", PageWords::plain("used")),
        Ok(Renewed::Unknown) => unknown(&app),
        Ok(Renewed::TooEarly) => {
            tracing::error!("a renewal could not be recorded: the clock is behind what the ledger holds");
            failed(&app)
        }
        Err(error) => {
            error::report(&error);
            failed(&app)
        }
    }
}

async fn renewed(app: &App, token: RenewToken) -> StoreResult<Renewed> {
    // In the language in which the page is shown.
    let language = match target(app, &token).await? {
        RenewalTarget::Waits { language, .. } => language,
        RenewalTarget::Used => return Ok(Renewed::Already),
        RenewalTarget::Unknown => return Ok(Renewed::Unknown),
    };
    let Some(words) = app.renewals.get(&language) else { return Ok(Renewed::Unknown) };
    let (text, version) = (Arc::clone(&words.text), Arc::clone(&words.version));
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let renew = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        renewals::renew(db, &token, ShownWords { text: &text, version: &version }, &terms.consents, now)
    };
    app.store.write(renew).await
}

fn unknown(app: &App) -> Response {
    layout::both(app, StatusCode::NOT_FOUND, "renew", PageWords::with_contact("unknown"))
}

fn failed(app: &App) -> Response {
    layout::both(app, StatusCode::SERVICE_UNAVAILABLE, "renew", PageWords::with_contact("failed"))
}
