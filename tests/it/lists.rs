//! Lists of members: a mailing to lists reaches those on them who may be written to, each once, and nobody else.

use std::io::Write as _;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carillon::db::leaving::Leave;
use carillon::db::lists::{self, Placement, Whom};
use carillon::db::{campaigns, members, reach};
use carillon::delivery::DeliveryState;
use carillon::delivery::late_check::{LateCheck, NOT_ON_LIST};
use carillon::member::{Cause, Fingerprint, ListAct, ListName, Method};
use carillon::sending::planner::{Missed, PlannerEvent};
use carillon::transport::{Directory, Transport};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::apply::apply;
use crate::support::backend::{Backend, both};
use crate::support::build::{CampaignFile, campaign, campaign_to_come, mailing};
use crate::support::cli::Said;
use crate::support::folder::ShopFolder;
use crate::support::house::wait_for;
use crate::support::session::Session;
use crate::support::world::{ANNOUNCED, World};

fn list(name: &str) -> ListName {
    name.parse().unwrap()
}

fn whom(world: &World, addresses: &[&str]) -> Vec<Whom> {
    let all = |address: &&str| Whom::Address(Fingerprint::all(&world.keyring, &address.parse().unwrap()));
    addresses.iter().map(all).collect()
}

/// Puts members on a list, as a person does.
fn put(world: &World, name: &str, addresses: &[&str]) -> Vec<Placement> {
    let act = ListAct::command(&"asked at the till".parse().unwrap(), "camille", world.clock.now());
    let people = whom(world, addresses);
    world.store.write_blocking(|db| Ok(lists::put_each(db, &list(name), &act, None, &people)?.0)).unwrap()
}

fn take_off(world: &World, name: &str, address: &str) -> Vec<Placement> {
    let people = whom(world, &[address]);
    let off = world.store.write_blocking(|db| {
        let row = lists::find(db, &list(name))?.unwrap();
        lists::take_off_each(db, row, &people)
    });
    off.unwrap()
}

/// The campaign of these tests: one mailing, to these lists.
fn sale(to: &[&str]) -> CampaignFile {
    let announcement = mailing("announcement").from("2027-01-01 10:00");
    let announcement = if to.is_empty() { announcement } else { announcement.to(to) };
    campaign().with("sector", "shoes").opens("2027-01-02 08:00").mailing(announcement)
}

/// A shop with four members and this campaign.
fn world(backend: Backend, lists: &[(&str, &[&str])], to: &[&str]) -> World {
    let world = World::new(backend, &["a@example.fr", "b@example.fr", "c@example.fr", "d@example.fr"]);
    for (name, addresses) in lists {
        put(&world, name, addresses);
    }
    world.apply(&sale(to));
    world
}

fn folder(world: &World) -> Transport {
    Transport::Directory(Directory::new(world.fresh.folder.path().join("outbox")))
}

/// Whom each delivery of the announcement is for, by the row of the member.
fn reasons(world: &World) -> Vec<(DeliveryState, Option<String>)> {
    let mut rows: Vec<_> = world.queue(None).into_iter().map(|row| (row.state, row.reason)).collect();
    rows.sort_by_key(|(state, reason)| (state.to_string(), reason.clone()));
    rows
}

both!(a_mailing_to_lists_reaches_those_on_them_each_once, |backend| {
    let lists: [(&str, &[&str]); 2] =
        [("club", &["a@example.fr", "b@example.fr"]), ("metz", &["b@example.fr", "c@example.fr"])];
    let world = world(backend, &lists, &["metz", "club"]);
    let begun = world.at(ANNOUNCED).plan();
    assert!(matches!(begun.events.as_slice(), [PlannerEvent::Begun(_, 3)]), "{begun:?}");
    world.drain(&world.dispatcher("one", folder(&world)));
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 3, "nobody twice, and nobody else");
    let planned = world.at("2027-01-01T09:10:00Z").plan();
    assert!(matches!(planned.events.as_slice(), [PlannerEvent::Finished(..)]), "{planned:?}");
});

both!(only_confirmed_members_are_mailed_whatever_list_they_are_on, |backend| {
    let world = world(backend, &[("club", &["a@example.fr", "b@example.fr"])], &["club"]);
    let rows = world.store.read_blocking(|db| members::list(db, None, 0, 10)).unwrap();
    let now = world.clock.now();
    world.fresh.leave(&world.store, rows[0].pseudonym, Cause::Withdrawn, Method::OneClickPost, now);
    assert_eq!(put(&world, "club", &["a@example.fr", "stranger@example.org"]), [Placement::Left, Placement::Nobody]);
    assert_eq!(world.store.read_blocking(members::count_by_consent).unwrap().len(), 2, "a list makes no member");
    let begun = world.at(ANNOUNCED).plan();
    assert!(matches!(begun.events.as_slice(), [PlannerEvent::Begun(_, 1)]), "{begun:?}");
});

both!(whoever_is_taken_off_a_list_before_the_letter_leaves_does_not_get_it, |backend| {
    let lists: [(&str, &[&str]); 2] =
        [("club", &["a@example.fr", "b@example.fr", "c@example.fr"]), ("metz", &["c@example.fr"])];
    let world = world(backend, &lists, &["club", "metz"]);
    world.at(ANNOUNCED).plan();
    // Between the planning and the claim.
    assert_eq!(take_off(&world, "club", "a@example.fr"), [Placement::Done]);
    assert_eq!(take_off(&world, "club", "a@example.fr"), [Placement::Already]);
    let until = world.clock.now() + SignedDuration::from_mins(2);
    let claimed = world.claim("one", 10, until);
    assert_eq!(claimed.len(), 2);
    // Between the claim and the hand-over: one is on another list of the mailing.
    take_off(&world, "club", "b@example.fr");
    take_off(&world, "club", "c@example.fr");
    let mut answers = world.hand_over(&claimed);
    answers.sort_by_key(|answer| *answer != LateCheck::Proceed);
    assert_eq!(answers, [LateCheck::Proceed, LateCheck::Skip(NOT_ON_LIST)]);
    let skipped = (DeliveryState::Skipped, Some(NOT_ON_LIST.to_owned()));
    assert_eq!(reasons(&world)[1..], [skipped.clone(), skipped]);
});

both!(whoever_is_on_a_list_that_a_mailing_leaves_out_does_not_get_it, |backend| {
    let lists: [(&str, &[&str]); 2] =
        [("club", &["a@example.fr", "b@example.fr", "c@example.fr"]), ("staff", &["b@example.fr"])];
    let world = world(backend, &lists, &[]);
    world.apply(&sale(&[]).change(0, |mailing| mailing.without(&["staff"])));
    let reached = |slug: &str| {
        let now = world.clock.now();
        let slug = slug.parse().unwrap();
        let schedule = world.store.read_blocking(|db| campaigns::find(db, &slug)).unwrap().unwrap().schedule;
        let reach = world.store.read_blocking(|db| reach::audiences(db, &schedule, now)).unwrap();
        let reach = &reach.mailings["announcement"];
        (reach.people(), reach.left_out.kept_out, reach.left_out.elsewhere)
    };
    assert_eq!(reached("hiver"), (3, 1, 0));
    world.apply(&sale(&["club"]).change(0, |mailing| mailing.without(&["staff"])));
    assert_eq!(reached("hiver"), (2, 1, 1));
    let begun = world.at(ANNOUNCED).plan();
    assert!(matches!(begun.events.as_slice(), [PlannerEvent::Begun(_, 2)]), "{begun:?}");
    let claimed = world.claim("one", 10, world.clock.now() + SignedDuration::from_mins(2));
    assert_eq!(claimed.len(), 2);
    // Between the claim and the hand-over.
    put(&world, "staff", &["c@example.fr"]);
    let mut answers = world.hand_over(&claimed);
    answers.sort_by_key(|answer| *answer != LateCheck::Proceed);
    assert_eq!(answers, [LateCheck::Proceed, LateCheck::Skip(NOT_ON_LIST)]);
});

both!(whoever_comes_on_a_list_that_is_left_out_is_not_claimed, |backend| {
    let world = world(backend, &[("staff", &["a@example.fr"])], &[]);
    world.apply(&sale(&[]).change(0, |mailing| mailing.without(&["staff"])));
    world.at(ANNOUNCED).plan();
    put(&world, "staff", &["b@example.fr"]);
    world.drain(&world.dispatcher("one", folder(&world)));
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 2);
    assert_eq!(world.count("announcement", DeliveryState::Skipped), 1);
    // The list is in use until the mailing has ended.
    let row = world.store.read_blocking(|db| lists::find(db, &list("staff"))).unwrap().unwrap();
    world.at("2027-01-01T09:10:00Z").plan();
    assert!(world.store.read_blocking(|db| lists::open_mailings(db, row)).unwrap().is_empty());
    world.store.write_blocking(|db| lists::delete(db, row)).unwrap();
});

both!(a_mailing_to_a_list_of_nobody_waits_and_goes_to_nobody_else, |backend| {
    // The list is not there at all: that is nobody, and not everybody.
    let world = world(backend, &[], &["club"]);
    let planned = world.at(ANNOUNCED).plan();
    assert_eq!((planned.waiting.len(), planned.events.len()), (1, 0), "{planned:?}");
    put(&world, "other", &["a@example.fr"]);
    assert_eq!(world.plan().waiting.len(), 1);
    let missed = world.at("2027-01-02T07:00:00Z").plan();
    assert!(matches!(missed.events.as_slice(), [PlannerEvent::Missed(_, Missed::NoAudience)]), "{missed:?}");
});

both!(who_is_erased_is_on_no_list, |backend| {
    let world = world(backend, &[("club", &["a@example.fr", "b@example.fr"])], &["club"]);
    let rows = world.store.read_blocking(|db| members::list(db, None, 0, 10)).unwrap();
    let (erased, left, now) = (&rows[0], &rows[1], world.clock.now());
    let of = |id| world.store.read_blocking(|db| lists::of_member(db, id)).unwrap();
    let on = of(erased.id);
    assert_eq!(
        (on[0].list.as_str(), on[0].detail.as_str(), on[0].who.as_str()),
        ("club", "asked at the till", "camille")
    );
    let leave = Leave { cause: Cause::Erased, method: Method::Staff("camille".into()), at: now };
    world.fresh.door(&world.store).erase_blocking(&erased.pseudonym, &leave, "camille").unwrap();
    assert_eq!(of(erased.id), []);
    // What is known of who left goes with the address.
    world.fresh.leave(&world.store, left.pseudonym, Cause::Withdrawn, Method::OneClickPost, now);
    assert_eq!(of(left.id).len(), 1);
    let later = now + SignedDuration::from_hours(24 * 60);
    world.store.write_blocking(|db| carillon::db::expiry::forget_left(db, later, 10)).unwrap();
    assert_eq!(of(left.id), []);
});

both!(an_audience_follows_the_file_as_long_as_nothing_has_left, |backend| {
    let lists: [(&str, &[&str]); 2] =
        [("club", &["a@example.fr", "b@example.fr"]), ("metz", &["b@example.fr", "c@example.fr"])];
    let world = world(backend, &lists, &["club"]);
    let announced: Timestamp = ANNOUNCED.parse().unwrap();
    world.at(ANNOUNCED).plan();
    // It has begun, and nothing has left.
    world.apply(&sale(&["metz"]));
    assert_eq!(world.queue(None).len(), 3, "those on the other list are added, and nobody is planned twice");
    world.drain(&world.dispatcher("one", folder(&world)));
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 2);
    assert_eq!(world.count("announcement", DeliveryState::Skipped), 1);
    // Letters have left: whom they are for cannot change any more.
    let refused = apply(&world.store, &sale(&["club", "metz"]).text(), announced + SignedDuration::from_mins(5));
    let refused = refused.unwrap_err();
    assert_eq!(refused, ["messages of `announcement` have left, so its lists cannot change"]);
    let everybody = apply(&world.store, &sale(&[]).text(), announced + SignedDuration::from_mins(5)).unwrap_err();
    assert_eq!(everybody, refused);
});

both!(an_audience_that_has_not_begun_is_that_of_the_latest_file, |backend| {
    let world = world(backend, &[("club", &["a@example.fr"])], &["club"]);
    world.apply(&sale(&[]));
    let begun = world.at(ANNOUNCED).plan();
    assert!(matches!(begun.events.as_slice(), [PlannerEvent::Begun(_, 4)]), "{begun:?}");
});

const HEADER: &str = "address;language;confirmed_at;wording;source;method";

fn row(number: usize) -> String {
    let language = if number.is_multiple_of(3) { "en" } else { "fr" };
    format!("m{number:05}@example.fr;{language};2026-03-01T10:00:00Z;Je souhaite recevoir les offres.;form;web_form")
}

fn members_file(numbers: impl IntoIterator<Item = usize>) -> String {
    let rows = numbers.into_iter().map(row);
    [HEADER.to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\n") + "\n"
}

fn counted(shop: &ShopFolder) -> Value {
    shop.json(&["list", "show", "--json"])
}

both!(an_import_puts_whom_it_names_on_lists_also_those_who_were_members, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write("first.csv", members_file(0..10));
    shop.run(&["member", "import", "first.csv"]).exits(0);
    assert_eq!(counted(&shop), json!([]), "an import without lists makes none");
    shop.run(&["member", "withdraw", "m00003@example.fr"]).exits(0);
    shop.write("metz.csv", members_file(2..20));
    let dry = shop.run(&["member", "import", "metz.csv", "--list", "metz", "--dry-run"]);
    assert!(dry.stdout.contains("on the list `metz` afterwards: 17"), "{dry:?}");
    assert_eq!(counted(&shop), json!([]));
    let said = shop.json(&["member", "import", "metz.csv", "--list", "metz", "--list", "clientes-2026", "--json"]);
    assert_eq!(said["listed"], json!({ "clientes-2026": 17, "metz": 17 }), "{said}");
    assert_eq!(said["new_lists"], json!(["clientes-2026", "metz"]));
    let again = shop.json(&["member", "import", "metz.csv", "--list", "metz", "--json"]);
    assert_eq!((&again["listed"], &again["new_lists"]), (&json!({ "metz": 0 }), &Value::Null));
    let shown = shop.json(&["list", "show", "metz", "--json"]);
    assert_eq!((&shown["people"], &shown["reached"]), (&json!(17), &json!(17)));
    assert_eq!(shown["acts"][0]["detail"], "metz.csv");
    assert_eq!(
        shown["acts"].as_array().unwrap().len(),
        1,
        "who is on a list stays by the act that came first: {shown}"
    );
    let on = shop.json(&["member", "list", "--list", "metz", "--json"]);
    assert_eq!(on.as_array().unwrap().len(), 17);
    let member = shop.json(&["member", "show", "m00005@example.fr", "--json"]);
    assert_eq!(member[0]["lists"][1]["list"], "metz", "{member}");
    let proof = shop.run(&["consent", "prove", "m00005@example.fr"]).exits(0);
    assert!(proof.stdout.contains("list       metz since"), "{proof:?}");
});

both!(a_killed_import_goes_on_with_its_lists, |backend| {
    const ROWS: usize = 20_000;
    let shop = ShopFolder::on(backend);
    let text = members_file(0..ROWS);
    let mut import = shop
        .command(&["member", "import", "/dev/stdin", "--list", "club"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The pipe stays open, so the import waits for more once it has stored the first rows.
    let mut pipe = import.stdin.take().unwrap();
    pipe.write_all(text.as_bytes()).unwrap();
    let stored =
        || -> i64 { shop.store().read_blocking(members::count_by_consent).unwrap().iter().map(|(_, rows)| rows).sum() };
    wait_for(|| stored() > 0);
    import.kill().unwrap();
    import.wait().unwrap();
    let (there, people) = (stored(), counted(&shop)[0]["people"].as_i64().unwrap());
    assert_eq!(people, there, "who came in is on the list, in one transaction");
    shop.write("members.csv", &text);
    let said = shop.json(&["member", "import", "members.csv", "--list", "club", "--json"]);
    let left = u64::try_from(i64::try_from(ROWS).unwrap() - there).unwrap();
    assert_eq!((&said["accepted"], &said["listed"]["club"]), (&json!(left), &json!(left)), "{said}");
    assert_eq!(counted(&shop)[0]["people"], json!(ROWS));
});

#[track_caller]
fn says(said: &Said, words: &str) {
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains(words), "`{words}` is not in\n{all}");
}

both!(people_come_on_a_list_and_off_it_by_a_file, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write("members.csv", members_file(0..5));
    shop.run(&["member", "import", "members.csv"]).exits(0);
    shop.write("club.txt", "m00000@example.fr\nM00001@Example.FR;gold\nstranger@example.org\nno address\n");
    let add = ["list", "add", "club", "--file", "club.txt", "--reason", "took a card at the till"];
    let said = shop.run(&add).exits(1);
    says(&said, "put on `club`: 2; on it before: 0; left: 0; no members: 1");
    says(&said, "line 3: no member has this address");
    says(&said, "line 4: the address has no `@`");
    says(&said, "the list `club` is new");
    assert!(!said.stderr.contains("example.org"), "{said:?}");
    let refused = shop.run(&["list", "add", "club", "m00002@example.fr", "--reason", "x@example.fr asked"]).exits(2);
    says(&refused, "the reason holds an address");
    shop.run(&["list", "add", "gold", "stranger@example.org", "--reason", "a slip"]).exits(1);
    says(&shop.run(&["list", "show", "gold"]).exits(1), "there is no list `gold`; there are `club`");
    says(&shop.run(&["list", "remove", "club", "m00001@example.fr"]).exits(0), "taken off `club`: 1");
    says(&shop.run(&["list", "show", "club"]).exits(0), "club: 1 person, of whom 1 may be written to today");
    says(&shop.run(&["list", "show", "club"]).exits(0), "took a card at the till");
    says(&shop.run(&["list", "delete", "club"]).exits(1), "1 person is on the list `club`; nothing was changed");
    shop.run(&["list", "delete", "club", "--yes"]).exits(0);
    assert_eq!(counted(&shop), json!([]));
    assert_eq!(shop.json(&["member", "list", "--json"]).as_array().unwrap().len(), 5, "its people stay members");
});

#[test]
fn the_days_to_come_say_how_many_are_on_the_lists_of_a_mailing() {
    let mut session = Session::new(ShopFolder::configured(), "2026-12-20T09:00:00Z");
    session.write("members.csv", members_file(0..5)).write("club.txt", "m00001@example.fr\nm00002@example.fr\n");
    session.quietly("member import members.csv").quietly("list add club --file club.txt --reason slips");
    let everybody = mailing("opening").from("2027-01-02 08:30");
    session.write("sale.toml", sale(&["club"]).mailing(everybody).text()).quietly("campaign apply sale.toml");
    let told = session.hear("status --next 4w");
    let people = |mailing: &str| told.lines().find(|line| line.contains(mailing)).unwrap_or_default();
    assert!(people("`announcement`").contains("to 2 people"), "{told}");
    assert!(people("`opening`").contains("to 5 people"), "{told}");
}

/// A sale for a group, in April 2090.
fn closed(list: Option<&str>) -> CampaignFile {
    let who = ("who", "les clientes de la boutique de Metz en 2089".into());
    let (fixed_on, joinable) = (("fixed_on", "2090-01-15".into()), ("joinable", false.into()));
    let sale = campaign_to_come().slug("invites").title("Rien que pour Metz").with("audience", "closed-group");
    let sale = sale.mailing(mailing("opening").languages(&["fr"]));
    match list {
        Some(list) => sale.table("[group]", [who, fixed_on, joinable, ("list", list.into())]),
        None => sale.table("[group]", [who, fixed_on, joinable]),
    }
}

both!(a_sale_for_a_closed_group_is_told_to_its_list_and_to_nobody_else, |backend| {
    let shop = ShopFolder::on(backend);
    shop.write("members.csv", members_file(0..5));
    shop.run(&["member", "import", "members.csv"]).exits(0);
    let check = |file: &CampaignFile| {
        shop.write("invites.toml", file.text());
        shop.run(&["campaign", "check", "invites.toml"])
    };
    says(&check(&closed(None)).exits(1), "mailing.closed-group");
    let unknown = check(&closed(Some("metz"))).exits(1);
    says(&unknown, "there is no list `metz`, and none at all yet");
    let line = closed(Some("metz")).text().lines().position(|line| line.contains("\"metz\"")).unwrap() + 1;
    says(&unknown, &format!("invites.toml:{line}:"));
    shop.write("metz.txt", "m00001@example.fr\nm00002@example.fr\nm00003@example.fr\n");
    shop.run(&["list", "add", "metz", "--file", "metz.txt", "--reason", "bought at Metz"]).exits(0);
    shop.run(&["list", "add", "all", "m00000@example.fr", "--reason", "somebody else"]).exits(0);
    let beyond = closed(Some("metz")).change(0, |mailing| mailing.to(&["metz", "all"]));
    says(&check(&beyond).exits(1), "mailing.beyond-group");
    says(&check(&closed(Some("metz"))).exits(0), "3 of 3 on `metz`");
    let applied = shop.run(&["campaign", "apply", "invites.toml"]).exits(0);
    says(&applied, "`opening` would be written to 3 people today: 3 in `fr`; 3 of 3 on `metz`");
    says(&applied, "`opening` is not for 2 who are on none of its lists");
    let told = shop.run(&["gate", "show", "invites"]);
    says(&told, "invites");
    shop.run(&["gate", "export", "--out", "public"]);
    let signed = shop.read("public/gates.jwt");
    let body = signed.split('.').nth(1).unwrap();
    let body = URL_SAFE_NO_PAD.decode(body).unwrap();
    assert!(!String::from_utf8(body).unwrap().contains("invites"), "a closed sale is in no public file");
    // The list is awaited.
    says(&shop.run(&["list", "delete", "metz", "--yes"]).exits(1), "`invites/opening`");
    // Everybody has left the list: what would reach nobody is said before.
    shop.run(&["list", "remove", "metz", "--file", "metz.txt"]).exits(0);
    says(&check(&closed(Some("metz"))).exits(0), "nobody is on the list `metz`: `opening` would reach nobody by it");
});

both!(a_list_that_mailings_have_gone_to_can_be_removed, |backend| {
    let world = world(backend, &[("club", &["a@example.fr", "b@example.fr"])], &["club"]);
    world.at(ANNOUNCED).plan();
    let row = world.store.read_blocking(|db| lists::find(db, &list("club"))).unwrap().unwrap();
    let open = world.store.read_blocking(|db| lists::open_mailings(db, row)).unwrap();
    assert_eq!(open.len(), 1);
    world.drain(&world.dispatcher("one", folder(&world)));
    world.at("2027-01-01T09:10:00Z").plan();
    assert_eq!(world.store.read_blocking(|db| lists::open_mailings(db, row)).unwrap(), []);
    assert_eq!(world.store.write_blocking(|db| lists::delete(db, row)).unwrap(), 2);
    assert_eq!(world.count("announcement", DeliveryState::Accepted), 2, "who was told stays told");
});

/// Everybody whom a mailing is for is on a list that it leaves out: that is said before its time, and with its cause.
#[test]
fn whoever_leaves_everybody_out_is_told_so() {
    let mut session = Session::new(ShopFolder::configured(), "2026-12-20T09:00:00Z");
    session.write("members.csv", members_file(0..5)).write("club.txt", "m00001@example.fr\nm00002@example.fr\n");
    session.quietly("member import members.csv").quietly("list add club --file club.txt --reason slips");
    session.quietly("list add team --file club.txt --reason slips");
    let announcement = mailing("announcement").from("2027-01-01 10:00").to(&["club"]).without(&["team"]);
    session
        .write("sale.toml", campaign().with("sector", "shoes").opens("2027-01-02 08:00").mailing(announcement).text());
    let nobody = "`announcement` would reach nobody: all 2 people who could be written to are on a list that `not` \
                  leaves out (`team`)";
    for command in ["check", "plan", "apply"] {
        let said = session.hear(&format!("campaign {command} sale.toml"));
        assert!(
            said.contains(nobody) && said.contains("mailing.to-nobody") && said.contains("carillon list show team"),
            "{command}: {said}"
        );
    }
    let problem = "would reach nobody: everybody who could be written to is on a list that it leaves out in `not`";
    for command in ["status", "problem list"] {
        let said = session.hear(command);
        assert!(said.contains(problem), "{command}: {said}");
    }
    let said = session.hear("rehearse --letters @rehearsal");
    assert!(
        said.contains("reaches nobody: everybody who could be written to is on a list that `not` leaves out (`team`)"),
        "{said}"
    );
    assert!(!said.contains("import members"), "{said}");
    // When one of them is on the list of the mailing alone, there is nothing to say.
    session.quietly("list remove team m00001@example.fr");
    for command in ["campaign check sale.toml", "status"] {
        let said = session.hear(command);
        assert!(!said.contains("would reach nobody"), "{command}: {said}");
    }
}
