//! Nothing that a person reads is English when the language is French: every example of every command, what goes wrong, and
//! every sentence that the program holds beside its catalogues.

use std::collections::BTreeMap;
use std::fs;

use carillon::cli::examples::EXAMPLES;
use carillon::language::InterfaceLanguage;
use carillon::phrase::{Fact, Phrase, in_words, is_known};

use crate::french::{WINTER, english};
use crate::support::cli::Said;
use crate::support::folder::ShopFolder;
use crate::tidy::{root, shipped, sources};

const MEMBERS: &str = "address;language;confirmed_at;wording;source;method\n\
     camille@example.fr;fr;14/09/2026 18:02;J’accepte de recevoir par courriel les avant-premières.;pied-de-page;web_form\n\
     lou@example.fr;fr;14/09/2026 18:02;J’accepte de recevoir par courriel les avant-premières.;pied-de-page;web_form\n";

const PRICES: &str = "sku;channel;market;audience;from;price;currency;source\n\
                      BOT-1;online;FR;public;01/09/2026;129,00 €;EUR;étiquette\n";

const REPORT: &str = "From: mailer-daemon@example.net\r\nTo: retours@example.fr\r\nSubject: Undelivered\r\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
    --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
    Final-Recipient: rfc822; camille@example.fr\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";

/// A shop with everything that the examples name, set up in French.
fn shop() -> ShopFolder {
    let shop = ShopFolder::bare();
    shop.run(&["--lang", "fr", "init"]).exits(0);
    shop.write("hiver.toml", WINTER.replace("journees-magiques-hiver-2027", "hiver"));
    shop.write("members.csv", MEMBERS);
    shop.write("prices.csv", PRICES);
    shop.write("offers.csv", "sku;price\nBOT-1;99,00\nBOT-9;9,00\n");
    shop.write("report.eml", REPORT);
    shop.write("opt-outs.csv", "partie@example.fr\n");
    fs::create_dir_all(shop.at("public")).unwrap();
    for line in ["member import members.csv --zone Europe/Paris", "price import prices.csv"] {
        shop.run(&line.split(' ').collect::<Vec<_>>()).exits(0);
    }
    shop.run(&["campaign", "apply", "hiver.toml"]);
    shop
}

/// The words of an example as a shell makes them, without the program's name.
fn words(typed: &str) -> Vec<String> {
    let typed = typed.replace("\\\n", " ");
    let shell = [" < ", " > ", " | "].iter().fold(typed.as_str(), |typed, mark| typed.split(mark).next().unwrap());
    let quoted = |(at, part): (usize, &str)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    };
    let parts = shell.split(['"', '\'']).enumerate();
    parts.flat_map(quoted).skip(1).collect()
}

/// The lines that a person reads and that have English in them.
fn heard(said: &Said) -> Vec<String> {
    let lines = said.stdout.lines().chain(said.stderr.lines());
    let found = lines.map(|line| (english(line), line)).filter(|(words, _)| !words.is_empty());
    found.map(|(words, line)| format!("{words:?} in “{line}”")).collect()
}

/// Runs `line` in French, with somebody's address on its standard input.
fn in_french(shop: &ShopFolder, line: &[String]) -> Said {
    let line: Vec<&str> = ["--lang", "fr"].into_iter().chain(line.iter().map(String::as_str)).collect();
    shop.run_with("camille@example.fr\n", &line)
}

#[track_caller]
fn all_in_french(shop: &ShopFolder, lines: &[Vec<String>]) {
    let mut wrong = Vec::new();
    for line in lines {
        let said = in_french(shop, line);
        wrong.extend(heard(&said).into_iter().map(|heard| format!("carillon {}: {heard}", line.join(" "))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of commands that end, and that speak to people: `run` does not, `--json` and completions are for programs.
fn examples() -> Vec<Vec<String>> {
    let is_for_people = |line: &Vec<String>| {
        let has = |word: &str| line.iter().any(|it| it == word);
        let shows_letters = has("preview") && !has("--language");
        let is_for_programs =
            ["--json", "--serve", "completions", "man", "export", "demo"].iter().any(|word| has(word));
        let goes_on = has("run") && (has("--log-json") || !has("--config"));
        !(shows_letters || is_for_programs || goes_on)
    };
    EXAMPLES.iter().map(|(typed, _)| words(typed)).filter(is_for_people).collect()
}

#[test]
fn every_example_speaks_french() {
    let lines = examples();
    assert!(lines.len() > 80, "only {} examples are tried", lines.len());
    all_in_french(&shop(), &lines);
}

/// The same in a folder without anything, where most of them fail.
#[test]
fn every_example_fails_in_french() {
    let shop = ShopFolder::bare();
    let writes = |line: &Vec<String>| line.iter().any(|word| word == "init" || word == "new");
    all_in_french(&shop, &examples().into_iter().filter(|line| !writes(line)).collect::<Vec<_>>());
}

/// What people do wrong.
#[test]
fn mistakes_are_explained_in_french() {
    let shop = shop();
    shop.write("vide.toml", "");
    shop.write("latin.csv", b"address;language\ncamille\xe9@example.fr;fr\n");
    let lines = [
        "member show inconnue@example.fr",
        "member show camille",
        "member list --state parti",
        "member erase inconnue@example.fr --yes",
        "member import latin.csv",
        "member import absent.csv",
        "member import vide.toml",
        "member withdraw vide.toml",
        "campaign show inconnue",
        "campaign check vide.toml",
        "campaign check absent.toml",
        "campaign pause inconnue",
        "campaign waive hiver.toml --rule words.last-days --reason oui",
        "campaign timeline --from 2027-02-01 --to 2027-01-01",
        "campaign new Hiver",
        "mail report inconnue",
        "mail retry inconnue",
        "mail resolve 99 --as lost",
        "mail queue --state parti",
        "mail preview inconnu",
        "mail resolve --latest",
        "mail resolve --departures-lost",
        "price check absent.csv --at 2027-01-02T08:00",
        "price check --campaign hiver",
        "price correct BOT-1 --from 2026-11-06 --price 89.90 --reason oui",
        "problem acknowledge 99",
        "gate show inconnue",
        "gate show --at hier",
        "gate verify absent.jwt",
        "gate verify vide.toml",
        "consent prove inconnue@example.fr",
        "consent check-anchors vide.toml --public-key vide.toml",
        "consent check-anchors absent --public-key absent",
        "calendar explain --market XX 2027-01-01",
        "calendar explain --market FR 2027-13-01",
        "calendar explain --market DE 2027-01-01",
        "calendar list --market LU --from 2027-06-01 --to 2027-12-31",
        "law inconnue",
        "db backup vide.toml",
        "db restore vide.toml",
        "db restore carillon.db",
        "db restore absent.db",
        "db inconnu",
        "statut",
        "status --jsn",
        "rehearse absent.toml",
        "rehearse --from 2020-01-01",
        "init vide.toml",
        "bounce classify vide.toml",
        "bounce ingest absent.eml",
        "",
    ];
    let lines: Vec<Vec<String>> =
        lines.iter().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    all_in_french(&shop, &lines);
    // And when the settings, the keys or the store are not as they should be.
    let looks = ["status", "doctor", "member list", "mail report", "campaign list", "gate show", "status --check"];
    let looks: Vec<Vec<String>> =
        looks.iter().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let keys = shop.read("carillon.keys");
    shop.write("carillon.keys", "");
    all_in_french(&shop, &looks);
    shop.write("carillon.keys", keys);
    shop.write("carillon.sent", "");
    shop.write("carillon.departures", "");
    all_in_french(&shop, &looks);
    for name in ["carillon.db", "carillon.db-wal"] {
        let _ = fs::remove_file(shop.at(name));
    }
    all_in_french(&shop, &looks);
    shop.write("carillon.db", "ceci n’est pas une base");
    all_in_french(&shop, &looks);
    shop.configure("listen", "lisent");
    all_in_french(&shop, &looks);
}

#[test]
fn pages_of_the_manual_and_completions_are_french() {
    let shop = ShopFolder::bare();
    let said = in_french(&shop, &["man".to_owned(), "--out".to_owned(), "pages".to_owned()]);
    assert_eq!(heard(&said), [""; 0]);
    let mut count = 0;
    for page in fs::read_dir(shop.at("pages")).unwrap() {
        let path = page.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        count += 1;
        for line in text.lines() {
            // What is bold or slanted is typed.
            let plain: String = line.split("\\f").map(|part| part.strip_prefix(['R', 'P']).unwrap_or("")).collect();
            let shown = if line.contains("\\f") { plain } else { line.to_owned() };
            // What may be written is listed as it is written.
            let shown = shown.split("[valeurs possibles").next().unwrap_or_default();
            // So is an example.
            let is_typed = shown.trim_start().starts_with("carillon ");
            assert!(is_typed || english(shown).is_empty(), "{}: {line}", path.display());
        }
        for heading in [".SH NAME", ".SH \"NAME\"", "SUBCOMMANDS", ".SH EXTRA"] {
            assert!(!text.contains(heading), "{}: {heading}", path.display());
        }
    }
    assert!(count > 60, "{count} pages");
    let said = in_french(&shop, &["completions".to_owned(), "fish".to_owned()]);
    assert!(said.stdout.contains("Écrire, vérifier, préparer et appliquer des campagnes"), "{}", said.stdout);
}

/// The line wins, then the environment, then the locale, then the shop's settings.
#[test]
fn the_language_is_chosen_in_order() {
    let shop = ShopFolder::initiated();
    let speaks = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = shop.command(&[&["campaign", "list"], arguments].concat());
        command.envs(environment.iter().copied());
        let said = Said::of(command.output().unwrap()).stderr;
        if said.contains("aucune campagne") { "fr" } else { "en" }
    };
    assert_eq!(speaks(&[], &[]), "en", "nobody asks for anything");
    shop.configure("[shop]\n", "[shop]\nlanguage = \"fr\"\n");
    assert_eq!(speaks(&[], &[]), "fr");
    assert_eq!(speaks(&[], &[("LC_ALL", "de_DE.UTF-8")]), "fr", "a language that Carillon does not speak");
    assert_eq!(speaks(&[], &[("LC_ALL", "en_GB.UTF-8")]), "en");
    assert_eq!(speaks(&[], &[("LC_ALL", "en_GB.UTF-8"), ("CARILLON_LANG", "fr")]), "fr");
    assert_eq!(speaks(&["--lang", "en"], &[("CARILLON_LANG", "fr")]), "en");
    shop.configure("[shop]\nlanguage = \"fr\"", "[shop]\nlanguage = \"français\"");
    shop.run(&["campaign", "list"]).exits(2);
}

/// A file of texts in English beside the same in French.
fn pairs(name: &str) -> BTreeMap<String, String> {
    toml::from_str(&fs::read_to_string(root().join("config/translations/fr").join(name)).unwrap()).unwrap()
}

/// A text with its holes alike, and one space between its words.
fn bare(text: &str) -> String {
    let text = text.replace("\\\"", "\"").replace("\\n", " ");
    let mut parts = text.split('{');
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) if !name.contains(' ') => bare.extend(["{}", rest]),
            _ => bare.extend(["{", part]),
        }
    }
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts between quotation marks of a Rust file, each with what stands before it.
fn texts(code: &str) -> Vec<(String, String)> {
    let code = code.split("#[cfg(all(test").next().unwrap();
    let code: String = shipped(code).lines().filter(|line| !line.trim_start().starts_with("//")).fold(
        String::new(),
        |mut joined, line| {
            joined.push_str(line);
            joined.push('\n');
            joined
        },
    );
    let letters: Vec<char> = code.chars().collect();
    let (mut found, mut at, mut since) = (Vec::new(), 0, 0);
    while at < letters.len() {
        // A quotation mark as a character is none.
        let before = |back: usize| at.checked_sub(back).map(|at| letters[at]);
        let is_character = letters.get(at + 1) == Some(&'\'') && matches!(before(1), Some('\'' | '\\'));
        if letters[at] != '"' || is_character {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut end = start;
        let is_raw = (before(1), before(2)) == (Some('#'), Some('r'));
        let ends = |end: usize| letters[end] == '"' && (!is_raw || letters.get(end + 1) == Some(&'#'));
        while end < letters.len() && !ends(end) {
            end += if letters[end] == '\\' && !is_raw { 2 } else { 1 };
        }
        let end = end.min(letters.len());
        let text: String = letters[start..end].iter().collect();
        let joined: String = text.split("\\\n").map(str::trim_start).collect();
        let before: String = letters[since..at].iter().collect();
        // What goes on in the next line begins there with spaces of its layout.
        let first = text.split("\\\n").next().unwrap_or_default();
        let joined = if first.starts_with(' ') { format!(" {joined}") } else { joined };
        found.push((before, joined));
        at = end + 1;
        since = at;
    }
    found
}

/// Whether a text is a sentence, or a part of one, in English.
fn is_spoken(text: &str) -> bool {
    text.split_whitespace().count() > 2 && !english(text).is_empty()
}

/// Whether each part of `text` between its holes stands in one of these sentences, which may have been put together of several.
fn is_covered(text: &str, known: &[String]) -> bool {
    let text = bare(text);
    let mut parts = text.split("{}").map(|part| part.trim_matches([' ', ',', ';', ':', '.']));
    parts.all(|part| known.iter().any(|sentence| sentence.contains(part)))
}

/// The sentences of these files, with holes that are alike.
fn sentences(names: &[&str]) -> Vec<String> {
    names.iter().flat_map(|name| pairs(name).into_keys()).map(|text| bare(&text)).collect()
}

/// What the commands say outside the catalogues has its French.
#[test]
fn what_a_command_says_has_its_french() {
    let known = sentences(&["sentences.toml", "law.toml"]);
    let mut wrong = Vec::new();
    let theirs = |name: &str| name != "src/cli/examples.rs" && !name.ends_with("tests.rs");
    for (name, code) in sources("src/cli").into_iter().filter(|(name, _)| theirs(name)) {
        for (before, text) in texts(&code).into_iter().filter(|(_, text)| is_spoken(text)) {
            let marks =
                ["reason = ", "const WORDING_EN: &str = ", "const FILE_HELP: &str = ", "const EVERY: &str = ", "*b"];
            let for_others = before.contains("tracing::") || marks.iter().any(|mark| before.ends_with(mark));
            if !for_others && !is_covered(&text, &known) {
                wrong.push(format!("{name}: “{text}”"));
            }
        }
    }
    assert!(wrong.is_empty(), "config/translations/fr/sentences.toml lacks\n{}", wrong.join("\n"));
}

/// What errors say, and the problems that the store keeps.
#[test]
fn what_goes_wrong_has_its_french() {
    let known = sentences(&["sentences.toml"]);
    let speaking = [
        "src/db/conditions.rs",
        "src/sending/holds.rs",
        "src/daemon/presence.rs",
        "src/daemon/relay_watch.rs",
        "src/member/proof.rs",
        "src/problem.rs",
        "src/time_trust.rs",
    ];
    let mut wrong = Vec::new();
    for (name, code) in sources("src") {
        for (before, text) in texts(&code).into_iter().filter(|(_, text)| is_spoken(text)) {
            let is_error = before.trim_end().ends_with("#[error(");
            let is_told =
                speaking.contains(&name.as_str()) && !before.contains("tracing::") && !before.ends_with("reason = ");
            if (is_error || is_told) && !is_covered(&text, &known) {
                wrong.push(format!("{name}: “{text}”"));
            }
        }
    }
    assert!(wrong.is_empty(), "config/translations/fr/sentences.toml lacks\n{}", wrong.join("\n"));
}

/// A rule of law is told in French, and what the calendars of France and Belgium say of a day.
#[test]
fn the_law_is_told_in_french() {
    let mut wrong = Vec::new();
    let rules: toml::Table = fs::read_to_string(root().join("config/law/rules.toml")).unwrap().parse().unwrap();
    for rule in rules["rule"].as_array().unwrap() {
        for key in ["grade", "law", "remedy", "certain", "unseen"] {
            let text = rule[key].as_str().unwrap();
            let said = in_words(&Phrase::new("quoted").with("words", Fact::english(text)), InterfaceLanguage::Fr);
            if !english(&said).is_empty() {
                wrong.push(format!("{}: {said}", rule["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "config/translations/fr/law.toml lacks\n{}", wrong.join("\n"));
}

#[test]
fn what_is_said_in_french_is_french() {
    let mut wrong = Vec::new();
    for name in ["sentences.toml", "law.toml", "data.toml", "syntax.toml", "help.toml"] {
        for (text, french) in pairs(name) {
            let words = english(&french);
            if !words.is_empty() {
                wrong.push(format!("{name}: {words:?} in “{french}”"));
            }
            let holes = |text: &str| text.matches('{').count();
            if name == "sentences.toml" && holes(&french) > holes(&text) {
                wrong.push(format!("{name}: “{french}” has holes that “{text}” has not"));
            }
        }
    }
    for file in fs::read_dir(root().join("config/messages/fr")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let said = line.split_once(" = ").or_else(|| line.split_once("] ")).map_or("", |(_, said)| said);
            let plain: String = said.split(['{', '}']).step_by(2).collect::<Vec<_>>().join(" x ");
            if !english(&plain).is_empty() {
                wrong.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A sentence that nothing says any more goes.
#[test]
fn no_sentence_is_there_for_nothing() {
    let mut said: String =
        sources("src").iter().flat_map(|(_, code)| texts(code)).map(|(_, text)| bare(&text) + "\n").collect();
    for name in ["config/calendars", "config/law", "config/wording"] {
        for file in fs::read_dir(root().join(name)).unwrap() {
            said.push_str(&bare(&fs::read_to_string(file.unwrap().path()).unwrap()));
        }
    }
    for file in fs::read_dir(root().join("config/messages/en")).unwrap() {
        said.push_str(&bare(&fs::read_to_string(file.unwrap().path()).unwrap()));
    }
    // The system and SQLite have words of their own.
    let system = fs::read_to_string(root().join("config/translations/fr/sentences.toml")).unwrap();
    let system = system.split("\n# La base de données.").next().unwrap().to_owned();
    let mut unused = Vec::new();
    // A legal period is named by a message of the catalogue, with its season and kind.
    let is_period = |text: &String| text.ends_with(" of {year} in {market}");
    let is_systems = |text: &String| system.contains(&format!("\"{}\"", text.replace('"', "\\\"")));
    for text in pairs("sentences.toml").into_keys().filter(|text| !is_systems(text) && !is_period(text)) {
        let bare = bare(&text);
        let clauses = bare.split("{}").flat_map(|part| part.split([',', ';', ':', '.']));
        let longest = clauses.map(str::trim).max_by_key(|part| part.len()).unwrap_or_default();
        let longest = longest.trim_start_matches(['0', '1', ' ']).trim_end_matches('s');
        // Of what is put together of several the end stands somewhere.
        let words: Vec<&str> = longest.split(' ').collect();
        let end = words[words.len().saturating_sub(4)..].join(" ");
        if longest.len() > 3 && !said.contains(longest) && !said.contains(&end) {
            unused.push(text);
        }
    }
    assert!(unused.is_empty(), "nothing says\n{}", unused.join("\n"));
}

/// What the store keeps in English is told in French, with its facts as French writes them.
#[test]
fn a_stored_sentence_is_told_in_french() {
    let french = |text: &str| in_words(&Phrase::from(text), InterfaceLanguage::Fr);
    assert_eq!(
        french("mailing `opening` of `hiver` was stopped at 2027-01-02 07:10 UTC: the relay closed the connection"),
        "l’envoi `opening` de `hiver` a été arrêté le samedi 2 janvier 2027 à 7\u{a0}h\u{a0}10 (UTC)\u{a0}: le relais a coupé la connexion"
    );
    assert_eq!(
        french("mailing `a` of `b` reached 1,240 members twice"),
        "l’envoi `a` de `b` est arrivé deux fois chez 1\u{202f}240 membres"
    );
    let held = "the winter sale of 2027 in FR was at 2027-01-06 08:00 Europe/Paris (07:00 UTC), and is now at 2027-01-13 08:00 \
                Europe/Paris (07:00 UTC)";
    assert_eq!(
        french(held),
        "soldes, hiver 2027, FR\u{a0}: c’était le mercredi 6 janvier 2027 à 8\u{a0}h (Europe/Paris), c’est maintenant le \
         mercredi 13 janvier 2027 à 8\u{a0}h (Europe/Paris)"
    );
    assert!(is_known(held, InterfaceLanguage::Fr) && !is_known("nobody has said this", InterfaceLanguage::Fr));
    assert_eq!(french("nobody has said this"), "nobody has said this");
    let alert = "Exemple: still: a mailing is stopped, and 2 more";
    assert_eq!(french(alert), "Exemple\u{a0}: encore\u{a0}: un envoi est arrêté, et 2 de plus");
    let mail = "critical: no daemon is running, and something is planned; none has run on this store yet\n  since: 2027-01-02 04:10 Europe/Paris\n";
    assert_eq!(
        french(mail),
        "grave\u{a0}: le service ne tourne pas, et quelque chose est prévu\u{202f}; aucun n’a encore tourné sur cette base\n  depuis\u{a0}: \
         samedi 2 janvier 2027 à 4\u{a0}h\u{a0}10 (Europe/Paris)\n"
    );
}
