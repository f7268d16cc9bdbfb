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
use super::desk::{self, Applicant, Desk};
use super::page::{self, FormState};
use super::register::NotTaken;
use crate::http::App;
use crate::member::{Address, FormAge, FormTime};
use crate::text::Language;

/// Where a form is that does not say so, or says something else than the shop's forms.
const HERE: &str = "join";

/// The form in `language`.
pub(super) fn methods(language: Language) -> MethodRouter<App> {
    get(async move |State(app): State<App>| {
        show(&app, language, StatusCode::OK, FormState { source: HERE, ..FormState::default() })
    })
    .post(
        async move |State(app): State<App>,
                    Extension(desk): Extension<Arc<Desk>>,
                    body: Result<Bytes, BytesRejection>| { answer(&app, &desk, language, body).await },
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
fn show(app: &App, language: Language, status: StatusCode, shown: FormState<'_>) -> Response {
    let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
    let shown = FormState { time: &time, ..shown };
    match desk::in_language(app, language) {
        Some(words) => words.page(app, status, shown),
        None => turned_away(app, language),
    }
}

async fn answer(app: &App, desk: &Desk, language: Language, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) => {
            let shown = FormState { source: HERE, trouble: Some("too_long"), ..FormState::default() };
            return show(app, language, refused.status(), shown);
        }
    };
    let filled = Filled::read(&body);
    if !filled.trap.is_empty() {
        return sent(app, language);
    }
    let source = desk.source(&filled.source).unwrap_or(HERE);
    let again = |status, trouble| {
        let shown = FormState { email: &filled.email, source, trouble, ..FormState::default() };
        show(app, language, status, shown)
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
    let Some(words) = desk::in_language(app, language) else { return turned_away(app, language) };
    let applicant = Applicant { address, words, form_version: Arc::clone(&words.version), source };
    match desk.take(app, applicant).await {
        Ok(()) => sent(app, language),
        Err(NotTaken) => turned_away(app, language),
    }
}

fn sent(app: &App, language: Language) -> Response {
    page::answer(app, StatusCode::OK, language, "sent")
}

fn turned_away(app: &App, language: Language) -> Response {
    let mut response = page::answer(app, StatusCode::SERVICE_UNAVAILABLE, language, "busy");
    response.headers_mut().insert(RETRY_AFTER, LATER);
    response
}
