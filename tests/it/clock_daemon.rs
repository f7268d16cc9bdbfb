//! The daemon itself under a clock that is wrong, by a library that gives a process another clock.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use carillon::clock::Clock;
use carillon::config::StoreUrl;
use carillon::config::{create_keyring, load_keyring};
use carillon::db::{Store, members};
use carillon::member::{Pseudonym, unsubscribe_token};
use jiff::SignedDuration;
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::build::campaign_announced_in;
use crate::support::cli::{Said, command};
use crate::support::house::Daemon;
use crate::support::shop::configure;

/// How long a test waits for the daemon.
const PATIENCE: Duration = Duration::from_secs(90);

/// A shop with three members, whose announcement is due tomorrow.
struct Shop {
    fresh: Fresh,
    listen: String,
}

impl Shop {
    fn new(backend: Backend) -> Self {
        let fresh = Fresh::empty(backend);
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let shop = Self { fresh, listen };
        configure(shop.fresh.folder.path());
        let text = shop.read("carillon.toml").replace("127.0.0.1:0", &shop.listen);
        shop.write("carillon.toml", &text);
        create_keyring(&shop.path("keys.toml")).unwrap();
        shop.run(&["db", "migrate"]);
        let mut file = String::from("address;language;confirmed_at;wording;source;method\n");
        for name in ["anna", "bela", "carla"] {
            let agreed = Clock::System.now() - SignedDuration::from_hours(24 * 30);
            writeln!(file, "{name}@example.fr;fr;{agreed};J’accepte ces courriels.;form-7;web_form").unwrap();
        }
        shop.write("members.csv", &file);
        shop.run(&["member", "import", "members.csv"]);
        shop.write("campaign.toml", &campaign_announced_in(24).text());
        shop.run(&["campaign", "apply", "campaign.toml"]);
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.fresh.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `carillon` on this store, on a clock that the file `offset` moves, such as `+1500d`.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.fresh.folder.path(), arguments);
        if let StoreUrl::Postgres(url) = &self.fresh.url {
            command.env("CARILLON_STORE_URL", url);
        }
        command
            .env("LD_PRELOAD", preloaded())
            .env("FAKETIME_TIMESTAMP_FILE", self.path("offset"))
            .env("FAKETIME_NO_CACHE", "1")
            // A clock that is set does not touch the one that pauses are measured by.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    /// Sets the clock of everything that runs in this shop, as one does with a machine's.
    fn set_clock(&self, offset: &str) {
        self.write("offset.new", &format!("{offset}\n"));
        fs::rename(self.path("offset.new"), self.path("offset")).unwrap();
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Said {
        self.ends(arguments).exits(0)
    }

    fn ends(&self, arguments: &[&str]) -> Said {
        if !self.path("offset").exists() {
            self.set_clock("+0");
        }
        Said::of(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments).stdout).unwrap()
    }

    /// Starts the daemon, whose log goes to the file `log`.
    fn daemon(&self) -> Daemon {
        let log = fs::File::create(self.path("log")).unwrap();
        let out = log.try_clone().unwrap();
        let mut command = self.command(&["run", "--log", "info"]);
        command.stdin(Stdio::null()).stdout(out).stderr(log);
        Daemon::start(command)
    }

    /// Waits until the daemon's log holds `words`.
    #[track_caller]
    fn wait_for(&self, words: &str) {
        self.wait_until(words, || self.read("log").contains(words));
    }

    #[track_caller]
    fn wait_until(&self, what: &str, come: impl Fn() -> bool) {
        let begun = Instant::now();
        while !come() {
            assert!(begun.elapsed() < PATIENCE, "waited for: {what}\n{}", self.read("log"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a request to the daemon and returns the answer; nothing while it does not listen yet.
    fn ask(&self, request: &str) -> String {
        let Ok(mut stream) = TcpStream::connect(&self.listen) else { return String::new() };
        write!(stream, "{request}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: presale.example.fr\r\nConnection: close\r\n\r\n"))
    }

    /// The one-click button of a mail to `member`.
    fn leave(&self, member: &Pseudonym) -> String {
        let token = unsubscribe_token(&load_keyring(&self.path("keys.toml")).unwrap(), member);
        self.ask(&format!(
            "POST /u/{token} HTTP/1.1\r\nHost: presale.example.fr\r\nConnection: close\r\nContent-Length: 26\r\nContent-Type: \
             application/x-www-form-urlencoded\r\n\r\nList-Unsubscribe=One-Click"
        ))
    }

    fn announcement(&self) -> Value {
        self.json(&["mail", "report", "--json"])[0].clone()
    }
}

/// What gives a process another clock; `.ci/test` installs it. Asked once: the program keeps shared memory under the number
/// of its process, and fails where an earlier one of that number left some.
pub(crate) fn preloaded() -> &'static str {
    static LIBRARY: LazyLock<String> = LazyLock::new(|| (0..5).find_map(|_| library()).expect("`faketime` fails"));
    &LIBRARY
}

fn library() -> Option<String> {
    let said = Command::new("faketime").args(["-f", "+0", "env"]).output();
    let said = said.expect("there is no `faketime`; `.ci/test` installs it");
    let text = String::from_utf8(said.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("LD_PRELOAD=")).map(str::to_owned)
}

fn confirmed(store: &Store) -> Vec<members::Member> {
    store.read_blocking(|db| members::list(db, Some(carillon::member::Consent::Confirmed), 0, 10)).unwrap()
}

both!(a_clock_that_is_years_ahead_leaves_no_trace, |backend| {
    let shop = Shop::new(backend);
    let store = Store::open(&shop.fresh.url).unwrap();
    let leaving = confirmed(&store)[0].pseudonym;

    shop.set_clock("+1500d");
    let daemon = shop.daemon();
    shop.wait_for("nothing is sent: the clock shows");
    shop.wait_for("carillon is running");
    shop.wait_until("the keeper", || store.read_blocking(carillon::db::heartbeats::list).unwrap().len() == 1);
    assert!(shop.get("/health").starts_with("HTTP/1.1 200"));
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"));
    assert!(shop.leave(&leaving).starts_with("HTTP/1.1 200"));
    let status = shop.run(&["status"]).stdout;
    assert!(status.contains("the clock shows") && status.contains("`carillon clock confirm`"), "{status}");
    shop.ends(&["clock"]).exits(1);
    shop.ends(&["mail", "resolve", "--restored"]).exits(1);
    assert_eq!(daemon.terminate(), Some(0));

    shop.set_clock("+0");
    shop.ends(&["clock"]).exits(0);
    let left = confirmed(&store);
    assert!(left.len() == 2 && left.iter().all(|member| member.address.is_some()), "{left:?}");
    assert_eq!(shop.announcement()["state"], "planned");
    let gone = store.read_blocking(|db| members::find(db, &leaving)).unwrap().unwrap();
    assert!(gone.consent_since <= Clock::System.now(), "a withdrawal is not dated into the future");

    // The day after, the mailing goes out as if nothing had been.
    shop.set_clock("+25h");
    let daemon = shop.daemon();
    shop.wait_until("the mailing", || shop.announcement()["state"] == "finished");
    assert_eq!(shop.announcement()["counts"]["accepted"], 2);
    assert!(shop.get("/ready").starts_with("HTTP/1.1 200"));
    assert_eq!(daemon.terminate(), Some(0));
});

#[test]
fn a_doubted_clock_destroys_no_address() {
    let shop = Shop::new(Backend::Sqlite);
    let store = Store::open(&shop.fresh.url).unwrap();
    let left = confirmed(&store)[0].clone();
    shop.write("left.txt", "anna@example.fr\nbela@example.fr\n");
    shop.run(&["member", "withdraw", "--file", "left.txt"]);
    let address = || store.read_blocking(|db| members::find(db, &left.pseudonym)).unwrap().unwrap().address;

    shop.set_clock("+1500d");
    let said = shop.run(&["member", "retention", "--dry-run"]);
    assert!(
        said.stderr.contains("nothing but sign-ups goes at present: nothing is sent: the clock shows"),
        "{}",
        said.stderr
    );
    let daemon = shop.daemon();
    shop.wait_for("nothing is sent: the clock shows");
    shop.wait_until("the keeper", || store.read_blocking(carillon::db::heartbeats::list).unwrap().len() == 1);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(address(), left.address);

    shop.set_clock("+0");
    let daemon = shop.daemon();
    shop.wait_until("the address is gone", || address().is_none());
    shop.run(&["consent", "verify"]);
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_doubted_clock_removes_no_proof() {
    let shop = Shop::new(Backend::Sqlite);
    let store = Store::open(&shop.fresh.url).unwrap();
    shop.write("left.txt", "anna@example.fr\n");
    shop.run(&["member", "withdraw", "--file", "left.txt"]);
    let removed = || store.read_blocking(carillon::db::ledger::removed).unwrap();

    // Six years later, as the clock says.
    shop.set_clock("+2200d");
    let daemon = shop.daemon();
    shop.wait_for("nothing is sent: the clock shows");
    shop.wait_until("the keeper", || store.read_blocking(carillon::db::heartbeats::list).unwrap().len() == 1);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(removed(), None);

    // And as a person says.
    shop.ends(&["clock", "confirm", "--yes"]).exits(0);
    let daemon = shop.daemon();
    shop.wait_until("the proof is gone", || removed().is_some_and(|removed| removed.lines == 1));
    shop.wait_for("the ledger is anchored");
    shop.run(&["consent", "verify"]);
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_clock_that_leaps_under_a_running_daemon_is_noticed_both_ways() {
    let shop = Shop::new(Backend::Sqlite);
    let store = Store::open(&shop.fresh.url).unwrap();
    let daemon = shop.daemon();
    shop.wait_for("carillon is running");
    shop.wait_until("ready", || shop.get("/ready").starts_with("HTTP/1.1 200"));
    for (offset, words) in [("+1500d", "days after the newest time"), ("-2h", "hour before the newest time")] {
        shop.set_clock(offset);
        shop.wait_for(words);
        assert!(shop.get("/ready").starts_with("HTTP/1.1 503"), "{offset}");
        shop.set_clock("+0");
        shop.wait_until("ready again", || shop.get("/ready").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(confirmed(&store).len(), 3);
    assert_eq!(shop.announcement()["state"], "planned");
    // It is alive and awake: the mailing begins when its time comes.
    shop.set_clock("+25h");
    shop.wait_until("the mailing", || shop.announcement()["state"] == "finished");
    assert_eq!(shop.announcement()["counts"]["accepted"], 3);
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_daemon_that_was_off_for_three_months_asks_once() {
    let shop = Shop::new(Backend::Sqlite);
    shop.set_clock("+92d");
    let daemon = shop.daemon();
    shop.wait_for("92 days after the newest time that was believed");
    shop.ends(&["clock", "confirm", "--yes"]).exits(0);
    shop.wait_for("this reason to send nothing is gone");
    shop.wait_until("ready", || shop.get("/ready").starts_with("HTTP/1.1 200"));
    assert_eq!(shop.announcement()["state"], "missed", "what the stop cost is said, once the time is certain");
    assert_eq!(daemon.terminate(), Some(0));
    let daemon = shop.daemon();
    shop.wait_until("ready", || shop.get("/ready").starts_with("HTTP/1.1 200"));
    assert_eq!(daemon.terminate(), Some(0));
}
