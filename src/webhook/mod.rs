//! Calling an address elsewhere that the operator has set: telling another program by a signed POST, in the form of Standard Webhooks,
//! and putting a file. Never an inner address that a name happens to lead to.

mod client;
mod put;
mod reach;
mod sender;

pub use client::CallFailure;
pub use put::ObjectPut;
pub use sender::{WebhookMessage, WebhookSender};
