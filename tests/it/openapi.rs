//! `docs/openapi.json` is true: it names every route that is served and no other, and each method and status in it is one
//! that a running listener gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use carillon::clock::Clock;
use carillon::db::renewals;
use carillon::db::signups::{self, LetterSender, NextLetter};
use carillon::http::{App, paths, private_paths};
use carillon::member::{ConfirmToken, Pseudonym, preferences_token, unsubscribe_token};
use jiff::SignedDuration;
use serde_json::Value;

use crate::gate_file::parts_of;
use crate::http::member;
use crate::join_json::sign_up;
use crate::support::backend::{Backend, Fresh};
use crate::support::brands::odette;
use crate::support::shop::{Reply, Shop, WINTER, configure, configure_with, configure_with_token, get, run_sql, send};
use crate::tidy::root;

const NOW: &str = "2027-01-03T10:00:00Z";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

fn description() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("docs/openapi.json")).unwrap()).unwrap()
}

/// What `value` names, when it is a reference.
fn followed<'a>(all: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(path) => all.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path} is not there")),
        None => value,
    }
}

/// What in `value` is not as `schema` says: so much of JSON Schema as the description uses.
fn fits(all: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = followed(all, schema);
    let wrong = |what: &str| Err(format!("{at}: {what}: {value}"));
    if schema.get("const").is_some_and(|only| only != value) {
        return wrong("is not the one value");
    }
    if schema.get("enum").is_some_and(|few| !few.as_array().unwrap().contains(value)) {
        return wrong("is not one of the values");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = |kinds: &Value| kinds == kind || kinds.as_array().is_some_and(|all| all.iter().any(|it| it == kind));
    if schema.get("type").is_some_and(|kinds| !allowed(kinds)) {
        return wrong("has another type");
    }
    if let (Some("date-time"), Some(text)) = (schema.get("format").and_then(Value::as_str), value.as_str()) {
        text.parse::<jiff::Timestamp>().map_err(|why| format!("{at}: {why}"))?;
    }
    if let (Some(Value::String(pattern)), Some(text)) = (schema.get("pattern"), value.as_str()) {
        assert_eq!(pattern, "^[0-9a-f]{64}$", "the only one that is known here");
        text.parse::<carillon::keys::Sha256Digest>().map_err(|why| format!("{at}: {why}"))?;
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        let of_place = schema.get("prefixItems").and_then(|few| few.get(place));
        fits(all, of_place.unwrap_or(&schema["items"]), item, &format!("{at}[{place}]"))?;
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => fits(all, schema, field, &format!("{at}.{name}"))?,
            None if schema["additionalProperties"] == false => return wrong(name),
            None => {}
        }
    }
    let required = schema.get("required").filter(|_| value.is_object()).and_then(Value::as_array);
    match required.into_iter().flatten().find(|name| value.get(name.as_str().unwrap()).is_none()) {
        Some(name) => wrong(&format!("{name} is missing")),
        None => Ok(()),
    }
}

/// The operations: of each path and method, what the description says.
fn operations(all: &Value) -> BTreeMap<(String, String), &Value> {
    let mut found = BTreeMap::new();
    for (path, item) in all["paths"].as_object().unwrap() {
        let is_method = |name: &str| !["parameters", "description", "servers"].contains(&name);
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| is_method(name)) {
            found.insert((path.clone(), method.to_uppercase()), operation);
        }
    }
    found
}

#[tokio::test]
async fn the_description_names_every_route_and_no_other() {
    let (fresh, store) = Fresh::store(Backend::Sqlite);
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let clock = Clock::manual(NOW.parse().unwrap());
    let app = App::new(&configure(fresh.folder.path()), store, shop.keyring.clone(), clock).unwrap();
    let public: BTreeSet<String> = paths(&app).into_iter().map(|path| path.replace("{*", "{")).collect();
    let private: BTreeSet<String> = private_paths().into_iter().map(str::to_owned).collect();
    let served = &public | &private;
    let all = description();
    let told: BTreeSet<String> = all["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(told, served);
    // What only those who look after the daemon can ask is told to be somewhere else.
    for (path, item) in all["paths"].as_object().unwrap() {
        assert_eq!(item.get("servers").is_some(), !public.contains(path), "{path}");
    }

    // Each method that is told is served, and no other.
    let operations = operations(&all);
    for path in &told {
        let concrete = path.replace("{token}", "x").replace("{slug}", WINTER.slug).replace("{name}", WINTER.slug);
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let request = format!("{method} {concrete} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            let reply =
                if public.contains(path) { shop.send(&request).await } else { shop.send_private(&request).await };
            let refused = reply.status == 405;
            let under = if method == "HEAD" { "GET" } else { method };
            let known = operations.contains_key(&(path.clone(), under.to_owned()));
            assert_eq!(known, !refused, "{method} {path}");
        }
    }
}

#[test]
fn the_description_is_of_one_piece() {
    let all = description();
    assert_eq!(all["openapi"], "3.1.0");
    assert_eq!(all["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut ids = BTreeSet::new();
    for ((path, method), operation) in operations(&all) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{method} {path}: its id is another's");
        assert!(operation["summary"].as_str().unwrap().ends_with(['.', '?']), "{method} {path}");
        let of_path = all["paths"][&path].get("parameters").and_then(Value::as_array).into_iter().flatten();
        let in_path: BTreeSet<&str> = of_path.map(|it| followed(&all, it)["name"].as_str().unwrap()).collect();
        let named: BTreeSet<&str> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(in_path, named, "{path}");
    }
    // Every reference leads somewhere, and everything that can be referred to is.
    let mut references = BTreeSet::new();
    let mut values = vec![&all];
    while let Some(value) = values.pop() {
        if let Some(path) = value.get("$ref").and_then(Value::as_str) {
            followed(&all, value);
            references.insert(path.to_owned());
        }
        values.extend(value.as_object().into_iter().flat_map(serde_json::Map::values));
        values.extend(value.as_array().into_iter().flatten());
    }
    for (kind, parts) in all["components"].as_object().unwrap() {
        for name in parts.as_object().unwrap().keys() {
            assert!(references.contains(&format!("#/components/{kind}/{name}")), "nothing uses the {kind} `{name}`");
        }
    }
}

/// What was asked, by path and method as the description writes them, and what came back.
struct Probes {
    all: Value,
    met: BTreeSet<(String, String, String)>,
}

impl Probes {
    /// Holds `reply` against what is said of `method` on `path`.
    #[track_caller]
    fn note(&mut self, method: &str, path: &str, status: u16, reply: &Reply) {
        assert_eq!(reply.status, status, "{method} {path}: {}", String::from_utf8_lossy(&reply.body));
        let operations = operations(&self.all);
        let operation = operations[&(path.to_owned(), method.to_owned())];
        let told = operation["responses"].get(status.to_string());
        let told = told.unwrap_or_else(|| panic!("{method} {path}: {status} is not told"));
        for header in told.get("headers").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
            assert!(reply.header(header).is_some(), "{method} {path} {status}: no {header}");
        }
        let kind = reply.header("content-type").map(|kind| kind.split(';').next().unwrap());
        match (told.get("content"), kind) {
            (None, _) => assert!(reply.body.is_empty(), "{method} {path} {status}"),
            (Some(content), kind) => {
                let kind = kind.unwrap();
                let content = content.get(kind).unwrap_or_else(|| panic!("{method} {path} {status}: {kind}"));
                if let Some(schema) = content.get("schema") {
                    let (schema, body) = match schema.get("contentSchema") {
                        Some(parts) => (parts, Value::from(parts_of(reply.text()))),
                        None => (schema, reply.json()),
                    };
                    assert_eq!(fits(&self.all, schema, &body, "body"), Ok(()), "{method} {path} {status}");
                }
            }
        }
        self.met.insert((path.to_owned(), method.to_owned(), status.to_string()));
    }
}

fn later(shop: &Shop, seconds: i64) {
    shop.clock.advance_to(shop.clock.now() + SignedDuration::from_secs(seconds));
}

fn concrete(path: &str) -> String {
    path.replace("{slug}", WINTER.slug).replace("{name}", WINTER.slug)
}

/// Where the logos are.
const PICTURE: &str = "/brand/{name}";

/// The logo of a shop that has one.
async fn pictures(shop: &Shop, probes: &mut Probes) {
    let settings = configure_with(shop.fresh.folder.path(), &odette());
    let address = shop.also(&settings).await;
    let name = settings.shop.brand.pictures().next().unwrap().file_name().to_owned();
    let reply = get(address, &format!("/brand/{name}")).await;
    probes.note("GET", PICTURE, 200, &reply);
    let held = format!("Host: a\r\nIf-None-Match: {}\r\nConnection: close\r\n\r\n", reply.header("etag").unwrap());
    probes.note("GET", PICTURE, 304, &send(address, &format!("GET /brand/{name} HTTP/1.1\r\n{held}")).await);
    probes.note("GET", PICTURE, 404, &get(address, "/brand/none.png").await);
}

/// Gates and pages: everything that is looked at.
async fn look(shop: &Shop, probes: &mut Probes) {
    let all = probes.all.clone();
    for (path, method) in operations(&all).keys() {
        if method == "OPTIONS" {
            let request = format!("OPTIONS {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", concrete(path));
            probes.note(method, path, 204, &shop.send(&request).await);
        }
    }
    let kept: Vec<String> = operations(&all)
        .into_iter()
        .filter(|((_, method), operation)| method == "GET" && operation["responses"].get("304").is_some())
        .filter(|((path, _), _)| path != PICTURE)
        .map(|((path, _), _)| path)
        .collect();
    for path in &kept {
        let reply = shop.get(&concrete(path), "").await;
        probes.note("GET", path, 200, &reply);
        let held = format!("If-None-Match: {}\r\n", reply.header("etag").unwrap());
        probes.note("GET", path, 304, &shop.get(&concrete(path), &held).await);
        if path.contains('{') {
            probes.note("GET", path, 404, &shop.get(&path.replace(['{', '}'], ""), "").await);
        }
    }
    pictures(shop, probes).await;
    let feed = format!("/campaigns/{}.ics", WINTER.slug);
    probes.note("GET", "/campaigns/{name}", 200, &shop.get(&feed, "").await);
    probes.note("GET", "/campaigns/{name}", 404, &shop.get("/campaigns/none.ics", "").await);
    for path in ["/health", "/ready"] {
        probes.note("GET", path, 200, &shop.get(path, "").await);
    }
    for headers in ["", "Accept: application/openmetrics-text\r\n"] {
        probes.note("GET", "/metrics", 200, &shop.get_private("/metrics", headers).await);
    }
    let (all, one) = ("/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/{slug}");
    let flags = shop.post(all, JSON, "{}").await;
    probes.note("POST", all, 200, &flags);
    let held = format!("If-None-Match: {}\r\n", flags.header("etag").unwrap());
    probes.note("POST", all, 304, &shop.post(all, &held, "{}").await);
    probes.note("POST", one, 200, &shop.post(&concrete(one), JSON, "{}").await);
    probes.note("POST", one, 404, &shop.post(&one.replace(['{', '}'], ""), JSON, "{}").await);
    run_sql(&shop.fresh.url, "ALTER TABLE campaigns RENAME TO away");
    for path in [all, one] {
        probes.note("POST", path, 503, &shop.post(&concrete(path), JSON, "{}").await);
    }
    let of_the_store = |path: &&String| {
        !["/.well-known/jwks.json", "/carillon-gate.js", "/favicon.ico", "/robots.txt"].contains(&path.as_str())
    };
    for path in kept.iter().filter(of_the_store) {
        probes.note("GET", path, 503, &shop.get(&concrete(path), "").await);
    }
    probes.note("GET", "/campaigns/{name}", 503, &shop.get(&feed, "").await);
    probes.note("GET", "/ready", 503, &shop.get("/ready", "").await);
    run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO campaigns");
    // A link that no key at hand made, while nobody can tell whether all of them are.
    run_sql(&shop.fresh.url, "ALTER TABLE store_facts RENAME TO away");
    probes.note("GET", "/u/{token}", 503, &shop.get("/u/none", "").await);
    run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO store_facts");
}

/// The board, for who may look and for who may not.
async fn board(shop: &Shop, probes: &mut Probes) {
    let folder = shop.fresh.folder.path();
    let (open, closed) =
        (shop.board(&configure(folder)).await, shop.board(&configure_with_token(folder, "0123456789abcdef0123")).await);
    let ask = async |address, host: &str, path: &str| {
        send(address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
    };
    let sale = WINTER.slug;
    for (path, asked) in [
        ("/board", String::new()),
        ("/fr/board", String::new()),
        ("/en/board", String::new()),
        ("/fr/board/preview", String::new()),
        ("/en/board/preview", String::new()),
        ("/fr/board/page", String::new()),
        ("/en/board/page", String::new()),
        ("/board/letter", format!("?sale={sale}&mailing=opening&language=fr")),
    ] {
        probes.note("GET", path, 200, &ask(open, "localhost", &format!("{path}{asked}")).await);
        probes.note("GET", path, 403, &ask(open, "board.example.fr", path).await);
        probes.note("GET", path, 401, &ask(closed, "localhost", path).await);
    }
    for path in ["/fr/board/page", "/en/board/page"] {
        probes.note("GET", path, 400, &ask(open, "localhost", &format!("{path}?at=then")).await);
        probes.note("GET", path, 404, &ask(open, "localhost", &format!("{path}?sale=none")).await);
    }
    let letter = format!("/board/letter?sale={sale}&mailing=other&language=fr");
    probes.note("GET", "/board/letter", 500, &ask(open, "localhost", &letter).await);
    probes.note("GET", "/board/letter", 404, &ask(open, "localhost", "/board/letter").await);
}

/// Where the form is.
const FORMS: [&str; 6] = ["/join", "/join/", "/fr/join", "/fr/join/", "/en/join", "/en/join/"];

/// The form and the endpoint for shops.
async fn join(shop: &Shop, probes: &mut Probes) {
    let long = "a".repeat(20_000);
    let call = sign_up(shop, "b@example.fr", "fr").await;
    let time: String = url::form_urlencoded::byte_serialize(call["time"].as_str().unwrap().as_bytes()).collect();
    later(shop, 3);
    let good = format!("time={time}&email=camille%40example.fr");
    for path in FORMS {
        probes.note("GET", path, 200, &shop.get(path, "").await);
        probes.note("POST", path, 200, &shop.post(path, FORM, &good).await);
        probes.note("POST", path, 413, &shop.post(path, FORM, &long).await);
        probes.note("POST", path, 415, &shop.post(path, JSON, "{}").await);
        probes.note("POST", path, 422, &shop.post(path, FORM, &format!("time={time}&email=a")).await);
    }
    let path = "/join.json";
    probes.note("GET", path, 200, &shop.get(path, "").await);
    assert_eq!(fits(&probes.all, &probes.all["components"]["schemas"]["JoinCall"], &call, "call"), Ok(()));
    let (call, wrong) = (call.to_string(), call.to_string().replace("b@example.fr", "b"));
    for (status, kind, body) in
        [(202, JSON, &call), (400, JSON, &good), (413, JSON, &long), (415, FORM, &call), (422, JSON, &wrong)]
    {
        probes.note("POST", path, status, &shop.post(path, kind, body).await);
    }
    run_sql(&shop.fresh.url, "ALTER TABLE signups RENAME TO away");
    for path in FORMS {
        probes.note("POST", path, 503, &shop.post(path, FORM, &good).await);
    }
    probes.note("POST", path, 503, &shop.post(path, JSON, &call).await);
    run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO signups");
}

/// The links of letters.
async fn follow(shop: &Shop, probes: &mut Probes) {
    let letters = LetterSender { owner: "a".into(), keyring: shop.keyring.clone(), domain: "example.fr".into() };
    let now = shop.clock.now();
    let NextLetter::This(letter) = shop.store.write_blocking(|db| signups::take(db, &letters, now)).unwrap() else {
        panic!("a letter is due")
    };
    let member = member(shop);
    let soon = (now + SignedDuration::from_hours(240)).as_microsecond();
    run_sql(&shop.fresh.url, &format!("UPDATE members SET expires_at = {soon}"));
    let asked = shop.store.write_blocking(|db| {
        renewals::plan(db, now, 10)?;
        let asked = renewals::take(db, &letters, now)?.expect("somebody is asked");
        renewals::grant(db, &asked, now).map(|_| asked)
    });
    let links = [
        ("/renew/{token}", asked.unwrap().token.as_str().to_owned(), "renew=yes"),
        ("/confirm/{token}", letter.token.as_str().to_owned(), "confirm=yes"),
        ("/p/{token}", preferences_token(&shop.keyring, &member), "act=resume"),
        ("/u/{token}", unsubscribe_token(&shop.keyring, &member), "List-Unsubscribe=One-Click"),
    ];
    let of = |path: &str, token: &str| path.replace("{token}", token);
    for (path, token, body) in &links {
        let link = of(path, token);
        probes.note("GET", path, 200, &shop.get(&link, "").await);
        probes.note("POST", path, 400, &shop.post(&link, FORM, "a=b").await);
        probes.note("GET", path, 404, &shop.get(&of(path, "x"), "").await);
        probes.note("POST", path, 404, &shop.post(&of(path, "x"), FORM, body).await);
        if !path.starts_with("/confirm") && !path.starts_with("/renew") {
            probes.note("POST", path, 413, &shop.post(&link, FORM, &"a".repeat(20_000)).await);
        }
    }
    let choices = of(links[2].0, &links[2].1);
    probes.note("POST", links[2].0, 422, &shop.post(&choices, FORM, "act=pause&until=soon").await);
    for table in ["members", "signups"] {
        run_sql(&shop.fresh.url, &format!("ALTER TABLE {table} RENAME TO away_{table}"));
    }
    for (path, token, body) in &links {
        probes.note("POST", path, 503, &shop.post(&of(path, token), FORM, body).await);
        if !path.starts_with("/u/") {
            probes.note("GET", path, 503, &shop.get(&of(path, token), "").await);
        }
    }
    for table in ["members", "signups"] {
        run_sql(&shop.fresh.url, &format!("ALTER TABLE away_{table} RENAME TO {table}"));
    }
    for (path, token, body) in &links {
        probes.note("POST", path, 200, &shop.post(&of(path, token), FORM, body).await);
    }
    probes.note("POST", links[2].0, 409, &shop.post(&choices, FORM, "act=resume").await);
    // A token of ours that leads to nobody is answered like one that is not ours.
    let nobody = ConfirmToken::of(&shop.keyring, shop.keyring.current(), &[1; 16]).unwrap();
    probes.note("GET", "/confirm/{token}", 404, &shop.get(&of("/confirm/{token}", nobody.as_str()), "").await);
    let nobody = unsubscribe_token(&shop.keyring, &Pseudonym::from_random([1; 16]));
    probes.note("POST", "/u/{token}", 404, &shop.post(&of("/u/{token}", &nobody), FORM, "").await);
}

#[tokio::test]
async fn every_status_that_is_told_is_given() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let mut probes = Probes { all: description(), met: BTreeSet::new() };
    look(&shop, &mut probes).await;
    board(&shop, &mut probes).await;
    join(&shop, &mut probes).await;
    follow(&shop, &mut probes).await;
    let mut told = BTreeSet::new();
    for ((path, method), operation) in operations(&probes.all) {
        for status in operation["responses"].as_object().unwrap().keys() {
            told.insert((path.clone(), method.clone(), status.clone()));
        }
    }
    assert_eq!(told, probes.met);
}
