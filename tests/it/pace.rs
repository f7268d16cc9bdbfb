//! The relay's limits are the relay's: they cost no message an attempt. How much of what the relay can take goes through is
//! printed and not asserted: it depends on the machine, and is asserted of the decisions in `delivery::pace`.

#![expect(clippy::print_stdout, reason = "shares and rates are told to whoever looks, and need no more digits")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use carillon::db::pace;
use carillon::delivery::DeliveryState::{Accepted, Deferred, Queued};
use carillon::delivery::learned::RelayLearned;
use carillon::sending::dispatcher::Dispatcher;
use carillon::sending::relays::RelayAllowance;
use carillon::smtp::{Limits, Stage};
use carillon::transport::Transport;

use crate::support::backend::{Backend, both};
use crate::support::house::wait_for;
use crate::support::relay::{Relay, Script};
use crate::support::shop::run_sql;
use crate::support::world::{ANNOUNCED, World};

/// How long the relay takes for each message on a connection.
const TAKES: Duration = Duration::from_millis(10);

fn over_smtp(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

fn people(count: usize, domain: &str) -> Vec<String> {
    (0..count).map(|number| format!("membre.{number:04}@{domain}")).collect()
}

fn world(backend: Backend, addresses: &[String]) -> World {
    World::new(backend, &addresses.iter().map(String::as_str).collect::<Vec<_>>())
}

fn eight() -> RelayAllowance {
    RelayAllowance { connections: 8, mails: 100, rate: None, relay: None }
}

/// Sends the announcement to everybody, says how long that took, and expects that it cost one attempt each.
#[track_caller]
fn send(world: &World, relay: &Relay, count: usize) -> Duration {
    let dispatcher = world.dispatcher_with("one", over_smtp(relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    let begun = Instant::now();
    world.drain(&dispatcher);
    let took = begun.elapsed();
    assert_eq!(world.count("announcement", Accepted), count as u64, "{:?}", world.report("announcement"));
    assert!(world.queue(None).iter().filter(|row| row.mailing == "announcement").all(|row| row.attempts == 1));
    assert_eq!(relay.count(), count);
    took
}

/// What went through in `took`, as a part of what `lines` connections could have taken.
fn share(count: usize, took: Duration, lines: u32) -> f64 {
    f64::from(u32::try_from(count).unwrap()) * TAKES.as_secs_f64() / f64::from(lines) / took.as_secs_f64()
}

both!(a_relay_that_takes_three_connections_is_used_to_the_full, |backend| {
    let relay = Relay::with(Script { most_lines: Some(3), takes: TAKES, keep: false, ..Script::default() });
    let world = world(backend, &people(600, "example.fr"));
    let took = send(&world, &relay, 600);
    let share = share(600, took, 3);
    println!("three connections: {took:.2?}, {share:.2} of what they take, {} turned away", relay.turned_away());
    assert!(relay.turned_away() <= 7, "{} were turned away", relay.turned_away());
});

// The watchdog ends what has done nothing for two minutes. A mailing is one turn of the dispatcher, and at six letters a minute this one
// lasts for five: the dispatcher must be seen to work all that time.
both!(a_mailing_that_is_slow_on_purpose_is_no_hang, |backend| {
    const LETTERS: usize = 30;
    let relay = Relay::start();
    let world = world(backend, &people(LETTERS, "example.fr"));
    let set = RelayAllowance { rate: Some("6/min".parse().unwrap()), ..eight() };
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), set);
    world.at(ANNOUNCED);
    world.plan();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.drain(&dispatcher));
        let mut seen = 0;
        for letters in 1..=LETTERS {
            wait_for(|| relay.count() >= letters);
            assert!(relay.count() == letters, "one leaves every ten seconds");
            // Twice a minute.
            if letters % 3 == 0 {
                let done = world.progress.so_far();
                assert!(done > seen, "nothing was done while three letters left: {letters}");
                seen = done;
            }
            world.clock.advance_to(world.clock.now() + jiff::SignedDuration::from_secs(10));
        }
        sending.join().unwrap();
    });
    assert_eq!(world.count("announcement", Accepted), LETTERS as u64);
});

both!(a_relay_that_takes_ten_mails_on_a_connection_is_used_to_the_full, |backend| {
    let relay = Relay::with(Script { busy_after: Some(10), takes: TAKES, keep: false, ..Script::default() });
    let world = world(backend, &people(600, "example.fr"));
    let took = send(&world, &relay, 600);
    let share = share(600, took, 8);
    println!("ten mails on each of eight connections: {took:.2?}, {share:.2} of what they take");
    // Once it is known, the connection is left in order before the relay ends it.
    let commands = relay.commands();
    let ended = commands.iter().filter(|command| *command == "QUIT").count();
    let (offered, connections) =
        (commands.iter().filter(|command| command.starts_with("MAIL")).count(), relay.connections());
    // Until it is known on each of the eight, and while several learn it at once, the relay ends some.
    assert!(
        offered <= 600 + 16 && ended + 16 >= connections,
        "{offered} offers, {ended} of {connections} left in order"
    );
});

// What such a relay does not take was granted already: it is offered again under the same grant, or goes back.
both!(limits_cost_no_attempt_where_all_is_said_in_one_go, |backend| {
    let script =
        Script { most_lines: Some(3), busy_after: Some(10), pipelining: true, keep: false, ..Script::default() };
    let relay = Relay::with(script);
    let world = world(backend, &people(200, "example.fr"));
    send(&world, &relay, 200);
});

both!(a_message_that_ends_connections_ends_as_an_attempt, |backend| {
    ends_as_an_attempt(backend, &Relay::start());
});

both!(a_message_that_ends_connections_in_one_go_ends_as_an_attempt, |backend| {
    ends_as_an_attempt(backend, &Relay::with(Script { pipelining: true, ..Script::default() }));
});

fn ends_as_an_attempt(backend: Backend, relay: &Relay) {
    let addresses =
        ["drop-at-rcpt@example.fr", "drop-at-rcpt.b@example.org", "drop-at-data@example.fr", "anna@example.fr"];
    let world = world(backend, &addresses.map(str::to_owned));
    let dispatcher = world.dispatcher_with("one", over_smtp(relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Deferred)), (1, 3));
    let deferred = world.queue(Some(Deferred));
    assert!(deferred.iter().all(|row| row.attempts == 1 && row.stage != Some(Stage::Mail)), "{deferred:?}");
    // Each was offered twice: a connection that breaks need not be the message's fault.
    for address in &addresses[..3] {
        assert_eq!(relay.attempts(address), 2, "{address}");
    }
    assert!(!dispatcher.is_backing_off());
}

both!(a_relay_whose_every_connection_is_of_no_use_rests_and_costs_no_attempt, |backend| {
    let relay = Relay::with(Script { most_lines: Some(0), ..Script::default() });
    let world = world(backend, &people(20, "example.fr"));
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    assert!(dispatcher.is_backing_off());
    assert_eq!((world.count("announcement", Queued), relay.connections()), (20, 1));
    assert!(world.queue(Some(Queued)).iter().all(|row| row.attempts == 0));
});

/// Moves the clock of a world along with the real one until it is dropped.
struct Ticking {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticking {
    fn of(world: &World) -> Self {
        let (stop, clock, from, begun) =
            (Arc::new(AtomicBool::new(false)), world.clock.clone(), world.clock.now(), Instant::now());
        let ended = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                clock.advance_to(from + begun.elapsed());
                std::thread::park_timeout(Duration::from_millis(1));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sends until `count` were accepted, on a clock that goes; says how long that took.
#[track_caller]
fn send_until(world: &World, dispatcher: &Dispatcher, count: u64) -> Duration {
    let ticking = Ticking::of(world);
    let begun = Instant::now();
    while world.count("announcement", Accepted) < count {
        let next = world.drain(dispatcher);
        assert!(begun.elapsed() < Duration::from_mins(2), "{:?}, next {next:?}", world.report("announcement"));
        if let Some(next) = next {
            world.runtime.block_on(world.clock.sleep_until(next));
        }
    }
    drop(ticking);
    begun.elapsed()
}

both!(a_relay_that_takes_1800_a_minute_is_neither_flooded_nor_kept_waiting, |backend| {
    let relay = Relay::with(Script { a_second: Some(30), keep: false, ..Script::default() });
    let world = world(backend, &people(120, "example.fr"));
    let set = RelayAllowance { rate: Some("1780/min".parse().unwrap()), ..eight() };
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), set);
    world.at(ANNOUNCED);
    world.plan();
    let took = send_until(&world, &dispatcher, 120);
    let (share, each) = (120.0 / 30.0 / took.as_secs_f64(), f64::from(u32::try_from(relay.named()).unwrap()) / 120.0);
    println!("a set rate: {took:.2?}, {share:.2} of what the relay takes, {each:.2} RCPT for each message");
    assert!(each <= 1.3, "{share:.2} in {took:?}, {each:.2}");
});

both!(a_relay_that_wants_mail_to_come_slower_costs_no_attempt, |backend| {
    let relay = Relay::with(Script { a_second: Some(30), keep: false, ..Script::default() });
    let world = world(backend, &people(120, "example.fr"));
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    let took = send_until(&world, &dispatcher, 120);
    let each = f64::from(u32::try_from(relay.named()).unwrap()) / 120.0;
    println!("a learned rate: {took:.2?}, {each:.2} RCPT for each message");
    assert!(each <= 1.3, "{each:.2} in {took:?}");
    let tries: i64 =
        world.queue(None).iter().filter(|row| row.mailing == "announcement").map(|row| i64::from(row.attempts)).sum();
    assert!(tries <= 130, "{tries} attempts were counted");
});

both!(a_slow_provider_holds_nobody_back, |backend| {
    let relay = Relay::with(Script { a_second_for: Some(("orange.example.fr", 5)), keep: false, ..Script::default() });
    let mut addresses = people(300, "orange.example.fr");
    addresses.extend(people(300, "example.org"));
    let world = world(backend, &addresses);
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    // The slow ones are first in line; the others are done in the time of one of its rests.
    let took = send_until(&world, &dispatcher, 300);
    let waiting: Vec<_> =
        world.queue(None).into_iter().filter(|row| row.mailing == "announcement" && !row.state.has_ended()).collect();
    println!("beside a slow provider: {took:.2?} for 300, {} wait", waiting.len());
    assert!(waiting.len() > 150 && waiting.iter().all(|row| row.attempts == 0), "{} wait", waiting.len());
    assert!(!dispatcher.is_backing_off());
});

both!(a_421_for_one_domain_slows_that_domain_alone, |backend| {
    let relay = Relay::start();
    let addresses: Vec<String> = (0..60)
        .map(
            |number| {
                if number % 3 == 0 { format!("busy.{number}@example.org") } else { format!("a.{number}@example.fr") }
            },
        )
        .collect();
    let world = world(backend, &addresses);
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), eight());
    world.at(ANNOUNCED);
    world.plan();
    send_until(&world, &dispatcher, 40);
    assert!(!dispatcher.is_backing_off());
    assert!(relay.named() <= 40 + 20, "{} were named", relay.named());
    assert_eq!(world.count("announcement", Queued) + world.count("announcement", Deferred), 20);
});

both!(what_was_learned_outlives_the_daemon_and_is_forgotten_with_the_relay, |backend| {
    let relay = Relay::with(Script { most_lines: Some(3), busy_after: Some(10), ..Script::default() });
    let world = world(backend, &people(120, "example.fr"));
    let named = |name: &str| RelayAllowance { relay: Some(name.to_owned()), ..eight() };
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), named("relay.example.net:25"));
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", Accepted), 120);
    world.runtime.block_on(dispatcher.close());
    let known = |name: &str| world.store.read_blocking(|db| pace::learned(db, name, world.clock.now())).unwrap();
    let lines = known("relay.example.net:25").lines;
    assert_eq!((lines.at_once, lines.mails), (Some(3), Some(10)));
    assert_eq!(known("other.example.net:25"), RelayLearned::default());

    // The next daemon asks for no fourth connection, and no eleventh mail.
    let away = relay.turned_away();
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.drain(&world.dispatcher_with("two", over_smtp(&relay), named("relay.example.net:25")));
    assert_eq!((world.count("opening", Accepted), relay.turned_away()), (120, away));

    // What cannot be read counts as not learned, and after a week so does all of it.
    world.at("2027-01-12T07:00:00Z");
    assert_eq!(known("relay.example.net:25"), RelayLearned::default());
    run_sql(&world.fresh.url, "UPDATE store_facts SET value = 'x' WHERE name LIKE 'relay-learned:%'");
    assert_eq!(known("relay.example.net:25"), RelayLearned::default());
});
