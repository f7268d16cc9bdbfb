//! The signed schedule file as it is served: file and signature, made together.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::ready::Ready;
use crate::gate::{self, Gate, GateFile};
use crate::keys::SigningKey;

/// How long the schedule file served here may be relied on.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The file and its signature, and between which instants their bytes stay the same: they change with the schedule, when a
/// gate opens or closes, and every hour. So the two, fetched one after the other, nearly always fit.
#[derive(Debug)]
pub(super) struct Signed {
    from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) file: Arc<Ready>,
    pub(super) signature: Arc<Ready>,
}

/// The gates of the file, and when a person or the law last changed one.
pub(super) struct ListedGates {
    pub(super) gates: Vec<Gate>,
    pub(super) changed_at: Option<Timestamp>,
}

impl Signed {
    /// As it is at `now`: the one that is `kept`, as long as it holds, or else a new one over what `read` tells, which is
    /// kept then.
    pub(super) fn at(
        kept: &Mutex<Option<Arc<Self>>>,
        now: Timestamp,
        key: &SigningKey,
        read: impl FnOnce() -> ListedGates,
    ) -> serde_json::Result<Arc<Self>> {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signed) = kept.as_ref().filter(|signed| signed.from <= now && now < signed.until) {
            return Ok(Arc::clone(signed));
        }
        let signed = Arc::new(Self::new(&read(), now, key)?);
        *kept = Some(Arc::clone(&signed));
        Ok(signed)
    }

    fn new(listed: &ListedGates, now: Timestamp, key: &SigningKey) -> serde_json::Result<Self> {
        let ListedGates { gates, changed_at } = listed;
        let hour = start_of_hour(now);
        // What was changed by a clock that is ahead of ours counts from when ours has come there.
        let (last_changed_at, ahead_of_us) = match *changed_at {
            Some(changed_at) if changed_at <= now => (Some(changed_at), None),
            changed_at => (None, changed_at),
        };
        let last_changes = gates.iter().filter_map(|gate| gate::last_change(gate, now));
        let from = last_changes.chain(last_changed_at).fold(hour, Timestamp::max);
        let schedule = GateFile::new(gates, from, VALID_FOR);
        let next_hour = hour + SignedDuration::from_hours(1);
        let until = schedule.next_change_at.into_iter().chain(ahead_of_us).fold(next_hour, Timestamp::min);
        let bytes = schedule.to_bytes()?;
        let signature = Ready::new("application/octet-stream", key.sign(&bytes));
        let file = Ready::new("application/json", bytes);
        Ok(Self { from, until, file: Arc::new(file), signature: Arc::new(signature) })
    }
}

fn start_of_hour(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(3600)).unwrap_or(now)
}
