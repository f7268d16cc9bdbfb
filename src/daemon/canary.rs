//! The canary: tries at the start and every hour whether people can leave by the link in letters, as a person does it: over a
//! connection to this daemon's own listener it looks at the page, presses the button, and sends a mail provider's one-click
//! request. The link is that of a member who is nobody ([`crate::member::CANARY`]), and goes the whole way of every other; the
//! store undoes what it did. No mailing begins before that has worked, nor while it does not.
//!
//! What stands before the listener (a proxy, a certificate, a name) is somebody else's, and not tried.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Wakeups;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::clock::Clock;

/// How often it is tried while it works.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How long one request may take: longer than the listener lets a connection dawdle, and three of them less than a loop may.
const PATIENCE: Duration = Duration::from_secs(25);

/// The most that is read of an answer.
const MOST: u64 = 256 * 1024;

/// The link that is tried, and where it is answered.
#[derive(Clone)]
pub struct LeaveProbe {
    address: SocketAddr,
    path: String,
}

impl std::fmt::Debug for LeaveProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeaveProbe").field("address", &self.address).finish_non_exhaustive()
    }
}

impl LeaveProbe {
    /// The link `path`, at the daemon that listens at `listen`.
    pub fn new(listen: SocketAddr, path: String) -> Self {
        Self { address: reachable(listen), path }
    }

    /// Looks at the page, presses the button, and asks as a mail provider does.
    ///
    /// # Errors
    /// Which of these does not work.
    async fn leave(&self) -> Result<(), String> {
        let page = self.ask("GET", "").await?;
        if !page.to_ascii_lowercase().contains("<form") {
            return Err("the page of the link shows no button".to_owned());
        }
        self.ask("POST", "").await?;
        self.ask("POST", "List-Unsubscribe=One-Click").await.map(drop)
    }

    async fn ask(&self, method: &str, body: &str) -> Result<String, String> {
        let answer = match timeout(PATIENCE, self.exchange(method, body)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(format!("a {method} to the link gets no answer: {error}")),
            Err(_) => return Err(format!("a {method} to the link gets no answer in {} seconds", PATIENCE.as_secs())),
        };
        let status = answer.split_whitespace().nth(1).unwrap_or("nothing");
        if status == "200" { Ok(answer) } else { Err(format!("a {method} to the link is answered with {status}")) }
    }

    async fn exchange(&self, method: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address).await?;
        let (path, length) = (&self.path, body.len());
        let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded";
        let request = format!("{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Where somebody on this machine reaches who listens at `address`: who listens everywhere is reached at home.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let home = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(home, address.port())
}

/// Whether people can leave, as far as this daemon knows. Cloning is cheap, and clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct LeavePath(Arc<AtomicBool>);

impl LeavePath {
    /// Whether it worked when it was tried last. Not before it was tried.
    pub(super) fn works(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The loop.
pub(super) struct Canary {
    probe: LeaveProbe,
    path: LeavePath,
    clock: Clock,
    wakeups: Arc<Wakeups>,
    stop: CancellationToken,
    tried_at: Timestamp,
}

impl Canary {
    pub(super) fn new(
        probe: LeaveProbe,
        path: LeavePath,
        clock: Clock,
        wakeups: Arc<Wakeups>,
        stop: CancellationToken,
    ) -> Self {
        Self { probe, path, clock, wakeups, stop, tried_at: Timestamp::MIN }
    }
}

impl Work for Canary {
    const LOOP: Loop = Loop::Canary;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let now = self.clock.now();
        // The distance, not the order: after a clock was set back there is an hour to come as well.
        let since = now.duration_since(self.tried_at).abs();
        if self.path.works() && since < HOUR {
            return Ok(NextTurn::After(HOUR - since));
        }
        // The listener answers no more once the daemon stops.
        let left = tokio::select! {
            left = self.probe.leave() => left,
            () = self.stop.cancelled() => return Ok(NextTurn::Woken),
        };
        self.tried_at = now;
        let worked = self.path.0.swap(left.is_ok(), Ordering::Relaxed);
        left.map_err(TurnError::LeavePath)?;
        if !worked {
            self.wakeups.planner.notify_one();
        }
        Ok(NextTurn::After(HOUR))
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn listening() -> (TcpListener, LeaveProbe) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let probe = LeaveProbe::new(listener.local_addr().unwrap(), "/u/token".to_owned());
        (listener, probe)
    }

    /// Answers each request to `listener` with the next of `answers`.
    async fn serve(listener: &TcpListener, answers: &[&str]) {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).await.unwrap();
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            assert!(asked.contains(" /u/token HTTP/1.1\r\n"), "{asked}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    /// What is made of these answers.
    async fn left(answers: &[&str]) -> Result<(), String> {
        let (listener, probe) = listening().await;
        let (left, ()) = tokio::join!(probe.leave(), serve(&listener, answers));
        left
    }

    const PAGE: &str = "HTTP/1.1 200 OK\r\n\r\n<form method=\"post\"><button>…</button></form>";
    const DONE: &str = "HTTP/1.1 200 OK\r\n\r\n";
    const FAILED: &str = "HTTP/1.1 503 Service Unavailable\r\n\r\n";

    #[tokio::test]
    async fn only_a_page_with_a_button_that_works_is_a_way_out() {
        assert_eq!(left(&[PAGE, DONE, DONE]).await, Ok(()));
        let refused = |why: &str| Err(why.to_owned());
        assert_eq!(left(&[FAILED]).await, refused("a GET to the link is answered with 503"));
        assert_eq!(left(&[DONE]).await, refused("the page of the link shows no button"));
        assert_eq!(left(&[PAGE, FAILED]).await, refused("a POST to the link is answered with 503"));
        assert_eq!(left(&[PAGE, DONE, FAILED]).await, refused("a POST to the link is answered with 503"));
        assert_eq!(left(&[""]).await, refused("a GET to the link is answered with nothing"));
    }

    #[tokio::test]
    async fn nobody_listening_is_no_way_out() {
        let (listener, probe) = listening().await;
        drop(listener);
        let why = probe.leave().await.unwrap_err();
        assert!(why.starts_with("a GET to the link gets no answer"), "{why}");
        assert!(!format!("{probe:?} {why}").contains("token"));
    }

    #[tokio::test]
    async fn it_is_tried_every_hour_and_at_once_while_it_does_not_work() {
        let ((listener, probe), clock) = (listening().await, Clock::manual("2027-01-02T07:00:00Z".parse().unwrap()));
        let (path, wakeups) = (LeavePath::default(), Arc::<Wakeups>::default());
        let stop = CancellationToken::new();
        let mut canary = Canary::new(probe, path.clone(), clock.clone(), Arc::clone(&wakeups), stop.clone());
        let mut turn = async |answers: &[&str]| {
            let (next, ()) = tokio::join!(canary.turn(), serve(&listener, answers));
            next.map_err(|error| error.to_string())
        };
        assert!(!path.works(), "not before it was tried");
        assert!(turn(&[FAILED]).await.is_err());
        assert!(!path.works());
        assert_eq!(turn(&[PAGE, DONE, DONE]).await, Ok(NextTurn::After(HOUR)));
        assert!(path.works());
        // The planner is told that mailings may begin.
        wakeups.planner.notified().await;
        clock.advance_to(clock.now() + SignedDuration::from_mins(20));
        assert_eq!(turn(&[]).await, Ok(NextTurn::After(SignedDuration::from_mins(40))));
        clock.advance_to(clock.now() + SignedDuration::from_mins(40));
        assert!(turn(&[PAGE, FAILED]).await.is_err());
        assert!(!path.works());
        stop.cancel();
        assert_eq!(turn(&[]).await, Ok(NextTurn::Woken), "a daemon that stops waits for no answer");
    }

    #[test]
    fn who_listens_everywhere_is_asked_at_home() {
        for (listen, expected) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), expected);
        }
    }
}
