//! What passes the check can be sent: every letter of a campaign is written and read, with the shop's own templates,
//! before anything is applied; and what cannot be looked at is never taken for good.

use std::fs;

use serde_json::Value;

use crate::support::build::{CampaignFile, Mailing, campaign_to_come, mailing};
use crate::support::folder::ShopFolder;
use crate::support::templates::own_letter;

/// A campaign that is to come, with one mailing.
fn campaign() -> CampaignFile {
    campaign_to_come().mailing(opening())
}

fn opening() -> Mailing {
    mailing("opening")
}

/// A shop as `carillon init` sets it up, with this campaign.
fn shop(campaign: &CampaignFile) -> ShopFolder {
    let shop = ShopFolder::initiated();
    shop.write("hiver.toml", campaign.text());
    shop
}

/// The same, with a folder of templates of its own.
fn shop_with_templates() -> ShopFolder {
    let shop = shop(&campaign());
    shop.configure("# templates   =", "templates =");
    fs::create_dir(shop.at("email_templates")).unwrap();
    shop
}

/// What a check finds that is graver than a note, as `rule place`.
fn found(shop: &ShopFolder) -> Vec<String> {
    let findings = shop.json(&["campaign", "check", "hiver.toml", "--json"]);
    let findings = findings.as_array().unwrap().clone();
    let grave = findings.iter().filter(|finding| finding["severity"] != "note");
    let shown = |finding: &Value| {
        let place = &finding["place"];
        let line = place["line"].as_u64().map_or_else(String::new, |line| format!(":{line}"));
        format!("{} {}{line}", finding["rule"].as_str().unwrap(), place["file"].as_str().unwrap())
    };
    grave.map(shown).collect()
}

#[track_caller]
fn check(campaign: &CampaignFile, expected: &[&str]) {
    let shop = shop(campaign);
    assert_eq!(found(&shop), expected);
    let refused = !expected.is_empty() && expected.iter().any(|finding| !finding.starts_with("mail.subject-length"));
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(i32::from(refused));
}

#[test]
fn what_cannot_be_written_is_found_before_it_is_applied() {
    check(&campaign(), &[]);
    let titled = |letters: usize| campaign().title(&"é".repeat(letters));
    check(
        &titled(85),
        &[
            "mail.subject-length email_templates/opening/subject.txt",
            "mail.subject-length email_templates/opening/subject.en.txt",
        ],
    );
    check(&titled(145), &["mailing.subject hiver.toml:2", "mailing.subject hiver.toml:2"]);
    let with_subject =
        |letters: usize| campaign_to_come().mailing(opening().says("fr", "subject", &"é".repeat(letters)));
    check(&with_subject(150), &["mail.subject-length hiver.toml:18"]);
    check(&with_subject(151), &["mailing.subject hiver.toml:18"]);
    check(&with_subject(180), &["mailing.subject hiver.toml:18"]);
    check(&campaign().title("Les journées magiques\u{200e}"), &["text.unfit hiver.toml:2"]);
    check(&campaign().with("url", "https://shop.example.fr/été"), &[]);
    check(&campaign().with("url", "http://shop.example.fr/"), &["url.invalid hiver.toml:6"]);
}

#[test]
fn an_own_template_that_follows_people_is_found() {
    let shop = shop_with_templates();
    let own = shop.at("email_templates");
    let pixel =
        "<img src=\"https://img.example.net/{{ recipient.confirmed_on }}.gif\" width=\"1\" height=\"1\" alt=\"\">";
    let redirector = "https://click.example.net/?m={{ recipient.confirmed_on }}&amp;u={{ sale.url }}";
    own_letter(&own, "opening", &[("href={sale.url}", "href={\"https://click.example.net/?to=\" ~ sale.url}")]);
    let rules = |shop: &ShopFolder| -> Vec<String> {
        let mut rules: Vec<String> =
            found(shop).iter().map(|finding| finding.split(' ').next().unwrap().to_owned()).collect();
        rules.dedup();
        rules
    };
    assert_eq!(rules(&shop), ["mail.redirector", "mail.urls-differ"]);
    let content = "{% block letter %}";
    own_letter(&own, "opening", &[(content, &format!("{content}\n<p>{pixel}<a href=\"{redirector}\">Entrer</a></p>"))]);
    let found = rules(&shop);
    for rule in ["mail.pixel", "mail.remote", "mail.recipient-link", "mail.redirector"] {
        assert!(found.contains(&rule.to_owned()), "{rule} is not in {found:?}");
    }
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
}

#[test]
fn what_cannot_be_looked_at_is_not_taken_for_good() {
    let shop = shop_with_templates();
    fs::remove_dir(shop.at("email_templates")).unwrap();
    assert_eq!(found(&shop), ["file.unreadable email_templates"]);
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);

    let shop = shop_with_templates();
    own_letter(&shop.at("email_templates"), "opening", &[]);
    shop.write("email_templates/opening/body.txt", [0xff, 0xfe]);
    assert_eq!(found(&shop), ["file.encoding email_templates/opening/body.txt:1"]);

    let shop = self::shop(&campaign());
    fs::remove_file(shop.at("carillon.db")).unwrap();
    shop.run(&["campaign", "check", "hiver.toml"]).exits(3);

    let shop = self::shop(&campaign());
    shop.write("carillon.toml", "[shop\n");
    shop.run(&["campaign", "check", "hiver.toml"]).exits(2);
    fs::remove_file(shop.at("carillon.toml")).unwrap();
    shop.run(&["--config", "shop.toml", "campaign", "check", "hiver.toml"]).exits(2);
}

#[test]
fn a_check_without_a_shop_says_what_was_not_looked_at() {
    let shop = ShopFolder::bare();
    shop.write("hiver.toml", campaign().text());
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(0);
    assert!(said.stdout.contains("there is no `carillon.toml` here"), "{}", said.stdout);
    assert!(said.stdout.contains("rule: config.absent"), "{}", said.stdout);
}

#[test]
fn what_a_desktop_leaves_behind_is_passed_over() {
    let shop = shop_with_templates();
    let own = shop.at("email_templates");
    own_letter(&own, "opening", &[]);
    for name in ["Thumbs.db", ".DS_Store", "opening/desktop.ini", "opening/body.html~", "opening/body.txt.bak"] {
        fs::write(own.join(name), "x").unwrap();
    }
    assert_eq!(found(&shop), Vec::<String>::new());
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(0);
    assert_eq!(said.stdout.matches("rule: template.passed-over").count(), 5, "{}", said.stdout);
    fs::write(own.join("opening/boddy.html"), "x").unwrap();
    assert_eq!(found(&shop), ["template.unknown-file email_templates/opening/boddy.html"]);
}
