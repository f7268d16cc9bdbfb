//! The socket: how many connections at once, how long one may dawdle, and how serving ends.
//!
//! Nothing above this file learns who connected: the peer's address is dropped where the connection is accepted.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

/// The most connections at once. Others wait in the kernel's queue.
const CONNECTIONS: usize = 1024;

/// How long a connection may take over one request, from the first byte to the last of the answer, or sit idle.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// How long requests under way may take to end once serving stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// How long to wait when the system refuses a connection, such as when file handles have run out.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until `shutdown`. Then no new connection is taken, and requests under way have ten
/// seconds to end.
///
/// # Errors
/// None that a caller can mend: a refused connection is waited out.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    let listener =
        LimitedListener { listener, places: Arc::new(Semaphore::new(CONNECTIONS)), timeout: REQUEST_TIMEOUT };
    let stopped = shutdown.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped.cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        outcome = serving => outcome,
        () = deadline => Ok(()),
    }
}

struct LimitedListener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    timeout: Duration,
}

impl Listener for LimitedListener {
    type Io = TimedStream;
    type Addr = ();

    async fn accept(&mut self) -> (TimedStream, ()) {
        loop {
            // The semaphore is never closed.
            let place = Arc::clone(&self.places).acquire_owned().await.ok();
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // Without it a small answer may wait for the peer's acknowledgement of the one before.
                    let _ = stream.set_nodelay(true);
                    return (TimedStream::new(stream, place, self.timeout), ());
                }
                // The peer has gone already.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(_) => tokio::time::sleep(ACCEPT_BACK_OFF).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A connection that ends by itself when it makes no progress. Progress is an answer: bytes that trickle in are none,
/// so a slow sender of headers cannot hold a place.
struct TimedStream {
    stream: TcpStream,
    timeout: Duration,
    deadline: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl TimedStream {
    fn new(stream: TcpStream, place: Option<OwnedSemaphorePermit>, timeout: Duration) -> Self {
        Self { stream, timeout, deadline: Box::pin(tokio::time::sleep(timeout)), _place: place }
    }

    fn progress(&mut self) {
        let deadline = Instant::now() + self.timeout;
        self.deadline.as_mut().reset(deadline);
    }

    fn out_of_patience(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline.as_mut().poll(context).is_ready()
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.out_of_patience(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, to)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.out_of_patience(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.progress();
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
        self.progress();
        Poll::Ready(Ok(written))
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture as _;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A router of one page, and how to reach it.
    fn page() -> Router {
        Router::new().route("/", get(async || "here"))
    }

    async fn first_answer(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut line = [0; 15];
        stream.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"HTTP/1.1 200 OK");
    }

    #[tokio::test]
    async fn a_sender_that_dawdles_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let timeout = Duration::from_millis(50);
        let door = LimitedListener { listener, places: Arc::new(Semaphore::new(1)), timeout };
        let serving = tokio::spawn(axum::serve(door, page()).into_future());
        let mut slow = TcpStream::connect(address).await.unwrap();
        first_answer(&mut slow).await;
        slow.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"), "the second request never became one");
        first_answer(&mut TcpStream::connect(address).await.unwrap()).await;
        serving.abort();
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
