//! What the TOML reader complains of, in sentences for people. It speaks of the types of the program; people know keys,
//! sections and texts.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// What `error`, which the reader has of `document`, says, at its place.
pub(super) fn finding(document: &Document, rule: &'static str, error: &toml::de::Error) -> Finding {
    let place = error.span().map_or_else(|| Place::file(&document.name), |span| document.place(span));
    let message = match DeTable::parse(&document.text) {
        // What is said of a file is either about its signs or, once it can be taken apart, about its values.
        Err(_) => of_signs(error.message().trim()),
        Ok(tree) => of_values(tree.get_ref(), error.span(), error.message().trim()),
    };
    Finding::error(rule, place, message)
}

fn of_signs(said: &str) -> Phrase {
    if said.starts_with("duplicate key") {
        phrase!("toml-twice")
    } else {
        phrase!("file-syntax", why = Fact::Data(said.to_owned()))
    }
}

fn of_values(tree: &DeTable<'_>, span: Option<Range<usize>>, said: &str) -> Phrase {
    let spot = span.and_then(|span| find(tree, &[], &span));
    let table = |inside: bool| match &spot {
        None => phrase!("table-top"),
        Some(spot) => spot.table(inside),
    };
    let names: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let (name, known) = names.split_first().map_or(("", &[][..]), |(name, known)| (*name, known));
    let listed = || Fact::texts(known.iter().map(|name| format!("`{name}`")));
    if said.starts_with("unknown field") {
        return match nearest(name, known.iter().copied()) {
            Some(meant) => phrase!("file-unknown-key-slip", key = name, table = table(false), meant = meant),
            None => phrase!("file-unknown-key", key = name, table = table(false), known = listed()),
        };
    }
    if said.starts_with("missing field") {
        let inside = table(true);
        return match &spot {
            Some(_) => phrase!("toml-missing-key", key = name, table = inside),
            None => phrase!("toml-missing-at-top", key = name, table = inside),
        };
    }
    if said.starts_with("unknown variant") {
        return phrase!("toml-unknown-word", found = name, expected = listed());
    }
    let wanted = said.starts_with("invalid").then(|| said.rsplit_once(", expected ")).flatten();
    match (wanted.and_then(|(_, wanted)| as_people_say(wanted)), &spot) {
        (Some(wanted), Some(spot)) => {
            phrase!("file-wrong-type", key = spot.key(), kind = kind(spot.value), wanted = wanted)
        }
        _ => phrase!("toml-other", why = said),
    }
}

/// What a value is, as people call it.
pub fn kind(value: &DeValue<'_>) -> Phrase {
    match value {
        DeValue::String(_) => phrase!("kind-text"),
        DeValue::Integer(_) | DeValue::Float(_) => phrase!("kind-number"),
        DeValue::Boolean(_) => phrase!("kind-flag"),
        DeValue::Datetime(_) => phrase!("kind-moment"),
        DeValue::Array(_) => phrase!("kind-list"),
        DeValue::Table(_) => phrase!("kind-table"),
    }
}

/// The type that the reader expected.
fn as_people_say(wanted: &str) -> Option<Phrase> {
    let between = |most: u32| phrase!("wanted-number-up-to", most = Fact::text(most));
    Some(match wanted {
        "u8" => between(u8::MAX.into()),
        "u16" => between(u16::MAX.into()),
        "u32" => between(u32::MAX),
        "usize" | "u64" | "i16" | "i32" | "i64" => phrase!("wanted-whole-number"),
        "a string" | "path string" => phrase!("wanted-text"),
        "a boolean" => phrase!("kind-flag"),
        "a sequence" => phrase!("kind-list"),
        "a map" => phrase!("kind-table"),
        "a TOML datetime" | "a datetime" => phrase!("wanted-day"),
        _ if wanted.starts_with("struct ") => phrase!("kind-table"),
        _ => return None,
    })
}

/// A key or a value in a document.
struct Spot<'t> {
    /// The keys that lead there, itself last, and whether each is one of several tables.
    path: Vec<(&'t str, bool)>,
    value: &'t DeValue<'t>,
}

impl Spot<'_> {
    fn key(&self) -> &str {
        self.path.last().map_or("", |(key, _)| key)
    }

    /// The table around it, or the one that it is.
    fn table(&self, inside: bool) -> Phrase {
        let count = if inside { self.path.len() } else { self.path.len().saturating_sub(1) };
        let path = self.path.get(..count).unwrap_or_default();
        let keys: Vec<&str> = path.iter().map(|(key, _)| *key).collect();
        let keys = keys.join(".");
        match path.last() {
            None => phrase!("table-top"),
            Some((_, true)) => phrase!("table-one-of", table = format!("[[{keys}]]")),
            Some((_, false)) => phrase!("table-named", table = format!("[{keys}]")),
        }
    }
}

/// The key or the value that stands at `span`.
fn find<'t>(table: &'t DeTable<'t>, path: &[(&'t str, bool)], span: &Range<usize>) -> Option<Spot<'t>> {
    for (key, value) in table {
        let at = |several: bool| [path, &[(key.get_ref().as_ref(), several)]].concat();
        let items = match value.get_ref() {
            DeValue::Array(items) => items.get(..).unwrap_or_default(),
            _ => &[],
        };
        // The first of several tables stands where all of them do.
        let mut within = items.iter().map(|item| (item, true)).chain([(value, false)]);
        let found = within.find_map(|(value, several)| match value.get_ref() {
            value_here if key.span() == *span || value.span() == *span => {
                Some(Spot { path: at(several), value: value_here })
            }
            DeValue::Table(inner) => find(inner, &at(several), span),
            _ => None,
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The known word that `name` is a slip of: at most two letters off, or one for short names.
pub fn nearest<'w>(name: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = if name.chars().count() <= 4 { 1 } else { 2 };
    known
        .into_iter()
        .map(|key| (strsim::damerau_levenshtein(name, key), key))
        .filter(|(far, _)| *far <= allowed)
        .min()
        .map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use toml::Spanned;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct File {
        shop: Shop,
        #[serde(default)]
        order: Vec<Order>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Shop {
        name: Spanned<String>,
        port: Option<u16>,
        count: Option<usize>,
        sends: Option<bool>,
        languages: Option<Vec<String>>,
        transport: Option<Spanned<Transport>>,
        smtp: Option<Smtp>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Smtp {
        host: String,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Order {
        day: toml::value::Datetime,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Transport {
        Smtp,
        Directory,
    }

    /// What is said of `text`: the line, the message, and what to do.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let finding = Document::new("a.toml", text).parse_toml::<File>("config.syntax").unwrap_err();
        let line = finding.place.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        assert_eq!(format!("{line}: {} ({})", finding.message, finding.remedy), expected, "{text}");
    }

    #[test]
    fn keys_are_named_with_their_section() {
        let within = |text: &str| format!("[shop]\nname = \"a\"\n{text}");
        check(
            &within("nmae = 1"),
            "3: `nmae` is not a key of `[shop]` (write `name` if that is what is meant, or remove the line)",
        );
        check(
            &within("smtp.hostname = \"a\""),
            "3: `hostname` is not a key of `[shop.smtp]` (remove the line, or use one of `host`)",
        );
        check(
            &within("[[order]]\nday = 2027-01-06\ndays = 1"),
            "5: `days` is not a key of this `[[order]]` (write `day` if that is what is meant, or remove the line)",
        );
        check(
            "shops = 1",
            "1: `shops` is not a key of the top of the file (write `shop` if that is what is meant, or remove the line)",
        );
        check("[shop]", "1: `name` is missing from `[shop]` (write a line `name = …` there)");
        check(&within("[[order]]"), "3: `day` is missing from this `[[order]]` (write a line `day = …` there)");
        check(
            "order = []",
            "1: `shop` is missing from the top of the file (add a line `shop = …`, or a section `[shop]`)",
        );
        check(&within("name = \"b\""), "3: this stands in the file twice (keep one of the two)");
    }

    #[test]
    fn values_are_asked_for_in_the_words_of_people() {
        let within = |text: &str, expected: &str| {
            check(&format!("[shop]\nname = \"a\"\n{text}"), &format!("3: {expected}"));
        };
        let port = "and should be a whole number from 0 to 65535 (write a whole number from 0 to 65535)";
        within("port = \"25\"", &format!("`port` is a text here, {port}"));
        within("port = 70000", &format!("`port` is a number here, {port}"));
        within("count = -1", "`count` is a number here, and should be a whole number (write a whole number)");
        within(
            "count = true",
            "`count` is `true` or `false` here, and should be a whole number (write a whole number)",
        );
        within("sends = 1", "`sends` is a number here, and should be `true` or `false` (write `true` or `false`)");
        within("languages = \"fr\"", "`languages` is a text here, and should be a list (write a list)");
        within(
            "languages = [1]",
            "`languages` is a number here, and should be a text in double quotes (write a text in double quotes)",
        );
        within("smtp = 1", "`smtp` is a number here, and should be a table (write a table)");
        within("transport = \"fax\"", "`fax` is not one of `smtp`, `directory` (write one of them, in double quotes)");
        let day = "and should be a day such as `2027-01-06`, without quotation marks (write a day such as `2027-01-06`, without quotation marks)";
        check("shop.name = \"a\"\n[[order]]\nday = \"soon\"", &format!("3: `day` is a text here, {day}"));
        check(
            "shop.name = 1",
            "1: `name` is a number here, and should be a text in double quotes (write a text in double quotes)",
        );
        check(
            "[shop]\nname = \"a",
            "2: this is not TOML: invalid basic string, expected `\"` (correct this line; texts stand in double quotes)",
        );
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["slug", "title", "markets", "opens"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("market", known), Some("markets"));
        assert_eq!(nearest("sluk", known), Some("slug"));
        assert_eq!(nearest("closes", known), None);
    }
}
