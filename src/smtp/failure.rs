//! Why there is no session: the relay cannot be reached, or does not want us. Nothing was offered, nobody is blamed.

use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls;

use super::wire::Broken;

/// Why no session could be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFailure {
    /// No TCP connection, or it broke before the session stood.
    #[error("cannot reach the relay `{relay}`")]
    Unreachable {
        /// Host and port.
        relay: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// The connection broke, stalled or did not speak SMTP before the session stood.
    #[error("the relay `{relay}` did not go on at {step}: {why}")]
    Broken {
        /// Host and port.
        relay: String,
        /// The step, such as `the greeting` or `STARTTLS`.
        step: &'static str,
        /// What happened.
        why: String,
    },
    /// The relay answered and does not want a session now (4xx) or at all (5xx).
    #[error("the relay `{relay}` said no at {step}: {code} {text}")]
    Unwilling {
        /// Host and port.
        relay: String,
        /// The step.
        step: &'static str,
        /// The reply code.
        code: u16,
        /// The whole text.
        text: String,
    },
    /// The relay's certificate does not prove that it is the relay.
    #[error(
        "the certificate of the relay `{relay}` is not valid: {why}; if the relay has its own authority, name its file under `ca_file`"
    )]
    Certificate {
        /// Host and port.
        relay: String,
        /// What is wrong with it.
        why: String,
    },
    /// STARTTLS is required, and the relay does not offer it.
    #[error(
        "the relay `{relay}` does not offer STARTTLS, and mail must not travel in clear text; use another port, or `security = \"tls\"`"
    )]
    NoStarttls {
        /// Host and port.
        relay: String,
    },
    /// A user name is configured, and the relay offers no way to log in that we know.
    #[error("the relay `{relay}` offers neither AUTH PLAIN nor AUTH LOGIN, but `username` is set")]
    NoLogin {
        /// Host and port.
        relay: String,
    },
    /// The password is one that only the service is given, and this process is not the service.
    #[error(
        "the password for the relay `{relay}` is the credential `{credential}`, which systemd gives to the service alone; the service can \
         log in, or name a `password_file` that you can read"
    )]
    PasswordWithheld {
        /// Host and port.
        relay: String,
        /// The credential's name.
        credential: String,
    },
    /// The relay does not know the user name and password.
    #[error("the relay `{relay}` refused the user name and password: {code} {text}")]
    LoginRefused {
        /// Host and port.
        relay: String,
        /// The reply code.
        code: u16,
        /// The whole text, without the user name.
        text: String,
    },
    /// The host name is not one that a certificate can be checked against.
    #[error("`{host}` is not a host name")]
    HostName {
        /// The name as configured.
        host: String,
    },
    /// The authorities to trust cannot be read.
    #[error("cannot read the authorities to trust from `{path}`: {why}")]
    Authorities {
        /// The file named by `ca_file`.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The outbox folder cannot be made or written to.
    #[error("cannot write into the outbox `{path}`")]
    Outbox {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        why: io::Error,
    },
}

impl ConnectFailure {
    /// It in words, with what the system said where there is that.
    pub fn with_cause(&self) -> String {
        std::error::Error::source(self).map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}"))
    }

    /// Whether a person must change something before trying again makes sense. Otherwise the relay may simply be down.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => false,
            Self::Unwilling { code, .. } | Self::LoginRefused { code, .. } => *code >= 500,
            Self::Certificate { .. }
            | Self::NoStarttls { .. }
            | Self::NoLogin { .. }
            | Self::PasswordWithheld { .. }
            | Self::HostName { .. }
            | Self::Authorities { .. }
            | Self::Outbox { .. } => true,
        }
    }

    /// A step of the greeting that got no reply.
    pub(super) fn broken(relay: &str, step: &'static str, why: &Broken) -> Self {
        Self::Broken { relay: relay.to_owned(), step, why: why.to_string() }
    }

    /// A TLS handshake that failed: a certificate that does not hold is told apart from a connection that broke.
    pub(super) fn handshake(relay: &str, why: io::Error) -> Self {
        let relay = relay.to_owned();
        let tls = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match tls {
            Some(rustls::Error::InvalidCertificate(certificate)) => {
                Self::Certificate { relay, why: certificate.to_string() }
            }
            Some(other) => Self::Broken { relay, step: "TLS", why: other.to_string() },
            None => Self::Unreachable { relay, why },
        }
    }
}
