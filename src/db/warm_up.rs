//! How far the warm-up of a domain over a relay has come. Counted with the grant, in its transaction, so that all daemons on the store
//! together keep to it.

use jiff::civil::Date;

use super::facts;
use super::{Db, StoreResult};
use crate::delivery::warm_up::WarmUpDay;

/// How far the warm-up `name` is on `today`.
pub fn day(db: &mut Db, name: &str, today: Date) -> StoreResult<WarmUpDay> {
    let kept = facts::get(db, &facts::WARM_UP.of(name))?;
    Ok(kept.unwrap_or_else(|| WarmUpDay::first(today)).on(today))
}

/// The same in a transaction that counts letters: others wait until it ends.
pub fn day_to_count(db: &mut Db, name: &str, today: Date) -> StoreResult<WarmUpDay> {
    let fact = facts::WARM_UP.of(name);
    facts::set_if_absent(db, &fact, &WarmUpDay::first(today))?;
    let kept = facts::get_locked(db, &fact)?;
    Ok(kept.unwrap_or_else(|| WarmUpDay::first(today)).on(today))
}

/// Keeps how far it is.
pub fn keep(db: &mut Db, name: &str, day: WarmUpDay) -> StoreResult<()> {
    facts::set(db, &facts::WARM_UP.of(name), &day)
}
