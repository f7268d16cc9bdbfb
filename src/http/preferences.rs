//! The page of choices, by the link of any mail: the language, a pause, going on, the way out, and what is stored about the
//! person.
//!
//! The token alone says who, as for leaving. Looking changes nothing, because mail scanners look; each form is one choice,
//! durable before it is answered. Every link that leads to nobody gets the same answer.

mod form;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use serde::Serialize;

use super::join::form_path;
use super::layout::{self, PageSet, PageWords};
use super::renew::{self, RenewalWords};
use super::routes::Routes;
use super::{App, button, error, unsubscribe};
use crate::db::Db;
use crate::db::leaving::{Ending, Leave};
use crate::db::preferences::{self, Preferences, WishOutcome};
use crate::db::pressed::Pressed;
use crate::db::renewals::{self, ShownWords};
use crate::member::renewal::is_to_be_answered;
use crate::member::{Action, Address, Cause, Consent, Invitation, Method, Pseudonym, Wish, read_preferences_token};
use crate::template::RenderFault;
use crate::text::{InterfaceLanguage, Language, Moment, dates};
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
        None => not_ours(&app).await,
    }
}

async fn act(
    State(app): State<App>,
    token: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(member) = whose(&app, token) else { return not_ours(&app).await };
    let goes_on = button::is_pressed(renew::ABOUT, &body);
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
        Choice::Nothing if goes_on => go_on(&app, member).await,
        // The status tells a program that nothing was done; the page says so, and lets a person do it.
        Choice::Nothing => page(&app, member, StatusCode::BAD_REQUEST, Aside::unread()).await,
    }
}

async fn leave(app: &App, member: Pseudonym) -> Response {
    let leave = Leave { cause: Cause::Withdrawn, method: Method::PagePost, at: app.clock.now() };
    match app.leaving.leave(member, leave).await {
        Ok(Ending::Unknown) => unknown(app),
        Ok(_) => unsubscribe::left(app, member).await,
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

/// The button to go on: what was shown beside it is kept, as behind the letter that asks.
async fn go_on(app: &App, member: Pseudonym) -> Response {
    let (now, terms) = (app.clock.now(), app.sign_ups.terms.clone());
    let (words, versions) = (Arc::clone(&app.renewals), Arc::clone(&app.choices));
    let renew = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        // In the language in which the page is shown.
        let Some(language) = crate::db::members::find(db, &member)?.map(|member| member.language.interface()) else {
            return Ok(Pressed::Unknown);
        };
        let Some((words, version)) = words.get(&language).zip(versions.get(&language)) else {
            return Ok(Pressed::Unknown);
        };
        let shown = ShownWords { text: &words.text, version };
        renewals::renew_by_choice(db, &member, shown, &terms.consents, now)
    };
    match app.store.write(renew).await {
        Ok(Pressed::Done) => {
            page(app, member, StatusCode::OK, Aside { done: Some("renewed"), ..Aside::default() }).await
        }
        // The page says until when the consent counts.
        Ok(Pressed::Already) => page(app, member, StatusCode::OK, Aside::default()).await,
        // The page says that nothing is sent.
        Ok(Pressed::Unknown) => page(app, member, StatusCode::CONFLICT, Aside::default()).await,
        Ok(Pressed::TooEarly) => {
            tracing::error!("a consent could not be renewed: the clock is behind what the ledger holds");
            failed(app)
        }
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

/// The version of this page as it shows the words of going on, in every language.
pub(super) fn versions(
    pages: &PageSet,
    words: &BTreeMap<InterfaceLanguage, RenewalWords>,
) -> Result<BTreeMap<InterfaceLanguage, Arc<str>>, RenderFault> {
    let version = |(&language, words): (&InterfaceLanguage, &RenewalWords)| {
        let view = PreferencesView::about_nobody(&words.invitation, language);
        Ok((language, renew::version_of(&pages.render("preferences.html", language, &view)?)))
    };
    words.iter().map(version).collect()
}

fn whose(app: &App, token: Result<Path<String>, PathRejection>) -> Option<Pseudonym> {
    read_preferences_token(&app.keyring, &token.ok()?)
}

/// A link that none of the keys at hand made: where some are missing it may be ours all the same.
async fn not_ours(app: &App) -> Response {
    if app.lacks_keys().await { failed(app) } else { unknown(app) }
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
    /// Whether the consent ends before the pause does: then nothing starts again by itself.
    past_end: bool,
    done: Option<&'static str>,
    trouble: Option<&'static str>,
    unread: bool,
    until: &'a str,
    earliest: String,
    latest: String,
    address: Option<&'a str>,
    given: Option<GivenView<'a>>,
    ended: Option<EndedView>,
    /// The last day on which the consent counts unless the person acts.
    ends: Option<String>,
    /// The words of going on, while that can be done.
    renewal: Option<&'a Invitation>,
    wording: Vec<&'a str>,
    lists: Vec<ListView<'a>>,
    received: Vec<ReceivedView<'a>>,
    /// Where to sign up, when that can be done here.
    join: Option<String>,
    /// The language of the member's letters.
    spoken: LetterLanguage,
    /// The languages that letters are written in.
    letters: [LetterLanguage; Language::ALL.len()],
}

/// A language of letters, by its code and as its readers call it.
#[derive(Serialize)]
struct LetterLanguage {
    code: &'static str,
    name: &'static str,
}

impl LetterLanguage {
    fn new(language: Language) -> Self {
        Self { code: language.code(), name: language.own_name() }
    }
}

impl<'a> PreferencesView<'a> {
    /// The page in `language` with the words of going on, and nothing that is somebody's.
    fn about_nobody(renewal: &'a Invitation, language: InterfaceLanguage) -> Self {
        Self {
            state: WrittenTo::Receiving,
            paused_until: None,
            past_end: false,
            done: None,
            trouble: None,
            unread: false,
            until: "",
            earliest: String::new(),
            latest: String::new(),
            address: None,
            given: None,
            ended: None,
            ends: None,
            renewal: Some(renewal),
            wording: Vec::new(),
            lists: Vec::new(),
            received: Vec::new(),
            join: None,
            spoken: LetterLanguage::new(language.into()),
            letters: Language::ALL.map(LetterLanguage::new),
        }
    }
}

#[derive(Serialize)]
struct GivenView<'a> {
    on: Moment,
    how: String,
    source: &'a str,
    /// The page of ours that is meant, where the source is one.
    place: Option<&'static str>,
}

/// How a consent ended, in the page's words.
#[derive(Serialize)]
struct EndedView {
    on: Moment,
    what: &'static str,
    how: String,
}

/// Pages of ours on which a consent is given, as the ledger and the page's words call them.
const PLACES: [&str; 3] = ["join", "renewal-letter", "preferences"];

/// A list that the member is on.
#[derive(Serialize)]
struct ListView<'a> {
    name: &'a str,
    since: Moment,
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
    let (keyring, terms, shown_at) = (app.keyring.clone(), app.sign_ups.terms.clone(), now.timestamp());
    let looked = app.store.read(move |db| {
        let Some(known) = preferences::look(db, &member, &keyring, since)? else { return Ok(None) };
        // Asked of the time that a press would be recorded under: under a doubted clock there is no button that does nothing.
        let pressed_at = terms.instant(db, shown_at)?;
        let goes_on = known.member.expires_at.is_some_and(|ends| is_to_be_answered(ends, pressed_at));
        Ok(Some((known, goes_on)))
    });
    match looked.await {
        Ok(Some((known, goes_on))) => {
            let language = known.member.language.interface();
            layout::respond(app, status, "preferences.html", language, &view(app, (&known, goes_on), remark, &now))
        }
        Ok(None) => unknown(app),
        Err(error) => {
            error::report(&error);
            failed(app)
        }
    }
}

/// What is told of a member who, as it is said, may go on.
fn view<'a>(
    app: &'a App,
    (known, goes_on): (&'a Preferences, bool),
    remark: Aside<'a>,
    now: &ZonedDateTime,
) -> PreferencesView<'a> {
    let member = &known.member;
    let language = member.language.interface();
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
    PreferencesView {
        state,
        paused_until: paused_until.map(day),
        past_end: paused_until.zip(member.expires_at).is_some_and(|(until, end)| until >= end),
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
            place: PLACES.into_iter().find(|place| *place == given.source),
        }),
        ended: ended(known, now.timestamp()).map(|(at, what, how)| EndedView { on: moment(at), what, how }),
        ends: member.expires_at.filter(|_| counts).map(day),
        renewal: app.renewals.get(&language).map(|words| &words.invitation).filter(|_| counts && goes_on),
        wording: known
            .wording
            .iter()
            .flat_map(|text| text.split('\n'))
            .filter(|line| !line.trim().is_empty())
            .collect(),
        lists: known.lists.iter().map(|on| ListView { name: on.list.as_str(), since: moment(on.since) }).collect(),
        received: known
            .received
            .iter()
            .map(|mailing| ReceivedView { title: &mailing.title, on: moment(mailing.at) })
            .collect(),
        join: form_path(app, language),
        spoken: LetterLanguage::new(member.language),
        letters: Language::ALL.map(LetterLanguage::new),
    }
}

/// When and how the consent ended: by a line of the ledger, or by its time, which no line says yet.
fn ended(known: &Preferences, now: Timestamp) -> Option<(Timestamp, &'static str, String)> {
    let over = known.member.expires_at.filter(|end| *end <= now && known.member.consent == Consent::Confirmed);
    let by_line = known.ended.as_ref().map(|what| (what.occurred_at, what.action.as_str(), way_out(&what.method)));
    by_line.or_else(|| Some((over?, Action::Expired.as_str(), way_out(&Method::ExpiryJob))))
}

/// A way in which a consent ends, as the page's words call it.
fn way_out(method: &Method) -> String {
    let way = method.to_string();
    way.split(':').next().unwrap_or_default().to_owned()
}

/// A way in which consent is given, as the page's words call it.
fn way(method: &Method) -> String {
    method.to_string().replace(':', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::Capture;
    use crate::text::InterfaceLanguage;

    #[test]
    fn every_way_out_and_every_place_has_words() {
        use Method::{Arf, Dsn, ExpiryJob, Mailto, OneClickPost, PagePost, Record};
        for language in InterfaceLanguage::ALL {
            let words = layout::tests::words(language);
            let has = |table: &str, key: &str| {
                let said = words["preferences"][table].get(key);
                assert!(said.is_some_and(|said| said.as_str().is_some()), "{language} {table}.{key}");
            };
            let staff = Method::Staff("camille".into());
            for method in [OneClickPost, PagePost, Mailto, Arf, Dsn, ExpiryJob, Record, staff] {
                has("way_out", &way_out(&method));
            }
            for action in Action::ALL.into_iter().filter(|action| action.ends()) {
                has("ended", action.as_str());
            }
            for place in PLACES {
                has("places", place);
            }
        }
    }

    #[test]
    fn every_way_to_consent_has_words() {
        let imports = Capture::ALL.map(Method::Import);
        for method in imports.iter().chain(&[Method::DoubleOptinPost, Method::PagePost]) {
            assert!(method.can_consent());
            for language in InterfaceLanguage::ALL {
                let words = layout::tests::words(language);
                let said = words["preferences"]["how"].get(way(method));
                assert!(said.is_some_and(|said| said.as_str().is_some()), "{method}");
            }
        }
    }
}
