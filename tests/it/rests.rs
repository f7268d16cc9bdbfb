//! Rests. In quiet hours no letter of a mailing is begun, and a warm-up lets only so many leave on a day; what is due waits, and whoever
//! plans is told.

use carillon::config::{TransportSettings, WarmUpSettings};
use carillon::delivery::DeliveryState::{Accepted, Expired, Queued};
use carillon::sending::planner::PlannerEvent;
use carillon::smtp::Limits;
use carillon::transport::Transport;
use jiff::Timestamp;

use crate::support::backend::{Backend, both};
use crate::support::build::{Mailing, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::relay::{Relay, Script};
use crate::support::session::Session;
use crate::support::world::{ANNOUNCED, World};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A shop with these quiet hours, by the clocks of Paris, whose announcement is due at ten there.
fn shop(backend: Backend, hours: &str, people: &[&str]) -> World {
    let mut world = World::new(backend, people);
    world.settings.mail.quiet_hours = Some(hours.parse().unwrap());
    world
}

fn over(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

both!(a_mailing_that_is_due_in_quiet_hours_begins_at_their_end, |backend| {
    let world = shop(backend, "21:00-10:30", &["anna@example.fr"]);
    world.at(ANNOUNCED);
    let planned = world.plan();
    assert_eq!(
        (planned.events, planned.waiting, planned.next),
        (Vec::new(), Vec::new(), Some(at("2027-01-01T09:30:00Z")))
    );
    // Whoever comes until then gets it, too.
    world.join(&["bela@example.fr"]);
    world.at("2027-01-01T09:29:59Z");
    assert_eq!(world.plan().events, []);
    world.at("2027-01-01T09:30:00Z");
    assert!(matches!(world.plan().events.as_slice(), [PlannerEvent::Begun(_, 2)]));
});

both!(what_has_begun_rests_in_quiet_hours, |backend| {
    let relay = Relay::start();
    let world = shop(backend, "11:00-12:00", &["anna@example.fr", "bela@example.fr"]);
    let dispatcher = world.dispatcher("one", over(&relay));
    world.at(ANNOUNCED);
    assert_eq!(world.plan().events.len(), 1);
    world.at("2027-01-01T10:00:00Z");
    assert_eq!(world.drain(&dispatcher), Some(at("2027-01-01T11:00:00Z")));
    assert_eq!((world.count("announcement", Queued), relay.count()), (2, 0));
    world.at("2027-01-01T11:00:00Z");
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Accepted), relay.count()), (2, 2));
    assert!(world.queue(Some(Accepted)).iter().all(|row| row.attempts == 1), "what rested was not tried");
});

// The claim was made before; what the relay was asked meanwhile costs nothing.
both!(quiet_hours_hold_for_what_a_sender_has_in_hand, |backend| {
    for (slow, verb) in [("slow-rcpt@example.fr", "RCPT"), ("slow-go@example.fr", "DATA")] {
        let relay = Relay::start();
        let world = shop(backend, "11:00-12:00", &[slow]);
        let dispatcher = world.dispatcher("one", over(&relay));
        world.at(ANNOUNCED);
        world.plan();
        world.at("2027-01-01T09:59:00Z");
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| world.drain(&dispatcher));
            relay.wait_for_commands(verb, 1);
            world.at("2027-01-01T10:00:00Z");
            relay.open();
            draining.join().unwrap();
        });
        assert_eq!((world.count("announcement", Queued), relay.count()), (1, 0), "{verb}");
        world.at("2027-01-01T11:00:00Z");
        world.drain(&dispatcher);
        assert_eq!((world.count("announcement", Accepted), relay.count()), (1, 1), "{verb}");
    }
});

both!(in_one_go_quiet_hours_hold_as_well, |backend| {
    let relay = Relay::with(Script { pipelining: true, ..Script::default() });
    let world = shop(backend, "11:00-12:00", &["slow-go@example.fr"]);
    let dispatcher = world.dispatcher("one", over(&relay));
    world.at(ANNOUNCED);
    world.plan();
    std::thread::scope(|scope| {
        let draining = scope.spawn(|| world.drain(&dispatcher));
        relay.wait_for_attempts("slow-go@example.fr", 1);
        world.at("2027-01-01T10:00:00Z");
        relay.open();
        draining.join().unwrap();
    });
    assert_eq!((world.count("announcement", Queued), relay.count()), (1, 0));
});

/// The example's announcement is due at 10:00, its last letter at 18:00 with the deadline at 06:00.
#[test]
fn whoever_plans_is_told_of_quiet_hours() {
    let shop = ShopFolder::initiated();
    let file = "journees-magiques.toml";
    shop.run(&["member", "import", "members.example.csv"]).exits(0);
    let said = |command: &str, exit| shop.run(&["campaign", command, file]).exits(exit).stdout;
    for command in ["check", "plan"] {
        assert!(!said(command, 0).contains("quiet"), "{command}: nobody has asked for them");
    }
    let templates = "# templates   = \"email_templates\"";
    shop.configure(templates, "quiet_hours = \"09:00-11:30\"");
    for command in ["check", "plan"] {
        let told = said(command, 0);
        assert!(
            told.contains("mailing.quiet") && told.contains("09:00-11:30, by the clocks of Europe/Paris"),
            "{told}"
        );
        assert!(told.contains("at their end") && told.contains("11:30"), "{told}");
    }
    // Those of the night last beyond the deadline of the last letter.
    shop.configure("quiet_hours = \"09:00-11:30\"", "quiet_hours = \"18:00-08:00\"");
    for command in ["check", "plan"] {
        let refused = said(command, 1);
        assert!(refused.contains("mailing.cannot-end") && refused.contains("nobody would get it"), "{refused}");
        assert!(refused.contains("carillon.toml"), "{refused}");
    }
    shop.run(&["campaign", "apply", file]).exits(1);
    // What would take two hours does not end in the hour that is left on its day.
    shop.configure("quiet_hours = \"18:00-08:00\"", "quiet_hours = \"11:00-09:30\"");
    shop.configure("transport     = \"directory\"", "transport     = \"smtp\"");
    shop.configure("# rate        = \"1800/min\"", "rate = \"1/h\"");
    let refused = said("plan", 1);
    assert!(refused.contains("no letter leaves in the quiet hours (11:00-09:30"), "{refused}");

    shop.configure("quiet_hours = \"11:00-09:30\"", "quiet_hours = \"9-11\"");
    let refused = shop.run(&["campaign", "plan", file]).exits(2).stderr;
    assert!(refused.contains("quiet_hours") && refused.contains("\"21:00-08:00\""), "{refused}");
}

/// A shop that warms up over `relay`: so many letters on the first day, and a limit below `top`.
fn warming(backend: Backend, relay: &Relay, (first_day, top): (u32, u32), people: &[&str]) -> World {
    let mut world = World::new(backend, people);
    world.settings.mail.transport = TransportSettings::Smtp(relay.settings(), Vec::new());
    world.settings.mail.warm_up = Some(WarmUpSettings { first_day, top });
    world
}

const EIGHT: [&str; 8] = [
    "a@example.fr",
    "b@example.fr",
    "c@example.fr",
    "d@example.fr",
    "e@example.fr",
    "f@example.fr",
    "g@example.fr",
    "h@example.fr",
];

both!(a_warm_up_lets_twice_as_many_leave_each_day, |backend| {
    let relay = Relay::start();
    let world = warming(backend, &relay, (2, 5), &EIGHT);
    let dispatcher = world.dispatcher("one", over(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let midnight = at("2027-01-01T23:00:00Z");
    assert_eq!(world.drain(&dispatcher), Some(midnight));
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Queued), relay.count()), (2, 6, 2));
    assert!(world.queue(Some(Queued)).iter().all(|row| row.attempts == 0), "what waits was not tried");
    // Neither an hour nor a restart brings more.
    world.at("2027-01-01T22:59:59Z");
    drop(dispatcher);
    let dispatcher = world.dispatcher("two", over(&relay));
    assert_eq!(world.drain(&dispatcher), Some(midnight));
    assert_eq!(relay.count(), 2);
    world.at("2027-01-01T23:00:00Z");
    assert_eq!(world.drain(&dispatcher), Some(at("2027-01-02T23:00:00Z")));
    assert_eq!(world.count("announcement", Accepted), 6);
    // The deadline stays what it was, and the next mailing waits for its day. That would have eight: the warm-up is over.
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Expired), world.count("opening", Queued), relay.count()), (2, 8, 6));
    world.at("2027-01-02T23:00:00Z");
    world.drain(&dispatcher);
    assert_eq!((world.count("opening", Accepted), relay.count()), (8, 14));
});

both!(all_daemons_on_a_store_warm_up_together, |backend| {
    let relay = Relay::start();
    let world = warming(backend, &relay, (5, 1000), &EIGHT);
    let dispatchers = ["one", "two"].map(|owner| world.dispatcher(owner, over(&relay)));
    world.at(ANNOUNCED);
    world.plan();
    std::thread::scope(|scope| {
        let draining = dispatchers.each_ref().map(|dispatcher| scope.spawn(|| world.drain(dispatcher)));
        for draining in draining {
            draining.join().unwrap();
        }
    });
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Queued), relay.count()), (5, 3, 5));
});

#[test]
fn whoever_plans_is_told_of_a_warm_up() {
    let shop = ShopFolder::initiated();
    let file = "journees-magiques.toml";
    shop.run(&["member", "import", "members.example.csv"]).exits(0);
    let plan = |exit| shop.run(&["campaign", "plan", file]).exits(exit).stdout;
    shop.configure("transport     = \"directory\"", "transport     = \"smtp\"");
    let calendar = "# Orders that changed a legal period";
    shop.configure(calendar, "[mail.warm_up]\nfirst_day = 1\ntop = 100\n# Orders that changed a legal period");
    let told = plan(0);
    assert!(
        told.contains("mailing.takes") && told.contains("lets 1 letter of all mailings leave on its first day"),
        "{told}"
    );
    let status = shop.run(&["status"]).stdout;
    assert!(status.contains("warm-up, day 1: 0 of 1 letter of mailings have left today"), "{status}");
    // The rest would leave at midnight, were it not quiet until after the deadline.
    let templates = "# templates   = \"email_templates\"";
    shop.configure(templates, "quiet_hours = \"00:00-09:00\"");
    let refused = plan(1);
    assert!(refused.contains("mailing.cannot-end") && refused.contains("cannot be written to by"), "{refused}");
    shop.configure("first_day = 1", "first_day = 0");
    let refused = shop.run(&["campaign", "plan", file]).exits(2).stderr;
    assert!(refused.contains("first_day") && refused.contains("such as 200"), "{refused}");
    shop.configure("first_day = 0", "first_day = 100");
    let refused = shop.run(&["campaign", "plan", file]).exits(2).stderr;
    assert!(refused.contains("top") && refused.contains("not more than the 100"), "{refused}");
}

/// A session in a shop with 42 members and a relay that nobody asks, at the beginning of a warm-up of ten letters on its first day.
fn in_a_warm_up() -> Session {
    let folder = ShopFolder::configured();
    folder.configure("transport = \"directory\"", "transport = \"smtp\"");
    let settings = folder.read("carillon.toml");
    folder.write("carillon.toml", format!("{settings}\n[mail.smtp]\nhost = \"localhost\"\nport = 25\nsecurity = \"none\"\n\n[mail.warm_up]\nfirst_day = 10\ntop = 50000\n"));
    let mut session = Session::new(folder, "2026-12-01T09:00:00Z");
    let row = "fr,2026-03-01T10:00:00Z,J’accepte de recevoir vos courriels.,site,web_form";
    let header = "address,language,confirmed_at,wording,source,method\n".to_owned();
    let rows: Vec<String> = (0..42).map(|number| format!("m{number:02}@example.fr,{row}\n")).collect();
    let rows = header + &rows.concat();
    session.write("members.csv", rows).quietly("member import members.csv");
    session
}

fn sale_in_february(slug: &str, mailings: &[Mailing]) -> String {
    let sale = campaign().slug(slug).window("2027-02-13 08:00", "2027-02-14 20:00");
    mailings.iter().fold(sale, |sale, mailing| sale.mailing(mailing.clone())).text()
}

fn announced() -> Mailing {
    mailing("announcement").from("2027-02-08 10:00").until("2027-02-10 20:00")
}

/// Each of two mailings alone would end in time; together they do not.
#[test]
fn mailings_of_the_same_days_share_the_letters_of_a_warm_up() {
    let mut session = in_a_warm_up();
    session.write("one.toml", sale_in_february("one", &[announced()]));
    session.write("two.toml", sale_in_february("two", &[announced()]));
    let one = session.hear("campaign apply one.toml");
    assert!(one.contains("mailing.takes") && !one.contains("shared with other mailings"), "{one}");
    let two = session.hear("campaign apply two.toml");
    assert!(two.contains("mailing.cannot-end") && two.contains("shared with other mailings of the same days"), "{two}");
    assert!(two.contains("14 people cannot be written to by"), "{two}");
    assert!(!session.hear("campaign list").contains("two"));
    // Applied without a warm-up, which comes back: what is applied is looked at again.
    let settings = session.read("carillon.toml");
    session.write("carillon.toml", settings.replace("first_day = 10", "first_day = 20000"));
    session.quietly("campaign apply two.toml").write("carillon.toml", settings);
    let problem = "cannot end before its deadline: by the warm-up 14 letters cannot leave in time";
    for command in ["status", "problem list"] {
        let said = session.hear(command);
        assert!(said.contains(problem), "{command}: {said}");
    }
}

/// A mailing that comes after another begins further up.
#[test]
fn an_opening_begins_where_the_announcement_has_brought_the_warm_up() {
    let mut session = in_a_warm_up();
    let announced = mailing("announcement").from("2027-02-08 10:00").until("2027-02-11 20:00");
    let opening = || mailing("opening").from("2027-02-13 12:00").until("2027-02-13 20:00");
    session.write("both.toml", sale_in_february("both", &[announced, opening()]));
    session.write("opening.toml", sale_in_february("opening", &[opening()]));
    let alone = session.hear("campaign plan opening.toml");
    assert!(alone.contains("mailing.cannot-end") && alone.contains("32 people cannot be written to by"), "{alone}");
    let applied = session.hear("campaign apply both.toml");
    assert!(!applied.contains("mailing.cannot-end") && applied.contains("applied"), "{applied}");
    assert!(!session.hear("status").contains("cannot end"));
}

/// A letter that is due at night is told at one hour, wherever people look.
#[test]
fn quiet_hours_are_the_same_wherever_people_look() {
    let folder = ShopFolder::configured();
    folder.configure("transport = \"directory\"", "transport = \"directory\"\nquiet_hours = \"21:00-08:00\"");
    let mut session = Session::new(folder, "2026-12-01T09:00:00Z");
    let night = mailing("announcement").from("2027-02-08 06:00").until("2027-02-10 20:00");
    session.write("night.toml", sale_in_february("night", &[night])).quietly("campaign apply night.toml");
    let shown = session.hear("campaign show night");
    assert!(shown.contains("begins    2027-02-08 08:00"), "{shown}");
    let drawn = session.hear("campaign timeline");
    assert!(drawn.contains("08:00") && !drawn.contains("06:00"), "{drawn}");
    session.quietly("campaign timeline --out @season.ics");
    let feed = session.read("season.ics");
    assert!(feed.contains("20270208T070000Z") && !feed.contains("20270208T050000Z"), "{feed}");
}
