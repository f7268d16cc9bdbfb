//! What has befallen messages that were put back without an attempt: a message cannot be put back for ever.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// By delivery, what has happened to it since the relay last said something about it. What a daemon forgets when it ends
/// costs a few offers.
#[derive(Debug, Default)]
pub(super) struct Strikes(Mutex<HashMap<i64, u32>>);

impl Strikes {
    fn known(&self) -> MutexGuard<'_, HashMap<i64, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection broke off under the delivery, or it came too fast: how often that has happened, this time included.
    pub(super) fn add(&self, delivery: i64) -> u32 {
        let mut known = self.known();
        let times = known.entry(delivery).or_default();
        *times += 1;
        *times
    }

    /// The relay said something about the delivery, or it ended.
    pub(super) fn clear(&self, delivery: i64) {
        self.known().remove(&delivery);
    }
}
