//! The pages as files: templates, words, style and script, all under `config/pages`, and the policy that lets a page load
//! nothing else. A handler names a page and hands over what it tells.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::App;
use crate::config::ShopSettings;
use crate::document::Document;
use crate::finding::Finding;
use crate::template::{Context, Engine, Files, RenderFault};
use crate::text::Language;

/// The most that a page may hold, in bytes: a fault of a template comes to an end.
const LARGEST_PAGE: usize = 500_000;

macro_rules! compiled_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../config/pages/", $name)))),*]
    };
}

/// The templates.
const TEMPLATES: [(&str, &str); 9] = compiled_in![
    "base.html",
    "both.html",
    "confirm.html",
    "join.html",
    "joined.html",
    "list.html",
    "nothing.html",
    "preferences.html",
    "sale.html",
];

/// The style of every page.
const STYLE: &str = include_str!("../../config/pages/style.css");

/// The only script.
const COUNTDOWN: &str = include_str!("../../config/pages/countdown.js");

/// The words of the pages in `language`.
pub(super) fn words(language: Language) -> &'static str {
    match language {
        Language::Fr => include_str!("../../config/pages/fr.toml"),
        Language::En => include_str!("../../config/pages/en.toml"),
    }
}

/// Why there are no pages. What is compiled in has no such fault; tests see to it.
#[derive(Debug, thiserror::Error)]
pub enum PagesFault {
    /// The templates cannot be read.
    #[error("the templates of the pages cannot be read: {0:?}")]
    Templates(Vec<Finding>),
    /// The words of a language cannot be read.
    #[error("config/pages/{0}.toml cannot be read")]
    Words(Language, #[source] toml::de::Error),
    /// A page cannot be written.
    #[error(transparent)]
    Render(#[from] RenderFault),
}

/// Every page, ready to be filled in.
#[derive(Debug)]
pub(super) struct PageSet {
    engine: Engine,
    /// What the pages of each language have in common.
    common: Vec<(Language, Context)>,
    policy: Option<HeaderValue>,
}

/// What every page sees.
#[derive(Serialize)]
struct CommonView<'a> {
    language: Language,
    words: &'a toml::Table,
    languages: &'a [LanguageView],
    shop: &'a ShopSettings,
    /// The path under which the pages are seen from outside, without a final slash.
    base: &'a str,
    style: &'static str,
    countdown: &'static str,
    /// The path of the same page in the other language.
    other: Option<&'a str>,
}

#[derive(Serialize)]
struct LanguageView {
    code: Language,
    words: toml::Table,
}

impl PageSet {
    /// The pages of `shop`, seen from outside below `base`.
    pub(super) fn new(shop: &ShopSettings, base: &str) -> Result<Self, PagesFault> {
        let document = |name: &str, text: &str| Document::new(format!("config/pages/{name}"), text);
        let files: Files = TEMPLATES.iter().map(|(name, text)| ((*name).to_owned(), document(name, text))).collect();
        let engine = Engine::new(files).map_err(PagesFault::Templates)?;
        let read = |language| {
            let words = toml::from_str(words(language)).map_err(|why| PagesFault::Words(language, why))?;
            Ok(LanguageView { code: language, words })
        };
        let languages = Language::ALL.into_iter().map(read).collect::<Result<Vec<_>, PagesFault>>()?;
        let common = |view: &LanguageView| {
            let (language, words) = (view.code, &view.words);
            let (style, countdown) = (STYLE, COUNTDOWN);
            let seen = CommonView { language, words, languages: &languages, shop, base, style, countdown, other: None };
            Ok((language, engine.context(&seen)?))
        };
        let common = languages.iter().map(common).collect::<Result<Vec<_>, PagesFault>>()?;
        Ok(Self { engine, common, policy: policy() })
    }

    /// The page `name` in `language`, telling what is in `view`.
    pub(super) fn render(&self, name: &str, language: Language, view: &impl Serialize) -> Result<String, RenderFault> {
        let common = self.common.iter().find(|(known, _)| *known == language);
        let mut context = common.map(|(_, context)| context.clone()).unwrap_or_default();
        context.extend(self.engine.context(view)?);
        self.engine.render(name, &context, LARGEST_PAGE)
    }
}

/// Our own style and script by their hashes, our own gate, and nothing else from anywhere.
fn policy() -> Option<HeaderValue> {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    HeaderValue::from_str(&format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(COUNTDOWN)
    ))
    .ok()
}

/// The page `name` as an answer.
pub(super) fn respond(
    app: &App,
    status: StatusCode,
    name: &str,
    language: Language,
    view: &impl Serialize,
) -> Response {
    match app.pages.render(name, language, view) {
        Ok(document) => finished(app, status, document),
        Err(fault) => not_written(&fault),
    }
}

/// A document as an answer, with the policy of all pages.
pub(super) fn finished(app: &App, status: StatusCode, document: String) -> Response {
    let mut response = (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], document).into_response();
    if let Some(policy) = app.pages.policy.clone() {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What is answered when a page cannot be written. Its fault names places in templates, never what was filled in.
pub(super) fn not_written(fault: &RenderFault) -> Response {
    tracing::error!(error = %fault, "a page could not be written");
    (StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown.").into_response()
}

/// A page that says the same in every language, because whose link it is, and so which language the person reads, is not
/// known or not looked up. `said` is what the words about `about` call it.
pub(super) fn both(app: &App, status: StatusCode, about: &str, said: PageWords<'_>) -> Response {
    respond(app, status, "both.html", Language::Fr, &BothView { about, said })
}

/// What a page in every language says.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct PageWords<'a> {
    /// Which of the words.
    said: &'a str,
    /// Whether it ends in where to write to.
    contact: bool,
    /// Whether there is a button to press.
    button: bool,
}

impl<'a> PageWords<'a> {
    /// Just the words.
    pub(super) fn plain(said: &'a str) -> Self {
        Self { said, contact: false, button: false }
    }

    /// The words, and where to write to.
    pub(super) fn with_contact(said: &'a str) -> Self {
        Self { contact: true, ..Self::plain(said) }
    }

    /// The words, and a button that sends a form without a field.
    pub(super) fn with_button(said: &'a str) -> Self {
        Self { button: true, ..Self::plain(said) }
    }
}

#[derive(Serialize)]
struct BothView<'a> {
    about: &'a str,
    #[serde(flatten)]
    said: PageWords<'a>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::text::{DisplayName, Line, WebAddress};

    fn pages() -> PageSet {
        let web = |url| WebAddress::parse(url).unwrap();
        let shop = ShopSettings {
            name: DisplayName::parse("Maison <Exemple>").unwrap(),
            legal_name: Line::parse("Exemple SAS").unwrap(),
            postal_address: Line::parse("1 rue de l’Exemple, 75001 Paris").unwrap(),
            contact: Line::parse("contact@example.fr").unwrap(),
            url: web("https://www.example.fr"),
            privacy_url: web("https://www.example.fr/confidentialite"),
        };
        PageSet::new(&shop, "/avant").unwrap()
    }

    fn table(language: Language) -> Value {
        toml::from_str(words(language)).unwrap()
    }

    /// The paths of all texts below `words`, and whether they are empty.
    fn keys(words: &Value, path: &str, found: &mut Vec<String>) {
        match words {
            Value::Object(entries) => {
                entries.iter().for_each(|(key, value)| keys(value, &format!("{path}.{key}"), found))
            }
            Value::Array(items) => items.iter().for_each(|item| keys(item, &format!("{path}[]"), found)),
            other => found.push(format!("{path}{}", if other == "" { " (empty)" } else { "" })),
        }
    }

    #[test]
    fn every_language_says_the_same_things() {
        let of = |language| {
            let mut found = Vec::new();
            keys(&table(language), "", &mut found);
            found
        };
        assert_eq!(of(Language::Fr), of(Language::En));
    }

    #[test]
    fn french_signs_stand_behind_spaces_that_do_not_break() {
        let mut texts = Vec::new();
        let words = table(Language::Fr).to_string();
        for (at, sign) in words.char_indices().filter(|(_, sign)| ":;?!".contains(*sign)) {
            let before = words[..at].chars().next_back().unwrap();
            // A colon after a quotation mark is JSON's.
            if before != '"' && !matches!((sign, before), (':' | ';', '\u{a0}') | ('?' | '!', '\u{202f}')) {
                texts.push(words[..at + sign.len_utf8()].chars().rev().take(20).collect::<String>());
            }
        }
        assert!(texts.is_empty(), "{texts:?}");
    }

    #[test]
    fn everything_that_can_be_said_can_be_written() {
        let pages = pages();
        let words = table(Language::Fr);
        for language in Language::ALL {
            for about in ["confirm", "unsubscribe"] {
                for (said, text) in words[about].as_object().unwrap() {
                    let said = PageWords { said, contact: true, button: text.get("button").is_some() };
                    let page = pages.render("both.html", language, &BothView { about, said }).unwrap();
                    assert_eq!(page.matches("contact@example.fr").count(), 3, "{page}");
                    assert!(page.contains("Maison &lt;Exemple&gt;"), "{page}");
                }
            }
            for said in ["unknown", "failed"] {
                let said = PageWords::with_contact(said);
                pages.render("both.html", language, &BothView { about: "preferences", said }).unwrap();
            }
            for why in words["nothing"].as_object().unwrap().keys() {
                pages.render("nothing.html", language, &json!({ "why": why })).unwrap();
            }
            for said in ["sent", "busy"] {
                pages.render("joined.html", language, &json!({ "said": said, "other": null })).unwrap();
            }
            let invitation = json!({ "title": "t", "lead": "l", "statement": "s", "button": "b", "notice": ["n"] });
            for trouble in words["join"]["troubles"].as_object().unwrap().keys() {
                let view =
                    json!({ "invitation": invitation, "email": "x", "source": "", "time": "", "trouble": trouble });
                assert!(pages.render("join.html", language, &view).unwrap().contains("aria-invalid"));
            }
        }
    }

    #[test]
    fn a_page_loads_nothing_from_elsewhere() {
        for (name, text) in TEMPLATES {
            for word in [" src=", " style=", "@import", "url(", "onclick", "http-equiv=\"Content"] {
                assert!(!text.contains(word), "{name} holds `{word}`");
            }
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
