//! What every page has in common: the document around it, its one style sheet, and the policy that lets it load nothing
//! else.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::html::{Element, Html, el};
use super::words::Words;
use crate::config::ShopSettings;
use crate::member::Language;

/// The style of every page.
const STYLE: &str = include_str!("style.css");

/// The only script: see `countdown.js`.
pub(super) const COUNTDOWN: &str = include_str!("countdown.js");

/// A bell.
const BELL: &str = "<path d=\"M12 2a2 2 0 0 0-2 2v.3A6.5 6.5 0 0 0 5.5 10.5V15L4 17.5V19h16v-1.5L18.5 \
                    15v-4.5A6.5 6.5 0 0 0 14 4.3V4a2 2 0 0 0-2-2zm-2.5 18.5a2.5 2.5 0 0 0 5 0z\"/>";

/// The bell in the tab.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' \
                    fill='%238c2f39'%3E%3Cpath d='M12 2a2 2 0 0 0-2 2v.3A6.5 6.5 0 0 0 5.5 10.5V15L4 \
                    17.5V19h16v-1.5L18.5 15v-4.5A6.5 6.5 0 0 0 14 4.3V4a2 2 0 0 0-2-2zm-2.5 18.5a2.5 2.5 0 0 0 5 \
                    0z'/%3E%3C/svg%3E";

/// Our own style and script by their hashes, our own gate, and nothing else from anywhere.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    HeaderValue::from_str(&format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(COUNTDOWN)
    ))
    .ok()
});

/// One page.
pub(super) struct Page<'a> {
    /// The language of its words.
    pub(super) language: Language,
    /// What the tab says.
    pub(super) title: String,
    /// Further elements of the head.
    pub(super) head: Vec<Element>,
    /// The path of the same page in the other language.
    pub(super) other: Option<String>,
    /// The `main` element.
    pub(super) main: Element,
    /// What else is said at the foot.
    pub(super) remark: Option<&'static str>,
    /// The shop.
    pub(super) shop: &'a ShopSettings,
}

impl Page<'_> {
    /// The whole document.
    pub(super) fn into_document(self) -> String {
        let words = Words::of(self.language);
        let mut page_head = el("head")
            .child(el("meta").attr("charset", "utf-8"))
            .child(el("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1"))
            .child(el("title").text(&format!("{} | {}", self.title, self.shop.name)))
            .child(el("link").attr("rel", "icon").attr("href", ICON))
            .child(el("style").constant(STYLE));
        page_head = page_head.children(self.head);
        let body = el("body").child(top(self.shop, words, self.other.as_deref())).child(self.main).child(foot(
            self.shop,
            words,
            self.remark,
        ));
        Html::from(el("html").attr("lang", self.language.code()).child(page_head).child(body)).into_document()
    }
}

fn top(shop: &ShopSettings, words: &Words, other: Option<&str>) -> Element {
    let bell = el("svg").attr("viewBox", "0 0 24 24").attr("aria-hidden", "true").constant(BELL);
    let name = el("a").attr("class", "shop").attr("href", shop.url.as_str()).child(bell).text(&shop.name);
    let header = el("header").attr("class", "top").child(name);
    let Some(path) = other else { return header };
    let code = words.other_language.code();
    header.child(
        el("a")
            .attr("class", "other")
            .attr("href", path)
            .attr("lang", code)
            .attr("hreflang", code)
            .attr("rel", "alternate")
            .text(words.other_language_name),
    )
}

fn foot(shop: &ShopSettings, words: &Words, remark: Option<&str>) -> Element {
    let privacy = el("a").attr("href", shop.privacy_url.as_str()).text(words.privacy);
    el("footer")
        .attr("class", "foot")
        .children(remark.map(|remark| el("p").text(remark)))
        .child(el("p").text(&shop.legal_name).text(", ").text(&shop.postal_address))
        .child(el("p").text(&shop.contact).text(" · ").child(privacy))
}

/// A document as an answer, with the policy of all pages.
pub(super) fn respond(status: StatusCode, document: String) -> Response {
    let mut response = (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], document).into_response();
    if let Some(policy) = POLICY.clone() {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
