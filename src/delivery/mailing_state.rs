//! The states of a mailing, and the one table that moves between them.
//!
//! | event | by | from | to |
//! |---|---|---|---|
//! | begin | the planner, when it is due | planned | sending |
//! | miss | the planner, after its deadline | planned | missed |
//! | finish | the planner, when every delivery has ended | sending | finished |
//! | reopen | a person or a late result that has a delivery tried again | finished | sending |
//! | cancel | a person | planned, sending | cancelled |
//! | set aside | a person, who says that it may have been sent before the store was restored | planned, missed, cancelled | set-aside |
//! | plan again | a person, who applies it anew before it has begun | planned, missed, cancelled | planned |

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Where a mailing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailingState {
    /// Its time has not come.
    Planned,
    /// Its audience is frozen and its messages are leaving.
    Sending,
    /// Every delivery has ended.
    Finished,
    /// Its deadline passed before it could begin.
    Missed,
    /// It was taken back.
    Cancelled,
    /// It may have been sent before the store was restored from a backup, so it is never sent from this one.
    SetAside,
}

impl MailingState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Planned, Self::Sending, Self::Finished, Self::Missed, Self::Cancelled, Self::SetAside];

    /// The states in which something may still leave.
    pub const OPEN: [Self; 2] = [Self::Planned, Self::Sending];

    /// The name used in the store and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Finished => "finished",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
            Self::SetAside => "set-aside",
        }
    }

    /// Whether nothing more leaves on its own.
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Planned | Self::Sending)
    }
}

impl fmt::Display for MailingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of a mailing; expected one of {names}", names = MailingState::ALL.map(MailingState::name).join(", "))]
pub struct UnknownMailingState(String);

impl FromStr for MailingState {
    type Err = UnknownMailingState;

    fn from_str(name: &str) -> Result<Self, UnknownMailingState> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| UnknownMailingState(name.to_owned()))
    }
}

/// What can happen to a mailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailingEvent {
    /// Its audience is frozen.
    Begin,
    /// Its deadline passed before it could begin.
    Miss,
    /// Its last delivery has ended.
    Finish,
    /// One of its deliveries is tried again.
    Reopen,
    /// A person takes it back, or cancels its campaign.
    Cancel,
    /// A person says that it may have been sent before the store was restored.
    SetAside,
    /// A person applies it anew before it has begun.
    PlanAgain,
}

impl MailingEvent {
    /// Every event.
    pub const ALL: [Self; 7] =
        [Self::Begin, Self::Miss, Self::Finish, Self::Reopen, Self::Cancel, Self::SetAside, Self::PlanAgain];

    /// The states in which it can happen, and the one state to which it leads.
    const fn step(self) -> (&'static [MailingState], MailingState) {
        use MailingState as S;
        match self {
            Self::Begin => (&[S::Planned], S::Sending),
            Self::Miss => (&[S::Planned], S::Missed),
            Self::Finish => (&[S::Sending], S::Finished),
            Self::Reopen => (&[S::Finished], S::Sending),
            Self::Cancel => (&[S::Planned, S::Sending], S::Cancelled),
            Self::SetAside => (&[S::Planned, S::Missed, S::Cancelled], S::SetAside),
            Self::PlanAgain => (&[S::Planned, S::Missed, S::Cancelled], S::Planned),
        }
    }

    /// The states in which it can happen.
    pub const fn sources(self) -> &'static [MailingState] {
        self.step().0
    }

    /// The state to which it leads.
    pub const fn target(self) -> MailingState {
        self.step().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_states_are_one_to_one() {
        for state in MailingState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        let error = "sent".parse::<MailingState>().unwrap_err().to_string();
        assert!(error.starts_with("`sent` is no state of a mailing; expected one of planned, sending"), "{error}");
    }

    #[test]
    fn what_was_sent_is_never_planned_again() {
        for event in MailingEvent::ALL {
            let may_be_sent = |state: &MailingState| {
                matches!(state, MailingState::Sending | MailingState::Finished | MailingState::SetAside)
            };
            let after_sending = event.sources().iter().any(may_be_sent);
            assert!(!after_sending || event.target() != MailingState::Planned, "{event:?}");
        }
        assert!(MailingState::OPEN.into_iter().all(|state| !state.has_ended()));
    }
}
