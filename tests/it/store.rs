//! A store opened by a wrong, older or newer program says so and is left as it was.

use carillon::db::{SchemaMismatch, Store, StoreError, StoreUrl, audit};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;

use crate::support::backend::{Backend, Fresh, both};

#[track_caller]
fn refusal(url: &StoreUrl) -> SchemaMismatch {
    match Store::open(url) {
        Err(StoreError::Schema { mismatch, .. }) => mismatch,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn run_sql(url: &StoreUrl, sql: &str) {
    match url {
        StoreUrl::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(sql).unwrap();
        }
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => diesel::PgConnection::establish(url).unwrap().batch_execute(sql).unwrap(),
        #[cfg(not(feature = "postgres"))]
        StoreUrl::Postgres(_) => unreachable!(),
    }
}

both!(a_migrated_store_opens, |backend| {
    let fresh = Fresh::empty(backend);
    let (_, ran) = Store::migrate(&fresh.url).unwrap();
    assert!(!ran.is_empty());
    let (_, again) = Store::migrate(&fresh.url).unwrap();
    assert_eq!(again, Vec::<String>::new());
    Store::open(&fresh.url).unwrap();
});

both!(a_newer_store_is_refused, |backend| {
    let (fresh, _) = Fresh::store(backend);
    run_sql(&fresh.url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    assert_eq!(refusal(&fresh.url), SchemaMismatch::Newer { unknown: vec!["99990101000000".into()] });
    assert!(Store::migrate(&fresh.url).is_err());
});

both!(an_older_store_is_refused, |backend| {
    let (fresh, _) = Fresh::store(backend);
    run_sql(&fresh.url, "DELETE FROM __diesel_schema_migrations WHERE version = '00000000000001'");
    assert_eq!(refusal(&fresh.url), SchemaMismatch::Older { missing: vec!["00000000000001".into()] });
});

both!(a_foreign_store_is_refused, |backend| {
    let fresh = Fresh::empty(backend);
    if let StoreUrl::Sqlite(path) = &fresh.url {
        std::fs::write(path, b"").unwrap();
    }
    assert_eq!(refusal(&fresh.url), SchemaMismatch::Empty);
    run_sql(&fresh.url, "CREATE TABLE orders (id INTEGER)");
    assert_eq!(refusal(&fresh.url), SchemaMismatch::Foreign);
    assert!(Store::migrate(&fresh.url).is_err());
});

#[test]
fn a_missing_file_is_not_made_by_opening() {
    let fresh = Fresh::empty(Backend::Sqlite);
    assert!(matches!(Store::open(&fresh.url), Err(StoreError::Unreachable { .. })));
    assert_eq!(fresh.folder.path().read_dir().unwrap().count(), 0);
}

both!(a_transaction_that_fails_leaves_nothing, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let entry = audit::AuditEntry {
        at: "2027-01-02T07:00:00Z".parse().unwrap(),
        who: "camille".into(),
        action: "campaign.applied".into(),
        object: "hiver".into(),
        detail: json!({ "revision": 1 }),
    };
    let failed: Result<(), StoreError> = store.write_blocking(|db| {
        audit::record(db, &entry)?;
        Err(StoreError::Conflict)
    });
    assert!(failed.is_err());
    assert_eq!(store.read_blocking(|db| audit::list(db, None)).unwrap(), []);
    store.write_blocking(|db| audit::record(db, &entry)).unwrap();
    assert_eq!(store.read_blocking(|db| audit::list(db, Some("hiver"))).unwrap(), [entry]);
});

#[test]
fn a_second_daemon_is_kept_out() {
    let (fresh, mut first) = Fresh::store(Backend::Sqlite);
    first.lock_for_daemon().unwrap();
    let mut second = Store::open(&fresh.url).unwrap();
    assert!(matches!(second.lock_for_daemon(), Err(StoreError::Locked { .. })));
    drop(first);
    second.lock_for_daemon().unwrap();
}
