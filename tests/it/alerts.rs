//! Somebody is told of what is wrong: once, by one daemon, and again when that daemon was killed over it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use carillon::alert::{Alert, AlertChannel, AlertItem, AlertRules, KnownProblem, News, once_told};
use carillon::db::alerts::{self, Teller};
use carillon::db::problems;
use carillon::problem::{Problem, ProblemKind};
use jiff::SignedDuration;
use mail_parser::MessageParser;
use serde_json::Value;

use crate::support::backend::{Backend, both};
use crate::support::cli::{Said, carillon, command};
use crate::support::house::{Daemon, House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::world::World;

const OPERATOR: &str = "ops@example.org";

fn rules() -> AlertRules {
    AlertRules { warnings: false, repeat: SignedDuration::from_hours(24), quiet: false, tells_unsent: false }
}

fn teller(owner: &str) -> Teller {
    Teller { owner: owner.to_owned(), alone: false }
}

impl World {
    fn meets(&self, owner: &str) {
        let now = self.clock.now();
        let problem = Problem::new(ProblemKind::MailUnusable, owner, "no relay", "mend it");
        self.store.write_blocking(|db| problems::begin(db, &problem, now)).unwrap();
    }

    fn gets_over(&self, owner: &str) {
        let now = self.clock.now();
        self.store.write_blocking(|db| problems::end(db, ProblemKind::MailUnusable, owner, now)).unwrap();
    }

    fn minutes_go_by(&self, minutes: i64) {
        self.clock.advance_to(self.clock.now() + SignedDuration::from_mins(minutes));
    }

    /// What `teller` takes on to tell.
    fn claims(&self, teller: &Teller) -> Vec<AlertItem> {
        let (now, met): (_, &[KnownProblem]) = (self.clock.now(), &[]);
        let claim = |db: &mut _| alerts::claim(db, AlertChannel::Mail, teller, (met, &rules()), now);
        self.store.write_blocking(claim).unwrap()
    }

    fn has_told(&self, teller: &Teller, items: &[AlertItem]) {
        let changes = once_told(items, self.clock.now());
        let note = |db: &mut _| alerts::once_told(db, AlertChannel::Mail, teller, &changes);
        self.store.write_blocking(note).unwrap();
    }
}

fn news(items: &[AlertItem]) -> Vec<News> {
    items.iter().map(|item| item.news).collect()
}

both!(what_was_told_is_told_by_no_other_daemon_and_no_later_one, |backend| {
    let world = World::new(backend, &[]);
    let (first, second) = (teller("daemon-1"), teller("daemon-2"));
    world.meets("daemon-1");
    assert_eq!(world.claims(&first), [], "others may begin with it");
    world.minutes_go_by(1);
    let items = world.claims(&first);
    assert_eq!(news(&items), [News::Began]);
    assert_eq!(world.claims(&second), [], "the first is telling");
    world.has_told(&first, &items);
    assert_eq!(world.claims(&second), []);
    // The first stops; the next one meets the same.
    world.gets_over("daemon-1");
    world.minutes_go_by(4);
    world.meets("daemon-3");
    world.minutes_go_by(30);
    assert_eq!(world.claims(&teller("daemon-3")), []);
    world.gets_over("daemon-3");
    world.minutes_go_by(5);
    let items = world.claims(&second);
    assert_eq!(news(&items), [News::Over]);
    world.has_told(&second, &items);
    assert_eq!(world.claims(&first), []);
    // And anew.
    world.meets("daemon-2");
    world.minutes_go_by(1);
    assert_eq!(news(&world.claims(&second)), [News::Began]);
});

both!(what_a_daemon_was_to_tell_that_is_gone_is_told_by_another, |backend| {
    let world = World::new(backend, &[]);
    world.meets("daemon-1");
    world.minutes_go_by(1);
    assert_eq!(news(&world.claims(&teller("daemon-1"))), [News::Began]);
    world.minutes_go_by(4);
    assert_eq!(world.claims(&teller("daemon-2")), []);
    let alone = Teller { alone: true, ..teller("daemon-2") };
    assert_eq!(news(&world.claims(&alone)), [News::Began], "nobody else can be telling");
    world.minutes_go_by(5);
    let third = teller("daemon-3");
    let items = world.claims(&third);
    assert_eq!(news(&items), [News::Began]);
    let give_back = |db: &mut _| alerts::give_back(db, AlertChannel::Mail, &third);
    world.store.write_blocking(give_back).unwrap();
    assert_eq!(news(&world.claims(&teller("daemon-4"))), [News::Began], "at once, when it could not be told");
});

both!(two_daemons_at_once_tell_it_once, |backend| {
    let world = World::new(backend, &[]);
    world.meets("daemon-1");
    world.minutes_go_by(1);
    let claimed: Vec<usize> = std::thread::scope(|scope| {
        let world = &world;
        let claims = |owner: &'static str| scope.spawn(move || world.claims(&teller(owner)).len());
        let both = ["daemon-1", "daemon-2"].map(claims);
        both.map(|claim| claim.join().unwrap()).to_vec()
    });
    assert_eq!(claimed.iter().sum::<usize>(), 1, "{claimed:?}");
});

/// A shop that tells by a program, which runs `script`, and by mail to `to`; warnings as well.
fn house(backend: Backend, relay: &Relay, script: &str, to: &str) -> House {
    let shop = House::new(backend, 1, relay.port());
    let path = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let alerts = format!("command = [\"sh\", \"-c\", \"{script}\"]\nmail_to = \"{to}\"\nwarnings = true\n");
    fs::write(&path, format!("{text}\n[alerts]\n{alerts}")).unwrap();
    shop
}

/// What the program was told, alert by alert, as the news and kinds of problems.
fn told(shop: &House) -> Vec<Vec<String>> {
    let text = fs::read_to_string(shop.folder.join("told.jsonl")).unwrap_or_default();
    let whole = text.lines().filter(|_| text.ends_with('\n'));
    let alert = |line: &str| {
        let alert: Value = serde_json::from_str(line).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let problems = alert["problems"].as_array().unwrap();
        problems.iter().map(|it| format!("{} {}", word(&it["news"]), word(&it["kind"]))).collect()
    };
    whole.map(alert).collect()
}

fn mailed(relay: &Relay, to: &str) -> Vec<String> {
    let theirs = relay.accepted().into_iter().filter(|mail| mail.to == to);
    theirs.map(|mail| MessageParser::default().parse(&mail.bytes).unwrap().subject().unwrap().to_owned()).collect()
}

const TELL: &str = "cat >> told.jsonl";

both!(a_problem_is_told_by_program_and_mail_once_and_so_is_its_end, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, TELL, OPERATOR);
    shop.run(&["campaign", "pause", "hiver"]);
    let url = shop.store().url().clone();
    run_sql(&url, "UPDATE problems SET since = since - 3600000000");
    let daemon = shop.daemon_that_logs("info");
    wait_for(|| told(&shop).len() == 1 && mailed(&relay, OPERATOR).len() == 1);
    assert_eq!(told(&shop), [["began campaign-paused"]]);
    assert_eq!(mailed(&relay, OPERATOR), ["Boutique Exemple: a campaign is paused"]);
    let mail = relay.accepted().into_iter().find(|mail| mail.to == OPERATOR).unwrap();
    let text = MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().into_owned();
    assert!(text.contains("campaign resume hiver`") && text.contains("since: "), "{text}");
    wait_for(|| {
        let known = |db: &mut _| Ok((alerts::told(db, AlertChannel::Command)?, alerts::told(db, AlertChannel::Mail)?));
        let (command, mail) = shop.store().read_blocking(known).unwrap();
        (command.len(), mail.len()) == (1, 1)
    });
    daemon.kill();
    shop.run(&["campaign", "resume", "hiver"]);
    run_sql(&url, "UPDATE problems SET until = until - 600000000 WHERE until IS NOT NULL");
    let daemon = shop.daemon();
    wait_for(|| told(&shop).len() == 2 && mailed(&relay, OPERATOR).len() == 2);
    assert_eq!(told(&shop)[1], ["over campaign-paused"], "and not that it began");
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!shop.log().contains(OPERATOR), "{}", shop.log());
});

both!(a_daemon_that_is_killed_over_it_leaves_it_to_the_next, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, "cat >> told.jsonl; test -e quick || exec sleep 20", OPERATOR);
    shop.run(&["campaign", "pause", "hiver"]);
    let url = shop.store().url().clone();
    run_sql(&url, "UPDATE problems SET since = since - 3600000000");
    let daemon = shop.daemon();
    wait_for(|| told(&shop).len() == 1);
    daemon.kill();
    fs::write(shop.folder.join("quick"), "").unwrap();
    // On a shared store others must wait until it can be taken for dead.
    run_sql(&url, "UPDATE store_facts SET value = '0 daemon-gone' WHERE name LIKE 'alert-claim:%'");
    let daemon = shop.daemon();
    wait_for(|| told(&shop).len() == 2);
    assert_eq!(told(&shop)[1], ["began campaign-paused"]);
    wait_for(|| mailed(&relay, OPERATOR).len() == 1);
    assert_eq!(daemon.terminate(), Some(0));
});

both!(a_channel_that_fails_is_a_problem_and_keeps_the_other_from_nothing, |backend| {
    let relay = Relay::start();
    let shop = house(backend, &relay, TELL, "refuse@example.org");
    shop.run(&["campaign", "pause", "hiver"]);
    run_sql(&shop.store().url().clone(), "UPDATE problems SET since = since - 3600000000");
    let daemon = shop.daemon();
    wait_for(|| told(&shop).len() == 1);
    wait_for(|| {
        shop.run(&["status"]).contains("not everybody is told what is wrong: by mail: the relay does not take it")
    });
    let status = shop.run(&["status"]);
    assert!(status.contains("550") && !status.contains("refuse@"), "{status}");
    carillon(&shop.folder, &["status", "--check"]).exits(2);
    // Mended, and read anew.
    shop.change("refuse@example.org", OPERATOR);
    assert_eq!(daemon.terminate(), Some(0));
    let daemon = shop.daemon();
    wait_for(|| mailed(&relay, OPERATOR) == ["Boutique Exemple: a campaign is paused"]);
    wait_for(|| !shop.run(&["status"]).contains("is told what is wrong"));
    assert_eq!(told(&shop).len(), 1, "who was told is not told again");
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!shop.log().contains("example.org"), "{}", shop.log());
});

/// A collector that reads JSON learns why a daemon did not start, too.
#[test]
fn a_daemon_that_does_not_start_says_why_in_the_form_of_its_log() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    fs::remove_file(shop.folder.join("carillon.keys")).unwrap();
    let said = carillon(&shop.folder, &["run", "--log-json"]).exits(2).stderr;
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let why = lines.last().unwrap();
    assert_eq!(why["level"], "ERROR");
    assert!(why["message"].as_str().unwrap().starts_with("cannot use the key file `carillon.keys`"), "{why}");
    assert!(why["because"].as_str().unwrap().starts_with("No such file"), "{why}");
}

#[test]
fn a_test_tells_by_every_channel_and_says_what_came_of_it() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    let said = carillon(&shop.folder, &["alert", "test"]).exits(1);
    assert!(said.stderr.contains("add `[alerts]`"), "{}", said.stderr);

    let shop = house(Backend::Sqlite, &relay, "tee -a told.jsonl; echo a@example.fr; env > env.txt", OPERATOR);
    let mut test = command(&shop.folder, &["alert", "test"]);
    let said = Said::of(test.env("CARILLON_SMTP_PASSWORD", "hush").output().unwrap()).exits(0);
    assert!(
        said.stdout.contains("command: told; `sh` ended well\n  it said: {\"shop\":\"Boutique Exemple\""),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains(" […]\nmail: told; accepted"), "{}", said.stdout);
    let event: Value = serde_json::from_str(&fs::read_to_string(shop.folder.join("told.jsonl")).unwrap()).unwrap();
    assert_eq!((&event["test"], &event["problems"]), (&Value::Bool(true), &Value::Array(Vec::new())));
    assert!(!fs::read_to_string(shop.folder.join("env.txt")).unwrap().contains("hush"));
    assert_eq!(mailed(&relay, OPERATOR), ["Boutique Exemple: a test of the alerts, nothing is wrong"]);

    // From elsewhere, a program beside the configuration.
    fs::write(shop.folder.join("tell"), "#!/bin/sh\ncat > told-there.json\n").unwrap();
    fs::set_permissions(shop.folder.join("tell"), fs::Permissions::from_mode(0o700)).unwrap();
    shop.change("[\"sh\", \"-c\", ", "[\"./tell\", ");
    let above = shop.fresh.folder.path();
    carillon(above, &["--config", "shop/carillon.toml", "alert", "test"]).exits(0);
    assert!(shop.folder.join("told-there.json").exists());
    shop.change("[\"./tell\", ", "[\"sh\", \"-c\", ");

    shop.change("tee -a told.jsonl;", "exit 7;");
    shop.change(&format!("\nmail_to = \"{OPERATOR}\""), "\nmail_to = \"refuse@example.org\"");
    let said = carillon(&shop.folder, &["alert", "test"]).exits(3);
    assert!(said.stdout.contains("command: not told: `sh` ended with exit status: 7\n"), "{}", said.stdout);
    assert!(said.stdout.contains("mail: not told: the relay does not take it: at recipient: 550"), "{}", said.stdout);
    assert!(!said.stdout.contains("refuse@"), "{}", said.stdout);
}

#[test]
fn the_journal_is_told_how_grave_a_line_is() {
    use std::os::unix::fs::MetadataExt as _;

    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    let run = |journal: Option<&str>, name: &str| {
        let log = fs::File::create(shop.folder.join(name)).unwrap();
        let metadata = log.metadata().unwrap();
        let theirs = format!("{}:{}", metadata.dev(), metadata.ino());
        let mut command = command(&shop.folder, &["run"]);
        command.env("JOURNAL_STREAM", journal.unwrap_or(&theirs)).stderr(log);
        let daemon = Daemon::start(command);
        shop.wait_until_listening();
        shop.wait_until_ready();
        assert_eq!(daemon.terminate(), Some(0));
        fs::read_to_string(shop.folder.join(name)).unwrap()
    };
    let log = run(None, "journal");
    let of =
        |level: &str, word: &str| log.lines().filter(|line| line.starts_with(level)).all(|line| line.contains(word));
    assert!(log.lines().any(|line| line.starts_with("<6>")) && of("<6>", " INFO ") && of("<3>", "ERROR "), "{log}");
    assert!(log.lines().all(|line| line.starts_with('<')), "{log}");
    let log = run(Some("1:2"), "other");
    assert!(log.lines().all(|line| !line.starts_with('<')), "{log}");
    // Why it does not start is an error as well.
    shop.change("lifetime_months = 24", "lifetime_months = 37");
    let log = fs::File::create(shop.folder.join("refused")).unwrap();
    let metadata = log.metadata().unwrap();
    let mut command = command(&shop.folder, &["run"]);
    command.env("JOURNAL_STREAM", format!("{}:{}", metadata.dev(), metadata.ino())).stderr(log);
    assert_eq!(command.status().unwrap().code(), Some(2));
    let log = fs::read_to_string(shop.folder.join("refused")).unwrap();
    assert!(log.contains("lifetime_months") && log.lines().all(|line| line.starts_with("<3>")), "{log}");
}

/// The relay for everything is not there; alerts have one of their own.
#[test]
fn alerts_can_have_a_relay_of_their_own() {
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, 1);
    let path = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let own = format!("[alerts.smtp]\nhost = \"localhost\"\nport = {}\nsecurity = \"none\"\n", relay.port());
    fs::write(&path, format!("{text}\n[alerts]\nmail_to = \"{OPERATOR}\"\n")).unwrap();
    let said = carillon(&shop.folder, &["alert", "test"]).exits(3);
    assert!(said.stdout.contains("mail: not told: "), "{}", said.stdout);
    fs::write(&path, format!("{text}\n[alerts]\nmail_to = \"{OPERATOR}\"\n{own}")).unwrap();
    carillon(&shop.folder, &["alert", "test"]).exits(0);
    assert_eq!(mailed(&relay, OPERATOR).len(), 1);
}

#[test]
fn an_alert_is_an_event_with_names_that_stay() {
    let alert = Alert {
        shop: "Boutique Exemple".to_owned(),
        at: "2027-01-02T03:00:00Z".parse().unwrap(),
        test: false,
        problems: vec![AlertItem {
            news: News::Began,
            id: Some(7),
            severity: carillon::problem::Severity::Critical,
            title: "the relay or the outbox cannot be used",
            problem: Problem::new(ProblemKind::MailUnusable, "daemon-1", "no relay", "mend it"),
            since: "2027-01-02T02:59:00Z".parse().unwrap(),
            until: None,
        }],
    };
    let expected = serde_json::json!({
        "shop": "Boutique Exemple", "at": "2027-01-02T03:00:00Z", "test": false,
        "problems": [{
            "news": "began", "id": 7, "severity": "critical", "title": "the relay or the outbox cannot be used",
            "kind": "mail-unusable", "object": "daemon-1", "words": "no relay", "remedy": "mend it",
            "since": "2027-01-02T02:59:00Z", "until": null,
        }],
    });
    assert_eq!(serde_json::to_value(&alert).unwrap(), expected);
}
