//! Problems: one beginning and one end for each, an acknowledgement that holds, and a list that follows what is stored.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use carillon::db::campaigns;
use carillon::db::problems::{self, AcknowledgeRefusal, StoredProblem, WhichProblems};
use carillon::delivery::state::DeliveryEvent;
use carillon::problem::{Problem, ProblemKind};

use crate::support::backend::{Backend, both};
use crate::support::build::{campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::house::{House, wait_for};
use crate::support::session::Session;
use crate::support::shop::run_sql;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

impl World {
    fn begin(&self, words: &str) {
        let now = self.clock.now();
        let problem = Problem::new(ProblemKind::MailUnusable, "daemon-1", words, "mend it");
        self.store.write_blocking(|db| problems::begin(db, &problem, now)).unwrap();
    }

    fn acknowledge(&self, id: i64) -> Result<StoredProblem, AcknowledgeRefusal> {
        let now = self.clock.now();
        self.store.write_blocking(|db| problems::acknowledge(db, id, "camille", now)).unwrap()
    }

    fn problems(&self, which: WhichProblems) -> Vec<StoredProblem> {
        self.store.read_blocking(|db| problems::list(db, which)).unwrap()
    }

    /// What stands, as kind and object.
    fn standing(&self) -> Vec<(ProblemKind, String)> {
        let standing = self.problems(WhichProblems::Standing);
        standing.into_iter().map(|stored| (stored.problem.kind, stored.problem.object)).collect()
    }
}

both!(a_problem_begins_once_and_is_history_after_its_end, |backend| {
    let world = World::new(backend, &[]);
    let began = world.clock.now();
    world.begin("no relay");
    world.at("2026-12-31T10:00:00Z").begin("no relay");
    let [known] = world.problems(WhichProblems::Standing).try_into().unwrap();
    assert_eq!((known.since, known.until), (began, None), "it is the same problem");

    world.store.write_blocking(|db| problems::end(db, ProblemKind::MailUnusable, "another", began)).unwrap();
    assert_eq!(world.standing().len(), 1, "another daemon's end is not this one's");
    let now = world.at("2026-12-31T11:00:00Z").clock.now();
    world.store.write_blocking(|db| problems::end(db, ProblemKind::MailUnusable, "daemon-1", now)).unwrap();
    assert_eq!(world.problems(WhichProblems::Standing), []);
    world.at("2026-12-31T12:00:00Z").begin("no relay");
    let times: Vec<_> =
        world.problems(WhichProblems::All).into_iter().map(|stored| (stored.since, stored.until)).collect();
    assert_eq!(times, [(began, Some(now)), (world.clock.now(), None)]);
});

both!(an_acknowledgement_is_of_what_was_said, |backend| {
    let world = World::new(backend, &[]);
    assert_eq!(world.acknowledge(7), Err(AcknowledgeRefusal::Unknown(7)));
    world.begin("no relay");
    let id = world.problems(WhichProblems::Standing)[0].id;
    assert_eq!(world.acknowledge(id).unwrap().until, None, "it stands all the same");
    assert_eq!(world.acknowledge(id), Err(AcknowledgeRefusal::Already { id, who: "camille".into() }));
    world.begin("no relay");
    assert_eq!(world.problems(WhichProblems::Standing)[0].acknowledged_by.as_deref(), Some("camille"));
    world.begin("no relay, and no outbox");
    assert_eq!(world.problems(WhichProblems::Standing)[0].acknowledged_by, None, "nobody has seen these words");
});

both!(a_missed_mailing_is_acknowledged_and_another_miss_is_not, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.at("2027-01-02T07:00:00Z").plan();
    let missed = (ProblemKind::MailingMissed, "hiver/announcement".to_owned());
    assert_eq!(world.standing(), std::slice::from_ref(&missed));
    let id = world.problems(WhichProblems::Standing)[0].id;
    world.acknowledge(id).unwrap();
    world.at("2027-01-02T08:00:00Z").plan();
    assert_eq!(world.standing(), [], "it stays acknowledged");
    let audit = world.audit();
    assert!(
        audit.iter().any(|entry| entry.action.name() == "problem.acknowledged" && entry.who == "camille"),
        "{audit:?}"
    );

    // What expires later is another problem.
    world.at("2027-01-06T07:00:00Z").plan();
    assert!(!world.standing().contains(&missed));
    assert_eq!(world.problems(WhichProblems::All)[0].acknowledged_by.as_deref(), Some("camille"), "history keeps it");
});

both!(what_waits_for_a_person_is_a_problem_until_it_does_not, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let now = world.clock.now();
    let paused = (ProblemKind::CampaignPaused, "hiver".to_owned());
    let held = (ProblemKind::CampaignHeld, "hiver".to_owned());
    world.store.write_blocking(|db| campaigns::pause(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
    assert_eq!(world.standing(), std::slice::from_ref(&paused));
    world.store.write_blocking(|db| campaigns::hold(db, &slug("hiver"), "it moved", "daemon", now)).unwrap().unwrap();
    assert_eq!(world.standing(), [paused, held.clone()]);
    world.store.write_blocking(|db| campaigns::resume(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
    assert_eq!(world.standing(), [held]);
    world.store.write_blocking(|db| campaigns::release(db, &slug("hiver"), "daemon", now)).unwrap().unwrap();
    assert_eq!(world.standing(), []);
});

both!(deliveries_in_doubt_are_a_problem_until_they_are_resolved, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.at(ANNOUNCED).plan();
    run_sql(&world.fresh.url, "UPDATE deliveries SET state = 'in-doubt', ended_at = 0");
    world.plan();
    let doubtful = (ProblemKind::DeliveriesInDoubt, "hiver/announcement".to_owned());
    assert_eq!(world.standing(), [doubtful]);
    let words = &world.problems(WhichProblems::Standing)[0].problem.words;
    assert_eq!(words, "mailing `announcement` of `hiver` has 1 delivery in doubt");

    let (id, now) = (world.queue(None)[0].id, world.clock.now());
    let resolve = |db: &mut _| carillon::db::reports::resolve(db, id, DeliveryEvent::ResolveLost, "camille", now);
    world.store.write_blocking(resolve).unwrap().unwrap();
    assert_eq!(world.standing(), []);
});

both!(a_relay_that_puts_everything_off_is_a_problem_until_it_takes_something, |backend| {
    let world = World::new(backend, &["anna@example.fr", "ben@example.fr"]);
    world.at(ANNOUNCED).plan();
    let put_off = |attempts: u32| {
        let said = "state = 'deferred', reply_code = 450, reason = '4.3.0 not now'";
        run_sql(&world.fresh.url, &format!("UPDATE deliveries SET {said}, attempts = {attempts}"));
        world.plan();
    };
    put_off(1);
    assert_eq!(world.standing(), [], "a relay that greylists does so once");
    put_off(2);
    assert_eq!(world.standing(), [(ProblemKind::MailingPutOff, "hiver/announcement".to_owned())]);
    let words = &world.problems(WhichProblems::Standing)[0].problem.words;
    assert!(words.ends_with("more than once and taken none: 450 4.3.0 not now"), "{words}");
    let one = "WHERE id = (SELECT min(id) FROM deliveries)";
    run_sql(&world.fresh.url, &format!("UPDATE deliveries SET state = 'accepted', ended_at = 0 {one}"));
    world.plan();
    assert_eq!(world.standing(), []);
});

both!(what_a_dead_daemon_met_goes_with_it, |backend| {
    let world = World::new(backend, &[]);
    let now = world.clock.now();
    world.begin("no relay");
    world.store.write_blocking(|db| problems::settle(db, now)).unwrap();
    assert_eq!(world.standing().len(), 1, "what is stored says nothing about a daemon's relay");
    world.store.write_blocking(|db| problems::end_of_daemons(db, |name| name == "daemon-1", now)).unwrap();
    assert_eq!(world.standing().len(), 1);
    world.store.write_blocking(|db| problems::end_of_daemons(db, |_| false, now)).unwrap();
    assert_eq!(world.standing(), []);
});

#[test]
fn keys_that_cannot_be_read_are_a_problem_before_a_daemon_misses_them() {
    let shop = ShopFolder::initiated();
    let check = |exit: i32| shop.run(&["status", "--check"]).exits(exit).stdout;
    check(0);
    fs::set_permissions(shop.at("carillon.keys"), fs::Permissions::from_mode(0o640)).unwrap();
    let open = "a daemon could not be started: the key file `carillon.keys` is open to others (mode 640)";
    assert!(check(2).contains(open));
    assert!(shop.run(&["status"]).stdout.contains("(`chmod 600 carillon.keys`), or put back its copy"));
    assert!(
        shop.run(&["--lang", "fr", "status"])
            .stdout
            .contains("le fichier des clés `carillon.keys` est ouvert à d’autres")
    );
    fs::remove_file(shop.at("carillon.keys")).unwrap();
    assert!(check(2).contains("a daemon could not be started: cannot use the key file `carillon.keys`"));
}

#[test]
fn a_relay_that_cannot_be_reached_is_told_with_why() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let shop = House::new(Backend::Sqlite, 3, nobody);
    let daemon = shop.daemon();
    let why = format!("it is tried again: cannot reach the relay `localhost:{nobody}`: Connection refused");
    wait_for(|| shop.run(&["status"]).contains(&why));
    assert_eq!(daemon.terminate(), Some(0));
}

/// What nobody has noted is listed all the same: with no daemon nobody is there to note it.
#[test]
fn what_is_seen_by_looking_is_listed() {
    let mut session = Session::new(ShopFolder::configured(), "2026-12-01T09:00:00Z");
    assert!(session.hear("problem list").contains("no problem"));
    session
        .write("hiver.toml", campaign().mailing(mailing("announcement")).text())
        .quietly("campaign apply hiver.toml");
    let said = session.hear("problem list");
    assert!(said.contains("no daemon is running") && !said.contains("no problem"), "{said}");
    let listed: serde_json::Value = serde_json::from_str(&session.hear("problem list --json")).unwrap();
    let missing = listed.as_array().unwrap().iter().find(|listed| listed["kind"] == "no-daemon").unwrap();
    assert!(missing["id"].is_null() && missing["since"].is_null() && missing["words"].is_string(), "{missing}");
}
