//! How much text a second is read for reserved words.
//!
//! `cargo bench --bench wording` has letters of the test corpora judged for one market, and for five, as plain text and as HTML,
//! and prints megabytes a second for each. What is aimed at is ten for one market.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement speaks to the terminal, and stops at what it did not expect"
)]

use std::time::{Duration, Instant};

use carillon::calendar::{Calendar, Channel, Market};
use carillon::campaign::AudienceClass;
use carillon::compliance::seasons;
use carillon::compliance::words::{MarketSales, PlacedText, TextKind, check};
use carillon::document::Document;
use jiff::civil::date;

/// Sentences as merchandisers write them.
const SENTENCES: &str = include_str!("../tests/fixtures/wording/fr-fifth.tsv");

/// What a letter says beside the sentences that are judged.
const BETWEEN: &str = "Bonjour Camille, nos bottines d’hiver sont arrivées : cuir souple, semelle épaisse, pointures du 36 au 42. \
                       Livraison offerte dès 60 € d’achat, retours sous trente jours. À bientôt dans nos boutiques de Metz et Nancy.";

fn main() {
    let calendar = Calendar::built_in();
    for codes in [&["FR"][..], &["FR", "BE", "DE", "IT", "ES"]] {
        let markets: Vec<MarketSales> = codes.iter().map(|code| market(&calendar, code)).collect();
        for (name, kind, text) in
            [("plain text", TextKind::TextBody, letter("\n\n")), ("HTML", TextKind::Html, letter("<br>"))]
        {
            let document = Document::new("letter", text);
            let placed = PlacedText { language: Some("fr".to_owned()), ..PlacedText::whole(&document, kind) };
            let (mut read, mut found, begun) = (0, 0, Instant::now());
            while begun.elapsed() < Duration::from_secs(5) {
                found += check(&placed, AudienceClass::Public, &markets).len();
                read += document.text.len();
            }
            let rate = f64::from(u32::try_from(read / 1000).expect("less than four terabytes"))
                / 1000.0
                / begun.elapsed().as_secs_f64();
            println!("{:<24} {name:<12} {rate:>7.1} MB/s, {found} findings", codes.join(" "));
        }
    }
}

/// The sentences with ordinary text between them.
fn letter(end: &str) -> String {
    let sentences = SENTENCES.lines().filter(|line| !line.starts_with('#'));
    let said = sentences.filter_map(|line| line.rsplit('\t').next());
    said.flat_map(|sentence| [BETWEEN, end, BETWEEN, end, sentence, end]).collect()
}

fn market(calendar: &Calendar, code: &str) -> MarketSales {
    let market: Market = code.parse().expect("a market");
    seasons(calendar, &market, Channel::Online, (date(2026, 12, 1), date(2026, 12, 20)))
}
