//! What the relay answered to the letters that were offered, by provider: counted while the daemon runs, for whoever
//! watches. Of a recipient nothing is kept but the provider, where it is one that we know.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::delivery::DeliveryState;
use crate::delivery::pace::LaneName;
use crate::delivery::providers::{OTHER, counted_under};
use crate::delivery::state::DeliveryEvent;

/// What the relay answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelayAnswer {
    /// It took the message.
    Accepted,
    /// Later.
    Deferred,
    /// No, for good.
    Refused,
    /// Nothing that could be understood, after the body had gone out.
    InDoubt,
    /// Slower: it costs no attempt.
    Slowed,
}

impl RelayAnswer {
    /// Every answer.
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Deferred, Self::Refused, Self::InDoubt, Self::Slowed];

    /// Its name for programs: that of the state to which it leads, where it leads to one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => DeliveryState::Accepted.name(),
            Self::Deferred => DeliveryState::Deferred.name(),
            Self::Refused => DeliveryState::Refused.name(),
            Self::InDoubt => DeliveryState::InDoubt.name(),
            Self::Slowed => "slowed",
        }
    }

    /// The answer of which `event` is what follows.
    pub(super) fn before(event: DeliveryEvent) -> Option<Self> {
        match event {
            DeliveryEvent::Accept => Some(Self::Accepted),
            DeliveryEvent::Defer => Some(Self::Deferred),
            DeliveryEvent::Refuse => Some(Self::Refused),
            DeliveryEvent::Doubt => Some(Self::InDoubt),
            _ => None,
        }
    }
}

/// How often each answer came.
#[derive(Debug, Default)]
pub struct RelayAnswers(Mutex<BTreeMap<(RelayAnswer, String), u64>>);

impl RelayAnswers {
    /// Counts one, about mail of `lane`.
    pub(super) fn note(&self, answer: RelayAnswer, lane: &LaneName) {
        let provider = lane.as_provider().unwrap_or(OTHER).to_owned();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((answer, provider)).or_default() += 1;
    }

    /// How often each has come, also those that have not.
    pub fn seen(&self) -> BTreeMap<(RelayAnswer, String), u64> {
        let of = |answer| counted_under().into_iter().map(move |provider| ((answer, provider.to_owned()), 0));
        let mut seen: BTreeMap<_, _> = RelayAnswer::ALL.into_iter().flat_map(of).collect();
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(counts.iter().map(|(key, count)| (key.clone(), *count)));
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::providers::lane_of;

    #[test]
    fn domains_of_no_provider_are_counted_together() {
        let answers = RelayAnswers::default();
        for domain in ["orange.fr", "wanadoo.fr", "camille.example.org", "example.fr"] {
            answers.note(RelayAnswer::Accepted, &lane_of(domain));
        }
        let seen = answers.seen();
        let count = |provider: &str| seen[&(RelayAnswer::Accepted, provider.to_owned())];
        assert_eq!((count("Orange"), count(OTHER), count("Gmail")), (2, 2, 0));
        assert_eq!(seen.len(), RelayAnswer::ALL.len() * counted_under().len());
    }
}
