//! One connection to the scripted relay.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use carillon::config::Security;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Accepted, Mood, Shared};

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// What the relay does next.
enum Say {
    /// Says these lines.
    Line(String),
    /// Says these bytes.
    Bytes(Vec<u8>),
    /// Says this line and closes.
    Last(&'static str),
    /// Closes.
    Close,
    /// Says nothing for ever.
    Nothing,
}

fn line(text: &str) -> Say {
    Say::Line(text.to_owned())
}

/// Serves `socket` until either side has had enough.
pub(super) async fn talk(socket: TcpStream, shared: Arc<Shared>) {
    let stream: Box<dyn Duplex> = match &shared.tls {
        Some(tls) if shared.script.security == Security::Tls => match tls.accept(socket).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
        _ => Box::new(socket),
    };
    let mut talk = Talk {
        stream: BufReader::new(stream),
        shared,
        counted: true,
        logged_in: false,
        messages: 0,
        from: None,
        to: None,
    };
    let most = talk.shared.script.most_lines.unwrap_or(usize::MAX);
    let full = talk.shared.note(|heard| {
        heard.open += 1;
        heard.turned_away += usize::from(heard.open > most);
        heard.open > most
    });
    // A client that goes away ends the connection, not the relay.
    let _ = if full {
        talk.leave();
        talk.say("421 Too many concurrent SMTP connections\r\n").await
    } else {
        talk.serve().await
    };
    talk.leave();
}

struct Talk {
    stream: BufReader<Box<dyn Duplex>>,
    shared: Arc<Shared>,
    /// Whether the connection is among those that are open.
    counted: bool,
    logged_in: bool,
    messages: u32,
    from: Option<String>,
    to: Option<String>,
}

impl Talk {
    /// The connection takes up no place any more.
    fn leave(&mut self) {
        if std::mem::take(&mut self.counted) {
            self.shared.note(|heard| heard.open -= 1);
        }
    }

    async fn serve(&mut self) -> io::Result<()> {
        match self.shared.script.greeting {
            "" => {}
            greeting => self.say(&format!("{greeting}\r\n")).await?,
        }
        loop {
            let mut command = String::new();
            if self.stream.read_line(&mut command).await? == 0 {
                return Ok(());
            }
            let command = command.trim_end();
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let noted = if verb == "AUTH" { "AUTH" } else { command };
            self.shared.note(|heard| heard.commands.push(noted.to_owned()));
            if verb == "STARTTLS" {
                self.start_tls().await?;
                continue;
            }
            let say = match verb.as_str() {
                "EHLO" if self.shared.script.knows_ehlo => self.ehlo(),
                "HELO" => line("250 relay.example"),
                "AUTH" => self.auth(command).await?,
                "MAIL" => self.mail(command),
                "RCPT" => self.rcpt(command).await,
                "DATA" => self.data().await?,
                "RSET" => self.reset(),
                "NOOP" => line("250 2.0.0 still here"),
                "QUIT" => Say::Last("221 2.0.0 bye"),
                _ => line("502 5.5.1 not known here"),
            };
            match say {
                Say::Line(text) => self.say(&format!("{text}\r\n")).await?,
                Say::Bytes(bytes) => self.stream.write_all(&bytes).await?,
                Say::Last(text) => {
                    // Before the last word: a client that comes again when it has heard it finds the place free.
                    self.leave();
                    return self.say(&format!("{text}\r\n")).await;
                }
                Say::Close => return Ok(()),
                Say::Nothing => std::future::pending().await,
            }
            self.stream.flush().await?;
        }
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.flush().await
    }

    fn ehlo(&self) -> Say {
        let script = &self.shared.script;
        let mut lines = vec!["relay.example greets you".to_owned()];
        lines.extend(script.eight_bit.then(|| "8BITMIME".to_owned()));
        lines.extend(script.utf8.then(|| "SMTPUTF8".to_owned()));
        lines.extend(script.pipelining.then(|| "PIPELINING".to_owned()));
        lines.extend(script.size.map(|size| format!("SIZE {size}")));
        lines.extend(script.login.map(|_| format!("AUTH {}", script.mechanisms)));
        let may_start_tls = script.security == Security::Starttls && script.offers_starttls;
        lines.extend(may_start_tls.then(|| "STARTTLS".to_owned()));
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate().map(|(n, text)| format!("250{}{text}", if n == last { ' ' } else { '-' }));
        Say::Line(lines.collect::<Vec<_>>().join("\r\n"))
    }

    async fn start_tls(&mut self) -> io::Result<()> {
        let Some(tls) = self.shared.tls.clone() else { return self.say("502 5.5.1 no TLS here\r\n").await };
        let injected = if self.shared.script.injects { "250 relay.example\r\n" } else { "" };
        self.say(&format!("220 2.0.0 go ahead\r\n{injected}")).await?;
        let (placeholder, _) = tokio::io::duplex(1);
        let plain = std::mem::replace(&mut self.stream, BufReader::new(Box::new(placeholder)));
        self.stream = BufReader::new(Box::new(tls.accept(plain.into_inner()).await?));
        Ok(())
    }

    async fn auth(&mut self, command: &str) -> io::Result<Say> {
        let (user, password) = match command.split(' ').collect::<Vec<_>>().as_slice() {
            [_, "PLAIN", response] => {
                let response = decode(response);
                let mut parts = response.split('\0').skip(1).map(str::to_owned);
                (parts.next(), parts.next())
            }
            [_, "LOGIN"] => (Some(self.ask("Username:").await?), Some(self.ask("Password:").await?)),
            _ => return Ok(line("504 5.5.4 no such mechanism")),
        };
        let given = user.as_deref().zip(password.as_deref());
        self.logged_in = given.is_some() && given == self.shared.script.login;
        if self.logged_in {
            return Ok(line("235 2.7.0 welcome"));
        }
        Ok(Say::Line(format!("535 5.7.8 {} may not", user.unwrap_or_default())))
    }

    async fn ask(&mut self, what: &str) -> io::Result<String> {
        self.say(&format!("334 {}\r\n", BASE64.encode(what))).await?;
        let mut answer = String::new();
        self.stream.read_line(&mut answer).await?;
        Ok(decode(answer.trim_end()))
    }

    fn mood(&self) -> Mood {
        self.shared.mood()
    }

    fn mail(&mut self, command: &str) -> Say {
        if let Mood::AtMail(answer) = self.mood() {
            return line(answer);
        }
        let script = &self.shared.script;
        let from = address(command);
        if script.login.is_some() && !self.logged_in {
            return line("530 5.7.0 log in first");
        }
        if script.busy_after.is_some_and(|most| self.messages >= most) {
            return Say::Last("421 4.7.0 Too many messages for this connection");
        }
        if instruction(&from) == "refuse-sender" {
            return Say::Line(format!("550 5.7.1 <{from}> may not send"));
        }
        let size = command.split("SIZE=").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
        if size > script.size && script.size.is_some() {
            return line("552 5.3.4 too big");
        }
        if self.from.is_some() {
            return line("503 5.5.1 one at a time");
        }
        self.from = Some(from);
        line("250 2.1.0 go on")
    }

    async fn rcpt(&mut self, command: &str) -> Say {
        let to = address(command);
        if self.from.is_none() || self.to.is_some() {
            return line("503 5.5.1 not now");
        }
        let attempts = self.shared.note(|heard| {
            let attempts = heard.attempts.entry(to.clone()).or_default();
            *attempts += 1;
            *attempts
        });
        self.shared.while_it_has(Mood::SlowRcpt).await;
        match self.mood() {
            Mood::AtRcpt(answer) => return line(answer),
            Mood::AtDomain(domain, answer) if to.ends_with(domain) => return line(answer),
            _ => {}
        }
        if self.comes_too_fast(&to) {
            return line("450 4.7.1 Error: too many recipient attempts");
        }
        match instruction(&to) {
            "refuse-and-go" => {
                self.to = Some(to);
                line("550 5.1.1 unknown here")
            }
            "refuse" => Say::Line(format!("550-5.1.1 <{to}>:\r\n550 5.1.1 unknown here")),
            "defer" => Say::Line(format!("450 4.2.0 <{to}>: mailbox busy")),
            "greylist" if attempts <= self.shared.script.greylist => line("451 4.7.1 greylisted, come back"),
            "busy" => Say::Last("421 4.7.0 try later"),
            "latin1" => Say::Bytes(b"550 5.1.1 bo\xeete inconnue\r\n".to_vec()),
            "drop-at-rcpt" => Say::Close,
            "stall-at-rcpt" => Say::Nothing,
            instruction => {
                if instruction == "slow-rcpt" {
                    self.shared.gate.passed().await;
                }
                self.to = Some(to);
                line("250 2.1.5 go on")
            }
        }
    }

    /// Whether more have been named lately than the relay takes. Only those that it takes count.
    fn comes_too_fast(&self, to: &str) -> bool {
        let script = &self.shared.script;
        let domain = script.a_second_for.filter(|(domain, _)| to.ends_with(&format!("@{domain}")));
        let limit = domain.or(script.a_second.map(|most| ("", most)));
        self.shared.note(|heard| {
            heard.named += 1;
            let Some((whose, most)) = limit else { return false };
            let (lately, now) = (heard.lately.entry(whose.to_owned()).or_default(), Instant::now());
            while lately.front().is_some_and(|taken| now.duration_since(*taken) >= Duration::from_secs(1)) {
                lately.pop_front();
            }
            let full = lately.len() >= most;
            if !full {
                lately.push_back(now);
            }
            full
        })
    }

    fn reset(&mut self) -> Say {
        (self.from, self.to) = (None, None);
        line("250 2.0.0 forgotten")
    }

    async fn data(&mut self) -> io::Result<Say> {
        let (Some(from), Some(to)) = (self.from.clone(), self.to.clone()) else {
            return Ok(line("503 5.5.1 to whom?"));
        };
        self.shared.while_it_has(Mood::SlowGo).await;
        match instruction(&to) {
            "refuse-data" => return Ok(line("554 5.7.1 not today")),
            "no-go" => return Ok(line("250 2.0.0 what?")),
            "drop-at-data" => return Ok(Say::Close),
            "stall-at-data" => return Ok(Say::Nothing),
            "hang-up-after-go" => {
                self.say("354 go\r\n421 4.4.2 no, wait\r\n").await?;
                self.shared.note(|heard| heard.hang_ups += 1);
                return Ok(Say::Close);
            }
            "slow-go" => {
                self.shared.gate.passed().await;
                self.say("354 go at last\r\n").await?;
            }
            _ => self.say("354 go\r\n").await?,
        }
        let Some(bytes) = self.body(instruction(&to) == "drop-in-data").await? else { return Ok(Say::Close) };
        (self.from, self.to) = (None, None);
        self.messages += 1;
        if self.shared.script.size.is_some_and(|size| bytes.len() > size) {
            return Ok(line("552 5.3.4 too big"));
        }
        if let Mood::AfterDot(answer) = self.mood() {
            return Ok(line(answer));
        }
        match instruction(&to) {
            "refuse-after-data" => return Ok(Say::Line(format!("554 5.7.1 not for {}", to.to_uppercase()))),
            "defer-after-data" => return Ok(line("451 4.3.0 try again")),
            "busy-after-data" => return Ok(Say::Last("421 4.3.2 shutting down")),
            _ => {}
        }
        let drops = self.mood() == Mood::DropsAfterDot;
        let answered = !drops && !matches!(instruction(&to), "stall-after-dot" | "drop-after-dot");
        if !self.shared.script.takes.is_zero() {
            tokio::time::sleep(self.shared.script.takes).await;
        }
        self.take(Accepted { from, to: to.clone(), bytes, answered });
        if drops {
            return Ok(Say::Close);
        }
        self.shared.while_it_has(Mood::SlowDot).await;
        self.confirm(instruction(&to)).await
    }

    /// The body up to the final dot; `None` when the client went away or is to be left in the middle.
    async fn body(&mut self, leave: bool) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            if self.stream.read_until(b'\n', &mut bytes).await? == 0 || leave {
                return Ok(None);
            }
            match bytes.split_at(start).1 {
                b".\r\n" => {
                    bytes.truncate(start);
                    return Ok(Some(bytes));
                }
                [b'.', ..] => {
                    bytes.remove(start);
                }
                _ => {}
            }
        }
    }

    fn take(&self, message: Accepted) {
        let keep = self.shared.script.keep;
        self.shared.note(|heard| {
            heard.count += 1;
            if keep {
                heard.accepted.push(message);
            }
        });
    }

    async fn confirm(&mut self, instruction: &str) -> io::Result<Say> {
        match instruction {
            "stall-after-dot" => Ok(Say::Nothing),
            "slow-dot" => {
                self.shared.gate.passed().await;
                Ok(line("250 2.0.0 taken at last"))
            }
            "drop-after-dot" => Ok(Say::Close),
            "bare" => Ok(line("250")),
            "twice" => Ok(line("250 2.0.0 taken\r\n250 2.0.0 taken")),
            "hang-up" => Ok(Say::Last("250 2.0.0 taken\r\n421 4.4.2 idle too long")),
            "late" => {
                tokio::time::sleep(self.shared.script.late).await;
                Ok(line("250 2.0.0 taken at last"))
            }
            _ => Ok(line("250 2.0.0 taken")),
        }
    }
}

fn decode(base64: &str) -> String {
    BASE64.decode(base64).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// What stands between the angle brackets of a command.
fn address(command: &str) -> String {
    let inside = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

fn instruction(address: &str) -> &str {
    address.split(['@', '.', '+']).next().unwrap_or_default()
}
