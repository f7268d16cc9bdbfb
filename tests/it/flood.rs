//! A flood of sign-ups while people leave: a measurement. It prints, and fails where something was answered and lost.
//!
//! ```sh
//! cargo test --release --features postgres --test it -- --ignored --nocapture flood::
//! ```
//!
//! on a machine that does nothing else; the listener, the flood and those who leave share it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carillon::config::{JoinSettings, Settings};
use carillon::db::signups;
use carillon::member::unsubscribe_token;
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::members;
use crate::join::time_in;
use crate::support::backend::Backend;
use crate::support::shop::{Shop, configure};

/// Sign-ups that are offered in a second, and for how many seconds.
const OFFERED: u32 = 5_000;
const SECONDS: u32 = 10;

/// How many connections bring them.
const CONNECTIONS: u32 = 128;

/// How many leave in a second.
const LEAVE: u32 = 50;

const MOST: Duration = Duration::from_millis(50);

/// Posts a form on a connection that stays open, and returns the status.
async fn post(stream: &mut TcpStream, path: &str, body: &str) -> u16 {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: \
         {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 16_384]);
    loop {
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection was closed over a request");
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.split("content-length:").nth(1).unwrap().lines().next().unwrap().trim().to_owned();
        if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
            return head[9..12].parse().unwrap();
        }
    }
}

/// How many sign-ups were taken, and turned away.
async fn flood(address: std::net::SocketAddr, time: String, begun: Instant) -> (u64, u64) {
    let connections = (0..CONNECTIONS).map(|connection| {
        let time = time.clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let (mut taken, mut turned_away) = (0, 0);
            for number in (connection..OFFERED * SECONDS).step_by(CONNECTIONS as usize) {
                let due = begun + Duration::from_secs(1) / OFFERED * number;
                if begun.elapsed() > Duration::from_secs(SECONDS.into()) {
                    break;
                }
                tokio::time::sleep_until(due.into()).await;
                let body = format!("time={time}&email=m{number}%40d{}.example", number % 977);
                match post(&mut stream, "/join", &body).await {
                    200 => taken += 1,
                    503 => turned_away += 1,
                    other => panic!("a sign-up is answered with {other}"),
                }
            }
            (taken, turned_away)
        })
    });
    let connections: Vec<_> = connections.collect();
    let mut sums = (0, 0);
    for connection in connections {
        let (taken, turned_away) = connection.await.unwrap();
        sums = (sums.0 + taken, sums.1 + turned_away);
    }
    sums
}

/// How long each of those who leave waited, counted from the instant at which it was due, the quickest first.
async fn leave(address: std::net::SocketAddr, tokens: Arc<Vec<String>>, begun: Instant) -> Vec<Duration> {
    let leaving = (0..tokens.len()).map(|number| {
        let tokens = Arc::clone(&tokens);
        tokio::spawn(async move {
            let due = begun + Duration::from_secs(1) / LEAVE * u32::try_from(number).unwrap();
            tokio::time::sleep_until(due.into()).await;
            let mut stream = TcpStream::connect(address).await.unwrap();
            let path = format!("/u/{}", tokens[number]);
            assert_eq!(post(&mut stream, &path, "List-Unsubscribe=One-Click").await, 200);
            due.elapsed()
        })
    });
    let leaving: Vec<_> = leaving.collect();
    let mut waited = Vec::new();
    for one in leaving {
        waited.push(one.await.unwrap());
    }
    waited.sort();
    waited
}

#[expect(clippy::print_stdout, reason = "it is run to be read")]
fn measure(backend: Backend) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let usual = configure(shop.fresh.folder.path());
        let join = JoinSettings { per_hour: 100_000, per_domain_hour: 100_000, ..usual.join.clone().unwrap() };
        let address = shop.also(&Settings { join: Some(join), ..usual }).await;
        let count = usize::try_from(LEAVE * SECONDS).unwrap();
        let tokens = members(&shop, count).iter().map(|member| unsubscribe_token(&shop.keyring, member)).collect();
        let time = time_in(shop.get("/join", "").await.text());
        shop.clock.advance_to(shop.clock.now() + SignedDuration::from_secs(3));
        let begun = Instant::now() + Duration::from_millis(100);
        let (leaving, flooding) = (leave(address, Arc::new(tokens), begun), flood(address, time, begun));
        let (waited, (taken, turned_away)) = tokio::join!(leaving, flooding);
        let now = shop.clock.now();
        let kept = shop.store.read_blocking(|db| signups::standing(db, now)).unwrap().waiting;
        let at = |part: usize| waited[(waited.len() - 1) * part / 100];
        println!(
            "{backend:?}: {taken} taken, {turned_away} turned away; leaving: p50 {:?}, p90 {:?}, p99 {:?}, most {:?}",
            at(50),
            at(90),
            at(99),
            at(100)
        );
        assert_eq!(kept, taken, "each that was answered is on disk");
        assert!(at(99) <= MOST, "leaving is kept waiting");
    });
}

#[test]
#[ignore = "a measurement: it wants a release build, and the machine for itself"]
fn leaving_is_not_kept_waiting_by_a_flood_on_sqlite() {
    measure(Backend::Sqlite);
}
