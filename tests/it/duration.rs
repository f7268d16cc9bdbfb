//! How long a sale really lasts, by what the store knows of the shop's sales and of its prices.

use carillon::compliance::{Judgement, SalesRecord};
use carillon::db::campaigns::sales_record;
use carillon::finding::{Finding, Severity};
use carillon::smtp::Limits;
use carillon::transport::Transport;

use crate::support::apply::{judgement_with, schedule};
use crate::support::backend::{Backend, both};
use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::relay::Relay;
use crate::support::world::{World, winter_sale};

/// The sale of the tests with a letter on its last evening.
fn ending() -> CampaignFile {
    winter_sale().mailing(mailing("last-hours").from("2027-01-05 18:00"))
}

/// A shop whose last letter has reached two people.
fn told(backend: Backend, relay: &Relay) -> World {
    let world = World::new(backend, &["a@example.fr", "b@example.fr"]);
    world.apply(&ending());
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at("2027-01-05T17:00:00Z");
    world.plan();
    world.drain(&dispatcher);
    world.plan();
    world
}

fn record(world: &World, file: &CampaignFile) -> SalesRecord {
    let (next, now) = (schedule(&file.text()), world.clock.now());
    world.store.read_blocking(|db| sales_record(db, &next, now)).unwrap()
}

fn judged(world: &World, file: &CampaignFile) -> Judgement {
    judgement_with(&file.text(), world.clock.now(), Some(&record(world, file)))
}

fn durations(judgement: &Judgement) -> Vec<String> {
    let of_duration = |finding: &&Finding| finding.rule.starts_with("duration.");
    judgement.open.iter().filter(of_duration).map(|it| format!("{} {}", it.severity, it.rule)).collect()
}

both!(a_sale_whose_last_hours_were_mailed_is_not_prolonged, |backend| {
    let relay = Relay::start();
    let world = told(backend, &relay);
    let later = ending().closes("2027-01-08 20:00");
    let judgement = judged(&world, &later);
    assert_eq!(durations(&judgement), ["error duration.prolonged", "note duration.record-short"]);
    assert_eq!(judgement.cleared, None);
    let said = judgement.open.iter().find(|it| it.rule == "duration.prolonged").unwrap().message.to_string();
    assert!(said.starts_with("2 people were told by `last-hours` that the sale closes at 2027-01-06 08:00"), "{said}");
    // As they were told, and earlier, are lawful; a reason for the record being young is said, since letters press.
    assert_eq!(durations(&judged(&world, &ending())), ["note duration.record-short"]);
    assert_eq!(durations(&judged(&world, &ending().closes("2027-01-05 23:00"))), ["note duration.record-short"]);
});

both!(a_twin_of_a_sale_that_was_over_yesterday_is_found, |backend| {
    let relay = Relay::start();
    let world = told(backend, &relay);
    let twin =
        |opens: &str, closes: &str| campaign().slug("hiver-encore").with("sector", "shoes").window(opens, closes);
    let again = judged(&world, &twin("2027-02-07 08:00", "2027-02-09 08:00"));
    assert_eq!(durations(&again), ["note duration.record-short"], "a month later it is another sale");
    let again = judged(&world, &twin("2027-01-08 08:00", "2027-01-10 08:00"));
    assert_eq!(durations(&again), ["error duration.reopened", "note duration.record-short"]);
    assert!(
        again.open.iter().any(|it| it.rule == "duration.reopened" && it.law.as_ref().unwrap().contains("L121-4 7°"))
    );
    let other = judged(&world, &twin("2027-01-08 08:00", "2027-01-10 08:00").title("Le printemps des sacs"));
    assert_eq!(durations(&other), [""; 0]);
});

both!(letters_that_do_not_matter_are_not_counted, |backend| {
    let relay = Relay::start();
    let world = told(backend, &relay);
    let far = record(&world, &campaign().slug("printemps").window("2027-04-01 08:00", "2027-04-04 08:00"));
    assert_eq!(far.sales.iter().map(|sale| sale.mailings.len()).collect::<Vec<_>>(), [0]);
    assert_eq!(far.since, Some("2026-12-31T09:00:00Z".parse().unwrap()));
    let later = record(&world, &campaign().slug("ete").window("2029-04-01 08:00", "2029-04-04 08:00"));
    assert!(later.sales.is_empty(), "what was over more than a year before is left out");
    let near = record(&world, &ending());
    let last = near.sales[0].mailings.iter().find(|standing| standing.name == "last-hours").unwrap();
    assert_eq!(last.told, 2);
});

const HEADER: &str = "sku,channel,market,audience,from,price,currency,campaign\n";

both!(articles_that_were_reduced_all_year_are_found_by_their_prices, |backend| {
    let year = "P1,online,FR,public,2089-01-01,100,EUR,\nP1,online,FR,public,2089-05-01,70,EUR,toujours\n";
    let file = campaign()
        .slug("avril")
        .with("sector", "shoes")
        .window("2090-04-02 08:00", "2090-04-05 08:00")
        .offer("Bottines", "o.csv")
        .text();
    let shop = ShopFolder::on(backend);
    shop.write("p.csv", format!("{HEADER}{year}"));
    shop.write("o.csv", "sku,price\nP1,60\n");
    shop.write("avril.toml", &file);
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let found = shop.json(&["campaign", "check", "avril.toml", "--json"]);
    let perpetual = found.as_array().unwrap().iter().find(|it| it["rule"] == "duration.perpetual").unwrap();
    assert_eq!(perpetual["severity"], Severity::Warning.to_string());
    assert!(perpetual["message"].as_str().unwrap().starts_with("1 of the 1 articles"), "{perpetual}");
    // Full price for most of the year: nothing.
    shop.write("p2.csv", format!("{HEADER}P1,online,FR,public,2089-07-01,100,EUR,\n"));
    shop.run(&["price", "import", "p2.csv"]).exits(0);
    let found = shop.json(&["campaign", "check", "avril.toml", "--json"]);
    assert!(!found.to_string().contains("duration."), "{found}");
});
