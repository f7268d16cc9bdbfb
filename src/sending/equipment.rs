//! What a dispatcher sends with: it can be exchanged while it works, as when the configuration is read anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::compose::Composer;
use crate::transport::Transport;

/// A way out, and who writes the letters.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) transport: Arc<Transport>,
    pub(super) composer: Arc<Composer>,
    /// How many connections at once, at most.
    pub(super) connections: usize,
}

impl Fitted {
    pub(super) fn new(transport: Transport, composer: Arc<Composer>, connections: usize) -> Self {
        Self { transport: Arc::new(transport), composer, connections: connections.max(1) }
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
    pub fn exchange(&self, transport: Transport, composer: Arc<Composer>, connections: usize) {
        *self.fitted() = Fitted::new(transport, composer, connections);
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
