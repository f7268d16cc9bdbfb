//! Moments as people write them beside a sale, in the languages of mailings: a weekday, a day, an hour, or several together,
//! « samedi 2 janvier à 8 h », "Saturday at 8 a.m.", „Samstag um 8 Uhr“; and how long they say that it lasts. What a text may
//! state is for others to judge.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::PlacedText;
use super::date::{DateWords, StatedDay};
use super::law;
use super::pattern::PatternList;
use super::reading::{self, RunKind};
use super::sentence::sentences;
use super::token::{Token, Vocabulary, tokens};

/// What a moment is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedEdge {
    /// An opening, or a start.
    Opens,
    /// A closing, or an end.
    Closes,
}

/// An hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedTime {
    /// Hour and minute.
    At(u32, u32),
    /// « minuit »: the end of a day as much as the start of the next.
    Midnight,
}

/// A moment that a text states, as far as it does.
#[derive(Clone, Debug)]
pub struct StatedMoment {
    /// The bytes of the document that say it.
    pub span: Range<usize>,
    /// The weekday.
    pub weekday: Option<Weekday>,
    day: Option<StatedDay>,
    /// The hour.
    pub time: Option<StatedTime>,
    /// What it is said of, when a word before it tells.
    pub edge: Option<StatedEdge>,
    /// Whether the sentence speaks of the sale, of its shop or of its prices, or of nothing but the moment.
    pub is_of_sale: bool,
}

impl StatedMoment {
    /// Whether it names the day of a month, and not a weekday or an hour alone.
    pub fn has_day(&self) -> bool {
        self.day.is_some()
    }

    /// Whether it can be on `date`.
    pub fn is_on(&self, date: Date) -> bool {
        self.weekday.is_none_or(|weekday| weekday == date.weekday()) && self.day.is_none_or(|day| day.names(date))
    }
}

/// How long a text says that the sale lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedLength {
    /// The bytes of the document that say it.
    pub span: Range<usize>,
    /// How many.
    pub number: u32,
    /// Whether they are hours; days otherwise.
    pub in_hours: bool,
}

/// A sentence of at most so many words says nothing but a moment.
const BARE: usize = 5;
/// How many words after an hour may say that it is one of the evening.
const EVENING_WITHIN: usize = 3;

/// The words that hours are made from, and that say what a moment is said of; `config/wording/context.toml` says what each
/// list is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MomentWords {
    weekdays: [Vec<String>; 7],
    hours: Vec<String>,
    before_noon: Vec<String>,
    after_noon: Vec<String>,
    midnight: Vec<String>,
    noon: Vec<String>,
    before_hour: Vec<String>,
    between_hours: Vec<String>,
    between_weekday_and_day: Vec<String>,
    counted_weekdays: [String; 5],
    after_counted_weekday: Vec<String>,
    before_feast: Vec<String>,
    feasts: Vec<String>,
    bare_hours: BTreeMap<String, Vec<String>>,
    after_bare_hour: Vec<String>,
    evening: Vec<String>,
    range_begins: Vec<String>,
    opens: Vec<String>,
    closes: Vec<String>,
    of_sale: PatternList,
    elsewhere: PatternList,
    length_units: LengthUnits,
    lasts: Vec<String>,
    of_something: Vec<String>,
    not_of_sale: PatternList,
    numbers: [Vec<String>; 9],
}

/// What lengths of time are counted in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthUnits {
    days: Vec<String>,
    hours: Vec<String>,
}

/// The moments that `text` states, in its order.
pub fn stated_moments(text: &PlacedText<'_>) -> Vec<StatedMoment> {
    in_sentences(text, moments_of)
}

/// How long `text` says that the sale lasts, in its order.
pub fn stated_lengths(text: &PlacedText<'_>) -> Vec<StatedLength> {
    in_sentences(text, lengths_of)
}

fn moments_of(sentence: &Sentence<'_>) -> Vec<StatedMoment> {
    sentence.moments()
}

fn lengths_of(sentence: &Sentence<'_>) -> Vec<StatedLength> {
    sentence.lengths()
}

/// What `find` finds in each sentence of `text` that speaks of nothing else than the sale.
fn in_sentences<T>(text: &PlacedText<'_>, find: impl Fn(&Sentence<'_>) -> Vec<T>) -> Vec<T> {
    // What is wrong with the word lists is a finding of the check of words.
    let Ok(wording) = law::built_in() else { return Vec::new() };
    let strands = reading::read(&text.document.text, text.span.clone(), text.kind.form(), text.writing);
    let (dates, words, language) = (&wording.dates, &wording.moments, text.language.as_deref());
    let mut found = Vec::new();
    for strand in strands.iter().filter(|strand| strand.kind == RunKind::Prose) {
        let tokens = tokens(strand, &Vocabulary::default());
        for sentence in sentences(&tokens, dates) {
            let sentence = Sentence { tokens: tokens.get(sentence).unwrap_or_default(), dates, words, language };
            if !sentence.has(&words.elsewhere) {
                found.extend(find(&sentence));
            }
        }
    }
    found
}

struct Sentence<'a> {
    tokens: &'a [Token],
    dates: &'a DateWords,
    words: &'a MomentWords,
    language: Option<&'a str>,
}

fn is_one_of(token: &Token, words: &[String]) -> bool {
    words.iter().any(|word| token.latin() == word || token.marked == **word)
}

impl Sentence<'_> {
    fn moments(&self) -> Vec<StatedMoment> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            match self.moment(at) {
                (Some(moment), next) => {
                    found.push(moment);
                    at = next;
                }
                (None, next) => at = next.max(at + 1),
            }
        }
        found
    }

    fn is(&self, at: usize, words: &[String]) -> bool {
        self.tokens.get(at).is_some_and(|token| is_one_of(token, words))
    }

    /// The moment that begins at a token, and the token after it. Hours that people are there, « de 10 h à 19 h », are none.
    fn moment(&self, at: usize) -> (Option<StatedMoment>, usize) {
        let (weekday, mut next) = match self.weekday(at) {
            Some((weekday, next)) => (Some(weekday), next),
            None => (None, at),
        };
        let day_at = next + usize::from(weekday.is_some() && self.is(next, &self.words.between_weekday_and_day));
        let day = self.day(day_at, weekday.is_some());
        if let Some((_, used)) = day {
            next = day_at + used;
        }
        let (mut time, from) = (None, next);
        let bare = weekday.is_none() && day.is_none();
        let led = self.is(from, &self.words.before_hour);
        if let Some((found, after)) = self.time(from + usize::from(led)).filter(|_| led || !bare) {
            let goes_on = self.is(after, &self.words.between_hours) && self.time(after + 1).is_some();
            let begun = at.checked_sub(2).is_some_and(|before| {
                self.is(at, &self.words.between_hours) && (self.ends_time(before, at) || self.begins_range(before))
            });
            next = if goes_on { self.time(after + 1).map_or(after, |(_, end)| end) } else { after };
            time = (!goes_on && !begun).then_some(found);
        }
        let is_said = weekday.is_some() || day.is_some() || time.is_some();
        let start = if bare { from + usize::from(led) } else { at };
        let (Some(first), Some(last), true) =
            (self.tokens.get(start), next.checked_sub(1).and_then(|last| self.tokens.get(last)), is_said)
        else {
            return (None, next);
        };
        let moment = StatedMoment {
            is_of_sale: self.tokens.len() <= BARE || self.has(&self.words.of_sale),
            span: first.span.start..last.span.end,
            weekday,
            day: day.map(|(day, _)| day),
            time,
            edge: self.edge(at + usize::from(bare && led)),
        };
        (Some(moment), next)
    }

    /// Whether the hour of « 10 h à 19 h » ends right before the token `at`.
    fn ends_time(&self, from: usize, at: usize) -> bool {
        (from.saturating_sub(2)..=from).any(|start| self.time(start).is_some_and(|(_, end)| end == at))
    }

    /// Whether a number alone begins a stretch of hours: « de 10 à 19 h ».
    fn begins_range(&self, at: usize) -> bool {
        self.is(at, &self.words.range_begins) && self.tokens.get(at + 1).is_some_and(|token| token.number().is_some())
    }

    /// Whether one of `patterns` stands anywhere in the sentence.
    fn has(&self, patterns: &PatternList) -> bool {
        patterns.is_in(self.tokens, &(0..self.tokens.len()))
    }

    /// The weekday at a token, and the token after it. Feasts are no days of the schedule.
    fn weekday(&self, at: usize) -> Option<(Weekday, usize)> {
        let token = self.tokens.get(at)?;
        let counted = || {
            let index = self.words.counted_weekdays.iter().position(|name| token.latin() == *name)?;
            self.is(at + 1, &self.words.after_counted_weekday).then_some((index, at + 2))
        };
        let named = self.words.weekdays.iter().position(|names| is_one_of(token, names));
        let (index, next) = named.map(|index| (index, at + 1)).or_else(counted)?;
        let after_feast = at.checked_sub(1).is_some_and(|before| self.is(before, &self.words.before_feast));
        let is_feast = after_feast || (next..next + 2).any(|at| self.is(at, &self.words.feasts));
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()?;
        (!is_feast).then_some((weekday, next))
    }

    /// The day at a token, and how many tokens say it. Two bare numbers are a day only after a weekday or with a year.
    fn day(&self, at: usize, after_weekday: bool) -> Option<(StatedDay, usize)> {
        let tokens = self.tokens.get(at..)?;
        let (day, used) = self.dates.day_at_start(tokens)?;
        let in_figures =
            tokens.first()?.number().is_some() && tokens.get(1).is_some_and(|token| token.number().is_some());
        (!in_figures || used == 3 || after_weekday).then_some((day, used))
    }

    /// The hour at a token, and the token after it.
    fn time(&self, at: usize) -> Option<(StatedTime, usize)> {
        let (time, next) = self.time_of_day(at)?;
        let time = match time {
            StatedTime::At(hour @ 1..=11, minute) if self.is_evening(next) => StatedTime::At(hour + 12, minute),
            time => time,
        };
        Some((time, next))
    }

    fn is_evening(&self, after: usize) -> bool {
        let close = self.tokens.get(after..).unwrap_or_default().iter().take(EVENING_WITHIN);
        close.into_iter().any(|token| is_one_of(token, &self.words.evening))
    }

    fn time_of_day(&self, at: usize) -> Option<(StatedTime, usize)> {
        if self.is(at, &self.words.midnight) {
            return Some((StatedTime::Midnight, at + 1));
        }
        if self.is(at, &self.words.noon) {
            return Some((StatedTime::At(12, 0), at + 1));
        }
        let number = |at: usize| self.tokens.get(at).and_then(Token::number);
        let beside =
            |at: usize, marks: &[&str]| self.tokens.get(at).is_some_and(|token| marks.contains(&token.before.trim()));
        let hour = number(at).filter(|hour| *hour <= 24)?;
        let minute = |at: usize| number(at).filter(|minute| *minute < 60);
        if self.is(at + 1, &self.words.hours) {
            let minutes = minute(at + 2).filter(|_| beside(at + 2, &[""]));
            return Some((clock(hour, minutes.unwrap_or(0)), at + 2 + usize::from(minutes.is_some())));
        }
        let minutes = minute(at + 1).filter(|_| beside(at + 1, &[":", "."]));
        let after = at + 1 + usize::from(minutes.is_some());
        if minutes.is_some() && self.is(after, &self.words.hours) {
            return Some((clock(hour, minutes.unwrap_or(0)), after + 1));
        }
        let half = [(&self.words.before_noon, false), (&self.words.after_noon, true)];
        let half = half.into_iter().find_map(|(words, is_after)| Some((is_after, self.half(after, words)?)));
        match half {
            Some((is_after, end)) if (1..=12).contains(&hour) => {
                Some((StatedTime::At(hour % 12 + if is_after { 12 } else { 0 }, minutes.unwrap_or(0)), end))
            }
            None if minutes.is_some() && beside(at + 1, &[":"]) => Some((clock(hour, minutes.unwrap_or(0)), after)),
            None if self.is_bare_hour(at, after) => Some((clock(hour, minutes.unwrap_or(0)), after)),
            _ => None,
        }
    }

    /// Whether the number at a token is an hour by the word before it alone, « alle 8 », and counts nothing.
    fn is_bare_hour(&self, at: usize, after: usize) -> bool {
        let led_by = self.language.and_then(|language| self.words.bare_hours.get(language));
        let is_led = led_by.zip(at.checked_sub(1)).is_some_and(|(words, before)| self.is(before, words));
        let is_alone = self.tokens.get(after).is_none_or(|next| {
            next.before.contains(|mark: char| !mark.is_whitespace()) || is_one_of(next, &self.words.after_bare_hour)
        });
        is_led && is_alone
    }

    /// How long the sentence says that the sale lasts.
    fn lengths(&self) -> Vec<StatedLength> {
        if self.has(&self.words.not_of_sale) {
            return Vec::new();
        }
        let number = |token: &Token| {
            let in_words = || self.words.numbers.iter().position(|names| is_one_of(token, names));
            token.number().or_else(|| u32::try_from(in_words()? + 2).ok())
        };
        let stated = |at: usize| {
            let (first, unit) = (self.tokens.get(at)?, self.tokens.get(at + 1)?);
            let in_hours = is_one_of(unit, &self.words.length_units.hours);
            if !in_hours && !is_one_of(unit, &self.words.length_units.days) {
                return None;
            }
            let before = self.tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
            let is_led = before.iter().any(|token| is_one_of(token, &self.words.lasts));
            // An hour of the day looks the same: « à 8 h de chez vous », « 8 h du matin ».
            let is_followed = self.is(at + 2, &self.words.of_something) && !(in_hours && self.is_led_hour(at));
            let number = number(first).filter(|_| is_led || is_followed)?;
            Some(StatedLength { span: first.span.start..unit.span.end, number, in_hours })
        };
        (0..self.tokens.len()).filter_map(stated).collect()
    }

    fn is_led_hour(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| self.is(before, &self.words.before_hour) || self.weekday(before).is_some())
    }

    /// The token after `am`, or `a.m.`, of which each letter is a word.
    fn half(&self, at: usize, words: &[String]) -> Option<usize> {
        if self.is(at, words) {
            return Some(at + 1);
        }
        let (first, second) = (self.tokens.get(at)?, self.tokens.get(at + 1)?);
        words.contains(&[first.latin(), second.latin()].concat()).then_some(at + 2)
    }

    /// What the nearest word before a token says that a moment is.
    fn edge(&self, at: usize) -> Option<StatedEdge> {
        self.tokens.get(..at)?.iter().rev().find_map(|token| {
            let closes = is_one_of(token, &self.words.closes).then_some(StatedEdge::Closes);
            closes.or_else(|| is_one_of(token, &self.words.opens).then_some(StatedEdge::Opens))
        })
    }
}

fn clock(hour: u32, minute: u32) -> StatedTime {
    if (hour, minute) == (24, 0) { StatedTime::Midnight } else { StatedTime::At(hour, minute) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::words::TextKind;
    use crate::document::Document;

    /// Each moment as `words | weekday | hour | edge`.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        check_in(None, text, expected);
    }

    #[track_caller]
    fn check_in(language: Option<&str>, text: &str, expected: &[&str]) {
        let document = Document::new("text", text);
        let placed = PlacedText::whole(&document, TextKind::TextBody);
        let found: Vec<String> = stated_moments(&PlacedText { language: language.map(str::to_owned), ..placed })
            .into_iter()
            .map(|moment| {
                let weekday = moment.weekday.map_or_else(String::new, |weekday| format!("{weekday:?} "));
                let time = match moment.time {
                    Some(StatedTime::At(hour, minute)) => format!("{hour}:{minute:02} "),
                    Some(StatedTime::Midnight) => "midnight ".to_owned(),
                    None => String::new(),
                };
                let edge = moment.edge.map_or_else(String::new, |edge| format!("{edge:?}"));
                format!("{} | {weekday}{time}{edge}", &document.text[moment.span]).trim_end().to_owned()
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        check("Les journées ouvrent samedi à 8\u{a0}h", &["samedi à 8\u{a0}h | Saturday 8:00 Opens"]);
        check("Our magic days open on Saturday at 8 a.m.", &["Saturday at 8 a.m | Saturday 8:00 Opens"]);
        check("Dès samedi 2 janvier 2027, 8h30", &["samedi 2 janvier 2027, 8h30 | Saturday 8:30 Opens"]);
        check("Jusqu’au mardi 5 janvier à minuit", &["mardi 5 janvier à minuit | Tuesday midnight Closes"]);
        check(
            "It ends on Wednesday, January 6 at 8:30 pm",
            &["Wednesday, January 6 at 8:30 pm | Wednesday 20:30 Closes"],
        );
        check("Rendez-vous à 8 h", &["8 h | 8:00"]);
        check("at noon", &["noon | 12:00"]);
        check("le 02/01/2027 et samedi 2/1", &["02/01/2027 |", "samedi 2/1 | Saturday"]);
        check("Jusqu’à samedi, 8 h du soir", &["samedi, 8 h | Saturday 20:00 Closes"]);
        check("Ouverture samedi. Fin mercredi.", &["samedi | Saturday Opens", "mercredi | Wednesday Closes"]);
    }

    #[test]
    fn moments_are_read_in_every_language_of_mailings() {
        let check = |language: &str, text: &str, expected: &[&str]| check_in(Some(language), text, expected);
        check("nl", "Opent zaterdag om 8 uur", &["zaterdag om 8 uur | Saturday 8:00 Opens"]);
        check(
            "nl",
            "Tot woensdag 6 januari om 20.30 uur",
            &["woensdag 6 januari om 20.30 uur | Wednesday 20:30 Closes"],
        );
        check("nl", "Vanaf vrijdag 8u", &["vrijdag 8u | Friday 8:00 Opens"]);
        check(
            "de",
            "Beginnt am Samstag, dem 2. Januar, um 8 Uhr",
            &["Samstag, dem 2. Januar, um 8 Uhr | Saturday 8:00 Opens"],
        );
        check("de", "Bis Mittwoch um 8 Uhr abends", &["Mittwoch um 8 Uhr | Wednesday 20:00 Closes"]);
        check("it", "Si apre sabato alle 8.", &["sabato alle 8 | Saturday 8:00 Opens"]);
        check(
            "it",
            "Fino a mercoledì 6 gennaio alle 20.30",
            &["mercoledì 6 gennaio alle 20.30 | Wednesday 20:30 Closes"],
        );
        check("es", "Abre el sábado a las 8 h", &["sábado | Saturday Opens", "8 h | 8:00 Opens"]);
        check("es", "Hasta el miércoles 6 de enero", &["miércoles 6 de enero | Wednesday Closes"]);
        check("pt", "Abre na sexta-feira às 8h", &["sexta-feira às 8h | Friday 8:00 Opens"]);
        check("pt", "Até quarta-feira, 6 de janeiro", &["quarta-feira, 6 de janeiro | Wednesday Closes"]);
    }

    #[test]
    fn what_looks_alike_in_another_language_is_no_moment() {
        let check = |language: &str, text: &str| check_in(Some(language), text, &[]);
        check("nl", "Elke dag van 10 tot 19 uur");
        check("de", "Täglich von 10 bis 19 Uhr, alle 8 Modelle");
        check("it", "Alle 8 clienti più fedeli");
        check("es", "Todas las 8 tallas, de 10 a 19 h");
        check("pt", "Segunda peça a metade do preço, quinta edição");
        check("fr", "Black Friday, fermeture exceptionnelle le lundi de Pâques");
        check("fr", "Points à utiliser avant le 31 mars");
        check("de", "Ostermontag und Karfreitag geschlossen");
    }

    #[test]
    fn a_length_is_told_from_other_stretches_of_time() {
        let lengths = |text: &str| -> Vec<String> {
            let document = Document::new("text", text);
            let found = stated_lengths(&PlacedText::whole(&document, TextKind::Subject));
            found
                .into_iter()
                .map(|length| format!("{} {}", length.number, if length.in_hours { "h" } else { "d" }))
                .collect()
        };
        for (text, expected) in [
            ("4 jours de magie", "4 d"),
            ("Quatre jours de magie", "4 d"),
            ("Pendant 48 heures", "48 h"),
            ("4 days of magic", "4 d"),
            ("Vier dagen lang", "4 d"),
            ("Nur 4 Tage lang", "4 d"),
            ("Quattro giorni di magia", "4 d"),
            ("Cuatro días de magia", "4 d"),
            ("Só durante 4 dias", "4 d"),
        ] {
            assert_eq!(lengths(text), [expected], "{text}");
        }
        for text in [
            "30 jours pour changer d’avis",
            "Retours pendant 30 jours",
            "Le prix le plus bas des 30 derniers jours",
            "Plus que 3 jours",
            "Dans 4 jours",
            "Samedi 8 h de bonne heure",
            "30 Tage Rückgaberecht",
            "14 dagen bedenktijd",
        ] {
            assert_eq!(lengths(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_looks_alike_is_no_moment() {
        for text in [
            "Livraison en 24 h, des 48 heures de plaisir",
            "Nos boutiques vous accueillent de 10 h à 19 h",
            "Open from 10 am to 7 pm",
            "2-3 paires, 1/2 prix, 8 modèles",
            "May we help? A mars bar",
            "{opens}",
        ] {
            check(text, &[]);
        }
    }
}
