//! How long each step may take, and how long a connection lives.

use std::time::Duration;

/// The timers of one connection. The defaults are those of RFC 5321 §4.5.3.2, so that a slow relay is not mistaken for
/// a lost one. A relay whose machine does not even confirm what it is sent is lost sooner, see `stream.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until one address of the relay has answered. A network that swallows what is sent says nothing; then the next address is tried.
    pub address: Duration,
    /// Until the TCP connection stands, and again until TLS does.
    pub connect: Duration,
    /// Until the relay greets.
    pub greeting: Duration,
    /// Until the reply to EHLO, STARTTLS, AUTH, MAIL and RCPT.
    pub command: Duration,
    /// Until the reply to DATA.
    pub data: Duration,
    /// Until the relay has taken one block of the body.
    pub block: Duration,
    /// From the final dot until its reply. A relay may deliver before it answers.
    pub dot: Duration,
    /// Until the reply to RSET and QUIT, on which nothing depends.
    pub closing: Duration,
    /// How long a connection may rest between two messages.
    pub idle: Duration,
    /// How many messages one connection carries.
    pub messages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            address: Duration::from_secs(10),
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            data: minutes(2),
            block: minutes(3),
            dot: minutes(10),
            closing: Duration::from_secs(10),
            idle: minutes(1),
            messages: 100,
        }
    }
}
