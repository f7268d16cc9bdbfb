//! `carillon status --check`: one line and an exit code, as monitoring plugins end: 0 all is well, 1 warning, 2 critical,
//! 3 unknown.

use serde::Serialize;

use super::{Standing, Status, next};
use crate::campaign::moment;
use crate::cli::exit::Exit;
use crate::counted::counted;
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
pub(super) fn line(status: &Status) -> String {
    let unseen = |severity| {
        let stands = |known: &&Standing| known.severity == severity && known.acknowledged_at.is_none();
        status.problems.iter().filter(stands).count()
    };
    let (critical, warning) = (unseen(Severity::Critical), unseen(Severity::Warning));
    let acknowledged = status.problems.len() - critical - warning;
    let waiting: u64 = status.mailings.iter().map(next::waiting).sum();
    let numbers = format!("critical={critical} warning={warning} acknowledged={acknowledged} waiting={waiting}");
    format!("{} | {numbers}", said(status.check, &text(status)))
}

/// The line for a check that could not be made.
pub(super) fn failed(level: Level, error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    said(level, &causes.join(": "))
}

/// One line. A bar would begin the numbers.
fn said(level: Level, text: &str) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    format!("CARILLON {}: {}", level.word(), text.join(" ").replace('|', "/"))
}

fn text(status: &Status) -> String {
    let mut unseen: Vec<&Standing> = status.problems.iter().filter(|known| known.acknowledged_at.is_none()).collect();
    unseen.sort_by_key(|known| std::cmp::Reverse(known.severity));
    if let Some((gravest, others)) = unseen.split_first() {
        let others = match others.len() as u64 {
            0 => String::new(),
            more => format!("; and {}", counted(more, "other problem")),
        };
        return format!("{}{others}", gravest.problem.words);
    }
    let daemons = counted(status.presence.daemons.len() as u64, "daemon");
    match status.next.first() {
        Some(event) => {
            format!("{daemons}; next, at {}: `{}`, {}", moment(event.at, &event.zone), event.campaign, event.what)
        }
        None => format!("{daemons}; nothing is planned"),
    }
}
