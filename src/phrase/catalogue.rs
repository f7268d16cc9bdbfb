//! The words: one catalogue for each language, in the form of Project Fluent, which knows plurals and selections.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use unic_langid::{LanguageIdentifier, langid};

use super::sentences::Sentences;
use super::{Fact, Phrase, last_evening};
use crate::counted::in_thousands;
use crate::language::InterfaceLanguage;

/// The files of each language, by their names in `config/messages`.
macro_rules! files {
    ($($name:literal)*) => {
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../../config/messages/en/", $name, ".ftl"))),*];
        const FRENCH: &[&str] = &[$(include_str!(concat!("../../config/messages/fr/", $name, ".ftl"))),*];
    };
}

files! {
    "board"
    "bounce"
    "calendar"
    "campaign"
    "cli"
    "common"
    "compliance"
    "config"
    "doctor"
    "files"
    "list"
    "mail"
    "member"
    "people"
    "price"
    "rehearse"
    "season"
    "shop"
    "terms"
    "words"
    "world"
}

/// What French writes between the thousands of a number, and before high punctuation.
const NARROW_SPACE: char = '\u{202f}';

/// What French writes before a colon and inside its quotation marks.
const NO_BREAK_SPACE: char = '\u{a0}';

struct Catalogue {
    language: InterfaceLanguage,
    bundle: FluentBundle<FluentResource>,
}

static CATALOGUES: LazyLock<[Catalogue; 2]> = LazyLock::new(|| {
    [
        Catalogue::read(InterfaceLanguage::En, langid!("en"), ENGLISH),
        Catalogue::read(InterfaceLanguage::Fr, langid!("fr"), FRENCH),
    ]
});

/// `phrase` as a sentence in `language`. Where the catalogues are at fault, which a test excludes, the name of the message
/// and its facts stand there instead, so that nothing is lost.
pub fn in_words(phrase: &Phrase, language: InterfaceLanguage) -> String {
    let [english, french] = &*CATALOGUES;
    let catalogue = if language == InterfaceLanguage::Fr { french } else { english };
    catalogue.say(phrase).unwrap_or_else(|_| format!("{} {:?}", phrase.name(), phrase.facts()))
}

/// Whether `language` has the English words `text`, which are in no catalogue.
pub fn is_known(text: &str, language: InterfaceLanguage) -> bool {
    let [_, french] = &*CATALOGUES;
    language == InterfaceLanguage::En || french.sentence(text).is_some()
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&in_words(self, InterfaceLanguage::En))
    }
}

impl fmt::Display for Fact {
    /// The fact as English writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [english, _] = &*CATALOGUES;
        f.pad(&english.written(self).unwrap_or_else(|_| format!("{self:?}")))
    }
}

impl Catalogue {
    fn read(language: InterfaceLanguage, locale: LanguageIdentifier, files: &[&str]) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // No invisible marks around what is filled in: it is copied into files and commands.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            InterfaceLanguage::En => |value, _| grouped(value, ','),
            InterfaceLanguage::Fr => |value, _| grouped(value, NARROW_SPACE),
        }));
        for file in files {
            // What does not parse, or is there twice, would be missing here; `tests/it/messages.rs` finds it.
            let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// The phrase in this catalogue's words.
    fn say(&self, phrase: &Phrase) -> Result<String, String> {
        let (message, part) = match phrase.name().split_once('.') {
            Some((message, part)) => (message, Some(part)),
            None => (phrase.name(), None),
        };
        let found = self.bundle.get_message(message);
        let pattern = match part {
            None => found.and_then(|message| message.value()),
            Some(part) => found.and_then(|message| message.get_attribute(part)).map(|part| part.value()),
        };
        let pattern = pattern.ok_or_else(|| format!("{}: no message `{}`", self.language, phrase.name()))?;
        let mut arguments = FluentArgs::new();
        for (name, fact) in phrase.facts() {
            arguments.set(*name, self.value(fact)?);
        }
        let mut errors: Vec<FluentError> = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        match errors.first() {
            None => Ok(said.into_owned()),
            Some(error) => Err(format!("{}: `{}`: {error}", self.language, phrase.name())),
        }
    }

    /// A fact as the catalogue's language writes it.
    fn value(&self, fact: &Fact) -> Result<FluentValue<'static>, String> {
        Ok(match fact {
            Fact::Count(count) => FluentValue::from(*count),
            Fact::Text(text) => FluentValue::from(text.clone()),
            other => FluentValue::from(self.written(other)?),
        })
    }

    fn written(&self, fact: &Fact) -> Result<String, String> {
        match fact {
            Fact::Text(text) => Ok(text.clone()),
            Fact::Data(text) => Ok(self.data(text)),
            Fact::Count(count) => self.say(&Phrase::new("a-number").with("number", *count)),
            Fact::Day(day) => self.say(&day_phrase("a-day", *day)),
            Fact::Time(time) => self.say(&time_phrase(Phrase::new("a-time"), *time)),
            Fact::Civil(at) => self.say(&civil_phrase("a-day-and-time", *at)),
            Fact::Moment(at) => self.say(&moment_phrase(at)),
            Fact::Until(at) => self.say(&end_phrase(at)),
            Fact::Lasting(duration) => self.lasting(*duration),
            Fact::Number(digits) => Ok(self.decimal(digits)),
            Fact::Amount(digits, currency) => {
                let amount = Phrase::new("an-amount").with("amount", self.decimal(digits));
                self.say(&amount.with("currency", currency))
            }
            Fact::Phrase(phrase) => self.say(phrase),
            Fact::List(facts) => {
                let written: Result<Vec<String>, String> = facts.iter().map(|fact| self.written(fact)).collect();
                Ok(written?.join(", "))
            }
        }
    }
}

/// What data files say in English, without the full stop at its end, and the same in French: what is longest comes first.
static DATA_IN_FRENCH: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut pairs: Vec<(String, String)> = pairs(include_str!("../../config/translations/fr/data.toml")).collect();
    pairs.sort_by_key(|(english, _)| std::cmp::Reverse(english.len()));
    pairs
});

/// Whole sentences: those of data files, of the reader of TOML, of this program where they are in no catalogue, and those of the
/// catalogues that were kept in English, as in the words of a problem.
static SENTENCES_IN_FRENCH: LazyLock<Sentences> = LazyLock::new(|| {
    let data = pairs(include_str!("../../config/translations/fr/data.toml"));
    let syntax = pairs(include_str!("../../config/translations/fr/syntax.toml"));
    let law = pairs(include_str!("../../config/translations/fr/law.toml"));
    let program = pairs(include_str!("../../config/translations/fr/sentences.toml"));
    Sentences::new(data.chain(syntax).chain(law).chain(program).chain(of_catalogues()))
});

/// So much of a message must be its own words for it to be found again in a text. Less would be found in what says something else.
const OWN_WORDS: usize = 20;

/// The messages of the catalogues that are one sentence with holes, in English and in French.
fn of_catalogues() -> impl Iterator<Item = (String, String)> {
    let french = plain_messages(FRENCH);
    plain_messages(ENGLISH).into_iter().filter_map(move |(name, english)| {
        let own = english.split('{').map(|part| part.rsplit('}').next().unwrap_or_default().len()).sum::<usize>();
        let is_sure = !english.starts_with('{') && own >= OWN_WORDS;
        is_sure.then_some((english, french.get(&name)?.clone()))
    })
}

/// The messages and attributes of `files` that stand on one line and choose between no forms, by their names: `{ $name }` is a hole
/// `{name}`.
fn plain_messages(files: &[&str]) -> BTreeMap<String, String> {
    let (mut found, mut message, mut last) = (BTreeMap::new(), String::new(), None);
    for line in files.iter().flat_map(|file| file.lines()) {
        let known = line.split_once(" =").map(|(name, text)| (name, text.trim()));
        let name = match known {
            Some((name, _)) if is_name(name) => {
                name.clone_into(&mut message);
                Some(message.clone())
            }
            Some((attribute, _)) => attribute
                .trim_start()
                .strip_prefix('.')
                .filter(|attribute| is_name(attribute))
                .map(|attribute| format!("{message}.{attribute}")),
            None => None,
        };
        match (name, known) {
            (Some(name), Some((_, text))) => {
                if let Some(sentence) = with_holes(text).filter(|sentence| !sentence.is_empty()) {
                    found.insert(name.clone(), sentence);
                }
                last = Some(name);
            }
            // It goes on here, and is no plain sentence.
            _ if line.starts_with([' ', '}', '*', '[']) => {
                if let Some(last) = &last {
                    found.remove(last);
                }
            }
            _ => last = None,
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// The pattern of a message with holes for what is filled in; `None` where it does more than that.
fn with_holes(pattern: &str) -> Option<String> {
    let (mut said, mut rest) = (String::new(), pattern);
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, after) = after.split_once('}')?;
        let name = inner.trim().strip_prefix('$').filter(|name| is_name(&name.replace('_', "-")))?;
        said.push_str(before);
        said.push('{');
        said.push_str(&name.replace('-', "_"));
        said.push('}');
        rest = after;
    }
    said.push_str(rest);
    Some(said)
}

/// A file of texts in English beside the same in French. What does not parse leaves the English words, and tests find it.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    toml::from_str::<BTreeMap<String, String>>(text).unwrap_or_default().into_iter()
}

/// What joins several sentences, the strongest first, and how French writes it.
const JOINS: [(&str, &str); 3] = [("; ", "\u{202f}; "), (". ", ". "), (": ", "\u{a0}: ")];

impl Catalogue {
    /// Words that are in English and in no catalogue, of which several may be joined; those that the language does not have
    /// stand as they are.
    fn data(&self, text: &str) -> String {
        if self.language == InterfaceLanguage::En {
            return text.to_owned();
        }
        if text.contains('\n') {
            return text.split('\n').map(|line| self.data(line)).collect::<Vec<_>>().join("\n");
        }
        let bare = text.trim_start();
        // Columns that are set with spaces are set by each language.
        let words = bare.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if let Some(said) = self.sentence(&words) {
            return text.split_at(text.len() - bare.len()).0.to_owned() + &said;
        }
        let said = DATA_IN_FRENCH.iter().fold(text.to_owned(), |said, (english, french)| said.replace(english, french));
        let parts: Vec<&str> =
            said.split("; ").map(|part| part.trim_end_matches([' ', NO_BREAK_SPACE, NARROW_SPACE])).collect();
        parts.join(&format!("{NARROW_SPACE}; "))
    }

    /// A sentence that is known, or several of them.
    fn sentence(&self, text: &str) -> Option<String> {
        if let Some(said) = self.one_sentence(text) {
            return Some(said);
        }
        // Two of which the first is known as it stands: a sentence may have in itself what joins others.
        let splits = JOINS.iter().flat_map(|join| text.match_indices(join.0).map(move |(at, _)| (at, join)));
        for (at, (join, written)) in splits {
            let (first, rest) = text.split_at(at);
            let first = self.one_sentence(first);
            if let Some((first, rest)) = first.and_then(|first| Some((first, self.sentence(rest.strip_prefix(join)?)?)))
            {
                return Some(format!("{first}{written}{rest}"));
            }
        }
        // A place, and what is said of it.
        let places = text.match_indices(": ").filter(|(at, _)| !text.split_at(*at).0.contains(' '));
        for (at, join) in places {
            let (place, rest) = text.split_at(at);
            if let Some(said) = rest.strip_prefix(join).and_then(|rest| self.one_sentence(rest)) {
                return Some(format!("{place}{NO_BREAK_SPACE}: {said}"));
            }
        }
        JOINS.iter().find_map(|(join, written)| {
            let parts: Vec<&str> = text.split(join).filter(|part| *part != text).collect();
            let said: Vec<Option<String>> = parts.iter().map(|part| self.sentence(part)).collect();
            let is_known = said.iter().any(Option::is_some);
            let part = |(said, part): (Option<String>, &&str)| said.unwrap_or_else(|| self.filled(part));
            is_known.then(|| said.into_iter().zip(&parts).map(part).collect::<Vec<_>>().join(written))
        })
    }

    /// A sentence that is known, with or without the full stop and the capital letter that it has where it stands alone.
    fn one_sentence(&self, text: &str) -> Option<String> {
        let known = |text: &str| SENTENCES_IN_FRENCH.translate(text, &|filled| self.filled(filled));
        let within = |text: &str| -> Option<String> {
            let mut letters = text.chars();
            let first = letters.next().filter(|first| first.is_uppercase())?;
            let said = known(&first.to_lowercase().chain(letters).collect::<String>())?;
            let mut letters = said.chars();
            Some(letters.next()?.to_uppercase().chain(letters).collect())
        };
        let whole = text.strip_suffix('.');
        let stopped = |said: Option<String>| said.map(|said| said + ".");
        known(text).or_else(|| stopped(known(whole?))).or_else(|| within(text)).or_else(|| stopped(within(whole?)))
    }

    /// What was filled into a sentence: a number, a day, an instant, another sentence, or what stands as it is.
    fn filled(&self, text: &str) -> String {
        if text.chars().all(|letter| letter.is_ascii_digit() || letter == ',') {
            return text.replace(',', &NARROW_SPACE.to_string());
        }
        let written = match (long_day(text), text.parse::<Date>(), instant(text)) {
            (Some(day), ..) => self.say(&day_phrase("a-long-day", day)).ok(),
            (_, _, Some(at)) => self.written(&Fact::Moment(Box::new(at))).ok(),
            (_, Ok(day), None) if text.len() == 10 => self.written(&Fact::Day(day)).ok(),
            _ if text.len() == 5 => text.parse().ok().and_then(|time| self.written(&Fact::Time(time)).ok()),
            _ => None,
        };
        written.or_else(|| self.sentence(text)).unwrap_or_else(|| text.to_owned())
    }

    /// A number with a point before its decimals, as the language writes it.
    fn decimal(&self, digits: &str) -> String {
        if self.language != InterfaceLanguage::Fr {
            return digits.to_owned();
        }
        match digits.split_once('.') {
            Some((whole, decimals)) => format!("{},{decimals}", in_thousands(whole, NARROW_SPACE)),
            None => in_thousands(digits, NARROW_SPACE),
        }
    }

    /// A duration in its two largest units.
    fn lasting(&self, duration: SignedDuration) -> Result<String, String> {
        let minutes = duration.as_mins();
        let units = [(minutes / 1440, "some-days"), (minutes / 60 % 24, "some-hours"), (minutes % 60, "some-minutes")];
        let units = units.into_iter().filter(|(count, _)| *count > 0).take(2);
        let words: Result<Vec<String>, String> =
            units.map(|(count, unit)| self.say(&Phrase::new(unit).with("count", count))).collect();
        let words = words?;
        if words.is_empty() { self.say(&Phrase::new("less-than-a-minute")) } else { Ok(words.join(" ")) }
    }
}

/// A day with its name, as the program writes it in English: `Wednesday 6 January 2027`.
fn long_day(text: &str) -> Option<Date> {
    Date::strptime("%A %d %B %Y", text).ok()
}

/// An instant as the program writes it in English: `2026-11-26T09:00:00Z`, `Thu 2026-11-26 09:00 UTC`, or `2027-01-06 08:00
/// Europe/Paris`, also with its time in UTC behind it. A text that says more than the instant is none: what it says besides would be lost.
fn instant(text: &str) -> Option<ZonedDateTime> {
    let in_utc = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC);
    if let Ok(at) = text.parse() {
        return Some(in_utc(at));
    }
    let local = match text.split_once(" (") {
        Some((local, utc)) if is_time_in_utc(utc) => local,
        Some(_) => return None,
        None => text,
    };
    let words: Vec<&str> = local.split(' ').collect();
    match words.as_slice() {
        [day, time, zone] => on_clocks(day, time, zone),
        [weekday, day, time, zone] => on_clocks(day, time, zone).filter(|at| at.strftime("%a").to_string() == *weekday),
        _ => None,
    }
}

/// What a day and a time are on the clocks of `zone`.
fn on_clocks(day: &str, time: &str, zone: &str) -> Option<ZonedDateTime> {
    match zone {
        "UTC" => format!("{day}T{time}Z").parse().ok().map(|at: Timestamp| at.to_zoned_datetime(TimeZone::UTC)),
        _ => format!("{day}T{time}[{zone}]").parse().ok(),
    }
}

/// Whether this is what stands in parentheses behind an instant: `07:00 UTC)`, with the day where that is another.
fn is_time_in_utc(text: &str) -> bool {
    let Some(at) = text.strip_suffix(" UTC)") else { return false };
    at.parse::<Time>().is_ok() || (at.contains(' ') && at.parse::<DateTime>().is_ok())
}

fn day_phrase(name: &'static str, day: Date) -> Phrase {
    Phrase::new(name)
        .with("iso", day.to_string())
        .with("weekday", i64::from(day.weekday().to_monday_one_offset()))
        .with("day", i64::from(day.day()))
        .with("month", i64::from(day.month()))
        .with("year", day.year().to_string())
}

fn time_phrase(phrase: Phrase, time: Time) -> Phrase {
    let exact = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    phrase
        .with("iso_time", time.strftime(exact).to_string())
        .with("hour", i64::from(time.hour()))
        .with("minute", i64::from(time.minute()))
        .with("minutes", format!("{:02}", time.minute()))
        .with("second", i64::from(time.second()))
}

fn civil_phrase(name: &'static str, at: DateTime) -> Phrase {
    time_phrase(day_phrase(name, at.date()), at.time())
}

/// An instant with the name of its zone, and the same in UTC for whoever reads it elsewhere.
fn moment_phrase(at: &ZonedDateTime) -> Phrase {
    with_zone(civil_phrase("a-moment", at.datetime()), at, at.date())
}

/// An exclusive end. At 0 h it is the midnight of the day before, which is the last.
fn end_phrase(at: &ZonedDateTime) -> Phrase {
    match last_evening(at) {
        Some(evening) => with_zone(day_phrase("a-midnight", evening), at, evening),
        None => moment_phrase(at),
    }
}

/// The midnight at the end of `day`, on clocks that go without saying.
pub fn midnight_of(day: Date) -> Phrase {
    day_phrase("midnight-of", day)
}

/// The zone of an instant that is said with `day`, and the instant in UTC, with its day there where that is another.
fn with_zone(phrase: Phrase, at: &ZonedDateTime, day: Date) -> Phrase {
    let utc = at.with_time_zone(TimeZone::UTC);
    let time = if at.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    let format = if day == utc.date() { time.to_owned() } else { format!("%Y-%m-%d {time}") };
    phrase
        .with("zone", at.time_zone().iana_name().unwrap_or("UTC").to_owned())
        .with("utc", utc.strftime(&format).to_string())
}

/// A whole number with its thousands apart. Phrases hold no others.
fn grouped(value: &FluentValue<'_>, between: char) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let written: Cow<'_, str> = number.as_string();
    Some(in_thousands(&written, between))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase;

    #[track_caller]
    fn check(fact: impl Into<Fact>, english: &str, french: &str) {
        let quoted = Phrase::new("quoted").with("words", fact);
        assert_eq!(quoted.to_string(), english);
        assert_eq!(in_words(&quoted, InterfaceLanguage::Fr), french);
    }

    #[test]
    fn a_message_of_the_catalogue_that_was_kept_in_english_is_found_again() {
        let kept =
            |text: &str| in_words(&Phrase::new("quoted").with("words", Fact::english(text)), InterfaceLanguage::Fr);
        let remedy = Phrase::new("template-fault").part("remedy");
        let and_then = format!("{remedy}; then it goes on by itself");
        let said = kept(&and_then);
        assert!(said.starts_with(&in_words(&remedy, InterfaceLanguage::Fr)), "{said}");
        assert!(!said.contains("then it goes on") && !said.contains("template"), "{said}");
        let said = kept("own/opening: this cannot be read: nothing is there");
        assert!(said.starts_with("own/opening\u{a0}: la lecture est impossible"), "{said}");
        let messages = plain_messages(ENGLISH);
        assert!(messages.len() > 300, "{}", messages.len());
        assert!(messages.values().all(|text| !text.contains("{ ")), "all of it is words and holes");
    }

    #[test]
    fn each_language_writes_numbers_days_and_hours_in_its_way() {
        check(999_u32, "999", "999");
        check(1_240_u32, "1,240", "1\u{202f}240");
        let amount = |digits: &str, currency: &str| Fact::Amount(digits.to_owned(), currency.to_owned());
        check(amount("1299.90", "EUR"), "1299.90 EUR", "1\u{202f}299,90\u{a0}€");
        check(amount("12900", "JPY"), "12900 JPY", "12\u{202f}900\u{a0}JPY");
        check(-1_000_000_i64, "-1,000,000", "-1\u{202f}000\u{202f}000");
        check("2027-01-06".parse::<Date>().unwrap(), "2027-01-06", "6 janvier 2027");
        check("2027-08-01".parse::<Date>().unwrap(), "2027-08-01", "1er août 2027");
        check("08:00".parse::<Time>().unwrap(), "08:00", "8\u{a0}h");
        check("08:05:30".parse::<Time>().unwrap(), "08:05:30", "8\u{a0}h\u{a0}05\u{a0}min\u{a0}30\u{a0}s");
        check(
            "2027-01-02T08:30".parse::<DateTime>().unwrap(),
            "2027-01-02 08:30",
            "samedi 2 janvier 2027 à 8\u{a0}h\u{a0}30",
        );
        check(Fact::texts(["fr", "en"]), "fr, en", "fr, en");
        check(SignedDuration::from_mins(1441), "1 day 1 minute", "1\u{a0}jour 1\u{a0}minute");
        check(SignedDuration::from_hours(53), "2 days 5 hours", "2\u{a0}jours 5\u{a0}heures");
        check(SignedDuration::from_secs(59), "less than a minute", "moins d’une minute");
    }

    #[test]
    fn an_instant_is_told_with_its_zone() {
        let at = |at: &str, zone: &str| Fact::moment(at.parse().unwrap(), &TimeZone::get(zone).unwrap());
        check(
            at("2027-01-02T07:00:00Z", "Europe/Paris"),
            "2027-01-02 08:00 Europe/Paris (07:00 UTC)",
            "samedi 2 janvier 2027 à 8\u{a0}h (Europe/Paris)",
        );
        check(
            at("2027-01-01T23:30:00Z", "Europe/Paris"),
            "2027-01-02 00:30 Europe/Paris (2027-01-01 23:30 UTC)",
            "samedi 2 janvier 2027 à 0\u{a0}h\u{a0}30 (Europe/Paris)",
        );
        check(
            at("2027-01-02T07:00:01Z", "UTC"),
            "2027-01-02 07:00:01 UTC",
            "samedi 2 janvier 2027 à 7\u{a0}h\u{a0}00\u{a0}min\u{a0}1\u{a0}s (UTC)",
        );
    }

    #[test]
    fn a_sentence_that_ends_in_a_time_keeps_what_it_says_before() {
        let unknown = "nobody has ever written this sentence, Sat 2026-11-28 03:50 UTC";
        check(Fact::english(unknown), unknown, unknown);
        let behind = "2027-01-02 08:00 Europe/Paris (07:00 UTC) and nobody knows why";
        check(Fact::english(behind), behind, behind);
        let shown = "the clock shows Wed 2027-02-10 09:01 UTC, which is 74 days after the newest time that was believed, Sat \
                     2026-11-28 03:50 UTC";
        check(
            Fact::english(shown),
            shown,
            "l’horloge montre mercredi 10 février 2027 à 9\u{a0}h\u{a0}01 (UTC), soit 74 jours après la dernière heure crue, \
             samedi 28 novembre 2026 à 3\u{a0}h\u{a0}50 (UTC)",
        );
        for text in [
            "2026-11-28T03:50:00Z",
            "2026-11-28 03:50 UTC",
            "Sat 2026-11-28 03:50 UTC",
            "2027-01-02 08:00 Europe/Paris (07:00 UTC)",
            "2027-01-02 00:30 Europe/Paris (2027-01-01 23:30 UTC)",
        ] {
            assert!(instant(text).is_some(), "{text}");
        }
        for text in ["believed, Sat 2026-11-28 03:50 UTC", "Sun 2026-11-28 03:50 UTC", behind] {
            assert!(instant(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_end_at_midnight_belongs_to_the_evening_before() {
        let until = |at: &str, zone: &str| Fact::until(at.parse().unwrap(), &TimeZone::get(zone).unwrap());
        check(
            until("2027-01-05T23:00:00Z", "Europe/Paris"),
            "midnight at the end of 2027-01-05 Europe/Paris (23:00 UTC)",
            "mardi 5 janvier 2027 à minuit (Europe/Paris)",
        );
        check(
            until("2027-01-06T00:00:00Z", "UTC"),
            "midnight at the end of 2027-01-05 UTC",
            "mardi 5 janvier 2027 à minuit (UTC)",
        );
        check(
            until("2027-01-06T07:00:00Z", "Europe/Paris"),
            "2027-01-06 08:00 Europe/Paris (07:00 UTC)",
            "mercredi 6 janvier 2027 à 8\u{a0}h (Europe/Paris)",
        );
    }

    #[test]
    fn a_phrase_without_a_message_still_says_its_facts() {
        let unknown = Phrase::new("no-such-message").with("shop", "Exemple");
        assert_eq!(unknown.to_string(), "no-such-message {\"shop\": Text(\"Exemple\")}");
        let lacking = phrase!("window-empty");
        assert_eq!(lacking.to_string(), "window-empty {}");
    }
}
