//! A fresh store for each test, on the backend that the test is written for.

use std::path::PathBuf;

use carillon::config::StoreUrl;
use carillon::db::catch_up::RecordLost;
use carillon::db::departures::DeparturesFile;
use carillon::db::leaving::{Ending, Leave, Leaver, Leaving};
use carillon::db::{Store, identity};
use carillon::member::{Cause, Method, Pseudonym};
use carillon::sending::holds::Holds;
use carillon::sending::sent_file::new_file_id;
use carillon::time_trust::Leeway;
use jiff::Timestamp;
use tempfile::TempDir;

/// A backend to test on.
#[derive(Clone, Copy, Debug)]
pub enum Backend {
    /// A file in a folder of its own.
    Sqlite,
    /// A schema of its own on the server named by `CARILLON_TEST_POSTGRES`.
    #[cfg(feature = "postgres")]
    Postgres,
}

/// A folder and a store in it (or, on PostgreSQL, beside it), both gone after the test.
pub struct Fresh {
    /// The folder.
    pub folder: TempDir,
    /// Where the store is.
    pub url: StoreUrl,
}

impl Fresh {
    /// An empty place: no file, or an empty schema.
    pub fn empty(backend: Backend) -> Self {
        let folder = TempDir::with_prefix("carillon-test-").unwrap();
        let url = match backend {
            Backend::Sqlite => StoreUrl::Sqlite(folder.path().join("carillon.db")),
            #[cfg(feature = "postgres")]
            Backend::Postgres => StoreUrl::Postgres(postgres::fresh_schema()),
        };
        Self { folder, url }
    }

    /// A store with this program's schema.
    pub fn store(backend: Backend) -> (Self, Store) {
        let fresh = Self::empty(backend);
        let (store, _) = Store::migrate(&fresh.url).unwrap();
        let id = new_file_id().unwrap();
        let line = store.write_blocking(|db| identity::vouch_if_new(db, id)).unwrap().unwrap();
        fresh.holds().sent().replace(line).unwrap();
        fresh.door(&store).settle_blocking([1; 32], id, Timestamp::UNIX_EPOCH, RecordLost::BeginAnew).unwrap();
        (fresh, store)
    }

    /// The file that counts what was handed over.
    pub fn sent(&self) -> PathBuf {
        self.folder.path().join("carillon.sent")
    }

    /// The record of departures.
    pub fn departures(&self) -> DeparturesFile {
        DeparturesFile::new(self.folder.path().join("carillon.departures"))
    }

    /// Where people leave the store.
    pub fn door(&self, store: &Store) -> Leaving {
        Leaving::new(store.clone(), self.departures(), "exemple", Leeway::unlimited())
    }

    /// A member leaves, or had left before.
    pub fn leave(&self, store: &Store, member: Pseudonym, cause: Cause, method: Method, at: Timestamp) -> Ending {
        let leave = Leave { cause, method, at };
        self.door(store).leave_blocking(&[Leaver::Member(member)], &leave).unwrap()[0]
    }

    /// What may keep a daemon on this store from sending, whatever the clock shows.
    pub fn holds(&self) -> Holds {
        Holds::new(self.sent(), self.departures(), Leeway::unlimited())
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::sync::atomic::{AtomicU32, Ordering};

    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};

    static COUNTER: AtomicU32 = AtomicU32::new(0);

    /// Makes a schema that no other test has, and returns a URL whose tables are looked up there.
    pub fn fresh_schema() -> String {
        let server = std::env::var("CARILLON_TEST_POSTGRES")
            .expect("CARILLON_TEST_POSTGRES names no server; `.ci/test` starts one and sets it");
        let name = format!("test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let mut conn = PgConnection::establish(&server).unwrap();
        conn.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name};")).unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        format!("{server}{joint}application_name={name}&options=-csearch_path%3D{name}")
    }
}

/// One test for each backend: `both!(name, |backend| { … })`.
macro_rules! both {
    ($name:ident, |$backend:ident| $body:block) => {
        mod $name {
            use super::*;

            fn check($backend: $crate::support::backend::Backend) $body

            #[test]
            fn sqlite() {
                check($crate::support::backend::Backend::Sqlite);
            }

            #[cfg(feature = "postgres")]
            #[test]
            fn postgres() {
                check($crate::support::backend::Backend::Postgres);
            }
        }
    };
}
pub(crate) use both;
