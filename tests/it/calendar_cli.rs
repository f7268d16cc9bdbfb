//! `carillon calendar` as people and programs use it.

use crate::support::cli::Said;
use crate::support::folder::ShopFolder;

#[test]
fn the_json_of_a_listing_has_its_shape() {
    let shop = ShopFolder::bare();
    let arguments = ["calendar", "list", "--market", "FR", "--channel", "online", "--json"];
    let said = shop.run(&[&arguments[..], &["--from", "2027-06-01", "--to", "2027-12-31"]].concat());
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
    let shop = ShopFolder::bare();
    let arguments = ["calendar", "list", "--channel", "store", "--from", "2027-01-01", "--to", "2027-12-31"];
    let said = shop.run(&[&arguments[..], &["--market", "FR-99"]].concat()).exits(1);
    assert!(said.stderr.contains("knows no market `FR-99`"), "{}", said.stderr);
    shop.run(&[&arguments[..], &["--market", "France"]].concat()).exits(2);
}

fn summer_2027(shop: &ShopFolder, channel: &str) -> Said {
    let arguments = ["calendar", "list", "--market", "FR", "--channel", channel, "--json"];
    shop.run(&[&arguments[..], &["--from", "2027-06-01", "--to", "2027-12-31"]].concat())
}

fn add(shop: &ShopFolder, more: &[&str]) -> Said {
    let arguments = ["calendar", "override", "add", "--market", "FR", "--season", "summer", "--year", "2027"];
    shop.run(&[&arguments[..], more].concat())
}

const ORDER: [&str; 6] =
    ["--first-day", "2027-06-30", "--last-day", "2027-07-27", "--source", "https://www.legifrance.gouv.fr/example"];

#[test]
fn a_new_order_moves_a_period_without_a_release() {
    let shop = ShopFolder::configured();
    let said = add(&shop, &ORDER).exits(0);
    assert!(said.stdout.contains("\"first_day\": \"2027-06-30\""), "{}", said.stdout);
    let file = shop.read("calendars/fr-summer-2027.toml");
    assert!(file.contains("who = \"camille\""), "{file}");
    let listed = summer_2027(&shop, "online").exits(0).stdout;
    assert!(listed.contains("2027-06-30T08:00:00+02:00") && listed.contains("published"), "{listed}");
    let leftovers = std::fs::read_dir(shop.at("calendars")).unwrap().count();
    assert_eq!(leftovers, 1);
    let again = add(&shop, &ORDER).exits(1);
    assert!(again.stderr.contains("sets this period already"), "{}", again.stderr);
}

#[test]
fn an_order_for_shops_leaves_online_sales_alone() {
    let shop = ShopFolder::configured();
    add(&shop, &[&ORDER[..], &["--channel", "store", "--hour", "09:00"]].concat()).exits(0);
    assert!(summer_2027(&shop, "online").exits(0).stdout.contains("2027-06-23T08:00:00+02:00"));
    assert!(summer_2027(&shop, "store").exits(0).stdout.contains("2027-06-30T09:00:00+02:00"));
}

#[test]
fn an_order_that_does_not_fit_is_refused_and_writes_nothing() {
    let shop = ShopFolder::configured();
    let backwards = ["--first-day", "2027-07-27", "--last-day", "2027-06-30", "--source", "https://example.fr/o"];
    let said = add(&shop, &backwards).exits(1);
    assert!(said.stdout.contains("lies before the first"), "{}", said.stdout);
    let into_winter = ["--first-day", "2027-01-20", "--last-day", "2027-02-20", "--source", "https://example.fr/o"];
    let said = add(&shop, &into_winter).exits(1);
    assert!(said.stdout.contains("would overlap"), "{}", said.stdout);
    let no_source = ["--first-day", "2027-06-30", "--last-day", "2027-07-27", "--source", "a friend"];
    add(&shop, &no_source).exits(2);
    assert!(!shop.at("calendars").exists());
}

#[test]
fn a_broken_override_is_named_with_its_line() {
    let shop = ShopFolder::configured();
    std::fs::create_dir(shop.at("calendars")).unwrap();
    let text = "schema = 1\namends = \"FR\"\n\n[[order]]\nid = \"x\"\nmarkets = [\"FR\"]\nseson = \"summer\"\n";
    shop.write("calendars/x.toml", text);
    let said = summer_2027(&shop, "online").exits(2);
    assert!(said.stderr.contains("calendars/x.toml:7:1"), "{}", said.stderr);
    assert!(said.stderr.contains("`seson` is not a key"), "{}", said.stderr);
}

#[test]
fn a_day_is_explained_in_plain_words() {
    let shop = ShopFolder::bare();
    let arguments = ["calendar", "explain", "--market", "FR-57", "--channel", "store", "2027-01-02"];
    let said = shop.run(&arguments).exits(0).stdout;
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
    let said = shop.run(&free).exits(0).stdout;
    assert!(said.contains("no legal period") && said.contains("UWG reform of 2004"), "{said}");
    let floating = ["calendar", "explain", "--market", "FR", "--channel", "store", "2013-04-02"];
    assert!(shop.run(&floating).exits(0).stdout.contains("flottants"));
}

#[test]
fn a_year_before_our_memory_is_not_explained_as_free() {
    let shop = ShopFolder::bare();
    let explain =
        |day: &str| shop.run(&["calendar", "explain", "--market", "DE", "--channel", "store", day]).exits(0).stdout;
    let then = explain("2000-01-31");
    assert!(then.contains("it does not hold all of that year") && then.contains("Sommerschlussverkauf had"), "{then}");
    assert!(!then.contains("confidence high"), "{then}");
    assert!(explain("2027-01-31").contains("confidence high"));
}

/// A ban is not absent before the first day of which anybody looked it up.
#[test]
fn a_ban_before_our_memory_is_unknown() {
    let shop = ShopFolder::bare();
    let explain =
        |day: &str| shop.run(&["calendar", "explain", "--market", "IT-62", "--channel", "store", day]).exits(0).stdout;
    let then = explain("2018-06-20");
    assert!(then.contains("it does not hold the bans of that time"), "{then}");
    assert!(then.contains("Unknown: what was banned before 2019-11-01 is not in the calendar; look at"), "{then}");
    assert!(explain("2024-06-20").contains("a day of a blackout"));
}

/// What no rule asks for is said all the same.
#[test]
fn the_law_beside_the_dates_is_said() {
    let shop = ShopFolder::bare();
    let explain = ["calendar", "explain", "--market", "BE-VLG", "--channel", "store", "2026-12-10", "--law"];
    let said = shop.run(&explain).exits(0).stdout;
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
    let json = shop.run(&[&explain[..], &["--json"]].concat()).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["periods"][0]["kind"], "blackout");
    assert!(json["law"].as_array().unwrap().len() > 8);
}

#[test]
fn an_unpublished_year_is_unknown_and_never_computed() {
    let shop = ShopFolder::bare();
    let arguments = ["calendar", "list", "--market", "LU", "--channel", "store", "--json"];
    let said = shop.run(&[&arguments[..], &["--from", "2027-01-01", "--to", "2027-12-31"]].concat());
    let said = said.exits(0);
    // An empty list would say that there is none.
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(
        rows.len() > 1 && rows.iter().all(|row| row["basis"] == "unknown" && row["first_day"].is_null()),
        "{rows:?}"
    );
    assert!(said.stderr.contains("the winter 2027 dates of LU are not in the calendar"), "{}", said.stderr);
    let winter = ["calendar", "explain", "--market", "LU", "--channel", "store", "2027-01-15"];
    let said = shop.run(&winter).exits(0).stdout;
    assert!(said.contains("winter 2027") && !said.contains("summer 2027"), "{said}");
}

#[test]
fn what_is_not_published_is_listed_with_a_place_to_look() {
    let shop = ShopFolder::bare();
    let said = shop.run(&["calendar", "check", "--json"]).exits(0);
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
    let shop = ShopFolder::bare();
    let arguments = ["calendar", "ics", "--market", "BE", "--channel", "store"];
    let arguments = [&arguments[..], &["--from", "2026-06-01", "--to", "2027-12-31"]].concat();
    let first = shop.run(&arguments).exits(0).stdout;
    assert_eq!(first, shop.run(&arguments).exits(0).stdout);
    assert!(first.contains("DTSTAMP:20261123T000000Z\r\n"), "{first}");
    assert!(first.contains("UID:be-store-blackout-winter-2027@"), "{first}");
    assert!(first.contains("DTSTART:20261201T230000Z\r\n"), "{first}");
}

/// A feed without an entry is none: what is not known is said in it, and what is free refuses one.
#[test]
fn a_feed_is_never_empty() {
    let shop = ShopFolder::bare();
    let feed = |market: &str| {
        let arguments = ["calendar", "ics", "--market", market, "--from", "2027-01-01", "--to", "2027-12-31"];
        shop.run(&arguments)
    };
    let luxembourg = feed("LU").exits(0);
    assert!(
        luxembourg.stdout.contains("SUMMARY:Dates unknown: the winter sales of 2027 (LU)"),
        "{}",
        luxembourg.stdout
    );
    assert!(luxembourg.stderr.contains("the winter 2027 dates of LU are not in the calendar"), "{}", luxembourg.stderr);
    let free = feed("DE").exits(1);
    assert_eq!(free.stdout, "");
    assert!(free.stderr.contains("nothing to write into a feed: no period touches these days"), "{}", free.stderr);
}

#[test]
fn markets_are_listed_with_whose_rules_they_have() {
    let shop = ShopFolder::bare();
    let said = shop.run(&["calendar", "markets"]).exits(0).stdout;
    for row in ["FR-57", "Moselle", "IT-BZT", "free within limits", "dates published yearly"] {
        assert!(said.contains(row), "{row}\n{said}");
    }
    let json = shop.run(&["calendar", "markets", "--json"]).exits(0).stdout;
    let markets: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(markets.as_array().unwrap().len() > 120);
}
