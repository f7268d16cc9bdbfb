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

use super::layout::{self, PageSet};
use super::routes::Routes;
use super::{App, button, unsubscribe};
use crate::db::pressed::Pressed;
use crate::db::renewals::{self, RenewalTarget, ShownWords};
use crate::db::{Db, StoreResult};
use crate::keys::Sha256Digest;
use crate::member::{Invitation, RenewToken, unsubscribe_token};
use crate::template::RenderFault;
use crate::text::{InterfaceLanguage, Moment};

/// The page, and the field of its button.
pub(super) const ABOUT: &str = "renew";

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Routes {
    Routes::none().at("/renew/{*token}", get(ask).post(renew)).answered(unsubscribe::private)
}

/// The words of the page in one language, as they are shown and kept.
#[derive(Debug)]
pub(super) struct RenewalWords {
    pub(super) invitation: Invitation,
    pub(super) text: Arc<str>,
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
    /// Whether nothing was done because the request did not come from the button.
    unread: bool,
}

/// The words in every language.
pub(super) fn words(
    pages: &PageSet,
    invitations: &BTreeMap<InterfaceLanguage, Invitation>,
) -> Result<BTreeMap<InterfaceLanguage, RenewalWords>, RenderFault> {
    let words = |(&language, invitation): (&InterfaceLanguage, &Invitation)| {
        let view = RenewPage { invitation, ends: "", leave: "", unread: false };
        let version = version_of(&pages.render("renew.html", language, &view)?);
        Ok((language, RenewalWords { invitation: invitation.clone(), text: invitation.text().into(), version }))
    };
    invitations.iter().map(words).collect()
}

/// The version of a page that shows the words: of the program, and of the page as it is without anything about a person.
pub(super) fn version_of(page: &str) -> Arc<str> {
    let digest = Sha256Digest::of(page.as_bytes()).to_string();
    format!("carillon {}, page {}", env!("CARGO_PKG_VERSION"), digest.get(..16).unwrap_or(&digest)).into()
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
    let Some(token) = read(&app, token) else { return button::not_ours(&app, ABOUT).await };
    ask_as(&app, &token, StatusCode::OK).await
}

async fn ask_as(app: &App, token: &RenewToken, status: StatusCode) -> Response {
    match target(app, token).await {
        Ok(RenewalTarget::Waits { member, language, ends_at }) => {
            let language = language.interface();
            let Some(words) = app.renewals.get(&language) else { return button::unknown(app, ABOUT) };
            let ends = Moment::at(&ends_at.to_zoned_datetime(app.zone.clone()), language).full;
            let leave = format!("{}/u/{}", app.base, unsubscribe_token(&app.keyring, &member));
            let unread = status != StatusCode::OK;
            let view = RenewPage { invitation: &words.invitation, ends: &ends, leave: &leave, unread };
            layout::respond(app, status, "renew.html", language, &view)
        }
        Ok(RenewalTarget::Used(after)) => button::used(app, ABOUT, after),
        Ok(RenewalTarget::Unknown) => button::unknown(app, ABOUT),
        Err(error) => button::failed(app, ABOUT, &error),
    }
}

async fn renew(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(token) = read(&app, token) else { return button::not_ours(&app, ABOUT).await };
    if !button::is_pressed(ABOUT, &body) {
        return ask_as(&app, &token, StatusCode::BAD_REQUEST).await;
    }
    let digest = token.digest();
    button::answer(&app, ABOUT, digest, renewed(&app, token).await).await
}

async fn renewed(app: &App, token: RenewToken) -> StoreResult<Pressed> {
    // In the language in which the page is shown.
    let language = match target(app, &token).await? {
        RenewalTarget::Waits { language, .. } => language.interface(),
        RenewalTarget::Used(_) => return Ok(Pressed::Already),
        RenewalTarget::Unknown => return Ok(Pressed::Unknown),
    };
    let Some(words) = app.renewals.get(&language) else { return Ok(Pressed::Unknown) };
    let (text, version) = (Arc::clone(&words.text), Arc::clone(&words.version));
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let renew = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        renewals::renew(db, &token, ShownWords { text: &text, version: &version }, &terms.consents, now)
    };
    app.store.write(renew).await
}
