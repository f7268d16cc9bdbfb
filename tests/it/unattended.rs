//! The daemon left alone, the real binary: a store that cannot be written is told at once and in more than the log, and is
//! got over without anybody.

use carillon::config::StoreUrl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use rustix::process::{Resource, Rlimit, prlimit};
use serde_json::Value;

use crate::support::backend::{Backend, both};
use crate::support::house::{Daemon, House, wait_for};
use crate::support::relay::Relay;

/// A shop with a paused campaign, whose daemon has nothing to do, and its relay.
fn quiet(backend: Backend) -> (House, Relay, Daemon) {
    let relay = Relay::start();
    let shop = House::new(backend, 5, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    wait_for(|| shop.get("/ready").starts_with("HTTP/1.1 200"));
    (shop, relay, daemon)
}

/// Lets no file of the daemon grow beyond `bytes`, as on a full disk.
fn limit_files(daemon: &Daemon, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(daemon.pid()), Resource::Fsize, limit).unwrap();
}

/// The problems that were ever of this kind, as `problem list` shows them.
fn history(shop: &House, kind: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(&shop.run(&["problem", "list", "--all", "--json"])).unwrap();
    all.into_iter().filter(|problem| problem["kind"] == kind).collect()
}

/// The announcement goes out once the campaign is resumed, to each member once.
#[track_caller]
fn check_that_it_goes_on(shop: &House, relay: &Relay, daemon: Daemon) {
    wait_for(|| shop.get("/ready").starts_with("HTTP/1.1 200"));
    shop.wait_until_finished();
    assert_eq!(shop.count("accepted"), 5);
    let mut recipients = relay.recipients();
    recipients.sort();
    let sent = recipients.len();
    recipients.dedup();
    assert_eq!((sent, recipients.len()), (5, 5), "nobody is written to twice");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_full_disk_at_a_quiet_hour_is_told_and_got_over() {
    let (shop, relay, daemon) = quiet(Backend::Sqlite);
    limit_files(&daemon, Some(1));
    // The next heartbeat is a write.
    wait_for(|| shop.get("/ready").contains("store-unwritable: the store cannot be written"));
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"), "the gates go on");
    // Its time has come, and nothing can be recorded: nothing is sent.
    shop.run(&["campaign", "resume", "hiver"]);
    wait_for(|| shop.get("/ready").contains("store-unwritable"));
    assert_eq!(relay.recipients(), Vec::<String>::new());
    assert_eq!(history(&shop, "store-unwritable"), Vec::<Value>::new(), "the store cannot know");
    limit_files(&daemon, None);
    check_that_it_goes_on(&shop, &relay, daemon);
    let known = history(&shop, "store-unwritable");
    assert!(known.len() == 1 && known[0]["until"].is_string(), "{known:?}");
    let log = shop.log();
    assert!(log.contains("the store cannot be written: "), "{log}");
    assert!(log.contains("this problem is over: the store cannot be written"), "{log}");
}

/// Keeps the store locked until it is dropped, as a shell that was left open does.
struct Lock {
    sqlite: Option<SqliteConnection>,
    #[cfg(feature = "postgres")]
    postgres: Option<diesel::PgConnection>,
}

impl Lock {
    fn take(shop: &House) -> Self {
        match shop.store().url() {
            StoreUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE").unwrap();
                Self {
                    sqlite: Some(conn),
                    #[cfg(feature = "postgres")]
                    postgres: None,
                }
            }
            #[cfg(feature = "postgres")]
            StoreUrl::Postgres(url) => {
                let mut conn = diesel::PgConnection::establish(url).unwrap();
                conn.batch_execute("BEGIN; LOCK TABLE store_facts, mailings, problems IN ACCESS EXCLUSIVE MODE")
                    .unwrap();
                Self { sqlite: None, postgres: Some(conn) }
            }
            #[cfg(not(feature = "postgres"))]
            StoreUrl::Postgres(_) => unreachable!(),
        }
    }

    fn is_held(&self) -> bool {
        #[cfg(feature = "postgres")]
        if self.postgres.is_some() {
            return true;
        }
        self.sqlite.is_some()
    }
}

both!(a_locked_store_is_told_and_got_over, |backend| {
    let (shop, relay, daemon) = quiet(backend);
    let lock = Lock::take(&shop);
    assert!(lock.is_held());
    wait_for(|| shop.get("/ready").contains("store-locked: another program keeps the store locked"));
    drop(lock);
    shop.run(&["campaign", "resume", "hiver"]);
    check_that_it_goes_on(&shop, &relay, daemon);
    let log = shop.log();
    assert!(log.contains("another program keeps the store locked"), "{log}");
    assert!(log.contains("this problem is over"), "{log}");
});
