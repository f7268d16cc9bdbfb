//! A campaign again, next season: what moves, what is asked for, and that the check of the copy says what is true of it.

use carillon::calendar::Calendar;
use carillon::clock::Clock;
use carillon::daemon::propose_editions;
use carillon::db::audit::{self, AuditAction};
use carillon::db::drafts;
use carillon::language::InterfaceLanguage;
use toml::Value;

use crate::support::backend::both;
use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::slug;
use crate::support::world::{World, winter_sale};

const NOW: &str = "2026-12-01T09:00:00Z";

/// A winter with everything that a season leaves behind.
fn winter() -> String {
    let file = campaign()
        .slug("hiver-2027")
        .with("url", "https://www.example.fr/hiver-2027")
        .mailing(mailing("announcement").says("fr", "subject", "Ouverture samedi 2 janvier à 8 h"))
        .mailing(mailing("last-hours").from("2027-01-05 18:00").until("window.closes - 2 hours"))
        .offer("Bottines", "bottines.csv");
    format!("# Les notes de Camille restent.\n{}", file.text())
}

fn shop() -> Session {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.write("hiver.toml", winter()).write("bottines.csv", "sku;price\nBOT-1;79,90\n");
    session
}

#[test]
fn a_copy_says_what_moved_and_asks_for_the_rest() {
    let mut session = shop();
    session.say("campaign copy hiver.toml --out @next.toml").say("campaign check next.toml");
    let text = session.read("next.toml");
    assert!(text.starts_with("# Les notes de Camille restent.\n"), "{text}");
    session.tell(&text);
    session.matches("campaign-copied");
    session.speaks(InterfaceLanguage::Fr).say("campaign copy hiver.toml --season hiver.2029 --out @fr.toml");
    let text = session.read("fr.toml");
    session.tell(&text).matches("fr-campaign-copied");
    let said = session.hear("campaign copy hiver.toml --out @fr.toml");
    assert!(said.contains("existe déjà et n’a pas été touché"), "{said}");
    let said = session.hear("campaign copy hiver.toml --season hiver.2027");
    assert!(said.contains("la campagne est déjà celle de `winter.2027`"), "{said}");
    let said = session.hear("campaign copy hiver.toml --season printemps.2028 --out @spring.toml");
    assert!(said.contains("printemps") && said.contains("été") && said.contains("hiver"), "{said}");
    assert!(!session.path("spring.toml").exists());
    let said = session.hear("campaign copy inconnue");
    assert!(said.contains("ni fichier ni campagne appliquée"), "{said}");
}

/// Once everything was looked at, the copy is a campaign like any other.
#[test]
fn a_copy_can_be_applied_once_it_was_looked_at() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let plain = campaign().slug("hiver-2027").mailing(mailing("announcement").says(
        "fr",
        "subject",
        "Ouverture samedi 2 janvier",
    ));
    session.write("hiver.toml", plain.text()).quietly("campaign apply hiver.toml");
    std::fs::remove_file(session.path("hiver.toml")).unwrap();
    session.move_to("2027-03-01T09:00:00Z");
    // The store has kept what was applied.
    let said = session.hear("campaign copy hiver-2027 --json");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((said["slug"].as_str(), said["opens_at"].as_str()), (Some("hiver-2028"), Some("2028-01-08T07:00:00Z")));
    assert_eq!(said["review"].as_array().unwrap().len(), 1);
    let copy = session.read("hiver-2028.toml");
    let refused = session.hear("campaign apply hiver-2028.toml");
    assert!(refused.contains("file.to-review") && refused.contains("refused: nothing was changed"), "{refused}");
    let looked_at: Vec<&str> = copy.lines().filter(|line| !line.starts_with("# TO REVIEW")).collect();
    session.write("hiver-2028.toml", looked_at.join("\n").replace("samedi 2 janvier", "{opens}"));
    session.quietly("campaign apply hiver-2028.toml");
    let said = session.hear("campaign copy hiver-2027");
    assert!(said.contains("`hiver-2028` is the name of a campaign already"), "{said}");
}

/// Nothing in such a file follows the law, so nothing moves; that is said of each date.
#[test]
fn dates_of_ones_own_do_not_move() {
    let mut session = Session::new(ShopFolder::bare(), NOW);
    session.write("fete.toml", campaign().slug("fete-2026").window("2026-12-10 08:00", "2026-12-12 20:00").text());
    let said = session.hear("campaign copy fete.toml");
    assert_eq!(said.matches("is a date of yours and did not move").count(), 2, "{said}");
    let text = session.read("fete-2027.toml");
    assert!(text.contains("opens = \"2026-12-10 08:00\""), "{text}");
    session.move_to("2026-12-20T09:00:00Z");
    let said = session.hear("campaign check fete-2027.toml");
    assert!(said.contains("file.to-review") && said.contains("window.in-the-past"), "{said}");
}

/// A price file in place of the campaign is told as that, not line by line as a text that lacks quotes.
#[test]
fn a_table_is_no_campaign() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.write("prix.csv", "sku;price\nBOT-1;79,90\n").write("prix.xlsx", b"PK\x03\x04 not whole");
    session.write("winter", b"PK\x03\x04 not whole");
    for file in ["prix.csv", "prix.xlsx", "winter"] {
        let said = session.hear(&format!("campaign check {file}"));
        assert!(said.contains(&format!("`carillon price check {file}`")), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
    }
    assert!(!session.hear("price check prix.csv").contains("usage"));
}

/// What is told to do about a letter that goes beyond its market ends the warning.
#[test]
fn a_letter_beyond_its_market_can_be_answered_for() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let sale =
        campaign().slug("lorraine").markets(&["FR-57"]).with("channel", "store").mailing(mailing("announcement"));
    session.write("lorraine.toml", sale.text());
    let said = session.hear("campaign check lorraine.toml");
    assert!(said.contains("warning: `announcement` would be written to every member"), "{said}");
    assert!(said.contains("campaign waive FILE --rule mailing.beyond-market"), "{said}");
    session.quietly(
        "campaign waive lorraine.toml --rule mailing.beyond-market --reason the\u{a0}subject\u{a0}says\u{a0}Metz",
    );
    for command in ["check", "plan", "apply"] {
        let said = session.hear(&format!("campaign {command} lorraine.toml"));
        assert!(!said.contains("warning: `announcement` would be"), "{command}: {said}");
        assert!(!said.contains("warning: all members"), "{command}: {said}");
    }
}

/// Whoever checks a file is told what would keep it from being applied here.
#[test]
fn a_check_says_what_an_apply_would_refuse() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let sale = campaign().slug("hiver-2027").mailing(mailing("announcement")).text();
    session.write("hiver.toml", &sale).write("autre.toml", &sale);
    let said = session.hear("campaign check hiver.toml autre.toml");
    assert!(said.contains("campaign.same-slug") && said.contains("cannot be applied"), "{said}");
    session.quietly("campaign apply hiver.toml");
    let said = session.hear("campaign check hiver.toml");
    assert!(!said.contains("cannot be applied"), "{said}");
    session.quietly("campaign cancel hiver-2027 --yes");
    for command in ["check", "apply"] {
        let said = session.hear(&format!("campaign {command} hiver.toml"));
        assert!(said.contains("apply.cancelled"), "{command}: {said}");
    }
}

/// The year of another season makes a sale that is open at once, and letters that nobody gets.
#[test]
fn a_sale_of_long_ago_is_not_applied() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let sale = campaign().slug("hiver-2027").window("soldes.winter.2026 - 4 days at 08:00", "2027-01-06 08:00");
    session.write("hiver.toml", sale.text());
    for command in ["check", "plan", "apply"] {
        let said = session.hear(&format!("campaign {command} hiver.toml"));
        assert!(said.contains("window.opened-long-ago"), "{command}: {said}");
    }
    let late = mailing("announcement").from("2026-11-20 08:00").until("2026-11-21 08:00");
    session.write("hiver.toml", campaign().slug("hiver-2027").mailing(late).text());
    for command in ["check", "plan", "apply"] {
        let said = session.hear(&format!("campaign {command} hiver.toml"));
        assert!(said.contains("error") && said.contains("mailing.in-the-past"), "{command}: {said}");
    }
}

/// The file of a sale that is held again each winter.
fn comes_again(file: CampaignFile) -> CampaignFile {
    file.table("[edition]", [("every", Value::from("winter"))])
}

both!(the_next_edition_is_proposed_once_by_whichever_daemon, |backend| {
    let world = World::new(backend, &[]);
    world.apply(&comes_again(winter_sale().slug("hiver-2027")));
    let propose = |now: &str| {
        let now = now.parse().unwrap();
        world.store.write_blocking(|db| propose_editions(db, &Calendar::built_in(), now)).unwrap();
        let waiting = world.store.read_blocking(|db| drafts::waiting(db, now)).unwrap();
        waiting.iter().map(|draft| format!("{} {}", draft.slug, draft.edition)).collect::<Vec<_>>()
    };
    let proposals = || {
        let entries = world.store.read_blocking(|db| audit::list(db, None)).unwrap();
        entries.iter().filter(|entry| entry.action == AuditAction::CampaignProposed).count()
    };
    assert!(propose("2027-01-05T09:00:00Z").is_empty(), "the sale is not over");
    let next = ["hiver-2028 winter.2028"];
    assert_eq!(propose("2027-01-06T09:00:00Z"), next);
    assert_eq!(propose("2027-01-06T10:00:00Z"), next, "the other daemon, an hour later");
    assert_eq!(proposals(), 1);

    // Whoever does not want it is not asked again before the next one.
    let dismissed = "2027-02-01T09:00:00Z".parse().unwrap();
    let dismiss =
        || world.store.write_blocking(|db| drafts::dismiss(db, &slug("hiver-2028"), "camille", dismissed)).unwrap();
    assert!(dismiss() && !dismiss());
    assert!(propose("2027-03-01T09:00:00Z").is_empty());
    assert_eq!(propose("2028-02-01T09:00:00Z"), ["hiver-2029 winter.2029"]);
    assert_eq!(proposals(), 2);

    // Without the section nothing is held again.
    world.apply(&winter_sale().slug("hiver-2027").title("Les journées magiques, sans suite"));
    assert!(propose("2028-02-01T10:00:00Z").is_empty());
});

// The short name is for whoever applies the file to choose.
both!(a_draft_that_was_applied_under_another_name_waits_no_longer, |backend| {
    let world = World::new(backend, &[]);
    world.apply(&comes_again(winter_sale().slug("hiver-2027")));
    let now = "2027-02-01T09:00:00Z".parse().unwrap();
    world.at("2027-02-01T09:00:00Z");
    world.store.write_blocking(|db| propose_editions(db, &Calendar::built_in(), now)).unwrap();
    let waiting = || world.store.read_blocking(|db| drafts::waiting(db, now)).unwrap().len();
    assert_eq!(waiting(), 1);
    let next =
        || campaign().with("sector", "shoes").window("soldes.winter.2028 - 4 days at 08:00", "soldes.winter.2028");
    world.apply(&next().slug("club-2028").title("Le club"));
    assert_eq!(waiting(), 1, "another sale of that season");
    world.apply(&next().slug("bottines-2028").title("Les journées magiques"));
    assert_eq!(waiting(), 0);
});

/// The proposal is seen, written and applied; nothing is applied by itself, and an edition that was applied waits no longer.
#[test]
fn a_draft_is_the_copy_in_the_readers_language() {
    let shop = ShopFolder::configured();
    let mut session = Session::at(shop.path(), Clock::manual(NOW.parse().unwrap()));
    let plain = comes_again(campaign().slug("hiver-2027").mailing(mailing("announcement").says(
        "fr",
        "subject",
        "Ouverture samedi 2 janvier",
    )));
    session.write("hiver.toml", plain.text()).quietly("campaign apply hiver.toml");
    let said = session.hear("campaign plan hiver.toml");
    assert!(said.contains("nothing"), "{said}");
    session.move_to("2027-03-01T09:00:00Z");
    let now = "2027-03-01T09:00:00Z".parse().unwrap();
    shop.store().write_blocking(|db| propose_editions(db, &Calendar::built_in(), now)).unwrap();
    session.say("campaign drafts").say("campaign draft hiver-2028 --out @next.toml").say("status --next");
    session.speaks(InterfaceLanguage::Fr).say("campaign drafts").say("status");
    session.matches("campaign-drafts");
    let shown = session.hear("campaign draft hiver-2028");
    assert!(shown.contains("# À REVOIR") && shown.contains("slug = \"hiver-2028\""), "{shown}");
    assert!(session.hear("campaign list").matches("hiver").count() == 1, "nothing was applied");
    let refused = session.hear("campaign draft hiver-2029");
    assert!(refused.contains("aucun brouillon `hiver-2029` n’attend"), "{refused}");

    let copy = session.read("next.toml");
    let looked_at: Vec<&str> = copy.lines().filter(|line| !line.starts_with("# TO REVIEW")).collect();
    session.write("next.toml", looked_at.join("\n").replace("samedi 2 janvier", "{opens}"));
    session.quietly("campaign apply next.toml");
    let said = session.hear("campaign drafts");
    assert!(said.contains("aucun brouillon"), "{said}");
}
