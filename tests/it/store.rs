//! A store opened by a wrong, older or newer program says so and is left as it was.

use std::collections::BTreeSet;
use std::fs;

use carillon::config::StoreUrl;
use carillon::db::{Db, SchemaMismatch, Store, StoreError, StoreResult, audit, campaigns, gates, mailings};
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};
use serde_json::json;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::shop::run_sql;
use crate::support::world::World;
use crate::tidy;

#[track_caller]
fn refusal(url: &StoreUrl) -> SchemaMismatch {
    match Store::open(url) {
        Err(StoreError::Schema { mismatch, .. }) => mismatch,
        other => panic!("expected a refusal, got {other:?}"),
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
        action: audit::AuditAction::CampaignApplied,
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

both!(what_cannot_be_read_is_named_and_quoted, |backend| {
    type Read = fn(&mut Db) -> StoreResult<()>;
    let world = World::new(backend, &["camille@example.fr"]);
    let check = |spoilt: &str, read: Read, expected: &str| {
        run_sql(&world.fresh.url, &format!("UPDATE {spoilt}"));
        let said = world.store.read_blocking(read).unwrap_err().to_string();
        assert_eq!(said, format!("the store holds {expected}"), "{spoilt}");
    };
    let mailings: Read = |db| mailings::list(db, 1).map(drop);
    check("mailings SET state = 'sent'", mailings, "the state of a mailing that cannot be read: `sent`");
    check("mailings SET languages = '[fr]'", mailings, "a mailing's languages that cannot be read: `[fr]`");
    check("mailings SET kind = 'news'", mailings, "the kind of a mailing that cannot be read: `news`");
    let campaigns: Read = |db| campaigns::list(db).map(drop);
    check("campaigns SET schedule = '{}'", campaigns, "a schedule that cannot be read: `{}`");
    check("campaigns SET state = 'on'", campaigns, "the state of a campaign that cannot be read: `on`");
    let gates: Read = |db| gates::list(db).map(drop);
    check("campaigns SET schedule = '[]'", gates, "a schedule that cannot be read: `[]`");
    let audit: Read = |db| audit::list(db, None).map(drop);
    let end_of_time = "an instant that cannot be read: `9223372036854775807`";
    check("audit_log SET at = 9223372036854775807", audit, end_of_time);
});

/// A column as a backend has it.
#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    optional: bool,
}

/// What the backend's columns of `table` are, in the words of `src/db/schema.rs`.
fn columns(db: &mut Db, table: &str) -> StoreResult<BTreeSet<String>> {
    let sql = match db {
        Db::Sqlite(_) => format!(
            "SELECT name, upper(type) AS kind, \"notnull\" = 0 AND pk = 0 AS optional FROM pragma_table_info('{table}')"
        ),
        #[cfg(feature = "postgres")]
        Db::Postgres(_) => format!(
            "SELECT column_name::text AS name, upper(data_type::text) AS kind, is_nullable = 'YES' AS optional \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
    };
    let columns: Vec<Column> = diesel::sql_query(sql).load(db)?;
    let columns = columns.into_iter().map(|Column { name, kind, optional }| {
        // SQLite calls its row numbers INTEGER; they have 64 bits.
        let kind = match kind.as_str() {
            "INTEGER" if name == "id" || name == "seq" => "BIGINT",
            kind => kind,
        };
        if optional { format!("{name} {kind} NULL") } else { format!("{name} {kind}") }
    });
    Ok(columns.collect())
}

both!(the_program_knows_the_tables_as_they_are, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let known = fs::read_to_string(tidy::root().join("src/db/schema.rs")).unwrap();
    let tables: Vec<&str> =
        known.split("diesel::table! {").skip(1).map(|rest| rest.split("\n}").next().unwrap()).collect();
    assert!(tables.len() > 10);
    for table in tables {
        let name = table.lines().find_map(|line| line.strip_suffix(") {")?.split('(').next()).unwrap().trim();
        let known: BTreeSet<String> = table
            .lines()
            .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" -> "))
            .map(|(name, kind)| {
                let (plain, null) = match kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>')) {
                    Some(kind) => (kind, " NULL"),
                    None => (kind, ""),
                };
                let plain = match plain {
                    "BigInt" | "Instant" => "BIGINT",
                    "Integer" => "INTEGER",
                    "Text" | "Json" => "TEXT",
                    other => panic!("{name} is {other}"),
                };
                format!("{name} {plain}{null}")
            })
            .collect();
        assert_eq!(store.read_blocking(|db| columns(db, name)).unwrap(), known, "{name}");
    }
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
