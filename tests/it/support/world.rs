//! A shop with members and a campaign, on a clock that a test moves, with the real planner and dispatcher.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use carillon::clock::Clock;
use carillon::config::{Overrides, Settings, StoreUrl, replace_keyring};
use carillon::db::audit::{self, AuditEntry};
use carillon::db::campaigns;
use carillon::db::deliveries::{Attempt, Lease, Leases, Recorded};
use carillon::db::imports::{self, ImportTerms};
use carillon::db::reports::{self, MailingReport, QueueFilter, QueueRow};
use carillon::db::{Store, deliveries, mailings, members};
use carillon::delivery::DeliveryState;
use carillon::delivery::late_check::LateCheck;
use carillon::delivery::marks::MarkedLetters;
use carillon::delivery::review::Review;
use carillon::delivery::state::{DeliveryEvent, Fence};
use carillon::keys::Keyring;
use carillon::member::{Capture, Cause, Evidence, Language, Lifetime, Method, Pseudonyms, SignUp};
use carillon::sending::compose::Composer;
use carillon::sending::dispatcher::Dispatcher;
use carillon::sending::holds::Holds;
use carillon::sending::journal::EngineContext;
use carillon::sending::planner::{self, Begin, Planned};
use carillon::sending::progress::Pulse;
use carillon::sending::relays::{RelayAllowance, RelayList, RelayPost, Relays};
use carillon::sending::rests::Rests;
use carillon::time_trust::Leeway;
use carillon::transport::Transport;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::apply::apply;
use super::backend::{Backend, Fresh};
use super::build::{CampaignFile, campaign, mailing};
use super::shop::run_sql;
use super::slug;

/// The campaign of the tests: one mailing on the eve, one when it opens.
pub fn winter_sale() -> CampaignFile {
    let announcement = mailing("announcement").from("2027-01-01 10:00");
    campaign().with("sector", "shoes").opens("2027-01-02 08:00").mailing(announcement).mailing(mailing("opening"))
}

/// The instant at which the announcement is due.
pub const ANNOUNCED: &str = "2027-01-01T09:00:00Z";

/// The shop.
pub struct World {
    pub fresh: Fresh,
    pub store: Store,
    pub clock: Clock,
    /// Grows while a dispatcher of this shop works.
    pub progress: Pulse,
    pub settings: Settings,
    pub keyring: Keyring,
    pub runtime: tokio::runtime::Runtime,
    composer: OnceLock<Arc<Composer>>,
}

/// What `address` sends in when it signs up; `nonce` makes its link.
pub fn asks_to_join(address: &str, nonce: u8) -> SignUp {
    SignUp {
        address: address.parse().unwrap(),
        language: Language::Fr,
        text: "Je veux être prévenu.".into(),
        form_version: "test".into(),
        source: "join".to_owned(),
        nonce: [nonce; 16],
    }
}

impl World {
    /// A shop whose members have these addresses, with the campaign applied, a day before anything is due.
    pub fn new(backend: Backend, addresses: &[&str]) -> Self {
        let (fresh, store) = Fresh::store(backend);
        let configuration = fresh.folder.path().join("carillon.toml");
        std::fs::write(&configuration, include_str!("../../../config/carillon.example.toml")).unwrap();
        std::fs::create_dir(fresh.folder.path().join("calendars")).unwrap();
        // The clock is moved by hand; a test about a doubted clock sets a leeway.
        let settings = Settings::load(&configuration, &Overrides::default()).unwrap();
        let settings = Settings { clock: Leeway::unlimited(), ..settings };
        let keyring = Keyring::generate([7; 32]);
        replace_keyring(&settings.keys, &keyring).unwrap();
        let clock = Clock::manual("2026-12-31T09:00:00Z".parse().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let world = Self {
            fresh,
            store,
            clock,
            progress: Pulse::default(),
            settings,
            keyring,
            runtime,
            composer: OnceLock::new(),
        };
        world.join(addresses);
        world.apply(&winter_sale());
        world
    }

    /// Imports members with the evidence of their consent.
    pub fn join(&self, addresses: &[&str]) {
        let now = self.clock.now();
        let batch: Vec<Evidence> = addresses
            .iter()
            .enumerate()
            .map(|(number, address)| Evidence {
                address: address.parse().unwrap(),
                language: if number % 2 == 0 { Language::Fr } else { Language::En },
                confirmed_at: "2026-09-01T10:00:00Z".parse().unwrap(),
                wording: Arc::from("J’accepte."),
                source: "form:footer".to_owned(),
                capture: "double_optin".parse::<Capture>().unwrap(),
                form_version: None,
            })
            .collect();
        let terms = ImportTerms::new("exemple", Lifetime::months(24), self.keyring.clone());
        // Another seed for each import, so that nobody gets the pseudonym of another.
        let before = self.store.read_blocking(|db| members::list(db, None, 0, 10_000)).unwrap().len();
        let seed = Pseudonyms::from_seed([u8::try_from(before % 256).unwrap(); 32]);
        self.store.write_blocking(|db| imports::import(db, &batch, &terms, seed.clone(), now, false)).unwrap();
    }

    /// Applies a campaign file.
    #[track_caller]
    pub fn apply(&self, file: &CampaignFile) {
        apply(&self.store, &file.text(), self.clock.now()).unwrap();
    }

    /// Moves the clock.
    pub fn at(&self, instant: &str) -> &Self {
        self.clock.advance_to(instant.parse().unwrap());
        self
    }

    /// What may keep a daemon of this shop from sending.
    pub fn holds(&self) -> Holds {
        let holds = Holds::new(self.fresh.sent(), self.fresh.departures(), self.settings.clock);
        holds.with_rests(Rests::of(&self.settings))
    }

    /// What a daemon named `owner` works with.
    pub fn engine(&self, owner: &str) -> EngineContext {
        let holds = Arc::new(self.holds());
        EngineContext {
            store: self.store.clone(),
            clock: self.clock.clone(),
            owner: owner.to_owned(),
            holds,
            leaving: self.fresh.door(&self.store),
        }
    }

    /// A dispatcher that hands over to `transport`, under the name `owner`.
    pub fn dispatcher(&self, owner: &str, transport: Transport) -> Dispatcher {
        self.dispatcher_with(owner, transport, RelayAllowance { connections: 4, mails: 100, rate: None, relay: None })
    }

    /// The same, of which a person allows something else.
    pub fn dispatcher_with(&self, owner: &str, transport: Transport, allowed: RelayAllowance) -> Dispatcher {
        self.dispatcher_to(owner, RelayList::new(RelayPost::new(transport, allowed), Vec::new()))
    }

    /// The same through several relays.
    pub fn dispatcher_to(&self, owner: &str, relays: RelayList) -> Dispatcher {
        Dispatcher::new(self.engine(owner), Relays::new(relays), self.composer(), self.progress.clone())
    }

    /// What writes the letters of this shop.
    pub fn composer(&self) -> Arc<Composer> {
        let composer = || Arc::new(Composer::new(&self.settings, self.keyring.clone()));
        Arc::clone(self.composer.get_or_init(composer))
    }

    /// What a look at the letters of the open mailings gives.
    pub fn review(&self) -> Review {
        self.runtime.block_on(self.composer().review(&self.store, self.clock.now())).unwrap()
    }

    /// Runs the planner once.
    pub fn plan(&self) -> Planned {
        self.plan_if(Begin::WhatIsDue)
    }

    /// The same, where `begin` is what the daemon knows of the way out.
    pub fn plan_if(&self, begin: Begin) -> Planned {
        let leases = Leases::RunOut("planner".to_owned());
        self.plan_with(&leases, begin)
    }

    /// The same, with these leases.
    pub fn plan_with(&self, leases: &Leases, begin: Begin) -> Planned {
        let (now, review) = (self.clock.now(), self.review());
        self.store.write_blocking(|db| planner::step(db, &self.holds(), leases, (&review, begin), now)).unwrap()
    }

    /// Sends what is due; returns when there will be more.
    pub fn drain(&self, dispatcher: &Dispatcher) -> Option<Timestamp> {
        self.runtime.block_on(dispatcher.drain(&CancellationToken::new())).unwrap()
    }

    /// The account of the mailing `name`.
    pub fn report(&self, name: &str) -> MailingReport {
        let reports = self.store.read_blocking(|db| reports::mailings_of(db, Some(&slug("hiver")))).unwrap();
        reports.into_iter().find(|report| report.mailing == name).unwrap()
    }

    /// The mailing `name` in the store.
    pub fn mailing_id(&self, name: &str) -> i64 {
        let campaign = self.store.read_blocking(|db| campaigns::find(db, &slug("hiver"))).unwrap().unwrap();
        let mailings = self.store.read_blocking(|db| mailings::list(db, campaign.id)).unwrap();
        mailings.into_iter().find(|mailing| mailing.name == name).unwrap().id
    }

    /// How many deliveries of the mailing `name` are in `state`.
    pub fn count(&self, name: &str, state: DeliveryState) -> u64 {
        self.report(name).counts.get(&state).copied().unwrap_or_default()
    }

    /// The deliveries in `state`, or all of them.
    pub fn queue(&self, state: Option<DeliveryState>) -> Vec<QueueRow> {
        let filter = QueueFilter { state, limit: 10_000, ..QueueFilter::default() };
        self.store.read_blocking(|db| reports::queue(db, &filter)).unwrap()
    }

    /// The member behind a listed delivery withdraws.
    pub fn withdraw(&self, row: &QueueRow) {
        let member = row.member;
        let now = self.clock.now();
        self.fresh.leave(&self.store, member, Cause::Withdrawn, Method::OneClickPost, now);
    }

    /// Claims what is due, as a daemon that then dies or sleeps.
    pub fn claim(&self, owner: &str, limit: i64, until: Timestamp) -> Vec<Fence> {
        let now = self.clock.now();
        let lease = Lease { owner: owner.to_owned(), until };
        let jobs = self.store.write_blocking(|db| deliveries::claim(db, &lease, &BTreeSet::new(), now, limit)).unwrap();
        jobs.into_iter().map(|job| job.fence).collect()
    }

    /// What the daemon `owner` has claimed is taken back, as by one that takes it for dead. Returns how much went back to the queue,
    /// and how much is in doubt.
    pub fn take_over_from(&self, owner: &str) -> (usize, usize) {
        let (leases, now) = (Leases::Of(vec![owner.to_owned()]), self.clock.now());
        self.store.write_blocking(|db| deliveries::reap(db, &leases, &MarkedLetters::default(), now)).unwrap()
    }

    /// As after a stop of the machine that the store is on: the witness of what did not wait for the disk is another one.
    pub fn stop_the_machine(&self) {
        let sql = match &self.fresh.url {
            StoreUrl::Sqlite(_) => "UPDATE store_facts SET value = 'an earlier kernel' WHERE name = 'witness'",
            StoreUrl::Postgres(_) => "TRUNCATE commit_witness",
        };
        run_sql(&self.fresh.url, sql);
    }

    /// Asks to hand over what was claimed, as the journal does, under a lease of fifteen minutes.
    pub fn hand_over(&self, fences: &[Fence]) -> Vec<LateCheck> {
        let now = self.clock.now();
        let until = now + SignedDuration::from_mins(15);
        let checked = self.store.write_blocking(|db| deliveries::hand_over(db, fences, until, now)).unwrap();
        checked.into_iter().map(|(_, answer)| answer.check).collect()
    }

    /// Records what became of a claimed delivery, as its holder knows it.
    pub fn record(&self, fence: &Fence, event: DeliveryEvent) -> Recorded {
        let now = self.clock.now();
        let attempt = Attempt::without_reply(fence.clone(), event, Some("told by a test"));
        self.store.write_blocking(|db| deliveries::record(db, &attempt, now)).unwrap()
    }

    /// The audit log of the campaign.
    pub fn audit(&self) -> Vec<AuditEntry> {
        self.store.read_blocking(|db| audit::list(db, Some("hiver"))).unwrap()
    }
}
