//! Signing up, with the real binary and a relay: the letter that goes out, the link in it, and the mailings that follow.

use std::fs;
use std::process::Command;

use carillon::problem::ProblemKind;
use mail_parser::MessageParser;

use crate::join::time_in;
use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::{Accepted, Mood, Relay};
use crate::unattended::stands;

const CAMILLE: &str = "camille@example.fr";
const CLAIRE: &str = "claire@example.fr";

/// Signs an address up by the form. A form is not taken back within two seconds, as little as a person would need.
pub fn sign_up(shop: &House, path: &str, address: &str) {
    let time = time_in(&shop.get(path));
    let body = format!("email={}&time={time}", address.replace('@', "%40"));
    wait_for(|| shop.post(path, &body).contains("HTTP/1.1 200"));
}

/// The text of a message, and the path of the link in it.
fn link_in(message: &Accepted) -> (String, String) {
    let parsed = MessageParser::default().parse(&message.bytes).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let path = text.split("https://news.example.fr").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    (text, path)
}

both!(a_person_signs_up_confirms_is_written_to_and_leaves, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    sign_up(&shop, "/join", CAMILLE);
    relay.wait_for(1);
    let letter = relay.accepted().remove(0);
    assert_eq!(letter.to, CAMILLE);
    assert!(letter.from.starts_with("c+1.") && letter.from.ends_with("@b.example.fr"), "{}", letter.from);
    let header = String::from_utf8(letter.bytes.clone()).unwrap().split_once("\r\n\r\n").unwrap().0.to_owned();
    assert!(header.contains("Auto-Submitted: auto-generated") && !header.contains("List-"), "{header}");
    let (text, path) = link_in(&letter);
    assert!(path.starts_with("/confirm/c1.") && text.contains("heure de Paris"), "{text}");

    // A scanner looks, as often as it likes.
    for _ in 0..3 {
        assert!(shop.get(&path).contains("Je confirme"));
    }
    assert!(
        shop.run(&["status"]).contains("sign-ups: 1 waits for a confirmation; 0 letters to send; 0 confirmed so far")
    );
    let waits = carillon(&shop.folder, &["consent", "prove", CAMILLE]).exits(1);
    assert!(waits.stdout.contains("NO PROOF") && waits.stdout.contains("letters: 1 sent"), "{}", waits.stdout);
    assert!(shop.post(&path, "confirm=yes").contains("C’est confirmé"));
    assert!(shop.post(&path, "confirm=yes").contains("C’est déjà confirmé"));
    let proof = shop.run(&["consent", "prove", CAMILLE]);
    for words in [
        "requested",
        "confirm_mail_sent",
        "double_optin_post",
        "  letter   <",
        "  form     carillon ",
        "  link     ",
        "J’ai 15\u{a0}ans ou plus",
        "the ledger is whole",
    ] {
        assert!(proof.contains(words), "{words}: {proof}");
    }
    assert!(!proof.contains("NO PROOF"), "{proof}");
    shop.run(&["consent", "verify"]);

    shop.run(&["campaign", "resume", "hiver"]);
    shop.wait_until_finished();
    assert_eq!(relay.recipients(), [CAMILLE, CAMILLE, "membre.00000@example.fr"], "the letter, and the mailing");
    assert!(shop.press(&shop.way_out_of(CAMILLE)).contains("Votre désinscription est enregistrée"));
    assert!(shop.run(&["member", "show", CAMILLE]).contains("withdrawn"));
    shop.run(&["consent", "verify"]);
    assert_eq!(daemon.terminate(), Some(0));
});

both!(templates_at_fault_are_told_before_anybody_signs_up_and_keep_nobody_waiting_once_mended, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    shop.change("transport     = ", "templates = \"own\"\ntransport     = ");
    let daemon = shop.daemon_up();
    wait_for(|| stands(&shop, ProblemKind::ConfirmationsUnsent));
    let french = shop.run(&["--lang", "fr", "status"]);
    assert!(french.contains("un courriel au sujet d’un accord ne peut pas être écrit"), "{french}");
    assert!(french.contains("la lecture est impossible"), "{french}");
    sign_up(&shop, "/join", CAMILLE);
    assert_eq!(relay.recipients(), Vec::<String>::new());
    fs::create_dir(shop.folder.join("own")).unwrap();
    daemon.signal("-HUP");
    relay.wait_for(1);
    wait_for(|| !stands(&shop, ProblemKind::ConfirmationsUnsent));
    assert_eq!(relay.recipients(), [CAMILLE]);
    assert_eq!(daemon.terminate(), Some(0));
});

#[test]
fn a_daemon_that_was_killed_over_a_letter_sends_it_when_it_starts() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    sign_up(&shop, "/en/join", "slow-go@example.fr");
    relay.wait_for_commands("DATA", 1);
    daemon.kill();
    let daemon = shop.daemon_up();
    relay.wait_for_commands("DATA", 2);
    relay.open();
    relay.wait_for(1);
    let (text, path) = link_in(&relay.accepted().remove(0));
    assert!(text.contains("Confirm your address"), "{text}");
    assert!(shop.post(&path, "confirm=yes").contains("You are signed up"));
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_letter_of_which_nobody_knows_whether_it_arrived_goes_again() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    sign_up(&shop, "/join", "drop-after-dot@example.fr");
    relay.wait_for(1);
    wait_for(|| shop.run(&["status"]).contains("1 letter to send"));
    // The relay has it, and its owner is quicker than the second copy.
    let (_, path) = link_in(&relay.accepted().remove(0));
    assert!(shop.post(&path, "confirm=yes").contains("C’est confirmé"));
    assert!(shop.run(&["status"]).contains("0 wait for a confirmation; 0 letters to send; 1 confirmed so far"));
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_relay_that_takes_no_letters_is_a_problem_until_it_does() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    relay.has(Mood::AtRcpt("550 5.7.1 we do not relay"));
    sign_up(&shop, "/join", CAMILLE);
    let problem = "the relay refuses confirmation letters: at recipient: 550 5.7.1 we do not relay";
    wait_for(|| shop.run(&["status"]).contains(problem));
    let said = carillon(&shop.folder, &["status", "--check"]).exits(2);
    assert!(said.stdout.contains(problem), "{}", said.stdout);
    // Nobody is blamed for it: the sign-up waits. A letter that does leave ends the problem.
    relay.has(Mood::Kind);
    sign_up(&shop, "/join", "sacha@example.fr");
    relay.wait_for(1);
    wait_for(|| !shop.run(&["status"]).contains(problem));
    assert!(shop.run(&["status"]).contains("sign-ups: 2 wait for a confirmation; 1 letter to send"));
    // A mailbox that does not exist is no problem, and its sign-up is gone.
    sign_up(&shop, "/join", "refuse@example.fr");
    relay.wait_for_attempts("refuse@example.fr", 1);
    wait_for(|| shop.run(&["status", "--json"]).contains("\"refused\": 1"));
    assert!(!shop.run(&["status"]).contains("problem: the relay"));
    assert_eq!(daemon.terminate(), Some(0));
}

both!(an_erasure_reaches_who_only_signed_up, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    sign_up(&shop, "/join", CLAIRE);
    relay.wait_for(1);
    wait_for(|| shop.run(&["status"]).contains("0 letters to send"));
    assert_eq!(daemon.terminate(), Some(0));
    let said = carillon(&shop.folder, &["member", "erase", CLAIRE, "--yes"]).exits(0);
    assert!(said.stdout.contains("1 sign-up deleted that nobody had confirmed"), "{}", said.stdout);
    assert_eq!(holding(&shop, CLAIRE), Vec::<String>::new());
    // The fingerprint is kept, as that of a member is: a store that is restored is told.
    let again = carillon(&shop.folder, &["member", "erase", CLAIRE, "--yes"]).exits(0);
    assert!(again.stdout.contains("0 erased, 1 had been before"), "{}", again.stdout);
});

/// The files of the store, or its tables on PostgreSQL, that hold `needle`.
fn holding(shop: &House, needle: &str) -> Vec<String> {
    let carillon::config::StoreUrl::Postgres(url) = &shop.fresh.url else {
        let files = fs::read_dir(&shop.folder).unwrap().map(|entry| entry.unwrap().path());
        let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
        let holding = files.filter(|file| file.is_file() && holds(&fs::read(file).unwrap()));
        return holding.map(|file| file.display().to_string()).collect();
    };
    let count = format!("SELECT count(*) FROM signups AS row WHERE row::text ILIKE '%{needle}%'");
    let said = Command::new("psql").args(["-At", "--dbname", url, "--command", &count]).output().unwrap();
    let count = String::from_utf8(said.stdout).unwrap();
    if count.trim() == "0" { Vec::new() } else { vec![count] }
}
