//! `carillon problem`: what is wrong and was, and saying that one has seen it.

use clap::Subcommand;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use super::status::standing;
use crate::db::problems::{self, StoredProblem, WhichProblems};
use crate::phrase;
use crate::phrase::Fact;
use crate::problem::Problem;

/// The arguments of `carillon problem`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the problems that stand, and who has acknowledged them
    List(ListArgs),
    /// Say that you have seen a problem: monitoring is quiet about it until it says something new
    Acknowledge(AcknowledgeArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Include those that have ended
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct AcknowledgeArgs {
    /// The problems' numbers, as `carillon problem list` shows them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<i64>,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::List(args) => list(&args, context),
        Verb::Acknowledge(args) => acknowledge(args.ids, context),
    }
}

/// A problem in JSON: as it is kept, or as it was only seen now, which has neither a number nor a time.
#[derive(Serialize)]
#[serde(untagged)]
enum ListedProblem<'a> {
    Kept(&'a StoredProblem),
    Seen {
        id: Option<i64>,
        #[serde(flatten)]
        problem: &'a Problem,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        acknowledged_at: Option<Timestamp>,
        acknowledged_by: Option<&'a str>,
    },
}

impl<'a> ListedProblem<'a> {
    fn seen(problem: &'a Problem) -> Self {
        Self::Seen { id: None, problem, since: None, until: None, acknowledged_at: None, acknowledged_by: None }
    }
}

fn list(args: &ListArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let which = if args.all { WhichProblems::All } else { WhichProblems::Standing };
    let found = store.read_blocking(|db| problems::list(db, which))?;
    // What nobody has noted, such as that no daemon runs, is there all the same.
    let kept = |problem: &Problem| found.iter().any(|known| known.problem.is(problem.kind, &problem.object));
    let seen: Vec<Problem> =
        standing(context)?.into_iter().map(|(problem, _)| problem).filter(|problem| !kept(problem)).collect();
    if args.json {
        let listed: Vec<ListedProblem<'_>> =
            found.iter().map(ListedProblem::Kept).chain(seen.iter().map(ListedProblem::seen)).collect();
        context.json(&listed)?;
        return Ok(Exit::Done);
    }
    if found.is_empty() && (args.all || seen.is_empty()) {
        context.remark(&if args.all { phrase!("problems-never") } else { phrase!("problems-none") })?;
    } else {
        let zone = settings.zone();
        let name = zone.iana_name().unwrap_or("UTC");
        let header = [
            phrase!("column-id"),
            phrase!("column-severity"),
            phrase!("column-since-in", zone = name),
            phrase!("column-until-in", zone = name),
            phrase!("column-acknowledged-by"),
            phrase!("column-what"),
            phrase!("column-what-to-do"),
        ];
        let lines = found.iter().map(|problem| line(problem, &zone, context)).collect();
        if !found.is_empty() {
            context.table(header, lines)?;
        }
    }
    if !seen.is_empty() {
        context.say(&phrase!("problems-seen"))?;
    }
    for problem in &seen {
        let told = problem.told(context.language);
        context.say(&phrase!("status-problem", words = told.words))?;
        context.say(&phrase!("status-problem-do", remedy = told.remedy))?;
    }
    Ok(Exit::Done)
}

fn line(problem: &StoredProblem, zone: &TimeZone, context: &Context) -> [String; 7] {
    let told = problem.problem.told(context.language);
    [
        problem.id.to_string(),
        context.words(&phrase!("term-severity", word = Fact::text(problem.problem.severity()))),
        context.minute(problem.since, zone),
        problem.until.map(|at| context.minute(at, zone)).unwrap_or_default(),
        problem.acknowledged_by.clone().unwrap_or_default(),
        context.words(&told.words),
        context.words(&told.remedy),
    ]
}

fn acknowledge(ids: Vec<i64>, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let mut refused = Vec::new();
    for id in ids {
        match store.write_blocking(|db| problems::acknowledge(db, id, &who, now))? {
            Ok(known) => {
                let words = known.problem.told(context.language).words;
                context.say(&phrase!("problem-acknowledged", id = Fact::text(id), words = words))?;
            }
            Err(refusal) => refused.push(refusal.to_string()),
        }
    }
    if refused.is_empty() { Ok(Exit::Done) } else { Err(Failure::refused(refused.join("\n"))) }
}
