//! The states of a delivery, and the one table that moves between them.
//!
//! | event | by | from | to |
//! |---|---|---|---|
//! | claim | a sender | queued, deferred | claimed |
//! | hand over | the holder | claimed | handed-over: recorded before the body goes out |
//! | accept | the holder | handed-over, in-doubt | accepted |
//! | defer | the holder | claimed, handed-over, in-doubt | deferred |
//! | refuse | the holder | claimed, handed-over, in-doubt | refused |
//! | put back | the holder, nothing was sent | claimed, handed-over, in-doubt | queued |
//! | let expire, drop | the holder, nothing was sent | claimed, handed-over, in-doubt | expired, skipped |
//! | doubt | the holder, or the end of its lease | handed-over | in-doubt |
//! | lapse | the end of its lease | claimed | queued |
//! | forget | a stop of the store's machine | claimed, handed-over | in-doubt |
//! | expire, skip | the planner, while nobody holds it | queued, deferred | expired, skipped |
//! | retry | a person | refused, deferred | queued |
//! | set aside | a person | queued, deferred, claimed, handed-over | in-doubt |
//! | resolve | a person | in-doubt | accepted, refused, queued |
//!
//! The holder of a delivery is whoever claimed it last, and says so with its [`Fence`]. What it knows of its own
//! attempt outweighs a doubt that arose only because it was silent for too long.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// Planned, or put back untried.
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

    /// The states in which a delivery waits for a sender.
    pub const WAITING: [Self; 2] = [Self::Queued, Self::Deferred];

    /// The name used in the store and on the command line.
    pub const fn name(self) -> &'static str {
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
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::InDoubt | Self::Expired | Self::Skipped)
    }

    /// Whether a sender has a lease on the delivery.
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Claimed | Self::HandedOver)
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

/// What proves that a sender still holds a delivery: its own name, and the number of the claim, which no later claim
/// has. A result that comes with another fence moves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The delivery.
    pub delivery: i64,
    /// The daemon that claimed it.
    pub owner: Arc<str>,
    /// The number of the claim.
    pub claim: i64,
}

/// What can happen to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryEvent {
    /// A sender takes it.
    Claim,
    /// The holder is about to send the body.
    HandOver,
    /// The relay accepted it.
    Accept,
    /// The relay said "later", or broke before the body.
    Defer,
    /// The relay said no for good.
    Refuse,
    /// The holder gives it back, and the relay has nothing of it.
    PutBack,
    /// The holder found that its deadline has passed, and the relay has nothing of it.
    LetExpire,
    /// The holder found that it must not be sent, and the relay has nothing of it.
    Drop,
    /// The connection or the program broke after the body may have started.
    Doubt,
    /// A sender that handed nothing over is gone.
    Lapse,
    /// The store's machine stopped while a sender held it, and may have forgotten what became of it.
    Forget,
    /// Its deadline passed while nobody held it.
    Expire,
    /// It may not be sent any more, and nobody holds it.
    Skip,
    /// A person has it tried again.
    Retry,
    /// A person found that the store has forgotten what became of it.
    SetAside,
    /// A person decided that a delivery in doubt had arrived.
    ResolveAccepted,
    /// A person decided that a delivery in doubt had not arrived and is not to be tried again.
    ResolveLost,
    /// A person decided that a delivery in doubt is to be tried again.
    ResolveResend,
}

impl DeliveryEvent {
    /// Every event.
    pub const ALL: [Self; 18] = [
        Self::Claim,
        Self::HandOver,
        Self::Accept,
        Self::Defer,
        Self::Refuse,
        Self::PutBack,
        Self::LetExpire,
        Self::Drop,
        Self::Doubt,
        Self::Lapse,
        Self::Forget,
        Self::Expire,
        Self::Skip,
        Self::Retry,
        Self::SetAside,
        Self::ResolveAccepted,
        Self::ResolveLost,
        Self::ResolveResend,
    ];

    /// The states in which it can happen, and the one state to which it leads.
    const fn step(self) -> (&'static [DeliveryState], DeliveryState) {
        use DeliveryState as S;
        match self {
            Self::Claim => (&[S::Queued, S::Deferred], S::Claimed),
            Self::HandOver => (&[S::Claimed], S::HandedOver),
            Self::Accept => (&[S::HandedOver, S::InDoubt], S::Accepted),
            Self::Defer => (&[S::Claimed, S::HandedOver, S::InDoubt], S::Deferred),
            Self::Refuse => (&[S::Claimed, S::HandedOver, S::InDoubt], S::Refused),
            Self::PutBack => (&[S::Claimed, S::HandedOver, S::InDoubt], S::Queued),
            Self::LetExpire => (&[S::Claimed, S::HandedOver, S::InDoubt], S::Expired),
            Self::Drop => (&[S::Claimed, S::HandedOver, S::InDoubt], S::Skipped),
            Self::Doubt => (&[S::HandedOver], S::InDoubt),
            Self::Lapse => (&[S::Claimed], S::Queued),
            Self::Forget => (&[S::Claimed, S::HandedOver], S::InDoubt),
            Self::Expire => (&[S::Queued, S::Deferred], S::Expired),
            Self::Skip => (&[S::Queued, S::Deferred], S::Skipped),
            Self::Retry => (&[S::Refused, S::Deferred], S::Queued),
            Self::SetAside => (&[S::Queued, S::Deferred, S::Claimed, S::HandedOver], S::InDoubt),
            Self::ResolveAccepted => (&[S::InDoubt], S::Accepted),
            Self::ResolveLost => (&[S::InDoubt], S::Refused),
            Self::ResolveResend => (&[S::InDoubt], S::Queued),
        }
    }

    /// The states in which it can happen.
    pub const fn sources(self) -> &'static [DeliveryState] {
        self.step().0
    }

    /// The state to which it leads.
    pub const fn target(self) -> DeliveryState {
        self.step().1
    }

    /// Whether only the holder can make it happen, with its fence.
    pub const fn needs_fence(self) -> bool {
        matches!(
            self,
            Self::HandOver | Self::Accept | Self::Defer | Self::Refuse | Self::PutBack | Self::LetExpire | Self::Drop
        )
    }

    /// Whether it leaves the delivery with a new claim number, so that whoever held it holds it no more.
    pub const fn makes_fence(self) -> bool {
        matches!(self, Self::Claim | Self::SetAside)
    }

    /// Whether from then on the relay may have the message, for all that the store knows.
    pub const fn may_have_left(self) -> bool {
        matches!(self, Self::HandOver | Self::Forget)
    }

    /// Whether it says that the relay has the message.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Accept | Self::ResolveAccepted)
    }
}

/// The state after `event`, or `None` when it cannot happen in `state`.
pub fn after(state: DeliveryState, event: DeliveryEvent) -> Option<DeliveryState> {
    event.sources().contains(&state).then_some(event.target())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_states_are_one_to_one() {
        for state in DeliveryState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        let error = "sent".parse::<DeliveryState>().unwrap_err().to_string();
        assert!(error.starts_with("`sent` is no state of a delivery; expected one of queued, claimed"), "{error}");
    }

    #[test]
    fn what_has_ended_moves_only_by_a_person_or_its_last_holder() {
        for state in DeliveryState::ALL.into_iter().filter(|state| state.has_ended()) {
            for event in DeliveryEvent::ALL.into_iter().filter(|event| after(state, *event).is_some()) {
                let by_a_person = matches!(
                    event,
                    DeliveryEvent::ResolveAccepted
                        | DeliveryEvent::ResolveLost
                        | DeliveryEvent::ResolveResend
                        | DeliveryEvent::Retry
                );
                assert!(by_a_person || (state == DeliveryState::InDoubt && event.needs_fence()), "{state} {event:?}");
            }
        }
    }

    #[test]
    fn the_body_goes_out_from_one_state_only() {
        let into = |target| DeliveryEvent::ALL.into_iter().filter(move |event| event.target() == target);
        assert_eq!(into(DeliveryState::HandedOver).collect::<Vec<_>>(), [DeliveryEvent::HandOver]);
        assert_eq!(into(DeliveryState::Claimed).collect::<Vec<_>>(), [DeliveryEvent::Claim]);
        assert!(DeliveryEvent::HandOver.needs_fence() && DeliveryEvent::Claim.makes_fence());
        // Without the holder's word, nothing that was handed over goes back to a waiting state.
        for event in DeliveryEvent::ALL.into_iter().filter(|event| !event.needs_fence()) {
            let next = after(DeliveryState::HandedOver, event);
            assert!(next.is_none_or(|next| next == DeliveryState::InDoubt), "{event:?}");
        }
    }

    /// A delivery, everybody who ever claimed it, and the relay.
    #[derive(Default)]
    struct World {
        state: Option<DeliveryState>,
        claim: usize,
        holders: Vec<Holder>,
        copies: u32,
        taken: u32,
    }

    /// A sender that claimed the delivery once.
    #[derive(Clone, Copy)]
    struct Holder {
        claim: usize,
        granted: bool,
        /// What the relay said of the body; `None` before it was sent.
        sent: Option<bool>,
        reported: bool,
    }

    impl World {
        fn state(&self) -> DeliveryState {
            self.state.unwrap_or(DeliveryState::Queued)
        }

        fn happen(&mut self, event: DeliveryEvent) -> bool {
            let Some(next) = after(self.state(), event) else { return false };
            self.state = Some(next);
            self.claim += usize::from(event.makes_fence());
            if event == DeliveryEvent::Claim {
                self.holders.push(Holder { claim: self.claim, granted: false, sent: None, reported: false });
            }
            true
        }

        /// The holder does the next thing that it can do: it asks, looks again and sends, or says what it knows.
        fn act(&mut self, who: usize, luck: bool) {
            let Some(mut holder) = self.holders.get(who).copied() else { return };
            let fenced = holder.claim == self.claim;
            match (holder.granted, holder.sent) {
                _ if holder.reported => return,
                (false, _) if luck => holder.granted = fenced && self.happen(DeliveryEvent::HandOver),
                (false, _) => {
                    holder.reported = true;
                    let _ = fenced && self.happen(DeliveryEvent::PutBack);
                }
                (true, None) if !(fenced && self.state() == DeliveryState::HandedOver) => {
                    holder.reported = true;
                    let _ = fenced && self.happen(DeliveryEvent::PutBack);
                }
                (true, None) => {
                    holder.sent = Some(luck);
                    self.copies += u32::from(luck);
                }
                (true, Some(taken)) => {
                    holder.reported = true;
                    self.taken += u32::from(taken);
                    let _ = fenced && self.happen(if taken { DeliveryEvent::Accept } else { DeliveryEvent::Defer });
                }
            }
            self.holders[who] = holder;
        }
    }

    /// What happens next: a sender takes it, a holder goes on (late, twice, or never), or somebody else decides.
    #[derive(Clone, Debug)]
    enum Move {
        Happen(DeliveryEvent),
        Act(usize, bool),
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let others: Vec<DeliveryEvent> = DeliveryEvent::ALL.into_iter().filter(|event| !event.needs_fence()).collect();
        let one = prop_oneof![
            2 => prop::sample::select(others).prop_map(Move::Happen),
            2 => Just(Move::Happen(DeliveryEvent::Claim)),
            // Few holders who mostly succeed, or hardly any sequence would come to a second copy under a wrong table.
            8 => (0usize..3, prop::bool::weighted(0.8)).prop_map(|(who, luck)| Move::Act(who, luck)),
        ];
        prop::collection::vec(one, 0..120)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        /// However senders sleep, die, overtake each other and report late: no second copy leaves, unless a person says
        /// of a message that the relay has that it is to be sent again.
        #[test]
        fn never_twice(moves in moves()) {
            let mut world = World::default();
            for next in moves {
                match next {
                    Move::Happen(DeliveryEvent::ResolveResend | DeliveryEvent::ResolveLost) if world.copies > 0 => {}
                    Move::Happen(event) => {
                        world.happen(event);
                    }
                    Move::Act(who, luck) => world.act(who, luck),
                }
                prop_assert!(world.copies <= 1 && world.taken <= world.copies);
            }
        }
    }
}
