//! The board: what is open, what comes next, who was told, what is wrong, the season and the letters, for the people of the shop.
//! Read only, without a script, on the private listener alone, in the shop's languages. It shows no person.

mod door;
mod kit;
mod preview;
mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use tokio::time::timeout;

use super::App;
use super::error;
use super::routes::Routes;
use crate::campaign::Schedule;
use crate::db::{Db, StoreResult};
use crate::member::Language;
use crate::template::RenderFault;
use crate::text::InterfaceLanguage;
use view::BoardSeen;

pub(super) use kit::BoardKit;

/// How long the store may take to tell what the board shows.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes the letter of a mailing in a language as a person would get it now; or says why it cannot be written.
type WriteLetter = dyn Fn(&Schedule, &str, Language, Timestamp) -> Result<String, String> + Send + Sync;

/// The letters as they will look.
#[derive(Clone)]
pub struct LetterPreviews(Arc<WriteLetter>);

impl LetterPreviews {
    /// Those that `write` writes: HTML, or why there is none.
    pub fn new(
        write: impl Fn(&Schedule, &str, Language, Timestamp) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(write))
    }
}

impl std::fmt::Debug for LetterPreviews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LetterPreviews")
    }
}

/// The routes of the board.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at(
            "/board",
            get(async |app: State<App>, headers: HeaderMap| board(&app, &headers, InterfaceLanguage::Fr).await),
        )
        .at(
            "/fr/board",
            get(async |app: State<App>, headers: HeaderMap| board(&app, &headers, InterfaceLanguage::Fr).await),
        )
        .at(
            "/en/board",
            get(async |app: State<App>, headers: HeaderMap| board(&app, &headers, InterfaceLanguage::En).await),
        )
        .at(
            "/fr/board/preview",
            get(async |app: State<App>, headers: HeaderMap, asked: Uri| {
                preview::around(&app, &headers, &asked, InterfaceLanguage::Fr).await
            }),
        )
        .at(
            "/en/board/preview",
            get(async |app: State<App>, headers: HeaderMap, asked: Uri| {
                preview::around(&app, &headers, &asked, InterfaceLanguage::En).await
            }),
        )
        .at(
            "/fr/board/page",
            get(async |app: State<App>, headers: HeaderMap, asked: Uri| {
                preview::page(&app, &headers, &asked, InterfaceLanguage::Fr).await
            }),
        )
        .at(
            "/en/board/page",
            get(async |app: State<App>, headers: HeaderMap, asked: Uri| {
                preview::page(&app, &headers, &asked, InterfaceLanguage::En).await
            }),
        )
        .at(
            "/board/letter",
            get(async |app: State<App>, headers: HeaderMap, asked: Uri| preview::letter(&app, &headers, &asked).await),
        )
}

async fn board(app: &App, headers: &HeaderMap, language: InterfaceLanguage) -> Response {
    if let Some(closed) = door::closed(app, headers) {
        return closed;
    }
    match seen(app).await {
        Some(seen) => respond(app, "board.html", &view::board(app, &seen, language)),
        None => respond(app, "nothing.html", &view::nothing(language)),
    }
}

/// What the store and the daemon know; none when the store does not say so in time.
async fn seen(app: &App) -> Option<BoardSeen> {
    let (holds, now) = (app.holds.clone(), app.clock.now());
    asked(app, move |db| BoardSeen::read(db, holds.as_deref(), now)).await
}

/// What the store says; none when it does not in time.
async fn asked<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&mut Db) -> StoreResult<T> + Send + 'static,
) -> Option<T> {
    timeout(PATIENCE, app.store.read(ask)).await.ok()?.inspect_err(error::report).ok()
}

/// A page of the board, with a policy under which nothing is loaded but what this listener has.
fn respond(app: &App, name: &str, view: &impl serde::Serialize) -> Response {
    match app.board.render(name, &app.shop, view) {
        Ok(document) => shown(StatusCode::OK, app.board.policy.clone(), document),
        Err(fault) => unwritten(&fault),
    }
}

/// What a page that cannot be written is answered with.
fn unwritten(fault: &RenderFault) -> Response {
    tracing::error!(error = %fault, "a page of the board could not be written");
    shown(StatusCode::INTERNAL_SERVER_ERROR, None, "This page cannot be shown.".to_owned())
}

/// A document that nobody keeps.
fn shown(status: StatusCode, policy: Option<HeaderValue>, document: String) -> Response {
    let kept = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    let mut response = (status, kept, document).into_response();
    if let Some(policy) = policy {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
