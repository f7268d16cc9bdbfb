//! Signing up: the form, the one answer, the link of the letter, and what of it all gets into the ledger.

use std::sync::Arc;

use carillon::config::{JoinSettings, Settings};
use carillon::db::imports::{ImportTerms, import};
use carillon::db::problems::{self, WhichProblems};
use carillon::db::signups::{self, ConfirmationLetter, LetterOutcome, LetterSender, NextLetter, SignUpCounts};
use carillon::db::{ledger, members, proof, turned_away};
use carillon::http::{App, Pages, serve};
use carillon::keys::{Keyring, Sha256Digest};
use carillon::member::sign_up::TurnedAway;
use carillon::member::{
    Action, Capture, Cause, ConfirmToken, Consent, Evidence, Fingerprint, Language, Lifetime, Method, Pseudonym,
    Pseudonyms, unsubscribe_token,
};
use carillon::problem::ProblemKind;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::house::wait_for;
use crate::support::shop::{Reply, Shop, configure, get, run_sql};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const NOW: &str = "2027-01-03T10:00:00Z";
const CAMILLE: &str = "camille@example.fr";
const SENT: &str = "Regardez votre messagerie";

/// Runs a test of a shop on a backend.
fn with_shop<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(Shop) -> F) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        test(Shop::open(backend, NOW).await).await;
    });
}

/// Moves the clock on.
fn later(shop: &Shop, seconds: i64) {
    shop.clock.advance_to(shop.clock.now() + SignedDuration::from_secs(seconds));
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The time in a form.
pub(crate) fn time_in(page: &str) -> String {
    page.split_once("name=\"time\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

/// Opens the form, waits three seconds, and sends it with these fields.
async fn send(shop: &Shop, path: &str, fields: &[(&str, &str)]) -> Reply {
    let time = time_in(shop.get(path, "").await.text());
    later(shop, 3);
    let body =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("time", &time).extend_pairs(fields).finish();
    shop.post(path, FORM, &body).await
}

/// Signs an address up.
async fn ask(shop: &Shop, address: &str) -> Reply {
    send(shop, "/join", &[("email", address)]).await
}

fn standing(shop: &Shop) -> SignUpCounts {
    let now = shop.clock.now();
    shop.store.read_blocking(|db| signups::standing(db, now)).unwrap()
}

/// Takes the next letter, as the daemon does.
fn take(shop: &Shop) -> Option<ConfirmationLetter> {
    let letter_sender =
        LetterSender { owner: "daemon".into(), keyring: shop.keyring.clone(), domain: "example.fr".into() };
    let now = shop.clock.now();
    match shop.store.write_blocking(|db| signups::take(db, &letter_sender, now)).unwrap() {
        NextLetter::This(letter) => Some(*letter),
        NextLetter::None => None,
    }
}

fn record(shop: &Shop, letter: &ConfirmationLetter, outcome: LetterOutcome) {
    let now = shop.clock.now();
    shop.store.write_blocking(|db| signups::record(db, letter, outcome, now)).unwrap();
}

/// Takes the next letter and says that it left.
fn mail(shop: &Shop) -> ConfirmationLetter {
    let letter = take(shop).expect("a letter is due");
    record(shop, &letter, LetterOutcome::Sent);
    letter
}

/// The path in a letter.
fn link(letter: &ConfirmationLetter) -> String {
    format!("/confirm/{}", letter.token.as_str())
}

async fn press(shop: &Shop, letter: &ConfirmationLetter) -> Reply {
    shop.post(&link(letter), FORM, "confirm=yes").await
}

fn find(shop: &Shop, address: &str) -> Option<members::Member> {
    let fingerprints = Fingerprint::all(&shop.keyring, &address.parse().unwrap());
    shop.store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints)).unwrap()
}

fn lines(shop: &Shop) -> i64 {
    shop.store.read_blocking(ledger::head).unwrap().seq
}

fn terms(shop: &Shop) -> ImportTerms {
    ImportTerms::new("maison-exemple", Lifetime::months(24), shop.keyring.clone())
}

/// Imports a member, with a consent that was given on paper.
fn on_paper(shop: &Shop, address: &str) -> Pseudonym {
    let evidence = Evidence {
        address: address.parse().unwrap(),
        language: Language::En,
        confirmed_at: "2026-11-01T10:00:00Z".parse().unwrap(),
        wording: "Je souhaite recevoir les avant-premières.".into(),
        source: "caisse-2".into(),
        capture: Capture::PaperForm,
        form_version: None,
    };
    let (now, terms, seed) = (shop.clock.now(), terms(shop), Sha256Digest::of(address.as_bytes()).to_string());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&seed.as_bytes()[..32]);
    let seed = Pseudonyms::from_seed(bytes);
    shop.store
        .write_blocking(|db| import(db, std::slice::from_ref(&evidence), &terms, seed.clone(), now, false))
        .unwrap();
    find(shop, address).unwrap().pseudonym
}

/// The ledger is whole, and everything beside it follows from it.
#[track_caller]
fn adds_up(shop: &Shop) {
    let found = shop.store.snapshot_blocking(|db| {
        assert!(ledger::verify(db, &shop.keyring)?.is_ok());
        let mut found = proof::Found::default();
        proof::verify(db, &shop.keyring, Lifetime::months(24), &mut found)?;
        Ok(found)
    });
    assert!(found.as_ref().unwrap().is_empty(), "{found:?}");
}

/// What is between tags, without them.
pub(crate) fn words(reply: &Reply) -> String {
    let body = reply.text().split_once("<body>").unwrap().1;
    let text: String = body.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, after)| after)).collect();
    text.replace("&#39;", "'")
}

both!(who_signs_up_and_confirms_is_a_member_with_the_whole_story, |backend| {
    with_shop(backend, async |shop| {
        let sent = send(&shop, "/en/join", &[("email", " Camille@Example.FR "), ("source", "footer")]).await;
        assert_eq!(sent.status, 200);
        assert!(words(&sent).contains("Look into your mailbox"));
        assert_eq!((lines(&shop), find(&shop, CAMILLE)), (0, None), "nothing is in the ledger");
        let requested_at = shop.clock.now();
        let letter = mail(&shop);
        assert_eq!((letter.address.as_str(), letter.language), ("Camille@example.fr", Language::En));

        later(&shop, 600);
        let page = shop.get(&link(&letter), "").await;
        assert_eq!(page.status, 200);
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(page.header(name), Some(value));
        }
        assert!(page.text().contains("<html lang=\"en\">") && !page.text().contains("<script"));
        assert!(page.text().contains("<p class=\"address\">Camille@example.fr</p>"), "what is confirmed is said");
        let shown = shop.get("/en/join", "").await;
        assert_eq!((lines(&shop), standing(&shop).waiting), (0, 1), "looking changes nothing");
        let unread = shop.post(&link(&letter), FORM, "").await;
        assert_eq!(unread.status, 400, "nor does an empty POST");
        let said =
            "Nothing is confirmed yet: this request did not come from the button. To confirm, press it on this page.";
        assert!(words(&unread).contains(said) && words(&unread).contains("I confirm"), "{}", words(&unread));
        assert!(!words(&page).contains(said));
        assert_eq!(shop.post(&link(&letter), FORM, "confirm=no").await.status, 400, "nor another answer");
        assert_eq!(shop.get(&format!("{}).", link(&letter)), "").await, page, "nor what a mail program put behind it");
        assert_eq!((lines(&shop), standing(&shop).waiting), (0, 1));

        let done = press(&shop, &letter).await;
        assert_eq!(done.status, 200);
        assert!(words(&done).contains("You are signed up") && done.text().contains("<html lang=\"en\">"));
        assert!(!words(&done).contains("C’est confirmé"), "who signed up in English is answered in English");
        let member = find(&shop, CAMILLE).unwrap();
        assert_eq!((member.consent, member.language), (Consent::Confirmed, Language::En));
        assert_eq!(member.address.unwrap().as_str(), "Camille@example.fr");
        let events = shop.store.read_blocking(|db| ledger::events_of(db, &member.pseudonym)).unwrap();
        let told: Vec<_> =
            events.iter().map(|event| (event.what.action, event.what.method.clone(), event.what.occurred_at)).collect();
        let expected = [
            (Action::Requested, Method::PagePost, requested_at),
            (Action::ConfirmMailSent, Method::PagePost, requested_at),
            (Action::Confirmed, Method::DoubleOptinPost, shop.clock.now()),
        ];
        assert_eq!(told, expected);
        let last = &events[2].what;
        assert_eq!((last.source.as_str(), last.mail_ref.as_deref()), ("footer", Some(letter.message_id.as_str())));
        assert_eq!(last.token_fp, Some(letter.token.digest()));
        assert!(last.form_version.as_ref().unwrap().starts_with("carillon "), "{last:?}");
        // Every paragraph that the ledger names was shown on both pages, word for word.
        let digest = last.text_version.unwrap();
        let text = shop.store.read_blocking(|db| ledger::text(db, &digest)).unwrap().unwrap();
        for paragraph in text.split("\n\n") {
            let button = paragraph.starts_with('[');
            assert!(button || words(&page).contains(paragraph), "{paragraph}");
            assert!(words(&shown).contains(paragraph.trim_matches(['[', ']'])), "{paragraph}");
        }
        adds_up(&shop);

        let again = press(&shop, &letter).await;
        assert!(words(&again).contains("This is confirmed already"), "{}", words(&again));
        assert_eq!(shop.get(&link(&letter), "").await, again);
        assert_eq!((lines(&shop), standing(&shop)), (3, SignUpCounts { confirmed: 1, ..SignUpCounts::default() }));
    });
});

both!(the_answer_is_the_same_whatever_is_known_of_an_address, |backend| {
    with_shop(backend, async |shop| {
        let (confirmed, withdrawn, erased) = ("a@example.fr", "b@example.fr", "c@example.fr");
        for (address, cause) in [(confirmed, None), (withdrawn, Some(Cause::Withdrawn)), (erased, Some(Cause::Erased))]
        {
            let member = on_paper(&shop, address);
            if let Some(cause) = cause {
                shop.fresh.leave(&shop.store, member, cause, Method::PagePost, shop.clock.now());
            }
        }
        let unknown = ask(&shop, CAMILLE).await;
        assert!(words(&unknown).contains(SENT));
        // It says what was typed, and nothing else depends on the address.
        let expected = (200, unknown.text().replace(CAMILLE, "…"));
        for address in [confirmed, withdrawn, erased, "nobody@no-such-domain.example", CAMILLE] {
            let reply = ask(&shop, address).await;
            assert!(reply.text().contains(&format!("<p class=\"address\">{address}</p>")), "{}", reply.text());
            assert_eq!((reply.status, reply.text().replace(address, "…")), expected, "{address}");
        }
        // Each gets one letter, and each owner may answer it.
        let letters: Vec<ConfirmationLetter> = std::iter::from_fn(|| take(&shop)).collect();
        assert_eq!(letters.len(), 5);
        for letter in &letters {
            record(&shop, letter, LetterOutcome::Sent);
            later(&shop, 1);
            assert!(words(&press(&shop, letter).await).contains("C’est confirmé"));
        }
        for address in [confirmed, withdrawn, erased] {
            let member = find(&shop, address).unwrap();
            assert_eq!((member.consent, member.language), (Consent::Confirmed, Language::Fr), "{address}");
            assert_eq!(member.address.unwrap().as_str(), address);
        }
        adds_up(&shop);
        let now = shop.clock.now();
        assert_eq!(shop.store.read_blocking(|db| members::count_eligible(db, now)).unwrap(), 5);
    });
});

both!(who_did_not_confirm_leaves_nothing_but_a_count, |backend| {
    with_shop(backend, async |shop| {
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        let clean = |shop: &Shop| {
            let now = shop.clock.now();
            shop.store.write_blocking(|db| signups::clean(db, now, 100)).unwrap()
        };
        later(&shop, 72 * 3600 - 1);
        assert_eq!((clean(&shop), standing(&shop).waiting), (0, 1));
        assert_eq!(shop.get(&link(&letter), "").await.status, 200);
        later(&shop, 1);
        assert_eq!(press(&shop, &letter).await.status, 404, "also before it is deleted");
        assert_eq!(clean(&shop), 1);
        assert_eq!(standing(&shop), SignUpCounts { lapsed: 1, ..SignUpCounts::default() });
        assert_eq!((lines(&shop), find(&shop, CAMILLE)), (0, None));
        // What is remembered of the letter goes after 30 days; until then it counts.
        assert!(words(&ask(&shop, CAMILLE).await).contains(SENT));
        assert!(take(&shop).is_some());
    });
});

both!(few_letters_go_to_one_address_and_all_carry_one_link, |backend| {
    with_shop(backend, async |shop| {
        ask(&shop, CAMILLE).await;
        ask(&shop, CAMILLE).await;
        let first = mail(&shop);
        assert!(take(&shop).is_none(), "a button is pressed twice");
        ask(&shop, "CAMILLE@example.fr").await;
        assert!(take(&shop).is_none(), "and again within ten minutes");
        later(&shop, 600);
        send(&shop, "/en/join", &[("email", CAMILLE)]).await;
        let second = mail(&shop);
        assert_eq!((&second.token, second.language), (&first.token, Language::Fr), "the first request stands");
        assert_ne!(second.message_id, first.message_id, "a mailbox would take it for one that it has");
        later(&shop, 600);
        ask(&shop, CAMILLE).await;
        assert!(take(&shop).is_none(), "two a day");
        assert!(words(&press(&shop, &first).await).contains("C’est confirmé"), "both links work");
        assert!(words(&press(&shop, &second).await).contains("C’est déjà confirmé"));
        adds_up(&shop);
    });
});

both!(who_left_gets_one_letter_a_day, |backend| {
    with_shop(backend, async |shop| {
        let member = on_paper(&shop, CAMILLE);
        shop.fresh.leave(&shop.store, member, Cause::Complained, Method::Arf, shop.clock.now());
        for letters in [true, false, false] {
            ask(&shop, CAMILLE).await;
            let letter = take(&shop);
            assert_eq!(letter.is_some(), letters);
            if let Some(letter) = &letter {
                record(&shop, letter, LetterOutcome::Sent);
            }
            later(&shop, 1200);
        }
    });
});

both!(a_letter_that_did_not_leave_is_tried_again, |backend| {
    with_shop(backend, async |shop| {
        ask(&shop, CAMILLE).await;
        let first = take(&shop).unwrap();
        assert!(take(&shop).is_none(), "another daemon leaves it alone");
        let soon = shop.clock.now() + SignedDuration::from_secs(60);
        record(&shop, &first, LetterOutcome::Later(Some(soon)));
        assert!(take(&shop).is_none());
        later(&shop, 60);
        let second = take(&shop).unwrap();
        assert_eq!((&second.token, &second.message_id, second.attempts), (&first.token, &first.message_id, 1));
        // The daemon dies with it: a daemon that is alone takes it back, another finds it when its time is over.
        later(&shop, 41 * 60);
        let third = take(&shop).unwrap();
        let now = shop.clock.now();
        assert_eq!(shop.store.write_blocking(|db| signups::take_back(db, now)).unwrap(), 1);
        let fourth = take(&shop).unwrap();
        assert_eq!((&third.token, &fourth.token), (&first.token, &first.token));
        // Nobody knows whether the fourth left: it goes again with the same Message-ID, and both count.
        record(&shop, &fourth, LetterOutcome::InDoubt(Some(now)));
        let fifth = take(&shop).unwrap();
        assert_eq!(fifth.message_id, first.message_id);
        record(&shop, &fifth, LetterOutcome::InDoubt(Some(now)));
        assert!(take(&shop).is_none(), "two may have arrived");
        assert_eq!(standing(&shop).waiting, 1);

        ask(&shop, "gone@example.fr").await;
        let refused = take(&shop).unwrap();
        record(&shop, &refused, LetterOutcome::Refused);
        assert_eq!((standing(&shop).waiting, standing(&shop).refused), (1, 1));
        assert_eq!(shop.get(&link(&refused), "").await.status, 404);
    });
});

both!(leaving_ends_what_was_asked_for_before, |backend| {
    with_shop(backend, async |shop| {
        send(&shop, "/en/join", &[("email", CAMILLE)]).await;
        let old = mail(&shop);
        assert!(words(&press(&shop, &old).await).contains("You are signed up"));
        let member = find(&shop, CAMILLE).unwrap().pseudonym;
        send(&shop, "/en/join", &[("email", CAMILLE)]).await;
        let letter = take(&shop).unwrap();
        record(&shop, &letter, LetterOutcome::Later(None));
        shop.post(&format!("/u/{}", unsubscribe_token(&shop.keyring, &member)), FORM, "").await;
        assert_eq!(standing(&shop).waiting, 0);
        assert_eq!(press(&shop, &letter).await.status, 404);
        assert_eq!(find(&shop, CAMILLE).unwrap().consent, Consent::Withdrawn);
        // The link that was used before says that it is over, and where to begin.
        let used = shop.get(&format!("/confirm/{}", old.token.as_str()), "").await;
        assert!(words(&used).contains("This link has been used") && used.text().contains("href=\"/en/join\""));
        assert!(!words(&used).contains("confirmed already"), "{}", words(&used));
        assert_eq!(press(&shop, &old).await, used);
        // A new request is the person's new will.
        later(&shop, 86_400);
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        assert!(words(&press(&shop, &letter).await).contains("C’est confirmé"));
        shop.fresh.leave(&shop.store, member, Cause::Erased, Method::Staff("camille".into()), shop.clock.now());
        assert_eq!(find(&shop, CAMILLE).unwrap().address, None);
        adds_up(&shop);
    });
});

both!(a_press_that_would_count_for_nothing_is_not_taken_for_one, |backend| {
    with_shop(backend, async |shop| {
        let member = on_paper(&shop, CAMILLE);
        // Under a clock that was ahead by two hours.
        let ahead = shop.clock.now() + SignedDuration::from_hours(2);
        shop.fresh.leave(&shop.store, member, Cause::Withdrawn, Method::PagePost, ahead);
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        let before = lines(&shop);
        assert_eq!(press(&shop, &letter).await.status, 503);
        assert_eq!((lines(&shop), standing(&shop).waiting), (before, 1));
        later(&shop, 7201);
        assert!(words(&press(&shop, &letter).await).contains("C’est confirmé"));
        adds_up(&shop);
    });
});

both!(every_wrong_confirmation_link_gets_the_same_answer, |backend| {
    with_shop(backend, async |shop| {
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        let token = letter.token.as_str();
        let expected = shop.get("/confirm/c1.x", "").await;
        assert_eq!(expected.status, 404);
        assert!(
            words(&expected).contains("Ce lien ne sert plus") && words(&expected).contains("bonjour@shop.example.fr")
        );
        for form in ["href=\"/join\"", "href=\"/en/join\""] {
            assert!(expected.text().contains(form), "{form}: {}", expected.text());
        }
        let stranger = Keyring::generate([99; 32]);
        let mut wrong = vec![
            ConfirmToken::of(&stranger, stranger.current(), &[1; 16]).unwrap().as_str().to_owned(),
            ConfirmToken::of(&shop.keyring, shop.keyring.current(), &[1; 16]).unwrap().as_str().to_owned(),
            unsubscribe_token(&shop.keyring, &Pseudonym::from_random([1; 16])),
            unsubscribe_token(&shop.keyring, &Pseudonym::from_random([1; 16])).replace("v1.", "c1."),
            token.replace("c1.", "v1."),
            token.to_lowercase(),
            "%FF%FE".to_owned(),
            "c1.%0d%0aSet-Cookie:a".to_owned(),
            "A".repeat(2_000),
        ];
        for at in (0..token.len()).step_by(5) {
            let mut changed = token.to_owned();
            changed.replace_range(at..=at, if &token[at..=at] == "A" { "B" } else { "A" });
            wrong.extend([changed, token[..at.max(1)].to_owned()]);
        }
        for token in wrong {
            assert_eq!(shop.get(&format!("/confirm/{token}"), "").await, expected, "{token}");
            assert_eq!(shop.post(&format!("/confirm/{token}"), FORM, "confirm=yes").await, expected, "{token}");
        }
        assert_eq!((lines(&shop), standing(&shop).waiting), (0, 1));
        // A copy of the store alone makes no link: with other keys the same row confirms nobody.
        assert_eq!(shop.get(&link(&letter), "").await.status, 200);
    });
});

#[tokio::test]
async fn a_form_that_cannot_be_taken_says_what_to_mend_and_keeps_what_was_typed() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let plain = shop.get("/join", "").await;
    assert_eq!((plain.status, plain.header("cache-control")), (200, Some("no-store")));
    for part in
        ["<label for=\"email\">Votre adresse e\u{2011}mail</label>", "autocomplete=\"email\"", "<html lang=\"fr\">"]
    {
        assert!(plain.text().contains(part), "{part}");
    }
    assert!(!plain.text().contains("<script") && plain.header("set-cookie").is_none());
    assert!(!plain.text().contains("aria-invalid=\"true\""));

    for (typed, words_of_it) in [
        ("", "Écrivez votre adresse"),
        ("zoé@example.fr", "n’y a pas sa place\u{a0}: é"),
        ("camille durand@example.fr", "n’y a pas sa place\u{a0}: un espace"),
        ("camille.example.fr", "Il manque le signe @"),
        ("camille@example", "n’est pas complète"),
        ("a\"><b>", "Il manque le signe @"),
    ] {
        let reply = ask(&shop, typed).await;
        assert_eq!(reply.status, 422, "{typed}");
        assert!(words(&reply).contains(words_of_it), "{typed}: {}", words(&reply));
        assert!(reply.text().contains("aria-invalid=\"true\" aria-describedby=\"trouble\" autofocus"));
        assert!(
            reply.text().contains("<p class=\"trouble\" id=\"trouble\">") && reply.text().contains("<title>À corriger")
        );
        let value = typed.replace('"', "&quot;").replace('>', "&gt;").replace('<', "&lt;");
        assert!(reply.text().contains(&format!("value=\"{value}\"")), "{}", reply.text());
    }

    let shown_at = time_in(shop.get("/join", "").await.text());
    let quick = format!("time={}&email={}", encoded(&shown_at), encoded(CAMILLE));
    let reply = shop.post("/join", FORM, &quick).await;
    assert_eq!(reply.status, 422);
    assert!(words(&reply).contains("Un instant\u{a0}:") && reply.text().contains(&format!("value=\"{CAMILLE}\"")));
    // The form that is shown again is as old as the first: whoever presses again has waited.
    assert_eq!(time_in(reply.text()), shown_at);
    later(&shop, 86_401);
    assert!(words(&shop.post("/join", FORM, &quick).await).contains("restée ouverte longtemps"));
    let long = shop.post("/join", FORM, &"a".repeat(20_000)).await;
    assert!(long.status == 413 && words(&long).contains("ne peut pas être lu"));
    assert_eq!(standing(&shop), SignUpCounts::default());
}

#[tokio::test]
async fn nothing_that_was_not_taken_is_answered_as_if_it_had_been() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let time = time_in(shop.get("/join", "").await.text());
    later(&shop, 3);
    let part =
        |name: &str, value: &str| format!("--b1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let multipart = "Content-Type: multipart/form-data; boundary=b1\r\n";
    let address = part("email", CAMILLE);
    let garbled = format!("time={}&email={}", encoded(&time.replace('.', ".0")), encoded(CAMILLE));
    for (kind, body, status, said) in [
        (multipart, format!("{address}--b1--\r\n"), 422, CAMILLE),
        ("Content-Type: application/json\r\n", format!("{{\"email\":\"{CAMILLE}\"}}"), 415, "ne peut pas être lue"),
        ("Content-Type: text/plain\r\n", CAMILLE.to_owned(), 415, "ne peut pas être lue"),
        (FORM, garbled, 422, "tel que nous l’avons montré"),
        (FORM, format!("time={}", encoded(&time)), 422, "Écrivez votre adresse"),
        (FORM, String::new(), 422, "Écrivez votre adresse"),
    ] {
        let reply = shop.post("/join", kind, &body).await;
        assert_eq!(reply.status, status, "{body}");
        assert!(reply.text().contains(said) && reply.text().contains("name=\"email\""), "{body}: {}", reply.text());
        assert_eq!(standing(&shop), SignUpCounts::default(), "{body}");
    }
    // What a script makes of our own form says the same as the form.
    let whole = format!("{address}{}{}--b1--\r\n", part("source", "footer"), part("time", &time));
    assert!(words(&shop.post("/join", multipart, &whole).await).contains(SENT));
    assert_eq!(standing(&shop).waiting, 1);
}

#[tokio::test]
async fn an_address_is_said_again_and_can_be_corrected() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let sent = send(&shop, "/en/join", &[("email", "Camille <camille@gmial.example>"), ("source", "footer")]).await;
    assert!(words(&sent).contains("Camille &lt;camille@gmial.example&gt;"), "{}", words(&sent));
    assert!(words(&sent).contains("Few messages go to one address in a day"), "true for everybody");
    assert!(sent.text().contains("<input type=\"hidden\" name=\"source\" value=\"footer\">"));
    let again = shop.post("/en/join", FORM, "email=camille%40gmial.example&source=footer").await;
    assert!(again.text().contains("value=\"camille@gmial.example\"") && again.text().contains("value=\"footer\""));
    assert_eq!(mail(&shop).address.as_str(), "camille@gmial.example", "what was copied along is no part of it");
}

#[tokio::test]
async fn what_leads_somewhere_is_a_link_on_every_page() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let mailbox = "<a href=\"mailto:bonjour@shop.example.fr\">bonjour@shop.example.fr</a>";
    for path in ["/", "/join", "/confirm/x", "/u/x", "/p/x", "/nothing"] {
        assert!(shop.get(path, "").await.text().contains(mailbox), "{path}");
    }
    let form = shop.get("/join", "").await;
    for link in
        ["<a href=\"https://www.cnil.fr/\">www.cnil.fr</a>)", "<a href=\"https://shop.example.fr/confidentialite\">"]
    {
        assert!(form.text().contains(link), "{link}: {}", form.text());
    }
}

#[tokio::test]
async fn a_slash_behind_the_address_leads_nowhere_else() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    for (path, language) in [("/join/", "fr"), ("/fr/join/", "fr"), ("/en/join/", "en")] {
        let page = shop.get(path, "").await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains(&format!("<html lang=\"{language}\">")), "{path}");
        assert_eq!(send(&shop, path, &[("email", CAMILLE)]).await.status, 200, "{path}");
    }
}

both!(who_is_turned_away_is_counted_and_told_of, |backend| {
    with_shop(backend, async |shop| {
        let usual = configure(shop.fresh.folder.path());
        let join = JoinSettings { per_hour: 1, ..usual.join.clone().unwrap() };
        let address = shop.also(&Settings { join: Some(join), ..usual }).await;
        let time = encoded(&time_in(get(address, "/join").await.text()));
        later(&shop, 3);
        let ask = async |who: &str| {
            let body = format!("time={time}&email={}", encoded(who));
            let length = body.len();
            let head = format!("POST /join HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: {length}\r\nConnection: close");
            crate::support::shop::send(address, &format!("{head}\r\n\r\n{body}")).await
        };
        assert_eq!(ask(CAMILLE).await.status, 200);
        let known = || shop.store.read_blocking(turned_away::look).unwrap();
        let problems = || {
            let now = shop.clock.now();
            shop.store.write_blocking(|db| problems::settle(db, now)).unwrap();
            let all = shop.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap();
            all.into_iter().map(|stored| stored.problem.kind).collect::<Vec<_>>()
        };
        assert_eq!((known(), problems()), (None, vec![]));
        let refused = ask("b@example.fr").await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("3600")));
        let first_at = shop.clock.now();
        wait_for(|| known() == Some(TurnedAway { count: 1, since: first_at, last_at: first_at }));
        assert_eq!(problems(), [ProblemKind::SignUpsTurnedAway]);
        // Those of the next minute are noted together.
        for _ in 0..3 {
            assert_eq!(ask("b@example.fr").await.status, 503);
        }
        assert_eq!(known().unwrap().count, 1);
        wait_for(|| {
            later(&shop, 10);
            known().is_some_and(|known| (known.count, known.since) == (4, first_at))
        });
        later(&shop, 3_600);
        assert_eq!(problems(), []);
    });
});

#[tokio::test]
async fn a_form_of_the_shops_own_leads_to_ours() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let body = format!("email={}&source=footer", encoded(CAMILLE));
    let page = shop.post("/join", FORM, &body).await;
    assert_eq!((page.status, standing(&shop).waiting), (422, 0), "whoever signs up has read our words");
    assert!(page.text().contains(&format!("value=\"{CAMILLE}\"")) && page.text().contains("value=\"footer\""));
    assert!(!page.text().contains("aria-invalid=\"true\""));
    later(&shop, 5);
    let body = format!("{body}&time={}", encoded(&time_in(page.text())));
    assert!(words(&shop.post("/join", FORM, &body).await).contains(SENT));
    assert_eq!(standing(&shop).waiting, 1);
    // A name that the shop did not give its forms goes nowhere.
    let page = shop.post("/join", FORM, "email=a&source=camille.durand.0612345678").await;
    assert!(page.text().contains("name=\"source\" value=\"join\"") && !page.text().contains("0612345678"));
}

#[tokio::test]
async fn a_program_that_fills_in_every_field_is_answered_and_forgotten() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let person = ask(&shop, CAMILLE).await;
    let program = send(&shop, "/join", &[("email", "b@example.fr"), ("site", "https://example.com")]).await;
    let page = |reply: &Reply, address: &str| (reply.status, reply.text().replace(address, "…"));
    assert_eq!(page(&program, "b@example.fr"), page(&person, CAMILLE));
    assert_eq!(standing(&shop).waiting, 1);
}

#[tokio::test]
async fn a_flood_is_turned_away_and_others_are_not() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let time = time_in(shop.get("/join", "").await.text());
    later(&shop, 3);
    let body = |address: &str| format!("time={}&email={}", encoded(&time), encoded(address));
    let mut statuses = Vec::new();
    for number in 0..205 {
        statuses.push(shop.post("/join", FORM, &body(&format!("m{number}@flood.example"))).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 200);
    let turned_away = shop.post("/join", FORM, &body("more@flood.example")).await;
    assert_eq!((turned_away.status, turned_away.header("retry-after")), (503, Some("60")));
    assert!(words(&turned_away).contains("Trop de demandes"));
    assert!(turned_away.text().contains("value=\"more@flood.example\""), "what was typed stays");
    assert_eq!(time_in(turned_away.text()), time);
    assert_eq!(shop.post("/join", FORM, &body(CAMILLE)).await.status, 200);
    assert_eq!(standing(&shop).waiting, 201, "what was answered is on disk, and nothing else");
}

both!(what_the_store_did_not_take_is_not_said_to_be_taken, |backend| {
    with_shop(backend, async |shop| {
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        run_sql(&shop.fresh.url, "ALTER TABLE signups RENAME TO away");
        assert_eq!(ask(&shop, "b@example.fr").await.status, 503);
        let failed = press(&shop, &letter).await;
        assert!(failed.status == 503 && words(&failed).contains("n’a pas pu être enregistrée"), "{}", words(&failed));
        run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO signups");
        assert_eq!((lines(&shop), standing(&shop).waiting), (0, 1));
        assert_eq!(press(&shop, &letter).await.status, 200);
    });
});

#[tokio::test]
async fn the_pages_of_sales_lead_to_the_form() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T10:00:00Z").await;
    let without = Settings { join: None, ..configure(shop.fresh.folder.path()) };
    let without = shop.also(&without).await;
    let sale = "campaigns/journees-magiques-hiver-2027";
    for (path, form) in [
        ("/".to_owned(), "/join"),
        ("/fr".to_owned(), "/join"),
        ("/en".to_owned(), "/en/join"),
        (format!("/{sale}"), "/join"),
        (format!("/en/{sale}"), "/en/join"),
    ] {
        let link = format!("href=\"{form}\">");
        assert!(shop.get(&path, "").await.text().contains(&link), "{path}");
        assert!(!get(without, &path).await.text().contains(&link), "{path}");
    }
    let open = shop.clock.now() + SignedDuration::from_hours(24 * 4);
    shop.clock.advance_to(open);
    let page = shop.get(&format!("/{sale}"), "").await;
    let now = page.text().split("<template").next().unwrap();
    assert!(!now.contains("href=\"/join\""), "the sale itself goes first");
}

#[tokio::test]
async fn without_the_section_there_is_no_form() {
    let (fresh, store) = Fresh::store(Backend::Sqlite);
    let settings = Settings { join: None, ..configure(fresh.folder.path()) };
    let clock = carillon::clock::Clock::manual(NOW.parse().unwrap());
    let app = App::new(&settings, store, Keyring::generate([5; 32]), clock).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(listener, Pages::new(app), stop.clone()));
    for path in ["/join", "/fr/join", "/en/join", "/join/", "/en/join/"] {
        assert_eq!(get(address, path).await.status, 404, "{path}");
    }
    stop.cancel();
}

#[test]
fn a_clock_far_ahead_forgets_nobody() {
    with_shop(Backend::Sqlite, async |shop| {
        // The shop's own leeway is a week; the store has believed the present.
        let now = shop.clock.now();
        shop.store.write_blocking(|db| carillon::db::clock::pin(db, now)).unwrap();
        ask(&shop, CAMILLE).await;
        let letter = mail(&shop);
        later(&shop, 400 * 86_400);
        assert_eq!(shop.get(&link(&letter), "").await.status, 200);
        assert!(words(&press(&shop, &letter).await).contains("C’est confirmé"));
        let member = find(&shop, CAMILLE).unwrap();
        assert!(member.consent_since <= now + SignedDuration::from_hours(1), "{member:?}");
    });
}

#[test]
fn many_at_once_are_taken_in_few_commits() {
    with_shop(Backend::Sqlite, async |shop| {
        let shop = Arc::new(shop);
        let time = time_in(shop.get("/join", "").await.text());
        later(&shop, 3);
        let asking = (0..150).map(|number| {
            let (shop, time) = (Arc::clone(&shop), time.clone());
            tokio::spawn(async move {
                let body = format!("time={}&email={}", encoded(&time), encoded(&format!("m@d{number}.example")));
                shop.post("/join", FORM, &body).await.status
            })
        });
        let asking: Vec<_> = asking.collect();
        let mut taken = 0;
        for answer in asking {
            taken += u64::from(answer.await.unwrap() == 200);
        }
        assert_eq!((taken, standing(&shop).waiting), (150, 150));
    });
}
