//! What Carillon says, word for word. A change of words changes a file under `tests/it/snapshots`, where it is read before
//! it is kept: `INSTA_UPDATE=always cargo test snapshots::` writes them, and the difference is for a person to look at.

use std::fs;

use carillon::language::InterfaceLanguage;
use carillon::mail::Kind;
use carillon::smtp::Limits;
use carillon::transport::Transport;

use crate::support::backend::Backend;
use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::relay::Relay;
use crate::support::session::Session;
use crate::support::world::{ANNOUNCED, World};
use crate::tidy::{root, sources};

/// When the commands are typed.
const NOW: &str = "2026-12-01T09:00:00Z";

fn check(name: &str, file: &CampaignFile) {
    let mut session = Session::new(ShopFolder::bare(), NOW);
    session.write("hiver.toml", file.text());
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

/// What a merchandiser reads in whose terminal the locale is French.
#[test]
fn a_merchandiser_is_answered_in_french() {
    let shop = ShopFolder::bare();
    let mut session = Session::new(shop, NOW);
    session.speaks(InterfaceLanguage::Fr).write("hiver.toml", unlawful().text());
    session.say("campaign check hiver.toml").matches("fr-check-law");
    let group = [("who", "des amis".into()), ("fixed_on", "2026-12-28".into()), ("joinable", true.into())];
    let closed = campaign().with("audience", "closed-group").table("[group]", group).mailing(mailing("opening"));
    session.write("hiver.toml", closed.text()).say("campaign check hiver.toml").matches("fr-check-closed-group");
    let dated = campaign()
        .window("2027-03-28 02:30", "2026-10-31 02:30")
        .mailing(mailing("announcement").named("annonce").says("fr", "subject", &"é".repeat(160)));
    session.write("hiver.toml", dated.text()).say("campaign check hiver.toml").matches("fr-check-dates");
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
        .mailing(mailing("opening").kind("reminder").languages(&["pl"]));
    check("check-misspelt", &misspelt);
    let mut session = Session::new(ShopFolder::bare(), NOW);
    session.write("empty.toml", "");
    session.write("broken.toml", "slug = 3\ntitle = \"Les journées\n");
    session.write("latin1.toml", b"slug = \"x\"\ntitle = \"Les journ\xe9es\"\n");
    for file in ["empty.toml", "broken.toml", "latin1.toml", "absent.toml"] {
        session.say(&format!("campaign check {file}"));
    }
    session.matches("check-unreadable");
}

/// A shop with three members, and a campaign that is to come.
fn shop() -> Session {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    let row = |name: &str, language: &str| {
        format!(
            "{name}@example.fr;{language};2026-09-14T18:02:11+02:00;J’accepte ces courriels.;form:footer;double_optin"
        )
    };
    let rows = ["address;language;confirmed_at;wording;source;method".to_owned()];
    let people = [row("anna", "fr"), row("bela", "fr"), row("carla", "en")];
    session.write("members.csv", [&rows[..], &people[..]].concat().join("\n")).quietly("member import members.csv");
    session.write("hiver.toml", file().text());
    session
}

fn file() -> CampaignFile {
    campaign().with("sector", "shoes").mailing(mailing("announcement")).mailing(mailing("last-hours"))
}

#[test]
fn a_campaign_from_its_file_to_the_store() {
    let mut session = shop();
    session.say("campaign plan hiver.toml").say("campaign plan hiver.toml --json").matches("plan-new");
    session.say("campaign apply hiver.toml").say("campaign apply hiver.toml").matches("apply");
    let moved = file()
        .title("Les journées douces")
        .opens("soldes.winter.2027 - 5 days at 09:00")
        .change(0, |mailing| mailing.languages(&["fr"]).says("fr", "subject", "Dès {opens}"))
        .without_mailing(1)
        .mailing(mailing("opening"));
    session.write("hiver.toml", moved.text());
    session.say("campaign plan hiver.toml").say("campaign plan hiver.toml --json").matches("plan-changed");
    session.quietly("campaign apply hiver.toml");
    session
        .say("campaign list")
        .say("campaign show hiver")
        .say("campaign timeline --width 80")
        .matches("campaign-shown");
    session.say("campaign pause hiver").say("campaign resume hiver").say("campaign cancel hiver");
    session.say("campaign cancel hiver --yes").say("campaign show printemps").matches("campaign-stopped");
}

#[test]
fn what_a_shop_is_told_about_itself() {
    let mut session = shop();
    session.say("status").say("status --check").matches("status-idle");
    session.quietly("campaign apply hiver.toml");
    session.say("status").say("status --json").say("status --check").matches("status-planned");
    session.move_to("2027-01-02T10:00:00Z").say("status").say("gate show").matches("status-open");
    session.say("member list").say("consent verify").say("consent verify --json").say("consent rebuild");
    session.say("consent prove anna@example.fr").matches("consent");
    session.say("problem list").say("clock").say("clock confirm --yes").say("status").matches("clock-confirmed");
}

#[test]
fn the_calendar_is_explained() {
    let mut session = Session::new(ShopFolder::bare(), NOW);
    for day in ["2027-01-06", "2027-01-05"] {
        session.say(&format!("calendar explain --market FR --channel online {day}"));
    }
    session.say("calendar explain --market FR --channel online 2027-01-06 --law").matches("explain-fr");
    session.say("calendar explain --market BE --channel store 2026-12-10 --law");
    session.say("calendar explain --market BE --channel store 2026-12-10 --json").matches("explain-be");
    session.say("calendar list --market FR-57 --channel store --from 2027-01-01 --to 2027-12-31");
    session.say("calendar explain --market XX --channel store 2026-12-10").matches("calendar-list");
}

#[test]
fn every_letter_as_people_read_it() {
    for kind in Kind::ALL {
        let mut session = Session::new(ShopFolder::bare(), NOW);
        session.say(&format!("mail preview {} --out @preview", kind.name())).tell("\n");
        for language in ["fr", "en"] {
            for part in ["txt", "html"] {
                let name = format!("preview/{}.{language}.{part}", kind.name());
                let text = session.read(&name);
                session.tell(&format!("=== {name}\n{text}\n"));
            }
        }
        session.matches(match kind.name() {
            "announcement" => "letter-announcement",
            "opening" => "letter-opening",
            "last-hours" => "letter-last-hours",
            "confirmation" => "letter-confirmation",
            "renewal" => "letter-renewal",
            other => panic!("`{other}` has no snapshot"),
        });
    }
}

#[test]
fn the_account_of_a_mailing() {
    let relay = Relay::start();
    let names = ["anna", "bela", "carla", "refuse", "defer", "drop-after-dot"];
    let people: Vec<String> = names.iter().map(|name| format!("{name}@example.fr")).collect();
    let world = World::new(Backend::Sqlite, &people.iter().map(String::as_str).collect::<Vec<_>>());
    let mut session = Session::at(world.fresh.folder.path(), world.clock.clone());
    session.say("mail report").matches("mail-report-before");
    world.at(ANNOUNCED).plan();
    world.drain(&world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
    world.plan();
    session.say("mail report").say("mail report --json").say("status").matches("mail-report");
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
