//! What a gate answers over HTTP: to whom, and until when.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Request};
use axum::response::Response;
use carillon::clock::Clock;
use carillon::config::create_keyring;
use carillon::db::campaigns;
use carillon::http::{App, answer_ahead, router};
use carillon::keys::Keyring;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower_service::Service as _;

use crate::gate_file::parts_of;
use crate::support::backend::{Backend, Fresh, both};
use crate::support::build::{CampaignFile, campaign};
use crate::support::cli::carillon;
use crate::support::house::House;
use crate::support::relay::Relay;
use crate::support::shop::{Applied, Shop, WINTER, configure, run_sql};
use crate::support::slug;
use crate::support::stored::{holding, stored};

const GATE: &str = "/gates/journees-magiques-hiver-2027";
const PAGE: &str = "/campaigns/journees-magiques-hiver-2027";
const FEED: &str = "/campaigns/journees-magiques-hiver-2027.ics";

both!(a_gate_opens_and_closes_to_the_millisecond, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-02T06:59:59.999Z").await;
        for (now, state, phase, next) in [
            ("2027-01-02T06:59:59.999Z", "closed", "before", json!("2027-01-02T07:00:00.000Z")),
            ("2027-01-02T07:00:00.000Z", "open", "open", json!("2027-01-06T07:00:00.000Z")),
            ("2027-01-06T06:59:59.999Z", "open", "open", json!("2027-01-06T07:00:00.000Z")),
            ("2027-01-06T07:00:00.000Z", "closed", "after", json!(null)),
        ] {
            let said = shop.at(now).get(GATE, "").await;
            assert_eq!(said.status, 200);
            assert_eq!(
                said.json(),
                json!({
                    "slug": WINTER.slug, "title": WINTER.title, "state": state, "open": state == "open",
                    "phase": phase, "cancelled": false, "held": false, "opens_at": "2027-01-02T07:00:00.000Z",
                    "closes_at": "2027-01-06T07:00:00.000Z", "next_change_at": next,
                    "time_zone": "Europe/Paris",
                })
            );
            assert_eq!(said.header("carillon-time"), Some(now));
        }
    });
});

both!(another_process_is_seen_at_once, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        assert_eq!(shop.get(GATE, "").await.json()["open"], true);
        let (opens, closes, _) = WINTER.window;
        Applied { window: (opens, closes, Some("2027-01-03T10:00:00Z")), ..WINTER }.put(&shop.fresh.url);
        let said = shop.get(GATE, "").await.json();
        assert_eq!((&said["open"], &said["phase"], &said["cancelled"]), (&json!(false), &json!("after"), &json!(true)));
        Applied { slug: "printemps", title: "Jours d’or", ..WINTER }.put(&shop.fresh.url);
        let all = shop.get("/gates", "").await.json();
        let slugs: Vec<_> = all["gates"].as_array().unwrap().iter().map(|gate| gate["slug"].clone()).collect();
        assert_eq!(slugs, [WINTER.slug, "printemps"]);
        assert_eq!(all["next_change_at"], "2027-01-06T07:00:00.000Z");
    });
});

// A sale that the law has overtaken, on every face; and the number by which calendars see that an entry has changed.
both!(a_held_sale_is_to_be_confirmed_and_every_change_has_a_number, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2026-12-30T10:00:00Z").await;
        Applied { slug: "printemps", title: "Jours d’or", ..WINTER }.put(&shop.fresh.url);
        let other = shop.get("/campaigns/printemps.ics", "").await;
        let now = shop.clock.now();
        let winter = slug(WINTER.slug);
        let mut numbers = vec![sequence(&shop).await];
        assert!(shop.get(FEED, "").await.text().contains("\r\nSTATUS:CONFIRMED\r\n"));

        shop.store.write_blocking(|db| campaigns::hold(db, &winter, "moved", "daemon", now)).unwrap().unwrap();
        numbers.push(sequence(&shop).await);
        let feed = shop.get(FEED, "").await;
        assert!(feed.text().contains("\r\nSTATUS:TENTATIVE\r\n"), "{}", feed.text());
        assert!(feed.text().contains("\r\nLAST-MODIFIED:20261230T100000Z\r\n"), "{}", feed.text());
        assert_eq!(shop.get(GATE, "").await.json()["held"], true);
        for (path, words) in [
            (PAGE, ["À confirmer", "Ouverture prévue le", "Ces dates restent à confirmer"]),
            (
                "/en/campaigns/journees-magiques-hiver-2027",
                ["To be confirmed", "Planned to open on", "still to be confirmed"],
            ),
        ] {
            let page = shop.get(path, "").await;
            for said in words {
                assert!(page.text().contains(said), "{path}: {said}");
            }
            assert!(!page.text().contains("class=\"countdown\""), "nobody counts down to what is not sure");
        }
        assert!(shop.get("/", "").await.text().contains("À confirmer"));

        shop.store.write_blocking(|db| campaigns::release(db, &winter, "daemon", now)).unwrap().unwrap();
        numbers.push(sequence(&shop).await);
        assert_eq!(shop.get(GATE, "").await.json()["held"], false);
        shop.store.write_blocking(|db| campaigns::pause(db, &winter, "camille", now)).unwrap().unwrap();
        assert_eq!(sequence(&shop).await, numbers[2], "a pause concerns mailings, and changes nothing in a calendar");
        shop.store.write_blocking(|db| campaigns::cancel(db, &winter, None, "camille", now)).unwrap().unwrap();
        numbers.push(sequence(&shop).await);
        assert!(shop.get(FEED, "").await.text().contains("\r\nSTATUS:CANCELLED\r\n"));
        assert!(numbers.windows(2).all(|two| two[0] < two[1]), "each change, also within one second: {numbers:?}");
        assert_eq!(
            shop.get("/campaigns/printemps.ics", "").await.body,
            other.body,
            "another sale's entry stays as it was"
        );
    });
});

// The calendar of all sales: of those in public lists and no others, with the entries that each sale has alone.
both!(all_public_sales_are_one_calendar, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2026-12-30T10:00:00Z").await;
        let now = shop.clock.now();
        Applied { slug: "printemps", title: "Jours d’or", ..WINTER }.put(&shop.fresh.url);
        Applied { slug: "intime", title: "Entre nous", ..WINTER }.put(&shop.fresh.url);
        run_sql(
            &shop.fresh.url,
            "UPDATE campaigns SET schedule = replace(schedule, '\"anchors\"', '\"unlisted\":true,\"anchors\"') WHERE slug = 'intime'",
        );
        for (path, entry, name) in [
            ("/sales.ics", FEED, "X-WR-CALNAME:Maison Exemple\u{a0}: les ventes"),
            ("/fr/sales.ics", "/fr/campaigns/journees-magiques-hiver-2027.ics", "NAME:Maison Exemple\u{a0}: les ventes"),
            ("/en/sales.ics", "/en/campaigns/journees-magiques-hiver-2027.ics", "NAME:Maison Exemple: sales"),
        ] {
            let reply = shop.get(path, "").await;
            assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
            let all = unfolded(reply.text());
            for line in ["METHOD:PUBLISH", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", name] {
                assert!(all.contains(&format!("\r\n{line}\r\n")), "{line}: {all}");
            }
            assert_eq!(all.matches("BEGIN:VEVENT").count(), 2, "{all}");
            assert!(all.contains("Jours d’or") && !all.contains("Entre nous") && !all.contains("intime"), "{all}");
            let alone = unfolded(shop.get(entry, "").await.text());
            let event = alone.split_once("BEGIN:VEVENT").unwrap().1.split_once("END:VCALENDAR").unwrap().0;
            assert!(all.contains(event), "{event}\nin {all}");
            assert!(event.contains("BEGIN:VALARM"), "{event}");
            let held = format!("If-None-Match: {}\r\n", reply.header("etag").unwrap());
            assert_eq!(shop.get(path, &held).await.status, 304);
        }

        let winter = slug(WINTER.slug);
        shop.store.write_blocking(|db| campaigns::hold(db, &winter, "moved", "daemon", now)).unwrap().unwrap();
        let all = unfolded(shop.get("/sales.ics", "").await.text());
        assert!(all.contains(&format!("SUMMARY:{} (à confirmer)\r\n", WINTER.title)), "{all}");
        assert_eq!(all.matches("BEGIN:VALARM").count(), 1, "nobody is called to what is not sure: {all}");
        shop.store.write_blocking(|db| campaigns::cancel(db, &winter, None, "camille", now)).unwrap().unwrap();
        let all = unfolded(shop.get("/en/sales.ics", "").await.text());
        assert!(all.contains("STATUS:CANCELLED\r\n") && all.contains("DESCRIPTION:This sale is cancelled.\r\n"), "{all}");
        assert_eq!(all.matches("BEGIN:VALARM").count(), 1, "{all}");
    });
});

// A sale that is announced later comes into every public list at that instant, and into none before.
both!(a_sale_comes_into_the_lists_when_it_is_announced, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2026-12-26T06:59:59.999Z").await;
        run_sql(
            &shop.fresh.url,
            "UPDATE campaigns SET schedule = \
             replace(schedule, '\"anchors\"', '\"announce_from\":\"2026-12-26T07:00:00Z\",\"anchors\"')",
        );
        let lists = ["/gates", "/", "/en", "/sales.ics", "/ofrep/v1/evaluate/flags"];
        let told = async |path: &str| {
            let is_flag = path.starts_with("/ofrep");
            let reply = if is_flag { shop.post(path, "", "{}").await } else { shop.get(path, "").await };
            assert_eq!(reply.status, 200, "{path}");
            reply.text().contains(WINTER.slug)
        };
        let signed = async || {
            let parts = parts_of(shop.get("/gates.jwt", "").await.text());
            parts[1].to_string().contains(WINTER.slug)
        };
        let hidden = async || shop.get(PAGE, "").await.text().contains("noindex");
        for path in lists {
            assert!(!told(path).await, "{path}");
        }
        assert!(!signed().await && hidden().await);
        let all = shop.get("/gates", "").await;
        assert_eq!(all.json()["next_change_at"], "2026-12-26T07:00:00.000Z");
        assert_eq!(all.header("cache-control"), Some("no-cache"), "the answer holds for a millisecond");
        assert_eq!(shop.get(GATE, "").await.status, 200, "its own name is known to whoever was told it");
        shop.clock.advance_to("2026-12-26T07:00:00Z".parse().unwrap());
        for path in lists {
            assert!(told(path).await, "{path}");
        }
        assert!(signed().await && !hidden().await);

        let (opens, closes, _) = WINTER.window;
        Applied { slug: "tot", window: (opens, closes, Some("2026-12-26T07:30:00Z")), ..WINTER }.put(&shop.fresh.url);
        run_sql(
            &shop.fresh.url,
            "UPDATE campaigns SET schedule = replace(schedule, '\"anchors\"', \
             '\"announce_from\":\"2026-12-26T08:00:00Z\",\"anchors\"') WHERE slug = 'tot'",
        );
        shop.clock.advance_to("2026-12-26T08:00:00Z".parse().unwrap());
        let all = shop.get("/gates", "").await.json();
        assert_eq!(
            all["gates"].as_array().unwrap().len(),
            1,
            "what was cancelled before anybody heard of it is in no list"
        );

        // A sale that is over has nothing to confirm, whatever the law did meanwhile.
        let (winter, now) = (slug(WINTER.slug), shop.clock.now());
        shop.store.write_blocking(|db| campaigns::hold(db, &winter, "moved", "daemon", now)).unwrap().unwrap();
        assert!(shop.get(FEED, "").await.text().contains("STATUS:TENTATIVE\r\n"));
        shop.clock.advance_to(closes.parse().unwrap());
        for path in [FEED, "/sales.ics"] {
            let feed = unfolded(shop.get(path, "").await.text());
            assert!(!feed.contains("TENTATIVE") && !feed.contains("(à confirmer)"), "{path}: {feed}");
        }
    });
});

/// What stands in a calendar, without the breaks that keep its lines short.
fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "")
}

/// The number of the entry of [`WINTER`].
async fn sequence(shop: &Shop) -> i64 {
    let feed = shop.get(FEED, "").await;
    feed.text().lines().find_map(|line| line.strip_prefix("SEQUENCE:")).unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn an_answer_is_not_kept_past_the_next_change() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-01T07:00:00Z").await;
    for (now, kept) in [
        ("2027-01-01T07:00:00Z", "public, max-age=0, s-maxage=10, must-revalidate, stale-while-revalidate=0"),
        ("2027-01-02T06:59:47.5Z", "public, max-age=0, s-maxage=5, must-revalidate, stale-while-revalidate=0"),
        ("2027-01-02T06:59:58.5Z", "no-cache"),
        ("2027-01-02T07:00:00Z", "public, max-age=0, s-maxage=10, must-revalidate, stale-while-revalidate=0"),
    ] {
        for path in [GATE, "/gates", "/gates.jwt", PAGE, "/", FEED] {
            assert_eq!(shop.at(now).get(path, "").await.header("cache-control"), Some(kept), "{path} at {now}");
        }
    }
}

#[tokio::test]
async fn what_is_held_is_not_sent_again() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-02T06:00:00Z").await;
    for path in [GATE, "/gates", "/gates.jwt", "/.well-known/jwks.json"] {
        let tag = shop.get(path, "").await.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "{path}: equal bytes, equal tag: {tag}");
        let inside = tag.trim_matches('"');
        for held in
            [tag.clone(), format!("W/{tag}"), format!("\"{inside}-gzip\""), format!("\"x\", W/\"{inside}-gzip\"")]
        {
            let again = shop.at("2027-01-02T06:59:00Z").get(path, &format!("If-None-Match: {held}\r\n")).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}: {held}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
            assert!(again.header("cache-control").is_some() && again.header("date").is_some());
        }
    }
    let tag = shop.get(GATE, "").await.header("etag").unwrap().to_owned();
    let opened = shop.at("2027-01-02T07:00:00Z").get(GATE, &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!((opened.status, opened.json()["open"].clone()), (200, json!(true)));
}

/// Everything that a sale shows: its gate, the lists, the signed file, pages, the feed, and what there is nothing at.
const LOOKED_AT: [&str; 19] = [
    GATE,
    "/gates",
    "/carillon-gate.js",
    "/gates.jwt",
    "/.well-known/jwks.json",
    "/gates/none",
    "/gates/%ff",
    "/",
    "/en",
    "/campaigns/journees-magiques-hiver-2027",
    "/en/campaigns/journees-magiques-hiver-2027",
    "/campaigns/journees-magiques-hiver-2027.ics",
    "/sales.ics",
    "/campaigns/none",
    "/none",
    "/favicon.ico",
    "/robots.txt",
    "/health",
    "/ready",
];

/// The same as feature flags.
const FLAGS: [&str; 3] = [
    "/ofrep/v1/evaluate/flags",
    "/ofrep/v1/evaluate/flags/journees-magiques-hiver-2027",
    "/ofrep/v1/evaluate/flags/none",
];

/// What a provider of flags tells of a person.
const CONTEXT: &str = r#"{"context": {"targetingKey": "person-q7xz", "email": "camille-q7xz@example.org"}}"#;

/// What a browser, a proxy or a letter's link tells of a person.
const VISITOR: &str = "Cookie: session=cookie-q7xz; id=2\r\nAuthorization: Basic YXV0aC1xN3h6\r\nUser-Agent: agent-q7xz\r\n\
                       Accept-Language: en\r\nX-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n\
                       X-Request-Id: request-q7xz\r\nReferer: https://example.org/referer-q7xz\r\nDNT: 1\r\n";

/// Headers that set something at a visitor's, follow one, or answer one otherwise than another.
const TELLTALE: [&str; 7] = ["set-cookie", "vary", "x-request-id", "accept-ch", "report-to", "nel", "www-authenticate"];

/// The language that [`VISITOR`] reads: all that the list of sales looks at, where the path names none.
const LANGUAGE: &str = "Accept-Language: en\r\n";

/// What of [`TELLTALE`] an answer may say.
fn told_of(path: &str, name: &str) -> Option<&'static str> {
    (path == "/" && name == "vary").then_some("Accept-Language")
}

both!(gate_knows_no_visitor, |backend| {
    let logged = Logged::default();
    let _watching = logged.watch();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-03T10:00:00Z").await;
        let kept = || stored(shop.fresh.folder.path(), &shop.fresh.url);
        let before = kept();
        assert!(!holding(&before, WINTER.slug).is_empty(), "what is compared holds the store");
        for path in LOOKED_AT {
            let asked = if path == "/" { LANGUAGE } else { "" };
            let plain = shop.get(path, asked).await;
            assert_eq!(shop.get(path, VISITOR).await, plain, "{path}");
            assert_eq!(shop.get(&format!("{path}?utm_source=query-q7xz&member=7"), asked).await, plain, "{path}");
            for name in TELLTALE {
                assert_eq!(plain.header(name), told_of(path, name), "{path}: {name}");
            }
            assert_eq!(plain.header("referrer-policy"), Some("no-referrer"), "{path}");
        }
        for path in FLAGS {
            let plain = shop.post(path, "", "").await;
            assert_eq!(shop.post(path, VISITOR, CONTEXT).await, plain, "{path}: the context decides nothing");
            assert_eq!(shop.post(path, VISITOR, "no JSON q7xz").await, plain, "{path}: nor is it read");
            for name in TELLTALE {
                assert_eq!(plain.header(name), None, "{path}: {name}");
            }
        }
        let after = kept();
        let changed = after.iter().filter(|(name, bytes)| before.get(*name) != Some(*bytes)).map(|(name, _)| name);
        assert_eq!(changed.collect::<Vec<_>>(), Vec::<&String>::new(), "looking changes no file and no table");
        assert_eq!(after.len(), before.len());
    });
    assert_eq!(logged.text(), "", "looking leaves nothing in the log, at any level");
});

// The daemon itself, whatever thread or library would remember: its log with every step, its store and its folder.
both!(a_running_daemon_keeps_nothing_of_a_visitor, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 2, relay.port());
    let daemon = shop.daemon_that_logs("debug");
    shop.wait_until_listening();
    let listen = shop.listen();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let looks = LOOKED_AT.map(|path| ("GET", path, "")).into_iter();
        for (method, path, body) in looks.chain(FLAGS.map(|path| ("POST", path, CONTEXT))) {
            let (path, length) = (path.replace(WINTER.slug, "hiver"), body.len());
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind("127.77.7.9:0".parse().unwrap()).unwrap();
            let mut stream = socket.connect(listen.parse().unwrap()).await.unwrap();
            let request = format!(
                "{method} {path}?from=query-q7xz HTTP/1.1\r\nHost: a\r\n{VISITOR}Content-Length: {length}\r\n\
                         Connection: close\r\n\r\n{body}"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer);
            let head = answer.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
            for name in TELLTALE.into_iter().filter(|name| told_of(&path, name).is_none()) {
                assert!(!head.contains(&format!("\r\n{name}:")), "{path}: {head}");
            }
            assert!(!answer.contains("q7xz") && !answer.contains("127.77.7.9"), "{path}: {answer}");
        }
    });
    assert_eq!(daemon.terminate(), Some(0));
    assert!(shop.log().contains("carillon is running"), "{}", shop.log());
    let kept = stored(shop.fresh.folder.path(), &shop.fresh.url);
    for trace in ["q7xz", "192.0.2.7", "127.77.7.9", "YXV0aC1xN3h6"] {
        assert_eq!(holding(&kept, trace), Vec::<String>::new(), "{trace}");
    }
});

/// Everything that is logged on this thread, where a test's runtime also serves.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    fn watch(&self) -> tracing::subscriber::DefaultGuard {
        let lines = self.clone();
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || lines.clone()).finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The handlers cannot tell one visitor from another, because they are not handed what tells them apart.
#[test]
fn no_handler_asks_for_what_tells_visitors_apart() {
    for (file, text) in crate::tidy::sources("src/http") {
        for word in ["ConnectInfo", "Query<", "RawQuery", "OriginalUri", "COOKIE", "USER_AGENT", "FORWARDED", "REFERER"]
        {
            assert!(!text.contains(word), "{file}: {word}");
        }
        // The unsubscribe form has a content type to read. On the listener that no visitor reaches, a monitor says which form of
        // metrics it reads, and whoever looks at the board shows the token.
        let may_read = ["src/http/unsubscribe.rs", "src/http/measure.rs"].contains(&file.as_str())
            || file.starts_with("src/http/board/");
        assert!(may_read || !text.contains("HeaderMap"), "{file} has no header to read");
    }
}

#[tokio::test]
async fn head_and_preflight_are_answered() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let get = shop.get(GATE, "").await;
    let head = shop.send(&format!("HEAD {GATE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    assert_eq!((head.status, head.head, head.body.len()), (200, get.head.clone(), 0));
    assert_eq!(get.header("access-control-allow-origin"), Some("*"));
    assert_eq!(get.header("access-control-expose-headers"), Some("Age, Carillon-Time, Date, ETag"));
    assert_eq!(get.header("date"), Some("Sun, 03 Jan 2027 10:00:00 GMT"));
    let preflight = shop.send(&format!("OPTIONS {GATE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("If-None-Match"));
    let post = shop.post(GATE, "", "").await;
    assert_eq!(
        (post.status, post.header("allow"), post.json()["status"].clone()),
        (405, Some("GET,HEAD,OPTIONS"), json!(405))
    );
}

/// Everything that a response says, in its order.
async fn said(response: Response) -> (u16, Vec<(String, String)>, String) {
    let status = response.status().as_u16();
    let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
    let headers = response.headers().iter().map(text).collect();
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn an_answer_is_the_same_before_the_routes_and_behind_them() {
    let (fresh, store) = Fresh::store(Backend::Sqlite);
    WINTER.put(&fresh.url);
    let clock = Clock::manual("2027-01-02T06:59:30Z".parse().unwrap());
    let settings = configure(fresh.folder.path());
    let app = App::new(&settings, store, Keyring::generate([5; 32]), clock.clone()).unwrap();
    let routes = router(app.clone());
    let ask = |method: &str, path: &str, held: &[String]| {
        let request = held.iter().fold(Request::builder(), |request, tag| request.header("if-none-match", tag));
        request.method(method).uri(path).body(Body::empty()).unwrap()
    };
    assert!(answer_ahead(&app, &ask("GET", GATE, &[])).is_none(), "nothing is known before the first look");
    let mut statuses = Vec::new();
    for now in ["2027-01-02T06:59:30Z", "2027-01-02T06:59:58.5Z", "2027-01-02T07:00:00Z", "2027-01-06T07:00:00.123Z"] {
        clock.advance_to(now.parse().unwrap());
        let (_, headers, _) = said(routes.clone().call(ask("GET", GATE, &[])).await.unwrap()).await;
        let tag = headers.iter().find(|(name, _)| name == "etag").unwrap().1.clone();
        let weak = format!("W/{tag}, \"y\"");
        for held in
            [vec![], vec![tag.clone()], vec!["\"x\"".to_owned()], vec!["\"x\"".to_owned(), weak], vec!["*".to_owned()]]
        {
            for path in [GATE, &format!("{GATE}?a=b")] {
                // What was looked up a moment ago answers ahead; on a machine that has much to do that may be too long ago.
                let mut tries = 0;
                let (ahead, behind) = loop {
                    let behind = routes.clone().call(ask("GET", path, &held)).await.unwrap();
                    if let Some(ahead) = answer_ahead(&app, &ask("GET", path, &held)) {
                        for other in
                            ["/gates/none", "/gates/", "/gates/%6Aournees-magiques-hiver-2027", "/gates/a/b", PAGE]
                        {
                            assert!(answer_ahead(&app, &ask("GET", other, &held)).is_none(), "{other}");
                        }
                        for method in ["HEAD", "POST", "OPTIONS"] {
                            assert!(answer_ahead(&app, &ask(method, path, &held)).is_none(), "{method}");
                        }
                        break (said(ahead).await, said(behind).await);
                    }
                    tries += 1;
                    assert!(tries < 10_000, "nothing is ever answered ahead");
                };
                assert_eq!(ahead, behind, "{path} at {now} to who holds {held:?}");
                statuses.push(ahead.0);
            }
        }
    }
    assert!(statuses.contains(&200) && statuses.contains(&304), "{statuses:?}");
}

#[tokio::test]
async fn an_unknown_gate_is_a_problem() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    for path in ["/gates/none", "/gates/%F0%9F%94%94", "/gates/'%20OR%201=1", "/gates/%ff", "/gates/a/b", "/gates/"] {
        let said = shop.get(path, "").await;
        assert_eq!(said.status, 404, "{path}");
        assert_eq!(said.header("content-type"), Some("application/problem+json"));
        assert_eq!(said.header("access-control-allow-origin"), Some("*"));
        assert_eq!(said.json()["status"], 404);
    }
}

/// A folder with a configuration, keys, and a store with [`WINTER`] in it.
pub fn folder() -> Fresh {
    let (fresh, _) = Fresh::store(Backend::Sqlite);
    WINTER.put(&fresh.url);
    create_keyring(&configure(fresh.folder.path()).keys).unwrap();
    fresh
}

#[test]
fn show_answers_for_any_instant() {
    let fresh = folder();
    let ask = |at: &str| {
        let said = carillon(fresh.folder.path(), &["gate", "show", WINTER.slug, "--at", at, "--json"]).exits(0);
        serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap()["open"].clone()
    };
    for (at, open) in [
        ("2027-01-02T07:59:59.999", false),
        ("2027-01-02T08:00", true),
        ("2027-01-02T06:59:59.999Z", false),
        ("2027-01-02T07:00:00Z", true),
        ("2027-01-06T07:59:59.999[Europe/Paris]", true),
        ("2027-01-06T08:00:00+01:00", false),
    ] {
        assert_eq!(ask(at), open, "{at}");
    }
    let table = carillon(fresh.folder.path(), &["gate", "show", "--at", "2027-01-02T08:00"]).exits(0).stdout;
    assert!(table.contains("open"), "{table}");
    assert!(table.contains("2027-01-06 08:00:00 +01:00"), "{table}");
    let all = carillon(fresh.folder.path(), &["gate", "show", "--json"]).exits(0).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&all).unwrap()[0]["slug"], WINTER.slug);
}

#[test]
fn show_says_what_it_does_not_understand() {
    let fresh = folder();
    let unknown = carillon(fresh.folder.path(), &["gate", "show", "ete"]).exits(1);
    assert_eq!(unknown.stderr, "error: no applied campaign is called `ete`; `carillon gate show` lists them\n");
    let twice = carillon(fresh.folder.path(), &["gate", "show", "--at", "2027-10-31T02:30"]).exits(2);
    assert!(twice.stderr.contains("happens twice, in `Europe/Paris`"), "{}", twice.stderr);
    let wrong = carillon(fresh.folder.path(), &["gate", "show", "--at", "demain"]).exits(2);
    assert!(wrong.stderr.contains("expected a date and time such as `2027-01-02T08:00`"), "{}", wrong.stderr);
}

fn hiver() -> CampaignFile {
    campaign().slug("hiver-2027").with("label", "Avant-première d’hiver").with("url", "https://shop.example.fr/hiver")
}

fn apply(shop: &Shop, file: &CampaignFile) {
    crate::support::apply::apply(&shop.store, &file.text(), shop.clock.now()).unwrap();
}

both!(the_gate_follows_the_campaign, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-02T07:30:00Z").await;
        let gate = async || shop.get("/gates/hiver-2027", "").await;
        assert_eq!(gate().await.status, 404, "a campaign that is not applied has no gate");
        apply(&shop, &hiver());
        let said = gate().await.json();
        assert_eq!(said["title"], "Avant-première d’hiver", "the label is shown instead of the title");
        assert_eq!((&said["open"], &said["opens_at"]), (&json!(true), &json!("2027-01-02T07:00:00.000Z")));
        assert_eq!(said["closes_at"], "2027-01-06T07:00:00.000Z", "the instant at which the soldes begin");
        let page = shop.get("/campaigns/hiver-2027", "").await;
        assert!(page.text().contains("href=\"https://shop.example.fr/hiver\""), "{}", page.text());

        let (now, slug) = (shop.clock.now(), "hiver-2027");
        shop.store
            .write_blocking(|db| campaigns::pause(db, &crate::support::slug(slug), "camille", now))
            .unwrap()
            .unwrap();
        shop.store
            .write_blocking(|db| campaigns::hold(db, &crate::support::slug(slug), "the law moved", "daemon", now))
            .unwrap()
            .unwrap();
        let held = gate().await.json();
        assert_eq!(held["held"], true);
        let mut otherwise = said.clone();
        otherwise["held"] = json!(true);
        assert_eq!(held, otherwise, "pause and hold concern mailings: the window stays");

        apply(&shop, &hiver().opens("soldes.winter.2027 - 4 days at 09:00"));
        let moved = gate().await.json();
        assert_eq!((&moved["open"], &moved["phase"]), (&json!(false), &json!("before")), "seen at once");
        shop.at("2027-01-02T08:00:00Z");
        assert_eq!(gate().await.json()["open"], true);
        let now = shop.at("2027-01-03T10:00:00Z").clock.now();
        shop.store
            .write_blocking(|db| campaigns::cancel(db, &crate::support::slug(slug), None, "camille", now))
            .unwrap()
            .unwrap();
        let cancelled = gate().await.json();
        assert_eq!((&cancelled["open"], &cancelled["cancelled"]), (&json!(false), &json!(true)));
        assert_eq!(cancelled["closes_at"], "2027-01-03T10:00:00.000Z");
    });
});

both!(a_sale_for_chosen_people_stands_in_no_list, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let shop = Shop::open(backend, "2027-01-02T07:30:00Z").await;
        for (slug, audience) in [("invites", "closed-group"), ("personnel", "personal"), ("club", "open-members")] {
            let title = format!("Rien que pour {slug}");
            Applied { slug, title: &title, audience, ..WINTER }.put(&shop.fresh.url);
        }
        for path in ["/", "/fr", "/en", "/gates", "/gates.jwt"] {
            let reply = shop.get(path, "").await;
            assert_eq!(reply.status, 200, "{path}");
            let said =
                if path == "/gates.jwt" { parts_of(reply.text())[1].to_string() } else { reply.text().to_owned() };
            for (slug, listed) in [("invites", false), ("personnel", false), ("club", true), (WINTER.slug, true)] {
                assert_eq!(said.contains(slug), listed, "{slug} in {path}: {said}");
            }
        }
        // Each answers to its own name, and says what is true.
        for (slug, french, english) in [
            ("invites", "réservée aux personnes qui y sont invitées", "for those who were invited"),
            ("personnel", "Les prix de cette vente sont personnels", "The prices of this sale are personal"),
            ("club", "réservée aux membres", "for members"),
        ] {
            assert_eq!(shop.get(&format!("/gates/{slug}"), "").await.json()["open"], true);
            assert_eq!(shop.get(&format!("/campaigns/{slug}.ics"), "").await.status, 200);
            for (language, words) in [("fr", french), ("en", english)] {
                let page = shop.get(&format!("/{language}/campaigns/{slug}"), "").await;
                let text = page.text();
                assert!(text.contains(words), "{text}");
                assert!(!text.contains("rien ne vous est demandé") && !text.contains("asked for nothing"), "{text}");
                assert_eq!(text.contains("noindex"), slug != "club", "{text}");
            }
        }
        assert!(
            shop.get("/fr/campaigns/journees-magiques-hiver-2027", "")
                .await
                .text()
                .contains("rien ne vous est demandé")
        );
    });
});
