//! After an erasure the address is in nothing that the program wrote: the real binary, on both stores.

use std::fs;
use std::path::Path;

use carillon::config::StoreUrl;

use crate::support::backend::both;
use crate::support::cli::carillon;
use crate::support::house::House;
use crate::support::relay::Relay;

const ANNA: &str = "membre.00003@example.fr";

/// The files under `folder` that hold `needle`, in whatever case.
fn holding(folder: &Path, needle: &str) -> Vec<String> {
    let needle = needle.to_ascii_lowercase().into_bytes();
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, std::str::from_utf8(&needle).unwrap()));
        } else if fs::read(&path).unwrap().to_ascii_lowercase().windows(needle.len()).any(|window| window == needle) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The tables of a PostgreSQL store with a row that holds `needle`. On SQLite the files tell.
fn tables_holding(shop: &House, needle: &str) -> Vec<String> {
    let StoreUrl::Postgres(url) = &shop.fresh.url else { return Vec::new() };
    let ask = |sql: &str| {
        let mut psql = std::process::Command::new("psql");
        let said = psql.args(["-At", "--dbname", url, "--command", sql]).output().unwrap();
        String::from_utf8(said.stdout).unwrap()
    };
    let tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()");
    assert!(tables.lines().count() > 10, "{tables}");
    tables
        .lines()
        .filter(|table| {
            ask(&format!("SELECT count(*) FROM {table} AS row WHERE row::text ILIKE '%{needle}%'")).trim() != "0"
        })
        .map(str::to_owned)
        .collect()
}

both!(erased_is_gone, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 6, relay.port());
    let configuration = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, text.replace("= \"smtp\" ", "= \"directory\" ")).unwrap();
    let header = "address,language,confirmed_at,wording,source,method\n";
    let quoting = format!(
        "other@example.fr,fr,2026-09-01T10:00:00Z,J’accepte. Écrire à {ANNA} ou à l’adresse.,form:x,web_form\n"
    );
    fs::write(shop.folder.join("quoting.csv"), format!("{header}{quoting}")).unwrap();
    shop.run(&["member", "import", "quoting.csv"]);
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    // What a person wrote is a person's to delete.
    for file in ["members.csv", "quoting.csv"] {
        fs::remove_file(shop.folder.join(file)).unwrap();
    }
    assert!(holding(&shop.folder, ANNA).iter().any(|file| file.contains("/outbox/")));
    let letters = fs::read_dir(shop.folder.join("outbox")).unwrap().count();

    let said = carillon(&shop.folder, &["member", "erase", ANNA, "--yes"]).exits(0);
    assert!(said.stdout.contains("1 letter removed from the outbox"), "{}", said.stdout);
    assert!(said.stdout.contains("1 wording quoted an address"), "{}", said.stdout);
    assert!(said.stdout.contains("not reached: backups of the store"), "{}", said.stdout);
    assert_eq!(said.stdout.contains("pg_wal"), matches!(shop.fresh.url, StoreUrl::Postgres(_)), "{}", said.stdout);
    assert_eq!(holding(&shop.folder, ANNA), Vec::<String>::new());
    assert_eq!(tables_holding(&shop, ANNA), Vec::<String>::new());
    assert_eq!(fs::read_dir(shop.folder.join("outbox")).unwrap().count(), letters - 1, "nobody else's");
    // Asked again by address, it looks through everything again.
    let again = carillon(&shop.folder, &["member", "erase", ANNA, "--yes", "--json"]).exits(0);
    assert!(again.stdout.contains("\"letters\": 0"), "{}", again.stdout);
    assert!(shop.run(&["member", "show", "other@example.fr"]).contains("address erased"));
});
