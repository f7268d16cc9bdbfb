//! The daemon itself, killed in the middle of a mailing and started again: nobody gets two, nobody is missing but those
//! listed as in doubt. Against the scripted relay on both stores, and against a Postfix when there is one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::anchor_mail::{AUDITOR, kept, lines_in};
use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{House, PATIENCE, wait_for};
use crate::support::relay::{Relay, Script};

/// How many connections the daemon opens, and so how many messages a crash can leave in doubt.
pub const CONNECTIONS: usize = 8;

/// How often each recipient was written to.
pub fn tally(recipients: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for recipient in recipients {
        *tally.entry(recipient).or_default() += 1;
    }
    tally
}

/// What must hold of a mailing of `members` once it has ended, whatever happened meanwhile.
#[track_caller]
pub fn check_account(shop: &House, members: usize, crashes: usize, tally: &BTreeMap<String, usize>) {
    let report = shop.report();
    let in_doubt = shop.count("in-doubt");
    assert_eq!(report["planned"], members, "{report:#}");
    assert_eq!(shop.count("accepted") + in_doubt, members, "{report:#}");
    assert!(in_doubt <= crashes * CONNECTIONS, "{report:#}");
    let twice: Vec<_> = tally.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "written to twice: {twice:?}");
    // Everyone was written to, but for some of those in doubt.
    assert!(tally.len() >= members - in_doubt, "{} were written to; {report:#}", tally.len());
}

both!(nobody_gets_two_and_nobody_is_missing_after_two_crashes, |backend| {
    crash_twice(backend, &Relay::start());
});

both!(nobody_gets_two_after_two_crashes_where_all_is_said_in_one_go, |backend| {
    crash_twice(backend, &Relay::with(Script { pipelining: true, ..Script::default() }));
});

fn crash_twice(backend: Backend, relay: &Relay) {
    let members = 600;
    let shop = House::new(backend, members, relay.port());
    let daemon = shop.daemon();
    relay.wait_for(150);
    daemon.kill();
    let daemon = shop.daemon();
    relay.wait_for(350);
    daemon.kill();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 2, &tally(relay.recipients()));
}

both!(what_a_killed_daemon_had_claimed_is_told_until_somebody_goes_on_with_it, |backend| {
    let relay = Relay::with(Script { takes: Duration::from_millis(20), ..Script::default() });
    let shop = House::new(backend, 300, relay.port());
    let daemon = shop.daemon();
    relay.wait_for(50);
    daemon.kill();
    // At once, although its heartbeat is fresh and its leases have minutes to go.
    let check = carillon(&shop.folder, &["status", "--check"]).exits(2).stdout;
    assert!(check.starts_with("CARILLON CRITICAL: no daemon is running, and something is planned"), "{check}");
    let status = shop.run(&["status"]);
    assert!(status.contains("claimed by a daemon that is gone, last seen at "), "{status}");
    assert!(status.contains("they go on when a daemon runs\n     do: start `carillon run`"), "{status}");
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert!(!shop.run(&["status"]).contains("a daemon that is gone"));
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, 300, 1, &tally(relay.recipients()));
});

/// On a shared store: nobody has the folder of the dead, so only their silence tells.
#[cfg(feature = "postgres")]
#[test]
fn another_machine_goes_on_with_what_killed_and_sleeping_daemons_had_claimed() {
    let members = 400;
    let relay = Relay::with(Script { takes: Duration::from_millis(60), ..Script::default() });
    let shop = House::new(Backend::Postgres, members, relay.port());
    let machines = [2, 3, 4].map(|number| shop.machine(number));
    let (first, second, asleep) = (shop.daemon(), shop.daemon_on(&machines[0]), shop.daemon_on(&machines[1]));
    relay.wait_for(60);
    asleep.signal("-STOP");
    first.kill();
    second.kill();
    let begun = Instant::now();
    let awake = shop.daemon_on(&machines[2]);
    shop.wait_until_finished();
    // The shortest lease is ten minutes.
    assert!(begun.elapsed() < PATIENCE);
    let in_doubt = shop.count("in-doubt");
    asleep.signal("-CONT");
    // It sends nothing, and says what it knows of what it had begun: that the relay has it, or that nothing had left yet. What had
    // not left goes out by the one that is awake.
    assert_eq!(asleep.terminate(), Some(0));
    shop.wait_until_finished();
    assert_eq!(awake.terminate(), Some(0));
    assert!(shop.count("in-doubt") <= in_doubt);
    check_account(&shop, members, 3, &tally(relay.recipients()));
    let report = shop.report();
    assert_eq!((report["doubled"].as_u64(), report["state"].as_str()), (Some(0), Some("finished")), "{report:#}");
}

#[test]
fn a_soft_stop_leaves_nothing_in_doubt() {
    let members = 400;
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, members, relay.port());
    let daemon = shop.daemon();
    relay.wait_for(100);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!((shop.count("in-doubt"), shop.count("claimed"), shop.count("handed-over")), (0, 0, 0));
    let daemon = shop.daemon();
    shop.wait_until_finished();
    drop(daemon);
    check_account(&shop, members, 0, &tally(relay.recipients()));
}

both!(nobody_gets_two_through_many_restarts, |backend| {
    // A daemon that starts finds what it claimed itself beside what the one before it left.
    let rounds = std::env::var("CARILLON_TEST_ROUNDS").map_or(4, |rounds| rounds.parse().unwrap());
    let members = 100 * rounds;
    let relay = Relay::start();
    let shop = House::new(backend, members, relay.port());
    for round in 1..rounds {
        let daemon = shop.daemon();
        // A daemon that is stopped late may have sent to everybody before the last round.
        relay.wait_for((relay.count() + 20).min(members));
        assert_eq!(daemon.terminate(), Some(0), "round {round}");
        assert_eq!((shop.count("in-doubt"), shop.count("claimed"), shop.count("handed-over")), (0, 0, 0));
    }
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    check_account(&shop, members, 0, &tally(relay.recipients()));
    assert_eq!((shop.report()["taken"].as_u64(), shop.report()["doubled"].as_u64()), (Some(members as u64), Some(0)));
});

#[test]
fn a_daemon_that_sent_nothing_starts_again() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 3, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    for _ in 0..2 {
        let daemon = shop.daemon();
        shop.wait_until_listening();
        assert_eq!(daemon.terminate(), Some(0));
    }
    assert_eq!(relay.count(), 0);
    let status = shop.run(&["status"]);
    assert!(status.contains("problem: `hiver` is paused: its mailings wait"), "{status}");
}

#[test]
fn no_signal_but_those_that_stop_it_ends_the_daemon() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 3, relay.port());
    let daemon = shop.daemon();
    shop.wait_until_finished();
    for name in ["-HUP", "-USR1", "-USR2"] {
        daemon.signal(name);
    }
    // Signals that were to end it would have been taken before the last one, and then the code is none.
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn two_daemons_do_not_share_a_file() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 3, relay.port());
    let _daemon = shop.daemon();
    shop.wait_until_finished();
    let said = carillon(&shop.folder, &["run"]).exits(1);
    assert!(said.stderr.contains("another daemon is running on this store"), "{}", said.stderr);
}

/// Two thousand members, a Postfix that delivers into a Maildir, and a `kill -9` in the middle. `.ci/test` starts the
/// Postfix and names it; without one there is nothing to test against.
#[test]
fn nobody_gets_two_behind_a_real_postfix() {
    let Ok(postfix) = std::env::var("CARILLON_TEST_POSTFIX") else {
        assert!(std::env::var_os("CARILLON_TEST_STRICT").is_none(), "CARILLON_TEST_POSTFIX names no Postfix");
        return;
    };
    let (port, maildir) = postfix.split_once(':').unwrap();
    let new = Path::new(maildir).join("new");
    let delivered = || fs::read_dir(&new).map_or(0, Iterator::count);
    let members = 2_000;
    let shop = House::new(Backend::Sqlite, members, port.parse().unwrap());
    shop.change("# anchor_to     = \"dpo@example.org\"", "anchor_to     = \"dpo@example.org\"");
    let daemon = shop.daemon();
    let begun = Instant::now();
    while delivered() < 400 {
        assert!(begun.elapsed() < PATIENCE, "{} delivered", delivered());
        std::thread::sleep(Duration::from_millis(10));
    }
    daemon.kill();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    // The anchor of the day goes beside the mailing.
    wait_for(|| {
        let mails = filed(&new).into_iter().filter(|(to, _)| to == AUDITOR);
        let anchors: Vec<String> = mails.flat_map(|(_, mail)| lines_in(mail.as_bytes())).collect();
        !anchors.is_empty() && anchors.iter().all(|line| kept(&shop).contains(line))
    });
    assert_eq!(daemon.terminate(), Some(0));
    // Postfix has accepted everything; it may still be filing it.
    let accepted = shop.count("accepted");
    let recipients = || filed(&new).into_iter().map(|(to, _)| to).filter(|to| to.starts_with("membre."));
    wait_for(|| recipients().count() >= accepted);
    check_account(&shop, members, 1, &tally(recipients()));
}

/// The mails that were filed in `new`: to whom, and what.
fn filed(new: &Path) -> Vec<(String, String)> {
    let mails = fs::read_dir(new).unwrap().map(|entry| {
        let text = String::from_utf8(fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let line = text.lines().find(|line| line.starts_with("X-Original-To:")).unwrap();
        let to = line.trim_start_matches("X-Original-To:").trim().to_owned();
        (to, text)
    });
    mails.collect()
}
