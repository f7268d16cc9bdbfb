//! A mailing whose letters cannot be written begins nothing, burns no attempt, is a problem, and goes on by itself when
//! the cause is mended. The others go on meanwhile.

use std::fs;
use std::path::Path;

use carillon::db::problems::{self, WhichProblems};
use carillon::delivery::DeliveryState::{Accepted, Queued};
use carillon::delivery::MailingState;
use carillon::problem::ProblemKind;
use carillon::sending::planner::{Missed, PlannerEvent};
use carillon::transport::{Directory, Transport};
use serde_json::Value;

use crate::support::backend::both;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::shop::run_sql;
use crate::support::slug;
use crate::support::templates::own_letter;
use crate::support::world::{ANNOUNCED, World, winter_sale};

/// Where the tests break a template.
const HEADLINE: &str = "{% if texts.headline %}";

fn outbox(world: &World) -> Transport {
    Transport::Directory(Directory::new(world.fresh.folder.path().join("outbox")).without_sync())
}

/// The faults that a review finds, each as `campaign/mailing: why`.
fn faults(world: &World) -> Vec<String> {
    let review = world.review();
    let fault = |looked: &carillon::delivery::review::Looked| {
        looked.fault.as_ref().map(|fault| format!("{}: {fault}", looked.object()))
    };
    review.mailings().filter_map(fault).collect()
}

/// A shop with two members and templates of its own for the announcement.
fn with_own_templates(backend: crate::support::backend::Backend, edits: &[(&str, &str)]) -> World {
    let mut world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    let folder = world.fresh.folder.path().join("email_templates");
    own_letter(&folder, "announcement", edits);
    world.settings.mail.templates = Some(folder);
    world
}

fn mend(world: &World) {
    own_letter(world.settings.mail.templates.as_ref().unwrap(), "announcement", &[]);
}

both!(a_mailing_whose_letters_cannot_be_written_does_not_begin, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    world.apply(&winter_sale().change(0, |mailing| mailing.says("fr", "subject", "Bientôt")));
    // What an earlier version let pass, and no header can hold.
    let long = "é".repeat(180);
    run_sql(&world.fresh.url, &format!("UPDATE campaigns SET schedule = replace(schedule, 'Bientôt', '{long}')"));
    let planned = world.at(ANNOUNCED).plan();
    assert_eq!((planned.events.as_slice(), planned.waiting.as_slice()), ([].as_slice(), [].as_slice()));
    assert_eq!(world.report("announcement").state, MailingState::Planned);
    let [fault] = faults(&world).try_into().unwrap();
    let expected = "hiver/announcement: hiver.toml:19: the subject of the French letter of the mailing `announcement`";
    assert!(fault.replace(":19:11", ":19").starts_with(expected), "{fault}");

    // The other mailing goes on; and this one has missed its time for a reason.
    let planned = world.at("2027-01-02T07:00:00Z").plan();
    let [PlannerEvent::Missed(missed, Missed::Unwritten), PlannerEvent::Begun(begun, 2)] = planned.events.as_slice()
    else {
        panic!("{planned:?}");
    };
    assert_eq!((missed.name.as_str(), begun.name.as_str()), ("announcement", "opening"));
    world.drain(&world.dispatcher("one", outbox(&world)));
    assert_eq!((world.count("opening", Accepted), faults(&world)), (2, Vec::new()));
});

both!(a_mailing_begins_once_its_campaign_is_mended, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    run_sql(&world.fresh.url, "UPDATE campaigns SET schedule = '{}'");
    assert_eq!(world.at(ANNOUNCED).plan().events, []);
    assert_eq!(faults(&world).len(), 2, "neither mailing can be read");
    let mended =
        serde_json::to_string(&crate::support::apply::schedule(&winter_sale().text())).unwrap().replace('\'', "''");
    run_sql(&world.fresh.url, &format!("UPDATE campaigns SET schedule = '{mended}', revision = revision + 1"));
    assert!(matches!(world.plan().events.as_slice(), [PlannerEvent::Begun(_, 1)]));
});

both!(a_template_that_breaks_in_the_middle_burns_no_attempt, |backend| {
    let world = with_own_templates(backend, &[]);
    assert!(matches!(world.at(ANNOUNCED).plan().events.as_slice(), [PlannerEvent::Begun(_, 2)]));
    let folder = world.settings.mail.templates.clone().unwrap();
    own_letter(&folder, "announcement", &[(HEADLINE, "{% if texts.headlin.e %}")]);
    world.plan();
    let dispatcher = world.dispatcher("one", outbox(&world));
    assert_eq!(world.drain(&dispatcher), None, "what cannot be written is not waited for");
    let queue = world.queue(Some(Queued));
    assert_eq!(queue.iter().map(|row| row.attempts).collect::<Vec<_>>(), [0, 0]);
    assert!(faults(&world)[0].contains("announcement/body.txt:7"), "{:?}", faults(&world));
    mend(&world);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", Accepted), 2);
});

// A letter that the checks can write and that fails for a real person.
both!(a_letter_that_fails_for_a_person_is_put_back_uncounted, |backend| {
    let trap = format!(
        "{{% if recipient.confirmed_on == \"mardi 1er\u{a0}septembre 2026\" %}}{{{{ sale.title.a.b }}}}{{% endif %}}{HEADLINE}"
    );
    let world = with_own_templates(backend, &[(HEADLINE, &trap)]);
    assert!(matches!(world.at(ANNOUNCED).plan().events.as_slice(), [PlannerEvent::Begun(_, 2)]));
    let dispatcher = world.dispatcher("one", outbox(&world));
    world.drain(&dispatcher);
    // The second member reads English, and waits all the same: what is wrong is the mailing's.
    let waiting = world.queue(Some(Queued));
    assert!(!waiting.is_empty() && waiting.iter().all(|row| row.attempts == 0), "{waiting:?}");
    assert_eq!(faults(&world).len(), 1);
    assert_eq!(world.drain(&dispatcher), None, "it is not tried again and again");
    mend(&world);
    world.plan();
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", Accepted), 2);
});

fn own_templates(shop: &House, edits: &[(&str, &str)]) {
    let settings = shop.folder.join("carillon.toml");
    let written = fs::read_to_string(&settings).unwrap();
    fs::write(settings, written.replace("# templates   =", "templates =")).unwrap();
    own_letter(&shop.folder.join("email_templates"), "announcement", edits);
}

fn problems_of(shop: &House) -> Value {
    serde_json::from_str(&shop.run(&["problem", "list", "--json"])).unwrap()
}

both!(the_daemon_waits_with_a_problem_and_goes_on_when_the_template_is_mended, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 12, relay.port());
    own_templates(&shop, &[("href={sale.url}", "href={\"https://click.example.net/?to=\" ~ sale.url}")]);
    let daemon = shop.daemon_up();
    wait_for(|| problems_of(&shop)[0]["kind"] == "letter-unwritable");
    let problem = &problems_of(&shop)[0];
    assert_eq!(problem["object"], "hiver/announcement", "{problem:#}");
    assert!(problem["words"].as_str().unwrap().contains("email_templates/announcement/body."), "{problem:#}");
    assert_eq!((shop.report()["state"].as_str(), relay.count()), (Some("planned"), 0));
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"), "the gate does not wait for letters");

    own_letter(&shop.folder.join("email_templates"), "announcement", &[]);
    shop.wait_until_finished();
    assert_eq!((shop.count("accepted"), relay.count()), (12, 12));
    assert_eq!(problems_of(&shop), Value::Array(Vec::new()));
    assert_eq!(daemon.terminate(), Some(0));
});

both!(a_problem_of_letters_goes_with_its_mailing, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let now = world.clock.now();
    let problem = carillon::problem::Problem::new(ProblemKind::LetterUnwritable, "hiver/announcement", "no", "mend it");
    world.store.write_blocking(|db| problems::begin(db, &problem, now)).unwrap();
    let standing =
        |world: &World| world.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap().len();
    world.plan();
    assert_eq!(standing(&world), 1, "a daemon found it, and a daemon ends it");
    world
        .store
        .write_blocking(|db| carillon::db::campaigns::cancel(db, &slug("hiver"), None, "camille", now))
        .unwrap()
        .unwrap();
    assert_eq!(standing(&world), 0);
});

/// A daemon whose templates cannot even be read starts: the gate and the way out do not depend on them.
#[test]
fn a_daemon_starts_without_its_templates() {
    let relay = Relay::start();
    let shop = House::new(crate::support::backend::Backend::Sqlite, 1, relay.port());
    own_templates(&shop, &[]);
    fs::remove_dir_all(Path::new(&shop.folder).join("email_templates")).unwrap();
    let daemon = shop.daemon_up();
    wait_for(|| problems_of(&shop)[0]["kind"] == "letter-unwritable");
    assert!(shop.get("/gates/hiver").starts_with("HTTP/1.1 200"));
    assert_eq!(daemon.terminate(), Some(0));
}
