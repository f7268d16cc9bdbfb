//! The senders' places among the connections to the relay: how many there may be is decided in
//! [`crate::delivery::lines`]; here senders wait for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::relays::{RelayInUse, Relays, StandingLine};
use crate::clock::Clock;
use crate::delivery::complaint::is_full;
use crate::delivery::lines::{Lines, LinesLearned, MayOpen, NotOpened};
use crate::smtp::ConnectFailure;
use crate::transport::Connection;

/// The places.
#[derive(Debug)]
pub(super) struct Seats {
    lines: Mutex<Lines>,
    /// The relay that the connections are to.
    relay: RelayInUse,
    relays: Relays,
    /// Why the relay could not be used while connections to it stood: it is away when the last of them has ended.
    unusable: Mutex<Option<String>>,
    clock: Clock,
    /// A place may be had that could not.
    changed: Notify,
}

impl Seats {
    pub(super) fn new(lines: Lines, (relay, relays): (RelayInUse, Relays), clock: Clock) -> Self {
        Self { lines: Mutex::new(lines), relay, relays, unusable: Mutex::default(), clock, changed: Notify::new() }
    }

    /// The relay is left alone for a while: it cannot be used, for the reason `why`. If there is another, mail leaves through that.
    pub(super) fn relay_cannot_be_used(&self, why: &str) {
        let now = self.clock.now();
        self.relay.post.back_off.begin(now, why);
        *self.unusable() = Some(why.to_owned());
        self.has_ended();
    }

    /// A connection has ended, or the relay could not be used.
    fn has_ended(&self) {
        let now = self.clock.now();
        if self.relay.post.back_off.until(now).is_none() {
            *self.unusable() = None;
        } else if let Some(why) = &*self.unusable() {
            self.relays.cannot_be_used(&self.relay, why, now);
        }
    }

    fn unusable(&self) -> MutexGuard<'_, Option<String>> {
        self.unusable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place.
    pub(super) async fn take(self: &Arc<Self>) -> Seat {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let answer = self.lines().take(self.clock.now());
            match answer {
                MayOpen::Now => return Seat { seats: Arc::clone(self), open: None, line: None, carried: 0 },
                MayOpen::Later => changed.await,
                MayOpen::NotBefore(at) => tokio::select! {
                    () = changed => {}
                    () = self.clock.sleep_until(at) => {}
                },
            }
        }
    }

    /// What was learned.
    pub(super) fn learned(&self) -> LinesLearned {
        self.lines().learned()
    }
}

/// A place, with its connection when there is one. It is given up when it is dropped, also by a sender that panics.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    open: Option<Connection>,
    /// That it stands, for all who use the relay.
    line: Option<StandingLine>,
    /// How many mails the relay has answered for on the connection.
    carried: u32,
}

/// Why a place has no connection.
#[derive(Debug)]
pub(super) struct NoConnection {
    /// What happened.
    pub(super) failure: ConnectFailure,
    /// Whether other connections go on.
    pub(super) others_go_on: bool,
}

impl Seat {
    /// A connection on which a message can be offered: the one that there is, or a new one.
    pub(super) async fn connection(&mut self) -> Result<&mut Connection, NoConnection> {
        self.end_when_unusable().await;
        let connection = match self.open.take() {
            Some(open) => open,
            None => self.new_connection().await?,
        };
        Ok(self.open.insert(connection))
    }

    async fn new_connection(&mut self) -> Result<Connection, NoConnection> {
        let Seats { relay, relays, clock, .. } = &*self.seats;
        match relay.post.transport.open().await {
            Ok(connection) => {
                // One that was taken out of use meanwhile is tried by whoever looks after it: that it greets says little.
                if relays.in_use().term == relay.term {
                    relays.answers(&relay.post, clock.now());
                }
                self.line = Some(StandingLine::to(&relay.post));
                self.seats.lines().opened();
                self.seats.changed.notify_waiters();
                self.carried = 0;
                Ok(connection)
            }
            Err(failure) => {
                let others_go_on = may_be_full(&failure) && self.is_useless() == NotOpened::Fewer;
                Err(NoConnection { failure, others_go_on })
            }
        }
    }

    /// Whether the connection has not carried a mail yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.carried == 0
    }

    /// The relay has answered for a mail.
    pub(super) fn carries(&mut self) {
        if self.carried == 0 {
            self.seats.lines().carried(self.seats.clock.now());
            self.seats.relays.carries(&self.seats.relay.post);
            *self.seats.unusable() = None;
            self.seats.changed.notify_waiters();
        }
        self.carried += 1;
    }

    /// The relay has broken the connection off; `said` when it said that the connection has carried its share.
    pub(super) fn broke_off(&mut self, said: bool) {
        let taught = self.seats.lines().broke_off(self.carried, said);
        if taught {
            tracing::info!(mails = self.carried, "the relay takes so many mails on each connection");
        }
        self.drop_connection();
    }

    /// The relay has no use for a connection of ours in this place.
    pub(super) fn is_useless(&mut self) -> NotOpened {
        self.drop_connection();
        let mut lines = self.seats.lines();
        let before = lines.learned().at_once;
        let follows = lines.not_opened(self.seats.clock.now());
        let after = lines.learned().at_once;
        drop(lines);
        if let Some(connections) = after.filter(|_| after != before && follows == NotOpened::Fewer) {
            tracing::info!(connections, "the relay takes so many connections at once");
        }
        follows
    }

    /// How many mails the relay takes on the connection from now on.
    pub(super) fn left(&self) -> usize {
        let left = self.seats.lines().mails().saturating_sub(self.carried);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Whether there is a connection.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether there is a connection on which an offer can ask for the go-ahead at once.
    pub(super) fn takes_groups(&self) -> bool {
        self.open.as_ref().is_some_and(Connection::takes_groups)
    }

    /// The connection on which a message was offered.
    pub(super) fn open(&mut self) -> Option<&mut Connection> {
        self.open.as_mut()
    }

    /// Takes back an offer.
    pub(super) async fn abandon(&mut self) {
        if let Some(open) = &mut self.open {
            open.abandon().await;
        }
    }

    /// Leaves the connection without a word.
    pub(super) fn leave(&mut self) {
        self.drop_connection();
    }

    /// Ends the connection when no further message can be offered on it.
    pub(super) async fn end_when_unusable(&mut self) {
        let most = self.seats.lines().mails();
        if self.open.as_mut().is_some_and(|open| self.carried >= most || !open.is_usable()) {
            self.hang_up().await;
        }
    }

    /// Ends the connection in order.
    pub(super) async fn hang_up(&mut self) {
        if let Some(open) = self.open.take() {
            open.close().await;
            self.closed();
        }
    }

    fn drop_connection(&mut self) {
        if self.open.take().is_some() {
            self.closed();
        }
    }

    fn closed(&mut self) {
        (self.carried, self.line) = (0, None);
        self.seats.lines().closed();
        self.seats.has_ended();
        self.seats.changed.notify_waiters();
    }
}

/// Whether a relay may have failed to open a connection because there are too many. One that is full may say so for good.
fn may_be_full(failure: &ConnectFailure) -> bool {
    match failure {
        ConnectFailure::Unwilling { code, text, .. } => *code < 500 || is_full(text),
        other => !other.needs_a_person(),
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.drop_connection();
        self.seats.lines().give_up();
        self.seats.changed.notify_waiters();
    }
}
