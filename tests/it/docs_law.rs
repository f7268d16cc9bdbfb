//! `docs/compliance.md` and `carillon law`: the tables are made of the rules, and every rule of law that the program knows is
//! among them.

use std::collections::BTreeSet;
use std::fs;

use carillon::compliance::law_rules;

use crate::rules::of_the_program;
use crate::support::folder::ShopFolder;
use crate::tidy::root;

/// What the rules of law begin with.
const OF_LAW: [&str; 6] = ["blackout.", "duration.", "label.", "price.", "season.", "words."];

/// Rules of those rooms that say how a file is read, and no law.
const OF_FILES: [&str; 4] = ["price.header", "price.no-history", "price.offer-twice", "price.offer-unreadable"];

const BEGINS: &str = "<!-- rules: ";
const ENDS: &str = "<!-- end of rules -->";

/// The table of `group`.
fn table(group: &str) -> String {
    let rows = law_rules().unwrap().iter().filter(|rule| rule.group == group).map(|rule| rule.row() + "\n");
    let head = "| rule | grade | law | remedy | what Carillon does not see |\n|---|---|---|---|---|\n";
    head.to_owned() + &rows.collect::<String>()
}

/// The document with every table as the rules have it.
fn written(document: &str) -> String {
    let mut parts = document.split(BEGINS);
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (group, rest) = part.split_once(" -->").unwrap();
        let (_, rest) = rest.split_once(ENDS).expect("every table has an end");
        text.extend([BEGINS, group, " -->\n", &table(group), ENDS, rest]);
    }
    text
}

#[test]
fn docs_compliance_has_the_rules_of_the_program() {
    let path = root().join("docs/compliance.md");
    let kept = fs::read_to_string(&path).unwrap();
    let text = written(&kept);
    if std::env::var_os("CARILLON_WRITE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "docs/compliance.md is behind config/law/rules.toml: `CARILLON_WRITE_DOCS=1 cargo test docs_law` writes it"
    );
    let tables: BTreeSet<&str> =
        kept.split(BEGINS).skip(1).filter_map(|part| Some(part.split_once(" -->")?.0)).collect();
    let groups: BTreeSet<&str> = law_rules().unwrap().iter().map(|rule| rule.group.as_str()).collect();
    let elsewhere = BTreeSet::from(["market", "prices", "window"]);
    assert_eq!(groups.difference(&elsewhere).copied().collect::<BTreeSet<_>>(), tables);
}

#[test]
fn every_rule_of_law_is_listed() {
    let listed: BTreeSet<&str> = law_rules().unwrap().iter().map(|rule| rule.id.as_str()).collect();
    let program = of_the_program();
    let is_of_law =
        |rule: &&String| OF_LAW.iter().any(|room| rule.starts_with(room)) && !OF_FILES.contains(&rule.as_str());
    let unlisted: Vec<&String> =
        program.iter().filter(is_of_law).filter(|rule| !listed.contains(rule.as_str())).collect();
    assert!(unlisted.is_empty(), "config/law/rules.toml lacks {unlisted:?}");
    let gone: Vec<&&str> = listed.iter().filter(|rule| !program.contains(**rule)).collect();
    assert!(gone.is_empty(), "the program has no rule {gone:?}");
}

#[test]
fn the_rules_can_be_asked_for() {
    let shop = ShopFolder::bare();
    let all = shop.run(&["law"]).exits(0).stdout;
    assert!(all.starts_with("RULE") && all.contains("words.last-days") && all.contains("duration.prolonged"), "{all}");
    let one = shop.run(&["law", "duration.prolonged", "--market", "FR"]).exits(0).stdout;
    assert!(one.contains("art. L121-4 7° (fausse urgence)") && one.contains("not seen:"), "{one}");
    assert!(!one.contains("UWG, Anhang"), "{one}");
    let json = shop.run(&["law", "words.", "--json"]).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rules = json.as_array().unwrap();
    assert!(rules.len() > 20 && rules.iter().all(|rule| rule["id"].as_str().unwrap().starts_with("words.")));
    assert!(rules.iter().all(|rule| rule["since"].is_string() && rule["unseen"].is_string()));
    let none = shop.run(&["law", "words.nonsense"]).exits(1);
    assert!(none.stderr.contains("`carillon law` lists them"), "{}", none.stderr);
}
