//! What was learned of the relay: how many connections it takes, how many mails on each, and how fast. Kept so that a daemon
//! that starts need not learn it anew; what cannot be read counts as not learned, since that costs a few commands only.
//!
//! It is about the relay of the settings and about providers that `config/providers.toml` names, never about a single domain.
//! It is forgotten when the settings name another relay, and a week after it was kept last.

use jiff::{SignedDuration, Timestamp};

use super::facts;
use super::{Db, StoreResult};
use crate::delivery::learned::{LearnedLine, LearnedRate, RelayLearned};
use crate::delivery::pace::PaceLearned;

/// For how long it counts.
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is known of `relay`.
pub fn learned(db: &mut Db, relay: &str, now: Timestamp) -> StoreResult<RelayLearned> {
    let counts = |at: Timestamp| now.duration_since(at).abs() <= COUNTS_FOR;
    let kept = facts::get_if_clear(db, &facts::RELAY_LEARNED)?.filter(|kept| kept.relay == relay && counts(kept.at));
    let Some(kept) = kept else { return Ok(RelayLearned::default()) };
    let providers = facts::list_of_the_clear(db, &facts::PROVIDER_LEARNED)?;
    let providers = providers.into_iter().filter(|(_, kept)| counts(kept.at)).map(|(name, kept)| (name, kept.rate));
    Ok(RelayLearned { lines: kept.lines, pace: PaceLearned { relay: kept.rate, providers: providers.collect() } })
}

/// Keeps what is known of `relay`, in the place of what was known of any.
pub fn keep_learned(db: &mut Db, relay: &str, learned: &RelayLearned, now: Timestamp) -> StoreResult<()> {
    for (name, _) in facts::list_of_the_clear(db, &facts::PROVIDER_LEARNED)? {
        if !learned.pace.providers.contains_key(&name) {
            facts::remove(db, &facts::PROVIDER_LEARNED.of(&name))?;
        }
    }
    for (name, rate) in &learned.pace.providers {
        facts::set(db, &facts::PROVIDER_LEARNED.of(name), &LearnedRate { at: now, rate: *rate })?;
    }
    let line = LearnedLine { at: now, relay: relay.to_owned(), lines: learned.lines, rate: learned.pace.relay };
    facts::set(db, &facts::RELAY_LEARNED, &line)
}
