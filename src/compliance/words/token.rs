//! Words out of characters: split, folded, undisguised.
//!
//! A word broken by dots, stars or spaces is put together again only when the result is a word that some rule knows,
//! so that ordinary text is never welded.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasherDefault;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::fold;
use super::reading::{BLOCK, FILLED_IN, TextRun};
use super::short::{NumberHasher, ShortText, bit_of, number_of, number_of_bytes, number_with};

/// By how many of its first bytes a beginning of words is looked up.
pub(super) const FIRST: usize = 3;

/// One word, number or sign (`%`, `€`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Folded, in its own script.
    pub(super) plain: ShortText,
    /// Folded, and look-alikes of Latin letters made Latin.
    latin: ShortText,
    /// What it is looked up by.
    numbers: WordNumbers,
    /// Lower case, accents kept.
    pub(super) marked: ShortText,
    /// The bytes of the text.
    pub(super) span: Range<usize>,
    /// What stands between the word before and this one.
    pub(super) before: ShortText,
    /// Whether the first letter is a capital.
    pub(super) capital: bool,
}

impl Token {
    /// The word, folded, and look-alikes of Latin letters made Latin.
    pub(super) fn latin(&self) -> &str {
        &self.latin
    }

    /// Whether that is `word`.
    pub(super) fn is(&self, word: &str) -> bool {
        self.latin == *word
    }

    /// The number by which that is looked up.
    pub(super) fn number_of_latin(&self) -> u64 {
        self.numbers.latin
    }

    /// The number by which the word with its accents is looked up.
    pub(super) fn number_of_marked(&self) -> u64 {
        self.numbers.marked
    }

    /// The numbers of its first byte in Latin letters, of its first two, and so on as far as beginnings are looked up by.
    pub(super) fn numbers_of_beginnings(&self) -> impl Iterator<Item = u64> {
        self.numbers.beginnings.into_iter().take(self.latin.len())
    }

    /// Whether the word in Latin letters begins with `start`.
    pub(super) fn begins_with(&self, start: &str) -> bool {
        self.latin.bytes_of_text().starts_with(start.as_bytes())
    }

    /// The bit by which most sets are seen not to hold it.
    pub(super) fn bit(&self) -> u64 {
        self.numbers.bit
    }

    fn read_as(&mut self, latin: ShortText) {
        self.numbers = WordNumbers::of(&latin, &self.marked);
        self.latin = latin;
    }

    /// Whether the word is a number.
    pub(super) fn number(&self) -> Option<u32> {
        self.numbers.value
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

/// What a word is looked up by, found once for each word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WordNumbers {
    latin: u64,
    bit: u64,
    marked: u64,
    beginnings: [u64; FIRST],
    /// The number that the word is, if it is one.
    value: Option<u32>,
}

impl WordNumbers {
    fn of(latin: &ShortText, marked: &ShortText) -> Self {
        let number = number_of(latin);
        let mut beginnings = [0; FIRST];
        for (beginning, len) in beginnings.iter_mut().zip(1..) {
            *beginning = number_of_bytes(latin.bytes_of_text().get(..len).unwrap_or_default());
        }
        let is_figure = latin.bytes_of_text().first().is_some_and(u8::is_ascii_digit);
        Self {
            latin: number,
            bit: bit_of(number),
            marked: if latin == marked { number } else { number_of(marked) },
            beginnings,
            value: if is_figure { latin.parse().ok() } else { None },
        }
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
    /// The numbers of all beginnings of whole words and of those that count inside others, themselves among them.
    beginnings: NumberSet,
    /// A bit for the first four bytes of each word that counts inside others; all of them where one is shorter.
    inside_begin: [u64; 16],
}

/// Numbers of words.
type NumberSet = HashSet<u64, BuildHasherDefault<NumberHasher>>;

impl Vocabulary {
    /// The same, when all words are there: what looks them up fast is made of them.
    pub(super) fn complete(mut self) -> Self {
        for word in self.words.iter().chain(&self.inside) {
            let ends = word.char_indices().map(|(at, ch)| at + ch.len_utf8());
            self.beginnings.extend(ends.filter_map(|end| word.get(..end)).map(number_of));
        }
        for word in self.inside.iter().chain(&self.inside_tags) {
            match word.as_bytes().first_chunk() {
                Some(four) => {
                    let (at, bit) = place_of(*four);
                    if let Some(bits) = self.inside_begin.get_mut(at) {
                        *bits |= bit;
                    }
                }
                None => self.inside_begin = [u64::MAX; 16],
            }
        }
        self
    }

    fn knows(&self, word: &str) -> bool {
        self.beginnings.contains(&number_of(word)) && self.words.contains(word)
    }

    /// Whether a known word may begin with the two, one right after the other.
    fn may_begin_with(&self, first: &Token, second: &Token) -> bool {
        self.beginnings.contains(&first.numbers.latin)
            && self.beginnings.contains(&number_with(first.numbers.latin, second.latin.bytes_of_text()))
    }

    /// The known word inside `word`, if it is there by more than chance.
    fn within(&self, word: &str, in_tag: bool) -> Option<&str> {
        let mut fours = word.as_bytes().windows(4).filter_map(|four| four.first_chunk().copied().map(place_of));
        if !fours.any(|(at, bit)| self.inside_begin.get(at).is_some_and(|bits| bits & bit != 0)) {
            return None;
        }
        if self.excepted.iter().any(|excepted| word.contains(excepted.as_str())) {
            return None;
        }
        let tags = self.inside_tags.iter().filter(|_| in_tag);
        self.inside.iter().chain(tags).find(|known| word.contains(known.as_str())).map(String::as_str)
    }
}

/// Where four bytes have their bit among 1024.
fn place_of(four: [u8; 4]) -> (usize, u64) {
    let mixed = u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1) >> 22;
    (usize::try_from(mixed / 64).unwrap_or_default(), 1 << (mixed % 64))
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
    // A word and the space after it are six characters or more in any language.
    let mut tokens = Vec::with_capacity(cells.len() / 5);
    let mut before = ShortText::default();
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
    let mut tokens = rejoin(tokens, strand.is_url(), vocabulary);
    for token in &mut tokens {
        strip_affixes(token, strand.is_url(), vocabulary);
    }
    tokens
}

fn cells(strand: &TextRun) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(strand.glyphs.len());
    let mut folded = Vec::new();
    let mut is_disguised = false;
    for glyph in &strand.glyphs {
        folded.clear();
        if glyph.ch.is_ascii() {
            // What folding makes of these.
            folded.extend((!fold::is_invisible(glyph.ch)).then(|| glyph.ch.to_ascii_lowercase()));
        } else if matches!(glyph.ch, BLOCK | FILLED_IN) {
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
            is_disguised |= class == Class::Disguise;
            cells.push(Cell { ch: *ch, raw: glyph.ch, span: (glyph.start, glyph.end), class });
        }
    }
    if is_disguised {
        lone_signs(&mut cells);
    }
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

fn token(cells: &[Cell], before: &mut ShortText) -> Token {
    let plain: ShortText = cells.iter().map(|cell| cell.ch).collect();
    let latin = if plain.is_ascii() { plain.clone() } else { plain.chars().map(fold::latin).collect() };
    let start = cells.first().map_or(0, |cell| cell.span.0);
    let end = cells.last().map_or(start, |cell| cell.span.1);
    let marked = marked(cells);
    Token {
        numbers: WordNumbers::of(&latin, &marked),
        marked,
        plain,
        latin,
        span: start..end,
        before: std::mem::take(before),
        capital: cells.first().is_some_and(|cell| cell.raw.is_uppercase()),
    }
}

/// The characters of `cells` as they were written, in lower case.
fn marked(cells: &[Cell]) -> ShortText {
    let mut last = None;
    // One character may be folded to several.
    let raw = cells.iter().filter(|cell| last.replace(cell.span) != Some(cell.span)).map(|cell| cell.raw);
    // What comes before the combining marks is composed already, and none of it changes at the end of a word.
    if cells.iter().all(|cell| cell.raw < '\u{300}') {
        return raw.flat_map(char::to_lowercase).collect();
    }
    raw.nfc().collect::<String>().to_lowercase().as_str().into()
}

/// Splits letters from digits and signs, unless together they are a known word in disguise.
fn split_run(run: &[Cell], vocabulary: &Vocabulary, before: &mut ShortText, tokens: &mut Vec<Token>) {
    let letters = run.iter().filter(|cell| cell.class == Class::Letter).count();
    if letters < run.len() && letters >= 3 {
        let undisguised: ShortText =
            run.iter().map(|cell| fold::latin(fold::disguise(cell.ch).unwrap_or(cell.ch))).collect();
        if vocabulary.knows(&undisguised) {
            let mut found = token(run, before);
            found.plain = undisguised.clone();
            found.read_as(undisguised);
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
            _ => part.iter().for_each(|cell| before.push(cell.raw)),
        }
        rest = after;
    }
}

/// Splits `PreSoldesHiver` at its humps, unless it is a known word as it stands.
fn split_humps(part: &[Cell], vocabulary: &Vocabulary, before: &mut ShortText, tokens: &mut Vec<Token>) {
    let is_hump = |pair: &[Cell]| matches!(pair, [left, right] if left.raw.is_lowercase() && right.raw.is_uppercase());
    let is_whole = !part.windows(2).any(is_hump) || {
        let whole: ShortText = part.iter().map(|cell| fold::latin(cell.ch)).collect();
        vocabulary.knows(&whole)
    };
    if is_whole {
        tokens.push(token(part, before));
        return;
    }
    let mut from = 0;
    for (index, pair) in part.windows(2).enumerate() {
        if is_hump(pair) {
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
    let mut broken: Vec<Range<usize>> = Vec::new();
    let mut index = 0;
    while let Some([first, second, ..]) = tokens.get(index..) {
        let whole = may_be_broken(first, second, vocabulary).then(|| {
            let counts = (2..=LONGEST).rev();
            counts.map(|count| index..index + count).find(|pieces| {
                tokens.get(pieces.clone()).is_some_and(|pieces| is_broken_word(pieces, is_url, vocabulary))
            })
        });
        match whole.flatten() {
            Some(pieces) => {
                index = pieces.end;
                broken.push(pieces);
            }
            None => index += 1,
        }
    }
    if broken.is_empty() {
        return tokens;
    }
    let mut joined = Vec::with_capacity(tokens.len());
    let mut from = 0;
    for pieces in broken {
        joined.extend_from_slice(tokens.get(from..pieces.start).unwrap_or_default());
        from = pieces.end;
        let pieces = tokens.get(pieces).unwrap_or_default();
        let mut whole = join(pieces);
        if let Some(word) = masked(pieces, vocabulary) {
            whole.read_as(word.into());
        }
        joined.push(whole);
    }
    joined.extend_from_slice(tokens.get(from..).unwrap_or_default());
    joined
}

/// Whether the two may be the first pieces of a broken word: letters spelt out, letters masked, or the beginning of a word.
fn may_be_broken(first: &Token, second: &Token, vocabulary: &Vocabulary) -> bool {
    let is_letter = |piece: &Token| piece.latin.bytes_of_text().len() <= 4 && piece.latin.chars().nth(1).is_none();
    is_letter(first) && is_letter(second) || is_masked(&second.before) || vocabulary.may_begin_with(first, second)
}

fn is_broken_word(pieces: &[Token], is_url: bool, vocabulary: &Vocabulary) -> bool {
    let total: usize = pieces.iter().map(|piece| piece.latin.len()).sum();
    // Letters only: digits and percent signs are no part of a word that is spelt out.
    if total > 24 || pieces.iter().any(|piece| !piece.latin.chars().all(char::is_alphabetic)) {
        return false;
    }
    let separators = || pieces.iter().skip(1).map(|piece| &*piece.before);
    let word: String = pieces.iter().map(|piece| &*piece.latin).collect();
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
            if !is_masked(&piece.before) {
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

/// Whether what stands between two pieces masks letters.
fn is_masked(separator: &str) -> bool {
    let is_mask = |ch: char| matches!(ch, '*' | '#' | '_' | '@' | '×' | '•') || ch >= '\u{2190}' && ch != FILLED_IN;
    !separator.is_empty() && separator.chars().all(is_mask)
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
    let together = |part: fn(&Token) -> &ShortText| {
        pieces.iter().fold(ShortText::default(), |mut whole, piece| {
            whole.push_str(part(piece));
            whole
        })
    };
    let first = pieces.first();
    let (latin, marked) = (together(|piece| &piece.latin), together(|piece| &piece.marked));
    Token {
        plain: together(|piece| &piece.plain),
        numbers: WordNumbers::of(&latin, &marked),
        latin,
        marked,
        span: first.map_or(0, |piece| piece.span.start)..pieces.last().map_or(0, |piece| piece.span.end),
        before: first.map(|piece| piece.before.clone()).unwrap_or_default(),
        capital: first.is_some_and(|piece| piece.capital),
    }
}

/// Reads a word that holds a known one as that one: `supersoldes`, `#soldesprivées`.
fn strip_affixes(token: &mut Token, is_url: bool, vocabulary: &Vocabulary) {
    let in_tag = is_url || token.is_tagged();
    if let Some(known) = vocabulary.within(&token.latin, in_tag)
        && !vocabulary.knows(&token.latin)
    {
        token.read_as(known.into());
    }
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
            ..Vocabulary::default()
        }
        .complete()
    }

    #[track_caller]
    fn check(text: &str, form: Form, expected: &[&str]) {
        let vocabulary = vocabulary();
        let found: Vec<String> = read(text, 0..text.len(), form, Writing::Raw)
            .iter()
            .flat_map(|strand| tokens(strand, &vocabulary))
            .map(|token| token.latin().to_owned())
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
