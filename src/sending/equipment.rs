//! What a dispatcher sends with: it can be exchanged while it works, as when the configuration is read anew, or when mail
//! leaves through another relay.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::compose::Composer;
use super::relays::{RelayInUse, RelayList, RelayPost, Relays};

/// A way out, and who writes the letters.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) relay: RelayInUse,
    pub(super) composer: Arc<Composer>,
}

impl Fitted {
    /// Whether both are the same, not only alike.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.composer, &other.composer) && self.relay.term == other.relay.term
    }

    /// The relay, and what a person allows there.
    pub(super) fn post(&self) -> &RelayPost {
        &self.relay.post
    }
}

/// A handle on a dispatcher's equipment. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Equipment {
    relays: Relays,
    composer: Arc<Mutex<Arc<Composer>>>,
}

impl Equipment {
    pub(super) fn new(relays: Relays, composer: Arc<Composer>) -> Self {
        Self { relays, composer: Arc::new(Mutex::new(composer)) }
    }

    /// From now on messages are written with `composer` and leave through `relays`. Those that were begun are finished with what
    /// they were begun with.
    pub fn exchange(&self, relays: RelayList, composer: Arc<Composer>) {
        *self.fitted() = composer;
        self.relays.exchange(relays);
    }

    /// What writes the letters now.
    pub fn composer(&self) -> Arc<Composer> {
        self.fitted().clone()
    }

    /// What mail leaves through.
    pub fn relays(&self) -> Relays {
        self.relays.clone()
    }

    /// What is fitted now.
    pub(super) fn current(&self) -> Fitted {
        Fitted { relay: self.relays.in_use(), composer: self.composer() }
    }

    fn fitted(&self) -> MutexGuard<'_, Arc<Composer>> {
        self.composer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
