//! A shop to be ill-treated: its daemons, its clock, its store, and what a person does in it meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use carillon::clock::Clock;
use carillon::config::StoreUrl;
use carillon::db::members;
use carillon::member::Pseudonym;
use jiff::{SignedDuration, Timestamp};

use super::sink::Sink;
use crate::clock_daemon::preloaded;
use crate::support::backend::Backend;
use crate::support::cli::command;
use crate::support::house::{House, JOINS};
use crate::support::turn::Turn;

/// How many connections each daemon opens.
const CONNECTIONS: usize = 8;

/// The shortest lease of a message that is on its way, less the time that is left of it when it is renewed.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// The code with which a command ends that cannot reach the store.
const UNREACHABLE: i32 = 3;

/// How long a daemon may take to end.
const FAREWELL: Duration = Duration::from_secs(30);

/// A stretch in which nothing may leave: from when it was acknowledged until before it was taken back.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    pub from: Instant,
    pub until: Option<Instant>,
    pub why: &'static str,
}

/// A daemon, or the place of one.
struct Place {
    folder: PathBuf,
    child: Option<Child>,
    /// How long its log was when it was started.
    logged: usize,
    stopped: bool,
}

pub struct Stand {
    pub house: House,
    pub sink: Sink,
    places: Vec<Place>,
    preload: &'static str,
    begun: (Instant, Timestamp),
    /// What was added to the clock, in milliseconds, and between which instants it came to that.
    offsets: Vec<(Instant, Instant, i64)>,
    /// Everybody, as they were before the first round.
    pub people: Vec<(Pseudonym, String)>,
    /// Who left, and when that was acknowledged.
    pub left: Vec<(String, Instant)>,
    pub silences: Vec<Silence>,
    /// How many deliveries may be in doubt for what was done to the daemons.
    pub doubts: usize,
    /// What must not happen and did.
    pub violations: Vec<String>,
    /// What was done, in order.
    pub told: Vec<String>,
    _turn: Turn,
}

impl Stand {
    pub fn new(backend: Backend, members: usize, daemons: usize, sink: Sink) -> Self {
        let turn = Turn::take();
        let house = House::new(backend, members, sink.port());
        let store = house.store();
        let people = store.read_blocking(|db| members::list(db, None, 0, 10_000)).unwrap();
        let people =
            people.into_iter().map(|member| (member.pseudonym, member.address.unwrap().as_str().to_owned())).collect();
        let first = Place { folder: house.folder.clone(), child: None, logged: 0, stopped: false };
        let mut stand = Self {
            places: vec![first],
            preload: preloaded(),
            begun: (Instant::now(), Clock::System.now()),
            offsets: Vec::new(),
            people,
            left: Vec::new(),
            silences: Vec::new(),
            doubts: 0,
            violations: Vec::new(),
            told: Vec::new(),
            _turn: turn,
            house,
            sink,
        };
        stand.set_offset(0);
        for number in 1..daemons {
            stand.add_machine(number);
        }
        for place in 0..daemons {
            stand.start(place);
        }
        stand
    }

    /// Another machine on the same store: a folder of its own, with the same configuration and keys.
    fn add_machine(&mut self, number: usize) {
        let folder = self.house.machine_folder(number);
        for answer in JOINS {
            let said = self.command(&folder, &[&["mail", "resolve"], answer].concat()).output().unwrap();
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        }
        self.places.push(Place { folder, child: None, logged: 0, stopped: false });
    }

    pub fn machines(&self) -> usize {
        self.places.len()
    }

    pub fn tell(&mut self, what: String) {
        self.told.push(format!("{:>7.3} {what}", self.begun.0.elapsed().as_secs_f64()));
    }

    // The clock.

    fn offset(&self) -> i64 {
        self.offsets.last().map_or(0, |(_, _, offset)| *offset)
    }

    fn set_offset(&mut self, milliseconds: i64) {
        let before = Instant::now();
        let folder = self.house.fresh.folder.path();
        let (new, place) = (folder.join("offset.new"), folder.join("offset"));
        let sign = if milliseconds < 0 { '-' } else { '+' };
        let whole = milliseconds.unsigned_abs();
        fs::write(&new, format!("{sign}{}.{:03}\n", whole / 1_000, whole % 1_000)).unwrap();
        fs::rename(new, place).unwrap();
        self.offsets.push((before, Instant::now(), milliseconds));
    }

    /// Sets everybody's clock on, or back. A step past a lease looks to another machine like the death of this one.
    pub fn step_clock(&mut self, by: SignedDuration) {
        let running = self.places.iter().filter(|place| place.child.is_some()).count();
        // By a clock that is not believed nothing runs out.
        if (LEASE..SignedDuration::from_hours(24 * 7)).contains(&by) && running > 1 {
            self.doubts += CONNECTIONS * running;
        }
        self.set_offset(self.offset() + i64::try_from(by.as_millis()).unwrap());
    }

    /// Sets everybody's clock to `instant`.
    pub fn set_clock(&mut self, instant: Timestamp) {
        let by = instant.duration_since(self.shown(Instant::now()));
        self.step_clock(by);
    }

    /// What the daemons' clock showed at `at`, at least: while it was being set, the earlier of the two.
    pub fn shown(&self, at: Instant) -> Timestamp {
        let known = self.offsets.iter().rev().find(|(before, _, _)| *before <= at);
        let (_, after, offset) = known.or(self.offsets.first()).unwrap();
        let earlier = self.offsets.iter().rev().skip_while(|(before, _, _)| *before > at).nth(1);
        let offset = match earlier {
            Some((_, _, before)) if at <= *after => *offset.min(before),
            _ => *offset,
        };
        let passed = SignedDuration::try_from(at.duration_since(self.begun.0)).unwrap();
        self.begun.1 + passed + SignedDuration::from_millis(offset)
    }

    // The daemons.

    /// `carillon` in `folder` on the shop's clock.
    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = command(folder, arguments);
        command
            .env("LD_PRELOAD", self.preload)
            .env("FAKETIME_TIMESTAMP_FILE", self.house.fresh.folder.path().join("offset"))
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command as a person does; what it printed, when it did what it was to do.
    pub fn run(&self, arguments: &[&str]) -> Option<String> {
        let said = self.command(&self.house.folder, arguments).output().unwrap();
        said.status.success().then(|| String::from_utf8(said.stdout).unwrap())
    }

    pub fn start(&mut self, place: usize) {
        let logged = self.log(place).len();
        let log = fs::File::options().create(true).append(true).open(self.log_file(place)).unwrap();
        let mut command = self.command(&self.places[place].folder, &["run", "--log", "info"]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.places[place].child = Some(child);
        self.places[place].logged = logged;
        self.places[place].stopped = false;
    }

    fn log_file(&self, place: usize) -> PathBuf {
        self.house.fresh.folder.path().join(format!("daemon-{place}.log"))
    }

    fn log(&self, place: usize) -> String {
        fs::read_to_string(self.log_file(place)).unwrap_or_default()
    }

    /// What the daemons logged last.
    pub fn logs(&self) -> String {
        let mut logs = String::new();
        for place in 0..self.places.len() {
            let text = self.log(place);
            let lines: Vec<&str> = text.lines().collect();
            writeln!(logs, "--- daemon {place}\n{}", lines[lines.len().saturating_sub(40)..].join("\n")).unwrap();
        }
        logs
    }

    fn signal(&self, place: usize, name: &str) {
        if let Some(child) = &self.places[place].child {
            Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        }
    }

    pub fn kill(&mut self, place: usize) {
        let Some(mut child) = self.places[place].child.take() else { return };
        // One that has ended by itself is found out here.
        self.note_end(place, &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        self.doubts += CONNECTIONS;
        sweep(&child);
    }

    /// Asks a daemon to end, and waits until it has.
    pub fn terminate(&mut self, place: usize) {
        self.go_on(place);
        let Some(mut child) = self.places[place].child.take() else { return };
        if self.note_end(place, &mut child) {
            return;
        }
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        let asked = Instant::now();
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if asked.elapsed() > FAREWELL {
                child.kill().unwrap();
                child.wait().unwrap();
                break Some(-1);
            }
            thread::sleep(Duration::from_millis(5));
        };
        sweep(&child);
        // One that is asked before it listens for signals ends as any process does.
        if code.is_some_and(|code| code != 0) {
            self.violations.push(format!("daemon {place} ended with {code:?} when it was asked to"));
        }
    }

    /// Notes a daemon that has ended though nobody had asked it to. One that finds no store at its start says so, and
    /// whoever looks after it starts it again.
    fn note_end(&mut self, place: usize, child: &mut Child) -> bool {
        let Some(status) = child.try_wait().unwrap() else { return false };
        let log = self.log(place);
        let began = log.get(self.places[place].logged..).is_some_and(|log| log.contains("carillon is running"));
        if began || status.code() != Some(UNREACHABLE) {
            self.violations.push(format!("daemon {place} ended by itself: {status}"));
        } else {
            self.tell(format!("  daemon {place} found no store"));
        }
        true
    }

    pub fn stop(&mut self, place: usize) {
        self.signal(place, "-STOP");
        self.places[place].stopped = true;
    }

    pub fn go_on(&mut self, place: usize) {
        if std::mem::take(&mut self.places[place].stopped) {
            self.signal(place, "-CONT");
        }
    }

    // What a person does.

    /// Somebody leaves by the button in a letter, by the first daemon or else by a list.
    pub fn withdraw(&mut self, who: usize) {
        let (member, address) = self.people[who].clone();
        let acknowledged = self.press(&member) || self.run(&["member", "withdraw", &address]).is_some();
        self.tell(format!("{address} withdraws: {acknowledged}"));
        if acknowledged {
            self.left.push((address, Instant::now()));
        }
    }

    pub fn erase(&mut self, who: usize) {
        let address = self.people[who].1.clone();
        let acknowledged = self.run(&["member", "erase", &address, "--yes"]).is_some();
        self.tell(format!("{address} is erased: {acknowledged}"));
        if acknowledged {
            self.left.push((address, Instant::now()));
        }
    }

    fn press(&self, member: &Pseudonym) -> bool {
        let path = self.house.way_out(member);
        let Ok(mut stream) = TcpStream::connect(self.house.listen()) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    pub fn silence(&mut self, why: &'static str) {
        self.silences.push(Silence { from: Instant::now(), until: None, why });
    }

    pub fn end_silence(&mut self, why: &'static str) {
        for silence in self.silences.iter_mut().filter(|silence| silence.why == why && silence.until.is_none()) {
            silence.until = Some(Instant::now());
        }
    }

    // The store.

    /// Somebody else's transaction holds what the daemons write.
    pub fn lock_store(&self, pause: Duration) {
        match &self.house.fresh.url {
            StoreUrl::Sqlite(_) => hold_file(&self.house.folder.join("carillon.db"), pause),
            #[cfg(feature = "postgres")]
            StoreUrl::Postgres(url) => server::hold_table(url, pause),
            #[cfg(not(feature = "postgres"))]
            StoreUrl::Postgres(_) => unreachable!(),
        }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        for place in &mut self.places {
            if let Some(child) = &mut place.child {
                let _ = child.kill();
                let _ = child.wait();
                sweep(child);
            }
        }
    }
}

/// Removes what the library that gives a process another clock leaves behind when the process is killed: another one that
/// gets the same number could not use it.
fn sweep(child: &Child) {
    for kind in ["sem.faketime_sem", "faketime_shm"] {
        let _ = fs::remove_file(format!("/dev/shm/{kind}_{}", child.id()));
    }
}

fn hold_file(path: &Path, pause: Duration) {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE; UPDATE members SET consent = consent").unwrap();
    thread::sleep(pause);
    conn.batch_execute("COMMIT").unwrap();
}

#[cfg(feature = "postgres")]
pub mod server {
    use std::process::Command;
    use std::thread;
    use std::time::Duration;

    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, PgConnection};

    /// Holds the table of deliveries, when it gets hold of it.
    pub(super) fn hold_table(url: &str, pause: Duration) {
        let mut conn = PgConnection::establish(url).unwrap();
        let locked = conn.batch_execute("BEGIN; SET LOCAL lock_timeout = '3s'; LOCK TABLE deliveries");
        if locked.is_ok() {
            thread::sleep(pause);
        }
        conn.batch_execute("ROLLBACK").unwrap();
    }

    /// Restarts the server with the command that `CARILLON_TRIAL_RESTART` holds, when there is one: a server of the
    /// trial's own.
    pub fn restart() -> bool {
        let Ok(restart) = std::env::var("CARILLON_TRIAL_RESTART") else { return false };
        assert!(Command::new("sh").args(["-c", &restart]).status().unwrap().success(), "{restart}");
        true
    }
}
