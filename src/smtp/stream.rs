//! The connection under a session: TCP without delay, TLS where configured.
//!
//! The socket is ours and not lettre's because lettre leaves Nagle's algorithm on, which costs 40 ms for each message.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
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
        let address = (self.settings.host.as_str(), self.settings.port);
        let socket = timeout(self.limits.connect, TcpStream::connect(address)).await;
        let socket = socket.map_err(|_| unreachable(io::ErrorKind::TimedOut.into()))?.map_err(unreachable)?;
        socket.set_nodelay(true).map_err(unreachable)?;
        if self.settings.security == Security::Tls {
            self.encrypt(Box::new(socket)).await
        } else {
            Ok(Box::new(socket))
        }
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
