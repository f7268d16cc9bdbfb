//! The help in another language than English: the same commands and options, with the words of `config/translations/fr/help.toml`, which has
//! each text of the help beside its translation. And what is said of a command line that is wrong.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::EVERY;
use super::status::NoTimeAhead;
use crate::calendar::{ChannelError, MarketError, UnknownMarket};
use crate::campaign::{ExpressionError, SaleEditionError, UnknownWord};
use crate::compliance::WaiverError;
use crate::language::InterfaceLanguage;
use crate::member::{NoListName, NoListReason, NoStaysWhile};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken, in_words, is_known};
use crate::price::{MoneyError, NoPriceColumn};
use crate::text::{MomentError, SlugError, TextError, WebAddressError};

/// Each text of the help in French.
static FRENCH: LazyLock<BTreeMap<String, String>> =
    // What does not parse leaves the English words, and a test finds it.
    LazyLock::new(|| toml::from_str(include_str!("../../config/translations/fr/help.toml")).unwrap_or_default());

/// The words around the help, which the library keeps for as long as the program runs.
struct Headings {
    commands: String,
    command: String,
    every: String,
    arguments: String,
    options: String,
}

static HEADINGS: LazyLock<Headings> = LazyLock::new(|| {
    let say = |name: &Phrase| in_words(name, InterfaceLanguage::Fr);
    Headings {
        commands: say(&phrase!("help-commands")),
        command: say(&phrase!("help-command")),
        every: say(&phrase!("help-every")),
        arguments: say(&phrase!("help-arguments")),
        options: say(&phrase!("help-options")),
    }
});

/// A text of the help in `language`; one that has no translation stands as it is.
pub(super) fn told(text: &str, language: InterfaceLanguage) -> String {
    match language {
        InterfaceLanguage::En => text.to_owned(),
        InterfaceLanguage::Fr => FRENCH.get(text).map_or(text, String::as_str).to_owned(),
    }
}

/// `command` with its help, and that of all below it, in `language`.
pub(super) fn in_language(mut command: Command, language: InterfaceLanguage) -> Command {
    if language == InterfaceLanguage::En {
        return command;
    }
    // Only then it has what the library adds: `help`, `--help` and `--version`.
    command.build();
    translate(command, language)
}

fn translate(command: Command, language: InterfaceLanguage) -> Command {
    let say = |name: &Phrase| in_words(name, language);
    let styled = |text: &StyledStr| told(&text.to_string(), language);
    let (about, long_about) = (command.get_about().map(styled), command.get_long_about().map(styled));
    let mut command = command
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
            say(&phrase!("help-usage"))
        ))
        .subcommand_help_heading(HEADINGS.commands.as_str())
        .subcommand_value_name(HEADINGS.command.as_str());
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    command.mut_args(|arg| translated(arg, language)).mut_subcommands(|below| translate(below, language))
}

/// An option or an argument, with what it may be and what it is when left out: the library has these words in English only.
fn translated(arg: Arg, language: InterfaceLanguage) -> Arg {
    let say = |name: &Phrase| in_words(name, language);
    let heading = match arg.get_help_heading() {
        Some(EVERY) => HEADINGS.every.as_str(),
        _ if arg.is_positional() => HEADINGS.arguments.as_str(),
        _ => HEADINGS.options.as_str(),
    };
    let mut help = arg.get_help().map_or_else(String::new, |help| told(&help.to_string(), language));
    let is_set = arg.get_action().takes_values();
    let mut beside = Vec::new();
    if let Some(variable) = arg.get_env().and_then(|name| name.to_str()) {
        beside.push(phrase!("help-variable", name = variable));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if is_set && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        beside.push(phrase!("help-default", value = defaults.join(", ")));
    }
    let values: Vec<Fact> = arg
        .get_possible_values()
        .iter()
        .filter(|_| is_set)
        .map(|value| match value.get_help() {
            None => Fact::text(value.get_name()),
            Some(help) => {
                phrase!("help-value", name = value.get_name(), help = told(&help.to_string(), language)).into()
            }
        })
        .collect();
    if !values.is_empty() {
        beside.push(phrase!("help-values", values = values));
    }
    for words in beside {
        help.push(' ');
        help.push_str(&say(&words));
    }
    // A longer text says the same in more words; one text is enough.
    let arg = if arg.get_long_help().is_some() { arg.long_help(help.clone()) } else { arg };
    arg.help_heading(heading).help(help).hide_default_value(true).hide_env(true).hide_possible_values(true)
}

/// What is wrong with a command line, and what was perhaps meant.
pub(super) fn fault(error: &clap::Error) -> Vec<Phrase> {
    let text = |kind| error.get(kind).map(said).unwrap_or_default();
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::MissingRequiredArgument => phrase!("usage-missing", arguments = argument),
        ErrorKind::UnknownArgument => phrase!("usage-unknown-argument", argument = argument),
        ErrorKind::InvalidSubcommand => {
            phrase!("usage-unknown-command", command = text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => phrase!("usage-no-value", argument = argument),
        ErrorKind::InvalidValue => {
            phrase!("usage-other-value", value = value, argument = argument, values = text(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => match why(error) {
            Some(why) => phrase!("usage-bad-value-because", value = value, argument = argument, why = why),
            None => phrase!("usage-bad-value", value = value, argument = argument),
        },
        ErrorKind::ArgumentConflict => {
            phrase!("usage-conflict", argument = argument, other = text(ContextKind::PriorArg))
        }
        _ => phrase!("usage-wrong"),
    };
    let mut lines = vec![phrase!("finding-error", message = message)];
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(meant) = meant.into_iter().find_map(|kind| error.get(kind)) {
        lines.push(phrase!("usage-meant", meant = said(meant)));
    }
    if let Some(usage) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        lines.push(phrase!("usage-line", usage = usage.trim_start_matches("Usage:").trim()));
    }
    lines.push(phrase!("usage-help"));
    lines
}

/// Several values one after the other.
fn said(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(values) => values.join(", "),
        other => other.to_string(),
    }
}

/// Why a value does not fit, where we have words for it.
fn why(error: &clap::Error) -> Option<Phrase> {
    let source = std::error::Error::source(error)?;
    let words = || Some(source.to_string()).filter(|words| is_known(words, InterfaceLanguage::Fr)).map(Phrase::from);
    own_words(source).or_else(words).or_else(|| form_of(&error.get(ContextKind::InvalidArg).map(said)?))
}

/// What the type of a value says of a text that it cannot be read from.
fn own_words(source: &(dyn std::error::Error + 'static)) -> Option<Phrase> {
    macro_rules! first_of {
        ($($error:ty),+ $(,)?) => { None$(.or_else(|| source.downcast_ref::<$error>().map(Spoken::phrase)))+ };
    }
    first_of!(
        ChannelError,
        ExpressionError,
        MarketError,
        MomentError,
        MoneyError,
        NoListName,
        NoListReason,
        NoPriceColumn,
        NoStaysWhile,
        NoTimeAhead,
        SaleEditionError,
        SlugError,
        TextError,
        UnknownMarket,
        UnknownWord,
        WaiverError,
        WebAddressError,
    )
}

/// How a value is written of which nobody says what is wrong with it.
fn form_of(argument: &str) -> Option<Phrase> {
    let (_, value) = argument.split_once('<')?;
    match value.trim_end_matches(['>', ']']) {
        "DAY" => Some(phrase!("usage-form-day")),
        "ZONE" => Some(phrase!("usage-form-zone")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::examples::{EXAMPLES, EXIT_CODES, FIRST_STEPS, reasons};

    /// Every text of the help, as the library has it.
    fn texts(command: &Command, found: &mut BTreeSet<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        found.extend(command.get_long_about().map(ToString::to_string));
        for arg in command.get_arguments() {
            found.extend(arg.get_help().map(ToString::to_string));
            let values = arg.get_possible_values();
            found.extend(values.iter().filter_map(|value| Some(value.get_help()?.to_string())));
        }
        for below in command.get_subcommands() {
            texts(below, found);
        }
    }

    #[test]
    fn the_help_is_whole_in_french() {
        let mut command = crate::cli::command();
        command.build();
        let mut wanted = BTreeSet::new();
        texts(&command, &mut wanted);
        wanted.extend(EXAMPLES.iter().map(|(_, what)| (*what).to_owned()));
        wanted.extend(EXAMPLES.iter().flat_map(|(typed, _)| reasons(typed)).map(str::to_owned));
        wanted.extend(EXIT_CODES.iter().map(|(_, what)| (*what).to_owned()));
        wanted.extend(FIRST_STEPS.iter().map(|(_, what)| (*what).to_owned()));
        let there: BTreeSet<String> = FRENCH.keys().cloned().collect();
        let lacking: Vec<&String> = wanted.difference(&there).collect();
        let unused: Vec<&String> = there.difference(&wanted).collect();
        assert!(lacking.is_empty(), "config/translations/fr/help.toml lacks {lacking:#?}");
        assert!(unused.is_empty(), "config/translations/fr/help.toml has what no help says: {unused:#?}");
    }

    #[test]
    fn the_help_is_written_in_french() {
        let mut command = crate::cli::command_in(InterfaceLanguage::Fr);
        let help = command.render_help().to_string();
        assert!(help.contains("Usage\u{a0}: carillon"), "{help}");
        assert!(help.contains("Écrire, vérifier, préparer et appliquer des campagnes"), "{help}");
        for english in ["Print help", "Usage:", "Commands:", "default:", "[env:", "First steps", "Exit codes"] {
            assert!(!help.contains(english), "{english}: {help}");
        }
        crate::cli::command_in(InterfaceLanguage::Fr).debug_assert();
    }

    #[track_caller]
    fn wrong(line: &[&str], expected: &str) {
        let error = crate::cli::command_in(InterfaceLanguage::Fr).try_get_matches_from(line).unwrap_err();
        let said: Vec<String> = fault(&error).iter().map(|line| in_words(line, InterfaceLanguage::Fr)).collect();
        assert!(said.join("\n").contains(expected), "{said:#?}");
    }

    #[test]
    fn what_is_wrong_is_said_in_french() {
        wrong(&["carillon", "campaign", "check"], "il manque `<FILE>...`");
        wrong(&["carillon", "campagne"], "`campagne` n’est pas une commande");
        wrong(&["carillon", "campaign", "lst"], "vouliez-vous dire `list`");
        wrong(&["carillon", "status", "--jsn"], "`--jsn` n’est pas une option");
        wrong(&["carillon", "campaign", "new", "Été"], "ne convient pas");
        wrong(&["carillon", "calendar", "list", "--market", "Belgique"], "n’est pas un marché");
        wrong(&["carillon", "rehearse", "--from", "20/12/2026"], "2027-01-02");
        wrong(&["carillon", "campaign", "new", "--mail", "annonce"], "announcement");
        wrong(&["carillon", "mail", "retry", "hiver", "--only", "tout"], "`refused, deferred, stopped`");
    }
}
