//! Whether it can be left alone: a year on a simulated clock, then a real hour at load.
//!
//! ```sh
//! cargo bench --bench soak                     a year of 100,000 members, and an hour
//! cargo bench --bench soak -- 5 10000          a year of 10,000 members, and five minutes
//! ```
//!
//! **The year** has twenty campaigns, lived through by `carillon rehearse`, so by the daemon's own planner and dispatcher: every
//! member has a delivery in each mailing, and each delivery ends in one named state.
//!
//! **The hour** has the real daemon and a relay on this machine, while gates are asked for, people sign up, people leave, and a
//! mailing begins each minute. Its memory, descriptors and threads are noted all the time. When it is warm, memory and descriptors may
//! not grow by more than 5 %; then every mailing's account must be whole, and the daemon must end in order.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement speaks to the terminal, and stops at what it did not expect"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use carillon::config::{StoreUrl, load_keyring};
use carillon::db::{Store, members};
use carillon::member::unsubscribe_token;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const CARILLON: &str = env!("CARGO_BIN_EXE_carillon");

/// The campaigns of the year, and the days between them.
const CAMPAIGNS: i64 = 20;
const DAYS_BETWEEN: i64 = 18;

/// The members of the hour, each of whom is written to in every mailing.
const LOAD_MEMBERS: usize = 10_000;

/// How often the daemon is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// By how much what it needs may grow once it is warm.
const GROWTH: f64 = 1.05;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let minutes = numbers.first().copied().unwrap_or(60);
    let members = numbers.get(1).copied().unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a folder");
    if members > 0 {
        year(folder.path(), members);
    }
    if minutes > 0 {
        load(folder.path(), Duration::from_secs(60 * minutes));
    }
}

// ---- the year -----------------------------------------------------------------------------------------------------------

fn year(above: &Path, members: u64) {
    let shop = above.join("year");
    run(Command::new(CARILLON).arg("init").arg(&shop).current_dir(above).stdout(Stdio::null()).stderr(Stdio::null()));
    let files: Vec<String> = (0..CAMPAIGNS)
        .map(|number| {
            let opens = SignedDuration::from_hours(24 * (10 + number * DAYS_BETWEEN));
            let name = format!("annee-{number:02}.toml");
            fs::write(
                shop.join(&name),
                campaign(&format!("annee-{number:02}"), opens, opens - SignedDuration::from_hours(48)),
            )
            .expect("a campaign");
            name
        })
        .collect();
    let begun = Instant::now();
    let mut rehearse = Command::new(CARILLON);
    rehearse.arg("rehearse").args(&files).args(["--json", "--members", &members.to_string()]).current_dir(&shop);
    let out = rehearse.stderr(Stdio::inherit()).output().expect("a rehearsal");
    let report: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&out.stdout)));
    assert!(out.status.success(), "{:#}", report["findings"]);
    let mailings = report["mailings"].as_array().expect("mailings");
    assert_eq!(mailings.len(), usize::try_from(CAMPAIGNS).expect("a number"), "mailings");
    let mut deliveries = 0;
    for mailing in mailings {
        let counts = mailing["counts"].as_object().expect("counts");
        let sum: u64 = counts.values().filter_map(Value::as_u64).sum();
        assert_eq!(mailing["planned"].as_u64(), Some(sum), "{mailing:#}");
        assert_eq!(sum, members, "everybody has a delivery: {mailing:#}");
        assert_eq!(counts.get("accepted").and_then(Value::as_u64), Some(members), "{mailing:#}");
        deliveries += sum;
    }
    let took = begun.elapsed();
    println!(
        "a year            {CAMPAIGNS} campaigns, {members} members: {deliveries} deliveries in {:.0} s, each in a named state",
        took.as_secs_f64()
    );
}

/// A sale that opens in so long, and is announced in so long.
fn campaign(slug: &str, opens: SignedDuration, announced: SignedDuration) -> String {
    let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
    let at = |later: SignedDuration| now.checked_add(later).expect("a time").strftime("%Y-%m-%d %H:%M").to_string();
    format!(
        "slug = \"{slug}\"\ntitle = \"Les journées magiques\"\nmarkets = [\"DE\"]\nsector = \"shoes\"\nchannel = \"online\"\n\
         audience = \"public\"\n\n[window]\ntimezone = \"UTC\"\nopens = \"{}\"\ncloses = \"{}\"\n\n\
         [[mailings]]\nkind = \"announcement\"\nnot_before = \"{}\"\nnot_after = \"window.opens\"\nlanguages = [\"fr\", \"en\"]\n",
        at(opens),
        at(opens + SignedDuration::from_hours(24)),
        at(announced)
    )
}

// ---- the hour -----------------------------------------------------------------------------------------------------------

/// What was done to the daemon.
#[derive(Default)]
struct Done {
    over: AtomicBool,
    gates: AtomicU64,
    joined: AtomicU64,
    left: AtomicU64,
    letters: AtomicU64,
}

impl Done {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }
}

/// What the daemon needs at one moment.
#[derive(Clone, Copy, Debug)]
struct Need {
    kib: u64,
    descriptors: u64,
    threads: u64,
}

fn load(above: &Path, lasts: Duration) {
    let shop = above.join("hour");
    let done = Arc::new(Done::default());
    let relay = sink(Arc::clone(&done));
    set_up(above, &shop, relay);
    let log = fs::File::create(above.join("daemon.log")).expect("a log");
    let mut command = Command::new(CARILLON);
    command.args(["run", "--log", "warn"]).current_dir(&shop).stdout(Stdio::null()).stderr(log);
    let daemon = Program(command.spawn().expect("a daemon"));
    let listen = listen(&shop);
    let begun = Instant::now();
    while TcpStream::connect(&listen).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "the daemon does not listen");
        sleep(Duration::from_millis(50));
    }
    let workers = [
        spawn(&done, {
            let listen = listen.clone();
            move |done| ask_gates(&listen, done)
        }),
        spawn(&done, {
            let listen = listen.clone();
            move |done| ask_gates(&listen, done)
        }),
        spawn(&done, {
            let listen = listen.clone();
            move |done| sign_up(&listen, done)
        }),
        spawn(&done, {
            let (listen, shop) = (listen.clone(), shop.clone());
            move |done| leave(&listen, &shop, done)
        }),
        spawn(&done, {
            let shop = shop.clone();
            move |done| mail(&shop, done)
        }),
    ];
    let needs = watch(&daemon, lasts);
    done.over.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.join().expect("who does something to the daemon");
    }
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    println!(
        "done              {} gates, {} signed up, {} left, {} letters",
        count(&done.gates),
        count(&done.joined),
        count(&done.left),
        count(&done.letters)
    );
    account(&shop);
    daemon.end_in_order();
    let log = fs::read_to_string(above.join("daemon.log")).expect("a log");
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    judge(&needs);
}

fn spawn(done: &Arc<Done>, work: impl FnOnce(&Done) + Send + 'static) -> thread::JoinHandle<()> {
    let done = Arc::clone(done);
    thread::spawn(move || work(&done))
}

fn set_up(above: &Path, shop: &Path, relay: u16) {
    run(Command::new(CARILLON).arg("init").arg(shop).current_dir(above).stdout(Stdio::null()).stderr(Stdio::null()));
    let settings = shop.join("carillon.toml");
    let text = fs::read_to_string(&settings).expect("settings");
    let text = text
        .replace("\"127.0.0.1:8080\"", &format!("\"127.0.0.1:{}\"", free_port()))
        .replace("\"directory\" ", "\"smtp\" ")
        .replace("port        = 25", &format!("port        = {relay}"))
        .replace("per_hour        = 600", "per_hour        = 100000")
        .replace("per_domain_hour = 200", "per_domain_hour = 100000");
    fs::write(&settings, text).expect("settings");
    let mut members = String::from("address,language,confirmed_at,wording,source,method\n");
    for number in 0..LOAD_MEMBERS {
        let language = if number % 4 == 0 { "en" } else { "fr" };
        writeln!(
            members,
            "membre.{number:07}@example.fr,{language},2026-09-01T10:00:00Z,J’accepte de recevoir par courriel l’annonce des \
             avant-premières.,form:footer,double_optin"
        )
        .expect("a line");
    }
    fs::write(shop.join("members.csv"), members).expect("members");
    fs::write(
        shop.join("vente.toml"),
        campaign("vente", SignedDuration::from_hours(48), SignedDuration::from_hours(24)),
    )
    .expect("a campaign");
    carillon(shop, &["campaign", "apply", "vente.toml"]);
    carillon(shop, &["member", "import", "members.csv"]);
}

fn listen(shop: &Path) -> String {
    let text = fs::read_to_string(shop.join("carillon.toml")).expect("settings");
    let line = text.lines().find(|line| line.starts_with("listen")).expect("an address");
    line.split('"').nth(1).expect("an address").to_owned()
}

/// Two hundred times a second, on a connection that stays open until the daemon ends it.
fn ask_gates(listen: &str, done: &Done) {
    while done.goes_on() {
        let mut stream = connect(listen);
        while done.goes_on()
            && exchange(&mut stream, "GET /gates/vente HTTP/1.1\r\nHost: a\r\n\r\n").is_some_and(|it| it.0 == 200)
        {
            done.gates.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(5));
        }
    }
}

/// Ten people a second.
fn sign_up(listen: &str, done: &Done) {
    let mut number = 0_u64;
    while done.goes_on() {
        let page = exchange(&mut connect(listen), "GET /join HTTP/1.1\r\nHost: a\r\n\r\n").expect("the page").1;
        let time = page.split("name=\"time\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a time");
        // A form that comes back at once was filled in by nobody.
        sleep(Duration::from_secs(3));
        for _ in 0..300 {
            if !done.goes_on() {
                return;
            }
            let body = format!("time={time}&email=neu{number}%40d{}.example", number % 97);
            let (status, _) = exchange(&mut connect(listen), &post("/join", &body)).expect("an answer");
            assert_eq!(status, 200, "a sign-up");
            done.joined.fetch_add(1, Ordering::Relaxed);
            number += 1;
            sleep(Duration::from_millis(100));
        }
    }
}

/// One person a second.
fn leave(listen: &str, shop: &Path, done: &Done) {
    let keyring = load_keyring(&shop.join("carillon.keys")).expect("keys");
    let store = Store::open(&StoreUrl::Sqlite(shop.join("carillon.db"))).expect("a store");
    let everybody = store.read_blocking(|db| members::list(db, None, 0, i64::MAX)).expect("members");
    for member in everybody.iter().take(LOAD_MEMBERS / 2) {
        if !done.goes_on() {
            return;
        }
        let path = format!("/u/{}", unsubscribe_token(&keyring, &member.pseudonym));
        let (status, _) =
            exchange(&mut connect(listen), &post(&path, "List-Unsubscribe=One-Click")).expect("an answer");
        assert_eq!(status, 200, "leaving");
        done.left.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_secs(1));
    }
}

/// A mailing that is due, every minute.
fn mail(shop: &Path, done: &Done) {
    for number in 0.. {
        let slug = format!("heure-{number:03}");
        let file = format!("{slug}.toml");
        let later = SignedDuration::from_hours(48) + SignedDuration::from_mins(number);
        fs::write(shop.join(&file), campaign(&slug, later, SignedDuration::from_mins(-1))).expect("a campaign");
        carillon(shop, &["campaign", "apply", &file]);
        for _ in 0..60 {
            if !done.goes_on() {
                return;
            }
            sleep(Duration::from_secs(1));
        }
    }
}

/// Notes what the daemon needs, and tells of it now and then.
fn watch(daemon: &Program, lasts: Duration) -> Vec<Need> {
    let (begun, mut needs) = (Instant::now(), Vec::new());
    println!("seconds  MiB     descriptors  threads");
    while begun.elapsed() < lasts {
        let need = daemon.need();
        if needs.len() % 15 == 0 {
            let mib = f64::from(u32::try_from(need.kib).expect("a size")) / 1024.0;
            println!("{:<8} {mib:<7.1} {:<12} {}", begun.elapsed().as_secs(), need.descriptors, need.threads);
        }
        needs.push(need);
        sleep(LOOK);
    }
    needs
}

/// The first two fifths are to get warm; the first quarter of the rest is held against the last.
fn judge(needs: &[Need]) {
    let warm = &needs[needs.len() * 2 / 5..];
    let quarter = (warm.len() / 4).max(1);
    let (before, after) = (&warm[..quarter], &warm[warm.len() - quarter..]);
    for (name, of, is_judged) in [
        ("KiB of memory", (|need| need.kib) as fn(&Need) -> u64, true),
        ("descriptors", |need| need.descriptors, true),
        // They come and go with those who wait for the store, up to a number that is set.
        ("threads", |need| need.threads, false),
    ] {
        let mean = |needs: &[Need]| {
            let sum: u64 = needs.iter().map(of).sum();
            f64::from(u32::try_from(sum / needs.len() as u64).expect("a number"))
        };
        let (before, after) = (mean(before), mean(after));
        println!("{name:<17} {before:.0} when warm, {after:.0} at the end ({:+.1} %)", (after / before - 1.0) * 100.0);
        assert!(!is_judged || after <= before * GROWTH, "{name} grow");
    }
}

/// Waits until no mailing goes on, and holds each account against itself.
fn account(shop: &Path) {
    let begun = Instant::now();
    loop {
        let out =
            Command::new(CARILLON).args(["mail", "report", "--json"]).current_dir(shop).output().expect("a report");
        let reports: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        let reports = reports.as_array().expect("reports");
        if reports.iter().any(|report| report["state"] == "sending") {
            assert!(begun.elapsed() < Duration::from_mins(10), "a mailing does not end");
            sleep(Duration::from_secs(1));
            continue;
        }
        let mut deliveries = 0;
        for report in reports {
            let sum: u64 =
                report["counts"].as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
            assert_eq!(report["planned"].as_u64(), Some(sum), "{report:#}");
            deliveries += sum;
        }
        println!("account           {} mailings, {deliveries} deliveries, each in a named state", reports.len());
        return;
    }
}

// ---- small things -------------------------------------------------------------------------------------------------------

/// A relay that takes everything, and where it listens.
fn sink(done: Arc<Done>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let done = Arc::clone(&done);
            thread::spawn(move || converse(stream, &done));
        }
    });
    port
}

fn converse(stream: TcpStream, done: &Done) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut says = stream.try_clone().ok()?;
    let mut hears = BufReader::new(stream);
    says.write_all(b"220 sink.example ESMTP\r\n").ok()?;
    let mut line = String::new();
    loop {
        line.clear();
        if hears.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n",
            "DATA" => {
                says.write_all(b"354 go ahead\r\n").ok()?;
                loop {
                    line.clear();
                    if hears.read_line(&mut line).ok()? == 0 {
                        return None;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                }
                done.letters.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            "QUIT" => {
                says.write_all(b"221 bye\r\n").ok()?;
                return None;
            }
            _ => b"250 fine\r\n",
        };
        says.write_all(answer).ok()?;
    }
}

fn connect(listen: &str) -> TcpStream {
    let stream = TcpStream::connect(listen).expect("the daemon listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    stream
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// One request and its answer; none when the daemon has ended the connection.
fn exchange(stream: &mut TcpStream, request: &str) -> Option<(u16, String)> {
    stream.write_all(request.as_bytes()).ok()?;
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16_384]);
    loop {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length =
            head.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            return Some((head.get(9..12)?.parse().ok()?, String::from_utf8_lossy(&bytes[end + 4..]).into_owned()));
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

fn carillon(shop: &Path, arguments: &[&str]) {
    run(Command::new(CARILLON).args(arguments).current_dir(shop).stdout(Stdio::null()).stderr(Stdio::null()));
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// A program that ends with this one.
struct Program(Child);

impl Program {
    fn place(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.0.id()))
    }

    fn need(&self) -> Need {
        let status = fs::read_to_string(self.place("status")).expect("the daemon lives");
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of its state");
            line.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
        };
        let descriptors = fs::read_dir(self.place("fd")).expect("the daemon lives").count() as u64;
        Need { kib: number("VmRSS:"), descriptors, threads: number("Threads:") }
    }

    fn end_in_order(mut self) {
        run(Command::new("kill").args(["-TERM", &self.0.id().to_string()]));
        let status = self.0.wait().expect("the daemon ends");
        assert!(status.success(), "the daemon ends with {status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
