//! Consent in the store: the ledger, the members' rows and the suppression list move together, on both stores.

use carillon::config::StoreUrl;
use carillon::db::catch_up::gap_to;
use carillon::db::imports::{ImportTerms, Imported, import};
use carillon::db::leaving::{Ending, Leave};
use carillon::db::ledger::{self, FirstBad};
use carillon::db::members;
use carillon::db::{Db, Store, expiry, suppressions};
use carillon::keys::Keyring;
use carillon::member::{
    Action, Address, BrokenLine, Capture, Cause, Consent, Evidence, Fingerprint, Head, Language, Lifetime, Method,
    NewEvent, Pseudonym, Pseudonyms, replay,
};
use diesel::RunQueryDsl;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::backend::{Backend, Fresh, both};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T12:00:00Z")
}

fn terms() -> ImportTerms {
    ImportTerms::new("exemple", Lifetime::months(24), Keyring::generate([7; 32]))
}

fn evidence(address: &str, confirmed_at: &str) -> Evidence {
    Evidence {
        address: address.parse().unwrap(),
        language: Language::Fr,
        confirmed_at: at(confirmed_at),
        wording: "Je souhaite recevoir les avant-premières par courriel.".into(),
        source: "form-7".into(),
        capture: Capture::WebForm,
        form_version: None,
    }
}

/// Imports rows under a seed that follows from their number, and says what became of them.
fn bring(store: &Store, rows: &[Evidence]) -> Vec<Imported> {
    let seed = u8::try_from(store.read_blocking(members::count_by_consent).unwrap().len()).unwrap();
    let pseudonyms = Pseudonyms::from_seed([seed.wrapping_mul(31).wrapping_add(u8::try_from(rows.len()).unwrap()); 32]);
    store.write_blocking(|db| import(db, rows, &terms(), pseudonyms.clone(), now(), false)).unwrap()
}

fn fingerprints(address: &str) -> Vec<Fingerprint> {
    Fingerprint::all(&terms().keyring, &address.parse::<Address>().unwrap())
}

fn member(store: &Store, address: &str) -> members::Member {
    store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints(address))).unwrap().unwrap()
}

fn happened(store: &Store, pseudonym: Pseudonym, second: i64, action: Action, method: Method) -> NewEvent {
    let member = store.read_blocking(|db| members::find(db, &pseudonym)).unwrap().unwrap();
    let at = Timestamp::from_second(second).unwrap();
    NewEvent::new((action, method), (pseudonym, member.fingerprint), "exemple", "test", at)
}

fn sql(store: &Store, statement: &str) {
    store
        .write_blocking(|db| {
            match db {
                Db::Sqlite(conn) => diesel::sql_query(statement).execute(conn)?,
                #[cfg(feature = "postgres")]
                Db::Postgres(conn) => diesel::sql_query(statement).execute(conn)?,
            };
            Ok(())
        })
        .unwrap();
}

both!(an_import_is_idempotent_and_takes_newer_evidence, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let rows = [evidence("a@example.fr", "2026-03-01T10:00:00Z"), evidence("b@example.fr", "2026-03-02T10:00:00Z")];
    assert_eq!(bring(&store, &rows), [Imported::Accepted; 2]);
    assert_eq!(bring(&store, &rows), [Imported::Known; 2]);
    let mixed = [
        evidence("A@Example.fr", "2026-05-01T10:00:00Z"),
        evidence("b@example.fr", "2025-01-01T10:00:00Z"),
        evidence("c@example.fr", "2026-03-02T10:00:00.123456789Z"),
    ];
    assert_eq!(bring(&store, &mixed), [Imported::Refreshed, Imported::Known, Imported::Accepted]);
    assert_eq!(bring(&store, &mixed), [Imported::Known; 3]);
    let refreshed = member(&store, "a@example.fr");
    assert_eq!(refreshed.consent_since, at("2026-03-01T10:00:00Z"));
    assert_eq!(refreshed.expires_at, Some(at("2028-05-01T10:00:00Z")));
    let head = store.read_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap().unwrap();
    assert_eq!(head.seq, 4);
    let events = store.read_blocking(|db| ledger::events_of(db, &refreshed.pseudonym)).unwrap();
    let text = events[0].what.text_version.unwrap();
    let body = store.read_blocking(|db| ledger::text(db, &text)).unwrap().unwrap();
    assert_eq!(body, "Je souhaite recevoir les avant-premières par courriel.");
});

both!(a_dry_import_changes_nothing, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let rows = [evidence("a@example.fr", "2026-03-01T10:00:00Z")];
    let pseudonyms = Pseudonyms::from_seed([1; 32]);
    let said = store.write_blocking(|db| import(db, &rows, &terms(), pseudonyms.clone(), now(), true)).unwrap();
    assert_eq!(said, [Imported::Accepted]);
    assert_eq!(store.read_blocking(ledger::head).unwrap(), Head::EMPTY);
    assert_eq!(store.read_blocking(members::count_by_consent).unwrap(), []);
});

both!(withdrawal_wins, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let row = evidence("a@example.fr", "2026-03-01T10:00:00Z");
    bring(&store, std::slice::from_ref(&row));
    let who = member(&store, "a@example.fr").pseudonym;
    let eligible = || store.read_blocking(|db| members::count_eligible(db, now())).unwrap();
    assert_eq!(eligible(), 1);
    let withdraw = |method: Method| fresh.leave(&store, who, Cause::Withdrawn, method, now());
    assert_eq!(withdraw(Method::OneClickPost), Ending::Done);
    assert_eq!(eligible(), 0, "it holds at once");
    assert_eq!(withdraw(Method::PagePost), Ending::Already);
    assert_eq!(store.read_blocking(ledger::head).unwrap().seq, 2, "asking again adds nothing");
    let bar = store.read_blocking(|db| suppressions::find(db, &fingerprints("A@EXAMPLE.fr"))).unwrap().unwrap();
    assert_eq!((bar.cause, bar.since), (Cause::Withdrawn, now()));
    // No import undoes it: not the same row, not a newer one, not one in other letters, not without the list's row.
    for confirmed_at in ["2026-03-01T10:00:00Z", "2026-11-23T11:59:59Z"] {
        for address in ["a@example.fr", "A@EXAMPLE.FR"] {
            let outcome = bring(&store, &[evidence(address, confirmed_at)]);
            assert!(matches!(outcome[..], [Imported::Barred(_)]), "{outcome:?}");
        }
    }
    sql(&store, "DELETE FROM suppressions");
    assert!(matches!(bring(&store, &[row])[..], [Imported::Barred(_)]));
    assert_eq!(eligible(), 0);
    // Nobody of the shop undoes it either; the mailbox's owner does.
    let later = now().as_second() + 60;
    for method in [Method::Staff("camille".into()), Method::PagePost] {
        let event = happened(&store, who, later, Action::Confirmed, method);
        store.write_blocking(|db| carillon::db::consent::append(db, event.clone(), terms().lifetime, now())).unwrap();
        assert_eq!(eligible(), 0);
    }
    let event = happened(&store, who, later, Action::Confirmed, Method::DoubleOptinPost);
    store.write_blocking(|db| carillon::db::consent::append(db, event.clone(), terms().lifetime, now())).unwrap();
    assert_eq!(eligible(), 1);
    assert_eq!(store.read_blocking(suppressions::count).unwrap(), 0);
});

both!(an_unknown_member_cannot_withdraw, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let nobody = Pseudonym::from_random([9; 16]);
    let ending = fresh.leave(&store, nobody, Cause::Withdrawn, Method::OneClickPost, now());
    assert_eq!(ending, Ending::Unknown);
    assert_eq!(store.read_blocking(ledger::head).unwrap(), Head::EMPTY);
});

both!(a_suppressed_or_old_consent_is_not_eligible, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    bring(
        &store,
        &[evidence("a@example.fr", "2026-03-01T10:00:00Z"), evidence("b@example.fr", "2026-04-01T10:00:00Z")],
    );
    let eligible = |when: &str| store.read_blocking(|db| members::count_eligible(db, at(when))).unwrap();
    assert_eq!(eligible("2028-03-01T09:59:59Z"), 2);
    assert_eq!(eligible("2028-03-01T10:00:00Z"), 1);
    let b = member(&store, "b@example.fr");
    sql(
        &store,
        &format!("INSERT INTO suppressions VALUES ('{}', '{}', 'objected', 0)", b.fingerprint, b.fingerprint.key()),
    );
    assert_eq!(eligible("2026-12-01T00:00:00Z"), 1, "a row of the list is enough");
    let expired = |when: &str| store.write_blocking(|db| expiry::expire_due(db, at(when), 100)).unwrap();
    assert_eq!(expired("2028-03-01T09:59:59Z"), 0);
    assert_eq!(expired("2028-03-01T10:00:00Z"), 1);
    let a = member(&store, "a@example.fr");
    assert_eq!((a.consent, a.address), (Consent::Expired, None));
});

both!(a_changed_ledger_is_noticed, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let rows: Vec<Evidence> = (0..5).map(|n| evidence(&format!("m{n}@example.fr"), "2026-03-01T10:00:00Z")).collect();
    bring(&store, &rows);
    let verify = || store.read_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap();
    let whole = verify().unwrap();
    assert_eq!(whole.seq, 5);
    sql(&store, "UPDATE consent_events SET source = 'form-8' WHERE seq = 3");
    assert_eq!(verify(), Err(FirstBad { seq: 3, broken: BrokenLine::Changed }));
    sql(&store, "UPDATE consent_events SET source = 'form-7' WHERE seq = 3");
    assert_eq!(verify(), Ok(whole));
    sql(&store, "UPDATE consent_events SET action = 'Confirmed' WHERE seq = 4");
    assert_eq!(verify(), Err(FirstBad { seq: 4, broken: BrokenLine::Unreadable }));
    sql(&store, "DELETE FROM consent_events WHERE seq = 2");
    assert_eq!(verify(), Err(FirstBad { seq: 3, broken: BrokenLine::Gap }));
});

both!(the_members_rows_follow_from_the_ledger, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let methods = [
        Method::DoubleOptinPost,
        Method::OneClickPost,
        Method::PagePost,
        Method::Arf,
        Method::Dsn,
        Method::Staff("camille".into()),
        Method::Import(Capture::WebForm),
    ];
    let step =
        (0_usize..3, 0_i64..50, prop::sample::select(Action::ALL.to_vec()), prop::sample::select(methods.to_vec()));
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let round = std::cell::Cell::new(0);
    runner
        .run(&prop::collection::vec(step, 1..14), |steps| {
            round.set(round.get() + 1);
            let addresses = [0, 1, 2].map(|n| format!("m{n}-{}@example.fr", round.get()));
            let rows: Vec<Evidence> =
                addresses.iter().map(|address| evidence(address, "2026-03-01T10:00:00Z")).collect();
            let seed = Pseudonyms::from_seed([round.get(); 32]);
            store.write_blocking(|db| import(db, &rows, &terms(), seed.clone(), now(), false)).unwrap();
            for (n, second, action, method) in steps {
                let who = member(&store, &addresses[n]).pseudonym;
                let base = at("2026-03-01T10:00:00Z").as_second() - 10;
                let event = happened(&store, who, base + second, action, method);
                store
                    .write_blocking(|db| carillon::db::consent::append(db, event.clone(), terms().lifetime, now()))
                    .unwrap();
            }
            for address in &addresses {
                let row = member(&store, address);
                let events = store.read_blocking(|db| ledger::events_of(db, &row.pseudonym)).unwrap();
                let state = replay(events.iter().map(|event| &event.what)).unwrap();
                prop_assert_eq!(row.consent, state.consent);
                prop_assert_eq!(row.consent_since, state.since);
                prop_assert_eq!(row.expires_at, state.expires_at(terms().lifetime));
                let bar = store.read_blocking(|db| suppressions::find(db, &[row.fingerprint])).unwrap();
                prop_assert_eq!(bar, state.bar);
            }
            Ok(())
        })
        .unwrap();
    let rebuild = || fresh.door(&store).rebuild_blocking(terms().lifetime, [5; 32], Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(rebuild(), 0, "the rows say what the ledger says");
    let before = store.read_blocking(|db| members::list(db, None, 0, 1_000)).unwrap();
    sql(&store, "UPDATE members SET consent = 'confirmed', expires_at = NULL");
    sql(&store, "DELETE FROM suppressions");
    assert!(rebuild() > 0);
    assert_eq!(store.read_blocking(|db| members::list(db, None, 0, 1_000)).unwrap(), before);
    assert!(store.read_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap().is_ok());
});

both!(writers_at_once_make_one_chain, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let addresses: Vec<String> = (0..40).map(|n| format!("m{n}@example.fr")).collect();
    let rows: Vec<Evidence> = addresses.iter().map(|address| evidence(address, "2026-03-01T10:00:00Z")).collect();
    bring(&store, &rows);
    std::thread::scope(|scope| {
        for half in addresses.chunks(10) {
            let (fresh, store) = (&fresh, &store);
            scope.spawn(move || {
                for address in half {
                    let who = member(store, address).pseudonym;
                    fresh.leave(store, who, Cause::Withdrawn, Method::OneClickPost, now());
                }
            });
        }
    });
    let head = store.read_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap().unwrap();
    assert_eq!(head.seq, 80);
    assert_eq!(store.read_blocking(|db| gap_to(db, &fresh.departures())).unwrap(), None, "the record says the same");
});

/// Whether the bytes of `needle` are in any file of the store, in whatever case.
fn is_in_a_file(fresh: &Fresh, needle: &str) -> bool {
    let needle = needle.to_ascii_lowercase().into_bytes();
    fresh.folder.path().read_dir().unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn erased_is_gone() {
    let (fresh, store) = Fresh::store(Backend::Sqlite);
    // Many members of uneven lengths, changed many times, so that rows move between pages and pages are reused.
    let address = |n: usize| format!("member-{n}-{}@example.fr", "x".repeat(n % 37));
    for chunk in (0..600).collect::<Vec<usize>>().chunks(100) {
        let rows: Vec<Evidence> = chunk.iter().map(|n| evidence(&address(*n), "2026-03-01T10:00:00Z")).collect();
        let seed = Pseudonyms::from_seed([u8::try_from(chunk[0] / 100).unwrap(); 32]);
        store.write_blocking(|db| import(db, &rows, &terms(), seed.clone(), now(), false)).unwrap();
    }
    for n in (0..600).step_by(3) {
        let who = member(&store, &address(n)).pseudonym;
        fresh.leave(&store, who, Cause::Withdrawn, Method::OneClickPost, now());
    }
    // Consents run out, addresses go, and come back with newer acts: rows shrink and grow in the middle of full pages.
    let later = at("2028-03-02T00:00:00Z");
    assert_eq!(store.write_blocking(|db| expiry::expire_due(db, later, 1_000)).unwrap(), 400);
    let back: Vec<Evidence> =
        (0..600).filter(|n| n % 3 == 1).map(|n| evidence(&address(n), "2026-11-01T10:00:00Z")).collect();
    let seed = Pseudonyms::from_seed([99; 32]);
    let outcomes = store.write_blocking(|db| import(db, &back, &terms(), seed.clone(), now(), false)).unwrap();
    assert_eq!(outcomes, [Imported::Returned; 200]);
    assert!(is_in_a_file(&fresh, "member-"));
    for n in (0..600).rev() {
        let who = member(&store, &address(n)).pseudonym;
        let leave = Leave { cause: Cause::Erased, method: Method::Staff("camille".into()), at: now() };
        assert_eq!(fresh.door(&store).erase_blocking(&who, &leave, "camille").unwrap(), Ending::Done);
        if n % 60 == 0 {
            store.scrub_blocking().unwrap();
            assert!(!is_in_a_file(&fresh, &address(n)), "{n}");
        }
    }
    store.scrub_blocking().unwrap();
    assert!(!is_in_a_file(&fresh, "member-"), "no table, no free page, no write-ahead log holds an address");
    // Proof and suppression are still there, and the address does not come back by a file.
    let gone = member(&store, &address(7));
    assert_eq!((gone.consent, gone.address), (Consent::Erased, None));
    let outcome = bring(&store, &[evidence(&address(7), "2026-11-01T10:00:00Z")]);
    assert!(matches!(outcome[..], [Imported::Barred(bar)] if bar.cause == Cause::Erased), "{outcome:?}");
    assert!(store.read_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap().is_ok());
    assert!(matches!(fresh.url, StoreUrl::Sqlite(_)));
}
