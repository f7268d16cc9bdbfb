//! `carillon run`: the daemon.

use std::sync::Arc;

use anyhow::Context as _;
use clap::ValueEnum;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::Context;
use super::exit::{Exit, Failure};
use super::outbox;
use crate::clock::Clock;
use crate::config::{Settings, TransportSettings, load_keyring};
use crate::daemon::{self, Health, Rules};
use crate::db::departures::DeparturesFile;
use crate::db::leaving::Door;
use crate::db::{Store, clock as believed};
use crate::http::{self, App, Readiness};
use crate::member::Lifetime;
use crate::sending::compose::Composer;
use crate::sending::compose::Composer;
use crate::sending::dispatcher::Dispatcher;
use crate::sending::dispatcher::Dispatcher;
use crate::sending::holds::Holds;
use crate::sending::holds::Holds;
use crate::sending::journal::Desk;
use crate::sending::journal::Desk;
use crate::telemetry::{self, LogFormat};
use crate::transport::Transport;

/// The arguments of `carillon run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How much to log: errors, warnings, what happens, or every step
    #[arg(long, env = "CARILLON_LOG", default_value = "info", value_name = "LEVEL")]
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
    let works = Works::open(&settings, store, context.clock.clone())?;
    if let Some(warning) = outbox::warning(settings.mail.transport.outbox()) {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(live(works))
}

/// Everything that a daemon, or a rehearsal of one, is made of.
pub(super) struct Works {
    pub(super) desk: Desk,
    pub(super) dispatcher: Dispatcher,
    pub(super) app: App,
    rules: Rules,
    health: Health,
    listen: String,
}

impl Works {
    /// Opens everything that the settings name, over `store`.
    ///
    /// # Errors
    /// Exit code 2 when a setting cannot be used.
    pub(super) fn open(settings: &Settings, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let transport = Transport::new(&settings.mail.transport)?;
        Self::with_transport(settings, store, clock, transport)
    }

    /// The same, with a transport of the caller's.
    pub(super) fn with_transport(
        settings: &Settings,
        store: Store,
        clock: Clock,
        transport: Transport,
    ) -> anyhow::Result<Self> {
        let keyring = load_keyring(&settings.keys)?;
        let holds = Arc::new(holds(settings));
        let composer = Arc::new(Composer::new(settings, keyring.clone()));
        let now = clock.now();
        store.write_blocking(|db| believed::advance(db, now, settings.clock))?;
        let owner = owner()?;
        let health = Health::new(&owner, clock.clone());
        let readiness = {
            let health = health.clone();
            Readiness::new(move || health.ready())
        };
        let door = Door::of(settings, &store);
        let app = App::new(settings, store.clone(), keyring, clock.clone())?
            .with_readiness(readiness)
            .with_holds(Arc::clone(&holds));
        let desk = Desk { store, clock, owner, holds, door };
        let connections = match &settings.mail.transport {
            TransportSettings::Smtp(relay) => relay.connections,
            TransportSettings::Directory(_) => 4,
        };
        let dispatcher = Dispatcher::new(desk.clone(), transport, composer, connections);
        let rules = Rules {
            calendars: settings.calendars.clone(),
            lifetime: Lifetime::months(settings.consent.lifetime_months),
            address_days: settings.consent.address_days,
        };
        Ok(Self { desk, dispatcher, app, rules, health, listen: settings.public.listen.clone() })
    }
}

/// What may keep a daemon with these settings from sending. The file that counts what was handed over is beside the
/// configuration.
pub(super) fn holds(settings: &Settings) -> Holds {
    let departures = DeparturesFile::new(&settings.departures);
    Holds::new(settings.path.with_file_name("carillon.sent"), departures, settings.clock)
}

/// A name for this daemon's leases: no two live daemons share one.
fn owner() -> anyhow::Result<String> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| Failure::unreachable(format!("no random numbers: {error}")))?;
    Ok(format!("daemon-{}-{:08x}", std::process::id(), u32::from_be_bytes(random)))
}

async fn live(works: Works) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let listener = TcpListener::bind(&works.listen)
        .await
        .with_context(|| format!("cannot listen on `{}`; see `listen` in `[public]`", works.listen))?;
    let faces = http::serve(listener, http::router(works.app), stop.clone());
    let mut house =
        tokio::spawn(daemon::run(works.desk, works.dispatcher, works.rules, works.health, faces, stop.clone()));
    tracing::info!(listen = works.listen, "carillon is running");
    notify(&[sd_notify::NotifyState::Ready]);
    let ended = tokio::select! {
        ended = &mut house => Some(ended),
        () = signals.next() => None,
    };
    notify(&[sd_notify::NotifyState::Stopping]);
    stop.cancel();
    let ended = if let Some(ended) = ended {
        ended
    } else {
        tracing::info!("stopping: messages that were begun are finished; a second signal stops at once");
        tokio::select! {
            ended = house => ended,
            () = signals.next() => return Ok(Exit::Interrupted),
        }
    };
    ended.context("the daemon panicked")??;
    tracing::info!("carillon has stopped");
    Ok(Exit::Done)
}

/// Tells the service manager, if there is one.
fn notify(state: &[sd_notify::NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(error = &error as &dyn std::error::Error, "the service manager cannot be told");
    }
}

/// The signals that stop the daemon, and those that only are noticed: without a handler they would end it at once, with
/// messages begun.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Signal,
    user_1: Signal,
    user_2: Signal,
    /// A file has met a limit of its size: whoever wrote to it is told of it as of a full disk.
    file_size: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
            file_size: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// Waits for a signal that stops the daemon.
    async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.quit.recv() => return,
                _ = self.hang_up.recv() => {
                    tracing::warn!("a configuration is read at the start alone: stop the daemon and start it to take it up");
                }
                _ = self.user_1.recv() => {}
                _ = self.user_2.recv() => {}
                _ = self.file_size.recv() => {}
            }
        }
    }
}
