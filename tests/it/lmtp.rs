//! What a mail server hands over by LMTP is taken in once it is on disk, and not before. The daemon is the real binary.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;

use carillon::db::reports::{self, QueueFilter};
use carillon::db::{bounces, members};
use carillon::delivery::identity;
use carillon::member::{Consent, Fingerprint};
use jiff::Timestamp;

use crate::bounces::report_of;
use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{Daemon, House, wait_for};
use crate::support::relay::Relay;
use crate::support::trouble::StoreLock;

/// A mail server's connection.
struct MailServer<S: Read + Write> {
    stream: BufReader<S>,
}

impl<S: Read + Write> MailServer<S> {
    /// On a connection at which the daemon greets.
    fn on(stream: S) -> Self {
        let mut server = Self { stream: BufReader::new(stream) };
        assert!(server.reply().starts_with("220 "));
        assert!(server.says("LHLO relay.example.net").starts_with("250"));
        server
    }

    /// The next reply, its last line.
    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    fn says(&mut self, command: &str) -> String {
        self.writes(format!("{command}\r\n").as_bytes());
        self.reply()
    }

    fn writes(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    /// Hands a message over, and returns the replies for its recipients.
    fn hands_over(&mut self, recipients: &[&str], message: &[u8]) -> Vec<String> {
        assert!(self.says("MAIL FROM:<> BODY=8BITMIME").starts_with("250"));
        for recipient in recipients {
            assert!(self.says(&format!("RCPT TO:<{recipient}>")).starts_with("250"));
        }
        assert!(self.says("DATA").starts_with("354"));
        self.writes(message);
        self.writes(b"\r\n.\r\n");
        recipients.iter().map(|_| self.reply()).collect()
    }
}

/// A shop whose mailing is sent, where mail servers come in, and the daemon that takes it in.
fn house(backend: Backend, members: usize) -> (House, Daemon, String) {
    let relay = Relay::start();
    let house = House::new(backend, members, relay.port());
    let lmtp = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    listens(&house, &lmtp);
    let daemon = house.daemon_up();
    house.wait_until_finished();
    (house, daemon, lmtp)
}

fn listens(house: &House, at: &str) {
    let sample = "# [bounces]\n# maildir = \"/var/mail/carillon\"";
    house.change(sample, &format!("[bounces]\nlmtp = \"{at}\"\n# maildir = \"/var/mail/carillon\""));
}

/// A connection to the socket of a shop, once the daemon is there.
fn at_socket(house: &House) -> UnixStream {
    let socket = house.folder.join("lmtp");
    wait_for(|| UnixStream::connect(&socket).is_ok());
    UnixStream::connect(&socket).unwrap()
}

/// The return path of each letter, and to whom it went.
fn sent(house: &House) -> Vec<(String, String)> {
    let filter = QueueFilter { campaign: None, state: None, after: 0, limit: 1_000 };
    let of = |db: &mut _| {
        let mut sent = Vec::new();
        for row in reports::queue(db, &filter)? {
            let address = members::find(db, &row.member)?.and_then(|member| member.address).unwrap();
            sent.push((identity::return_path(&house.keyring(), row.id, "b.example.fr"), address.as_str().to_owned()));
        }
        Ok(sent)
    };
    house.store().read_blocking(of).unwrap()
}

fn kept(house: &House) -> i64 {
    house.store().read_blocking(|db| bounces::since(db, Timestamp::MIN)).unwrap().reports()
}

fn consent_of(house: &House, address: &str) -> Consent {
    let prints = Fingerprint::all(&house.keyring(), &address.parse().unwrap());
    house.store().read_blocking(|db| members::find_by_fingerprint(db, &prints)).unwrap().unwrap().consent
}

both!(what_is_answered_with_taken_outlives_a_kill, |backend| {
    let (house, daemon, lmtp) = house(backend, 3);
    let letters = sent(&house);
    let mut server = MailServer::on(TcpStream::connect(&lmtp).unwrap());
    for (path, address) in &letters {
        let report = report_of(path, address, "5.1.1", "user unknown");
        let said = server.hands_over(&[path], &report);
        assert!(said[0].starts_with("250 "), "{said:?}");
    }
    daemon.kill();
    assert_eq!(kept(&house), 3);
    let daemon = house.daemon_up();
    wait_for(|| letters.iter().all(|(_, address)| consent_of(&house, address) == Consent::Dead));
    assert_eq!(daemon.terminate(), Some(0));
});

both!(what_cannot_be_stored_stays_with_the_mail_server, |backend| {
    let (house, daemon, lmtp) = house(backend, 2);
    let letters = sent(&house);
    let (path, address) = &letters[0];
    let report = report_of(path, address, "5.1.1", "user unknown");
    let mut server = MailServer::on(TcpStream::connect(&lmtp).unwrap());
    let lock = StoreLock::take(&house);
    assert!(lock.is_held());
    let said = server.hands_over(&[path], &report);
    assert!(said[0].starts_with("451 4.3.0 "), "{said:?}");
    drop(lock);
    assert_eq!(kept(&house), 0);
    // One recipient is answered for whatever becomes of another, and no answer names anybody.
    assert!(server.says("MAIL FROM:<>").starts_with("250"));
    assert!(server.says("RCPT TO:<contact@b.example.fr>").starts_with("550 5.1.1 "));
    assert!(server.says("RSET").starts_with("250"));
    let said = server.hands_over(&[path, "b+feedback@b.example.fr"], &report);
    assert!(said.iter().all(|reply| reply.starts_with("250 ") && !reply.contains('@')), "{said:?}");
    assert_eq!(kept(&house), 1);
    let said = server.hands_over(&[path], &report);
    assert!(said[0].starts_with("250 "));
    assert_eq!(kept(&house), 1, "the same report says nothing new");
    // A mail server whose connection rests is told that the daemon stops.
    assert_eq!(daemon.terminate(), Some(0));
    assert!(server.reply().starts_with("421 4.3.2 "));
});

#[test]
fn a_full_house_sends_mail_servers_away_for_a_while() {
    let (_house, daemon, lmtp) = house(Backend::Sqlite, 1);
    let mut servers: Vec<_> = (0..16).map(|_| MailServer::on(TcpStream::connect(&lmtp).unwrap())).collect();
    let mut said = String::new();
    TcpStream::connect(&lmtp).unwrap().read_to_string(&mut said).unwrap();
    assert!(said.starts_with("421 4.3.2 "), "{said}");
    let mut last = servers.pop().unwrap();
    assert!(last.says("QUIT").starts_with("221 "));
    wait_for(|| {
        let mut stream = BufReader::new(TcpStream::connect(&lmtp).unwrap());
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.starts_with("220 ")
    });
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_mail_server_that_unsubscribes_somebody_is_told_when_it_is_done() {
    let relay = Relay::start();
    let house = House::new(Backend::Sqlite, 1, relay.port());
    listens(&house, "unix:lmtp");
    let daemon = house.daemon_up();
    house.wait_until_finished();
    let (_, address) = sent(&house).pop().unwrap();
    let token = house.way_out_of(&address).trim_start_matches("/u/").to_owned();
    let mut server = MailServer::on(at_socket(&house));
    let mail = format!("From: {address}\r\nSubject: unsubscribe\r\n\r\n");
    let said = server.hands_over(&[&format!("u+{token}@b.example.fr")], mail.as_bytes());
    assert!(said[0].starts_with("250 "), "{said:?}");
    assert_eq!(consent_of(&house, &address), Consent::Withdrawn);
    // What a killed daemon leaves of its socket is in nobody's way.
    daemon.kill();
    assert!(house.folder.join("lmtp").exists());
    let daemon = house.daemon_up();
    MailServer::on(at_socket(&house));
    let said = carillon(&house.folder, &["doctor"]).stdout;
    assert!(said.contains("unix:lmtp` answers"), "{said}");
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!house.folder.join("lmtp").exists());
}

/// A letter to a mailbox that a real Postfix knows nobody at: its report comes back, and the address is given up. `.ci/postfix` says
/// how it hands over what comes back.
#[test]
fn a_real_postfix_hands_over_what_came_back() {
    let Ok(postfix) = std::env::var("CARILLON_TEST_POSTFIX") else {
        assert!(std::env::var_os("CARILLON_TEST_STRICT").is_none(), "CARILLON_TEST_POSTFIX names no Postfix");
        return;
    };
    let (port, maildir) = postfix.split_once(':').unwrap();
    let folder = Path::new(maildir).ancestors().nth(2).unwrap().join("lmtp");
    assert!(folder.is_dir(), "this Postfix was started by an older `.ci/postfix`");
    let house = House::new(Backend::Sqlite, 1, port.parse().unwrap());
    let members = "address,language,confirmed_at,wording,source,method\n\
                   camille@example.net,fr,2026-09-01T10:00:00Z,J’accepte de recevoir par courriel l’annonce des \
                   avant-premières.,form:footer,double_optin\n";
    fs::write(house.folder.join("more.csv"), members).unwrap();
    house.run(&["member", "import", "more.csv"]);
    listens(&house, &format!("unix:{}", folder.join("socket").display()));
    let daemon = house.daemon_up();
    house.wait_until_finished();
    wait_for(|| consent_of(&house, "camille@example.net") == Consent::Dead);
    assert_eq!(consent_of(&house, "membre.00000@example.fr"), Consent::Confirmed);
    assert_eq!(daemon.terminate(), Some(0));
}
