//! What Carillon says, word for word. A change of words changes a file under `tests/it/snapshots`, where it is read before
//! it is kept: `INSTA_UPDATE=always cargo test snapshots::` writes them, and the difference is for a person to look at.

use std::fs;

use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::tidy::{root, sources};

/// When the commands are typed.
const NOW: &str = "2026-12-01T09:00:00Z";

fn check(name: &str, file: &CampaignFile) {
    let mut session = Session::new(ShopFolder::bare(), NOW);
    session.shop.write("hiver.toml", file.text());
    session.say("campaign check hiver.toml").say("campaign check hiver.toml --json").matches(name);
}

/// A campaign that breaks what it can in four countries.
fn unlawful() -> CampaignFile {
    campaign()
        .title("Les pré-soldes privées")
        .markets(&["FR", "BE", "IT-25", "RO"])
        .with("label", "Soldări de iarnă, rebajas et saldi")
        .with("sector", "shoes")
        .with("url", "https://shop.example.fr/avant-soldes")
        .window("2026-12-20 08:00", "2027-02-20 08:00")
        .mailing(
            mailing("announcement")
                .says("fr", "subject", "Les soldes commencent demain mardi")
                .says("fr", "headline", "Vente privée réservée aux initiés")
                .says("en", "subject", "Opening on Monday 21 December at 9 am"),
        )
        .mailing(mailing("last-hours").from("window.closes + 1 day").until("window.closes + 2 days"))
}

#[test]
fn a_check_of_a_campaign_that_the_law_objects_to() {
    check("check-law", &unlawful());
    let group = [("who", "des amis".into()), ("fixed_on", "2026-12-28".into()), ("joinable", true.into())];
    let closed = campaign().with("audience", "closed-group").title("Ventes privées").table("[group]", group);
    check("check-closed-group", &closed.mailing(mailing("opening")));
    check("check-club", &campaign().with("audience", "open-members").title("Vente privée"));
}

#[test]
fn a_check_of_a_campaign_that_does_not_hang_together() {
    let unread = campaign()
        .mailing(mailing("opening").says("en", "intro", "Until {fermeture}"))
        .mailing(mailing("last-hours").languages(&["fr"]).says("en", "subject", "Hurry"))
        .table("[group]", [("who", "x".into())]);
    check("check-unread-parts", &unread);
    let mailings = campaign()
        .mailing(mailing("announcement").from("window.opens").until("window.closes"))
        .mailing(mailing("announcement").named("announcement-2").until("window.opens - 3 days"))
        .mailing(mailing("announcement").named("announcement-3").from("2026-11-01 08:00"))
        .mailing(mailing("opening").says("fr", "subject", &"é".repeat(160)).from("window.opens - 1 hour"))
        .mailing(mailing("last-hours").from("window.closes"));
    check("check-mailings", &mailings);
    check("check-window", &campaign().window("2026-11-01 08:00", "2026-10-01 08:00"));
    check("check-window-edges", &campaign().zone("Europe/Berlin").window("2026-11-01 08:00", "2027-01-07 08:00"));
    check("check-dst", &campaign().window("2027-03-28 02:30", "2027-10-31 02:30"));
    check("check-anchors", &campaign().markets(&["FR", "LU"]).window("soldes.winter.2027 - 2 days", "window.opens"));
    check("check-offers", &campaign().offer("Bottines", "absent.csv"));
}

#[test]
fn a_check_of_a_file_that_is_not_understood() {
    let misspelt = campaign()
        .slug("Hiver 2027")
        .with("titel", "x")
        .with("audience", "everybody")
        .markets(&["FR", "XX", "FR"])
        .with("url", "http://shop.example.fr/")
        .zone("Europe/Metz")
        .window("soldes.autumn.2027", "window.closes + 1 hour")
        .mailing(mailing("opening").kind("reminder").languages(&["de"]));
    check("check-misspelt", &misspelt);
    let mut session = Session::new(ShopFolder::bare(), NOW);
    session.shop.write("empty.toml", "");
    session.shop.write("broken.toml", "slug = 3\ntitle = \"Les journées\n");
    session.shop.write("latin1.toml", b"slug = \"x\"\ntitle = \"Les journ\xe9es\"\n");
    for file in ["empty.toml", "broken.toml", "latin1.toml", "absent.toml"] {
        session.say(&format!("campaign check {file}"));
    }
    session.matches("check-unreadable");
}

/// What no test looks at any more is deleted with its test.
#[test]
fn every_snapshot_is_looked_at() {
    let named: String = sources("tests").into_iter().map(|(_, text)| text).collect();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/it/snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".snap") else { continue };
        count += 1;
        assert!(named.contains(&format!("\"{name}\"")), "no test looks at `{name}`");
    }
    assert!(count > 10, "only {count} snapshots were found");
}
