//! What people would see: the public page at an instant, and a letter as it will look. Each is shown in a frame that runs nothing.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::super::App;
use super::super::pages::{list_document, sale_document};
use super::view::{OtherLanguage, PreviewForm, Words, address, form, nothing, other, words};
use super::{asked, door, respond, shown, unwritten};
use crate::db::campaigns;
use crate::phrase;
use crate::phrase::{Phrase, Spoken as _, in_words};
use crate::text::{InterfaceLanguage, Language, Moment, Slug, WrittenMoment, dates};

/// What may be in the frame of a public page: its own style and pictures, and no script.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox";

/// The same of a letter, whose pictures are where they will be when people read it.
const LETTER_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; frame-ancestors 'self'; sandbox";

/// What is asked for behind a path.
struct PreviewAsked(Vec<(String, String)>);

impl PreviewAsked {
    fn of(address: &Uri) -> Self {
        let query = address.query().unwrap_or_default();
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The instant that is asked for: the present when none is; or why it is none.
    fn at(&self, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Phrase> {
        match self.get("at") {
            "" => Ok(now),
            text => WrittenMoment::parse(text).and_then(|moment| moment.at(zone)).map_err(|error| error.phrase()),
        }
    }
}

/// The page with the form and the frame.
#[derive(Serialize)]
struct AroundView {
    language: InterfaceLanguage,
    other: OtherLanguage,
    words: Words,
    preview: PreviewForm,
    /// The instant in words; none when what was asked for is none.
    at: Option<Moment>,
    zone: String,
    fault: Option<String>,
    frame: Option<String>,
}

/// The form, and the page that it asks for in a frame.
pub(super) async fn around(
    app: &App,
    headers: &HeaderMap,
    address_asked: &Uri,
    language: InterfaceLanguage,
) -> Response {
    if let Some(closed) = door::closed(app, headers) {
        return closed;
    }
    let Some(applied) = asked(app, campaigns::list).await else {
        return respond(app, "nothing.html", &nothing(language));
    };
    let wanted = PreviewAsked::of(address_asked);
    let (chosen, now) = (wanted.get("sale"), app.clock.now());
    let at = wanted.at(&app.zone, now);
    let said = words(
        language,
        &[
            ("title", phrase!("board-preview")),
            ("preview_hint", phrase!("board-preview-hint")),
            ("which", phrase!("board-which")),
            ("at", phrase!("board-at")),
            ("show", phrase!("board-show")),
            ("list", phrase!("board-list")),
            ("back", phrase!("board-back")),
            ("shown", phrase!("board-shown-at")),
            ("frame", phrase!("board-page-frame")),
            ("read_only", phrase!("board-read-only")),
            ("skip", phrase!("board-skip")),
        ],
    );
    let exact = at.as_ref().map(ToString::to_string).unwrap_or_default();
    let view = AroundView {
        language,
        other: other(language, "board/preview"),
        words: said,
        preview: form(
            applied.iter().map(|campaign| &campaign.schedule),
            chosen,
            app,
            at.as_ref().copied().unwrap_or(now),
            language,
        ),
        at: at.as_ref().ok().map(|at| Moment::at(&at.to_zoned_datetime(app.zone.clone()), language)),
        zone: dates::zone_name(app.zone.iana_name().unwrap_or("UTC"), language),
        frame: at.is_ok().then(|| address(&format!("/{language}/board/page"), &[("sale", chosen), ("at", &exact)])),
        fault: at.err().map(|why| in_words(&why, language)),
    };
    respond(app, "preview.html", &view)
}

/// The page of a sale, or the list of sales, as everybody sees it at the instant that is asked for.
pub(super) async fn page(app: &App, headers: &HeaderMap, address: &Uri, language: InterfaceLanguage) -> Response {
    if let Some(closed) = door::closed(app, headers) {
        return closed;
    }
    let asked = PreviewAsked::of(address);
    let Ok(at) = asked.at(&app.zone, app.clock.now()) else { return plain(StatusCode::BAD_REQUEST, language) };
    let Ok(present) = app.present().await else { return plain(StatusCode::SERVICE_UNAVAILABLE, language) };
    let rendered = match asked.get("sale") {
        "" => list_document(app, &present, language, at),
        slug => {
            let Some(known) = present.find(slug) else { return plain(StatusCode::NOT_FOUND, language) };
            sale_document(app, &present, known, language, at)
        }
    };
    match rendered {
        // Here the pictures are at the root, wherever a proxy shows the pages.
        Ok(document) => {
            let document = document.replace(&format!("\"{}/brand/", app.base), "\"/brand/");
            shown(StatusCode::OK, Some(HeaderValue::from_static(PAGE_POLICY)), document)
        }
        Err(fault) => unwritten(&fault),
    }
}

/// A letter as it will look.
pub(super) async fn letter(app: &App, headers: &HeaderMap, address: &Uri) -> Response {
    if let Some(closed) = door::closed(app, headers) {
        return closed;
    }
    let wanted = PreviewAsked::of(address);
    let (language, slug) = (wanted.get("language").parse::<Language>(), wanted.get("sale").parse::<Slug>());
    let (Ok(language), Ok(slug), Some(letters)) = (language, slug, app.letters.clone()) else {
        return plain(StatusCode::NOT_FOUND, InterfaceLanguage::Fr);
    };
    let campaign = match asked(app, move |db| campaigns::find(db, &slug)).await {
        None => return plain(StatusCode::SERVICE_UNAVAILABLE, InterfaceLanguage::Fr),
        Some(None) => return plain(StatusCode::NOT_FOUND, InterfaceLanguage::Fr),
        Some(Some(campaign)) => campaign,
    };
    let (mailing, now) = (wanted.get("mailing").to_owned(), app.clock.now());
    let writing = tokio::task::spawn_blocking(move || (letters.0)(&campaign.schedule, &mailing, language, now)).await;
    let policy = Some(HeaderValue::from_static(LETTER_POLICY));
    match writing {
        Ok(Ok(html)) => shown(StatusCode::OK, policy, html),
        Ok(Err(why)) => {
            tracing::warn!(why, "a letter could not be shown on the board");
            plain(StatusCode::INTERNAL_SERVER_ERROR, language.interface())
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, language.interface()),
    }
}

/// A page in a frame that only says that there is nothing to see.
fn plain(status: StatusCode, language: InterfaceLanguage) -> Response {
    let words = match status {
        StatusCode::NOT_FOUND => phrase!("board-nothing-there"),
        StatusCode::BAD_REQUEST => phrase!("board-no-instant"),
        StatusCode::SERVICE_UNAVAILABLE => phrase!("board-no-store"),
        _ => phrase!("board-unwritable"),
    };
    let words = in_words(&words, language);
    let document = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{words}</title></head>\n<body><main><p>{words}</p></main></body>\n</html>\n"
    );
    shown(status, Some(HeaderValue::from_static(PAGE_POLICY)), document)
}
