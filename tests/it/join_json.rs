//! Signing up by the endpoint for shops that show a form of their own: what it takes, what it answers, and what the ledger
//! says of it.

use carillon::config::{JoinSettings, Settings};
use carillon::db::ledger;
use carillon::db::signups::{self, LetterOutcome, LetterSender, NextLetter, SignUpCounts};
use carillon::keys::Sha256Digest;
use carillon::member::{Cause, Fingerprint, Method};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::http::member;
use crate::support::backend::{Backend, both};
use crate::support::shop::{Reply, Shop, configure, get, send};

const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const NOW: &str = "2027-01-03T10:00:00Z";
const CAMILLE: &str = "camille@example.fr";

/// The digest of a page of a shop's own.
fn page() -> String {
    Sha256Digest::of(b"<form>").to_string()
}

fn later(shop: &Shop, seconds: i64) {
    shop.clock.advance_to(shop.clock.now() + SignedDuration::from_secs(seconds));
}

/// A sign-up of `address` in `language`, as a shop writes it that has just asked for the words.
pub(crate) async fn sign_up(shop: &Shop, address: &str, language: &str) -> Value {
    let given = shop.get("/join.json", "").await.json();
    let wording = given["wordings"].as_array().unwrap().iter().find(|wording| wording["language"] == language).unwrap();
    let (wording, time) = (&wording["wording"], &given["time"]);
    json!({ "email": address, "wording": wording, "page": page(), "source": "footer", "time": time })
}

async fn post(shop: &Shop, body: &Value) -> Reply {
    shop.post("/join.json", JSON, &body.to_string()).await
}

/// Signs an address up.
async fn ask(shop: &Shop, address: &str) -> Reply {
    let body = sign_up(shop, address, "fr").await;
    later(shop, 3);
    post(shop, &body).await
}

fn standing(shop: &Shop) -> SignUpCounts {
    let now = shop.clock.now();
    shop.store.read_blocking(|db| signups::standing(db, now)).unwrap()
}

both!(the_ledger_says_which_words_a_page_of_the_shop_showed, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, NOW).await;
        let given = shop.get("/join.json", "").await;
        assert_eq!((given.status, given.header("content-type")), (200, Some("application/json")));
        assert_eq!((given.header("cache-control"), given.header("set-cookie")), (Some("no-store"), None));
        let english = given.json()["wordings"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&english["language"], &english["button"]), (&json!("en"), &json!("Sign me up")));

        let mut body = sign_up(&shop, CAMILLE, "en").await;
        body["language"] = "en".into();
        later(&shop, 3);
        let answer = post(&shop, &body).await;
        assert_eq!((answer.status, answer.json()), (202, json!({ "asked": true })));
        assert_eq!(shop.store.read_blocking(ledger::head).unwrap().seq, 0, "nothing counts before the button");

        let letters = LetterSender { owner: "a".into(), keyring: shop.keyring.clone(), domain: "example.fr".into() };
        let now = shop.clock.now();
        let NextLetter::This(letter) = shop.store.write_blocking(|db| signups::take(db, &letters, now)).unwrap() else {
            panic!("a letter is due")
        };
        shop.store.write_blocking(|db| signups::record(db, &letter, LetterOutcome::Sent, now)).unwrap();
        let link = format!("/confirm/{}", letter.token.as_str());
        let asked = crate::join::words(&shop.get(&link, "").await);
        for words in [&english["statement"], &english["notice"][0], &english["notice"][5]] {
            let words = words.as_str().unwrap();
            assert!(asked.contains(words), "before the button that counts, our page shows again: {words}");
        }
        assert_eq!(shop.post(&link, FORM, "confirm=yes").await.status, 200);

        let fingerprints = Fingerprint::all(&shop.keyring, &CAMILLE.parse().unwrap());
        let member = shop.store.read_blocking(|db| carillon::db::members::find_by_fingerprint(db, &fingerprints));
        let member = member.unwrap().unwrap();
        let events = shop.store.read_blocking(|db| ledger::events_of(db, &member.pseudonym)).unwrap();
        assert_eq!(events.len(), 3);
        for event in &events {
            let form = event.what.form_version.as_deref().unwrap();
            assert_eq!(form, format!("carillon {}, page of the shop {}", env!("CARGO_PKG_VERSION"), page()));
            assert_eq!(event.what.source, "footer");
            assert_eq!(event.what.text_version.unwrap().to_string(), english["wording"]);
        }
        // The address of the words is the digest of what was shown, joined as the documents say.
        let text = |key: &str| english[key].as_str().unwrap().to_owned();
        let notice = english["notice"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
        let shown: Vec<String> =
            [text("statement"), format!("[{}]", text("button"))].into_iter().chain(notice).collect();
        let shown = shown.join("\n\n");
        assert_eq!(Sha256Digest::of(shown.as_bytes()).to_string(), english["wording"]);
        let kept = shop.store.read_blocking(|db| ledger::text(db, &events[2].what.text_version.unwrap())).unwrap();
        assert_eq!(kept, Some(shown), "byte for byte");
    });
});

/// An answer without the time at which it was given.
fn timeless(reply: &Reply) -> (String, Vec<u8>) {
    let head: Vec<&str> = reply.head.lines().filter(|line| !line.starts_with("date:")).collect();
    (head.join("\n"), reply.body.clone())
}

both!(a_program_is_answered_alike_whatever_is_known_of_an_address, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, NOW).await;
        let known = member(&shop);
        let unknown = ask(&shop, CAMILLE).await;
        assert_eq!(unknown.status, 202);
        let left = || ask(&shop, "claire0@example.fr");
        assert_eq!(timeless(&left().await), timeless(&unknown), "a member");
        shop.fresh.leave(&shop.store, known, Cause::Complained, Method::Arf, shop.clock.now());
        assert_eq!(timeless(&left().await), timeless(&unknown), "somebody who left");
        for address in [CAMILLE, "nobody@no-such-domain.example"] {
            assert_eq!(timeless(&ask(&shop, address).await), timeless(&unknown), "{address}");
        }
        // What a program fills in that fills in everything is forgotten, and answered alike.
        let mut body = sign_up(&shop, "robot@example.fr", "fr").await;
        body["site"] = "https://example.com".into();
        assert_eq!(timeless(&post(&shop, &body).await), timeless(&unknown));
        assert_eq!(standing(&shop).waiting, 3);
    });
});

#[tokio::test]
async fn what_cannot_be_taken_is_a_problem_without_a_word_of_it() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let good = sign_up(&shop, CAMILLE, "fr").await;
    let changed = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body.to_string()
    };
    let without = |key: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(key);
        body.to_string()
    };
    let fault = async |kind: &str, body: &str| {
        let reply = shop.post("/join.json", kind, body).await;
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{body}");
        assert_eq!((reply.header("set-cookie"), reply.header("cache-control")), (None, Some("no-store")));
        assert!(!reply.text().contains("camille") && !reply.text().contains("marker"), "{}", reply.text());
        let problem = reply.json();
        assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(reply.status)));
        (reply.status, problem["fault"].as_str().unwrap().to_owned())
    };
    let is = |status: u16, fault: &str| (status, fault.to_owned());
    assert_eq!(fault(JSON, &good.to_string()).await, is(422, "too-young"));
    later(&shop, 3);
    for body in ["", "{", "[]", "null", "\"marker\"", "{\"email\":\"marker", "{\"\u{0}\":1}", "[[[[[[[["] {
        assert_eq!(fault(JSON, body).await, is(400, "malformed"), "{body:?}");
    }
    for key in ["email", "wording", "page", "source", "time"] {
        assert_eq!(fault(JSON, &without(key)).await, is(400, "malformed"), "{key}");
        for value in [json!(1), json!(null), json!(["marker"])] {
            assert_eq!(fault(JSON, &changed(key, value)).await, is(400, "malformed"), "{key}");
        }
    }
    assert_eq!(fault(JSON, &changed("name", json!("marker"))).await, is(400, "malformed"), "what is not needed");
    let twice = good.to_string().replacen('{', "{\"email\":\"a@example.fr\",", 1);
    assert_eq!(fault(JSON, &twice).await, is(400, "malformed"), "one address at a time");
    for kind in [FORM, "", "Content-Type: text/plain\r\n", "Content-Type: application/jsonp\r\n"] {
        assert_eq!(fault(kind, &good.to_string()).await, is(415, "type"), "{kind}");
    }
    assert_eq!(fault(JSON, &changed("source", json!("a".repeat(20_000)))).await, is(413, "too-long"));
    let digest = |text: &[u8]| json!(Sha256Digest::of(text).to_string());
    let upper = good["page"].as_str().unwrap().to_uppercase();
    for (key, value, expected) in [
        ("time", json!("1.marker"), "time"),
        ("wording", digest(b"J'accepte tout."), "wording"),
        ("wording", json!("marker"), "wording"),
        ("language", json!("en"), "language"),
        ("language", json!("marker"), "language"),
        ("source", json!("marker.0612345678"), "source"),
        ("page", json!("marker"), "page"),
        ("page", json!(upper), "page"),
        ("email", json!(""), "address"),
        ("email", json!("zoé.marker@example.fr"), "address"),
    ] {
        assert_eq!(fault(JSON, &changed(key, value)).await, is(422, expected), "{key}");
    }
    later(&shop, 86_401);
    assert_eq!(fault(JSON, &good.to_string()).await, is(422, "too-old"));
    let put = format!("PUT /join.json HTTP/1.1\r\nHost: a\r\n{JSON}Content-Length: 0\r\nConnection: close\r\n\r\n");
    let refused = shop.send(&put).await;
    assert_eq!((refused.status, refused.json()["fault"].clone()), (405, json!("method")));
    assert_eq!(standing(&shop), SignUpCounts::default());
    assert_eq!(ask(&shop, CAMILLE).await.status, 202, "nothing of all this was counted");
}

#[tokio::test]
async fn the_form_and_the_endpoint_have_one_limit() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let mut body = sign_up(&shop, CAMILLE, "fr").await;
    later(&shop, 3);
    for number in 0..200 {
        body["email"] = format!("m{number}@flood.example").into();
        assert_eq!(post(&shop, &body).await.status, 202);
    }
    body["email"] = "more@flood.example".into();
    let turned_away = post(&shop, &body).await;
    assert_eq!((turned_away.status, turned_away.header("retry-after")), (503, Some("60")));
    assert_eq!(turned_away.json()["fault"], "busy");
    let time: String = url::form_urlencoded::byte_serialize(body["time"].as_str().unwrap().as_bytes()).collect();
    assert_eq!(shop.post("/join", FORM, &format!("time={time}&email=m%40flood.example")).await.status, 503);
    body["email"] = CAMILLE.into();
    assert_eq!(post(&shop, &body).await.status, 202, "others are not turned away");
    assert_eq!(standing(&shop).waiting, 201, "what was answered is on disk, and nothing else");
}

#[tokio::test]
async fn only_pages_of_named_origins_may_read_the_answers() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let usual = configure(shop.fresh.folder.path());
    let origins = vec!["https://shop.example.fr".to_owned(), "https://outlet.example.fr:8443".to_owned()];
    let join = JoinSettings { origins, ..usual.join.clone().unwrap() };
    let open = shop.also(&Settings { join: Some(join), ..usual }).await;
    let ask = async |address, method: &str, path: &str, origin: &str| {
        let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
        send(address, &format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{origin}Connection: close\r\n\r\n")).await
    };
    let allowed = |reply: &Reply| reply.header("access-control-allow-origin").map(str::to_owned);
    for origin in ["https://shop.example.fr", "https://outlet.example.fr:8443"] {
        for method in ["GET", "OPTIONS", "POST"] {
            let reply = ask(open, method, "/join.json", origin).await;
            assert_eq!((allowed(&reply).as_deref(), reply.header("vary")), (Some(origin), Some("Origin")), "{method}");
            assert_eq!(reply.header("access-control-allow-methods"), Some("GET, POST"));
            assert_eq!(reply.header("access-control-allow-headers"), Some("Content-Type"));
            assert_eq!(reply.header("access-control-allow-credentials"), None, "there is no cookie to send");
            // No origin is named by default.
            assert_eq!(allowed(&ask(shop.address, method, "/join.json", origin).await), None, "{method}");
        }
        // The form and a person's own pages are read by no other origin at all.
        for path in ["/join", "/en/join", "/u/x", "/p/x", "/confirm/x", "/"] {
            assert_eq!(allowed(&ask(open, "GET", path, origin).await), None, "{path}");
        }
    }
    for origin in
        ["", "null", "https://evil.example", "https://shop.example.fr.evil.example", "http://shop.example.fr", "*"]
    {
        let reply = ask(open, "GET", "/join.json", origin).await;
        assert_eq!((allowed(&reply), reply.header("vary")), (None, Some("Origin")), "{origin}");
    }
}

#[tokio::test]
async fn without_the_section_there_is_no_endpoint() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let address = shop.also(&Settings { join: None, ..configure(shop.fresh.folder.path()) }).await;
    assert_eq!(get(address, "/join.json").await.status, 404);
}
