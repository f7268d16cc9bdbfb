//! Asks a server of the DNS, over UDP, and over TCP what does not fit into one message.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use super::message::{DnsQuestion, DnsRecord, DnsRecordType, DnsReply, ReplyCode};
use super::servers::ResolverFile;

/// Where the system keeps whom it asks.
const SYSTEMS_FILE: &str = "/etc/resolv.conf";

/// The most that a message over UDP has where nobody has agreed to more (RFC 1035, section 2.3.4); and what is read of it.
const ROOM: usize = 4_096;

/// What the DNS answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// There are records of the kind that was asked for.
    Records(Vec<DnsRecord>),
    /// There is such a name, and no record of this kind.
    NoSuchRecord,
    /// There is no such name, and none below it.
    NoSuchName,
}

/// Why nobody knows what the DNS says. That there is nothing does not follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// The name is none that can be asked for.
    Name,
    /// No server has answered.
    Silent,
    /// Those who answered could not or would not say, with the code of the last of them (2 is SERVFAIL, 5 is REFUSED).
    Failed(u8),
    /// This machine could not ask: it has no random number.
    Machine,
}

/// Whom to ask.
#[derive(Debug)]
pub struct DnsResolver {
    file: ResolverFile,
    /// Nobody has answered: what is asked from now on would wait as long for nothing.
    silent: Cell<bool>,
}

impl DnsResolver {
    /// The resolver that this machine uses.
    ///
    /// # Errors
    /// When its file is there and cannot be read. Without a file the machine itself is asked, as by everybody else.
    pub fn of_system() -> io::Result<Self> {
        match fs::read(SYSTEMS_FILE) {
            Ok(text) => Ok(Self::new(ResolverFile::read(&String::from_utf8_lossy(&text)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::new(ResolverFile::default())),
            Err(error) => Err(error),
        }
    }

    /// The same of somebody's choice.
    pub fn at(server: SocketAddr) -> Self {
        Self::new(ResolverFile { servers: vec![server], ..ResolverFile::default() })
    }

    /// The servers that `file` names.
    pub fn new(file: ResolverFile) -> Self {
        Self { file, silent: Cell::new(false) }
    }

    /// Who is asked, for people.
    pub fn name(&self) -> String {
        let servers: Vec<String> = self.file.servers.iter().map(ToString::to_string).collect();
        servers.join(", ")
    }

    /// Asks for the records of `kind` at `name`. Servers are asked in their order until one knows.
    ///
    /// # Errors
    /// [`NotAsked`] when nobody could be asked; once nobody has answered in time, nobody is waited for again.
    pub fn ask(&self, name: &str, kind: DnsRecordType) -> Result<DnsAnswer, NotAsked> {
        if self.silent.get() {
            return Err(NotAsked::Silent);
        }
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|_| NotAsked::Machine)?;
        let question = DnsQuestion { id: u16::from_be_bytes(id), name, kind };
        let message = question.write().ok_or(NotAsked::Name)?;
        let mut failed = None;
        for _ in 0..self.file.tries {
            for server in &self.file.servers {
                let Ok(reply) = self.exchange(*server, &question, &message) else { continue };
                match reply.code {
                    ReplyCode::NoSuchName => return Ok(DnsAnswer::NoSuchName),
                    ReplyCode::NoError if reply.records.is_empty() => return Ok(DnsAnswer::NoSuchRecord),
                    ReplyCode::NoError => return Ok(DnsAnswer::Records(reply.records)),
                    ReplyCode::Failure(code) => failed = Some(code),
                }
            }
        }
        Err(failed.map_or_else(
            || {
                self.silent.set(true);
                NotAsked::Silent
            },
            NotAsked::Failed,
        ))
    }

    fn exchange(&self, server: SocketAddr, question: &DnsQuestion<'_>, message: &[u8]) -> io::Result<DnsReply> {
        let reply = self.over_udp(server, question, message)?;
        if reply.truncated { self.over_tcp(server, question, message) } else { Ok(reply) }
    }

    /// What is no answer to this question, whoever sent it, is passed over.
    fn over_udp(&self, server: SocketAddr, question: &DnsQuestion<'_>, message: &[u8]) -> io::Result<DnsReply> {
        let socket = if server.is_ipv4() {
            UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?
        } else {
            UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?
        };
        socket.connect(server)?;
        socket.send(message)?;
        let (begun, mut room) = (Instant::now(), vec![0; ROOM]);
        loop {
            socket.set_read_timeout(Some(self.left(begun)?))?;
            let length = socket.recv(&mut room)?;
            if let Some(reply) = room.get(..length).and_then(|bytes| question.read(bytes)) {
                return Ok(reply);
            }
        }
    }

    fn over_tcp(&self, server: SocketAddr, question: &DnsQuestion<'_>, message: &[u8]) -> io::Result<DnsReply> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect_timeout(&server, self.file.patience)?;
        stream.set_write_timeout(Some(self.left(begun)?))?;
        let length = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        stream.write_all(&[&length.to_be_bytes(), message].concat())?;
        stream.set_read_timeout(Some(self.left(begun)?))?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.set_read_timeout(Some(self.left(begun)?))?;
        stream.read_exact(&mut bytes)?;
        question.read(&bytes).filter(|reply| !reply.truncated).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// How long may still be waited; a time of zero would be for ever.
    fn left(&self, begun: Instant) -> io::Result<Duration> {
        let left = self.file.patience.checked_sub(begun.elapsed()).filter(|left| !left.is_zero());
        left.ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}
