//! Gates and pages through the caches that shops put in front of them. What a visitor is told is right at every instant,
//! through each kind of cache and through two in a row.

use std::collections::BTreeMap;
use std::pin::Pin;

use jiff::{SignedDuration, Timestamp};

use crate::support::backend::Backend;
use crate::support::shop::{Applied, Reply, Shop, WINTER};

const GATE: &str = "/gates/journees-magiques-hiver-2027";
const PAGE: &str = "/campaigns/journees-magiques-hiver-2027";

/// What caches do differently. All keep an answer for as long as it says to shared caches.
#[derive(Clone, Copy, Debug)]
struct Habits {
    /// Says how long it has kept an answer.
    tells_age: bool,
    /// Hands on its own `Date`.
    own_date: bool,
    asks: Asking,
    /// Keeps an answer to the end of the second.
    counts_seconds: bool,
    /// Gives out what is over for so many seconds, once, while it asks again; unless the answer forbids it.
    grace: i64,
}

/// nginx, as it stands in most configurations.
const NGINX: Habits = Habits { tells_age: false, own_date: true, asks: Asking::Anew, counts_seconds: true, grace: 0 };
/// With `proxy_cache_revalidate on`.
const REVALIDATING: Habits = Habits { asks: Asking::ByTag, ..NGINX };
/// Varnish with its own configuration.
const VARNISH: Habits =
    Habits { tells_age: true, own_date: false, asks: Asking::ByTagForHeaders, counts_seconds: false, grace: 10 };
/// One that says nothing of the age of what it hands on.
const SILENT: Habits =
    Habits { tells_age: false, own_date: false, asks: Asking::ByTag, counts_seconds: false, grace: 10 };

/// How a cache asks for what it holds and is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    /// As if it held nothing.
    Anew,
    /// By the tag; on a 304 it keeps the headers that it has.
    ByTag,
    /// By the tag; on a 304 it takes the new headers.
    ByTagForHeaders,
}

struct Stored {
    reply: Reply,
    at: Timestamp,
    age: i64,
    until: Timestamp,
}

struct Cache {
    habits: Habits,
    stored: BTreeMap<String, Stored>,
}

/// The value of a directive of `Cache-Control`.
fn directive(reply: &Reply, name: &str) -> Option<i64> {
    let control = reply.header("cache-control")?;
    control.split(',').find_map(|word| word.trim().strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

/// The reply with a header in the place of another of that name.
fn with(reply: &Reply, name: &str, value: &str) -> Reply {
    let others: Vec<&str> = reply.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with(name)).collect();
    Reply { head: format!("{}\r\n{name}: {value}", others.join("\r\n")), ..reply.clone() }
}

type Answering<'a> = Pin<Box<dyn Future<Output = Reply> + 'a>>;

/// What the first of `caches` answers, or the shop when there is none.
fn ask<'a>(caches: &'a mut [Cache], shop: &'a Shop, path: &'a str, tag: Option<String>) -> Answering<'a> {
    Box::pin(async move {
        let Some((first, behind)) = caches.split_first_mut() else {
            let held = tag.map_or_else(String::new, |tag| format!("If-None-Match: {tag}\r\n"));
            return shop.get(path, &held).await;
        };
        let now = shop.clock.now();
        if first.stored.get(path).is_none_or(|stored| now >= stored.until) {
            let old = first.stored.get(path).filter(|stored| {
                let swr = directive(&stored.reply, "stale-while-revalidate").unwrap_or(first.habits.grace);
                now < stored.until + SignedDuration::from_secs(swr)
            });
            let stale = old.map(|stored| first.hand_on(stored, now));
            let tag = first.stored.get(path).filter(|_| first.habits.asks != Asking::Anew);
            let tag = tag.and_then(|stored| stored.reply.header("etag")).map(str::to_owned);
            let fetched = ask(behind, shop, path, tag).await;
            first.store(path, &fetched, now);
            if let Some(stale) = stale {
                return stale;
            }
            if fetched.status != 304 {
                return fetched;
            }
        }
        first.hand_on(&first.stored[path], now)
    })
}

impl Cache {
    fn store(&mut self, path: &str, fetched: &Reply, now: Timestamp) {
        let age: i64 = fetched.header("age").map_or(0, |age| age.parse().unwrap());
        let keep = directive(fetched, "s-maxage").or_else(|| directive(fetched, "max-age")).unwrap_or_default() - age;
        let mut until = now + SignedDuration::from_secs(keep);
        if self.habits.counts_seconds && keep > 0 {
            until = Timestamp::from_second(until.as_second() + 1).unwrap();
        }
        // What may not be kept leaves what is there, which is over.
        if keep <= 0 {
            return;
        }
        let confirmed = self.stored.get(path).filter(|_| fetched.status == 304);
        let reply = match confirmed {
            Some(stored) if self.habits.asks == Asking::ByTagForHeaders => {
                Reply { status: 200, body: stored.reply.body.clone(), ..fetched.clone() }
            }
            Some(stored) => stored.reply.clone(),
            None => fetched.clone(),
        };
        self.stored.insert(path.to_owned(), Stored { reply, at: now, age, until });
    }

    fn hand_on(&self, stored: &Stored, now: Timestamp) -> Reply {
        let mut reply = stored.reply.clone();
        if self.habits.own_date {
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
            reply = with(&reply, "date", &date);
        }
        if self.habits.tells_age {
            reply = with(&reply, "age", &(stored.age + now.duration_since(stored.at).as_secs()).to_string());
        }
        reply
    }
}

fn chain(habits: &[Habits]) -> Vec<Cache> {
    habits.iter().map(|habits| Cache { habits: *habits, stored: BTreeMap::new() }).collect()
}

/// Every cache, and every cache behind every other.
fn chains() -> Vec<Vec<Habits>> {
    let kinds = [NGINX, REVALIDATING, VARNISH, SILENT];
    let pairs = kinds.iter().flat_map(|first| kinds.map(|second| vec![*first, second]));
    kinds.map(|kind| vec![kind]).into_iter().chain(pairs).collect()
}

/// Whether a page shows the sale open: what is for later is in templates.
fn page_is_open(page: &Reply) -> bool {
    page.text().split("<template").next().unwrap().contains("class=\"state open\"")
}

fn opens() -> Timestamp {
    "2027-01-02T07:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn an_opening_is_seen_at_the_instant_through_every_cache() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-02T06:59:00Z").await;
    let mut all: Vec<_> = chains().into_iter().map(|habits| (chain(&habits), habits)).collect();
    // Visitors come at odd moments, so that answers are fetched at every distance from the opening.
    for step in 0_i64..220 {
        let now = opens() + SignedDuration::from_millis(-60_000 + step * 370);
        shop.clock.advance_to(now);
        for (number, (caches, habits)) in all.iter_mut().enumerate() {
            if (step + i64::try_from(number).unwrap()) % 3 == 0 {
                continue;
            }
            let gate = ask(caches, &shop, GATE, None).await;
            assert_eq!(gate.json()["open"], now >= opens(), "{GATE} at {now} through {habits:?}: {}", gate.head);
            let page = ask(caches, &shop, PAGE, None).await;
            assert_eq!(page_is_open(&page), now >= opens(), "{PAGE} at {now} through {habits:?}: {}", page.head);
        }
    }
}

#[tokio::test]
async fn a_cancellation_is_seen_within_seconds_through_every_cache() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let mut all: Vec<_> = chains().into_iter().map(|habits| (chain(&habits), habits)).collect();
    let cancelled: Timestamp = "2027-01-03T10:00:15Z".parse().unwrap();
    for second in 0..60 {
        let now = cancelled + SignedDuration::from_secs(second - 15);
        shop.clock.advance_to(now);
        if now == cancelled {
            let (opens, closes, _) = WINTER.window;
            Applied { window: (opens, closes, Some("2027-01-03T10:00:15Z")), ..WINTER }.put(&shop.fresh.url);
        }
        for (caches, habits) in &mut all {
            let gate = ask(caches, &shop, GATE, None).await;
            // Ten seconds in each, and one more where only whole seconds count.
            let known_by = cancelled + SignedDuration::from_secs(11 * i64::try_from(habits.len()).unwrap());
            if now < cancelled {
                assert_eq!(gate.json()["open"], true);
            } else if now > known_by {
                assert_eq!(gate.json()["open"], false, "at {now} through {habits:?}: {}", gate.head);
            }
        }
    }
}

/// What a script can know of the time by an answer, as the one of our pages reckons it.
fn told(reply: &Reply) -> Timestamp {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let date = parser.parse_timestamp(reply.header("date").unwrap()).unwrap();
    let age: i64 = reply.header("age").map_or(0, |age| age.parse().unwrap());
    let exact: Timestamp = reply.header("carillon-time").unwrap().parse().unwrap();
    let told = if exact.as_second() == date.as_second() { exact } else { date };
    told + SignedDuration::from_secs(age)
}

#[tokio::test]
async fn the_time_is_known_to_a_second_behind_a_cache_and_never_ahead() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-01T10:00:00.123Z").await;
    assert_eq!(told(&shop.get(GATE, "").await), shop.clock.now(), "asked directly it is exact");
    for habits in [NGINX, REVALIDATING, VARNISH] {
        let mut caches = chain(&[habits]);
        for _ in 0..60 {
            shop.clock.advance_to(shop.clock.now() + SignedDuration::from_millis(730));
            let slow = shop.clock.now().duration_since(told(&ask(&mut caches, &shop, GATE, None).await));
            assert!(slow >= SignedDuration::ZERO && slow < SignedDuration::from_secs(1), "{slow} through {habits:?}");
        }
    }
}

#[tokio::test]
async fn what_is_sent_does_not_hold_the_time() {
    let shop = Shop::open(Backend::Sqlite, "2026-12-01T10:00:00Z").await;
    let mut before = Vec::new();
    for path in [GATE, "/gates", PAGE, "/en/campaigns/journees-magiques-hiver-2027", "/", "/en"] {
        before.push((path, shop.get(path, "").await));
    }
    shop.at("2026-12-24T17:31:12.345Z");
    for (path, early) in before {
        let later = shop.get(path, "").await;
        assert_eq!(early.body, later.body, "{path}");
        assert_eq!(early.header("etag"), later.header("etag"), "{path}");
        assert!(!early.header("etag").unwrap().starts_with("W/"), "{path}");
    }
}
