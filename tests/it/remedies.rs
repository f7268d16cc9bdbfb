//! Every command that Carillon tells a person to type can be typed: those in errors, findings, help and documents.

use std::collections::BTreeSet;
use std::fs;

use carillon::cli::Cli;
use clap::Parser;
use clap::error::ErrorKind;

use crate::tidy::{root, shipped, sources};

/// The values that stand for what a person fills in. Others are any word.
const VALUES: [(&str, &str); 13] = [
    ("MARKET", "FR"),
    ("market", "FR"),
    ("DAY", "2027-01-02"),
    ("INSTANT", "2027-01-02T08:00"),
    ("ID", "7"),
    ("id", "7"),
    ("KIND", "announcement"),
    ("STATE", "in-doubt"),
    ("CHANNEL", "online"),
    ("ADDRESS", "camille@example.fr"),
    ("SLUG", "hiver"),
    ("LIST", "club"),
    ("OUTCOME", "arrived"),
];

/// What looks like a command and is none: the name under which a digest is taken.
const NO_COMMAND: &str = "carillon consent event 1";

fn filled(word: &str) -> String {
    let bare = word.trim_matches(|char| matches!(char, '{' | '}' | '"' | '\'' | '<' | '>'));
    let known = VALUES.iter().find(|(placeholder, _)| *placeholder == bare).map(|(_, value)| (*value).to_owned());
    known.unwrap_or_else(|| if bare.is_empty() { "x".to_owned() } else { bare.to_owned() })
}

/// The commands between backticks, and the lines that begin with one in a block.
fn commands(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').filter(|span| span.starts_with("carillon ") && !span.contains('\n'));
    let blocks = text.split("```").skip(1).step_by(2).flat_map(str::lines);
    let lines = blocks.map(|line| line.trim().trim_start_matches("$ ")).filter(|line| line.starts_with("carillon "));
    // An explanation stands some way off.
    let lines = lines.map(|line| line.split("   ").next().unwrap_or(line).trim());
    spans.chain(lines).filter(|command| *command != NO_COMMAND).map(str::to_owned).collect()
}

/// The text with each line that ends in a backslash joined to the next.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = if goes_on { line.trim_start() } else { line };
        let head = line.strip_suffix('\\');
        joined.push_str(head.unwrap_or(line));
        goes_on = head.is_some();
        if !goes_on {
            joined.push('\n');
        }
    }
    joined
}

/// A Rust file as it speaks to people: its texts in one line each, without what only its readers see.
fn spoken(text: &str) -> String {
    let for_readers = |line: &&str| {
        let line = line.trim_start();
        ["//!", "// ", "/// The arguments of"].iter().any(|mark| line.starts_with(mark))
    };
    let code: Vec<&str> = shipped(text).lines().filter(|line| !for_readers(line)).collect();
    joined(&code.join("\n")).replace("\\\"", "\"")
}

/// The words of a command as a shell would make them, with something in each gap.
fn words(command: &str) -> Vec<String> {
    let quoted = |(at, part): (usize, &str)| if at % 2 == 1 { "x".to_owned() } else { part.to_owned() };
    let command: String = command.split('"').enumerate().map(quoted).collect();
    let here = command.split_whitespace().take_while(|word| !["&&", "#", "<", ">", "|"].contains(word));
    here.filter(|word| !word.starts_with('[')).map(filled).collect()
}

/// Every text that speaks to people, with the name of its file.
fn told() -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> =
        sources("src").into_iter().map(|(name, text)| (name, spoken(&text))).collect();
    for folder in ["", "docs", "config", "config/campaigns"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // The list of changes also tells of what was.
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if [".md", ".toml"].iter().any(|ending| name.ends_with(ending)) && name != "CHANGELOG.md" {
                told.push((name, joined(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    told
}

#[test]
fn every_command_that_is_told_can_be_typed() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, text) in told() {
        for command in commands(&text) {
            count += 1;
            let Err(error) = Cli::try_parse_from(words(&command)) else { continue };
            if error.kind() != ErrorKind::DisplayHelp {
                wrong.push(format!("{name}: `{command}`: {}", error.to_string().lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(count > 60, "only {count} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
