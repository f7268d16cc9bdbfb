//! Gates as feature flags, by the OpenFeature Remote Evaluation Protocol.

use serde_json::{Value, json};

use crate::support::backend::{Backend, both};
use crate::support::shop::{Applied, Reply, Shop, WINTER, run_sql};

const FLAGS: &str = "/ofrep/v1/evaluate/flags";
const FLAG: &str = "/ofrep/v1/evaluate/flags/journees-magiques-hiver-2027";
const JSON: &str = "Content-Type: application/json\r\n";
const CONTEXT: &str = r#"{"context": {"targetingKey": "a"}}"#;

async fn ask(shop: &Shop, path: &str) -> Reply {
    shop.post(path, JSON, CONTEXT).await
}

both!(a_flag_turns_at_the_instant, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-02T06:59:59.999Z").await;
        for (now, open, phase, next) in [
            ("2027-01-02T06:59:59.999Z", false, "before", Some("2027-01-02T07:00:00.000Z")),
            ("2027-01-02T07:00:00.000Z", true, "open", Some("2027-01-06T07:00:00.000Z")),
            ("2027-01-06T06:59:59.999Z", true, "open", Some("2027-01-06T07:00:00.000Z")),
            ("2027-01-06T07:00:00.000Z", false, "after", None),
        ] {
            let mut flag = json!({
                "key": WINTER.slug, "value": open, "variant": if open { "open" } else { "closed" },
                "reason": "TARGETING_MATCH",
                "metadata": {
                    "title": WINTER.title, "phase": phase, "cancelled": false, "held": false,
                    "opens_at": "2027-01-02T07:00:00.000Z", "closes_at": "2027-01-06T07:00:00.000Z",
                    "time_zone": "Europe/Paris",
                },
            });
            if let Some(next) = next {
                flag["metadata"]["next_change_at"] = json!(next);
            }
            let one = ask(shop.at(now), FLAG).await;
            assert_eq!((one.status, one.json()), (200, flag.clone()), "at {now}");
            assert_eq!(ask(&shop, FLAGS).await.json(), json!({ "flags": [flag] }), "at {now}");
            assert_eq!(one.header("cache-control"), Some("no-store"));
        }
    });
});

#[tokio::test]
async fn what_a_provider_holds_is_not_sent_again() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-02T06:59:59.999Z").await;
    let tag = ask(&shop, FLAGS).await.header("etag").unwrap().to_owned();
    let again = async || shop.post(FLAGS, &format!("{JSON}If-None-Match: {tag}\r\n"), CONTEXT).await;
    let same = again().await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, Some(tag.as_str())));
    shop.at("2027-01-02T07:00:00Z");
    let turned = again().await;
    assert_eq!((turned.status, turned.json()["flags"][0]["value"].clone()), (200, json!(true)));
}

#[tokio::test]
async fn a_flag_that_is_not_there_and_one_that_stands_in_no_list() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    for (path, key) in [("none", "none"), ("%F0%9F%94%94", "🔔"), ("%ff", ""), ("a%22b", "a\"b")] {
        let none = ask(&shop, &format!("{FLAGS}/{path}")).await;
        assert_eq!(none.status, 404, "{path}");
        assert_eq!(none.header("content-type"), Some("application/json"));
        assert_eq!((&none.json()["key"], &none.json()["errorCode"]), (&json!(key), &json!("FLAG_NOT_FOUND")));
    }
    Applied { slug: "invites", audience: "closed-group", ..WINTER }.put(&shop.fresh.url);
    let keys: Vec<Value> =
        ask(&shop, FLAGS).await.json()["flags"].as_array().unwrap().iter().map(|flag| flag["key"].clone()).collect();
    assert_eq!(keys, [WINTER.slug]);
    assert_eq!(ask(&shop, &format!("{FLAGS}/invites")).await.json()["value"], true);
}

#[tokio::test]
async fn a_browser_may_ask_and_a_store_that_cannot_be_read_is_no_closed_sale() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let preflight = shop.send(&format!("OPTIONS {FLAGS} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(preflight.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "Content-Type, If-None-Match"),
    ] {
        assert_eq!(preflight.header(name), Some(value));
    }
    assert_eq!(ask(&shop, FLAG).await.header("access-control-allow-origin"), Some("*"));
    let get = shop.get(FLAG, "").await;
    assert_eq!((get.status, get.json()["detail"].clone()), (405, json!("a flag is evaluated with POST")));
    run_sql(&shop.fresh.url, "ALTER TABLE campaigns RENAME TO away");
    for path in [FLAG, FLAGS] {
        let said = ask(&shop, path).await;
        assert_eq!((said.status, said.json()["errorCode"].clone()), (503, json!("GENERAL")), "{path}");
    }
}
