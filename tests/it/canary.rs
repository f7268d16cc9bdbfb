//! Whether people can leave is tried, leaves no trace, and keeps mailings from beginning while they cannot.

use carillon::config::StoreUrl;
use carillon::db::leaving::{Ending, Leave, Leaver};
use carillon::db::{StoreError, ledger, members, problems, suppressions};
use carillon::delivery::DeliveryState::Queued;
use carillon::member::{CANARY, Cause, Method};
use carillon::problem::{Problem, ProblemKind};
use carillon::sending::planner::{Begin, Missed, PlannerEvent};

use crate::support::backend::both;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::stored::{holding, stored};
use crate::support::world::{ANNOUNCED, World};

/// Breaks the way out, and nothing else, or mends it: the store takes no row of the suppression list.
fn way_out(url: &StoreUrl, works: bool) {
    let sql = match (url, works) {
        (StoreUrl::Sqlite(_), false) => {
            "PRAGMA busy_timeout = 5000; CREATE TRIGGER no_way BEFORE INSERT ON suppressions BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        (StoreUrl::Sqlite(_), true) => "PRAGMA busy_timeout = 5000; DROP TRIGGER no_way",
        (StoreUrl::Postgres(_), false) => {
            "ALTER TABLE suppressions ADD CONSTRAINT no_way CHECK (cause = 'nothing') NOT VALID"
        }
        (StoreUrl::Postgres(_), true) => "ALTER TABLE suppressions DROP CONSTRAINT no_way",
    };
    run_sql(url, sql);
}

/// What the canary does with the store, in this way.
fn leave(world: &World, method: Method) -> Result<Vec<Ending>, StoreError> {
    let leave = Leave { cause: Cause::Withdrawn, method, at: world.clock.now() };
    world.fresh.door(&world.store).leave_blocking(&[Leaver::Member(CANARY)], &leave)
}

both!(the_canary_leaves_no_trace, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let kept = || {
        let kept = |db: &mut _| {
            Ok((ledger::head(db)?, members::count_by_consent(db)?, suppressions::count(db)?, world.queue(None)))
        };
        (world.store.read_blocking(kept).unwrap(), std::fs::read(world.fresh.departures().path()).unwrap())
    };
    let before = kept();
    for method in [Method::PagePost, Method::OneClickPost] {
        assert_eq!(leave(&world, method).unwrap(), [Ending::Done]);
        assert_eq!(kept(), before);
    }
    // Not in a table, a file, or the log of a database.
    let kept_bytes = stored(world.fresh.folder.path(), &world.fresh.url);
    assert_eq!(holding(&kept_bytes, "canary@"), Vec::<String>::new());
    assert_eq!(holding(&kept_bytes, "(canary)"), Vec::<String>::new());
    assert_eq!(holding(&kept_bytes, &CANARY.to_string()), Vec::<String>::new());
    // Whoever leaves in the same moment does so for good.
    let anna = world.store.read_blocking(|db| members::list(db, None, 0, 1)).unwrap()[0].pseudonym;
    let all = [Leaver::Member(CANARY), Leaver::Member(anna), Leaver::Member(CANARY)];
    let (door, at) = (world.fresh.door(&world.store), world.clock.now());
    let leave = Leave { cause: Cause::Withdrawn, method: Method::PagePost, at };
    assert_eq!(door.leave_blocking(&all, &leave).unwrap(), [Ending::Done; 3]);
    assert!(!door.is_behind().unwrap());
    let ((.., suppressed, _), record) = kept();
    assert_eq!((suppressed, String::from_utf8(record).unwrap().lines().count()), (1, 2));
});

/// What refuses a commit, and nothing before it.
fn commits(url: &StoreUrl, work: bool) {
    let sql = match (url, work) {
        (StoreUrl::Sqlite(_), false) => {
            "PRAGMA busy_timeout = 5000; CREATE TABLE nobody (id INTEGER PRIMARY KEY); \
             CREATE TABLE orphans (id INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED); \
             CREATE TRIGGER orphan AFTER UPDATE ON store_facts BEGIN INSERT INTO orphans VALUES (1); END; \
             CREATE TRIGGER first_orphan AFTER INSERT ON store_facts BEGIN INSERT INTO orphans VALUES (1); END"
        }
        (StoreUrl::Sqlite(_), true) => "PRAGMA busy_timeout = 5000; DROP TRIGGER orphan; DROP TRIGGER first_orphan",
        (StoreUrl::Postgres(_), false) => {
            "CREATE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql; \
             CREATE CONSTRAINT TRIGGER orphan AFTER INSERT OR UPDATE ON store_facts DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION no()"
        }
        (StoreUrl::Postgres(_), true) => "DROP TRIGGER orphan ON store_facts; DROP FUNCTION no()",
    };
    run_sql(url, sql);
}

both!(what_keeps_people_from_leaving_is_noticed, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let works = || leave(&world, Method::PagePost).is_ok();
    way_out(&world.fresh.url, false);
    assert!(!works(), "a row is refused");
    way_out(&world.fresh.url, true);
    assert!(works());
    // A leaving that is taken and does not do what it is to do.
    let (forget, remember) = match &world.fresh.url {
        StoreUrl::Sqlite(_) => (
            "PRAGMA busy_timeout = 5000; CREATE TRIGGER forget AFTER INSERT ON suppressions \
             BEGIN DELETE FROM suppressions WHERE fingerprint = NEW.fingerprint; END",
            "PRAGMA busy_timeout = 5000; DROP TRIGGER forget",
        ),
        StoreUrl::Postgres(_) => (
            "CREATE FUNCTION forget() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql; \
             CREATE TRIGGER forget BEFORE INSERT ON suppressions FOR EACH ROW EXECUTE FUNCTION forget()",
            "DROP TRIGGER forget ON suppressions; DROP FUNCTION forget()",
        ),
    };
    run_sql(&world.fresh.url, forget);
    let why = leave(&world, Method::PagePost).unwrap_err().to_string();
    assert_eq!(why, "people cannot leave: the suppression list does not say so");
    run_sql(&world.fresh.url, remember);
    assert!(works());
    // As on a full disk: every statement is taken, and what was done cannot be kept.
    commits(&world.fresh.url, false);
    assert!(!works(), "a commit fails");
    commits(&world.fresh.url, true);
    assert!(works());
});

both!(no_mailing_begins_while_a_daemon_finds_that_people_cannot_leave, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.at(ANNOUNCED);
    // This daemon has not found that they can.
    assert_eq!(world.plan_if(Begin::Nothing).events, []);
    // Another one has found that they cannot.
    let (kind, now) = (ProblemKind::LeavePathBroken, world.clock.now());
    let problem = Problem::new(kind, "daemon-2", "people cannot leave", "see its log");
    world.store.write_blocking(|db| problems::begin(db, &problem, now)).unwrap();
    assert_eq!(world.plan().events, []);
    world.store.write_blocking(|db| problems::end(db, kind, "daemon-2", now)).unwrap();
    let begun = world.plan().events;
    assert!(matches!(&begun[..], [PlannerEvent::Begun(mailing, 1)] if mailing.name == "announcement"), "{begun:?}");
    // What has begun goes on; what does not begin in its time is missed, and says why.
    assert_eq!(world.plan_if(Begin::Nothing).events, []);
    assert_eq!(world.count("announcement", Queued), 1);
    world.at("2027-02-20T09:00:00Z");
    let missed = world.plan_if(Begin::Nothing).events;
    let why = missed.iter().find_map(|event| if let PlannerEvent::Missed(_, why) = event { Some(*why) } else { None });
    assert_eq!(why, Some(Missed::NotBegun));
    assert!(Missed::NotBegun.words().contains("or people could not leave"));
});

both!(no_mailing_begins_while_people_cannot_leave, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 3, relay.port());
    let url = shop.store().url().clone();
    way_out(&url, false);
    let daemon = shop.daemon_up();
    let problem =
        "people cannot leave by the link in letters, and no mailing begins: a POST to the link is answered with 503";
    wait_for(|| shop.run(&["status"]).contains(problem));
    let ready = shop.get("/ready");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("leave-path-broken"), "{ready}");
    assert_eq!((relay.count(), &shop.report()["planned"]), (0, &0.into()));
    way_out(&url, true);
    shop.wait_until_finished();
    assert_eq!(relay.recipients().len(), 3);
    shop.wait_until_ready();
    wait_for(|| !shop.run(&["status"]).contains("people cannot leave"));
    assert_eq!(daemon.terminate(), Some(0));
    shop.run(&["consent", "verify"]);
    assert_eq!(shop.store().read_blocking(members::count_by_consent).unwrap().len(), 1);
    let kept = stored(shop.fresh.folder.path(), &url);
    assert_eq!(holding(&kept, "canary@"), Vec::<String>::new());
});
