//! The README is true: its commands, typed as they stand into an empty folder, do what it says.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::clock_daemon::preloaded;
use crate::support::cli::{Said, command};
use crate::support::house::Daemon;
use crate::tidy::root;

/// How long the daemon may take to come up.
const PATIENCE: Duration = Duration::from_secs(90);

/// A time at which the season of the first campaign lies ahead.
const WHEN: &str = "@2026-11-24 09:00:00";

/// What the README's section under `heading` says to type, word by word, without the explanations.
fn commands(heading: &str) -> Vec<Vec<String>> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split(heading).nth(1).unwrap();
    let block = section.split("```").nth(1).unwrap().trim_start_matches("sh\n");
    let typed = block.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split("&&"));
    let words = typed.map(|command| command.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.filter(|words| !words.is_empty()).collect()
}

fn fake(folder: &Path, arguments: &[String]) -> Command {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = command(folder, &arguments);
    command.env("LD_PRELOAD", preloaded()).env("FAKETIME", WHEN).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

#[track_caller]
fn run(folder: &Path, arguments: &[String]) -> Said {
    Said::of(fake(folder, arguments).output().unwrap())
}

fn start(folder: &Path, arguments: &[String]) -> Daemon {
    let mut command = fake(folder, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let daemon = Daemon::start(command);
    let (status, begun) = (["status".to_owned()], Instant::now());
    while !run(folder, &status).exits(0).stdout.contains("daemon: running") {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(100));
    }
    daemon
}

#[test]
fn the_readme_can_be_typed_as_it_stands() {
    let place = TempDir::new().unwrap();
    let mut folder = place.path().to_owned();
    let (mut daemon, mut next) = (None, Vec::new());
    let commands = commands("## For real");
    for words in &commands {
        match (words[0].as_str(), &words[1..]) {
            // The program is built already.
            ("cargo", _) => {}
            ("cd", [into]) => {
                folder.push(into);
                let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
                let text = fs::read_to_string(folder.join("carillon.toml")).unwrap();
                fs::write(folder.join("carillon.toml"), text.replace("127.0.0.1:8080", &listen)).unwrap();
            }
            ("carillon", arguments) if arguments == ["run"] => daemon = Some(start(&folder, arguments)),
            ("carillon", arguments) => {
                let said = run(&folder, arguments).exits(0);
                if arguments[0] == "init" {
                    let lines = said.stderr.lines().filter(|line| line.starts_with("    carillon "));
                    next = lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
                }
            }
            _ => panic!("{words:?} is no command of ours"),
        }
    }
    assert!(daemon.is_some() && commands.len() > 8, "{commands:?}");
    // What `init` says to do next is what the README says, in the same order.
    let in_order = commands.iter().filter(|words| next.contains(words));
    assert_eq!(in_order.collect::<Vec<_>>(), next.iter().collect::<Vec<_>>());
    assert!(next.len() > 4, "{next:?}");
}
