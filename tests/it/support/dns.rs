//! A server of the DNS on the loopback that says what a test has written down, over UDP and TCP at one port.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What the server does with a question.
#[derive(Clone, Debug)]
pub enum Told {
    /// Records, each as it stands in a message.
    Records(Vec<Vec<u8>>),
    /// There is such a name, and nothing of the kind.
    Nothing,
    /// It cannot say: this code.
    Failure(u8),
    /// It says nothing at all.
    Silence,
}

#[derive(Default)]
struct Zone {
    told: Mutex<HashMap<(String, u16), Told>>,
    asked: AtomicUsize,
    over_tcp: AtomicUsize,
}

/// A running server; it serves until the test's process ends.
pub struct DnsServer {
    at: SocketAddr,
    zone: Arc<Zone>,
}

const A: u16 = 1;
const MX: u16 = 15;
const TXT: u16 = 16;

/// The most that one message over UDP has.
const ROOM: usize = 512;

impl DnsServer {
    pub fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            // Another program may have this port for the other protocol.
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
                break (udp, tcp);
            }
        };
        let (at, zone) = (udp.local_addr().unwrap(), Arc::<Zone>::default());
        let theirs = Arc::clone(&zone);
        std::thread::spawn(move || {
            let mut room = [0; 1_500];
            while let Ok((length, from)) = udp.recv_from(&mut room) {
                if let Some(mut answer) = answer(&theirs, &room[..length]) {
                    if answer.len() > ROOM {
                        answer.truncate(ROOM);
                        answer[2] |= 0x02;
                    }
                    let _ = udp.send_to(&answer, from);
                }
            }
        });
        let theirs = Arc::clone(&zone);
        std::thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                theirs.over_tcp.fetch_add(1, Ordering::Relaxed);
                let _ = converse(&theirs, stream);
            }
        });
        Self { at, zone }
    }

    /// A server that knows what a shop of the tests needs: mail from `example.fr`, coming back to `b.example.fr`.
    pub fn of_a_shop() -> Self {
        let server = Self::start();
        server.txt("b.example.fr", &["v=spf1 ip4:192.0.2.1 -all"]);
        server.txt("mail._domainkey.news.example.fr", &["v=DKIM1; k=rsa; p=MIIBIjAN"]);
        server.txt("_dmarc.example.fr", &["v=DMARC1; p=reject; sp=none"]);
        server.mx("b.example.fr", &["mx.example.fr"]);
        server.address("mx.example.fr");
        server.address("news.example.fr");
        server
    }

    /// As an argument of a command.
    pub fn name(&self) -> String {
        self.at.to_string()
    }

    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// How many questions have come, and how many connections over TCP.
    pub fn asked(&self) -> (usize, usize) {
        (self.zone.asked.load(Ordering::Relaxed), self.zone.over_tcp.load(Ordering::Relaxed))
    }

    pub fn tells(&self, name: &str, kind: &str, told: Told) {
        let kind = match kind {
            "A" => A,
            "MX" => MX,
            "TXT" => TXT,
            other => panic!("{other}"),
        };
        self.zone.told.lock().unwrap().insert((name.to_owned(), kind), told);
    }

    pub fn txt(&self, name: &str, texts: &[&str]) {
        let record = |text: &&str| {
            let parts = text.as_bytes().chunks(200);
            parts.flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat()).collect()
        };
        self.tells(name, "TXT", Told::Records(texts.iter().map(record).collect()));
    }

    pub fn mx(&self, name: &str, hosts: &[&str]) {
        let record = |host: &&str| [&[0, 10], &labels(host)[..]].concat();
        self.tells(name, "MX", Told::Records(hosts.iter().map(record).collect()));
    }

    pub fn address(&self, name: &str) {
        self.tells(name, "A", Told::Records(vec![vec![192, 0, 2, 1]]));
    }

    /// Has nothing under this name from now on.
    pub fn forget(&self, name: &str) {
        self.zone.told.lock().unwrap().retain(|(known, _), _| known != name);
    }
}

fn labels(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

fn converse(zone: &Zone, mut stream: TcpStream) -> std::io::Result<()> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut question)?;
    if let Some(answer) = answer(zone, &question) {
        stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes())?;
        stream.write_all(&answer)?;
    }
    Ok(())
}

/// The whole answer, however long.
fn answer(zone: &Zone, question: &[u8]) -> Option<Vec<u8>> {
    zone.asked.fetch_add(1, Ordering::Relaxed);
    let (mut name, mut at) = (String::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        name += std::str::from_utf8(&question[at + 1..end]).unwrap();
        name.push('.');
        at = end;
    }
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let mut message = question[..at + 5].to_vec();
    let told = zone.told.lock().unwrap();
    // A name that has something of another kind, or something below it, is there.
    let below = format!(".{name}");
    let there = told.keys().any(|(known, _)| *known == name || known.ends_with(&below));
    let (code, records) = match told.get(&(name, kind)) {
        Some(Told::Records(records)) => (0, records.clone()),
        Some(Told::Nothing) => (0, Vec::new()),
        Some(Told::Failure(code)) => (*code, Vec::new()),
        Some(Told::Silence) => return None,
        None => (if there { 0 } else { 3 }, Vec::new()),
    };
    message[2..4].copy_from_slice(&[0x81, 0x80 | code]);
    message[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
    for record in records {
        message.extend([0xc0, 12]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(record.len()).unwrap().to_be_bytes());
        message.extend(record);
    }
    Some(message)
}
