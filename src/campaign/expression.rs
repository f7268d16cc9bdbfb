//! The words in which a person says when: `soldes.winter.2027 - 4 days at 08:00`.
//!
//! Grammar: `ANCHOR [(+|-) N (weeks|days|hours|minutes)]… [at HH:MM]`. The words are kept as typed, and parsed into
//! values that say nothing yet about an instant: that takes a calendar and a zone, see [`super::resolve`].

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize, Serializer};

use crate::calendar::PeriodKind;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::InterfaceLanguage;
use crate::{phrase, spoken_errors};

/// What an expression may look like; every refusal ends in it.
pub const EXAMPLE: &str = "soldes.winter.2027 - 4 days at 08:00";

/// No campaign is planned further from its anchor than this many weeks, days, hours or minutes.
const LONGEST_SHIFT: i32 = 100_000;

/// A point in time as a person wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: String,
    /// Where it starts from.
    pub anchor: Anchor,
    /// How far it moves from there, in the order written.
    pub shifts: Vec<Shift>,
    /// The time of day it is set to, after the moves.
    pub at: Option<Time>,
}

/// Where an expression starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// A period of the legal calendar.
    Period(PeriodAnchor),
    /// `window.opens`, `window.closes`.
    Window(WindowEdge),
    /// A date and a time of day in the window's zone.
    Civil(DateTime),
}

/// A period of the legal calendar, by the words that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodAnchor {
    /// Whether the sale or the blackout before it is meant.
    pub kind: PeriodKind,
    /// `winter`, `summer`, or a calendar's own name for a season.
    pub season: String,
    /// The year in which the sale starts.
    pub year: i16,
    /// Which end of the period.
    pub edge: PeriodEdge,
}

/// Which end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodEdge {
    /// The instant it begins.
    Start,
    /// The first instant after it.
    End,
}

/// Which end of the campaign's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowEdge {
    /// The instant the gate opens.
    Opens,
    /// The instant it closes.
    Closes,
}

/// A move from an anchor, forward when `count` is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// How many of the unit.
    pub count: i32,
    /// Days and weeks are counted on the civil calendar; hours and minutes are exact.
    pub unit: ShiftUnit,
}

/// What a move is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShiftUnit {
    /// Seven civil days.
    Weeks,
    /// Civil days: the time of day stays, whatever daylight saving does in between.
    Days,
    /// Sixty minutes.
    Hours,
    /// Sixty seconds.
    Minutes,
}

impl ShiftUnit {
    /// The unit that a word stands for, in English or French, for one and for several.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "week" | "weeks" | "semaine" | "semaines" => Self::Weeks,
            "day" | "days" | "jour" | "jours" => Self::Days,
            "hour" | "hours" | "heure" | "heures" => Self::Hours,
            "minute" | "minutes" => Self::Minutes,
            _ => return None,
        })
    }
}

/// Why words are not a point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionError {
    /// There are no words.
    Empty,
    /// The first word names nothing that an expression can start from.
    Anchor(String),
    /// A date that no calendar has.
    NoSuchDay(String),
    /// A date without a time of day.
    DateAlone(String),
    /// A date or time with an offset or a zone of its own.
    Offset(String),
    /// The period lacks its season or year, or has something more.
    PeriodName(String),
    /// Neither `+`, `-` nor `at`.
    Operator(String),
    /// No whole number after `+` or `-`.
    Count(String),
    /// No unit after the number.
    Unit(String),
    /// The words stop in the middle.
    Unfinished(String),
    /// What follows `at` is no time of day.
    TimeOfDay(String),
    /// Something follows the time of day.
    AfterTime(String),
    /// Hours or minutes that the time of day would undo.
    ShiftUndone,
}

impl Spoken for ExpressionError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Empty => phrase!("expression-empty"),
            Self::Anchor(words) => phrase!("expression-anchor", words = words.as_str()),
            Self::NoSuchDay(words) => phrase!("expression-no-such-day", words = words.as_str()),
            Self::DateAlone(words) => phrase!("expression-date-alone", words = words.as_str()),
            Self::Offset(words) => phrase!("expression-offset", words = words.as_str()),
            Self::PeriodName(words) => phrase!("expression-period-name", words = words.as_str()),
            Self::Operator(words) => phrase!("expression-operator", words = words.as_str()),
            Self::Count(words) => phrase!("expression-count", words = words.as_str(), most = Fact::text(LONGEST_SHIFT)),
            Self::Unit(words) => phrase!("expression-unit", words = words.as_str()),
            Self::Unfinished(words) => phrase!("expression-unfinished", words = words.as_str()),
            Self::TimeOfDay(words) => phrase!("expression-time-of-day", words = words.as_str()),
            Self::AfterTime(words) => phrase!("expression-after-time", words = words.as_str()),
            Self::ShiftUndone => phrase!("expression-shift-undone"),
        }
    }
}

spoken_errors!(ExpressionError);

impl Expression {
    /// The words as typed, with single spaces.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let spaced = spaced(text);
        let words = hours_joined(spaced.split_whitespace());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut words = words.as_slice();
        let anchor = anchor(&mut words)?;
        let (mut shifts, mut at) = (Vec::new(), None);
        while let Some(word) = next(&mut words) {
            match word {
                "+" => shifts.push(shift(&mut words, word, 1)?),
                "-" => shifts.push(shift(&mut words, word, -1)?),
                "at" | "à" => at = Some(time_at_the_end(&mut words, word)?),
                _ => return Err(ExpressionError::Operator(word.to_owned())),
            }
        }
        let exact = |shift: &Shift| matches!(shift.unit, ShiftUnit::Hours | ShiftUnit::Minutes);
        if at.is_some() && shifts.iter().any(exact) {
            return Err(ExpressionError::ShiftUndone);
        }
        Ok(Self { text: text.split_whitespace().collect::<Vec<_>>().join(" "), anchor, shifts, at })
    }
}

/// Puts spaces around operators and turns every dash that people type into `-`. The dashes inside a date or a period's
/// name stand between letters or digits without space, and stay.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let mut previous_is_space = true;
    while let Some(char) = chars.next() {
        match char {
            '+' => out.push_str(" + "),
            '−' | '–' | '—' => out.push_str(" - "),
            '-' if previous_is_space || chars.peek().is_none_or(|next| next.is_whitespace()) => out.push_str(" - "),
            other => out.push(other),
        }
        previous_is_space = char.is_whitespace();
    }
    out
}

/// Makes one word of a time of day that a French hand spaces: « à 8 h 30 », « 2027-01-02 8 h ».
fn hours_joined<'t>(words: impl Iterator<Item = &'t str>) -> Vec<String> {
    let is_number = |word: &str| word.len() <= 2 && word.chars().all(|char| char.is_ascii_digit());
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        // Only what follows `at` or a day is a time of day: in `- 8 h` the hours are a move.
        let comes_after = joined.iter().nth_back(1);
        let is_time = comes_after
            .is_some_and(|before| matches!(before.as_str(), "at" | "à") || before.contains('-') && before.len() > 1);
        match joined.last_mut().filter(|_| is_time) {
            Some(last) if word == "h" && is_number(last) => last.push('h'),
            Some(last) if is_number(word) && last.strip_suffix('h').is_some_and(is_number) => last.push_str(word),
            _ => joined.push(word.to_owned()),
        }
    }
    joined
}

fn next<'w>(words: &mut &[&'w str]) -> Option<&'w str> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    Some(first)
}

fn anchor(words: &mut &[&str]) -> Result<Anchor, ExpressionError> {
    let word = next(words).ok_or(ExpressionError::Empty)?;
    match word {
        "window.opens" => Ok(Anchor::Window(WindowEdge::Opens)),
        "window.closes" => Ok(Anchor::Window(WindowEdge::Closes)),
        _ if word.starts_with(|char: char| char.is_ascii_digit()) => civil(word, words),
        _ => period(word),
    }
}

/// The seasons that have a name of their own in French, which is read as well.
const FRENCH_SEASONS: [(&str, &str); 2] = [("winter", "hiver"), ("summer", "été")];

/// What people who write in `language` call a season in an expression.
pub fn season_word(season: &str, language: InterfaceLanguage) -> &str {
    match language {
        InterfaceLanguage::En => season,
        InterfaceLanguage::Fr => {
            FRENCH_SEASONS.iter().find(|(known, _)| *known == season).map_or(season, |(_, french)| french)
        }
    }
}

/// The season that the word means in the law's files; a word that is no season's stays.
pub(super) fn season_named(word: &str) -> &str {
    match word {
        "ete" => "summer",
        word => FRENCH_SEASONS.iter().find(|(_, french)| *french == word).map_or(word, |(season, _)| season),
    }
}

fn period(word: &str) -> Result<Anchor, ExpressionError> {
    let mut parts = word.split('.');
    let kind = match parts.next() {
        Some("soldes" | "sale") => PeriodKind::Sale,
        Some("blackout") => PeriodKind::Blackout,
        _ => return Err(ExpressionError::Anchor(word.to_owned())),
    };
    let misnamed = || ExpressionError::PeriodName(word.to_owned());
    let season = match parts.next().ok_or_else(misnamed)? {
        "" => return Err(misnamed()),
        word => season_named(word),
    };
    let year = parts.next().filter(|year| year.len() == 4).ok_or_else(misnamed)?;
    let year = year.parse().map_err(|_| misnamed())?;
    let edge = match parts.next() {
        None | Some("start") => PeriodEdge::Start,
        Some("end") => PeriodEdge::End,
        Some(_) => return Err(misnamed()),
    };
    if parts.next().is_some() {
        return Err(misnamed());
    }
    Ok(Anchor::Period(PeriodAnchor { kind, season: season.to_owned(), year, edge }))
}

/// `2027-01-02T08:00`, or `2027-01-02` and then `08:00` as the next word.
fn civil(word: &str, words: &mut &[&str]) -> Result<Anchor, ExpressionError> {
    let unknown = || {
        let word = word.to_owned();
        let is_a_day = word.matches(['-', '/']).count() >= 2;
        if is_a_day { ExpressionError::NoSuchDay(word) } else { ExpressionError::Anchor(word) }
    };
    if word.contains('T') {
        if word.ends_with('Z') || word.contains('[') || word.matches('-').count() > 2 {
            return Err(ExpressionError::Offset(word.to_owned()));
        }
        return word.parse().map(Anchor::Civil).map_err(|_| unknown());
    }
    let date: jiff::civil::Date = word.parse().map_err(|_| unknown())?;
    let Some(time) = words.first().filter(|word| !matches!(**word, "+" | "-" | "at" | "à")) else {
        if let [_, time, ..] = *words
            && matches!(words.first(), Some(&("at" | "à")))
        {
            let time = time_of_day(time)?;
            *words = words.get(2..).unwrap_or_default();
            return Ok(Anchor::Civil(date.to_datetime(time)));
        }
        return Err(ExpressionError::DateAlone(word.to_owned()));
    };
    let time = time_of_day(time)?;
    next(words);
    Ok(Anchor::Civil(date.to_datetime(time)))
}

fn shift(words: &mut &[&str], sign: &str, direction: i32) -> Result<Shift, ExpressionError> {
    let count = next(words).ok_or_else(|| ExpressionError::Unfinished(sign.to_owned()))?;
    let number: i32 = count
        .parse()
        .ok()
        .filter(|number| (1..=LONGEST_SHIFT).contains(number))
        .ok_or_else(|| ExpressionError::Count(count.to_owned()))?;
    let unit = next(words).ok_or_else(|| ExpressionError::Unfinished(format!("{sign} {count}")))?;
    let unit = ShiftUnit::named(unit).ok_or_else(|| ExpressionError::Unit(unit.to_owned()))?;
    Ok(Shift { count: direction * number, unit })
}

fn time_at_the_end(words: &mut &[&str], at: &str) -> Result<Time, ExpressionError> {
    let time = next(words).ok_or_else(|| ExpressionError::Unfinished(at.to_owned()))?;
    let time = time_of_day(time)?;
    match words.first() {
        Some(word) => Err(ExpressionError::AfterTime((*word).to_owned())),
        None => Ok(time),
    }
}

/// `08:00`, `8:00`, and as written in French, `8h` and `8h30`.
fn time_of_day(word: &str) -> Result<Time, ExpressionError> {
    let wrong = || ExpressionError::TimeOfDay(word.to_owned());
    let (hour, minute) = match word.split_once([':', 'h']) {
        Some((hour, "")) if word.ends_with('h') => (hour, "00"),
        Some(parts) => parts,
        None => return Err(wrong()),
    };
    // Seconds are accepted when they are zero, because a TOML date-time prints them.
    let minute = minute.strip_suffix(":00").unwrap_or(minute);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return Err(wrong());
    }
    Time::new(hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?, 0, 0).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = match text.parse::<Expression>() {
            Ok(Expression { anchor, shifts, at, .. }) => {
                let mut said = match anchor {
                    Anchor::Period(PeriodAnchor { kind, season, year, edge }) => {
                        format!("{kind:?} {season} {year} {edge:?}")
                    }
                    Anchor::Window(edge) => format!("{edge:?}"),
                    Anchor::Civil(civil) => civil.to_string(),
                };
                for Shift { count, unit } in shifts {
                    write!(said, " {count:+} {unit:?}").unwrap();
                }
                if let Some(at) = at {
                    write!(said, " at {at}").unwrap();
                }
                said
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn points_in_time_are_understood() {
        check("soldes.winter.2027 - 4 days at 08:00", "Sale winter 2027 Start -4 Days at 08:00:00");
        check("soldes.winter.2027", "Sale winter 2027 Start");
        check("soldes.hiver.2027.end", "Sale winter 2027 End");
        check("sale.summer.2027.start + 1 week", "Sale summer 2027 Start +1 Weeks");
        check("soldes.été.2027 − 4 jours à 8h30", "Sale summer 2027 Start -4 Days at 08:30:00");
        check("blackout.winter.2027 -1 day", "Blackout winter 2027 Start -1 Days");
        check("soldes.autumn-sales.2027", "Sale autumn-sales 2027 Start");
        check("window.opens - 1 day - 30 minutes", "Opens -1 Days -30 Minutes");
        check("  window.closes+2 hours ", "Closes +2 Hours");
        check("2027-01-02 08:00", "2027-01-02T08:00:00");
        check("2027-01-02 at 8h", "2027-01-02T08:00:00");
        check("2027-01-02T08:00:00", "2027-01-02T08:00:00");
        check("2027-01-02 8:00 - 1 semaine", "2027-01-02T08:00:00 -1 Weeks");
        check("soldes.winter.2027\u{a0}-\u{202f}4\u{a0}jours", "Sale winter 2027 Start -4 Days");
        check("2027-01-02 8\u{a0}h", "2027-01-02T08:00:00");
        check("2027-01-02 8 h 30 - 1 semaine", "2027-01-02T08:30:00 -1 Weeks");
    }

    #[test]
    fn refusals_say_what_was_expected() {
        check("", "it is empty");
        let anchors = "is neither a legal period (`soldes.winter.2027`, `blackout.winter.2027`), nor `window.opens` or \
                       `window.closes`, nor a date and time (`2027-01-02 08:00`)";
        check("solde.winter.2027", &format!("`solde.winter.2027` {anchors}"));
        check("08:00", &format!("`08:00` {anchors}"));
        for day in ["2027-02-30", "02/01/2027"] {
            let told = format!("there is no day `{day}`; write year, month and day, as in `2027-01-02`");
            check(&format!("{day} 08:00"), &told);
        }
        check("2027-01-02", "`2027-01-02` lacks the time of day, as in `2027-01-02 08:00`");
        let zone = "names its own offset; write the time of day as people there read it, the window says the zone";
        check("2027-01-02T08:00:00Z", &format!("`2027-01-02T08:00:00Z` {zone}"));
        let full = "is not a period's full name, as in `soldes.winter.2027` or `soldes.winter.2027.end`";
        check("soldes.winter", &format!("`soldes.winter` {full}"));
        check("soldes.winter.27", &format!("`soldes.winter.27` {full}"));
        check("soldes.winter.2027.middle", &format!("`soldes.winter.2027.middle` {full}"));
        check("window.opens 08:00", "after the anchor come `+ N days`, `- N days` or `at HH:MM`, not `08:00`");
        check("window.opens - four days", "`four` is not a whole number from 1 to 100000");
        check("window.opens - 0 days", "`0` is not a whole number from 1 to 100000");
        check("window.opens - 4", "it stops after `- 4`");
        check("window.opens - 4 months", "`months` is not a unit of time: write weeks, days, hours or minutes");
        check("window.opens at", "it stops after `at`");
        check("window.opens at 24:00", "`24:00` is not a time of day such as `08:00`");
        check("window.opens at 08:00 - 1 day", "`at` and its time come last, but `-` follows");
        let undone = "`at` sets the time of day, so the hours or minutes before it would have no meaning";
        check("window.opens - 1 hour at 08:00", undone);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = text.parse::<Expression>();
        }

        #[test]
        fn nor_does_text_that_is_nearly_right(
            words in proptest::collection::vec(
                prop::sample::select(vec!["soldes", ".winter", ".2027", "window.opens", " - ", "+", " 4 ", "days", " at ",
                    "08:00", "8h", "2027-01-02", "T", "é", "\u{a0}"]), 0..9),
        ) {
            let text = words.concat();
            if let Ok(parsed) = text.parse::<Expression>() {
                prop_assert_eq!(&parsed.as_str().parse::<Expression>().unwrap(), &parsed);
            }
        }
    }
}
