//! Asking whether to go on before a consent runs out: once, not behind anybody's back, and only a press of the button renews.

use std::fs;

use carillon::clock::Clock;
use carillon::db::imports::ImportTerms;
use carillon::db::pressed::{AfterPress, Pressed};
use carillon::db::proof::{self, Found};
use carillon::db::renewals::{self, RenewalCounts, RenewalLetter, RenewalOutcome, RenewalTarget, ShownWords};
use carillon::db::retention::{self, Ahead, ProofClock};
use carillon::db::signups::LetterSender;
use carillon::db::{dossiers, identity, ledger, members};
use carillon::member::renewal::{RenewalState, asked_at, deadline};
use carillon::member::retention::{Periods, RetentionClock};
use carillon::member::{Action, Cause, Lifetime, Method, RenewToken, Wish};
use carillon::sending::confirmations::grant;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use mail_parser::MessageParser;

use crate::retention::gone;
use crate::support::backend::both;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::world::World;

const MICRO: SignedDuration = SignedDuration::from_micros(1);
const SHOWN: ShownWords<'_> = ShownWords { text: "Je souhaite continuer.", version: "test" };

/// When the consents of a [`World`] end.
pub fn end() -> Timestamp {
    Lifetime::months(24).end("2026-09-01T10:00:00Z".parse().unwrap())
}

pub fn plan(world: &World, now: Timestamp) -> u64 {
    world.store.write_blocking(|db| renewals::plan(db, now, 100)).unwrap()
}

fn take(world: &World, now: Timestamp) -> Option<RenewalLetter> {
    let sender = LetterSender { owner: "one".into(), keyring: world.keyring.clone(), domain: "news.example.fr".into() };
    world.store.write_blocking(|db| renewals::take(db, &sender, now)).unwrap()
}

fn granted(world: &World, letter: &RenewalLetter) -> bool {
    world.runtime.block_on(grant(&world.engine("one"), letter)).unwrap()
}

fn record(world: &World, letter: &RenewalLetter, outcome: RenewalOutcome) {
    world.store.write_blocking(|db| renewals::record(db, letter, outcome)).unwrap();
}

fn standing(world: &World, now: Timestamp) -> RenewalCounts {
    world.store.read_blocking(|db| renewals::standing(db, now)).unwrap()
}

fn target(world: &World, token: &RenewToken, now: Timestamp) -> RenewalTarget {
    world.store.read_blocking(|db| renewals::look(db, token, now)).unwrap()
}

pub fn renew(world: &World, token: &RenewToken, now: Timestamp) -> Pressed {
    let terms = ImportTerms::new("exemple", Lifetime::months(24), world.keyring.clone());
    world.store.write_blocking(|db| renewals::renew(db, token, SHOWN, &terms, now)).unwrap()
}

fn leave(world: &World, letter: &RenewalLetter, now: Timestamp) {
    world.fresh.leave(&world.store, letter.pseudonym, Cause::Withdrawn, Method::OneClickPost, now);
}

fn wish(world: &World, letter: &RenewalLetter, wish: Wish, now: Timestamp) {
    world.fresh.door(&world.store).grant_blocking(&letter.pseudonym, wish, now).unwrap();
}

/// Sends the next letter that is due.
#[track_caller]
pub fn sent(world: &World, now: Timestamp) -> RenewalLetter {
    world.clock.advance_to(now);
    let letter = take(world, now).unwrap();
    assert!(granted(world, &letter));
    record(world, &letter, RenewalOutcome::Sent);
    letter
}

#[track_caller]
fn is_whole(world: &World) {
    let mut found = Found::default();
    let verify = |db: &mut _| proof::verify(db, &world.keyring, Lifetime::months(24), &mut found);
    world.store.snapshot_blocking(verify).unwrap();
    assert_eq!(found, Found::default());
}

both!(a_member_is_asked_once_and_an_answer_renews, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let begins = asked_at(end());
    assert_eq!(plan(&world, begins - MICRO), 0);
    let ahead = |now| {
        let proof = ProofClock::new(world.keyring.clone());
        let ahead = |db: &mut _| retention::ahead(db, RetentionClock::Renewals, Periods::default(), &proof, now);
        world.store.read_blocking(ahead).unwrap()
    };
    assert_eq!(ahead(begins - MICRO), Ahead { due: 0, today: 0, next_at: Some(begins), next: 2 });
    assert_eq!(ahead(begins), Ahead { due: 2, today: 2, ..Ahead::default() });
    assert_eq!([plan(&world, begins), plan(&world, begins)], [2, 0]);
    assert_eq!(ahead(begins), Ahead { due: 2, today: 2, ..Ahead::default() });
    let anna = sent(&world, begins);
    assert_eq!((anna.address.as_str(), anna.ends_at), ("anna@example.fr", end()));
    let bela = sent(&world, begins);
    assert!(take(&world, deadline(end()) - MICRO).is_none(), "nobody is asked again");
    let held = world.store.read_blocking(|db| {
        let member = members::find(db, &anna.pseudonym)?.unwrap();
        dossiers::of(db, &member, &world.keyring)
    });
    let held = held.unwrap().renewal.unwrap();
    assert_eq!(
        (held.state, held.handed_over_at),
        (RenewalState::Sent, Some(begins)),
        "what is handed over tells of it"
    );
    assert_eq!(standing(&world, begins), RenewalCounts { unasked: 0, asked: 2, in_doubt: 0, renewed: 0 });

    // Looking changes nothing.
    let now = begins + SignedDuration::from_hours(48);
    let before = world.store.read_blocking(ledger::head).unwrap();
    for _ in 0..2 {
        assert!(matches!(target(&world, &anna.token, now), RenewalTarget::Waits { ends_at, .. } if ends_at == end()));
    }
    assert_eq!(world.store.read_blocking(ledger::head).unwrap(), before);
    assert_eq!(renew(&world, &anna.token, now), Pressed::Done);
    assert_eq!(renew(&world, &anna.token, now), Pressed::Already);
    let after = |token: &RenewToken| match target(&world, token, now) {
        RenewalTarget::Used(AfterPress { counts, .. }) => Some(counts),
        _ => None,
    };
    assert_eq!(after(&anna.token), Some(true));
    let events = world.store.read_blocking(|db| ledger::events_of(db, &anna.pseudonym)).unwrap();
    let what = &events.last().unwrap().what;
    assert_eq!((what.action, &what.method, events.len()), (Action::Refreshed, &Method::PagePost, 2));
    assert_eq!((what.mail_ref.as_deref(), what.token_fp), (Some(anna.message_id.as_str()), Some(anna.token.digest())));
    let text = world.store.read_blocking(|db| ledger::text(db, &what.text_version.unwrap())).unwrap();
    assert_eq!(text.as_deref(), Some(SHOWN.text));
    let member = world.store.read_blocking(|db| members::find(db, &anna.pseudonym)).unwrap().unwrap();
    assert_eq!(member.expires_at, Some(Lifetime::months(24).end(now)));
    is_whole(&world);

    // No answer is an answer; and whoever renewed is asked again when that runs out.
    assert_eq!(target(&world, &bela.token, end()), RenewalTarget::Unknown);
    assert_eq!(renew(&world, &bela.token, end()), Pressed::Unknown);
    assert_eq!(gone(&world, RetentionClock::Consents, Periods::default(), end()), 1);
    assert_eq!(standing(&world, end()), RenewalCounts { unasked: 0, asked: 0, in_doubt: 0, renewed: 1 });
    assert_eq!(plan(&world, asked_at(member.expires_at.unwrap())), 1);
    is_whole(&world);
    // Whoever has left since is not told that all is well.
    leave(&world, &anna, end());
    assert_eq!(after(&anna.token), Some(false));
});

both!(a_letter_that_was_handed_over_is_never_sent_again, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let begins = asked_at(end());
    world.clock.advance_to(begins);
    plan(&world, begins);
    // Before the hand-over it is tried again.
    let letter = take(&world, begins).unwrap();
    record(&world, &letter, RenewalOutcome::Later(Some(begins)));
    let letter = take(&world, begins).unwrap();
    assert_eq!(letter.attempts, 1);
    record(&world, &letter, RenewalOutcome::PutBack(begins));
    // A daemon that dies before it leaves all to do, one that dies after it does not.
    take(&world, begins).unwrap();
    assert!(take(&world, begins).is_none());
    world.store.write_blocking(|db| renewals::take_back(db, begins)).unwrap();
    let letter = take(&world, begins).unwrap();
    assert!(granted(&world, &letter));
    assert!(!granted(&world, &letter), "one letter");
    world.store.write_blocking(|db| renewals::take_back(db, begins)).unwrap();
    assert_eq!(standing(&world, begins), RenewalCounts { asked: 1, in_doubt: 1, ..RenewalCounts::default() });
    plan(&world, begins + SignedDuration::from_hours(1));
    assert!(take(&world, deadline(end()) - MICRO).is_none());
    // It may have arrived, so its link works.
    assert_eq!(renew(&world, &letter.token, begins), Pressed::Done);
});

both!(another_daemon_that_died_over_a_letter_leaves_it_in_doubt, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let begins = asked_at(end());
    world.clock.advance_to(begins);
    plan(&world, begins);
    let letter = take(&world, begins).unwrap();
    assert!(granted(&world, &letter));
    let later = begins + SignedDuration::from_hours(1);
    plan(&world, later);
    assert!(take(&world, later).is_none());
    assert_eq!(standing(&world, later).in_doubt, 1);
});

both!(who_left_or_pauses_is_not_asked, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr", "carla@example.fr"]);
    let begins = asked_at(end());
    world.clock.advance_to(begins);
    plan(&world, begins);
    let [anna, bela] = [take(&world, begins).unwrap(), take(&world, begins).unwrap()];
    leave(&world, &anna, begins);
    let until = begins + SignedDuration::from_hours(24 * 10);
    wish(&world, &bela, Wish::PauseUntil(until), begins);
    assert_eq!([granted(&world, &anna), granted(&world, &bela)], [false, false]);
    record(&world, &anna, RenewalOutcome::PutBack(begins));
    record(&world, &bela, RenewalOutcome::PutBack(begins));
    assert_eq!(sent(&world, begins).address.as_str(), "carla@example.fr");
    assert!(take(&world, begins).is_none());
    assert_eq!(plan(&world, until - MICRO), 0);
    // A pause that ends in time is waited for.
    assert_eq!(plan(&world, until), 1);
    assert_eq!(sent(&world, until).address.as_str(), "bela@example.fr");
    assert_eq!(target(&world, &anna.token, until), RenewalTarget::Unknown);
});

both!(what_keeps_mailings_back_keeps_these_letters_back, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let begins = asked_at(end());
    world.clock.advance_to(begins);
    plan(&world, begins);
    let letter = take(&world, begins).unwrap();
    let aside = world.fresh.sent().with_extension("aside");
    fs::rename(world.fresh.sent(), &aside).unwrap();
    assert!(!granted(&world, &letter), "nothing tells whether the store was restored");
    fs::rename(aside, world.fresh.sent()).unwrap();
    assert!(granted(&world, &letter));
    // The letter counts along, so that a store which forgot it is noticed.
    let line = fs::read_to_string(world.fresh.sent()).unwrap();
    assert!(line.contains(" handed-over=00000000000000000001 "), "{line}");
    // What a restored store may have forgotten is not sent.
    world.store.write_blocking(|db| renewals::take_back(db, begins)).unwrap();
    run_sql(&world.fresh.url, "DELETE FROM renewals");
    world.store.write_blocking(|db| identity::forget_until(db, begins)).unwrap();
    assert_eq!(plan(&world, begins + SignedDuration::from_hours(1)), 0);
});

both!(another_lifetime_asks_nobody_twice, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let begins = asked_at(end());
    plan(&world, begins);
    let letter = sent(&world, begins);
    let later = end() + SignedDuration::from_hours(24 * 30);
    run_sql(&world.fresh.url, &format!("UPDATE members SET expires_at = {}", later.as_microsecond()));
    assert_eq!(plan(&world, asked_at(later)), 0);
    assert!(take(&world, asked_at(later)).is_none());
    assert!(matches!(target(&world, &letter.token, asked_at(later)), RenewalTarget::Waits { .. }));
});

both!(a_person_is_asked_by_letter_and_goes_on, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 1, relay.port());
    shop.run(&["campaign", "pause", "hiver"]);
    let now = Clock::System.now().to_zoned_datetime(TimeZone::UTC);
    let given = now.checked_sub(24.months()).unwrap().checked_add(10.days()).unwrap().timestamp();
    let file = format!(
        "address,language,confirmed_at,wording,source,method\n\
         camille@example.fr,fr,{given},J’accepte de recevoir par courriel l’annonce des avant-premières.,form:footer,double_optin\n"
    );
    fs::write(shop.folder.join("old.csv"), file).unwrap();
    shop.run(&["member", "import", "old.csv"]);
    assert!(shop.run(&["member", "retention"]).contains("asked 30 days before the consent ends"));
    assert!(shop.run(&["status"]).contains("renewals: 1 letter to send"));
    let daemon = shop.daemon_up();
    relay.wait_for(1);
    wait_for(|| shop.run(&["status"]).contains("renewals: 0 letters to send; 1 member was asked and has not answered"));
    let letter = relay.accepted().remove(0);
    assert!(letter.from.starts_with("r+") && letter.to == "camille@example.fr", "{} {}", letter.from, letter.to);
    let header = String::from_utf8(letter.bytes.clone()).unwrap().split_once("\r\n\r\n").unwrap().0.to_owned();
    assert!(header.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{header}");
    let parsed = MessageParser::default().parse(&letter.bytes).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let link = text.split("https://news.example.fr").find(|path| path.starts_with("/renew/")).unwrap();
    let link = link.split_whitespace().next().unwrap().to_owned();
    for _ in 0..2 {
        let page = shop.get(&link);
        assert!(page.contains("continuer à m’annoncer") && page.contains("Ne pas continuer"), "{page}");
    }
    let said = shop.press(&link);
    assert!(said.contains("HTTP/1.1 400") && said.contains("cette demande ne vient pas du bouton"), "{said}");
    assert!(shop.run(&["status"]).contains("0 renewed so far"));
    assert!(shop.post(&link, "renew=yes").contains("C’est noté, nous continuons"));
    assert!(shop.post(&link, "renew=yes").contains("C’est déjà noté"));
    assert!(shop.run(&["status"]).contains("renewals: 0 letters to send; 0 members were asked"));
    let proof = shop.run(&["consent", "prove", "camille@example.fr"]);
    assert!(proof.contains("refreshed") && proof.contains("continuer à m’annoncer"), "{proof}");
    assert!(!proof.contains("NO PROOF"), "{proof}");
    shop.run(&["consent", "verify"]);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(relay.accepted().len(), 1);
});
