//! A shop set up with the commands that a person types, on either store, and its daemon: the real binary.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use carillon::config::StoreUrl;
use carillon::config::load_keyring;
use carillon::db::{Store, members};
use carillon::keys::Keyring;
use carillon::member::{Fingerprint, Pseudonym, unsubscribe_token};
use serde_json::Value;

use super::backend::{Backend, Fresh};
use super::build::campaign_announced_in;
use super::cli::{carillon, command};
use super::turn::Turn;

/// How long a test waits for the daemon.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// What a person says with `carillon mail resolve` on a machine that joins the others on a store.
pub const JOINS: [&[&str]; 2] = [&["--departures-lost", "--yes"], &["--latest"]];

/// A shop set up with the commands that a person types, with a mailing that is due now.
pub struct House {
    pub fresh: Fresh,
    pub folder: PathBuf,
}

impl House {
    pub fn new(backend: Backend, members: usize, relay_port: u16) -> Self {
        Self::on(Fresh::empty(backend), members, relay_port)
    }

    /// The same with a store at a place of the test's choice.
    pub fn on(fresh: Fresh, members: usize, relay_port: u16) -> Self {
        let folder = fresh.folder.path().join("shop");
        let house = Self { fresh, folder };
        carillon(house.fresh.folder.path(), &["init", house.folder.to_str().unwrap()]).exits(0);
        house.configure(relay_port);
        house.run(&["db", "migrate"]);
        fs::write(house.folder.join("campaign.toml"), campaign_announced_in(-1).text()).unwrap();
        fs::write(house.folder.join("members.csv"), member_file(members)).unwrap();
        house.run(&["campaign", "apply", "campaign.toml"]);
        house.run(&["member", "import", "members.csv"]);
        house
    }

    fn configure(&self, relay_port: u16) {
        let path = self.folder.join("carillon.toml");
        let store = match &self.fresh.url {
            StoreUrl::Sqlite(_) => "sqlite:carillon.db".to_owned(),
            StoreUrl::Postgres(url) => url.clone(),
        };
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("\"sqlite:carillon.db\"", &format!("\"{store}\""))
            .replace("\"127.0.0.1:8080\"", &format!("\"{listen}\""))
            .replace("\"directory\" ", "\"smtp\" ")
            .replace("port        = 25", &format!("port        = {relay_port}"));
        fs::write(&path, text).unwrap();
    }

    /// Writes `to` for `from` in the configuration, where `from` must stand.
    #[track_caller]
    pub fn change(&self, from: &str, to: &str) {
        let path = self.folder.join("carillon.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in\n{text}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }

    /// Runs a command in the shop's folder and returns what it printed.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        carillon(&self.folder, arguments).exits(0).stdout
    }

    pub fn daemon(&self) -> Daemon {
        self.daemon_that_logs("warn")
    }

    /// The daemon, which adds what happens from `level` on to [`House::log`].
    pub fn daemon_that_logs(&self, level: &str) -> Daemon {
        let log = fs::File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = command(&self.folder, &["run", "--log", level]);
        command.stdout(Stdio::null()).stderr(log);
        Daemon::start(command)
    }

    /// The daemon of another machine: see [`House::machine`].
    #[cfg(feature = "postgres")]
    pub fn daemon_on(&self, machine: &Path) -> Daemon {
        let log = fs::File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = command(machine, &["run", "--log", "warn"]);
        command.stdout(Stdio::null()).stderr(log);
        Daemon::start(command)
    }

    /// The folder of another machine on the same store, with the same configuration and keys, and an address of its own.
    pub fn machine_folder(&self, number: usize) -> PathBuf {
        let folder = self.fresh.folder.path().join(format!("machine-{number}"));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(folder.join("calendars")).unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let text = fs::read_to_string(self.folder.join("carillon.toml")).unwrap();
        fs::write(folder.join("carillon.toml"), text.replace(&self.listen(), &listen)).unwrap();
        fs::copy(self.folder.join("carillon.keys"), folder.join("carillon.keys")).unwrap();
        folder
    }

    /// The same, of which a person has said that it belongs to the store.
    #[cfg(feature = "postgres")]
    pub fn machine(&self, number: usize) -> PathBuf {
        let folder = self.machine_folder(number);
        for answer in JOINS {
            carillon(&folder, &[&["mail", "resolve"], answer].concat()).exits(0);
        }
        folder
    }

    /// What daemons have logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Beside the shop's folder: a copy of that is a copy of the shop.
    fn log_file(&self) -> PathBuf {
        self.fresh.folder.path().join("daemon.log")
    }

    /// The daemon, whose log is added to [`House::log`] by this process: no limit of the daemon
    /// concerns it.
    pub fn daemon_with_log(&self) -> Daemon {
        self.daemon_under(&[])
    }

    /// The same, with what a service manager puts into the environment.
    pub fn daemon_under(&self, environment: &[(&str, &str)]) -> Daemon {
        let mut command = command(&self.folder, &["run"]);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut daemon = Daemon::start(command);
        let mut log = fs::File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut said = daemon.child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut said, &mut log));
        daemon
    }

    /// The daemon, once it answers at its address.
    pub fn daemon_up(&self) -> Daemon {
        let daemon = self.daemon();
        self.wait_until_listening();
        daemon
    }

    /// Where the daemon listens.
    pub fn listen(&self) -> String {
        let text = fs::read_to_string(self.folder.join("carillon.toml")).unwrap();
        let line = text.lines().find(|line| line.starts_with("listen")).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    }

    /// Waits until the daemon answers at its address: then it is up.
    pub fn wait_until_listening(&self) {
        let (listen, begun) = (self.listen(), Instant::now());
        while TcpStream::connect(&listen).is_err() {
            assert!(begun.elapsed() < PATIENCE);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the daemon says that it is ready.
    #[track_caller]
    pub fn wait_until_ready(&self) {
        let begun = Instant::now();
        loop {
            let answer = self.get("/ready");
            if answer.starts_with("HTTP/1.1 200") {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{answer}\n{}", self.run(&["status"]));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the daemon answers to a GET of `path`.
    pub fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    /// What the daemon answers to an empty POST to `path`: the press of a button.
    pub fn press(&self, path: &str) -> String {
        let head = "Host: localhost\r\nConnection: close\r\nContent-Length: 0";
        self.send(&format!("POST {path} HTTP/1.1\r\n{head}\r\n\r\n"))
    }

    /// What the daemon answers to a form sent to `path`.
    pub fn post(&self, path: &str, body: &str) -> String {
        let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded";
        let length = body.len();
        self.send(&format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}"))
    }

    /// The unsubscribe link of a member, as it stands in a letter, without the host.
    pub fn way_out_of(&self, address: &str) -> String {
        let fingerprints = Fingerprint::all(&self.keyring(), &address.parse().unwrap());
        let store = self.store();
        let member = store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints)).unwrap().unwrap();
        self.way_out(&member.pseudonym)
    }

    /// The same of a member whose pseudonym is known.
    pub fn way_out(&self, member: &Pseudonym) -> String {
        format!("/u/{}", unsubscribe_token(&self.keyring(), member))
    }

    /// The shop's keys.
    pub fn keyring(&self) -> Keyring {
        load_keyring(&self.folder.join("carillon.keys")).unwrap()
    }

    /// The store, opened beside the daemon.
    pub fn store(&self) -> Store {
        Store::open(&self.store_url()).unwrap()
    }

    /// Where the store is.
    pub fn store_url(&self) -> StoreUrl {
        match &self.fresh.url {
            StoreUrl::Sqlite(_) => StoreUrl::Sqlite(self.folder.join("carillon.db")),
            server @ StoreUrl::Postgres(_) => server.clone(),
        }
    }

    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.listen()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// A copy of the store, as a person would make one.
    pub fn back_up(&self) -> PathBuf {
        let copy = self.fresh.folder.path().join("backup");
        match &self.fresh.url {
            StoreUrl::Sqlite(_) => {
                self.run(&["db", "backup", copy.to_str().unwrap()]);
            }
            StoreUrl::Postgres(url) => {
                let mut dump = Command::new("pg_dump");
                dump.args(["--schema", schema_of(url), "--file"]).arg(&copy).arg(url);
                assert!(dump.status().unwrap().success());
            }
        }
        copy
    }

    /// Puts the copy in the place of the store.
    pub fn put_back(&self, copy: &Path) {
        match &self.fresh.url {
            StoreUrl::Sqlite(_) => {
                for file in ["carillon.db", "carillon.db-wal", "carillon.db-shm"] {
                    let _ = fs::remove_file(self.folder.join(file));
                }
                fs::copy(copy, self.folder.join("carillon.db")).unwrap();
            }
            StoreUrl::Postgres(url) => {
                let drop = format!("DROP SCHEMA {} CASCADE", schema_of(url));
                let psql = |arguments: &[&str]| {
                    let mut psql = Command::new("psql");
                    psql.args(["--quiet", "-v", "ON_ERROR_STOP=1", "--dbname", url]).args(arguments);
                    assert!(psql.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
                };
                psql(&["--command", &drop]);
                psql(&["--file", copy.to_str().unwrap()]);
            }
        }
    }

    /// The account of the announcement.
    pub fn report(&self) -> Value {
        let report = self.run(&["mail", "report", "--json"]);
        let reports: Value = serde_json::from_str(&report).unwrap();
        reports[0].clone()
    }

    pub fn count(&self, state: &str) -> usize {
        usize::try_from(self.report()["counts"][state].as_u64().unwrap_or_default()).unwrap()
    }

    /// Waits until the mailing has ended.
    #[track_caller]
    pub fn wait_until_finished(&self) {
        let begun = Instant::now();
        while self.report()["state"] != "finished" {
            assert!(begun.elapsed() < PATIENCE, "{:#}", self.report());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Waits until `happened` says so.
#[track_caller]
pub fn wait_for(happened: impl Fn() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A running daemon; killed when it is dropped.
pub struct Daemon {
    child: Child,
    _turn: Turn,
}

impl Daemon {
    /// Starts it, when it is this test's turn.
    pub fn start(mut command: Command) -> Self {
        let turn = Turn::take();
        Self { child: command.spawn().unwrap(), _turn: turn }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill -TERM`, and its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.child.wait().unwrap().code()
    }

    /// Its process.
    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(self.child.id().try_into().unwrap()).unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        std::process::Command::new("kill").args([name, &pid]).status().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn schema_of(url: &str) -> &str {
    url.rsplit("search_path%3D").next().unwrap()
}

fn member_file(count: usize) -> String {
    use std::fmt::Write as _;
    let mut file = String::from("address,language,confirmed_at,wording,source,method\n");
    for number in 0..count {
        let language = if number % 4 == 0 { "en" } else { "fr" };
        writeln!(
            file,
            "membre.{number:05}@example.fr,{language},2026-09-01T10:00:00Z,J’accepte de recevoir par courriel l’annonce des avant-premières.,form:footer,double_optin"
        )
        .unwrap();
    }
    file
}
