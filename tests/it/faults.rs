//! Faults of the machine under a daemon, the real binary: a disk that fails or is slow, no file handles, no DNS, very many
//! visitors who dawdle. Each says the state that it must leave: gates answer, people can leave, nothing is lost or doubled, and it
//! goes on by itself.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use carillon::problem::ProblemKind;

use crate::support::backend::Backend;
use crate::support::cli::{carillon, command, first_that_runs};
use crate::support::house::{Daemon, House, wait_for};
use crate::support::relay::Relay;
use crate::support::trouble::limit_descriptors;
use crate::tidy::root;
use crate::unattended::{check_that_it_goes_on, stands};

/// The system's errors, by their numbers on Linux.
const EIO: &str = "5";
const EROFS: &str = "30";

/// How long a visitor may wait for an answer that needs no disk.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The store's disk of a daemon, which does what it is told.
struct Disk {
    mood: PathBuf,
}

impl Disk {
    /// A daemon on such a disk; nothing where no C compiler is at hand.
    fn under(shop: &House) -> Option<(Self, Daemon)> {
        let compiler = first_that_runs(&["cc", "gcc"], &["--version"])?;
        let (library, mood) = (shop.fresh.folder.path().join("disk.so"), shop.fresh.folder.path().join("mood"));
        let mut compile = Command::new(compiler);
        compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(root().join("tests/it/faults/disk.c"));
        assert!(compile.status().unwrap().success());
        fs::write(&mood, "").unwrap();
        let environment = [
            ("LD_PRELOAD", library.to_str().unwrap()),
            ("DISK_FILE", "carillon.db"),
            ("DISK_MOOD", mood.to_str().unwrap()),
        ];
        Some((Self { mood: mood.clone() }, shop.daemon_under(&environment)))
    }

    /// From now on.
    fn is(&self, mood: &str) {
        let new = self.mood.with_extension("new");
        fs::write(&new, mood).unwrap();
        fs::rename(new, &self.mood).unwrap();
    }
}

/// A shop with a paused campaign for five members, and its relay.
fn paused() -> (House, Relay) {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 5, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    (shop, relay)
}

#[track_caller]
fn at_once(shop: &House, path: &str) {
    let begun = Instant::now();
    let answer = shop.get(path);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(begun.elapsed() < AT_ONCE, "{path} took {:?}", begun.elapsed());
}

/// A disk that fails every write with this error is told, loses nothing, and is got over.
fn fails(error: &str) {
    let (shop, relay) = paused();
    let Some((disk, daemon)) = Disk::under(&shop) else { return };
    shop.wait_until_listening();
    shop.wait_until_ready();
    disk.is(error);
    wait_for(|| shop.get("/ready").contains("store-unwritable: the store cannot be written"));
    at_once(&shop, "/gates/hiver");
    // Whoever looks from outside is told.
    assert!(carillon(&shop.folder, &["status", "--check"]).exits(2).stdout.contains("CRITICAL"));
    disk.is("");
    wait_for(|| shop.get("/ready").starts_with("HTTP/1.1 200"));
    wait_for(|| !stands(&shop, ProblemKind::StoreUnwritable));
    shop.run(&["campaign", "resume", "hiver"]);
    check_that_it_goes_on(&shop, &relay, daemon);
    shop.run(&["consent", "verify"]);
    shop.run(&["db", "check"]);
}

#[test]
fn a_disk_that_fails_is_told_and_got_over() {
    fails(EIO);
}

#[test]
fn a_disk_that_becomes_read_only_is_told_and_got_over() {
    fails(EROFS);
}

#[test]
fn a_disk_that_fails_in_the_middle_of_a_mailing_loses_and_doubles_nobody() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 300, relay.port());
    let Some((disk, daemon)) = Disk::under(&shop) else { return };
    wait_for(|| relay.count() > 20);
    disk.is(EIO);
    wait_for(|| shop.get("/ready").contains("store-unwritable"));
    disk.is("");
    shop.wait_until_ready();
    shop.wait_until_finished();
    let (report, mut recipients) = (shop.report(), relay.recipients());
    let sent = recipients.len();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), sent, "nobody is written to twice");
    assert_eq!(shop.count("accepted") + shop.count("in-doubt"), 300, "{report:#}");
    assert!(sent >= shop.count("accepted") && sent <= 300, "{sent} {report:#}");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_slow_disk_keeps_gates_from_nothing_and_leaving_from_nothing_but_speed() {
    let (shop, relay) = paused();
    let Some((disk, daemon)) = Disk::under(&shop) else { return };
    shop.wait_until_listening();
    shop.wait_until_ready();
    disk.is("+300");
    shop.run(&["campaign", "resume", "hiver"]);
    let way_out = shop.way_out_of("membre.00004@example.fr");
    while shop.report()["state"] != "finished" {
        at_once(&shop, "/gates/hiver");
    }
    assert!(shop.press(&way_out).starts_with("HTTP/1.1 200"));
    check_that_it_goes_on(&shop, &relay, daemon);
}

#[test]
fn a_daemon_without_file_handles_lives_and_goes_on_when_there_are_some() {
    let (shop, relay) = paused();
    let daemon = shop.daemon_up();
    shop.wait_until_ready();
    // What is open stays open; nothing can be added.
    let all = limit_descriptors(&daemon, 4);
    shop.run(&["campaign", "resume", "hiver"]);
    // A visitor waits at the door meanwhile, and is let in when there is room.
    let mut visitor = TcpStream::connect(shop.listen()).unwrap();
    visitor.write_all(b"GET /gates/hiver HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    // It cannot read who has left, and sends nothing; what it advises is nothing for good.
    wait_for(|| stands(&shop, ProblemKind::SendingHeld));
    assert!(shop.run(&["problem", "list", "--json"]).contains("see why it cannot be read: too many open files"));
    assert_eq!(relay.count(), 0);
    limit_descriptors(&daemon, all);
    let mut answer = String::new();
    visitor.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    wait_for(|| !stands(&shop, ProblemKind::SendingHeld));
    check_that_it_goes_on(&shop, &relay, daemon);
}

#[test]
fn with_sixty_four_file_handles_a_daemon_serves_and_sends() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 5, relay.port());
    let program = command(&shop.folder, &[]).get_program().to_owned();
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 64 && exec \"$0\" run --log warn"]).arg(program).current_dir(&shop.folder);
    let daemon = Daemon::start({
        limited.stdout(Stdio::null()).stderr(Stdio::null());
        limited
    });
    shop.wait_until_listening();
    // More visitors than there are handles, who ask for nothing.
    let idle: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(shop.listen()).unwrap()).collect();
    at_once(&shop, "/gates/hiver");
    let way_out = shop.way_out_of("membre.00004@example.fr");
    check_that_it_goes_on_with(&shop, &relay);
    assert!(shop.press(&way_out).starts_with("HTTP/1.1 200"));
    drop(idle);
    assert_eq!(daemon.terminate(), Some(0));
}

#[track_caller]
fn check_that_it_goes_on_with(shop: &House, relay: &Relay) {
    shop.wait_until_finished();
    assert_eq!((shop.count("accepted"), relay.recipients().len()), (5, 5));
}

#[test]
fn a_relay_whose_name_nobody_knows_is_a_problem_until_somebody_does() {
    let (shop, relay) = paused();
    shop.change("host        = \"localhost\"", "host        = \"relay.invalid\"");
    let daemon = shop.daemon_up();
    shop.run(&["campaign", "resume", "hiver"]);
    wait_for(|| stands(&shop, ProblemKind::MailUnusable));
    assert!(shop.run(&["status"]).contains("relay.invalid"));
    at_once(&shop, "/gates/hiver");
    assert_eq!(shop.count("queued"), 5, "{:#}", shop.report());
    shop.change("\"relay.invalid\"", "\"localhost\"");
    daemon.signal("-HUP");
    check_that_it_goes_on(&shop, &relay, daemon);
}

/// How many visitors dawdle, where the machine lets a process have so many connections.
const DAWDLERS: usize = 10_000;

#[test]
fn ten_thousand_visitors_who_dawdle_keep_nobody_out() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 5, relay.port());
    let daemon = shop.daemon_up();
    shop.wait_until_finished();
    let handles =
        |daemon: &Daemon| fs::read_dir(format!("/proc/{}/fd", daemon.pid().as_raw_nonzero())).unwrap().count();
    let before = handles(&daemon);
    let allowed = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    let count = DAWDLERS.min(usize::try_from(allowed).unwrap() / 2);
    let mut dawdlers = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(shop.listen()).unwrap();
        // The beginning of a request, whose end does not come; the daemon may have ended the connection already.
        let _ = stream.write_all(b"GET /gates/hiver HTTP/1.1\r\nHos");
        dawdlers.push(stream);
    }
    at_once(&shop, "/gates/hiver");
    let way_out = shop.way_out_of("membre.00001@example.fr");
    let begun = Instant::now();
    assert!(shop.press(&way_out).starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() < 2 * AT_ONCE, "leaving took {:?}", begun.elapsed());
    drop(dawdlers);
    // What it had for them it gives back.
    wait_for(|| handles(&daemon) <= before + 8);
    assert_eq!(daemon.terminate(), Some(0));
}
