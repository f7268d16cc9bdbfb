//! What passes the check can be sent: every letter of a campaign is written and read, with the shop's own templates,
//! before anything is applied; and what cannot be looked at is never taken for good.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::cli::carillon;
use crate::support::templates::own_letter;

const CAMPAIGN: &str = r#"
slug     = "hiver-2090"
title    = "Les journées magiques"
markets  = ["FR"]
channel  = "online"
audience = "public"

[window]
timezone = "Europe/Paris"
opens    = "2090-04-02 08:00"
closes   = "2090-04-03 08:00"

[[mailings]]
kind       = "opening"
not_before = "window.opens"
not_after  = "window.closes"
languages  = ["fr", "en"]
"#;

/// The campaign, with each first text replaced by the second.
#[track_caller]
fn campaign(edits: &[(&str, &str)]) -> String {
    let mut text = CAMPAIGN.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "`{from}` is not in the campaign");
        text = text.replacen(from, to, 1);
    }
    text
}

/// A shop as `carillon init` sets it up, with `text` as its campaign.
fn shop(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    carillon(folder.path(), &["init", "."]).exits(0);
    fs::write(folder.path().join("hiver.toml"), text).unwrap();
    folder
}

/// The same, with a folder of templates of its own.
fn shop_with_templates(text: &str) -> TempDir {
    let folder = shop(text);
    let settings = folder.path().join("carillon.toml");
    let written = fs::read_to_string(&settings).unwrap();
    fs::write(settings, written.replace("# templates   =", "templates =")).unwrap();
    fs::create_dir(folder.path().join("email_templates")).unwrap();
    folder
}

/// What a check finds that is graver than a note, as `rule place`.
fn found(folder: &Path) -> Vec<String> {
    let said = carillon(folder, &["campaign", "check", "hiver.toml", "--json"]);
    let findings: Vec<Value> = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}", said.stderr));
    let grave = findings.iter().filter(|finding| finding["severity"] != "note");
    let shown = |finding: &Value| {
        let place = &finding["place"];
        let line = place["line"].as_u64().map_or_else(String::new, |line| format!(":{line}"));
        format!("{} {}{line}", finding["rule"].as_str().unwrap(), place["file"].as_str().unwrap())
    };
    grave.map(shown).collect()
}

#[track_caller]
fn check(edits: &[(&str, &str)], expected: &[&str]) {
    let folder = shop(&campaign(edits));
    assert_eq!(found(folder.path()), expected);
    let refused = !expected.is_empty() && expected.iter().any(|finding| !finding.starts_with("mail.subject-length"));
    carillon(folder.path(), &["campaign", "apply", "hiver.toml"]).exits(i32::from(refused));
}

#[test]
fn what_cannot_be_written_is_found_before_it_is_applied() {
    check(&[], &[]);
    let title = |letters: usize| format!("title    = \"{}\"", "é".repeat(letters));
    let plain = "title    = \"Les journées magiques\"";
    check(
        &[(plain, &title(85))],
        &[
            "mail.subject-length email_templates/opening/subject.txt",
            "mail.subject-length email_templates/opening/subject.en.txt",
        ],
    );
    check(&[(plain, &title(145))], &["mailing.subject hiver.toml:3", "mailing.subject hiver.toml:3"]);
    let subject = |letters: usize| {
        format!("languages  = [\"fr\", \"en\"]\n[mailings.texts.fr]\nsubject = \"{}\"\n", "é".repeat(letters))
    };
    let languages = "languages  = [\"fr\", \"en\"]\n";
    check(&[(languages, &subject(150))], &["mail.subject-length hiver.toml:19"]);
    check(&[(languages, &subject(151))], &["mailing.subject hiver.toml:19"]);
    check(&[(languages, &subject(180))], &["mailing.subject hiver.toml:19"]);
    check(&[("magiques\"", "magiques\u{200e}\"")], &["text.unfit hiver.toml:3"]);
    check(&[("[window]", "url = \"https://shop.example.fr/été\"\n\n[window]")], &[]);
    check(&[("[window]", "url = \"http://shop.example.fr/\"\n\n[window]")], &["url.invalid hiver.toml:8"]);
}

#[test]
fn an_own_template_that_follows_people_is_found() {
    let folder = shop_with_templates(&campaign(&[]));
    let own = folder.path().join("email_templates");
    let pixel =
        "<img src=\"https://img.example.net/{{ recipient.confirmed_on }}.gif\" width=\"1\" height=\"1\" alt=\"\">";
    let redirector = "https://click.example.net/?m={{ recipient.confirmed_on }}&amp;u={{ sale.url }}";
    own_letter(&own, "opening", &[("href={sale.url}", "href={\"https://click.example.net/?to=\" ~ sale.url}")]);
    let rules = |folder: &Path| -> Vec<String> {
        let mut rules: Vec<String> =
            found(folder).iter().map(|finding| finding.split(' ').next().unwrap().to_owned()).collect();
        rules.dedup();
        rules
    };
    assert_eq!(rules(folder.path()), ["mail.redirector", "mail.urls-differ"]);
    let content = "{% block content %}";
    own_letter(&own, "opening", &[(content, &format!("{content}\n<p>{pixel}<a href=\"{redirector}\">Entrer</a></p>"))]);
    let found = rules(folder.path());
    for rule in ["mail.pixel", "mail.remote", "mail.recipient-link", "mail.redirector"] {
        assert!(found.contains(&rule.to_owned()), "{rule} is not in {found:?}");
    }
    carillon(folder.path(), &["campaign", "apply", "hiver.toml"]).exits(1);
}

#[test]
fn what_cannot_be_looked_at_is_not_taken_for_good() {
    let folder = shop_with_templates(&campaign(&[]));
    fs::remove_dir(folder.path().join("email_templates")).unwrap();
    assert_eq!(found(folder.path()), ["file.unreadable email_templates"]);
    carillon(folder.path(), &["campaign", "apply", "hiver.toml"]).exits(1);

    let folder = shop_with_templates(&campaign(&[]));
    own_letter(&folder.path().join("email_templates"), "opening", &[]);
    fs::write(folder.path().join("email_templates/opening/body.txt"), [0xff, 0xfe]).unwrap();
    assert_eq!(found(folder.path()), ["file.encoding email_templates/opening/body.txt:1"]);

    let folder = shop(&campaign(&[]));
    fs::remove_file(folder.path().join("carillon.db")).unwrap();
    carillon(folder.path(), &["campaign", "check", "hiver.toml"]).exits(3);

    let folder = shop(&campaign(&[]));
    fs::write(folder.path().join("carillon.toml"), "[shop\n").unwrap();
    carillon(folder.path(), &["campaign", "check", "hiver.toml"]).exits(2);
    fs::remove_file(folder.path().join("carillon.toml")).unwrap();
    carillon(folder.path(), &["--config", "shop.toml", "campaign", "check", "hiver.toml"]).exits(2);
}

#[test]
fn a_check_without_a_shop_says_what_was_not_looked_at() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("hiver.toml"), CAMPAIGN).unwrap();
    let said = carillon(folder.path(), &["campaign", "check", "hiver.toml"]).exits(0);
    assert!(said.stdout.contains("there is no `carillon.toml` here"), "{}", said.stdout);
    assert!(said.stdout.contains("rule: config.absent"), "{}", said.stdout);
}

#[test]
fn what_a_desktop_leaves_behind_is_passed_over() {
    let folder = shop_with_templates(&campaign(&[]));
    let own = folder.path().join("email_templates");
    own_letter(&own, "opening", &[]);
    for name in ["Thumbs.db", ".DS_Store", "opening/desktop.ini", "opening/body.html~", "opening/body.txt.bak"] {
        fs::write(own.join(name), "x").unwrap();
    }
    assert_eq!(found(folder.path()), Vec::<String>::new());
    let said = carillon(folder.path(), &["campaign", "check", "hiver.toml"]).exits(0);
    assert_eq!(said.stdout.matches("rule: template.passed-over").count(), 5, "{}", said.stdout);
    fs::write(own.join("opening/boddy.html"), "x").unwrap();
    assert_eq!(found(folder.path()), ["template.unknown-file email_templates/opening/boddy.html"]);
}
