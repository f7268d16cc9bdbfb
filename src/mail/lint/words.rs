//! The words of a letter: nothing left to fill in, and French spaces. What the law says of words is asked in `reserved`.

use super::Reading;
use super::rules;
use crate::finding::Finding;
use crate::mail::markup::{self, MarkupPiece};
use crate::member::Language;
use crate::phrase;
use crate::phrase::Phrase;

/// What is left behind by people and programs that meant to come back.
const LEFT_BEHIND: [&str; 9] = ["{{", "}}", "{%", "%}", "lorem ipsum", "à compléter", "xxx", "[prénom]", "undefined"];

/// The same, where it is no word of the language: « todo » is everything in Spanish and Portuguese.
const LEFT_BEHIND_BUT_A_WORD: (&str, [Language; 2]) = ("todo", [Language::Es, Language::Pt]);

pub(super) fn check(reading: &Reading<'_>) -> Vec<Finding> {
    let visible = visible(reading.html.unwrap_or_default());
    let mut findings = Vec::new();
    if reading.subject.chars().count() > 90 {
        findings.push(rules::SUBJECT_LENGTH.at(reading.place_of_subject(), phrase!("mail-subject-length")));
    }
    for text in [reading.subject, visible.as_str(), reading.text.unwrap_or_default()] {
        findings.extend(left_behind(reading, text));
        if reading.language == Some(Language::Fr) {
            findings.extend(french_spacing(reading, text));
        }
    }
    findings
}

/// The text that a reader sees, block by block.
fn visible(html: &str) -> String {
    let mut text = String::new();
    for piece in markup::pieces(html) {
        match piece {
            MarkupPiece::Text(words) => text.push_str(&words),
            MarkupPiece::Tag(tag)
                if matches!(
                    tag.name.as_str(),
                    "p" | "div" | "td" | "tr" | "table" | "h1" | "h2" | "br" | "li" | "title"
                ) =>
            {
                text.push_str("\n\n");
            }
            _ => {}
        }
    }
    text
}

fn left_behind(reading: &Reading<'_>, text: &str) -> Vec<Finding> {
    let low = text.to_lowercase();
    let whole_word = |found: &str, start: usize| {
        let before = low.get(..start).and_then(|before| before.chars().next_back());
        let after = low.get(start + found.len()..).and_then(|after| after.chars().next());
        !found.starts_with(char::is_alphabetic) || ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    let (todo, readers) = LEFT_BEHIND_BUT_A_WORD;
    let is_word = reading.language.is_some_and(|language| readers.contains(&language));
    LEFT_BEHIND
        .into_iter()
        .chain((!is_word).then_some(todo))
        .filter(|found| low.match_indices(found).any(|(start, _)| whole_word(found, start)))
        .map(|found| rules::PLACEHOLDER.at(reading.place(found), phrase!("mail-placeholder", words = found)))
        .collect()
}

fn french_spacing(reading: &Reading<'_>, text: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for line in text.lines() {
        let characters: Vec<char> = masked(line).chars().collect();
        for (index, window) in characters.windows(3).enumerate() {
            let &[first, second, third] = window else { continue };
            let Some(fault) = spacing_fault(first, second, third) else { continue };
            let from = index.saturating_sub(12);
            let words: String = line.chars().skip(from).take(index + 2 - from).collect();
            findings.push(rules::FRENCH_SPACING.at(reading.place(words.trim_start()), fault));
        }
    }
    findings
}

/// The line with web and mail addresses blanked out: their marks follow other rules.
fn masked(line: &str) -> String {
    let mask = |word: &str| {
        if word.contains("://") || word.contains('@') || word.starts_with("www.") {
            "x".repeat(word.chars().count())
        } else {
            word.to_owned()
        }
    };
    let mut out = line.split(' ').map(mask).collect::<Vec<_>>().join(" ");
    // So that a mark at either end of the line still has two neighbours.
    out.insert(0, '\n');
    out.push('\n');
    out
}

fn spacing_fault(first: char, second: char, third: char) -> Option<Phrase> {
    let mark = |c: char| matches!(c, '!' | '?' | ';' | ':' | '»');
    if second == ' ' && mark(third) {
        return Some(phrase!("mail-french-spacing"));
    }
    if second == '«' && !matches!(third, '\u{a0}' | '\u{202f}') {
        return Some(phrase!("mail-french-spacing-guillemet"));
    }
    if mark(second) && (first.is_alphabetic() || first == ')') && !third.is_alphanumeric() && third != '/' {
        return Some(phrase!("mail-french-spacing-lacks"));
    }
    let hour = third == 'h' || third == '€' || third == '%';
    if first.is_ascii_digit() && second == ' ' && hour {
        return Some(phrase!("mail-french-spacing-unit"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        let reading = Reading {
            language: Some(Language::Fr),
            subject: "",
            text: None,
            html: None,
            unsubscribe: None,
            sources: Vec::new(),
            campaign: None,
        };
        assert_eq!(french_spacing(&reading, text).len(), expected, "{text:?}");
    }

    #[test]
    fn a_word_of_the_language_is_not_left_behind() {
        for (language, expected) in [(Language::Fr, 1), (Language::Nl, 1), (Language::Es, 0), (Language::Pt, 0)] {
            let reading = Reading {
                language: Some(language),
                subject: "",
                text: None,
                html: None,
                unsubscribe: None,
                sources: Vec::new(),
                campaign: None,
            };
            assert_eq!(left_behind(&reading, "Todo, hasta el martes").len(), expected, "{language}");
        }
    }

    #[test]
    fn french_marks_stand_off_by_a_space_that_holds() {
        check("C’est ouvert\u{202f}! Venez\u{a0}: «\u{a0}bonjour\u{a0}»\u{202f}?", 0);
        check("C’est ouvert !", 1);
        check("C’est ouvert!", 1);
        check("Voici :", 1);
        check("«bonjour\u{a0}»", 1);
        check("à 8 h", 1);
        check("à 8\u{a0}h\u{a0}30, rue x", 0);
        check("https://example.fr/?a=b: camille@example.fr; 10:30", 0);
    }
}
