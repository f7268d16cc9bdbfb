//! The public pages: one per sale, and the list of them. The language is in the path; French is the default, but for the list,
//! which is in the language that a browser asks for where the path names none. They set nothing, read nothing else, and say all that
//! matters without a script.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, VARY};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde_json::json;

use super::accept_language::AcceptLanguage;
use super::cache::Held;
use super::join::form_path;
use super::layout;
use super::present::{KnownGate, Present};
use super::ready::Ready;
use super::routes::Routes;
use super::sale::{PageAddress, SaleInPlace, SalePage, entries};
use super::segment::Segment;
use super::timeline::AnswerInForce;
use super::{App, feed};
use crate::db::gates::GateRecord;
use crate::gate::{self, Phase};
use crate::template::RenderFault;
use crate::text::InterfaceLanguage;

/// How many sales that are over the list still shows.
const PAST: usize = 3;

/// The routes of the pages.
pub(super) fn routes() -> Routes {
    Routes::none()
        .at("/", get(front))
        .at("/fr", get(async |app: State<App>, held: Held| list(&app, &held, InterfaceLanguage::Fr).await))
        .at("/fr/", get(async |app: State<App>, held: Held| list(&app, &held, InterfaceLanguage::Fr).await))
        .at("/en", get(async |app: State<App>, held: Held| list(&app, &held, InterfaceLanguage::En).await))
        .at("/en/", get(async |app: State<App>, held: Held| list(&app, &held, InterfaceLanguage::En).await))
        .at("/sales.ics", get(async |app: State<App>, held: Held| feed::all(&app, &held, InterfaceLanguage::Fr).await))
        .at(
            "/fr/sales.ics",
            get(async |app: State<App>, held: Held| feed::all(&app, &held, InterfaceLanguage::Fr).await),
        )
        .at(
            "/en/sales.ics",
            get(async |app: State<App>, held: Held| feed::all(&app, &held, InterfaceLanguage::En).await),
        )
        .at(
            "/campaigns/{name}",
            get(async |app: State<App>, Segment(name): Segment, held: Held| {
                page_or_entry(&app, &held, &name, InterfaceLanguage::Fr).await
            }),
        )
        .at(
            "/fr/campaigns/{name}",
            get(async |app: State<App>, Segment(name): Segment, held: Held| {
                page_or_entry(&app, &held, &name, InterfaceLanguage::Fr).await
            }),
        )
        .at(
            "/en/campaigns/{name}",
            get(async |app: State<App>, Segment(name): Segment, held: Held| {
                page_or_entry(&app, &held, &name, InterfaceLanguage::En).await
            }),
        )
}

/// What is said where there is nothing: a page to people, a problem to a program that looks for a gate; and where the page
/// is, to who put a slash behind its name. Reads the path of what was asked for, nothing else.
pub(super) async fn nothing_here(State(app): State<App>, asked: Uri) -> Response {
    let path = asked.path();
    if let Some(without) = path.strip_suffix('/').filter(|path| names_a_sale(path)) {
        let location = format!("{}{without}", app.base);
        return (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response();
    }
    if path.starts_with("/gates") {
        return super::gates::nothing_here().await;
    }
    not_found(&app, if path.starts_with("/en/") { InterfaceLanguage::En } else { InterfaceLanguage::Fr })
}

/// Whether `path` is one of a page of a sale, whether or not there is one.
fn names_a_sale(path: &str) -> bool {
    let below = ["/campaigns/", "/fr/campaigns/", "/en/campaigns/"].iter().find_map(|folder| path.strip_prefix(folder));
    below.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

async fn page_or_entry(app: &App, held: &Held, name: &str, language: InterfaceLanguage) -> Response {
    match name.strip_suffix(".ics") {
        Some(slug) => feed::one(app, held, slug, language).await,
        None => sale(app, held, name, language).await,
    }
}

/// The list for who names no language in the path: in the one that their browser asks for, and in French otherwise.
async fn front(State(app): State<App>, wanted: AcceptLanguage, held: Held) -> Response {
    let vary = HeaderValue::from_static("Accept-Language");
    let page = list(&app, &held, wanted.of_pages().unwrap_or(InterfaceLanguage::Fr)).await;
    ([(VARY, vary)], page).into_response()
}

async fn sale(app: &App, held: &Held, name: &str, language: InterfaceLanguage) -> Response {
    let Ok(present) = app.present().await else { return unavailable(app, language) };
    let Some(known) = present.find(name) else { return not_found(app, language) };
    let now = app.clock.now();
    let shown = known.pages.of(language).at(now, |at| sale_at(app, &present, known, language, at));
    given(shown, held, now)
}

/// The page of a sale as it is from `at` on.
pub(super) fn sale_at(
    app: &App,
    present: &Present,
    known: &KnownGate,
    language: InterfaceLanguage,
    at: Timestamp,
) -> Result<Ready, RenderFault> {
    Ok(layout::ready(app, sale_document(app, present, known, language, at)?))
}

async fn list(app: &App, held: &Held, language: InterfaceLanguage) -> Response {
    let Ok(present) = app.present().await else { return unavailable(app, language) };
    let now = app.clock.now();
    given(present.lists.of(language).at(now, |at| list_at(app, &present, language, at)), held, now)
}

/// The list of sales as it is from `at` on.
pub(super) fn list_at(
    app: &App,
    present: &Present,
    language: InterfaceLanguage,
    at: Timestamp,
) -> Result<Ready, RenderFault> {
    Ok(layout::ready(app, list_document(app, present, language, at)?))
}

/// The document of that list.
pub(super) fn list_document(
    app: &App,
    present: &Present,
    language: InterfaceLanguage,
    at: Timestamp,
) -> Result<String, RenderFault> {
    let records: Vec<&GateRecord> = present.listed_records(at).collect();
    let sales = entries(&shown(&records, at), at, language);
    let other = format!("{}/{}", app.base, language.other());
    let address = PageAddress::of_list(app, language);
    let calendar = format!("{}/{language}/sales.ics", app.base);
    let view = json!({
        "sales": sales, "other": other, "join": form_path(app, language), "address": address, "calendar": calendar,
    });
    app.pages.render("list.html", language, &view)
}

/// The document of the page of a sale.
pub(super) fn sale_document(
    app: &App,
    present: &Present,
    known: &KnownGate,
    language: InterfaceLanguage,
    at: Timestamp,
) -> Result<String, RenderFault> {
    let others: Vec<&GateRecord> = present.ever_listed().collect();
    let sale = SaleInPlace { record: &known.record, showcase: known.showcase.as_ref(), others: &others };
    app.pages.render("sale.html", language, &SalePage::new(sale, at, language, app))
}

fn given(shown: Result<AnswerInForce<Ready>, RenderFault>, held: &Held, now: Timestamp) -> Response {
    match shown {
        Ok(shown) => shown.respond(held, now),
        Err(fault) => layout::not_written(&fault),
    }
}

/// Open sales first, then those to come, then the last few that are over.
pub(super) fn shown<'a>(records: &[&'a GateRecord], now: Timestamp) -> Vec<&'a GateRecord> {
    let of = |phase| records.iter().copied().filter(move |record| gate::phase(&record.gate, now) == phase);
    let mut past: Vec<&GateRecord> = of(Phase::After).collect();
    past.sort_by_key(|record| std::cmp::Reverse(record.gate.ends_at()));
    of(Phase::Open).chain(of(Phase::Before)).chain(past.into_iter().take(PAST)).collect()
}

fn not_found(app: &App, language: InterfaceLanguage) -> Response {
    nothing(app, language, StatusCode::NOT_FOUND, "not_found")
}

fn unavailable(app: &App, language: InterfaceLanguage) -> Response {
    nothing(app, language, StatusCode::SERVICE_UNAVAILABLE, "unavailable")
}

fn nothing(app: &App, language: InterfaceLanguage, status: StatusCode, why: &str) -> Response {
    let page = layout::respond(app, status, "nothing.html", language, &json!({ "why": why }));
    ([(CACHE_CONTROL, "no-cache")], page).into_response()
}
