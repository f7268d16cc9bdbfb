//! `campaign new` at a terminal, as a person sits at one: questions in French, answers that are looked at, and the file.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::cli::{Said, first_that_runs};
use crate::support::folder::ShopFolder;

/// Types `answers`, a line each, at a terminal in which `campaign new` with `options` runs. What is shown comes back on one stream.
fn at_a_terminal(shop: &ShopFolder, options: &str, answers: &[&str]) -> Option<Said> {
    let script = first_that_runs(&["script"], &["--version"])?;
    let line = format!("{} --lang fr campaign new {options}", env!("CARGO_BIN_EXE_carillon"));
    let mut child = Command::new(script)
        .args(["-q", "-e", "-f", "-c", &line, "/dev/null"])
        .current_dir(shop.path())
        .env("LC_ALL", "C.UTF-8")
        .env("CARILLON_USER", "camille")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(answers.join("\n").as_bytes()).unwrap();
    typed.write_all(b"\n").unwrap();
    drop(typed);
    Some(Said::of(child.wait_with_output().unwrap()))
}

#[test]
fn five_questions_make_a_campaign() {
    let shop = ShopFolder::configured();
    let answers = [
        "Les pré-soldes privées",
        "Les journées magiques",
        "Atlantide",
        "FR",
        "demain",
        "",
        "",
        "tous",
        "1",
        "1 3",
        "fr",
    ];
    let Some(said) = at_a_terminal(&shop, "", &answers) else { return };
    let said = said.exits(0);
    for words in [
        "1 sur 5. Comment s’appelle la vente",
        "erreur",
        "Une autre réponse",
        "`Atlantide` n’est pas un marché",
        "FR\u{a0}: soldes d’",
        "`demain` n’est ni une période légale",
        "elle ouvre le",
        "`tous` n’est aucun de ces choix",
        "5 sur 5. Quels courriels partent",
        "modifiez-le",
    ] {
        assert!(said.stdout.contains(words), "no “{words}” in {}", said.stdout);
    }
    let made: Vec<String> = std::fs::read_dir(shop.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("les-journees-magiques-20"))
        .collect();
    let [name] = made.as_slice() else { panic!("{made:?}: {}", said.stdout) };
    let text = shop.read(name);
    assert!(text.contains("title = \"Les journées magiques\"") && text.contains("# Le nom court"), "{text}");
    assert_eq!(text.matches("[[mailings]]").count(), 2, "{text}");
    shop.run(&["campaign", "check", name]).exits(0);
}

#[test]
fn what_is_given_is_not_asked_and_what_is_broken_off_writes_nothing() {
    let shop = ShopFolder::bare();
    let given = "--title Essai --market BE --audience public --mail opening --language fr --out essai.toml";
    let Some(said) = at_a_terminal(&shop, given, &["2027-03-02 8h00", "2027-03-05 20h00"]) else { return };
    let said = said.exits(0);
    assert!(!said.stdout.contains("1 sur 5") && said.stdout.contains("3 sur 5"), "{}", said.stdout);
    assert!(shop.read("essai.toml").contains("opens = \"2027-03-02 8h00\""));
    let before = std::fs::read_dir(shop.path()).unwrap().count();
    let said = at_a_terminal(&shop, "", &["Essai"]).unwrap().exits(1);
    assert!(said.stdout.contains("rien n’a été écrit"), "{}", said.stdout);
    assert_eq!(std::fs::read_dir(shop.path()).unwrap().count(), before);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let shop = ShopFolder::bare();
    let said = shop.run_with("Essai\n\n\n\n\n\n\n", &["campaign", "new"]).exits(2);
    assert!(said.stderr.contains("there is no terminal to ask at"), "{said:?}");
    let options =
        ["campaign", "new", "--title", "Magic days", "--opens", "2027-03-02 08:00", "--closes", "2027-03-05 20:00"];
    let said = shop.run(&options).exits(0);
    assert_eq!(said.stdout, "magic-days-2027.toml\n");
    assert!(!said.stderr.contains("of 5"), "no question is written that nobody is asked: {said:?}");
    // The file that is there stays, and another one gets another name.
    let said = shop.run(&options).exits(0);
    assert_eq!(said.stdout, "magic-days-2027-2.toml\n");
    shop.run(&["campaign", "check", "magic-days-2027.toml"]).exits(0);
    shop.run(&["campaign", "new", "--title", "x", "--audience", "closed-group"]).exits(2);
    let group = [
        "--audience",
        "closed-group",
        "--group",
        "customers of the shop in Metz in 2026",
        "--fixed-on",
        "2026-11-01",
        "--list",
        "metz",
    ];
    shop.run(&[&["campaign", "new", "metz-2027", "--title", "Metz"][..], &group].concat()).exits(0);
    let file = shop.read("metz-2027.toml");
    assert!(file.contains("fixed_on = \"2026-11-01\"") && file.contains("list     = \"metz\""), "{file}");
}
