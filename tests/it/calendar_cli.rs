//! `carillon calendar` as people and programs use it.

use tempfile::TempDir;

use crate::support::cli::{Said, carillon};

#[test]
fn the_json_of_a_listing_has_its_shape() {
    let folder = TempDir::new().unwrap();
    let arguments = ["calendar", "list", "--market", "FR", "--channel", "online", "--json"];
    let said = carillon(folder.path(), &[&arguments[..], &["--from", "2027-06-01", "--to", "2027-12-31"]].concat());
    let said = said.exits(0);
    let expected = r#"[
  {
    "market": "FR",
    "channel": "online",
    "kind": "sale",
    "season": "summer",
    "label": "soldes d’été",
    "starts_at": "2027-06-23T08:00:00+02:00",
    "ends_at": "2027-07-21T00:00:00+02:00",
    "first_day": "2027-06-23",
    "last_day": "2027-07-20",
    "source": "http://www.maire-info.com/article.asp?param=23101",
    "confidence": "high",
    "basis": "computed"
  }
]
"#;
    assert_eq!(said.stdout, expected);
    assert_eq!(said.stderr, "");
}

#[test]
fn an_unknown_market_is_refused() {
    let folder = TempDir::new().unwrap();
    let arguments = ["calendar", "list", "--channel", "store", "--from", "2027-01-01", "--to", "2027-12-31"];
    let said = carillon(folder.path(), &[&arguments[..], &["--market", "FR-99"]].concat()).exits(1);
    assert!(said.stderr.contains("knows no market `FR-99`"), "{}", said.stderr);
    carillon(folder.path(), &[&arguments[..], &["--market", "France"]].concat()).exits(2);
}

const CONFIG: &str = r#"
[shop]
name = "Exemple"
legal_name = "Exemple SAS"
postal_address = "1 rue de l’Exemple, 57000 Metz"
contact = "contact@example.fr"
url = "https://shop.example.fr"
privacy_url = "https://shop.example.fr/privacy"
[public]
url = "https://presale.example.fr"
listen = "127.0.0.1:0"
[store]
url = "sqlite:carillon.db"
[keys]
file = "carillon.keys"
[consent]
controller = "exemple"
[mail]
from = "mail@example.fr"
return_domain = "bounce.example.fr"
list_id = "presale.example.fr"
list_name = "Exemple"
transport = "directory"
"#;

fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("carillon.toml"), CONFIG).unwrap();
    folder
}

fn summer_2027(folder: &TempDir, channel: &str) -> Said {
    let arguments = ["calendar", "list", "--market", "FR", "--channel", channel, "--json"];
    carillon(folder.path(), &[&arguments[..], &["--from", "2027-06-01", "--to", "2027-12-31"]].concat())
}

fn add(folder: &TempDir, more: &[&str]) -> Said {
    let arguments = ["calendar", "override", "add", "--market", "FR", "--season", "summer", "--year", "2027"];
    carillon(folder.path(), &[&arguments[..], more].concat())
}

const ORDER: [&str; 6] =
    ["--first-day", "2027-06-30", "--last-day", "2027-07-27", "--source", "https://www.legifrance.gouv.fr/example"];

#[test]
fn a_new_order_moves_a_period_without_a_release() {
    let folder = shop();
    let said = add(&folder, &ORDER).exits(0);
    assert!(said.stdout.contains("\"first_day\": \"2027-06-30\""), "{}", said.stdout);
    let file = std::fs::read_to_string(folder.path().join("calendars/fr-summer-2027.toml")).unwrap();
    assert!(file.contains("who = \"camille\""), "{file}");
    let listed = summer_2027(&folder, "online").exits(0).stdout;
    assert!(listed.contains("2027-06-30T08:00:00+02:00") && listed.contains("published"), "{listed}");
    let leftovers = std::fs::read_dir(folder.path().join("calendars")).unwrap().count();
    assert_eq!(leftovers, 1);
    let again = add(&folder, &ORDER).exits(1);
    assert!(again.stderr.contains("sets this period already"), "{}", again.stderr);
}

#[test]
fn an_order_for_shops_leaves_online_sales_alone() {
    let folder = shop();
    add(&folder, &[&ORDER[..], &["--channel", "store", "--hour", "09:00"]].concat()).exits(0);
    assert!(summer_2027(&folder, "online").exits(0).stdout.contains("2027-06-23T08:00:00+02:00"));
    assert!(summer_2027(&folder, "store").exits(0).stdout.contains("2027-06-30T09:00:00+02:00"));
}

#[test]
fn an_order_that_does_not_fit_is_refused_and_writes_nothing() {
    let folder = shop();
    let backwards = ["--first-day", "2027-07-27", "--last-day", "2027-06-30", "--source", "https://example.fr/o"];
    let said = add(&folder, &backwards).exits(1);
    assert!(said.stdout.contains("lies before the first"), "{}", said.stdout);
    let into_winter = ["--first-day", "2027-01-20", "--last-day", "2027-02-20", "--source", "https://example.fr/o"];
    let said = add(&folder, &into_winter).exits(1);
    assert!(said.stdout.contains("would overlap"), "{}", said.stdout);
    let no_source = ["--first-day", "2027-06-30", "--last-day", "2027-07-27", "--source", "a friend"];
    add(&folder, &no_source).exits(2);
    assert!(!folder.path().join("calendars").exists());
}

#[test]
fn a_broken_override_is_named_with_its_line() {
    let folder = shop();
    std::fs::create_dir(folder.path().join("calendars")).unwrap();
    let text = "schema = 1\namends = \"FR\"\n\n[[order]]\nid = \"x\"\nmarkets = [\"FR\"]\nseson = \"summer\"\n";
    std::fs::write(folder.path().join("calendars/x.toml"), text).unwrap();
    let said = summer_2027(&folder, "online").exits(2);
    assert!(said.stderr.contains("calendars/x.toml:7:1"), "{}", said.stderr);
    assert!(said.stderr.contains("unknown field `seson`"), "{}", said.stderr);
}

#[test]
fn a_day_is_explained_in_plain_words() {
    let folder = TempDir::new().unwrap();
    let arguments = ["calendar", "explain", "--market", "FR-57", "--channel", "store", "2027-01-02"];
    let said = carillon(folder.path(), &arguments).exits(0).stdout;
    for words in [
        "Saturday 2 January 2027 in FR-57 (Moselle), store: a day of the sales.",
        "the first working day (jour ouvré) of January",
        "décret 2008-1343",
        "four weeks",
        "Saturday 2 January or Monday 4 January 2027",
        "computed from the rule",
        "Confidence: low. Source: https://git.tricoteuses.fr/",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let free = ["calendar", "explain", "--market", "DE", "--channel", "online", "2027-01-02"];
    let said = carillon(folder.path(), &free).exits(0).stdout;
    assert!(said.contains("no legal period") && said.contains("UWG reform of 2004"), "{said}");
    let floating = ["calendar", "explain", "--market", "FR", "--channel", "store", "2013-04-02"];
    assert!(carillon(folder.path(), &floating).exits(0).stdout.contains("flottants"));
}

#[test]
fn a_year_before_our_memory_is_not_explained_as_free() {
    let folder = TempDir::new().unwrap();
    let explain = |day: &str| {
        carillon(folder.path(), &["calendar", "explain", "--market", "DE", "--channel", "store", day]).exits(0).stdout
    };
    let then = explain("2000-01-31");
    assert!(then.contains("it does not hold all of that year") && then.contains("Sommerschlussverkauf had"), "{then}");
    assert!(!then.contains("confidence high"), "{then}");
    assert!(explain("2027-01-31").contains("confidence high"));
}

/// What no rule asks for is said all the same.
#[test]
fn the_law_beside_the_dates_is_said() {
    let folder = TempDir::new().unwrap();
    let explain = ["calendar", "explain", "--market", "BE-VLG", "--channel", "store", "2026-12-10", "--law"];
    let said = carillon(folder.path(), &explain).exits(0).stdout;
    for words in [
        "a day of a blackout",
        "Law, blackout: Banned: announcing price reductions that take effect in the period, for clothing",
        "Banned too: coupons-for-reduction-in-period.",
        "A local fair may last 4 days in each period.",
        "Law, goods: The sales are for all goods: offered at least 30 days before the first day",
        "Law, words: `words.sale-name-outside-period`, error outside the sales",
        "https://brightinsights.wordpress.com/",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    let json = carillon(folder.path(), &[&explain[..], &["--json"]].concat()).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["periods"][0]["kind"], "blackout");
    assert!(json["law"].as_array().unwrap().len() > 8);
}

#[test]
fn an_unpublished_year_is_unknown_and_never_computed() {
    let folder = TempDir::new().unwrap();
    let arguments = ["calendar", "list", "--market", "LU", "--channel", "store", "--json"];
    let said = carillon(folder.path(), &[&arguments[..], &["--from", "2027-01-01", "--to", "2027-12-31"]].concat());
    let said = said.exits(0);
    assert_eq!(said.stdout.trim(), "[]");
    assert!(said.stderr.contains("the winter 2027 dates of LU are not in the calendar"), "{}", said.stderr);
    let winter = ["calendar", "explain", "--market", "LU", "--channel", "store", "2027-01-15"];
    let said = carillon(folder.path(), &winter).exits(0).stdout;
    assert!(said.contains("winter 2027") && !said.contains("summer 2027"), "{said}");
}

#[test]
fn what_is_not_published_is_listed_with_a_place_to_look() {
    let folder = TempDir::new().unwrap();
    let said = carillon(folder.path(), &["calendar", "check", "--json"]).exits(0);
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let countries: Vec<&str> = rows.iter().filter_map(|row| row["market"].as_str()).collect();
    for country in ["FR", "BE", "IT", "LU", "GR"] {
        assert!(countries.contains(&country), "{countries:?}");
    }
    assert!(rows.iter().all(|row| row["look"].as_str().is_some_and(|look| !look.is_empty())));
}

#[test]
fn a_feed_is_the_same_whenever_it_is_written() {
    let folder = TempDir::new().unwrap();
    let arguments = ["calendar", "ics", "--market", "BE", "--channel", "store"];
    let arguments = [&arguments[..], &["--from", "2026-06-01", "--to", "2027-12-31"]].concat();
    let first = carillon(folder.path(), &arguments).exits(0).stdout;
    assert_eq!(first, carillon(folder.path(), &arguments).exits(0).stdout);
    assert!(first.contains("DTSTAMP:20261123T000000Z\r\n"), "{first}");
    assert!(first.contains("UID:be-store-blackout-winter-2027@"), "{first}");
    assert!(first.contains("DTSTART:20261201T230000Z\r\n"), "{first}");
}

#[test]
fn markets_are_listed_with_whose_rules_they_have() {
    let folder = TempDir::new().unwrap();
    let said = carillon(folder.path(), &["calendar", "markets"]).exits(0).stdout;
    for row in ["FR-57", "Moselle", "IT-BZT", "free within limits", "dates published yearly"] {
        assert!(said.contains(row), "{row}\n{said}");
    }
    let json = carillon(folder.path(), &["calendar", "markets", "--json"]).exits(0).stdout;
    let markets: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(markets.as_array().unwrap().len() > 120);
}
