//! The post: nobody is forgotten, nobody gets two, nothing leaves late or against a person's will.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use carillon::db::campaigns;
use carillon::db::deliveries::{self, Attempt, Leases, Recorded};
use carillon::delivery::DeliveryState::{
    Accepted, Claimed, Deferred, Expired, HandedOver, InDoubt, Queued, Refused, Skipped,
};
use carillon::delivery::MailingState;
use carillon::delivery::late_check::{LateCheck, TAKEN};
use carillon::delivery::marks::MarkedLetters;
use carillon::delivery::state::{DeliveryEvent, Fence};
use carillon::member::Consent;
use carillon::sending::dispatcher::DispatchError;
use carillon::sending::planner::{Begin, Missed, PlannerEvent};
use carillon::sending::relays::RelayAllowance;
use carillon::smtp::{Enhanced, Limits, Stage};
use carillon::transport::Transport;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::support::backend::{Backend, both};
use crate::support::relay::{Relay, Script};
use crate::support::shop::{run_sql, words};
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

fn over_smtp(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

fn people(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("membre.{number:04}@example.fr")).collect()
}

fn world(backend: Backend, count: usize) -> World {
    let people = people(count);
    World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>())
}

both!(never_lost, |backend| {
    let relay = Relay::start();
    let world = World::new(
        backend,
        &[
            "anna@example.fr",
            "refuse@example.fr",
            "greylist@example.org",
            "stall-at-rcpt@example.org",
            "bela@example.com",
        ],
    );
    let limits = Limits { command: std::time::Duration::from_millis(200), ..Limits::default() };
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), limits).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    let next = world.drain(&dispatcher).expect("two are deferred");
    assert_eq!(world.count("announcement", Accepted), 2);
    assert_eq!(world.count("announcement", Refused), 1);
    assert_eq!(world.count("announcement", Deferred), 2);
    assert!(next >= world.clock.now() + SignedDuration::from_mins(10), "greylisting wants ten minutes: {next}");
    let deferred = world.queue(Some(Deferred));
    assert!(deferred.iter().all(|row| row.attempts == 1 && row.stage == Some(Stage::Recipient)), "{deferred:?}");

    // What waits for another attempt has not ended, and so its mailing has not.
    assert_eq!(world.plan().events, []);
    assert_eq!(world.report("announcement").state, MailingState::Sending);

    // Whoever was greylisted comes back within half as long again.
    world.clock.advance_to(next + SignedDuration::from_mins(6));
    world.drain(&dispatcher);
    assert_eq!(world.count("announcement", Accepted), 3);
    // The one that stalls waits for its deadline and then expires; the account is complete.
    world.at("2027-01-02T07:00:00Z");
    let planned = world.plan();
    assert!(planned.events.iter().any(|event| matches!(event, PlannerEvent::Expired(_, 1))), "{planned:?}");
    let report = world.report("announcement");
    assert_eq!(report.state, MailingState::Finished);
    assert_eq!(report.planned, 5);
    assert!(report.counts.keys().all(|state| state.has_ended()), "{report:?}");
    assert!(world.audit().iter().any(|entry| entry.action.name() == "mailing.finished"));
});

both!(only_confirmed_members_are_mailed, |backend| {
    let relay = Relay::start();
    let world = world(backend, 6);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let queued = world.queue(Some(Queued));
    assert_eq!(queued.len(), 6);
    // Two leave after the audience was frozen, before their message is handed over.
    world.withdraw(&queued[0]);
    world.withdraw(&queued[4]);
    world.drain(&dispatcher);
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", Skipped)), (4, 2));
    assert_eq!(relay.recipients().len(), 4);
    let skipped = world.queue(Some(Skipped));
    assert!(skipped.iter().all(|row| row.reason.as_deref() == Some("consent-gone")), "{skipped:?}");
    // The next mailing does not plan them at all.
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    assert_eq!(world.report("opening").planned, 4);
});

// Whatever made the state so: the audience is asked for it, and not only for the suppression list.
both!(only_confirmed_members_are_planned, |backend| {
    let world = world(backend, Consent::ALL.len() + 1);
    for (number, consent) in Consent::ALL.into_iter().enumerate() {
        let address = &people(Consent::ALL.len())[number];
        run_sql(&world.fresh.url, &format!("UPDATE members SET consent = '{consent}' WHERE address = '{address}'"));
    }
    world.at(ANNOUNCED);
    world.plan();
    assert_eq!(world.report("announcement").planned, 2, "one was confirmed before, and one is made so");
});

both!(never_late, |backend| {
    let world = world(backend, 3);
    // The daemon was down all through the announcement's time.
    world.at("2027-01-02T07:00:00Z");
    let planned = world.plan();
    assert!(
        matches!(planned.events.first(), Some(PlannerEvent::Missed(mailing, Missed::NotBegun)) if mailing.name == "announcement")
    );
    assert_eq!(world.report("announcement").planned, 0);
    // A claim that is not used before the deadline is refused at the hand-over.
    let now = world.clock.now();
    let claimed = world.claim("slow", 10, Timestamp::MAX);
    assert_eq!(claimed.len(), 3);
    world.at("2027-01-06T07:00:00Z");
    assert!(world.clock.now() > now);
    assert_eq!(world.hand_over(&claimed), [LateCheck::Expire; 3]);
    assert_eq!(world.count("opening", Expired), 3);
});

both!(never_twice, |backend| {
    let relay = Relay::start();
    let world = world(backend, 40);
    world.at(ANNOUNCED);
    world.plan();
    // One daemon claims ten and dies; of those it had recorded three as handed over.
    let lease_ends = world.clock.now() + SignedDuration::from_mins(10);
    let claimed = world.claim("dead", 10, lease_ends);
    assert_eq!(world.hand_over(&claimed[..3]), [LateCheck::Proceed; 3]);
    assert_eq!((world.count("announcement", Claimed), world.count("announcement", HandedOver)), (7, 3));

    // Two others work at the same time, and again after the dead one's leases have run out.
    let (one, two) = (world.dispatcher("one", over_smtp(&relay)), world.dispatcher("two", over_smtp(&relay)));
    let stop = CancellationToken::new();
    let both = || world.runtime.block_on(async { tokio::join!(one.drain(&stop), two.drain(&stop)) });
    let (first, second) = both();
    first.and(second).unwrap();
    assert_eq!(world.count("announcement", Accepted), 30);
    world.clock.advance_to(lease_ends + SignedDuration::from_mins(5));
    let planned = world.plan();
    assert_eq!(planned.events.first(), Some(&PlannerEvent::Reaped { put_back: 7, in_doubt: 3 }));
    let (first, second) = both();
    first.and(second).unwrap();

    assert_eq!((world.count("announcement", Accepted), world.count("announcement", InDoubt)), (37, 3));
    let recipients = relay.recipients();
    let different: BTreeSet<&String> = recipients.iter().collect();
    assert_eq!((recipients.len(), different.len()), (37, 37));
    // What is in doubt is never resent on its own.
    world.at("2027-01-01T20:00:00Z");
    world.plan();
    world.drain(&one);
    assert_eq!(relay.count(), 37);
});

both!(a_daemon_that_slept_overwrites_nothing, |backend| {
    let world = world(backend, 3);
    world.at(ANNOUNCED);
    world.plan();
    // One daemon claims, and sleeps for longer than its claim holds; meanwhile another sends everything.
    let slept = world.claim("slept", 10, world.clock.now() + SignedDuration::from_mins(10));
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(11));
    world.plan();
    // It wakes while the other one holds them: one not handed over yet, one handed over.
    let awake = world.claim("awake", 2, Timestamp::MAX);
    assert_eq!(world.hand_over(&awake[1..]), [LateCheck::Proceed]);
    for event in [
        DeliveryEvent::Defer,
        DeliveryEvent::Refuse,
        DeliveryEvent::PutBack,
        DeliveryEvent::LetExpire,
        DeliveryEvent::Drop,
        DeliveryEvent::Doubt,
    ] {
        assert_eq!((world.record(&slept[0], event), world.record(&slept[1], event)), (Recorded::Late, Recorded::Late));
    }
    assert_eq!(world.hand_over(&slept), [LateCheck::Lost; 3]);
    assert_eq!((world.count("announcement", Claimed), world.count("announcement", HandedOver)), (1, 1));
    assert_eq!(world.record(&awake[0], DeliveryEvent::PutBack), Recorded::Moved);
    assert_eq!(world.record(&awake[1], DeliveryEvent::PutBack), Recorded::Moved);
    let relay = Relay::start();
    world.drain(&world.dispatcher("awake", over_smtp(&relay)));
    assert_eq!(world.count("announcement", Accepted), 3);
    // It wakes, with an outcome of each kind to tell and more to hand over. Nothing moves.
    for event in [
        DeliveryEvent::Defer,
        DeliveryEvent::Refuse,
        DeliveryEvent::PutBack,
        DeliveryEvent::LetExpire,
        DeliveryEvent::Drop,
    ] {
        assert_eq!(world.record(&slept[0], event), Recorded::Late);
    }
    assert_eq!(world.hand_over(&slept), [LateCheck::Lost; 3]);
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, report.doubled), (3, 3, 0));
    // Had it sent one all the same, the report would show it.
    assert_eq!(world.record(&slept[1], DeliveryEvent::Accept), Recorded::TakenLate);
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, report.doubled), (3, 4, 1));
});

both!(a_late_answer_ends_the_doubt_that_its_lateness_made, |backend| {
    let world = world(backend, 4);
    world.at(ANNOUNCED);
    world.plan();
    let claimed = world.claim("slow", 10, Timestamp::MAX);
    assert_eq!(world.hand_over(&claimed), [LateCheck::Proceed; 4]);
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(16));
    let planned = world.plan();
    assert_eq!(planned.events.first(), Some(&PlannerEvent::Reaped { put_back: 0, in_doubt: 4 }));
    assert_eq!(world.report("announcement").state, MailingState::Finished);
    assert_eq!(world.record(&claimed[0], DeliveryEvent::Accept), Recorded::Moved);
    assert_eq!(world.record(&claimed[0], DeliveryEvent::Accept), Recorded::Late, "the same answer twice is one copy");
    assert_eq!(world.record(&claimed[1], DeliveryEvent::Refuse), Recorded::Moved);
    let finished = world.report("announcement");
    assert_eq!((finished.state, finished.taken, finished.doubled), (MailingState::Finished, 1, 0));
    // What waits again is sent, though the mailing was over.
    assert_eq!(world.record(&claimed[2], DeliveryEvent::Defer), Recorded::Moved);
    assert_eq!(world.report("announcement").state, MailingState::Sending);
    let relay = Relay::start();
    world.drain(&world.dispatcher("awake", over_smtp(&relay)));
    world.plan();
    let report = world.report("announcement");
    assert_eq!((report.state, report.taken, relay.count()), (MailingState::Finished, 2, 1));
    assert_eq!((report.counts[&Accepted], report.counts[&Refused], report.counts[&InDoubt]), (2, 1, 1));
});

both!(what_a_relay_is_known_to_have_is_not_handed_over_again, |backend| {
    let world = world(backend, 1);
    world.at(ANNOUNCED);
    world.plan();
    let lost = world.claim("lost", 10, world.clock.now() + SignedDuration::from_mins(10));
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(11));
    world.plan();
    // Against all rules it had sent it: the other daemon hears of that before it sends its own.
    let claimed = world.claim("next", 10, Timestamp::MAX);
    assert_eq!(world.record(&lost[0], DeliveryEvent::Accept), Recorded::TakenLate);
    assert_eq!(world.hand_over(&claimed), [LateCheck::Skip(TAKEN)]);
    let report = world.report("announcement");
    assert_eq!((report.counts[&Skipped], report.taken, report.doubled), (1, 1, 0));
});

// Acceptances are recorded in a statement of their own: what it leaves is what one after the other leaves.
both!(what_is_recorded_together_is_what_is_recorded_one_by_one, |backend| {
    let world = world(backend, 6);
    world.at(ANNOUNCED);
    world.plan();
    let claimed = world.claim("one", 6, Timestamp::MAX);
    assert_eq!(world.hand_over(&claimed), [LateCheck::Proceed; 6]);
    let attempt = |number: usize, event| Attempt {
        stage: Some(Stage::Body),
        reply_code: Some(250),
        enhanced_status: Some(Enhanced::new(2, 0, 0)),
        reason: Some("queued as 4".to_owned()),
        ..Attempt::without_reply(claimed[number].clone(), event, None)
    };
    let now = world.clock.now();
    let together: Vec<Attempt> = [0, 1, 2, 0]
        .map(|number| attempt(number, DeliveryEvent::Accept))
        .into_iter()
        .chain([attempt(3, DeliveryEvent::Doubt)])
        .collect();
    let recorded = world.store.write_blocking(|db| deliveries::record_all(db, &together, now)).unwrap();
    let (moved, late) = (Recorded::Moved, Recorded::Late);
    assert_eq!(recorded, [moved, moved, moved, late, moved], "the same answer twice is one copy");
    for number in [4, 5] {
        let one = attempt(number, DeliveryEvent::Accept);
        assert_eq!(world.store.write_blocking(|db| deliveries::record(db, &one, now)).unwrap(), moved);
    }
    // All of a row that the event sets, beside what makes it the row of another.
    let left = "SELECT state || '|' || attempts || '|' || coalesce(lease_until, 0) || '|' || coalesce(ended_at, 0) || '|' || taken \
                || '|' || granted || '|' || claim || '|' || stage || '|' || reply_code || '|' || enhanced_status || '|' || reason \
                AS word FROM deliveries WHERE state = 'accepted' ORDER BY id";
    let rows = words(&world.fresh.url, left);
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| *row == rows[4]), "{rows:#?}");
});

both!(what_a_stopped_machine_may_have_forgotten_is_not_sent_again, |backend| {
    let world = world(backend, 8);
    world.at(ANNOUNCED);
    world.plan();
    let claimed = world.claim("dead", 5, Timestamp::MAX);
    // One is known to have ended. Whatever was recorded of the others may have been more than is still there: two of these
    // that look untouched may have left.
    assert_eq!(world.hand_over(&claimed[..3]), [LateCheck::Proceed; 3]);
    assert_eq!(world.record(&claimed[0], DeliveryEvent::Accept), Recorded::Moved);
    world.stop_the_machine();
    let leases = Leases::All("next".to_owned());
    let planned = world.plan_with(&leases, Begin::WhatIsDue);
    assert_eq!(planned.events.first(), Some(&PlannerEvent::Reaped { put_back: 0, in_doubt: 4 }));
    let in_doubt = world.queue(Some(InDoubt));
    assert!(
        in_doubt
            .iter()
            .all(|row| row.reason.as_deref().is_some_and(|why| why.contains("machine of the store stopped")))
    );
    // A daemon on another machine than the store's has lived on, and knows more.
    assert_eq!(world.record(&claimed[1], DeliveryEvent::Accept), Recorded::Moved);
    assert_eq!(world.record(&claimed[3], DeliveryEvent::PutBack), Recorded::Moved);
    let relay = Relay::start();
    world.drain(&world.dispatcher("next", over_smtp(&relay)));
    assert_eq!((world.count("announcement", Accepted), world.count("announcement", InDoubt), relay.count()), (6, 2, 4));
    // Told once: what is claimed from then on has a witness of its own.
    let planned = world.plan_with(&leases, Begin::WhatIsDue);
    assert!(!planned.events.iter().any(|event| matches!(event, PlannerEvent::Reaped { .. })), "{planned:?}");
});

both!(a_daemon_takes_back_only_what_its_senders_let_go, |backend| {
    let world = world(backend, 6);
    world.at(ANNOUNCED);
    world.plan();
    let claimed = world.claim("one", 6, Timestamp::MAX);
    assert_eq!(world.hand_over(&claimed[..2]), [LateCheck::Proceed; 2]);
    // Neither at the start of the daemon nor when its clock runs ahead of its own leases.
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(60));
    let now = world.clock.now();
    for leases in [Leases::All("one".to_owned()), Leases::RunOut("one".to_owned())] {
        let planned = world.plan_with(&leases, Begin::WhatIsDue);
        assert_eq!(planned.events, []);
    }
    let held = [claimed[0].delivery, claimed[2].delivery];
    let released =
        world.store.write_blocking(|db| deliveries::release(db, "one", &held, &MarkedLetters::default(), now)).unwrap();
    assert_eq!(released, (3, 1));
    assert_eq!(
        world.store.write_blocking(|db| deliveries::release(db, "two", &[], &MarkedLetters::default(), now)).unwrap(),
        (0, 0)
    );
    assert_eq!((world.count("announcement", Claimed), world.count("announcement", HandedOver)), (1, 1));
});

both!(of_what_a_broken_sender_held_its_marks_tell, |backend| {
    let world = world(backend, 6);
    world.at(ANNOUNCED);
    world.plan();
    let claimed = world.claim("one", 6, Timestamp::MAX);
    assert_eq!(world.hand_over(&claimed[..5]), [LateCheck::Proceed; 5]);
    let now = world.clock.now();
    // The last is of an earlier claim: it says nothing of this one.
    let stale = Fence { claim: claimed[3].claim - 1, ..claimed[3].clone() };
    let marks = MarkedLetters { taken: vec![claimed[0].clone()], not_taken: vec![claimed[1].clone(), stale] };
    let held = [claimed[4].delivery];
    let released = world.store.write_blocking(|db| deliveries::release(db, "one", &held, &marks, now)).unwrap();
    assert_eq!(released, (2, 2));
    let counts = [Accepted, Queued, InDoubt, HandedOver].map(|state| world.count("announcement", state));
    assert_eq!(counts, [1, 2, 2, 1]);
});

/// Panics once, when it is told of `what`.
struct PanicsAt {
    what: &'static str,
    has: AtomicBool,
}

impl tracing::Subscriber for PanicsAt {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Said(String);
        impl tracing::field::Visit for Said {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                std::fmt::write(&mut self.0, format_args!("{value:?}")).unwrap();
            }
        }
        let mut said = Said(String::new());
        event.record(&mut said);
        assert!(!said.0.contains(self.what) || self.has.swap(true, Ordering::Relaxed), "as it was told to");
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

// In the middle of letters that were granted together, of which some have left.
both!(a_sender_that_panics_leaves_no_letter_in_doubt_that_had_not_begun, |backend| {
    let (members, mails) = (60, 30);
    let relay = Relay::with(Script { pipelining: true, busy_after: Some(mails), ..Script::default() });
    let world = world(backend, members);
    let allowed = RelayAllowance { connections: 1, mails: 100, rate: None, relay: None };
    let dispatcher = world.dispatcher_with("one", over_smtp(&relay), allowed);
    world.at(ANNOUNCED);
    world.plan();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let panics = PanicsAt { what: "a connection broke off before a message left", has: AtomicBool::new(false) };
    let stop = CancellationToken::new();
    // Turn after turn, as the daemon does: there is no other sender to wait for.
    let until_it_breaks = async {
        for _ in 0..1_000 {
            dispatcher.turn(&stop).await?;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Ok(())
    };
    let broken = tracing::subscriber::with_default(panics, || runtime.block_on(until_it_breaks));
    assert!(matches!(broken, Err(DispatchError::Sender)), "{broken:?}");
    assert_eq!(relay.count(), mails as usize);
    while runtime.block_on(dispatcher.drain(&stop)).is_err() {}
    assert_eq!(world.count("announcement", InDoubt), 0);
    assert_eq!((world.count("announcement", Accepted), relay.count()), (members as u64, members));
});

both!(a_pause_neither_loses_nor_doubles, |backend| {
    let relay = Relay::start();
    let world = world(backend, 20);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let now = world.clock.now();
    world.store.write_blocking(|db| campaigns::pause(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
    world.drain(&dispatcher);
    assert_eq!((relay.count(), world.count("announcement", Queued)), (0, 20));
    world.store.write_blocking(|db| campaigns::resume(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
    world.drain(&dispatcher);
    assert_eq!((relay.count(), world.count("announcement", Accepted)), (20, 20));
});

both!(a_cancelled_campaign_sends_nothing_more, |backend| {
    let relay = Relay::start();
    let world = world(backend, 5);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let now = world.clock.now();
    world.store.write_blocking(|db| campaigns::cancel(db, &slug("hiver"), None, "camille", now)).unwrap().unwrap();
    world.drain(&dispatcher);
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.drain(&dispatcher);
    assert_eq!((relay.count(), world.count("announcement", Skipped)), (0, 5));
    assert_eq!(world.report("opening").state, MailingState::Cancelled);
});

both!(a_relay_that_says_421_is_left_alone, |backend| {
    let relay = Relay::with(Script { busy_after: Some(0), ..Script::default() });
    // More than are claimed at once.
    let world = world(backend, 300);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let next = world.drain(&dispatcher).unwrap();
    assert!(next >= world.clock.now() + SignedDuration::from_secs(30), "{next}");
    assert_eq!(world.count("announcement", Claimed), 0, "what the relay is not offered is claimed by nobody");
    let connections = relay.connections();
    // Asked again at once, it does not even connect.
    assert_eq!(world.drain(&dispatcher), Some(world.clock.now() + SignedDuration::from_secs(30)));
    assert_eq!(relay.connections(), connections);
    let waiting = world.count("announcement", Queued) + world.count("announcement", Deferred);
    assert_eq!(waiting, 300, "{:?}", world.report("announcement"));
});

both!(a_relay_that_is_down_costs_no_attempts, |backend| {
    let world = world(backend, 12);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gone = Relay::start().settings();
    let settings = carillon::config::RelaySettings { port, ..gone };
    let dispatcher = world.dispatcher("one", Transport::smtp(&settings, Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    let next = world.drain(&dispatcher).unwrap();
    assert_eq!(next, world.clock.now() + SignedDuration::from_secs(30));
    let queued = world.queue(Some(Queued));
    assert!(queued.len() == 12 && queued.iter().all(|row| row.attempts == 0), "{queued:?}");
});

both!(a_restart_takes_back_what_was_claimed, |backend| {
    let world = world(backend, 4);
    world.at(ANNOUNCED);
    world.plan();
    world.claim("dead", 10, Timestamp::MAX);
    let leases = Leases::All("alive".to_owned());
    let planned = world.plan_with(&leases, Begin::WhatIsDue);
    assert_eq!(planned.events, [PlannerEvent::Reaped { put_back: 4, in_doubt: 0 }]);
    assert_eq!(world.count("announcement", Queued), 4);
});

both!(letters_carry_what_the_standards_ask, |backend| {
    let relay = Relay::start();
    let world = world(backend, 2);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    let accepted = relay.accepted();
    assert_eq!(accepted.len(), 2);
    let mut ids = BTreeSet::new();
    for message in &accepted {
        assert!(message.from.starts_with("b+") && message.from.ends_with("@b.example.fr"), "{}", message.from);
        let text = String::from_utf8(message.bytes.clone()).unwrap();
        assert!(text.contains("List-Unsubscribe: <https://news.example.fr/u/v1."), "{text}");
        assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
        ids.insert(text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned());
    }
    assert_eq!(ids.len(), 2);
});

/// How long 2,000 deliveries take to a relay in this process: `cargo test how_fast -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement: it depends on the machine"]
fn how_fast() {
    let relay = Relay::with(Script { keep: false, ..Script::default() });
    let world = world(crate::support::backend::Backend::Sqlite, 2_000);
    let dispatcher = world.dispatcher("one", over_smtp(&relay));
    world.at(ANNOUNCED);
    world.plan();
    let begun = std::time::Instant::now();
    world.drain(&dispatcher);
    println!("2,000 deliveries took {:.2?}", begun.elapsed());
    assert_eq!(relay.count(), 2_000);
}
