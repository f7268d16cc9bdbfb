//! Signing up: a form, and one answer to all who send it in.
//!
//! The answer never depends on what is known of an address: the sign-up is put in, and whether a letter goes out is decided
//! later, by who sends the letters. Nothing is known of who asks; programs are told from people by a field that people do
//! not see and by the time that the form was open, and a flood by how much comes in at all.

mod limits;
mod page;
mod register;
pub(super) mod words;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use super::{App, layout, unsubscribe};
use crate::config::JoinSettings;
use crate::member::{Address, FormAge, FormTime, Invitation, Language, SignUp};
use limits::Rates;
use page::FormState;
use register::{NotTaken, Register, RegisterParts};
use words::Words;

/// Where a form is that does not say so, or says something else than the shop's forms.
const HERE: &str = "join";

/// Seconds after which somebody who was turned away may try again.
const LATER: HeaderValue = HeaderValue::from_static("300");

/// The routes of the form; none when nobody may sign up here.
pub(super) fn routes(app: &App) -> Router<App> {
    let Some(settings) = app.sign_ups.join.clone() else { return Router::new() };
    let join = Arc::new(JoinForm::new(app, settings));
    let form = |language| {
        get(async move |State(app): State<App>, Extension(join): Extension<Arc<JoinForm>>| {
            join.show(&app, language, StatusCode::OK, FormState { source: HERE, ..FormState::default() })
        })
        .post(
            async move |State(app): State<App>,
                        Extension(join): Extension<Arc<JoinForm>>,
                        body: Result<Bytes, BytesRejection>| { join.answer(&app, language, body).await },
        )
    };
    Router::new()
        .route("/join", form(Language::Fr))
        .route("/fr/join", form(Language::Fr))
        .route("/en/join", form(Language::En))
        .layer(Extension(join))
        .layer(map_response(unsubscribe::private))
}

/// What the form is answered with.
struct JoinForm {
    settings: JoinSettings,
    offers: Vec<ShownForm>,
    limits: Mutex<Rates>,
    register: Register,
}

/// The form in one language.
struct ShownForm {
    language: Language,
    invitation: Invitation,
    text: Arc<str>,
    version: Arc<str>,
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
        let offer = |(language, invitation): (&Language, &Invitation)| ShownForm {
            language: *language,
            text: invitation.text().into(),
            version: page::version(app, *language, invitation).into(),
            invitation: invitation.clone(),
        };
        let parts = RegisterParts {
            store: app.store.clone(),
            clock: app.clock.clone(),
            terms: app.sign_ups.terms.clone(),
            wakeup: Arc::clone(&app.wakeup),
        };
        Self {
            offers: settings.invitations.iter().map(offer).collect(),
            limits: Mutex::new(Rates::new(settings.per_hour, settings.per_domain_hour)),
            register: Register::start(parts),
            settings,
        }
    }

    fn offer(&self, language: Language) -> Option<&ShownForm> {
        self.offers.iter().find(|offer| offer.language == language)
    }

    /// The form, with the present time in it.
    fn show(&self, app: &App, language: Language, status: StatusCode, shown: FormState<'_>) -> Response {
        let time = FormTime::at(app.clock.now()).to_text(&app.keyring);
        let shown = FormState { time: &time, ..shown };
        match self.offer(language) {
            Some(offer) => layout::respond(status, page::form(app, language, &offer.invitation, shown)),
            None => turned_away(app, language),
        }
    }

    async fn answer(&self, app: &App, language: Language, body: Result<Bytes, BytesRejection>) -> Response {
        let words = Words::of(language);
        let body = match body {
            Ok(body) => body,
            Err(refused) => {
                let shown = FormState { source: HERE, trouble: Some(words.too_long), ..FormState::default() };
                return self.show(app, language, refused.status(), shown);
            }
        };
        let filled = Filled::read(&body);
        if !filled.trap.is_empty() {
            return sent(app, language);
        }
        let source = self.source(&filled.source);
        let again = |status, trouble| {
            self.show(
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
            FormAge::TooYoung => return mend(words.too_young),
            FormAge::TooOld => return mend(words.too_old),
            FormAge::Good => {}
        }
        if filled.email.trim().is_empty() {
            return mend(words.missing);
        }
        let Ok(address) = filled.email.parse::<Address>() else { return mend(words.wrong) };
        let admitted =
            self.limits.lock().unwrap_or_else(PoisonError::into_inner).admit(address.domain(), app.clock.now());
        let Some(sign_up) = self.sign_up(address, language, source).filter(|_| admitted) else {
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

    /// The sign-up, unless the system has no random numbers.
    fn sign_up(&self, address: Address, language: Language, source: &str) -> Option<SignUp> {
        let offer = self.offer(language)?;
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
}

fn sent(app: &App, language: Language) -> Response {
    layout::respond(StatusCode::OK, page::sent(app, language))
}

fn turned_away(app: &App, language: Language) -> Response {
    let mut response = layout::respond(StatusCode::SERVICE_UNAVAILABLE, page::busy(app, language));
    response.headers_mut().insert(RETRY_AFTER, LATER);
    response
}
