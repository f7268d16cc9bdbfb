//! Signing up: a form, and one answer to all who send it in.
//!
//! The answer never depends on what is known of an address: the sign-up is put in, and whether a letter goes out is decided
//! later, by who sends the letters. Nothing is known of who asks; programs are told from people by a field that people do
//! not see and by the time that the form was open, and a flood by how much comes in at all.

mod limits;
pub(super) mod page;
mod register;

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::routes::Routes;
use super::{App, unsubscribe};
use crate::config::JoinSettings;
use crate::member::{Address, FormAge, FormTime, SignUp};
use crate::text::Language;
use limits::Rates;
use page::{FormState, ShownForm};
use register::{NotTaken, Register, RegisterParts};

/// Where a form is that does not say so, or says something else than the shop's forms.
const HERE: &str = "join";

/// Seconds after which somebody who was turned away may try again.
const LATER: HeaderValue = HeaderValue::from_static("300");

/// The routes of the form; none when nobody may sign up here.
pub(super) fn routes(app: &App) -> Routes {
    let Some(settings) = app.sign_ups.join.clone() else { return Routes::none() };
    let join = Arc::new(JoinForm::new(app, settings));
    let form = |language| {
        get(async move |State(app): State<App>| {
            JoinForm::show(&app, language, StatusCode::OK, FormState { source: HERE, ..FormState::default() })
        })
        .post(
            async move |State(app): State<App>,
                        Extension(join): Extension<Arc<JoinForm>>,
                        body: Result<Bytes, BytesRejection>| { join.answer(&app, language, body).await },
        )
    };
    Routes::none()
        .at("/join", form(Language::Fr))
        .at("/fr/join", form(Language::Fr))
        .at("/en/join", form(Language::En))
        .with(|router| router.layer(Extension(join)))
        .answered(unsubscribe::private)
}

/// What the form is answered with.
struct JoinForm {
    settings: JoinSettings,
    limits: Mutex<Rates>,
    register: Register,
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

impl JoinForm {
    fn new(app: &App, settings: JoinSettings) -> Self {
        let parts = RegisterParts {
            store: app.store.clone(),
            clock: app.clock.clone(),
            terms: app.sign_ups.terms.clone(),
            wakeup: Arc::clone(&app.wakeup),
        };
        Self {
            limits: Mutex::new(Rates::new(settings.per_hour, settings.per_domain_hour)),
            register: Register::start(parts),
            settings,
        }
    }

    /// The form, with the present time in it.
    fn show(app: &App, language: Language, status: StatusCode, shown: FormState<'_>) -> Response {
        let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
        let shown = FormState { time: &time, ..shown };
        match offer(app, language) {
            Some(offer) => offer.page(app, status, shown),
            None => turned_away(app, language),
        }
    }

    async fn answer(&self, app: &App, language: Language, body: Result<Bytes, BytesRejection>) -> Response {
        let body = match body {
            Ok(body) => body,
            Err(refused) => {
                let shown = FormState { source: HERE, trouble: Some("too_long"), ..FormState::default() };
                return Self::show(app, language, refused.status(), shown);
            }
        };
        let filled = Filled::read(&body);
        if !filled.trap.is_empty() {
            return sent(app, language);
        }
        let source = self.source(&filled.source);
        let again = |status, trouble| {
            Self::show(
                app,
                language,
                status,
                FormState { email: &filled.email, source, trouble, ..FormState::default() },
            )
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
        let admitted =
            self.limits.lock().unwrap_or_else(PoisonError::into_inner).admit(address.domain(), app.clock.now());
        let Some(sign_up) = sign_up(app, address, language, source).filter(|_| admitted) else {
            return turned_away(app, language);
        };
        match self.register.take(sign_up).await {
            Ok(()) => sent(app, language),
            Err(NotTaken) => turned_away(app, language),
        }
    }

    /// Where the form is, as far as it is one that the shop named: nothing that somebody made up gets into the ledger.
    fn source<'a>(&'a self, named: &str) -> &'a str {
        self.settings.sources.iter().find(|source| *source == named).map_or(HERE, String::as_str)
    }
}

/// The form in `language`.
fn offer(app: &App, language: Language) -> Option<&ShownForm> {
    app.sign_ups.forms.iter().find(|offer| offer.language == language)
}

/// The sign-up, unless the system has no random numbers.
fn sign_up(app: &App, address: Address, language: Language, source: &str) -> Option<SignUp> {
    let offer = offer(app, language)?;
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).ok()?;
    Some(SignUp {
        address,
        language,
        text: Arc::clone(&offer.text),
        form_version: Arc::clone(&offer.version),
        source: source.to_owned(),
        nonce,
    })
}

fn sent(app: &App, language: Language) -> Response {
    page::answer(app, StatusCode::OK, language, "sent")
}

fn turned_away(app: &App, language: Language) -> Response {
    let mut response = page::answer(app, StatusCode::SERVICE_UNAVAILABLE, language, "busy");
    response.headers_mut().insert(RETRY_AFTER, LATER);
    response
}
