//! Whether anybody is at work on a store, for whoever moves a clock by hand: it stands still until they are done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many are at work. Clones are one.
#[derive(Clone, Default)]
pub(super) struct AtWork(Arc<WorkCount>);

#[derive(Default)]
struct WorkCount {
    many: AtomicUsize,
    none: Notify,
}

impl AtWork {
    /// One more, until the answer is dropped.
    pub(super) fn begin(&self) -> OneAtWork {
        self.0.many.fetch_add(1, Ordering::AcqRel);
        OneAtWork(Arc::clone(&self.0))
    }

    /// Whether nobody is.
    pub(super) fn is_nobody(&self) -> bool {
        self.0.many.load(Ordering::Acquire) == 0
    }

    /// Waits until nobody is.
    pub(super) async fn nobody(&self) {
        loop {
            let none = self.0.none.notified();
            tokio::pin!(none);
            // From here on no change is missed.
            none.as_mut().enable();
            if self.is_nobody() {
                return;
            }
            none.await;
        }
    }
}

/// Somebody at work.
pub(super) struct OneAtWork(Arc<WorkCount>);

impl Drop for OneAtWork {
    fn drop(&mut self) {
        if self.0.many.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none.notify_waiters();
        }
    }
}
