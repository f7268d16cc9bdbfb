//! The problems of the shop: when each began and ended, and who has seen it. The only list there is.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::conditions;
use super::conn::per_backend;
use super::planning::{self, OpenMailing};
use super::schema::problems;
use super::{Db, StoreResult};
use crate::problem::{Nature, Problem, ProblemKind};

/// A problem as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct StoredProblem {
    /// Its number, for `carillon problem acknowledge ID`.
    pub id: i64,
    /// What it is.
    #[serde(flatten)]
    pub problem: Problem,
    /// Since when.
    pub since: Timestamp,
    /// When it ended. `None` while it stands.
    pub until: Option<Timestamp>,
    /// When a person said that they have seen it.
    pub acknowledged_at: Option<Timestamp>,
    /// Who.
    pub acknowledged_by: Option<String>,
}

/// Which problems to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichProblems {
    /// Those that stand.
    Standing,
    /// Those that have ended, too.
    All,
}

/// Whether a daemon on the store finds that people cannot leave.
pub fn is_leave_path_broken(db: &mut Db) -> StoreResult<bool> {
    let broken = problems::kind.eq(ProblemKind::LeavePathBroken);
    let standing = problems::table.filter(broken.and(problems::until.is_null()));
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(db)?)
}

/// Why a problem is not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgeRefusal {
    /// There is none with this number.
    #[error("there is no problem {0}; `carillon problem list` shows those that stand")]
    Unknown(i64),
    /// It is over.
    #[error("problem {id} ended at {until}; there is nothing to acknowledge")]
    Ended {
        /// The problem.
        id: i64,
        /// When it ended.
        until: Timestamp,
    },
    /// Somebody has.
    #[error("problem {id} was acknowledged by {who} already")]
    Already {
        /// The problem.
        id: i64,
        /// Who.
        who: String,
    },
}

type Columns = (
    problems::id,
    (problems::kind, problems::object, problems::words, problems::remedy),
    problems::since,
    problems::until,
    problems::acknowledged_at,
    problems::acknowledged_by,
);

/// What a [`StoredProblem`] is read from.
const COLUMNS: Columns = (
    problems::id,
    (problems::kind, problems::object, problems::words, problems::remedy),
    problems::since,
    problems::until,
    problems::acknowledged_at,
    problems::acknowledged_by,
);

/// The problems, oldest first.
pub fn list(db: &mut Db, which: WhichProblems) -> StoreResult<Vec<StoredProblem>> {
    let mut query = problems::table.select(COLUMNS).order((problems::since, problems::id)).into_boxed();
    if which == WhichProblems::Standing {
        query = query.filter(problems::until.is_null());
    }
    Ok(query.load(db)?)
}

/// The problem of `kind` that ended last: with `object`, or with any where none is named.
pub(super) fn latest_ended(db: &mut Db, kind: ProblemKind, object: Option<&str>) -> StoreResult<Option<StoredProblem>> {
    let mut query = problems::table
        .select(COLUMNS)
        .filter(problems::kind.eq(kind))
        .filter(problems::until.is_not_null())
        .order((problems::until.desc(), problems::id.desc()))
        .into_boxed();
    if let Some(object) = object {
        query = query.filter(problems::object.eq(object.to_owned()));
    }
    Ok(query.first(db).optional()?)
}

/// Begins `problem`, unless it stands already. One that stands and says something else now has new words, and nobody has
/// acknowledged those. An event that a person has acknowledged does not begin again.
pub fn begin(db: &mut Db, problem: &Problem, now: Timestamp) -> StoreResult<()> {
    match latest(db, problem.kind, &problem.object)? {
        Some(known) if known.until.is_none() => reword(db, &known, problem),
        Some(known) if known.acknowledged_at.is_some() && is_event(problem) && known.problem.words == problem.words => {
            Ok(())
        }
        _ => insert(db, problem, now),
    }
}

/// Ends the problem that `kind` has with `object`, if it stands.
pub fn end(db: &mut Db, kind: ProblemKind, object: &str, now: Timestamp) -> StoreResult<()> {
    let standing = problems::table
        .filter(problems::kind.eq(kind))
        .filter(problems::object.eq(object.to_owned()))
        .filter(problems::until.is_null());
    diesel::update(standing).set(problems::until.eq(At(now))).execute(db)?;
    Ok(())
}

/// Makes the problems that follow from what is stored agree with it: begins those that are new, ends those that are
/// over, and those of mailings that have ended. Called with every change that a person makes and with every step of the planner.
pub fn settle(db: &mut Db, now: Timestamp) -> StoreResult<()> {
    let stand = conditions::of(db, now)?;
    for problem in &stand {
        begin(db, problem, now)?;
    }
    let open: BTreeSet<String> = planning::open(db)?.iter().map(OpenMailing::object).collect();
    for StoredProblem { problem, .. } in list(db, WhichProblems::Standing)? {
        let over = match problem.kind.traits().nature {
            Nature::Daemon => false,
            Nature::Mailing => !open.contains(&problem.object),
            Nature::Condition | Nature::Event => {
                !stand.iter().any(|standing| standing.is(problem.kind, &problem.object))
            }
        };
        if over {
            end(db, problem.kind, &problem.object, now)?;
        }
    }
    Ok(())
}

/// Makes the problems of `kinds` agree with `found`, which is all that there are: begins those that are new, and ends the others.
pub fn agree(db: &mut Db, kinds: &[ProblemKind], found: &[Problem], now: Timestamp) -> StoreResult<()> {
    for problem in found {
        begin(db, problem, now)?;
    }
    for StoredProblem { problem, .. } in list(db, WhichProblems::Standing)? {
        if kinds.contains(&problem.kind) && !found.iter().any(|it| it.is(problem.kind, &problem.object)) {
            end(db, problem.kind, &problem.object, now)?;
        }
    }
    Ok(())
}

/// Ends the problems that daemons met which are no more. `alive` says which daemons are.
pub fn end_of_daemons(db: &mut Db, alive: impl Fn(&str) -> bool, now: Timestamp) -> StoreResult<()> {
    for StoredProblem { problem, .. } in list(db, WhichProblems::Standing)? {
        if problem.kind.traits().nature == Nature::Daemon && !alive(&problem.object) {
            end(db, problem.kind, &problem.object, now)?;
        }
    }
    Ok(())
}

/// Keeps that `who` has seen problem `id`. It stays listed until it is over; an event is over with that.
pub fn acknowledge(
    db: &mut Db,
    id: i64,
    who: &str,
    now: Timestamp,
) -> StoreResult<Result<StoredProblem, AcknowledgeRefusal>> {
    let known: Option<StoredProblem> = problems::table.find(id).select(COLUMNS).first(db).optional()?;
    let Some(known) = known else { return Ok(Err(AcknowledgeRefusal::Unknown(id))) };
    if let Some(who) = known.acknowledged_by {
        return Ok(Err(AcknowledgeRefusal::Already { id, who }));
    }
    if let Some(until) = known.until {
        return Ok(Err(AcknowledgeRefusal::Ended { id, until }));
    }
    let until = is_event(&known.problem).then_some(now);
    diesel::update(problems::table.find(id))
        .set((problems::acknowledged_at.eq(At(now)), problems::acknowledged_by.eq(who), problems::until.eq(until)))
        .execute(db)?;
    let Problem { kind, object, words, .. } = &known.problem;
    let entry = AuditEntry {
        at: now,
        who: who.to_owned(),
        action: AuditAction::ProblemAcknowledged,
        object: object.split('/').next().unwrap_or_default().to_owned(),
        detail: json!({ "problem": id, "kind": kind, "object": object, "reason": words }),
    };
    audit::record(db, &entry)?;
    let acknowledged_by = Some(who.to_owned());
    Ok(Ok(StoredProblem { until, acknowledged_at: Some(now), acknowledged_by, ..known }))
}

fn is_event(problem: &Problem) -> bool {
    problem.kind.traits().nature == Nature::Event
}

/// The last problem that `kind` had with `object`.
fn latest(db: &mut Db, kind: ProblemKind, object: &str) -> StoreResult<Option<StoredProblem>> {
    Ok(problems::table
        .filter(problems::kind.eq(kind))
        .filter(problems::object.eq(object.to_owned()))
        .order(problems::id.desc())
        .select(COLUMNS)
        .first(db)
        .optional()?)
}

fn reword(db: &mut Db, known: &StoredProblem, problem: &Problem) -> StoreResult<()> {
    if known.problem == *problem {
        return Ok(());
    }
    diesel::update(problems::table.find(known.id))
        .set((
            problems::words.eq(&problem.words),
            problems::remedy.eq(&problem.remedy),
            problems::acknowledged_at.eq(None::<Timestamp>),
            problems::acknowledged_by.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(())
}

fn insert(db: &mut Db, problem: &Problem, now: Timestamp) -> StoreResult<()> {
    let row = (
        problems::kind.eq(problem.kind),
        problems::object.eq(&problem.object),
        problems::words.eq(&problem.words),
        problems::remedy.eq(&problem.remedy),
        problems::since.eq(At(now)),
    );
    // Another daemon may have begun it since we looked.
    per_backend!(db, conn => diesel::insert_into(problems::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}
