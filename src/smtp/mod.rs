//! Handing one message over to a relay, step by step, and saying truthfully what became of it.
//!
//! A [`Session`] offers an envelope, waits while its caller records "handed over", then delivers the bytes and returns a
//! [`Verdict`]. Retry times, pace and the journal are `sending`'s; how a message looks is `mail`'s. lettre gives the
//! commands and the address syntax; the connection and its replies are ours, because a session must never be one reply
//! behind.

mod capabilities;
mod envelope;
mod failure;
mod greeting;
mod limits;
mod redact;
mod reply;
mod session;
mod stream;
mod verdict;
mod wire;

pub use envelope::{Envelope, EnvelopeError, MessageBytes};
pub use failure::ConnectFailure;
pub use limits::Limits;
pub use redact::redact;
pub use reply::{Enhanced, ReplyLine};
pub use session::Session;
pub use stream::Relay;
pub use verdict::{Next, Reason, Stage, Verdict};
