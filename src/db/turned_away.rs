//! Sign-ups that were turned away: how many, and when. Nothing else is known of them.

use jiff::Timestamp;

use super::facts::{self, SIGNUPS_TURNED_AWAY};
use super::{Db, StoreResult};
use crate::member::sign_up::TurnedAway;

/// Notes that `more` were turned away by `now`, the instant to record under ([`super::clock::to_record`]).
pub fn add(db: &mut Db, more: u64, now: Timestamp) -> StoreResult<()> {
    let before = facts::get_locked(db, &SIGNUPS_TURNED_AWAY)?;
    facts::set(db, &SIGNUPS_TURNED_AWAY, &TurnedAway::after(before, more, now))
}

/// What is known; none when nobody ever was.
pub fn look(db: &mut Db) -> StoreResult<Option<TurnedAway>> {
    facts::get(db, &SIGNUPS_TURNED_AWAY)
}
