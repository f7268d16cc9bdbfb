//! `carillon status`: what is open, what comes next, what waits, and what is wrong.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Context;
use super::deliveries::write_report;
use super::exit::Exit;
use super::run::holds;
use crate::campaign::moment;
use crate::daemon::is_fresh;
use crate::db::problems::{self, StoredProblem, Which};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, StoreResult, gates, heartbeats};
use crate::delivery::holds::{Hold, Holds};
use crate::gate::{self, Gate, Phase};
use crate::problem::{Problem, ProblemKind, Severity};

/// The arguments of `carillon status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Everything that the command says.
#[derive(Debug, Serialize)]
struct Status {
    now: Timestamp,
    gates: Vec<GateLine>,
    next: Vec<Upcoming>,
    mailings: Vec<MailingReport>,
    daemons: Vec<String>,
    problems: Vec<Standing>,
}

#[derive(Debug, Serialize)]
struct GateLine {
    campaign: String,
    title: String,
    state: String,
    next_change_at: Option<Timestamp>,
    #[serde(skip)]
    zone: TimeZone,
}

#[derive(Debug, Serialize)]
struct Upcoming {
    at: Timestamp,
    campaign: String,
    what: String,
    #[serde(skip)]
    zone: TimeZone,
}

/// A problem that stands: one that is kept, or one that this command saw itself.
#[derive(Debug, Serialize)]
struct Standing {
    id: Option<i64>,
    severity: Severity,
    #[serde(flatten)]
    problem: Problem,
    since: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    acknowledged_by: Option<String>,
}

impl Standing {
    fn seen(problem: Problem) -> Self {
        let severity = problem.severity();
        Self { id: None, severity, problem, since: None, acknowledged_at: None, acknowledged_by: None }
    }
}

impl From<StoredProblem> for Standing {
    fn from(stored: StoredProblem) -> Self {
        Self {
            id: Some(stored.id),
            since: Some(stored.since),
            acknowledged_at: stored.acknowledged_at,
            acknowledged_by: stored.acknowledged_by,
            ..Self::seen(stored.problem)
        }
    }
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let now = context.clock.now();
    let holds = holds(&settings);
    let status = store.read_blocking(|db| status(db, &holds, now))?;
    if args.json {
        context.json(&status)?;
    } else {
        write(context, &status)?;
    }
    Ok(Exit::Done)
}

fn status(db: &mut Db, holds: &Holds, now: Timestamp) -> StoreResult<Status> {
    let gates = gates::list(db)?;
    let mailings = reports::mailings_of(db, None)?;
    let beats = heartbeats::list(db)?;
    let alive: Vec<String> = beats.iter().filter(|(_, at)| is_fresh(*at, now)).map(|(name, _)| name.clone()).collect();
    let next = upcoming(&gates, &mailings, now);
    let mut problems = problems::list(db, Which::Standing)?.into_iter().map(Standing::from).collect::<Vec<_>>();
    if !problems.iter().any(|standing| standing.problem.kind == ProblemKind::SendingHeld) {
        // A daemon that runs has not noticed yet, or none runs.
        let seen = |hold: &Hold| Problem::new(ProblemKind::SendingHeld, hold.id(), hold.words(), hold.remedy());
        problems.extend(holds.ask(db, now)?.iter().map(seen).map(Standing::seen));
    }
    if alive.is_empty() && !next.is_empty() {
        problems.push(Standing::seen(Problem::new(
            ProblemKind::NoDaemon,
            "",
            "no daemon is running, and something is planned",
            "start `carillon run`",
        )));
    }
    let gates = gates
        .into_iter()
        .map(|gate| GateLine {
            state: state_words(&gate, now),
            next_change_at: gate::next_change(&gate, now),
            zone: zone(&gate),
            campaign: gate.slug,
            title: gate.title,
        })
        .collect();
    Ok(Status { now, gates, next, mailings, daemons: alive, problems })
}

fn zone(gate: &Gate) -> TimeZone {
    TimeZone::get(&gate.zone).unwrap_or(TimeZone::UTC)
}

fn state_words(gate: &Gate, now: Timestamp) -> String {
    match gate::phase(gate, now) {
        Phase::Before => "not open yet".into(),
        Phase::Open => "open".into(),
        Phase::After if gate.is_cut_short() => "cancelled".into(),
        Phase::After => "over".into(),
    }
}

fn upcoming(gates: &[Gate], mailings: &[MailingReport], now: Timestamp) -> Vec<Upcoming> {
    let mut next = Vec::new();
    for gate in gates {
        let zone = zone(gate);
        let mut add =
            |at, what: String| next.push(Upcoming { at, campaign: gate.slug.clone(), what, zone: zone.clone() });
        match gate::phase(gate, now) {
            Phase::Before => {
                add(gate.opens_at, "the gate opens".into());
                add(gate.ends_at(), "the gate closes".into());
            }
            Phase::Open => add(gate.ends_at(), "the gate closes".into()),
            Phase::After => {}
        }
        for mailing in mailings.iter().filter(|mailing| mailing.campaign == gate.slug && mailing.state == "planned") {
            add(mailing.not_before.max(now), format!("mailing `{}` begins", mailing.mailing));
        }
    }
    next.sort_by_key(|event| event.at);
    next
}

fn write(context: &mut Context, status: &Status) -> std::io::Result<()> {
    if status.gates.is_empty() {
        context.note("no campaign is applied; `carillon campaign apply FILE` applies one")?;
        return Ok(());
    }
    let changes = |line: &GateLine| line.next_change_at.map(|at| moment(at, &line.zone)).unwrap_or_default();
    let rows = status
        .gates
        .iter()
        .map(|line| [line.campaign.clone(), line.title.clone(), line.state.clone(), changes(line)])
        .collect();
    context.table(["CAMPAIGN", "TITLE", "GATE", "NEXT CHANGE"], rows)?;
    if !status.next.is_empty() {
        context.line("")?;
        let rows = status
            .next
            .iter()
            .map(|event| [moment(event.at, &event.zone), event.campaign.clone(), event.what.clone()])
            .collect();
        context.table(["NEXT", "CAMPAIGN", "WHAT"], rows)?;
    }
    context.line("")?;
    write_report(context, &status.mailings)?;
    context.line("")?;
    context.line(match status.daemons.len() {
        0 => "daemon: none is running".to_owned(),
        1 => "daemon: running".to_owned(),
        n => format!("daemons: {n} are running"),
    })?;
    for Standing { id, problem, acknowledged_by, .. } in &status.problems {
        let number = id.map(|id| format!(" (number {id})")).unwrap_or_default();
        let seen = acknowledged_by.as_ref().map(|who| format!(", acknowledged by {who}")).unwrap_or_default();
        context.line(format!("problem: {}{number}{seen}\n     do: {}", problem.words, problem.remedy))?;
    }
    Ok(())
}
