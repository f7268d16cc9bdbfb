//! The command line: nouns, then verbs. One file per noun, each with its `Args` and `run`.
//!
//! Data goes to stdout, everything else to stderr. Library errors become an exit code in [`exit`].

mod alert;
mod bounce;
mod calendar;
mod campaign;
mod clock;
mod config;
mod consent;
mod context;
mod db;
mod deliveries;
mod demo;
mod doctor;
pub mod examples;
pub mod exit;
mod gate;
mod help;
mod import_order;
mod init;
mod keys;
mod law;
mod list;
mod mail;
mod member;
mod member_erase;
mod member_import;
mod member_retention;
mod member_withdraw;
mod outbox;
mod price;
mod problem;
mod progress;
mod put_back;
mod reference;
mod rehearse;
mod restored;
mod run;
mod spoken;
mod status;
mod story;
mod table_file;
mod terms;
mod who;
mod wordings;
mod workbook;
mod zones;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use context::Context;
use exit::{Exit, Failure};

use crate::clock::Clock;
use crate::config::ConfigError;
use crate::db::campaigns::StateRefusal;
use crate::files;
use crate::files::TextFileError;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Phrase, Spoken, in_words};
use crate::telemetry::{before_an_error, is_json};

/// Under which the options stand that every command has.
const EVERY: &str = "Options of every command";

/// Schedules pre-sales against the legal sales dates, opens and closes them by the clock alone, and mails only members
/// who opted in.
#[derive(Debug, Parser)]
#[command(name = "carillon", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// The configuration file; the folder it is in is the shop's
    #[arg(long, global = true, env = "CARILLON_CONFIG", hide_env_values = true, help_heading = EVERY, default_value = context::CONFIG_PATH, value_name = "FILE")]
    config: PathBuf,
    /// Who runs the command, for the audit log; the account's name when left out
    #[arg(long, global = true, env = "CARILLON_USER", hide_env_values = true, help_heading = EVERY, value_name = "NAME")]
    who: Option<String>,
    /// The language of what is said, `fr` or `en`; when left out the terminal's, else that of `[shop]`
    #[arg(long, global = true, env = "CARILLON_LANG", hide_env_values = true, help_heading = EVERY, value_name = "CODE")]
    lang: Option<InterfaceLanguage>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try whether somebody is told when something is wrong
    Alert(alert::Args),
    /// Read what comes back: reports of undelivered mail, complaints, automatic answers
    Bounce(bounce::Args),
    /// Look up the legal sales dates, have them explained, and add new ones
    Calendar(calendar::Args),
    /// Write, check, plan and apply campaigns; look at them, pause or cancel them
    Campaign(campaign::Args),
    /// Show whether this machine's clock is believed, and confirm that it is right
    Clock(clock::Args),
    /// Check the configuration, and show where each setting is from
    Config(config::Args),
    /// Check the ledger of consents, anchor it, and prove a consent
    Consent(consent::Args),
    /// Set up, check and back up the store
    Db(db::Args),
    /// Show what is open, and write the signed schedule file for a CDN
    Gate(gate::Args),
    /// List the keys, and make a new one
    Keys(keys::Args),
    /// List the rules of law that campaigns are held against, and what Carillon does not see
    ///
    /// Each with its texts of law, its grade, since when it is held and how certain it is. Needs no configuration.
    Law(law::Args),
    /// Show the lists of members that mailings can go to; put members on one, take them off it
    List(list::Args),
    /// Preview and check letters before anybody receives one, and account for every delivery
    Mail(mail::Args),
    /// Import the people who agreed to be written to; list, show, export, withdraw and erase them
    Member(member::Args),
    /// Keep the price history, and ask whether a reduction may be announced
    Price(price::Args),
    /// List what is wrong, and acknowledge it
    Problem(problem::Args),
    /// Play a whole season through in a scratch folder, on a simulated clock, without a network
    Demo(demo::Args),
    /// Live your own campaigns through on a simulated clock, on a copy of the store, with no mail leaving
    ///
    /// Tells what will happen and when, writes the letters into a folder, accounts for every mailing, and says what will not
    /// be as it should. Ends with 1 when something would be late, refused, held, or reach nobody.
    Rehearse(rehearse::Args),
    /// Set up a folder: configuration, keys, store, a first campaign to edit
    Init(init::Args),
    /// Run the daemon: send the mails that are due, answer for the gates, serve the pages
    Run(run::Args),
    /// Look at everything that the daemon needs, and say what to do about what is not well
    ///
    /// Changes nothing. Ends with 0 when all is well, 1 for a warning, 2 when something does not work or will not, and 3 when
    /// something could not be looked at.
    Doctor(doctor::Args),
    /// Show what is open, what comes next, what waits, and what is wrong
    Status(status::Args),
    /// Print completions for a shell
    Completions(reference::CompletionsArgs),
    /// Write the manual pages
    Man(reference::ManArgs),
}

impl Command {
    /// Whether files that this command makes may hold people. Those that it makes with care for that are its owner's
    /// alone anyway; this is for those that a library makes. Campaigns, calendars and gates are for others to read.
    fn writes_people(&self) -> bool {
        matches!(
            self,
            Self::Bounce(_)
                | Self::Consent(_)
                | Self::Db(_)
                | Self::Demo(_)
                | Self::Member(_)
                | Self::Rehearse(_)
                | Self::Run(_)
        )
    }
}

/// The command line as it is parsed and explained: every command with its examples.
pub fn command() -> clap::Command {
    command_in(InterfaceLanguage::En)
}

/// The same, explained in `language`.
fn command_in(language: InterfaceLanguage) -> clap::Command {
    help::in_language(examples::add_to(Cli::command(), language), language)
}

fn parse<T: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = T>,
    language: InterfaceLanguage,
) -> Result<Cli, clap::Error> {
    let matches = command_in(language).try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command_in(language)))
}

/// Runs the command line `args` and says how it ends. Errors have been written to stderr by then.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let language = language_of(&args);
    let cli = match parse(args, language) {
        Ok(cli) => cli,
        Err(error) => return misread(&error, language),
    };
    let mut context = Context {
        clock: Clock::System,
        config_path: cli.config,
        who: author(cli.who),
        language: cli.lang.unwrap_or(language),
        rehearsed: None,
        out: Box::new(io::BufWriter::new(io::stdout())),
        err: Box::new(io::stderr()),
    };
    if cli.command.writes_people() {
        files::make_private_by_default();
    }
    let outcome = dispatch(cli.command, &mut context);
    conclude(outcome, &mut context)
}

/// Says what is wrong with a command line, or the help that it asks for.
fn misread(error: &clap::Error, language: InterfaceLanguage) -> Exit {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as NoVerb;
    if language == InterfaceLanguage::En || !error.use_stderr() || error.kind() == NoVerb {
        // Help and version go to stdout and are no error; a closed pipe there is none either.
        let _ = error.print();
    } else {
        for line in help::fault(error) {
            let _ = writeln!(io::stderr(), "{}", in_words(&line, language));
        }
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// The language that a command line asks for, before it is parsed: help and what is wrong with it are said in it as well.
/// First what the line says, then the environment, then the terminal's locale, then the shop's settings; else English.
fn language_of(args: &[OsString]) -> InterfaceLanguage {
    let said = option_of(args, "--lang").or_else(|| std::env::var("CARILLON_LANG").ok());
    let said = said.and_then(|said| said.parse().ok()).or_else(language_of_terminal);
    let shop = || language_of_shop(option_of(args, "--config").or_else(|| std::env::var("CARILLON_CONFIG").ok()));
    said.or_else(shop).unwrap_or(InterfaceLanguage::En)
}

/// The last value that a command line gives to `option`, before it is parsed.
fn option_of(args: &[OsString], option: &str) -> Option<String> {
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    let mut said = None;
    while let Some(word) = words.next() {
        match word.strip_prefix(option) {
            Some("") => said = words.next(),
            Some(rest) => said = rest.strip_prefix('=').or(said),
            None => {}
        }
    }
    said.map(ToOwned::to_owned)
}

/// The language that the locale of this terminal names, by the variables and in the order of POSIX; none where Carillon does
/// not speak it.
fn language_of_terminal() -> Option<InterfaceLanguage> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    locale.and_then(|locale| locale.parse().ok())
}

/// The language in the shop's settings. What is wrong with them is said by the command that needs them, in some language.
fn language_of_shop(configuration: Option<String>) -> Option<InterfaceLanguage> {
    let path = configuration.unwrap_or_else(|| context::CONFIG_PATH.to_owned());
    let settings: toml::Table = std::fs::read_to_string(path).ok()?.parse().ok()?;
    settings.get("shop")?.get("language")?.as_str()?.parse().ok()
}

/// Runs one command line, without the program's name, in `context`, and says how it ends. Errors have been written to the
/// context's `err` by then. The context's configuration and author hold, whatever the line says.
pub fn run_in(words: &[&str], context: &mut Context) -> Exit {
    let outcome = dispatch_line(words, context);
    conclude(outcome, context)
}

/// Writes out what is left to say, and says how the command ends.
fn conclude(outcome: anyhow::Result<Exit>, context: &mut Context) -> Exit {
    let outcome = outcome.and_then(|exit| {
        context.out.flush()?;
        Ok(exit)
    });
    match outcome {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            let _ = context.out.flush();
            report(&error, context.language, &mut context.err);
            exit::code_of(&error)
        }
    }
}

/// Who is named in the audit log: who the command line or the environment says, otherwise the name of the account, which
/// also a timer and a service have.
fn author(said: Option<String>) -> String {
    let named = |name: &String| !name.trim().is_empty();
    said.filter(named)
        .or_else(|| std::env::var("USER").ok().filter(named))
        .or_else(|| whoami::username().ok().filter(named))
        .unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Who acts when not even the account has a name. Nothing that needs a person's word is done under it.
const UNKNOWN: &str = "unknown";

/// Runs one command line, without the program's name, in `context`: what the demonstration types.
fn dispatch_line(words: &[&str], context: &mut Context) -> anyhow::Result<Exit> {
    let cli = parse(std::iter::once("carillon").chain(words.iter().copied()), context.language)?;
    dispatch(cli.command, context)
}

fn dispatch(command: Command, context: &mut Context) -> anyhow::Result<Exit> {
    match command {
        Command::Alert(args) => alert::run(args, context),
        Command::Bounce(args) => bounce::run(args, context),
        Command::Calendar(args) => calendar::run(args, context),
        Command::Campaign(args) => campaign::run(args, context),
        Command::Clock(args) => clock::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Consent(args) => consent::run(args, context),
        Command::Db(args) => db::run(args, context),
        Command::Gate(args) => gate::run(args, context),
        Command::Keys(args) => keys::run(args, context),
        Command::Law(args) => law::run(&args, context),
        Command::List(args) => list::run(args, context),
        Command::Mail(args) => mail::run(args, context),
        Command::Member(args) => member::run(args, context),
        Command::Price(args) => price::run(args, context),
        Command::Problem(args) => problem::run(args, context),
        Command::Demo(args) => demo::run(args, context),
        Command::Rehearse(args) => rehearse::run(args, context),
        Command::Init(args) => init::run(args, context),
        Command::Run(args) => run::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Completions(args) => reference::completions(args, context),
        Command::Man(args) => reference::man(args, context),
    }
}

/// Says why a command could not be done, and the chain of causes, one to a line. Nothing can be done when stderr itself is
/// gone.
fn report(error: &anyhow::Error, language: InterfaceLanguage, err: &mut dyn Write) {
    let first = || error.chain().next().map_or_else(String::new, |first| said(error, first, language));
    let message = wrong_settings(error, language).unwrap_or_else(first);
    if is_json() {
        let causes: Vec<String> = error.chain().skip(1).map(|cause| said(error, cause, language)).collect();
        tracing::error!(because = causes.join("; "), "{message}");
        return;
    }
    let mut text = in_words(&phrase!("finding-error", message = message), language);
    for cause in error.chain().skip(1) {
        let because = phrase!("error-because", cause = said(error, cause, language));
        text += "\n  ";
        text += &in_words(&because, language);
    }
    let before = before_an_error();
    for line in text.lines() {
        let _ = writeln!(err, "{before}{line}");
    }
}

/// What is wrong with the settings, a line for each, when that is what `error` is about.
fn wrong_settings(error: &anyhow::Error, language: InterfaceLanguage) -> Option<String> {
    let Some(ConfigError::Invalid(findings)) = error.downcast_ref::<ConfigError>() else { return None };
    let lines = findings.iter().map(|finding| in_words(&finding.line(), language));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// One of the causes of `error`, in `language`.
fn said(error: &anyhow::Error, cause: &(dyn std::error::Error + 'static), language: InterfaceLanguage) -> String {
    // What a phrase was put before as context is only found from the whole error.
    let english = cause.to_string();
    let context = error.downcast_ref::<Phrase>().filter(|phrase| phrase.to_string() == english);
    match context {
        Some(phrase) => in_words(phrase, language),
        None => in_words(&said_of(cause), language),
    }
}

/// What an error says, without its causes.
fn said_of(cause: &(dyn std::error::Error + 'static)) -> Phrase {
    let failure = cause.downcast_ref::<Failure>().map(|failure| failure.message.clone());
    let refusal = || cause.downcast_ref::<StateRefusal>().map(Spoken::phrase);
    let system = || cause.downcast_ref::<io::Error>().map(Spoken::phrase);
    let settings = || cause.downcast_ref::<ConfigError>().and_then(ConfigError::phrase);
    let file = || cause.downcast_ref::<TextFileError>().map(Spoken::phrase);
    let phrase = failure.or_else(refusal).or_else(settings).or_else(file).or_else(system);
    phrase.unwrap_or_else(|| cause.to_string().into())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        json.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind))
    };
    error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }

    /// clap hands the value of one to the other, without a word.
    #[test]
    fn no_argument_has_the_name_of_a_global_option() {
        fn walk(command: &clap::Command, global: &[&str]) {
            for below in command.get_subcommands() {
                for argument in below.get_arguments() {
                    let id = argument.get_id().as_str();
                    assert!(!global.contains(&id), "`{}` has an argument with the global id `{id}`", below.get_name());
                }
                walk(below, global);
            }
        }
        let cli = super::Cli::command();
        let global: Vec<&str> = cli
            .get_arguments()
            .filter(|argument| argument.is_global_set())
            .map(|argument| argument.get_id().as_str())
            .collect();
        assert_eq!(global, ["config", "who", "lang"]);
        walk(&cli, &global);
    }
}
