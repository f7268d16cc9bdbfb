//! `carillon status`: what is open, what comes next, what waits, and what is wrong. Writes nothing to the store.

mod ahead;
mod check;
mod claims;
mod daemon;
mod next;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use super::deliveries::write_report;
use super::exit::{Exit, code_of};
use super::outbox;
use super::run::{holds, locks};
use super::{Context, terms};
use crate::config::{RelaySettings, Settings, load_keyring};
use crate::daemon::{Locks, Presence};
use crate::db::approvals::{self, ApprovalDue};
use crate::db::bounces::CameBack;
use crate::db::drafts::{self, EditionDraft};
use crate::db::pace;
use crate::db::problems::{self, StoredProblem, WhichProblems};
use crate::db::renewals::{self, RenewalCounts};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, Store, StoreResult, bounces, deliveries, gates, signups};
use crate::delivery::learned::RelayLearned;
use crate::gate::{self, Stage};
use crate::member::sign_up::TurnedAway;
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::problem::{Nature, Problem, ProblemKind, Severity};
use crate::sending::foresight::{FORESEEN, foreseen};
use crate::sending::holds::{Hold, Holds, told_together};
use crate::sending::rests::{Rests, ShopWarmUp};
use crate::text::Slug;
pub(super) use ahead::NoTimeAhead;
use ahead::TimeAhead;
pub(super) use check::Level;
pub(super) use next::in_english;
use next::{Course, Upcoming, upcoming};

/// The arguments of `carillon status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Only what happens in the time to come, such as 7d, 12h or 2w, day by day; seven days when no time is named
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "7d", conflicts_with = "check")]
    next: Option<TimeAhead>,
    /// For monitoring: print one line, and end with 0 when all is well, 1 for a warning, 2 when something planned does not
    /// happen or the store cannot be read, 3 when the check cannot be made: a wrong configuration, a store of another version
    #[arg(long)]
    check: bool,
}

/// How far back what came back is counted.
const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How the words of a problem begin that was heard at `/ready`.
pub(super) const SAYS: &str = "the daemon says: ";

/// Everything that the command says.
#[derive(Debug, Serialize)]
struct Status {
    now: Timestamp,
    /// The shop's own clocks.
    #[serde(skip)]
    zone: TimeZone,
    check: Level,
    gates: Vec<GateLine>,
    next: Vec<Upcoming>,
    mailings: Vec<MailingReport>,
    #[serde(flatten)]
    presence: Presence,
    /// Where letters go, when it is to files that nobody receives.
    outbox: Option<PathBuf>,
    /// What was learned of the relay, or of the first of several, in words.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_in_english")]
    relay: Option<Phrase>,
    /// The relays, in the order in which they are used, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relays: Vec<RelayLine>,
    /// People who have signed up; none where nobody can and nobody waits.
    sign_ups: Option<signups::SignUpCounts>,
    /// Those who were turned away.
    #[serde(skip_serializing_if = "Option::is_none")]
    turned_away: Option<TurnedAway>,
    /// Members who are asked whether they want to go on.
    renewals: RenewalCounts,
    /// When the quiet hours end, in which no letter of a mailing is begun; absent when it is not quiet.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant_of")]
    quiet_until: Option<(Timestamp, TimeZone)>,
    /// How far the warm-up of a new domain or relay is; absent where there is none, or it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUpLine>,
    /// What came back in thirty days.
    came_back: CameBack,
    /// What waits until another person approves it.
    approvals: Vec<ApprovalDue>,
    /// Next editions that were proposed and wait for a person.
    drafts: Vec<EditionDraft>,
    problems: Vec<Standing>,
}

/// A day of a warm-up.
#[derive(Debug, Serialize)]
struct WarmUpLine {
    /// Its number, from 1 on.
    day: u32,
    /// How many letters have left on it.
    letters: u64,
    /// How many may.
    most: u64,
    /// When the next day begins.
    next_day_at: Option<Timestamp>,
    #[serde(skip)]
    zone: TimeZone,
}

impl WarmUpLine {
    fn of(db: &mut Db, warm_up: &ShopWarmUp, now: Timestamp) -> StoreResult<Option<Self>> {
        let day = warm_up.day(db, now)?;
        Ok(warm_up.plan.most_on(day).map(|most| Self {
            day: day.days_before.saturating_add(1),
            letters: day.letters,
            most,
            next_day_at: warm_up.day_after(day.day, 1),
            zone: warm_up.zone().clone(),
        }))
    }

    fn phrase(&self) -> Phrase {
        let Self { day, letters, most, next_day_at, zone } = self;
        match next_day_at.filter(|_| letters >= most) {
            None => phrase!("status-warm-up", day = *day, letters = *letters, most = *most),
            Some(at) => phrase!("status-warm-up-full", day = *day, most = *most, at = Fact::moment(at, zone)),
        }
    }
}

/// One of several relays.
#[derive(Debug, Serialize)]
struct RelayLine {
    /// Host and port.
    name: String,
    /// What was learned of it, in words.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_in_english")]
    learned: Option<Phrase>,
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
        Self::seen(Problem::new(kind, "", format!("{SAYS}{}", kind.traits().title), kind.usual_remedy()))
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
            context.line(check::failed(level, &error, context.language))?;
            return Ok(level.exit());
        }
        Err(error) => return Err(error),
    };
    match (args.next, args.json, args.check) {
        (Some(ahead), json, _) => ahead::tell(ahead, &status, json, context)?,
        (None, true, _) => context.json(&status)?,
        (None, false, true) => context.line(check::line(&status, context.language))?,
        (None, false, false) => write(context, &status)?,
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
    let (holds, rests, now) = (holds(&settings), Rests::of(&settings), context.clock.now());
    let told = daemon::not_ready(&settings.public.listen);
    let locks = locks(&settings, &store);
    let mut status = store.read_blocking(|db| status(db, &locks, (&holds, &rests), &told, now))?;
    if let Some(problem) = keys_unusable(&settings) {
        status.problems.push(Standing::seen(problem));
        status.check = Level::with(&status.problems, &status.approvals, now);
    }
    let (sign_ups, turned_away) =
        store.read_blocking(|db| Ok((signups::standing(db, now)?, crate::db::turned_away::look(db)?)))?;
    // Whoever signed up before the section was taken away waits all the same.
    let sign_ups = (settings.join.is_some() || sign_ups.waiting > 0).then_some(sign_ups);
    let (relay, relays) = match relays(&settings, &store, now)? {
        relays if relays.len() > 1 => (relays.first().and_then(|first| first.learned.clone()), relays),
        relays => (relays.into_iter().next().and_then(|only| only.learned), Vec::new()),
    };
    Ok(Status {
        zone: settings.zone(),
        relay,
        relays,
        outbox: settings.mail.transport.outbox().map(Path::to_owned),
        sign_ups,
        turned_away,
        ..status
    })
}

/// The relays of the settings, with what was learned of each.
fn relays(settings: &Settings, store: &Store, now: Timestamp) -> StoreResult<Vec<RelayLine>> {
    let line = |relay: &RelaySettings| -> StoreResult<RelayLine> {
        let name = relay.name();
        let learned = store.read_blocking(|db| pace::learned(db, &name, now))?;
        Ok(RelayLine { learned: learned_line(&learned), name })
    };
    settings.mail.transport.relays().into_iter().map(line).collect()
}

/// A daemon that runs does not miss its keys, and would be missed itself when it ends.
fn keys_unusable(settings: &Settings) -> Option<Problem> {
    let error = load_keyring(&settings.keys).err()?;
    let file = settings.keys.display();
    let words = format!("a daemon could not be started: {:#}", anyhow::Error::from(error));
    let remedy = format!(
        "let the daemon's user own `{file}` and nobody else read it (`chmod 600 {file}`), or put back its copy; a daemon that runs \
         goes on"
    );
    Some(Problem::new(ProblemKind::KeysUnusable, "", words, remedy))
}

fn status(
    db: &mut Db,
    locks: &Locks,
    (holds, rests): (&Holds, &Rests),
    told: &[ProblemKind],
    now: Timestamp,
) -> StoreResult<Status> {
    let quiet = rests.quiet.as_ref();
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
        match told_together(&held) {
            None => problems.retain(|it| it.problem.kind != ProblemKind::SendingHeld),
            Some(told) => {
                let held = problems.iter_mut().filter(|it| it.problem.kind == ProblemKind::SendingHeld);
                held.for_each(|it| (it.problem.words, it.problem.remedy) = told.clone());
            }
        }
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
    let something_is_planned = !upcoming(&gates, &mailings, &problems, (quiet, now)).is_empty();
    problems.extend(presence.problem(something_is_planned).map(Standing::seen));
    // What a daemon foresaw when it looked last may be mended since.
    let foreseen = foreseen(db, rests, now)?;
    problems.retain(|it| {
        !FORESEEN.contains(&it.problem.kind) || foreseen.iter().any(|now| now.is(it.problem.kind, &it.problem.object))
    });
    let unknown = |now: &Problem| !problems.iter().any(|it| it.problem.is(now.kind, &now.object));
    let unknown: Vec<Standing> = foreseen.into_iter().filter(unknown).map(Standing::seen).collect();
    problems.extend(unknown);
    let held = problems.iter().any(|standing| standing.problem.kind == ProblemKind::SendingHeld);
    problems.extend(claims::left(&deliveries::claims(db)?, &presence, held).into_iter().map(Standing::seen));
    let next = upcoming(&gates, &mailings, &problems, (quiet, now));
    let gates = gates
        .into_iter()
        .map(|gate| GateLine {
            state: gate::stage(&gate, now),
            next_change_at: gate::next_change(&gate, now),
            zone: gate.time_zone(),
            campaign: gate.slug,
            title: gate.title,
        })
        .collect();
    let approvals = approvals::due(db, now)?;
    Ok(Status {
        now,
        zone: TimeZone::UTC,
        check: Level::with(&problems, &approvals, now),
        gates,
        next,
        mailings,
        presence,
        outbox: None,
        relay: None,
        relays: Vec::new(),
        sign_ups: None,
        turned_away: None,
        renewals: renewals::standing(db, now)?,
        quiet_until: quiet.and_then(|quiet| Some((quiet.until(now)?, quiet.zone().clone()))),
        warm_up: rests.warm_up.as_ref().map(|warm_up| WarmUpLine::of(db, warm_up, now)).transpose()?.flatten(),
        came_back: bounces::since(db, now.saturating_sub(THIRTY_DAYS).unwrap_or(Timestamp::MIN))?,
        approvals,
        drafts: drafts::waiting(db, now)?,
        problems,
    })
}

/// That a draft waits, and how it is seen.
fn draft_line(draft: &EditionDraft, zone: &TimeZone) -> Phrase {
    let (slug, source) = (Fact::text(&draft.slug), Fact::text(&draft.source));
    phrase!("status-draft", slug = slug, source = source, begins = Fact::moment(draft.begins_at, zone))
}

fn write(context: &mut Context, status: &Status) -> std::io::Result<()> {
    if status.gates.is_empty() {
        context.remark(&phrase!("status-no-campaign"))?;
    } else {
        write_campaigns(context, status)?;
    }
    context.say(&match (status.presence.running, status.presence.daemons.len()) {
        (false, _) => phrase!("status-no-daemon", last = status.presence.last()),
        (true, 0 | 1) => phrase!("status-daemon"),
        (true, n) => phrase!("status-daemons", count = n),
    })?;
    if let Some(warning) = outbox::warning(status.outbox.as_deref()) {
        context.say(&phrase!("status-mail", warning = warning))?;
    }
    if let Some(relays) = relays_line(&status.relays) {
        context.say(&relays)?;
    } else if let Some(relay) = &status.relay {
        context.say(&phrase!("status-relay", learned = relay.clone()))?;
    }
    if let Some((until, zone)) = &status.quiet_until {
        context.say(&phrase!("status-quiet", until = Fact::moment(*until, zone)))?;
    }
    if let Some(warm_up) = &status.warm_up {
        context.say(&warm_up.phrase())?;
    }
    let came_back = &status.came_back;
    if came_back.reports() > 0 || came_back.dead > 0 {
        context.say(&phrase!("bounce-status", reports = came_back.reports(), dead = came_back.dead))?;
    }
    if came_back.undecided > 0 {
        context.say(&phrase!("bounce-status-waiting", waiting = came_back.undecided))?;
    }
    if let Some(sign_ups) = &status.sign_ups {
        context.say(&sign_up_line(sign_ups, status.turned_away.as_ref()))?;
    }
    if status.renewals != RenewalCounts::default() {
        context.say(&renewal_line(status.renewals))?;
    }
    for due in &status.approvals {
        context.say(&due.phrase(status.now))?;
    }
    for draft in &status.drafts {
        context.say(&draft_line(draft, &status.zone))?;
    }
    for Standing { id, problem, acknowledged_by, .. } in &status.problems {
        let told = problem.told(context.language);
        let said = match (id, acknowledged_by) {
            (None, _) => phrase!("status-problem", words = told.words),
            (Some(id), None) => phrase!("status-problem-numbered", words = told.words, id = Fact::text(id)),
            (Some(id), Some(who)) => {
                phrase!("status-problem-seen", words = told.words, id = Fact::text(id), who = who)
            }
        };
        context.say(&said)?;
        context.say(&phrase!("status-problem-do", remedy = told.remedy))?;
    }
    Ok(())
}

/// The relays in their order; nothing where there are not several.
fn relays_line(relays: &[RelayLine]) -> Option<Phrase> {
    let said = |RelayLine { name, learned }: &RelayLine| match learned {
        None => Fact::text(format!("`{name}`")),
        Some(learned) => phrase!("relay-learned", relay = format!("`{name}`"), learned = learned.clone()).into(),
    };
    let relays: Vec<Fact> = relays.iter().map(said).collect();
    (!relays.is_empty()).then(|| phrase!("status-relays", relays = relays))
}

/// What was learned of a relay; nothing when nothing was.
fn learned_line(learned: &RelayLearned) -> Option<Phrase> {
    let lines = learned.lines.at_once.map(|lines| phrase!("learned-connections", count = lines));
    let mails = learned.lines.mails.map(|mails| phrase!("learned-mails", count = mails));
    let rate = learned.pace.relay.map(|rate| phrase!("learned-rate", rate = format!("{rate:.0}")));
    let providers = learned.pace.providers.iter();
    let providers = providers.map(|(name, rate)| phrase!("learned-provider", name = name, rate = format!("{rate:.0}")));
    let parts: Vec<Fact> = [lines, mails, rate].into_iter().flatten().chain(providers).map(Fact::from).collect();
    (!parts.is_empty()).then(|| phrase!("learned", parts = parts))
}

/// The same of words that may be none.
#[expect(clippy::ref_option, reason = "a field is handed over so")]
pub(super) fn maybe_in_english<S: Serializer>(said: &Option<Phrase>, to: S) -> Result<S::Ok, S::Error> {
    match said {
        Some(said) => to.collect_str(said),
        None => to.serialize_none(),
    }
}

/// The instant alone, for programs.
#[expect(clippy::ref_option, reason = "a field is handed over so")]
fn instant_of<S: Serializer>(moment: &Option<(Timestamp, TimeZone)>, to: S) -> Result<S::Ok, S::Error> {
    moment.as_ref().map(|(at, _)| at).serialize(to)
}

fn sign_up_line(sign_ups: &signups::SignUpCounts, turned_away: Option<&TurnedAway>) -> Phrase {
    let (waiting, letters, confirmed) = (sign_ups.waiting, sign_ups.letters, sign_ups.confirmed);
    let line = phrase!("status-sign-ups", waiting = waiting, letters = letters, confirmed = confirmed);
    match turned_away {
        None => line,
        Some(it) => phrase!("status-turned-away", line = line, count = it.count, at = Fact::text(it.last_at)),
    }
}

fn renewal_line(renewals: RenewalCounts) -> Phrase {
    let RenewalCounts { unasked, asked, in_doubt, renewed } = renewals;
    match in_doubt {
        0 => phrase!("status-renewals", letters = unasked, asked = asked, renewed = renewed),
        _ => phrase!("status-renewals-doubt", letters = unasked, asked = asked, renewed = renewed, doubt = in_doubt),
    }
}

fn write_campaigns(context: &mut Context, status: &Status) -> std::io::Result<()> {
    let changes = |line: &GateLine| line.next_change_at.map(|at| context.moment(at, &line.zone)).unwrap_or_default();
    let rows = status
        .gates
        .iter()
        .map(|line| {
            let stage = context.words(&terms::stage(line.state));
            [line.campaign.to_string(), line.title.clone(), stage, changes(line)]
        })
        .collect();
    let header =
        [phrase!("column-campaign"), phrase!("column-title"), phrase!("column-gate"), phrase!("column-next-change")];
    context.table(header, rows)?;
    context.line("")?;
    if !status.next.is_empty() {
        let rows = status.next.iter().map(|event| next_line(event, context)).collect();
        context.table([phrase!("column-next"), phrase!("column-campaign"), phrase!("column-what")], rows)?;
        context.line("")?;
    }
    write_report(context, status.outbox.as_deref(), &status.mailings)?;
    context.line("")
}

fn next_line(event: &Upcoming, context: &Context) -> [String; 3] {
    let what = told(event, context);
    let at = if event.closes { context.until(event.at, &event.zone) } else { context.moment(event.at, &event.zone) };
    [at, event.campaign.to_string(), context.words(&what)]
}

/// What happens, since when it waits, and why.
fn told(event: &Upcoming, context: &Context) -> Phrase {
    let what = event.what.clone();
    let what = match event.since.filter(|_| event.course == Course::Waiting) {
        None => what,
        Some(since) => phrase!("next-since", what = what, since = Fact::moment(since, &event.zone)),
    };
    match &event.why {
        None => what,
        Some(problem) => phrase!("next-why", what = what, why = problem.told(context.language).words),
    }
}
