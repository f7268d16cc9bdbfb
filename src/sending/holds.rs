//! Why a daemon that runs begins nothing, ends nothing and sends nothing: the one place where that is decided.
//!
//! A held daemon goes on answering at the gate, showing its pages and letting people leave, and it records what its
//! senders still hear; a service manager has no reason to start it again. Everything that moves a mailing or a delivery
//! on its own asks [`Holds`] in the transaction in which it does so: the planner, the dispatcher's claims, the journal.
//! `status` and `/ready` show what they ask. A hold ends when its reason is gone, without a restart.

use std::path::PathBuf;

use jiff::Timestamp;

use super::sent_file::SentFile;
use crate::db::catch_up::gap_to;
use crate::db::departures::DeparturesFile;
use crate::db::{Db, StoreResult, clock, identity};
use crate::delivery::store_age::Doubt;
use crate::member::departure::Gap;
use crate::time_trust::{Leeway, Standing};

/// A reason why nothing is begun, ended or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The store may have forgotten messages that were handed over, and would send them again.
    Store(Doubt),
    /// The store may not know everybody who left.
    Departures(Gap),
    /// The clock is too far from the newest time at which it was believed.
    ClockDoubted(Standing),
}

impl Hold {
    /// A name for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Store(doubt) if doubt.is_certain() => "store-older",
            Self::Store(_) => "store-of-unknown-age",
            Self::Departures(_) => "departures-unknown",
            Self::ClockDoubted(_) => "clock-doubted",
        }
    }

    /// What is wrong, for the person who can end it.
    pub fn words(&self) -> String {
        let what = match self {
            Self::Store(doubt) => store_words(doubt),
            Self::Departures(gap) => gap_words(gap),
            Self::ClockDoubted(standing) => standing.to_string(),
        };
        format!("nothing is sent: {what}")
    }

    /// What that person can do, as it is typed.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Store(doubt) if doubt.is_certain() => {
                "`carillon mail resolve --restored` sets aside everything that may have been sent; then the daemon goes on by \
                 itself"
            }
            Self::Store(_) => {
                "if the store was restored from a backup or copied, `carillon mail resolve --restored` sets aside everything \
                 that may have been sent; if you know that it is the latest one, say `carillon mail resolve --latest`. Then \
                 the daemon goes on by itself"
            }
            Self::Departures(Gap::Ahead { .. }) => {
                "the daemon puts them in by itself; if this stays, see why in its log"
            }
            Self::Departures(_) => {
                "put the latest copy of that file back; if there is none, `carillon mail resolve --latest` (or `--restored`, \
                 if the store itself was restored) makes it again from what the store knows"
            }
            Self::ClockDoubted(standing) => standing.remedy(),
        }
    }
}

fn store_words(doubt: &Doubt) -> String {
    const FILE: &str = "`carillon.sent`, beside the configuration,";
    match doubt {
        Doubt::Forgot { stored, marked } => {
            format!(
                "the store was restored from a backup: it knows of {stored} messages handed over, and {marked} were"
            )
        }
        Doubt::ForgotAnswer => {
            "the store was restored from a backup that is older than the last answer about a restored store".to_owned()
        }
        Doubt::Told => "the store was restored from a backup, as another daemon on it has found".to_owned(),
        Doubt::Elsewhere => {
            "the store is not where it was last used: it was copied, moved or restored from a backup".to_owned()
        }
        Doubt::NoFile => format!("{FILE} is missing or empty, so nothing tells whether the store was restored"),
        Doubt::Unreadable(why) => {
            format!("{FILE} cannot be read, so nothing tells whether the store was restored: {why}")
        }
        Doubt::OtherStore => format!("{FILE} belongs to another store, so nothing tells whether this one was restored"),
        Doubt::FileOlder { stored, marked } => format!(
            "{FILE} was restored from a backup: it knows of {marked} messages handed over, and the store of {stored}"
        ),
    }
}

fn gap_words(gap: &Gap) -> String {
    let unknown = "so nothing tells whether the store knows everybody who left";
    match gap {
        Gap::Missing => format!("the record of departures is missing, {unknown}"),
        Gap::Unreadable(why) => format!("the record of departures cannot be read, {unknown}: {why}"),
        Gap::Unknown => format!("the record of departures is not one that the store has seen, {unknown}"),
        Gap::Shorter { by } => {
            format!("the record of departures was restored from a backup: it lacks {by} that the store has seen")
        }
        Gap::Parted => format!("the record of departures holds others than the store has seen, {unknown}"),
        Gap::Ahead { by } => format!("the store does not know yet of {by} departures that are in the record"),
    }
}

/// What is looked at to find the reasons.
#[derive(Debug)]
pub struct Holds {
    sent: SentFile,
    departures: DeparturesFile,
    leeway: Leeway,
}

impl Holds {
    /// Looks at the count of what was handed over in the file `sent`, at the record of departures, and at a clock that has
    /// this `leeway`.
    pub fn new(sent: impl Into<PathBuf>, departures: DeparturesFile, leeway: Leeway) -> Self {
        Self { sent: SentFile::new(sent), departures, leeway }
    }

    /// Every reason that there is at `now`, which the clock shows. Asked in the transaction of what depends on it, with the
    /// instant by which that is done; empty when all may go on.
    pub fn ask(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<Hold>> {
        let standing = clock::standing(db, now, self.leeway)?;
        let doubted = (!standing.is_believed()).then_some(Hold::ClockDoubted(standing));
        let gap = gap_to(db, &self.departures)?.map(Hold::Departures);
        Ok(self.sent.doubt(db)?.map(Hold::Store).into_iter().chain(gap).chain(doubted).collect())
    }

    /// Tells the other daemons on the store what only this one can know: their own counts may agree with it. Told in a
    /// transaction that writes.
    pub(super) fn tell(db: &mut Db, held: &[Hold]) -> StoreResult<()> {
        let certain = held.iter().any(|hold| matches!(hold, Hold::Store(doubt) if doubt.is_certain()));
        if certain { identity::tell_older(db) } else { Ok(()) }
    }

    /// How far the clock may be from the newest time at which it was believed.
    pub fn leeway(&self) -> Leeway {
        self.leeway
    }

    /// The count of what was handed over.
    pub fn sent(&self) -> &SentFile {
        &self.sent
    }
}
