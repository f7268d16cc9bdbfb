//! A rehearsal says what the daemon then does, and leaves the shop as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use carillon::config::StoreUrl;
use carillon::daemon::{Onlooker, Simulation};
use carillon::db::reports::{self, QueueFilter};
use carillon::delivery::DeliveryState;
use carillon::language::InterfaceLanguage;
use carillon::sending::planner::PlannerEvent;
use carillon::sending::relays::RelayAllowance;
use carillon::text::Rate;
use carillon::transport::{Directory, Transport};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::backend::{Backend, both};
use crate::support::build::{CampaignFile, campaign_to_come, mailing};
use crate::support::cli::Said;
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::shop::{run_sql, words};
use crate::support::world::{World, winter_sale};

/// After everything that the campaigns of these tests do.
const OVER: &str = "2027-01-08T00:00:00Z";

/// The campaign of the tests with a third mailing.
fn season() -> CampaignFile {
    winter_sale().mailing(mailing("last-hours"))
}

/// A shop whose members are as `seed` has them, some of whom are not written to, with the campaign applied.
fn shop(backend: Backend, seed: u64, members: usize) -> World {
    let addresses: Vec<String> = (0..members).map(|number| format!("m{number}@example.fr")).collect();
    let world = World::new(backend, &addresses.iter().map(String::as_str).collect::<Vec<_>>());
    world.apply(&season());
    if let StoreUrl::Postgres(url) = &world.fresh.url {
        configure(&world, "sqlite:carillon.db", url);
    }
    let micros = |at: &str| at.parse::<Timestamp>().unwrap().as_microsecond();
    let (eve, opened, later) =
        (micros("2027-01-01T20:00:00Z"), micros("2027-01-03T00:00:00Z"), micros("2027-06-01T00:00:00Z"));
    let mut chance = seed;
    for address in &addresses {
        // A small generator is enough: what matters is that every seed is another shop.
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let set = match (chance >> 33) % 9 {
            0 => format!("paused_until = {eve}"),
            1 => format!("paused_until = {later}"),
            2 => format!("expires_at = {eve}"),
            3 => format!("expires_at = {opened}"),
            4 => "consent = 'withdrawn'".to_owned(),
            5 => "language = 'nl'".to_owned(),
            _ => continue,
        };
        run_sql(&world.fresh.url, &format!("UPDATE members SET {set} WHERE address = '{address}'"));
    }
    world
}

fn configure(world: &World, from: &str, to: &str) {
    let path = world.fresh.folder.path().join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in\n{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn session(world: &World) -> Session {
    Session::at(world.fresh.folder.path(), world.clock.clone())
}

type Deliveries = BTreeMap<(String, String), String>;

/// What a rehearsal says of each delivery, by mailing and member, and all that it says.
fn rehearsed(world: &World, options: &str) -> (Deliveries, Value) {
    let said = session(world).hear(&format!("rehearse --all --json --letters @rehearsal{options}"));
    let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let table = fs::read(world.fresh.folder.path().join("rehearsal/deliveries.csv")).unwrap();
    let mut deliveries = BTreeMap::new();
    for row in csv::Reader::from_reader(table.as_slice()).records() {
        let row = row.unwrap();
        deliveries.insert((row[1].to_owned(), row[2].to_owned()), row[3].to_owned());
    }
    (deliveries, report)
}

/// What the store says of each delivery.
fn recorded(world: &World) -> Deliveries {
    let filter = QueueFilter { limit: 100_000, ..QueueFilter::default() };
    let rows = world.store.read_blocking(|db| reports::queue(db, &filter)).unwrap();
    rows.into_iter().map(|row| ((row.mailing, row.member.to_string()), row.state.to_string())).collect()
}

/// Lives on as a daemon does, whose turns are taken here: planner, dispatcher, planner, and then the next instant.
fn daemon_lives(world: &World, until: &str) {
    let until: Timestamp = until.parse().unwrap();
    let outbox = world.fresh.folder.path().join("outbox");
    let dispatcher = world.dispatcher("daemon", Transport::Directory(Directory::new(outbox).without_sync()));
    while world.clock.now() < until {
        world.plan();
        let due = world.drain(&dispatcher);
        let planned = world.plan().next;
        let next = [due, planned].into_iter().flatten().min().map_or(until, |next| next.min(until));
        world.clock.advance_to(next);
    }
}

/// Holds what was rehearsed against what was done, delivery by delivery and in the sums.
fn the_same(rehearsed: &Deliveries, report: &Value, world: &World) {
    let done = recorded(world);
    assert!(!done.is_empty());
    assert_eq!(rehearsed, &done);
    for account in report["mailings"].as_array().unwrap() {
        let done = world.report(account["mailing"].as_str().unwrap());
        assert_eq!(account["planned"], done.planned);
        let counts: BTreeMap<String, u64> =
            done.counts.iter().map(|(state, count)| (state.to_string(), *count)).collect();
        assert_eq!(account["counts"], serde_json::json!(counts));
        assert_eq!(account["state"], serde_json::json!(done.state));
        assert_eq!(account["begun_at"], serde_json::json!(done.begun_at));
        let told: u64 = account["letters"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(told, done.counts.get(&DeliveryState::Accepted).copied().unwrap_or_default());
    }
}

both!(what_is_rehearsed_is_what_the_daemon_then_does, |backend| {
    for seed in 0..4 {
        let world = shop(backend, seed, 40);
        let (rehearsed, report) = rehearsed(&world, "");
        assert_eq!(report["sample"], false);
        assert_eq!(recorded(&world), Deliveries::new(), "nothing was sent yet");
        daemon_lives(&world, OVER);
        the_same(&rehearsed, &report, &world);
        assert_eq!(report["mailings"].as_array().unwrap().len(), 3);
    }
});

/// Nobody who looks on.
struct Nobody;

impl Onlooker for Nobody {
    fn happened(&mut self, _: &PlannerEvent) -> std::io::Result<()> {
        Ok(())
    }

    fn moved(&mut self, _: &BTreeMap<DeliveryState, u64>) -> std::io::Result<()> {
        Ok(())
    }
}

// Where a person allows only so much mail, what is late in the rehearsal is late.
both!(what_would_be_late_is_late, |backend| {
    let world = shop(backend, 7, 60);
    world.apply(&season().change(1, |opening| opening.until("window.opens + 40 minutes")));
    configure(&world, "= \"directory\"", "= \"smtp\"");
    configure(&world, "[mail.smtp]\n", "[mail.smtp]\nrate = \"60/h\"\n");
    let (rehearsed, report) = rehearsed(&world, "");
    let late = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "rehearsal.late");
    assert_eq!(late.count(), 1, "{report:#}");

    let rate: Rate = "60/h".parse().unwrap();
    let allowed = RelayAllowance { connections: 3, mails: 100, rate: Some(rate), relay: None };
    let outbox = world.fresh.folder.path().join("outbox");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let transport = Transport::Directory(Directory::new(outbox).without_sync());
        let dispatcher = world.dispatcher_with("daemon", transport, allowed);
        let daemon = Simulation::new(world.engine("daemon"), dispatcher);
        daemon.advance(OVER.parse().unwrap(), &mut Nobody).await.unwrap();
    });
    the_same(&rehearsed, &report, &world);
});

/// Everything that a folder holds, but for the letters.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let kept = files.filter(|path| path.is_file() && !path.ends_with("carillon.db-shm"));
    kept.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// Every row of the tables that a rehearsal changes in its copy.
fn rows(world: &World) -> Vec<Vec<String>> {
    let tables =
        ["members", "campaigns", "mailings", "deliveries", "consent_events", "store_facts", "audit_log", "problems"];
    let all = |table: &&str| {
        let row = match &world.fresh.url {
            StoreUrl::Sqlite(_) => {
                return words(&world.fresh.url, &format!("SELECT CAST(count(*) AS TEXT) AS word FROM {table}"));
            }
            StoreUrl::Postgres(_) => format!("SELECT ({table}.*)::text AS word FROM {table} ORDER BY 1"),
        };
        words(&world.fresh.url, &row)
    };
    tables.iter().map(all).collect()
}

both!(the_shop_is_left_as_it_is_also_beside_a_daemon, |backend| {
    let mut world = shop(backend, 1, 30);
    let folder = world.fresh.folder.path().to_owned();
    world.store.scrub_blocking().unwrap();
    let (before, kept) = (files(&folder), rows(&world));
    world.store.lock_for_daemon().unwrap();
    let locked = files(&folder);
    let (deliveries, _) = rehearsed(&world, "");
    assert!(!deliveries.is_empty());
    assert_eq!(files(&folder), locked);
    for (file, bytes) in before {
        assert!(fs::read(&file).unwrap() == bytes, "{} was changed", file.display());
    }
    assert_eq!(rows(&world), kept);
    assert_eq!(world.store.is_exclusive(), matches!(backend, Backend::Sqlite));
});

both!(a_second_rehearsal_says_the_same_byte_for_byte, |backend| {
    let world = shop(backend, 3, 30);
    let folder = world.fresh.folder.path().join("rehearsal");
    let rehearse = || {
        let said = session(&world).hear("rehearse --all --letters @rehearsal --relay slow");
        let all = files(&folder.join("all"));
        (said, files(&folder), all)
    };
    let first = rehearse();
    assert!(first.2.len() > 20, "{}", first.0);
    let second = rehearse();
    assert_eq!(first.0, second.0);
    assert!(first.1 == second.1 && first.2 == second.2);
});

#[test]
fn no_letter_names_a_member_or_has_a_link_that_works() {
    let world = shop(Backend::Sqlite, 3, 30);
    rehearsed(&world, "");
    let folder = world.fresh.folder.path().join("rehearsal");
    let mut letters = 0;
    for (path, bytes) in files(&folder).into_iter().chain(files(&folder.join("all"))) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("@example.fr>") || !text.contains("To: m"), "{}", path.display());
        for number in 0..30 {
            assert!(!text.contains(&format!("m{number}@example.fr")), "{}", path.display());
        }
        if let Some(link) = text.split("List-Unsubscribe: <").nth(1) {
            let token = link.split('>').next().unwrap().rsplit('/').next().unwrap();
            assert!(carillon::member::read_unsubscribe_token(&world.keyring, token).is_none(), "{}", path.display());
            letters += 1;
        }
    }
    assert!(letters > 20);
}

#[test]
fn without_a_shop_made_up_members_stand_in_and_that_is_said() {
    let mut session = Session::new(ShopFolder::bare(), "2026-12-20T09:00:00Z");
    session.write("hiver.toml", season().text());
    session.say("rehearse hiver.toml --letters @rehearsal --members 12").matches("rehearse-made-up");
    session.speaks(InterfaceLanguage::Fr);
    session.say("rehearse hiver.toml --letters @rehearsal --members 12").matches("fr-rehearse");
    session.speaks(InterfaceLanguage::En);
    session.say("rehearse hiver.toml --letters @rehearsal --members 12 --json").matches("rehearse-json");
    let letters = session.read("rehearsal/hiver.announcement.fr.txt");
    assert!(letters.contains("Les journées magiques"), "{letters}");
}

/// Nobody of them is real, so that a list which is not there yet says nothing of the campaign.
#[test]
fn made_up_members_are_on_the_lists_that_a_campaign_names() {
    let mut session = Session::new(ShopFolder::bare(), "2026-12-20T09:00:00Z");
    session.write("club.toml", season().change(0, |mailing| mailing.to(&["club", "metz"])).text());
    let said = session.hear("rehearse club.toml --letters @rehearsal --members 12");
    assert!(said.contains("they are put on `club`, `metz`"), "{said}");
    assert!(said.contains("hiver/announcement: planned 12"), "{said}");
}

#[test]
fn an_order_holds_what_it_moves() {
    let shop = ShopFolder::configured();
    let folder = shop.path().to_owned();
    let mut session = Session::new(shop, "2026-12-20T09:00:00Z");
    session.write("hiver.toml", season().text());
    session.quietly(
        "calendar override add --market FR --season winter --year 2027 --first-day 2027-01-13 --last-day 2027-02-09 \
         --source https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000000000001",
    );
    let written = fs::read_dir(folder.join("calendars")).unwrap().next().unwrap().unwrap().path();
    fs::rename(written, folder.join("arrete.toml")).unwrap();
    session.say("rehearse hiver.toml --letters @rehearsal --members 12 --law arrete.toml").matches("rehearse-law");
    assert!(session.hear("campaign list").contains("no campaign"), "it was applied in the copy alone");
}

#[test]
fn a_bad_day() {
    let mut session = Session::new(ShopFolder::bare(), "2026-12-20T09:00:00Z");
    session.write("hiver.toml", season().text());
    let rehearse = "rehearse hiver.toml --letters @rehearsal --members 120";
    session.say(&format!("{rehearse} --relay refusing")).say(&format!("{rehearse} --kill")).matches("rehearse-bad-day");
    let killed = format!("{rehearse} --kill --all");
    assert_eq!(session.hear(&killed), session.hear(&killed));
    // Sixty a minute, for two minutes.
    session.write("hiver.toml", season().change(0, |mailing| mailing.until("2027-01-01 10:02")).text());
    let said = session.hear("rehearse hiver.toml --letters @rehearsal --members 200 --relay slow --json");
    let report: Value = serde_json::from_str(&said).unwrap();
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"rehearsal.late"), "{rules:?}");
    let accepted = report["mailings"][0]["counts"]["accepted"].as_u64().unwrap();
    assert!((115..=125).contains(&accepted), "{accepted}");
}

#[test]
fn what_would_be_refused_is_said() {
    let mut session = Session::new(ShopFolder::bare(), "2026-12-20T09:00:00Z");
    session.write("hiver.toml", season().title("Les pré-soldes").text());
    session.say("rehearse hiver.toml --letters @rehearsal --members 12").matches("rehearse-refused");
    for (line, words) in [
        ("rehearse --from 2026-12-01", "is over"),
        ("rehearse --from 2026-12-24 --to 2026-12-23", "lies before"),
        ("rehearse --letters @rehearsal", "nothing to rehearse"),
    ] {
        let said = session.hear(line);
        assert!(said.contains(words), "{line}: {said}");
    }
}

/// A folder in which there is nothing.
#[track_caller]
fn is_empty(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn the_copy_is_its_owners_alone_and_is_erased_also_when_it_is_interrupted() {
    use std::os::unix::fs::PermissionsExt as _;
    let (shop, temporary) = (ShopFolder::bare(), tempfile::tempdir().unwrap());
    shop.write("ete.toml", campaign_to_come().with("sector", "shoes").mailing(mailing("opening")).text());
    let command = |members: &str| {
        let mut command = shop.command(&["rehearse", "ete.toml", "--members", members]);
        command.env("TMPDIR", temporary.path());
        command
    };
    let said = Said::of(command("5").output().unwrap());
    assert!(said.stdout.contains("ete.toml"), "{said:?}");
    is_empty(temporary.path());

    let running = command("900000").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let copy = loop {
        let entries = fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().path());
        let made = |path: &PathBuf| path.join("carillon.sent").exists();
        match entries.into_iter().find(made) {
            Some(copy) => break copy,
            None => std::thread::yield_now(),
        }
    };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&copy), 0o700);
    for name in ["carillon.db", "carillon.sent", "carillon.departures", "lock"] {
        assert_eq!(mode(&copy.join(name)), 0o600, "{name}");
    }
    let id = rustix::process::Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(4), "{}", String::from_utf8_lossy(&ended.stderr));
    is_empty(temporary.path());
}

both!(a_copy_holds_what_the_store_holds, |backend| {
    let world = shop(backend, 5, 25);
    daemon_lives(&world, "2027-01-02T09:00:00Z");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    world.store.copy_to(&file).unwrap();
    let copy = StoreUrl::Sqlite(file);
    let tables = words(
        &copy,
        "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    );
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables.iter().filter(|table| !["store_facts", "__diesel_schema_migrations"].contains(&table.as_str()))
    {
        let columns = words(
            &copy,
            &format!("SELECT '\"' || name || '\"' AS word FROM pragma_table_info('{table}') ORDER BY cid"),
        );
        let row: Vec<String> = columns.iter().map(|name| format!("coalesce(CAST({name} AS TEXT), '-')")).collect();
        let all = format!("SELECT {} AS word FROM \"{table}\" ORDER BY 1", row.join(" || ' ' || "));
        let mut theirs = words(&world.fresh.url, &all);
        let mut ours = words(&copy, &all);
        theirs.sort();
        ours.sort();
        assert_eq!(ours, theirs, "{table}");
    }
});
