//! What is beside the ledger is held against it: each change of the store past the program is named, on both stores.

use carillon::config::load_keyring;
use carillon::db::{consent, expiry, ledger, members};
use carillon::keys::Sha256Digest;
use carillon::member::{Action, Consent, Event, Fingerprint, Head, Lifetime, Method, NewEvent};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::member::{HEADER, WORDING, row};
use crate::support::backend::both;
use crate::support::folder::ShopFolder;
use crate::support::shop::run_sql;

/// Words that only rows have that add no line.
const OTHER: &str = "Oui, je veux bien recevoir les avant-premières.";

const FORGED: &str = "J’accepte tout, de tout le monde, pour toujours.";

/// A store in which everything has happened that this program does to a consent.
fn lived_in(backend: crate::support::backend::Backend) -> ShopFolder {
    let shop = ShopFolder::on(backend);
    let names = ["camille", "sacha", "dominique", "alex", "morgan", "claude"];
    let rows = names.iter().map(|name| row(&format!("{name}@example.fr"), 30));
    shop.write_lines("members.csv", &std::iter::once(HEADER.to_owned()).chain(rows).collect::<Vec<_>>());
    shop.run(&["member", "import", "members.csv"]).exits(0);
    shop.run_with("sacha@example.fr\nstranger@example.org\n", &["member", "withdraw", "-"]).exits(0);
    shop.run(&["member", "erase", "dominique@example.fr", "--yes"]).exits(0);
    shop.run(&["member", "withdraw", "morgan@example.fr"]).exits(0);
    shop.run(&["member", "erase", "morgan@example.fr", "--yes"]).exits(0);
    expire(&shop, "alex@example.fr");
    rectify(&shop, "claude@example.fr", "claude@example.org");
    // A newer act, an act that is known, and somebody who comes in under a second key.
    shop.write_lines("again.csv", &[HEADER.to_owned(), row("Camille@example.fr", 3), row("claude@example.org", 30)]);
    shop.run(&["member", "import", "again.csv"]).exits(0);
    let keys = shop.at("keys.toml");
    let old = std::fs::read_to_string(&keys).unwrap();
    let new = carillon::keys::Keyring::generate([8; 32]).to_text();
    std::fs::write(&keys, format!("{}{old}", secrecy::ExposeSecret::expose_secret(&new))).unwrap();
    shop.write_lines("late.csv", &[HEADER.to_owned(), row("jo@example.fr", 2), row("camille@example.fr", 1)]);
    shop.run(&["member", "import", "late.csv"]).exits(0);
    shop.run_with("jo@example.fr\n", &["member", "withdraw", "-"]).exits(0);
    // Two wordings that quote an address, which is erased after.
    for name in ["lou", "max"] {
        let wording = format!("Moi, max@example.fr et {name}, souhaite les avant-premières.");
        shop.write_lines(
            "quoting.csv",
            &[HEADER.to_owned(), row(&format!("{name}@example.fr"), 1).replace(WORDING, &wording)],
        );
        shop.run(&["member", "import", "quoting.csv"]).exits(0);
    }
    shop.run(&["member", "erase", "max@example.fr", "--yes"]).exits(0);
    shop.run(&["consent", "anchor", "anchors.txt"]).exits(0);
    shop
}

/// Ends one consent as the daemon does when it has run out.
fn expire(shop: &ShopFolder, address: &str) {
    let member = member(shop, address);
    let sql = format!("UPDATE members SET expires_at = 1 WHERE id = {}", member.id);
    run_sql(&shop.fresh.url, &sql);
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    assert_eq!(shop.store().write_blocking(|db| expiry::expire_due(db, now, 1)).unwrap(), 1);
}

/// Gives a member another address, at the member's request.
fn rectify(shop: &ShopFolder, from: &str, to: &str) {
    let member = member(shop, from);
    let keyring = load_keyring(&shop.at("keys.toml")).unwrap();
    let fingerprint = Fingerprint::of(&keyring, &to.parse().unwrap());
    let sql = format!("UPDATE members SET address = '{to}', fingerprint = '{fingerprint}' WHERE id = {}", member.id);
    run_sql(&shop.fresh.url, &sql);
    let now = carillon::clock::Clock::System.now();
    let how = (Action::Rectified, Method::Staff("camille".into()));
    let what = NewEvent::new(how, (member.pseudonym, fingerprint), "maison-exemple", "carillon", now);
    shop.store()
        .write_blocking(|db| carillon::db::consent::append(db, what.clone(), Lifetime::months(24), now))
        .unwrap();
}

fn member(shop: &ShopFolder, address: &str) -> members::Member {
    let keyring = load_keyring(&shop.at("keys.toml")).unwrap();
    let fingerprints = Fingerprint::all(&keyring, &address.parse().unwrap());
    shop.store().read_blocking(|db| members::find_by_fingerprint(db, &fingerprints)).unwrap().unwrap()
}

/// What `consent verify` finds, by kind and count.
#[track_caller]
fn found(shop: &ShopFolder, code: i32) -> Vec<(String, u64)> {
    let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt", "--json"]).exits(code);
    assert!(!said.stdout.contains("@example"), "no address: {}", said.stdout);
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(said["whole"], code == 0, "{said}");
    let kinds = said["mismatches"].as_array().unwrap().iter();
    kinds.map(|kind| (kind["kind"].as_str().unwrap().to_owned(), kind["count"].as_u64().unwrap())).collect()
}

both!(a_store_that_nobody_touched_is_whole, |backend| {
    let shop = lived_in(backend);
    assert_eq!(found(&shop, 0), []);
    let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(0);
    assert!(said.stdout.starts_with("whole: 21 lines about 10 people"), "{}", said.stdout);
    shop.run(&["consent", "rebuild"]).exits(0);
    assert_eq!(found(&shop, 0), []);
    let said = shop.run_with("lou@example.fr", &["consent", "prove", "-"]).exits(0);
    assert!(
        said.stdout.contains("address erased") && said.stdout.contains("an address was taken out on"),
        "{}",
        said.stdout
    );
    for who in ["camille@example.fr", "sacha@example.fr", "claude@example.org", "morgan@example.fr", "jo@example.fr"] {
        shop.run_with(who, &["consent", "prove", "-"]).exits(0);
    }
});

both!(a_language_that_nobody_chose_is_found, |backend| {
    let shop = lived_in(backend);
    run_sql(&shop.fresh.url, "UPDATE members SET language = 'en' WHERE address = 'lou@example.fr'");
    assert_eq!(found(&shop, 1), [("language".to_owned(), 1)]);
    let said = shop.run_with("lou@example.fr", &["consent", "prove", "-"]).exits(1).stdout;
    assert!(said.starts_with("NO PROOF: a member's row says another language than the ledger"), "{said}");
    let said = shop.run(&["consent", "rebuild"]).exits(0).stdout;
    assert!(said.starts_with("1 row of the members said something else"), "{said}");
    assert_eq!(found(&shop, 0), []);
});

both!(a_wording_that_no_line_names_is_not_kept, |backend| {
    let shop = lived_in(backend);
    let kept = || shop.store().read_blocking(|db| ledger::text(db, &Sha256Digest::of(OTHER.as_bytes()))).unwrap();
    shop.write_lines("known.csv", &[HEADER.to_owned(), row("camille@example.fr", 40).replace(WORDING, OTHER)]);
    shop.run(&["member", "import", "known.csv"]).exits(0);
    shop.write_lines("left.csv", &[HEADER.to_owned(), row("sacha@example.fr", 1).replace(WORDING, OTHER)]);
    shop.run(&["member", "import", "left.csv"]).exits(1);
    assert_eq!(kept(), None);
    shop.write_lines("new.csv", &[HEADER.to_owned(), row("noor@example.fr", 1).replace(WORDING, OTHER)]);
    shop.run(&["member", "import", "new.csv"]).exits(0);
    assert_eq!(kept().as_deref(), Some(OTHER));
});

both!(each_forgery_is_named, |backend| {
    let shop = lived_in(backend);
    let tables = ["members", "consent_texts", "suppressions", "consent_events", "store_facts"];
    let of = |name: &str| member(&shop, name).id;
    let (camille, claude, sacha, erased) =
        (of("camille@example.fr"), of("claude@example.org"), of("sacha@example.fr"), of("dominique@example.fr"));
    let swapped = format!(
        "UPDATE members SET address = CASE id WHEN {camille} THEN 'claude@example.org' ELSE 'camille@example.fr' END \
         WHERE id IN ({camille}, {claude});"
    );
    let fingerprints = format!(
        "UPDATE members SET fingerprint = 'x' || fingerprint WHERE id = {camille}; \
         UPDATE members SET fingerprint = (SELECT substr(fingerprint, 2) FROM members WHERE id = {camille}) WHERE id = {claude};"
    );
    let both_swapped = format!(
        "UPDATE members SET fingerprint = 'y' WHERE id = {camille}; \
         UPDATE members SET fingerprint = (SELECT fingerprint FROM keep_members WHERE id = {camille}) WHERE id = {claude}; \
         UPDATE members SET fingerprint = (SELECT fingerprint FROM keep_members WHERE id = {claude}) WHERE id = {camille}; \
         {swapped}"
    );
    let zeros = "0".repeat(64);
    let line_zero = format!(
        "INSERT INTO consent_events SELECT 0, prev_hash, '{zeros}', 'x', occurred_at, recorded_at, subject, fingerprint, \
         fingerprint_key, controller, purpose, channel, action, basis, text_version, form_version, source, method, \
         mail_ref, token_fp, reason FROM consent_events WHERE seq = 1"
    );
    let nobody = "INSERT INTO members (id, pseudonym, address, fingerprint, fingerprint_key, language, consent, \
                  consent_since) SELECT 99, '00000000000000000000000000000001', 'x@example.fr', substr(fingerprint, 2) || 'f', \
                  fingerprint_key, 'fr', 'confirmed', 1 FROM members WHERE pseudonym = (SELECT min(pseudonym) FROM members)";
    let forgeries: Vec<(String, &[(&str, u64)])> = vec![
        (format!("UPDATE consent_texts SET body = '{FORGED}'"), &[("wording-changed", 3)]),
        ("UPDATE consent_texts SET body = body || ' ' WHERE body LIKE '%erased%'".into(), &[("wording-changed", 2)]),
        ("DELETE FROM store_facts WHERE name LIKE 'wording-redacted:%'".into(), &[("wording-changed", 2)]),
        ("DELETE FROM consent_texts".into(), &[("wording-gone", 3)]),
        ("DELETE FROM suppressions".into(), &[("suppression-gone", 6)]),
        (
            format!("INSERT INTO suppressions VALUES ('{zeros}', '00000000', 'withdrawn', 1)"),
            &[("suppression-added", 1)],
        ),
        (
            format!(
                "INSERT INTO suppressions SELECT fingerprint, fingerprint_key, 'withdrawn', 1 FROM members WHERE id = {camille}"
            ),
            &[("suppression-added", 1)],
        ),
        ("UPDATE suppressions SET cause = 'dead'".into(), &[("suppression-changed", 6)]),
        ("UPDATE suppressions SET since = since + 1".into(), &[("suppression-changed", 6)]),
        (swapped.clone(), &[("address", 2)]),
        (fingerprints, &[("member-unreadable", 1), ("fingerprint", 1), ("address", 1)]),
        (both_swapped, &[("fingerprint", 2)]),
        (format!("DELETE FROM members WHERE id = {camille}"), &[("member-gone", 1)]),
        (format!("DELETE FROM members WHERE id = {sacha}"), &[("member-gone", 1)]),
        (nobody.into(), &[("member-without-events", 1)]),
        (format!("UPDATE members SET consent = 'confirmed' WHERE id = {sacha}"), &[("departure", 1), ("state", 1)]),
        (format!("UPDATE members SET expires_at = expires_at + 1 WHERE id = {camille}"), &[("state", 1)]),
        (format!("UPDATE members SET address = NULL WHERE id = {camille}"), &[("address-gone", 1)]),
        (format!("UPDATE members SET address = 'dominique@example.fr' WHERE id = {erased}"), &[("address-kept", 1)]),
        (format!("UPDATE members SET address = 'nobody' WHERE id = {camille}"), &[("member-unreadable", 1)]),
        ("UPDATE consent_events SET source = 'form-8' WHERE seq = 2".into(), &[("ledger", 1)]),
        (line_zero, &[("ledger", 1)]),
    ];
    for table in tables {
        run_sql(&shop.fresh.url, &format!("CREATE TABLE keep_{table} AS SELECT * FROM {table}"));
    }
    for (sql, expected) in forgeries {
        run_sql(&shop.fresh.url, &sql);
        let expected: Vec<_> = expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
        assert_eq!(found(&shop, 1), expected, "{sql}");
        for table in tables {
            run_sql(&shop.fresh.url, &format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM keep_{table}"));
        }
        assert_eq!(found(&shop, 0), [], "{sql}");
    }
});

both!(what_does_not_match_is_not_printed_as_a_proof, |backend| {
    let shop = lived_in(backend);
    let prove = |who: &str| shop.run_with(who, &["consent", "prove", "-"]).exits(1).stdout;
    run_sql(&shop.fresh.url, &format!("UPDATE consent_texts SET body = '{FORGED}'"));
    let said = prove("camille@example.fr");
    assert!(said.starts_with("NO PROOF: a wording is not the text that was agreed to"), "{said}");
    assert!(!said.contains(FORGED), "{said}");
    for command in [["member", "show", "camille@example.fr"], ["member", "export", "camille@example.fr"]] {
        assert!(!shop.run(&command).exits(0).stdout.contains(FORGED));
    }
    run_sql(&shop.fresh.url, "DELETE FROM consent_texts");
    assert!(prove("camille@example.fr").starts_with("NO PROOF: a wording that the ledger names is gone"));
    run_sql(&shop.fresh.url, "DELETE FROM suppressions");
    assert!(prove("sacha@example.fr").contains("NO PROOF: the suppression list lacks somebody"));
    let id = member(&shop, "camille@example.fr").id;
    run_sql(&shop.fresh.url, &format!("UPDATE members SET address = 'x@example.fr' WHERE id = {id}"));
    assert!(prove("camille@example.fr").contains("NO PROOF: a member's address is not the one"));
    let proof = shop.run(&["consent", "prove", "camille@example.fr", "--json"]).exits(1).stdout;
    let proof: Value = serde_json::from_str(&proof).unwrap();
    assert_eq!((&proof["holds"], &proof["mismatches"][0][0]), (&false.into(), &"address".into()), "{proof}");
    run_sql(&shop.fresh.url, "UPDATE consent_events SET source = 'form-8' WHERE seq = 1");
    assert!(prove("camille@example.fr").starts_with("NO PROOF: the ledger is broken at line 1"));
});

/// The first line names another page, and every link after it is made anew: the chain agrees with itself.
fn forge_and_chain_again(shop: &ShopFolder) {
    let mut events = shop
        .store()
        .read_blocking(|db| {
            let everybody = members::list(db, None, 0, 1_000)?;
            everybody.iter().map(|member| ledger::events_of(db, &member.pseudonym)).collect::<Result<Vec<_>, _>>()
        })
        .unwrap()
        .concat();
    events.sort_by_key(|event| event.seq);
    let mut head = Head::EMPTY;
    let mut statements = vec!["UPDATE consent_events SET hash = 'x' || hash, prev_hash = 'x' || prev_hash".to_owned()];
    for event in events {
        let mut what = event.what;
        if event.seq == 1 {
            "form-8".clone_into(&mut what.source);
        }
        let forged = Event::after(head, what, event.recorded_at);
        let (hash, before, id) = (forged.hash, forged.prev_hash, &forged.event_id);
        statements.push(format!(
            "UPDATE consent_events SET hash = '{hash}', prev_hash = '{before}', event_id = '{id}', source = '{}' WHERE seq = {}",
            forged.what.source, forged.seq
        ));
        head = Head { seq: forged.seq, hash };
    }
    for statement in statements {
        run_sql(&shop.fresh.url, &statement);
    }
}

both!(a_line_that_was_forged_and_chained_again_is_no_proof, |backend| {
    let shop = lived_in(backend);
    shop.run(&["consent", "anchor"]).exits(0);
    let prove = ["consent", "prove", "camille@example.fr"];
    assert!(shop.run(&prove).exits(0).stdout.contains("covered by anchor"));
    forge_and_chain_again(&shop);
    assert_eq!(found(&shop, 1), [("anchor".to_owned(), 2)]);
    let said = shop.run(&prove).exits(1).stdout;
    assert!(said.starts_with("NO PROOF: the ledger is not the one that was anchored"), "{said}");
    assert!(!said.contains("covered by anchor"), "{said}");
    let said = shop.run(&["consent", "prove", "camille@example.fr", "--json"]).exits(1).stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["holds"], &said["anchor"]), (&false.into(), &Value::Null), "{said}");
    shop.run(&["consent", "prove", "camille@example.fr", "--page", "proof.html"]).exits(1);
    let page = std::fs::read_to_string(shop.at("proof.html")).unwrap();
    assert!(page.contains("le registre n’est pas celui qui a été ancré"), "{page}");
});

both!(a_departure_that_was_taken_out_of_the_store_is_found, |backend| {
    let shop = lived_in(backend);
    shop.run(&["member", "withdraw", "camille@example.fr"]).exits(0);
    // Everything in the store agrees that nobody left: the last line is gone, and with it what follows from it.
    run_sql(&shop.fresh.url, "DELETE FROM consent_events WHERE seq = (SELECT max(seq) FROM consent_events)");
    shop.store().write_blocking(|db| consent::rebuild(db, Lifetime::months(24))).unwrap();
    assert_eq!(found(&shop, 1), [("departure".to_owned(), 1)]);
    let said = shop.run(&["consent", "prove", "camille@example.fr"]).exits(1).stdout;
    assert!(said.starts_with("NO PROOF: somebody left, as the record of departures says"), "{said}");
    shop.run(&["consent", "rebuild"]).exits(0);
    assert_eq!(found(&shop, 0), []);
    assert_eq!(member(&shop, "camille@example.fr").consent, Consent::Withdrawn);
    // Without the record nothing tells who left.
    std::fs::remove_file(shop.at("carillon.departures")).unwrap();
    assert_eq!(found(&shop, 1), [("departures-file".to_owned(), 1)]);
});

// Whoever shortens the record has the store agree with it, for which no key is needed.
both!(a_record_of_departures_that_was_shortened_is_found, |backend| {
    let shop = lived_in(backend);
    let record = shop.at("carillon.departures");
    let whole = std::fs::read_to_string(&record).unwrap();
    let kept: Vec<&str> = whole.lines().take(2).collect();
    let link = kept[1].rsplit(' ').next().unwrap();
    std::fs::write(&record, format!("{}\n", kept.join("\n"))).unwrap();
    let seen = format!("UPDATE store_facts SET value = '1 {link}' WHERE name LIKE 'departures:%'");
    run_sql(&shop.fresh.url, &seen);
    // Six people left, one of them for two reasons, and the first stands in what was kept.
    assert_eq!(found(&shop, 1), [("unrecorded".to_owned(), 5)]);
    let said = shop.run(&["consent", "prove", "jo@example.fr"]).exits(1).stdout;
    assert!(said.starts_with("NO PROOF: somebody left, as the store says, and the record"), "{said}");
    std::fs::remove_file(&record).unwrap();
    run_sql(&shop.fresh.url, "DELETE FROM store_facts WHERE name LIKE 'departures%'");
    assert_eq!(found(&shop, 1), [("unrecorded".to_owned(), 6)]);
});

both!(somebody_whose_row_was_deleted_is_not_taken_for_a_stranger, |backend| {
    let shop = lived_in(backend);
    let camille = member(&shop, "camille@example.fr");
    run_sql(&shop.fresh.url, &format!("DELETE FROM members WHERE id = {}", camille.id));
    for who in ["Camille@example.fr", &camille.pseudonym.to_string()] {
        let said = shop.run(&["consent", "prove", who]).exits(1).stderr;
        assert!(said.contains("NO PROOF: the ledger knows this person"), "{said}");
    }
    let said = shop.run(&["consent", "prove", "nobody@example.fr"]).exits(1).stderr;
    assert!(said.contains("there is no such member"), "{said}");
});

both!(a_file_without_an_anchor_says_nothing, |backend| {
    let shop = lived_in(backend);
    let path = shop.at("anchors.txt");
    for (text, why) in [
        (Some(""), "there is no anchor in it"),
        (Some(" \n\n"), "there is no anchor in it"),
        (Some("{}\n"), "anchors.txt:1: this is no anchor"),
        (None, "there is no such file"),
    ] {
        std::fs::remove_file(&path).unwrap_or_default();
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(1);
        assert!(said.stdout.starts_with("not whole:\n") && said.stdout.contains(why), "{text:?}: {}", said.stdout);
    }
});

both!(what_follows_from_the_ledger_is_made_again, |backend| {
    let shop = lived_in(backend);
    let zeros = "0".repeat(64);
    let sacha = member(&shop, "sacha@example.fr").id;
    for sql in [
        "DELETE FROM suppressions".to_owned(),
        format!("INSERT INTO suppressions VALUES ('{zeros}', '00000000', 'withdrawn', 1)"),
        "UPDATE suppressions SET cause = 'dead'".to_owned(),
        "UPDATE members SET consent = 'confirmed' WHERE consent = 'withdrawn'".to_owned(),
    ] {
        run_sql(&shop.fresh.url, &sql);
        shop.run(&["consent", "verify"]).exits(1);
        shop.run(&["consent", "rebuild"]).exits(0);
        assert_eq!(found(&shop, 0), [], "{sql}");
    }
    // Without the row there is no more to write to; but whoever left stays out.
    run_sql(&shop.fresh.url, &format!("DELETE FROM members WHERE id = {sacha}; DELETE FROM suppressions;"));
    shop.run(&["consent", "rebuild"]).exits(0);
    shop.write_lines("back.csv", &[HEADER.to_owned(), row("sacha@example.fr", 0)]);
    let said = shop.run(&["member", "import", "back.csv"]).exits(1);
    assert!(said.stdout.contains("1 withdrew"), "{}", said.stdout);
});
