//! Days of the month in French words: « le mercredi six janvier », « le vingt-trois juin ».

use super::token::Token;

/// From 1 to 16.
const SIMPLE: [&str; 16] = [
    "premier", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize",
];

/// The day that `tokens` start with, from 1 to 31, and how many words it takes.
pub(super) fn day_in_words(tokens: &[Token]) -> Option<(u32, usize)> {
    let word = |index: usize| tokens.get(index).map(Token::latin);
    let (tens, units) = match word(0)? {
        "dix" => (10, 7..=9),
        "vingt" => (20, 1..=9),
        "trente" => (30, 1..=1),
        simple => return unit(simple).map(|day| (day, 1)),
    };
    let at = if word(1) == Some("et") { 2 } else { 1 };
    let unit = word(at).and_then(unit).filter(|unit| units.contains(unit));
    Some(unit.map_or((tens, 1), |unit| (tens + unit, at + 1)))
}

fn unit(word: &str) -> Option<u32> {
    let index = if matches!(word, "un" | "une") { 0 } else { SIMPLE.iter().position(|simple| *simple == word)? };
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Form, Writing, read};
    use super::super::token::{Vocabulary, tokens};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u32, usize)>) {
        let strands = read(text, 0..text.len(), Form::Plain, Writing::Raw);
        let tokens = tokens(strands.first().unwrap(), &Vocabulary::default());
        assert_eq!(day_in_words(&tokens), expected, "{text}");
    }

    #[test]
    fn days_are_read_in_words() {
        check("premier janvier", Some((1, 1)));
        check("six janvier", Some((6, 1)));
        check("dix juin", Some((10, 1)));
        check("dix-sept juin", Some((17, 2)));
        check("vingt-six juin", Some((26, 2)));
        check("vingt et un juin", Some((21, 3)));
        check("trente et un mars", Some((31, 3)));
        check("6 janvier", None);
        check("mille janvier", None);
    }
}
