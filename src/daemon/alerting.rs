//! Tells somebody of problems. What is told is kept in the store, so that the next daemon does not tell it again and that of several
//! daemons one does. While the store cannot be used, which is itself something to tell, it is kept in memory.
//!
//! Nothing holds it: neither a doubted clock nor a restored store.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::health::Health;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::alert::{Alert, AlertChannel, AlertItem, AlertKey, News, ToldChange, ToldProblem, decide, once_told};
use crate::db::alerts::{self, Teller};
use crate::db::{Db, StoreError, StoreResult, Trouble};
use crate::problem::ProblemKind;
use crate::sending::alerts::{AlertDesk, AlertSenders};
use crate::sending::back_off::doubled;
use crate::sending::journal::EngineContext;

/// How often it is looked whether there is something to tell.
const LOOK: SignedDuration = SignedDuration::from_secs(15);

/// The pause after a channel failed, doubled up to the longest.
const FIRST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// What to do about a channel that fails.
const REMEDY: &str = "mend it, and try it with `carillon alert test`; what is to be told is tried again by itself";

/// The loop.
pub(super) struct Alerting {
    engine: EngineContext,
    desk: AlertDesk,
    health: Health,
    channels: BTreeMap<AlertChannel, ChannelMemory>,
}

/// What this daemon knows of a channel.
#[derive(Debug, Default)]
struct ChannelMemory {
    /// What was told, as the store said last, with what it does not say yet.
    told: Vec<ToldProblem>,
    /// What it does not say yet.
    unwritten: Vec<ToldChange>,
    failing: Option<Failing>,
}

/// That a channel fails.
#[derive(Debug)]
struct Failing {
    words: String,
    in_a_row: u32,
    at: Timestamp,
}

impl Failing {
    /// Whether the channel is left alone at `now`. The distance, not the order: a clock may have been set back since.
    fn rests(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() < doubled(FIRST, LONGEST, self.in_a_row)
    }
}

impl ChannelMemory {
    /// Keeps `changes` here.
    fn change(&mut self, changes: &[ToldChange]) {
        for change in changes {
            let key = match change {
                ToldChange::Keep(told) => &told.key,
                ToldChange::Forget(key) => key,
            };
            self.told.retain(|told| told.key != *key);
            if let ToldChange::Keep(told) = change {
                self.told.push(told.clone());
            }
        }
    }

    fn failed(&mut self, words: String, now: Timestamp) {
        let in_a_row = self.failing.as_ref().map_or(0, |failing| failing.in_a_row.saturating_add(1));
        self.failing = Some(Failing { words, in_a_row, at: now });
    }
}

impl Alerting {
    pub(super) fn new(engine: EngineContext, desk: AlertDesk, health: Health) -> Self {
        Self { engine, desk, health, channels: BTreeMap::new() }
    }

    fn memory(&mut self, channel: AlertChannel) -> &mut ChannelMemory {
        self.channels.entry(channel).or_default()
    }

    fn teller(&self) -> Teller {
        Teller { owner: self.engine.owner.clone(), alone: self.engine.store.is_exclusive() }
    }

    /// Tells what there is to tell by `channel`.
    async fn round(&mut self, senders: &AlertSenders, channel: AlertChannel) -> StoreResult<()> {
        self.health.progress(Loop::Alerting).made();
        let now = self.engine.clock.now();
        if self.memory(channel).failing.as_ref().is_some_and(|failing| failing.rests(now)) {
            return Ok(());
        }
        match self.claim(senders, channel, now).await {
            Ok(items) if items.is_empty() => Ok(()),
            Ok(items) => {
                let told = self.tell(senders, channel, items, now).await;
                self.settle(channel, told).await
            }
            Err(error) => {
                if matches!(error.trouble(), Trouble::Locked | Trouble::Unwritable) {
                    self.tell_from_memory(senders, channel, now).await;
                }
                Err(error)
            }
        }
    }

    /// What is to be told now, taken on by this daemon.
    async fn claim(
        &mut self,
        senders: &AlertSenders,
        channel: AlertChannel,
        now: Timestamp,
    ) -> StoreResult<Vec<AlertItem>> {
        self.write_what_was_told(channel).await?;
        let met = self.health.problems().met();
        let rules = senders.rules(channel, self.memory(channel).failing.is_some(), now);
        let look = {
            let met = met.clone();
            move |db: &mut Db| alerts::look(db, channel, &met, &rules, now)
        };
        let (decision, told) = self.engine.store.read(look).await?;
        let memory = self.memory(channel);
        memory.told = told;
        if decision.items.is_empty() {
            // What could not be told need not be told any more.
            memory.failing = None;
        }
        if decision.is_empty() {
            return Ok(Vec::new());
        }
        let teller = self.teller();
        let claim = move |db: &mut Db| alerts::claim(db, channel, &teller, (&met, &rules), now);
        self.engine.store.write(claim).await
    }

    /// Brings into the store what it does not say yet of what was told.
    async fn write_what_was_told(&mut self, channel: AlertChannel) -> StoreResult<()> {
        let changes = self.memory(channel).unwritten.clone();
        if !changes.is_empty() {
            let teller = self.teller();
            let note = move |db: &mut Db| alerts::once_told(db, channel, &teller, &changes);
            self.engine.store.write(note).await?;
            self.memory(channel).unwritten.clear();
        }
        Ok(())
    }

    /// Tells `items`. What follows from that for what is kept, or that it could not be done.
    async fn tell(
        &mut self,
        senders: &AlertSenders,
        channel: AlertChannel,
        items: Vec<AlertItem>,
        now: Timestamp,
    ) -> Option<Vec<ToldChange>> {
        let alert = Alert { shop: senders.shop().to_owned(), at: now, test: false, problems: items };
        let attempt = senders.tell(channel, &alert).await;
        let name = channel.name();
        if !attempt.output.is_empty() {
            tracing::info!(channel = name, output = attempt.output, "the program of the alerts said something");
        }
        match attempt.outcome {
            Ok(words) => {
                tracing::info!(
                    channel = name,
                    problems = alert.problems.len(),
                    "somebody was told of problems: {words}"
                );
                self.memory(channel).failing = None;
                Some(once_told(&alert.problems, now))
            }
            Err(unsent) => {
                tracing::warn!(channel = name, "nobody could be told of a problem: {unsent}; it is tried again");
                self.memory(channel).failed(unsent.to_string(), now);
                None
            }
        }
    }

    /// Keeps that what was claimed was told, or gives it back.
    async fn settle(&mut self, channel: AlertChannel, told: Option<Vec<ToldChange>>) -> StoreResult<()> {
        if let Some(changes) = told {
            self.keep(channel, changes);
            return self.write_what_was_told(channel).await;
        }
        let teller = self.teller();
        self.engine.store.write(move |db: &mut Db| alerts::give_back(db, channel, &teller)).await
    }

    fn keep(&mut self, channel: AlertChannel, changes: Vec<ToldChange>) {
        let memory = self.memory(channel);
        memory.change(&changes);
        memory.unwritten.extend(changes);
    }

    /// Tells what this daemon has met and the store cannot say. What was acknowledged in the store is known there alone.
    async fn tell_from_memory(&mut self, senders: &AlertSenders, channel: AlertChannel, now: Timestamp) {
        let met = self.health.problems().met();
        let memory = self.memory(channel);
        let rules = senders.rules(channel, memory.failing.is_some(), now);
        let mut items = decide(&met, &memory.told, &rules, now).items;
        let seen = |item: &AlertItem| {
            let key = AlertKey::of(&item.problem);
            memory.told.iter().any(|told| told.key == key && told.seen_at.is_some())
        };
        items.retain(|item| item.news != News::Over && !seen(item));
        if items.is_empty() {
            return;
        }
        if let Some(changes) = self.tell(senders, channel, items, now).await {
            self.keep(channel, changes);
        }
    }

    /// Says which channels fail.
    fn say_what_fails(&self) {
        let said = |(channel, memory): (&AlertChannel, &ChannelMemory)| {
            memory.failing.as_ref().map(|failing| format!("by {}: {}", channel.name(), failing.words))
        };
        let failing: Vec<String> = self.channels.iter().filter_map(said).collect();
        let (problems, kind) = (self.health.problems(), ProblemKind::AlertsUnsent);
        if failing.is_empty() {
            return problems.end(kind);
        }
        let is_every = failing.len() == self.channels.len();
        let what = if is_every { kind.traits().title } else { "not everybody is told what is wrong" };
        problems.begin(kind, format!("{what}: {}", failing.join("; ")), REMEDY);
    }
}

impl Work for Alerting {
    const LOOP: Loop = Loop::Alerting;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let senders = self.desk.current();
        let channels = senders.channels();
        // A channel that was taken out of the configuration fails no more.
        self.channels.retain(|channel, _| channels.contains(channel));
        let mut fault: Option<StoreError> = None;
        for channel in channels {
            if let Err(error) = self.round(&senders, channel).await {
                fault = Some(error);
            }
        }
        self.say_what_fails();
        fault.map_or(Ok(NextTurn::After(LOOK)), |error| Err(error.into()))
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::config::{Overrides, SAMPLE, Settings, StoreUrl};
    use crate::db::Store;
    use crate::db::departures::DeparturesFile;
    use crate::db::leaving::Leaving;
    use crate::sending::holds::Holds;
    use crate::time_trust::Leeway;

    /// A store in a folder, and a daemon that tells a program which writes down what it is told.
    struct Told {
        folder: TempDir,
        clock: Clock,
        alerting: Alerting,
    }

    impl Told {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("calendars")).unwrap();
            let alerts = "[alerts]\ncommand = [\"sh\", \"-c\", \"cat >> told.jsonl\"]\n";
            fs::write(at("carillon.toml"), format!("{SAMPLE}\n{alerts}")).unwrap();
            let settings = Settings::load(&at("carillon.toml"), &Overrides::default()).unwrap();
            let (store, _) = Store::migrate(&StoreUrl::Sqlite(at("carillon.db"))).unwrap();
            let clock = Clock::manual("2027-01-02T03:00:00Z".parse().unwrap());
            let departures = DeparturesFile::new(at("carillon.departures"));
            let engine = EngineContext {
                store: store.clone(),
                clock: clock.clone(),
                owner: "daemon-1".to_owned(),
                holds: Arc::new(Holds::new(at("carillon.sent"), departures.clone(), Leeway::unlimited())),
                leaving: Leaving::new(store, departures, "exemple", Leeway::unlimited()),
            };
            let health = Health::new("daemon-1", clock.clone());
            let alerting = Alerting::new(engine, AlertDesk::new(&settings), health);
            Self { folder, clock, alerting }
        }

        fn goes_by(&self, minutes: i64) {
            self.clock.advance_to(self.clock.now() + SignedDuration::from_mins(minutes));
        }

        /// What was told, as the news and the kind of each problem, alert by alert.
        fn told(&self) -> Vec<Vec<String>> {
            let text = fs::read_to_string(self.folder.path().join("told.jsonl")).unwrap_or_default();
            let alert = |line: &str| {
                let alert: serde_json::Value = serde_json::from_str(line).unwrap();
                let problems = alert["problems"].as_array().unwrap().clone();
                let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                problems.iter().map(|it| format!("{} {}", word(&it["news"]), word(&it["kind"]))).collect()
            };
            text.lines().map(alert).collect()
        }
    }

    #[tokio::test]
    async fn that_the_store_cannot_be_used_is_told_and_noted_later() {
        let mut told = Told::new();
        let problems = told.alerting.health.problems().clone();
        let mut other = SqliteConnection::establish(told.folder.path().join("carillon.db").to_str().unwrap()).unwrap();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        problems.begin(ProblemKind::StoreLocked, "it is locked", "end it");
        told.goes_by(1);
        let turn = told.alerting.turn().await;
        assert!(matches!(turn, Err(TurnError::Store(StoreError::Busy))), "{turn:?}");
        assert_eq!(told.told(), [["began store-locked"]]);
        let (senders, now) = (told.alerting.desk.current(), told.clock.now());
        told.alerting.tell_from_memory(&senders, AlertChannel::Command, now).await;
        assert_eq!(told.told().len(), 1, "once");
        other.batch_execute("ROLLBACK").unwrap();
        assert_eq!(told.alerting.turn().await.unwrap(), NextTurn::After(LOOK));
        let kept = |db: &mut Db| alerts::told(db, AlertChannel::Command);
        assert_eq!(told.alerting.engine.store.read_blocking(kept).unwrap().len(), 1);
        assert_eq!(told.told().len(), 1, "the store knows that it was told");
    }

    #[tokio::test]
    async fn a_channel_that_fails_is_left_alone_for_a_while_and_is_a_problem() {
        let mut told = Told::new();
        let problems = told.alerting.health.problems().clone();
        let file = told.folder.path().join("told.jsonl");
        fs::create_dir(&file).unwrap();
        problems.begin(ProblemKind::MailUnusable, "no relay", "mend it");
        told.goes_by(1);
        told.alerting.turn().await.unwrap();
        assert!(problems.standing().contains(&ProblemKind::AlertsUnsent));
        fs::remove_dir(&file).unwrap();
        told.alerting.turn().await.unwrap();
        assert_eq!(told.told(), Vec::<Vec<String>>::new(), "it rests");
        told.goes_by(1);
        told.alerting.turn().await.unwrap();
        assert_eq!(told.told(), [["began mail-unusable"]]);
        assert!(!problems.standing().contains(&ProblemKind::AlertsUnsent));
    }
}
