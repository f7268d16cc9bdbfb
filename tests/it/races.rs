//! Two processes and a hundred threads confirm, leave, pause, choose and import the same thousand people at once: the
//! ledger stays one chain, every line that was promised is in it, and the last act of each person wins.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use carillon::clock::Clock;
use carillon::config::StoreUrl;
use carillon::db::catch_up::{RecordLost, gap_to};
use carillon::db::departures::DeparturesFile;
use carillon::db::imports::{ImportTerms, Imported, import};
use carillon::db::leaving::{Ending, Leave, Leaver, Leaving};
use carillon::db::preferences::WishOutcome;
use carillon::db::pressed::Pressed;
use carillon::db::proof::{self, Found};
use carillon::db::signups;
use carillon::db::{Db, Store, StoreError, StoreResult, ledger, members};
use carillon::keys::{Keyring, Sha256Digest};
use carillon::member::{
    Action, Address, Capture, Cause, ConfirmToken, Consent, Event, Evidence, Fingerprint, Language, Lifetime, Method,
    Pseudonym, Pseudonyms, SignUp, Wish,
};
use carillon::sending::sent_file::new_file_id;
use carillon::time_trust::Leeway;
use diesel::{RunQueryDsl as _, sql_query};
use jiff::{SignedDuration, Timestamp};

use crate::support::backend::{Fresh, both};

const PEOPLE: usize = 1_000;

/// Those of them who have a last word of their own.
const SPEAKERS: usize = 400;

/// Threads of each of the two processes, one of which imports.
const THREADS: usize = 50;

/// Acts of each thread in the storm, and whole lists that an importer brings in meanwhile.
const ACTS: usize = 6;
const LISTS: usize = 2;

/// What a process is told: the place of the store, its folder, which of the two it is, what it does, and since when.
const PART: &str = "CARILLON_TEST_RACE";

fn address(person: usize) -> Address {
    format!("p{person}@example.fr").parse().unwrap()
}

fn terms() -> ImportTerms {
    ImportTerms::new("exemple", Lifetime::months(24), Keyring::generate([7; 32]))
}

fn now() -> Timestamp {
    Clock::System.now()
}

fn statement(db: &mut Db, statement: &str) -> StoreResult<()> {
    match db {
        Db::Sqlite(conn) => sql_query(statement).execute(conn)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => sql_query(statement).execute(conn)?,
    };
    Ok(())
}

/// Does what a person does who is told that the store is busy: tries again. Nothing had happened then.
fn insist<T>(act: impl Fn() -> StoreResult<T>) -> T {
    for _ in 0..100 {
        match act() {
            Err(StoreError::Busy) => {}
            done => return done.unwrap(),
        }
    }
    panic!("the store has been busy for too long");
}

/// 32 bytes that no other call has.
fn seed() -> [u8; 32] {
    static DRAWN: AtomicUsize = AtomicUsize::new(0);
    let drawn = format!("{} {}", std::process::id(), DRAWN.fetch_add(1, Ordering::Relaxed));
    *Sha256Digest::of(drawn.as_bytes()).as_bytes()
}

/// What happens at the same time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Anybody does anything.
    Storm,
    /// Each person does what is to stand, while lists that are older go on coming in.
    LastWord,
}

/// One of the two processes.
struct Part {
    store: Store,
    door: Leaving,
    number: usize,
    /// Lines that the ledger was promised.
    lines: AtomicUsize,
}

impl Part {
    fn record(folder: &Path, number: usize) -> DeparturesFile {
        // Processes on one machine share a record, daemons on several have one each.
        DeparturesFile::new(folder.join(format!("race-{number}.departures")))
    }

    fn new(url: &StoreUrl, folder: &Path, number: usize) -> Self {
        let store = Store::open(url).unwrap();
        let door = Leaving::new(store.clone(), Self::record(folder, number), "exemple", Leeway::unlimited());
        Self { store, door, number, lines: AtomicUsize::new(0) }
    }

    fn promised(&self, lines: usize) {
        self.lines.fetch_add(lines, Ordering::Relaxed);
    }

    fn member(&self, person: usize) -> Pseudonym {
        let fingerprints = Fingerprint::all(&terms().keyring, &address(person));
        let find = || self.store.read_blocking(|db| members::find_by_fingerprint(db, &fingerprints));
        insist(find).unwrap().pseudonym
    }

    fn leaves(&self, leaver: Leaver, method: Method) -> Ending {
        let leave = Leave { cause: Cause::Withdrawn, method, at: now() };
        let leavers = [leaver];
        let ending = insist(|| self.door.leave_blocking(&leavers, &leave))[0];
        self.promised(usize::from(ending == Ending::Done));
        ending
    }

    fn erases(&self, person: usize) -> Ending {
        let leave = Leave { cause: Cause::Erased, method: Method::Staff("camille".into()), at: now() };
        let member = self.member(person);
        let ending = insist(|| self.door.erase_blocking(&member, &leave, "camille"));
        self.promised(usize::from(ending == Ending::Done));
        ending
    }

    fn asks(&self, person: usize, wish: Wish) -> WishOutcome {
        let (member, now) = (self.member(person), now());
        let outcome = insist(|| self.door.grant_blocking(&member, wish, now));
        self.promised(usize::from(outcome == WishOutcome::Done));
        outcome
    }

    /// Signs up, gets the letter, presses the button.
    fn confirms(&self, person: usize) -> Pressed {
        let nonce: [u8; 16] = seed()[..16].try_into().unwrap();
        let sign_up = SignUp {
            address: address(person),
            language: Language::Fr,
            text: "Je souhaite recevoir les avant-premières par courriel.".into(),
            form_version: "1".into(),
            source: "join".into(),
            nonce,
        };
        let (terms, at) = (terms(), now());
        let fingerprint = Fingerprint::of(&terms.keyring, &sign_up.address);
        let (micros, who) = (at.as_microsecond(), fingerprint.digits());
        let mailed = format!(
            "UPDATE signups SET mail_ref = '<{who}@example.fr>', begun_at = {micros}, sent_at = {micros} \
             WHERE fingerprint = '{who}' AND sent_at IS NULL"
        );
        insist(|| {
            self.store.write_blocking(|db| {
                signups::put(db, std::slice::from_ref(&sign_up), &terms.keyring, at)?;
                statement(db, &mailed)
            })
        });
        let token = ConfirmToken::of(&terms.keyring, fingerprint.key(), &nonce).unwrap();
        let (fresh, now) = (Pseudonyms::from_seed(seed()).draw(), now());
        let press = || self.store.write_blocking(|db| signups::confirm(db, &token, &terms, fresh, now));
        let pressed = insist(press);
        self.promised(if pressed == Pressed::Done { 3 } else { 0 });
        pressed
    }

    /// Brings in a list of everybody, who all agreed at `at`.
    fn imports(&self, at: Timestamp) {
        let mut rows: Vec<Evidence> = (0..PEOPLE)
            .map(|person| Evidence {
                address: address(person),
                language: Language::Fr,
                confirmed_at: at,
                wording: "Je souhaite recevoir les avant-premières par courriel.".into(),
                source: "form-7".into(),
                capture: Capture::WebForm,
                form_version: None,
            })
            .collect();
        if self.number == 1 {
            rows.reverse();
        }
        let new = |outcome: &&Imported| !matches!(outcome, Imported::Known | Imported::Barred(_));
        for rows in rows.chunks(PEOPLE / 4) {
            let pseudonyms = Pseudonyms::from_seed(seed());
            let outcomes =
                insist(|| self.store.write_blocking(|db| import(db, rows, &terms(), pseudonyms.clone(), now(), false)));
            self.promised(outcomes.iter().filter(new).count());
        }
    }

    /// Whatever comes to somebody's mind.
    fn storm(&self, thread: usize) {
        for act in 0..ACTS {
            let drawn = Sha256Digest::of(format!("{} {thread} {act}", self.number).as_bytes());
            let [kind, high, low, ..] = *drawn.as_bytes();
            // Some are busier than others, so that many threads meet at one person.
            let person = (usize::from(high) * 256 + usize::from(low)) % if kind > 127 { PEOPLE } else { 20 };
            match kind % 6 {
                0 => _ = self.leaves(Leaver::Member(self.member(person)), Method::OneClickPost),
                1 => {
                    let fingerprints = Fingerprint::all(&terms().keyring, &address(person));
                    let fresh = Pseudonyms::from_seed(seed()).draw();
                    _ = self.leaves(Leaver::Address { fingerprints, fresh }, Method::Staff("camille".into()));
                }
                2 => _ = self.asks(person, Wish::PauseUntil(tomorrow())),
                3 => _ = self.asks(person, Wish::Language(Language::En)),
                _ => _ = self.confirms(person),
            }
        }
    }

    /// What is to stand of a person.
    fn last_word(&self, person: usize) {
        let back = || assert_eq!(self.confirms(person), Pressed::Done, "{person}");
        match Last::of(person) {
            Last::Leaves => _ = self.leaves(Leaver::Member(self.member(person)), Method::OneClickPost),
            Last::Confirms => back(),
            Last::Pauses => {
                back();
                assert_eq!(self.asks(person, Wish::PauseUntil(pause())), WishOutcome::Done);
            }
            Last::Chooses => {
                back();
                assert_eq!(self.asks(person, Wish::Language(Language::En)), WishOutcome::Done);
            }
            Last::Erases => {
                back();
                assert_eq!(self.erases(person), Ending::Done);
            }
        }
    }

    fn run(&self, phase: Phase, since: Timestamp) {
        std::thread::scope(|scope| {
            for thread in 1..THREADS {
                scope.spawn(move || match phase {
                    Phase::Storm => self.storm(thread),
                    Phase::LastWord => (0..SPEAKERS)
                        .filter(|person| person % 2 == self.number && (person / 2) % (THREADS - 1) == thread - 1)
                        .for_each(|person| self.last_word(person)),
                });
            }
            for _ in 0..LISTS {
                self.imports(if phase == Phase::Storm { now() } else { since });
            }
        });
        if phase == Phase::LastWord {
            self.imports(since);
        }
    }
}

/// The last act of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Leaves,
    Confirms,
    Pauses,
    Chooses,
    Erases,
}

impl Last {
    fn of(person: usize) -> Self {
        [Self::Leaves, Self::Confirms, Self::Pauses, Self::Chooses, Self::Erases][person % 5]
    }
}

/// As the page writes it, in whole seconds.
fn tomorrow() -> Timestamp {
    Timestamp::from_second((now() + SignedDuration::from_hours(24)).as_second()).unwrap()
}

fn pause() -> Timestamp {
    "2100-01-01T00:00:00Z".parse().unwrap()
}

/// One process and its part. Without the words that it is told it has nothing to do.
#[test]
#[ignore = "each of the two processes of `the_last_act_of_each_person_wins`"]
fn one_process() {
    let Ok(told) = std::env::var(PART) else { return };
    let [kind, place, folder, number, phase, since] = told.split('\t').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let url = if kind == "sqlite" { StoreUrl::Sqlite(place.into()) } else { StoreUrl::Postgres(place.to_owned()) };
    let part = Part::new(&url, Path::new(folder), number.parse().unwrap());
    let phase = if phase == "storm" { Phase::Storm } else { Phase::LastWord };
    part.run(phase, since.parse().unwrap());
    std::fs::write(promised_by(folder.as_ref(), part.number), part.lines.into_inner().to_string()).unwrap();
}

fn promised_by(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("race-{number}.promised"))
}

/// Two processes do `phase` at once. Returns how many lines they promised.
fn two_processes(fresh: &Fresh, phase: &str) -> usize {
    let folder = fresh.folder.path();
    let place = match &fresh.url {
        StoreUrl::Sqlite(path) => format!("sqlite\t{}", path.display()),
        StoreUrl::Postgres(url) => format!("postgres\t{url}"),
    };
    let since = now();
    let begin = |number: usize| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "races::one_process", "--ignored", "--nocapture"])
            .env(PART, format!("{place}\t{}\t{number}\t{phase}\t{since}", folder.display()))
            .spawn()
            .unwrap()
    };
    let ended = |mut child: Child| assert!(child.wait().unwrap().success());
    [begin(0), begin(1)].into_iter().for_each(ended);
    let promised = |number| std::fs::read_to_string(promised_by(folder, number)).unwrap().parse::<usize>().unwrap();
    promised(0) + promised(1)
}

/// What a reader of the ledger sees: nothing but the person brings back whoever left.
#[track_caller]
fn nothing_undoes_a_withdrawal(events: &[Event]) {
    let mut left = false;
    for event in events.iter().map(|event| &event.what) {
        let imported = matches!(event.method, Method::Import(_));
        assert!(!(left && imported), "an import has a line after a withdrawal: {event:?}");
        left = match event.action {
            Action::Withdrawn | Action::Erased => true,
            Action::Confirmed => false,
            _ => left,
        };
    }
}

both!(the_last_act_of_each_person_wins, |backend| {
    let (fresh, store) = Fresh::store(backend);
    let folder = fresh.folder.path();
    let parts = [0, 1].map(|number| {
        let part = Part::new(&fresh.url, folder, number);
        part.door.settle_blocking(seed(), new_file_id().unwrap(), now(), RecordLost::BeginAnew).unwrap();
        part
    });
    parts[0].imports(now());
    let mut promised = PEOPLE;
    for phase in ["storm", "last word"] {
        // Links that were pressed too early, and that their people would press again.
        store.write_blocking(|db| statement(db, "DELETE FROM signups")).unwrap();
        promised += two_processes(&fresh, phase);
        let head = store.snapshot_blocking(|db| ledger::verify(db, &terms().keyring)).unwrap().unwrap();
        assert_eq!(usize::try_from(head.seq).unwrap(), promised, "{phase}: every line that was promised, and no other");
        let mut found = Found::default();
        let keyring = terms().keyring;
        let people =
            store.snapshot_blocking(|db| proof::verify(db, &keyring, Lifetime::months(24), &mut found)).unwrap();
        assert_eq!((people, found), (1_000, Found::default()), "{phase}");
    }
    let mut rows = HashMap::new();
    for member in store.read_blocking(|db| members::list(db, None, 0, 2_000)).unwrap() {
        rows.insert(member.fingerprint, member);
    }
    for person in 0..PEOPLE {
        let row = &rows[&Fingerprint::of(&terms().keyring, &address(person))];
        let events = store.read_blocking(|db| ledger::events_of(db, &row.pseudonym)).unwrap();
        nothing_undoes_a_withdrawal(&events);
        if person >= SPEAKERS {
            continue;
        }
        let (consent, paused, language) = match Last::of(person) {
            Last::Leaves => (Consent::Withdrawn, None, row.language),
            Last::Confirms => (Consent::Confirmed, None, Language::Fr),
            Last::Pauses => (Consent::Confirmed, Some(pause()), Language::Fr),
            Last::Chooses => (Consent::Confirmed, None, Language::En),
            Last::Erases => (Consent::Erased, None, row.language),
        };
        assert_eq!((row.consent, row.paused_until, row.language), (consent, paused, language), "person {person}");
        assert_eq!(row.address.is_none(), consent == Consent::Erased, "person {person}");
    }
    for (number, part) in parts.iter().enumerate() {
        let caught_up = part.door.catch_up_blocking(seed(), now()).unwrap();
        assert!(!caught_up.behind, "{caught_up:?}");
        let gap = store.read_blocking(|db| gap_to(db, &Part::record(folder, number))).unwrap();
        assert_eq!(gap, None, "the record says the same");
    }
});
