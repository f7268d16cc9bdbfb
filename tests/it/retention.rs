//! The clocks of retention: what goes, what stays, and what is said of it beforehand.

use carillon::db::audit::{self, AuditAction};
use carillon::db::proof::{self, Found};
use carillon::db::retention::{self, Ahead, ProofClock};
use carillon::db::{deliveries, members};
use carillon::delivery::DeliveryState;
use carillon::delivery::state::DeliveryEvent;
use carillon::member::Lifetime;
use carillon::member::retention::{Periods, RetentionClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::backend::both;
use crate::support::house::House;
use crate::support::world::{ANNOUNCED, World, winter_sale};

const MICRO: SignedDuration = SignedDuration::from_micros(1);

fn ahead(world: &World, clock: RetentionClock, now: Timestamp) -> Ahead {
    let proof = ProofClock::new(world.keyring.clone());
    world.store.read_blocking(|db| retention::ahead(db, clock, Periods::default(), &proof, now)).unwrap()
}

/// What was removed by a clock, an entry of the audit log each.
fn noted(world: &World, clock: RetentionClock) -> Vec<Value> {
    let entries = world.store.read_blocking(|db| audit::list(db, Some(clock.name()))).unwrap();
    assert!(entries.iter().all(|entry| entry.action == AuditAction::RetentionRan));
    entries.into_iter().map(|entry| entry.detail).collect()
}

/// Destroys the addresses that are over, and says how many.
pub fn gone(world: &World, clock: RetentionClock, periods: Periods, now: Timestamp) -> u64 {
    let over = world.store.read_blocking(|db| retention::addresses_over(db, clock, periods, now, 10)).unwrap();
    world.store.write_blocking(|db| retention::destroy(db, clock, periods, &over, now)).unwrap()
}

#[track_caller]
pub fn is_whole(world: &World) {
    let mut found = Found::default();
    let verify = |db: &mut _| proof::verify(db, &world.keyring, Lifetime::months(24), &mut found);
    world.store.snapshot_blocking(verify).unwrap();
    assert_eq!(found, Found::default());
}

/// A world whose announcement was accepted by two relays, one of them twice, and skipped for somebody who left.
fn announced(backend: crate::support::backend::Backend) -> World {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr", "carla@example.fr"]);
    world.at(ANNOUNCED).plan();
    let claimed = world.claim("one", 2, world.clock.now() + SignedDuration::from_mins(15));
    world.hand_over(&claimed);
    for fence in &claimed {
        world.record(fence, DeliveryEvent::Accept);
    }
    world.withdraw(&world.queue(Some(DeliveryState::Queued))[0]);
    world.plan();
    world
}

both!(old_deliveries_leave_their_counts, |backend| {
    let world = announced(backend);
    let before = world.report("announcement");
    assert_eq!((before.planned, before.taken, before.removed), (3, 2, 0));
    let ended = before.ended_at.unwrap().max(before.not_after);
    let end = Periods::default().end_of_log(ended);
    assert_eq!(
        ahead(&world, RetentionClock::DeliveryLog, end - MICRO),
        Ahead { due: 0, today: 0, next_at: Some(end), next: 3 }
    );
    assert_eq!(ahead(&world, RetentionClock::DeliveryLog, end), Ahead { due: 3, today: 3, ..Ahead::default() });

    let trim = |now| world.store.write_blocking(|db| retention::trim_log(db, Periods::default(), now, 2)).unwrap();
    assert_eq!(trim(end - MICRO), 0);
    assert_eq!(world.report("announcement"), before);
    assert_eq!([trim(end), trim(end), trim(end)], [2, 1, 0]);
    let mut after = world.report("announcement");
    assert_eq!(std::mem::take(&mut after.removed), 3);
    assert_eq!(after, before, "the account is as it was");
    assert_eq!(world.queue(None), []);
    let id = world.mailing_id("announcement");
    let counts = world.store.read_blocking(|db| {
        Ok((deliveries::count_by_state(db, id)?.is_empty(), deliveries::count_all_by_state(db, id)?))
    });
    assert_eq!(counts.unwrap(), (true, before.counts));
    assert_eq!(noted(&world, RetentionClock::DeliveryLog), [json!({ "removed": 2 }), json!({ "removed": 1 })]);

    // Nobody gets the mailing again, because nobody is in the log.
    world.apply(&winter_sale());
    world.plan();
    assert!(world.queue(None).iter().all(|row| row.mailing != "announcement"));
    is_whole(&world);
});

both!(a_mailing_that_may_still_end_keeps_its_deliveries, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.at(ANNOUNCED).plan();
    let late = "2037-01-01T00:00:00Z".parse().unwrap();
    let trim = |db: &mut _| retention::trim_log(db, Periods::default(), late, 10);
    assert_eq!(world.store.write_blocking(trim).unwrap(), 0);
    assert_eq!(world.queue(None).len(), 1);
    assert_eq!(noted(&world, RetentionClock::DeliveryLog), [] as [Value; 0]);
});

both!(an_address_goes_after_its_days_and_the_rest_stays, |backend| {
    let world = announced(backend);
    let left = world.clock.now();
    let periods = Periods { address_days: 30, ..Periods::default() };
    let end = periods.end_of_address(left);
    let ahead = |now| {
        let proof = ProofClock::new(world.keyring.clone());
        let ahead = |db: &mut _| retention::ahead(db, RetentionClock::Addresses, periods, &proof, now);
        world.store.read_blocking(ahead).unwrap()
    };
    assert_eq!(ahead(end - MICRO), Ahead { due: 0, today: 0, next_at: Some(end), next: 1 });
    assert_eq!(ahead(end), Ahead { due: 1, today: 1, ..Ahead::default() });
    let forget = |now| gone(&world, RetentionClock::Addresses, periods, now);
    assert_eq!([forget(end - MICRO), forget(end), forget(end)], [0, 1, 0]);
    let all = world.store.read_blocking(|db| members::list(db, None, 0, 10)).unwrap();
    assert_eq!(all.iter().filter(|member| member.address.is_none()).count(), 1);
    assert_eq!((all.len(), noted(&world, RetentionClock::Addresses)), (3, vec![json!({ "removed": 1 })]));
    is_whole(&world);
});

both!(consents_that_run_out_are_counted, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let end = Lifetime::months(24).end("2026-09-01T10:00:00Z".parse().unwrap());
    let consents = |now| ahead(&world, RetentionClock::Consents, now);
    assert_eq!(consents(end - MICRO), Ahead { due: 0, today: 0, next_at: Some(end), next: 2 });
    assert_eq!(consents(end), Ahead { due: 2, today: 1, ..Ahead::default() });
    let run = |now| gone(&world, RetentionClock::Consents, Periods::default(), now);
    assert_eq!([run(end), run(end)], [1, 0]);
    assert_eq!(consents(end), Ahead { due: 1, today: 0, ..Ahead::default() });
    assert_eq!(noted(&world, RetentionClock::Consents), [json!({ "removed": 1 })]);
    let years_after = end + SignedDuration::from_hours(24 * 366 * 5);
    assert_eq!(ahead(&world, RetentionClock::Proof, years_after), Ahead { due: 1, today: 1, ..Ahead::default() });
    is_whole(&world);
});

both!(what_would_go_is_shown_and_stays, |backend| {
    let shop = House::new(backend, 2, 1);
    shop.run(&["member", "withdraw", "membre.00001@example.fr"]);
    let shown: Value = serde_json::from_str(&shop.run(&["member", "retention", "--dry-run", "--json"])).unwrap();
    let clock = |name: &str| {
        let clocks = shown["clocks"].as_array().unwrap();
        clocks.iter().find(|clock| clock["clock"] == name).unwrap().clone()
    };
    assert_eq!((&clock("addresses")["due"], &clock("addresses")["today"]), (&json!(1), &json!(1)));
    assert_eq!((&clock("consents")["due"], &clock("consents")["next"]), (&json!(0), &json!(1)));
    assert_eq!((&clock("proof")["next"], &clock("sign-ups")["next_at"]), (&json!(1), &Value::Null));
    let said = shop.run(&["member", "retention"]);
    let rows: Vec<String> = said.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(rows.contains(&"addresses 0 days after the person left 1 1".to_owned()), "{said}");
    let all = shop.store().read_blocking(|db| members::list(db, None, 0, 10)).unwrap();
    assert!(all.iter().all(|member| member.address.is_some()));
});

#[test]
fn the_periods_are_settings() {
    use carillon::config::{Overrides, Settings};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("carillon.toml");
    std::fs::create_dir(folder.path().join("calendars")).unwrap();
    let sample = include_str!("../../config/carillon.example.toml");
    let load = |line: &str| {
        std::fs::write(&path, sample.replace("[consent]\n", &format!("[consent]\n{line}\n"))).unwrap();
        Settings::load(&path, &Overrides::default())
    };
    assert_eq!(load("").unwrap().consent.periods(), Periods::default());
    let changed = load("delivery_log_months = 3\naddress_days = 30").unwrap().consent.periods();
    assert_eq!((changed.delivery_log_months, changed.address_days), (3, 30));
    for wrong in [0, 37] {
        let refused = load(&format!("delivery_log_months = {wrong}")).unwrap_err().to_string();
        assert!(refused.contains("`delivery_log_months` in `[consent]`"), "{refused}");
        assert!(refused.contains("write a number of months from 1 to 36"), "{refused}");
    }
}
