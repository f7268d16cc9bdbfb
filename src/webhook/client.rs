//! One POST over a connection of its own. No redirect is followed, nothing of the answer but its status is read, and everything
//! together has a limit.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::reach::is_public;
use crate::config::WebhookSettings;
use crate::keys::Sha256Digest;
use crate::tls::{TlsFault, connector};

/// How long one POST may take, from the look-up of the name to the status.
const LIMIT: Duration = Duration::from_secs(20);

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// Its name: the same when it is told again.
    pub id: String,
    /// When it is sent, by our clock: whoever receives it refuses what is old.
    pub at: Timestamp,
    /// What it says, in JSON.
    pub body: String,
}

impl WebhookMessage {
    /// `body`, sent at `at`. Its name follows from `kind` and what it is `about`, so that it is the same when it is told again.
    pub fn new(kind: &str, about: &[&str], at: Timestamp, body: String) -> Self {
        let digest = Sha256Digest::of(about.join("\n").as_bytes()).to_string();
        let short = digest.get(..32).unwrap_or(&digest);
        Self { id: format!("{kind}_{short}"), at, body }
    }
}

/// Why nobody was told, or may not have been. Names the host and never the rest of the address, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFailure {
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
    #[error("`{host}` did not answer within {} seconds", LIMIT.as_secs())]
    TooSlow {
        /// The host.
        host: String,
    },
}

/// Tells one program.
#[derive(Clone)]
pub struct WebhookSender {
    settings: WebhookSettings,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSender").field("host", &self.settings.url.host()).finish_non_exhaustive()
    }
}

/// An error with its causes, in one line.
fn in_full(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Bytes in both directions.
trait WebhookStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> WebhookStream for T {}

impl WebhookSender {
    /// As `settings` say. Connects to nothing.
    ///
    /// # Errors
    /// When the authorities to trust cannot be read, or the host is none that a certificate could be checked against.
    pub fn new(settings: &WebhookSettings) -> Result<Self, WebhookFailure> {
        let url = &settings.url;
        let tls = if url.is_https() {
            let bare = url.host().trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(bare)
                .map_err(|why| WebhookFailure::Broken { host: url.host().to_owned(), why: why.to_string() })?;
            Some((connector(settings.ca_file.as_deref())?, name))
        } else {
            None
        };
        Ok(Self { settings: settings.clone(), tls })
    }

    /// Who is told.
    pub fn host(&self) -> &str {
        self.settings.url.host()
    }

    /// Tells it `message`. It was told when it answers with a status of success.
    ///
    /// # Errors
    /// When it does not, or when nobody knows.
    pub async fn tell(&self, message: &WebhookMessage) -> Result<StatusCode, WebhookFailure> {
        let host = || self.host().to_owned();
        let status =
            timeout(LIMIT, self.post(message)).await.map_err(|_| WebhookFailure::TooSlow { host: host() })??;
        if status.is_success() { Ok(status) } else { Err(WebhookFailure::NotTaken { host: host(), status }) }
    }

    /// Connects, and goes again.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn reach(&self) -> Result<(), WebhookFailure> {
        let connected = timeout(LIMIT, self.connect()).await;
        connected.map_err(|_| WebhookFailure::TooSlow { host: self.host().to_owned() })?.map(drop)
    }

    /// The addresses that may be connected to.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, WebhookFailure> {
        let (host, port) = (self.host(), self.settings.url.port());
        let unresolved = |why| WebhookFailure::Unresolved { host: host.to_owned(), why };
        let found = lookup_host((host.trim_matches(['[', ']']), port)).await.map_err(unresolved)?;
        let allowed: Vec<SocketAddr> =
            found.filter(|address| self.settings.private_addresses || is_public(address.ip())).collect();
        if allowed.is_empty() { Err(WebhookFailure::Inner { host: host.to_owned() }) } else { Ok(allowed) }
    }

    async fn connect(&self) -> Result<Box<dyn WebhookStream>, WebhookFailure> {
        let addresses = self.addresses().await?;
        let unreachable = |why| WebhookFailure::Unreachable { host: self.host().to_owned(), why };
        let socket = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
        match &self.tls {
            None => Ok(Box::new(socket)),
            Some((connector, name)) => {
                Ok(Box::new(connector.connect(name.clone(), socket).await.map_err(unreachable)?))
            }
        }
    }

    async fn post(&self, message: &WebhookMessage) -> Result<StatusCode, WebhookFailure> {
        let broken =
            |why: &(dyn Error + 'static)| WebhookFailure::Broken { host: self.host().to_owned(), why: in_full(why) };
        let wire = TokioIo::new(self.connect().await?);
        let (mut requests, connection) = http1::handshake(wire).await.map_err(|why| broken(&why))?;
        let WebhookMessage { id, at, body } = message;
        let request = Request::post(self.settings.url.target())
            .header(HOST, self.settings.url.authority())
            .header(USER_AGENT, concat!("carillon/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", at.as_second().to_string())
            .header("webhook-signature", self.settings.secret.sign(id, *at, body.as_bytes()))
            .body(Full::new(Bytes::from(body.clone())))
            .map_err(|why| broken(&why))?;
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
