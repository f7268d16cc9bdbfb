//! Our own form: one field, and one answer to all who send it in.
//!
//! Nothing that was not taken is answered as if it had been: a shop's script that sends its form to us must not tell people
//! that they are done.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use super::desk::{Applicant, Desk};
use super::page::{FormState, ShownForm};
use crate::http::App;
use crate::http::form_fields::fields;
use crate::member::{AddressError, FormAge, FormTime, Mistyped, typed_address};

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
    /// `None` when nothing of the form is in `body`: then it was sent in some other way than forms are.
    fn read(body: &[u8]) -> Option<Self> {
        let mut filled = Self::default();
        let mut known = body.trim_ascii().is_empty();
        for (name, value) in fields(body) {
            let field = match name.as_str() {
                "email" => &mut filled.email,
                "source" => &mut filled.source,
                "time" => &mut filled.time,
                "site" => &mut filled.trap,
                _ => continue,
            };
            *field = value;
            known = true;
        }
        known.then_some(filled)
    }
}

/// The form. A time that is not one of ours is the present.
fn show(app: &App, words: &ShownForm, status: StatusCode, shown: FormState<'_>) -> Response {
    if !shown.time.is_empty() {
        return words.page(app, status, shown);
    }
    let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
    words.page(app, status, FormState { time: &time, ..shown })
}

async fn answer(app: &App, desk: &Desk, words: &ShownForm, body: Result<Bytes, BytesRejection>) -> Response {
    let unread = |status, trouble| {
        show(app, words, status, FormState { source: HERE, trouble: Some(trouble), ..FormState::default() })
    };
    let body = match body {
        Ok(body) => body,
        Err(refused) => return unread(refused.status(), "too_long"),
    };
    let Some(filled) = Filled::read(&body) else {
        return unread(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unreadable");
    };
    let source = desk.source(&filled.source).unwrap_or(HERE);
    let address = typed_address(&filled.email);
    let typed = FormState { email: filled.email.trim(), source, ..FormState::default() };
    if !filled.trap.is_empty() {
        // What is no address is no business of the page that a program gets to see.
        return words.sent(app, FormState { email: if address.is_ok() { typed.email } else { "" }, ..typed });
    }
    let age = FormTime::age(&app.keyring, &filled.time, app.clock.now());
    // Whoever pressed too soon has waited when the button is pressed again.
    let kept = matches!(age, FormAge::Good | FormAge::TooYoung).then_some(filled.time.as_str());
    let typed = FormState { time: kept.unwrap_or_default(), ..typed };
    let mend = |trouble, sign| show(app, words, StatusCode::UNPROCESSABLE_ENTITY, FormState { trouble, sign, ..typed });
    match age {
        // A form of the shop's own leads here: whoever signs up has to see our words first.
        FormAge::Unknown if filled.time.is_empty() && !typed.email.is_empty() => return mend(None, None),
        FormAge::Unknown if filled.time.is_empty() => return mend(Some("missing"), None),
        FormAge::Unknown => return mend(Some("altered"), None),
        FormAge::TooYoung => return mend(Some("too_young"), None),
        FormAge::TooOld => return mend(Some("too_old"), None),
        FormAge::Good => {}
    }
    let address = match address {
        Ok(address) => address,
        Err(Mistyped { why: AddressError::Empty, .. }) => return mend(Some("missing"), None),
        Err(Mistyped { why: AddressError::NoAt, .. }) => return mend(Some("no_at"), None),
        Err(Mistyped { sign: Some(sign), .. }) => return mend(Some("sign"), Some(sign)),
        Err(Mistyped { .. }) => return mend(Some("wrong"), None),
    };
    let applicant = Applicant { address, words, form_version: Arc::clone(&words.version), source };
    match desk.take(app, applicant).await {
        Ok(()) => words.sent(app, typed),
        Err(not_taken) => words.busy(app, typed, not_taken),
    }
}
