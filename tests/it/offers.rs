//! The offers of a campaign are checked with it: prior prices from the history, resale below cost, a missing file.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::cli::carillon;

const CAMPAIGN: &str = r#"
slug     = "hiver"
title    = "Les journées magiques"
markets  = ["FR"]
channel  = "online"
audience = "public"
sector   = "shoes"

[window]
timezone = "Europe/Paris"
opens    = "2090-01-02 08:00"
closes   = "2090-01-03 08:00"

[[offers]]
name   = "Bottines"
prices = "bottines.csv"
"#;

/// The rules found in `folder`, in the order of the JSON.
fn rules(folder: &Path) -> Vec<String> {
    let said = carillon(folder, &["campaign", "check", "hiver.toml", "--json"]);
    let findings: Value = serde_json::from_str(&said.stdout).unwrap();
    let rules = findings.as_array().unwrap().iter();
    let rules: Vec<String> = rules.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    rules.into_iter().filter(|rule| rule.starts_with("price.") || rule.starts_with("offer.")).collect()
}

fn write(folder: &Path, offers: &str) {
    fs::write(folder.join("hiver.toml"), CAMPAIGN).unwrap();
    fs::write(folder.join("bottines.csv"), offers).unwrap();
}

#[test]
fn without_a_shop_what_needs_no_history_is_checked() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "sku,price,purchase_cost\nBOT-1,20.00,38.50\nBOT-2,79.90,38.50\n");
    assert_eq!(rules(folder.path()), ["price.no-history", "price.below-cost"]);
    fs::remove_file(folder.path().join("bottines.csv")).unwrap();
    assert_eq!(rules(folder.path()), ["price.no-history", "offer.prices"]);
}

#[test]
fn in_a_shop_the_price_history_decides() {
    let folder = TempDir::new().unwrap();
    carillon(folder.path(), &["init", "."]).exits(0);
    write(folder.path(), "sku,price,purchase_cost\nBOT-1,60.00,38.50\nBOT-2,79.90,38.50\nBOT-3,50.00,38.50\n");
    let history = "sku,channel,market,audience,from,price,currency\n\
                   BOT-1,online,FR,public,2089-01-01,100.00,EUR\n\
                   BOT-2,online,FR,public,2089-01-01,79.90,EUR\n";
    fs::write(folder.path().join("history.csv"), history).unwrap();
    carillon(folder.path(), &["price", "import", "history.csv"]).exits(0);
    assert_eq!(rules(folder.path()), ["price.no-reduction", "price.no-prior-price"]);
    // An unwaived error keeps the campaign from being applied.
    let said = carillon(folder.path(), &["campaign", "apply", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("`BOT-2` at 79.90"), "{}", said.stdout);
}
