//! Every rule that can be found broken stands in a table of the documents, and the tables name no rule that is gone.

use std::collections::BTreeSet;
use std::fs;

use crate::tidy::{root, shipped, sources};

/// Where rules are explained: each as the first cell of a row.
const DOCUMENTS: [&str; 5] = ["calendar", "campaign", "compliance", "mail", "prices"];

/// What rules begin with. Those of `config` say all there is to say themselves.
const ROOMS: [&str; 26] = [
    "anchor",
    "apply",
    "audience",
    "blackout",
    "calendar",
    "channel",
    "declaration",
    "duration",
    "file",
    "group",
    "label",
    "links",
    "list",
    "mail",
    "mailing",
    "market",
    "members",
    "offer",
    "price",
    "rehearsal",
    "season",
    "shop",
    "slug",
    "text",
    "url",
    "words",
];

/// Texts of the same form that name something else: fields of a plan, files, a section of the settings, what a letter may use.
const NO_RULES: [&str; 16] = [
    "audience.toml",
    "calendar.overrides",
    "declaration.ground",
    "declaration.receipt",
    "group.joinable",
    "group.list",
    "group.size",
    "group.who",
    "list.html",
    "mail.dkim",
    "mail.smtp",
    "members.csv",
    "shop.brand",
    "shop.contact",
    "shop.name",
    "shop.url",
];

fn is_rule(text: &str) -> bool {
    let Some((room, name)) = text.split_once('.') else { return false };
    let written = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let known = ROOMS.contains(&room) || room == "template" || (room == "window" && is_window_rule(name));
    known && written && !NO_RULES.contains(&text)
}

/// `window.opens` is a place in a campaign file.
fn is_window_rule(name: &str) -> bool {
    !["opens", "closes"].contains(&name)
}

/// The rules that the program's own text and its data name.
pub fn of_the_program() -> BTreeSet<String> {
    let data = fs::read_to_string(root().join("config/wording/laws.toml")).unwrap();
    let mut texts = vec![data];
    // The actions of the audit log have the same form.
    let code = sources("src").into_iter().filter(|(name, _)| name != "src/db/audit.rs" && !name.ends_with("tests.rs"));
    texts.extend(code.map(|(_, text)| shipped(&text).to_owned()));
    let literal = |text: &String| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    texts.iter().flat_map(literal).filter(|text| is_rule(text)).collect()
}

/// The rules in the first cells of the tables.
fn of_the_documents() -> BTreeSet<String> {
    let rows = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(root().join(format!("docs/{name}.md"))).unwrap();
        let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next().map(str::to_owned));
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    DOCUMENTS.iter().flat_map(|name| rows(name)).filter(|text| is_rule(text)).collect()
}

#[test]
fn every_rule_stands_in_a_table_of_the_documents() {
    let (program, documents) = (of_the_program(), of_the_documents());
    assert!(program.len() > 120, "only {} rules were found", program.len());
    let untold: Vec<&String> = program.difference(&documents).collect();
    assert!(untold.is_empty(), "no table in {DOCUMENTS:?} has a row for {untold:#?}");
    let gone: Vec<&String> = documents.difference(&program).collect();
    assert!(gone.is_empty(), "the program has no rule {gone:#?}");
}
