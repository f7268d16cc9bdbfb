//! Dates as people write them, in the languages of the markets: the part of a sentence that states when a sale begins.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::numeral;
use super::pattern::PatternList;
use super::short::{NumberMap, number_of};
use super::token::Token;
use super::word_set::WordSet;

/// No stretch of days that is looked through is longer: two years.
const MOST_DAYS: usize = 731;

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

    /// Whether it names a day from `from` to `to`.
    pub(super) fn may_lie_in(&self, from: Date, to: Date) -> bool {
        from.series(1.day()).take_while(|date| *date <= to).take(MOST_DAYS).any(|date| self.names(date))
    }
}

/// The words that a date is made from and read with; `config/wording/context.toml` says what each list is for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DateWords {
    months: MonthNames,
    between_day_and_month: WordSet,
    between_month_and_year: WordSet,
    ordinals: WordSet,
    articles_before_day: WordSet,
    passed_over: WordSet,
    ends: Vec<String>,
    looks_ahead: PatternList,
}

/// The names of the months in all languages, by the numbers of the names.
#[derive(Debug, Default)]
struct MonthNames(NumberMap<(Box<str>, u32)>);

impl MonthNames {
    fn get(&self, token: &Token) -> Option<u32> {
        let latin = self.0.get(&token.number_of_latin()).filter(|(name, _)| token.is(name));
        let in_script = || self.0.get(&number_of(&token.plain)).filter(|(name, _)| token.plain == **name);
        latin.or_else(|| if token.plain.is_ascii() { None } else { in_script() }).map(|(_, month)| *month)
    }
}

impl<'de> Deserialize<'de> for MonthNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut months = NumberMap::default();
        for (names, month) in <[Vec<String>; 12]>::deserialize(deserializer)?.into_iter().zip(1..) {
            for name in names {
                months.entry(number_of(&name)).or_insert((name.into(), month));
            }
        }
        Ok(Self(months))
    }
}

/// A day and month, perhaps a year, and how many tokens say it.
type FoundDate = (u32, u32, Option<i32>, usize);

impl DateWords {
    /// The days named by `tokens` within `range`, each with the tokens that say it.
    pub(super) fn placed_days(&self, tokens: &[Token], range: Range<usize>) -> Vec<(Range<usize>, StatedDay)> {
        let mut days = Vec::new();
        let mut index = range.start;
        while index < range.end {
            let found = tokens.get(index..range.end).and_then(|tokens| self.at_start(tokens));
            if let Some((day, month, year, used)) = found {
                let is_end = self.is_end(tokens, range.start, index);
                days.push((index..index + used, StatedDay { day, month, year, is_end }));
                index += used;
            } else {
                index += 1;
            }
        }
        days
    }

    /// Whether a sentence looks ahead to what has not begun.
    pub(super) fn looks_ahead(&self, sentence: &[Token]) -> bool {
        self.looks_ahead.is_in(sentence, &(0..sentence.len()))
    }

    /// The month that a word names in any of the languages.
    pub(super) fn month(&self, token: &Token) -> Option<u32> {
        self.months.get(token)
    }

    /// The day that `tokens` start with, and how many of them say it.
    pub(super) fn day_at_start(&self, tokens: &[Token]) -> Option<(StatedDay, usize)> {
        let (day, month, year, used) = self.at_start(tokens)?;
        Some((StatedDay { day, month, year, is_end: false }, used))
    }

    /// The date that `tokens` start with.
    fn at_start(&self, tokens: &[Token]) -> Option<FoundDate> {
        iso(tokens).or_else(|| numeric(tokens)).or_else(|| self.day_first(tokens)).or_else(|| self.month_first(tokens))
    }

    fn day_first(&self, tokens: &[Token]) -> Option<FoundDate> {
        let in_figures = number(tokens, 0, 1..32).map(|day| (day, 1));
        let (day, mut at) = in_figures.or_else(|| numeral::day_in_words(tokens))?;
        while tokens.get(at).is_some_and(|token| self.between_day_and_month.has(token)) {
            at += 1;
        }
        let month = self.month(tokens.get(at)?)?;
        at += 1;
        let joined = tokens.get(at).is_some_and(|token| self.between_month_and_year.has(token));
        if joined && year(tokens, at + 1).is_some() {
            at += 1;
        }
        let year = year(tokens, at);
        Some((day, month, year, at + usize::from(year.is_some())))
    }

    fn month_first(&self, tokens: &[Token]) -> Option<FoundDate> {
        let month = self.month(tokens.first()?)?;
        let mut at = usize::from(self.articles_before_day.has(tokens.get(1)?)) + 1;
        let day = number(tokens, at, 1..32)?;
        at += 1;
        if tokens.get(at).is_some_and(|token| self.ordinals.has(token)) {
            at += 1;
        }
        let year = year(tokens, at);
        Some((day, month, year, at + usize::from(year.is_some())))
    }

    /// Looks back over articles and weekdays for a word that makes the date an end.
    fn is_end(&self, tokens: &[Token], from: usize, at: usize) -> bool {
        let before = tokens.get(from..at).unwrap_or_default();
        let passed = before.iter().rev().take_while(|token| self.passed_over.has(token)).count();
        let before = before.get(..before.len() - passed).unwrap_or_default();
        let ends_with = |end: &String| {
            let mut words = before.iter().rev();
            end.rsplit(' ').all(|word| words.next().is_some_and(|token| token.latin() == word))
        };
        self.ends.iter().any(ends_with)
    }
}

fn number(tokens: &[Token], index: usize, range: Range<u32>) -> Option<u32> {
    tokens.get(index)?.number().filter(|number| range.contains(number))
}

fn year(tokens: &[Token], index: usize) -> Option<i32> {
    let year = number(tokens, index, 2000..2100)?;
    i32::try_from(year).ok()
}

fn iso(tokens: &[Token]) -> Option<FoundDate> {
    let year = year(tokens, 0)?;
    let joined = |index: usize| tokens.get(index).is_some_and(|token| matches!(&*token.before, "-" | "/" | "."));
    let (month, day) = (number(tokens, 1, 1..13)?, number(tokens, 2, 1..32)?);
    (joined(1) && joined(2)).then_some((day, month, Some(year), 3))
}

fn numeric(tokens: &[Token]) -> Option<FoundDate> {
    let separator = &*tokens.get(1)?.before;
    if !matches!(separator, "/" | "." | "-") {
        return None;
    }
    let (day, month) = (number(tokens, 0, 1..32)?, number(tokens, 1, 1..13)?);
    let year = tokens
        .get(2)
        .filter(|token| *token.before == *separator && matches!(token.latin().len(), 2 | 4))
        .and_then(Token::number)
        .and_then(|year| i32::try_from(year).ok());
    Some((day, month, year, if year.is_some() { 3 } else { 2 }))
}

#[cfg(test)]
mod tests {
    use super::super::law;
    use super::super::reading::{Form, Writing, read};
    use super::super::token::{Vocabulary, tokens};

    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        let strands = read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let tokens = tokens(strands.first().unwrap(), &Vocabulary::default());
        let words = &law::built_in().as_ref().unwrap().dates;
        let days = words.placed_days(&tokens, 0..tokens.len());
        let found = days.iter().find(|(_, day)| day.names(jiff::civil::date(2027, 1, 6)));
        assert_eq!(found.map(|(_, day)| !day.is_end), expected, "{text}: {days:?}");
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
            "au lieu du 6 janvier 2027",
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
