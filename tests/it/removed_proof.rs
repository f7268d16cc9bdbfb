//! Proof that has served its time goes, and leaves stubs in the chain: what goes and what stays, and that nobody can hide a line
//! behind a stub.

use std::collections::BTreeMap;

use carillon::config::{StoreUrl, load_keyring};
use carillon::db::anchors::LedgerAnchors;
use carillon::db::audit::{self, AuditAction};
use carillon::db::departures::DeparturesFile;
use carillon::db::imports::{ImportTerms, Imported, import};
use carillon::db::leaving::{Leave, Leaver, Leaving};
use carillon::db::ledger::{self, FirstBad};
use carillon::db::proof::{self, Found};
use carillon::db::retention::{self, Ahead, ProofClock, ProofGone};
use carillon::db::{Store, consent, erasure, expiry, members, signups, suppressions};
use carillon::delivery::state::DeliveryEvent;
use carillon::keys::{Keyring, Sha256Digest};
use carillon::member::retention::{Periods, RetentionClock, end_of_proof, proof_portion};
use carillon::member::{
    Action, BrokenLine, Capture, Cause, Consent, Event, Evidence, Fingerprint, Head, Language, Lifetime, Method,
    NewEvent, Pseudonyms, SignUp,
};
use carillon::time_trust::Leeway;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::backend::{Backend, Fresh, both};
use crate::support::house::{House, wait_for};
use crate::support::shop::{run_sql, words};
use crate::support::world::{ANNOUNCED, World};

const MICRO: SignedDuration = SignedDuration::from_micros(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

const WORDING: &str = "Je souhaite recevoir les avant-premières par courriel.";
const OTHER: &str = "Oui, anna@example.fr souhaite recevoir les avant-premières.";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A store, and what is needed to bring people in, let them leave, and remove their proof.
struct Shop {
    fresh: Fresh,
    store: Store,
    keyring: Keyring,
    leaving: Leaving,
}

impl Shop {
    fn new(backend: Backend) -> Self {
        let (fresh, store) = Fresh::store(backend);
        let leaving = fresh.door(&store);
        Self { fresh, store, keyring: Keyring::generate([7; 32]), leaving }
    }

    fn clock(&self) -> ProofClock {
        ProofClock::new(self.keyring.clone())
    }

    fn terms(&self) -> ImportTerms {
        ImportTerms::new("exemple", Lifetime::months(24), self.keyring.clone())
    }

    /// Imports somebody who agreed at `confirmed_at`, a day after.
    fn join(&self, name: &str, wording: &str, confirmed_at: &str) -> Imported {
        let evidence = Evidence {
            address: format!("{name}@example.fr").parse().unwrap(),
            language: Language::Fr,
            confirmed_at: at(confirmed_at),
            wording: wording.into(),
            source: "form-7".into(),
            capture: Capture::WebForm,
            form_version: None,
        };
        let seed = Sha256Digest::of(format!("{name} {confirmed_at}").as_bytes());
        let pseudonyms = Pseudonyms::from_seed(*seed.as_bytes());
        let now = at(confirmed_at) + DAY;
        let import =
            |db: &mut _| import(db, std::slice::from_ref(&evidence), &self.terms(), pseudonyms.clone(), now, false);
        self.store.write_blocking(import).unwrap()[0]
    }

    fn fingerprints(&self, name: &str) -> Vec<Fingerprint> {
        Fingerprint::all(&self.keyring, &format!("{name}@example.fr").parse().unwrap())
    }

    fn find(&self, name: &str) -> Option<members::Member> {
        let fingerprints = self.fingerprints(name);
        self.store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints)).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<Event> {
        let member = self.find(name).unwrap();
        self.store.read_blocking(|db| ledger::events_of(db, &member.pseudonym)).unwrap()
    }

    fn leave(&self, name: &str, cause: Cause, when: &str) {
        let fresh = Pseudonyms::from_seed(*Sha256Digest::of(name.as_bytes()).as_bytes()).draw();
        let leaver = Leaver::Address { fingerprints: self.fingerprints(name), fresh };
        let leave = Leave { cause, method: Method::PagePost, at: at(when) };
        self.leaving.leave_blocking(&[leaver], &leave).unwrap();
    }

    /// The owner of the mailbox comes back.
    fn come_back(&self, name: &str, when: &str) {
        let member = self.find(name).unwrap();
        let how = (Action::Confirmed, Method::DoubleOptinPost);
        let what = NewEvent::new(how, (member.pseudonym, member.fingerprint), "exemple", "join", at(when));
        let append = |db: &mut _| consent::append(db, what.clone(), Lifetime::months(24), at(when));
        self.store.write_blocking(append).unwrap();
    }

    fn expire(&self, when: &str) -> u64 {
        self.store.write_blocking(|db| expiry::expire_due(db, at(when), 1_000)).unwrap()
    }

    /// The rows, above `after`, of people whose proof may be due.
    fn next(&self, after: i64, now: Timestamp) -> Vec<i64> {
        self.store.read_blocking(|db| self.clock().next(db, after, now)).unwrap()
    }

    /// Removes the proof of those with these rows.
    fn remove_of(&self, rows: &[i64], now: Timestamp) -> ProofGone {
        let clock = self.clock();
        self.store.write_blocking(|db| clock.remove(db, Periods::default(), rows, now)).unwrap()
    }

    /// Removes what the day allows.
    fn remove(&self, now: Timestamp) -> ProofGone {
        self.remove_of(&self.next(0, now), now)
    }

    /// Lets as many days pass as it takes until nothing more is due, and says how many lines went.
    fn remove_all(&self, from: &str) -> u64 {
        let days = (0..100).map(|day| self.remove(at(from) + DAY * day));
        days.take_while(|gone| gone.people > 0).map(|gone| gone.lines).sum()
    }

    fn ahead(&self, now: Timestamp) -> Ahead {
        let (clock, periods) = (self.clock(), Periods::default());
        let ahead = |db: &mut _| retention::ahead(db, RetentionClock::Proof, periods, &clock, now);
        self.store.read_blocking(ahead).unwrap()
    }

    fn verify(&self) -> Result<Head, FirstBad> {
        self.store.snapshot_blocking(|db| ledger::verify(db, &self.keyring)).unwrap()
    }

    /// How many lines have left a stub.
    fn stubs(&self) -> u64 {
        self.store.read_blocking(ledger::removed).unwrap().map_or(0, |removed| removed.lines)
    }

    /// The chain is whole, and everything beside it follows from it.
    #[track_caller]
    fn is_whole(&self) -> Head {
        let mut found = Found::default();
        let verify = |db: &mut _| proof::verify(db, &self.keyring, Lifetime::months(24), &mut found);
        self.store.snapshot_blocking(verify).unwrap();
        assert_eq!(found, Found::default());
        self.verify().unwrap()
    }

    fn sql(&self, statements: &str) {
        run_sql(&self.fresh.url, statements);
    }

    fn noted(&self) -> Vec<Value> {
        let entries = self.store.read_blocking(|db| audit::list(db, Some("proof"))).unwrap();
        assert!(entries.iter().all(|entry| entry.action == AuditAction::RetentionRan && entry.who == "daemon"));
        entries.into_iter().map(|entry| entry.detail).collect()
    }
}

/// One whose consent ran out, one who left, one who left, came back and left again, a stranger who opted out, and a member.
fn lived_in(backend: Backend) -> Shop {
    let shop = Shop::new(backend);
    for name in ["anna", "bela", "dora"] {
        assert_eq!(shop.join(name, WORDING, "2026-03-01T10:00:00Z"), Imported::Accepted);
    }
    shop.leave("bela", Cause::Withdrawn, "2026-12-01T10:00:00Z");
    shop.leave("dora", Cause::Complained, "2027-01-01T10:00:00Z");
    shop.come_back("dora", "2027-02-01T10:00:00Z");
    shop.leave("dora", Cause::Withdrawn, "2027-03-01T10:00:00Z");
    shop.leave("stranger", Cause::Objected, "2027-04-01T10:00:00Z");
    assert_eq!(shop.expire("2028-03-01T10:00:00Z"), 1);
    shop.join("carla", WORDING, "2032-06-01T10:00:00Z");
    shop
}

/// When the proof of all but the member has served its time.
const SERVED: &str = "2033-03-01T10:00:00Z";

both!(proof_goes_after_five_years_and_the_ledger_is_whole, |backend| {
    let shop = lived_in(backend);
    let head = shop.is_whole();
    let first = end_of_proof(at("2026-12-01T10:00:00Z"));
    assert_eq!(shop.ahead(first - MICRO), Ahead { due: 0, today: 0, next_at: Some(first), next: 1 });
    assert_eq!(shop.next(0, first - MICRO), [] as [i64; 0]);
    let all: Vec<i64> = ["anna", "bela", "dora", "carla"].iter().map(|name| shop.find(name).unwrap().id).collect();
    assert_eq!(shop.remove_of(&all, first - MICRO), ProofGone::default());
    let next_at = Some(at("2032-03-01T10:00:00Z"));
    assert_eq!(shop.ahead(first), Ahead { due: 1, today: 1, next_at, next: 1 });
    assert_eq!(shop.ahead(at(SERVED) - MICRO).due, 2, "who left; the one whose consent ran out is due now");
    assert_eq!(shop.ahead(at(SERVED)), Ahead { due: 3, today: 1, ..Ahead::default() });
    // One person a day: a hundredth of the members, at least one.
    assert_eq!(shop.next(0, at(SERVED)), all[..1]);
    assert_eq!(shop.remove_of(&all, at(SERVED)), ProofGone { people: 1, lines: 2 });
    assert_eq!((shop.next(0, at(SERVED)), shop.remove_of(&all, at(SERVED))), (vec![], ProofGone::default()));
    assert_eq!(shop.remove(at(SERVED) + DAY), ProofGone { people: 1, lines: 1 });
    assert_eq!(shop.remove(at(SERVED) + DAY * 2), ProofGone { people: 1, lines: 3 });
    assert_eq!(shop.next(0, at(SERVED) + DAY * 3), [] as [i64; 0]);
    assert_eq!(shop.remove_of(&all, at(SERVED) + DAY * 3), ProofGone::default());
    assert_eq!(shop.ahead(at(SERVED) + DAY * 9), Ahead::default());

    assert_eq!(shop.is_whole(), head);
    assert_eq!(shop.store.read_blocking(ledger::head).unwrap(), head);
    let removed = shop.store.read_blocking(ledger::removed).unwrap().unwrap();
    assert_eq!(removed.words(), "6 of them were removed by the clock of the proof from 2033-03-01 to 2033-03-03");
    assert_eq!(
        shop.noted(),
        [json!({"removed": 1, "lines": 2}), json!({"removed": 1, "lines": 1}), json!({"removed": 1, "lines": 3})]
    );
    // Nothing is left of the one; what bars the others stays, and bars.
    assert_eq!(shop.find("anna"), None);
    for (name, cause) in [("bela", Cause::Withdrawn), ("dora", Cause::Withdrawn), ("stranger", Cause::Objected)] {
        assert_eq!(
            shop.lines(name).iter().map(|line| line.what.action).collect::<Vec<_>>(),
            [cause.action()],
            "{name}"
        );
        let bar = shop.store.read_blocking(|db| suppressions::find(db, &shop.fingerprints(name))).unwrap().unwrap();
        assert_eq!(bar.cause, cause, "{name}");
        let outcome = shop.join(name, WORDING, "2033-04-01T10:00:00Z");
        assert!(matches!(outcome, Imported::Barred(listed) if listed == bar), "{name}: {outcome:?}");
    }
    assert_eq!(shop.lines("carla").len(), 1);
    assert_eq!(shop.join("anna", WORDING, "2033-04-01T10:00:00Z"), Imported::Accepted);
    shop.is_whole();
});

both!(a_stub_that_was_tampered_with_is_found, |backend| {
    let shop = lived_in(backend);
    let head = shop.is_whole();
    assert_eq!(shop.remove_all(SERVED), 6);
    // 1 anna, 2 bela, 3 dora came in; 4 bela left; 5 to 7 dora left, came back, left; 8 the stranger; 9 anna ran out; 10 carla.
    let stubs = words(&shop.fresh.url, "SELECT CAST(seq AS TEXT) AS word FROM removed_lines ORDER BY seq");
    assert_eq!(stubs, ["1", "2", "3", "5", "6", "9"]);
    shop.sql("CREATE TABLE kept_lines AS SELECT * FROM consent_events; CREATE TABLE kept_stubs AS SELECT * FROM removed_lines");
    let zeros = "00000000000000000000000000000000";
    let check = |done: &str, seq: i64, broken: BrokenLine| {
        shop.sql(done);
        assert_eq!(shop.verify(), Err(FirstBad { seq, broken }), "{done}");
        assert_eq!(shop.clock().fault(&shop.store).unwrap(), Some(FirstBad { seq, broken }), "nothing more is removed");
        shop.sql(
            "DELETE FROM consent_events; INSERT INTO consent_events SELECT * FROM kept_lines; \
             DELETE FROM removed_lines; INSERT INTO removed_lines SELECT * FROM kept_stubs",
        );
        assert_eq!(shop.verify(), Ok(head), "{done}");
    };
    check("DELETE FROM removed_lines WHERE seq = 1", 2, BrokenLine::Gap);
    check("DELETE FROM removed_lines WHERE seq = 5", 6, BrokenLine::Gap);
    let another = "(SELECT hash FROM kept_stubs WHERE seq = 6)";
    check(&format!("UPDATE removed_lines SET hash = {another} WHERE seq = 3"), 3, BrokenLine::NotOurs);
    check(&format!("UPDATE removed_lines SET prev_hash = {another} WHERE seq = 3"), 3, BrokenLine::Unbound);
    let mac = "(SELECT mac FROM kept_stubs WHERE seq = 6)";
    check(&format!("UPDATE removed_lines SET mac = {mac} WHERE seq = 3"), 3, BrokenLine::NotOurs);
    check("UPDATE removed_lines SET removed_on = '2033-03-09' WHERE seq = 3", 3, BrokenLine::NotOurs);
    check("UPDATE removed_lines SET clock = 'addresses' WHERE seq = 3", 3, BrokenLine::NotOurs);
    check("UPDATE removed_lines SET clock = 'x' WHERE seq = 3", 3, BrokenLine::Unreadable);
    check("UPDATE removed_lines SET removed_on = '2033-3-9' WHERE seq = 5", 5, BrokenLine::Unreadable);
    check("UPDATE removed_lines SET key_id = '00000000' WHERE seq = 9", 9, BrokenLine::StubKey);
    // A line that is hidden: with a code of nobody, and with that of another.
    for code in [format!("'{zeros}'"), mac.to_owned()] {
        let hide = format!(
            "INSERT INTO removed_lines SELECT seq, prev_hash, hash, 'proof', '2033-03-01', '{}', {code} FROM \
             consent_events WHERE seq = 4; DELETE FROM consent_events WHERE seq = 4",
            shop.keyring.current()
        );
        check(&hide, 4, BrokenLine::NotOurs);
    }
    // A stub that is moved to where a younger line was.
    check(
        "DELETE FROM removed_lines WHERE seq = 9; DELETE FROM consent_events WHERE seq = 10; \
         UPDATE removed_lines SET seq = 10 WHERE seq = 6",
        7,
        BrokenLine::Gap,
    );
    let beside = format!(
        "INSERT INTO removed_lines SELECT seq, prev_hash, hash, 'proof', '2033-03-01', '{}', '{zeros}' FROM consent_events",
        shop.keyring.current()
    );
    check(&format!("{beside} WHERE seq = 7"), 7, BrokenLine::Twice);
    check("UPDATE consent_events SET source = 'form-8' WHERE seq = 7", 7, BrokenLine::Changed);
    check("UPDATE removed_lines SET seq = 0 WHERE seq = 1", 0, BrokenLine::Gap);
    // Behind the end.
    check("UPDATE removed_lines SET seq = 11 WHERE seq = 9", 10, BrokenLine::Gap);
});

both!(a_chain_that_ends_with_a_stub_goes_on, |backend| {
    let shop = Shop::new(backend);
    shop.join("anna", WORDING, "2026-03-01T10:00:00Z");
    shop.expire("2028-03-01T10:00:00Z");
    let anchors = || {
        let path = shop.fresh.folder.path().join("carillon.anchors");
        LedgerAnchors::new(&path, None, &shop.keyring).unwrap()
    };
    let anchor = |now| anchors().append(&shop.store, now, false).unwrap().head;
    let compare = |now| {
        let one_machine = shop.store.is_one_machines();
        shop.store.read_blocking(|db| anchors().compare(db, one_machine, now)).unwrap().wrong
    };
    let last = anchor(at("2028-03-01T11:00:00Z"));
    assert_eq!(last.seq, 2);
    assert_eq!(shop.remove_all(SERVED), 2);
    assert_eq!((shop.is_whole(), shop.store.read_blocking(ledger::head).unwrap()), (last, last));
    // The anchor is on a line that was removed, and so is the next one.
    assert_eq!(compare(at(SERVED)), []);
    assert_eq!(anchor(at(SERVED)), last);
    shop.join("bela", WORDING, "2033-05-01T10:00:00Z");
    let head = shop.is_whole();
    assert_eq!(head.seq, 3);
    assert_eq!(compare(at("2033-05-02T11:00:00Z")), []);
    let waits = compare(at("2033-06-01T10:00:00Z"));
    assert!(waits.len() == 1 && waits[0].1.contains("line 3 of the ledger was written down at"), "{waits:?}");
    anchor(at("2033-06-01T10:00:00Z"));
    assert_eq!(compare(at("2033-06-01T10:00:00Z")), []);
    // A stub that is changed under an anchor is found by both.
    shop.sql("UPDATE removed_lines SET hash = prev_hash WHERE seq = 2");
    assert_eq!(shop.verify(), Err(FirstBad { seq: 2, broken: BrokenLine::NotOurs }));
    assert!(compare(at("2033-06-01T10:00:00Z"))[0].1.contains("line 2 of "));
});

both!(stubs_outlive_a_change_of_keys, |backend| {
    let mut shop = lived_in(backend);
    let head = shop.is_whole();
    assert_eq!(shop.remove(at(SERVED)).lines, 2);
    let before = shop.keyring.clone();
    shop.keyring = before.with_new([8; 32], jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(shop.remove_all("2033-03-02T10:00:00Z"), 4);
    assert_eq!(shop.is_whole(), head);
    let keys = words(&shop.fresh.url, "SELECT DISTINCT key_id AS word FROM removed_lines");
    assert_eq!(keys.len(), 2);
    // Whoever has only the older key cannot tell.
    shop.keyring = before;
    assert_eq!(shop.verify(), Err(FirstBad { seq: 2, broken: BrokenLine::StubKey }));
});

both!(nobody_is_removed_by_what_somebody_wrote_into_the_store, |backend| {
    let shop = Shop::new(backend);
    for name in ["anna", "bela", "carla"] {
        shop.join(name, WORDING, "2026-03-01T10:00:00Z");
    }
    shop.leave("carla", Cause::Withdrawn, "2026-12-01T10:00:00Z");
    // The rows of a member and of somebody who is barred say that their consents ran out long ago.
    shop.sql("UPDATE members SET consent = 'expired', consent_since = 0, expires_at = NULL, address = NULL");
    assert_eq!(shop.ahead(at("2027-03-01T10:00:00Z")), Ahead { due: 3, today: 0, ..Ahead::default() });
    let all: Vec<i64> = ["anna", "bela", "carla"].iter().map(|name| shop.find(name).unwrap().id).collect();
    assert_eq!(shop.remove_of(&all, at("2027-03-01T10:00:00Z")), ProofGone::default());
    assert_eq!((shop.stubs(), shop.verify().unwrap().seq), (0, 4));
});

both!(who_can_go_is_not_kept_by_who_cannot, |backend| {
    let shop = Shop::new(backend);
    for name in ["anna", "bela"] {
        shop.join(name, WORDING, "2026-03-01T10:00:00Z");
    }
    assert_eq!(shop.expire("2028-03-01T10:00:00Z"), 2);
    shop.sql("UPDATE consent_events SET source = 'form-8' WHERE seq = 1");
    assert_eq!(shop.clock().fault(&shop.store).unwrap(), Some(FirstBad { seq: 1, broken: BrokenLine::Changed }));
    let anna = shop.find("anna").unwrap().id;
    // Also when a daemon does not look at the chain: a line that was changed is not made a stub of.
    let first = shop.next(0, at(SERVED));
    assert_eq!((&first[..], shop.remove_of(&first, at(SERVED))), (&[anna][..], ProofGone::default()));
    assert_eq!(shop.ahead(at(SERVED)), Ahead { due: 2, today: 1, ..Ahead::default() });
    let second = shop.next(anna, at(SERVED));
    assert_eq!(shop.remove_of(&second, at(SERVED)), ProofGone { people: 1, lines: 2 });
    assert!(shop.find("anna").is_some() && shop.find("bela").is_none());
});

both!(a_row_that_the_log_of_deliveries_names_waits, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.at(ANNOUNCED).plan();
    let claimed = world.claim("one", 1, world.clock.now() + SignedDuration::from_mins(15));
    world.hand_over(&claimed);
    world.record(&claimed[0], DeliveryEvent::Accept);
    world.plan();
    let end = Lifetime::months(24).end(at("2026-09-01T10:00:00Z"));
    assert_eq!(world.store.write_blocking(|db| expiry::expire_due(db, end, 10)).unwrap(), 1);
    let (clock, now) = (ProofClock::new(world.keyring.clone()), end_of_proof(end));
    let next = || world.store.read_blocking(|db| clock.next(db, 0, now)).unwrap();
    let row = world.store.read_blocking(|db| members::list(db, None, 0, 10)).unwrap()[0].id;
    let remove = || world.store.write_blocking(|db| clock.remove(db, Periods::default(), &[row], now)).unwrap();
    assert_eq!((next(), remove()), (vec![], ProofGone::default()));
    world.store.write_blocking(|db| retention::trim_log(db, Periods::default(), now, 10)).unwrap();
    assert_eq!((next(), remove()), (vec![row], ProofGone { people: 1, lines: 2 }));
    assert_eq!(world.store.read_blocking(|db| members::list(db, None, 0, 10)).unwrap(), []);
    crate::retention::is_whole(&world);
});

both!(a_wording_goes_with_the_last_line_that_names_it, |backend| {
    let shop = Shop::new(backend);
    shop.join("anna", OTHER, "2026-03-01T10:00:00Z");
    shop.join("bela", WORDING, "2026-03-01T10:00:00Z");
    shop.expire("2028-03-01T10:00:00Z");
    shop.join("carla", WORDING, "2032-06-01T10:00:00Z");
    let anna = "anna@example.fr".parse().unwrap();
    let redact = |db: &mut _| erasure::redact_wordings(db, std::slice::from_ref(&anna), &shop.keyring, at(SERVED));
    assert_eq!(shop.store.write_blocking(redact).unwrap(), 1);
    let kept = || {
        let text = |text: &str| {
            let digest = Sha256Digest::of(text.as_bytes());
            shop.store.read_blocking(|db| ledger::text(db, &digest)).unwrap().is_some()
        };
        [text(OTHER), text(WORDING)]
    };
    let notes =
        || words(&shop.fresh.url, "SELECT name AS word FROM store_facts WHERE name LIKE 'wording-redacted:%'").len();
    let (clock, now) = (shop.clock(), at(SERVED));
    let is_there = || shop.store.read_blocking(|db| clock.has_unnamed_wordings(db)).unwrap();
    let forget = || shop.store.write_blocking(|db| clock.forget_wordings(db, now)).unwrap();
    assert_eq!((is_there(), forget(), kept(), notes()), (false, 0, [true, true], 1));
    assert_eq!(shop.remove_all(SERVED), 4);
    assert!(is_there());
    // Somebody signs up by the same words, and has not confirmed yet.
    let sign_up = SignUp {
        address: "dora@example.fr".parse().unwrap(),
        language: Language::Fr,
        text: OTHER.into(),
        form_version: "1".into(),
        source: "join".into(),
        nonce: [1; 16],
    };
    let put = |db: &mut _| signups::put(db, std::slice::from_ref(&sign_up), &shop.keyring, now);
    shop.store.write_blocking(put).unwrap();
    assert_eq!((is_there(), forget(), kept()), (false, 0, [true, true]));
    shop.sql("DELETE FROM signups");
    assert_eq!((is_there(), forget(), kept(), notes()), (true, 1, [false, true], 0));
    assert_eq!((is_there(), forget()), (false, 0));
    assert_eq!(shop.noted().last(), Some(&json!({ "wordings": 1 })));
    shop.is_whole();
});

both!(a_backup_that_brings_lines_back_loses_them_again, |backend| {
    let shop = lived_in(backend);
    let head = shop.is_whole();
    for table in ["consent_events", "members", "store_facts"] {
        shop.sql(&format!("CREATE TABLE backup_{table} AS SELECT * FROM {table}"));
    }
    assert_eq!(shop.remove_all(SERVED), 6);
    shop.sql("DELETE FROM removed_lines");
    for table in ["consent_events", "members", "store_facts"] {
        shop.sql(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM backup_{table}"));
    }
    assert_eq!((shop.is_whole(), shop.stubs()), (head, 0));
    assert_eq!(shop.remove_all("2033-04-01T10:00:00Z"), 6);
    assert_eq!((shop.is_whole(), shop.stubs()), (head, 6));
});

// What the record of departures knows, which nothing is removed from, wins over what the ledger knows no more.
both!(who_came_back_is_barred_again_by_a_rebuild_when_the_proof_of_that_is_gone, |backend| {
    let shop = lived_in(backend);
    shop.join("eva", WORDING, "2026-03-01T10:00:00Z");
    shop.leave("eva", Cause::Withdrawn, "2026-12-01T10:00:00Z");
    shop.come_back("eva", "2026-12-02T10:00:00Z");
    shop.expire("2028-12-02T10:00:00Z");
    let rebuild = |day| shop.leaving.rebuild_blocking(Lifetime::months(24), [5; 32], at(day)).unwrap();
    assert_eq!(rebuild("2029-01-01T10:00:00Z"), 0);
    assert_eq!(shop.find("eva").unwrap().consent, Consent::Expired);
    shop.remove_all("2034-01-01T10:00:00Z");
    assert_eq!(shop.find("eva"), None);
    assert_eq!(rebuild("2034-06-01T10:00:00Z"), 0);
    assert_eq!(shop.find("eva").unwrap().consent, Consent::Withdrawn);
    let dora = shop.store.read_blocking(|db| suppressions::find(db, &shop.fingerprints("dora"))).unwrap().unwrap();
    assert_eq!(dora.cause, Cause::Complained, "of two departures the graver one counts");
    shop.is_whole();
});

both!(daemons_and_people_at_once_make_one_chain, |backend| {
    let shop = Shop::new(backend);
    let rows: Vec<String> = (0..250).map(|number| format!("m{number}")).collect();
    for name in &rows {
        shop.join(name, WORDING, "2026-03-01T10:00:00Z");
    }
    shop.expire("2028-03-01T10:00:00Z");
    // Two daemons, on the same day at the same time.
    let (days, morning) = (12, std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for day in 0..days {
                    morning.wait();
                    shop.remove(at(SERVED) + DAY * day);
                }
            });
        }
        scope.spawn(|| {
            for number in 0..20 {
                let name = format!("late{number}");
                shop.join(&name, WORDING, "2033-02-01T10:00:00Z");
                shop.leave(&name, Cause::Withdrawn, "2033-03-01T10:00:00Z");
                // People whose proof is being removed leave at the same time.
                shop.leave(&format!("m{number}"), Cause::Objected, "2033-03-01T10:00:00Z");
            }
        });
    });
    let head = shop.is_whole();
    assert_eq!(head.seq, 2 * 250 + 3 * 20, "every line, and no other");
    let mut by_day: BTreeMap<String, u64> = BTreeMap::new();
    for entry in shop.store.read_blocking(|db| audit::list(db, Some("proof"))).unwrap() {
        *by_day.entry(entry.at.to_string()).or_default() += entry.detail["removed"].as_u64().unwrap();
    }
    assert!(by_day.values().all(|people| *people <= proof_portion(290)), "{by_day:?}");
    for number in 0..20 {
        for name in [format!("late{number}"), format!("m{number}")] {
            assert_eq!(shop.find(&name).unwrap().consent, Consent::Withdrawn, "{name}");
        }
    }
});

/// The shop of a person who types commands, whose past is longer than five years.
fn old_house(backend: Backend) -> (House, Shop) {
    let house = House::new(backend, 1, 1);
    let keyring = load_keyring(&house.folder.join("carillon.keys")).unwrap();
    let store = house.store();
    let record = DeparturesFile::new(house.folder.join("carillon.departures"));
    let leaving = Leaving::new(store.clone(), record, "exemple", Leeway::unlimited());
    let mut fresh = Fresh::empty(Backend::Sqlite);
    fresh.url = match &house.fresh.url {
        StoreUrl::Sqlite(_) => StoreUrl::Sqlite(house.folder.join("carillon.db")),
        server @ StoreUrl::Postgres(_) => server.clone(),
    };
    let shop = Shop { fresh, store, keyring, leaving };
    shop.join("bela", OTHER, "2018-03-01T10:00:00Z");
    shop.leave("bela", Cause::Withdrawn, "2018-12-01T10:00:00Z");
    shop.join("anna", WORDING, "2018-03-01T10:00:00Z");
    shop.expire("2020-03-01T10:00:00Z");
    (house, shop)
}

both!(a_daemon_removes_what_is_due_and_says_so, |backend| {
    let (house, shop) = old_house(backend);
    house.run(&["consent", "anchor"]);
    let clocks = || {
        let shown: Value = serde_json::from_str(&house.run(&["member", "retention", "--dry-run", "--json"])).unwrap();
        let clocks = shown["clocks"].as_array().unwrap();
        let proof = clocks.iter().find(|clock| clock["clock"] == "proof").unwrap();
        [&proof["due"], &proof["today"]].map(|count| count.as_u64().unwrap())
    };
    assert_eq!(clocks(), [2, 1]);
    assert_eq!(shop.stubs(), 0, "it looks only");
    let daemon = house.daemon_that_logs("info");
    wait_for(|| house.log().contains("proof that has served its time is removed"));
    assert_eq!(daemon.terminate(), Some(0));
    assert!(house.log().contains("people=1") && house.log().contains("wordings=1"), "{}", house.log());
    assert_eq!((shop.stubs(), clocks()), (1, [1, 0]));
    let said = house.run(&["consent", "verify"]);
    assert!(said.contains("1 of them was removed by the clock of the proof on "), "{said}");
    let said = house.run(&["consent", "prove", "bela@example.fr"]);
    for words in ["no line of the ledger is about a consent of this person", "1 of them was removed by the clock"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let page = house.folder.join("preuve.html");
    house.run(&["consent", "prove", "bela@example.fr", "--page", page.to_str().unwrap()]);
    let page = std::fs::read_to_string(page).unwrap();
    for words in ["aucune ligne sur un consentement", "Lignes retirées", "Tout concorde"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // A person of whom nothing was removed, in the same ledger.
    let page = house.folder.join("proof.html");
    let said = ["consent", "prove", "membre.00000@example.fr", "--language", "en", "--page", page.to_str().unwrap()];
    house.run(&said);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Lines removed") && !page.contains("no line about a consent"), "{page}");
});

#[test]
fn nothing_is_removed_from_a_ledger_that_is_not_whole() {
    let (house, shop) = old_house(Backend::Sqlite);
    shop.sql("UPDATE consent_events SET source = 'form-8' WHERE seq = 1");
    let said = crate::support::cli::carillon(&house.folder, &["member", "retention"]).exits(0);
    assert!(said.stderr.contains("no proof goes at present: line 1 of the ledger"), "{}", said.stderr);
    let daemon = house.daemon_that_logs("info");
    wait_for(|| house.log().contains("no proof is removed: the ledger is not whole"));
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(shop.stubs(), 0);
}
