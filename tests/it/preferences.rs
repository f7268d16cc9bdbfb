//! The page of choices: a language, a pause, the way out, and what is stored; and that a pause is kept everywhere.

use carillon::db::imports::{ImportTerms, import};
use carillon::db::lists::{self, Whom};
use carillon::db::preferences::WishOutcome;
use carillon::db::proof::{self, Found};
use carillon::db::{clock, ledger, members};
use carillon::delivery::DeliveryState::{Accepted, Queued, Skipped};
use carillon::delivery::late_check::{LateCheck, PAUSED};
use carillon::keys::Keyring;
use carillon::member::{
    Action, Capture, Consent, Evidence, Language, Lifetime, ListAct, Method, Mismatch, Pseudonym, Pseudonyms, Wish,
    preferences_token, unsubscribe_token,
};
use carillon::smtp::Limits;
use carillon::transport::Transport;
use jiff::Timestamp;

use crate::http::member;
use crate::support::backend::{Backend, both};
use crate::support::relay::Relay;
use crate::support::shop::{Reply, Shop, run_sql};
use crate::support::world::{ANNOUNCED, World};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The member with this address.
fn of(world: &World, address: &str) -> Pseudonym {
    let all = world.store.read_blocking(|db| members::list(db, None, 0, 100)).unwrap();
    all.into_iter().find(|member| member.address.as_ref().unwrap().as_str() == address).unwrap().pseudonym
}

fn asks(world: &World, address: &str, wish: Wish) -> WishOutcome {
    let (member, now) = (of(world, address), world.clock.now());
    world.fresh.door(&world.store).grant_blocking(&member, wish, now).unwrap()
}

fn pauses(world: &World, address: &str, until: &str) {
    assert_eq!(asks(world, address, Wish::PauseUntil(at(until))), WishOutcome::Done);
}

/// The addresses that the relay was told, in the order of the alphabet.
fn told(relay: &Relay) -> Vec<String> {
    let mut recipients = relay.recipients();
    recipients.sort();
    recipients
}

both!(a_paused_member_is_not_mailed_and_then_is_again, |backend| {
    let relay = Relay::start();
    let world = World::new(backend, &["a@example.fr", "b@example.fr", "c@example.fr"]);
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    // One asks before the audience is frozen, and comes back by the time of the next mailing.
    pauses(&world, "a@example.fr", "2027-01-02T07:00:00Z");
    world.at(ANNOUNCED);
    world.plan();
    assert_eq!(world.report("announcement").planned, 2);
    // Another asks when the letter already waits.
    pauses(&world, "b@example.fr", "2027-02-01T00:00:00Z");
    let skipped = world.queue(Some(Skipped));
    assert_eq!(skipped.iter().map(|row| row.reason.as_deref()).collect::<Vec<_>>(), [Some(PAUSED)]);
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Skipped)), (1, 1));
    assert_eq!(told(&relay), ["c@example.fr"]);
    // The pause ends at its instant, not after it.
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(told(&relay), ["a@example.fr", "c@example.fr", "c@example.fr"]);
    // Who ends a pause is written to again at once.
    let eligible = || world.store.read_blocking(|db| members::count_eligible(db, world.clock.now())).unwrap();
    assert_eq!(eligible(), 2);
    assert_eq!(asks(&world, "b@example.fr", Wish::Resume), WishOutcome::Done);
    assert_eq!(eligible(), 3);
});

both!(the_claim_and_the_late_check_ask_for_a_pause_as_well, |backend| {
    let world = World::new(backend, &["a@example.fr", "b@example.fr"]);
    let far = at("2028-01-01T00:00:00Z").as_microsecond();
    let pause = |address: &str| {
        let sql = format!("UPDATE members SET paused_until = {far} WHERE address = '{address}'");
        run_sql(&world.fresh.url, &sql);
    };
    world.at(ANNOUNCED);
    world.plan();
    assert_eq!(world.queue(Some(Queued)).len(), 2);
    pause("a@example.fr");
    let claimed = world.claim("one", 10, at("2027-01-01T10:00:00Z"));
    assert_eq!(claimed.len(), 1, "whom a pause keeps is not claimed");
    pause("b@example.fr");
    assert_eq!(world.hand_over(&claimed), [LateCheck::Skip(PAUSED)]);
    let reasons: Vec<_> = world.queue(Some(Skipped)).into_iter().map(|row| row.reason).collect();
    assert_eq!(reasons, [Some(PAUSED.to_owned()), Some(PAUSED.to_owned())]);
});

both!(a_pause_follows_from_the_ledger, |backend| {
    let world = World::new(backend, &["a@example.fr", "b@example.fr"]);
    pauses(&world, "a@example.fr", "2027-03-01T00:00:00Z");
    let lifetime = Lifetime::months(24);
    let found = || {
        let mut found = Found::default();
        world.store.snapshot_blocking(|db| proof::verify(db, &world.keyring, lifetime, &mut found)).unwrap();
        found.iter().map(|(mismatch, count, _)| (mismatch, count)).collect::<Vec<_>>()
    };
    assert_eq!(found(), []);
    for forged in ["NULL", "1"] {
        let sql = format!("UPDATE members SET paused_until = {forged} WHERE address = 'a@example.fr'");
        run_sql(&world.fresh.url, &sql);
        assert_eq!(found(), [(Mismatch::State, 1)], "{forged}");
        assert_eq!(world.fresh.door(&world.store).rebuild_blocking(lifetime, [3; 32], world.clock.now()).unwrap(), 1);
        assert_eq!(found(), []);
    }
    // Asking for what is so already adds no line, and nobody who left can ask.
    let lines = || world.store.read_blocking(ledger::head).unwrap().seq;
    let before = lines();
    let same = Wish::PauseUntil(at("2027-03-01T00:00:00Z"));
    for wish in [same, Wish::Language(Language::Fr)] {
        assert_eq!(asks(&world, "a@example.fr", wish), WishOutcome::Already);
    }
    assert_eq!(asks(&world, "b@example.fr", Wish::Resume), WishOutcome::Already);
    assert_eq!(lines(), before);
    world.fresh.leave(
        &world.store,
        of(&world, "a@example.fr"),
        carillon::member::Cause::Withdrawn,
        Method::PagePost,
        world.clock.now(),
    );
    assert_eq!(asks(&world, "a@example.fr", same), WishOutcome::NoConsent);
    assert_eq!(found(), []);
});

both!(a_file_does_not_undo_the_language_that_a_member_chose, |backend| {
    let world = World::new(backend, &["a@example.fr"]);
    assert_eq!(asks(&world, "a@example.fr", Wish::Language(Language::En)), WishOutcome::Done);
    let terms = ImportTerms::new("exemple", Lifetime::months(24), world.keyring.clone());
    let import_again = |confirmed_at: &str| {
        let evidence = Evidence {
            address: "a@example.fr".parse().unwrap(),
            language: Language::Fr,
            confirmed_at: at(confirmed_at),
            wording: "Je souhaite recevoir les avant-premières.".into(),
            source: "form:checkout".to_owned(),
            capture: Capture::WebForm,
            form_version: None,
        };
        let (seed, now) = (Pseudonyms::from_seed([9; 32]), world.clock.now());
        world
            .store
            .write_blocking(|db| import(db, std::slice::from_ref(&evidence), &terms, seed.clone(), now, false))
            .unwrap();
        let member = of(&world, "a@example.fr");
        world.store.read_blocking(|db| members::find(db, &member)).unwrap().unwrap().language
    };
    assert_eq!(import_again("2026-12-01T10:00:00Z"), Language::En, "an older act");
    world.at("2027-01-05T10:00:00Z");
    assert_eq!(import_again("2027-01-04T10:00:00Z"), Language::Fr, "a newer one");
});

fn row(shop: &Shop, member: Pseudonym) -> members::Member {
    shop.store.read_blocking(|db| members::find(db, &member)).unwrap().unwrap()
}

fn lines(shop: &Shop, member: Pseudonym) -> Vec<(Action, Option<String>)> {
    let events = shop.store.read_blocking(|db| ledger::events_of(db, &member)).unwrap();
    events.into_iter().map(|event| (event.what.action, event.what.reason)).collect()
}

#[track_caller]
fn says(page: &Reply, words: &[&str]) {
    for expected in words {
        assert!(page.text().contains(expected), "`{expected}` is not in: {}", page.text());
    }
}

async fn leaves_by_the_page(shop: &Shop, path: &str, member: Pseudonym) {
    let left = shop.post(path, FORM, "act=leave").await;
    assert_eq!(left.status, 200);
    says(&left, &["You are unsubscribed"]);
    assert_eq!(row(shop, member).consent, Consent::Withdrawn);
    let after = shop.get(path, "").await;
    says(&after, &["We do not write to you.", "claire0@example.fr", "href=\"/en/join\""]);
    says(&after, &["<dt>Withdrawn on</dt>", "Sunday 3\u{a0}January 2027 at 11\u{a0}am", "by a button on our pages"]);
    assert!(!after.text().contains("unsubscribe the old one here"), "there is nothing to do it with");
    assert!(!after.text().contains("<form"), "there is nothing to choose any more");
    assert_eq!(shop.post(path, FORM, "act=pause&until=2027-03-15").await.status, 409);
}

both!(looking_changes_nothing_and_each_form_is_one_choice, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let member = member(&shop);
        let path = format!("/p/{}", preferences_token(&shop.keyring, &member));
        let page = shop.get(&path, "").await;
        assert_eq!(page.status, 200);
        says(
            &page,
            &[
                "<html lang=\"fr\">",
                "claire0@example.fr",
                "dimanche 1er\u{a0}novembre 2026",
                "sur une page de notre site",
                "Je souhaite recevoir les avant-premières par courriel.",
                "min=\"2027-01-04\" max=\"2028-01-03\"",
                "value=\"fr\" checked",
            ],
        );
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(page.header(name), Some(value));
        }
        assert!(!page.text().contains("<script"), "it works without one");
        let head = shop.send(&format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        let none = shop.post(&path, FORM, "act=pause&until=31%2F02%2F2027").await;
        says(&none, &["Ce jour n’existe pas dans le calendrier", "value=\"31/02/2027\""]);
        for (body, status) in [("", 400), ("act=x", 400), ("act=language&language=pl", 400), ("act=pause&until=", 422)]
        {
            let reply = shop.post(&path, FORM, body).await;
            assert_eq!(reply.status, status, "{body}");
            says(&reply, &["<title>À corriger\u{a0}: Vos choix", "class=\"trouble\""]);
        }
        let long = shop.post(&path, FORM, &"a".repeat(20_000)).await;
        assert_eq!(long.status, 413);
        says(&long, &["Rien n’a changé\u{a0}: cette demande ne dit pas ce que vous choisissez."]);
        assert!(!page.text().contains("class=\"trouble\""));
        assert_eq!(
            lines(&shop, member),
            [(Action::Confirmed, Some("language:fr".to_owned()))],
            "nothing of this changed anything"
        );

        let english = shop.post(&path, FORM, "act=language&language=en").await;
        says(
            &english,
            &[
                "<html lang=\"en\">",
                "role=\"status\"",
                "<title>Noted: Your choices",
                "our next messages will be in this language",
            ],
        );
        let paused = shop.post(&path, FORM, "act=pause&until=2027-03-15").await;
        says(&paused, &["Your messages are paused", "Monday 15\u{a0}March 2027", "End the pause"]);
        let (language, until) = (row(&shop, member).language, row(&shop, member).paused_until);
        assert_eq!((language, until), (Language::En, Some(at("2027-03-14T23:00:00Z"))));
        let past = shop.post(&path, FORM, "act=pause&until=2027-01-03").await;
        assert_eq!(past.status, 422);
        says(
            &past,
            &[
                "To correct: Your choices",
                "This day is not in the future",
                "aria-invalid=\"true\"",
                "value=\"2027-01-03\"",
            ],
        );
        says(&shop.post(&path, FORM, "act=resume").await, &["the pause is over", "We announce our early sales"]);
        assert_eq!(row(&shop, member).paused_until, None);
        let expected = [
            (Action::Confirmed, Some("language:fr".to_owned())),
            (Action::Rectified, Some("language:en".to_owned())),
            (Action::Paused, Some("until:2027-03-14T23:00:00Z".to_owned())),
            (Action::Resumed, None),
        ];
        assert_eq!(lines(&shop, member), expected);

        leaves_by_the_page(&shop, &path, member).await;
    });
});

both!(the_page_shows_a_person_the_lists_that_they_are_on, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let member = member(&shop);
        let path = format!("/p/{}", preferences_token(&shop.keyring, &member));
        assert!(!shop.get(&path, "").await.text().contains("Nos listes"));
        let act = ListAct::command(&"a acheté à Metz".parse().unwrap(), "camille", shop.clock.now());
        let (list, people) = ("clients-metz".parse().unwrap(), [Whom::Member(member)]);
        shop.store.write_blocking(|db| lists::put_each(db, &list, &act, None, &people)).unwrap();
        says(
            &shop.get(&path, "").await,
            &["Nos listes où vous figurez", "clients-metz", "dimanche 3\u{a0}janvier 2027"],
        );
    });
});

// The same button as behind the letter that asks, under the same words, also for whom no letter reaches during a pause.
both!(who_is_to_be_asked_can_go_on_by_the_page_of_choices, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let member = member(&shop);
        let path = format!("/p/{}", preferences_token(&shop.keyring, &member));
        let button = "name=\"renew\" value=\"yes\"";
        let offers = async || shop.get(&path, "").await.text().contains(button);
        assert!(!offers().await);
        let early = shop.post(&path, FORM, "renew=yes").await;
        assert_eq!((early.status, lines(&shop, member).len()), (200, 1), "what counts for long is not renewed");
        assert!(!early.text().contains("nous continuons"), "and nobody is told that it was");
        believed(&shop, "2028-10-02T09:59:59Z");
        assert!(!offers().await);
        believed(&shop, "2028-10-02T10:00:00Z");
        assert!(offers().await);
        shop.post(&path, FORM, "act=pause&until=2029-03-01").await;
        let page = shop.get(&path, "").await;
        says(&page, &[button, "Continuons-nous\u{202f}?", "appuyez sur le bouton", "Vos messages sont en pause"]);
        assert_eq!(lines(&shop, member).len(), 2, "looking changes nothing");
        for nothing in ["renew=no", "renew"] {
            assert_eq!(shop.post(&path, FORM, nothing).await.status, 400, "{nothing}");
        }
        says(&shop.post(&path, FORM, "renew=yes").await, &["C’est noté\u{a0}: nous continuons."]);
        let last = shop.store.read_blocking(|db| ledger::events_of(db, &member)).unwrap().pop().unwrap().what;
        let now = shop.clock.now();
        assert_eq!((last.action, &last.method, last.occurred_at), (Action::Refreshed, &Method::PagePost, now));
        assert_eq!((last.source.as_str(), last.mail_ref, last.token_fp), ("preferences", None, None));
        assert!(last.form_version.unwrap().starts_with("carillon "));
        let text = shop.store.read_blocking(|db| ledger::text(db, &last.text_version.unwrap())).unwrap().unwrap();
        let shown = page.text().replace("&#x2F;", "/").replace("&#x27;", "'");
        for paragraph in text.split("\n\n") {
            assert!(shown.contains(paragraph.trim_matches(['[', ']'])), "{paragraph}");
        }
        let after = row(&shop, member);
        assert_eq!(after.expires_at, Some(Lifetime::months(24).end(now)));
        assert!(after.paused_until.is_some(), "the pause is kept");
        assert!(!offers().await);
        assert_eq!(shop.post(&path, FORM, "renew=yes").await.status, 200);
        assert_eq!(lines(&shop, member).len(), 3, "one press");
        // Whoever leaves leaves, whatever else is in the request; and nobody comes back by this button.
        believed(&shop, "2030-09-20T10:00:00Z");
        says(&shop.post(&path, FORM, "renew=yes&act=leave").await, &["Votre désinscription est enregistrée"]);
        assert_eq!(shop.post(&path, FORM, "renew=yes").await.status, 409);
        assert_eq!(row(&shop, member).consent, Consent::Withdrawn);
    });
});

both!(nobody_goes_on_after_the_end, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let member = member(&shop);
        let path = format!("/p/{}", preferences_token(&shop.keyring, &member));
        shop.at("2028-10-20T10:00:00Z");
        let page = shop.get(&path, "").await;
        assert!(
            !page.text().contains("name=\"renew\""),
            "under a clock that is not believed a press counts for nothing"
        );
        believed(&shop, "2028-11-01T10:00:00Z");
        assert_eq!(shop.post(&path, FORM, "renew=yes").await.status, 409);
        assert_eq!(lines(&shop, member).len(), 1);
    });
});

/// It is `now`, and believed to be.
fn believed(shop: &Shop, now: &str) {
    shop.store.write_blocking(|db| clock::confirm(db, "camille", at(now))).unwrap();
    shop.at(now);
}

#[tokio::test]
async fn every_wrong_link_of_choices_gets_the_same_answer() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let member = member(&shop);
    let expected = shop.get("/p/p1.x", "").await;
    assert_eq!(expected.status, 404);
    says(&expected, &["Ce lien n’est pas valable", "This link is not valid"]);
    let way_out = unsubscribe_token(&shop.keyring, &member);
    let tokens = [
        preferences_token(&Keyring::generate([99; 32]), &member),
        preferences_token(&shop.keyring, &Pseudonym::from_random([1; 16])),
        way_out.replace("v1.", "p1."),
        way_out,
        "%FF%FE".to_owned(),
        "A".repeat(2000),
    ];
    for token in tokens {
        assert_eq!(shop.get(&format!("/p/{token}"), "").await, expected, "{token}");
        assert_eq!(shop.post(&format!("/p/{token}"), FORM, "act=leave").await, expected, "{token}");
    }
    let choices = preferences_token(&shop.keyring, &member);
    assert_eq!(shop.post(&format!("/u/{choices}"), FORM, "").await.status, 404, "it is no way out by itself");
    assert_eq!(row(&shop, member).consent, Consent::Confirmed);
}
