//! `carillon run`: the daemon.

mod reload;
pub(super) mod signals;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use clap::ValueEnum;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::Context;
use super::context::ConfigurationSource;
use super::exit::{Exit, Failure};
use super::mail::applied_letter;
use super::outbox;
use crate::clock::Clock;
use crate::config::{PrivateListen, Settings, load_keyring};
use crate::daemon::{self, Health, LeaveProbe, Locks, Publication, ReturnedMail, Rules, RulesInForce};
use crate::db::anchors::LedgerAnchors;
use crate::db::departures::DeparturesFile;
use crate::db::intake::Intake;
use crate::db::leaving::Leaving;
use crate::db::owner_file::{OwnerFile, OwnerLock};
use crate::db::retention::ProofClock;
use crate::db::{Store, clock as believed, keys_used};
use crate::door::{HeldSockets, PrivateDoor};
use crate::gate::ScheduleSigner;
use crate::http::{self, App, DaemonSeen, DaemonWatch, LetterPreviews, Pages, Readiness};
use crate::keys::Keyring;
use crate::member::{CANARY, unsubscribe_token};
use crate::sending::alerts::AlertDesk;
use crate::sending::answers::RelayAnswers;
use crate::sending::compose::Composer;
use crate::sending::confirmations::{ConfirmationKit, Confirmations};
use crate::sending::dispatcher::Dispatcher;
use crate::sending::holds::Holds;
use crate::sending::journal::EngineContext;
use crate::sending::relays::{RelayList, Relays};
use crate::sending::rests::Rests;
use crate::sending::traces::AddressTraces;
use crate::telemetry::{self, LogFormat};
use crate::webhook::{ObjectPut, WebhookSender};
use reload::Reloader;
use signals::{Signalled, Signals};

/// The arguments of `carillon run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How much to log: errors alone, warnings too, what happens, or every step
    #[arg(long, env = "CARILLON_LOG", hide_env_values = true, default_value = "info", value_name = "LEVEL")]
    log: LogLevel,
    /// Log one JSON object to a line, for collectors
    #[arg(long)]
    log_json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let level = match args.log {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    telemetry::start(level, if args.log_json { LogFormat::Json } else { LogFormat::Text });
    let (settings, mut store) = context.open_store()?;
    store.lock_for_daemon()?;
    let parts = DaemonParts::open(&settings, store, context.clock.clone())?;
    if let Some(warning) = outbox::warning(settings.mail.transport.outbox()) {
        tracing::warn!("{warning}");
    }
    let held = HeldSockets::take().context("cannot use the sockets that the service manager holds")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(live(parts, settings, context.configuration_source(), held))
}

/// Everything that a daemon, or a rehearsal of one, is made of.
pub(super) struct DaemonParts {
    pub(super) engine: EngineContext,
    pub(super) dispatcher: Dispatcher,
    pub(super) app: App,
    confirmations: Confirmations,
    desk: AlertDesk,
    rules: RulesInForce,
    health: Health,
    anchors: LedgerAnchors,
    returned: ReturnedMail,
    /// The lock of the folder, where the store has none.
    folder: Option<Arc<OwnerLock>>,
    context: RuntimeContext,
    listen: String,
    private: Option<PrivateListen>,
    lmtp: Option<PrivateListen>,
}

/// What stays when a configuration is read anew, and what the rest is made with.
#[derive(Clone)]
struct RuntimeContext {
    store: Store,
    clock: Clock,
    keyring: Keyring,
    holds: Arc<Holds>,
    health: Health,
    /// Wakes the sender of confirmations when somebody has signed up.
    wakeup: Arc<Notify>,
    answers: Arc<RelayAnswers>,
}

impl RuntimeContext {
    fn app(&self, settings: &Settings) -> anyhow::Result<App> {
        let health = self.health.clone();
        let app = App::new(settings, self.store.clone(), self.keyring.clone(), self.clock.clone())?;
        let app = app.with_readiness(Readiness::new(move || health.ready())).with_holds(Arc::clone(&self.holds));
        let health = self.health.clone();
        let look = move || {
            let now = Instant::now();
            DaemonSeen { idle: health.idle(now), met: health.met(), put_behind: health.put_behind(now) }
        };
        let watch = DaemonWatch::new(look, Arc::clone(&self.answers));
        let (of_shop, store) = (settings.clone(), self.store.clone());
        let letters = LetterPreviews::new(move |schedule, mailing, language, now| {
            applied_letter((&of_shop, &store), (schedule, mailing), language, now).map_err(|error| format!("{error:#}"))
        });
        Ok(app.with_wakeup(Arc::clone(&self.wakeup)).with_watch(watch).with_letters(letters))
    }

    fn composer(&self, settings: &Settings) -> Arc<Composer> {
        Arc::new(Composer::new(settings, self.keyring.clone()))
    }

    fn rules(&self, settings: &Settings) -> anyhow::Result<Rules> {
        let traces = AddressTraces::of(settings, &self.store, &self.keyring);
        let proof = ProofClock::new(self.keyring.clone());
        let signer = Arc::new(ScheduleSigner::new(&self.keyring, http::schedule_policy(settings))?);
        let webhook = settings.gate.webhook.as_ref().map(WebhookSender::new).transpose()?;
        let put = settings.gate.put.as_ref().map(ObjectPut::new).transpose()?.map(Arc::new);
        let publication = Publication { folder: settings.gate.folder.clone(), signer, webhook, put };
        let (calendars, periods) = (settings.calendars.clone(), settings.consent.periods());
        Ok(Rules { calendars, periods, traces, proof, publication })
    }
}

impl DaemonParts {
    /// Opens everything that the settings name, over `store`.
    ///
    /// # Errors
    /// Exit code 2 when a setting cannot be used.
    pub(super) fn open(settings: &Settings, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let relays = RelayList::of(&settings.mail.transport)?;
        Self::with_relays(settings, store, clock, relays)
    }

    /// The same, with relays of the caller's.
    pub(super) fn with_relays(
        settings: &Settings,
        store: Store,
        clock: Clock,
        relays: RelayList,
    ) -> anyhow::Result<Self> {
        let keyring = load_keyring(&settings.keys)?;
        let holds = Arc::new(holds_with(settings, Some(&keyring)));
        let (owner, now) = (owner()?, clock.now());
        store.write_blocking(|db| {
            keys_used::admit(db, &keyring)?;
            believed::advance(db, now, settings.clock)
        })?;
        let health = Health::new(&owner, clock.clone());
        let leaving = Leaving::of(settings, &store);
        let context = RuntimeContext {
            store: store.clone(),
            clock: clock.clone(),
            keyring,
            holds: Arc::clone(&holds),
            health: health.clone(),
            wakeup: Arc::default(),
            answers: Arc::default(),
        };
        let app = context.app(settings)?;
        let relays = Relays::new(relays);
        let letters = ConfirmationKit::new(settings, &owner, context.keyring.clone(), relays.clone());
        let confirmations = Confirmations::new(letters, Arc::clone(&context.wakeup));
        let desk = AlertDesk::new(settings);
        let returned = ReturnedMail {
            intake: Intake::new(leaving.clone(), context.keyring.clone()),
            maildir: settings.bounces.as_ref().and_then(|bounces| bounces.maildir.clone()),
        };
        let engine = EngineContext { store, clock, owner, holds, leaving };
        let dispatcher =
            Dispatcher::new(engine.clone(), relays, context.composer(settings), health.dispatcher_progress());
        let dispatcher = dispatcher.counting_in(Arc::clone(&context.answers));
        let rules = RulesInForce::new(context.rules(settings)?);
        let anchors = LedgerAnchors::new(&settings.anchors, None, &context.keyring)?;
        let (folder, listen) = (take_folder(settings, &engine.store), settings.public.listen.clone());
        let private = settings.private.clone();
        let lmtp = settings.bounces.as_ref().and_then(|bounces| bounces.lmtp.clone());
        Ok(Self {
            engine,
            dispatcher,
            app,
            confirmations,
            desk,
            rules,
            health,
            anchors,
            returned,
            folder,
            context,
            listen,
            private,
            lmtp,
        })
    }
}

/// What may keep a daemon with these settings from sending. The file that counts what was handed over is beside the
/// configuration.
pub(super) fn holds(settings: &Settings) -> Holds {
    // Keys that cannot be read are a problem of their own.
    holds_with(settings, load_keyring(&settings.keys).ok().as_ref())
}

fn holds_with(settings: &Settings, keyring: Option<&Keyring>) -> Holds {
    let departures = DeparturesFile::new(&settings.departures);
    let holds = Holds::new(settings.path.with_file_name("carillon.sent"), departures, settings.clock);
    let holds = holds.with_rests(Rests::of(settings));
    match keyring {
        Some(keyring) => holds.with_keys(keyring.ids()),
        None => holds,
    }
}

/// The file by which the folder of these settings knows its daemon, where the store has no lock to tell.
fn owner_file(settings: &Settings, store: &Store) -> Option<OwnerFile> {
    (!store.is_one_machines()).then(|| OwnerFile::new(settings.path.with_file_name("carillon.daemon")))
}

/// What the locks of the store and of the folder say. One that cannot be looked at says nothing; then the heartbeats are all
/// that is known.
pub(super) fn locks(settings: &Settings, store: &Store) -> Locks {
    let gone = owner_file(settings, store).and_then(|file| file.gone().ok().flatten());
    Locks { store: store.is_locked_by_daemon(), taken_at: store.taken_at(), gone }
}

/// Takes the lock of the folder. Without it the daemon runs as well: then its death is noticed by its silence.
fn take_folder(settings: &Settings, store: &Store) -> Option<Arc<OwnerLock>> {
    match owner_file(settings, store)?.lock() {
        Ok(Some(lock)) => Some(Arc::new(lock)),
        Ok(None) => {
            tracing::warn!("another daemon runs in this folder: killed, this one is missed half a minute later");
            None
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "`carillon.daemon` cannot be used: killed, this daemon is missed half a minute later"
            );
            None
        }
    }
}

/// A name for this daemon's leases: no two live daemons share one.
fn owner() -> anyhow::Result<String> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| Failure::unreachable(format!("no random numbers: {error}")))?;
    Ok(format!("daemon-{}-{:08x}", std::process::id(), u32::from_be_bytes(random)))
}

async fn live(
    parts: DaemonParts,
    settings: Settings,
    source: ConfigurationSource,
    mut held: HeldSockets,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let listener = held
        .public(&parts.listen)
        .await
        .with_context(|| format!("cannot listen on `{}`; see `listen` in `[public]`", parts.listen))?;
    let pages = Pages::new(parts.app.clone());
    let reloader = Arc::new(Mutex::new(Reloader::new(source, settings, &parts, pages.clone())));
    let probe = LeaveProbe::new(
        listener.local_addr().context("the listener has no address")?,
        format!("/u/{}", unsubscribe_token(&parts.context.keyring, &CANARY)),
    );
    let private = open_door(&mut held, parts.private.as_ref(), "`listen` in `[private]`").await?;
    let lmtp = open_door(&mut held, parts.lmtp.as_ref(), "`lmtp` in `[bounces]`").await?;
    held.all_taken().context(
        "the service manager holds a socket where nothing listens; `listen` in `[public]` and `[private]` and the addresses in its \
         `.socket` unit must be the same",
    )?;
    let lmtp = lmtp
        .map(|door| daemon::serve_lmtp(door, parts.returned.intake.clone(), parts.context.clock.clone(), stop.clone()));
    let listener = serve(listener, private, lmtp, pages, stop.clone());
    let senders = (parts.dispatcher, parts.confirmations, parts.desk);
    // Kept until nothing of this daemon is at work any more.
    let _folder = parts.folder.clone();
    let mut running = tokio::spawn(daemon::run(
        parts.engine,
        senders,
        (parts.rules, parts.anchors, parts.returned),
        parts.health,
        (listener, probe),
        parts.folder,
        stop.clone(),
    ));
    tracing::info!(listen = parts.listen, "carillon is running");
    notify(&[NotifyState::Ready]);
    let ended = loop {
        tokio::select! {
            ended = &mut running => break Some(ended),
            asked = signals.next() => match asked {
                Signalled::Stop => break None,
                Signalled::Reload => reload(&reloader).await,
            },
        }
    };
    notify(&[NotifyState::Stopping]);
    stop.cancel();
    let ended = if let Some(ended) = ended {
        ended
    } else {
        tracing::info!("stopping: messages that were begun are finished; a second signal stops at once");
        tokio::select! {
            ended = running => ended,
            () = signals.stop() => return Ok(Exit::Interrupted),
        }
    };
    ended.context("the daemon panicked")??;
    tracing::info!("carillon has stopped");
    Ok(Exit::Done)
}

/// Opens the door that `listen` names, if it names one; `setting` is where that is written.
async fn open_door(
    held: &mut HeldSockets,
    listen: Option<&PrivateListen>,
    setting: &str,
) -> anyhow::Result<Option<PrivateDoor>> {
    let Some(listen) = listen else { return Ok(None) };
    let door = held.private(listen).await;
    door.map(Some).with_context(|| format!("cannot listen on `{listen}`; see {setting}"))
}

/// Serves everybody at `listener`, those who look after the daemon at `private`, where there is one, and mail servers by `lmtp`.
async fn serve(
    listener: TcpListener,
    private: Option<PrivateDoor>,
    lmtp: Option<impl Future<Output = std::io::Result<()>>>,
    pages: Pages,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let watched = private.map(|private| http::serve_private(private, pages.private(), stop.clone()));
    let watched = async { if let Some(watched) = watched { watched.await } else { Ok(()) } };
    let lmtp = async { if let Some(lmtp) = lmtp { lmtp.await } else { Ok(()) } };
    let remembered = http::keep_in_memory(pages.clone(), stop.clone());
    tokio::try_join!(http::serve(listener, pages, stop), watched, lmtp, remembered).map(|_| ())
}

/// Reads the configuration anew, off the threads that serve, and tells the service manager when that begins and is over.
async fn reload(reloader: &Arc<Mutex<Reloader>>) {
    // A service manager needs the time with it, to tell one reload from the next.
    if let Ok(at) = NotifyState::monotonic_usec_now() {
        notify(&[NotifyState::Reloading, at]);
    }
    let theirs = Arc::clone(reloader);
    let reading = tokio::task::spawn_blocking(move || locked(&theirs).reload()).await;
    if reading.is_err() {
        locked(reloader).refuse("reading it ended unexpectedly");
    }
    notify(&[NotifyState::Ready]);
}

fn locked(reloader: &Mutex<Reloader>) -> MutexGuard<'_, Reloader> {
    reloader.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the service manager, if there is one.
fn notify(state: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(error = &error as &dyn std::error::Error, "the service manager cannot be told");
    }
}
