//! What comes back is read as it is meant: on a few reports of our own making, and on a collection of real ones where there is one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use carillon::bounce::{self, BounceClass, BounceEffect, BounceTable, FeedbackKind, Returned, ReturnedKind};
use carillon::config::BounceSettings;
use carillon::db::imports::ImportTerms;
use carillon::db::intake::{GivenUp, Intake, Taken};
use carillon::db::members::{self, Member};
use carillon::db::pressed::Pressed;
use carillon::db::renewals::RenewalLetter;
use carillon::db::retention::ProofClock;
use carillon::db::signups::{self, LetterOutcome, LetterSender, NextLetter};
use carillon::db::{bounces, dossiers, retention, suppressions};
use carillon::delivery::identity;
use carillon::keys::Keyring;
use carillon::member::renewal::{self, asked_at};
use carillon::member::retention::{Periods, RetentionClock};
use carillon::member::{
    Action, Cause, ConfirmToken, Consent, Fingerprint, Method, Pseudonym, sign_up, unsubscribe_token,
};
use carillon::smtp::Limits;
use carillon::transport::Transport;
use jiff::{SignedDuration, Timestamp};

use crate::renewals::{end, plan, renew, sent};
use crate::support::backend::{Backend, both};
use crate::support::folder::ShopFolder;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::slug;
use crate::support::world::{ANNOUNCED, World, asks_to_join};
use crate::tidy::root;

fn read(file: &Path) -> Returned {
    bounce::read(&fs::read(file).unwrap(), None, BounceTable::built_in())
}

#[track_caller]
fn check(name: &str, kind: ReturnedKind, class: Option<BounceClass>) {
    let returned = read(&root().join("tests/fixtures/bounces").join(name));
    assert_eq!(returned.kind, kind, "{name}: {returned:?}");
    assert_eq!(returned.recipients.first().map(|one| one.class), class, "{name}: {returned:?}");
}

#[test]
fn reports_of_our_own_making() {
    use BounceClass as C;
    use ReturnedKind::{AutoReply, Complaint, Delay, Failure, Other};
    check("postfix-unknown.eml", Failure, Some(C::AddressDead));
    check("postfix-full.eml", Failure, Some(C::MailboxFull));
    check("sendmail-delayed.eml", Delay, None);
    check("qmail-unknown.eml", Failure, Some(C::AddressDead));
    check("exim-domain.eml", Failure, Some(C::DomainDead));
    check("exchange-policy.eml", Failure, Some(C::PolicySender));
    check("orange-spam.eml", Failure, Some(C::PolicyContent));
    check("after-the-body.eml", Failure, Some(C::Unknown));
    check("french.eml", Failure, Some(C::AddressDead));
    check("complaint.eml", Complaint(FeedbackKind::Unwanted), None);
    check("out-of-office.eml", AutoReply, None);
    check("answer.eml", Other, None);
}

#[test]
fn nothing_that_is_kept_names_anybody() {
    for entry in fs::read_dir(root().join("tests/fixtures/bounces")).unwrap() {
        let returned = read(&entry.unwrap().path());
        for one in &returned.recipients {
            assert!(!one.said.contains("camille"), "{}", one.said);
        }
    }
}

/// One file of the collection and its label.
struct Labelled {
    file: PathBuf,
    /// What the labels say: nobody is there, or somebody may be.
    hard: bool,
    reason: String,
}

/// The collection beside the project: messages, and `labels.csv` with `file`, `reason` and `hard_bounce`. What its labels mean here:
///
/// - `hard_bounce` is what we call an address or a domain that is dead. A report that ends somebody only when it comes a second time
///   (`domain-dead`) counts as such; mailboxes that are full, disabled or filtered, and everything about us, do not.
/// - A file whose rows contradict each other says nothing, and is left out.
/// - `filtered` is given both to people whose filter is on and to `550 user unknown` of operators that are known to say so for
///   them. Words that plainly say at RCPT that there is no such user, with no status that says otherwise, cannot be told from
///   those that mean it (B-11): such a file counts as a disagreement, not as a living person.
fn collection() -> Option<Vec<Labelled>> {
    let folder = root().parent()?.join("shared/bounces");
    let labels = fs::read_to_string(folder.join("labels.csv")).ok()?;
    let mut found: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
    for line in labels.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        found.entry(fields[0].to_owned()).or_default().push((fields[5] == "true", fields[4].to_owned()));
    }
    let labelled = found.into_iter().filter(|(_, rows)| rows.iter().all(|row| row.0 == rows[0].0));
    Some(
        labelled
            .map(|(file, rows)| Labelled {
                file: folder.join("messages").join(file),
                hard: rows[0].0,
                reason: rows[0].1.clone(),
            })
            .collect(),
    )
}

#[test]
fn labelled_reports_are_read_as_their_labels_say() {
    let Some(collection) = collection() else { return };
    let table = BounceTable::built_in();
    let (mut agreed, mut wrong, mut living) = (0, Vec::new(), Vec::new());
    for Labelled { file, hard, reason } in &collection {
        let returned = read(file);
        let ends = |one: &bounce::Undelivered| {
            matches!(table.effect(one.class), BounceEffect::Dead | BounceEffect::DeadIfTwice)
        };
        let ours = returned.recipients.iter().any(ends);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if ours && !hard && reason != "filtered" {
            living.push(name.clone());
        }
        if ours == *hard {
            agreed += 1;
        } else {
            wrong.push(format!("{name} ({reason})"));
        }
        match reason.as_str() {
            "feedback" => assert!(matches!(returned.kind, ReturnedKind::Complaint(_)), "{name}: {returned:?}"),
            "vacation" => assert_eq!(returned.kind, ReturnedKind::AutoReply, "{name}"),
            "delivered" => assert_eq!(returned.kind, ReturnedKind::Delivered, "{name}"),
            _ => {}
        }
    }
    assert!(living.is_empty(), "somebody who is alive is taken for dead: {living:?}");
    assert!(agreed * 100 >= collection.len() * 95, "{agreed} of {} agree; not {wrong:?}", collection.len());
}

/// A report about the delivery that the return path names, of somebody with this address.
pub fn report_of(return_path: &str, address: &str, status: &str, words: &str) -> Vec<u8> {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example.fr\r\nTo: {return_path}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n<{address}>: {words}\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example.fr\r\n\r\n\
         Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} {words}\r\n--b--\r\n"
    )
    .into_bytes()
}

impl World {
    /// The announcement went to everybody.
    fn announced(&self) {
        let relay = Relay::start();
        self.at(ANNOUNCED);
        self.plan();
        self.drain(&self.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
    }

    fn intake(&self) -> Intake {
        self.intake_with(&self.keyring)
    }

    fn intake_with(&self, keyring: &Keyring) -> Intake {
        Intake::new(self.fresh.door(&self.store), keyring.clone())
    }

    fn take(&self, message: &[u8]) -> Taken {
        let returned = bounce::read(message, None, BounceTable::built_in());
        self.intake().take_blocking(&returned, self.clock.now()).unwrap()
    }

    fn judge(&self) -> GivenUp {
        self.intake().judge_blocking(self.clock.now()).unwrap()
    }

    fn member_at(&self, address: &str) -> Member {
        let prints = Fingerprint::all(&self.keyring, &address.parse().unwrap());
        self.store.read_blocking(|db| members::find_by_fingerprint(db, &prints)).unwrap().unwrap()
    }

    /// The return path of the delivery to this member.
    fn return_path_to(&self, address: &str) -> String {
        let member = self.member_at(address).pseudonym;
        let row = self.queue(None).into_iter().find(|row| row.member == member).unwrap();
        identity::return_path(&self.keyring, row.id, "b.example.fr")
    }
}

both!(an_address_at_which_nobody_is_is_given_up, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.org"]);
    world.announced();
    let report = report_of(&world.return_path_to("anna@example.fr"), "anna@example.fr", "5.1.1", "user unknown");
    assert_eq!(world.take(&report), Taken::Kept { class: BounceClass::AddressDead });
    assert_eq!(
        world.take(&report),
        Taken::Known { class: BounceClass::AddressDead },
        "the same report says nothing new"
    );
    assert_eq!(world.judge(), GivenUp { given_up: 1, waiting: 0 });
    assert_eq!(world.judge(), GivenUp::default());
    let anna = world.member_at("anna@example.fr");
    assert_eq!(anna.consent, Consent::Dead);
    let bar = world.store.read_blocking(|db| suppressions::find(db, &[anna.fingerprint])).unwrap();
    assert_eq!(bar.map(|bar| bar.cause), Some(Cause::Dead));
    let dossier = world.store.read_blocking(|db| dossiers::of(db, &anna, &world.keyring)).unwrap();
    assert_eq!(dossier.events.last().unwrap().what.action, Action::BouncedDead);
    assert!(dossier.came_back.len() == 1 && !dossier.came_back[0].said.contains("anna"), "{:?}", dossier.came_back);
    assert_eq!(world.member_at("bela@example.org").consent, Consent::Confirmed);
    let came_back = world.store.read_blocking(|db| bounces::since(db, Timestamp::MIN)).unwrap();
    assert_eq!((came_back.reports(), came_back.dead, came_back.undecided), (1, 1, 0));
});

// Anybody can send a report; only a proof that we made it is believed about whom it names.
both!(forged_reports_change_nothing, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.org"]);
    world.announced();
    let path = world.return_path_to("anna@example.fr");
    let dead = |path: &str| report_of(path, "anna@example.fr", "5.1.1", "user unknown");
    let kind = ReturnedKind::Failure;
    let (mac, other) = (path.split('.').nth(1).unwrap().to_owned(), world.return_path_to("bela@example.org"));
    for forged in [
        "shop@b.example.fr".to_owned(),
        path.replace(mac.get(..2).unwrap(), "zz"),
        path.replace("b+", "b+1"),
        format!("{}.{mac}", other.split('.').next().unwrap()),
        identity::return_path(&Keyring::generate([9; 32]), 1, "b.example.fr"),
    ] {
        assert_eq!(world.take(&dead(&forged)), Taken::NotOurs { kind }, "{forged}");
    }
    // Bela's mailbox hands mail on to one that is gone: Bela is not gone for it.
    assert_eq!(world.take(&dead(&other)), Taken::Kept { class: BounceClass::Unknown });
    let complaint = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\
                     Original-Rcpt-To: anna@example.fr\n--b--\n";
    assert!(matches!(world.take(complaint.as_bytes()), Taken::NotOurs { .. }));
    // A year later nothing is believed about it any more.
    world.at("2027-12-01T09:00:00Z");
    assert_eq!(world.take(&dead(&path)), Taken::TooOld);
    assert_eq!(world.judge(), GivenUp::default());
    assert_eq!(world.member_at("anna@example.fr").consent, Consent::Confirmed);
});

both!(a_report_outlives_a_change_of_keys, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.announced();
    let report = report_of(&world.return_path_to("anna@example.fr"), "anna@example.fr", "5.1.1", "user unknown");
    let returned = bounce::read(&report, None, BounceTable::built_in());
    let rotated = world.keyring.with_new([8; 32], jiff::Timestamp::UNIX_EPOCH);
    let taken = world.intake_with(&rotated).take_blocking(&returned, world.clock.now()).unwrap();
    assert_eq!(taken, Taken::Kept { class: BounceClass::AddressDead });
});

both!(a_message_id_of_ours_counts_with_its_own_recipient, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.org"]);
    world.announced();
    let anna = world.member_at("anna@example.fr");
    let id = identity::message_id(&world.keyring, &slug("hiver"), "announcement", &anna.pseudonym, "news.example.fr");
    let quoted = |address: &str| {
        let mut report = report_of("shop@example.fr", address, "5.1.1", "user unknown");
        report.extend(format!("\r\nMessage-ID: {id}\r\n").into_bytes());
        report
    };
    assert!(matches!(world.take(&quoted("bela@example.org")), Taken::NotOurs { .. }));
    assert_eq!(world.take(&quoted("anna@example.fr")), Taken::Kept { class: BounceClass::AddressDead });
});

both!(what_is_about_us_ends_nobody, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.announced();
    let path = world.return_path_to("anna@example.fr");
    for (status, words) in
        [("5.7.1", "blocked using an RBL"), ("5.6.0", "spam"), ("5.3.4", "message too big"), ("5.2.2", "quota")]
    {
        assert!(
            matches!(world.take(&report_of(&path, "anna@example.fr", status, words)), Taken::Kept { .. }),
            "{status}"
        );
    }
    assert_eq!(world.judge(), GivenUp::default());
    assert_eq!(world.member_at("anna@example.fr").consent, Consent::Confirmed);
});

both!(complaints_and_mails_that_unsubscribe_are_withdrawals, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.org", "carl@example.net"]);
    world.announced();
    let arf = |inside: &str| {
        format!(
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\n\
             Content-Type: message/rfc822\n\n{inside}\n\n--b--\n"
        )
    };
    let by_path = arf(&format!("Return-Path: <{}>", world.return_path_to("anna@example.fr")));
    assert_eq!(world.take(by_path.as_bytes()), Taken::Left { cause: Cause::Complained });
    let token = |address: &str| unsubscribe_token(&world.keyring, &world.member_at(address).pseudonym);
    let by_token = arf(&format!("List-Unsubscribe: <https://news.example.fr/u/{}>", token("bela@example.org")));
    assert_eq!(world.take(by_token.as_bytes()), Taken::Left { cause: Cause::Complained });
    let mail =
        format!("From: x@example.net\nTo: <u+{}@b.example.fr>\nSubject: unsubscribe\n\n", token("carl@example.net"));
    assert_eq!(world.take(mail.as_bytes()), Taken::Left { cause: Cause::Withdrawn });
    assert_eq!(world.take(mail.as_bytes()), Taken::Left { cause: Cause::Withdrawn });
    for (address, action, method) in [
        ("anna@example.fr", Action::Complained, Method::Arf),
        ("bela@example.org", Action::Complained, Method::Arf),
        ("carl@example.net", Action::Withdrawn, Method::Mailto),
    ] {
        let member = world.member_at(address);
        assert_eq!(member.consent, Consent::Withdrawn, "{address}");
        let events = world.store.read_blocking(|db| dossiers::of(db, &member, &world.keyring)).unwrap().events;
        let last = &events.last().unwrap().what;
        assert_eq!((last.action, &last.method), (action, &method), "{address}");
    }
});

both!(letters_offer_a_mail_as_the_way_out_where_it_is_read, |backend| {
    for reads in [false, true] {
        let mut world = World::new(backend, &["anna@example.fr"]);
        world.settings.bounces = reads.then_some(BounceSettings { maildir: None, lmtp: None });
        let relay = Relay::start();
        world.at(ANNOUNCED);
        world.plan();
        world.drain(&world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap()));
        let letter = String::from_utf8(relay.accepted()[0].bytes.clone()).unwrap().replace("\r\n ", " ");
        let way_out = letter.lines().find(|line| line.starts_with("List-Unsubscribe:")).unwrap();
        assert_eq!(way_out.contains(">, <mailto:u+v1."), reads, "{way_out}");
        if reads {
            let address = way_out.split("mailto:").nth(1).unwrap().split('?').next().unwrap();
            let mail = format!("From: anna@example.fr\nTo: {address}\nSubject: unsubscribe\n\n");
            assert_eq!(world.take(mail.as_bytes()), Taken::Left { cause: Cause::Withdrawn });
        }
    }
});

both!(what_the_relay_refuses_is_read_like_a_report, |backend| {
    let world = World::new(backend, &["anna@example.fr", "refuse@example.org", "refuse-after-data@example.net"]);
    world.announced();
    let read = |world: &World| world.intake().read_refusals_blocking(world.clock.now()).unwrap();
    assert_eq!(read(&world), 0, "while it is sent, it may be stopped yet");
    world.plan();
    assert_eq!((read(&world), read(&world)), (1, 0));
    assert_eq!(world.judge(), GivenUp { given_up: 1, waiting: 0 });
    assert_eq!(world.member_at("refuse@example.org").consent, Consent::Dead);
    assert_eq!(world.member_at("refuse-after-data@example.net").consent, Consent::Confirmed);
});

both!(a_relay_that_refuses_everybody_ends_nobody, |backend| {
    let people: Vec<String> = (0..30).map(|number| format!("refuse.{number}@example.fr")).collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.announced();
    assert!(world.report("announcement").stopped_at.is_some());
    world.at("2027-01-02T07:00:00Z");
    world.plan();
    assert!(world.report("announcement").state.has_ended());
    assert_eq!(world.intake().read_refusals_blocking(world.clock.now()).unwrap(), 0);
});

// A wrong day, on which a relay calls everybody unknown, takes a part of the list and not all of it.
both!(only_so_many_addresses_are_given_up_in_a_day, |backend| {
    let people: Vec<String> = (0..25).map(|number| format!("membre.{number}@example.fr")).collect();
    let world = World::new(backend, &people.iter().map(String::as_str).collect::<Vec<_>>());
    world.announced();
    for person in &people {
        let report = report_of(&world.return_path_to(person), person, "5.1.1", "user unknown");
        assert_eq!(world.take(&report), Taken::Kept { class: BounceClass::AddressDead });
    }
    assert_eq!(world.judge(), GivenUp { given_up: 20, waiting: 5 });
    assert_eq!(world.judge(), GivenUp { given_up: 0, waiting: 5 });
    world.at("2027-01-02T00:00:01Z");
    assert_eq!(world.judge(), GivenUp { given_up: 5, waiting: 0 });
});

#[test]
fn a_mail_server_is_to_try_again() {
    let report = report_of("b+1.0123456789abcdef@b.example.fr", "camille@example.fr", "5.1.1", "user unknown");
    let report = String::from_utf8(report).unwrap();
    // No configuration today may be one tomorrow.
    let said = ShopFolder::bare().run_with(&report, &["bounce", "ingest", "-"]).exits(75);
    assert!(said.stderr.contains("carillon.toml"), "{said:?}");
    let folder = ShopFolder::initiated();
    let said = folder.run_with(&report, &["--lang", "en", "bounce", "ingest", "-"]).exits(0);
    assert!(said.stdout.contains("no proof"), "{said:?}");
    let said = folder.run_with(&report, &["bounce", "classify", "-"]).exits(0);
    assert!(said.stdout.contains("address-dead"), "{said:?}");
}

#[test]
fn a_maildir_is_read_once_and_what_was_read_goes_after_a_while() {
    let relay = Relay::start();
    let house = House::new(Backend::Sqlite, 2, relay.port());
    let maildir = house.folder.join("returned");
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    house.change(
        "# [bounces]\n# maildir = \"/var/mail/carillon\"",
        &format!("[bounces]\nmaildir = \"{}\"", maildir.display()),
    );
    fs::write(
        maildir.join("new/1.a.example"),
        report_of("b+1.0123456789abcdef@b.example.fr", "x@example.fr", "5.1.1", "no"),
    )
    .unwrap();
    fs::write(maildir.join("cur/0.theirs:2,S"), "not ours to remove").unwrap();
    let daemon = house.daemon();
    wait_for(|| maildir.join("cur/1.a.example.carillon:2,S").exists());
    assert!(maildir.join("cur/0.theirs:2,S").exists());
    assert_eq!(fs::read_dir(maildir.join("new")).unwrap().count(), 0);
    daemon.terminate();
}

// A letter that asks whether to go on is mail to a member like any other.
both!(a_report_about_a_letter_that_asks_whether_to_go_on_counts_like_any_other, |backend| {
    let world = World::new(backend, &["anna@example.fr", "bela@example.org", "carla@example.net"]);
    let now = asked_at(end());
    assert_eq!(plan(&world, now), 3);
    let [anna, bela, carla] = [sent(&world, now), sent(&world, now), sent(&world, now)];
    let path =
        |letter: &RenewalLetter, act| renewal::return_path(&world.keyring, letter.member_id, act, "b.example.fr");
    let dead = |path: &str, address: &str| report_of(path, address, "5.1.1", "user unknown");
    let kind = ReturnedKind::Failure;
    let stranger = Keyring::generate([9; 32]);
    for forged in [
        path(&anna, anna.act_at + SignedDuration::from_micros(1)),
        path(&anna, anna.act_at).replace("r+", "b+"),
        renewal::return_path(&stranger, anna.member_id, anna.act_at, "b.example.fr"),
    ] {
        assert_eq!(world.take(&dead(&forged, "anna@example.fr")), Taken::NotOurs { kind }, "{forged}");
    }
    let to_anna = path(&anna, anna.act_at);
    assert_eq!(world.take(&dead(&to_anna, "dominique@example.com")), Taken::Kept { class: BounceClass::Unknown });
    assert_eq!(world.judge(), GivenUp::default());
    assert_eq!(world.take(&dead(&to_anna, "anna@example.fr")), Taken::Kept { class: BounceClass::AddressDead });
    assert_eq!(world.take(&dead(&to_anna, "anna@example.fr")), Taken::Known { class: BounceClass::AddressDead });
    assert_eq!(world.judge(), GivenUp { given_up: 1, waiting: 0 });
    let gone = world.member_at("anna@example.fr");
    assert_eq!(gone.consent, Consent::Dead);
    let dossier = world.store.read_blocking(|db| dossiers::of(db, &gone, &world.keyring)).unwrap();
    assert_eq!(dossier.events.last().unwrap().what.action, Action::BouncedDead);
    let came_back: Vec<_> =
        dossier.came_back.iter().map(|one| (one.campaign.is_none(), one.mailing.as_str())).collect();
    assert_eq!(came_back, [(true, "renewal"), (true, "renewal")]);
    // By its Message-ID, where the return path was lost on the way.
    let mut quoted = report_of("shop@example.fr", "bela@example.org", "5.2.2", "quota");
    quoted.extend(format!("\r\nMessage-ID: {}\r\n", bela.message_id).into_bytes());
    assert_eq!(world.take(&quoted), Taken::Kept { class: BounceClass::MailboxFull });
    let complaint = format!(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\n\
         Content-Type: message/rfc822\n\nReturn-Path: <{}>\n\n--b--\n",
        path(&carla, carla.act_at)
    );
    assert_eq!(world.take(complaint.as_bytes()), Taken::Left { cause: Cause::Complained });
    assert_eq!(world.judge(), GivenUp::default());
    // Nothing is believed about it for ever, nor once the person has answered.
    let to_bela = dead(&path(&bela, bela.act_at), "bela@example.org");
    world.clock.advance_to(now + SignedDuration::from_hours(24 * 21 + 1));
    assert_eq!(world.take(&to_bela), Taken::TooOld);
    assert_eq!(renew(&world, &bela.token, world.clock.now()), Pressed::Done);
    assert_eq!(world.take(&to_bela), Taken::NotOurs { kind });
    assert_eq!(world.member_at("bela@example.org").consent, Consent::Confirmed);
    // It is kept as long as a delivery of that day.
    let over = Periods::default().end_of_log(now);
    let ahead = |at| {
        let proof = ProofClock::new(world.keyring.clone());
        let ahead = |db: &mut _| retention::ahead(db, RetentionClock::DeliveryLog, Periods::default(), &proof, at);
        world.store.read_blocking(ahead).unwrap().due
    };
    assert_eq!([ahead(over - SignedDuration::from_micros(1)), ahead(over)], [0, 3]);
    let trim = |at| {
        let trim = |db: &mut _| retention::trim_log(db, Periods::default(), at, 2);
        world.store.write_blocking(trim).unwrap()
    };
    assert_eq!([trim(over - SignedDuration::from_micros(1)), trim(over), trim(over), trim(over)], [0, 2, 1, 0]);
});

both!(a_report_about_a_sign_up_ends_the_sign_up_and_no_member, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    let now = world.clock.now();
    let letter_to = |address: &str, nonce: u8| {
        let asked = asks_to_join(address, nonce);
        let sender =
            LetterSender { owner: "one".into(), keyring: world.keyring.clone(), domain: "news.example.fr".into() };
        let taken = world.store.write_blocking(|db| {
            signups::put(db, std::slice::from_ref(&asked), &world.keyring, now)?;
            let NextLetter::This(letter) = signups::take(db, &sender, now)? else { panic!("a letter is due") };
            signups::record(db, &letter, LetterOutcome::Sent, now)?;
            Ok(letter)
        });
        let letter = taken.unwrap();
        (sign_up::return_path(&world.keyring, letter.id, letter.token.digest(), "b.example.fr"), letter.token)
    };
    let counts = || {
        let standing = world.store.read_blocking(|db| signups::standing(db, now)).unwrap();
        (standing.waiting, standing.refused)
    };
    let kind = ReturnedKind::Failure;
    let (path, _) = letter_to("bela@example.org", 1);
    assert!(path.starts_with("c+"), "{path}");
    for (address, status, words) in [
        ("bela@example.org", "5.2.2", "quota"),
        ("bela@example.org", "5.7.1", "blocked using an RBL"),
        ("dominique@example.com", "5.1.1", "user unknown"),
    ] {
        assert_eq!(world.take(&report_of(&path, address, status, words)), Taken::Nothing { kind }, "{status}");
    }
    assert_eq!(counts(), (1, 0));
    let dead = |path: &str, address: &str| report_of(path, address, "5.1.1", "user unknown");
    assert_eq!(world.take(&dead(&path, "bela@example.org")), Taken::SignUpEnded);
    assert_eq!(counts(), (0, 1));
    // A sign-up that has the same number is another one.
    let (annas, _) = letter_to("anna@example.fr", 2);
    assert_eq!(world.take(&dead(&path, "anna@example.fr")), Taken::NotOurs { kind });
    assert_eq!(counts(), (1, 1));
    // A member who signs up again goes on being one.
    assert_eq!(world.take(&dead(&annas, "anna@example.fr")), Taken::SignUpEnded);
    assert_eq!((counts(), world.judge()), ((0, 2), GivenUp::default()));
    assert_eq!(world.member_at("anna@example.fr").consent, Consent::Confirmed);
    let came_back = world.store.read_blocking(|db| bounces::since(db, Timestamp::MIN)).unwrap();
    assert_eq!((came_back.reports(), came_back.dead), (0, 0));

    // Somebody else typed the address of a person who complains of the letter.
    let complaint_of = |letter: &str| {
        format!(
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\n\
             Content-Type: message/rfc822\n\n{letter}\n\n--b--\n"
        )
    };
    let (unasked, _) = letter_to("chloe@example.org", 3);
    let complaint = complaint_of(&format!("Return-Path: <{unasked}>\nSubject: x\n"));
    assert_eq!(counts(), (1, 2));
    assert_eq!(world.take(complaint.as_bytes()), Taken::SignUpUnwanted);
    assert_eq!(counts(), (0, 2));
    assert_eq!(world.store.read_blocking(|db| signups::standing(db, now)).unwrap().unwanted, 1);
    let kind = ReturnedKind::Complaint(FeedbackKind::Unwanted);
    assert_eq!(world.take(complaint.as_bytes()), Taken::NotOurs { kind });

    // Where no return path is left, the link proves it: before its button was pressed, and after.
    let with_link = |token: &ConfirmToken| {
        complaint_of(&format!("Subject: x\n\nhttps://news.example.fr/confirm/{}", token.as_str()))
    };
    let (_, token) = letter_to("dora@example.org", 4);
    assert_eq!(world.take(with_link(&token).as_bytes()), Taken::SignUpUnwanted);
    let (_, token) = letter_to("elsa@example.org", 5);
    let later = now + SignedDuration::from_secs(60);
    let terms = ImportTerms::of(&world.settings, world.keyring.clone());
    let fresh = Pseudonym::from_random([7; 16]);
    let pressed = world.store.write_blocking(|db| signups::confirm(db, &token, &terms, fresh, later)).unwrap();
    assert_eq!(pressed, Pressed::Done);
    assert_eq!(world.member_at("elsa@example.org").consent, Consent::Confirmed);
    assert_eq!(world.take(with_link(&token).as_bytes()), Taken::Left { cause: Cause::Complained });
    assert_eq!(world.member_at("elsa@example.org").consent, Consent::Withdrawn);
});
