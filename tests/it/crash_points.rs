//! The daemon killed at each point of a message's way, with a message of every connection just there; and what breaks around a
//! daemon that lives, in the middle of a mailing. The real binary, and both accounts: the relay's and the store's.

use std::time::Duration;

use carillon::delivery::DeliveryState::{Accepted, Deferred};
use carillon::smtp::Limits;
use carillon::transport::Transport;

use crate::crash::{CONNECTIONS, check_account, tally};
use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::{Mood, Relay, Script};
use crate::support::trouble::{FullDisk, StoreLock};
use crate::support::world::{ANNOUNCED, World};

/// What is done to the store before the daemon is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StoreThen {
    Usual,
    /// It cannot be written from before the relay answers.
    Locked,
}

/// A point at which every connection stands when the daemon is killed, and how many of these messages are in doubt then, and are
/// with the relay.
struct Point {
    mood: Mood,
    store: StoreThen,
    in_doubt: usize,
    with_the_relay: usize,
}

const fn at(mood: Mood, in_doubt: usize, with_the_relay: usize) -> Point {
    Point { mood, store: StoreThen::Usual, in_doubt, with_the_relay }
}

/// Kills one daemon after the other at each of these points, and lets the last one end the mailing.
#[track_caller]
fn kill_at(backend: Backend, pipelining: bool, points: &[Point]) {
    let members = CONNECTIONS * points.len() + 30;
    let relay = Relay::with(Script { pipelining, ..Script::default() });
    let shop = House::new(backend, members, relay.port());
    for Point { mood, store, .. } in points {
        relay.has(*mood);
        let daemon = shop.daemon();
        relay.wait_for_waiting(CONNECTIONS);
        let lock = (*store == StoreThen::Locked).then(|| StoreLock::take(&shop));
        if lock.as_ref().is_some_and(StoreLock::is_held) {
            // It hears that its messages are taken, and can say so to nobody.
            relay.has(Mood::Kind);
            wait_for(|| marks(&shop).iter().filter(|mark| **mark == 't').count() == CONNECTIONS);
        }
        daemon.kill();
        drop(lock);
        relay.has(Mood::Kind);
        relay.wait_for_nobody();
    }
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, points.len(), &tally(relay.recipients()));
    let in_doubt: usize = points.iter().map(|point| point.in_doubt).sum();
    let with_the_relay: usize = points.iter().map(|point| point.with_the_relay).sum();
    assert_eq!(shop.count("in-doubt"), in_doubt, "{:#}", shop.report());
    assert_eq!(relay.count(), members - in_doubt + with_the_relay);
}

both!(a_kill_puts_in_doubt_what_was_granted_and_nothing_else, |backend| {
    let points = [
        // Nothing was granted yet: each is sent by the next daemon.
        at(Mood::SlowRcpt, 0, 0),
        // The marks say that no body had left.
        at(Mood::SlowGo, 0, 0),
        at(Mood::SlowDot, CONNECTIONS, CONNECTIONS),
        // The marks say what the store could not be told.
        Point { store: StoreThen::Locked, ..at(Mood::SlowDot, 0, 0) },
    ];
    kill_at(backend, false, &points);
});

both!(in_one_go_a_kill_puts_in_doubt_what_was_granted_and_nothing_else, |backend| {
    // The grant comes before the relay hears of anybody.
    let points = [at(Mood::SlowRcpt, 0, 0), at(Mood::SlowGo, 0, 0), at(Mood::SlowDot, CONNECTIONS, CONNECTIONS)];
    kill_at(backend, true, &points);
});

/// The marks in the one file of marks that there is.
fn marks(shop: &House) -> Vec<char> {
    let files = std::fs::read_dir(&shop.folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.to_string_lossy().contains("carillon.marks-"));
    let text = std::fs::read_to_string(files.next().unwrap()).unwrap();
    assert_eq!(files.next(), None);
    text.lines().skip(1).filter_map(|line| line.chars().last()).filter(|mark| *mark != ' ').collect()
}

both!(of_letters_granted_together_a_kill_puts_in_doubt_those_that_had_begun, |backend| {
    let members = 900;
    let relay = Relay::with(Script { pipelining: true, ..Script::default() });
    let shop = House::new(backend, members, relay.port());
    let daemon = shop.daemon();
    relay.wait_for(400);
    relay.has(Mood::SlowDot);
    relay.wait_for_waiting(CONNECTIONS);
    daemon.kill();
    let marks = marks(&shop);
    assert_eq!(marks.iter().filter(|mark| **mark == 'b').count(), CONNECTIONS, "{marks:?}");
    relay.has(Mood::Kind);
    relay.wait_for_nobody();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 1, &tally(relay.recipients()));
    assert_eq!(shop.count("in-doubt"), CONNECTIONS);
    assert_eq!(relay.count(), members, "those in doubt had left, and nothing else was lost");
    // The relay's log knows of them.
    let log = shop.folder.join("mail.log");
    std::fs::write(&log, "Nov 27 21:00:00 relay postfix/smtpd[7]: connect from localhost[127.0.0.1]\n").unwrap();
    let resolve = ["--lang", "en", "mail", "resolve", "--relay-log", log.to_str().unwrap()];
    let said = carillon(&shop.folder, &resolve).exits(1);
    assert!(said.stderr.contains(&format!("{CONNECTIONS} not in this log: ")), "{said:?}");
    assert_eq!(shop.count("in-doubt"), CONNECTIONS);
    let taken = relay.accepted().into_iter().map(|mail| {
        format!(
            "Nov 27 21:00:01 relay postfix/qmgr[8]: 4bF3kZ1Xyz: from=<{}>, size=6123, nrcpt=1 (queue active)\n",
            mail.from
        )
    });
    std::fs::write(&log, taken.collect::<String>()).unwrap();
    let said = carillon(&shop.folder, &resolve).exits(0);
    assert!(said.stdout.contains(&format!("says of {CONNECTIONS} of {CONNECTIONS} in doubt")), "{said:?}");
    assert_eq!((shop.count("in-doubt"), shop.count("accepted")), (0, members));
});

// A grant that waits for the store is none: the relay has heard of nobody. What had left is told by the marks.
both!(a_kill_while_the_store_cannot_be_written_leaves_nothing_in_doubt, |backend| {
    let (shop, relay, members) = lively(backend);
    let daemon = shop.daemon();
    relay.wait_for(50);
    let lock = StoreLock::take(&shop);
    assert!(lock.is_held());
    wait_for(|| shop.get("/ready").contains("store-locked"));
    daemon.kill();
    drop(lock);
    relay.wait_for_nobody();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 0, &tally(relay.recipients()));
});

/// A mailing that takes a second or more, and its relay. Not many people: on a busy machine each takes its time.
fn lively(backend: Backend) -> (House, Relay, usize) {
    let relay = Relay::with(Script { takes: Duration::from_millis(40), ..Script::default() });
    let members = 250;
    (House::new(backend, members, relay.port()), relay, members)
}

both!(a_disk_that_fills_up_in_the_middle_costs_no_message, |backend| {
    let (shop, relay, members) = lively(backend);
    let daemon = shop.daemon_with_log();
    relay.wait_for(50);
    let full = FullDisk::under(&shop, &daemon);
    wait_for(|| shop.get("/ready").contains("store-unwritable: the store cannot be written"));
    let check = carillon(&shop.folder, &["status", "--check"]).exits(2).stdout;
    assert!(check.contains("the store cannot be written"), "{check}");
    drop(full);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 0, &tally(relay.recipients()));
});

both!(a_store_that_is_locked_in_the_middle_costs_no_message, |backend| {
    let (shop, relay, members) = lively(backend);
    let daemon = shop.daemon();
    relay.wait_for(50);
    let lock = StoreLock::take(&shop);
    assert!(lock.is_held());
    wait_for(|| shop.get("/ready").contains("store-locked: another program keeps the store locked"));
    drop(lock);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 0, &tally(relay.recipients()));
});

#[cfg(feature = "postgres")]
#[test]
fn a_server_that_ends_all_connections_in_the_middle_costs_no_message() {
    let (shop, relay, members) = lively(Backend::Postgres);
    let daemon = shop.daemon();
    for sent in [25, 50, 100, 150] {
        relay.wait_for(sent);
        let carillon::config::StoreUrl::Postgres(url) = &shop.fresh.url else { panic!("it is on a server") };
        crate::support::trouble::end_connections(url);
    }
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 0, &tally(relay.recipients()));
}

both!(a_relay_that_is_full_in_the_middle_costs_time_and_no_message, |backend| {
    let people: Vec<String> = (0..40).map(|number| format!("membre.{number:05}@example.fr")).collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    let relay = Relay::with(Script { takes: Duration::from_millis(5), ..Script::default() });
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.drain(&dispatcher));
        relay.wait_for(10);
        relay.has(Mood::AtRcpt("452 4.3.1 Insufficient system storage"));
        sending.join().unwrap();
    });
    let taken = relay.count();
    let waiting = world.count("announcement", Deferred);
    assert_eq!((world.count("announcement", Accepted), waiting), (taken as u64, 40 - taken as u64));
    relay.has(Mood::Kind);
    // Each has its own instant.
    while let Some(next) = world.drain(&dispatcher) {
        world.clock.advance_to(next);
    }
    assert_eq!((world.count("announcement", Accepted), relay.count()), (40, 40));
    assert_eq!(tally(relay.recipients()).len(), 40);
});
