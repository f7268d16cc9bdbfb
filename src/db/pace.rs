//! What was learned of each relay: how many connections it takes, how many mails on each, and how fast. Kept so that a daemon
//! that starts need not learn it anew; what cannot be read counts as not learned, since that costs a few commands only.
//!
//! It is about relays of the settings and about providers that `config/providers.toml` names, never about a single domain.
//! It is forgotten a week after it was kept last.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::facts;
use super::{Db, StoreResult};
use crate::delivery::learned::{LearnedLine, LearnedRate, RelayLearned};
use crate::delivery::pace::PaceLearned;

/// For how long it counts.
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

fn counts(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() <= COUNTS_FOR
}

/// The name of a provider as a relay is concerned.
fn provider_of(relay: &str, provider: &str) -> String {
    format!("{relay} {provider}")
}

/// What is known of `relay`.
pub fn learned(db: &mut Db, relay: &str, now: Timestamp) -> StoreResult<RelayLearned> {
    let kept = facts::get_if_clear(db, &facts::RELAY_LEARNED.of(relay))?;
    let Some(kept) = kept.filter(|kept| kept.relay == relay && counts(kept.at, now)) else {
        return Ok(RelayLearned::default());
    };
    let providers = providers(db, relay)?.into_iter().filter(|(_, kept)| counts(kept.at, now));
    let providers = providers.map(|(name, kept)| (name, kept.rate)).collect();
    Ok(RelayLearned { lines: kept.lines, pace: PaceLearned { relay: kept.rate, providers } })
}

/// The providers whose pace was learned at `relay`.
fn providers(db: &mut Db, relay: &str) -> StoreResult<BTreeMap<String, LearnedRate>> {
    let kept = facts::list_of_the_clear(db, &facts::PROVIDER_LEARNED)?;
    let theirs =
        |(name, kept): (String, LearnedRate)| Some((name.strip_prefix(&provider_of(relay, ""))?.to_owned(), kept));
    Ok(kept.into_iter().filter_map(theirs).collect())
}

/// Keeps what is known of `relay`, in the place of what was known of it, and forgets what does not count any more.
pub fn keep_learned(db: &mut Db, relay: &str, learned: &RelayLearned, now: Timestamp) -> StoreResult<()> {
    for (name, kept) in facts::list_of_the_clear(db, &facts::RELAY_LEARNED)? {
        if !counts(kept.at, now) {
            facts::remove(db, &facts::RELAY_LEARNED.of(name))?;
        }
    }
    for (name, kept) in facts::list_of_the_clear(db, &facts::PROVIDER_LEARNED)? {
        let is_known = |provider: &str| learned.pace.providers.contains_key(provider);
        let gone = name.strip_prefix(&provider_of(relay, "")).is_some_and(|provider| !is_known(provider));
        if gone || !counts(kept.at, now) {
            facts::remove(db, &facts::PROVIDER_LEARNED.of(name))?;
        }
    }
    for (name, rate) in &learned.pace.providers {
        let rate = LearnedRate { at: now, rate: *rate };
        facts::set(db, &facts::PROVIDER_LEARNED.of(provider_of(relay, name)), &rate)?;
    }
    let line = LearnedLine { at: now, relay: relay.to_owned(), lines: learned.lines, rate: learned.pace.relay };
    facts::set(db, &facts::RELAY_LEARNED.of(relay), &line)
}
