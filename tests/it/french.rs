//! A year in a shop whose people read French: every command of `docs/fr/guide.md`, and no English on the screen.

use std::collections::BTreeSet;
use std::fs;

use carillon::calendar::Calendar;
use carillon::campaign::Campaign;
use carillon::document::Document;
use carillon::language::InterfaceLanguage;

use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::tidy::root;

/// Words that English needs in nearly every sentence, and that French does not have.
const ENGLISH: &str = "the of is was are were and with this that its been from to for by not no none has have had which nobody \
                       your you there until since may must will would cannot it row rows members mailing mailings \
                       gate letters letter nothing when where what written sent wrote error warning because already known";

/// The words of `line` that are English. What stands in backticks or straight quotation marks is typed, and what has a full
/// stop, a dash or a digit in it is a name.
pub fn english(line: &str) -> Vec<&str> {
    let known: BTreeSet<&str> = ENGLISH.split_whitespace().collect();
    let shown = line.split('`').step_by(2).flat_map(|part| part.split('"').step_by(2));
    let words =
        shown.flat_map(str::split_whitespace).map(|word| word.trim_matches([',', ';', ':', '.', '(', ')', '"']));
    // A market is written in capitals, and so is the head of a table.
    let is_name = |word: &&str| word.chars().count() == 2 && word.chars().all(char::is_uppercase);
    words.filter(|word| !is_name(word) && known.contains(word.to_lowercase().as_str())).collect()
}

/// The winter of the guide, with a mail of its own.
pub const WINTER: &str = r#"slug     = "journees-magiques-hiver-2027"
title    = "Les journées magiques"
markets  = ["FR"]
channel  = "online"
audience = "public"
sector   = "shoes"
url      = "https://www.example.fr/journees-magiques"

[window]
timezone = "Europe/Paris"
opens    = "soldes.hiver.2027 - 4 jours à 8h00"
closes   = "soldes.hiver.2027"

[[mailings]]
kind       = "announcement"
not_before = "window.opens - 1 jour à 10h00"
not_after  = "window.opens"
languages  = ["fr"]

[mailings.texts.fr]
subject  = "Les journées magiques ouvrent {opens}"
headline = "{duration} de prix magiques, ouverts à tous"
intro    = "Sans inscription ni code, il suffit de venir à l’heure."
"#;

const PRICES: &str = "sku;channel;market;audience;from;price;currency;source\n\
                      BOT-1017;online;FR;public;01/09/2026;1 249,90 €;EUR;étiquette\n\
                      BOT-1018;online;FR;public;01/09/2026;89,90 €;EUR;étiquette\n\
                      BOT-1019;online;FR;public;09/14/2026;1.249,90 €;EUR;étiquette\n";

const MEMBERS: &str = "address;language;confirmed_at;wording;source;method\n\
     camille@example.fr;fr;14/09/2026 18:02;J’accepte de recevoir par courriel les avant-premières.;pied-de-page;web_form\n\
     ancienne@example.fr;fr;14/09/2022 18:02;J’accepte de recevoir par courriel les avant-premières.;pied-de-page;web_form\n\
     sans-heure@example.fr;fr;14/09/2026;J’accepte de recevoir par courriel les avant-premières.;pied-de-page;web_form\n\
     breve@example.fr;fr;14/09/2026 18:02;oui;pied-de-page;web_form\n";

const BREVO: &str = "CONTACT ID;EMAIL;EMAIL_MARKETING;OPTIN_DATE;wording_file;source;method\n\
     1;lou@example.fr;subscribed;12-04-2026 18:02:11;phrase.txt;pied-de-page;web_form\n\
     2;partie@example.fr;unsubscribed;12-04-2026 18:02:11;phrase.txt;pied-de-page;web_form\n";

/// The shop, and the commands that were typed in it.
struct Year {
    session: Session,
    typed: Vec<String>,
}

impl Year {
    /// A shop of which everything is written that the guide writes.
    fn with_files() -> Self {
        let mut session = Session::new(ShopFolder::configured(), "2026-11-27T12:00:00Z");
        session.speaks(InterfaceLanguage::Fr);
        let mut year = Self { session, typed: vec!["init boutique".to_owned()] };
        year.session.write("hiver.toml", WINTER);
        year.session.write(
            "lorraine.toml",
            WINTER.replace("hiver-2027", "lorraine-2027").replace("\"FR\"", "\"FR-57\"").replace("online", "store"),
        );
        year.session.write("belgique.toml", WINTER.replace("\"FR\"", "\"BE\"").replace("Paris", "Brussels"));
        year.session.write("roman.toml", WINTER.replace("Les journées magiques\"", "Un roman : Soldes de la raison\""));
        year.session.write("prix.csv", PRICES);
        year.session.write("offres.csv", "sku;price\nBOT-1017;999,90\nBOT-1018;89,90\nBOT-9999;49,90\n");
        year.session.write("membres.csv", MEMBERS);
        year.session.write("metz.txt", "camille@example.fr\ninconnue@example.fr\n");
        year.session.write("brevo.csv", BREVO);
        year.session.write("phrase.txt", "J’accepte de recevoir par courriel les avant-premières.\n");
        year
    }

    /// Types a command. Everything that it says must be French.
    #[track_caller]
    fn hear(&mut self, line: &str, expected: &[&str]) -> String {
        let said = self.session.hear(line);
        self.typed.push(line.to_owned());
        for shown in said.lines() {
            let english = english(shown);
            assert!(english.is_empty(), "{line}: {english:?} in “{shown}”");
        }
        for words in expected {
            assert!(said.contains(words), "{line}: no “{words}” in {said}");
        }
        said
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a year is told in one piece")]
fn the_commands_of_the_guide_speak_french() {
    let mut year = Year::with_files();
    let slug = "journees-magiques-hiver-2027";

    year.hear("campaign list", &["aucune campagne"]);
    year.hear("campaign new essai-2027 --out @essai-2027.toml", &["modifiez-le"]);
    assert!(year.session.read("essai-2027.toml").contains("# Le nom court, celui des commandes"));
    year.hear("campaign check hiver.toml", &["ouvre le samedi 2 janvier 2027"]);
    year.hear(
        "campaign check lorraine.toml",
        &["Le samedi 2 ou le lundi 4 janvier 2027", "la préfecture du département"],
    );
    year.hear("campaign check belgique.toml", &["Seule est interdite l’annonce"]);
    year.hear("calendar list --market FR --from 2027-01-01 --to 2027-12-31", &["MARCHÉ", "hiver", "calculée"]);
    year.hear("campaign plan hiver.toml", &["la campagne peut être appliquée"]);
    year.hear("campaign apply hiver.toml", &["est appliquée, révision 1"]);
    year.hear(
        "mail preview announcement --campaign hiver.toml --language fr --out @apercu",
        &["`announcement` (fr)\u{a0}:"],
    );
    year.hear("rehearse hiver.toml --letters @repetition", &["horloge simulée", "MEMBRES INVENTÉS", "Le compte"]);
    assert!(
        year.session.read("repetition/journees-magiques-hiver-2027.announcement.fr.txt").contains("Sans inscription")
    );
    year.hear("campaign list", &["VENTE", "à venir", "comme prévu"]);
    year.hear(&format!("campaign show {slug}"), &["vente     à venir", "a appliqué la campagne, révision 1"]);
    year.hear("campaign timeline --width 160", &["la vente ouvre", "l’envoi `announcement` commence"]);
    year.hear("campaign timeline --out @saison.html", &["écrit\u{a0}: saison.html"]);
    year.hear("gate show", &["PROCHAIN CHANGEMENT", "samedi 2 janvier 2027 à 8\u{a0}h"]);
    year.hear("status --next 7d", &["Du ", "Il ne se passe rien"]);
    year.hear("status", &["le service ne tourne pas", "l’envoi `announcement` commence"]);
    year.hear("problem list", &["vu à l’instant", "le service ne tourne pas"]);
    year.hear("mail report", &["PRÉVUS", "prévu"]);
    year.hear("mail queue --state refused", &["aucun courriel"]);

    year.hear("price import prix.csv", &["2 lignes ajoutées, 0 déjà connue, 1 refusée"]);
    assert!(year.session.read("prix.rejected.csv").contains("ligne;raison;sku"));
    assert!(year.session.read("prix.rejected.csv").contains("n’est pas une date"));
    year.hear(
        "price check offres.csv --at 2027-01-02T08:00",
        &["999,90", "20\u{a0}%", "interdit", "aucun prix n’est connu"],
    );

    year.hear(
        "member import membres.csv --zone Europe/Paris --dry-run",
        &["rien n’a été changé", "l’accord est trop ancien"],
    );
    year.hear("member import membres.csv --zone Europe/Paris", &["acceptés    1", "refusés     3"]);
    year.hear(
        "list add clients-metz --file metz.txt --reason ont\u{a0}acheté\u{a0}à\u{a0}Metz",
        &["mis sur `clients-metz`\u{a0}: 1", "aucun membre n’a cette adresse", "la liste `clients-metz` est nouvelle"],
    );
    year.hear("list show", &["clients-metz"]);
    year.hear(
        "list show clients-metz",
        &["1 personne, dont 1 à qui l’on peut écrire", "ont\u{a0}acheté\u{a0}à\u{a0}Metz"],
    );
    year.hear("list show clients-nancy", &["il n’y a pas de liste `clients-nancy`"]);
    year.hear("list remove clients-metz camille@example.fr", &["retirés de `clients-metz`\u{a0}: 1"]);
    year.hear("list delete clients-metz", &["rien n’a changé"]);
    year.hear("list delete clients-metz --yes", &["est supprimée"]);
    assert!(year.session.read("membres.rejected.csv").contains("l’accord a pris fin le"));
    let brevo =
        "member import brevo.csv --from brevo --column confirmed_at=OPTIN_DATE --zone Europe/Paris --language fr";
    year.hear(brevo, &["acceptés    1", "la personne s’était désinscrite dans l’autre programme"]);
    year.hear("member withdraw --file brevo.left.csv", &["n’était pas membre"]);
    year.hear("member list", &["confirmé", "les adresses sont masquées"]);

    let waive = "campaign waive roman.toml --rule words.soldes-outside-period --words Soldes --reason titre\u{a0}d’un\u{a0}roman";
    year.hear(waive, &["dérogation à `words.soldes-outside-period`"]);
    year.hear(waive, &["une dérogation à `words.soldes-outside-period` existe déjà"]);
    year.hear(
        "campaign waive hiver.toml --rule words.last-days --reason titre\u{a0}d’un\u{a0}roman",
        &["rien à quoi l’on puisse déroger"],
    );
    let order = "calendar override add --market FR-57 --season winter --year 2027 --channel store --first-day 2027-01-04 \
                 --last-day 2027-01-31 --source https://www.example.org/arrete";
    year.hear(order, &["est écrit"]);
    year.hear(
        &format!("campaign copy {slug} --out @hiver2028.toml"),
        &["devient", "hiver.2028", "le samedi 8 janvier 2028"],
    );
    year.hear("campaign drafts", &["aucun brouillon d’une prochaine édition n’attend"]);
    year.hear("campaign draft hiver-2028", &["aucun brouillon `hiver-2028` n’attend"]);
    year.hear("campaign approve", &["rien n’attend d’approbation"]);
    year.hear(&format!("campaign pause {slug}"), &["est en pause"]);
    year.hear(&format!("campaign resume {slug}"), &["reprend"]);
    year.hear(&format!("campaign cancel {slug}"), &["rien n’a été changé"]);
    year.hear(&format!("campaign cancel {slug} --yes"), &["est annulée"]);
    year.hear(&format!("campaign history {slug}"), &["révision 1, appliquée le", "par camille depuis `hiver.toml`"]);
    year.hear(&format!("campaign revert {slug} --to 1"), &["est déjà comme dans la révision 1"]);
    year.hear("campaign show inconnue", &["il n’y a pas de campagne `inconnue`"]);

    let typed: BTreeSet<String> = year.typed.iter().map(|line| verb(line)).collect();
    let guide = fs::read_to_string(root().join("docs/fr/guide.md")).unwrap();
    let shown = guide.lines().filter_map(|line| line.strip_prefix("carillon "));
    let untried: Vec<&str> = shown.filter(|line| !typed.contains(&verb(line))).collect();
    assert!(untried.is_empty(), "nobody tries {untried:?}");
}

/// The words that name a command.
fn verb(line: &str) -> String {
    let words = line.split(' ').take_while(|word| word.chars().all(|it| it.is_ascii_lowercase()));
    let nouns = if line.starts_with("calendar override") { 3 } else { 2 };
    words.take(nouns).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_french_shop_is_set_up_in_french() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("boutique");
    let mut session =
        Session::at(folder.path(), carillon::clock::Clock::manual("2026-11-27T12:00:00Z".parse().unwrap()));
    session.speaks(InterfaceLanguage::Fr);
    let said = session.hear("init @boutique");
    for line in said.lines() {
        assert_eq!(english(line), [""; 0], "{line}");
    }
    let read = |name: &str| fs::read_to_string(shop.join(name)).unwrap();
    let (french, ours) = (read("carillon.toml"), include_str!("../../config/carillon.example.toml"));
    assert!(french.starts_with("# Les réglages de Carillon"));
    let mut theirs: toml::Table = french.parse().unwrap();
    let language = theirs["shop"].as_table_mut().unwrap().remove("language").unwrap();
    assert_eq!(language.as_str(), Some("fr"), "what is said in this shop from now on is French");
    assert_eq!(theirs, ours.parse::<toml::Table>().unwrap(), "the same settings");
    let remarks = [french, read("journees-magiques.toml")].concat();
    for line in remarks.lines().filter_map(|line| line.split_once('#')) {
        assert_eq!(english(line.1), [""; 0], "{}", line.1);
    }
}

/// What the reader of TOML says of the faults that people make.
#[test]
fn a_slip_in_a_file_is_explained_in_french() {
    let mut session = Session::new(ShopFolder::bare(), "2026-11-27T12:00:00Z");
    session.speaks(InterfaceLanguage::Fr);
    for (text, expected) in [
        ("slug = \"x\n", "il manque le guillemet droit"),
        ("slug = x\n", "un texte s’écrit entre guillemets droits"),
        ("slug \"x\"\n", "il manque `=`"),
        ("slug =\n", "un texte s’écrit entre guillemets droits"),
        ("markets = [\"FR\"\nslug = \"x\"\n", "il manque une virgule"),
        ("[window\nopens = \"x\"\n", "il manque le crochet `]`"),
        ("slug = “x”\n", "un texte s’écrit entre guillemets droits"),
        ("slug = 'x\n", "il manque l’apostrophe droite"),
        ("slug = \"x\" title = \"y\"\n", "quelque chose de trop"),
        ("= \"x\"\n", "il manque un nom"),
        ("fixed_on = 2026-13-01\n", "le mois va de 01 à 12"),
    ] {
        session.write("faute.toml", text);
        let said = session.hear("campaign check faute.toml");
        assert!(said.contains(expected), "{text}: {said}");
        let first = said.lines().next().unwrap();
        assert_eq!(english(first), [""; 0], "{text}: {first}");
    }
    let said = session.hear("campaign check absente.toml");
    assert!(
        said.contains("`absente.toml` ne peut pas être lu") && said.contains("cause\u{a0}: rien ne se trouve"),
        "{said}"
    );
    assert!(session.hear("campaign list").contains("les réglages `carillon.toml` ne peuvent pas être lus"));
}

/// The campaign to edit is the same in every language.
#[test]
fn the_first_campaign_is_the_same_sale() {
    let resolved = |name: &str, text: &str| {
        let campaign = Campaign::parse(&Document::new(name, text)).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        (schedule.title, schedule.opens_at, schedule.closes_at, schedule.mailings)
    };
    let french = resolved("fr", include_str!("../../config/campaigns/journees-magiques.fr.toml"));
    assert_eq!(french, resolved("en", include_str!("../../config/campaigns/journees-magiques.toml")));
}

#[test]
fn english_is_noticed() {
    assert_eq!(english("2 rows added, 0 known already, 0 refused"), ["rows", "known", "already"]);
    assert_eq!(english("voyez `the rows` dans prix.rejected.csv"), [""; 0]);
}
