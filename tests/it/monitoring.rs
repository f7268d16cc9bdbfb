//! The dashboard, the alert rules and the page about them speak of metrics and labels that there are, and of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use carillon::metrics::Metric;
use carillon::problem::{ProblemKind, Severity};
use serde_json::Value;

use crate::tidy::root;

fn read(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// By the names of its samples, the labels that each has.
fn labels() -> BTreeMap<String, Vec<&'static str>> {
    let of = |metric: Metric| {
        let traits = metric.traits();
        metric.sample_names().into_iter().map(move |name| {
            let end = name.ends_with("_bucket").then_some("le");
            (name, traits.labels.iter().copied().chain(end).collect())
        })
    };
    Metric::ALL.into_iter().flat_map(of).collect()
}

/// The names in `text` that begin as those of metrics do, and what stands behind each.
fn named(text: &str) -> Vec<(&str, &str)> {
    let is_of_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let starts = text.match_indices("carillon_").map(|(at, _)| at);
    starts
        .map(|at| {
            let length = text[at..].find(|letter| !is_of_name(letter)).unwrap_or(text.len() - at);
            (&text[at..at + length], &text[at + length..])
        })
        .collect()
}

/// Every metric that `text` names is one, and so are the labels that are asked for. Returns those that it names.
#[track_caller]
fn check(text: &str, what: &str) -> BTreeSet<String> {
    let known = labels();
    let mut met = BTreeSet::new();
    for (name, behind) in named(text) {
        let Some(labels) = known.get(name) else { panic!("{what} names `{name}`, which is no metric") };
        met.insert(name.to_owned());
        let Some(asked) = behind.strip_prefix('{').and_then(|rest| rest.split('}').next()) else { continue };
        for pair in asked.split(',').filter(|pair| !pair.is_empty()) {
            let label = pair.split(['=', '!', '~']).next().unwrap();
            assert!(labels.contains(&label) || label == "instance", "{what}: `{name}` has no label `{label}`");
        }
    }
    met
}

#[test]
fn the_rules_speak_of_metrics_that_there_are() {
    let rules = read("monitoring/carillon.rules.yml");
    check(&rules, "a rule");
    let tests = read("monitoring/carillon.test.yml");
    check(&tests, "a test of a rule");
    let alerts: BTreeSet<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 10);
    for alert in &alerts {
        assert!(tests.contains(&format!("alertname: {alert}\n")), "nothing tries {alert}");
    }
    let count = |word: &str| rules.lines().filter(|line| line.trim().starts_with(word)).count();
    assert_eq!([count("summary:"), count("action:"), count("labels: {severity:")], [alerts.len(); 3]);
    for severity in [Severity::Critical, Severity::Warning] {
        assert!(rules.contains(&format!("{{severity=\"{severity}\"}}")), "problems of each gravity are told");
    }
    for part in tests.split("kind=\"").skip(1) {
        let kind = part.split('"').next().unwrap();
        assert!(kind.parse::<ProblemKind>().is_ok(), "`{kind}` is no kind of problem");
    }
}

/// What the program says that knows the rules of rules; nothing where it is not installed.
#[test]
fn the_rules_pass_their_tests() {
    for arguments in [["check", "rules", "carillon.rules.yml"], ["test", "rules", "carillon.test.yml"]] {
        let mut promtool = Command::new("promtool");
        let Ok(ended) = promtool.args(arguments).current_dir(root().join("docs/monitoring")).output() else { return };
        let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
    }
}

#[test]
fn the_dashboard_shows_every_metric_that_there_is() {
    let dashboard: Value = serde_json::from_str(&read("monitoring/carillon.dashboard.json")).unwrap();
    let (mut ids, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        if panel["type"] == "row" {
            continue;
        }
        let (title, words) = (panel["title"].as_str().unwrap(), panel["description"].as_str().unwrap());
        assert!(!title.is_empty() && words.ends_with('.'), "{title}: {words}");
        let place = &panel["gridPos"];
        assert!(place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24, "{title}");
        for target in panel["targets"].as_array().unwrap() {
            let met = check(target["expr"].as_str().unwrap(), title);
            assert!(!met.is_empty(), "{title} shows nothing");
            shown.extend(met);
        }
    }
    for metric in Metric::ALL {
        assert!(metric.sample_names().iter().any(|name| shown.contains(name)), "{metric:?} is not shown");
    }
}

#[test]
fn the_page_tells_of_every_metric_and_its_labels() {
    let page = read("monitoring.md");
    // A histogram is told by its parts, and called by what they have in common.
    check(&page.replace("_duration_seconds`", "_duration_seconds_sum`"), "the page");
    for metric in Metric::ALL {
        let traits = metric.traits();
        let name = metric.sample_names().into_iter().next().unwrap().replace("_bucket", "");
        let labels: Vec<String> = traits.labels.iter().map(|label| format!("`{label}`")).collect();
        let row = format!("| `{name}` | {} |", labels.join(", ")).replace("|  |", "| |");
        assert!(page.contains(&row), "docs/monitoring.md has no row `{row}`");
    }
}
