//! The ledger is anchored outside the store, the proof of one consent is a page, and both outlive a change of keys.

use carillon::config::load_keyring;
use carillon::db::anchors::{AnchorError, LedgerAnchors};
use carillon::member::{Fingerprint, Mismatch, read_unsubscribe_token, unsubscribe_token};
use jiff::Timestamp;
use serde_json::Value;

use crate::member::{HEADER, WORDING, row};
use crate::support::backend::{Backend, both};
use crate::support::folder::ShopFolder;
use crate::support::shop::run_sql;

/// The file that the configuration names.
const FILE: &str = "carillon.anchors";

fn shop_of_two(backend: Backend) -> ShopFolder {
    let shop = ShopFolder::on(backend);
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    shop
}

fn anchors(shop: &ShopFolder) -> LedgerAnchors {
    LedgerAnchors::new(&shop.at(FILE), None, &load_keyring(&shop.at("keys.toml")).unwrap()).unwrap()
}

/// What `consent verify` says against the file of anchors; nothing against the ledger.
#[track_caller]
fn verify_finds(shop: &ShopFolder, words: &str) {
    let said = shop.run(&["consent", "verify"]).exits(1);
    let kind = "not whole:\nthe file of anchors is gone, or not as it was written";
    assert!(said.stdout.starts_with(kind), "{}", said.stdout);
    assert!(said.stdout.contains(words), "{words}: {}", said.stdout);
}

both!(an_anchor_is_written_once_a_day, |backend| {
    let (shop, now) = (shop_of_two(backend), carillon::clock::Clock::System.now());
    let anchors = anchors(&shop);
    let add = |hours: i64| {
        let at: Timestamp = now + jiff::SignedDuration::from_hours(hours);
        anchors.append_if_due(shop.store(), &mut None, at).unwrap().map(|anchor| (anchor.number, anchor.head.seq))
    };
    assert_eq!(
        [add(0), add(0), add(24), add(24), add(-48), add(72)].map(|it| it.map(|(number, _)| number)),
        [Some(1), None, Some(2), None, None, Some(3)]
    );
    shop.run(&["consent", "verify"]).exits(0);
    run_sql(&shop.fresh.url, "UPDATE consent_events SET source = 'form-8' WHERE seq = 2");
    let broken = anchors.append(shop.store(), now, false).unwrap_err();
    assert!(matches!(&broken, AnchorError::Ledger(bad) if bad.seq == 2), "{broken}");
    assert_eq!(shop.read(FILE).lines().count(), 3);
});

both!(a_file_of_anchors_that_was_tampered_with_is_found, |backend| {
    let shop = shop_of_two(backend);
    shop.run(&["consent", "verify"]).exits(0);
    for _ in 0..3 {
        shop.run(&["consent", "anchor"]).exits(0);
    }
    shop.run(&["consent", "verify"]).exits(0);
    let text = shop.read(FILE);
    let lines: Vec<&str> = text.lines().collect();
    shop.write(FILE, format!("{}\n{}\n", lines[0], lines[1]));
    verify_finds(&shop, "was cut short: it had 3 lines, and has 2");
    let refused = shop.run(&["consent", "anchor"]).exits(1);
    assert!(refused.stderr.contains("was cut short") && refused.stderr.contains("--begin-anew"), "{}", refused.stderr);
    shop.write(FILE, format!("{}\n{}\n", lines[0], lines[2]));
    verify_finds(&shop, "a line before this one was taken out or changed");
    shop.write(FILE, text.replace(" 2 ", " 1 "));
    verify_finds(&shop, "none of these keys signed this line");
    shop.write(FILE, "");
    verify_finds(
        &shop,
        if matches!(backend, Backend::Sqlite) { "is gone or empty" } else { "there is no anchor in it" },
    );
    let (before, first) = (format!("{}\n", lines[0]), lines[0].replacen("Z ", "1Z ", 1));
    assert_ne!(first, lines[0]);
    // What is refused makes no file, and begins none beside one that still proves something.
    shop.write(FILE, &before);
    let refused = shop.run(&["consent", "anchor", "--begin-anew"]).exits(1);
    assert!(refused.stderr.contains("still proves something"), "{}", refused.stderr);
    shop.write(FILE, &text);
    let refused = shop.run(&["consent", "anchor", "--begin-anew"]).exits(1);
    assert!(refused.stderr.contains("is whole, and goes on"), "{}", refused.stderr);
    assert_eq!(shop.read(FILE), text);
    // A copy from before is an older state of the same ledger.
    shop.write("copy.anchors", &before);
    let said = shop.run(&["consent", "verify", "--anchor", "copy.anchors"]).exits(0);
    assert!(said.stderr.contains("is a copy from before: it has 1 of 3 lines"), "{}", said.stderr);
    shop.run(&["consent", "anchor", "copy.anchors"]).exits(1);
    shop.write("copy.anchors", first);
    let said = shop.run(&["consent", "verify", "--anchor", "copy.anchors"]).exits(1);
    assert!(said.stdout.contains("copy.anchors:1: "), "{}", said.stdout);
    // A line that was being written when the machine stopped is no damage.
    shop.write(FILE, format!("{text}carillon.anchor.v1 half"));
    shop.run(&["consent", "anchor"]).exits(0);
    shop.run(&["consent", "verify"]).exits(0);
    if matches!(backend, Backend::Sqlite) {
        std::fs::remove_file(shop.at(FILE)).unwrap();
        verify_finds(&shop, "is gone or empty: it had 4 lines");
        shop.run(&["consent", "anchor"]).exits(1);
        assert!(!shop.at(FILE).exists());
        shop.run(&["consent", "anchor", "--begin-anew"]).exits(0);
        shop.run(&["consent", "verify"]).exits(0);
    }
});

both!(lines_that_no_anchor_covers_are_found_after_two_days, |backend| {
    let (shop, now) = (shop_of_two(backend), carillon::clock::Clock::System.now());
    let anchors = anchors(&shop);
    let compare = |hours: i64| {
        let at = now + jiff::SignedDuration::from_hours(hours);
        shop.store().read_blocking(|db| anchors.compare(db, shop.store().is_one_machines(), at)).unwrap().wrong
    };
    assert_eq!(compare(47), []);
    let found = compare(49);
    assert_eq!(found[0].0, Mismatch::Unanchored);
    assert!(found[0].1.contains("line 1 of the ledger was written down at"), "{found:?}");
    anchors.append(shop.store(), now, false).unwrap();
    assert_eq!(compare(49), []);
});

both!(a_ledger_that_is_not_the_one_anchored_is_told_from_a_damaged_file, |backend| {
    let shop = shop_of_two(backend);
    shop.run(&["consent", "anchor"]).exits(0);
    run_sql(&shop.fresh.url, "DELETE FROM consent_events WHERE seq = 2");
    let said = shop.run(&["consent", "verify"]).exits(1);
    let kind = "the ledger is not the one that was anchored (1)\n";
    assert!(said.stdout.contains(kind) && said.stdout.contains("line 2 of "), "{}", said.stdout);
    assert!(!said.stdout.contains("the file of anchors"), "{}", said.stdout);
});

both!(a_file_that_is_lost_between_two_anchors_is_noticed, |backend| {
    let (shop, now) = (shop_of_two(backend), carillon::clock::Clock::System.now());
    let (anchors, mut seen) = (anchors(&shop), None);
    for _ in 0..2 {
        anchors.append_if_due(shop.store(), &mut seen, now).unwrap();
    }
    let text = shop.read(FILE);
    std::fs::remove_file(shop.at(FILE)).unwrap();
    let mut refused = |words: &str| {
        let error = anchors.append_if_due(shop.store(), &mut seen, now).unwrap_err();
        assert!(matches!(&error, AnchorError::File(said) if said.contains(words)), "{words}: {error}");
    };
    refused("is gone or empty: it had 1 line");
    assert!(!shop.at(FILE).exists(), "no new one takes its place");
    // Another one that nobody began on purpose.
    let other = shop_of_two(backend);
    other.run(&["consent", "anchor"]).exits(0);
    shop.write(FILE, other.read(FILE));
    refused("none of these keys signed this line");
    shop.write(FILE, &text);
    assert_eq!(anchors.append_if_due(shop.store(), &mut seen, now).unwrap(), None);
    // One that was.
    std::fs::remove_file(shop.at(FILE)).unwrap();
    shop.run(&["consent", "anchor", "--begin-anew"]).exits(0);
    assert_eq!(anchors.append_if_due(shop.store(), &mut seen, now).unwrap(), None);
});

both!(anybody_can_check_anchors_with_the_public_key, |backend| {
    let shop = shop_of_two(backend);
    let keys = shop.run(&["consent", "public-key"]).exits(0).stdout;
    shop.run(&["consent", "anchor"]).exits(0);
    shop.run(&["keys", "rotate"]).exits(0);
    shop.run(&["consent", "anchor"]).exits(0);
    shop.run(&["consent", "verify"]).exits(0);
    let lines: Vec<String> = shop.read(FILE).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["carillon.anchor.v1", "carillon.anchor-key.v1", "carillon.anchor.v1"]);
    let all = shop.run(&["consent", "public-key"]).exits(0).stdout;
    assert_eq!(all.matches("BEGIN PUBLIC KEY").count(), 2, "{all}");
    assert!(all.ends_with(&keys), "{all}");
    // Elsewhere, with nothing of the shop's but these two files; the key is the one that was handed out in the beginning.
    let elsewhere = ShopFolder::bare();
    elsewhere.write("anchors.pub.pem", &keys);
    elsewhere.write(FILE, shop.read(FILE));
    let check =
        |code| elsewhere.run(&["consent", "check-anchors", FILE, "--public-key", "anchors.pub.pem"]).exits(code);
    assert!(check(0).stdout.starts_with("2 anchors, all good; at "), "{}", check(0).stdout);
    elsewhere.write("anchors.pub.pem", &all);
    check(0);
    elsewhere.write("anchors.pub.pem", all.strip_suffix(&keys).unwrap());
    assert!(check(1).stdout.contains("needs the older keys too"), "{}", check(1).stdout);
    elsewhere.write(FILE, shop.read(FILE).replacen(" 2 ", " 3 ", 1));
    assert!(check(1).stdout.contains("none of these keys signed this line"), "{}", check(1).stdout);
    elsewhere.write(FILE, "");
    assert!(check(1).stdout.contains("there is no anchor in it"));
    elsewhere.write("anchors.pub.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assert!(check(1).stderr.contains("it is not an Ed25519 public key in PEM"), "{}", check(1).stderr);
});

both!(the_proof_of_a_consent_is_a_page, |backend| {
    let shop = shop_of_two(backend);
    let prove = |page: &str, more: &[&str], code| {
        let args = [&["consent", "prove", "camille@example.fr", "--page", page], more].concat();
        let said = shop.run(&args).exits(code);
        assert!(said.stdout.is_empty(), "{}", said.stdout);
        shop.read(page)
    };
    shop.run(&["list", "add", "club", "camille@example.fr", "--reason", "took the card"]).exits(0);
    let before = prove("before.html", &[], 0);
    for words in ["Les listes où figure la personne", "<dt>club</dt>", "took the card"] {
        assert!(before.contains(words), "{words}: {before}");
    }
    assert!(before.contains("Aucun ancrage ne couvre encore"), "{before}");
    shop.run(&["consent", "anchor"]).exits(0);
    let french = prove("preuve.html", &[], 0);
    let digest = carillon::keys::Sha256Digest::of(WORDING.as_bytes()).to_string();
    let anchor = shop.read(FILE).trim_end().to_owned();
    for words in
        ["lang=\"fr\"", "Preuve de consentement", "A donné son consentement", "camille@example.fr", &digest, WORDING]
    {
        assert!(french.contains(words), "{words}: {french}");
    }
    for words in ["heure de Paris (20", " UTC)", "langue\u{a0}: français (<span class=\"hash\">language:fr</span>)"] {
        assert!(french.contains(words), "{words}: {french}");
    }
    assert!(french.replace("&#x2F;", "/").replace("&#x3D;", "=").contains(&anchor), "{french}");
    for nothing in ["<script", "src=", "http://", "@import", "{{", "sacha"] {
        assert!(!french.contains(nothing), "{nothing}");
    }
    let english = prove("proof.html", &["--language", "en"], 0);
    assert!(english.contains("Proof of consent") && english.contains("Gave consent"), "{english}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(shop.at("proof.html")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = shop.run(&["consent", "prove", "camille@example.fr", "--page", "proof.html"]).exits(1);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    let json = shop.run(&["consent", "prove", "camille@example.fr", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["anchor"]["line"], anchor.as_str());
    run_sql(&shop.fresh.url, "UPDATE consent_texts SET body = 'J’accepte tout.'");
    let doubtful = prove("doubtful.html", &[], 1);
    assert!(doubtful.contains("CECI N’EST PAS UNE PREUVE") && !doubtful.contains("J’accepte tout."), "{doubtful}");
});

both!(everything_outlives_a_change_of_keys, |backend| {
    let shop = shop_of_two(backend);
    let keyring = || load_keyring(&shop.at("keys.toml")).unwrap();
    let member = |address: &str| {
        let fingerprints = Fingerprint::all(&keyring(), &address.parse().unwrap());
        let found = shop.store().read_blocking(|db| carillon::db::members::find_by_fingerprint(db, &fingerprints));
        found.unwrap().unwrap()
    };
    let old = keyring();
    let camille = member("camille@example.fr");
    let link = unsubscribe_token(&old, &camille.pseudonym);
    shop.run_with("sacha@example.fr", &["member", "withdraw", "-"]).exits(0);
    let said = shop.run(&["keys", "rotate"]).exits(0);
    let new = keyring();
    assert_eq!(said.stdout, format!("{}  current\n", new.current()));
    assert_eq!(new.ids().skip(1).collect::<Vec<_>>(), old.ids().collect::<Vec<_>>());
    assert_eq!(shop.run(&["keys", "list"]).exits(0).stdout, format!("{}  current\n{}\n", new.current(), old.current()));
    // A link in a mail that was sent before.
    assert_eq!(read_unsubscribe_token(&new, &link), Some(camille.pseudonym));
    // Who left before stays out, and whoever is known is known: no second row.
    let again = [HEADER.to_owned(), row("camille@example.fr", 1), row("sacha@example.fr", 1), row("jo@example.fr", 1)];
    shop.write_lines("again.csv", &again);
    let imported = shop.run(&["member", "import", "again.csv", "--json"]).exits(1).stdout;
    let imported: Value = serde_json::from_str(&imported).unwrap();
    assert_eq!(
        (&imported["accepted"], &imported["refreshed"], &imported["rejected"]),
        (&1.into(), &1.into(), &1.into()),
        "{imported}"
    );
    assert_eq!(member("camille@example.fr").pseudonym, camille.pseudonym);
    assert_eq!(member("jo@example.fr").fingerprint.key(), new.current());
    // And whoever came in before leaves now, also by address.
    shop.run_with("camille@example.fr", &["member", "withdraw", "-"]).exits(0);
    shop.run(&["keys", "rotate"]).exits(0);
    assert_eq!(read_unsubscribe_token(&keyring(), &link), Some(camille.pseudonym));
    shop.run(&["consent", "verify"]).exits(0);
    shop.run(&["consent", "rebuild"]).exits(0);
    for who in ["camille@example.fr", "sacha@example.fr"] {
        assert_eq!(member(who).consent.as_str(), "withdrawn", "{who}");
    }
});
