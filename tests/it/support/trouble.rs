//! What goes wrong with a store under a daemon: a full disk, a lock that somebody keeps, connections that end.

use carillon::config::StoreUrl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use rustix::process::{Resource, Rlimit, getrlimit, prlimit};

use super::house::{Daemon, House};
use super::shop::run_sql;

/// Lets no file of the daemon grow beyond `bytes`, as on a full disk.
pub fn limit_files(daemon: &Daemon, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(daemon.pid()), Resource::Fsize, limit).unwrap();
}

/// Lets the daemon have so many files open from now on, and says how many it could have. What is open stays open.
pub fn limit_descriptors(daemon: &Daemon, count: u64) -> u64 {
    let own = getrlimit(Resource::Nofile);
    let limit = Rlimit { current: Some(count), maximum: own.maximum };
    prlimit(Some(daemon.pid()), Resource::Nofile, limit).unwrap().current.unwrap()
}

/// Keeps the store locked until it is dropped, as a shell that was left open does.
pub struct StoreLock {
    sqlite: Option<SqliteConnection>,
    #[cfg(feature = "postgres")]
    postgres: Option<diesel::PgConnection>,
}

impl StoreLock {
    pub fn take(shop: &House) -> Self {
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

    pub fn is_held(&self) -> bool {
        #[cfg(feature = "postgres")]
        if self.postgres.is_some() {
            return true;
        }
        self.sqlite.is_some()
    }
}

/// A disk that is full: nothing more can be written about a delivery. Until it is dropped.
pub struct FullDisk<'a> {
    shop: &'a House,
    daemon: &'a Daemon,
}

impl<'a> FullDisk<'a> {
    pub fn under(shop: &'a House, daemon: &'a Daemon) -> Self {
        match shop.store().url() {
            StoreUrl::Sqlite(_) => limit_files(daemon, Some(1)),
            server @ StoreUrl::Postgres(_) => run_sql(
                server,
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \
                 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$; \
                 CREATE TRIGGER full_disk BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION full_disk()",
            ),
        }
        Self { shop, daemon }
    }
}

impl Drop for FullDisk<'_> {
    fn drop(&mut self) {
        match self.shop.store().url() {
            StoreUrl::Sqlite(_) => limit_files(self.daemon, None),
            server @ StoreUrl::Postgres(_) => run_sql(server, "DROP TRIGGER full_disk ON deliveries"),
        }
    }
}

/// Ends every connection that others have to this test's schema, as a restart of the server does.
#[cfg(feature = "postgres")]
pub fn end_connections(url: &str) {
    let mut conn = diesel::PgConnection::establish(url).unwrap();
    conn.batch_execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = \
         current_setting('application_name')",
    )
    .unwrap();
}
