//! `carillon.toml`: what cannot be used is found at its own line, all of it at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use carillon::config::{ConfigError, Overrides, PrivateListen, RelayPassword, Settings, TransportSettings};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::support::cli::{Said, carillon, command};

/// The file that `carillon init` writes, with each first text replaced by the second.
#[track_caller]
fn file_with(edits: &[(&str, &str)]) -> TempDir {
    let mut text = include_str!("../../config/carillon.example.toml").to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not in the example");
        text = text.replacen(from, to, 1);
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("calendars")).unwrap();
    fs::write(folder.path().join("carillon.toml"), text).unwrap();
    folder
}

/// What is wrong with the file, each with the section and the key that stand where it is told to be.
#[track_caller]
fn check(edits: &[(&str, &str)], expected: &[&str]) {
    let folder = file_with(edits);
    let path = folder.path().join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let found = match Settings::load(&path, &Overrides::default()) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Invalid(findings)) => findings
            .iter()
            .map(|finding| format!("{}: {}", setting_on(&text, finding.place.line.unwrap()), finding.message))
            .collect(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(found, expected);
}

/// The section and the key of a line of the configuration.
fn setting_on(text: &str, line: usize) -> String {
    let until: Vec<&str> = text.lines().take(line).collect();
    let section = until.iter().rfind(|line| line.starts_with('[')).copied().unwrap_or_default();
    let key = until.last().and_then(|line| line.split('=').next()).unwrap_or_default().trim();
    format!("{} {key}", section.split(']').next().unwrap_or_default().to_owned() + "]")
}

/// The number of the line on which `text` stands in the example.
fn line_of(text: &str) -> usize {
    let example = include_str!("../../config/carillon.example.toml");
    example.lines().position(|line| line.contains(text)).unwrap() + 1
}

const PUBLIC: &str = "url    = \"https://news.example.fr\"";
const SENDS: (&str, &str) = ("transport     = \"directory\"", "transport     = \"smtp\"");

#[test]
fn the_example_can_be_used() {
    check(&[], &[]);
    check(&[SENDS], &[]);
}

#[test]
fn an_error_names_the_line_of_its_own_section() {
    let not_encrypted = "this address is not encrypted, and letters and pages lead people there";
    check(
        &[(PUBLIC, "url    = \"http://news.example.fr\"")],
        &[&format!("[public] url: `url` in `[public]`: {not_encrypted}")],
    );
    check(
        &[(PUBLIC, "url    = \"news.example.fr\"")],
        &["[public] url: `url` in `[public]`: this is no web address: it does not begin with `https://`"],
    );
    check(
        &[("url = \"sqlite:carillon.db\"", "url = \"mysql:carillon\"")],
        &[
            "[store] url: `url` in `[store]`: `mysql:carillon` names no store: expected `sqlite:PATH` or `postgres://USER@HOST/DATABASE`",
        ],
    );
    check(
        &[("\"https://www.example.fr\"  ", "\"http://www.example.fr\"  "), ("\"b.example.fr\"", "\"b example\"")],
        &[
            &format!("[shop] url: `url` in `[shop]`: {not_encrypted}"),
            "[mail] return_domain: `return_domain` in `[mail]`: this is not a domain",
        ],
    );
    check(
        &[("Boutique Exemple", "Boutique\u{200e} Exemple")],
        &[
            "[shop] name: `name` in `[shop]`: the text holds a mark of the direction of writing (U+200E) after “Boutique”",
        ],
    );
    check(
        &[("port        = 25", "port        = 25\nusername = \"x\""), SENDS],
        &["[mail.smtp] username: `username` in `[mail.smtp]`: there is no password for it"],
    );
}

#[test]
fn a_rehearsal_may_stay_on_this_machine() {
    let local = (PUBLIC, "url    = \"http://127.0.0.1:8080\"");
    check(&[local], &[]);
    check(
        &[local, SENDS],
        &["[public] url: `url` in `[public]`: this address is not encrypted, and mails are sent for real"],
    );
    check(
        &[(PUBLIC, "url = \"https://news.example.fr/?shop=1\"")],
        &["[public] url: `url` in `[public]`: links begin with it, so it cannot hold `?` or `#`"],
    );
}

#[test]
fn a_command_says_every_line_that_is_wrong() {
    let folder = file_with(&[(PUBLIC, "url    = \"http://news.example.fr\""), ("contact@example.fr", " ")]);
    let said = carillon(folder.path(), &["status"]).exits(2);
    assert!(
        said.stderr.contains("carillon.toml:9:18: `contact` in `[shop]`: the text is empty (write a text)"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains(&format!("carillon.toml:{}:10: `url` in `[public]`", line_of(PUBLIC))),
        "{}",
        said.stderr
    );
}

#[test]
fn what_the_relay_takes_can_be_set() {
    let set = |line: &'static str| [SENDS, ("# rate        =", line)];
    check(&set("rate = \"30/fortnight\" #"), &["[mail.smtp] rate: `rate` in `[mail.smtp]`: this is not a rate"]);
    check(
        &[SENDS, ("# messages_per_connection = 100", "messages_per_connection = 0")],
        &[
            "[mail.smtp] messages_per_connection: `messages_per_connection` in `[mail.smtp]`: a connection that carries no message is of no use",
        ],
    );
    for wrong in ["connections = 0", "connections = 65"] {
        let said = "[mail.smtp] connections: `connections` in `[mail.smtp]`: this is not a number from 1 to 64";
        check(&[SENDS, ("connections = 8", wrong)], &[said]);
    }
    let folder = file_with(&set("rate = \"30/s\" #"));
    let settings = Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap();
    let TransportSettings::Smtp(relay, _) = settings.mail.transport else { panic!("{:?}", settings.mail) };
    assert_eq!((relay.rate.unwrap().a_minute(), relay.messages_per_connection), (1_800.0, 100));
    assert_eq!(relay.public_name, "news.example.fr");
}

#[test]
fn sign_ups_are_taken_at_a_rate_and_under_words_that_say_who_asks() {
    check(
        &[("per_hour        = 600", "per_hour        = 0")],
        &["[join] per_hour: `per_hour` in `[join]`: this is not a number from 1 to 100000"],
    );
    check(
        &[("\"Europe/Paris\"", "\"Paris\"")],
        &["[join] zone: `zone` in `[join]`: there is no time zone of this name"],
    );
    let long = "a name has 1 to 40 letters a-z, digits, or `-`, `_`, `.`, `:`";
    check(
        &[("# sources       = [\"footer\", \"checkout\"]", "sources = [\"footer\", \"a@example.fr\"]")],
        &[&format!("[join] sources: `sources` in `[join]`: {long}")],
    );
    let bare = "an origin is a scheme and a host, perhaps with a port, and nothing behind it";
    for origin in ["https://www.example.fr/join", "https://www.example.fr/?a=b"] {
        let line = format!("origins = [\"{origin}\"] #");
        check(&[("# wordings      =", &line)], &[&format!("[join] origins: `origins` in `[join]`: {bare}")]);
    }
    for origin in ["http://www.example.fr", "www.example.fr", "*", "null"] {
        let folder = file_with(&[("# wordings      =", &format!("origins = [\"{origin}\"] #"))]);
        let error = Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap_err();
        assert!(
            error.to_string().contains(&format!(":{}:", line_of("# wordings      =")))
                && error.to_string().contains("`origins` in `[join]`"),
            "{error}"
        );
    }
    check(&[("\n[join]\n", "\n[join]\nwho = 1\n")], &["[join] who: `who` is not a key of `[join]`"]);
    let folder = file_with(&[("# wordings      =", "wordings        =")]);
    let load = || Settings::load(&folder.path().join("carillon.toml"), &Overrides::default());
    let error = load().unwrap_err().to_string();
    assert!(error.contains("there is neither `fr.toml` nor `en.toml` in `"), "{error}");
    fs::create_dir(folder.path().join("consent")).unwrap();
    let french = include_str!("../../config/consent/fr.toml");
    let own = folder.path().join("consent/fr.toml");
    fs::write(&own, french.replace("M’inscrire", "Je m’inscris")).unwrap();
    let invitations = load().unwrap().join.unwrap().invitations;
    let buttons: Vec<&str> = invitations.values().map(|invitation| invitation.button.as_str()).collect();
    assert_eq!(buttons, ["Je m’inscris", "Sign me up"], "the other language stays as it came along");
    fs::write(&own, french.replace("{contact}", "")).unwrap();
    let error = load().unwrap_err().to_string();
    assert!(error.contains("consent/fr.toml:16:") && error.contains("`notice` must name `{contact}`"), "{error}");
}

#[test]
fn who_looks_after_the_daemon_asks_it_on_this_machine() {
    let end = "# [private]";
    let with = |private: &str| format!("[private]\n{private}\n#");
    for (private, expected) in [
        ("listen = \"127.0.0.1:9464\"", "127.0.0.1:9464"),
        ("listen = \"[::1]:9464\"", "[::1]:9464"),
        ("listen = \"10.0.0.5:9464\"\nother_machines = true", "10.0.0.5:9464"),
    ] {
        let folder = file_with(&[(end, &with(private))]);
        let settings = Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap();
        assert_eq!(settings.private.unwrap().to_string(), expected);
    }
    let folder = file_with(&[(end, &with("listen = \"unix:run/carillon.sock\""))]);
    let settings = Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap();
    assert_eq!(settings.private, Some(PrivateListen::Unix(folder.path().join("run/carillon.sock"))));
    for (listen, said) in [
        ("0.0.0.0:9464", "other machines can reach this address"),
        ("[::]:9464", "other machines can reach this address"),
        ("localhost:9464", "this is neither an address of numbers with a port nor a socket"),
        ("127.0.0.1", "this is neither an address of numbers with a port nor a socket"),
        ("unix:", "this is neither an address of numbers with a port nor a socket"),
    ] {
        let folder = file_with(&[(end, &with(&format!("listen = \"{listen}\"")))]);
        let error = Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap_err();
        assert!(error.to_string().contains(&format!("`listen` in `[private]`: {said}")), "{listen}: {error}");
    }
}

#[test]
fn a_folder_of_orders_that_is_named_is_there() {
    let said =
        "[calendar] overrides: `overrides` in `[calendar]`: there is no such folder, so no order in it would count";
    check(&[("overrides = \"calendars\"", "overrides = \"calendar\"")], &[said]);
    // Nobody has named one, and there is none.
    let folder = file_with(&[("overrides = \"calendars\"", "")]);
    fs::remove_dir(folder.path().join("calendars")).unwrap();
    Settings::load(&folder.path().join("carillon.toml"), &Overrides::default()).unwrap();
}

#[test]
fn whoever_is_told_of_problems_must_be_named() {
    let last = "# maildir = \"/var/mail/carillon\"";
    let with = |alerts: &str| format!("{last}\n[alerts]\n{alerts}\n#");
    for (alerts, line, said) in [
        ("warnings = true", 0, "`mail_to` in `[alerts]`: it names nobody to tell"),
        ("command = []", 1, "`command` in `[alerts]`: it names no program"),
        ("command = [\"\", \"a\"]", 1, "`command` in `[alerts]`: it names no program"),
        ("mail_to = \"ops\"", 1, "`mail_to` in `[alerts]`: "),
        (
            "mail_to = \"ops@example.org\"\nrepeat_hours = 0",
            2,
            "`repeat_hours` in `[alerts]`: this is not a number from 1 to 720",
        ),
        (
            "mail_to = \"ops@example.org\"\n[alerts.smtp]\nhost = \"relay.example.org\"\nusername = \"x\"",
            4,
            "`username` in `[alerts.smtp]`: there is no password for it",
        ),
    ] {
        let folder = file_with(&[(last, &with(alerts))]);
        let overrides = Overrides { smtp_password: Some("of another".to_owned()), ..Overrides::default() };
        let error = Settings::load(&folder.path().join("carillon.toml"), &overrides).unwrap_err().to_string();
        let text = fs::read_to_string(folder.path().join("carillon.toml")).unwrap();
        let head = text.lines().position(|line| line == "[alerts]").unwrap() + 1;
        assert!(error.contains(said) && error.contains(&format!(":{}:", head + line)), "{alerts}: {error}");
    }
}

#[test]
fn the_password_may_be_a_credential_that_the_service_alone_is_given() {
    let security =
        ("security    = \"none\"", "security    = \"none\"\nusername = \"u\"\npassword_credential = \"carillon.smtp\"");
    let folder = file_with(&[SENDS, security]);
    let load = |credentials: Option<&Path>| {
        let overrides = Overrides { credentials: credentials.map(Path::to_owned), ..Overrides::default() };
        Settings::load(&folder.path().join("carillon.toml"), &overrides)
    };
    let login = |settings: Settings| match settings.mail.transport {
        TransportSettings::Smtp(relay, _) => relay.login.unwrap().1,
        TransportSettings::Directory(_) => panic!("a folder has no password"),
    };
    let typed = login(load(None).unwrap());
    assert!(
        matches!(&typed, RelayPassword::Withheld(name) if name == "carillon.smtp"),
        "whoever types a command goes without"
    );
    let given = tempfile::tempdir().unwrap();
    let error = load(Some(given.path())).unwrap_err().to_string();
    assert!(
        error.contains("`password_credential` in `[mail.smtp]`") && error.contains("LoadCredential=carillon.smtp:"),
        "{error}"
    );
    fs::write(given.path().join("carillon.smtp"), "s3cret\n").unwrap();
    // As systemd gives it: an access list shows as rights of a group.
    fs::set_permissions(given.path().join("carillon.smtp"), fs::Permissions::from_mode(0o440)).unwrap();
    let known = login(load(Some(given.path())).unwrap());
    assert!(matches!(&known, RelayPassword::Known(password) if password.expose_secret() == "s3cret"));
}

#[test]
fn every_setting_is_shown_with_where_it_is_from() {
    let folder = tempfile::TempDir::new().unwrap();
    carillon(folder.path(), &["init"]).exits(0);
    let said = carillon(folder.path(), &["config", "check"]).exits(0);
    assert_eq!(said.stdout, "`carillon.toml` can be used\n");
    let path = folder.path().join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = |word: &str| text.lines().position(|line| line.starts_with(word)).unwrap() + 1;
    let mut check = command(folder.path(), &["config", "check", "--show", "--json"]);
    check.env("CARILLON_STORE_URL", "sqlite:other.db").env("CARILLON_SMTP_PASSWORD", "not to be shown");
    let said = Said::of(check.output().unwrap()).exits(0).stdout;
    assert!(!said.contains("not to be shown"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    let of = |key: &str| {
        let found = report["settings"].as_array().unwrap().iter().find(|it| it["key"] == key);
        let found = found.unwrap_or_else(|| panic!("`{key}` is not in {said}"));
        (found["value"].as_str().unwrap().to_owned(), found["from"].clone())
    };
    let in_file = |line: usize| serde_json::json!({ "file": { "line": line } });
    assert_eq!(of("consent.lifetime_months"), ("24".to_owned(), in_file(line("lifetime_months"))));
    assert_eq!(of("mail.from"), ("\"avant-premieres@news.example.fr\"".to_owned(), in_file(line("from "))));
    assert_eq!(of("gate.valid_hours"), ("72".to_owned(), serde_json::json!("usual")));
    let (url, from) = of("store.url");
    assert!(url.ends_with("other.db\""), "{url}");
    assert_eq!(from, serde_json::json!({ "environment": { "variable": "CARILLON_STORE_URL" } }));
    let table = carillon(folder.path(), &["config", "check", "--show"]).exits(0).stdout;
    assert!(table.lines().any(|line| line.starts_with("gate.valid_hours ") && line.ends_with("not set")), "{table}");
    // What the daemon refuses is refused here, in the same words.
    fs::write(&path, text.replace("lifetime_months = 24", "lifetime_months = 37")).unwrap();
    let (check, run) =
        (carillon(folder.path(), &["config", "check"]).exits(2), carillon(folder.path(), &["run"]).exits(2));
    assert!(check.stderr.contains(&format!("carillon.toml:{}", line("lifetime_months"))), "{}", check.stderr);
    assert_eq!(check.stderr, run.stderr);
    // So is what a running daemon would not take up.
    fs::write(&path, text.replace("[mail]\n", "[mail]\ntemplates = \"templates\"\n")).unwrap();
    fs::create_dir_all(folder.path().join("templates/opening")).unwrap();
    fs::write(folder.path().join("templates/opening/body.txt"), "{% if %}").unwrap();
    let said = carillon(folder.path(), &["config", "check"]).exits(2).stderr;
    assert!(said.contains("templates"), "{said}");
}
