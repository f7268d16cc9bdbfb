//! The daemon left alone, the real binary: a store that cannot be written is told at once and in more than the log, and is
//! got over without anybody.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use carillon::config::{Overrides, SAMPLE, Settings, take_up};
use carillon::db::problems::{self, StoredProblem, WhichProblems};
use carillon::problem::ProblemKind;

use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{Daemon, House, wait_for};
use crate::support::relay::Relay;
use crate::support::trouble::{StoreLock, limit_files};

/// A shop with a paused campaign, whose daemon has nothing to do, and its relay.
fn quiet(backend: Backend) -> (House, Relay, Daemon) {
    let relay = Relay::start();
    let shop = House::new(backend, 5, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    shop.wait_until_ready();
    (shop, relay, daemon)
}

/// The problems that were ever of this kind, as the store has them.
fn history(shop: &House, kind: ProblemKind) -> Vec<StoredProblem> {
    let all = shop.store().read_blocking(|db| problems::list(db, WhichProblems::All)).unwrap();
    all.into_iter().filter(|stored| stored.problem.kind == kind).collect()
}

/// Whether the problem `kind` stands in the store.
pub(crate) fn stands(shop: &House, kind: ProblemKind) -> bool {
    history(shop, kind).iter().any(|stored| stored.until.is_none())
}

/// The announcement goes out once the campaign is resumed, to each member once.
#[track_caller]
pub(crate) fn check_that_it_goes_on(shop: &House, relay: &Relay, daemon: Daemon) {
    shop.wait_until_ready();
    shop.wait_until_finished();
    assert_eq!(shop.count("accepted"), 5);
    let mut recipients = relay.recipients();
    recipients.sort();
    let sent = recipients.len();
    recipients.dedup();
    assert_eq!((sent, recipients.len()), (5, 5), "nobody is written to twice");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_full_disk_at_a_quiet_hour_is_told_and_got_over() {
    let (shop, relay, daemon) = quiet(Backend::Sqlite);
    limit_files(&daemon, Some(1));
    // The next heartbeat is a write.
    wait_for(|| shop.get("/ready").contains("store-unwritable: the store cannot be written"));
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"), "the gates go on");
    // Its time has come, and nothing can be recorded: nothing is sent.
    shop.run(&["campaign", "resume", "hiver"]);
    wait_for(|| shop.get("/ready").contains("store-unwritable"));
    assert_eq!(relay.recipients(), Vec::<String>::new());
    let check = carillon(&shop.folder, &["status", "--check"]).exits(2).stdout;
    assert!(check.starts_with("CARILLON CRITICAL: the daemon says: the store cannot be written"), "{check}");
    assert_eq!(history(&shop, ProblemKind::StoreUnwritable), [], "the store cannot know");
    limit_files(&daemon, None);
    check_that_it_goes_on(&shop, &relay, daemon);
    let known = history(&shop, ProblemKind::StoreUnwritable);
    assert!(known.len() == 1 && known[0].until.is_some(), "{known:?}");
    let log = shop.log();
    assert!(log.contains("the store cannot be written: "), "{log}");
    assert!(log.contains("this problem is over: the store cannot be written"), "{log}");
}

both!(a_locked_store_is_told_and_got_over, |backend| {
    let (shop, relay, daemon) = quiet(backend);
    let lock = StoreLock::take(&shop);
    assert!(lock.is_held());
    wait_for(|| shop.get("/ready").contains("store-locked: another program keeps the store locked"));
    drop(lock);
    shop.run(&["campaign", "resume", "hiver"]);
    check_that_it_goes_on(&shop, &relay, daemon);
    let log = shop.log();
    assert!(log.contains("another program keeps the store locked"), "{log}");
    assert!(log.contains("this problem is over"), "{log}");
});

#[test]
fn a_hang_up_takes_up_what_was_changed() {
    let (shop, relay, daemon) = quiet(Backend::Sqlite);
    let other = Relay::start();
    let port = |relay: &Relay| format!("port        = {}", relay.port());
    shop.change(&port(&relay), &port(&other));
    shop.change("\"Boutique Exemple\"", "\"Boutique Nouvelle\"");
    fs::create_dir_all(shop.folder.join("letters")).unwrap();
    shop.change("transport     = ", "templates = \"letters\"\ntransport     = ");
    assert!(!shop.get("/en").contains("Boutique Nouvelle"));
    daemon.signal("-HUP");
    wait_for(|| shop.log().contains("the configuration was read anew and is in force"));
    assert!(shop.get("/en").contains("Boutique Nouvelle"));
    shop.run(&["campaign", "resume", "hiver"]);
    check_that_it_goes_on(&shop, &other, daemon);
    assert_eq!(relay.recipients(), Vec::<String>::new());
    assert!(other.accepted().iter().all(|it| String::from_utf8_lossy(&it.bytes).contains("Boutique Nouvelle")));
}

both!(a_warm_up_that_is_taken_up_later_is_told_of_where_a_mailing_cannot_end_any_more, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    let settings = shop.folder.join("carillon.toml");
    let before = fs::read_to_string(&settings).unwrap();
    // One letter on the first day, two on the second, four on the third, and two days to go.
    fs::write(&settings, format!("{before}\n[mail.warm_up]\nfirst_day = 1\ntop = 100\n")).unwrap();
    daemon.signal("-HUP");
    wait_for(|| stands(&shop, ProblemKind::MailingTooLate));
    let check = carillon(&shop.folder, &["status", "--check"]).exits(2);
    assert!(check.stdout.contains("cannot end before its deadline"), "{check:?}");
    fs::write(&settings, before).unwrap();
    carillon(&shop.folder, &["status"]).exits(0);
    daemon.signal("-HUP");
    wait_for(|| !stands(&shop, ProblemKind::MailingTooLate));
    assert_eq!(daemon.terminate(), Some(0));
});

both!(a_rate_that_is_lowered_later_is_told_of_where_a_mailing_cannot_end_any_more, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    let settings = shop.folder.join("carillon.toml");
    let before = fs::read_to_string(&settings).unwrap();
    let port = format!("port        = {}", relay.port());
    for (rate, stands_then) in [("6/day", true), ("600/min", false)] {
        fs::write(&settings, before.replace(&port, &format!("{port}\nrate = \"{rate}\""))).unwrap();
        daemon.signal("-HUP");
        wait_for(|| stands(&shop, ProblemKind::MailingTooLate) == stands_then);
        let said = shop.run(&["status"]);
        assert_eq!(said.contains("there is no time for 20 letters at a `rate` of 6/day"), stands_then, "{said}");
    }
    assert_eq!(daemon.terminate(), Some(0));
    let log = shop.log();
    assert!(!log.contains("answers again"), "the relay was never away: {log}");
});

#[test]
fn a_hang_up_with_anything_wrong_changes_nothing() {
    let (shop, relay, daemon) = quiet(Backend::Sqlite);
    shop.change("\"Boutique Exemple\"", "\"Boutique Nouvelle\"");
    let bad = |from: &str, to: &str, words: &str| {
        shop.change(from, to);
        daemon.signal("-HUP");
        wait_for(|| shop.log().contains(words));
        wait_for(|| stands(&shop, ProblemKind::ReloadRefused));
        shop.change(to, from);
    };
    let line = SAMPLE.lines().position(|line| line.starts_with("lifetime_months")).unwrap() + 1;
    bad("lifetime_months = 24", "lifetime_months = 99", &format!("carillon.toml:{line}:"));
    bad(
        "security    = \"none\"",
        "password_file = \"gone\"\nusername = \"u\"\nsecurity    = \"none\"",
        "`gone` cannot be read",
    );
    fs::create_dir_all(shop.folder.join("calendars")).unwrap();
    fs::write(shop.folder.join("calendars/arrete.toml"), "[[order]]\n").unwrap();
    bad("# align SPF", "#align SPF", "calendars/arrete.toml:");
    assert!(!shop.get("/en").contains("Boutique Nouvelle"), "nothing is taken up by halves");
    assert!(shop.get("/ready").starts_with("HTTP/1.1 200"), "the old configuration is as good as it was");

    fs::remove_file(shop.folder.join("calendars/arrete.toml")).unwrap();
    shop.change("allowed_leap_days = 7", "allowed_leap_days = 8");
    daemon.signal("-HUP");
    wait_for(|| shop.log().contains("needs a restart: `allowed_leap_days` in `[clock]`"));
    wait_for(|| stands(&shop, ProblemKind::RestartNeeded) && !stands(&shop, ProblemKind::ReloadRefused));
    assert!(shop.get("/en").contains("Boutique Nouvelle"), "the rest is in force");
    shop.change("allowed_leap_days = 8", "allowed_leap_days = 7");
    daemon.signal("-HUP");
    wait_for(|| !stands(&shop, ProblemKind::RestartNeeded));
    shop.run(&["campaign", "resume", "hiver"]);
    check_that_it_goes_on(&shop, &relay, daemon);
}

#[test]
fn what_a_running_daemon_cannot_take_up_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    fs::create_dir(folder.path().join("calendars")).unwrap();
    let settings = |from: &str, to: &str| {
        assert!(SAMPLE.contains(from), "{from}");
        let path = folder.path().join("carillon.toml");
        fs::write(&path, SAMPLE.replacen(from, to, 1)).unwrap();
        Settings::load(&path, &Overrides::default()).unwrap()
    };
    let running = settings("", "");
    for (from, to, expected) in [
        ("", "", &[][..]),
        ("\"Exemple SAS\"", "\"Exemple SARL\"", &[]),
        ("lifetime_months = 24", "lifetime_months = 12", &[]),
        ("\"sqlite:carillon.db\"", "\"sqlite:other.db\"", &["`url` in `[store]`"]),
        (
            "url = \"sqlite:carillon.db\"",
            "url = \"sqlite:carillon.db\"\ndepartures = \"d\"",
            &["`departures` in `[store]`"],
        ),
        ("\"carillon.keys\"", "\"other.keys\"", &["`file` in `[keys]`"]),
        ("127.0.0.1:8080", "127.0.0.1:8081", &["`listen` in `[public]`"]),
        ("= \"exemple\" ", "= \"example\" ", &["`controller` in `[consent]`"]),
        ("allowed_leap_days = 7", "allowed_leap_days = 8", &["`allowed_leap_days` in `[clock]`"]),
    ] {
        let (taken_up, named) = take_up(settings(from, to), &running);
        assert_eq!(named, expected, "{to}");
        let fixed = |it: &Settings| {
            (
                it.store.clone(),
                it.departures.clone(),
                it.keys.clone(),
                it.public.listen.clone(),
                it.consent.controller.clone(),
            )
        };
        assert_eq!((fixed(&taken_up), taken_up.clock), (fixed(&running), running.clock), "{to}");
    }
}

#[test]
fn the_service_manager_is_told_of_readiness_reloads_and_life() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    let path = shop.folder.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let hear = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let hear_of = |words: &str| loop {
        let said = hear();
        if said.contains(words) {
            return said;
        }
    };
    socket.set_read_timeout(Some(crate::support::house::PATIENCE)).unwrap();
    let daemon = shop.daemon_under(&[("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "1000000")]);
    hear_of("READY=1");
    hear_of("WATCHDOG=1");
    daemon.signal("-HUP");
    assert!(hear_of("RELOADING=1").contains("MONOTONIC_USEC="));
    hear_of("READY=1");
    hear_of("WATCHDOG=1");
    assert_eq!(daemon.terminate(), Some(0));
    hear_of("STOPPING=1");
}

#[test]
fn nobody_is_turned_away_while_a_daemon_starts_again_whose_socket_is_held() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    let held = TcpListener::bind(shop.listen()).unwrap();
    // The number of a held socket is 3, and whose it is stands in the environment: so it is a shell's that becomes the daemon.
    let start = |held: &TcpListener| {
        let mut shell = Command::new("sh");
        let become_it = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" run";
        shell.args(["-c", become_it, env!("CARGO_BIN_EXE_carillon")]).current_dir(&shop.folder);
        shell.stdin(OwnedFd::from(held.try_clone().unwrap())).stdout(Stdio::null()).stderr(Stdio::null());
        shell
    };
    let daemon = Daemon::start(start(&held));
    assert!(shop.get("/gates").starts_with("HTTP/1.1 200"));
    assert_eq!(daemon.terminate(), Some(0));
    let mut early = TcpStream::connect(shop.listen()).unwrap();
    early.write_all(b"GET /gates HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").unwrap();
    let daemon = Daemon::start(start(&held));
    let mut answer = String::new();
    early.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(daemon.terminate(), Some(0));
    // A socket at which nothing would ever answer.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    drop(held);
    let failed = start(&elsewhere).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(!failed.status.success() && said.contains("holds a socket where nothing listens"), "{said}");
    assert!(said.contains(&elsewhere.local_addr().unwrap().to_string()), "{said}");
}

both!(a_clean_stop_is_told_from_a_death, |backend| {
    let (shop, _relay, daemon) = quiet(backend);
    assert_eq!(daemon.terminate(), Some(0));
    let status = shop.run(&["status"]);
    assert!(status.contains("daemon: none is running; the last one was stopped at "), "{status}");
    assert!(!status.contains("was last seen"), "{status}");
});

#[test]
fn what_a_killed_daemon_had_met_is_not_of_today() {
    let (shop, _relay, daemon) = quiet(Backend::Sqlite);
    shop.change("lifetime_months = 24", "lifetime_months = 99");
    daemon.signal("-HUP");
    wait_for(|| stands(&shop, ProblemKind::ReloadRefused));
    shop.change("lifetime_months = 99", "lifetime_months = 24");
    assert!(shop.run(&["status"]).contains("problem: the configuration cannot be used as it is now"));
    daemon.kill();
    let status = shop.run(&["status"]);
    assert!(!status.contains("the configuration cannot be used"), "{status}");
    assert!(status.contains("daemon: none is running; the last one was last seen at "), "{status}");
}

#[test]
fn a_check_ends_as_its_help_says() {
    let folder = tempfile::TempDir::new().unwrap();
    let check = |code| carillon(folder.path(), &["status", "--check"]).exits(code).stdout;
    assert!(check(3).starts_with("CARILLON UNKNOWN: "), "there is no configuration");
    carillon(folder.path(), &["init", "."]).exits(0);
    fs::remove_file(folder.path().join("carillon.db")).unwrap();
    assert!(check(2).starts_with("CARILLON CRITICAL: "), "there is no store");
    let help = carillon(folder.path(), &["status", "--help"]).exits(0).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        help.contains("2 when something planned does not happen or the store cannot be read, 3 when the check cannot"),
        "{help}"
    );
}
