//! A file applied, and applied again after people were written to: nobody gets a letter twice, or is told another hour in silence.

use carillon::campaign::Answer;
use carillon::db::campaigns::Applied;
use carillon::db::mailings;
use carillon::db::stops::{self, RetryOrder};
use carillon::db::{Store, audit, campaigns};
use carillon::delivery::DeliveryState::{Accepted, Deferred, InDoubt, Queued, Skipped};
use carillon::delivery::MailingState;
use carillon::delivery::late_check::LateCheck;
use carillon::smtp::Limits;
use carillon::transport::{Directory, Transport};
use jiff::{SignedDuration, Timestamp};

use crate::support::apply::apply_taking_on;
use crate::support::backend::{Backend, both};
use crate::support::build::CampaignFile;
use crate::support::folder::ShopFolder;
use crate::support::relay::Relay;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World, winter_sale};

/// The campaign of the tests with another name for its announcement.
fn renamed() -> CampaignFile {
    winter_sale().change(0, |mailing| mailing.named("first"))
}

fn apply(store: &Store, file: &CampaignFile, now: Timestamp) -> Result<Applied, Vec<String>> {
    crate::support::apply::apply(store, &file.text(), now)
}

/// A shop whose announcement was sent through `transport` to these addresses, and what it was sent with.
fn announced(backend: Backend, addresses: &[&str], transport: Transport) -> World {
    let world = World::new(backend, addresses);
    let dispatcher = world.dispatcher("one", transport);
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    world.plan();
    world
}

fn over(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

fn times(world: &World, name: &str) -> (Timestamp, Timestamp, MailingState) {
    let read = |db: &mut _| {
        let campaign = campaigns::find(db, &slug("hiver"))?.unwrap();
        mailings::list(db, campaign.id)
    };
    let mailings = world.store.read_blocking(read).unwrap();
    let mailing = mailings.into_iter().find(|mailing| mailing.name == name).unwrap();
    (mailing.not_before, mailing.not_after, mailing.state)
}

both!(an_hour_that_people_were_told_is_not_moved_in_silence, |backend| {
    let relay = Relay::start();
    let world = announced(backend, &["a@example.fr", "b@example.fr", "c@example.fr"], over(&relay));
    assert_eq!(world.count("announcement", Accepted), 3);
    let (moved, now) = (winter_sale().opens("2027-01-03 08:00"), world.clock.now());
    let before = times(&world, "announcement");
    let told = "3 people were told by `announcement` that the sale opens at 2027-01-02 08:00 Europe/Paris (07:00 UTC); it \
                would be 2027-01-03 08:00 Europe/Paris (07:00 UTC)";
    assert_eq!(apply(&world.store, &moved, now), Err(vec![told.to_owned()]));
    assert_eq!(times(&world, "opening").0, "2027-01-02T07:00:00Z".parse().unwrap(), "nothing was changed");

    let taken_on = apply_taking_on(&world.store, &moved.text(), now, &[Answer::AlthoughTold]);
    assert_eq!(taken_on, Ok(Applied::Changed { revision: 2 }));
    assert_eq!(times(&world, "opening").0, "2027-01-03T07:00:00Z".parse().unwrap());
    assert_eq!(times(&world, "announcement"), before, "what was sent was sent then");
    let log = world.store.read_blocking(|db| audit::list(db, Some("hiver"))).unwrap();
    let entry = log.last().unwrap();
    assert_eq!((entry.who.as_str(), &entry.detail["taken_on"][0]), ("camille", &told.into()));
    // It has been taken on: the same file again asks nothing, and putting the hour back neither.
    assert_eq!(apply(&world.store, &moved, now), Ok(Applied::Unchanged { revision: 2 }));
    assert_eq!(apply(&world.store, &winter_sale(), now), Ok(Applied::Changed { revision: 3 }));
});

// Whoever was told that everybody may buy is told so for good, also when the mailing has left the file.
both!(what_people_were_told_of_the_sale_is_not_changed_in_silence, |backend| {
    let relay = Relay::start();
    let world = announced(backend, &["a@example.fr", "b@example.fr", "c@example.fr"], over(&relay));
    let now = world.at("2027-01-01T09:30:00Z").clock.now();
    let told = "3 people were told by `announcement` when the sale was open to everybody; it would be for the members of a club \
                that anyone may join";
    let members = || winter_sale().with("audience", "open-members");
    assert_eq!(apply(&world.store, &members(), now), Err(vec![told.to_owned()]));
    assert_eq!(apply(&world.store, &members().without_mailing(0), now), Err(vec![told.to_owned()]));
    // In two steps it is the same.
    assert_eq!(apply(&world.store, &winter_sale().without_mailing(0), now), Ok(Applied::Changed { revision: 2 }));
    assert_eq!(apply(&world.store, &members().without_mailing(0), now), Err(vec![told.to_owned()]));
    // The mailing may come back as it was: nobody gets it again, so nobody is asked.
    assert_eq!(apply(&world.store, &winter_sale(), now), Ok(Applied::Changed { revision: 3 }));
    let store = "3 people were told by `announcement` when the sale was online; it would be in shops";
    assert_eq!(apply(&world.store, &winter_sale().with("channel", "store"), now), Err(vec![store.to_owned()]));
    let taken_on = apply_taking_on(&world.store, &members().text(), now, &[Answer::AlthoughTold]);
    assert_eq!(taken_on, Ok(Applied::Changed { revision: 4 }));
    assert_eq!(apply(&world.store, &members(), now), Ok(Applied::Unchanged { revision: 4 }));
    assert_eq!(apply(&world.store, &winter_sale(), now), Ok(Applied::Changed { revision: 5 }), "put back");
});

// A mailing that waited, or that was applied late, is shown when it began.
both!(what_has_left_is_shown_when_it_left, |backend| {
    let relay = Relay::start();
    let world = World::new(backend, &["a@example.fr"]);
    let dispatcher = world.dispatcher("one", over(&relay));
    let late = "2027-01-01T11:30:00Z";
    world.at(late);
    world.plan();
    world.drain(&dispatcher);
    world.plan();
    let sales = world.store.read_blocking(|db| carillon::db::season::sales(db, None)).unwrap();
    let leaves: Vec<String> = sales[0].mailings.iter().map(|mailing| mailing.leaves_at.to_string()).collect();
    assert_eq!(leaves, [late, "2027-01-02T07:00:00Z"]);
    let around = |since: &str| {
        let since = since.parse().unwrap();
        world.store.read_blocking(|db| mailings::around(db, since)).unwrap().len()
    };
    assert_eq!((around("2027-01-01T11:00:00Z"), around(late)), (2, 1));
});

both!(a_sale_that_is_over_is_not_cancelled, |backend| {
    let world = World::new(backend, &["a@example.fr"]);
    let cancel = |at: &str| {
        let now = at.parse().unwrap();
        world.store.write_blocking(|db| campaigns::cancel(db, &slug("hiver"), None, "camille", now)).unwrap()
    };
    let refused = cancel("2027-01-06T07:00:00Z").unwrap_err();
    assert!(matches!(refused, campaigns::StateRefusal::Over { .. }), "{refused:?}");
    cancel("2027-01-06T06:59:59Z").unwrap();
});

both!(a_folder_in_place_of_a_relay_tells_nobody, |backend| {
    let folder = tempfile::TempDir::new().unwrap();
    let transport = Transport::Directory(Directory::new(folder.path().join("outbox")));
    let world = announced(backend, &["a@example.fr", "b@example.fr"], transport);
    assert_eq!(world.count("announcement", Accepted), 2);
    let (moved, now) = (renamed().opens("2027-01-03 08:00"), world.clock.now());
    assert_eq!(apply(&world.store, &moved, now), Ok(Applied::Changed { revision: 2 }));
});

both!(a_mailing_renamed_in_mid_send_reaches_nobody_twice, |backend| {
    let relay = Relay::start();
    let world = announced(backend, &["a@example.fr", "b@example.fr", "greylist@example.fr"], over(&relay));
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Deferred)), (2, 1));
    let (renamed, now) = (renamed(), world.clock.now());
    let question = "`announcement` has begun and was renamed to `first`? 2 people would get the same letter again";
    let concerns =
        apply_taking_on(&world.store, &renamed.text(), now, &[Answer::AlthoughTold, Answer::WriteAgain]).unwrap_err();
    assert_eq!(concerns, [question]);
    // Taken out first and added later, it is a second letter, which only a person can want.
    assert_eq!(apply(&world.store, &winter_sale().without_mailing(0), now), Ok(Applied::Changed { revision: 2 }));
    assert_eq!(world.count("announcement", Skipped), 1);
    let second = "`first` would be a second announcement to the same people: 2 people have `announcement` of `hiver`";
    assert_eq!(apply(&world.store, &renamed, now), Err(vec![second.to_owned()]));
    // So is the whole campaign under another slug.
    let twin = winter_sale().slug("hiver-2");
    let second =
        "`announcement` would be a second announcement to the same people: 2 people have `announcement` of `hiver`";
    assert_eq!(apply(&world.store, &twin, now), Err(vec![second.to_owned()]));
    assert_eq!(relay.recipients().len(), 2);
});

both!(a_sale_that_is_over_is_history, |backend| {
    let relay = Relay::start();
    let world = announced(backend, &["a@example.fr"], over(&relay));
    let gate = || world.store.read_blocking(|db| carillon::db::gates::find(db, &slug("hiver"))).unwrap().unwrap();
    let before = gate();
    world.at("2027-11-26T09:00:00Z");
    let next = winter_sale()
        .window("2028-01-08 08:00", "soldes.winter.2028")
        .change(0, |mailing| mailing.from("2028-01-07 10:00"));
    let over =
        "the sale of `hiver` closed at 2027-01-06 08:00 Europe/Paris (07:00 UTC): its gate and its report are history";
    assert_eq!(apply(&world.store, &next, world.clock.now()), Err(vec![over.to_owned()]));
    assert_eq!(gate(), before);
    let own = next.slug("hiver-2028");
    assert_eq!(apply(&world.store, &own, world.clock.now()), Ok(Applied::Created));
});

// The machine of the store has stopped, and what a sender recorded of its claim may be lost: for all that is known, one
// person has the letter.
both!(a_mailing_of_which_something_may_have_left_is_not_mended, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    world.at(ANNOUNCED);
    world.plan();
    world.claim("dead", 1, Timestamp::MAX);
    world.stop_the_machine();
    let mended = winter_sale().change(0, |mailing| mailing.says("fr", "subject", "Samedi, c’est ouvert"));
    let refused = apply(&world.store, &mended, world.clock.now()).unwrap_err();
    assert!(!refused.is_empty());
    assert_eq!((world.count("announcement", InDoubt), world.count("announcement", Queued)), (1, 1));
});

// As when a letter cannot be written, or the relay takes nothing: the mailing has begun, its queue waits, and nobody has
// anything. What a sender holds was written before, and does not leave.
both!(a_mailing_of_which_nothing_has_left_is_mended, |backend| {
    let relay = Relay::start();
    let people = ["greylist.1@example.fr", "greylist.2@example.fr", "greylist.3@example.fr"];
    let world = World::new(backend, &people);
    let dispatcher = world.dispatcher("one", over(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let held = world.claim("slow", 1, Timestamp::MAX);
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Deferred), relay.count()), (2, 0));

    let mended = winter_sale().change(0, |mailing| {
        mailing.from("2027-01-01 14:00").languages(&["fr"]).says("fr", "subject", "Samedi, c’est ouvert")
    });
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(20));
    assert_eq!(apply(&world.store, &mended, world.clock.now()), Ok(Applied::Changed { revision: 2 }));
    assert_eq!((world.count("announcement", Queued), world.count("announcement", Deferred)), (1, 2));
    assert_eq!(world.hand_over(&held), [LateCheck::Lost], "its letter was written before");
    let now = world.clock.now();

    // Not before its new time, whoever asks.
    let due = world.drain(&dispatcher);
    assert_eq!(due, Some("2027-01-01T13:00:00Z".parse().unwrap()));
    let order = RetryOrder { campaign: slug("hiver"), mailing: None, provider: None, only: None };
    let retried = world.store.write_blocking(|db| stops::retry(db, &order, "camille", now)).unwrap().unwrap();
    assert_eq!((retried.deferred, world.drain(&dispatcher), relay.count()), (2, due, 0));
    world.at("2027-01-01T13:00:00Z");
    world.plan();
    world.drain(&dispatcher);
    world.at("2027-01-01T14:00:00Z");
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", Accepted), 3);
    for message in relay.accepted() {
        let message = mail_parser::MessageParser::default().parse(&message.bytes).unwrap().into_owned();
        assert_eq!(message.subject(), Some("Samedi, c’est ouvert"));
    }
});

#[test]
fn a_plan_says_what_would_not_happen() {
    let shop = ShopFolder::initiated();
    let run = |arguments: &[&str]| shop.run(arguments);
    let file = "journees-magiques.toml";
    let said = run(&["campaign", "plan", file]).exits(0);
    for rule in ["members.none", "mail.directory", "shop.sample", "links.example"] {
        assert!(said.stdout.contains(&format!("  rule: {rule}\n")), "{rule}: {}", said.stdout);
    }
    assert!(said.stdout.ends_with("\n\nit can be applied\n"), "{}", said.stdout);
    run(&["member", "import", "members.example.csv"]).exits(0);
    let applied = run(&["campaign", "apply", file]).exits(0);
    assert!(!applied.stdout.contains("members.none"), "{}", applied.stdout);
    let reached = "`announcement` would be written to 2 people today: 1 in `fr`, 1 in `en`";
    assert!(applied.stdout.contains(reached), "{}", applied.stdout);
    assert!(applied.stdout.ends_with("\napplied `journees-magiques-hiver-2027`, revision 1\n"), "{}", applied.stdout);
}

/// A program that asks for JSON gets JSON, whatever became of it.
#[test]
fn a_refused_file_is_told_as_json() {
    let shop = ShopFolder::initiated();
    let run = |arguments: &[&str]| -> serde_json::Value {
        let said = shop.run(arguments).exits(1);
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", said.stdout))
    };
    shop.write("bad.toml", "slug = 3");
    shop.write("empty.toml", winter_sale().closes("window.opens").text());
    for verb in ["plan", "apply"] {
        let unread = run(&["campaign", verb, "bad.toml", "--json"]);
        assert_eq!(
            (&unread["outcome"], &unread["findings"][0]["rule"]),
            (&"refused".into(), &"file.missing-key".into())
        );
        let refused = run(&["campaign", verb, "empty.toml", "--json"]);
        assert_eq!((&refused["outcome"], &refused["slug"]), (&"refused".into(), &"hiver".into()), "{refused}");
        assert_eq!(refused["findings"][0]["rule"], "window.empty", "{refused}");
    }
}

/// The slug is not the file's: another file under the same name is another sale, or a slip.
#[test]
fn another_file_replaces_nothing_in_silence() {
    let shop = ShopFolder::initiated();
    let run = |arguments: &[&str]| shop.run(arguments);
    shop.write("hiver.toml", winter_sale().text());
    run(&["campaign", "apply", "hiver.toml"]).exits(0);
    shop.write("autre.toml", winter_sale().title("Les journées douces").text());
    for verb in ["plan", "apply"] {
        let refused = run(&["campaign", verb, "autre.toml"]).exits(1);
        assert!(refused.stdout.contains("`hiver` was applied from `hiver.toml`"), "{}", refused.stdout);
        assert!(refused.stdout.contains("autre.toml:1:8"), "{}", refused.stdout);
    }
    let nobody = ["--who", "unknown", "campaign", "apply", "autre.toml", "--replace"];
    run(&nobody).exits(2);
    run(&["campaign", "apply", "autre.toml", "--replace"]).exits(0);
    let shown = run(&["campaign", "show", "hiver", "--json"]).exits(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["audit"][1]["detail"]["taken_on"].as_array().unwrap().len(), 1, "{shown}");
}

both!(cancelling_tells_whom_it_leaves_behind, |backend| {
    let relay = Relay::start();
    let world = announced(backend, &["a@example.fr", "b@example.fr"], over(&relay));
    let read = |db: &mut _| campaigns::standing(db, &slug("hiver"));
    let (_, mailings) = world.store.read_blocking(read).unwrap().unwrap();
    let told: Vec<(&str, u64, u64)> =
        mailings.iter().map(|mailing| (mailing.name.as_str(), mailing.told, mailing.waiting)).collect();
    assert_eq!(told, [("announcement", 2, 0), ("opening", 0, 0)]);
});

#[test]
fn a_mailing_that_cannot_end_before_its_deadline_is_told_before_it_begins() {
    let shop = ShopFolder::initiated();
    let file = ["journees-magiques.toml"];
    shop.run(&["member", "import", "members.example.csv"]).exits(0);
    let plan = |exit| shop.run(&["campaign", "plan", file[0]]).exits(exit).stdout;
    assert!(!plan(0).contains("mailing.takes"), "into a folder nothing limits");

    shop.configure("transport     = \"directory\"", "transport     = \"smtp\"");
    assert!(!plan(0).contains("mailing.takes"), "nothing is known to limit it");
    shop.configure("# rate        = \"1800/min\"", "rate = \"1/h\"");
    let slow = plan(0);
    assert!(slow.contains("takes about 2 hours") && slow.contains("allows 1/h"), "{slow}");
    shop.configure("rate = \"1/h\"", "rate = \"1/day\"");
    let refused = plan(1);
    assert!(refused.contains("mailing.cannot-end") && refused.contains("carillon.toml"), "{refused}");
}
