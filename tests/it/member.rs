//! People at the command line: importing with evidence, withdrawing, erasing, proving; on both stores.

use carillon::clock::Clock;
use carillon::config::{StoreUrl, load_keyring};
use carillon::db::{audit, problems, signups, turned_away};
use carillon::keys::Sha256Digest;
use carillon::member::{Language, SignUp};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::backend::{Backend, both};
use crate::support::folder::ShopFolder;
use crate::support::shop::run_sql;

pub(crate) const HEADER: &str = "address;language;confirmed_at;wording;source;method";
pub(crate) const WORDING: &str = "Je souhaite recevoir, par courriel, les avant-premières de Maison Exemple.";

/// An instant so many days ago.
fn ago(days: i64) -> Timestamp {
    Clock::System.now() - SignedDuration::from_hours(24 * days)
}

pub(crate) fn row(address: &str, days: i64) -> String {
    format!("{address};fr;{};\"{WORDING}\";form-7;web_form", ago(days))
}

both!(a_file_comes_in_with_its_evidence_or_not_at_all, |backend| {
    let shop = ShopFolder::on(backend);
    let lines = [
        HEADER.to_owned(),
        row("camille@example.fr", 10),
        row("dominique@example.fr", 20),
        "sacha@example.fr;fr;2026-01-01 10:00;;form-7;web_form".to_owned(),
        row("Camille@example.fr", 5),
        row("alex@example.fr", 1_000),
        row("pas-une-adresse", 1),
    ];
    shop.write_lines("members.csv", &lines);
    shop.write_lines("members.rejected.csv", &["being mended".to_owned()]);
    let dry = shop.run(&["member", "import", "members.csv", "--dry-run"]).exits(1);
    assert_eq!(shop.read("members.rejected.csv"), "being mended", "a dry run writes nothing");
    for line in ["line 4: `confirmed_at` has no offset", "line 6: ", "line 7: the address has no `@`"] {
        assert!(dry.stderr.contains(line), "{line}: {}", dry.stderr);
    }
    assert!(!dry.stderr.contains("example.fr") && !dry.stderr.contains("rejected.csv"), "{}", dry.stderr);
    assert!(dry.stdout.starts_with("nothing was changed"), "{}", dry.stdout);
    assert_eq!(shop.json(&["member", "list", "--json"]), serde_json::json!([]));

    let said = shop.run(&["member", "import", "members.csv"]).exits(1);
    let expected = "accepted   2\nrefreshed  1\nknown      0\nrejected   3\n  1 consent expired\n  1 no usable instant of consent\n  1 not an address\n";
    assert_eq!(said.stdout, expected);
    assert!(said.stderr.contains("members.rejected-2.csv"), "{}", said.stderr);
    assert!(!said.stderr.contains("example.fr"), "{}", said.stderr);
    assert_eq!(shop.read("members.rejected.csv"), "being mended", "what somebody mends is not written over");
    let rejected = shop.read("members.rejected-2.csv");
    let mut rejected = rejected.lines();
    assert_eq!(rejected.next(), Some(format!("line;reason;{HEADER}").as_str()));
    assert!(rejected.next().unwrap().starts_with("4;\"`confirmed_at` has no offset"), "line and reason");
    assert_eq!(rejected.count(), 2);
    is_private(&shop, "members.rejected-2.csv");

    let again = shop.json(&["member", "import", "members.csv", "--json"]);
    assert_eq!((&again["accepted"], &again["refreshed"], &again["known"]), (&0.into(), &0.into(), &3.into()));
    // The rejected rows go in again as they are, once mended.
    let mended = shop.read("members.rejected-2.csv").replace("pas-une-adresse", "morgan@example.fr");
    std::fs::write(shop.at("mended.csv"), mended).unwrap();
    assert_eq!(shop.json(&["member", "import", "mended.csv", "--json"])["accepted"], 1);

    let listed = shop.json(&["member", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["address"], "C…@example.fr", "as written in the newest row");
    let audited = shop.store().read_blocking(|db| audit::list(db, None)).unwrap();
    assert_eq!(audited.iter().filter(|entry| entry.action.name() == "member.imported").count(), 3);
    assert!(!serde_json::to_string(&audited).unwrap().contains("example.fr"));
});

both!(a_withdrawal_by_list_outlives_every_import, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    let said = shop.run_with("CAMILLE@example.fr\r\ninconnue@example.org\n\n", &["member", "withdraw", "-"]).exits(0);
    assert_eq!(
        said.stdout, "1 withdrawn, 0 had been before, 0 unknown; 1 was no member: kept out from now on\n",
        "nobody takes the second for a member who has left"
    );
    let again = shop.run(&["member", "withdraw", "inconnue@example.org"]).exits(0);
    assert_eq!(again.stdout, "0 withdrawn, 0 had been before, 0 unknown; 1 was no member: kept out from now on\n");
    assert!(again.stderr.contains("no member has this address"), "{}", again.stderr);
    let counts = shop.json(&["member", "withdraw", "autre@example.org", "--json"]);
    assert_eq!((&counts["done"], &counts["no_member"]), (&0.into(), &1.into()), "{counts}");
    let said = shop.run_with("camille@example.fr", &["member", "withdraw", "-"]).exits(0);
    assert_eq!(said.stdout, "0 withdrawn, 1 had been before, 0 unknown\n");
    shop.write_lines("again.csv", &[HEADER.to_owned(), row("camille@example.fr", 0), row("inconnue@example.org", 0)]);
    let said = shop.run(&["member", "import", "again.csv"]).exits(1);
    assert!(said.stdout.contains("rejected   2\n  2 withdrew\n"), "{}", said.stdout);
    assert!(shop.read("again.rejected.csv").contains("only the person can come back"));
    let confirmed = shop.json(&["member", "list", "--state", "confirmed", "--json"]);
    assert_eq!(confirmed.as_array().unwrap().len(), 1);
    shop.run(&["member", "withdraw", "00000000000000000000000000000000"]).exits(1);
    let wrong = shop.run(&["member", "withdraw", "camille.example.fr"]).exits(2);
    assert!(wrong.stderr.contains("the address has no `@`"), "{}", wrong.stderr);
    shop.run_with("\n\n", &["member", "withdraw", "-"]).exits(2);
});

/// A list as other programs write it, and how many people are on it.
const OPT_OUTS: (&str, usize) = (
    "\u{feff}E-mail;Date;Motif\r\n# exporté le 3 mars\r\n\r\n\"a1@example.fr\"\r\nNom <a2@example.fr>\r\n\
     a3@example.fr;2025-01-01\r\nmailto:a4@example.fr\r\n\ta5@example.fr\r\na6@example.fr.\r\n'a7@example.fr'\r\n\
     <a8@example.fr>\r\na9@example.fr,\"plus, jamais\"\r\na10@example.fr\t1\r\n",
    10,
);

both!(everybody_on_a_list_who_can_be_read_has_left, |backend| {
    let shop = ShopFolder::on(backend);
    let (text, count) = OPT_OUTS;
    let members: Vec<String> = (1..=count).map(|number| row(&format!("a{number}@example.fr"), 10)).collect();
    shop.write_lines("members.csv", &[&[HEADER.to_owned()], members.as_slice()].concat());
    shop.run(&["member", "import", "members.csv"]).exits(0);
    // One byte of Windows-1252 and two lines that nobody can read.
    let mut list = text.as_bytes().to_vec();
    list.extend_from_slice(b"Zo\xe9 <zoe@example.fr>;d\xe9sinscrite\r\nsacha.example.fr\r\nzo\xe9@example.fr;x\r\n");
    std::fs::write(shop.at("opt-outs.txt"), &list).unwrap();
    let said = shop.run(&["member", "withdraw", "--file", "opt-outs.txt"]).exits(1);
    assert_eq!(
        said.stdout,
        "10 withdrawn, 0 had been before, 0 unknown, 2 lines not read; 1 was no member: kept out from now on\n"
    );
    for words in ["line 15: the address has no `@`", "line 16: ", "opt-outs.unread.csv"] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
    assert!(!said.stderr.contains("example.fr"), "{}", said.stderr);
    assert_eq!(shop.json(&["member", "list", "--state", "confirmed", "--json"]), serde_json::json!([]));
    let unread = shop.read("opt-outs.unread.csv");
    assert!(unread.starts_with("line;reason;address\n15;the address has no `@`;sacha.example.fr\n16;"), "{unread}");
    is_private(&shop, "opt-outs.unread.csv");

    // The same file is mended and read again; one that is there is never replaced.
    let half = unread.replace("sacha.example.fr", "sacha@example.fr");
    std::fs::write(shop.at("opt-outs.unread.csv"), half).unwrap();
    let said = shop.run(&["member", "withdraw", "--file", "opt-outs.unread.csv", "--json"]).exits(1);
    let counts: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&counts["no_member"], &counts["unread_lines"]), (&1.into(), &serde_json::json!([3])), "{counts}");
    assert_eq!(counts["unread_file"], "opt-outs.unread-2.csv");
    is_private(&shop, "opt-outs.unread-2.csv");
});

both!(a_list_on_the_standard_input_is_read_alike, |backend| {
    let shop = ShopFolder::on(backend);
    let (text, count) = OPT_OUTS;
    let said = shop.run_with(text, &["member", "withdraw", "-"]).exits(0);
    let strangers = |count| format!("; {count} were no members: kept out from now on");
    assert_eq!(said.stdout, format!("0 withdrawn, 0 had been before, 0 unknown{}\n", strangers(count)));
    let said =
        shop.run_with("sacha.example.fr\nb@example.fr", &["member", "withdraw", "-", "--unread", "left.csv"]).exits(1);
    let one = "; 1 was no member: kept out from now on";
    assert_eq!(said.stdout, format!("0 withdrawn, 0 had been before, 0 unknown, 1 line not read{one}\n"));
    is_private(&shop, "left.csv");
    let said = shop.run_with("c@example.fr", &["member", "withdraw", "-", "--unread", "left.csv"]).exits(2);
    assert!(said.stderr.contains("exists already"), "{}", said.stderr);
    shop.run_with("sacha.example.fr", &["member", "withdraw", "-"]).exits(1);
    is_private(&shop, "withdrawals.unread.csv");
    shop.write_lines("list.txt", &["d@example.fr".to_owned()]);
    let said = shop.run(&["member", "withdraw", "list.txt"]).exits(2);
    assert!(said.stderr.contains("carillon member withdraw --file list.txt"), "{}", said.stderr);
    shop.run(&["member", "withdraw", "--file", "list.txt"]).exits(0);
    shop.run(&["member", "withdraw", "--file", "none.txt"]).exits(3);
});

/// Asserts that only its owner can read a file.
#[track_caller]
fn is_private(shop: &ShopFolder, name: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(shop.at(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

both!(a_consent_is_proved_and_a_person_leaves, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    let proof = shop.run_with("camille@example.fr\n", &["consent", "prove", "-"]).exits(0);
    assert!(proof.stdout.contains(WORDING) && proof.stdout.contains("import:web_form"), "{}", proof.stdout);
    assert!(!proof.stdout.contains("camille"), "{}", proof.stdout);
    let digest = Sha256Digest::of(WORDING.as_bytes()).to_string();
    assert!(proof.stdout.contains(&format!("  wording  {digest}\n")), "in full: {}", proof.stdout);
    let proof = shop.json(&["consent", "prove", "camille@example.fr", "--json"]);
    let pseudonym = proof["proofs"][0]["pseudonym"].as_str().unwrap().to_owned();
    let digest = proof["proofs"][0]["events"][0]["text_version"].as_str().unwrap();
    assert_eq!(proof["proofs"][0]["wordings"][digest], WORDING);
    let export = shop.json(&["member", "export", "camille@example.fr"]);
    assert_eq!(export["address"], "camille@example.fr");
    let shown = shop.run(&["member", "show", &pseudonym]).exits(0);
    assert!(shown.stdout.contains("c…@example.fr") && !shown.stdout.contains("camille"), "{}", shown.stdout);

    shop.run(&["member", "erase", &pseudonym]).exits(1);
    let erased = shop.run(&["member", "erase", &pseudonym, "--yes"]).exits(0);
    assert!(erased.stdout.starts_with("1 erased, 0 had been before, 0 unknown\nnot reached: "), "{}", erased.stdout);
    assert!(!shop.json(&["member", "export", &pseudonym]).to_string().contains("camille@"));
    let proof = shop.run(&["consent", "prove", "camille@example.fr"]).exits(0);
    assert!(proof.stdout.contains("(erased)") && proof.stdout.contains(WORDING), "{}", proof.stdout);
    shop.run(&["member", "withdraw", "sacha@example.fr"]).exits(0);
    shop.run(&["member", "erase", "sacha@example.fr", "--yes"]).exits(0);
    for entry in shop.store().read_blocking(|db| audit::list(db, None)).unwrap() {
        assert_eq!((entry.who.as_str(), entry.object.contains('@')), ("camille", false), "{entry:?}");
    }
    let events = shop.json(&["member", "export", "sacha@example.fr"])["events"].clone();
    assert_eq!((&events[1]["method"], &events[2]["method"]), (&"staff:camille".into(), &"staff:camille".into()));
    if let StoreUrl::Sqlite(file) = &shop.fresh.url {
        let bytes = [std::fs::read(file).unwrap(), std::fs::read(file.with_extension("db-wal")).unwrap_or_default()];
        let bytes = bytes.concat();
        for address in ["camille@example.fr", "sacha@example.fr"] {
            assert!(!bytes.windows(address.len()).any(|window| window == address.as_bytes()), "{address}");
        }
    }
    let said = shop.run(&["member", "show", "nobody@example.fr"]).exits(1);
    assert!(said.stderr.contains("there is no such member") && !said.stderr.contains("nobody"), "{}", said.stderr);
});

/// Somebody fills in the form, in English.
fn signs_up(shop: &ShopFolder, address: &str, at: Timestamp) {
    let keyring = load_keyring(&shop.at("keys.toml")).unwrap();
    let sign_up = SignUp {
        address: address.parse().unwrap(),
        language: Language::En,
        text: "By pressing this button I ask for it.".into(),
        form_version: "carillon 1, page 2".into(),
        source: "join".into(),
        nonce: [address.as_bytes()[1]; 16],
    };
    shop.store().write_blocking(|db| signups::put(db, std::slice::from_ref(&sign_up), &keyring, at)).unwrap();
}

both!(a_sign_up_that_waits_is_part_of_what_is_held, |backend| {
    let shop = ShopFolder::on(backend);
    let asked_at = ago(0);
    signs_up(&shop, "claire@example.org", asked_at);
    let export = shop.json(&["member", "export", "Claire@example.org"]);
    let sign_up = &export["sign_up"];
    assert_eq!((&sign_up["address"], &sign_up["language"]), (&"claire@example.org".into(), &"en".into()), "{export}");
    assert_eq!(sign_up["wording"], "By pressing this button I ask for it.");
    assert_eq!((&sign_up["letters"], sign_up["letter_due_at"].is_string()), (&0.into(), true), "{export}");
    let shown = shop.run(&["member", "show", "claire@example.org"]).exits(0).stdout;
    for words in ["c…@example.org", "none sent; the next is due at", "join (carillon 1, page 2)"] {
        assert!(shown.contains(words) && !shown.contains("claire"), "{words}: {shown}");
    }
    let proof = shop.run(&["consent", "prove", "claire@example.org"]).exits(1).stdout;
    assert!(proof.starts_with("NO PROOF: c…@example.org has not agreed: a sign-up of "), "{proof}");
    let proof = shop.json(&["consent", "prove", "claire@example.org", "--json"]);
    assert_eq!((&proof["holds"], &proof["sign_ups"][0]["source"]), (&false.into(), &"join".into()), "{proof}");
    let refused = shop.run(&["consent", "prove", "claire@example.org", "--page", "proof.html"]).exits(1);
    assert!(refused.stderr.contains("the sign-up waits") && !shop.at("proof.html").exists(), "{}", refused.stderr);

    // A member who signs up again, whose letters have all gone to this address.
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    shop.run(&["member", "withdraw", "camille@example.fr"]).exits(0);
    signs_up(&shop, "camille@example.fr", asked_at);
    let fingerprint = "SELECT fingerprint FROM signups WHERE address = 'camille@example.fr'";
    let letter = format!(
        "INSERT INTO signup_letters (fingerprint, sent_at) {}; UPDATE signups SET letter_due_at = NULL",
        fingerprint.replace("fingerprint FROM", &format!("fingerprint, {} FROM", asked_at.as_microsecond()))
    );
    run_sql(&shop.fresh.url, &letter);
    let export = shop.json(&["member", "export", "camille@example.fr"]);
    assert_eq!((&export["consent"], &export["sign_up"]["source"]), (&"withdrawn".into(), &"join".into()), "{export}");
    assert_eq!(export["confirmation_letters"].as_array().unwrap().len(), 1, "{export}");
    let shown = shop.run(&["member", "show", "camille@example.fr"]).exits(0).stdout;
    assert!(shown.contains("withdrawn since") && shown.contains("none sent, and none is to"), "{shown}");
    // Several people are one document, too.
    let both = shop.run_with("claire@example.org\ncamille@example.fr\n", &["member", "export", "-"]).exits(0).stdout;
    let both: Value = serde_json::from_str(&both).unwrap();
    assert_eq!((both.as_array().unwrap().len(), &both[1]["consent"]), (2, &"withdrawn".into()));
    let said = shop.run(&["member", "export", "nobody@example.fr"]).exits(1);
    assert!(said.stderr.contains("there is no such member, and no sign-up"), "{}", said.stderr);
    for entry in shop.store().read_blocking(|db| audit::list(db, None)).unwrap() {
        assert!(!entry.object.contains('@'), "{entry:?}");
    }
});

both!(status_tells_of_who_waits_and_of_who_was_turned_away, |backend| {
    let shop = ShopFolder::on(backend);
    let line = || {
        let said = shop.run(&["status"]).exits(0).stdout;
        said.lines().find(|line| line.starts_with("sign-ups: ")).map(str::to_owned)
    };
    assert_eq!(line().unwrap(), "sign-ups: 0 wait for a confirmation; 0 letters to send; 0 confirmed so far");
    signs_up(&shop, "claire@example.org", ago(0));
    let now = Clock::System.now();
    shop.store()
        .write_blocking(|db| {
            turned_away::add(db, 3, now)?;
            problems::settle(db, now)
        })
        .unwrap();
    let said = line().unwrap();
    assert!(
        said.contains("1 waits for a confirmation") && said.contains("; 3 turned away so far, the last at "),
        "{said}"
    );
    assert_eq!(shop.json(&["status", "--json"])["turned_away"]["count"], 3);
    let check = shop.run(&["status", "--check"]).exits(1).stdout;
    assert!(check.starts_with("CARILLON WARNING: sign-ups have been turned away since "), "{check}");
    // Whoever waits when the section is taken away waits all the same.
    shop.configure("[join]\nsources = [\"footer\"]\n", "");
    assert!(line().unwrap().contains("1 waits for a confirmation"));
    run_sql(&shop.fresh.url, "DELETE FROM signups");
    assert_eq!(line(), None);
});

both!(what_was_never_known_is_not_said, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    shop.run(&["member", "withdraw", "inconnue@example.org"]).exits(0);
    shop.run(&["member", "erase", "sacha@example.fr", "--yes"]).exits(0);
    let until = (Clock::System.now() + SignedDuration::from_hours(240)).as_microsecond();
    run_sql(
        &shop.fresh.url,
        &format!("UPDATE members SET paused_until = {until} WHERE address = 'camille@example.fr'"),
    );
    let shown = shop.run(&["member", "show", "inconnue@example.org"]).exits(0).stdout;
    assert!(shown.contains("address    (never known)\nlanguage   –\n"), "{shown}");
    let shown = shop.run(&["member", "show", "sacha@example.fr"]).exits(0).stdout;
    assert!(shown.contains("address    (erased)\nlanguage   fr\n"), "{shown}");
    let listed = shop.json(&["member", "list", "--json"]);
    let of = |field: &str| listed.as_array().unwrap().iter().map(|row| row[field].clone()).collect::<Vec<_>>();
    assert_eq!(of("language"), ["fr".into(), "fr".into(), Value::Null], "{listed}");
    assert_eq!(of("paused_until").iter().filter(|until| until.is_string()).count(), 1, "{listed}");
    let listed = shop.run(&["member", "list"]).exits(0).stdout;
    assert!(listed.contains("confirmed, paused until ") && listed.contains("(not kept)"), "{listed}");
});

both!(a_rewritten_ledger_is_caught_by_its_anchor, |backend| {
    let shop = ShopFolder::on(backend);
    // Where daemons of several machines share the store, another one may have the anchors: their file is named.
    let without_file = i32::from(!matches!(backend, Backend::Sqlite));
    shop.write_lines("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    shop.run(&["member", "import", "members.csv"]).exits(0);
    let anchored = shop.run(&["consent", "anchor", "anchors.txt"]).exits(0);
    assert!(anchored.stdout.starts_with("2 "), "{}", anchored.stdout);
    shop.run_with("sacha@example.fr", &["member", "withdraw", "-"]).exits(0);
    shop.run(&["consent", "anchor", "anchors.txt"]).exits(0);
    shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(0);

    run_sql(&shop.fresh.url, "UPDATE members SET consent = 'confirmed' WHERE consent = 'withdrawn'");
    let said = shop.run(&["consent", "verify"]).exits(1);
    assert!(said.stdout.contains("a member's row says another state than the ledger (1)"), "{}", said.stdout);
    shop.run(&["consent", "rebuild"]).exits(0);
    shop.run(&["consent", "verify"]).exits(without_file);

    // A withdrawal cut off the end leaves a whole chain, which no longer reaches the anchor.
    run_sql(&shop.fresh.url, "DELETE FROM consent_events WHERE seq = 3; DELETE FROM suppressions;");
    let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(1);
    assert!(said.stdout.contains("is missing from the ledger"), "{}", said.stdout);
    // The record of departures knows who left. The new line is not the old one, and the anchor goes on saying so.
    shop.run(&["consent", "rebuild"]).exits(0);
    shop.run(&["consent", "verify"]).exits(without_file);
    let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(1);
    assert!(said.stdout.contains("line 3 of ") && said.stdout.contains(" is another one now"), "{}", said.stdout);
    let forged = shop.read("anchors.txt").replace(" 3 ", " 2 ");
    std::fs::write(shop.at("anchors.txt"), forged).unwrap();
    let said = shop.run(&["consent", "verify", "--anchor", "anchors.txt"]).exits(1);
    assert!(said.stdout.contains("anchors.txt:2: none of these keys signed this line"), "{}", said.stdout);

    run_sql(&shop.fresh.url, "UPDATE consent_events SET source = 'form-8' WHERE seq = 2");
    let said = shop.run(&["consent", "verify", "--json"]).exits(1);
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap()["first_bad_seq"], 2);
    shop.run(&["consent", "anchor", "anchors.txt"]).exits(1);
});

both!(what_excel_saves_is_the_text_that_was_shown, |backend| {
    let shop = ShopFolder::on(backend);
    let wording = "J’écris « oui » :\r\nje veux les avant-premières.";
    let text = format!(
        "sep=;\r\n;\r\n{HEADER};;\r\ncamille@example.fr;fr;{};\"{wording}\";form-7;web_form;;\r\n\
         sacha@example.fr;fr;{};\"pas fermé;form-7;web_form\r\n{};;\r\n;;;;;;;\r\n",
        ago(10),
        ago(10),
        row("dominique@example.fr", 10),
    );
    let windows: Vec<u8> = text
        .chars()
        .map(|letter| if letter == '’' { 0x92 } else { u8::try_from(u32::from(letter)).unwrap() })
        .collect();
    shop.write("members.csv", windows);
    let said = shop.run(&["member", "import", "members.csv"]).exits(1);
    assert!(
        said.stdout.starts_with("accepted   2\n"),
        "an open quotation mark costs its own row alone: {}",
        said.stdout
    );
    let proof = shop.json(&["consent", "prove", "camille@example.fr", "--json"]);
    assert!(proof.to_string().contains(&serde_json::json!(wording).to_string()), "{proof}");
    let rejected = shop.read("members.rejected.csv");
    assert!(rejected.starts_with('\u{feff}'), "so that the same spreadsheet reads it");
    assert!(
        rejected.contains("6;a quotation mark is opened on this line and not closed;sacha@example.fr"),
        "{rejected}"
    );
    // Mended where it lies, it comes in.
    let mended = rejected.replace("\"\"\"pas fermé\"", "je le veux bien");
    assert_ne!(mended, rejected);
    shop.write("members.rejected.csv", mended);
    assert_eq!(shop.json(&["member", "import", "members.rejected.csv", "--json"])["accepted"], 1);
    assert_eq!(shop.json(&["member", "import", "members.rejected.csv", "--json"])["known"], 1);
});

#[test]
fn a_file_that_is_no_evidence_changes_nothing() {
    let shop = ShopFolder::configured();
    let path = shop.at("members.csv");
    std::fs::write(&path, b"address;language;confirmed_at;wording;source;method\na@example.fr;fr;;avant-premi\x8fres")
        .unwrap();
    let said = shop.run(&["member", "import", "members.csv"]).exits(1);
    assert!(said.stdout.contains("members.csv:2"), "{}", said.stdout);
    std::fs::write(&path, "email,prenom\na@example.fr,Camille\n").unwrap();
    let said = shop.run(&["member", "import", "members.csv"]).exits(1);
    assert!(said.stdout.contains("the header lacks `address`"), "{}", said.stdout);
    shop.run(&["member", "import", "none.csv"]).exits(3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let keys = shop.at("keys.toml");
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
        let said = shop.run(&["member", "import", "members.csv"]).exits(2);
        assert!(said.stderr.contains("chmod 600"), "{}", said.stderr);
    }
}
