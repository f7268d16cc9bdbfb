//! People at the command line: importing with evidence, withdrawing, erasing, proving; on both stores.

use std::io::Write as _;
use std::process::Stdio;

use carillon::clock::Clock;
use carillon::config::StoreUrl;
use carillon::config::create_keyring;
use carillon::db::{Store, audit};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::cli::{Said, command};
use crate::support::shop::{configure, run_sql};

pub(crate) const HEADER: &str = "address;language;confirmed_at;wording;source;method";
pub(crate) const WORDING: &str = "Je souhaite recevoir, par courriel, les avant-premières de Maison Exemple.";

/// A folder with a configuration, keys and a store.
pub(crate) struct Desk {
    pub(crate) fresh: Fresh,
    pub(crate) store: Store,
}

impl Desk {
    pub(crate) fn new(backend: Backend) -> Self {
        let (fresh, store) = Fresh::store(backend);
        configure(fresh.folder.path());
        create_keyring(&fresh.folder.path().join("keys.toml")).unwrap();
        Self { fresh, store }
    }

    /// Runs `carillon` on this store, with `input` on its standard input.
    #[track_caller]
    pub(crate) fn run(&self, input: &str, arguments: &[&str]) -> Said {
        let mut command = command(self.fresh.folder.path(), arguments);
        if let StoreUrl::Postgres(url) = &self.fresh.url {
            command.env("CARILLON_STORE_URL", url);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run("", arguments).stdout).unwrap()
    }

    pub(crate) fn write(&self, name: &str, lines: &[String]) {
        std::fs::write(self.fresh.folder.path().join(name), lines.join("\r\n")).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.fresh.folder.path().join(name)).unwrap()
    }
}

/// An instant so many days ago.
fn ago(days: i64) -> Timestamp {
    Clock::System.now() - SignedDuration::from_hours(24 * days)
}

pub(crate) fn row(address: &str, days: i64) -> String {
    format!("{address};fr;{};\"{WORDING}\";form-7;web_form", ago(days))
}

both!(a_file_comes_in_with_its_evidence_or_not_at_all, |backend| {
    let desk = Desk::new(backend);
    let lines = [
        HEADER.to_owned(),
        row("camille@example.fr", 10),
        row("dominique@example.fr", 20),
        "sacha@example.fr;fr;2026-01-01 10:00;;form-7;web_form".to_owned(),
        row("Camille@example.fr", 5),
        row("alex@example.fr", 1_000),
        row("pas-une-adresse", 1),
    ];
    desk.write("members.csv", &lines);
    desk.write("members.rejected.csv", &["being mended".to_owned()]);
    let dry = desk.run("", &["member", "import", "members.csv", "--dry-run"]).exits(1);
    assert_eq!(desk.read("members.rejected.csv"), "being mended", "a dry run writes nothing");
    for line in ["line 4: `confirmed_at` has no offset", "line 6: ", "line 7: the address has no `@`"] {
        assert!(dry.stderr.contains(line), "{line}: {}", dry.stderr);
    }
    assert!(!dry.stderr.contains("example.fr") && !dry.stderr.contains("rejected.csv"), "{}", dry.stderr);
    assert!(dry.stdout.starts_with("nothing was changed"), "{}", dry.stdout);
    assert_eq!(desk.json(&["member", "list", "--json"]), serde_json::json!([]));

    let said = desk.run("", &["member", "import", "members.csv"]).exits(1);
    let expected = "accepted   2\nrefreshed  1\nknown      0\nrejected   3\n  1 consent expired\n  1 no usable instant of consent\n  1 not an address\n";
    assert_eq!(said.stdout, expected);
    assert!(said.stderr.contains("members.rejected.csv"), "{}", said.stderr);
    assert!(!said.stderr.contains("example.fr"), "{}", said.stderr);
    let rejected = desk.read("members.rejected.csv");
    let mut rejected = rejected.lines();
    assert_eq!(rejected.next(), Some(format!("line;reason;{HEADER}").as_str()));
    assert!(rejected.next().unwrap().starts_with("4;\"`confirmed_at` has no offset"), "line and reason");
    assert_eq!(rejected.count(), 2);
    is_private(&desk, "members.rejected.csv");

    let again = desk.json(&["member", "import", "members.csv", "--json"]);
    assert_eq!((&again["accepted"], &again["refreshed"], &again["known"]), (&0.into(), &0.into(), &3.into()));
    // The rejected rows go in again as they are, once mended.
    let mended = desk.read("members.rejected.csv").replace("pas-une-adresse", "morgan@example.fr");
    std::fs::write(desk.fresh.folder.path().join("mended.csv"), mended).unwrap();
    assert_eq!(desk.json(&["member", "import", "mended.csv", "--json"])["accepted"], 1);

    let listed = desk.json(&["member", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["address"], "C…@example.fr", "as written in the newest row");
    let audited = desk.store.read_blocking(|db| audit::list(db, None)).unwrap();
    assert_eq!(audited.iter().filter(|entry| entry.action.name() == "member.imported").count(), 3);
    assert!(!serde_json::to_string(&audited).unwrap().contains("example.fr"));
});

both!(a_withdrawal_by_list_outlives_every_import, |backend| {
    let desk = Desk::new(backend);
    desk.write("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    desk.run("", &["member", "import", "members.csv"]).exits(0);
    let said = desk.run("CAMILLE@example.fr\r\ninconnue@example.org\n\n", &["member", "withdraw", "-"]).exits(0);
    assert_eq!(said.stdout, "2 withdrawn, 0 had been before, 0 unknown\n");
    let said = desk.run("camille@example.fr", &["member", "withdraw", "-"]).exits(0);
    assert_eq!(said.stdout, "0 withdrawn, 1 had been before, 0 unknown\n");
    desk.write("again.csv", &[HEADER.to_owned(), row("camille@example.fr", 0), row("inconnue@example.org", 0)]);
    let said = desk.run("", &["member", "import", "again.csv"]).exits(1);
    assert!(said.stdout.contains("rejected   2\n  2 withdrew\n"), "{}", said.stdout);
    assert!(desk.read("again.rejected.csv").contains("only the person can come back"));
    let confirmed = desk.json(&["member", "list", "--state", "confirmed", "--json"]);
    assert_eq!(confirmed.as_array().unwrap().len(), 1);
    desk.run("", &["member", "withdraw", "00000000000000000000000000000000"]).exits(1);
    let wrong = desk.run("", &["member", "withdraw", "camille.example.fr"]).exits(2);
    assert!(wrong.stderr.contains("the address has no `@`"), "{}", wrong.stderr);
    desk.run("\n\n", &["member", "withdraw", "-"]).exits(2);
});

/// A list as other programs write it, and how many people are on it.
const OPT_OUTS: (&str, usize) = (
    "\u{feff}E-mail;Date;Motif\r\n# exporté le 3 mars\r\n\r\n\"a1@example.fr\"\r\nNom <a2@example.fr>\r\n\
     a3@example.fr;2025-01-01\r\nmailto:a4@example.fr\r\n\ta5@example.fr\r\na6@example.fr.\r\n'a7@example.fr'\r\n\
     <a8@example.fr>\r\na9@example.fr,\"plus, jamais\"\r\na10@example.fr\t1\r\n",
    10,
);

both!(everybody_on_a_list_who_can_be_read_has_left, |backend| {
    let desk = Desk::new(backend);
    let (text, count) = OPT_OUTS;
    let members: Vec<String> = (1..=count).map(|number| row(&format!("a{number}@example.fr"), 10)).collect();
    desk.write("members.csv", &[&[HEADER.to_owned()], members.as_slice()].concat());
    desk.run("", &["member", "import", "members.csv"]).exits(0);
    // One byte of Windows-1252 and two lines that nobody can read.
    let mut list = text.as_bytes().to_vec();
    list.extend_from_slice(b"Zo\xe9 <zoe@example.fr>;d\xe9sinscrite\r\nsacha.example.fr\r\nzo\xe9@example.fr;x\r\n");
    std::fs::write(desk.fresh.folder.path().join("opt-outs.txt"), &list).unwrap();
    let said = desk.run("", &["member", "withdraw", "--file", "opt-outs.txt"]).exits(1);
    assert_eq!(said.stdout, "11 withdrawn, 0 had been before, 0 unknown, 2 lines not read\n");
    for words in ["line 15: the address has no `@`", "line 16: ", "opt-outs.unread.csv"] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
    assert!(!said.stderr.contains("example.fr"), "{}", said.stderr);
    assert_eq!(desk.json(&["member", "list", "--state", "confirmed", "--json"]), serde_json::json!([]));
    let unread = desk.read("opt-outs.unread.csv");
    assert!(unread.starts_with("line;reason;address\n15;the address has no `@`;sacha.example.fr\n16;"), "{unread}");
    is_private(&desk, "opt-outs.unread.csv");

    // The same file is mended and read again; one that is there is never replaced.
    let half = unread.replace("sacha.example.fr", "sacha@example.fr");
    std::fs::write(desk.fresh.folder.path().join("opt-outs.unread.csv"), half).unwrap();
    let said = desk.run("", &["member", "withdraw", "--file", "opt-outs.unread.csv", "--json"]).exits(1);
    let counts: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&counts["done"], &counts["unread_lines"]), (&1.into(), &serde_json::json!([3])), "{counts}");
    assert_eq!(counts["unread_file"], "opt-outs.unread-2.csv");
    is_private(&desk, "opt-outs.unread-2.csv");
});

both!(a_list_on_the_standard_input_is_read_alike, |backend| {
    let desk = Desk::new(backend);
    let (text, count) = OPT_OUTS;
    let said = desk.run(text, &["member", "withdraw", "-"]).exits(0);
    assert_eq!(said.stdout, format!("{count} withdrawn, 0 had been before, 0 unknown\n"));
    let said =
        desk.run("sacha.example.fr\nb@example.fr", &["member", "withdraw", "-", "--unread", "left.csv"]).exits(1);
    assert_eq!(said.stdout, "1 withdrawn, 0 had been before, 0 unknown, 1 line not read\n");
    is_private(&desk, "left.csv");
    let said = desk.run("c@example.fr", &["member", "withdraw", "-", "--unread", "left.csv"]).exits(2);
    assert!(said.stderr.contains("exists already"), "{}", said.stderr);
    desk.run("sacha.example.fr", &["member", "withdraw", "-"]).exits(1);
    is_private(&desk, "withdrawals.unread.csv");
    desk.write("list.txt", &["d@example.fr".to_owned()]);
    let said = desk.run("", &["member", "withdraw", "list.txt"]).exits(2);
    assert!(said.stderr.contains("carillon member withdraw --file list.txt"), "{}", said.stderr);
    desk.run("", &["member", "withdraw", "--file", "list.txt"]).exits(0);
    desk.run("", &["member", "withdraw", "--file", "none.txt"]).exits(3);
});

/// Asserts that only its owner can read a file.
#[track_caller]
fn is_private(desk: &Desk, name: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(desk.fresh.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

both!(a_consent_is_proved_and_a_person_leaves, |backend| {
    let desk = Desk::new(backend);
    desk.write("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    desk.run("", &["member", "import", "members.csv"]).exits(0);
    let proof = desk.run("camille@example.fr\n", &["consent", "prove", "-"]).exits(0);
    assert!(proof.stdout.contains(WORDING) && proof.stdout.contains("import:web_form"), "{}", proof.stdout);
    assert!(!proof.stdout.contains("camille"), "{}", proof.stdout);
    let proof = desk.json(&["consent", "prove", "camille@example.fr", "--json"]);
    let pseudonym = proof["proofs"][0]["pseudonym"].as_str().unwrap().to_owned();
    let digest = proof["proofs"][0]["events"][0]["text_version"].as_str().unwrap();
    assert_eq!(proof["proofs"][0]["wordings"][digest], WORDING);
    let export = desk.json(&["member", "export", "camille@example.fr"]);
    assert_eq!(export["address"], "camille@example.fr");
    let shown = desk.run("", &["member", "show", &pseudonym]).exits(0);
    assert!(shown.stdout.contains("c…@example.fr") && !shown.stdout.contains("camille"), "{}", shown.stdout);

    desk.run("", &["member", "erase", &pseudonym]).exits(1);
    let erased = desk.run("", &["member", "erase", &pseudonym, "--yes"]).exits(0);
    assert!(erased.stdout.starts_with("1 erased, 0 had been before, 0 unknown\nnot reached: "), "{}", erased.stdout);
    assert!(!desk.json(&["member", "export", &pseudonym]).to_string().contains("camille@"));
    let proof = desk.run("", &["consent", "prove", "camille@example.fr"]).exits(0);
    assert!(proof.stdout.contains("(erased)") && proof.stdout.contains(WORDING), "{}", proof.stdout);
    desk.run("", &["member", "withdraw", "sacha@example.fr"]).exits(0);
    desk.run("", &["member", "erase", "sacha@example.fr", "--yes"]).exits(0);
    for entry in desk.store.read_blocking(|db| audit::list(db, None)).unwrap() {
        assert_eq!((entry.who.as_str(), entry.object.contains('@')), ("camille", false), "{entry:?}");
    }
    let events = desk.json(&["member", "export", "sacha@example.fr"])["events"].clone();
    assert_eq!((&events[1]["method"], &events[2]["method"]), (&"staff:camille".into(), &"staff:camille".into()));
    if let StoreUrl::Sqlite(file) = &desk.fresh.url {
        let bytes = [std::fs::read(file).unwrap(), std::fs::read(file.with_extension("db-wal")).unwrap_or_default()];
        let bytes = bytes.concat();
        for address in ["camille@example.fr", "sacha@example.fr"] {
            assert!(!bytes.windows(address.len()).any(|window| window == address.as_bytes()), "{address}");
        }
    }
    let said = desk.run("", &["member", "show", "nobody@example.fr"]).exits(1);
    assert!(said.stderr.contains("there is no such member") && !said.stderr.contains("nobody"), "{}", said.stderr);
});

both!(a_rewritten_ledger_is_caught_by_its_anchor, |backend| {
    let desk = Desk::new(backend);
    desk.write("members.csv", &[HEADER.to_owned(), row("camille@example.fr", 10), row("sacha@example.fr", 10)]);
    desk.run("", &["member", "import", "members.csv"]).exits(0);
    let anchored = desk.run("", &["consent", "anchor", "anchors.jsonl"]).exits(0);
    assert!(anchored.stdout.starts_with("2 "), "{}", anchored.stdout);
    desk.run("sacha@example.fr", &["member", "withdraw", "-"]).exits(0);
    desk.run("", &["consent", "anchor", "anchors.jsonl"]).exits(0);
    desk.run("", &["consent", "verify", "--anchor", "anchors.jsonl"]).exits(0);

    run_sql(&desk.fresh.url, "UPDATE members SET consent = 'confirmed' WHERE consent = 'withdrawn'");
    let said = desk.run("", &["consent", "verify"]).exits(1);
    assert!(said.stdout.contains("a member's row says another state than the ledger (1)"), "{}", said.stdout);
    desk.run("", &["consent", "rebuild"]).exits(0);
    desk.run("", &["consent", "verify"]).exits(0);

    // A withdrawal cut off the end leaves a whole chain, which no longer reaches the anchor.
    run_sql(&desk.fresh.url, "DELETE FROM consent_events WHERE seq = 3; DELETE FROM suppressions;");
    let said = desk.run("", &["consent", "verify", "--anchor", "anchors.jsonl"]).exits(1);
    assert!(said.stdout.contains("is missing from the ledger"), "{}", said.stdout);
    // The record of departures knows who left. The new line is not the old one, and the anchor goes on saying so.
    desk.run("", &["consent", "rebuild"]).exits(0);
    desk.run("", &["consent", "verify"]).exits(0);
    let said = desk.run("", &["consent", "verify", "--anchor", "anchors.jsonl"]).exits(1);
    assert!(said.stdout.contains("line 3 of ") && said.stdout.contains(" is another one now"), "{}", said.stdout);
    let forged = desk.read("anchors.jsonl").replace("\"seq\":3", "\"seq\":2");
    std::fs::write(desk.fresh.folder.path().join("anchors.jsonl"), forged).unwrap();
    let said = desk.run("", &["consent", "verify", "--anchor", "anchors.jsonl"]).exits(1);
    assert!(said.stdout.contains("anchors.jsonl:2: this anchor was not written with our keys"), "{}", said.stdout);

    run_sql(&desk.fresh.url, "UPDATE consent_events SET source = 'form-8' WHERE seq = 2");
    let said = desk.run("", &["consent", "verify", "--json"]).exits(1);
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).unwrap()["first_bad_seq"], 2);
    desk.run("", &["consent", "anchor", "anchors.jsonl"]).exits(1);
});

#[test]
fn a_file_that_is_no_evidence_changes_nothing() {
    let desk = Desk::new(Backend::Sqlite);
    let path = desk.fresh.folder.path().join("members.csv");
    std::fs::write(&path, b"address;language;confirmed_at;wording;source;method\na@example.fr;fr;;avant-premi\xe8res")
        .unwrap();
    let said = desk.run("", &["member", "import", "members.csv"]).exits(1);
    assert!(said.stdout.contains("members.csv:2"), "{}", said.stdout);
    std::fs::write(&path, "email,prenom\na@example.fr,Camille\n").unwrap();
    let said = desk.run("", &["member", "import", "members.csv"]).exits(1);
    assert!(said.stdout.contains("the header lacks `address`"), "{}", said.stdout);
    desk.run("", &["member", "import", "none.csv"]).exits(3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let keys = desk.fresh.folder.path().join("keys.toml");
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
        let said = desk.run("", &["member", "import", "members.csv"]).exits(2);
        assert!(said.stderr.contains("chmod 600"), "{}", said.stderr);
    }
}
