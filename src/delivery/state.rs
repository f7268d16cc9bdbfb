//! The states of a delivery, and the one function that moves between them.
//!
//! | state | means | goes on to |
//! |---|---|---|
//! | `queued` | planned, never tried | claimed, expired, skipped |
//! | `deferred` | tried, and to be tried again | claimed, expired, skipped |
//! | `claimed` | a sender has it, nothing has been handed over | handed-over, deferred, refused, queued, expired, skipped |
//! | `handed-over` | durable before the body goes out | accepted, deferred, refused, in-doubt |
//! | `accepted` | the relay took responsibility | – |
//! | `refused` | the relay said no for good | queued, when its mailing was stopped or a person asks |
//! | `in-doubt` | the relay may or may not have it; only a person moves it | accepted, refused, queued |
//! | `expired` | its deadline passed before it was accepted | – |
//! | `skipped` | it must not be sent: consent gone, campaign cancelled | – |

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// Planned, never tried.
    Queued,
    /// Leased to a sender; nothing has been handed over.
    Claimed,
    /// Recorded as handed over, before the body goes out.
    HandedOver,
    /// The relay took responsibility.
    Accepted,
    /// Tried, and to be tried again.
    Deferred,
    /// The relay said no for good.
    Refused,
    /// The relay may or may not have it. Never resent on its own.
    InDoubt,
    /// Its deadline passed before it was accepted.
    Expired,
    /// It must not be sent.
    Skipped,
}

impl DeliveryState {
    /// Every state, in the order of a delivery's life.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Claimed,
        Self::HandedOver,
        Self::Accepted,
        Self::Deferred,
        Self::Refused,
        Self::InDoubt,
        Self::Expired,
        Self::Skipped,
    ];

    /// The name used in the store and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::HandedOver => "handed-over",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::InDoubt => "in-doubt",
            Self::Expired => "expired",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing more happens to the delivery on its own.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::InDoubt | Self::Expired | Self::Skipped)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of a delivery; expected one of {names}", names = DeliveryState::ALL.map(DeliveryState::name).join(", "))]
pub struct UnknownState(String);

impl FromStr for DeliveryState {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| UnknownState(name.to_owned()))
    }
}

/// What can happen to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A sender takes it.
    Claim,
    /// The sender gives it back untried: it stops, or its lease ran out, or the campaign was paused.
    PutBack,
    /// The sender is about to send the body.
    HandOver,
    /// The relay accepted it.
    Accept,
    /// The relay said "later", or broke before the body.
    Defer,
    /// The relay said no for good.
    Refuse,
    /// The connection or the program broke after the body had started.
    Doubt,
    /// The deadline passed.
    Expire,
    /// The member may no longer be written to, or the campaign is cancelled.
    Skip,
    /// A refused one waits again: its mailing was stopped because the fault is not the recipient's, or a person asks.
    Retry,
    /// A person decided that a delivery in doubt had arrived.
    ResolveAccepted,
    /// A person decided that a delivery in doubt had not arrived and is not to be tried again.
    ResolveLost,
    /// A person decided that a delivery in doubt is to be tried again.
    ResolveResend,
}

/// The state after `event`, or `None` when it cannot happen in `state`.
pub fn after(state: DeliveryState, event: Event) -> Option<DeliveryState> {
    use DeliveryState as S;
    use Event as E;
    Some(match (state, event) {
        (S::Queued | S::Deferred, E::Claim) => S::Claimed,
        (S::Claimed, E::PutBack) | (S::Refused, E::Retry) | (S::InDoubt, E::ResolveResend) => S::Queued,
        (S::Claimed, E::HandOver) => S::HandedOver,
        (S::HandedOver, E::Accept) | (S::InDoubt, E::ResolveAccepted) => S::Accepted,
        (S::Claimed | S::HandedOver, E::Defer) => S::Deferred,
        (S::Claimed | S::HandedOver, E::Refuse) | (S::InDoubt, E::ResolveLost) => S::Refused,
        (S::HandedOver, E::Doubt) => S::InDoubt,
        (S::Queued | S::Deferred | S::Claimed, E::Expire) => S::Expired,
        (S::Queued | S::Deferred | S::Claimed, E::Skip) => S::Skipped,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [Event; 13] = [
        Event::Claim,
        Event::PutBack,
        Event::HandOver,
        Event::Accept,
        Event::Defer,
        Event::Refuse,
        Event::Doubt,
        Event::Expire,
        Event::Skip,
        Event::Retry,
        Event::ResolveAccepted,
        Event::ResolveLost,
        Event::ResolveResend,
    ];

    #[test]
    fn names_and_states_are_one_to_one() {
        for state in DeliveryState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        let error = "sent".parse::<DeliveryState>().unwrap_err().to_string();
        assert!(error.starts_with("`sent` is no state of a delivery; expected one of queued, claimed"), "{error}");
    }

    #[test]
    fn what_has_ended_moves_only_when_it_is_known_to_be_wrong() {
        for state in DeliveryState::ALL.into_iter().filter(|state| state.has_ended()) {
            for event in EVENTS {
                let by_a_person = matches!(event, Event::ResolveAccepted | Event::ResolveLost | Event::ResolveResend);
                let allowed = match state {
                    DeliveryState::InDoubt => by_a_person,
                    DeliveryState::Refused => event == Event::Retry,
                    _ => false,
                };
                assert_eq!(after(state, event).is_some(), allowed);
            }
        }
    }

    proptest! {
        /// However senders, crashes and people act, a body goes out again only when the relay said so or a person did.
        #[test]
        fn never_twice(events in prop::collection::vec(prop::sample::select(EVENTS.to_vec()), 0..60)) {
            let (mut state, mut relay_may_have_it) = (DeliveryState::Queued, false);
            for event in events {
                let Some(next) = after(state, event) else { continue };
                match event {
                    Event::HandOver => {
                        prop_assert!(!relay_may_have_it);
                        relay_may_have_it = true;
                    }
                    Event::Defer | Event::Refuse | Event::ResolveLost | Event::ResolveResend => relay_may_have_it = false,
                    _ => {}
                }
                state = next;
            }
            prop_assert_eq!(relay_may_have_it, matches!(
                state, DeliveryState::HandedOver | DeliveryState::Accepted | DeliveryState::InDoubt));
        }
    }
}
