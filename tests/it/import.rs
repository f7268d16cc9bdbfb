//! Importing at scale: a killed import goes on where it stopped, whoever left stays out, and the ledger stays one chain.

use std::io::Write as _;
use std::process::Stdio;

use carillon::config::load_keyring;
use carillon::db::{ledger, members};
use serde_json::Value;

use crate::member::{HEADER, row};
use crate::support::backend::both;
use crate::support::folder::ShopFolder;
use crate::support::house::wait_for;

/// Rows of one transaction, and a few more.
const BATCH: usize = 3_000;
const ROWS: usize = BATCH + 600;

fn address(number: usize) -> String {
    format!("member-{number}@example.fr")
}

/// A file of so many rows.
fn file(rows: usize) -> String {
    let rows = (0..rows).map(|number| row(&address(number), 10));
    std::iter::once(HEADER.to_owned()).chain(rows).map(|line| line + "\n").collect()
}

#[track_caller]
fn counts(said: &Value) -> [u64; 4] {
    ["accepted", "refreshed", "known", "rejected"].map(|name| said[name].as_u64().unwrap())
}

#[track_caller]
fn check_chain(shop: &ShopFolder, lines: i64) {
    let keyring = load_keyring(&shop.at("keys.toml")).unwrap();
    let whole = shop.store().read_blocking(|db| ledger::verify(db, &keyring)).unwrap();
    assert_eq!(whole.map(|head| head.seq), Ok(lines));
    shop.run(&["consent", "verify"]).exits(0);
}

both!(a_killed_import_goes_on_where_it_stopped, |backend| {
    let shop = ShopFolder::on(backend);
    let text = file(ROWS);
    shop.write("members.csv", &text);
    let mut import = shop
        .command(&["member", "import", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The pipe stays open, so the import waits for more once it has stored the first rows.
    let mut pipe = import.stdin.take().unwrap();
    pipe.write_all(text.as_bytes()).unwrap();
    let stored =
        || -> i64 { shop.store().read_blocking(members::count_by_consent).unwrap().iter().map(|(_, rows)| rows).sum() };
    wait_for(|| stored() > 0);
    import.kill().unwrap();
    import.wait().unwrap();
    drop(pipe);
    let kept = stored();
    assert_eq!(shop.store().read_blocking(ledger::head).unwrap().seq, kept);
    // Whole transactions: one, where nobody else can be there, and smaller ones where others may.
    let alone = shop.store().is_one_machines();
    assert!(if alone { i64::try_from(BATCH) == Ok(kept) } else { kept % 500 == 0 }, "{kept}");

    let dry = shop.json(&["member", "import", "members.csv", "--dry-run", "--json"]);
    let kept = u64::try_from(kept).unwrap();
    let expected = [ROWS as u64 - kept, 0, kept, 0];
    assert_eq!(counts(&dry), expected);
    assert_eq!(counts(&shop.json(&["member", "import", "members.csv", "--json"])), expected);
    check_chain(&shop, i64::try_from(ROWS).unwrap());
});

both!(in_a_large_file_each_row_meets_what_those_before_it_left, |backend| {
    let shop = ShopFolder::on(backend);
    shop.run_with(&format!("{}\n{}\n", address(3), address(BATCH - 1)), &["member", "withdraw", "-"]).exits(0);
    // The same people again: an older act, a newer one, and one who left; in the first transaction and in the second.
    let again = [row(&address(7), 20), row(&address(8), 5), row(&address(3), 1), "no address;fr".to_owned()];
    let text = file(BATCH + 10) + &again.map(|line| line + "\n").concat();
    shop.write("members.csv", text);
    let said = shop.json(&["member", "import", "members.csv", "--json"]);
    assert_eq!(counts(&said), [BATCH as u64 + 8, 1, 1, 4]);
    let rejected = shop.read("members.rejected.csv");
    let lines: Vec<&str> = rejected.lines().skip(1).map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(lines, ["5", "3001", "3014", "3015"], "in the order of the file");
    // Two withdrawals of strangers, everybody else once, and one newer act.
    check_chain(&shop, i64::try_from(BATCH).unwrap() + 11);
});
