//! Whether a word that the law reserves is used in the law's sense.

use std::ops::Range;

use super::announce::{AnnouncedDays, AnnouncementWords};
use super::law::{Topic, WordFamily, WordLaw, WordLaws};
use super::pattern::{AroundList, FoundPattern, PatternList};
use super::reading::{BLOCK, RunKind, TextRun};
use super::sentence::sentences;
use super::token::{Token, tokens};

/// How many words on either side count as near.
const NEAR: usize = 6;
/// A heading of at most this many words is read together with the sentence after it.
const HEADING: usize = 6;
/// An answer of at most this many words is read together with its question.
const ANSWER: usize = 14;

/// A reserved word used in the reserved sense.
#[derive(Clone, Debug)]
pub(super) struct Match<'a> {
    pub(super) family: &'a WordFamily,
    /// The bytes of the text.
    pub(super) span: Range<usize>,
    /// Where its words say so only together: those, each as bytes of the text.
    pub(super) together: Vec<Range<usize>>,
    /// The sentence, as tokens, with the one after it when it is no more than a heading.
    pub(super) sentence: Vec<Token>,
    /// The days that are stated for it.
    pub(super) days: AnnouncedDays,
    /// Whether the sentence looks ahead to what has not begun.
    pub(super) looks_ahead: bool,
    /// Whether the sentence says that the sale has begun, whatever day it names.
    pub(super) is_under_way: bool,
}

/// The words of a strand, in sentences, with the forms of families of words that stand there. It is made once, and asked about
/// every market.
#[derive(Debug)]
pub(super) struct WordsInSentences {
    tokens: Vec<Token>,
    sentences: Vec<Range<usize>>,
    /// For each sentence: the forms that stand there, by the number of their family and their place.
    forms: Vec<Vec<FoundPattern>>,
    /// For each sentence: the families that its words speak of only together, by their numbers, each with those words.
    together: Vec<Vec<(usize, Vec<Range<usize>>)>>,
}

impl WordsInSentences {
    /// The words of `strand`, written in `language` when that is known.
    pub(super) fn of(strand: &TextRun, language: Option<&str>, wording: &WordLaws) -> Self {
        let tokens = tokens(strand, &wording.vocabulary);
        let whole = 0..tokens.len();
        let sentences =
            if strand.kind == RunKind::Prose { sentences(&tokens, &wording.dates) } else { Vec::from([whole]) };
        let form = |number: usize, own: usize| {
            let family = wording.families.get(number).filter(|family| speaks(family, language))?;
            // The index numbers the names of fields after the forms.
            match strand.kind {
                RunKind::Field => family.fields.get(own.checked_sub(family.forms.len())?),
                _ => family.forms.get(own),
            }
        };
        let forms = sentences.iter().map(|sentence| wording.index.found(&tokens, sentence, form)).collect();
        let read = 0..if strand.kind == RunKind::Prose { sentences.len() } else { 0 };
        let mut together: Vec<Vec<(usize, Vec<Range<usize>>)>> =
            read.map(|index| said_together(&tokens, &sentences, index, language, wording)).collect();
        // What a heading says with the sentence below is not said again where that sentence says it alone.
        let alone: Vec<Vec<usize>> =
            together.iter().map(|said| said.iter().map(|(family, _)| *family).collect()).collect();
        for (index, (said, sentence)) in together.iter_mut().zip(&sentences).enumerate() {
            let below = alone.get(index + 1).map(Vec::as_slice).unwrap_or_default();
            let is_shared = |words: &[Range<usize>]| words.last().is_some_and(|last| sentence.end < last.end);
            said.retain(|(family, words)| !(is_shared(words) && below.contains(family)));
        }
        Self { tokens, sentences, forms, together }
    }

    /// All words, in their order.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }
}

/// The families of which the sentence at `index` speaks by several ideas, with the words that stand for these. It is read with the one
/// after it when it is no more than a heading.
fn said_together(
    tokens: &[Token],
    sentences: &[Range<usize>],
    index: usize,
    language: Option<&str>,
    wording: &WordLaws,
) -> Vec<(usize, Vec<Range<usize>>)> {
    let read = with_short(tokens, sentences, index);
    let own_end = sentences.get(index).map_or(0, |sentence| sentence.end);
    let marks = wording.concepts.marks(tokens, &read, language);
    let say = |family: &WordFamily| {
        let marks = marks.iter().filter(|marks| marks.are_in(&family.languages));
        let each = marks.flat_map(|marks| family.combinations.iter().map(move |one| (marks, one)));
        each.into_iter().find_map(|(marks, combination)| {
            let words = marks.say(combination)?;
            let whole = words.first()?.start..words.last()?.end;
            // What the sentence after a heading says by itself is found there.
            let is_own = whole.start < own_end;
            (is_own && is_offence(family, tokens, &read, &whole)).then_some(words)
        })
    };
    let families = wording.families.iter().enumerate().filter(|(_, family)| !family.combinations.is_empty());
    families.filter_map(|(number, family)| Some((number, say(family)?))).collect()
}

/// The days that the text of `strands` names, for the heading above it.
pub(super) fn days_below(strands: &[TextRun], wording: &WordLaws) -> AnnouncedDays {
    let of_strand = |strand: &TextRun| {
        let read = WordsInSentences::of(strand, None, wording);
        AnnouncementWords::days_below(&wording.dates, &read.tokens, read.sentences)
    };
    strands.iter().map(of_strand).find(|days| days.is_any_named).unwrap_or_default()
}

/// The words of `strand` about `topic`, read in `language`, that a law of `country` reserves.
pub(super) fn uses<'a>(
    strand: &TextRun,
    language: Option<&str>,
    country: &str,
    topic: Topic,
    wording: &'a WordLaws,
) -> Vec<Match<'a>> {
    uses_in(&WordsInSentences::of(strand, language, wording), language, country, topic, wording)
}

/// The same of what was read already.
pub(super) fn uses_in<'a>(
    read: &WordsInSentences,
    language: Option<&str>,
    country: &str,
    topic: Topic,
    wording: &'a WordLaws,
) -> Vec<Match<'a>> {
    let WordsInSentences { tokens, sentences, forms, together } = read;
    let concerns = |family: &WordFamily| family.topic == topic && speaks(family, language) && binds(family, country);
    let mut uses = Vec::new();
    for (index, (sentence, forms)) in sentences.iter().zip(forms).enumerate() {
        let (mut taken, mut set_aside): (Vec<Range<usize>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
        // What was judged by itself: its words, the laws about them, and whether they say what these forbid.
        let mut judged: Vec<(Range<usize>, &[WordLaw], bool)> = Vec::new();
        let found_use = |family: &'a WordFamily, word: &Range<usize>, together: &[Range<usize>]| {
            let begun = family.under_way.fits(tokens, sentence, word);
            let is_under_way = begun || wording.announcing.is_under_way(tokens, sentences, index, word);
            let read = tokens.get(with_heading(sentences, index)).unwrap_or_default();
            Match {
                family,
                span: span(tokens, word),
                together: together.iter().map(|words| span(tokens, words)).collect(),
                days: wording.announcing.days(&wording.dates, tokens, sentences, index, word),
                looks_ahead: wording.dates.looks_ahead(read),
                sentence: read.to_vec(),
                is_under_way,
            }
        };
        for forms in forms.chunk_by(|one, other| one.list == other.list) {
            let family = forms.first().and_then(|found| wording.families.get(found.list));
            let Some(family) = family.filter(|family| concerns(family)) else { continue };
            // Small print may set several things aside at once: « hors articles soldés et ventes privées ».
            let is_look_alike = family.laws.is_empty();
            let known: Vec<Range<usize>> =
                if is_look_alike { taken.clone() } else { taken.iter().chain(&set_aside).cloned().collect() };
            for word in occurrences(forms, &known) {
                if is_look_alike {
                    set_aside.push(word);
                    continue;
                }
                let is_offence = is_offence(family, tokens, sentence, &word);
                if is_offence {
                    uses.push(found_use(family, &word, &[]));
                }
                judged.push((word.clone(), &family.laws, is_offence));
                taken.push(word);
            }
        }
        for (family, words) in together.get(index).into_iter().flatten() {
            let Some(family) = wording.families.get(*family).filter(|family| concerns(family)) else { continue };
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            // What a word says by itself is not said again; of a group it is enough to say one thing. Nor is a word that says one thing
            // made to say another, or one that was found innocent of a law to break it.
            let is_said = judged.iter().any(|(word, laws, is_offence)| {
                let shares = laws.iter().any(|law| family.laws.iter().any(|own| own.name == law.name));
                let overlaps = words.iter().any(|own| own.start < word.end && word.start < own.end);
                if *is_offence { shares || overlaps || topic == Topic::Groups } else { shares && overlaps }
            });
            // They take no words from each other.
            let nothing = 0..0;
            if !is_said {
                uses.push(found_use(family, &(first.start..last.end), words));
                judged.push((nothing, &family.laws, true));
            }
        }
    }
    uses
}

/// The numbers beside a sign, and the fractions, that no family of words explains: neither as a claim nor as something else.
pub(super) fn unexplained(read: &WordsInSentences, wording: &WordLaws) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (index, sentence) in read.sentences.iter().enumerate() {
        let stated = wording.figures.stated.found(&read.tokens, sentence);
        if stated.is_empty() {
            continue;
        }
        let by_words = read.forms.get(index).into_iter().flatten().map(|form| &form.words);
        let together = read.together.get(index).into_iter().flatten().flat_map(|(_, words)| words);
        let explained: Vec<&Range<usize>> = by_words.chain(together).collect();
        let is_explained =
            |figure: &Range<usize>| explained.iter().any(|it| it.start < figure.end && figure.start < it.end);
        let mut last = 0;
        for figure in stated {
            if figure.start >= last && !is_explained(&figure) {
                last = figure.end;
                found.push(span(&read.tokens, &figure));
            }
        }
    }
    found
}

fn speaks(family: &WordFamily, language: Option<&str>) -> bool {
    let Some(language) = language else { return true };
    let has = |languages: &[String]| languages.iter().any(|known| known == language);
    (family.languages.is_empty() || has(&family.languages)) && !has(&family.not_languages)
}

/// Whether a law behind the family is one of `country`. Mere look-alikes are known everywhere.
fn binds(family: &WordFamily, country: &str) -> bool {
    family.laws.is_empty() || family.laws.iter().any(|law| law.binds(country))
}

/// The `forms` of a family, in the order of their places, none over words that are taken already or over another one.
fn occurrences(forms: &[FoundPattern], taken: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for FoundPattern { words, .. } in forms {
        let overlaps = |other: &Range<usize>| words.start < other.end && other.start < words.end;
        if !taken.iter().any(overlaps) && !found.iter().any(overlaps) {
            found.push(words.clone());
        }
    }
    found
}

/// The order of the questions: what stands right at the word decides before what stands near it.
fn is_offence(family: &WordFamily, tokens: &[Token], sentence: &Range<usize>, word: &Range<usize>) -> bool {
    let fits = |patterns: &AroundList| patterns.fits(tokens, sentence, word);
    let near = sentence.start.max(word.start.saturating_sub(NEAR))..sentence.end.min(word.end + NEAR);
    let is_near =
        |patterns: &PatternList| near.clone().any(|at| !word.contains(&at) && patterns.is_at(tokens, &near, at));
    if fits(&family.always_innocent) {
        false
    } else if fits(&family.offence) {
        true
    } else if fits(&family.innocent) || is_near(&family.innocent_near) {
        false
    } else if is_near(&family.offence_near) {
        true
    } else {
        !(family.innocent_otherwise || fits(&family.innocent_by_default))
    }
}

fn span(tokens: &[Token], word: &Range<usize>) -> Range<usize> {
    let words = tokens.get(word.clone()).unwrap_or_default();
    let start = words.first().map_or(0, |token| token.span.start);
    start..words.last().map_or(start, |token| token.span.end)
}

/// The sentence at `index`, with the one after it when it is no more than a heading.
fn with_heading(sentences: &[Range<usize>], index: usize) -> Range<usize> {
    let Some(sentence) = sentences.get(index) else { return 0..0 };
    let next = sentences.get(index + 1).filter(|_| sentence.len() <= HEADING);
    sentence.start..next.map_or(sentence.end, |next| next.end)
}

/// The same, and with the one after it in the same paragraph when that is as short, or answers a question: « Envie de connaître nos
/// prix ? Connectez-vous. »
fn with_short(tokens: &[Token], sentences: &[Range<usize>], index: usize) -> Range<usize> {
    let read = with_heading(sentences, index);
    let next = sentences.get(index + 1).filter(|next| next.start == read.end);
    let before = next.and_then(|next| tokens.get(next.start)).map(|first| &*first.before);
    let goes_on = |before: &str, next: &Range<usize>| {
        !before.contains([BLOCK, '\n']) && (next.len() <= HEADING || before.contains('?') && next.len() <= ANSWER)
    };
    match (before, next) {
        (Some(before), Some(next)) if goes_on(before, next) => read.start..next.end,
        _ => read,
    }
}
