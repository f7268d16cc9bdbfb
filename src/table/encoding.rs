//! In which encoding a table is written. A wording read in the wrong one would be another text, and no proof, so an
//! encoding is known by a mark, by what no other encoding can look like, or because a person says it.

use std::io::{self, BufRead, Read};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// An encoding of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its mark. Rows in which it is broken are refused one by one.
    Utf8,
    /// UTF-16, the low byte first: what Excel calls "Unicode text".
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// What Excel on Windows calls CSV.
    Windows1252,
    /// The cells of a workbook's sheet, as [`super::FramedSheet`] writes them.
    Workbook,
}

/// The bytes above ASCII that stand in French and English texts, and mean the same in Windows-1252, ISO 8859-1 and
/// ISO 8859-15 or are in the first of them alone. Texts in other old encodings hold others: the `é` of the Macintosh
/// and of DOS, the `ł`, `ř`, `ő` and `ş` of central Europe and Turkey, and nearly all Cyrillic and Greek letters.
const FRENCH: &[u8] = b"\x80\x85\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9c\xa0\xa7\xa9\xab\xae\xb0\xb2\xb7\xbb\
    \xc0\xc1\xc2\xc4\xc6\xc7\xc8\xc9\xca\xcb\xcd\xce\xcf\xd1\xd3\xd4\xd6\xd9\xda\xdb\xdc\xdf\
    \xe0\xe1\xe2\xe4\xe6\xe7\xe8\xe9\xea\xeb\xed\xee\xef\xf1\xf3\xf4\xf6\xf9\xfa\xfb\xfc";

/// `à ç è é ê î ô`, one of which a text must hold to be taken for French.
const EVIDENCE: &[u8] = b"\xe0\xe7\xe8\xe9\xea\xee\xf4";

/// `ä ö ü Ä Ö Ü ß`: the same bytes in every Windows and ISO 8859 encoding with Latin letters, so that no text with them reads
/// otherwise in another.
const GERMAN: &[u8] = b"\xe4\xf6\xfc\xc4\xd6\xdc\xdf";

/// Those among them that stand in no word in the encodings of the Macintosh and of DOS, where the same bytes are signs. One of
/// them a text must hold to be taken for German.
const GERMAN_EVIDENCE: &[u8] = b"\xf6\xfc\xdf";

/// The euro sign in Windows-1252.
const EURO: u8 = 0x80;

/// The space that keeps a number together, in Windows-1252 and in every part of ISO 8859.
const NO_BREAK: u8 = 0xa0;

/// Whether `byte`, between two others, belongs to an amount of money: « 1 299,00 € ». In the encodings of the Macintosh and
/// of DOS, in which the same bytes are letters, no letter stands there.
fn is_of_an_amount(before: u8, byte: u8, after: u8) -> bool {
    match byte {
        EURO => !before.is_ascii_alphabetic() && !after.is_ascii_alphabetic(),
        NO_BREAK => [before, after].iter().any(|beside| beside.is_ascii_digit() || *beside == EURO),
        _ => false,
    }
}

/// The bytes that are not UTF-8, as they come in.
struct OddBytes {
    /// Which there are.
    met: [bool; 256],
    /// Whether one of them is of no amount of money.
    strange: bool,
    /// Whether a German letter stands apart from other letters, as Cyrillic and Greek words would have it.
    apart: bool,
    /// Whether one stands beside a letter of ASCII.
    joined: bool,
    /// The byte before the ones that come next.
    last: u8,
    /// The latest odd byte, with the byte before it, until the one after it is known.
    waits: Option<(u8, u8)>,
}

impl OddBytes {
    fn new() -> Self {
        Self { met: [false; 256], strange: false, apart: false, joined: false, last: b'\n', waits: None }
    }

    /// Good bytes come next.
    fn good(&mut self, bytes: &[u8]) {
        if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
            self.settle(*first);
            self.last = *last;
        }
    }

    /// Odd bytes come next.
    fn odd(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.settle(*byte);
            if let Some(met) = self.met.get_mut(usize::from(*byte)).filter(|_| !byte.is_ascii()) {
                *met = true;
            }
            self.waits = Some((self.last, *byte));
            self.last = *byte;
        }
    }

    /// Judges the byte that waits, now that `after` is known.
    fn settle(&mut self, after: u8) {
        if let Some((before, byte)) = self.waits.take() {
            self.strange |= !is_of_an_amount(before, byte, after);
            let is_letter = |beside: u8| beside.is_ascii_alphabetic() || GERMAN.contains(&beside);
            self.apart |= GERMAN.contains(&byte) && !is_letter(before) && !is_letter(after);
            self.joined |= GERMAN.contains(&byte) && (before.is_ascii_alphabetic() || after.is_ascii_alphabetic());
        }
    }
}

/// Why a file's encoding is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum EncodingError {
    /// It is neither UTF-8 nor UTF-16, and could be one of several others.
    Unknown {
        /// The line of the first such byte, from 1.
        line: usize,
    },
    /// It was said to be Windows-1252, and is Unicode.
    Unicode,
}

impl Spoken for EncodingError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Unknown { .. } => phrase!("table-is-not-utf-8"),
            Self::Unicode => phrase!("table-is-unicode"),
        }
    }
}

impl EncodingError {
    /// The same as a finding about `file`.
    pub fn finding(self, file: &str) -> Finding {
        let line = match self {
            Self::Unknown { line } => Some(line),
            Self::Unicode => None,
        };
        Finding::error("file.encoding", Place { line, ..Place::file(file) }, self.phrase())
    }
}

/// How many bytes of a file its mark, or what stands for one, is looked for in.
const START: usize = 4096;

/// What the bytes of a file show of its encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Survey {
    /// A mark, or the zero bytes of UTF-16.
    unicode: Option<Encoding>,
    /// Whether a letter above ASCII is there in UTF-8.
    letters: bool,
    /// The line of the first byte that is not UTF-8.
    odd: Option<usize>,
    /// Whether all such bytes are of French text, of German text or of amounts of money in Windows-1252.
    windows: bool,
}

impl Survey {
    /// Reads `input` to its end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(input: &mut impl BufRead) -> io::Result<Self> {
        // So many bytes whichever way they come in, so that the same file always shows the same.
        let mut held = Vec::with_capacity(START);
        while held.len() < START {
            let chunk = input.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let taken = chunk.len().min(START - held.len());
            held.extend(chunk.iter().take(taken));
            input.consume(taken);
        }
        let mut survey = Self::of_start(&held);
        if survey.unicode.is_some() {
            return Ok(survey);
        }
        let (mut odd, mut line) = (OddBytes::new(), 1);
        loop {
            let chunk = input.fill_buf()?;
            let (length, ended) = (chunk.len(), chunk.is_empty());
            // Letters that the end of the last chunk cut in two.
            held.extend_from_slice(chunk);
            let rest = survey.look(&held, ended, &mut odd, line);
            if survey.odd.is_none() {
                line += memchr::memchr_iter(b'\n', held.get(..held.len() - rest).unwrap_or_default()).count();
            }
            held.drain(..held.len() - rest);
            input.consume(length);
            if ended {
                break;
            }
        }
        odd.settle(b'\n');
        let met: Vec<u8> = (0..=u8::MAX).filter(|byte| odd.met.get(usize::from(*byte)) == Some(&true)).collect();
        let french = met.iter().all(|byte| FRENCH.contains(byte)) && met.iter().any(|byte| EVIDENCE.contains(byte));
        let is_german = |byte: &u8| GERMAN.contains(byte) || FRENCH.contains(byte) && *byte < 0xc0;
        let is_evident = met.iter().any(|byte| GERMAN_EVIDENCE.contains(byte)) && odd.joined && !odd.apart;
        let german = met.iter().all(is_german) && is_evident;
        survey.windows = french || german || !odd.strange;
        Ok(survey)
    }

    /// What the first bytes show, where the rest cannot be read twice.
    pub fn of_start(bytes: &[u8]) -> Self {
        let unicode = match bytes {
            [0xef, 0xbb, 0xbf, ..] => Some(Encoding::Utf8),
            [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
            [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
            _ => unmarked_utf_16(bytes),
        };
        Self { unicode, ..Self::default() }
    }

    /// Whether a mark says in which encoding the file is, as spreadsheets need one to read UTF-8.
    pub fn is_marked(&self) -> bool {
        self.unicode.is_some()
    }

    /// Looks at `bytes`, of which those at the end that may be the start of a letter are not judged unless `ended`.
    /// Returns how many these are.
    fn look(&mut self, bytes: &[u8], ended: bool, odd: &mut OddBytes, line: usize) -> usize {
        let mut rest = bytes;
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.letters |= !text.is_ascii();
                    odd.good(rest);
                    return 0;
                }
                Err(error) => error,
            };
            let (good, bad) = rest.split_at_checked(error.valid_up_to()).unwrap_or((rest, &[]));
            self.letters |= !good.is_ascii();
            odd.good(good);
            let length = match error.error_len() {
                Some(length) => length,
                None if ended => bad.len(),
                None => return bad.len(),
            };
            if self.odd.is_none() {
                let before = bytes.get(..bytes.len() - bad.len()).unwrap_or_default();
                self.odd = Some(line + memchr::memchr_iter(b'\n', before).count());
            }
            let (broken, after) = bad.split_at_checked(length).unwrap_or((bad, &[]));
            odd.odd(broken);
            rest = after;
        }
    }

    /// The encoding, of which a person said `declared`.
    ///
    /// # Errors
    /// When it is none of ours, or another than was said.
    pub fn encoding(self, declared: Option<Encoding>) -> Result<Encoding, EncodingError> {
        let unicode = self.unicode.or((self.odd.is_none() && self.letters).then_some(Encoding::Utf8));
        match (declared, unicode) {
            (Some(Encoding::Windows1252), Some(_)) => Err(EncodingError::Unicode),
            (Some(declared), _) => Ok(declared),
            (None, Some(unicode)) => Ok(unicode),
            (None, None) => match self.odd {
                Some(_) if self.windows && !self.letters => Ok(Encoding::Windows1252),
                // A few rows of a file in UTF-8 came from elsewhere; the others are good.
                Some(line) if !self.letters => Err(EncodingError::Unknown { line }),
                _ => Ok(Encoding::Utf8),
            },
        }
    }
}

/// UTF-16 without a mark is told by its zero bytes: every second byte of most of its letters is one, and no other text
/// holds any.
fn unmarked_utf_16(bytes: &[u8]) -> Option<Encoding> {
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let found = if odd > even { Encoding::Utf16Le } else { Encoding::Utf16Be };
    (even.max(odd) * 4 >= bytes.len().max(1)).then_some(found)
}

impl Encoding {
    fn of_library(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 | Self::Workbook => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
    }

    /// `input` in UTF-8, without a mark. What is broken in UTF-8 stays so.
    pub(super) fn reader<R: Read>(self, input: R) -> DecodeReaderBytes<R, Vec<u8>> {
        DecodeReaderBytesBuilder::new()
            // Without one, UTF-8 is not decoded but passed through.
            .encoding((!matches!(self, Self::Utf8 | Self::Workbook)).then(|| self.of_library()))
            .utf8_passthru(true)
            .strip_bom(true)
            .bom_override(true)
            .build(input)
    }

    /// Bytes as text, with a sign in the place of what is no letter.
    pub(super) fn lossy(self, bytes: &[u8]) -> String {
        self.of_library().decode_with_bom_removal(bytes).0.into_owned()
    }

    /// Whether the decoding of a broken text left signs of it in `text`.
    pub(super) fn is_damaged(self, text: &str) -> bool {
        match self {
            Self::Utf8 | Self::Workbook => false,
            Self::Utf16Le | Self::Utf16Be => text.contains(char::REPLACEMENT_CHARACTER),
            // Where Windows-1252 knows no letter, the library passes control characters on.
            Self::Windows1252 => text.contains(|letter| ('\u{80}'..'\u{a0}').contains(&letter)),
        }
    }
}

/// A table that is wanted whole, as text.
///
/// # Errors
/// A finding when its encoding is not known, or its text is broken.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<Document, Box<Finding>> {
    let survey = Survey::of(&mut bytes.as_slice()).unwrap_or_default();
    match survey.encoding(None).map_err(|error| Box::new(error.finding(name)))? {
        Encoding::Utf8 | Encoding::Workbook => Document::decode(name, bytes),
        encoding => {
            let text = encoding.lossy(&bytes);
            let Some(place) = encoding.is_damaged(&text).then(|| Place::file(name)) else {
                return Ok(Document::new(name, text));
            };
            Err(Box::new(Finding::error("file.encoding", place, phrase!("file-is-damaged"))))
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    pub(in crate::table) fn windows_1252(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
    }

    pub(in crate::table) fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    fn found(bytes: &[u8], declared: Option<Encoding>) -> Result<Encoding, EncodingError> {
        let survey = |size| Survey::of(&mut BufReader::with_capacity(size, bytes)).unwrap().encoding(declared);
        let whole = survey(4096);
        assert_eq!(survey(7), whole, "however it comes in");
        whole
    }

    const FRENCH_TEXT: &str = "adresse;texte\nzoe@example.fr;J’écris « œuf » à Noël, où ça coûte 5 €…\n";

    #[test]
    fn an_encoding_is_found_where_it_is_unmistakable() {
        use Encoding::{Utf8, Utf16Be, Utf16Le, Windows1252};
        let marked = format!("\u{feff}{FRENCH_TEXT}");
        for (name, bytes, encoding) in [
            ("UTF-8", FRENCH_TEXT.as_bytes().to_vec(), Utf8),
            ("with a mark", marked.clone().into_bytes(), Utf8),
            ("ASCII", b"address\na@example.fr\n".to_vec(), Utf8),
            ("nothing", Vec::new(), Utf8),
            ("UTF-16LE", utf_16(&marked, u16::to_le_bytes), Utf16Le),
            ("UTF-16BE", utf_16(&marked, u16::to_be_bytes), Utf16Be),
            ("UTF-16LE without a mark", utf_16(FRENCH_TEXT, u16::to_le_bytes), Utf16Le),
            ("UTF-16BE without a mark", utf_16(FRENCH_TEXT, u16::to_be_bytes), Utf16Be),
            ("Windows-1252", windows_1252(FRENCH_TEXT), Windows1252),
            (
                "German",
                windows_1252("sku;Bezeichnung;Preis\na;Hausschuhe für Größe 38;49,00\nb;süß;39,00 €\n"),
                Windows1252,
            ),
            ("nothing but amounts", windows_1252("sku;price (€)\na;1\u{a0}299,00\u{a0}€\nb;€\u{a0}49\n€"), Windows1252),
            ("some rows in another", [FRENCH_TEXT.as_bytes(), b"a\xe9b\n"].concat(), Utf8),
        ] {
            assert_eq!(found(&bytes, None), Ok(encoding), "{name}");
            let text = decode("m.csv", bytes).map(|document| document.text);
            if name.contains("UTF") || name == "Windows-1252" {
                assert_eq!(text.as_deref(), Ok(FRENCH_TEXT), "{name}");
            }
        }
    }

    #[test]
    fn what_could_be_another_text_is_not_guessed() {
        for (name, bytes) in [
            ("Macintosh", &b"adresse\n\navant-premi\x8fres, \x8e"[..]),
            ("DOS", b"adresse\n\navant-premi\x8ares, \x82"),
            ("ISO 8859-15", b"adresse\n\n\xe9 \xa4 \xbd"),
            ("Macintosh, with one letter", b"adresse\n\n\x80rztin 5 \x80"),
            ("DOS, with one letter", b"adresse\n\nm\xa0s de 3 \x80"),
            ("an amount and a letter", b"adresse\n\n5 \x80 \xbd"),
            ("Polish", b"adresse\n\nKr\xf3l W\xb3adys\xb3aw \xea"),
            ("Czech", b"adresse\n\nP\xf8\xedbram \xe8 \xe9"),
            ("Russian, of German letters", b"a;b\n\n\xc4\xf6\xdc"),
            ("a letter apart", b"a;b\n\nf\xfcr \xdf"),
            ("DOS, with one vowel", b"a;b\n\np\xe4lv"),
            ("Turkish", b"adresse\n\n\xfeeker \xe7"),
            ("Russian", b"adresse\n\n\xcf\xf0\xe8\xe2\xe5\xf2"),
            ("English, with nothing French about it", b"adresse\n\nit\x92s"),
        ] {
            assert_eq!(found(bytes, None), Err(EncodingError::Unknown { line: 3 }), "{name}");
            assert_eq!(found(bytes, Some(Encoding::Windows1252)), Ok(Encoding::Windows1252), "{name}");
        }
        assert!(Encoding::Windows1252.is_damaged(&Encoding::Windows1252.lossy(b"\xe9\x81")));
        assert!(Encoding::Utf16Le.is_damaged(&Encoding::Utf16Le.lossy(b"a\0b")));
        for unicode in [FRENCH_TEXT.as_bytes().to_vec(), utf_16("\u{feff}a", u16::to_le_bytes)] {
            assert_eq!(found(&unicode, Some(Encoding::Windows1252)), Err(EncodingError::Unicode));
        }
        let said = EncodingError::Unknown { line: 3 }.finding("m.csv");
        assert_eq!(said.place.to_string(), "m.csv:3");
    }

    proptest! {
        #[test]
        fn bytes_are_surveyed_however_they_come_in(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = found(&bytes, None);
        }
    }
}
