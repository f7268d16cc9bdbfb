//! How many sign-ups were turned away, for whoever looks after the shop: counted as they come and brought into the store at
//! most once in a minute, so that a flood costs no more than it must. A daemon that is killed takes the last minute along.

use jiff::SignedDuration;
use tokio::sync::watch;

use super::register::RegisterParts;
use crate::db::{Db, turned_away};
use crate::http::error;

/// How long is waited between one note and the next.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// What counts.
#[derive(Debug)]
pub(super) struct Tally(watch::Sender<u64>);

impl Tally {
    /// Starts to note. Ends with this value.
    pub(super) fn start(parts: RegisterParts) -> Self {
        let (count, seen) = watch::channel(0);
        tokio::spawn(keep(parts, seen));
        Self(count)
    }

    /// One more was turned away.
    pub(super) fn one_more(&self) {
        self.0.send_modify(|count| *count = count.saturating_add(1));
    }
}

async fn keep(parts: RegisterParts, mut seen: watch::Receiver<u64>) {
    let mut written = 0;
    loop {
        let is_last = seen.changed().await.is_err();
        let all = *seen.borrow_and_update();
        if all > written && note(&parts, all - written).await {
            written = all;
        }
        if is_last {
            return;
        }
        parts.clock.sleep_for(PAUSE).await;
        if *seen.borrow() > written {
            seen.mark_changed();
        }
    }
}

/// Whether it is in the store.
async fn note(parts: &RegisterParts, more: u64) -> bool {
    let (terms, now) = (parts.terms.clone(), parts.clock.now());
    let add = move |db: &mut Db| {
        let now = terms.instant(db, now)?;
        turned_away::add(db, more, now)
    };
    tracing::warn!(more, "sign-ups were turned away: more come in than are taken");
    parts.store.write(add).await.inspect_err(error::report).is_ok()
}
