//! The catalogues of words are whole: both languages say everything, with the same facts, and the source says nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use carillon::language::InterfaceLanguage;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};

use crate::tidy::{root, shipped, sources};

/// Facts before a word in the plural that are never one: limits of the law and of settings, and what is no number of things.
const ALWAYS_SEVERAL: [&str; 9] = ["limit", "look_back", "least", "most", "longest", "all", "rate", "year", "season"];

/// Messages whose number of days is above a bound that is more than one.
const MANY_DAYS: [&str; 5] =
    ["doctor-backup-old", "duration-reopened-told", "duration-reopened", "duration-goes-on", "duration-always-ending"];

/// Words of one and of several things that follow a number.
const PLURAL: [&str; 2] = [
    "people members articles rows letters days hours minutes files lists sales mails mailings messages lines deliveries \
     campaigns prices addresses problems waivers claims steps versions weeks seconds names places words",
    "personnes membres articles lignes lettres jours heures minutes fichiers listes ventes courriels envois messages remises \
     campagnes adresses problèmes dérogations étapes versions semaines secondes noms places mots autres acceptés refusés",
];

/// A message or a part of one: the facts and the other messages that its text uses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    facts: BTreeSet<String>,
    messages: BTreeSet<String>,
}

/// Every message of a language, and every part as `message.part`.
fn catalogue(language: InterfaceLanguage) -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    let folder = root().join("config/messages").join(language.code());
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let written = fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(written.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{} is not understood: {errors:?}", path.display()));
        for (name, text) in messages(&resource) {
            assert!(texts.insert(name.clone(), text).is_none(), "{language}: `{name}` is there twice");
        }
    }
    texts
}

fn messages(resource: &Resource<&str>) -> Vec<(String, Text)> {
    let mut found = Vec::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else {
            assert!(!matches!(entry, Entry::Junk { .. } | Entry::Term(_)), "only messages and comments: {entry:?}");
            continue;
        };
        let value = message.value.iter().map(|value| (message.id.name.to_owned(), value));
        let parts = message.attributes.iter().map(|it| (format!("{}.{}", message.id.name, it.id.name), &it.value));
        for (name, pattern) in value.chain(parts) {
            let mut text = Text::default();
            read(pattern, &mut text);
            found.push((name, text));
        }
    }
    found
}

fn read(pattern: &Pattern<&str>, text: &mut Text) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => read_inline(inline, text),
                Expression::Select { selector, variants } => {
                    read_inline(selector, text);
                    for variant in variants {
                        read(&variant.value, text);
                    }
                }
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<&str>, text: &mut Text) {
    match inline {
        InlineExpression::VariableReference { id } => {
            text.facts.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, attribute } => {
            let part = attribute.as_ref().map(|part| format!(".{}", part.name)).unwrap_or_default();
            text.messages.insert(format!("{}{part}", id.name));
        }
        InlineExpression::Placeable { expression } => match expression.as_ref() {
            Expression::Inline(inline) => read_inline(inline, text),
            Expression::Select { .. } => panic!("write the selection without a second pair of braces"),
        },
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("not used in these catalogues: {other:?}"),
    }
}

/// The facts that `name` uses, itself or through messages that it refers to.
fn facts<'a>(texts: &'a BTreeMap<String, Text>, name: &str) -> BTreeSet<&'a str> {
    let text = texts.get(name).unwrap_or_else(|| panic!("there is no message `{name}`"));
    let own = text.facts.iter().map(String::as_str);
    own.chain(text.messages.iter().flat_map(|other| facts(texts, other))).collect()
}

#[test]
fn both_languages_say_everything() {
    let (english, french) = (catalogue(InterfaceLanguage::En), catalogue(InterfaceLanguage::Fr));
    // How a day or a number is written is each language's own affair.
    let formed = |name: &str| {
        fs::read_to_string(root().join("config/messages/en/common.ftl")).unwrap().contains(&format!("\n{name} ="))
    };
    for name in english.keys() {
        assert!(french.contains_key(name), "fr: there is no `{name}`");
        if !formed(name) {
            assert_eq!(facts(&english, name), facts(&french, name), "`{name}` uses other facts in French");
        }
    }
    let referred: BTreeSet<&str> = french.values().flat_map(|text| text.messages.iter().map(String::as_str)).collect();
    for name in french.keys().filter(|name| !english.contains_key(*name)) {
        assert!(referred.contains(name.as_str()), "en: there is no `{name}`");
    }
}

/// A use of `phrase!` in the source: where, the message, and the facts that it is given.
struct Use {
    file: String,
    message: String,
    facts: BTreeSet<String>,
}

fn uses() -> Vec<Use> {
    let mut found = Vec::new();
    for (file, text) in sources("src") {
        let lines = shipped(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        for call in code.split("phrase!(").skip(1) {
            let Some(rest) = call.trim_start().strip_prefix('"') else { continue };
            let (message, rest) = rest.split_once('"').unwrap();
            found.push(Use { file: file.clone(), message: message.to_owned(), facts: given(rest) });
        }
    }
    found
}

/// The names before `=` at the level of the macro's own arguments, up to its closing bracket.
fn given(arguments: &str) -> BTreeSet<String> {
    let (mut depth, mut in_text, mut name, mut names) = (0_i32, false, String::new(), BTreeSet::new());
    let mut letters = arguments.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_text => drop(letters.next()),
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => name.clear(),
            '=' if depth == 0 && !matches!(letters.peek(), Some('=' | '>')) => {
                let fact = name.trim();
                if !fact.is_empty()
                    && fact.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
                {
                    names.insert(fact.to_owned());
                }
            }
            other => name.push(other),
        }
    }
    names
}

/// The places of `pattern` where a number stands before a word in the plural, without a choice by that number around them.
fn unchosen<'a>(pattern: &Pattern<&'a str>, plural: &str, chosen: &[&'a str], found: &mut Vec<String>) {
    for (at, element) in pattern.elements.iter().enumerate() {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                let Some(PatternElement::TextElement { value }) = pattern.elements.get(at + 1) else { continue };
                let word = value.strip_prefix(' ').and_then(|after| after.split(|c: char| !c.is_alphabetic()).next());
                let Some(word) = word.filter(|word| plural.split(' ').any(|known| known == *word)) else { continue };
                if !chosen.contains(&id.name) && !ALWAYS_SEVERAL.contains(&id.name) {
                    found.push(format!("{{ ${} }} {word}", id.name));
                }
            }
            Expression::Inline(_) => {}
            Expression::Select { selector, variants } => {
                let by = match selector {
                    InlineExpression::VariableReference { id } => Some(id.name),
                    _ => None,
                };
                let within: Vec<&str> = chosen.iter().copied().chain(by).collect();
                for variant in variants {
                    unchosen(&variant.value, plural, &within, found);
                }
            }
        }
    }
}

/// Each sentence that counts things is told for one of them, too.
#[test]
fn one_thing_is_not_counted_in_the_plural() {
    let mut wrong = Vec::new();
    for (language, plural) in [InterfaceLanguage::En, InterfaceLanguage::Fr].into_iter().zip(PLURAL) {
        for file in fs::read_dir(root().join("config/messages").join(language.code())).unwrap() {
            let written = fs::read_to_string(file.unwrap().path()).unwrap();
            let resource = fluent_syntax::parser::parse(written.as_str()).unwrap();
            for entry in &resource.body {
                let Entry::Message(message) = entry else { continue };
                let parts = message.attributes.iter().map(|part| &part.value);
                let known: &[&str] = if MANY_DAYS.contains(&message.id.name) { &["days"] } else { &[] };
                for pattern in message.value.iter().chain(parts) {
                    let mut found = Vec::new();
                    unchosen(pattern, plural, known, &mut found);
                    wrong.extend(found.iter().map(|place| format!("{language}: {}: {place}", message.id.name)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_phrase_of_the_source_has_its_message_and_its_facts() {
    let english = catalogue(InterfaceLanguage::En);
    let mut wrong = Vec::new();
    for it in uses() {
        let texts: Vec<&String> = english
            .keys()
            .filter(|name| **name == it.message || name.starts_with(&format!("{}.", it.message)))
            .collect();
        if texts.is_empty() {
            wrong.push(format!("{}: there is no message `{}`", it.file, it.message));
        }
        let wanted: BTreeSet<&str> = texts.iter().flat_map(|name| facts(&english, name)).collect();
        let given: BTreeSet<&str> = it.facts.iter().map(String::as_str).collect();
        if wanted != given {
            wrong.push(format!("{}: `{}` is given {given:?} and uses {wanted:?}", it.file, it.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_is_there_for_nothing() {
    let english = catalogue(InterfaceLanguage::En);
    let mut used: BTreeSet<String> = uses().into_iter().map(|it| it.message).collect();
    used.extend(english.values().flat_map(|text| text.messages.iter().cloned()));
    let source: String = sources("src").iter().map(|(_, text)| shipped(text)).collect();
    let data = fs::read_to_string(root().join("config/wording/laws.toml")).unwrap();
    for name in english.keys() {
        let message = name.split('.').next().unwrap();
        let named = source.contains(&format!("\"{message}\"")) || data.contains(&format!("\"{message}\""));
        assert!(used.contains(message) || named, "nothing says `{message}`");
    }
}

/// A law of words names its message, which has what to do, and what to do when the date is known if it writes one.
#[test]
fn every_law_of_words_has_its_message() {
    let english = catalogue(InterfaceLanguage::En);
    let data: toml::Table = fs::read_to_string(root().join("config/wording/laws.toml")).unwrap().parse().unwrap();
    let laws = data["law"].as_array().unwrap();
    assert!(laws.len() > 15, "{} laws", laws.len());
    for law in laws {
        let says = law["says"].as_str().unwrap();
        let dated = format!("{says}.remedy-dated");
        for name in [says.to_owned(), format!("{says}.remedy")] {
            assert!(english.contains_key(&name), "there is no `{name}`");
            let mut known = BTreeSet::from(["words", "market"]);
            if law["when"].as_str() == Some("unlike-prices") {
                known.extend(["percent", "articles", "dearer", "claimed", "lowest", "most", "may"]);
            }
            assert!(facts(&english, &name).is_subset(&known), "`{name}`");
        }
        assert_eq!(law.get("date-language").is_some(), english.contains_key(&dated), "`{dated}`");
        if english.contains_key(&dated) {
            assert!(facts(&english, &dated).is_subset(&BTreeSet::from(["words", "market", "start"])), "`{dated}`");
        }
    }
}

/// Texts in English that people in France and Belgium are shown as they stand in data files: doubts, bans, whom to ask, law.
fn told_of_data() -> BTreeSet<String> {
    fn walk(value: &toml::Value, below: &str, found: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    match (below, key.as_str(), value) {
                        ("doubt" | "mechanics" | "regulation" | "order", "note", toml::Value::String(text))
                        | (_, "look", toml::Value::String(text)) => {
                            found.insert(text.trim_end_matches('.').to_owned());
                        }
                        (_, key, value) => walk(value, key, found),
                    }
                }
            }
            toml::Value::Array(values) => values.iter().for_each(|value| walk(value, below, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for name in ["fr", "be"] {
        let text = fs::read_to_string(root().join(format!("config/calendars/{name}.toml"))).unwrap();
        walk(&toml::Value::Table(text.parse().unwrap()), "", &mut found);
    }
    found
}

#[test]
fn what_data_files_say_has_its_french() {
    let french: BTreeMap<String, String> =
        toml::from_str(&fs::read_to_string(root().join("config/translations/fr/data.toml")).unwrap()).unwrap();
    let lacking: Vec<String> = told_of_data().into_iter().filter(|text| !french.contains_key(text)).collect();
    assert!(lacking.is_empty(), "config/translations/fr/data.toml lacks {lacking:#?}");
    let data: String = ["config/calendars", "config/wording"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap().replace("\\\"", "\""))
        .collect();
    let unused: Vec<&String> = french.keys().filter(|text| !data.contains(text.as_str())).collect();
    assert!(unused.is_empty(), "no data file says {unused:#?}");
}

/// « Espaces insécables » before high punctuation and inside guillemets, typographic apostrophes, no English quotation marks.
#[test]
fn french_is_set_as_french_is() {
    let folders =
        ["config/messages/fr", "config/translations/fr"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    for file in folders.into_iter().flatten() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            // What stands beside its translation is English.
            let line = line.split_once("\" = \"").map_or(line, |(_, french)| french);
            // A comment's own mark is no word, and neither is what ends a key.
            let line = line.trim_start_matches(['#', ' ']);
            // What stands in backticks or braces is typed by people or read by the program.
            let words: String = line.split('`').step_by(2).collect::<Vec<_>>().join("x");
            let place = format!("{}:{}", path.display(), at + 1);
            let letters: Vec<char> = words.chars().collect();
            for (index, pair) in letters.windows(2).enumerate() {
                let is_bad = matches!(pair, [' ', ';' | '!' | '?' | ':' | '»'] | ['«', ' ']);
                assert!(
                    !is_bad,
                    "{place}: an ordinary space in « {} »",
                    words.chars().skip(index.saturating_sub(8)).take(20).collect::<String>()
                );
                assert!(!matches!(pair, [a, '\''] if a.is_alphabetic()), "{place}: a straight apostrophe");
                assert!(
                    !matches!(pair, [a, '!' | '?' | ';' | '»'] if a.is_alphanumeric()),
                    "{place}: no space before `{}`",
                    pair[1]
                );
            }
        }
    }
}
