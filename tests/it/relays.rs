//! Several relays: the next takes over when one cannot be used, and for no other reason; nobody gets two; and the first is used
//! again when it answers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use carillon::config::{RelayPassword, RelaySettings, Security};
use carillon::db::pace;
use carillon::delivery::DeliveryState::{Accepted, InDoubt, Queued, Refused};
use carillon::delivery::learned::RelayLearned;
use carillon::delivery::lines::LinesLearned;
use carillon::sending::dispatcher::Dispatcher;
use carillon::sending::relays::{RelayAllowance, RelayList, RelayPost};
use carillon::smtp::{Limits, Stage};
use carillon::transport::Transport;
use jiff::SignedDuration;

use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::dns::DnsServer;
use crate::support::house::{House, wait_for};
use crate::support::relay::{Mood, Relay, Script};
use crate::support::world::{ANNOUNCED, World};

const OPENS: &str = "2027-01-02T07:00:00Z";

fn post(settings: &RelaySettings) -> RelayPost {
    let allowed = RelayAllowance {
        connections: settings.connections,
        mails: settings.messages_per_connection,
        rate: settings.rate,
        relay: Some(settings.name()),
    };
    RelayPost::new(Transport::smtp(settings, Limits::default()).unwrap(), allowed)
}

/// A dispatcher that leaves by `first`, and by `second` when that cannot be used.
fn dispatcher(world: &World, first: &RelaySettings, second: &RelaySettings) -> Dispatcher {
    world.dispatcher_to("one", RelayList::new(post(first), vec![post(second)]))
}

fn people(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("membre.{number:04}@example.fr")).collect()
}

fn world(backend: Backend, count: usize) -> World {
    World::new(backend, &people(count).iter().map(String::as_str).collect::<Vec<_>>())
}

/// A relay that is somewhere, and nobody answers.
fn nobody() -> RelaySettings {
    let mut relay = Relay::start();
    let settings = relay.settings();
    relay.die();
    settings
}

fn through(dispatcher: &Dispatcher) -> String {
    dispatcher.equipment().relays().in_use().name().to_owned()
}

fn drains(world: &World, dispatcher: &Dispatcher, at: &str) {
    world.at(at);
    world.plan();
    world.drain(dispatcher);
}

both!(the_next_relay_takes_over_in_the_middle_and_nobody_gets_two, |backend| {
    for pipelining in [false, true] {
        const COUNT: usize = 200;
        let script = Script { takes: Duration::from_millis(5), pipelining, ..Script::default() };
        let (mut first, second) = (Relay::with(script.clone()), Relay::with(script));
        let world = world(backend, COUNT);
        let dispatcher = dispatcher(&world, &first.settings(), &second.settings());
        world.at(ANNOUNCED);
        world.plan();
        std::thread::scope(|scope| {
            scope.spawn(|| world.drain(&dispatcher));
            first.wait_for(50);
            first.die();
        });
        // A connection that idles hears a moment later that it is cut.
        wait_for(|| {
            world.drain(&dispatcher);
            through(&dispatcher) == second.settings().name()
        });
        world.drain(&dispatcher);
        let (before, after) = (first.recipients(), second.recipients());
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
        assert!(before.len() >= 50 && !after.is_empty() && before.is_disjoint(&after), "{before:?} {after:?}");
        assert_eq!(after.len(), second.count());
        // What the first may have is in doubt, one for each connection at most, and the second has not heard of it.
        let in_doubt = world.queue(Some(InDoubt));
        assert!(in_doubt.len() <= 4, "{in_doubt:?}");
        assert_eq!(
            world.count("announcement", Accepted) + in_doubt.len() as u64,
            COUNT as u64,
            "{:?}",
            world.report("announcement")
        );
        assert!(before.len() + after.len() >= COUNT - in_doubt.len());
        let mut tried = world.queue(None).into_iter().filter(|row| row.mailing == "announcement");
        assert!(tried.all(|row| row.attempts <= 1), "a relay that goes away costs no attempt");

        // The first is tried after five minutes, and not before; the next mailing goes out by it.
        let relays = dispatcher.equipment().relays();
        let now = world.clock.now();
        assert!(relays.trial(now).is_none());
        let five = now + SignedDuration::from_mins(5);
        let away = relays.trial(five).unwrap();
        assert!(tries(&world, &away).is_err());
        relays.is_still_away(&away, "gone".to_owned(), five);
        let back = Relay::with(Script { port: first.port(), ..Script::default() });
        assert!(relays.trial(five).is_none(), "it was tried just now");
        let away = relays.trial(five + SignedDuration::from_mins(5)).unwrap();
        tries(&world, &away).unwrap();
        relays.answers(&away, five);
        assert_eq!(relays.away(), None);
        drains(&world, &dispatcher, OPENS);
        assert_eq!((world.count("opening", Accepted), back.count()), (COUNT as u64, COUNT));
    }
});

both!(a_relay_is_left_for_what_comes_before_a_message_alone, |backend| {
    let secret: Option<(&str, &str)> = Some(("carillon", "secret"));
    let wrong = |relay: &Relay| RelaySettings {
        login: Some(("carillon".into(), RelayPassword::Known("wrong".to_owned().into()))),
        ..relay.settings()
    };
    let refused = Relay::with(Script { login: secret, ..Script::default() });
    let unsafe_one = Relay::with(Script { security: Security::Starttls, offers_starttls: false, ..Script::default() });
    let unknown = Relay::with(Script { security: Security::Tls, ..Script::default() });
    let unwilling = Relay::with(Script { greeting: "554 5.7.1 not you", ..Script::default() });
    let full = Relay::with(Script { most_lines: Some(0), ..Script::default() });
    let busy = Relay::with(Script { busy_after: Some(0), ..Script::default() });
    let cases = [
        nobody(),
        wrong(&refused),
        unsafe_one.settings(),
        RelaySettings { ca_file: None, ..unknown.settings() },
        unwilling.settings(),
        full.settings(),
        busy.settings(),
    ];
    for first in cases {
        // The next asks for encryption and a login of its own.
        let second = Relay::with(Script { security: Security::Starttls, login: secret, ..Script::default() });
        let world = world(backend, 10);
        let dispatcher = dispatcher(&world, &first, &second.settings());
        drains(&world, &dispatcher, ANNOUNCED);
        wait_for(|| {
            world.drain(&dispatcher);
            through(&dispatcher) == second.settings().name()
        });
        world.drain(&dispatcher);
        assert!(!dispatcher.is_backing_off() && dispatcher.failure().is_none());
        assert_eq!((world.count("announcement", Accepted), second.count()), (10, 10), "{first:?}");
    }
});

both!(what_a_relay_says_of_messages_moves_no_mail, |backend| {
    let (first, second) = (Relay::with(Script { most_lines: Some(2), ..Script::default() }), Relay::start());
    let world = World::new(backend, &["refuse@example.fr", "anna@example.fr", "defer@example.org"]);
    let dispatcher = dispatcher(&world, &first.settings(), &second.settings());
    drains(&world, &dispatcher, ANNOUNCED);
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Refused)), (1, 1));
    // Nor do fewer connections than were asked for, nor a relay that refuses everybody: that stops the mailing, for a person.
    first.has(Mood::AtMail("550 5.7.1 your account is suspended"));
    world.join(&people(20).iter().map(String::as_str).collect::<Vec<_>>());
    drains(&world, &dispatcher, OPENS);
    while world.report("opening").stopped_at.is_none() {
        // It is left alone for a while after each no.
        assert!(dispatcher.is_backing_off(), "{:?}", world.report("opening"));
        world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(6));
        world.drain(&dispatcher);
    }
    assert_eq!((world.count("opening", Accepted), second.connections()), (0, 0));
    assert_eq!(through(&dispatcher), first.settings().name());
});

/// Whether a relay takes mail of the shop's.
fn tries(world: &World, relay: &RelayPost) -> Result<(), String> {
    world.runtime.block_on(relay.try_it(&world.composer().relay_trial(), world.clock.now()))
}

both!(when_all_are_away_mail_waits_and_goes_out_by_the_first_that_answers, |backend| {
    let (first, second) = (nobody(), nobody());
    let world = world(backend, 10);
    let dispatcher = dispatcher(&world, &first, &second);
    drains(&world, &dispatcher, ANNOUNCED);
    assert!(dispatcher.is_backing_off() && dispatcher.failure().is_some());
    assert_eq!(world.count("announcement", Queued), 10);
    let away = dispatcher.equipment().relays().away().unwrap();
    assert_eq!((away.away.len(), away.through), (2, None));
    let back = Relay::with(Script { port: second.port, ..Script::default() });
    for _ in 0..4 {
        world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(2));
        world.drain(&dispatcher);
    }
    assert_eq!((world.count("announcement", Accepted), back.count()), (10, 10));
    assert!(dispatcher.failure().is_none());
    assert!(world.queue(None).iter().all(|row| row.attempts <= 1 && row.stage != Some(Stage::Mail)));
});

both!(a_relay_that_comes_back_in_vain_is_tried_ever_later, |backend| {
    let busy = Relay::with(Script { busy_after: Some(0), ..Script::default() });
    let second = Relay::with(Script { greylist: 9, ..Script::default() });
    let world = World::new(backend, &["greylist@example.fr"]);
    let dispatcher = dispatcher(&world, &busy.settings(), &second.settings());
    world.at(ANNOUNCED);
    world.plan();
    let mut next = world.drain(&dispatcher);
    let relays = dispatcher.equipment().relays();
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert_eq!(through(&dispatcher), second.settings().name());
        let after = |minutes: i64| world.clock.now() + SignedDuration::from_mins(minutes);
        let minutes = (1..90).find(|minutes| relays.trial(after(*minutes)).is_some()).unwrap();
        pauses.push(minutes);
        // A trial sees that it takes no mail. One that takes a trial, and then no letter, comes back in vain.
        let away = relays.trial(after(minutes)).unwrap();
        assert!(tries(&world, &away).is_err());
        relays.answers(&away, after(minutes));
        assert_eq!(through(&dispatcher), busy.settings().name());
        world.clock.advance_to(next.unwrap());
        next = world.drain(&dispatcher);
    }
    assert_eq!((pauses, busy.count()), (vec![5, 10, 20], 0));
});

both!(what_was_learned_is_kept_for_each_relay, |backend| {
    let world = world(backend, 1);
    let now = world.clock.now();
    let learned = |mails: u32, provider: &str, rate: f64| {
        let mut learned =
            RelayLearned { lines: LinesLearned { at_once: None, mails: Some(mails) }, ..RelayLearned::default() };
        learned.pace.providers.insert(provider.to_owned(), rate);
        learned
    };
    let (one, two) = (learned(10, "Orange", 30.0), learned(20, "Free", 40.0));
    let keep = |name: &str, learned: &RelayLearned| {
        world.store.write_blocking(|db| pace::keep_learned(db, name, learned, now)).unwrap();
    };
    let known = |name: &str| world.store.read_blocking(|db| pace::learned(db, name, now)).unwrap();
    keep("a.example.net:25", &one);
    keep("b.example.net:25", &two);
    assert_eq!((known("a.example.net:25"), known("b.example.net:25")), (one.clone(), two));
    let less = learned(15, "SFR", 50.0);
    keep("b.example.net:25", &less);
    assert_eq!((known("a.example.net:25"), known("b.example.net:25")), (one, less));
});

/// Adds relays to the shop's, in their order.
fn with_fallback(shop: &House, relays: &[(&str, u16)]) {
    let path = shop.folder.join("carillon.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for (host, port) in relays {
        writeln!(text, "\n[[mail.smtp.fallback]]\nhost = \"{host}\"\nport = {port}\nsecurity = \"none\"").unwrap();
    }
    fs::write(&path, text).unwrap();
}

both!(a_daemon_says_which_relay_is_in_use_and_takes_back_the_first, |backend| {
    let first = nobody();
    let second = Relay::start();
    let shop = House::new(backend, 30, first.port);
    with_fallback(&shop, &[("127.0.0.1", second.port())]);
    let server = DnsServer::of_a_shop();
    let doctor = carillon(&shop.folder, &["doctor", "--resolver", &server.name()]).stdout;
    assert!(doctor.contains(&format!("warning  relay: cannot reach the relay `localhost:{}`", first.port)), "{doctor}");
    assert!(
        doctor.contains(&format!("ok       relay: `127.0.0.1:{}` is ready for messages", second.port())),
        "{doctor}"
    );
    let daemon = shop.daemon_up();
    shop.wait_until_finished();
    assert_eq!(second.recipients().iter().filter(|to| to.starts_with("membre.")).count(), 30);
    wait_for(|| {
        let status = shop.run(&["status"]);
        status.contains(&format!("`localhost:{}` cannot be used: ", first.port))
            && status.contains(&format!("; mail leaves through `127.0.0.1:{}`", second.port()))
    });
    let status = shop.run(&["status"]);
    let order = format!(
        "relays, in the order in which they are used: `localhost:{}`, `127.0.0.1:{}`",
        first.port,
        second.port()
    );
    assert!(status.contains(&order), "{status}");
    carillon(&shop.folder, &["status", "--check"]).exits(1);
    // Who reads the configuration anew has mended something: nothing is known against any relay.
    let back = Relay::with(Script { port: first.port, ..Script::default() });
    daemon.signal("-HUP");
    wait_for(|| !shop.run(&["status"]).contains("cannot be used"));
    assert_eq!(back.count(), 0);
    assert_eq!(daemon.terminate(), Some(0));
});

both!(letters_about_a_consent_and_anchors_go_out_by_the_next_relay_too, |backend| {
    let (first, second) = (nobody(), Relay::start());
    let shop = House::new(backend, 1, first.port);
    shop.change("# anchor_to     = \"dpo@example.org\"", "anchor_to     = \"dpo@example.org\"");
    with_fallback(&shop, &[("127.0.0.1", second.port())]);
    shop.run(&["campaign", "pause", "hiver"]);
    let daemon = shop.daemon_up();
    crate::join_daemon::sign_up(&shop, "/join", "camille@example.fr");
    wait_for(|| {
        let to = second.recipients();
        ["camille@example.fr", "dpo@example.org"].iter().all(|one| to.contains(&(*one).to_owned()))
    });
    wait_for(|| shop.run(&["status"]).contains(&format!("; mail leaves through `127.0.0.1:{}`", second.port())));
    assert!(!shop.run(&["status"]).contains("letters that ask for a confirmation cannot be sent"));
    assert_eq!(daemon.terminate(), Some(0));
    let sent = carillon(&shop.folder, &["mail", "test", "camille@example.fr", "opening"]).exits(0);
    assert!(sent.stdout.contains("accepted"), "{}", sent.stdout);
});

#[test]
fn an_alert_goes_out_by_the_next_relay_too() {
    let (first, second) = (nobody(), Relay::start());
    let shop = House::new(Backend::Sqlite, 1, first.port);
    with_fallback(&shop, &[("127.0.0.1", second.port())]);
    let path = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n[alerts]\nmail_to = \"ops@example.org\"\n")).unwrap();
    shop.run(&["alert", "test"]);
    assert_eq!(second.recipients(), ["ops@example.org"]);
}
