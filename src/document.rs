//! A text that a person wrote, with the places of what is wrong in it.

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::finding::{Finding, Place};

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
        let remedy = "save the file again with the encoding UTF-8";
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let place = Place { line: Some(1), ..Place::file(name) };
            return Err(Box::new(Finding::plain_error(
                "file.encoding",
                place,
                "the file is UTF-16 text, not UTF-8",
                remedy,
            )));
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
                let message = "the text is not UTF-8 from here on: it was saved in another encoding";
                Err(Box::new(Finding::plain_error("file.encoding", place, message, remedy)))
            }
        }
    }

    /// Reads the document as TOML. Unknown keys are errors where `T` denies them.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column, under the rule id `rule`.
    pub fn parse_toml<T: DeserializeOwned>(&self, rule: &'static str) -> Result<T, Box<Finding>> {
        toml::from_str(&self.text).map_err(|error| {
            let place = error.span().map_or_else(|| Place::file(&self.name), |span| self.place(span));
            Box::new(Finding::plain_error(
                rule,
                place,
                error.message().trim(),
                "correct this line and run the command again",
            ))
        })
    }

    /// The place of a span of bytes, with the words in it when they fit on one short line.
    pub fn place(&self, span: Range<usize>) -> Place {
        let place = Place::at(&self.name, &self.text, span.start);
        match self.text.get(span) {
            Some(words) if !words.is_empty() && words.len() <= 80 && !words.contains('\n') => place.with_words(words),
            _ => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shop {
        #[expect(dead_code, reason = "only its presence matters here")]
        name: String,
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        for bytes in ["\u{feff}été\r\n", "été\r\n"] {
            assert_eq!(Document::decode("a", bytes.into()), Ok(Document::new("a", "été\r\n")));
        }
        assert_eq!(Document::decode("a", Vec::new()), Ok(Document::new("a", "")));
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

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let document = Document::new("carillon.toml", "name = \"Exemple\"\nnmae = 1\n");
        let finding = document.parse_toml::<Shop>("config.syntax").unwrap_err();
        assert_eq!(finding.place.to_string(), "carillon.toml:2:1");
        assert_eq!(finding.place.words.as_deref(), Some("nmae"));
        assert!(finding.message.to_string().contains("unknown field `nmae`"), "{}", finding.message);
    }
}
