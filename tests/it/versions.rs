//! What was applied, version by version; a plan that an apply insists on; waivers that are taken back; and why a campaign was
//! cancelled.

use carillon::db::campaigns;
use carillon::language::InterfaceLanguage;

use crate::support::apply::apply;
use crate::support::backend::{Fresh, both};
use crate::support::build::{campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::slug;

const NOW: &str = "2026-12-01T09:00:00Z";

both!(every_version_is_kept_with_its_file, |backend| {
    let (_fresh, store) = Fresh::store(backend);
    let now = NOW.parse().unwrap();
    let first = campaign().mailing(mailing("announcement")).text();
    let second = campaign().title("Les journées douces").mailing(mailing("announcement")).text();
    apply(&store, &first, now).unwrap();
    apply(&store, &second, now).unwrap();
    // The same again is no version.
    apply(&store, &second, now).unwrap();
    let kept = store
        .read_blocking(|db| {
            let id = campaigns::find(db, &slug("hiver"))?.unwrap().id;
            campaigns::versions(db, id)
        })
        .unwrap();
    let kept: Vec<(i64, &str, &str)> =
        kept.iter().map(|it| (it.revision, it.source_text.as_str(), it.schedule.title.as_str())).collect();
    assert_eq!(kept, [(1, first.as_str(), "Les journées magiques"), (2, second.as_str(), "Les journées douces")]);
});

fn shop() -> Session {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.write("hiver.toml", campaign().mailing(mailing("announcement")).text());
    session
}

#[test]
fn an_earlier_file_is_written_back_and_nothing_is_applied() {
    let mut session = shop();
    let first = session.read("hiver.toml");
    session.quietly("campaign apply hiver.toml");
    session.write("hiver.toml", campaign().title("Les journées douces").closes("soldes.winter.2027 - 1 day").text());
    session.quietly("campaign apply hiver.toml");
    session.say("campaign history hiver").say("campaign revert hiver --to 1");
    assert_eq!(session.read("hiver.toml"), first);
    session.say("campaign revert hiver --to 1").say("campaign revert hiver --to 3");
    session.write("hiver.toml", "# never applied\n").say("campaign revert hiver --to 1");
    assert_eq!(session.read("hiver.toml"), "# never applied\n");
    session.say("campaign revert hiver --to 2 --out @deux.toml");
    session.matches("campaign-history");
    assert!(session.hear("campaign show hiver").contains("revision 2"), "nothing was applied");
    session.speaks(InterfaceLanguage::Fr);
    session.say("campaign history hiver").say("campaign revert hiver --to 1").matches("fr-campaign-history");
}

#[test]
fn an_apply_does_what_its_plan_showed_or_nothing() {
    let mut session = shop();
    session.quietly("campaign plan hiver.toml --out @un.plan");
    let refused = |session: &mut Session, plan: &str, why: &str| {
        let said = session.hear(&format!("campaign apply --plan {plan}"));
        assert!(said.contains(why) && said.contains("refused: nothing was changed"), "{why}: {said}");
    };
    // The file.
    let text = session.read("hiver.toml");
    session.write("hiver.toml", format!("{text}# another word\n"));
    refused(&mut session, "un.plan", "not as in the plan: `hiver.toml` was changed since");
    session.write("hiver.toml", &text).quietly("campaign apply --plan un.plan");
    // What is applied.
    refused(&mut session, "un.plan", "not as in the plan: nothing was applied under this name then, revision 1 is now");
    session
        .write("hiver.toml", text.replace("- 4 days", "- 3 days"))
        .quietly("campaign plan hiver.toml --out @deux.plan");
    session.quietly("campaign pause hiver");
    refused(&mut session, "deux.plan", "the campaign was paused, resumed, held, released or cancelled since");
    session.quietly("campaign resume hiver");
    // The law: an order moves the sales.
    let order = "calendar override add --market FR --season winter --year 2027 --channel online --first-day 2027-01-13 \
                 --last-day 2027-02-09 --source https://www.example.org/arrete";
    session.quietly(order);
    refused(&mut session, "deux.plan", "the file would now come to something else: `window.opens`, `window.closes`");
    // Nothing that is no plan is one.
    session.write("trois.plan", "{}");
    let said = session.hear("campaign apply --plan trois.plan");
    assert!(said.contains("is no plan that `campaign plan --out` wrote"), "{said}");
    let said = session.speaks(InterfaceLanguage::Fr).hear("campaign apply --plan un.plan");
    assert!(said.contains("ce n’est plus ce que montrait le plan"), "{said}");
}

#[test]
fn a_plan_counts_the_people_it_would_reach() {
    let mut session = shop();
    session.quietly("campaign plan hiver.toml --out @un.plan");
    let member =
        "camille@example.fr,fr,2026-09-14T18:02:00Z,J’accepte de recevoir les avant-premières.,footer,web_form\n";
    session.write("members.csv", format!("address,language,confirmed_at,wording,source,method\n{member}"));
    session.quietly("member import members.csv");
    let said = session.hear("campaign apply hiver.toml --plan un.plan");
    assert!(said.contains("who would get `announcement`: 0 then, 1 now"), "{said}");
    session.quietly("campaign plan hiver.toml --out @deux.plan").quietly("campaign apply hiver.toml --plan deux.plan");
}

#[test]
fn a_waiver_is_taken_back_and_a_cancellation_has_its_reason() {
    let mut session = Session::new(ShopFolder::configured(), NOW);
    session.write("hiver.toml", campaign().title("Soldes de la raison").text());
    let waive = "campaign waive hiver.toml --rule words.soldes-outside-period --reason titre\u{a0}d’un\u{a0}roman";
    session.quietly(waive);
    session.quietly("campaign apply hiver.toml");
    session.say("campaign unwaive hiver --rule words.last-days");
    session.say("campaign unwaive hiver.toml --rule words.soldes-outside-period");
    session.say("campaign unwaive hiver --rule words.soldes-outside-period");
    assert!(session.hear("campaign check hiver.toml").contains("words.soldes-outside-period"));
    session.say("campaign cancel hiver --yes --reason rupture\u{a0}de\u{a0}stock").say("campaign show hiver");
    session.matches("campaign-unwaived");
    session.speaks(InterfaceLanguage::Fr);
    let said = session.hear("campaign show hiver");
    assert!(
        said.contains("annulée le mardi 1er décembre 2026") && said.contains("rupture\u{a0}de\u{a0}stock"),
        "{said}"
    );
    assert!(said.contains("a retiré une dérogation"), "{said}");
}
