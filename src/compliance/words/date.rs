//! Dates as people write them, in the languages of the markets: the part of a sentence that states when a sale begins.

use std::ops::Range;

use jiff::civil::Date;

use super::numeral;
use super::token::Token;

/// A day that a text names. The year may be left to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatedDay {
    day: u32,
    month: u32,
    year: Option<i32>,
    /// Whether the words before it make it an end (« jusqu'au », "until") or a bound that is not the start.
    pub(super) is_end: bool,
}

impl StatedDay {
    /// Whether it names `date`.
    pub(super) fn names(&self, date: Date) -> bool {
        let year = i32::from(date.year());
        u32::try_from(date.day()) == Ok(self.day)
            && u32::try_from(date.month()) == Ok(self.month)
            && self.year.is_none_or(|stated| stated == year || stated == year % 100)
    }
}

/// The days named by `tokens` within `range`.
pub(super) fn stated_days(tokens: &[Token], range: Range<usize>) -> Vec<StatedDay> {
    let mut days = Vec::new();
    let mut index = range.start;
    while index < range.end {
        let found = tokens.get(index..range.end).and_then(at_start);
        if let Some((day, month, year, used)) = found {
            days.push(StatedDay { day, month, year, is_end: is_end(tokens, range.start, index) });
            index += used;
        } else {
            index += 1;
        }
    }
    days
}

/// The date that `tokens` start with: day, month, year, and how many tokens it takes.
fn at_start(tokens: &[Token]) -> Option<(u32, u32, Option<i32>, usize)> {
    iso(tokens).or_else(|| numeric(tokens)).or_else(|| day_first(tokens)).or_else(|| month_first(tokens))
}

fn number(tokens: &[Token], index: usize, range: Range<u32>) -> Option<u32> {
    tokens.get(index)?.number().filter(|number| range.contains(number))
}

fn year(tokens: &[Token], index: usize) -> Option<i32> {
    let year = number(tokens, index, 2000..2100)?;
    i32::try_from(year).ok()
}

fn iso(tokens: &[Token]) -> Option<(u32, u32, Option<i32>, usize)> {
    let year = year(tokens, 0)?;
    let joined = |index: usize| tokens.get(index).is_some_and(|token| matches!(token.before.as_str(), "-" | "/" | "."));
    let (month, day) = (number(tokens, 1, 1..13)?, number(tokens, 2, 1..32)?);
    (joined(1) && joined(2)).then_some((day, month, Some(year), 3))
}

fn numeric(tokens: &[Token]) -> Option<(u32, u32, Option<i32>, usize)> {
    let separator = tokens.get(1)?.before.as_str();
    if !matches!(separator, "/" | "." | "-") {
        return None;
    }
    let (day, month) = (number(tokens, 0, 1..32)?, number(tokens, 1, 1..13)?);
    let year = tokens
        .get(2)
        .filter(|token| token.before == separator && matches!(token.latin.len(), 2 | 4))
        .and_then(Token::number)
        .and_then(|year| i32::try_from(year).ok());
    Some((day, month, year, if year.is_some() { 3 } else { 2 }))
}

fn day_first(tokens: &[Token]) -> Option<(u32, u32, Option<i32>, usize)> {
    let in_figures = number(tokens, 0, 1..32).map(|day| (day, 1));
    let (day, mut at) = in_figures.or_else(|| numeral::day_in_words(tokens))?;
    while tokens
        .get(at)
        .is_some_and(|token| ["er", "st", "nd", "rd", "th", "de", "of", "e", "ten"].contains(&token.latin.as_str()))
    {
        at += 1;
    }
    let month = month(tokens.get(at)?)?;
    at += 1;
    if tokens.get(at).is_some_and(|token| matches!(token.latin.as_str(), "de" | "del"))
        && year(tokens, at + 1).is_some()
    {
        at += 1;
    }
    let year = year(tokens, at);
    Some((day, month, year, at + usize::from(year.is_some())))
}

fn month_first(tokens: &[Token]) -> Option<(u32, u32, Option<i32>, usize)> {
    let month = month(tokens.first()?)?;
    let mut at = usize::from(tokens.get(1)?.latin == "the") + 1;
    let day = number(tokens, at, 1..32)?;
    at += 1;
    if tokens.get(at).is_some_and(|token| matches!(token.latin.as_str(), "st" | "nd" | "rd" | "th")) {
        at += 1;
    }
    let year = year(tokens, at);
    Some((day, month, year, at + usize::from(year.is_some())))
}

/// The month that a word names in any of the languages.
pub(super) fn month(token: &Token) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &[
            "janvier",
            "janv",
            "january",
            "jan",
            "januari",
            "januar",
            "gennaio",
            "gen",
            "enero",
            "janeiro",
            "ianuarie",
            "sijecnja",
            "ιανουαριου",
            "gener",
        ],
        &[
            "fevrier",
            "fevr",
            "february",
            "feb",
            "februari",
            "februar",
            "febbraio",
            "febrero",
            "fevereiro",
            "februarie",
            "veljace",
            "φεβρουαριου",
        ],
        &["mars", "march", "maart", "marz", "maerz", "marzo", "marco", "martie", "ozujka", "μαρτιου"],
        &["avril", "avr", "april", "aprile", "abril", "aprilie", "travnja", "απριλιου"],
        &["mai", "may", "mei", "maggio", "mayo", "maio", "svibnja", "μαιου"],
        &["juin", "june", "juni", "giugno", "junio", "junho", "iunie", "lipnja", "ιουνιου"],
        &["juillet", "juil", "july", "juli", "luglio", "julio", "julho", "iulie", "srpnja", "ιουλιου"],
        &["aout", "august", "augustus", "agosto", "kolovoza", "αυγουστου"],
        &[
            "septembre",
            "sept",
            "september",
            "settembre",
            "septiembre",
            "setembro",
            "septembrie",
            "rujna",
            "σεπτεμβριου",
        ],
        &[
            "octobre",
            "oct",
            "october",
            "oktober",
            "ottobre",
            "octubre",
            "outubro",
            "octombrie",
            "listopada",
            "οκτωβριου",
        ],
        &["novembre", "nov", "november", "noviembre", "novembro", "noiembrie", "studenoga", "νοεμβριου"],
        &[
            "decembre",
            "dec",
            "december",
            "dezember",
            "dicembre",
            "diciembre",
            "dezembro",
            "decembrie",
            "prosinca",
            "δεκεμβριου",
        ],
    ];
    let names = |names: &&[&str]| names.contains(&token.latin.as_str()) || names.contains(&token.plain.as_str());
    MONTHS.iter().position(names).and_then(|index| u32::try_from(index + 1).ok())
}

/// Looks back over articles and weekdays for a word that makes the date an end.
fn is_end(tokens: &[Token], from: usize, at: usize) -> bool {
    const PASSED_OVER: [&str; 42] = [
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "maandag",
        "dinsdag",
        "woensdag",
        "donderdag",
        "vrijdag",
        "zaterdag",
        "zondag",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "le",
        "la",
        "the",
        "de",
        "het",
        "il",
        "el",
        "o",
        "au",
        "zum",
        "al",
        "dem",
        "den",
        "que",
    ];
    const ENDS: [&str; 25] = [
        "jusqu",
        "jusque",
        "avant",
        "until",
        "till",
        "before",
        "by",
        "tot",
        "voor",
        "bis",
        "vor",
        "fino",
        "entro",
        "prima",
        "hasta",
        "antes",
        "ate",
        "termine",
        "finissent",
        "through",
        "pas",
        "attendre",
        "attendez",
        "attendons",
        "aspettare",
    ];
    let before = tokens.get(from..at).unwrap_or_default().iter().rev();
    let significant = before.map(|token| token.latin.as_str()).find(|word| !PASSED_OVER.contains(word));
    significant.is_some_and(|word| ENDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Form, Writing, read};
    use super::super::token::{Vocabulary, tokens};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        let strands = read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let tokens = tokens(strands.first().unwrap(), &Vocabulary::default());
        let days = stated_days(&tokens, 0..tokens.len());
        let found = days.iter().find(|day| day.names(jiff::civil::date(2027, 1, 6)));
        assert_eq!(found.map(|day| !day.is_end), expected, "{text}: {days:?}");
    }

    #[test]
    fn a_start_is_told_from_an_end() {
        for text in [
            "à partir du mercredi 6 janvier 2027 à 8 h",
            "du 6 janvier au 2 février 2027",
            "dès le 06/01/2027",
            "dès le 6.1.27",
            "dès le 2027-01-06",
            "from Wednesday 6th of January 2027",
            "from January 6, 2027",
            "vanaf woensdag 6 januari",
            "ab dem 6. Januar",
            "dal 6 gennaio",
            "desde el 6 de enero de 2027",
        ] {
            check(text, Some(true));
        }
        for text in [
            "n’attendez pas le 6 janvier",
            "sans attendre le 6 janvier",
            "jusqu’au mercredi 6 janvier 2027",
            "avant le 6 janvier",
            "until 6 January",
            "tot 6 januari",
        ] {
            check(text, Some(false));
        }
        for text in ["6 janvier 2028", "le 7 janvier", "16 janvier", "6", "janvier", ""] {
            check(text, None);
        }
    }
}
