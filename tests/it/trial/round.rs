//! One round: a mailing, some faults by the seed, and the peace after them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use carillon::config::StoreUrl;
use carillon::db::reports::{self, MailingReport};
use carillon::delivery::{DeliveryState, MailingState};
use jiff::SignedDuration;

use super::chance::Chance;
use super::sink::{Sink, Weather};
use super::stand::Stand;
use crate::support::backend::Backend;

/// How long a daemon in peace may take over what is left.
const PATIENCE: Duration = Duration::from_secs(30);

/// How far the clock is set on in peace: past every lease and every pause between two attempts.
const PEACE: SignedDuration = SignedDuration::from_mins(75);

/// What is done to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Kill,
    Restart,
    Sleep,
    NewWeather,
    LockStore,
    LoseConnections,
    RestartServer,
    Withdraw,
    Erase,
    Pause,
    ClockForward,
    ClockBack,
    ClockLeap,
}

impl Act {
    /// What can be done to a shop on this store. What is there twice happens twice as often.
    fn on(url: &StoreUrl) -> Vec<Self> {
        let mut acts = vec![
            Self::Kill,
            Self::Kill,
            Self::Restart,
            Self::Restart,
            Self::Sleep,
            Self::Sleep,
            Self::NewWeather,
            Self::NewWeather,
            Self::NewWeather,
            Self::LockStore,
            Self::Withdraw,
            Self::Withdraw,
            Self::Erase,
            Self::Pause,
            Self::ClockForward,
            Self::ClockBack,
            Self::ClockLeap,
        ];
        if matches!(url, StoreUrl::Postgres(_)) {
            acts.extend([Self::LoseConnections, Self::LoseConnections]);
            if std::env::var_os("CARILLON_TRIAL_RESTART").is_some() {
                acts.push(Self::RestartServer);
            }
        }
        acts
    }
}

/// What came of a round.
#[derive(Debug, Default)]
pub struct Outcome {
    pub acts: Vec<Act>,
    pub accepted: u64,
    pub in_doubt: u64,
    pub other: u64,
    /// How many messages the relay had whole.
    pub handed: usize,
}

pub struct Round {
    pub stand: Stand,
    chance: Chance,
    /// Whether its mailing ends by its deadline.
    by_deadline: bool,
}

impl Round {
    pub fn new(backend: Backend, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let members = usize::try_from(chance.within(60, 160)).unwrap();
        let pace = Duration::from_millis(chance.within(5, 30));
        let sink = Sink::start(Chance::new(chance.word()), pace);
        let daemons = if matches!(backend, Backend::Sqlite) || chance.in_thousand(300) { 1 } else { 2 };
        let by_deadline = chance.in_thousand(350);
        Self { stand: Stand::new(backend, members, daemons, sink), chance, by_deadline }
    }

    /// Does everything and says what came of it; what must not have happened is in [`Stand::violations`].
    pub fn run(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        self.stand.sink.wait_for_more(1, Duration::from_secs(5));
        let acts = Act::on(&self.stand.house.fresh.url);
        for _ in 0..self.chance.within(4, 9) {
            let more = usize::try_from(self.chance.within(1, 20)).unwrap();
            self.stand.sink.wait_for_more(more, Duration::from_millis(700));
            let act = self.chance.one_of(&acts);
            self.stand.tell(format!("{act:?}"));
            self.act(act);
            outcome.acts.push(act);
        }
        if self.by_deadline {
            self.meet_deadline();
        }
        match self.make_peace() {
            Some(report) => self.settle(&report, &mut outcome),
            None => self.stand.violations.push("the mailing did not end".to_owned()),
        }
        outcome
    }

    fn pause(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.chance.within(from, to))
    }

    fn act(&mut self, act: Act) {
        let place = usize::try_from(self.chance.within(0, self.stand.machines() as u64)).unwrap();
        match act {
            Act::Kill => {
                self.stand.kill(place);
                let pause = self.pause(0, 300);
                std::thread::sleep(pause);
                self.stand.start(place);
            }
            Act::Restart => {
                self.stand.terminate(place);
                self.stand.start(place);
            }
            Act::Sleep => self.sleep(place),
            Act::NewWeather => {
                let weather = self.chance.one_of(&Weather::BAD);
                self.stand.tell(format!("  {weather:?}"));
                self.stand.sink.has(weather);
            }
            Act::LockStore => {
                let pause = self.pause(200, 2_500);
                self.stand.lock_store(pause);
            }
            Act::LoseConnections => self.lose_connections(),
            Act::RestartServer => {
                #[cfg(feature = "postgres")]
                super::stand::server::restart();
            }
            Act::Withdraw => {
                for _ in 0..self.chance.within(1, 4) {
                    let who = self.somebody();
                    self.stand.withdraw(who);
                }
            }
            Act::Erase => {
                let who = self.somebody();
                self.stand.erase(who);
            }
            Act::Pause => self.pause_campaign(),
            Act::ClockForward => {
                let seconds = self.chance.within(30, 25 * 60).cast_signed();
                self.stand.step_clock(SignedDuration::from_secs(seconds));
            }
            Act::ClockBack => {
                let seconds = self.chance.within(5, 4 * 60).cast_signed();
                self.stand.step_clock(SignedDuration::from_secs(-seconds));
            }
            Act::ClockLeap => {
                let years = SignedDuration::from_hours(24 * 1_500);
                self.stand.step_clock(years);
                self.stand.silence("the clock is years ahead");
                let pause = self.pause(200, 700);
                std::thread::sleep(pause);
                self.stand.end_silence("the clock is years ahead");
                self.stand.step_clock(-years);
            }
        }
    }

    fn somebody(&mut self) -> usize {
        usize::try_from(self.chance.within(0, self.stand.people.len() as u64)).unwrap()
    }

    /// A machine that sleeps past its leases, or a little.
    fn sleep(&mut self, place: usize) {
        self.stand.stop(place);
        if self.chance.in_thousand(700) {
            self.stand.step_clock(SignedDuration::from_mins(20));
        }
        let pause = self.pause(100, 1_500);
        self.stand.sink.wait_for_more(30, pause);
        self.stand.go_on(place);
        if self.chance.in_thousand(500) {
            // It gives back what it believes that it holds.
            self.stand.terminate(place);
            self.stand.start(place);
        }
    }

    fn pause_campaign(&mut self) {
        if self.stand.run(&["campaign", "pause", "hiver"]).is_some() {
            self.stand.silence("paused");
        }
        let pause = self.pause(200, 800);
        std::thread::sleep(pause);
        self.stand.end_silence("paused");
        self.stand.run(&["campaign", "resume", "hiver"]);
    }

    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_self, reason = "only a server has connections"))]
    fn lose_connections(&self) {
        #[cfg(feature = "postgres")]
        if let StoreUrl::Postgres(url) = &self.stand.house.fresh.url {
            crate::support::trouble::end_connections(url);
        }
    }

    /// The deadline comes while the mailing is being sent.
    fn meet_deadline(&mut self) {
        let weather = self.chance.one_of(&[Weather::Calm, Weather::SlowGo, Weather::SlowDot, Weather::Changeable]);
        self.stand.tell(format!("the deadline, {weather:?}"));
        self.stand.sink.has(weather);
        let Some(report) = self.stand.report() else { return };
        let before = SignedDuration::from_millis(self.chance.within(100, 600).cast_signed());
        self.stand.set_clock(report.not_after - before);
        std::thread::sleep(Duration::from_millis(1_500));
    }

    /// The end of every fault; then the daemons come to an end with the mailing.
    fn make_peace(&mut self) -> Option<MailingReport> {
        self.stand.tell("peace".to_owned());
        self.stand.sink.has(Weather::Calm);
        for _ in 0..6 {
            self.stand.run(&["campaign", "resume", "hiver"]);
            for place in 0..self.stand.machines() {
                self.stand.terminate(place);
            }
            if !self.by_deadline {
                self.stand.step_clock(PEACE);
            }
            for place in 0..self.stand.machines() {
                self.stand.start(place);
            }
            let begun = Instant::now();
            while begun.elapsed() < PATIENCE {
                match self.stand.report() {
                    Some(report) if report.state.has_ended() => return Some(report),
                    Some(report) if report.stopped_at.is_some() => {
                        // A mailing that the relay refused waits for a person.
                        self.stand.run(&["mail", "retry", "hiver"]);
                    }
                    Some(report) if waits_only(&report) && begun.elapsed() > Duration::from_secs(2) => break,
                    _ => {}
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        None
    }

    /// Ends the daemons and holds the two accounts against each other.
    fn settle(&mut self, report: &MailingReport, outcome: &mut Outcome) {
        for place in 0..self.stand.machines() {
            self.stand.terminate(place);
        }
        super::account::compare(&mut self.stand, report);
        let of = |state| report.counts.get(&state).copied().unwrap_or_default();
        outcome.accepted = of(DeliveryState::Accepted);
        outcome.in_doubt = of(DeliveryState::InDoubt);
        outcome.other = report.planned - outcome.accepted - outcome.in_doubt;
        outcome.handed = self.stand.sink.account().handed.len();
    }
}

/// Whether nothing is on its way, and what is left waits for its time.
fn waits_only(report: &MailingReport) -> bool {
    let open: BTreeSet<_> = report.counts.keys().filter(|state| !state.has_ended()).collect();
    report.state == MailingState::Sending && open.iter().all(|state| **state == DeliveryState::Deferred)
}

impl Stand {
    /// The account of the mailing, as the store has it now; none while the store cannot be asked.
    pub fn report(&self) -> Option<MailingReport> {
        let store = self.house.store();
        let reports = store.read_blocking(|db| reports::mailings_of(db, Some(&crate::support::slug("hiver")))).ok()?;
        reports.into_iter().next()
    }
}
