//! A clock that is wrong: nothing that cannot be undone happens under it, and it leaves no trace; on both stores.

use std::fmt::Write as _;
use std::time::Duration;

use carillon::clock::Clock::{self, System};
use carillon::db::expiry;
use carillon::db::imports::{ImportTerms, Imported, import};
use carillon::db::{Db, Store, audit, clock, heartbeats, members};
use carillon::delivery::DeliveryState;
use carillon::keys::Keyring;
use carillon::member::{Capture, Cause, Consent, Evidence, Language, Lifetime, Method, Pseudonyms};
use carillon::sending::holds::Hold;
use carillon::sending::planner::PlannerEvent;
use carillon::smtp::Limits;
use carillon::time_trust::Leeway;
use carillon::transport::Transport;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::folder::ShopFolder;
use crate::support::relay::{Relay, Script};
use crate::support::shop::run_sql;
use crate::support::world::{ANNOUNCED, World};

const WRONG: &str = "2030-03-01T09:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-26T09:00:00Z")
}

fn newest(store: &Store) -> Option<Timestamp> {
    store.read_blocking(clock::newest).unwrap()
}

fn terms() -> ImportTerms {
    ImportTerms::new("exemple", Lifetime::months(24), Keyring::generate([7; 32]))
}

/// So many people, each of whom agreed an hour after the one before.
fn people(count: usize) -> Vec<Evidence> {
    (0..count)
        .map(|number| Evidence {
            address: format!("membre.{number:03}@example.fr").parse().unwrap(),
            language: Language::Fr,
            confirmed_at: at("2026-03-01T00:00:00Z") + SignedDuration::from_hours(i64::try_from(number).unwrap()),
            wording: "Je souhaite recevoir les avant-premières par courriel.".into(),
            source: "form-7".into(),
            capture: Capture::WebForm,
            form_version: None,
        })
        .collect()
}

fn bring(store: &Store, rows: &[Evidence], seed: u8) -> Vec<Imported> {
    let pseudonyms = Pseudonyms::from_seed([seed; 32]);
    store.write_blocking(|db| import(db, rows, &terms(), pseudonyms.clone(), now(), false)).unwrap()
}

both!(a_store_remembers_the_newest_believed_instant, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    assert_eq!(newest(&store), None);
    store.write_blocking(|db| clock::pin(db, now())).unwrap();
    assert_eq!(newest(&store), Some(now()), "a new store believes the clock that it is made by");
    let advance = |text: &str| store.write_blocking(|db| clock::advance(db, at(text), Leeway::default())).unwrap().id();
    for (text, verdict, after) in [
        ("2026-11-26T09:01:00Z", "believed", "2026-11-26T09:01:00Z"),
        (WRONG, "ahead", "2026-11-26T09:01:00Z"),
        ("2026-11-26T08:57:00Z", "believed", "2026-11-26T09:01:00Z"),
        ("2026-11-25T09:00:00Z", "behind", "2026-11-26T09:01:00Z"),
        ("2026-12-03T09:01:00Z", "believed", "2026-12-03T09:01:00Z"),
    ] {
        assert_eq!((advance(text), newest(&store)), (verdict, Some(at(after))), "{text}");
    }
    // A person's word moves it either way, and is kept.
    for said in [WRONG, "2026-12-04T09:00:00Z"] {
        store.write_blocking(|db| clock::confirm(db, "camille", at(said))).unwrap();
        assert_eq!((newest(&store), advance(said)), (Some(at(said)), "believed"));
    }
    let kept = store.read_blocking(|db| audit::list(db, Some("clock"))).unwrap();
    let last = kept.last().unwrap();
    assert_eq!((kept.len(), last.who.as_str(), last.action.name()), (2, "camille", "clock.confirmed"));
    assert_eq!(last.detail["believed_before"], WRONG);
});

both!(an_older_store_is_held_against_its_history, |backend| {
    let (fresh, store) = Fresh::store(backend);
    bring(&store, &people(2), 1);
    assert_eq!(newest(&store), Some(now()), "the ledger");
    let later = at("2026-11-26T10:00:00Z");
    store.write_blocking(|db| heartbeats::beat(db, "one", later)).unwrap();
    assert_eq!(newest(&store), Some(later), "a heartbeat");
    store.write_blocking(|db| clock::confirm(db, "camille", later)).unwrap();
    run_sql(store.url(), "DELETE FROM store_facts");
    assert_eq!(newest(&store), Some(later), "the audit log");

    // Once it has the instant, what is written under a doubted clock does not count.
    store.write_blocking(|db| clock::advance(db, at(WRONG), Leeway::default())).unwrap();
    let who = store.read_blocking(|db| members::list(db, None, 0, 1)).unwrap()[0].pseudonym;
    fresh.leave(&store, who, Cause::Withdrawn, Method::OneClickPost, at(WRONG));
    store.write_blocking(|db| heartbeats::beat(db, "two", at(WRONG))).unwrap();
    let advanced = store.write_blocking(|db| clock::advance(db, at(WRONG), Leeway::default())).unwrap();
    assert_eq!((advanced.id(), newest(&store)), ("ahead", Some(later)));
    assert!(store.read_blocking(|db| clock::standing(db, later, Leeway::default())).unwrap().is_believed());
});

both!(a_day_ends_no_more_than_its_portion, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    bring(&store, &people(250), 1);
    let expire = |text: &str, limit| {
        let (lifetime, now) = (Lifetime::months(24), at(text));
        let portion = |db: &mut Db| {
            let over = expiry::due_portion(db, lifetime, now, limit)?;
            expiry::expire(db, lifetime, &over, now)
        };
        store.write_blocking(portion).unwrap()
    };
    assert_eq!(expire("2027-06-01T00:00:00Z", 1_000), 0, "nobody's consent has run out");
    // All have run out: three a day go, however often it is asked, and in whatever pieces.
    assert_eq!([2, 1_000, 1_000].map(|limit| expire("2028-06-01T00:00:00Z", limit)), [2, 1, 0]);
    assert_eq!(expire("2028-06-01T23:59:59Z", 1_000), 0);
    assert_eq!(store.read_blocking(|db| expiry::waiting(db, at("2028-06-02T00:00:00Z"))).unwrap(), 247);
    assert_eq!([1_000, 1_000].map(|limit| expire("2028-06-02T00:00:00Z", limit)), [3, 0]);
    let gone = store.read_blocking(|db| members::list(db, Some(Consent::Expired), 0, 100)).unwrap();
    assert_eq!(gone.len(), 6);
    assert!(gone.iter().all(|member| member.address.is_none() && member.id <= 6), "the oldest first");
    assert_eq!(store.read_blocking(|db| members::count_eligible(db, at("2028-06-02T00:00:00Z"))).unwrap(), 0);
});

both!(a_consent_that_ended_too_early_comes_back_with_its_evidence, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let rows = people(3);
    bring(&store, &rows, 1);
    store.write_blocking(|db| expiry::expire_due(db, at(WRONG), 2)).unwrap();
    let left = store.read_blocking(|db| members::list(db, Some(Consent::Confirmed), 0, 10)).unwrap();
    fresh.leave(&store, left[0].pseudonym, Cause::Withdrawn, Method::OneClickPost, now());
    let outcomes = bring(&store, &rows, 2);
    assert!(matches!(outcomes[..], [Imported::Returned, Imported::Returned, Imported::Barred(_)]), "{outcomes:?}");
    assert!(matches!(bring(&store, &rows, 3)[..], [Imported::Known, Imported::Known, Imported::Barred(_)]));
    let back = store.read_blocking(|db| members::list(db, Some(Consent::Confirmed), 0, 10)).unwrap();
    assert_eq!(back.iter().map(|member| member.expires_at).collect::<Vec<_>>()[0], Some(at("2028-03-01T00:00:00Z")));
    assert!(back.len() == 2 && back.iter().all(|member| member.address.is_some()));
});

both!(an_import_says_whose_consent_had_run_out, |backend| {
    let shop = ShopFolder::on(backend);
    let now = System.now();
    let mut file = String::from("address;language;confirmed_at;wording;source;method\n");
    for (name, days) in [("anna", 10), ("bela", 20), ("carla", 30)] {
        let agreed = now - SignedDuration::from_hours(24 * days);
        writeln!(file, "{name}@example.fr;fr;{agreed};J’accepte ces courriels.;form-7;web_form").unwrap();
    }
    shop.write("members.csv", file);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    let in_four_years = now + SignedDuration::from_hours(24 * 1_461);
    assert_eq!(shop.store().write_blocking(|db| expiry::expire_due(db, in_four_years, 2)).unwrap(), 2);
    let said = shop.run(&["member", "import", "members.csv"]).exits(0);
    assert_eq!(
        said.stdout,
        "accepted   2\n  2 whose consent had run out, and comes back with this evidence\nrefreshed  0\nknown      1\nrejected   0\n"
    );
    assert_eq!(shop.store().read_blocking(|db| members::count_eligible(db, now)).unwrap(), 3);
});

/// A shop in which the clock is held against what the store has recorded. The relay takes its time with each message.
fn world(backend: Backend, count: usize) -> World {
    let people: Vec<String> = (0..count).map(|number| format!("late.{number:03}@example.fr")).collect();
    let mut world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.settings.clock = Leeway::default();
    believe(&world);
    world
}

/// What a daemon does with each heartbeat.
fn believe(world: &World) {
    let (now, leeway) = (world.clock.now(), world.settings.clock);
    world.store.write_blocking(|db| clock::advance(db, now, leeway)).unwrap();
}

both!(a_leap_begins_and_ends_nothing, |backend| {
    let mut world = world(backend, 3);
    let relay = Relay::start();
    let transport = || Transport::smtp(&relay.settings(), Limits::default()).unwrap();
    for wrong in [WRONG, "2026-12-31T08:54:00Z"] {
        world.clock = Clock::manual(at(wrong));
        believe(&world);
        let planned = world.plan();
        assert_eq!(planned.held.iter().map(Hold::id).collect::<Vec<_>>(), ["clock-doubted"], "{wrong}");
        assert_eq!((planned.events, world.drain(&world.dispatcher("one", transport()))), (vec![], None));
    }
    // The true time: everything goes on as if nothing had been.
    world.clock = Clock::manual(at(ANNOUNCED));
    believe(&world);
    assert!(matches!(world.plan().events[..], [PlannerEvent::Begun(_, 3)]));
    world.drain(&world.dispatcher("one", transport()));
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 3);
});

both!(a_leap_in_the_middle_of_a_mailing_ends_nothing, |backend| {
    let count = 120;
    let mut world = world(backend, count);
    let relay = Relay::with(Script { late: Duration::from_millis(20), ..Script::default() });
    let dispatcher = |world: &World, name: &str| {
        world.dispatcher(name, Transport::smtp(&relay.settings(), Limits::default()).unwrap())
    };
    world.at(ANNOUNCED).plan();
    believe(&world);
    let sending = dispatcher(&world, "one");
    std::thread::scope(|scope| {
        scope.spawn(|| world.drain(&sending));
        relay.wait_for(8);
        world.at(WRONG);
    });
    let left = relay.count();
    assert!((8..count).contains(&left), "{left}");
    for (state, expected) in [(DeliveryState::Accepted, left), (DeliveryState::Queued, count - left)] {
        assert_eq!(world.count("announcement", state), u64::try_from(expected).unwrap(), "{state:?}");
    }
    world.plan();
    world.clock = Clock::manual(at(ANNOUNCED) + SignedDuration::from_mins(1));
    world.plan();
    world.drain(&dispatcher(&world, "two"));
    assert_eq!(world.count("announcement", DeliveryState::Accepted), u64::try_from(count).unwrap());
    assert_eq!(relay.count(), count);
});

both!(a_mailing_goes_on_after_its_clock_was_set_back, |backend| {
    let mut world = world(backend, 4);
    let relay = Relay::start();
    let dispatcher =
        |world: &World| world.dispatcher("two", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    // Three days ahead: that is believed, and the mailing of the opening begins; a daemon dies over two claims.
    believe(&world);
    world.at("2027-01-03T08:00:00Z").plan();
    believe(&world);
    assert_eq!(world.claim("one", 2, world.clock.now() + SignedDuration::from_mins(10)).len(), 2);
    // The true time is said to be doubted, until a person confirms it. Then nothing waits for the wrong days to come.
    world.clock = Clock::manual(at("2027-01-02T07:30:00Z"));
    assert_eq!(world.plan().held.len(), 1);
    world.store.write_blocking(|db| clock::confirm(db, "camille", world.clock.now())).unwrap();
    assert!(world.plan().held.is_empty());
    world.drain(&dispatcher(&world));
    assert_eq!(world.count("opening", DeliveryState::Accepted), 4);
});

both!(a_clock_set_back_by_minutes_keeps_no_letter_waiting, |backend| {
    let mut world = world(backend, 4);
    believe(&world);
    world.at("2027-01-01T09:04:00Z").plan();
    believe(&world);
    // Less than makes the time doubted: nothing says that anything waits, so nothing may.
    world.clock = Clock::manual(at("2027-01-01T09:00:30Z"));
    assert!(world.plan().held.is_empty());
    assert_eq!(world.claim("one", 9, world.clock.now() + SignedDuration::from_mins(10)).len(), 4);
});

both!(a_person_confirms_the_time, |backend| {
    let shop = ShopFolder::on(backend);
    assert!(shop.run(&["clock"]).exits(0).stdout.contains("believed  nothing yet"));
    shop.run(&["db", "migrate"]).exits(0);
    assert!(shop.run(&["clock"]).exits(0).stdout.contains("the clock is believed\n"));
    assert!(shop.run(&["clock", "confirm"]).exits(0).stdout.contains("nothing to confirm"));

    let believe = |instant: Timestamp| {
        run_sql(&shop.fresh.url, &format!("UPDATE store_facts SET value = '{instant}' WHERE name = 'believed-at'"));
    };
    let now = System.now();
    believe(now - SignedDuration::from_hours(24 * 92));
    let said = shop.run(&["clock"]).exits(1);
    assert!(said.stdout.contains("92 days after the newest time that was believed"), "{}", said.stdout);
    assert!(said.stdout.contains("`carillon clock confirm`"), "{}", said.stdout);
    let json: Value = serde_json::from_str(&shop.run(&["clock", "--json"]).exits(1).stdout).unwrap();
    assert_eq!((&json["verdict"], &json["allowed_ahead_seconds"]), (&"ahead".into(), &604_800.into()));
    let said = shop.run(&["clock", "confirm"]).exits(1);
    assert!(said.stderr.contains("nothing was confirmed"), "nobody is at the terminal: {}", said.stderr);
    shop.run(&["clock"]).exits(1);
    shop.run(&["clock", "confirm", "--yes"]).exits(0);
    shop.run(&["clock"]).exits(0);

    // And when the clock was ahead before.
    believe(now + SignedDuration::from_hours(2));
    let said = shop.run(&["clock"]).exits(1);
    assert!(said.stdout.contains("1 hour before the newest time that was believed"), "{}", said.stdout);
    shop.run(&["clock", "confirm", "--yes"]).exits(0);
    shop.run(&["clock"]).exits(0);
    let kept = shop.store().read_blocking(|db| audit::list(db, Some("clock"))).unwrap();
    assert_eq!(kept.iter().map(|entry| entry.who.as_str()).collect::<Vec<_>>(), ["camille", "camille"]);
});

#[test]
fn the_allowed_leap_is_in_the_configuration() {
    let shop = ShopFolder::configured();
    let text = shop.read("carillon.toml");
    shop.write("carillon.toml", format!("{text}\n[clock]\nallowed_leap_days = 30\n"));
    let json = shop.json(&["clock", "--json"]);
    assert_eq!(json["allowed_ahead_seconds"], 30 * 86_400);
    shop.write("carillon.toml", format!("{text}\n[clock]\nallowed_leap_days = 0\n"));
    let said = shop.run(&["clock"]).exits(2);
    assert!(said.stderr.contains("a leap of the clock is allowed for 1 to 90 days"), "{}", said.stderr);
}
