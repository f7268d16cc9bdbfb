//! Moments as people write them beside a sale: a weekday, a day, an hour, or several together: « samedi 2 janvier à 8 h »,
//! "Saturday at 8 a.m.". Which moments a text may state is for others to judge.

use std::ops::Range;

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::PlacedText;
use super::date::{DateWords, StatedDay};
use super::law;
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
    opens: Vec<String>,
    closes: Vec<String>,
}

/// The moments that `text` states, in its order.
pub fn stated_moments(text: &PlacedText<'_>) -> Vec<StatedMoment> {
    // What is wrong with the word lists is a finding of the check of words.
    let Ok(wording) = law::built_in() else { return Vec::new() };
    let strands = reading::read(&text.document.text, text.span.clone(), text.kind.form(), text.writing);
    let mut found = Vec::new();
    for strand in strands.iter().filter(|strand| strand.kind == RunKind::Prose) {
        let tokens = tokens(strand, &Vocabulary::default());
        for sentence in sentences(&tokens, &wording.dates) {
            let sentence = tokens.get(sentence).unwrap_or_default();
            found.extend(Sentence { tokens: sentence, dates: &wording.dates, words: &wording.moments }.moments());
        }
    }
    found
}

struct Sentence<'a> {
    tokens: &'a [Token],
    dates: &'a DateWords,
    words: &'a MomentWords,
}

fn is_one_of(token: &Token, words: &[String]) -> bool {
    words.contains(&token.latin) || words.contains(&token.marked)
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
            Some(weekday) => (Some(weekday), at + 1),
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
            let begun = at
                .checked_sub(2)
                .is_some_and(|before| self.is(at, &self.words.between_hours) && self.ends_time(before, at));
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

    fn weekday(&self, at: usize) -> Option<Weekday> {
        let token = self.tokens.get(at)?;
        let index = self.words.weekdays.iter().position(|names| is_one_of(token, names))?;
        Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
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
        let half = [(&self.words.before_noon, false), (&self.words.after_noon, true)];
        let half = half.into_iter().find_map(|(words, is_after)| Some((is_after, self.half(after, words)?)));
        match half {
            Some((is_after, end)) if (1..=12).contains(&hour) => {
                Some((StatedTime::At(hour % 12 + if is_after { 12 } else { 0 }, minutes.unwrap_or(0)), end))
            }
            None if minutes.is_some() && beside(at + 1, &[":"]) => Some((clock(hour, minutes.unwrap_or(0)), after)),
            _ => None,
        }
    }

    /// The token after `am`, or `a.m.`, of which each letter is a word.
    fn half(&self, at: usize, words: &[String]) -> Option<usize> {
        if self.is(at, words) {
            return Some(at + 1);
        }
        let (first, second) = (self.tokens.get(at)?, self.tokens.get(at + 1)?);
        words.contains(&format!("{}{}", first.latin, second.latin)).then_some(at + 2)
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
        let document = Document::new("text", text);
        let found: Vec<String> = stated_moments(&PlacedText::whole(&document, TextKind::TextBody))
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
        check("Ouverture samedi. Fin mercredi.", &["samedi | Saturday Opens", "mercredi | Wednesday Closes"]);
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
