//! A store that is put back to an older copy of itself: nobody is written to twice without a person's word.

use std::fs;

use carillon::config::StoreUrl;
use carillon::db::identity::StoreReport;
use carillon::db::{Db, Store, StoreResult, identity};
use carillon::delivery::DeliveryState;
use carillon::delivery::store_age::{Doubt, StoreAge};
use carillon::sending::holds::{Hold, Holds};
use carillon::sending::sent_file::new_file_id;
use carillon::smtp::Limits;
use carillon::time_trust::Leeway;
use carillon::transport::Transport;
use diesel::RunQueryDsl;

use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::folder::ShopFolder;
use crate::support::house::House;
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::world::{ANNOUNCED, World};

/// A shop of 50 members whose announcement was sent after the backup that is in its place now.
fn restored(backend: Backend, relay: &Relay) -> House {
    let shop = House::new(backend, 50, relay.port());
    let backup = shop.back_up();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    shop.put_back(&backup);
    shop
}

/// The daemon serves, is not ready, says why in `status`, and sends nothing.
#[track_caller]
fn check_held(shop: &House, why: &str) {
    let daemon = shop.daemon_up();
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"));
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    let status = shop.run(&["status"]);
    assert!(status.contains(&format!("problem: nothing is sent: {why}")), "{status}");
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(shop.report()["state"], "planned");
}

/// A person answers while the daemon runs; the same file is applied again; nobody gets a second letter.
#[track_caller]
fn check_answered(shop: &House, relay: &Relay) {
    let daemon = shop.daemon_up();
    let said = carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    assert!(said.stdout.contains("set aside, because their time had come: 1 mailing"), "{}", said.stdout);
    if matches!(shop.fresh.url, StoreUrl::Sqlite(_)) {
        // What a machine can see for itself holds at once.
        let status = shop.run(&["status"]);
        assert!(!status.contains("nothing is sent"), "{status}");
    }
    // Its loops look again within a tick.
    shop.wait_until_ready();
    fs::write(shop.folder.join("again.toml"), fs::read_to_string(shop.folder.join("campaign.toml")).unwrap() + "\n")
        .unwrap();
    carillon(&shop.folder, &["campaign", "apply", "again.toml"]).exits(0);
    assert_eq!(daemon.terminate(), Some(0));
    shop.daemon_up().terminate();
    assert_eq!(shop.report()["state"], "set-aside");
    assert_eq!(relay.count(), 50);
    carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(1);
}

both!(a_store_restored_from_a_backup_sends_nothing_on_its_own, |backend| {
    let relay = Relay::start();
    let shop = restored(backend, &relay);
    check_held(&shop, "the store was restored from a backup: it knows of 0 messages taken up for sending, and ");
    carillon(&shop.folder, &["mail", "resolve", "--latest"]).exits(1);
    check_answered(&shop, &relay);
});

both!(a_store_restored_without_its_count_sends_nothing_on_its_own, |backend| {
    let relay = Relay::start();
    let shop = restored(backend, &relay);
    fs::remove_file(shop.folder.join("carillon.sent")).unwrap();
    check_held(&shop, "`carillon.sent`, beside the configuration, is missing or empty");
    check_answered(&shop, &relay);
});

both!(a_store_restored_with_its_count_sends_nothing_on_its_own, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 50, relay.port());
    // The count was in the backup too, and came back with it: another machine's, or that of the whole folder.
    let (backup, sent) = (shop.back_up(), shop.folder.join("carillon.sent"));
    let count = fs::read(&sent).unwrap();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    shop.put_back(&backup);
    fs::write(&sent, count).unwrap();
    check_held(&shop, "the store is not where it was last used");
    check_answered(&shop, &relay);
});

// Without its count nothing tells how old the store is, but the record of departures does.
both!(a_store_that_did_not_know_who_left_is_called_a_restored_one, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    let backup = shop.back_up();
    shop.run(&["member", "withdraw", "membre.00000@example.fr"]);
    shop.put_back(&backup);
    fs::remove_file(shop.folder.join("carillon.sent")).unwrap();
    check_held(&shop, "the store was restored from a backup: it did not know of 1 departure that the record");
    carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    assert!(!shop.run(&["status"]).contains("did not know of 1 departure"));
    assert_eq!(relay.count(), 0);
});

both!(a_store_that_is_the_latest_goes_on_when_a_person_says_so, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    let backup = shop.back_up();
    shop.put_back(&backup);
    check_held(&shop, "the store is not where it was last used");
    let said = carillon(&shop.folder, &["mail", "resolve", "--latest"]).exits(0);
    assert!(said.stdout.contains("is taken for the latest one"), "{}", said.stdout);
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!((daemon.terminate(), relay.count()), (Some(0), 20));
});

/// A copy of the folder of a shop that goes on: both would write to the same people.
#[test]
fn a_copy_of_a_shop_sends_nothing_on_its_own() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 20, relay.port());
    let original = shop.fresh.folder.path().join("original");
    fs::rename(&shop.folder, &original).unwrap();
    fs::create_dir_all(shop.folder.join("calendars")).unwrap();
    for entry in original.read_dir().unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), shop.folder.join(entry.file_name())).unwrap();
    }
    check_held(&shop, "the store is not where it was last used");
    assert_eq!(relay.count(), 0);
}

/// As when a backup was copied over it without the daemon's being stopped.
#[test]
fn a_damaged_store_is_said_to_be_damaged_and_what_to_do() {
    let shop = House::new(Backend::Sqlite, 20, 25);
    let files = || shop.folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    for path in files().filter(|path| path.display().to_string().contains(".db")) {
        let mut bytes = fs::read(&path).unwrap();
        bytes.iter_mut().skip(4096).for_each(|byte| *byte = 0x5a);
        fs::write(&path, bytes).unwrap();
    }
    let said = carillon(&shop.folder, &["status"]);
    assert_ne!(said.code, 0);
    assert!(said.stderr.contains("the store's file is damaged (database disk image is malformed)"), "{}", said.stderr);
    assert!(said.stderr.contains("put the latest backup back as docs/restore.md says"), "{}", said.stderr);
}

/// The files in the shop's folder whose names begin with `carillon.db`, without the lock.
fn store_files(shop: &House) -> Vec<String> {
    let names = shop.folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("carillon.db") && !name.contains(".lock")).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_put_back_by_one_command_and_nobody_is_written_to() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 50, relay.port());
    let backup = shop.back_up();
    let daemon = shop.daemon();
    shop.wait_until_finished();
    let put_back =
        |more: &[&str]| carillon(&shop.folder, &[&["db", "restore", backup.to_str().unwrap()], more].concat());
    let running = put_back(&["--yes"]).exits(1);
    assert!(running.stderr.contains("stop it, put the backup back"), "{}", running.stderr);
    assert_eq!(daemon.terminate(), Some(0));
    shop.run(&["member", "withdraw", "membre.00000@example.fr"]);
    let before = store_files(&shop);

    // A newer store is there: nothing happens without a word.
    let asked = put_back(&[]).exits(1);
    assert!(asked.stderr.contains("nothing was changed: the backup is whole"), "{}", asked.stderr);
    assert_eq!(store_files(&shop), before, "nothing is left of the try");
    assert_eq!(shop.count("accepted"), 50);

    let said = put_back(&["--yes"]).exits(0);
    assert!(said.stdout.contains("is in the place of the store\n"), "{}", said.stdout);
    assert!(said.stdout.contains("`carillon mail resolve --restored`"), "{}", said.stdout);
    assert!(said.stderr.contains("the store had forgotten 1 departure; that is mended"), "{}", said.stderr);
    let kept: Vec<String> = store_files(&shop).into_iter().filter(|name| name.contains(".before-")).collect();
    assert!(kept.iter().any(|name| name.ends_with('Z')), "{kept:?}");
    assert_eq!(shop.report()["state"], "planned", "it is the backup");
    let kept = shop.folder.join(kept.iter().find(|name| name.ends_with('Z')).unwrap());
    let sent = crate::support::shop::words(
        &StoreUrl::Sqlite(kept),
        "SELECT CAST(count(*) AS TEXT) AS word FROM deliveries WHERE state = 'accepted'",
    );
    assert_eq!(sent, ["50"], "what stood there is kept");

    // The same as when it was done by hand.
    check_held(&shop, "the store was restored from a backup: it knows of 0 messages taken up for sending, and ");
    let left = shop.run(&["member", "show", "membre.00000@example.fr"]);
    assert!(left.contains("withdrawn"), "{left}");
    check_answered(&shop, &relay);
}

#[test]
fn a_backup_takes_the_place_of_a_store_that_is_lost_or_damaged() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 20, relay.port());
    let backup = shop.back_up();
    let name = backup.to_str().unwrap();
    for file in store_files(&shop) {
        fs::remove_file(shop.folder.join(file)).unwrap();
    }
    carillon(&shop.folder, &["db", "restore", name]).exits(0);
    // Nothing else than the command tells that it is a backup's.
    check_held(&shop, "the store was restored from a backup, as is noted in it");
    carillon(&shop.folder, &["mail", "resolve", "--latest"]).exits(1);

    let store = shop.folder.join("carillon.db");
    fs::write(&store, vec![0x5a; 40_000]).unwrap();
    let asked = carillon(&shop.folder, &["db", "restore", name]).exits(1);
    assert!(asked.stderr.contains("the store in its place cannot be read"), "{}", asked.stderr);
    carillon(&shop.folder, &["db", "restore", name, "--yes"]).exits(0);
    shop.run(&["db", "check"]);
    let looked_at = carillon(&shop.folder, &["doctor"]).stdout;
    assert!(looked_at.contains("backup") && !looked_at.contains("no copy was ever made"), "{looked_at}");
    assert_eq!(relay.count(), 0);
}

#[test]
fn what_is_no_whole_backup_is_not_put_back() {
    let shop = House::new(Backend::Sqlite, 200, 25);
    let backup = shop.back_up();
    let before = store_files(&shop);
    let refused = |file: &str, why: &str| {
        let said = carillon(&shop.folder, &["db", "restore", file, "--yes"]);
        assert_ne!(said.code, 0, "{file}");
        assert!(said.stderr.contains(why), "{file}: {}", said.stderr);
        assert_eq!(store_files(&shop), before, "{file}");
    };
    refused("carillon.db", "is the store itself");
    refused("none.db", "none.db");
    refused("carillon.toml", "cannot be put back");
    fs::write(shop.folder.join("empty"), "").unwrap();
    refused("empty", "there is nothing in it");
    let mut bytes = fs::read(&backup).unwrap();
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 8192].fill(0x5a);
    fs::write(shop.folder.join("damaged"), &bytes).unwrap();
    refused("damaged", "take an earlier backup");
    fs::write(shop.folder.join("cut"), &bytes[..half]).unwrap();
    refused("cut", "cut");
}

both!(a_store_that_was_put_back_by_other_means_waits_for_an_answer, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    let backup = shop.back_up();
    shop.run(&["member", "withdraw", "membre.00000@example.fr"]);
    shop.put_back(&backup);
    if !matches!(shop.fresh.url, StoreUrl::Sqlite(_)) {
        let told = carillon(&shop.folder, &["db", "restore", "backup"]).exits(1);
        assert!(told.stderr.contains("pg_restore --clean"), "{}", told.stderr);
    }
    let said = carillon(&shop.folder, &["db", "restore", "--done-elsewhere"]).exits(0);
    assert!(said.stdout.contains("`carillon mail resolve --restored`"), "{}", said.stdout);
    check_held(&shop, "the store was restored from a backup, as is noted in it");
    let left = shop.run(&["member", "show", "membre.00000@example.fr"]);
    assert!(left.contains("withdrawn"), "{left}");
    assert_eq!(relay.count(), 0);
});

/// What a backup would bring back of the account: the deliveries, their mailings and the counts.
const ACCOUNT: [&str; 3] = ["deliveries", "mailings", "store_facts"];

/// What a store says of its age.
fn age(store: &Store) -> StoreAge {
    let look = |db: &mut Db| {
        let report = StoreReport::of(db, None, None)?;
        identity::age(db, &report, None)
    };
    store.read_blocking(look).unwrap()
}

fn run(db: &mut Db, statement: &str) -> StoreResult<()> {
    match db {
        Db::Sqlite(conn) => diesel::sql_query(statement).execute(conn)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => diesel::sql_query(statement).execute(conn)?,
    };
    Ok(())
}

both!(a_store_put_back_under_a_running_daemon_sends_nothing_more, |backend| {
    let relay = Relay::start();
    let addresses: Vec<String> = (0..1_000).map(|n| format!("m{n}@example.fr")).collect();
    let world = World::new(backend, &addresses.iter().map(String::as_str).collect::<Vec<_>>());
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    set_by(&world.store, &ACCOUNT);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.drain(&dispatcher));
        relay.wait_for(40);
        put_back(&world.store, &ACCOUNT);
        assert_eq!(sending.join().unwrap(), None);
    });
    let sent = relay.count();
    assert!((40..1_000).contains(&sent), "{sent}");
    assert_eq!(world.plan().held.len(), 1);
    assert_eq!((world.drain(&dispatcher), relay.count()), (None, sent));
});

pub(crate) fn set_by(store: &Store, tables: &[&str]) {
    for table in tables {
        let copy = format!("CREATE TABLE old_{table} AS SELECT * FROM {table}");
        store.write_blocking(|db| run(db, &copy)).unwrap();
    }
}

/// As a restore within the same tables does: the place stays, the account is old.
pub(crate) fn put_back(store: &Store, tables: &[&str]) {
    let delete = |table: &&str| format!("DELETE FROM {table}");
    let insert = |table: &&str| format!("INSERT INTO {table} SELECT * FROM old_{table}");
    let statements: Vec<String> = tables.iter().map(delete).chain(tables.iter().rev().map(insert)).collect();
    store.write_blocking(|db| statements.iter().try_for_each(|statement| run(db, statement))).unwrap();
}

// Two machines on one store, each with a file of its own. Only one of them knows what the store has forgotten.
both!(what_one_daemon_has_counted_holds_the_others_too, |backend| {
    let relay = Relay::start();
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let (first, second) = (
        world.fresh.holds(),
        Holds::new(world.fresh.folder.path().join("second.sent"), world.fresh.departures(), Leeway::unlimited()),
    );
    let ask = |holds: &Holds| world.store.read_blocking(|db| holds.ask(db, world.clock.now())).unwrap();
    assert_eq!(ask(&second), [Hold::Store(Doubt::NoFile)]);
    let id = new_file_id().unwrap();
    let line = world.store.write_blocking(|db| identity::vouch(db, id)).unwrap();
    second.sent().replace(line).unwrap();
    assert_eq!((ask(&first), ask(&second)), (vec![], vec![]), "an answer holds for the other machine too");

    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    set_by(&world.store, &ACCOUNT);
    world.drain(&dispatcher);
    assert_eq!(relay.count(), 2);
    put_back(&world.store, &ACCOUNT);
    assert_eq!(ask(&first), [Hold::Store(Doubt::Forgot { stored: 0, marked: 2 })]);
    assert_eq!(ask(&second), []);
    assert_eq!(world.plan().held, ask(&first));
    assert_eq!(ask(&second), [Hold::Store(Doubt::Told)]);
});

/// A shop of 20 members whose announcement was sent, with a copy of its account from the middle in its place.
fn put_back_from_the_middle(backend: Backend, relay: &Relay) -> World {
    let addresses: Vec<String> = (0..20).map(|n| format!("slow-dot.{n}@example.fr")).collect();
    let world = World::new(backend, &addresses.iter().map(String::as_str).collect::<Vec<_>>());
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.drain(&dispatcher));
        relay.wait_for_commands("DATA", 1);
        set_by(&world.store, &ACCOUNT);
        relay.open();
        sending.join().unwrap();
    });
    assert_eq!((relay.count(), world.count("announcement", DeliveryState::Accepted)), (20, 20));
    assert_eq!(world.plan().held, []);
    put_back(&world.store, &ACCOUNT);
    assert_ne!(world.count("announcement", DeliveryState::Claimed), 0);
    world
}

// The count is that of what was claimed together: a copy from the middle of it has counted as much as the file.
both!(a_copy_from_the_middle_of_what_was_claimed_together_sends_nothing_more, |backend| {
    let relay = Relay::start();
    let world = put_back_from_the_middle(backend, &relay);
    assert_eq!(world.plan().held, [Hold::Store(Doubt::ForgotLatest)]);
    let dispatcher = world.dispatcher("two", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    assert_eq!((world.drain(&dispatcher), relay.count()), (None, 20));
});

// The last of what a machine recorded may be lost when it stops, and is no sign of a backup: what was claimed is in doubt.
both!(what_a_machine_lost_when_it_stopped_is_in_doubt_and_nobody_is_asked, |backend| {
    let relay = Relay::start();
    let world = put_back_from_the_middle(backend, &relay);
    run_sql(&world.fresh.url, "UPDATE store_facts SET value = 'another' WHERE name = 'witness'");
    assert_eq!(world.plan().held, []);
    assert_eq!(world.count("announcement", DeliveryState::Claimed), 0);
    let dispatcher = world.dispatcher("two", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    assert_eq!((world.drain(&dispatcher), relay.count()), (None, 20));
    assert_eq!(world.plan().held, []);
});

// On PostgreSQL a daemon may be writing down what it found while a person answers: the answer is the later word.
both!(what_was_found_before_an_answer_does_not_outlive_it, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let seen = age(&world.store);
    let id = new_file_id().unwrap();
    let line = world.store.write_blocking(|db| identity::vouch(db, id)).unwrap();
    world.fresh.holds().sent().replace(line).unwrap();
    world.store.write_blocking(|db| identity::tell_older(db, &seen)).unwrap();
    assert_eq!(world.plan().held, []);

    let seen = age(&world.store);
    world.store.write_blocking(|db| identity::tell_older(db, &seen)).unwrap();
    assert_eq!(world.plan().held, [Hold::Store(Doubt::Told)]);
});

/// A server that reports commits before they are on disk forgets, when it stops, what was sent.
#[cfg(feature = "postgres")]
#[test]
fn commits_wait_for_the_disk_whatever_the_server_says() {
    let (fresh, _) = crate::support::backend::Fresh::store(Backend::Postgres);
    let carillon::config::StoreUrl::Postgres(url) = &fresh.url else { panic!("{:?}", fresh.url) };
    let url = carillon::config::StoreUrl::Postgres(format!("{url}%20-csynchronous_commit%3Doff"));
    let store = Store::open(&url).unwrap();
    assert_eq!(store.read_blocking(|db| setting(db, "synchronous_commit")).unwrap(), "off");
    assert_eq!(store.write_blocking(|db| setting(db, "synchronous_commit")).unwrap(), "on");
}

/// Else a machine that sleeps in the middle of a transaction would keep from others what they are to go on with.
#[cfg(feature = "postgres")]
#[test]
fn a_transaction_of_which_the_server_hears_nothing_ends() {
    let (_fresh, store) = crate::support::backend::Fresh::store(Backend::Postgres);
    let wait = |db: &mut Db| setting(db, "idle_in_transaction_session_timeout");
    assert_eq!(store.write_blocking(wait).unwrap(), "15s");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(store.write_unsynced(wait)).unwrap(), "15s");
}

#[cfg(feature = "postgres")]
fn setting(db: &mut Db, name: &str) -> StoreResult<String> {
    use diesel::sql_types::Text;
    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        setting: String,
    }
    let Db::Postgres(conn) = db else { panic!("another store") };
    let query = diesel::sql_query("SELECT current_setting($1) AS setting").bind::<Text, _>(name);
    Ok(query.get_result::<Setting>(conn)?.setting)
}

/// A file that is no backup is named as such, and says nothing of the store.
#[test]
fn a_file_that_is_no_backup_is_not_put_back() {
    let shop = ShopFolder::initiated();
    shop.write("members.csv", "address,language\n");
    let refused = shop.run(&["db", "restore", "members.csv", "--yes"]).exits(1);
    assert!(refused.stderr.contains("cannot be put back: it is no backup of a store"), "{refused:?}");
    // What was written last says how old a backup is, whether or not a daemon ran.
    shop.run(&["db", "backup", "copy.db"]).exits(0);
    let asked = shop.run(&["db", "restore", "copy.db"]).exits(1);
    assert!(asked.stderr.contains("the backup is whole, and as of"), "{asked:?}");
}
