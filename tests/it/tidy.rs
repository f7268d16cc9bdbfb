//! The map is true: arrows point down, promises have tests, both migration sets are alike.

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, with its path relative to the root and its text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The part of a file that ships: everything before its test module.
pub fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

#[track_caller]
fn only_under(package: &str, places: &[&str]) {
    for (name, text) in sources("src") {
        let uses = shipped(&text)
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.starts_with("//"))
            .any(|line| line.contains(&format!("{package}::")) || line.starts_with(&format!("use {package};")));
        assert!(
            !uses || places.iter().any(|place| name.starts_with(place)),
            "{name} uses `{package}`, which belongs under {places:?}"
        );
    }
}

#[test]
fn each_package_stays_in_its_room() {
    only_under("diesel", &["src/db/"]);
    only_under("lettre", &["src/mail/", "src/smtp/", "src/transport/"]);
    only_under("tera", &["src/template/"]);
    only_under("axum", &["src/http/"]);
    only_under("clap", &["src/cli/"]);
    only_under("fluent_bundle", &["src/phrase/catalogue.rs"]);
    only_under("mail_parser", &["src/bounce/"]);
    only_under("calamine", &["src/cli/workbook.rs"]);
    only_under("zip", &["src/cli/workbook.rs"]);
    only_under("tokio_cron_scheduler", &["src/daemon/ticker.rs"]);
}

/// Who may use whom. An arrow that is not here is refused; `cli` may use everything, and nothing uses `cli`.
const MAY_USE: [(&str, &[&str]); 42] = [
    // Values and small tools that belong to no room.
    ("clock", &[]),
    ("counted", &[]),
    ("document", &["finding", "phrase"]),
    ("file_id", &[]),
    ("files", &["document", "finding", "phrase"]),
    ("language", &[]),
    ("phrase", &["counted", "language"]),
    ("finding", &["phrase"]),
    ("problem", &["language", "phrase"]),
    ("telemetry", &[]),
    ("time_trust", &[]),
    // The core: pure.
    ("alert", &["problem"]),
    ("metrics", &[]),
    ("keys", &[]),
    ("text", &["language", "phrase"]),
    ("brand", &["phrase", "text"]),
    ("table", &["document", "finding", "phrase"]),
    ("calendar", &["document", "finding", "phrase", "text"]),
    ("member", &["language", "document", "file_id", "finding", "phrase", "keys", "table", "text"]),
    ("campaign", &["calendar", "document", "finding", "phrase", "member", "text"]),
    ("price", &["calendar", "campaign", "counted", "document", "finding", "phrase", "table", "text"]),
    ("compliance", &["calendar", "campaign", "document", "finding", "member", "phrase", "price", "text"]),
    ("gate", &["campaign", "keys", "text"]),
    ("delivery", &["file_id", "keys", "member", "problem", "text"]),
    ("season", &["brand", "calendar", "campaign", "delivery", "language", "phrase", "text"]),
    // The template engine, for letters and pages.
    ("template", &["document", "files", "finding", "phrase", "text"]),
    // What reaches outside: files, the relay, letters, the store.
    ("config", &["alert", "brand", "document", "files", "finding", "phrase", "keys", "member", "text", "time_trust"]),
    ("door", &["config"]),
    ("tls", &[]),
    ("dns", &[]),
    ("smtp", &["config", "text", "tls"]),
    // Values and functions as well; what a server says of a delivery is a word of SMTP.
    ("bounce", &["smtp"]),
    ("transport", &["config", "files", "member", "smtp"]),
    ("webhook", &["config", "keys", "tls"]),
    (
        "mail",
        &[
            "brand",
            "calendar",
            "campaign",
            "compliance",
            "config",
            "document",
            "files",
            "finding",
            "phrase",
            "keys",
            "member",
            "price",
            "template",
            "text",
        ],
    ),
    (
        "db",
        &[
            "alert",
            "bounce",
            "calendar",
            "campaign",
            "compliance",
            "config",
            "counted",
            "delivery",
            "file_id",
            "files",
            "gate",
            "keys",
            "member",
            "metrics",
            "phrase",
            "price",
            "problem",
            "season",
            "smtp",
            "text",
            "time_trust",
        ],
    ),
    // What runs.
    (
        "sending",
        &[
            "alert",
            "calendar",
            "campaign",
            "clock",
            "config",
            "counted",
            "db",
            "delivery",
            "document",
            "file_id",
            "files",
            "finding",
            "phrase",
            "problem",
            "keys",
            "mail",
            "member",
            "price",
            "smtp",
            "text",
            "time_trust",
            "transport",
            "webhook",
        ],
    ),
    (
        "daemon",
        &[
            "alert", "bounce", "calendar", "campaign", "clock", "config", "db", "delivery", "document", "door",
            "files", "gate", "member", "phrase", "problem", "sending", "webhook",
        ],
    ),
    (
        "http",
        &[
            "brand", "calendar", "campaign", "clock", "config", "db", "delivery", "document", "door", "finding",
            "phrase", "gate", "keys", "member", "metrics", "price", "problem", "season", "sending", "template", "text",
        ],
    ),
    ("cli", &["*"]),
    ("lib", &["*"]),
    ("main", &["*"]),
];

/// The rooms that are values and functions.
const CORE: [&str; 14] = [
    "alert",
    "metrics",
    "brand",
    "keys",
    "text",
    "table",
    "calendar",
    "member",
    "campaign",
    "compliance",
    "price",
    "gate",
    "delivery",
    "season",
];

/// The room of a source file: its folder below `src`, or its own name.
fn room(name: &str) -> &str {
    let below = name.trim_start_matches("src/");
    below.split('/').next().unwrap().trim_end_matches(".rs")
}

fn in_core(name: &str) -> bool {
    CORE.contains(&room(name)) || room(name) == "bounce"
}

/// The rooms that `text` names after `crate::`, comments apart.
fn rooms_used(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')).next().unwrap())
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn arrows_point_down() {
    let (mut met, mut wrong) = (BTreeSet::new(), Vec::new());
    let sources = sources("src");
    for (name, text) in &sources {
        let (from, allowed) = MAY_USE.iter().find(|(from, _)| *from == room(name)).unwrap_or_else(|| {
            panic!("{name} is in a room that is not in the table of who may use whom");
        });
        met.insert(from);
        for to in rooms_used(shipped(text)).into_iter().filter(|to| to != from && !allowed.contains(&"*")) {
            if !allowed.contains(&to) {
                wrong.push(format!("{name} uses `{to}`, which `{from}` may not"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met.len(), MAY_USE.len(), "the table names rooms that do not exist");
}

/// The table itself has no circle.
#[test]
fn nobody_is_used_by_those_below() {
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    for (room, allowed) in MAY_USE {
        for to in allowed.iter().filter(|to| **to != "*") {
            let foundation = MAY_USE.iter().take(11).any(|(first, _)| first == to);
            assert!(placed.contains(to) || foundation, "`{room}` uses `{to}`, which comes after it");
        }
        placed.insert(room);
    }
}

#[test]
fn the_core_reaches_for_nothing() {
    let words =
        ["tokio::", "std::fs", "std::env", "std::net", "std::process", "std::thread", "getrandom", "SystemTime"];
    for (name, text) in sources("src").into_iter().filter(|(name, _)| in_core(name)) {
        for word in words {
            assert!(!shipped(&text).contains(word), "{name} is in the core and must not mention `{word}`");
        }
    }
}

/// The states of deliveries and mailings are the core's: whoever writes one of their names has found a way around the
/// table. `handed-over` is also the name of a counter.
#[test]
fn states_are_named_in_one_place() {
    for (name, text) in sources("src").into_iter().filter(|(name, _)| !in_core(name)) {
        for state in ["queued", "claimed", "handed-over", "deferred", "in-doubt", "skipped", "sending", "missed"] {
            let named = shipped(&text)
                .lines()
                .any(|line| line.contains(&format!("\"{state}\"")) && !line.contains("const FACT: &str"));
            assert!(!named, "{name} writes the state `{state}` by hand");
        }
    }
}

#[test]
fn only_the_clock_reads_the_system_time() {
    for (name, text) in sources("src") {
        for word in ["Timestamp::now", "SystemTime::now", "ZonedDateTime::now", "Zoned::now", "Utc::now"] {
            assert!(name == "src/clock.rs" || !text.contains(word), "{name} reads the system time with `{word}`");
        }
    }
}

/// Which words the law reserves is data in `config/wording`, and one checker reads it. A program text that holds such a
/// word between quotes, alone, has found a rule of its own.
#[test]
fn the_law_of_words_is_data() {
    let words = ["solde", "soldes", "soldé", "soldée", "soldés", "soldées", "solder", "solden", "saldi", "rebajas"];
    // `soldes.winter.2027` is also how a campaign writes an anchor.
    let ours = |name: &str| !name.ends_with("tests.rs") && name != "src/campaign/expression.rs";
    for (name, text) in sources("src").into_iter().filter(|(name, _)| ours(name)) {
        for word in words {
            assert!(!shipped(&text).contains(&format!("\"{word}\"")), "{name} holds the reserved word `{word}`");
        }
    }
}

/// Type names that more than one file of the program defines, with how many may, and why. Names of a command's own parts
/// (`Args`, `Verb`, `Row` …) are the same in every command; the others are wrong turns in a search, and wait to be renamed.
const DEFINED_TWICE: [(&str, usize, &str); 21] = [
    ("Args", 44, "one for each command"),
    ("CheckArgs", 2, "one for each command"),
    ("ListArgs", 2, "one for each command"),
    ("ShowArgs", 2, "one for each command"),
    ("VerifyArgs", 2, "one for each command"),
    ("Verb", 22, "one for each command"),
    ("Row", 20, "one for each table and listing"),
    ("Columns", 9, "private to its file"),
    ("Report", 3, "one for each command"),
    ("Summary", 2, "one for each command"),
    ("Outcome", 2, "one for each command"),
    ("Answer", 2, "what a person takes on; of a gate"),
    ("Change", 2, "of a plan; of a delivery"),
    ("Held", 2, "a daemon; entity tags"),
    ("Moment", 3, "a gate’s; the daemon’s; in words"),
    ("Next", 2, "a campaign that is to follow; a step of SMTP"),
    ("Said", 2, "what a transition and an import report"),
    ("Severity", 2, "of a finding; of a problem"),
    ("Stage", 2, "of a gate; of an SMTP verdict"),
    ("Standing", 2, "of a mailing; of the daemon"),
    ("Written", 2, "a value with its place; a journal’s"),
];

#[test]
fn a_type_name_means_one_thing() {
    let mut defined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in sources("src").into_iter().filter(|(name, _)| !name.ends_with("tests.rs")) {
        for line in shipped(&text).lines() {
            let item = match line.strip_prefix("pub") {
                Some(rest) => rest.trim_start_matches(|c| c != ' ').trim_start(),
                None => line,
            };
            let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| item.strip_prefix(kind));
            let Some(rest) = rest else { continue };
            let found: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            defined.entry(found).or_default().push(name.clone());
        }
    }
    assert!(defined.len() > 400, "{} types", defined.len());
    for (name, ..) in DEFINED_TWICE {
        assert!(
            defined.get(name).is_some_and(|files| files.len() > 1),
            "`{name}` means one thing: take it off the list"
        );
    }
    for (name, files) in defined {
        let may = DEFINED_TWICE.iter().find(|(known, ..)| *known == name).map_or(1, |(_, may, _)| *may);
        assert!(files.len() <= may, "`{name}` means {} things: {files:?}", files.len());
    }
}

/// A rule of law that stood in the code would be one more, without a source, and no file could change it.
#[test]
fn law_is_data_and_no_code() {
    let code = sources("src/calendar").into_iter().filter(|(name, _)| !name.ends_with("tests.rs"));
    for (name, text) in code {
        for line in shipped(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            // What is between quotation marks is an example in a message.
            let unquoted: String = line.split('"').step_by(2).collect();
            let year = unquoted
                .split(|letter: char| !letter.is_ascii_alphanumeric())
                .find(|word| word.len() == 4 && word.parse().is_ok_and(|year: u16| (1900..2200).contains(&year)));
            assert_eq!(year, None, "{name}: {line}");
        }
    }
}

/// Whether a test that is run is named just `name` in `text`: a function under a test attribute, or one of `both!`.
fn is_tested(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        if line.starts_with(&format!("both!({name}, |")) {
            return true;
        }
        let is_function = ["fn ", "async fn "].iter().any(|start| {
            line.strip_prefix(start).and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
        });
        let attributes: Vec<&str> =
            lines[..at].iter().rev().take_while(|line| line.starts_with("#[")).copied().collect();
        is_function
            && attributes.iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
            && !attributes.iter().any(|line| line.starts_with("#[ignore") || line.starts_with("#[should_panic"))
    })
}

#[test]
fn every_promise_names_a_test() {
    let map = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let section = map.split("## Promises").nth(1).unwrap().split("\n## ").next().unwrap();
    let promises: Vec<&str> =
        section.lines().filter_map(|line| line.strip_prefix("| `").and_then(|rest| rest.split('`').next())).collect();
    assert_eq!(promises.len(), 12, "{promises:?}");
    let code: Vec<(String, String)> = sources("src").into_iter().chain(sources("tests")).collect();
    for promise in promises {
        let kept = code.iter().any(|(_, text)| is_tested(text, promise));
        assert!(kept, "no test carries the name of the promise `{promise}`");
    }
}

#[test]
fn a_name_alone_is_no_test() {
    for text in [
        "#[test]\nfn kept() {}",
        "    #[tokio::test]\n    async fn kept() {}",
        "#[test]\n#[expect(x)]\nfn kept(a in b) {}",
        "both!(kept, |backend| {});",
    ] {
        assert!(is_tested(text, "kept"), "{text}");
    }
    for text in [
        "fn kept() {}",
        "// fn kept()",
        "#[test]\n#[ignore]\nfn kept() {}",
        "#[test]\nfn kept_somehow() {}",
        "#[test]\nfn other() {}\nfn kept() {}",
        "both!(kept_too, |backend| {});",
    ] {
        assert!(!is_tested(text, "kept"), "{text}");
    }
}

#[test]
fn both_stores_have_the_same_migrations() {
    let names = |backend: &str| -> BTreeSet<String> {
        fs::read_dir(root().join("migrations").join(backend))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Every text file of the project, with its path relative to the root: whatever git would keep.
fn texts() -> Vec<(String, String)> {
    let mut folders = vec![root().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if [".git", "target"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = String::from_utf8(fs::read(&path).unwrap()) {
                files.push((name, text));
            }
        }
    }
    files
}

/// What was left to do, what was printed to find a fault, and where a person's machine keeps things. Written in two
/// halves, so that this file does not hold them.
const LEFT_BEHIND: [[&str; 2]; 15] = [
    ["todo", "!("],
    ["unimplemented", "!("],
    ["dbg", "!("],
    ["TO", "DO:"],
    ["TO", "DO("],
    ["FIX", "ME"],
    ["<<<<", "<<< "],
    [">>>>", ">>> "],
    ["/ho", "me/"],
    ["/Use", "rs/"],
    ["/ro", "ot/"],
    ["/wo", "rk/"],
    ["/tm", "p/"],
    ["C:\\", "Users"],
    ["loca", "lhost:3000"],
];

#[test]
fn the_words_of_the_workplace_stay_out() {
    let texts = texts();
    for kind in [".rs", ".md", ".toml", ".sql", ".txt", ".html", ".css", ".js", ".tsv", "Cargo.lock", ".ci/run"] {
        assert!(texts.iter().any(|(name, _)| name.ends_with(kind)), "no file `{kind}` is looked at");
    }
    for (name, text) in &texts {
        for word in LEFT_BEHIND.map(|halves| halves.concat()) {
            let line = text.lines().position(|line| line.contains(&word));
            assert!(line.is_none(), "{name}:{}: `{word}`", line.unwrap_or_default() + 1);
        }
    }
}

/// What cannot be tested on a machine passes there in silence, but where `CARILLON_TEST_STRICT` says that nothing is to
/// be left out.
#[test]
fn a_strict_run_leaves_nothing_out() {
    if std::env::var_os("CARILLON_TEST_STRICT").is_some() {
        let with_postgres = cfg!(feature = "postgres");
        assert!(with_postgres, "build with `--features postgres`");
        for service in ["CARILLON_TEST_POSTGRES", "CARILLON_TEST_POSTFIX"] {
            assert!(std::env::var_os(service).is_some(), "`{service}` names nothing to test against");
        }
    }
}
