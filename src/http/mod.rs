//! What a browser, a shop or a mail provider asks over HTTP: gates, pages, the unsubscribe link, health.
//!
//! Answers depend on the applied schedule, the time, and the path. Nothing about a visitor is read, kept or logged: no
//! cookie, no query parameter, no address (the listener drops it), and there is no access log. What somebody types into the
//! form of `/join` is kept. The only user of axum.

mod accept_language;
mod ahead;
mod board;
mod button;
mod cache;
mod confirm;
mod connections;
mod error;
mod exchange;
mod feed;
mod form_fields;
mod gates;
mod health;
mod join;
mod layout;
mod measure;
mod meters;
mod ofrep;
mod one_click;
mod page_check;
mod pages;
mod preferences;
mod present;
mod private;
mod ready;
mod renew;
mod routes;
mod sale;
mod segment;
mod serve;
mod signed;
mod site;
mod timeline;
mod unsubscribe;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{DATE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{JoinSettings, Settings, ShopSettings};
use crate::db::leaving::Leaving;
use crate::db::signups::SignUpTerms;
use crate::db::{Store, keys_used};
use crate::gate::{SchedulePolicy, ScheduleSigner};
use crate::keys::{KeyError, KeyId, Keyring};
use crate::member::Invitation;
use crate::problem::ProblemKind;
use crate::sending::holds::Holds;
use crate::sending::shop_law::ShopLaw;
use crate::text::{InterfaceLanguage, WebAddress};
use board::BoardKit;
use error::StoreUnread;
use join::page::ShownForm;
use layout::PageSet;
use measure::Meters;
use present::{Present, PresentCache, PresentFound};
use ready::Ready;
use renew::RenewalWords;
use routes::Routes;
use timeline::Timeline;

pub use ahead::answer as answer_ahead;
pub use board::LetterPreviews;
pub use exchange::{Answering, Pages, PrivatePages};
pub use layout::{PagesFault, own_pages, unusable_pages};
pub use measure::{DaemonSeen, DaemonWatch};
pub use private::serve_private;
pub use serve::serve;

/// The most that a request may carry. An unsubscribe form is about 200 bytes.
const BODY_LIMIT: usize = 16 * 1024;

/// What the pages are made of. Cloning is cheap: it happens several times for a request.
#[derive(Clone, Debug)]
pub struct App(Arc<AppParts>);

/// The parts themselves.
#[derive(Clone, Debug)]
pub struct AppParts {
    store: Store,
    clock: Clock,
    keyring: Keyring,
    leaving: Leaving,
    signer: Arc<ScheduleSigner>,
    /// The keys that the signed schedule is checked with.
    key_set: Arc<Timeline<Ready>>,
    shop: Arc<ShopSettings>,
    public_url: Arc<WebAddress>,
    /// The path of `public_url`, without a final slash: empty unless a proxy serves these pages in a folder.
    base: Arc<str>,
    /// The zone of the days that people read.
    zone: TimeZone,
    readiness: Option<Readiness>,
    watch: Option<DaemonWatch>,
    holds: Option<Arc<Holds>>,
    meters: Arc<Meters>,
    pages: Arc<PageSet>,
    /// What the board is made of, and who may look at it where that is not this machine alone.
    board: Arc<BoardKit>,
    board_token: Option<SecretString>,
    /// The folder that letters are written to instead of being sent, if they are.
    outbox: Option<Arc<Path>>,
    /// How the letters on it are written.
    letters: Option<LetterPreviews>,
    /// The law as it stands in this shop.
    law: ShopLaw,
    /// What there is to answer of gates and sales.
    present: Arc<PresentCache>,
    sign_ups: Arc<SignUps>,
    /// The words under which people go on.
    renewals: Arc<BTreeMap<InterfaceLanguage, RenewalWords>>,
    /// The version of the page of choices as it shows those words.
    choices: Arc<BTreeMap<InterfaceLanguage, Arc<str>>>,
    /// Tells the sender of confirmation letters that there are new ones.
    wakeup: Arc<Notify>,
}

impl std::ops::Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

/// How people sign up.
#[derive(Debug)]
struct SignUps {
    join: Option<JoinSettings>,
    forms: Vec<Arc<ShownForm>>,
    terms: SignUpTerms,
}

impl SignUps {
    fn new(settings: &Settings, keyring: &Keyring, pages: &PageSet) -> Result<Self, PagesFault> {
        let base = settings.public.url.path();
        let invitations = settings.join.iter().flat_map(|join| &join.invitations);
        let form = |(language, invitation): (&InterfaceLanguage, &Invitation)| {
            ShownForm::new(pages, base, *language, invitation).map(Arc::new)
        };
        let forms = invitations.map(form).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { join: settings.join.clone(), forms, terms: SignUpTerms::of(settings, keyring) })
    }
}

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no key to sign the schedule with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There are no pages.
    #[error(transparent)]
    Pages(#[from] PagesFault),
}

/// Says whether the daemon that serves these pages can do its work, and if not, why.
#[derive(Clone)]
pub struct Readiness(Arc<dyn Fn() -> Result<(), Vec<ProblemKind>> + Send + Sync>);

impl Readiness {
    /// Asks `ready`, which must be quick.
    pub fn new(ready: impl Fn() -> Result<(), Vec<ProblemKind>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ready))
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readiness")
    }
}

impl App {
    /// The pages of one shop, over one store.
    ///
    /// # Errors
    /// When the folder of `[public] pages` holds something that cannot be used.
    pub fn new(settings: &Settings, store: Store, keyring: Keyring, clock: Clock) -> Result<Self, AppError> {
        let pages = PageSet::new(&settings.shop, settings.public.url.path(), settings.public.pages.as_deref())?;
        let signer = ScheduleSigner::new(&keyring, schedule_policy(settings))?;
        let renewals = renew::words(&pages, &settings.renewals).map_err(PagesFault::from)?;
        let (meters, law) = (Arc::new(Meters::new(clock.now())), ShopLaw::new(settings));
        Ok(Self(Arc::new(AppParts {
            leaving: Leaving::of(settings, &store),
            key_set: Arc::new(Timeline::new(signer.key_changes())),
            signer: Arc::new(signer),
            sign_ups: Arc::new(SignUps::new(settings, &keyring, &pages)?),
            choices: Arc::new(preferences::versions(&pages, &renewals).map_err(PagesFault::from)?),
            renewals: Arc::new(renewals),
            pages: Arc::new(pages),
            board: Arc::new(BoardKit::new(&settings.shop)?),
            board_token: settings.board_token.clone(),
            outbox: settings.mail.transport.outbox().map(Arc::from),
            letters: None,
            present: Arc::new(PresentCache::new(
                store.clone(),
                law.clone(),
                clock.clone(),
                settings.gate.without_store,
            )),
            law,
            store,
            clock,
            wakeup: Arc::default(),
            keyring,
            shop: Arc::new(settings.shop.clone()),
            public_url: Arc::new(settings.public.url.clone()),
            base: settings.public.url.path().into(),
            zone: settings.zone(),
            readiness: None,
            watch: None,
            holds: None,
            meters,
        })))
    }

    fn with(self, change: impl FnOnce(&mut AppParts)) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }

    /// Every gate as it is now. When the store has changed, everything that will be asked for is written ahead.
    async fn present(&self) -> Result<Arc<Present>, StoreUnread> {
        let PresentFound { present, is_new } = self.present.look().await?;
        if is_new {
            self.prepare(&present);
        }
        Ok(present)
    }

    fn prepare(&self, present: &Arc<Present>) {
        let (app, known) = (self.clone(), Arc::clone(present));
        tokio::task::spawn_blocking(move || prepare(&app, &known));
    }

    /// The same pages, whose `/ready` also asks `readiness`.
    #[must_use]
    pub fn with_readiness(self, readiness: Readiness) -> Self {
        self.with(|parts| parts.readiness = Some(readiness))
    }

    /// The same pages, whose `/metrics` also tells of the daemon.
    #[must_use]
    pub fn with_watch(self, watch: DaemonWatch) -> Self {
        self.with(|parts| parts.watch = Some(watch))
    }

    /// The same pages, on whose board the letters of `letters` can be looked at.
    #[must_use]
    pub fn with_letters(self, letters: LetterPreviews) -> Self {
        self.with(|parts| parts.letters = Some(letters))
    }

    /// The same pages, which go on counting where `other` did.
    fn counting_with(self, other: &Self) -> Self {
        let meters = Arc::clone(&other.meters);
        self.with(|parts| parts.meters = meters)
    }

    /// The same pages, which use `wakeup` when somebody has signed up.
    #[must_use]
    pub fn with_wakeup(self, wakeup: Arc<Notify>) -> Self {
        self.with(|parts| parts.wakeup = wakeup)
    }

    /// The same pages, whose `/ready` also asks whether anything keeps the daemon from sending.
    #[must_use]
    pub fn with_holds(self, holds: Arc<Holds>) -> Self {
        self.with(|parts| parts.holds = Some(holds))
    }

    /// Whether the key file lacks keys that the store was used with, or nobody can tell: then a link may be ours that none of the
    /// keys at hand made.
    async fn lacks_keys(&self) -> bool {
        let held: Vec<KeyId> = self.keyring.ids().collect();
        let looked = self.store.read(move |db| keys_used::missing(db, &held)).await;
        looked.inspect_err(error::report).map_or(true, |missing| missing.is_some())
    }
}

/// How often it is looked what there is to answer while nobody asks.
const LOOKED_AHEAD_EVERY: Duration = Duration::from_secs(10);

/// Keeps every gate in memory until `stop` is cancelled, also those that nobody asks for: else there would be nothing to answer with once
/// the store cannot be reached.
///
/// # Errors
/// None: it is watched beside what serves.
pub async fn keep_in_memory(pages: Pages, stop: CancellationToken) -> std::io::Result<()> {
    while !stop.is_cancelled() {
        let app = pages.app();
        if let Some(present) = app.present.look_ahead().await {
            app.prepare(&present);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOKED_AHEAD_EVERY) => {}
        }
    }
    Ok(())
}

/// How the schedule of this shop is signed.
pub fn schedule_policy(settings: &Settings) -> SchedulePolicy {
    let valid_for = SignedDuration::from_hours(settings.gate.valid_hours.into());
    SchedulePolicy { issuer: settings.public.url.to_string(), valid_for }
}

/// Writes every answer that holds now or later. A fault is told when somebody asks for what has it.
fn prepare(app: &App, present: &Present) {
    let now = app.clock.now();
    let _ = present.all.prepare(now, |at| gates::all_at(present, at));
    let _ = present.flags.prepare(now, |at| ofrep::all_at(present, at));
    for language in InterfaceLanguage::ALL {
        let _ = present.lists.of(language).prepare(now, |at| pages::list_at(app, present, language, at));
        let write = |at| Ok::<_, Infallible>(feed::calendar_at(app, present, language, at));
        let _ = present.calendars.of(language).prepare(now, write);
    }
    for known in present.gates() {
        let _ = known.json.prepare(now, |at| gates::one_at(known, at));
        let _ = known.flag.prepare(now, |at| ofrep::one_at(known, at));
        for language in InterfaceLanguage::ALL {
            let write = |at| pages::sale_at(app, present, known, language, at);
            let _ = known.pages.of(language).prepare(now, write);
            let write = |at| Ok::<_, Infallible>(feed::entry_at(app, known, language, at));
            let _ = known.entries.of(language).prepare(now, write);
        }
    }
}

fn routes(app: &App) -> Routes {
    gates::routes()
        .and(ofrep::routes())
        .and(health::routes())
        .and(pages::routes())
        .and(site::routes())
        .and(unsubscribe::routes())
        .and(preferences::routes())
        .and(join::routes(app))
        .and(confirm::routes())
        .and(renew::routes())
}

/// The path of every route, in the manner of axum. Called inside a runtime.
pub fn paths(app: &App) -> Vec<&'static str> {
    routes(app).paths().to_vec()
}

fn private_routes() -> Routes {
    health::routes().and(measure::routes()).and(site::pictures()).and(board::routes())
}

/// The same for those who look after the daemon.
pub fn private_paths() -> Vec<&'static str> {
    private_routes().paths().to_vec()
}

/// Every route for those who look after the daemon.
fn private_router(app: App) -> Router {
    private_routes()
        .into_router()
        .fallback(private::nothing_here)
        .layer(map_response_with_state(app.clone(), common_headers))
        .with_state(app)
}

/// Every route. Called inside a runtime, in which sign-ups are taken into the store.
pub fn router(app: App) -> Router {
    routes(&app)
        .into_router()
        .fallback(pages::nothing_here)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(map_response_with_state(app.clone(), common_headers))
        .with_state(app)
}

/// `Date` tells the time of our clock, which is the time that answers are about.
async fn common_headers<B>(
    axum::extract::State(app): axum::extract::State<App>,
    mut response: Response<B>,
) -> Response<B> {
    said_of_every_answer(&mut response, app.clock.now());
    response
}

/// Says of `response`, given at `now`, what every answer says.
fn said_of_every_answer<B>(response: &mut Response<B>, now: Timestamp) {
    let headers = response.headers_mut();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok();
    if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        headers.insert(DATE, date);
    }
    for (name, value) in [(X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "no-referrer")] {
        headers.insert::<HeaderName>(name, HeaderValue::from_static(value));
    }
}
