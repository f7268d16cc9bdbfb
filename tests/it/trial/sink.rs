//! A relay that is as bad as its weather, and keeps an account of its own of who was handed what, and when.

use std::io::{BufRead, BufReader, Result as IoResult, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::chance::Chance;

/// What the relay does to whoever is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Takes everything.
    Calm,
    /// A little of all that follows.
    Changeable,
    /// Wants no session.
    Closed,
    /// 421 to MAIL, to some.
    Busy,
    /// 450 to RCPT or 451 to the final dot, to many.
    Later,
    /// 550 to RCPT, to some.
    Refusing,
    /// Takes messages and closes without a word; breaks off in the middle of a body.
    Breaking,
    /// Lets them wait for the go-ahead.
    SlowGo,
    /// Takes messages and says so late.
    SlowDot,
}

impl Weather {
    pub const BAD: [Self; 8] = [
        Self::Changeable,
        Self::Closed,
        Self::Busy,
        Self::Later,
        Self::Refusing,
        Self::Breaking,
        Self::SlowGo,
        Self::SlowDot,
    ];

    /// In how many of a thousand cases `fault` happens while this weather lasts.
    fn cases(self, fault: Fault) -> u64 {
        match (self, fault) {
            (Self::Closed, Fault::Greeting) => 1_000,
            (Self::Busy, Fault::Mail) | (Self::Refusing, Fault::Rcpt550) | (Self::Breaking, Fault::DropAfterDot) => 150,
            (Self::Later, Fault::Rcpt450) => 400,
            (Self::Later, Fault::Dot451) => 200,
            (Self::Breaking, Fault::DropInBody) => 50,
            (Self::SlowGo, Fault::SlowGo) | (Self::SlowDot, Fault::SlowDot) => 500,
            (Self::Changeable, Fault::Greeting) => 0,
            (Self::Changeable, _) => 15,
            _ => 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Greeting,
    Mail,
    Rcpt450,
    Rcpt550,
    SlowGo,
    DropInBody,
    Dot451,
    DropAfterDot,
    SlowDot,
}

/// What the relay said of a message that it had whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has it, and said so.
    Taken,
    /// It has it, and closed without a word.
    Unsaid,
    /// It does not want it.
    Declined,
}

/// A message that the relay had whole.
#[derive(Clone, Debug)]
pub struct Handed {
    pub to: String,
    /// The go-ahead: no body leaves before it.
    pub go: Instant,
    /// The first line of the body.
    pub body: Instant,
    pub answer: Answer,
}

/// The account.
#[derive(Debug, Default)]
pub struct Account {
    pub handed: Vec<Handed>,
    /// Everybody who was refused at RCPT.
    pub refused: Vec<String>,
    /// Messages whose fate the sender cannot know: the line was closed after the go-ahead.
    pub unknown: usize,
}

struct Shared {
    account: Mutex<Account>,
    news: Condvar,
    weather: Mutex<(Weather, Chance)>,
    pace: Duration,
    stopped: AtomicBool,
}

/// The relay; it takes no new connection once it is dropped.
pub struct Sink {
    shared: Arc<Shared>,
    port: u16,
}

impl Sink {
    /// A relay in calm weather that takes `pace` over each message.
    pub fn start(chance: Chance, pace: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            account: Mutex::default(),
            news: Condvar::new(),
            weather: Mutex::new((Weather::Calm, chance)),
            pace,
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (stream, shared) = (stream.unwrap(), Arc::clone(&serving));
                // A client that goes away ends its connection and no more.
                thread::spawn(move || Talk::new(stream, &shared).serve());
            }
        });
        Self { shared, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn has(&self, weather: Weather) {
        self.shared.weather.lock().unwrap().0 = weather;
    }

    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.shared.account.lock().unwrap()
    }

    /// Waits until so many more messages have come, or for `most`. Says whether they came.
    pub fn wait_for_more(&self, more: usize, most: Duration) -> bool {
        let account = self.account();
        let enough = account.handed.len() + more;
        let waited = self.shared.news.wait_timeout_while(account, most, |account| account.handed.len() < enough);
        !waited.unwrap().1.timed_out()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

struct Talk<'a> {
    lines: BufReader<TcpStream>,
    shared: &'a Shared,
    to: String,
}

impl<'a> Talk<'a> {
    fn new(stream: TcpStream, shared: &'a Shared) -> Self {
        let _ = stream.set_nodelay(true);
        Self { lines: BufReader::new(stream), shared, to: String::new() }
    }

    fn meets(&self, fault: Fault) -> bool {
        let mut weather = self.shared.weather.lock().unwrap();
        let cases = weather.0.cases(fault);
        weather.1.in_thousand(cases)
    }

    /// How long it lets wait when it is slow.
    fn slowness(&self) -> Duration {
        Duration::from_millis(self.shared.weather.lock().unwrap().1.within(60, 900))
    }

    fn say(&mut self, line: &str) -> IoResult<()> {
        self.lines.get_mut().write_all(format!("{line}\r\n").as_bytes())
    }

    fn serve(mut self) -> IoResult<()> {
        if self.meets(Fault::Greeting) {
            return self.say("421 4.3.2 not now");
        }
        self.say("220 relay.example ESMTP")?;
        loop {
            let mut command = String::new();
            if self.lines.read_line(&mut command)? == 0 {
                return Ok(());
            }
            match command.get(..4).unwrap_or_default() {
                "EHLO" => {
                    // Every other connection may say all that goes before a body in one go.
                    let groups = self.shared.weather.lock().unwrap().1.in_thousand(500);
                    let groups = if groups { "250-PIPELINING\r\n" } else { "" };
                    self.say(&format!(
                        "250-relay.example\r\n{groups}250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES"
                    ))?;
                }
                "MAIL" if self.meets(Fault::Mail) => return self.say("421 4.7.0 too busy"),
                "RCPT" => self.rcpt(&command)?,
                "DATA" if self.to.is_empty() => self.say("503 5.5.1 to whom?")?,
                "DATA" => {
                    if !self.data()? {
                        return Ok(());
                    }
                }
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.say("250 2.0.0 well")?,
            }
        }
    }

    fn rcpt(&mut self, command: &str) -> IoResult<()> {
        command.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut self.to);
        if self.meets(Fault::Rcpt550) {
            self.shared.account.lock().unwrap().refused.push(std::mem::take(&mut self.to));
            return self.say("550 5.1.1 unknown here");
        }
        if self.meets(Fault::Rcpt450) {
            self.to.clear();
            return self.say("450 4.2.0 later");
        }
        self.say("250 2.1.5 well")
    }

    /// Says whether the connection goes on.
    fn data(&mut self) -> IoResult<bool> {
        if self.meets(Fault::SlowGo) {
            thread::sleep(self.slowness());
        }
        // Before it is said: a body that comes has left after this.
        let go = Instant::now();
        self.say("354 go on")?;
        let breaks = self.meets(Fault::DropInBody);
        let mut body = None;
        loop {
            let mut line = Vec::new();
            if self.lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(false);
            }
            body.get_or_insert_with(Instant::now);
            if breaks {
                self.note(|account| account.unknown += 1);
                return Ok(false);
            }
            if line == b".\r\n" {
                break;
            }
        }
        thread::sleep(self.shared.pace);
        let answer = if self.meets(Fault::DropAfterDot) {
            Answer::Unsaid
        } else if self.meets(Fault::Dot451) {
            Answer::Declined
        } else {
            Answer::Taken
        };
        let handed = Handed { to: self.to.clone(), go, body: body.unwrap_or(go), answer };
        self.note(|account| {
            account.handed.push(handed);
            account.unknown += usize::from(answer == Answer::Unsaid);
        });
        match answer {
            Answer::Unsaid => Ok(false),
            Answer::Declined => self.say("451 4.3.0 not this time").map(|()| true),
            Answer::Taken => {
                if self.meets(Fault::SlowDot) {
                    thread::sleep(self.slowness());
                }
                self.say("250 2.0.0 taken").map(|()| true)
            }
        }
    }

    fn note(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.shared.account.lock().unwrap());
        self.shared.news.notify_all();
    }
}
