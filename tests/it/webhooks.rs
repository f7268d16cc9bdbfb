//! Signed calls of other programs: at least once, to nobody but whom the operator has named, and never inwards by accident.

use carillon::alert::{Alert, AlertChannel, AlertItem, News};
use carillon::clock::Clock;
use carillon::config::{CallTarget, Overrides, Settings, WebhookSettings};
use carillon::db::alerts::Teller;
use carillon::db::gates_told;
use carillon::db::problems::{self, WhichProblems};
use carillon::gate::GateNews;
use carillon::keys::WebhookSecret;
use carillon::problem::{Problem, ProblemKind, Severity};
use carillon::sending::alerts::AlertSenders;
use carillon::text::WebAddress;
use carillon::webhook::{CallFailure, WebhookMessage, WebhookSender};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::receiver::{Call, Receiver};
use crate::support::relay::{Relay, certified};
use crate::support::shop::{Applied, run_sql};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// `call` is signed as its secret says.
#[track_caller]
fn check_signature(call: &Call) {
    let at = Timestamp::from_second(call.header("webhook-timestamp").parse().unwrap()).unwrap();
    let secret = WebhookSecret::parse(SECRET).unwrap();
    let signature = secret.sign(call.header("webhook-id"), at, call.body.as_bytes());
    assert_eq!(call.header("webhook-signature"), signature);
}

fn settings(receiver: &Receiver, host: &str, private_addresses: bool) -> WebhookSettings {
    let scheme = if host == "127.0.0.1" { "http" } else { "https" };
    let url = WebAddress::parse(&format!("{scheme}://{host}:{}/hooks?a=b", receiver.port)).unwrap();
    WebhookSettings {
        target: CallTarget { url, ca_file: None, private_addresses },
        secret: WebhookSecret::parse(SECRET).unwrap(),
    }
}

fn leading_to(url: WebAddress, settings: WebhookSettings) -> WebhookSettings {
    WebhookSettings { target: CallTarget { url, ..settings.target }, ..settings }
}

fn message() -> WebhookMessage {
    let at = "2027-01-02T03:01:00Z".parse().unwrap();
    WebhookMessage::new("test", &["one", "two"], at, "{\"a\":1}".to_owned())
}

#[tokio::test]
async fn a_call_is_signed_and_named() {
    let receiver = Receiver::start(None);
    let sender = WebhookSender::new(&settings(&receiver, "127.0.0.1", true)).unwrap();
    assert_eq!(sender.tell(&message()).await.unwrap().as_u16(), 204);
    sender.tell(&WebhookMessage { at: "2027-01-02T03:09:00Z".parse().unwrap(), ..message() }).await.unwrap();
    let calls = receiver.calls();
    assert!(calls[0].head.starts_with("POST /hooks?a=b HTTP/1.1\r\n"), "{}", calls[0].head);
    assert_eq!(calls[0].header("host"), format!("127.0.0.1:{}", receiver.port));
    assert_eq!((calls[0].header("content-type"), calls[0].body.as_str()), ("application/json", "{\"a\":1}"));
    assert_eq!(calls[0].header("webhook-timestamp"), "1798858860");
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"), "it is the same when it is told again");
    assert_ne!(calls[0].header("webhook-signature"), calls[1].header("webhook-signature"));
    calls.iter().for_each(check_signature);
}

#[tokio::test]
async fn only_success_is_success_and_no_redirect_is_followed() {
    let receiver = Receiver::start(None);
    let sender = WebhookSender::new(&settings(&receiver, "127.0.0.1", true)).unwrap();
    for status in ["302 Found", "307 Temporary Redirect", "410 Gone", "500 Internal Server Error"] {
        receiver.answers(status);
        let failure = sender.tell(&message()).await.unwrap_err();
        assert!(failure.to_string().contains(&format!("`127.0.0.1` answers with {status}")), "{failure}");
    }
    assert_eq!(receiver.calls().len(), 4);
    // Nobody there, and somebody who hangs up.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let url = WebAddress::parse(&format!("http://127.0.0.1:{port}/secret-path")).unwrap();
    let sender = WebhookSender::new(&leading_to(url, settings(&receiver, "127.0.0.1", true))).unwrap();
    let failure = sender.tell(&message()).await.unwrap_err();
    assert!(matches!(failure, CallFailure::Unreachable { .. }) && !failure.to_string().contains("secret"), "{failure}");
}

#[tokio::test]
async fn a_name_that_leads_inwards_is_not_followed() {
    let receiver = Receiver::start(None);
    for host in ["localhost", "127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254"] {
        let url = WebAddress::parse(&format!("https://{host}:{}/", receiver.port)).unwrap();
        let sender = WebhookSender::new(&leading_to(url, settings(&receiver, "127.0.0.1", false))).unwrap();
        let failure = sender.tell(&message()).await.unwrap_err();
        assert!(matches!(failure, CallFailure::Inner { .. }), "{host}: {failure}");
    }
    assert_eq!(receiver.calls().len(), 0);
}

#[tokio::test]
async fn a_certificate_is_checked() {
    let (folder, acceptor) = certified("localhost");
    let receiver = Receiver::start(Some(acceptor));
    let unknown = WebhookSender::new(&settings(&receiver, "localhost", true)).unwrap();
    assert!(matches!(unknown.tell(&message()).await, Err(CallFailure::Unreachable { .. })));
    let mut known = settings(&receiver, "localhost", true);
    known.target.ca_file = Some(folder.path().join("ca.pem"));
    assert_eq!(WebhookSender::new(&known).unwrap().tell(&message()).await.unwrap().as_u16(), 204);
    WebhookSender::new(&known).unwrap().reach().await.unwrap();
    assert_eq!(receiver.calls().len(), 1);
}

/// Writes `tables` behind the configuration in `folder`, and the secret that they name.
fn with_webhooks(folder: &std::path::Path, tables: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("carillon.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n{tables}")).unwrap();
    let secret = folder.join("webhook.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn table(name: &str, port: u16) -> String {
    format!(
        "[{name}]\nurl = \"http://127.0.0.1:{port}/\"\nsecret_file = \"webhook.secret\"\nprivate_addresses = true\n"
    )
}

#[test]
fn a_webhook_that_cannot_be_used_is_found_at_its_line() {
    let fresh = Fresh::empty(Backend::Sqlite);
    let folder = fresh.folder.path();
    crate::support::shop::configure(folder);
    let path = folder.join("carillon.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let load = || Settings::load(&path, &Overrides::default());
    for (tables, said) in [
        (table("gate.webhook", 1).replace("private_addresses = true", ""), "what is told there would not be encrypted"),
        (
            table("alerts.webhook", 1).replace("127.0.0.1", "hooks.example.net"),
            "what is told there would not be encrypted",
        ),
        (table("gate.webhook", 1).replace("webhook.secret", "none.secret"), "cannot be read"),
        (table("gate.webhook", 1).replace("webhook.secret", "carillon.toml"), "mode"),
    ] {
        with_webhooks(folder, &tables);
        let error = load().unwrap_err().to_string();
        assert!(error.contains(said) || error.contains("chmod"), "{tables}: {error}");
        std::fs::write(&path, &text).unwrap();
    }
    with_webhooks(folder, &table("gate.webhook", 1));
    std::fs::write(folder.join("webhook.secret"), "whsec_c2hvcnQ=\n").unwrap();
    let error = load().unwrap_err().to_string();
    assert!(error.contains("`secret_file` in `[gate.webhook]`: there is no secret of the form"), "{error}");
    assert!(!error.contains("c2hvcnQ"), "{error}");
}

#[tokio::test]
async fn an_alert_is_told_by_a_webhook() {
    let receiver = Receiver::start(None);
    let fresh = Fresh::empty(Backend::Sqlite);
    crate::support::shop::configure(fresh.folder.path());
    with_webhooks(fresh.folder.path(), &table("alerts.webhook", receiver.port));
    let settings = Settings::load(&fresh.folder.path().join("carillon.toml"), &Overrides::default()).unwrap();
    let senders = AlertSenders::new(&settings);
    assert_eq!(senders.channels(), [AlertChannel::Webhook]);
    let at: Timestamp = "2027-01-02T03:01:00Z".parse().unwrap();
    let problem = Problem::new(ProblemKind::MailUnusable, "daemon-1", "no relay", "mend it");
    let item = AlertItem {
        news: News::Began,
        id: Some(7),
        severity: Severity::Critical,
        title: "the relay or the outbox cannot be used",
        problem,
        since: at,
        until: None,
    };
    let alert = |at| Alert { shop: "Maison".into(), at, test: false, problems: vec![item.clone()] };
    receiver.answers("503 Service Unavailable");
    assert!(senders.tell(AlertChannel::Webhook, &alert(at)).await.outcome.is_err());
    let later = alert(at + SignedDuration::from_mins(1));
    assert!(senders.tell(AlertChannel::Webhook, &later).await.outcome.is_ok());
    let calls = receiver.calls();
    calls.iter().for_each(check_signature);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    let told = calls[1].json();
    assert_eq!((&told["type"], &told["data"]["shop"]), (&"alert".into(), &"Maison".into()));
    assert_eq!(told["data"]["problems"][0]["kind"], "mail-unusable");
    // A day later it is told again, and whoever gets it must not take it for the same.
    let repeated = alert(at + SignedDuration::from_hours(24));
    assert!(senders.tell(AlertChannel::Webhook, &repeated).await.outcome.is_ok());
    assert_ne!(receiver.calls()[2].header("webhook-id"), calls[1].header("webhook-id"));
}

#[test]
fn a_test_of_the_alerts_tries_the_webhook() {
    let receiver = Receiver::start(None);
    let fresh = Fresh::empty(Backend::Sqlite);
    let folder = fresh.folder.path();
    crate::support::shop::configure(folder);
    std::fs::create_dir(folder.join("calendars")).unwrap();
    with_webhooks(folder, &table("alerts.webhook", receiver.port));
    let said = carillon(folder, &["alert", "test"]).exits(0).stdout;
    assert_eq!(said, "webhook: told; `127.0.0.1` answers with 204 No Content\n");
    assert_eq!(receiver.calls()[0].json()["data"]["test"], true);
    carillon(folder, &["alert", "test"]).exits(0);
    let id = |call: usize| receiver.calls()[call].header("webhook-id").to_owned();
    assert_ne!(id(0), id(1), "whoever drops what it has had already must not drop a second test");
    receiver.answers("500 Internal Server Error");
    let said = carillon(folder, &["alert", "test"]).exits(3).stdout;
    assert_eq!(said, "webhook: not told: `127.0.0.1` answers with 500 Internal Server Error\n");
}

const WINTER: Applied = Applied {
    slug: "hiver",
    title: "Hiver",
    audience: "public",
    window: ("2027-01-02T08:00:00+01:00", "2027-01-06T08:00:00+01:00", None),
};

both!(one_daemon_tells_of_a_gate_and_what_was_told_is_kept, |backend| {
    let (fresh, store) = Fresh::store(backend);
    WINTER.put(&fresh.url);
    let teller = |owner: &str| Teller { owner: owner.into(), alone: false };
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let claim = |owner: &str, now| store.write_blocking(|db| gates_told::claim(db, &teller(owner), now)).unwrap();
    let news = |gates: &[gates_told::UntoldGate]| -> Vec<GateNews> {
        gates.iter().flat_map(|gate| gate.news.iter().map(|(news, _)| *news)).collect()
    };
    assert_eq!(claim("one", at("2027-01-01T00:00:00Z")), [], "that it is to come is noted, and no news");
    let opened = claim("one", at("2027-01-02T07:00:00Z"));
    assert_eq!(news(&opened), [GateNews::Opened]);
    assert_eq!(claim("two", at("2027-01-02T07:00:01Z")), [], "another one tells");
    // It is killed over it: after five minutes the next one tells.
    let again = claim("two", at("2027-01-02T07:06:00Z"));
    assert_eq!(news(&again), [GateNews::Opened]);
    let finish = |gates: &[gates_told::UntoldGate]| {
        store
            .write_blocking(|db| {
                gates.iter().try_for_each(|gate| gates_told::once_told(db, gate))?;
                gates_told::give_back(db, &teller("two"))
            })
            .unwrap();
    };
    finish(&again);
    assert_eq!(claim("two", at("2027-01-02T07:07:00Z")), []);
    run_sql(&fresh.url, "UPDATE campaigns SET held = 'the law moved', sequence = sequence + 1");
    let held = claim("two", at("2027-01-02T08:00:00Z"));
    assert_eq!(news(&held), [GateNews::Held]);
    finish(&held);
    Applied { window: (WINTER.window.0, WINTER.window.1, Some("2027-01-03T08:00:00Z")), ..WINTER }.put(&fresh.url);
    let cancelled = claim("two", at("2027-01-03T09:00:00Z"));
    assert_eq!(news(&cancelled), [GateNews::Cancelled]);
});

both!(a_shop_is_told_of_its_gates_at_least_once, |backend| {
    let (relay, receiver) = (Relay::start(), Receiver::start(None));
    let shop = House::new(backend, 1, relay.port());
    with_webhooks(&shop.folder, &table("gate.webhook", receiver.port));
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    let url = shop.store().url().clone();
    let noted = || crate::support::shop::words(&url, "SELECT slug AS word FROM gates_told") == ["hiver"];
    wait_for(noted);
    assert_eq!(receiver.calls().len(), 0, "what is to come is no news");
    // It is moved to before now: it is open. The first call fails.
    receiver.answers("503 Service Unavailable");
    let opens = Clock::System.now() - SignedDuration::from_mins(1);
    run_sql(
        &url,
        &format!(
            "UPDATE campaigns SET opens_at = {opens}, changed_at = {opens}, sequence = sequence + 1",
            opens = opens.as_microsecond() / 1000 * 1000
        ),
    );
    wait_for(|| receiver.calls().len() == 3);
    let calls = receiver.calls();
    calls.iter().for_each(check_signature);
    let kinds: Vec<Value> = calls.iter().map(|call| call.json()["type"].clone()).collect();
    assert_eq!(kinds, ["gate.moved", "gate.moved", "gate.opened"]);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    let data = &calls[2].json()["data"];
    assert_eq!((&data["slug"], &data["open"], &data["listed"]), (&"hiver".into(), &true.into(), &true.into()));
    // That it could not be told was a problem, and is over.
    let known = || shop.store().read_blocking(|db| problems::list(db, WhichProblems::All)).unwrap();
    let untold = || known().into_iter().find(|stored| stored.problem.kind == ProblemKind::GatesUntold);
    wait_for(|| untold().is_some_and(|stored| stored.until.is_some()));

    // What happens while nobody is there is told by the next one.
    assert_eq!(daemon.terminate(), Some(0));
    shop.run(&["campaign", "cancel", "hiver", "--yes"]);
    let daemon = shop.daemon_with_log();
    wait_for(|| receiver.calls().len() == 4);
    assert_eq!(receiver.calls()[3].json()["type"], "gate.cancelled");
    assert_eq!(receiver.calls()[3].json()["data"]["cancelled"], true);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(receiver.calls().len(), 4);
});
