//! Four eyes: what one person applies waits until another approves it, and what was approved goes on.

use carillon::clock::Clock;
use carillon::db::{approvals, campaigns, gates};
use carillon::language::InterfaceLanguage;

use crate::support::backend::both;
use crate::support::build::{campaign, campaign_to_come, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::slug;

const NOW: &str = "2026-12-01T09:00:00Z";

/// A shop with `approval = true`.
fn shop(folder: &ShopFolder) {
    folder.configure("[shop]", "[shop]\napproval = true");
}

/// A session in such a shop, which has a file to apply.
fn session(folder: &ShopFolder, now: &str) -> Session {
    shop(folder);
    let mut session = Session::at(folder.path(), Clock::manual(now.parse().unwrap()));
    session.write("hiver.toml", campaign().mailing(mailing("announcement")).text());
    session
}

both!(nothing_of_a_campaign_that_waits_is_there, |backend| {
    let folder = ShopFolder::on(backend);
    shop(&folder);
    let name = slug("hiver-2090");
    let run = |who: &str, words: &[&str], code: i32| {
        folder.run(&[&["--who", who, "campaign"], words].concat()).exits(code);
    };
    let approve = |who: &str, code: i32| run(who, &["approve", "hiver-2090"], code);
    // Title and revision of what is applied, whether it has a gate, and whether something waits.
    let seen = || {
        let seen = folder.store().read_blocking(|db| {
            let applied = campaigns::find(db, &name)?.map(|it| (it.revision, it.schedule.title.to_string()));
            Ok((applied, gates::find(db, &name)?.is_some(), approvals::find(db, &name)?.is_some()))
        });
        seen.unwrap()
    };
    folder.write("hiver.toml", campaign_to_come().text());
    run("camille", &["apply", "hiver.toml"], 0);
    assert_eq!(seen(), (None, false, true), "it has no gate");
    approve("camille", 1);
    approve("Camille", 1);
    assert_eq!(seen(), (None, false, true));
    approve("noor", 0);
    let first = Some((1, "Les journées magiques".to_owned()));
    assert_eq!(seen(), (first.clone(), true, false));

    // A change waits anew, and what was approved goes on as it was.
    folder.write("hiver.toml", campaign_to_come().title("Les journées douces").text());
    run("camille", &["apply", "hiver.toml"], 0);
    assert_eq!(seen(), (first.clone(), true, true));
    run("camille", &["approve", "hiver-2090", "--refuse", "--reason", "not yet"], 0);
    assert_eq!(seen(), (first, true, false));
    run("camille", &["apply", "hiver.toml"], 0);
    approve("noor", 0);
    assert_eq!(seen(), (Some((2, "Les journées douces".to_owned())), true, false));
    // Nothing that is applied already waits.
    run("camille", &["apply", "hiver.toml"], 0);
    assert!(!seen().2);

    let versions = folder.store().read_blocking(|db| {
        let id = campaigns::find(db, &name)?.unwrap().id;
        campaigns::versions(db, id)
    });
    let versions = versions.unwrap();
    let who: Vec<_> = versions.iter().map(|it| (it.applied_by.as_str(), it.approved_by.as_deref())).collect();
    assert_eq!(who, [("camille", Some("noor")); 2]);
});

/// What is said of it, from the plan to the history.
#[test]
fn what_waits_is_told_wherever_people_look() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.say("campaign plan hiver.toml").say("campaign apply hiver.toml").say("campaign apply hiver.toml");
    session.say("campaign approve").say("campaign approve hiver --look").say("campaign timeline");
    session.say("campaign approve hiver").is("noor").say("campaign approve hiver").say("campaign history hiver");
    session.say("campaign show hiver").say("campaign approve hiver").matches("campaign-approval");
    session.speaks(InterfaceLanguage::Fr);
    session.write("hiver.toml", campaign().title("Les journées douces").mailing(mailing("announcement")).text());
    session.say("campaign apply hiver.toml").say("status --next").say("campaign approve hiver --refuse --reason non");
    session.say("campaign show hiver").matches("fr-campaign-approval");
}

/// It is checked again when it is approved: what has moved since is not what somebody asked for.
#[test]
fn what_has_moved_since_is_not_approved() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.quietly("campaign apply hiver.toml");
    session.quietly(
        "calendar override add --market FR --season winter --year 2027 --first-day 2027-01-13 --last-day 2027-02-09 \
         --source https://legal.example.fr/order",
    );
    let refused = session.is("noor").hear("campaign approve hiver");
    assert!(refused.contains("apply.approval-moved") && refused.contains("`window.opens`"), "{refused}");
    assert!(!session.hear("status --check").contains("waits for approval"));
    // When its time is over it is refused by the rules themselves.
    session.move_to("2027-01-20T09:00:00Z");
    let refused = session.hear("campaign approve hiver");
    assert!(refused.contains("window.in-the-past"), "{refused}");
    let gate = folder.store().read_blocking(|db| gates::find(db, &slug("hiver"))).unwrap();
    assert!(gate.is_none());
}

/// The letters of the announcement leave in the morning: whoever watches the shop is told in time.
#[test]
fn a_check_warns_when_an_approval_is_about_to_be_late() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, "2026-12-31T20:00:00Z");
    session.quietly("campaign apply hiver.toml");
    let said = session.hear("status --check");
    assert!(said.contains("WARNING") && said.contains("hiver waits for approval"), "{said}");
}

/// What is approved after its time leaves at once, and whoever approves it is told so first.
#[test]
fn what_is_approved_late_leaves_at_once() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.quietly("campaign apply hiver.toml").move_to("2027-01-01T12:00:00Z").is("noor");
    for command in ["campaign approve", "status"] {
        let said = session.hear(command);
        assert!(said.contains("Approved now, `announcement` begins at once"), "{command}: {said}");
    }
    assert!(session.hear("campaign approve hiver --look").contains("letters leave at once"));
    let said = session.hear("campaign approve hiver");
    assert!(said.contains("nothing was approved") && said.contains("`announcement` to 0 people"), "{said}");
    assert!(session.hear("campaign approve").contains("hiver"));
    let said = session.hear("campaign approve hiver --yes");
    assert!(said.contains("applied"), "{said}");
}

/// What could not leave any more keeps the file from being approved, and nobody is told otherwise.
#[test]
fn what_has_missed_its_time_is_not_offered_for_approval() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.quietly("campaign apply hiver.toml").move_to("2027-01-03T12:00:00Z").is("noor");
    for command in ["campaign approve", "status"] {
        let said = session.hear(command);
        assert!(said.contains("`announcement` cannot leave any more. As it is the file cannot be approved"), "{said}");
        assert!(!said.contains("campaign approve hiver"), "{command}: {said}");
    }
    let said = session.hear("campaign approve hiver --yes");
    assert!(said.contains("mailing.in-the-past") && said.contains("take the mailing out of the file"), "{said}");
    // So it is done, and the rest is approved.
    session.write("hiver.toml", campaign().text()).is("camille").quietly("campaign apply hiver.toml");
    session.is("noor").quietly("campaign approve hiver");
}

#[test]
fn a_change_of_what_is_cancelled_waits_for_nobody() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.quietly("campaign apply hiver.toml").is("noor").quietly("campaign approve hiver").is("camille");
    session.write("hiver.toml", campaign().title("Les journées douces").mailing(mailing("announcement")).text());
    let said = session.hear("campaign apply hiver.toml");
    assert!(said.contains("until then what was approved before goes on"), "{said}");
    session.write("hiver.toml", campaign().title("Les journées vives").mailing(mailing("announcement")).text());
    let said = session.hear("campaign approve hiver --look");
    assert!(said.contains("was changed since"), "{said}");
    session.quietly("campaign cancel hiver --yes");
    for command in ["campaign approve", "status", "campaign timeline"] {
        let said = session.hear(command);
        assert!(!said.contains("change of hiver"), "{command}: {said}");
    }
}

/// Whoever asks for a campaign that only waits is led to its approval.
#[test]
fn a_campaign_that_only_waits_is_told_so() {
    let folder = ShopFolder::configured();
    let mut session = session(&folder, NOW);
    session.quietly("campaign apply hiver.toml");
    for command in
        ["campaign show hiver", "campaign history hiver", "campaign cancel hiver --yes", "campaign pause hiver"]
    {
        let said = session.hear(command);
        assert!(said.contains("nothing of `hiver` is applied yet") && said.contains("--look"), "{command}: {said}");
    }
    let said = session.hear("campaign list");
    assert!(said.contains("`hiver` waits for approval") && !said.contains("campaign new"), "{said}");
    let said = session.hear("rehearse --letters @rehearsal");
    assert!(said.contains("rehearsal.unapproved") && said.contains("hiver waits for approval"), "{said}");
}
