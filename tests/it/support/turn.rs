//! Tests that run daemons take turns, so that none waits in vain for a daemon that has no core.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, MutexGuard};

/// How many tests run daemons now.
static RUNNING: Mutex<usize> = Mutex::new(0);

/// Somebody has ended.
static ENDED: Condvar = Condvar::new();

thread_local! {
    /// How many turns this test holds: it waits for the first alone, or two tests with two daemons each would wait for
    /// each other.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// The turn of a test, until it is dropped on the same thread.
pub struct Turn(PhantomData<MutexGuard<'static, ()>>);

impl Turn {
    /// Waits until fewer tests run daemons than there are cores.
    pub fn take() -> Self {
        if HELD.replace(HELD.get() + 1) == 0 {
            let most = std::thread::available_parallelism().map_or(1, usize::from);
            let mut running = ENDED.wait_while(RUNNING.lock().unwrap(), |running| *running >= most).unwrap();
            *running += 1;
        }
        Self(PhantomData)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if HELD.replace(HELD.get() - 1) == 1 {
            *RUNNING.lock().unwrap() -= 1;
            ENDED.notify_one();
        }
    }
}
