//! The page of choices, by the link of any mail: the language, a pause, the way out, and what is stored about the person.
//!
//! The token alone says who, as for leaving. Looking changes nothing, because mail scanners look; each form is one choice,
//! durable before it is answered. Every link that leads to nobody gets the same answer.

mod form;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use serde::Serialize;

use super::layout::{self, PageWords};
use super::routes::Routes;
use super::{App, error, unsubscribe};
use crate::db::leaving::{Ending, Leave};
use crate::db::preferences::{self, Preferences, WishOutcome};
use crate::member::{Address, Cause, Consent, Method, Pseudonym, Wish, read_preferences_token};
use crate::text::{Language, Moment, dates};
use form::{Choice, ChoiceForm, pauses};

/// The route of the link, with whatever a mail program takes for a part of it.
pub(super) fn routes() -> Routes {
    Routes::none().at("/p/{*token}", get(show).post(act)).answered(unsubscribe::private)
}

/// What is said on the page beside what is stored.
#[derive(Clone, Copy, Debug, Default)]
struct Aside<'a> {
    /// What was done: one of the page's words.
    done: Option<&'static str>,
    /// What is to be mended: one of the page's words.
    trouble: Option<&'static str>,
    /// Whether nothing was done because the request did not say what is chosen.
    unread: bool,
    /// The day that was typed.
    until: &'a str,
}

impl Aside<'_> {
    fn unread() -> Self {
        Self { unread: true, ..Self::default() }
    }
}

async fn show(State(app): State<App>, token: Result<Path<String>, PathRejection>) -> Response {
    match whose(&app, token) {
        Some(member) => page(&app, member, StatusCode::OK, Aside::default()).await,
        None => unknown(&app),
    }
}

async fn act(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(member) = whose(&app, token) else { return unknown(&app) };
    let body = match body {
        Ok(body) => body,
        Err(refused) => return page(&app, member, refused.status(), Aside::unread()).await,
    };
    let form = ChoiceForm::read(&body);
    match form.choice(&app.clock.now().to_zoned_datetime(app.zone.clone())) {
        Choice::Leave => leave(&app, member).await,
        Choice::Wish(wish) => fulfil(&app, member, wish).await,
        Choice::NoSuchDay(why) => {
            let remark = Aside { trouble: Some(why), until: &form.until, ..Aside::default() };
            page(&app, member, StatusCode::UNPROCESSABLE_ENTITY, remark).await
        }
        // The status tells a program that nothing was done; the page says so, and lets a person do it.
        Choice::Nothing => page(&app, member, StatusCode::BAD_REQUEST, Aside::unread()).await,
    }
}

async fn leave(app: &App, member: Pseudonym) -> Response {
    let leave = Leave { cause: Cause::Withdrawn, method: Method::PagePost, at: app.clock.now() };
    match app.leaving.leave(member, leave).await {
        Ok(Ending::Done | Ending::Already) => {
            layout::both(app, StatusCode::OK, "unsubscribe", PageWords::plain("done"))
        }
        Ok(Ending::Unknown) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

async fn fulfil(app: &App, member: Pseudonym, wish: Wish) -> Response {
    let granted = app.leaving.grant(member, wish, app.clock.now());
    match granted.await {
        Ok(WishOutcome::Done | WishOutcome::Already) => {
            let done = match wish {
                Wish::Language(_) => "language",
                Wish::PauseUntil(_) => "paused",
                Wish::Resume => "resumed",
            };
            page(app, member, StatusCode::OK, Aside { done: Some(done), ..Aside::default() }).await
        }
        // The page says that nothing is sent.
        Ok(WishOutcome::NoConsent) => page(app, member, StatusCode::CONFLICT, Aside::default()).await,
        Ok(WishOutcome::Unknown) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

fn whose(app: &App, token: Result<Path<String>, PathRejection>) -> Option<Pseudonym> {
    read_preferences_token(&app.keyring, &token.ok()?)
}

fn unknown(app: &App) -> Response {
    layout::both(app, StatusCode::NOT_FOUND, "preferences", PageWords::with_contact("unknown"))
}

fn failed(app: &App) -> Response {
    layout::both(app, StatusCode::SERVICE_UNAVAILABLE, "preferences", PageWords::with_contact("failed"))
}

/// Whether the member is written to, in one of the page's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum WrittenTo {
    Receiving,
    Paused,
    Stopped,
}

#[derive(Serialize)]
struct PreferencesView<'a> {
    state: WrittenTo,
    paused_until: Option<String>,
    done: Option<&'static str>,
    trouble: Option<&'static str>,
    unread: bool,
    until: &'a str,
    earliest: String,
    latest: String,
    address: Option<&'a str>,
    given: Option<GivenView<'a>>,
    /// The last day on which the consent counts unless the person acts.
    ends: Option<String>,
    wording: Vec<&'a str>,
    received: Vec<ReceivedView<'a>>,
    /// Where to sign up, when that can be done here.
    join: Option<String>,
}

#[derive(Serialize)]
struct GivenView<'a> {
    on: Moment,
    how: String,
    source: &'a str,
}

#[derive(Serialize)]
struct ReceivedView<'a> {
    title: &'a str,
    on: Moment,
}

/// The page of `member`, with a remark.
async fn page(app: &App, member: Pseudonym, status: StatusCode, remark: Aside<'_>) -> Response {
    let now = app.clock.now().to_zoned_datetime(app.zone.clone());
    let since = now.saturating_sub(1.year()).timestamp();
    let keyring = app.keyring.clone();
    let looked = app.store.read(move |db| preferences::look(db, &member, &keyring, since)).await;
    match looked {
        Ok(Some(known)) => {
            let language = known.member.language;
            layout::respond(app, status, "preferences.html", language, &view(app, &known, remark, &now))
        }
        Ok(None) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

fn view<'a>(app: &App, known: &'a Preferences, remark: Aside<'a>, now: &ZonedDateTime) -> PreferencesView<'a> {
    let member = &known.member;
    let language = member.language;
    let moment = |at: Timestamp| Moment::at(&at.to_zoned_datetime(app.zone.clone()), language);
    let day = |at: Timestamp| dates::day(at.to_zoned_datetime(app.zone.clone()).date(), language);
    let paused_until = member.paused_until.filter(|until| *until > now.timestamp());
    let counts = member.consent == Consent::Confirmed && member.expires_at.is_none_or(|end| end > now.timestamp());
    let state = match (counts, paused_until) {
        (false, _) => WrittenTo::Stopped,
        (true, Some(_)) => WrittenTo::Paused,
        (true, None) => WrittenTo::Receiving,
    };
    let (earliest, latest) = pauses(now);
    let join = app.sign_ups.join.as_ref().map(|_| match language {
        Language::Fr => format!("{}/join", app.base),
        Language::En => format!("{}/en/join", app.base),
    });
    PreferencesView {
        state,
        paused_until: paused_until.map(day),
        done: remark.done,
        trouble: remark.trouble,
        unread: remark.unread,
        until: remark.until,
        earliest: earliest.to_string(),
        latest: latest.to_string(),
        address: member.address.as_ref().map(Address::as_str),
        given: known.given.as_ref().map(|given| GivenView {
            on: moment(given.occurred_at),
            how: way(&given.method),
            source: &given.source,
        }),
        ends: member.expires_at.filter(|_| counts).map(day),
        wording: known
            .wording
            .iter()
            .flat_map(|text| text.split('\n'))
            .filter(|line| !line.trim().is_empty())
            .collect(),
        received: known
            .received
            .iter()
            .map(|mailing| ReceivedView { title: &mailing.title, on: moment(mailing.at) })
            .collect(),
        join,
    }
}

/// A way in which consent is given, as the page's words call it.
fn way(method: &Method) -> String {
    method.to_string().replace(':', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::Capture;

    #[test]
    fn every_way_to_consent_has_words() {
        let imports = Capture::ALL.map(Method::Import);
        for method in imports.iter().chain(&[Method::DoubleOptinPost, Method::PagePost]) {
            assert!(method.can_consent());
            for language in Language::ALL {
                let words = layout::tests::words(language);
                let said = words["preferences"]["how"].get(way(method));
                assert!(said.is_some_and(|said| said.as_str().is_some()), "{method}");
            }
        }
    }
}
