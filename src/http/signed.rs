//! The signed schedule as it is served: signed once, and then kept for as long as it is the same.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::ready::Ready;
use crate::gate::{ListedGates, MEDIA_TYPE, ScheduleSigner, SignedSchedule};

/// The file, ready to be sent.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) schedule: SignedSchedule,
    pub(super) file: Ready,
}

impl Signed {
    /// As it is at `now`: the one that is `kept`, as long as it holds, or else a new one over what `read` tells, which is
    /// kept then.
    pub(super) fn at(
        kept: &Mutex<Option<Arc<Self>>>,
        now: Timestamp,
        signer: &ScheduleSigner,
        read: impl FnOnce() -> ListedGates,
    ) -> serde_json::Result<Arc<Self>> {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signed) = kept.as_ref().filter(|signed| signed.schedule.holds(now)) {
            return Ok(Arc::clone(signed));
        }
        let schedule = signer.sign(&read(), now)?;
        let file = Ready::new(MEDIA_TYPE, schedule.file.clone());
        let made = Arc::new(Self { schedule, file });
        *kept = Some(Arc::clone(&made));
        Ok(made)
    }
}
