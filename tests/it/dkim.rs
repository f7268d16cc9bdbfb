//! Signatures of letters, as a verifier that is not ours reads them: all built-in letters, what the daemon sends, and what a real
//! Postfix has filed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use carillon::config::{Overrides, Settings};
use serde_json::Value;

use crate::anchor_mail::AUDITOR;
use crate::join_daemon::sign_up;
use crate::support::backend::{Backend, both};
use crate::support::cli::{carillon, first_that_runs};
use crate::support::dns::DnsServer;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;

/// The letters that `carillon mail` knows.
const KINDS: [&str; 5] = ["announcement", "opening", "last-hours", "confirmation", "renewal"];

/// Verifies files: the first argument holds what the DNS would say. Says of each signature whether it is good.
const VERIFIER: &str = r#"
import json, sys, dkim
records = {record["name"] + ".": record["text"].encode() for record in json.load(open(sys.argv[1]))}
def dns(name, timeout=5):
    return records.get(name.decode() if isinstance(name, bytes) else name, b"")
for path in sys.argv[2:]:
    message = open(path, "rb").read()
    for index in range(2):
        try:
            good = dkim.DKIM(message).verify(idx=index, dnsfunc=dns)
        except Exception as error:
            good = repr(error)
        print(path, index, good)
"#;

/// A Python that knows DKIM.
fn python() -> Option<&'static str> {
    first_that_runs(&["python3", "/usr/bin/python3"], &["-c", "import dkim, nacl"])
}

/// Makes two keys in `folder`, with the program that the documents name.
fn make_keys(folder: &Path) {
    for (name, options) in [
        ("dkim.pem", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"][..]),
        ("dkim-ed25519.pem", &["-algorithm", "ed25519"]),
    ] {
        let path = folder.join(name);
        let made = Command::new("openssl").arg("genpkey").args(options).arg("-out").arg(&path).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Makes `shop` sign its letters.
pub fn sign(shop: &House) {
    make_keys(&shop.folder);
    let path = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        format!(
            "{text}\n[mail.dkim]\ndomain = \"example.fr\"\nselector = \"carillon1\"\nkey_file = \"dkim.pem\"\n\
             ed25519_selector = \"carillon1-ed25519\"\ned25519_key_file = \"dkim-ed25519.pem\"\n"
        ),
    )
    .unwrap();
}

/// What the verifier says of `messages`: each with both signatures.
#[track_caller]
pub fn verified(shop: &House, messages: &[PathBuf]) -> Option<Vec<(PathBuf, String)>> {
    let python = python()?;
    let records = shop.folder.join("records.json");
    fs::write(&records, shop.run(&["mail", "dkim-record", "--json"])).unwrap();
    let said = Command::new(python).args(["-c", VERIFIER]).arg(&records).args(messages).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let said = String::from_utf8(said.stdout).unwrap();
    let lines = said.lines().map(|line| {
        let mut parts = line.splitn(3, ' ');
        let (path, _) = (parts.next().unwrap(), parts.next().unwrap());
        (PathBuf::from(path), parts.next().unwrap().to_owned())
    });
    Some(lines.collect())
}

#[track_caller]
pub fn assert_verified(shop: &House, messages: &[PathBuf]) {
    let Some(verified) = verified(shop, messages) else { return };
    assert_eq!(verified.len(), 2 * messages.len());
    for (path, good) in verified {
        assert_eq!(good, "True", "{}:\n{}", path.display(), fs::read_to_string(&path).unwrap());
    }
}

/// Writes `messages` into files of `shop`.
fn in_files<'a>(shop: &House, messages: impl IntoIterator<Item = &'a [u8]>) -> Vec<PathBuf> {
    let file = |(number, bytes): (usize, &[u8])| {
        let path = shop.folder.join(format!("message-{number}.eml"));
        fs::write(&path, bytes).unwrap();
        path
    };
    messages.into_iter().enumerate().map(file).collect()
}

#[test]
fn every_built_in_letter_is_signed_twice_and_changes_are_noticed() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 0, relay.port());
    sign(&shop);
    for kind in KINDS {
        shop.run(&["mail", "preview", kind]);
    }
    let files = fs::read_dir(shop.folder.join("mail-preview")).unwrap().map(|entry| entry.unwrap().path());
    let letters: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "eml")).collect();
    assert_eq!(letters.len(), KINDS.len() * 7);
    assert_verified(&shop, &letters);
    // The rules for letters have nothing against signatures.
    let names: Vec<&str> = letters.iter().map(|path| path.to_str().unwrap()).collect();
    carillon(&shop.folder, &[&["mail", "lint"], &names[..]].concat()).exits(0);

    let letter = fs::read_to_string(shop.folder.join("mail-preview/opening.fr.eml")).unwrap();
    let signed = |tag: &str| {
        letter.split(&format!("{tag}=")).nth(1).unwrap().split(';').next().unwrap().replace(['\r', '\n', ' '], "")
    };
    assert!(signed("h").contains(":List-Unsubscribe:List-Unsubscribe:List-Unsubscribe-Post:"), "{letter}");
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    let harmless = [
        format!("{}\r\n\r\n{}", head.replacen("\r\nSubject:", "\r\nSUBJECT:  ", 1), body.replace("\r\n", " \r\n")),
        format!("Received: from elsewhere\r\n{letter}\r\n\r\n"),
        letter.replace("\r\n", "\n"),
    ];
    let harmful = [
        letter.replacen("List-Unsubscribe: <https://", "List-Unsubscribe: <https://other.", 1),
        letter.replacen("List-Unsubscribe-Post: ", "X-Was: ", 1),
        format!("List-Unsubscribe: <https://other.example.fr/>\r\n{letter}"),
        format!("Subject: another\r\n{letter}"),
        format!("Cc: another@example.fr\r\n{letter}"),
        letter.replacen("To: camille", "To: claire", 1),
        format!("{head}\r\n\r\n{}", body.replacen("=\r\n", "", 1)),
    ];
    for (changed, good) in harmless.iter().map(|it| (it, true)).chain(harmful.iter().map(|it| (it, false))) {
        assert_ne!(*changed, letter);
        let Some(verified) = verified(&shop, &in_files(&shop, [changed.as_bytes()])) else { return };
        assert!(verified.iter().all(|(_, said)| (said == "True") == good), "{verified:?}\n{changed}");
    }
}

both!(what_a_daemon_sends_is_signed, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 20, relay.port());
    shop.change("# anchor_to     = \"dpo@example.org\"", &format!("anchor_to     = \"{AUDITOR}\""));
    sign(&shop);
    let daemon = shop.daemon_up();
    sign_up(&shop, "/join", "camille@example.fr");
    shop.wait_until_finished();
    wait_for(|| [AUDITOR, "camille@example.fr"].iter().all(|to| relay.recipients().contains(&(*to).to_owned())));
    let accepted = relay.accepted();
    assert_eq!(accepted.iter().filter(|mail| mail.to.starts_with("membre.")).count(), 20);
    assert_verified(&shop, &in_files(&shop, accepted.iter().map(|mail| mail.bytes.as_slice())));
    assert_eq!(daemon.terminate(), Some(0));
});

#[test]
fn letters_that_a_real_postfix_has_filed_are_signed() {
    let Ok(postfix) = std::env::var("CARILLON_TEST_POSTFIX") else {
        assert!(std::env::var_os("CARILLON_TEST_STRICT").is_none(), "CARILLON_TEST_POSTFIX names no Postfix");
        return;
    };
    let (port, maildir) = postfix.split_once(':').unwrap();
    let shop = House::new(Backend::Sqlite, 0, port.parse().unwrap());
    sign(&shop);
    // A Postfix may have filed letters of an earlier run, which other keys have signed.
    let ours = format!("signed.{}", std::process::id());
    for (number, kind) in KINDS.iter().enumerate() {
        for language in ["fr", "en", "nl", "de", "it", "es", "pt"] {
            let to = format!("{ours}.{number}.{language}@example.org");
            shop.run(&["mail", "test", &to, kind, "--language", language]);
        }
    }
    let new = Path::new(maildir).join("new");
    let filed = || -> Vec<PathBuf> {
        let is_ours = |path: &PathBuf| {
            let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
            text.lines().any(|line| line.starts_with(&format!("X-Original-To: {ours}.")))
        };
        fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().path()).filter(is_ours).collect()
    };
    wait_for(|| filed().len() >= KINDS.len() * 7);
    assert_verified(&shop, &filed()[..KINDS.len() * 7]);
}

#[test]
fn what_the_dns_has_to_say_is_printed() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 0, relay.port());
    let said = carillon(&shop.folder, &["mail", "dkim-record"]).exits(1);
    assert!(said.stderr.contains("letters are not signed here"), "{}", said.stderr);
    sign(&shop);
    let zone = shop.run(&["mail", "dkim-record"]);
    let lines: Vec<&str> = zone.lines().collect();
    assert!(lines[0].starts_with("carillon1._domainkey.example.fr. IN TXT \"v=DKIM1; k=rsa; p=MII"), "{zone}");
    assert!(lines[0].matches('"').count() == 4 && lines[0].split('"').all(|text| text.len() <= 255), "{zone}");
    assert!(lines[1].starts_with("carillon1-ed25519._domainkey.example.fr. IN TXT \"v=DKIM1; k=ed25519; p="), "{zone}");
    let records: Vec<Value> = serde_json::from_str(&shop.run(&["mail", "dkim-record", "--json"])).unwrap();
    // As OpenSSL writes the public half.
    for (record, file) in records.iter().zip(["dkim.pem", "dkim-ed25519.pem"]) {
        let public =
            Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(shop.folder.join(file)).output().unwrap();
        let pem = String::from_utf8(public.stdout).unwrap();
        let theirs: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let ours = record["text"].as_str().unwrap().split("p=").nth(1).unwrap();
        // In the form of RFC 8463 the key is alone, without the twelve bytes that say what it is.
        assert!(theirs == ours || theirs[16..] == *ours, "{theirs} {ours}");
    }
    let server = DnsServer::of_a_shop();
    for record in &records {
        server.txt(record["name"].as_str().unwrap(), &[record["text"].as_str().unwrap()]);
    }
    let doctor = || carillon(&shop.folder, &["doctor", "--resolver", &server.name()]).stdout;
    for (name, algorithm) in [("carillon1", "rsa-sha256"), ("carillon1-ed25519", "ed25519-sha256")] {
        let line = format!(
            "ok       signatures of letters: `{name}._domainkey.example.fr` has the key that letters are signed with here ({algorithm})"
        );
        assert!(doctor().contains(&line), "{}", doctor());
    }
    server.txt("carillon1._domainkey.example.fr", &[records[1]["text"].as_str().unwrap()]);
    server.forget("carillon1-ed25519._domainkey.example.fr");
    let said = doctor();
    assert!(
        said.contains("error    signatures of letters: `carillon1._domainkey.example.fr` has another key"),
        "{said}"
    );
    assert!(said.contains("`carillon1-ed25519._domainkey.example.fr` cannot be used: there is none"), "{said}");
}

#[test]
fn keys_that_cannot_be_used_are_refused_with_their_line() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 0, relay.port());
    make_keys(&shop.folder);
    fs::write(shop.folder.join("text.pem"), "no key").unwrap();
    fs::set_permissions(shop.folder.join("text.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::copy(shop.folder.join("dkim.pem"), shop.folder.join("open.pem")).unwrap();
    fs::set_permissions(shop.folder.join("open.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    let path = shop.folder.join("carillon.toml");
    let plain = fs::read_to_string(&path).unwrap();
    let good = "domain = \"news.example.fr\"\nselector = \"a\"\nkey_file = \"dkim.pem\"\n";
    let check = |section: &str, expected: Option<&str>| {
        fs::write(&path, format!("{plain}\n[mail.dkim]\n{section}")).unwrap();
        let read = Settings::load(&path, &Overrides::default());
        match (read, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(expected)) => {
                let said = error.to_string();
                assert!(said.contains(expected) && said.contains("carillon.toml:"), "{said}");
            }
            (read, expected) => panic!("{section}: {expected:?}, {:?}", read.err()),
        }
    };
    check(good, None);
    check(&good.replace("news.example.fr", "Example.FR"), None);
    let domain = Some("this is neither `news.example.fr`, the domain of `from`, nor one above it");
    for other in ["example.org", "ews.example.fr", "mail.example.fr", "fr", ""] {
        check(&good.replace("news.example.fr", other), domain);
    }
    check(&good.replace("\"a\"", "\"a b\""), Some("`selector` in `[mail.dkim]`: this is not a name"));
    check(&good.replace("dkim.pem", "none.pem"), Some("`key_file` in `[mail.dkim]`"));
    check(&good.replace("dkim.pem", "text.pem"), Some("does not hold a private key in PEM, PKCS#8"));
    check(&good.replace("dkim.pem", "open.pem"), Some("is open to others (mode 640)"));
    check(&good.replace("dkim.pem", "dkim-ed25519.pem"), Some("is not an RSA key of 2048 to 4096 bits"));
    check(&format!("{good}ed25519_selector = \"b\"\n"), Some("`ed25519_key_file` is missing beside it"));
    check(&format!("{good}ed25519_selector = \"A\"\ned25519_key_file = \"dkim-ed25519.pem\"\n"), Some("the same name"));
    check(&format!("{good}ed25519_selector = \"b\"\ned25519_key_file = \"dkim.pem\"\n"), Some("is not an Ed25519 key"));
}
