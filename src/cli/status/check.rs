//! `carillon status --check`: one line and an exit code, as monitoring plugins end: 0 all is well, 1 warning, 2 critical,
//! 3 unknown.

use jiff::Timestamp;
use serde::Serialize;

use super::{Standing, Status, next};
use crate::cli::exit::Exit;
use crate::cli::{said_of, wrong_settings};
use crate::db::approvals::ApprovalDue;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::problem::Severity;

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Level {
    /// Nothing is wrong that nobody has seen.
    Ok,
    /// Somebody should look.
    Warning,
    /// Something planned does not happen, or nobody can say.
    Critical,
    /// The check itself could not be made: a wrong configuration, a store of another version.
    Unknown,
}

impl Level {
    /// What the problems that nobody has acknowledged amount to.
    pub(super) fn of(problems: &[Standing]) -> Self {
        let gravest = problems.iter().filter(|known| known.acknowledged_at.is_none()).map(|known| known.severity).max();
        match gravest {
            None => Self::Ok,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Critical) => Self::Critical,
        }
    }

    /// The same with what waits for approval at `now`: what will not happen without somebody is a warning in time.
    pub(super) fn with(problems: &[Standing], approvals: &[ApprovalDue], now: Timestamp) -> Self {
        let urgent = approvals.iter().any(|due| due.is_urgent(now));
        Self::of(problems).max(if urgent { Self::Warning } else { Self::Ok })
    }

    /// The exit code that plugins end with. Those numbers have other names in the rest of the program.
    pub(in crate::cli) fn exit(self) -> Exit {
        match self {
            Self::Ok => Exit::Done,
            Self::Warning => Exit::Refused,
            Self::Critical => Exit::Usage,
            Self::Unknown => Exit::Unreachable,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// The line for a status.
pub(super) fn line(status: &Status, language: InterfaceLanguage) -> String {
    let unseen = |severity| {
        let stands = |known: &&Standing| known.severity == severity && known.acknowledged_at.is_none();
        status.problems.iter().filter(stands).count()
    };
    let (critical, warning) = (unseen(Severity::Critical), unseen(Severity::Warning));
    let acknowledged = status.problems.len() - critical - warning;
    let waiting: u64 = status.mailings.iter().map(next::waiting).sum();
    let numbers = format!("critical={critical} warning={warning} acknowledged={acknowledged} waiting={waiting}");
    format!("{} | {numbers}", said(status.check, &in_words(&text(status, language), language)))
}

/// The line for a check that could not be made.
pub(super) fn failed(level: Level, error: &anyhow::Error, language: InterfaceLanguage) -> String {
    let causes = || error.chain().map(|cause| in_words(&said_of(cause), language)).collect::<Vec<_>>().join(": ");
    said(level, &wrong_settings(error, language).unwrap_or_else(causes))
}

/// One line. A bar would begin the numbers.
fn said(level: Level, text: &str) -> String {
    // Not at the spaces that do not break.
    let text: Vec<&str> = text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect();
    format!("CARILLON {}: {}", level.word(), text.join(" ").replace('|', "/"))
}

fn text(status: &Status, language: InterfaceLanguage) -> Phrase {
    let mut unseen: Vec<&Standing> = status.problems.iter().filter(|known| known.acknowledged_at.is_none()).collect();
    unseen.sort_by_key(|known| std::cmp::Reverse(known.severity));
    if let Some((gravest, others)) = unseen.split_first() {
        let words = gravest.problem.told(language).words;
        return match others.len() {
            0 => words,
            more => phrase!("check-and-others", words = words, more = more),
        };
    }
    if let Some(due) = status.approvals.iter().find(|due| due.is_urgent(status.now)) {
        return due.phrase(status.now);
    }
    let daemons = status.presence.daemons.len();
    match status.next.first() {
        Some(event) => phrase!(
            "check-next",
            daemons = daemons,
            at = Fact::moment(event.at, &event.zone),
            campaign = Fact::text(&event.campaign),
            what = event.what.clone()
        ),
        None => phrase!("check-nothing-planned", daemons = daemons),
    }
}
