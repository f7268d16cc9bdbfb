//! Why a daemon that runs begins nothing, ends nothing and sends nothing: the one place where that is decided.
//!
//! A held daemon goes on answering at the gate, showing its pages and letting people leave, and it records what its
//! senders still hear; a service manager has no reason to start it again. Everything that moves a mailing or a delivery
//! on its own asks [`Holds`] in the transaction in which it does so: the planner, the dispatcher's claims, the journal.
//! `status` and `/ready` show what they ask. A hold ends when its reason is gone, without a restart.

use std::path::PathBuf;

use jiff::Timestamp;

use super::guard::{Guard, Rewound};
use crate::db::{Db, StoreResult, clock};
use crate::time_trust::{Leeway, Standing};

/// A reason why nothing is begun, ended or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The store was restored from a backup: it has forgotten messages that were handed over, and would send them again.
    StoreOlder(Rewound),
    /// Nothing tells whether the store has forgotten messages that were handed over.
    StoreOfUnknownAge(String),
    /// The clock is too far from the newest time at which it was believed.
    ClockDoubted(Standing),
}

impl Hold {
    /// A name for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::StoreOlder(_) => "store-older",
            Self::StoreOfUnknownAge(_) => "store-of-unknown-age",
            Self::ClockDoubted(_) => "clock-doubted",
        }
    }

    /// What is wrong, for the person who can end it.
    pub fn words(&self) -> String {
        let what = match self {
            Self::StoreOlder(Rewound { stored, marked }) => format!(
                "the store was restored from a backup: it knows of {stored} messages handed over, and {marked} were"
            ),
            Self::StoreOfUnknownAge(why) => {
                format!("nothing tells whether the store was restored from a backup: {why}")
            }
            Self::ClockDoubted(standing) => standing.to_string(),
        };
        format!("nothing is sent: {what}")
    }

    /// What that person can do, as it is typed.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::StoreOlder(_) | Self::StoreOfUnknownAge(_) => {
                "`carillon mail resolve --restored` sets aside everything that may have been sent; the daemon then goes on by \
                 itself"
            }
            Self::ClockDoubted(standing) => standing.remedy(),
        }
    }
}

/// What is looked at to find the reasons.
#[derive(Debug)]
pub struct Holds {
    guard: Guard,
    leeway: Leeway,
}

impl Holds {
    /// Looks at the count of what was handed over in the file `sent`, and at a clock that has this `leeway`.
    pub fn new(sent: impl Into<PathBuf>, leeway: Leeway) -> Self {
        Self { guard: Guard::new(sent), leeway }
    }

    /// Every reason that there is at `now`, which the clock shows. Asked in the transaction of what depends on it, with the
    /// instant by which that is done; empty when all may go on.
    pub fn ask(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<Hold>> {
        let standing = clock::standing(db, now, self.leeway)?;
        let doubted = (!standing.is_believed()).then_some(Hold::ClockDoubted(standing));
        Ok(self.guard.look(db)?.into_iter().chain(doubted).collect())
    }

    /// How far the clock may be from the newest time at which it was believed.
    pub fn leeway(&self) -> Leeway {
        self.leeway
    }

    /// The count of what was handed over.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }
}
