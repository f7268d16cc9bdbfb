//! Where the form and the endpoint for shops hand a sign-up in: how much is taken at all, which names of forms are kept, and
//! the way to the store. Neither learns here whom the store knows.

use std::sync::{Arc, Mutex, PoisonError};

use super::limits::Rates;
use super::page::ShownForm;
use super::register::{NotTaken, Register, RegisterParts};
use super::turned_away::Tally;
use crate::config::JoinSettings;
use crate::http::App;
use crate::keys::Sha256Digest;
use crate::member::{Address, SignUp};
use crate::text::InterfaceLanguage;

/// What takes sign-ups.
pub(super) struct Desk {
    settings: JoinSettings,
    limits: Mutex<Rates>,
    register: Register,
    turned_away: Tally,
}

/// Somebody who asks to be written to, and what was shown to that person.
pub(super) struct Applicant<'a> {
    /// The address that was typed.
    pub(super) address: Address,
    /// The words that were shown.
    pub(super) words: &'a ShownForm,
    /// The version of the page that showed them.
    pub(super) form_version: Arc<str>,
    /// Where the page is.
    pub(super) source: &'a str,
}

impl Desk {
    pub(super) fn new(app: &App, settings: JoinSettings) -> Self {
        let parts = RegisterParts {
            store: app.store.clone(),
            clock: app.clock.clone(),
            terms: app.sign_ups.terms.clone(),
            wakeup: Arc::clone(&app.wakeup),
        };
        Self {
            limits: Mutex::new(Rates::new(settings.per_hour, settings.per_domain_hour)),
            turned_away: Tally::start(parts.clone()),
            register: Register::start(parts),
            settings,
        }
    }

    /// Takes the sign-up: when this is `Ok`, it is on disk. Otherwise there is no room, or no random number, or no store, and
    /// it is counted.
    pub(super) async fn take(&self, app: &App, applicant: Applicant<'_>) -> Result<(), NotTaken> {
        let taken = self.try_to_take(app, applicant).await;
        taken.inspect_err(|_| self.turned_away.one_more())
    }

    async fn try_to_take(&self, app: &App, applicant: Applicant<'_>) -> Result<(), NotTaken> {
        let (domain, now) = (applicant.address.domain(), app.clock.now());
        let admitted = self.limits.lock().unwrap_or_else(PoisonError::into_inner).admit(domain, now);
        admitted.map_err(|again_in| NotTaken { again_in })?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| NotTaken::FOR_NOW)?;
        let sign_up = SignUp {
            address: applicant.address,
            language: applicant.words.language.into(),
            text: Arc::clone(&applicant.words.text),
            form_version: applicant.form_version,
            source: applicant.source.to_owned(),
            nonce,
        };
        self.register.take(sign_up).await
    }

    /// Where a form is, as far as it is one that the shop named: nothing that somebody made up gets into the ledger.
    pub(super) fn source(&self, named: &str) -> Option<&str> {
        self.settings.sources.iter().find(|source| *source == named).map(String::as_str)
    }

    /// Whether pages of `origin` may call the endpoint from a browser.
    pub(super) fn lets_in(&self, origin: &str) -> bool {
        self.settings.origins.iter().any(|known| known == origin)
    }

    /// Whether any page of another origin may.
    pub(super) fn has_origins(&self) -> bool {
        !self.settings.origins.is_empty()
    }
}

/// The words in `language`.
pub(super) fn in_language(app: &App, language: InterfaceLanguage) -> Option<Arc<ShownForm>> {
    app.sign_ups.forms.iter().find(|form| form.language == language).cloned()
}

/// The words whose digest is `wording`, while they are the ones that are shown.
pub(super) fn by_digest<'a>(app: &'a App, wording: &Sha256Digest) -> Option<&'a ShownForm> {
    app.sign_ups.forms.iter().map(|form| &**form).find(|form| form.digest == *wording)
}
