//! What a rehearsal is lived in: a copy of the shop's store, or an example shop, and members.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::scratch::ScratchFolder;
use super::{Args, RelayMood};
use crate::campaign::Campaign;
use crate::cli::Context;
use crate::cli::run::holds;
use crate::clock::Clock;
use crate::config::{Overrides, Settings, StoreUrl, TransportSettings, sample};
use crate::daemon::Simulation;
use crate::db::catch_up::RecordLost;
use crate::db::departures::DeparturesFile;
use crate::db::imports::{self, ImportTerms};
use crate::db::leaving::Leaving;
use crate::db::problems::WhichProblems;
use crate::db::{Store, clock as believed, identity, lists, members, pace, problems};
use crate::delivery::pace::PaceLearned;
use crate::files::read_text;
use crate::finding::{Finding, Place};
use crate::keys::Keyring;
use crate::member::{Capture, Evidence, InterfaceLanguage, Language, ListAct, ListName, Pseudonyms};
use crate::phrase;
use crate::problem::ProblemKind;
use crate::sending::compose::Composer;
use crate::sending::dispatcher::Dispatcher;
use crate::sending::holds::Holds;
use crate::sending::journal::EngineContext;
use crate::sending::progress::Pulse;
use crate::sending::relays::{RelayAllowance, RelayList, RelayPost, Relays};
use crate::sending::rests::Rests;
use crate::sending::sent_file::new_file_id;
use crate::text::Rate;
use crate::time_trust::Leeway;
use crate::transport::{Directory, Rehearsal, Transport};

/// How many letters at once are written where nothing says how fast mail goes.
const AT_ONCE: usize = 32;

/// How many mails a slow relay takes in a minute.
const SLOW: f64 = 60.0;

/// How many made-up members come in with one transaction.
const BATCH: u32 = 2_000;

/// The keys of the example shop and of every letter: known to everybody, and nobody's, so that no link in a letter works.
const NOBODYS_KEYS: [u8; 32] = *b"a rehearsal: these open nothing.";

/// From which the names of made-up members are drawn: the same ones each time.
const SEED: [u8; 32] = *b"a rehearsal has the same members";

const WORDING: &str =
    "J’accepte de recevoir par courriel l’annonce des avant-premières. Je peux me désinscrire en un clic.";

/// A copy of a shop, and who lives in it.
pub(super) struct ShopCopy {
    /// The shop's settings, with the copy as the store.
    pub(super) settings: Settings,
    /// The copy.
    pub(super) store: Store,
    /// How many members may be written to.
    pub(super) members: u64,
    /// Whether they are made up.
    pub(super) made_up: bool,
    /// The lists that made-up members are on: all that there are, and all that the rehearsed campaigns name.
    pub(super) lists: Vec<ListName>,
    /// What keeps the shop from sending today. In the copy it is settled.
    pub(super) holding: Vec<Finding>,
    holds: Arc<Holds>,
    leaving: Leaving,
}

impl ShopCopy {
    /// Copies the shop of `context`, or sets an example shop up where there is none.
    pub(super) fn of(
        context: &Context,
        scratch: &ScratchFolder,
        (args, interrupted): (&Args, &CancellationToken),
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let (file, url) = (scratch.at("carillon.db"), StoreUrl::Sqlite(scratch.at("carillon.db")));
        let (settings, store, mut holding) = match context.settings_if_any()? {
            Some(settings) => {
                let shops = Store::open(&settings.store)?;
                let asked = context.clock.now();
                let held = shops.read_blocking(|db| holds(&settings).ask(db, asked))?;
                let holding = (!held.is_empty()).then(|| {
                    let place = Place::file(settings.path.display().to_string());
                    Finding::warning("rehearsal.holding", place, phrase!("rehearse-holding"))
                });
                let store = shops.copy_to(&file)?;
                (settings, store, holding.into_iter().collect())
            }
            None => (example(context.language, scratch)?, Store::migrate(&url)?.0.without_sync(), Vec::new()),
        };
        // The clock is moved by hand, over days at once.
        let settings = Settings {
            store: url,
            departures: scratch.at("carillon.departures"),
            anchors: scratch.at("carillon.anchors"),
            clock: Leeway::unlimited(),
            ..settings
        };
        let record = DeparturesFile::new(&settings.departures);
        let leaving = Leaving::of(&settings, &store);
        let holds = Holds::new(scratch.at("carillon.sent"), record, settings.clock).without_sync();
        let holds = Arc::new(holds.with_rests(Rests::of(&settings)));
        vouch(&store, &leaving, &holds, now)?;
        if store.read_blocking(problems::is_leave_path_broken)? {
            store.write_blocking(|db| {
                for standing in problems::list(db, WhichProblems::Standing)? {
                    if standing.problem.kind == ProblemKind::LeavePathBroken {
                        problems::end(db, ProblemKind::LeavePathBroken, &standing.problem.object, now)?;
                    }
                }
                Ok(())
            })?;
            let place = Place::file(settings.path.display().to_string());
            holding.push(Finding::warning("rehearsal.holding", place, phrase!("rehearse-no-way-out")));
        }
        let count = |store: &Store| store.read_blocking(|db| members::count_eligible(db, now));
        let mut copy = Self {
            members: count(&store)?.unsigned_abs(),
            settings,
            store,
            made_up: false,
            lists: Vec::new(),
            holding,
            holds,
            leaving,
        };
        if copy.members == 0 {
            copy.invite(args.members, now, interrupted)?;
            copy.members = count(&copy.store)?.unsigned_abs();
            copy.made_up = true;
            copy.lists = copy.enlist(&args.files, now)?;
        }
        Ok(copy)
    }

    /// Has `count` made-up members join: the same ones each time, at domains that belong to nobody.
    fn invite(&self, count: u32, now: Timestamp, interrupted: &CancellationToken) -> anyhow::Result<()> {
        let confirmed_at = now.saturating_sub(SignedDuration::from_hours(24 * 30)).unwrap_or(now);
        let wording: Arc<str> = Arc::from(WORDING);
        let terms = ImportTerms::of(&self.settings, Keyring::generate(NOBODYS_KEYS));
        let somebody = |number: u32| -> anyhow::Result<Evidence> {
            Ok(Evidence {
                address: format!("membre.{number:06}@example.org").parse()?,
                language: if number % 5 == 4 { Language::En } else { Language::Fr },
                confirmed_at,
                wording: Arc::clone(&wording),
                source: "rehearsal".to_owned(),
                capture: "double_optin".parse::<Capture>()?,
                form_version: None,
            })
        };
        let mut seed = SEED;
        for first in (0..count).step_by(BATCH as usize) {
            if interrupted.is_cancelled() {
                break;
            }
            let last = count.min(first.saturating_add(BATCH));
            let batch = (first..last).map(somebody).collect::<anyhow::Result<Vec<_>>>()?;
            // Another seed for each batch, so that nobody gets the pseudonym of another.
            for (byte, digit) in seed.iter_mut().zip(first.to_be_bytes()) {
                *byte = digit;
            }
            self.store
                .write_blocking(|db| imports::import(db, &batch, &terms, Pseudonyms::from_seed(seed), now, false))?;
        }
        Ok(())
    }

    /// Puts the made-up members on every list that mailings of the rehearsal may go to: as nobody of them is real, a list that
    /// is empty or not there yet says nothing of how the campaign will go.
    fn enlist(&self, files: &[PathBuf], now: Timestamp) -> anyhow::Result<Vec<ListName>> {
        let mut names: BTreeSet<ListName> = self.store.read_blocking(lists::names)?.into_iter().collect();
        for file in files {
            // What is wrong with it is told when it is applied.
            let Ok(Ok(campaign)) = read_text(file).map(|document| Campaign::parse(&document)) else { continue };
            names.extend(campaign.group.iter().filter_map(|group| group.list.as_ref()).map(|list| list.value.clone()));
            names.extend(campaign.mailings.iter().flat_map(|mailing| &mailing.to).map(|list| list.value.clone()));
        }
        let names: Vec<ListName> = names.into_iter().collect();
        if !names.is_empty() {
            let act = ListAct::import("–", "carillon", now);
            self.store.write_blocking(|db| {
                let listing = lists::begin(db, &names, &act)?;
                lists::put_everybody(db, &listing)
            })?;
        }
        Ok(names)
    }

    /// A daemon's planner and dispatcher on the copy.
    pub(super) fn simulation(&self, clock: &Clock, daemon: SimulatedDaemon<'_>) -> anyhow::Result<Simulation> {
        let (settings, clock) = (&self.settings, clock.clone());
        let SimulatedDaemon { name, relay, keep, dies } = daemon;
        let usual = RelayAllowance::of(&settings.mail.transport);
        let rate = match (usual.rate, relay) {
            (rate, Some(RelayMood::Slow)) => {
                let slow = rate.map_or(SLOW, |rate| rate.a_minute().min(SLOW));
                Rate::per_minute(slow)
            }
            (rate, _) => rate,
        };
        let now = clock.now();
        let learned = match &usual.relay {
            Some(relay) => self.store.read_blocking(|db| pace::learned(db, relay, now))?.pace,
            None => PaceLearned::default(),
        };
        // Where it matters in which order letters leave, they leave one after the other: so it is the same each time.
        let in_order = rate.is_some() || relay.is_some() || dies.is_some() || learned != PaceLearned::default();
        let allowed = RelayAllowance {
            connections: if in_order { 1 } else { AT_ONCE },
            mails: u32::MAX,
            rate,
            relay: usual.relay,
        };
        let directory = match keep {
            Some(folder) => Directory::new(folder).without_sync(),
            None => Directory::new("").keeping_nothing(),
        };
        let refusing = relay == Some(RelayMood::Refusing);
        let rehearsal = if refusing { Rehearsal::default().refuse_everybody() } else { Rehearsal::default() };
        let rehearsal = match dies {
            Some(told) => rehearsal.die_after(self.members / 3, told),
            None => rehearsal,
        };
        let composer = Arc::new(Composer::new(settings, Keyring::generate(NOBODYS_KEYS)).disguised());
        self.store.write_blocking(|db| believed::advance(db, now, settings.clock))?;
        let engine = EngineContext {
            store: self.store.clone(),
            clock,
            owner: name.to_owned(),
            holds: Arc::clone(&self.holds),
            leaving: self.leaving.clone(),
        };
        let transport = Transport::Directory(directory.rehearsing(rehearsal));
        let relays = Relays::new(RelayList::new(RelayPost::new(transport, allowed), Vec::new()));
        Ok(Simulation::new(engine.clone(), Dispatcher::new(engine, relays, composer, Pulse::default())))
    }
}

/// A daemon of a rehearsal.
pub(super) struct SimulatedDaemon<'a> {
    /// By which its claims are known.
    pub(super) name: &'a str,
    /// How its relay is.
    pub(super) relay: Option<RelayMood>,
    /// The folder for its letters, which are only counted where there is none.
    pub(super) keep: Option<PathBuf>,
    /// What is told when it dies: after a third of the members have their letter.
    pub(super) dies: Option<CancellationToken>,
}

/// The settings of the example shop.
fn example(language: InterfaceLanguage, scratch: &ScratchFolder) -> anyhow::Result<Settings> {
    let file = scratch.at("carillon.toml");
    fs::write(&file, sample(language))?;
    fs::create_dir(scratch.at("calendars"))?;
    let settings = Settings::load(&file, &Overrides::default())?;
    let mut mail = settings.mail.clone();
    // Under the names that they would have in a shop's folder: those of the copy are nobody's business.
    mail.transport = TransportSettings::Directory(PathBuf::from("outbox"));
    Ok(Settings { path: PathBuf::from("carillon.toml"), mail, ..settings })
}

/// Takes the copy for the latest store that there is, and for one that knows everybody who left.
fn vouch(store: &Store, leaving: &Leaving, holds: &Holds, now: Timestamp) -> anyhow::Result<()> {
    let (record, file) = (new_file_id()?, new_file_id()?);
    leaving.settle_blocking(NOBODYS_KEYS, record, now, RecordLost::BeginAnew)?;
    let line = store.write_blocking(|db| identity::vouch(db, file))?;
    holds.sent().replace(line).context("the count of what was handed over cannot be written beside the copy")?;
    Ok(())
}
