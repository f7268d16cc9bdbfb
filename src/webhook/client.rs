//! One request over a connection of its own. No redirect is followed, nothing of the answer but its status is read, and everything
//! together has a limit.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::reach::is_public;
use crate::config::CallTarget;
use crate::tls::{TlsFault, connector};

/// How long one request may take, from the look-up of the name to the status.
const LIMIT: Duration = Duration::from_secs(20);

/// Why a request was not taken, or may not have been. Names the host and never the rest of the address, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The name leads nowhere.
    #[error("the address of `{host}` cannot be looked up: {why}")]
    Unresolved {
        /// The host.
        host: String,
        /// Why.
        why: io::Error,
    },
    /// The name leads to this machine or its network.
    #[error(
        "`{host}` leads to an address of this machine or its network; if that is right, set `private_addresses = true` below `url`"
    )]
    Inner {
        /// The host.
        host: String,
    },
    /// There is no connection.
    #[error("cannot reach `{host}`: {why}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        why: io::Error,
    },
    /// The answer is no HTTP, or none came.
    #[error("`{host}` does not answer: {why}")]
    Broken {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// It did not take the message.
    #[error("`{host}` answers with {status}")]
    NotTaken {
        /// The host.
        host: String,
        /// What it answered.
        status: StatusCode,
    },
    /// It took too long.
    #[error("`{host}` did not answer within {} seconds", limit.as_secs())]
    TooSlow {
        /// The host.
        host: String,
        /// How long it had.
        limit: Duration,
    },
}

/// Calls one address.
#[derive(Clone)]
pub(super) struct AddressCaller {
    target: CallTarget,
    limit: Duration,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for AddressCaller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressCaller").field("host", &self.host()).finish_non_exhaustive()
    }
}

/// An error with its causes, in one line.
fn in_full(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Bytes in both directions.
trait CallStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> CallStream for T {}

impl AddressCaller {
    /// As `target` says. Connects to nothing.
    ///
    /// # Errors
    /// When the authorities to trust cannot be read, or the host is none that a certificate could be checked against.
    pub(super) fn new(target: &CallTarget) -> Result<Self, CallFailure> {
        let url = &target.url;
        let tls = if url.is_https() {
            let bare = url.host().trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(bare)
                .map_err(|why| CallFailure::Broken { host: url.host().to_owned(), why: why.to_string() })?;
            Some((connector(target.ca_file.as_deref())?, name))
        } else {
            None
        };
        Ok(Self { target: target.clone(), limit: LIMIT, tls })
    }

    /// Whom it calls.
    pub(super) fn host(&self) -> &str {
        self.target.url.host()
    }

    /// Sends `body` by `method`, with `headers` beside those that every request has. It was taken when the answer has a status of
    /// success.
    ///
    /// # Errors
    /// When it was not, or when nobody knows.
    pub(super) async fn call(
        &self,
        method: Method,
        headers: &[(HeaderName, HeaderValue)],
        body: String,
    ) -> Result<StatusCode, CallFailure> {
        let status = timeout(self.limit, self.exchange(method, headers, body)).await.map_err(|_| self.too_slow())??;
        let taken = status.is_success();
        if taken { Ok(status) } else { Err(CallFailure::NotTaken { host: self.host().to_owned(), status }) }
    }

    /// Connects, and goes again.
    ///
    /// # Errors
    /// When there is no connection.
    pub(super) async fn reach(&self) -> Result<(), CallFailure> {
        timeout(self.limit, self.connect()).await.map_err(|_| self.too_slow())?.map(drop)
    }

    fn too_slow(&self) -> CallFailure {
        CallFailure::TooSlow { host: self.host().to_owned(), limit: self.limit }
    }

    /// The addresses that may be connected to.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, CallFailure> {
        let (host, port) = (self.host(), self.target.url.port());
        let unresolved = |why| CallFailure::Unresolved { host: host.to_owned(), why };
        let found = lookup_host((host.trim_matches(['[', ']']), port)).await.map_err(unresolved)?;
        let allowed: Vec<SocketAddr> =
            found.filter(|address| self.target.private_addresses || is_public(address.ip())).collect();
        if allowed.is_empty() { Err(CallFailure::Inner { host: host.to_owned() }) } else { Ok(allowed) }
    }

    async fn connect(&self) -> Result<Box<dyn CallStream>, CallFailure> {
        let addresses = self.addresses().await?;
        let unreachable = |why| CallFailure::Unreachable { host: self.host().to_owned(), why };
        let socket = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
        match &self.tls {
            None => Ok(Box::new(socket)),
            Some((connector, name)) => {
                Ok(Box::new(connector.connect(name.clone(), socket).await.map_err(unreachable)?))
            }
        }
    }

    async fn exchange(
        &self,
        method: Method,
        headers: &[(HeaderName, HeaderValue)],
        body: String,
    ) -> Result<StatusCode, CallFailure> {
        let broken =
            |why: &(dyn Error + 'static)| CallFailure::Broken { host: self.host().to_owned(), why: in_full(why) };
        let wire = TokioIo::new(self.connect().await?);
        let (mut requests, connection) = http1::handshake(wire).await.map_err(|why| broken(&why))?;
        let url = &self.target.url;
        let mut request = Request::builder()
            .method(method)
            .uri(url.target())
            .header(HOST, url.authority())
            .header(USER_AGENT, concat!("carillon/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)))
            .map_err(|why| broken(&why))?;
        for (name, value) in headers {
            request.headers_mut().append(name, value.clone());
        }
        let answering = requests.send_request(request);
        tokio::pin!(connection, answering);
        // The connection does the work; it ends with this function.
        tokio::select! {
            answer = &mut answering => answer.map(|answer| answer.status()).map_err(|why| broken(&why)),
            ended = &mut connection => match ended {
                Err(why) => Err(broken(&why)),
                Ok(()) => answering.await.map(|answer| answer.status()).map_err(|why| broken(&why)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::WebAddress;

    #[tokio::test]
    async fn an_address_that_does_not_answer_is_given_up() {
        // The system takes the connection, and nobody reads from it.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/secret", silent.local_addr().unwrap().port());
        let target = CallTarget { url: WebAddress::parse(&url).unwrap(), ca_file: None, private_addresses: true };
        let caller = AddressCaller { limit: Duration::from_millis(50), ..AddressCaller::new(&target).unwrap() };
        let failure = caller.call(Method::PUT, &[], "a".to_owned()).await.unwrap_err();
        assert!(matches!(failure, CallFailure::TooSlow { .. }), "{failure}");
        caller.reach().await.unwrap();
        assert_eq!(
            AddressCaller::new(&target).unwrap().too_slow().to_string(),
            "`127.0.0.1` did not answer within 20 seconds"
        );
    }
}
