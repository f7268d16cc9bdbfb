//! New lines of the file of anchors go to a mailbox, beside the campaigns, and what cannot be mailed stops nothing.

use std::fs;

use carillon::clock::Clock;
use carillon::config::load_keyring;
use carillon::db::anchors::LedgerAnchors;
use jiff::SignedDuration;
use mail_parser::MessageParser;

use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;

pub const AUDITOR: &str = "dpo@example.org";

fn house(backend: Backend, relay: &Relay, to: &str) -> House {
    let shop = House::new(backend, 3, relay.port());
    shop.change("# anchor_to     = \"dpo@example.org\"", &format!("anchor_to     = \"{to}\""));
    shop
}

/// The lines of anchors in a mail.
pub fn lines_in(mail: &[u8]) -> Vec<String> {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let text = parsed.body_text(0).unwrap();
    text.lines().map(str::trim_end).filter(|line| line.starts_with("carillon.anchor")).map(str::to_owned).collect()
}

/// What the auditor got, mail by mail.
fn mailed(relay: &Relay) -> Vec<Vec<String>> {
    relay.accepted().iter().filter(|mail| mail.to == AUDITOR).map(|mail| lines_in(&mail.bytes)).collect()
}

/// The lines of the shop's file.
pub fn kept(shop: &House) -> Vec<String> {
    let text = fs::read_to_string(shop.folder.join("carillon.anchors")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Adds `count` anchors, `hours` from now.
fn add(shop: &House, count: usize, hours: i64) {
    let keyring = load_keyring(&shop.folder.join("carillon.keys")).unwrap();
    let anchors = LedgerAnchors::new(&shop.folder.join("carillon.anchors"), None, &keyring).unwrap();
    let (store, at) = (shop.store(), Clock::System.now() + SignedDuration::from_hours(hours));
    for _ in 0..count {
        anchors.append(&store, at, false).unwrap();
    }
}

both!(each_line_of_anchors_is_mailed_once_and_can_be_checked_by_whoever_gets_it, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, AUDITOR);
    shop.run(&["campaign", "pause", "hiver"]);
    add(&shop, 33, 0);
    let daemon = shop.daemon_up();
    wait_for(|| mailed(&relay).concat().len() >= 33);
    assert_eq!(mailed(&relay).concat(), kept(&shop));
    assert_eq!(mailed(&relay)[0].len(), 31, "a month of days to a mail");
    let mail = relay.accepted().remove(0);
    let text = String::from_utf8(mail.bytes.clone()).unwrap();
    assert!(text.contains("Auto-Submitted: auto-generated") && !text.contains("List-"), "{text}");
    assert_eq!(mail.from, "avant-premieres@news.example.fr", "a person reads what comes back of it");
    assert!(!text.contains("membre."), "nobody is named in it: {text}");
    assert_eq!(daemon.terminate(), Some(0));
    // Later anchors, and the key that comes after: what is new goes, and nothing a second time.
    let before = kept(&shop).len();
    shop.run(&["keys", "rotate"]);
    add(&shop, 1, 24);
    let daemon = shop.daemon_up();
    wait_for(|| mailed(&relay).concat().len() >= before + 2);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(mailed(&relay).concat(), kept(&shop));
    fs::write(shop.folder.join("got.anchors"), mailed(&relay).concat().join("\n")).unwrap();
    let keys = shop.run(&["consent", "public-key"]);
    fs::write(shop.folder.join("anchors.pub.pem"), keys).unwrap();
    let check = ["consent", "check-anchors", "got.anchors", "--public-key", "anchors.pub.pem"];
    let checked = carillon(&shop.folder, &check).exits(0);
    assert!(checked.stdout.contains(" anchors, all good"), "{}", checked.stdout);
});

both!(an_anchor_that_cannot_be_mailed_is_a_problem_and_stops_nothing, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, "refuse@example.org");
    let daemon = shop.daemon_up();
    wait_for(|| {
        shop.run(&["status"]).contains("anchors cannot be mailed: the relay does not take it: at recipient: 550")
    });
    assert!(!shop.run(&["status"]).contains("refuse@"), "whose mailbox it is stays out of it");
    shop.wait_until_finished();
    assert_eq!(relay.recipients().iter().filter(|to| to.starts_with("membre.")).count(), 3);
    carillon(&shop.folder, &["status", "--check"]).exits(1);
    assert_eq!(daemon.terminate(), Some(0));
    // Somebody else gets all of it.
    shop.change("refuse@example.org", AUDITOR);
    let daemon = shop.daemon_up();
    wait_for(|| !kept(&shop).is_empty() && mailed(&relay).concat() == kept(&shop));
    wait_for(|| !shop.run(&["status"]).contains("anchors cannot be mailed"));
    assert_eq!(daemon.terminate(), Some(0));
});

// What a file that was changed says is mailed to nobody: it would be what the auditor keeps.
both!(a_damaged_file_of_anchors_is_not_mailed, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, AUDITOR);
    shop.run(&["campaign", "pause", "hiver"]);
    add(&shop, 2, 0);
    let whole = kept(&shop);
    fs::write(shop.folder.join("carillon.anchors"), format!("{}\n", whole[1])).unwrap();
    let daemon = shop.daemon_up();
    wait_for(|| shop.run(&["status"]).contains("carillon.anchors` is not as it was written"));
    assert_eq!(mailed(&relay), Vec::<Vec<String>>::new());
    assert_eq!(daemon.terminate(), Some(0));
});
