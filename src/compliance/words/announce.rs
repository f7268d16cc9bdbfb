//! When a sentence announces a sale that is coming: which day it gives to the reserved word, and what takes that day back.
//!
//! A day speaks for the word in whose sentence it stands, and for that of the sentence beside it when that one states none.
//! It speaks for nothing beside « déjà », « dès maintenant », or an earlier day for some people.

use std::ops::Range;

use serde::Deserialize;

use super::date::{DateWords, StatedDay};
use super::pattern::PatternList;
use super::token::Token;
use super::word_set::WordSet;

/// How many words may stand between the reserved word and one that says that the sale has begun.
const BESIDE: usize = 3;
/// How far from such a word one that only asks to take a note may stand.
const ASKED: usize = 3;

/// The words that give a day to a sale, or take it back; `config/wording/context.toml` says what each list is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnouncementWords {
    light: WordSet,
    copulas: WordSet,
    from: WordSet,
    already: PatternList,
    contrasts: PatternList,
    preparing: WordSet,
    apart: WordSet,
    before_person: WordSet,
    persons: WordSet,
}

/// The days that are stated for one use of a reserved word.
#[derive(Clone, Debug, Default)]
pub(super) struct AnnouncedDays {
    /// Every day on which something starts, in the sentence or, when it states no day at all, in the one beside it.
    pub(super) starts: Vec<StatedDay>,
    /// Those among them that can only be the start of this very sale: the day right at the word, and a day for some people.
    pub(super) bound: Vec<StatedDay>,
    /// Whether any day is named there, a start or not.
    pub(super) is_any_named: bool,
}

impl AnnouncementWords {
    /// The days of the use at `word`, in the sentence at `index`.
    pub(super) fn days(
        &self,
        dates: &DateWords,
        tokens: &[Token],
        sentences: &[Range<usize>],
        index: usize,
        word: &Range<usize>,
    ) -> AnnouncedDays {
        let placed = |at: Option<usize>| {
            let range = at.and_then(|at| sentences.get(at)).cloned().unwrap_or_default();
            dates.placed_days(tokens, range)
        };
        let own = placed(Some(index));
        let starts = |days: &[(Range<usize>, StatedDay)]| -> Vec<StatedDay> {
            days.iter().map(|(_, day)| *day).filter(|day| !day.is_end).collect()
        };
        if !own.is_empty() {
            return AnnouncedDays { starts: starts(&own), bound: self.bound(tokens, &own, word), is_any_named: true };
        }
        let beside = [placed(Some(index + 1)), placed(index.checked_sub(1))];
        let is_any_named = beside.iter().any(|days| !days.is_empty());
        let starts = beside.iter().map(|days| starts(days)).find(|starts| !starts.is_empty());
        AnnouncedDays { starts: starts.unwrap_or_default(), bound: Vec::new(), is_any_named }
    }

    /// The days on which something starts in the first of `sentences` that names any: those of a text that stands below a
    /// heading which names none.
    pub(super) fn days_below(
        dates: &DateWords,
        tokens: &[Token],
        sentences: impl IntoIterator<Item = Range<usize>>,
    ) -> AnnouncedDays {
        let days = sentences.into_iter().map(|sentence| dates.placed_days(tokens, sentence));
        let first = days.into_iter().find(|days| !days.is_empty()).unwrap_or_default();
        let is_any_named = !first.is_empty();
        let starts = first.into_iter().map(|(_, day)| day).filter(|day| !day.is_end).collect();
        AnnouncedDays { starts, bound: Vec::new(), is_any_named }
    }

    fn bound(&self, tokens: &[Token], own: &[(Range<usize>, StatedDay)], word: &Range<usize>) -> Vec<StatedDay> {
        let starts = || own.iter().filter(|(_, day)| !day.is_end);
        let after = starts().find(|(at, _)| at.start >= word.end && self.is_light(tokens, word.end..at.start));
        let before = || starts().rfind(|(at, _)| at.end <= word.start && self.leads_to(tokens, at, word));
        let right_at = after.or_else(before);
        let for_some = starts().filter(|(at, _)| self.is_for_some(tokens, at.start));
        right_at.into_iter().chain(for_some).map(|(_, day)| *day).collect()
    }

    fn is_light(&self, tokens: &[Token], between: Range<usize>) -> bool {
        let is_year = |token: &Token| token.number().is_some_and(|number| (2000..2100).contains(&number));
        let between = tokens.get(between).unwrap_or_default();
        between.iter().all(|token| self.light.has(token) || is_year(token))
    }

    /// Whether the day before the word is its own: « le 2 janvier, ce sont les soldes », « dès le 2 janvier, soldes ». After a
    /// comma alone it is a day of something else: « fermé le 1er janvier, soldes le 6 ».
    fn leads_to(&self, tokens: &[Token], day: &Range<usize>, word: &Range<usize>) -> bool {
        let between = tokens.get(day.end..word.start).unwrap_or_default();
        let is_parted = tokens.get(day.end..=word.start).unwrap_or_default().iter().any(|token| {
            let mark = token.before.trim();
            !mark.is_empty() && mark != "'" && mark != "’"
        });
        let lead = tokens.get(..day.start).unwrap_or_default().iter().rev();
        let is_led = lead.take(3).any(|token| self.from.has(token));
        let is_copula = between.iter().any(|token| self.copulas.has(token));
        self.is_light(tokens, day.end..word.start) && (!is_parted || is_led || is_copula)
    }

    /// Whether the day that starts at `at` is one for some people: « pour vous dès le 2 janvier ».
    fn is_for_some(&self, tokens: &[Token], at: usize) -> bool {
        let mut before = tokens.get(..at).unwrap_or_default().iter().rev();
        let person = before.find(|token| !self.light.has(token) || self.persons.has(token));
        person.is_some_and(|token| self.persons.has(token))
            && before.next().is_some_and(|token| self.before_person.has(token))
    }

    /// Whether the words around `word`, in the sentence at `index`, say that its sale has begun, or begins before its day for
    /// some.
    pub(super) fn is_under_way(
        &self,
        tokens: &[Token],
        sentences: &[Range<usize>],
        index: usize,
        word: &Range<usize>,
    ) -> bool {
        let Some(sentence) = sentences.get(index) else { return false };
        let next = sentences.get(index + 1);
        self.contrasts.is_in(tokens, sentence)
            || self.already.found(tokens, sentence).iter().any(|said| self.is_marked(tokens, sentence, word, said))
            || next.is_some_and(|next| self.contrasts.is_at(tokens, next, next.start))
    }

    /// Whether the words `said`, which say that something has begun, say so of `word`.
    fn is_marked(&self, tokens: &[Token], sentence: &Range<usize>, word: &Range<usize>, said: &Range<usize>) -> bool {
        let (at, end) = (said.start, said.end);
        let (between, is_before) = if end <= word.start { (end..word.start, true) } else { (word.end..at, false) };
        if between.start > between.end || between.len() > BESIDE {
            return false;
        }
        let between = tokens.get(between).unwrap_or_default();
        let is_apart = |token: &Token| self.apart.has(token);
        let comma = tokens.get(end..=word.start).unwrap_or_default().iter().any(|token| token.before.contains(','));
        // « Aujourd’hui, c’est les soldes » against « découvrez-nous aujourd’hui, soldes le 6 janvier ».
        let is_said_of_it = between.iter().any(|token| self.copulas.has(token));
        if between.iter().any(is_apart) || is_before && comma && !is_said_of_it {
            return false;
        }
        let around = at.saturating_sub(ASKED).max(sentence.start)..(end + ASKED).min(sentence.end);
        let around = tokens.get(around).unwrap_or_default();
        !around.iter().any(|token| self.preparing.has(token))
    }
}
