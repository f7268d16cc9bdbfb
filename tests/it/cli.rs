//! The command line as a whole: help, wrong usage, missing configuration.

use tempfile::TempDir;

use crate::support::cli::carillon;

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
    assert!(said.stderr.contains("`carillon init` writes one"), "{}", said.stderr);
}
