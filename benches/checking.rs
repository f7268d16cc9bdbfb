//! How long a check of a campaign takes beside a long price history.
//!
//! `cargo bench --bench checking` imports ten million prices of two hundred thousand articles, and has `carillon campaign check`
//! judge a campaign of twenty thousand of them, five times. What is aimed at is two seconds. The first argument is another number of
//! prices, the second another number of articles in the campaign.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement speaks to the terminal, and stops at what it did not expect"
)]

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::ToSpan as _;
use jiff::civil::date;

const CARILLON: &str = env!("CARGO_BIN_EXE_carillon");

/// How many prices each article had.
const PRICES_EACH: usize = 50;

fn main() {
    let mut asked = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let rows: usize = asked.next().unwrap_or(10_000_000);
    let articles: usize = asked.next().unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder");
    let shop = folder.path().join("shop");
    run(Command::new(CARILLON).arg("init").arg(&shop).current_dir(folder.path()).stdout(Stdio::null()));
    carillon(&shop, &["db", "migrate"]);
    write_history(&shop, rows / PRICES_EACH);
    let begun = Instant::now();
    carillon(&shop, &["price", "import", "prices.csv"]);
    println!("import of {rows} prices: {:.1} s", begun.elapsed().as_secs_f64());
    write_campaign(&shop, articles);
    for _ in 0..5 {
        let begun = Instant::now();
        // What it finds is no matter here, so that any exit code will do.
        let out = Command::new(CARILLON).args(["campaign", "check", "mesure.toml"]).current_dir(&shop).output();
        let took = begun.elapsed().as_secs_f64();
        let said = String::from_utf8(out.expect("a check").stdout).expect("text");
        let lines = said.lines().count();
        println!("check of {articles} articles: {took:.2} s, {lines} lines said");
    }
}

/// A price of each article for every week, the last one some weeks ago.
fn write_history(shop: &Path, articles: usize) {
    let file = fs::File::create(shop.join("prices.csv")).expect("a file");
    let mut file = BufWriter::new(file);
    writeln!(file, "sku,channel,market,audience,from,price,currency,campaign,source").expect("a line");
    let first = date(2025, 9, 1);
    let days: Vec<String> = (0..PRICES_EACH)
        .map(|week| first.checked_add((7 * i64::try_from(week).expect("a week")).days()).expect("a day").to_string())
        .collect();
    for article in 0..articles {
        for (week, day) in days.iter().enumerate() {
            let price = 90 + (article + week) % 20;
            writeln!(file, "A-{article:06},online,FR,public,{day},{price}.00,EUR,,ERP").expect("a line");
        }
    }
    file.flush().expect("a file");
}

fn write_campaign(shop: &Path, articles: usize) {
    let mut offers = String::from("sku,price\n");
    offers.extend((0..articles).map(|article| format!("A-{:06},45.00\n", article * 7)));
    fs::write(shop.join("offers.csv"), offers).expect("offers");
    let campaign = "slug = \"mesure\"\ntitle = \"Les journées magiques\"\nmarkets = [\"FR\"]\nsector = \"shoes\"\n\
                    channel = \"online\"\naudience = \"public\"\nlimited_by = [\"stock\"]\n\n[window]\ntimezone = \"Europe/Paris\"\n\
                    opens = \"2027-03-10 08:00\"\ncloses = \"2027-03-24 20:00\"\n\n[[offers]]\nname = \"Bottines\"\n\
                    prices = \"offers.csv\"\n\n[[mailings]]\nkind = \"opening\"\nnot_before = \"window.opens\"\n\
                    not_after = \"window.opens + 8 hours\"\nlanguages = [\"fr\"]\n\n[mailings.texts.fr]\n\
                    subject = \"Jusqu’à −50 % sur les bottines\"\n";
    fs::write(shop.join("mesure.toml"), campaign).expect("a campaign");
}

fn carillon(shop: &Path, arguments: &[&str]) {
    run(Command::new(CARILLON).args(arguments).current_dir(shop).stdout(Stdio::null()));
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(status.success(), "{command:?}: {status}");
}
