//! The tasks of `docs/fr/guide.md`, done with the files that stand in it, by somebody who reads only French. And the four traps.

use std::fs;

use carillon::campaign::Answer;
use carillon::language::InterfaceLanguage;
use carillon::smtp::Limits;
use carillon::transport::Transport;

use crate::french::english;
use crate::support::apply::apply_taking_on;
use crate::support::backend::Backend;
use crate::support::folder::ShopFolder;
use crate::support::relay::Relay;
use crate::support::session::Session;
use crate::support::world::{ANNOUNCED, World, winter_sale};
use crate::tidy::root;

/// The files of the guide, in their order: each block of `kind` below the heading of `task`.
fn blocks(task: &str, kind: &str) -> Vec<String> {
    let guide = fs::read_to_string(root().join("docs/fr/guide.md")).unwrap();
    let section = guide.split("\n## ").find(|section| section.starts_with(task)).unwrap().to_owned();
    let blocks = section.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n').map(str::to_owned)).collect()
}

/// `file` with each line of `lines` in the place of the one with the same key.
fn with(file: &str, lines: &str) -> String {
    let key = |line: &str| line.split_once('=').map(|(key, _)| key.trim().to_owned());
    let mut text = file.to_owned();
    for line in lines.lines().filter(|line| key(line).is_some()) {
        let old = text.lines().find(|old| key(old) == key(line)).unwrap_or_else(|| panic!("nothing like {line}"));
        text = text.replace(&old.to_owned(), line);
    }
    text
}

/// Types a command. All of it must be French, and have the words `expected` in it.
#[track_caller]
fn hear(session: &mut Session, line: &str, expected: &[&str]) -> String {
    let said = session.hear(line);
    for shown in said.lines() {
        assert_eq!(english(shown), [""; 0], "{line}: “{shown}”");
    }
    for words in expected {
        assert!(said.contains(words), "{line}: no “{words}” in {said}");
    }
    said
}

fn french(now: &str) -> Session {
    let mut session = Session::new(ShopFolder::configured(), now);
    session.speaks(InterfaceLanguage::Fr);
    session
}

const LAWFUL: &str = "aucune règle connue de Carillon ne l’interdit";
const REFUSED: &str = "la campagne ne peut pas être appliquée ainsi";

#[test]
fn the_sales_of_the_guide_are_as_it_says() {
    let mut session = french("2026-11-27T12:00:00Z");
    let winter = blocks("2. ", "toml").remove(0);
    let checked = |session: &mut Session, text: &str, expected: &[&str]| {
        session.write("vente.toml", text);
        hear(session, "campaign check vente.toml", expected);
    };
    checked(&mut session, &winter, &["ouvre le samedi 2 janvier 2027 à 8\u{a0}h", LAWFUL]);
    let summer = with(&winter, &blocks("3. ", "toml")[0]);
    checked(
        &mut session,
        &summer,
        &["ouvre le samedi 19 juin 2027 à 8\u{a0}h", "ferme le mercredi 23 juin 2027", LAWFUL],
    );
    let lorraine = with(&winter, &blocks("4. ", "toml")[0]);
    checked(&mut session, &lorraine, &["ouvre le mardi 29 décembre 2026", "la préfecture", LAWFUL]);
    let belgian = with(&winter, "markets = [\"BE\"]\ntimezone = \"Europe/Brussels\"");
    checked(&mut session, &belgian, &["période protégée", REFUSED]);
    let belgium = blocks("5. ", "toml").remove(0);
    checked(&mut session, &belgium, &["ferme le mardi 1er décembre 2026 à minuit", LAWFUL]);
    let both = with(&winter, "markets = [\"FR\", \"BE\"]");
    checked(&mut session, &both, &["la loi n’est pas la même dans les deux marchés", REFUSED]);
    checked(&mut session, &with(&both, &blocks("6. ", "toml")[0]), &[LAWFUL]);
    let scarce = winter.replace("Sans inscription ni code", "Stock limité, sans inscription ni code");
    checked(&mut session, &scarce, &["le fichier ne dit pas ce qui limite l’offre"]);
    let limited = scarce.replace("\n[window]", &format!("\n{}\n[window]", blocks("8. ", "toml")[0]));
    checked(&mut session, &limited, &[LAWFUL]);
    checked(
        &mut session,
        &limited.replace("[\"stock\"]", "[]"),
        &["`Stock limité` dit qu’il n’y en aura pas", REFUSED],
    );
    let markdown = blocks("9. ", "toml").remove(0);
    checked(&mut session, &markdown, &["ouvre le mercredi 20 janvier 2027", "fait partie des soldes", LAWFUL]);
}

#[test]
fn the_closed_group_of_the_guide_is_lawful() {
    let mut session = french("2026-12-05T12:00:00Z");
    session.write("membres.csv", &blocks("13. ", "csv")[0]);
    session.write("metz.txt", "camille@example.fr\n");
    hear(&mut session, "member import membres.csv --zone Europe/Paris", &["acceptés    1"]);
    session.quietly("list add clients-metz --file metz.txt --reason achats-a-Metz");
    session.write("groupe.toml", &blocks("7. ", "toml")[0]);
    hear(&mut session, "campaign check groupe.toml", &[LAWFUL]);
    for (from, to, expected) in [
        ("joinable = false", "joinable = true", "n’est pas fermé"),
        ("les clientes et clients de la boutique de Metz en 2026", "tout le monde", "ne décrit aucun cercle"),
    ] {
        session.write("groupe.toml", blocks("7. ", "toml")[0].replace(from, to));
        hear(&mut session, "campaign check groupe.toml", &[expected, REFUSED]);
    }
}

/// A spreadsheet that saves as Windows did thirty years ago.
#[test]
fn the_prices_of_the_guide_are_taken_from_windows_1252() {
    let mut session = french("2026-11-27T12:00:00Z");
    let text = blocks("12. ", "csv").remove(0);
    let byte = |letter: char| match letter {
        '€' => 0x80,
        letter => u8::try_from(u32::from(letter)).unwrap(),
    };
    session.write("prix.csv", text.replace('\u{202f}', " ").chars().map(byte).collect::<Vec<u8>>());
    hear(
        &mut session,
        "price import prix.csv --encoding windows-1252",
        &["2 lignes ajoutées, 0 déjà connue, 0 refusée"],
    );
    hear(&mut session, "price import prix.csv --encoding windows-1252", &["0 ligne ajoutée, 2 déjà connues"]);
    session.write("offres.csv", &blocks("12. ", "csv")[1]);
    hear(&mut session, "price check offres.csv --at 2027-01-02T08:00", &["20\u{a0}%", "interdit"]);
}

#[test]
fn a_subject_of_151_characters_is_refused() {
    let mut session = french("2026-11-27T12:00:00Z");
    let winter = blocks("2. ", "toml").remove(0);
    let subject = |length: usize| with(&winter, &format!("subject = \"{}\"", "é".repeat(length)));
    session.write("vente.toml", subject(150));
    hear(&mut session, "campaign check vente.toml", &[LAWFUL]);
    session.write("vente.toml", subject(151));
    let expected =
        ["le texte compte 151 caractères, soit 1 de plus que les 150 possibles", "raccourcissez ce `subject`", REFUSED];
    hear(&mut session, "campaign check vente.toml", &expected);
    hear(&mut session, "campaign apply vente.toml", &["refusé\u{a0}: rien n’a été changé"]);
}

#[test]
fn the_file_of_last_winter_is_refused() {
    let mut session = french("2026-11-27T12:00:00Z");
    let winter = blocks("2. ", "toml").remove(0);
    session.write("hiver.toml", &winter);
    hear(&mut session, "campaign apply hiver.toml", &["est appliquée, révision 1"]);
    session.move_to("2027-11-20T12:00:00Z");
    hear(&mut session, "campaign check hiver.toml", &["c’est passé", "écrivez les dates de la saison à venir"]);
    let again = winter.replace("hiver.2027", "hiver.2028");
    session.write("hiver2028.toml", &again);
    let expected = [
        "a fermé le mercredi 6 janvier 2027",
        "une nouvelle vente porte un nouveau nom",
        "refusé\u{a0}: rien n’a été changé",
    ];
    hear(&mut session, "campaign apply hiver2028.toml", &expected);
    session.write("hiver2028.toml", with(&again, "slug = \"journees-magiques-hiver-2028\""));
    hear(&mut session, "campaign check hiver2028.toml", &["ouvre le samedi 8 janvier 2028", LAWFUL]);
    hear(&mut session, "campaign apply hiver2028.toml", &["`journees-magiques-hiver-2028` est appliquée, révision 1"]);
}

#[test]
fn a_date_that_people_were_told_is_not_moved_in_silence() {
    let relay = Relay::start();
    let world = World::new(Backend::Sqlite, &["anna@example.fr", "bela@example.fr", "carla@example.fr"]);
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED).plan();
    world.drain(&dispatcher);
    world.plan();
    let mut session = Session::at(world.fresh.folder.path(), world.clock.clone());
    session.speaks(InterfaceLanguage::Fr);
    session.write("hiver.toml", winter_sale().opens("2027-01-03 08:00").text());
    let said = hear(
        &mut session,
        "campaign apply hiver.toml",
        &["3 personnes ont été prévenues", "ce serait le dimanche 3 janvier 2027", "--although-told"],
    );
    assert!(said.contains("refusé\u{a0}: rien n’a été changé"), "{said}");
    let moved = winter_sale().opens("2027-01-03 08:00");
    apply_taking_on(&world.store, &moved.text(), world.clock.now(), &[Answer::AlthoughTold]).unwrap();
    let titled = moved.title("Les journées fermes").text();
    session.write("hiver.toml", titled);
    let told = "3 personnes ont été prévenues par `announcement` quand `title` disait";
    for command in ["check", "plan", "apply"] {
        hear(&mut session, &format!("campaign {command} hiver.toml"), &[told]);
    }
    let members = winter_sale().opens("2027-01-03 08:00").with("audience", "open-members").without_mailing(0).text();
    session.write("hiver.toml", members);
    let public = "quand la vente était ouverte à tous\u{202f}; elle serait réservée à un club ouvert";
    let stays = "`announcement` quitte le fichier, et 3 personnes gardent son courriel";
    for command in ["check", "plan", "apply"] {
        hear(&mut session, &format!("campaign {command} hiver.toml"), &[public, stays, "--although-told"]);
    }
    // Another sale whose letters are overdue: they would leave at once.
    let late = winter_sale().slug("club").title("Le club").change(0, |mailing| mailing.from("2026-12-20 10:00"));
    session.write("club.toml", late.text());
    hear(
        &mut session,
        "campaign plan club.toml",
        &["devait partir le dimanche 20 décembre 2026", "rien ne les rappelle"],
    );
    hear(&mut session, "mail report hiver", &["ENVOI", "terminé"]);
    hear(&mut session, "campaign cancel hiver", &["3 personnes ont été prévenues", "rien n’a été changé"]);
}
