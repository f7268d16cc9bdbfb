//! The statements that every message goes through, as the store sends them, and by which indexes they find their rows. A
//! change of either is seen here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use carillon::db::deliveries::{self, Attempt, Lease, Leases};
use carillon::db::leaving::Ending;
use carillon::db::lists::{self, Whom};
use carillon::db::signups::{self, LetterOutcome, LetterSender, NextLetter};
use carillon::db::{Db, StoreResult, figures, keys_used, members, planning};
use carillon::delivery::DeliveryState;
use carillon::delivery::marks::MarkedLetters;
use carillon::delivery::state::{DeliveryEvent, Fence};
use carillon::member::{Cause, Fingerprint, ListAct, Method};
#[cfg(feature = "postgres")]
use diesel::connection::SimpleConnection;
use diesel::connection::{Connection, InstrumentationEvent};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use jiff::{SignedDuration, Timestamp};

use crate::support::backend::{Backend, both};
use crate::support::world::{ANNOUNCED, World, asks_to_join, winter_sale};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

/// How the backend finds the rows of a statement, a step to a line.
fn plan(db: &mut Db, sql: &str) -> Vec<String> {
    match db {
        Db::Sqlite(_) => {
            let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(db).unwrap();
            steps.into_iter().map(|step| step.detail).collect()
        }
        // A table with two rows is read from end to end, unless that is made to look dear.
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => {
            let values = (1..100).take_while(|value| sql.contains(&format!("${value}"))).count();
            let values = vec!["NULL"; values].join(", ");
            let execute = if values.is_empty() { "asked".to_owned() } else { format!("asked ({values})") };
            db.batch_execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan").unwrap();
            db.batch_execute(&format!("PREPARE asked AS {sql}")).unwrap();
            let lines: Vec<Line> = sql_query(format!("EXPLAIN (COSTS OFF) EXECUTE {execute}")).load(db).unwrap();
            db.batch_execute("DEALLOCATE asked").unwrap();
            lines.into_iter().map(|line| line.line).collect()
        }
    }
}

/// A statement and its plan.
type Planned = (String, Vec<String>);

/// The statements that a connection sends from now on, each once.
fn listen(db: &mut Db) -> Arc<Mutex<Vec<String>>> {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&seen);
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let sql = query.to_string().split(" -- binds").next().unwrap().to_owned();
            // What else there is begins and ends transactions.
            let has_plan = ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb));
            let mut kept = kept.lock().unwrap();
            if has_plan && !kept.contains(&sql) {
                kept.push(sql);
            }
        }
    });
    seen
}

/// What was `seen`, with the plans. Nothing more is.
fn planned(db: &mut Db, seen: &Mutex<Vec<String>>) -> Vec<Planned> {
    db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    seen.into_iter().map(|sql| (sql.clone(), plan(db, &sql))).collect()
}

/// The statements that `act` sends, each once, with their plans.
fn told<T>(world: &World, act: impl Fn(&mut Db) -> StoreResult<T>) -> (T, Vec<Planned>) {
    let told = world.store.write_blocking(|db| {
        let seen = listen(db);
        let answer = act(db)?;
        Ok((answer, planned(db, &seen)))
    });
    told.unwrap()
}

/// What is sent for a message from the freeze of its audience to its end, by step.
fn all(world: &World) -> Vec<(&'static str, Vec<Planned>)> {
    let now: Timestamp = ANNOUNCED.parse().unwrap();
    let until = now + SignedDuration::from_mins(2);
    let lease = Lease { owner: "one".to_owned(), until };
    let (_, freeze) = told(world, |db| planning::freeze(db, 1, now, now));
    let (jobs, claim) = told(world, |db| deliveries::claim(db, &lease, &BTreeSet::new(), now, 10));
    let fences: Vec<Fence> = jobs.iter().map(|job| job.fence.clone()).collect();
    let (_, late_check) = told(world, |db| deliveries::look(db, &fences[0], DeliveryState::Claimed, now));
    let ((), lock) = told(world, |db| deliveries::lock(db, &fences));
    let (_, hand_over) = told(world, |db| deliveries::hand_over(db, &fences, until, now));
    let accepted = Attempt::without_reply(fences[0].clone(), DeliveryEvent::Accept, Some("250 2.0.0 Ok"));
    let (_, record) = told(world, |db| deliveries::record(db, &accepted, now));
    let (_, reap) =
        told(world, |db| deliveries::reap(db, &Leases::RunOut("two".to_owned()), &MarkedLetters::default(), until));
    let (_, holders) = told(world, deliveries::holders);
    let (_, claims) = told(world, deliveries::claims);
    let (_, take_over) =
        told(world, |db| deliveries::reap(db, &Leases::Of(vec!["one".to_owned()]), &MarkedLetters::default(), now));
    vec![
        ("freeze", freeze),
        ("claim", claim),
        ("late check", late_check),
        ("lock", lock),
        ("hand over", hand_over),
        ("record", record),
        ("reap", reap),
        ("holders", holders),
        ("claims", claims),
        ("take over", take_over),
    ]
}

both!(no_message_costs_a_look_at_every_other_one, |backend| {
    let world = World::new(backend, &["a@example.fr", "b@example.fr"]);
    for (step, statements) in all(&world) {
        for (sql, plan) in statements {
            for scan in ["SCAN deliveries", "SCAN members", "Seq Scan on deliveries", "Seq Scan on members"] {
                assert!(!plan.iter().any(|line| line.contains(scan)), "{step}: {sql}\n{plan:#?}");
            }
        }
    }
});

// The first is asked at every look of a monitoring system. The second looks at all that waits, and at nothing that has ended: it
// finds it by its mailing.
/// A shop whose announcement goes to a list of two.
fn world_of_lists(backend: Backend) -> World {
    let world = World::new(backend, &["a@example.fr", "b@example.fr", "c@example.fr"]);
    let act = ListAct::command(&"asked at the till".parse().unwrap(), "camille", world.clock.now());
    let people = ["a@example.fr", "b@example.fr"];
    let people = people.map(|address| Whom::Address(Fingerprint::all(&world.keyring, &address.parse().unwrap())));
    let club = "club".parse().unwrap();
    world.store.write_blocking(|db| lists::put_each(db, &club, &act, None, &people)).unwrap();
    world.apply(&winter_sale().change(0, |mailing| mailing.to(&["club"])));
    world
}

// Who is on a list is found by the list where an audience is frozen, and by the member where a letter is looked at.
both!(no_message_to_a_list_costs_a_look_at_everybody, |backend| {
    let world = world_of_lists(backend);
    let mut names_lists = 0;
    for (step, statements) in all(&world) {
        for (sql, plan) in statements {
            let tables = ["deliveries", "members", "memberships", "mailing_lists"];
            for scan in tables.iter().flat_map(|table| [format!("SCAN {table}"), format!("Seq Scan on {table}")]) {
                assert!(!plan.iter().any(|line| line.contains(&scan)), "{step}: {sql}\n{plan:#?}");
            }
            if sql.starts_with("INSERT") && sql.contains("memberships") {
                names_lists += 1;
                // By the consent alone everybody would be found.
                assert!(!plan.iter().any(|line| line.ends_with("members_by_consent (consent=?)")), "{sql}\n{plan:#?}");
            }
        }
    }
    assert_eq!(names_lists, 1, "the audience is frozen from the side of the list");
});

both!(what_is_watched_costs_no_look_at_every_delivery, |backend| {
    let world = World::new(backend, &["a@example.fr", "b@example.fr"]);
    let now: Timestamp = ANNOUNCED.parse().unwrap();
    let (_, look) = told(&world, |db| figures::look(db, now));
    let (_, queue) = told(&world, figures::queue);
    assert!(queue.iter().any(|(_, plan)| plan.iter().any(|line| line.contains("deliveries_by_mailing"))), "{queue:#?}");
    for (sql, plan) in look.into_iter().chain(queue) {
        for scan in ["SCAN deliveries", "SCAN members", "Seq Scan on deliveries", "Seq Scan on members"] {
            assert!(!plan.iter().any(|line| line.contains(scan)), "{sql}\n{plan:#?}");
        }
    }
});

/// What grows with the number of people.
const GROWING: [&str; 7] =
    ["signups", "signup_letters", "members", "suppressions", "consent_events", "deliveries", "renewals"];

/// Whether a step of a plan of SQLite's reads a table from end to end: as a scan, or as a search for which no index is named.
fn reads_everything(step: &str) -> bool {
    let of = |table: &str| step == format!("SEARCH {table}") || step.starts_with(&format!("SCAN {table}"));
    GROWING.iter().any(|table| of(table))
}

#[test]
fn nobody_who_joins_or_leaves_costs_a_look_at_everybody_else() {
    let world = World::new(Backend::Sqlite, &["a@example.fr", "b@example.fr"]);
    let now = world.clock.now();
    let sender = LetterSender { owner: "one".into(), keyring: world.keyring.clone(), domain: "news.example.fr".into() };
    // Somebody who leaves takes a sign-up of the same address along.
    let batch = [asks_to_join("c@example.org", 1), asks_to_join("a@example.fr", 2)];
    // As a daemon does at its start.
    assert_eq!(keys_used::admit_to(&world.store, &world.keyring).unwrap(), None);
    let ((), put) = told(&world, |db| signups::put(db, &batch, &world.keyring, now));
    let (_, outlook) = told(&world, |db| signups::outlook(db, now));
    let (next, take) = told(&world, |db| signups::take(db, &sender, now));
    let NextLetter::This(letter) = next else { panic!("a letter is due") };
    let ((), record) = told(&world, |db| signups::record(db, &letter, LetterOutcome::Sent, now));
    let anna = Fingerprint::all(&world.keyring, &"a@example.fr".parse().unwrap());
    let anna = world.store.read_blocking(|db| members::find_by_fingerprint(db, &anna)).unwrap().unwrap().pseudonym;
    let seen = world.store.write_blocking(|db| Ok(listen(db))).unwrap();
    let ending = world.fresh.leave(&world.store, anna, Cause::Withdrawn, Method::OneClickPost, now);
    assert_eq!(ending, Ending::Done);
    let leave = world.store.write_blocking(|db| Ok(planned(db, &seen))).unwrap();
    assert!(leave.iter().any(|(sql, _)| sql.contains("lower(`signups`.`address`)")), "{leave:#?}");
    for (step, statements) in [("put", put), ("outlook", outlook), ("take", take), ("record", record), ("leave", leave)]
    {
        for (sql, plan) in statements {
            // The end of the ledger is found from its end.
            let is_cut_off = sql.contains(" ORDER BY ") && sql.contains(" LIMIT ");
            assert!(is_cut_off || !plan.iter().any(|line| reads_everything(line)), "{step}: {sql}\n{plan:#?}");
        }
    }
}

#[test]
fn the_statements_and_their_plans_are_known() {
    let world = World::new(Backend::Sqlite, &["a@example.fr", "b@example.fr"]);
    let mut text = String::new();
    for (step, statements) in all(&world) {
        text.extend(["-- ", step, "\n"]);
        for (sql, plan) in statements {
            text.extend([sql.as_str(), "\n"]);
            for line in plan {
                text.extend(["    ", &line, "\n"]);
            }
        }
    }
    let known = include_str!("statements.txt");
    assert!(text == known, "what is sent now, to be looked at and then kept in `tests/it/statements.txt`:\n{text}");
}
