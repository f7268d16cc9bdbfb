//! What is wrong in a running shop, for the person who looks after it: of which kind, with what, since when, what to do.
//!
//! A problem begins and ends; `db/problems.rs` keeps it, and `carillon status`, its `--check` and `/ready` all read it
//! from there. A new kind is a variant and its line in [`ProblemKind::traits`].

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Phrase, is_known};

/// How grave a problem is, and so how a monitoring check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should look at it; what is planned still happens, or waits for a person who knows.
    Warning,
    /// Something planned does not happen, or did not.
    Critical,
}

/// How a problem comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A daemon meets it, and ends it when it is over. Its object is the daemon's name, and it goes with the daemon.
    Daemon,
    /// A daemon finds it in a mailing that is planned, and ends it when it is over. It goes with the mailing.
    Mailing,
    /// It follows from what is stored, and ends when that does.
    Condition,
    /// It follows from what is stored and cannot be undone: a person's acknowledgement ends it.
    Event,
}

/// The kinds of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The relay or the outbox cannot be used.
    MailUnusable,
    /// One of several relays cannot be used, and mail leaves through another.
    RelayAway,
    /// The sending of mail stopped for another reason than the relay.
    SendingFailed,
    /// Letters that ask for a confirmation cannot be sent: who signs up waits in vain.
    ConfirmationsUnsent,
    /// Sign-ups are turned away, because more come in than are taken.
    SignUpsTurnedAway,
    /// A reason of [`crate::sending::holds`]: nothing is begun, ended or sent.
    SendingHeld,
    /// The store cannot be written: its disk is full, or it has become read-only.
    StoreUnwritable,
    /// Another program has kept the store locked.
    StoreLocked,
    /// The record of departures cannot be written.
    DeparturesUnwritten,
    /// The ledger of consents is not as it was written, or its file of anchors is not or cannot be written.
    LedgerUnanchored,
    /// New lines of the file of anchors cannot be mailed to whom they are to go.
    AnchorsUnmailed,
    /// The calendar overrides cannot be read or do not fit.
    CalendarUnusable,
    /// The signed schedule cannot be written to its folder: shops that go by it see no change.
    ScheduleUnpublished,
    /// The object store does not have the newest signed schedule: shops that take it there see no change.
    ScheduleNotPut,
    /// The shop cannot be told that a gate has opened, closed or was changed.
    GatesUntold,
    /// Mail that came back cannot be read.
    ReportsUnread,
    /// The ticker has stopped.
    TickerStopped,
    /// Consents are not ended, or the calendar is not watched.
    UpkeepFailed,
    /// A daemon tried whether people can leave by the link in letters, and they cannot: no mailing begins.
    LeavePathBroken,
    /// A loop of the daemon makes no progress.
    DaemonHangs,
    /// The configuration was to be read anew and cannot be used.
    ReloadRefused,
    /// Something of the configuration was changed that a running daemon does not take up.
    RestartNeeded,
    /// Somebody was to be told of a problem, and could not be.
    AlertsUnsent,
    /// A mailing's deadline passed before it could begin.
    MailingMissed,
    /// The relay refused a mailing, and its circuit breaker stopped it.
    MailingStopped,
    /// The relay has put off messages of a mailing again and again, and taken none.
    MailingPutOff,
    /// A mailing's time has come, and there is nobody to write to.
    MailingWithoutAudience,
    /// A mailing that is planned would reach nobody. Seen by who looks.
    MailingToNobody,
    /// A mailing cannot end before its deadline, as far as a warm-up goes. Seen by who looks.
    MailingTooLate,
    /// The letters of a mailing cannot be written, so it does not begin, or does not go on.
    LetterUnwritable,
    /// Nobody knows whether messages arrived.
    DeliveriesInDoubt,
    /// A deadline passed with messages unsent.
    DeliveriesExpired,
    /// A daemon that is gone had claimed deliveries, and nobody has taken them back yet. Seen by who looks.
    ClaimsLeft,
    /// A relay has more than one copy of a message for a member.
    DeliveriesDoubled,
    /// A person stopped a campaign's mailings for now.
    CampaignPaused,
    /// The law moved, and a campaign's mailings wait for a person.
    CampaignHeld,
    /// Something is planned, and no daemon runs. Seen by who looks; nobody is there to keep it.
    NoDaemon,
    /// A daemon runs and has not written to the store for minutes. Seen by who looks.
    DaemonSilent,
    /// The keys cannot be read: a daemon that runs has them, and none could be started. Seen by who looks.
    KeysUnusable,
}

/// What is true of every problem of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// The name used in the store and in JSON.
    pub name: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// How it ends.
    pub nature: Nature,
    /// What it is, without saying of what: fit for an answer that anybody may read.
    pub title: &'static str,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 39] = [
        Self::MailUnusable,
        Self::RelayAway,
        Self::SendingFailed,
        Self::ConfirmationsUnsent,
        Self::SignUpsTurnedAway,
        Self::SendingHeld,
        Self::StoreUnwritable,
        Self::StoreLocked,
        Self::DeparturesUnwritten,
        Self::LedgerUnanchored,
        Self::AnchorsUnmailed,
        Self::CalendarUnusable,
        Self::ScheduleUnpublished,
        Self::ScheduleNotPut,
        Self::GatesUntold,
        Self::ReportsUnread,
        Self::TickerStopped,
        Self::UpkeepFailed,
        Self::LeavePathBroken,
        Self::DaemonHangs,
        Self::ReloadRefused,
        Self::RestartNeeded,
        Self::AlertsUnsent,
        Self::MailingMissed,
        Self::MailingStopped,
        Self::MailingPutOff,
        Self::MailingWithoutAudience,
        Self::MailingToNobody,
        Self::MailingTooLate,
        Self::LetterUnwritable,
        Self::DeliveriesInDoubt,
        Self::DeliveriesExpired,
        Self::ClaimsLeft,
        Self::DeliveriesDoubled,
        Self::CampaignPaused,
        Self::CampaignHeld,
        Self::NoDaemon,
        Self::DaemonSilent,
        Self::KeysUnusable,
    ];

    /// The table of kinds.
    pub fn traits(self) -> Traits {
        use Nature::{Condition, Daemon, Event, Mailing};
        use Severity::{Critical, Warning};
        let (name, severity, nature, title) = match self {
            Self::MailUnusable => ("mail-unusable", Critical, Daemon, "the relay or the outbox cannot be used"),
            Self::RelayAway => ("relay-away", Warning, Daemon, "one of several relays cannot be used"),
            Self::SendingFailed => ("sending-failed", Critical, Daemon, "the sending of mail had to stop"),
            Self::ConfirmationsUnsent => {
                ("confirmations-unsent", Critical, Daemon, "letters that ask for a confirmation cannot be sent")
            }
            Self::SignUpsTurnedAway => ("sign-ups-turned-away", Warning, Condition, "sign-ups are turned away"),
            Self::SendingHeld => ("sending-held", Critical, Daemon, "nothing is begun, ended or sent"),
            Self::StoreUnwritable => ("store-unwritable", Critical, Daemon, "the store cannot be written"),
            Self::StoreLocked => ("store-locked", Critical, Daemon, "another program keeps the store locked"),
            Self::DeparturesUnwritten => {
                ("departures-unwritten", Critical, Daemon, "the record of departures cannot be written")
            }
            Self::LedgerUnanchored => {
                ("ledger-unanchored", Critical, Daemon, "the ledger of consents cannot be anchored")
            }
            Self::AnchorsUnmailed => ("anchors-unmailed", Warning, Daemon, "anchors cannot be mailed"),
            Self::CalendarUnusable => ("calendar-unusable", Critical, Daemon, "the calendar overrides cannot be used"),
            Self::ScheduleUnpublished => {
                ("schedule-unpublished", Critical, Daemon, "the signed schedule cannot be written to its folder")
            }
            Self::ScheduleNotPut => {
                ("schedule-not-put", Critical, Daemon, "the newest signed schedule is not where it is to be put")
            }
            Self::GatesUntold => (
                "gates-untold",
                Critical,
                Daemon,
                "the shop cannot be told that a gate has opened, closed or was changed",
            ),
            Self::ReportsUnread => ("reports-unread", Warning, Daemon, "mail that came back cannot be read"),
            Self::TickerStopped => ("ticker-stopped", Warning, Daemon, "the ticker has stopped"),
            Self::UpkeepFailed => ("upkeep-failed", Critical, Daemon, "the upkeep of the store had to stop"),
            Self::LeavePathBroken => (
                "leave-path-broken",
                Critical,
                Daemon,
                "people cannot leave by the link in letters, and no mailing begins",
            ),
            Self::DaemonHangs => ("daemon-hangs", Critical, Daemon, "a part of the daemon makes no progress"),
            Self::ReloadRefused => ("reload-refused", Warning, Daemon, "the configuration cannot be used as it is now"),
            Self::RestartNeeded => ("restart-needed", Warning, Daemon, "a changed setting needs a restart"),
            Self::AlertsUnsent => ("alerts-unsent", Critical, Daemon, "nobody can be told what is wrong"),
            Self::MailingMissed => ("mailing-missed", Critical, Event, "a mailing missed its time"),
            Self::MailingStopped => ("mailing-stopped", Critical, Condition, "a mailing is stopped"),
            Self::MailingPutOff => {
                ("mailing-put-off", Critical, Condition, "the relay puts off all messages of a mailing")
            }
            Self::MailingWithoutAudience => {
                ("mailing-without-audience", Critical, Condition, "a mailing has nobody to write to")
            }
            Self::MailingToNobody => ("mailing-to-nobody", Warning, Mailing, "a mailing would reach nobody"),
            Self::MailingTooLate => ("mailing-too-late", Critical, Mailing, "a mailing cannot end before its deadline"),
            Self::LetterUnwritable => {
                ("letter-unwritable", Critical, Mailing, "the letters of a mailing cannot be written")
            }
            Self::DeliveriesInDoubt => ("deliveries-in-doubt", Warning, Condition, "deliveries are in doubt"),
            Self::DeliveriesExpired => ("deliveries-expired", Warning, Event, "deliveries expired unsent"),
            Self::ClaimsLeft => ("claims-left", Warning, Condition, "deliveries are claimed by a daemon that is gone"),
            Self::DeliveriesDoubled => ("deliveries-doubled", Critical, Event, "members got a mailing twice"),
            Self::CampaignPaused => ("campaign-paused", Warning, Condition, "a campaign is paused"),
            Self::CampaignHeld => ("campaign-held", Critical, Condition, "a campaign is held"),
            Self::NoDaemon => ("no-daemon", Critical, Condition, "no daemon is running"),
            Self::DaemonSilent => ("daemon-silent", Critical, Condition, "the daemon does not write to the store"),
            Self::KeysUnusable => ("keys-unusable", Critical, Condition, "the keys cannot be read"),
        };
        Traits { name, severity, nature, title }
    }

    /// The name used in the store and in JSON.
    pub fn name(self) -> &'static str {
        self.traits().name
    }

    /// What one does about it where nothing better is known.
    pub fn usual_remedy(self) -> &'static str {
        match self {
            Self::StoreLocked => {
                "end the program that keeps it, a shell or a copy program; `carillon db backup FILE` makes copies. Then the \
                 daemon goes on by itself"
            }
            Self::StoreUnwritable => {
                "make room on its disk, let the daemon's user write it, or start its server; then the daemon goes on by itself"
            }
            Self::LeavePathBroken => {
                "see why in the daemon's log; it tries again within ten seconds, and mailings begin by themselves when it works"
            }
            Self::DaemonHangs => "see what its last log lines say; if it does not go on by itself, start it again",
            _ => "see why in the daemon's log",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ProblemKind {
    type Err = UnknownProblemKind;

    fn from_str(name: &str) -> Result<Self, UnknownProblemKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownProblemKind)
    }
}

/// No problem has a kind of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no problem has a kind of this name")]
pub struct UnknownProblemKind;

impl Serialize for ProblemKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing that is wrong. Two with the same kind and object are the same problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Of which kind.
    pub kind: ProblemKind,
    /// With what: `campaign`, `campaign/mailing`, a daemon's name. Never a person.
    pub object: String,
    /// What is wrong, in a sentence. Never with an address.
    pub words: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// A problem with `object`.
    pub fn new(
        kind: ProblemKind,
        object: impl Into<String>,
        words: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind, object: object.into(), words: words.into(), remedy: remedy.into() }
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.kind.traits().severity
    }

    /// Whether this is the problem that `kind` has with `object`.
    pub fn is(&self, kind: ProblemKind, object: &str) -> bool {
        self.kind == kind && self.object == object
    }
}

/// A problem as it is told to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemWords {
    /// What is wrong.
    pub words: Phrase,
    /// What to do.
    pub remedy: Phrase,
}

impl Problem {
    /// The problem for a reader of `language`. The store keeps what a daemon said in English: where that is no sentence that
    /// `language` has, as from a daemon of another version, its reader is told of which kind the problem is and with what.
    pub fn told(&self, language: InterfaceLanguage) -> ProblemWords {
        let Self { kind, object, words, remedy } = self;
        let (title, object) = (phrase!("problem-title", kind = kind.name()), object.as_str());
        ProblemWords {
            words: match (is_known(words, language), object) {
                (true, _) => words.as_str().into(),
                (false, "") => title,
                (false, object) => phrase!("problem-with", title = title, object = object),
            },
            remedy: if is_known(remedy, language) {
                remedy.as_str().into()
            } else {
                phrase!("problem-remedy", kind = kind.name())
            },
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in ProblemKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("none".parse::<ProblemKind>(), Err(UnknownProblemKind));
    }
}
