//! Words out of characters: split, folded, undisguised.
//!
//! A word broken by dots, stars or spaces is put together again only when the result is a word that some rule knows,
//! so that ordinary text is never welded.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::fold;
use super::reading::{BLOCK, FILLED_IN, TextRun};

/// One word, number or sign (`%`, `€`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Folded, in its own script.
    pub(super) plain: String,
    /// Folded, and look-alikes of Latin letters made Latin.
    pub(super) latin: String,
    /// Lower case, accents kept.
    pub(super) marked: String,
    /// The bytes of the text.
    pub(super) span: Range<usize>,
    /// What stands between the word before and this one.
    pub(super) before: String,
    /// Whether the first letter is a capital.
    pub(super) capital: bool,
}

impl Token {
    /// Whether the word is a number.
    pub(super) fn number(&self) -> Option<u32> {
        self.latin.parse().ok()
    }

    /// Whether a minus sign stands before the word, in any of the forms that keyboards and designers give it.
    pub(super) fn follows_minus(&self) -> bool {
        let minus = [
            '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{FE63}', '\u{FF0D}',
            '\u{2796}',
        ];
        self.before.trim_end_matches(|ch: char| ch.is_whitespace() || fold::is_invisible(ch)).ends_with(minus)
    }

    fn is_tagged(&self) -> bool {
        self.before.ends_with(['#', '@'])
    }
}

/// The words that rules know, for undoing disguises.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// Whole words.
    pub(super) words: BTreeSet<String>,
    /// Words that count wherever they stand inside another one, such as `soldes`.
    pub(super) inside: BTreeSet<String>,
    /// Words that count inside hashtags and links only.
    pub(super) inside_tags: BTreeSet<String>,
    /// Words that hold one of the above by chance.
    pub(super) excepted: BTreeSet<String>,
}

impl Vocabulary {
    fn knows(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The known word inside `word`, if it is there by more than chance.
    fn within(&self, word: &str, in_tag: bool) -> Option<&str> {
        if self.excepted.iter().any(|excepted| word.contains(excepted.as_str())) {
            return None;
        }
        let tags = self.inside_tags.iter().filter(|_| in_tag);
        self.inside.iter().chain(tags).find(|known| word.contains(known.as_str())).map(String::as_str)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// A sign that passes for a letter.
    Disguise,
    /// `%` or `€` standing for itself.
    Sign,
    Other,
}

#[derive(Clone, Copy)]
struct Cell {
    ch: char,
    raw: char,
    span: (usize, usize),
    class: Class,
}

/// The words of `strand`.
pub(super) fn tokens(strand: &TextRun, vocabulary: &Vocabulary) -> Vec<Token> {
    let cells = cells(strand);
    let mut tokens = Vec::new();
    let mut before = String::new();
    let mut rest = cells.as_slice();
    while let Some(first) = rest.first() {
        let run_len = rest.iter().take_while(|cell| cell.class != Class::Other && cell.class != Class::Sign).count();
        if run_len == 0 {
            if first.class == Class::Sign {
                tokens.push(token(&[*first], &mut before));
            } else {
                before.push(first.raw);
            }
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let (run, after) = rest.split_at(run_len);
        split_run(run, vocabulary, &mut before, &mut tokens);
        rest = after;
    }
    let tokens = rejoin(tokens, strand.is_url(), vocabulary);
    tokens.into_iter().map(|token| strip_affixes(token, strand.is_url(), vocabulary)).collect()
}

fn cells(strand: &TextRun) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(strand.glyphs.len());
    let mut folded = Vec::new();
    for glyph in &strand.glyphs {
        folded.clear();
        if matches!(glyph.ch, BLOCK | FILLED_IN) {
            folded.push(glyph.ch);
        } else {
            fold::fold(glyph.ch, &mut folded);
        }
        for ch in &folded {
            let class = match ch {
                '%' => Class::Sign,
                '$' | '€' | '@' | '|' => Class::Disguise,
                ch if ch.is_ascii_digit() => Class::Digit,
                ch if ch.is_alphabetic() => Class::Letter,
                _ => Class::Other,
            };
            cells.push(Cell { ch: *ch, raw: glyph.ch, span: (glyph.start, glyph.end), class });
        }
    }
    lone_signs(&mut cells);
    cells
}

/// A sign passes for a letter only beside one.
fn lone_signs(cells: &mut [Cell]) {
    let classes: Vec<Class> = cells.iter().map(|cell| cell.class).collect();
    for (index, cell) in cells.iter_mut().enumerate() {
        if cell.class == Class::Disguise {
            let beside = |other: Option<&Class>| other == Some(&Class::Letter);
            let next = beside(classes.get(index + 1));
            let previous = index > 0 && beside(classes.get(index - 1));
            if !next && !previous {
                cell.class = if cell.ch == '€' { Class::Sign } else { Class::Other };
            }
        }
    }
}

fn token(cells: &[Cell], before: &mut String) -> Token {
    let plain: String = cells.iter().map(|cell| cell.ch).collect();
    let latin = if plain.is_ascii() { plain.clone() } else { plain.chars().map(fold::latin).collect() };
    let mut raw = String::new();
    let mut last = None;
    for cell in cells {
        if last != Some(cell.span) {
            raw.push(cell.raw);
            last = Some(cell.span);
        }
    }
    let start = cells.first().map_or(0, |cell| cell.span.0);
    let end = cells.last().map_or(start, |cell| cell.span.1);
    Token {
        plain,
        latin,
        marked: raw.nfc().collect::<String>().to_lowercase(),
        span: start..end,
        before: std::mem::take(before),
        capital: cells.first().is_some_and(|cell| cell.raw.is_uppercase()),
    }
}

/// Splits letters from digits and signs, unless together they are a known word in disguise.
fn split_run(run: &[Cell], vocabulary: &Vocabulary, before: &mut String, tokens: &mut Vec<Token>) {
    let letters = run.iter().filter(|cell| cell.class == Class::Letter).count();
    if letters < run.len() && letters >= 3 {
        let undisguised: String =
            run.iter().map(|cell| fold::latin(fold::disguise(cell.ch).unwrap_or(cell.ch))).collect();
        if vocabulary.knows(&undisguised) {
            let mut found = token(run, before);
            found.latin.clone_from(&undisguised);
            found.plain = undisguised;
            tokens.push(found);
            return;
        }
    }
    let mut rest = run;
    while let Some(first) = rest.first() {
        let len = rest.iter().take_while(|cell| cell.class == first.class).count();
        let (part, after) = rest.split_at(len);
        match first.class {
            Class::Letter => split_humps(part, vocabulary, before, tokens),
            Class::Digit => tokens.push(token(part, before)),
            _ if first.ch == '€' => tokens.push(token(part, before)),
            _ => before.extend(part.iter().map(|cell| cell.raw)),
        }
        rest = after;
    }
}

/// Splits `PreSoldesHiver` at its humps, unless it is a known word as it stands.
fn split_humps(part: &[Cell], vocabulary: &Vocabulary, before: &mut String, tokens: &mut Vec<Token>) {
    let whole: String = part.iter().map(|cell| fold::latin(cell.ch)).collect();
    if vocabulary.knows(&whole) {
        tokens.push(token(part, before));
        return;
    }
    let mut from = 0;
    for (index, pair) in part.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        if left.raw.is_lowercase() && right.raw.is_uppercase() {
            if let Some(hump) = part.get(from..=index) {
                tokens.push(token(hump, before));
            }
            from = index + 1;
        }
    }
    if let Some(last) = part.get(from..) {
        tokens.push(token(last, before));
    }
}

/// Puts words together again that were broken up: `S O L D E S`, `sol*des`, `s.o.l.d.e.s`.
fn rejoin(tokens: Vec<Token>, is_url: bool, vocabulary: &Vocabulary) -> Vec<Token> {
    const LONGEST: usize = 16;
    let mut joined = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while let Some(first) = tokens.get(index) {
        let pieces = (2..=LONGEST)
            .rev()
            .filter_map(|count| tokens.get(index..index + count))
            .find(|pieces| is_broken_word(pieces, is_url, vocabulary));
        if let Some(pieces) = pieces {
            let mut whole = join(pieces);
            if let Some(word) = masked(pieces, vocabulary) {
                word.clone_into(&mut whole.latin);
            }
            joined.push(whole);
            index += pieces.len();
        } else {
            joined.push(first.clone());
            index += 1;
        }
    }
    joined
}

fn is_broken_word(pieces: &[Token], is_url: bool, vocabulary: &Vocabulary) -> bool {
    let total: usize = pieces.iter().map(|piece| piece.latin.len()).sum();
    // Letters only: digits and percent signs are no part of a word that is spelt out.
    if total > 24 || pieces.iter().any(|piece| !piece.latin.chars().all(char::is_alphabetic)) {
        return false;
    }
    let separators = || pieces.iter().skip(1).map(|piece| piece.before.as_str());
    let word: String = pieces.iter().map(|piece| piece.latin.as_str()).collect();
    let known = vocabulary.knows(&word) || vocabulary.inside.contains(&word);
    let single = pieces.iter().all(|piece| piece.latin.chars().count() == 1);
    if single {
        let short = separators().all(|separator| separator.chars().count() <= 4);
        return short
            && word.chars().count() >= 5
            && (known || vocabulary.within(&word, true).is_some() && same(separators()));
    }
    if !known {
        return !is_url && masked(pieces, vocabulary).is_some();
    }
    let decorated = separators().all(is_decoration);
    if is_url {
        return false;
    }
    let spaced = separators().all(|separator| separator.trim().is_empty() && separator.chars().count() == 1);
    let fragments = pieces.iter().any(|piece| piece.latin.chars().count() < 3);
    decorated || (spaced && fragments && word.chars().count() >= 6)
}

/// The known word that the pieces show with letters masked: `s*ldes`, `S❄LDES`, `so**es`.
fn masked<'a>(pieces: &[Token], vocabulary: &'a Vocabulary) -> Option<&'a str> {
    let mut shown: Vec<Option<char>> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            let is_mask = |ch: char| matches!(ch, '*' | '#' | '_' | '@' | '×' | '•') || ch >= '\u{2190}';
            if piece.before.is_empty() || !piece.before.chars().all(|ch| is_mask(ch) && !matches!(ch, FILLED_IN)) {
                return None;
            }
            shown.extend(piece.before.chars().map(|_| None));
        }
        shown.extend(piece.latin.chars().map(Some));
    }
    let fits = |word: &&String| {
        word.chars().count() == shown.len()
            && word.chars().zip(&shown).all(|(ch, shown)| shown.is_none_or(|shown| shown == ch))
            && shown.iter().flatten().count() >= 3
    };
    vocabulary.inside.iter().find(fits).map(String::as_str)
}

fn same<'a>(mut separators: impl Iterator<Item = &'a str>) -> bool {
    let first = separators.next();
    separators.all(|separator| Some(separator) == first)
}

/// Whether the separator is there for looks: one to three dots, stars or strokes, no space on either side.
fn is_decoration(separator: &str) -> bool {
    let is_line_end = separator == "-\n" || separator == "-\r\n";
    let len = separator.chars().count();
    is_line_end
        || ((1..=3).contains(&len)
            && separator.chars().all(|ch| {
                !ch.is_whitespace() && !matches!(ch, '\'' | '’' | ',' | ';' | ':' | '!' | '?' | BLOCK | FILLED_IN)
            }))
}

fn join(pieces: &[Token]) -> Token {
    let together = |part: fn(&Token) -> &str| pieces.iter().map(part).collect::<String>();
    let first = pieces.first();
    Token {
        plain: together(|piece| &piece.plain),
        latin: together(|piece| &piece.latin),
        marked: together(|piece| &piece.marked),
        span: first.map_or(0, |piece| piece.span.start)..pieces.last().map_or(0, |piece| piece.span.end),
        before: first.map(|piece| piece.before.clone()).unwrap_or_default(),
        capital: first.is_some_and(|piece| piece.capital),
    }
}

/// Reads a word that holds a known one as that one: `supersoldes`, `#soldesprivées`.
fn strip_affixes(mut token: Token, is_url: bool, vocabulary: &Vocabulary) -> Token {
    if vocabulary.knows(&token.latin) {
        return token;
    }
    let in_tag = is_url || token.is_tagged();
    if let Some(known) = vocabulary.within(&token.latin, in_tag) {
        known.clone_into(&mut token.latin);
    }
    token
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Form, Writing, read};
    use super::*;

    fn vocabulary() -> Vocabulary {
        let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Vocabulary {
            words: set(&["soldes", "solde", "soldee", "soldees", "presoldes"]),
            inside: set(&["soldes"]),
            inside_tags: set(&["saldi"]),
            excepted: set(&["isolde"]),
        }
    }

    #[track_caller]
    fn check(text: &str, form: Form, expected: &[&str]) {
        let vocabulary = vocabulary();
        let found: Vec<String> = read(text, 0..text.len(), form, Writing::Raw)
            .iter()
            .flat_map(|strand| tokens(strand, &vocabulary))
            .map(|token| token.latin)
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_are_split_and_folded() {
        check("L’été : -50 % dès 30 €", Form::Plain, &["l", "ete", "50", "%", "des", "30", "€"]);
        check("/PreSoldesHiver2027", Form::Url, &["pre", "soldes", "hiver", "2027"]);
        check("#soldesprivées @saldiestivi saldiestivi", Form::Plain, &["soldes", "saldi", "saldiestivi"]);
        check("Isoldes", Form::Plain, &["isoldes"]);
    }

    #[test]
    fn broken_words_are_put_together_again() {
        for text in [
            "S O L D E S",
            "s.o.l.d.e.s",
            "S • O • L • D • E • S",
            "sol*des",
            "sol·des",
            "so-\nldes",
            "S OLDES",
            "s0ldes",
            "$oldes",
            "SOLD3S",
            "sold€s",
            "50ldes",
        ] {
            check(text, Form::Plain, &["soldes"]);
        }
        check("soldé·e·s", Form::Plain, &["soldees"]);
        check("soldé(e)s", Form::Plain, &["soldees"]);
        check("<td>S</td><td>O</td><td>L</td><td>D</td><td>E</td><td>S</td>", Form::Html, &["soldes"]);
    }

    #[test]
    fn ordinary_text_is_not_welded() {
        check("le sol des cuisines", Form::Plain, &["le", "sol", "des", "cuisines"]);
        check("/sol-des-cuisines", Form::Url, &["sol", "des", "cuisines"]);
        check("sol, des", Form::Plain, &["sol", "des"]);
        check("3e 1er 5ème", Form::Plain, &["3", "e", "1", "er", "5", "eme"]);
    }
}
