//! The form, as it is shown: one field, the sentence that its button stands for, and what becomes of the address.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::http::App;
use crate::http::layout::{self, PageSet};
use crate::keys::Sha256Digest;
use crate::member::Invitation;
use crate::template::RenderFault;
use crate::text::Language;

/// What differs from one showing of the form to the next.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct FormState<'a> {
    /// What is in the field.
    pub(super) email: &'a str,
    /// Where the form is.
    pub(super) source: &'a str,
    /// When it is shown, authenticated.
    pub(super) time: &'a str,
    /// What is to be mended: one of the pages' words.
    pub(super) trouble: Option<&'static str>,
}

/// The form in one language.
#[derive(Debug)]
pub(in crate::http) struct ShownForm {
    pub(super) language: Language,
    pub(super) text: Arc<str>,
    /// What the text is known by.
    pub(super) digest: Sha256Digest,
    /// The version of the form: of the program, and of the page as it shows it.
    pub(super) version: Arc<str>,
    pub(super) invitation: Invitation,
    /// The path of the form in the other language.
    other: String,
    /// The pages that answer, written once, so that a flood costs no more than it must.
    sent: String,
    busy: String,
}

#[derive(Serialize)]
struct FormView<'a> {
    invitation: &'a Invitation,
    other: &'a str,
    #[serde(flatten)]
    state: FormState<'a>,
}

impl ShownForm {
    /// The form that shows `invitation`, below `base`.
    pub(in crate::http) fn new(
        pages: &PageSet,
        base: &str,
        language: Language,
        invitation: &Invitation,
    ) -> Result<Self, RenderFault> {
        let other = match language {
            Language::Fr => format!("{base}/en/join"),
            Language::En => format!("{base}/join"),
        };
        let view = FormView { invitation, other: &other, state: FormState::default() };
        let digest = Sha256Digest::of(pages.render("join.html", language, &view)?.as_bytes()).to_string();
        let version = format!("carillon {}, page {}", env!("CARGO_PKG_VERSION"), digest.get(..16).unwrap_or(&digest));
        let text = invitation.text();
        let answer = |said| pages.render("joined.html", language, &json!({ "said": said, "other": other }));
        let (sent, busy) = (answer("sent")?, answer("busy")?);
        Ok(Self {
            language,
            digest: Sha256Digest::of(text.as_bytes()),
            text: text.into(),
            version: version.into(),
            invitation: invitation.clone(),
            other,
            sent,
            busy,
        })
    }

    /// The answer to what was taken: the same for every address.
    pub(super) fn sent(&self, app: &App) -> Response {
        layout::finished(app, StatusCode::OK, self.sent.clone())
    }

    /// The answer when there is no room.
    pub(super) fn busy(&self, app: &App) -> Response {
        layout::finished(app, StatusCode::SERVICE_UNAVAILABLE, self.busy.clone())
    }

    /// The page with the form.
    pub(super) fn page(&self, app: &App, status: StatusCode, state: FormState<'_>) -> Response {
        let view = FormView { invitation: &self.invitation, other: &self.other, state };
        layout::respond(app, status, "join.html", self.language, &view)
    }
}
