//! The schedule as a signed file: as it is served, exported, and kept in a folder by the daemon; and as other programs read it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carillon::clock::Clock;
use carillon::config::{create_keyring, load_keyring};
use carillon::gate::{ListedGates, SchedulePolicy, ScheduleSigner, read_schedule};
use carillon::keys::jws::KeySet;
use carillon::problem::ProblemKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::gate::folder;
use crate::support::backend::both;
use crate::support::cli::{Said, carillon, first_that_runs};
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::{Applied, Shop, WINTER};
use crate::support::slug;
use crate::tidy::root;

/// The header and the claims of a file, whoever signed it.
pub fn parts_of(file: &str) -> Vec<Value> {
    let parts = file.trim().split('.').take(2);
    parts.map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()).collect()
}

both!(the_served_file_fits_the_served_keys, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-02T06:59:59.999Z").await;
        let keys = shop.get("/.well-known/jwks.json", "").await;
        assert_eq!(keys.header("content-type"), Some("application/jwk-set+json"));
        let keys = KeySet::from_json(keys.text()).unwrap();
        for (now, written_at) in [
            ("2027-01-02T06:59:59.999Z", "2027-01-02T06:00:00Z"),
            ("2027-01-02T07:20:00.123Z", "2027-01-02T07:00:00Z"),
            ("2027-01-06T07:59:59Z", "2027-01-06T07:00:00Z"),
        ] {
            let file = shop.at(now).get("/gates.jwt", "").await;
            assert_eq!(file.header("content-type"), Some("application/jwt"));
            let claims = read_schedule(file.text(), &keys).unwrap();
            assert_eq!((claims.iss.as_str(), claims.iat), ("https://presale.example.fr/", written_at.parse().unwrap()));
            assert_eq!(claims.exp, claims.iat + SignedDuration::from_hours(72));
            assert!(claims.is_valid(shop.clock.now()));
            assert_eq!(claims.gates[0].slug, slug(WINTER.slug));
        }
        // One file: what a cache keeps of it is whole, whatever happens to the sale.
        let before = shop.get("/gates.jwt", "").await;
        let (opens, closes, _) = WINTER.window;
        Applied { window: (opens, closes, Some("2027-01-03T10:00:00Z")), ..WINTER }.put(&shop.fresh.url);
        let after = shop.get("/gates.jwt", "").await;
        assert_ne!(before.header("etag"), after.header("etag"));
        assert!(!read_schedule(before.text(), &keys).unwrap().gates[0].cancelled);
        assert!(read_schedule(after.text(), &keys).unwrap().gates[0].cancelled);
    });
});

#[test]
fn an_exported_file_is_verified_and_a_changed_one_is_refused() {
    let fresh = folder();
    let said = carillon(fresh.folder.path(), &["gate", "export", "--out", "public/carillon"]).exits(0);
    assert_eq!(said.stdout, "public/carillon/jwks.json\npublic/carillon/gates.jwt\n");
    let public = fresh.folder.path().join("public/carillon");
    assert_eq!(names(&public), ["gates.jwt", "jwks.json"]);
    let ours = carillon(fresh.folder.path(), &["gate", "verify", "public/carillon/gates.jwt"]).exits(0);
    assert!(ours.stdout.starts_with("`public/carillon/gates.jwt` is genuine: 1 gate, "), "{}", ours.stdout);
    // A shop has the two files and nothing else.
    let theirs = |folder: &Path| carillon(folder, &["gate", "verify", "gates.jwt", "--jwks", "jwks.json"]);
    theirs(&public).exits(0);
    let file = fs::read_to_string(public.join("gates.jwt")).unwrap();
    let (signed, signature) = file.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let moved = URL_SAFE_NO_PAD.encode(payload.replace("2027-01-06T07", "2027-01-07T07"));
    fs::write(public.join("gates.jwt"), format!("{header}.{moved}.{signature}")).unwrap();
    assert_eq!(
        theirs(&public).exits(1).stderr,
        "error: do not use `gates.jwt`: the signature does not fit: the file was changed, or signed with another key\n"
    );
    fs::write(public.join("jwks.json"), "{\"keys\": []}").unwrap();
    assert_eq!(
        theirs(&public).exits(1).stderr,
        "error: cannot use `jwks.json`: it is not a JSON Web Key Set with an Ed25519 key in it\n"
    );
    let nowhere = carillon(fresh.folder.path(), &["gate", "export"]).exits(2);
    assert!(nowhere.stderr.contains("no folder is named"), "{}", nowhere.stderr);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_of_another_time_or_another_shop_is_refused() {
    let fresh = folder();
    let keyring = load_keyring(&fresh.folder.path().join("keys.toml")).unwrap();
    let policy = SchedulePolicy { issuer: String::new(), valid_for: SignedDuration::from_hours(1) };
    let signed = |now: Timestamp| {
        let signer = ScheduleSigner::new(&keyring, policy.clone()).unwrap();
        fs::write(fresh.folder.path().join("gates.jwt"), signer.sign(&ListedGates::default(), now).unwrap().file)
            .unwrap();
        carillon(fresh.folder.path(), &["gate", "verify", "gates.jwt"]).exits(1).stderr
    };
    let old = signed("2020-01-01T00:00:00Z".parse().unwrap());
    assert!(old.contains("was valid until 2020-01-01T01:00:00.000Z; export it again"), "{old}");
    let early = signed("2200-01-01T00:00:00Z".parse().unwrap());
    assert!(early.contains("was written at 2200-01-01T00:00:00.000Z, which is yet to come"), "{early}");
    fs::remove_file(fresh.folder.path().join("keys.toml")).unwrap();
    create_keyring(&fresh.folder.path().join("keys.toml")).unwrap();
    let stranger = carillon(fresh.folder.path(), &["gate", "verify", "gates.jwt"]).exits(1).stderr;
    assert!(stranger.contains("which is not in the set of keys"), "{stranger}");
}

#[test]
fn after_a_change_of_keys_both_are_in_the_set() {
    let fresh = folder();
    let place = fresh.folder.path();
    let export = || carillon(place, &["gate", "export", "--out", "public"]).exits(0);
    let verify = |file: &str| carillon(place, &["gate", "verify", file, "--jwks", "public/jwks.json"]);
    export();
    fs::copy(place.join("public/gates.jwt"), place.join("before.jwt")).unwrap();
    carillon(place, &["keys", "rotate"]).exits(0);
    export();
    let ids = |file: &str| parts_of(&fs::read_to_string(place.join(file)).unwrap())[0]["kid"].clone();
    assert_ne!(ids("before.jwt"), ids("public/gates.jwt"), "the new key signs");
    verify("public/gates.jwt").exits(0);
    verify("before.jwt").exits(0);
    // The change is long ago: what was signed before it is no longer valid, and nobody needs its key.
    let keys = place.join("keys.toml");
    let text = fs::read_to_string(&keys).unwrap();
    let since = text.lines().find(|line| line.starts_with("since = ")).unwrap();
    fs::write(&keys, text.replace(since, "since = \"2020-01-01T00:00:00Z\"")).unwrap();
    export();
    let set: Value = serde_json::from_str(&fs::read_to_string(place.join("public/jwks.json")).unwrap()).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert_eq!(set["keys"][0]["kid"], ids("public/gates.jwt"));
    verify("public/gates.jwt").exits(0);
    assert!(verify("before.jwt").exits(1).stderr.contains("not in the set of keys"));
}

both!(the_daemon_keeps_the_file_in_its_folder, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    shop.change("# folder      = \"public/carillon\"", "folder = \"public/carillon\"");
    let public = shop.folder.join("public/carillon");
    let daemon = shop.daemon();
    let read = || fs::read_to_string(public.join("gates.jwt")).ok();
    let cancelled = || read().map(|file| parts_of(&file)[1]["gates"][0]["cancelled"].clone());
    wait_for(|| cancelled() == Some(json!(false)));
    let verify = || {
        carillon(&shop.folder, &["gate", "verify", "public/carillon/gates.jwt", "--jwks", "public/carillon/jwks.json"])
    };
    verify().exits(0);
    for name in ["gates.jwt", "jwks.json"] {
        let mode = fs::metadata(public.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o644, "{name}: a web server can read it");
    }
    // The same file, wherever it is taken from; when an hour begins the folder has it a moment later.
    wait_for(|| shop.get("/gates.jwt").rsplit("\r\n\r\n").next() == read().as_deref());

    // Somebody puts another file there.
    fs::write(public.join("gates.jwt"), "x").unwrap();
    wait_for(|| read().is_some_and(|file| file != "x"));
    verify().exits(0);

    // Another process cancels the sale.
    shop.run(&["campaign", "cancel", "hiver", "--yes"]);
    wait_for(|| cancelled() == Some(json!(true)));
    verify().exits(0);
    assert_eq!(names(&public), ["gates.jwt", "jwks.json"], "nothing is left of the writing");

    // The folder cannot be written, and then can.
    fs::rename(&public, shop.folder.join("away")).unwrap();
    fs::write(&public, "no folder").unwrap();
    let stands = || shop.run(&["problem", "list"]).contains(ProblemKind::ScheduleUnpublished.traits().title);
    wait_for(stands);
    fs::remove_file(&public).unwrap();
    wait_for(|| !stands());
    verify().exits(0);
    assert_eq!(daemon.terminate(), Some(0));
});

/// The program of the block of `docs/gate.md` in this language.
fn documented(language: &str) -> String {
    let text = fs::read_to_string(root().join("docs/gate.md")).unwrap();
    let section = text.split("## The signed file").nth(1).unwrap().split("\n## ").next().unwrap();
    let block = section.split(&format!("```{language}\n")).nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Runs `program`, which is `code` for any slug, over files that are right and over others. It says `yes` and `no`.
#[track_caller]
fn check_program(program: &str, name: &str, (code, yes, no): (&str, &str, &str)) {
    let fresh = folder();
    let place = fresh.folder.path();
    let now = Clock::System.now();
    let (opens, closes) = (now - SignedDuration::from_hours(1), now + SignedDuration::from_hours(1));
    Applied { window: (&opens.to_string(), &closes.to_string(), None), ..WINTER }.put(&fresh.url);
    let (opens, closes) = (closes, closes + SignedDuration::from_hours(1));
    Applied { slug: "later", window: (&opens.to_string(), &closes.to_string(), None), ..WINTER }.put(&fresh.url);
    carillon(place, &["gate", "export", "--out", "."]).exits(0);
    let run = |slug: &str| {
        fs::write(place.join(name), code.replace("SLUG", &format!("\"{slug}\""))).unwrap();
        Said::of(Command::new(program).arg(name).current_dir(place).output().unwrap())
    };
    for (slug, expected) in [(WINTER.slug, yes), ("later", no), ("none", no)] {
        assert_eq!(run(slug).exits(0).stdout.trim(), expected, "{slug}");
    }

    let genuine = fs::read_to_string(place.join("gates.jwt")).unwrap();
    let parts: Vec<&str> = genuine.trim().split('.').collect();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let [header, claims] = <[Value; 2]>::try_from(parts_of(&genuine)).unwrap();
    let mut moved = claims.clone();
    moved["gates"][0]["closes_at"] = json!("2999-01-01T00:00:00.000Z");
    let mut unsigned = header.clone();
    unsigned["alg"] = json!("none");
    let mut stranger = header;
    stranger["kid"] = json!("x");
    let keyring = load_keyring(&place.join("keys.toml")).unwrap();
    let old = SchedulePolicy { issuer: String::new(), valid_for: SignedDuration::from_hours(1) };
    let old =
        ScheduleSigner::new(&keyring, old).unwrap().sign(&ListedGates::default(), now - SignedDuration::from_hours(9));
    for (file, what) in [
        (format!("{}.{}.{}", parts[0], part(&moved), parts[2]), "changed"),
        (format!("{}.{}.", part(&unsigned), parts[1]), "unsigned"),
        (format!("{}.{}.{}", part(&stranger), parts[1], parts[2]), "signed by a stranger"),
        (old.unwrap().file, "over"),
    ] {
        fs::write(place.join("gates.jwt"), file).unwrap();
        let said = run(WINTER.slug);
        assert_ne!(said.code, 0, "{what}: {said:?}");
    }
}

#[test]
fn the_program_in_python_reads_the_file() {
    let pythons = ["python3", "/usr/bin/python3"];
    if let Some(python) = first_that_runs(&pythons, &["-c", "import jwt, cryptography"]) {
        let code = format!("{}\nprint(is_open)\n", documented("python"));
        check_program(python, "check.py", (&code, "True", "False"));
    }
}

#[test]
fn the_program_without_a_library_reads_the_file() {
    if let Some(node) = first_that_runs(&["node"], &["--version"]) {
        let files = "import { readFileSync as read } from \"node:fs\";\n\
                     const file = read(\"gates.jwt\", \"utf8\"), jwks = JSON.parse(read(\"jwks.json\", \"utf8\"));\n";
        let code = format!("{files}{}\nconsole.log(isOpen);\n", documented("js"));
        check_program(node, "check.mjs", (&code, "true", "false"));
    }
}
