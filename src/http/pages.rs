//! The public pages: one per sale, and the list of them. The language is in the path; French is the default. They set
//! and read nothing, and say all that matters without a script.

use axum::Router;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;

use super::cache::{self, Held, PAGE_SECONDS};
use super::html::{Element, el};
use super::layout::{self, Page};
use super::sale::Sale;
use super::segment::Segment;
use super::words::Words;
use super::{App, error, feed};
use crate::db::{StoreError, gates};
use crate::gate::{self, Gate, Phase};
use crate::member::Language;

/// How many sales that are over the list still shows.
const PAST: usize = 3;

/// The routes of the pages.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .route("/fr", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .route("/fr/", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .route("/en", get(async |app: State<App>, held: Held| list(&app, &held, Language::En).await))
        .route("/en/", get(async |app: State<App>, held: Held| list(&app, &held, Language::En).await))
        .route("/campaigns/{name}", get(page_or_feed))
        .route(
            "/fr/campaigns/{slug}",
            get(async |app: State<App>, Segment(slug): Segment, held: Held| {
                sale(&app, &held, slug, Language::Fr).await
            }),
        )
        .route(
            "/en/campaigns/{slug}",
            get(async |app: State<App>, Segment(slug): Segment, held: Held| {
                sale(&app, &held, slug, Language::En).await
            }),
        )
}

/// What is said where there is nothing: a page to people, a problem to a program that looks for a gate. Reads the path of
/// what was asked for, nothing else.
pub(super) async fn nothing_here(State(app): State<App>, asked: Uri) -> Response {
    let path = asked.path();
    if path.starts_with("/gates") {
        return super::gates::nothing_here().await;
    }
    not_found(&app, if path.starts_with("/en/") { Language::En } else { Language::Fr })
}

async fn page_or_feed(State(app): State<App>, Segment(name): Segment, held: Held) -> Response {
    match name.strip_suffix(".ics") {
        Some(slug) => feed::one(&app, &held, slug.to_owned()).await,
        None => sale(&app, &held, name, Language::Fr).await,
    }
}

async fn sale(app: &App, held: &Held, slug: String, language: Language) -> Response {
    let now = app.clock.now();
    let gate = match app.store.read(move |db| gates::find(db, &slug)).await {
        Ok(Some(gate)) => gate,
        Ok(None) => return not_found(app, language),
        Err(error) => return unavailable(app, language, &error),
    };
    let page = Sale { gate: &gate, now, language, shop: &app.shop, base: &app.base }.page();
    kept(held, now, gate::next_change(&gate, now), page)
}

async fn list(app: &App, held: &Held, language: Language) -> Response {
    let now = app.clock.now();
    let gates = match app.store.read(gates::listed).await {
        Ok(gates) => gates,
        Err(error) => return unavailable(app, language, &error),
    };
    let words = Words::of(language);
    let sales: Vec<Element> = shown(&gates, now)
        .into_iter()
        .map(|gate| Sale { gate, now, language, shop: &app.shop, base: &app.base }.entry())
        .collect();
    let mut main = el("main").child(el("h1").text(words.all));
    main = if sales.is_empty() {
        main.child(el("p").attr("class", "lead").text(words.none))
    } else {
        main.child(el("ul").attr("class", "sales").children(sales))
    };
    let other = Some(format!("{}/{}", app.base, words.other_language.code()));
    let page = Page {
        language,
        title: words.all.to_owned(),
        head: Vec::new(),
        other,
        main,
        remark: Some(words.no_trace),
        shop: &app.shop,
    };
    kept(held, now, gates.iter().filter_map(|gate| gate::next_change(gate, now)).min(), page)
}

/// Open sales first, then those to come, then the last few that are over.
fn shown(gates: &[Gate], now: Timestamp) -> Vec<&Gate> {
    let of = |phase| gates.iter().filter(move |gate| gate::phase(gate, now) == phase);
    let mut past: Vec<&Gate> = of(Phase::After).collect();
    past.sort_by_key(|gate| std::cmp::Reverse(gate.ends_at()));
    of(Phase::Open).chain(of(Phase::Before)).chain(past.into_iter().take(PAST)).collect()
}

/// A page that may be kept until the next change.
fn kept(held: &Held, now: Timestamp, change: Option<Timestamp>, page: Page<'_>) -> Response {
    let document = page.into_document();
    // The time of day is in the page for the countdown; it is no reason to send the page again.
    let tag = cache::weak_tag(document.replace(&gate::text(now), "").as_bytes());
    let control = cache::control(now, change, PAGE_SECONDS);
    cache::respond(held, &tag, &control, || layout::respond(StatusCode::OK, document))
}

fn not_found(app: &App, language: Language) -> Response {
    let words = Words::of(language);
    plain(app, language, StatusCode::NOT_FOUND, words.not_found, words.not_found_text)
}

fn unavailable(app: &App, language: Language, error: &StoreError) -> Response {
    error::report(error);
    let words = Words::of(language);
    plain(app, language, StatusCode::SERVICE_UNAVAILABLE, words.unavailable, words.unavailable_text)
}

fn plain(app: &App, language: Language, status: StatusCode, title: &str, text: &str) -> Response {
    let home = format!("{}/{}", app.base, language.code());
    let main = el("main")
        .child(el("h1").text(title))
        .child(el("p").attr("class", "lead").text(text))
        .child(el("p").child(el("a").attr("href", &home).text(Words::of(language).all)));
    let title = title.to_owned();
    let page = Page { language, title, head: Vec::new(), other: None, main, remark: None, shop: &app.shop };
    ([(CACHE_CONTROL, "no-cache")], layout::respond(status, page.into_document())).into_response()
}
