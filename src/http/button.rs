//! The button on a page that a letter's link leads to: to confirm, or to go on. A program that looks at every link, or sends
//! an empty POST to it, has not pressed it.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;

use super::layout::{self, PageWords};
use super::{App, error};
use crate::db::StoreResult;
use crate::db::pressed::{self, AfterPress, Pressed};
use crate::keys::Sha256Digest;

/// What the button says to the program, in a field that is named like the page. No other answer is an agreement.
const ANSWER: &str = "yes";

/// Whether what was sent is a press of the button on the page `about`.
pub(super) fn is_pressed(about: &str, body: &Result<Bytes, BytesRejection>) -> bool {
    let says_so =
        |body: &Bytes| url::form_urlencoded::parse(body).any(|(name, value)| name == about && value == ANSWER);
    body.as_ref().is_ok_and(says_so)
}

/// The answer to a press, once what came of it is in the store; `token` is the digest of the link's. In the language of the
/// person, which the store knows by now.
pub(super) async fn answer(app: &App, about: &str, token: Sha256Digest, pressed: StoreResult<Pressed>) -> Response {
    match pressed {
        Ok(Pressed::Done) => match after(app, token).await {
            Some(AfterPress { language, .. }) => {
                layout::one(app, StatusCode::OK, about, PageWords::plain("done"), language.interface())
            }
            None => layout::both(app, StatusCode::OK, about, PageWords::plain("done")),
        },
        Ok(Pressed::Already) => match after(app, token).await {
            Some(after) => used(app, about, after),
            None => layout::both(app, StatusCode::OK, about, PageWords::plain("used")),
        },
        Ok(Pressed::Unknown) => unknown(app, about),
        Ok(Pressed::TooEarly) => {
            tracing::error!(
                page = about,
                "a press of the button could not be recorded: the clock is behind what the ledger holds"
            );
            layout::both(app, StatusCode::SERVICE_UNAVAILABLE, about, PageWords::with_contact("failed"))
        }
        Err(error) => failed(app, about, &error),
    }
}

/// What is true of whoever pressed. A store that cannot tell takes nothing back of what was recorded.
async fn after(app: &App, token: Sha256Digest) -> Option<AfterPress> {
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let looked = app.store.read(move |db| {
        let now = terms.instant(db, now)?;
        pressed::used_by(db, token, now)
    });
    looked.await.inspect_err(error::report).ok().flatten()
}

/// The link was used; and what it asked for holds, or has ended since.
pub(super) fn used(app: &App, about: &str, AfterPress { language, counts }: AfterPress) -> Response {
    let said = if counts { "used" } else { "ended" };
    layout::one(app, StatusCode::OK, about, PageWords::plain(said), language.interface())
}

/// The link leads to nothing.
pub(super) fn unknown(app: &App, about: &str) -> Response {
    layout::both(app, StatusCode::NOT_FOUND, about, PageWords::with_contact("unknown"))
}

/// None of the keys at hand made the link. Where keys are missing it may be ours all the same, and works once they are back.
pub(super) async fn not_ours(app: &App, about: &str) -> Response {
    if app.lacks_keys().await {
        layout::both(app, StatusCode::SERVICE_UNAVAILABLE, about, PageWords::with_contact("failed"))
    } else {
        unknown(app, about)
    }
}

/// The store cannot be used; the log says why.
pub(super) fn failed(app: &App, about: &str, why: &crate::db::StoreError) -> Response {
    error::report(why);
    layout::both(app, StatusCode::SERVICE_UNAVAILABLE, about, PageWords::with_contact("failed"))
}
