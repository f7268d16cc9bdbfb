//! `carillon mail queue|report|resolve`: the account of every delivery.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exit::{Exit, Failure};
use super::{Context, outbox, restored, terms};
use crate::config::load_keyring;
use crate::db::reports::{self, MailingReport, QueueFilter, QueueRow};
use crate::db::{Store, campaigns};
use crate::delivery::state::DeliveryEvent;
use crate::delivery::{DeliveryState, MailingState, identity, relay_log};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::text::Slug;

/// The arguments of `carillon mail queue`.
#[derive(Debug, clap::Args)]
pub(super) struct QueueArgs {
    /// Only those in this state: queued, claimed, handed-over, accepted, deferred, refused, in-doubt, expired or skipped
    #[arg(long, value_name = "STATE")]
    state: Option<DeliveryState>,
    /// Only those of this campaign
    #[arg(long, value_name = "SLUG")]
    campaign: Option<Slug>,
    /// Only those after this delivery, for the next page
    #[arg(long, value_name = "ID", default_value_t = 0)]
    after: i64,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The arguments of `carillon mail report`.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// Only this campaign; all of them when left out
    #[arg(value_name = "SLUG")]
    campaign: Option<Slug>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print CSV, with the same names in every language
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// The arguments of `carillon mail resolve`.
#[derive(Debug, clap::Args)]
pub(super) struct ResolveArgs {
    /// The deliveries in doubt that you have looked into
    #[arg(value_name = "ID", required_unless_present_any = ["relay_log", "restored", "latest", "departures_lost"])]
    ids: Vec<i64>,
    /// What became of them
    #[arg(long = "as", value_name = "OUTCOME", required_unless_present_any = ["relay_log", "restored", "latest", "departures_lost"])]
    outcome: Option<Outcome>,
    /// The log of a relay, or `-` for the standard input: those in doubt that it says it took have arrived
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ids", "outcome", "restored", "latest", "departures_lost", "yes"])]
    relay_log: Option<PathBuf>,
    #[command(flatten)]
    about_the_store: StoreArgs,
    /// With `--restored`, although nothing shows that the store was restored; with `--departures-lost`, to answer for it
    #[arg(long, conflicts_with_all = ["ids", "outcome", "latest"])]
    yes: bool,
}

/// Answers about a store that may have been restored: one at a time.
#[derive(Debug, clap::Args)]
struct StoreArgs {
    /// The store was restored from a backup: set aside everything that may have been sent since
    #[arg(long, conflicts_with_all = ["ids", "outcome", "latest"])]
    restored: bool,
    /// The store was copied or moved, but nothing was sent since from anywhere else: take it for the latest one
    #[arg(long, conflicts_with_all = ["ids", "outcome"])]
    latest: bool,
    /// There is no copy of the record of departures: go on with what the store knows. People who left after its backup
    /// would be written to; without `--yes` this only says how many may be meant
    #[arg(long, conflicts_with_all = ["ids", "outcome", "restored", "latest"])]
    departures_lost: bool,
}

/// What a person found out about a delivery in doubt.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Outcome {
    /// It arrived: the relay's log or the member says so
    Arrived,
    /// It did not arrive, and is not to be sent again
    Lost,
    /// It did not arrive: send it again, before its deadline. You answer for it that nobody gets two
    Resend,
}

/// How many campaigns an error names.
const NAMED: usize = 5;

/// An error when no campaign `slug` was ever applied, with those that were.
fn must_be_known(store: &Store, slug: Option<&Slug>) -> anyhow::Result<()> {
    let Some(slug) = slug else { return Ok(()) };
    let applied = store.read_blocking(campaigns::slugs)?;
    if applied.contains(slug) {
        return Ok(());
    }
    let some: Vec<String> = applied.iter().take(NAMED).map(|known| format!("`{known}`")).collect();
    Err(Failure::refused(match (applied.len(), some.join(", ")) {
        (0, _) => format!(
            "there is no campaign `{slug}`, for none has been applied yet; `carillon campaign apply FILE` applies one"
        ),
        (1..=NAMED, names) => format!("there is no campaign `{slug}`; those that were applied: {names}"),
        (_, names) => {
            format!("there is no campaign `{slug}`; the latest are {names}, and `carillon campaign list` shows all")
        }
    }))
}

pub(super) fn queue(args: QueueArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    must_be_known(&store, args.campaign.as_ref())?;
    let filter =
        QueueFilter { campaign: args.campaign, state: args.state, after: args.after, limit: i64::from(args.limit) };
    let rows = store.read_blocking(|db| reports::queue(db, &filter))?;
    if args.json {
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        context.remark(&phrase!("queue-none"))?;
        return Ok(Exit::Done);
    }
    if rows.len() == args.limit as usize {
        let last = rows.last().map_or(0, |row| row.id);
        context.remark(&phrase!("queue-more", last = Fact::text(last)))?;
    }
    let zone = settings.zone();
    let header = [
        phrase!("column-id"),
        phrase!("column-campaign"),
        phrase!("column-mailing"),
        phrase!("column-member"),
        phrase!("column-state"),
        phrase!("column-tries"),
        phrase!("column-next-in", zone = zone.iana_name().unwrap_or("UTC")),
        phrase!("column-said"),
    ];
    let lines = rows.iter().map(|row| queue_line(row, &zone, context)).collect();
    context.table(header, lines)?;
    Ok(Exit::Done)
}

fn queue_line(row: &QueueRow, zone: &TimeZone, context: &Context) -> [String; 8] {
    let code = row.reply_code.map(|code| format!("{code} ")).unwrap_or_default();
    let at = row.stage.as_ref().map(|stage| context.words(&phrase!("queue-stage", stage = Fact::text(stage))));
    let at = at.map(|at| format!("{at} ")).unwrap_or_default();
    [
        row.id.to_string(),
        row.campaign.to_string(),
        row.mailing.clone(),
        row.member.to_string(),
        context.words(&terms::delivery_state(row.state)),
        row.attempts.to_string(),
        row.next_attempt_at.map(|at| context.minute(at, zone)).unwrap_or_default(),
        format!("{at}{code}{}", context.written(Fact::english(row.reason.as_deref().unwrap_or_default()))),
    ]
}

pub(super) fn report(args: ReportArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    must_be_known(&store, args.campaign.as_ref())?;
    let mailings = store.read_blocking(|db| reports::mailings_of(db, args.campaign.as_ref()))?;
    if args.json {
        context.json(&mailings)?;
    } else if args.csv {
        write_csv(context, &mailings)?;
    } else if mailings.is_empty() {
        context.remark(&phrase!("report-none"))?;
    } else {
        write_report(context, settings.mail.transport.outbox(), &mailings)?;
    }
    let doubled: u64 = mailings.iter().map(|report| report.doubled).sum();
    if doubled > 0 {
        return Err(Failure::refused(phrase!("report-doubled", count = doubled)));
    }
    Ok(Exit::Done)
}

/// The account of every delivery, one line for each mailing; below it, which of the accepted are files. The copies are
/// those that a relay said it has.
pub(super) fn write_report(
    context: &mut Context,
    outbox: Option<&Path>,
    mailings: &[MailingReport],
) -> std::io::Result<()> {
    let header = [
        phrase!("column-campaign"),
        phrase!("column-mailing"),
        phrase!("column-state"),
        phrase!("column-planned"),
        phrase!("column-accepted"),
        phrase!("column-refused"),
        phrase!("column-skipped"),
        phrase!("column-expired"),
        phrase!("column-in-doubt"),
        phrase!("column-waiting"),
        phrase!("column-copies"),
    ];
    let lines = mailings.iter().map(|report| report_line(report, context)).collect();
    context.table(header, lines)?;
    let zone = context.shop_zone();
    for report in mailings.iter().filter(|report| report.filed > 0) {
        let filed = outbox::filed(report.filed, outbox);
        let (mailing, campaign) = (report.mailing.as_str(), Fact::text(&report.campaign));
        context.say(&phrase!("report-filed", mailing = mailing, campaign = campaign, filed = filed))?;
    }
    for report in mailings.iter().filter(|report| report.state == MailingState::Sending) {
        for (provider, part) in &report.stopped_parts.0 {
            context.say(&phrase!(
                "report-part-stopped",
                mailing = report.mailing.as_str(),
                campaign = Fact::text(&report.campaign),
                provider = provider.as_str(),
                since = Fact::moment(part.at, &zone),
                why = part.why.as_str()
            ))?;
        }
    }
    for report in mailings.iter().filter(|report| report.removed > 0) {
        let (mailing, campaign) = (report.mailing.as_str(), Fact::text(&report.campaign));
        context.say(&phrase!("report-removed", mailing = mailing, campaign = campaign, count = report.removed))?;
    }
    Ok(())
}

/// The account as a table for programs: one row for each mailing, and a column for each state.
fn write_csv(context: &mut Context, mailings: &[MailingReport]) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let before = [
        "campaign",
        "mailing",
        "state",
        "not_before",
        "not_after",
        "begun_at",
        "ended_at",
        "stopped_at",
        "stopped_for",
        "planned",
    ];
    let after = ["copies", "doubled", "filed", "removed"];
    let states = DeliveryState::ALL.iter().map(|state| state.name());
    table.write_record(before.into_iter().chain(states).chain(after))?;
    for report in mailings {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let stopped_for: Vec<&str> = report.stopped_parts.0.keys().map(String::as_str).collect();
        let mut row = vec![
            report.campaign.to_string(),
            report.mailing.clone(),
            report.state.to_string(),
            report.not_before.to_string(),
            report.not_after.to_string(),
            at(report.begun_at),
            at(report.ended_at),
            at(report.stopped_at),
            stopped_for.join("; "),
            report.planned.to_string(),
        ];
        let count = |state: &DeliveryState| report.counts.get(state).copied().unwrap_or_default();
        row.extend(DeliveryState::ALL.iter().map(|state| count(state).to_string()));
        row.extend([report.taken, report.doubled, report.filed, report.removed].map(|count| count.to_string()));
        table.write_record(row)?;
    }
    let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
    for line in String::from_utf8(bytes)?.lines() {
        context.line(line)?;
    }
    Ok(())
}

fn state_words(report: &MailingReport) -> Phrase {
    let waits = report.stopped_at.is_some() && report.state == MailingState::Sending;
    if waits { phrase!("mailing-stopped") } else { terms::mailing_state(report.state) }
}

fn report_line(report: &MailingReport, context: &Context) -> [String; 11] {
    let count = |states: &[DeliveryState]| -> String {
        states.iter().filter_map(|state| report.counts.get(state)).sum::<u64>().to_string()
    };
    [
        report.campaign.to_string(),
        report.mailing.clone(),
        context.words(&state_words(report)),
        report.planned.to_string(),
        count(&[DeliveryState::Accepted]),
        count(&[DeliveryState::Refused]),
        count(&[DeliveryState::Skipped]),
        count(&[DeliveryState::Expired]),
        count(&[DeliveryState::InDoubt]),
        count(&[DeliveryState::Queued, DeliveryState::Deferred, DeliveryState::Claimed, DeliveryState::HandedOver]),
        report.taken.to_string(),
    ]
}

/// What a relay's log says of the deliveries in doubt: those that it took have arrived. Of the others it says nothing.
fn resolve_by_log(file: &Path, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let keyring = load_keyring(&settings.keys)?;
    let filter = QueueFilter { state: Some(DeliveryState::InDoubt), limit: i64::MAX, ..QueueFilter::default() };
    let in_doubt = store.read_blocking(|db| reports::queue(db, &filter))?;
    let mut unknown: BTreeSet<i64> = in_doubt.iter().map(|row| row.id).collect();
    let mut taken = BTreeSet::new();
    let cannot_read = || format!("cannot read `{}`", file.display());
    let bytes: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(file).with_context(cannot_read)?)
    };
    let (mut lines, mut line) = (BufReader::new(bytes), Vec::new());
    while !unknown.is_empty() {
        line.clear();
        // A log is not text through and through: a name that somebody greeted with is in it as it came.
        if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).with_context(cannot_read)? == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&line);
        let delivery = relay_log::taken(&line).and_then(|path| identity::delivery_of(&keyring, path));
        if let Some(delivery) = delivery.filter(|delivery| unknown.remove(delivery)) {
            taken.insert(delivery);
        }
    }
    let (now, who) = (context.clock.now(), context.who.clone());
    let mut exit = settle(&taken, DeliveryEvent::ResolveAccepted, &store, (&who, now), context)?;
    let (found, count) = (taken.len(), in_doubt.len());
    context.say(&phrase!("resolve-by-log", taken = found, count = count))?;
    if !unknown.is_empty() {
        let some: Vec<String> = unknown.iter().take(NAMED).map(ToString::to_string).collect();
        let more = unknown.len().saturating_sub(NAMED);
        context.remark(&phrase!("resolve-not-in-log", count = unknown.len(), ids = some.join(" "), more = more))?;
        exit = Exit::Refused;
    }
    Ok(exit)
}

/// The most bytes of a line of a log that are looked at together.
const LONGEST_LINE: u64 = 65_536;

/// Settles deliveries in doubt, and says what each is now.
fn settle<'a>(
    ids: impl IntoIterator<Item = &'a i64>,
    event: DeliveryEvent,
    store: &Store,
    (who, now): (&str, Timestamp),
    context: &mut Context,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for id in ids {
        match store.write_blocking(|db| reports::resolve(db, *id, event, who, now))? {
            Ok(state) => {
                let state = terms::delivery_state(state);
                context.say(&phrase!("resolve-done", id = Fact::text(id), state = state))?;
            }
            Err(refusal) => {
                context.remark(&phrase!("finding-error", message = Fact::english(refusal)))?;
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}

pub(super) fn resolve(args: ResolveArgs, context: &mut Context) -> anyhow::Result<Exit> {
    if let Some(file) = &args.relay_log {
        return resolve_by_log(file, context);
    }
    let event = match args.outcome {
        None if args.about_the_store.latest => return restored::latest(context),
        None if args.about_the_store.departures_lost => return restored::departures_lost(args.yes, context),
        None => return restored::restored(args.yes, context),
        Some(Outcome::Arrived) => DeliveryEvent::ResolveAccepted,
        Some(Outcome::Lost) => DeliveryEvent::ResolveLost,
        Some(Outcome::Resend) => DeliveryEvent::ResolveResend,
    };
    let (_, store) = context.open_store()?;
    let (now, who) = (context.clock.now(), context.who.clone());
    settle(&args.ids, event, &store, (&who, now), context)
}
