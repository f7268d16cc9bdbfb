//! What a dispatcher sends with: it can be exchanged while it works, as when the configuration is read anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::compose::Composer;
use crate::config::TransportSettings;
use crate::text::Rate;
use crate::transport::Transport;

/// How many letters at once a folder takes.
const INTO_A_FOLDER: usize = 4;

/// What a person allows the senders.
#[derive(Clone, Debug, PartialEq)]
pub struct RelayAllowance {
    /// How many connections at once, at most.
    pub connections: usize,
    /// How many mails on each, at most.
    pub mails: u32,
    /// How many mails in a time, at most.
    pub rate: Option<Rate>,
    /// The relay's host and port; none where letters go into a folder.
    pub relay: Option<String>,
}

impl RelayAllowance {
    /// What `settings` allow.
    pub fn of(settings: &TransportSettings) -> Self {
        match settings {
            TransportSettings::Smtp(relay) => Self {
                connections: relay.connections,
                mails: relay.messages_per_connection,
                rate: relay.rate,
                relay: Some(relay.name()),
            },
            TransportSettings::Directory(_) => {
                Self { connections: INTO_A_FOLDER, mails: u32::MAX, rate: None, relay: None }
            }
        }
    }
}

/// A way out, and who writes the letters.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) transport: Arc<Transport>,
    pub(super) composer: Arc<Composer>,
    pub(super) allowed: RelayAllowance,
}

impl Fitted {
    pub(super) fn new(transport: Transport, composer: Arc<Composer>, allowed: RelayAllowance) -> Self {
        Self { transport: Arc::new(transport), composer, allowed }
    }

    /// Whether both are the same, not only alike.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.composer, &other.composer)
    }
}

/// A handle on a dispatcher's equipment. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Equipment {
    fitted: Arc<Mutex<Fitted>>,
    changed: Arc<Notify>,
}

impl Equipment {
    pub(super) fn new(fitted: Fitted, changed: Arc<Notify>) -> Self {
        Self { fitted: Arc::new(Mutex::new(fitted)), changed }
    }

    /// From now on messages are written and sent with these. Those that were begun are finished with what they were begun
    /// with.
    pub fn exchange(&self, transport: Transport, composer: Arc<Composer>, allowed: RelayAllowance) {
        *self.fitted() = Fitted::new(transport, composer, allowed);
        self.changed.notify_one();
    }

    /// What writes the letters now.
    pub fn composer(&self) -> Arc<Composer> {
        self.current().composer
    }

    /// What is fitted now.
    pub(super) fn current(&self) -> Fitted {
        self.fitted().clone()
    }

    fn fitted(&self) -> MutexGuard<'_, Fitted> {
        self.fitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
