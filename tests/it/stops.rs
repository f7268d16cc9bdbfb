//! A relay that says no to everybody ends no mailing; a mailing without members waits for them.

use std::collections::BTreeSet;

use carillon::db::deliveries;
use carillon::db::problems::{self, WhichProblems};
use carillon::db::stops::{self, Retried, RetryOnly, RetryOrder, RetryRefusal};
use carillon::db::{campaigns, reports};
use carillon::delivery::DeliveryState::{self, Accepted, Deferred, Expired, InDoubt, Queued, Refused};
use carillon::delivery::MailingState;
use carillon::delivery::breaker::{MailingStop, StoppedParts};
use carillon::delivery::late_check::LateCheck;
use carillon::delivery::providers::domains_of;
use carillon::delivery::state::DeliveryEvent;
use carillon::sending::dispatcher::Dispatcher;
use carillon::sending::planner::{Missed, PlannerEvent};
use carillon::smtp::{Limits, Stage};
use carillon::transport::{Directory, Rehearsal, Transport};
use jiff::{SignedDuration, Timestamp};

use crate::support::backend::{Backend, both};
use crate::support::cli::carillon;
use crate::support::relay::{Mood, Relay};
use crate::support::shop::run_sql;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

/// Before the announcement's deadline.
const LATER: &str = "2027-01-01T12:00:00Z";

impl World {
    /// The announcement has begun for `count` members.
    fn announcing(backend: Backend, count: usize) -> Self {
        let people: Vec<String> = (0..count).map(|number| format!("membre.{number:04}@example.fr")).collect();
        let world = Self::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
        world.at(ANNOUNCED);
        world.plan();
        world
    }

    /// The breaker stops the announcement for `why`; the deliveries `spared` wait again.
    fn stop(&self, why: &str, spared: &[i64]) -> bool {
        let mailing = self.mailing_id("announcement");
        let now = self.clock.now();
        let stop = MailingStop { mailing, provider: None, why: why.to_owned(), spared: spared.to_vec() };
        self.store
            .write_blocking(|db| {
                let stopped = stops::stop(db, &stop, now)?;
                stops::spare(db, &stop.spared, now)?;
                Ok(stopped.is_some())
            })
            .unwrap()
    }

    fn retry(&self, mailing: Option<&str>, only: Option<RetryOnly>) -> Result<Retried, RetryRefusal> {
        let order = RetryOrder { campaign: slug("hiver"), mailing: mailing.map(str::to_owned), provider: None, only };
        let now = self.clock.now();
        self.store.write_blocking(|db| stops::retry(db, &order, "camille", now)).unwrap()
    }

    fn actions(&self, action: &str) -> usize {
        self.audit().iter().filter(|entry| entry.action.name() == action).count()
    }
}

both!(a_stopped_mailing_waits, |backend| {
    let world = World::announcing(backend, 5);
    let claimed = world.claim("one", 2, Timestamp::MAX);
    assert!(world.stop("the relay says no", &[]));
    assert!(!world.stop("the relay says no once more", &[]), "a mailing is stopped once");
    assert_eq!(world.actions("mailing.stopped"), 1);
    let report = world.report("announcement");
    assert_eq!((report.state, report.stopped_why.as_deref()), (MailingState::Sending, Some("the relay says no")));

    // Nothing of it is claimed any more, and what was claimed is put back at the hand-over.
    assert!(world.claim("two", 10, Timestamp::MAX).is_empty());
    assert_eq!(world.hand_over(&claimed), [LateCheck::PutBack; 2]);
    let now = world.clock.now();
    assert_eq!(world.count("announcement", Queued), 5);
    assert_eq!(world.store.read_blocking(|db| deliveries::next_due(db, &BTreeSet::new(), now)).unwrap(), None);

    // A person lets it go on, and everybody is written to.
    assert_eq!(world.retry(None, None), Ok(Retried { mailings: 1, parts: 0, deferred: 0, refused: 0 }));
    let relay = Relay::start();
    world.drain(&world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
    assert_eq!((world.count("announcement", Accepted), relay.count()), (5, 5));
    let retried: Vec<_> = world.audit().into_iter().filter(|entry| entry.action.name() == "mailing.retried").collect();
    assert!(retried.len() == 1 && retried[0].who == "camille", "{retried:?}");
});

both!(a_stopped_mailing_expires_and_says_why, |backend| {
    let world = World::announcing(backend, 3);
    world.stop("the relay refused 3 messages in a row: 554 no", &[]);
    world.at("2027-01-02T07:00:00Z");
    let planned = world.plan();
    assert!(matches!(planned.events.first(), Some(PlannerEvent::Expired(_, 3))), "{planned:?}");
    let report = world.report("announcement");
    assert_eq!((report.state, report.counts.get(&Expired)), (MailingState::Finished, Some(&3)));
    for row in world.queue(Some(Expired)) {
        let why = "the mailing was stopped: the relay refused 3 messages in a row: 554 no";
        assert_eq!(row.reason.as_deref(), Some(why));
    }
    assert!(matches!(world.retry(Some("announcement"), None), Err(RetryRefusal::NotOpen(_))));
});

/// Ten members: four accepted, two refused, two deferred, two in doubt.
fn mixed(backend: Backend) -> World {
    let relay = Relay::start();
    let world = World::new(
        backend,
        &[
            "a@example.fr",
            "b@example.fr",
            "c@example.fr",
            "d@example.fr",
            "refuse.a@example.fr",
            "refuse.b@example.fr",
            "defer.a@example.fr",
            "defer.b@example.fr",
            "drop-after-dot.a@example.fr",
            "drop-after-dot.b@example.fr",
        ],
    );
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
    assert_eq!(states(&world), [(Accepted, 4), (Deferred, 2), (Refused, 2), (InDoubt, 2)]);
    world
}

fn states(world: &World) -> Vec<(DeliveryState, u64)> {
    world.report("announcement").counts.into_iter().collect()
}

both!(what_is_tried_again_is_what_was_asked_for, |backend| {
    let world = mixed(backend);
    let due = |world: &World| {
        let now = world.clock.now();
        world.store.read_blocking(|db| deliveries::next_due(db, &BTreeSet::new(), now)).unwrap()
    };
    let retried = |mailings, deferred, refused| Ok(Retried { mailings, parts: 0, deferred, refused });
    assert!(due(&world) > Some(world.clock.now()));

    // Nothing is stopped yet, so there is nothing to let go on.
    let said = world.retry(None, Some(RetryOnly::Stopped)).unwrap_err().to_string();
    assert!(said.contains("2 refused: `--only refused` tries those again"), "{said}");
    assert!(said.contains("2 in doubt: `carillon mail resolve ID --as OUTCOME` is for those"), "{said}");

    assert_eq!(world.retry(None, Some(RetryOnly::Deferred)), retried(0, 2, 0));
    assert_eq!(due(&world), Some(world.clock.now()));
    assert_eq!(states(&world), [(Accepted, 4), (Deferred, 2), (Refused, 2), (InDoubt, 2)]);
    // They are due: once more changes nothing, and says so.
    assert!(matches!(world.retry(None, None), Err(RetryRefusal::Nothing { .. })));

    assert_eq!(world.retry(Some("announcement"), Some(RetryOnly::Refused)), retried(0, 0, 2));
    assert_eq!(states(&world), [(Queued, 2), (Accepted, 4), (Deferred, 2), (InDoubt, 2)]);

    world.stop("the relay says no", &[]);
    assert_eq!(world.retry(None, Some(RetryOnly::Stopped)), retried(1, 0, 0));
    assert_eq!(world.actions("mailing.retried"), 3);
});

both!(what_a_person_gave_up_stays_given_up, |backend| {
    let world = mixed(backend);
    let now = world.clock.now();
    for row in world.queue(Some(InDoubt)) {
        let resolved =
            world.store.write_blocking(|db| reports::resolve(db, row.id, DeliveryEvent::ResolveLost, "camille", now));
        assert_eq!(resolved.unwrap(), Ok(Refused));
    }
    assert_eq!(
        world.retry(None, Some(RetryOnly::Refused)),
        Ok(Retried { mailings: 0, parts: 0, deferred: 0, refused: 2 })
    );
    assert_eq!(states(&world), [(Queued, 2), (Accepted, 4), (Deferred, 2), (Refused, 2)]);
});

both!(refused_deliveries_of_a_finished_mailing_are_tried_again, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr", "carl@example.fr"]);
    let outbox = world.fresh.folder.path().join("outbox");
    let refusing = Rehearsal::default().refuse("bela@example.fr");
    let dispatcher =
        |rehearsal| world.dispatcher("one", Transport::Directory(Directory::new(&outbox).rehearsing(rehearsal)));
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher(refusing));
    world.plan();
    assert_eq!(
        (world.report("announcement").state, states(&world)),
        (MailingState::Finished, vec![(Accepted, 2), (Refused, 1)])
    );

    world.at(LATER);
    assert_eq!(
        world.retry(None, Some(RetryOnly::Refused)),
        Ok(Retried { mailings: 0, parts: 0, deferred: 0, refused: 1 })
    );
    assert_eq!(world.report("announcement").state, MailingState::Sending);
    world.drain(&dispatcher(Rehearsal::default()));
    world.plan();
    assert_eq!((world.report("announcement").state, states(&world)), (MailingState::Finished, vec![(Accepted, 3)]));
});

both!(a_retry_that_cannot_be_says_why, |backend| {
    let world = World::announcing(backend, 1);
    let unknown = RetryOrder { campaign: slug("ete"), mailing: None, provider: None, only: None };
    let now = world.clock.now();
    let refused = world.store.write_blocking(|db| stops::retry(db, &unknown, "camille", now)).unwrap();
    assert_eq!(refused, Err(RetryRefusal::UnknownCampaign(slug("ete"))));
    let said = world.retry(Some("anouncement"), None).unwrap_err().to_string();
    assert_eq!(said, "`hiver` has no mailing `anouncement`; it has `announcement`, `opening`");
    assert!(matches!(world.retry(Some("opening"), None), Err(RetryRefusal::NotOpen(_))), "it has not begun");
    world.store.write_blocking(|db| campaigns::cancel(db, &slug("hiver"), None, "camille", now)).unwrap().unwrap();
    assert_eq!(world.retry(None, None), Err(RetryRefusal::Cancelled(slug("hiver"))));
    assert_eq!(world.actions("mailing.retried"), 0);
});

both!(a_mailing_without_members_waits_for_them, |backend| {
    let world = World::new(backend, &[]);
    world.at(ANNOUNCED);
    for _ in 0..2 {
        let planned = world.plan();
        assert_eq!((planned.events.len(), planned.waiting.len()), (0, 1), "{planned:?}");
    }
    assert_eq!(world.report("announcement").state, MailingState::Planned);
    world.clock.advance_to(world.clock.now() + SignedDuration::from_secs(10));
    world.join(&["anna@example.fr", "bela@example.fr"]);
    let planned = world.plan();
    assert!(matches!(planned.events.as_slice(), [PlannerEvent::Begun(_, 2)]), "{planned:?}");
    assert!(planned.waiting.is_empty());
});

both!(a_mailing_without_members_is_missed_at_its_deadline, |backend| {
    let world = World::new(backend, &[]);
    world.at(ANNOUNCED);
    world.plan();
    world.at("2027-01-02T07:00:00Z");
    let planned = world.plan();
    assert!(matches!(planned.events.as_slice(), [PlannerEvent::Missed(_, Missed::NoAudience)]), "{planned:?}");
    assert_eq!(world.report("announcement").state, MailingState::Missed);
    let missed = world.audit().into_iter().find(|entry| entry.action.name() == "mailing.missed").unwrap();
    assert_eq!(missed.detail["outcome"]["reason"], "there was no confirmed member to write to");
});

both!(a_letter_in_a_folder_is_no_letter_to_a_person, |backend| {
    let relay = Relay::start();
    let world = World::announcing(backend, 5);
    let outbox = world.fresh.folder.path().join("outbox");
    world.drain(&world.dispatcher("one", Transport::Directory(Directory::new(outbox).without_sync())));
    let row = &world.queue(Some(Accepted))[0];
    assert_eq!((row.stage, row.reply_code), (Some(Stage::Folder), None));
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.drain(&world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
    let filed = |name| (world.count(name, Accepted), world.report(name).filed);
    assert_eq!((filed("announcement"), filed("opening")), ((5, 5), (5, 0)));

    // Those of an older store are found by what was said of them.
    let (up, down) = match backend {
        Backend::Sqlite => (
            include_str!("../../migrations/sqlite/00000000000009_filed/up.sql"),
            include_str!("../../migrations/sqlite/00000000000009_filed/down.sql"),
        ),
        #[cfg(feature = "postgres")]
        Backend::Postgres => (
            include_str!("../../migrations/postgres/00000000000009_filed/up.sql"),
            include_str!("../../migrations/postgres/00000000000009_filed/down.sql"),
        ),
    };
    run_sql(&world.fresh.url, down);
    assert_eq!((filed("announcement"), filed("opening")), ((5, 0), (5, 0)));
    run_sql(&world.fresh.url, up);
    assert_eq!((filed("announcement"), filed("opening")), ((5, 5), (5, 0)));
});

#[test]
fn the_account_of_a_campaign_that_never_was_names_those_that_were() {
    let world = World::announcing(Backend::Sqlite, 1);
    let folder = world.fresh.folder.path();
    let queue = ["mail", "queue", "--campaign", "printemps"];
    for arguments in [&queue[..], &["mail", "report", "printemps"], &["mail", "report", "printemps", "--json"]] {
        let said = carillon(folder, arguments).exits(1);
        let expected = "there is no campaign `printemps`; those that were applied: `hiver`";
        assert!(said.stderr.contains(expected) && said.stdout.is_empty(), "{arguments:?}: {}", said.stderr);
    }
    assert!(carillon(folder, &["mail", "queue", "--campaign", "hiver"]).exits(0).stdout.contains("queued"));
}

#[test]
fn every_account_says_that_letters_are_files() {
    let world = World::announcing(Backend::Sqlite, 5);
    let folder = world.fresh.folder.path();
    let outbox = folder.join("outbox");
    world.drain(&world.dispatcher("one", Transport::Directory(Directory::new(&outbox).without_sync())));
    let files = "5 of the accepted are files in `outbox`; nobody was written to";
    let to_files = "letters are written to files in `outbox` and nobody is written to";
    let says = |arguments: &[&str], words: &str| {
        let said = carillon(folder, arguments).exits(0);
        assert!(said.stdout.contains(words), "{arguments:?}: {}", said.stdout);
    };
    says(&["mail", "report"], &format!("mailing `announcement` of `hiver`: {files}"));
    says(&["status"], files);
    says(&["status"], to_files);
    says(&["status", "--json"], "\"outbox\": \"");
    says(&["mail", "report", "--json"], "\"filed\": 5");
    says(&["campaign", "show", "hiver"], files);
    says(&["mail", "test", "camille@example.net", "opening"], to_files);
}

fn over_smtp(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

/// How many deliveries senders have in hand when a mailing stops, at most: those are not counted before it.
const IN_HAND: u64 = 4;

/// Sends until nothing is due any more, waiting out the rests of the relay, an hour at most.
fn send(world: &World, dispatcher: &Dispatcher) {
    let end = world.clock.now() + SignedDuration::from_hours(1);
    while let Some(next) = world.drain(dispatcher) {
        if next > end {
            return;
        }
        world.clock.advance_to(next.max(world.clock.now() + SignedDuration::from_secs(1)));
        world.plan();
    }
}

/// How often anybody was offered to the relay.
fn attempts(world: &World) -> i32 {
    world.queue(None).iter().map(|row| row.attempts).sum()
}

/// After the relay was mended, a person lets the mailing go on: everybody that `waits` gets it, nobody twice.
#[track_caller]
fn goes_on(world: &World, relay: &Relay, dispatcher: &Dispatcher, waits: u64) {
    relay.has(Mood::Kind);
    let had = relay.count();
    assert_eq!(world.retry(None, None).map(|retried| retried.mailings), Ok(1));
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(6));
    send(world, dispatcher);
    assert_eq!(world.count("announcement", Accepted), waits, "{:?}", world.report("announcement"));
    let recipients = relay.recipients();
    let different: BTreeSet<&String> = recipients.iter().collect();
    assert_eq!(recipients.len() as u64, had as u64 + waits);
    assert_eq!(recipients.len(), different.len(), "somebody got two");
}

both!(a_relay_that_says_no_to_everybody_ends_no_mailing, |backend| {
    for (mood, few, words) in [
        (Mood::AtMail("550 5.7.1 sender not known"), 3, "at mail: 550 5.7.1 sender not known"),
        (Mood::AtRcpt("554 5.7.1 Relay access denied"), 3, "at recipient: 554 5.7.1 Relay access denied"),
        (Mood::AfterDot("554 address is not verified"), 5, "at body: 554 address is not verified"),
    ] {
        let relay = Relay::start();
        relay.has(mood);
        let world = World::announcing(backend, 60);
        let dispatcher = world.dispatcher("one", over_smtp(&relay));
        send(&world, &dispatcher);
        world.plan();
        let report = world.report("announcement");
        let why = report.stopped_why.clone().unwrap_or_default();
        assert!(why.ends_with(words), "{mood:?}: {report:?}");
        assert_eq!(report.state, MailingState::Sending, "{mood:?}");
        let waits = world.count("announcement", Queued) + world.count("announcement", Deferred);
        assert_eq!(waits, 60, "nobody is lost: {mood:?}: {report:?}");
        assert!(
            (few..=few + IN_HAND).contains(&u64::try_from(attempts(&world)).unwrap()),
            "{mood:?}: {}",
            attempts(&world)
        );
        assert_eq!(world.actions("mailing.stopped"), 1, "it is said once");
        assert!(!format!("{:?}", world.audit()).contains("membre."), "no address is in the audit log");
        goes_on(&world, &relay, &dispatcher, 60);
    }
});

/// A world in which half of the people have their mail at one provider, and its domain.
fn with_a_provider(backend: Backend, count: usize) -> (World, &'static str) {
    let domain = domains_of("Orange")[0];
    let people: Vec<String> = (0..count)
        .map(|number| format!("membre.{number:04}@{}", if number % 2 == 0 { domain } else { "example.fr" }))
        .collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.at(ANNOUNCED);
    world.plan();
    (world, domain)
}

both!(a_provider_that_says_no_stops_its_part_and_nobody_elses, |backend| {
    let (world, domain) = with_a_provider(backend, 120);
    let relay = Relay::start();
    relay.has(Mood::AtDomain(domain, "550 5.7.1 SPF check failed"));
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    world.plan();
    let report = world.report("announcement");
    assert_eq!((report.state, report.stopped_at), (MailingState::Sending, None));
    let part = report.stopped_parts.0.get("Orange").unwrap();
    assert!(
        part.why.starts_with("Orange refused 3 messages in a row") && part.why.ends_with("550 5.7.1 SPF check failed")
    );
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Queued)), (60, 60), "{report:?}");
    assert!(relay.recipients().iter().all(|to| !to.ends_with(domain)));
    let attempts_before = attempts(&world);
    assert!((60..=63 + i32::try_from(IN_HAND).unwrap()).contains(&attempts_before), "{attempts_before}");
    // The next hour brings no attempt.
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(61));
    send(&world, &dispatcher);
    assert_eq!(attempts(&world), attempts_before);
    assert_eq!(world.actions("mailing.stopped"), 1, "it is said once");
    let problems = world.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap();
    let told: Vec<_> = problems.iter().map(|told| (&*told.problem.object, &*told.problem.remedy)).collect();
    assert!(
        matches!(&told[..], [("hiver/announcement/Orange", remedy)] if remedy.contains("--provider \"Orange\"")),
        "{told:?}"
    );
    let retry = |provider: &str| {
        let provider = Some(provider.to_owned());
        let order = RetryOrder { campaign: slug("hiver"), mailing: None, provider, only: None };
        let now = world.clock.now();
        world.store.write_blocking(|db| stops::retry(db, &order, "camille", now)).unwrap()
    };
    let refused = retry("Gmail").unwrap_err().to_string();
    assert!(refused.contains("stopped are `Orange`"), "{refused}");
    relay.has(Mood::Kind);
    assert_eq!(retry("orange").map(|retried| (retried.parts, retried.mailings)), Ok((1, 0)));
    send(&world, &dispatcher);
    assert_eq!((world.count("announcement", Accepted), relay.count()), (120, 120));
    let problems = world.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap();
    assert_eq!(problems, []);
});

both!(a_stopped_part_expires_with_its_mailing_and_says_why, |backend| {
    let (world, domain) = with_a_provider(backend, 40);
    let relay = Relay::start();
    relay.has(Mood::AtDomain(domain, "550 5.7.1 SPF check failed"));
    send(&world, &world.dispatcher("one", over_smtp(&relay)));
    assert_eq!(world.count("announcement", Queued), 20);
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Expired)), (20, 20));
    let reasons: BTreeSet<Option<String>> = world.queue(Some(Expired)).into_iter().map(|row| row.reason).collect();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons.iter().flatten().all(|why| why.starts_with("the part of the mailing for Orange was stopped: ")));
    let problems = world.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap();
    assert!(problems.iter().all(|told| told.problem.object != "hiver/announcement/Orange"), "{problems:?}");
});

both!(a_part_that_goes_on_is_stopped_again_and_is_all_that_is_left, |backend| {
    let (world, domain) = with_a_provider(backend, 40);
    let relay = Relay::start();
    relay.has(Mood::AtDomain(domain, "550 5.7.1 SPF check failed"));
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    let retried = world.retry(None, Some(RetryOnly::Stopped));
    assert_eq!(retried.map(|retried| (retried.parts, retried.mailings)), Ok((1, 0)));
    send(&world, &dispatcher);
    let report = world.report("announcement");
    assert!(report.stopped_at.is_some() && report.stopped_parts == StoppedParts::default(), "{report:?}");
    assert_eq!((world.actions("mailing.stopped"), world.count("announcement", Queued)), (2, 20));
});

// With the provider nobody is left: then it is the mailing.
both!(where_all_are_one_providers_the_mailing_stops, |backend| {
    let domain = domains_of("Gmail")[0];
    let people: Vec<String> = (0..30).map(|number| format!("membre.{number:04}@{domain}")).collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.at(ANNOUNCED);
    world.plan();
    let relay = Relay::start();
    relay.has(Mood::AtRcpt("550 5.7.26 not authenticated"));
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    let report = world.report("announcement");
    assert!(report.stopped_at.is_some() && report.stopped_parts == StoppedParts::default(), "{report:?}");
    goes_on(&world, &relay, &dispatcher, 30);
});

both!(a_relay_that_breaks_off_after_the_dot_stops_the_mailing, |backend| {
    let relay = Relay::start();
    relay.has(Mood::DropsAfterDot);
    let world = World::announcing(backend, 60);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    let in_doubt = world.count("announcement", InDoubt);
    assert!((3..=3 + IN_HAND).contains(&in_doubt), "{:?}", world.report("announcement"));
    let why = world.report("announcement").stopped_why.unwrap();
    assert!(why.starts_with("3 connections in a row were lost after the message"), "{why}");
    goes_on(&world, &relay, &dispatcher, 60 - in_doubt);
    assert_eq!(world.count("announcement", InDoubt), in_doubt, "only a person moves those");
});

both!(a_relay_that_knows_no_mailbox_stops_the_mailing, |backend| {
    let relay = Relay::start();
    relay.has(Mood::AtRcpt("550 5.1.1 no such user"));
    let world = World::announcing(backend, 60);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    // What speaks of the mailbox stays refused; a person who knows better has it tried again.
    let refused = world.count("announcement", Refused);
    assert!((20..=20 + IN_HAND).contains(&refused), "{:?}", world.report("announcement"));
    goes_on(&world, &relay, &dispatcher, 60 - refused);
    world.plan();
    assert_eq!(world.report("announcement").state, MailingState::Finished);
    let again = world.retry(None, Some(RetryOnly::Refused)).unwrap();
    assert_eq!(again.refused as u64, refused);
    send(&world, &dispatcher);
    assert_eq!((world.count("announcement", Accepted), relay.count()), (60, 60));
});

both!(a_few_dead_mailboxes_stop_nothing, |backend| {
    let relay = Relay::start();
    let people: Vec<String> = (0..60)
        .map(|number| format!("{}.{number}@example.fr", if number % 3 == 0 { "refuse" } else { "membre" }))
        .collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&world.dispatcher("one", over_smtp(&relay)));
    world.plan();
    let report = world.report("announcement");
    assert_eq!((report.state, report.stopped_at), (MailingState::Finished, None));
    assert_eq!(states(&world), [(Accepted, 40), (Refused, 20)]);
});

#[test]
fn status_names_a_stopped_mailing_and_how_it_goes_on() {
    let relay = Relay::start();
    relay.has(Mood::AfterDot("554 address is not verified"));
    let world = World::announcing(Backend::Sqlite, 20);
    let folder = world.fresh.folder.path();
    send(&world, &world.dispatcher("one", over_smtp(&relay)));
    let status = carillon(folder, &["status"]).exits(0).stdout;
    let problem = status.lines().find(|line| line.contains("was stopped at")).unwrap_or_else(|| panic!("{status}"));
    assert!(problem.contains("554 address is not verified"), "{status}");
    assert!(!status.contains("membre."), "{status}");
    let remedy = "`carillon mail retry hiver --mailing announcement`";
    assert!(status.contains(remedy), "{status}");
    let report = carillon(folder, &["mail", "report"]).exits(0).stdout;
    assert!(report.contains("hiver     announcement  stopped"), "{report}");
    carillon(folder, &["mail", "retry", "hiver", "--mailing", "anouncement"]).exits(1);
    carillon(folder, &["mail", "retry", "hiver", "--only", "accepted"]).exits(2);
}

both!(a_mailing_of_two_people_is_no_exception, |backend| {
    let relay = Relay::start();
    relay.has(Mood::AtRcpt("554 5.7.1 Relay access denied"));
    let world = World::announcing(backend, 2);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    send(&world, &dispatcher);
    assert_eq!(world.count("announcement", Refused), 2);
    let planned = world.plan();
    assert!(matches!(planned.events.as_slice(), [PlannerEvent::Stopped(_)]), "{planned:?}");
    let report = world.report("announcement");
    assert_eq!((report.state, world.count("announcement", Queued)), (MailingState::Sending, 2));
    let why = "the relay refused everybody, 2 in all: at recipient: 554 5.7.1 Relay access denied";
    assert_eq!(report.stopped_why.as_deref(), Some(why));
    goes_on(&world, &relay, &dispatcher, 2);
});

both!(a_mailing_to_dead_mailboxes_alone_ends, |backend| {
    let relay = Relay::start();
    let world = World::new(backend, &["refuse.a@example.fr", "refuse.b@example.fr"]);
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&world.dispatcher("one", over_smtp(&relay)));
    world.plan();
    assert_eq!((world.report("announcement").state, states(&world)), (MailingState::Finished, vec![(Refused, 2)]));
});
