//! How mail leaves: through a relay or into a folder, with the same steps for both.
//!
//! [`Transport`] opens a [`Connection`]; it offers an envelope, waits while its caller records "handed over", then delivers
//! the bytes and returns a [`Verdict`].

mod directory;

pub use directory::{Directory, Rehearsal};

use jiff::Timestamp;

use std::path::Path;

use crate::config::{RelaySettings, TransportSettings};
use crate::smtp::ConnectFailure;
use crate::smtp::Limits;
use crate::smtp::Relay;
use crate::smtp::Session;
use crate::smtp::Verdict;
use crate::smtp::{Envelope, MessageBytes};

/// Where mail goes. Cloning is cheap enough to give each sending task its own.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a relay.
    Smtp(Box<Relay>),
    /// Into a folder.
    Directory(Directory),
}

impl Transport {
    /// To a relay, with the timers of RFC 5321.
    ///
    /// # Errors
    /// Those of [`Relay::new`].
    pub fn relay(settings: &RelaySettings) -> Result<Self, ConnectFailure> {
        Self::smtp(settings, Limits { messages: settings.messages_per_connection, ..Limits::default() })
    }

    /// Into a folder.
    pub fn folder(folder: &Path) -> Self {
        Self::Directory(Directory::new(folder))
    }

    /// A relay, with timers of one's own.
    ///
    /// # Errors
    /// Those of [`Relay::new`].
    pub fn smtp(settings: &RelaySettings, limits: Limits) -> Result<Self, ConnectFailure> {
        Ok(Self::Smtp(Box::new(Relay::new(settings.clone(), limits)?)))
    }

    /// Opens a way out. One task owns it.
    ///
    /// # Errors
    /// [`ConnectFailure`]; nobody's message is concerned.
    pub async fn open(&self) -> Result<Connection, ConnectFailure> {
        match self {
            Self::Smtp(relay) => Ok(Connection::Smtp(Box::new(Session::connect(relay).await?))),
            Self::Directory(directory) => Ok(Connection::Directory(directory.open()?)),
        }
    }

    /// Opens the way out that `settings` name: to the first of its relays that can be used.
    ///
    /// # Errors
    /// Why the first of them could not be used.
    async fn open_any(settings: &TransportSettings) -> Result<Connection, ConnectFailure> {
        let (first, others) = match settings {
            TransportSettings::Smtp(first, others) => (first, others),
            TransportSettings::Directory(folder) => return Self::folder(folder).open().await,
        };
        let why = match Self::open_relay(first).await {
            Ok(connection) => return Ok(connection),
            Err(why) => why,
        };
        for next in others {
            if let Ok(connection) = Self::open_relay(next).await {
                return Ok(connection);
            }
        }
        Err(why)
    }

    async fn open_relay(settings: &RelaySettings) -> Result<Connection, ConnectFailure> {
        Self::relay(settings)?.open().await
    }

    /// Sends one message over a way out of its own, as `settings` say.
    ///
    /// # Errors
    /// [`ConnectFailure`]; the message was not offered.
    pub async fn send(
        settings: &TransportSettings,
        envelope: &Envelope,
        message: &MessageBytes<'_>,
        now: Timestamp,
    ) -> Result<Verdict, ConnectFailure> {
        let mut connection = Self::open_any(settings).await?;
        let verdict = match connection.offer(envelope, message.bytes.len(), now).await {
            Ok(()) => connection.hand_over(message).await,
            Err(verdict) => verdict,
        };
        connection.close().await;
        Ok(verdict)
    }
}

/// An open way out: an offer, then either the message or nothing.
#[derive(Debug)]
pub enum Connection {
    /// A session with a relay.
    Smtp(Box<Session>),
    /// A folder.
    Directory(Directory),
}

impl Connection {
    /// Offers a message of `size` octets. After `Ok`, record "handed over", then call
    /// [`ask_for_data`](Self::ask_for_data) and [`send_body`](Self::send_body); or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when it is not taken.
    pub async fn offer(&mut self, envelope: &Envelope, size: usize, now: Timestamp) -> Result<(), Verdict> {
        match self {
            Self::Smtp(session) => session.offer(envelope, size).await,
            Self::Directory(directory) => directory.offer(envelope, now),
        }
    }

    /// Whether an offer can ask for the go-ahead at once: [`offer_and_ask`](Self::offer_and_ask).
    pub fn takes_groups(&self) -> bool {
        match self {
            Self::Smtp(session) => session.takes_groups(),
            Self::Directory(_) => false,
        }
    }

    /// Offers a message that is recorded as handed over already, and asks for the go-ahead. After `Ok`,
    /// [`send_body`](Self::send_body) or [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when it is not taken.
    pub async fn offer_and_ask(
        &mut self,
        envelope: &Envelope,
        message: &MessageBytes<'_>,
        now: Timestamp,
    ) -> Result<(), Verdict> {
        match self {
            Self::Smtp(session) => session.offer_and_ask(envelope, message.bytes).await,
            Self::Directory(directory) => directory.offer(envelope, now),
        }
    }

    /// Asks for the go-ahead for the message that was offered. After `Ok`, [`send_body`](Self::send_body) or
    /// [`abandon`](Self::abandon).
    ///
    /// # Errors
    /// The verdict on the message, when it is not taken.
    pub async fn ask_for_data(&mut self, message: &MessageBytes<'_>) -> Result<(), Verdict> {
        match self {
            Self::Smtp(session) => session.ask_for_data(message.bytes).await,
            // A folder needs no go-ahead.
            Self::Directory(_) => Ok(()),
        }
    }

    /// Sends the message for which there is a go-ahead.
    pub async fn send_body(&mut self, message: &MessageBytes<'_>) -> Verdict {
        match self {
            Self::Smtp(session) => session.send_body(message.bytes).await,
            Self::Directory(directory) => directory.hand_over(message).await,
        }
    }

    /// Hands over the message that was offered, in one go.
    pub async fn hand_over(&mut self, message: &MessageBytes<'_>) -> Verdict {
        match self {
            Self::Smtp(session) => session.hand_over(message.bytes).await,
            Self::Directory(directory) => directory.hand_over(message).await,
        }
    }

    /// Takes back an offer; without one, does nothing.
    pub async fn abandon(&mut self) {
        match self {
            Self::Smtp(session) => session.abandon().await,
            Self::Directory(directory) => directory.abandon(),
        }
    }

    /// Whether another message may be offered. Otherwise close it and open another.
    pub fn is_usable(&mut self) -> bool {
        match self {
            Self::Smtp(session) => session.is_usable(),
            Self::Directory(_) => true,
        }
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Self::Smtp(session) = self {
            session.close().await;
        }
    }
}
