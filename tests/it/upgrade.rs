//! A store of an earlier version is migrated with all that is in it.
//!
//! `tests/fixtures/stores` has, for each version that was released, a shop as that version left it: its keys and files, its store as
//! SQL, and what it said of itself. Nobody in it exists. When a version is released,
//!
//! ```sh
//! CARILLON_WRITE_STORES=1 cargo test --features postgres -- --ignored upgrade::
//! ```
//!
//! writes that of its own: with `sqlite3` and `pg_dump`, the real daemon and a relay of the tests.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use carillon::config::{SAMPLE, StoreUrl};
use carillon::db::{Store, StoreError};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::build::campaign_announced_in;
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::tidy::root;

/// The files beside the store that go with it.
const BESIDE: [&str; 4] = ["carillon.keys", "carillon.sent", "carillon.departures", "carillon.anchors"];

/// The name that the schema has in a fixture of PostgreSQL.
const SCHEMA: &str = "fixture_schema";

/// What the header of a file in SQLite has to say, and what its dump leaves out.
const SQLITE_HEAD: &str = "PRAGMA application_id = 1131572334;\nPRAGMA journal_mode = WAL;\n";

fn stores() -> PathBuf {
    root().join("tests/fixtures/stores")
}

/// What a shop says of itself: each mailing's account, who is a member, and the campaigns. It is the same before and after.
fn told(folder: &Path) -> String {
    let json =
        |arguments: &[&str]| -> Value { serde_json::from_str(&carillon(folder, arguments).exits(0).stdout).unwrap() };
    let mut said = String::new();
    for report in json(&["mail", "report", "--json"]).as_array().unwrap() {
        let name = |key: &str| report[key].as_str().unwrap().to_owned();
        writeln!(said, "mailing {}/{} {}", name("campaign"), name("mailing"), name("state")).unwrap();
        writeln!(said, "  planned {} {}", report["planned"], report["counts"]).unwrap();
    }
    for member in json(&["member", "list", "--json"]).as_array().unwrap() {
        writeln!(said, "member {} {}", member["address"], member["consent"]).unwrap();
    }
    let campaigns = json(&["campaign", "list", "--json"]);
    let line = |campaign: &Value| format!("campaign {} {}\n", campaign["schedule"]["slug"], campaign["state"]);
    let mut lines: Vec<String> = campaigns.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    said + &lines.concat()
}

/// Everything of a store as SQL.
fn dumped(url: &StoreUrl) -> String {
    match url {
        StoreUrl::Sqlite(file) => {
            let out = Command::new("sqlite3").arg(file).arg(".dump").output().unwrap();
            assert!(out.status.success());
            format!("{SQLITE_HEAD}{}", String::from_utf8(out.stdout).unwrap())
        }
        StoreUrl::Postgres(url) => {
            let schema = url.rsplit("search_path%3D").next().unwrap();
            let mut dump = Command::new("pg_dump");
            dump.args(["--schema", schema, "--inserts", "--no-owner", "--no-privileges"]).arg(url);
            let out = dump.output().unwrap();
            assert!(out.status.success());
            let text = String::from_utf8(out.stdout).unwrap();
            // What the server of the day sets for itself is no part of a store.
            let kept = text
                .lines()
                .filter(|line| !line.starts_with(['\\', '-']) && !line.starts_with("SET ") && !line.is_empty());
            let lines: Vec<&str> = kept.filter(|line| !line.starts_with("CREATE SCHEMA")).collect();
            lines.join("\n").replace(schema, SCHEMA) + "\n"
        }
    }
}

/// The folder of a fixture, for a backend.
fn place(version: &str, backend: Backend) -> PathBuf {
    let name = match backend {
        Backend::Sqlite => "sqlite",
        #[cfg(feature = "postgres")]
        Backend::Postgres => "postgres",
    };
    stores().join(version).join(name)
}

/// The shop of a fixture, on a store of the backend.
fn set_up(fixture: &Path, backend: Backend) -> (Fresh, PathBuf) {
    let fresh = Fresh::empty(backend);
    let folder = fresh.folder.path().to_owned();
    let sql = fs::read_to_string(fixture.join("store.sql")).unwrap();
    let url = match &fresh.url {
        StoreUrl::Sqlite(file) => {
            run_sql(&fresh.url, &sql);
            format!("sqlite:{}", file.display())
        }
        StoreUrl::Postgres(url) => {
            run_sql(&fresh.url, &sql.replace(SCHEMA, url.rsplit("search_path%3D").next().unwrap()));
            url.clone()
        }
    };
    fs::write(folder.join("carillon.toml"), SAMPLE.replace("sqlite:carillon.db", &url)).unwrap();
    fs::create_dir(folder.join("calendars")).unwrap();
    for name in BESIDE {
        fs::copy(fixture.join(name), folder.join(name)).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    (fresh, folder)
}

both!(a_store_of_every_released_version_is_migrated_with_all_that_is_in_it, |backend| {
    let mut versions = 0;
    for version in fs::read_dir(stores()).unwrap() {
        let version = version.unwrap().file_name().into_string().unwrap();
        let fixture = place(&version, backend);
        let (fresh, folder) = set_up(&fixture, backend);
        // A program of another version says so, and changes nothing.
        if let Err(error) = Store::open(&fresh.url) {
            assert!(matches!(error, StoreError::Schema { .. }), "{version}: {error}");
            assert!(carillon(&folder, &["run"]).exits(2).stderr.contains("carillon db migrate"), "{version}");
        }
        carillon(&folder, &["db", "migrate"]).exits(0);
        assert_eq!(told(&folder), fs::read_to_string(fixture.join("told.txt")).unwrap(), "{version}");
        let verified = carillon(&folder, &["consent", "verify"]);
        assert_eq!(verified.code, 0, "{version}: {}{}", verified.stdout, verified.stderr);
        let proof = carillon(&folder, &["consent", "prove", "membre.00003@example.fr"]).exits(0).stdout;
        assert!(proof.contains("J’accepte de recevoir par courriel"), "{version}: {proof}");
        carillon(&folder, &["db", "migrate"]).exits(0);
        versions += 1;
    }
    assert!(versions > 0);
});

both!(a_store_of_a_later_version_is_refused_in_words, |backend| {
    let (fresh, folder) = set_up(&place("0.1", backend), backend);
    carillon(&folder, &["db", "migrate"]).exits(0);
    run_sql(&fresh.url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    for command in [&["run"][..], &["db", "migrate"], &["status"], &["member", "list"], &["campaign", "list"]] {
        let said = carillon(&folder, command);
        assert!(
            said.stderr.contains("a newer Carillon") || said.stdout.contains("a newer Carillon"),
            "{command:?}: {said:?}"
        );
        assert_ne!(said.code, 0, "{command:?}");
    }
});

/// A shop in which everything has happened once: letters were accepted, refused and put off, people left, paused and were erased,
/// one mailing has ended, one waits, one campaign was cancelled.
fn lived(backend: Backend, relay: &Relay) -> House {
    let shop = House::new(backend, 12, relay.port());
    let mut members = String::from("address,language,confirmed_at,wording,source,method\n");
    for name in ["refuse.1", "refuse.2", "defer.1"] {
        writeln!(
            members,
            "{name}@example.fr,fr,2026-09-01T10:00:00Z,J’accepte de recevoir par courriel l’annonce des avant-premières.,form:footer,double_optin"
        )
        .unwrap();
    }
    fs::write(shop.folder.join("more.csv"), members).unwrap();
    shop.run(&["member", "import", "more.csv"]);
    shop.run(&["consent", "anchor"]);
    let daemon = shop.daemon_up();
    wait_for(|| shop.count("accepted") == 12 && shop.count("refused") == 2 && shop.count("deferred") == 1);
    shop.run(&["member", "withdraw", "membre.00001@example.fr"]);
    shop.run(&["member", "erase", "membre.00002@example.fr", "--yes"]);
    for (slug, hours) in [("printemps", 30), ("annule", 24)] {
        fs::write(shop.folder.join("next.toml"), campaign_announced_in(hours).slug(slug).text()).unwrap();
        shop.run(&["campaign", "apply", "next.toml", "--write-again"]);
    }
    shop.run(&["campaign", "cancel", "annule", "--yes"]);
    assert_eq!(daemon.terminate(), Some(0));
    shop
}

fn write(backend: Backend) {
    if std::env::var_os("CARILLON_WRITE_STORES").is_none() {
        return;
    }
    let relay = Relay::start();
    let shop = lived(backend, &relay);
    let fixture = place(env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0, backend);
    fs::create_dir_all(&fixture).unwrap();
    fs::write(fixture.join("told.txt"), told(&shop.folder)).unwrap();
    fs::write(fixture.join("store.sql"), dumped(shop.store().url())).unwrap();
    for name in BESIDE {
        fs::copy(shop.folder.join(name), fixture.join(name)).unwrap();
    }
}

#[test]
#[ignore = "writes the fixture of this version, when it is released"]
fn a_store_of_this_version_is_written_on_sqlite() {
    write(Backend::Sqlite);
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "writes the fixture of this version, when it is released"]
fn a_store_of_this_version_is_written_on_postgres() {
    write(Backend::Postgres);
}
