//! Files of one room do not use each other in a circle: whoever reads one of them would have to read the other first.

use std::collections::{BTreeMap, BTreeSet};

use super::{shipped, sources};

/// A module by its path below the crate.
type Module = Vec<String>;

/// Pairs of files that use each other, and why that is right. A parent and its child may always: the one declares the
/// other, and the other uses what all children share.
const TWO_WAYS: [(&str, &str, &str); 7] = [
    ("cli::member", "cli::member_erase", "a verb of the command, and what all its verbs share"),
    ("cli::member", "cli::member_import", "a verb of the command, and what all its verbs share"),
    ("cli::member", "cli::member_withdraw", "a verb of the command, and what all its verbs share"),
    (
        "compliance::words::law",
        "compliance::words::moment",
        "the law holds the words for moments; they are read like all others",
    ),
    ("config::read", "config::settings", "the settings, and how they are read"),
    ("daemon::health", "daemon::steps", "each turn reports; what is reported is a loop's fault"),
    ("http::layout", "http::page_check", "a set of pages is checked when it is read, by writing each of its pages"),
];

/// The one of the store that knows all values in columns, and so also those of the store itself.
const KNOWS_ALL: &str = "db::column";

/// The paths in `uses`, the text between `use` and `;`.
fn spread(uses: &str, before: &[String], found: &mut BTreeSet<Vec<String>>) {
    let parts = |text: &str| {
        text.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    match uses.split_once('{') {
        None => {
            let path = uses.split(" as ").next().unwrap();
            found.insert([before, &parts(path)].concat());
        }
        Some((head, rest)) => {
            let before = [before, &parts(head)].concat();
            let (mut depth, mut piece) = (0, String::new());
            for letter in rest.trim_end().trim_end_matches('}').chars().chain([',']) {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                if letter == ',' && depth == 0 {
                    if !piece.trim().is_empty() {
                        spread(piece.trim(), &before, found);
                    }
                    piece.clear();
                } else {
                    piece.push(letter);
                }
            }
        }
    }
}

/// What one file uses, and what it hands on under its own name.
#[derive(Default)]
struct Uses {
    used: BTreeSet<Vec<String>>,
    handed_on: BTreeSet<Vec<String>>,
}

impl Uses {
    fn of(text: &str) -> Self {
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let mut uses = Self::default();
        for item in code.join("\n").split(';') {
            let Some((before, path)) = item.rsplit_once("use ") else { continue };
            let last = before.rsplit('\n').next().unwrap().trim();
            if last.is_empty() {
                spread(path, &[], &mut uses.used);
            } else if last.starts_with("pub") {
                spread(path, &[], &mut uses.handed_on);
            }
        }
        // Paths in the middle of a line.
        for line in code.iter().filter(|line| !line.trim_start().starts_with("pub")) {
            for start in ["super::", "crate::"] {
                for (at, _) in line.match_indices(start).filter(|(at, _)| !line[..*at].ends_with("::")) {
                    let path: String = line[at..]
                        .chars()
                        .take_while(|letter| letter.is_alphanumeric() || "_:".contains(*letter))
                        .collect();
                    spread(path.trim_end_matches(':'), &[], &mut uses.used);
                }
            }
        }
        uses
    }
}

/// The file that `path` names, written in `from`.
fn named(files: &BTreeMap<Module, Uses>, from: &[String], path: &[String], hops: usize) -> Option<Module> {
    let (mut at, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (from.to_owned(), &path[1..]),
        "super" => (from.to_owned(), path),
        first if files.contains_key(&[from, &[first.to_owned()]].concat()) => (from.to_owned(), path),
        _ => return None,
    };
    while rest.first().is_some_and(|part| part == "super") {
        at.pop();
        rest = &rest[1..];
    }
    while let Some(next) = rest.first().map(|part| [at.as_slice(), std::slice::from_ref(part)].concat()) {
        if !files.contains_key(&next) {
            break;
        }
        (at, rest) = (next, &rest[1..]);
    }
    let Some(name) = rest.first() else { return Some(at) };
    let handed = files.get(&at)?.handed_on.iter().find(|path| path.last() == Some(name));
    match handed {
        Some(path) if hops > 0 => named(files, &at, path, hops - 1).or(Some(at)),
        _ => Some(at),
    }
}

/// Which file uses which others of its room.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let module = |name: &str| -> Module {
        let path = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/').map(str::to_owned).collect()
    };
    let files: BTreeMap<Module, Uses> = sources("src")
        .iter()
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .map(|(name, text)| (module(name), Uses::of(shipped(text))))
        .collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, uses) in &files {
        for to in uses.used.iter().filter_map(|path| named(&files, from, path, 5)) {
            if to.first() == from.first() && !to.starts_with(from) && !from.starts_with(&to) {
                arrows.entry(from.join("::")).or_default().insert(to.join("::"));
            }
        }
    }
    arrows
}

#[test]
fn no_two_files_use_each_other() {
    let arrows = arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 500, "the arrows are not found");
    let uses = |from: &str, to: &str| arrows.get(from).is_some_and(|used| used.contains(to));
    let accepted = |one: &str, other: &str| TWO_WAYS.iter().any(|(first, second, _)| (*first, *second) == (one, other));
    let mut circles = Vec::new();
    for (one, used) in &arrows {
        for other in used.iter().filter(|other| one < *other && uses(other, one)) {
            if !accepted(one, other) && one != KNOWS_ALL && other != KNOWS_ALL {
                circles.push(format!("`{one}` and `{other}` use each other"));
            }
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
    for (one, other, _) in TWO_WAYS {
        assert!(uses(one, other) && uses(other, one), "`{one}` and `{other}` use each other no more");
    }
}
