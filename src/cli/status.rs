//! `carillon status`: what is open, what comes next, what waits, and what is wrong. Writes nothing to the store.

mod check;
mod claims;
mod daemon;
mod next;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Context;
use super::deliveries::write_report;
use super::exit::{Exit, code_of};
use super::outbox;
use super::run::{holds, locks};
use crate::campaign::moment;
use crate::counted::{counted, counted_as};
use crate::daemon::{Locks, Presence};
use crate::db::bounces::CameBack;
use crate::db::pace;
use crate::db::problems::{self, StoredProblem, WhichProblems};
use crate::db::renewals::{self, RenewalCounts};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, StoreResult, bounces, deliveries, gates, signups};
use crate::delivery::learned::RelayLearned;
use crate::gate::{self, Gate, Stage};
use crate::member::sign_up::TurnedAway;
use crate::phrase;
use crate::problem::{Nature, Problem, ProblemKind, Severity};
use crate::sending::equipment::RelayAllowance;
use crate::sending::holds::{Hold, Holds, told_together};
use crate::text::Slug;
use check::Level;
use next::{Course, Upcoming, upcoming};

/// The arguments of `carillon status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// For monitoring: print one line, and end with 0 when all is well, 1 for a warning, 2 when something planned does not
    /// happen or the store cannot be read, 3 when the check cannot be made: a wrong configuration, a store of another version
    #[arg(long)]
    check: bool,
}

/// How far back what came back is counted.
const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Everything that the command says.
#[derive(Debug, Serialize)]
struct Status {
    now: Timestamp,
    check: Level,
    gates: Vec<GateLine>,
    next: Vec<Upcoming>,
    mailings: Vec<MailingReport>,
    #[serde(flatten)]
    presence: Presence,
    /// Where letters go, when it is to files that nobody receives.
    outbox: Option<PathBuf>,
    /// What was learned of the relay, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    relay: Option<String>,
    /// People who have signed up; none where nobody can and nobody waits.
    sign_ups: Option<signups::SignUpCounts>,
    /// Those who were turned away.
    #[serde(skip_serializing_if = "Option::is_none")]
    turned_away: Option<TurnedAway>,
    /// Members who are asked whether they want to go on.
    renewals: RenewalCounts,
    /// What came back in thirty days.
    came_back: CameBack,
    problems: Vec<Standing>,
}

#[derive(Debug, Serialize)]
struct GateLine {
    campaign: Slug,
    title: String,
    state: Stage,
    next_change_at: Option<Timestamp>,
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
    /// What the daemon says at `/ready`.
    fn told(kind: ProblemKind) -> Self {
        Self::seen(Problem::new(kind, "", format!("the daemon says: {}", kind.traits().title), kind.usual_remedy()))
    }

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
    let status = match look(context) {
        Ok(status) => status,
        // A store that cannot be read is no reason for a monitor to be calm; nor is it for a person to be told twice.
        Err(error) if args.check => {
            let level = if code_of(&error) == Exit::Unreachable { Level::Critical } else { Level::Unknown };
            context.line(check::failed(level, &error))?;
            return Ok(level.exit());
        }
        Err(error) => return Err(error),
    };
    match (args.json, args.check) {
        (true, _) => context.json(&status)?,
        (false, true) => context.line(check::line(&status))?,
        (false, false) => write(context, &status)?,
    }
    Ok(if args.check { status.check.exit() } else { Exit::Done })
}

/// The problems that stand, each with whether somebody has acknowledged it.
pub(super) fn standing(context: &Context) -> anyhow::Result<Vec<(Problem, bool)>> {
    let standing = look(context)?.problems.into_iter();
    Ok(standing.map(|Standing { problem, acknowledged_at, .. }| (problem, acknowledged_at.is_some())).collect())
}

fn look(context: &Context) -> anyhow::Result<Status> {
    let (settings, store) = context.open_store()?;
    let (holds, now) = (holds(&settings), context.clock.now());
    let told = daemon::not_ready(&settings.public.listen);
    let locks = locks(&settings, &store);
    let status = store.read_blocking(|db| status(db, &locks, &holds, &told, now))?;
    let (sign_ups, turned_away) =
        store.read_blocking(|db| Ok((signups::standing(db, now)?, crate::db::turned_away::look(db)?)))?;
    // Whoever signed up before the section was taken away waits all the same.
    let sign_ups = (settings.join.is_some() || sign_ups.waiting > 0).then_some(sign_ups);
    let relay = match RelayAllowance::of(&settings.mail.transport).relay {
        Some(relay) => relay_line(&store.read_blocking(|db| pace::learned(db, &relay, now))?),
        None => None,
    };
    Ok(Status { relay, outbox: settings.mail.transport.outbox().map(Path::to_owned), sign_ups, turned_away, ..status })
}

fn status(db: &mut Db, locks: &Locks, holds: &Holds, told: &[ProblemKind], now: Timestamp) -> StoreResult<Status> {
    let gates = gates::list(db)?;
    let mailings = reports::mailings_of(db, None)?;
    let presence = Presence::of(db, locks, now)?;
    let mut problems: Vec<Standing> =
        problems::list(db, WhichProblems::Standing)?.into_iter().map(Standing::from).collect();
    problems.retain(|Standing { problem, .. }| {
        problem.kind.traits().nature != Nature::Daemon || presence.may_be(&problem.object)
    });
    let held = holds.ask(db, now)?;
    if matches!(db, Db::Sqlite(_)) {
        // On one machine what was answered holds at once; the daemon strikes the problem off with its next heartbeat.
        problems.retain_mut(|Standing { problem, .. }| {
            let told = told_together(&held).filter(|_| problem.kind == ProblemKind::SendingHeld);
            let stands = problem.kind != ProblemKind::SendingHeld || told.is_some();
            if let Some((words, remedy)) = told {
                (problem.words, problem.remedy) = (words, remedy);
            }
            stands
        });
    }
    if !problems.iter().any(|standing| standing.problem.kind == ProblemKind::SendingHeld) {
        // A daemon that runs has not noticed yet, or none runs.
        let seen = |hold: &Hold| Problem::new(ProblemKind::SendingHeld, hold.id(), hold.words(), hold.remedy(&held));
        problems.extend(held.iter().map(seen).map(Standing::seen));
    }
    // Whoever looks knows more about what they see themselves than the daemon says to everybody.
    let unknown = |kind: &&ProblemKind| !problems.iter().any(|standing| standing.problem.kind == **kind);
    let told: Vec<Standing> = told.iter().filter(unknown).copied().map(Standing::told).collect();
    problems.extend(told);
    let something_is_planned = !upcoming(&gates, &mailings, &problems, now).is_empty();
    problems.extend(presence.problem(something_is_planned).map(Standing::seen));
    let held = problems.iter().any(|standing| standing.problem.kind == ProblemKind::SendingHeld);
    problems.extend(claims::left(&deliveries::claims(db)?, &presence, held).into_iter().map(Standing::seen));
    let next = upcoming(&gates, &mailings, &problems, now);
    let gates = gates
        .into_iter()
        .map(|gate| GateLine {
            state: gate::stage(&gate, now),
            next_change_at: gate::next_change(&gate, now),
            zone: zone(&gate),
            campaign: gate.slug,
            title: gate.title,
        })
        .collect();
    Ok(Status {
        now,
        check: Level::of(&problems),
        gates,
        next,
        mailings,
        presence,
        outbox: None,
        relay: None,
        sign_ups: None,
        turned_away: None,
        renewals: renewals::standing(db, now)?,
        came_back: bounces::since(db, now.saturating_sub(THIRTY_DAYS).unwrap_or(Timestamp::MIN))?,
        problems,
    })
}

fn zone(gate: &Gate) -> TimeZone {
    TimeZone::get(&gate.zone).unwrap_or(TimeZone::UTC)
}

fn write(context: &mut Context, status: &Status) -> std::io::Result<()> {
    if status.gates.is_empty() {
        context.note("no campaign is applied; `carillon campaign apply FILE` applies one")?;
    } else {
        write_campaigns(context, status)?;
    }
    context.line(match (status.presence.running, status.presence.daemons.len()) {
        (false, _) => format!("daemon: none is running; {}", status.presence.last()),
        (true, 0 | 1) => "daemon: running".to_owned(),
        (true, n) => format!("daemons: {n} are running"),
    })?;
    if let Some(warning) = outbox::warning(status.outbox.as_deref()) {
        context.line(format!("mail: {warning}"))?;
    }
    if let Some(relay) = &status.relay {
        context.line(format!("relay: {relay}"))?;
    }
    let came_back = &status.came_back;
    if came_back.reports() > 0 || came_back.dead > 0 {
        context.say(&phrase!("bounce-status", reports = came_back.reports(), dead = came_back.dead))?;
    }
    if came_back.undecided > 0 {
        context.say(&phrase!("bounce-status-waiting", waiting = came_back.undecided))?;
    }
    if let Some(sign_ups) = &status.sign_ups {
        context.line(sign_up_line(sign_ups, status.turned_away.as_ref()))?;
    }
    if status.renewals != RenewalCounts::default() {
        context.line(renewal_line(status.renewals))?;
    }
    for Standing { id, problem, acknowledged_by, .. } in &status.problems {
        let number = id.map(|id| format!(" (number {id})")).unwrap_or_default();
        let seen = acknowledged_by.as_ref().map(|who| format!(", acknowledged by {who}")).unwrap_or_default();
        context.line(format!("problem: {}{number}{seen}\n     do: {}", problem.words, problem.remedy))?;
    }
    Ok(())
}

/// What was learned of the relay; nothing when nothing was.
fn relay_line(learned: &RelayLearned) -> Option<String> {
    let lines = learned.lines.at_once.map(|lines| format!("{} at once", counted(lines as u64, "connection")));
    let mails = learned.lines.mails.map(|mails| format!("{} on a connection", counted(u64::from(mails), "mail")));
    let rate = learned.pace.relay.map(|rate| format!("{rate:.0} mails a minute"));
    let providers = learned.pace.providers.iter().map(|(name, rate)| format!("{name} {rate:.0} a minute"));
    let parts: Vec<String> = [lines, mails, rate].into_iter().flatten().chain(providers).collect();
    (!parts.is_empty()).then(|| format!("learned that it takes {}", parts.join(", ")))
}

fn sign_up_line(sign_ups: &signups::SignUpCounts, turned_away: Option<&TurnedAway>) -> String {
    let waiting = counted_as(sign_ups.waiting, "waits for a confirmation", "wait for a confirmation");
    let letters = counted(sign_ups.letters, "letter");
    let refused = turned_away.map(|it| format!("; {} turned away so far, the last at {}", it.count, it.last_at));
    let refused = refused.unwrap_or_default();
    format!("sign-ups: {waiting}; {letters} to send; {} confirmed so far{refused}", sign_ups.confirmed)
}

fn renewal_line(renewals: RenewalCounts) -> String {
    let RenewalCounts { unasked, asked, in_doubt, renewed } = renewals;
    let letters = counted(unasked, "letter");
    let asked = counted_as(asked, "member was asked and has", "members were asked and have");
    let doubt = if in_doubt > 0 { format!(" ({in_doubt} in doubt)") } else { String::new() };
    format!("renewals: {letters} to send; {asked} not answered{doubt}; {renewed} renewed so far")
}

fn write_campaigns(context: &mut Context, status: &Status) -> std::io::Result<()> {
    let changes = |line: &GateLine| line.next_change_at.map(|at| moment(at, &line.zone)).unwrap_or_default();
    let rows = status
        .gates
        .iter()
        .map(|line| [line.campaign.to_string(), line.title.clone(), line.state.to_string(), changes(line)])
        .collect();
    context.table(["CAMPAIGN", "TITLE", "GATE", "NEXT CHANGE"], rows)?;
    context.line("")?;
    if !status.next.is_empty() {
        context.table(["NEXT", "CAMPAIGN", "WHAT"], status.next.iter().map(next_line).collect())?;
        context.line("")?;
    }
    write_report(context, status.outbox.as_deref(), &status.mailings)?;
    context.line("")
}

fn next_line(event: &Upcoming) -> [String; 3] {
    let since = event.since.filter(|_| event.course == Course::Waiting);
    let since = since.map(|since| format!(" since {}", moment(since, &event.zone))).unwrap_or_default();
    let why = event.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    [moment(event.at, &event.zone), event.campaign.to_string(), format!("{}{since}{why}", event.what)]
}
