//! Price history and prior prices: files into the store, and answers out of it, on both backends.
#![expect(clippy::indexing_slicing, reason = "a row that is missing should stop the test there")]

use carillon::calendar::{Calendar, Channel, Market};
use carillon::db::Store;
use carillon::db::prices::{self, HistorySpan, SeriesIds};
use carillon::price::{PriceColumns, PriceHistory, PriceRecord, PriceSheet};
use carillon::table::{Encoding, SheetRow};
use jiff::Timestamp;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::build::campaign;
use crate::support::folder::ShopFolder;

const HEADER: &str = "sku,channel,market,audience,from,price,currency,campaign\n";

/// A shop on this store, with `files`.
fn shop(backend: Backend, files: &[(&str, &str)]) -> ShopFolder {
    let shop = ShopFolder::on(backend);
    for (name, text) in files {
        shop.write(name, text);
    }
    shop
}

fn records(rows: &str) -> Vec<PriceRecord> {
    let calendar = Calendar::built_in();
    let text = format!("{HEADER}{rows}");
    let mut sheet = PriceSheet::open("p.csv", Encoding::Utf8, text.as_bytes(), PriceColumns::default()).unwrap();
    let mut row = SheetRow::default();
    std::iter::from_fn(|| sheet.next(&mut row, |market| calendar.zone(&market)).unwrap()).map(Result::unwrap).collect()
}

/// Adds rows and says how many were new, known and refused.
pub(crate) fn add(store: &Store, rows: &str) -> (usize, usize, usize) {
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
    let rows = "A,online,FR,public,2026-11-06,79.90,EUR,\n\
                A,online,FR,public,2026-11-09,not-offered,,\n\
                A,online,FR,public,2026-11-06,79.90,EUR,\n\
                B,online,FR,public,2026-11-06,abc,EUR,\n\
                A,online,FR,public,2026-11-06,69.90,EUR,\n";
    let shop = shop(backend, &[("p.csv", &format!("{HEADER}{rows}"))]);
    let said = shop.run(&["price", "import", "p.csv"]).exits(1);
    assert_eq!(said.stdout, "2 rows added, 1 known already, 2 refused\n");
    assert!(said.stderr.contains("`p.rejected.csv`"), "{}", said.stderr);
    let report = shop.read("p.rejected.csv");
    assert_eq!(carillon::files::exposed_mode(&shop.at("p.rejected.csv")).unwrap(), None);
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "line,reason,sku,channel,market,audience,from,price,currency,campaign");
    assert!(lines[1].starts_with("5,\"`price`: this is not an amount"), "{report}");
    assert!(lines[1].ends_with(",B,online,FR,public,2026-11-06,abc,EUR,"), "{report}");
    assert!(
        lines[2].contains("6,\"the history already says 79.90 EUR from this instant on (`p.csv`, line 2)"),
        "{report}"
    );
    assert_eq!(lines.len(), 3);

    let again = shop.run(&["price", "import", "p.csv", "--json"]).exits(1);
    let counts: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(counts["added"], 0);
    assert_eq!(counts["known"], 3);
    assert_eq!(counts["refused"], 2);

    // The second report is another file: somebody may be mending the first.
    assert_eq!(shop.read("p.rejected.csv"), report);
    assert!(again.stdout.contains("p.rejected-2.csv"), "{}", again.stdout);

    // The report, mended, is a price file.
    shop.write("p.csv", report.replace("abc", "55").replace("69.90", "79.90"));
    let mended = shop.run(&["price", "import", "p.csv"]).exits(0);
    assert_eq!(mended.stdout, "1 row added, 1 known already, 0 refused\n");
    assert_eq!(shop.read("p.rejected.csv"), report, "nothing that was there is written over or taken away");
});

both!(a_french_file_is_imported, |backend| {
    let text = "\u{feff}SKU;Channel;Market;Audience;From;Price;Currency;Couleur\r\n\
                BOT-1;online;FR;public;06/11/2026;79,90;EUR;noir\r\n\
                BOT-2;online;FR;public;06/11/2026 08:00;1 079,90;EUR;noir\r\n";
    let shop = shop(backend, &[("p.csv", text)]);
    let said = shop.run(&["price", "import", "p.csv"]).exits(0);
    assert_eq!(said.stdout, "2 rows added, 0 known already, 0 refused\n");
    assert_eq!(said.stderr, "these columns are not used: Couleur\n");
});

#[test]
fn what_a_spreadsheet_saves_is_read_in_its_encoding() {
    let row = |sku: &str| format!("{sku};online;FR;public;06/11/2026;129,00 €;EUR;été;\r\n");
    let text = format!("sep=;\r\nSKU;Channel;Market;Audience;From;Price;Currency;Source;\r\n{};;;;;;;;\r\n", row("A"));
    let shop = shop(Backend::Sqlite, &[("utf-8.csv", &text)]);
    let utf_16 = text.replace(";A;", ";B;").replace("A;online", "B;online");
    let utf_16: Vec<u8> = format!("\u{feff}{utf_16}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    shop.write("utf-16.csv", utf_16);
    let windows = text.replace("A;online", "C;online").replace('€', "\u{80}");
    let windows: Vec<u8> = windows.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    shop.write("windows.csv", &windows);
    for name in ["utf-8.csv", "utf-16.csv", "windows.csv"] {
        let said = shop.run(&["price", "import", name]).exits(0);
        assert_eq!(said.stdout, "1 row added, 0 known already, 0 refused\n", "{name}");
    }
    // The `é` of the Macintosh is the `Ž` of Windows: what may be either is not guessed.
    let macintosh: Vec<u8> = windows.iter().map(|byte| if *byte == 0xe9 { 0x8e } else { *byte }).collect();
    shop.write("mac.csv", macintosh);
    let said = shop.run(&["price", "import", "mac.csv"]).exits(1);
    assert!(said.stdout.contains("mac.csv:3") && said.stdout.contains("--encoding windows-1252"), "{}", said.stdout);
    // An offers file is read as kindly.
    shop.write("offers.csv", b"sku;price;\r\nA;59,00 \x80;\xe9t\xe9\r\n");
    let said = shop.run(&["price", "check", "offers.csv", "--at", "2027-01-02T08:00", "--json"]);
    let verdicts: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(verdicts[0]["price"], serde_json::json!(59.0), "{}", said.stderr);
}

#[test]
fn a_file_without_the_columns_is_refused_whole() {
    let shop = shop(Backend::Sqlite, &[("p.csv", "sku,prix\nA,1\n")]);
    let said = shop.run(&["price", "import", "p.csv"]).exits(1);
    assert!(said.stdout.contains("p.csv:1"), "{}", said.stdout);
    assert!(said.stdout.contains("the header lacks `channel`"), "{}", said.stdout);
    shop.run(&["price", "import", "absent.csv"]).exits(3);
}

both!(rows_of_one_batch_and_of_many_are_told_apart, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let day = |n: i64| jiff::civil::date(2024, 1, 1) + jiff::ToSpan::days(n);
    let rows = |price: i64| -> String {
        let row = |n: i64| format!("S{},online,FR,public,{},{price},EUR,\n", n % 7, day(n / 7));
        (0..2500).map(row).collect::<Vec<_>>().concat()
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
        let span = HistorySpan { since, until: at("2026-11-20"), known_at: None };
        let found = store.read_blocking(|db| prices::histories(db, &[sku, "none"], market, Channel::Store, span));
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
    assert_eq!(
        ask("A", "FR-57", Some(at("2026-10-28"))).unwrap(),
        ["public 90.00", "public 2.00", "open-members -"],
        "the country's price ends with the first row of its own"
    );
    assert_eq!(
        ask("A", "FR-57", Some(at("2026-08-15"))).unwrap(),
        ["public 100.00", "public 90.00", "public 2.00", "open-members -"],
        "until its first own row the country's prices applied there"
    );
    assert_eq!(ask("A", "FR-67", Some(at("2026-10-28"))).unwrap().len(), 3, "the country's prices apply in its parts");
    assert_eq!(ask("B", "FR", None), None);
});

const WINTER: &str = "P1,online,FR,public,2026-01-01,100,EUR,\n\
    P2,online,FR,public,2026-01-01,100,EUR,\n\
    P2,online,FR,public,2026-12-06,80,EUR,\n\
    P2,online,FR,public,2026-12-09,100,EUR,\n\
    P7,online,FR,public,2026-01-01,100,EUR,\n\
    P7,online,FR,public,2026-12-28,80,EUR,hiver\n\
    P8,online,FR,public,2026-01-01,100,EUR,\n\
    P8,online,FR,public,2026-12-28,80,EUR,vente\n\
    P13,online,FR,public,2026-01-01,1.69,EUR,\n\
    P13,online,FR,public,2026-12-14,1.29,EUR,\n\
    P13,online,FR,public,2026-12-18,1.69,EUR,\n\
    P15,online,FR,public,2026-01-01,100,EUR,\n\
    P15,store,FR,public,2026-12-20,80,EUR,\n\
    LONG,online,FR,public,2025-01-01,100,EUR,\n\
    LONG,online,FR,public,2026-02-01,80,EUR,hiver\n\
    LONG,online,FR,public,2026-11-01,75,EUR,hiver\n\
    NEW,online,FR,public,2026-12-20,100,EUR,\n";

both!(verdicts_come_with_their_evidence, |backend| {
    let offers = "sku,price\nP1,70\nP2,70\nP7,70\nP8,70\nP13,\"1,29\"\nP15,70\nLONG,70\nNEW,70\nNONE,70\n";
    let shop = shop(backend, &[("p.csv", &format!("{HEADER}{WINTER}")), ("o.csv", offers)]);
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let ask = ["price", "check", "o.csv", "--at", "2027-01-02T08:00", "--campaign", "hiver", "--json"];
    let said = shop.run(&ask).exits(1);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).unwrap();
    let short = |row: &serde_json::Value| {
        format!("{} {} {} {} {}", row["sku"], row["price"], row["prior_price"], row["percent"], row["verdict"])
    };
    let said: Vec<String> = rows.iter().map(|row| short(row).replace('"', "")).collect();
    assert_eq!(
        said,
        [
            "P1 70.0 100.0 30 ok",
            "P2 70.0 80.0 12 ok",
            "P7 70.0 100.0 30 ok",
            "P8 70.0 80.0 12 ok",
            "P13 1.29 1.29 null forbidden",
            "P15 70.0 100.0 30 ok",
            "LONG 70.0 100.0 30 ok",
            "NEW 70.0 100.0 30 review",
            "NONE 70.0 null null forbidden",
        ]
    );
    assert_eq!(
        rows[1],
        serde_json::json!({
            "sku": "P2", "channel": "online", "market": "FR", "price": 70.0, "prior_price": 80.0, "percent": 12,
            "verdict": "ok", "reason": "the price is below the prior price",
            "evidence": {
                "window_from": "2026-12-03T00:00:00+01:00", "window_to": "2027-01-02T08:00:00+01:00",
                "minimum": {
                    "from": "2026-12-06T00:00:00+01:00", "price": 80.0, "currency": "EUR", "audience": "public",
                    "file": "p.csv", "line": 4
                },
                "chain_start": null
            }
        })
    );
    assert_eq!(rows[6]["evidence"]["chain_start"], "2026-02-01T00:00:00+01:00");
});

both!(a_check_reads_as_a_table_and_names_other_findings, |backend| {
    let offers = "sku;price;purchase_cost\nP1;70;80\n";
    let shop = shop(
        backend,
        &[("p.csv", &format!("{HEADER}{WINTER}")), ("o.csv", offers), ("fine.csv", "sku,price\nP1,70\n")],
    );
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let said = shop.run(&["price", "check", "o.csv", "--at", "2027-01-02T08:00"]).exits(1);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(lines[0], "SKU  PRICE  PRIOR   OFF   VERDICT  REASON");
    assert_eq!(lines[1], "P1   70.00  100.00  30 %  ok       the price is below the prior price");
    assert!(
        said.stderr.contains("o.csv:2: error: `P1` is sold at 70.00 EUR, below its cost of 80.00 EUR"),
        "{}",
        said.stderr
    );
    shop.run(&["price", "check", "fine.csv", "--at", "2027-01-02T08:00"]).exits(0);
    let unknown = shop.run(&["price", "check", "fine.csv", "--market", "XX"]).exits(2);
    assert!(unknown.stderr.contains("the calendar knows no market `XX`"), "{}", unknown.stderr);
    shop.run(&["price", "check", "fine.csv", "--at", "2027-03-28T02:30"]).exits(2);
    shop.run(&["price", "check", "absent.csv"]).exits(3);
});

both!(the_offers_of_a_campaign_are_checked_by_its_name, |backend| {
    let campaign = campaign()
        .markets(&["FR", "BE"])
        .window("2027-01-02T08:00", "2027-01-05T08:00")
        .offer("Bottines", "o.csv")
        .text();
    let shop = shop(
        backend,
        &[("p.csv", &format!("{HEADER}{WINTER}")), ("o.csv", "sku,price\nP7,70\n"), ("hiver.toml", &campaign)],
    );
    shop.run(&["price", "import", "p.csv"]).exits(0);
    shop.run(&["price", "check", "--campaign", "hiver"]).exits(1);
    // Its prices in Belgium are not known, so a person has to answer for it.
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
    let rule = ["--rule", "price.no-prior-price", "--reason", "sold in Belgium for the first time"];
    shop.run(&[&["campaign", "waive", "hiver.toml"], &rule[..]].concat()).exits(0);
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(0);
    let said = shop.run(&["price", "check", "--campaign", "hiver", "--market", "FR", "--json"]).exits(0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&rows[0]["sku"], &rows[0]["percent"], rows.len()), (&"P7".into(), &30.into(), 1));
    // In Belgium nothing is known of it.
    let said = shop.run(&["price", "check", "--campaign", "hiver"]).exits(1);
    assert!(said.stdout.contains("o.csv, BE online"), "{}", said.stdout);
    shop.run(&["price", "check"]).exits(2);
});

both!(a_price_that_was_typed_wrong_is_corrected_beside_what_was_typed, |backend| {
    let rows = "P1,online,FR,public,2026-01-01,100,EUR,\nP1,online,FR,public,2026-12-10,8.00,EUR,\nP1,online,FR,public,2026-12-20,100,EUR,\n";
    let file = campaign().window("2027-01-02T08:00", "2027-01-05T08:00").offer("Bottines", "o.csv").text();
    let shop =
        shop(backend, &[("p.csv", &format!("{HEADER}{rows}")), ("o.csv", "sku,price\nP1,70\n"), ("hiver.toml", &file)]);
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let check = ["price", "check", "o.csv", "--at", "2027-01-02T08:00", "--json"];
    let ask = |more: &[&str], code: i32| -> serde_json::Value {
        let said = shop.run(&[&check[..], more].concat()).exits(code);
        serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap()[0].clone()
    };
    assert_eq!(ask(&[], 1)["prior_price"], 8.0);
    let correct = |from: &str, price: &str, reason: &str| {
        shop.run(&["price", "correct", "P1", "--from", from, "--price", price, "--reason", reason])
    };
    let reason = "typed 8.00 for 80.00, see invoice 4711";
    let no_row = correct("2026-12-11", "80", reason).exits(1).stderr;
    assert!(no_row.contains("rows begin at 2026-12-20 00:00 Europe/Paris"), "{no_row}");
    correct("2026-12-10", "80", "typo").exits(1);
    correct("2026-12-10", "8", reason).exits(1);
    let done = correct("2026-12-10", "80", reason).exits(0);
    assert!(done.stdout.contains("80.00 EUR counts in place of 8.00 EUR; both are kept"), "{}", done.stdout);
    // It counts from now on, and says so.
    let row = ask(&[], 0);
    assert_eq!((&row["prior_price"], &row["percent"]), (&80.0.into(), &12.into()));
    let corrected = &row["evidence"]["minimum"]["corrected"];
    assert_eq!((&corrected["was"], &corrected["reason"]), (&8.0.into(), &reason.into()));
    let said = shop.run(&["price", "check", "o.csv", "--at", "2027-01-02T08:00"]).exits(0);
    assert!(said.stderr.contains("rests on a price that"), "{}", said.stderr);
    // What was answered before is answered again.
    assert_eq!(ask(&["--known-on", "2026-11-01"], 1)["prior_price"], 8.0);
    // What was typed is still known, and so is the file that was mended; anything else is refused.
    let import = |price: &str, code: i32| {
        shop.write("again.csv", format!("{HEADER}P1,online,FR,public,2026-12-10,{price},EUR,\n"));
        shop.run(&["price", "import", "again.csv"]).exits(code);
    };
    import("8.00", 0);
    import("80.00", 0);
    import("81.00", 1);
    // A second correction is beside the first.
    correct("2026-12-10", "85", "the invoice says 85.00, not 80.00").exits(0);
    assert_eq!(ask(&[], 0)["evidence"]["minimum"]["corrected"]["was"], 80.0);
    let log = shop.store().read_blocking(|db| carillon::db::audit::list(db, Some("P1"))).unwrap();
    let kept: Vec<(&str, &serde_json::Value)> = log.iter().map(|it| (it.action.name(), &it.detail["was"])).collect();
    assert_eq!(kept, [("price.corrected", &"8.00 EUR".into()), ("price.corrected", &"80.00 EUR".into())]);
});

both!(a_part_of_a_country_continues_its_prices, |backend| {
    let rows = "P1,store,FR,public,2026-01-01,100,EUR,\nP1,store,FR,public,2026-11-01,70,EUR,\n\
                P1,store,FR,public,2026-11-09,100,EUR,\nP1,store,FR-57,public,2026-11-10,100,EUR,\n";
    let shop = shop(backend, &[("p.csv", &format!("{HEADER}{rows}")), ("o.csv", "sku,price\nP1,80\n")]);
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let ask =
        ["price", "check", "o.csv", "--market", "FR-57", "--channel", "store", "--at", "2026-11-27T08:00", "--json"];
    let said = shop.run(&ask).exits(1);
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&rows[0]["verdict"], &rows[0]["prior_price"]), (&"forbidden".into(), &70.0.into()));
});

both!(a_price_that_another_campaign_announced_is_one_reduction_when_the_seller_says_so, |backend| {
    let rows = "P1,online,DE,public,2026-01-01,100,EUR,\nP1,online,DE,public,2026-05-01,70,EUR,c\n";
    let shop = shop(backend, &[("p.csv", &format!("{HEADER}{rows}")), ("o.csv", "sku,price\nP1,70\n")]);
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let ask = |more: &[&str]| -> serde_json::Value {
        let asked =
            ["price", "check", "o.csv", "--market", "DE", "--at", "2026-07-01T08:00", "--campaign", "d", "--json"];
        let said = shop.run(&[&asked[..], more].concat()).exits(0);
        serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap()[0].clone()
    };
    let unsaid = ask(&[]);
    assert_eq!((&unsaid["verdict"], &unsaid["prior_price"]), (&"review".into(), &70.0.into()));
    assert!(unsaid["reason"].as_str().unwrap().contains("`continues = [\"c\"]`"), "{unsaid}");
    let said = ask(&["--continues", "c"]);
    assert_eq!((&said["verdict"], &said["prior_price"], &said["percent"]), (&"ok".into(), &100.0.into(), &30.into()));
});

fn lines(history: &PriceHistory) -> Vec<String> {
    carillon::campaign::AudienceClass::ALL
        .into_iter()
        .flat_map(|audience| history.stretches(audience).collect::<Vec<_>>())
        .map(|stretch| {
            let row = stretch.row;
            let price = row.price.map_or("-".to_owned(), |price| price.amount());
            format!("{} {price} {}", row.audience, row.campaign.as_deref().unwrap_or_default()).trim_end().to_owned()
        })
        .collect()
}

both!(a_price_file_has_the_columns_of_the_shop, |backend| {
    let shop = shop(backend, &[("export.csv", "Référence;Prix TTC;Depuis le\nA-1;\"1 249,90 €\";01/10/2026 10:30\n")]);
    let said = shop.run(&["price", "import", "export.csv"]).exits(1);
    assert!(said.stdout.contains("--column sku=") && said.stdout.contains("--value market=FR"), "{}", said.stdout);
    let names = ["sku=Référence", "price=Prix TTC", "from=Depuis le"].map(|it| ["--column", it]).concat();
    let values = ["market=FR", "channel=online", "audience=public", "currency=EUR"].map(|it| ["--value", it]).concat();
    let all = [&["price", "import", "export.csv", "--json"][..], &names, &values].concat();
    let said: serde_json::Value = serde_json::from_str(&shop.run(&all).exits(0).stdout).unwrap();
    assert_eq!((&said["added"], &said["refused"]), (&1.into(), &0.into()));
});
