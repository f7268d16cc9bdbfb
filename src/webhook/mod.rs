//! Telling another program by a signed POST, in the form of Standard Webhooks: to the one address that the operator has set,
//! and never to an inner one that a name happens to lead to.

mod client;
mod reach;

pub use client::{WebhookFailure, WebhookMessage, WebhookSender};
