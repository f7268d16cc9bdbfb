//! The command line as a whole: help, wrong usage, missing configuration.

use tempfile::TempDir;

use crate::support::cli::{carillon, command};

#[test]
fn help_is_data_and_wrong_usage_is_not() {
    let folder = TempDir::new().unwrap();
    let help = carillon(folder.path(), &["--help"]).exits(0);
    assert!(help.stdout.contains("Usage: carillon"), "{}", help.stdout);
    let wrong = carillon(folder.path(), &["calender"]).exits(2);
    assert_eq!(wrong.stdout, "");
    assert!(wrong.stderr.contains("calender"), "{}", wrong.stderr);
}

#[test]
fn a_missing_configuration_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let said = carillon(folder.path(), &["db", "migrate"]).exits(2);
    assert!(said.stderr.contains("`carillon init` writes one in a new folder"), "{}", said.stderr);
}

/// What a timer or a service does carries the name of its account, although its environment has no USER.
#[test]
fn an_act_without_a_name_is_the_accounts() {
    let folder = TempDir::with_prefix("carillon-test-").unwrap();
    crate::support::shop::configure(folder.path());
    carillon(folder.path(), &["db", "migrate"]).exits(0);
    carillon(folder.path(), &["campaign", "new", "hiver"]).exits(0);
    let mut apply = command(folder.path(), &["campaign", "apply", "hiver.toml"]);
    assert!(apply.env_remove("CARILLON_USER").env_remove("USER").output().unwrap().status.success());
    let shown = carillon(folder.path(), &["campaign", "list", "--json"]).exits(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let account = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    assert_eq!(shown[0]["applied_by"], String::from_utf8(account).unwrap().trim());
}
