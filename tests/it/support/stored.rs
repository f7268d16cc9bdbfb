//! Everything that a shop keeps: each file with its bytes and, on PostgreSQL, each table with its rows.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use carillon::config::StoreUrl;

/// What is kept in `folder` and, when it is on a server, in the store at `url`.
///
/// SQLite's `-shm` is left out: it is an index of the write-ahead log with the marks of readers, without a row in it.
pub fn stored(folder: &Path, url: &StoreUrl) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(folder, &mut found);
    if let StoreUrl::Postgres(url) = url {
        let tables = ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()");
        assert!(tables.lines().count() > 10, "{tables}");
        for table in tables.lines() {
            let rows = ask(url, &format!("SELECT row::text FROM {table} AS row ORDER BY 1"));
            found.insert(format!("table {table}"), rows.into_bytes());
        }
    }
    found
}

/// The names of what holds `needle`, in whatever case.
pub fn holding(stored: &BTreeMap<String, Vec<u8>>, needle: &str) -> Vec<String> {
    let needle = needle.to_ascii_lowercase().into_bytes();
    let holds = |bytes: &[u8]| bytes.to_ascii_lowercase().windows(needle.len()).any(|window| window == needle);
    stored.iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone()).collect()
}

fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if !path.to_string_lossy().ends_with("-shm") {
            match fs::read(&path) {
                Ok(bytes) => drop(found.insert(path.display().to_string(), bytes)),
                // SQLite removes its log with the last connection, and what was in it stands in the store then.
                Err(error) if error.kind() == ErrorKind::NotFound && path.to_string_lossy().ends_with("-wal") => {
                    let store = path.to_string_lossy().trim_end_matches("-wal").to_owned();
                    found.insert(store.clone(), fs::read(&store).unwrap());
                }
                Err(error) => panic!("cannot read `{}`: {error}", path.display()),
            }
        }
    }
}

fn ask(url: &str, sql: &str) -> String {
    let mut psql = Command::new("psql");
    let said = psql.args(["-At", "-v", "ON_ERROR_STOP=1", "--dbname", url, "--command", sql]).output().unwrap();
    assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}
