//! That somebody works, for whoever must notice when they do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Grows while whoever holds a clone of it works: what stands still for long hangs.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// Something was done.
    pub fn made(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How much was done.
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
