//! The sale end to end: the store on both backends, and the commands as a person types them.
#![expect(clippy::indexing_slicing, reason = "a list that is too short should stop the test")]

use carillon::campaign::Answer;
use carillon::campaign::CampaignState;
use carillon::db::campaigns::{self, Applied, AppliedCampaign, Cancellation, StateChange, StateRefusal};
use carillon::db::mailings::{self, StoredMailing};
use carillon::db::{Db, Store, audit, deliveries, planning};
use carillon::delivery::{DeliveryState, MailingState};
use diesel::RunQueryDsl;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::apply::{apply_taking_on, schedule};
use crate::support::backend::{Fresh, both};
use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::slug;

/// An announcement in two languages and the last hours in one.
fn file() -> CampaignFile {
    let last_hours = mailing("last-hours").languages(&["fr"]);
    campaign().slug("hiver-2027").mailing(mailing("announcement")).mailing(last_hours)
}

fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

fn apply(store: &Store, file: &CampaignFile, now: &str) -> Result<Applied, Vec<String>> {
    crate::support::apply::apply(store, &file.text(), at(now))
}

fn stored(store: &Store) -> (AppliedCampaign, Vec<StoredMailing>) {
    store
        .read_blocking(|db| {
            let campaign = campaigns::find(db, &slug("hiver-2027"))?.unwrap();
            let mailings = mailings::list(db, campaign.id)?;
            Ok((campaign, mailings))
        })
        .unwrap()
}

fn actions(store: &Store) -> Vec<String> {
    let entries = store.read_blocking(|db| audit::list(db, Some("hiver-2027"))).unwrap();
    entries.into_iter().map(|entry| entry.action.to_string()).collect()
}

fn sql(store: &Store, statement: &str) {
    store
        .write_blocking(|db| {
            match db {
                Db::Sqlite(conn) => diesel::sql_query(statement).execute(conn)?,
                #[cfg(feature = "postgres")]
                Db::Postgres(conn) => diesel::sql_query(statement).execute(conn)?,
            };
            Ok(())
        })
        .unwrap();
}

/// Freezes the announcement's audience of three members, and says its id.
fn begin(store: &Store) -> i64 {
    for n in 1..=3 {
        sql(
            store,
            &format!(
                "INSERT INTO members (id, pseudonym, address, fingerprint, fingerprint_key, language, consent, \
                 consent_since) VALUES ({n}, 'p{n}', 'm{n}@example.fr', 'f{n}', 'k', 'fr', 'confirmed', 0)"
            ),
        );
    }
    let id = stored(store).1[0].id;
    let frozen = store
        .write_blocking(|db| planning::freeze(db, id, at("2027-01-01T08:00:00Z"), at("2027-01-01T09:00:00Z")))
        .unwrap();
    assert_eq!(frozen, Some(3));
    id
}

fn counts(store: &Store, mailing: i64) -> Vec<(DeliveryState, u64)> {
    store.read_blocking(|db| deliveries::count_by_state(db, mailing)).unwrap().into_iter().collect()
}

both!(the_same_file_twice_changes_nothing, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    assert_eq!(apply(&store, &file(), "2026-12-01T09:00:00Z"), Ok(Applied::Created));
    let once = stored(&store);
    assert_eq!(apply(&store, &file(), "2026-12-02T09:00:00Z"), Ok(Applied::Unchanged { revision: 1 }));
    assert_eq!(stored(&store), once);
    assert_eq!(actions(&store), ["campaign.applied"]);
    let (campaign, mailings) = once;
    assert_eq!((campaign.revision, campaign.applied_by.as_str()), (1, "camille"));
    assert_eq!(campaign.schedule, schedule(&file().text()));
    assert_eq!(
        mailings.iter().map(|mailing| mailing.name.as_str()).collect::<Vec<_>>(),
        ["announcement", "last-hours"]
    );
});

both!(a_changed_file_moves_what_has_not_begun, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let earlier = file()
        .opens("soldes.winter.2027 - 5 days at 08:00")
        .change(1, |mailing| mailing.from("window.closes - 1 day at 17:00"));
    assert_eq!(apply(&store, &earlier, "2026-12-02T09:00:00Z"), Ok(Applied::Changed { revision: 2 }));
    let (campaign, mailings) = stored(&store);
    assert_eq!(campaign.schedule.opens_at, at("2027-01-01T07:00:00Z"));
    assert_eq!(mailings[0].not_before, at("2026-12-31T09:00:00Z"));
    assert_eq!(mailings[1].not_before, at("2027-01-05T16:00:00Z"));
    assert_eq!(mailings[1].state, MailingState::Planned);
});

/// The message to one of the three members has been accepted by a relay.
const SENT_TO_ONE: &str = "UPDATE deliveries SET state = 'accepted', handed_over_at = 1, ended_at = 1, stage = 'body', \
                           reply_code = 250, granted = 1, taken = 1 WHERE member_id = 1";

both!(what_was_sent_cannot_be_changed, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let announcement = begin(&store);
    sql(&store, SENT_TO_ONE);
    let begun = |field| Err(vec![format!("messages of `announcement` have left, so its {field} cannot change")]);
    let now = "2027-01-01T09:05:00Z";
    let before = stored(&store);
    let kind = file().change(0, |mailing| mailing.kind("opening").named("announcement"));
    let languages = file().change(0, |mailing| mailing.languages(&["fr"]));
    assert_eq!(apply(&store, &languages, now), begun("languages"));
    let texts = file().change(0, |mailing| mailing.says("fr", "subject", "Demain"));
    assert_eq!(apply(&store, &texts, now), begun("texts"));
    assert_eq!(stored(&store), before, "a refused file changes nothing, in no mailing");

    let foreseen =
        store.read_blocking(|db| campaigns::foresee(db, &schedule(&kind.text()), "hiver.toml", at(now))).unwrap();
    let concerns: Vec<String> = foreseen.succession.concerns.iter().map(ToString::to_string).collect();
    assert_eq!(Err(concerns), begun("kind"), "nobody can clear that file, and a plan tells why it would not help");

    let deadline = file().change(0, |mailing| mailing.until("window.opens - 2 hours"));
    assert_eq!(apply(&store, &deadline, now), Ok(Applied::Changed { revision: 2 }));
    let (_, mailings) = stored(&store);
    assert_eq!(mailings[0].not_after, at("2027-01-02T05:00:00Z"));
    assert_eq!(mailings[0].state, MailingState::Sending);
    assert_eq!(counts(&store, announcement), [(DeliveryState::Queued, 2), (DeliveryState::Accepted, 1)]);
});

both!(a_mailing_that_leaves_the_file_is_taken_back, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let announcement = begin(&store);
    sql(&store, SENT_TO_ONE);
    sql(&store, "UPDATE deliveries SET state = 'claimed', lease_until = 1 WHERE member_id = 2");
    let now = "2027-01-01T09:05:00Z";
    assert_eq!(apply(&store, &file().without_mailing(0).without_mailing(0), now), Ok(Applied::Changed { revision: 2 }));
    let (_, mailings) = stored(&store);
    assert!(mailings.iter().all(|mailing| mailing.state == MailingState::Cancelled), "{mailings:?}");
    // Also what a sender holds is taken from it: it has not been handed over.
    assert_eq!(counts(&store, announcement), [(DeliveryState::Accepted, 1), (DeliveryState::Skipped, 2)]);

    let again = "`announcement` was taken back after it had begun; under this name it does not begin again".to_owned();
    assert_eq!(apply(&store, &file(), now), Err(vec![again]), "never_twice");
    let renamed = file().change(0, |mailing| mailing.named("announcement-2"));
    let second = "`announcement-2` would be a second announcement to the same people: 1 person has `announcement` of \
                  `hiver-2027`";
    assert_eq!(apply(&store, &renamed, now), Err(vec![second.to_owned()]));
    let taken_on = apply_taking_on(&store, &renamed.text(), at(now), &[Answer::WriteAgain]);
    assert_eq!(taken_on, Ok(Applied::Changed { revision: 3 }));
    let (_, mailings) = stored(&store);
    let states: Vec<(&str, MailingState)> =
        mailings.iter().map(|mailing| (mailing.name.as_str(), mailing.state)).collect();
    assert_eq!(
        states,
        [
            ("announcement", MailingState::Cancelled),
            ("announcement-2", MailingState::Planned),
            ("last-hours", MailingState::Planned),
        ]
    );
    let log = store.read_blocking(|db| audit::list(db, Some("hiver-2027"))).unwrap();
    assert_eq!(log.last().unwrap().detail["taken_on"], json!([second]), "{log:?}");
});

both!(a_missed_mailing_can_be_planned_again, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let (_, mailings) = stored(&store);
    let missed_at = at("2027-01-02T07:00:01Z");
    store.write_blocking(|db| planning::miss(db, mailings[0].id, missed_at)).unwrap();
    let later = file().change(0, |mailing| mailing.until("window.closes - 1 day"));
    apply(&store, &later, "2027-01-02T08:00:00Z").unwrap();
    let (_, mailings) = stored(&store);
    assert_eq!((mailings[0].state, mailings[0].ended_at), (MailingState::Planned, None));
});

both!(pausing_and_holding_leave_the_gate_alone, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let now = at("2026-12-03T09:00:00Z");
    let write = |change: fn(&mut carillon::db::Db, Timestamp) -> carillon::db::StoreResult<_>| {
        store.write_blocking(|db| change(db, now)).unwrap()
    };
    let gates = store.read_blocking(carillon::db::gates::list).unwrap();
    assert_eq!(write(|db, now| campaigns::pause(db, &slug("hiver-2027"), "camille", now)), Ok(StateChange::Done));
    assert_eq!(write(|db, now| campaigns::pause(db, &slug("hiver-2027"), "camille", now)), Ok(StateChange::Already));
    assert_eq!(
        write(|db, now| campaigns::hold(db, &slug("hiver-2027"), "moved", "daemon", now)),
        Ok(StateChange::Done)
    );
    let held = carillon::gate::Gate { held: true, ..gates[0].clone() };
    let said = store.read_blocking(carillon::db::gates::list).unwrap();
    assert_eq!(said, [held], "its times are to be confirmed, and hold");
    assert_eq!(write(|db, now| campaigns::resume(db, &slug("hiver-2027"), "camille", now)), Ok(StateChange::Done));
    assert_eq!(stored(&store).0.held.as_deref(), Some("moved"));

    assert_eq!(apply(&store, &file(), "2026-12-04T09:00:00Z"), Ok(Applied::Changed { revision: 2 }), "releases it");
    assert_eq!(stored(&store).0.held, None);
    assert_eq!(write(|db, now| campaigns::release(db, &slug("hiver-2027"), "daemon", now)), Ok(StateChange::Already));
    let unknown = StateRefusal::Unknown { slug: slug("ete") };
    assert_eq!(write(|db, now| campaigns::pause(db, &slug("ete"), "camille", now)), Err(unknown));
    let expected = ["campaign.applied", "campaign.paused", "campaign.held", "campaign.resumed", "campaign.applied"];
    assert_eq!(actions(&store), expected);
});

both!(a_cancelled_campaign_is_over_for_good, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    let announcement = begin(&store);
    sql(&store, "UPDATE deliveries SET state = 'deferred' WHERE member_id = 1");
    let now = at("2027-01-01T09:05:00Z");
    let cancel =
        || store.write_blocking(|db| campaigns::cancel(db, &slug("hiver-2027"), None, "camille", now)).unwrap();
    assert_eq!(cancel(), Ok(Cancellation { mailings: 2, deliveries: 3 }));
    assert_eq!(counts(&store, announcement), [(DeliveryState::Skipped, 3)]);
    let (campaign, _) = stored(&store);
    assert_eq!((campaign.state, campaign.cancelled_at), (CampaignState::Cancelled, Some(now)));
    let gates = store.read_blocking(carillon::db::gates::list).unwrap();
    assert_eq!(gates[0].cancelled_at, Some(now));

    let refusal = StateRefusal::Cancelled { slug: slug("hiver-2027") };
    assert_eq!(cancel(), Err(refusal));
    let again = apply(&store, &file(), "2027-01-01T10:00:00Z");
    assert_eq!(again, Err(vec!["the campaign `hiver-2027` was cancelled, which is for good".to_owned()]));
    assert_eq!(actions(&store), ["campaign.applied", "campaign.cancelled"]);
});

both!(the_audit_log_tells_what_an_apply_changed, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    apply(&store, &file(), "2026-12-01T09:00:00Z").unwrap();
    apply(&store, &file().title("Les journées douces"), "2026-12-02T09:00:00Z").unwrap();
    let entries = store.read_blocking(|db| audit::list(db, Some("hiver-2027"))).unwrap();
    assert_eq!(entries[1].who, "camille");
    assert_eq!(entries[1].at, at("2026-12-02T09:00:00Z"));
    let change = json!([{ "field": "title", "was": "Les journées magiques", "will_be": "Les journées douces" }]);
    assert_eq!(entries[1].detail["changes"], change);
    assert_eq!(entries[1].detail["revision"], 2);
});

/// Writes `text` as `hiver.toml` and says what `campaign check` finds, as JSON.
fn found(text: &str, code: i32) -> Vec<Value> {
    let shop = ShopFolder::bare();
    shop.write("hiver.toml", text);
    let said = shop.run(&["campaign", "check", "hiver.toml", "--json"]).exits(code);
    serde_json::from_str(&said.stdout).unwrap()
}

#[test]
fn check_needs_no_configuration_and_says_what_to_do() {
    let shop = ShopFolder::bare();
    shop.write("hiver.toml", file().closes("solde.winter.2027").text());
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("error: `closes` is not understood"), "{}", said.stdout);
    assert!(said.stdout.contains("  at:   hiver.toml:10:10"), "{}", said.stdout);
    assert!(said.stdout.contains("  do:   write something like `soldes.winter.2027`"), "{}", said.stdout);
    assert_eq!(shop.path().read_dir().unwrap().count(), 1, "a check leaves nothing behind");
}

/// Read from a file or a pipe, a check ends with what it comes to.
#[test]
fn the_verdict_comes_last() {
    let shop = ShopFolder::bare();
    let last = |text: &str, code: i32| {
        shop.write("hiver.toml", text);
        let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(code);
        said.stdout.lines().last().unwrap().to_owned()
    };
    assert_eq!(last(&file().text(), 0), "no rule that Carillon knows forbids it");
    assert_eq!(last("slug = 3", 1), "it cannot be applied like this");
}

#[test]
fn check_takes_any_bytes() {
    assert_eq!(found("", 1)[0]["rule"], "file.missing-key");
    assert_eq!(found("slug = \u{0}", 1)[0]["rule"], "file.syntax");
    assert_eq!(found("[[window]]\n[window]", 1)[0]["rule"], "file.syntax");
    let shop = ShopFolder::bare();
    shop.write("latin1.toml", b"slug = \"x\"\ntitle = \"Les journ\xe9es\"\n");
    let said = shop.run(&["campaign", "check", "latin1.toml"]).exits(1);
    assert!(said.stdout.contains("latin1.toml:2:"), "{}", said.stdout);
    assert!(said.stdout.contains("save the file again with the encoding UTF-8"), "{}", said.stdout);
    let missing = shop.run(&["campaign", "check", "absent.toml"]).exits(3);
    assert!(missing.stderr.contains("cannot read `absent.toml`"), "{}", missing.stderr);
}

/// Promise: what was typed is kept as civil time and zone, and daylight saving is refused or chosen when planned.
#[test]
fn intent_is_wall_clock() {
    let closes = "2099-11-01 08:00";
    let rules = |opens: &str| -> Vec<Value> {
        found(&campaign().window(opens, closes).text(), 1).into_iter().map(|finding| finding["rule"].clone()).collect()
    };
    assert_eq!(rules("2027-03-28 02:30"), ["window.dst-gap"]);
    assert_eq!(rules("2027-10-31 02:30"), ["window.dst-overlap"]);
    let chosen = file().window("2027-10-31 02:30", closes).in_window("in_overlap", "later");
    let schedule = schedule(&chosen.text());
    assert_eq!(schedule.opens_at, at("2027-10-31T01:30:00Z"));
    assert_eq!(schedule.intent["window.opens"], "2027-10-31 02:30");
    assert_eq!((schedule.zone.as_str(), schedule.in_overlap.is_some()), ("Europe/Paris", true));
}

#[test]
fn a_new_campaign_goes_from_file_to_gate() {
    let shop = ShopFolder::configured();
    let run = |arguments: &[&str]| shop.run(arguments);
    let said = run(&["campaign", "new", "journees-douces"]).exits(0);
    assert_eq!(said.stdout, "journees-douces.toml\n");
    run(&["campaign", "new", "journees-douces"]).exits(1);
    run(&["campaign", "new", "Journées douces"]).exits(2);

    run(&["campaign", "check", "journees-douces.toml"]).exits(0);
    let plan = run(&["campaign", "plan", "journees-douces.toml"]).exits(0);
    assert!(plan.stdout.starts_with("journees-douces: a new campaign\n"), "{}", plan.stdout);
    assert!(plan.stdout.contains(" 08:00 Europe/Paris ("), "{}", plan.stdout);
    run(&["campaign", "show", "journees-douces"]).exits(1);

    let applied = run(&["campaign", "apply", "journees-douces.toml"]).exits(0);
    assert!(applied.stdout.ends_with("\napplied `journees-douces`, revision 1\n"), "{}", applied.stdout);
    let again = run(&["campaign", "apply", "journees-douces.toml", "--json"]).exits(0);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&again["slug"], &again["outcome"]), (&json!("journees-douces"), &json!("unchanged")));
    let plan = run(&["campaign", "plan", "journees-douces.toml"]).exits(0);
    assert!(plan.stdout.starts_with("journees-douces: nothing would change\n"), "{}", plan.stdout);
    assert!(plan.stdout.ends_with("\napplying it would change nothing\n"), "{}", plan.stdout);

    let list = run(&["campaign", "list"]).exits(0);
    assert!(list.stdout.contains("journees-douces  upcoming  as planned"), "{}", list.stdout);
    let timeline = run(&["campaign", "timeline", "--json"]).exits(0);
    let timeline: Vec<Value> = serde_json::from_str(&timeline.stdout).unwrap();
    let what: Vec<&str> = timeline.iter().map(|event| event["what"].as_str().unwrap()).collect();
    let expected = [
        "mailing `announcement` may leave",
        "the gate opens",
        "mailing `announcement` must have left",
        "mailing `last-hours` may leave",
        "mailing `last-hours` must have left",
        "the gate closes",
    ];
    assert_eq!(what, expected);
    assert_eq!(timeline[1]["zone"], "Europe/Paris");
}

#[test]
fn a_campaign_is_paused_resumed_and_cancelled_by_name() {
    let shop = ShopFolder::configured();
    let run = |arguments: &[&str]| shop.run(arguments);
    run(&["campaign", "new", "hiver"]).exits(0);
    run(&["campaign", "apply", "hiver.toml"]).exits(0);
    let paused = run(&["campaign", "pause", "hiver"]).exits(0);
    assert!(paused.stderr.contains("its mailings wait, and its gate goes on"), "{}", paused.stderr);
    run(&["campaign", "resume", "hiver"]).exits(0);
    let unknown = run(&["campaign", "pause", "printemps"]).exits(1);
    assert!(unknown.stderr.contains("there is no campaign `printemps`"), "{}", unknown.stderr);
    let asked = run(&["campaign", "cancel", "hiver"]).exits(1);
    for words in ["once cancelled, its gate is closed for good", "`announcement` would not leave any more"] {
        assert!(asked.stdout.contains(words), "{}", asked.stdout);
    }
    assert!(asked.stdout.ends_with("`carillon campaign cancel hiver --yes` ends it for good\n"), "{}", asked.stdout);
    let cancelled = run(&["campaign", "cancel", "hiver", "--yes"]).exits(0);
    assert!(cancelled.stderr.contains("2 mailings will not leave, 0 messages were taken"), "{}", cancelled.stderr);
    run(&["campaign", "cancel", "hiver", "--yes"]).exits(1);
    run(&["campaign", "apply", "hiver.toml"]).exits(1);
    let shown = run(&["campaign", "show", "hiver"]).exits(0);
    for words in ["gate      cancelled", "camille  campaign.applied", "camille  campaign.cancelled", "Europe/Paris"] {
        assert!(shown.stdout.contains(words), "{}", shown.stdout);
    }
    let shown = run(&["campaign", "show", "hiver", "--json"]).exits(0);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["audit"].as_array().unwrap().len(), 4);
}

#[test]
fn no_campaign_breaks_a_known_rule() {
    let shop = ShopFolder::configured();
    let run = |arguments: &[&str]| shop.run(arguments);
    shop.write("hiver.toml", file().closes("window.opens - 1 hour").text());
    let refused = run(&["campaign", "apply", "hiver.toml"]).exits(1);
    assert!(refused.stdout.contains("rule: window.empty"), "{}", refused.stdout);
    assert!(refused.stdout.ends_with("\nrefused: nothing was changed\n"), "{}", refused.stdout);
    let list = run(&["campaign", "list"]).exits(0);
    assert_eq!(list.stdout, "");
}
