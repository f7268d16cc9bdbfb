//! Telling another program by a signed POST.

use hyper::Method;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::client::{AddressCaller, CallFailure};
use crate::config::WebhookSettings;
use crate::keys::{Sha256Digest, WebhookSecret};

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

/// Tells one program.
#[derive(Clone, Debug)]
pub struct WebhookSender {
    caller: AddressCaller,
    secret: WebhookSecret,
}

impl WebhookSender {
    /// As `settings` say. Connects to nothing.
    ///
    /// # Errors
    /// When the authorities to trust cannot be read, or the host is none that a certificate could be checked against.
    pub fn new(settings: &WebhookSettings) -> Result<Self, CallFailure> {
        Ok(Self { caller: AddressCaller::new(&settings.target)?, secret: settings.secret.clone() })
    }

    /// Who is told.
    pub fn host(&self) -> &str {
        self.caller.host()
    }

    /// Tells it `message`. It was told when it answers with a status of success.
    ///
    /// # Errors
    /// When it does not, or when nobody knows.
    pub async fn tell(&self, message: &WebhookMessage) -> Result<StatusCode, CallFailure> {
        let WebhookMessage { id, at, body } = message;
        let written = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|why| CallFailure::Broken { host: self.host().to_owned(), why: why.to_string() })
        };
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (HeaderName::from_static("webhook-id"), written(id)?),
            (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(at.as_second())),
            (HeaderName::from_static("webhook-signature"), written(&self.secret.sign(id, *at, body.as_bytes()))?),
        ];
        self.caller.call(Method::POST, &headers, body.clone()).await
    }

    /// Connects, and goes again.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn reach(&self) -> Result<(), CallFailure> {
        self.caller.reach().await
    }
}
