//! A text that a person wrote, with the places of what is wrong in it.

mod fault;

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::finding::{Finding, Place};
use crate::phrase;

pub use fault::{kind, nearest};

/// A file's name and text. Reading files is for the rooms above the core; the core is handed documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file as the person named it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl Document {
    /// A document named `name` that holds `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The document that `bytes` are, in UTF-8. The byte order mark that some editors put in front is dropped.
    ///
    /// # Errors
    /// Where the bytes stop being UTF-8.
    pub fn decode(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Box<Finding>> {
        let name = name.into();
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let place = Place { line: Some(1), ..Place::file(name) };
            return Err(Box::new(Finding::error("file.encoding", place, phrase!("file-is-utf-16"))));
        }
        match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with('\u{feff}') {
                    text.drain(..'\u{feff}'.len_utf8());
                }
                Ok(Self { name, text })
            }
            Err(error) => {
                let good = String::from_utf8_lossy(
                    error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default(),
                );
                let place = Place::at(name, good.trim_start_matches('\u{feff}'), usize::MAX);
                Err(Box::new(Finding::error("file.encoding", place, phrase!("file-is-not-utf-8"))))
            }
        }
    }

    /// Reads the document as TOML. Unknown keys are errors where `T` denies them.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column, under the rule id `rule`.
    pub fn parse_toml<T: DeserializeOwned>(&self, rule: &'static str) -> Result<T, Box<Finding>> {
        toml::from_str(&self.text).map_err(|error| Box::new(fault::finding(self, rule, &error)))
    }

    /// The place of a span of bytes, with the words in it when they fit on one short line.
    pub fn place(&self, span: Range<usize>) -> Place {
        with_words(Place::at(&self.name, &self.text, span.start), &self.text, span)
    }

    /// Its lines, counted once for who asks for many places.
    pub fn lines(&self) -> DocumentLines<'_> {
        let starts = std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        DocumentLines { document: self, starts }
    }
}

/// Where the lines of a document begin.
#[derive(Clone, Debug)]
pub struct DocumentLines<'a> {
    document: &'a Document,
    starts: Vec<usize>,
}

impl DocumentLines<'_> {
    /// The place of a span of bytes, as [`Document::place`] gives it.
    pub fn place(&self, span: Range<usize>) -> Place {
        let line = self.starts.partition_point(|start| *start <= span.start).max(1);
        let Document { name, text } = self.document;
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let in_line = Place::at(name, text.get(start..).unwrap_or_default(), span.start - start);
        with_words(Place { line: Some(line), ..in_line }, text, span)
    }
}

fn with_words(place: Place, text: &str, span: Range<usize>) -> Place {
    match text.get(span) {
        Some(words) if !words.is_empty() && words.len() <= 80 && !words.contains('\n') => place.with_words(words),
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        for bytes in ["\u{feff}été\r\n", "été\r\n"] {
            assert_eq!(Document::decode("a", bytes.into()), Ok(Document::new("a", "été\r\n")));
        }
        assert_eq!(Document::decode("a", Vec::new()), Ok(Document::new("a", "")));
    }

    #[test]
    fn counted_lines_give_the_same_places() {
        let document = Document::new("a", "été\n\nsoldes d’été\r\nfin");
        let lines = document.lines();
        for (start, end) in (0..=document.text.len() + 2).flat_map(|start| [(start, start), (start, start + 4)]) {
            assert_eq!(lines.place(start..end), document.place(start..end), "{start}..{end}");
        }
    }

    #[test]
    fn another_encoding_is_refused_with_its_place() {
        let refused = |bytes: &[u8]| {
            let finding = Document::decode("a.toml", bytes.to_vec()).unwrap_err();
            (finding.rule, finding.place.to_string())
        };
        assert_eq!(refused(b"a = 1\nt = \"\xe9t\xe9\"\n"), ("file.encoding", "a.toml:2:6".to_owned()));
        assert_eq!(refused(b"\xef\xbb\xbf\xe9"), ("file.encoding", "a.toml:1:1".to_owned()));
        assert_eq!(refused(b"\xff\xfea\0"), ("file.encoding", "a.toml:1".to_owned()));
        assert_eq!(refused(b"\xfe\xff\0a"), ("file.encoding", "a.toml:1".to_owned()));
    }
}
