//! `docs/cli.md` and the help of every command: they are the same, they have examples, and the examples can be typed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use carillon::cli::Cli;
use carillon::cli::command;
use carillon::cli::examples::{ENVIRONMENT, EXAMPLES, EXIT_CODES};
use clap::{Arg, Command, Parser as _};

use crate::support::session::hold;
use crate::tidy::root;

/// What the generated file begins with.
const HEAD: &str = "\
# The commands

<!-- Made from the program by `CARILLON_WRITE_DOCS=1 cargo test docs_cli`; write nothing in here. -->

A command is a noun and a verb, such as `carillon campaign check hiver.toml`. Data goes to the standard output, everything else
to the standard error. Where a command has `--json`, programs should use it: texts for people change. `--help` after any command
says what stands here, about the version that you have; `carillon man` makes manual pages of it.
";

/// Every command below `command` with the words that name it, depth first.
fn all(command: &Command) -> Vec<(String, Command)> {
    fn walk(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        found.push((path.to_owned(), command.clone()));
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk(below, &format!("{path} {}", below.get_name()), found);
        }
    }
    let mut found = Vec::new();
    walk(command, "carillon", &mut found);
    found
}

fn built() -> Command {
    let mut command = command().term_width(100);
    command.build();
    command
}

/// Commands that do something themselves, without one below them.
fn is_whole(command: &Command) -> bool {
    !command.has_subcommands() || !command.is_subcommand_required_set()
}

/// An option or an argument in a list.
fn argument(argument: &Arg) -> String {
    let name = if argument.is_positional() { argument.to_string() } else { argument.to_string().replace("...", "") };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = format!("- `{name}`: {}", one_line(&help));
    let values: Vec<_> = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    if argument.get_action().takes_values() && !values.is_empty() {
        let shown = values.iter().map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), one_line(&help.to_string())),
            None => format!("`{}`", value.get_name()),
        });
        write!(text, "; one of {}", shown.collect::<Vec<_>>().join(", ")).unwrap();
    }
    if argument.get_action().takes_values()
        && let [default] = argument.get_default_values()
    {
        write!(text, "; `{}` when left out", default.to_string_lossy()).unwrap();
    }
    if let Some(name) = argument.get_env() {
        write!(text, "; or in the environment as `{}`", name.to_string_lossy()).unwrap();
    }
    text + "\n"
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of the document about one command.
fn section(path: &str, command: &Command) -> String {
    let marks = "#".repeat(path.split(' ').count());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let (first, rest) = about.split_once('\n').unwrap_or((&about, ""));
    let mut text = format!("\n{marks} {path}\n\n{}.\n{rest}", first.trim_end_matches('.'));
    text.truncate(text.trim_end().len());
    text.push('\n');
    let own: Vec<&Arg> =
        command.get_arguments().filter(|argument| !["help", "version"].contains(&argument.get_id().as_str())).collect();
    let own: Vec<&Arg> = own.into_iter().filter(|argument| !argument.is_global_set()).collect();
    if is_whole(command) {
        let usage = command.clone().render_usage().to_string();
        let usage: Vec<String> =
            usage.lines().map(|line| line.trim_start_matches("Usage:").trim().to_owned()).collect();
        write!(text, "\n```text\nUsage: {}\n```\n", usage.join("\nUsage: ")).unwrap();
    }
    if !own.is_empty() {
        text.push('\n');
        text.extend(own.into_iter().map(argument));
    }
    let examples: Vec<_> = EXAMPLES.iter().filter(|(typed, _)| names(typed) == path).collect();
    if !examples.is_empty() {
        text.push_str("\n```sh\n");
        for (typed, what) in examples {
            writeln!(text, "# {what}\n{typed}").unwrap();
        }
        text.push_str("```\n");
    }
    text
}

/// The words of an example that name its command.
fn names(typed: &str) -> String {
    static KNOWN: LazyLock<BTreeSet<String>> =
        LazyLock::new(|| all(&command()).into_iter().map(|(path, _)| path).collect());
    let words: Vec<&str> = typed.split_whitespace().collect();
    let paths = (1..=words.len()).rev().map(|count| words[..count].join(" "));
    let named = paths.into_iter().find(|path| KNOWN.contains(path) && path != "carillon");
    // Of `carillon --config FILE run`, too.
    named.unwrap_or_else(|| format!("carillon {}", words[3]))
}

fn document() -> String {
    let built = built();
    let mut text = HEAD.to_owned();
    text.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, meaning) in EXIT_CODES {
        writeln!(text, "| {} | {meaning} |", exit as i32).unwrap();
    }
    text.push_str(
        "\n`carillon status --check` has the codes of a monitor's plug-in, see [operations](operations.md).\n",
    );
    text.push_str("\n## Environment\n\n| variable | what it holds |\n|---|---|\n");
    for (name, meaning) in ENVIRONMENT {
        writeln!(text, "| `{name}` | {meaning} |").unwrap();
    }
    text.push_str("\n## Options of every command\n\n");
    text.extend(built.get_arguments().filter(|argument| argument.is_global_set()).map(argument));
    text.extend(all(&built).iter().skip(1).map(|(path, command)| section(path, command)));
    text
}

#[test]
fn docs_cli_says_what_the_program_says() {
    let path = root().join("docs/cli.md");
    let text = document();
    if std::env::var_os("CARILLON_WRITE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/cli.md is behind the program: `CARILLON_WRITE_DOCS=1 cargo test docs_cli` writes it");
}

#[test]
fn the_help_of_every_command_is_known() {
    let mut text = String::new();
    for (path, command) in all(&built()) {
        write!(text, "$ {path} --help\n{}\n", command.clone().term_width(100).render_long_help()).unwrap();
    }
    hold("help", &text);
}

#[test]
fn the_help_of_every_command_ends_with_two_examples_that_can_be_typed() {
    let whole = all(&built()).into_iter().filter(|(path, command)| is_whole(command) && path != "carillon");
    let mut shown: BTreeMap<String, usize> = whole.map(|(path, _)| (path, 0)).collect();
    for (typed, what) in EXAMPLES {
        shown.entry(names(typed)).and_modify(|count| *count += 1);
        let shell = typed.split([';', '|', '>', '<']).next().unwrap().replace("\\\n", " ");
        let quoted = |(at, part): (usize, &str)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        };
        let words: Vec<String> = shell.split('"').enumerate().flat_map(quoted).collect();
        if let Err(error) = Cli::try_parse_from(&words) {
            panic!("`{typed}`: {error}");
        }
        let longest = format!("  {typed}\n      {what}").lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= 100, "the help would break a line of `{typed}`, which has {longest} characters");
    }
    let few: Vec<&String> = shown.iter().filter(|(_, count)| **count < 2).map(|(path, _)| path).collect();
    assert!(few.is_empty(), "`src/cli/examples.rs` has fewer than two examples of {few:?}");
}
