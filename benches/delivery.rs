//! How fast letters leave, beside what the machine can do at all.
//!
//! `cargo bench --bench delivery` sends a mailing of the built-in letters to a sink on this machine, from the end of the
//! import to the last line of the account, and then has Postfix's own test source send as many messages of that size to the
//! same sink. What counts is the ratio: both share the processors with the sink. Debian's `postfix` package brings
//! `smtp-sink` and `smtp-source`; the store is SQLite, or the database that `CARILLON_BENCH_POSTGRES` names, which must be
//! empty. Recipients: the first argument, else 20000.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement speaks to the terminal, and stops at what it did not expect"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

const CARILLON: &str = env!("CARGO_BIN_EXE_carillon");

/// As many connections as the configuration that `carillon init` writes.
const SESSIONS: &str = "8";

fn main() {
    let count: usize = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let shop = folder.path().join("shop");
    set_up(folder.path(), &shop, port, count);

    // Root's sink wants to know whom to become.
    let user: &[&str] = if is_root() { &["-u", "nobody"] } else { &[] };
    let sink = Program::start(Command::new("smtp-sink").args(user).args(["-c", &format!("127.0.0.1:{port}"), "1024"]));
    let Sent { took, memory, processor } = send(&shop, count);
    let ours = rate(count, took);
    let each = processor.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).expect("a number of letters"));
    println!("machine           {}", machine());
    println!(
        "carillon          {count} letters in {:.2} s: {ours:.0}/s, {each:.0} µs of a processor each, at most {memory} MiB",
        took.as_secs_f64()
    );

    let size = letter_size(&shop);
    let begun = Instant::now();
    let target = format!("127.0.0.1:{port}");
    let (sender, recipient) = ("a@example.com", "b@example.net");
    run(Command::new("smtp-source")
        .args(["-d", "-s", SESSIONS, "-l", &size.to_string(), "-m", &count.to_string()])
        .args(["-f", sender, "-t", recipient, &target]));
    let theirs = rate(count, begun.elapsed());
    println!("smtp-source       {count} messages of {size} octets: {theirs:.0}/s");
    println!("ratio             {:.2}", ours / theirs);
    drop(sink);
}

/// A shop with its members, and a mailing that is due.
fn set_up(above: &Path, shop: &Path, port: u16, count: usize) {
    run(Command::new(CARILLON).arg("init").arg(shop).current_dir(above).stdout(Stdio::null()));
    let settings = shop.join("carillon.toml");
    let store = std::env::var("CARILLON_BENCH_POSTGRES").unwrap_or_else(|_| "sqlite:carillon.db".to_owned());
    let text = fs::read_to_string(&settings).expect("settings");
    let text = text
        .replace("\"sqlite:carillon.db\"", &format!("\"{store}\""))
        .replace("\"127.0.0.1:8080\"", &format!("\"127.0.0.1:{}\"", free_port()))
        .replace("\"directory\" ", "\"smtp\" ")
        .replace("port        = 25", &format!("port        = {port}"));
    fs::write(&settings, text).expect("settings");
    carillon(shop, &["db", "migrate"]);

    let now = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let at = |hours: i64| {
        let at = now.checked_add(jiff::SignedDuration::from_hours(hours)).expect("a time");
        at.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let campaign = format!(
        "slug = \"mesure\"\ntitle = \"Les journées magiques\"\nmarkets = [\"DE\"]\nsector = \"shoes\"\nchannel = \"online\"\n\
         audience = \"public\"\n\n[window]\ntimezone = \"UTC\"\nopens = \"{}\"\ncloses = \"{}\"\n\n\
         [[mailings]]\nkind = \"announcement\"\nnot_before = \"{}\"\nnot_after = \"window.opens\"\nlanguages = [\"fr\", \"en\"]\n",
        at(48),
        at(72),
        at(-1)
    );
    fs::write(shop.join("mesure.toml"), campaign).expect("a campaign");
    let mut members = String::from("address,language,confirmed_at,wording,source,method\n");
    for number in 0..count {
        let language = if number % 4 == 0 { "en" } else { "fr" };
        writeln!(
            members,
            "membre.{number:07}@example.fr,{language},2026-09-01T10:00:00Z,J’accepte de recevoir par courriel l’annonce des \
             avant-premières.,form:footer,double_optin"
        )
        .expect("a line");
    }
    fs::write(shop.join("members.csv"), members).expect("members");
    carillon(shop, &["campaign", "apply", "mesure.toml"]);
    carillon(shop, &["member", "import", "members.csv"]);
}

/// How a mailing left.
struct Sent {
    /// From the start of the daemon until it had accounted for the last letter.
    took: Duration,
    /// Peak memory in MiB.
    memory: u64,
    /// How long the daemon was at work on a processor.
    processor: Duration,
}

/// Runs the daemon until every letter is accepted.
fn send(shop: &Path, count: usize) -> Sent {
    let begun = Instant::now();
    let daemon =
        Program::start(Command::new(CARILLON).args(["run", "--log", "warn"]).current_dir(shop).stdout(Stdio::null()));
    loop {
        // Who asks for the account takes time from the daemon.
        sleep(Duration::from_millis(500));
        let accepted = accepted(shop);
        if accepted >= count {
            return Sent { took: begun.elapsed(), memory: daemon.peak(), processor: daemon.processor() };
        }
        assert!(begun.elapsed() < Duration::from_hours(1), "{accepted} of {count} after an hour");
    }
}

/// How many deliveries the account knows as accepted.
fn accepted(shop: &Path) -> usize {
    let out = Command::new(CARILLON).args(["mail", "report", "--json"]).current_dir(shop).output().expect("a report");
    let report: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    find_accepted(&report).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

fn find_accepted(value: &Value) -> Option<u64> {
    match value {
        Value::Object(fields) => {
            fields.get("accepted").and_then(Value::as_u64).or_else(|| fields.values().find_map(find_accepted))
        }
        Value::Array(values) => values.iter().find_map(find_accepted),
        _ => None,
    }
}

/// The size of the largest of the letters, in octets.
fn letter_size(shop: &Path) -> u64 {
    let mut out = Command::new(CARILLON);
    out.args(["mail", "preview", "announcement", "--campaign", "mesure.toml", "--out", "preview"]);
    run(out.current_dir(shop).stdout(Stdio::null()));
    let eml = |path: std::path::PathBuf| (path.extension()? == "eml").then(|| fs::metadata(&path).ok())?;
    let files = fs::read_dir(shop.join("preview")).into_iter().flatten().flatten();
    files.filter_map(|file| eml(file.path())).map(|about| about.len()).max().unwrap_or(6_000)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} processors {}", model.trim_start_matches([' ', '\t', ':']))
}

fn rate(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).expect("a number of letters")) / took.as_secs_f64()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

fn carillon(shop: &Path, arguments: &[&str]) {
    run(Command::new(CARILLON).args(arguments).current_dir(shop).stdout(Stdio::null()));
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// A program that ends with this one.
struct Program(Child);

impl Program {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}")))
    }

    /// By the kernel's account, which counts hundredths of a second.
    fn processor(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        let behind_the_name = stat.rsplit(')').next().unwrap_or_default();
        let hundredths =
            behind_the_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        Duration::from_millis(hundredths.sum::<u64>() * 10)
    }

    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
