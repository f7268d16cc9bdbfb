//! `carillon campaign`: write, check, plan and apply a campaign file; look at what is applied; pause or cancel it.

pub(super) mod apply;
mod approve;
mod change;
mod check;
mod copy;
mod draft;
mod editions;
mod examine;
mod faces;
mod history;
mod inputs;
pub(super) mod new;
pub(super) mod offers;
mod readiness;
mod rests;
mod saved;
mod show;
mod timeline;
mod waive;
mod wizard;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;

use super::Context;
use super::exit::Exit;
use crate::calendar::{Channel, Market};
use crate::campaign::{Answer, AudienceClass, Expression, MailingKind, SaleEdition};
use crate::language::Language;
use crate::member::ListName;
use crate::text::Slug;

/// The arguments of `carillon campaign`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a campaign file with every line explained: by five questions, by options, or as an example to edit
    New(Box<NewArgs>),
    /// Write last season's campaign once more, for the next one: dates of the law move, the rest is asked for
    Copy(CopyArgs),
    /// List the next editions that the daemon has proposed, of campaigns whose file has `[edition]`; none is applied by itself
    Drafts(JsonArgs),
    /// Show the file of a proposed edition, write it, or dismiss the proposal
    Draft(DraftArgs),
    /// Report everything that is wrong or risky in campaign files; needs no configuration and changes nothing
    Check(CheckArgs),
    /// Show what applying a campaign file would change, with the instants in the campaign's zone and in UTC
    Plan(PlanArgs),
    /// Apply a campaign file: from then on the gate and the mailings follow it. Refused while a check finds an error
    Apply(ApplyArgs),
    /// Approve what another person wants applied, where the shop has `approval = true`; without a name, list what waits
    Approve(ApproveArgs),
    /// Go ahead in spite of a finding, for a reason that you answer for: it is kept in the audit log under your name
    Waive(WaiveArgs),
    /// Take a waiver back: what was applied stays, and the finding counts again from the next check on
    Unwaive(UnwaiveArgs),
    /// List the campaigns that were applied
    List(JsonArgs),
    /// Show one campaign: its window, its mailings, the law it stands on, and who changed what
    Show(ShowArgs),
    /// Stop the mailings of a campaign for now; its gate still opens and closes at its times
    Pause(SlugArgs),
    /// Resume the mailings of a paused campaign: those whose deadline has not passed leave
    Resume(SlugArgs),
    /// Cancel a campaign for good: its gate closes now, and what has not been sent is not sent
    Cancel(CancelArgs),
    /// Show every version of a campaign that was applied, and how each differs from the one before
    History(HistoryArgs),
    /// Write the file of an earlier version back; applies nothing
    Revert(RevertArgs),
    /// Draw the season: legal dates, windows, mailings, what is held, and what is in each other's way
    Timeline(TimelineArgs),
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    /// The campaign's short name: lower-case letters, digits and dashes, such as journees-magiques-hiver-2027. Given alone, the file
    /// is an example to edit; left out, five questions are asked, and the name is made of the title
    slug: Option<Slug>,
    /// What the sale is called, as customers see it
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Where the customers are, such as FR or FR-57; may be given several times
    #[arg(long)]
    market: Vec<Market>,
    /// How they buy: `online` (if you do not say) or `store`
    #[arg(long)]
    channel: Option<Channel>,
    /// When it opens, such as "soldes.winter.2027 - 4 days at 08:00"
    #[arg(long, value_name = "WHEN")]
    opens: Option<Expression>,
    /// When it closes, such as soldes.winter.2027
    #[arg(long, value_name = "WHEN")]
    closes: Option<Expression>,
    /// Who can buy: `public` (if you do not say), `open-members`, `closed-group` or `personal`
    #[arg(long)]
    audience: Option<AudienceClass>,
    /// Who is in the group of a sale for a closed group, in a sentence
    #[arg(long, value_name = "TEXT")]
    group: Option<String>,
    /// The day on which that group was fixed; today when left out
    #[arg(long, value_name = "DAY", requires = "group")]
    fixed_on: Option<Date>,
    /// A person can join that group while the sale runs
    #[arg(long, requires = "group")]
    joinable: bool,
    /// The list of the people of that group, who alone are written to
    #[arg(long, value_name = "LIST", requires = "group")]
    list: Option<ListName>,
    /// A mailing: `announcement`, `opening` or `last-hours`; may be given several times
    #[arg(long, value_name = "KIND")]
    mail: Vec<MailingKind>,
    /// A language of the mailings; may be given several times, and the first is for members of every other language
    #[arg(long, value_name = "LANGUAGE")]
    language: Vec<Language>,
    /// The file to write; SLUG.toml in this folder when not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl NewArgs {
    /// The name of the example that is wanted: a name is given, and none of the answers.
    fn example(&self) -> Option<&Slug> {
        let says = self.title.is_some()
            || !self.market.is_empty()
            || self.channel.is_some()
            || self.opens.is_some()
            || self.closes.is_some()
            || self.audience.is_some()
            || self.group.is_some()
            || !self.mail.is_empty()
            || !self.language.is_empty();
        self.slug.as_ref().filter(|_| !says)
    }
}

#[derive(Debug, clap::Args)]
struct CopyArgs {
    /// The campaign file to copy, or the short name of an applied campaign
    #[arg(value_name = "FILE or SLUG")]
    campaign: String,
    /// The season to copy it for, such as winter.2028; the next one of the same kind when left out
    #[arg(long, value_name = "SEASON")]
    season: Option<SaleEdition>,
    /// The short name of the new campaign; the old one with the new year when left out
    #[arg(long, value_name = "SLUG")]
    slug: Option<Slug>,
    /// The file to write; SLUG.toml beside the file that is copied when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct DraftArgs {
    /// The short name of the proposed campaign, as `campaign drafts` lists it
    slug: Slug,
    /// The file to write, which must not be there yet; printed when left out
    #[arg(long, value_name = "FILE", conflicts_with = "dismiss")]
    out: Option<PathBuf>,
    /// Dismiss the proposal, under your name: it is not made again for this edition
    #[arg(long)]
    dismiss: bool,
    /// Print JSON about the file that was written
    #[arg(long, requires = "out")]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// The campaign files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: an array of {rule, severity, place, message, law, remedy}
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct PlanArgs {
    /// The campaign file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Keep the plan in a new file, for `campaign apply --plan`
    #[arg(long, value_name = "PLAN")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct ApplyArgs {
    /// The campaign file; the one that the plan was made of when left out
    #[arg(value_name = "FILE", required_unless_present = "plan")]
    file: Option<PathBuf>,
    /// Do exactly what this plan showed, or nothing: a plan that `campaign plan --out` wrote
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    taking_on: TakingOn,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, clap::Args)]
struct ApproveArgs {
    /// The campaign's short name; every campaign that waits is listed when left out
    slug: Option<Slug>,
    /// Only show what approving it would change
    #[arg(long, requires = "slug", conflicts_with = "refuse")]
    look: bool,
    /// Approve it although mailings would leave at once, because their time has passed
    #[arg(long, requires = "slug", conflicts_with_all = ["refuse", "look"])]
    yes: bool,
    /// End the waiting without applying anything, under your name
    #[arg(long, requires = "slug")]
    refuse: bool,
    /// Why it is refused, in a sentence: the audit log keeps it
    #[arg(long, value_name = "TEXT", requires = "refuse")]
    reason: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "refuse")]
    json: bool,
}

/// What a person takes on by name.
#[derive(Debug, clap::Args)]
pub(super) struct TakingOn {
    /// Change what people were told, an hour, a price or who can buy, under your name. They are not told of it automatically
    #[arg(long)]
    although_told: bool,
    /// Send a second letter of the same kind to people who have the first, under your name
    #[arg(long)]
    write_again: bool,
    /// Replace a campaign that was applied from a file of another name, under your name
    #[arg(long)]
    replace: bool,
}

impl TakingOn {
    fn answers(&self) -> BTreeSet<Answer> {
        let given = [
            (self.although_told, Answer::AlthoughTold),
            (self.write_again, Answer::WriteAgain),
            (self.replace, Answer::Replace),
        ];
        given.into_iter().filter_map(|(given, answer)| given.then_some(answer)).collect()
    }
}

#[derive(Debug, clap::Args)]
struct CancelArgs {
    /// The campaign's short name
    slug: Slug,
    /// Cancel it: it cannot be undone
    #[arg(long)]
    yes: bool,
    /// Why, in a sentence: the audit log keeps it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
struct WaiveArgs {
    /// The campaign file, or the short name of a campaign that was applied from a file that is still there
    #[arg(value_name = "FILE or SLUG")]
    campaign: String,
    /// The rule of the finding, as `campaign check` prints it
    #[arg(long, value_name = "RULE")]
    rule: String,
    /// Why it is right to go ahead, in a sentence that someone else can judge
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Only findings about these words, exactly as `campaign check` prints them
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
}

#[derive(Debug, clap::Args)]
struct UnwaiveArgs {
    /// The campaign file, or the short name of the campaign
    #[arg(value_name = "FILE or SLUG")]
    campaign: String,
    /// The rule that the waiver is about
    #[arg(long, value_name = "RULE")]
    rule: String,
    /// Only the waiver about these words; every waiver of the rule when left out
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
}

#[derive(Debug, clap::Args)]
struct HistoryArgs {
    /// The campaign's short name
    slug: Slug,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct RevertArgs {
    /// The campaign's short name
    slug: Slug,
    /// The revision to write back, as `campaign history` numbers them
    #[arg(long, value_name = "REVISION")]
    to: i64,
    /// The file to write, which must not be there yet; the campaign's own file when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct SlugArgs {
    /// The campaign's short name
    slug: Slug,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The campaign's short name
    slug: Slug,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct TimelineArgs {
    /// The first day, in each campaign's own zone
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, inclusive
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// How many characters wide the drawing is; as wide as the terminal when left out
    #[arg(long, value_name = "N", conflicts_with_all = ["out", "json"])]
    width: Option<usize>,
    /// Write a file to look at, print or send: a page (.html), a drawing (.svg) or a calendar (.ics)
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Print every instant as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::New(args) => match args.example() {
            Some(slug) => new::run(slug, args.out.as_deref(), context),
            None => wizard::run(&args, context),
        },
        Verb::Copy(args) => copy::run(&args, context),
        Verb::Drafts(args) => editions::list(&args, context),
        Verb::Draft(args) => editions::draft(&args, context),
        Verb::Check(args) => check::check(&args.files, args.json, context),
        Verb::Plan(args) => apply::plan(&args, context),
        Verb::Apply(args) => apply::apply(&args, context),
        Verb::Approve(args) => approve::approve(&args, context),
        Verb::Waive(args) => waive::run(args, context),
        Verb::Unwaive(args) => waive::take_back(&args, context),
        Verb::List(args) => show::list(args.json, context),
        Verb::Show(args) => show::show(&args.slug, args.json, context),
        Verb::Pause(args) => change::pause(&args.slug, context),
        Verb::Resume(args) => change::resume(&args.slug, context),
        Verb::Cancel(args) => change::cancel(&args, context),
        Verb::History(args) => history::history(&args, context),
        Verb::Revert(args) => history::revert(&args, context),
        Verb::Timeline(args) => timeline::run(args, context),
    }
}
