//! When the law moves: a new order holds the campaigns that rest on it, and nothing moves silently.

use carillon::calendar::Calendar;
use carillon::daemon::hold_what_moved;
use carillon::db::campaigns;
use carillon::delivery::DeliveryState;
use carillon::document::Document;
use carillon::smtp::Limits;
use carillon::transport::Transport;

use crate::support::backend::both;
use crate::support::relay::Relay;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

/// An order that moves the winter soldes of 2027 by a week, as the order of December 2020 did.
const ORDER: &str = r#"
schema = 1
amends = "FR"

[[order]]
id        = "fr-winter-2027"
markets   = ["FR"]
kind      = "sale"
season    = "winter"
year      = 2027
first_day = 2027-01-13
last_day  = 2027-02-09
says      = "moved by a week"
source    = "https://legal.example.fr/order"
who       = "camille"
"#;

fn calendar_with(text: &str) -> Calendar {
    Calendar::built_in().with_overrides(&[Document::new("order.toml", text)]).unwrap()
}

both!(a_campaign_whose_law_moved_waits_for_a_person, |backend| {
    let relay = Relay::start();
    let world = World::new(backend, &["anna@example.fr"]);
    let now = world.clock.now();
    let hold = |calendar: &Calendar| world.store.write_blocking(|db| hold_what_moved(db, calendar, now)).unwrap();
    let why_held = || world.store.read_blocking(|db| campaigns::find(db, &slug("hiver"))).unwrap().unwrap().held;

    hold(&Calendar::built_in());
    assert_eq!(why_held(), None, "nothing has moved");
    let applied = world.store.read_blocking(|db| campaigns::find(db, &slug("hiver"))).unwrap().unwrap().schedule;
    hold(&calendar_with(ORDER));
    let reason = why_held().expect("the soldes have moved");
    assert!(reason.contains("2027-01-06 08:00") && reason.contains("2027-01-13 08:00"), "{reason}");

    // Its mailings wait, and its gate keeps the applied schedule.
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(relay.count(), 0);
    let kept = world.store.read_blocking(|db| campaigns::find(db, &slug("hiver"))).unwrap().unwrap().schedule;
    assert_eq!(kept, applied);

    // The law moves back: it goes on by itself.
    hold(&Calendar::built_in());
    assert_eq!(why_held(), None);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 1);
    let actions: Vec<String> = world.audit().into_iter().map(|entry| entry.action.to_string()).collect();
    assert!(actions.iter().any(|action| action == "campaign.held"), "{actions:?}");
    assert!(actions.iter().any(|action| action == "campaign.released"), "{actions:?}");
});
