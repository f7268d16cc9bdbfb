//! `carillon rehearse`: a shop's own campaigns on a simulated clock and on a copy of its store, with no mail leaving.
//!
//! The checks, the planner, the senders, the late check, the gate and the law are the real ones, and the story is told as the
//! demonstration's is. What belongs to the shop is only read.

mod account;
mod copy;
mod letters;
mod scratch;
mod tell;

use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Context;
use super::campaign::TakingOn;
use super::campaign::apply::perform;
use super::exit::{Exit, Failure};
use super::run::signals::Signals;
use super::spoken::SharedLog;
use super::story::Story;
use crate::calendar::Calendar;
use crate::campaign::CampaignState;
use crate::clock::Clock;
use crate::config::{Settings, TransportSettings, calendar_overrides};
use crate::daemon::{Simulation, hold_what_moved};
use crate::db::approvals::{self, ApprovalDue};
use crate::db::{Store, campaigns, gates};
use crate::files::read_text;
use crate::finding::{Finding, Place, Severity, has_error};
use crate::gate::Gate;
use crate::member::whole_micros;
use crate::phrase;
use crate::phrase::Fact;
use account::{MailingAccount, accounts, concerns};
use copy::{ShopCopy, SimulatedDaemon};
use letters::{LetterWritten, LettersFolder};
use scratch::ScratchFolder;
use tell::{RehearsalRecord, RehearsalTeller, StoryEvent};

/// How long a rehearsal goes on after the last thing that it knows of.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(1);

/// How long nobody is there when a daemon is killed.
const DOWNTIME: SignedDuration = SignedDuration::from_mins(2);

/// The arguments of `carillon rehearse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Campaign files to apply first, on the copy; what is applied already is rehearsed with them
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The day on which the files are applied and the story begins; today when left out. What is due before is lived
    /// through without a word
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, inclusive; when left out, until the last campaign is over
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    #[command(flatten)]
    taking_on: TakingOn,
    /// An official order, as a calendar override file, that comes out when the files have been applied
    #[arg(long, value_name = "FILE")]
    law: Option<PathBuf>,
    /// A relay on a bad day: one that takes 60 mails a minute, or one that refuses everybody
    #[arg(long, value_name = "MOOD")]
    relay: Option<RelayMood>,
    /// Kill the daemon in the middle of the first mailing, and start it again two minutes later
    #[arg(long)]
    kill: bool,
    /// The folder for the letters, one of each mailing and language
    #[arg(long, value_name = "FOLDER", default_value = "rehearsal")]
    letters: PathBuf,
    /// Write every letter and a line for every delivery, too. Letters name made-up addresses, and their links open nothing
    #[arg(long)]
    all: bool,
    /// How many made-up members stand in where the shop has none
    #[arg(long, value_name = "N", default_value_t = 320, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    members: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How the relay of a rehearsal is on a bad day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RelayMood {
    /// It takes sixty mails a minute.
    Slow,
    /// It refuses everybody.
    Refusing,
}

/// A rehearsal, for programs.
#[derive(Serialize)]
struct RehearsalReport<'a> {
    /// The first day: the hour of a command is no part of what it says.
    from: Date,
    to: Timestamp,
    /// Whom there is to write to at the beginning.
    members: u64,
    /// Whether these are made up.
    sample: bool,
    story: &'a [StoryEvent],
    mailings: &'a [MailingAccount],
    findings: &'a [Finding],
    folder: String,
    letters: &'a [LetterWritten],
}

/// From when to when.
#[derive(Clone, Copy)]
struct RehearsedStretch {
    /// Now: what is lived through without a word begins here.
    begins: Timestamp,
    from: Timestamp,
    /// The end, where a day was named.
    to: Option<Timestamp>,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (interrupted, _listening) = interrupted()?;
    let scratch = ScratchFolder::new()?;
    // One thread: what happens at one instant happens in the same order each time. It is gone before the copy is.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lived = runtime.block_on(async {
        tokio::select! {
            biased;
            () = interrupted.cancelled() => None,
            lived = rehearse(&args, &scratch, &interrupted, context) => Some(lived),
        }
    });
    drop(runtime);
    drop(scratch);
    match lived {
        Some(lived) if !interrupted.is_cancelled() => lived,
        _ => {
            context.remark(&phrase!("rehearse-interrupted"))?;
            Ok(Exit::Interrupted)
        }
    }
}

/// Is cancelled by a signal that asks to stop; listens until the other part is dropped.
fn interrupted() -> anyhow::Result<(CancellationToken, DropGuard)> {
    let (asked, over) = (CancellationToken::new(), CancellationToken::new());
    let (tell, end) = (asked.clone(), over.clone());
    // While a store is copied nothing else of this process is at work.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = signals.stop() => tell.cancel(),
                () = end.cancelled() => {}
            }
        });
    })?;
    Ok((asked, over.drop_guard()))
}

async fn rehearse(
    args: &Args,
    scratch: &ScratchFolder,
    interrupted: &CancellationToken,
    context: &mut Context,
) -> anyhow::Result<Exit> {
    let shop = context.settings_if_any()?;
    let zone = shop.as_ref().map_or_else(usual_zone, Settings::zone);
    // What happens at the beginning is kept so, and must not lie before the beginning.
    let stretch = stretch(args, &zone, whole_micros(context.clock.now()))?;
    let clock = Clock::manual(stretch.begins);
    let law = args.law.as_deref().map(|file| with_order(file, shop.as_ref())).transpose()?;
    let law = match law.transpose() {
        Ok(law) => law,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let mut folder = LettersFolder::prepare(&args.letters)?;
    let keep = if args.all { Some(folder.of_all()?) } else { None };
    let copy = ShopCopy::of(context, scratch, (args, interrupted), stretch.begins)?;
    if interrupted.is_cancelled() {
        return Ok(Exit::Interrupted);
    }
    let mut daemon = RehearsedDaemon { copy: &copy, clock: &clock, relay: args.relay, keep, dies: None };
    let mut typed = TypedCommands::new(context, &copy.settings, &clock);
    let mut nowhere = io::sink();
    let out: &mut dyn io::Write = if args.json { &mut nowhere } else { &mut *context.out };
    let story = Story::new(out, clock.clone(), zone.clone(), context.language).of_campaigns();
    let mut teller = RehearsalTeller::new(story, copy.store.clone(), clock.clone());

    introduce(&copy, &stretch, &mut teller)?;
    teller.is_silent = true;
    daemon.start("rehearsal")?.approach(stretch.from, &mut teller).await?;
    teller.is_silent = false;
    let mut findings = copy.holding.clone();
    findings.extend(unapproved(&copy.store, stretch.begins)?);
    for file in &args.files {
        findings.extend(typed.apply(file, args, &mut teller)?);
        if interrupted.is_cancelled() {
            return Ok(Exit::Interrupted);
        }
    }
    if let Some(calendar) = &law {
        teller.story.now(&phrase!("rehearse-order"))?;
        let now = clock.now();
        copy.store.write_blocking(|db| hold_what_moved(db, calendar, now))?;
    }
    let Some(to) = stretch.to.or(last_instant(&copy.store, stretch.from)?) else {
        if findings.is_empty() {
            return Err(Failure::refused(phrase!("rehearse-nothing")));
        }
        return finish(args, (&stretch, stretch.from), &copy, &mut folder, teller.told, findings, context);
    };
    findings.extend(shop.as_ref().and_then(of_files));
    daemon.live((stretch.from, to), args.kill, &mut teller).await?;
    finish(args, (&stretch, to), &copy, &mut folder, teller.told, findings, context)
}

fn usual_zone() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// The stretch that was asked for, in the days of `zone`.
fn stretch(args: &Args, zone: &TimeZone, now: Timestamp) -> anyhow::Result<RehearsedStretch> {
    let starts = |day: Date| -> anyhow::Result<Timestamp> { Ok(day.to_zoned_datetime(zone.clone())?.timestamp()) };
    let today = zone.to_datetime(now).date();
    let from = match args.from {
        Some(day) if day < today => return Err(Failure::usage(phrase!("rehearse-past", day = day))),
        Some(day) => starts(day)?.max(now),
        None => now,
    };
    let to = args.to.map(|day| starts(day.tomorrow()?)).transpose()?;
    if to.is_some_and(|to| to <= from) {
        return Err(Failure::usage(phrase!("stretch-backwards")));
    }
    Ok(RehearsedStretch { begins: now, from, to })
}

/// The calendar as it is when the order in `file` is out; or what does not fit.
fn with_order(file: &Path, shop: Option<&Settings>) -> anyhow::Result<Result<Calendar, Vec<Finding>>> {
    let mut documents = match shop {
        Some(settings) => calendar_overrides(&settings.calendars)?,
        None => Vec::new(),
    };
    documents.push(read_text(file)?);
    Ok(Calendar::built_in().with_overrides(&documents))
}

/// Says what is rehearsed, and with whom.
fn introduce(copy: &ShopCopy, stretch: &RehearsedStretch, teller: &mut RehearsalTeller<'_>) -> anyhow::Result<()> {
    let story = &mut teller.story;
    let (zone, day) = (story.zone().clone(), story.zone().to_datetime(stretch.from).date());
    let zone = zone.iana_name().unwrap_or("UTC").to_owned();
    story.line(&phrase!("rehearse-title", day = day, zone = zone))?;
    story.title(&if copy.made_up {
        phrase!("rehearse-made-up", count = copy.members)
    } else {
        phrase!("rehearse-members", count = copy.members)
    })?;
    if !copy.lists.is_empty() {
        let lists = Fact::texts(copy.lists.iter().map(|list| format!("`{list}`")));
        story.title(&phrase!("rehearse-made-up-lists", lists = lists))?;
    }
    Ok(())
}

/// The commands that somebody types at the simulated time, on the copy.
struct TypedCommands {
    context: Context,
    said: SharedLog,
}

impl TypedCommands {
    fn new(context: &Context, settings: &Settings, clock: &Clock) -> Self {
        let said = SharedLog::default();
        let context = Context {
            clock: clock.clone(),
            config_path: context.config_path.clone(),
            who: context.who.clone(),
            language: context.language,
            rehearsed: Some(settings.clone()),
            out: Box::new(said.clone()),
            err: Box::new(said.clone()),
        };
        Self { context, said }
    }

    /// Applies a file, tells what is said, and returns what stands in its way.
    fn apply(&mut self, file: &Path, args: &Args, teller: &mut RehearsalTeller<'_>) -> anyhow::Result<Vec<Finding>> {
        let shown = file.display().to_string();
        teller.story.typed(&format!("carillon campaign apply {shown}"))?;
        let performed = perform(file, &args.taking_on, &self.context)?;
        performed.say(false, &mut self.context)?;
        teller.story.answered(&self.said.take())?;
        let mut findings = Vec::new();
        if performed.applied().is_none() {
            findings.push(Finding::error("rehearsal.refused", Place::file(shown), phrase!("rehearse-refused")));
            let errors = performed.findings().iter().filter(|finding| finding.severity == Severity::Error);
            findings.extend(errors.cloned());
        }
        Ok(findings)
    }
}

/// An hour after the last thing that the applied campaigns have to do.
fn last_instant(store: &Store, from: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    let campaigns = store.read_blocking(campaigns::list)?;
    let to_come = campaigns.iter().filter(|campaign| campaign.state != CampaignState::Cancelled);
    let ends = to_come.flat_map(|campaign| {
        let deadlines = campaign.schedule.mailings.iter().map(|mailing| mailing.not_after);
        deadlines.chain([campaign.schedule.closes_at]).collect::<Vec<_>>()
    });
    let last = ends.filter(|end| *end > from).max();
    Ok(last.map(|last| last.saturating_add(AFTERWARDS)).transpose()?)
}

/// The daemon of a rehearsal, which may be killed and started again.
struct RehearsedDaemon<'a> {
    copy: &'a ShopCopy,
    clock: &'a Clock,
    relay: Option<RelayMood>,
    keep: Option<PathBuf>,
    /// What is told when it dies.
    dies: Option<CancellationToken>,
}

impl RehearsedDaemon<'_> {
    fn start(&self, name: &str) -> anyhow::Result<Simulation> {
        let (relay, keep, dies) = (self.relay, self.keep.clone(), self.dies.clone());
        self.copy.simulation(self.clock, SimulatedDaemon { name, relay, keep, dies })
    }

    /// Lives from `from` to `to`. When it `dies`, another one goes on two minutes later.
    async fn live(
        &mut self,
        (from, to): (Timestamp, Timestamp),
        dies: bool,
        teller: &mut RehearsalTeller<'_>,
    ) -> anyhow::Result<()> {
        let killed = CancellationToken::new();
        self.dies = dies.then(|| killed.clone());
        let first = self.start("rehearsal")?;
        tokio::select! {
            biased;
            lived = live(&first, &self.copy.store, (from, to), teller) => return lived,
            () = killed.cancelled() => {}
        }
        drop(first);
        self.copy.store.at_rest().await;
        teller.story.now(&phrase!("demo-restarts"))?;
        self.clock.advance_to(self.clock.now().checked_add(DOWNTIME)?);
        self.dies = None;
        let second = self.start("rehearsal, started again")?;
        live(&second, &self.copy.store, (self.clock.now(), to), teller).await
    }
}

/// Lives from `from` to `to`, and tells of every edge of a window on the way.
async fn live(
    simulation: &Simulation,
    store: &Store,
    (from, to): (Timestamp, Timestamp),
    teller: &mut RehearsalTeller<'_>,
) -> anyhow::Result<()> {
    let gates = store.read_blocking(gates::list)?;
    let edge_of = |gate: &Gate| {
        let edges = if gate.ends_at() > gate.opens_at { vec![gate.opens_at, gate.ends_at()] } else { Vec::new() };
        edges.into_iter().map(|edge| (edge, gate.clone())).collect::<Vec<_>>()
    };
    let mut edges: Vec<(Timestamp, Gate)> = gates.iter().flat_map(edge_of).collect();
    edges.retain(|(edge, _)| *edge > from && *edge <= to);
    edges.sort_by(|(one, first), (other, second)| (one, &first.slug).cmp(&(other, &second.slug)));
    for (edge, gate) in edges {
        simulation.approach(edge, teller).await?;
        teller.edge(&gate, edge)?;
    }
    Ok(simulation.advance(to, teller).await?)
}

/// Accounts for everything, and says what is not as it should be.
fn finish(
    args: &Args,
    (stretch, to): (&RehearsedStretch, Timestamp),
    copy: &ShopCopy,
    folder: &mut LettersFolder,
    told: RehearsalRecord,
    mut findings: Vec<Finding>,
    context: &mut Context,
) -> anyhow::Result<Exit> {
    let accounts = accounts(&copy.store, (stretch.from, to), &told)?;
    findings.extend(concerns(&copy.store, &accounts, stretch.from, &told)?);
    findings.extend(untimed(&copy.settings, args));
    let letters = folder.samples((&copy.settings, &copy.store), &accounts, stretch.from)?;
    if args.all {
        folder.deliveries(&copy.store, &accounts)?;
    }
    let exit = if has_error(&findings) { Exit::Refused } else { Exit::Done };
    if args.json {
        context.json(&RehearsalReport {
            from: copy.settings.zone().to_datetime(stretch.from).date(),
            to,
            members: copy.members,
            sample: copy.made_up,
            story: &told.events,
            mailings: &accounts,
            findings: &findings,
            folder: folder.path().display().to_string(),
            letters: &letters,
        })?;
        return Ok(exit);
    }
    context.line("")?;
    context.say(&phrase!("demo-account"))?;
    for account in &accounts {
        let summary = context.words(&account.summary());
        context.line(format_args!("    {}: {summary}", account.object()))?;
        for detail in account.details() {
            let detail = context.words(&detail);
            context.line(format_args!("        {detail}"))?;
        }
    }
    context.line("")?;
    context.findings(&findings)?;
    let path = Fact::text(folder.path().display());
    context.say(&phrase!("rehearse-folder", folder = path, count = letters.len()))?;
    let only_so_far = findings.iter().any(|finding| matches!(finding.rule, "mail.directory" | "rehearsal.unapproved"));
    context.say(&match exit {
        Exit::Done if only_so_far => phrase!("rehearse-well-but"),
        Exit::Done => phrase!("rehearse-well"),
        _ => phrase!("rehearse-not-well"),
    })?;
    Ok(exit)
}

/// That with these settings letters become files, so that nobody receives what was rehearsed, and no warm-up holds.
fn of_files(settings: &Settings) -> Option<Finding> {
    let folder = Fact::text(settings.mail.transport.outbox()?.display());
    let place = Place::file(settings.path.display().to_string()).with_words("transport");
    Some(Finding::warning("mail.directory", place, phrase!("rehearse-directory", folder = folder)))
}

/// What waits for approval, and so is no part of what was rehearsed.
fn unapproved(store: &Store, now: Timestamp) -> anyhow::Result<Vec<Finding>> {
    let due = store.read_blocking(|db| approvals::due(db, now))?;
    let finding = |due: ApprovalDue| {
        let place = Place::file(&due.waiting.source_name);
        let finding =
            Finding::warning("rehearsal.unapproved", place, phrase!("rehearse-unapproved", what = due.phrase(now)));
        finding.mended_by(phrase!("rehearse-unapproved-remedy", slug = Fact::text(&due.waiting.slug)))
    };
    Ok(due.into_iter().map(finding).collect())
}

/// That letters take no time in a rehearsal where nothing says how fast the relay takes them.
fn untimed(settings: &Settings, args: &Args) -> Option<Finding> {
    let TransportSettings::Smtp(relay, _) = &settings.mail.transport else { return None };
    let timed = relay.rate.is_some() || args.relay.is_some();
    let place = || Place::file(settings.path.display().to_string()).with_words("rate");
    (!timed).then(|| Finding::note("rehearsal.untimed", place(), phrase!("rehearse-untimed")))
}
