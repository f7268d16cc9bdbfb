//! Letters from the templates to the files that people look at.

use std::fs;

use carillon::mail::{Kind, SaleKind, TemplateSet, samples};
use carillon::member::Language;

use crate::support::build::{CampaignFile, campaign, campaign_to_come, mailing};
use crate::support::folder::ShopFolder;
use crate::support::templates::own_letter;

/// The words of a letter with ordinary spaces, so that a test reads like the letter.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_built_in_letters_say_when_and_why() {
    let set = TemplateSet::built_in().unwrap();
    let letter = samples::sale_letters(Language::Fr).unwrap().remove(0);
    let [recipient, _] = samples::recipients().unwrap();
    let rendered = set.prepare(SaleKind::Announcement, &letter).unwrap().for_recipient(&recipient).unwrap();
    assert_eq!(plain(rendered.subject.as_str()), "Dès samedi 2 janvier à 8 h : Les journées magiques");
    for part in [&rendered.text, &rendered.html] {
        let part = plain(part);
        for words in [
            "samedi 2 janvier 2027 à 8 h",
            "mercredi 6 janvier 2027 à 8 h",
            "heure de Paris",
            "Le lundi 12 octobre 2026, vous avez confirmé",
            "Exemple SAS, 12 rue de l’Échoppe, 75011 Paris",
            recipient.unsubscribe_url.as_str(),
            letter.shop.privacy_url.as_str(),
        ] {
            assert!(part.contains(words), "{words} is not in\n{part}");
        }
    }
}

#[test]
fn the_merchandisers_words_are_escaped_in_html_alone() {
    let set = TemplateSet::built_in().unwrap();
    let mut letter = samples::sale_letters(Language::En).unwrap().remove(0);
    letter.texts.headline = Some("Boots & <b>more</b>".to_owned());
    let [recipient, _] = samples::recipients().unwrap();
    let rendered = set.prepare(SaleKind::Opening, &letter).unwrap().for_recipient(&recipient).unwrap();
    assert!(rendered.text.contains("Boots & <b>more</b>"), "{}", rendered.text);
    assert!(rendered.html.contains("Boots &amp; &lt;b&gt;more&lt;/b&gt;"), "{}", rendered.html);
}

/// The subject of a letter of the example sale, moved to other times, with ordinary spaces.
fn subject(set: &TemplateSet, kind: SaleKind, language: Language, (opens, closes): (&str, &str)) -> String {
    let mut letter = samples::sale_letters(language).unwrap().remove(0);
    letter.sale.opens = format!("{opens}[Europe/Paris]").parse().unwrap();
    letter.sale.closes = format!("{closes}[Europe/Paris]").parse().unwrap();
    let prepared = set.prepare(kind, &letter).unwrap();
    plain(prepared.subject().as_str())
}

#[test]
fn default_subjects_say_the_news_first_and_are_short() {
    use Language::{De, En, Es, Fr, It, Nl, Pt};
    use SaleKind::{Announcement, LastHours, Opening};
    // The longest days and hours that the languages have.
    let times = ["2027-01-02T08:00", "2027-08-01T00:00", "2028-09-27T08:30", "2028-09-27T20:30"];
    let expected = |kind, language| match (kind, language) {
        (Announcement, Fr) => [
            "Dès samedi 2 janvier à 8 h : Les journées magiques",
            "Dès dimanche 1er août à 0 h : Les journées magiques",
            "Dès mercredi 27 septembre à 8 h 30 : Les journées magiques",
            "Dès mercredi 27 septembre à 20 h 30 : Les journées magiques",
        ],
        (Announcement, En) => [
            "From Saturday 2 January at 8 am: The magic days",
            "From midnight at the start of Sunday 1 August: The magic days",
            "From Wednesday 27 September at 8:30 am: The magic days",
            "From Wednesday 27 September at 8:30 pm: The magic days",
        ],
        (Announcement, Nl) => [
            "Vanaf zaterdag 2 januari om 8 uur: De magische dagen",
            "Vanaf zondag 1 augustus om 0 uur: De magische dagen",
            "Vanaf woensdag 27 september om 8.30 uur: De magische dagen",
            "Vanaf woensdag 27 september om 20.30 uur: De magische dagen",
        ],
        (Announcement, De) => [
            "Ab Samstag, 2. Januar, 8 Uhr: Die Zaubertage",
            "Ab Sonntag, 1. August, 0 Uhr: Die Zaubertage",
            "Ab Mittwoch, 27. September, 8.30 Uhr: Die Zaubertage",
            "Ab Mittwoch, 27. September, 20.30 Uhr: Die Zaubertage",
        ],
        (Announcement, It) => [
            "Da sabato 2 gennaio alle ore 8: Le giornate magiche",
            "Da domenica 1º agosto alle ore 0: Le giornate magiche",
            "Da mercoledì 27 settembre alle ore 8.30: Le giornate magiche",
            "Da mercoledì 27 settembre alle ore 20.30: Le giornate magiche",
        ],
        (Announcement, Es) => [
            "El sábado 2 de enero a las 8:00 h: Los días mágicos",
            "El domingo 1 de agosto a las 0:00 h: Los días mágicos",
            "El miércoles 27 de septiembre a las 8:30 h: Los días mágicos",
            "El miércoles 27 de septiembre a las 20:30 h: Los días mágicos",
        ],
        (Announcement, Pt) => [
            "Desde sábado, 2 de janeiro, às 8h00: Os dias mágicos",
            "Desde domingo, 1 de agosto, à 0h00: Os dias mágicos",
            "Desde quarta-feira, 27 de setembro, às 8h30: Os dias mágicos",
            "Desde quarta-feira, 27 de setembro, às 20h30: Os dias mágicos",
        ],
        (Opening, Nl) => ["Nu open: De magische dagen"; 4],
        (Opening, De) => ["Jetzt geöffnet: Die Zaubertage"; 4],
        (Opening, It) => ["Porte aperte: Le giornate magiche"; 4],
        (Opening, Es) => ["Puertas abiertas: Los días mágicos"; 4],
        (Opening, Pt) => ["Portas abertas: Os dias mágicos"; 4],
        (LastHours, Nl) => ["Laatste uren: De magische dagen"; 4],
        (LastHours, De) => ["Letzte Stunden: Die Zaubertage"; 4],
        (LastHours, It) => ["Ultime ore: Le giornate magiche"; 4],
        (LastHours, Es) => ["Últimas horas: Los días mágicos"; 4],
        (LastHours, Pt) => ["Últimas horas: Os dias mágicos"; 4],
        (Opening, Fr) => ["C’est ouvert : Les journées magiques"; 4],
        (Opening, En) => ["Now open: The magic days"; 4],
        (LastHours, Fr) => ["Dernières heures : Les journées magiques"; 4],
        (LastHours, En) => ["Last hours: The magic days"; 4],
    };
    let set = TemplateSet::built_in().unwrap();
    for kind in SaleKind::ALL {
        for language in Language::ALL {
            for (opens, expected) in times.into_iter().zip(expected(kind, language)) {
                let said = subject(&set, kind, language, (opens, "2028-10-04T08:00"));
                assert_eq!(said, expected);
                assert!(said.chars().count() <= 61, "{said}");
            }
        }
    }
}

#[test]
fn a_subject_with_a_line_break_is_refused() {
    let set = TemplateSet::built_in().unwrap();
    let mut letter = samples::sale_letters(Language::Fr).unwrap().remove(0);
    letter.texts.subject = Some("Bonjour\nBcc: tous@example.net".to_owned());
    assert!(set.prepare(SaleKind::Opening, &letter).is_err());
}

/// Writes the files of an operator's folder and says what loading it finds.
fn load(files: &[(&str, &str)]) -> Result<TemplateSet, Vec<String>> {
    let folder = ShopFolder::bare();
    for (name, text) in files {
        let path = folder.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    TemplateSet::load(Some(folder.path())).map_err(|findings| {
        let prefix = format!("{}/", folder.path().display());
        findings
            .iter()
            .map(|finding| format!("{} {} {}", finding.rule, finding.place, finding.message).replace(&prefix, ""))
            .collect()
    })
}

#[track_caller]
fn refuses(files: &[(&str, &str)], expected: &[&str]) {
    let found = load(files).expect_err("the set was loaded");
    assert_eq!(found, expected);
}

const SUBJECT: (&str, &str) = ("opening/subject.txt", "{{ sale.title }}");
const TEXT: (&str, &str) = ("opening/body.txt", "{{ sale.url }} {{ recipient.unsubscribe_url }}");
const HTML: (&str, &str) = ("opening/body.html", "<h1>{{ sale.title }}</h1>");

#[test]
fn an_operators_folder_replaces_a_kind_in_a_language() {
    let set = load(&[SUBJECT, TEXT, HTML]).unwrap();
    let [recipient, _] = samples::recipients().unwrap();
    let subject = |language: Language| {
        let letter = samples::sale_letters(language).unwrap().remove(0);
        let letter = set.prepare(SaleKind::Opening, &letter).unwrap().for_recipient(&recipient).unwrap();
        letter.subject.as_str().to_owned()
    };
    assert_eq!(subject(Language::Fr), "Les journées magiques");
    assert!(subject(Language::En).starts_with("Now open: The magic days"), "{}", subject(Language::En));
}

#[test]
fn a_folder_with_a_fault_is_not_loaded_at_all() {
    let text = |text| [SUBJECT, HTML, ("opening/body.txt", text)];
    refuses(
        &text("Bonjour\n{{ sale.title }} {{ prix }}"),
        &["template.unknown-name opening/body.txt:2:21 there is no `prix` in this letter"],
    );
    refuses(&text("\n{% if sale %}"), &["template.fault opening/body.txt:2:14 Unexpected end of input"]);
    refuses(
        &text("{{ sale.titel }}"),
        &["template.fault opening/body.txt:1:9 Field `titel` is not defined. Available fields: button, \
           calendar_url, cards, closes, in_store, next_period, offers, open_to_all, opens, page_url, picture, title, url, zone"],
    );
    refuses(&text("{{ sale.title | euros }}"), &["template.fault opening/body.txt:1:17 Unknown filter `euros`"]);
    refuses(
        &text("{% for a in range(end=9999) %}{% for b in range(end=9999) %}{{ sale.title }}{% endfor %}{% endfor %}"),
        &["template.too-long opening/body.txt more than 80,000 bytes come out"],
    );
}

#[test]
fn a_folder_must_hold_whole_letters_and_nothing_else() {
    refuses(
        &[SUBJECT, TEXT],
        &["template.half-replaced opening the French letter `opening` is replaced in part: `body.html` is missing"],
    );
    refuses(
        &[("openning/subject.txt", "x")],
        &["template.unknown-file openning/subject.txt this is no file of the template set"],
    );
}

#[test]
fn a_preview_is_written_for_each_language() {
    let folder = ShopFolder::bare();
    for kind in Kind::ALL {
        let said = folder.run(&["mail", "preview", kind.name(), "--json"]).exits(0);
        let written: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(written.as_array().unwrap().len(), Language::ALL.len());
        for letter in written.as_array().unwrap() {
            for part in ["html", "text", "eml"] {
                let path = folder.at(letter[part].as_str().unwrap());
                assert!(fs::metadata(&path).unwrap().len() > 500, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_preview_of_an_unknown_kind_names_the_kinds() {
    let folder = ShopFolder::bare();
    let said = folder.run(&["mail", "preview", "soldes"]).exits(2);
    assert!(said.stderr.contains("`last-hours`"), "{}", said.stderr);
}

#[test]
fn the_built_in_templates_pass_their_own_lint() {
    let folder = ShopFolder::bare();
    let said = folder.run(&["mail", "lint", "--json"]).exits(0);
    assert_eq!(said.stdout, "[]\n");
}

#[test]
fn lint_names_the_line_of_an_operators_template() {
    let folder = ShopFolder::bare();
    let body = "<html lang=\"fr\">\n<img src=\"https://img.example.fr/pixel.gif\" width=\"1\" height=\"1\">\n{{ sale.title | safe }}";
    for (name, text) in [SUBJECT, TEXT, ("opening/body.html", body)] {
        let path = folder.at("templates").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let said = folder.run(&["mail", "lint", "--templates", "templates", "--kind", "opening", "--json"]);
    let said = said.exits(1);
    let findings: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let found = |rule: &str, line: u64| {
        findings.as_array().unwrap().iter().any(|finding| {
            let place = &finding["place"];
            finding["rule"] == rule && place["file"] == "templates/opening/body.html" && place["line"] == line
        })
    };
    assert!(found("mail.safe", 3) && found("mail.pixel", 2) && found("mail.remote", 2), "{findings:#}");
    let rules: Vec<&str> =
        findings.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"mail.unsubscribe") && rules.contains(&"mail.urls-differ"), "{rules:?}");
}

/// A template is asked what a campaign is asked, at the line where it says it, and whatever the day.
#[test]
fn a_template_is_read_with_the_law_of_words() {
    let folder = ShopFolder::bare();
    let lint = |words: &str| {
        let own = folder.at("templates");
        own_letter(&own, "opening", &[("L’heure a sonné, la porte est ouverte. Prenez", words)]);
        folder.run(&["mail", "lint", "--templates", "templates", "--json"])
    };
    lint("Les soldes commencent le 12\u{a0}janvier 2028. Prenez").exits(0);
    let said = lint("Les pré-soldes sont là. Prenez").exits(1);
    let findings: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let place = &findings[0]["place"];
    assert_eq!(findings[0]["rule"], "words.soldes-derivative", "{findings:#}");
    assert_eq!(place["file"], "templates/opening/body.html", "{findings:#}");
    assert_eq!(place["words"], "pré-soldes", "{findings:#}");
    assert!(place["line"].is_u64(), "{findings:#}");
}

#[test]
fn a_preview_passes_the_lint_and_a_damaged_one_does_not() {
    let folder = ShopFolder::bare();
    folder.run(&["mail", "preview", "last-hours"]).exits(0);
    let said = folder.run(&["mail", "lint", "mail-preview/last-hours.fr.eml"]).exits(0);
    assert_eq!(said.stdout, "");
    let path = folder.at("mail-preview/last-hours.fr.eml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "")).unwrap();
    let said = folder.run(&["mail", "lint", "mail-preview/last-hours.fr.eml"]).exits(1);
    assert!(said.stdout.contains("RFC 8058"), "{}", said.stdout);
}

#[test]
fn a_missing_message_cannot_be_reached() {
    let folder = ShopFolder::bare();
    folder.run(&["mail", "lint", "nowhere.eml"]).exits(3);
}

fn hiver() -> CampaignFile {
    let opening = mailing("opening").languages(&["fr"]).says("fr", "headline", "Quatre jours de magie");
    campaign().mailing(opening)
}

#[test]
fn a_preview_shows_a_campaigns_own_dates_and_words() {
    let folder = ShopFolder::bare();
    folder.write("hiver.toml", hiver().text());
    folder.run(&["mail", "preview", "opening", "--campaign", "hiver.toml"]).exits(0);
    let text = plain(&folder.read("mail-preview/opening.fr.txt"));
    for words in [
        "Quatre jours de magie",
        "Fermeture : mercredi 6 janvier 2027 à 8 h",
        "À suivre : les soldes d’hiver, à partir du mercredi 6 janvier 2027 à 8 h.",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    assert!(!folder.at("mail-preview/opening.en.txt").exists(), "the mailing is in French alone");
    folder.run(&["mail", "lint", "mail-preview/opening.fr.eml"]).exits(0);
}

#[test]
fn a_preview_of_a_faulty_campaign_names_the_line() {
    let folder = ShopFolder::bare();
    let faulty = hiver().opens("soldes.autumn.2027 - 4 days at 08:00");
    folder.write("hiver.toml", faulty.text());
    let said = folder.run(&["mail", "preview", "opening", "--campaign", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("hiver.toml:9"), "{}", said.stdout);
}

#[test]
fn a_test_letter_goes_through_the_configured_transport() {
    let folder = ShopFolder::configured();
    folder.run(&["mail", "test", "camille@example.net", "opening"]).exits(0);
    let outbox = folder.at("outbox");
    let files: Vec<_> = fs::read_dir(outbox).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let message = fs::read(file).unwrap();
    let message = mail_parser::MessageParser::default().parse(&message).unwrap();
    assert!(message.subject().unwrap().starts_with("[TEST] C’est ouvert"), "{:?}", message.subject());
    assert!(message.body_text(0).unwrap().contains("https://presale.example.fr/u/sample"));
    folder.run(&["mail", "lint", &file.display().to_string()]).exits(0);
}

#[test]
fn a_preview_shows_every_mailing_as_it_would_be_sent() {
    let folder = ShopFolder::bare();
    let announcement = mailing("announcement")
        .says("fr", "subject", "{shop} : {duration} dès {opens}")
        .says("fr", "headline", "{{{title}}}")
        .says("en", "subject", "{duration} from {opens.time}");
    let campaign = campaign_to_come()
        .window("2090-04-01 08:00", "2090-04-05 08:00")
        .mailing(announcement)
        .mailing(mailing("announcement").named("rappel").languages(&["fr"]));
    folder.write("hiver.toml", campaign.text());
    let said = folder.run(&["mail", "preview", "announcement", "--campaign", "hiver.toml"]).exits(0);
    let subjects: Vec<String> = said.stdout.lines().filter(|line| !line.starts_with(' ')).map(plain).collect();
    assert_eq!(
        subjects,
        [
            "announcement (fr): Chaussures Exemple : 4 jours dès samedi 1er avril à 8 h",
            "announcement (en): 4 days from 8 am",
            "announcement (fr): Dès samedi 1er avril à 8 h : Les journées magiques",
            "all of them on one page: mail-preview/index.html",
        ]
    );
    let shown = |name: &str| fs::read_to_string(folder.at("mail-preview").join(name)).unwrap();
    assert!(shown("announcement.fr.html").contains(">{Les journées magiques}</h1>"));
    assert!(shown("rappel.fr.txt").contains("Les journées magiques\n"));
    // Somebody who reads another language gets the first one, and that is what is shown.
    folder.run(&["mail", "preview", "announcement", "--campaign", "hiver.toml", "--language", "en"]).exits(0);
    assert!(shown("rappel.en.html").contains("lang=\"fr\""));
    folder.run(&["mail", "lint", "mail-preview/rappel.fr.eml"]).exits(0);
}

/// The letters of a sale in shops lead to no shop on the web, in any language.
#[test]
fn letters_of_a_sale_in_shops_say_so() {
    let folder = ShopFolder::bare();
    let languages = ["fr", "en", "nl", "de", "it", "es", "pt"];
    let said = ["en magasin", "in the shop", "in de winkel", "im Geschäft", "in negozio", "en la tienda", "na loja"];
    let sale = campaign_to_come().with("channel", "store").mailing(mailing("announcement").languages(&languages));
    folder.write("hiver.toml", sale.text());
    for kind in ["announcement", "opening", "last-hours"] {
        folder.run(&["mail", "preview", kind, "--campaign", "hiver.toml"]).exits(0);
        for (language, said) in languages.into_iter().zip(said) {
            for form in ["html", "txt"] {
                let letter = folder.read(&format!("mail-preview/{kind}.{language}.{form}"));
                assert!(plain(&letter).contains(said), "{kind} {language} {form}: {letter}");
            }
        }
        let french = folder.read(&format!("mail-preview/{kind}.fr.txt"));
        for online in ["Entrer dans la vente", "Voir la vente", "Voir la page de la vente"] {
            assert!(!french.contains(online), "{kind}: {french}");
        }
    }
}

/// What the campaign does not send can be looked at, and is not taken for what it sends.
#[test]
fn a_preview_says_which_letters_the_campaign_does_not_send() {
    let folder = ShopFolder::bare();
    let announced = campaign_to_come().mailing(mailing("announcement").languages(&["fr"]));
    folder.write("hiver.toml", announced.text());
    let look = |args: &[&str]| {
        let args = [&["mail", "preview", "--campaign", "hiver.toml"], args].concat();
        folder.run(&args).exits(0).stdout
    };
    assert!(!look(&[]).contains("does not send") && !folder.at("mail-preview/opening.fr.html").exists());
    assert!(
        look(&["announcement", "--language", "nl"]).contains("the campaign does not send this letter in this language")
    );
    assert!(look(&["opening", "--language", "fr"]).contains("the campaign sends no such letter"));
    assert!(folder.read("mail-preview/index.html").contains("the campaign sends no such letter"));
    let said = look(&["--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(said.as_array().unwrap().iter().all(|letter| letter["sent"] == true), "{said}");
}
