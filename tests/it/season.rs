//! The season in one picture: the same facts in a terminal, on a page, as a drawing and as a calendar; and what is said of sales
//! that stand in each other's way.

use carillon::db::Store;
use carillon::language::InterfaceLanguage;

use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::shop::run_sql;

/// When the commands are typed.
const NOW: &str = "2026-12-20T09:00:00Z";

fn winter() -> CampaignFile {
    let winter = campaign().mailing(mailing("announcement")).mailing(mailing("opening"));
    winter.mailing(mailing("last-hours")).with("sector", "shoes")
}

/// A sale in the way of the other one.
fn club() -> CampaignFile {
    campaign()
        .slug("club")
        .title("Le club & ses amis")
        .markets(&["FR", "BE"])
        .window("2027-01-05 08:00", "2027-01-12 00:00")
        .mailing(mailing("opening"))
        .with("sector", "shoes")
}

/// A shop with both applied, of which one is paused.
fn season() -> Session {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    for (name, file) in [("hiver.toml", winter()), ("club.toml", club())] {
        session.write(name, file.text());
        let said = session.hear(&format!("campaign apply {name}"));
        assert!(said.contains("revision 1"), "{said}");
    }
    session.quietly("campaign pause club");
    session
}

#[test]
fn a_season_is_drawn_as_wide_as_the_terminal() {
    let mut session = season();
    for (width, language, name) in [
        (60, InterfaceLanguage::En, "season-60-en"),
        (60, InterfaceLanguage::Fr, "season-60-fr"),
        (80, InterfaceLanguage::En, "season-80-en"),
        (80, InterfaceLanguage::Fr, "season-80-fr"),
        (120, InterfaceLanguage::En, "season-120-en"),
        (120, InterfaceLanguage::Fr, "season-120-fr"),
    ] {
        let line = format!("campaign timeline --width {width}");
        session.speaks(language);
        let drawn = session.hear(&line);
        for line in drawn.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(!drawn.contains('\u{1b}'), "no colour");
        session.say(&line).matches(name);
    }
}

/// Tags that stand alone, and what is open at the end of `html`.
#[track_caller]
fn well_formed(html: &str) {
    const ALONE: [&str; 5] = ["meta", "!doctype", "link", "br", "input"];
    let mut open: Vec<&str> = Vec::new();
    let body = html.split("<style>").map(|part| part.split_once("</style>").map_or(part, |(_, rest)| rest));
    let text: String = body.collect();
    for tag in text.split('<').skip(1) {
        let (inside, words) = tag.split_once('>').expect("a tag ends");
        assert!(!words.contains('>'), "{words}");
        let name = inside.split([' ', '\n']).next().unwrap();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{inside}");
        } else if !inside.ends_with('/') && !ALONE.contains(&name) {
            open.push(name);
        }
        assert_eq!(inside.matches('"').count() % 2, 0, "{inside}");
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Nothing in `text` runs or is loaded.
#[track_caller]
fn stands_alone(text: &str) {
    for word in ["<script", "<link", " src=", "srcset", "@import", "href=", "javascript:", "<image", "<use"] {
        assert!(!text.contains(word), "{word}");
    }
    let local = text.matches("url(#").count();
    assert_eq!(text.matches("url(").count(), local);
    let address = text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "");
    assert!(!address.contains("http"), "an address");
}

#[test]
fn a_season_is_written_as_a_page_a_drawing_and_a_calendar() {
    let mut session = season();
    session.speaks(InterfaceLanguage::Fr);
    assert!(session.hear("campaign timeline --out @saison.html").contains("écrit\u{a0}: saison.html"));
    let page = session.read("saison.html");
    well_formed(&page);
    stands_alone(&page);
    for words in [
        "<html lang=\"fr\">",
        "La saison du ",
        "Les journées magiques",
        "Le club &amp; ses amis",
        "soldes d’hiver",
        "BE, en ligne",
        "prefers-color-scheme: dark",
        "sont ouvertes en même temps",
        "vont aux mêmes personnes",
        "les envois de <code>club</code> attendent",
        "mercredi 6\u{a0}janvier 2027 à 8\u{a0}h",
        // An end at midnight is told as the evening before.
        "lundi 11\u{a0}janvier 2027 à minuit",
    ] {
        assert!(page.contains(words), "`{words}` is not in:\n{page}");
    }
    session.quietly("campaign timeline --out @saison.svg");
    let svg = session.read("saison.svg");
    well_formed(&svg);
    stands_alone(&svg);
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.contains("<desc id=\"season-desc\">"));
    for words in ["la vente ouvre", "soldes d’hiver", "vont aux mêmes personnes"] {
        assert!(svg.contains(words), "who hears the drawing hears `{words}`");
    }
    session.quietly("campaign timeline --out @saison.ics");
    let feed = session.read("saison.ics");
    for line in feed.split_terminator("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line}");
    }
    let plain = feed.replace("\r\n ", "");
    for line in [
        "SUMMARY:Les journées magiques\r\n",
        "UID:hiver.announcement@season.carillon.invalid\r\n",
        "UID:fr-online-sale-winter-2027@calendar.carillon.invalid\r\n",
        "DTSTART:20270102T070000Z\r\n",
        "STATUS:TENTATIVE\r\n",
    ] {
        assert!(plain.contains(line), "{line}\n{plain}");
    }
    let uids: Vec<&str> = plain.lines().filter(|line| line.starts_with("UID:")).collect();
    let mut once = uids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), uids.len(), "{uids:?}");
    session.speaks(InterfaceLanguage::En).say("campaign timeline --out @saison.pdf").matches("season-out-suffix");
}

#[test]
fn dates_that_have_moved_are_to_be_confirmed_in_every_picture() {
    let mut session = season();
    let settings = carillon::config::Settings::load(
        &session.folder().join("carillon.toml"),
        &carillon::config::Overrides::default(),
    );
    let settings = settings.unwrap();
    drop(Store::open(&settings.store).unwrap());
    run_sql(&settings.store, "UPDATE campaigns SET held = 'the law has moved' WHERE slug = 'hiver'");
    let drawn = session.hear("campaign timeline --width 100");
    assert!(drawn.contains("~ to be confirmed") || drawn.contains("~\u{a0}to be confirmed"), "{drawn}");
    assert!(drawn.contains("`hiver` is to be confirmed"), "{drawn}");
    session.quietly("campaign timeline --out @season.html");
    assert!(session.read("season.html").contains("class=\"window held\""));
}

#[test]
fn sales_in_each_others_way_are_told_by_check_and_plan() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.write("hiver.toml", winter().text()).write("club.toml", club().text());
    let said = session.hear("campaign check hiver.toml club.toml");
    for rule in ["window.together", "mailing.close-together"] {
        assert!(said.contains(rule), "{said}");
    }
    assert!(!session.hear("campaign check hiver.toml").contains("window.together"));
    session.quietly("campaign apply hiver.toml");
    let said = session.hear("campaign plan club.toml");
    assert!(said.contains("`hiver` and `club` are open at the same time"), "{said}");
    assert!(said.contains("rule mailing.close-together") || said.contains("mailing.close-together"), "{said}");
}

#[test]
fn the_days_to_come_are_told_day_by_day() {
    let mut session = season();
    session.move_to("2026-12-30T09:00:00Z");
    for (language, name) in [(InterfaceLanguage::En, "status-next-en"), (InterfaceLanguage::Fr, "status-next-fr")] {
        session.speaks(language).say("status --next").say("status --next 12h").matches(name);
    }
    session.speaks(InterfaceLanguage::En).say("status --next soon").matches("status-next-unread");
    let json: serde_json::Value = serde_json::from_str(&session.hear("status --next 7d --json")).unwrap();
    assert_eq!(json["until"], "2027-01-06T09:00:00Z");
    assert_eq!(json["next"].as_array().unwrap().len(), 7);
    let law = json["law"].as_array().unwrap();
    assert!(law.iter().any(|it| it["label"] == "soldes d’hiver" && it["market"] == "FR"), "{law:?}");
}

#[test]
fn every_letter_of_a_campaign_is_on_one_page() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.speaks(InterfaceLanguage::Fr).write("hiver.toml", winter().text());
    let said = session.hear("mail preview --campaign hiver.toml --out @apercu");
    assert!(said.contains("tous sur une page\u{a0}: apercu/index.html"), "{said}");
    let page = session.read("apercu/index.html");
    well_formed(&page);
    // Three mailings in two languages, each in six ways.
    assert_eq!((page.matches("<section").count(), page.matches("<iframe").count()), (6, 36));
    assert!(!page.contains("<script") && !page.contains("https://presale.example.fr/brand/"), "{page}");
}

/// `xdg-open` of a desktop, which writes down what it was asked to open.
#[cfg(unix)]
#[test]
fn the_page_is_opened_as_the_desktop_opens_pages() {
    use std::os::unix::fs::PermissionsExt as _;

    use crate::support::cli::{Said, command};
    use crate::support::house::wait_for;

    let shop = ShopFolder::configured();
    std::fs::write(shop.path().join("hiver.toml"), winter().text()).unwrap();
    let opener = shop.path().join("xdg-open");
    std::fs::write(&opener, "#!/bin/sh\necho \"$1\" > opened.new && mv opened.new opened\n").unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    let line = ["mail", "preview", "announcement", "--campaign", "hiver.toml", "--open"];
    let path = format!("{}:{}", shop.path().display(), std::env::var("PATH").unwrap());
    let said = Said::of(command(shop.path(), &line).env("PATH", path).output().unwrap()).exits(0);
    assert!(said.stdout.contains("mail-preview/index.html"), "{}", said.stdout);
    wait_for(|| shop.path().join("opened").exists());
    let told = std::fs::read_to_string(shop.path().join("opened")).unwrap();
    assert_eq!(told.trim(), "mail-preview/index.html");
    // Without one, the path is what helps.
    let said = Said::of(command(shop.path(), &line).env("PATH", shop.path().join("none")).output().unwrap()).exits(0);
    assert!(said.stderr.contains("open `mail-preview/index.html` in a browser"), "{}", said.stderr);
}
