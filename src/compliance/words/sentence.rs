//! Where sentences end: a word is judged with the sentence that it stands in.

use std::ops::Range;

use super::date::DateWords;
use super::reading::BLOCK;
use super::token::Token;

/// The sentences of a text, as ranges of its words.
pub(super) fn sentences(tokens: &[Token], dates: &DateWords) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for (index, (previous, token)) in tokens.iter().zip(tokens.iter().skip(1)).enumerate() {
        let index = index + 1;
        if ends_sentence(&token.before, token) && !goes_on(previous, token, dates) {
            sentences.push(from..index);
            from = index;
        }
    }
    if from < tokens.len() {
        sentences.push(from..tokens.len());
    }
    sentences
}

/// Whether the full stop between the words is part of a date, a title or an abbreviation: « 2. Januar », « M. Solder »,
/// « zzgl. Versandkosten ».
fn goes_on(previous: &Token, next: &Token, dates: &DateWords) -> bool {
    let is_title = matches!(previous.latin(), "m" | "mr" | "dr" | "sig" | "sr" | "mw" | "dhr");
    let is_shortened = matches!(previous.latin(), "zzgl" | "inkl" | "exkl" | "incl" | "excl" | "bzw");
    let is_day = previous.number().is_some() && dates.month(next).is_some();
    *next.before == *". " && (previous.capital && is_title || is_shortened || is_day)
}

fn ends_sentence(separator: &str, next: &Token) -> bool {
    if separator.contains(BLOCK) || separator.matches('\n').count() >= 2 {
        return true;
    }
    if separator.contains('\n')
        && separator.trim_start_matches([' ', '\t', '\r', '\n']).starts_with(['-', '*', '•', '–', '—', '·', '▪'])
    {
        return true;
    }
    let mut chars = separator.chars().peekable();
    while let Some(ch) = chars.next() {
        let spaced =
            chars.peek().is_some_and(|next| next.is_whitespace() || matches!(next, '»' | '"' | ')' | '!' | '?' | '.'));
        match ch {
            '!' | '?' | '…' if spaced => return true,
            // « janv. 2027 » and « 8 h. le matin » go on.
            '.' | ';' if spaced => return next.capital || ch == ';',
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::law;
    use super::super::reading::{Form, Writing, read};
    use super::super::token::{Vocabulary, tokens};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[usize]) {
        let strands = read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let tokens = tokens(strands.first().unwrap(), &Vocabulary::default());
        let lengths: Vec<usize> =
            sentences(&tokens, &law::built_in().as_ref().unwrap().dates).into_iter().map(|range| range.len()).collect();
        assert_eq!(lengths, expected, "{text}");
    }

    #[test]
    fn sentences_end_where_a_reader_pauses() {
        check("Dès le 6 janv. 2027 à 8 h. Venez ! Oui", &[8, 1, 1]);
        check("Ab 2. Januar: Verkauf. Komm", &[4, 1]);
        check("M. Solder vous reçoit. Merci", &[4, 1]);
        check("Pointure 42. Bottes", &[2, 1]);
    }
}
