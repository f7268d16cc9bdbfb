//! The form, as it is shown: one field, the sentence that its button stands for, and what becomes of the address.

use crate::http::App;
use crate::http::html::{Element, el};
use crate::http::layout::Page;
use crate::member::{Invitation, Language, Sha256Digest};

use super::words::Words;

/// What differs from one showing of the form to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FormState<'a> {
    /// What is in the field.
    pub(super) email: &'a str,
    /// Where the form is.
    pub(super) source: &'a str,
    /// When it is shown, authenticated.
    pub(super) time: &'a str,
    /// What is to be mended.
    pub(super) trouble: Option<&'a str>,
}

/// The version of the form: of the program, and of the page as it shows it.
pub(super) fn version(app: &App, language: Language, invitation: &Invitation) -> String {
    let digest = Sha256Digest::of(form(app, language, invitation, FormState::default()).as_bytes()).to_string();
    format!("carillon {}, page {}", env!("CARGO_PKG_VERSION"), digest.get(..16).unwrap_or(&digest))
}

/// The page with the form.
pub(super) fn form(app: &App, language: Language, invitation: &Invitation, shown: FormState<'_>) -> String {
    let words = Words::of(language);
    let trouble = shown.trouble.map(|trouble| el("p").attr("class", "trouble").attr("id", "trouble").text(trouble));
    let form = el("form")
        .attr("class", "join")
        .attr("method", "post")
        .children(trouble)
        .child(el("label").attr("for", "email").text(words.label))
        .child(field(shown))
        .child(trap(words))
        .child(hidden("source", shown.source))
        .child(hidden("time", shown.time))
        .child(el("p").attr("class", "statement").attr("id", "statement").text(&invitation.statement))
        .child(el("button").attr("class", "button").attr("aria-describedby", "statement").text(&invitation.button));
    let notice = el("section")
        .attr("class", "notice")
        .attr("aria-labelledby", "notice")
        .child(el("h2").attr("id", "notice").text(words.notice))
        .children(invitation.notice.iter().map(|paragraph| el("p").text(paragraph)));
    let main = el("main")
        .child(el("h1").text(&invitation.title))
        .child(el("p").attr("class", "lead").text(&invitation.lead))
        .child(form)
        .child(notice);
    // A screen reader says the title first.
    let trouble = if shown.trouble.is_some() { words.trouble } else { "" };
    page(app, language, format!("{trouble}{}", invitation.title), main)
}

fn field(shown: FormState<'_>) -> Element {
    let field = el("input")
        .attr("id", "email")
        .attr("name", "email")
        .attr("type", "email")
        .attr("autocomplete", "email")
        .attr("inputmode", "email")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("maxlength", "320")
        .attr("value", shown.email)
        .flag("required");
    match shown.trouble {
        Some(_) => field.attr("aria-invalid", "true").attr("aria-describedby", "trouble").flag("autofocus"),
        None => field,
    }
}

/// A field that no person sees and many programs fill in.
fn trap(words: &Words) -> Element {
    let field = el("input")
        .attr("id", "site")
        .attr("name", "site")
        .attr("type", "text")
        .attr("tabindex", "-1")
        .attr("autocomplete", "off");
    el("div")
        .attr("class", "trap")
        .attr("aria-hidden", "true")
        .child(el("label").attr("for", "site").text(words.trap))
        .child(field)
}

fn hidden(name: &str, value: &str) -> Element {
    el("input").attr("type", "hidden").attr("name", name).attr("value", value)
}

/// The page that answers: the same for every address.
pub(super) fn sent(app: &App, language: Language) -> String {
    let words = Words::of(language);
    let main = el("main")
        .child(el("h1").text(words.sent))
        .child(el("p").attr("class", "lead").text(words.sent_text))
        .child(el("p").attr("class", "note").text(words.sent_note));
    page(app, language, words.sent.to_owned(), main)
}

/// The page when there is no room.
pub(super) fn busy(app: &App, language: Language) -> String {
    let words = Words::of(language);
    let main = el("main").child(el("h1").text(words.busy)).child(el("p").attr("class", "lead").text(words.busy_text));
    page(app, language, words.busy.to_owned(), main)
}

fn page(app: &App, language: Language, title: String, main: Element) -> String {
    let other = match language {
        Language::Fr => format!("{}/en/join", app.base),
        Language::En => format!("{}/join", app.base),
    };
    Page { language, title, head: Vec::new(), other: Some(other), main, remark: None, shop: &app.shop }.into_document()
}
