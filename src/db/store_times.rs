//! How long the store takes, for whoever watches.

use std::time::Instant;

use crate::metrics::{DurationHistogram, DurationsSeen};

/// What the store was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreWork {
    /// To read.
    Read,
    /// A transaction that waits for the disk.
    Write,
    /// A transaction that does not.
    WriteLater,
}

impl StoreWork {
    /// Everything.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::WriteLater];

    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::WriteLater => "write-later",
        }
    }
}

/// How long everything took that was asked of a store, with the wait for a connection and for others.
#[derive(Debug, Default)]
pub struct StoreTimes {
    read: DurationHistogram,
    write: DurationHistogram,
    write_later: DurationHistogram,
}

impl StoreTimes {
    fn of(&self, work: StoreWork) -> &DurationHistogram {
        match work {
            StoreWork::Read => &self.read,
            StoreWork::Write => &self.write,
            StoreWork::WriteLater => &self.write_later,
        }
    }

    /// What was counted.
    pub fn seen(&self, work: StoreWork) -> DurationsSeen {
        self.of(work).seen()
    }

    /// Counts `act`, whatever comes of it.
    pub(super) fn count<T>(&self, work: StoreWork, act: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let outcome = act();
        self.of(work).note(begun.elapsed());
        outcome
    }
}
