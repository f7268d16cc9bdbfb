//! What a package brings, and what is made of it: `carillon init` over a configuration that is there already, and the files
//! that the Debian package and the image are made from.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use carillon::config::{SAMPLE, StoreUrl};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::cli::{Said, command, first_that_runs};
use crate::tidy::root;

/// `carillon init` in the folder of a fresh place, on the store there.
#[track_caller]
fn init(fresh: &Fresh) -> Said {
    let mut init = command(fresh.folder.path(), &["init"]);
    if let StoreUrl::Postgres(url) = &fresh.url {
        init.env("CARILLON_STORE_URL", url);
    }
    Said::of(init.output().unwrap())
}

both!(init_makes_the_rest_of_what_a_package_brought, |backend| {
    let fresh = Fresh::empty(backend);
    let at = |name: &str| fresh.folder.path().join(name);
    let brought = SAMPLE.replace("Boutique Exemple", "Boutique du paquet");
    fs::create_dir(at("etc")).unwrap();
    fs::create_dir(at("calendars")).unwrap();
    fs::write(at("etc/carillon.toml"), &brought).unwrap();
    symlink("etc/carillon.toml", at("carillon.toml")).unwrap();
    init(&fresh).exits(0);
    assert_eq!(fs::read_to_string(at("etc/carillon.toml")).unwrap(), brought, "a person's configuration stays");
    for made in ["carillon.keys", "carillon.sent", "carillon.departures", "journees-magiques.toml"] {
        assert!(at(made).exists(), "{made}");
    }
    assert!(!at("etc/carillon.keys").exists(), "the folder of the link is the shop's");
    let again = init(&fresh).exits(1);
    assert!(again.stderr.contains("exists already; nothing was changed"), "{}", again.stderr);
});

both!(init_makes_no_new_keys_for_a_store_that_has_lost_its_own, |backend| {
    let fresh = Fresh::empty(backend);
    init(&fresh).exits(0);
    let keys = fresh.folder.path().join("carillon.keys");
    fs::remove_file(&keys).unwrap();
    init(&fresh).exits(1);
    assert!(!keys.exists());
});

#[test]
fn init_says_what_is_wrong_with_a_configuration_that_is_there() {
    let fresh = Fresh::empty(Backend::Sqlite);
    let at = |name: &str| fresh.folder.path().join(name);
    fs::create_dir(at("calendars")).unwrap();
    fs::write(at("carillon.toml"), SAMPLE.replace("https://news.example.fr", "news")).unwrap();
    let said = init(&fresh).exits(2);
    assert!(said.stderr.contains("carillon.toml:"), "{}", said.stderr);
    assert!(!at("carillon.keys").exists());
}

/// What stands in a table of `Cargo.toml`.
fn manifest() -> toml::Table {
    fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap()
}

#[test]
fn everything_that_the_debian_package_is_made_of_is_there() {
    let manifest = manifest();
    let deb = &manifest["package"]["metadata"]["deb"];
    let script = fs::read_to_string(root().join(".ci/package")).unwrap();
    let sources = deb["assets"].as_array().unwrap().iter().map(|asset| asset[0].as_str().unwrap());
    for source in sources {
        if let Some(made) = source.strip_prefix("target/package/") {
            let (place, _) = made.split_once("/*").unwrap_or((made, ""));
            assert!(script.contains(&format!("$stage/{place}")), "`.ci/package` does not make `{source}`");
        } else if source != "target/release/carillon" {
            let (folder, pattern) = source.split_once('*').unwrap_or((source, ""));
            let found = fs::metadata(root().join(folder)).is_ok();
            assert!(found, "`{source}` (`{pattern}`) is not there");
        }
    }
    for name in ["config", "postinst", "prerm", "postrm", "templates"] {
        assert!(root().join(deb["maintainer-scripts"].as_str().unwrap()).join(name).exists(), "{name}");
    }
}

#[test]
fn the_package_and_the_image_tell_of_one_place() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let rust = manifest()["package"]["rust-version"].as_str().unwrap().to_owned();
    let image = read("config/Containerfile");
    assert!(image.contains(&format!("FROM rust:{rust}-")), "the image is built by Rust {rust}");
    assert!(image.contains("WORKDIR /var/lib/carillon\n"));
    let unit = read("config/carillon.service");
    let state = unit.lines().find_map(|line| line.strip_prefix("StateDirectory=")).unwrap();
    assert_eq!(format!("/var/lib/{state}"), "/var/lib/carillon");
    for script in ["postinst", "postrm"] {
        assert!(read(&format!("config/debian/{script}")).contains(&format!("shop=/var/lib/{state}\n")), "{script}");
    }
}

/// Whether an expression of SPDX can be fulfilled with these licences.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any_of(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    let mut may = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        may |= all_of(words, allowed);
    }
    may
}

fn all_of(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    let mut may = one_licence(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        may &= one_licence(words, allowed);
    }
    may
}

fn one_licence(words: &mut Words<'_>, allowed: &[&str]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let may = any_of(words, allowed);
        assert_eq!(words.next(), Some(")"));
        return may;
    }
    let name = words.next().unwrap();
    // With an exception it is another licence.
    let exception = words.next_if_eq(&"WITH").map(|_| words.next().unwrap());
    exception.is_none() && allowed.contains(&name)
}

#[test]
fn the_package_says_what_it_is_made_of_and_under_which_licences() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR GPL-3.0-only) AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("Apache-2.0 WITH LLVM-exception", false),
    ] {
        assert_eq!(is_allowed(expression, &["MIT", "ISC", "Apache-2.0"]), expected, "{expression}");
    }
    // Reading Cargo.lock needs Python 3.11.
    let Some(python) = first_that_runs(&["python3", "/usr/bin/python3"], &["-c", "import tomllib"]) else { return };
    let out = Command::new(python).args([".ci/sbom", "--features", "postgres"]).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let bom: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((bom["bomFormat"].as_str(), bom["specVersion"].as_str()), (Some("CycloneDX"), Some("1.5")));
    let deny: toml::Table = fs::read_to_string(root().join(".ci/deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let components = bom["components"].as_array().unwrap();
    let named = |name: &str| components.iter().any(|component| component["name"] == name);
    for linked in ["diesel", "libsqlite3-sys", "pq-sys", "ring", "rustls", "tokio"] {
        assert!(named(linked), "{linked}");
    }
    for not_linked in ["insta", "proptest", "rcgen", "cc", "carillon"] {
        assert!(!named(not_linked), "{not_linked}");
    }
    for component in components {
        let licence = component["licenses"][0]["expression"].as_str().unwrap_or_default();
        assert!(!licence.is_empty() && is_allowed(licence, &allowed), "{}: `{licence}`", component["name"]);
        assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), Some(64), "{}", component["name"]);
    }
    let uses = bom["dependencies"].as_array().unwrap();
    assert_eq!(uses.len(), components.len() + 1);
}
