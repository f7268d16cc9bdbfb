//! What changes while a message is on its way: it is seen until the body leaves, and what must not leave does not.

use carillon::config::StoreUrl;
use carillon::db::campaigns;
use carillon::db::problems::{self, WhichProblems};
use carillon::db::reports;
use carillon::delivery::DeliveryState::{Accepted, Expired, InDoubt, Queued, Skipped};
use carillon::delivery::state::DeliveryEvent;
use carillon::problem::ProblemKind;
use carillon::sending::dispatcher::Dispatcher;
use carillon::smtp::Limits;
use carillon::transport::Transport;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::support::backend::{Backend, both};
use crate::support::relay::{Relay, Script};
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World};

/// The deadline of the announcement.
const OPENS: &str = "2027-01-02T07:00:00Z";

/// A shop whose announcement is due, with a dispatcher and a relay.
struct Sending {
    world: World,
    relay: Relay,
    dispatcher: Dispatcher,
}

impl Sending {
    fn new(backend: Backend, people: &[&str]) -> Self {
        Self::to(Relay::start(), backend, people)
    }

    /// To a relay that is asked for all before the body in one go.
    fn in_one_go(backend: Backend, people: &[&str]) -> Self {
        Self::to(Relay::with(Script { pipelining: true, ..Script::default() }), backend, people)
    }

    fn to(relay: Relay, backend: Backend, people: &[&str]) -> Self {
        let world = World::new(backend, people);
        let dispatcher = world.dispatcher("one", over_smtp(&relay));
        world.at(ANNOUNCED);
        world.plan();
        Self { world, relay, dispatcher }
    }

    /// Sends, and does something `meanwhile`; the relay opens after it.
    fn and(&self, meanwhile: impl FnOnce()) {
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| self.world.drain(&self.dispatcher));
            meanwhile();
            self.relay.open();
            draining.join().unwrap();
        });
    }

    fn commands(&self, verb: &str) -> usize {
        self.relay.commands().iter().filter(|command| command.starts_with(verb)).count()
    }

    /// The member at the head of the queue withdraws.
    fn first_withdraws(&self) {
        self.world.withdraw(&self.world.queue(None)[0]);
    }
}

fn over_smtp(relay: &Relay) -> Transport {
    Transport::smtp(&relay.settings(), Limits::default()).unwrap()
}

/// A connection of somebody else's, in a transaction that has changed things and is not committed.
enum Other {
    Sqlite(SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

impl Other {
    fn begin(world: &World, sql: &str) -> Self {
        let mut other = match &world.fresh.url {
            StoreUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 30000").unwrap();
                Self::Sqlite(conn)
            }
            #[cfg(feature = "postgres")]
            StoreUrl::Postgres(url) => Self::Postgres(diesel::PgConnection::establish(url).unwrap()),
            #[cfg(not(feature = "postgres"))]
            StoreUrl::Postgres(_) => unreachable!(),
        };
        let begin = if matches!(other, Self::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        other.execute(begin);
        other.execute(sql);
        other
    }

    /// Makes every change to a delivery fail, as on a full disk.
    fn refuse_writes(world: &World) {
        let sql = match &world.fresh.url {
            StoreUrl::Sqlite(_) => {
                "CREATE TRIGGER full_disk BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            }
            StoreUrl::Postgres(_) => {
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'could not extend file: no space left on device'; END $$; \
                 CREATE TRIGGER full_disk BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION full_disk()"
            }
        };
        Self::begin(world, sql).execute("COMMIT");
    }

    fn accept_writes(world: &World) {
        let sql = match &world.fresh.url {
            StoreUrl::Sqlite(_) => "DROP TRIGGER full_disk",
            StoreUrl::Postgres(_) => "DROP TRIGGER full_disk ON deliveries",
        };
        Self::begin(world, sql).execute("COMMIT");
    }

    fn execute(&mut self, sql: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
            #[cfg(feature = "postgres")]
            Self::Postgres(conn) => conn.batch_execute(sql).unwrap(),
        }
    }

    /// Commits after the daemon has had the time to run into the lock. Whether it has makes no difference to what must
    /// come of it.
    fn commit(mut self) {
        std::thread::sleep(std::time::Duration::from_millis(200));
        self.execute("COMMIT");
    }
}

both!(who_has_left_is_not_named_to_the_relay, |backend| {
    let sending = Sending::new(backend, &["anna@example.fr", "bela@example.fr"]);
    sending.first_withdraws();
    sending.and(|| {});
    assert_eq!((sending.relay.attempts("anna@example.fr"), sending.commands("MAIL")), (0, 1));
    assert_eq!((sending.world.count("announcement", Skipped), sending.relay.count()), (1, 1));
});

both!(withdrawal_wins_until_the_relay_is_asked, |backend| {
    let sending = Sending::new(backend, &["slow-rcpt@example.fr"]);
    sending.and(|| {
        sending.relay.wait_for_attempts("slow-rcpt@example.fr", 1);
        sending.first_withdraws();
    });
    assert_eq!((sending.world.count("announcement", Skipped), sending.commands("DATA")), (1, 0));
    assert_eq!(sending.world.queue(None)[0].reason.as_deref(), Some("consent-gone"));
});

both!(withdrawal_wins_until_the_body_leaves, |backend| {
    let sending = Sending::new(backend, &["slow-go@example.fr"]);
    sending.and(|| {
        sending.relay.wait_for_commands("DATA", 1);
        sending.first_withdraws();
        // Long enough by the daemon's clock for its answer to be an old one.
        sending.world.clock.advance_to(sending.world.clock.now() + SignedDuration::from_secs(1));
    });
    let world = &sending.world;
    assert_eq!((world.count("announcement", Skipped), world.count("announcement", InDoubt)), (1, 0));
    assert_eq!((sending.relay.count(), world.report("announcement").taken), (0, 0));
});

// Where the relay hears DATA with the address, what changed meanwhile is seen before the body.
both!(in_one_go_withdrawal_wins_until_the_body_leaves, |backend| {
    for slow in ["slow-rcpt@example.fr", "slow-go@example.fr"] {
        let sending = Sending::in_one_go(backend, &[slow]);
        sending.and(|| {
            sending.relay.wait_for_attempts(slow, 1);
            sending.first_withdraws();
            sending.world.clock.advance_to(sending.world.clock.now() + SignedDuration::from_secs(1));
        });
        let world = &sending.world;
        assert_eq!((world.count("announcement", Skipped), world.count("announcement", InDoubt)), (1, 0), "{slow}");
        assert_eq!((sending.relay.count(), world.report("announcement").taken), (0, 0), "{slow}");
    }
});

both!(in_one_go_never_late_behind_a_slow_relay, |backend| {
    for slow in ["slow-rcpt@example.fr", "slow-go@example.fr"] {
        let sending = Sending::in_one_go(backend, &[slow]);
        sending.and(|| {
            sending.relay.wait_for_attempts(slow, 1);
            sending.world.at("2027-01-02T07:00:00Z");
        });
        assert_eq!((sending.world.count("announcement", Expired), sending.relay.count()), (1, 0), "{slow}");
    }
});

// The connection is open already, and nothing is asked but the grant.
both!(in_one_go_who_has_left_is_not_named_to_the_relay, |backend| {
    let sending = Sending::in_one_go(backend, &["anna@example.fr", "bela@example.fr"]);
    sending.and(|| {});
    assert_eq!((sending.relay.count(), sending.commands("RSET")), (2, 0));
    let world = &sending.world;
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.withdraw(&world.queue(Some(Queued))[0]);
    world.drain(&sending.dispatcher);
    assert_eq!((world.count("opening", Skipped), world.count("opening", Accepted)), (1, 1));
    assert_eq!((sending.commands("MAIL"), sending.relay.count()), (3, 3));
});

both!(never_late_behind_a_slow_relay, |backend| {
    let sending = Sending::new(backend, &["slow-go@example.fr"]);
    sending.and(|| {
        sending.relay.wait_for_commands("DATA", 1);
        sending.world.at("2027-01-02T07:00:00Z");
    });
    let world = &sending.world;
    assert_eq!((world.count("announcement", Expired), sending.relay.count()), (1, 0));
    world.plan();
    assert!(world.report("announcement").ended_at.is_some());
});

// The deadline passes so soon after the grant that the store need not be asked again: the clock alone says no.
both!(never_late_by_a_millisecond, |backend| {
    let sending = Sending::new(backend, &["slow-go@example.fr"]);
    sending.world.at("2027-01-02T06:59:59.999Z");
    sending.and(|| {
        sending.relay.wait_for_commands("DATA", 1);
        sending.world.at("2027-01-02T07:00:00Z");
    });
    assert_eq!((sending.world.count("announcement", Expired), sending.relay.count()), (1, 0));
});

both!(a_pause_before_the_body_leaves_costs_only_time, |backend| {
    let sending = Sending::new(backend, &["slow-go@example.fr"]);
    let world = &sending.world;
    let now = world.clock.now();
    sending.and(|| {
        sending.relay.wait_for_commands("DATA", 1);
        world.store.write_blocking(|db| campaigns::pause(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
        world.clock.advance_to(now + SignedDuration::from_secs(1));
    });
    assert_eq!((world.count("announcement", Queued), sending.relay.count()), (1, 0));
    world.store.write_blocking(|db| campaigns::resume(db, &slug("hiver"), "camille", now)).unwrap().unwrap();
    world.drain(&sending.dispatcher);
    assert_eq!((world.count("announcement", Accepted), sending.relay.count()), (1, 1));
    assert_eq!(world.queue(None)[0].attempts, 1, "what was not sent was not tried");
});

both!(what_is_being_committed_is_waited_for, |backend| {
    let sending = Sending::new(backend, &["slow-rcpt@example.fr"]);
    sending.and(|| {
        sending.relay.wait_for_attempts("slow-rcpt@example.fr", 1);
        let pause = Other::begin(&sending.world, "UPDATE campaigns SET state = 'paused'");
        sending.relay.open();
        pause.commit();
    });
    assert_eq!((sending.world.count("announcement", Queued), sending.commands("DATA")), (1, 0));
});

both!(never_late_behind_a_locked_store, |backend| {
    let sending = Sending::new(backend, &["slow-rcpt@example.fr"]);
    sending.and(|| {
        sending.relay.wait_for_attempts("slow-rcpt@example.fr", 1);
        let busy = Other::begin(&sending.world, "UPDATE members SET consent = consent");
        sending.relay.open();
        std::thread::sleep(std::time::Duration::from_millis(200));
        sending.world.at("2027-01-02T07:00:00Z");
        busy.commit();
    });
    assert_eq!((sending.world.count("announcement", Expired), sending.commands("DATA")), (1, 0));
});

both!(nobody_waits_for_somebody_else, |backend| {
    let sending = Sending::new(backend, &["slow-dot@example.fr", "anna@example.fr", "bela@example.fr"]);
    let (world, dispatcher) = (&sending.world, &sending.dispatcher);
    let stop = CancellationToken::new();
    world.runtime.block_on(dispatcher.turn(&stop)).unwrap();
    sending.relay.wait_for(3);
    // One recipient is stuck at the final dot, and the next mailing begins. Both others get it at once.
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    world.runtime.block_on(dispatcher.turn(&stop)).unwrap();
    sending.relay.wait_for(6);
    sending.relay.open();
    world.drain(dispatcher);
    assert_eq!((world.count("announcement", Accepted), world.count("opening", Accepted)), (3, 3));
});

both!(what_was_heard_is_written_when_it_can_be, |backend| {
    let sending = Sending::new(backend, &["slow-dot@example.fr", "slow-rcpt@example.fr"]);
    let (world, dispatcher) = (&sending.world, &sending.dispatcher);
    let stop = CancellationToken::new();
    world.runtime.block_on(dispatcher.turn(&stop)).unwrap();
    sending.relay.wait_for_commands("DATA", 1);
    sending.relay.wait_for_attempts("slow-rcpt@example.fr", 1);
    // From here on nothing can be written. One sender hears that its message is taken, the other one asks for its own.
    Other::refuse_writes(world);
    sending.relay.open();
    let why = loop {
        if let Err(error) = world.runtime.block_on(dispatcher.turn(&stop)) {
            break error.to_string();
        }
        std::thread::yield_now();
    };
    assert!(why.contains("the journal cannot be written"), "{why}");
    assert_eq!((sending.relay.count(), sending.commands("DATA")), (1, 1), "nothing is granted meanwhile");
    // Its clock runs ahead of its lease meanwhile, and it goes on by itself.
    world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(20));
    Other::accept_writes(world);
    world.runtime.block_on(async {
        while dispatcher.drain(&stop).await.is_err() {
            dispatcher.changed().await;
        }
    });
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, sending.relay.count()), (2, 2, 2));
});

both!(a_daemon_that_slept_in_the_middle_sends_nothing, |backend| {
    let sending = Sending::new(backend, &["slow-go@example.fr"]);
    let world = &sending.world;
    let awake = Relay::start();
    sending.and(|| {
        sending.relay.wait_for_commands("DATA", 1);
        // It sleeps for twenty minutes. Meanwhile its lease ends, a person finds that nothing arrived, and another daemon
        // sends.
        world.clock.advance_to(world.clock.now() + SignedDuration::from_mins(20));
        world.plan();
        let in_doubt = world.queue(Some(InDoubt)).remove(0);
        let now = world.clock.now();
        let resend =
            |db: &mut carillon::db::Db| reports::resolve(db, in_doubt.id, DeliveryEvent::ResolveResend, "camille", now);
        world.store.write_blocking(resend).unwrap().unwrap();
        awake.open();
        world.drain(&world.dispatcher("awake", over_smtp(&awake)));
    });
    assert_eq!((sending.relay.count(), awake.count()), (0, 1));
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, report.doubled), (1, 1, 0));
});

// It is silent for too long without any clock of its leases running out: it sleeps, or has lost its network.
both!(who_is_taken_for_dead_before_the_grant_sends_nothing, |backend| {
    let sending = Sending::new(backend, &["slow-rcpt@example.fr"]);
    let (world, awake) = (&sending.world, Relay::start());
    sending.and(|| {
        sending.relay.wait_for_attempts("slow-rcpt@example.fr", 1);
        assert_eq!(world.take_over_from("one"), (1, 0));
        awake.open();
        world.drain(&world.dispatcher("awake", over_smtp(&awake)));
    });
    assert_eq!((sending.relay.count(), sending.commands("DATA"), awake.count()), (0, 0, 1));
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, report.doubled), (1, 1, 0));
});

both!(who_is_taken_for_dead_before_the_body_sends_nothing_and_nobody_else_does, |backend| {
    for pipelining in [false, true] {
        let relay = Relay::with(Script { pipelining, ..Script::default() });
        let sending = Sending::to(relay, backend, &["slow-go@example.fr"]);
        let (world, awake) = (&sending.world, Relay::start());
        sending.and(|| {
            sending.relay.wait_for_attempts("slow-go@example.fr", 1);
            sending.relay.wait_for_commands("DATA", 1);
            assert_eq!(world.take_over_from("one"), (0, 1), "pipelining {pipelining}");
            awake.open();
            world.drain(&world.dispatcher("awake", over_smtp(&awake)));
            // Long enough by the daemon's clock for its answer to be an old one.
            world.clock.advance_to(world.clock.now() + SignedDuration::from_secs(1));
        });
        assert_eq!((sending.relay.count(), awake.count()), (0, 0), "pipelining {pipelining}");
        let report = world.report("announcement");
        assert_eq!((report.counts[&InDoubt], report.taken), (1, 0), "pipelining {pipelining}");
    }
});

// The relay has the message: nobody else sends it, and what its sender hears outweighs the doubt.
both!(who_is_taken_for_dead_behind_the_last_dot_says_what_it_heard, |backend| {
    let sending = Sending::new(backend, &["slow-dot@example.fr"]);
    let (world, awake) = (&sending.world, Relay::start());
    sending.and(|| {
        sending.relay.wait_for(1);
        assert_eq!(world.take_over_from("one"), (0, 1));
        awake.open();
        world.drain(&world.dispatcher("awake", over_smtp(&awake)));
        assert_eq!(world.count("announcement", InDoubt), 1);
    });
    assert_eq!((sending.relay.count(), awake.count()), (1, 0));
    let report = world.report("announcement");
    assert_eq!((report.counts[&Accepted], report.taken, report.doubled), (1, 1, 0));
});

/// The kinds of problem that stand, and what they say.
fn problems(world: &World) -> Vec<(ProblemKind, String)> {
    let standing = world.store.read_blocking(|db| problems::list(db, WhichProblems::Standing)).unwrap();
    standing.into_iter().map(|stored| (stored.problem.kind, stored.problem.words)).collect()
}

both!(a_mailing_of_which_every_letter_expires_has_missed_its_time, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.fr"]);
    world.at(ANNOUNCED);
    world.plan();
    world.at(OPENS);
    world.plan();
    assert_eq!(world.count("announcement", Expired), 2);
    let stand = problems(&world);
    let of = |kind| stand.iter().filter(|(it, _)| *it == kind).map(|(_, words)| words.as_str()).collect::<Vec<_>>();
    assert!(
        of(ProblemKind::MailingMissed).iter().any(|words| words.contains("2 deliveries expired unsent")),
        "{stand:?}"
    );
    assert!(of(ProblemKind::DeliveriesExpired).is_empty(), "{stand:?}");
});

both!(a_mailing_of_which_some_letters_expire_was_written_to_others, |backend| {
    let relay = Relay::with(Script { greylist: 99, ..Script::default() });
    let sending = Sending::to(relay, backend, &["anna@example.fr", "greylist@example.org"]);
    sending.relay.open();
    sending.world.drain(&sending.dispatcher);
    assert_eq!(sending.world.count("announcement", Accepted), 1);
    sending.world.at(OPENS);
    sending.world.plan();
    assert_eq!(sending.world.count("announcement", Expired), 1);
    let stand = problems(&sending.world);
    assert!(stand.iter().any(|(kind, _)| *kind == ProblemKind::DeliveriesExpired), "{stand:?}");
    assert!(!stand.iter().any(|(kind, _)| *kind == ProblemKind::MailingMissed), "{stand:?}");
});
