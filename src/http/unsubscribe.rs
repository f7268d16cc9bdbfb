//! The unsubscribe link of every mail (RFC 8058). Looking changes nothing, because mail scanners look; a press of the
//! button, or a mail provider's one-click request, withdraws durably before it is answered.
//!
//! The token alone says who: no login, no cookie, no redirect, and no limit per source, since providers send bursts.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::layout::{self, PageWords};
use super::one_click::{self, Asked};
use super::routes::Routes;
use super::{App, error};
use crate::db::leaving::{Ending, Leave};
use crate::db::members;
use crate::member::{Cause, Consent, Method, Pseudonym, read_unsubscribe_token};

/// The page.
const ABOUT: &str = "unsubscribe";

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The route of the link. Mail programs take a slash, a full stop or a bracket behind a link for a part of it, so the
/// rest of the path is taken whole.
pub(super) fn routes() -> Routes {
    Routes::none().at("/u/{*token}", get(ask).post(withdraw)).answered(private)
}

/// An answer that nobody keeps and no search engine lists.
pub(super) async fn private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
    response
}

async fn ask(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    let Some(member) = whose(&app, token) else { return not_ours(&app).await };
    let looked = app.store.read(move |db| members::find(db, &member)).await.inspect_err(error::report);
    // Without a named field the form sends nothing, which tells our button from a provider's request.
    let question = PageWords::with_button("question");
    match looked.ok().flatten() {
        Some(member) if Consent::LEFT.contains(&member.consent) => {
            layout::one(&app, StatusCode::OK, ABOUT, PageWords::plain("done"), member.language.interface())
        }
        Some(member) => layout::one(&app, StatusCode::OK, ABOUT, question, member.language.interface()),
        // The way out is shown also when nobody can tell who is going.
        None => layout::both(&app, StatusCode::OK, ABOUT, question),
    }
}

/// The same page again, which says that nothing was done and how it is: the status tells a program, the words a person. It is
/// the same for everybody's link.
fn ask_again(app: &App, status: StatusCode) -> Response {
    layout::both(app, status, ABOUT, PageWords::with_button_unread("question"))
}

async fn withdraw(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(member) = whose(&app, token) else { return not_ours(&app).await };
    let method = match body.as_deref().map(one_click::asked) {
        Ok(Asked::Button) => Method::PagePost,
        Ok(Asked::OneClick) => Method::OneClickPost,
        Ok(Asked::SomethingElse) => return ask_again(&app, StatusCode::BAD_REQUEST),
        Err(refused) => return ask_again(&app, refused.status()),
    };
    let by_program = method == Method::OneClickPost;
    let leave = Leave { cause: Cause::Withdrawn, method, at: app.clock.now() };
    match app.leaving.leave(member, leave).await {
        Ok(Ending::Unknown) => unknown(&app),
        // Nobody reads what a provider's program is answered.
        Ok(_) if by_program => layout::both(&app, StatusCode::OK, ABOUT, PageWords::plain("done")),
        Ok(_) => left(&app, member).await,
        Err(error) => {
            error::report(&error);
            layout::both(&app, StatusCode::SERVICE_UNAVAILABLE, ABOUT, PageWords::with_contact("failed"))
        }
    }
}

/// What somebody is told who has left by a button of ours: in the person's language, where the store can tell it.
pub(super) async fn left(app: &App, member: Pseudonym) -> Response {
    let looked = app.store.read(move |db| members::find(db, &member)).await;
    match looked.inspect_err(error::report).ok().flatten() {
        Some(member) => layout::one(app, StatusCode::OK, ABOUT, PageWords::plain("done"), member.language.interface()),
        None => layout::both(app, StatusCode::OK, ABOUT, PageWords::plain("done")),
    }
}

fn whose(app: &App, token: Result<Path<String>, PathRejection>) -> Option<Pseudonym> {
    read_unsubscribe_token(&app.keyring, &token.ok()?)
}

/// A link that none of the keys at hand made. Where keys are missing it may be ours all the same: whoever wants to leave is told that
/// it did not work, and whom to write to.
async fn not_ours(app: &App) -> Response {
    if !app.lacks_keys().await {
        return unknown(app);
    }
    layout::both(app, StatusCode::SERVICE_UNAVAILABLE, ABOUT, PageWords::with_contact("failed"))
}

fn unknown(app: &App) -> Response {
    layout::both(app, StatusCode::NOT_FOUND, ABOUT, PageWords::with_contact("unknown"))
}
