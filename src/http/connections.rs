//! How many connections there may be, and which one ends when there are as many and another comes.
//!
//! Whoever comes is let in. First ends the connection that has waited longest without asking for anything; when none waits, the
//! one whose request has been coming for longest. So neither open tabs nor senders that dawdle keep out somebody who leaves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// How long a request is left alone while it comes and is answered.
const REQUEST_TIME: Duration = Duration::from_millis(500);

/// How soon one looks again for a connection that may end.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Activity {
    asks: bool,
    since: Instant,
}

#[derive(Debug)]
struct ConnectionState {
    activity: Activity,
    must_end: bool,
    waker: Option<Waker>,
}

/// The connections, of which there is a largest number.
#[derive(Debug)]
pub(super) struct ConnectionLimit {
    free: Arc<Semaphore>,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    last: u64,
    states: HashMap<u64, Arc<Mutex<ConnectionState>>>,
}

/// Which connection ends at `now`.
fn which_ends<K: Copy>(connections: impl Iterator<Item = (K, Activity)>, now: Instant) -> Option<K> {
    let may_end =
        connections.filter(|(_, activity)| !activity.asks || now.duration_since(activity.since) >= REQUEST_TIME);
    may_end.min_by_key(|(_, activity)| (activity.asks, activity.since)).map(|(key, _)| key)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ConnectionLimit {
    /// At most so many.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(most)), open: Mutex::default() })
    }

    /// Waits until there may be one more, for which another one ends when there are too many.
    pub(super) async fn admit(self: &Arc<Self>) -> OpenConnection {
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                break Some(permit);
            }
            self.end_one();
            if let Ok(permit) = timeout(LOOK_AGAIN, Arc::clone(&self.free).acquire_owned()).await {
                // The semaphore is never closed.
                break permit.ok();
            }
        };
        let activity = Activity { asks: false, since: Instant::now() };
        let state = Arc::new(Mutex::new(ConnectionState { activity, must_end: false, waker: None }));
        let mut open = locked(&self.open);
        open.last += 1;
        let number = open.last;
        open.states.insert(number, Arc::clone(&state));
        OpenConnection { limit: Arc::clone(self), number, state, _permit: permit }
    }

    fn end_one(&self) {
        let open = locked(&self.open);
        let connections = open.states.iter().filter_map(|(number, state)| {
            let state = locked(state);
            (!state.must_end).then_some((*number, state.activity))
        });
        if let Some(state) = which_ends(connections, Instant::now()).and_then(|number| open.states.get(&number)) {
            let mut state = locked(state);
            state.must_end = true;
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    }
}

/// One of the connections that there may be, until it is dropped.
#[derive(Debug)]
pub(super) struct OpenConnection {
    limit: Arc<ConnectionLimit>,
    number: u64,
    state: Arc<Mutex<ConnectionState>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl OpenConnection {
    /// Whether it must end for another one; else the task is woken when it must.
    pub(super) fn must_end(&self, context: &Context<'_>) -> bool {
        let mut state = locked(&self.state);
        if state.waker.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        state.must_end
    }

    /// Some of a request has come. Whether it is the first of it.
    pub(super) fn asks(&self) -> bool {
        let mut state = locked(&self.state);
        let begins = !state.activity.asks;
        if begins {
            state.activity = Activity { asks: true, since: Instant::now() };
        }
        begins
    }

    /// Some of an answer has gone out.
    pub(super) fn answered(&self) {
        locked(&self.state).activity = Activity { asks: false, since: Instant::now() };
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        locked(&self.limit.open).states.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_longest_ends_before_who_asks() {
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let waits = |since| Activity { asks: false, since: at(since) };
        let asks = |since| Activity { asks: true, since: at(since) };
        let check = |connections: &[Activity], now, ends| {
            assert_eq!(which_ends(connections.iter().copied().enumerate(), at(now)), ends, "{connections:?}");
        };
        check(&[], 1000, None);
        check(&[waits(20), waits(10), asks(0)], 1000, Some(1));
        check(&[waits(999), asks(0)], 1000, Some(0));
        check(&[asks(500), asks(400)], 1000, Some(1));
        check(&[asks(501), asks(600)], 1000, None);
    }
}
