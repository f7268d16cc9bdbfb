//! Who left is not written to again, whatever copy of the store comes back.

use std::fs;

use carillon::clock::Clock;
use carillon::db::catch_up::{CaughtUp, RecordLost, gap_to};
use carillon::db::departures::DeparturesFile;
use carillon::db::leaving::{Ending, Leave, Leaver, Leaving};
use carillon::db::preferences::WishOutcome;
use carillon::db::{Store, audit, expiry, ledger, members, records, suppressions};
use carillon::delivery::DeliveryState;
use carillon::member::departure::Gap;
use carillon::member::{Action, Cause, Consent, Fingerprint, Language, Lifetime, Method, NewEvent, Pseudonym, Wish};
use carillon::sending::holds::{Hold, Holds, Lost};
use carillon::time_trust::Leeway;
use jiff::{SignedDuration, Timestamp};

use crate::restore::{put_back, set_by};
use crate::support::backend::{Fresh, both};
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::world::World;

/// What a backup brings back of the people.
const PEOPLE: [&str; 4] = ["members", "consent_events", "suppressions", "store_facts"];

const ANNA: &str = "membre.00003@example.fr";
const BELA: &str = "membre.00007@example.fr";
const CLEO: &str = "membre.00011@example.fr";

/// A shop of 20 members, of whom three have left since the backup that is in its place now: one told the shop, one had
/// everything erased, one pressed the button of a letter.
fn restored(backend: crate::support::backend::Backend, relay: &Relay) -> House {
    let shop = House::new(backend, 20, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let backup = shop.back_up();
    let daemon = shop.daemon_up();
    shop.run(&["member", "withdraw", ANNA]);
    shop.run(&["member", "erase", BELA, "--yes"]);
    assert!(shop.press(&shop.way_out_of(CLEO)).starts_with("HTTP/1.1 200"));
    assert_eq!(daemon.terminate(), Some(0));
    let record = fs::read_to_string(shop.folder.join("carillon.departures")).unwrap();
    assert_eq!(record.lines().count(), 4, "{record}");
    assert!(!record.contains('@') && !record.contains("membre"), "{record}");
    shop.put_back(&backup);
    shop
}

fn states(shop: &House) -> Vec<(Consent, i64)> {
    shop.store().read_blocking(members::count_by_consent).unwrap()
}

both!(who_left_after_the_backup_is_not_written_to, |backend| {
    let relay = Relay::start();
    let shop = restored(backend, &relay);
    assert_eq!(states(&shop), [(Consent::Confirmed, 20)], "the store has forgotten");
    let daemon = shop.daemon_up();
    wait_for(|| states(&shop).contains(&(Consent::Confirmed, 17)));
    // Leaving goes on while a person thinks about the answer.
    assert!(shop.press(&shop.way_out_of("membre.00013@example.fr")).starts_with("HTTP/1.1 200"));
    shop.run(&["mail", "resolve", "--latest"]);
    shop.run(&["campaign", "resume", "hiver"]);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    let written_to = relay.recipients();
    assert_eq!(written_to.len(), 16, "{written_to:?}");
    assert!([ANNA, BELA, CLEO].iter().all(|left| !written_to.iter().any(|address| address == left)), "{written_to:?}");
    let shown = shop.run(&["member", "show", BELA]);
    assert!(shown.contains("(erased)") && shown.contains("departures_record"), "{shown}");
    let audit = shop.store().read_blocking(|db| audit::list(db, Some("store"))).unwrap();
    assert!(audit.iter().any(|entry| entry.action.name() == "departures.replayed"), "{audit:?}");
});

both!(a_store_whose_record_is_gone_waits_for_a_person, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 5, relay.port());
    shop.run(&["member", "withdraw", ANNA]);
    let record = shop.folder.join("carillon.departures");
    fs::remove_file(&record).unwrap();
    let daemon = shop.daemon_up();
    let status = shop.run(&["status"]);
    assert!(status.contains("is missing, so nothing tells whether the store knows everybody who left"), "{status}");
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    // Nobody is kept by it.
    shop.run(&["member", "withdraw", "membre.00001@example.fr"]);
    assert!(!record.exists());
    assert_eq!(relay.count(), 0);
    carillon(&shop.folder, &["mail", "resolve", "--latest"]).exits(1);
    shop.run(&["mail", "resolve", "--departures-lost", "--yes", "--who", "Camille"]);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(relay.count(), 3);
    let made_again = fs::read_to_string(&record).unwrap();
    assert_eq!(made_again.lines().count(), 3, "both who left are in it: {made_again}");
});

both!(no_answer_about_the_store_makes_a_lost_record_anew, |backend| {
    let relay = Relay::start();
    let shop = restored(backend, &relay);
    let (record, copy) = (shop.folder.join("carillon.departures"), shop.fresh.folder.path().join("copy"));
    fs::rename(&record, &copy).unwrap();
    fs::remove_file(shop.folder.join("carillon.sent")).unwrap();
    let daemon = shop.daemon_up();
    // What `status` offers first is the record; every answer that would begin the mail is refused, and says the same.
    let status = shop.run(&["status"]);
    assert!(status.contains("is missing, so nothing tells") && status.contains("who left after"), "{status}");
    assert!(status.contains("put the latest copy of") && status.contains("resolve --departures-lost`"), "{status}");
    assert!(!status.contains("--latest") && !status.contains("--restored"), "{status}");
    for answer in [&["--latest"] as &[&str], &["--restored"], &["--restored", "--yes"]] {
        let said = carillon(&shop.folder, &[&["mail", "resolve"], answer].concat()).exits(1);
        assert!(said.stderr.contains("put the latest copy of"), "{}", said.stderr);
    }
    // Without a word for it, this only says what it would mean.
    let said = carillon(&shop.folder, &["mail", "resolve", "--departures-lost"]).exits(1);
    assert!(said.stderr.contains("still count among its 20 confirmed members"), "{}", said.stderr);
    assert!(!record.exists());
    // The copy is found and put back: the daemon does the rest, and then the store's age is asked about.
    fs::rename(&copy, &record).unwrap();
    wait_for(|| states(&shop).contains(&(Consent::Confirmed, 17)));
    wait_for(|| shop.run(&["status"]).contains("--restored"));
    carillon(&shop.folder, &["mail", "resolve", "--departures-lost", "--yes"]).exits(1);
    shop.run(&["mail", "resolve", "--latest"]);
    shop.run(&["campaign", "resume", "hiver"]);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    let written_to = relay.recipients();
    assert_eq!(written_to.len(), 17, "{written_to:?}");
    assert!([ANNA, BELA, CLEO].iter().all(|left| !written_to.iter().any(|address| address == left)), "{written_to:?}");
});

both!(going_on_without_the_record_is_a_persons_word_in_the_audit_log, |backend| {
    let relay = Relay::start();
    let shop = restored(backend, &relay);
    fs::remove_file(shop.folder.join("carillon.departures")).unwrap();
    fs::remove_file(shop.folder.join("carillon.sent")).unwrap();
    let said = carillon(&shop.folder, &["mail", "resolve", "--departures-lost", "--yes", "--who", "Camille"]).exits(0);
    // The store's age is a question of its own: nobody has been written to.
    assert!(said.stderr.contains("`carillon mail resolve --restored`"), "{}", said.stderr);
    let audit = shop.store().read_blocking(|db| audit::list(db, Some("store"))).unwrap();
    let decided = audit.iter().find(|entry| entry.action == audit::AuditAction::DeparturesLost).unwrap();
    assert_eq!((decided.who.as_str(), &decided.detail["record"]), ("Camille", &"missing".into()));
    assert_eq!(decided.detail["confirmed"], 20);
    assert!(decided.detail["known_until"].is_string(), "{decided:?}");
    carillon(&shop.folder, &["mail", "resolve", "--departures-lost", "--yes"]).exits(1);
    let said = carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    assert!(!said.stderr.contains("other machines"), "there is one machine: {}", said.stderr);
    assert_eq!(relay.count(), 0);
});

both!(each_machine_has_a_record_of_its_own_that_is_missed, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let record = DeparturesFile::new(world.fresh.folder.path().join("second.departures"));
    let second = Holds::new(world.fresh.sent(), record.clone(), Leeway::unlimited());
    let lost = || -> Option<Lost> {
        let held = world.store.read_blocking(|db| second.ask(db, world.clock.now())).unwrap();
        held.into_iter().find_map(|hold| if let Hold::DeparturesLost(lost) = hold { Some(lost) } else { None })
    };
    // The longest ago that any of the records was compared with the store.
    catch_up(&world);
    let compared = world.clock.now();
    assert_eq!(lost().map(|lost| (lost.gap, lost.known_until)), Some((Gap::Missing, Some(compared))));
    let door = Leaving::new(world.store.clone(), record.clone(), "exemple", Leeway::unlimited());
    let new = carillon::sending::sent_file::new_file_id().unwrap();
    world.at("2026-12-20T09:00:00Z");
    let settle = |lost| door.settle_blocking([6; 32], new, world.clock.now(), lost);
    assert!(settle(RecordLost::Refuse).unwrap_err().to_string().contains("second.departures"));
    settle(RecordLost::BeginAnew).unwrap();
    assert_eq!(lost(), None);
    let bytes = fs::read(record.path()).unwrap();
    fs::remove_file(record.path()).unwrap();
    assert_eq!(lost().map(|lost| lost.known_until), Some(Some(compared)), "which of the two it was, nothing tells");
    // Its heading is there: it is this one.
    let anna = who(&world.store, &world, "anna@example.fr");
    fs::write(record.path(), &bytes).unwrap();
    let leave = Leave { cause: Cause::Withdrawn, method: Method::OneClickPost, at: world.clock.now() };
    door.leave_blocking(&[Leaver::Member(anna)], &leave).unwrap();
    fs::write(record.path(), &bytes).unwrap();
    let shorter = Some((Gap::Shorter { by: 1 }, Some(world.clock.now())));
    assert_eq!(lost().map(|lost| (lost.gap, lost.known_until)), shorter);
});

/// A world in which the first of three members has left since its tables were set by, and is in them again.
fn forgetful(backend: crate::support::backend::Backend) -> (World, Pseudonym) {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr", "cleo@example.fr"]);
    set_by(&world.store, &PEOPLE);
    let anna = who(&world.store, &world, "anna@example.fr");
    let left = world.fresh.leave(&world.store, anna, Cause::Withdrawn, Method::OneClickPost, world.clock.now());
    assert_eq!((left, gap(&world.fresh, &world.store)), (Ending::Done, None));
    put_back(&world.store, &PEOPLE);
    assert_eq!(eligible(&world), 3);
    (world, anna)
}

fn who(store: &Store, world: &World, address: &str) -> Pseudonym {
    let fingerprints = Fingerprint::all(&world.keyring, &address.parse().unwrap());
    store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints)).unwrap().unwrap().pseudonym
}

fn eligible(world: &World) -> i64 {
    world.store.read_blocking(|db| members::count_eligible(db, world.clock.now())).unwrap()
}

fn gap(fresh: &Fresh, store: &Store) -> Option<Gap> {
    store.read_blocking(|db| gap_to(db, &fresh.departures())).unwrap()
}

fn catch_up(world: &World) -> CaughtUp {
    world.fresh.door(&world.store).catch_up_blocking([5; 32], world.clock.now()).unwrap()
}

fn settle(world: &World) -> CaughtUp {
    let new = carillon::sending::sent_file::new_file_id().unwrap();
    world.fresh.door(&world.store).settle_blocking([5; 32], new, world.clock.now(), RecordLost::BeginAnew).unwrap()
}

both!(a_ledger_that_was_cut_short_brings_nobody_back, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let anna = who(&world.store, &world, "anna@example.fr");
    world.fresh.leave(&world.store, anna, Cause::Withdrawn, Method::OneClickPost, world.clock.now());
    let last = "DELETE FROM consent_events WHERE seq = (SELECT max(seq) FROM consent_events)";
    run_sql(&world.fresh.url, last);
    let rebuild = || world.fresh.door(&world.store).rebuild_blocking(Lifetime::months(24), [5; 32], world.clock.now());
    rebuild().unwrap();
    assert_eq!(eligible(&world), 1);
    let member = world.store.read_blocking(|db| members::find(db, &anna)).unwrap().unwrap();
    assert_eq!(member.consent, Consent::Withdrawn);
    assert!(world.store.snapshot_blocking(|db| ledger::verify(db, &world.keyring)).unwrap().is_ok());
    // Without the record nobody knows who left last.
    fs::remove_file(world.fresh.departures().path()).unwrap();
    assert!(rebuild().unwrap_err().to_string().contains("`carillon status`"));
});

both!(a_store_that_is_behind_sends_nothing_and_catches_up, |backend| {
    let (world, _) = forgetful(backend);
    assert_eq!(gap(&world.fresh, &world.store), Some(Gap::Ahead { by: 1 }));
    assert_eq!(world.plan().held.iter().map(Hold::id).collect::<Vec<_>>(), ["departures-unknown"]);
    assert_eq!(catch_up(&world), CaughtUp { unseen: 1, ended: 1, ..CaughtUp::default() });
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 2));
    assert_eq!(world.store.read_blocking(suppressions::count).unwrap(), 1);
    assert_eq!(catch_up(&world), CaughtUp::default());
    assert!(world.store.read_blocking(|db| ledger::verify(db, &world.keyring)).unwrap().is_ok());
});

both!(who_came_back_after_leaving_stays, |backend| {
    let (world, anna) = forgetful(backend);
    let now = world.clock.now();
    let member = world.store.read_blocking(|db| members::find(db, &anna)).unwrap().unwrap();
    let confirm = |at: Timestamp| {
        let how = (Action::Confirmed, Method::DoubleOptinPost);
        let event = NewEvent::new(how, (anna, member.fingerprint), "exemple", "test", at);
        world
            .store
            .write_blocking(|db| carillon::db::consent::append(db, event.clone(), Lifetime::months(24), at))
            .unwrap();
    };
    confirm(now + SignedDuration::from_secs(1));
    assert_eq!(catch_up(&world), CaughtUp { unseen: 1, ended: 0, ..CaughtUp::default() });
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 3));
});

both!(somebody_unknown_to_the_restored_store_stays_out, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    set_by(&world.store, &PEOPLE);
    world.join(&["dora@example.fr"]);
    let dora = who(&world.store, &world, "dora@example.fr");
    world.fresh.leave(&world.store, dora, Cause::Objected, Method::Mailto, world.clock.now());
    put_back(&world.store, &PEOPLE);
    assert_eq!(catch_up(&world).ended, 1);
    world.join(&["dora@example.fr"]);
    assert_eq!(eligible(&world), 1, "no import brings her back");
    let dora = who(&world.store, &world, "dora@example.fr");
    let dora = world.store.read_blocking(|db| members::find(db, &dora)).unwrap().unwrap();
    assert_eq!((dora.consent, dora.address), (Consent::Withdrawn, None));
});

both!(a_record_of_another_kind_or_age_is_noticed, |backend| {
    let (world, _) = forgetful(backend);
    catch_up(&world);
    let record = world.fresh.departures();
    let lines = fs::read(record.path()).unwrap();
    let found = |bytes: &[u8]| {
        fs::write(record.path(), bytes).unwrap();
        gap(&world.fresh, &world.store)
    };
    let heading = &lines[..carillon::member::departure::LINE];
    assert_eq!(found(heading), Some(Gap::Shorter { by: 1 }));
    assert_eq!(catch_up(&world), CaughtUp::default(), "that is for a person to say");
    assert!(matches!(found(b"anna@example.fr\n"), Some(Gap::Unreadable(_))));
    assert_eq!(settle(&world).entered, 1, "the store knows who left");
    assert_eq!(gap(&world.fresh, &world.store), None);
    // The old one turns up again.
    assert_eq!(found(&lines), None);
    assert_eq!(world.store.read_blocking(records::list).unwrap().len(), 1, "it was given up");
    catch_up(&world);
    assert_eq!(world.store.read_blocking(records::list).unwrap().len(), 2, "and is in use again");
    fs::remove_file(record.path()).unwrap();
    assert_eq!(gap(&world.fresh, &world.store), Some(Gap::Missing));
    assert_eq!(settle(&world).entered, 1);
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 2));
});

both!(an_older_record_that_went_its_own_way_is_noticed, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let record = world.fresh.departures();
    let older = fs::read(record.path()).unwrap();
    let leave = |address: &str| {
        let who = who(&world.store, &world, address);
        world.fresh.leave(&world.store, who, Cause::Withdrawn, Method::OneClickPost, world.clock.now())
    };
    leave("anna@example.fr");
    fs::write(record.path(), older).unwrap();
    // Written at the place of another line: the lengths agree.
    leave("bela@example.fr");
    assert_eq!(gap(&world.fresh, &world.store), Some(Gap::Parted));
    assert_eq!(settle(&world).entered, 2, "a new record holds both");
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 0));
});

both!(a_record_that_cannot_be_written_keeps_nobody, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    // No system clock is at a whole microsecond, and the columns hold no more.
    world.at("2026-12-31T09:00:00.000000501Z");
    let record = world.fresh.departures();
    let away = record.path().with_extension("away");
    fs::rename(record.path(), &away).unwrap();
    fs::create_dir(record.path()).unwrap();
    let anna = who(&world.store, &world, "anna@example.fr");
    let left = world.fresh.leave(&world.store, anna, Cause::Withdrawn, Method::OneClickPost, world.clock.now());
    assert_eq!((left, eligible(&world)), (Ending::Done, 1));
    assert!(catch_up(&world).behind);
    fs::remove_dir(record.path()).unwrap();
    fs::rename(&away, record.path()).unwrap();
    assert_eq!(gap(&world.fresh, &world.store), None, "the record does not know yet");
    assert_eq!(catch_up(&world), CaughtUp { entered: 1, ..CaughtUp::default() });
    assert_eq!((catch_up(&world), gap(&world.fresh, &world.store)), (CaughtUp::default(), None));
    assert_eq!(fs::read_to_string(record.path()).unwrap().lines().count(), 2);
});

#[test]
fn the_record_is_where_the_configuration_says() {
    let relay = Relay::start();
    let shop = House::new(crate::support::backend::Backend::Sqlite, 2, relay.port());
    let configuration = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    let elsewhere = shop.fresh.folder.path().join("elsewhere");
    fs::rename(shop.folder.join("carillon.departures"), &elsewhere).unwrap();
    fs::write(&configuration, text.replace("[store]\n", "[store]\ndepartures = \"../elsewhere\"\n")).unwrap();
    carillon(&shop.folder, &["member", "withdraw", "membre.00001@example.fr"]).exits(0);
    assert_eq!(fs::read_to_string(elsewhere).unwrap().lines().count(), 2);
    assert!(!shop.folder.join("carillon.departures").exists());
}

both!(the_address_of_somebody_who_left_goes_after_the_set_time, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let (anna, now) = (who(&world.store, &world, "anna@example.fr"), world.clock.now());
    world.fresh.leave(&world.store, anna, Cause::Withdrawn, Method::OneClickPost, now);
    let forget = |before| world.store.write_blocking(|db| expiry::forget_left(db, before, 10)).unwrap();
    assert_eq!(forget(now - SignedDuration::from_secs(1)), 0);
    assert_eq!([forget(now), forget(now)], [1, 0]);
    let anna = world.store.read_blocking(|db| members::find(db, &anna)).unwrap().unwrap();
    assert_eq!((anna.consent, anna.address, eligible(&world)), (Consent::Withdrawn, None, 1));
});

both!(what_waits_for_somebody_who_leaves_is_skipped_at_once, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    world.at(crate::support::world::ANNOUNCED);
    world.plan();
    let queued = world.queue(Some(DeliveryState::Queued));
    world.withdraw(&queued[0]);
    assert_eq!(world.count("announcement", DeliveryState::Skipped), 1);
    assert_eq!(world.queue(Some(DeliveryState::Skipped))[0].reason.as_deref(), Some("consent-gone"));
});

both!(a_pause_that_was_asked_for_after_the_backup_is_remembered, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let record = shop.folder.join("carillon.departures");
    let member = |address: &str| {
        let fingerprints = Fingerprint::all(&shop.keyring(), &address.parse().unwrap());
        let found = shop.store().read_blocking(|db| members::find_by_fingerprint(db, &fingerprints));
        found.unwrap().unwrap().pseudonym
    };
    let now = Clock::System.now();
    let until = Timestamp::from_second(now.as_second() + 40 * 24 * 3600).unwrap();
    let asks = |address: &str, wish: Wish, at: Timestamp| {
        let door = Leaving::new(shop.store(), DeparturesFile::new(&record), "exemple", Leeway::unlimited());
        assert_eq!(door.grant_blocking(&member(address), wish, at).unwrap(), WishOutcome::Done);
    };
    // Before the backup one pauses; after it that pause ends, another begins, and a third is begun and ended.
    asks(CLEO, Wish::PauseUntil(until), now);
    let backup = shop.back_up();
    let later = now + SignedDuration::from_secs(1);
    asks(CLEO, Wish::Resume, later);
    asks(ANNA, Wish::PauseUntil(until), later);
    asks(BELA, Wish::PauseUntil(until), later);
    asks(BELA, Wish::Resume, later + SignedDuration::from_secs(1));
    let lines = fs::read_to_string(&record).unwrap();
    assert_eq!(lines.lines().count(), 6, "{lines}");
    assert!(!lines.contains('@') && !lines.contains("membre"), "{lines}");
    shop.put_back(&backup);
    let paused = || {
        let all = shop.store().read_blocking(|db| members::list(db, None, 0, 100)).unwrap();
        let paused = all.into_iter().filter(|member| member.paused_until.is_some());
        paused.map(|member| member.pseudonym).collect::<Vec<_>>()
    };
    assert_eq!(paused(), [member(CLEO)], "the store has forgotten");
    let daemon = shop.daemon_up();
    wait_for(|| paused() == [member(ANNA)]);
    shop.run(&["mail", "resolve", "--latest"]);
    shop.run(&["campaign", "resume", "hiver"]);
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    let written_to = relay.recipients();
    assert_eq!(written_to.len(), 19);
    assert!(!written_to.iter().any(|address| address == ANNA), "{written_to:?}");
    let shown = shop.run(&["member", "show", ANNA]);
    assert!(shown.contains("paused") && shown.contains("departures_record"), "{shown}");
    shop.run(&["consent", "verify"]);
});

both!(a_pause_is_owed_to_a_record_that_cannot_be_written_and_is_in_one_begun_anew, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    // No system clock is at a whole microsecond, and the columns hold no more.
    world.at("2026-12-31T09:00:00.000000501Z");
    set_by(&world.store, &PEOPLE);
    let (anna, record) = (who(&world.store, &world, "anna@example.fr"), world.fresh.departures());
    let asks = |wish| world.fresh.door(&world.store).grant_blocking(&anna, wish, world.clock.now()).unwrap();
    let lines = || fs::read_to_string(record.path()).unwrap().lines().count();
    // The choice of a language is no departure.
    assert_eq!((asks(Wish::Language(Language::En)), lines()), (WishOutcome::Done, 1));
    let away = record.path().with_extension("away");
    fs::rename(record.path(), &away).unwrap();
    fs::create_dir(record.path()).unwrap();
    let until = "2027-03-14T23:00:00Z".parse().unwrap();
    assert_eq!((asks(Wish::PauseUntil(until)), eligible(&world)), (WishOutcome::Done, 1), "it keeps nobody");
    assert!(catch_up(&world).behind);
    fs::remove_dir(record.path()).unwrap();
    fs::rename(&away, record.path()).unwrap();
    assert_eq!((catch_up(&world), lines()), (CaughtUp { entered: 1, ..CaughtUp::default() }, 2));
    assert_eq!((catch_up(&world), gap(&world.fresh, &world.store)), (CaughtUp::default(), None));
    // Asking again changes nothing.
    assert_eq!((asks(Wish::PauseUntil(until)), lines()), (WishOutcome::Already, 2));
    fs::remove_file(record.path()).unwrap();
    assert_eq!((settle(&world).entered, lines()), (1, 2));
    assert_eq!((settle(&world).entered, lines()), (0, 2), "it holds the pause");
    put_back(&world.store, &PEOPLE);
    assert_eq!(eligible(&world), 2, "the store has forgotten");
    assert_eq!((settle(&world).ended, eligible(&world)), (1, 1));
    let anna = world.store.read_blocking(|db| members::find(db, &anna)).unwrap().unwrap();
    assert_eq!(anna.paused_until, Some(until));
});

both!(the_latest_word_of_a_pause_counts_in_whatever_order_the_record_has_them, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let (anna, record) = (who(&world.store, &world, "anna@example.fr"), world.fresh.departures());
    let until = Wish::PauseUntil("2027-03-14T23:00:00Z".parse().unwrap());
    let asks = |at: &str, wish| {
        let granted = world.fresh.door(&world.store).grant_blocking(&anna, wish, world.at(at).clock.now());
        assert_eq!(granted.unwrap(), WishOutcome::Done);
    };
    asks("2026-12-31T10:00:00Z", until);
    set_by(&world.store, &PEOPLE);
    // The end of the pause is in no record when the same pause is asked for again.
    let away = record.path().with_extension("away");
    fs::rename(record.path(), &away).unwrap();
    asks("2026-12-31T11:00:00Z", Wish::Resume);
    fs::rename(&away, record.path()).unwrap();
    asks("2026-12-31T12:00:00Z", until);
    assert_eq!(settle(&world).entered, 1);
    let lines = fs::read_to_string(record.path()).unwrap();
    assert!(lines.lines().last().unwrap().starts_with("2026-12-31T11:00:00.000000Z resumed "), "{lines}");
    put_back(&world.store, &PEOPLE);
    assert_eq!(catch_up(&world), CaughtUp { unseen: 2, ended: 1, ..CaughtUp::default() });
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 1), "she is paused");
    let taken = world.store.read_blocking(|db| ledger::events_of(db, &anna)).unwrap();
    assert_eq!(taken.last().map(|event| event.what.action), Some(Action::Paused));
});

both!(a_pause_of_somebody_who_signed_up_anew_since_does_not_come_back, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    set_by(&world.store, &PEOPLE);
    let (anna, now) = (who(&world.store, &world, "anna@example.fr"), world.clock.now());
    let until = "2027-03-14T23:00:00Z".parse().unwrap();
    world.fresh.door(&world.store).grant_blocking(&anna, Wish::PauseUntil(until), now).unwrap();
    put_back(&world.store, &PEOPLE);
    let member = world.store.read_blocking(|db| members::find(db, &anna)).unwrap().unwrap();
    let (how, later) = ((Action::Confirmed, Method::DoubleOptinPost), now + SignedDuration::from_secs(1));
    let event = NewEvent::new(how, (anna, member.fingerprint), "exemple", "test", later);
    let confirm = |db: &mut _| carillon::db::consent::append(db, event.clone(), Lifetime::months(24), later);
    world.store.write_blocking(confirm).unwrap();
    assert_eq!(catch_up(&world), CaughtUp { unseen: 1, ended: 0, ..CaughtUp::default() });
    assert_eq!((gap(&world.fresh, &world.store), eligible(&world)), (None, 2));
});
