//! The statements that move deliveries do what the core's table says: the same random events on the store and on a model
//! that knows the table alone.

use carillon::db::deliveries::{self, Leases, Recorded};
use carillon::db::reports;
use carillon::db::stops::{self, RetryOnly, RetryOrder};
use carillon::delivery::DeliveryState;
use carillon::delivery::late_check::LateCheck;
use carillon::delivery::marks::MarkedLetters;
use carillon::delivery::state::{DeliveryEvent, Fence, after};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::backend::both;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

/// How long the claims of this test hold.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// One delivery, as the table has it.
#[derive(Clone, Debug)]
struct Row {
    id: i64,
    state: DeliveryState,
    claim: i64,
    owner: Option<String>,
    leased_until: Option<Timestamp>,
    due_at: Timestamp,
    taken: u64,
    /// A person has said that it is lost.
    given_up: bool,
}

impl Row {
    fn happen(&mut self, event: DeliveryEvent, leased_until: Option<Timestamp>) -> bool {
        let Some(next) = after(self.state, event) else { return false };
        self.state = next;
        self.claim += i64::from(event.makes_fence());
        self.taken += u64::from(event.is_taken());
        self.leased_until = leased_until.filter(|_| next.is_held());
        true
    }

    fn is_held_by(&self, fence: &Fence) -> bool {
        self.owner.as_deref() == Some(&*fence.owner) && self.claim == fence.claim
    }
}

/// What is done next. Fences are chosen among all that were ever given out.
#[derive(Clone, Debug)]
enum Act {
    Claim { owner: &'static str, limit: usize },
    HandOver { fence: usize },
    Record { fence: usize, event: DeliveryEvent },
    Reap { owner: &'static str, all: bool },
    TakeOver { owner: &'static str },
    Release { owner: &'static str, held: usize },
    EndWaiting(DeliveryEvent),
    Retry,
    Resolve { row: usize, event: DeliveryEvent },
    SetAside,
    Wait { minutes: i64 },
}

fn act() -> impl Strategy<Value = Act> {
    let owner = || prop::sample::select(vec!["one", "two"]);
    let told: Vec<DeliveryEvent> = DeliveryEvent::ALL
        .into_iter()
        .filter(|event| (event.needs_fence() && *event != DeliveryEvent::HandOver) || *event == DeliveryEvent::Doubt)
        .collect();
    let resolved = vec![DeliveryEvent::ResolveAccepted, DeliveryEvent::ResolveLost, DeliveryEvent::ResolveResend];
    prop_oneof![
        4 => (owner(), 1usize..4).prop_map(|(owner, limit)| Act::Claim { owner, limit }),
        4 => (0usize..12).prop_map(|fence| Act::HandOver { fence }),
        6 => (0usize..12, prop::sample::select(told)).prop_map(|(fence, event)| Act::Record { fence, event }),
        1 => (owner(), any::<bool>()).prop_map(|(owner, all)| Act::Reap { owner, all }),
        1 => owner().prop_map(|owner| Act::TakeOver { owner }),
        1 => (owner(), 0usize..4).prop_map(|(owner, held)| Act::Release { owner, held }),
        1 => prop::sample::select(vec![DeliveryEvent::Expire, DeliveryEvent::Skip]).prop_map(Act::EndWaiting),
        1 => Just(Act::Retry),
        2 => (0usize..4, prop::sample::select(resolved)).prop_map(|(row, event)| Act::Resolve { row, event }),
        1 => Just(Act::SetAside),
        2 => (1i64..12).prop_map(|minutes| Act::Wait { minutes }),
    ]
}

/// The store, the model, and every fence that was given out.
struct Both {
    world: World,
    rows: Vec<Row>,
    fences: Vec<Fence>,
}

impl Both {
    fn new(backend: crate::support::backend::Backend) -> Self {
        let world = World::new(backend, &["a@example.fr", "b@example.fr", "c@example.fr", "d@example.fr"]);
        world.at(ANNOUNCED);
        world.plan();
        let now = world.clock.now();
        let row = |row: reports::QueueRow| Row {
            id: row.id,
            state: row.state,
            claim: 0,
            owner: None,
            leased_until: None,
            due_at: now,
            taken: 0,
            given_up: false,
        };
        let rows = world.queue(None).into_iter().map(row).collect();
        Self { world, rows, fences: Vec::new() }
    }

    fn row(&mut self, id: i64) -> &mut Row {
        self.rows.iter_mut().find(|row| row.id == id).unwrap()
    }

    /// Does it on both, and compares what each says of it.
    fn act(&mut self, act: &Act) {
        let now = self.world.clock.now();
        match *act {
            Act::Claim { owner, limit } => self.claim(owner, limit, now),
            Act::HandOver { fence } => self.hand_over(fence, now),
            Act::Record { fence, event } => self.record(fence, event),
            Act::Reap { owner, all } => {
                let leases = if all { Leases::All(owner.to_owned()) } else { Leases::RunOut(owner.to_owned()) };
                self.world
                    .store
                    .write_blocking(|db| deliveries::reap(db, &leases, &MarkedLetters::default(), now))
                    .unwrap();
                self.lapse(|row| {
                    row.owner.as_deref() != Some(owner) && row.leased_until.is_some_and(|until| all || until <= now)
                });
            }
            Act::TakeOver { owner } => {
                self.world.take_over_from(owner);
                self.lapse(|row| row.owner.as_deref() == Some(owner) && row.leased_until.is_some());
            }
            Act::Release { owner, held } => {
                let held: Vec<i64> = self.rows.iter().take(held).map(|row| row.id).collect();
                self.world
                    .store
                    .write_blocking(|db| deliveries::release(db, owner, &held, &MarkedLetters::default(), now))
                    .unwrap();
                self.lapse(|row| {
                    row.owner.as_deref() == Some(owner) && row.leased_until.is_some() && !held.contains(&row.id)
                });
            }
            Act::EndWaiting(event) => {
                let mailing = self.world.mailing_id("announcement");
                self.world.store.write_blocking(|db| deliveries::end_waiting(db, mailing, event, None, now)).unwrap();
                self.all(event);
            }
            Act::Retry => {
                let order = RetryOrder {
                    campaign: slug("hiver"),
                    mailing: None,
                    provider: None,
                    only: Some(RetryOnly::Refused),
                };
                // Where nothing was refused, there is nothing to try again.
                let _ = self.world.store.write_blocking(|db| stops::retry(db, &order, "camille", now)).unwrap();
                for row in self.rows.iter_mut().filter(|row| row.state == DeliveryState::Refused && !row.given_up) {
                    row.due_at = now;
                    assert!(row.happen(DeliveryEvent::Retry, None));
                }
            }
            Act::Resolve { row, event } => {
                let id = self.rows[row].id;
                let done =
                    self.world.store.write_blocking(|db| reports::resolve(db, id, event, "camille", now)).unwrap();
                let row = &mut self.rows[row];
                assert_eq!(done.is_ok(), row.happen(event, None));
                if done.is_ok() {
                    row.due_at = now;
                    row.given_up = event == DeliveryEvent::ResolveLost;
                }
            }
            Act::SetAside => {
                self.world.store.write_blocking(|db| reports::set_aside(db, "camille", now)).unwrap();
                self.all(DeliveryEvent::SetAside);
            }
            Act::Wait { minutes } => self.world.clock.advance_to(now + SignedDuration::from_mins(minutes)),
        }
    }

    fn all(&mut self, event: DeliveryEvent) {
        for row in &mut self.rows {
            row.happen(event, None);
        }
    }

    fn lapse(&mut self, which: impl Fn(&Row) -> bool) {
        for row in self.rows.iter_mut().filter(|row| which(row)) {
            assert!(row.happen(DeliveryEvent::Lapse, None) || row.happen(DeliveryEvent::Doubt, None));
        }
    }

    fn claim(&mut self, owner: &str, limit: usize, now: Timestamp) {
        let mut due: Vec<(DeliveryState, Timestamp, i64)> = self
            .rows
            .iter()
            .filter(|row| DeliveryState::WAITING.contains(&row.state) && row.due_at <= now)
            .map(|row| (row.state, row.due_at, row.id))
            .collect();
        due.sort();
        let mut expected = Vec::new();
        for (_, _, id) in due.into_iter().take(limit) {
            let row = self.row(id);
            assert!(row.happen(DeliveryEvent::Claim, Some(now + LEASE)));
            row.owner = Some(owner.to_owned());
            expected.push(Fence { delivery: id, owner: owner.into(), claim: row.claim });
        }
        let mut claimed = self.world.claim(owner, i64::try_from(limit).unwrap(), now + LEASE);
        claimed.sort_by_key(|fence| fence.delivery);
        expected.sort_by_key(|fence| fence.delivery);
        assert_eq!(claimed, expected);
        self.fences.extend(claimed);
    }

    fn hand_over(&mut self, fence: usize, now: Timestamp) {
        let Some(fence) = self.fences.get(fence).cloned() else { return };
        let check = self.world.hand_over(std::slice::from_ref(&fence))[0];
        let row = self.row(fence.delivery);
        let held = row.is_held_by(&fence) && row.state == DeliveryState::Claimed;
        if held && row.taken > 0 {
            assert!(matches!(check, LateCheck::Skip(_)) && row.happen(DeliveryEvent::Drop, None));
        } else if held {
            assert_eq!(check, LateCheck::Proceed);
            assert!(row.happen(DeliveryEvent::HandOver, Some(now + SignedDuration::from_mins(15))));
        } else {
            assert_eq!(check, LateCheck::Lost);
        }
    }

    fn record(&mut self, fence: usize, event: DeliveryEvent) {
        let Some(fence) = self.fences.get(fence).cloned() else { return };
        let recorded = self.world.record(&fence, event);
        let row = self.row(fence.delivery);
        let was_ours = row.is_held_by(&fence);
        if was_ours && row.happen(event, None) {
            assert_eq!(recorded, Recorded::Moved);
        } else if event == DeliveryEvent::Accept && !(was_ours && row.state == DeliveryState::Accepted) {
            assert_eq!(recorded, Recorded::TakenLate);
            row.taken += 1;
        } else {
            assert_eq!(recorded, Recorded::Late);
        }
    }

    /// Whether the store is as the model has it.
    fn compare(&self) {
        let stored: Vec<(i64, DeliveryState)> =
            self.world.queue(None).into_iter().map(|row| (row.id, row.state)).collect();
        let expected: Vec<(i64, DeliveryState)> = self.rows.iter().map(|row| (row.id, row.state)).collect();
        assert_eq!(stored, expected);
        let report = self.world.report("announcement");
        assert_eq!(report.taken, self.rows.iter().map(|row| row.taken).sum::<u64>());
        assert_eq!(report.doubled, self.rows.iter().filter(|row| row.taken > 1).count() as u64);
    }
}

both!(the_store_moves_deliveries_as_the_table_says, |backend| {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(12) });
    runner
        .run(&prop::collection::vec(act(), 1..60), |acts| {
            let mut both = Both::new(backend);
            for act in &acts {
                both.act(act);
                both.compare();
            }
            Ok(())
        })
        .unwrap();
});
