//! The offers of a campaign are checked with it: prior prices from the history, resale below cost, a missing file.

use std::fs;

use crate::support::build::{campaign, campaign_to_come};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;

/// The rules found in `shop`, in the order of the JSON.
fn rules(shop: &ShopFolder) -> Vec<String> {
    let findings = shop.json(&["campaign", "check", "hiver.toml", "--json"]);
    let rules = findings.as_array().unwrap().iter();
    let rules: Vec<String> = rules.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    rules.into_iter().filter(|rule| rule.starts_with("price.") || rule.starts_with("offer.")).collect()
}

fn write(shop: &ShopFolder, offers: &str) {
    shop.write("hiver.toml", campaign_to_come().with("sector", "shoes").offer("Bottines", "bottines.csv").text());
    shop.write("bottines.csv", offers);
}

#[test]
fn without_a_shop_what_needs_no_history_is_checked() {
    let shop = ShopFolder::bare();
    write(&shop, "sku,price,purchase_cost\nBOT-1,20.00,38.50\nBOT-2,79.90,38.50\n");
    assert_eq!(rules(&shop), ["price.no-history", "price.below-cost"]);
    fs::remove_file(shop.at("bottines.csv")).unwrap();
    assert_eq!(rules(&shop), ["price.no-history", "offer.prices"]);
}

#[test]
fn in_a_shop_the_price_history_decides() {
    let shop = ShopFolder::initiated();
    write(&shop, "sku,price,purchase_cost\nBOT-1,60.00,38.50\nBOT-2,79.90,38.50\nBOT-3,50.00,38.50\n");
    let history = "sku,channel,market,audience,from,price,currency\n\
                   BOT-1,online,FR,public,2089-01-01,100.00,EUR\n\
                   BOT-2,online,FR,public,2089-01-01,79.90,EUR\n";
    shop.write("history.csv", history);
    shop.run(&["price", "import", "history.csv"]).exits(0);
    assert_eq!(rules(&shop), ["price.no-reduction", "price.no-prior-price", "price.planned"]);
    // An unwaived error keeps the campaign from being applied.
    let said = shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("`BOT-2` at 79.90"), "{}", said.stdout);
}

/// A price that begins to apply later than today is a plan, and no history that a reduction may be told against without a word.
#[test]
fn a_price_to_come_is_told_from_one_that_was_asked() {
    let mut session = Session::new(ShopFolder::configured(), "2026-11-28T09:00:00Z");
    let history = "sku;channel;market;audience;from;price;currency\n\
                   BOT-1;online;FR;public;01/09/2026;89,00;EUR\n\
                   BOT-2;online;FR;public;01/09/2026;59,00;EUR\n";
    session.write("history.csv", history);
    let said = session.hear("price import history.csv");
    assert!(!said.contains("to come"), "{said}");
    session.write(
        "planned.csv",
        "sku;channel;market;audience;from;price;currency\nBOT-1;online;FR;public;29/11/2026;129,00;EUR\n",
    );
    let said = session.hear("price import planned.csv");
    assert!(said.contains("1 of these prices is to come, the last from 2026-11-29 on"), "{said}");
    session.write("bottines.csv", "sku;price\nBOT-1;99,00\nBOT-2;49,00\n");
    session.write("hiver.toml", campaign().slug("hiver-2027").offer("Bottines", "bottines.csv").text());
    let said = session.hear("campaign check hiver.toml");
    assert!(said.contains("the prior price of `BOT-1` is a plan so far: of `BOT-1`, 129.00 EUR"), "{said}");
    // Days are typed as in the file.
    for at in ["03/12/2026", "2026-12-03", "03/12/2026 10:30"] {
        let said = session.hear(&format!("price check bottines.csv --at {}", at.replace(' ', "T")));
        assert!(said.contains("99.00"), "{at}: {said}");
    }
    session.move_to("2026-11-29T09:00:00Z");
    let said = session.hear("campaign check hiver.toml");
    assert!(!said.contains("price.planned"), "{said}");
}

/// What the texts say of the prices, the shop's own letters included, is held against what `price check` finds.
#[test]
fn a_percentage_in_words_is_that_of_the_prices() {
    let shop = ShopFolder::initiated();
    let file = |title: &str| campaign_to_come().title(title).offer("Bottines", "bottines.csv").text();
    let figures = |title: &str| {
        shop.write("hiver.toml", file(title));
        let findings = shop.json(&["campaign", "check", "hiver.toml", "--json"]);
        let said = |finding: &serde_json::Value| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (text("rule").starts_with("words."))
                .then(|| format!("{} {}: {}", text("severity"), text("rule"), text("remedy")))
        };
        findings.as_array().unwrap().iter().filter_map(said).collect::<Vec<_>>()
    };
    shop.write("bottines.csv", "sku,price\nBOT-1,70.00\nBOT-2,35.00\n");
    shop.write(
        "history.csv",
        "sku,channel,market,audience,from,price,currency\n\
         BOT-1,online,FR,public,2089-01-01,100.00,EUR\n\
         BOT-2,online,FR,public,2089-01-01,50.00,EUR\n",
    );
    shop.run(&["price", "import", "history.csv"]).exits(0);
    let [not_reached] = figures("−50 % sur toutes les bottines").try_into().unwrap();
    assert!(not_reached.starts_with("error words.reduction-not-reached: write « jusqu’à −30 % »"), "{not_reached}");
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
    assert_eq!(figures("−30 % sur toutes les bottines"), [""; 0]);
    let [dearer] = figures("Bottines dès 29 €").try_into().unwrap();
    assert!(dearer.starts_with("error words.price-not-offered"), "{dearer}");
}
