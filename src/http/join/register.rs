//! Takes sign-ups into the store, as many as have come in one transaction: so a flood costs few commits, and whoever leaves
//! meanwhile is not kept waiting. What is answered is on disk; what there is no room for is answered so, and nothing of it is
//! kept.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::Clock;
use crate::db::signups::{self, SignUpTerms};
use crate::db::{Db, Store};
use crate::http::error;
use crate::member::SignUp;

/// Sign-ups that wait for the store; more are turned away.
const ROOM: usize = 256;

/// The most in one transaction.
const BATCH: usize = 64;

/// The sign-up was not taken; it can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotTaken {
    /// After so long.
    pub(super) again_in: SignedDuration,
}

impl NotTaken {
    /// Because of something of which nobody knows when it is over.
    pub(super) const FOR_NOW: Self = Self { again_in: SignedDuration::from_mins(5) };

    /// The seconds to wait, in whole minutes: nobody is to count how full it is.
    pub(super) fn seconds(self) -> u64 {
        let seconds = self.again_in.as_secs().max(1).unsigned_abs();
        seconds.div_ceil(60) * 60
    }
}

struct ToTake {
    sign_up: SignUp,
    taken: oneshot::Sender<()>,
}

/// What the register works with.
#[derive(Clone)]
pub(super) struct RegisterParts {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) terms: SignUpTerms,
    /// Tells the sender of the letters.
    pub(super) wakeup: Arc<Notify>,
}

/// The way to the store.
#[derive(Clone, Debug)]
pub(super) struct Register(mpsc::Sender<ToTake>);

impl Register {
    /// Starts to take sign-ups. Ends with the last handle.
    pub(super) fn start(parts: RegisterParts) -> Self {
        let (requests, inbox) = mpsc::channel(ROOM);
        tokio::spawn(keep(parts, inbox));
        Self(requests)
    }

    /// Returns when the sign-up is on disk.
    pub(super) async fn take(&self, sign_up: SignUp) -> Result<(), NotTaken> {
        let (taken, done) = oneshot::channel();
        self.0.try_send(ToTake { sign_up, taken }).map_err(|_| NotTaken::FOR_NOW)?;
        done.await.map_err(|_| NotTaken::FOR_NOW)
    }
}

async fn keep(parts: RegisterParts, mut inbox: mpsc::Receiver<ToTake>) {
    let mut requests = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut requests, BATCH).await > 0 {
        let (batch, waiting): (Vec<_>, Vec<_>) = requests.drain(..).map(|it| (it.sign_up, it.taken)).unzip();
        let (terms, now) = (parts.terms.clone(), parts.clock.now());
        let put = move |db: &mut Db| {
            let now = terms.instant(db, now)?;
            signups::put(db, &batch, &terms.consents.keyring, now)
        };
        match parts.store.write(put).await {
            Ok(()) => {
                parts.wakeup.notify_one();
                for taken in waiting {
                    // Whoever asked may have gone; the sign-up is in all the same.
                    let _ = taken.send(());
                }
            }
            // Those who wait hear of it, because nothing is sent to them.
            Err(error) => error::report(&error),
        }
    }
}
