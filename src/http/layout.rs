//! The pages as files: templates, words, style and script, all under `config/pages`, and the policy that lets a page load
//! nothing else. A handler names a page and hands over what it tells.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::join::form_path;
use super::ready::Ready;
use super::{App, page_check};
use crate::config::{Settings, ShopSettings};
use crate::document::Document;
use crate::finding::{Finding, in_lines};
use crate::phrase;
use crate::template::folder::{self, Loaded};
use crate::template::{Context, Engine, Files, RenderFault, with_extension};
use crate::text::InterfaceLanguage;

/// The most that a page may hold, in bytes: a fault of a template comes to an end.
const LARGEST_PAGE: usize = 500_000;

macro_rules! compiled_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../config/pages/", $name)))),*]
    };
}

/// The files that the program brings along.
const BUILT_IN: [(&str, &str); 14] = compiled_in![
    "base.html",
    "both.html",
    "confirm.html",
    "countdown.js",
    "en.toml",
    "fr.toml",
    "join.html",
    "joined.html",
    "list.html",
    "nothing.html",
    "preferences.html",
    "renew.html",
    "sale.html",
    "style.css",
];

/// The style of every page.
const STYLE: &str = "style.css";

/// The only script.
const COUNTDOWN: &str = "countdown.js";

fn built_in() -> Files {
    let document = |name: &str, text: &str| Document::new(format!("config/pages/{name}"), text);
    BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), document(name, text))).collect()
}

/// Why there are no pages. What is compiled in has no such fault; tests see to it.
#[derive(Debug, thiserror::Error)]
pub enum PagesFault {
    /// The files cannot be used.
    #[error("{}", in_lines(.0))]
    Files(Vec<Finding>),
    /// A page cannot be written.
    #[error(transparent)]
    Render(#[from] RenderFault),
}

/// Every page, ready to be filled in.
#[derive(Debug)]
pub(super) struct PageSet {
    engine: Engine,
    /// What the pages of each language have in common.
    common: Vec<(InterfaceLanguage, Context)>,
    words: Vec<(InterfaceLanguage, toml::Table)>,
    policy: Option<HeaderValue>,
}

/// What every page sees.
#[derive(Serialize)]
struct CommonView<'a> {
    language: InterfaceLanguage,
    words: &'a toml::Table,
    languages: &'a [LanguageView],
    shop: &'a ShopSettings,
    /// The path under which the pages are seen from outside, without a final slash.
    base: &'a str,
    style: &'a str,
    countdown: &'a str,
    /// The path of the same page in the other language.
    other: Option<&'a str>,
}

#[derive(Serialize)]
struct LanguageView {
    code: InterfaceLanguage,
    words: toml::Table,
}

/// The files of an operator's `folder` that stand in for those of the pages and say something to people.
///
/// # Errors
/// Each file that cannot be read, or is none of the pages.
pub fn own_pages(folder: &Path) -> Result<Vec<Document>, Vec<Finding>> {
    let (Loaded { mut files, own, .. }, findings) = folder::over(built_in(), folder, &phrase!("page-file-names"));
    if !findings.is_empty() {
        return Err(findings);
    }
    let says = |name: &&String| [".html", ".toml"].iter().any(|end| name.ends_with(end));
    Ok(own.iter().filter(says).filter_map(|name| files.remove(name)).collect())
}

/// What is wrong in the files of `[public] pages`, as a daemon would refuse them.
///
/// # Errors
/// When a page of ours cannot be written.
pub fn unusable_pages(settings: &Settings) -> Result<Vec<Finding>, PagesFault> {
    match PageSet::new(&settings.shop, settings.public.url.path(), settings.public.pages.as_deref()) {
        Ok(_) => Ok(Vec::new()),
        Err(PagesFault::Files(findings)) => Ok(findings),
        Err(fault) => Err(fault),
    }
}

impl PageSet {
    /// The pages of `shop`, seen from outside below `base`; with the files of `folder` in the place of ours.
    ///
    /// # Errors
    /// Everything that is wrong with the folder, with file and line. Then nothing of it is used.
    pub(super) fn new(shop: &ShopSettings, base: &str, folder: Option<&Path>) -> Result<Self, PagesFault> {
        let Some(folder) = folder else { return Self::of(&built_in(), shop, base) };
        let (Loaded { files, notes, .. }, mut findings) = folder::over(built_in(), folder, &phrase!("page-file-names"));
        for note in notes {
            tracing::info!(place = %note.place, "{}", note.message);
        }
        findings.extend(page_check::words(&files, &built_in()));
        if !findings.is_empty() {
            return Err(PagesFault::Files(findings));
        }
        let pages = Self::of(&files, shop, base)?;
        let findings = page_check::pages(&pages);
        if findings.is_empty() { Ok(pages) } else { Err(PagesFault::Files(findings)) }
    }

    fn of(files: &Files, shop: &ShopSettings, base: &str) -> Result<Self, PagesFault> {
        let text = |name: &str| files.get(name).map_or("", |document| &document.text);
        let templates =
            with_extension(files, "html").map(|(name, document)| (name.clone(), document.clone())).collect();
        let engine = Engine::new(templates).map_err(PagesFault::Files)?;
        let languages = InterfaceLanguage::ALL.map(|language| LanguageView {
            code: language,
            // What is no table has been refused before.
            words: toml::from_str(text(&format!("{language}.toml"))).unwrap_or_default(),
        });
        let style = shop.brand.style() + text(STYLE);
        let (style, countdown) = (style.as_str(), text(COUNTDOWN));
        let common = |view: &LanguageView| {
            let (language, words) = (view.code, &view.words);
            let seen = CommonView { language, words, languages: &languages, shop, base, style, countdown, other: None };
            Ok((language, engine.context(&seen)?))
        };
        let common = languages.iter().map(common).collect::<Result<Vec<_>, PagesFault>>()?;
        let policy = policy(style, countdown);
        let words = languages.into_iter().map(|view| (view.code, view.words)).collect();
        Ok(Self { engine, common, words, policy })
    }

    /// The words in `language` at this path of tables. Empty where there are none, which is refused when the pages are read.
    pub(super) fn words_at(&self, language: InterfaceLanguage, path: &[&str]) -> &str {
        let mut tables = self.words.iter().filter(|(code, _)| *code == language).map(|(_, words)| words);
        let (Some(words), Some((first, rest))) = (tables.next(), path.split_first()) else { return "" };
        let found = words.get(*first).and_then(|first| rest.iter().try_fold(first, |found, key| found.get(key)));
        found.and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// The page `name` in `language`, telling what is in `view`.
    pub(super) fn render(
        &self,
        name: &str,
        language: InterfaceLanguage,
        view: &impl Serialize,
    ) -> Result<String, RenderFault> {
        let common = self.common.iter().find(|(known, _)| *known == language);
        let mut context = common.map(|(_, context)| context.clone()).unwrap_or_default();
        context.extend(self.engine.context(view)?);
        self.engine.render(name, &context, LARGEST_PAGE)
    }
}

/// The style and the script of the pages by their hashes, our own gate, and nothing else from anywhere.
fn policy(style: &str, countdown: &str) -> Option<HeaderValue> {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    HeaderValue::from_str(&format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        hash(style),
        hash(countdown)
    ))
    .ok()
}

/// The page `name` as an answer.
pub(super) fn respond(
    app: &App,
    status: StatusCode,
    name: &str,
    language: InterfaceLanguage,
    view: &impl Serialize,
) -> Response {
    match app.pages.render(name, language, view) {
        Ok(document) => finished(app, status, document),
        Err(fault) => not_written(&fault),
    }
}

/// A document that is kept ready, with the policy of all pages.
pub(super) fn ready(app: &App, document: String) -> Ready {
    let policy = app.pages.policy.clone().map(|policy| (CONTENT_SECURITY_POLICY, policy));
    Ready::new("text/html; charset=utf-8", document).with(policy)
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
    respond(app, status, "both.html", InterfaceLanguage::Fr, &BothView::new(app, about, said, None))
}

/// The same page in the one language of a person who is known.
pub(super) fn one(
    app: &App,
    status: StatusCode,
    about: &str,
    said: PageWords<'_>,
    language: InterfaceLanguage,
) -> Response {
    respond(app, status, "both.html", language, &BothView::new(app, about, said, Some(language)))
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
    /// Whether it says first that nothing was done, because the request did not say what is wanted.
    unread: bool,
}

impl<'a> PageWords<'a> {
    /// Just the words.
    pub(super) fn plain(said: &'a str) -> Self {
        Self { said, contact: false, button: false, unread: false }
    }

    /// The words, and where to write to.
    pub(super) fn with_contact(said: &'a str) -> Self {
        Self { contact: true, ..Self::plain(said) }
    }

    /// The words, and a button that sends a form without a field.
    pub(super) fn with_button(said: &'a str) -> Self {
        Self { button: true, ..Self::plain(said) }
    }

    /// The same, for a request that did not say what is wanted.
    pub(super) fn with_button_unread(said: &'a str) -> Self {
        Self { unread: true, ..Self::with_button(said) }
    }
}

#[derive(Serialize)]
struct BothView<'a> {
    about: &'a str,
    /// The only language in which it is said.
    only: Option<InterfaceLanguage>,
    /// The form to sign up in each language, where the page leads there.
    forms: Option<BTreeMap<InterfaceLanguage, String>>,
    #[serde(flatten)]
    said: PageWords<'a>,
}

impl<'a> BothView<'a> {
    fn new(app: &App, about: &'a str, said: PageWords<'a>, only: Option<InterfaceLanguage>) -> Self {
        // Whose link is of no use any more can sign up anew.
        let leads_there = ["confirm", "renew"].contains(&about) && ["unknown", "ended"].contains(&said.said);
        let forms = InterfaceLanguage::ALL.map(|language| Some((language, form_path(app, language)?)));
        let forms: Option<BTreeMap<InterfaceLanguage, String>> = forms.into_iter().filter(|_| leads_there).collect();
        Self { about, only, forms: forms.filter(|forms| !forms.is_empty()), said }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::brand::Brand;
    use crate::text::{DisplayName, Line, WebAddress};

    fn load(folder: Option<&Path>) -> Result<PageSet, PagesFault> {
        let web = |url| WebAddress::parse(url).unwrap();
        let shop = ShopSettings {
            name: DisplayName::parse("Maison <Exemple>").unwrap(),
            legal_name: Line::parse("Exemple SAS").unwrap(),
            postal_address: Line::parse("1 rue de l’Exemple, 75001 Paris").unwrap(),
            contact: Line::parse("contact@example.fr").unwrap(),
            url: web("https://www.example.fr"),
            privacy_url: web("https://www.example.fr/confidentialite"),
            language: None,
            brand: Brand::default(),
        };
        PageSet::new(&shop, "/avant", folder)
    }

    /// The words of `language` that the program brings along.
    pub(in crate::http) fn words(language: InterfaceLanguage) -> toml::Table {
        toml::from_str(&built_in()[&format!("{language}.toml")].text).unwrap()
    }

    #[test]
    fn every_language_says_the_same_things() {
        let french = Files::from([("fr.toml".to_owned(), built_in()["fr.toml"].clone())]);
        let english = Files::from([("fr.toml".to_owned(), built_in()["en.toml"].clone())]);
        assert_eq!(page_check::words(&french, &english), []);
    }

    #[test]
    fn french_signs_stand_behind_spaces_that_do_not_break() {
        let mut texts = Vec::new();
        let words = serde_json::to_string(&words(InterfaceLanguage::Fr)).unwrap();
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
        let pages = load(None).unwrap();
        assert_eq!(page_check::pages(&pages), []);
        let mut said = BTreeSet::new();
        for (name, view) in page_check::samples() {
            let page = pages.render(name, InterfaceLanguage::En, &view).unwrap();
            assert!(page.contains("Maison &lt;Exemple&gt;") && !page.contains("<Exemple>"), "{name}: {page}");
            if let (Some(Value::String(about)), Some(Value::String(word))) = (view.get("about"), view.get("said")) {
                said.insert(format!("{about}.{word}"));
            }
        }
        let words = words(InterfaceLanguage::En);
        let titled = |about: &str| {
            let texts = words[about].as_table().unwrap().iter();
            let titled =
                texts.filter(|(_, text)| text.get("text").is_some()).map(|(word, _)| format!("{about}.{word}"));
            titled.collect::<Vec<_>>()
        };
        for word in [titled("confirm"), titled("renew"), titled("unsubscribe")].concat() {
            assert!(said.contains(&word) || word == "confirm.question", "{word}");
        }
    }

    #[test]
    fn a_page_loads_nothing_from_elsewhere() {
        for (name, text) in BUILT_IN {
            for word in ["src=", "srcset="] {
                let ours = format!("{word}\"{{{{ base }}}}/");
                assert_eq!(text.matches(word).count(), text.matches(&ours).count(), "{name} holds `{word}`");
            }
            for word in [" style=", "@import", "url(", "onclick", "http-equiv=\"Content"] {
                assert!(!text.contains(word), "{name} holds `{word}`");
            }
        }
    }

    /// What is said of a folder that holds these files.
    fn with(files: &[(&str, &str)]) -> Result<PageSet, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let shown = folder.path().display().to_string();
        load(Some(folder.path())).map_err(|fault| fault.to_string().replace(&shown, "pages"))
    }

    #[test]
    fn a_file_of_the_shop_stands_in_for_ours() {
        let list = "{% extends \"base.html\" %}{% block main %}<main>{{ sales | length }}</main>{% endblock main %}";
        let pages = with(&[("style.css", "main { color: red }"), ("list.html", list), (".DS_Store", "x")]).unwrap();
        let page = pages.render("list.html", InterfaceLanguage::Fr, &json!({ "sales": [] })).unwrap();
        // The properties of the brand stand before the shop's own style.
        let style = Brand::default().style() + "main { color: red }";
        assert!(page.contains(&format!("<style>{style}</style>")) && page.contains("<main>0</main>"), "{page}");
        let hash = STANDARD.encode(Sha256::digest(&style));
        assert!(pages.policy.unwrap().to_str().unwrap().contains(&format!("style-src 'sha256-{hash}'")));
    }

    #[track_caller]
    fn check(name: &str, text: &str, expected: &[&str]) {
        let said = with(&[(name, text)]).unwrap_err();
        for words in expected {
            assert!(said.contains(words), "`{words}` is not in: {said}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_place() {
        check("lists.html", "", &["pages/lists.html", "no file of the template set", "config/pages"]);
        check("list.html", "<p>\n{{ sales", &["pages/list.html", "correct the template"]);
        check("list.html", "<p>\n{{ sale.tilte }}</p>", &["pages/list.html:2", "correct the template"]);
        let english = built_in()["en.toml"].text.clone();
        check(
            "en.toml",
            &english.replace("privacy ", "privaty "),
            &["pages/en.toml", "`privacy` is missing", "`privaty`"],
        );
        check("en.toml", &english.replace("= \"Privacy\"", "= Privacy"), &["pages/en.toml:", "cannot be read"]);
    }
}
