//! Our own form: one field, and one answer to all who send it in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use super::LATER;
use super::desk::{Applicant, Desk};
use super::page::{FormState, ShownForm};
use super::register::NotTaken;
use crate::http::App;
use crate::member::{Address, FormAge, FormTime};

/// Where a form is that does not say so, or says something else than the shop's forms.
const HERE: &str = "join";

/// The form that shows `words`.
pub(super) fn methods(words: Arc<ShownForm>) -> MethodRouter<App> {
    let shown = Arc::clone(&words);
    get(async move |State(app): State<App>| {
        show(&app, &shown, StatusCode::OK, FormState { source: HERE, ..FormState::default() })
    })
    .post(
        async move |State(app): State<App>,
                    Extension(desk): Extension<Arc<Desk>>,
                    body: Result<Bytes, BytesRejection>| { answer(&app, &desk, &words, body).await },
    )
}

/// What a form holds when it is sent in.
#[derive(Debug, Default)]
struct Filled {
    email: String,
    source: String,
    time: String,
    trap: String,
}

impl Filled {
    fn read(body: &[u8]) -> Self {
        let mut filled = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            match &*name {
                "email" => filled.email = value.into_owned(),
                "source" => filled.source = value.into_owned(),
                "time" => filled.time = value.into_owned(),
                "site" => filled.trap = value.into_owned(),
                _ => {}
            }
        }
        filled
    }
}

/// The form, with the present time in it.
fn show(app: &App, words: &ShownForm, status: StatusCode, shown: FormState<'_>) -> Response {
    let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
    words.page(app, status, FormState { time: &time, ..shown })
}

async fn answer(app: &App, desk: &Desk, words: &ShownForm, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) => {
            let shown = FormState { source: HERE, trouble: Some("too_long"), ..FormState::default() };
            return show(app, words, refused.status(), shown);
        }
    };
    let filled = Filled::read(&body);
    if !filled.trap.is_empty() {
        return words.sent(app);
    }
    let source = desk.source(&filled.source).unwrap_or(HERE);
    let again = |status, trouble| {
        let shown = FormState { email: &filled.email, source, trouble, ..FormState::default() };
        show(app, words, status, shown)
    };
    let mend = |trouble| again(StatusCode::UNPROCESSABLE_ENTITY, Some(trouble));
    match FormTime::age(&app.keyring, &filled.time, app.clock.now()) {
        // A form of the shop's own leads here: whoever signs up has to see our words first.
        FormAge::Unknown => return again(StatusCode::OK, None),
        FormAge::TooYoung => return mend("too_young"),
        FormAge::TooOld => return mend("too_old"),
        FormAge::Good => {}
    }
    if filled.email.trim().is_empty() {
        return mend("missing");
    }
    let Ok(address) = filled.email.parse::<Address>() else { return mend("wrong") };
    let applicant = Applicant { address, words, form_version: Arc::clone(&words.version), source };
    match desk.take(app, applicant).await {
        Ok(()) => words.sent(app),
        Err(NotTaken) => turned_away(app, words),
    }
}

fn turned_away(app: &App, words: &ShownForm) -> Response {
    let mut response = words.busy(app);
    response.headers_mut().insert(RETRY_AFTER, LATER);
    response
}
