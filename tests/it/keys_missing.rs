//! A key file that is not the store's: from before the last change of keys, or of another machine. Nobody who left is recognised by
//! it, so nobody is mailed and nobody comes in.

use std::fs;

use carillon::config::create_keyring;

use crate::join_daemon::sign_up;
use crate::support::backend::both;
use crate::support::cli::carillon;
use crate::support::house::House;
use crate::support::relay::Relay;
use crate::support::shop::run_sql;

const CAMILLE: &str = "membre.00000@example.fr";
const STRANGER: &str = "ancien@example.fr";

/// Every command that would look for somebody by an address refuses, in the same words.
#[track_caller]
fn check_refusals(shop: &House, lacks: &str) {
    for command in [
        &["member", "import", "members.csv"] as &[&str],
        &["member", "import", "members.csv", "--dry-run"],
        &["member", "withdraw", "personne@example.fr"],
        &["member", "erase", CAMILLE, "--yes"],
        &["member", "show", CAMILLE],
        &["consent", "prove", CAMILLE],
        &["consent", "rebuild"],
        &["keys", "rotate"],
    ] {
        let said = carillon(&shop.folder, command).exits(1);
        assert!(said.stderr.contains(lacks), "{command:?}: {}", said.stderr);
        assert!(said.stderr.contains("put back the copy of the key file that holds `"), "{command:?}: {}", said.stderr);
    }
    assert!(carillon(&shop.folder, &["keys", "list"]).exits(1).stderr.contains(lacks));
    assert!(carillon(&shop.folder, &["db", "check"]).exits(1).stdout.contains(lacks));
    assert!(carillon(&shop.folder, &["consent", "verify"]).exits(1).stdout.contains(lacks));
    let doctor = carillon(&shop.folder, &["doctor"]).stdout;
    assert!(doctor.contains(lacks), "{doctor}");
    let french = carillon(&shop.folder, &["--lang", "fr", "status"]).stdout;
    assert!(french.contains("rien ne part\u{a0}: parmi les clés"), "{french}");
}

/// The daemon serves its pages, takes no sign-up, mails nobody and says why.
#[track_caller]
fn check_held(shop: &House, lacks: &str) {
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"));
    assert!(shop.get("/ready").starts_with("HTTP/1.1 503"));
    carillon(&shop.folder, &["status", "--check"]).exits(2);
    let status = shop.run(&["status"]);
    assert!(status.contains("problem: nothing is sent: of the keys that the store was used with"), "{status}");
    assert!(status.contains(lacks), "{status}");
    // Only so that the form is not too quick for a person.
    let page = shop.get("/join");
    let body = format!("email=nouveau%40example.fr&time={}", crate::join::time_in(&page));
    crate::support::house::wait_for(|| shop.post("/join", &body).starts_with("HTTP/1.1 503"));
}

both!(a_key_file_from_before_the_last_change_mails_nobody_and_takes_nobody_in, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 3, relay.port());
    let keys = shop.folder.join("carillon.keys");
    let (old, way_out) = (fs::read(&keys).unwrap(), shop.way_out_of("membre.00002@example.fr"));
    shop.run(&["keys", "rotate"]);
    let newest = fs::read(&keys).unwrap();
    let lacked = shop.keyring().current();
    shop.run(&["member", "withdraw", CAMILLE]);
    shop.run(&["member", "withdraw", STRANGER]);
    fs::write(&keys, &old).unwrap();

    let lacks = format!("the key file lacks `{lacked}`: nobody would be recognised");
    check_refusals(&shop, &lacks);
    // A store of an older release has noted no keys: its rows name them.
    run_sql(&shop.store_url(), "DELETE FROM store_facts WHERE name = 'keys-used'");
    check_refusals(&shop, &lacks);
    // Somebody may leave by a letter that the missing key made: the mail server keeps the message.
    let (token, letter) = (way_out.rsplit('/').next().unwrap(), shop.folder.join("back.eml"));
    let other = format!("{}aaaaaa", token.get(..token.len() - 6).unwrap());
    fs::write(&letter, format!("From: x@example.net\nTo: <u+{other}@b.example.fr>\nSubject: unsubscribe\n\n")).unwrap();
    let kept = carillon(&shop.folder, &["bounce", "ingest", "back.eml"]).exits(75);
    assert!(kept.stderr.contains(&lacks), "{}", kept.stderr);
    let daemon = shop.daemon_up();
    check_held(&shop, &lacks);
    // What an older key made goes on working: who wants to leave leaves.
    assert!(shop.press(&way_out).contains("Votre désinscription est enregistrée"));
    let links = ["/u/v1.0123456789abcdef", "/confirm/v1.0123456789abcdef", "/renew/v1.0123456789abcdef"];
    for link in links {
        assert!(shop.get(link).starts_with("HTTP/1.1 503"), "{link}: it may be ours");
        assert!(shop.press(link).starts_with("HTTP/1.1 503"), "{link}: it may be ours");
    }
    assert_eq!((daemon.terminate(), relay.count()), (Some(0), 0));

    fs::write(&keys, newest).unwrap();
    carillon(&shop.folder, &["bounce", "ingest", "back.eml"]).exits(0);
    let daemon = shop.daemon_up();
    shop.wait_until_finished();
    for link in links {
        assert!(shop.get(link).starts_with("HTTP/1.1 404") && shop.press(link).starts_with("HTTP/1.1 404"), "{link}");
    }
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(relay.recipients(), ["membre.00001@example.fr"]);
    shop.run(&["consent", "verify"]);
});

both!(a_store_put_back_beside_new_keys_mails_nobody_and_takes_nobody_in, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 3, relay.port());
    let keys = shop.folder.join("carillon.keys");
    let (lacked, backup) = (shop.keyring().current(), shop.back_up());
    shop.run(&["member", "withdraw", CAMILLE]);
    shop.put_back(&backup);
    fs::remove_file(&keys).unwrap();
    create_keyring(&keys).unwrap();
    let lacks = format!("the key file lacks `{lacked}`: nobody would be recognised");
    let said = carillon(&shop.folder, &["db", "restore", "--done-elsewhere"]).exits(0);
    assert!(said.stdout.contains(&lacks), "{}", said.stdout);
    carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    check_refusals(&shop, &lacks);
    let daemon = shop.daemon_up();
    check_held(&shop, &lacks);
    assert_eq!((daemon.terminate(), relay.count()), (Some(0), 0));
});

// The store is from before the change, and so is the key file; only the record of departures tells of the newer key.
both!(a_key_that_only_the_record_of_departures_names_is_missed, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 2, relay.port());
    let keys = shop.folder.join("carillon.keys");
    let (old, backup) = (fs::read(&keys).unwrap(), shop.back_up());
    shop.run(&["keys", "rotate"]);
    let lacked = shop.keyring().current();
    shop.run(&["member", "withdraw", STRANGER]);
    shop.put_back(&backup);
    fs::write(&keys, old).unwrap();
    let lacks = format!("the key file lacks `{lacked}`: nobody would be recognised");
    // Put back by hand, and nobody has said so yet: an import looks for itself.
    let refused = carillon(&shop.folder, &["member", "import", "people.csv"]).exits(1);
    assert!(refused.stderr.contains(&lacks), "{}", refused.stderr);
    let said = carillon(&shop.folder, &["db", "restore", "--done-elsewhere"]).exits(0);
    assert!(said.stdout.contains(&lacks), "{}", said.stdout);
    carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    check_refusals(&shop, &lacks);
});

both!(an_erased_sign_up_stays_erased_in_a_restored_store_and_nothing_leaves_before_the_answer, |backend| {
    let (nobody, relay) =
        (std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(), Relay::start());
    let shop = House::new(backend, 1, nobody);
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    for address in ["attend@example.fr", "efface@example.fr"] {
        sign_up(&shop, "/join", address);
    }
    let backup = shop.back_up();
    let said = shop.run(&["member", "erase", "efface@example.fr", "--yes"]);
    assert!(said.contains("1 sign-up deleted"), "{said}");
    assert_eq!(daemon.terminate(), Some(0));
    shop.put_back(&backup);
    shop.change(&format!("port        = {nobody}"), &format!("port        = {}", relay.port()));
    shop.run(&["db", "restore", "--done-elsewhere"]);
    let daemon = shop.daemon_up();
    let known = shop.run(&["member", "export", "efface@example.fr"]);
    assert!(!known.contains("efface@example.fr"), "{known}");
    // The form takes two seconds, in which the letters would leave, and the sign-up wakes who sends them.
    sign_up(&shop, "/join", "nouveau@example.fr");
    assert!(shop.run(&["status"]).contains("nothing is sent: the store was restored"));
    assert_eq!(relay.count(), 0);
    carillon(&shop.folder, &["mail", "resolve", "--restored"]).exits(0);
    relay.wait_for(2);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(relay.recipients(), ["attend@example.fr", "nouveau@example.fr"]);
    shop.run(&["consent", "verify"]);
});

both!(whom_only_the_record_of_departures_knows_does_not_come_in_by_a_file, |backend| {
    let shop = House::new(backend, 2, 9);
    shop.run(&["member", "withdraw", CAMILLE]);
    run_sql(
        &shop.store_url(),
        "INSERT INTO signup_letters (fingerprint, sent_at) SELECT fingerprint, consent_since FROM members WHERE consent = 'withdrawn'; \
         DELETE FROM suppressions; DELETE FROM members WHERE consent = 'withdrawn'",
    );
    let said = carillon(&shop.folder, &["member", "import", "members.csv"]).exits(1).stdout;
    assert!(said.contains("rejected   1\n  1 withdrew"), "{said}");
    for command in [&["consent", "prove", CAMILLE] as &[&str], &["member", "show", CAMILLE]] {
        let said = carillon(&shop.folder, command).exits(1).stderr;
        assert!(said.contains("NO PROOF: the ledger knows this person"), "{said}");
    }
});
