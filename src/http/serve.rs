//! The socket: how many connections at once, how long one may dawdle, and how serving ends.
//!
//! It speaks HTTP/1.1 alone. Which connection makes room follows from what it waits for, byte by byte, and one of HTTP/2 waits for
//! many answers at once: a single visitor would hold as much of the daemon as a hundred do, and never be the one who ends. What is
//! in front of us speaks HTTP/2 with browsers, and loses nothing by asking us on connections that stay open.
//!
//! Nothing above this file learns who connected: the peer's address is dropped where the connection is accepted.

use std::convert::Infallible;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::ServiceExt as _;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::connections::{ConnectionLimit, OpenConnection};
use crate::door::Door;

/// The most connections at once.
const CONNECTIONS: usize = 4096;

/// How many files the rest of the program may have open at once: the store, its journal, connections to a relay.
const OTHER_FILES: usize = 256;

/// How long a connection may wait before it asks for something, for the first time or again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a request may take to come, from its first byte to its last, and its answer to begin.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// How long requests under way may take to end once serving stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Serves `pages` on `listener` until `shutdown`. Then no new connection is taken, and requests under way have ten
/// seconds to end.
///
/// # Errors
/// None that a caller can mend: a refused connection is waited out.
pub async fn serve<S>(listener: TcpListener, pages: S, shutdown: CancellationToken) -> io::Result<()>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    serve_at_most(most_connections(), listener, pages, shutdown).await
}

/// The same at any door, with so many connections at once.
pub(super) async fn serve_at_most<D: Door, S>(
    most: usize,
    listener: D,
    pages: S,
    shutdown: CancellationToken,
) -> io::Result<()>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let patience = ConnectionPatience { idle: IDLE_TIMEOUT, request: REQUEST_TIMEOUT };
    let listener = LimitedListener { listener, limit: ConnectionLimit::new(most), patience };
    let stopped = shutdown.clone();
    let serving = axum::serve(listener, pages.into_make_service()).with_graceful_shutdown(stopped.cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        outcome = serving => outcome,
        () = deadline => Ok(()),
    }
}

/// How many connections there may be at once.
fn most_connections() -> usize {
    within(file_limit())
}

/// How many there may be where so many files may be open.
fn within(limit: Option<u64>) -> usize {
    let limit = limit.map_or(CONNECTIONS, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    limit.saturating_sub(OTHER_FILES).clamp(limit.min(OTHER_FILES) / 2, CONNECTIONS).max(1)
}

#[cfg(unix)]
fn file_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn file_limit() -> Option<u64> {
    None
}

#[derive(Clone, Copy)]
struct ConnectionPatience {
    idle: Duration,
    request: Duration,
}

struct LimitedListener<D> {
    listener: D,
    limit: Arc<ConnectionLimit>,
    patience: ConnectionPatience,
}

impl<D: Door> Listener for LimitedListener<D> {
    type Io = TimedStream<D::Stream>;
    type Addr = ();

    async fn accept(&mut self) -> (TimedStream<D::Stream>, ()) {
        let stream = self.listener.next().await;
        let connection = self.limit.admit().await;
        (TimedStream::new(stream, connection, self.patience), ())
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A connection that ends by itself when it makes no progress. Progress is an answer: bytes that trickle in are none,
/// so a slow sender of headers cannot hold a place.
struct TimedStream<S> {
    stream: S,
    patience: ConnectionPatience,
    deadline: Pin<Box<Sleep>>,
    connection: OpenConnection,
}

impl<S> TimedStream<S> {
    fn new(stream: S, connection: OpenConnection, patience: ConnectionPatience) -> Self {
        Self { stream, patience, deadline: Box::pin(tokio::time::sleep(patience.idle)), connection }
    }

    fn ends_after(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        self.deadline.as_mut().reset(deadline);
    }

    fn out_of_patience(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().poll(context).is_ready()
    }

    /// Part of an answer has gone out: from now on the connection waits for the next request, as far as one can tell here.
    fn answered(&mut self) {
        self.connection.answered();
        self.ends_after(self.patience.idle);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.out_of_patience(context) || self.connection.must_end(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = to.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, to))?;
        if to.filled().len() > before && self.connection.asks() {
            let time = self.patience.request;
            self.ends_after(time);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.out_of_patience(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.answered();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.out_of_patience(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, parts))?;
        self.answered();
        Poll::Ready(Ok(written))
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture as _;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// A router of one page, and how to reach it.
    fn page() -> Router {
        Router::new().route("/", get(async || "here"))
    }

    async fn first_answer(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK") && answer[..read].ends_with(b"here"));
    }

    async fn let_in(most: usize, patience: ConnectionPatience) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limited = LimitedListener { listener, limit: ConnectionLimit::new(most), patience };
        tokio::spawn(axum::serve(limited, page()).into_future());
        address
    }

    async fn is_let_go(stream: &mut TcpStream) {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"), "nothing more was answered");
    }

    #[tokio::test]
    async fn a_sender_that_dawdles_is_let_go() {
        let patience = ConnectionPatience { idle: Duration::from_mins(10), request: Duration::from_millis(50) };
        let address = let_in(8, patience).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        first_answer(&mut slow).await;
        slow.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
        is_let_go(&mut slow).await;
    }

    #[tokio::test]
    async fn who_asks_for_nothing_is_let_go() {
        let patience = ConnectionPatience { idle: Duration::from_millis(50), request: Duration::from_mins(10) };
        let address = let_in(8, patience).await;
        is_let_go(&mut TcpStream::connect(address).await.unwrap()).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        first_answer(&mut idle).await;
        is_let_go(&mut idle).await;
    }

    const LONG: ConnectionPatience =
        ConnectionPatience { idle: Duration::from_mins(10), request: Duration::from_mins(10) };

    #[tokio::test]
    async fn the_idlest_makes_room_for_who_comes() {
        let address = let_in(2, LONG).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        first_answer(&mut first).await;
        let mut second = TcpStream::connect(address).await.unwrap();
        first_answer(&mut second).await;
        first_answer(&mut first).await;
        let mut third = TcpStream::connect(address).await.unwrap();
        first_answer(&mut third).await;
        is_let_go(&mut second).await;
        first_answer(&mut first).await;
    }

    #[tokio::test]
    async fn senders_that_dawdle_cannot_keep_others_out() {
        let address = let_in(16, LONG).await;
        let mut slow = Vec::new();
        for _ in 0..40 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"POST / HTTP/1.1\r\nX: ").await.unwrap();
            slow.push(stream);
        }
        let mut person = TcpStream::connect(address).await.unwrap();
        tokio::time::timeout(Duration::from_mins(1), first_answer(&mut person)).await.unwrap();
    }

    #[test]
    fn there_are_fewer_connections_than_files_may_be_open() {
        for (limit, most) in [(Some(1024), 768), (Some(1_000_000), 4096), (Some(64), 32), (Some(0), 1), (None, 3840)] {
            assert_eq!(within(limit), most, "{limit:?}");
        }
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut idle = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, page(), shutdown.clone()));
        first_answer(&mut idle).await;
        shutdown.cancel();
        let ended = tokio::time::timeout(SHUTDOWN_GRACE / 2, serving).await;
        ended.expect("it ends before requests under way would have to").unwrap().unwrap();
    }
}
