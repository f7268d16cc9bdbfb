//! Price history and prior prices: files into the store, and answers out of it, on both backends.

use std::path::Path;

use carillon::calendar::{Calendar, Channel, Market};
use carillon::db::prices::{self, SeriesIds};
use carillon::db::{Store, StoreUrl};
use carillon::price::{PriceHistory, PriceRecord, PriceSheet};
use csv::ByteRecord;
use jiff::Timestamp;

use crate::support::backend::{Fresh, both};
use crate::support::cli::{Said, command};
use crate::support::shop::configure;

const HEADER: &str = "sku,channel,market,audience,from,price,currency,campaign\n";

/// Writes the configuration and `files` beside each other.
fn shop(fresh: &Fresh, files: &[(&str, &str)]) {
    configure(fresh.folder.path());
    for (name, text) in files {
        std::fs::write(fresh.folder.path().join(name), text).unwrap();
    }
}

/// Runs `carillon` on the store of `fresh`, whatever its backend.
#[track_caller]
fn carillon(fresh: &Fresh, arguments: &[&str]) -> Said {
    let url = match &fresh.url {
        StoreUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        StoreUrl::Postgres(url) => url.clone(),
    };
    let output = command(fresh.folder.path(), arguments).env("CARILLON_STORE_URL", url).output().unwrap();
    Said {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn records(rows: &str) -> Vec<PriceRecord> {
    let calendar = Calendar::built_in();
    let text = format!("{HEADER}{rows}");
    let mut sheet = PriceSheet::open("p.csv", text.as_bytes()).unwrap();
    let mut record = ByteRecord::new();
    std::iter::from_fn(|| sheet.next(&mut record, |market| calendar.zone(market)).unwrap())
        .map(Result::unwrap)
        .collect()
}

/// Adds rows and says how many were new, known and refused.
fn add(store: &Store, rows: &str) -> (usize, usize, usize) {
    let records = records(rows);
    let added = store
        .write_blocking(|db| {
            let import = prices::open_import(db, "p.csv", Timestamp::UNIX_EPOCH, "camille")?;
            prices::add(db, import, &records, &SeriesIds::new())
        })
        .unwrap();
    (added.new, added.known, added.refused.len())
}

both!(an_import_is_counted_reported_and_repeatable, |backend| {
    let (fresh, _) = Fresh::store(backend);
    let rows = "A,online,FR,public,2026-11-06,79.90,EUR,\n\
                A,online,FR,public,2026-11-09,not-offered,,\n\
                A,online,FR,public,2026-11-06,79.90,EUR,\n\
                B,online,FR,public,2026-11-06,abc,EUR,\n\
                A,online,FR,public,2026-11-06,69.90,EUR,\n";
    shop(&fresh, &[("p.csv", &format!("{HEADER}{rows}"))]);
    let said = carillon(&fresh, &["price", "import", "p.csv"]).exits(1);
    assert_eq!(said.stdout, "2 rows added, 1 known already, 2 refused\n");
    assert!(said.stderr.contains("`p.rejected.csv`"), "{}", said.stderr);
    let report = read(fresh.folder.path(), "p.rejected.csv");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "line,reason,sku,channel,market,audience,from,price,currency,campaign");
    assert!(lines[1].starts_with("5,\"`price`: this is not an amount"), "{report}");
    assert!(lines[1].ends_with(",B,online,FR,public,2026-11-06,abc,EUR,"), "{report}");
    assert!(
        lines[2].contains("6,\"the history already says 79.90 EUR from this instant on (`p.csv`, line 2)"),
        "{report}"
    );
    assert_eq!(lines.len(), 3);

    let again = carillon(&fresh, &["price", "import", "p.csv", "--json"]).exits(1);
    let counts: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(counts["added"], 0);
    assert_eq!(counts["known"], 3);
    assert_eq!(counts["refused"], 2);

    // The report, mended, is a price file; and a clean run leaves no stale report.
    std::fs::write(fresh.folder.path().join("p.csv"), report.replace("abc", "55").replace("69.90", "79.90")).unwrap();
    let mended = carillon(&fresh, &["price", "import", "p.csv"]).exits(0);
    assert_eq!(mended.stdout, "1 rows added, 1 known already, 0 refused\n");
    assert!(!fresh.folder.path().join("p.rejected.csv").exists());
});

both!(a_french_file_is_imported, |backend| {
    let (fresh, _) = Fresh::store(backend);
    let text = "\u{feff}SKU;Channel;Market;Audience;From;Price;Currency;Couleur\r\n\
                BOT-1;online;FR;public;06/11/2026;79,90;EUR;noir\r\n\
                BOT-2;online;FR;public;06/11/2026 08:00;1 079,90;EUR;noir\r\n";
    shop(&fresh, &[("p.csv", text)]);
    let said = carillon(&fresh, &["price", "import", "p.csv"]).exits(0);
    assert_eq!(said.stdout, "2 rows added, 0 known already, 0 refused\n");
    assert_eq!(said.stderr, "these columns are not used: couleur\n");
});

#[test]
fn a_file_without_the_columns_is_refused_whole() {
    let (fresh, _) = Fresh::store(crate::support::backend::Backend::Sqlite);
    shop(&fresh, &[("p.csv", "sku,prix\nA,1\n")]);
    let said = carillon(&fresh, &["price", "import", "p.csv"]).exits(1);
    assert!(said.stderr.contains("p.csv:1: there is no column `channel`"), "{}", said.stderr);
    carillon(&fresh, &["price", "import", "absent.csv"]).exits(3);
}

both!(rows_of_one_batch_and_of_many_are_told_apart, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let day = |n: i64| jiff::civil::date(2024, 1, 1) + jiff::ToSpan::days(n);
    let rows = |price: i64| -> String {
        (0..2500_i64).map(|n| format!("S{},online,FR,public,{},{price},EUR,\n", n % 7, day(n / 7))).collect()
    };
    assert_eq!(add(&store, &rows(50)), (2500, 0, 0));
    assert_eq!(add(&store, &rows(50)), (0, 2500, 0));
    let mixed = format!("S0,online,FR,public,2023-01-01,1,EUR,\n{}", rows(51));
    assert_eq!(add(&store, &mixed), (1, 0, 2500));
    // A campaign is part of what a row says.
    assert_eq!(add(&store, "S0,online,FR,public,2024-01-01,50,EUR,hiver\n"), (0, 0, 1));
});

both!(a_window_holds_the_row_in_effect_when_it_opens, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    add(
        &store,
        "A,store,FR,public,2026-01-01,100,EUR,\n\
         A,store,FR,public,2026-09-01,90,EUR,\n\
         A,store,FR,public,2026-11-06,80,EUR,hiver\n\
         A,store,FR,public,2026-12-01,70,EUR,\n\
         A,store,FR,open-members,2026-02-01,60,EUR,\n\
         A,store,FR,open-members,2026-02-02,not-offered,,\n\
         A,online,FR,public,2026-10-01,1,EUR,\n\
         A,store,FR-57,public,2026-10-01,2,EUR,\n",
    );
    let at = |day: &str| format!("{day}T12:00:00Z").parse::<Timestamp>().unwrap();
    let ask = |sku: &str, market: &str, since: Option<Timestamp>| {
        let market: Market = market.parse().unwrap();
        let found = store
            .read_blocking(|db| prices::histories(db, &[sku, "none"], market, Channel::Store, since, at("2026-11-20")));
        found.unwrap().remove(sku).map(|history| lines(&history))
    };
    assert_eq!(
        ask("A", "FR", Some(at("2026-10-28"))).unwrap(),
        ["public 90.00", "public 80.00 hiver", "open-members -"]
    );
    assert_eq!(
        ask("A", "FR", None).unwrap(),
        ["public 100.00", "public 90.00", "public 80.00 hiver", "open-members 60.00", "open-members -"]
    );
    assert_eq!(ask("A", "FR-57", Some(at("2026-10-28"))).unwrap(), ["public 2.00"]);
    assert_eq!(ask("A", "FR-67", Some(at("2026-10-28"))).unwrap().len(), 3, "the country's prices apply in its parts");
    assert_eq!(ask("B", "FR", None), None);
});

fn lines(history: &PriceHistory) -> Vec<String> {
    carillon::price::Audience::ALL
        .into_iter()
        .flat_map(|audience| history.stretches(audience).collect::<Vec<_>>())
        .map(|stretch| {
            let row = stretch.row;
            let price = row.price.map_or("-".to_owned(), |price| price.amount());
            format!("{} {price} {}", row.audience, row.campaign.as_deref().unwrap_or_default()).trim_end().to_owned()
        })
        .collect()
}
