//! The connection under a session: TCP without delay, TLS where configured.
//!
//! The socket is ours and not lettre's because lettre leaves Nagle's algorithm on, which costs 40 ms for each message.
//!
//! Two things can be told apart at a relay that says nothing: whether its machine goes on confirming what it gets, and then it is slow
//! and has the time of RFC 5321; or whether the network swallows everything, and then the connection ends after a minute, so that mail
//! leaves through another relay.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::failure::ConnectFailure;
use super::limits::Limits;
use crate::config::{RelaySettings, Security};
use crate::tls::{self, TlsFault};

/// Bytes in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection, in clear or not.
pub(super) type Stream = Box<dyn Duplex>;

/// A relay that sessions can be opened to: its settings, and what they need that is made once.
#[derive(Clone)]
pub struct Relay {
    pub(super) settings: RelaySettings,
    pub(super) limits: Limits,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Relay {
    /// Reads the authorities to trust; connects to nothing.
    ///
    /// # Errors
    /// [`ConnectFailure::HostName`] and [`ConnectFailure::Authorities`].
    pub fn new(settings: RelaySettings, limits: Limits) -> Result<Self, ConnectFailure> {
        let tls = match settings.security {
            Security::None => None,
            Security::Starttls | Security::Tls => {
                let name = ServerName::try_from(settings.host.clone())
                    .map_err(|_| ConnectFailure::HostName { host: settings.host.clone() })?;
                Some((connector(&settings)?, name))
            }
        };
        Ok(Self { settings, limits, tls })
    }

    /// Host and port, for people.
    pub(super) fn name(&self) -> String {
        self.settings.name()
    }

    /// A TCP connection, with TLS when it is there from the first byte.
    pub(super) async fn connect(&self) -> Result<Stream, ConnectFailure> {
        let unreachable = |why| ConnectFailure::Unreachable { relay: self.name(), why };
        let reached = timeout(self.limits.connect, self.reach()).await;
        let socket = reached.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(unreachable)?;
        if self.settings.security == Security::Tls {
            self.encrypt(Box::new(socket)).await
        } else {
            Ok(Box::new(socket))
        }
    }

    /// A connection to the first of the relay's addresses that answers.
    async fn reach(&self) -> io::Result<TcpStream> {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in lookup_host((self.settings.host.as_str(), self.settings.port)).await? {
            match connect_to(address, self.limits.address).await {
                Ok(socket) => return Ok(socket),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// TLS over `stream`, with the relay's certificate checked.
    pub(super) async fn encrypt(&self, stream: Stream) -> Result<Stream, ConnectFailure> {
        let Some((connector, name)) = &self.tls else {
            return Err(ConnectFailure::NoStarttls { relay: self.name() });
        };
        match timeout(self.limits.connect, connector.connect(name.clone(), stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(why)) => Err(ConnectFailure::handshake(&self.name(), why)),
            Err(_) => Err(ConnectFailure::handshake(&self.name(), io::ErrorKind::TimedOut.into())),
        }
    }
}

/// For how long the other machine may leave what it was sent unconfirmed, and answer no question whether it is there. Long enough for a
/// cable that is plugged in elsewhere and a router that hands over to another.
const UNCONFIRMED: Duration = Duration::from_mins(1);

/// After how long without a word the other machine is asked whether it is there, and how often from then on.
const ASKED_AFTER: Duration = Duration::from_secs(20);
const ASKED_EVERY: Duration = Duration::from_secs(10);

/// How many of these questions stay unanswered on a connection that is lost.
const UNANSWERED: u32 = 4;

async fn connect_to(address: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let connected = timeout(patience, TcpStream::connect(address)).await;
    let socket = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    socket.set_nodelay(true)?;
    let ours = SockRef::from(&socket);
    let asked = TcpKeepalive::new().with_time(ASKED_AFTER).with_interval(ASKED_EVERY).with_retries(UNANSWERED);
    ours.set_tcp_keepalive(&asked)?;
    #[cfg(target_os = "linux")]
    ours.set_tcp_user_timeout(Some(UNCONFIRMED))?;
    Ok(socket)
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("settings", &self.settings).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// How connections to this relay are encrypted.
fn connector(settings: &RelaySettings) -> Result<TlsConnector, ConnectFailure> {
    tls::connector(settings.ca_file.as_deref()).map_err(|fault| match fault {
        TlsFault::Authorities { path, why } => ConnectFailure::Authorities { path, why },
        TlsFault::Broken { why } => ConnectFailure::Broken { relay: settings.host.clone(), step: "TLS", why },
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_ends_that_nobody_confirms() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let socket = connect_to(listener.local_addr().unwrap(), Duration::from_secs(5)).await.unwrap();
        let ours = SockRef::from(&socket);
        assert!(ours.keepalive().unwrap() && socket.nodelay().unwrap());
        assert_eq!(ours.tcp_keepalive_time().unwrap(), ASKED_AFTER);
        assert_eq!(ours.tcp_keepalive_interval().unwrap(), ASKED_EVERY);
        assert_eq!(ours.tcp_keepalive_retries().unwrap(), UNANSWERED);
        #[cfg(target_os = "linux")]
        assert_eq!(ours.tcp_user_timeout().unwrap(), Some(UNCONFIRMED));
    }

    /// A listener with a full house answers no further connection, and refuses none: as a network does that swallows what is sent.
    #[tokio::test]
    async fn an_address_that_swallows_everything_is_not_waited_for() {
        let listener = tokio::net::TcpSocket::new_v4().unwrap();
        listener.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = listener.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        let patience = Duration::from_millis(300);
        let failure = loop {
            match connect_to(address, patience).await {
                Ok(socket) => waiting.push(socket),
                Err(failure) => break failure,
            }
            assert!(waiting.len() < 16, "it goes on answering");
        };
        assert_eq!(failure.kind(), io::ErrorKind::TimedOut);
    }
}
