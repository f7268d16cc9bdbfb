//! The public pages: one per sale, and the list of them. The language is in the path; French is the default. They set
//! and read nothing, and say all that matters without a script.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde_json::json;

use super::cache::{self, Held, PAGE_SECONDS};
use super::join::form_path;
use super::layout;
use super::routes::Routes;
use super::sale::{SaleEntry, SalePage};
use super::segment::Segment;
use super::{App, error, feed};
use crate::db::{StoreError, gates};
use crate::gate::{self, Gate, Phase};
use crate::template::RenderFault;
use crate::text::{Language, Slug};

/// How many sales that are over the list still shows.
const PAST: usize = 3;

/// The routes of the pages.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at("/", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .at("/fr", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .at("/fr/", get(async |app: State<App>, held: Held| list(&app, &held, Language::Fr).await))
        .at("/en", get(async |app: State<App>, held: Held| list(&app, &held, Language::En).await))
        .at("/en/", get(async |app: State<App>, held: Held| list(&app, &held, Language::En).await))
        .at("/campaigns/{name}", get(page_or_feed))
        .at(
            "/fr/campaigns/{slug}",
            get(async |app: State<App>, Segment(slug): Segment, held: Held| {
                sale(&app, &held, &slug, Language::Fr).await
            }),
        )
        .at(
            "/en/campaigns/{slug}",
            get(async |app: State<App>, Segment(slug): Segment, held: Held| {
                sale(&app, &held, &slug, Language::En).await
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
        Some(slug) => feed::one(&app, &held, slug).await,
        None => sale(&app, &held, &name, Language::Fr).await,
    }
}

async fn sale(app: &App, held: &Held, name: &str, language: Language) -> Response {
    let Ok(slug) = name.parse::<Slug>() else { return not_found(app, language) };
    let now = app.clock.now();
    let gate = match app.store.read(move |db| gates::find(db, &slug)).await {
        Ok(Some(gate)) => gate,
        Ok(None) => return not_found(app, language),
        Err(error) => return unavailable(app, language, &error),
    };
    let view = SalePage::new(&gate, now, language, app);
    let document = app.pages.render("sale.html", language, &view);
    kept(app, held, now, gate::next_change(&gate, now), document)
}

async fn list(app: &App, held: &Held, language: Language) -> Response {
    let now = app.clock.now();
    let gates = match app.store.read(gates::listed).await {
        Ok(gates) => gates,
        Err(error) => return unavailable(app, language, &error),
    };
    let sales: Vec<_> = shown(&gates, now).into_iter().map(|gate| SaleEntry::new(gate, now, language)).collect();
    let other = format!("{}/{}", app.base, language.other());
    let view = json!({ "sales": sales, "other": other, "join": form_path(app, language) });
    let document = app.pages.render("list.html", language, &view);
    let change = gates.iter().filter_map(|gate| gate::next_change(gate, now)).min();
    kept(app, held, now, change, document)
}

/// Open sales first, then those to come, then the last few that are over.
fn shown(gates: &[Gate], now: Timestamp) -> Vec<&Gate> {
    let of = |phase| gates.iter().filter(move |gate| gate::phase(gate, now) == phase);
    let mut past: Vec<&Gate> = of(Phase::After).collect();
    past.sort_by_key(|gate| std::cmp::Reverse(gate.ends_at()));
    of(Phase::Open).chain(of(Phase::Before)).chain(past.into_iter().take(PAST)).collect()
}

/// A page that may be kept until the next change.
fn kept(
    app: &App,
    held: &Held,
    now: Timestamp,
    change: Option<Timestamp>,
    document: Result<String, RenderFault>,
) -> Response {
    let document = match document {
        Ok(document) => document,
        Err(fault) => return layout::not_written(&fault),
    };
    // The time of day is in the page for the countdown; it is no reason to send the page again.
    let tag = cache::weak_tag(document.replace(&gate::text(now), "").as_bytes());
    let control = cache::control(now, change, PAGE_SECONDS);
    cache::respond(held, &tag, &control, || layout::finished(app, StatusCode::OK, document))
}

fn not_found(app: &App, language: Language) -> Response {
    nothing(app, language, StatusCode::NOT_FOUND, "not_found")
}

fn unavailable(app: &App, language: Language, error: &StoreError) -> Response {
    error::report(error);
    nothing(app, language, StatusCode::SERVICE_UNAVAILABLE, "unavailable")
}

fn nothing(app: &App, language: Language, status: StatusCode, why: &str) -> Response {
    let page = layout::respond(app, status, "nothing.html", language, &json!({ "why": why }));
    ([(CACHE_CONTROL, "no-cache")], page).into_response()
}
