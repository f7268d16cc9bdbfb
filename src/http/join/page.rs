//! The form, as it is shown: one field, the sentence that its button stands for, and what becomes of the address.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use super::register::NotTaken;
use crate::http::App;
use crate::http::layout::{self, PageSet};
use crate::keys::Sha256Digest;
use crate::member::Invitation;
use crate::template::{RenderFault, escape};
use crate::text::InterfaceLanguage;

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
    /// The sign in the field that does not belong there.
    pub(super) sign: Option<char>,
}

/// A page that is written once, so that a flood costs no more than it must, with marks in the place of what somebody sent in.
#[derive(Debug)]
struct WrittenPage(String);

impl WrittenPage {
    /// Signs for private use, which no keyboard has.
    const MARKS: FormState<'static> = FormState {
        email: "\u{f8f1}email\u{f8f1}",
        source: "\u{f8f1}source\u{f8f1}",
        time: "\u{f8f1}time\u{f8f1}",
        trouble: None,
        sign: None,
    };

    /// The page for what was sent in. What a person typed is filled in last: whatever it holds stays as it is.
    fn of(&self, sent: FormState<'_>) -> String {
        let page = self.0.replace(Self::MARKS.time, sent.time).replace(Self::MARKS.source, sent.source);
        page.replace(Self::MARKS.email, &escape(sent.email))
    }
}

/// The form in one language.
#[derive(Debug)]
pub(in crate::http) struct ShownForm {
    pub(super) language: InterfaceLanguage,
    pub(super) text: Arc<str>,
    /// What the text is known by.
    pub(super) digest: Sha256Digest,
    /// The version of the form: of the program, and of the page as it shows it.
    pub(super) version: Arc<str>,
    pub(super) invitation: Invitation,
    /// The path of the form in the other language.
    other: String,
    sent: WrittenPage,
    busy: WrittenPage,
}

#[derive(Serialize)]
struct FormView<'a> {
    invitation: &'a Invitation,
    other: &'a str,
    #[serde(flatten)]
    state: FormState<'a>,
}

/// The path of the form in `language`, below `base`.
pub(super) fn path(base: &str, language: InterfaceLanguage) -> String {
    match language {
        InterfaceLanguage::Fr => format!("{base}/join"),
        InterfaceLanguage::En => format!("{base}/en/join"),
    }
}

impl ShownForm {
    /// The form that shows `invitation`, below `base`.
    pub(in crate::http) fn new(
        pages: &PageSet,
        base: &str,
        language: InterfaceLanguage,
        invitation: &Invitation,
    ) -> Result<Self, RenderFault> {
        let other = path(base, language.other());
        let form = |state| pages.render("join.html", language, &FormView { invitation, other: &other, state });
        let digest = Sha256Digest::of(form(FormState::default())?.as_bytes()).to_string();
        let version = format!("carillon {}, page {}", env!("CARGO_PKG_VERSION"), digest.get(..16).unwrap_or(&digest));
        let text = invitation.text();
        let marks = WrittenPage::MARKS;
        let answer = json!({ "email": marks.email, "source": marks.source, "other": other });
        let sent = WrittenPage(pages.render("joined.html", language, &answer)?);
        let busy = WrittenPage(form(FormState { trouble: Some("busy"), ..marks })?);
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

    /// The answer to what was taken. Of the address it says what was typed, and so the same whatever is known of it.
    pub(super) fn sent(&self, app: &App, sent: FormState<'_>) -> Response {
        layout::finished(app, StatusCode::OK, self.sent.of(sent))
    }

    /// The answer when there is no room: the form again, with what was typed.
    pub(super) fn busy(&self, app: &App, sent: FormState<'_>, not_taken: NotTaken) -> Response {
        let mut response = layout::finished(app, StatusCode::SERVICE_UNAVAILABLE, self.busy.of(sent));
        response.headers_mut().insert(RETRY_AFTER, not_taken.seconds().into());
        response
    }

    /// The page with the form.
    pub(super) fn page(&self, app: &App, status: StatusCode, state: FormState<'_>) -> Response {
        let view = FormView { invitation: &self.invitation, other: &self.other, state };
        layout::respond(app, status, "join.html", self.language, &view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_what_it_is() {
        let marks = WrittenPage::MARKS;
        let page = WrittenPage(format!("<b>{}</b> {} {}", marks.email, marks.source, marks.time));
        let typed = format!("<a>\"{}", marks.time);
        let sent = FormState { email: &typed, source: "footer", time: "1", ..FormState::default() };
        assert_eq!(page.of(sent), format!("<b>&lt;a&gt;&quot;{}</b> footer 1", marks.time));
    }
}
