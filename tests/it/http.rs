//! Pages, the unsubscribe link and probes over a real socket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use base64::Engine as _;
use carillon::db::imports::{ImportTerms, import};
use carillon::db::{Db, ledger, members};
use carillon::http::Readiness;
use carillon::keys::Keyring;
use carillon::member::{
    Capture, Consent, Evidence, Language, Lifetime, Method, Pseudonym, Pseudonyms, unsubscribe_token,
};
use carillon::problem::ProblemKind;
use sha2::Digest as _;

use crate::support::backend::{Backend, both};
use crate::support::shop::{Applied, Reply, Shop, WINTER, run_sql};

const PAGE: &str = "/campaigns/journees-magiques-hiver-2027";
/// How many connections there are for readers.
const READERS: usize = 4;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The page without what is for machines: its text between the tags.
fn words(reply: &Reply) -> String {
    let body = reply.text().split_once("<body>").unwrap().1;
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
        text.push('|');
    }
    text
}

#[track_caller]
fn says(reply: &Reply, expected: &[&str]) {
    let said = words(reply);
    for words in expected {
        assert!(said.contains(words), "`{words}` is not in: {said}");
    }
}

#[tokio::test]
async fn a_sale_says_its_state_and_dates_without_a_script() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    let page = shop.get(PAGE, "").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    says(
        &page,
        &["Pas encore ouvert", "Les journées magiques", "samedi 2\u{a0}janvier 2027 à 8\u{a0}h", "heure de Paris"],
    );
    assert!(page.text().contains("<html lang=\"fr\">"));
    assert!(page.text().contains("<time datetime=\"2027-01-02T08:00:00+01:00\">"));
    assert!(!page.text().contains("http-equiv"), "days before, a browser has no reason to load the page again");
    let english = shop.get("/en/campaigns/journees-magiques-hiver-2027", "").await;
    says(&english, &["Not open yet", "Saturday 2\u{a0}January 2027 at 8\u{a0}am", "Paris time"]);
    assert!(english.text().contains("<html lang=\"en\">"));
    let near = shop.at("2027-01-02T06:59:30Z").get(PAGE, "").await;
    assert!(near.text().contains("<noscript><meta http-equiv=\"refresh\" content=\"60\"></noscript>"));
    says(&shop.at("2027-01-02T07:00:00Z").get(PAGE, "").await, &["C’est ouvert", "mercredi 6\u{a0}janvier 2027"]);
    let over = shop.at("2027-01-06T07:00:00Z").get(PAGE, "").await;
    says(&over, &["C’est terminé"]);
    assert!(!over.text().contains("<script>"), "nothing is left to count down to");
}

#[tokio::test]
async fn a_page_brings_the_states_to_come_and_knows_its_window() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    let page = shop.get(PAGE, "").await;
    let froms = between(page.text(), "<template data-from=\"", "\"");
    assert_eq!(froms, ["2027-01-02T07:00:00.000Z", "2027-01-06T07:00:00.000Z"]);
    let templates = between(page.text(), "<template", "</template>");
    assert!(templates[0].contains("C’est ouvert") && templates[0].contains("Entrer dans la boutique"));
    assert!(templates[1].contains("C’est terminé"));
    let answer = shop.get("/gates/journees-magiques-hiver-2027", "").await.json();
    let main = between(page.text(), "<main", ">")[0];
    for (attribute, field) in [("data-opens", "opens_at"), ("data-closes", "closes_at")] {
        assert!(main.contains(&format!("{attribute}=\"{}\"", answer[field].as_str().unwrap())), "{main}");
    }
    assert!(main.contains("data-held=\"false\""), "{main}");
    let open = shop.at("2027-01-02T07:00:00Z").get(PAGE, "").await;
    assert_eq!(between(open.text(), "<template data-from=\"", "\""), ["2027-01-06T07:00:00.000Z"]);
    // What the script shows at the instant is what the server shows from it on.
    let face = between(open.text(), "<div class=\"face\">", "<template")[0].trim_end().strip_suffix("</div>").unwrap();
    assert_eq!(templates[0].split_once('>').unwrap().1.trim(), face.trim());
}

#[tokio::test]
async fn a_slash_behind_a_sale_leads_to_it() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    for path in [PAGE, "/en/campaigns/journees-magiques-hiver-2027", "/fr/campaigns/none"] {
        let said = shop.get(&format!("{path}/"), "").await;
        assert_eq!((said.status, said.header("location")), (308, Some(path)));
    }
    for path in ["//example.org/", "/campaigns//", "/campaigns//example.org/"] {
        let said = shop.get(path, "").await;
        assert_eq!((said.status, said.header("location")), (404, None), "{path}");
    }
}

#[tokio::test]
async fn browsers_and_search_engines_get_what_they_ask_every_site_for() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    let icon = shop.get("/favicon.ico", "").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, Some("image/svg+xml")));
    assert!(icon.text().contains(">M</text>"), "{}", icon.text());
    let robots = shop.get("/robots.txt", "").await;
    assert_eq!((robots.status, robots.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    for folder in ["/u/", "/p/", "/confirm/", "/renew/"] {
        assert!(robots.text().contains(&format!("\nDisallow: {folder}\n")), "{}", robots.text());
    }
}

/// Where the path names no language, the list is in the one that the browser asks for, and says to caches that it depends on that.
#[tokio::test]
async fn the_list_is_in_the_language_that_is_asked_for() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    for (asked, language) in [
        ("", "fr"),
        ("Accept-Language: en-GB,en;q=0.9,fr;q=0.5\r\n", "en"),
        ("Accept-Language: fr-FR,fr;q=0.9,en;q=0.5\r\n", "fr"),
        ("Accept-Language: de\r\nAccept-Language: en;q=0.1\r\n", "en"),
        ("Accept-Language: de\r\n", "fr"),
    ] {
        let page = shop.get("/", asked).await;
        assert!(page.text().contains(&format!("<html lang=\"{language}\"")), "{asked}: {}", page.text());
        assert_eq!(page.header("vary"), Some("Accept-Language"), "{asked}");
    }
    let page = shop.get("/fr", "Accept-Language: en\r\n").await;
    assert!(page.text().contains("<html lang=\"fr\""), "the path says which");
}

#[tokio::test]
async fn a_cancelled_sale_says_so() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    let (opens, closes, _) = WINTER.window;
    Applied { window: (opens, closes, Some("2026-12-29T10:00:00Z")), ..WINTER }.put(&shop.fresh.url);
    says(&shop.get(PAGE, "").await, &["Annulé", "mardi 29\u{a0}décembre 2026 à 11\u{a0}h", "Ouverture prévue"]);
    let feed = shop.get(&format!("{PAGE}.ics"), "").await;
    assert!(feed.text().contains("\r\nSTATUS:CANCELLED\r\n"), "{}", feed.text());
}

/// Two sales of one title are told apart in the list by their days, or by their names where these are the same.
#[tokio::test]
async fn sales_of_one_title_are_told_apart() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    assert!(!shop.get("/", "").await.text().contains(" (samedi 2"), "one sale needs no more than its title");
    let summer = ("2027-06-20T06:00:00Z", "2027-06-24T06:00:00Z", None);
    Applied { slug: "ete", window: summer, ..WINTER }.put(&shop.fresh.url);
    says(&shop.get("/", "").await, &["(samedi 2\u{a0}janvier 2027)", "(dimanche 20\u{a0}juin 2027)"]);
    Applied { slug: "ete", ..WINTER }.put(&shop.fresh.url);
    says(&shop.get("/", "").await, &["(ete)", "(journees-magiques-hiver-2027)"]);
}

/// Nobody enters a shop in a street by a button.
#[tokio::test]
async fn a_sale_in_shops_says_where_it_is() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T18:12:47Z").await;
    says(&shop.get(PAGE, "").await, &["Entrer dans la boutique"]);
    let moved =
        "UPDATE campaigns SET schedule = replace(schedule, '\"online\"', '\"store\"'), sequence = sequence + 1;";
    run_sql(&shop.fresh.url, moved);
    let page = shop.get(PAGE, "").await;
    says(&page, &["C’est ouvert", "En magasin, aux heures d’ouverture", "Adresse et heures d’ouverture"]);
    assert!(!words(&page).contains("Entrer dans la boutique"), "{page:?}");
    says(&shop.get(&format!("/en{PAGE}"), "").await, &["In the shop, during its opening hours"]);
}

#[tokio::test]
async fn what_a_merchandiser_typed_stays_text() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    Applied { slug: "x", title: "<script>alert(\"1\")</script> & 'co'", ..WINTER }.put(&shop.fresh.url);
    for path in ["/", "/campaigns/x", "/en/campaigns/x"] {
        let page = shop.get(path, "").await;
        assert!(!page.text().contains("<script>alert"), "{path}");
        assert!(page.text().contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;"), "{path}");
    }
}

/// The parts of `text` between `open` and `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inside, _)| inside).collect()
}

#[tokio::test]
async fn a_page_loads_nothing_and_runs_only_our_script() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-30T18:12:47Z").await;
    let page = shop.get(PAGE, "").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    for inline in
        between(page.text(), "<style>", "</style>").into_iter().chain(between(page.text(), "<script>", "</script>"))
    {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(inline));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "its hash is not in the policy: {inline}");
    }
    // Beside the script what the page says to programs, which none runs.
    let scripts = between(page.text(), "<script", ">");
    assert_eq!(scripts, [" type=\"application/ld+json\"", ""]);
    assert!(!page.text().contains(" src=") && !page.text().contains(" style="));
    assert_eq!(
        between(page.text(), "<link rel=\"", "\"").as_slice(),
        ["icon", "canonical", "alternate", "alternate", "alternate"]
    );
}

#[tokio::test]
async fn a_page_is_kept_no_longer_than_it_is_true() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-02T06:58:30Z").await;
    let first = shop.get(PAGE, "").await;
    let kept = "public, max-age=0, s-maxage=10, must-revalidate, stale-while-revalidate=0";
    assert_eq!(first.header("cache-control"), Some(kept));
    let held = format!("If-None-Match: {}\r\n", first.header("etag").unwrap());
    assert_eq!(shop.get(PAGE, &held).await.status, 304);
    let far = shop.get(&format!("{PAGE}.ics"), "").await;
    let held = format!("If-None-Match: {}\r\n", far.header("etag").unwrap());
    assert_eq!(shop.get(&format!("{PAGE}.ics"), &held).await.status, 304);
    let last = shop.at("2027-01-02T06:59:59.2Z").get(PAGE, "").await;
    assert_eq!(last.header("cache-control"), Some("no-cache"));
    let held = format!("If-None-Match: {}\r\n", last.header("etag").unwrap());
    assert_eq!(shop.at("2027-01-02T06:59:59.7Z").get(PAGE, &held).await, last, "it is sent whole, and is the same");
    assert_eq!(shop.at("2027-01-02T07:00:00Z").get(PAGE, &held).await.status, 200);
}

#[tokio::test]
async fn an_unknown_page_is_friendly() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let french = shop.get("/campaigns/ete", "").await;
    assert_eq!(french.status, 404);
    says(&french, &["Cette page n’existe pas", "Nos rendez-vous"]);
    says(&shop.get("/en/campaigns/ete", "").await, &["There is no such page"]);
    for path in ["/wp-login.php", "/campaigns/x/y/", "/campaigns/%ff", "/campaigns/", "/fr/campaigns/%fe", "/%ff"] {
        let said = shop.get(path, "").await;
        assert_eq!((said.status, said.header("content-type")), (404, Some("text/html; charset=utf-8")), "{path}");
        says(&said, &["Cette page n’existe pas"]);
    }
    for path in ["/en/campaigns/%ff", "/en/wp-login.php"] {
        says(&shop.get(path, "").await, &["There is no such page"]);
    }
    for (with_slash, without) in [("/fr/", "/fr"), ("/en/", "/en")] {
        assert_eq!(shop.get(with_slash, "").await, shop.get(without, "").await);
    }
}

/// Imports a member who confirmed.
pub(crate) fn member(shop: &Shop) -> Pseudonym {
    members(shop, 1).remove(0)
}

/// Imports so many members who confirmed.
pub(crate) fn members(shop: &Shop, count: usize) -> Vec<Pseudonym> {
    let batch: Vec<Evidence> = (0..count)
        .map(|number| Evidence {
            address: format!("claire{number}@example.fr").parse().unwrap(),
            language: Language::Fr,
            confirmed_at: "2026-11-01T10:00:00Z".parse().unwrap(),
            wording: "Je souhaite recevoir les avant-premières par courriel.".into(),
            source: "form-7".into(),
            capture: Capture::WebForm,
            form_version: None,
        })
        .collect();
    let terms = ImportTerms::new("maison-exemple", Lifetime::months(24), shop.keyring.clone());
    let now = shop.clock.now();
    let all = shop.store.write_blocking(|db| {
        import(db, &batch, &terms, Pseudonyms::from_seed([1; 32]), now, false)?;
        members::list(db, None, 0, 1_000)
    });
    all.unwrap().into_iter().map(|member| member.pseudonym).collect()
}

fn consent(shop: &Shop, member: Pseudonym) -> Consent {
    shop.store.read_blocking(|db| members::find(db, &member)).unwrap().unwrap().consent
}

fn events(shop: &Shop, member: Pseudonym) -> usize {
    shop.store.read_blocking(|db| ledger::events_of(db, &member)).unwrap().len()
}

both!(looking_changes_nothing_and_pressing_withdraws, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let member = member(&shop);
        let path = format!("/u/{}", unsubscribe_token(&shop.keyring, &member));
        let page = shop.get(&path, "").await;
        says(&page, &["Ne plus recevoir nos messages\u{202f}?", "Me désinscrire"]);
        assert!(!page.text().contains("Unsubscribe"), "whoever it is reads French");
        assert_eq!(page.text().matches("<form method=\"post\"><button").count(), 1);
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(page.header(name), Some(value));
        }
        let head = shop.send(&format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!((consent(&shop, member), events(&shop, member)), (Consent::Confirmed, 1));

        let first = shop.post(&path, FORM, "").await;
        assert_eq!(first.status, 200);
        says(&first, &["Votre désinscription est enregistrée"]);
        assert!(!first.text().contains("You are unsubscribed"), "whoever it is reads French");
        assert_eq!((consent(&shop, member), events(&shop, member)), (Consent::Withdrawn, 2));
        assert_eq!(shop.post(&path, FORM, "").await, first, "asking again is answered alike");
        assert_eq!(events(&shop, member), 2, "and adds nothing");
        assert_eq!(shop.get(&path, "").await, first, "who has left is not asked again");
        run_sql(&shop.fresh.url, "ALTER TABLE members RENAME TO away");
        let unread = shop.get(&path, "").await;
        says(&unread, &["Me désinscrire", "Unsubscribe"]);
        assert_eq!(unread.status, 200, "the way out is shown also without a store");
        run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO members");
    });
});

const MULTIPART: &str = "Content-Type: multipart/form-data; boundary=b1\r\n";
const PART: &str = "--b1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b1--\r\n";
const PAIR: &str = "List-Unsubscribe=One-Click";

both!(a_providers_one_click_withdraws, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let requests = [
            (FORM, PAIR.to_owned(), ""),
            ("", PAIR.to_owned(), ""),
            ("Content-Type: text/plain\r\n", format!("{PAIR}\r\n"), ""),
            (FORM, "List%2DUnsubscribe=One%2DClick".to_owned(), ""),
            (FORM, "List-Unsubscribe=\"One-Click\"".to_owned(), ""),
            (FORM, "list-unsubscribe=one-click".to_owned(), ""),
            (MULTIPART, PART.to_owned(), ""),
            ("", PART.to_owned(), ""),
            ("Content-Type: Multipart/Form-Data; charset=utf-8; Boundary=b1\r\n", PART.to_owned(), ""),
            ("Content-Type: multipart/form-data; BOUNDARY=\"b 1\"\r\n", PART.replace("b1", "b 1"), ""),
            ("Content-Type: multipart/form-data\r\n", PART.replace('"', ""), ""),
            (FORM, PAIR.to_owned(), "/"),
            (FORM, PAIR.to_owned(), "."),
            (MULTIPART, PART.to_owned(), "/."),
            (FORM, PAIR.to_owned(), "%3E"),
            (FORM, PAIR.to_owned(), "),"),
            (FORM, PAIR.to_owned(), "?utm_source=a"),
        ];
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        for ((kind, body, behind), member) in requests.iter().zip(members(&shop, requests.len())) {
            let path = format!("/u/{}{behind}", unsubscribe_token(&shop.keyring, &member));
            let reply = shop.post(&path, kind, body).await;
            assert_eq!(reply.status, 200, "{kind}{body}{behind}");
            says(&reply, &["Votre désinscription est enregistrée"]);
            let last = shop.store.read_blocking(|db| ledger::events_of(db, &member)).unwrap().pop().unwrap();
            let expected = (Consent::Withdrawn, Method::OneClickPost);
            assert_eq!((consent(&shop, member), last.what.method), expected, "{kind}{body}{behind}");
        }
    });
});

#[tokio::test]
async fn a_link_with_something_behind_it_shows_its_page() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let path = format!("/u/{}", unsubscribe_token(&shop.keyring, &member(&shop)));
    let page = shop.get(&path, "").await;
    says(&page, &["Me désinscrire"]);
    for behind in ["/", ".", "%3E", ").", "&gt;", "//", "?a=b"] {
        assert_eq!(shop.get(&format!("{path}{behind}"), "").await, page, "{behind}");
    }
}

#[tokio::test]
async fn a_request_for_something_else_withdraws_nothing_and_shows_the_page() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let people = members(&shop, 2);
    let [member, other] = [people[0], people[1]];
    let path = format!("/u/{}", unsubscribe_token(&shop.keyring, &member));
    let requests = [
        (FORM, "List-Unsubscribe=No".to_owned(), 400),
        (FORM, "a=b".to_owned(), 400),
        ("", "\u{fffd}%FF%".to_owned(), 400),
        (MULTIPART, PART.replace("One-Click", "No"), 400),
        ("Content-Type: multipart/form-data; boundary=\r\n", "--b1--".to_owned(), 400),
        ("Content-Type: application/json\r\n", "{}".to_owned(), 400),
        (FORM, "a".repeat(20_000), 413),
    ];
    for (kind, body, status) in requests {
        let reply = shop.post(&path, kind, &body).await;
        assert_eq!(reply.status, status, "{kind}{body}");
        says(&reply, &["Ne plus recevoir nos messages\u{202f}?", "Me désinscrire", "Unsubscribe"]);
        says(
            &reply,
            &[
                "Rien n’a changé\u{a0}: cette demande ne dit pas que vous vous désinscrivez. Pour le faire, appuyez sur le bouton",
                "Nothing has changed: this request does not say that you unsubscribe. To do so, press the button",
            ],
        );
        let others = format!("/u/{}", unsubscribe_token(&shop.keyring, &other));
        assert_eq!(shop.post(&others, kind, &body).await, reply, "it says nothing about whose link it is");
    }
    assert_eq!((consent(&shop, member), consent(&shop, other)), (Consent::Confirmed, Consent::Confirmed));
    assert!(!shop.get(&path, "").await.text().contains("class=\"trouble\""));
}

#[tokio::test]
async fn every_wrong_token_gets_the_same_answer() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let stranger = unsubscribe_token(&Keyring::generate([99; 32]), &Pseudonym::from_random([1; 16]));
    let expected = shop.get("/u/v1.x", "").await;
    assert_eq!(expected.status, 404);
    says(&expected, &["Ce lien n’est pas valable", "bonjour@shop.example.fr"]);
    let nobody = unsubscribe_token(&shop.keyring, &Pseudonym::from_random([1; 16]));
    for token in [stranger.as_str(), "%FF%FE", "v1.%0d%0aSet-Cookie:a", &"A".repeat(2000)] {
        assert_eq!(shop.get(&format!("/u/{token}"), "").await, expected, "{token}");
        assert_eq!(shop.post(&format!("/u/{token}"), FORM, "List-Unsubscribe=One-Click").await, expected, "{token}");
    }
    assert_eq!(shop.post(&format!("/u/{nobody}"), FORM, "").await, expected, "a token of nobody here");
}

#[tokio::test]
async fn health_is_the_process_and_ready_is_its_work() {
    let alive = Arc::new(AtomicBool::new(true));
    let readiness = Readiness::new({
        let alive = Arc::clone(&alive);
        move || if alive.load(Ordering::Relaxed) { Ok(()) } else { Err(vec![ProblemKind::StoreLocked]) }
    });
    let shop = Shop::open_with(Backend::Sqlite, "2027-01-03T10:00:00Z", Some(readiness)).await;
    assert_eq!(shop.get("/health", "").await.text(), "alive\n");
    assert_eq!(shop.get("/ready", "").await.text(), "ready\n");
    alive.store(false, Ordering::Relaxed);
    let ready = shop.get("/ready", "").await;
    assert_eq!(
        (ready.status, ready.text()),
        (503, "not ready\nstore-locked: another program keeps the store locked\n")
    );
    assert_eq!(shop.get("/health", "").await.status, 200);
}

#[tokio::test]
async fn ready_is_answered_also_while_the_store_answers_nobody() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    assert_eq!(shop.get("/ready", "").await.text(), "ready\n");
    // Every connection is lent out until the answer has come.
    let (answered, holding) = (Arc::new(Barrier::new(READERS + 1)), Arc::new(Barrier::new(READERS + 1)));
    let held: Vec<_> = (0..READERS)
        .map(|_| {
            let (store, answered, holding) = (shop.store.clone(), Arc::clone(&answered), Arc::clone(&holding));
            std::thread::spawn(move || {
                let hold = |_: &mut Db| {
                    holding.wait();
                    answered.wait();
                    Ok(())
                };
                store.read_blocking(hold).unwrap();
            })
        })
        .collect();
    holding.wait();
    let ready = shop.get("/ready", "").await;
    assert_eq!((ready.status, ready.text()), (503, "not ready\nthe store cannot be read\n"));
    answered.wait();
    for thread in held {
        thread.join().unwrap();
    }
    assert_eq!(shop.get("/ready", "").await.text(), "ready\n");
}
