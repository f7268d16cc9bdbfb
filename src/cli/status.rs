//! `carillon status`: what is open, what comes next, what waits, and what is wrong.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Context;
use super::deliveries::write_report;
use super::exit::Exit;
use super::run::holds;
use crate::campaign::moment;
use crate::daemon::TROUBLE;
use crate::db::campaigns::{self, CampaignState};
use crate::db::planning::{self, DueMailing};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, StoreResult, facts, gates, heartbeats};
use crate::delivery::DeliveryState;
use crate::delivery::holds::Holds;
use crate::gate::{self, Gate, Phase};

/// A daemon that has been silent for this long is taken for dead: three heartbeats.
const SILENCE: SignedDuration = SignedDuration::from_mins(3);

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
    problems: Vec<Problem>,
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

#[derive(Debug, Serialize)]
struct Problem {
    what: String,
    remedy: String,
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
    let alive: Vec<String> =
        beats.iter().filter(|(_, at)| now.duration_since(*at).abs() < SILENCE).map(|(name, _)| name.clone()).collect();
    let next = upcoming(&gates, &mailings, now);
    let held = holds.ask(db, now)?;
    let mut problems: Vec<Problem> =
        held.iter().map(|hold| Problem { what: hold.words(), remedy: hold.remedy().to_owned() }).collect();
    problems.extend(mail_problems(&mailings));
    problems.extend(without_audience(db, now)?);
    for (name, what) in facts::list(db, TROUBLE)? {
        let remedy = "look at the daemon's log, and mend the cause; this line goes when it is gone".into();
        problems.push(Problem { what: format!("{}: {what}", name.trim_start_matches(TROUBLE)), remedy });
    }
    for campaign in campaigns::list(db)? {
        if campaign.state == CampaignState::Paused {
            problems.push(Problem {
                what: format!("`{}` is paused: its mailings wait", campaign.schedule.slug),
                remedy: format!("`carillon campaign resume {}` lets them leave", campaign.schedule.slug),
            });
        }
        if let Some(why) = campaign.held {
            problems.push(Problem {
                what: format!("`{}` is held: {why}", campaign.schedule.slug),
                remedy: "look at `carillon campaign plan` with its file, then apply it again".into(),
            });
        }
    }
    if alive.is_empty() && !next.is_empty() {
        problems.push(Problem {
            what: "no daemon is running, and something is planned".into(),
            remedy: "start `carillon run`".into(),
        });
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

fn mail_problems(mailings: &[MailingReport]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for report in mailings {
        let name = format!("mailing `{}` of `{}`", report.mailing, report.campaign);
        let count = |state| report.counts.get(&state).copied().unwrap_or_default();
        if report.state == "missed" {
            problems.push(Problem {
                what: format!("{name} missed its time: nobody was written to"),
                remedy: "nothing announces a sale late; next time keep a daemon running, and import members first"
                    .into(),
            });
        }
        if let (Some(at), Some(why), "sending") = (report.stopped_at, &report.stopped_why, report.state.as_str()) {
            problems.push(Problem {
                what: format!("{name} was stopped at {} UTC: {why}", at.strftime("%Y-%m-%d %H:%M")),
                remedy: format!(
                    "mend what the relay complains of, then `carillon mail retry {} --mailing {}`",
                    report.campaign, report.mailing
                ),
            });
        }
        if count(DeliveryState::InDoubt) > 0 {
            problems.push(Problem {
                what: format!("{name} has {} deliveries in doubt", count(DeliveryState::InDoubt)),
                remedy: "look them up in the relay's log, then `carillon mail resolve`; \
                         `carillon mail queue --state in-doubt` lists them"
                    .into(),
            });
        }
        if count(DeliveryState::Expired) > 0 {
            problems.push(Problem {
                what: format!("{name} has {} deliveries that expired unsent", count(DeliveryState::Expired)),
                remedy: "see why with `carillon mail queue --state expired`".into(),
            });
        }
    }
    problems
}

/// The mailings whose time has come and that nobody can get.
fn without_audience(db: &mut Db, now: Timestamp) -> StoreResult<Vec<Problem>> {
    if planning::has_audience(db, now)? {
        return Ok(Vec::new());
    }
    let problem = |mailing: DueMailing| Problem {
        what: format!(
            "mailing `{}` of `{}` waits: there is no confirmed member to write to",
            mailing.name, mailing.campaign
        ),
        remedy: format!(
            "`carillon member import FILE`; it begins by itself if that is before {} UTC",
            mailing.not_after.strftime("%Y-%m-%d %H:%M")
        ),
    };
    Ok(planning::due(db, now)?.into_iter().map(problem).collect())
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
    for problem in &status.problems {
        context.line(format!("problem: {}\n     do: {}", problem.what, problem.remedy))?;
    }
    Ok(())
}
