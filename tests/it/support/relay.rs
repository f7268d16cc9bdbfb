//! A real SMTP relay on the loopback that does what the recipient's address says.
//!
//! It runs on a thread of its own, so that it serves tests with and without a runtime and daemons in other processes
//! alike. The part of a recipient before the `@`, up to the first `.` or `+`, is its instruction: `refuse@`,
//! `refuse.12@` and `refuse+b@` are all refused. Any other address is accepted.
//!
//! | instruction | what the relay does |
//! |---|---|
//! | `refuse`, `defer` | 550, 450 to RCPT, with the address in the text |
//! | `greylist` | 451 to RCPT the first times ([`Script::greylist`]), then accepts |
//! | `busy` | 421 to RCPT, and closes |
//! | `latin1` | 550 to RCPT with a text that is not UTF-8 |
//! | `drop-at-rcpt`, `stall-at-rcpt` | closes, says nothing |
//! | `refuse-data`, `no-go` | 554, 250 to DATA |
//! | `refuse-and-go` | 550 to RCPT, and 354 to a DATA that comes all the same |
//! | `drop-at-data`, `stall-at-data` | closes, says nothing |
//! | `slow-rcpt`, `slow-go`, `slow-dot` | says yes to RCPT, to DATA, to the final dot once [`Relay::open`] was called |
//! | `hang-up-after-go` | 354 to DATA, with a 421 after it |
//! | `drop-in-data` | closes in the middle of the body |
//! | `refuse-after-data`, `defer-after-data`, `busy-after-data` | 554, 451, 421 (and closes) to the final dot |
//! | `stall-after-dot`, `drop-after-dot` | takes the message, then says nothing, closes |
//! | `late` | takes the message and says so after [`Script::late`] |
//! | `bare`, `twice` | takes the message and says `250` without a text, says 250 twice |
//! | `hang-up` | accepts, then closes the connection with a 421 that nobody asked for |
//!
//! A relay can have limits of its own ([`Script::most_lines`], [`Script::busy_after`], [`Script::takes`]); what came beyond
//! them is counted.
//!
//! A return path `refuse-sender@` gets 550 to MAIL.
//!
//! A [`Mood`] outweighs all that: it is how the relay treats everybody, until it has another one.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use carillon::config::{RelayPassword, RelaySettings, Security};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

mod authority;
mod talk;

pub use authority::certified;

/// How long a test waits for the relay before it fails: as long as for a daemon. On a machine so busy that no answer of the
/// store is fresh when a body could leave, a daemon sends little, and rightly so.
const PATIENCE: Duration = super::house::PATIENCE;

/// What the relay is like, whoever is written to.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a whim of its own")]
pub struct Script {
    /// How connections are secured. Without a certificate of a known authority: see [`Relay::settings`].
    pub security: Security,
    /// Whether STARTTLS is mentioned in the reply to EHLO.
    pub offers_starttls: bool,
    /// Whether a line in clear text follows the go-ahead for TLS, as an attacker would have it.
    pub injects: bool,
    /// The only user name and password, asked for before MAIL.
    pub login: Option<(&'static str, &'static str)>,
    /// What stands after AUTH in the reply to EHLO.
    pub mechanisms: &'static str,
    /// The largest message.
    pub size: Option<usize>,
    /// Whether 8BITMIME is offered.
    pub eight_bit: bool,
    /// Whether SMTPUTF8 is offered.
    pub utf8: bool,
    /// Whether PIPELINING is offered.
    pub pipelining: bool,
    /// The first line; empty for none at all.
    pub greeting: &'static str,
    /// How often `greylist` puts each address off.
    pub greylist: u32,
    /// After so many messages on one connection, MAIL is answered with 421.
    pub busy_after: Option<u32>,
    /// How many connections it has at once; further ones are greeted with 421.
    pub most_lines: Option<usize>,
    /// Whether it knows EHLO.
    pub knows_ehlo: bool,
    /// How long it takes for each message, from the final dot on.
    pub takes: Duration,
    /// How many mails it takes in any second, of all connections together; the others get 450 to RCPT.
    pub a_second: Option<usize>,
    /// The same of a domain alone.
    pub a_second_for: Option<(&'static str, usize)>,
    /// How long `late` takes.
    pub late: Duration,
    /// Whether messages are kept; a load test counts them only.
    pub keep: bool,
    /// The port; 0 for any free one.
    pub port: u16,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            security: Security::None,
            offers_starttls: true,
            injects: false,
            login: None,
            mechanisms: "PLAIN LOGIN",
            size: Some(10_000_000),
            eight_bit: true,
            utf8: true,
            pipelining: false,
            greeting: "220 relay.example ESMTP",
            greylist: 1,
            busy_after: None,
            most_lines: None,
            knows_ehlo: true,
            takes: Duration::ZERO,
            a_second: None,
            a_second_for: None,
            late: Duration::from_millis(100),
            keep: true,
            port: 0,
        }
    }
}

/// How the relay treats everybody, whatever the addresses say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As the addresses say.
    #[default]
    Kind,
    /// This line to every MAIL.
    AtMail(&'static str),
    /// This line to every RCPT.
    AtRcpt(&'static str),
    /// This line to every RCPT at this domain.
    AtDomain(&'static str, &'static str),
    /// This line to every final dot.
    AfterDot(&'static str),
    /// Takes every message and closes without a word.
    DropsAfterDot,
    /// Answers no RCPT until it has another mood.
    SlowRcpt,
    /// The same of DATA.
    SlowGo,
    /// The same of the final dot: it has the message.
    SlowDot,
}

/// A message that the relay took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The return path.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The message, without dot-stuffing.
    pub bytes: Vec<u8>,
    /// Whether the relay said that it took it.
    pub answered: bool,
}

/// A running relay; it stops when it is dropped.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    authority: Option<TempDir>,
}

impl Relay {
    /// A relay in clear text that accepts what its addresses do not say otherwise.
    pub fn start() -> Self {
        Self::with(Script::default())
    }

    /// A relay with a script.
    #[track_caller]
    pub fn with(script: Script) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, script.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (authority, tls) = match script.security {
            Security::None => (None, None),
            Security::Starttls | Security::Tls => {
                let (folder, acceptor) = authority::certified("localhost");
                (Some(folder), Some(acceptor))
            }
        };
        let shared = Arc::new(Shared {
            script,
            tls,
            heard: Mutex::default(),
            news: Condvar::new(),
            gate: Gate(tokio::sync::watch::Sender::new(false)),
            mood: tokio::sync::watch::Sender::default(),
        });
        let stop = CancellationToken::new();
        let thread = std::thread::spawn({
            let (shared, stop) = (shared.clone(), stop.clone());
            move || run(listener, &shared, &stop)
        });
        Self { address, shared, stop, thread: Some(thread), authority }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The authority that signed the relay's certificate for `localhost`.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.authority.as_ref().map(|folder| folder.path().join("ca.pem"))
    }

    /// Settings that reach this relay and log in.
    pub fn settings(&self) -> RelaySettings {
        let login = self.shared.script.login;
        RelaySettings {
            host: "localhost".to_owned(),
            port: self.port(),
            security: self.shared.script.security,
            login: login.map(|(user, password)| (user.to_owned(), RelayPassword::Known(password.to_owned().into()))),
            helo: Some("client.example".to_owned()),
            ca_file: self.ca_file(),
            connections: 4,
            messages_per_connection: 100,
            rate: None,
            dkim_record: None,
            public_name: "news.example.fr".to_owned(),
        }
    }

    /// Is gone from now on, with all connections; what it took can still be asked.
    pub fn die(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Has another mood from now on.
    pub fn has(&self, mood: Mood) {
        self.shared.mood.send_replace(mood);
    }

    /// Blocks until `connections` wait for another mood.
    #[track_caller]
    pub fn wait_for_waiting(&self, connections: usize) {
        self.wait_until(|relay| relay.waiting >= connections);
    }

    /// The messages taken so far, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.heard().accepted.clone()
    }

    /// The recipients of the messages taken so far, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<_> = self.shared.heard().accepted.iter().map(|message| message.to.clone()).collect();
        recipients.sort();
        recipients
    }

    /// How many messages were taken so far, kept or not.
    pub fn count(&self) -> usize {
        self.shared.heard().count
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.shared.heard().connections
    }

    /// How many connections were turned away because there were too many.
    pub fn turned_away(&self) -> usize {
        self.shared.heard().turned_away
    }

    /// How often somebody was named with RCPT.
    pub fn named(&self) -> usize {
        self.shared.heard().named
    }

    /// How often `address` was named with RCPT.
    pub fn attempts(&self, address: &str) -> u32 {
        self.shared.heard().attempts.get(address).copied().unwrap_or_default()
    }

    /// Every command so far, without what follows AUTH.
    pub fn commands(&self) -> Vec<String> {
        self.shared.heard().commands.clone()
    }

    /// Lets what waits at `slow-rcpt`, `slow-go` and `slow-dot` go on, and all that comes after it.
    pub fn open(&self) {
        self.shared.gate.open();
    }

    /// Blocks until no connection is open.
    #[track_caller]
    pub fn wait_for_nobody(&self) {
        self.wait_until(|relay| relay.open == 0);
    }

    /// Blocks until the relay has hung up `times` times in the middle of a message.
    #[track_caller]
    pub fn wait_for_hang_ups(&self, times: usize) {
        self.wait_until(|relay| relay.hang_ups >= times);
    }

    /// Blocks until a command that starts with `start` has come in `times` times.
    #[track_caller]
    pub fn wait_for_commands(&self, start: &str, times: usize) {
        self.wait_until(|relay| relay.commands.iter().filter(|command| command.starts_with(start)).count() >= times);
    }

    /// Blocks until `count` messages were taken.
    #[track_caller]
    pub fn wait_for(&self, count: usize) {
        self.wait_until(|relay| relay.count >= count);
    }

    /// Blocks until `address` was named with RCPT `times` times.
    #[track_caller]
    pub fn wait_for_attempts(&self, address: &str, times: u32) {
        self.wait_until(|relay| relay.attempts.get(address).is_some_and(|attempts| *attempts >= times));
    }

    #[track_caller]
    fn wait_until(&self, condition: impl Fn(&Heard) -> bool) {
        let heard = self.shared.heard();
        let (heard, timeout) = self.shared.news.wait_timeout_while(heard, PATIENCE, |heard| !condition(heard)).unwrap();
        let (count, attempts) = (heard.count, heard.attempts.len());
        drop(heard);
        assert!(!timeout.timed_out(), "the relay took {count} messages, for {attempts} recipients");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the connections share.
struct Shared {
    script: Script,
    tls: Option<TlsAcceptor>,
    heard: Mutex<Heard>,
    news: Condvar,
    gate: Gate,
    mood: tokio::sync::watch::Sender<Mood>,
}

#[derive(Default)]
struct Heard {
    accepted: Vec<Accepted>,
    count: usize,
    connections: usize,
    open: usize,
    turned_away: usize,
    named: usize,
    lately: HashMap<String, VecDeque<Instant>>,
    attempts: HashMap<String, u32>,
    commands: Vec<String>,
    hang_ups: usize,
    waiting: usize,
}

/// Closed until it is opened, for good.
struct Gate(tokio::sync::watch::Sender<bool>);

impl Gate {
    fn open(&self) {
        self.0.send_replace(true);
    }

    async fn passed(&self) {
        let mut open = self.0.subscribe();
        // The sender lives as long as the relay.
        let _ = open.wait_for(|open| *open).await;
    }
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }

    fn mood(&self) -> Mood {
        *self.mood.borrow()
    }

    /// Waits while the relay has `mood`.
    async fn while_it_has(&self, mood: Mood) {
        if self.mood() == mood {
            self.note(|heard| heard.waiting += 1);
            let mut moods = self.mood.subscribe();
            // The sender lives as long as the relay.
            let _ = moods.wait_for(|now| *now != mood).await;
            self.note(|heard| heard.waiting -= 1);
        }
    }

    /// Notes something and tells whoever waits for it.
    fn note<T>(&self, change: impl FnOnce(&mut Heard) -> T) -> T {
        let value = change(&mut self.heard());
        self.news.notify_all();
        value
    }
}

/// The relay's thread: one runtime, one task for each connection, all gone at the end.
fn run(listener: std::net::TcpListener, shared: &Arc<Shared>, stop: &CancellationToken) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(stop.run_until_cancelled(async {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            shared.note(|heard| heard.connections += 1);
            tokio::spawn(talk::talk(socket, shared.clone()));
        }
    }));
}
