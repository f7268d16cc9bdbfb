//! What a monitoring system collects: it is what happened, it is whole, it is read by others, and it names nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use carillon::db::{members, problems};
use carillon::delivery::providers::{counted_under, domains_of};
use carillon::http::{App, DaemonSeen, DaemonWatch, Pages};
use carillon::member::{preferences_token, unsubscribe_token};
use carillon::metrics::{Metric, MetricKind};
use carillon::problem::ProblemKind;
use carillon::sending::answers::{RelayAnswer, RelayAnswers};
use carillon::sending::dispatcher::Dispatcher;
use carillon::smtp::Limits;
use carillon::transport::Transport;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::support::backend::{Backend, both};
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::{Shop, get, run_sql, send, watched};
use crate::support::world::{ANNOUNCED, World};

const OPEN_METRICS: &str = "Accept: application/openmetrics-text; version=1.0.0\r\n";

/// A shop that is watched, and a dispatcher that counts for it.
struct Watched {
    world: World,
    dispatcher: Dispatcher,
    address: std::net::SocketAddr,
    stop: CancellationToken,
}

impl Watched {
    fn new(backend: Backend, addresses: &[&str], relay: &Relay) -> Self {
        Self::of(World::new(backend, addresses), relay)
    }

    fn of(world: World, relay: &Relay) -> Self {
        let limits = Limits { command: Duration::from_millis(200), ..Limits::default() };
        let answers = Arc::new(RelayAnswers::default());
        let transport = Transport::smtp(&relay.settings(), limits).unwrap();
        let dispatcher = world.dispatcher("one", transport).counting_in(Arc::clone(&answers));
        let seen = || DaemonSeen {
            idle: vec![("planner".to_owned(), Duration::from_millis(1500))],
            met: BTreeSet::from([ProblemKind::ReportsUnread]),
            put_behind: Some(Duration::from_secs(75)),
        };
        let app = App::new(&world.settings, world.store.clone(), world.keyring.clone(), world.clock.clone()).unwrap();
        let app = app.with_watch(DaemonWatch::new(seen, answers)).with_holds(Arc::new(world.holds()));
        let stop = CancellationToken::new();
        let (pages, shutdown) = (world.runtime.block_on(async { Pages::new(app) }), stop.clone());
        let address = world.runtime.block_on(watched(pages.private(), shutdown));
        Self { world, dispatcher, address, stop }
    }

    /// What is told in the format that `headers` ask for.
    fn text(&self, headers: &str) -> String {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n");
        let reply = self.world.runtime.block_on(send(self.address, &request));
        assert_eq!(reply.status, 200);
        reply.text().to_owned()
    }

    /// What is told once the queue has been counted again.
    fn look(&self) -> Told {
        let begun = Instant::now();
        loop {
            let told = Told::of(&self.text(""));
            if told.0["carillon_queue_count_age_seconds"] < begun.elapsed().as_secs_f64() {
                return told;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Whether two values are told alike.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// The samples of a text, by what stands before the value.
struct Told(BTreeMap<String, f64>);

impl Told {
    fn of(text: &str) -> Self {
        let mut told = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let before = told.insert(series.to_owned(), value.parse().unwrap());
            assert_eq!(before, None, "{series} is told twice");
        }
        Self(told)
    }

    #[track_caller]
    fn expect(&self, expected: &[(&str, f64)]) {
        for (series, value) in expected {
            let found = self.0.get(*series);
            let is_so = found.is_some_and(|found| same(*found, *value));
            assert!(is_so, "{series}: {found:?}, not {value}; told are {:#?}", self.0);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.keys().any(|series| series.split('{').next() == Some(name))
    }

    /// The sum of the series of `name`.
    fn sum(&self, name: &str) -> f64 {
        let of_name = self.0.iter().filter(|(series, _)| series.split('{').next() == Some(name));
        of_name.map(|(_, value)| value).sum()
    }
}

/// An address at a provider that we know.
fn at_orange() -> String {
    format!("anna@{}", domains_of("Orange")[0])
}

both!(a_letter_that_waits_for_the_end_of_quiet_hours_is_not_late, |backend| {
    let relay = Relay::start();
    let mut world = World::new(backend, &["anna@example.fr"]);
    world.settings.mail.quiet_hours = Some("21:00-10:30".parse().unwrap());
    let shop = Watched::of(world, &relay);
    shop.world.at("2027-01-01T09:10:00Z");
    shop.world.plan();
    assert!(!shop.look().has("carillon_first_letter_late_seconds"));
    // It is half past ten in Paris at 9:30.
    shop.world.at("2027-01-01T09:31:00Z");
    shop.world.plan();
    shop.look().expect(&[("carillon_first_letter_late_seconds{campaign=\"hiver\",mailing=\"announcement\"}", 60.0)]);
});

both!(what_is_told_is_what_happened, |backend| {
    let (relay, orange) = (Relay::start(), at_orange());
    let addresses =
        ["bela@example.com", "refuse@example.fr", "greylist@example.org", "drop-after-dot@example.net", &orange];
    let shop = Watched::new(backend, &addresses, &relay);
    let world = &shop.world;
    let late = "carillon_first_letter_late_seconds{campaign=\"hiver\",mailing=\"announcement\"}";
    let told = shop.look();
    told.expect(&[
        ("carillon_mailings{state=\"planned\"}", 2.0),
        ("carillon_oldest_due_seconds", 0.0),
        ("carillon_next_change_seconds{of=\"mailing\"}", 86_400.0),
        // The gate opens at 8:00 in Paris on 2 January.
        ("carillon_next_change_seconds{of=\"gate\"}", 165_600.0),
        ("carillon_store_readable", 1.0),
        ("carillon_clock_believed", 1.0),
        ("carillon_sending_held", 0.0),
        ("carillon_loop_idle_seconds{loop=\"planner\"}", 1.5),
        ("carillon_problems{kind=\"reports-unread\",severity=\"warning\"}", 1.0),
    ]);
    assert!(same(told.sum("carillon_queue_deliveries"), 0.0) && !told.has("carillon_first_letter_late_seconds"));

    // Ninety seconds late, everybody waits.
    world.at("2027-01-01T09:01:30Z");
    shop.look().expect(&[(late, 90.0), ("carillon_mailings{state=\"planned\"}", 2.0)]);
    world.plan();
    let told = shop.look();
    told.expect(&[
        ("carillon_queue_deliveries{state=\"queued\",provider=\"other\"}", 4.0),
        ("carillon_queue_deliveries{state=\"queued\",provider=\"Orange\"}", 1.0),
        ("carillon_mailings{state=\"sending\"}", 1.0),
        ("carillon_oldest_due_seconds", 90.0),
        (late, 90.0),
    ]);
    assert!(same(told.sum("carillon_queue_deliveries"), 5.0));

    world.drain(&shop.dispatcher);
    world.plan();
    let now = world.clock.now();
    world.store.write_blocking(|db| problems::settle(db, now)).unwrap();
    let after_it = [
        ("carillon_relay_answers_total{answer=\"accepted\",provider=\"other\"}", 1.0),
        ("carillon_relay_answers_total{answer=\"accepted\",provider=\"Orange\"}", 1.0),
        ("carillon_relay_answers_total{answer=\"refused\",provider=\"other\"}", 1.0),
        ("carillon_relay_answers_total{answer=\"deferred\",provider=\"other\"}", 1.0),
        ("carillon_relay_answers_total{answer=\"in-doubt\",provider=\"other\"}", 1.0),
        ("carillon_queue_deliveries{state=\"deferred\",provider=\"other\"}", 1.0),
        ("carillon_deliveries_in_doubt", 1.0),
        ("carillon_problems{kind=\"deliveries-in-doubt\",severity=\"warning\"}", 1.0),
        ("carillon_problems_unacknowledged{kind=\"deliveries-in-doubt\",severity=\"warning\"}", 1.0),
        (late, 90.0),
    ];
    let told = shop.look();
    told.expect(&after_it);
    assert!(same(told.sum("carillon_relay_answers_total"), 5.0) && same(told.sum("carillon_queue_deliveries"), 1.0));

    // The deferred one goes, an hour later; that the mailing began late stays as it was.
    world.clock.advance_to(now + SignedDuration::from_hours(1));
    world.plan();
    let told = shop.look();
    told.expect(&[(late, 90.0)]);
    assert!(
        (2_400.0..3_100.0).contains(&told.0["carillon_oldest_due_seconds"]),
        "a relay that greylists is given ten minutes"
    );
    world.drain(&shop.dispatcher);
    world.plan();
    shop.look().expect(&[
        ("carillon_relay_answers_total{answer=\"accepted\",provider=\"other\"}", 2.0),
        ("carillon_mailings{state=\"finished\"}", 1.0),
        ("carillon_oldest_due_seconds", 0.0),
        (late, 90.0),
    ]);

    // Nobody is there when the other one is due.
    world.at("2027-03-01T09:00:00Z");
    world.plan();
    let told = shop.look();
    told.expect(&[
        ("carillon_mailings{state=\"missed\"}", 1.0),
        ("carillon_problems{kind=\"mailing-missed\",severity=\"critical\"}", 1.0),
    ]);
    assert!(!told.has("carillon_first_letter_late_seconds") && !told.has("carillon_next_change_seconds"));
});

both!(nobody_is_named_and_there_is_an_end_to_it, |backend| {
    let (relay, orange) = (Relay::start(), at_orange());
    let addresses = ["bela@maison.example.com", "refuse@example.fr", "defer@xn--bcher-kva.example", &orange];
    let shop = Watched::new(backend, &addresses, &relay);
    shop.world.at(ANNOUNCED);
    shop.world.plan();
    shop.world.drain(&shop.dispatcher);
    let people = shop.world.store.read_blocking(|db| members::list(db, None, 0, 100)).unwrap();
    let mut never = vec!["@".to_owned(), "example".to_owned(), "xn--".to_owned(), domains_of("Orange")[0].to_owned()];
    for address in addresses {
        never.push(address.split('@').next().unwrap().to_owned());
    }
    for person in &people {
        never.push(person.pseudonym.to_string());
        never.push(unsubscribe_token(&shop.world.keyring, &person.pseudonym).clone());
        never.push(preferences_token(&shop.world.keyring, &person.pseudonym).clone());
    }
    never.retain(|word| word != "refuse" && word != "defer");
    for text in [shop.text(""), shop.text(OPEN_METRICS)] {
        for word in &never {
            assert!(!text.contains(word.as_str()), "{word} in\n{text}");
        }
        // Two mailings of one campaign; each further one of a week adds a line, up to fifty.
        assert!(Told::of(&text).0.len() < 400, "{}", Told::of(&text).0.len());
        let providers = text.lines().filter_map(|line| Some(line.split_once("provider=\"")?.1.split_once('"')?.0));
        let providers: BTreeSet<&str> = providers.collect();
        assert_eq!(providers, counted_under());
    }
});

/// What whoever reads a text of this format expects of it, in so far as a mistake is likely.
fn check_form(text: &str, is_new: bool) {
    let mut described = BTreeSet::new();
    let mut current: Option<Metric> = None;
    let mut order = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            let known = Metric::ALL.into_iter().find(|metric| {
                let suffix = if metric.traits().kind == MetricKind::Counter && !is_new { "_total" } else { "" };
                name == format!("{}{suffix}", metric.traits().name)
            });
            current = Some(known.unwrap_or_else(|| panic!("{name} is on no list")));
            assert_eq!(kind, known.unwrap().traits().kind.name());
            assert!(described.insert(name.to_owned()), "{name} is described twice");
            order.push(known.unwrap());
        } else if !line.starts_with('#') {
            let metric = current.unwrap();
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(metric.sample_names().iter().any(|known| known == name), "{line} is under {metric:?}");
            let labels = line.split_once('{').map_or("", |(_, rest)| rest.rsplit_once('}').unwrap().0);
            let named: Vec<&str> = labels
                .split("\",")
                .filter_map(|label| Some(label.split_once('=')?.0))
                .filter(|it| *it != "le")
                .collect();
            assert_eq!(named, metric.traits().labels, "{line}");
        }
    }
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(text.ends_with("\n# EOF\n"), is_new);
    assert_eq!(order, Metric::ALL, "every metric is told of a daemon that sends");
}

#[test]
fn every_metric_is_told_in_both_formats() {
    let relay = Relay::start();
    let shop = Watched::new(Backend::Sqlite, &["bela@example.com"], &relay);
    shop.world.at(ANNOUNCED);
    shop.world.plan();
    shop.world.drain(&shop.dispatcher);
    let text = shop.text("");
    check_form(&text, false);
    check_form(&shop.text(OPEN_METRICS), true);
    // A program that knows the rules better, where it is installed.
    let Some(said) = promtool(&["check", "metrics"], &text) else { return };
    assert_eq!(said, "");
}

/// What `promtool` says of `input`; `None` where it is not installed. It must be content.
fn promtool(arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().ok()?;
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    Some(said)
}

#[test]
fn names_are_given_once() {
    let names: BTreeSet<&str> = Metric::ALL.into_iter().map(|metric| metric.traits().name).collect();
    assert_eq!(names.len(), Metric::ALL.len());
    for metric in Metric::ALL {
        let traits = metric.traits();
        assert!(traits.name.starts_with("carillon_") && traits.help.ends_with('.'), "{traits:?}");
    }
    let answers: BTreeSet<&str> = RelayAnswer::ALL.into_iter().map(RelayAnswer::name).collect();
    assert_eq!(answers.len(), RelayAnswer::ALL.len());
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    run_sql(&shop.fresh.url, "ALTER TABLE mailings RENAME TO away");
    let reply = shop.get_private("/metrics", "").await;
    let told = Told::of(reply.text());
    told.expect(&[("carillon_store_readable", 0.0)]);
    for metric in [Metric::Mailings, Metric::DeliveriesInDoubt, Metric::OldestDueAge, Metric::ClockBelieved] {
        assert!(!told.has(metric.traits().name), "{metric:?}");
    }
    assert!(!reply.text().contains("mailing-missed") && told.has("carillon_problems"), "{}", reply.text());
    run_sql(&shop.fresh.url, "ALTER TABLE away RENAME TO mailings");
    let told = Told::of(shop.get_private("/metrics", "").await.text());
    told.expect(&[("carillon_store_readable", 1.0), ("carillon_mailings{state=\"planned\"}", 0.0)]);
}

#[tokio::test]
async fn requests_are_counted_and_not_looked_at() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let gate = format!("/gates/{}", crate::support::shop::WINTER.slug);
    let first = shop.get(&gate, "").await;
    for _ in 0..3 {
        shop.get(&gate, "").await;
    }
    shop.get(&gate, &format!("If-None-Match: {}\r\n", first.header("etag").unwrap())).await;
    shop.get("/gates/nothing", "").await;
    shop.get("/u/nobody", "").await;
    shop.get("/", "").await;
    shop.get_private("/health", "").await;
    let told = Told::of(shop.get_private("/metrics", "").await.text());
    let count =
        |area: &str, status: &str| format!("carillon_http_requests_total{{area=\"{area}\",status=\"{status}\"}}");
    for (area, status, expected) in [
        ("gates", "2xx", 4.0),
        ("gates", "3xx", 1.0),
        ("gates", "4xx", 1.0),
        ("leaving", "4xx", 1.0),
        ("pages", "2xx", 1.0),
        ("probes", "2xx", 0.0),
    ] {
        told.expect(&[(&count(area, status), expected)]);
    }
    assert!(told.sum("carillon_store_duration_seconds_count") > 1.0);
}

#[tokio::test]
async fn what_is_private_is_nowhere_else() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    assert_eq!(shop.get("/metrics", "").await.status, 404);
    for path in ["/health", "/ready", "/metrics"] {
        let reply = shop.get_private(path, "").await;
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{path}");
    }
    for path in ["/", "/gates", "/u/x", "/join"] {
        assert_eq!(get(shop.private, path).await.status, 404, "{path}");
    }
}

/// What is answered at the socket of a shop's daemon.
fn at_socket(shop: &House, path: &str) -> Option<String> {
    let mut stream = UnixStream::connect(shop.folder.join("carillon.sock")).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

both!(a_daemon_is_watched_at_a_socket, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 5, relay.port());
    shop.change("# [private]", "[private]\nlisten = \"unix:carillon.sock\"\n#");
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    shop.wait_until_ready();
    shop.wait_until_finished();
    let mode = std::fs::metadata(shop.folder.join("carillon.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert!(at_socket(&shop, "/ready").unwrap().starts_with("HTTP/1.1 200"));
    let body = || at_socket(&shop, "/metrics").unwrap().split_once("\r\n\r\n").unwrap().1.to_owned();
    // Every part of it is told of once it has been looked at.
    wait_for(|| {
        Told::of(&body()).0.keys().filter(|series| series.starts_with("carillon_loop_idle_seconds")).count() == 14
    });
    let told = Told::of(&body());
    told.expect(&[
        ("carillon_relay_answers_total{answer=\"accepted\",provider=\"other\"}", 5.0),
        ("carillon_mailings{state=\"finished\"}", 1.0),
        ("carillon_sending_held", 0.0),
    ]);
    assert!(told.has("carillon_first_letter_late_seconds"));
    assert!(told.0["carillon_store_duration_seconds_count{operation=\"write\"}"] > 1.0);

    // What was counted stays counted when the configuration is read anew; where it is told needs a restart.
    let before = told.0["carillon_http_requests_total{area=\"probes\",status=\"2xx\"}"];
    shop.change("\"Boutique Exemple\"", "\"Boutique Nouvelle\"");
    shop.change("listen = \"unix:carillon.sock", "listen = \"unix:other.sock");
    daemon.signal("-HUP");
    wait_for(|| shop.get("/en").contains("Boutique Nouvelle"));
    wait_for(|| shop.run(&["problem", "list"]).contains("`listen` in `[private]`"));
    let told = Told::of(&body());
    assert!(told.0["carillon_http_requests_total{area=\"probes\",status=\"2xx\"}"] >= before);
    told.expect(&[("carillon_relay_answers_total{answer=\"accepted\",provider=\"other\"}", 5.0)]);
    shop.change("listen = \"unix:other.sock", "listen = \"unix:carillon.sock");

    // A killed daemon leaves its socket, and the next one takes its place; one that stops takes it along.
    daemon.kill();
    assert!(shop.folder.join("carillon.sock").exists());
    let daemon = shop.daemon_with_log();
    wait_for(|| at_socket(&shop, "/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!shop.folder.join("carillon.sock").exists());
});
