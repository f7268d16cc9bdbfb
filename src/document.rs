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

    /// Reads the document as TOML. Unknown keys are errors where `T` denies them.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column, under the rule id `rule`.
    pub fn parse_toml<T: DeserializeOwned>(&self, rule: &'static str) -> Result<T, Box<Finding>> {
        toml::from_str(&self.text).map_err(|error| {
            let place = error.span().map_or_else(|| Place::file(&self.name), |span| self.place(span));
            Box::new(Finding::error(rule, place, error.message().trim(), "correct this line and run the command again"))
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
    fn an_unknown_key_is_named_with_its_line() {
        let document = Document::new("carillon.toml", "name = \"Exemple\"\nnmae = 1\n");
        let finding = document.parse_toml::<Shop>("config.syntax").unwrap_err();
        assert_eq!(finding.place.to_string(), "carillon.toml:2:1");
        assert_eq!(finding.place.words.as_deref(), Some("nmae"));
        assert!(finding.message.contains("unknown field `nmae`"), "{}", finding.message);
    }
}
